"""What another house knows of the same parcel, taken into this one's journal."""

from dataclasses import replace
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
    before = journal if journal.chain else seal(None, journal, now)
    joined = join(before, other, now)
    promises = dict.fromkeys((*before.promises, *other.promises))
    problems = {p.problem_id: p for p in (*other.problems, *before.problems)}
    united = replace(
        joined,
        promises=tuple(sorted(promises, key=lambda p: p.first_seen)),
        problems=tuple(sorted(problems.values(), key=lambda p: p.reported_at)),
    )
    return seal(before, united, now)
