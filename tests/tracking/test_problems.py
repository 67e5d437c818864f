"""Problems stay as they were reported, and an alert waits as it was told to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from custom_components.waybill.tracking.assessment import (
    AlertKind,
    Facts,
    Rules,
    assess,
)
from custom_components.waybill.tracking.chain import seal, verify
from custom_components.waybill.tracking.journal import Journal
from custom_components.waybill.tracking.journal_json import from_json, to_json
from custom_components.waybill.tracking.model import Problem, ProblemKind, Stage
from custom_components.waybill.tracking.patience import put_off
from custom_components.waybill.tracking.problems import report, settle

from .journeys import START, new_journal

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MOST = 50

KINDS = st.sampled_from(ProblemKind)
STEPS = st.lists(st.one_of(KINDS, st.just("settle")), max_size=70)


def live(steps: list[ProblemKind | str]) -> Journal:
    """Report and settle problems, one an hour; sealed as the coordinator does."""
    journal = seal(None, new_journal(), START)
    for hours, step in enumerate(steps):
        now = START + hours * HOUR
        if isinstance(step, ProblemKind):
            problem = Problem(problem_id=str(hours), problem=step, reported_at=now)
            after = report(journal, problem)
        else:
            after = settle(journal, now)
        journal = seal(journal, after, now)
    return journal


def problem_at(hours: int) -> Problem:
    return Problem(
        problem_id=f"at {hours}",
        problem=ProblemKind.DAMAGED,
        reported_at=START + hours * HOUR,
    )


@given(STEPS, KINDS)
def test_what_is_reported_comes_last_and_nothing_else_changes(
    steps: list[ProblemKind | str], kind: ProblemKind
) -> None:
    journal = live(steps)
    problem = replace(problem_at(100), problem=kind)
    after = report(journal, problem)
    assert after.problems[-1] is problem
    assert len(after.problems) == min(len(journal.problems) + 1, MOST)
    assert set(after.problems[:-1]) <= set(journal.problems)
    assert replace(after, problems=journal.problems) == journal


@given(STEPS)
def test_settling_settles_all_that_is_open_and_only_that(
    steps: list[ProblemKind | str],
) -> None:
    journal, now = live(steps), START + 100 * HOUR
    after = settle(journal, now)
    for before, settled in zip(journal.problems, after.problems, strict=True):
        if before.settled_at is None:
            assert settled == replace(before, settled_at=now)
        else:
            assert settled is before
    assert settle(after, now + HOUR) is after


@given(STEPS)
def test_problems_hold_in_the_chain_and_on_disk(
    steps: list[ProblemKind | str],
) -> None:
    journal = from_json(to_json(live(steps)))
    assert journal == live(steps)
    assert verify(journal) == ()


@given(STEPS)
def test_an_alert_holds_while_a_problem_is_open(
    steps: list[ProblemKind | str],
) -> None:
    journal = live(steps)
    open_ones = [p for p in journal.problems if p.settled_at is None]
    facts = Facts(
        stage=Stage.DELIVERED, since=START, heard_at=START, problems=journal.problems
    )
    alerts = assess(facts, START + 100 * HOUR, UTC, Rules()).alerts
    assert [alert.since for alert in alerts] == [p.reported_at for p in open_ones[:1]]


def test_of_very_many_problems_the_oldest_settled_one_leaves_first() -> None:
    journal = new_journal()
    for hours in range(MOST):
        journal = report(journal, problem_at(hours))
    settled = replace(journal.problems[7], settled_at=START)
    problems = (*journal.problems[:7], settled, *journal.problems[8:])
    journal = report(replace(journal, problems=problems), problem_at(MOST))
    assert "at 7" not in [p.problem_id for p in journal.problems]
    journal = report(journal, problem_at(MOST + 1))
    kept = [p.problem_id for p in journal.problems]
    assert kept == [f"at {hours}" for hours in range(1, MOST + 2) if hours != 7]


moments = st.datetimes(
    datetime(2026, 6, 1), datetime(2027, 6, 1), timezones=st.just(UTC)
)


@st.composite
def wishes(
    draw: st.DrawFn,
) -> tuple[AlertKind, datetime | None, datetime | None]:
    return (
        draw(st.sampled_from(AlertKind)),
        draw(st.none() | moments),
        draw(st.none() | moments),
    )


@given(st.lists(wishes(), max_size=20))
def test_the_last_wish_about_a_kind_is_the_one_that_counts(
    made: list[tuple[AlertKind, datetime | None, datetime | None]],
) -> None:
    journal = new_journal()
    for kind, until, since in made:
        journal = put_off(journal, kind, until, since)
        assert put_off(journal, kind, until, since) is journal
    kept = {wish.kind: (wish.until, wish.since) for wish in journal.put_off}
    assert len(kept) == len(journal.put_off)
    assert kept == {kind: (until, since) for kind, until, since in made}
    assert from_json(to_json(journal)) == journal


def test_an_alert_that_is_put_off_begins_again_when_its_time_is_over() -> None:
    journal = put_off(new_journal(), AlertKind.STALLED, START + 21 * DAY)
    facts = Facts(
        stage=Stage.SHIPPED, since=START, heard_at=START, put_off=journal.put_off
    )
    assert assess(facts, START + 20 * DAY, UTC, Rules()).alerts == ()
    assert assess(facts, START + 21 * DAY, UTC, Rules()).alerts != ()


def test_an_alert_that_is_waived_is_so_only_for_the_silence_that_was_meant() -> None:
    stalled = START + 14 * DAY
    journal = put_off(new_journal(), AlertKind.STALLED, None, stalled)
    facts = Facts(
        stage=Stage.SHIPPED, since=START, heard_at=START, put_off=journal.put_off
    )
    assert assess(facts, START + 90 * DAY, UTC, Rules()).alerts == ()
    heard_again = replace(facts, heard_at=START + DAY)
    assert assess(heard_again, START + 90 * DAY, UTC, Rules()).alerts != ()
