"""Repairs: what the person can put right, in plain words."""

from datetime import datetime
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .tracking.model import FINAL_STAGES
from .tracking.parcel import Parcel
from .tracking.providers import PROVIDERS
from .tracking.routing import would_help

_CREDENTIALS_REJECTED: Final = "credentials_rejected"
_QUOTA_SPENT: Final = "quota_spent"
_NO_PROVIDER: Final = "no_provider"
_INVALID_NUMBER: Final = "invalid_number"
_DETAILS_NEEDED: Final = "details_needed"
_NO_QUOTA_FOR_IT: Final = "no_quota_for_it"
_OF_PARCEL: Final = (_NO_PROVIDER, _INVALID_NUMBER, _DETAILS_NEEDED, _NO_QUOTA_FOR_IT)
_HELPFUL: Final = 3
"""How many accounts are named at most."""


@callback
def async_create_credentials_issue(
    hass: HomeAssistant, account_id: str, title: str
) -> None:
    """Say that an account's credentials are rejected."""
    _create(
        hass,
        _CREDENTIALS_REJECTED,
        account_id,
        {"account": title},
        severity=ir.IssueSeverity.ERROR,
    )


@callback
def async_create_quota_issue(
    hass: HomeAssistant, account_id: str, title: str, until: datetime
) -> None:
    """Say that an account's quota is spent until a moment (aware)."""
    placeholders = {"account": title, "until": _local(until)}
    _create(hass, _QUOTA_SPENT, account_id, placeholders)


@callback
def async_clear_account_issues(hass: HomeAssistant, account_id: str) -> None:
    """Take back what was said about an account."""
    for key in (_CREDENTIALS_REJECTED, _QUOTA_SPENT):
        ir.async_delete_issue(hass, DOMAIN, f"{key}_{account_id}")


@callback
def async_judge_parcel(hass: HomeAssistant, parcel: Parcel) -> None:
    """Say what keeps a parcel from being followed, or take it back."""
    current = _hindrance(parcel)
    for key in _OF_PARCEL:
        if key != current:
            ir.async_delete_issue(hass, DOMAIN, f"{key}_{parcel.parcel_id}")
    if current is None:
        return
    placeholders = {
        "parcel": parcel.name,
        "carrier": parcel.carrier_name or "?",
    }
    if current == _NO_PROVIDER:
        helpful = would_help(parcel.tracking_number, parcel.carrier)[:_HELPFUL]
        placeholders["accounts"] = ", ".join(PROVIDERS[p].name for p in helpful)
    _create(hass, current, parcel.parcel_id, placeholders)


@callback
def async_clear_parcel_issues(hass: HomeAssistant, parcel_id: str) -> None:
    """Take back what was said about a parcel."""
    for key in _OF_PARCEL:
        ir.async_delete_issue(hass, DOMAIN, f"{key}_{parcel_id}")


def _hindrance(parcel: Parcel) -> str | None:
    if parcel.stage in FINAL_STAGES or parcel.events:
        return None
    if not parcel.providers:
        return _NO_PROVIDER
    if parcel.invalid:
        return _INVALID_NUMBER
    if parcel.needs == "quota":
        return _NO_QUOTA_FOR_IT
    return _DETAILS_NEEDED if parcel.needs is not None else None


def _create(
    hass: HomeAssistant,
    key: str,
    subject: str,
    placeholders: dict[str, str],
    severity: ir.IssueSeverity = ir.IssueSeverity.WARNING,
) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{key}_{subject}",
        is_fixable=False,
        severity=severity,
        translation_key=key,
        translation_placeholders=placeholders,
    )


def _local(moment: datetime) -> str:
    return dt_util.as_local(moment).strftime("%Y-%m-%d %H:%M")
