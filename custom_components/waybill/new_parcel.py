"""Begin to follow a parcel, whoever asks for it: a flow, an action, a voice."""

from collections.abc import Container, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_now

from .archive_storage import Archived, ArchiveStorage
from .const import CONF_ADDED_AT, CONF_TRACKING_NUMBER, SUBENTRY_PARCEL
from .disk import Disk
from .joined_parcels import further_numbers, joined_numbers
from .storage import JournalStorage
from .tracking.harmless_text import whole
from .tracking.journal import Journal


def find_parcel(entry: ConfigEntry[Any], number: str) -> ConfigSubentry | None:
    """Return the followed parcel that a normalised number belongs to, if any.

    Its own number, or one that its parcel was handed over with, or joined.
    """
    parcels = list(entry.get_subentries_of_type(SUBENTRY_PARCEL))
    for parcel in parcels:
        if parcel.unique_id == number:
            return parcel
    # What providers found is known only while the entry is loaded.
    loaded = entry.state is ConfigEntryState.LOADED
    journals = entry.runtime_data.journals if loaded else {}
    for parcel in parcels:
        journal = journals.get(parcel.subentry_id)
        if number in (
            further_numbers(journal) if journal is not None else joined_numbers(parcel)
        ):
            return parcel
    return None


def optional_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return optional fields as a parcel stores them: JSON, and nothing empty."""
    stored = {
        key: value.isoformat() if isinstance(value, date) else value
        for key, value in fields.items()
    }
    stripped = {
        key: whole(value).strip() if isinstance(value, str) else value
        for key, value in stored.items()
    }
    return {key: value for key, value in stripped.items() if value not in (None, "")}


def parcel_subentry(
    number: str,
    name: str | None = None,
    fields: Mapping[str, Any] | None = None,
    *,
    kept: Journal | None = None,
    taken: Container[str] = (),
) -> ConfigSubentry:
    """Return a parcel that is not yet followed.

    ``number`` is normalised, ``fields`` are the optional ones; dates may be
    ``date`` objects or ISO text. With a ``kept`` journal it has its old id,
    unless that is ``taken``: by a parcel whose number was corrected.
    """
    subentry_id, added_at = ulid_now(), dt_util.utcnow()
    if kept is not None:
        added_at = kept.added_at
        if kept.parcel_id not in taken:
            subentry_id = kept.parcel_id
    data = {
        CONF_TRACKING_NUMBER: number,
        CONF_ADDED_AT: added_at.isoformat(),
        **optional_fields(fields or {}),
    }
    return ConfigSubentry(
        data=MappingProxyType(data),
        subentry_id=subentry_id,
        subentry_type=SUBENTRY_PARCEL,
        title=whole(name or "").strip() or number,
        unique_id=number,
    )


def archived_subentry(
    archived: Archived,
    name: str | None = None,
    fields: Mapping[str, Any] | None = None,
    *,
    taken: Container[str] = (),
) -> ConfigSubentry:
    """Return a parcel as it was archived, with what is said of it now."""
    data = dict(archived.data) | optional_fields(fields or {})
    parcel_id = archived.parcel_id
    return ConfigSubentry(
        data=MappingProxyType(data),
        subentry_id=ulid_now() if parcel_id in taken else parcel_id,
        subentry_type=SUBENTRY_PARCEL,
        title=whole(name or "").strip() or archived.title,
        unique_id=archived.tracking_number,
    )


async def async_prepare_parcel(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    number: str,
    name: str | None = None,
    fields: Mapping[str, Any] | None = None,
) -> tuple[ConfigSubentry, bool]:
    """Return a parcel that is not yet followed, and whether it was before.

    With its journal where one was kept; out of the archive if it is there, or
    the parcel that it was joined to.
    """
    # What could not be written is known only while the entry is loaded.
    loaded = entry.state is ConfigEntryState.LOADED
    disk = entry.runtime_data.disk if loaded else Disk(hass)
    kept = await JournalStorage(disk).async_load(number)
    archived = await ArchiveStorage(disk).async_of_journal(kept)
    taken = entry.subentries
    if archived is not None and all(
        parcel.unique_id != archived.tracking_number for parcel in taken.values()
    ):
        return archived_subentry(archived, name, fields, taken=taken), True
    parcel = parcel_subentry(number, name, fields, kept=kept, taken=taken)
    return parcel, kept is not None


async def async_add_parcel(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    number: str,
    name: str | None = None,
    fields: Mapping[str, Any] | None = None,
) -> ConfigSubentry:
    """Follow a parcel, as it was where it was followed before.

    Raises AbortFlow where its number is already followed.
    """
    subentry, _ = await async_prepare_parcel(hass, entry, number, name, fields)
    hass.config_entries.async_add_subentry(entry, subentry)
    return subentry
