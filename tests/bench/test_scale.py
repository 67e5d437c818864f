"""What a shop costs in counts, which are the same everywhere; no time is held to."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from . import scale, scale_ratios
from .__main__ import main
from .scale_rows import ROWS
from .shop_costs import NEWS, Measured

pytestmark = pytest.mark.timeout(600)
"""Each shop is a process of its own."""


@pytest.fixture(scope="module")
def small() -> Measured:
    """Measure a shop all of whose parcels fit in one request."""
    return scale.shop(20, 0, 1)


@pytest.fixture(scope="module")
def large(small: Measured) -> Measured:
    """Measure one whose parcels do not, and which has an archive."""
    return scale.shop(60, 12, 1)


@pytest.fixture(params=["small", "large"])
def shop(request: pytest.FixtureRequest) -> Measured:
    """Measure both."""
    measured: Measured = request.getfixturevalue(request.param)
    return measured


def test_a_start_asks_about_nothing_that_is_not_due(shop: Measured) -> None:
    start = shop.acts["set_up"]
    assert (start.requests, start.files) == (0, 0)
    assert start.states > 0


def test_a_wake_up_at_which_nothing_is_due_does_nothing(shop: Measured) -> None:
    wake_up = shop.acts["wake_up"]
    assert (wake_up.requests, wake_up.states, wake_up.files) == (0, 0, 0)


def test_a_round_without_news_writes_nothing(shop: Measured) -> None:
    quiet = shop.acts["quiet"]
    assert quiet.requests >= 1
    assert (quiet.states, quiet.files, quiet.told) == (0, 0, 0)


def test_news_of_ten_costs_what_ten_cost(small: Measured, large: Measured) -> None:
    few, many = small.acts["news"], large.acts["news"]
    assert few.states == many.states
    assert few.files == many.files == 2 * NEWS  # a journal and an answer each
    assert few.bytes == pytest.approx(many.bytes, rel=0.05)
    assert few.told == pytest.approx(many.told, rel=0.05)


def test_an_archive_makes_nothing_larger(small: Measured, large: Measured) -> None:
    for act in ("add", "remove", "alert"):
        few, many = small.acts[act], large.acts[act]
        assert (few.states, few.files) == (many.states, many.files), act
        assert few.bytes == pytest.approx(many.bytes, rel=0.05), act


def test_a_life_leaves_as_many_rows_wherever_it_is_lived(
    small: Measured, large: Measured
) -> None:
    assert small.rows == large.rows
    assert small.rows.own > small.rows.events > 0


type Show = Callable[..., list[str]]


@pytest.fixture
def show(
    small: Measured,
    large: Measured,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Show:
    """Say a table of what was measured already; a thousand cost what is given."""
    monkeypatch.setattr(scale_ratios, "_FILE", tmp_path / "ratios.json")

    def _show(
        *options: str, kept: bool = True, thousand: Measured = large
    ) -> list[str]:
        shops = {10: small, 100: small, 1_000: thousand}
        monkeypatch.setattr(
            scale, "shop", lambda followed, archived, rounds: shops[followed]
        )
        assert main(["scale", *options]) == (0 if kept else 1)
        return capsys.readouterr().out.splitlines()

    return _show


def test_the_table_tells_all_and_what_is_promised(show: Show) -> None:
    said = show()
    rows = [line for line in said if line.startswith("| ")]
    assert len(rows) == len(ROWS) + 1
    assert all(line.count("|") == rows[0].count("|") for line in rows)
    assert sum("none: met" in line for line in rows) == 3


def test_a_count_that_is_not_as_promised_fails(show: Show, large: Measured) -> None:
    quiet = replace(large.acts["quiet"], files=1)
    worse = replace(large, acts={**large.acts, "quiet": quiet})
    said = show(kept=False, thousand=worse)
    assert any("none: **not met**" in line for line in said)


def test_what_became_worse_is_told(show: Show, large: Measured) -> None:
    assert show()[-1] == "There is no earlier run: keep this one with --save."
    show("--save")
    assert show()[-1].startswith("Nothing is worse than on ")
    worse = replace(large, memory=2 * large.memory)
    said = show(thousand=worse)
    assert said[-2].startswith("Worse than on ")
    assert said[-1].startswith("- memory, some to many: ")
