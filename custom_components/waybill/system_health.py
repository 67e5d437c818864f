"""How Waybill is doing, at a glance."""

from typing import Any

from homeassistant.components import system_health
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .coordinator import WaybillConfigEntry
from .simulator import simulator_from_environment
from .tracking.providers import PROVIDERS
from .tracking.routing import CAINIAO


@callback
def async_register(
    hass: HomeAssistant, register: system_health.SystemHealthRegistration
) -> None:
    """Offer what is told on the page of the system's health."""
    register.async_register_info(_system_health_info)


async def _system_health_info(hass: HomeAssistant) -> dict[str, Any]:
    """Tell it; Cainiao is only called when somebody looks."""
    simulator = simulator_from_environment().url
    info: dict[str, Any] = {
        "can_reach_cainiao": system_health.async_check_can_reach_url(
            hass, str(simulator or PROVIDERS[CAINIAO].origin)
        ),
        "simulator": simulator is not None,
    }
    entries: list[WaybillConfigEntry] = hass.config_entries.async_entries(DOMAIN)
    for entry in entries:
        if entry.state is ConfigEntryState.LOADED:
            info |= _counts(entry)
    return info


def _counts(entry: WaybillConfigEntry) -> dict[str, Any]:
    accounts = entry.runtime_data.accounts
    troubled = {
        PROVIDERS[account.provider].name
        for account in accounts.usable()
        if accounts.trouble(account.account_id) is not None
    }
    with_credentials = [
        account
        for account in accounts.usable()
        if account.account_id != account.provider
    ]
    return {
        "parcels": len(entry.runtime_data.data),
        "accounts": len(with_credentials),
        "providers_in_trouble": ", ".join(sorted(troubled)),
    }
