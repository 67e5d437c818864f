"""Automations as the editor makes them: the house does what the parcel is about."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.demo.automations import add_automations, told
from tests.demo.words import ENGLISH

from .visitor import Visitor, eventually

NUMBER = "LP00619004540011"
ARRIVED = "LP00619004540022"
MOVING = "LP00619004540033"


def notifications(waybill: Visitor) -> Sequence[Mapping[str, Any]]:
    """Return what the automations told."""
    listed: Sequence[Mapping[str, Any]] = waybill.command("persistent_notification/get")
    return listed


@pytest.fixture
def automations(waybill: Visitor) -> None:
    """Tell of customs and deliveries of any parcel."""
    house = waybill.house
    house.do(add_automations(house.client, waybill.entry_id, ENGLISH))


@pytest.mark.usefixtures("automations")
def test_the_house_is_told_once_of_customs_and_of_the_delivery(
    waybill: Visitor,
) -> None:
    house = waybill.house
    parcel_id = waybill.add(NUMBER, "Kite", "picked_up", "arrived", "import_started")
    waybill.is_state(f"{parcel_id}_stage", "in_customs")
    assert waybill.holds("is_in_customs", parcel_id)
    assert not waybill.holds("is_delivered", parcel_id)
    told_of = waybill.follow("subscribe_events", event_type="waybill_milestone")

    house.scan(NUMBER, "import_cleared")
    cleared = ENGLISH.cleared_title
    eventually(lambda: told(list(notifications(waybill)), cleared) == ["Kite"])
    assert waybill.holds("is_stage", parcel_id, stage=["customs_cleared"])

    house.scan(NUMBER, "handed_over")
    delivered = ENGLISH.delivered_title
    eventually(lambda: told(list(notifications(waybill)), delivered) == ["Kite"])
    assert waybill.holds("is_delivered", parcel_id)
    assert told(list(notifications(waybill)), cleared) == ["Kite"]
    ids = [event["data"]["milestone_id"] for event in told_of]
    assert len(ids) == len(set(ids))
    names = {event["data"]["milestone"] for event in told_of}
    assert {"customs_cleared", "delivered", "stage_changed"} <= names
    milestone = waybill.state(f"{parcel_id}_milestone")
    assert milestone["attributes"]["event_type"] in {"delivered", "stage_changed"}


def test_a_condition_lets_only_the_right_parcel_through(waybill: Visitor) -> None:
    house = waybill.house
    there = waybill.add(ARRIVED, "Flag", "picked_up", "handed_over")
    waybill.is_state(f"{there}_stage", "delivered")
    moving = waybill.add(MOVING, "Rope", "picked_up")
    for name, parcel_id in (("there", there), ("moving", moving)):
        waybill.rest(
            "POST",
            f"api/config/automation/config/{name}",
            {
                "alias": name,
                "triggers": [{"trigger": "event", "event_type": "look"}],
                "conditions": [
                    {
                        "condition": "waybill.is_delivered",
                        "target": {"device_id": waybill.device(parcel_id)["id"]},
                    }
                ],
                "actions": [
                    {
                        "action": "persistent_notification.create",
                        "data": {"title": f"Looked: {name}", "message": "-"},
                    }
                ],
            },
        )
    house.do(house.client.rest("POST", "api/events/look"))
    eventually(lambda: told(list(notifications(waybill)), "Looked"))
    assert told(list(notifications(waybill)), "Looked") == ["there"]


def test_the_editor_offers_every_trigger_and_condition(waybill: Visitor) -> None:
    (triggers,) = eventually(lambda: waybill.follow("trigger_platforms/subscribe"))
    (conditions,) = eventually(lambda: waybill.follow("condition_platforms/subscribe"))
    assert "waybill.customs_cleared" in triggers
    assert "waybill.is_stage" in conditions
