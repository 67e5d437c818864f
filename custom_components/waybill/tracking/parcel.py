"""A parcel as the house sees it: one immutable snapshot of its journal."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from . import numbers
from .assessment import Alert, Facts, Rules, assess
from .estimates import Window, best_window, deadline
from .journal import Journal, Track, leg_carrier
from .journey import Passage, Story, story_of
from .model import Leg, Milestone, Problem, Stage, TrackingEvent
from .routing import Choice
from .timeline import by_nearness, destination_country, origin_country

DEFAULT_RULES: Final = Rules()
_CLOCK_AHEAD: Final = timedelta(days=1)
"""What was seen later than this from now was seen by a clock that was wrong."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pins:
    """Who carries a number and whom to ask about it, where that was decided.

    ``listed_by`` is the account that brought the number.
    """

    carrier: str | None = None
    provider: str | None = None
    listed_by: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What the person said about a parcel.

    ``carrier`` and ``provider`` are pinned where they are set. ``expected_by``
    is a date, or a date and time at the person's door. ``listed_by`` is the
    account that brought the parcel, where one did. ``joined`` holds what was
    decided for the numbers that the person joined to the parcel.
    """

    name: str = field(repr=False)
    carrier: str | None = None
    provider: str | None = None
    seller: str | None = field(default=None, repr=False)
    order_url: str | None = field(default=None, repr=False)
    order_number: str | None = field(default=None, repr=False)
    ordered_on: date | None = None
    expected_by: date | datetime | None = None
    protection_until: date | None = None
    postal_code: str | None = field(default=None, repr=False)
    phone_last4: str | None = field(default=None, repr=False)
    stalled_after_days: int | None = None
    notes: str | None = field(default=None, repr=False)
    listed_by: str | None = None
    joined: tuple[tuple[str, Pins], ...] = field(default=(), repr=False)

    def pins(self, leg: Leg) -> Pins:
        """Return what was decided for a leg.

        The carrier is said of the number that the person gave; a provider, of
        all the parcel.
        """
        if leg.found_by is None:
            return Pins(
                carrier=self.carrier, provider=self.provider, listed_by=self.listed_by
            )
        pins = dict(self.joined).get(leg.tracking_number, Pins())
        return replace(pins, provider=self.provider or pins.provider)


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """All that entities, actions and the card show of one parcel.

    ``events`` are newest first. ``heard_at`` (aware) is when the newest of them
    happened, as far as that is known, else when the parcel was added. ``flips_at`` (aware) is when the next alert begins
    or ends, if nothing happens before; ``promises`` are the moments (aware) by
    which the parcel was to be delivered. ``stage_since``, ``shipped_at`` and
    ``delivered_at`` are aware; the latter two are None while unknown, or where
    the scan's zone is.
    """

    parcel_id: str
    about: About
    tracking_number: str = field(repr=False)
    carrier: str | None
    carrier_name: str | None
    tracking_url: str | None = field(repr=False)
    added_at: datetime
    stage: Stage
    stage_since: datetime
    heard_at: datetime
    alerts: tuple[Alert, ...] = ()
    flips_at: datetime | None = None
    promises: tuple[datetime, ...] = ()
    problems: tuple[Problem, ...] = ()
    window: Window | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    transit_from: datetime | None = None
    transit_to: datetime | None = None
    origin_country: str | None = None
    destination_country: str | None = None
    pickup_point: str | None = field(default=None, repr=False)
    signed_by: str | None = field(default=None, repr=False)
    location: str | None = field(default=None, repr=False)
    invalid: bool = False
    needs: str | None = None
    events: tuple[TrackingEvent, ...] = ()
    legs: tuple[Leg, ...] = ()
    providers: tuple[Choice, ...] = ()
    milestones: tuple[Milestone, ...] = ()

    @property
    def name(self) -> str:
        """The name that the person gave, else the tracking number."""
        return self.about.name

    @property
    def needs_attention(self) -> bool:
        """Whether there is something that the person should look at."""
        return bool(self.alerts)

    @property
    def open_problem(self) -> Problem | None:
        """What the person reported last, of what is not settled."""
        problems = reversed(self.problems)
        return next((p for p in problems if p.settled_at is None), None)

    @property
    def last_event(self) -> TrackingEvent | None:
        """The newest line of any carrier."""
        return self.events[0] if self.events else None

    def days_in_transit(self, now: datetime, zone: tzinfo) -> int | None:
        """Count the calendar days from the hand-in to the door, or to today."""
        if self.transit_from is None:
            return None
        end = self.transit_to or now
        days = end.astimezone(zone).date() - self.transit_from.astimezone(zone).date()
        return max(0, days.days)


def snapshot(
    journal: Journal,
    about: About,
    providers: tuple[Choice, ...],
    zone: tzinfo,
    home: str | None = None,
    story: Story | None = None,
    *,
    now: datetime,
    rules: Rules = DEFAULT_RULES,
) -> Parcel:
    """Derive the parcel from its journal, whose ``story`` may be known.

    ``zone`` is the home's, ``home`` its country (ISO 3166 alpha-2) if known. The
    alerts are those of ``now`` (aware), by the home's ``rules``.
    """
    story = story_of(journal, story)
    journey = story.journey
    events = tuple(line.event for line in reversed(story.lines))
    since, mover = _moved(journey.passages, journal, now, zone)
    carrier = leg_carrier(journal, journal.legs[0], about.carrier, home)
    tracks = by_nearness(journal)
    delivered = _passage(journey.passages, Stage.DELIVERED)
    ended = delivered or _passage(journey.passages, Stage.RETURNED)
    shipped = journey.shipped.event if journey.shipped is not None else None
    window = best_window(journal, zone)
    promises = _promises(window, about, zone)
    heard_at = _heard_at(events, journal, now, zone)
    pickup_point = _first(tracks, "pickup_point")
    assessment = assess(
        Facts(
            stage=journey.stage,
            since=since,
            heard_at=heard_at,
            since_seen=_seen_at(mover, now) if mover is not None else None,
            heard_seen=_seen_at(events[0], now) if events else None,
            detail=(mover.description or None) if mover is not None else None,
            promises=promises,
            protection_until=about.protection_until,
            pickup_point=pickup_point,
            stalled_after_days=about.stalled_after_days,
            problems=journal.problems,
            put_off=journal.put_off,
        ),
        now,
        zone,
        rules,
    )
    return Parcel(
        parcel_id=journal.parcel_id,
        about=about,
        tracking_number=journal.tracking_number,
        carrier=carrier,
        carrier_name=numbers.carrier_name(carrier) if carrier else None,
        tracking_url=(
            numbers.tracking_url(carrier, journal.tracking_number) if carrier else None
        ),
        added_at=journal.added_at,
        stage=journey.stage,
        stage_since=since,
        heard_at=heard_at,
        alerts=assessment.alerts,
        flips_at=assessment.flips_at,
        promises=promises,
        problems=journal.problems,
        window=window,
        shipped_at=shipped.time if shipped is not None else None,
        delivered_at=_event_of(delivered).time if delivered is not None else None,
        transit_from=(
            _known_moment(shipped, now, zone) if shipped is not None else None
        ),
        transit_to=(
            _known_moment(_event_of(ended), now, zone) if ended is not None else None
        ),
        origin_country=origin_country(journal),
        destination_country=destination_country(journal),
        pickup_point=pickup_point,
        signed_by=_first(tracks, "signed_by"),
        location=next((e.location for e in events if e.location), None),
        invalid=bool(tracks) and not events and any(t.invalid for t in tracks),
        needs=_first(tracks, "needs") if not events else None,
        events=events,
        legs=tuple(
            Leg(
                tracking_number=leg.tracking_number,
                carrier=leg_carrier(journal, leg, about.pins(leg).carrier, home),
                found_by=leg.found_by,
                found_on=leg.found_on,
                since=leg.since,
            )
            for leg in journal.legs
        ),
        providers=providers,
        milestones=journal.milestones,
    )


def _promises(
    window: Window | None, about: About, zone: tzinfo
) -> tuple[datetime, ...]:
    """Return by when the carrier and the shop, or the person, said it would come."""
    told = [window.end] if window is not None else []
    if about.expected_by is not None:
        told.append(deadline(about.expected_by, zone))
    return tuple(told)


def _heard_at(
    events: tuple[TrackingEvent, ...], journal: Journal, now: datetime, zone: tzinfo
) -> datetime:
    """Return when the newest event happened, as far as that can be known.

    A clock that runs ahead of ours is not believed.
    """
    if not events:
        return journal.added_at
    event = events[0]
    told = (_known_moment(event, now, zone), _seen_at(event, now))
    known = [at for at in told if at is not None]
    return min(known, default=journal.added_at)


def _moved(
    passages: tuple[Passage, ...], journal: Journal, now: datetime, zone: tzinfo
) -> tuple[datetime, TrackingEvent | None]:
    """Return since when the parcel is where it is, and the scan that says so."""
    if not passages:
        return journal.added_at, None
    last = passages[-1]
    if last.line is None:
        return last.since or journal.added_at, None
    event = last.line.event
    return _known_moment(event, now, zone) or journal.added_at, event


def _passage(passages: tuple[Passage, ...], stage: Stage) -> Passage | None:
    return next(
        (p for p in reversed(passages) if p.stage is stage and p.line is not None), None
    )


def _event_of(passage: Passage) -> TrackingEvent:
    assert passage.line is not None
    return passage.line.event


def _known_moment(event: TrackingEvent, now: datetime, zone: tzinfo) -> datetime | None:
    """Return when an event happened, else when it was first seen.

    What was seen by a clock that was ahead happened when it was written to have,
    by the clock at home.
    """
    if event.time is not None:
        return event.time
    seen = _seen_at(event, now)
    if seen is None and event.first_seen is not None and event.local_time is not None:
        return event.local_time.replace(tzinfo=zone)
    return seen or event.first_seen


def _seen_at(event: TrackingEvent, now: datetime) -> datetime | None:
    """Return when Waybill first saw an event, where the clock was right then."""
    seen = event.first_seen
    return seen if seen is not None and seen - now <= _CLOCK_AHEAD else None


def _first(tracks: list[Track], field: str) -> str | None:
    return next((v for t in tracks if (v := getattr(t, field))), None)
