"""Which parcels an assistant may speak of: the person says so by exposing entities.

Whoever exposes the to-do list lets the assistant read every parcel on it and add
to it: that is what a to-do list is for, and Home Assistant's own to-do tools and
sentences can do so already. Home Assistant exposes to-do lists by default. Where
the list is not exposed, only those parcels are told whose own main entity is: the
stage, named as the parcel; sensors are not exposed by default. No other entity
counts: to show how many parcels are under way is not to tell what was bought, and
to show one parcel's place is not to tell all of it.
"""

from collections.abc import Mapping

from homeassistant.components.homeassistant.exposed_entities import async_should_expose
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN
from .coordinator import WaybillCoordinator
from .main_entity import async_main_entity
from .todo import PARCELS
from .tracking.parcel import Parcel


@callback
def async_list_is_exposed(coordinator: WaybillCoordinator, assistant: str) -> bool:
    """Say whether an assistant may use the to-do list of parcels."""
    hass = coordinator.hass
    unique_id = f"{coordinator.config_entry.entry_id}_{PARCELS.key}"
    entity_id = er.async_get(hass).async_get_entity_id(Platform.TODO, DOMAIN, unique_id)
    return _is_exposed(hass, assistant, entity_id)


@callback
def async_exposed_parcels(
    coordinator: WaybillCoordinator, assistant: str
) -> Mapping[str, Parcel]:
    """Return the followed parcels that an assistant may speak of, by their id."""
    if async_list_is_exposed(coordinator, assistant):
        return coordinator.data
    hass = coordinator.hass
    return {
        parcel_id: parcel
        for parcel_id, parcel in coordinator.data.items()
        if _is_exposed(hass, assistant, async_main_entity(hass, parcel_id))
    }


def _is_exposed(hass: HomeAssistant, assistant: str, entity_id: str | None) -> bool:
    """Say whether an entity is there, enabled, and exposed."""
    return (
        entity_id is not None
        and hass.states.get(entity_id) is not None
        and async_should_expose(hass, assistant, entity_id)
    )
