"""Problems that a person reports of a parcel, until they are settled."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from .journal import Journal
from .model import Problem

_MAX_PROBLEMS: Final = 50


def report(journal: Journal, problem: Problem) -> Journal:
    """Return a journal with another problem, the newest last.

    Of very many, the oldest leaves: one that is settled, where there is one.
    """
    problems = (*journal.problems, problem)
    if len(problems) > _MAX_PROBLEMS:
        settled = (p for p in problems if p.settled_at is not None)
        leaves = next(settled, problems[0])
        problems = tuple(p for p in problems if p is not leaves)
    return replace(journal, problems=problems)


def settle(journal: Journal, now: datetime) -> Journal:
    """Return a journal in which no problem is open; ``now`` is aware.

    The same journal comes back where none was.
    """
    if all(problem.settled_at is not None for problem in journal.problems):
        return journal
    return replace(
        journal,
        problems=tuple(
            replace(problem, settled_at=now) if problem.settled_at is None else problem
            for problem in journal.problems
        ),
    )
