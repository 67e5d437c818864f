"""The card on a phone, on a tablet and on a wall, for everybody who looks at it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from playwright.sync_api import Locator, expect
import pytest

from tests.demo.words import ENGLISH, FRENCH, Words

from .accessibility import barriers
from .card import Card
from .conftest import OpenFrontend
from .house import House

pytestmark = pytest.mark.browser

# Waybill has no texts in it yet, but Home Assistant turns everything around.
ARABIC = replace(ENGLISH, language="ar")
LANGUAGES = [ENGLISH, FRENCH, ARABIC]
WIDTHS = (320, 768, 1280)
LAYOUTS = ({"layout": "full"}, {"layout": "compact", "max_rows": 4})

_STICKING_OUT = """(host) => {
  const { left, right } = host.getBoundingClientRect();
  return [...host.shadowRoot.querySelectorAll("ha-card *, .body *")]
    .filter((element) => element.offsetParent)
    .filter((element) => {
      const box = element.getBoundingClientRect();
      return box.left < left - 1 || box.right > right + 1;
    })
    .map((element) => element.outerHTML.slice(0, 200));
}"""
_CUT = """(host) => [...host.shadowRoot.querySelectorAll("h2, h3, .where, .when, .event, .chip, dd")]
  .filter((element) => element.offsetParent && element.scrollWidth > element.clientWidth + 1)
  .filter((element) => getComputedStyle(element).display !== "inline")
  .map((element) => element.outerHTML.slice(0, 200));"""


@contextmanager
def reading(house: House, words: Words) -> Iterator[None]:
    """Let the person read another language for a while."""
    house.speak(words)
    try:
        yield
    finally:
        house.speak(ENGLISH)


@pytest.fixture(scope="module")
def path(furnished_house: House) -> str:
    """Where a card of each layout is to be seen."""
    cards = [{"type": "custom:waybill-card", **layout} for layout in LAYOUTS]
    furnished_house.show_cards("card-looks", *cards)
    return "/card-looks"


def fits(element: Locator) -> bool:
    """Say whether nothing of an element sticks out of it or is cut off."""
    assert element.evaluate(_STICKING_OUT) == []
    assert element.evaluate(_CUT) == []
    page = element.page
    return bool(
        page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    )


@pytest.mark.parametrize("words", LANGUAGES, ids=lambda words: words.language)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_fits_wherever_it_is_looked_at(
    house: House, open_frontend: OpenFrontend, path: str, words: Words, dark: bool
) -> None:
    name = f"card_{words.language}_{'dark' if dark else 'light'}"
    with reading(house, words):
        window = open_frontend(house, dark=dark)
        page = window.page
        window.go(path)
        card, compact = Card(window), Card(window, 1)
        expect(card.parcel("Drone propellers")).to_be_visible()
        direction = "rtl" if words is ARABIC else "ltr"
        expect(page.locator("html")).to_have_attribute("dir", direction)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 1000})
            window.picture(f"{name}_{width}")
            assert fits(card.element)
            assert fits(compact.element)
            badge, what = (
                card.parcels.first.locator(part).bounding_box()
                for part in (".badge", ".what")
            )
            assert badge is not None
            assert what is not None
            assert (badge["x"] > what["x"]) is (words is ARABIC)

            dialog = card.open("Camera tripod")
            window.picture(f"{name}_{width}_parcel")
            assert fits(dialog)
            card.close()
            dialog = card.open_add()
            card.paste("LP00619004520399 LP00619004520044")
            expect(dialog.locator(".candidate")).to_have_count(2)
            window.picture(f"{name}_{width}_add")
            assert fits(dialog)
            card.close()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_no_barrier(
    house: House, open_frontend: OpenFrontend, path: str, dark: bool
) -> None:
    window = open_frontend(house, dark=dark)
    window.go(path)
    card, compact = Card(window), Card(window, 1)
    expect(card.parcel("Drone propellers")).to_be_visible()
    assert barriers(card.element) == []
    assert barriers(compact.element) == []

    dialog = card.open("Drone propellers")
    assert barriers(dialog) == []
    for action in ("rename", "message", "report", "export"):
        card.act(action)
        expect(
            dialog.locator(".panel ha-button[appearance=filled]").first
        ).to_be_visible()
        assert barriers(dialog) == []
    card.close()

    dialog = card.open_add()
    assert barriers(dialog) == []
    card.paste("LP00619004520399 LP00619004520044")
    expect(dialog.locator(".candidate")).to_have_count(2)
    assert barriers(dialog) == []


def test_everything_can_be_done_with_the_keyboard(
    house: House, open_frontend: OpenFrontend, path: str
) -> None:
    window = open_frontend(house)
    window.go(path)
    card = Card(window)
    expect(card.parcel("Drone propellers")).to_be_visible()
    names = card.names()
    keyboard = window.page.keyboard
    card.element.locator(".add").focus()

    reached = []
    for _ in names:
        keyboard.press("Tab")
        reached.append(card.focused())
    assert reached == list(names)

    keyboard.press("Enter")
    dialog = card.parcel_dialog
    expect(dialog.locator("[data-action=archive]")).to_be_visible()
    for _ in range(12):
        keyboard.press("Tab")
        if card.focused() == "rename":
            break
    keyboard.press("Enter")
    expect(dialog.locator("ha-form input")).to_be_focused()
    card.close()
    assert card.focused() == names[-1]


def test_it_is_read_out_as_a_list_of_parcels(
    house: House, open_frontend: OpenFrontend, path: str
) -> None:
    window = open_frontend(house)
    window.go(path)
    card = Card(window)
    element = card.element
    expect(card.parcel("Drone propellers")).to_be_visible()
    listed = element.get_by_role("list").first.locator("> li")
    expect(listed).to_have_count(len(card.names()))
    row = card.parcel("Drone propellers")
    expect(row.get_by_role("heading", level=3)).to_have_text("Drone propellers")
    expect(row.get_by_role("img", name="Step 4 of 5: Customs")).to_be_visible()
    expect(element.get_by_role("button", name="Follow a parcel")).to_be_visible()


def test_nothing_moves_for_whoever_wants_no_motion(
    house: House, open_frontend: OpenFrontend, path: str
) -> None:
    window = open_frontend(house)
    window.go(path)
    mark = Card(window).parcels.first.locator(".mark").first
    duration = "mark => getComputedStyle(mark).transitionDuration"
    assert mark.evaluate(duration) == "0s"
    window.page.emulate_media(reduced_motion="no-preference")
    assert mark.evaluate(duration) == "0.4s"
