"""The five steps of a parcel's journey, as a beginner's guide counts them."""

from collections.abc import Iterator
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

_AT_THE_DOOR: Final = _REACHED[Stage.OUT_FOR_DELIVERY]
_BACK: Final = frozenset({Stage.RETURNING, Stage.RETURNED})
_ORDER: Final = tuple(Step)

_WITHOUT_CUSTOMS_BETWEEN: Final = (
    # The customs territory of the Union (Regulation (EU) No 952/2013, article 4),
    # Monaco included. Its overseas regions have codes of their own (GP, RE ...):
    # a parcel to them is declared.
    frozenset(
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
        ]
    ),
    # The Swiss customs territory (customs treaty of 1923).
    frozenset({"CH", "LI"}),
    # The Customs and Excise Agreement of 1979.
    frozenset({"GB", "IM"}),
    # The customs territory of the United States (19 CFR 101.1).
    frozenset({"US", "PR"}),
)
"""Countries between which parcels meet no customs."""


def crosses_customs(origin: str | None, destination: str | None) -> bool:
    """Say whether a parcel between two countries (ISO 3166 alpha-2) meets customs.

    Where a country is not known, it is not said to.
    """
    if origin is None or destination is None or origin == destination:
        return False
    both = {origin, destination}
    return not any(both <= territory for territory in _WITHOUT_CUSTOMS_BETWEEN)


def guide_steps(
    parcel: Parcel, home: str | None = None
) -> tuple[tuple[Step, ...], Step | None]:
    """Return the steps that a parcel goes through, and the last one it reached.

    Customs are a step only of a parcel that crosses a border with customs, or
    was seen there. ``home`` is the country (ISO 3166 alpha-2) that it goes to
    where no carrier says so. What was reached stays reached when the parcel goes
    back or is lost, except the door: where it comes back from there, it was not
    delivered. Nothing is reached on the way back.
    """
    stages = {parcel.stage} | {event.stage for event in parcel.events}
    customs = bool(stages & CUSTOMS_STAGES) or crosses_customs(
        parcel.origin_country, parcel.destination_country or home
    )
    steps = tuple(step for step in _ORDER if customs or step is not Step.CUSTOMS)
    reached = max(
        (_ORDER.index(step) for step in _reached(parcel)),
        default=None,
    )
    if reached is None:
        return steps, None
    step = _ORDER[reached]
    return steps, step if step in steps else Step.IN_TRANSIT


def _reached(parcel: Parcel) -> Iterator[Step]:
    """Yield the steps that scans speak of, up to where the parcel turns back."""
    if parcel.stage in _REACHED:
        yield _REACHED[parcel.stage]
    for event in reversed(parcel.events):
        if event.stage in _BACK:
            return
        if event.stage is Stage.DELIVERED:
            yield _AT_THE_DOOR
        elif event.stage in _REACHED:
            yield _REACHED[event.stage]
