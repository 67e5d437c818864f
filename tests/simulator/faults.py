"""Faults: what carriers do wrong, played on command."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from enum import StrEnum
from random import Random

from .playing import Scan, View


class FaultKind(StrEnum):
    """What goes wrong."""

    STATUS = "status"
    """An HTTP status, with or without a Retry-After."""
    DELAY = "delay"
    """The right answer, ``seconds`` late."""
    RESET = "reset"
    """The connection breaks. aiohttp asks a second time before it says so."""
    HTML = "html"
    """A page of HTML with status 200."""
    TRUNCATED = "truncated"
    """The right answer, cut off in the middle."""
    OTHER_JSON = "other_json"
    """JSON of another type: ``body``."""
    OTHER_NUMBER = "other_number"
    """The right answer, but said of ``number``."""
    BESIDE = "beside"
    """The shipment ``number`` of somebody else, before the right answer."""
    EMPTY = "empty"
    """The number is known, its history is empty."""
    UNKNOWN = "unknown"
    """The number is not known any more."""
    SHORTER = "shorter"
    """Only the newest ``keep`` scans are left."""
    DOUBLED = "doubled"
    """Every scan is there twice."""
    REORDERED = "reordered"
    """The scans are reversed, or with a ``seed`` shuffled."""
    WALL = "wall"
    """The provider's own way to turn a robot away."""
    QUOTA = "quota"
    """The provider's own way to say that the quota is spent."""
    KEY = "key"
    """The provider's own way to reject a key."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. ``only`` holds it to requests about a number, ``path`` to a path's end.

    A fault of the history that is held to a number leaves the other numbers of
    the same request alone.
    """

    kind: FaultKind
    _: KW_ONLY
    status: int = 503
    retry_after: str | None = None
    seconds: float = 60.0
    number: str = "LP00999999999999"
    keep: int = 1
    seed: int | None = None
    body: object = ()
    only: str | None = None
    path: str | None = None

    def concerns(self, path: str, numbers: Sequence[str]) -> bool:
        """Whether a request meets this fault."""
        if self.path is not None and not path.endswith(self.path):
            return False
        return self.only is None or self.only in numbers

    def distort(self, view: View | None) -> View | None:
        """Return what is told instead of what would rightly be told."""
        if view is None or self.only not in {None, view.number}:
            return view
        if self.kind is FaultKind.UNKNOWN:
            return None
        if self.kind is FaultKind.OTHER_NUMBER:
            return replace(view, number=self.number)
        scans = self._history(view.scans)
        return replace(view, scans=scans, emptied=not scans)

    def _history(self, scans: tuple[Scan, ...]) -> tuple[Scan, ...]:
        """Return the scans that are told instead."""
        match self.kind:
            case FaultKind.EMPTY:
                return ()
            case FaultKind.SHORTER:
                return scans[-self.keep :] if self.keep else ()
            case FaultKind.DOUBLED:
                return tuple(scan for scan in scans for _ in range(2))
            case FaultKind.REORDERED if self.seed is None:
                return scans[::-1]
            case FaultKind.REORDERED:
                return tuple(Random(self.seed).sample(scans, len(scans)))  # nosec B311  # shuffles scans
            case _:
                return scans


@dataclass(slots=True)
class _Queued:
    """A fault and how many requests it is still for; None: all."""

    fault: Fault
    left: int | None


class FaultQueue:
    """The faults that wait for each provider."""

    def __init__(self) -> None:
        """Begin without a fault."""
        self._queued: dict[str, list[_Queued]] = {}

    def add(self, provider: str, fault: Fault, times: int | None) -> None:
        """Queue a fault for so many requests, or for all that come (None)."""
        if times is not None and times < 1:
            raise ValueError("times must be at least one")
        self._queued.setdefault(provider, []).append(_Queued(fault, times))

    def heal(self, provider: str | None = None) -> None:
        """Forget the faults of a provider, or of all."""
        if provider is None:
            self._queued.clear()
        else:
            self._queued.pop(provider, None)

    def take(self, provider: str, path: str, numbers: Sequence[str]) -> Fault | None:
        """Return the fault that a request meets: counted ones first, in order."""
        queued = self._queued.get(provider, [])
        met = [entry for entry in queued if entry.fault.concerns(path, numbers)]
        entry = min(met, key=lambda entry: entry.left is None, default=None)
        if entry is None:
            return None
        if entry.left is not None:
            entry.left -= 1
            if entry.left == 0:
                queued.remove(entry)
        return entry.fault

    def __len__(self) -> int:
        """Return how many faults are queued."""
        return sum(map(len, self._queued.values()))
