"""A parcel without news: what the repair offers, in French, and the proof of it."""

from collections.abc import Iterator

from playwright.sync_api import expect
import pytest

from tests.demo.words import FRENCH

from .background import Background
from .conftest import OpenFrontend
from .house import House, open_house
from .texts import text

pytestmark = pytest.mark.browser

REPAIR = "issues.stalled"
STEPS = f"{REPAIR}.fix_flow.step"
STUCK = "LP00619004520033"
_EXPORTED_WITHIN = 60_000
"""Milliseconds that a PDF may take on a slow machine, fonts and all."""


@pytest.fixture
def french_house(background: Background) -> Iterator[House]:
    """Enter a home that speaks French, with the demo's parcels."""
    with open_house(background, FRENCH) as house:
        house.furnish()
        yield house
        assert house.home.complaints() == []


def title_of(parcel: str, language: str) -> str:
    """Return how the repair begins to call itself, before the date."""
    whole = text(f"{REPAIR}.title", language, parcel=parcel, date="|")
    return whole.partition("|")[0].strip()


def option(name: str) -> str:
    """Return how a next step is called."""
    return text(f"{STEPS}.init.menu_options.{name}", "fr")


def test_a_stuck_parcel_brings_a_letter_and_a_proof(
    french_house: House, open_frontend: OpenFrontend
) -> None:
    window = open_frontend(french_house)
    page = window.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    window.go("/config/repairs")
    page.get_by_text(title_of("Trépied photo", "fr")).first.click()
    window.says("Cela seul n’est pas inquiétant")
    window.picture("stalled_repair_fr")

    page.get_by_text(option("message"), exact=True).click()
    letter = page.locator("dialog textarea, ha-dialog textarea").first
    letter.click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Bonjour,")
    assert STUCK in copied
    assert "8199046250034003" in copied
    assert copied.rstrip().endswith(text("common.letter_closing", "fr"))
    window.picture("message_fr")
    window.button("Suivant").click()

    page.get_by_text(option("export"), exact=True).click()
    window.picture("export_fr")
    window.button("Suivant").click()
    link = page.get_by_role("link", name=text("common.link_open", "fr"))
    link.wait_for(timeout=_EXPORTED_WITHIN)
    window.picture("exported_fr")
    address = link.get_attribute("href")
    assert link.get_attribute("target") == "_blank"
    answer = page.request.get(f"{french_house.url}{address}")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")
    window.button("Suivant").click()
    expect(page.get_by_text(option("wait"), exact=True)).to_be_visible()

    window.go("/media-browser/browser")
    page.get_by_text("Waybill", exact=True).last.click()
    page.locator("ha-card .title", has_text="Dossier de litige").first.click()
    page.locator("ha-card .title", has_text="1").first.click()
    shown = page.locator("ha-dialog img, dialog img").first
    shown.wait_for()
    page.wait_for_function("e => e.naturalWidth > 600", arg=shown.element_handle())
    window.picture("dispute_file_in_the_media_browser_fr")


def test_a_week_more_is_a_week_more(house: House, open_frontend: OpenFrontend) -> None:
    window = open_frontend(house)
    page = window.page
    window.go("/config/repairs")
    title = page.get_by_text(title_of("Camera tripod", "en"))
    title.first.click()
    page.get_by_text(text(f"{STEPS}.init.menu_options.wait"), exact=True).click()
    window.finish()
    expect(title).to_have_count(0)
    kinds = [alert["kind"] for alert in house.parcel(STUCK)["alerts"]]
    assert "stalled" not in kinds
    assert house.parcel(STUCK)["stage"] == "in_transit"


def test_a_number_on_the_list_is_followed(
    house: House, open_frontend: OpenFrontend
) -> None:
    window = open_frontend(house)
    page = window.page
    window.go("/todo?entity_id=todo.waybill_parcels")
    field = page.locator("hui-todo-list-card").locator("input").first
    field.fill("Teapot LP00619004520199")
    field.press("Enter")
    expect(page.get_by_text("Teapot", exact=True)).to_be_visible()
    window.picture("todo_added")
    assert house.parcel("LP00619004520199")["name"] == "Teapot"
    window.go("/calendar")
    window.picture("calendar")
