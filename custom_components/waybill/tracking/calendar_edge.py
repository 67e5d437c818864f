"""The edge of the calendar, where no zone can change and no interval can begin."""

from datetime import date, timedelta
from typing import Final

_ROOM: Final = timedelta(days=2)


def inside[Day: date](told: Day) -> Day:
    """Return a date, or a moment of any kind. Raises OverflowError at the edge."""
    day = date(told.year, told.month, told.day)
    for shift in (-_ROOM, _ROOM):
        day + shift
    return told
