"""Conditions: where the targeted parcels are, and whether they need somebody."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

import voluptuous as vol

from homeassistant.const import CONF_OPTIONS, STATE_ON, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.condition import (
    ENTITY_STATE_CONDITION_SCHEMA_ANY_ALL,
    Condition,
    ConditionConfig,
    EntityStateConditionBase,
)

from .const import DOMAIN
from .tracking.model import Stage

ATTR_STAGE: Final = "stage"

_STAGE_KEY: Final = "stage"
_ATTENTION_KEY: Final = "needs_attention"


class _ParcelCondition(EntityStateConditionBase):
    """A condition on one entity of each targeted parcel, whatever else is there."""

    _key: ClassVar[str]

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        """Leave only the parcels' own entities: a target may hold others too."""
        registry = er.async_get(self._hass)
        return {
            entity_id
            for entity_id in super().entity_filter(entities)
            if (entry := registry.async_get(entity_id)) is not None
            and entry.platform == DOMAIN
            and entry.unique_id == f"{entry.config_subentry_id}_{self._key}"
        }


_SENSOR: Final[Mapping[str, DomainSpec]] = {Platform.SENSOR: DomainSpec()}
_BINARY_SENSOR: Final[Mapping[str, DomainSpec]] = {Platform.BINARY_SENSOR: DomainSpec()}
_ON: Final[set[str | bool]] = {STATE_ON}


class IsStageCondition(_ParcelCondition):
    """Whether a parcel is at one of the stages that are asked for."""

    _domain_specs = _SENSOR
    _key = _STAGE_KEY
    _schema = ENTITY_STATE_CONDITION_SCHEMA_ANY_ALL.extend(
        {
            vol.Required(CONF_OPTIONS): {
                vol.Required(ATTR_STAGE): vol.All(
                    cv.ensure_list,
                    vol.Length(min=1),
                    [vol.In([stage.value for stage in Stage])],
                ),
            },
        }
    )

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Prepare to look for the stages of the options."""
        super().__init__(hass, config)
        options: dict[str, Any] = config.options or {}
        self._states = set(options[ATTR_STAGE])


def _stage_condition(*stages: Stage) -> type[Condition]:
    expected: set[str | bool] = {stage.value for stage in stages}

    class CustomCondition(_ParcelCondition):
        """Whether a parcel is at given stages."""

        _domain_specs = _SENSOR
        _key = _STAGE_KEY
        _states = expected

    return CustomCondition


class NeedsAttentionCondition(_ParcelCondition):
    """Whether there is something about a parcel that a person should look at."""

    _domain_specs = _BINARY_SENSOR
    _key = _ATTENTION_KEY
    _states = _ON


CONDITIONS: Final[dict[str, type[Condition]]] = {
    "is_stage": IsStageCondition,
    "is_in_customs": _stage_condition(Stage.IN_CUSTOMS, Stage.CUSTOMS_ACTION_REQUIRED),
    "is_out_for_delivery": _stage_condition(Stage.OUT_FOR_DELIVERY),
    "is_ready_for_pickup": _stage_condition(Stage.READY_FOR_PICKUP),
    "is_delivered": _stage_condition(Stage.DELIVERED),
    "needs_attention": NeedsAttentionCondition,
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions of Waybill."""
    return CONDITIONS
