"""What a house has on disk while no process runs."""

from collections import Counter
from collections.abc import Iterator
import json
from pathlib import Path
from time import monotonic
from typing import Final

from custom_components.waybill.tracking.chain import verify
from custom_components.waybill.tracking.journal import Journal
from custom_components.waybill.tracking.journal_json import from_json
from custom_components.waybill.tracking.model import Telling

type _Stamp = tuple[int, int, int]

_JOURNALS: Final = "waybill.journal.*"


class Shelf:
    """Reads the journals after each process, and says what is wrong with them."""

    def __init__(self, folder: Path) -> None:
        """Look into a configuration folder."""
        self._storage = folder / ".storage"
        self._stamps: dict[Path, _Stamp] = {}
        self._events: dict[Path, Counter[tuple[str, str, str]]] = {}
        self.problems: list[str] = []
        self.marked: dict[str, float] = {}
        """When a milestone, by its id, was first found to be one that was told."""

    def look(self) -> None:
        """Read what was written since the last look."""
        there: set[Path] = set()
        for path in self._storage.glob(_JOURNALS):
            if path.name.count(".") != _JOURNALS.count("."):
                self._complain(path, "was set aside")
                continue
            there.add(path)
            info = path.stat()
            stamp = (info.st_ino, info.st_mtime_ns, info.st_size)
            if self._stamps.get(path) != stamp:
                self._stamps[path] = stamp
                self._read(path)
        for path in self._stamps.keys() - there:
            self._complain(path, "is gone")

    def _read(self, path: Path) -> None:
        try:
            journal = from_json(json.loads(path.read_bytes())["data"])
        except (KeyError, TypeError, ValueError) as err:
            self._complain(path, f"cannot be read: {type(err).__name__}")
            return
        if verify(journal):
            self._complain(path, "is not what was sealed")
        now = monotonic()
        for milestone in journal.milestones:
            if milestone.telling is Telling.ANNOUNCED:
                self.marked.setdefault(milestone.milestone_id, now)
        events = Counter(_events(journal))
        if lost := self._events.get(path, Counter()) - events:
            self._complain(path, f"lost {lost.total()} events")
        self._events[path] = events

    def _complain(self, path: Path, what: str) -> None:
        problem = f"{path.name} {what}"
        if problem not in self.problems:
            self.problems.append(problem)


def _events(journal: Journal) -> Iterator[tuple[str, str, str]]:
    for track in journal.tracks:
        for event in track.events:
            yield track.provider, track.tracking_number, event.key
