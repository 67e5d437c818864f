"""One house whose archive is measured, in a process of its own."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
import json
from pathlib import Path
import sys
from time import perf_counter, process_time
from typing import Any, Final
from unittest.mock import patch

from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

from custom_components.waybill.archive import async_archive_parcel
from custom_components.waybill.const import DOMAIN
from custom_components.waybill.coordinator import WaybillCoordinator
from custom_components.waybill.tracking.model import Answer, Stage, TrackingEvent
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.question import Grant, Question
from homeassistant.core import HomeAssistant
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.setup import async_setup_component

from .written_files import counting

EVENTS: Final = 15
"""How many lines a carrier writes of a parcel."""
_BATCH: Final = 20
_MIB: Final = 1024**2
_TICK: Final = 0.001


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What a house costs: seconds (of the processor's time), MiB and bytes.

    ``waits`` is how long the event loop had to wait while all parcels, archived
    ones included, were listed: 99 times of 100, and once.
    """

    start_up: float
    memory: float
    quiet: float
    news: float
    archiving: float
    written: int
    listing: float
    waits: tuple[float, float]


def number(place: int) -> str:
    """Return the tracking number of a parcel."""
    return f"LP{place:014}"


def events(place: int, count: int = EVENTS) -> tuple[TrackingEvent, ...]:
    """Return what a carrier wrote of a parcel, newest first."""
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    return tuple(
        TrackingEvent(
            provider="cainiao",
            tracking_number=number(place),
            code=f"GTMS_{i}",
            written_time=(begun + i * timedelta(hours=9)).isoformat(),
            time=begun + i * timedelta(hours=9),
            stage=Stage.IN_TRANSIT,
            description=f"Departed from sorting centre {i}",
            words=f"[Shenzhen] Departed from sorting centre {i}",
            location="Shenzhen",
            country="CN",
            carrier="cainiao",
        )
        for i in reversed(range(count))
    )


async def measure(config: Path, followed: int, rounds: int) -> Measured:
    """Set a house up that follows so many parcels, and measure it."""
    written: list[int] = []
    async with async_test_home_assistant(config_dir=str(config)) as hass:
        hass.data.pop(DATA_CUSTOM_COMPONENTS)
        for domain in ("homeassistant", "network"):
            assert await async_setup_component(hass, domain, {})
        answers = {
            number(i): Answer(tracking_number=number(i), events=events(i))
            for i in range(followed)
        }

        async def fetch(session: Any, credentials: Any, legs: Sequence[Any]) -> Any:
            return [answers[leg.tracking_number] for leg in legs]

        with (
            patch.object(PROVIDERS["cainiao"], "fetch", side_effect=fetch),
            counting(written),
        ):
            entry = _entry(followed)
            entry.add_to_hass(hass)
            start_up = await _start_up(hass, entry, rounds)
            memory = _memory()
            coordinator: WaybillCoordinator = entry.runtime_data
            poll = _poll(coordinator, followed)
            await poll()
            quiet = min([await _time(poll) for _ in range(rounds)])
            news = []
            for count in range(rounds):
                for i in range(max(1, followed // 5)):
                    told = events(i, EVENTS + count + 1)
                    answers[number(i)] = Answer(tracking_number=number(i), events=told)
                news.append(await _time(poll))
                newest = next(iter(coordinator.data.values())).last_event
                assert newest is not None and newest.code == f"GTMS_{EVENTS + count}"
            listing, waits = await _list(hass)
            await hass.async_block_till_done()
            written.clear()
            gone = list(coordinator.data)[: min(rounds, followed - 1)]
            archiving = [
                await _time(partial(_archive, coordinator, gone_id)) for gone_id in gone
            ]
            await hass.config_entries.async_unload(entry.entry_id)
            await hass.async_block_till_done()
        await hass.async_stop(force=True)
    return Measured(
        start_up=start_up,
        memory=memory,
        quiet=quiet,
        news=min(news),
        archiving=min(archiving),
        written=sum(written) // len(gone),
        listing=listing,
        waits=waits,
    )


def _entry(followed: int) -> MockConfigEntry:
    return MockConfigEntry(
        domain=DOMAIN,
        title="Waybill",
        subentries_data=[
            {
                "data": {
                    "tracking_number": number(i),
                    "added_at": "2026-01-01T00:00:00+00:00",
                },
                "subentry_id": f"01JFOLLOWED{i:015}",
                "subentry_type": "parcel",
                "title": f"Parcel {i}",
                "unique_id": number(i),
            }
            for i in range(followed)
        ],
    )


async def _start_up(hass: HomeAssistant, entry: MockConfigEntry, rounds: int) -> float:
    """Return how long a start takes, once the code itself was loaded."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    times = []
    for _ in range(rounds):
        assert await hass.config_entries.async_unload(entry.entry_id)
        times.append(
            await _time(lambda: hass.config_entries.async_setup(entry.entry_id))
        )
        await hass.async_block_till_done()
    return min(times)


def _poll(
    coordinator: WaybillCoordinator, followed: int
) -> Callable[[], Coroutine[Any, Any, None]]:
    """Return a poll of all that is followed, whatever is due."""
    questions = [
        Question(parcel_id, parcel.tracking_number, "cainiao")
        for parcel_id, parcel in coordinator.data.items()
    ]
    grants = [
        Grant(account_id="cainiao", questions=tuple(questions[i : i + _BATCH]))
        for i in range(0, followed, _BATCH)
    ]

    async def poll() -> None:
        with patch.object(coordinator.plan, "grants", return_value=grants):
            await coordinator.async_refresh()

    return poll


async def _archive(coordinator: WaybillCoordinator, parcel_id: str) -> None:
    await async_archive_parcel(coordinator, parcel_id)
    await coordinator.hass.async_block_till_done()


async def _list(hass: HomeAssistant) -> tuple[float, tuple[float, float]]:
    """Return how long all parcels take to list, and the event loop's waits."""
    waits = [0.0]

    async def tick() -> None:
        while True:
            begun = perf_counter()
            await asyncio.sleep(_TICK)
            waits.append(perf_counter() - begun - _TICK)

    ticking = asyncio.create_task(tick())
    data = {"include_archived": True, "include_events": False}
    begun = perf_counter()
    await hass.services.async_call(
        DOMAIN, "get_parcels", data, blocking=True, return_response=True
    )
    took = perf_counter() - begun
    ticking.cancel()
    waits.sort()
    return took, (waits[len(waits) * 99 // 100], waits[-1])


async def _time(act: Callable[[], Coroutine[Any, Any, Any]]) -> float:
    """Return what an act costs the processor, whatever else the machine does."""
    begun = process_time()
    await act()
    return process_time() - begun


def _memory() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / _MIB


def main() -> None:
    """Measure the house in a folder; say what it costs as JSON."""
    config, followed, rounds = sys.argv[1:]
    measured = asyncio.run(measure(Path(config), int(followed), int(rounds)))
    sys.stdout.write(json.dumps(asdict(measured)))


if __name__ == "__main__":
    main()
