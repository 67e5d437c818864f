"""What a person writes on the to-do list, read as parcels to follow."""

from dataclasses import dataclass, field
from typing import Final

from homeassistant.core import HomeAssistant

from .action_errors import action_error
from .recognition import Recognition, Verdict, recognise_number
from .text_parcels import async_find
from .tracking.finding import name_beside

_FEWEST_IN_A_LINE: Final = 10
"""Characters below which a word among others is no tracking number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """The numbers that were written down, and what the only one is called."""

    numbers: tuple[str, ...] = field(repr=False)
    name: str | None = field(default=None, repr=False)


async def async_read(hass: HomeAssistant, text: str) -> Listed:
    """Read a number, a name with a number, or a whole text with numbers in it.

    Raises ServiceValidationError where there is no number, or a mistyped one.
    """
    home = hass.config.country
    whole = recognise_number(text, home)
    if whole.verdict is Verdict.RECOGNISED:
        return Listed(numbers=(whole.number,))
    numbers = tuple(found.number for found in await async_find(hass, text))
    if not numbers:
        numbers = (_only_number(text, whole, home),)
    name = name_beside(text, numbers[0]) if len(numbers) == 1 else None
    return Listed(numbers=numbers, name=name)


def _only_number(text: str, whole: Recognition, home: str | None) -> str:
    """Return a number that only its place on the list tells to be one."""
    words = text.split()
    parts = [
        part
        for part in (recognise_number(word, home) for word in words)
        if len(part.number) >= _FEWEST_IN_A_LINE
    ]
    proven = [
        part for part in parts if any(candidate.valid for candidate in part.candidates)
    ]
    if len(proven) == 1:
        return proven[0].number
    for part in (whole, *parts):
        if part.verdict is Verdict.MISTYPED:
            raise action_error("listed_mistyped", carrier=part.carrier_name or "?")
    if whole.verdict is Verdict.UNKNOWN and all(map(_has_digit, words)):
        return whole.number
    raise action_error("listed_no_number")


def _has_digit(word: str) -> bool:
    return any(character.isdecimal() for character in word)
