"""Triggers: one for each milestone, of the parcels that a target holds.

They listen to the announcement itself rather than to a state, so that none is
lost or repeated when Home Assistant restarts or the entry is reloaded.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

import voluptuous as vol

from homeassistant.const import (
    ATTR_ENTITY_ID,
    CONF_EXCLUDE,
    CONF_OPTIONS,
    CONF_TARGET,
    Platform,
)
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import (
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.helpers.target import (
    SelectedEntities,
    TargetSelection,
    async_extract_referenced_entity_ids,
)
from homeassistant.helpers.trigger import (
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType

from .const import DOMAIN, EVENT_MILESTONE
from .tracking.model import MilestoneName


def _not_empty(target: ConfigType) -> ConfigType:
    if not TargetSelection(target).has_any_target:
        raise vol.Invalid("a target is needed: the parcels, or Waybill for any parcel")
    return target


_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_TARGET): vol.All(cv.TARGET_FIELDS, _not_empty),
        vol.Required(CONF_OPTIONS, default={}): {},
    }
)


class MilestoneTrigger(Trigger):
    """Fires once for each milestone of a kind that a targeted parcel reaches.

    A target holds a parcel when it holds its device or any of its entities. The
    hub's device, or its milestone entity, stands for any parcel, also for one
    that is added later. What a target excludes is held by no hub either.
    """

    _milestone: ClassVar[MilestoneName]

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        validated: ConfigType = _SCHEMA(config)
        return validated

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Prepare to fire for the parcels of a target."""
        super().__init__(hass, config)
        target = dict(config.target or {})
        # Home Assistant's own exclusion would leave the excluded to the hub.
        self._excluded = TargetSelection(target.pop(CONF_EXCLUDE, {}))
        self._target = TargetSelection(target)

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        @callback
        def on_milestone(event: Event) -> None:
            milestone = event.data
            if (
                milestone.get("milestone") == self._milestone
                and (parcel_id := milestone.get("parcel_id")) is not None
                and self._is_meant(parcel_id)
            ):
                run_action(
                    self._payload(milestone),
                    f"{milestone.get('name')}: {self._milestone.replace('_', ' ')}",
                    event.context,
                )

        return self._hass.bus.async_listen(EVENT_MILESTONE, on_milestone)

    def _is_meant(self, parcel_id: str) -> bool:
        """Say whether the target holds a parcel, as things are at this moment."""
        entry_id = next(
            (
                entry.entry_id
                for entry in self._hass.config_entries.async_entries(DOMAIN)
                if parcel_id in entry.subentries
            ),
            None,
        )
        if entry_id is None:
            return False
        meant = self._extract(self._target)
        excluded = self._extract(self._excluded)
        if self._holds_parcel(excluded, parcel_id, entry_id):
            return False
        return self._holds_parcel(meant, parcel_id, entry_id) or (
            self._holds_hub(meant, entry_id) and not self._holds_hub(excluded, entry_id)
        )

    def _extract(self, target: TargetSelection) -> SelectedEntities:
        return async_extract_referenced_entity_ids(self._hass, target)

    def _holds_parcel(
        self, selected: SelectedEntities, parcel_id: str, entry_id: str
    ) -> bool:
        if self._holds_device(selected, parcel_id, entry_id):
            return True
        registry = er.async_get(self._hass)
        return any(
            entity is not None
            and entity.platform == DOMAIN
            and entity.config_subentry_id == parcel_id
            for entity in map(registry.async_get, _entity_ids(selected))
        )

    def _holds_hub(self, selected: SelectedEntities, entry_id: str) -> bool:
        return self._holds_device(
            selected, entry_id, entry_id
        ) or self._milestone_entity(entry_id) in _entity_ids(selected)

    def _holds_device(
        self, selected: SelectedEntities, identifier: str, entry_id: str
    ) -> bool:
        device = dr.async_get(self._hass).async_get_device_by_identifier(
            (DOMAIN, identifier), entry_id
        )
        return device is not None and device.id in selected.referenced_devices

    def _milestone_entity(self, owner: str) -> str | None:
        return er.async_get(self._hass).async_get_entity_id(
            Platform.EVENT, DOMAIN, f"{owner}_milestone"
        )

    def _payload(self, milestone: Mapping[str, Any]) -> dict[str, Any]:
        payload = dict(milestone)
        payload[ATTR_ENTITY_ID] = self._milestone_entity(payload["parcel_id"])
        if not payload.get("description"):
            # The trigger's own description stands where no carrier wrote a word.
            payload.pop("description", None)
        return payload


def _entity_ids(selected: SelectedEntities) -> set[str]:
    return selected.referenced | selected.indirectly_referenced


def _trigger_for(milestone: MilestoneName) -> type[Trigger]:
    class CustomTrigger(MilestoneTrigger):
        """Trigger for one kind of milestone."""

        _milestone = milestone

    return CustomTrigger


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    milestone.value: _trigger_for(milestone) for milestone in MilestoneName
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers of Waybill."""
    return TRIGGERS
