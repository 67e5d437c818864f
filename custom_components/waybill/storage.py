"""What Waybill keeps on disk: a journal for each parcel, and its own memory."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from weakref import WeakValueDictionary

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util.json import load_json

from .answer_storage import AnswerStorage
from .const import DOMAIN
from .disk import Disk
from .file_issues import Kind
from .kept_file import KeptFile
from .parcel_files import parcel_file
from .tracking.journal import Journal
from .tracking.journal_json import from_json, salvaged, to_json
from .tracking.listing import Listing, restored
from .tracking.polling import Plan
from .tracking.tempo import Tempo

_JOURNAL_KEY: Final = f"{DOMAIN}.journal."
_LISTINGS_DELAY: Final = 1
_PLAN_DELAY: Final = timedelta(seconds=10)
_PLAN_DELAY_PER_QUESTION: Final = timedelta(seconds=0.3)


class JournalStorage:
    """The journals, each found by its tracking number.

    The raw ``answers`` that a journal names are on disk before it.
    """

    def __init__(self, disk: Disk) -> None:
        """Keep the journals beside Home Assistant's other files."""
        self.answers = AnswerStorage(disk)
        self._hass = disk.hass
        self._disk = disk
        self._saved: WeakValueDictionary[str, Journal] = WeakValueDictionary()
        self._lost: dict[str, datetime] = {}

    async def async_load(self, tracking_number: str) -> Journal | None:
        """Return the journal of a number, as far as there is one that can be read.

        One that cannot be is set aside, never overwritten. Of one that holds
        nonsense, what makes sense is returned, and takes its place; what was lost of
        it is no news when a provider tells it again.
        """
        file = self._file(tracking_number)
        stored = await file.async_load()
        journal: Journal | None = None
        if stored is not None:
            with suppress(ValueError):
                journal = from_json(stored)
            if journal is not None and journal.tracking_number == tracking_number:
                return journal
            journal = salvaged(stored, tracking_number)
            await file.async_set_aside(rest_is_kept=journal is not None)
        if file.lost_at is None:
            return None
        if journal is not None:
            journal = replace(journal, silent_until=file.lost_at)
            await file.async_save(to_json(journal))
        self._saved.pop(tracking_number, None)
        self._lost[tracking_number] = file.lost_at
        return journal

    def lost_at(self, tracking_number: str) -> datetime | None:
        """Return when a journal was last written (aware) that could not be read.

        None where there was none, or another has taken its place since.
        """
        return self._lost.get(tracking_number)

    async def async_read_all(self, numbers: Iterable[str]) -> list[object]:
        """Return what is stored of numbers, as JSON types; None where nothing is."""
        files = map(self._file, numbers)
        return [*await asyncio.gather(*(file.async_load() for file in files))]

    async def async_save(self, journal: Journal) -> None:
        """Write a journal, unless it is the very one that was written last.

        The raw answers that it names are written before. What cannot be written now
        is written later.
        """
        await self.answers.async_write(leg.tracking_number for leg in journal.legs)
        number = journal.tracking_number
        self._lost.pop(number, None)
        if self._saved.get(number) is not journal:
            await self._file(number).async_save(to_json(journal))
            self._saved[number] = journal

    async def async_save_now(self, journal: Journal) -> bool:
        """Write a journal; False where it is only written later."""
        await self.async_save(journal)
        return self._file(journal.tracking_number).unwritten is None

    async def async_remove(self, tracking_number: str) -> None:
        """Remove a journal and its answers, also what was set aside of them.

        Raises OSError.
        """
        self._saved.pop(tracking_number, None)
        self._lost.pop(tracking_number, None)
        await self._file(tracking_number).async_forget()
        await self.answers.async_remove(tracking_number)

    def stored_journals(self) -> Iterator[Journal]:
        """Iterate over all journals that can be read. Not for the event loop."""
        folder = Path(self._hass.config.path(STORAGE_DIR))
        for path in sorted(folder.glob(f"{_JOURNAL_KEY}*")):
            if path.name.count(".") == _JOURNAL_KEY.count("."):
                with suppress(HomeAssistantError, KeyError, TypeError, ValueError):
                    yield from_json(_data(path))

    def _file(self, tracking_number: str) -> KeptFile[dict[str, Any]]:
        return self._disk.file(
            parcel_file("journal", tracking_number), Kind.JOURNAL, dict, tracking_number
        )


def _data(path: Path) -> Any:
    """Return what a store's file holds; an absent one is a KeyError."""
    stored: Any = load_json(path)
    return stored["data"]


class PlanStorage:
    """What was asked when, and what is left of each quota.

    It changes with each question, so it is written a little later, and later
    still where there is more of it.
    """

    def __init__(self, disk: Disk, plan: Plan, tempo: Tempo) -> None:
        """Keep the plan's memory in one file."""
        self._hass = disk.hass
        self._plan = plan
        self._tempo = tempo
        self._unsubscribe: CALLBACK_TYPE | None = None
        self._file: KeptFile[dict[str, Any]] = disk.file("plan", Kind.MEMORY, dict)

    async def async_load(self) -> None:
        """Let the plan remember."""
        self._plan.restore(await self._file.async_load() or {})

    @callback
    def async_save_later(self, questions: int) -> None:
        """Write soon what the plan remembers of so many questions."""
        if self._unsubscribe is None:
            delay = _PLAN_DELAY + questions * _PLAN_DELAY_PER_QUESTION
            # As much of a shortened day may be forgotten as of a whole one.
            self._unsubscribe = async_call_later(
                self._hass, self._tempo.span(delay), self._async_save
            )

    async def async_flush(self) -> None:
        """Write now what was to be written later."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            await self._async_save()

    async def _async_save(self, _now: datetime | None = None) -> None:
        self._unsubscribe = None
        await self._file.async_save(self._plan.as_dict())


class ListingStorage:
    """What the accounts list whose parcels are followed."""

    def __init__(self, disk: Disk) -> None:
        """Keep all lists in one file."""
        self._listings: Mapping[str, Listing] | None = None
        self._file: KeptFile[dict[str, Any]] = disk.file(
            "account_lists", Kind.MEMORY, dict
        )

    async def async_load(self) -> dict[str, Listing]:
        """Return what is remembered, by account."""
        stored = await self._file.async_load() or {}
        return {account_id: restored(listing) for account_id, listing in stored.items()}

    @callback
    def async_save_later(self, listings: Mapping[str, Listing]) -> None:
        """Write soon what is to be remembered."""
        self._listings = listings
        self._file.async_delay_save(self._as_dict, _LISTINGS_DELAY)

    async def async_flush(self) -> None:
        """Write now what was to be written later."""
        if self._listings is not None:
            await self._file.async_save(self._as_dict())

    def _as_dict(self) -> dict[str, Any]:
        listings, self._listings = self._listings or {}, None
        return {
            account_id: listing.as_dict() for account_id, listing in listings.items()
        }
