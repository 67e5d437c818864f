"""What the card says of the days on which a parcel is expected."""

import pytest

from tests.demo.words import FRENCH

from .card import Card
from .conftest import OpenFrontend
from .frontend import Frontend
from .house import House
from .test_card_looks import reading

pytestmark = pytest.mark.browser

# Of the modules that the page has loaded already, words and all.
_SAY = """async ([from, to]) => {
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const { estimateOf } = await import(loaded.find((name) => name.endsWith("/estimate.js")));
  const { hass } = document.querySelector("home-assistant");
  const parcel = { stage: "in_transit", estimated_delivery: { from, to } };
  return estimateOf(parcel, new Date("2026-11-28T12:00:00Z"), hass).text;
}"""


def said(window: Frontend, first: str, last: str) -> str:
    """Return what is said on a Saturday of a promise from one day to another."""
    text: str = window.page.evaluate(
        _SAY, [f"2026-{first}T10:00:00Z", f"2026-{last}T15:00:00Z"]
    )
    return text


def test_days_are_named_while_they_are_near(
    house: House, open_frontend: OpenFrontend
) -> None:
    house.show_cards("card-words", {"type": "custom:waybill-card"})
    window = open_frontend(house)
    window.go("/card-words")
    Card(window).parcel("Camera tripod").wait_for()
    assert said(window, "11-30", "12-01") == "Expected Monday to Tuesday"
    assert said(window, "12-04", "12-06") == "Expected December 4 – 6"
    assert said(window, "11-27", "12-06") == "Expected December 6 at the latest"
    with reading(house, FRENCH):
        window.page.reload()
        Card(window).parcel("Camera tripod").wait_for()
        assert said(window, "11-30", "12-01") == "Arrivée\xa0: lundi – mardi"
        assert said(window, "12-04", "12-06") == "Arrivée\xa0: 4–6 décembre"
