"""How carriers count requests. ``pace`` shortens every window that many times."""

from collections import deque
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


class Window:
    """At most so many requests within any window of a given length."""

    def __init__(self, limit: int, length: timedelta, *, pace: float = 1.0) -> None:
        """Set the limit."""
        self.limit = limit
        self._length = length / pace
        self._past: deque[datetime] = deque(maxlen=limit)

    def admits(self, now: datetime) -> bool:
        """Count a request and say whether it keeps to the limit."""
        full = len(self._past) == self.limit
        admitted = not full or now - self._past[0] >= self._length
        if admitted:
            self._past.append(now)
        return admitted


class Daily:
    """At most so many requests a day, counted from midnight UTC."""

    def __init__(self, limit: int, *, pace: float = 1.0) -> None:
        """Set the limit; with a pace, a "day" is a day divided by it."""
        self.limit = limit
        self.used = 0
        self._length = _DAY / pace
        self._day = -1

    def count(self, now: datetime) -> int:
        """Return how many were used in the day of ``now``."""
        day = (now - _EPOCH) // self._length
        if day != self._day:
            self._day, self.used = day, 0
        return self.used

    def admits(self, now: datetime) -> bool:
        """Count a request and say whether it keeps to the limit."""
        if self.count(now) >= self.limit:
            return False
        self.used += 1
        return True
