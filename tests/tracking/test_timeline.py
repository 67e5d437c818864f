"""What several providers tell of one journey is one timeline."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta, timezone

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.journal import (
    MANUAL,
    Journal,
    leg_carrier,
    merge,
    open_journal,
)
from custom_components.waybill.tracking.model import (
    Direction,
    Leg,
    Stage,
    TrackingEvent,
)
from custom_components.waybill.tracking.ordering import SAME_SCAN_WITHIN
from custom_components.waybill.tracking.timeline import (
    by_nearness,
    destination_country,
    origin_country,
    timeline,
)

from .journeys import NEXT_NUMBER, NUMBER, START, answer, event, new_journal

DHL_NUMBER = "JJD000390007882823480"
MINUTES = 1 / 60
TELLERS = ("cainiao", "dhl", "seventeentrack", MANUAL)


def told(*tellings: Sequence[TrackingEvent], **fields: object) -> Journal:
    """Return a journal with tellings, each oldest first, by one provider or leg."""
    journal = replace(
        new_journal(),
        legs=(Leg(tracking_number=NUMBER), Leg(tracking_number=NEXT_NUMBER)),
    )
    for events in tellings:
        number, provider = events[0].tracking_number, events[0].provider
        said = answer(*events, number=number, **fields)
        journal = merge(journal, provider, said, START)
    return journal


def words(journal: Journal) -> list[str]:
    """Return the words of each line, oldest first."""
    return [line.event.words for line in timeline(journal)]


@st.composite
def tracks(draw: st.DrawFn) -> list[list[TrackingEvent]]:
    """Make up what some providers tell, of two legs, in any order and any time."""
    tellers = draw(
        st.lists(
            st.tuples(st.sampled_from(TELLERS), st.sampled_from((NUMBER, NEXT_NUMBER))),
            min_size=1,
            max_size=4,
            unique=True,
        )
    )
    scan = st.tuples(
        st.sampled_from((None, Stage.SHIPPED, Stage.IN_TRANSIT, Stage.IN_CUSTOMS)),
        st.integers(0, 20),
        st.booleans(),
    )
    return [
        [
            event(stage, 5 * n * MINUTES, number=number, provider=teller, naive=naive)
            for stage, n, naive in draw(st.lists(scan, min_size=1, max_size=8))
        ]
        for teller, number in tellers
    ]


@given(tracks())
def test_no_event_of_any_track_is_lost_and_none_stands_in_two_lines(
    tellings: list[list[TrackingEvent]],
) -> None:
    journal = told(*tellings)
    kept = Counter(e.key for track in journal.tracks for e in track.events)
    assert Counter(key for line in timeline(journal) for key in line.keys) == kept


@given(tracks())
def test_a_line_holds_one_telling_of_each_track_and_only_of_one_scan(
    tellings: list[list[TrackingEvent]],
) -> None:
    for line in timeline(told(*tellings)):
        tellers = [(e.provider, e.tracking_number) for e in line.tellings]
        assert len(set(tellers)) == len(tellers)
        first = line.tellings[0]
        for other in line.tellings[1:]:
            assert first.stage is None or other.stage in (None, first.stage)
            if first.time is not None and other.time is not None:
                assert abs(first.time - other.time) <= SAME_SCAN_WITHIN
            else:
                assert first.local_time == other.local_time


@given(tracks())
def test_the_nearest_track_keeps_its_order(
    tellings: list[list[TrackingEvent]],
) -> None:
    journal = told(*tellings)
    nearest = by_nearness(journal)[0]
    order = [
        line.tellings[0]
        for line in timeline(journal)
        if line.tellings[0] in nearest.events
    ]
    assert order == list(reversed(nearest.events))


@st.composite
def shared_journeys(draw: st.DrawFn) -> tuple[list[TrackingEvent], ...]:
    """Make up a journey, and which parts of it two providers tell.

    What only one of them tells lies far from what only the other does: else it
    could be the same scan, by a clock that differs a little.
    """
    gaps = (1, 20) if (complete := draw(st.booleans())) else (16, 40)
    naive, turned = draw(st.booleans()), draw(st.booleans())
    number = draw(st.sampled_from((NUMBER, NEXT_NUMBER)))
    minutes = 0
    journey, one, other = [], [], []
    for who in draw(st.lists(st.integers(0, 2), min_size=1, max_size=14)):
        minutes += draw(st.integers(*gaps))
        stage = draw(st.sampled_from((Stage.IN_TRANSIT, Stage.IN_CUSTOMS)))
        scan = event(stage, minutes * MINUTES)
        journey.append(scan)
        if who != 1 or complete:
            one.append(scan)
        if who != 0:
            other.append(scan)
    first, second = (other, one) if turned else (one, other)
    return (
        journey,
        first,
        [
            replace(
                scan,
                provider="seventeentrack",
                tracking_number=number,
                time=None if naive else scan.time,
            )
            for scan in second
        ],
    )


@given(shared_journeys())
def test_two_providers_that_tell_parts_of_a_journey_tell_all_of_it_in_order(
    told_of: tuple[list[TrackingEvent], ...],
) -> None:
    """However close the scans are, and also where one side writes no offset."""
    journey, first, second = told_of
    lines = timeline(told(*filter(None, (first, second))))
    told_by_any = {scan.local_time for scan in (*first, *second)}
    assert [line.event.local_time for line in lines] == [
        scan.local_time for scan in journey if scan.local_time in told_by_any
    ]


@given(
    st.lists(st.tuples(st.integers(31, 90), st.integers(-15, 15)), min_size=1),
    st.sampled_from((NUMBER, NEXT_NUMBER)),
)
def test_clocks_that_differ_a_little_make_no_second_scan(
    scans: list[tuple[int, int]], number: str
) -> None:
    minutes = 0
    first, second = [], []
    for gap, off in scans:
        minutes += gap
        first.append(event(Stage.IN_TRANSIT, minutes * MINUTES))
        second.append(
            event(
                Stage.IN_TRANSIT,
                (minutes + off) * MINUTES,
                provider="seventeentrack",
                number=number,
            )
        )
    lines = timeline(told(first, second))
    assert [line.event for line in lines] == [
        replace(scan, first_seen=START) for scan in first
    ]
    assert all(len(line.tellings) == 2 for line in lines)


@pytest.mark.parametrize("number", [NUMBER, NEXT_NUMBER])
@pytest.mark.parametrize(
    "clock",
    ["another zone", "no zone", "a zone that is wrong", "fast", "slow", "all of it"],
)
def test_the_same_twenty_scans_in_other_words_and_clocks_are_twenty(
    number: str, clock: str
) -> None:
    stages = (
        [Stage.INFO_RECEIVED, Stage.SHIPPED]
        + [Stage.IN_TRANSIT] * 7
        + [Stage.IN_CUSTOMS, Stage.CUSTOMS_CLEARED]
        + [Stage.IN_TRANSIT] * 6
        + [Stage.OUT_FOR_DELIVERY, Stage.DELIVERY_FAILED, Stage.DELIVERED]
    )
    gaps = [0, 9, 2, 0.5, 31, 7, 1, 26, 0.6, 3, 40, 2, 5, 1, 0.75, 3, 12, 4, 3, 22]
    clocks = ["another zone", "no zone", "a zone that is wrong", "fast", "slow"]
    hours = 0.0
    first, second = [], []
    for place, (stage, gap) in enumerate(zip(stages, gaps, strict=True)):
        hours += gap
        scan = event(stage, hours)
        kind = clocks[place % len(clocks)] if clock == "all of it" else clock
        match kind:
            case "another zone":
                zone = timezone(timedelta(hours=8))
                moment = (START + timedelta(hours=hours)).astimezone(zone)
                times = {"time": moment, "local_time": moment.replace(tzinfo=None)}
            case "no zone":
                times = {"time": None, "local_time": scan.local_time}
            case "a zone that is wrong":
                assert scan.time is not None
                times = {
                    "time": scan.time - timedelta(hours=8),
                    "local_time": scan.local_time,
                }
            case _:
                off = timedelta(minutes=12 if kind == "fast" else -12)
                assert scan.time is not None
                times = {"time": scan.time + off, "local_time": None}
        told_by_other = replace(
            scan,
            provider="seventeentrack",
            tracking_number=number,
            words=f"altri scritti {place}",
            written_time=f"elsewhere {place}",
            **times,
        )
        first.append(scan)
        second.append(told_by_other)
    for journal in (told(first, second), told(second, first)):
        lines = timeline(journal)
        assert [line.event.stage for line in lines] == stages
        assert all(len(line.tellings) == 2 for line in lines)


def test_equal_clocks_of_two_places_are_the_same_scan_only_at_one_stage() -> None:
    here = event(Stage.IN_TRANSIT, 10)
    assert here.time is not None
    there = replace(
        here, provider="seventeentrack", stage=None, time=here.time - timedelta(hours=8)
    )
    assert len(timeline(told([here], [there]))) == 2


def test_the_closest_scan_is_the_same_not_the_first_that_could_be() -> None:
    """The aggregator tells of a scan ten minutes earlier that the carrier left out."""
    carrier = [event(Stage.IN_TRANSIT, 1)]
    aggregator = [
        event(Stage.IN_TRANSIT, 1 - 10 * MINUTES, provider="seventeentrack"),
        event(Stage.IN_TRANSIT, 1, provider="seventeentrack"),
    ]
    early, both = timeline(told(carrier, aggregator))
    assert early.tellings == (replace(aggregator[0], first_seen=START),)
    assert [e.provider for e in both.tellings] == ["cainiao", "seventeentrack"]


@pytest.mark.parametrize("naive", [False, True])
def test_of_two_lines_of_one_minute_the_one_with_the_same_stage_is_the_same(
    naive: bool,
) -> None:
    carrier = [
        event(None, 1, naive=naive),
        event(Stage.IN_CUSTOMS, 1, naive=naive),
    ]
    aggregator = [event(Stage.IN_CUSTOMS, 1, provider="seventeentrack")]
    unmapped, customs = timeline(told(carrier, aggregator))
    assert len(unmapped.tellings) == 1
    assert len(customs.tellings) == 2


def test_ties_that_two_providers_list_in_another_order_are_no_second_scans() -> None:
    one, other = event(Stage.IN_TRANSIT, 1), event(Stage.IN_CUSTOMS, 1)
    turned = [replace(scan, provider="seventeentrack") for scan in (other, one)]
    lines = timeline(told([one, other], turned))
    assert [line.event.stage for line in lines] == [Stage.IN_TRANSIT, Stage.IN_CUSTOMS]
    assert [len(line.tellings) for line in lines] == [2, 2]


def test_a_line_is_in_the_nearest_providers_words_with_all_that_others_know() -> None:
    near = replace(event(None, 1, naive=True, description="Arrivé à Roissy"), code="X1")
    far = event(
        Stage.IN_CUSTOMS,
        1,
        provider="seventeentrack",
        description="Arrived",
        location="Roissy",
        country="FR",
        carrier="la_poste",
        direction=Direction.IMPORT,
    )
    (line,) = timeline(told([far], [near]))
    assert line.event.description == "Arrivé à Roissy"
    assert line.event.words == near.words
    assert line.event.code == "X1"
    assert line.event.stage is Stage.IN_CUSTOMS
    assert line.event.time == far.time
    assert (line.event.location, line.event.country) == ("Roissy", "FR")
    assert line.event.carrier == "la_poste"
    assert line.event.direction is Direction.IMPORT
    assert line.keys == (near.key, far.key)


def test_what_the_nearest_leaves_open_another_tells() -> None:
    near = replace(event(Stage.IN_CUSTOMS, 1, provider=MANUAL), local_time=None)
    far = event(Stage.IN_CUSTOMS, 1, description="Cleared", direction=Direction.EXPORT)
    (line,) = timeline(told([near], [far]))
    assert line.event.description == "Cleared"
    assert line.event.local_time == far.local_time
    assert (line.event.stage, line.event.direction) == (
        Stage.IN_TRANSIT,
        Direction.EXPORT,
    )


def test_the_person_is_nearest_then_the_carrier_then_who_is_asked_directly() -> None:
    """The number says that DHL carries it; nobody had to tell."""
    journal = open_journal("parcel", DHL_NUMBER, START)
    for provider in ("nobody", "seventeentrack", "cainiao", "dhl", MANUAL):
        said = event(Stage.DELIVERED, 1, provider=provider, number=DHL_NUMBER)
        journal = merge(journal, provider, answer(said, number=DHL_NUMBER), START)
    (line,) = timeline(journal)
    assert [e.provider for e in line.tellings] == [
        MANUAL,
        "dhl",
        "cainiao",
        "nobody",
        "seventeentrack",
    ]


def test_the_carrier_of_a_leg_is_who_a_provider_says_it_is() -> None:
    journal = replace(new_journal(), legs=(Leg(tracking_number="4711-UNKNOWN-FORMAT"),))
    number = journal.tracking_number
    for provider, carrier in (
        ("cainiao", None),
        ("dhl", None),
        ("seventeentrack", "dhl"),
    ):
        scan = event(Stage.SHIPPED, 1, provider=provider, number=number)
        said = answer(scan, number=number, carrier=carrier)
        journal = merge(journal, provider, said, START)
    assert by_nearness(journal)[0].provider == "dhl"


def test_who_carries_the_next_leg_does_not_carry_the_first() -> None:
    journal = told([event(Stage.SHIPPED, 1)])
    last_mile = answer(number=NEXT_NUMBER, carrier="dhl")
    journal = merge(journal, "seventeentrack", last_mile, START)
    assert [leg_carrier(journal, leg) for leg in journal.legs] == ["cainiao", "dhl"]


def test_the_last_mile_goes_on_where_the_first_carrier_stops() -> None:
    first = [event(Stage.SHIPPED, 1), event(Stage.IN_TRANSIT, 30)]
    last = [
        event(Stage.IN_TRANSIT, 30, number=NEXT_NUMBER, provider="dhl"),
        event(Stage.OUT_FOR_DELIVERY, 50, number=NEXT_NUMBER, provider="dhl"),
    ]
    lines = timeline(told(first, last))
    assert [line.event.stage for line in lines] == [
        Stage.SHIPPED,
        Stage.IN_TRANSIT,
        Stage.OUT_FOR_DELIVERY,
    ]
    assert len(lines[1].tellings) == 2


def test_the_last_miles_own_words_go_before_the_first_carriers() -> None:
    first = replace(event(Stage.OUT_FOR_DELIVERY, 50), words="sent to the courier")
    last = event(
        Stage.OUT_FOR_DELIVERY, 50, number="JJD000390007882823480", provider="dhl"
    )
    journal = replace(
        new_journal(),
        legs=(Leg(tracking_number=NUMBER), Leg(tracking_number=last.tracking_number)),
    )
    journal = merge(journal, "cainiao", answer(first), START)
    said = answer(last, number=last.tracking_number)
    (line,) = timeline(merge(journal, "dhl", said, START))
    assert line.event.words == last.words
    assert [e.provider for e in line.tellings] == ["dhl", "cainiao"]


@pytest.mark.parametrize(
    ("direction", "country", "origin", "stage", "side"),
    [
        # The provider's own word decides, whatever the countries say.
        (Direction.EXPORT, "FR", "CN", Stage.IN_TRANSIT, Direction.EXPORT),
        (Direction.IMPORT, "CN", "CN", Stage.IN_CUSTOMS, Direction.IMPORT),
        # Else the event's country against the origin.
        (None, "CN", "CN", Stage.IN_TRANSIT, Direction.EXPORT),
        (None, "FR", "CN", Stage.IN_CUSTOMS, Direction.IMPORT),
        # Else import.
        (None, None, "CN", Stage.IN_CUSTOMS, Direction.IMPORT),
        (None, "CN", None, Stage.IN_CUSTOMS, Direction.IMPORT),
        (None, None, None, Stage.IN_CUSTOMS, Direction.IMPORT),
    ],
)
def test_import_customs_is_told_from_export_customs(
    direction: Direction | None,
    country: str | None,
    origin: str | None,
    stage: Stage,
    side: Direction,
) -> None:
    scan = event(Stage.IN_CUSTOMS, 1, direction=direction, country=country)
    (line,) = timeline(told([scan], origin_country=origin))
    assert (line.event.stage, line.event.direction) == (stage, side)
    (kept,) = line.tellings
    assert kept.stage is Stage.IN_CUSTOMS


def test_the_origin_that_is_learned_later_tells_the_side_of_the_border() -> None:
    scan = event(Stage.IN_CUSTOMS, 1, provider="dhl", country="CN")
    journal = merge(new_journal(), "dhl", answer(scan), START)
    (line,) = timeline(journal)
    assert (line.event.stage, line.event.direction) == (
        Stage.IN_CUSTOMS,
        Direction.IMPORT,
    )
    learned = answer(origin_country="CN", destination_country="FR")
    (line,) = timeline(merge(journal, "cainiao", learned, START))
    assert (line.event.stage, line.event.direction) == (
        Stage.IN_TRANSIT,
        Direction.EXPORT,
    )


def test_within_one_country_all_customs_is_import() -> None:
    scan = event(Stage.IN_CUSTOMS, 1, country="CN")
    ends = {"origin_country": "CN", "destination_country": "CN"}
    (line,) = timeline(told([scan], **ends))
    assert line.event.stage is Stage.IN_CUSTOMS


@pytest.mark.parametrize("export_is_near", [True, False])
def test_customs_without_a_side_is_the_export_customs_that_another_tells_of(
    export_is_near: bool,
) -> None:
    near, far = ("cainiao", "seventeentrack")
    if not export_is_near:
        near, far = far, near
    export = event(
        Stage.IN_TRANSIT, 1, provider=near, code="EX", direction=Direction.EXPORT
    )
    open_side = event(Stage.CUSTOMS_CLEARED, 1, provider=far, code="17")
    (line,) = timeline(told([export], [open_side]))
    assert (line.event.stage, line.event.direction) == (
        Stage.IN_TRANSIT,
        Direction.EXPORT,
    )
    assert len(line.tellings) == 2


@pytest.mark.parametrize(
    "stage", [Stage.CUSTOMS_CLEARED, Stage.CUSTOMS_ACTION_REQUIRED]
)
def test_all_customs_at_the_origin_is_transit(stage: Stage) -> None:
    (line,) = timeline(told([event(stage, 1, country="CN")], origin_country="CN"))
    assert line.event.stage is Stage.IN_TRANSIT


def test_where_it_comes_from_and_goes_to_is_the_first_carriers_word() -> None:
    """The last mile's carrier often calls the border the origin."""
    journal = told([event(Stage.SHIPPED, 1)])
    assert origin_country(journal) is None
    assert destination_country(journal) is None
    border = answer(number=NEXT_NUMBER, origin_country="BE", destination_country="FR")
    journal = merge(journal, "dhl", border, START)
    assert origin_country(journal) == "BE"
    start = answer(origin_country="CN", destination_country="DE")
    journal = merge(journal, "seventeentrack", start, START)
    assert origin_country(journal) == "CN"
    assert destination_country(journal) == "FR"


def test_a_parcel_of_which_nobody_told_has_no_lines() -> None:
    assert timeline(new_journal()) == ()
