"""What is to be announced, once, and what has been.

``note`` compares a parcel before and after an answer and writes what is new
into the journal; the journal is saved before anything is announced, and again
when it has been.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from hashlib import sha256
from typing import Final

from .assessment import Alert, AlertKind, lapsed
from .estimates import Window, best_window
from .journal import Journal
from .journey import Journey, Story, story_of
from .model import Leg, Milestone, MilestoneName, Stage, Telling
from .parcel import Parcel
from .timeline import Line

QUIET_HOURS: Final = timedelta(hours=20)
"""The same milestone is not announced again within this time."""
ESTIMATE_MOVED: Final = timedelta(hours=2)

_AT_STAGE: Final = {
    Stage.IN_CUSTOMS: MilestoneName.ENTERED_CUSTOMS,
    Stage.CUSTOMS_ACTION_REQUIRED: MilestoneName.CUSTOMS_ACTION_REQUIRED,
    Stage.CUSTOMS_CLEARED: MilestoneName.CUSTOMS_CLEARED,
    Stage.OUT_FOR_DELIVERY: MilestoneName.OUT_FOR_DELIVERY,
    Stage.READY_FOR_PICKUP: MilestoneName.READY_FOR_PICKUP,
    Stage.DELIVERY_FAILED: MilestoneName.DELIVERY_FAILED,
    Stage.DELIVERED: MilestoneName.DELIVERED,
    Stage.RETURNING: MilestoneName.RETURNING,
    Stage.RETURNED: MilestoneName.RETURNED,
    Stage.EXCEPTION: MilestoneName.EXCEPTION,
}
_PASSING: Final = {
    MilestoneName.ENTERED_CUSTOMS: Stage.IN_CUSTOMS,
    MilestoneName.CUSTOMS_ACTION_REQUIRED: Stage.CUSTOMS_ACTION_REQUIRED,
    MilestoneName.OUT_FOR_DELIVERY: Stage.OUT_FOR_DELIVERY,
    MilestoneName.READY_FOR_PICKUP: Stage.READY_FOR_PICKUP,
    MilestoneName.DELIVERY_FAILED: Stage.DELIVERY_FAILED,
}
"""Announced only while they are still true; the others last."""
_AFTER_HAND_OVER: Final = frozenset(
    {
        MilestoneName.OUT_FOR_DELIVERY,
        MilestoneName.READY_FOR_PICKUP,
        MilestoneName.DELIVERY_FAILED,
        MilestoneName.DELIVERED,
    }
)
_CUSTOMS: Final = frozenset(
    {
        MilestoneName.ENTERED_CUSTOMS,
        MilestoneName.CUSTOMS_ACTION_REQUIRED,
        MilestoneName.CUSTOMS_CLEARED,
    }
)
_NEVER_SEEN: Final = "never seen"
"""Cause of the silence about a parcel of which no carrier ever wrote."""
_CLOCK_AHEAD: Final = timedelta(days=1)
"""What was noted later than this from now was noted by a clock that was wrong."""
_WIDEST_ZONE: Final = timedelta(hours=14)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reached:
    """A milestone that the timeline shows, recorded already or not."""

    name: MilestoneName
    stage: Stage
    keys: tuple[str, ...]
    line: Line | None = None
    leg: Leg | None = None
    inferred: bool = False
    time: datetime | None = None


def note(
    before: Journal,
    after: Journal,
    *,
    now: datetime,
    zone: tzinfo,
    quiet: timedelta = QUIET_HOURS,
    stories: tuple[Story, Story] | None = None,
) -> Journal:
    """Return ``after`` with the milestones that it newly reached.

    ``now`` is Home Assistant's clock (aware), ``zone`` its time zone. Those to
    be announced are pending; the silent ones are history from before the
    parcel was followed, were over at once, or repeat one of the last hours.
    ``stories`` are those of both journals, where they are known.
    """
    if after is before:
        return after
    old, new = stories or (story_of(before), story_of(after))
    milestones = list(after.milestones)
    for reached in _changes(old, new, zone):
        silent = _is_history(reached, before) or (
            reached.name is MilestoneName.ESTIMATE_CHANGED
            and is_repeated(reached.name, of_parcel(after, milestones), now, quiet)
        )
        milestones.append(_record(reached, after, milestones, now, silent=silent))
    unrecorded, _ = _match(_reached(new), of_parcel(after, milestones))
    for reached in unrecorded:
        silent = (
            _is_history(reached, before)
            or _is_over(reached, new.journey)
            or _is_known(reached, of_parcel(after, milestones))
            or is_repeated(reached.name, of_parcel(after, milestones), now, quiet)
        )
        milestones.append(_record(reached, after, milestones, now, silent=silent))
    if len(milestones) == len(after.milestones):
        return after
    return replace(after, milestones=tuple(milestones))


def note_alerts(
    journal: Journal,
    parcel: Parcel,
    *,
    now: datetime,
    story: Story,
    quiet: timedelta = QUIET_HOURS,
) -> Journal:
    """Return a journal with the judgements that its parcel newly came under.

    ``parcel`` is its snapshot at ``now`` (aware). Late is told once for each
    promise, and only where it lapses after all that were told of; a silence
    once, whoever tells of the scan before it. What was so before the parcel was
    followed is noted in silence. What was judged by a clock that was far ahead does
    not count: the truth is told when it comes.
    """
    alerts = {alert.kind: alert for alert in parcel.alerts}
    milestones = list(journal.milestones)
    judged = [m for m in milestones if m.noted_at <= now + _CLOCK_AHEAD]
    for reached in (_late(parcel, alerts, judged, now), _silence(alerts, story)):
        if reached is None or _is_told(reached, judged):
            continue
        silent = (
            reached.time is not None and reached.time < _news_since(journal)
        ) or is_repeated(reached.name, of_parcel(journal, milestones), now, quiet)
        milestones.append(_record(reached, journal, milestones, now, silent=silent))
    if len(milestones) == len(journal.milestones):
        return journal
    return replace(journal, milestones=tuple(milestones))


def note_silently(journal: Journal, *, now: datetime) -> Journal:
    """Note all that a journal shows and has not noted, and announce none of it.

    For a journal that was put together of two, or taken apart: what only that
    shows is no news. A passage that both had noted is one; no note of it may
    stand for a later passage.
    """
    reached = _reached(story_of(journal))
    unrecorded, standing_for = _match(reached, of_parcel(journal, journal.milestones))
    milestones = [
        replace(m, causes=(*m.causes, *standing_for.get(m.milestone_id, ())))
        for m in journal.milestones
    ]
    for item in unrecorded:
        milestones.append(_record(item, journal, milestones, now, silent=True))
    return replace(journal, milestones=tuple(milestones))


def of_parcel(journal: Journal, milestones: Iterable[Milestone]) -> list[Milestone]:
    """Leave out what was told of a number that proved to be another parcel's."""
    numbers = {leg.tracking_number for leg in journal.legs}
    return [
        m for m in milestones if m.tracking_number in numbers or not m.tracking_number
    ]


def pending(journal: Journal) -> list[Milestone]:
    """Return what waits to be announced, in order."""
    return [m for m in journal.milestones if m.telling is Telling.PENDING]


def announced(journal: Journal, milestone_id: str, now: datetime) -> Journal:
    """Mark a milestone as announced at ``now`` (aware)."""
    return replace(
        journal,
        milestones=tuple(
            replace(m, telling=Telling.ANNOUNCED, announced_at=now)
            if m.milestone_id == milestone_id
            else m
            for m in journal.milestones
        ),
    )


def silenced(journal: Journal) -> Journal:
    """Return a journal of which nothing waits to be announced any more."""
    return replace(
        journal,
        milestones=tuple(
            replace(m, telling=Telling.SILENT) if m.telling is Telling.PENDING else m
            for m in journal.milestones
        ),
    )


def _reached(story: Story) -> list[_Reached]:
    """Return all that a parcel's timeline shows, in order."""
    found: list[_Reached] = []
    shipped = story.journey.shipped
    for passage in story.journey.passages:
        line = passage.line
        if line is not None and line is shipped:
            # Inferred passages have no line of their own before this one.
            found.append(_at(MilestoneName.SHIPPED, Stage.SHIPPED, line))
            shipped = None
        name = _AT_STAGE.get(passage.stage)
        if name is None or (
            name is MilestoneName.ENTERED_CUSTOMS
            and passage.previous is Stage.CUSTOMS_ACTION_REQUIRED
        ):
            continue
        if line is None:
            keys = (f"{passage.stage}@{passage.since}",)
            found.append(_Reached(name=name, stage=passage.stage, keys=keys))
        else:
            found.append(_at(name, passage.stage, line, inferred=passage.inferred))
    for leg in story.journal.legs[1:]:
        found.insert(_hand_over_place(found, leg), _handed_over(leg, story))
    return found


def _at(
    name: MilestoneName, stage: Stage, line: Line, *, inferred: bool = False
) -> _Reached:
    return _Reached(
        name=name, stage=stage, keys=line.keys, line=line, inferred=inferred
    )


def _handed_over(leg: Leg, story: Story) -> _Reached:
    return _Reached(
        name=MilestoneName.HANDED_OVER,
        stage=story.journey.stage,
        keys=(f"leg|{leg.tracking_number}",),
        leg=leg,
    )


def _hand_over_place(found: list[_Reached], leg: Leg) -> int:
    for place, reached in enumerate(found):
        line = reached.line
        if reached.name in _AFTER_HAND_OVER or (
            line is not None and line.event.tracking_number == leg.tracking_number
        ):
            return place
    return len(found)


def _match(
    reached: Collection[_Reached], recorded: Iterable[Milestone]
) -> tuple[list[_Reached], dict[str, tuple[str, ...]]]:
    """Return what the journal has not, and for what scans else its notes stand.

    A milestone is the same when any telling of its scan is. Where another
    scan has taken the place of its cause (a provider nearer to the carrier, a
    late line before it), the passage is the same one still; a note too many is
    of the last one.
    """
    left: dict[MilestoneName, list[Milestone]] = {}
    for milestone in recorded:
        left.setdefault(milestone.milestone, []).append(milestone)
    open_: list[_Reached] = []
    for item in reached:
        known = left.get(item.name, [])
        others = [m for m in known if set(m.causes).isdisjoint(item.keys)]
        if len(others) == len(known):
            open_.append(item)
        left[item.name] = others
    unrecorded: list[_Reached] = []
    standing_for: dict[str, tuple[str, ...]] = {}
    for item in open_:
        if left[item.name]:
            standing_for[left[item.name].pop(0).milestone_id] = item.keys
        else:
            unrecorded.append(item)
    for item in reached:
        standing_for |= {m.milestone_id: item.keys for m in left[item.name]}
    return unrecorded, standing_for


def _changes(old: Story, new: Story, zone: tzinfo) -> Iterator[_Reached]:
    """Return the changes that an answer made as a whole: estimate and stage."""
    stage = new.journey.stage
    promised = best_window(old.journal, zone)
    window = best_window(new.journal, zone) if promised is not None else None
    if (
        promised is not None
        and window is not None
        and stage not in (Stage.DELIVERED, Stage.RETURNED)
        and _moved(promised, window)
    ):
        yield _Reached(name=MilestoneName.ESTIMATE_CHANGED, stage=stage, keys=())
    if stage is old.journey.stage:
        return
    line = new.journey.passages[-1].line if new.journey.passages else None
    yield _Reached(
        name=MilestoneName.STAGE_CHANGED,
        stage=stage,
        keys=line.keys if line is not None else (),
        line=line,
    )


def _late(
    parcel: Parcel,
    alerts: Collection[AlertKind],
    milestones: Iterable[Milestone],
    now: datetime,
) -> _Reached | None:
    promise = lapsed(parcel.promises, now)
    if AlertKind.LATE not in alerts or promise is None:
        return None
    name = MilestoneName.BECAME_LATE
    if any(m.milestone is name and m.time and m.time >= promise for m in milestones):
        return None
    return _Reached(
        name=name,
        stage=parcel.stage,
        keys=(f"promise|{promise.astimezone(UTC).isoformat()}",),
        time=promise,
    )


def _silence(alerts: Mapping[AlertKind, Alert], story: Story) -> _Reached | None:
    alert = alerts.get(AlertKind.STALLED)
    if alert is None:
        return None
    line = story.lines[-1] if story.lines else None
    return _Reached(
        name=MilestoneName.STALLED,
        stage=story.journey.stage,
        keys=line.keys if line is not None else (_NEVER_SEEN,),
        line=line,
        time=alert.since,
    )


def _is_told(reached: _Reached, milestones: Iterable[Milestone]) -> bool:
    return any(
        m.milestone is reached.name and not set(m.causes).isdisjoint(reached.keys)
        for m in milestones
    )


def _moved(old: Window, new: Window) -> bool:
    """Say whether the window's day moved, or its hours by two or more."""

    def days(window: Window) -> tuple[date, date]:
        return (window.start.date(), window.end.date())

    return (
        days(old) != days(new)
        or abs(new.start - old.start) >= ESTIMATE_MOVED
        or abs(new.end - old.end) >= ESTIMATE_MOVED
    )


def _is_history(reached: _Reached, before: Journal) -> bool:
    """Say whether this was so before the parcel was followed.

    Only what comes with the first scans that a provider tells of can be: later
    ones are news, however late the carrier wrote them down. Where a journal, or a
    part of it, was lost, what comes later can be what was lost.
    """
    known = {(t.provider, t.tracking_number) for t in before.tracks if t.events}
    if reached.leg is not None:
        return all(provider != reached.leg.found_by for provider, _ in known)
    if reached.line is None:
        return not before.tracks
    later = any((e.provider, e.tracking_number) in known for e in reached.line.tellings)
    if later and before.silent_until is None:
        return False
    event, since = reached.line.event, _news_since(before)
    if event.time is not None:
        return event.time < since
    if event.local_time is None:
        return not later
    # A clock on a wall somewhere: after the moment in every zone, or history.
    wall = event.local_time.replace(tzinfo=since.tzinfo)
    return wall - _WIDEST_ZONE < since


def _news_since(journal: Journal) -> datetime:
    """Return the moment before which nothing is news."""
    return max(journal.added_at, journal.silent_until or journal.added_at)


def _is_over(reached: _Reached, journey: Journey) -> bool:
    """Say whether a passing milestone is no longer true."""
    stage = _PASSING.get(reached.name)
    if stage is None:
        return False
    last = journey.passages[-1]
    if last.stage is not stage:
        return True
    return last.line is not None and last.line is not reached.line


def _is_known(reached: _Reached, milestones: Iterable[Milestone]) -> bool:
    """Say whether customs need not be read between the lines, as they spoke before.

    Where a carrier tells its scans in another order, a parcel seems to be at the
    door before customs let it go.
    """
    if not reached.inferred:
        return False
    customs = [m.milestone for m in milestones if m.milestone in _CUSTOMS]
    return bool(customs) and customs[-1] is MilestoneName.CUSTOMS_CLEARED


def is_repeated(
    name: MilestoneName,
    milestones: Iterable[Milestone],
    now: datetime,
    quiet: timedelta,
) -> bool:
    """Say whether the same milestone was announced within the last hours."""
    return any(
        m.milestone is name
        and m.telling is not Telling.SILENT
        and abs(now - (m.announced_at or m.noted_at)) < quiet
        for m in milestones
    )


def _record(
    reached: _Reached,
    journal: Journal,
    milestones: list[Milestone],
    now: datetime,
    *,
    silent: bool,
) -> Milestone:
    taken = {m.milestone_id for m in milestones}
    count = sum(m.milestone is reached.name for m in milestones) + 1
    # A parcel whose number is corrected has another journal, and the same id.
    number = sha256(journal.tracking_number.encode()).hexdigest()[:8]
    stem = f"{journal.parcel_id}-{number}-{reached.name}"
    while f"{stem}-{count}" in taken:
        count += 1
    event = reached.line.event if reached.line is not None else None
    leg = reached.leg or journal.legs[0]
    return Milestone(
        milestone=reached.name,
        milestone_id=f"{stem}-{count}",
        noted_at=now,
        stage=reached.stage,
        time=reached.time or (event.time if event is not None else None),
        telling=Telling.SILENT if silent else Telling.PENDING,
        causes=reached.keys,
        description=event.description if event is not None else "",
        location=event.location if event is not None else None,
        carrier=(event.carrier if event is not None else None) or leg.carrier,
        tracking_number=(
            event.tracking_number if event is not None else leg.tracking_number
        ),
        inferred=reached.inferred,
    )
