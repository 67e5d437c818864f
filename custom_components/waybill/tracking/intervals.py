"""How often a parcel is worth asking about: often where news is near."""

from datetime import datetime, timedelta
from typing import Final

from .model import FINAL_STAGES, Stage
from .tempo import Tempo

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)

QUIET_AFTER: Final = 2 * _DAY
QUIET_INTERVAL: Final = 6 * _HOUR
FINAL_FOR: Final = 3 * _DAY
EXPIRED_FOR: Final = 60 * _DAY

HOT_STAGES: Final = frozenset(
    {
        Stage.IN_CUSTOMS,
        Stage.CUSTOMS_ACTION_REQUIRED,
        Stage.OUT_FOR_DELIVERY,
        Stage.READY_FOR_PICKUP,
        Stage.DELIVERY_FAILED,
    }
)
"""Stages in which news is near, however long the silence."""

_INTERVALS: Final = {
    Stage.PENDING: 2 * _HOUR,
    Stage.INFO_RECEIVED: 4 * _HOUR,
    Stage.SHIPPED: 3 * _HOUR,
    Stage.IN_TRANSIT: 2 * _HOUR,
    Stage.IN_CUSTOMS: _HOUR,
    Stage.CUSTOMS_ACTION_REQUIRED: _HOUR,
    Stage.CUSTOMS_CLEARED: _HOUR,
    Stage.OUT_FOR_DELIVERY: _HOUR / 2,
    Stage.READY_FOR_PICKUP: _HOUR,
    Stage.DELIVERY_FAILED: _HOUR,
    Stage.EXCEPTION: 4 * _HOUR,
    Stage.RETURNING: 6 * _HOUR,
}


def interval(
    stage: Stage,
    *,
    since: datetime,
    last_news: datetime,
    now: datetime,
    tempo: Tempo,
) -> timedelta | None:
    """Return how long to wait between questions; None: ask no more.

    ``since`` is when the parcel came into its stage, ``last_news`` when its
    newest event happened, or when the parcel was added while there is none.
    All are aware.
    """
    if stage in FINAL_STAGES:
        return _DAY if tempo.elapsed(since, now) < FINAL_FOR else None
    if stage is Stage.EXPIRED:
        return 7 * _DAY if tempo.elapsed(since, now) < EXPIRED_FOR else None
    if stage not in HOT_STAGES and tempo.elapsed(last_news, now) >= QUIET_AFTER:
        return QUIET_INTERVAL
    return _INTERVALS[stage]
