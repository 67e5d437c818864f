"""What is read out of single fields."""

from datetime import UTC, date, datetime

import pytest

from custom_components.waybill.tracking.model import Estimate
from custom_components.waybill.tracking.providers import fields

DAY = date(2026, 5, 1)
NOON = datetime(2026, 5, 1, 12)
EVENING = datetime(2026, 5, 1, 18)


@pytest.mark.parametrize(
    ("start", "end", "estimate"),
    [
        (None, None, None),
        ("2026-05-01", None, Estimate(start=DAY)),
        ("2026-05-01T00:00:00Z", None, Estimate(start=DAY)),
        (None, "2026-05-01T00:00:00.000Z", Estimate(start=DAY, end=DAY)),
        ("2026-05-01T12:00:00", None, Estimate(start=NOON)),
        (None, "2026-05-01T12:00:00", Estimate(start=NOON, end=NOON)),
        (
            "2026-05-01T12:00:00",
            "2026-05-01T18:00:00",
            Estimate(start=NOON, end=EVENING),
        ),
        (
            "2026-05-01T12:00:00",
            "2026-05-01T12:00:00",
            Estimate(start=NOON, end=NOON),
        ),
        (
            "2026-05-01T00:00:00",
            "2026-05-03T00:00:00",
            Estimate(start=DAY, end=date(2026, 5, 3)),
        ),
        (
            "2026-05-01T00:00:00",
            "2026-05-01T12:00:00",
            Estimate(start=datetime(2026, 5, 1), end=NOON),
        ),
        ("garbage", ["2026-05-01"], None),
    ],
)
def test_midnight_stands_for_the_day(
    start: object, end: object, estimate: Estimate | None
) -> None:
    assert fields.estimate(start, end) == estimate


@pytest.mark.parametrize(
    "told",
    [253402300799999, -62135596800000, 10**400, True, 1.5, "1777600800000", None],
)
def test_an_epoch_beyond_the_calendar_is_none(told: object) -> None:
    assert fields.epoch_ms(told) is None


@pytest.mark.parametrize(
    "told",
    [
        "2026-05-01",
        "2026-02-30T10:00:00",
        "2026-05-01 at ten",
        "9999-12-31T23:00:00",
        "0001-01-01T00:00:00+14:00",
        20260501,
        None,
    ],
)
def test_what_is_no_date_and_time_is_none(told: object) -> None:
    assert fields.moment(told) is None


@pytest.mark.parametrize("told", ["9999-12-31", "0001-01-01", "0000-00-00"])
def test_a_day_at_the_edge_of_the_calendar_is_none(told: object) -> None:
    assert fields.day(told) is None
    assert fields.estimate(told, None) is None


def test_an_epoch_is_an_instant() -> None:
    assert fields.epoch_ms(1777600800417) == datetime(
        2026, 5, 1, 2, 0, 0, 417000, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ("Plain text", "Plain text"),
        ("  Two\t words\n", "Two words"),
        ("<b>Bold</b> &amp; bright", "Bold & bright"),
        ("right\u202eto left", "rightto left"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("Zürich\u00a0HB", "Zürich HB"),
        ("x" * 600, "x" * 500),
        (17, "17"),
        (True, ""),
        (None, ""),
        ({"text": "x"}, ""),
        pytest.param(10**5000, "", id="more digits than anybody prints"),
    ],
)
def test_a_text_is_one_clean_line(told: object, line: str) -> None:
    assert fields.text(told) == line


def test_a_day_ends_at_midnight() -> None:
    now = datetime(2026, 12, 31, 23, 59, 59, 5, tzinfo=UTC)
    assert fields.next_midnight(now) == datetime(2027, 1, 1, tzinfo=UTC)
