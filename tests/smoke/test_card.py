"""The dashboard card: its modules are served, and it hears of each change."""

import re

from .visitor import Visitor, eventually

NUMBER = "LP00619004550011"


def test_every_module_of_the_card_is_served_as_one(waybill: Visitor) -> None:
    _, page = waybill.fetch("/")
    found = re.search(r"/waybill_card/[0-9a-f]+/waybill\.js", page)
    assert found is not None
    folder, _, entrance = found[0].rpartition("/")
    waiting, seen = [entrance], set()
    while waiting:
        module = waiting.pop()
        seen.add(module)
        kind, code = waybill.fetch(f"{folder}/{module}")
        assert kind in {"text/javascript", "application/javascript"}
        imported = re.findall(r"""(?:from|import)\s*["']\./(\w+\.js)["']""", code)
        waiting += {*imported} - seen
    assert "card.js" in seen


def test_the_card_is_told_everything_once_then_each_change(waybill: Visitor) -> None:
    house = waybill.house
    parcel_id = waybill.add(NUMBER, "Lamp", "picked_up", "arrived")
    waybill.is_state(f"{parcel_id}_stage", "in_transit")
    told = waybill.follow("waybill/parcels")
    first = eventually(lambda: list(told))[0]
    lamp = next(p for p in first["parcels"] if p["parcel_id"] == parcel_id)
    assert (lamp["name"], lamp["stage"]) == ("Lamp", "in_transit")

    house.scan(NUMBER, "with_courier")

    def changed() -> set[str]:
        news = [parcel for each in told for parcel in each.get("changed", ())]
        return {p["stage"] for p in news if p["parcel_id"] == parcel_id}

    eventually(lambda: "out_for_delivery" in changed())
    assert waybill.command("waybill/letter", parcel_id=parcel_id)["message"]

    waybill.remove(parcel_id)
    eventually(lambda: any(parcel_id in each.get("removed", ()) for each in told))
