"""A file that Waybill stored: how it is read, and set aside when it cannot be.

Nothing here is for the event loop.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
import shutil
from typing import Any, Final

from homeassistant.util.json import json_loads

_ASIDE: Final = ".unreadable"
_NEWER: Final = ".newer"


class Fault(StrEnum):
    """Why a file cannot be read."""

    DAMAGED = "damaged"
    NEWER = "newer"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """What a file holds, and the version of the form that it has."""

    version: int
    minor_version: int
    data: Any = field(repr=False)


class UnreadableError(Exception):
    """A file is there, and cannot be read. ``at`` (aware): its last change."""

    def __init__(self, fault: Fault, at: datetime | None) -> None:
        """Say what is wrong, and nothing of what is in the file."""
        super().__init__(fault.value)
        self.fault = fault
        self.at = at


def read(path: Path, shape: type, version: int) -> Stored | None:
    """Return what a file holds, None where there is none.

    Raises UnreadableError where it is no file, cannot be opened, holds no JSON or
    data of another ``shape``, or was written by a version newer than ``version``.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as err:
        raise UnreadableError(Fault.DAMAGED, changed_at(path)) from err
    try:
        stored = _stored(json_loads(content))
    except (KeyError, TypeError, ValueError) as err:
        raise UnreadableError(Fault.DAMAGED, changed_at(path)) from err
    if stored.version > version:
        raise UnreadableError(Fault.NEWER, changed_at(path))
    if not isinstance(stored.data, shape):
        raise UnreadableError(Fault.DAMAGED, changed_at(path))
    return stored


def _stored(content: Any) -> Stored:
    version, minor_version = content["version"], 1
    if "minor_version" in content:
        minor_version = content["minor_version"]
    if type(version) is not int or type(minor_version) is not int:
        raise TypeError("a version that is no number")
    return Stored(version=version, minor_version=minor_version, data=content["data"])


def changed_at(path: Path) -> datetime | None:
    """Return when a file was last written (aware), if that can be found out."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError, OverflowError, ValueError:
        return None


def set_aside(path: Path, fault: Fault, *, keep: bool = False) -> str | None:
    """Give a file another name, to the byte as it is; returns that name.

    Nothing that was set aside before is touched. With ``keep`` it also stays where
    it is, for what can be read of it, until that is written over it. None where
    there is no file. Raises OSError.
    """
    if not path.exists(follow_symlinks=False):
        return None
    known = list(_aside(path, fault))
    if keep:
        for aside in known:
            with suppress(OSError):
                if aside.samefile(path):
                    return aside.name
    taken = {aside.name for aside in known}
    name = path.name + (_NEWER if fault is Fault.NEWER else _ASIDE)
    free, count = name, 1
    while free in taken:
        count += 1
        free = f"{name}_{count}"
    target = path.with_name(free)
    if keep:
        with suppress(OSError):
            target.hardlink_to(path)
            return free
    path.rename(target)
    return free


def remove_set_aside(path: Path) -> None:
    """Remove what was set aside of a file. Raises OSError."""
    for fault in Fault:
        for aside in list(_aside(path, fault)):
            remove(aside)


def remove(path: Path) -> None:
    """Remove whatever has a name. Raises OSError."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _aside(path: Path, fault: Fault) -> Iterator[Path]:
    suffix = _NEWER if fault is Fault.NEWER else _ASIDE
    return path.parent.glob(f"{path.name}{suffix}*")
