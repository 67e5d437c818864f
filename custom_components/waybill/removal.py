"""What is left of Waybill when it is removed: nothing, or the journals."""

import logging
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import STORAGE_DIR

from .const import DOMAIN
from .stored_file import remove

_LOGGER = logging.getLogger(__name__)

_KEPT: Final = ("journal.", "answers.", "archive.", "evidence", "transit_times")
"""What the names of the files begin with that hold what was learned."""


async def async_remove_files(hass: HomeAssistant, *, keep_journals: bool) -> None:
    """Remove every file of Waybill's, also what was set aside; or all but journals.

    With the journals stay the proof, the archive, which dispute files there are, and
    how long parcels took.
    """
    folder = Path(hass.config.path(STORAGE_DIR))
    kept = tuple(f"{DOMAIN}.{name}" for name in _KEPT) if keep_journals else ()

    def remove_all() -> int:
        left = 0
        for path in list(folder.glob(f"{DOMAIN}.*")):
            if not kept or not path.name.startswith(kept):
                try:
                    remove(path)
                except OSError:
                    # One that cannot be removed must not keep the others.
                    left += 1
        return left

    if left := await hass.async_add_executor_job(remove_all):
        _LOGGER.error("%s files of Waybill's could not be removed", left)
