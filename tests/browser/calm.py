"""A card with many parcels, watched for what is touched that need not be."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any, Final

from playwright.sync_api import Locator, expect

from tests.demo.client import Client
from tests.demo.home import Home
from tests.demo.parcels import set_up_waybill
from tests.simulator import numbers

from .frontend import Frontend
from .house import House
from .texts import stage

_ELSEWHERE: Final = "sensor.elsewhere"
_DASHBOARD: Final = "calm-parcels"
_KINDS: Final = (
    ("departed",),
    ("label_made",),
    ("picked_up",),
    ("departed", "import_started"),
    ("departed", "import_started", "import_cleared"),
    ("departed", "at_depot"),
    ("departed", "handed_over"),
)
"""What was scanned of a parcel, one after the other."""
_FIRST: Final = 619_004_530_000
_AT_ONCE: Final = 10
_NEWS_WITHIN: Final = 240
"""Seconds in which the carrier tells of all of them: it is asked about some at a time."""
_PLACE: Final = "Sorting centre"
_WATCH: Final = """(card) => {
  const rowOf = (node) =>
    (node instanceof Element ? node : node.parentElement)?.closest("[data-parcel]");
  const nameOf = (node) => {
    const row = rowOf(node);
    return row ? row.querySelector("bdi").textContent : node.nodeName;
  };
  const touched = ({ target, addedNodes, removedNodes }) =>
    rowOf(target) || !(addedNodes.length || removedNodes.length)
      ? [nameOf(target)]
      : [...addedNodes, ...removedNodes].map(nameOf);
  card.watched = [];
  const take = (records) => card.watched.push(...records.flatMap(touched));
  card.watcher = new MutationObserver(take);
  card.watcher.observe(card.shadowRoot, {
    attributes: true, characterData: true, childList: true, subtree: true,
  });
}"""
_WATCHED: Final = """(card) => {
  const { watched, watcher } = card;
  // What is on its way to the watcher is taken with it.
  return new Promise((resolve) => setTimeout(() => {
    watcher.disconnect();
    resolve(watched);
  }, 300));
}"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Calm:
    """A window with one card, which shows all parcels of a house."""

    house: House
    card: Locator

    @contextmanager
    def watch(self) -> Iterator[list[str]]:
        """Note what is touched in the card: a parcel's name, or an element's.

        The list is filled at the end; once for each mutation.
        """
        touched: list[str] = []
        self.card.evaluate(_WATCH)
        yield touched
        touched += self.card.evaluate(_WATCHED)

    def change_elsewhere(self, state: str) -> None:
        """Let a state change that is none of Waybill's, and wait until it is here."""
        path = f"api/states/{_ELSEWHERE}"
        self.house.do(self.house.client.rest("POST", path, {"state": state}))
        handle = self.card.element_handle()
        self.card.page.wait_for_function(
            f"([card, state]) => card.hass.states['{_ELSEWHERE}']?.state === state",
            arg=[handle, state],
        )

    def move(self, name: str, to: str) -> None:
        """Let a parcel come into a stage, and wait until its row says so."""
        row = self.row(name)
        self.house.perform(
            "record_event",
            parcel_id=row.get_attribute("data-parcel"),
            stage=to,
            description="Seen by hand",
        )
        expect(row.locator(".stage")).to_have_text(stage(to))

    def row(self, name: str) -> Locator:
        """Return a parcel's row."""
        exact = self.card.page.get_by_text(name, exact=True)
        return self.card.locator("[data-parcel]").filter(has=exact)

    def names(self) -> list[str]:
        """Return the parcels from the top to the bottom."""
        names: list[str] = self.card.locator("[data-parcel] h3").all_text_contents()
        return names


def name_of(place: int) -> str:
    """Return the name of a parcel; each seventh is in the same stage."""
    return f"Parcel {place:03}"


def follow_many(house: House, count: int) -> None:
    """Follow so many parcels whose last scan is some days old; wait for it."""
    house.do(_follow_many(house.client, house.home, count))
    until = monotonic() + _NEWS_WITHIN
    while any(
        parcel["stage"] == "pending"
        for parcel in house.perform("get_parcels", include_events=False)["parcels"]
    ):
        assert monotonic() < until
        sleep(0.5)


def open_card(house: House, window: Frontend, count: int) -> Calm:
    """Open a dashboard with one card, and wait until it shows all parcels."""
    house.do(_add_dashboard(house.client, count))
    window.go(f"/{_DASHBOARD}")
    card = window.page.locator("waybill-card")
    expect(card.locator("[data-parcel]")).to_have_count(count)
    return Calm(house=house, card=card)


async def _follow_many(client: Client, home: Home, count: int) -> None:
    await set_up_waybill(client)
    for begin in range(0, count, _AT_ONCE):
        places = range(begin, min(begin + _AT_ONCE, count))
        await asyncio.gather(*(_follow(client, home, place) for place in places))


async def _follow(client: Client, home: Home, place: int) -> None:
    number = numbers.cainiao(_FIRST + place)
    kinds = _KINDS[place % len(_KINDS)]
    steps: list[dict[str, Any]] = [
        {"at_hours": hours, "what": kind, "place": _PLACE, "country": "FR"}
        for hours, kind in zip(range(-120, 0, 20), kinds, strict=False)
    ]
    await home.control(
        "journey", {"number": number, "destination": "FR", "steps": steps}
    )
    await client.perform("add_parcel", tracking_number=number, name=name_of(place))


async def _add_dashboard(client: Client, count: int) -> None:
    dashboards = await client.command("lovelace/dashboards/list")
    if any(dashboard["url_path"] == _DASHBOARD for dashboard in dashboards):
        return
    card = {"type": "custom:waybill-card", "max_rows": count, "show_delivered": "all"}
    await client.command(
        "lovelace/dashboards/create", url_path=_DASHBOARD, title="Calm"
    )
    await client.command(
        "lovelace/config/save",
        url_path=_DASHBOARD,
        config={"views": [{"type": "panel", "cards": [card]}]},
    )
