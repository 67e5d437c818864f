"""The actions, registered once whether or not parcels are followed yet."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

import voluptuous as vol

from homeassistant.const import CONF_NAME
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from .action_errors import action_error, parcel_error
from .action_fields import FIELDS, MOMENT, text_of
from .answered_parcels import followed_parcel_json
from .const import CONF_CARRIER, CONF_TRACKING_NUMBER, DOMAIN, LONGEST_NAME
from .coordinator import WaybillCoordinator
from .evidence_export import async_export_evidence
from .evidence_files import MIME_TYPES
from .journal_transfer import async_export_journal, async_import_journal
from .life_cycle import (
    async_archive_named,
    async_list_parcels,
    async_remove_named,
    async_restore_named,
)
from .loaded_entry import loaded_entry
from .named_parcels import ATTR_PARCEL_ID, async_followed_parcel, async_named_parcel
from .new_parcel import async_add_parcel, find_parcel, optional_fields
from .problem_reports import async_report_problem
from .recognition import Verdict, recognise_number
from .recorded_events import async_record_event
from .text_parcels import async_add_from_text
from .tracking.model import FINAL_STAGES, ProblemKind, Stage
from .tracking.numbers import Candidate, carrier_name
from .tracking.parcel import Parcel

ATTR_CLEAR: Final = "clear"
ATTR_DESCRIPTION: Final = "description"
ATTR_DRY_RUN: Final = "dry_run"
ATTR_FORCE: Final = "force"
ATTR_FORMAT: Final = "format"
ATTR_INCLUDE_ARCHIVED: Final = "include_archived"
ATTR_INCLUDE_EVENTS: Final = "include_events"
ATTR_KEEP_JOURNAL: Final = "keep_journal"
ATTR_OVERWRITE: Final = "overwrite"
ATTR_PATH: Final = "path"
ATTR_PHOTOS: Final = "photos"
ATTR_PROBLEM: Final = "problem"
ATTR_SOURCE: Final = "source"
ATTR_STAGE: Final = "stage"
ATTR_TEXT: Final = "text"
ATTR_TIME: Final = "time"

_OPTIONAL: Final = [str(key) for key in FIELDS]
_ON_A_CLOCK_AHEAD: Final = timedelta(minutes=5)
_WRITTEN_BY_HAND: Final = [
    stage for stage in Stage if stage not in (Stage.PENDING, Stage.EXPIRED)
]
"""What a person can say of a parcel; the others say that nothing is known."""

_ONE_PARCEL: Final = {
    vol.Exclusive(ATTR_PARCEL_ID, "parcel"): cv.string,
    vol.Exclusive(CONF_TRACKING_NUMBER, "parcel"): cv.string,
}


def _media(value: Any) -> str:
    """Validate a path, or what was chosen in the media browser."""
    if isinstance(value, Mapping):
        value = value.get("media_content_id")
    return cv.string(value).strip()


ADD_PARCEL: Final = vol.Schema(
    {
        vol.Required(CONF_TRACKING_NUMBER): cv.string,
        vol.Optional(CONF_NAME): text_of(LONGEST_NAME),
        vol.Optional(ATTR_FORCE, default=False): cv.boolean,
        **FIELDS,
    }
)
UPDATE_PARCEL: Final = vol.Schema(
    {
        **_ONE_PARCEL,
        vol.Optional(CONF_NAME): text_of(LONGEST_NAME),
        vol.Optional(ATTR_CLEAR, default=list): vol.All(
            cv.ensure_list, [vol.In([*_OPTIONAL, CONF_NAME])]
        ),
        **FIELDS,
    }
)
REMOVE_PARCEL: Final = vol.Schema(
    {**_ONE_PARCEL, vol.Optional(ATTR_KEEP_JOURNAL, default=True): cv.boolean}
)
ONE_PARCEL: Final = vol.Schema(_ONE_PARCEL)
EXPORT_JOURNAL: Final = vol.Schema({vol.Required(ATTR_PATH): cv.string})
IMPORT_JOURNAL: Final = vol.Schema(
    {
        vol.Required(ATTR_PATH): cv.string,
        vol.Optional(ATTR_OVERWRITE, default=False): cv.boolean,
    }
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
        vol.Optional(ATTR_SOURCE, default=""): text_of(),
        vol.Optional(ATTR_DRY_RUN, default=False): cv.boolean,
    }
)
REFRESH: Final = vol.Schema({vol.Optional(ATTR_PARCEL_ID): cv.string})
EXPORT_EVIDENCE: Final = vol.Schema(
    {
        **_ONE_PARCEL,
        vol.Optional(ATTR_FORMAT, default="pdf"): vol.In(MIME_TYPES),
    }
)
RECORD_EVENT: Final = vol.Schema(
    {
        **_ONE_PARCEL,
        vol.Optional(ATTR_STAGE): vol.All(vol.Coerce(Stage), vol.In(_WRITTEN_BY_HAND)),
        vol.Optional(ATTR_DESCRIPTION, default=""): text_of(),
        vol.Optional(ATTR_TIME): MOMENT,
    }
)
REPORT_PROBLEM: Final = vol.Schema(
    {
        **_ONE_PARCEL,
        vol.Required(ATTR_PROBLEM): vol.Coerce(ProblemKind),
        vol.Optional(ATTR_DESCRIPTION, default=""): text_of(2000),
        vol.Optional(ATTR_PHOTOS, default=list): vol.All(cv.ensure_list, [_media]),
    }
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    optional, only = SupportsResponse.OPTIONAL, SupportsResponse.ONLY
    register = hass.services.async_register
    register(DOMAIN, "add_parcel", _add_parcel, ADD_PARCEL, optional)
    register(DOMAIN, "add_from_text", _add_from_text, ADD_FROM_TEXT, optional)
    register(DOMAIN, "update_parcel", _update_parcel, UPDATE_PARCEL, optional)
    register(DOMAIN, "remove_parcel", _remove_parcel, REMOVE_PARCEL)
    register(DOMAIN, "archive_parcel", _archive_parcel, ONE_PARCEL, optional)
    register(DOMAIN, "restore_parcel", _restore_parcel, ONE_PARCEL, optional)
    register(DOMAIN, "export_journal", _export_journal, EXPORT_JOURNAL, optional)
    register(DOMAIN, "import_journal", _import_journal, IMPORT_JOURNAL, optional)
    register(DOMAIN, "get_parcels", _get_parcels, GET_PARCELS, only)
    register(DOMAIN, "refresh", _refresh, REFRESH, optional)
    register(DOMAIN, "record_event", _record_event, RECORD_EVENT, optional)
    register(DOMAIN, "report_problem", _report_problem, REPORT_PROBLEM, optional)
    register(DOMAIN, "export_evidence", _export_evidence, EXPORT_EVIDENCE, optional)


async def _add_parcel(call: ServiceCall) -> ServiceResponse:
    """Follow a number; answers when the parcel exists, before any carrier."""
    entry = loaded_entry(call.hass)
    text = call.data[CONF_TRACKING_NUMBER]
    recognition = recognise_number(text, call.hass.config.country)
    number = recognition.number
    if recognition.verdict is Verdict.NOT_A_NUMBER:
        raise action_error("not_a_number")
    if recognition.verdict is Verdict.MISTYPED and not call.data[ATTR_FORCE]:
        raise action_error("mistyped", carrier=recognition.carrier_name or "?")
    known = find_parcel(entry, number)
    if known is not None:
        own = known.data[CONF_TRACKING_NUMBER]
        raise parcel_error("already_followed", known.title, own)
    fields = {key: call.data[key] for key in _OPTIONAL if key in call.data}
    try:
        subentry = await async_add_parcel(
            call.hass, entry, number, call.data.get(CONF_NAME), fields
        )
    except AbortFlow:
        # Somebody else added it in the meantime.
        raise parcel_error("already_followed", number, number) from None
    await entry.runtime_data.async_settled()
    candidates = recognition.candidates
    carrier = subentry.data.get(CONF_CARRIER) or (
        candidates[0].carrier if candidates else None
    )
    return {
        "parcel_id": subentry.subentry_id,
        "tracking_number": subentry.data[CONF_TRACKING_NUMBER],
        "carrier": carrier,
        "candidates": [_candidate_json(candidate) for candidate in candidates],
    }


async def _add_from_text(call: ServiceCall) -> ServiceResponse:
    """Follow every number in a text."""
    entry = loaded_entry(call.hass)
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
    subentry = await async_followed_parcel(coordinator, call.data)
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
    return {"parcel": followed_parcel_json(coordinator, parcel)}


async def _archive_parcel(call: ServiceCall) -> ServiceResponse:
    """Put a parcel into the archive."""
    coordinator = _coordinator(call.hass)
    return {"parcel": await async_archive_named(coordinator, call.data)}


async def _restore_parcel(call: ServiceCall) -> ServiceResponse:
    """Follow an archived parcel again."""
    coordinator = _coordinator(call.hass)
    return {"parcel": await async_restore_named(coordinator, call.data)}


async def _remove_parcel(call: ServiceCall) -> None:
    """Stop following a parcel, or take it out of the archive."""
    keep_journal = call.data[ATTR_KEEP_JOURNAL]
    await async_remove_named(
        _coordinator(call.hass), call.data, keep_journal=keep_journal
    )


async def _get_parcels(call: ServiceCall) -> ServiceResponse:
    """Answer with the parcels asked for, newest first."""
    parcels = await async_list_parcels(
        _coordinator(call.hass),
        call.data,
        stages=call.data.get(ATTR_STAGE),
        include_events=call.data[ATTR_INCLUDE_EVENTS],
        include_archived=call.data[ATTR_INCLUDE_ARCHIVED],
    )
    return {"parcels": [*parcels]}


async def _export_journal(call: ServiceCall) -> ServiceResponse:
    """Write all that is known of all parcels into a file."""
    exported = await async_export_journal(_coordinator(call.hass), call.data[ATTR_PATH])
    return {"path": str(exported.path), "parcels": exported.parcels}


async def _import_journal(call: ServiceCall) -> ServiceResponse:
    """Take up what another house exported."""
    taken = await async_import_journal(
        _coordinator(call.hass),
        call.data[ATTR_PATH],
        overwrite=call.data[ATTR_OVERWRITE],
    )
    return {"imported": [*taken.imported], "skipped": [*taken.skipped]}


async def _refresh(call: ServiceCall) -> ServiceResponse:
    """Ask the providers now, where their limits allow it."""
    coordinator = _coordinator(call.hass)
    if ATTR_PARCEL_ID in call.data:
        subentry = await async_followed_parcel(coordinator, call.data)
        asked = [subentry.subentry_id]
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


async def _record_event(call: ServiceCall) -> ServiceResponse:
    """Write a line into a parcel's journal by hand."""
    coordinator = _coordinator(call.hass)
    parcel_id = (await async_followed_parcel(coordinator, call.data)).subentry_id
    stage, description = call.data.get(ATTR_STAGE), call.data[ATTR_DESCRIPTION]
    if stage is None and not description:
        raise action_error("nothing_to_record")
    time = call.data.get(ATTR_TIME)
    if time is not None:
        # What has no offset is on the clock at home.
        time = dt_util.as_utc(time)
    if time is not None and time > dt_util.utcnow() + _ON_A_CLOCK_AHEAD:
        raise action_error("time_to_come")
    await async_record_event(
        coordinator, parcel_id, stage=stage, description=description, time=time
    )
    parcel = coordinator.data[parcel_id]
    return {"parcel": followed_parcel_json(coordinator, parcel)}


async def _report_problem(call: ServiceCall) -> ServiceResponse:
    """Write down what is wrong with a parcel, and say what to do."""
    coordinator = _coordinator(call.hass)
    return await async_report_problem(
        coordinator,
        (await async_followed_parcel(coordinator, call.data)).subentry_id,
        call.data[ATTR_PROBLEM],
        description=call.data[ATTR_DESCRIPTION],
        photos=call.data[ATTR_PHOTOS],
        user_id=call.context.user_id,
    )


async def _export_evidence(call: ServiceCall) -> ServiceResponse:
    """Write a parcel's dispute file into the media folder."""
    coordinator = _coordinator(call.hass)
    return await async_export_evidence(
        coordinator,
        await async_named_parcel(coordinator, call.data),
        call.data[ATTR_FORMAT],
        call.context.user_id,
    )


def _is_under_way(parcel: Parcel) -> bool:
    return parcel.stage not in FINAL_STAGES


def _candidate_json(candidate: Candidate) -> dict[str, Any]:
    return {
        "carrier": candidate.carrier,
        "carrier_name": carrier_name(candidate.carrier),
        "number": candidate.number,
        "valid": candidate.valid,
    }


def _coordinator(hass: HomeAssistant) -> WaybillCoordinator:
    return loaded_entry(hass).runtime_data
