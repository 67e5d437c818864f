"""Waybill's card and its dialogs, by what a person sees and clicks."""

from collections.abc import Sequence

from playwright.sync_api import Locator, expect

from .frontend import Frontend
from .texts import text

_FOLLOW = "common.card_add_now"
_TOLD_WITHIN = 60_000
"""Milliseconds that an action may take on a slow machine: a PDF takes longest."""
_FOCUSED = """() => {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return (focused?.getRootNode().host?.closest("[data-action]") ?? focused)?.dataset.action
    ?? focused?.textContent.trim().slice(0, 200);
}"""


def say(key: str, **placeholders: str) -> str:
    """Return a text of the card."""
    return text(f"common.card_{key}", **placeholders)


class Card:
    """One card on a page, and the dialogs that it opens."""

    def __init__(self, window: Frontend, at: int = 0) -> None:
        """Take the card at a place among those of the page."""
        self.element = window.page.locator("waybill-card").nth(at)
        self.parcels = self.element.locator("li.parcel")
        self.parcel_dialog = window.page.locator("waybill-parcel-dialog")
        self.add_dialog = window.page.locator("waybill-add-dialog")
        self._window = window

    def parcel(self, name: str) -> Locator:
        """Return the row of a parcel by its name."""
        button = self._window.page.get_by_role("button", name=name, exact=True)
        return self.parcels.filter(has=button)

    def stage(self, name: str) -> Locator:
        """Return what says how far a parcel is."""
        return self.parcel(name).locator(".stage")

    def names(self) -> Sequence[str]:
        """Return the names of the parcels that it shows, in their order."""
        names: list[str] = self.parcels.locator("h3").all_inner_texts()
        return names

    def open(self, name: str) -> Locator:
        """Open a parcel; returns its dialog, with its timeline."""
        self.parcel(name).click()
        expect(self.parcel_dialog.locator(".timeline > *").first).to_be_visible()
        return self.parcel_dialog

    def open_add(self) -> Locator:
        """Open the dialog in which a parcel is added."""
        self.element.locator(".add").click()
        expect(self.add_dialog.locator("textarea")).to_be_focused()
        return self.add_dialog

    def paste(self, pasted: str) -> None:
        """Paste something into the dialog in which a parcel is added."""
        self.add_dialog.locator("textarea").fill(pasted)

    def follow(self) -> None:
        """Follow what was found."""
        self._button(self.add_dialog, text(_FOLLOW)).click()

    def act(self, action: str) -> None:
        """Press one of the buttons of a parcel."""
        self.parcel_dialog.locator(f"[data-action={action}]").click()

    def press(self, key: str) -> None:
        """Press the button that a text of the card is written on."""
        self._button(self.parcel_dialog, say(key)).click()

    def told(self, dialog: Locator, message: str) -> None:
        """Wait until a dialog tells what happened."""
        shown = dialog.locator(".message[role=status]")
        expect(shown).to_have_text(message, timeout=_TOLD_WITHIN)

    def close(self) -> None:
        """Close the dialog."""
        self._window.page.keyboard.press("Escape")
        for dialog in (self.parcel_dialog, self.add_dialog):
            expect(dialog.locator("ha-dialog > .body")).not_to_be_visible()
        # A dialog that closes takes a step back in the window's history.
        self._window.page.wait_for_timeout(300)

    def focused(self) -> str | None:
        """Return which action has the focus, or what is written where it is."""
        focused: str | None = self._window.page.evaluate(_FOCUSED)
        return focused

    def _button(self, dialog: Locator, name: str) -> Locator:
        return dialog.get_by_role("button", name=name, exact=True)
