"""Lines that a person writes into a journal by hand."""

from datetime import datetime

from .journal import MANUAL, Journal, merge
from .model import Answer, Stage, TrackingEvent


def record_event(
    journal: Journal,
    *,
    stage: Stage | None,
    description: str,
    time: datetime,
    now: datetime,
) -> Journal:
    """Return a journal with another line of the person's own.

    ``time`` is when it happened, ``now`` when it is written down; both are aware.
    It is about the number that the parcel has now. The very same line again
    changes nothing.
    """
    number = journal.legs[-1].tracking_number
    event = TrackingEvent(
        provider=MANUAL,
        tracking_number=number,
        code=stage.value if stage is not None else None,
        written_time=time.isoformat(),
        time=time,
        stage=stage,
        description=description,
        words=description,
    )
    return merge(journal, MANUAL, Answer(tracking_number=number, events=(event,)), now)
