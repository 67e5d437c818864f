"""A parcel's journey: which stages it came through, and what moved it there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from .journal import MANUAL, Journal, Track
from .model import Stage
from .timeline import Line, by_nearness, timeline

_LABELS: Final = frozenset({Stage.PENDING, Stage.INFO_RECEIVED})
"""What a carrier says that has not scanned the parcel yet."""
_MOVED: Final = frozenset(Stage) - _LABELS - {Stage.EXCEPTION, Stage.EXPIRED}
_PROGRESS: Final = {
    stage: place
    for place, stages in enumerate(
        (
            {Stage.PENDING, Stage.INFO_RECEIVED, Stage.EXPIRED},
            {Stage.SHIPPED},
            {Stage.IN_TRANSIT},
            {Stage.IN_CUSTOMS, Stage.CUSTOMS_ACTION_REQUIRED},
            {Stage.CUSTOMS_CLEARED},
            {Stage.OUT_FOR_DELIVERY},
            {Stage.DELIVERY_FAILED, Stage.READY_FOR_PICKUP},
            {Stage.EXCEPTION, Stage.RETURNING},
            {Stage.DELIVERED, Stage.RETURNED},
        )
    )
    for stage in stages
}
"""How far a parcel has come, where two carriers tell of it."""
_SILENT_AFTER: Final = timedelta(days=1)
"""A carrier that has not scanned for so long may have fallen silent."""
_CUSTOMS_OPEN: Final = frozenset({Stage.IN_CUSTOMS, Stage.CUSTOMS_ACTION_REQUIRED})
_BEYOND_CUSTOMS: Final = frozenset(
    {
        Stage.OUT_FOR_DELIVERY,
        Stage.READY_FOR_PICKUP,
        Stage.DELIVERY_FAILED,
        Stage.DELIVERED,
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """The parcel came into ``stage`` from ``previous``.

    ``line`` is the scan that moved it; None where a provider only said so of
    the parcel as a whole, ``since`` then. An ``inferred`` passage is one that
    no carrier told: customs left behind without a word.
    """

    stage: Stage
    previous: Stage
    line: Line | None = None
    since: datetime | None = None
    inferred: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Journey:
    """All passages, oldest first, and the scan that got the parcel moving."""

    passages: tuple[Passage, ...] = ()
    shipped: Line | None = None

    @property
    def stage(self) -> Stage:
        """Where the parcel is now."""
        return self.passages[-1].stage if self.passages else Stage.PENDING


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """What a journal's scans make of it, once they are put in order."""

    journal: Journal
    lines: tuple[Line, ...]
    journey: Journey


def story_of(journal: Journal, known: Story | None = None) -> Story:
    """Derive a journal's timeline and journey.

    ``known`` is the story of another state of it, which holds still where no
    provider has told anything else: what was announced moves no parcel.
    """
    if (
        known is not None
        and known.journal.tracks is journal.tracks
        and known.journal.legs is journal.legs
    ):
        return replace(known, journal=journal)
    lines = timeline(journal)
    return Story(journal=journal, lines=lines, journey=travel(journal, lines))


def travel(journal: Journal, lines: Sequence[Line]) -> Journey:
    """Follow a timeline, oldest line first, through the stages."""
    passages: list[Passage] = []
    shipped: Line | None = None
    last_mile = _LastMile(journal)
    current = Stage.PENDING
    mover: Line | None = None
    returning = customs_open = False
    for line in lines:
        told = line.event.stage
        if told is None:
            continue
        stage = _next_stage(current, told, returning=returning)
        if stage is None or _label_of_next_leg(line, mover, shipped):
            continue
        if last_mile.knows_better(line, stage, current):
            continue
        if shipped is None and stage in _MOVED:
            shipped = line
        if stage == current:
            continue
        if customs_open and stage in _BEYOND_CUSTOMS:
            passages.append(
                Passage(
                    stage=Stage.CUSTOMS_CLEARED,
                    previous=current,
                    line=line,
                    inferred=True,
                )
            )
            current = Stage.CUSTOMS_CLEARED
        passages.append(Passage(stage=stage, previous=current, line=line))
        if stage in _CUSTOMS_OPEN:
            customs_open = True
        elif stage is Stage.CUSTOMS_CLEARED or stage in _BEYOND_CUSTOMS:
            customs_open = False
        returning = returning or stage is Stage.RETURNING
        current, mover = stage, line
    # Who gives up on a parcel that is sent back does not stop it.
    said = [] if returning else _said_of_the_whole(journal, current, mover)
    return Journey(passages=(*passages, *said), shipped=shipped)


def _next_stage(current: Stage, told: Stage, *, returning: bool) -> Stage | None:
    """Return the stage that a scan leads to; None where it moves nothing."""
    if current is Stage.RETURNED:
        return None
    if current is Stage.DELIVERED:
        return told if told in (Stage.RETURNING, Stage.RETURNED) else None
    if not returning:
        return told
    if told is Stage.DELIVERED:
        return Stage.RETURNED
    if told in (Stage.RETURNING, Stage.RETURNED, Stage.EXCEPTION):
        return told
    return None


class _LastMile:
    """Lets the leg that has the parcel speak, once it has scanned it.

    Those before it can still tell that the parcel has come further, and are
    heard again where it falls silent.
    """

    def __init__(self, journal: Journal) -> None:
        self._places = {leg.tracking_number: i for i, leg in enumerate(journal.legs)}
        self._place = 0
        self._last_scan: datetime | None = None

    def knows_better(self, line: Line, stage: Stage, current: Stage) -> bool:
        """Say whether a line tells less than the last mile's own scans."""
        place = max(self._places.get(e.tracking_number, 0) for e in line.tellings)
        at = line.event.time or line.event.first_seen
        if place > self._place and stage in _LABELS:
            return False
        if place >= self._place:
            self._place = place
            self._last_scan = at
            return False
        if self._last_scan and at and at - self._last_scan > _SILENT_AFTER:
            return False
        return _PROGRESS[stage] < _PROGRESS[current]


def _label_of_next_leg(line: Line, mover: Line | None, shipped: Line | None) -> bool:
    """Say whether this is only the label that the next carrier prepares."""
    return (
        shipped is not None
        and mover is not None
        and line.event.stage in _LABELS
        and line.event.tracking_number != mover.event.tracking_number
    )


def _said_of_the_whole(
    journal: Journal, current: Stage, mover: Line | None
) -> list[Passage]:
    """Return what providers say of the parcel beyond its scans, if it counts.

    Such a word counts only while no scan has a stage, except that the provider
    gave up, which counts unless another still follows the parcel.
    """
    if current in (Stage.DELIVERED, Stage.RETURNED):
        return []
    tracks = by_nearness(journal)
    given_up = [
        track.stage_since
        for track in tracks
        if track.stage is Stage.EXPIRED and track.stage_since is not None
    ]
    if given_up and not any(_follows(track, min(given_up)) for track in tracks):
        return [Passage(stage=Stage.EXPIRED, previous=current, since=min(given_up))]
    if mover is not None:
        return []
    for track in tracks:
        if track.stage not in (None, Stage.PENDING, Stage.EXPIRED):
            return [
                Passage(stage=track.stage, previous=current, since=track.stage_since)
            ]
    return []


def _follows(track: Track, given_up: datetime) -> bool:
    """Say whether a parcel is alive in a track though another has given it up.

    What the person wrote before that says nothing of it.
    """
    if track.stage is Stage.EXPIRED:
        return False
    if track.provider != MANUAL:
        return bool(track.events)
    return any(
        e.first_seen is not None and e.first_seen > given_up for e in track.events
    )
