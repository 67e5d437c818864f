"""Somebody who writes what would do harm if it were read as anything but text."""

from collections.abc import Mapping
import json

from playwright.sync_api import Page, WebSocketRoute, expect
import pytest

from .card import Card, say
from .conftest import OpenFrontend
from .house import House

pytestmark = pytest.mark.browser

NUMBER = "LP00619004520410"
ATTACK = (
    '<img src=x onerror="window.harmed = true"><script>window.harmed = true</script>'
)
NAME = f"{ATTACK} gift"
TURNED = "Left \u202egnissecorp\u202c\u0007 \u2066centre\u2069\nnow"
LONG = "P" * 10_000
HARMFUL_LINK = "javascript:window.harmed=true//"

WORDS, PLACE, SELLER = "Arrived at the hub", "Jamaica", "Honest Store"
TURNED_WORDS, ORDER = "Picked up", "https://shop.example/orders/410"
TAMPERED: Mapping[str, str] = {
    WORDS: ATTACK,
    PLACE: LONG,
    SELLER: ATTACK,
    TURNED_WORDS: TURNED,
    ORDER: HARMFUL_LINK,
}
"""What Waybill was told, and what the card is told instead: Waybill takes most of
it out itself, and the card must not rely on that."""

TALLEST = 450
"""Pixels that one parcel of the list may take in a hand."""
NO_PAGES = (
    HARMFUL_LINK,
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "https://shop.example@evil.example/",
    "//evil.example",
    "",
    None,
)
_FOLLOWED = """async (addresses) => {
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const module = loaded.find((name) => name.endsWith("/foreign_text.js"));
  const { link } = await import(module);
  return addresses.map(link).filter((address) => address !== null);
}"""


@pytest.fixture(scope="module")
def path(furnished_house: House) -> str:
    """Follow a parcel of a name that does harm; returns where to see it."""
    house = furnished_house
    steps = [
        {"at_hours": -30, "what": "picked_up", "words": TURNED_WORDS},
        {"at_hours": -20, "what": "arrived", "words": f"[{PLACE}] Here"},
        {"at_hours": -10, "what": "at_hub", "words": f"[{PLACE}] {WORDS}"},
    ]
    house.control("journey", number=NUMBER, steps=steps)
    house.perform(
        "add_parcel",
        tracking_number=NUMBER,
        name=NAME,
        seller=SELLER,
        order_url=ORDER,
    )
    parcel_id = house.parcel(NUMBER)["parcel_id"]
    house.show_cards(
        "card-hostile", {"type": "custom:waybill-card", "parcels": [parcel_id]}
    )
    return "/card-hostile"


def tamper(page: Page) -> None:
    """Change what Home Assistant tells the page from now on."""

    def pass_on(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda sent: socket.send(_tampered(str(sent))))

    page.route_web_socket("**/api/websocket", pass_on)


def _tampered(sent: str) -> str:
    for told, instead in TAMPERED.items():
        sent = sent.replace(json.dumps(told), json.dumps(instead))
    return sent


def test_it_is_shown_harmlessly(
    house: House, open_frontend: OpenFrontend, path: str
) -> None:
    window = open_frontend(house, size=(320, 900))
    page = window.page
    tamper(page)
    window.go(path)
    card = Card(window)
    row = card.parcels.first

    expect(row.locator(".event")).to_contain_text(ATTACK)
    expect(row.locator(".event")).to_contain_text("PPPP…")
    expect(row.locator("h3")).to_have_text(NAME)
    window.picture("hostile_card")
    box = row.bounding_box()
    assert box is not None
    assert box["height"] < TALLEST
    assert box["width"] <= page.evaluate("window.innerWidth")

    row.click()
    dialog = card.parcel_dialog
    scans = dialog.locator(".scan")
    expect(scans.nth(0)).to_contain_text(ATTACK)
    expect(scans.nth(1)).to_contain_text("PPPP…")
    expect(scans.nth(2)).to_contain_text("Left gnissecorp centre now")
    expect(dialog.locator("dd").filter(has_text=ATTACK)).to_have_count(1)
    window.picture("hostile_parcel")
    assert len(scans.nth(1).inner_text()) < 400
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    # The tracking page is Waybill's own; the order page is none.
    expect(dialog.get_by_role("link", name=say("tracking_page"))).to_be_visible()
    expect(dialog.get_by_role("link", name=say("order_page"))).to_have_count(0)
    expect(page.locator("[href^=javascript]")).to_have_count(0)

    card.act("message")
    expect(dialog.locator("textarea")).to_be_visible()
    card.act("rename")
    expect(dialog.locator("ha-form input")).to_have_value(NAME)
    for shown in (card.element, dialog):
        expect(shown.locator("img[src=x], script")).to_have_count(0)
    assert page.evaluate("window.harmed") is None


def test_a_carrier_that_writes_it_does_no_harm(
    house: House, open_frontend: OpenFrontend, path: str
) -> None:
    window = open_frontend(house)
    window.go(path)
    card = Card(window)
    expect(card.parcels).to_have_count(1)

    house.control("scan", number=NUMBER, what="at_depot", words=f"New {ATTACK}")
    house.control("scan", number=NUMBER, what="at_hub", words=f"[{LONG}] Far")
    house.scan(NUMBER, "on_the_way")

    card.parcels.first.click()
    expect(card.parcel_dialog.locator(".scan")).to_have_count(6)
    expect(card.parcel_dialog.locator(".scan").nth(2)).to_contain_text("New ")
    assert card.parcel_dialog.locator("img[src=x], script").count() == 0
    assert window.page.evaluate("window.harmed") is None


def test_only_pages_can_be_followed(
    house: House, open_frontend: OpenFrontend, path: str
) -> None:
    window = open_frontend(house)
    window.go(path)
    expect(Card(window).parcels).to_have_count(1)
    assert window.page.evaluate(_FOLLOWED, list(NO_PAGES)) == []
    assert window.page.evaluate(_FOLLOWED, [ORDER]) == [ORDER]
