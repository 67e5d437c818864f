"""A path that a person gives leads where Home Assistant may go, or nowhere."""

import os
from pathlib import Path

import pytest

from custom_components.waybill.media_paths import async_resolve
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

FOLDER = "01 éà"


@pytest.fixture(name="media")
def _media(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Give the house a media folder, a second one and one that is allowed."""
    for name in ("media", "usb", "allowed", "outside"):
        (tmp_path / name / FOLDER).mkdir(parents=True)
        (tmp_path / name / FOLDER / "photo.jpg").write_text(name)
    hass.config.media_dirs = {
        "usb": str(tmp_path / "usb"),
        "local": str(tmp_path / "media"),
    }
    hass.config.allowlist_external_dirs = {str(tmp_path / "allowed")}
    return tmp_path / "media"


async def refusal(hass: HomeAssistant, text: str, *, must_exist: bool = True) -> str:
    """Return why a path is refused; what is told names no more than its last part."""
    with pytest.raises(ServiceValidationError) as refused:
        await async_resolve(hass, text, must_exist=must_exist)
    told = refused.value.translation_placeholders
    assert told is not None
    assert told.keys() == {"name"}
    assert "/" not in told["name"].strip("/")
    assert len(told["name"]) <= 100
    assert told["name"].isprintable()
    assert refused.value.translation_key is not None
    return refused.value.translation_key


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"media-source://media_source/local/{FOLDER}/photo.jpg", "media"),
        (f"media-source://media_source/usb/{FOLDER}/photo.jpg", "usb"),
        (f"{FOLDER}/photo.jpg", "media"),
        (f"./{FOLDER}//../{FOLDER}/photo.jpg", "media"),
        (f"{{root}}/media/{FOLDER}/photo.jpg", "media"),
        (f"{{root}}/usb/{FOLDER}/photo.jpg", "usb"),
        (f"{{root}}/allowed/{FOLDER}/photo.jpg", "allowed"),
        (f"../usb/{FOLDER}/photo.jpg", "usb"),
    ],
)
async def test_a_file_is_found_however_it_is_named(
    hass: HomeAssistant, media: Path, text: str, found: str
) -> None:
    text = text.format(root=media.parent)
    path = await async_resolve(hass, text, must_exist=True)
    assert path == media.parent / found / FOLDER / "photo.jpg"


async def test_a_media_folder_may_itself_be_a_link(
    hass: HomeAssistant, media: Path
) -> None:
    """It often is one to a disk; the person who runs the house chose it."""
    (media.parent / "link").symlink_to(media.parent / "outside")
    hass.config.media_dirs = {"disk": str(media.parent / "link")}
    path = await async_resolve(hass, f"{FOLDER}/photo.jpg", must_exist=True)
    assert path == media.parent / "outside" / FOLDER / "photo.jpg"


async def test_a_link_within_the_media_folder_is_followed(
    hass: HomeAssistant, media: Path
) -> None:
    (media / "link.jpg").symlink_to(media / FOLDER / "photo.jpg")
    path = await async_resolve(hass, "link.jpg", must_exist=True)
    assert path == media / FOLDER / "photo.jpg"


@pytest.mark.parametrize("must_exist", [True, False])
@pytest.mark.parametrize(
    "text",
    [
        "/etc/passwd",
        f"{{root}}/outside/{FOLDER}/photo.jpg",
        f"../outside/{FOLDER}/photo.jpg",
        f"{{root}}/media/../outside/{FOLDER}/photo.jpg",
        f"{{root}}/mediaoutside/{FOLDER}/photo.jpg",
        f"media-source://media_source/local/../outside/{FOLDER}/photo.jpg",
        f"media-source://media_source/local/{{root}}/outside/{FOLDER}/photo.jpg",
        "media-source://media_source/nowhere/photo.jpg",
        "media-source://media_source",
        "media-source://image_upload/photo.jpg",
        "linked.jpg",
        "linked_folder/photo.jpg",
        "photo.jpg\0",
        "/etc/passwd\0.jpg",
        "\ud800.jpg",
        "x" * 1025,
        "\N{RIGHT-TO-LEFT OVERRIDE}\n\0/",
    ],
)
async def test_what_lies_elsewhere_is_refused(
    hass: HomeAssistant, media: Path, text: str, must_exist: bool
) -> None:
    outside = media.parent / "outside"
    (media / "linked.jpg").symlink_to(outside / FOLDER / "photo.jpg")
    (media / "linked_folder").symlink_to(outside / FOLDER)
    text = text.replace("{root}", str(media.parent))
    assert await refusal(hass, text, must_exist=must_exist) == "path_not_allowed"


async def test_a_house_without_media_folder_still_has_what_it_allows(
    hass: HomeAssistant, media: Path
) -> None:
    hass.config.media_dirs = {}
    assert await refusal(hass, "photo.jpg") == "path_not_allowed"
    allowed = media.parent / "allowed" / FOLDER / "photo.jpg"
    assert await async_resolve(hass, str(allowed), must_exist=True) == allowed


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("absent.jpg", "path_missing"),
        ("absent/photo.jpg", "path_missing"),
        (f"{FOLDER}/photo.jpg/x", "path_missing"),
        (f"{'x' * 300}.jpg", "path_missing"),
        ("loop.jpg", "path_missing"),
        ("", "path_is_a_folder"),
        (FOLDER, "path_is_a_folder"),
        ("media-source://media_source/local", "path_is_a_folder"),
        ("pipe.jpg", "path_not_a_file"),
    ],
)
async def test_what_must_be_a_file_is_one(
    hass: HomeAssistant, media: Path, text: str, key: str
) -> None:
    os.mkfifo(media / "pipe.jpg")
    (media / "loop.jpg").symlink_to(media / "loop.jpg")
    assert await refusal(hass, text) == key


async def test_what_is_to_be_written_needs_a_folder(
    hass: HomeAssistant, media: Path
) -> None:
    """A file that is there, or a folder, is for the one who asks to judge."""
    for name in ("new.json", FOLDER, f"{FOLDER}/photo.jpg"):
        assert await async_resolve(hass, name, must_exist=False) == media / name
    assert await refusal(hass, "absent/x", must_exist=False) == "path_folder_missing"


async def test_a_link_out_to_what_is_not_there_yet_is_refused(
    hass: HomeAssistant, media: Path
) -> None:
    """Else whatever is written there would lie outside."""
    (media / "new.json").symlink_to(media.parent / "outside" / "new.json")
    assert await refusal(hass, "new.json", must_exist=False) == "path_not_allowed"
