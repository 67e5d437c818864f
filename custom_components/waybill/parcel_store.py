"""The files that are kept for each parcel, found by its tracking number."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from .const import DOMAIN

VERSION: Final = 1


def parcel_store[Kept: Mapping[str, Any] | Sequence[Any]](
    hass: HomeAssistant, what: str, tracking_number: str
) -> Store[Kept]:
    """Return where something is kept of a parcel.

    The number itself is in no file name.
    """
    digest = sha256(tracking_number.encode()).hexdigest()[:32]
    return Store(
        hass, VERSION, f"{DOMAIN}.{what}.{digest}", private=True, atomic_writes=True
    )


async def async_set_aside(hass: HomeAssistant, key: str, stored: Any) -> None:
    """Keep what cannot be read beside the file that it was found in."""
    aside: Store[Any] = Store(hass, VERSION, f"{key}.unreadable", private=True)
    await aside.async_save(stored)
