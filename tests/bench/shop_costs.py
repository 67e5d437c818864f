"""What one shop costs, measured in a process of its own."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from functools import partial
import gc
import json
from pathlib import Path
from statistics import median
import sys
from time import thread_time
from typing import Any, Final

from pytest_homeassistant_custom_component.common import async_test_home_assistant

from custom_components.waybill.archive import async_archive_parcel
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import async_initialize_recorder, get_instance
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.setup import async_setup_component

from .recorder_rows import Rows, count_rows
from .shop import DAY, LATE, PATIENCE, Cost, Shop
from .shop_carrier import JOURNEY, number

NEWS: Final = 10
"""How many parcels there is news of in a round with news."""
_GATHERED: Final = 2.1
"""Seconds after which a new parcel is asked about."""
_MIB: Final = 1024**2
_UNITS: Final = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What a shop costs: each act by its name, MiB in all, rows of a parcel's life.

    ``unit`` is how many ms the processor needs for a work that is always the same.
    """

    acts: dict[str, Cost]
    memory: float
    rows: Rows
    unit: float


class _Acts:
    """Does each act some times; of what each cost the median counts."""

    def __init__(self, shop: Shop, rounds: int) -> None:
        self._shop = shop
        self._rounds = range(rounds)
        self._costs: defaultdict[str, list[Cost]] = defaultdict(list)

    async def measure(self, name: str, act: Callable[[], Awaitable[Any]]) -> None:
        """Do an act once more."""
        self._costs[name].append(await self._shop.cost(act))

    def medians(self) -> dict[str, Cost]:
        """Return what each act costs."""
        return {
            name: Cost(
                **{
                    field: median(getattr(cost, field) for cost in costs)
                    for field in Cost.__dataclass_fields__
                }
            )
            for name, costs in self._costs.items()
        }

    async def begin(self) -> None:
        """Start as a home does that ran before."""
        shop = self._shop
        await shop.set_up()
        await shop.round()
        for _ in self._rounds:
            await shop.unload()
            await self.measure("set_up", shop.set_up)
        shop.look()
        # What a start has not read yet is known after a round.
        shop.pass_time(DAY)
        await shop.round()

    async def be_quiet(self) -> None:
        """Wake up in vain, then ask about all that has no news."""
        shop = self._shop
        for _ in self._rounds:
            await self.measure("wake_up", shop.wake_up)
        for _ in self._rounds:
            shop.pass_time(DAY)
            await self.measure("quiet", shop.round)
            await self.measure("plan", shop.write_plan)

    async def tell_news(self) -> None:
        """Ask about all where there is news of ten."""
        shop = self._shop
        for _ in self._rounds:
            shop.pass_time(DAY)
            for place in range(min(NEWS, shop.parcels)):
                shop.carrier.scan(place, "InTransit_Other", shop.now())
            await self.measure("news", shop.round)

    async def come_and_go(self) -> None:
        """Add, archive, and remove parcels."""
        shop = self._shop
        for i in self._rounds:
            for away, leave in (("archive", self._archive), ("remove", self._remove)):
                added = await self._added(shop.parcels + 2 * i + (away == "remove"))
                await self.measure(away, partial(leave, added))

    async def grow_old(self) -> None:
        """Let days begin, and parcels become late."""
        shop = self._shop
        shop.pass_time(shop.begun + PATIENCE - DAY / 2 - shop.now())
        for _ in self._rounds:
            shop.pass_time(DAY)
            await self.measure("alert", shop.catch_up)
            await self.measure("midnight", shop.begin_day)

    async def end(self) -> None:
        """Stop, and start again to stop once more."""
        shop = self._shop
        for i in self._rounds:
            if i:
                await shop.set_up()
            await self.measure("unload", shop.unload)

    async def _added(self, place: int) -> str:
        """Add a parcel, and return its id."""
        shop = self._shop
        shop.carrier.scan_on_its_way(place, shop.begun)
        answer: dict[str, Any] = {}

        async def add() -> None:
            fields = {"tracking_number": number(place), "provider": "seventeentrack"}
            answer.update(await shop.call("add_parcel", fields))
            await asyncio.sleep(_GATHERED)

        await self.measure("add", add)
        return str(answer["parcel_id"])

    async def _archive(self, parcel_id: str) -> None:
        await async_archive_parcel(self._shop.coordinator, parcel_id)

    async def _remove(self, parcel_id: str) -> None:
        await self._shop.call("remove_parcel", {"parcel_id": parcel_id})


async def measure(config: Path, parcels: int, rounds: int) -> Measured:
    """Measure a shop that follows so many parcels; its files are in a folder."""
    async with async_test_home_assistant(config_dir=str(config)) as hass:
        hass.data.pop(DATA_CUSTOM_COMPONENTS)
        database = config / "home.db"
        await _set_up_home(hass, database)
        shop = Shop(hass, parcels)
        acts = _Acts(shop, rounds)
        try:
            with shop.open():
                await acts.begin()
                memory = _memory()
                await acts.be_quiet()
                await acts.tell_news()
                await acts.come_and_go()
                await acts.grow_old()
                rows = await _live(shop, database)
                await acts.end()
        finally:
            # The recorder's thread would wait for ever.
            await hass.async_stop(force=True)
    return Measured(acts=acts.medians(), memory=memory, rows=rows, unit=_unit())


async def _set_up_home(hass: HomeAssistant, database: Path) -> None:
    async_initialize_recorder(hass)
    recorder = {"db_url": f"sqlite:///{database}", "commit_interval": 0}
    for domain, config in (
        ("recorder", recorder),
        ("homeassistant", {}),
        ("network", {}),
        ("websocket_api", {}),
    ):
        assert await async_setup_component(hass, domain, {domain: config})


async def _live(shop: Shop, database: Path) -> Rows:
    """Let a parcel come, travel, arrive and go; returns what the recorder keeps."""
    hass = shop.hass
    # No other parcel is to become late meanwhile.
    shop.pass_time(LATE * DAY)
    await shop.catch_up()
    place = 2 * shop.parcels + 100
    fields = {"tracking_number": number(place), "provider": "seventeentrack"}
    shop.carrier.scan(place, JOURNEY[0], shop.now())
    parcel_id = (await shop.call("add_parcel", fields))["parcel_id"]
    registry = er.async_get(hass)
    entries = er.async_entries_for_config_entry(registry, shop.entry.entry_id)
    own = [e.entity_id for e in entries if e.config_subentry_id == parcel_id]
    hub = [e.entity_id for e in entries if e.config_subentry_id is None]
    await get_instance(hass).async_block_till_done()
    before = await hass.async_add_executor_job(count_rows, database, (), hub)
    for i, sub_status in enumerate(JOURNEY):
        if i:
            shop.carrier.scan(place, sub_status, shop.now())
        await shop.call("refresh", {"parcel_id": parcel_id})
        shop.pass_time(DAY)
        await shop.begin_day()
        await get_instance(hass).async_block_till_done()
    await async_archive_parcel(shop.coordinator, parcel_id)
    await hass.async_block_till_done()
    await get_instance(hass).async_block_till_done()
    after = await hass.async_add_executor_job(count_rows, database, own, hub)
    return Rows(
        own=after.own,
        hub=after.hub - before.hub,
        events=after.events - before.events,
    )


def _memory() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / _MIB


def _unit() -> float:
    work = [{"place": i, "words": f"Departed from {i}"} for i in range(1_000)]
    times = []
    for _ in range(_UNITS):
        begun = thread_time()
        json.loads(json.dumps(sorted(work, key=lambda each: str(each["words"]))))
        times.append(thread_time() - begun)
    return median(times) * 1_000


def main() -> None:
    """Measure the shop in a folder; say what it costs as JSON."""
    config, parcels, rounds = sys.argv[1:]
    measured = asyncio.run(measure(Path(config), int(parcels), int(rounds)))
    sys.stdout.write(json.dumps(asdict(measured)))


if __name__ == "__main__":
    main()
