"""The to-do list of all followed parcels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, override

from homeassistant.components.todo.const import TodoItemStatus, TodoListEntityFeature
from homeassistant.components.todo.entity import TodoItem, TodoListEntity
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .action_errors import action_error, unknown_parcel
from .archive import async_archive_parcel
from .const import (
    CONF_EXPECTED_BY,
    CONF_NOTES,
    CONF_TRACKING_NUMBER,
    LONGEST_NAME,
    LONGEST_NOTES,
)
from .coordinator import WaybillConfigEntry, WaybillCoordinator
from .entity import HubEntity
from .listed_text import async_read
from .new_parcel import async_add_parcel, find_parcel, optional_fields
from .parcel_words import in_brief, stage_in_words
from .per_parcel import PerParcel
from .shortened_numbers import end_of, without_numbers
from .tracking.deliveries import Place, due, place_of
from .tracking.harmless_text import whole
from .tracking.model import Stage
from .tracking.parcel import Parcel

PARALLEL_UPDATES = 0

PARCELS: Final = EntityDescription(key="parcels", translation_key="parcels")

_SAME_DUE_WITHIN: Final = timedelta(minutes=1)
"""What lists show, and send back, has no seconds as a rule."""


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WaybillConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the hub's to-do list."""
    async_add_entities([ParcelList(entry.runtime_data, PARCELS)])


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """A parcel's item, and its place in the list."""

    place: Place
    item: TodoItem = field(repr=False)


class ParcelList(HubEntity, TodoListEntity):
    """Lists each followed parcel; to tick one off is to archive it."""

    _attr_supported_features = (
        TodoListEntityFeature.CREATE_TODO_ITEM
        | TodoListEntityFeature.UPDATE_TODO_ITEM
        | TodoListEntityFeature.DELETE_TODO_ITEM
        | TodoListEntityFeature.SET_DUE_DATE_ON_ITEM
        | TodoListEntityFeature.SET_DUE_DATETIME_ON_ITEM
        | TodoListEntityFeature.SET_DESCRIPTION_ON_ITEM
    )

    def __init__(
        self, coordinator: WaybillCoordinator, description: EntityDescription
    ) -> None:
        """List nothing before it is added."""
        super().__init__(coordinator, description)
        self._of_parcels = PerParcel(self._entry)

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self._take_over()

    @override
    async def async_create_todo_item(self, item: TodoItem) -> None:
        """Follow what the summary names; a description becomes the notes."""
        fields = _fields(item)
        listed = await async_read(self.hass, item.summary or "")
        entry = self.coordinator.config_entry
        followed, added = [], False
        for number in listed.numbers:
            if (known := find_parcel(entry, number)) is not None:
                own = known.data[CONF_TRACKING_NUMBER]
                followed.append(without_numbers(known.title, [own]))
                continue
            try:
                await async_add_parcel(self.hass, entry, number, listed.name, fields)
                added = True
            except AbortFlow:
                # Somebody else added it in the meantime.
                followed.append(end_of(number))
        if not added:
            raise action_error(
                "already_followed", parcel=", ".join(dict.fromkeys(followed))
            )
        await self.coordinator.async_settled()

    @override
    async def async_update_todo_item(self, item: TodoItem) -> None:
        """Rename a parcel, change when it is expected, or archive it.

        What a list shows as the description is the carrier's, and stays.
        """
        subentry = self._subentry(item.uid)
        parcel = self.coordinator.data[subentry.subentry_id]
        data = dict(subentry.data)
        if not _same_due(item.due, due(parcel, dt_util.get_default_time_zone())):
            data.pop(CONF_EXPECTED_BY, None)
            data |= optional_fields({CONF_EXPECTED_BY: _expected_by(item.due)})
        title = _bounded(item.summary, LONGEST_NAME) or subentry.title
        self.hass.config_entries.async_update_subentry(
            self.coordinator.config_entry,
            subentry,
            data=MappingProxyType(data),
            title=title,
        )
        if item.status == TodoItemStatus.COMPLETED:
            await async_archive_parcel(self.coordinator, subentry.subentry_id)

    @override
    async def async_delete_todo_items(self, uids: list[str]) -> None:
        """Follow parcels no more; their journals are kept."""
        for subentry in [self._subentry(uid) for uid in dict.fromkeys(uids)]:
            self.hass.config_entries.async_remove_subentry(
                self.coordinator.config_entry, subentry.subentry_id
            )

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        if self._take_over():
            super()._handle_coordinator_update()

    def _take_over(self) -> bool:
        """Look at the parcels that changed; says whether there were any."""
        words = stage_in_words(self.hass, Stage.PENDING)
        surroundings = (dt_util.get_default_time_zone(), words)
        if not self._of_parcels.take_over(self.coordinator.data, surroundings):
            return False
        entries = sorted(self._of_parcels.values, key=lambda entry: entry.place)
        self._attr_todo_items = [entry.item for entry in entries]
        return True

    def _entry(self, parcel: Parcel) -> _Entry:
        zone = dt_util.get_default_time_zone()
        return _Entry(
            place=place_of(parcel, zone),
            item=TodoItem(
                uid=parcel.parcel_id,
                summary=parcel.name,
                # What is done with is archived, and no longer here.
                status=TodoItemStatus.NEEDS_ACTION,
                due=due(parcel, zone),
                description=in_brief(self.hass, parcel) or None,
            ),
        )

    def _subentry(self, parcel_id: str | None) -> ConfigSubentry:
        subentry = self.coordinator.config_entry.subentries.get(parcel_id or "")
        if subentry is None or parcel_id not in self.coordinator.data:
            raise unknown_parcel(parcel_id or "?")
        return subentry


def _fields(item: TodoItem) -> Mapping[str, Any]:
    """Return what an item says of a parcel that is new."""
    return {
        CONF_EXPECTED_BY: _expected_by(item.due),
        CONF_NOTES: _bounded(item.description, LONGEST_NOTES),
    }


def _expected_by(value: date | datetime | None) -> date | datetime | None:
    """Return a due date as a parcel keeps it: by the clock at home."""
    if isinstance(value, datetime):
        return dt_util.as_local(value).replace(tzinfo=None)
    return value


def _same_due(one: date | datetime | None, other: date | datetime | None) -> bool:
    if isinstance(one, datetime) and isinstance(other, datetime):
        return abs(one.astimezone(UTC) - other.astimezone(UTC)) < _SAME_DUE_WITHIN
    return one == other


def _bounded(text: str | None, longest: int) -> str:
    """Return what a person wrote, without blanks around it."""
    stripped = whole(text or "").strip()
    if len(stripped) > longest:
        raise action_error("text_too_long", longest=str(longest))
    return stripped
