"""Dates as carriers write them for people."""

from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.providers.written_dates import written_moment


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-08-24 22:47", datetime(2026, 8, 24, 22, 47)),
        ("2026-08-24T22:47:05", datetime(2026, 8, 24, 22, 47, 5)),
        ("2026-08-24T22:47:05.123", datetime(2026, 8, 24, 22, 47, 5)),
        ("2026/08/24, 22:47", datetime(2026, 8, 24, 22, 47)),
        ("24.08.2026 10:07", datetime(2026, 8, 24, 10, 7)),
        ("04.08.2026 10:07 Uhr", datetime(2026, 8, 4, 10, 7)),
        ("August 24, 2026 22:47", datetime(2026, 8, 24, 22, 47)),
        ("Friday, March 3, 2026 12:00 PM", datetime(2026, 3, 3, 12)),
        ("Fri, Mar. 3 2026 at 12:05 a.m.", datetime(2026, 3, 3, 0, 5)),
        ("February 14, 2026 04:27 PM EST", datetime(2026, 2, 14, 16, 27)),
        ("3 Sept 2026, 09:05", datetime(2026, 9, 3, 9, 5)),
        ("24/08/2026 22:47", datetime(2026, 8, 24, 22, 47)),
        ("08/24/2026 10:47 PM", datetime(2026, 8, 24, 22, 47)),
        ("05/05/2026 10:47", datetime(2026, 5, 5, 10, 47)),
        ("2026-08-24T22:47:05Z", datetime(2026, 8, 24, 22, 47, 5, tzinfo=UTC)),
        ("2026-08-24 22:47 UTC", datetime(2026, 8, 24, 22, 47, tzinfo=UTC)),
        (
            "2026-08-24T22:47:05-05:00",
            datetime(2026, 8, 24, 22, 47, 5, tzinfo=timezone(timedelta(hours=-5))),
        ),
        (
            "August 24, 2026 22:47 GMT+8",
            datetime(2026, 8, 24, 22, 47, tzinfo=timezone(timedelta(hours=8))),
        ),
        ("2026-08-24", date(2026, 8, 24)),
        ("Monday, August 24, 2026", date(2026, 8, 24)),
        ("24.08.2026", date(2026, 8, 24)),
    ],
)
def test_what_cannot_be_mistaken_is_read(written: str, moment: datetime | date) -> None:
    told = written_moment(written)
    assert told == moment
    assert type(told) is type(moment)
    assert getattr(told, "tzinfo", None) == getattr(moment, "tzinfo", None)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "--//--",
        "yesterday",
        "9999-12-31",
        "31.12.9999",
        "letzten Dienstag",
        "04/08/2026 10:07",
        "4-8-2026",
        "Monday, August 24 11:14 AM",
        "24 août 2026 11:14",
        "08.24.2026 10:07",
        "13/13/2026",
        "2026-02-30 10:00",
        "2026-08-24 25:00",
        "2026-08-24 13:00 PM",
        "2026-08-24 at noon",
        "2026-08-24 22:47 GMT+99",
        "24.08.26 10:07",
        "0001-01-01 00:00",
    ],
)
def test_what_can_be_mistaken_is_left_as_it_was_written(written: str) -> None:
    assert written_moment(written) is None


@given(st.text() | st.from_regex(r"\d{1,4}[-/.]\d{1,4}[-/.]\d{1,4} \d\d?:\d\d .*"))
def test_any_text_can_be_read(written: str) -> None:
    written_moment(written)
