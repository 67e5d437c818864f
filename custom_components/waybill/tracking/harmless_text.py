"""Texts of strangers, made so that they can play no tricks on whoever reads them."""

import re
from typing import Final
import unicodedata

LONGEST: Final = 1000
"""Characters, where nobody says another limit."""
_CUT: Final = " […]"
_CODE: Final = re.compile(r"(?!.{0,34}[0-9]{6})[A-Za-z0-9_.:/-]{1,40}")
"""One word, and nothing in it as long as a number that tells parcels apart."""
_TURNING: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""Marks that make a text read in another order than it is written in."""
_WITHOUT_WIDTH: Final = frozenset(
    "\u00ad\u180e\u200b\u2060\u2061\u2062\u2063\u2064\ufeff"
)
"""Marks that nobody sees, and that no script needs to be read."""


def clean(text: object, limit: int = LONGEST) -> str:
    """Return a text on one line, without what could play tricks on its reader.

    At most ``limit`` characters, none of them a control character or unseen: what
    a person does not see, a machine would read all the same.
    """
    shown = []
    for char in str(text if text is not None else "")[: 2 * limit]:
        category = unicodedata.category(char)
        if category in ("Zs", "Zl", "Zp") or char in "\t\n\r\v\f":
            shown.append(" ")
        elif category == "Cs":
            shown.append("\ufffd")
        elif (
            category not in ("Cc", "Cn", "Co")
            and char not in _TURNING
            and not _is_unseen(char)
        ):
            shown.append(char)
    line = " ".join("".join(shown).split())
    return line if len(line) <= limit else line[: limit - len(_CUT)].rstrip() + _CUT


def whole(text: str) -> str:
    """Return a text in which each half of a surrogate pair has its other half.

    The two halves of a pair become the character that they mean, and a lone one,
    which no file can hold, the sign for what is no character.
    """
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def code_or_length(code: str) -> str:
    """Return a carrier's code, to be told to anybody; its length if it is no such code.

    What a carrier wrote in its place can be a tracking number, or somebody's name.
    """
    return code if _CODE.fullmatch(code) else f"({len(code)} characters)"


def _is_unseen(char: str) -> bool:
    """Say whether nobody sees it; tags and rarer variation selectors are plane 14."""
    return char in _WITHOUT_WIDTH or ord(char) >> 16 == 14
