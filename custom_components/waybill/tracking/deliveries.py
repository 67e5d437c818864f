"""When a parcel comes, or came: its place in a calendar, and its due date."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
import math
from typing import Final

from .estimates import deadline
from .model import FINAL_STAGES, Stage
from .parcel import Parcel

SHORTEST: Final = timedelta(minutes=15)
"""A moment is shown as long as this, or nobody would see it."""

_SURE: Final = frozenset(
    {Stage.OUT_FOR_DELIVERY, Stage.READY_FOR_PICKUP, Stage.DELIVERED}
)
_GOES_BACK: Final = frozenset({Stage.RETURNING, Stage.RETURNED})
_EXPECTED_NO_MORE: Final = _GOES_BACK | {Stage.DELIVERED}
_RINGS_NOWHERE: Final = frozenset({Stage.READY_FOR_PICKUP, Stage.EXPIRED})
_DAY: Final = timedelta(days=1)

type Place = tuple[bool, bool, float, str, str]
"""Sorts parcels; see ``place_of``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """Two days, the second exclusive, or two instants in the home's zone.

    The second is later, on the clock on the wall too. ``sure`` is what a carrier
    has in its van, or has brought already.
    """

    start: date | datetime
    end: date | datetime
    sure: bool


def delivery_of(parcel: Parcel, zone: tzinfo) -> Delivery | None:
    """Return when a parcel was delivered, else when it is promised.

    What the carrier promises goes before what the person was promised. None where
    nobody promised anything, and of a parcel that goes back. ``zone`` is the
    home's. A late parcel stays where it was promised.
    """
    sure = parcel.stage in _SURE
    if parcel.stage in _GOES_BACK:
        return None
    if parcel.stage is Stage.DELIVERED:
        came = parcel.delivered_at or parcel.transit_to or parcel.stage_since
        return _hours(came, came, zone, sure=sure)
    window, promised = parcel.window, parcel.about.expected_by
    if window is not None and window.all_day:
        return _days(window.start.date(), window.end.date(), sure=sure)
    if window is not None:
        return _hours(window.start, window.end, zone, sure=sure)
    if promised is None:
        return None
    if isinstance(promised, datetime):
        by = deadline(promised, zone)
        return _hours(by, by, zone, sure=sure)
    return _days(promised, promised, sure=sure)


def due(parcel: Parcel, zone: tzinfo) -> date | datetime | None:
    """Return until when a parcel is promised: a day, or an instant in ``zone``.

    None where nobody promised anything, and once it is delivered or goes back.
    """
    window, promised = parcel.window, parcel.about.expected_by
    if parcel.stage in _EXPECTED_NO_MORE:
        return None
    if window is not None:
        return window.end.date() if window.all_day else window.end
    if isinstance(promised, datetime):
        return deadline(promised, zone)
    return promised


def arrives_on(parcel: Parcel, today: date, zone: tzinfo) -> date | None:
    """Return the day, in ``zone``, on which to expect a parcel at the door.

    One that is out for delivery comes ``today``, whatever was promised. None where
    nobody promised anything, and where nobody will ring: it is there, it waits
    elsewhere, it goes back, or its carrier gave it up.
    """
    if parcel.stage is Stage.OUT_FOR_DELIVERY:
        return today
    if parcel.stage in _RINGS_NOWHERE:
        return None
    until = due(parcel, zone)
    return until.date() if isinstance(until, datetime) else until


def place_of(parcel: Parcel, zone: tzinfo) -> Place:
    """Return the place of a parcel among others.

    Those that need a person first, those that have arrived last, and else by the
    date until when they are promised.
    """
    until = due(parcel, zone)
    return (
        not parcel.needs_attention,
        parcel.stage in FINAL_STAGES,
        math.inf if until is None else deadline(until, zone).timestamp(),
        parcel.name.casefold(),
        parcel.parcel_id,
    )


def _days(first: date, last: date, *, sure: bool) -> Delivery:
    return Delivery(start=first, end=last + _DAY, sure=sure)


def _hours(start: datetime, end: datetime, zone: tzinfo, *, sure: bool) -> Delivery:
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    end = max(end, start + SHORTEST)
    begins, ends = start.astimezone(zone), end.astimezone(zone)
    back = begins.replace(tzinfo=None) - ends.replace(tzinfo=None)
    if back >= timedelta():
        # The clock went back in between: calendars reckon with what it shows.
        ends = (end + back + SHORTEST).astimezone(zone)
    return Delivery(start=begins, end=ends, sure=sure)
