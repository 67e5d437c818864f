"""The entry whose parcels actions and voices are about."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .action_errors import action_error
from .const import DOMAIN
from .coordinator import WaybillConfigEntry


@callback
def loaded_entry(hass: HomeAssistant) -> WaybillConfigEntry:
    """Return the entry; raises ServiceValidationError where none is loaded."""
    for entry in hass.config_entries.async_entries(DOMAIN):
        if entry.state is ConfigEntryState.LOADED:
            return entry
    raise action_error("not_set_up")
