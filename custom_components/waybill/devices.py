"""The devices of the hub, of parcels and of accounts, kept in step with what they show."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.device_registry import DeviceEntryType

from .const import DOMAIN
from .tracking.parcel import Parcel


@callback
def async_register_hub(hass: HomeAssistant, entry: ConfigEntry[Any]) -> str:
    """Register the device that all parcels belong to; returns its id."""
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, entry.entry_id)},
        name=entry.title,
        manufacturer="Waybill",
        entry_type=DeviceEntryType.SERVICE,
    )
    return device.id


@callback
def async_clear_devices_left_behind(
    hass: HomeAssistant, entry: ConfigEntry[Any]
) -> None:
    """Remove the devices and entities of parcels and accounts that are gone.

    Home Assistant writes down what an entry holds sooner than its registries:
    after a power cut they may still know of what was removed just before.
    """
    devices, entities = dr.async_get(hass), er.async_get(hass)
    known = {
        item.config_subentry_id
        for items in (
            dr.async_entries_for_config_entry(devices, entry.entry_id),
            er.async_entries_for_config_entry(entities, entry.entry_id),
        )
        for item in items
    }
    for subentry_id in known - entry.subentries.keys():
        if subentry_id is not None:
            devices.async_clear_config_subentry(entry.entry_id, subentry_id)
            entities.async_clear_config_subentry(entry.entry_id, subentry_id)


@callback
def async_update_device(
    hass: HomeAssistant, entry: ConfigEntry[Any], parcel: Parcel
) -> None:
    """Bring a parcel's device in step with its name, number and carrier."""
    registry = dr.async_get(hass)
    device = registry.async_get_device_by_identifier(
        (DOMAIN, parcel.parcel_id), entry.entry_id
    )
    if device is not None:
        registry.async_update_device(
            device.id,
            name=parcel.name,
            manufacturer=parcel.carrier_name,
            serial_number=parcel.tracking_number,
            configuration_url=parcel.tracking_url,
        )


@callback
def async_update_account_device(
    hass: HomeAssistant, entry: ConfigEntry[Any], account_id: str
) -> None:
    """Bring an account's device in step with its name."""
    registry = dr.async_get(hass)
    device = registry.async_get_device_by_identifier(
        (DOMAIN, account_id), entry.entry_id
    )
    if device is not None:
        registry.async_update_device(device.id, name=entry.subentries[account_id].title)
