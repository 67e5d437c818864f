"""A question's rhythm, hour by hour of the week."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.rhythm import (
    HOURS_OF_WEEK,
    Demand,
    Interest,
    Rhythm,
    hours,
)
from custom_components.waybill.tracking.tempo import Tempo

from .journeys import START

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
REAL = Tempo()
INDIA = ZoneInfo("Asia/Kolkata")
"""Half an hour off."""

rates = st.lists(st.floats(0, 5), min_size=HOURS_OF_WEEK, max_size=HOURS_OF_WEEK).map(
    tuple
)


def rhythm(hourly: tuple[float, ...], most: timedelta = 7 * DAY) -> Rhythm:
    """Return a rhythm without a shortest wait."""
    even = sum(hourly) / HOURS_OF_WEEK
    return Rhythm(hourly=hourly, even=even, least=timedelta(), most=most)


def wait(interest: Interest, at: datetime = START, **options: object) -> timedelta:
    """Return how long a question waits."""
    return interest.usual_wait(
        at,
        **{"tempo": REAL, "zone": UTC, **options},  # type: ignore[arg-type]
    )


@given(rates, st.integers(0, 60 * HOURS_OF_WEEK))
def test_a_question_is_due_when_the_hours_add_up_to_one(
    hourly: tuple[float, ...], minutes: int
) -> None:
    found = rhythm(hourly)
    at = START + timedelta(minutes=minutes)
    waited = found and wait(Interest(rhythm=found), at, zone=INDIA)
    added_up = found.until(at + waited, REAL, INDIA) - found.until(at, REAL, INDIA)
    if waited < 7 * DAY:
        assert added_up == pytest.approx(1, abs=1e-3)
    else:
        assert added_up <= 1 + 1e-3


def test_between_least_and_most() -> None:
    never, always = rhythm((0.0,) * HOURS_OF_WEEK), rhythm((9.0,) * HOURS_OF_WEEK)
    assert wait(Interest(rhythm=never)) == 7 * DAY
    assert wait(Interest(rhythm=always), least=HOUR) == HOUR
    assert wait(Interest(rhythm=always), least=8 * DAY) == 8 * DAY
    assert wait(Interest(rhythm=always), eagerness=0.5) == HOUR / 4.5


def test_a_promised_day_is_asked_about_more_and_those_before_it_less() -> None:
    usual = rhythm((1.0,) * HOURS_OF_WEEK)

    def promised(begins: timedelta, ends: timedelta) -> timedelta:
        return wait(Interest(rhythm=usual, promised=(START + begins, START + ends)))

    assert promised(-HOUR, DAY) == HOUR / 2
    assert promised(DAY, 2 * DAY) == 2 * HOUR
    assert promised(-2 * DAY, -DAY) == HOUR


def test_where_days_are_shortened_all_hours_are_alike() -> None:
    """The simulator's days begin at any hour."""
    found = rhythm((0.0,) * 84 + (2.0,) * 84)
    fast = Tempo(60)
    assert wait(Interest(rhythm=found), tempo=fast) == HOUR
    hour = found.until(START + HOUR / 60, fast, UTC) - found.until(START, fast, UTC)
    assert hour == pytest.approx(1)
    assert next(hours(START, fast, UTC)) == (None, 1.0)


def test_the_hours_of_the_week_are_those_at_home() -> None:
    at = datetime(2026, 6, 7, 18, 45, tzinfo=UTC)
    told = hours(at, REAL, INDIA)
    assert [next(told) for _ in range(2)] == [(0, 0.75), (1, 1.0)]


def fair(demand: Demand, left: int, length: timedelta = DAY) -> timedelta:
    """Return how long the house waits at midnight of a Monday."""
    return demand.fair_wait(START, length, left, tempo=REAL, zone=UTC)


def test_a_quota_is_shared_as_the_hours_are_worth() -> None:
    demand = Demand(1)
    afternoon = rhythm(((0.0,) * 12 + (2.0,) * 12) * 7)
    demand.add(afternoon)
    assert fair(demand, 100) == timedelta()
    # The night's share is small, not nothing: a question waits no longer than most.
    assert 13 * HOUR < fair(demand, 5) < 14 * HOUR
    demand.add(afternoon)
    assert fair(demand, 30) > timedelta()
    demand.remove(afternoon)
    demand.remove(afternoon)
    assert fair(demand, 0) == timedelta()


def test_a_batch_is_asked_as_often_as_its_most_eager_question() -> None:
    """Or as it takes for all to have their turn."""
    demand, often = Demand(20), rhythm((1.0,) * HOURS_OF_WEEK)
    seldom = rhythm((0.25,) * HOURS_OF_WEEK)
    demand.add(often)
    for _ in range(19):
        demand.add(seldom)
    assert fair(demand, 23) == HOUR
    for _ in range(180):
        demand.add(seldom)
    assert fair(demand, 23) == pytest.approx(HOUR * 1, rel=0.2)
    assert demand.version == 200


def test_what_nobody_waits_for_is_not_counted() -> None:
    demand = Demand(1)
    idle = Rhythm(
        hourly=(9.0,) * HOURS_OF_WEEK, even=9, least=HOUR, most=HOUR, idle=True
    )
    demand.add(idle)
    assert fair(demand, 1) == timedelta()
