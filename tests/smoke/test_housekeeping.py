"""What else Home Assistant asks of an integration."""

from collections.abc import Mapping
import json
from typing import Any

from .visitor import ENTRIES, Visitor, eventually

NUMBER = "LP00619004560011"


def test_diagnostics_tell_nobodys_numbers(waybill: Visitor) -> None:
    parcel_id = waybill.add(NUMBER, "Secret gift", "picked_up")
    waybill.is_state(f"{parcel_id}_stage", "shipped")
    path = f"api/diagnostics/config_entry/{waybill.entry_id}"
    device = waybill.device(parcel_id)["id"]
    for where in (path, f"{path}/device/{device}"):
        told = waybill.rest("GET", where)
        assert told["data"]
        written = json.dumps(told)
        assert NUMBER not in written
        assert "Secret gift" not in written


def test_system_health_says_how_waybill_is_doing(waybill: Visitor) -> None:
    told = waybill.follow("system_health/info")
    eventually(lambda: any(each["type"] == "finish" for each in told))
    info: Mapping[str, Any] = told[0]["data"]["waybill"]["info"]
    assert info["simulator"] is True
    assert info["parcels"] >= 0
    reached = {
        each["key"]: each["data"]
        for each in told
        if each["type"] == "update" and each["domain"] == "waybill"
    }
    assert reached == {"can_reach_cainiao": "ok"}


def test_a_voice_says_where_the_parcel_is(waybill: Visitor) -> None:
    number = "LP00619004560022"
    parcel_id = waybill.add(number, "Blue bicycle", "picked_up", "import_started")
    waybill.is_state(f"{parcel_id}_stage", "in_customs")
    answer = waybill.rest(
        "POST",
        "api/conversation/process",
        {"text": "Where is my blue bicycle parcel?", "language": "en"},
    )
    assert answer["response"]["response_type"] == "action_done"
    spoken = answer["response"]["speech"]["plain"]["speech"]
    assert spoken.startswith("Blue bicycle: in customs")


def test_the_calendar_and_the_list_know_the_parcels(waybill: Visitor) -> None:
    number = "LP00619004560033"
    entities = waybill.entities()
    todo = entities[f"{waybill.entry_id}_parcels"]
    waybill.rest(
        "POST",
        "api/services/todo/add_item",
        {"entity_id": todo, "item": f"Umbrella {number}"},
    )
    assert waybill.house.parcel(number)["name"] == "Umbrella"
    calendar = entities[f"{waybill.entry_id}_deliveries"]
    listed = waybill.rest("GET", "api/calendars")
    assert calendar in {each["entity_id"] for each in listed}


def test_a_reload_keeps_everything(waybill: Visitor) -> None:
    number = "LP00619004560044"
    parcel_id = waybill.add(number, "Skates", "picked_up", "import_started")
    waybill.is_state(f"{parcel_id}_stage", "in_customs")
    before = waybill.house.parcel(number)["events"]
    told = waybill.follow("subscribe_events", event_type="waybill_milestone")
    waybill.rest("POST", f"{ENTRIES}/entry/{waybill.entry_id}/reload")
    waybill.is_state(f"{parcel_id}_stage", "in_customs")
    assert waybill.house.parcel(number)["events"] == before
    assert [each for each in told if each["data"]["parcel_id"] == parcel_id] == []


def test_home_assistant_itself_offers_no_repair_about_waybill(
    waybill: Visitor,
) -> None:
    listed = waybill.command("repairs/list_issues")["issues"]
    others = [issue for issue in listed if issue["domain"] != "waybill"]
    assert [issue for issue in others if "waybill" in str(issue).lower()] == []
