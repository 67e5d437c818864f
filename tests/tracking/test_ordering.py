"""Two tellings of one journey become one order, and none of them is lost."""

from dataclasses import replace
from datetime import timedelta, timezone

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.model import Direction, Stage, TrackingEvent
from custom_components.waybill.tracking.ordering import earlier, same_scan, weave

from .journeys import event

MINUTE = timedelta(minutes=1)


def at(hours: float, **fields: object) -> TrackingEvent:
    """Return a scan without a stage."""
    return event(None, hours, **fields)  # type: ignore[arg-type]


def undated() -> TrackingEvent:
    """Return a line that has no time at all."""
    return replace(at(0), time=None, local_time=None, written_time="")


def exported(hours: float) -> TrackingEvent:
    """Return a scan of export customs."""
    return event(Stage.IN_TRANSIT, hours, direction=Direction.EXPORT)


type TwoLists = tuple[list[int], list[int], dict[int, TrackingEvent]]

IN_LEADING, IN_OTHER, IN_BOTH = range(3)


@st.composite
def two_lists(draw: st.DrawFn) -> TwoLists:
    """Make up two lists of scans: aware, naive or undated, in any order."""
    kinds = draw(
        st.lists(
            st.tuples(st.integers(0, 9), st.integers(0, 5), st.integers(0, 2)),
            min_size=2,
            max_size=10,
        )
    )
    events = {
        token: undated() if kind == 0 else at(hours, naive=kind == 1)
        for token, (hours, kind, _) in enumerate(kinds)
    }
    leading = [token for token, kind in enumerate(kinds) if kind[2] != IN_OTHER]
    other = [token for token, kind in enumerate(kinds) if kind[2] != IN_LEADING]
    return draw(st.permutations(leading)), draw(st.permutations(other)), events


def kept_in(order: list[int], wanted: list[int]) -> bool:
    """Say whether an order has some tokens in the order wanted."""
    return [token for token in order if token in wanted] == wanted


@given(two_lists())
def test_all_of_both_lists_come_once_and_the_leading_order_is_kept(
    lists: TwoLists,
) -> None:
    leading, other, events = lists
    woven = weave(leading, other, events)
    assert sorted(woven) == sorted({*leading, *other})
    assert kept_in(woven, leading)


@given(two_lists())
def test_the_other_order_is_kept_where_it_does_not_contradict(
    lists: TwoLists,
) -> None:
    leading, other, events = lists
    shared = set(leading) & set(other)
    agreeing = [token for token in leading if token in shared]
    ranks = iter(agreeing)
    other = [next(ranks) if token in shared else token for token in other]
    assert kept_in(weave(leading, other, events), other)


@given(st.lists(st.booleans(), min_size=1, max_size=14), st.booleans())
def test_two_lists_without_a_scan_in_common_are_ordered_by_the_clock(
    sides: list[bool], naive: bool
) -> None:
    """Also where one side writes wall times only."""
    events = {
        token: at(token, naive=naive and side) for token, side in enumerate(sides)
    }
    leading = [token for token, side in enumerate(sides) if side]
    other = [token for token, side in enumerate(sides) if not side]
    assert weave(leading, other, events) == list(range(len(sides)))


def test_a_line_without_a_time_does_not_hold_up_those_behind_it() -> None:
    events = {0: at(1), 1: undated(), 2: at(5), 3: at(9)}
    assert weave([0, 1, 2], [3], events) == [0, 1, 2, 3]
    assert weave([0, 1], [3], events) == [0, 3, 1]


def test_a_list_goes_before_its_clock() -> None:
    """The leading list says that the scan of five o'clock was the first."""
    events = {0: at(5), 1: at(1), 2: at(3)}
    assert weave([0, 1], [2], events) == [2, 0, 1]


def test_a_list_that_contradicts_the_leading_one_does_not_change_it() -> None:
    events = {0: at(0), 1: at(1), 2: at(2), 3: undated()}
    assert weave([0, 1, 2], [2, 0, 3], events) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("one", "other", "is_earlier"),
    [
        (at(1), at(2), True),
        (at(2), at(1), False),
        (at(1), at(1), False),
        (at(1, naive=True), at(2), True),
        (at(2), at(1, naive=True), False),
        (at(1), at(1, naive=True), False),
        (undated(), at(1), None),
        (at(1), undated(), None),
    ],
)
def test_what_is_earlier_is_told_by_instants_else_by_walls(
    one: TrackingEvent, other: TrackingEvent, is_earlier: bool | None
) -> None:
    assert earlier(one, other) is is_earlier


def test_instants_count_more_than_clocks_on_walls() -> None:
    """Nine o'clock in Shanghai comes before three o'clock in Paris."""
    paris = at(3)
    shanghai = at(1.5)
    assert shanghai.time is not None
    china = shanghai.time.astimezone(timezone(timedelta(hours=8)))
    shanghai = replace(shanghai, local_time=china.replace(tzinfo=None))
    assert earlier(shanghai, paris) is True
    assert earlier(replace(shanghai, time=None), paris) is False


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (event(Stage.SHIPPED, 1), event(Stage.SHIPPED, 1.25), True),
        (event(Stage.SHIPPED, 1.25), event(Stage.SHIPPED, 1), True),
        (event(Stage.SHIPPED, 1), event(Stage.SHIPPED, 1.26), False),
        (event(Stage.SHIPPED, 1), event(None, 1), True),
        (event(None, 1), event(Stage.SHIPPED, 1), True),
        (event(Stage.SHIPPED, 1), event(Stage.DELIVERED, 1), False),
        (event(Stage.SHIPPED, 1, naive=True), event(Stage.SHIPPED, 1), True),
        (event(Stage.SHIPPED, 1, naive=True), event(Stage.SHIPPED, 1.1), False),
        (event(Stage.SHIPPED, 1), event(Stage.SHIPPED, 1.1, naive=True), False),
        (undated(), undated(), False),
        (undated(), at(1), False),
        (event(Stage.IN_CUSTOMS, 1), exported(1), True),
        (exported(1), event(Stage.CUSTOMS_CLEARED, 1), True),
        (event(Stage.SHIPPED, 1), exported(1), False),
        (event(Stage.IN_CUSTOMS, 1, direction=Direction.IMPORT), exported(1), False),
    ],
)
def test_the_same_scan_is_known_by_stage_and_time(
    one: TrackingEvent, other: TrackingEvent, same: bool
) -> None:
    assert same_scan(one, other) is same
