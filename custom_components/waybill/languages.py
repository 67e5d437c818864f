"""In which language the server itself composes a text, and with which words."""

from collections.abc import Mapping

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN


async def async_language_of(hass: HomeAssistant, user_id: str | None) -> str:
    """Return the language to use for a person."""
    return hass.config.language


async def async_words(hass: HomeAssistant, language: str) -> Mapping[str, str]:
    """Return the texts under ``common``, by their key."""
    prefix = f"component.{DOMAIN}.common."
    texts = await async_get_translations(hass, language, "common", [DOMAIN])
    return {key.removeprefix(prefix): text for key, text in texts.items()}
