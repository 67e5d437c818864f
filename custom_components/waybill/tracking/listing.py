"""What an account lists, remembered: what is new there, and what is gone for good.

A number that is missing is gone only when it stays so: a carrier's nonsense
must not end what a person follows.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Self

from .ledger import moment
from .tempo import Tempo

LIST_EVERY: Final = timedelta(hours=2)
GONE_AFTER: Final = timedelta(hours=1)
"""Two whole lists this far apart must miss a number before it is gone."""
EMPTY_FOR: Final = timedelta(days=1)
"""A list that held more than one number and is empty all at once must stay so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """What is remembered of one account's list. All moments are aware.

    ``known`` are the numbers that need no more thought: the account brought
    them, they were followed anyway, or the person wants none of them. Each has
    the moment since which the list misses it, None while it is there.
    ``length`` is how many numbers the list had, before it was empty since
    ``empty_since``.
    """

    listed_at: datetime | None = None
    known: Mapping[str, datetime | None] = field(default_factory=dict, repr=False)
    length: int = 0
    empty_since: datetime | None = None

    def due(self, now: datetime, tempo: Tempo) -> datetime:
        """Return when the list is to be asked for."""
        if self.listed_at is None:
            return now
        # A clock that was set back must not silence an account.
        return min(self.listed_at, now) + tempo.span(LIST_EVERY)

    def knowing(self, numbers: Iterable[str]) -> Self:
        """Give no more thought to numbers, for as long as they are in the list."""
        return replace(self, known=dict.fromkeys(numbers) | dict(self.known))

    def told(
        self, numbers: Collection[str], now: datetime, tempo: Tempo
    ) -> tuple[Self, frozenset[str]]:
        """Take note of a whole list; returns the known numbers that are gone."""
        empty_since = None
        if not numbers and self.length > 1:
            empty_since = min(self.empty_since or now, now)
            if tempo.elapsed(empty_since, now) < EMPTY_FOR:
                doubting = replace(self, listed_at=now, empty_since=empty_since)
                return doubting, frozenset()
        missing = {
            number: min(since or now, now)
            for number, since in self.known.items()
            if number not in numbers
        }
        gone = frozenset(
            number
            for number, since in missing.items()
            if empty_since is not None or tempo.elapsed(since, now) >= GONE_AFTER
        )
        told = replace(
            self,
            listed_at=now,
            known={n: missing.get(n) for n in self.known if n not in gone},
            length=len(numbers),
            empty_since=None,
        )
        return told, gone

    def as_dict(self) -> dict[str, object]:
        """Return what must survive a restart, as JSON."""
        return {
            "listed_at": _written(self.listed_at),
            "known": {number: _written(at) for number, at in self.known.items()},
            "length": self.length,
            "empty_since": _written(self.empty_since),
        }


def restored(stored: object) -> Listing:
    """Take up what ``as_dict`` gave; what cannot be read is passed over."""
    if not isinstance(stored, dict):
        return Listing()
    known, length = stored.get("known"), stored.get("length")
    return Listing(
        listed_at=moment(stored.get("listed_at")),
        known={str(number): moment(at) for number, at in known.items()}
        if isinstance(known, dict)
        else {},
        length=length if isinstance(length, int) else 0,
        empty_since=moment(stored.get("empty_since")),
    )


def _written(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
