"""A disk that is full, or cannot be written: the house is told all the same, once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
import errno
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.waybill.announcer import HEARD_WITHIN
from custom_components.waybill.const import DOMAIN, EVENT_MILESTONE
from custom_components.waybill.tracking.model import Stage
from homeassistant.const import (
    EVENT_HOMEASSISTANT_FINAL_WRITE,
    EVENT_HOMEASSISTANT_STOP,
)
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import file as file_util

from .conftest import ENTRY_ID, NUMBER, OTHER_NUMBER, PARCEL_ID, Carrier, SetUp, Wait
from .test_damaged_files import digest

HOUR = timedelta(hours=1)
JOURNAL = f"waybill.journal.{digest(NUMBER)}"
STAGE = "sensor.running_shoes"
WORDS = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EROFS: "disk_not_writable",
    errno.EACCES: "disk_not_writable",
    errno.EIO: "disk_not_writable",
}


class FailingDisk:
    """Refuses to write files; counts how often it was tried."""

    def __init__(self, number: int, only: str = "") -> None:
        """Fail with an error of the system, for files with a name like that."""
        self.number = number
        self.only = only
        self.tried: list[str] = []

    @contextmanager
    def fails(self) -> Iterator[None]:
        """Let every write fail."""
        works = file_util.AtomicWriter

        def write(path: str, **options: Any) -> Any:
            name = Path(path).name
            if self.only not in name:
                return works(path, **options)
            self.tried.append(name)
            raise OSError(self.number, "cannot write", path)

        with patch.object(file_util, "AtomicWriter", write):
            yield


def issues(hass: HomeAssistant) -> set[str]:
    """Return what the repairs of Waybill's say."""
    return {
        issue.translation_key or ""
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN
    }


def stages_on_disk(disk: Path, name: str = JOURNAL) -> list[str]:
    """Return the stages of the events that a journal on disk holds."""
    journal = json.loads((disk / name).read_text())["data"]
    return [e["stage"] for track in journal["tracks"] for e in track["events"]]


@pytest.fixture
async def entry(
    hass: HomeAssistant, disk: Path, carrier: Carrier, set_up: SetUp, wait: Wait
) -> MockConfigEntry:
    """Follow running shoes that were shipped, with real files."""
    entry = await set_up()
    carrier.scan(Stage.SHIPPED)
    await wait(3 * HOUR)
    assert stages_on_disk(disk) == ["shipped"]
    return entry


@pytest.mark.parametrize("number", WORDS)
async def test_the_house_is_told_once_and_all_is_written_when_there_is_room_again(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    disk: Path,
    carrier: Carrier,
    wait: Wait,
    caplog: pytest.LogCaptureFixture,
    number: int,
) -> None:
    told = async_capture_events(hass, EVENT_MILESTONE)
    full = FailingDisk(number)
    with full.fails():
        carrier.scan(Stage.OUT_FOR_DELIVERY)
        for _ in range(3):
            await wait(HOUR)
        assert hass.states.get(STAGE).state == "out_for_delivery"
        carrier.scan(Stage.DELIVERED)
        for _ in range(40):
            await wait(HOUR)
        assert hass.states.get(STAGE).state == "delivered"
        assert issues(hass) == {WORDS[number]}
        assert stages_on_disk(disk) == ["shipped"]
    names = [event.data["milestone"] for event in told]
    assert names == [
        "stage_changed",
        "out_for_delivery",
        "stage_changed",
        "delivered",
    ]
    ours = [r for r in caplog.records if r.name.startswith("custom_components")]
    (error,) = [r.getMessage() for r in ours if r.levelname == "ERROR"]
    assert errno.errorcode[number] in error
    assert NUMBER not in error
    # The pauses grow: after a first minute, no oftener than once an hour.
    assert len(full.tried) < 60
    await wait(2 * HOUR)
    assert issues(hass) == set()
    assert stages_on_disk(disk) == ["delivered", "out_for_delivery", "shipped"]
    milestones = json.loads((disk / JOURNAL).read_text())["data"]["milestones"]
    assert {m["telling"] for m in milestones} == {"announced"}
    assert await hass.config_entries.async_reload(entry.entry_id)
    for _ in range(4):
        await wait(3 * HOUR)
    assert len(told) == len(names)


async def test_what_is_told_twice_after_a_restart_on_a_full_disk_has_the_same_id(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    carrier: Carrier,
    wait: Wait,
) -> None:
    # What was told until now is marked as told.
    await wait(HEARD_WITHIN)
    told = async_capture_events(hass, EVENT_MILESTONE)
    carrier.scan(Stage.DELIVERED)
    with FailingDisk(errno.ENOSPC).fails():
        for _ in range(3):
            await wait(3 * HOUR)
        assert await hass.config_entries.async_reload(entry.entry_id)
        for _ in range(3):
            await wait(3 * HOUR)
        assert issues(hass) == {"disk_full"}
    ids = [event.data["milestone_id"] for event in told]
    assert len(ids) == 2 * len(set(ids)) == 4


async def test_one_file_that_cannot_be_written_does_not_keep_the_others(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    disk: Path,
    carrier: Carrier,
    wait: Wait,
) -> None:
    await hass.services.async_call(
        DOMAIN, "add_parcel", {"tracking_number": OTHER_NUMBER}, blocking=True
    )
    one = FailingDisk(errno.EPERM, only=JOURNAL)
    with one.fails():
        carrier.scan(Stage.IN_CUSTOMS)
        carrier.scan(Stage.IN_CUSTOMS, OTHER_NUMBER)
        for _ in range(5):
            await wait(3 * HOUR)
        other = f"waybill.journal.{digest(OTHER_NUMBER)}"
        assert stages_on_disk(disk, other) == ["in_customs"]
        assert stages_on_disk(disk) == ["shipped"]
        assert issues(hass) == {"disk_not_writable"}
    for _ in range(2):
        await wait(HOUR)
    assert stages_on_disk(disk) == ["in_customs", "shipped"]
    assert issues(hass) == set()


async def test_a_parcel_that_is_added_while_the_disk_is_full_is_followed_and_kept(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    disk: Path,
    carrier: Carrier,
    wait: Wait,
) -> None:
    with FailingDisk(errno.ENOSPC).fails():
        answer = await hass.services.async_call(
            DOMAIN,
            "add_parcel",
            {"tracking_number": OTHER_NUMBER, "name": "Tea pot"},
            blocking=True,
            return_response=True,
        )
        carrier.scan(Stage.IN_TRANSIT, OTHER_NUMBER)
        for _ in range(3):
            await wait(3 * HOUR)
        assert hass.states.get("sensor.tea_pot").state == "in_transit"
        await hass.services.async_call(
            DOMAIN,
            "record_event",
            {"parcel_id": answer["parcel_id"], "description": "Seen at the depot"},
            blocking=True,
            return_response=True,
        )
        assert issues(hass) == {"disk_full"}
    with patch.object(hass.config_entries, "_async_schedule_save") as schedule_save:
        await wait(2 * HOUR)
    # Home Assistant did not write which parcels there are either.
    assert schedule_save.called
    assert hass.config_entries.async_get_entry(ENTRY_ID).title == "Waybill"
    journal = (disk / f"waybill.journal.{digest(OTHER_NUMBER)}").read_text()
    assert "Seen at the depot" in journal
    assert issues(hass) == set()


async def test_what_was_removed_while_the_disk_is_full_is_remembered_when_it_returns(
    hass: HomeAssistant, entry: MockConfigEntry, carrier: Carrier, wait: Wait
) -> None:
    carrier.scan(Stage.IN_CUSTOMS)
    with FailingDisk(errno.ENOSPC).fails():
        for _ in range(2):
            await wait(3 * HOUR)
        assert hass.states.get(STAGE).state == "in_customs"
        await hass.services.async_call(
            DOMAIN, "remove_parcel", {"parcel_id": PARCEL_ID}, blocking=True
        )
        await hass.async_block_till_done()
        carrier.error = RuntimeError("nobody answers")
        answer = await hass.services.async_call(
            DOMAIN,
            "add_parcel",
            {"tracking_number": NUMBER},
            blocking=True,
            return_response=True,
        )
        await hass.async_block_till_done()
        assert answer["parcel_id"] == PARCEL_ID
        parcels = entry.runtime_data.data
        assert parcels[PARCEL_ID].stage is Stage.IN_CUSTOMS


async def test_a_parcel_is_not_archived_where_that_cannot_be_written(
    hass: HomeAssistant, entry: MockConfigEntry, carrier: Carrier, wait: Wait
) -> None:
    carrier.scan(Stage.DELIVERED)
    for _ in range(3):
        await wait(3 * HOUR)
    with (
        FailingDisk(errno.ENOSPC).fails(),
        pytest.raises(HomeAssistantError) as error,
    ):
        await hass.services.async_call(
            DOMAIN, "archive_parcel", {"parcel_id": PARCEL_ID}, blocking=True
        )
    assert error.value.translation_key == "archive_not_written"
    assert hass.states.get(STAGE).state == "delivered"
    for _ in range(2):
        await wait(HOUR)
    assert issues(hass) == set()
    await hass.services.async_call(
        DOMAIN, "archive_parcel", {"parcel_id": PARCEL_ID}, blocking=True
    )
    assert hass.states.get(STAGE) is None


async def test_who_cannot_be_forgotten_is_told_so(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    with (
        patch(
            "homeassistant.helpers.storage.os.unlink",
            side_effect=OSError(errno.EROFS, "read-only"),
        ),
        pytest.raises(HomeAssistantError) as error,
    ):
        await hass.services.async_call(
            DOMAIN,
            "remove_parcel",
            {"parcel_id": PARCEL_ID, "keep_journal": False},
            blocking=True,
        )
    assert error.value.translation_key == "not_all_removed"


async def test_what_could_not_be_written_is_written_when_home_assistant_stops(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    disk: Path,
    carrier: Carrier,
    wait: Wait,
) -> None:
    carrier.scan(Stage.DELIVERED)
    with FailingDisk(errno.ENOSPC).fails():
        for _ in range(3):
            await wait(3 * HOUR)
        assert stages_on_disk(disk) == ["shipped"]
    hass.set_state(CoreState.stopping)
    hass.bus.async_fire_internal(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    hass.set_state(CoreState.final_write)
    hass.bus.async_fire_internal(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    assert stages_on_disk(disk) == ["delivered", "shipped"]


async def test_a_home_that_stops_with_a_full_disk_stops(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    disk: Path,
    carrier: Carrier,
    wait: Wait,
) -> None:
    carrier.scan(Stage.DELIVERED)
    with FailingDisk(errno.ENOSPC).fails():
        for _ in range(3):
            await wait(3 * HOUR)
        assert await hass.config_entries.async_unload(entry.entry_id)
    await wait(2 * HOUR)
    assert stages_on_disk(disk) == ["shipped"]
