"""What is said about a number that a person gives, in flows and actions alike."""

from dataclasses import dataclass, field
from enum import StrEnum

from .tracking import numbers
from .tracking.numbers import Candidate


class Verdict(StrEnum):
    """What a text is, as a tracking number."""

    NOT_A_NUMBER = "not_a_number"
    """No carrier writes numbers like it."""
    MISTYPED = "mistyped"
    """Its check digit is wrong in every format that it could have."""
    RECOGNISED = "recognised"
    UNKNOWN = "unknown"
    """It has no known format; many good numbers have none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recognition:
    """A normalised number, and the carriers that it could belong to, best first."""

    number: str = field(repr=False)
    verdict: Verdict
    candidates: tuple[Candidate, ...] = ()

    @property
    def carrier_name(self) -> str | None:
        """The name of the likeliest carrier, also of a mistyped number."""
        if not self.candidates:
            return None
        return numbers.carrier_name(self.candidates[0].carrier)


def recognise_number(text: str, home: str | None = None) -> Recognition:
    """Recognise what a person typed or pasted.

    ``home`` is the country of the house (ISO 3166 alpha-2): some carriers'
    numbers are told apart only where these carriers deliver.
    """
    number = numbers.normalise(text)
    if not numbers.plausible(text):
        return Recognition(number=number, verdict=Verdict.NOT_A_NUMBER)
    candidates = tuple(numbers.recognise(text, home=home))
    if not candidates:
        verdict = Verdict.UNKNOWN
    elif all(candidate.valid is False for candidate in candidates):
        verdict = Verdict.MISTYPED
    else:
        verdict = Verdict.RECOGNISED
    return Recognition(number=number, verdict=verdict, candidates=candidates)
