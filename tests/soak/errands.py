"""What the person does meanwhile: adds parcels, and archives what has come.

A process may die at any moment of it. What was answered must hold ever after,
but for what Home Assistant itself writes a second later: what the entry follows.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from time import monotonic
from typing import Any, Final

import aiohttp

from tests.demo.client import Client, HomeAssistantError
from tests.simulator import Journey, Simulator

from .lives import Lived, life_at
from .witness import Witness

WRITTEN_WITHIN: Final = 5.0
"""Seconds until Home Assistant has written what an entry holds; it waits for one."""
_ARCHIVED: Final = 0.7
"""The share of parcels that the person archives when they have come."""


class Gone(Exception):
    """Nobody answered: the process is dead, or about to be."""


@dataclass(kw_only=True)
class Errand:
    """A parcel, and what was done with it. Moments are of the monotonic clock.

    ``added`` and ``archived`` are when an action last answered that it was.
    """

    name: str
    journey: Journey
    archives: bool
    added: float | None = None
    archived: float | None = None
    plays: bool = False
    ids: set[str] = field(default_factory=set)


class Errands:
    """The parcels of a house."""

    def __init__(
        self,
        random: Random,
        client: Client,
        simulator: Simulator,
        witness: Witness,
        lives: Sequence[Lived],
        most: int,
    ) -> None:
        """Follow at most ``most`` parcels that are on their way at a time.

        ``lives`` are those of the house, the one that runs left out.
        """
        self.all: list[Errand] = []
        self.forgotten = 0
        """How often what was done just before a kill had to be done again."""
        self.problems: list[str] = []
        self._random = random
        self._client = client
        self._simulator = simulator
        self._witness = witness
        self._lives = lives
        self._most = most
        self._changes: list[float] = []
        self._coming: list[Errand] = []

    def expect(self, name: str, journey: Journey) -> None:
        """Let the person add a parcel when there is room."""
        archives = self._random.random() < _ARCHIVED
        self._coming.append(Errand(name=name, journey=journey, archives=archives))

    @property
    def left(self) -> int:
        """Return how many parcels are not added yet."""
        return len(self._coming)

    def is_over(self, errand: Errand) -> bool:
        """Say whether a parcel's end was told, or is forgotten already."""
        if not errand.plays:
            return False
        journey = errand.journey
        playing = self._simulator.journey(journey.number)
        if playing.next_step is not None:
            return False
        forgotten = playing.elapsed - journey.steps[-1].at > journey.purged_after
        return forgotten or self._witness.was_told(journey, journey.steps[-1])

    @property
    def on_their_way(self) -> list[Errand]:
        """Return the parcels to which more will happen."""
        return [errand for errand in self.all if not self.is_over(errand)]

    async def run(self) -> bool:
        """Do what is to be done next, if anything is. Raises Gone.

        Returns whether anything was.
        """
        if self._coming and len(self.on_their_way) < self._most:
            errand = self._coming.pop()
            self.all.append(errand)
            await self._add(errand)
            return True
        for errand in self.all:
            if errand.added is None or not errand.plays:
                await self._add(errand)
                return True
            if errand.archives and errand.archived is None and self.is_over(errand):
                await self._archive(errand)
                return True
        return False

    async def remember(self) -> None:
        """Compare with what a new process knows, after others were killed.

        What was not yet written when they died is to be done again. Raises Gone.
        """
        parcels = await self.parcels()
        by_number = {parcel["tracking_number"]: parcel for parcel in parcels}
        for errand in self.all:
            parcel = by_number.get(errand.journey.number)
            if parcel is None and errand.added is not None:
                self._forget(errand, "is not followed", errand.added)
                errand.added = errand.archived = None
            elif (
                parcel is not None
                and errand.archived is not None
                and not parcel["archived"]
            ):
                self._forget(errand, "is not archived", errand.archived)
                errand.archived = None

    async def parcels(self) -> list[Mapping[str, Any]]:
        """Return all parcels, archived or not. Raises Gone."""
        answer = await self._perform(
            "get_parcels", include_archived=True, include_events=False
        )
        parcels: list[Mapping[str, Any]] = answer["parcels"]
        return parcels

    async def _add(self, errand: Errand) -> None:
        number = errand.journey.number
        try:
            answer = await self._perform(
                "add_parcel", tracking_number=number, name=errand.name
            )
            errand.ids.add(answer["parcel_id"])
        except HomeAssistantError:
            # It may have been added though nobody lived to tell.
            answer = await self._perform("get_parcels", tracking_number=number)
            if not answer["parcels"]:
                raise
        errand.added = self._note_change()
        if not errand.plays:
            # Only now: what is scanned before a parcel is added is no news.
            self._simulator.add(errand.journey)
            errand.plays = True

    async def _archive(self, errand: Errand) -> None:
        await self._perform("archive_parcel", tracking_number=errand.journey.number)
        errand.archived = self._note_change()

    def _note_change(self) -> float:
        self._changes.append(monotonic())
        return self._changes[-1]

    def _forget(self, errand: Errand, what: str, answered: float) -> None:
        """Complain, unless it was killed before Home Assistant wrote it down."""
        self.forgotten += 1
        written = answered + WRITTEN_WITHIN
        for change in self._changes:
            # Another change of what an entry holds puts the writing off.
            if answered < change < written:
                written = change + WRITTEN_WITHIN
        life = life_at(self._lives, answered)
        if life is None or written < life.ends:
            self.problems.append(f"{errand.name} {what}, though it was answered")

    async def _perform(self, action: str, **data: object) -> Any:
        try:
            return await self._client.perform(action, **data)
        except (aiohttp.ClientError, TimeoutError) as err:
            raise Gone from err


async def states(client: Client) -> list[Mapping[str, Any]]:
    """Return all states. Raises Gone."""
    with suppress(aiohttp.ClientError, TimeoutError):
        found: list[Mapping[str, Any]] = await client.rest("GET", "api/states")
        return found
    raise Gone
