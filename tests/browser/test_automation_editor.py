"""The triggers in the automation editor, in the person's language."""

from playwright.sync_api import expect
import pytest

from tests.demo.words import ENGLISH, FRENCH, Words

from .conftest import OpenFrontend
from .house import House
from .texts import text

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["english", "french"])
def test_the_trigger_is_offered_by_its_name_and_can_be_chosen(
    house: House, open_frontend: OpenFrontend, words: Words
) -> None:
    name = text("triggers.customs_cleared.name", words.language)
    description = text("triggers.customs_cleared.description", words.language)
    house.speak(words)
    try:
        window = open_frontend(house)
        window.offer_triggers(words.language)

        window.says(description)
        window.picture(f"triggers_{words.language}")
        window.page.get_by_text(name, exact=True).click()

        chosen = window.page.locator("ha-automation-trigger-row")
        expect(chosen.get_by_text(name).first).to_be_visible()
        window.picture(f"trigger_{words.language}")
    finally:
        house.speak(ENGLISH)


def test_the_demos_automation_opens_in_the_editor(
    house: House, open_frontend: OpenFrontend
) -> None:
    window = open_frontend(house)
    window.go("/config/automation/edit/waybill_demo_cleared")

    row = window.page.locator("ha-automation-trigger-row")
    expect(row.get_by_text(text("triggers.customs_cleared.name")).first).to_be_visible()
    expect(row.get_by_text("Waybill").first).to_be_visible()
    expect(window.page.locator("ha-automation-action-row")).to_be_visible()
    window.picture("automation")
