"""Alerts: judgements on top of the stage, which they never overwrite."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from .model import Stage


class AlertKind(StrEnum):
    """What asks for the person's attention."""

    LATE = "late"
    STALLED = "stalled"
    CUSTOMS_ACTION = "customs_action"
    PICKUP_WAITING = "pickup_waiting"
    PROTECTION_ENDING = "protection_ending"
    PROBLEM_REPORTED = "problem_reported"
    RETURNING = "returning"
    EXCEPTION = "exception"


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """One alert, since when (aware), and the carrier's line that explains it."""

    kind: AlertKind
    since: datetime
    detail: str | None = None


_OF_STAGE: Final = {
    Stage.CUSTOMS_ACTION_REQUIRED: AlertKind.CUSTOMS_ACTION,
    Stage.RETURNING: AlertKind.RETURNING,
    Stage.EXCEPTION: AlertKind.EXCEPTION,
}


def assess(stage: Stage, since: datetime, detail: str | None) -> tuple[Alert, ...]:
    """Return the alerts that a stage is, from the moment it began."""
    kind = _OF_STAGE.get(stage)
    if kind is None:
        return ()
    return (Alert(kind=kind, since=since, detail=detail),)
