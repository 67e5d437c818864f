"""Parcels leave for the archive, and come back as they were."""

from datetime import timedelta
import json
from pathlib import Path
import stat
from typing import Any
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.waybill.archive import (
    async_archive_parcel,
    async_find_archived,
    async_restore_parcel,
)
from custom_components.waybill.archive_storage import ArchiveStorage
from custom_components.waybill.const import DOMAIN, EVENT_MILESTONE
from custom_components.waybill.disk import Disk
from custom_components.waybill.joined_parcels import async_join
from custom_components.waybill.storage import JournalStorage
from custom_components.waybill.tracking.model import Stage
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import AbortFlow, FlowResultType
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.storage import Store

from .conftest import (
    NUMBER,
    OTHER_NUMBER,
    OTHER_PARCEL_ID,
    PARCEL_ID,
    Carrier,
    SetUp,
    Wait,
    parcel_data,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
STAGE = "sensor.running_shoes"


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
        await hass.services.async_call(
            DOMAIN, action, data, blocking=True, return_response=True
        )
    return error.value.translation_key


async def remove(hass: HomeAssistant, **data: Any) -> None:
    """Remove a parcel."""
    await hass.services.async_call(DOMAIN, "remove_parcel", data, blocking=True)
    await hass.async_block_till_done()


async def listed(hass: HomeAssistant, **data: Any) -> list[dict[str, Any]]:
    """Return the parcels, archived ones included."""
    return (await call(hass, "get_parcels", include_archived=True, **data))["parcels"]


def files(folder: Path, pattern: str) -> list[Path]:
    """Return the files whose names are like that."""
    return sorted(folder.glob(pattern))


async def restart(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Let another coordinator take over, as at a restart."""
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


@pytest.fixture
async def entry(
    hass: HomeAssistant, disk: Path, carrier: Carrier, set_up: SetUp, wait: Wait
) -> MockConfigEntry:
    """Follow running shoes that were delivered, with real files."""
    entry = await set_up(parcel_data(seller="Shoe shop", notes="red"))
    carrier.scan(Stage.SHIPPED)
    await wait(3 * HOUR)
    carrier.scan(Stage.DELIVERED)
    await wait(3 * HOUR)
    await wait(3 * HOUR)
    assert hass.states.get(STAGE).state == "delivered"
    return entry


async def test_an_archived_parcel_is_asked_about_no_more_and_shown_nowhere(
    hass: HomeAssistant, entry: MockConfigEntry, carrier: Carrier, wait: Wait
) -> None:
    answer = await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    assert answer["parcel"]["archived"] is True
    assert answer["parcel"]["next_check"] is None
    assert answer["parcel"]["stage"] == "delivered"
    assert entry.subentries == {}
    assert hass.states.get(STAGE) is None
    assert not [s for s in hass.states.async_entity_ids() if "shoes" in s]
    asked = len(carrier.asked)
    for _ in range(5):
        await wait(DAY)
    await restart(hass, entry)
    await wait(DAY)
    assert len(carrier.asked) == asked
    assert (await call(hass, "get_parcels"))["parcels"] == []


async def test_it_stays_in_the_list_of_those_who_ask_for_it(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    before = (await call(hass, "get_parcels"))["parcels"][0]
    await call(hass, "archive_parcel", tracking_number=NUMBER)
    (parcel,) = await listed(hass)
    changed = {k for k in before if before[k] != parcel[k]}
    assert changed == {"archived", "last_checked", "providers"} | (
        {"next_check"} if before["next_check"] else set()
    )
    assert (await listed(hass, parcel_id=PARCEL_ID)) == [parcel]
    assert (await listed(hass, tracking_number=NUMBER.lower())) == [parcel]
    assert (await listed(hass, stage=["delivered"])) == [parcel]
    assert (await listed(hass, stage=["in_transit"])) == []
    (brief,) = await listed(hass, include_events=False)
    assert "events" not in brief
    for named in ({"parcel_id": PARCEL_ID}, {"tracking_number": NUMBER}):
        for action in ("get_parcels", "update_parcel"):
            assert await error_of(hass, action, **named) == "parcel_archived"
    assert await error_of(hass, "refresh", parcel_id=PARCEL_ID) == "parcel_archived"


async def test_what_nobody_knows_is_an_error(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    for action in ("archive_parcel", "restore_parcel"):
        assert await error_of(hass, action, parcel_id="x") == "unknown_parcel"
        unknown = await error_of(hass, action, tracking_number=OTHER_NUMBER)
        assert unknown == "unknown_parcel"
        assert await error_of(hass, action) == "no_parcel_named"
    assert list(entry.subentries) == [PARCEL_ID]


@pytest.mark.parametrize(
    "named", [{"parcel_id": PARCEL_ID}, {"tracking_number": NUMBER}]
)
async def test_doing_it_twice_changes_nothing(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Path, named: dict[str, str]
) -> None:
    first = await call(hass, "archive_parcel", **named)
    before = {path: path.read_bytes() for path in files(disk, "waybill.*")}
    assert await call(hass, "archive_parcel", **named) == first
    assert {p: p.read_bytes() for p in files(disk, "waybill.*")} == before
    back = await call(hass, "restore_parcel", **named)
    assert back["parcel"]["archived"] is False
    again = await call(hass, "restore_parcel", **named)
    assert again["parcel"]["parcel_id"] == back["parcel"]["parcel_id"] == PARCEL_ID
    assert list(entry.subentries) == [PARCEL_ID]
    assert not files(disk, "waybill.archive.*")


async def test_it_comes_back_as_it_was(
    hass: HomeAssistant, entry: MockConfigEntry, carrier: Carrier, wait: Wait
) -> None:
    entities, devices = er.async_get(hass), dr.async_get(hass)
    entities.async_update_entity(STAGE, new_entity_id="sensor.my_shoes", labels={"x"})
    device = devices.async_get_device_by_identifier((DOMAIN, PARCEL_ID), entry.entry_id)
    devices.async_update_device(device.id, name_by_user="My shoes")
    subentry = entry.subentries[PARCEL_ID].as_dict()
    await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    await restart(hass, entry)
    told = async_capture_events(hass, EVENT_MILESTONE)
    await wait(5 * DAY)
    answer = await call(hass, "restore_parcel", tracking_number=NUMBER)
    assert answer["parcel"]["archived"] is False
    assert entry.subentries[PARCEL_ID].as_dict() == subentry
    assert hass.states.get("sensor.my_shoes").state == "delivered"
    assert entities.async_get("sensor.my_shoes").labels == {"x"}
    device = devices.async_get_device_by_identifier((DOMAIN, PARCEL_ID), entry.entry_id)
    assert device.name_by_user == "My shoes"
    await wait(HOUR)
    await restart(hass, entry)
    assert told == []
    journal = entry.runtime_data.journals[PARCEL_ID]
    assert journal.archived_at is None
    assert journal.restored_at is not None
    assert await listed(hass) == (await call(hass, "get_parcels"))["parcels"]


async def test_one_that_is_on_its_way_is_followed_again(
    hass: HomeAssistant, disk: Path, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up()
    carrier.scan(Stage.IN_TRANSIT)
    await wait(3 * HOUR)
    await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    await wait(3 * DAY)
    carrier.scan(Stage.OUT_FOR_DELIVERY)
    told = async_capture_events(hass, EVENT_MILESTONE)
    await wait(3 * DAY)
    assert told == []
    await call(hass, "restore_parcel", parcel_id=PARCEL_ID)
    await wait(HOUR)
    assert hass.states.get(STAGE).state == "out_for_delivery"
    names = {event.data["milestone"] for event in told}
    assert names == {"out_for_delivery", "stage_changed"}


@pytest.mark.parametrize("how", ["action", "text", "flow"])
async def test_adding_its_number_brings_it_back(
    hass: HomeAssistant, entry: MockConfigEntry, how: str
) -> None:
    await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    if how == "action":
        answer = await call(hass, "add_parcel", tracking_number=NUMBER, notes="blue")
        assert answer["parcel_id"] == PARCEL_ID
        assert answer["tracking_number"] == NUMBER
    elif how == "text":
        text = f"Tracking number: {NUMBER}"
        (found,) = (await call(hass, "add_from_text", text=text))["found"]
        assert (found["added"], found["parcel_id"]) == (True, PARCEL_ID)
    else:
        flows = hass.config_entries.subentries
        form = await flows.async_init(
            (entry.entry_id, "parcel"), context={"source": SOURCE_USER}
        )
        form = await flows.async_configure(form["flow_id"], {"tracking_number": NUMBER})
        result = await flows.async_configure(
            form["flow_id"], {"more": {"notes": "blue"}}
        )
        assert result["type"] is FlowResultType.ABORT
        assert result["reason"] == "taken_up_again"
        assert result["description_placeholders"] == {"parcel": "Running shoes"}
        await hass.async_block_till_done()
    parcel = entry.subentries[PARCEL_ID]
    assert parcel.title == "Running shoes"
    assert parcel.data["seller"] == "Shoe shop"
    assert parcel.data["notes"] == ("red" if how == "text" else "blue")
    assert hass.states.get(STAGE).state == "delivered"
    (only,) = await listed(hass)
    assert only["archived"] is False


async def test_a_name_given_now_is_its_name(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    await call(hass, "add_parcel", tracking_number=NUMBER, name="Boots")
    assert entry.subentries[PARCEL_ID].title == "Boots"


async def test_its_button_archives_it(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    button = "button.running_shoes_archive"
    assert er.async_get(hass).async_get(button).unique_id == f"{PARCEL_ID}_archive"
    await hass.services.async_call(
        "button", "press", {"entity_id": button}, blocking=True
    )
    await hass.async_block_till_done()
    assert entry.subentries == {}
    assert [parcel["archived"] for parcel in await listed(hass)] == [True]


async def test_news_that_waits_is_told_before_a_parcel_goes(
    hass: HomeAssistant, disk: Path, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up()
    told = async_capture_events(hass, EVENT_MILESTONE)
    carrier.scan(Stage.DELIVERED)
    coordinator = entry.runtime_data
    with patch.object(coordinator.announcer, "_ready", False):
        await wait(3 * HOUR)
        assert told == []
    await async_archive_parcel(coordinator, PARCEL_ID)
    assert "delivered" in [event.data["milestone"] for event in told]
    assert entry.subentries == {}


async def test_news_that_could_not_be_told_stays_untold(
    hass: HomeAssistant, disk: Path, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up()
    told = async_capture_events(hass, EVENT_MILESTONE)
    carrier.scan(Stage.DELIVERED)
    with patch.object(entry.runtime_data.announcer, "_ready", False):
        await wait(3 * HOUR)
        await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    await call(hass, "restore_parcel", parcel_id=PARCEL_ID)
    await wait(HOUR)
    await restart(hass, entry)
    assert told == []


async def test_a_removed_one_waits_for_its_number(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Path
) -> None:
    await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    await remove(hass, parcel_id=PARCEL_ID)
    assert await listed(hass) == []
    assert await error_of(hass, "restore_parcel", parcel_id=PARCEL_ID) == (
        "unknown_parcel"
    )
    assert await error_of(hass, "restore_parcel", tracking_number=NUMBER) == (
        "unknown_parcel"
    )
    assert not files(disk, "waybill.archive.*")
    answer = await call(hass, "add_parcel", tracking_number=NUMBER)
    assert answer["parcel_id"] == PARCEL_ID
    (parcel,) = (await call(hass, "get_parcels"))["parcels"]
    assert (parcel["stage"], parcel["name"]) == ("delivered", NUMBER)


async def test_one_that_is_to_be_forgotten_is(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Path
) -> None:
    await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    await remove(hass, tracking_number=NUMBER, keep_journal=False)
    assert not files(disk, "waybill.journal.*")
    assert not files(disk, "waybill.archive.*")
    await call(hass, "add_parcel", tracking_number=NUMBER)
    (parcel,) = (await call(hass, "get_parcels"))["parcels"]
    assert parcel["stage"] == "pending"
    assert parcel["parcel_id"] != PARCEL_ID


async def test_files_tell_no_number_and_are_the_owners_alone(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Path
) -> None:
    await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    (path,) = files(disk, "waybill.archive.*")
    assert path.name == "waybill.archive.2026-06"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    stored = json.loads(path.read_text())["data"][PARCEL_ID]
    assert stored["data"]["tracking_number"] == NUMBER
    assert stored["title"] == "Running shoes"
    assert stored["stage"] == "delivered"


async def test_another_month_is_another_file(
    hass: HomeAssistant,
    disk: Path,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
) -> None:
    await set_up(parcel_data(), parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, name="Lamp"))
    await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    first = disk / "waybill.archive.2026-06"
    before = first.read_bytes()
    await wait(40 * DAY)
    await call(hass, "archive_parcel", parcel_id=OTHER_PARCEL_ID)
    assert {path.name for path in files(disk, "waybill.archive.*")} == {
        "waybill.archive.2026-06",
        "waybill.archive.2026-07",
    }
    assert first.read_bytes() == before
    assert {parcel["name"] for parcel in await listed(hass)} == {
        "Running shoes",
        "Lamp",
    }
    assert (await listed(hass, parcel_id=PARCEL_ID))[0]["name"] == "Running shoes"
    await call(hass, "restore_parcel", parcel_id=PARCEL_ID)
    assert [path.name for path in files(disk, "waybill.archive.*")] == [
        "waybill.archive.2026-07"
    ]


def failing(key: str) -> Any:
    """Let the disk fail for files whose name begins so."""
    write = Store.async_save

    async def save(store: Store[Any], data: Any) -> None:
        if store.key.startswith(key):
            raise HomeAssistantError("no space")
        await write(store, data)

    return patch.object(Store, "async_save", save)


@pytest.mark.parametrize("key", ["waybill.archive.", "waybill.journal."])
async def test_a_disk_that_fails_leaves_the_parcel_followed(
    hass: HomeAssistant, entry: MockConfigEntry, key: str
) -> None:
    with failing(key), pytest.raises(HomeAssistantError):
        await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    assert list(entry.subentries) == [PARCEL_ID]
    assert hass.states.get(STAGE).state == "delivered"
    assert [parcel["archived"] for parcel in await listed(hass)] == [False]
    await restart(hass, entry)
    assert [parcel["archived"] for parcel in await listed(hass)] == [False]
    await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    assert [parcel["archived"] for parcel in await listed(hass)] == [True]


async def test_a_store_that_fails_without_a_word_is_noticed(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Home Assistant's storage logs that it could not write, and goes on."""

    async def save(store: Store[Any], data: Any) -> None:
        pass

    with (
        patch.object(Store, "async_save", save),
        pytest.raises(HomeAssistantError) as error,
    ):
        await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    assert error.value.translation_key == "archive_not_written"
    assert list(entry.subentries) == [PARCEL_ID]


async def test_a_power_cut_before_the_parcel_was_gone_leaves_it_followed(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Path, wait: Wait
) -> None:
    with (
        patch.object(
            hass.config_entries, "async_remove_subentry", side_effect=RuntimeError
        ),
        pytest.raises(RuntimeError),
    ):
        await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    assert files(disk, "waybill.archive.*")
    await restart(hass, entry)
    assert [parcel["archived"] for parcel in await listed(hass)] == [False]
    assert not files(disk, "waybill.archive.*")
    journal = await JournalStorage(Disk(hass)).async_load(NUMBER)
    assert journal is not None and journal.archived_at is None
    await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    assert [parcel["archived"] for parcel in await listed(hass)] == [True]


async def test_a_disk_that_fails_when_it_comes_back_does_not_keep_it_away(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Path
) -> None:
    await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    with patch.object(
        ArchiveStorage, "_async_write", side_effect=HomeAssistantError("no space")
    ):
        await call(hass, "add_parcel", tracking_number=NUMBER)
    assert hass.states.get(STAGE).state == "delivered"
    assert files(disk, "waybill.archive.*")
    assert [parcel["archived"] for parcel in await listed(hass)] == [False]
    await remove(hass, parcel_id=PARCEL_ID)
    assert await listed(hass) == []
    unknown = await error_of(hass, "restore_parcel", parcel_id=PARCEL_ID)
    assert unknown == "unknown_parcel"


async def test_an_unreadable_list_is_set_aside_and_its_parcels_are_found_by_number(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    disk: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    path = disk / "waybill.archive.2026-06"
    stored = json.loads(path.read_text())
    for nonsense in ("nonsense", {PARCEL_ID: {"title": 1}}):
        path.write_text(json.dumps({**stored, "data": nonsense}))
        assert await listed(hass) == []
    aside = files(disk, "waybill.archive.*")
    assert [p.name for p in aside] == [
        "waybill.archive.2026-06.unreadable",
        "waybill.archive.2026-06.unreadable_2",
    ]
    assert json.loads(aside[0].read_text())["data"] == "nonsense"
    assert "set aside" in caplog.text
    assert NUMBER not in caplog.text.split("set aside")[1].split("\n")[0]
    (parcel,) = await listed(hass, tracking_number=NUMBER)
    assert (parcel["archived"], parcel["stage"]) == (True, "delivered")
    answer = await call(hass, "restore_parcel", tracking_number=NUMBER)
    assert answer["parcel"]["parcel_id"] == PARCEL_ID
    assert hass.states.async_entity_ids("sensor")


async def test_one_parcel_that_cannot_be_read_does_not_hide_the_others(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Path
) -> None:
    await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    path = disk / "waybill.archive.2026-06"
    stored = json.loads(path.read_text())
    no_zone = {**stored["data"][PARCEL_ID], "archived_at": "2026-06-10T12:00:00"}
    stored["data"]["x"] = no_zone
    path.write_text(json.dumps(stored))
    assert [parcel["parcel_id"] for parcel in await listed(hass)] == [PARCEL_ID]
    assert "x" in json.loads((disk / f"{path.name}.unreadable").read_text())["data"]
    assert list(json.loads(path.read_text())["data"]) == [PARCEL_ID]


async def test_a_parcel_whose_journal_is_lost_comes_back_with_what_was_said_of_it(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Path
) -> None:
    await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    for path in files(disk, "waybill.journal.*"):
        path.write_text('{"version": 1, "data": {"legs": 1}}')
    (parcel,) = await listed(hass)
    assert (parcel["name"], parcel["stage"]) == ("Running shoes", "pending")
    answer = await call(hass, "restore_parcel", parcel_id=PARCEL_ID)
    assert answer["parcel"]["seller"] == "Shoe shop"
    assert not files(disk, "waybill.archive.*")


async def test_its_id_may_be_taken_meanwhile(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    hass.config_entries.async_add_subentry(
        entry,
        MockConfigEntry(subentries_data=[parcel_data(OTHER_NUMBER)]).subentries[
            PARCEL_ID
        ],
    )
    await hass.async_block_till_done()
    answer = await call(hass, "restore_parcel", tracking_number=NUMBER)
    assert answer["parcel"]["parcel_id"] != PARCEL_ID
    assert answer["parcel"]["stage"] == "delivered"
    assert [parcel["archived"] for parcel in await listed(hass)] == [False, False]


async def test_two_who_bring_it_back_at_once_get_one_parcel(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    coordinator = entry.runtime_data
    archived = await async_find_archived(coordinator, parcel_id=PARCEL_ID)
    assert archived is not None
    await async_restore_parcel(coordinator, archived)
    with pytest.raises(AbortFlow):
        await async_restore_parcel(coordinator, archived)
    with patch(
        "custom_components.waybill.life_cycle.async_named_parcel", return_value=archived
    ):
        refused = await error_of(hass, "restore_parcel", parcel_id=PARCEL_ID)
    assert refused == "already_followed"
    assert list(entry.subentries) == [PARCEL_ID]


async def test_an_answer_that_comes_while_it_is_archived_is_kept(
    hass: HomeAssistant, entry: MockConfigEntry, carrier: Carrier, wait: Wait
) -> None:
    coordinator = entry.runtime_data
    put = coordinator.archive.async_put
    carrier.scan(Stage.RETURNING)

    async def slow(parcels: Any) -> None:
        await put(parcels)
        if len(carrier.asked) == asked:
            coordinator.questions.ask_now(PARCEL_ID)
            await coordinator.async_refresh()

    asked = len(carrier.asked)
    await wait(timedelta(minutes=30))
    asked = len(carrier.asked)
    with patch.object(coordinator.archive, "async_put", slow):
        await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    (parcel,) = await listed(hass)
    assert parcel["stage"] == "returning"
    assert await listed(hass, stage=["returning"])


async def test_one_that_is_removed_while_it_is_archived_is_not_archived(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    coordinator = entry.runtime_data
    put = coordinator.archive.async_put

    async def slow(parcels: Any) -> None:
        await put(parcels)
        hass.config_entries.async_remove_subentry(entry, PARCEL_ID)

    with patch.object(coordinator.archive, "async_put", slow):
        error = await error_of(hass, "archive_parcel", parcel_id=PARCEL_ID)
    await hass.async_block_till_done()
    assert error == "unknown_parcel"
    assert await listed(hass) == []
    assert await async_archive_parcel(coordinator, PARCEL_ID) is None


async def test_a_joined_parcel_is_archived_and_found_by_either_number(
    hass: HomeAssistant,
    disk: Path,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
) -> None:
    entry = await set_up(
        parcel_data(), parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, name="Lamp")
    )
    carrier.scan(Stage.SHIPPED)
    carrier.scan(Stage.IN_TRANSIT, OTHER_NUMBER)
    await wait(3 * HOUR)
    coordinator = entry.runtime_data
    assert await async_join(coordinator, PARCEL_ID, OTHER_PARCEL_ID)
    await hass.async_block_till_done()
    await call(hass, "archive_parcel", tracking_number=OTHER_NUMBER)
    assert entry.subentries == {}
    (parcel,) = await listed(hass, tracking_number=OTHER_NUMBER)
    assert [leg["tracking_number"] for leg in parcel["legs"]] == [NUMBER, OTHER_NUMBER]
    assert len(await listed(hass)) == 1
    await restart(hass, entry)
    answer = await call(hass, "add_parcel", tracking_number=OTHER_NUMBER)
    assert (answer["parcel_id"], answer["tracking_number"]) == (PARCEL_ID, NUMBER)
    assert list(entry.subentries) == [PARCEL_ID]
    for number in (NUMBER, OTHER_NUMBER):
        journal = await JournalStorage(Disk(hass)).async_load(number)
        assert journal is not None and journal.archived_at is None
    await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    await remove(hass, parcel_id=PARCEL_ID, keep_journal=False)
    assert not files(disk, "waybill.journal.*")


async def test_a_joined_one_that_was_removed_waits_for_either_number(
    hass: HomeAssistant, disk: Path, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up(
        parcel_data(), parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, name="Lamp")
    )
    await wait(3 * HOUR)
    assert await async_join(entry.runtime_data, PARCEL_ID, OTHER_PARCEL_ID)
    await hass.async_block_till_done()
    await call(hass, "archive_parcel", parcel_id=PARCEL_ID)
    await remove(hass, parcel_id=PARCEL_ID)
    answer = await call(hass, "add_parcel", tracking_number=OTHER_NUMBER)
    assert answer["parcel_id"] == OTHER_PARCEL_ID
    assert await listed(hass) == (await call(hass, "get_parcels"))["parcels"]


async def test_many_are_listed_newest_first(
    hass: HomeAssistant, disk: Path, carrier: Carrier, set_up: SetUp
) -> None:
    parcels = [
        parcel_data(
            f"LP001234567{i:05}",
            f"01JPARCEL{i:05}",
            f"Parcel {i}",
            added_at=f"2026-05-{i % 28 + 1:02}T12:00:00+00:00",
        )
        for i in range(60)
    ]
    entry = await set_up(*parcels)
    for parcel_id in list(entry.subentries)[:55]:
        await async_archive_parcel(entry.runtime_data, parcel_id)
    await hass.async_block_till_done()
    found = await listed(hass, include_events=False)
    assert len(found) == 60
    assert sum(parcel["archived"] for parcel in found) == 55
    added = [parcel["added_at"] for parcel in found]
    assert added == sorted(added, reverse=True)
