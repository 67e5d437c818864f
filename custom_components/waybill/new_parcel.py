"""Begin to follow a parcel, whoever asks for it: a flow, an action, a voice."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_now

from .const import CONF_ADDED_AT, CONF_TRACKING_NUMBER, SUBENTRY_PARCEL
from .storage import JournalStorage


def find_parcel(entry: ConfigEntry[Any], number: str) -> ConfigSubentry | None:
    """Return the parcel of a normalised number, if it is followed."""
    return next(
        (
            subentry
            for subentry in entry.get_subentries_of_type(SUBENTRY_PARCEL)
            if subentry.unique_id == number
        ),
        None,
    )


def optional_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return optional fields as a parcel stores them: JSON, and nothing empty."""
    stored = {
        key: value.isoformat() if isinstance(value, date) else value
        for key, value in fields.items()
    }
    stripped = {
        key: value.strip() if isinstance(value, str) else value
        for key, value in stored.items()
    }
    return {key: value for key, value in stripped.items() if value not in (None, "")}


async def async_parcel_subentry(
    hass: HomeAssistant,
    entry: ConfigEntry[Any] | None,
    number: str,
    name: str | None = None,
    fields: Mapping[str, Any] | None = None,
) -> ConfigSubentry:
    """Return a parcel that is not yet followed.

    ``number`` is normalised, ``fields`` are the optional ones; dates may be
    ``date`` objects or ISO text. A number whose journal was kept has its old id,
    unless ``entry`` follows another parcel by that id: one whose number was
    corrected.
    """
    journal = await JournalStorage(hass).async_load(number)
    added_at = dt_util.utcnow()
    subentry_id = ulid_now()
    if journal is not None:
        added_at = journal.added_at
        if entry is None or journal.parcel_id not in entry.subentries:
            subentry_id = journal.parcel_id
    data = {
        CONF_TRACKING_NUMBER: number,
        CONF_ADDED_AT: added_at.isoformat(),
        **optional_fields(fields or {}),
    }
    return ConfigSubentry(
        data=MappingProxyType(data),
        subentry_id=subentry_id,
        subentry_type=SUBENTRY_PARCEL,
        title=(name or "").strip() or number,
        unique_id=number,
    )


async def async_add_parcel(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    number: str,
    name: str | None = None,
    fields: Mapping[str, Any] | None = None,
) -> ConfigSubentry:
    """Follow a parcel. Raises AbortFlow where its number is already followed."""
    subentry = await async_parcel_subentry(hass, entry, number, name, fields)
    hass.config_entries.async_add_subentry(entry, subentry)
    return subentry
