"""A file of Waybill's, which loses nothing: neither when it is read nor when it is not.

What cannot be read is set aside. What cannot be written stays in memory, and is
written when that is possible again.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.core import callback
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError

from .file_issues import Kind, async_create_file_issue
from .stored_file import (
    Fault,
    UnreadableError,
    changed_at,
    read,
    remove_set_aside,
    set_aside,
)

if TYPE_CHECKING:
    from .disk import Disk

_LOGGER = logging.getLogger(__name__)

VERSION: Final = 1
MIGRATIONS: Final[Mapping[tuple[Kind, int], Callable[[Any], Any]]] = {}
"""What brings data of a kind from a version to the next, where that needs anything.

What is only added needs no new version: what is missing has its default.
"""


class KeptFile[Kept: Mapping[str, Any] | Sequence[Any]](Store[Kept]):
    """One file, found by its ``key``; what it holds is a ``shape``, dict or list.

    ``about`` is the number of the parcel that it is about. ``lost_at`` (aware) is
    when that was last written which was found to be unreadable. ``unwritten`` is
    what is still to be written.
    """

    def __init__(
        self,
        disk: Disk,
        key: str,
        kind: Kind,
        shape: type,
        about: str = "",
        *,
        serialize_in_event_loop: bool = True,
    ) -> None:
        """Read and write nothing yet."""
        super().__init__(
            disk.hass,
            VERSION,
            key,
            private=True,
            atomic_writes=True,
            serialize_in_event_loop=serialize_in_event_loop,
        )
        self.kind = kind
        self.about = about
        self.lost_at: datetime | None = None
        self.unwritten: Kept | None = None
        self._disk = disk
        self._shape = shape
        self._in_the_way: Fault | None = None

    @override
    async def async_load(self) -> Kept | None:
        """Return what is kept; not to be changed. None where nothing can be read.

        What cannot be read is set aside, and the person told.
        """
        self.lost_at = None
        if self.unwritten is not None:
            return self.unwritten
        try:
            stored = await self.hass.async_add_executor_job(
                read, Path(self.path), self._shape, self.version
            )
            if stored is None:
                return await super().async_load()
            data: Kept = stored.data
            if stored.version < self.version:
                try:
                    data = await self._async_migrate_func(
                        stored.version, stored.minor_version, data
                    )
                except AttributeError, KeyError, TypeError, ValueError:
                    await self.async_set_aside(rest_is_kept=False)
                    return None
                await self.async_save(data)
        except UnreadableError as err:
            await self._async_lose(err.fault, err.at, rest_is_kept=False)
            return None
        return data

    async def async_set_aside(self, *, rest_is_kept: bool) -> None:
        """Set aside what was read and makes no sense, or not all of it does."""
        path = Path(self.path)
        at = await self.hass.async_add_executor_job(changed_at, path)
        await self._async_lose(Fault.DAMAGED, at, rest_is_kept=rest_is_kept)

    @override
    async def async_save(self, data: Kept) -> None:
        """Write; what cannot be written now is kept in memory, and written later."""
        self.unwritten = data
        self._disk.async_note(self)
        if not self._disk.rests:
            await super().async_save(data)

    async def async_write_again(self) -> None:
        """Write what could not be written."""
        if self.unwritten is not None:
            await super().async_save(self.unwritten)

    @callback
    def async_give_up(self) -> None:
        """Write no more what is still to be written."""
        self.unwritten = None
        self._disk.async_forget(self)

    @override
    async def async_remove(self) -> None:
        """Remove the file; what was set aside of it stays. Raises OSError."""
        self.async_give_up()
        await super().async_remove()

    async def async_forget(self) -> None:
        """Remove the file, and all that was set aside of it. Raises OSError."""
        await self.async_remove()
        await self.hass.async_add_executor_job(remove_set_aside, Path(self.path))

    @override
    async def _async_migrate_func(
        self, old_major_version: int, old_minor_version: int, old_data: Any
    ) -> Kept:
        """Bring what an older Waybill wrote to today's form."""
        for version in range(old_major_version, self.version):
            if (step := MIGRATIONS.get((self.kind, version))) is not None:
                old_data = step(old_data)
        kept: Kept = old_data
        return kept

    @override
    async def _async_write_data(self, data: dict[str, Any]) -> None:
        """Write, and take note of whether that went well: a store says nothing."""
        if "data_func" in data:
            self.unwritten = data["data"] = data.pop("data_func")()
        try:
            await self._async_make_room()
            await super()._async_write_data(data)
        except (OSError, WriteError) as err:
            self._disk.async_failed(self, err)
            return
        if self.unwritten is data["data"]:
            self.unwritten = None
            self._disk.async_written(self)

    async def _async_lose(
        self, fault: Fault, at: datetime | None, *, rest_is_kept: bool
    ) -> None:
        """Set aside what cannot be read, and say so."""
        now = dt_util.utcnow()
        # A clock that was ahead must not silence what is still to come.
        self.lost_at = min(at or now, now)
        try:
            aside = await self.hass.async_add_executor_job(
                partial(set_aside, Path(self.path), fault, keep=rest_is_kept)
            )
        except OSError:
            self._in_the_way = fault
            aside = None
        _LOGGER.error(
            "A file of Waybill's cannot be read (%s); it was set aside as %s",
            fault,
            aside or self.key,
        )
        async_create_file_issue(
            self.hass,
            self.kind,
            fault,
            file=aside or self.key,
            about=self.about,
            rest_is_kept=rest_is_kept,
        )

    async def _async_make_room(self) -> None:
        """Set aside what could not be before. Raises OSError."""
        if self._in_the_way is not None:
            await self.hass.async_add_executor_job(
                set_aside, Path(self.path), self._in_the_way
            )
            self._in_the_way = None
