"""Compares what automations heard with what they were owed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Final

from .lives import Lived
from .recorder import SOURCES, Heard

TELLING: Final = 60.0
"""Seconds within which the slowest machine writes down that a milestone was told."""
_OFTEN: Final = frozenset({"stage_changed", "stalled"})
"""Come again, under another id each time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """What is known of a parcel at the end.

    ``announced`` are the milestones that its journal says the house was told
    of: name by id. The others are names.
    """

    name: str
    owed: frozenset[str] = frozenset()
    possible: frozenset[str] = frozenset()
    announced: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What was found. ``once`` and ``twice`` count milestones of parcels.

    The others name what is wrong.
    """

    parcels: int
    owed: int
    once: int
    twice: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    unexpected: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Say whether none was lost, none doubled without need, none made up."""
        return not (self.lost or self.doubled or self.unexpected)


def judge(
    parcels: Iterable[Parcel],
    heard: Iterable[Heard],
    lives: Sequence[Lived],
    marked: Mapping[str, float],
) -> Verdict:
    """Compare; ``lives`` are those of the house, killed or not.

    ``marked`` says when a look at the disk first found a milestone, by its id,
    to be one that was told.
    """
    by_parcel: defaultdict[str, list[Heard]] = defaultdict(list)
    for each in heard:
        by_parcel[each.name].append(each)
    once = twice = owed = count = 0
    lost: list[str] = []
    doubled: list[str] = []
    unexpected: list[str] = []
    for parcel in parcels:
        count += 1
        told = by_parcel.pop(parcel.name, [])
        missing = _missing(parcel, told)
        lost += missing
        doubled += _under_other_ids(parcel, told)
        unexpected += _unexpected(parcel, told)
        repeated = _repeated(told)
        needless = [
            _label(first, second.at - first.at)
            for first, second in repeated
            if not _was_killed(lives, first.at, second.at)
            or marked.get(first.milestone_id, inf) < second.at
        ]
        doubled += needless
        ids = {each.milestone_id for each in told}
        again = {first.milestone_id for first, _ in repeated}
        twice += len(again)
        once += len(ids - again)
        known = {*parcel.announced.values(), *(each.milestone for each in told)}
        owed += len(ids | parcel.announced.keys()) + len(parcel.owed - known)
    unexpected += [f"{name}: nobody follows it" for name in by_parcel]
    return Verdict(
        parcels=count,
        owed=owed,
        once=once,
        twice=twice,
        lost=tuple(lost),
        doubled=tuple(doubled),
        unexpected=tuple(unexpected),
    )


def _missing(parcel: Parcel, told: Sequence[Heard]) -> list[str]:
    missing = []
    for source in SOURCES:
        here = [each for each in told if each.source == source]
        names = {each.milestone for each in here}
        ids = {each.milestone_id for each in here}
        missing += [
            f"{parcel.name}: {name}, by the {source}"
            for name in sorted(parcel.owed - names)
        ]
        missing += [
            f"{parcel.name}: {name} ({id_}), by the {source}"
            for id_, name in parcel.announced.items()
            if id_ not in ids and name not in parcel.owed - names
        ]
    return missing


def _under_other_ids(parcel: Parcel, told: Sequence[Heard]) -> list[str]:
    ids: defaultdict[str, set[str]] = defaultdict(set)
    for each in told:
        if each.milestone not in _OFTEN:
            ids[each.milestone].add(each.milestone_id)
    return [
        f"{parcel.name}: {name} under {len(found)} ids: {', '.join(sorted(found))}"
        for name, found in ids.items()
        if len(found) > 1
    ]


def _unexpected(parcel: Parcel, told: Sequence[Heard]) -> list[str]:
    names = {each.milestone for each in told}
    ids = {each.milestone_id: each.milestone for each in told}
    return [
        f"{parcel.name}: {name} cannot be" for name in sorted(names - parcel.possible)
    ] + [
        f"{parcel.name}: {name} ({id_}) is not in its journal"
        for id_, name in ids.items()
        if id_ not in parcel.announced
    ]


def _repeated(told: Sequence[Heard]) -> list[tuple[Heard, Heard]]:
    """Return each repetition, with what it repeats."""
    heard: defaultdict[tuple[str, str], list[Heard]] = defaultdict(list)
    for each in told:
        heard[each.source, each.milestone_id].append(each)
    return [
        pair
        for same in heard.values()
        for pair in pairwise(sorted(same, key=lambda each: each.at))
    ]


def _was_killed(lives: Sequence[Lived], first: float, second: float) -> bool:
    """Say whether a kill fell soon after something was heard, and before it was again."""
    return any(
        life.moment is not None and first <= life.ends <= min(second, first + TELLING)
        for life in lives
    )


def _label(heard: Heard, after: float) -> str:
    return (
        f"{heard.name}: {heard.milestone} ({heard.milestone_id}) again after "
        f"{after:.1f} s, by the {heard.source}, without need"
    )


def kills(lives: Iterable[Lived]) -> Counter[str]:
    """Count the kills by what they were aimed at."""
    return Counter(str(life.moment) for life in lives if life.moment is not None)
