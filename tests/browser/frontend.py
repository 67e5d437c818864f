"""Home Assistant's frontend in a browser, by what a person sees and clicks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
import os
from pathlib import Path
import re
import shutil

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    Playwright,
    expect,
)

WIDE = (1280, 900)
NARROW = (380, 800)

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

_PATIENCE = 20_000
"""Milliseconds that a page has to show something, on a slow machine."""
_OTHERS_PICTURES = re.compile(
    r"/api/brands/(?!.*waybill)|^https://demo\.home-assistant\.io/stub_config/"
)
"""Pictures of other integrations and of other cards come from the internet, which is not asked."""
# What Home Assistant itself says.
_ADD_TRIGGER = {"en": "Add trigger", "fr": "Ajouter un déclencheur"}
_BY_TYPE = {"en": "By type", "fr": "Par type"}


@contextmanager
def launch(playwright: Playwright) -> Iterator[Browser]:
    """Start the Chromium that CHROMIUM names, or the one of the system."""
    named = os.environ.get("CHROMIUM", "chromium")
    executable = shutil.which(named)
    if executable is None:
        raise FileNotFoundError(f"{named} was not found; name a Chromium in CHROMIUM")
    browser = playwright.chromium.launch(
        executable_path=executable, args=list(_ARGUMENTS)
    )
    try:
        yield browser
    finally:
        browser.close()


@dataclass
class Console:
    """What the browser complains about."""

    complaints: list[str] = field(default_factory=list)
    away: bool = False
    """Whether Home Assistant is away just now, so that it cannot be reached."""

    def listen(self, page: Page) -> None:
        """Listen to a page."""
        page.on("console", self._take)
        page.on("pageerror", lambda error: self._complain(str(error)))

    def _take(self, message: ConsoleMessage) -> None:
        url = message.location.get("url", "")
        if message.type == "error" and not _OTHERS_PICTURES.search(url):
            self._complain(f"{message.text} ({url})")

    def _complain(self, complaint: str) -> None:
        if not self.away:
            self.complaints.append(complaint)


class Frontend:
    """One window."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        pictures: Path,
        *,
        size: tuple[int, int] = WIDE,
        dark: bool = False,
    ) -> None:
        """Open a window, signed in by itself."""
        width, height = size
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            locale="en-US",
            reduced_motion="reduce",
        )
        context.set_default_timeout(_PATIENCE)
        expect.set_options(timeout=_PATIENCE)
        self.console = Console()
        self.page = context.new_page()
        self.console.listen(self.page)
        self._url = url
        self._pictures = pictures

    def close(self) -> None:
        """Close the window."""
        self.page.context.close()

    def go(self, path: str) -> None:
        """Go to a page of the frontend."""
        self.page.goto(f"{self._url}{path}")
        self.page.locator("home-assistant-main").wait_for()

    def picture(self, name: str) -> None:
        """Take a picture, once everything has come to rest."""
        self.page.mouse.move(0, 0)
        self.page.wait_for_timeout(700)
        self.page.screenshot(path=self._pictures / f"{name}.png", animations="disabled")

    def says(self, text: str) -> None:
        """Wait until a text is to be read."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def button(self, name: str) -> Locator:
        """Return a button by what is written on it."""
        return self.page.get_by_role("button", name=name, exact=True)

    def finish(self, name: str = "Finish") -> None:
        """Close a dialog by its last button, and wait until it is gone."""
        self.button(name).click()
        expect(self.button(name)).to_have_count(0)
        # A dialog that closes takes a step back in the window's history.
        self.page.wait_for_timeout(300)

    def field(self, name: str) -> Locator:
        """Return the field of a form by its key."""
        return self.page.locator(f"input[name={name}]")

    def choose_integration(self, name: str) -> None:
        """Choose an integration in the list of all."""
        self.go("/config/integrations/dashboard")
        self.button("Add integration").click()
        search = self.page.locator("dialog-add-integration input").first
        search.fill(name)
        row = self.page.locator("ha-integration-list-item")
        row.filter(has_text=name).first.click()

    def device(self, name: str) -> Locator:
        """Return the row of a device on Waybill's page."""
        return self.page.locator("ha-config-entry-device-row").filter(has_text=name)

    def open_waybill(self) -> None:
        """Go to Waybill's page, where parcels are added."""
        self.go("/config/integrations/integration/waybill")

    def change(self, name: str, button: str) -> None:
        """Open the form that changes a parcel or an account; its button is a gear."""
        self.open_waybill()
        row = self.page.locator("ha-config-sub-entry-row").filter(has_text=name)
        row.get_by_role("button", name=button, exact=True).click()

    def open_device(self, name: str) -> None:
        """Go to a device's page."""
        self.open_waybill()
        self.device(name).click()
        self.page.locator("ha-config-device-page").wait_for()

    def offer_triggers(self, language: str = "en") -> None:
        """Open the list of Waybill's triggers in the automation editor."""
        self.go("/config/automation/edit/new")
        self.button(_ADD_TRIGGER[language]).click()
        dialog = self.page.locator("add-automation-element-dialog")
        dialog.get_by_text(_BY_TYPE[language], exact=True).click()
        dialog.get_by_text("Waybill", exact=True).first.click()
