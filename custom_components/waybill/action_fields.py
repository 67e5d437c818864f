"""What a person can say of a parcel beside its number and name, as actions take it."""

from datetime import date, datetime
import re
from typing import Any, Final

import voluptuous as vol

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
    LONGEST_NOTES,
)
from .tracking.harmless_text import whole
from .tracking.numbers import CARRIERS
from .tracking.providers import PROVIDERS

_TEXT_LIMIT: Final = 1000
_COUNTRYS_POST: Final = re.compile(r"post_[a-z0-9_]*[a-z0-9]")


def text_of(limit: int = _TEXT_LIMIT) -> vol.All:
    """Validate a text of at most so many characters."""
    return vol.All(cv.string, whole, vol.Strip, vol.Length(max=limit))


def _carrier(value: Any) -> str:
    """Validate a carrier's id: one that is known, or a country's post.

    What was given instead may be a number: it is not told again.
    """
    carrier = cv.string(value)
    if carrier not in CARRIERS and not _COUNTRYS_POST.fullmatch(carrier):
        raise vol.Invalid("no carrier that Waybill knows")
    return carrier


def _promise(value: Any) -> date | datetime:
    """Validate a date, or a date and time."""
    if isinstance(value, datetime | date):
        return value
    text = cv.string(value)
    promised = dt_util.parse_date(text) or dt_util.parse_datetime(text)
    if promised is None:
        raise vol.Invalid("a date is wanted, or a date and time")
    return promised


DATE: Final = vol.Msg(cv.date, "a date is wanted")
MOMENT: Final = vol.Msg(cv.datetime, "a date and time are wanted")
"""Home Assistant's own errors tell again what was given, which may be a number."""


FIELDS: Final = {
    vol.Optional(CONF_CARRIER): _carrier,
    vol.Optional(CONF_PROVIDER): vol.In(PROVIDERS),
    vol.Optional(CONF_SELLER): text_of(),
    vol.Optional(CONF_ORDER_URL): vol.All(cv.string, whole, cv.url),
    vol.Optional(CONF_ORDER_NUMBER): text_of(),
    vol.Optional(CONF_ORDERED_ON): DATE,
    vol.Optional(CONF_EXPECTED_BY): _promise,
    vol.Optional(CONF_PROTECTION_UNTIL): DATE,
    vol.Optional(CONF_POSTAL_CODE): text_of(20),
    vol.Optional(CONF_PHONE_LAST4): vol.All(
        cv.string, vol.Match(r"^[0-9]{4}$", msg="the last four digits are wanted")
    ),
    vol.Optional(CONF_STALLED_AFTER_DAYS): vol.All(
        vol.Coerce(int), vol.Range(min=1, max=90)
    ),
    vol.Optional(CONF_NOTES): text_of(LONGEST_NOTES),
}
