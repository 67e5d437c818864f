"""The entity that stands for a parcel: its stage, named as the parcel."""

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN


@callback
def async_main_entity(hass: HomeAssistant, parcel_id: str) -> str | None:
    """Return a parcel's main entity; None where the parcel has no entities now."""
    return er.async_get(hass).async_get_entity_id(
        Platform.SENSOR, DOMAIN, f"{parcel_id}_stage"
    )
