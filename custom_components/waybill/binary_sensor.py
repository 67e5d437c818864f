"""Binary sensors: which parcel, and which account, needs a person."""

from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import WaybillConfigEntry
from .entity import AccountEntity, ParcelEntity

PARALLEL_UPDATES = 0

ATTR_ALERTS: Final = "alerts"

NEEDS_ATTENTION: Final = BinarySensorEntityDescription(
    key="needs_attention",
    translation_key="needs_attention",
    device_class=BinarySensorDeviceClass.PROBLEM,
)

ACCOUNT_PROBLEM: Final = BinarySensorEntityDescription(
    key="problem",
    translation_key="account_problem",
    device_class=BinarySensorDeviceClass.PROBLEM,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WaybillConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the binary sensors of parcels and accounts as they come."""
    coordinator = entry.runtime_data

    @callback
    def add_parcel(parcel_id: str) -> None:
        async_add_entities(
            [NeedsAttention(coordinator, NEEDS_ATTENTION, parcel_id)],
            config_subentry_id=parcel_id,
        )

    @callback
    def add_account(account_id: str) -> None:
        subentry = entry.subentries[account_id]
        async_add_entities(
            [AccountProblem(coordinator, ACCOUNT_PROBLEM, subentry)],
            config_subentry_id=account_id,
        )

    entry.async_on_unload(coordinator.async_on_new_parcel(add_parcel))
    entry.async_on_unload(coordinator.async_on_new_account(add_account))


class NeedsAttention(ParcelEntity, BinarySensorEntity):
    """On while there is something about a parcel that a person should look at."""

    _unrecorded_attributes = frozenset({ATTR_ALERTS})

    @property
    @override
    def is_on(self) -> bool:
        return self.parcel.needs_attention

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        alerts = self.parcel.alerts
        return {
            ATTR_ALERTS: [alert.kind.value for alert in alerts],
            "detail": next((alert.detail for alert in alerts if alert.detail), None),
            "since": min(alert.since for alert in alerts).isoformat()
            if alerts
            else None,
            "problem": next(
                (
                    reported.problem.value
                    for reported in reversed(self.parcel.problems)
                    if reported.settled_at is None
                ),
                None,
            ),
        }


class AccountProblem(AccountEntity, BinarySensorEntity):
    """On while an account gives no answers."""

    @property
    @override
    def is_on(self) -> bool:
        return self.coordinator.accounts.trouble(self.account_id) is not None

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        return {"reason": self.coordinator.accounts.trouble(self.account_id)}
