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
from .pushing import PUSH_SECRETS, Forgery, Push
from .server import KEYS, Request, Simulator, Told

__all__ = [
    "DAY",
    "HOUR",
    "KEYS",
    "PUSH_SECRETS",
    "Direction",
    "Estimate",
    "Fault",
    "FaultKind",
    "Forgery",
    "Handoff",
    "Journey",
    "Kind",
    "Push",
    "Request",
    "Simulator",
    "Stage",
    "Step",
    "Told",
    "Zone",
]
