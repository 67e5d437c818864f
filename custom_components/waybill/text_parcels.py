"""Follow what a text speaks of: an e-mail, an order page, an SMS."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import AbortFlow

from .const import CONF_SELLER
from .new_parcel import async_add_parcel, find_parcel
from .tracking.finding import Found, find


class Reason(StrEnum):
    """Why a number that was found is not followed anew."""

    DRY_RUN = "dry_run"
    ALREADY_FOLLOWED = "already_followed"


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundParcel:
    """A number that was found, and what became of it.

    ``parcel_id`` is that of the parcel that was added, or that has the number
    already; None in a dry run.
    """

    found: Found
    parcel_id: str | None
    reason: Reason | None


async def async_find(hass: HomeAssistant, text: str) -> tuple[Found, ...]:
    """Return the tracking numbers of a text; a long one must not hold up the house."""
    return await hass.async_add_executor_job(find, text, hass.config.country)


async def async_add_from_text(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    text: str,
    *,
    source: str = "",
    dry_run: bool = False,
) -> list[FoundParcel]:
    """Follow every parcel that a text speaks of and that is not followed yet.

    ``source`` is whom the text is from, and so the seller of what is added.
    """
    return [
        await _async_add(hass, entry, found, {CONF_SELLER: source}, dry_run)
        for found in await async_find(hass, text)
    ]


async def _async_add(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    found: Found,
    fields: Mapping[str, Any],
    dry_run: bool,
) -> FoundParcel:
    if (known := find_parcel(entry, found.number)) is not None:
        return FoundParcel(
            found=found, parcel_id=known.subentry_id, reason=Reason.ALREADY_FOLLOWED
        )
    if dry_run:
        return FoundParcel(found=found, parcel_id=None, reason=Reason.DRY_RUN)
    try:
        parcel = await async_add_parcel(hass, entry, found.number, fields=fields)
    except AbortFlow:
        # Somebody else added it in the meantime.
        known = find_parcel(entry, found.number)
        return FoundParcel(
            found=found,
            parcel_id=known.subentry_id if known is not None else None,
            reason=Reason.ALREADY_FOLLOWED,
        )
    return FoundParcel(found=found, parcel_id=parcel.subentry_id, reason=None)
