"""The event entities tell of each milestone once."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
    mock_restore_cache_with_extra_data,
)

from custom_components.waybill.tracking.model import MilestoneName, Stage
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State

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

PARCEL_EVENT = "event.running_shoes_milestone"
HUB_EVENT = "event.waybill_milestone"

CARRIED = {
    "milestone",
    "milestone_id",
    "parcel_id",
    "name",
    "tracking_number",
    "carrier",
    "stage",
    "time",
    "description",
    "location",
    "inferred",
}


def told(changes: list, entity_id: str) -> list[str]:
    """Return the event types that an entity told, in order."""
    return [
        change.data["new_state"].attributes["event_type"]
        for change in changes
        if change.data["entity_id"] == entity_id
        and change.data["new_state"] is not None
        and change.data["new_state"].attributes["event_type"] is not None
    ]


async def test_all_milestones_are_event_types(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    freezer: FrozenDateTimeFactory,
) -> None:
    await set_up()
    for entity_id in (PARCEL_EVENT, HUB_EVENT):
        event = hass.states.get(entity_id)
        assert event is not None
        assert event.state == STATE_UNKNOWN
        assert event.attributes["event_types"] == list(MilestoneName)


async def test_a_milestone_is_told_by_its_parcel_and_by_the_hub(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up(parcel_data(), parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Bags"))
    await wait(3 * HOUR)
    events = async_capture_events(hass, "waybill_milestone")
    changes = async_capture_events(hass, "state_changed")
    carrier.scan(Stage.CUSTOMS_CLEARED, description="Released", location="Roissy")
    await wait(3 * HOUR)

    expected = ["stage_changed", "shipped", "customs_cleared"]
    assert told(changes, PARCEL_EVENT) == expected
    assert told(changes, HUB_EVENT) == expected
    assert told(changes, "event.bags_milestone") == []

    cleared = next(
        change.data["new_state"]
        for change in changes
        if change.data["entity_id"] == PARCEL_EVENT
        and change.data["new_state"].attributes["event_type"] == "customs_cleared"
    )
    carried = {name: cleared.attributes[name] for name in CARRIED}
    assert events[2].data == carried | {"entity_id": "sensor.running_shoes"}
    assert carried["milestone"] == "customs_cleared"
    assert carried["parcel_id"] == PARCEL_ID
    assert carried["name"] == "Running shoes"
    assert carried["tracking_number"] == NUMBER
    assert carried["carrier"] == "cainiao"
    assert carried["stage"] == "customs_cleared"
    assert carried["description"] == "Released"
    assert carried["location"] == "Roissy"
    assert carried["inferred"] is False
    assert set(cleared.attributes) == CARRIED | {
        "event_type",
        "event_types",
        "friendly_name",
    }


async def test_a_parcel_added_while_running_tells_its_milestones(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up()
    await wait(3 * HOUR)
    hass.config_entries.async_add_subentry(
        entry, ConfigSubentry(**parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Bags"))
    )
    await wait(3 * HOUR)
    carrier.scan(Stage.DELIVERED, OTHER_NUMBER)
    changes = async_capture_events(hass, "state_changed")
    await wait(3 * HOUR)
    expected = ["stage_changed", "shipped", "delivered"]
    assert told(changes, "event.bags_milestone") == expected
    assert told(changes, HUB_EVENT) == expected


async def test_the_last_milestone_is_remembered_over_a_restart(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    last = "2026-03-02T11:00:00.000+00:00"
    attributes = {"milestone": "delivered", "name": "Running shoes"}
    mock_restore_cache_with_extra_data(
        hass,
        [
            (
                State(entity_id, last),
                {
                    "last_event_type": "delivered",
                    "last_event_attributes": attributes,
                },
            )
            for entity_id in (PARCEL_EVENT, HUB_EVENT)
        ],
    )
    await set_up()
    await wait(3 * HOUR)
    for entity_id in (PARCEL_EVENT, HUB_EVENT):
        event = hass.states.get(entity_id)
        assert event is not None
        assert event.state == last
        assert event.attributes["event_type"] == "delivered"
        assert event.attributes["name"] == "Running shoes"


async def test_news_that_is_no_milestone_leaves_the_event_entities_alone(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up()
    await wait(3 * HOUR)
    carrier.scan(Stage.IN_TRANSIT)
    await wait(3 * HOUR)
    changes = async_capture_events(hass, "state_changed")
    carrier.scan(Stage.IN_TRANSIT, location="Liège")
    await wait(12 * HOUR)
    assert told(changes, PARCEL_EVENT) == told(changes, HUB_EVENT) == []
    assert "sensor.running_shoes_location" in {
        change.data["entity_id"] for change in changes
    }
