"""Alerts are judgements on top of the stage, and each begins at its moment."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.assessment import (
    Alert,
    AlertKind,
    Assessment,
    Facts,
    Rules,
    assess,
    lapsed,
    untold,
)
from custom_components.waybill.tracking.model import (
    FINAL_STAGES,
    Problem,
    ProblemKind,
    PutOff,
    Stage,
)
from custom_components.waybill.tracking.tempo import Tempo

from .journeys import START

PARIS = ZoneInfo("Europe/Paris")
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
RULES = Rules()

UNDER_WAY = Facts(stage=Stage.IN_TRANSIT, since=START, heard_at=START)

OF_STAGE = {
    Stage.CUSTOMS_ACTION_REQUIRED: AlertKind.CUSTOMS_ACTION,
    Stage.RETURNING: AlertKind.RETURNING,
    Stage.EXCEPTION: AlertKind.EXCEPTION,
}


def judged(facts: Facts, now: datetime, rules: Rules = RULES) -> Assessment:
    """Judge a parcel in Paris."""
    return assess(facts, now, PARIS, rules)


def kinds(facts: Facts, now: datetime, rules: Rules = RULES) -> set[AlertKind]:
    """Return the alerts of a moment."""
    return {alert.kind for alert in judged(facts, now, rules).alerts}


def flips(
    facts: Facts, kind: AlertKind, rules: Rules = RULES
) -> tuple[datetime, datetime | None]:
    """Return when an alert begins and ends, by following the moments told."""
    now, begins = START, None
    for _ in range(20):
        if begins is None and kind in kinds(facts, now, rules):
            begins = now
        elif begins is not None and kind not in kinds(facts, now, rules):
            return begins, now
        upcoming = judged(facts, now, rules).flips_at
        if upcoming is None:
            break
        now = upcoming
    assert begins is not None
    return begins, None


@pytest.mark.parametrize("stage", Stage)
def test_a_stage_that_needs_the_person_is_an_alert(stage: Stage) -> None:
    facts = replace(UNDER_WAY, stage=stage, detail="Why")
    kind = OF_STAGE.get(stage)
    expected = () if kind is None else (Alert(kind=kind, since=START, detail="Why"),)
    assert judged(facts, START).alerts == expected


@pytest.mark.parametrize("stage", Stage)
def test_a_silence_of_two_weeks_is_stalled_where_news_is_expected(stage: Stage) -> None:
    facts = replace(UNDER_WAY, stage=stage)
    never = FINAL_STAGES | {Stage.READY_FOR_PICKUP, Stage.EXPIRED}
    assert AlertKind.STALLED not in kinds(facts, START + 14 * DAY - SECOND)
    stalled = AlertKind.STALLED in kinds(facts, START + 14 * DAY)
    assert stalled is (stage not in never)


def test_how_long_a_silence_is_borne_is_the_parcels_else_the_homes() -> None:
    week = Rules(stalled_after_days=7)
    assert flips(UNDER_WAY, AlertKind.STALLED, week) == (START + 7 * DAY, None)
    own = replace(UNDER_WAY, stalled_after_days=30)
    assert flips(own, AlertKind.STALLED, week) == (START + 30 * DAY, None)
    fast = Rules(tempo=Tempo(24))
    assert flips(UNDER_WAY, AlertKind.STALLED, fast) == (START + 14 * DAY / 24, None)


@pytest.mark.parametrize("stage", Stage)
def test_late_is_what_was_promised_and_is_still_waited_for(stage: Stage) -> None:
    promise = START + 3 * DAY
    facts = replace(UNDER_WAY, stage=stage, promises=(promise + DAY, promise))
    kept_or_moot = FINAL_STAGES | {Stage.READY_FOR_PICKUP, Stage.RETURNING}
    assert AlertKind.LATE not in kinds(facts, promise - SECOND)
    alerts = {a.kind: a for a in judged(facts, promise).alerts}
    assert (AlertKind.LATE in alerts) is (stage not in kept_or_moot)
    if AlertKind.LATE in alerts:
        assert alerts[AlertKind.LATE].since == promise


def test_the_latest_promise_that_lapsed_is_the_one_to_tell_of() -> None:
    promises = (START + DAY, START + 3 * DAY, START + 2 * DAY)
    assert lapsed(promises, START) is None
    assert lapsed(promises, START + DAY) == START + DAY
    assert lapsed(promises, START + 9 * DAY) == START + 3 * DAY


def test_a_parcel_waits_three_days_at_the_pickup_point_before_it_presses() -> None:
    facts = replace(UNDER_WAY, stage=Stage.READY_FOR_PICKUP, pickup_point="Locker 7")
    assert flips(facts, AlertKind.PICKUP_WAITING) == (START + 3 * DAY, None)
    (alert,) = judged(facts, START + 3 * DAY).alerts
    assert alert.detail == "Locker 7"


def test_the_last_week_of_the_protection_presses_by_the_clock_at_home() -> None:
    facts = replace(UNDER_WAY, protection_until=date(2026, 6, 12))
    begins, ends = flips(facts, AlertKind.PROTECTION_ENDING)
    assert begins == datetime(2026, 6, 5, tzinfo=PARIS)
    assert ends == datetime(2026, 6, 12, 23, 59, 59, tzinfo=PARIS)
    there = replace(facts, stage=Stage.DELIVERED)
    assert kinds(there, begins) == set()


def test_a_reported_problem_stays_until_it_is_settled() -> None:
    problem = Problem(
        problem_id="1",
        problem=ProblemKind.DAMAGED,
        reported_at=START,
        description="The lid is cracked",
    )
    facts = replace(UNDER_WAY, stage=Stage.DELIVERED, problems=(problem,))
    (alert,) = judged(facts, START + 90 * DAY).alerts
    assert alert == Alert(
        kind=AlertKind.PROBLEM_REPORTED, since=START, detail="The lid is cracked"
    )
    settled = replace(facts, problems=(replace(problem, settled_at=START),))
    assert judged(settled, START).alerts == ()


def test_what_is_put_off_begins_when_the_person_said() -> None:
    until = START + 21 * DAY
    facts = replace(
        UNDER_WAY, put_off=(PutOff(kind="stalled", until=until), PutOff(kind="late"))
    )
    assert flips(facts, AlertKind.STALLED) == (until, None)
    promised = replace(facts, promises=(START,))
    assert AlertKind.LATE not in kinds(promised, START + 90 * DAY)


def test_only_the_one_that_was_put_off_stays_away() -> None:
    put_off = (PutOff(kind="exception", since=START),)
    facts = replace(UNDER_WAY, stage=Stage.EXCEPTION, put_off=put_off)
    assert AlertKind.EXCEPTION not in kinds(facts, START + DAY)
    again = replace(facts, since=START + DAY)
    assert AlertKind.EXCEPTION in kinds(again, START + DAY)


def test_only_alerts_that_are_no_milestone_are_told_as_such() -> None:
    alerts = [Alert(kind=kind, since=START) for kind in AlertKind]
    new, holding = untold(alerts, ("pickup_waiting",))
    assert {a.kind for a in new} == {"protection_ending", "problem_reported"}
    assert holding == ("pickup_waiting", "problem_reported", "protection_ending")
    assert untold([], holding) == ([], ())


moments = st.integers(0, 60 * 24).map(lambda hours: START + timedelta(hours=hours))
facts_of_any = st.builds(
    Facts,
    stage=st.sampled_from(Stage),
    since=moments,
    heard_at=moments,
    promises=st.lists(moments, max_size=2).map(tuple),
    protection_until=st.none() | st.dates(date(2026, 5, 1), date(2026, 8, 1)),
    put_off=st.lists(
        st.builds(PutOff, kind=st.sampled_from(AlertKind), until=st.none() | moments),
        max_size=3,
    ).map(tuple),
)


@given(facts_of_any, moments)
def test_between_two_flips_nothing_changes(facts: Facts, now: datetime) -> None:
    """So a timer for the next one misses nothing."""
    here = judged(facts, now)
    upcoming = here.flips_at
    if upcoming is None:
        assert judged(facts, now + 400 * DAY) == here
        return
    assert upcoming > now
    assert judged(facts, upcoming - timedelta(microseconds=1)) == here
    assert judged(facts, upcoming) != here


@given(facts_of_any, moments)
def test_an_alert_never_begins_in_the_time_to_come(facts: Facts, now: datetime) -> None:
    assert all(alert.since <= now for alert in judged(facts, now).alerts)
    assert all(a.since.tzinfo is not None for a in judged(facts, now).alerts)
    assert judged(facts, now.astimezone(UTC)) == judged(facts, now.astimezone(PARIS))
