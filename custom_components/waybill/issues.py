"""Repairs: what the person can put right, in plain words."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .parcel_words import as_plain_text
from .tracking.model import FINAL_STAGES
from .tracking.parcel import Parcel
from .tracking.providers import PROVIDERS
from .tracking.routing import Account, would_help

_CREDENTIALS_REJECTED: Final = "credentials_rejected"
_NOT_ENTITLED: Final = "not_entitled"
_QUOTA_SPENT: Final = "quota_spent"
_NO_PROVIDER: Final = "no_provider"
_NO_PROVIDER_SOME_PAID: Final = "no_provider_some_paid"
_NO_PROVIDER_PAID: Final = "no_provider_paid"
_NO_PROVIDER_AT_ALL: Final = "no_provider_at_all"
_NO_PROVIDER_ALLOWED: Final = "no_provider_allowed"
_NO_PROVIDER_ALLOWED_OR_OWN: Final = "no_provider_allowed_or_own"
_PINNED_MISSING: Final = "pinned_provider_missing"
_PINNED_MISSING_NOBODY: Final = "pinned_provider_missing_nobody"
_NOT_FOUND: Final = "not_found"
_INVALID_NUMBER: Final = "invalid_number"
_DETAILS_NEEDED: Final = "details_needed"
_NO_QUOTA_FOR_IT: Final = "no_quota_for_it"
_JOIN_PARCELS: Final = "join_parcels"
_OF_PARCEL: Final = (
    _PINNED_MISSING,
    _NO_PROVIDER,
    _NOT_FOUND,
    _INVALID_NUMBER,
    _DETAILS_NEEDED,
    _NO_QUOTA_FOR_IT,
)
SUBJECT: Final = "subject"
OTHER: Final = "other"
"""What an issue's data say: which parcel or account it is about."""
_HELPFUL: Final = 3
"""How many accounts are named at most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Hindrance:
    """What keeps a parcel from being followed; ``words`` is how that is put."""

    key: str
    words: str
    placeholders: dict[str, str]


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
def async_create_not_entitled_issue(
    hass: HomeAssistant, account_id: str, title: str
) -> None:
    """Say that an account's credentials are good, but may not track."""
    _create(
        hass,
        _NOT_ENTITLED,
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
    for key in (_CREDENTIALS_REJECTED, _NOT_ENTITLED, _QUOTA_SPENT):
        ir.async_delete_issue(hass, DOMAIN, f"{key}_{account_id}")


@callback
def async_judge_parcel(
    hass: HomeAssistant,
    parcel: Parcel,
    accounts: Sequence[Account],
    *,
    long_unknown: bool = False,
) -> None:
    """Say what keeps a parcel from being followed, or take it back.

    ``accounts`` are all that could be asked, if the person allowed it;
    ``long_unknown`` says that those who are asked have not found it for days.
    """
    current = _hindrance(parcel, accounts)
    if current is None and long_unknown:
        current = _not_found(parcel)
    for key in _OF_PARCEL:
        if current is None or key != current.key:
            ir.async_delete_issue(hass, DOMAIN, f"{key}_{parcel.parcel_id}")
    if current is None:
        return
    placeholders = {
        "parcel": as_plain_text(parcel.name),
        "carrier": parcel.carrier_name or "?",
        **current.placeholders,
    }
    _create(hass, current.key, parcel.parcel_id, placeholders, words=current.words)


@callback
def async_clear_parcel_issues(hass: HomeAssistant, parcel_id: str) -> None:
    """Take back what was said about a parcel."""
    for key in _OF_PARCEL:
        ir.async_delete_issue(hass, DOMAIN, f"{key}_{parcel_id}")


@callback
def async_clear_left_behind(
    hass: HomeAssistant,
    subjects: Collection[str],
    offers: Collection[tuple[str, str]],
) -> None:
    """Take back what was said of parcels and accounts that are there no more.

    They can go, and numbers be corrected, while nobody follows them.
    """
    for issue in list(ir.async_get(hass).issues.values()):
        if issue.domain != DOMAIN or issue.data is None:
            continue
        if OTHER in issue.data:
            stale = (issue.data[SUBJECT], issue.data[OTHER]) not in offers
        else:
            stale = issue.data[SUBJECT] not in subjects
        if stale:
            ir.async_delete_issue(hass, DOMAIN, issue.issue_id)


@callback
def async_clear_all(hass: HomeAssistant) -> None:
    """Take back all that was ever said."""
    for issue in list(ir.async_get(hass).issues.values()):
        if issue.domain == DOMAIN:
            ir.async_delete_issue(hass, DOMAIN, issue.issue_id)


@callback
def async_create_join_issue(hass: HomeAssistant, parcel: Parcel, other: Parcel) -> None:
    """Offer to make one parcel of two whose numbers belong together."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        _join_issue_id(parcel.parcel_id, other.parcel_id),
        data={SUBJECT: parcel.parcel_id, OTHER: other.parcel_id},
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=_JOIN_PARCELS,
        translation_placeholders={
            "parcel": as_plain_text(parcel.name),
            "number": parcel.tracking_number,
            "other": as_plain_text(other.name),
            "other_number": other.tracking_number,
        },
    )


@callback
def async_clear_join_issue(hass: HomeAssistant, parcel_id: str, other_id: str) -> None:
    """Take back the offer to make one parcel of two."""
    ir.async_delete_issue(hass, DOMAIN, _join_issue_id(parcel_id, other_id))


def _join_issue_id(parcel_id: str, other_id: str) -> str:
    return f"{_JOIN_PARCELS}_{parcel_id}_{other_id}"


def _hindrance(parcel: Parcel, accounts: Sequence[Account]) -> _Hindrance | None:
    if parcel.stage in FINAL_STAGES:
        return None
    pinned = parcel.about.provider
    if pinned is not None and pinned not in {a.provider for a in accounts}:
        return _Hindrance(
            key=_PINNED_MISSING,
            words=_PINNED_MISSING if parcel.providers else _PINNED_MISSING_NOBODY,
            placeholders={
                "provider": _names([pinned]),
                "instead": _names(choice.provider for choice in parcel.providers),
            },
        )
    if parcel.events:
        return None
    if not parcel.providers:
        return _nobody(parcel, accounts)
    if parcel.invalid:
        return _plain(_INVALID_NUMBER)
    if parcel.needs == "quota":
        return _plain(_NO_QUOTA_FOR_IT)
    return _plain(_DETAILS_NEEDED) if parcel.needs is not None else None


def _nobody(parcel: Parcel, accounts: Sequence[Account]) -> _Hindrance:
    """Say which accounts would help: one that is there, else what could be added."""
    number, carrier = parcel.tracking_number, parcel.carrier
    unused = [
        account.provider
        for account in accounts
        if PROVIDERS[account.provider].spends_per_number
        and PROVIDERS[account.provider].answers_for(number, carrier)
    ]
    helpful = would_help(number, carrier)[:_HELPFUL]
    paid = [provider for provider in helpful if PROVIDERS[provider].paid]
    own = [provider for provider in helpful if not PROVIDERS[provider].aggregator]
    if unused:
        words, named = _NO_PROVIDER_ALLOWED, unused[:1]
        if own:
            words = _NO_PROVIDER_ALLOWED_OR_OWN
    elif not helpful:
        words, named = _NO_PROVIDER_AT_ALL, []
    else:
        words, named = _NO_PROVIDER, helpful
        if paid:
            words = _NO_PROVIDER_SOME_PAID if paid != helpful else _NO_PROVIDER_PAID
    return _Hindrance(
        key=_NO_PROVIDER,
        words=words,
        placeholders={
            "accounts": _names(named),
            "paid": _names(paid),
            "own": _names(own),
        },
    )


def _not_found(parcel: Parcel) -> _Hindrance | None:
    """Say who else might find a parcel, if anybody might."""
    asked = [choice.provider for choice in parcel.providers]
    others = [
        provider
        for provider in would_help(parcel.tracking_number, parcel.carrier)
        if provider not in asked
    ]
    if not others:
        return None
    return _Hindrance(
        key=_NOT_FOUND,
        words=_NOT_FOUND,
        placeholders={"asked": _names(asked), "accounts": _names(others[:_HELPFUL])},
    )


def _plain(key: str) -> _Hindrance:
    return _Hindrance(key=key, words=key, placeholders={})


def _names(providers: Iterable[str]) -> str:
    return ", ".join(
        PROVIDERS[provider].name if provider in PROVIDERS else provider
        for provider in dict.fromkeys(providers)
    )


def _create(
    hass: HomeAssistant,
    key: str,
    subject: str,
    placeholders: dict[str, str],
    severity: ir.IssueSeverity = ir.IssueSeverity.WARNING,
    words: str | None = None,
) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{key}_{subject}",
        data={SUBJECT: subject},
        is_fixable=False,
        severity=severity,
        translation_key=words or key,
        translation_placeholders=placeholders,
    )


def _local(moment: datetime) -> str:
    return dt_util.as_local(moment).strftime("%Y-%m-%d %H:%M")
