"""Half a letter, which no file can hold, keeps nothing from being written.

Half a surrogate pair comes with JSON of a carrier, a broken e-mail, a template or a
language model. One in Home Assistant's own file would keep it from being written.
"""

from collections.abc import Mapping
from datetime import timedelta
import json
from pathlib import Path
from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.waybill.const import DOMAIN
from custom_components.waybill.llm import AddParcel
from custom_components.waybill.parcel_files import parcel_file
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers.json import json_bytes
from homeassistant.helpers.llm import LLMContext, ToolInput

from .conftest import NUMBER, PARCEL_ID, Carrier, SetUp, Wait, account_data, parcel_data
from .simulator import DAY, HOUR, KEYS, Journey, Kind, Simulator, Step, numbers

HALF: Final = "\ud83d"
OTHER_HALF: Final = "\ude00"
NEW: Final = "LP00123456789099"
SAID: Final = {
    "name": f"Lamp {HALF}",
    "seller": f"{HALF}{OTHER_HALF} shop",
    "order_number": f"7{OTHER_HALF}",
    "order_url": f"https://shop.example/{HALF}",
    "postal_code": f"1{HALF}",
    "notes": f"Notes {HALF}",
}
ACTIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "add_parcel": {"tracking_number": NEW, **SAID},
    "update_parcel": {"parcel_id": PARCEL_ID, **SAID},
    "add_from_text": {"text": f"{HALF} {NEW} {OTHER_HALF}", "source": HALF},
    "record_event": {"parcel_id": PARCEL_ID, "description": f"Here {HALF}"},
    "report_problem": {
        "parcel_id": PARCEL_ID,
        "problem": "damaged",
        "description": f"Torn {HALF}",
    },
}


def all_can_be_written(
    hass: HomeAssistant, entry: MockConfigEntry, log: pytest.LogCaptureFixture
) -> None:
    """Hold that the house can write down all that it has."""
    for whatever in (entry, *entry.subentries.values(), *hass.states.async_all()):
        json_bytes(whatever.as_dict())
    assert "Error writing" not in log.text
    assert HALF not in log.text


@pytest.mark.parametrize("action", ACTIONS)
async def test_what_an_action_is_given_can_be_written(
    hass: HomeAssistant,
    disk: Path,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    caplog: pytest.LogCaptureFixture,
    action: str,
) -> None:
    entry = await set_up()
    answer = await hass.services.async_call(
        DOMAIN, action, dict(ACTIONS[action]), blocking=True, return_response=True
    )
    json_bytes(answer)
    await wait(3 * HOUR)
    all_can_be_written(hass, entry, caplog)
    journal = disk / parcel_file("waybill.journal", NUMBER)
    assert json.loads(journal.read_bytes())["data"]["parcel_id"] == PARCEL_ID


async def test_two_halves_are_a_letter_and_one_is_none(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up()
    data = {"parcel_id": PARCEL_ID, **SAID}
    await hass.services.async_call(DOMAIN, "update_parcel", data, blocking=True)
    said = entry.subentries[PARCEL_ID]
    assert said.title == "Lamp \ufffd"
    assert said.data["seller"] == "😀 shop"
    assert said.data["notes"] == "Notes \ufffd"


@pytest.mark.parametrize("number", [f"LP0012{HALF}3456789099", f"XQ77{HALF}1234567"])
async def test_a_number_holds_no_half_letter(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    caplog: pytest.LogCaptureFixture,
    number: str,
) -> None:
    entry = await set_up()
    data = {"tracking_number": number, "force": True}
    answer = await hass.services.async_call(
        DOMAIN, "add_parcel", data, blocking=True, return_response=True
    )
    assert answer["tracking_number"] == number.replace(HALF, "")
    await hass.async_block_till_done()
    all_can_be_written(hass, entry, caplog)


async def test_a_list_and_a_language_model_bring_none_in(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    caplog: pytest.LogCaptureFixture,
) -> None:
    entry = await set_up()
    item = {"entity_id": "todo.waybill_parcels", "item": f"Lamp{HALF} {NEW}"}
    await hass.services.async_call(
        "todo", "add_item", item | {"description": HALF}, blocking=True
    )
    item = {"entity_id": "todo.waybill_parcels", "item": PARCEL_ID}
    await hass.services.async_call(
        "todo", "update_item", item | {"rename": f"Shoes{HALF}"}, blocking=True
    )
    said = {"tracking_number": numbers.usps(1), "name": HALF, "seller": f"A{HALF}"}
    call = ToolInput(tool_name=AddParcel.name, tool_args=said)
    context = LLMContext(
        platform="test",
        context=Context(),
        language="en",
        assistant="conversation",
        device_id=None,
    )
    await AddParcel().async_call(hass, call, context)
    await hass.async_block_till_done()
    assert len(entry.subentries) == 3
    all_can_be_written(hass, entry, caplog)


@pytest.mark.parametrize("provider", ["cainiao", "seventeentrack", "aftership"])
async def test_what_a_carrier_writes_can_be_written(
    hass: HomeAssistant,
    disk: Path,
    set_up: SetUp,
    wait: Wait,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    provider: str,
) -> None:
    number = NUMBER if provider == "cainiao" else numbers.usps(1)
    way = (
        Step(-6 * DAY, Kind.PICKED_UP, f"Shen{HALF}zhen", "CN"),
        Step(-HOUR, Kind.IMPORT_STARTED, f"{OTHER_HALF}Memphis", "US"),
    )
    carried_by = {} if provider == "cainiao" else {"carrier": "usps"}
    journey = Journey(number=number, steps=way, **carried_by)
    async with Simulator([journey], limits=False) as simulator:
        monkeypatch.setenv("WAYBILL_SIMULATOR", simulator.setting)
        own = []
        if provider != "cainiao":
            face: Any = simulator.faces[provider]
            face.preregister(number, "usps", "Lamp")
            own = [account_data(provider, api_key=KEYS[provider])]
        entry = await set_up(parcel_data(number, provider=provider), *own)
        await wait(timedelta(seconds=5))
        await wait(HOUR)
        assert len(entry.runtime_data.data[PARCEL_ID].events) == 2
    all_can_be_written(hass, entry, caplog)
    assert await hass.config_entries.async_unload(entry.entry_id)
    journal = json.loads((disk / parcel_file("waybill.journal", number)).read_bytes())
    places = {each["location"] for each in journal["data"]["tracks"][0]["events"]}
    assert len(places) == 2 and "Memphis" in str(places)
