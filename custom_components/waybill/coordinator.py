"""The one poll loop: asks whom the plan names, and passes on what is new."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
import logging
from typing import Final, override

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
)
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_call_later, async_track_time_change
from homeassistant.util import dt as dt_util

from .account_parcels import AccountParcels
from .accounts import Accounts
from .announcer import Announcer
from .const import CONF_TRACKING_NUMBER, DOMAIN, SUBENTRY_PARCEL
from .devices import async_update_account_device, async_update_device
from .issues import (
    async_clear_left_behind,
    async_clear_parcel_issues,
    async_judge_parcel,
)
from .joined_parcels import JoinOffers, async_bring_back, joined_numbers
from .questions import Questions, Refused
from .simulator import simulator_from_environment
from .storage import JournalStorage, PlanStorage
from .subentries import about_parcel, added_at
from .subjects import SubjectCoordinator
from .tracking.agenda import Grant
from .tracking.journal import Journal, merge, open_journal
from .tracking.journey import Story, story_of
from .tracking.ledger import Refusal
from .tracking.milestones import QUIET_HOURS, note
from .tracking.model import Answer, Stage
from .tracking.parcel import About, Parcel, snapshot
from .tracking.polling import Plan
from .tracking.providers.base import ProviderError
from .tracking.tempo import Tempo

_LOGGER = logging.getLogger(__name__)

GATHER_NEW_FOR: Final = timedelta(seconds=2)
"""New parcels that come within this time share a request."""
_MARGIN: Final = timedelta(seconds=1)
"""The coordinator's timer is up to a second early."""

type WaybillConfigEntry = ConfigEntry[WaybillCoordinator]
type NewParcelListener = Callable[[str], None]
type NewAccountListener = Callable[[str], None]


class WaybillCoordinator(SubjectCoordinator[dict[str, Parcel]]):
    """Follows all parcels of the entry; ``data`` is keyed by parcel id.

    An unchanged parcel stays the same object, and only the listeners of those
    that changed are called.
    """

    config_entry: WaybillConfigEntry

    def __init__(self, hass: HomeAssistant, entry: WaybillConfigEntry) -> None:
        """Prepare to follow the parcels of an entry."""
        super().__init__(
            hass, _LOGGER, config_entry=entry, name=DOMAIN, always_update=False
        )
        simulator = simulator_from_environment()
        self.tempo = Tempo(simulator.pace)
        self.plan = Plan(self.tempo)
        self.accounts = Accounts(hass, entry, self.plan, simulator.url)
        self.questions = Questions(hass, self.plan, self.accounts, self.tempo)
        self.storage = JournalStorage(hass)
        self.announcer = Announcer(hass, self, self.storage)
        self.account_parcels = AccountParcels(hass, self)
        self.offers = JoinOffers(hass, self)
        self.journals: dict[str, Journal] = {}
        self.data = {}
        self.hub_device_id = ""
        self._plan_storage = PlanStorage(hass, self.plan)
        self._about: dict[str, About] = {}
        self._stories: dict[str, Story] = {}
        self._shown_of_account: dict[str, tuple[Refusal | None, int | None]] = {}
        self._unmapped: set[tuple[str, str]] = set()
        self._new_parcel_listeners: list[NewParcelListener] = []
        self._new_account_listeners: list[NewAccountListener] = []
        self._adding: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._unsubscribe_new: CALLBACK_TYPE | None = None

    async def async_load(self) -> None:
        """Take up journals, quotas and accounts as they were left."""
        await self._plan_storage.async_load()
        self.accounts.async_load()
        parcels = self.config_entry.get_subentries_of_type(SUBENTRY_PARCEL)
        journals = await asyncio.gather(
            *(
                self.storage.async_load(subentry.data[CONF_TRACKING_NUMBER])
                for subentry in parcels
            )
        )
        for subentry, journal in zip(parcels, journals, strict=True):
            self._async_take_up(subentry.subentry_id, journal)
        for parcel_id in self.journals:
            self._async_follow(parcel_id)
        async_clear_left_behind(
            self.hass,
            {*self.journals, *(a.account_id for a in self.accounts.usable())},
            self.offers.pairs,
        )
        await self.account_parcels.async_load()

    @callback
    def async_start(self) -> None:
        """Begin to ask, to announce, and to watch the entry's subentries."""
        entry = self.config_entry
        entry.async_on_unload(
            async_dispatcher_connect(
                self.hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._async_entry_changed
            )
        )
        entry.async_on_unload(self.announcer.async_start())
        # Polling goes on when every entity is disabled.
        entry.async_on_unload(self.async_add_listener(_keep_polling))
        entry.async_on_unload(
            async_track_time_change(
                self.hass, self._async_new_day, hour=0, minute=0, second=0
            )
        )
        entry.async_on_unload(self._async_forget_new)
        entry.async_on_unload(
            self.hass.bus.async_listen(
                EVENT_CORE_CONFIG_UPDATE, self._async_home_changed
            )
        )
        entry.async_on_unload(
            self.hass.bus.async_listen_once(
                EVENT_HOMEASSISTANT_STOP, self._async_home_stops
            )
        )
        for parcel_id in self.questions.never_asked():
            self._async_ask_soon(parcel_id)
        self.account_parcels.async_entry_changed()
        for parcel in entry.get_subentries_of_type(SUBENTRY_PARCEL):
            if joined_numbers(parcel):
                # A parting may not have been brought to its end.
                entry.async_create_task(
                    self.hass, async_bring_back(self, parcel.subentry_id)
                )
        self._async_wake_when_due()

    async def async_stop(self) -> None:
        """Finish what is being told, and write what is still to be written."""
        await self.announcer.async_stop()
        await self.account_parcels.async_flush()
        await self._plan_storage.async_flush()

    @callback
    def async_on_new_parcel(self, listener: NewParcelListener) -> CALLBACK_TYPE:
        """Call a listener with the id of each parcel, now and when one is added."""
        self._new_parcel_listeners.append(listener)
        for parcel_id in self.data:
            listener(parcel_id)

        @callback
        def remove() -> None:
            self._new_parcel_listeners.remove(listener)

        return remove

    @callback
    def async_on_new_account(self, listener: NewAccountListener) -> CALLBACK_TYPE:
        """Call a listener with the id of each account, now and when one is added."""
        self._new_account_listeners.append(listener)
        for account_id in self._account_ids():
            listener(account_id)

        @callback
        def remove() -> None:
            self._new_account_listeners.remove(listener)

        return remove

    @callback
    def async_update_journal(self, journal: Journal) -> None:
        """Take over a journal that changed, and derive the parcel anew."""
        parcel_id = journal.parcel_id
        self.journals[parcel_id] = journal
        story = story_of(journal, self._stories.get(parcel_id))
        self._stories[parcel_id] = story
        about = self._about[parcel_id]
        parcel = snapshot(
            journal,
            about,
            self.questions.choices(parcel_id),
            dt_util.get_default_time_zone(),
            self.hass.config.country,
            story,
        )
        known = self.data.get(parcel_id)
        if parcel != known:
            self.data = {**self.data, parcel_id: parcel}
            self._changed |= {parcel_id, None}
            if known is not None and _labels(parcel) != _labels(known):
                async_update_device(self.hass, self.config_entry, parcel)

    @callback
    def async_take_over(self, journal: Journal) -> None:
        """Take over a journal that has other legs than before, and ask about them."""
        self.async_update_journal(journal)
        self._async_follow(journal.parcel_id)
        self.async_update_listeners()
        self._async_wake_when_due()

    async def async_ask(self, parcel_ids: Iterable[str]) -> dict[str, Refused]:
        """Ask about parcels because a person wants to know.

        Returns those that nobody can be asked about now.
        """
        refused = {
            parcel_id: refusal
            for parcel_id in parcel_ids
            if (refusal := self.questions.ask_if_allowed(parcel_id)) is not None
        }
        await self.async_refresh()
        return refused

    @property
    def stopped(self) -> bool:
        """Whether another has taken over, or nobody is to."""
        return self._shutdown_requested

    async def async_settled(self) -> None:
        """Wait until all that was added is followed."""
        await asyncio.gather(*self._adding.values())

    @callback
    def async_resume(self, account_id: str) -> None:
        """Ask an account again whose credentials were just proven good."""
        self.accounts.async_resume(account_id)
        self._async_account_changed(account_id)
        self._async_wake_when_due()

    @override
    async def _async_update_data(self) -> dict[str, Parcel]:
        """Make the requests that the plan grants now."""
        now = dt_util.utcnow()
        lists = self.account_parcels.take_due(now)
        grants = self.plan.grants(now)
        asked = {*lists, *(grant.account_id for grant in grants)}
        for account_id in self.accounts.async_relieve(now, asked):
            self._async_account_changed(account_id)
        if grants or lists:
            self._plan_storage.async_save_later(len(self.questions))
            # Whoever gives up waiting for the round must not end it for all.
            requests = self.hass.async_create_background_task(
                self._async_make_requests(grants, lists), f"{DOMAIN} requests"
            )
            await asyncio.wait([requests])
            if not self._shutdown_requested:
                self._plan_storage.async_save_later(len(self.questions))
        self._async_set_interval()
        return self.data

    async def _async_make_requests(self, grants: list[Grant], lists: list[str]) -> None:
        """Ask all at once; one that goes wrong leaves the others alone."""
        results = await asyncio.gather(
            *map(self._async_make_request, grants),
            *map(self._async_list, lists),
            return_exceptions=True,
        )
        for result in results:
            if isinstance(result, Exception):
                _LOGGER.error("A request was not brought to its end", exc_info=result)

    async def _async_list(self, account_id: str) -> None:
        await self.account_parcels.async_list(account_id)
        self._async_account_changed(account_id)

    async def _async_make_request(self, grant: Grant) -> None:
        account_id = grant.account_id
        provider = self.accounts.provider_id(account_id)
        queries = {
            question.tracking_number: self.questions.query(question)
            for question in grant.questions
            if question in self.questions
        }
        try:
            answers = await self.accounts.async_fetch(account_id, [*queries.values()])
        except ProviderError as err:
            self.plan.failed(grant, err, dt_util.utcnow())
            self.accounts.async_failed(account_id, err)
            self._async_account_changed(account_id)
            return
        if self._shutdown_requested:
            # Another has taken over, and will ask again.
            return
        now = dt_util.utcnow()
        self.accounts.async_answered(account_id)
        self.plan.answered(grant, now)
        changed = self._async_merge_all(grant, provider, answers, now)
        for parcel_id in {question.parcel_id for question in grant.questions}:
            if parcel_id in self.data:
                self._async_mind_pace(parcel_id)
        self._async_account_changed(account_id)
        await self.announcer.async_tell(changed)

    def _async_merge_all(
        self, grant: Grant, provider: str, answers: list[Answer], now: datetime
    ) -> list[str]:
        """Merge answers; returns the parcels whose journal changed."""
        told = {answer.tracking_number: answer for answer in answers}
        changed = []
        for question in grant.questions:
            answer = told.get(question.tracking_number)
            if (
                answer is None
                or question not in self.questions
                or not self.questions.is_news(question, answer)
            ):
                continue
            self._log_unmapped(provider, answer)
            try:
                if self._async_merge(question.parcel_id, provider, answer, now):
                    changed.append(question.parcel_id)
            except Exception:
                # A fault of ours in one parcel must not hold up the others.
                _LOGGER.exception("An answer of %s could not be taken up", provider)
                self.questions.forget_answer(question)
        return changed

    def _async_merge(
        self, parcel_id: str, provider: str, answer: Answer, now: datetime
    ) -> bool:
        """Merge an answer into a parcel's journal; True if that changed it."""
        before = self.journals[parcel_id]
        merged = merge(before, provider, answer, now)
        if merged is before:
            return False
        known = self._stories[parcel_id]
        story = story_of(merged, known)
        noted = note(
            before,
            merged,
            now=now,
            zone=dt_util.get_default_time_zone(),
            quiet=self.tempo.span(QUIET_HOURS),
            stories=(known, story),
        )
        self._stories[parcel_id] = story
        self.async_update_journal(noted)
        self._async_follow(parcel_id)
        return True

    @callback
    def _async_mind_pace(self, parcel_id: str) -> None:
        """Ask less about a parcel that fell silent, and others of one unknown."""
        parcel = self.data[parcel_id]
        if parcel.stage is Stage.PENDING:
            self._async_follow(parcel_id)
        else:
            self.questions.set_pace(parcel)

    def _log_unmapped(self, provider: str, answer: Answer) -> None:
        for event in answer.events:
            code = (provider, event.code or "")
            if event.stage is None and event.code and code not in self._unmapped:
                self._unmapped.add(code)
                _LOGGER.info("%s has a code that Waybill does not know: %s", *code)

    @callback
    def _async_take_up(self, parcel_id: str, journal: Journal | None) -> None:
        """Begin to follow a parcel, with its journal where it has one."""
        subentry = self.config_entry.subentries[parcel_id]
        self._about[parcel_id] = about_parcel(subentry)
        number = subentry.data[CONF_TRACKING_NUMBER]
        if journal is None:
            journal = open_journal(parcel_id, number, added_at(subentry))
        elif journal.parcel_id != parcel_id:
            journal = replace(journal, parcel_id=parcel_id)
        self.offers.async_numbers_changed()
        self.async_update_journal(journal)

    @callback
    def _async_follow(self, parcel_id: str) -> None:
        """Bring the questions in step with a parcel's legs, stage and accounts."""
        journal = self.journals[parcel_id]
        if self.questions.follow(journal, self._about[parcel_id]):
            self.async_update_journal(journal)
        self.questions.set_pace(self.data[parcel_id])
        parcel = self.data[parcel_id]
        async_judge_parcel(
            self.hass,
            parcel,
            self.accounts.usable(),
            long_unknown=self.questions.is_long_unknown(journal),
        )
        self.offers.async_judge(parcel_id)

    @callback
    def _async_entry_changed(
        self, change: ConfigEntryChange, entry: ConfigEntry
    ) -> None:
        """Follow what was added, changed or removed, without a reload."""
        if entry is not self.config_entry or change is not ConfigEntryChange.UPDATED:
            return
        parcels = {
            subentry.subentry_id: subentry
            for subentry in entry.get_subentries_of_type(SUBENTRY_PARCEL)
        }
        for parcel_id in self.journals.keys() - parcels.keys():
            self._async_drop(parcel_id)
        known_accounts = self._account_ids()
        if self.accounts.async_reload():
            for account_id in self._account_ids():
                async_update_account_device(self.hass, self.config_entry, account_id)
                if account_id not in known_accounts:
                    for listener in self._new_account_listeners:
                        listener(account_id)
            for account in self.accounts.usable():
                self._async_account_changed(account.account_id)
            for parcel_id in self.journals:
                self._async_follow(parcel_id)
        for parcel_id, subentry in parcels.items():
            number = subentry.data[CONF_TRACKING_NUMBER]
            journal = self.journals.get(parcel_id)
            if journal is None or journal.tracking_number != number:
                if (parcel_id, number) not in self._adding:
                    self._adding[parcel_id, number] = (
                        self.config_entry.async_create_task(
                            self.hass,
                            self._async_add(parcel_id, number),
                            eager_start=False,
                        )
                    )
            elif about_parcel(subentry) != self._about[parcel_id]:
                self._about[parcel_id] = about_parcel(subentry)
                self.async_update_journal(journal)
                self._async_follow(parcel_id)
        self.account_parcels.async_entry_changed()
        self.async_update_listeners()
        self._async_wake_when_due()

    async def _async_add(self, parcel_id: str, number: str) -> None:
        """Follow a number that was just added or corrected; ask about it at once."""
        try:
            journal = await self.announcer.async_recall(number)
        finally:
            self._adding.pop((parcel_id, number), None)
        subentry = self.config_entry.subentries.get(parcel_id)
        if subentry is None or subentry.data[CONF_TRACKING_NUMBER] != number:
            return
        corrected = self.journals.get(parcel_id)
        self._async_take_up(parcel_id, journal)
        self._async_follow(parcel_id)
        self.offers.async_judge_all()
        for listener in self._new_parcel_listeners if corrected is None else ():
            listener(parcel_id)
        self.async_update_listeners()
        self._async_ask_soon(parcel_id)
        if corrected is not None:
            await self.announcer.async_leave(corrected, ())
        await self.announcer.async_tell([parcel_id])

    @callback
    def _async_drop(self, parcel_id: str) -> None:
        """Follow a parcel no more; its journal stays on disk."""
        self.questions.drop(parcel_id)
        journal, about = self.journals.pop(parcel_id), self._about.pop(parcel_id)
        del self._stories[parcel_id]
        # Its last answer may not have been written yet.
        self.config_entry.async_create_task(
            self.hass,
            self.announcer.async_leave(journal, [number for number, _ in about.joined]),
        )
        self.data = {k: v for k, v in self.data.items() if k != parcel_id}
        self._changed |= {parcel_id, None}
        async_clear_parcel_issues(self.hass, parcel_id)
        self.offers.async_drop(parcel_id)

    @callback
    def _async_ask_soon(self, parcel_id: str) -> None:
        """Ask about a new parcel, together with those added just now."""
        self.questions.ask_now(parcel_id)
        if self._unsubscribe_new is None:
            self._unsubscribe_new = async_call_later(
                self.hass, self.tempo.span(GATHER_NEW_FOR), self._async_ask_about_new
            )

    async def _async_ask_about_new(self, _now: datetime) -> None:
        self._unsubscribe_new = None
        await self.async_refresh()

    @callback
    def _async_forget_new(self) -> None:
        if self._unsubscribe_new is not None:
            self._unsubscribe_new()
            self._unsubscribe_new = None

    def _account_ids(self) -> set[str]:
        """Return the accounts that the person has, the keyless ones left out."""
        return {
            account.account_id
            for account in self.accounts.usable()
            if account.account_id in self.config_entry.subentries
        }

    @callback
    def _async_account_changed(self, account_id: str) -> None:
        """Show an account's troubles and what is left of its quota."""
        shown = (
            self.accounts.trouble(account_id),
            self.accounts.requests_left(account_id),
        )
        if self._shown_of_account.get(account_id) != shown:
            self._shown_of_account[account_id] = shown
            self._changed.add(account_id)
        self.async_update_listeners()

    @callback
    def _async_new_day(self, _now: datetime) -> None:
        """Count another day for the parcels that are on their way."""
        self._changed.update(self.data, [None])
        self.async_update_listeners()

    @callback
    def _async_home_changed(self, _event: Event) -> None:
        """Tell estimates in the home's time zone, which may be another now."""
        for journal in list(self.journals.values()):
            self.async_update_journal(journal)
        self.async_update_listeners()

    async def _async_home_stops(self, _event: Event) -> None:
        await self._plan_storage.async_flush()

    @callback
    def _async_wake_when_due(self) -> None:
        self._async_set_interval()
        self._schedule_refresh()

    @callback
    def _async_set_interval(self) -> None:
        """Wake up when the next question is due; never, where none is."""
        now = dt_util.utcnow()
        wakes = (
            self.plan.next_wake(now),
            self.account_parcels.next_wake(now),
            self.accounts.next_relief(),
        )
        wake = min((wake for wake in wakes if wake is not None), default=None)
        self.update_interval = (
            max(wake - now, timedelta()) + _MARGIN if wake is not None else None
        )
        if wake is None:
            self._async_unsub_refresh()


@callback
def _keep_polling() -> None:
    """Listen to nothing: a coordinator polls while somebody listens."""


def _labels(parcel: Parcel) -> tuple[str | None, ...]:
    """Return what a parcel's device shows of it."""
    return (
        parcel.name,
        parcel.carrier_name,
        parcel.tracking_number,
        parcel.tracking_url,
    )
