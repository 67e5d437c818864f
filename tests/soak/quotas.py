"""Whether a house kept to what its providers allow.

A request that was made just before a kill may not have been written down: who
comes after cannot know of it. All others count.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from tests.simulator import FaultKind
from tests.simulator.meters import Daily

from .lives import Lived, life_at
from .witness import Asked

WRITTEN_WITHIN: Final = 3.0
"""Seconds until a request is surely written down."""
_ON_THE_WAY: Final = timedelta(seconds=0.2)
"""How much longer one request may take to arrive than another."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What a provider allows, at full scale."""

    spacing: timedelta
    per_day: int


TERMS: Final[Mapping[str, Terms]] = {
    "cainiao": Terms(spacing=timedelta(minutes=4, seconds=30), per_day=24),
    "dhl": Terms(spacing=timedelta(seconds=1), per_day=250),
}


def exceeded(
    asked: Iterable[Asked], lives: Sequence[Lived], pace: float
) -> tuple[str, ...]:
    """Return where a provider was asked too soon or too often."""
    known = sorted(
        (request for request in asked if _is_known(request, lives)),
        key=lambda request: request.when,
    )
    return tuple(
        problem
        for provider, terms in TERMS.items()
        for problem in _problems(
            [request for request in known if request.provider == provider],
            terms,
            pace,
        )
    )


def _problems(known: Sequence[Asked], terms: Terms, pace: float) -> Iterator[str]:
    # One that is sent at the end of a day may arrive on the next.
    day = Daily(terms.per_day + 1, pace=pace)
    for index, request in enumerate(known):
        if not day.admits(request.when):
            yield f"{request.provider} was asked more than {terms.per_day} times a day"
        if index:
            gap = request.when - known[index - 1].when
            if gap + _ON_THE_WAY < terms.spacing / pace:
                yield f"{request.provider} was asked again after {gap * pace}"


def _is_known(request: Asked, lives: Sequence[Lived]) -> bool:
    # Whoever loses a connection asks a second time by itself.
    if request.fault is FaultKind.RESET:
        return False
    life = life_at(lives, request.at)
    return (
        life is None or life.moment is None or life.ends - request.at > WRITTEN_WITHIN
    )
