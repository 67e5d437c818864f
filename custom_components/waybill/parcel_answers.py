"""How the answers to a parcel's forms are read, and what the forms show of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
import re
from typing import Any, Final

import voluptuous as vol
from yarl import URL

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_NAME
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
)
from .new_parcel import optional_fields
from .parcel_form import CONF_EXPECTED_BY_TIME, SECTION_MORE
from .tracking.numbers import CARRIERS, carrier_name

FIELDS: Final = (
    CONF_CARRIER,
    CONF_SELLER,
    CONF_ORDER_URL,
    CONF_ORDER_NUMBER,
    CONF_ORDERED_ON,
    CONF_EXPECTED_BY,
    CONF_PROTECTION_UNTIL,
    CONF_POSTAL_CODE,
    CONF_PHONE_LAST4,
    CONF_STALLED_AFTER_DAYS,
    CONF_PROVIDER,
    CONF_NOTES,
)
"""What a parcel stores of these forms, beside its number and its name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Details:
    """What a form says of a parcel, ready to be stored."""

    name: str = field(repr=False)
    fields: Mapping[str, Any] = field(repr=False)


def read_details(
    user_input: Mapping[str, Any], parcel: ConfigSubentry | None = None
) -> tuple[Details, dict[str, str]]:
    """Read the answers, and return what is wrong with them by field.

    What was left as it was shown of a ``parcel`` stays as it is stored, also
    where an action stored what no form would take. A form shows no error within
    a section: those are about the whole form.
    """
    rarer = user_input[SECTION_MORE]
    answers = {**user_input, **rarer}
    shown = form_values(parcel) if parcel is not None else {}
    errors: dict[str, str] = {}
    fields: dict[str, Any] = {}
    untouched = set()
    for key in FIELDS:
        if key not in answers:
            continue
        if parcel is not None and key in parcel.data and _same(key, answers, shown):
            fields[key] = parcel.data[key]
            untouched.add(key)
            continue
        try:
            fields[key] = _READERS.get(key, str)(answers[key])
        except ValueError:
            errors["base" if key in rarer else key] = f"invalid_{key}"
    time = answers.get(CONF_EXPECTED_BY_TIME)
    if time and CONF_EXPECTED_BY not in fields:
        errors["base"] = "time_without_day"
    elif time and CONF_EXPECTED_BY not in untouched:
        fields[CONF_EXPECTED_BY] += f"T{time}"
    name = answers.get(CONF_NAME, "").strip()
    return Details(name=name, fields=optional_fields(fields)), errors


def form_values(subentry: ConfigSubentry) -> dict[str, Any]:
    """Return what a form shows of a parcel that is followed."""
    data = dict(subentry.data)
    promise = data.get(CONF_EXPECTED_BY, "")
    moment = dt_util.parse_datetime(promise)
    if moment is not None and dt_util.parse_date(promise) is None:
        local = dt_util.as_local(moment)
        data[CONF_EXPECTED_BY] = local.date().isoformat()
        data[CONF_EXPECTED_BY_TIME] = local.time().isoformat("seconds")
    if CONF_CARRIER in data:
        data[CONF_CARRIER] = carrier_name(data[CONF_CARRIER])
    if subentry.title != data[CONF_TRACKING_NUMBER]:
        data[CONF_NAME] = subentry.title
    return data | {SECTION_MORE: data}


def _same(key: str, answers: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    """Say whether what a form showed of a field came back."""
    parts = (key, CONF_EXPECTED_BY_TIME) if key == CONF_EXPECTED_BY else (key,)
    return all(answers.get(part) == shown.get(part) for part in parts)


def _read_carrier(text: str) -> str:
    """Return the id of a carrier that was chosen, or typed, by its name."""
    name = text.strip().casefold()
    if not name:
        return name
    for carrier in CARRIERS:
        if name in (carrier, carrier_name(carrier).casefold()):
            return carrier
    raise ValueError("no carrier")


def _read_address(text: str) -> str:
    """Take an address as people write it, also without its scheme."""
    text = text.strip()
    if not text:
        return text
    try:
        address = cv.url(text if "://" in text else f"https://{text}")
    except vol.Invalid:
        raise ValueError("no address") from None
    if "." not in (URL(address).host or "") or any(map(str.isspace, text)):
        raise ValueError("no address")
    return address


def _read_postal_code(text: str) -> str:
    code = " ".join(text.upper().split())
    if code and not re.fullmatch(r"[A-Z0-9][A-Z0-9 -]{1,11}", code):
        raise ValueError("no postal code")
    return code


def _read_phone(text: str) -> str:
    """Keep the last four digits, of a whole number too."""
    digits = re.sub(r"\D", "", text, flags=re.ASCII)
    if text.strip() and len(digits) < 4:
        raise ValueError("too few digits")
    return digits[-4:]


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    CONF_CARRIER: _read_carrier,
    CONF_ORDER_URL: _read_address,
    CONF_POSTAL_CODE: _read_postal_code,
    CONF_PHONE_LAST4: _read_phone,
    CONF_STALLED_AFTER_DAYS: int,
}
