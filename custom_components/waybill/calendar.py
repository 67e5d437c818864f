"""The calendar of all deliveries: those that came, and those that are promised."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, override

from homeassistant.components.calendar import (
    CalendarEntity,
    CalendarEntityDescription,
    CalendarEvent,
)
from homeassistant.components.calendar.const import CalendarEventStatus
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .coordinator import WaybillConfigEntry, WaybillCoordinator
from .entity import HubEntity
from .parcel_words import as_plain_text, in_brief, stage_in_words
from .per_parcel import PerParcel
from .tracking.deliveries import Delivery, delivery_of
from .tracking.model import Stage
from .tracking.parcel import Parcel

PARALLEL_UPDATES = 0

DELIVERIES: Final = CalendarEntityDescription(
    key="deliveries", translation_key="deliveries"
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WaybillConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the hub's calendar."""
    async_add_entities([DeliveriesCalendar(entry.runtime_data, DELIVERIES)])


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """What the calendar shows of a parcel, and the moments (UTC) it lies between."""

    begins: datetime
    ends: datetime
    delivery: Delivery
    parcel_id: str
    name: str = field(repr=False)
    description: str = field(repr=False)
    location: str | None = field(repr=False)

    def event(self) -> CalendarEvent:
        """Return it as calendars do, which check it at some cost."""
        delivery = self.delivery
        return CalendarEvent(
            start=delivery.start,
            end=delivery.end,
            summary=self.name,
            description=self.description,
            location=self.location,
            uid=self.parcel_id,
            status=(
                CalendarEventStatus.CONFIRMED
                if delivery.sure
                else CalendarEventStatus.TENTATIVE
            ),
        )


class DeliveriesCalendar(HubEntity, CalendarEntity):
    """Shows one event for each parcel that came or is promised."""

    def __init__(
        self, coordinator: WaybillCoordinator, description: CalendarEntityDescription
    ) -> None:
        """Show nothing before it is added."""
        super().__init__(coordinator, description)
        self._of_parcels = PerParcel(self._entry)
        self._entries: list[_Entry] = []

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self._take_over()

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """What is under way, else what comes next."""
        now = dt_util.now()
        entry = next((entry for entry in self._entries if entry.ends > now), None)
        return entry.event() if entry is not None else None

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        return [
            entry.event()
            for entry in self._entries
            if entry.begins < end_date and entry.ends > start_date
        ]

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        if self._take_over():
            super()._handle_coordinator_update()

    def _take_over(self) -> bool:
        """Look at the parcels that changed; says whether there were any."""
        words = stage_in_words(self.hass, Stage.PENDING)
        surroundings = (dt_util.get_default_time_zone(), words)
        if not self._of_parcels.take_over(self.coordinator.data, surroundings):
            return False
        self._entries = sorted(
            (entry for entry in self._of_parcels.values if entry is not None),
            key=lambda entry: (entry.begins, entry.ends, entry.parcel_id),
        )
        return True

    def _entry(self, parcel: Parcel) -> _Entry | None:
        delivery = delivery_of(parcel, dt_util.get_default_time_zone())
        if delivery is None:
            return None
        waits = parcel.stage is Stage.READY_FOR_PICKUP
        lines = (in_brief(self.hass, parcel), parcel.tracking_url)
        return _Entry(
            begins=_moment(delivery.start),
            ends=_moment(delivery.end),
            delivery=delivery,
            parcel_id=parcel.parcel_id,
            name=parcel.name,
            description="\n".join(line for line in lines if line),
            location=(as_plain_text(parcel.pickup_point) or None) if waits else None,
        )


def _moment(value: date | datetime) -> datetime:
    """Return an instant in UTC: times of one zone compare by their walls' clocks."""
    if isinstance(value, datetime):
        return dt_util.as_utc(value)
    return dt_util.as_utc(dt_util.start_of_local_day(value))
