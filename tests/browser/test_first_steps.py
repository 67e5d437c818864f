"""From nothing to a parcel that is followed, without reading anything before."""

import pytest

from .conftest import OpenFrontend
from .house import House
from .texts import is_number_of, stage, text

pytestmark = pytest.mark.browser

NUMBER = "LP00619004520022"


def test_the_first_number_is_typed_with_spaces_and_its_carrier_is_named(
    new_house: House, open_frontend: OpenFrontend
) -> None:
    window = open_frontend(new_house)

    window.choose_integration("Waybill")
    window.says(text("config.step.user.title"))
    window.picture("add_integration")
    window.field("tracking_number").fill("lp 0061 9004 5200 22")
    window.button("Next").click()

    window.says(is_number_of(NUMBER, "Cainiao"))
    window.picture("carrier_named")
    window.field("name").fill("Gift for Grandma")
    window.button("Submit").click()
    window.button("Skip and finish").click()

    window.open_device("Gift for Grandma")
    window.says(stage("in_customs"))
    assert new_house.parcel(NUMBER)["name"] == "Gift for Grandma"


def test_parcels_are_still_there_after_a_restart_and_the_open_page_goes_on(
    house: House, open_frontend: OpenFrontend
) -> None:
    window = open_frontend(house)
    window.open_device("Gift for Grandma in Lyon")
    window.says(stage("in_customs"))

    window.console.away = True
    house.restart()

    # Nobody reloads the page: it comes back by itself.
    house.scan(NUMBER, "import_cleared")
    window.says(stage("customs_cleared"))
    window.console.away = False
    window.picture("after_restart")
    events = house.parcel(NUMBER)["events"]
    assert len(events) > 10
