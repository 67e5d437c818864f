"""When a parcel is promised to arrive, told for the person's door."""

from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import Final

from .journal import Journal
from .model import Estimate
from .timeline import by_nearness

# The later one where the clock goes back over midnight and it comes twice.
END_OF_DAY: Final = time(23, 59, 59, fold=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """An estimate as two instants in the home's zone, and who gave it.

    ``all_day`` says that no hours were given.
    """

    start: datetime
    end: datetime
    provider: str
    all_day: bool = False


def best_window(journal: Journal, zone: tzinfo) -> Window | None:
    """Return the estimate of the provider that knows best, if any gave one.

    The last leg that was scanned goes first, then the provider nearest to the
    carrier.
    """
    tracks = by_nearness(journal)
    legs = [leg.tracking_number for leg in journal.legs]
    scanned = {track.tracking_number for track in tracks if track.events}
    known = [track for track in tracks if track.tracking_number in legs]
    known.sort(
        key=lambda track: (
            track.tracking_number not in scanned,
            -legs.index(track.tracking_number),
        )
    )
    for track in known:
        if track.estimate is not None:
            return window(track.estimate, track.provider, zone)
    return None


def window(estimate: Estimate, provider: str, zone: tzinfo) -> Window:
    """Tell an estimate for the person's door.

    A date alone means the end of that day and a naive time is read in
    ``zone``; a window without an end ends with its first day.
    """
    start = _instant(estimate.start, zone, time.min)
    end_of_first_day = datetime.combine(start.date(), END_OF_DAY, zone)
    end = (
        end_of_first_day
        if estimate.end is None
        else _instant(estimate.end, zone, END_OF_DAY)
    )
    return Window(
        start=start,
        end=max(start, end, key=datetime.timestamp),
        provider=provider,
        all_day=not any(
            isinstance(promise, datetime) for promise in (estimate.start, estimate.end)
        ),
    )


def deadline(value: date | datetime, zone: tzinfo) -> datetime:
    """Return the instant at which a promised date or time has passed."""
    return _instant(value, zone, END_OF_DAY)


def _instant(value: date | datetime, zone: tzinfo, of_day: time) -> datetime:
    if not isinstance(value, datetime):
        return datetime.combine(value, of_day, zone)
    if value.tzinfo is None:
        return value.replace(tzinfo=zone)
    return value.astimezone(zone)
