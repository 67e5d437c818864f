"""What Waybill keeps on disk: a journal for each parcel, and its own memory."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
import logging
from pathlib import Path
from typing import Any, Final
from weakref import WeakValueDictionary

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.storage import STORAGE_DIR, Store
from homeassistant.util.json import load_json

from .answer_storage import AnswerStorage
from .const import DOMAIN
from .parcel_store import VERSION, async_set_aside, parcel_store
from .tracking.journal import Journal
from .tracking.journal_json import from_json, to_json
from .tracking.listing import Listing, restored
from .tracking.polling import Plan
from .tracking.tempo import Tempo

_LOGGER = logging.getLogger(__name__)

_JOURNAL_KEY: Final = f"{DOMAIN}.journal."
_PLAN_KEY: Final = f"{DOMAIN}.plan"
_LISTINGS_KEY: Final = f"{DOMAIN}.account_lists"
_LISTINGS_DELAY: Final = 1
_PLAN_DELAY: Final = timedelta(seconds=10)
_PLAN_DELAY_PER_QUESTION: Final = timedelta(seconds=0.3)


async def async_remove_all(hass: HomeAssistant) -> None:
    """Remove every file of Waybill's."""
    folder = Path(hass.config.path(STORAGE_DIR))
    paths = await hass.async_add_executor_job(lambda: list(folder.glob(f"{DOMAIN}.*")))
    for path in paths:
        store: Store[Any] = Store(hass, VERSION, path.name)
        await store.async_remove()


class JournalStorage:
    """The journals, each found by its tracking number.

    The raw ``answers`` that a journal names are on disk before it.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        """Keep the journals beside Home Assistant's other files."""
        self.answers = AnswerStorage(hass)
        self._hass = hass
        self._saved: WeakValueDictionary[str, Journal] = WeakValueDictionary()

    async def async_load(self, tracking_number: str) -> Journal | None:
        """Return the journal of a number, if there is one that can be read.

        One that cannot be is set aside, never overwritten.
        """
        store = self._store(tracking_number)
        stored = await store.async_load()
        if stored is None:
            return None
        try:
            return from_json(stored)
        except ValueError:
            _LOGGER.error(
                "A parcel's journal cannot be read; it was set aside as %s.unreadable",
                store.key,
            )
            await async_set_aside(self._hass, store.key, stored)
            return None

    async def async_exists(self, tracking_number: str) -> bool:
        """Return whether there is a file for a number, readable or not."""
        path = Path(self._store(tracking_number).path)
        return await self._hass.async_add_executor_job(path.exists)

    async def async_read_all(self, numbers: Iterable[str]) -> list[object]:
        """Return what is stored of numbers, as JSON types; None where nothing is."""
        stores = map(self._store, numbers)
        return [*await asyncio.gather(*(store.async_load() for store in stores))]

    async def async_save(self, journal: Journal) -> None:
        """Write a journal, unless it is the very one that was written last.

        The raw answers that it names are written before.
        """
        await self.answers.async_write(leg.tracking_number for leg in journal.legs)
        number = journal.tracking_number
        if self._saved.get(number) is not journal:
            await self._store(number).async_save(to_json(journal))
            self._saved[number] = journal

    @callback
    def async_doubt(self, tracking_number: str) -> None:
        """Write a journal anew the next time, as what is on disk is not it."""
        self._saved.pop(tracking_number, None)

    async def async_remove(self, tracking_number: str) -> None:
        """Remove a journal and its answers."""
        self._saved.pop(tracking_number, None)
        await self._store(tracking_number).async_remove()
        await self.answers.async_remove(tracking_number)

    def stored_journals(self) -> Iterator[Journal]:
        """Iterate over all journals that can be read. Not for the event loop."""
        for path in sorted(self._folder.glob(f"{_JOURNAL_KEY}*")):
            if path.name.count(".") == _JOURNAL_KEY.count("."):
                with suppress(HomeAssistantError, KeyError, TypeError, ValueError):
                    yield from_json(_data(path))

    @property
    def _folder(self) -> Path:
        return Path(self._hass.config.path(STORAGE_DIR))

    def _store(self, tracking_number: str) -> Store[dict[str, Any]]:
        return parcel_store(self._hass, "journal", tracking_number)


def _data(path: Path) -> Any:
    """Return what a store's file holds; an absent one is a KeyError."""
    stored: Any = load_json(path)
    return stored["data"]


class PlanStorage:
    """What was asked when, and what is left of each quota.

    It changes with each question, so it is written a little later, and later
    still where there is more of it.
    """

    def __init__(self, hass: HomeAssistant, plan: Plan, tempo: Tempo) -> None:
        """Keep the plan's memory in one file."""
        self._hass = hass
        self._plan = plan
        self._tempo = tempo
        self._unsubscribe: CALLBACK_TYPE | None = None
        self._store: Store[dict[str, Any]] = Store(
            hass, VERSION, _PLAN_KEY, private=True, atomic_writes=True
        )

    async def async_load(self) -> None:
        """Let the plan remember."""
        self._plan.restore(await self._store.async_load() or {})

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
        await self._store.async_save(self._plan.as_dict())


class ListingStorage:
    """What the accounts list whose parcels are followed."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Keep all lists in one file."""
        self._listings: Mapping[str, Listing] | None = None
        self._store: Store[dict[str, Any]] = Store(
            hass, VERSION, _LISTINGS_KEY, private=True, atomic_writes=True
        )

    async def async_load(self) -> dict[str, Listing]:
        """Return what is remembered, by account."""
        stored = await self._store.async_load() or {}
        return {account_id: restored(listing) for account_id, listing in stored.items()}

    @callback
    def async_save_later(self, listings: Mapping[str, Listing]) -> None:
        """Write soon what is to be remembered."""
        self._listings = listings
        self._store.async_delay_save(self._as_dict, _LISTINGS_DELAY)

    async def async_flush(self) -> None:
        """Write now what was to be written later."""
        if self._listings is not None:
            await self._store.async_save(self._as_dict())

    def _as_dict(self) -> dict[str, Any]:
        listings, self._listings = self._listings or {}, None
        return {
            account_id: listing.as_dict() for account_id, listing in listings.items()
        }
