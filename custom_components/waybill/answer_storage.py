"""What is kept on disk of the raw answers that brought a parcel's events."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
import logging
from typing import Any, Final

from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util.json import load_json

from .const import DOMAIN
from .disk import Disk
from .file_issues import Kind
from .kept_file import KeptFile
from .parcel_files import parcel_file
from .tracking.journal import Journal
from .tracking.kept_answers import (
    KeptAnswer,
    all_kept,
    from_json,
    named_in,
    salvaged,
    to_json,
)

_LOGGER = logging.getLogger(__name__)

_ANSWERS: Final = "answers"


class AnswerStorage:
    """The raw answers of each parcel, found by the number of its journal.

    In memory are only those that are still to be written. What goes wrong with
    them is logged once, and holds up nobody.
    """

    def __init__(self, disk: Disk) -> None:
        """Keep the answers beside Home Assistant's other files."""
        self._disk = disk
        self._noted: dict[str, list[KeptAnswer]] = {}
        self._lock = asyncio.Lock()
        self._failed = False

    @callback
    def async_note(self, journal_number: str, answer: KeptAnswer) -> None:
        """Remember an answer until the journal that names it is written."""
        self._noted.setdefault(journal_number, []).append(answer)

    async def async_write(self, journal_numbers: Iterable[str]) -> None:
        """Write what was noted for journals that are about to be written."""
        if not self._noted and not self._lock.locked():
            return
        async with self._lock:
            for number in journal_numbers:
                if noted := self._noted.pop(number, None):
                    await self._async_append(number, noted)

    async def async_append(
        self, journal_number: str, entries: Iterable[KeptAnswer]
    ) -> None:
        """Keep further answers of a parcel."""
        async with self._lock:
            await self._async_append(journal_number, entries)

    async def async_load(self, *journal_numbers: str) -> list[KeptAnswer]:
        """Return the answers that are kept of journals, in the order of their coming."""
        async with self._lock:
            kept: list[KeptAnswer] = []
            for number in dict.fromkeys(journal_numbers):
                try:
                    kept += await self._async_read(number)
                except Exception:  # noqa: BLE001
                    # What else is known of the parcel is told all the same.
                    self._log_failure("read")
        return sorted(dict.fromkeys(kept), key=lambda answer: answer.received_at)

    def stored(self, journal_number: str) -> tuple[KeptAnswer, ...]:
        """Return the answers of a parcel that can be read. Not for the event loop."""
        name = f"{DOMAIN}.{parcel_file(_ANSWERS, journal_number)}"
        with suppress(HomeAssistantError, KeyError, TypeError, ValueError):
            stored: Any = load_json(self._disk.hass.config.path(STORAGE_DIR, name))
            return from_json(stored["data"])
        return ()

    async def async_of(self, journal: Journal) -> list[KeptAnswer]:
        """Return the answers that a journal names, in the order of their coming.

        They may lie with another journal's: with that of a parcel that was joined
        to this one, or that had one of its numbers before.
        """
        numbers = (*(leg.tracking_number for leg in journal.legs), *journal.foreign)
        named = named_in(journal)
        return [a for a in await self.async_load(*numbers) if a.sha256 in named]

    async def async_remove(self, journal_number: str) -> None:
        """Remove the answers of a parcel. Raises OSError."""
        async with self._lock:
            self._noted.pop(journal_number, None)
            await self._file(journal_number).async_forget()

    async def _async_append(
        self, journal_number: str, entries: Iterable[KeptAnswer]
    ) -> None:
        try:
            before = await self._async_read(journal_number)
            after = all_kept(before, entries)
            if after != before:
                await self._file(journal_number).async_save(to_json(after))
        except Exception:  # noqa: BLE001
            # The journal is worth more than its proof.
            self._log_failure("written")

    async def _async_read(self, journal_number: str) -> tuple[KeptAnswer, ...]:
        """Read a file; one that holds anything else is set aside, the rest is kept."""
        file = self._file(journal_number)
        stored = await file.async_load()
        if stored is None:
            return ()
        answers = salvaged(stored)
        if len(answers) < len(stored):
            await file.async_set_aside(rest_is_kept=bool(answers))
            if answers:
                await file.async_save(to_json(answers))
        return answers

    def _log_failure(self, what: str) -> None:
        if not self._failed:
            self._failed = True
            # The error's own text is not told: it may hold a path, or more.
            _LOGGER.error("Raw answers of a parcel could not be %s", what)

    def _file(self, journal_number: str) -> KeptFile[list[dict[str, Any]]]:
        name = parcel_file(_ANSWERS, journal_number)
        return self._disk.file(name, Kind.ANSWERS, list, journal_number)
