"""When a parcel's life as one that is followed ends: it goes to the archive."""

from datetime import datetime, timedelta

from .journal import Journal
from .model import FINAL_STAGES
from .parcel import Parcel


def archive_due(parcel: Parcel, journal: Journal, after: timedelta) -> datetime | None:
    """Return when (aware) a parcel is to be archived; None: not as things stand.

    That is ``after`` its end, and not sooner after it was added or brought back
    from the archive. A parcel with a problem that is not settled stays.
    """
    if parcel.stage not in FINAL_STAGES:
        return None
    if any(problem.settled_at is None for problem in journal.problems):
        return None
    moments = (parcel.stage_since, journal.added_at, journal.restored_at)
    return max(at for at in moments if at is not None) + after
