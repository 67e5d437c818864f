"""What goes wrong, and when.

The n-th process of a house always ends in the same way for a seed, and the n-th
answer of a carrier always goes wrong in the same way. How they fall together is
the machine's doing.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final, override

from tests.simulator import Fault, FaultKind, Simulator, Told


class Moment(StrEnum):
    """What a kill is aimed at."""

    STARTING = "while it starts"
    ANY_TIME = "at any time"
    AFTER_ANSWER = "just after a carrier's answer"
    AFTER_NEWS = "just after an automation heard of a milestone"
    IN_AN_ACTION = "while an action is performed"


_MOMENTS: Final[Mapping[Moment, int]] = {
    Moment.STARTING: 2,
    Moment.ANY_TIME: 2,
    Moment.AFTER_ANSWER: 3,
    Moment.AFTER_NEWS: 4,
    Moment.IN_AN_ACTION: 1,
}

_FAULTS: Final[Mapping[FaultKind, int]] = {
    FaultKind.STATUS: 2,
    FaultKind.DELAY: 3,
    FaultKind.RESET: 2,
    FaultKind.HTML: 1,
    FaultKind.TRUNCATED: 3,
    FaultKind.OTHER_JSON: 1,
    FaultKind.OTHER_NUMBER: 2,
    FaultKind.BESIDE: 2,
    FaultKind.EMPTY: 3,
    FaultKind.UNKNOWN: 3,
    FaultKind.SHORTER: 4,
    FaultKind.DOUBLED: 4,
    FaultKind.REORDERED: 4,
    FaultKind.WALL: 1,
    FaultKind.QUOTA: 1,
}
"""All but a rejected key: only a person could mend that."""
_SHARE: Final = 0.35
"""The share of requests that meet a fault."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Life:
    """How a process is to end: so long after its start or its aim, in seconds.

    ``lives`` counts from when it is up, or from its start where it is killed
    before; then what is aimed at is waited for.
    """

    moment: Moment
    lives: float
    after: float


class Chaos:
    """Decides about lives and faults."""

    def __init__(self, seed: str, longest: float) -> None:
        """``longest`` is how many seconds a process lives before a kill is aimed."""
        self._lives = Random(f"{seed} lives")
        self._answers = _Seeded(seed)
        self._longest = longest
        self.faults: Counter[FaultKind] = Counter()
        """How many requests met which fault."""
        self.calm = False
        """Whether nothing goes wrong any more."""

    def next_life(self, start: float) -> Life:
        """Return how the next process ends; one takes ``start`` seconds to be up."""
        random = self._lives
        moment = random.choices([*_MOMENTS], [*_MOMENTS.values()])[0]
        if moment is Moment.STARTING:
            lives = random.uniform(0, 1.5 * start)
            return Life(moment=moment, lives=lives, after=0)
        return Life(
            moment=moment,
            lives=random.uniform(0, self._longest),
            after=random.choice((0.0, random.uniform(0, 0.03), random.uniform(0, 0.3))),
        )

    def after_answer(self, simulator: Simulator, told: Told) -> None:
        """Count the fault that an answer met, and prepare the next one's."""
        if told.fault is not None:
            self.faults[told.fault] += 1
        random = self._answers[told.provider]
        if not self.calm and random.random() < _SHARE:
            simulator.fail(told.provider, _fault(random))


class _Seeded(defaultdict[str, Random]):
    """A source of randomness for each name."""

    def __init__(self, seed: str) -> None:
        """Begin with none."""
        super().__init__()
        self._seed = seed

    @override
    def __missing__(self, name: str) -> Random:
        self[name] = random = Random(f"{self._seed} {name}")
        return random


def _fault(random: Random) -> Fault:
    return Fault(
        random.choices([*_FAULTS], [*_FAULTS.values()])[0],
        status=random.choice((500, 502, 503, 504)),
        retry_after=random.choice((None, "1", "2")),
        seconds=random.uniform(0.1, 2),
        keep=random.randint(1, 3),
        seed=random.choice((None, random.randrange(1000))),
        body=random.choice((None, [], {}, 7, "no", [[]], {"module": None})),
    )
