"""A tracking number as it is spelled out aloud."""

from collections.abc import Mapping
import re
from typing import Final

from .spoken_names import fold

LONGEST: Final = 200
_TOKEN: Final = re.compile(r"[^\W_]+")


def written_number(said: str, digits: Mapping[str, str]) -> str:
    """Return a spelled number in one piece: "L X 1 two 3" is "LX123".

    ``digits`` are the language's words (folded) for the ten digits. What is said
    around a number, and is none of it, stays in: it is then no number.
    """
    tokens = _TOKEN.findall(fold(said[:LONGEST]))
    return "".join(digits.get(token, token) for token in tokens).upper()
