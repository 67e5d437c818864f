"""What the entities of parcels, of the hub and of accounts share."""

from typing import Final, override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EntityCategory
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import CONF_PROVIDER, DOMAIN
from .coordinator import WaybillCoordinator
from .tracking.parcel import Parcel
from .tracking.providers import PROVIDERS

_A_HOME: Final = 100
"""Parcels that have all entities; Home Assistant adds at most 10,000 of an entry."""


class WaybillEntity(CoordinatorEntity[WaybillCoordinator]):
    """An entity of Waybill; ``subject`` is whose changes it shows."""

    _attr_has_entity_name = True

    def __init__(
        self,
        coordinator: WaybillCoordinator,
        description: EntityDescription,
        subject: str | None,
        owner: str,
    ) -> None:
        """Show what belongs to ``owner``, the first half of the unique id."""
        super().__init__(coordinator, context=subject)
        self.entity_description = description
        self._attr_unique_id = f"{owner}_{description.key}"

    @property
    @override
    def available(self) -> bool:
        """What is known stays shown, whatever the providers do."""
        return True


class ParcelEntity(WaybillEntity):
    """An entity of one parcel."""

    def __init__(
        self,
        coordinator: WaybillCoordinator,
        description: EntityDescription,
        parcel_id: str,
    ) -> None:
        """Show one parcel."""
        super().__init__(coordinator, description, parcel_id, parcel_id)
        self.parcel_id = parcel_id
        if description.entity_category is EntityCategory.DIAGNOSTIC:
            few = len(coordinator.data) <= _A_HOME
            self._attr_entity_registry_enabled_default = few
        parcel = self.parcel
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, parcel_id)},
            name=parcel.name,
            manufacturer=parcel.carrier_name,
            serial_number=parcel.tracking_number,
            configuration_url=parcel.tracking_url,
            entry_type=DeviceEntryType.SERVICE,
            via_device_id=coordinator.hub_device_id,
        )

    @property
    def parcel(self) -> Parcel:
        """The parcel as it is now."""
        return self.coordinator.data[self.parcel_id]

    @property
    @override
    def available(self) -> bool:
        return self.parcel_id in self.coordinator.data


class HubEntity(WaybillEntity):
    """An entity of all parcels together."""

    def __init__(
        self, coordinator: WaybillCoordinator, description: EntityDescription
    ) -> None:
        """Show all parcels."""
        entry_id = coordinator.config_entry.entry_id
        super().__init__(coordinator, description, None, entry_id)
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, entry_id)})


class AccountEntity(WaybillEntity):
    """An entity of an account with a provider."""

    def __init__(
        self,
        coordinator: WaybillCoordinator,
        description: EntityDescription,
        subentry: ConfigSubentry,
    ) -> None:
        """Show one account."""
        account_id = subentry.subentry_id
        super().__init__(coordinator, description, account_id, account_id)
        self.account_id = account_id
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, account_id)},
            name=subentry.title,
            manufacturer=PROVIDERS[subentry.data[CONF_PROVIDER]].name,
            entry_type=DeviceEntryType.SERVICE,
            via_device_id=coordinator.hub_device_id,
        )
