"""The headings of a table's columns."""

from bisect import bisect_right
from typing import Final

from .marks import Mark
from .words import Label

_LONGEST_HEADING: Final = 200
_TELLS: Final = frozenset({Label.TRACKING, Label.OTHER_NUMBER})


class Headings:
    """What the headings of a table's columns say of the numbers below them."""

    def __init__(self, text: str, labels: list[Mark]) -> None:
        """Find the tables of a text, of which ``labels`` are all the labels."""
        self._starts: list[int] = []
        self._labels: list[Label | None] = []
        headings: list[Label | None] = []
        separator = "\t"
        start = index = 0
        for line in text.split("\n"):
            said = None
            if not headings or separator not in line:
                if headings and line.strip():
                    headings = []
                separator = _separator(line)
            cells = line.split(separator) if separator in line else [line]
            if len(cells) > 1:
                while index < len(labels) and labels[index].start < start:
                    index += 1
                labelled: list[Label | None] = []
                position = start
                for cell in cells:
                    end = position + len(cell)
                    while index < len(labels) and labels[index].start < position:
                        index += 1
                    inside = index < len(labels) and labels[index].end <= end
                    labelled.append(labels[index].label if inside else None)
                    position = end + 1
                is_heading = sum(map(bool, labelled)) > 1
                if is_heading and not any(map(str.isdecimal, line)):
                    headings = labelled
                elif len(cells) <= len(headings) and not _TELLS.intersection(labelled):
                    said = headings[: len(cells)]
            position = start
            for column, cell in enumerate(cells):
                self._starts.append(position)
                self._labels.append(said[column] if said else None)
                position += len(cell) + 1
            start += len(line) + 1

    def of(self, position: int) -> Label | None:
        """Return what the heading of the column at a position says."""
        return self._labels[bisect_right(self._starts, position) - 1]


def _separator(line: str) -> str:
    """Return what parts the columns of a table that may begin with a line."""
    if "\t" in line or len(line) > _LONGEST_HEADING:
        return "\t"
    return next((mark for mark in "|;," if mark in line), "\t")
