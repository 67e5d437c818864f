"""The archive: parcels leave it and come back as they were, journal, id and all.

An archived parcel is no subentry any more, so that nothing asks about it, shows
it or holds it in memory. What is followed is not archived, whatever the files
say: a step that was not brought to its end is taken again.
"""

from dataclasses import replace
import logging
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigSubentry
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from .archive_storage import Archived
from .const import SUBENTRY_PARCEL
from .joined_parcels import joined_numbers
from .new_parcel import archived_subentry
from .tracking.journal import Journal
from .tracking.milestones import pending, silenced
from .unexpected import whereabouts

if TYPE_CHECKING:
    from .coordinator import WaybillCoordinator

_LOGGER = logging.getLogger(__name__)


async def async_archive_parcel(
    coordinator: WaybillCoordinator, parcel_id: str
) -> Archived | None:
    """Archive a parcel that is followed; what is to be told of it is told first.

    Returns it as it is in the archive; None where it was removed meanwhile. Raises
    HomeAssistantError where the archive cannot be written: then the parcel is
    followed as before.
    """
    hass, entry = coordinator.hass, coordinator.config_entry
    await coordinator.announcer.async_tell([parcel_id])
    known = coordinator.journals.get(parcel_id)
    if known is not None and pending(known):
        # Home Assistant is still starting.
        await coordinator.announcer.async_settled()
    before: Archived | None = None
    while True:
        journal = coordinator.journals.get(parcel_id)
        subentry = entry.subentries.get(parcel_id)
        if journal is None or subentry is None:
            if before is not None:
                # Somebody removed it in the meantime.
                await coordinator.archive.async_drop(before)
            return None
        archived_at = dt_util.utcnow()
        archived = Archived(
            parcel_id=parcel_id,
            title=subentry.title,
            data=dict(subentry.data),
            archived_at=archived_at,
            stage=coordinator.data[parcel_id].stage,
        )
        await coordinator.archive.async_put([archived])
        closed = replace(journal, archived_at=archived_at)
        await coordinator.storage.async_save(closed)
        if (
            coordinator.journals.get(parcel_id) is journal
            and entry.subentries.get(parcel_id) is subentry
            and (subentry.title, subentry.data) == (archived.title, archived.data)
        ):
            break
        before = archived
        await coordinator.announcer.async_tell([parcel_id])
    # Whoever leaves is written once more, as it is then.
    coordinator.journals[parcel_id] = closed
    hass.config_entries.async_remove_subentry(entry, parcel_id)
    return archived


async def async_restore_parcel(
    coordinator: WaybillCoordinator, archived: Archived
) -> str:
    """Follow an archived parcel again; returns its id.

    Raises AbortFlow where its number is followed in the meantime.
    """
    entry = coordinator.config_entry
    # What it knew may still be about to be written.
    journal = await coordinator.announcer.async_recall(archived.tracking_number)
    if journal is not None and journal.archived_at is None:
        closed = replace(journal, archived_at=archived.archived_at)
        await coordinator.storage.async_save(closed)
    subentry = archived_subentry(archived, taken=entry.subentries)
    coordinator.hass.config_entries.async_add_subentry(entry, subentry)
    await coordinator.async_settled()
    await coordinator.archive.async_drop(archived)
    return subentry.subentry_id


async def async_take_out(
    coordinator: WaybillCoordinator, subentry: ConfigSubentry, journal: Journal | None
) -> Journal | None:
    """Return the journal of a parcel that is followed, out of the archive if it was.

    What was not told before it was archived is not told now.
    """
    if journal is None or journal.archived_at is None:
        return journal
    now = dt_util.utcnow()
    back = silenced(replace(journal, archived_at=None, restored_at=now))
    await coordinator.storage.async_save(back)
    for number in joined_numbers(subentry):
        await _async_reopen(coordinator, number)
    try:
        archived = await coordinator.archive.async_of_journal(journal)
        if archived is not None:
            await coordinator.archive.async_drop(archived)
    except (HomeAssistantError, OSError) as err:
        # What is followed is not archived: the list may say so a while longer.
        _LOGGER.error(
            "A parcel could not be taken out of the archive's list: %s",
            whereabouts(err),
        )
    return back


async def async_forget_archived(
    coordinator: WaybillCoordinator, archived: Archived, *, keep_journal: bool
) -> None:
    """Remove a parcel from the archive; its journal may wait for its number."""
    await coordinator.archive.async_drop(archived)
    for number in (archived.tracking_number, *archived.joined_numbers):
        if keep_journal:
            await _async_reopen(coordinator, number)
        else:
            await coordinator.announcer.async_forget(number)


async def async_find_archived(
    coordinator: WaybillCoordinator,
    *,
    parcel_id: str | None = None,
    tracking_number: str | None = None,
) -> Archived | None:
    """Return the archived parcel with an id, or with a normalised number.

    The number is found by its journal; an id is looked for in the index, the
    latest month first.
    """
    if parcel_id is None:
        journal = await coordinator.announcer.async_recall(str(tracking_number))
        archived = await coordinator.archive.async_of_journal(journal)
    else:
        archived = await coordinator.archive.async_find(parcel_id)
        if archived is not None:
            number = archived.tracking_number
            journal = await coordinator.announcer.async_recall(number)
            if is_restored(archived, journal):
                archived = None
    if archived is None or archived.tracking_number in _followed(coordinator):
        return None
    return archived


async def async_list_archived(coordinator: WaybillCoordinator) -> list[Archived]:
    """Return all archived parcels, the latest first.

    Among them may be one that was brought back, and whose file was not written
    then: its journal says so, see ``is_restored``.
    """
    every, followed = await coordinator.archive.async_all(), _followed(coordinator)
    return [a for a in every.values() if a.tracking_number not in followed]


def is_restored(archived: Archived, journal: Journal | None) -> bool:
    """Say whether a parcel was brought back after what the index has of it."""
    return (
        journal is not None
        and journal.archived_at is None
        and journal.restored_at is not None
        and journal.restored_at >= archived.archived_at
    )


def _followed(coordinator: WaybillCoordinator) -> set[str | None]:
    parcels = coordinator.config_entry.get_subentries_of_type(SUBENTRY_PARCEL)
    return {parcel.unique_id for parcel in parcels}


async def _async_reopen(coordinator: WaybillCoordinator, number: str) -> None:
    """Let a journal wait for its number again, as that of a parcel that was removed."""
    journal = await coordinator.announcer.async_recall(number)
    if journal is not None and journal.archived_at is not None:
        await coordinator.storage.async_save(replace(journal, archived_at=None))
