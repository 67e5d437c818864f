"""The search through a message, from its text as pasted to what is found."""

from typing import Final

from .found import Found
from .in_links import numbers_in
from .in_text import TextSearch
from .message_text import read_message
from .strength import Recogniser

MOST_FOUND: Final = 100
"""No message holds more parcels; what comes behind them is not looked for."""


def find(text: str, home: str | None = None) -> tuple[Found, ...]:
    """Return the tracking numbers in ``text``, in order of appearance, each once.

    ``text`` is plain, HTML or the source of a message, in any language; ``home``
    is where parcels go (ISO 3166-1 alpha-2). A number with a form of its own
    counts by itself, one that is only digits where a word, a carrier or a link
    says so, and one whose check digit is wrong only directly behind such a word.
    Nothing counts that is said to be something else: an order, an invoice, a
    telephone. At most 100; takes time in proportion to the text; never raises.
    """
    message = read_message(text)
    recogniser = Recogniser(home)
    accepted = [
        *numbers_in(message.links, recogniser),
        *TextSearch(message.text, recogniser).numbers(),
    ]
    seen: list[Found] = []
    for one in sorted(accepted, key=lambda one: one.start):
        if len(seen) == MOST_FOUND:
            break
        found = Found(
            number=one.number,
            candidates=recogniser.candidates(one.number),
            evidence=one.evidence,
        )
        if not any(_same(found, other) for other in seen):
            seen.append(found)
    return tuple(seen)


def _same(found: Found, other: Found) -> bool:
    """Say whether two are one number, a bar code and the number in it too."""
    if found.number == other.number:
        return True
    long, short = sorted((found, other), key=lambda one: -len(one.number))
    return (
        len(short.number) >= 12
        and long.number.endswith(short.number)
        and bool(long.candidates and short.candidates)
        and long.candidates[0].carrier == short.candidates[0].carrier
    )
