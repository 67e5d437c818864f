"""The activity log has a headline for each milestone, in words."""

from datetime import timedelta
import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.waybill import logbook
from custom_components.waybill.tracking.model import MilestoneName, Stage
from homeassistant.components.logbook.helpers import async_determine_event_types
from homeassistant.components.logbook.processor import EventProcessor
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from .conftest import Carrier, SetUp, Wait

HOUR = timedelta(hours=1)


async def log(hass: HomeAssistant, *entity_ids: str) -> list[dict[str, Any]]:
    """Return the lines of the activity log, of some entities or of all."""
    await async_wait_recording_done(hass)
    chosen = list(entity_ids) or None
    processor = EventProcessor(
        hass, async_determine_event_types(hass, chosen, None), chosen
    )
    now = dt_util.utcnow()
    return await get_instance(hass).async_add_executor_job(
        processor.get_events, now - timedelta(days=1), now + timedelta(days=1)
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["In customs", "Shipped", "Entered customs"]),
        ("fr", ["En douane", "Expédié", "Entré en douane"]),
    ],
)
async def test_each_milestone_is_a_headline_in_the_homes_language(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    language: str,
    words: list[str],
) -> None:
    hass.config.language = language
    assert await async_setup_component(hass, "logbook", {})
    await set_up()
    await wait(HOUR)
    carrier.scan(Stage.IN_CUSTOMS)
    await wait(3 * HOUR)
    lines = [line for line in await log(hass) if line.get("domain") == "waybill"]
    assert [line["message"] for line in lines] == words
    assert {line["name"] for line in lines} == {"Running shoes"}
    assert lines[2]["icon"] == "mdi:shield-search"
    assert "entity_id" not in lines[1]


async def test_the_parcels_own_log_has_one_line_a_milestone(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
) -> None:
    """There the event entity tells of it already, and no headline doubles it."""
    assert await async_setup_component(hass, "logbook", {})
    await set_up()
    await wait(HOUR)
    carrier.scan(Stage.IN_CUSTOMS)
    await wait(3 * HOUR)
    lines = await log(hass, "event.running_shoes_milestone")
    assert [line["attributes"]["event_type"] for line in lines] == [
        "stage_changed",
        "shipped",
        "entered_customs",
    ]


async def test_an_event_that_somebody_else_fired_does_no_harm(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    freezer: FrozenDateTimeFactory,
) -> None:
    assert await async_setup_component(hass, "logbook", {})
    await set_up()
    hass.bus.async_fire("waybill_milestone", {"milestone": "eaten", "name": "Lamp"})
    hass.bus.async_fire("waybill_milestone", {})
    await hass.async_block_till_done()
    lines = [line for line in await log(hass) if line.get("domain") == "waybill"]
    assert [(line["name"], line["message"]) for line in lines] == [
        ("Lamp", None),
        (None, None),
    ]


def test_a_headline_has_the_icon_of_its_milestone() -> None:
    icons = json.loads(Path(logbook.__file__).with_name("icons.json").read_text())
    by_type = icons["entity"]["event"]["milestone"]["state_attributes"]["event_type"]
    assert by_type["state"] == logbook._ICONS
    assert set(logbook._ICONS) == set(MilestoneName)
