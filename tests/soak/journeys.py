"""Random journeys, each a story of its own that ends within a given time."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Final, NamedTuple

from tests.simulator import Handoff, Journey, Kind, Step, numbers


class Story(NamedTuple):
    """What happens, in this order, and who carries it."""

    carrier: str
    kinds: tuple[Kind, ...]
    weight: int
    then: str | None = None
    """The carrier that has it from the local post on."""


_FROM_CHINA: Final = (
    Kind.LABEL_MADE,
    Kind.PICKED_UP,
    Kind.EXPORT_CLEARED,
    Kind.ARRIVED,
)
_CUSTOMS: Final = (Kind.IMPORT_STARTED, Kind.IMPORT_CLEARED)
_POST: Final = (Kind.LABEL_MADE, Kind.PICKED_UP, Kind.AT_SORTING, Kind.AT_DEPOT)

_STORIES: Final = (
    Story(
        "cainiao",
        (*_FROM_CHINA, *_CUSTOMS, Kind.AT_DEPOT, Kind.OUT_FOR_DELIVERY, Kind.DELIVERED),
        6,
    ),
    Story(
        "cainiao",
        (
            *_FROM_CHINA,
            Kind.IMPORT_STARTED,
            Kind.CUSTOMS_HELD,
            Kind.IMPORT_CLEARED,
            Kind.OUT_FOR_DELIVERY,
            Kind.ATTEMPT_FAILED,
            Kind.AT_PICKUP_POINT,
            Kind.COLLECTED,
        ),
        3,
    ),
    # Nobody says that customs let it go.
    Story(
        "cainiao",
        (*_FROM_CHINA, Kind.IMPORT_STARTED, Kind.OUT_FOR_DELIVERY, Kind.DELIVERED),
        2,
    ),
    Story(
        "cainiao",
        (*_FROM_CHINA, Kind.IMPORT_STARTED, Kind.RETURNING, Kind.RETURNED),
        2,
    ),
    Story("cainiao", (*_FROM_CHINA, *_CUSTOMS, Kind.LOST), 1),
    Story(
        "cainiao",
        (
            *_FROM_CHINA,
            *_CUSTOMS,
            Kind.WITH_LOCAL_CARRIER,
            Kind.AT_DEPOT,
            Kind.OUT_FOR_DELIVERY,
            Kind.DELIVERED,
        ),
        2,
        then="colissimo",
    ),
    Story("deutsche_post", (*_POST, Kind.OUT_FOR_DELIVERY, Kind.DELIVERED), 2),
    Story("la_poste", (*_POST, Kind.OUT_FOR_DELIVERY, Kind.DELIVERED), 1),
    Story(
        "la_poste",
        (
            *_POST,
            Kind.OUT_FOR_DELIVERY,
            Kind.ATTEMPT_FAILED,
            Kind.AT_PICKUP_POINT,
            Kind.COLLECTED,
        ),
        1,
    ),
)
_FIRST_AFTER: Final = 2
_PURGES: Final = 0.15
"""The share of parcels whose carrier forgets."""


def random_journey(
    random: Random, serial: int, seconds: tuple[float, float], speed: float
) -> Journey:
    """Return a journey that takes so many real seconds, from least to most.

    ``serial`` makes its number its own.
    """
    story = random.choices(_STORIES, [story.weight for story in _STORIES])[0]
    length = random.uniform(*seconds)
    offsets = _offsets(random, len(story.kinds), length)
    steps = tuple(
        Step(timedelta(seconds=offset * speed), kind)
        for offset, kind in zip(offsets, story.kinds, strict=True)
    )
    handoff = None
    if story.then is not None:
        at = steps[story.kinds.index(Kind.WITH_LOCAL_CARRIER)].at
        handoff = Handoff(_number(story.then, serial), story.then, at)
    forgets = random.random() < _PURGES
    purged_after = timedelta(seconds=length * speed * random.uniform(0.4, 0.8))
    return Journey(
        number=_number(story.carrier, serial),
        carrier=story.carrier,
        destination="US" if story.carrier == "cainiao" else None,
        steps=steps,
        handoff=handoff,
        pickup_point="Market Street",
        purged_after=purged_after if forgets else timedelta(days=10_000),
    )


def _offsets(random: Random, count: int, length: float) -> Sequence[float]:
    """Return moments in order, now and then several at nearly the same time.

    Scans bear whole seconds: none may seem to be from before the parcel was added.
    """
    gaps = [random.choice((0.05, 1, 1, 1, 2)) for _ in range(count)]
    total, passed, offsets = sum(gaps), 0.0, []
    for gap in gaps:
        passed += gap
        offsets.append(_FIRST_AFTER + passed / total * length)
    return offsets


def _number(carrier: str, serial: int) -> str:
    match carrier:
        case "deutsche_post":
            return numbers.s10("RR", serial, "DE")
        case "la_poste":
            return numbers.s10("RR", serial, "FR")
        case "colissimo":
            return numbers.s10("CB", serial, "FR")
    return numbers.cainiao(serial)
