"""Lines that a person writes into a journal by hand."""

from datetime import datetime

from .journal import MANUAL, Journal, merge
from .model import Answer, Stage, TrackingEvent


def record_event(
    journal: Journal,
    *,
    stage: Stage | None,
    description: str,
    time: datetime | None,
    now: datetime,
) -> Journal:
    """Return a journal with another line of the person's own.

    ``time`` is when it happened, ``now`` when it is written down; both are aware.
    Without a ``time`` it happens now, after all that is known: also where a
    carrier's clock runs ahead of ours. It is about the number that the parcel has
    now. The very same line again changes nothing.
    """
    number = journal.legs[-1].tracking_number
    if time is None:
        told = (event.time for track in journal.tracks for event in track.events)
        time = max((now, *(at for at in told if at is not None)))
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
