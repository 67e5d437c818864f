"""What another house knows of the same parcel, taken into this one's journal."""

from datetime import datetime

from .chain import seal
from .joining import join
from .journal import Journal


def take_in(journal: Journal, other: Journal, now: datetime) -> Journal:
    """Return a journal with all that another one of the same number holds.

    ``now`` is aware. Nothing that the house knew is lost, and nothing that comes
    in is to be announced, provided that nothing in ``other`` is pending. What
    comes in is sealed with the moment at which it did.
    """
    return join(journal if journal.chain else seal(None, journal, now), other, now)
