"""Batches of which one number must not silence the others."""

from collections.abc import Awaitable, Callable, Container, Iterable, Sequence
from typing import Final

from ..model import Answer
from .base import ProviderUnavailable

_IN_A_ROW: Final = 3
"""Failures after which it is not the numbers that are at fault."""


def grouped(asked: Sequence[str], alone: Container[str]) -> list[list[str]]:
    """Return the numbers that go together, then each that goes ``alone``."""
    together = [number for number in asked if number not in alone]
    apart = ([number] for number in asked if number in alone)
    return [group for group in (together, *apart) if group]


async def ask_apart(
    groups: Iterable[Sequence[str]],
    ask: Callable[[Sequence[str]], Awaitable[list[Answer]]],
) -> list[Answer]:
    """Ask about groups of numbers, one after the other.

    A group that fails is passed over; a provider that fails again and again is
    asked no further. Raises ProviderUnavailable where nothing was learned of any
    number, and whatever else ``ask`` raises.
    """
    answers: list[Answer] = []
    failure: ProviderUnavailable | None = None
    in_a_row = 0
    for group in groups:
        try:
            told = await ask(group)
        except ProviderUnavailable as err:
            failure = err
            in_a_row += 1
            if in_a_row == _IN_A_ROW:
                break
            continue
        in_a_row = 0
        answers = [*answers, *told] if answers else told
    if failure is not None and not answers:
        raise failure
    return answers
