"""What a short line calls the parcel whose number stands in it."""

import re
from typing import Final

from .marks import label_marks
from .words import Label, fold

LONGEST_NAME: Final = 40
"""What is longer is a sentence, not a name."""

_AROUND: Final = " \t-\N{EN DASH}\N{EM DASH}:;,.#=()[]{}<>|/\\*\"'«»„“”‘’"
_EMPTY_BRACKETS: Final = re.compile(r"\(\s*\)|\[\s*\]|<\s*>")
_LINK: Final = re.compile(r"://|\bwww\.", re.IGNORECASE)


def name_beside(text: str, number: str) -> str | None:
    """Return the name in ``text``: what it says beside a number.

    ``number`` is normalised. "Shoes: LP 0012 3456 7890 12" is named "Shoes". None
    where nothing else stands there, or more than a short line, or a link, or where
    the number does not stand there as one piece.
    """
    line = text.strip()
    if len(line.splitlines()) != 1 or _LINK.search(line):
        return None
    spread = r"[\W_]*".join(map(re.escape, number))
    place = re.search(rf"(?<![^\W_]){spread}(?![^\W_])", line, re.IGNORECASE)
    if place is None:
        return None
    start = _without_label(line, place.start())
    rest = _EMPTY_BRACKETS.sub(" ", f"{line[:start]} {line[place.end() :]}")
    name = " ".join(rest.split()).strip(_AROUND)
    return name if 0 < len(name) <= LONGEST_NAME else None


def _without_label(line: str, start: int) -> int:
    """Return where the words begin that only say that a number follows."""
    for mark in label_marks(line, fold(line)):
        gap = line[mark.end : start]
        if mark.label is Label.TRACKING and mark.end <= start:
            if not any(character.isalnum() for character in gap):
                return mark.start
    return start
