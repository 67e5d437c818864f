"""Batches that hold a number of which nothing can be told."""

from collections.abc import Sequence

import pytest

from custom_components.waybill.tracking.model import Answer
from custom_components.waybill.tracking.providers.base import (
    ProviderUnavailable,
    QuotaExceeded,
)
from custom_components.waybill.tracking.providers.batches import ask_apart, grouped


class Carrier:
    """Fails for groups that begin with "-", and is hasty about "!"."""

    def __init__(self) -> None:
        """Begin with nobody asked."""
        self.asked: list[str] = []

    async def ask(self, group: Sequence[str]) -> list[Answer]:
        """Answer about a group."""
        self.asked.append("".join(group))
        if group[0] == "-":
            raise ProviderUnavailable("nonsense")
        if group[0] == "!":
            raise QuotaExceeded("haste")
        return [Answer(tracking_number=number) for number in group]


@pytest.mark.parametrize(
    ("groups", "told", "asked"),
    [
        (["ab", "c"], "abc", 2),
        (["-", "ab", "-", "c"], "abc", 4),
        (["-", "-", "a", "-", "-", "b"], "ab", 6),
        (["a", "-", "-", "-", "b"], "a", 4),
        ([], "", 0),
    ],
)
async def test_a_group_that_fails_silences_no_other(
    groups: list[str], told: str, asked: int
) -> None:
    carrier = Carrier()
    answers = await ask_apart(groups, carrier.ask)
    assert "".join(answer.tracking_number for answer in answers) == told
    assert len(carrier.asked) == asked


@pytest.mark.parametrize(
    ("groups", "error", "asked"),
    [
        (["-"], ProviderUnavailable, 1),
        (["-"] * 30, ProviderUnavailable, 3),
        (["a", "!", "b"], QuotaExceeded, 2),
    ],
)
async def test_who_cannot_answer_is_asked_no_further(
    groups: list[str], error: type[Exception], asked: int
) -> None:
    carrier = Carrier()
    with pytest.raises(error):
        await ask_apart(groups, carrier.ask)
    assert len(carrier.asked) == asked


@pytest.mark.parametrize(
    ("alone", "groups"),
    [
        ("", ["abcd"]),
        ("b", ["acd", "b"]),
        ("dbx", ["ac", "b", "d"]),
        ("abcd", ["a", "b", "c", "d"]),
    ],
)
def test_who_spoils_a_batch_goes_alone(alone: str, groups: list[str]) -> None:
    assert ["".join(group) for group in grouped("abcd", set(alone))] == groups
    assert grouped("", set(alone)) == []
