"""What a card with two hundred parcels costs a browser, and whether it stays calm."""

from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from playwright.sync_api import sync_playwright

from tests.browser.background import Background
from tests.browser.calm import Calm, follow_many, name_of, open_card
from tests.browser.frontend import Frontend, launch
from tests.browser.house import open_house

PARCELS: Final = 200
_MOVES: Final = ((0, "in_customs"), (7, "out_for_delivery"), (14, "delivered"))
_MEASURE: Final = """async (card) => {
  const told = await new Promise((resolve) =>
    card.hass.connection.subscribeMessage(resolve, { type: "waybill/parcels" }));
  const median = (times) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
  const time = (act, shown) => {
    const begun = performance.now();
    act();
    shown.getBoundingClientRect();
    return performance.now() - begun;
  };
  // The card itself in the page itself, told by us when it is told something.
  const another = async () => {
    let tell;
    const connection = {
      addEventListener() {},
      removeEventListener() {},
      async subscribeMessage(take) { tell = take; return () => {}; },
    };
    const hass = { ...card.hass, connection };
    const made = document.createElement("waybill-card");
    made.setConfig({ max_rows: told.parcels.length, show_delivered: "all" });
    made.hass = hass;
    card.parentElement.append(made);
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { made, hass, tell };
  };
  const first = [];
  const update = [];
  const elsewhere = [];
  for (let round = 0; round < 5; round++) {
    const { made, hass, tell } = await another();
    first.push(time(() => tell({ parcels: told.parcels }), made));
    for (let again = 0; again < 10; again++) {
      const parcel = { ...told.parcels[again], notes: `${again}`, name: `News ${again}` };
      update.push(time(() => tell({ changed: [parcel], removed: [] }), made));
      elsewhere.push(time(() => { made.hass = { ...hass }; }, made));
    }
    made.remove();
  }
  return { first: median(first), update: median(update), elsewhere: median(elsewhere) };
}"""
_SCROLL: Final = """() => new Promise((resolve) => {
  const page = document.scrollingElement;
  const frames = [];
  let last = performance.now();
  const begun = last;
  const step = (now) => {
    frames.push(now - last);
    last = now;
    page.scrollTop += 40;
    if (now - begun < 3000) requestAnimationFrame(step);
    else {
      frames.shift();
      const scrolled = page.scrollTop;
      resolve({ scrolled, a_second: frames.length / 3, longest: Math.max(...frames) });
    }
  };
  requestAnimationFrame(step);
})"""

type Say = Callable[[str], None]


def report(say: Say, *, quick: bool = False) -> bool:
    """Measure, say it as a table, and return whether all is as promised."""
    count = 30 if quick else PARCELS
    with (
        Background() as background,
        open_house(background) as house,
        TemporaryDirectory() as pictures,
        sync_playwright() as playwright,
        launch(playwright) as browser,
    ):
        follow_many(house, count)
        window = Frontend(browser, house.url, Path(pictures))
        calm = open_card(house, window, count)
        elsewhere = _elsewhere(calm)
        others = list(_others(calm))
        window.go("/profile")
        calm = open_card(house, window, count)
        scrolled = window.page.evaluate(_SCROLL)
        took = calm.card.evaluate(_MEASURE)
        window.close()
    for line in _table(count, elsewhere, others, took, scrolled):
        say(line)
    return elsewhere == 0 and not others


def _elsewhere(calm: Calm) -> int:
    """Count what is touched while states change that are none of the parcels'."""
    with calm.watch() as touched:
        for state in range(5):
            calm.change_elsewhere(str(state))
    return len(touched)


def _others(calm: Calm) -> Iterable[str]:
    """Name what is touched besides the rows of the parcels that change."""
    for place, to in _MOVES:
        name = name_of(place)
        with calm.watch() as touched:
            calm.move(name, to)
        yield from sorted(set(touched) - {name})


def _table(
    count: int,
    elsewhere: int,
    others: list[str],
    took: dict[str, float],
    scrolled: dict[str, Any],
) -> Iterable[str]:
    yield f"| {count} parcels on one card | measured | promised |"
    yield "|---|---|---|"
    yield f"| touched by five state changes elsewhere | {elsewhere} | 0 |"
    yield f"| other rows touched by {len(_MOVES)} parcels that move | {len(others)} | 0 |"
    yield f"| first rendering | {took['first']:.0f} ms | |"
    yield f"| one parcel changes | {took['update']:.1f} ms | |"
    yield f"| a state changes elsewhere | {took['elsewhere']:.2f} ms | |"
    yield (
        f"| frames while scrolling | {scrolled['a_second']:.0f} a second,"
        f" the longest {scrolled['longest']:.0f} ms | |"
    )
    if others:
        yield ""
        yield f"Touched besides: {', '.join(others)}"
