"""Gathers whatever a house with Waybill shows, says, keeps and hands out."""

from collections.abc import Iterator, Mapping
import json
from pathlib import Path
from traceback import format_exception
from typing import Any

from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    get_system_health_info,
)
import voluptuous as vol

from custom_components.waybill.const import DOMAIN, EVENT_ALERT, EVENT_MILESTONE
from custom_components.waybill.diagnostics import (
    async_get_config_entry_diagnostics,
    async_get_device_diagnostics,
)
from custom_components.waybill.logbook import async_describe_events
from homeassistant.core import Context, Event, HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)

from .planted import Found
from .table import Place


class Harvest:
    """All that was found; it grows while the house lives."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        """Watch a house."""
        self.found: list[Found] = []
        self.hass = hass
        self.entry = entry
        self._events = {
            kind: async_capture_events(hass, kind)
            for kind in (EVENT_MILESTONE, EVENT_ALERT)
        }
        self._changes = async_capture_events(hass, "state_changed")

    def note(
        self, place: Place, where: str, what: object, owner: str | None = None
    ) -> None:
        """Note what was told, to be searched at the end."""
        text = what if isinstance(what, str) else _json(what)
        self.found.append(Found(place=place, where=where, text=text, owner=owner))

    def note_error(self, where: str, error: BaseException, owner: str | None) -> None:
        """Note an error as whoever is told of it could write it down."""
        notes = " ".join(getattr(error, "__notes__", ()))
        text = "\n".join([str(error), repr(error), notes, *format_exception(error)])
        self.note(Place.ERROR, where, text, owner)

    async def act(
        self,
        action: str,
        data: Mapping[str, Any],
        *,
        domain: str = DOMAIN,
        place: Place = Place.ANSWER,
        owner: str | None = None,
    ) -> Any:
        """Call an action, and note what it answers, or why it does not."""
        hass = self.hass
        answers = hass.services.supports_response(domain, action).value != "none"
        try:
            answer = await hass.services.async_call(
                domain,
                action,
                dict(data),
                blocking=True,
                context=Context(),
                return_response=answers,
            )
        except (HomeAssistantError, vol.Invalid) as err:
            self.note_error(f"{domain}.{action}", err, owner)
            raise
        finally:
            await hass.async_block_till_done()
        self.note(place, f"{domain}.{action}", answer, owner)
        return answer

    async def is_refused(
        self,
        action: str,
        data: Mapping[str, Any],
        *,
        domain: str = DOMAIN,
        owner: str | None = None,
    ) -> None:
        """Call an action that must fail."""
        try:
            await self.act(action, data, domain=domain, owner=owner)
        except HomeAssistantError, vol.Invalid:
            return
        raise AssertionError(f"{action} did not fail")

    async def look_around(self) -> None:
        """Note all that can be seen of the house now, and what happened in it."""
        self._note_states()
        self._note_registries()
        self._note_repairs()
        self._note_events()
        await self._note_diagnostics()
        info = await get_system_health_info(self.hass, DOMAIN)
        info["can_reach_cainiao"] = await info["can_reach_cainiao"]
        self.note(Place.HEALTH, "info", info)

    def look_at_files(self, folder: Path) -> None:
        """Note what Waybill keeps in Home Assistant's own folder."""
        for path in folder.iterdir():
            self.note(Place.FILE_NAME, "of Home Assistant's folder", path.name)
            if path.name.startswith(DOMAIN):
                self.note(Place.STORED, path.name[:20], path.read_text("utf-8"))

    def _note_states(self) -> None:
        for state in self.hass.states.async_all():
            self._note_state(state)
        for event in self._changes:
            if (state := event.data["new_state"]) is not None:
                self._note_state(state)
        self._changes.clear()

    def _note_state(self, state: State) -> None:
        known = er.async_get(self.hass).async_get(state.entity_id)
        if known is not None and known.platform == DOMAIN:
            owner = known.config_subentry_id
            place = Place.HUB_STATE if owner is None else Place.STATE
            self.note(place, known.translation_key or "", state.as_dict(), owner)

    def _note_registries(self) -> None:
        entities = er.async_entries_for_config_entry(
            er.async_get(self.hass), self.entry.entry_id
        )
        for entity in entities:
            where = f"entity {entity.translation_key}"
            owner = entity.config_subentry_id
            self.note(Place.REGISTRY, where, entity.extended_dict, owner)
        for device in self._devices():
            owner = device.config_subentry_id
            self.note(Place.REGISTRY, "device", device.dict_repr, owner)

    def _note_repairs(self) -> None:
        for issue in ir.async_get(self.hass).issues.values():
            if issue.domain == DOMAIN:
                # One that offers to join two parcels is about both.
                joins = "other" in (issue.data or {})
                owner = None if joins else str((issue.data or {})["subject"])
                where = issue.translation_key or ""
                self.note(Place.REPAIR, where, repr(issue), owner)
                self.note(Place.LOG, f"{where}, as it is kept", issue.to_json())

    def _note_events(self) -> None:
        describers: dict[str, Any] = {}
        async_describe_events(
            self.hass, lambda _, kind, describe: describers.update({kind: describe})
        )
        for kind, events in self._events.items():
            for event in events:
                owner = event.data["parcel_id"]
                self.note(Place.EVENT, kind, event.data, owner)
                line = _described(describers[kind], event)
                self.note(Place.LOGBOOK, kind, line, owner)
            events.clear()

    async def _note_diagnostics(self) -> None:
        told = await async_get_config_entry_diagnostics(self.hass, self.entry)
        self.note(Place.DIAGNOSTICS, "entry", told)
        for device in self._devices():
            told = await async_get_device_diagnostics(self.hass, self.entry, device)
            self.note(Place.DIAGNOSTICS, "device", told)

    def _devices(self) -> Iterator[dr.DeviceEntry]:
        registry = dr.async_get(self.hass)
        yield from dr.async_entries_for_config_entry(registry, self.entry.entry_id)


def _described(describe: Any, event: Event[Any]) -> dict[str, Any]:
    # The entity's id is no text that is told.
    return {k: v for k, v in describe(event).items() if k != "entity_id"}


def _json(what: object) -> str:
    return json.dumps(what, ensure_ascii=False, default=str)
