"""What is done with parcels from the card: followed, looked at, renamed, archived ..."""

import re

from playwright.sync_api import expect
import pytest

from .card import Card, say
from .conftest import OpenFrontend
from .frontend import NARROW, Frontend
from .house import House
from .texts import text

pytestmark = pytest.mark.browser

MISTYPED = "9400 1112 0661 9004 5209 09"
MESSAGE = """Hello Robin,

your order 8199046250045004 has left our warehouse in three parcels.

Tracking number: LP 0061 9004 5203 01
Tracking number: LP00619004520318
Tracking number: LP00619004520044
"""
ASKED = "LP00619004520321"
REFUSED = re.compile(
    text("exceptions.refresh_refused_spacing.message", parcel=".*", until=r".*\d.*")
)
STEPS = [
    {"at_hours": -72, "what": "picked_up", "place": "Shenzhen", "country": "CN"},
    {"at_hours": -70, "what": "at_sorting", "place": "Shenzhen", "country": "CN"},
    {"at_hours": -20, "what": "arrived", "place": "Jamaica", "country": "US"},
]


@pytest.fixture
def window(house: House, open_frontend: OpenFrontend) -> Frontend:
    """Look at the demo's dashboard."""
    window = open_frontend(house)
    window.go("/")
    return window


def test_a_number_with_spaces_is_followed_by_the_name_it_is_given(
    house: House, window: Frontend
) -> None:
    card = Card(window)
    dialog = card.open_add()
    card.paste("lp 0061 9004 5203 26")
    expect(dialog.locator(".number")).to_have_text("LP00619004520326")
    expect(dialog.locator(".candidate .meta")).to_have_text("Cainiao")
    dialog.locator("ha-input input").fill("Rain boots")
    window.picture("card_number")

    card.follow()

    card.told(dialog, say("added", names="Rain boots"))
    # The next one can be pasted at once.
    expect(dialog.locator("textarea")).to_be_focused()
    card.close()
    expect(card.parcel("Rain boots")).to_be_visible()
    assert house.parcel("LP00619004520326")["name"] == "Rain boots"


def test_a_whole_message_shows_what_is_in_it_before_anything_is_followed(
    house: House, open_frontend: OpenFrontend
) -> None:
    window = open_frontend(house, size=NARROW)
    window.go("/")
    card = Card(window)
    dialog = card.open_add()

    card.paste("Your order 8199046250045004 will be sent soon.")
    card.told(dialog, say("found_none"))
    card.paste(MESSAGE)

    found = dialog.locator(".candidate")
    expect(found).to_have_count(3)
    followed = found.filter(has_text="LP00619004520044")
    expect(followed).to_contain_text(f"Drone propellers · {say('found_followed')}")
    expect(followed.get_by_role("checkbox")).to_be_disabled()
    found.filter(has_text="LP00619004520318").get_by_role("checkbox").uncheck()
    window.picture("card_message")
    card.follow()
    card.told(dialog, say("added", names="LP00619004520301"))
    assert house.parcel("LP00619004520301")["carrier"] == "cainiao"
    numbers = house.perform("get_parcels", include_events=False)["parcels"]
    assert "LP00619004520318" not in {each["tracking_number"] for each in numbers}


def test_a_mistyped_number_is_told_and_kept_on_purpose(
    house: House, window: Frontend
) -> None:
    card = Card(window)
    dialog = card.open_add()
    card.paste(MISTYPED)
    anyway = dialog.get_by_role("button", name=say("add_anyway"))
    card.follow()

    message = text("exceptions.mistyped.message", carrier="USPS")
    card.told(dialog, message)
    window.picture("card_mistyped")
    anyway.click()

    number = MISTYPED.replace(" ", "")
    card.told(dialog, say("added", names=MISTYPED))
    assert house.parcel(number)["tracking_number"] == number


def test_a_number_of_no_known_format_that_is_followed_already_names_its_parcel(
    house: House, window: Frontend
) -> None:
    house.perform("add_parcel", tracking_number="QX-777-0001", name="Odd shop")
    card = Card(window)
    dialog = card.open_add()
    card.paste("QX7770001")
    card.told(dialog, say("found_unknown"))
    card.follow()
    wrong = dialog.locator(".message[data-wrong]")
    expect(wrong).to_contain_text("Odd shop")


def test_the_whole_way_of_a_parcel_is_one_tap_away(window: Frontend) -> None:
    card = Card(window)
    dialog = card.open("Gift for Grandma in Lyon")

    expect(dialog.locator("h2.day")).not_to_have_count(0)
    expect(dialog.get_by_text("Shenzhen").first).to_be_visible()
    order = dialog.get_by_role("link", name=say("order_page"))
    expect(order).to_have_attribute(
        "href",
        "https://www.aliexpress.com/p/order/detail.html?orderId=8199046250023002",
    )
    expect(order).to_have_attribute("rel", "noopener noreferrer")
    expect(dialog.get_by_role("link", name=say("tracking_page"))).to_be_visible()
    window.picture("card_parcel")


def test_every_action_says_what_happened(house: House, window: Frontend) -> None:
    house.control("journey", number=ASKED, steps=STEPS)
    house.perform("add_parcel", tracking_number=ASKED, name="Kite", seller="Wind Store")
    page = window.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    card = Card(window)
    dialog = card.open("Kite")

    card.act("rename")
    expect(dialog.locator("ha-form input")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("Stunt kite")
    page.keyboard.press("Enter")
    card.told(dialog, say("renamed", name="Stunt kite"))
    assert house.parcel(ASKED)["name"] == "Stunt kite"
    assert card.focused() == "rename"

    card.act("message")
    letter = dialog.locator("textarea.letter")
    letter.press_sequentially("Dear shop,\n")
    card.press("copy")
    card.told(dialog, say("copied"))
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Dear shop,\n")
    assert ASKED in copied

    card.act("report")
    card.press("report_now")
    card.told(dialog, say("problem_missing"))
    dialog.get_by_text(text("selector.problem.options.damaged")).click()
    window.picture("card_report")
    card.press("report_now")
    card.told(dialog, say("reported"))
    expect(dialog.locator(".panel .message")).to_contain_text("Wind Store")
    expect(letter).to_have_value(re.compile(text("common.letter_wrong_damaged")))
    kinds = [alert["kind"] for alert in house.parcel(ASKED)["alerts"]]
    assert "problem_reported" in kinds

    card.act("export")
    card.press("export_now")
    card.told(dialog, say("exported"))
    file = dialog.get_by_role("link", name=say("export_open"))
    expect(file).to_be_focused()
    answer = page.request.get(str(file.get_attribute("href")))
    assert answer.body().startswith(b"%PDF-")

    card.act("archive")
    card.told(dialog, say("archived", name="Stunt kite"))
    window.picture("card_archived")
    expect(card.parcel("Stunt kite")).to_have_count(0)
    page.keyboard.press("Enter")
    card.told(dialog, say("restored"))
    assert card.focused() == "archive"
    card.close()
    expect(card.parcel("Stunt kite")).to_be_visible()


def test_asking_again_at_once_is_refused_with_the_time(window: Frontend) -> None:
    card = Card(window)
    dialog = card.open("Bike lights")
    told = dialog.locator(".message[role=status]")
    # When the real one refuses depends on how fast this machine clicks.
    window.page.locator("waybill-parcel-dialog").evaluate(_REFUSE)

    card.act("refresh")

    expect(told).to_have_text(REFUSED)
    assert card.focused() == "refresh"


_REFUSE = """dialog => {
  const refused = [{ reason: "spacing", retry_at: new Date(Date.now() + 300000).toISOString() }];
  const hass = {
    ...dialog.hass,
    callService: async () => ({ response: { asked: [], refused } }),
  };
  Object.defineProperty(dialog, "hass", { get: () => hass, set: () => {} });
}"""


def test_a_parcel_that_is_archived_elsewhere_can_still_be_looked_at(
    house: House, window: Frontend
) -> None:
    house.perform("add_parcel", tracking_number="LP00619004520334", name="Rope")
    card = Card(window)
    card.parcel("Rope").click()
    dialog = card.parcel_dialog
    expect(dialog.get_by_text(say("timeline_empty"))).to_be_visible()

    house.perform("archive_parcel", tracking_number="LP00619004520334")
    expect(card.parcel("Rope")).to_have_count(0)

    card.act("archive")
    card.told(dialog, say("archived", name="Rope"))
