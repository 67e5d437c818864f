"""Every form, filled in over HTTP: rightly, and wrongly first."""

import pytest

from tests.simulator import KEYS

from .visitor import Visitor, eventually

SPACED = "lp 0061 9004 5200 22"
NUMBER = "LP00619004520022"
MISTYPED = "LZ619004528CN"


def test_waybill_is_set_up_only_once(waybill: Visitor) -> None:
    again = waybill.form("flow", handler="waybill")
    assert (again.shown["type"], again.shown["reason"]) == (
        "abort",
        "single_instance_allowed",
    )


def test_a_parcel_is_added_changed_and_seen_everywhere(waybill: Visitor) -> None:
    form = waybill.subentry_form("parcel")
    mistyped = form.submit(tracking_number=MISTYPED)
    assert mistyped["errors"] == {"tracking_number": "mistyped"}
    assert waybill.text("config_subentries", "parcel.error.mistyped")

    assert form.submit(tracking_number=SPACED)["step_id"] == "parcel"
    added = form.submit(name="Gift for Grandma", more={})
    assert (added["type"], added["unique_id"]) == ("create_entry", NUMBER)

    parcel_id = waybill.subentry_id(NUMBER)
    eventually(lambda: f"{parcel_id}_stage" in waybill.entities())
    waybill.is_state(f"{parcel_id}_stage", "in_customs")
    keys = (
        "stage estimated_delivery last_event location days_in_transit "
        "needs_attention milestone refresh archive"
    )
    entities = waybill.entities()
    assert {f"{parcel_id}_{key}" for key in keys.split()} <= entities.keys()
    assert waybill.device(parcel_id)["name"] == "Gift for Grandma"
    estimate = waybill.state(f"{parcel_id}_estimated_delivery")
    assert estimate["attributes"]["device_class"] == "timestamp"
    assert waybill.state(f"{waybill.entry_id}_in_customs")["state"] != "0"
    assert f"{waybill.entry_id}_deliveries" in entities

    change = waybill.subentry_form("parcel", parcel_id)
    assert change.shown["step_id"] == "reconfigure"
    changed = change.submit(tracking_number=NUMBER, name="Socks", more={})
    assert (changed["type"], changed["reason"]) == ("abort", "reconfigure_successful")
    eventually(lambda: waybill.device(parcel_id)["name"] == "Socks")


def test_an_account_is_added_when_its_key_is_right(waybill: Visitor) -> None:
    form = waybill.subentry_form("account")
    assert "dhl" in form.shown["menu_options"]
    assert form.submit(next_step_id="dhl")["step_id"] == "dhl"
    wrong = form.submit(api_key="not-the-key")
    assert wrong["errors"] == {"base": "invalid_auth"}
    assert waybill.text("config_subentries", "account.error.invalid_auth")

    added = form.submit(api_key=KEYS["dhl"])
    assert (added["type"], added["title"]) == ("create_entry", "DHL")
    account_id = waybill.subentry_id(added["unique_id"])
    eventually(lambda: f"{account_id}_problem" in waybill.entities())
    waybill.is_state(f"{account_id}_problem", "off")

    change = waybill.subentry_form("account", account_id)
    assert change.submit()["reason"] == "reconfigure_successful"


@pytest.mark.parametrize("days", [21, 14])
def test_the_options_are_changed(waybill: Visitor, days: int) -> None:
    form = waybill.form("options/flow", handler=waybill.entry_id)
    fields = {field["name"] for field in form.shown["data_schema"]}
    changed = {
        "stalled_after_days": days,
        "archive_after_days": 30,
        "voice_sentences": True,
        "keep_journals": False,
    }
    assert fields == set(changed)
    done = form.submit(**changed)
    assert done["type"] == "create_entry"
    again = waybill.form("options/flow", handler=waybill.entry_id)
    suggested = {
        field["name"]: field["description"]["suggested_value"]
        for field in again.shown["data_schema"]
    }
    assert suggested["stalled_after_days"] == days
