"""How much a parcel is worth asking about."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.estimates import Window
from custom_components.waybill.tracking.intervals import interest, interest_in
from custom_components.waybill.tracking.model import (
    FINAL_STAGES,
    Milestone,
    MilestoneName,
    Stage,
    TrackingEvent,
)
from custom_components.waybill.tracking.parcel import About, Parcel
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.rhythm import Interest
from custom_components.waybill.tracking.tempo import Tempo

from .journeys import START

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
REAL = Tempo()
HOME = ZoneInfo("Europe/Paris")
MONDAY = datetime(2026, 6, 1, tzinfo=HOME)
LIVELY = {
    Stage.IN_CUSTOMS,
    Stage.CUSTOMS_ACTION_REQUIRED,
    Stage.OUT_FOR_DELIVERY,
    Stage.DELIVERY_FAILED,
    Stage.READY_FOR_PICKUP,
}
ENDS = FINAL_STAGES | {Stage.EXPIRED}


def of(
    stage: Stage,
    silent_for: timedelta = HOUR,
    in_stage_for: timedelta | None = None,
    *,
    near: bool = True,
    lag: timedelta = timedelta(),
) -> Interest | None:
    """Return how much a parcel is worth after a silence."""
    now = START + 365 * DAY
    return interest(
        stage,
        since=now - (silent_for if in_stage_for is None else in_stage_for),
        last_news=now - silent_for,
        now=now,
        tempo=REAL,
        near=near,
        lag=lag,
    )


def asked(
    found: Interest | None, day: datetime = MONDAY, days: int = 1
) -> list[datetime]:
    """Return when a question is asked that nothing else holds up."""
    assert found is not None
    now, moments = day - MINUTE, []
    while (
        now := now + found.usual_wait(now, tempo=REAL, zone=HOME)
    ) < day + days * DAY:
        moments.append(now.astimezone(HOME))
    return moments


def between(moments: list[datetime], first: int, last: int) -> int:
    """Count the moments from an hour to another."""
    return sum(first <= moment.hour < last for moment in moments)


def test_the_night_is_slept_through_and_the_morning_is_not() -> None:
    moments = asked(of(Stage.CUSTOMS_CLEARED))
    assert between(moments, 0, 5) == 0
    assert between(moments, 5, 13) >= 6
    assert between(moments, 13, 24) <= 3


def test_out_for_delivery_is_asked_several_times_an_hour_until_the_evening() -> None:
    moments = asked(of(Stage.OUT_FOR_DELIVERY))
    gaps = [b - a for a, b in pairwise(moments) if 9 <= a.hour < 18]
    assert max(gaps) <= HOUR
    assert min(gaps) >= 5 * MINUTE
    assert between(moments, 21, 24) == between(moments, 0, 8) == 0


def test_few_vans_go_out_on_a_sunday() -> None:
    found = of(Stage.CUSTOMS_CLEARED)
    sunday = asked(found, MONDAY + 6 * DAY)
    saturday = asked(found, MONDAY + 5 * DAY)
    assert len(sunday) < len(saturday) < len(asked(found))
    assert sunday


def test_customs_are_asked_about_at_any_hour() -> None:
    moments = asked(of(Stage.IN_CUSTOMS))
    assert between(moments, 0, 8) >= 3
    assert between(moments, 16, 24) >= 3


def test_who_is_still_abroad_is_asked_less_than_who_is_near() -> None:
    for stage in (Stage.SHIPPED, Stage.IN_TRANSIT):
        near, far = asked(of(stage)), asked(of(stage, near=False))
        assert 2 <= len(far) < len(near) / 2


def test_what_is_hours_old_where_it_is_asked_is_asked_at_other_hours() -> None:
    direct = asked(of(Stage.OUT_FOR_DELIVERY))
    through = asked(of(Stage.OUT_FOR_DELIVERY, lag=9 * HOUR))
    assert between(direct, 21, 24) == 0
    assert between(through, 21, 24) >= 2


@pytest.mark.parametrize("stage", sorted(set(Stage) - LIVELY - ENDS))
def test_a_silent_parcel_is_quiet(stage: Stage) -> None:
    """Cainiao is asked about such every six hours at the most."""
    before, after = of(stage, 2 * DAY - MINUTE), of(stage, 2 * DAY)
    assert before is not None
    assert after is not None
    assert not before.rhythm.quiet
    assert after.rhythm.quiet
    assert PROVIDERS["cainiao"].limits.per_quiet_leg == 6 * HOUR


@pytest.mark.parametrize("stage", sorted(LIVELY))
def test_where_news_is_near_no_silence_makes_it_quiet(stage: Stage) -> None:
    found = of(stage, 30 * DAY)
    assert found is not None
    assert not found.rhythm.quiet


@pytest.mark.parametrize("stage", sorted(set(Stage) - ENDS))
def test_the_longer_the_silence_the_less_it_is_asked_but_it_is(stage: Stage) -> None:
    counts = [
        len(asked(of(stage, silence), days=7))
        for silence in (HOUR, 8 * DAY, 30 * DAY, 300 * DAY)
    ]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1] >= 6


def test_on_the_day_of_the_delivery_it_is_asked_most_often() -> None:
    counts = {stage: len(asked(of(stage))) for stage in set(Stage) - ENDS}
    assert max(counts, key=lambda stage: counts[stage]) is Stage.OUT_FOR_DELIVERY


@pytest.mark.parametrize("stage", sorted(FINAL_STAGES))
def test_a_final_parcel_is_asked_about_daily_for_three_days_then_no_more(
    stage: Stage,
) -> None:
    for silence in (timedelta(), 3 * DAY - MINUTE):
        found = of(stage, silence)
        assert found is not None
        assert found.usual_wait(START, tempo=REAL, zone=UTC) == DAY
        assert found.ends == START + 368 * DAY - silence
    assert of(stage, 3 * DAY) is None
    # A line that a carrier adds to the end begins no new three days.
    assert of(stage, MINUTE, in_stage_for=4 * DAY) is None


def test_an_expired_parcel_is_asked_about_weekly_for_sixty_days() -> None:
    for in_stage in (timedelta(), 60 * DAY - MINUTE):
        found = of(Stage.EXPIRED, 200 * DAY, in_stage_for=in_stage)
        assert found is not None
        assert found.usual_wait(START, tempo=REAL, zone=UTC) == 7 * DAY
    assert of(Stage.EXPIRED, 200 * DAY, in_stage_for=60 * DAY) is None


def test_what_dates_from_the_future_is_news() -> None:
    """A clock was wrong, the carrier's or the house's."""
    assert of(Stage.IN_TRANSIT, -5 * DAY) == of(Stage.IN_TRANSIT, MINUTE)
    assert of(Stage.DELIVERED, -5 * DAY) is not None


@given(
    st.sampled_from(Stage),
    st.integers(0, 70 * 24),
    st.integers(0, 70 * 24),
    st.sampled_from([10, 60, 3600]),
)
def test_a_pace_shortens_what_leads_to_a_rhythm(
    stage: Stage, in_stage: int, silent: int, pace: int
) -> None:
    """The waits themselves are shortened by the plan."""

    def at_pace(pace: int) -> object:
        def ago(hours: int) -> datetime:
            return START - hours * HOUR / pace

        found = interest(
            stage,
            since=ago(in_stage),
            last_news=ago(silent),
            now=START,
            tempo=Tempo(pace),
        )
        return found and found.rhythm

    assert at_pace(pace) is at_pace(1)


def parcel(stage: Stage = Stage.IN_TRANSIT, **fields: object) -> Parcel:
    """Return a parcel that was added at the start."""
    defaults: dict[str, object] = {
        "parcel_id": "parcel",
        "about": About(name="Parcel"),
        "tracking_number": "LP00123456789012",
        "carrier": None,
        "carrier_name": None,
        "tracking_url": None,
        "added_at": START,
        "stage_since": START,
        "heard_at": START,
    }
    return Parcel(stage=stage, **{**defaults, **fields})  # type: ignore[arg-type]


def scan(**fields: object) -> TrackingEvent:
    """Return a scan."""
    return TrackingEvent(
        provider="cainiao",
        tracking_number="LP00123456789012",
        code="X",
        written_time="2026-06-01",
        **fields,  # type: ignore[arg-type]
    )


def rhythm(found: Parcel) -> object:
    """Return the rhythm of a parcel an hour after the start."""
    worth = interest_in(found, now=START + HOUR, tempo=REAL)
    assert worth is not None
    return worth.rhythm


def test_a_parcel_is_near_where_no_customs_lie_ahead() -> None:
    cleared = Milestone(
        milestone=MilestoneName.CUSTOMS_CLEARED,
        milestone_id="m",
        noted_at=START,
        stage=Stage.CUSTOMS_CLEARED,
        time=START,
    )
    abroad = {"origin_country": "CN", "destination_country": "FR"}
    far = rhythm(parcel(**abroad))
    near = rhythm(parcel())
    assert far is not near
    assert rhythm(parcel(**abroad, events=(scan(country="CN"),))) is far
    assert rhythm(parcel(**abroad, events=(scan(country="FR"),))) is near
    assert rhythm(parcel(**abroad, milestones=(cleared,))) is near
    assert rhythm(parcel(origin_country="FR", destination_country="FR")) is near
    assert rhythm(parcel(destination_country="FR")) is near


def test_silence_counts_from_the_newest_line_or_from_when_it_was_added() -> None:
    now = START + 3 * DAY
    for events in (
        (),
        (scan(time=START - 90 * DAY),),
        (scan(first_seen=START),),
        (scan(),),
    ):
        found = interest_in(parcel(events=events), now=now, tempo=REAL)
        assert found is not None
        assert found.rhythm.quiet
    found = interest_in(parcel(events=(scan(time=now - HOUR),)), now=now, tempo=REAL)
    assert found is not None
    assert not found.rhythm.quiet


def test_a_promise_is_for_its_day_and_of_a_round_that_has_begun_for_its_hours() -> None:
    start = datetime(2026, 6, 3, 14, tzinfo=HOME)
    end = start + 4 * HOUR
    window = Window(start=start, end=end, provider="dhl")
    day = Window(start=start.replace(hour=0), end=end, provider="dhl", all_day=True)

    def promised(stage: Stage, window: Window | None) -> object:
        found = interest_in(parcel(stage, window=window), now=START, tempo=REAL)
        assert found is not None
        return found.promised

    assert promised(Stage.IN_TRANSIT, None) is None
    assert promised(Stage.IN_TRANSIT, window) == (start.replace(hour=0), end)
    assert promised(Stage.OUT_FOR_DELIVERY, window) == (start, end)
    assert promised(Stage.OUT_FOR_DELIVERY, day) is None


def test_only_a_pending_parcel_is_new() -> None:
    for stage in set(Stage) - ENDS:
        found = interest_in(parcel(stage), now=START, tempo=REAL)
        assert found is not None
        assert found.new_since == (START if stage is Stage.PENDING else None)
