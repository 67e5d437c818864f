"""The file in which journals move from one house to another.

JSON: ``format`` and ``version``, ``exported_at``, and ``parcels``. Each has its
``journal``; one that is ``followed`` or ``archived`` (``state``) has its ``title``
and ``data`` too, and where raw answers are kept, ``answers``. Accounts and their
credentials are not in it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
import json
import os
from pathlib import Path
import re
from tempfile import NamedTemporaryFile
from typing import Any, Final

import voluptuous as vol

from homeassistant.util import dt as dt_util

from .action_fields import FIELDS
from .const import (
    CONF_ADDED_AT,
    CONF_CARRIER,
    CONF_JOINED,
    CONF_LISTED_BY,
    CONF_ORDER_URL,
    CONF_PROVIDER,
    CONF_STALLED_AFTER_DAYS,
    CONF_TRACKING_NUMBER,
)
from .new_parcel import parcel_subentry
from .subentries import about_parcel
from .tracking import kept_answers, numbers
from .tracking.journal import Journal
from .tracking.journal_json import from_json, to_json
from .tracking.kept_answers import KeptAnswer
from .tracking.parcel import snapshot
from .tracking.parcel_json import parcel_json

FORMAT: Final = "waybill.journals"
_BEGINS: Final = f'{{"format": "{FORMAT}"'.encode()
VERSION: Final = 1
MOST_BYTES: Final = 256 * 1024 * 1024
"""What a small computer can still read at once: some ten thousand parcels."""

_MODE: Final = 0o600
_LONGEST_TEXT: Final = 20_000
_MOST_JOINED: Final = 20
_ID: Final = re.compile(r"[0-9A-Za-z]{1,32}")
_CHECKED: Final = vol.Schema(
    {
        key: check
        for key, check in FIELDS.items()
        if str(key)
        in (CONF_CARRIER, CONF_PROVIDER, CONF_ORDER_URL, CONF_STALLED_AFTER_DAYS)
    },
    extra=vol.REMOVE_EXTRA,
)
"""What could do harm; a form takes longer texts than an action does."""


class State(StrEnum):
    """Where a parcel was in the house that it comes from."""

    FOLLOWED = "followed"
    ARCHIVED = "archived"
    KEPT = "kept"


@dataclass(frozen=True, kw_only=True, slots=True)
class Transfer:
    """A parcel that moves; ``data`` is its subentry's, ``answers`` the raw ones.

    A parcel that was removed, and whose journal was kept, has a journal alone.
    """

    state: State
    journal: Journal
    title: str = field(default="", repr=False)
    data: Mapping[str, Any] | None = field(default=None, repr=False)
    answers: tuple[KeptAnswer, ...] = ()

    @property
    def number(self) -> str:
        """The number that the person gave."""
        return self.journal.tracking_number


class NotAnExport(ValueError):
    """A file that is no export of Waybill's."""


class TooBig(ValueError):
    """A file that is larger than what can be read."""


class NewerVersion(ValueError):
    """An export that only a newer Waybill can read."""


class Damaged(ValueError):
    """An export with a parcel that is none; says which, counted from one."""

    def __init__(self, place: int) -> None:
        """Name the place, and nothing that stands there."""
        super().__init__(f"parcel {place}")
        self.place = place


def write(path: Path, transfers: Iterable[Transfer], now: datetime) -> int:
    """Write an export, whole or not at all; returns how many parcels it holds.

    Nobody but Home Assistant may read it. Takes the place of no file but an earlier
    export: else whoever may export could destroy what others keep. Raises
    NotAnExport where there is another, or OSError.
    """
    if path.exists() and not _is_export(path):
        raise NotAnExport
    count = 0
    with NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=".waybill-", delete=False
    ) as file:
        try:
            os.fchmod(file.fileno(), _MODE)
            head = {"format": FORMAT, "version": VERSION, "exported_at": now}
            file.write(json.dumps(head, default=datetime.isoformat)[:-1])
            file.write(', "parcels": [')
            for count, transfer in enumerate(transfers, 1):
                file.write(",\n" if count > 1 else "\n")
                file.write(json.dumps(_as_dict(transfer)))
            file.write("\n]}\n")
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink()
            raise
    return count


def _is_export(path: Path) -> bool:
    """Say whether a file begins as one of ours does. Raises OSError."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_BEGINS)) == _BEGINS


def read(path: Path) -> list[Transfer]:
    """Read an export, and see that all of it is whole.

    Raises NotAnExport, TooBig, NewerVersion, Damaged, or OSError.
    """
    if not path.is_file():
        raise NotAnExport
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise TooBig
    try:
        stored = json.loads(content)
    except (ValueError, RecursionError) as err:
        raise NotAnExport from err
    if not isinstance(stored, dict) or stored.get("format") != FORMAT:
        raise NotAnExport
    version, parcels = stored.get("version"), stored.get("parcels")
    if not isinstance(version, int) or not isinstance(parcels, list):
        raise NotAnExport
    if version > VERSION:
        raise NewerVersion
    return list(_read_all(parcels))


def is_id(text: str) -> bool:
    """Say whether a text can be a parcel's id."""
    return _ID.fullmatch(text) is not None


def _as_dict(transfer: Transfer) -> dict[str, Any]:
    stored: dict[str, Any] = {
        "state": transfer.state.value,
        "journal": to_json(transfer.journal),
    }
    if transfer.data is not None:
        stored |= {"title": transfer.title, "data": dict(transfer.data)}
    if transfer.answers:
        stored["answers"] = kept_answers.to_json(transfer.answers)
    return stored


def _read_all(parcels: list[Any]) -> Iterator[Transfer]:
    seen: set[str] = set()
    for place, stored in enumerate(parcels, 1):
        try:
            transfer = _read(stored)
            _see_it_through(transfer)
        except (
            ArithmeticError,
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
            vol.Invalid,
        ) as err:
            raise Damaged(place) from err
        if transfer.number in seen:
            raise Damaged(place)
        seen.add(transfer.number)
        yield transfer


def _read(stored: Any) -> Transfer:
    state = State(stored["state"])
    journal = from_json(stored["journal"])
    number = journal.tracking_number
    # What is no text at all cannot be stored.
    json.dumps(stored, ensure_ascii=False).encode()
    if numbers.normalise(number) != number or not numbers.plausible(number):
        raise ValueError("no number")
    # It is not written beside the legs; whoever did so meant another number, or none.
    if stored["journal"].get(CONF_TRACKING_NUMBER, number) != number:
        raise ValueError("two numbers")
    answers = kept_answers.from_json(stored.get("answers", ()))
    if state is State.KEPT:
        return Transfer(state=state, journal=journal, answers=answers)
    data = _data(stored["data"])
    if data[CONF_TRACKING_NUMBER] != number:
        raise ValueError("two numbers")
    return Transfer(
        state=state,
        journal=journal,
        title=_text(stored["title"]) or number,
        data=data | {CONF_ADDED_AT: journal.added_at.isoformat()},
        answers=answers,
    )


def _data(stored: Any, *, joined: bool = False) -> dict[str, Any]:
    """Read what a subentry held; what Waybill does not know is left out."""
    known = {str(key) for key in FIELDS} | {CONF_LISTED_BY, CONF_ADDED_AT}
    data: dict[str, Any] = {CONF_TRACKING_NUMBER: _text(stored[CONF_TRACKING_NUMBER])}
    data |= {
        key: value if key == CONF_STALLED_AFTER_DAYS else _text(value)
        for key, value in stored.items()
        if key in known
    }
    data |= _CHECKED(data)
    if not joined and (others := stored.get(CONF_JOINED)):
        if len(others) > _MOST_JOINED:
            raise ValueError("too many numbers")
        data[CONF_JOINED] = [
            {
                "parcel_id": _text(other["parcel_id"]),
                "title": _text(other["title"]),
                "data": _data(other["data"], joined=True),
                "filled": [_text(key) for key in other["filled"]],
            }
            for other in others
        ]
    return data


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise TypeError("no text")
    return value


def _see_it_through(transfer: Transfer) -> None:
    """Try all that will be done with a parcel. Raises where that cannot be."""
    zone = dt_util.get_default_time_zone()
    subentry = parcel_subentry(transfer.number, transfer.title, transfer.data)
    now = dt_util.utcnow()
    parcel = snapshot(transfer.journal, about_parcel(subentry), (), zone, now=now)
    parcel_json(parcel, now=now, zone=zone, last_checked=None, next_check=None)
