"""Simulated time, tied to the real clock that Home Assistant reads."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

NOTHING: Final = timedelta(0)


def utc_now() -> datetime:
    """Return the real moment; a test that freezes the clock freezes this too."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A time during which simulated time ran evenly, from these two on."""

    real: datetime
    elapsed: timedelta


class SimClock:
    """How much simulated time has elapsed, and which real moment belongs to it.

    ``speed`` simulated seconds pass in one real second. What lies before the
    start is stamped at full scale (ten days before is ten real days before);
    what lies after it is stamped with the real moment at which simulated time
    gets there, so that Home Assistant's own clock agrees with every scan. A
    held clock stands still until ``begin``.
    """

    def __init__(
        self,
        *,
        speed: float = 1.0,
        now: Callable[[], datetime] = utc_now,
        held: bool = False,
    ) -> None:
        """Start the clock, unless it is held."""
        if speed <= 0:
            raise ValueError("speed must be positive")
        self.speed = speed
        self.now = now
        self._stretches: list[_Stretch] = []
        if not held:
            self.begin()

    @property
    def held(self) -> bool:
        """Whether the clock has not begun."""
        return not self._stretches

    def begin(self) -> None:
        """Let a held clock run; a running one is left alone."""
        if self.held:
            self._stretches.append(_Stretch(self.now(), NOTHING))

    @property
    def started(self) -> datetime:
        """Return the real moment of the start; of a held clock, the present."""
        return self.now() if self.held else self._stretches[0].real

    @property
    def elapsed(self) -> timedelta:
        """Return the simulated time since the start."""
        if self.held:
            return NOTHING
        last = self._stretches[-1]
        return last.elapsed + (self.now() - last.real) * self.speed

    def advance(self, by: timedelta) -> None:
        """Move simulated time ahead by hand, at once."""
        if by < NOTHING:
            raise ValueError("simulated time does not run backwards")
        self.begin()
        self._stretches.append(_Stretch(self.now(), self.elapsed + by))

    def moment(self, elapsed: timedelta) -> datetime:
        """Return the real moment at which simulated time gets to ``elapsed``."""
        if elapsed <= NOTHING or self.held:
            return self.started + elapsed
        reached = self._stretches[0]
        for stretch in self._stretches[1:]:
            ran_to = reached.elapsed + (stretch.real - reached.real) * self.speed
            if elapsed <= ran_to:
                break
            if elapsed <= stretch.elapsed:
                return stretch.real
            reached = stretch
        return reached.real + (elapsed - reached.elapsed) / self.speed
