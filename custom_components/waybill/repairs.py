"""Repairs that Waybill can do itself, once the person has decided."""

from collections.abc import Awaitable, Callable

from homeassistant.components.repairs import (
    ConfirmRepairFlow,
    RepairsFlow,
    RepairsFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .alert_issues import ALERT
from .alert_repair import AlertFlow
from .const import DOMAIN
from .coordinator import WaybillCoordinator
from .issues import OTHER, SUBJECT
from .joined_parcels import async_join, async_keep_apart
from .loaded_entry import loaded_coordinator

type _Repair = Callable[[WaybillCoordinator, str, str], Awaitable[bool]]


class JoinParcelsFlow(RepairsFlow):
    """Asks whether two parcels are one."""

    def __init__(self, parcel_id: str, other_id: str) -> None:
        """Ask about these two; the first has both numbers."""
        self._parcel_id = parcel_id
        self._other_id = other_id

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask what the two are."""
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        return self.async_show_menu(
            step_id="init",
            menu_options=["join", "two_parcels"],
            description_placeholders=issue.translation_placeholders if issue else None,
        )

    async def async_step_join(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Make one parcel of them."""
        return await self._async_repair(async_join)

    async def async_step_two_parcels(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Take the number of the one out of the other."""
        return await self._async_repair(async_keep_apart)

    async def _async_repair(self, repair: _Repair) -> RepairsFlowResult:
        coordinator = loaded_coordinator(self.hass)
        if coordinator is not None and await repair(
            coordinator, self._parcel_id, self._other_id
        ):
            return self.async_create_entry(data={})
        return self.async_abort(reason="not_followed")


async def async_create_fix_flow(
    hass: HomeAssistant,
    issue_id: str,
    data: dict[str, str | int | float | None] | None,
) -> RepairsFlow:
    """Begin the repair of an issue."""
    if data is not None and OTHER in data:
        return JoinParcelsFlow(str(data[SUBJECT]), str(data[OTHER]))
    if data is not None and ALERT in data:
        return AlertFlow(str(data[SUBJECT]), str(data[ALERT]))
    return ConfirmRepairFlow()
