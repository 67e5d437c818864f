"""Files that cannot be read: set aside to the byte, told of, and nothing else harmed."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
import errno
from hashlib import sha256
import json
import os
from pathlib import Path
import shutil
from typing import Any
from unittest.mock import patch
import zlib

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.waybill import kept_file, newer_journals
from custom_components.waybill.const import DOMAIN, EVENT_ALERT, EVENT_MILESTONE
from custom_components.waybill.file_issues import Kind
from custom_components.waybill.tracking.model import Answer, RawAnswer, Stage
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .conftest import (
    NUMBER,
    OTHER_NUMBER,
    OTHER_PARCEL_ID,
    PARCEL_ID,
    Carrier,
    SetUp,
    Wait,
    account_data,
    parcel_data,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
THIRD_NUMBER = "LP00123456789014"
THIRD_PARCEL_ID = "01JPARCEL0000000000000003"
STAGE = "sensor.running_shoes"


def digest(number: str) -> str:
    """Return what the names of a number's files end with."""
    return sha256(number.encode()).hexdigest()[:32]


JOURNAL = f"waybill.journal.{digest(NUMBER)}"
ANSWERS = f"waybill.answers.{digest(NUMBER)}"
ARCHIVE = "waybill.archive.2026-06"
FILES = {
    JOURNAL: "journal_damaged",
    ANSWERS: "answers_damaged",
    ARCHIVE: "archive_damaged",
    "waybill.plan": "memory_damaged",
    "waybill.account_lists": "memory_damaged",
    "waybill.transit_times": "memory_damaged",
    "waybill.evidence": "memory_damaged",
}


def truncated(path: Path) -> None:
    """Leave the first half."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def emptied(path: Path) -> None:
    """Leave nothing."""
    path.write_bytes(b"")


def junk(path: Path) -> None:
    """Leave what a dying disk returns."""
    path.write_bytes(bytes(range(256)) * 4)


def other_shape(path: Path) -> None:
    """Leave JSON that is something else."""
    path.write_text('{"version": 1, "minor_version": 1, "data": "nonsense"}')


def no_store(path: Path) -> None:
    """Leave JSON that no store wrote."""
    path.write_text("[1, 2, 3]")


def no_version(path: Path) -> None:
    """Leave a version that is none."""
    path.write_text('{"version": "one", "data": {}}')


DAMAGES: list[Callable[[Path], None]] = [
    truncated,
    emptied,
    junk,
    other_shape,
    no_store,
    no_version,
]


def issues(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    """Return the repairs of Waybill's, by what they say."""
    return {
        issue.translation_key or "": issue
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN
    }


def stages(hass: HomeAssistant) -> dict[str, str]:
    """Return where the parcels are."""
    names = ("running_shoes", "tea_pot")
    return {name: hass.states.get(f"sensor.{name}").state for name in names}


@pytest.fixture
async def home(
    hass: HomeAssistant,
    disk: Path,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    tmp_path: Path,
) -> MockConfigEntry:
    """Have every file that Waybill writes: two parcels, an archived one, an account."""
    hass.config.media_dirs = {"local": str(tmp_path / "media")}
    entry = await set_up(
        parcel_data(),
        parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Tea pot"),
        parcel_data(THIRD_NUMBER, THIRD_PARCEL_ID, "Lamp"),
        account_data("parcel_app"),
    )
    for number in (NUMBER, OTHER_NUMBER, THIRD_NUMBER):
        text = number.encode()
        carrier.scan(Stage.SHIPPED, number)
        carrier.answer(
            tracking_number=number,
            raw=RawAnswer(
                sha256=sha256(text).hexdigest(),
                size=len(text),
                compressed=zlib.compress(text),
            ),
        )
    await wait(3 * HOUR)
    carrier.scan(Stage.IN_CUSTOMS)
    carrier.scan(Stage.OUT_FOR_DELIVERY, OTHER_NUMBER)
    carrier.scan(Stage.DELIVERED, THIRD_NUMBER)
    for _ in range(3):
        await wait(3 * HOUR)
    await hass.services.async_call(
        DOMAIN,
        "export_evidence",
        {"parcel_id": PARCEL_ID, "format": "json"},
        blocking=True,
        return_response=True,
    )
    await hass.services.async_call(
        DOMAIN, "archive_parcel", {"parcel_id": THIRD_PARCEL_ID}, blocking=True
    )
    await hass.async_block_till_done()
    assert await hass.config_entries.async_unload(entry.entry_id)
    lists = {"version": 1, "minor_version": 1, "key": "waybill.account_lists"}
    (disk / "waybill.account_lists").write_text(json.dumps({**lists, "data": {}}))
    assert set(FILES) <= set(Folder(disk).names())
    return entry


class Folder:
    """The files as they were, to begin again with."""

    def __init__(self, folder: Path) -> None:
        """Remember all files."""
        self.folder = folder
        files = [path for path in folder.iterdir() if path.is_file()]
        self.files = {path.name: path.read_bytes() for path in files}

    def restore(self) -> None:
        """Let all be as it was."""
        for path in list(self.folder.iterdir()):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        for name, content in self.files.items():
            (self.folder / name).write_bytes(content)

    def names(self, part: str = "") -> list[str]:
        """Return the names of the files that are there and have a part like that."""
        return sorted(p.name for p in self.folder.iterdir() if part in p.name)


async def again(hass: HomeAssistant, entry: MockConfigEntry, folder: Folder) -> None:
    """Begin again, with Waybill stopped, all files good and nothing said."""
    assert await hass.config_entries.async_unload(entry.entry_id)
    folder.restore()
    for issue in issues(hass).values():
        ir.async_delete_issue(hass, DOMAIN, issue.issue_id)


async def start(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set Waybill up again, as after a restart."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def use(hass: HomeAssistant) -> dict[str, dict[str, Any]]:
    """Read every file once; return the parcels."""
    await hass.services.async_call(
        DOMAIN,
        "export_evidence",
        {"parcel_id": PARCEL_ID, "format": "json"},
        blocking=True,
        return_response=True,
    )
    answer = await hass.services.async_call(
        DOMAIN,
        "get_parcels",
        {"include_archived": True},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    return {parcel["parcel_id"]: parcel for parcel in answer["parcels"]}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damaged_file_is_set_aside_to_the_byte_and_all_else_is_as_before(
    hass: HomeAssistant,
    home: MockConfigEntry,
    disk: Path,
    caplog: pytest.LogCaptureFixture,
    damage: Callable[[Path], None],
) -> None:
    folder = Folder(disk)
    told = async_capture_events(hass, EVENT_MILESTONE)
    for name, words in FILES.items():
        damage(disk / name)
        content = (disk / name).read_bytes()
        caplog.clear()
        await start(hass, home)
        parcels = await use(hass)
        assert (disk / f"{name}.unreadable").read_bytes() == content
        assert stages(hass)["tea_pot"] == "out_for_delivery"
        for number in (OTHER_NUMBER, THIRD_NUMBER):
            kept = f"waybill.journal.{digest(number)}"
            assert (disk / kept).read_bytes() == folder.files[kept]
        assert set(parcels) - {THIRD_PARCEL_ID} == {PARCEL_ID, OTHER_PARCEL_ID}
        lamp = parcels.get(THIRD_PARCEL_ID, {"stage": None})
        assert lamp["stage"] == (None if name == ARCHIVE else "delivered")
        issue = issues(hass)[words]
        assert issue.is_persistent
        assert issue.is_fixable
        placeholders = issue.translation_placeholders or {}
        assert placeholders["file"] == f"{name}.unreadable"
        if name in (JOURNAL, ANSWERS):
            assert placeholders["parcel"] == "Running shoes"
        ours = [r for r in caplog.records if r.name.startswith("custom_components")]
        (error,) = [r.getMessage() for r in ours if r.levelname == "ERROR"]
        assert error.endswith(f"it was set aside as {name}.unreadable")
        assert not any(NUMBER in r.getMessage() for r in caplog.records)
        await again(hass, home, folder)
    assert told == []


async def test_a_second_damaged_file_does_not_take_the_place_of_the_first(
    hass: HomeAssistant, home: MockConfigEntry, disk: Path
) -> None:
    for damage in (junk, truncated, emptied):
        damage(disk / JOURNAL)
        await start(hass, home)
        await use(hass)
        assert await hass.config_entries.async_unload(home.entry_id)
    aside = [disk / f"{JOURNAL}.unreadable{end}" for end in ("", "_2", "_3")]
    assert aside[0].read_bytes() == bytes(range(256)) * 4
    assert aside[1].read_bytes() != b""
    assert aside[2].read_bytes() == b""


async def test_a_folder_in_the_place_of_a_file_is_set_aside_with_all_that_is_in_it(
    hass: HomeAssistant, home: MockConfigEntry, disk: Path
) -> None:
    folder = Folder(disk)
    for name, words in FILES.items():
        (disk / name).unlink()
        (disk / name).mkdir()
        (disk / name / "mine").write_text("by hand")
        await start(hass, home)
        await use(hass)
        assert (disk / f"{name}.unreadable" / "mine").read_text() == "by hand"
        assert stages(hass)["tea_pot"] == "out_for_delivery"
        assert words in issues(hass)
        await again(hass, home, folder)


async def test_a_file_that_may_not_be_opened_is_set_aside(
    hass: HomeAssistant, home: MockConfigEntry, disk: Path
) -> None:
    folder = Folder(disk)
    read_bytes = Path.read_bytes
    for name, words in FILES.items():
        closed = disk / name

        def denied(path: Path, closed: Path = closed) -> bytes:
            if path == closed:
                raise PermissionError(errno.EACCES, "Permission denied")
            return read_bytes(path)

        with patch.object(Path, "read_bytes", denied):
            await start(hass, home)
            await use(hass)
        assert (disk / f"{name}.unreadable").read_bytes() == folder.files[name]
        assert stages(hass)["tea_pot"] == "out_for_delivery"
        assert words in issues(hass)
        await again(hass, home, folder)


async def test_a_file_of_an_older_version_is_read_and_written_in_todays(
    hass: HomeAssistant, home: MockConfigEntry, disk: Path
) -> None:
    for name in FILES:
        stored = json.loads((disk / name).read_text())
        del stored["minor_version"]
        (disk / name).write_text(json.dumps({**stored, "version": 0}))
    names = Folder(disk).names()
    await start(hass, home)
    parcels = await use(hass)
    assert {parcel_id: parcel["stage"] for parcel_id, parcel in parcels.items()} == {
        PARCEL_ID: "in_customs",
        OTHER_PARCEL_ID: "out_for_delivery",
        THIRD_PARCEL_ID: "delivered",
    }
    assert issues(hass) == {}
    assert Folder(disk).names() == names
    assert {json.loads((disk / name).read_text())["version"] for name in FILES} == {1}


async def test_a_file_of_a_newer_version_is_kept_for_the_waybill_that_can_read_it(
    hass: HomeAssistant, home: MockConfigEntry, disk: Path
) -> None:
    folder = Folder(disk)
    told = async_capture_events(hass, EVENT_MILESTONE)
    for name in FILES:
        stored = json.loads((disk / name).read_text())
        content = json.dumps({**stored, "version": 7}).encode()
        (disk / name).write_bytes(content)
        await start(hass, home)
        await use(hass)
        assert (disk / f"{name}.newer").read_bytes() == content
        assert stages(hass)["tea_pot"] == "out_for_delivery"
        words = "journal_newer" if name == JOURNAL else "file_newer"
        assert list(issues(hass)) == [words]
        await again(hass, home, folder)
    assert told == []


async def test_a_newer_journal_is_taken_up_once_it_can_be_read(
    hass: HomeAssistant,
    home: MockConfigEntry,
    disk: Path,
    carrier: Carrier,
    wait: Wait,
) -> None:
    stored = json.loads((disk / JOURNAL).read_text())
    (disk / JOURNAL).write_text(json.dumps({**stored, "version": 7}))
    told = async_capture_events(hass, EVENT_MILESTONE)
    await start(hass, home)
    carrier.answer(Answer(tracking_number=NUMBER))
    carrier.scan(Stage.CUSTOMS_CLEARED)
    for _ in range(4):
        await wait(3 * HOUR)
    assert stages(hass)["running_shoes"] == "customs_cleared"
    told_of_clearance = len(told)
    assert told_of_clearance
    assert await hass.config_entries.async_reload(home.entry_id)
    assert list(issues(hass)) == ["journal_newer"]
    assert await hass.config_entries.async_unload(home.entry_id)
    with (
        patch.object(kept_file, "VERSION", 7),
        patch.object(newer_journals, "VERSION", 7),
    ):
        await start(hass, home)
        parcel = (await use(hass))[PARCEL_ID]
        for _ in range(4):
            await wait(3 * HOUR)
    assert [event["stage"] for event in parcel["events"]] == [
        "customs_cleared",
        "in_customs",
        "shipped",
    ]
    assert issues(hass) == {}
    assert Folder(disk).names("newer") == []
    assert len(told) == told_of_clearance


async def test_a_form_that_changed_is_brought_to_todays(
    hass: HomeAssistant, home: MockConfigEntry, disk: Path
) -> None:
    def renamed(stored: dict[str, Any]) -> dict[str, Any]:
        stored["parcel_id"] = stored.pop("id")
        return stored

    for name in Folder(disk).names("waybill.journal."):
        stored = json.loads((disk / name).read_text())
        stored["data"]["id"] = stored["data"].pop("parcel_id")
        (disk / name).write_text(json.dumps(stored))
    with (
        patch.object(kept_file, "VERSION", 2),
        patch.dict(kept_file.MIGRATIONS, {(Kind.JOURNAL, 1): renamed}),
    ):
        await start(hass, home)
        assert stages(hass) == {
            "running_shoes": "in_customs",
            "tea_pot": "out_for_delivery",
        }
        written = json.loads((disk / JOURNAL).read_text())
        assert written["version"] == 2
        assert written["data"]["parcel_id"] == PARCEL_ID
        assert issues(hass) == {}


async def test_what_cannot_be_brought_to_todays_form_is_set_aside(
    hass: HomeAssistant, home: MockConfigEntry, disk: Path
) -> None:
    def strict(stored: dict[str, Any]) -> dict[str, Any]:
        if stored["parcel_id"] == PARCEL_ID:
            raise KeyError("what every journal has")
        return stored

    content = (disk / JOURNAL).read_bytes()
    with (
        patch.object(kept_file, "VERSION", 2),
        patch.dict(kept_file.MIGRATIONS, {(Kind.JOURNAL, 1): strict}),
    ):
        await start(hass, home)
        assert (disk / f"{JOURNAL}.unreadable").read_bytes() == content
        assert stages(hass) == {
            "running_shoes": "pending",
            "tea_pot": "out_for_delivery",
        }
        assert list(issues(hass)) == ["journal_damaged"]


# A journal that is lost, and what the house hears


async def test_the_house_does_not_hear_old_news_again_when_a_journal_is_lost(
    hass: HomeAssistant,
    home: MockConfigEntry,
    disk: Path,
    carrier: Carrier,
    wait: Wait,
) -> None:
    junk(disk / JOURNAL)
    told = async_capture_events(hass, EVENT_MILESTONE)
    await start(hass, home)
    assert stages(hass)["running_shoes"] == "pending"
    for _ in range(4):
        await wait(3 * HOUR)
    assert stages(hass)["running_shoes"] == "in_customs"
    assert told == []
    carrier.scan(Stage.CUSTOMS_CLEARED)
    for _ in range(4):
        await wait(3 * HOUR)
    assert {event.data["milestone"] for event in told} == {
        "customs_cleared",
        "stage_changed",
    }


async def test_what_happened_after_the_journal_was_last_written_is_news(
    hass: HomeAssistant,
    home: MockConfigEntry,
    disk: Path,
    carrier: Carrier,
    wait: Wait,
    freezer: FrozenDateTimeFactory,
) -> None:
    junk(disk / JOURNAL)
    written = datetime.now(UTC).timestamp()
    os.utime(disk / JOURNAL, (written, written))
    freezer.tick(5 * HOUR)
    carrier.scan(Stage.DELIVERED)
    freezer.tick(5 * HOUR)
    told = async_capture_events(hass, EVENT_MILESTONE)
    await start(hass, home)
    for _ in range(4):
        await wait(3 * HOUR)
    names = {event.data["milestone"] for event in told}
    assert names == {"delivered", "customs_cleared", "stage_changed"}


async def test_an_alert_that_was_told_is_not_told_again_when_its_journal_is_lost(
    hass: HomeAssistant,
    home: MockConfigEntry,
    disk: Path,
    carrier: Carrier,
    wait: Wait,
) -> None:
    await start(hass, home)
    carrier.scan(Stage.READY_FOR_PICKUP)
    told = async_capture_events(hass, EVENT_ALERT)
    for _ in range(5):
        await wait(DAY)
    assert [event.data["kind"] for event in told] == ["pickup_waiting"]
    assert await hass.config_entries.async_unload(home.entry_id)
    junk(disk / JOURNAL)
    await start(hass, home)
    for _ in range(3):
        await wait(3 * HOUR)
    assert stages(hass)["running_shoes"] == "ready_for_pickup"
    assert len(told) == 1


def _parts(stored: Any) -> Iterator[tuple[Any, Any]]:
    """Iterate over every place in JSON at which something lies."""
    for key in stored if isinstance(stored, dict) else range(len(stored)):
        yield stored, key
        if isinstance(stored[key], dict | list):
            yield from _parts(stored[key])


@pytest.mark.parametrize("part", ["events", "milestones", "chain", "promises"])
async def test_of_a_journal_with_a_part_that_makes_no_sense_the_others_are_kept(
    hass: HomeAssistant,
    home: MockConfigEntry,
    disk: Path,
    wait: Wait,
    part: str,
) -> None:
    stored = json.loads((disk / JOURNAL).read_text())
    data = stored["data"]
    place = data["tracks"][0] if part == "events" else data
    place.setdefault(part, [None])[-1] = {"nonsense": True}
    content = json.dumps(stored).encode()
    (disk / JOURNAL).write_bytes(content)
    told = async_capture_events(hass, EVENT_MILESTONE)
    await start(hass, home)
    assert stages(hass)["running_shoes"] == "in_customs"
    assert (disk / f"{JOURNAL}.unreadable").read_bytes() == content
    assert list(issues(hass)) == ["journal_mended"]
    for _ in range(4):
        await wait(3 * HOUR)
    assert told == []
    events = (await use(hass))[PARCEL_ID]["events"]
    assert [event["stage"] for event in events] == ["in_customs", "shipped"]
    assert await hass.config_entries.async_unload(home.entry_id)
    await start(hass, home)
    assert Folder(disk).names("unreadable") == [f"{JOURNAL}.unreadable"]


async def test_any_single_part_of_a_journal_may_be_nonsense(
    hass: HomeAssistant, home: MockConfigEntry, disk: Path
) -> None:
    whole = (disk / JOURNAL).read_bytes()
    places = len(list(_parts(json.loads(whole)["data"])))
    assert places > 20
    for number in range(0, places, 5):
        stored = json.loads(whole)
        place, key = list(_parts(stored["data"]))[number]
        place[key] = 17 if isinstance(place[key], dict | list) else {"x": []}
        (disk / JOURNAL).write_text(json.dumps(stored))
        await start(hass, home)
        assert hass.states.get(STAGE).state in ("pending", "shipped", "in_customs")
        assert stages(hass)["tea_pot"] == "out_for_delivery"
        assert await hass.config_entries.async_unload(home.entry_id)


async def test_a_journal_of_another_number_is_set_aside(
    hass: HomeAssistant, home: MockConfigEntry, disk: Path
) -> None:
    other = (disk / f"waybill.journal.{digest(OTHER_NUMBER)}").read_bytes()
    (disk / JOURNAL).write_bytes(other)
    await start(hass, home)
    assert (disk / f"{JOURNAL}.unreadable").read_bytes() == other
    assert stages(hass) == {"running_shoes": "pending", "tea_pot": "out_for_delivery"}


async def test_of_answers_the_good_ones_are_kept(
    hass: HomeAssistant, home: MockConfigEntry, disk: Path
) -> None:
    stored = json.loads((disk / ANSWERS).read_text())
    good = list(stored["data"])
    stored["data"].append({"sha256": 17})
    content = json.dumps(stored).encode()
    (disk / ANSWERS).write_bytes(content)
    await start(hass, home)
    await use(hass)
    assert (disk / f"{ANSWERS}.unreadable").read_bytes() == content
    assert json.loads((disk / ANSWERS).read_text())["data"] == good
    assert list(issues(hass)) == ["answers_damaged"]


async def test_what_cannot_be_set_aside_is_not_written_over(
    hass: HomeAssistant,
    home: MockConfigEntry,
    disk: Path,
    carrier: Carrier,
    wait: Wait,
) -> None:
    junk(disk / JOURNAL)
    content = (disk / JOURNAL).read_bytes()
    with patch.object(Path, "rename", side_effect=OSError(errno.EROFS, "read-only")):
        await start(hass, home)
        for _ in range(3):
            await wait(3 * HOUR)
        assert (disk / JOURNAL).read_bytes() == content
        assert stages(hass)["running_shoes"] == "in_customs"
        assert set(issues(hass)) == {"journal_damaged", "disk_not_writable"}
    await wait(2 * HOUR)
    assert (disk / f"{JOURNAL}.unreadable").read_bytes() == content
    assert json.loads((disk / JOURNAL).read_text())["data"]["parcel_id"] == PARCEL_ID
    assert set(issues(hass)) == {"journal_damaged"}


async def test_a_parcel_that_is_to_be_forgotten_leaves_nothing_that_was_set_aside(
    hass: HomeAssistant, home: MockConfigEntry, disk: Path
) -> None:
    junk(disk / JOURNAL)
    junk(disk / ANSWERS)
    await start(hass, home)
    await use(hass)
    assert set(issues(hass)) == {"journal_damaged", "answers_damaged"}
    await hass.services.async_call(
        DOMAIN,
        "remove_parcel",
        {"parcel_id": PARCEL_ID, "keep_journal": False},
        blocking=True,
    )
    await hass.async_block_till_done()
    assert Folder(disk).names(digest(NUMBER)) == []
    assert issues(hass) == {}
