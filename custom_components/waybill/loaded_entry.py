"""The entry whose parcels actions, cards and voices are about."""

from homeassistant.core import HomeAssistant, callback

from .action_errors import action_error
from .const import DOMAIN
from .coordinator import WaybillConfigEntry, WaybillCoordinator


@callback
def loaded_entry(hass: HomeAssistant) -> WaybillConfigEntry:
    """Return the entry; raises ServiceValidationError where none is loaded."""
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        return entry
    raise action_error("not_set_up")


@callback
def loaded_coordinator(hass: HomeAssistant) -> WaybillCoordinator | None:
    """Return whoever follows the parcels, while Waybill runs."""
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        coordinator: WaybillCoordinator = entry.runtime_data
        return coordinator
    return None
