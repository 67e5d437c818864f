"""A parcel as a language model is told of it.

The model may run on somebody else's computer, and believes what it reads. So it
gets fields instead of sentences; of a tracking number only the end; nothing of
who lives here (signature, pickup point, postal code, phone, notes, order); and
what strangers wrote apart from all else, short, without links, and without the
numbers and names that Waybill knows, wherever these stand in it.
"""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
import re
from typing import Any, Final
import unicodedata

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .parcel_words import as_plain_text
from .shortened_numbers import (
    SHOWN_OF_A_NUMBER,
    WITHHELD,
    anyhow_written,
    end_of,
    letters,
    without_numbers,
)
from .tracking.deliveries import due
from .tracking.estimates import deadline
from .tracking.harmless_text import clean
from .tracking.model import TrackingEvent
from .tracking.parcel import Parcel

UNTRUSTED: Final = "untrusted_text"
"""The field that holds what strangers wrote."""
LONGEST: Final = 200
"""Characters of any text."""

_READ: Final = 4 * LONGEST
"""Characters of a text that are looked at."""
_ENTITY: Final = f"component.{DOMAIN}.entity"
_STAGE: Final = f"{_ENTITY}.sensor.stage.state"
_ALERT: Final = f"{_ENTITY}.binary_sensor.needs_attention.state_attributes.alerts.state"
_WEB_ADDRESS: Final = re.compile(
    # All that a scheme may be made of is taken at once: each text is read once.
    r"(?:(?<![a-z0-9+.-])[a-z0-9+.-]++://|(?<![a-z0-9])(?:www\.|javascript:))\S*",
    re.IGNORECASE,
)


async def async_stage_words(hass: HomeAssistant, language: str) -> Mapping[str, str]:
    """Return the words for stages and alerts that ``told_parcel`` needs."""
    return await async_get_translations(hass, language, "entity", [DOMAIN])


def told_parcel(parcel: Parcel, words: Mapping[str, str]) -> dict[str, Any]:
    """Return what is told of a parcel, as JSON types.

    Times are ISO 8601 on the clock at home; one without an offset is that of a
    place whose time zone nobody told.
    """
    zone, now = dt_util.get_default_time_zone(), dt_util.utcnow()
    event = parcel.last_event
    return {
        "name": told_name(parcel),
        "number_ends_with": parcel.tracking_number[-SHOWN_OF_A_NUMBER:],
        "carrier": _told(parcel.carrier_name, parcel),
        "stage": parcel.stage.value,
        "stage_in_words": words.get(f"{_STAGE}.{parcel.stage}"),
        "stage_since": _moment(parcel.stage_since),
        "needs_attention": parcel.needs_attention,
        "alerts": [
            {
                "kind": alert.kind.value,
                "in_words": words.get(f"{_ALERT}.{alert.kind}"),
                "since": _moment(alert.since),
            }
            for alert in parcel.alerts
        ],
        "estimated_delivery": _estimate(parcel, zone),
        "days_left": _days_left(parcel, now, zone),
        "days_in_transit": parcel.days_in_transit(now, zone),
        "delivered_at": _moment(parcel.delivered_at),
        "buyer_protection_until": _moment(parcel.about.protection_until),
        "last_event_at": event and _moment(event.time or event.local_time),
        UNTRUSTED: _strangers(event, parcel),
    }


def told_name(parcel: Parcel) -> str:
    """Return what a parcel is called; one without a name has its number's end."""
    return _told(parcel.name, parcel) or end_of(parcel.tracking_number)


def _strangers(event: TrackingEvent | None, parcel: Parcel) -> dict[str, str | None]:
    """Return what was written by others: the carrier, the shop."""
    return {
        "last_event": _told(event.description if event else None, parcel),
        "place": _told(event.location if event else None, parcel),
        "seller": _told(parcel.about.seller, parcel),
    }


def _told(text: str | None, parcel: Parcel) -> str | None:
    """Return a text as a model may read it; None where nothing is left."""
    line = clean(unicodedata.normalize("NFKC", (text or "")[:_READ]), _READ)
    numbers = [leg.tracking_number for leg in parcel.legs]
    line = without_numbers(_WEB_ADDRESS.sub(WITHHELD, line), numbers)
    for known in (parcel.signed_by, parcel.pickup_point, parcel.about.postal_code):
        if written := letters(known):
            line = _as_a_word(written).sub(WITHHELD, line)
    return as_plain_text(line) or None


def _as_a_word(written: str) -> re.Pattern[str]:
    """Match it where it is no part of a longer word: Al, but not in Alert.

    Scripts that put no blanks between words have no such thing.
    """
    pattern = rf"(?<![a-z0-9]){anyhow_written(written)}(?![a-z0-9])"
    return re.compile(pattern, re.IGNORECASE)


def _estimate(parcel: Parcel, zone: tzinfo) -> dict[str, str | None] | None:
    """Return when a parcel is to come, as days or as times; None once it is moot."""
    until, window = due(parcel, zone), parcel.window
    if until is None:
        return None
    start: date | None = None
    if window is not None:
        start = window.start.date() if window.all_day else window.start
    return {
        "from": _moment(start),
        "to": _moment(until),
        "promised_by": "person" if window is None else "carrier",
    }


def _days_left(parcel: Parcel, now: datetime, zone: tzinfo) -> int | None:
    """Count the days until a promise ends, on the calendar at home."""
    until = due(parcel, zone)
    if until is None:
        return None
    return (deadline(until, zone).date() - now.astimezone(zone).date()).days


def _moment(value: date | datetime | None) -> str | None:
    if isinstance(value, datetime):
        local = value if value.tzinfo is None else dt_util.as_local(value)
        return local.isoformat(timespec="seconds")
    return value.isoformat() if value is not None else None
