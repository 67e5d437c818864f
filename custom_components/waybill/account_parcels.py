"""Follow what accounts follow: parcels that a person added at a provider.

A parcel that an account brought bears the account's id. It is let go when the
account lists it no more; its journal stays.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
import logging
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.util import dt as dt_util

from .accounts import Asked
from .archive import async_find_archived
from .const import (
    CONF_CARRIER,
    CONF_JOINED,
    CONF_LISTED_BY,
    CONF_TRACKING_NUMBER,
    SUBENTRY_ACCOUNT,
    SUBENTRY_PARCEL,
)
from .new_parcel import async_add_parcel, find_parcel
from .storage import ListingStorage
from .tracking import numbers
from .tracking.listing import LIST_EVERY, Listing
from .tracking.model import FINAL_STAGES
from .tracking.providers import PROVIDERS
from .tracking.providers.base import Listed, ProviderError
from .tracking.providers.fields import text
from .tracking.question import Grant
from .unexpected import whereabouts

if TYPE_CHECKING:
    from .coordinator import WaybillCoordinator

_LOGGER = logging.getLogger(__name__)

MOST_OF_AN_ACCOUNT: Final = 200
"""How many parcels one account may bring at a time."""
_NAME_LIMIT: Final = 100
_LEAST_WAIT: Final = timedelta(seconds=5)
"""However short the days are: an account also has parcels to tell of."""
_TRY_AGAIN_AFTER: Final = timedelta(minutes=30)
"""A list that failed is tried once more, then at its usual times.

Each failure silences the account for longer, and it has parcels to tell of.
"""


class AccountParcels:
    """The parcels of the accounts whose option ``follow_account`` is on."""

    def __init__(self, hass: HomeAssistant, coordinator: WaybillCoordinator) -> None:
        """Know no list before ``async_load``."""
        self._hass = hass
        self._coordinator = coordinator
        self._entry = coordinator.config_entry
        self._storage = ListingStorage(coordinator.disk)
        self._listings: dict[str, Listing] = {}
        self._failures: dict[str, tuple[datetime, ...]] = {}
        self._asking: set[str] = set()
        self._full: set[str] = set()
        self._followed: dict[str, str] = {}

    async def async_load(self) -> None:
        """Take up what was listed before."""
        self._listings = await self._storage.async_load()
        self._followed = self._numbers()

    async def async_flush(self) -> None:
        """Write now what was to be written later."""
        await self._storage.async_flush()

    def next_wake(self, now: datetime) -> datetime | None:
        """Return the next moment at which ``take_due`` will take something."""
        wakes = []
        for account_id in self._following() - self._asking:
            opens = self._coordinator.plan.opens_at(
                account_id, now, routine=self._is_routine(account_id)
            )
            if opens is not None:
                wakes.append(max(opens, self._due(account_id, now)))
        return min(wakes, default=None)

    def take_due(self, now: datetime) -> list[str]:
        """Return the accounts to be asked for their list now, counted as asked."""
        due = [
            account_id
            for account_id in self._following() - self._asking
            if self._due(account_id, now) <= now
            and self._coordinator.plan.take(
                account_id, now, routine=self._is_routine(account_id)
            )
        ]
        self._asking.update(due)
        return due

    async def async_list(self, account_id: str) -> None:
        """Ask an account that was taken for its list, and follow what is in it."""
        accounts, plan = self._coordinator.accounts, self._coordinator.plan
        grant = Grant(account_id=account_id, questions=())
        try:
            listed = await accounts.async_listed(account_id)
        except ProviderError as err:
            now = dt_util.utcnow()
            self._failures[account_id] = (now, *self._failures.get(account_id, ())[:1])
            plan.failed(grant, err, now)
            accounts.async_failed(account_id, err, Asked.LIST)
            return
        finally:
            self._asking.discard(account_id)
        if not self._may_go_on(account_id):
            return
        now = dt_util.utcnow()
        self._failures.pop(account_id, None)
        plan.answered(grant, now)
        accounts.async_answered(account_id, Asked.LIST)
        parcels = _by_number(listed)
        listing, gone = self.listing(account_id).told(
            parcels.keys(), now, self._coordinator.tempo
        )
        self._listings[account_id] = listing
        self._async_let_go(account_id, gone)
        await self._async_bring(account_id, parcels)
        if not self._coordinator.stopped:
            self._async_remember()

    @callback
    def async_entry_changed(self) -> None:
        """See what the person did to parcels and accounts."""
        before, self._followed = self._followed, self._numbers()
        removed = set(before.values()) - set(self._followed.values())
        accounts = {
            subentry.subentry_id
            for subentry in self._entry.get_subentries_of_type(SUBENTRY_ACCOUNT)
        }
        following = self._following()
        listings = {
            account_id: listing.knowing(removed)
            for account_id, listing in self._listings.items()
            if account_id in accounts
        }
        for account_id in listings.keys() - following:
            # Turned on again, it is asked at once.
            listings[account_id] = replace(listings[account_id], listed_at=None)
        if listings != self._listings:
            self._listings = listings
            self._async_remember()
        for parcel_id, number in self._numbers().items():
            brought_by = self._entry.subentries[parcel_id].data.get(CONF_LISTED_BY)
            corrected = before.get(parcel_id, number) != number
            if brought_by is not None and (corrected or brought_by not in following):
                self._async_mark(parcel_id, None)

    def listing(self, account_id: str) -> Listing:
        """Return what is remembered of an account's list."""
        return self._listings.get(account_id, Listing())

    def brought(self, account_id: str) -> list[str]:
        """Return the parcels that an account brought."""
        return [
            subentry.subentry_id
            for subentry in self._entry.get_subentries_of_type(SUBENTRY_PARCEL)
            if subentry.data.get(CONF_LISTED_BY) == account_id
        ]

    def _following(self) -> set[str]:
        return {
            account.account_id
            for account in self._coordinator.accounts.usable()
            if account.follow_account
        }

    def _is_routine(self, account_id: str) -> bool:
        """Say whether no person waits for the list, having just asked for it."""
        listed_at = self.listing(account_id).listed_at
        return listed_at is not None or account_id in self._failures

    def _due(self, account_id: str, now: datetime) -> datetime:
        tempo = self._coordinator.tempo
        listing = self.listing(account_id)
        due = listing.due(now, tempo)
        if listing.listed_at is not None:
            due = max(due, min(listing.listed_at, now) + _LEAST_WAIT)
        failures = self._failures.get(account_id, ())
        if failures:
            wait = _TRY_AGAIN_AFTER if len(failures) == 1 else LIST_EVERY
            due = max(due, min(failures[0], now) + tempo.span(wait))
        return due

    def _may_go_on(self, account_id: str) -> bool:
        """Say whether the account is still followed, and by us."""
        return not self._coordinator.stopped and account_id in self._following()

    async def _async_bring(
        self, account_id: str, parcels: Mapping[str, Listed]
    ) -> None:
        """Follow what is new in a list, as far as there is room."""
        for number, parcel in parcels.items():
            if number in self.listing(account_id).known:
                continue
            if len(self.brought(account_id)) >= MOST_OF_AN_ACCOUNT:
                self._say_full(account_id)
                return
            if find_parcel(self._entry, number) is None:
                if not await self._async_add(account_id, number, parcel):
                    continue
                if not self._may_go_on(account_id):
                    return
            self._listings[account_id] = self.listing(account_id).knowing([number])

    async def _async_add(self, account_id: str, number: str, parcel: Listed) -> bool:
        """Follow a number; False where that is to be tried again with the next list.

        That a list has it is no news of one that was archived.
        """
        name = text(parcel.name, _NAME_LIMIT)
        fields = {CONF_CARRIER: parcel.carrier, CONF_LISTED_BY: account_id}
        try:
            if not await async_find_archived(self._coordinator, tracking_number=number):
                await async_add_parcel(self._hass, self._entry, number, name, fields)
        except AbortFlow:
            _LOGGER.debug("A parcel that an account lists was just added otherwise")
        except Exception as err:  # noqa: BLE001
            # What goes wrong with one parcel must not hold up the others.
            _LOGGER.error(
                "A parcel that an account lists could not be added: %s",
                whereabouts(err),
            )
            return False
        return True

    @callback
    def _async_let_go(self, account_id: str, gone: Collection[str]) -> None:
        """Stop following what an account brought and lists no more.

        What has arrived is left to the person.
        """
        followed = self._numbers()
        for parcel_id in self.brought(account_id):
            number = followed[parcel_id]
            parcel = self._coordinator.data.get(parcel_id)
            if number not in gone or parcel is None or parcel.stage in FINAL_STAGES:
                continue
            heir = self._also_listed_by(number)
            if heir is not None:
                self._async_mark(parcel_id, heir)
                continue
            if CONF_JOINED in self._entry.subentries[parcel_id].data:
                # The person made one parcel of it and another: it is theirs.
                self._async_mark(parcel_id, None)
                continue
            # The person did not remove it: it may come back.
            self._followed.pop(parcel_id)
            self._hass.config_entries.async_remove_subentry(self._entry, parcel_id)

    def _also_listed_by(self, number: str) -> str | None:
        """Return another account that lists a number."""
        for account_id in self._following():
            known = self.listing(account_id).known
            if number in known and known[number] is None:
                return account_id
        return None

    @callback
    def _async_mark(self, parcel_id: str, account_id: str | None) -> None:
        """Let a parcel be an account's, or (None) the person's own."""
        subentry = self._entry.subentries[parcel_id]
        data = {k: v for k, v in subentry.data.items() if k != CONF_LISTED_BY}
        if account_id is not None:
            data[CONF_LISTED_BY] = account_id
        self._hass.config_entries.async_update_subentry(
            self._entry, subentry, data=data
        )

    @callback
    def _async_remember(self) -> None:
        self._storage.async_save_later(self._listings)

    def _say_full(self, account_id: str) -> None:
        if account_id not in self._full:
            self._full.add(account_id)
            _LOGGER.warning(
                "%s lists more parcels than the %s that Waybill takes from it",
                PROVIDERS[self._coordinator.accounts.provider_id(account_id)].name,
                MOST_OF_AN_ACCOUNT,
            )

    def _numbers(self) -> dict[str, str]:
        """Return the numbers that are followed, by parcel."""
        return {
            subentry.subentry_id: subentry.data[CONF_TRACKING_NUMBER]
            for subentry in self._entry.get_subentries_of_type(SUBENTRY_PARCEL)
        }


def _by_number(listed: Iterable[Listed]) -> dict[str, Listed]:
    """Return what is listed by its normalised number, without what can be none."""
    return {
        numbers.normalise(parcel.tracking_number): parcel
        for parcel in listed
        if numbers.plausible(parcel.tracking_number)
    }
