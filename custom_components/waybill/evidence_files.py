"""The dispute files that Waybill wrote into the media folder.

Which ones those are, and what was in them, is remembered: nothing else that
lies in the folder is ever opened or handed out.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
import errno
from hashlib import sha256
import os
from pathlib import Path
import re
import secrets
import stat
from typing import Any, Final

from homeassistant.util import dt as dt_util

from .action_errors import action_error
from .disk import Disk
from .file_issues import Kind
from .kept_file import KeptFile

FOLDER: Final = "waybill"
MIME_TYPES: Final = {
    "html": "text/html",
    "json": "application/json",
    "pdf": "application/pdf",
}

_MAX_REMEMBERED: Final = 1000
_LOCAL: Final = "local"
_NAME: Final = re.compile(r"dispute-[0-9]{8}-[0-9]{6}-[0-9a-f]{6}\.(html|json|pdf)")
_STAMP: Final = "%Y%m%d-%H%M%S"
_NOT_WRITABLE: Final = "evidence_not_writable"
_ERRORS: Final = {
    errno.EDQUOT: "evidence_disk_full",
    errno.ENOSPC: "evidence_disk_full",
    errno.EFBIG: "evidence_disk_full",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceFile:
    """A dispute file; ``pages`` is how many pages a PDF has, else 0."""

    name: str
    sha256: str
    pages: int = 0

    @property
    def format(self) -> str:
        """Which of ``MIME_TYPES`` it is."""
        return self.name.rpartition(".")[2]

    @property
    def mime_type(self) -> str:
        """Return its MIME type."""
        return MIME_TYPES[self.format]

    @property
    def made_at(self) -> datetime:
        """When it was made, on the clock at home (naive)."""
        return datetime.strptime(self.name[len("dispute-") :][:15], _STAMP)


class EvidenceFiles:
    """Writes dispute files, and reads back those that it wrote."""

    def __init__(self, disk: Disk) -> None:
        """Remember what was written in one file."""
        self._hass = disk.hass
        self._lock = asyncio.Lock()
        self._file: KeptFile[dict[str, Any]] = disk.file("evidence", Kind.MEMORY, dict)

    @property
    def folder(self) -> Path | None:
        """Where dispute files are, if Home Assistant has a media folder."""
        folders = self._hass.config.media_dirs
        first = folders.get(_LOCAL) or next(iter(folders.values()), None)
        return Path(first) / FOLDER if first is not None else None

    def writable_folder(self) -> Path:
        """Return where dispute files go. Raises ServiceValidationError."""
        folder = self.folder
        if folder is None:
            raise action_error("evidence_no_media_folder")
        return folder

    async def async_write(
        self, content: bytes, file_format: str, pages: int = 0
    ) -> EvidenceFile:
        """Write a dispute file. Raises ServiceValidationError where it cannot."""
        folder = self.writable_folder()
        stamp = dt_util.now().strftime(_STAMP)
        name = f"dispute-{stamp}-{secrets.token_hex(3)}.{file_format}"
        async with self._lock:
            file = await self._hass.async_add_executor_job(
                _write, folder, name, content, pages
            )
            known = await self._async_known()
            kept = [*known.values(), file][-_MAX_REMEMBERED:]
            await self._file.async_save(
                {one.name: {"sha256": one.sha256, "pages": one.pages} for one in kept}
            )
        return file

    async def async_list(self) -> list[EvidenceFile]:
        """Return the dispute files that are still there, the newest first."""
        folder = self.folder
        if folder is None:
            return []
        async with self._lock:
            known = await self._async_known()
        there = await self._hass.async_add_executor_job(_names, folder)
        return sorted(
            (file for file in known.values() if file.name in there),
            key=lambda file: file.name,
            reverse=True,
        )

    async def async_find(self, name: str) -> EvidenceFile | None:
        """Return what is remembered of a dispute file."""
        if _NAME.fullmatch(name) is None:
            return None
        async with self._lock:
            return (await self._async_known()).get(name)

    async def async_with[T](self, name: str, read: Callable[[bytes], T]) -> T | None:
        """Return what is read from a dispute file, in the executor.

        None where there is no such file, or it is not what Waybill wrote.
        """
        file, folder = await self.async_find(name), self.folder
        if file is None or folder is None:
            return None

        def open_and_read() -> T | None:
            content = _content(folder, file)
            return read(content) if content is not None else None

        return await self._hass.async_add_executor_job(open_and_read)

    async def _async_known(self) -> dict[str, EvidenceFile]:
        """Return what is remembered; what makes no sense of it is passed over."""
        known = {}
        for name, about in (await self._file.async_load() or {}).items():
            with suppress(KeyError, TypeError, ValueError):
                file = EvidenceFile(
                    name=name, sha256=str(about["sha256"]), pages=int(about["pages"])
                )
                if _NAME.fullmatch(name) is not None:
                    known[name] = file
        return known


def _write(folder: Path, name: str, content: bytes, pages: int) -> EvidenceFile:
    """Write a whole file or none."""
    part = folder / f".{name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if folder.is_symlink():
            raise action_error(_NOT_WRITABLE)
        try:
            with part.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(folder / name)
        finally:
            part.unlink(missing_ok=True)
    except OSError as err:
        raise action_error(_ERRORS.get(err.errno or 0, _NOT_WRITABLE)) from None
    return EvidenceFile(name=name, sha256=sha256(content).hexdigest(), pages=pages)


def _names(folder: Path) -> set[str]:
    try:
        return {entry.name for entry in os.scandir(folder) if _is_ours(entry)}
    except OSError:
        return set()


def _is_ours(entry: os.DirEntry[str]) -> bool:
    return _NAME.fullmatch(entry.name) is not None and entry.is_file(
        follow_symlinks=False
    )


def _content(folder: Path, file: EvidenceFile) -> bytes | None:
    """Return a file's content, if it is to the byte what was written."""
    try:
        if folder.is_symlink():
            return None
        descriptor = os.open(
            folder / file.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        )
        with os.fdopen(descriptor, "rb") as opened:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            content = opened.read()
    except OSError:
        return None
    return content if sha256(content).hexdigest() == file.sha256 else None
