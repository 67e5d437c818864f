"""The card: chosen, arranged, and moving on by itself; and the finished dashboard."""

from playwright.sync_api import expect
import pytest

from .card import Card, say
from .conftest import OpenFrontend
from .frontend import Frontend
from .house import House
from .texts import stage, text

pytestmark = pytest.mark.browser

PLAYED = "LP00619004520202"
"""A parcel of this file alone."""


def offer_cards(window: Frontend, path: str) -> None:
    """Open the list of what can be put on a dashboard."""
    window.go(f"/{path}/0?edit=1")
    window.button("Add card").first.click()


def test_the_card_is_picked_arranged_and_kept(
    house: House, open_frontend: OpenFrontend
) -> None:
    house.show_cards("card-picked")
    window = open_frontend(house)
    page = window.page
    offer_cards(window, "card-picked")
    page.get_by_text("By card", exact=True).click()
    page.locator("hui-card-picker input").first.fill("Waybill")
    offered = page.locator("hui-card-picker .card").filter(has_text="Waybill")
    expect(offered.locator("waybill-card li.parcel").first).to_be_visible()
    window.picture("card_picker")
    offered.locator(".overlay").click()

    editor = page.locator("hui-dialog-edit-card")
    preview = editor.locator("waybill-card")
    expect(preview.locator("h2")).to_have_text(say("title"))
    editor.locator("ha-selector-text input").fill("On the way")
    expect(preview.locator("h2")).to_have_text("On the way")

    for name in ("in_transit", "out_for_delivery"):
        editor.locator("ha-checkbox").filter(has_text=stage(name)).click()
    stages = preview.locator(".stage")
    expect(stages.filter(has_text=stage("in_customs"))).to_have_count(0)
    expect(stages.filter(has_text=stage("in_transit")).first).to_be_visible()

    editor.locator("ha-selector-number input").fill("2")
    expect(preview.locator("li.parcel")).to_have_count(2)
    expect(preview.locator(".more")).to_be_visible()

    editor.locator("ha-select").first.click()
    editor.get_by_text(say("layout_compact"), exact=True).click()
    expect(preview).to_have_attribute("data-layout", "compact")
    expect(preview.locator(".stepper").first).to_be_hidden()
    window.picture("card_editor")

    editor.locator("ha-entities-picker ha-entity-picker").click()
    page.keyboard.type("Camera tripod")
    page.locator("ha-combo-box-item").filter(has_text="Camera tripod").first.click()
    expect(preview.locator("h3")).to_have_text(["Camera tripod"])

    editor.get_by_role("button", name="Save", exact=True).click()
    expect(editor.locator("ha-dialog")).to_be_hidden()
    window.button("Done").click()
    [section] = house.dashboard("card-picked")["views"][0]["sections"]
    [kept] = section["cards"]
    assert {key: kept[key] for key in ("title", "layout", "max_rows", "parcels")} == {
        "title": "On the way",
        "layout": "compact",
        "max_rows": 2,
        "parcels": ["sensor.camera_tripod"],
    }
    assert set(kept["stages"]) == {"in_transit", "out_for_delivery"}
    page.reload()
    expect(Card(window).parcel("Camera tripod")).to_be_visible()


def test_the_card_is_suggested_for_a_parcels_entity(
    house: House, open_frontend: OpenFrontend
) -> None:
    house.show_cards("card-suggested")
    window = open_frontend(house)
    offer_cards(window, "card-suggested")
    dialog = window.page.locator("hui-dialog-create-card")
    dialog.locator("input").first.fill("Drone propellers")
    dialog.locator("ha-combo-box-item").filter(has_text="Location").first.click()

    expect(dialog.locator("waybill-card h3")).to_have_text(["Drone propellers"])
    window.picture("card_suggested")


def test_a_new_dashboard_is_a_finished_page(
    house: House, open_frontend: OpenFrontend
) -> None:
    window = open_frontend(house)
    page = window.page
    window.go("/config/lovelace/dashboards")
    window.button("Add dashboard").click()
    offered = page.get_by_text(text("common.dashboard_description"), exact=True)
    expect(offered).to_be_visible()
    window.picture("new_dashboard")
    offered.click()
    window.finish("Create")

    page.goto(f"{house.url}/dashboard-waybill")
    for title in ("under_way", "attention", "recent"):
        heading = page.get_by_role("heading", name=text(f"common.dashboard_{title}"))
        expect(heading).to_be_visible()
    expect(Card(window).parcel("Drone propellers")).to_be_visible()
    expect(page.locator("hui-calendar-card")).to_be_visible()
    expect(page.locator("hui-entity-badge").first).to_be_visible()


def test_all_the_others_are_shown_when_one_wants_them(
    house: House, open_frontend: OpenFrontend
) -> None:
    house.show_cards("card-few", {"type": "custom:waybill-card", "max_rows": 3})
    window = open_frontend(house)
    window.go("/card-few")
    card = Card(window)
    expect(card.parcels).to_have_count(3)

    more = card.element.locator(".more")
    more.focus()
    window.page.keyboard.press("Enter")

    expect(more).to_be_hidden()
    assert card.parcels.count() > 10
    # Whoever reads on does so where the others begin.
    assert card.focused() == card.names()[3]


def test_a_configuration_that_cannot_be_right_is_told(
    house: House, open_frontend: OpenFrontend
) -> None:
    house.show_cards("card-wrong", {"type": "custom:waybill-card", "stages": ["lost"]})
    window = open_frontend(house)
    window.go("/card-wrong")
    expect(window.page.locator("hui-error-card")).to_be_visible()


def test_a_card_moves_on_while_one_looks_and_keeps_the_focus(
    house: House, open_frontend: OpenFrontend
) -> None:
    house.control(
        "journey", number=PLAYED, steps=[{"at_hours": -24, "what": "picked_up"}]
    )
    house.perform("add_parcel", tracking_number=PLAYED, name="Tulips")
    house.show_cards("card-moving", {"type": "custom:waybill-card"})
    window = open_frontend(house)
    window.go("/card-moving")
    card = Card(window)
    expect(card.stage("Tulips")).to_have_text(stage("shipped"))
    before = card.names().index("Tulips")
    card.parcel("Tulips").locator("button").focus()

    house.scan(PLAYED, "out_for_delivery")

    expect(card.stage("Tulips")).to_have_text(stage("out_for_delivery"))
    assert card.names().index("Tulips") < before
    assert card.focused() == "Tulips"


def test_a_card_comes_back_by_itself_after_a_restart(
    house: House, open_frontend: OpenFrontend
) -> None:
    house.show_cards("card-restarted", {"type": "custom:waybill-card"})
    window = open_frontend(house)
    window.go("/card-restarted")
    card = Card(window)
    expect(card.parcel("Bike lights")).to_be_visible()

    window.console.away = True
    house.restart()
    house.perform(
        "update_parcel", tracking_number="LP00619004520088", name="Bicycle lights"
    )

    expect(card.parcel("Bicycle lights")).to_be_visible()
    window.console.away = False
    card.open("Bicycle lights")
    card.close()
    house.perform(
        "update_parcel", tracking_number="LP00619004520088", name="Bike lights"
    )
    expect(card.parcel("Bike lights")).to_be_visible()
