"""Read fields of an untrusted answer: any type may stand anywhere."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
import html
import re
from typing import Final
import unicodedata

from .. import numbers
from ..calendar_edge import inside
from ..model import Estimate

TEXT_LIMIT: Final = 500
PLACE_LIMIT: Final = 120
CODE_LIMIT: Final = 80
NUMBER_LIMIT: Final = 64
MAX_EVENTS: Final = 300
"""Lines of one parcel that are read."""
MAX_PARCELS: Final = 300
"""Parcels that are looked through for the one that was asked about."""
LONG_AGO: Final = datetime(1, 1, 3, tzinfo=UTC)
"""Before every scan; at the edge of the calendar no zone can change."""

_OFFSET = re.compile(r"(?:GMT|UTC)?\s*([+-])(\d{1,2})(?::?(\d{2}))?")
_TAG = re.compile(r"<[^<>]{0,200}>")
_COUNTRY = re.compile(r"[A-Z]{2}")
_NOTHING: Final[Mapping[str, object]] = {}


def mapping(value: object) -> Mapping[str, object]:
    """Return the JSON object, or an empty one for anything else."""
    return value if isinstance(value, dict) else _NOTHING


def sequence(value: object) -> list[object]:
    """Return the JSON list, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def mappings(value: object) -> Iterator[Mapping[str, object]]:
    """Iterate over those elements of a JSON list that are objects."""
    return (item for item in sequence(value) if isinstance(item, dict))


def text(value: object, limit: int = TEXT_LIMIT) -> str:
    """Return one clean line of at most ``limit`` characters; "" for no text.

    Numbers are told as text. Markup, control characters and characters that
    change the direction of writing are taken out.
    """
    if isinstance(value, bool):
        return ""
    if isinstance(value, int | float):
        try:
            return str(value)[:limit]
        except ValueError:
            # More digits than Python is willing to print.
            return ""
    if not isinstance(value, str):
        return ""
    plain = _TAG.sub(" ", html.unescape(value[: 4 * limit]))
    if not (plain.isascii() and plain.isprintable()):
        plain = "".join(
            char if not unicodedata.category(char).startswith("C") else _blank(char)
            for char in plain
        )
    return " ".join(plain.split())[:limit].rstrip()


def _blank(char: str) -> str:
    return " " if char.isspace() else ""


def optional_text(value: object, limit: int = TEXT_LIMIT) -> str | None:
    """Do as ``text`` does, but None where nothing is said."""
    return text(value, limit) or None


def number(value: object) -> str:
    """Return a tracking number in its one spelling; "" for none."""
    return numbers.normalise(text(value, NUMBER_LIMIT))


def country(value: object) -> str | None:
    """Return an ISO 3166 alpha-2 code, or None."""
    code = text(value, 8).upper()
    return code if _COUNTRY.fullmatch(code) else None


def offset(value: object) -> timezone | None:
    """Return the zone of a label such as "GMT+8", "UTC+08:00" or "-0530", or None."""
    match = _OFFSET.fullmatch(text(value, 12).upper())
    if match is None:
        return None
    sign, hours, minutes = match.groups()
    shift = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if shift > timedelta(hours=14):
        return None
    return timezone(-shift if sign == "-" else shift)


def moment(value: object) -> datetime | None:
    """Return an ISO 8601 date and time, aware only where it names its offset."""
    written = text(value, 40)
    if len(written) <= len("2026-01-01"):
        return None
    return _checked(written)


def instant(told: datetime | None) -> datetime | None:
    """Return a moment whose offset is known, or None."""
    return told if told is not None and told.tzinfo is not None else None


def wall(told: datetime | None) -> datetime | None:
    """Return the clock at the place, which a time in UTC does not tell."""
    if told is None or told.tzinfo is UTC:
        return None
    return told.replace(tzinfo=None)


def day(value: object) -> date | None:
    """Return the date of an ISO 8601 text, or None."""
    written = text(value, 40)
    try:
        return inside(date.fromisoformat(written[:10]))
    except ValueError, OverflowError:
        return None


def epoch(value: object) -> datetime | None:
    """Return the instant, in UTC, of seconds since 1970."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return epoch_ms(value * 1000)


def epoch_ms(value: object) -> datetime | None:
    """Return the instant, in UTC, of milliseconds since 1970."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    try:
        return inside(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value))
    except OverflowError:
        return None


def estimate(start: object, end: object) -> Estimate | None:
    """Return what is promised between two ISO 8601 texts; either can be missing.

    Nobody promises the stroke of midnight: where no text has another time than
    00:00:00, a provider that knows only the day had to fill in a time, and the
    days are what it promised.
    """
    told = [moment(value) or day(value) for value in (start, end)]
    if all(_at_midnight(promise) for promise in told):
        told = [day(value) for value in (start, end)]
    return window(*told)


def window(
    start: datetime | date | None, end: datetime | date | None
) -> Estimate | None:
    """Return the estimate between two promises; a lone end is a point."""
    if start is None:
        start = end
    return Estimate(start=start, end=end) if start is not None else None


def next_midnight(now: datetime) -> datetime:
    """Return when the day of ``now`` ends, in its zone: the end of a day's quota."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _at_midnight(promise: datetime | date | None) -> bool:
    return not isinstance(promise, datetime) or promise.time() == time.min


def _checked(written: str) -> datetime | None:
    try:
        return inside(datetime.fromisoformat(written))
    except ValueError, OverflowError:
        return None
