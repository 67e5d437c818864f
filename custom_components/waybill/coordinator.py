"""The one poll loop: holds what is known of each parcel, and starts each round."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
import logging
from typing import Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from .account_parcels import AccountParcels
from .accounts import Accounts
from .action_errors import action_error
from .alert_clock import AlertClock
from .alert_issues import async_clear_alert_issues, async_judge_alerts
from .announcer import Announcer
from .archive import async_take_out
from .archive_storage import ArchiveStorage
from .auto_archive import AutoArchive
from .const import (
    CONF_STALLED_AFTER_DAYS,
    CONF_TRACKING_NUMBER,
    DEFAULT_STALLED_AFTER_DAYS,
    DOMAIN,
    SUBENTRY_PARCEL,
)
from .days import Days
from .devices import async_update_device
from .disk import Disk
from .entry_changes import EntryChanges
from .evidence_files import EvidenceFiles
from .file_issues import async_clear_disk_issues, async_clear_file_issues
from .intake import Intake
from .issues import (
    async_clear_left_behind,
    async_clear_parcel_issues,
    async_judge_parcel,
)
from .joined_parcels import JoinOffers, async_bring_back, joined_numbers
from .languages import async_words
from .newer_journals import async_take_up_newer
from .pushed_news import PushedNews
from .questions import Questions, Refused
from .rounds import Rounds
from .simulator import simulator_from_environment
from .storage import JournalStorage, PlanStorage
from .subentries import about_parcel, added_at
from .subjects import SubjectCoordinator
from .tracking.assessment import Rules, untold
from .tracking.chain import seal
from .tracking.journal import Journal, open_journal
from .tracking.journey import Story, story_of
from .tracking.ledger import Refusal
from .tracking.milestones import QUIET_HOURS, note, note_alerts
from .tracking.parcel import About, Parcel, snapshot
from .tracking.polling import Plan
from .tracking.tempo import Tempo
from .transit_times import TransitTimes
from .turns import in_turns
from .webhooks import Webhooks

_LOGGER = logging.getLogger(__name__)

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
        self.disk = Disk(hass)
        self.storage = JournalStorage(self.disk)
        self.archive = ArchiveStorage(self.disk)
        self.days = Days(hass, self)
        self.archiver = AutoArchive(hass, self)
        self.announcer = Announcer(hass, self, self.storage)
        self.account_parcels = AccountParcels(hass, self)
        self.offers = JoinOffers(hass, self)
        self.evidence_files = EvidenceFiles(self.disk)
        self.transit_times = TransitTimes(self.disk)
        self.intake = Intake(self)
        self.pushed_news = PushedNews(self)
        self.webhooks = Webhooks(hass, self)
        self.journals: dict[str, Journal] = {}
        self.stories: dict[str, Story] = {}
        self.about: dict[str, About] = {}
        self.alert_clock = AlertClock(hass, self._async_judge)
        self.data = {}
        self.hub_device_id = ""
        self._plan_storage = PlanStorage(self.disk, self.plan, self.tempo)
        self._shown_of_account: dict[str, tuple[Refusal | None, int | None]] = {}
        self._new_parcel_listeners: list[NewParcelListener] = []
        self._new_account_listeners: list[NewAccountListener] = []
        self._rounds = Rounds(self)
        self._entry_changes = EntryChanges(hass, self)

    async def async_load(self) -> None:
        """Take up journals, quotas and accounts as they were left."""
        async_clear_disk_issues(self.hass)
        await self._plan_storage.async_load()
        # Repairs are put in words at once, wherever they come from.
        await async_words(self.hass, self.hass.config.language)
        await self.transit_times.async_load()
        self.accounts.async_load()
        await async_take_up_newer(self)
        parcels = self.config_entry.get_subentries_of_type(SUBENTRY_PARCEL)
        journals = await asyncio.gather(
            *(
                self.storage.async_load(subentry.data[CONF_TRACKING_NUMBER])
                for subentry in parcels
            )
        )
        async for subentry, known in in_turns(zip(parcels, journals, strict=True)):
            journal = await async_take_out(self, subentry, known)
            if subentry.subentry_id in self.config_entry.subentries:
                self.async_take_up(subentry.subentry_id, journal)
        async for parcel_id in in_turns(self.journals):
            self.async_follow(parcel_id)
        async_clear_left_behind(
            self.hass,
            {*self.journals, *(a.account_id for a in self.accounts.usable())},
            self.offers.pairs,
        )
        await self.account_parcels.async_load()
        # Nobody listens yet, and whoever will begins with what is known now.
        self._changed.clear()

    @callback
    def async_start(self) -> None:
        """Begin to ask, to announce, and to watch the entry's subentries."""
        entry = self.config_entry
        entry.async_on_unload(self.announcer.async_start())
        # Polling goes on when every entity is disabled.
        entry.async_on_unload(self.async_add_listener(_keep_polling))
        entry.async_on_unload(self.days.async_start())
        entry.async_on_unload(
            self.hass.bus.async_listen_once(
                EVENT_HOMEASSISTANT_STOP, self._async_home_stops
            )
        )
        entry.async_on_unload(self.alert_clock.async_stop)
        entry.async_on_unload(self.archiver.async_start())
        entry.async_on_unload(self.webhooks.async_stop)
        self.webhooks.async_follow_accounts()
        self._entry_changes.async_start()
        self.account_parcels.async_entry_changed()
        for parcel in entry.get_subentries_of_type(SUBENTRY_PARCEL):
            if joined_numbers(parcel):
                # A parting may not have been brought to its end.
                entry.async_create_task(
                    self.hass, async_bring_back(self, parcel.subentry_id)
                )
        self.async_wake_when_due()

    async def async_stop(self) -> None:
        """Finish what is being told, and write what is still to be written."""
        await self._rounds.async_stop()
        await self.announcer.async_stop()
        await self.account_parcels.async_flush()
        await self.transit_times.async_flush()
        await self._plan_storage.async_flush()
        await self.disk.async_stop()

    @callback
    def async_on_new_parcel(self, listener: NewParcelListener) -> CALLBACK_TYPE:
        """Call a listener with the id of each parcel that is presented."""
        self._new_parcel_listeners.append(listener)

        @callback
        def remove() -> None:
            self._new_parcel_listeners.remove(listener)

        return remove

    @callback
    def async_on_new_account(self, listener: NewAccountListener) -> CALLBACK_TYPE:
        """Call a listener with the id of each account, now and when one is added."""
        self._new_account_listeners.append(listener)
        for account_id in self.account_ids():
            listener(account_id)

        @callback
        def remove() -> None:
            self._new_account_listeners.remove(listener)

        return remove

    async def async_present_all(self) -> None:
        """Tell the listeners of all parcels that were there before."""
        async for parcel_id in in_turns(self.data):
            if parcel_id in self.config_entry.subentries:
                self.async_present_parcel(parcel_id)

    @callback
    def async_present_parcel(self, parcel_id: str) -> None:
        """Tell the listeners of a parcel that is new to them."""
        for listener in self._new_parcel_listeners:
            listener(parcel_id)

    @callback
    def async_present_account(self, account_id: str) -> None:
        """Tell the listeners of an account that was added."""
        for listener in self._new_account_listeners:
            listener(account_id)

    @property
    def rules(self) -> Rules:
        """How patient the home is."""
        return Rules(
            stalled_after_days=self.config_entry.options.get(
                CONF_STALLED_AFTER_DAYS, DEFAULT_STALLED_AFTER_DAYS
            ),
            tempo=self.tempo,
        )

    @callback
    def async_update_journal(self, journal: Journal) -> None:
        """Take over a journal that changed, and derive the parcel anew."""
        parcel_id, now = journal.parcel_id, dt_util.utcnow()
        journal = self._sealed(journal, now)
        story = story_of(journal, self.stories.get(parcel_id))
        parcel = snapshot(
            journal,
            self.about[parcel_id],
            self.questions.choices(parcel_id),
            dt_util.get_default_time_zone(),
            self.hass.config.country,
            story,
            now=now,
            rules=self.rules,
        )
        judged = note_alerts(
            journal,
            parcel,
            now=now,
            story=story,
            quiet=self.tempo.span(QUIET_HOURS),
        )
        judged_anew = judged is not journal
        if judged_anew:
            journal = seal(journal, judged, now)
            story = story_of(journal, story)
            parcel = replace(parcel, milestones=journal.milestones)
        if judged_anew or untold(parcel.alerts, journal.alerted)[1] != journal.alerted:
            self._async_tell_soon(parcel_id)
        self.journals[parcel_id] = journal
        self.stories[parcel_id] = story
        self.alert_clock.async_set(parcel_id, parcel.flips_at)
        self._changed |= self.transit_times.note(parcel)
        known = self.data.get(parcel_id)
        if parcel != known:
            self.data = {**self.data, parcel_id: parcel}
            self._changed |= {parcel_id, None}
            async_judge_alerts(self.hass, parcel, journal)
            if known is not None and _labels(parcel) != _labels(known):
                async_update_device(self.hass, self.config_entry, parcel)
        self.archiver.async_parcel_changed(parcel_id)

    @callback
    def async_take_news(self, before: Journal, after: Journal) -> None:
        """Take over what came to a journal, and note what is to be told of it."""
        parcel_id = before.parcel_id
        known = self.stories[parcel_id]
        story = story_of(after, known)
        noted = note(
            before,
            after,
            now=dt_util.utcnow(),
            zone=dt_util.get_default_time_zone(),
            quiet=self.tempo.span(QUIET_HOURS),
            stories=(known, story),
        )
        self.stories[parcel_id] = story
        self.async_update_journal(noted)
        self.async_follow(parcel_id)

    async def async_change_journal(
        self, parcel_id: str, change: Callable[[Journal], Journal]
    ) -> None:
        """Let a person write into a journal; saved and told when this returns.

        Raises ServiceValidationError where another follows the parcels by now: what
        was written here would be lost.
        """
        if self.stopped:
            raise action_error("restarting")
        before = self.journals[parcel_id]
        self.async_take_news(before, change(before))
        self.async_update_listeners()
        self.async_wake_when_due()
        await self.announcer.async_tell([parcel_id])

    async def async_judge_all(self) -> None:
        """Judge all parcels anew, by rules or a clock that are other ones now."""
        async for parcel_id in in_turns(self.journals):
            if parcel_id in self.journals and not self.stopped:
                self.async_update_journal(self.journals[parcel_id])
        self.async_update_listeners()

    @callback
    def async_take_over(self, journal: Journal) -> None:
        """Take over a journal that has other legs than before, and ask about them."""
        self.async_update_journal(journal)
        self.async_follow(journal.parcel_id)
        self.async_update_listeners()
        self.async_wake_when_due()

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
        await self._entry_changes.async_settled()

    @callback
    def async_resume(self, account_id: str) -> None:
        """Ask an account again whose credentials were just proven good."""
        self.accounts.async_resume(account_id)
        self.async_account_changed(account_id)
        self.async_wake_when_due()

    def account_ids(self) -> set[str]:
        """Return the accounts that the person has, the keyless ones left out."""
        return {
            account.account_id
            for account in self.accounts.usable()
            if account.account_id in self.config_entry.subentries
        }

    @callback
    def async_take_up(self, parcel_id: str, journal: Journal | None) -> None:
        """Begin to follow a parcel, with its journal where it has one."""
        subentry = self.config_entry.subentries[parcel_id]
        self.about[parcel_id] = about_parcel(subentry)
        number = subentry.data[CONF_TRACKING_NUMBER]
        lost_at = self.storage.lost_at(number)
        if journal is None:
            journal = replace(
                open_journal(parcel_id, number, added_at(subentry)),
                silent_until=lost_at,
            )
        elif journal.parcel_id != parcel_id:
            journal = replace(journal, parcel_id=parcel_id)
        self.offers.async_numbers_changed()
        self.async_update_journal(journal)
        if not journal.chain or lost_at is not None:
            # What is proven later is what was sealed first.
            self._async_tell_soon(parcel_id)

    @callback
    def async_follow(self, parcel_id: str) -> None:
        """Bring the questions in step with a parcel's legs, stage and accounts."""
        journal = self.journals[parcel_id]
        if self.questions.follow(journal, self.about[parcel_id]):
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
    def async_mind_paces(self, account_id: str) -> None:
        """Reckon anew how often an account is asked about each parcel."""
        asked = {q.parcel_id for q in self.questions.to_account(account_id)}
        for parcel_id in asked & self.data.keys():
            self.questions.set_pace(self.data[parcel_id])

    @callback
    def async_remember_plan(self) -> None:
        """Write soon what the plan remembers."""
        self._plan_storage.async_save_later(len(self.questions))

    @callback
    def async_drop(self, parcel_id: str) -> None:
        """Follow a parcel no more; its journal stays on disk."""
        self.questions.drop(parcel_id)
        journal, about = self.journals.pop(parcel_id), self.about.pop(parcel_id)
        del self.stories[parcel_id]
        self.alert_clock.async_set(parcel_id, None)
        self.transit_times.leave(parcel_id)
        # Its last answer may not have been written yet.
        self.config_entry.async_create_task(
            self.hass,
            self.announcer.async_leave(journal, [number for number, _ in about.joined]),
        )
        self.data = {k: v for k, v in self.data.items() if k != parcel_id}
        self._changed |= {parcel_id, None}
        self.archiver.async_parcel_changed(parcel_id)
        async_clear_parcel_issues(self.hass, parcel_id)
        async_clear_alert_issues(self.hass, parcel_id)
        async_clear_file_issues(self.hass, parcel_id)
        self.offers.async_drop(parcel_id)

    @callback
    def async_account_changed(self, account_id: str) -> None:
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
    def async_wake_when_due(self) -> None:
        """Set the timer anew, as something may be due earlier now."""
        self._async_set_interval()
        self._schedule_refresh()

    @override
    async def _async_update_data(self) -> dict[str, Parcel]:
        """Make the requests that the plan grants now."""
        self.days.async_mind_clock()
        now = dt_util.utcnow()
        lists = self.account_parcels.take_due(now)
        grants = self.plan.grants(now)
        asked = {*lists, *(grant.account_id for grant in grants)}
        for account_id in self.accounts.async_relieve(now, asked):
            self.async_account_changed(account_id)
        if grants or lists:
            self.async_remember_plan()
            # Whoever gives up waiting for the round must not end it for all.
            requests = self.hass.async_create_background_task(
                self._rounds.async_make(grants, lists), f"{DOMAIN} requests"
            )
            await asyncio.wait([requests])
            if not self._shutdown_requested:
                self.async_remember_plan()
        self._async_set_interval()
        return self.data

    @callback
    def _async_judge(self, parcel_ids: list[str]) -> None:
        """Derive parcels anew whose alerts may have changed, though no news came."""
        for parcel_id in parcel_ids:
            self.async_update_journal(self.journals[parcel_id])
        self.async_update_listeners()

    @callback
    def _async_tell_soon(self, parcel_id: str) -> None:
        """Save and announce what was noted of a parcel at no answer of a carrier."""
        self.config_entry.async_create_task(
            self.hass, self.announcer.async_tell([parcel_id]), eager_start=False
        )

    def _sealed(self, journal: Journal, now: datetime) -> Journal:
        """Seal what came to a journal, unless whoever changed it did."""
        known = self.journals.get(journal.parcel_id)
        if known is not None and known.tracking_number == journal.tracking_number:
            same = journal.chain is known.chain
            return seal(known, journal, now) if same else journal
        return journal if journal.chain else seal(None, journal, now)

    async def _async_home_stops(self, _event: Event) -> None:
        await self.announcer.async_flush()
        await self._plan_storage.async_flush()
        await self.disk.async_stop()

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
