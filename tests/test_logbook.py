"""The activity log tells each milestone and alert of a parcel in words."""

from datetime import timedelta
import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.waybill import logbook
from custom_components.waybill.const import EVENT_ALERT
from custom_components.waybill.tracking.assessment import AlertKind
from custom_components.waybill.tracking.model import MilestoneName, Stage
from homeassistant.components.logbook.helpers import async_determine_event_types
from homeassistant.components.logbook.processor import EventProcessor
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

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
    assert {line["entity_id"] for line in lines} == {"sensor.running_shoes"}


async def test_a_milestone_entitys_own_log_has_one_line_a_milestone(
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


@pytest.mark.parametrize("asked", ["device", "entity"])
async def test_the_pages_of_a_parcel_tell_its_milestones_and_no_others(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    hass_admin_user: MockUser,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
    asked: str,
) -> None:
    """The frontend asks for a device's entities and the device, or for an entity."""
    assert await async_setup_component(hass, "logbook", {})
    entry = await set_up(
        parcel_data(), parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Lamp")
    )
    await wait(HOUR)
    carrier.scan(Stage.IN_CUSTOMS)
    carrier.scan(Stage.DELIVERED, OTHER_NUMBER)
    await wait(3 * HOUR)
    await async_wait_recording_done(hass)
    device = device_registry.async_get_device_by_identifier(
        ("waybill", PARCEL_ID), entry.entry_id
    )
    assert device is not None
    entities = er.async_entries_for_device(entity_registry, device.id)
    page = {
        "device": {
            "entity_ids": [entity.entity_id for entity in entities],
            "device_ids": [device.id],
        },
        "entity": {"entity_ids": ["sensor.running_shoes"]},
    }
    # The test's own token has expired by now.
    session = await hass.auth.async_create_refresh_token(hass_admin_user, "https://a.b")
    token = hass.auth.async_create_access_token(session)
    client = await hass_ws_client(hass, token)
    start = dt_util.utcnow() - timedelta(days=1)
    await client.send_json_auto_id(
        {
            "type": "logbook/get_events",
            "start_time": start.isoformat(),
            "end_time": (start + timedelta(days=2)).isoformat(),
            **page[asked],
        }
    )
    answer = await client.receive_json()
    assert answer["success"]
    lines = [line for line in answer["result"] if line.get("domain") == "waybill"]
    assert [line["message"] for line in lines] == [
        "In customs",
        "Shipped",
        "Entered customs",
    ]
    assert {line["entity_id"] for line in lines} == {"sensor.running_shoes"}
    state = hass.states.get("sensor.running_shoes")
    assert state is not None
    assert state.name == "Running shoes"


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Waiting to be picked up"), ("fr", "En attente de retrait")],
)
async def test_an_alert_that_is_no_milestone_is_told_too(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    freezer: FrozenDateTimeFactory,
    language: str,
    words: str,
) -> None:
    hass.config.language = language
    assert await async_setup_component(hass, "logbook", {})
    await set_up()
    hass.bus.async_fire(
        EVENT_ALERT,
        {
            "parcel_id": PARCEL_ID,
            "name": "Running shoes",
            "tracking_number": NUMBER,
            "kind": AlertKind.PICKUP_WAITING.value,
            "since": dt_util.utcnow().isoformat(),
            "detail": None,
        },
    )
    await hass.async_block_till_done()
    (line,) = [line for line in await log(hass) if line.get("domain") == "waybill"]
    assert line["message"] == words
    assert line["name"] == "Running shoes"
    assert line["entity_id"] == "sensor.running_shoes"
    assert line["icon"] == "mdi:store-clock"


async def test_the_log_of_a_parcel_that_is_gone_still_names_it(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
) -> None:
    assert await async_setup_component(hass, "logbook", {})
    entry = await set_up()
    await wait(HOUR)
    carrier.scan(Stage.DELIVERED)
    await wait(3 * HOUR)
    hass.config_entries.async_remove_subentry(entry, PARCEL_ID)
    await hass.async_block_till_done()
    lines = [line for line in await log(hass) if line.get("domain") == "waybill"]
    assert [line["message"] for line in lines] == ["Delivered", "Shipped", "Delivered"]
    assert {line["name"] for line in lines} == {"Running shoes"}
    assert all("entity_id" not in line for line in lines)


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
    hass.bus.async_fire("waybill_alert", {"kind": "hungry", "name": "Lamp"})
    hass.bus.async_fire("waybill_alert", {})
    await hass.async_block_till_done()
    lines = [line for line in await log(hass) if line.get("domain") == "waybill"]
    assert [(line["name"], line["message"]) for line in lines] == [
        ("Lamp", None),
        (None, None),
        ("Lamp", None),
        (None, None),
    ]


def test_a_line_has_the_icon_of_its_milestone_or_alert() -> None:
    icons = json.loads(Path(logbook.__file__).with_name("icons.json").read_text())
    by_type = icons["entity"]["event"]["milestone"]["state_attributes"]["event_type"]
    assert by_type["state"] == logbook._ICONS
    assert set(logbook._ICONS) == set(MilestoneName)
    alerts = icons["entity"]["binary_sensor"]["needs_attention"]["state_attributes"]
    assert alerts["alerts"]["state"] == logbook._ALERT_ICONS
    assert set(logbook._ALERT_ICONS) == set(AlertKind)
