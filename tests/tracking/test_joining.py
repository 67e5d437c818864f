"""Two numbers of one parcel are joined, and parted where that was wrong."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from custom_components.waybill.tracking.joining import join, separate
from custom_components.waybill.tracking.journal import Journal, merge, open_journal
from custom_components.waybill.tracking.journal_json import from_json, to_json
from custom_components.waybill.tracking.journey import travel
from custom_components.waybill.tracking.milestones import announced, note, pending
from custom_components.waybill.tracking.model import (
    Answer,
    Leg,
    Milestone,
    MilestoneName,
    Stage,
    Telling as Told,
    TrackingEvent,
)
from custom_components.waybill.tracking.timeline import timeline

from .journeys import NEXT_NUMBER, NUMBER, START, answer, event, journeys, new_journal

HOUR = timedelta(hours=1)
LATER = START + timedelta(days=30)
THIRD_NUMBER = "9400111206451200183149"
DHL, CAINIAO, TRACK17 = "dhl", "cainiao", "seventeentrack"


def take(
    journal: Journal,
    item: Answer,
    at: datetime,
    provider: str = CAINIAO,
    *,
    tell: bool = True,
) -> tuple[Journal, list[str]]:
    """Take an answer as the coordinator does; return what the house is told."""
    journal = note(journal, merge(journal, provider, item, at), now=at, zone=UTC)
    told = pending(journal)
    if tell:
        for milestone in told:
            journal = announced(journal, milestone.milestone_id, at)
    return journal, names(told)


def names(milestones: Iterable[Milestone]) -> list[str]:
    """Return which milestones these are, the change of stage aside."""
    return [
        m.milestone.value
        for m in milestones
        if m.milestone is not MilestoneName.STAGE_CHANGED
    ]


def about(number: str, provider: str, journey: Iterable[TrackingEvent]) -> Answer:
    """Return what a provider tells of a number."""
    scans = [
        replace(scan, tracking_number=number, provider=provider) for scan in journey
    ]
    return answer(*scans, number=number)


def order_side(*, handed_off: bool = True) -> Journal:
    """Return the parcel that the shop's number names."""
    journal = new_journal()
    if handed_off:
        leg = Leg(tracking_number=NEXT_NUMBER, carrier="royal_mail")
        journal, _ = take(journal, answer(next_leg=leg), START)
    return journal


def door_side() -> Journal:
    """Return the parcel that the last carrier's number names."""
    return open_journal("other", NEXT_NUMBER, START + HOUR)


def lines(journal: Journal) -> list[tuple[str, ...]]:
    """Return the timeline of a parcel, by who told of each scan."""
    return [line.keys for line in timeline(journal)]


def events(*journals: Journal) -> Counter[tuple[str, str, str]]:
    """Count all that was told, in whatever words, by provider and number."""
    return Counter(
        (track.provider, event.key, words)
        for journal in journals
        for track in journal.tracks
        for event in track.events
        for words in (event.words, *event.earlier_words)
    )


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Journal, Journal]:
    """Make up two parcels whose numbers belong together, asked of anybody."""
    one, other = order_side(handed_off=draw(st.booleans())), door_side()
    journey = draw(journeys())
    at = START + draw(st.sampled_from((1, 4))) * HOUR
    one, _ = take(one, about(NUMBER, CAINIAO, journey), at)
    for provider in draw(st.lists(st.sampled_from((DHL, TRACK17)), unique=True)):
        told = draw(st.one_of(journeys(), st.just(journey)))
        item = about(NEXT_NUMBER, provider, told)
        other, _ = take(other, item, START + 2 * HOUR, provider)
    if draw(st.booleans()):
        leg = Leg(tracking_number=THIRD_NUMBER)
        item = replace(about(NEXT_NUMBER, DHL, draw(journeys())), next_leg=leg)
        other, _ = take(other, item, START + 3 * HOUR, DHL)
    return one, other


@st.composite
def pairs_that_share(draw: st.DrawFn) -> tuple[Journal, Journal]:
    """Make up two parcels about one of whose numbers the same provider was asked."""
    one, other = draw(pairs())
    journey = draw(journeys())
    ends = [draw(st.integers(1, len(journey))) for _ in range(2)]
    one = merge(
        one,
        DHL,
        about(NEXT_NUMBER, DHL, journey[: ends[0]]),
        draw(st.sampled_from((START, LATER))),
    )
    other = merge(other, DHL, about(NEXT_NUMBER, DHL, journey[-ends[1] :]), START)
    return one, other


@given(st.one_of(pairs(), pairs_that_share()))
def test_a_join_loses_nothing(pair: tuple[Journal, Journal]) -> None:
    one, other = pair
    joined = join(one, other, LATER)
    assert events(joined) >= events(one) | events(other)
    assert joined.tracking_number == NUMBER
    assert {leg.tracking_number for leg in joined.legs} == {
        leg.tracking_number for journal in pair for leg in journal.legs
    }
    ids = [m.milestone_id for m in joined.milestones]
    assert len(ids) == len(set(ids))
    assert {m.milestone_id for j in pair for m in j.milestones} <= set(ids)
    noted = [m.noted_at for m in joined.milestones]
    assert noted == sorted(noted)


@given(st.one_of(pairs(), pairs_that_share()))
def test_a_join_announces_nothing(pair: tuple[Journal, Journal]) -> None:
    joined = join(*pair, LATER)
    assert not pending(joined)
    told = {m.milestone_id: m.telling for j in pair for m in j.milestones}
    for milestone in joined.milestones:
        assert milestone.telling is told.get(milestone.milestone_id, Told.SILENT)
    # Nor does the next answer that says nothing new.
    assert not take(joined, answer(origin_country="CN"), LATER)[1]


@given(st.one_of(pairs(), pairs_that_share()))
def test_joining_twice_is_joining_once(pair: tuple[Journal, Journal]) -> None:
    once = join(*pair, LATER)
    assert join(once, pair[1], LATER + HOUR) == once
    assert from_json(to_json(once)) == once


@given(pairs())
def test_parting_gives_back_both_timelines(pair: tuple[Journal, Journal]) -> None:
    one, other = pair
    kept, rest = separate(join(one, other, LATER), NEXT_NUMBER, other, LATER)
    assert (lines(kept), lines(rest)) == (lines(one), lines(other))
    assert not pending(kept) and not pending(rest)
    assert rest.parcel_id == other.parcel_id
    assert [leg.tracking_number for leg in rest.legs] == [
        leg.tracking_number for leg in other.legs
    ]
    assert [leg.tracking_number for leg in kept.legs] == [NUMBER]
    for before, after in ((one, kept), (other, rest)):
        ids = {m.milestone_id for m in after.milestones}
        assert {m.milestone_id for m in before.milestones} <= ids


@given(st.one_of(pairs(), pairs_that_share()), journeys())
def test_what_was_learned_while_joined_is_not_lost(
    pair: tuple[Journal, Journal], journey: tuple[TrackingEvent, ...]
) -> None:
    joined = join(*pair, LATER)
    joined, _ = take(joined, about(NEXT_NUMBER, DHL, journey), LATER, DHL)
    kept, rest = separate(joined, NEXT_NUMBER, pair[1], LATER)
    assert events(kept, rest) >= events(joined)
    assert not any(t.tracking_number == NEXT_NUMBER for t in kept.tracks)
    ids = {m.milestone_id for m in (*kept.milestones, *rest.milestones)}
    assert {m.milestone_id for m in joined.milestones} <= ids
    # Nobody is handed over to itself.
    handed_over = (m for m in rest.milestones if m.milestone.value == "handed_over")
    assert NEXT_NUMBER not in {m.tracking_number for m in handed_over}
    # What either shows now is known, and told by nobody again.
    for journal in (kept, rest):
        number = journal.tracking_number
        provider = CAINIAO if number == NUMBER else DHL
        more = answer(number=number, origin_country="CN")
        assert not take(journal, more, LATER, provider)[1]


@given(st.one_of(pairs(), pairs_that_share()))
def test_a_parted_number_does_not_come_back_by_itself(
    pair: tuple[Journal, Journal],
) -> None:
    kept, rest = separate(join(*pair, LATER), NEXT_NUMBER, pair[1], LATER)
    leg = Leg(tracking_number=NEXT_NUMBER)
    kept = merge(kept, CAINIAO, answer(next_leg=leg), LATER)
    assert [leg.tracking_number for leg in kept.legs] == [NUMBER]
    back = answer(number=NEXT_NUMBER, next_leg=Leg(tracking_number=NUMBER))
    rest = merge(rest, DHL, back, LATER)
    assert NUMBER not in {leg.tracking_number for leg in rest.legs}
    assert from_json(to_json(kept)) == kept


def deliver(
    journal: Journal, number: str, provider: str, hours: float, stage: Stage
) -> tuple[Journal, list[str]]:
    """Let a provider tell of one more scan."""
    track = journal.track(provider, number)
    known = track.events if track is not None else ()
    scan = event(stage, hours, number=number, provider=provider)
    item = Answer(tracking_number=number, events=(scan, *known))
    return take(journal, item, START + hours * HOUR, provider)


def test_the_delivery_is_told_once_after_a_join() -> None:
    one, told = deliver(order_side(), NUMBER, CAINIAO, 5, Stage.SHIPPED)
    assert told == ["shipped"]
    other, told = deliver(door_side(), NEXT_NUMBER, DHL, 6, Stage.SHIPPED)
    assert told == ["shipped"]
    joined = join(one, other, START + 7 * HOUR)
    joined, first = deliver(joined, NEXT_NUMBER, DHL, 40, Stage.DELIVERED)
    joined, second = deliver(joined, NUMBER, CAINIAO, 40.1, Stage.DELIVERED)
    assert (first, second) == (["delivered"], [])


def test_a_second_delivery_day_is_told_though_both_had_told_of_the_first() -> None:
    """Two notes of one passage must not stand for two passages."""
    one, _ = deliver(order_side(), NUMBER, CAINIAO, 5, Stage.OUT_FOR_DELIVERY)
    other, told = deliver(door_side(), NEXT_NUMBER, DHL, 5.5, Stage.OUT_FOR_DELIVERY)
    assert "out_for_delivery" in told
    joined = join(one, other, START + 6 * HOUR)
    joined, told = deliver(joined, NEXT_NUMBER, DHL, 10, Stage.DELIVERY_FAILED)
    assert told == ["delivery_failed"]
    joined, told = deliver(joined, NEXT_NUMBER, DHL, 30, Stage.OUT_FOR_DELIVERY)
    assert told == ["out_for_delivery"]


def test_the_hand_over_is_told_once_at_most() -> None:
    leg = Leg(tracking_number=NEXT_NUMBER)
    one, _ = deliver(order_side(handed_off=False), NUMBER, CAINIAO, 5, Stage.SHIPPED)
    one, told = take(one, answer(next_leg=leg), START + 6 * HOUR)
    assert told == ["handed_over"]
    joined = join(one, door_side(), START + 7 * HOUR)
    assert names(joined.milestones).count("handed_over") == 1
    by_hand = join(order_side(handed_off=False), door_side(), START)
    (milestone,) = by_hand.milestones
    assert milestone.milestone is MilestoneName.HANDED_OVER
    assert milestone.telling is Told.SILENT


def test_what_both_are_about_to_announce_is_announced_once() -> None:
    """Both were delivered while Home Assistant was starting."""
    pair = []
    for journal, number, provider in (
        (order_side(), NUMBER, CAINIAO),
        (door_side(), NEXT_NUMBER, DHL),
    ):
        scans = (
            event(stage, hours, number=number, provider=provider)
            for hours, stage in ((2, Stage.SHIPPED), (5, Stage.DELIVERED))
        )
        item = answer(*scans, number=number)
        taken, told = take(journal, item, START + 6 * HOUR, provider, tell=False)
        assert told == ["shipped", "delivered"]
        pair.append(taken)
    joined = join(pair[0], pair[1], START + 6 * HOUR)
    assert names(pending(joined)) == ["shipped", "delivered"]


def test_what_one_announced_while_the_other_was_being_written_is_not_told_again() -> (
    None
):
    other = door_side()
    scan = event(Stage.SHIPPED, 2, number=NEXT_NUMBER, provider=DHL)
    other, told = take(
        other, answer(scan, number=NEXT_NUMBER), START + 3 * HOUR, DHL, tell=False
    )
    assert told == ["shipped"]
    joined = join(order_side(), other, START + 3 * HOUR)
    for milestone in pending(other):
        other = announced(other, milestone.milestone_id, START + 4 * HOUR)
    assert pending(joined)
    assert not pending(join(joined, other, START + 4 * HOUR))


def test_no_two_milestones_ever_have_the_same_id() -> None:
    """A parting takes some away, and those that follow are counted anew."""
    other, _ = deliver(door_side(), NEXT_NUMBER, DHL, 5, Stage.DELIVERY_FAILED)
    joined = join(order_side(), other, START + 6 * HOUR)
    joined, _ = deliver(joined, NUMBER, CAINIAO, 30, Stage.SHIPPED)
    joined, told = deliver(joined, NUMBER, CAINIAO, 40, Stage.DELIVERY_FAILED)
    assert told == ["delivery_failed"]
    kept, _ = separate(joined, NEXT_NUMBER, other, START + 41 * HOUR)
    kept, _ = deliver(kept, NUMBER, CAINIAO, 50, Stage.IN_TRANSIT)
    kept, told = deliver(kept, NUMBER, CAINIAO, 80, Stage.DELIVERY_FAILED)
    assert told == ["delivery_failed"]
    ids = [m.milestone_id for m in kept.milestones]
    assert len(ids) == len(set(ids))


def test_another_parcels_delivery_does_not_stand_for_ones_own() -> None:
    """A wrong join told the delivery of a bag as that of the shoes."""
    one, _ = deliver(order_side(), NUMBER, CAINIAO, 5, Stage.SHIPPED)
    other = door_side()
    joined = join(one, other, START + 6 * HOUR)
    joined, told = deliver(joined, NEXT_NUMBER, DHL, 20, Stage.DELIVERED)
    assert told == ["delivered"]
    kept, rest = separate(joined, NEXT_NUMBER, other, START + 21 * HOUR)
    assert travel(kept, timeline(kept)).stage is Stage.SHIPPED
    assert travel(rest, timeline(rest)).stage is Stage.DELIVERED
    kept, told = deliver(kept, NUMBER, CAINIAO, 22, Stage.DELIVERED)
    assert told == ["delivered"]
    ids = [m.milestone_id for m in kept.milestones]
    assert len(ids) == len(set(ids))
    # The bag's was told already, if under another name.
    item = answer(number=NEXT_NUMBER, signed_by="R. Doe")
    assert not take(rest, item, START + 22 * HOUR, DHL)[1]
    assert "delivered" in names(rest.milestones)


def test_what_was_still_to_be_told_is_told_by_the_parcel_that_it_is_about() -> None:
    joined = join(order_side(), door_side(), START)
    scan = event(Stage.DELIVERED, 9, number=NEXT_NUMBER, provider=DHL)
    item = answer(scan, number=NEXT_NUMBER)
    joined, told = take(joined, item, START + 9 * HOUR, DHL, tell=False)
    assert "delivered" in told
    kept, rest = separate(joined, NEXT_NUMBER, door_side(), START + 10 * HOUR)
    assert not pending(kept)
    assert "delivered" in names(pending(rest))


def test_a_number_that_only_the_parted_one_named_leaves_with_it() -> None:
    journal = order_side()
    journal = merge(
        journal,
        DHL,
        answer(number=NEXT_NUMBER, next_leg=Leg(tracking_number=THIRD_NUMBER)),
        START,
    )
    fresh = open_journal("new", NEXT_NUMBER, LATER)
    kept, rest = separate(journal, NEXT_NUMBER, fresh, LATER)
    assert [leg.tracking_number for leg in kept.legs] == [NUMBER]
    assert [leg.tracking_number for leg in rest.legs] == [NEXT_NUMBER, THIRD_NUMBER]


def test_of_what_changes_the_last_heard_counts() -> None:
    """Both asked the same carrier about the same number, one of them longer ago."""
    early = event(Stage.SHIPPED, 1, number=NEXT_NUMBER, provider=DHL)
    late = event(Stage.IN_CUSTOMS, 2, number=NEXT_NUMBER, provider=DHL)
    one = merge(
        order_side(),
        DHL,
        answer(early, number=NEXT_NUMBER, signed_by="old", pickup_point="Locker 7"),
        START + HOUR,
    )
    other = merge(
        door_side(),
        DHL,
        answer(replace(early, words="anew"), late, number=NEXT_NUMBER, signed_by="new"),
        START + 2 * HOUR,
    )
    for joined in (join(one, other, LATER), join(other, one, LATER)):
        track = joined.track(DHL, NEXT_NUMBER)
        assert track is not None
        assert (track.signed_by, track.pickup_point) == ("new", "Locker 7")
        assert [e.stage for e in track.events] == [Stage.IN_CUSTOMS, Stage.SHIPPED]
        first = track.events[-1]
        assert (first.words, first.earlier_words) == ("anew", (early.words,))
        assert first.first_seen == START + HOUR
