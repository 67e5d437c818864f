"""Takes the pictures of the beginner's guide, in the language of a home."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser

from .frontend import Frontend
from .house import House
from .texts import text

_SIZE = (1100, 860)
_STUCK = "LP00619004520033"
_TO_CUSTOMS = "LP00619004520044"
_NEW_NUMBER = "9400 1112 0661 9004 5208 92"
_EXPORTED_WITHIN = 60_000
"""Milliseconds that a PDF may take on a slow machine."""
_NEXT = {"en": "Next", "fr": "Suivant"}
_NAME = {"en": "Garden hose", "fr": "Tuyau d’arrosage"}
_REPAIR = "issues.stalled"


def take_pictures_of_guide(
    browser: Browser, house: House, language: str, folder: Path
) -> None:
    """Take them all; those that are not in English say so in their names."""
    window = Frontend(browser, house.url, folder, size=_SIZE)
    for topic, show in _TOPICS.items():
        show(window, house, language)
        window.picture(f"guide_{topic}" + ("" if language == "en" else f"_{language}"))
    window.close()


def _dashboard(window: Frontend, house: House, language: str) -> None:
    window.go("/")
    window.page.wait_for_timeout(2000)


def _add_parcel(window: Frontend, house: House, language: str) -> None:
    window.open_waybill()
    add = text("config_subentries.parcel.initiate_flow.user", language)
    window.button(add).click()
    window.field("tracking_number").fill(_NEW_NUMBER)
    window.button(_NEXT[language]).click()
    window.field("name").fill(_NAME[language])


def _parcel(window: Frontend, house: House, language: str) -> None:
    window.open_device(house.parcel(_TO_CUSTOMS)["name"])


def _stalled_repair(window: Frontend, house: House, language: str) -> None:
    window.go("/config/repairs")
    name = house.parcel(_STUCK)["name"]
    title = text(f"{_REPAIR}.title", language, parcel=name, date="|")
    window.page.get_by_text(title.partition("|")[0].strip()).first.click()
    window.page.get_by_text(_step("message", language), exact=True).wait_for()


def _message(window: Frontend, house: House, language: str) -> None:
    window.page.get_by_text(_step("message", language), exact=True).click()
    window.page.locator("textarea").first.wait_for()


def _dispute_file(window: Frontend, house: House, language: str) -> None:
    window.button(_NEXT[language]).click()
    window.page.get_by_text(_step("export", language), exact=True).click()
    window.button(_NEXT[language]).click()
    link = window.page.get_by_role("link", name=text("common.link_open", language))
    link.wait_for(timeout=_EXPORTED_WITHIN)
    window.go("/media-browser/browser")
    page = window.page
    page.get_by_text("Waybill", exact=True).last.click()
    # The newest file, and its first page.
    page.locator("ha-card .title").first.click()
    page.locator("ha-card .title", has_text="1").first.click()
    shown = page.locator("ha-dialog img, dialog img").first
    shown.wait_for()
    page.wait_for_function("e => e.naturalWidth > 600", arg=shown.element_handle())


def _calendar(window: Frontend, house: House, language: str) -> None:
    window.go("/calendar")
    window.page.wait_for_timeout(1500)


def _todo(window: Frontend, house: House, language: str) -> None:
    window.go("/todo")
    window.page.wait_for_timeout(1500)


def _step(name: str, language: str) -> str:
    return text(f"{_REPAIR}.fix_flow.step.init.menu_options.{name}", language)


_TOPICS: dict[str, Callable[[Frontend, House, str], None]] = {
    "dashboard": _dashboard,
    "add_parcel": _add_parcel,
    "parcel": _parcel,
    "stalled_repair": _stalled_repair,
    "message": _message,
    "dispute_file": _dispute_file,
    "calendar": _calendar,
    "todo": _todo,
}
"""What is shown, in an order in which each leads to the next."""
