"""The voice assistant, asked in writing as the Assist dialog lets people do."""

from collections.abc import Iterator

from playwright.sync_api import Locator, expect
import pytest

from tests.demo.words import FRENCH

from .background import Background
from .conftest import OpenFrontend
from .frontend import Frontend
from .house import House, open_house

pytestmark = pytest.mark.browser


@pytest.fixture
def french_house(background: Background) -> Iterator[House]:
    """Open the demo's home where people speak French."""
    with open_house(background, FRENCH) as house:
        house.furnish()
        yield house
        assert house.home.complaints() == []


def open_assist(window: Frontend) -> Locator:
    window.go("/")
    expect(window.page.locator("waybill-card").first).to_be_visible()
    # Home Assistant's own shortcut.
    window.page.keyboard.press("a")
    chat = window.page.locator("ha-assist-chat")
    chat.locator("input").wait_for()
    return chat


def ask(chat: Locator, question: str) -> None:
    box = chat.locator("input")
    box.fill(question)
    box.press("Enter")
    expect(chat.get_by_text(question)).to_be_visible()


def test_one_asks_for_parcels_in_english(
    house: House, open_frontend: OpenFrontend
) -> None:
    window = open_frontend(house)
    chat = open_assist(window)

    ask(chat, "Where is my drone propellers parcel?")
    expect(chat.get_by_text("Drone propellers: held by customs")).to_be_visible()

    ask(chat, "Has the board game cleared customs?")
    expect(chat.get_by_text("Yes. Board game: released by customs")).to_be_visible()

    ask(chat, "Is anything stuck or late?")
    expect(chat.get_by_text("Camera tripod: on its way")).to_be_visible()
    window.picture("assist")


def test_one_asks_for_parcels_in_french(
    french_house: House, open_frontend: OpenFrontend
) -> None:
    window = open_frontend(french_house)
    chat = open_assist(window)

    ask(chat, "Où est mon colis hélices de drone ?")
    expect(chat.get_by_text("Hélices de drone : à la douane")).to_be_visible()

    ask(chat, "Y a-t-il quelque chose de bloqué ou en retard ?")
    expect(chat.get_by_text("Trépied photo : en route")).to_be_visible()

    ask(chat, "Suis le numéro LP00123456789012")
    expect(chat.get_by_text("se termine par 9012")).to_be_visible()
    window.picture("assist_fr")
