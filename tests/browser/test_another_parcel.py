"""The button "Add parcel", and the page of the parcel's device."""

from playwright.sync_api import expect
import pytest

from .conftest import OpenFrontend
from .house import House
from .texts import is_number_of, stage, text

pytestmark = pytest.mark.browser

PARCEL = "config_subentries.parcel"
MISTYPED = "9400 1112 0661 9004 5208 95"
RIGHT = "9400 1112 0661 9004 5208 92"


def test_a_mistyped_number_is_told_and_corrected(
    house: House, open_frontend: OpenFrontend
) -> None:
    window = open_frontend(house)
    window.open_waybill()

    window.button("Add parcel").click()
    window.field("tracking_number").fill(MISTYPED)
    window.button("Next").click()
    window.says(text(f"{PARCEL}.error.mistyped", carriers="USPS"))
    window.says(text(f"{PARCEL}.step.user.data.keep_anyway"))
    window.picture("mistyped")

    window.field("tracking_number").fill(RIGHT)
    window.button("Next").click()
    window.says(is_number_of("9400111206619004520892", "USPS"))
    window.field("name").fill("Garden hose")
    window.button("Submit").click()
    window.finish()
    expect(window.device("Garden hose")).to_be_visible()


def test_a_number_that_looks_mistyped_can_be_kept_on_purpose(
    house: House, open_frontend: OpenFrontend
) -> None:
    window = open_frontend(house)
    window.open_waybill()

    window.button("Add parcel").click()
    window.field("tracking_number").fill(MISTYPED)
    window.button("Next").click()
    window.page.locator("ha-switch").click()
    window.button("Next").click()
    window.field("name").fill("Odd one")
    window.button("Submit").click()
    window.finish()
    expect(window.device("Odd one")).to_be_visible()


def test_a_number_that_is_followed_already_names_the_parcel(
    house: House, open_frontend: OpenFrontend
) -> None:
    window = open_frontend(house)
    window.open_waybill()

    window.button("Add parcel").click()
    window.field("tracking_number").fill("LP-0061-9004-5200-44")
    window.button("Next").click()
    window.says(text(f"{PARCEL}.error.already_followed", parcel="Drone propellers"))


def test_the_device_shows_what_is_known_of_the_parcel(
    house: House, open_frontend: OpenFrontend
) -> None:
    window = open_frontend(house)
    window.open_device("Drone propellers")
    page = window.page.locator("ha-config-device-page")

    for entity in (
        "sensor.days_in_transit",
        "sensor.estimated_delivery",
        "sensor.last_event",
        "sensor.location",
        "binary_sensor.needs_attention",
        "event.milestone",
        "button.refresh",
    ):
        name = page.get_by_text(text(f"entity.{entity}.name"), exact=True)
        expect(name.first).to_be_visible()
    window.says(stage("customs_action_required"))
    window.says("LP00619004520044")
    window.picture("device")
