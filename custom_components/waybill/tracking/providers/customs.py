"""Customs: which side of the border, and what texts tell of it.

The customs stages mean import customs, the one that a buyer waits for. A scan of
export customs is ``in_transit``; its direction is kept.
"""

from collections.abc import Sequence
from typing import Final

from ..model import CUSTOMS_STAGES, Direction, Stage
from .wording import Phrases, sentences

EXPORT: Final = Phrases(
    "export",
    "exportation",
    "origin customs",
    "customs of origin",
    "customs of the origin",
    "customs in the origin",
    "customs in the country of origin",
    "outbound into customs",
    "outbound out of customs",
)
IMPORT: Final = Phrases(
    "import",
    "importation",
    "destination customs",
    "customs of destination",
    "customs of the destination",
    "customs in the destination",
    "customs in the country of destination",
    "inbound into customs",
    "inbound out of customs",
)

ACTION_REQUIRED: Final = (
    Stage.CUSTOMS_ACTION_REQUIRED,
    Phrases(
        "further clearance processing is required",
        *(
            f"{waiting} … {payment} of {owed}"
            for waiting in ("awaiting", "waiting for", "pending", "held for")
            for payment in ("payment", "payment of … customs")
            for owed in ("duty", "duties", "taxes", "import", "customs")
        ),
        *(
            f"{owed} … {must}"
            for owed in ("duty", "duties", "customs fees", "import tax", "taxes")
            for must in (
                "must be paid",
                "to be paid",
                "is due",
                "are due",
                "payable",
                "payment required",
                "payment is required",
                "is required",
                "are required",
            )
        ),
        *(
            f"pay … {owed}"
            for owed in (
                "customs duty",
                "customs duties",
                "customs tax",
                "customs taxes",
                "customs fees",
                "import duty",
                "import duties",
                "import tax",
                "import taxes",
            )
        ),
        "held for duty",
        "held for duties",
        "held for … duty",
        "held for … duties",
        "held for documents",
        "held for … documents",
        "held for … documentation",
        "customs … held for … information",
        "awaiting documents",
        "awaiting … documents",
        "awaiting customs documentation",
        "waiting for … customs documents",
        "customs documents required",
        "customs documents are required",
        "documents … required for customs",
        "documents … required by customs",
        "information … required for customs",
        "information … required by customs",
        "missing customs documents",
        "customs requires",
        "customs … requires … documents",
        "customs … requires … information",
        "customs has requested",
        "customs requested",
        "customs requiring information",
    ),
)
PROGRESS: Final = (
    (
        Stage.IN_CUSTOMS,
        Phrases(
            "not cleared",
            "not yet cleared",
            "not been cleared",
            "not yet been cleared",
            "once … customs",
            "once customs",
            "until … customs",
            "until customs",
            "as soon as … customs",
            "pending completion of customs",
            "pending customs",
            "pending … customs clearance",
            "before customs clearance",
        ),
    ),
    (
        Stage.CUSTOMS_CLEARED,
        Phrases(
            "clearance processing complete",
            "clearance processing completed",
            "clearance complete",
            "clearance completed",
            "clearance is complete",
            "clearance is completed",
            "clearance was completed",
            "clearance has been completed",
            "clearance successfully completed",
            "clearance success",
            "clearance successful",
            "clearance was successful",
            "clearance finished",
            "completed customs clearance",
            "completed … customs clearance",
            "customs cleared",
            "customs has cleared",
            "cleared customs",
            "cleared export customs",
            "cleared import customs",
            "cleared by customs",
            "cleared by … customs",
            "cleared through customs",
            "cleared from customs",
            "released by customs",
            "released by … customs",
            "released from customs",
            "customs released",
            "customs has released",
            "customs release completed",
        ),
    ),
    (
        Stage.IN_CUSTOMS,
        Phrases(
            "customs clearance",
            "clearance event",
            "clearance delay",
            "clearance in progress",
            "clearance processing",
            "clearance started",
            "processed for clearance",
            "ready for clearance",
            "broker notified",
            "customs status updated",
            "customs inspection",
            "customs examination",
            "customs control",
            "customs processing",
            "customs is processing",
            "in customs",
            "at customs",
            "at … customs office",
            "by customs",
            "to customs",
            "under customs",
            "for customs",
            "entered customs",
        ),
    ),
)
PHRASES: Final = (ACTION_REQUIRED, *PROGRESS)
"""Rows for a ``Refinement``, in the order in which they decide."""

NOT_NOW: Final = (
    "customs data",
    "customs declaration data",
    "customs … electronically",
    "clearance information received",
    "before customs clearance begins",
    "no customs",
    "no duty",
    "no duties",
    "duty paid",
    "duties paid",
    "duties have been paid",
)
"""Phrases of sentences that speak of customs before, after or without it."""


def directed(
    stage: Stage, told: Direction | None, texts: Sequence[str]
) -> tuple[Stage, Direction | None]:
    """Return the stage of a scan on its side of the border, and which side it is.

    ``stage`` is what the scan would mean at import. The side is what the provider
    itself says: a field or code (``told``), else its words. Where they say
    nothing it stays open, for what is learned later of the parcel's origin to
    settle. A scan that is not of customs has no direction.
    """
    if stage not in CUSTOMS_STAGES:
        return stage, None
    direction = told or _spoken(texts)
    if direction is Direction.EXPORT:
        return Stage.IN_TRANSIT, direction
    return stage, direction


def settled(
    stage: Stage | None,
    direction: Direction | None,
    *,
    country: str | None,
    origin: str | None,
    destination: str | None,
) -> tuple[Stage | None, Direction | None]:
    """Return what ``directed`` does, with a side for each customs scan.

    Where the provider says nothing, the scan's country decides against the
    parcel's origin (ISO 3166 alpha-2). Where that is unknown, or tells nothing
    because both ends of the journey are in one country: import.
    """
    if stage not in CUSTOMS_STAGES:
        return stage, direction
    if direction is None:
        leaving = country is not None and country == origin != destination
        direction = Direction.EXPORT if leaving else Direction.IMPORT
    return (Stage.IN_TRANSIT if direction is Direction.EXPORT else stage), direction


def _spoken(texts: Sequence[str]) -> Direction | None:
    spoken = list(sentences(texts))
    exports = any(sentence in EXPORT for sentence in spoken)
    imports = any(sentence in IMPORT for sentence in spoken)
    if exports is imports:
        return None
    return Direction.EXPORT if exports else Direction.IMPORT
