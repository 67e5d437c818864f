"""Parcels and accounts as the person entered them: the config subentries."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.util import dt as dt_util

from .const import (
    CONF_ADDED_AT,
    CONF_AUTO_REGISTER,
    CONF_CARRIER,
    CONF_EXPECTED_BY,
    CONF_FOLLOW_ACCOUNT,
    CONF_JOINED,
    CONF_LISTED_BY,
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
)
from .tracking.parcel import About, Pins
from .tracking.providers import PROVIDERS
from .tracking.routing import Account


def about_parcel(subentry: ConfigSubentry) -> About:
    """Return what the person said about a parcel."""
    data = subentry.data
    return About(
        name=subentry.title,
        carrier=data.get(CONF_CARRIER),
        provider=data.get(CONF_PROVIDER),
        seller=data.get(CONF_SELLER),
        order_url=data.get(CONF_ORDER_URL),
        order_number=data.get(CONF_ORDER_NUMBER),
        ordered_on=_day(data, CONF_ORDERED_ON),
        expected_by=_promise(data, CONF_EXPECTED_BY),
        protection_until=_day(data, CONF_PROTECTION_UNTIL),
        postal_code=data.get(CONF_POSTAL_CODE),
        phone_last4=data.get(CONF_PHONE_LAST4),
        stalled_after_days=data.get(CONF_STALLED_AFTER_DAYS),
        notes=data.get(CONF_NOTES),
        listed_by=data.get(CONF_LISTED_BY),
        joined=tuple(
            (joined["data"][CONF_TRACKING_NUMBER], _pins(joined["data"]))
            for joined in data.get(CONF_JOINED, ())
        ),
    )


def added_at(subentry: ConfigSubentry) -> datetime:
    """Return when a parcel was added (aware)."""
    moment = dt_util.parse_datetime(str(subentry.data.get(CONF_ADDED_AT)))
    return dt_util.as_utc(moment) if moment is not None else dt_util.utcnow()


def account(subentry: ConfigSubentry) -> Account:
    """Return an account without its credentials."""
    provider = subentry.data[CONF_PROVIDER]
    return Account(
        account_id=subentry.subentry_id,
        provider=provider,
        auto_register=subentry.data.get(CONF_AUTO_REGISTER, False),
        follow_account=PROVIDERS[provider].lists_parcels
        and subentry.data.get(CONF_FOLLOW_ACCOUNT, False),
    )


def _pins(data: Mapping[str, Any]) -> Pins:
    return Pins(
        carrier=data.get(CONF_CARRIER),
        provider=data.get(CONF_PROVIDER),
        listed_by=data.get(CONF_LISTED_BY),
    )


def _day(data: Mapping[str, Any], key: str) -> date | None:
    return dt_util.parse_date(data[key]) if data.get(key) else None


def _promise(data: Mapping[str, Any], key: str) -> date | datetime | None:
    if not data.get(key):
        return None
    return dt_util.parse_date(data[key]) or dt_util.parse_datetime(data[key])
