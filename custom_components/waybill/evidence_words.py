"""The words of dispute files, in a person's language."""

from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN
from .languages import async_language_of, async_words

_BORROWED: Final = {
    "stage": ("selector", "selector.stage.options."),
    "milestone": (
        "entity",
        "entity.event.milestone.state_attributes.milestone.state.",
    ),
}
"""Words that other places have already: where they are, by what they begin with."""


async def async_words_for(
    hass: HomeAssistant, user_id: str | None
) -> tuple[str, dict[str, str]]:
    """Return the language of a person and the words of a dispute file in it."""
    language = await async_language_of(hass, user_id)
    words = {
        key: text
        for key, text in (await async_words(hass, language)).items()
        if key.startswith("evidence_") or key == "language"
    }
    for beginning, (category, place) in _BORROWED.items():
        prefix = f"component.{DOMAIN}.{place}"
        texts = await async_get_translations(hass, language, category, [DOMAIN])
        words |= {
            f"{beginning}_{key.removeprefix(prefix)}": text
            for key, text in texts.items()
            if key.startswith(prefix)
        }
    return language, words
