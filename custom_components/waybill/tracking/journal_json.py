"""The journal as JSON, and back.

Only what is not its default is written. Times keep their offset; a wall-clock
time has none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime
from types import NoneType
from typing import Any, Final, get_args

from .calendar_edge import inside
from .journal import Journal, Track
from .model import (
    Direction,
    Estimate,
    Leg,
    Link,
    Milestone,
    MilestoneName,
    Photo,
    Problem,
    ProblemKind,
    Promise,
    PutOff,
    Stage,
    Telling,
    TrackingEvent,
)

_ENUMS: Final = {
    "stage": Stage,
    "direction": Direction,
    "milestone": MilestoneName,
    "problem": ProblemKind,
    "telling": Telling,
}
_TIMES: Final = frozenset(
    {
        "added_at",
        "announced_at",
        "archived_at",
        "at",
        "first_seen",
        "local_time",
        "noted_at",
        "reported_at",
        "restored_at",
        "settled_at",
        "silent_until",
        "since",
        "stage_since",
        "time",
        "until",
    }
)
_WALL_TIMES: Final = frozenset({"local_time"})
_LISTS: Final = {
    "chain": Link,
    "events": TrackingEvent,
    "legs": Leg,
    "milestones": Milestone,
    "photos": Photo,
    "problems": Problem,
    "promises": Promise,
    "put_off": PutOff,
    "tracks": Track,
}
_TEXT_LISTS: Final = frozenset({"alerted", "causes", "earlier_words", "foreign"})
_NUMBERS: Final = frozenset({"size"})
_FLAGS: Final = frozenset({"inferred", "invalid"})
_NONSENSE: Final = (AttributeError, KeyError, OverflowError, TypeError, ValueError)
_NEVER_NONE: Final = frozenset(
    (kind, field.name)
    for kind in (Journal, *_LISTS.values())
    for field in fields(kind)
    if NoneType not in get_args(field.type)
)


def to_json(journal: Journal) -> dict[str, Any]:
    """Return a journal as JSON types."""
    return item_json(journal)


def from_json(stored: object) -> Journal:
    """Read a journal. Raises ValueError where it is not one."""
    try:
        journal = _read(Journal, stored)
    except (AttributeError, KeyError, OverflowError, TypeError) as err:
        raise ValueError("not a journal") from err
    if not journal.legs:
        raise ValueError("a journal without a number")
    return journal


def salvaged(stored: object, tracking_number: str) -> Journal | None:
    """Read what can be read of a journal that ``from_json`` cannot read.

    Of each part only the smallest that makes no sense is left out. None where not even
    its number, its id and its beginning are left, or it is another number's.
    """
    try:
        journal = _read(Journal, stored, lenient=True)
    except _NONSENSE:
        return None
    known = journal.legs and journal.tracking_number == tracking_number
    return journal if known else None


def item_json(item: Any) -> dict[str, Any]:
    """Return a part of a journal as JSON types."""
    stored: dict[str, Any] = {}
    for field in fields(item):
        value = getattr(item, field.name)
        if field.default is not MISSING and value == field.default:
            continue
        if field.name in _LISTS:
            stored[field.name] = [item_json(part) for part in value]
        elif field.name == "estimate":
            stored[field.name] = [
                part.isoformat() if part is not None else None
                for part in (value.start, value.end)
            ]
        elif isinstance(value, datetime):
            stored[field.name] = value.isoformat()
        elif isinstance(value, tuple):
            stored[field.name] = list(value)
        else:
            stored[field.name] = value
    return stored


def _read[Item](kind: type[Item], stored: object, *, lenient: bool = False) -> Item:
    if not isinstance(stored, Mapping):
        raise TypeError("not an object")
    values = {}
    for field in fields(kind):  # type: ignore[arg-type]
        if field.name not in stored:
            continue
        try:
            value = _value(field.name, stored[field.name], lenient)
            if value is None and (kind, field.name) in _NEVER_NONE:
                raise TypeError("nothing where there must be something")
        except _NONSENSE:
            if not lenient or field.default is MISSING:
                raise
        else:
            values[field.name] = value
    return kind(**values)


def _value(name: str, value: Any, lenient: bool) -> Any:
    if name in _LISTS:
        return tuple(_parts(_LISTS[name], value, lenient))
    if name in _TEXT_LISTS:
        return tuple(_text(part) for part in value)
    if value is None:
        return None
    if name in _ENUMS:
        return _ENUMS[name](value)
    if name in _TIMES:
        moment = datetime.fromisoformat(value)
        if (moment.tzinfo is None) != (name in _WALL_TIMES):
            raise ValueError("a time of the wrong kind")
        return inside(moment)
    if name == "estimate":
        start, end = value
        return Estimate(
            start=_promise(start), end=_promise(end) if end is not None else None
        )
    if name in _NUMBERS:
        return int(value)
    return bool(value) if name in _FLAGS else _text(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    if not value.isascii():
        # JSON has escapes for half a character, of which no file can be written.
        value.encode()
    return value


def _parts(kind: Any, stored: Any, lenient: bool) -> Iterator[Any]:
    for part in stored:
        try:
            yield _read(kind, part, lenient=lenient)
        except _NONSENSE:
            if not lenient:
                raise


def _promise(value: str) -> date | datetime:
    if len(value) == len("2026-01-01"):
        return inside(date.fromisoformat(value))
    return inside(datetime.fromisoformat(value))
