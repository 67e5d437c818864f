"""A message to the seller, ready to be copied, in the person's language."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .languages import CommonWords, async_words, day_in_words
from .tracking.assessment import AlertKind
from .tracking.journal import MANUAL
from .tracking.model import Problem, ProblemKind, Stage, TrackingEvent
from .tracking.parcel import Parcel
from .tracking.providers.fields import text

QUESTION: Final = "question"
"""Nothing is wrong yet; the person would like to know."""

OCCASIONS: Final[tuple[str, ...]] = (
    AlertKind.STALLED,
    AlertKind.LATE,
    AlertKind.CUSTOMS_ACTION,
    AlertKind.PROTECTION_ENDING,
    AlertKind.RETURNING,
    AlertKind.EXCEPTION,
    *ProblemKind,
    QUESTION,
)
"""What a letter can be about; each has its words."""

_SHOWN_BY_PHOTOS: Final[frozenset[str]] = frozenset(
    {ProblemKind.DAMAGED, ProblemKind.MISSING_ITEM, ProblemKind.WRONG_ITEM}
)
_ON_ITS_WAY: Final[frozenset[str]] = frozenset(
    {AlertKind.STALLED, AlertKind.LATE, AlertKind.PROTECTION_ENDING, QUESTION}
)
"""Where nobody says yet that the parcel is somewhere."""
_SCANS: Final = 3
_LONGEST_SCAN: Final = 160
_LONGEST_REPORT: Final = 2000


def occasion_of(parcel: Parcel) -> str:
    """Return what there is to write about: a problem that is open, an alert."""
    if (problem := parcel.open_problem) is not None:
        return problem.problem
    kinds = {alert.kind for alert in parcel.alerts}
    return next((occasion for occasion in OCCASIONS if occasion in kinds), QUESTION)


async def async_letter(
    hass: HomeAssistant, parcel: Parcel, occasion: str, language: str
) -> str:
    """Write to the seller about a parcel, in a language.

    ``occasion`` is one of ``OCCASIONS``. Raises ValueError for another one.
    """
    words = await async_words(hass, language)
    return letter(parcel, occasion, words, dt_util.now().date())


def letter(parcel: Parcel, occasion: str, words: CommonWords, today: date) -> str:
    """Do as ``async_letter`` does; ``today`` is the day at the person's home.

    What is not known is left out.
    """
    if occasion not in OCCASIONS:
        raise ValueError(occasion)
    paragraphs = (
        [words["letter_greeting"]],
        list(_about_order(parcel, words)),
        list(_what_is_wrong(parcel, occasion, words)),
        list(_scans(parcel, occasion, words)),
        list(_request(parcel, occasion, words, today)),
        [words["letter_closing"]],
    )
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines)


def _about_order(parcel: Parcel, words: CommonWords) -> Iterator[str]:
    about = parcel.about
    if order_number := text(about.order_number):
        yield words["letter_order_number"].format(order_number=order_number)
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
    if occasion == AlertKind.STALLED and parcel.events:
        day = _local_day(parcel.heard_at, words)
        yield words["letter_wrong_stalled_since"].format(date=day)
    else:
        yield words[f"letter_wrong_{occasion}"]
    reported = _reported(parcel, occasion)
    if reported is not None and (told := text(reported.description, _LONGEST_REPORT)):
        yield told


def _scans(parcel: Parcel, occasion: str, words: CommonWords) -> Iterator[str]:
    scans = [
        (event, line)
        for event in parcel.events
        # What the person wrote down is not for the seller.
        if event.provider != MANUAL and (line := text(event.description, _LONGEST_SCAN))
    ][:_SCANS]
    if scans:
        yield words["letter_scans"]
    elif parcel.stage is Stage.PENDING and occasion in _ON_ITS_WAY:
        yield words["letter_no_scan"]
    for event, line in scans:
        if day := _day(event, words):
            line = words["letter_scan"].format(date=day, description=line)
        place = text(event.location, _LONGEST_SCAN)
        yield f"- {line} ({place})" if place else f"- {line}"


def _request(
    parcel: Parcel, occasion: str, words: CommonWords, today: date
) -> Iterator[str]:
    if occasion in _SHOWN_BY_PHOTOS:
        reported = _reported(parcel, occasion)
        enclosed = reported is not None and reported.photos
        yield words[f"letter_{'enclosed' if enclosed else 'offered'}_{occasion}"]
    yield words[f"letter_request_{occasion}"]
    until = parcel.about.protection_until
    if until is not None and today <= until:
        day = day_in_words(until, words)
        yield words["letter_protection"].format(date=day)


def _reported(parcel: Parcel, occasion: str) -> Problem | None:
    """Return what the person reported last of that kind."""
    reported = [problem for problem in parcel.problems if problem.problem == occasion]
    return reported[-1] if reported else None


def _day(event: TrackingEvent, words: CommonWords) -> str:
    """Say the day of a scan: the carrier's wall clock where it told no zone."""
    if event.local_time is not None:
        return day_in_words(event.local_time.date(), words)
    return _local_day(event.time, words) if event.time is not None else ""


def _local_day(moment: datetime, words: CommonWords) -> str:
    return day_in_words(dt_util.as_local(moment).date(), words)
