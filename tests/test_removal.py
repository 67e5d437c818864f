"""What is left when Waybill is removed: nothing, or the journals."""

from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.waybill.const import DOMAIN
from custom_components.waybill.tracking.model import Stage
from homeassistant.components.webhook import DOMAIN as WEBHOOK
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)

from .conftest import PARCEL_ID, Carrier, SetUp, Wait, parcel_data
from .test_damaged_files import (
    ANSWERS,
    ARCHIVE,
    JOURNAL,
    OTHER_NUMBER,
    THIRD_NUMBER,
    Folder,
    digest,
    home,
    junk,
    start,
    use,
)

__all__ = ["home"]
HOUR = timedelta(hours=1)


@pytest.fixture
async def lived(
    hass: HomeAssistant, home: MockConfigEntry, disk: Path
) -> MockConfigEntry:
    """Have all that Waybill can leave behind, also what it could not read."""
    (disk / "core.config").write_text("{}")
    (disk / "waybillings").write_text("not ours")
    (disk / "waybill.plan").unlink()
    (disk / "waybill.plan").mkdir()
    (disk / "waybill.plan" / "file").write_text("x")
    junk(disk / ANSWERS)
    await start(hass, home)
    await use(hass)
    assert len(Folder(disk).names("unreadable")) == 2
    return home


async def remove(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Remove Waybill, and let Home Assistant write what it delayed."""
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_removing_waybill_leaves_nothing_behind(
    hass: HomeAssistant, lived: MockConfigEntry, disk: Path, tmp_path: Path
) -> None:
    media = Folder(tmp_path / "media" / "waybill").names()
    assert media
    await remove(hass, lived)
    assert Folder(disk).names("waybill") == ["waybillings"]
    assert "core.config" in Folder(disk).names()
    assert [i for i in ir.async_get(hass).issues.values() if i.domain == DOMAIN] == []
    devices = dr.async_get(hass)
    assert dr.async_entries_for_config_entry(devices, lived.entry_id) == []
    entities = er.async_get(hass)
    assert er.async_entries_for_config_entry(entities, lived.entry_id) == []
    assert hass.states.async_entity_ids() == []
    assert hass.data.get(WEBHOOK, {}) == {}
    # What the person asked for is the person's.
    assert Folder(tmp_path / "media" / "waybill").names() == media


async def test_a_person_may_keep_the_journals_and_take_them_up_again(
    hass: HomeAssistant,
    lived: MockConfigEntry,
    disk: Path,
    set_up: SetUp,
) -> None:
    hass.config_entries.async_update_entry(lived, options={"keep_journals": True})
    await remove(hass, lived)
    journals = [f"waybill.journal.{digest(n)}" for n in (OTHER_NUMBER, THIRD_NUMBER)]
    left = Folder(disk).names("waybill.")
    assert {JOURNAL, ARCHIVE, f"{ANSWERS}.unreadable", *journals} <= set(left)
    assert not {"waybill.plan", "waybill.account_lists"} & set(left)
    assert not [name for name in left if name.startswith("waybill.plan")]
    assert [i for i in ir.async_get(hass).issues.values() if i.domain == DOMAIN] == []
    await set_up(parcel_data())
    parcels = await use(hass)
    assert parcels[PARCEL_ID]["stage"] == "in_customs"
    assert [p["stage"] for p in parcels.values() if p["archived"]] == ["delivered"]


async def test_a_file_that_cannot_be_removed_does_not_keep_the_others(
    hass: HomeAssistant,
    lived: MockConfigEntry,
    disk: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    unlink = Path.unlink

    def stuck(path: Path, missing_ok: bool = False) -> None:
        if path.name == JOURNAL:
            raise PermissionError(13, "Permission denied")
        unlink(path, missing_ok)

    with patch.object(Path, "unlink", stuck):
        await remove(hass, lived)
    assert Folder(disk).names("waybill.") == [JOURNAL]
    assert "1 files of Waybill's could not be removed" in caplog.text


async def test_what_is_saved_for_later_is_not_written_once_waybill_is_gone(
    hass: HomeAssistant,
    disk: Path,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
) -> None:
    entry = await set_up()
    carrier.scan(Stage.SHIPPED)
    await wait(3 * HOUR)
    carrier.scan(Stage.DELIVERED)
    await wait(3 * HOUR)
    await remove(hass, entry)
    await wait(HOUR)
    assert Folder(disk).names("waybill") == []


async def test_a_newer_waybills_entry_is_refused_and_left_as_it_is(
    hass: HomeAssistant, home: MockConfigEntry, disk: Path
) -> None:
    hass.config_entries.async_update_entry(home, version=2)
    before = Folder(disk).files
    assert not await hass.config_entries.async_setup(home.entry_id)
    await hass.async_block_till_done()
    assert home.state.value == "migration_error"
    assert Folder(disk).files == before


async def test_what_a_newer_waybill_only_added_to_its_entry_is_passed_over(
    hass: HomeAssistant, home: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(
        home, minor_version=7, options={"of_tomorrow": 1}
    )
    await start(hass, home)
    assert hass.states.get("sensor.running_shoes").state == "in_customs"
    assert home.options == {"of_tomorrow": 1}
