"""How fast time passes for the plan: a simulated month can pass in minutes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import floor
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tempo:
    """Every interval is ``pace`` times shorter, a provider's day included."""

    pace: float = 1

    def span(self, duration: timedelta) -> timedelta:
        """Return how long a duration takes."""
        return duration / self.pace

    def elapsed(self, since: datetime, now: datetime) -> timedelta:
        """Return how much time seems to have passed."""
        return (now - since) * self.pace

    def day(self, now: datetime) -> int:
        """Return the number of the day (UTC) that a moment is in."""
        return floor((now - _EPOCH) / self.span(_DAY))

    def next_day(self, now: datetime) -> datetime:
        """Return when the next day begins."""
        return _EPOCH + (self.day(now) + 1) * self.span(_DAY)
