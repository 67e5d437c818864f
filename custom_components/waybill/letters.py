"""A message to the seller, ready to be copied, in the person's language."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .languages import CommonWords, async_words, day_in_words
from .tracking.assessment import AlertKind
from .tracking.model import ProblemKind, Stage, TrackingEvent
from .tracking.parcel import Parcel
from .tracking.providers.fields import text

OCCASIONS: Final[tuple[str, ...]] = (
    AlertKind.STALLED,
    AlertKind.LATE,
    AlertKind.CUSTOMS_ACTION,
    AlertKind.PROTECTION_ENDING,
    AlertKind.RETURNING,
    AlertKind.EXCEPTION,
    *ProblemKind,
)
"""What a letter can be about; each has its words."""

_SCANS: Final = 3
_LONGEST_SCAN: Final = 160


async def async_letter(
    hass: HomeAssistant, parcel: Parcel, occasion: str, language: str
) -> str:
    """Write to the seller about a parcel.

    ``occasion`` is one of ``OCCASIONS``. What is not known is left out. Raises
    ValueError for another occasion.
    """
    if occasion not in OCCASIONS:
        raise ValueError(occasion)
    words = await async_words(hass, language)
    paragraphs = (
        [words["letter_greeting"]],
        list(_about_order(parcel, words)),
        list(_what_is_wrong(parcel, occasion, words)),
        list(_scans(parcel, words)),
        list(_request(parcel, occasion, words)),
        [words["letter_closing"]],
    )
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines)


def _about_order(parcel: Parcel, words: CommonWords) -> Iterator[str]:
    about = parcel.about
    if about.order_number:
        number = text(about.order_number)
        yield words["letter_order_number"].format(order_number=number)
    else:
        yield words["letter_order"]
    if about.ordered_on is not None:
        day = day_in_words(about.ordered_on, words)
        yield words["letter_ordered_on"].format(date=day)
    tracking = "letter_tracking" if parcel.carrier_name else "letter_tracking_bare"
    yield words[tracking].format(
        number=parcel.tracking_number, carrier=parcel.carrier_name
    )
    if parcel.shipped_at is not None:
        day = _local_day(parcel.shipped_at, words)
        yield words["letter_shipped"].format(date=day)
    if parcel.promises:
        day = _local_day(min(parcel.promises, key=datetime.timestamp), words)
        yield words["letter_promised"].format(date=day)
    if parcel.delivered_at is not None:
        day = _local_day(parcel.delivered_at, words)
        yield words["letter_delivered"].format(date=day)


def _what_is_wrong(parcel: Parcel, occasion: str, words: CommonWords) -> Iterator[str]:
    yield words[f"letter_wrong_{occasion}"]
    reported = [p for p in parcel.problems if p.problem == occasion and p.description]
    if reported:
        yield text(reported[-1].description, 2000)


def _scans(parcel: Parcel, words: CommonWords) -> Iterator[str]:
    scans = [event for event in parcel.events if event.description][:_SCANS]
    if scans:
        yield words["letter_scans"]
    elif parcel.stage is Stage.PENDING:
        yield words["letter_no_scan"]
    for event in scans:
        line = text(event.description, _LONGEST_SCAN)
        if day := _day(event, words):
            line = words["letter_scan"].format(date=day, description=line)
        place = text(event.location, _LONGEST_SCAN) if event.location else ""
        yield f"- {line} ({place})" if place else f"- {line}"


def _request(parcel: Parcel, occasion: str, words: CommonWords) -> Iterator[str]:
    yield words[f"letter_request_{occasion}"]
    if parcel.about.protection_until is not None:
        day = day_in_words(parcel.about.protection_until, words)
        yield words["letter_protection"].format(date=day)


def _day(event: TrackingEvent, words: CommonWords) -> str:
    """Say the day of a scan: the carrier's wall clock where it told no zone."""
    if event.local_time is not None:
        return day_in_words(event.local_time.date(), words)
    return _local_day(event.time, words) if event.time is not None else ""


def _local_day(moment: datetime, words: CommonWords) -> str:
    return day_in_words(dt_util.as_local(moment).date(), words)
