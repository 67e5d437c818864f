"""Looks whether the automations fired when they should, and only then."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

from tests.simulator import Kind
from tests.simulator.demo import LISTED, PARCELS
from tests.simulator.faces.cainiao_words import WORDS

from .automations import told
from .client import Client
from .home import Home
from .narrator import Narrator
from .parcels import EXPORT_ONLY, name_of
from .phone import listed_name
from .words import Words

_LOOK_EVERY: Final = 1.0
_TIME_TO_TELL: Final = 3.0
"""Seconds that an automation has to tell what it should not."""
_HANDED_OVER: Final = next(
    parcel
    for parcel in PARCELS
    if parcel.journey.handoff is not None
    and parcel.journey.handoff.carrier == "la_poste"
)
_REMOVED: Final = tuple(parcel for parcel in LISTED if parcel.removed is not None)
_EXPORT_CLEARED: Final = WORDS[Kind.EXPORT_CLEARED][0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """What was seen."""

    cleared: tuple[str, ...]
    """The parcels that the automation told of, once for each time."""
    delivered: tuple[str, ...]
    export_only: str
    export_cleared: bool
    """Whether that parcel's journal has the export clearance."""
    two_numbers: str
    handed_over: bool
    """Whether the last carrier tells of that parcel by its own number."""
    appeared: tuple[str, ...]
    """The parcels that came by themselves, from the account that lists them."""
    vanished: tuple[str, ...]
    """Those of them that went by themselves."""
    repeated: tuple[str, ...]
    """The milestones that were told more than once, by their ids."""
    complaints: tuple[str, ...]

    @property
    def both(self) -> tuple[str, ...]:
        """Return the parcels that both automations told of."""
        return tuple(name for name in self.cleared if name in self.delivered)

    @property
    def twice(self) -> tuple[str, ...]:
        """Return what was told more than once."""
        names = {
            name for names in (self.cleared, self.delivered) for name in _twice(names)
        }
        return (*sorted(names), *self.repeated)

    @property
    def complete(self) -> bool:
        """Say whether all that was waited for has happened."""
        return (
            bool(self.both)
            and self.export_cleared
            and self.handed_over
            and len(self.appeared) == len(LISTED)
            and len(self.vanished) == len(_REMOVED)
        )

    @property
    def good(self) -> bool:
        """Say whether everything is as it should be."""
        return (
            self.complete
            and self.export_only not in self.cleared
            and not self.twice
            and not self.complaints
        )

    def table(self) -> list[str]:
        """Return what was seen, as lines of text."""
        names = dict.fromkeys((*self.cleared, *self.delivered, self.export_only))
        width = max(map(len, names))
        lines = [f"{'parcel':<{width}}  customs cleared  delivered"]
        lines += [
            f"{name:<{width}}  {_times(self.cleared, name):<15}  "
            f"{_times(self.delivered, name)}"
            for name in names
        ]
        lines.append("")
        lines += [
            f"{'ok' if fine else 'FAILED':<8}{what}" for what, fine in self._verdicts()
        ]
        lines += [f"        {line}" for line in self.complaints]
        return lines

    def _verdicts(self) -> Iterable[tuple[str, bool]]:
        both = ", ".join(self.both) or "no parcel"
        yield f"both automations fired: {both}", bool(self.both)
        yield (
            f"no automation told that export customs let {self.export_only} go",
            self.export_cleared and self.export_only not in self.cleared,
        )
        yield (
            f"one parcel, two numbers: {self.two_numbers} went on to La Poste",
            self.handed_over,
        )
        appeared = ", ".join(self.appeared) or "no parcel"
        yield (
            f"17TRACK's account brought {appeared}",
            len(self.appeared) == len(LISTED),
        )
        vanished = ", ".join(self.vanished) or "no parcel"
        yield (
            f"removed there, and let go here: {vanished}",
            len(self.vanished) == len(_REMOVED),
        )
        twice = ", ".join(self.twice)
        yield f"nothing was told twice {twice}".rstrip(), not self.twice
        yield "Home Assistant's log has no complaint of Waybill", not self.complaints


async def check(
    client: Client, home: Home, narrator: Narrator, until: float
) -> Findings:
    """Wait for both automations and the export clearance, but not for ever.

    ``until`` is a moment of the monotonic clock.
    """
    appeared: dict[str, None] = {}
    while True:
        findings = await _look(client, home, narrator, appeared)
        if monotonic() >= until:
            return findings
        if findings.complete:
            await asyncio.sleep(_TIME_TO_TELL)
            return await _look(client, home, narrator, appeared)
        await asyncio.sleep(_LOOK_EVERY)


async def _look(
    client: Client, home: Home, narrator: Narrator, appeared: dict[str, None]
) -> Findings:
    """Look once; ``appeared`` remembers which listed parcels were seen."""
    words: Words = home.words
    followed = await client.perform("get_parcels", include_events=False)
    listed = {
        parcel["tracking_number"]
        for parcel in followed["parcels"]
        if any(provider["reason"] == "listed" for provider in parcel["providers"])
    }
    appeared |= dict.fromkeys(each.number for each in LISTED if each.number in listed)
    answer = await client.perform("get_parcels", tracking_number=EXPORT_ONLY.number)
    parcel: Mapping[str, Any] = answer["parcels"][0]
    handed = await client.perform("get_parcels", tracking_number=_HANDED_OVER.number)
    notifications = await client.command("persistent_notification/get")
    return Findings(
        cleared=tuple(told(notifications, words.cleared_title)),
        delivered=tuple(told(notifications, words.delivered_title)),
        export_only=name_of(EXPORT_ONLY, words),
        export_cleared=any(
            event["code"] == _EXPORT_CLEARED and event["direction"] == "export"
            for event in parcel["events"]
        ),
        two_numbers=name_of(_HANDED_OVER, words),
        handed_over=_went_on(handed["parcels"][0]),
        appeared=tuple(
            listed_name(each, words) for each in LISTED if each.number in appeared
        ),
        vanished=tuple(
            listed_name(each, words)
            for each in _REMOVED
            if each.number in appeared and each.number not in listed
        ),
        repeated=tuple(id_ for id_, times in narrator.told.items() if times > 1),
        complaints=tuple(home.complaints()),
    )


def _went_on(parcel: Mapping[str, Any]) -> bool:
    """Say whether the last carrier's scans are in the parcel's one timeline."""
    handoff = _HANDED_OVER.journey.handoff
    assert handoff is not None
    told = [each["milestone"] for each in parcel["milestones"] if each["announced"]]
    return told.count("handed_over") == 1 and any(
        event["tracking_number"] == handoff.number and event["provider"] == "la_poste"
        for event in parcel["events"]
    )


def _twice(names: tuple[str, ...]) -> set[str]:
    return {name for name in names if names.count(name) > 1}


def _times(names: tuple[str, ...], name: str) -> str:
    count = names.count(name)
    return {0: "-", 1: "told"}.get(count, f"told {count} times")
