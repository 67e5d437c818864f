"""The photos of a report: each is one, and stays where its owner put it."""

from collections.abc import Callable
from hashlib import sha256
import logging
import os
from pathlib import Path
import struct
import tracemalloc
from unittest.mock import patch
import zlib

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.waybill import photos as photos_of_reports
from custom_components.waybill.tracking.model import Photo
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import homeassistant.helpers.translation as translations

from .conftest import PARCEL_ID, Carrier, SetUp
from .reports import box, heif, picture, report

MEGABYTE = 1024 * 1024
SPOTLESS = "Rue des Lilas"
"""A folder whose name is nobody else's concern."""


@pytest.fixture(name="media")
async def _media(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    carrier: Carrier,
    set_up: SetUp,
    tmp_path: Path,
) -> Path:
    """Follow a parcel in a house with a media folder."""
    folder = tmp_path / SPOTLESS
    folder.mkdir()
    hass.config.media_dirs = {"local": str(folder)}
    hass.config.allowlist_external_dirs = {str(folder)}
    await set_up()
    return folder


def photos(hass: HomeAssistant) -> list[tuple[Photo, ...]]:
    """Return the photos of each report in the journal."""
    (entry,) = hass.config_entries.async_entries("waybill")
    journal = entry.runtime_data.journals[PARCEL_ID]
    return [problem.photos for problem in journal.problems]


async def refused(hass: HomeAssistant, *paths: str, shows: str) -> str:
    """Report a problem that is refused for a photo's sake; return the reason's key.

    What is told has words, names no more than the photo, and nothing was changed.
    """
    (entry,) = hass.config_entries.async_entries("waybill")
    before = entry.runtime_data.journals[PARCEL_ID]
    with pytest.raises(ServiceValidationError) as error:
        await report(hass, photos=list(paths))
    assert entry.runtime_data.journals[PARCEL_ID] is before
    assert error.value.translation_key is not None
    for language in ("en", "fr"):
        texts = await translations.async_get_translations(
            hass, language, "exceptions", ["waybill"]
        )
        key = f"component.waybill.exceptions.{error.value.translation_key}.message"
        told = texts[key].format(**error.value.translation_placeholders or {})
        assert shows in told
        assert SPOTLESS not in told
    return error.value.translation_key


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("box.jpg", picture("JPEG"), "image/jpeg"),
        ("box.png", picture("PNG"), "image/png"),
        ("box.webp", picture("WEBP"), "image/webp"),
        ("box.gif", picture("GIF"), "image/gif"),
        ("box.heic", heif(b"heic"), "image/heic"),
        ("box.heif", heif(b"mif1"), "image/heif"),
        # Telephones name them so when they send them on.
        ("box.jpg", heif(b"heix"), "image/heic"),
        # A box may say that it goes to the end, or have a long length.
        ("open.heic", heif() + bytes(4) + b"mdat" + bytes(9), "image/heic"),
        (
            "long.heic",
            heif() + b"\0\0\0\1mdat" + (20).to_bytes(8) + bytes(4),
            "image/heic",
        ),
    ],
)
async def test_a_photo_is_kept_by_what_it_holds(
    hass: HomeAssistant, media: Path, name: str, content: bytes, media_type: str
) -> None:
    (media / name).write_bytes(content)
    await report(hass, photos=name)
    photo = Photo(
        path=str(media / name),
        sha256=sha256(content).hexdigest(),
        size=len(content),
        media_type=media_type,
    )
    assert photos(hass) == [(photo,)]


async def test_photos_are_named_in_any_way_each_counts_once(
    hass: HomeAssistant, media: Path
) -> None:
    """As chosen in the media browser, as a path, or relative to the media folder."""
    for name in ("a.jpg", "b.jpg"):
        (media / name).write_bytes(picture())
    chosen = {
        "media_content_id": "media-source://media_source/local/a.jpg",
        "media_content_type": "image/jpeg",
        "metadata": {},
    }
    await report(hass, photos=[chosen, f" {media / 'b.jpg'}\n", "a.jpg"])
    (kept,) = photos(hass)
    assert [photo.path for photo in kept] == [
        str(media / "a.jpg"),
        str(media / "b.jpg"),
    ]


def empty(path: Path) -> None:
    path.touch()


def text(path: Path) -> None:
    path.write_text("This is what the box looks like")


def text_that_begins_like_a_jpeg(path: Path) -> None:
    path.write_bytes(b"\xff\xd8\xff" + b"this is what the box looks like")


def broken_png(path: Path) -> None:
    content = bytearray(picture("PNG"))
    content[45] ^= 1
    path.write_bytes(content)


def huge_png(path: Path) -> None:
    """Write a few bytes that unfold to a picture of gigabytes."""
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(9))),
    )
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)
            for kind, data in chunks
        )
    )


def text_that_begins_like_a_heic(path: Path) -> None:
    path.write_bytes(box(b"ftyp", b"heic") + b"this is what the box looks like")


def heic_without_picture(path: Path) -> None:
    path.write_bytes(box(b"ftyp", b"heic") + box(b"mdat", bytes(9)))


def heic_that_ends_early(path: Path) -> None:
    path.write_bytes(heif()[:-1])


def film(path: Path) -> None:
    path.write_bytes(box(b"ftyp", b"isom") + box(b"meta"))


def fifty_megabytes(path: Path) -> None:
    path.write_bytes(picture())
    os.truncate(path, 50 * MEGABYTE)


def one_byte_too_many(path: Path) -> None:
    path.write_bytes(picture())
    os.truncate(path, 15 * MEGABYTE + 1)


def folder(path: Path) -> None:
    path.mkdir()


def pipe(path: Path) -> None:
    os.mkfifo(path)


def absent(path: Path) -> None:
    assert not path.exists()


def link_out(path: Path) -> None:
    outside = path.parent.parent / "elsewhere.jpg"
    outside.write_bytes(picture())
    path.symlink_to(outside)


@pytest.mark.parametrize(
    ("made", "key"),
    [
        (empty, "photo_empty"),
        (text, "photo_of_no_known_type"),
        (film, "photo_of_no_known_type"),
        (text_that_begins_like_a_jpeg, "photo_damaged"),
        (text_that_begins_like_a_heic, "photo_damaged"),
        (heic_without_picture, "photo_damaged"),
        (heic_that_ends_early, "photo_damaged"),
        (broken_png, "photo_damaged"),
        (huge_png, "photo_of_too_many_pixels"),
        (fifty_megabytes, "photo_too_large"),
        (one_byte_too_many, "photo_too_large"),
        (folder, "path_is_a_folder"),
        (pipe, "path_not_a_file"),
        (absent, "path_missing"),
        (link_out, "path_not_allowed"),
    ],
)
async def test_what_is_no_photo_is_refused_by_its_name(
    hass: HomeAssistant,
    media: Path,
    caplog: pytest.LogCaptureFixture,
    made: Callable[[Path], None],
    key: str,
) -> None:
    """A good one beside it does not help it in."""
    (media / "good.jpg").write_bytes(picture())
    made(media / "box.jpg")
    caplog.set_level(logging.DEBUG, "custom_components.waybill")
    assert await refused(hass, "good.jpg", "box.jpg", shows="box.jpg") == key
    assert SPOTLESS not in "".join(r.getMessage() for r in caplog.records)


@pytest.mark.parametrize("way", ["absolute", "relative", "identifier"])
async def test_a_photo_outside_the_allowed_folders_is_refused(
    hass: HomeAssistant, media: Path, way: str
) -> None:
    outside = media.parent / "elsewhere.jpg"
    outside.write_bytes(picture())
    path = {
        "absolute": str(outside),
        "relative": "../elsewhere.jpg",
        "identifier": "media-source://media_source/local/../elsewhere.jpg",
    }[way]
    assert await refused(hass, path, shows="elsewhere.jpg") == "path_not_allowed"


async def test_the_largest_photo_is_taken(hass: HomeAssistant, media: Path) -> None:
    (media / "box.jpg").write_bytes(picture())
    os.truncate(media / "box.jpg", 15 * MEGABYTE)
    await report(hass, photos="box.jpg")
    ((photo,),) = photos(hass)
    assert photo.size == 15 * MEGABYTE


async def test_a_large_file_is_refused_before_it_is_read(
    hass: HomeAssistant, media: Path
) -> None:
    fifty_megabytes(media / "box.jpg")
    tracemalloc.start()
    try:
        assert await refused(hass, "box.jpg", shows="box.jpg") == "photo_too_large"
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 15 * MEGABYTE


async def test_ten_photos_are_taken_and_no_more(
    hass: HomeAssistant, media: Path
) -> None:
    names = [f"{number}.jpg" for number in range(11)]
    for name in names:
        (media / name).write_bytes(picture())
    assert await refused(hass, *names, shows="10") == "too_many_photos"
    await report(hass, photos=names[:10])
    (kept,) = photos(hass)
    assert len(kept) == 10


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is kept from the superuser")
async def test_a_photo_that_may_not_be_read_is_refused(
    hass: HomeAssistant, media: Path
) -> None:
    (media / "box.jpg").write_bytes(picture())
    (media / "box.jpg").chmod(0)
    assert await refused(hass, "box.jpg", shows="box.jpg") == "photo_unreadable"


def gone(path: Path) -> None:
    path.unlink()


def link(path: Path) -> None:
    path.unlink()
    link_out(path)


def replaced_by_pipe(path: Path) -> None:
    path.unlink()
    pipe(path)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (gone, "photo_unreadable"),
        (link, "photo_unreadable"),
        (replaced_by_pipe, "path_not_a_file"),
    ],
)
async def test_a_photo_that_is_exchanged_after_it_was_found_is_refused(
    hass: HomeAssistant, media: Path, change: Callable[[Path], None], key: str
) -> None:
    """Whoever can write to the media folder may be quick."""
    (media / "box.jpg").write_bytes(picture())

    async def found(*args: object, **kwargs: object) -> Path:
        path = await real(*args, **kwargs)  # type: ignore[arg-type]
        await hass.async_add_executor_job(change, path)
        return path

    real = photos_of_reports.async_resolve
    with patch.object(photos_of_reports, "async_resolve", found):
        assert await refused(hass, "box.jpg", shows="box.jpg") == key
