"""Where the words stand that say something of numbers."""

from collections.abc import Iterator
from typing import NamedTuple

from .words import CARRIER_NAMES, LABELS, Label


class Mark(NamedTuple):
    """A word that says something of numbers, or names a carrier."""

    start: int
    end: int
    label: Label | None = None
    carriers: frozenset[str] = frozenset()


def label_marks(text: str, folded: str) -> list[Mark]:
    """Return where a text says what numbers are; ``folded`` is it as `fold` does."""
    # Looking for a phrase costs a pass over the text.
    here = set(folded)
    marks = [
        Mark(start=start, end=end, label=label)
        for phrase, label in LABELS.items()
        if here.issuperset(phrase)
        for start, end in _occurrences(text, folded, phrase)
    ]
    return _outermost(marks)


def carrier_marks(text: str, folded: str) -> list[Mark]:
    """Return where a text names carriers; ``folded`` is it as `fold` does."""
    marks = [
        Mark(start=start, end=end, carriers=carriers)
        for name, carriers in CARRIER_NAMES.items()
        for start, end in _occurrences(text, folded, name)
    ]
    return _outermost(marks)


def _occurrences(text: str, folded: str, phrase: str) -> Iterator[tuple[int, int]]:
    """Yield where a phrase stands as words of its own."""
    spaced = phrase[0] < "\u0e00"
    start = folded.find(phrase)
    while start >= 0:
        end = start + len(phrase)
        if not spaced:
            yield start, end
        elif _begins_word(text, start):
            longest = end + 4
            while end < longest and end < len(text) and folded[end].isalpha():
                end += 1
            if end < longest or not phrase[-1].isalpha():
                yield start, end
        start = folded.find(phrase, start + len(phrase))


def _begins_word(text: str, start: int) -> bool:
    if start == 0 or not text[start - 1].isalnum():
        return True
    # Where a browser has taken out the line's end.
    return text[start].isupper() and not text[start - 1].isupper()


def _outermost(marks: list[Mark]) -> list[Mark]:
    """Return the marks in order, of those that overlap the one that says more."""
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        if kept and mark.start < kept[-1].end:
            if mark.end > kept[-1].end and mark.label is Label.TRACKING:
                kept[-1] = mark
            continue
        kept.append(mark)
    return kept
