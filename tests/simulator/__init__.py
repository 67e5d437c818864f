"""A loopback server that speaks the providers' APIs and plays scripted journeys.

It is a reading of the carriers' documentation of its own: nothing of the
integration is imported here.
"""

from .faults import Fault, FaultKind
from .journeys import (
    DAY,
    HOUR,
    Direction,
    Estimate,
    Handoff,
    Journey,
    Kind,
    Stage,
    Step,
    Zone,
)
from .server import KEYS, Request, Simulator

__all__ = [
    "DAY",
    "HOUR",
    "KEYS",
    "Direction",
    "Estimate",
    "Fault",
    "FaultKind",
    "Handoff",
    "Journey",
    "Kind",
    "Request",
    "Simulator",
    "Stage",
    "Step",
    "Zone",
]
