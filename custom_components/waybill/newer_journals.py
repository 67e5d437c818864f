"""Takes up the journals that waited for a Waybill that can read them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .file_issues import Kind, async_clear_newer_issue, newer_journals
from .kept_file import VERSION
from .stored_file import UnreadableError, read
from .tracking.journal_json import from_json
from .tracking.milestones import silenced
from .tracking.taking_in import take_in

if TYPE_CHECKING:
    from .coordinator import WaybillCoordinator


async def async_take_up_newer(coordinator: WaybillCoordinator) -> None:
    """Unite each journal that was set aside as too new with what came after it.

    Nothing of it is announced. One that still cannot be read goes on waiting.
    """
    hass = coordinator.hass
    for issue_id, name in newer_journals(hass):
        stored = await hass.async_add_executor_job(_readable, hass, name)
        if stored is None:
            continue
        file = coordinator.disk.file(
            name.removeprefix(f"{DOMAIN}."), Kind.JOURNAL, dict
        )
        try:
            newer = silenced(from_json(await file.async_load()))
        except ValueError:
            continue
        known = await coordinator.storage.async_load(newer.tracking_number)
        journal = newer
        if known is not None:
            journal = take_in(known, newer, dt_util.utcnow())
        if await coordinator.storage.async_save_now(journal):
            await file.async_remove()
            async_clear_newer_issue(hass, issue_id)


def _readable(hass: HomeAssistant, name: str) -> Any:
    """Return what a file holds, None where it cannot be read. Not for the loop."""
    try:
        return read(Path(hass.config.path(STORAGE_DIR, name)), dict, VERSION)
    except UnreadableError:
        return None
