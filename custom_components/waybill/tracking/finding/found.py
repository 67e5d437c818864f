"""What is found in a message, and why it counts."""

from dataclasses import dataclass, field
from enum import StrEnum

from ..numbers import Candidate


class Evidence(StrEnum):
    """What makes a number of a message a tracking number."""

    FORM = "form"
    """Its own form: letters or a prefix, as a rule with a check digit."""
    LABEL = "label"
    """A word in front of it, such as "tracking number"."""
    CARRIER = "carrier"
    """The name of a carrier beside it that numbers parcels so."""
    LINK = "link"
    """A link to the page that follows it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A tracking number of a message, normalised, and whose it could be."""

    number: str = field(repr=False)
    candidates: tuple[Candidate, ...]
    evidence: Evidence


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """A number that counts, and where in the text it stands."""

    number: str = field(repr=False)
    start: int
    end: int
    evidence: Evidence
