"""How far a parcel has come, in the five steps of the guide."""

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.guide_steps import (
    Step,
    crosses_customs,
    guide_steps,
)
from custom_components.waybill.tracking.journal import merge
from custom_components.waybill.tracking.model import CUSTOMS_STAGES, Direction, Stage
from custom_components.waybill.tracking.parcel import Parcel

from .journeys import START, Telling, answer, event, new_journal, tellings
from .test_parcel import seen

WITHOUT_CUSTOMS = tuple(step for step in Step if step is not Step.CUSTOMS)
BACK = {Stage.RETURNING, Stage.RETURNED}
COUNTRIES = st.sampled_from(["FR", "DE", "CN", "US", "GB", "CH", "LI", "AD"])


def after(*stages: Stage | None, **fields: str) -> Parcel:
    """Return a parcel whose carrier wrote these stages, oldest first."""
    scans = [event(stage, hours) for hours, stage in enumerate(stages)]
    later = START + timedelta(hours=len(scans))
    return seen(merge(new_journal(), "cainiao", answer(*scans, **fields), later))


def reached(
    *stages: Stage | None, home: str | None = None, **fields: str
) -> Step | None:
    """Return the last step that a parcel reached by these stages."""
    return guide_steps(after(*stages, **fields), home)[1]


@pytest.mark.parametrize(
    ("stage", "abroad", "inland"),
    [
        (Stage.PENDING, None, None),
        (Stage.INFO_RECEIVED, Step.PROCESSED, Step.PROCESSED),
        (Stage.SHIPPED, Step.SHIPPED, Step.SHIPPED),
        (Stage.IN_TRANSIT, Step.IN_TRANSIT, Step.IN_TRANSIT),
        (Stage.OUT_FOR_DELIVERY, Step.CUSTOMS, Step.IN_TRANSIT),
        (Stage.READY_FOR_PICKUP, Step.CUSTOMS, Step.IN_TRANSIT),
        (Stage.DELIVERY_FAILED, Step.CUSTOMS, Step.IN_TRANSIT),
        (Stage.DELIVERED, Step.DELIVERED, Step.DELIVERED),
        (Stage.EXCEPTION, None, None),
        (Stage.RETURNING, None, None),
        (Stage.RETURNED, None, None),
        (Stage.EXPIRED, None, None),
    ],
)
def test_each_stage_has_its_step(
    stage: Stage, abroad: Step | None, inland: Step | None
) -> None:
    across = after(stage, origin_country="CN", destination_country="FR")
    assert guide_steps(across) == (tuple(Step), abroad)
    within = after(stage, origin_country="FR", destination_country="FR")
    assert guide_steps(within) == (WITHOUT_CUSTOMS, inland)


@pytest.mark.parametrize("stage", sorted(CUSTOMS_STAGES))
def test_who_was_seen_at_customs_crosses_a_border_whatever_else_is_said(
    stage: Stage,
) -> None:
    within = after(stage, origin_country="FR", destination_country="FR")
    assert guide_steps(within) == (tuple(Step), Step.CUSTOMS)


def test_export_customs_are_on_the_way_to_customs() -> None:
    scan = event(Stage.IN_TRANSIT, 1, direction=Direction.EXPORT)
    told = answer(scan, origin_country="CN", destination_country="FR")
    parcel = seen(merge(new_journal(), "cainiao", told, START + timedelta(hours=2)))
    assert guide_steps(parcel) == (tuple(Step), Step.IN_TRANSIT)


def test_export_customs_alone_say_nothing_of_a_border_on_the_way() -> None:
    scan = event(Stage.IN_TRANSIT, 1, direction=Direction.EXPORT)
    parcel = seen(merge(new_journal(), "cainiao", answer(scan), START))
    assert guide_steps(parcel) == (WITHOUT_CUSTOMS, Step.IN_TRANSIT)


def test_customs_stay_behind_a_parcel_that_travels_on() -> None:
    let_go = (Stage.IN_CUSTOMS, Stage.CUSTOMS_CLEARED)
    assert reached(*let_go, Stage.IN_TRANSIT) is Step.CUSTOMS
    assert reached(*let_go, Stage.IN_TRANSIT, Stage.OUT_FOR_DELIVERY) is Step.CUSTOMS


def test_a_parcel_that_is_lost_or_given_up_stays_where_it_was() -> None:
    for end in (Stage.EXCEPTION, Stage.EXPIRED):
        assert reached(Stage.SHIPPED, Stage.IN_CUSTOMS, end) is Step.CUSTOMS


def test_a_delivery_that_the_parcel_comes_back_from_was_none() -> None:
    came_back = (Stage.SHIPPED, Stage.DELIVERED, Stage.RETURNING)
    countries = {"origin_country": "CN", "destination_country": "FR"}
    # It was at the door, though no carrier told how it came through customs.
    assert reached(*came_back, **countries) is Step.CUSTOMS
    assert reached(*came_back) is Step.IN_TRANSIT
    assert reached(Stage.DELIVERED, Stage.RETURNED) is Step.IN_TRANSIT


def test_nothing_is_reached_on_the_way_back() -> None:
    """The sender's door is none, nor are the customs of the sender's country."""
    back = (Stage.RETURNING, Stage.IN_CUSTOMS, Stage.OUT_FOR_DELIVERY, Stage.DELIVERED)
    parcel = after(Stage.SHIPPED, Stage.IN_TRANSIT, *back)
    assert parcel.stage is Stage.RETURNED
    assert guide_steps(parcel) == (tuple(Step), Step.IN_TRANSIT)


def test_late_scans_take_no_delivery_back() -> None:
    assert reached(Stage.DELIVERED, Stage.IN_TRANSIT) is Step.DELIVERED


def test_a_destination_that_nobody_told_is_at_home() -> None:
    from_china = {"origin_country": "CN"}
    assert guide_steps(after(Stage.SHIPPED, **from_china), "FR")[0] == tuple(Step)
    assert guide_steps(after(Stage.SHIPPED, **from_china), "CN")[0] == WITHOUT_CUSTOMS
    # A gift goes elsewhere than home.
    gift = after(Stage.SHIPPED, destination_country="CN", **from_china)
    assert guide_steps(gift, "FR")[0] == WITHOUT_CUSTOMS


def test_where_a_country_is_not_known_customs_are_not_promised() -> None:
    assert guide_steps(after(Stage.SHIPPED), "FR")[0] == WITHOUT_CUSTOMS
    from_china = after(Stage.SHIPPED, origin_country="CN")
    assert guide_steps(from_china)[0] == WITHOUT_CUSTOMS


@pytest.mark.parametrize(
    ("origin", "destination", "customs"),
    [
        ("CN", "FR", True),
        ("DE", "FR", False),
        ("MC", "IT", False),
        ("CH", "FR", True),
        ("CH", "LI", False),
        ("GB", "IE", True),
        ("GB", "IM", False),
        ("US", "PR", False),
        ("US", "CA", True),
        # Neither Andorra nor an overseas region gets undeclared parcels.
        ("FR", "AD", True),
        ("FR", "RE", True),
        ("CN", "HK", True),
    ],
)
def test_which_borders_have_customs(
    origin: str, destination: str, customs: bool
) -> None:
    assert crosses_customs(origin, destination) is customs


@given(
    origin=st.none() | COUNTRIES,
    destination=st.none() | COUNTRIES,
)
def test_a_border_is_the_same_from_both_sides(
    origin: str | None, destination: str | None
) -> None:
    assert crosses_customs(origin, destination) is crosses_customs(destination, origin)
    assert not crosses_customs(origin, origin)


def rank(step: Step | None) -> int:
    """Return how far a step is."""
    return -1 if step is None else tuple(Step).index(step)


@given(tellings(), st.none() | COUNTRIES, st.none() | COUNTRIES)
def test_what_is_reached_is_one_of_the_steps(
    telling: Telling, origin: str | None, home: str | None
) -> None:
    journal = new_journal()
    for item in telling.answers:
        journal = merge(journal, "cainiao", item, START)
    steps, step = guide_steps(seen(journal), home)
    assert step is None or step in steps
    assert list(steps) == sorted(steps, key=rank)
    assert {*Step} - {*steps} <= {Step.CUSTOMS}


@given(st.lists(st.one_of(st.none(), st.sampled_from(Stage)), max_size=12))
def test_only_a_return_from_the_door_takes_a_step_back(
    stages: Sequence[Stage | None],
) -> None:
    before = None
    for count in range(len(stages) + 1):
        parcel = after(*stages[:count])
        steps, now = guide_steps(parcel)
        if rank(now) < rank(before):
            assert before is Step.DELIVERED
            assert parcel.stage in BACK
            assert now is (Step.CUSTOMS if Step.CUSTOMS in steps else Step.IN_TRANSIT)
        before = now


@given(st.lists(st.sampled_from(Stage), max_size=8))
def test_at_the_door_is_delivered_and_nowhere_else(
    stages: Sequence[Stage],
) -> None:
    parcel = after(*stages)
    delivered = guide_steps(parcel)[1] is Step.DELIVERED
    assert delivered is (parcel.stage is Stage.DELIVERED)
