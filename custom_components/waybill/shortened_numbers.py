"""Tracking numbers where others may read along: only their ends are told."""

from collections.abc import Iterable
import re
from typing import Final
import unicodedata

from .tracking.harmless_text import clean

SHOWN_OF_A_NUMBER: Final = 4
WITHHELD: Final = "…"

_LONGEST: Final = 200
"""Characters by which a text is known again."""


def end_of(number: str) -> str:
    """Return what is told of a number."""
    return f"{WITHHELD}{number[-SHOWN_OF_A_NUMBER:]}"


def without_numbers(text: str, numbers: Iterable[str]) -> str:
    """Return a text in which numbers are shortened, whatever stands within them."""
    for number in numbers:
        pattern = re.compile(anyhow_written(letters(number)), re.IGNORECASE)
        text = pattern.sub(end_of(number), text)
    return text


def letters(known: str | None) -> str:
    """Return the letters and digits by which a text is known again."""
    characters = unicodedata.normalize("NFKC", clean(known, _LONGEST))
    return "".join(filter(str.isalnum, characters))


def anyhow_written(letters_: str) -> str:
    """Return a pattern for letters and digits, whatever stands between them."""
    return r"[\W_]*".join(map(re.escape, letters_))
