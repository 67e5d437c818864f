"""Photos of a problem, looked at before anybody relies on them."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from io import BytesIO
import os
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant

from .action_errors import action_error
from .media_paths import async_resolve, file_name, refuse_what_is_no_file
from .tracking.model import Photo

MOST_PHOTOS: Final = 10
LARGEST_MB: Final = 15
_LARGEST: Final = LARGEST_MB * 1024 * 1024

_HEIC: Final = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis"})
_HEIF: Final = frozenset({b"mif1", b"msf1"})

_MAGIC: Final[Mapping[str, Callable[[bytes], bool]]] = {
    "image/jpeg": lambda content: content.startswith(b"\xff\xd8\xff"),
    "image/png": lambda content: content.startswith(b"\x89PNG\r\n\x1a\n"),
    "image/gif": lambda content: content.startswith((b"GIF87a", b"GIF89a")),
    "image/webp": lambda content: content[:4] + content[8:12] == b"RIFFWEBP",
    "image/heic": lambda content: _brand(content) in _HEIC,
    "image/heif": lambda content: _brand(content) in _HEIF,
}
"""How the content of each type of photo begins."""
_PILLOW: Final = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
}
"""What Pillow calls the types that it can open."""
_BOX_HEADER: Final = 8
"""A box begins with its length (4 bytes, big endian) and its type (4 bytes); see
ISO/IEC 14496-12, on which HEIF (ISO/IEC 23008-12) builds."""


async def async_verify_photos(
    hass: HomeAssistant, texts: Sequence[str]
) -> tuple[Photo, ...]:
    """Return the photos at the paths that a person gave, each once.

    Raises ServiceValidationError at the first that is none.
    """
    if len(texts) > MOST_PHOTOS:
        raise action_error("too_many_photos", most=str(MOST_PHOTOS))
    photos: dict[str, Photo] = {}
    for text in texts:
        path = await async_resolve(hass, text, must_exist=True)
        photo = await hass.async_add_executor_job(_verify, path, file_name(text))
        photos[photo.path] = photo
    return tuple(photos.values())


def _verify(path: Path, name: str) -> Photo:
    content = _read(path, name)
    media_type = next((t for t, begins in _MAGIC.items() if begins(content)), None)
    if media_type is None:
        raise action_error("photo_of_no_known_type", name=name)
    _open(content, media_type, name)
    return Photo(
        path=str(path),
        sha256=sha256(content).hexdigest(),
        size=len(content),
        media_type=media_type,
    )


def _read(path: Path, name: str) -> bytes:
    """Read a file that is what it was found to be, and not too large."""
    try:
        with open(path, "rb", opener=_opener) as file:
            status = os.fstat(file.fileno())
            refuse_what_is_no_file(status.st_mode, name)
            if status.st_size == 0:
                raise action_error("photo_empty", name=name)
            if status.st_size > _LARGEST:
                raise action_error("photo_too_large", name=name, most=str(LARGEST_MB))
            return file.read(status.st_size)
    except OSError:
        raise action_error("photo_unreadable", name=name) from None


def _opener(path: str, flags: int) -> int:
    """Open neither a link nor what would keep a reader waiting.

    Either may have taken the file's place since it was found.
    """
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _open(content: bytes, media_type: str, name: str) -> None:
    """Refuse what only begins like a photo."""
    kind = _PILLOW.get(media_type)
    if kind is None:
        if not _has_boxes(content):
            raise action_error("photo_damaged", name=name)
        return
    from PIL import Image  # noqa: PLC0415

    try:
        with Image.open(BytesIO(content), formats=(kind,)) as image:
            image.verify()
    except Image.DecompressionBombError:
        raise action_error("photo_of_too_many_pixels", name=name) from None
    except Exception:  # noqa: BLE001
        # Whoever made a file to fail chooses the error.
        raise action_error("photo_damaged", name=name) from None


def _brand(content: bytes) -> bytes:
    return content[8:12] if content[4:8] == b"ftyp" else b""


def _has_boxes(content: bytes) -> bool:
    """Whether boxes follow one another to the end, one of which tells of a picture."""
    found, start = set(), 0
    while start < len(content):
        length = int.from_bytes(content[start : start + 4])
        found.add(content[start + 4 : start + _BOX_HEADER])
        if length == 1:
            # The true length, of 8 bytes, follows the type.
            length = int.from_bytes(content[start + _BOX_HEADER : start + 16])
        if length == 0:
            # The last one goes to the end.
            break
        if length < _BOX_HEADER or start + length > len(content):
            return False
        start += length
    return b"meta" in found
