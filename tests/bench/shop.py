"""A shop with Waybill, a recorder, a card that is looked at, and a carrier."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from unittest.mock import patch

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.waybill.clock_watch import ClockWatch
from custom_components.waybill.const import DOMAIN
from custom_components.waybill.coordinator import WaybillCoordinator
from custom_components.waybill.tracking.providers.base import Provider
from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant, StateMachine
from homeassistant.helpers.json import json_bytes
from homeassistant.util import dt as dt_util

from .event_loop import EventLoop
from .shop_carrier import ShopCarrier, number
from .written_files import counting

DAY: Final = timedelta(days=1)
PATIENCE: Final = 60 * DAY
"""So much later the first parcels become late, each a day after the other."""
LATE: Final = 5
"""How many become late."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What an act costs: the event loop's time (see ``Busy``), and what it writes.

    ``states`` counts what Home Assistant is told, also where that is no news.
    ``told`` is how many bytes the card is sent.
    """

    seconds: float
    longest: float
    states: int
    files: int
    bytes: int
    requests: int
    told: int


class Shop:
    """Follows so many parcels, all on their way."""

    def __init__(self, hass: HomeAssistant, parcels: int) -> None:
        """Let the carrier have written of all of them; nothing runs yet."""
        self.hass = hass
        self.parcels = parcels
        self.begun = datetime.now(UTC)
        self.loop = EventLoop(hass)
        self.carrier = ShopCarrier(self.loop)
        for place in range(parcels):
            self.carrier.scan_on_its_way(place, self.begun - 10 * DAY)
        self.entry = _entry(parcels, self.begun)
        self._later = timedelta()
        self._states = self._told = 0
        self._written: list[int] = []

    @property
    def coordinator(self) -> WaybillCoordinator:
        """What is measured."""
        coordinator: WaybillCoordinator = self.entry.runtime_data
        return coordinator

    @contextmanager
    def open(self) -> Iterator[None]:
        """Take the place of the network and the clock, and count what is written."""
        write = StateMachine.async_set_internal

        def count(states: StateMachine, entity_id: str, *args: Any) -> None:
            self._states += 1
            write(states, entity_id, *args)

        with ExitStack() as stack:
            for context in (
                patch.object(Provider, "_request", self.carrier),
                patch.object(dt_util, "utcnow", self.now),
                # Time passes on all clocks alike: nobody sets one.
                patch.object(ClockWatch, "_beginning", lambda _: self.begun),
                patch.object(StateMachine, "async_set_internal", count),
                counting(self._written),
                self.loop.watched(),
            ):
                stack.enter_context(context)
            self.entry.add_to_hass(self.hass)
            yield

    def now(self) -> datetime:
        """Return the time in the shop."""
        return datetime.now(UTC) + self._later

    def pass_time(self, duration: timedelta) -> None:
        """Let time pass, which sets nothing going by itself."""
        self._later += duration

    async def cost(self, act: Callable[[], Awaitable[Any]]) -> Cost:
        """Return what an act costs, with all that it sets going."""
        await self.hass.async_block_till_done()
        self._states = self._told = 0
        self._written.clear()
        self.carrier.asked.clear()
        busy = await self.loop.busy_with(act)
        return Cost(
            seconds=busy.total,
            longest=busy.longest,
            states=self._states,
            files=len(self._written),
            bytes=sum(self._written),
            requests=len(self.carrier.asked),
            told=self._told,
        )

    async def set_up(self) -> None:
        """Start."""
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)

    async def unload(self) -> None:
        """Stop."""
        assert await self.hass.config_entries.async_unload(self.entry.entry_id)

    def look(self) -> None:
        """Open a card that shows all parcels."""
        kind = f"{DOMAIN}/parcels"
        handler, _ = self.hass.data["websocket_api"][kind]
        handler(self.hass, _Connection(self._sent), {"id": 1, "type": kind})

    async def wake_up(self) -> None:
        """Do what the timer does."""
        await self.coordinator.async_refresh()

    async def round(self) -> None:
        """Ask about all parcels, as soon as the plan asks."""
        begun, asked = len(self.carrier.asked), set[str]()
        while len(asked) < self.parcels:
            wake = self.coordinator.plan.next_wake(self.now())
            assert wake is not None
            self.pass_time(max(wake - self.now(), timedelta()))
            await self.wake_up()
            asked.update(*self.carrier.asked[begun:])

    async def write_plan(self) -> None:
        """Write what a round is to be remembered by, which has time."""
        await self.coordinator._plan_storage.async_flush()

    async def catch_up(self) -> None:
        """Ring where an alert begins or ends."""
        self.coordinator.alert_clock.async_catch_up()

    async def begin_day(self) -> None:
        """Ring at midnight."""
        await self.coordinator.days.async_begin()

    async def call(self, action: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Call an action, and wait for all that it sets going."""
        answer = await self.hass.services.async_call(
            DOMAIN,
            action,
            fields,
            blocking=True,
            return_response=action != "remove_parcel",
        )
        await self.hass.async_block_till_done()
        return answer or {}

    def _sent(self, message: Any) -> None:
        self._told += len(json_bytes(message))


class _Connection:
    """Somebody who looks at a card."""

    def __init__(self, take: Callable[[Any], None]) -> None:
        self.subscriptions: dict[int, Any] = {}
        self._take = take

    def send_result(self, subscription: int) -> None:
        """Say that the subscription stands."""

    def send_event(self, _subscription: int, message: Any) -> None:
        """Take a message."""
        self._take(message)


def parcel_id(place: int) -> str:
    """Return the id of a parcel that was followed from the beginning."""
    return f"01JSHOP{place:019}"


def _parcel(place: int, begun: datetime) -> ConfigSubentryDataWithId:
    expected_by = begun + PATIENCE + place * DAY
    promised = {"expected_by": expected_by.replace(tzinfo=None).isoformat()}
    return ConfigSubentryDataWithId(
        data={
            "tracking_number": number(place),
            "added_at": begun.isoformat(),
            "provider": "seventeentrack",
            "seller": "Lights & Co",
            **(promised if place < LATE else {}),
        },
        subentry_id=parcel_id(place),
        subentry_type="parcel",
        title=f"Parcel {place}",
        unique_id=number(place),
    )


def _entry(parcels: int, begun: datetime) -> MockConfigEntry:
    account = ConfigSubentryDataWithId(
        data={"provider": "seventeentrack", "api_key": "a-secret-key"},
        subentry_id="01JACCOUNT000000000000001",
        subentry_type="account",
        title="17TRACK",
        unique_id="seventeentrack_1",
    )
    return MockConfigEntry(
        domain=DOMAIN,
        title="Waybill",
        options={"stalled_after_days": 365},
        subentries_data=[account, *(_parcel(place, begun) for place in range(parcels))],
    )
