"""Milestones as headlines of the activity log.

A headline names no entity: the frontend would then show that entity's name in
the place of the parcel's, and the line would look like the entity's own.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from homeassistant.components.logbook.const import (
    LOGBOOK_ENTRY_ICON,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations

from .const import DOMAIN, EVENT_MILESTONE
from .tracking.model import MilestoneName

_ENTITIES: Final = f"component.{DOMAIN}.entity"
_MILESTONE_WORDS: Final = (
    f"{_ENTITIES}.event.milestone.state_attributes.event_type.state"
)
_STAGE_WORDS: Final = f"{_ENTITIES}.sensor.stage.state"

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


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[
        [str, str, Callable[[Event], dict[str, str | None]]], None
    ],
) -> None:
    """Describe the bus event that tells of a milestone."""

    @callback
    def describe(event: Event) -> dict[str, str | None]:
        return {
            LOGBOOK_ENTRY_NAME: event.data.get("name"),
            LOGBOOK_ENTRY_MESSAGE: _words(hass, event.data),
            LOGBOOK_ENTRY_ICON: _ICONS.get(event.data.get("milestone", "")),
        }

    async_describe_event(DOMAIN, EVENT_MILESTONE, describe)


def _words(hass: HomeAssistant, milestone: Mapping[str, Any]) -> str | None:
    """Say a milestone in Home Assistant's language; a mere change by its stage."""
    name, stage = milestone.get("milestone"), milestone.get("stage")
    words = async_get_cached_translations(hass, hass.config.language, "entity", DOMAIN)
    if name == MilestoneName.STAGE_CHANGED and f"{_STAGE_WORDS}.{stage}" in words:
        return words[f"{_STAGE_WORDS}.{stage}"]
    return words.get(f"{_MILESTONE_WORDS}.{name}")
