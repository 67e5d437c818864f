"""Where a parcel is: what its scans make of it, one after the other."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.journal import MANUAL, Journal, merge
from custom_components.waybill.tracking.journey import Journey, travel
from custom_components.waybill.tracking.model import Answer, Leg, Stage, TrackingEvent
from custom_components.waybill.tracking.timeline import timeline

from .journeys import NEXT_NUMBER, NUMBER, START, answer, event, new_journal

AGGREGATOR = "seventeentrack"
DAY = timedelta(days=1)


def follow(journal: Journal) -> Journey:
    """Follow a parcel through its timeline."""
    return travel(journal, timeline(journal))


def take(
    journal: Journal, said: Answer, provider: str = "cainiao", at: datetime = START
) -> Journal:
    """Take up what a provider says."""
    return merge(journal, provider, said, at)


def after(*stages: Stage | None) -> Stage:
    """Return where a parcel is after scans an hour apart."""
    scans = [event(stage, hour) for hour, stage in enumerate(stages)]
    return follow(take(new_journal(), answer(*scans))).stage


def naively(told: Sequence[Stage | None]) -> Stage:
    """Read the stage off the scans as the design words it."""
    stages = [stage for stage in told if stage is not None]
    turns = (Stage.DELIVERED, Stage.RETURNED, Stage.RETURNING)
    turn = next((n for n, stage in enumerate(stages) if stage in turns), None)
    if turn is None:
        return stages[-1] if stages else Stage.PENDING
    if stages[turn] is Stage.DELIVERED:
        back = [stage for stage in stages[turn:] if stage in turns[1:]]
        if not back:
            return Stage.DELIVERED
        turn = stages.index(back[0], turn)
    if stages[turn] is Stage.RETURNED:
        return Stage.RETURNED
    home = [stage for stage in stages[turn:] if stage in (*turns, Stage.EXCEPTION)]
    if Stage.RETURNED in home or Stage.DELIVERED in home:
        return Stage.RETURNED
    return home[-1]


@given(
    st.lists(st.one_of(st.none(), st.sampled_from(Stage)), max_size=8),
    st.lists(st.integers(-40, 40), min_size=8, max_size=8, unique=True),
)
def test_the_stage_is_that_of_the_newest_scan_in_the_carriers_own_order(
    stages: list[Stage | None], clock: list[int]
) -> None:
    """Whatever the clock says: clocks lie."""
    scans = [event(stage, hours) for stage, hours in zip(stages, clock, strict=False)]
    assert follow(take(new_journal(), answer(*scans))).stage is naively(stages)


@given(st.lists(st.one_of(st.none(), st.sampled_from(Stage)), max_size=8))
def test_passages_lead_from_one_stage_to_the_next(stages: list[Stage | None]) -> None:
    scans = [event(stage, hour) for hour, stage in enumerate(stages)]
    journey = follow(take(new_journal(), answer(*scans)))
    current = Stage.PENDING
    for passage in journey.passages:
        assert passage.previous is current
        assert passage.stage is not current
        current = passage.stage
    assert journey.stage is current


@pytest.mark.parametrize("final", [Stage.DELIVERED, Stage.RETURNED])
@pytest.mark.parametrize(
    "late", [Stage.IN_TRANSIT, Stage.OUT_FOR_DELIVERY, Stage.EXCEPTION, Stage.EXPIRED]
)
def test_a_late_scan_does_not_move_a_final_stage(final: Stage, late: Stage) -> None:
    assert after(Stage.OUT_FOR_DELIVERY, final, late) is final


def test_an_explicit_return_moves_a_delivered_parcel() -> None:
    assert after(Stage.DELIVERED, Stage.RETURNING) is Stage.RETURNING
    assert after(Stage.DELIVERED, Stage.RETURNED) is Stage.RETURNED


def test_nothing_moves_what_came_back() -> None:
    assert after(Stage.RETURNING, Stage.RETURNED, Stage.RETURNING) is Stage.RETURNED
    assert after(Stage.RETURNED, Stage.DELIVERED) is Stage.RETURNED


def test_a_delivery_back_to_the_sender_is_a_return() -> None:
    assert after(Stage.RETURNING, Stage.IN_TRANSIT, Stage.DELIVERED) is Stage.RETURNED


@pytest.mark.parametrize(
    "stray",
    [
        Stage.IN_TRANSIT,
        Stage.IN_CUSTOMS,
        Stage.CUSTOMS_CLEARED,
        Stage.OUT_FOR_DELIVERY,
        Stage.READY_FOR_PICKUP,
        Stage.INFO_RECEIVED,
    ],
)
def test_a_stray_scan_does_not_move_a_return(stray: Stage) -> None:
    assert after(Stage.RETURNING, stray) is Stage.RETURNING


def test_a_return_can_go_wrong_and_still_come_back() -> None:
    assert after(Stage.RETURNING, Stage.EXCEPTION) is Stage.EXCEPTION
    assert after(Stage.RETURNING, Stage.EXCEPTION, Stage.IN_TRANSIT) is Stage.EXCEPTION
    assert after(Stage.RETURNING, Stage.EXCEPTION, Stage.DELIVERED) is Stage.RETURNED


def test_an_exception_is_not_the_end() -> None:
    assert after(Stage.EXCEPTION, Stage.IN_TRANSIT) is Stage.IN_TRANSIT


def test_a_code_that_nobody_mapped_changes_nothing() -> None:
    assert after(None) is Stage.PENDING
    assert after(Stage.IN_CUSTOMS, None, None) is Stage.IN_CUSTOMS


def test_what_is_said_of_the_whole_parcel_counts_while_no_scan_has_a_stage() -> None:
    unmapped = event(None, 1)
    journal = take(new_journal(), answer(unmapped, stage=Stage.IN_TRANSIT))
    journey = follow(journal)
    assert journey.stage is Stage.IN_TRANSIT
    assert journey.passages[-1].line is None
    assert journey.passages[-1].since == START
    scanned = answer(unmapped, event(Stage.SHIPPED, 2), stage=Stage.DELIVERED)
    assert follow(take(journal, scanned)).stage is Stage.SHIPPED


def test_of_words_on_the_whole_parcel_the_nearest_providers_counts() -> None:
    journal = take(new_journal(), answer(stage=Stage.DELIVERED), AGGREGATOR)
    assert follow(journal).stage is Stage.DELIVERED
    journal = take(journal, answer(stage=Stage.PENDING))
    assert follow(journal).stage is Stage.DELIVERED
    journal = take(journal, answer(stage=Stage.IN_CUSTOMS))
    assert follow(journal).stage is Stage.IN_CUSTOMS


def given_up() -> Journal:
    """Return the journal of a parcel that an aggregator has given up."""
    said = answer(event(Stage.IN_TRANSIT, 1), stage=Stage.EXPIRED)
    return take(new_journal(), said, AGGREGATOR, START + 90 * DAY)


def test_a_provider_can_give_up() -> None:
    (_, passage) = follow(given_up()).passages
    assert passage.stage is Stage.EXPIRED
    assert passage.previous is Stage.IN_TRANSIT
    assert passage.since == START + 90 * DAY
    # It says so again: nothing new.
    again = answer(event(Stage.IN_TRANSIT, 1), stage=Stage.EXPIRED)
    journal = take(given_up(), again, AGGREGATOR, START + 97 * DAY)
    assert follow(journal).passages[-1].since == START + 90 * DAY


@pytest.mark.parametrize("last", [Stage.RETURNING, Stage.EXCEPTION])
def test_a_parcel_on_its_way_back_is_not_given_up(last: Stage) -> None:
    scans = (event(Stage.RETURNING, 1), event(last, 2))
    journal = take(new_journal(), answer(*scans, stage=Stage.EXPIRED))
    assert follow(journal).stage is last


def test_a_number_that_was_never_found_can_be_given_up() -> None:
    """One after the other: it is given up since the first did."""
    journal = take(new_journal(), answer())
    journal = take(journal, answer(stage=Stage.EXPIRED), AGGREGATOR)
    assert follow(journal).stage is Stage.EXPIRED
    journal = take(journal, answer(stage=Stage.EXPIRED), "cainiao", START + DAY)
    assert follow(journal).passages[-1].since == START


@pytest.mark.parametrize("final", [Stage.DELIVERED, Stage.RETURNED])
def test_what_has_arrived_does_not_expire(final: Stage) -> None:
    said = answer(event(final, 1), stage=Stage.EXPIRED)
    assert follow(take(new_journal(), said)).stage is final


@pytest.mark.parametrize("provider", [AGGREGATOR, "cainiao", MANUAL])
def test_a_new_event_revives_what_was_given_up(provider: str) -> None:
    news = answer(event(Stage.OUT_FOR_DELIVERY, 3000, provider=provider))
    journal = take(given_up(), news, provider, START + 125 * DAY)
    assert follow(journal).stage is Stage.OUT_FOR_DELIVERY


def test_a_new_event_without_a_stage_revives_it_too() -> None:
    news = answer(event(None, 3000))
    journal = take(given_up(), news, AGGREGATOR, START + 125 * DAY)
    assert follow(journal).stage is Stage.IN_TRANSIT


def test_a_parcel_that_another_still_follows_is_not_given_up() -> None:
    journal = take(new_journal(), answer(event(Stage.IN_TRANSIT, 1)))
    expired = answer(stage=Stage.EXPIRED)
    assert follow(take(journal, expired, AGGREGATOR)).stage is Stage.IN_TRANSIT
    assert follow(take(journal, expired)).stage is Stage.EXPIRED


def test_a_line_that_a_person_once_wrote_keeps_no_parcel_alive() -> None:
    """Nobody follows it any more; the person wrote long before."""
    written = answer(event(Stage.SHIPPED, 1, provider=MANUAL))
    journal = take(new_journal(), written, MANUAL)
    expired = answer(stage=Stage.EXPIRED)
    journal = take(journal, expired, AGGREGATOR, START + 90 * DAY)
    assert follow(journal).stage is Stage.EXPIRED


def handed_over(*next_carriers: TrackingEvent) -> Journal:
    """Return the journal of a parcel that the next carrier has under its number."""
    journal = replace(
        new_journal(),
        legs=(Leg(tracking_number=NUMBER), Leg(tracking_number=NEXT_NUMBER)),
    )
    journal = take(
        journal, answer(event(Stage.SHIPPED, 1), event(Stage.IN_CUSTOMS, 10))
    )
    return take(journal, answer(*next_carriers, number=NEXT_NUMBER), "dhl")


def of_next_carrier(stage: Stage, hours: float) -> TrackingEvent:
    """Return a scan of the next carrier."""
    return event(stage, hours, number=NEXT_NUMBER, provider="dhl")


@pytest.mark.parametrize("stage", [Stage.INFO_RECEIVED, Stage.PENDING])
def test_the_label_of_the_next_leg_does_not_move_the_stage_back(stage: Stage) -> None:
    journal = handed_over(of_next_carrier(stage, 20))
    assert follow(journal).stage is Stage.IN_CUSTOMS


def test_the_next_carriers_scans_move_the_parcel_on() -> None:
    journal = handed_over(
        of_next_carrier(Stage.INFO_RECEIVED, 20), of_next_carrier(Stage.IN_TRANSIT, 30)
    )
    assert follow(journal).stage is Stage.IN_TRANSIT


def with_first_carrier(journal: Journal, *more: TrackingEvent) -> Stage:
    """Return the stage when the first carrier goes on telling."""
    scans = (event(Stage.SHIPPED, 1), event(Stage.IN_CUSTOMS, 10), *more)
    return follow(take(journal, answer(*scans))).stage


@pytest.mark.parametrize(
    "told", [Stage.IN_TRANSIT, Stage.IN_CUSTOMS, Stage.CUSTOMS_CLEARED]
)
def test_the_last_mile_knows_better_than_the_first_carriers_late_word(
    told: Stage,
) -> None:
    journal = handed_over(of_next_carrier(Stage.OUT_FOR_DELIVERY, 50))
    assert with_first_carrier(journal, event(told, 52)) is Stage.OUT_FOR_DELIVERY


@pytest.mark.parametrize(
    "told", [Stage.OUT_FOR_DELIVERY, Stage.READY_FOR_PICKUP, Stage.DELIVERED]
)
def test_the_first_carrier_can_know_that_the_parcel_came_further(told: Stage) -> None:
    journal = handed_over(of_next_carrier(Stage.IN_TRANSIT, 50))
    assert with_first_carrier(journal, event(told, 52)) is told


def test_customs_can_follow_the_scans_of_the_post_that_sends_it() -> None:
    """The second number is the export post's, not yet the last mile."""
    journal = handed_over(of_next_carrier(Stage.IN_TRANSIT, 5))
    cleared = event(Stage.CUSTOMS_CLEARED, 12)
    assert with_first_carrier(journal, cleared) is Stage.CUSTOMS_CLEARED


def test_the_first_carrier_is_heard_again_when_the_last_mile_is_silent() -> None:
    journal = handed_over(of_next_carrier(Stage.DELIVERY_FAILED, 50))
    soon = event(Stage.OUT_FOR_DELIVERY, 60)
    assert with_first_carrier(journal, soon) is Stage.DELIVERY_FAILED
    another_day = event(Stage.OUT_FOR_DELIVERY, 98)
    assert with_first_carrier(journal, another_day) is Stage.OUT_FOR_DELIVERY


def test_its_label_alone_is_no_scan_of_the_last_mile() -> None:
    journal = handed_over(of_next_carrier(Stage.INFO_RECEIVED, 50))
    assert with_first_carrier(journal, event(Stage.IN_TRANSIT, 52)) is Stage.IN_TRANSIT


def test_its_label_is_no_scan_though_it_is_older_than_the_parcels_journey() -> None:
    """The number of the last mile was made before anybody had the parcel."""
    legs = (Leg(tracking_number=NUMBER), Leg(tracking_number=NEXT_NUMBER))
    journal = replace(new_journal(), legs=legs)
    label = of_next_carrier(Stage.INFO_RECEIVED, 0)
    journal = take(journal, answer(label, number=NEXT_NUMBER), "dhl")
    scans = (
        event(Stage.SHIPPED, 1),
        event(Stage.DELIVERY_FAILED, 2),
        event(Stage.IN_TRANSIT, 3),
    )
    assert follow(take(journal, answer(*scans))).stage is Stage.IN_TRANSIT


def test_a_carrier_can_take_its_own_word_back() -> None:
    """The seller made another label: the same carrier says so."""
    assert after(Stage.SHIPPED, Stage.INFO_RECEIVED) is Stage.INFO_RECEIVED


def test_two_carriers_labels_are_labels() -> None:
    journal = replace(
        new_journal(),
        legs=(Leg(tracking_number=NUMBER), Leg(tracking_number=NEXT_NUMBER)),
    )
    journal = take(journal, answer(event(Stage.EXCEPTION, 1)))
    label = of_next_carrier(Stage.INFO_RECEIVED, 2)
    journal = take(journal, answer(label, number=NEXT_NUMBER), "dhl")
    assert follow(journal).stage is Stage.INFO_RECEIVED


def test_what_got_the_parcel_moving_is_its_first_scan_beyond_the_label() -> None:
    scans = [
        event(Stage.INFO_RECEIVED, 1),
        event(Stage.EXCEPTION, 2),
        event(None, 3),
        event(Stage.IN_TRANSIT, 4),
        event(Stage.DELIVERED, 5),
    ]
    shipped = follow(take(new_journal(), answer(*scans))).shipped
    assert shipped is not None
    assert shipped.event.time == scans[3].time
    assert follow(take(new_journal(), answer(*scans[:3]))).shipped is None


@pytest.mark.parametrize(
    "beyond",
    [
        Stage.OUT_FOR_DELIVERY,
        Stage.READY_FOR_PICKUP,
        Stage.DELIVERY_FAILED,
        Stage.DELIVERED,
    ],
)
@pytest.mark.parametrize("held", [Stage.IN_CUSTOMS, Stage.CUSTOMS_ACTION_REQUIRED])
def test_customs_left_without_a_word_were_cleared(held: Stage, beyond: Stage) -> None:
    scans = [event(held, 1), event(Stage.IN_TRANSIT, 2), event(beyond, 3)]
    journey = follow(take(new_journal(), answer(*scans)))
    passages = [(p.previous, p.stage, p.inferred) for p in journey.passages]
    assert passages == [
        (Stage.PENDING, held, False),
        (held, Stage.IN_TRANSIT, False),
        (Stage.IN_TRANSIT, Stage.CUSTOMS_CLEARED, True),
        (Stage.CUSTOMS_CLEARED, beyond, False),
    ]


@pytest.mark.parametrize(
    "stages",
    [
        (Stage.IN_CUSTOMS, Stage.CUSTOMS_CLEARED, Stage.OUT_FOR_DELIVERY),
        (Stage.IN_CUSTOMS, Stage.OUT_FOR_DELIVERY, Stage.DELIVERED),
        (Stage.IN_CUSTOMS, Stage.RETURNING, Stage.DELIVERED),
        (Stage.IN_TRANSIT, Stage.DELIVERED),
    ],
)
def test_customs_are_cleared_at_most_once_and_not_on_the_way_back(
    stages: tuple[Stage, ...],
) -> None:
    scans = [event(stage, hour) for hour, stage in enumerate(stages)]
    passages = follow(take(new_journal(), answer(*scans))).passages
    cleared = [p for p in passages if p.stage is Stage.CUSTOMS_CLEARED]
    customs_left = {Stage.CUSTOMS_CLEARED, Stage.OUT_FOR_DELIVERY} & set(stages)
    assert len(cleared) == (1 if customs_left else 0)


def test_nothing_seen_yet_is_pending() -> None:
    assert Journey().stage is Stage.PENDING
    assert follow(new_journal()).stage is Stage.PENDING
    assert follow(take(new_journal(), answer())).stage is Stage.PENDING
