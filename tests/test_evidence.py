"""The dispute file: made by an action, kept in the media folder, opened in the UI."""

from dataclasses import replace
from datetime import timedelta
import errno
from hashlib import sha256
from http import HTTPStatus
from io import BytesIO
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
from PIL import Image
import pytest
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.waybill.const import DOMAIN
from custom_components.waybill.disk import Disk
from custom_components.waybill.storage import JournalStorage
from custom_components.waybill.tracking.chain import seal
from custom_components.waybill.tracking.journal import Journal, merge, open_journal
from custom_components.waybill.tracking.model import (
    Answer,
    Photo,
    Problem,
    ProblemKind,
    Stage,
    TrackingEvent,
)
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from .conftest import NUMBER, PARCEL_ID, Carrier, SetUp, parcel_data

WORDS = "快件已到达 深圳分拨中心"


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Keep files in a folder of this test's own."""
    return hass_tmp_config_dir


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Let Home Assistant write its files to disk, where they can be changed."""
    return {}


@pytest.fixture
def media(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Give Home Assistant a media folder."""
    folder = tmp_path / "media"
    folder.mkdir()
    hass.config.media_dirs = {"local": str(folder)}
    return folder


def known(*problems: Problem) -> Journal:
    """Return the journal of a parcel whose carrier wrote one line."""
    now = dt_util.utcnow()
    journal = seal(None, open_journal(PARCEL_ID, NUMBER, now), now)
    scan = TrackingEvent(
        provider="cainiao",
        tracking_number=NUMBER,
        code="ACCEPT",
        written_time="2026-06-09 20:00:00 GMT+8",
        time=now - timedelta(days=1),
        stage=Stage.SHIPPED,
        description="Accepted by the carrier",
        words=WORDS,
    )
    after = merge(
        journal, "cainiao", Answer(tracking_number=NUMBER, events=(scan,)), now
    )
    journal = seal(journal, after, now)
    after = replace(journal, problems=problems)
    return seal(journal, after, now)


@pytest.fixture
async def followed(
    hass: HomeAssistant,
    media: Path,
    freezer: FrozenDateTimeFactory,
    carrier: Carrier,
    set_up: SetUp,
) -> Journal:
    """Follow a parcel of which something is known."""
    journal = known()
    await JournalStorage(Disk(hass)).async_save(journal)
    await set_up(
        parcel_data(seller="Shoe shop", expected_by="2026-06-01", notes="private")
    )
    return journal


def journal_file(hass: HomeAssistant) -> Path:
    """Return the file that holds the journal."""
    (path,) = Path(hass.config.path(".storage")).glob("waybill.journal.*")
    return path


async def export(hass: HomeAssistant, file_format: str = "json") -> dict[str, Any]:
    """Make the dispute file."""
    answer = await hass.services.async_call(
        DOMAIN,
        "export_evidence",
        {"parcel_id": PARCEL_ID, "format": file_format},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    return dict(answer)


def content_in(answer: dict[str, Any]) -> bytes:
    """Return the bytes of the file that an answer names."""
    return Path(answer["path"]).read_bytes()


def text_in(answer: dict[str, Any]) -> str:
    """Return what is in the file that an answer names."""
    return Path(answer["path"]).read_text("utf-8")


def told_in(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the dossier that an answer names."""
    told: dict[str, Any] = json.loads(text_in(answer))
    return told


async def refusal(hass: HomeAssistant) -> str:
    """Return why no dispute file is made."""
    with pytest.raises(ServiceValidationError) as error:
        await export(hass)
    assert error.value.translation_domain == DOMAIN
    assert error.value.translation_key is not None
    return error.value.translation_key


@pytest.mark.parametrize(
    ("file_format", "begins"),
    [("pdf", b"%PDF-"), ("html", b"<!doctype html>"), ("json", b"{")],
)
async def test_a_dispute_file_is_written_into_the_media_folder(
    hass: HomeAssistant, followed: Journal, media: Path, file_format: str, begins: bytes
) -> None:
    answer = await export(hass, file_format)
    path = Path(answer["path"])
    content = content_in(answer)
    assert path.parent == media / "waybill"
    assert content.startswith(begins)
    assert answer == {
        "path": str(path),
        "media_content_id": f"media-source://waybill/{path.name}",
        "sha256": sha256(content).hexdigest(),
        "chain_valid": True,
    }
    assert NUMBER not in path.name and "shoes" not in path.name.lower()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


async def test_it_tells_what_is_known_and_not_what_is_private(
    hass: HomeAssistant, followed: Journal
) -> None:
    text = text_in(await export(hass))
    told = json.loads(text)
    assert told["parcel"]["name"] == "Running shoes"
    assert told["parcel"]["seller"] == "Shoe shop"
    assert [event["words"] for event in told["events"]] == [WORDS]
    assert told["counts"]["days_late"] == 9
    assert "private" not in text


async def test_it_is_in_the_language_of_the_house(
    hass: HomeAssistant, followed: Journal
) -> None:
    hass.config.language = "fr"
    text = text_in(await export(hass, "html"))
    assert '<html lang="fr">' in text
    assert "Dossier de litige" in text
    assert "Expédié" in text


async def test_a_byte_that_is_changed_in_the_journals_file_names_the_event(
    hass: HomeAssistant, followed: Journal
) -> None:
    assert (await export(hass))["chain_valid"]
    file = journal_file(hass)
    content = file.read_bytes()
    assert content.count(b"Accepted by") == 1
    file.write_bytes(content.replace(b"Accepted by", b"Accepted bY"))
    answer = await export(hass)
    assert not answer["chain_valid"]
    (found,) = told_in(answer)["breaks"]
    assert found["kind"] == "event"
    assert found["change"] == "changed"
    assert found["written_time"] == "2026-06-09 20:00:00 GMT+8"
    assert found["description"] == "Accepted bY the carrier"
    html = text_in(await export(hass, "html"))
    assert "2026-06-09 20:00:00 GMT+8 · Accepted bY the carrier" in html


@pytest.mark.parametrize(
    ("there", "changed"),
    [(b'"stage":"shipped"', b'"stage":"shippes"'), (b'"data"', b'"data')],
    ids=["nonsense", "no JSON"],
)
async def test_a_journal_that_cannot_be_read_is_told_and_written_anew(
    hass: HomeAssistant, followed: Journal, there: bytes, changed: bytes
) -> None:
    file = journal_file(hass)
    content = b"".join(file.read_bytes().split(b"\n"))
    content = content.replace(b'": ', b'":')
    assert there in content
    file.write_bytes(content.replace(there, changed))
    answer = await export(hass)
    assert not answer["chain_valid"]
    told = told_in(answer)
    assert [found["change"] for found in told["breaks"]] == ["unreadable"]
    assert [event["words"] for event in told["events"]] == [WORDS]
    assert (await export(hass))["chain_valid"]


async def test_a_parcel_of_which_nothing_was_ever_heard_has_a_file_too(
    hass: HomeAssistant, media: Path, carrier: Carrier, set_up: SetUp
) -> None:
    await set_up()
    told = told_in(await export(hass))
    assert told["events"] == []
    assert "unreadable" not in {found["change"] for found in told["breaks"]}


async def test_a_photo_is_shown_smaller_while_it_is_what_was_reported(
    hass: HomeAssistant,
    media: Path,
    tmp_path: Path,
    freezer: FrozenDateTimeFactory,
    carrier: Carrier,
    set_up: SetUp,
) -> None:
    photo = tmp_path / "box.jpg"
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    Image.new("RGB", (3000, 2000), (10, 90, 160)).save(photo, "JPEG", exif=exif)
    content = photo.read_bytes()
    assert b"taken at home" in content
    problem = Problem(
        problem_id="torn",
        problem=ProblemKind.DAMAGED,
        reported_at=dt_util.utcnow(),
        photos=(
            Photo(
                path=str(photo),
                sha256=sha256(content).hexdigest(),
                size=len(content),
                media_type="image/jpeg",
            ),
        ),
    )
    await JournalStorage(Disk(hass)).async_save(known(problem))
    await set_up()

    def state(answer: dict[str, Any]) -> str:
        told = told_in(answer)
        return str(told["problems"][0]["photos"][0]["state"])

    assert state(await export(hass)) == "intact"
    text = text_in(await export(hass, "html"))
    assert text.count("data:image/jpeg;base64,") == 1
    assert problem.photos[0].sha256 in text
    assert "taken at home" not in text

    photo.write_bytes(content[:-1] + b"x")
    assert state(await export(hass)) == "changed"
    text = text_in(await export(hass, "html"))
    assert "data:image" not in text
    assert "was changed since it was reported" in text

    photo.unlink()
    assert state(await export(hass)) == "missing"
    photo.mkdir()
    assert state(await export(hass)) == "missing"


async def test_without_a_media_folder_nothing_is_made(
    hass: HomeAssistant, followed: Journal
) -> None:
    hass.config.media_dirs = {}
    assert await refusal(hass) == "evidence_no_media_folder"


async def test_another_media_folder_does_where_none_is_local(
    hass: HomeAssistant, followed: Journal, tmp_path: Path
) -> None:
    hass.config.media_dirs = {"nas": str(tmp_path / "nas")}
    assert Path((await export(hass))["path"]).parent == tmp_path / "nas" / "waybill"


@pytest.mark.parametrize(
    ("number", "key"),
    [
        (errno.ENOSPC, "evidence_disk_full"),
        (errno.EDQUOT, "evidence_disk_full"),
        (errno.EACCES, "evidence_not_writable"),
        (errno.EROFS, "evidence_not_writable"),
    ],
)
async def test_a_file_that_cannot_be_saved_leaves_nothing_behind(
    hass: HomeAssistant, followed: Journal, media: Path, number: int, key: str
) -> None:
    with patch(
        "custom_components.waybill.evidence_files.os.fsync",
        side_effect=OSError(number, "no"),
    ):
        assert await refusal(hass) == key
    assert list((media / "waybill").iterdir()) == []


async def test_a_folder_that_leads_elsewhere_is_not_written_into(
    hass: HomeAssistant, followed: Journal, media: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (media / "waybill").symlink_to(elsewhere)
    assert await refusal(hass) == "evidence_not_writable"
    assert list(elsewhere.iterdir()) == []


async def test_a_parcel_that_is_not_known_has_none(
    hass: HomeAssistant, followed: Journal
) -> None:
    with pytest.raises(ServiceValidationError) as error:
        await hass.services.async_call(
            DOMAIN, "export_evidence", {"parcel_id": "nobody"}, blocking=True
        )
    assert error.value.translation_key == "unknown_parcel"


async def browse(client: Any, identifier: str = "") -> dict[str, Any]:
    """Open a place in the media browser."""
    await client.send_json_auto_id(
        {
            "type": "media_source/browse_media",
            "media_content_id": f"media-source://waybill{identifier}",
        }
    )
    answer: dict[str, Any] = await client.receive_json()
    return answer


async def resolve(client: Any, media_content_id: str) -> dict[str, Any]:
    """Ask where a medium is handed out."""
    await client.send_json_auto_id(
        {
            "type": "media_source/resolve_media",
            "media_content_id": media_content_id,
        }
    )
    answer: dict[str, Any] = await client.receive_json()
    return answer


async def test_a_pdf_is_opened_page_by_page_in_the_media_browser(
    hass: HomeAssistant,
    followed: Journal,
    freezer: FrozenDateTimeFactory,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    pdf = (await export(hass, "pdf"))["media_content_id"]
    freezer.tick(timedelta(minutes=1))
    html = (await export(hass, "html"))["media_content_id"]
    client = await hass_ws_client()
    files = (await browse(client))["result"]
    assert files["title"] == "Waybill"
    assert [(one["media_content_id"], one["title"]) for one in files["children"]] == [
        (html, "Dispute file of 2026-06-10 05:01 (web page)"),
        (pdf, "Dispute file of 2026-06-10 05:00 (PDF)"),
    ]
    opened = (await browse(client, pdf.removeprefix("media-source://waybill")))[
        "result"
    ]
    pages = opened["children"]
    assert [page["title"] for page in pages] == [
        f"Page {number}" for number in range(1, len(pages) + 1)
    ]
    assert {page["media_content_type"] for page in pages} == {"image/png"}

    answer = (await resolve(client, pages[0]["media_content_id"]))["result"]
    assert answer["mime_type"] == "image/png"
    anybody = await hass_client_no_auth()
    response = await anybody.get(answer["url"])
    assert response.status == HTTPStatus.OK
    assert response.content_type == "image/png"
    picture = Image.open(BytesIO(await response.read()))
    assert picture.width == 1400
    assert picture.height > picture.width


@pytest.mark.parametrize("page", ["0", "99", "01", "²", "x", "../1", "9" * 5000])
async def test_what_is_no_page_is_not_found(
    hass: HomeAssistant,
    followed: Journal,
    hass_ws_client: WebSocketGenerator,
    page: str,
) -> None:
    pdf = (await export(hass, "pdf"))["media_content_id"]
    answer = await resolve(await hass_ws_client(), f"{pdf}/{page}")
    assert answer["error"]["code"] == "resolve_media_failed"


async def test_a_thumbnail_is_small(
    hass: HomeAssistant,
    followed: Journal,
    hass_ws_client: WebSocketGenerator,
    hass_client: ClientSessionGenerator,
) -> None:
    await export(hass, "pdf")
    (file,) = (await browse(await hass_ws_client()))["result"]["children"]
    response = await (await hass_client()).get(file["thumbnail"])
    assert Image.open(BytesIO(await response.read())).width == 320


@pytest.mark.parametrize("file_format", ["pdf", "html", "json"])
async def test_a_file_is_handed_out_by_a_signed_path_that_expires(
    hass: HomeAssistant,
    followed: Journal,
    freezer: FrozenDateTimeFactory,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    file_format: str,
) -> None:
    made = await export(hass, file_format)
    client = await hass_ws_client()
    answer = await resolve(client, made["media_content_id"])
    url = answer["result"]["url"]
    assert "authSig=" in url
    anybody: TestClient[Any, Any] = await hass_client_no_auth()
    response = await anybody.get(url)
    assert response.status == HTTPStatus.OK
    assert sha256(await response.read()).hexdigest() == made["sha256"]
    assert response.content_type == answer["result"]["mime_type"]
    headers = response.headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none';")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"].startswith("inline;")

    assert (await anybody.get(url.partition("?")[0])).status == HTTPStatus.UNAUTHORIZED
    freezer.tick(timedelta(hours=25))
    assert (await anybody.get(url)).status == HTTPStatus.UNAUTHORIZED


def meddle(made: Path, foreign: Path, linked: Path, changed: Path) -> None:
    """Copy a file, lead one elsewhere, and change one."""
    foreign.write_bytes(made.read_bytes())
    elsewhere = made.parent.parent / "elsewhere"
    linked.rename(elsewhere)
    linked.symlink_to(elsewhere)
    changed.write_bytes(changed.read_bytes() + b" ")


async def test_only_what_waybill_wrote_is_opened(
    hass: HomeAssistant,
    followed: Journal,
    media: Path,
    hass_ws_client: WebSocketGenerator,
    hass_client: ClientSessionGenerator,
) -> None:
    client = await hass_ws_client()
    browser = await hass_client()
    made = Path((await export(hass, "pdf"))["path"])
    other = Path((await export(hass, "json"))["path"])
    changed = Path((await export(hass, "html"))["path"])
    foreign = made.with_name("dispute-20260101-000000-abcdef.pdf")
    meddle(made, foreign, other, changed)
    (media / "secret.pdf").write_bytes(b"%PDF-")
    for name in (
        foreign.name,
        f"{foreign.name}/1.png",
        other.name,
        changed.name,
        "..%2fsecret.pdf",
        "%2e%2e%2fsecret.pdf/1.png",
        "..%2f..%2fetc%2fpasswd",
        f"{made.name}/0.png",
        f"{made.name}/99.png",
        f"{changed.name}/1.png",
        f"{made.name}%00",
    ):
        response = await browser.get(f"/api/waybill/evidence/{name}")
        # Home Assistant itself stops some of them.
        assert response.status in (HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST), name
    assert (await browser.get(f"/api/waybill/evidence/{made.name}")).status == 200

    listed = [
        one["media_content_id"].rpartition("/")[2]
        for one in (await browse(client))["result"]["children"]
    ]
    assert foreign.name not in listed and other.name not in listed
    for name in (foreign.name, "../secret.pdf", f"{made.name}/0", f"{made.name}/x"):
        answer = await resolve(client, f"media-source://waybill/{name}")
        assert not answer["success"], name
        if name != f"{made.name}/0":
            assert not (await browse(client, f"/{name}"))["success"], name


async def test_a_width_that_makes_no_sense_is_bounded(
    hass: HomeAssistant, followed: Journal, hass_client: ClientSessionGenerator
) -> None:
    made = Path((await export(hass, "pdf"))["path"])
    browser = await hass_client()
    for asked, given in (("999999999", 1400), ("1", 64), ("-5", 1400), ("x", 1400)):
        url = f"/api/waybill/evidence/{made.name}/1.png?width={asked}"
        picture = Image.open(BytesIO(await (await browser.get(url)).read()))
        assert picture.width == given


async def test_while_waybill_is_not_set_up_nothing_is_handed_out(
    hass: HomeAssistant,
    followed: Journal,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    made = await export(hass, "pdf")
    name = Path(made["path"]).name
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert await hass.config_entries.async_unload(entry.entry_id)
    client = await hass_ws_client()
    assert (await browse(client))["result"]["children"] == []
    assert not (await resolve(client, made["media_content_id"]))["success"]
    anybody = await hass_client_no_auth()
    for path in (name, f"{name}/1.png"):
        url = async_sign_path(
            hass, f"/api/waybill/evidence/{path}", timedelta(minutes=1)
        )
        assert (await anybody.get(url)).status == HTTPStatus.NOT_FOUND
    # It is still known when Waybill is back.
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert len((await browse(client))["result"]["children"]) == 1
