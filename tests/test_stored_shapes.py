"""What each state of Waybill stored is read by this one, and nothing is told again."""

from datetime import datetime, timedelta
import json
from pathlib import Path
import shutil
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.waybill.const import DOMAIN, EVENT_MILESTONE
from custom_components.waybill.tracking.chain import verify
from custom_components.waybill.tracking.model import Stage
from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component

from .conftest import NUMBER, OTHER_NUMBER, OTHER_PARCEL_ID, PARCEL_ID, Carrier, Wait
from .test_damaged_files import Folder

STORED = Path(__file__).parent / "fixtures" / "stored"
SHAPES = sorted(path.name for path in STORED.iterdir() if path.is_dir())
LAMP, LAMP_ID = "LP00123456789014", "01JPARCEL0000000000000003"
TEA_ID = "01JPARCEL0000000000000004"
LATER = datetime.fromisoformat("2026-06-12T12:00:00+00:00")
HOURS = timedelta(hours=3)


def lay_out(shape: str, folder: Path) -> dict[str, Any]:
    """Put what a state stored where Home Assistant looks; returns its entry."""
    for path in (STORED / shape).iterdir():
        if path.name.startswith("waybill."):
            shutil.copy(path, folder)
    entry: dict[str, Any] = json.loads((STORED / shape / "entry.json").read_text())
    return entry


@pytest.mark.parametrize("shape", SHAPES)
async def test_what_an_older_waybill_stored_goes_on_where_it_was(
    hass: HomeAssistant,
    disk: Path,
    carrier: Carrier,
    wait: Wait,
    freezer: FrozenDateTimeFactory,
    shape: str,
) -> None:
    stored = lay_out(shape, disk)
    freezer.move_to(LATER)
    told = async_capture_events(hass, EVENT_MILESTONE)
    entry = MockConfigEntry(
        domain=DOMAIN,
        title=stored["title"],
        version=stored["version"],
        minor_version=stored["minor_version"],
        entry_id=stored["entry_id"],
        data=stored["data"],
        options=stored["options"],
        subentries_data=[ConfigSubentryDataWithId(**s) for s in stored["subentries"]],
    )
    entry.add_to_hass(hass)
    assert await async_setup_component(hass, "homeassistant", {})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    coordinator = entry.runtime_data
    shoes = coordinator.data[PARCEL_ID]
    assert shoes.stage is Stage.IN_CUSTOMS
    assert [e.stage for e in shoes.events if e.stage] == ["in_customs", "shipped"]
    assert shoes.about.seller == "Shoe shop"
    assert coordinator.data[OTHER_PARCEL_ID].stage is Stage.OUT_FOR_DELIVERY
    told_before = {m.milestone for m in shoes.milestones if m.announced_at is not None}
    assert told_before == {"shipped", "entered_customs", "stage_changed"}
    answer = await hass.services.async_call(
        DOMAIN,
        "get_parcels",
        {"include_archived": True},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    parcels = {parcel["parcel_id"]: parcel for parcel in answer["parcels"]}
    assert parcels[LAMP_ID]["stage"] == "delivered"
    assert parcels[LAMP_ID]["archived"] == (
        "waybill.archive.2026-06" in {path.name for path in (STORED / shape).iterdir()}
    )
    assert (TEA_ID in parcels) != any(
        "joined" in s["data"] for s in stored["subentries"]
    )
    for journal in coordinator.journals.values():
        assert verify(journal) == ()
    # It was asked a day and more ago: its quota is known, nothing else is asked.
    assert coordinator.plan.ledger("cainiao").as_dict()["last_request"] is not None
    for number in (NUMBER, OTHER_NUMBER, LAMP):
        carrier.answer(tracking_number=number)
    for _ in range(3):
        await wait(HOURS)
    assert told == []
    assert [
        issue.translation_key
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN
        and issue.translation_key not in ("problem_reported", "not_found")
    ] == []
    assert not Folder(disk).names("unreadable") + Folder(disk).names("newer")
    carrier.scan(Stage.CUSTOMS_CLEARED)
    for _ in range(3):
        await wait(HOURS)
    names = {e.data["milestone"] for e in told if e.data["parcel_id"] == PARCEL_ID}
    assert names == {"customs_cleared", "stage_changed"}
