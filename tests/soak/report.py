"""What a run found, as a table for people."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from .chaos import Moment
from .story import Found
from .verdict import kills

_SHOWN: Final = 40
"""Lines of what is wrong, at most."""


def is_good(found: Sequence[Found]) -> bool:
    """Say whether nothing is wrong."""
    return all(house.verdict.good and not house.problems for house in found)


def table(found: Sequence[Found], seed: int, seconds: float) -> Iterator[str]:
    """Return the lines of the table, in Markdown."""
    killed = sum((kills(house.lives) for house in found), Counter[str]())
    faults = sum((house.faults for house in found), Counter[str]())
    verdicts = [house.verdict for house in found]
    rows: list[tuple[str, object]] = [
        ("journeys", sum(verdict.parcels for verdict in verdicts)),
        ("milestones owed", sum(verdict.owed for verdict in verdicts)),
        ("received once", sum(verdict.once for verdict in verdicts)),
        (
            "received twice, around a kill, with the same id",
            sum(verdict.twice for verdict in verdicts),
        ),
        ("lost", sum(len(verdict.lost) for verdict in verdicts)),
        ("doubled otherwise", sum(len(verdict.doubled) for verdict in verdicts)),
        ("unexpected", sum(len(verdict.unexpected) for verdict in verdicts)),
        ("other problems", sum(len(house.problems) for house in found)),
        ("kills", killed.total()),
        *((f"- {moment}", killed[moment]) for moment in Moment),
        ("starts", sum(len(house.lives) for house in found)),
        ("requests", sum(house.requests for house in found)),
        ("faults", faults.total()),
        *((f"- {kind}", count) for kind, count in sorted(faults.items())),
        (
            "done again, as it was answered just before a kill",
            sum(house.forgotten for house in found),
        ),
        ("houses", len(found)),
        ("seed", seed),
        ("duration", f"{seconds / 60:.0f} min"),
    ]
    width = max(len(name) for name, _ in rows)
    yield f"| {'':<{width}} | {'count':>8} |"
    yield f"|{'-' * (width + 2)}|{'-' * 9}:|"
    for name, value in rows:
        yield f"| {name:<{width}} | {value!s:>8} |"


def complaints(found: Sequence[Found]) -> Iterator[str]:
    """Return what is wrong, in lines."""
    wrong: list[str] = []
    for house in found:
        verdict = house.verdict
        wrong += [f"lost: {what}" for what in verdict.lost]
        wrong += [f"doubled: {what}" for what in verdict.doubled]
        wrong += [f"unexpected: {what}" for what in verdict.unexpected]
        wrong += house.problems
    yield from wrong[:_SHOWN]
    if len(wrong) > _SHOWN:
        yield f"... and {len(wrong) - _SHOWN} more"
