"""A parcel in a few words, in Home Assistant's language."""

import re
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations

from .const import DOMAIN
from .tracking.harmless_text import clean
from .tracking.parcel import Parcel

_STAGE: Final = f"component.{DOMAIN}.entity.sensor.stage.state"
_LONGEST: Final = 200
"""Characters of what a carrier wrote."""
_PLAIN: Final = str.maketrans("[]<>`", "()‹›'")
"""Lists show descriptions as Markdown: a carrier is to bring in no link or image."""
_PUNCTUATION: Final = re.compile(r"([!-/:-@\[-`{-~])")


@callback
def stage_in_words(hass: HomeAssistant, stage: str) -> str | None:
    """Say a stage; None where there is no such stage."""
    words = async_get_cached_translations(hass, hass.config.language, "entity", DOMAIN)
    return words.get(f"{_STAGE}.{stage}")


@callback
def in_brief(hass: HomeAssistant, parcel: Parcel) -> str:
    """Say where a parcel is: its stage, and what the carrier wrote last."""
    event = parcel.last_event
    told = (event.description, event.location) if event is not None else ()
    parts = (stage_in_words(hass, parcel.stage), *map(as_plain_text, told))
    return " · ".join(part for part in dict.fromkeys(parts) if part)


def as_plain_text(text: str | None) -> str:
    """Return what a carrier wrote, on one line, bounded, without any markup."""
    plain = clean(text, 4 * _LONGEST).translate(_PLAIN)
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1].rstrip()}…"


def as_markdown(text: str | None) -> str:
    """Return what a carrier wrote so that Markdown shows it letter by letter.

    Not even an address in it becomes a link.
    """
    return _PUNCTUATION.sub(r"\\\1", as_plain_text(text))
