"""Buttons on each parcel: one asks for news now, one archives it."""

from datetime import datetime, timedelta
from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .action_errors import parcel_error
from .archive import async_archive_parcel
from .coordinator import WaybillConfigEntry
from .entity import ParcelEntity

PARALLEL_UPDATES = 0

ARCHIVE: Final = ButtonEntityDescription(key="archive", translation_key="archive")
REFRESH: Final = ButtonEntityDescription(key="refresh", translation_key="refresh")

_NO_PROVIDER: Final = "no_provider"


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WaybillConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the buttons of parcels as they come."""
    coordinator = entry.runtime_data

    @callback
    def add_parcel(parcel_id: str) -> None:
        async_add_entities(
            [
                RefreshButton(coordinator, REFRESH, parcel_id),
                ArchiveButton(coordinator, ARCHIVE, parcel_id),
            ],
            config_subentry_id=parcel_id,
        )

    entry.async_on_unload(coordinator.async_on_new_parcel(add_parcel))


class RefreshButton(ParcelEntity, ButtonEntity):
    """Asks about a parcel now, where its providers' limits allow it."""

    @override
    async def async_press(self) -> None:
        parcel = self.parcel
        refused = await self.coordinator.async_ask([self.parcel_id])
        if self.parcel_id not in refused:
            return
        reason, until = refused[self.parcel_id]
        raise parcel_error(
            f"refresh_refused_{reason or _NO_PROVIDER}",
            parcel.name,
            parcel.tracking_number,
            until=_whole_minute(until) if until is not None else "?",
        )


class ArchiveButton(ParcelEntity, ButtonEntity):
    """Archives a parcel: its device goes, what is known of it stays."""

    @override
    async def async_press(self) -> None:
        await async_archive_parcel(self.coordinator, self.parcel_id)


def _whole_minute(until: datetime) -> str:
    """Return a local time to the minute at which it has surely passed."""
    minute = dt_util.as_local(until + timedelta(seconds=59))
    return minute.strftime("%Y-%m-%d %H:%M")
