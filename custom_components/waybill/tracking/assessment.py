"""Alerts: judgements on top of the stage, which they never overwrite.

An alert begins, and some end, at a moment that is known beforehand: whoever
shows them sets a timer for the next one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from .estimates import deadline
from .model import FINAL_STAGES, Problem, PutOff, Stage
from .tempo import Tempo

STALLED_AFTER_DAYS: Final = 14
"""Two weeks without news: then a beginner's guide says to write to the seller."""
PICKUP_PATIENCE: Final = timedelta(days=3)
PROTECTION_NOTICE: Final = timedelta(days=7)

_NO_MILESTONE: Final[frozenset[str]] = frozenset(
    {"pickup_waiting", "protection_ending", "problem_reported"}
)
"""Alerts that no milestone tells of."""
_NOBODY_WAITS: Final = FINAL_STAGES | {Stage.RETURNING, Stage.READY_FOR_PICKUP}
"""Where a promise is kept, or moot: a parcel at the locker came in time."""
_NO_NEWS_EXPECTED: Final = FINAL_STAGES | {Stage.READY_FOR_PICKUP, Stage.EXPIRED}


class AlertKind(StrEnum):
    """What asks for the person's attention."""

    LATE = "late"
    STALLED = "stalled"
    CUSTOMS_ACTION = "customs_action"
    PICKUP_WAITING = "pickup_waiting"
    PROTECTION_ENDING = "protection_ending"
    PROBLEM_REPORTED = "problem_reported"
    RETURNING = "returning"
    EXCEPTION = "exception"


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """One alert, since when (aware), and what explains it.

    ``detail`` is the carrier's line, the person's words, or a promised moment or
    day in ISO 8601.
    """

    kind: AlertKind
    since: datetime
    detail: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """How patient the home is."""

    stalled_after_days: int = STALLED_AFTER_DAYS
    tempo: Tempo = field(default_factory=Tempo)


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What a parcel is judged by.

    ``since`` (aware) is when it came to its stage, ``detail`` the words of that
    line; ``heard_at`` (aware) is when the newest news happened, or that it was
    added. ``since_seen`` and ``heard_seen`` are when Waybill saw each of them, where
    that is known. ``promises`` are the moments (aware) by which it was to be delivered.
    """

    stage: Stage
    since: datetime
    heard_at: datetime
    since_seen: datetime | None = None
    heard_seen: datetime | None = None
    detail: str | None = field(default=None, repr=False)
    promises: tuple[datetime, ...] = ()
    protection_until: date | None = None
    pickup_point: str | None = field(default=None, repr=False)
    stalled_after_days: int | None = None
    problems: tuple[Problem, ...] = ()
    put_off: tuple[PutOff, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """The alerts of a moment, and when (aware) the next one begins or ends."""

    alerts: tuple[Alert, ...] = ()
    flips_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Course:
    """An alert from its beginning to its end, if that is known."""

    alert: Alert
    until: datetime | None = None


_OF_STAGE: Final[Mapping[Stage, AlertKind]] = {
    Stage.CUSTOMS_ACTION_REQUIRED: AlertKind.CUSTOMS_ACTION,
    Stage.RETURNING: AlertKind.RETURNING,
    Stage.EXCEPTION: AlertKind.EXCEPTION,
}


def assess(facts: Facts, now: datetime, zone: tzinfo, rules: Rules) -> Assessment:
    """Judge a parcel at ``now`` (aware); ``zone`` is the home's."""
    alerts: list[Alert] = []
    flips: list[datetime] = []
    for course in _courses(facts, zone, rules):
        begins = _begins(course.alert, facts.put_off)
        if begins is None:
            continue
        if now < begins:
            flips.append(begins)
        elif course.until is None or now < course.until:
            alerts.append(course.alert)
            if course.until is not None:
                flips.append(course.until)
    return Assessment(
        alerts=tuple(alerts), flips_at=min(flips, default=None, key=datetime.timestamp)
    )


def untold(
    alerts: Iterable[Alert],
    alerted: Iterable[str],
    silent_until: datetime | None = None,
) -> tuple[list[Alert], tuple[str, ...]]:
    """Return the alerts to be told of that no milestone tells, and all that hold.

    ``alerted`` are the kinds that were told of; what began before ``silent_until``
    (aware) was too, as far as anybody knows. The kinds that hold come back in a
    steady order; those that are over may be told again when they return.
    """
    holding = {a.kind.value: a for a in alerts if a.kind in _NO_MILESTONE}
    new = [
        alert
        for kind, alert in holding.items()
        if kind not in alerted and (silent_until is None or alert.since >= silent_until)
    ]
    return new, tuple(sorted(holding))


def lapsed(promises: Iterable[datetime], now: datetime) -> datetime | None:
    """Return the latest promise that was not kept, if there is one."""
    over = [promise for promise in promises if promise <= now]
    return max(over, default=None, key=datetime.timestamp)


def _courses(facts: Facts, zone: tzinfo, rules: Rules) -> Iterator[_Course]:
    stage = facts.stage
    if stage not in _NOBODY_WAITS:
        yield from _late(facts.promises)
    if stage not in _NO_NEWS_EXPECTED:
        days = facts.stalled_after_days or rules.stalled_after_days
        since = _after(timedelta(days=days), facts.heard_at, facts.heard_seen, rules)
        yield _Course(alert=Alert(kind=AlertKind.STALLED, since=since))
    if (kind := _OF_STAGE.get(stage)) is not None:
        yield _Course(alert=Alert(kind=kind, since=facts.since, detail=facts.detail))
    if stage is Stage.READY_FOR_PICKUP:
        since = _after(PICKUP_PATIENCE, facts.since, facts.since_seen, rules)
        yield _Course(
            alert=Alert(
                kind=AlertKind.PICKUP_WAITING, since=since, detail=facts.pickup_point
            )
        )
    if facts.protection_until is not None and stage not in FINAL_STAGES:
        yield _protection(facts.protection_until, zone)
    reported = [p for p in facts.problems if p.settled_at is None]
    if reported:
        yield _Course(
            alert=Alert(
                kind=AlertKind.PROBLEM_REPORTED,
                since=reported[0].reported_at,
                detail=reported[-1].description or None,
            )
        )


def _after(
    patience: timedelta, happened: datetime, seen: datetime | None, rules: Rules
) -> datetime:
    """Return when patience ends that began with what happened.

    Where time is made to pass faster, it does so from the moment at which Waybill
    saw it: what was before is as long ago as the carrier says.
    """
    if seen is None or seen - happened >= patience:
        return happened + (patience if seen else rules.tempo.span(patience))
    waited = max(timedelta(), seen - happened)
    return seen + rules.tempo.span(patience - waited)


def _late(promises: tuple[datetime, ...]) -> Iterator[_Course]:
    """Begin with the first promise that was not kept."""
    first = min(promises, default=None, key=datetime.timestamp)
    if first is None:
        return
    alert = Alert(kind=AlertKind.LATE, since=first, detail=first.isoformat())
    yield _Course(alert=alert)


def _protection(until: date, zone: tzinfo) -> _Course:
    """Tell of the protection's end for the last week of it."""
    first = datetime.combine(until - PROTECTION_NOTICE, time.min, zone)
    return _Course(
        alert=Alert(
            kind=AlertKind.PROTECTION_ENDING, since=first, detail=until.isoformat()
        ),
        until=deadline(until, zone),
    )


def _begins(alert: Alert, put_off: Iterable[PutOff]) -> datetime | None:
    """Return when an alert begins that the person may have put off; None: never."""
    begins = alert.since
    for wish in put_off:
        if wish.kind != alert.kind or wish.since not in (None, alert.since):
            continue
        if wish.until is None:
            return None
        begins = max(begins, wish.until, key=datetime.timestamp)
    return begins
