"""The archive's index: what was said of the parcels that are followed no more.

One file holds the parcels that were archived in a month (UTC). Files are read
only when somebody asks, and kept nowhere else: what a home archived costs it
nothing. What was learned of a parcel is in its journal, as ever.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
import re
from typing import Any, Final

from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import STORAGE_DIR

from .const import CONF_ADDED_AT, CONF_JOINED, CONF_TRACKING_NUMBER, DOMAIN
from .disk import Disk
from .file_issues import Kind
from .kept_file import KeptFile
from .tracking.journal import Journal
from .tracking.journey import story_of
from .tracking.model import Stage

_ARCHIVE: Final = "archive."
_KEY: Final = f"{DOMAIN}.{_ARCHIVE}"
_FILE_NAME: Final = re.compile(rf"{re.escape(_KEY)}(\d{{4}}-\d{{2}})")


@dataclass(frozen=True, kw_only=True, slots=True)
class Archived:
    """A parcel in the archive: its subentry as it was, less what its journal holds.

    ``archived_at`` is aware; ``stage`` is where the parcel was then.
    """

    parcel_id: str
    title: str = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)
    archived_at: datetime
    stage: Stage

    @property
    def tracking_number(self) -> str:
        """The number that the person gave."""
        return str(self.data[CONF_TRACKING_NUMBER])

    @property
    def joined_numbers(self) -> tuple[str, ...]:
        """The numbers of the parcels that were joined to it."""
        return tuple(
            str(joined["data"][CONF_TRACKING_NUMBER])
            for joined in self.data.get(CONF_JOINED, ())
        )

    @property
    def month(self) -> str:
        """The month of archiving, which names its file."""
        return self.archived_at.astimezone(UTC).strftime("%Y-%m")

    def as_dict(self) -> dict[str, Any]:
        """Return the parcel as its file holds it."""
        return {
            "title": self.title,
            "data": dict(self.data),
            "archived_at": self.archived_at.isoformat(),
            "stage": self.stage.value,
        }


def without_index(journal: Journal) -> Archived:
    """Return an archived parcel of which only the journal is left."""
    number = journal.tracking_number
    return Archived(
        parcel_id=journal.parcel_id,
        title=number,
        data={
            CONF_TRACKING_NUMBER: number,
            CONF_ADDED_AT: journal.added_at.isoformat(),
        },
        archived_at=journal.archived_at or journal.added_at,
        stage=story_of(journal).journey.stage,
    )


class ArchiveStorage:
    """The files of the index, read and written one at a time."""

    def __init__(self, disk: Disk) -> None:
        """Read nothing yet."""
        self._disk = disk
        self._hass = disk.hass
        self._lock = asyncio.Lock()

    async def async_all(self) -> dict[str, Archived]:
        """Return all that was archived, by parcel id: the latest first."""
        found: dict[str, Archived] = {}
        for month in await self._async_months():
            async with self._lock:
                parcels = await self._async_read(month)
            found |= {i: a for i, a in parcels.items() if i not in found}
        return found

    async def async_find(self, parcel_id: str) -> Archived | None:
        """Return what was archived under an id."""
        for month in await self._async_months():
            async with self._lock:
                parcels = await self._async_read(month)
            if parcel_id in parcels:
                return parcels[parcel_id]
        return None

    async def async_of_journal(self, journal: Journal | None) -> Archived | None:
        """Return the archived parcel that a journal, or a joined one, belongs to.

        Where the index has it no more, what the journal knows must do.
        """
        if journal is None or journal.archived_at is None:
            return None
        alone, number = without_index(journal), journal.tracking_number
        async with self._lock:
            parcels = await self._async_read(alone.month)
        if journal.parcel_id in parcels:
            return parcels[journal.parcel_id]
        return next((a for a in parcels.values() if number in a.joined_numbers), alone)

    async def async_put(self, parcels: Iterable[Archived]) -> None:
        """Add parcels, each to the file of its month.

        Raises HomeAssistantError where a file could not be written.
        """
        new: dict[str, list[Archived]] = {}
        for archived in parcels:
            new.setdefault(archived.month, []).append(archived)
        async with self._lock:
            for month, added in new.items():
                known = await self._async_read(month)
                await self._async_write(month, known | {a.parcel_id: a for a in added})

    async def async_drop(self, archived: Archived) -> None:
        """Take a parcel out.

        Raises HomeAssistantError where the file could not be written.
        """
        async with self._lock:
            known = await self._async_read(archived.month)
            if known.pop(archived.parcel_id, None) is not None:
                await self._async_write(archived.month, known)

    async def _async_months(self) -> list[str]:
        """Return the months in which something was archived, the latest first."""
        folder = Path(self._hass.config.path(STORAGE_DIR))

        def months() -> list[str]:
            names = (path.name for path in folder.glob(f"{_KEY}*"))
            found = (_FILE_NAME.fullmatch(name) for name in names)
            return sorted((match[1] for match in found if match), reverse=True)

        return await self._hass.async_add_executor_job(months)

    async def _async_read(self, month: str) -> dict[str, Archived]:
        """Return a month; what cannot be read of it is set aside, never overwritten."""
        file = self._file(month)
        entries = await file.async_load() or {}
        parcels: dict[str, Archived] = {}
        for parcel_id, entry in entries.items():
            try:
                parcels[parcel_id] = _archived(parcel_id, entry)
            except AttributeError, KeyError, TypeError, ValueError:
                continue
        if len(parcels) < len(entries):
            await file.async_set_aside(rest_is_kept=bool(parcels))
            if parcels:
                await file.async_save(_as_json(parcels))
        return parcels

    async def _async_write(self, month: str, parcels: Mapping[str, Archived]) -> None:
        """Write a month, and see that it is there.

        Whoever asks is told at once where it is not: nothing is written later.
        """
        file = self._file(month)
        if parcels:
            await file.async_save(_as_json(parcels))
            written = file.unwritten is None or self._hass.is_stopping
        else:
            written = True
            try:
                await file.async_remove()
            except OSError:
                written = False
        if not written:
            file.async_give_up()
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="archive_not_written"
            )

    def _file(self, month: str) -> KeptFile[dict[str, Any]]:
        return self._disk.file(
            f"{_ARCHIVE}{month}", Kind.ARCHIVE, dict, serialize_in_event_loop=False
        )


def _as_json(parcels: Mapping[str, Archived]) -> dict[str, Any]:
    return {parcel_id: archived.as_dict() for parcel_id, archived in parcels.items()}


def _archived(parcel_id: str, entry: Any) -> Archived:
    """Read one parcel. Raises where it is none."""
    archived = Archived(
        parcel_id=parcel_id,
        title=str(entry["title"]),
        data=dict(entry["data"]),
        archived_at=datetime.fromisoformat(entry["archived_at"]),
        stage=Stage(entry["stage"]),
    )
    if archived.archived_at.tzinfo is None or not archived.tracking_number:
        raise ValueError("a time without a zone, or no number")
    return archived
