"""Journeys being played: which scans are written by now, and who may read them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from .clock import NOTHING, SimClock
from .journeys import (
    AGGREGATORS,
    BEFORE_LANDING,
    DIRECT_FACES,
    DIRECTIONS,
    UTC_OFFSETS,
    Direction,
    Estimate,
    Handoff,
    Journey,
    Kind,
    Stage,
    Step,
    Zone,
    kind_of,
)

_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scan:
    """One line that a carrier has written; it never changes again.

    ``time`` is the true instant, to the second. ``at`` is its simulated offset
    from the journey's start.
    """

    kind: Kind
    time: datetime
    at: timedelta
    utc_offset: float
    zone: Zone
    place: str | None = None
    country: str | None = None
    words: str | None = None
    code: str | None = None
    direction: Direction | None = None

    @property
    def local_time(self) -> datetime:
        """Return what a clock at the place showed, naive."""
        return (self.time + timedelta(hours=self.utc_offset)).replace(tzinfo=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """What one provider may tell about one number. ``scans`` are oldest first."""

    number: str
    carrier: str
    journey: Journey
    scans: tuple[Scan, ...]
    now: datetime
    idle: timedelta = NOTHING
    handoff: Handoff | None = None
    estimate: tuple[datetime, datetime] | None = None
    emptied: bool = False
    """Whether the history is missing, though there is one."""

    @property
    def last(self) -> Scan | None:
        """Return the newest scan."""
        return self.scans[-1] if self.scans else None


class Playing:
    """One journey on the clock."""

    def __init__(self, journey: Journey, clock: SimClock) -> None:
        """Start the journey now."""
        self.journey = journey
        self._clock = clock
        self._start = clock.elapsed
        self._began: datetime | None = None
        self._written: list[Scan] = []
        self._released = 0
        self._estimate = journey.estimate

    @property
    def began(self) -> datetime:
        """Return the real moment of the journey's start."""
        if self._began is None:
            if self._clock.held:
                return self._clock.now()
            self._began = self._clock.moment(self._start)
        return self._began

    @property
    def elapsed(self) -> timedelta:
        """Return the simulated time since the journey's start."""
        return self._clock.elapsed - self._start

    @property
    def scans(self) -> tuple[Scan, ...]:
        """Return what is written by now, oldest first; nothing on a held clock."""
        if not self._clock.held:
            self._release()
        return tuple(self._written)

    @property
    def stage(self) -> Stage:
        """Return where the parcel is by now, told by a carrier that tells all.

        Not every carrier does: DHL calls a return a failure.
        """
        scans = self.scans
        return scans[-1].kind.stage if scans else Stage.PENDING

    @property
    def next_step(self) -> Step | None:
        """Return the step that comes next, if any."""
        steps = self.journey.steps
        return steps[self._released] if self._released < len(steps) else None

    def scan(
        self,
        what: Kind | Stage | str,
        place: str | None = None,
        country: str | None = None,
        *,
        words: str | None = None,
        code: str | None = None,
        direction: Direction | None = None,
        utc_offset: float | None = None,
        zone: Zone = Zone.TOLD,
        estimate: Estimate | None = None,
    ) -> Scan:
        """Write a scan now, ahead of the steps that are still to come."""
        self._clock.begin()
        self._release()
        step = Step(
            self.elapsed,
            kind_of(what),
            place,
            country,
            words=words,
            code=code,
            direction=direction,
            utc_offset=utc_offset,
            zone=zone,
            estimate=estimate,
        )
        self._write([self._scan(step, self._clock.now())])
        self._estimate = estimate or self._estimate
        return self._written[-1]

    def promise(self, estimate: Estimate | None) -> None:
        """Change the promised delivery."""
        self._estimate = estimate

    def view(self, number: str, provider: str) -> View | None:
        """Return what a provider may tell about a number of this journey."""
        journey, handoff, scans = self.journey, self.journey.handoff, self.scans
        if handoff is not None and self.elapsed < handoff.at:
            handoff = None
        elapsed = self.elapsed
        scans = tuple(s for s in scans if elapsed - s.at <= journey.purged_after)
        whole = View(
            number=number,
            carrier=journey.carrier,
            journey=journey,
            scans=scans,
            now=self._clock.now(),
            idle=elapsed - scans[-1].at if scans else elapsed,
            handoff=handoff,
            estimate=self._promised(),
        )
        if number == journey.number:
            return whole if journey.knows(provider) else None
        if handoff is None or number != handoff.number:
            return None
        if provider not in {*AGGREGATORS, DIRECT_FACES.get(handoff.carrier)}:
            return None
        since = handoff.at
        return replace(
            whole,
            carrier=handoff.carrier,
            scans=tuple(s for s in scans if s.at >= since),
            handoff=None,
        )

    def _promised(self) -> tuple[datetime, datetime] | None:
        """Return the promised window."""
        if (promise := self._estimate) is None:
            return None
        starts, ends = promise.starts, promise.ends or promise.starts
        if promise.at_speed:
            return self._moment(starts), self._moment(ends)
        return self.began + starts, self.began + ends

    def _moment(self, at: timedelta) -> datetime:
        """Return the real moment of an offset: full scale before the start only."""
        if at <= NOTHING:
            return self.began + at
        return self._clock.moment(self._start + at)

    def _country_of(self, kind: Kind) -> str | None:
        """Return where a scan without a country was made: on which side of the flight."""
        journey = self.journey
        return journey.origin if kind in BEFORE_LANDING else journey.destination

    def _release(self) -> None:
        """Write the steps that simulated time has got to."""
        steps = self.journey.steps
        elapsed = self.elapsed
        due: list[Scan] = []
        while self._released < len(steps) and steps[self._released].at <= elapsed:
            step = steps[self._released]
            self._released += 1
            due.append(self._scan(step, self._moment(step.at)))
            self._estimate = step.estimate or self._estimate
        self._write(due)

    def _scan(self, step: Step, moment: datetime) -> Scan:
        """Return the scan that a step makes at a moment."""
        kind = step.kind
        country = step.country or self._country_of(kind)
        waits = kind.stage is Stage.READY_FOR_PICKUP
        offset = step.utc_offset
        if offset is None:
            offset = UTC_OFFSETS.get(country or "", 0)
        return Scan(
            kind=kind,
            time=moment.replace(microsecond=0),
            at=step.at,
            utc_offset=offset,
            zone=step.zone,
            place=step.place or (self.journey.pickup_point if waits else None),
            country=country,
            words=step.words,
            code=step.code,
            direction=step.direction or DIRECTIONS.get(kind),
        )

    def _write(self, scans: list[Scan]) -> None:
        """Append scans, a second apart where a fast clock put them into one.

        Steps that were jumped over together end with the newest, which keeps
        its moment.
        """
        spread: list[Scan] = []
        for scan in reversed(scans):
            if spread and scan.time >= spread[-1].time:
                scan = replace(scan, time=spread[-1].time - _SECOND)
            spread.append(scan)
        for scan in reversed(spread):
            last = self._written[-1].time if self._written else scan.time - _SECOND
            if scan.at > NOTHING and scan.time <= last:
                scan = replace(scan, time=last + _SECOND)
            self._written.append(scan)


class World:
    """All journeys, found by any of their numbers."""

    def __init__(self, clock: SimClock, journeys: Iterable[Journey] = ()) -> None:
        """Start the journeys."""
        self.clock = clock
        self._playing: dict[str, Playing] = {}
        for journey in journeys:
            self.add(journey)

    def __iter__(self) -> Iterator[Playing]:
        """Iterate over the journeys that are being played."""
        return iter(self._playing.values())

    def add(self, journey: Journey) -> Playing:
        """Start a journey now; one with the same number gives way to it."""
        self._playing[journey.number] = playing = Playing(journey, self.clock)
        return playing

    def playing(self, number: str) -> Playing:
        """Return the journey with a number of its own or of its last carrier."""
        if (found := self._playing.get(number)) is not None:
            return found
        for playing in self:
            handoff = playing.journey.handoff
            if handoff is not None and handoff.number == number:
                return playing
        raise KeyError(number)

    def view(self, number: str, provider: str) -> View | None:
        """Return what a provider may tell about a number, None if it knows nothing."""
        try:
            return self.playing(number).view(number, provider)
        except KeyError:
            return None
