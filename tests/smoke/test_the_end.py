"""A restart, then the removal: nothing is lost, and nothing is left."""

import pytest

from .findings import warnings
from .visitor import ENTRIES, Visitor, eventually

pytestmark = pytest.mark.last

NUMBER = "LP00619004570011"


def test_a_restart_keeps_everything_and_tells_nothing_twice(waybill: Visitor) -> None:
    house = waybill.house
    parcel_id = waybill.add(NUMBER, "Drum", "picked_up", "import_started")
    waybill.is_state(f"{parcel_id}_stage", "in_customs")
    house.scan(NUMBER, "import_cleared")
    waybill.is_state(f"{parcel_id}_stage", "customs_cleared")

    def announced() -> set[str]:
        milestones = house.parcel(NUMBER)["milestones"]
        return {m["milestone"] for m in milestones if m["announced"]}

    eventually(lambda: "customs_cleared" in announced())
    before = house.parcel(NUMBER)
    milestone = waybill.state(f"{parcel_id}_milestone")

    house.restart()

    after = house.parcel(NUMBER)
    assert after["events"] == before["events"]
    assert after["milestones"] == before["milestones"]
    assert waybill.state(f"{parcel_id}_milestone")["state"] == milestone["state"]
    told = waybill.follow("subscribe_events", event_type="waybill_milestone")
    house.scan(NUMBER, "handed_over")
    eventually(lambda: any(e["data"]["milestone"] == "delivered" for e in told))


def test_a_removed_waybill_leaves_nothing_behind(waybill: Visitor) -> None:
    house = waybill.house
    storage = house.home.folder / ".storage"
    eventually(lambda: list(storage.glob("waybill*")))

    waybill.rest("DELETE", f"{ENTRIES}/entry/{waybill.entry_id}")

    assert waybill.entities() == {}
    devices = waybill.command("config/device_registry/list")
    identifiers = [domain for d in devices for domain, _ in d["identifiers"]]
    assert "waybill" not in identifiers
    assert waybill.issues() == []
    assert list(storage.glob("waybill*")) == []
    words = waybill.text("exceptions", "not_set_up.message")
    assert words.rstrip(".") in waybill.refusal("get_parcels")


def test_the_log_has_no_word_against_waybill(waybill: Visitor) -> None:
    home = waybill.house.home
    waybill.house.do(home.stop_home_assistant())
    assert home.complaints() == []
    assert warnings(home.log()) == []
