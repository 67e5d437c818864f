"""Words that change with what follows them, in texts that are put together."""

from collections.abc import Mapping
import re
from typing import Final

_BEFORE: Final[Mapping[str, tuple[tuple[str, str, re.Pattern[str]], ...]]] = {
    "es": (
        # "iPhone" and its like begin with another sound.
        ("y", "e", re.compile(r"(?!i[A-Z]|iphone|ipad)[Hh]?[IiÍí](?![aeoáéó])")),
        ("o", "u", re.compile(r"[Hh]?[OoÓó]|8|11\b")),
    )
}
"""By language: a conjunction, what it becomes, and before which words."""
_AT_ONE: Final[Mapping[str, tuple[re.Pattern[str], str]]] = {
    "es": (re.compile(r"\blas (?=1:)"), "la "),
    "pt": (re.compile(r"\b([aà])s (?=01:)"), r"\1 "),
}
"""By language: how the article before one o'clock differs."""


def before_last(joined: str, last: str, language: str) -> str:
    """Return joined names, with the conjunction that fits the ``last`` of them."""
    head = joined.removesuffix(last)
    for word, instead, start in _BEFORE.get(language, ()):
        if head.endswith(f" {word} ") and start.match(last):
            return f"{head[: -len(word) - 1]}{instead} {last}"
    return joined


def at_one(text: str, language: str) -> str:
    """Return a text with times of day in it, with the article that one o'clock has."""
    found, instead = _AT_ONE.get(language, (None, ""))
    return found.sub(instead, text) if found is not None else text
