"""Follow what is added to the entry, changed in it or removed, without a reload."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigSubentry,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_call_later

from .archive import async_take_out
from .const import CONF_TRACKING_NUMBER, SUBENTRY_PARCEL
from .devices import async_update_account_device
from .subentries import about_parcel

if TYPE_CHECKING:
    from .coordinator import WaybillCoordinator

GATHER_NEW_FOR: Final = timedelta(seconds=2)
"""New parcels that come within this time share a request."""


class EntryChanges:
    """Brings the coordinator in step with the entry's subentries."""

    def __init__(self, hass: HomeAssistant, coordinator: WaybillCoordinator) -> None:
        """Follow nothing before ``async_start``."""
        self._hass = hass
        self._coordinator = coordinator
        self._entry = coordinator.config_entry
        self._options = self._entry.options
        self._adding: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._said: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self._unsubscribe_new: CALLBACK_TYPE | None = None

    @callback
    def async_start(self) -> None:
        """Watch the subentries, and ask about the parcels that are still new."""
        self._entry.async_on_unload(
            async_dispatcher_connect(
                self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._async_entry_changed
            )
        )
        self._entry.async_on_unload(self._async_forget_new)
        # What changed while all was being set up.
        self._async_entry_changed(ConfigEntryChange.UPDATED, self._entry)
        for parcel_id in self._coordinator.questions.never_asked():
            self._async_ask_soon(parcel_id)

    async def async_settled(self) -> None:
        """Wait until all that was added is followed."""
        await asyncio.gather(*self._adding.values())

    @callback
    def _async_entry_changed(
        self, change: ConfigEntryChange, entry: ConfigEntry
    ) -> None:
        """Follow what was added, changed or removed, without a reload."""
        if entry is not self._entry or change is not ConfigEntryChange.UPDATED:
            return
        coordinator = self._coordinator
        if entry.options != self._options:
            self._options = entry.options
            entry.async_create_task(self._hass, coordinator.async_judge_all())
        parcels = {
            subentry.subentry_id: subentry
            for subentry in entry.get_subentries_of_type(SUBENTRY_PARCEL)
        }
        for parcel_id in coordinator.journals.keys() - parcels.keys():
            coordinator.async_drop(parcel_id)
            self._said.pop(parcel_id, None)
        known_accounts = coordinator.account_ids()
        if coordinator.accounts.async_reload():
            coordinator.webhooks.async_follow_accounts()
            for account_id in coordinator.account_ids():
                async_update_account_device(self._hass, self._entry, account_id)
                if account_id not in known_accounts:
                    coordinator.async_present_account(account_id)
            for account in coordinator.accounts.usable():
                coordinator.async_account_changed(account.account_id)
            for parcel_id in coordinator.journals:
                coordinator.async_follow(parcel_id)
        for parcel_id, subentry in parcels.items():
            number = subentry.data[CONF_TRACKING_NUMBER]
            journal = coordinator.journals.get(parcel_id)
            if journal is None or journal.tracking_number != number:
                if (parcel_id, number) not in self._adding:
                    self._adding[parcel_id, number] = self._entry.async_create_task(
                        self._hass,
                        self._async_add(parcel_id, number),
                        eager_start=False,
                    )
            elif self._is_said_anew(subentry):
                coordinator.about[parcel_id] = about_parcel(subentry)
                coordinator.async_update_journal(journal)
                coordinator.async_follow(parcel_id)
        coordinator.account_parcels.async_entry_changed()
        coordinator.archiver.async_options_changed()
        coordinator.async_update_listeners()
        coordinator.async_wake_when_due()

    @callback
    def _is_said_anew(self, subentry: ConfigSubentry) -> bool:
        """Whether the person said something else of a parcel that is followed.

        One parcel changes, and all are looked at: the others are to cost nothing.
        """
        parcel_id, said = subentry.subentry_id, (subentry.title, subentry.data)
        if self._said.get(parcel_id) == said:
            return False
        self._said[parcel_id] = said
        return about_parcel(subentry) != self._coordinator.about[parcel_id]

    async def _async_add(self, parcel_id: str, number: str) -> None:
        """Follow a number that was just added or corrected; ask about it at once."""
        try:
            journal = await self._coordinator.announcer.async_recall(number)
            if (added := self._entry.subentries.get(parcel_id)) is not None:
                journal = await async_take_out(self._coordinator, added, journal)
        finally:
            self._adding.pop((parcel_id, number), None)
        subentry = self._entry.subentries.get(parcel_id)
        if subentry is None or subentry.data[CONF_TRACKING_NUMBER] != number:
            return
        coordinator = self._coordinator
        corrected = coordinator.journals.get(parcel_id)
        coordinator.async_take_up(parcel_id, journal)
        coordinator.async_follow(parcel_id)
        coordinator.offers.async_judge_all()
        if corrected is None:
            coordinator.async_present_parcel(parcel_id)
        coordinator.async_update_listeners()
        self._async_ask_soon(parcel_id)
        if corrected is not None:
            await coordinator.announcer.async_leave(corrected, ())
        await coordinator.announcer.async_tell([parcel_id])

    @callback
    def _async_ask_soon(self, parcel_id: str) -> None:
        """Ask about a new parcel, together with those added just now."""
        self._coordinator.questions.ask_now(parcel_id)
        if self._unsubscribe_new is None:
            self._unsubscribe_new = async_call_later(
                self._hass,
                self._coordinator.tempo.span(GATHER_NEW_FOR),
                self._async_ask_about_new,
            )

    async def _async_ask_about_new(self, _now: datetime) -> None:
        self._unsubscribe_new = None
        await self._coordinator.async_refresh()

    @callback
    def _async_forget_new(self) -> None:
        if self._unsubscribe_new is not None:
            self._unsubscribe_new()
            self._unsubscribe_new = None
