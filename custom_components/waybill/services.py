"""The actions, registered once whether or not parcels are followed yet."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

import voluptuous as vol

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from .const import (
    CONF_CARRIER,
    CONF_EXPECTED_BY,
    CONF_NOTES,
    CONF_ORDER_NUMBER,
    CONF_ORDER_URL,
    CONF_ORDERED_ON,
    CONF_PHONE_LAST4,
    CONF_POSTAL_CODE,
    CONF_PROTECTION_UNTIL,
    CONF_PROVIDER,
    CONF_SELLER,
    CONF_STALLED_AFTER_DAYS,
    CONF_TRACKING_NUMBER,
    DOMAIN,
    LONGEST_NAME,
    LONGEST_NOTES,
)
from .coordinator import WaybillConfigEntry, WaybillCoordinator
from .joined_parcels import joined_numbers
from .new_parcel import async_add_parcel, find_parcel, optional_fields
from .recognition import Verdict, recognise_number
from .text_parcels import async_add_from_text
from .tracking.model import FINAL_STAGES, Stage
from .tracking.numbers import CARRIERS, Candidate, carrier_name, normalise
from .tracking.parcel import Parcel
from .tracking.parcel_json import parcel_json
from .tracking.providers import PROVIDERS

ATTR_CLEAR: Final = "clear"
ATTR_DRY_RUN: Final = "dry_run"
ATTR_FORCE: Final = "force"
ATTR_INCLUDE_ARCHIVED: Final = "include_archived"
ATTR_INCLUDE_EVENTS: Final = "include_events"
ATTR_KEEP_JOURNAL: Final = "keep_journal"
ATTR_PARCEL_ID: Final = "parcel_id"
ATTR_SOURCE: Final = "source"
ATTR_STAGE: Final = "stage"
ATTR_TEXT: Final = "text"

_TEXT_LIMIT: Final = 1000


def _text(limit: int = _TEXT_LIMIT) -> vol.All:
    return vol.All(cv.string, vol.Strip, vol.Length(max=limit))


def _carrier(value: Any) -> str:
    """Validate a carrier's id: one that is known, or a country's post."""
    carrier = cv.slug(value)
    if carrier not in CARRIERS and not carrier.startswith("post_"):
        raise vol.Invalid(f"{carrier} is no carrier that Waybill knows")
    return carrier


def _promise(value: Any) -> date | datetime:
    """Validate a date, or a date and time."""
    if isinstance(value, datetime | date):
        return value
    text = cv.string(value)
    return dt_util.parse_date(text) or cv.datetime(text)


_FIELDS: Final = {
    vol.Optional(CONF_CARRIER): _carrier,
    vol.Optional(CONF_PROVIDER): vol.In(PROVIDERS),
    vol.Optional(CONF_SELLER): _text(),
    vol.Optional(CONF_ORDER_URL): cv.url,
    vol.Optional(CONF_ORDER_NUMBER): _text(),
    vol.Optional(CONF_ORDERED_ON): cv.date,
    vol.Optional(CONF_EXPECTED_BY): _promise,
    vol.Optional(CONF_PROTECTION_UNTIL): cv.date,
    vol.Optional(CONF_POSTAL_CODE): _text(20),
    vol.Optional(CONF_PHONE_LAST4): vol.All(
        cv.string, vol.Match(r"^[0-9]{4}$", msg="the last four digits are wanted")
    ),
    vol.Optional(CONF_STALLED_AFTER_DAYS): vol.All(
        vol.Coerce(int), vol.Range(min=1, max=90)
    ),
    vol.Optional(CONF_NOTES): _text(LONGEST_NOTES),
}
_OPTIONAL: Final = [str(key) for key in _FIELDS]

_ONE_PARCEL: Final = {
    vol.Exclusive(ATTR_PARCEL_ID, "parcel"): cv.string,
    vol.Exclusive(CONF_TRACKING_NUMBER, "parcel"): cv.string,
}

ADD_PARCEL: Final = vol.Schema(
    {
        vol.Required(CONF_TRACKING_NUMBER): cv.string,
        vol.Optional(CONF_NAME): _text(LONGEST_NAME),
        vol.Optional(ATTR_FORCE, default=False): cv.boolean,
        **_FIELDS,
    }
)
UPDATE_PARCEL: Final = vol.Schema(
    {
        **_ONE_PARCEL,
        vol.Optional(CONF_NAME): _text(LONGEST_NAME),
        vol.Optional(ATTR_CLEAR, default=list): vol.All(
            cv.ensure_list, [vol.In([*_OPTIONAL, CONF_NAME])]
        ),
        **_FIELDS,
    }
)
REMOVE_PARCEL: Final = vol.Schema(
    {**_ONE_PARCEL, vol.Optional(ATTR_KEEP_JOURNAL, default=True): cv.boolean}
)
GET_PARCELS: Final = vol.Schema(
    {
        vol.Optional(ATTR_PARCEL_ID): cv.string,
        vol.Optional(CONF_TRACKING_NUMBER): cv.string,
        vol.Optional(ATTR_STAGE): vol.All(cv.ensure_list, [vol.Coerce(Stage)]),
        vol.Optional(ATTR_INCLUDE_EVENTS, default=True): cv.boolean,
        vol.Optional(ATTR_INCLUDE_ARCHIVED, default=False): cv.boolean,
    }
)
ADD_FROM_TEXT: Final = vol.Schema(
    {
        # What is longer is a mailbox, not a message: only its beginning is read.
        vol.Required(ATTR_TEXT): cv.string,
        vol.Optional(ATTR_SOURCE, default=""): _text(),
        vol.Optional(ATTR_DRY_RUN, default=False): cv.boolean,
    }
)
REFRESH: Final = vol.Schema({vol.Optional(ATTR_PARCEL_ID): cv.string})


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    optional, only = SupportsResponse.OPTIONAL, SupportsResponse.ONLY
    register = hass.services.async_register
    register(DOMAIN, "add_parcel", _add_parcel, ADD_PARCEL, optional)
    register(DOMAIN, "add_from_text", _add_from_text, ADD_FROM_TEXT, optional)
    register(DOMAIN, "update_parcel", _update_parcel, UPDATE_PARCEL, optional)
    register(DOMAIN, "remove_parcel", _remove_parcel, REMOVE_PARCEL)
    register(DOMAIN, "get_parcels", _get_parcels, GET_PARCELS, only)
    register(DOMAIN, "refresh", _refresh, REFRESH, optional)


async def _add_parcel(call: ServiceCall) -> ServiceResponse:
    """Follow a number; answers when the parcel exists, before any carrier."""
    entry = _entry(call.hass)
    text = call.data[CONF_TRACKING_NUMBER]
    recognition = recognise_number(text, call.hass.config.country)
    number = recognition.number
    if recognition.verdict is Verdict.NOT_A_NUMBER:
        raise _error("not_a_number")
    if recognition.verdict is Verdict.MISTYPED and not call.data[ATTR_FORCE]:
        raise _error("mistyped", carrier=recognition.carrier_name or "?")
    known = find_parcel(entry, number)
    if known is not None:
        raise _error("already_followed", parcel=known.title)
    fields = {key: call.data[key] for key in _OPTIONAL if key in call.data}
    try:
        subentry = await async_add_parcel(
            call.hass, entry, number, call.data.get(CONF_NAME), fields
        )
    except AbortFlow as err:
        # Somebody else added it in the meantime.
        raise _error("already_followed", parcel=number) from err
    await entry.runtime_data.async_settled()
    candidates = recognition.candidates
    carrier = call.data.get(CONF_CARRIER) or (
        candidates[0].carrier if candidates else None
    )
    return {
        "parcel_id": subentry.subentry_id,
        "tracking_number": number,
        "carrier": carrier,
        "candidates": [_candidate_json(candidate) for candidate in candidates],
    }


async def _add_from_text(call: ServiceCall) -> ServiceResponse:
    """Follow every number in a text."""
    entry = _entry(call.hass)
    found = await async_add_from_text(
        call.hass,
        entry,
        call.data[ATTR_TEXT],
        source=call.data[ATTR_SOURCE],
        dry_run=call.data[ATTR_DRY_RUN],
    )
    await entry.runtime_data.async_settled()
    return {
        "found": [
            {
                "number": one.found.number,
                "candidates": [
                    _candidate_json(candidate) for candidate in one.found.candidates
                ],
                "added": one.reason is None,
                "parcel_id": one.parcel_id,
                "reason": one.reason.value if one.reason is not None else None,
            }
            for one in found
        ]
    }


async def _update_parcel(call: ServiceCall) -> ServiceResponse:
    """Change what the person said about a parcel."""
    coordinator = _coordinator(call.hass)
    subentry = _subentry(coordinator.config_entry, call.data)
    cleared = set(call.data[ATTR_CLEAR])
    data = {key: value for key, value in subentry.data.items() if key not in cleared}
    data |= optional_fields(
        {key: call.data[key] for key in _OPTIONAL if key in call.data}
    )
    title = subentry.title
    if CONF_NAME in cleared:
        title = subentry.data[CONF_TRACKING_NUMBER]
    if call.data.get(CONF_NAME):
        title = call.data[CONF_NAME]
    call.hass.config_entries.async_update_subentry(
        coordinator.config_entry, subentry, data=MappingProxyType(data), title=title
    )
    parcel = coordinator.data[subentry.subentry_id]
    return {"parcel": _parcel_json(coordinator, parcel)}


async def _remove_parcel(call: ServiceCall) -> None:
    """Stop following a parcel."""
    coordinator = _coordinator(call.hass)
    entry = coordinator.config_entry
    subentry = _subentry(entry, call.data)
    call.hass.config_entries.async_remove_subentry(entry, subentry.subentry_id)
    if not call.data[ATTR_KEEP_JOURNAL]:
        number = subentry.data[CONF_TRACKING_NUMBER]
        for forgotten in (number, *joined_numbers(subentry)):
            await coordinator.announcer.async_forget(forgotten)
        forgotten_id = subentry.subentry_id
        coordinator.async_show_anew(coordinator.transit_times.forget(forgotten_id))


async def _get_parcels(call: ServiceCall) -> ServiceResponse:
    """Answer with the parcels asked for, newest first."""
    coordinator = _coordinator(call.hass)
    parcels: Iterable[Parcel] = coordinator.data.values()
    if ATTR_PARCEL_ID in call.data or CONF_TRACKING_NUMBER in call.data:
        subentry = _subentry(coordinator.config_entry, call.data)
        parcels = [coordinator.data[subentry.subentry_id]]
    stages = call.data.get(ATTR_STAGE)
    chosen = [p for p in parcels if stages is None or p.stage in stages]
    chosen.sort(key=lambda parcel: parcel.added_at, reverse=True)
    return {
        "parcels": [
            _parcel_json(coordinator, parcel, call.data[ATTR_INCLUDE_EVENTS])
            for parcel in chosen
        ]
    }


async def _refresh(call: ServiceCall) -> ServiceResponse:
    """Ask the providers now, where their limits allow it."""
    coordinator = _coordinator(call.hass)
    if ATTR_PARCEL_ID in call.data:
        asked = [_subentry(coordinator.config_entry, call.data).subentry_id]
    else:
        asked = [p.parcel_id for p in coordinator.data.values() if _is_under_way(p)]
    refused = await coordinator.async_ask(asked)
    return {
        "asked": [parcel_id for parcel_id in asked if parcel_id not in refused],
        "refused": [
            {
                "parcel_id": parcel_id,
                "reason": reason.value if reason is not None else "no_provider",
                "retry_at": retry_at.isoformat() if retry_at is not None else None,
            }
            for parcel_id, (reason, retry_at) in refused.items()
        ],
    }


def _is_under_way(parcel: Parcel) -> bool:
    return parcel.stage not in FINAL_STAGES


def _parcel_json(
    coordinator: WaybillCoordinator, parcel: Parcel, include_events: bool = True
) -> dict[str, Any]:
    return parcel_json(
        parcel,
        now=dt_util.utcnow(),
        zone=dt_util.get_default_time_zone(),
        last_checked=coordinator.questions.last_checked(parcel.parcel_id),
        next_check=coordinator.questions.next_check(parcel.parcel_id),
        include_events=include_events,
        typical_transit=coordinator.transit_times.typical(parcel),
    )


def _candidate_json(candidate: Candidate) -> dict[str, Any]:
    return {
        "carrier": candidate.carrier,
        "carrier_name": carrier_name(candidate.carrier),
        "number": candidate.number,
        "valid": candidate.valid,
    }


def _entry(hass: HomeAssistant) -> WaybillConfigEntry:
    for entry in hass.config_entries.async_entries(DOMAIN):
        if entry.state is ConfigEntryState.LOADED:
            return entry
    raise _error("not_set_up")


def _coordinator(hass: HomeAssistant) -> WaybillCoordinator:
    return _entry(hass).runtime_data


def _subentry(entry: WaybillConfigEntry, data: Mapping[str, Any]) -> ConfigSubentry:
    """Return the parcel that an action names."""
    parcel_id, text = data.get(ATTR_PARCEL_ID), data.get(CONF_TRACKING_NUMBER)
    if parcel_id is None and text is None:
        raise _error("no_parcel_named")
    if parcel_id is not None:
        subentry = entry.subentries.get(parcel_id)
        if subentry is not None and parcel_id in entry.runtime_data.data:
            return subentry
    else:
        subentry = find_parcel(entry, normalise(str(text)))
        if subentry is not None and subentry.subentry_id in entry.runtime_data.data:
            return subentry
    raise _error("unknown_parcel", parcel=str(parcel_id or text))


def _error(key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders or None,
    )
