"""The button "Add account": a key is tried, and what is followed there comes along."""

from playwright.sync_api import expect
import pytest

from custom_components.waybill.account_flow import CREDENTIAL_PAGES
from tests.simulator.server import KEYS

from .conftest import OpenFrontend
from .frontend import NARROW, Frontend
from .house import House
from .texts import text

pytestmark = pytest.mark.browser

ACCOUNT = "config_subentries.account"
FOLLOW = f"{ACCOUNT}.step.ship24.data.follow_account"


def choose(window: Frontend, provider: str) -> None:
    """Choose a provider in the list of all."""
    window.open_waybill()
    window.button(text(f"{ACCOUNT}.initiate_flow.user")).click()
    window.says(text(f"{ACCOUNT}.step.user.title"))
    name = text(f"{ACCOUNT}.step.user.menu_options.{provider}")
    window.page.locator("step-flow-menu").get_by_text(name, exact=True).click()


def test_a_wrong_key_is_told_and_the_right_one_makes_an_account(
    house: House, open_frontend: OpenFrontend
) -> None:
    window = open_frontend(house, size=NARROW)
    client_id, client_secret = KEYS["fedex"].split(":")
    choose(window, "fedex")
    expect(window.page.locator("step-flow-form a")).to_have_attribute(
        "href", CREDENTIAL_PAGES["fedex"]
    )

    window.field("client_id").fill(client_id)
    window.field("client_secret").fill("mistaken")
    window.field("client_secret").press("Enter")
    window.says(text(f"{ACCOUNT}.error.invalid_auth", provider="FedEx"))
    window.picture("account_refused")

    window.field("client_secret").fill(client_secret)
    window.field("client_secret").press("Enter")
    window.finish()
    expect(window.device("FedEx")).to_be_visible()

    choose(window, "fedex")
    window.field("client_id").fill(client_id)
    window.field("client_secret").fill(client_secret)
    window.button("Submit").click()
    window.says(text(f"{ACCOUNT}.error.already_added", account="FedEx"))


def test_an_account_brings_what_is_followed_there(
    house: House, open_frontend: OpenFrontend
) -> None:
    house.control(
        "account",
        provider="ship24",
        number="9400111000619004500762",
        name="Bread tins",
    )
    window = open_frontend(house)
    choose(window, "ship24")
    window.field("api_key").fill(KEYS["ship24"])
    window.page.locator("ha-formfield, ha-selector-boolean").filter(
        has_text=text(FOLLOW)
    ).locator("ha-switch").click()
    window.button("Submit").click()
    window.finish()

    expect(window.device("Bread tins")).to_be_visible()
