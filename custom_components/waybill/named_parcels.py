"""The parcel that an action names, by its id or by its tracking number."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry

from .action_errors import action_error, parcel_error, unknown_parcel
from .archive import async_find_archived
from .archive_storage import Archived
from .const import CONF_TRACKING_NUMBER
from .coordinator import WaybillCoordinator
from .new_parcel import find_parcel
from .tracking.numbers import normalise

ATTR_PARCEL_ID: Final = "parcel_id"


async def async_followed_parcel(
    coordinator: WaybillCoordinator, data: Mapping[str, Any]
) -> ConfigSubentry:
    """Return a parcel that is followed.

    Raises ServiceValidationError where there is none, or it is archived.
    """
    parcel = await async_named_parcel(coordinator, data)
    if isinstance(parcel, Archived):
        raise parcel_error("parcel_archived", parcel.title, parcel.tracking_number)
    return parcel


async def async_named_parcel(
    coordinator: WaybillCoordinator, data: Mapping[str, Any]
) -> ConfigSubentry | Archived:
    """Return a parcel that is followed, else one that is archived.

    Raises ServiceValidationError where there is neither.
    """
    entry, followed = coordinator.config_entry, coordinator.data
    parcel_id, text = data.get(ATTR_PARCEL_ID), data.get(CONF_TRACKING_NUMBER)
    if parcel_id is None and text is None:
        raise action_error("no_parcel_named")
    if parcel_id is not None:
        subentry = entry.subentries.get(parcel_id)
        number = None
    else:
        number = normalise(str(text))
        subentry = find_parcel(entry, number)
    if subentry is not None and subentry.subentry_id in followed:
        return subentry
    archived = await async_find_archived(
        coordinator, parcel_id=parcel_id, tracking_number=number
    )
    if archived is None:
        raise unknown_parcel(str(parcel_id or text))
    return archived
