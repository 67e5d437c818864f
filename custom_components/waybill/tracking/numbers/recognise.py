"""Rank the carriers that a number could belong to."""

from dataclasses import dataclass, field
from typing import Final

from .format import COUNTRY, Format, Reading
from .formats import FORMATS
from .normalise import LONGEST_TEXT, normalise
from .s10 import POST_OF

# Beyond the longest format (Australia Post's bar code, 41) with room to spare.
_LONGEST_NUMBER: Final = 64

_VERDICTS: Final = (True, None, False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A carrier that a number could belong to.

    ``number`` is the whole normalised number. ``valid`` says whether its check
    digit is right; None where the format has none.
    """

    carrier: str
    number: str = field(repr=False)
    valid: bool | None
    format: str


def recognise(text: str, *, home: str | None = None) -> list[Candidate]:
    """Return the carriers that the number in ``text`` could belong to, best first.

    Whatever verifies comes before what has no check digit, and that before what
    fails its check; among equals the more telling shape comes first, then the more
    common carrier. At most one candidate for each carrier. Empty when no format
    fits. Never raises.

    ``home`` (ISO 3166-1 alpha-2, where the parcel goes) lets in what is a common
    number there but anywhere else more likely a slip: without it, twelve digits
    that fail FedEx's check are not GLS's because they pass GLS's one time in ten.
    """
    number = "" if len(text) > LONGEST_TEXT else normalise(text)
    if len(number) > _LONGEST_NUMBER or not (number.isascii() and number.isalnum()):
        return []
    readings = [
        (format_, reading)
        for format_ in FORMATS
        if not format_.homes or home in format_.homes
        if (reading := format_.read(number)) is not None
    ]
    # The sort is stable: the order of FORMATS decides the rest.
    readings.sort(key=_rank)
    best: dict[str, Candidate] = {}
    for format_, reading in readings:
        carrier = format_.carrier or POST_OF[reading.match[COUNTRY]]
        best.setdefault(
            carrier,
            Candidate(
                carrier=carrier,
                number=number,
                valid=reading.valid,
                format=format_.name,
            ),
        )
    return list(best.values())


def _rank(read: tuple[Format, Reading]) -> tuple[int, int, bool]:
    format_, reading = read
    return _VERDICTS.index(reading.valid), format_.shape, not format_.homes
