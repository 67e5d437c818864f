"""Milestones: what is told, once; what stays silent."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.journal import Journal, merge, open_journal
from custom_components.waybill.tracking.journal_json import from_json, to_json
from custom_components.waybill.tracking.journey import travel
from custom_components.waybill.tracking.milestones import announced, note, pending
from custom_components.waybill.tracking.model import (
    Answer,
    Estimate,
    Leg,
    Milestone,
    MilestoneName,
    Stage,
    Telling as Told,
    TrackingEvent,
)
from custom_components.waybill.tracking.timeline import timeline

from .journeys import (
    NEXT_NUMBER,
    START,
    Telling,
    answer,
    event,
    journeys,
    new_journal,
    tellings,
)

PARIS = ZoneInfo("Europe/Paris")
HOUR = timedelta(hours=1)


class House:
    """Takes answers as the coordinator does, and remembers what it was told."""

    def __init__(self, journal: Journal | None = None) -> None:
        self.journal = journal or new_journal()
        self.told: list[Milestone] = []

    def take(self, item: Answer, hours: float, provider: str = "cainiao") -> list[str]:
        """Take an answer some hours after the start; return what is told."""
        now = START + hours * HOUR
        before = self.journal
        self.journal = note(
            before, merge(before, provider, item, now), now=now, zone=PARIS
        )
        news = pending(self.journal)
        for milestone in news:
            self.journal = announced(self.journal, milestone.milestone_id, now)
        self.told += news
        return [
            m.milestone.value
            for m in news
            if m.milestone is not MilestoneName.STAGE_CHANGED
        ]

    def restart(self) -> None:
        """Keep only what is on disk."""
        self.journal = from_json(to_json(self.journal))


@given(
    st.one_of(
        tellings().map(lambda telling: telling.answers),
        st.lists(journeys().map(lambda journey: answer(*journey)), max_size=6),
    ),
    st.lists(st.booleans(), min_size=20, max_size=20),
    st.sampled_from([0.1, 5, 25]),
)
def test_a_milestone_is_told_at_most_once(
    answers: list[Answer], restarts: list[bool], hours: float
) -> None:
    house = House()
    for n, item in enumerate(answers):
        house.take(item, (n + 1) * hours)
        if restarts[n]:
            house.restart()
        assert not house.take(item, (n + 1) * hours)
    ids = Counter(m.milestone_id for m in house.told)
    assert all(count == 1 for count in ids.values())
    causes = Counter(
        (m.milestone, cause)
        for m in house.journal.milestones
        for cause in m.causes
        if m.milestone is not MilestoneName.STAGE_CHANGED
    )
    assert all(count == 1 for count in causes.values())
    names = Counter(m.milestone for m in house.told)
    for name in (MilestoneName.SHIPPED, MilestoneName.DELIVERED):
        assert names[name] <= 1


@given(tellings())
def test_what_lasts_is_told_however_the_journey_was_split(telling: Telling) -> None:
    """Nothing that lasts is lost in a gap between two answers."""
    house = House()
    for n, item in enumerate(telling.answers):
        house.take(item, 1 + n * 25)
    stages = {
        passage.stage
        for passage in travel(house.journal, timeline(house.journal)).passages
    }
    recorded = {m.milestone.value for m in house.journal.milestones}
    for stage in (Stage.CUSTOMS_CLEARED, Stage.DELIVERED, Stage.RETURNING):
        assert (stage in stages) == (stage.value in recorded)


@given(tellings(), st.integers(0, 5))
def test_what_was_so_before_the_parcel_was_followed_stays_silent(
    telling: Telling, hours: int
) -> None:
    house = House(replace(new_journal(), added_at=START + timedelta(days=60)))
    assert not house.take(telling.answers[0], 60 * 24 + hours)


def test_a_parcel_tells_its_journey_in_order() -> None:
    house = House()
    journey: list[TrackingEvent] = []
    told = []
    for hours, stage in enumerate(
        (
            Stage.INFO_RECEIVED,
            Stage.SHIPPED,
            Stage.IN_TRANSIT,
            Stage.IN_CUSTOMS,
            Stage.CUSTOMS_ACTION_REQUIRED,
            Stage.CUSTOMS_CLEARED,
            Stage.OUT_FOR_DELIVERY,
            Stage.DELIVERY_FAILED,
            Stage.READY_FOR_PICKUP,
            Stage.DELIVERED,
        ),
        start=1,
    ):
        journey.append(event(stage, hours))
        told += house.take(answer(*journey), hours + 0.5)
    assert told == [
        "shipped",
        "entered_customs",
        "customs_action_required",
        "customs_cleared",
        "out_for_delivery",
        "delivery_failed",
        "ready_for_pickup",
        "delivered",
    ]


def test_several_in_one_answer_what_lasts_and_what_is_still_true() -> None:
    house = House()
    house.take(answer(event(Stage.SHIPPED, 1)), 2)
    told = house.take(
        answer(
            event(Stage.SHIPPED, 1),
            event(Stage.IN_CUSTOMS, 10),
            event(Stage.CUSTOMS_CLEARED, 20),
            event(Stage.OUT_FOR_DELIVERY, 30),
        ),
        40,
    )
    assert told == ["customs_cleared", "out_for_delivery"]
    changed = [m for m in house.told if m.milestone is MilestoneName.STAGE_CHANGED]
    assert [m.stage for m in changed] == [Stage.SHIPPED, Stage.OUT_FOR_DELIVERY]


def test_a_second_delivery_day_is_told_and_a_doubled_scan_is_not() -> None:
    house = House()
    scans = [event(Stage.SHIPPED, 1), event(Stage.OUT_FOR_DELIVERY, 10)]
    assert house.take(answer(*scans), 11) == ["shipped", "out_for_delivery"]
    scans.append(event(Stage.OUT_FOR_DELIVERY, 11))
    assert house.take(answer(*scans), 12) == []
    scans += [event(Stage.IN_TRANSIT, 12), event(Stage.OUT_FOR_DELIVERY, 13)]
    assert house.take(answer(*scans), 14) == []
    scans += [event(Stage.DELIVERY_FAILED, 20)]
    assert house.take(answer(*scans), 21) == ["delivery_failed"]
    scans += [event(Stage.OUT_FOR_DELIVERY, 34)]
    assert house.take(answer(*scans), 35) == ["out_for_delivery"]


def test_a_second_delivery_day_is_told_twenty_hours_after_the_first() -> None:
    house = House()
    scans = [
        event(Stage.OUT_FOR_DELIVERY, 10),
        event(Stage.DELIVERY_FAILED, 12),
        event(Stage.OUT_FOR_DELIVERY, 29),
    ]
    assert house.take(answer(scans[0]), 10) == ["shipped", "out_for_delivery"]
    assert house.take(answer(*scans[:2]), 13) == ["delivery_failed"]
    assert House(house.journal).take(answer(*scans), 29.99) == []
    assert House(house.journal).take(answer(*scans), 30) == ["out_for_delivery"]


def test_what_was_told_late_is_not_told_again_too_soon() -> None:
    """It was noted at eleven, but Home Assistant started only at twenty."""
    before = new_journal()
    scans = [event(Stage.OUT_FOR_DELIVERY, 10)]
    journal = merge(before, "cainiao", answer(*scans), START + 11 * HOUR)
    journal = note(before, journal, now=START + 11 * HOUR, zone=PARIS)
    for milestone in pending(journal):
        at = START + 20 * HOUR
        journal = announced(journal, milestone.milestone_id, at)
        assert journal.milestones[-1].noted_at == START + 11 * HOUR
    assert {m.announced_at for m in journal.milestones} == {START + 20 * HOUR}
    house = House(journal)
    scans += [event(Stage.IN_TRANSIT, 30), event(Stage.OUT_FOR_DELIVERY, 34)]
    assert house.take(answer(*scans), 35) == []


def test_old_days_of_delivery_do_not_silence_todays() -> None:
    house = House()
    scans = [event(Stage.OUT_FOR_DELIVERY, -5), event(Stage.DELIVERY_FAILED, -3)]
    assert house.take(answer(*scans), 1) == []
    scans.append(event(Stage.OUT_FOR_DELIVERY, 2))
    assert house.take(answer(*scans), 3) == ["out_for_delivery"]


def test_a_clock_that_was_set_back_silences_nothing() -> None:
    house = House()
    scans = [event(Stage.OUT_FOR_DELIVERY, 10)]
    house.take(answer(*scans), 1000)
    scans += [event(Stage.DELIVERY_FAILED, 12), event(Stage.OUT_FOR_DELIVERY, 34)]
    assert house.take(answer(*scans), 35) == ["out_for_delivery"]


def test_of_a_doubled_passage_in_one_answer_the_last_is_told() -> None:
    house = House()
    house.take(answer(), 1)
    scans = [
        event(Stage.OUT_FOR_DELIVERY, 10),
        event(Stage.IN_TRANSIT, 12),
        event(Stage.OUT_FOR_DELIVERY, 34),
    ]
    assert house.take(answer(*scans), 35) == ["shipped", "out_for_delivery"]
    assert house.told[-1].time == scans[-1].time
    assert house.told[-1].noted_at == START + 35 * HOUR


def test_what_was_given_up_is_out_for_delivery_no_more() -> None:
    house = House()
    house.take(answer(), 1)
    said = answer(event(Stage.OUT_FOR_DELIVERY, 10), stage=Stage.EXPIRED)
    assert house.take(said, 900) == ["shipped"]


@pytest.mark.parametrize(
    "stage",
    [
        Stage.OUT_FOR_DELIVERY,
        Stage.READY_FOR_PICKUP,
        Stage.DELIVERY_FAILED,
        Stage.DELIVERED,
    ],
)
def test_customs_left_without_a_word_is_inferred(stage: Stage) -> None:
    house = House()
    scans = [event(Stage.IN_CUSTOMS, 1)]
    house.take(answer(*scans), 2)
    scans += [event(Stage.IN_TRANSIT, 3), event(stage, 4)]
    assert house.take(answer(*scans), 5) == ["customs_cleared", stage.value]
    (cleared,) = [m for m in house.told if m.milestone is MilestoneName.CUSTOMS_CLEARED]
    assert cleared.inferred
    # The carrier says it after all, late: the same milestone, not another.
    scans.insert(1, event(Stage.CUSTOMS_CLEARED, 2))
    assert house.take(answer(*scans), 50) == []


def test_customs_that_spoke_are_not_read_between_the_lines_of_a_shuffled_answer() -> (
    None
):
    house = House()
    entered, cleared = event(Stage.IN_CUSTOMS, 1), event(Stage.CUSTOMS_CLEARED, 2)
    house.take(answer(entered), 1.5)
    assert house.take(answer(entered, cleared), 3) == ["customs_cleared"]
    leaves, delivered = event(Stage.OUT_FOR_DELIVERY, 30), event(Stage.DELIVERED, 34)
    shuffled = answer(entered, leaves, cleared, delivered)
    assert house.take(shuffled, 35) == ["delivered"]


def test_customs_of_another_country_can_be_left_without_a_word_too() -> None:
    house = House()
    scans = [event(Stage.IN_CUSTOMS, 1), event(Stage.CUSTOMS_CLEARED, 2)]
    house.take(answer(*scans), 3)
    scans += [event(Stage.IN_CUSTOMS, 40), event(Stage.DELIVERED, 60)]
    assert house.take(answer(*scans), 61) == ["customs_cleared", "delivered"]


def test_back_in_customs_after_the_duty_is_no_second_entry() -> None:
    house = House()
    scans = [event(Stage.IN_CUSTOMS, 1), event(Stage.CUSTOMS_ACTION_REQUIRED, 2)]
    house.take(answer(*scans), 3)
    scans.append(event(Stage.IN_CUSTOMS, 40))
    assert house.take(answer(*scans), 41) == []


def test_an_export_clearance_is_no_customs_milestone() -> None:
    house = House()
    leaving = event(Stage.CUSTOMS_CLEARED, 1, country="CN")
    assert house.take(answer(leaving, origin_country="CN"), 2) == ["shipped"]
    arriving = event(Stage.CUSTOMS_CLEARED, 9, country="FR")
    assert house.take(answer(leaving, arriving), 10) == ["customs_cleared"]


def test_a_hand_off_is_told_once_and_before_the_delivery() -> None:
    house = House()
    shipped = event(Stage.SHIPPED, 1)
    house.take(answer(shipped), 2)
    told = house.take(
        answer(
            shipped,
            event(Stage.DELIVERED, 30),
            next_leg=Leg(tracking_number=NEXT_NUMBER),
        ),
        31,
    )
    assert told == ["handed_over", "delivered"]
    house.restart()
    later = answer(event(Stage.DELIVERED, 30, number=NEXT_NUMBER), number=NEXT_NUMBER)
    assert house.take(later, 60, "dhl") == []


def test_a_hand_off_is_told_before_what_the_next_carrier_does() -> None:
    house = House()
    shipped = event(Stage.SHIPPED, 1)
    house.take(answer(shipped), 2)
    leg = Leg(tracking_number=NEXT_NUMBER, found_by="cainiao")
    house.journal = replace(house.journal, legs=(*house.journal.legs, leg))
    arrived = event(Stage.IN_CUSTOMS, 30, number=NEXT_NUMBER, provider="dhl")
    said = answer(arrived, number=NEXT_NUMBER)
    assert house.take(said, 31, "dhl") == ["handed_over", "entered_customs"]


def test_a_hand_off_names_the_next_number_and_its_carrier() -> None:
    house = House()
    house.take(answer(event(Stage.SHIPPED, 1)), 2)
    leg = Leg(tracking_number=NEXT_NUMBER, carrier="royal_mail")
    assert house.take(answer(next_leg=leg), 5) == ["handed_over"]
    (told,) = (m for m in house.told if m.milestone is MilestoneName.HANDED_OVER)
    assert (told.tracking_number, told.carrier) == (NEXT_NUMBER, "royal_mail")


def test_a_milestone_without_a_carrier_is_the_first_legs() -> None:
    house = House(open_journal("parcel", "LP00123456789012", START, "cainiao"))
    house.take(answer(event(Stage.SHIPPED, 1)), 2)
    assert {m.carrier for m in house.told} == {"cainiao"}


def test_a_hand_off_known_from_the_start_is_silent() -> None:
    house = House()
    leg = Leg(tracking_number=NEXT_NUMBER)
    assert house.take(answer(event(Stage.SHIPPED, -5), next_leg=leg), 1) == []


def test_the_second_provider_tells_nothing_again() -> None:
    house = House()
    scans = [event(Stage.SHIPPED, 1), event(Stage.DELIVERED, 50)]
    assert house.take(answer(*scans), 51) == ["shipped", "delivered"]
    # Nearer to the carrier, with other codes and a clock that goes before.
    nearer = [
        event(Stage.SHIPPED, 0.9, provider="dhl", code="PU"),
        event(Stage.DELIVERED, 49, provider="dhl", code="OK"),
    ]
    assert house.take(answer(*nearer), 80, "dhl") == []


def test_a_late_scan_does_not_move_a_delivered_parcel_but_a_return_does() -> None:
    house = House()
    scans = [event(Stage.DELIVERED, 1)]
    house.take(answer(*scans), 2)
    scans.append(event(Stage.OUT_FOR_DELIVERY, 30))
    assert house.take(answer(*scans), 31) == []
    scans.append(event(Stage.RETURNING, 60))
    assert house.take(answer(*scans), 61) == ["returning"]
    scans.append(event(Stage.IN_TRANSIT, 70))
    assert house.take(answer(*scans), 71) == []
    scans.append(event(Stage.DELIVERED, 80))
    assert house.take(answer(*scans), 81) == ["returned"]


def test_a_naive_scan_of_the_first_answer_is_news_only_if_it_must_be() -> None:
    wall = event(Stage.DELIVERED, 10, naive=True)
    assert House().take(answer(wall), 20) == []
    assert House().take(answer(event(Stage.DELIVERED, 15, naive=True)), 20) == [
        "shipped",
        "delivered",
    ]
    undated = replace(wall, local_time=None, written_time="")
    assert House().take(answer(undated), 20) == []


def test_a_scan_from_before_that_comes_later_is_news() -> None:
    """Carriers write things down late."""
    house = House()
    first = event(Stage.INFO_RECEIVED, -20)
    assert house.take(answer(first), 1) == []
    assert house.take(answer(first, event(Stage.SHIPPED, -1)), 10) == ["shipped"]


def test_an_aggregator_that_knows_nothing_at_first_brings_no_old_news() -> None:
    house = House()
    assert house.take(answer(), 1, "seventeentrack") == []
    old = [
        event(Stage.SHIPPED, -90, provider="seventeentrack"),
        event(Stage.CUSTOMS_CLEARED, -10, provider="seventeentrack"),
    ]
    assert house.take(answer(*old), 2, "seventeentrack") == []


def test_another_providers_history_is_no_news() -> None:
    house = House()
    house.take(answer(event(Stage.IN_TRANSIT, 1)), 2)
    old = [
        event(Stage.SHIPPED, -90, provider="seventeentrack"),
        event(Stage.CUSTOMS_CLEARED, -10, provider="seventeentrack"),
    ]
    assert house.take(answer(*old), 3, "seventeentrack") == []


def test_a_delivery_that_a_first_answer_says_of_the_whole_parcel_is_history() -> None:
    house = House()
    assert house.take(answer(stage=Stage.DELIVERED), 1, "seventeentrack") == []
    assert not house.told


def test_a_change_of_stage_is_told_once_and_only_if_there_is_one() -> None:
    house = House()
    scans = []
    for hour, stage in enumerate(
        (Stage.SHIPPED, Stage.SHIPPED, None, Stage.IN_TRANSIT, Stage.IN_TRANSIT), 1
    ):
        scans.append(event(stage, hour))
        house.take(answer(*scans), hour + 0.5)
    told = [m for m in house.told if m.milestone is MilestoneName.STAGE_CHANGED]
    assert [m.stage for m in told] == [Stage.SHIPPED, Stage.IN_TRANSIT]
    assert [m.time for m in told] == [scans[0].time, scans[3].time]


def test_an_answer_without_news_leaves_the_journal_as_it_is() -> None:
    house = House()
    house.take(answer(event(Stage.SHIPPED, 1)), 2)
    journal = house.journal
    assert note(journal, journal, now=START, zone=PARIS) is journal
    learned = merge(journal, "cainiao", answer(carrier="cainiao"), START)
    assert note(journal, learned, now=START, zone=PARIS) is learned


def test_giving_up_is_a_change_of_stage() -> None:
    house = House()
    house.take(answer(), 1, "seventeentrack")
    house.take(answer(stage=Stage.EXPIRED), 800, "seventeentrack")
    assert [(m.milestone, m.stage) for m in house.told] == [
        (MilestoneName.STAGE_CHANGED, Stage.EXPIRED)
    ]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (date(2026, 6, 10), date(2026, 6, 10), []),
        (date(2026, 6, 10), date(2026, 6, 12), ["estimate_changed"]),
        (None, date(2026, 6, 12), []),
        (
            datetime(2026, 6, 10, 9, tzinfo=UTC),
            datetime(2026, 6, 10, 10, tzinfo=UTC),
            [],
        ),
        (
            datetime(2026, 6, 10, 9, tzinfo=UTC),
            datetime(2026, 6, 10, 11, tzinfo=UTC),
            ["estimate_changed"],
        ),
    ],
)
def test_an_estimate_that_moves_is_told(
    first: date | None, second: date, told: list[str]
) -> None:
    house = House()
    scan = event(Stage.IN_TRANSIT, -1)
    estimate = Estimate(start=first) if first is not None else None
    assert house.take(answer(scan, estimate=estimate), 1) == []
    moved = answer(scan, estimate=Estimate(start=second))
    assert house.take(moved, 30) == told
    assert house.take(moved, 60) == []


def wall(hour: int, minute: int = 0) -> datetime:
    """Return a wall-clock time of the tenth of June."""
    return datetime(2026, 6, 10, hour, minute)


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        # The end moved by two hours; by less.
        ((wall(9), wall(12)), (wall(9), wall(14)), True),
        ((wall(9), wall(12)), (wall(9), wall(13, 59)), False),
        ((wall(9), wall(18)), (wall(11), wall(18)), True),
        ((wall(9), wall(18)), (wall(10, 59), wall(18)), False),
        # By less, but into another day.
        ((wall(22), wall(23, 30)), (wall(23), wall(23, 59)), False),
        ((wall(22), wall(23, 30)), (wall(23), wall(23) + 1.5 * HOUR), True),
    ],
)
def test_a_window_that_moves_is_told_by_its_day_and_its_hours(
    first: tuple[datetime, datetime], second: tuple[datetime, datetime], told: bool
) -> None:
    house = House()
    scan = event(Stage.IN_TRANSIT, -1)
    start, end = first
    house.take(answer(scan, estimate=Estimate(start=start, end=end)), 1)
    start, end = second
    moved = answer(scan, estimate=Estimate(start=start, end=end))
    assert house.take(moved, 30) == (["estimate_changed"] if told else [])


def test_an_estimate_that_moves_after_the_delivery_is_nobodys_business() -> None:
    house = House()
    scans = [event(Stage.IN_TRANSIT, -1)]
    house.take(answer(*scans, estimate=Estimate(start=date(2026, 6, 10))), 1)
    scans.append(event(Stage.DELIVERED, 20))
    moved = answer(*scans, estimate=Estimate(start=date(2026, 6, 2)))
    assert house.take(moved, 30) == ["delivered"]


def test_an_estimate_that_moves_twice_a_day_is_told_once() -> None:
    house = House()
    scan = event(Stage.IN_TRANSIT, -1)
    told = []
    for hours in range(6):
        day = date(2026, 6, 10) + timedelta(days=hours)
        told += house.take(answer(scan, estimate=Estimate(start=day)), 1 + hours)
    assert told == ["estimate_changed"]


def test_history_is_in_the_journal_unannounced() -> None:
    house = House()
    house.take(answer(event(Stage.DELIVERED, -50)), 1)
    assert [(m.milestone, m.telling) for m in house.journal.milestones] == [
        (MilestoneName.STAGE_CHANGED, Told.SILENT),
        (MilestoneName.SHIPPED, Told.SILENT),
        (MilestoneName.DELIVERED, Told.SILENT),
    ]


def test_a_delivery_told_of_the_whole_parcel_is_told_once() -> None:
    house = House()
    house.take(answer(), 1, "seventeentrack")
    delivered = answer(stage=Stage.DELIVERED)
    assert house.take(delivered, 30, "seventeentrack") == ["delivered"]
    house.restart()
    assert house.take(delivered, 60, "seventeentrack") == []
