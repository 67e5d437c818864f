"""The language of whoever reads, for what the server itself has to put in words."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from babel.dates import format_date, format_skeleton

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.http import current_request
from homeassistant.helpers.translation import (
    async_get_cached_translations,
    async_get_translations,
)
from homeassistant.util.language import matches

from .const import DOMAIN

LANGUAGES: Final = ("en", "fr", "de", "es", "it", "nl", "pt", "pl")
"""Those in which Waybill speaks."""
_FALLBACK: Final = "en"
_COMMON: Final = "common"
_EXCEPTIONS: Final = "exceptions"
_KEY_OF_USER: Final = "hass_user"

type CommonWords = Mapping[str, str]
"""The texts under ``common`` of a translation, by their key."""


def spoken(language: str) -> str:
    """Return the language of ours that comes nearest."""
    return next(iter(matches(language, LANGUAGES)), _FALLBACK)


async def async_language_of(hass: HomeAssistant, user_id: str | None) -> str:
    """Return the language that a person chose in their profile, else the home's."""
    chosen = None
    if user_id is not None and "frontend" in hass.config.components:
        from homeassistant.components.frontend.storage import async_user_store  # noqa: PLC0415

        store = await async_user_store(hass, user_id)
        setting = store.data.get("language")
        if isinstance(setting, Mapping):
            chosen = setting.get("language")
    return spoken(str(chosen or hass.config.language))


def user_here() -> str | None:
    """Return the id of the person whose click is being answered."""
    request = current_request.get()
    user = request.get(_KEY_OF_USER) if request is not None else None
    return user.id if user is not None else None


async def async_load_locales(hass: HomeAssistant) -> None:
    """Read what Babel knows of our languages: it reads files when first asked."""
    await hass.async_add_executor_job(_load_locales)


def _load_locales() -> None:
    for language in LANGUAGES:
        # What there is in common to all languages is read with the first.
        format_date(date.min, "long", locale=language)


async def async_words(hass: HomeAssistant, language: str) -> CommonWords:
    """Return the texts that the server puts together itself."""
    language = spoken(language)
    return _by_key(await async_get_translations(hass, language, _COMMON, [DOMAIN]))


@callback
def words_at_home(hass: HomeAssistant) -> CommonWords:
    """Return these texts in Home Assistant's language, once they were loaded."""
    language = spoken(hass.config.language)
    return _by_key(async_get_cached_translations(hass, language, _COMMON, DOMAIN))


async def async_error_in_words(
    hass: HomeAssistant, error: HomeAssistantError, language: str
) -> str:
    """Say an error in a language; in English, where it has no other words."""
    domain, key = error.translation_domain, error.translation_key
    if domain is None or key is None:
        return str(error)
    texts = await async_get_translations(hass, language, _EXCEPTIONS, [domain])
    text = texts.get(f"component.{domain}.{_EXCEPTIONS}.{key}.message")
    placeholders = error.translation_placeholders or {}
    return text.format(**placeholders) if text is not None else str(error)


def _by_key(texts: Mapping[str, str]) -> CommonWords:
    prefix = f"component.{DOMAIN}.{_COMMON}."
    return {key.removeprefix(prefix): text for key, text in texts.items()}


def day_in_words(day: date, words: CommonWords, *, with_year: bool = True) -> str:
    """Say a day: "November 28, 2026", "1er mai 2026"; "May 3" without its year."""
    language = words["language"]
    if with_year:
        said = format_date(day, "long", locale=language)
    else:
        said = format_skeleton("MMMMd", day, locale=language)
    if language == "fr" and day.day == 1:
        return said.replace("1", "1er", 1)
    return said
