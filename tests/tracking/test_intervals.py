"""How often a parcel is worth asking about."""

from datetime import datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.intervals import interval
from custom_components.waybill.tracking.model import FINAL_STAGES, Stage
from custom_components.waybill.tracking.tempo import Tempo

from .journeys import START

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
REAL = Tempo()
HOT = {
    Stage.IN_CUSTOMS,
    Stage.CUSTOMS_ACTION_REQUIRED,
    Stage.OUT_FOR_DELIVERY,
    Stage.DELIVERY_FAILED,
    Stage.READY_FOR_PICKUP,
}
ENDS = FINAL_STAGES | {Stage.EXPIRED}


def every(
    stage: Stage, silent_for: timedelta, in_stage_for: timedelta | None = None
) -> timedelta | None:
    """Return how often a parcel is asked about after a silence."""
    now = START + 365 * DAY
    return interval(
        stage,
        since=now - (silent_for if in_stage_for is None else in_stage_for),
        last_news=now - silent_for,
        now=now,
        tempo=REAL,
    )


@pytest.mark.parametrize("stage", sorted(set(Stage) - HOT - ENDS))
def test_a_quiet_parcel_is_asked_about_every_six_hours(stage: Stage) -> None:
    assert every(stage, 2 * DAY) == 6 * HOUR
    assert every(stage, 300 * DAY) == 6 * HOUR


@pytest.mark.parametrize("stage", sorted(set(Stage) - ENDS))
def test_a_parcel_with_news_is_asked_about_several_times_a_day(stage: Stage) -> None:
    often = every(stage, 2 * DAY - MINUTE)
    assert often is not None
    assert 30 * MINUTE <= often <= 6 * HOUR


@pytest.mark.parametrize("stage", sorted(HOT))
def test_where_news_is_near_no_silence_makes_it_quiet(stage: Stage) -> None:
    often = every(stage, MINUTE)
    assert often is not None
    assert often <= HOUR
    assert every(stage, 30 * DAY) == often


def test_on_the_day_of_the_delivery_it_is_asked_most_often() -> None:
    others = [every(stage, MINUTE) for stage in set(Stage) - ENDS]
    assert every(Stage.OUT_FOR_DELIVERY, MINUTE) == min(filter(None, others))


@pytest.mark.parametrize("stage", sorted(FINAL_STAGES))
def test_a_final_parcel_is_asked_about_daily_for_three_days_then_no_more(
    stage: Stage,
) -> None:
    assert every(stage, timedelta()) == DAY
    assert every(stage, 3 * DAY - MINUTE) == DAY
    assert every(stage, 3 * DAY) is None
    # A line that a carrier adds to the end begins no new three days.
    assert every(stage, MINUTE, in_stage_for=4 * DAY) is None


def test_an_expired_parcel_is_asked_about_weekly_for_sixty_days() -> None:
    assert every(Stage.EXPIRED, 200 * DAY, in_stage_for=timedelta()) == 7 * DAY
    assert every(Stage.EXPIRED, 200 * DAY, in_stage_for=60 * DAY - MINUTE) == 7 * DAY
    assert every(Stage.EXPIRED, 200 * DAY, in_stage_for=60 * DAY) is None


def test_what_dates_from_the_future_is_news() -> None:
    """A clock was wrong, the carrier's or the house's."""
    assert every(Stage.IN_TRANSIT, -5 * DAY) == every(Stage.IN_TRANSIT, MINUTE)
    assert every(Stage.DELIVERED, -5 * DAY) == DAY


@given(
    st.sampled_from(Stage),
    st.integers(0, 70 * 24),
    st.integers(0, 70 * 24),
    st.sampled_from([10, 60, 3600]),
)
def test_a_pace_shortens_what_leads_to_an_interval(
    stage: Stage, in_stage: int, silent: int, pace: int
) -> None:
    """The interval itself is shortened by the plan."""

    def at_pace(pace: int) -> timedelta | None:
        def ago(hours: int) -> datetime:
            return START - hours * HOUR / pace

        return interval(
            stage,
            since=ago(in_stage),
            last_news=ago(silent),
            now=START,
            tempo=Tempo(pace),
        )

    assert at_pace(pace) == at_pace(1)
