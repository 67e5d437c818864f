"""How much a number says of itself."""

from enum import IntEnum
import re
from string import ascii_uppercase
from typing import Final

from ..numbers import Candidate, recognise
from ..numbers.format import Shape
from ..numbers.formats import FORMATS

_MOST_QUESTIONS: Final = 1000
"""How many numbers of one message are recognised at most: each takes its time."""

FEWEST_DIGITS: Final = 6
SHORTEST: Final = 8
LONGEST: Final = 41
_LONGEST_UNKNOWN: Final = 30

_SHAPES: Final = {format_.name: format_.shape for format_ in FORMATS}
DATE: Final = re.compile(r"(?:19|20)\d{2}[01]\d[0-3]\d(?:\d{4}|\d{6})?")


class Strength(IntEnum):
    """How much a number says of itself."""

    WRONG = 0
    """Its check digit is wrong, or no carrier is known to number so."""
    PLAIN = 1
    """It fits a format that has no check digit."""
    CHECKED = 2
    """Its check digit is right, one chance in seven to eleven."""
    TELLING = 3
    """It has a form that nothing else has."""
    CERTAIN = 4
    """It has such a form, and its check digit is right."""


class Recogniser:
    """Recognises the numbers of one message, each once, and not without end."""

    def __init__(self, home: str | None) -> None:
        """Begin with nothing asked; ``home`` is where parcels go."""
        self._home = home
        self._questions = 0
        self._known: dict[str, tuple[Candidate, ...]] = {}

    def allows(self) -> bool:
        """Count a question; False where there were too many."""
        self._questions += 1
        return self._questions <= _MOST_QUESTIONS

    def candidates(self, number: str) -> tuple[Candidate, ...]:
        """Return whose a number could be, the likeliest first."""
        if (known := self._known.get(number)) is not None:
            return known
        if not self.allows():
            return ()
        candidates = tuple(recognise(number, home=self._home))
        self._known[number] = candidates
        return candidates

    def strength(self, number: str) -> Strength:
        """Return how much a number says of itself."""
        candidates = self.candidates(number)
        if not candidates or candidates[0].valid is False:
            return Strength.WRONG
        best = candidates[0]
        shape, told = _SHAPES[best.format], number.strip(ascii_uppercase)
        if best.valid:
            if shape is Shape.OWN or best.format == "s10" or len(number) >= 23:
                return Strength.CERTAIN
            return Strength.CHECKED
        if shape is Shape.OWN and len(number) >= 12 and not DATE.fullmatch(told):
            # Shops number their orders by the day: SF202610051234.
            if sum(map(str.isdecimal, number)) >= 9:
                return Strength.TELLING
        return Strength.PLAIN

    def is_own(self, number: str) -> bool:
        """Say whether a number begins as those of one carrier only, with no date."""
        shape = _SHAPES[self.candidates(number)[0].format]
        return shape is Shape.OWN and not DATE.fullmatch(number.strip(ascii_uppercase))


def countable(number: str) -> bool:
    """Say whether a tracking number may have so many letters and digits."""
    return (
        SHORTEST <= len(number) <= LONGEST
        and sum(map(str.isdecimal, number)) >= FEWEST_DIGITS
    )


def unknown_but_likely(number: str) -> bool:
    """Say whether a number of no known format may be a small carrier's."""
    digits = sum(map(str.isdecimal, number))
    return (
        len(number) <= _LONGEST_UNKNOWN
        and 2 * digits >= len(number)
        and not DATE.fullmatch(number)
    )


def is_long(number: str) -> bool:
    """Say whether a number has digits enough to count without a form of its own."""
    return sum(map(str.isdecimal, number)) >= 11
