"""Waybill follows parcels from inside Home Assistant."""

from typing import Final

from homeassistant.const import CONF_WEBHOOK_ID, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.typing import ConfigType

from .const import CONF_KEEP_JOURNALS, DOMAIN, SUBENTRY_ACCOUNT
from .coordinator import WaybillConfigEntry, WaybillCoordinator
from .devices import async_clear_devices_left_behind, async_register_hub
from .evidence_view import async_register_views
from .issues import async_clear_all
from .languages import async_load_locales
from .live_parcels import async_offer_live_parcels
from .push_address import async_release_address
from .removal import async_remove_files
from .served_card import async_serve_card
from .services import async_setup_services
from .voice import VoiceSentences

CONFIG_SCHEMA: Final = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS: Final = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CALENDAR,
    Platform.EVENT,
    Platform.SENSOR,
    Platform.TODO,
]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Offer what works whether or not parcels are followed yet."""
    await async_load_locales(hass)
    async_setup_services(hass)
    async_register_views(hass)
    async_offer_live_parcels(hass)
    await async_serve_card(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: WaybillConfigEntry) -> bool:
    """Follow the parcels of the entry."""
    coordinator = WaybillCoordinator(hass, entry)
    await coordinator.async_load()
    async_clear_devices_left_behind(hass, entry)
    coordinator.hub_device_id = async_register_hub(hass, entry)
    entry.runtime_data = coordinator
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    await coordinator.async_present_all()
    coordinator.async_start()
    VoiceSentences(hass, entry).async_start()
    return True


async def async_unload_entry(hass: HomeAssistant, entry: WaybillConfigEntry) -> bool:
    """Stop following; what was asked and learned is kept on disk."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        await entry.runtime_data.async_stop()
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: WaybillConfigEntry) -> None:
    """Leave nothing behind, unless the person keeps the journals."""
    async_clear_all(hass)
    for account in entry.get_subentries_of_type(SUBENTRY_ACCOUNT):
        if webhook_id := account.data.get(CONF_WEBHOOK_ID):
            await async_release_address(hass, webhook_id)
    keep_journals = bool(entry.options.get(CONF_KEEP_JOURNALS, False))
    await async_remove_files(hass, keep_journals=keep_journals)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: WaybillConfigEntry, device: dr.AnyDeviceEntry
) -> bool:
    """Let the device's own "delete" stop following its parcel or account."""
    subentry_id = device.config_subentry_id
    if subentry_id is None:
        return False
    hass.config_entries.async_remove_subentry(entry, subentry_id)
    return True
