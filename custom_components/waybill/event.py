"""Event entities that tell of milestones: of one parcel, and of any."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .announcer import ANY_PARCEL
from .coordinator import WaybillConfigEntry, WaybillCoordinator
from .entity import HubEntity, ParcelEntity, WaybillEntity
from .tracking.model import MilestoneName

PARALLEL_UPDATES = 0

MILESTONE: Final = EventEntityDescription(
    key="milestone",
    translation_key="milestone",
    event_types=[name.value for name in MilestoneName],
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WaybillConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the hub's event entity, and those of parcels as they come."""
    coordinator = entry.runtime_data
    async_add_entities([HubMilestone(coordinator, MILESTONE)])

    @callback
    def add_parcel(parcel_id: str) -> None:
        async_add_entities(
            [ParcelMilestone(coordinator, MILESTONE, parcel_id)],
            config_subentry_id=parcel_id,
        )

    entry.async_on_unload(coordinator.async_on_new_parcel(add_parcel))


class _MilestoneEntity(WaybillEntity, EventEntity):
    """Tells of each milestone as it is announced, and of nothing else."""

    _whose = ANY_PARCEL

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(
            self.coordinator.announcer.async_listen(self._whose, self._async_tell)
        )

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Write nothing: only a milestone is news here."""

    @callback
    def _async_tell(self, milestone: Mapping[str, Any]) -> None:
        self._trigger_event(milestone["milestone"], dict(milestone))
        self.async_write_ha_state()


class ParcelMilestone(_MilestoneEntity, ParcelEntity):
    """Tells of the milestones of one parcel."""

    def __init__(
        self,
        coordinator: WaybillCoordinator,
        description: EventEntityDescription,
        parcel_id: str,
    ) -> None:
        """Tell of the parcel with this id."""
        super().__init__(coordinator, description, parcel_id)
        self._whose = parcel_id


class HubMilestone(_MilestoneEntity, HubEntity):
    """Tells of the milestones of any parcel."""
