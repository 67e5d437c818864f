"""The demo's dashboard, by day and by night, on a wall and in a hand."""

from playwright.sync_api import expect
import pytest

from tests.demo.words import ENGLISH, FRENCH, Words

from .conftest import OpenFrontend
from .frontend import NARROW, WIDE
from .house import House
from .texts import stage

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

        tile = window.page.locator("hui-tile-card").filter(has_text="Drone propellers")
        expect(tile).to_be_visible()
        names = [words.language, *(["dark"] if dark else []), str(size[0])]
        window.picture("_".join(["dashboard", *names]))
    finally:
        house.speak(ENGLISH)


def test_a_tile_moves_on_while_one_looks(
    house: House, open_frontend: OpenFrontend
) -> None:
    window = open_frontend(house)
    window.go("/")
    tile = window.page.locator("hui-tile-card").filter(has_text="Bike lights")
    expect(tile).to_be_visible()

    house.scan("LP00619004520088", "picked_up")

    expect(tile.get_by_text(stage("shipped"))).to_be_visible()
