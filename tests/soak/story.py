"""The story of one house: it is lived in, killed, lived in again, and looked at."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from time import monotonic
from typing import Final

from tests.demo.client import HomeAssistantError
from tests.simulator import FaultKind, Told

from .chaos import Chaos, Life, Moment
from .errands import Errands, Gone, states
from .house import House
from .journeys import random_journey
from .lives import Lived
from .log import complaints
from .quotas import exceeded
from .recorder import Heard
from .shelf import Shelf
from .truth import owed, possible
from .verdict import Parcel, Verdict, judge
from .witness import Witness

_AIMS_WITHIN: Final = 6.0
"""Seconds after which a kill falls though nothing was there to aim at."""
_RESTS: Final = (0.2, 0.2, 2.5)
"""Seconds between two errands; Home Assistant writes only when nothing changes."""
_QUIET: Final = 8.0
"""Seconds without news after which none is expected any more."""
_FIRST_START: Final = 1.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """How much is done in one house, and how long it may take in seconds.

    ``kills`` and ``journeys`` are the least. ``journey`` is how long parcels travel, from least to most. ``speed`` is how
    much faster time runs for parcels and carriers.
    """

    kills: int
    journeys: int
    at_once: int
    journey: tuple[float, float]
    longest: float
    speed: float
    within: float
    settles_within: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What was found in one house."""

    verdict: Verdict
    lives: Sequence[Lived]
    faults: Counter[FaultKind]
    requests: int
    forgotten: int
    problems: tuple[str, ...]


class Story:
    """Plays one house."""

    def __init__(self, name: str, house: House, seed: str, form: Form) -> None:
        """``house`` is open, and set up."""
        self.name = name
        self.lives: list[Lived] = []
        self._house = house
        self._form = form
        self._random = Random(f"{seed} person")
        self._chaos = Chaos(seed, form.longest)
        self._witness = Witness()
        self._shelf = Shelf(house.folder)
        self._errands = Errands(
            self._random,
            house.client,
            house.simulator,
            self._witness,
            self.lives,
            form.at_once,
        )
        self._start = _FIRST_START
        self._answered = asyncio.Event()
        self._news = asyncio.Event()
        self._last_news = monotonic()
        house.simulator.watch = self._take_answer
        house.recorder.watch = self._take_news
        self._journeys = Random(f"{seed} journeys")
        self._serial = 0
        for _ in range(form.journeys):
            self._expect_another()

    @property
    def kills(self) -> int:
        """Return how often a process was killed."""
        return sum(life.moment is not None for life in self.lives)

    @property
    def journeys_over(self) -> int:
        """Return how many parcels have come."""
        return len(self._errands.all) - len(self._errands.on_their_way)

    async def play(self) -> Found:
        """Play it to its end."""
        until = monotonic() + self._form.within
        while monotonic() < until and not self._is_complete():
            if self.kills < self._form.kills and not self._errands.left:
                # No kill is to fall on a house in which nothing happens.
                self._expect_another()
            await self._live(self._chaos.next_life(self._start))
        return await self._settle()

    def _expect_another(self) -> None:
        self._serial += 1
        journey = random_journey(
            self._journeys, self._serial, self._form.journey, self._form.speed
        )
        self._errands.expect(f"{self.name}{self._serial}", journey)

    def _is_complete(self) -> bool:
        return (
            self.kills >= self._form.kills
            and not self._errands.left
            and not self._errands.on_their_way
        )

    async def _live(self, life: Life) -> None:
        """Let a process live, and kill it."""
        begins, up = monotonic(), None
        process = await self._house.start()
        errands: asyncio.Task[None] | None = None
        try:
            if life.moment is Moment.STARTING:
                await asyncio.sleep(life.lives)
            else:
                await self._house.wait_until_up()
                up = monotonic()
                self._start = (self._start * 3 + up - begins) / 4
                with suppress(Gone):
                    await self._errands.remember()
                errands = asyncio.create_task(self._do_errands())
                await asyncio.sleep(life.lives)
                await self._aim(life.moment)
                await asyncio.sleep(life.after)
        finally:
            if life.moment is not Moment.IN_AN_ACTION:
                await _cancel(errands)
            await process.kill()
            await _cancel(errands)
        self.lives.append(
            Lived(begins=begins, ends=monotonic(), up=up, moment=life.moment)
        )
        await asyncio.to_thread(self._shelf.look)

    async def _aim(self, moment: Moment) -> None:
        """Wait for what a kill is aimed at, but not for ever."""
        signal = {
            Moment.AFTER_ANSWER: self._answered,
            Moment.AFTER_NEWS: self._news,
        }.get(moment)
        if signal is not None:
            signal.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(signal.wait(), _AIMS_WITHIN)

    async def _do_errands(self) -> None:
        with suppress(Gone):
            while True:
                try:
                    await self._errands.run()
                except HomeAssistantError as err:
                    self._errands.problems.append(f"refused: {err}")
                await asyncio.sleep(self._random.choice(_RESTS))

    async def _settle(self) -> Found:
        """Let all come to rest, without faults and kills, and look at it."""
        self._chaos.calm = True
        self._house.simulator.heal()
        begins = monotonic()
        await self._house.start()
        await self._house.wait_until_up()
        up = monotonic()
        await self._errands.remember()
        until = up + self._form.settles_within
        while monotonic() < until and not self._is_settled(begins):
            await self._errands.run()
            await asyncio.sleep(_RESTS[0])
        problems = [
            f"the end of {errand.name} was never asked for"
            for errand in self._errands.on_their_way
        ]
        parcels = await self._errands.parcels()
        problems += [
            f"{state['entity_id']} is unavailable"
            for state in await states(self._house.client)
            if state["state"] == "unavailable"
        ]
        await self._house.stop()
        self.lives.append(Lived(begins=begins, ends=monotonic(), up=up))
        self._shelf.look()
        announced = {
            parcel["name"]: {
                told["milestone_id"]: told["milestone"]
                for told in parcel["milestones"]
                if told["announced"]
            }
            for parcel in parcels
        }
        verdict = judge(
            [
                Parcel(
                    name=errand.name,
                    owed=frozenset(
                        owed(
                            errand.journey,
                            self._witness.of(errand.journey),
                            self.lives,
                        )
                    ),
                    possible=possible(errand.journey, self._witness.of(errand.journey)),
                    announced=announced.get(errand.name, {}),
                )
                for errand in self._errands.all
            ],
            self._house.recorder.heard,
            self.lives,
            self._shelf.marked,
        )
        problems += self._errands.problems
        problems += self._shelf.problems
        problems += exceeded(self._witness.asked, self.lives, self._form.speed)
        problems += complaints(self._house.log)
        return Found(
            verdict=verdict,
            lives=tuple(self.lives),
            faults=self._chaos.faults,
            requests=len(self._witness.asked),
            forgotten=self._errands.forgotten,
            problems=tuple(problems),
        )

    def _is_settled(self, since: float) -> bool:
        """Say whether the end of each journey was told, and nothing is new."""
        if self._errands.left or self._errands.on_their_way:
            return False
        return monotonic() - max(self._last_news, since) > _QUIET

    def _take_answer(self, told: Told) -> None:
        self._witness.take(told)
        self._chaos.after_answer(self._house.simulator, told)
        self._answered.set()

    def _take_news(self, heard: Heard) -> None:
        self._last_news = heard.at
        self._news.set()


async def _cancel(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
