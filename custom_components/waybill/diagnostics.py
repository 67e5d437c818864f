"""Diagnostics that can be shown to anybody.

They tell how Waybill works, not what the person bought: of a number the length
and the first two characters stay, of names, words and places the length.
"""

from collections import Counter
from datetime import datetime
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util

from .const import (
    CONF_ADDED_AT,
    CONF_CARRIER,
    CONF_LISTED_BY,
    CONF_PROVIDER,
    CONF_STALLED_AFTER_DAYS,
    SUBENTRY_PARCEL,
)
from .coordinator import WaybillConfigEntry, WaybillCoordinator
from .simulator import simulator_from_environment
from .tracking.harmless_text import code_or_length
from .tracking.journal import Journal, Track
from .tracking.model import Milestone, TrackingEvent
from .tracking.parcel import Parcel
from .tracking.providers import PROVIDERS

_SHOWN_OF_A_NUMBER: Final = 2
_SHOWN_AS_IT_IS: Final = {
    CONF_ADDED_AT,
    CONF_CARRIER,
    CONF_LISTED_BY,
    CONF_PROVIDER,
    CONF_STALLED_AFTER_DAYS,
}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: WaybillConfigEntry
) -> dict[str, Any]:
    """Return how all of Waybill is doing."""
    about = {
        "version": f"{entry.version}.{entry.minor_version}",
        "state": entry.state.value,
        "options": dict(entry.options),
        "simulated": simulator_from_environment().url is not None,
        "providers_known": list(PROVIDERS),
    }
    if entry.state is not ConfigEntryState.LOADED:
        return about
    coordinator = entry.runtime_data
    parcels = coordinator.data
    return about | {
        "now": dt_util.utcnow().isoformat(),
        "next_wake": _moment(coordinator.plan.next_wake(dt_util.utcnow())),
        "next_list": _moment(coordinator.account_parcels.next_wake(dt_util.utcnow())),
        "stages": dict(Counter(parcel.stage.value for parcel in parcels.values())),
        "accounts": [
            _account(coordinator, account.account_id)
            for account in coordinator.accounts.usable()
        ],
        "parcels": [_parcel(coordinator, parcel_id) for parcel_id in parcels],
    }


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: WaybillConfigEntry, device: dr.AnyDeviceEntry
) -> dict[str, Any]:
    """Return how one parcel or one account is doing; of the hub, all."""
    subject = device.config_subentry_id
    if subject is None or entry.state is not ConfigEntryState.LOADED:
        return await async_get_config_entry_diagnostics(hass, entry)
    coordinator = entry.runtime_data
    if entry.subentries[subject].subentry_type != SUBENTRY_PARCEL:
        return {"account": _account(coordinator, subject)}
    asked = {choice.account_id for choice in coordinator.data[subject].providers}
    return {
        "parcel": _parcel(coordinator, subject),
        "accounts": [_account(coordinator, account_id) for account_id in asked],
    }


def _account(coordinator: WaybillCoordinator, account_id: str) -> dict[str, Any]:
    accounts, now = coordinator.accounts, dt_util.utcnow()
    ledger = coordinator.plan.ledger(account_id)
    refusal = ledger.refusal(now)
    settings = {account.account_id: account for account in accounts.usable()}
    return {
        "account_id": account_id,
        "provider": accounts.provider_id(account_id),
        "auto_register": settings[account_id].auto_register,
        "follow_account": settings[account_id].follow_account,
        "list": _list(coordinator, account_id),
        "requests_left": accounts.requests_left(account_id),
        "refuses": refusal[0].value if refusal is not None else None,
        "refuses_until": _moment(refusal[1]) if refusal is not None else None,
        "ledger": ledger.as_dict(),
        "push": _push(coordinator, account_id),
    }


def _push(coordinator: WaybillCoordinator, account_id: str) -> dict[str, Any]:
    """Return how pushes fare; the address that they come to is a secret."""
    webhooks = coordinator.webhooks
    return {
        "listening": webhooks.is_listening(account_id),
        "taken": webhooks.taken[account_id],
        "refused": webhooks.refused[account_id],
        "doubted": coordinator.plan.doubts_pushes(account_id),
    }


def _list(coordinator: WaybillCoordinator, account_id: str) -> dict[str, Any]:
    listing = coordinator.account_parcels.listing(account_id)
    return {
        "listed_at": _moment(listing.listed_at),
        "listed": listing.length,
        "empty_since": _moment(listing.empty_since),
        "known": len(listing.known),
        "missing": sum(since is not None for since in listing.known.values()),
        "brought": len(coordinator.account_parcels.brought(account_id)),
    }


def _parcel(coordinator: WaybillCoordinator, parcel_id: str) -> dict[str, Any]:
    parcel, journal = coordinator.data[parcel_id], coordinator.journals[parcel_id]
    return {
        "parcel_id": parcel_id,
        "tracking_number": _number(parcel.tracking_number),
        "settings": _settings(coordinator, parcel_id),
        "carrier": parcel.carrier,
        "stage": parcel.stage.value,
        "stage_since": _moment(parcel.stage_since),
        "alerts": [
            {"kind": alert.kind.value, "since": _moment(alert.since)}
            for alert in parcel.alerts
        ],
        "next_alert_change": _moment(parcel.flips_at),
        "put_off": [
            {"kind": wish.kind, "until": _moment(wish.until)}
            for wish in journal.put_off
        ],
        "problems": [
            {
                "problem": problem.problem.value,
                "reported_at": _moment(problem.reported_at),
                "settled_at": _moment(problem.settled_at),
                "photos": len(problem.photos),
            }
            for problem in journal.problems
        ],
        "sealed": len(journal.chain),
        "estimate": _estimate(parcel),
        "shipped_at": _moment(parcel.shipped_at),
        "delivered_at": _moment(parcel.delivered_at),
        "origin_country": parcel.origin_country,
        "destination_country": parcel.destination_country,
        "pickup_point": _length(parcel.pickup_point),
        "signed_by": _length(parcel.signed_by),
        "invalid": parcel.invalid,
        "needs": parcel.needs,
        "last_checked": _moment(coordinator.questions.last_checked(parcel_id)),
        "next_check": _moment(coordinator.questions.next_check(parcel_id)),
        "asks": [
            {
                "provider": choice.provider,
                "account_id": choice.account_id,
                "reason": choice.reason.value,
                "may_register": choice.may_register,
            }
            for choice in parcel.providers
        ],
        "legs": [
            {
                "tracking_number": _number(leg.tracking_number),
                "carrier": leg.carrier,
                "found_by": leg.found_by,
                "since": _moment(leg.since),
            }
            for leg in parcel.legs
        ],
        "tracks": [_track(track) for track in journal.tracks],
        "milestones": _milestones(journal),
        "events": [_event(event) for event in parcel.events],
    }


def _settings(coordinator: WaybillCoordinator, parcel_id: str) -> dict[str, Any]:
    subentry = coordinator.config_entry.subentries[parcel_id]
    return {
        key: value if key in _SHOWN_AS_IT_IS else _length(str(value))
        for key, value in subentry.data.items()
    }


def _estimate(parcel: Parcel) -> dict[str, Any] | None:
    window = parcel.window
    if window is None:
        return None
    return {
        "from": _moment(window.start),
        "to": _moment(window.end),
        "provider": window.provider,
    }


def _track(track: Track) -> dict[str, Any]:
    return {
        "provider": track.provider,
        "tracking_number": _number(track.tracking_number),
        "events": len(track.events),
        "stage": track.stage.value if track.stage is not None else None,
        "invalid": track.invalid,
        "needs": track.needs,
        "carrier": track.carrier,
        "has_estimate": track.estimate is not None,
    }


def _milestones(journal: Journal) -> list[dict[str, Any]]:
    def shown(milestone: Milestone) -> dict[str, Any]:
        return {
            "milestone": milestone.milestone.value,
            "stage": milestone.stage.value,
            "time": _moment(milestone.time),
            "noted_at": _moment(milestone.noted_at),
            "telling": milestone.telling.value,
            "announced_at": _moment(milestone.announced_at),
            "inferred": milestone.inferred,
        }

    return [shown(milestone) for milestone in journal.milestones]


def _event(event: TrackingEvent) -> dict[str, Any]:
    return {
        "provider": event.provider,
        "tracking_number": _number(event.tracking_number),
        "code": event.code and code_or_length(event.code),
        "stage": event.stage.value if event.stage is not None else None,
        "direction": event.direction.value if event.direction is not None else None,
        "time": _moment(event.time),
        "local_time": _moment(event.local_time),
        "first_seen": _moment(event.first_seen),
        "carrier": event.carrier,
        "country": event.country,
        "description": _length(event.description),
        "words": _length(event.words),
        "reworded": len(event.earlier_words),
        "location": _length(event.location),
    }


def _number(number: str) -> str:
    shown = number[:_SHOWN_OF_A_NUMBER]
    return shown.ljust(len(number), "*")


def _length(text: str | None) -> str | None:
    return f"({len(text)} characters)" if text else None


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
