"""Takes the pictures of the documentation: script/screenshots."""

from contextlib import ExitStack
from functools import partial
from pathlib import Path
import sys
from time import sleep

from playwright.sync_api import Browser, sync_playwright

from tests.demo.words import ENGLISH, FRENCH

from .background import Background
from .frontend import NARROW, WIDE, Frontend, launch
from .guide_pictures import take_pictures_of_guide
from .house import House, open_house
from .texts import text

_DAY_SECONDS = 60
_SIZE = (1280, 1250)
_EVENTFUL_HOUR = 27.4
"""By then parcels are in customs, through them, at the door, delivered and stuck."""


def main(folder: Path) -> None:
    """Take all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        background = stack.enter_context(Background())
        english, french = (
            stack.enter_context(open_house(background, words, _DAY_SECONDS))
            for words in (ENGLISH, FRENCH)
        )
        playwright = stack.enter_context(sync_playwright())
        browser = stack.enter_context(launch(playwright))
        for house in (english, french):
            house.furnish()
        _dashboards(browser, english, french, folder)
        _add_parcel(browser, english, folder)
        _automation(browser, english, folder)
        for house, language in ((english, "en"), (french, "fr")):
            take_pictures_of_guide(browser, house, language, folder)


def _dashboards(browser: Browser, english: House, french: House, folder: Path) -> None:
    """Let the parcels travel before everybody's eyes, then take pictures at once."""
    look = partial(Frontend, browser, pictures=folder)
    windows = {
        "dashboard": look(english.url, size=_SIZE),
        "dashboard_dark": look(english.url, size=_SIZE, dark=True),
        "dashboard_french": look(french.url, size=NARROW),
    }
    for window in windows.values():
        window.go("/")
    while english.hour < _EVENTFUL_HOUR:
        sleep(0.2)
    for name, window in windows.items():
        window.picture(name)
    card = windows["dashboard_dark"]
    card.page.locator("waybill-card").get_by_text("Gift for Grandma").first.click()
    card.page.locator("waybill-parcel-dialog .events").first.wait_for()
    card.picture("card_parcel")
    device = windows["dashboard"]
    device.page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    device.open_device("Coffee beans")
    device.picture("device")
    for window in windows.values():
        window.close()


def _add_parcel(browser: Browser, house: House, folder: Path) -> None:
    window = Frontend(browser, house.url, folder)
    window.open_waybill()
    window.button(text("config_subentries.parcel.initiate_flow.user")).click()
    window.field("tracking_number").fill("9400 1112 0661 9004 5208 92")
    window.button("Next").click()
    window.field("name").fill("Garden hose")
    window.picture("add_parcel")
    window.close()


def _automation(browser: Browser, house: House, folder: Path) -> None:
    window = Frontend(browser, house.url, folder)
    window.offer_triggers()
    window.says(text("triggers.customs_cleared.description"))
    window.picture("automation")
    window.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
