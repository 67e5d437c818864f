"""Milestones are told exactly once, whatever happens to Home Assistant."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.waybill.const import DOMAIN
from custom_components.waybill.tracking.journal import Journal, merge
from custom_components.waybill.tracking.milestones import pending
from custom_components.waybill.tracking.model import Answer, Leg, Stage
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CoreState, Event, HomeAssistant, ServiceCall, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component

from .conftest import ENTRY_ID, NUMBER, OTHER_NUMBER, Carrier, SetUp, Wait, parcel_data

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def stop(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Let Home Assistant end, as far as Waybill sees it."""
    assert await hass.config_entries.async_unload(entry.entry_id)
    hass.set_state(CoreState.not_running)


async def start(
    hass: HomeAssistant, entry: MockConfigEntry, wait: Wait | None = None
) -> None:
    """Let Home Assistant start again."""
    hass.set_state(CoreState.starting)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    if wait is not None:
        await wait(3 * timedelta(seconds=1))
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done()


@pytest.fixture
async def fired(hass: HomeAssistant) -> list[tuple[str, str]]:
    """Collect what automations were triggered by: the trigger and the parcel."""
    fired: list[tuple[str, str]] = []

    async def collect(call: ServiceCall) -> None:
        fired.append((call.data["trigger"], call.data["name"]))

    hass.services.async_register("test", "collect", collect)
    return fired


async def automate(hass: HomeAssistant, *triggers: str) -> None:
    """Make one automation for each trigger, for any parcel."""
    hub = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, ENTRY_ID), ENTRY_ID
    )
    assert hub is not None
    automations = [
        {
            "alias": trigger,
            "triggers": [{"trigger": trigger, "target": {"device_id": hub.id}}],
            "actions": [
                {
                    "action": "test.collect",
                    "data": {
                        "trigger": "{{ trigger.milestone }}",
                        "name": "{{ trigger.name }}",
                    },
                }
            ],
            "mode": "queued",
        }
        for trigger in triggers
    ]
    assert await async_setup_component(hass, "automation", {"automation": automations})
    await hass.async_block_till_done()


async def test_a_parcel_travels_through_customs_to_the_door(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    events = async_capture_events(hass, "waybill_milestone")
    await set_up()
    await wait(3 * HOUR)
    for stage in (
        Stage.SHIPPED,
        Stage.IN_CUSTOMS,
        Stage.CUSTOMS_CLEARED,
        Stage.OUT_FOR_DELIVERY,
        Stage.DELIVERED,
    ):
        carrier.scan(stage)
        for _ in range(24):
            await wait(HOUR)
        assert hass.states.get("sensor.running_shoes").state == stage
    told = [event.data["milestone"] for event in events]
    assert [name for name in told if name != "stage_changed"] == [
        "shipped",
        "entered_customs",
        "customs_cleared",
        "out_for_delivery",
        "delivered",
    ]
    assert told.count("stage_changed") == 5
    assert len({event.data["milestone_id"] for event in events}) == len(events)


async def test_automations_fire_once_for_what_happened_while_away(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    fired: list[tuple[str, str]],
) -> None:
    entry = await set_up()
    await automate(hass, "waybill.customs_cleared", "waybill.delivered")
    carrier.scan(Stage.IN_CUSTOMS)
    await wait(3 * HOUR)
    await stop(hass, entry)
    carrier.scan(Stage.CUSTOMS_CLEARED)
    carrier.scan(Stage.DELIVERED)
    await wait(3 * HOUR)
    await start(hass, entry, wait)
    expected = [("customs_cleared", "Running shoes"), ("delivered", "Running shoes")]
    assert fired == expected
    for _ in range(5):
        await stop(hass, entry)
        await wait(DAY)
        await start(hass, entry, wait)
    for _ in range(5):
        assert await hass.config_entries.async_reload(entry.entry_id)
        await wait(DAY)
    assert fired == expected


async def test_what_is_found_during_startup_waits_for_the_automations(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    fired: list[tuple[str, str]],
) -> None:
    entry = await set_up()
    carrier.scan(Stage.SHIPPED)
    await wait(3 * HOUR)
    await stop(hass, entry)
    carrier.scan(Stage.DELIVERED)
    await wait(DAY)
    hass.set_state(CoreState.starting)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait(3 * HOUR)
    assert hass.states.get("sensor.running_shoes").state == "delivered"
    # Automations come late in a start, and attach when it is done.
    await automate(hass, "waybill.delivered")
    assert fired == []
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done()
    assert fired == [("delivered", "Running shoes")]


async def test_what_was_pending_at_a_crash_is_told_under_its_id(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    hass_storage: dict[str, dict],
) -> None:
    events = async_capture_events(hass, "waybill_milestone")
    entry = await set_up()
    carrier.scan(Stage.SHIPPED)
    await wait(3 * HOUR)
    first = [event.data["milestone_id"] for event in events]
    await stop(hass, entry)
    # Killed between saving and marking: the disk says that it is pending.
    (key,) = [key for key in hass_storage if key.startswith("waybill.journal.")]
    for milestone in hass_storage[key]["data"]["milestones"]:
        milestone.pop("announced_at")
        milestone["telling"] = "pending"
    await start(hass, entry)
    assert [event.data["milestone_id"] for event in events] == first + first


def tellings(hass_storage: dict[str, dict]) -> set[str]:
    """Return what the journal on disk says of its milestones."""
    (key,) = [key for key in hass_storage if key.startswith("waybill.journal.")]
    milestones = hass_storage[key]["data"].get("milestones", [])
    return {milestone.get("telling", "pending") for milestone in milestones}


async def test_only_what_automations_had_time_to_hear_counts_as_told(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    hass_storage: dict[str, dict],
) -> None:
    """A power cut in between has it told again, rather than never."""
    events = async_capture_events(hass, "waybill_milestone")
    await set_up()
    carrier.scan(Stage.SHIPPED)
    await wait(3 * SECOND)
    assert events
    assert tellings(hass_storage) == {"pending"}
    await wait(3 * SECOND)
    assert tellings(hass_storage) == {"announced"}


async def test_what_is_told_just_before_an_end_counts_as_told(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    hass_storage: dict[str, dict],
) -> None:
    events = async_capture_events(hass, "waybill_milestone")
    entry = await set_up()
    carrier.scan(Stage.SHIPPED)
    await wait(3 * SECOND)
    told = len(events)
    assert told
    await stop(hass, entry)
    assert tellings(hass_storage) == {"announced"}
    await start(hass, entry)
    assert len(events) == told


async def test_what_is_told_just_before_home_assistant_stops_counts_as_told(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    hass_storage: dict[str, dict],
) -> None:
    await set_up()
    carrier.scan(Stage.SHIPPED)
    await wait(3 * SECOND)
    assert tellings(hass_storage) == {"pending"}
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert tellings(hass_storage) == {"announced"}


@pytest.mark.parametrize("at_save", [1, 2], ids=["news", "about to be told"])
async def test_what_comes_while_others_are_told_is_saved_before_it_is_told(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    hass_storage: dict[str, dict],
    at_save: int,
) -> None:
    """What is told was saved before: as news, and again if there is more by then."""
    entry = await set_up()
    saved: list[bool] = []

    @callback
    def look(event: Event) -> None:
        (key,) = [key for key in hass_storage if key.startswith("waybill.journal.")]
        known = hass_storage[key]["data"].get("milestones", [])
        ids = {milestone["milestone_id"] for milestone in known}
        saved.append(event.data["milestone_id"] in ids)

    hass.bus.async_listen("waybill_milestone", look)
    coordinator = entry.runtime_data
    save, saves, came = coordinator.storage.async_save, [], []

    async def slowly(journal: Journal) -> None:
        await save(journal)
        if pending(journal):
            saves.append(journal)
        if not came and len(saves) == at_save:
            came.append(journal)
            (shipped,) = journal.tracks[0].events
            delivered = replace(
                shipped, code="delivered", written_time="now", stage=Stage.DELIVERED
            )
            answer = Answer(tracking_number=NUMBER, events=(delivered, shipped))
            after = merge(journal, "cainiao", answer, datetime.now(UTC))
            coordinator.async_take_news(journal, after)

    carrier.scan(Stage.SHIPPED)
    with patch.object(coordinator.storage, "async_save", slowly):
        await wait(3 * SECOND)
    assert came
    assert hass.states.get("sensor.running_shoes").state == "delivered"
    assert len(saved) == 4
    assert all(saved)


async def test_what_waits_for_the_start_is_told_before_its_parcel_is_archived(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    events = async_capture_events(hass, "waybill_milestone")
    entry = await set_up()
    await stop(hass, entry)
    carrier.scan(Stage.DELIVERED)
    await wait(DAY)
    hass.set_state(CoreState.starting)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait(3 * HOUR)
    archiving = asyncio.create_task(
        hass.services.async_call(
            DOMAIN,
            "archive_parcel",
            {"tracking_number": NUMBER},
            blocking=True,
            return_response=True,
        )
    )
    await hass.async_block_till_done()
    assert events == []
    assert entry.subentries
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await archiving
    assert "delivered" in [event.data["milestone"] for event in events]
    assert not entry.subentries


async def test_a_parcel_added_while_running_triggers_too(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    fired: list[tuple[str, str]],
) -> None:
    await set_up()
    await automate(hass, "waybill.delivered")
    await hass.services.async_call(
        DOMAIN,
        "add_parcel",
        {"tracking_number": OTHER_NUMBER, "name": "Lamp"},
        blocking=True,
    )
    await wait(3 * HOUR)
    carrier.scan(Stage.DELIVERED, OTHER_NUMBER)
    await wait(3 * HOUR)
    assert fired == [("delivered", "Lamp")]


async def test_an_export_clearance_fires_no_customs_trigger(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    fired: list[tuple[str, str]],
) -> None:
    await set_up()
    await automate(hass, "waybill.customs_cleared", "waybill.entered_customs")
    carrier.answer(origin_country="CN")
    carrier.scan(Stage.IN_CUSTOMS, country="CN")
    await wait(3 * HOUR)
    carrier.scan(Stage.CUSTOMS_CLEARED, country="CN")
    await wait(3 * HOUR)
    assert hass.states.get("sensor.running_shoes").state == "in_transit"
    assert fired == []


async def test_history_stays_silent(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    events = async_capture_events(hass, "waybill_milestone")
    carrier.scan(Stage.SHIPPED, at=datetime.now(UTC) - 9 * DAY)
    carrier.scan(Stage.CUSTOMS_CLEARED, at=datetime.now(UTC) - DAY)
    await set_up()
    await wait(3 * HOUR)
    assert hass.states.get("sensor.running_shoes").state == "customs_cleared"
    assert not events
    answer = await hass.services.async_call(
        DOMAIN, "get_parcels", {}, blocking=True, return_response=True
    )
    (parcel,) = answer["parcels"]
    assert [m["announced"] for m in parcel["milestones"]] == [False] * 3


async def test_a_hand_off_is_told_once(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    events = async_capture_events(hass, "waybill_milestone")
    entry = await set_up()
    carrier.scan(Stage.SHIPPED)
    await wait(3 * HOUR)
    carrier.answer(next_leg=Leg(tracking_number="9400111206451200183149"))
    await wait(3 * HOUR)
    await stop(hass, entry)
    await start(hass, entry, wait)
    told = [event.data for event in events]
    assert [d["milestone"] for d in told].count("handed_over") == 1


async def test_two_parcels_do_not_disturb_each_other(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    events = async_capture_events(hass, "waybill_milestone")
    await set_up(
        parcel_data(),
        parcel_data(OTHER_NUMBER, "01JPARCEL0000000000000002", "Lamp"),
    )
    carrier.scan(Stage.DELIVERED)
    carrier.answer(Answer(tracking_number=OTHER_NUMBER))
    await wait(3 * HOUR)
    assert {event.data["name"] for event in events} == {"Running shoes"}
    assert hass.states.get("sensor.lamp").state == "pending"
    assert carrier.asked[0] == [NUMBER, OTHER_NUMBER]
