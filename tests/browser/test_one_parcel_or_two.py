"""The repair that joins two parcels, and how that is undone."""

from playwright.sync_api import expect
import pytest

from .conftest import OpenFrontend
from .house import House
from .texts import text

pytestmark = pytest.mark.browser

PARCEL = "config_subentries.parcel"
REPAIR = "issues.join_parcels"
FROM_CHINA = "LP00619004520166"
LAST_MILE = "CB619004513FR"


def test_two_numbers_are_made_one_parcel_and_parted_again(
    house: House, open_frontend: OpenFrontend
) -> None:
    house.control(
        "journey",
        number=FROM_CHINA,
        destination="FR",
        steps=[{"at_hours": -48, "what": "arrived", "country": "FR"}],
        handoff={"number": LAST_MILE, "carrier": "la_poste", "at_hours": -24},
    )
    house.perform("add_parcel", tracking_number=LAST_MILE, name="From Paris")
    house.perform("add_parcel", tracking_number=FROM_CHINA, name="Puzzle")
    window = open_frontend(house)

    window.go("/config/repairs")
    window.page.get_by_text(
        text(f"{REPAIR}.title", parcel="Puzzle", other="From Paris")
    ).click()
    window.says(text(f"{REPAIR}.fix_flow.step.init.title"))
    window.picture("join_parcels")
    join = text(f"{REPAIR}.fix_flow.step.init.menu_options.join")
    window.page.get_by_text(join, exact=True).click()
    window.finish()
    window.open_waybill()
    expect(window.device("Puzzle")).to_be_visible()
    expect(window.device("From Paris")).to_have_count(0)

    window.change("Puzzle", text(f"{PARCEL}.initiate_flow.reconfigure"))
    window.says(text(f"{PARCEL}.step.reconfigure.data.belonging"))
    window.picture("numbers_that_belong")
    window.page.get_by_text(f"{LAST_MILE} (La Poste)").click()
    window.button("Submit").click()
    expect(window.device("From Paris")).to_be_visible()
    assert house.parcel(LAST_MILE)["name"] == "From Paris"
    assert house.parcel(FROM_CHINA)["name"] == "Puzzle"
