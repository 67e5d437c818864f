"""The address of a webhook as the world outside sees it."""

import logging

from homeassistant.components import webhook
from homeassistant.core import HomeAssistant
from homeassistant.helpers.network import NoURLAvailableError

_LOGGER = logging.getLogger(__name__)


async def async_push_address(hass: HomeAssistant, webhook_id: str) -> str | None:
    """Return an address that a provider can reach, or None where there is none.

    Home Assistant Cloud gives one to those who have it, which is then kept there
    until ``async_release_address``.
    """
    if _has_cloud(hass):
        from homeassistant.components import cloud  # noqa: PLC0415

        if cloud.async_active_subscription(hass):
            try:
                return await cloud.async_get_or_create_cloudhook(hass, webhook_id)
            except Exception as err:  # noqa: BLE001
                # Whatever is wrong there: an address of one's own serves as well.
                _LOGGER.debug("No address of the cloud: %s", type(err).__name__)
    try:
        return webhook.async_generate_url(hass, webhook_id, allow_internal=False)
    except NoURLAvailableError:
        return None


async def async_release_address(hass: HomeAssistant, webhook_id: str) -> None:
    """Give back what Home Assistant Cloud may keep for a webhook."""
    if _has_cloud(hass):
        from homeassistant.components import cloud  # noqa: PLC0415

        try:
            await cloud.async_delete_cloudhook(hass, webhook_id)
        except Exception as err:  # noqa: BLE001
            # As a rule there is none. One that is left leads nowhere.
            _LOGGER.debug("No address was given back: %s", type(err).__name__)


def _has_cloud(hass: HomeAssistant) -> bool:
    """Whether Home Assistant Cloud is set up; only then may it be imported."""
    return "cloud" in hass.config.components
