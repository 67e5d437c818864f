"""Paths that a person gives: they lead nowhere but where Home Assistant may go."""

from collections.abc import Mapping
import os
from pathlib import Path
import stat
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.core_config import Config

from .action_errors import action_error

_SCHEME: Final = "media-source://"
_LOCAL: Final = f"{_SCHEME}media_source/"
"""What the identifiers of files in the media folders begin with."""
_LOCAL_DIR: Final = "local"
_LONGEST: Final = 1024
_LONGEST_NAME: Final = 100


async def async_resolve(hass: HomeAssistant, text: str, *, must_exist: bool) -> Path:
    """Return the real path, free of symbolic links, of what a person named.

    ``text`` is an identifier of the media browser, an absolute path within a media
    folder or an allowed one, or a path relative to the media folder. With
    ``must_exist`` it has to be a file; without, its folder has to exist.
    Raises ServiceValidationError.
    """
    return await hass.async_add_executor_job(_resolve, hass.config, text, must_exist)


def file_name(text: str) -> str:
    """Return all that is told of a path: its last part, as one short line."""
    name = text[-_LONGEST:].rstrip("/").rpartition("/")[2]
    return "".join(c for c in name if c.isprintable())[-_LONGEST_NAME:] or "/"


def refuse_what_is_no_file(mode: int, name: str) -> None:
    """Raise ServiceValidationError unless a mode, as of a stat, is a file's."""
    if stat.S_ISDIR(mode):
        raise action_error("path_is_a_folder", name=name)
    if not stat.S_ISREG(mode):
        raise action_error("path_not_a_file", name=name)


def _resolve(config: Config, text: str, must_exist: bool) -> Path:
    name = file_name(text)
    try:
        path = Path(os.path.realpath(_meant(config.media_dirs, text)))
    except ValueError:
        raise action_error("path_not_allowed", name=name) from None
    if not _is_allowed(config, path):
        raise action_error("path_not_allowed", name=name)
    if not must_exist:
        if not path.parent.is_dir():
            raise action_error("path_folder_missing", name=file_name(str(path.parent)))
        return path
    try:
        mode = path.stat().st_mode
    except OSError:
        raise action_error("path_missing", name=name) from None
    refuse_what_is_no_file(mode, name)
    return path


def _meant(media_dirs: Mapping[str, str], text: str) -> Path:
    """Return the path that is meant, wherever it leads. Raises ValueError."""
    if len(text) > _LONGEST:
        raise ValueError("too long")
    if Path(text).is_absolute():
        return Path(text)
    folder = media_dirs.get(_LOCAL_DIR) or next(iter(media_dirs.values()), None)
    if text.startswith(_LOCAL):
        dir_id, _, text = text.removeprefix(_LOCAL).partition("/")
        folder = media_dirs.get(dir_id)
    if folder is None or text.startswith(_SCHEME):
        raise ValueError("in no media folder")
    return Path(folder, text)


def _is_allowed(config: Config, path: Path) -> bool:
    media_dirs = (os.path.realpath(folder) for folder in config.media_dirs.values())
    return any(path.is_relative_to(folder) for folder in media_dirs) or (
        config.is_allowed_path(str(path))
    )
