"""What the actions do at the end of a parcel's life: archive, restore, remove, list."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.data_entry_flow import AbortFlow

from .action_errors import parcel_error, unknown_parcel
from .answered_parcels import async_archived_json, followed_parcel_json
from .archive import (
    async_archive_parcel,
    async_forget_archived,
    async_list_archived,
    async_restore_parcel,
)
from .archive_storage import Archived
from .const import CONF_TRACKING_NUMBER
from .coordinator import WaybillCoordinator
from .joined_parcels import joined_numbers
from .named_parcels import ATTR_PARCEL_ID, async_followed_parcel, async_named_parcel
from .tracking.model import Stage


async def async_archive_named(
    coordinator: WaybillCoordinator, data: Mapping[str, Any]
) -> dict[str, Any]:
    """Archive a parcel; one that is archived already stays so."""
    parcel = await async_named_parcel(coordinator, data)
    if isinstance(parcel, ConfigSubentry):
        archived = await async_archive_parcel(coordinator, parcel.subentry_id)
        if archived is None:
            # Somebody removed it in the meantime.
            raise unknown_parcel(parcel.title)
        parcel = archived
    return await _async_json(coordinator, parcel)


async def async_restore_named(
    coordinator: WaybillCoordinator, data: Mapping[str, Any]
) -> dict[str, Any]:
    """Follow an archived parcel again; one that is followed stays as it is."""
    parcel = await async_named_parcel(coordinator, data)
    if isinstance(parcel, Archived):
        try:
            parcel_id = await async_restore_parcel(coordinator, parcel)
        except AbortFlow:
            # Somebody else added its number in the meantime.
            raise parcel_error(
                "already_followed", parcel.title, parcel.tracking_number
            ) from None
        parcel = await async_followed_parcel(coordinator, {ATTR_PARCEL_ID: parcel_id})
    return await _async_json(coordinator, parcel)


async def async_remove_named(
    coordinator: WaybillCoordinator, data: Mapping[str, Any], *, keep_journal: bool
) -> None:
    """Stop following a parcel, or take it out of the archive."""
    parcel = await async_named_parcel(coordinator, data)
    if isinstance(parcel, Archived):
        await async_forget_archived(coordinator, parcel, keep_journal=keep_journal)
        if not keep_journal:
            _forget_time(coordinator, parcel.parcel_id)
        return
    coordinator.hass.config_entries.async_remove_subentry(
        coordinator.config_entry, parcel.subentry_id
    )
    if not keep_journal:
        number = parcel.data[CONF_TRACKING_NUMBER]
        for forgotten in (number, *joined_numbers(parcel)):
            await coordinator.announcer.async_forget(forgotten)
        _forget_time(coordinator, parcel.subentry_id)


async def async_list_parcels(
    coordinator: WaybillCoordinator,
    data: Mapping[str, Any],
    *,
    stages: Collection[Stage] | None,
    include_events: bool,
    include_archived: bool,
) -> list[dict[str, Any]]:
    """Return the parcels asked for, newest first."""
    followed = list(coordinator.data.values())
    archived: list[Archived] = []
    if ATTR_PARCEL_ID in data or CONF_TRACKING_NUMBER in data:
        find = async_named_parcel if include_archived else async_followed_parcel
        parcel = await find(coordinator, data)
        if isinstance(parcel, Archived):
            followed, archived = [], [parcel]
        else:
            followed = [coordinator.data[parcel.subentry_id]]
    elif include_archived:
        archived = await async_list_archived(coordinator)
    answers = [
        followed_parcel_json(coordinator, parcel, include_events)
        for parcel in followed
        if stages is None or parcel.stage in stages
    ]
    answers += await async_archived_json(
        coordinator,
        [a for a in archived if stages is None or a.stage in stages],
        include_events,
    )
    answers.sort(key=_added_at, reverse=True)
    return answers


def _forget_time(coordinator: WaybillCoordinator, parcel_id: str) -> None:
    """Let a parcel count no more for how long others take."""
    coordinator.async_show_anew(coordinator.transit_times.forget(parcel_id))


def _added_at(answer: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(answer["added_at"])


async def _async_json(
    coordinator: WaybillCoordinator, parcel: ConfigSubentry | Archived
) -> dict[str, Any]:
    if isinstance(parcel, ConfigSubentry):
        return followed_parcel_json(coordinator, coordinator.data[parcel.subentry_id])
    return (await async_archived_json(coordinator, [parcel]))[0]
