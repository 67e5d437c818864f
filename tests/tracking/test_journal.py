"""The journal only grows, and does not care how it was told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
import json

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.journal import Journal, merge
from custom_components.waybill.tracking.journal_json import from_json, to_json
from custom_components.waybill.tracking.journey import travel
from custom_components.waybill.tracking.milestones import note
from custom_components.waybill.tracking.model import (
    Answer,
    Direction,
    Estimate,
    Leg,
    Stage,
    TrackingEvent,
)
from custom_components.waybill.tracking.timeline import timeline

from .journeys import (
    NEXT_NUMBER,
    NUMBER,
    START,
    Telling,
    answer,
    event,
    journeys,
    new_journal,
    tellings,
)

LATER = START + timedelta(days=30)


def told(journal: Journal) -> list[str]:
    """Return the keys of all events, oldest first."""
    return [event.key for track in journal.tracks for event in reversed(track.events)]


def merge_all(answers: tuple[Answer, ...]) -> Journal:
    """Merge answers one after the other."""
    journal = new_journal()
    for item in answers:
        journal = merge(journal, "cainiao", item, LATER)
    return journal


@given(journeys())
def test_merging_an_answer_twice_changes_nothing(
    journey: tuple[TrackingEvent, ...],
) -> None:
    once = merge(new_journal(), "cainiao", answer(*journey), LATER)
    assert merge(once, "cainiao", answer(*journey), LATER + timedelta(days=1)) is once


@given(st.lists(journeys(), max_size=5))
def test_no_answer_removes_an_event(told_of: list[tuple[TrackingEvent, ...]]) -> None:
    journal = new_journal()
    for journey in told_of:
        before = set(told(journal))
        journal = merge(journal, "cainiao", answer(*journey), LATER)
        assert before <= set(told(journal))


@given(tellings())
def test_it_does_not_matter_how_a_journey_was_split_over_polls(
    telling: Telling,
) -> None:
    at_once = merge(new_journal(), "cainiao", answer(*telling.journey), LATER)
    in_pieces = merge_all(telling.answers)
    assert told(in_pieces) == told(at_once)
    assert (
        travel(in_pieces, timeline(in_pieces)).stage
        == travel(at_once, timeline(at_once)).stage
    )


@given(tellings())
def test_a_journal_is_read_as_it_was_written(telling: Telling) -> None:
    journal = merge_all(telling.answers)
    assert from_json(to_json(journal)) == journal


@pytest.mark.parametrize(
    "estimate",
    [
        Estimate(start=date(2026, 6, 9)),
        Estimate(start=date(2026, 6, 9), end=date(2026, 6, 11)),
        Estimate(start=datetime(2026, 6, 9, 9), end=datetime(2026, 6, 9, 12)),
        Estimate(start=datetime(2026, 6, 9, 9, tzinfo=timezone(timedelta(hours=8)))),
    ],
)
def test_all_that_an_answer_says_is_read_as_it_was_written(estimate: Estimate) -> None:
    scan = event(Stage.IN_CUSTOMS, 3, direction=Direction.IMPORT, country="FR")
    journal = merge(
        new_journal(),
        "cainiao",
        answer(
            scan,
            estimate=estimate,
            stage=Stage.IN_TRANSIT,
            needs="postal_code",
            carrier="cainiao",
            origin_country="CN",
            destination_country="FR",
            next_leg=Leg(tracking_number=NEXT_NUMBER, carrier="royal_mail"),
            pickup_point="Locker 7",
            signed_by="R. Doe",
        ),
        LATER,
    )
    journal = note(new_journal(), journal, now=LATER, zone=UTC)
    stored = json.loads(json.dumps(to_json(journal)))
    assert from_json(stored) == journal


def test_a_line_without_a_code_is_read_as_it_was_written() -> None:
    uncoded = replace(event(None, 1), code=None)
    journal = merge(new_journal(), "cainiao", answer(uncoded), LATER)
    assert from_json(json.loads(json.dumps(to_json(journal)))) == journal


def test_what_is_true_is_read_as_true() -> None:
    journal = merge(new_journal(), "dhl", answer(invalid=True), LATER)
    scans = [event(Stage.IN_CUSTOMS, 1), event(Stage.DELIVERED, 2)]
    journal = merge(journal, "cainiao", answer(*scans), LATER)
    journal = note(new_journal(), journal, now=LATER, zone=UTC)
    read = from_json(json.loads(json.dumps(to_json(journal))))
    assert [track.invalid for track in read.tracks] == [True, False]
    assert [m.inferred for m in read.milestones if m.inferred] == [True]


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        {},
        {"legs": []},
        {"parcel_id": "x", "added_at": "2026-06-01T00:00:00+00:00", "legs": []},
        {"parcel_id": "x", "added_at": "yesterday", "legs": [{"tracking_number": "1"}]},
        {
            "parcel_id": "x",
            "added_at": "2026-06-01T00:00:00",
            "legs": [{"tracking_number": "1"}],
        },
        {
            "parcel_id": "x",
            "added_at": "2026-06-01T00:00:00+00:00",
            "legs": [{"tracking_number": "1"}],
            "tracks": [{"provider": "p", "tracking_number": "1", "stage": "lost"}],
        },
    ],
)
def test_what_is_no_journal_is_refused(stored: object) -> None:
    with pytest.raises(ValueError):
        from_json(stored)


def test_an_empty_answer_moves_nothing_back() -> None:
    journal = merge(new_journal(), "cainiao", answer(event(Stage.SHIPPED, 1)), LATER)
    assert merge(journal, "cainiao", answer(), LATER) is journal


def test_an_answer_about_another_number_is_passed_over() -> None:
    journal = new_journal()
    other = event(Stage.DELIVERED, 1, number=NEXT_NUMBER)
    assert (
        merge(journal, "cainiao", answer(other, number=NEXT_NUMBER), LATER) is journal
    )


def test_a_changed_wording_updates_the_event_and_keeps_the_old_words() -> None:
    scan = event(Stage.SHIPPED, 1, location="Paris")
    journal = merge(new_journal(), "cainiao", answer(scan), START)
    reworded = replace(scan, words="Handed in", description="Handed in", location=None)
    journal = merge(journal, "cainiao", answer(reworded), LATER)
    (kept,) = journal.tracks[0].events
    assert kept.words == "Handed in"
    assert kept.earlier_words == (scan.words,)
    assert kept.location == "Paris"
    assert kept.first_seen == START
    # The first wording again, from a server that lags, is no news.
    assert merge(journal, "cainiao", answer(scan), LATER) is journal


def test_what_was_known_of_an_event_never_becomes_unknown() -> None:
    scan = event(
        Stage.IN_CUSTOMS,
        1,
        direction=Direction.IMPORT,
        description="Entered customs",
        location="Roissy",
        country="FR",
        carrier="la_poste",
    )
    journal = merge(new_journal(), "cainiao", answer(scan), START)
    bare = replace(event(None, 1, code=scan.code), words="", time=None, local_time=None)
    assert bare.key == scan.key
    assert merge(journal, "cainiao", answer(bare), LATER) is journal


def test_what_is_learned_of_an_event_later_is_taken_up() -> None:
    bare = replace(event(None, 1, naive=True, code="CC_IM_START"), words="")
    journal = merge(new_journal(), "cainiao", answer(bare), START)
    scan = event(
        Stage.IN_CUSTOMS,
        1,
        code="CC_IM_START",
        direction=Direction.IMPORT,
        description="Entered customs",
        location="Roissy",
        country="FR",
        carrier="la_poste",
    )
    journal = merge(journal, "cainiao", answer(scan), LATER)
    assert journal.tracks[0].events == (
        replace(scan, first_seen=START, earlier_words=("",)),
    )


def test_of_many_wordings_the_last_are_kept() -> None:
    scan = event(Stage.SHIPPED, 1)
    journal = new_journal()
    for n in range(12):
        reworded = replace(scan, words=f"wording {n}")
        journal = merge(journal, "cainiao", answer(reworded), START)
    (kept,) = journal.tracks[0].events
    assert kept.words == "wording 11"
    assert kept.earlier_words == tuple(f"wording {n}" for n in range(3, 11))


def test_a_new_line_of_the_same_minute_is_not_taken_for_a_new_wording() -> None:
    scan = event(Stage.IN_TRANSIT, 1)
    journal = merge(new_journal(), "cainiao", answer(scan), START)
    twin = replace(scan, words="Arrived at the hub")
    journal = merge(journal, "cainiao", answer(twin, scan), LATER)
    newer, older = journal.tracks[0].events
    assert (newer.words, newer.first_seen) == (scan.words, START)
    assert (older.words, older.first_seen) == ("Arrived at the hub", LATER)
    assert not newer.earlier_words


def test_two_lines_of_the_same_minute_are_both_worded_anew() -> None:
    """The provider answers in another language."""
    one = event(Stage.IN_TRANSIT, 1)
    other = replace(one, words="Left the hub")
    journal = merge(new_journal(), "cainiao", answer(one, other), START)
    in_french = [replace(one, words="Arrivé"), replace(one, words="Parti")]
    journal = merge(journal, "cainiao", answer(*in_french), LATER)
    assert [(e.words, e.earlier_words) for e in journal.tracks[0].events] == [
        ("Parti", ("Left the hub",)),
        ("Arrivé", (one.words,)),
    ]


def test_two_lines_of_the_same_minute_are_both_kept() -> None:
    scan = event(Stage.IN_TRANSIT, 1)
    twin = replace(scan, words="Left the hub")
    journal = merge(new_journal(), "cainiao", answer(scan, twin), START)
    assert [e.words for e in journal.tracks[0].events] == ["Left the hub", scan.words]
    assert merge(journal, "cainiao", answer(scan, twin), LATER) is journal


def test_a_doubled_line_is_kept_once() -> None:
    scan = event(Stage.IN_TRANSIT, 1)
    journal = merge(new_journal(), "cainiao", answer(scan, scan), START)
    assert len(journal.tracks[0].events) == 1


def test_ties_that_change_places_change_nothing() -> None:
    one = event(Stage.IN_TRANSIT, 1, code="A")
    other = event(Stage.IN_CUSTOMS, 1, code="B")
    journal = merge(new_journal(), "cainiao", answer(one, other), START)
    assert merge(journal, "cainiao", answer(other, one), LATER) is journal


def test_a_new_line_stands_where_the_carrier_puts_it_among_ties() -> None:
    known = event(Stage.IN_TRANSIT, 1, code="A")
    new = event(Stage.IN_CUSTOMS, 1, code="B")
    journal = merge(new_journal(), "cainiao", answer(known), START)
    assert told(merge(journal, "cainiao", answer(new, known), LATER)) == [
        new.key,
        known.key,
    ]
    assert told(merge(journal, "cainiao", answer(known, new), LATER)) == [
        known.key,
        new.key,
    ]


def test_a_carrier_can_put_its_list_in_order() -> None:
    one, other = event(Stage.SHIPPED, 1), event(Stage.IN_TRANSIT, 2)
    journal = merge(new_journal(), "cainiao", answer(other, one), START)
    journal = merge(journal, "cainiao", answer(one, other), LATER)
    assert told(journal) == [one.key, other.key]


def test_a_scan_that_a_carrier_inserts_late_takes_its_place() -> None:
    first, second, third = (event(Stage.IN_TRANSIT, hour) for hour in (1, 2, 3))
    journal = merge(new_journal(), "cainiao", answer(first, third), START)
    journal = merge(journal, "cainiao", answer(first, second, third), LATER)
    assert told(journal) == [first.key, second.key, third.key]


def test_an_old_scan_told_alone_goes_behind_newer_ones_by_the_clock() -> None:
    old, new = event(Stage.SHIPPED, 1), event(Stage.IN_TRANSIT, 9)
    journal = merge(new_journal(), "cainiao", answer(new), START)
    journal = merge(journal, "cainiao", answer(old), LATER)
    assert told(journal) == [old.key, new.key]


def test_a_hand_off_opens_a_leg_once() -> None:
    hand_off = answer(
        event(Stage.SHIPPED, 1), next_leg=Leg(tracking_number=NEXT_NUMBER)
    )
    journal = merge(new_journal(), "cainiao", hand_off, LATER)
    assert journal.legs[1] == Leg(
        tracking_number=NEXT_NUMBER,
        found_by="cainiao",
        found_on=NUMBER,
        since=LATER,
    )
    assert merge(journal, "cainiao", hand_off, LATER) is journal


def test_a_carrier_cannot_open_legs_without_end() -> None:
    journal = new_journal()
    for n in range(50):
        leg = Leg(tracking_number=f"RB12345678{n}")
        journal = merge(journal, "cainiao", answer(next_leg=leg), LATER)
    assert len(journal.legs) == 5


def test_a_carrier_cannot_fill_the_disk() -> None:
    scans = [event(Stage.IN_TRANSIT, hour) for hour in range(1200)]
    journal = merge(new_journal(), "cainiao", answer(*scans), LATER)
    events = journal.tracks[0].events
    assert len(events) == 1001
    # The newest is heard all the same: it may be the delivery.
    assert events[0].words == scans[-1].words
    delivered = event(Stage.DELIVERED, 2000)
    journal = merge(journal, "cainiao", answer(*scans, delivered), LATER)
    assert journal.tracks[0].events[0].stage is Stage.DELIVERED
    for hour in range(3000, 4200):
        said = answer(event(Stage.IN_TRANSIT, hour))
        journal = merge(journal, "cainiao", said, LATER)
    assert len(journal.tracks[0].events) == 2000


def test_any_news_revives_an_expired_parcel() -> None:
    first = event(Stage.IN_TRANSIT, 1)
    journal = merge(
        new_journal(), "seventeentrack", answer(first, stage=Stage.EXPIRED), START
    )
    assert travel(journal, timeline(journal)).stage is Stage.EXPIRED
    second = event(Stage.OUT_FOR_DELIVERY, 900)
    journal = merge(journal, "seventeentrack", answer(first, second), LATER)
    assert travel(journal, timeline(journal)).stage is Stage.OUT_FOR_DELIVERY


def test_an_invalid_number_is_pending_and_says_so() -> None:
    journal = merge(new_journal(), "seventeentrack", answer(invalid=True), LATER)
    assert journal.tracks[0].invalid
    assert travel(journal, timeline(journal)).stage is Stage.PENDING


def test_an_invalid_number_with_scans_is_valid() -> None:
    journal = merge(new_journal(), "seventeentrack", answer(invalid=True), START)
    said = answer(event(Stage.SHIPPED, 1), invalid=True)
    assert not merge(journal, "seventeentrack", said, LATER).tracks[0].invalid


def test_what_a_provider_needs_it_needs_until_it_has_it() -> None:
    journal = merge(new_journal(), "dhl", answer(needs="postal_code"), START)
    assert journal.tracks[0].needs == "postal_code"
    assert merge(journal, "dhl", answer(), LATER).tracks[0].needs is None


def test_what_a_provider_said_of_the_parcel_stays_said() -> None:
    said = answer(
        stage=Stage.IN_TRANSIT,
        carrier="dhl",
        origin_country="CN",
        destination_country="FR",
        estimate=Estimate(start=date(2026, 6, 9)),
        pickup_point="Shop",
        signed_by="X",
    )
    journal = merge(new_journal(), "dhl", said, START)
    assert merge(journal, "dhl", answer(), LATER) is journal


def test_what_is_said_of_the_whole_parcel_is_said_since_it_was_first() -> None:
    journal = merge(new_journal(), "dhl", answer(stage=Stage.IN_TRANSIT), START)
    said = answer(stage=Stage.IN_TRANSIT, carrier="dhl")
    journal = merge(journal, "dhl", said, LATER)
    assert journal.tracks[0].stage_since == START


def test_a_provider_that_knows_nothing_yet_has_answered() -> None:
    journal = merge(new_journal(), "dhl", answer(), START)
    assert journal.track("dhl", NUMBER) is not None
    assert journal.track("cainiao", NUMBER) is None
    assert merge(journal, "dhl", answer(), LATER) is journal


def test_one_provider_changes_nothing_in_anothers_track() -> None:
    journal = merge(new_journal(), "cainiao", answer(event(Stage.SHIPPED, 1)), START)
    said = answer(event(Stage.SHIPPED, 1, provider="dhl"))
    journal = merge(journal, "dhl", said, START)
    (kept, _) = journal.tracks
    more = answer(event(Stage.DELIVERED, 2, provider="dhl"))
    journal = merge(journal, "dhl", more, LATER)
    assert journal.tracks[0] is kept
    assert [track.provider for track in journal.tracks] == ["cainiao", "dhl"]


def test_the_first_number_is_the_persons() -> None:
    assert new_journal().tracking_number == NUMBER
