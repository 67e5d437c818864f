"""Milestones and alerts in the activity log, in words.

Each line belongs to its parcel's main entity, which is named as the parcel.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from homeassistant.components.logbook.const import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_ICON,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations

from .const import DOMAIN, EVENT_ALERT, EVENT_MILESTONE
from .main_entity import async_main_entity
from .parcel_words import stage_in_words
from .tracking.assessment import AlertKind
from .tracking.model import MilestoneName

_ENTITIES: Final = f"component.{DOMAIN}.entity"
_MILESTONE_WORDS: Final = (
    f"{_ENTITIES}.event.milestone.state_attributes.event_type.state"
)
_ALERT_WORDS: Final = (
    f"{_ENTITIES}.binary_sensor.needs_attention.state_attributes.alerts.state"
)

_ICONS: Final = {
    MilestoneName.SHIPPED: "mdi:package-up",
    MilestoneName.ENTERED_CUSTOMS: "mdi:shield-search",
    MilestoneName.CUSTOMS_ACTION_REQUIRED: "mdi:shield-alert",
    MilestoneName.CUSTOMS_CLEARED: "mdi:shield-check",
    MilestoneName.OUT_FOR_DELIVERY: "mdi:truck-delivery",
    MilestoneName.READY_FOR_PICKUP: "mdi:storefront",
    MilestoneName.DELIVERY_FAILED: "mdi:truck-alert",
    MilestoneName.DELIVERED: "mdi:package-variant-closed-check",
    MilestoneName.RETURNING: "mdi:keyboard-return",
    MilestoneName.RETURNED: "mdi:package-variant-closed-remove",
    MilestoneName.EXCEPTION: "mdi:alert",
    MilestoneName.BECAME_LATE: "mdi:clock-alert",
    MilestoneName.STALLED: "mdi:timer-sand-paused",
    MilestoneName.HANDED_OVER: "mdi:swap-horizontal",
    MilestoneName.ESTIMATE_CHANGED: "mdi:calendar-edit",
    MilestoneName.STAGE_CHANGED: "mdi:package-variant-closed",
}

_ALERT_ICONS: Final = {
    AlertKind.LATE: "mdi:clock-alert",
    AlertKind.STALLED: "mdi:timer-sand-paused",
    AlertKind.CUSTOMS_ACTION: "mdi:shield-alert",
    AlertKind.PICKUP_WAITING: "mdi:store-clock",
    AlertKind.PROTECTION_ENDING: "mdi:shield-half-full",
    AlertKind.PROBLEM_REPORTED: "mdi:message-alert",
    AlertKind.RETURNING: "mdi:keyboard-return",
    AlertKind.EXCEPTION: "mdi:alert",
}

type _Line = dict[str, str | None]


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Callable[[Event], _Line]], None],
) -> None:
    """Describe the bus events that tell of milestones and of other alerts."""

    @callback
    def milestone(event: Event) -> _Line:
        icon = _ICONS.get(event.data.get("milestone", ""))
        return _line(hass, event, _milestone_words(hass, event.data), icon)

    @callback
    def alert(event: Event) -> _Line:
        kind = event.data.get("kind", "")
        words = _words(hass).get(f"{_ALERT_WORDS}.{kind}")
        return _line(hass, event, words, _ALERT_ICONS.get(kind))

    async_describe_event(DOMAIN, EVENT_MILESTONE, milestone)
    async_describe_event(DOMAIN, EVENT_ALERT, alert)


def _line(
    hass: HomeAssistant, event: Event, message: str | None, icon: str | None
) -> _Line:
    """Return a line about a parcel; it may be followed no more."""
    line = {
        LOGBOOK_ENTRY_NAME: event.data.get("name"),
        LOGBOOK_ENTRY_MESSAGE: message,
        LOGBOOK_ENTRY_ICON: icon,
    }
    entity_id = async_main_entity(hass, event.data.get("parcel_id", ""))
    return line if entity_id is None else {**line, LOGBOOK_ENTRY_ENTITY_ID: entity_id}


def _milestone_words(hass: HomeAssistant, milestone: Mapping[str, Any]) -> str | None:
    """Say a milestone; a mere change by its stage."""
    name = milestone.get("milestone")
    stage = stage_in_words(hass, milestone.get("stage", ""))
    if name == MilestoneName.STAGE_CHANGED and stage is not None:
        return stage
    return _words(hass).get(f"{_MILESTONE_WORDS}.{name}")


def _words(hass: HomeAssistant) -> Mapping[str, str]:
    return async_get_cached_translations(hass, hass.config.language, "entity", DOMAIN)
