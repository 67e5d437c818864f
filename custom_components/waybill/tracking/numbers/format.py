"""What describes one format of tracking numbers."""

from dataclasses import dataclass
from enum import IntEnum
import re
from typing import Final, NamedTuple

from .check_digits import Rule

CHECKED: Final = "checked"
COUNTRY: Final = "country"
PAGE: Final = "page"


class Shape(IntEnum):
    """How telling a format's shape is, the most telling first."""

    OWN = 0
    """Letters or a prefix that only this carrier uses."""
    SHARED = 1
    """Letters or a prefix that others could use too."""
    PLAIN = 2
    """Little more than a number of characters."""


class Reading(NamedTuple):
    """A number read as one format; ``valid`` is None without a check digit."""

    valid: bool | None
    match: re.Match[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """A format of tracking numbers, as a carrier issues them.

    ``pattern`` covers the whole normalised number. Its group ``checked`` is what
    ``rule`` speaks of, check character last; its group ``page`` is what the
    carrier's tracking page wants, where that is less than the whole number; its
    group ``country`` names the country whose post is the ``carrier``, then None.

    ``only_verified`` is for a shape that so many other carriers use that a wrong
    check digit does not mean a mistyped number, only another carrier.
    """

    name: str
    carrier: str | None
    pattern: re.Pattern[str]
    shape: Shape
    rule: Rule | None = None
    only_verified: bool = False
    homes: frozenset[str] = frozenset()

    def read(self, number: str) -> Reading | None:
        """Return how the normalised ``number`` reads; None if it is another format."""
        if not (match := self.pattern.fullmatch(number)):
            return None
        valid = None
        if self.rule:
            checked = match[CHECKED]
            valid = self.rule(checked[:-1]) == checked[-1]
        if self.only_verified and not valid:
            return None
        return Reading(valid, match)
