"""What is kept on disk."""

from datetime import timedelta
from typing import Any

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant

from .conftest import NUMBER, Carrier, SetUp, Wait

HOUR = timedelta(hours=1)


async def test_no_file_name_tells_a_number(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    hass_storage: dict[str, Any],
    wait: Wait,
) -> None:
    await set_up()
    await wait(HOUR)
    await wait(HOUR)
    ours = [key for key in hass_storage if "waybill" in key]
    assert len(ours) == 2
    assert all(key.startswith("waybill.") and NUMBER not in key for key in ours)


async def test_the_plans_memory_may_be_damaged(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    hass_storage: dict[str, Any],
    wait: Wait,
) -> None:
    entry = await set_up()
    await wait(HOUR)
    await wait(HOUR)
    assert await hass.config_entries.async_unload(entry.entry_id)
    hass_storage["waybill.plan"]["data"] = {
        "accounts": {"cainiao": {"used": "many", "last_request": "x", "day": None}},
        "asked": ["x", None, [1, 2, 3], ["a", "b", "c", "not a date"]],
    }
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await wait(HOUR)
    assert hass.states.get("sensor.running_shoes").state == "pending"


async def test_what_was_asked_is_written_when_home_assistant_stops(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    hass_storage: dict[str, Any],
    wait: Wait,
) -> None:
    await set_up()
    await wait(timedelta(seconds=3))
    assert "waybill.plan" not in hass_storage
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert hass_storage["waybill.plan"]["data"]["accounts"]["cainiao"]["used"] == 1
