"""Tells in the terminal what happens to the parcels."""

from collections import Counter
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, Final

from .client import Client

type Say = Callable[[str], None]

_NAMES: Final = (
    "component.waybill.entity.event.milestone.state_attributes.event_type.state."
)
_SILENT: Final = frozenset({"stage_changed"})
"""Comes with nearly every other milestone, and would say it twice."""


class Narrator:
    """Writes one line for each milestone."""

    def __init__(self, say: Say) -> None:
        """Write with ``say``."""
        self.told: Counter[str] = Counter()
        """How often each milestone was told, by its id."""
        self._say = say
        self._names: Mapping[str, str] = {}
        self._since = monotonic()

    async def listen(self, client: Client, language: str) -> None:
        """Tell of the milestones that are announced from now on."""
        translations = await client.command(
            "frontend/get_translations",
            language=language,
            category="entity",
            integration=["waybill"],
        )
        self._names = {
            key.removeprefix(_NAMES): name
            for key, name in translations["resources"].items()
            if key.startswith(_NAMES)
        }
        await client.subscribe("waybill_milestone", self._tell)

    def begin(self) -> None:
        """Count the seconds from now on."""
        self._since = monotonic()

    def _tell(self, event: Mapping[str, Any]) -> None:
        milestone = event["data"]
        kind = milestone["milestone"]
        self.told[milestone["milestone_id"]] += 1
        if kind in _SILENT:
            return
        name = self._names.get(kind, kind.replace("_", " "))
        words = milestone.get("description") or ""
        place = milestone.get("location") or ""
        if place not in words:
            words = f"{words}, {place}"
        seconds = monotonic() - self._since
        line = f"{seconds:5.0f} s  {milestone['name']:<28}  {name:<26}  {words}"
        self._say(line.rstrip())
