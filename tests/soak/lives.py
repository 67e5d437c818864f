"""The lives of a house's processes."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from .chaos import Moment


@dataclass(frozen=True, kw_only=True, slots=True)
class Lived:
    """A process that is gone, by the monotonic clock.

    ``moment`` is what the kill was aimed at; None where it ended by itself.
    ``up`` is when it was up, None where it never was.
    """

    begins: float
    ends: float
    up: float | None = None
    moment: Moment | None = None


def life_at(lives: Sequence[Lived], at: float) -> Lived | None:
    """Return the process that ran at a moment; ``lives`` are in order."""
    index = bisect_right(lives, at, key=lambda life: life.begins) - 1
    if index < 0 or lives[index].ends < at:
        return None
    return lives[index]
