"""Journeys made up for the laws: what carriers might tell, and in what pieces."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import strategies as st

from custom_components.waybill.tracking.journal import Journal, open_journal
from custom_components.waybill.tracking.model import Answer, Stage, TrackingEvent

START = datetime(2026, 6, 1, tzinfo=UTC)
NUMBER = "LP00123456789012"
NEXT_NUMBER = "RB123456785GB"


def event(
    stage: Stage | None,
    hours: float,
    *,
    number: str = NUMBER,
    provider: str = "cainiao",
    code: str | None = None,
    naive: bool = False,
    **fields: object,
) -> TrackingEvent:
    """Return a scan some hours after the start."""
    moment = START + timedelta(hours=hours)
    wall = moment.replace(tzinfo=None)
    return TrackingEvent(
        provider=provider,
        tracking_number=number,
        code=code or (stage or "unmapped"),
        written_time=wall.isoformat(),
        time=None if naive else moment,
        local_time=wall,
        stage=stage,
        words=f"words of {stage} at {hours}",
        **fields,  # type: ignore[arg-type]
    )


def answer(
    *oldest_first: TrackingEvent, number: str = NUMBER, **fields: object
) -> Answer:
    """Return an answer with these scans."""
    return Answer(
        tracking_number=number,
        events=tuple(reversed(oldest_first)),
        **fields,  # type: ignore[arg-type]
    )


def new_journal() -> Journal:
    """Return the journal of a parcel that was just added."""
    return open_journal("parcel", NUMBER, START)


@dataclass(frozen=True)
class Telling:
    """A journey, and the answers in which a provider told it."""

    journey: tuple[TrackingEvent, ...]
    answers: tuple[Answer, ...]


@st.composite
def journeys(draw: st.DrawFn) -> tuple[TrackingEvent, ...]:
    """Make up scans, oldest first, with clocks that may lie."""
    stages = draw(
        st.lists(st.one_of(st.none(), st.sampled_from(Stage)), min_size=1, max_size=12)
    )
    offsets = draw(
        st.lists(
            st.integers(-40, 400),
            min_size=len(stages),
            max_size=len(stages),
            unique=True,
        )
    )
    if draw(st.booleans()):
        offsets.sort()
    naive = draw(st.booleans())
    return tuple(
        event(stage, hours, naive=naive)
        for stage, hours in zip(stages, offsets, strict=True)
    )


@st.composite
def tellings(draw: st.DrawFn) -> Telling:
    """Split a journey over polls: it grows, its past may be purged, it repeats.

    Each answer holds at least the newest scan that the one before it had.
    """
    journey = draw(journeys())
    ends = sorted(
        [*draw(st.lists(st.integers(1, len(journey)), max_size=5)), len(journey)]
    )
    answers = [answer(*journey[: ends[0]])]
    for previous, end in pairwise(ends):
        begin = draw(st.integers(0, previous - 1))
        answers.append(answer(*journey[begin:end]))
        if draw(st.booleans()):
            answers.append(answers[-1])
    if draw(st.booleans()):
        answers.append(answer())
    return Telling(journey, tuple(answers))


def polls(answers: Sequence[Answer], every: timedelta) -> list[tuple[datetime, Answer]]:
    """Give each answer the moment at which it came."""
    return [(START + (n + 1) * every, item) for n, item in enumerate(answers)]
