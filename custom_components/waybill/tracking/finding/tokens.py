"""Cut a text into what could be the parts of numbers."""

from collections.abc import Iterator
import re
from string import digits
from typing import Final, NamedTuple, override

from .strength import FEWEST_DIGITS

_LONGEST_LETTERS: Final = 4
_SHORTEST_WORD: Final = 3
_LONGEST_GLUED: Final = 100

_TOKEN: Final = re.compile(r"[A-Za-z0-9]+")
# Where a browser has taken out the line's end: number1Z999AA10123456784Carrier.
_WORD_BEFORE: Final = re.compile(r"(?<![a-z])[a-z]{3,}(?=\d)")
_GLUED: Final = re.compile(r"[A-Z0-9]+(?![a-z])|[A-Z]?[a-z]+")
# What could be a number, in groups: all that is looked at more closely.
_REGION: Final = re.compile(r"[A-Za-z0-9]++(?:(?: {1,2}|-| ?\n ?)[A-Za-z0-9]++)*+")

# What in front of a number or behind it makes it a part of something else.
_TOUCHING_BEFORE: Final = frozenset("/_%$€£¥~\\+&")
_TOUCHING_BEHIND: Final = frozenset("/_%$€£¥~\\+&=")


class Token(NamedTuple):
    """Letters and digits without a gap; ``touching``: a part of something else."""

    text: str
    start: int
    end: int
    touching: bool

    @override
    def __repr__(self) -> str:
        """Show where it stands, not what it is: it can be a part of a number."""
        return f"Token({self.start}-{self.end})"


def runs(text: str) -> Iterator[list[Token]]:
    """Yield the tokens that could be parts of one number, in groups."""
    for region in _REGION.finditer(text):
        # Most of a message are words.
        if not _may_hold_a_number(region[0]):
            continue
        run: list[Token] = []
        for token in _tokens(text, *region.span()):
            if run and not _joins(run[-1], token):
                if _may_hold_a_number(text[run[0].start : run[-1].end]):
                    yield run
                run = []
            run.append(token)
        yield run


def _may_hold_a_number(text: str) -> bool:
    return len(text) >= FEWEST_DIGITS and sum(map(text.count, digits)) >= FEWEST_DIGITS


def _tokens(text: str, first: int, final: int) -> Iterator[Token]:
    for match in _TOKEN.finditer(text, first, final):
        start, end = match.span()
        word = match[0]
        before, behind = text[start - 1 : start], text[end : end + 1]
        if "@" in (before, behind):
            continue
        # Most stand between blanks.
        touching = not before == behind == " " and _touches(text, start, end)
        if word.isdecimal() or word.isupper():
            yield Token(word, start, end, touching)
            continue
        for left, right in _pieces(word):
            yield Token(word[left:right].upper(), start + left, start + right, touching)


def _pieces(word: str) -> list[tuple[int, int]]:
    """Return the parts of a token, where words were glued to a number."""
    if word.isupper() or word.isdecimal() or len(word) > _LONGEST_GLUED:
        return [(0, len(word))]
    if word.islower():
        glued = _WORD_BEFORE.match(word)
        return [glued.span(), (glued.end(), len(word))] if glued else [(0, len(word))]
    pieces = list(_GLUED.finditer(word))
    if any(
        len(piece[0]) < _SHORTEST_WORD
        and not piece[0].isupper()
        and not piece[0].isdecimal()
        for piece in pieces
    ):
        return [(0, len(word))]
    return [piece.span() for piece in pieces]


def _touches(text: str, start: int, end: int) -> bool:
    """Say whether a token is a part of something: an address, a price, a file."""
    before, behind = text[start - 1 : start], text[end : end + 1]
    if before in _TOUCHING_BEFORE or behind in _TOUCHING_BEHIND:
        return bool(before or behind)
    farther = text[end + 1 : end + 2]
    if behind == "." and farther.isalnum():
        return True
    return before in (".", ",", "=") and text[start - 2 : start - 1].isdecimal()


def _joins(token: Token, other: Token) -> bool:
    """Say whether two tokens of a region could be parts of one number."""
    if token.touching or other.touching or token.end == other.start:
        return False
    return not (_is_word(token.text) or _is_word(other.text))


def _is_word(text: str) -> bool:
    return len(text) > _LONGEST_LETTERS and text.isalpha()
