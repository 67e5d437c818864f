"""The triggers in the automation editor, in the person's language."""

from playwright.sync_api import expect
import pytest

from tests.demo.words import ENGLISH, FRENCH, Words

from .conftest import OpenFrontend
from .frontend import Frontend
from .house import House
from .texts import text

pytestmark = pytest.mark.browser

# What Home Assistant itself says.
ADD_TRIGGER = {"en": "Add trigger", "fr": "Ajouter un déclencheur"}
BY_TYPE = {"en": "By type", "fr": "Par type"}


def offered_triggers(window: Frontend, language: str) -> None:
    """Open the list of Waybill's triggers."""
    window.go("/config/automation/edit/new")
    window.button(ADD_TRIGGER[language]).click()
    dialog = window.page.locator("add-automation-element-dialog")
    dialog.get_by_text(BY_TYPE[language], exact=True).click()
    dialog.get_by_text("Waybill", exact=True).first.click()


@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["english", "french"])
def test_the_trigger_is_offered_by_its_name_and_can_be_chosen(
    house: House, open_frontend: OpenFrontend, words: Words
) -> None:
    name = text("triggers.customs_cleared.name", words.language)
    description = text("triggers.customs_cleared.description", words.language)
    house.speak(words)
    try:
        window = open_frontend(house)
        offered_triggers(window, words.language)

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
