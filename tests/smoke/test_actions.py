"""The actions, called as automations and scripts call them."""

from .visitor import Visitor, eventually

NUMBER = "LP00619004530011"
USPS = "9400111206451200183149"


def test_a_parcels_whole_life_by_actions(waybill: Visitor) -> None:
    house = waybill.house
    parcel_id = waybill.add(NUMBER, "Teapot", "picked_up", "at_sorting", "departed")

    eventually(lambda: house.parcel(NUMBER)["stage"] == "in_transit")
    assert len(house.parcel(NUMBER)["events"]) == 3
    answer = house.perform("get_parcels", stage=["in_transit"], include_events=False)
    assert parcel_id in {each["parcel_id"] for each in answer["parcels"]}

    house.scan(NUMBER, "arrived")
    asked = eventually(lambda: house.perform("refresh", parcel_id=parcel_id)["asked"])
    assert asked == [parcel_id]

    house.perform("update_parcel", parcel_id=parcel_id, name="Tea set", seller="Jade")
    assert house.parcel(NUMBER)["seller"] == "Jade"
    eventually(lambda: waybill.device(parcel_id)["name"] == "Tea set")

    by_hand = house.perform(
        "record_event",
        parcel_id=parcel_id,
        stage="delivered",
        description="In my hands",
    )
    assert by_hand["parcel"]["stage"] == "delivered"

    problem = house.perform(
        "report_problem",
        parcel_id=parcel_id,
        problem="damaged",
        description="The spout is off",
    )
    assert "Tea set" in problem["message"] or NUMBER in problem["message"]
    for kind in ("html", "pdf", "json"):
        proof = house.perform("export_evidence", parcel_id=parcel_id, format=kind)
        assert proof["chain_valid"] is True
        assert len(proof["sha256"]) == 64

    archived = house.perform("archive_parcel", parcel_id=parcel_id)
    assert archived["parcel"]["archived"] is True
    eventually(lambda: f"{parcel_id}_stage" not in waybill.entities())
    restored = house.perform("restore_parcel", tracking_number=NUMBER)
    assert restored["parcel"]["parcel_id"] == parcel_id
    assert restored["parcel"]["stage"] == "delivered"

    waybill.remove(parcel_id)
    refused = waybill.refusal("get_parcels", tracking_number=NUMBER)
    # The log of Home Assistant repeats it.
    assert NUMBER not in refused
    assert NUMBER[-4:] in refused


def test_numbers_are_found_in_a_message(waybill: Visitor) -> None:
    text = "Your order is on its way. USPS tracking number: 9400 1112 0645 1200 1831 49"
    answer = waybill.house.perform("add_from_text", text=text, dry_run=True)
    assert [found["number"] for found in answer["found"]] == [USPS]


def test_what_cannot_be_done_says_so_in_words(waybill: Visitor) -> None:
    words = waybill.text("exceptions", "unknown_parcel.message")
    beginning = words.partition("{")[0].strip()
    refused = waybill.refusal("refresh", parcel_id="of nobody")
    assert beginning in refused
    assert "of nobody" in refused


def test_who_cannot_be_asked_about_is_a_repair_until_it_is_removed(
    waybill: Visitor,
) -> None:
    house = waybill.house
    added = house.perform("add_parcel", tracking_number="1Z999AA10123456784")
    issue_id = f"no_provider_{added['parcel_id']}"
    (issue,) = eventually(
        lambda: [i for i in waybill.issues() if i["issue_id"] == issue_id]
    )
    assert waybill.text("issues", f"{issue['translation_key']}.title")
    waybill.remove(added["parcel_id"])
    eventually(lambda: issue_id not in {i["issue_id"] for i in waybill.issues()})
