"""Dates as carriers write them for people.

A date is read only where day and month cannot be mistaken for each other: the
month has an English name, the year goes first, one of the two is more than
twelve, or dots part them, which no country writes with the month first. Abbreviated
zones ("EST") mean several things and are left unread.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
import re
from typing import Final

from ..calendar_edge import inside
from . import fields

_MONTHS: Final = {
    name: month
    for month, spellings in enumerate(
        (
            ("january", "jan"),
            ("february", "feb"),
            ("march", "mar"),
            ("april", "apr"),
            ("may", "may"),
            ("june", "jun"),
            ("july", "jul"),
            ("august", "aug"),
            ("september", "sept", "sep"),
            ("october", "oct"),
            ("november", "nov"),
            ("december", "dec"),
        ),
        1,
    )
    for name in spellings
}
_DAYS: Final = (
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"),
    re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})"),
    re.compile(r"(?P<one>\d{1,2})[-/](?P<other>\d{1,2})[-/](?P<year>\d{4})"),
    re.compile(r"(?P<day>\d{1,2})\.? (?P<name>[a-z]{3,9})\.?,? (?P<year>\d{4})"),
    re.compile(r"(?P<name>[a-z]{3,9})\.? (?P<day>\d{1,2}),? (?P<year>\d{4})"),
)
_WEEKDAY: Final = re.compile(
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? "
)
_CLOCK: Final = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?"
    r"(?: ?(?P<half>[ap])\.?m\.?)?(?: ?(?P<zone>z|utc|gmt|(?:utc|gmt)?[+-]\d[\d:]*)"
    r"| [a-z]{2,5})?"
)

_UTC: Final = frozenset({"z", "utc", "gmt"})
_ISO_SEPARATOR: Final = re.compile(r"(?<=\d)t(?=\d)")


def written_moment(text: str) -> datetime | date | None:
    """Read a date as a carrier wrote it, with or without a time and its offset.

    None where day, month or year cannot be told for certain.
    """
    plain = _ISO_SEPARATOR.sub(" ", text.casefold())
    plain = _WEEKDAY.sub("", " ".join(plain.split()), count=1)
    for pattern in _DAYS:
        match = pattern.match(plain)
        if match is None:
            continue
        day = _day(match.groupdict())
        rest = plain[match.end() :].strip(" ,")
        if day is None or not rest:
            return day
        clock = _CLOCK.fullmatch(rest.removeprefix("at "))
        return None if clock is None else _moment(day, clock)
    return None


def _day(told: Mapping[str, str | None]) -> date | None:
    day, month = told.get("day"), told.get("month")
    if one := told.get("one"):
        first, second = int(one), int(told["other"] or 0)
        if first <= 12 and second <= 12 and first != second:
            return None
        day, month = (one, told["other"]) if first > 12 else (told["other"], one)
    if name := told.get("name"):
        month = str(_MONTHS.get(name, 0))
    try:
        return inside(date(int(told["year"] or 0), int(month or 0), int(day or 0)))
    except ValueError, OverflowError:
        return None


def _moment(day: date, clock: re.Match[str]) -> datetime | None:
    hour = int(clock["hour"])
    if clock["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if clock["half"] == "p" else 0)
    moment = fields.moment(
        f"{day}T{hour:02}:{clock['minute']}:{clock['second'] or '00'}"
    )
    if moment is None or clock["zone"] is None:
        return moment
    zone = UTC if clock["zone"] in _UTC else fields.offset(clock["zone"])
    return None if zone is None else moment.replace(tzinfo=zone)
