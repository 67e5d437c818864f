"""Where an account's news may go: the address is shown with what to do with it."""

from collections.abc import Iterator
from http import HTTPStatus

import aiohttp
from playwright.sync_api import expect
import pytest

from tests.demo.words import ENGLISH, FRENCH
from tests.simulator.server import KEYS

from .conftest import OpenFrontend
from .frontend import NARROW, Frontend
from .house import House
from .texts import text

pytestmark = pytest.mark.browser

ACCOUNT = "config_subentries.account"
OUTSIDE = "https://home.example"


@pytest.fixture
def reachable_house(house: House) -> Iterator[House]:
    """Let the home have an address that others can reach."""
    house.do(house.client.command("config/core/update", external_url=OUTSIDE))
    yield house
    house.do(house.client.command("config/core/update", external_url=None))
    house.speak(ENGLISH)


async def pushed_without_proof(address: str) -> int:
    """Return how a home answers who says nothing that proves that it is the provider."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(address, json={"event": "TRACKING_UPDATED", "data": {}}) as answer,
    ):
        return answer.status


def shown_address(window: Frontend, language: str) -> str:
    """Give the account its key again, and return the address that is shown then."""
    window.change("17TRACK", text(f"{ACCOUNT}.initiate_flow.reconfigure", language))
    window.field("api_key").fill(KEYS["seventeentrack"])
    window.field("api_key").press("Enter")
    window.says(text(f"{ACCOUNT}.step.seventeentrack_push.title", language))
    address = window.page.get_by_text(f"{OUTSIDE}/api/webhook/")
    expect(address).to_be_visible()
    window.picture(f"push_address_{language}")
    shown: str = address.inner_text()
    return shown


def test_an_account_shows_where_its_news_may_go(
    reachable_house: House, open_frontend: OpenFrontend
) -> None:
    house = reachable_house
    house.speak(FRENCH)
    # Shown for nothing: the window is closed.
    shown_address(open_frontend(house, size=NARROW, dark=True), "fr")
    house.speak(ENGLISH)
    window = open_frontend(house, size=NARROW)
    address = shown_address(window, "en").replace(OUTSIDE, house.url)
    window.button("Submit").click()
    window.page.locator("ha-dialog-footer").get_by_role("button").click()

    # It is there, and takes nothing from anybody who proves nothing.
    assert house.do(pushed_without_proof(address)) == HTTPStatus.UNAUTHORIZED
