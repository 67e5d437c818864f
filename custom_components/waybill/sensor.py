"""Sensors of parcels, of all parcels together, and of accounts."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfTime
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from .coordinator import WaybillConfigEntry
from .entity import AccountEntity, HubEntity, ParcelEntity
from .tracking.model import FINAL_STAGES, Stage
from .tracking.parcel import Parcel
from .tracking.providers import PROVIDERS
from .tracking.transit_times import Typical

PARALLEL_UPDATES = 0

_STATE_LIMIT: Final = 255
"""Characters that Home Assistant keeps of a state."""
_NOT_UNDER_WAY: Final = FINAL_STAGES | {Stage.EXPIRED}
_AT_CUSTOMS: Final = frozenset({Stage.IN_CUSTOMS, Stage.CUSTOMS_ACTION_REQUIRED})
_NOBODY_WILL_RING: Final = _NOT_UNDER_WAY | {Stage.READY_FOR_PICKUP, Stage.RETURNING}

type Attributes = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ParcelSensorDescription(SensorEntityDescription):
    """What a sensor shows of a parcel."""

    value_fn: Callable[[Parcel], StateType | datetime]
    attributes_fn: Callable[[Parcel], Attributes] | None = None


@dataclass(frozen=True, kw_only=True)
class HubSensorDescription(SensorEntityDescription):
    """What a sensor shows of all parcels together."""

    value_fn: Callable[[Collection[Parcel]], StateType | datetime]
    attributes_fn: Callable[[Collection[Parcel]], Attributes] | None = None


def _about_stage(parcel: Parcel) -> Attributes:
    return {
        "parcel_id": parcel.parcel_id,
        "tracking_number": parcel.tracking_number,
        "carrier": parcel.carrier,
        "carrier_name": parcel.carrier_name,
        "tracking_url": parcel.tracking_url,
        "stage_since": parcel.stage_since.isoformat(),
        "pickup_point": parcel.pickup_point,
    }


def _about_window(parcel: Parcel) -> Attributes:
    window = parcel.window
    return {
        "from": window.start.isoformat() if window else None,
        "to": window.end.isoformat() if window else None,
        "source": window.provider if window else None,
    }


def _about_last_event(parcel: Parcel) -> Attributes:
    event = parcel.last_event
    if event is None:
        return {}
    return {
        "description": event.description,
        "location": event.location,
        "country": event.country,
        "local_time": event.local_time.isoformat() if event.local_time else None,
        "stage": event.stage,
        "carrier": event.carrier,
        "source": event.provider,
    }


def _asked(parcel: Parcel) -> str | None:
    """Name whom Waybill asks about a parcel, best first."""
    asked = dict.fromkeys(choice.provider for choice in parcel.providers)
    names = ", ".join(PROVIDERS[provider].name for provider in asked)
    return names[:_STATE_LIMIT] or None


def _why_asked(parcel: Parcel) -> Attributes:
    providers = parcel.providers
    return {"reason": providers[0].reason.value if providers else None}


def _days_in_transit(parcel: Parcel) -> int | None:
    return parcel.days_in_transit(dt_util.utcnow(), dt_util.get_default_time_zone())


def _count(*stages: Stage) -> Callable[[Collection[Parcel]], int]:
    return lambda parcels: sum(parcel.stage in stages for parcel in parcels)


def _next_delivery(parcels: Collection[Parcel]) -> Parcel | None:
    """Return whom to expect first; a window that ends today is not given up yet."""
    today = dt_util.start_of_local_day()
    expected = [
        (parcel.window.end, parcel.parcel_id, parcel)
        for parcel in parcels
        if parcel.window is not None
        and parcel.window.end >= today
        and parcel.stage not in _NOBODY_WILL_RING
    ]
    return min(expected)[2] if expected else None


def _next_delivery_end(parcels: Collection[Parcel]) -> datetime | None:
    parcel = _next_delivery(parcels)
    return parcel.window.end if parcel is not None and parcel.window else None


def _about_next_delivery(parcels: Collection[Parcel]) -> Attributes:
    parcel = _next_delivery(parcels)
    if parcel is None:
        return {}
    return {
        "parcel_id": parcel.parcel_id,
        "parcel_name": parcel.name,
        **_about_window(parcel),
    }


PARCEL_SENSORS: Final = (
    ParcelSensorDescription(
        key="stage",
        translation_key="stage",
        name=None,
        device_class=SensorDeviceClass.ENUM,
        options=[stage.value for stage in Stage],
        value_fn=lambda parcel: parcel.stage,
        attributes_fn=_about_stage,
    ),
    ParcelSensorDescription(
        key="estimated_delivery",
        translation_key="estimated_delivery",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda parcel: parcel.window.end if parcel.window else None,
        attributes_fn=_about_window,
    ),
    ParcelSensorDescription(
        key="last_event",
        translation_key="last_event",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda parcel: parcel.last_event.time if parcel.last_event else None,
        attributes_fn=_about_last_event,
    ),
    ParcelSensorDescription(
        key="location",
        translation_key="location",
        value_fn=lambda parcel: parcel.location and parcel.location[:_STATE_LIMIT],
    ),
    ParcelSensorDescription(
        key="days_in_transit",
        translation_key="days_in_transit",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.DAYS,
        suggested_display_precision=0,
        value_fn=_days_in_transit,
    ),
    ParcelSensorDescription(
        key="provider",
        translation_key="provider",
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=_asked,
        attributes_fn=_why_asked,
    ),
)

HUB_SENSORS: Final = (
    HubSensorDescription(
        key="active",
        translation_key="active",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=_count(*(stage for stage in Stage if stage not in _NOT_UNDER_WAY)),
    ),
    HubSensorDescription(
        key="in_customs",
        translation_key="in_customs",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=_count(*_AT_CUSTOMS),
    ),
    HubSensorDescription(
        key="out_for_delivery",
        translation_key="out_for_delivery",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=_count(Stage.OUT_FOR_DELIVERY),
    ),
    HubSensorDescription(
        key="ready_for_pickup",
        translation_key="ready_for_pickup",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=_count(Stage.READY_FOR_PICKUP),
    ),
    HubSensorDescription(
        key="attention",
        translation_key="attention",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda parcels: sum(parcel.needs_attention for parcel in parcels),
    ),
    HubSensorDescription(
        key="next_delivery",
        translation_key="next_delivery",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=_next_delivery_end,
        attributes_fn=_about_next_delivery,
    ),
)

TYPICAL_TRANSIT: Final = SensorEntityDescription(
    key="typical_transit",
    translation_key="typical_transit",
    entity_category=EntityCategory.DIAGNOSTIC,
    device_class=SensorDeviceClass.DURATION,
    native_unit_of_measurement=UnitOfTime.DAYS,
    suggested_display_precision=1,
)

REQUESTS_LEFT: Final = SensorEntityDescription(
    key="requests_left",
    translation_key="requests_left",
    entity_category=EntityCategory.DIAGNOSTIC,
    state_class=SensorStateClass.MEASUREMENT,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WaybillConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of the hub, and of parcels and accounts as they come."""
    coordinator = entry.runtime_data
    async_add_entities(
        HubSensor(coordinator, description) for description in HUB_SENSORS
    )

    @callback
    def add_parcel(parcel_id: str) -> None:
        async_add_entities(
            [
                *(
                    ParcelSensor(coordinator, description, parcel_id)
                    for description in PARCEL_SENSORS
                ),
                TypicalTransitSensor(coordinator, TYPICAL_TRANSIT, parcel_id),
            ],
            config_subentry_id=parcel_id,
        )

    @callback
    def add_account(account_id: str) -> None:
        subentry = entry.subentries[account_id]
        async_add_entities(
            [RequestsLeftSensor(coordinator, REQUESTS_LEFT, subentry)],
            config_subentry_id=account_id,
        )

    entry.async_on_unload(coordinator.async_on_new_parcel(add_parcel))
    entry.async_on_unload(coordinator.async_on_new_account(add_account))


class ParcelSensor(ParcelEntity, SensorEntity):
    """Shows something of one parcel."""

    entity_description: ParcelSensorDescription

    @property
    @override
    def native_value(self) -> StateType | datetime:
        return self.entity_description.value_fn(self.parcel)

    @property
    @override
    def extra_state_attributes(self) -> Attributes | None:
        attributes_fn = self.entity_description.attributes_fn
        return attributes_fn(self.parcel) if attributes_fn else None


class TypicalTransitSensor(ParcelEntity, SensorEntity):
    """Shows how long parcels took that went the same way."""

    @property
    def _typical(self) -> Typical | None:
        return self.coordinator.transit_times.typical(self.parcel)

    @property
    @override
    def native_value(self) -> float | None:
        typical = self._typical
        return typical.median_days if typical is not None else None

    @property
    @override
    def extra_state_attributes(self) -> Attributes:
        typical = self._typical
        return {
            "p90_days": typical.p90_days if typical is not None else None,
            "parcels": typical.parcels if typical is not None else None,
        }


class HubSensor(HubEntity, SensorEntity):
    """Shows something of all parcels together."""

    entity_description: HubSensorDescription

    @property
    @override
    def native_value(self) -> StateType | datetime:
        return self.entity_description.value_fn(self.coordinator.data.values())

    @property
    @override
    def extra_state_attributes(self) -> Attributes | None:
        attributes_fn = self.entity_description.attributes_fn
        return attributes_fn(self.coordinator.data.values()) if attributes_fn else None


class RequestsLeftSensor(AccountEntity, SensorEntity):
    """Shows what is left of an account's quota."""

    @property
    @override
    def native_value(self) -> int | None:
        return self.coordinator.accounts.requests_left(self.account_id)
