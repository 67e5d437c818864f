"""Parcels as actions answer them, those in the archive too."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import batched
from typing import Any, Final

from homeassistant.util import dt as dt_util

from .archive import is_restored
from .archive_storage import Archived
from .coordinator import WaybillCoordinator
from .new_parcel import archived_subentry
from .subentries import about_parcel, added_at
from .tracking.journal import Journal, open_journal
from .tracking.journal_json import from_json
from .tracking.parcel import Parcel, snapshot
from .tracking.parcel_json import parcel_json
from .tracking.transit_times import Typical

_AT_ONCE: Final = 50
"""How many archived parcels are read at a time: ten thousand must not be in the way."""


def followed_parcel_json(
    coordinator: WaybillCoordinator, parcel: Parcel, include_events: bool = True
) -> dict[str, Any]:
    """Return a parcel that is followed."""
    return parcel_json(
        parcel,
        now=dt_util.utcnow(),
        zone=dt_util.get_default_time_zone(),
        last_checked=coordinator.questions.last_checked(parcel.parcel_id),
        next_check=coordinator.questions.next_check(parcel.parcel_id),
        include_events=include_events,
        typical_transit=coordinator.transit_times.typical(parcel),
    )


async def async_archived_json(
    coordinator: WaybillCoordinator,
    parcels: Sequence[Archived],
    include_events: bool = True,
) -> list[dict[str, Any]]:
    """Return archived parcels, read from their journals."""
    answers: list[dict[str, Any]] = []
    for some in batched(parcels, _AT_ONCE):
        stored = await coordinator.storage.async_read_all(
            archived.tracking_number for archived in some
        )
        answers += await coordinator.hass.async_add_executor_job(
            _archived_json,
            list(zip(some, stored, strict=True)),
            dt_util.utcnow(),
            coordinator.hass.config.country,
            coordinator.transit_times.typical,
            include_events,
        )
    return answers


def _archived_json(
    parcels: Sequence[tuple[Archived, object]],
    now: datetime,
    home: str | None,
    typical: Callable[[Parcel], Typical | None],
    include_events: bool,
) -> list[dict[str, Any]]:
    zone = dt_util.get_default_time_zone()
    answers = []
    for archived, stored in parcels:
        known = _journal(stored)
        if is_restored(archived, known):
            # It left both since.
            continue
        subentry = archived_subentry(archived)
        journal = known or open_journal(
            archived.parcel_id, archived.tracking_number, added_at(subentry)
        )
        parcel = snapshot(journal, about_parcel(subentry), (), zone, home, now=now)
        answers.append(
            parcel_json(
                parcel,
                now=now,
                zone=zone,
                last_checked=None,
                next_check=None,
                include_events=include_events,
                archived=True,
                typical_transit=typical(parcel),
            )
        )
    return answers


def _journal(stored: object) -> Journal | None:
    try:
        return from_json(stored)
    except ValueError:
        return None
