"""Moves all that is known of all parcels to another house, and takes it up there."""

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_now

from .action_errors import action_error
from .archive import async_list_archived
from .archive_storage import Archived
from .const import CONF_JOINED, CONF_LISTED_BY, SUBENTRY_PARCEL
from .coordinator import WaybillCoordinator
from .media_paths import async_resolve, file_name
from .new_parcel import find_parcel
from .parcel_answers import FIELDS
from .tracking.journal import Journal
from .tracking.journey import story_of
from .tracking.kept_answers import KeptAnswer
from .tracking.milestones import silenced
from .tracking.taking_in import take_in
from .transfer_format import (
    MOST_BYTES,
    Damaged,
    NewerVersion,
    NotAnExport,
    State,
    TooBig,
    Transfer,
    is_id,
    read,
    write,
)

_ORDER: Final = (State.KEPT, State.ARCHIVED, State.FOLLOWED)
"""What a joined parcel was by itself is there before the one that it belongs to."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Exported:
    """Where an export lies, and how many parcels are in it."""

    path: Path = field(repr=False)
    parcels: int


@dataclass(kw_only=True, slots=True)
class Imported:
    """The ids of the parcels that were taken up, and of those that were not."""

    imported: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


async def async_export_journal(coordinator: WaybillCoordinator, text: str) -> Exported:
    """Write all journals, with what was said of their parcels, into a file.

    Raises ServiceValidationError where that file cannot be written.
    """
    hass = coordinator.hass
    path = await async_resolve(hass, text, must_exist=False)
    now = dt_util.utcnow()
    archived = await async_list_archived(coordinator)
    transfers = _transfers(
        coordinator,
        {subentry.unique_id or "": subentry for subentry in _parcels(coordinator)},
        {parcel.tracking_number: parcel for parcel in archived},
        {j.tracking_number: j for j in coordinator.journals.values()},
    )

    def export() -> Exported:
        target = path
        if path.is_dir():
            target = path / f"waybill-journals-{dt_util.as_local(now):%Y-%m-%d}.json"
        return Exported(path=target, parcels=write(target, transfers, now))

    try:
        return await hass.async_add_executor_job(export)
    except NotAnExport:
        raise action_error("export_in_the_way", path=file_name(text)) from None
    except OSError:
        # Its own text holds the whole path.
        raise action_error("export_not_written", path=file_name(text)) from None


async def async_import_journal(
    coordinator: WaybillCoordinator, text: str, *, overwrite: bool
) -> Imported:
    """Take up an export. What is known here is passed over, unless ``overwrite``.

    With it, what the export says of a parcel is laid over what is said here, and
    its journal is united with the one here: nothing is lost. Nothing that comes
    in is announced. Raises ServiceValidationError before anything changes.
    """
    path = await async_resolve(coordinator.hass, text, must_exist=True)
    transfers = await _async_read(coordinator, path, text)
    taker = _Taker(coordinator, overwrite)
    await taker.async_take(transfers)
    return taker.result


def _parcels(coordinator: WaybillCoordinator) -> list[ConfigSubentry]:
    return list(coordinator.config_entry.get_subentries_of_type(SUBENTRY_PARCEL))


def _transfers(
    coordinator: WaybillCoordinator,
    followed: Mapping[str, ConfigSubentry],
    archived: Mapping[str, Archived],
    journals: Mapping[str, Journal],
) -> Iterator[Transfer]:
    """Iterate over all journals. Reads files: not for the event loop."""
    storage = coordinator.storage
    exported = set()
    for stored in storage.stored_journals():
        number = stored.tracking_number
        journal = journals.get(number, stored)
        exported.add(number)
        answers = storage.answers.stored(number)
        yield _transfer(journal, followed.get(number), archived.get(number), answers)
    for number, journal in journals.items():
        if number not in exported:
            yield _transfer(journal, followed.get(number), None, ())


def _transfer(
    journal: Journal,
    followed: ConfigSubentry | None,
    archived: Archived | None,
    answers: tuple[KeptAnswer, ...],
) -> Transfer:
    parcel = followed or archived
    if parcel is None:
        return Transfer(state=State.KEPT, journal=journal, answers=answers)
    return Transfer(
        state=State.ARCHIVED if followed is None else State.FOLLOWED,
        journal=journal,
        title=parcel.title,
        data=parcel.data,
        answers=answers,
    )


async def _async_read(
    coordinator: WaybillCoordinator, path: Path, text: str
) -> list[Transfer]:
    name = file_name(text)
    try:
        return await coordinator.hass.async_add_executor_job(read, path)
    except TooBig:
        most = str(MOST_BYTES // 1024**2)
        raise action_error("import_too_big", path=name, most=most) from None
    except NewerVersion:
        raise action_error("import_newer", path=name) from None
    except Damaged as err:
        place = str(err.place)
        raise action_error("import_damaged", path=name, place=place) from None
    except NotAnExport, OSError:
        # What was read, or where, stands in their own texts.
        raise action_error("import_not_an_export", path=name) from None


class _Taker:
    """Takes up what an export holds."""

    def __init__(self, coordinator: WaybillCoordinator, overwrite: bool) -> None:
        """Take up nothing yet."""
        self.result = Imported()
        self._coordinator = coordinator
        self._entry = coordinator.config_entry
        self._overwrite = overwrite
        self._now = dt_util.utcnow()
        self._taken: set[str] = set()
        self._archived: dict[str, Archived] = {}
        self._to_archive: list[tuple[Archived, Transfer]] = []

    async def async_take(self, transfers: Sequence[Transfer]) -> None:
        """Take up parcel by parcel; those for the archive are listed all together."""
        archived = await async_list_archived(self._coordinator)
        self._archived = {parcel.tracking_number: parcel for parcel in archived}
        self._taken = {parcel.parcel_id for parcel in archived}
        self._taken |= set(self._entry.subentries)
        for state in _ORDER:
            for transfer in transfers:
                if transfer.state is state:
                    await self._async_take(transfer)
            await self._async_archive()
        await self._coordinator.async_settled()

    async def _async_take(self, transfer: Transfer) -> None:
        """Take up a parcel that is new, or to be united with the one that is here."""
        coordinator, number = self._coordinator, transfer.number
        transfer = replace(
            transfer,
            journal=silenced(transfer.journal),
            data=_of_this_house(transfer.data, self._entry.subentries),
        )
        here = find_parcel(self._entry, number)
        if here is not None and here.unique_id != number:
            if transfer.state is not State.KEPT:
                # It belongs to another parcel here, which stays as it is.
                self.result.skipped.append(here.subentry_id)
                return
            here = None
        if here is not None:
            known = coordinator.journals.get(here.subentry_id)
        else:
            known = await coordinator.announcer.async_recall(number)
        if here is None and known is None:
            await self._async_add(replace(transfer, journal=self._free(transfer)))
        elif known is None or not self._overwrite:
            self.result.skipped.append(
                here.subentry_id if here is not None else _parcel_id(known)
            )
        else:
            united = take_in(known, transfer.journal, self._now)
            await self._async_unite(replace(transfer, journal=united), here)

    async def _async_unite(
        self, transfer: Transfer, here: ConfigSubentry | None
    ) -> None:
        """Put a united journal where the parcel is here."""
        coordinator, journal = self._coordinator, transfer.journal
        archived = self._archived.get(transfer.number)
        if here is not None:
            title, data = _laid_over(here, transfer)
            coordinator.async_take_over(journal)
            coordinator.hass.config_entries.async_update_subentry(
                self._entry, here, title=title, data=data
            )
            await self._async_keep_answers(transfer)
            await coordinator.announcer.async_tell([journal.parcel_id])
            self.result.imported.append(journal.parcel_id)
        elif archived is not None:
            title, data = _laid_over(archived, transfer)
            self._to_archive.append(
                (replace(archived, title=title, data=data), transfer)
            )
        else:
            # Its journal waited for it.
            await self._async_add(transfer)

    async def _async_add(self, transfer: Transfer) -> None:
        """Take up a parcel that is neither followed nor archived here."""
        journal, data = transfer.journal, transfer.data
        if transfer.state is State.ARCHIVED and data is not None:
            archived = Archived(
                parcel_id=journal.parcel_id,
                title=transfer.title,
                data=data,
                archived_at=journal.archived_at or self._now,
                stage=story_of(journal).journey.stage,
            )
            self._to_archive.append((archived, transfer))
            return
        if transfer.state is State.FOLLOWED:
            journal = replace(journal, archived_at=None)
        await self._async_save(replace(transfer, journal=journal))
        if transfer.state is State.FOLLOWED:
            subentry = ConfigSubentry(
                data=MappingProxyType(dict(data or {})),
                subentry_id=journal.parcel_id,
                subentry_type=SUBENTRY_PARCEL,
                title=transfer.title,
                unique_id=transfer.number,
            )
            # What somebody else adds in this moment takes the journal up too.
            with suppress(AbortFlow):
                self._coordinator.hass.config_entries.async_add_subentry(
                    self._entry, subentry
                )

    async def _async_archive(self) -> None:
        listed, self._to_archive = self._to_archive, []
        await self._coordinator.archive.async_put(archived for archived, _ in listed)
        for archived, transfer in listed:
            journal = replace(transfer.journal, archived_at=archived.archived_at)
            await self._async_save(replace(transfer, journal=journal))

    async def _async_save(self, transfer: Transfer) -> None:
        await self._async_keep_answers(transfer)
        await self._coordinator.storage.async_save(transfer.journal)
        self.result.imported.append(transfer.journal.parcel_id)

    async def _async_keep_answers(self, transfer: Transfer) -> None:
        """Keep the raw answers of another house beside those of this one."""
        await self._coordinator.storage.answers.async_append(
            transfer.number, transfer.answers
        )

    def _free(self, transfer: Transfer) -> Journal:
        """Return a journal under its id, or another where that is taken."""
        parcel_id = transfer.journal.parcel_id
        if parcel_id in self._taken or not is_id(parcel_id):
            parcel_id = ulid_now()
        self._taken.add(parcel_id)
        return replace(transfer.journal, parcel_id=parcel_id)


def _parcel_id(journal: Journal | None) -> str:
    assert journal is not None
    return journal.parcel_id


def _of_this_house(
    data: Mapping[str, Any] | None, subentries: Container[str]
) -> Mapping[str, Any] | None:
    """Leave out whose account brought a parcel, where there is none such here."""
    if data is None:
        return None
    kept = dict(data)
    if kept.get(CONF_LISTED_BY) not in subentries:
        kept.pop(CONF_LISTED_BY, None)
    if CONF_JOINED in kept:
        kept[CONF_JOINED] = [
            joined | {"data": _of_this_house(joined["data"], subentries)}
            for joined in kept[CONF_JOINED]
        ]
    return kept


def _laid_over(
    here: ConfigSubentry | Archived, transfer: Transfer
) -> tuple[str, dict[str, Any]]:
    """Return title and data of a parcel here, with what an export says of it."""
    theirs = transfer.data or {}
    given = {key: value for key, value in theirs.items() if key in FIELDS}
    named = transfer.title not in ("", transfer.number)
    return transfer.title if named else here.title, {**here.data, **given}
