"""What stands around a number."""

from bisect import bisect_right
from collections.abc import Set as AbstractSet
import re
from typing import Final

from .headings import Headings
from .marks import Mark, carrier_marks, label_marks
from .words import CARRIER_NAME_WORDS, CARRIER_NAMES, CONNECTING_WORDS, Label, fold

# How far a word may be from the number that it is about.
_NEAR: Final = 120
_DIRECT: Final = 60
BESIDE: Final = 30

_WORD: Final = re.compile(r"[^\W\d_]+")
_DIGIT_RUN: Final = re.compile(r"\d{5}")
_SENTENCE_END: Final = re.compile(r"[.!?。！？]\s|[。！？]")
_ABBREVIATION: Final = re.compile(r"\b[^\W\d_]{1,3}\Z")


class Surroundings:
    """Knows the labels, the carriers and the tables of one text."""

    def __init__(self, text: str) -> None:
        """Find in a text what says something of numbers."""
        self._text = text
        folded = fold(text)
        self._labels = label_marks(text, folded)
        self._label_ends = [mark.end for mark in self._labels]
        self._carriers = carrier_marks(text, folded)
        self._carrier_ends = [mark.end for mark in self._carriers]
        self._headings = Headings(text, self._labels)

    def said_of(self, start: int) -> tuple[Label | None, bool]:
        """Return what a number is said to be, and whether directly in front of it."""
        if (heading := self._headings.of(start)) is not None:
            return heading, True
        if (mark := self._governing(start)) is None:
            return None, False
        return mark.label, self._leads_to(mark.end, start)

    def has_heading(self, start: int) -> bool:
        """Say whether a number stands below the heading of a column."""
        return self._headings.of(start) is not None

    def name_one_of(self, carriers: AbstractSet[str], start: int, end: int) -> bool:
        """Say whether one of the carriers is named beside a number."""
        index = bisect_right(self._carrier_ends, start)
        around = self._carriers[max(0, index - 1) : index + 1]
        for mark in around:
            left, right = (mark.end, start) if mark.end <= start else (end, mark.start)
            # The far one may be at the other end of the message.
            if right - left > BESIDE or not mark.carriers & carriers:
                continue
            gap = self._text[left:right]
            if (
                gap.count("\n") <= 1
                and not any(map(str.isdecimal, gap))
                and _connects(gap)
            ):
                return True
        return False

    def label_follows(self, end: int) -> bool:
        """Say whether a number is told to be one: "... is your tracking number"."""
        index = bisect_right(self._label_ends, end)
        if index == len(self._labels):
            return False
        mark = self._labels[index]
        if not 0 <= mark.start - end <= BESIDE:
            return False
        gap = self._text[end : mark.start]
        return (
            mark.label is Label.TRACKING
            and bool(re.match(r"\s(?:is|est|ist|es|è)\b", gap))
            and _connects(gap)
        )

    def _governing(self, start: int) -> Mark | None:
        """Return the nearest label in front of a number, if it is about it."""
        index = bisect_right(self._label_ends, start) - 1
        if index < 0 or start - self._label_ends[index] > _NEAR:
            return None
        mark = self._labels[index]
        gap = self._text[mark.end : start]
        # The point of "Order no." ends no sentence.
        abbreviated = bool(_ABBREVIATION.search(self._text, mark.start, mark.end))
        if _DIGIT_RUN.search(gap) or _SENTENCE_END.search(gap, abbreviated):
            return None
        if mark.label in (Label.OTHER_THING, Label.PARCEL) and index:
            # "Tracking number of your order: ..." speaks of the tracking number.
            before = self._labels[index - 1]
            between = self._text[before.end : mark.start]
            if (
                before.label is Label.TRACKING
                and re.search(r"[:\n]|\b(?:is|est|ist|es|è|lautet)\b", gap)
                and not re.search(r"[\d.:\n\t]", between)
                and len(between) <= BESIDE
            ):
                return Mark(start=before.start, end=mark.end, label=before.label)
        return mark

    def _leads_to(self, end: int, start: int) -> bool:
        gap = self._text[end:start]
        if len(gap) > _DIRECT or gap.count("\n") > 3:
            return False
        return not any(map(str.isdecimal, gap)) and _connects(gap)


def _connects(gap: str) -> bool:
    """Say whether a gap holds nothing that could be about something else."""
    words = [fold(word) for word in _WORD.findall(gap)]
    return all(
        word in CONNECTING_WORDS or word in CARRIER_NAMES or word in CARRIER_NAME_WORDS
        for word in words
    )
