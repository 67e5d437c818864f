"""The demo's dashboard, by day and by night, on a wall and in a hand."""

from playwright.sync_api import expect
import pytest

from tests.demo.words import ENGLISH, FRENCH, Words

from .card import Card
from .conftest import OpenFrontend
from .frontend import NARROW, WIDE
from .house import House
from .texts import stage, text

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["english", "french"])
def test_the_address_alone_opens_the_parcels(
    house: House,
    open_frontend: OpenFrontend,
    words: Words,
    size: tuple[int, int],
    dark: bool,
) -> None:
    house.speak(words)
    try:
        window = open_frontend(house, size=size, dark=dark)
        window.go("/")

        card = Card(window)
        title = text("common.dashboard_under_way", words.language)
        expect(card.element.locator("h2")).to_have_text(title)
        expect(card.parcel("Drone propellers")).to_be_visible()
        names = [words.language, *(["dark"] if dark else []), str(size[0])]
        window.picture("_".join(["dashboard", *names]))
    finally:
        house.speak(ENGLISH)


def test_a_parcel_moves_on_while_one_looks(
    house: House, open_frontend: OpenFrontend
) -> None:
    window = open_frontend(house)
    window.go("/")
    card = Card(window)
    expect(card.parcel("Bike lights")).to_be_visible()

    house.scan("LP00619004520088", "picked_up")

    expect(card.stage("Bike lights")).to_have_text(stage("shipped"))
