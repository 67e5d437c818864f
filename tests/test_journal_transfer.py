"""All that is known of all parcels moves to another house."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
import json
import os
from pathlib import Path
import stat
from typing import Any
from unittest.mock import patch
import zlib

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.waybill import transfer_format
from custom_components.waybill.const import DOMAIN, EVENT_MILESTONE
from custom_components.waybill.disk import Disk
from custom_components.waybill.joined_parcels import async_join
from custom_components.waybill.storage import JournalStorage
from custom_components.waybill.tracking.chain import seal, verify
from custom_components.waybill.tracking.journal_json import to_json
from custom_components.waybill.tracking.model import (
    Estimate,
    Problem,
    ProblemKind,
    Promise,
    Stage,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

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
ACCOUNT_ID = "01JACCOUNT000000000000001"


async def call(hass: HomeAssistant, action: str, **data: Any) -> Any:
    """Call an action and return its answer."""
    answer = await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True
    )
    await hass.async_block_till_done()
    return answer


async def error_of(hass: HomeAssistant, action: str, **data: Any) -> str | None:
    """Call an action that is refused; return the key of what it says."""
    with pytest.raises(ServiceValidationError) as error:
        await call(hass, action, **data)
    return error.value.translation_key


async def listed(hass: HomeAssistant) -> dict[str, Any]:
    """Return all parcels by number, less what is the house's own."""
    answer = await call(hass, "get_parcels", include_archived=True)
    own = ("last_checked", "next_check", "providers")
    return {
        parcel["tracking_number"]: {k: v for k, v in parcel.items() if k not in own}
        for parcel in answer["parcels"]
    }


@pytest.fixture
async def folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Let Home Assistant write to a folder."""
    folder = tmp_path / "allowed"
    folder.mkdir()
    hass.config.allowlist_external_dirs = {str(folder)}
    return folder


@pytest.fixture
async def entry(
    hass: HomeAssistant, disk: Path, carrier: Carrier, set_up: SetUp, wait: Wait
) -> MockConfigEntry:
    """Follow a lamp; shoes are archived, and a book was removed."""
    entry = await set_up(
        account_data("dhl"),
        parcel_data(seller="Shoe shop", listed_by=ACCOUNT_ID),
        parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Lamp", expected_by="2026-07-01"),
        parcel_data(THIRD_NUMBER, THIRD_PARCEL_ID, "Book"),
    )
    carrier.scan(Stage.DELIVERED)
    carrier.scan(Stage.IN_CUSTOMS, OTHER_NUMBER)
    carrier.scan(Stage.SHIPPED, THIRD_NUMBER)
    await wait(3 * HOUR)
    coordinator = entry.runtime_data
    for journal in list(coordinator.journals.values()):
        if not journal.chain:
            sealed = seal(None, journal, datetime.now(UTC))
            coordinator.async_update_journal(sealed)
    await coordinator.announcer.async_tell(list(coordinator.journals))
    await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    hass.config_entries.async_remove_subentry(entry, THIRD_PARCEL_ID)
    await hass.async_block_till_done()
    return entry


def read(answer: dict[str, Any]) -> tuple[Path, Any]:
    """Return where an export lies, and what it says."""
    path = Path(answer["path"])
    return path, json.loads(path.read_text())


def write(path: Path, content: Any) -> None:
    """Write another export in its place."""
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text)


def contents_of(path: Path) -> str:
    """Return what is in a file."""
    return path.read_text()


def mode(path: Path) -> int:
    """Return who may read and write a file."""
    return stat.S_IMODE(path.stat().st_mode)


async def empty(hass: HomeAssistant, entry: MockConfigEntry, disk: Path) -> None:
    """Make it another house, in which nothing is known."""
    assert await hass.config_entries.async_unload(entry.entry_id)
    for subentry_id in list(entry.subentries):
        hass.config_entries.async_remove_subentry(entry, subentry_id)
    clear(disk)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


def clear(disk: Path) -> None:
    """Remove all that is stored."""
    for path in disk.glob("waybill.*"):
        path.unlink()


def files(folder: Path, pattern: str = "*") -> list[Path]:
    """Return the files whose names are like that."""
    return sorted(folder.glob(pattern))


def contents(disk: Path) -> dict[str, bytes]:
    """Return all that Waybill stored."""
    return {path.name: path.read_bytes() for path in disk.glob("waybill.*")}


async def test_a_house_moves(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Path, folder: Path, wait: Wait
) -> None:
    before = await listed(hass)
    journals = {
        number: await JournalStorage(Disk(hass)).async_load(number)
        for number in (NUMBER, OTHER_NUMBER, THIRD_NUMBER)
    }
    answer = await call(hass, "export_journal", path=str(folder))
    assert answer["parcels"] == 3
    path, exported = read(answer)
    assert path.name == "waybill-journals-2026-06-10.json"
    assert "a-secret-key" not in json.dumps(exported)
    assert files(folder) == [path]
    assert mode(path) == 0o600

    await empty(hass, entry, disk)
    told = async_capture_events(hass, EVENT_MILESTONE)
    taken = await call(hass, "import_journal", path=str(path))
    assert sorted(taken["imported"]) == [PARCEL_ID, OTHER_PARCEL_ID, THIRD_PARCEL_ID]
    assert taken["skipped"] == []
    assert await listed(hass) == before
    assert [s.title for s in entry.subentries.values()] == ["Lamp"]
    await wait(DAY)
    assert told == []
    for number, journal in journals.items():
        moved = await JournalStorage(Disk(hass)).async_load(number)
        assert moved is not None and journal is not None
        assert verify(moved) == ()
        assert moved.chain[: len(journal.chain)] == journal.chain
        assert moved.tracks == journal.tracks
    # The account that brought the shoes is not in this house.
    restored = await call(hass, "restore_parcel", tracking_number=NUMBER)
    assert restored["parcel"]["seller"] == "Shoe shop"
    assert "listed_by" not in entry.subentries[PARCEL_ID].data
    added = await call(hass, "add_parcel", tracking_number=THIRD_NUMBER)
    assert added["parcel_id"] == THIRD_PARCEL_ID
    assert (await listed(hass))[THIRD_NUMBER]["stage"] == "shipped"


async def test_what_waits_to_be_told_is_not_told_in_the_new_house(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    disk: Path,
    folder: Path,
    carrier: Carrier,
    wait: Wait,
) -> None:
    carrier.scan(Stage.OUT_FOR_DELIVERY, OTHER_NUMBER)
    with patch.object(entry.runtime_data.announcer, "_ready", False):
        await wait(DAY)
        answer = await call(hass, "export_journal", path=str(folder / "x.json"))
    assert any(
        "telling" not in milestone
        for parcel in read(answer)[1]["parcels"]
        for milestone in parcel["journal"]["milestones"]
    )
    await empty(hass, entry, disk)
    told = async_capture_events(hass, EVENT_MILESTONE)
    await call(hass, "import_journal", path=answer["path"])
    await wait(DAY)
    assert (await listed(hass))[OTHER_NUMBER]["stage"] == "out_for_delivery"
    assert told == []


async def test_what_is_known_here_is_passed_over(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Path, folder: Path
) -> None:
    answer = await call(hass, "export_journal", path=str(folder))
    before = contents(disk)
    taken = await call(hass, "import_journal", path=answer["path"])
    assert taken["imported"] == []
    assert sorted(taken["skipped"]) == [PARCEL_ID, OTHER_PARCEL_ID, THIRD_PARCEL_ID]
    assert contents(disk) == before


async def test_with_overwrite_what_both_houses_know_is_united(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    folder: Path,
    carrier: Carrier,
    wait: Wait,
) -> None:
    answer = await call(hass, "export_journal", path=str(folder))
    path, exported = read(answer)
    theirs = {
        p["journal"]["legs"][0]["tracking_number"]: p for p in exported["parcels"]
    }
    theirs[OTHER_NUMBER]["title"] = "Their lamp"
    theirs[OTHER_NUMBER]["data"]["seller"] = "Lights & Co"
    theirs[NUMBER]["title"] = "Their shoes"
    promise = Promise(
        provider="cainiao",
        tracking_number=OTHER_NUMBER,
        estimate=Estimate(start=datetime(2026, 7, 1).date()),
        first_seen=datetime(2026, 6, 1, tzinfo=UTC),
    )
    problem = Problem(
        problem_id="p1",
        problem=ProblemKind.DAMAGED,
        reported_at=datetime(2026, 6, 2, tzinfo=UTC),
    )
    coordinator = entry.runtime_data
    journal = replace(
        coordinator.journals[OTHER_PARCEL_ID], promises=(promise,), problems=(problem,)
    )
    theirs[OTHER_NUMBER]["journal"] |= {
        key: value
        for key, value in to_json(journal).items()
        if key in ("promises", "problems")
    }
    write(path, exported)
    carrier.scan(Stage.CUSTOMS_CLEARED, OTHER_NUMBER)
    await wait(DAY)
    told = async_capture_events(hass, EVENT_MILESTONE)
    taken = await call(hass, "import_journal", path=str(path), overwrite=True)
    assert sorted(taken["imported"]) == [PARCEL_ID, OTHER_PARCEL_ID, THIRD_PARCEL_ID]
    assert taken["skipped"] == []
    lamp = (await listed(hass))[OTHER_NUMBER]
    assert (lamp["name"], lamp["seller"]) == ("Their lamp", "Lights & Co")
    assert lamp["expected_by"] == "2026-07-01"
    assert [e["stage"] for e in lamp["events"]] == ["customs_cleared", "in_customs"]
    united = coordinator.journals[OTHER_PARCEL_ID]
    assert united.promises == (promise,)
    assert united.problems == (problem,)
    assert await JournalStorage(Disk(hass)).async_load(OTHER_NUMBER) == united
    shoes = (await listed(hass))[NUMBER]
    assert (shoes["name"], shoes["archived"]) == ("Their shoes", True)
    assert list(entry.get_subentries_of_type("parcel"))[0].title == "Their lamp"
    assert told == []


async def test_with_overwrite_the_chain_of_this_house_goes_on(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Path, folder: Path, wait: Wait
) -> None:
    answer = await call(hass, "export_journal", path=str(folder))
    path, exported = read(answer)
    await empty(hass, entry, disk)
    await call(hass, "add_parcel", tracking_number=OTHER_NUMBER)
    here = entry.runtime_data.data.copy().popitem()[0]
    await call(hass, "import_journal", path=str(path), overwrite=True)
    journal = entry.runtime_data.journals[here]
    assert journal.parcel_id == here
    assert verify(journal) == ()
    assert [s["stage"] for s in (await listed(hass))[OTHER_NUMBER]["events"]] == [
        "in_customs"
    ]
    assert len(exported["parcels"]) == 3


@pytest.mark.parametrize("state", ["archived", "followed"])
async def test_one_whose_journal_was_kept_here_is_what_it_was_there(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    disk: Path,
    folder: Path,
    state: str,
) -> None:
    answer = await call(hass, "export_journal", path=str(folder))
    number = NUMBER if state == "archived" else OTHER_NUMBER
    parcel_id = PARCEL_ID if state == "archived" else OTHER_PARCEL_ID
    await hass.services.async_call(
        DOMAIN, "remove_parcel", {"parcel_id": parcel_id}, blocking=True
    )
    await hass.async_block_till_done()
    taken = await call(hass, "import_journal", path=answer["path"])
    assert parcel_id in taken["skipped"]
    assert number not in await listed(hass)
    taken = await call(hass, "import_journal", path=answer["path"], overwrite=True)
    assert parcel_id in taken["imported"]
    assert (await listed(hass))[number]["archived"] is (state == "archived")


async def test_joined_parcels_move_together_and_can_be_parted_there(
    hass: HomeAssistant,
    disk: Path,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    folder: Path,
) -> None:
    entry = await set_up(
        parcel_data(), parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, name="Lamp")
    )
    carrier.scan(Stage.IN_TRANSIT, OTHER_NUMBER)
    await wait(3 * HOUR)
    assert await async_join(entry.runtime_data, PARCEL_ID, OTHER_PARCEL_ID)
    await hass.async_block_till_done()
    before = await listed(hass)
    answer = await call(hass, "export_journal", path=str(folder))
    assert answer["parcels"] == 2
    await empty(hass, entry, disk)
    await call(hass, "import_journal", path=answer["path"])
    assert await listed(hass) == before
    assert list(entry.subentries) == [PARCEL_ID]
    assert entry.subentries[PARCEL_ID].data["joined"][0]["title"] == "Lamp"
    taken = await call(hass, "import_journal", path=answer["path"])
    assert taken["imported"] == []


async def test_a_number_that_is_part_of_another_parcel_here_is_passed_over(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Path, folder: Path
) -> None:
    answer = await call(hass, "export_journal", path=str(folder))
    await empty(hass, entry, disk)
    await call(hass, "add_parcel", tracking_number="LP00123456789099", name="Box")
    await call(hass, "add_parcel", tracking_number=OTHER_NUMBER)
    coordinator = entry.runtime_data
    ids = {p.name: p.parcel_id for p in coordinator.data.values()}
    assert await async_join(coordinator, ids["Box"], ids[OTHER_NUMBER])
    await hass.async_block_till_done()
    taken = await call(hass, "import_journal", path=answer["path"], overwrite=True)
    assert taken["skipped"] == [ids["Box"]]


async def test_an_id_that_is_taken_here_is_not_given_again(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Path, folder: Path
) -> None:
    answer = await call(hass, "export_journal", path=str(folder))
    path, exported = read(answer)
    for parcel in exported["parcels"]:
        parcel["journal"]["parcel_id"] = "../x" if parcel["state"] == "kept" else "same"
    write(path, exported)
    await empty(hass, entry, disk)
    taken = await call(hass, "import_journal", path=str(path))
    assert len(set(taken["imported"])) == 3
    assert "../x" not in taken["imported"]
    parcels = await listed(hass)
    assert parcels[NUMBER]["parcel_id"] == "same"
    assert parcels[OTHER_NUMBER]["parcel_id"] not in ("same", OTHER_PARCEL_ID)


async def test_raw_answers_move_too(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Path, folder: Path
) -> None:
    journal_files = {
        path: json.loads(path.read_text())["data"]
        for path in files(disk, "waybill.journal.*")
    }
    (name,) = [
        path.name.removeprefix("waybill.journal.")
        for path, journal in journal_files.items()
        if journal["legs"][0]["tracking_number"] == NUMBER
    ]
    kept = disk / f"waybill.answers.{name}"
    theirs, ours = _kept_answer("theirs"), _kept_answer("ours")
    kept.write_text(json.dumps({"version": 1, "key": "x", "data": [theirs]}))
    answer = await call(hass, "export_journal", path=str(folder))
    await empty(hass, entry, disk)
    await call(hass, "import_journal", path=answer["path"])
    assert json.loads(kept.read_text())["data"] == [theirs]
    kept.write_text(json.dumps({"version": 1, "key": "x", "data": [ours]}))
    await call(hass, "import_journal", path=answer["path"], overwrite=True)
    assert json.loads(kept.read_text())["data"] == [ours, theirs]


def _kept_answer(text: str) -> dict[str, Any]:
    return {
        "sha256": sha256(text.encode()).hexdigest(),
        "size": len(text),
        "provider": "cainiao",
        "tracking_number": NUMBER,
        "received_at": "2026-06-10T12:00:00+00:00",
        "body": b64encode(zlib.compress(text.encode())).decode(),
    }


def _not_json(exported: dict[str, Any]) -> str:
    return "{"


def _too_deep(exported: dict[str, Any]) -> str:
    return "[" * 100_000


def _another_format(exported: dict[str, Any]) -> str:
    return json.dumps(exported | {"format": "something"})


def _a_list(exported: dict[str, Any]) -> str:
    return "[]"


def _no_version(exported: dict[str, Any]) -> str:
    return json.dumps(exported | {"version": "1"})


def _newer(exported: dict[str, Any]) -> str:
    return json.dumps(exported | {"version": 2})


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (_not_json, "import_not_an_export"),
        (_too_deep, "import_not_an_export"),
        (_another_format, "import_not_an_export"),
        (_a_list, "import_not_an_export"),
        (_no_version, "import_not_an_export"),
        (_newer, "import_newer"),
    ],
)
async def test_what_is_no_export_changes_nothing(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    disk: Path,
    folder: Path,
    spoil: Callable[[dict[str, Any]], str],
    error: str,
) -> None:
    answer = await call(hass, "export_journal", path=str(folder))
    path, exported = read(answer)
    write(path, spoil(exported))
    await empty(hass, entry, disk)
    before = contents(disk)
    assert await error_of(hass, "import_journal", path=str(path)) == error
    assert contents(disk) == before
    assert not list(entry.get_subentries_of_type("parcel"))


DAMAGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no state": lambda p: p.pop("state"),
    "an unknown state": lambda p: p.update(state="lost"),
    "no journal": lambda p: p.pop("journal"),
    "no numbers": lambda p: p["journal"].update(legs=[]),
    "a number that is none": lambda p: p["journal"]["legs"][0].update(
        tracking_number="{{ x }}"
    ),
    "a number in figures": lambda p: p["journal"]["legs"][0].update(tracking_number=7),
    "a number beside its legs": lambda p: p["journal"].update(tracking_number=7),
    "a track in figures": lambda p: p["journal"]["tracks"][0].update(tracking_number=7),
    "a milestone in figures": lambda p: p["journal"]["milestones"][0].update(
        tracking_number=7
    ),
    "an event in figures": lambda p: p["journal"]["tracks"][0]["events"][0].update(
        tracking_number=7
    ),
    "a foreign one in figures": lambda p: p["journal"].update(foreign=[7]),
    "data in figures": lambda p: p["data"].update(tracking_number=7),
    "answers in figures": lambda p: p.update(
        answers=[
            {
                "sha256": "0" * 64,
                "size": 1,
                "provider": "cainiao",
                "tracking_number": 7,
                "received_at": "2026-06-10T12:00:00+00:00",
            }
        ]
    ),
    "an answer before all time": lambda p: p.update(
        answers=[
            {
                "sha256": "0" * 64,
                "size": 1,
                "provider": "cainiao",
                "tracking_number": NUMBER,
                "received_at": "0001-01-01T00:00:00+14:00",
            }
        ]
    ),
    "another number": lambda p: p["data"].update(tracking_number="LP00123456789099"),
    "no data": lambda p: p.pop("data"),
    "data that is none": lambda p: p.update(data="x"),
    "a provider that is none": lambda p: p["data"].update(provider="nobody"),
    "a link that is none": lambda p: p["data"].update(order_url="javascript:alert(1)"),
    "a text that is none": lambda p: p["data"].update(seller=1),
    "a text without end": lambda p: p["data"].update(notes="x" * 30_000),
    "a moment without a zone": lambda p: p["journal"].update(
        added_at="2026-06-10T12:00:00"
    ),
    "a moment before all time": lambda p: p["journal"]["tracks"][0]["events"][0].update(
        time="0001-01-01T00:00:00+14:00"
    ),
    "half a letter": lambda p: p.update(title="\ud83d"),
    "answers that are none": lambda p: p.update(answers=[1]),
    "too many joined": lambda p: p["data"].update(
        joined=[
            {
                "parcel_id": "x",
                "title": "x",
                "data": {"tracking_number": "LP00123456789099"},
                "filled": [],
            }
        ]
        * 21
    ),
    "a joined one that is none": lambda p: p["data"].update(joined=[{"data": {}}]),
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_one_damaged_parcel_holds_all_back(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Path, folder: Path, damage: str
) -> None:
    answer = await call(hass, "export_journal", path=str(folder))
    path, exported = read(answer)
    exported["parcels"].sort(key=lambda p: p["state"] == "followed")
    DAMAGES[damage](exported["parcels"][2])
    write(path, exported)
    await empty(hass, entry, disk)
    before = contents(disk)
    with pytest.raises(ServiceValidationError) as error:
        await call(hass, "import_journal", path=str(path))
    assert error.value.translation_key == "import_damaged"
    assert error.value.translation_placeholders["place"] == "3"
    assert NUMBER not in str(error.value.__cause__)
    assert contents(disk) == before
    assert not list(entry.get_subentries_of_type("parcel"))


async def test_the_same_parcel_twice_is_a_damaged_export(
    hass: HomeAssistant, entry: MockConfigEntry, folder: Path
) -> None:
    answer = await call(hass, "export_journal", path=str(folder))
    path, exported = read(answer)
    exported["parcels"].append(exported["parcels"][0])
    write(path, exported)
    assert await error_of(hass, "import_journal", path=str(path)) == "import_damaged"


async def test_a_file_that_is_too_big_is_not_read(
    hass: HomeAssistant, entry: MockConfigEntry, folder: Path
) -> None:
    answer = await call(hass, "export_journal", path=str(folder))
    with patch.object(transfer_format, "MOST_BYTES", 100):
        error = await error_of(hass, "import_journal", path=answer["path"])
    assert error == "import_too_big"


async def test_paths_that_lead_nowhere_are_refused(
    hass: HomeAssistant, entry: MockConfigEntry, folder: Path, tmp_path: Path
) -> None:
    for action in ("export_journal", "import_journal"):
        error = await error_of(hass, action, path=str(tmp_path / "x.json"))
        assert error == "path_not_allowed"
    missing = str(folder / "missing.json")
    assert await error_of(hass, "import_journal", path=missing) == "path_missing"
    error = await error_of(hass, "import_journal", path=str(folder))
    assert error == "path_is_a_folder"
    nowhere = str(folder / "no" / "folder.json")
    error = await error_of(hass, "export_journal", path=nowhere)
    assert error == "path_folder_missing"


async def test_an_export_takes_the_place_of_nothing_but_an_export(
    hass: HomeAssistant, entry: MockConfigEntry, folder: Path
) -> None:
    """Not only administrators export, and others keep files there too."""
    path = folder / "photo.jpg"
    write(path, "a photo")
    assert await error_of(hass, "export_journal", path=str(path)) == "export_in_the_way"
    assert contents_of(path) == "a photo"
    path = folder / "x.json"
    for _ in range(2):
        await call(hass, "export_journal", path=str(path))
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    assert await error_of(hass, "export_journal", path=str(pipe)) == "export_in_the_way"


async def test_an_export_that_fails_leaves_what_was_there(
    hass: HomeAssistant, entry: MockConfigEntry, folder: Path
) -> None:
    path = folder / "x.json"
    await call(hass, "export_journal", path=str(path))
    before = contents_of(path)
    with patch.object(transfer_format.os, "fsync", side_effect=OSError("no space")):
        error = await error_of(hass, "export_journal", path=str(path))
    assert error == "export_not_written"
    assert files(folder) == [path]
    assert contents_of(path) == before


async def test_a_journal_that_cannot_be_read_holds_up_no_export(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Path, folder: Path
) -> None:
    (disk / f"waybill.journal.{'0' * 32}").write_text("nonsense")
    (disk / f"waybill.journal.{'1' * 32}.unreadable").write_text("{}")
    answer = await call(hass, "export_journal", path=str(folder))
    assert answer["parcels"] == 3
