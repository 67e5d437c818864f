"""A parcel is archived some time after its end, and not while it matters."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.journal import Journal, merge, open_journal
from custom_components.waybill.tracking.lifetime import archive_due
from custom_components.waybill.tracking.model import (
    FINAL_STAGES,
    Answer,
    Problem,
    ProblemKind,
    Stage,
    TrackingEvent,
)
from custom_components.waybill.tracking.parcel import About, snapshot

NUMBER = "LP00123456789012"
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MOMENTS = st.datetimes(
    datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)
)


def journal_at(stage: Stage, at: datetime, added_at: datetime = NOON) -> Journal:
    """Return the journal of a parcel that came to a stage."""
    event = TrackingEvent(
        provider="cainiao",
        tracking_number=NUMBER,
        code="x",
        written_time=at.isoformat(),
        time=at,
        stage=stage,
    )
    answer = Answer(tracking_number=NUMBER, events=(event,))
    journal = open_journal("id", NUMBER, added_at)
    return merge(journal, "cainiao", answer, max(at, added_at))


def due(journal: Journal, after: timedelta = 30 * DAY) -> datetime | None:
    """Return when a parcel with this journal is to be archived."""
    parcel = snapshot(journal, About(name="Lamp"), (), UTC, now=journal.added_at)
    return archive_due(parcel, journal, after)


@pytest.mark.parametrize("stage", Stage)
def test_only_what_has_ended_is_archived(stage: Stage) -> None:
    expected = NOON + 31 * DAY if stage in FINAL_STAGES else None
    assert due(journal_at(stage, NOON + DAY)) == expected


@given(ended=MOMENTS, added=MOMENTS, restored=st.none() | MOMENTS)
def test_it_has_its_time_after_its_end_and_after_it_came(
    ended: datetime, added: datetime, restored: datetime | None
) -> None:
    journal = replace(journal_at(Stage.DELIVERED, ended, added), restored_at=restored)
    moments = [at for at in (ended, added, restored) if at is not None]
    assert due(journal) == max(moments) + 30 * DAY


def test_a_problem_keeps_it_until_it_is_settled() -> None:
    problem = Problem(problem_id="1", problem=ProblemKind.DAMAGED, reported_at=NOON)
    delivered = journal_at(Stage.DELIVERED, NOON)
    assert due(replace(delivered, problems=(problem,))) is None
    settled = replace(problem, settled_at=NOON + 90 * DAY)
    assert due(replace(delivered, problems=(settled,))) == NOON + 30 * DAY
