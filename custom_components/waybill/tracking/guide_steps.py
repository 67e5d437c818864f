"""The five steps of a parcel's journey, as a beginner's guide counts them."""

from enum import StrEnum
from typing import Final

from .model import CUSTOMS_STAGES, Stage
from .parcel import Parcel


class Step(StrEnum):
    """A step of the journey."""

    PROCESSED = "processed"
    SHIPPED = "shipped"
    IN_TRANSIT = "in_transit"
    CUSTOMS = "customs"
    DELIVERED = "delivered"


_REACHED: Final = {
    Stage.INFO_RECEIVED: Step.PROCESSED,
    Stage.SHIPPED: Step.SHIPPED,
    Stage.IN_TRANSIT: Step.IN_TRANSIT,
    Stage.IN_CUSTOMS: Step.CUSTOMS,
    Stage.CUSTOMS_ACTION_REQUIRED: Step.CUSTOMS,
    Stage.CUSTOMS_CLEARED: Step.CUSTOMS,
    Stage.OUT_FOR_DELIVERY: Step.CUSTOMS,
    Stage.READY_FOR_PICKUP: Step.CUSTOMS,
    Stage.DELIVERY_FAILED: Step.CUSTOMS,
    Stage.DELIVERED: Step.DELIVERED,
}
"""The last step that is reached in a stage; other stages reach none by themselves."""

_ORDER: Final = tuple(Step)

# The customs territory of the Union (Regulation (EU) No 952/2013, article 4) and
# Monaco; San Marino and Andorra are in a customs union with it.
_WITHOUT_CUSTOMS_BETWEEN: Final = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MC",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
        "AD",
        "SM",
    ]
)


def crosses_customs(origin: str | None, destination: str | None) -> bool:
    """Say whether a parcel between two countries (ISO 3166 alpha-2) meets customs.

    Where a country is not known, it is not said to.
    """
    if origin is None or destination is None or origin == destination:
        return False
    return not {origin, destination} <= _WITHOUT_CUSTOMS_BETWEEN


def guide_steps(
    parcel: Parcel, home: str | None = None
) -> tuple[tuple[Step, ...], Step | None]:
    """Return the steps that a parcel goes through, and the last one it reached.

    Customs are a step only of a parcel that crosses a border with customs, or
    was seen there. ``home`` is the country (ISO 3166 alpha-2) that it goes to
    where no carrier says so. What was reached stays reached when the parcel goes
    back or is lost.
    """
    stages = {parcel.stage} | {e.stage for e in parcel.events if e.stage is not None}
    customs = bool(stages & CUSTOMS_STAGES) or crosses_customs(
        parcel.origin_country, parcel.destination_country or home
    )
    steps = tuple(step for step in _ORDER if customs or step is not Step.CUSTOMS)
    ranks = [
        _ORDER.index(_REACHED[stage])
        for stage in stages
        # A delivery that the parcel came back from was none at the door.
        if stage in _REACHED
        and (stage is not Stage.DELIVERED or parcel.stage is Stage.DELIVERED)
    ]
    if not ranks:
        return steps, None
    reached = _ORDER[max(ranks)]
    if reached is Step.CUSTOMS and not customs:
        reached = Step.IN_TRANSIT
    return steps, reached
