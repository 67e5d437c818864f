"""The photos of problems: what became of them, and how they are shown.

A dispute file shows them smaller and without what a camera notes of the place;
the fingerprint stays that of the original.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
import os
from pathlib import Path
import stat
from typing import Final

from .evidence import PhotoState
from .model import Photo

_MAX_PICTURES: Final = 20
_MAX_SIDE: Final = 1400
_MAX_PIXELS: Final = 60_000_000
_MAX_SIZE: Final = 50_000_000
_QUALITY: Final = 82


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A photo as it is now; ``jpeg`` is None where none can be made of it."""

    state: PhotoState
    jpeg: bytes | None = field(default=None, repr=False)


def shown(photos: Iterable[Photo]) -> dict[str, Shown]:
    """Look at photos, by their SHA-256 (hex). Reads files."""
    found: dict[str, Shown] = {}
    for photo in photos:
        if photo.sha256 in found:
            continue
        state, content = _look(photo)
        jpeg = None
        if content is not None and len(found) < _MAX_PICTURES:
            jpeg = _jpeg(content)
        found[photo.sha256] = Shown(state=state, jpeg=jpeg)
    return found


def _look(photo: Photo) -> tuple[PhotoState, bytes | None]:
    try:
        # One that lies in wait as a pipe must not hold everything up.
        descriptor = os.open(Path(photo.path), os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return PhotoState.MISSING, None
            if status.st_size != photo.size or photo.size > _MAX_SIZE:
                return PhotoState.CHANGED, None
            content = file.read(photo.size + 1)
    except OSError, ValueError:
        return PhotoState.MISSING, None
    if sha256(content).hexdigest() != photo.sha256:
        return PhotoState.CHANGED, None
    return PhotoState.INTACT, content


def _jpeg(content: bytes) -> bytes | None:
    from PIL import Image, ImageOps  # noqa: PLC0415

    try:
        with Image.open(BytesIO(content)) as image:
            if image.width * image.height > _MAX_PIXELS:
                return None
            image.draft("RGB", (_MAX_SIDE, _MAX_SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except Exception:  # noqa: BLE001
        # What is in a photo's file can make its reader fail in any way.
        return None
    upright.thumbnail((_MAX_SIDE, _MAX_SIDE))
    written = BytesIO()
    # A fresh image carries nothing of what the camera noted.
    clean = Image.new("RGB", upright.size)
    clean.paste(upright)
    clean.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()
