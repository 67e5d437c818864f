"""Two followed numbers that are one parcel: offered, joined, and parted again.

A joined parcel's subentry is kept in that of the parcel it was joined to, and
its journal stays on disk, so that it can be followed by itself again.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_now

from .const import (
    CONF_EXPECTED_BY,
    CONF_JOINED,
    CONF_NOTES,
    CONF_ORDER_NUMBER,
    CONF_ORDER_URL,
    CONF_ORDERED_ON,
    CONF_PHONE_LAST4,
    CONF_POSTAL_CODE,
    CONF_PROTECTION_UNTIL,
    CONF_SELLER,
    CONF_STALLED_AFTER_DAYS,
    CONF_TRACKING_NUMBER,
    SUBENTRY_PARCEL,
)
from .issues import async_clear_join_issue, async_create_join_issue
from .tracking.joining import join, separate
from .tracking.journal import Journal, open_journal

if TYPE_CHECKING:
    from .coordinator import WaybillCoordinator

_FILLED_IN: Final = (
    CONF_SELLER,
    CONF_ORDER_URL,
    CONF_ORDER_NUMBER,
    CONF_ORDERED_ON,
    CONF_EXPECTED_BY,
    CONF_PROTECTION_UNTIL,
    CONF_POSTAL_CODE,
    CONF_PHONE_LAST4,
    CONF_STALLED_AFTER_DAYS,
    CONF_NOTES,
)
"""What a parcel takes from the one that is joined to it, where it has nothing."""

_ID: Final = "parcel_id"
_TITLE: Final = "title"
_DATA: Final = "data"
_FILLED: Final = "filled"

type _Joined = Mapping[str, Any]
"""A joined parcel as it was, and which fields it gave to the other."""


class JoinOffers:
    """The parcels that seem to be one, each pair offered to be joined."""

    def __init__(self, hass: HomeAssistant, coordinator: WaybillCoordinator) -> None:
        """Offer nothing yet."""
        self._hass = hass
        self._coordinator = coordinator
        self._offered: set[tuple[str, str]] = set()
        self._owners: dict[str, str] | None = None

    @property
    def pairs(self) -> Collection[tuple[str, str]]:
        """The pairs that are offered now."""
        return self._offered

    @callback
    def async_judge(self, parcel_id: str) -> None:
        """Offer to join what was found to belong to a parcel, or take it back."""
        also = {first for first, other in self._offered if other == parcel_id}
        for first in {parcel_id, *also}:
            self._async_judge(first)

    @callback
    def async_judge_all(self) -> None:
        """See whether a number that is new belongs to a parcel that is not."""
        for parcel_id in self._coordinator.journals:
            self._async_judge(parcel_id)

    @callback
    def async_numbers_changed(self) -> None:
        """Look anew at who has which number."""
        self._owners = None

    @callback
    def async_drop(self, parcel_id: str) -> None:
        """Offer nothing more about a parcel."""
        self._owners = None
        for pair in [pair for pair in self._offered if parcel_id in pair]:
            self._async_take_back(pair)

    @callback
    def _async_judge(self, first: str) -> None:
        journals = self._coordinator.journals
        found = journals[first].legs[1:]
        current = set()
        if found:
            if self._owners is None:
                self._owners = {
                    j.tracking_number: j.parcel_id for j in journals.values()
                }
            owners = (self._owners.get(leg.tracking_number, first) for leg in found)
            current = {(first, owner) for owner in owners if owner != first}
        for pair in [p for p in self._offered if p[0] == first and p not in current]:
            self._async_take_back(pair)
        for pair in current:
            self._offered.add(pair)
            one, other = (self._coordinator.data[parcel_id] for parcel_id in pair)
            async_create_join_issue(self._hass, one, other)

    @callback
    def _async_take_back(self, pair: tuple[str, str]) -> None:
        self._offered.discard(pair)
        async_clear_join_issue(self._hass, *pair)


async def async_join(
    coordinator: WaybillCoordinator, parcel_id: str, other_id: str
) -> bool:
    """Make one parcel of two; False where one of them is followed no more.

    The first is kept, with its id. The joined journal is saved before anything
    changes.
    """
    await coordinator.announcer.async_tell([parcel_id, other_id])
    while True:
        one = coordinator.journals.get(parcel_id)
        other = coordinator.journals.get(other_id)
        if one is None or other is None:
            return False
        joined = join(one, other, dt_util.utcnow())
        await coordinator.storage.async_save(joined)
        journals = coordinator.journals
        if journals.get(parcel_id) is one and journals.get(other_id) is other:
            break
    hass, entry = coordinator.hass, coordinator.config_entry
    kept, gone = entry.subentries[parcel_id], entry.subentries[other_id]
    coordinator.async_take_over(joined)
    title, data = _filled_in(kept, gone)
    hass.config_entries.async_update_subentry(entry, kept, title=title, data=data)
    hass.config_entries.async_remove_subentry(entry, other_id)
    # One box is not to count twice; parted, it is learned from again.
    coordinator.async_show_anew(coordinator.transit_times.forget(other_id))
    await coordinator.announcer.async_tell([parcel_id])
    return True


async def async_keep_apart(
    coordinator: WaybillCoordinator, parcel_id: str, other_id: str
) -> bool:
    """Take another parcel's number out of a parcel that it does not belong to.

    Returns False where one of them is followed no more.
    """
    while True:
        journal = coordinator.journals.get(parcel_id)
        other = coordinator.journals.get(other_id)
        if journal is None or other is None:
            return False
        kept, rest = separate(journal, other.tracking_number, other, dt_util.utcnow())
        # Neither is to tell what the other tells, whatever happens in between.
        await coordinator.storage.async_save(rest)
        await coordinator.storage.async_save(kept)
        journals = coordinator.journals
        if journals.get(parcel_id) is journal and journals.get(other_id) is other:
            break
    coordinator.async_take_over(rest)
    coordinator.async_take_over(kept)
    await coordinator.announcer.async_tell([other_id, parcel_id])
    return True


async def async_choose_numbers(
    coordinator: WaybillCoordinator, parcel_id: str, chosen: Collection[str]
) -> None:
    """Let these numbers, beside its first, belong to a parcel, and no others.

    What was joined is followed by itself again. What a provider had found is
    not followed; its journal waits for the number to be added.
    """
    journal = coordinator.journals[parcel_id]
    for number in further_numbers(journal):
        if number not in chosen:
            await _async_part(coordinator, parcel_id, number)
    for number in journal.foreign:
        if number in chosen:
            await _async_take_in(coordinator, parcel_id, number)


async def async_bring_back(coordinator: WaybillCoordinator, parcel_id: str) -> None:
    """Follow the joined parcels by themselves whose numbers belong here no more."""
    entry = coordinator.config_entry
    gone = _gone(coordinator, parcel_id)
    if not gone:
        return
    journals = {number: await coordinator.storage.async_load(number) for number in gone}
    parcel = entry.subentries.get(parcel_id)
    if parcel is None or _gone(coordinator, parcel_id) != gone:
        return
    title, data = _without(parcel, gone)
    coordinator.hass.config_entries.async_update_subentry(
        entry, parcel, title=title, data=data
    )
    joined_to_another: set[str] = set()
    for number, joined in gone.items():
        if number in joined_to_another:
            continue
        journal = journals[number]
        with_it = [
            gone[further]
            for further in (further_numbers(journal) if journal is not None else ())
            if further in gone
        ]
        joined_to_another.update(map(_number, with_it))
        if not any(s.unique_id == number for s in entry.subentries.values()):
            coordinator.hass.config_entries.async_add_subentry(
                entry, _as_it_was(joined, with_it, taken=entry.subentries)
            )
    await coordinator.async_settled()


def further_numbers(journal: Journal) -> tuple[str, ...]:
    """Return the numbers that belong to a parcel beside its first."""
    return tuple(leg.tracking_number for leg in journal.legs[1:])


def joined_numbers(parcel: ConfigSubentry) -> tuple[str, ...]:
    """Return the numbers of the parcels that were joined to one."""
    return tuple(map(_number, parcel.data.get(CONF_JOINED, ())))


async def _async_part(
    coordinator: WaybillCoordinator, parcel_id: str, number: str
) -> None:
    """Take a number out of a parcel; its own journal is saved before that."""
    owner = _owner(coordinator, number)
    if owner is not None:
        await async_keep_apart(coordinator, parcel_id, owner)
        return
    known = await coordinator.storage.async_load(number)
    while True:
        journal = coordinator.journals.get(parcel_id)
        if journal is None or number not in further_numbers(journal):
            return
        now = dt_util.utcnow()
        other = known or open_journal(ulid_now(), number, now)
        kept, rest = separate(journal, number, other, now)
        await coordinator.storage.async_save(rest)
        if coordinator.journals.get(parcel_id) is journal:
            break
    coordinator.async_take_over(kept)
    await coordinator.announcer.async_tell([parcel_id])
    await async_bring_back(coordinator, parcel_id)


async def _async_take_in(
    coordinator: WaybillCoordinator, parcel_id: str, number: str
) -> None:
    """Let a number belong to a parcel after all, with all that is known of it."""
    owner = _owner(coordinator, number)
    if owner is not None:
        await async_join(coordinator, parcel_id, owner)
        return
    other = await coordinator.storage.async_load(number)
    journal = coordinator.journals.get(parcel_id)
    if journal is None:
        return
    now = dt_util.utcnow()
    joined = join(journal, other or open_journal(ulid_now(), number, now), now)
    coordinator.async_take_over(joined)
    await coordinator.announcer.async_tell([parcel_id])


def _owner(coordinator: WaybillCoordinator, number: str) -> str | None:
    """Return the parcel whose own number this is, if it is followed."""
    return next(
        (
            journal.parcel_id
            for journal in coordinator.journals.values()
            if journal.tracking_number == number
        ),
        None,
    )


def _filled_in(
    parcel: ConfigSubentry, other: ConfigSubentry
) -> tuple[str, dict[str, Any]]:
    """Return a parcel's title and data with what another one is to give it."""
    data, theirs = dict(parcel.data), dict(other.data)
    joined_before = theirs.pop(CONF_JOINED, [])
    given = {
        key: theirs[key] for key in _FILLED_IN if key in theirs and key not in data
    }
    title, filled = parcel.title, [*map(str, given)]
    if _is_nameless(parcel) and not _is_nameless(other):
        title = other.title
        filled.append(CONF_NAME)
    joined = {
        _ID: other.subentry_id,
        _TITLE: other.title,
        _DATA: theirs,
        _FILLED: filled,
    }
    all_joined = [*data.get(CONF_JOINED, []), joined, *joined_before]
    return title, data | given | {CONF_JOINED: all_joined}


def _without(
    parcel: ConfigSubentry, gone: Mapping[str, _Joined]
) -> tuple[str, dict[str, Any]]:
    """Return a parcel's title and data without what others had given it."""
    title, data = parcel.title, dict(parcel.data)
    for joined in gone.values():
        for key in joined[_FILLED]:
            if key == CONF_NAME:
                if title == joined[_TITLE]:
                    title = data[CONF_TRACKING_NUMBER]
            elif data.get(key) == joined[_DATA].get(key):
                del data[key]
    left = [j for j in data.pop(CONF_JOINED) if _number(j) not in gone]
    return title, data | ({CONF_JOINED: left} if left else {})


def _gone(coordinator: WaybillCoordinator, parcel_id: str) -> dict[str, _Joined]:
    """Return the joined parcels, by number, whose numbers belong here no more."""
    parcel = coordinator.config_entry.subentries.get(parcel_id)
    journal = coordinator.journals.get(parcel_id)
    if parcel is None or journal is None:
        return {}
    here = further_numbers(journal)
    joined = {_number(j): j for j in parcel.data.get(CONF_JOINED, ())}
    return {number: j for number, j in joined.items() if number not in here}


def _as_it_was(
    joined: _Joined, with_it: list[_Joined], taken: Collection[str]
) -> ConfigSubentry:
    number = _number(joined)
    data = dict(joined[_DATA])
    if with_it:
        data[CONF_JOINED] = with_it
    parcel_id = joined[_ID]
    return ConfigSubentry(
        data=MappingProxyType(data),
        subentry_id=ulid_now() if parcel_id in taken else parcel_id,
        subentry_type=SUBENTRY_PARCEL,
        title=joined[_TITLE],
        unique_id=number,
    )


def _number(joined: _Joined) -> str:
    return str(joined[_DATA][CONF_TRACKING_NUMBER])


def _is_nameless(parcel: ConfigSubentry) -> bool:
    return bool(parcel.title == parcel.data[CONF_TRACKING_NUMBER])
