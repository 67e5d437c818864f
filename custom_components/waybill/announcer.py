"""Tells the house of each milestone exactly once, and of alerts that are none.

The journal is saved with the milestone pending, the milestone is announced,
the journal is saved again with it marked: a moment later, when automations have
acted on it. What is pending when Home Assistant stops is announced when it has
started again, under the same id. A power cut within that moment has it told
twice; were it marked at once, it would go unheard.

Where nothing can be saved, as the disk is full, the house is told all the same,
once. Only if Home Assistant then ends before anything can be saved is it told
again, under the same id.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
import logging
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.start import async_at_started
from homeassistant.util import dt as dt_util

from .const import DOMAIN, EVENT_ALERT, EVENT_MILESTONE
from .main_entity import async_main_entity
from .storage import JournalStorage
from .tracking.assessment import untold
from .tracking.joining import separate
from .tracking.journal import Journal
from .tracking.milestones import announced, pending
from .tracking.parcel_json import alert_event, milestone_event
from .unexpected import whereabouts

if TYPE_CHECKING:
    from .coordinator import WaybillCoordinator

_LOGGER = logging.getLogger(__name__)

type MilestoneListener = Callable[[Mapping[str, Any]], None]

ANY_PARCEL: Final = ""
_START_TIMEOUT: Final = 60
"""Seconds that automations are given to be attached."""
HEARD_WITHIN: Final = timedelta(seconds=2)
"""The time that automations are given to act on what they hear."""


class Announcer:
    """Announces the milestones of all parcels, one after the other."""

    def __init__(
        self,
        hass: HomeAssistant,
        coordinator: WaybillCoordinator,
        storage: JournalStorage,
    ) -> None:
        """Announce nothing before ``async_start``."""
        self._hass = hass
        self._coordinator = coordinator
        self._storage = storage
        self._listeners: dict[str, list[MilestoneListener]] = {}
        self._marks: dict[str, CALLBACK_TYPE] = {}
        self._lock = asyncio.Lock()
        self._ready = False
        self._stopped = False
        self._settled = asyncio.Event()

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Announce from when Home Assistant has started."""
        return async_at_started(self._hass, self._async_started)

    @callback
    def async_listen(
        self, parcel_id: str, listener: MilestoneListener
    ) -> CALLBACK_TYPE:
        """Call a listener for each milestone of a parcel, or of ``ANY_PARCEL``."""
        listeners = self._listeners.setdefault(parcel_id, [])
        listeners.append(listener)

        @callback
        def remove() -> None:
            listeners.remove(listener)

        return remove

    async def async_tell(self, parcel_ids: Iterable[str]) -> None:
        """Save the journals of parcels that changed, and announce what is new."""
        async with self._lock:
            for parcel_id in parcel_ids:
                journal = self._coordinator.journals.get(parcel_id)
                if journal is not None:
                    await self._storage.async_save(journal)
                    await self._async_announce(parcel_id)

    async def async_settled(self) -> None:
        """Wait until all that waited for Home Assistant's start is told."""
        await self._settled.wait()

    async def async_stop(self) -> None:
        """Finish what is being told, and tell no more."""
        self._stopped = True
        self._settled.set()
        async with self._lock:
            self._ready = False
        await self.async_flush()

    async def async_flush(self) -> None:
        """Mark now what was to be marked as announced in a moment."""
        async with self._lock:
            for parcel_id in list(self._marks):
                await self._async_mark(parcel_id)

    async def async_leave(self, journal: Journal, numbers: Iterable[str]) -> None:
        """Save what a parcel that goes knew, also of the numbers joined to it.

        Each has a journal of its own, as it was before: followed by itself
        again, nothing that was told in the meantime is told anew.
        """
        async with self._lock:
            await self._storage.async_save(journal)
            for number in numbers:
                other = await self._storage.async_load(number)
                if other is not None:
                    _, left = separate(journal, number, other, dt_util.utcnow())
                    # An archived parcel is found by any of its numbers.
                    left = replace(left, archived_at=journal.archived_at)
                    await self._storage.async_save(left)

    async def async_recall(self, tracking_number: str) -> Journal | None:
        """Return the journal of a number, once all that is to be written is."""
        async with self._lock:
            return await self._storage.async_load(tracking_number)

    async def async_forget(self, tracking_number: str) -> None:
        """Remove the journal of a parcel that is followed no more.

        Raises HomeAssistantError where it cannot be removed.
        """
        async with self._lock:
            try:
                await self._storage.async_remove(tracking_number)
            except OSError as err:
                raise HomeAssistantError(
                    translation_domain=DOMAIN, translation_key="not_all_removed"
                ) from err

    async def _async_started(self, hass: HomeAssistant) -> None:
        """Announce what waited, once all that start-up set going is done.

        Automations attach their triggers when Home Assistant has started, just
        as this is called.
        """
        try:
            async with asyncio.timeout(_START_TIMEOUT):
                await hass.async_block_till_done()
        except TimeoutError:
            pass
        if self._stopped:
            # Another has taken over in the meantime, and tells it.
            return
        self._ready = True
        async with self._lock:
            for parcel_id in list(self._coordinator.journals):
                await self._async_announce(parcel_id)
        self._settled.set()

    async def _async_announce(self, parcel_id: str) -> None:
        journals = self._coordinator.journals
        while True:
            if not self._ready or self._hass.is_stopping:
                return
            journal: Journal | None = journals.get(parcel_id)
            if journal is None:
                return
            milestones = pending(journal)
            alerts, holding = untold(
                self._coordinator.data[parcel_id].alerts,
                journal.alerted,
                journal.silent_until,
            )
            if not milestones and holding == journal.alerted:
                return
            # News may have come since it was saved, and again while it is.
            await self._storage.async_save(journal)
            if journals.get(parcel_id) is journal:
                break
        now = dt_util.utcnow()
        for milestone in milestones:
            journal = announced(journal, milestone.milestone_id, now)
        journal = replace(journal, alerted=holding)
        # Who hears of it may remove the parcel that very moment.
        self._coordinator.async_update_journal(journal)
        parcel = self._coordinator.data[parcel_id]
        for milestone in milestones:
            self._announce(parcel_id, milestone_event(parcel, milestone))
        entity_id = async_main_entity(self._hass, parcel_id)
        for alert in alerts:
            told = {**alert_event(parcel, alert), ATTR_ENTITY_ID: entity_id}
            self._hass.bus.async_fire(EVENT_ALERT, told)
        self._async_mark_later(parcel_id)

    @callback
    def _async_mark_later(self, parcel_id: str) -> None:
        """Save that a parcel's milestones were announced, once they were heard."""

        async def mark(_now: datetime) -> None:
            async with self._lock:
                await self._async_mark(parcel_id)

        self._async_unmark(parcel_id)
        self._marks[parcel_id] = async_call_later(self._hass, HEARD_WITHIN, mark)

    @callback
    def _async_unmark(self, parcel_id: str) -> None:
        if (unsubscribe := self._marks.pop(parcel_id, None)) is not None:
            unsubscribe()

    async def _async_mark(self, parcel_id: str) -> None:
        self._async_unmark(parcel_id)
        # Whoever follows a parcel no more has saved what it knew.
        if (journal := self._coordinator.journals.get(parcel_id)) is not None:
            await self._storage.async_save(journal)

    def _announce(self, parcel_id: str, event: Mapping[str, Any]) -> None:
        for listener in (
            *self._listeners.get(parcel_id, ()),
            *self._listeners.get(ANY_PARCEL, ()),
        ):
            try:
                listener(event)
            except Exception as err:  # noqa: BLE001
                # One that fails must not keep the house from the news.
                _LOGGER.error("Unexpected error in a listener: %s", whereabouts(err))
        entity_id = async_main_entity(self._hass, parcel_id)
        # The activity log finds an entity's and a device's lines by it.
        self._hass.bus.async_fire(EVENT_MILESTONE, {**event, ATTR_ENTITY_ID: entity_id})
