"""Whether what is to be kept can be written, and what is done when it cannot.

What could not be written is tried again after a pause that grows, and once more
when Home Assistant stops. The person is told once, and told no more when all is
written.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
import errno
import logging
from typing import Any, Final
from weakref import WeakValueDictionary

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .const import DOMAIN
from .file_issues import Kind, async_clear_disk_issues, async_create_disk_issue
from .kept_file import KeptFile

_LOGGER = logging.getLogger(__name__)

_FIRST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_OF_ONE_FILE: Final = frozenset(
    {errno.EISDIR, errno.ENOTDIR, errno.ENOTEMPTY, errno.EPERM}
)
"""What is wrong with a file, and not with all."""


class Disk:
    """The files of one house."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Believe that all can be written."""
        self.hass = hass
        self._files: WeakValueDictionary[str, KeptFile[Any]] = WeakValueDictionary()
        self._unwritten: dict[str, KeptFile[Any]] = {}
        self._failing = False
        self._pause = _FIRST_PAUSE
        self._unsubscribe: CALLBACK_TYPE | None = None
        self._rests = False
        self._stopped = False

    @property
    def rests(self) -> bool:
        """Whether nothing is written for a while, as nothing can be."""
        return self._rests

    def file[Kept: Mapping[str, Any] | Sequence[Any]](
        self,
        name: str,
        kind: Kind,
        shape: type[Kept],
        about: str = "",
        *,
        serialize_in_event_loop: bool = True,
    ) -> KeptFile[Kept]:
        """Return a file by its name: the same one while it is in use."""
        key = f"{DOMAIN}.{name}"
        file = self._files.get(key)
        if file is None:
            file = KeptFile[Kept](
                self,
                key,
                kind,
                shape,
                about,
                serialize_in_event_loop=serialize_in_event_loop,
            )
            self._files[key] = file
        return file

    @callback
    def async_note(self, file: KeptFile[Any]) -> None:
        """Remember a file that is to be written."""
        self._unwritten[file.key] = file

    @callback
    def async_forget(self, file: KeptFile[Any]) -> None:
        """Remember no more what was to be written to a file."""
        self._files.pop(file.key, None)
        self._unwritten.pop(file.key, None)

    @callback
    def async_written(self, file: KeptFile[Any]) -> None:
        """Take note that a file was written."""
        self._unwritten.pop(file.key, None)
        self._async_recover()

    @callback
    def async_failed(self, file: KeptFile[Any], error: Exception) -> None:
        """Take note that a file could not be written."""
        number = _errno(error)
        # The next time, the others have their turn before it.
        self._unwritten.pop(file.key, None)
        self._unwritten[file.key] = file
        self._rests = self._rests or number not in _OF_ONE_FILE
        if not self._failing:
            self._failing = True
            _LOGGER.error(
                "Waybill cannot write its files (%s). What it learns is kept in memory,"
                " and written when that is possible again",
                errno.errorcode.get(number or 0, "unknown error"),
            )
        async_create_disk_issue(self.hass, full=number in _FULL)
        if self._unsubscribe is None and not self._stopped:
            self._unsubscribe = async_call_later(
                self.hass, self._pause, self._async_try_again
            )
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)

    async def async_stop(self) -> None:
        """Write what is still to be written, for the last time."""
        self._stopped = True
        await self._async_try_again()

    async def _async_try_again(self, _now: datetime | None = None) -> None:
        self._async_cancel()
        for file in list(self._unwritten.values()):
            await file.async_write_again()
            if self._rests:
                break
        # Who needed it at once may have given up writing.
        self._async_recover()

    @callback
    def _async_recover(self) -> None:
        """Tell the person no more that nothing can be written, once all is."""
        if self._failing and not self._unwritten:
            self._failing = False
            self._pause = _FIRST_PAUSE
            self._async_cancel()
            async_clear_disk_issues(self.hass)
            _LOGGER.info("Waybill can write its files again")
            self._async_write_entries()

    @callback
    def _async_cancel(self) -> None:
        self._rests = False
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    @callback
    def _async_write_entries(self) -> None:
        """Let Home Assistant write which parcels there are.

        It could not either, and does not try again by itself before something
        changes.
        """
        entries = self.hass.config_entries
        for entry in entries.async_entries(DOMAIN):
            title = entry.title
            for changed in (f"{title} ", title):
                entries.async_update_entry(entry, title=changed)


def _errno(error: BaseException | None) -> int | None:
    """Return the number of the error of the system behind an error."""
    while error is not None:
        if isinstance(error, OSError):
            return error.errno
        error = error.__cause__
    return None
