"""When a parcel is promised: told for the person's door."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.estimates import (
    Window,
    best_window,
    deadline,
    window,
)
from custom_components.waybill.tracking.journal import Journal, merge
from custom_components.waybill.tracking.model import Estimate, Leg, Stage

from .journeys import NEXT_NUMBER, NUMBER, START, answer, event, new_journal

PARIS = ZoneInfo("Europe/Paris")
SECOND = timedelta(seconds=1)
DAY = date(2026, 6, 10)
ZONES = [
    ZoneInfo(name)
    for name in (
        "America/Havana",  # the clock goes back to midnight
        "America/New_York",
        "America/Nuuk",
        "America/Santiago",  # the clock goes back, and forward, at midnight
        "Asia/Kolkata",
        "Atlantic/Azores",
        "Australia/Lord_Howe",  # by half an hour
        "Europe/Paris",
        "Pacific/Kiritimati",
        "UTC",
    )
]
CHANGES = [
    (day, zone)
    for zone in ZONES
    for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(365))
    if datetime.combine(day, time.min, zone).utcoffset()
    != datetime.combine(day + timedelta(days=1), time.min, zone).utcoffset()
]
"""Days of more or fewer than 24 hours."""
zones = st.sampled_from(ZONES)
walls = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31))
days = st.one_of(st.sampled_from(CHANGES), st.tuples(walls.map(datetime.date), zones))


def told(start: datetime | date, end: datetime | date | None = None) -> Window:
    """Return what a promise means to a home in Paris."""
    return window(Estimate(start=start, end=end), "dhl", PARIS)


def paris(hour: int, minute: int = 0, second: int = 0) -> datetime:
    """Return a moment of the day in Paris."""
    return datetime.combine(DAY, time(hour, minute, second), PARIS)


@given(days)
def test_a_date_alone_is_that_whole_day_at_home(
    day_and_zone: tuple[date, ZoneInfo],
) -> None:
    """Also on the days on which the clock is changed, be it at midnight."""
    day, zone = day_and_zone
    promise = window(Estimate(start=day), "dhl", zone)
    tomorrow = datetime.combine(day + timedelta(days=1), time.min, zone)
    assert promise.start == datetime.combine(day, time.min, zone)
    assert promise.end.astimezone(UTC) + SECOND == tomorrow.astimezone(UTC)
    assert deadline(day, zone) == promise.end
    assert promise.all_day


@given(
    days,
    st.times(),
    st.none() | st.timedeltas(timedelta(hours=-3), timedelta(hours=30)),
    st.sampled_from((None, UTC, timezone(timedelta(hours=8)))),
)
def test_a_window_begins_before_it_ends_in_the_homes_zone(
    day_and_zone: tuple[date, ZoneInfo],
    hours: time,
    length: timedelta | None,
    told_in: timezone | None,
) -> None:
    day, zone = day_and_zone
    wall = datetime.combine(day, hours)
    start = wall.replace(tzinfo=told_in)
    end = start + length if length is not None else None
    promise = window(Estimate(start=start, end=end), "dhl", zone)
    assert promise.start.astimezone(UTC) <= promise.end.astimezone(UTC)
    assert promise.start.tzinfo is promise.end.tzinfo is zone
    if told_in is None:
        assert promise.start.replace(tzinfo=None) == wall
    else:
        assert promise.start.astimezone(UTC) == start.astimezone(UTC)
    if end is None:
        assert promise.end.date() == promise.start.date()


def test_days_last_to_the_end_of_the_last() -> None:
    promise = told(DAY, DAY + timedelta(days=2))
    assert promise.start == paris(0)
    assert promise.end == paris(23, 59, 59) + timedelta(days=2)
    assert promise.all_day


def test_a_naive_time_is_read_on_the_clock_at_home() -> None:
    promise = told(datetime(2026, 6, 10, 9), datetime(2026, 6, 10, 13))
    assert (promise.start, promise.end) == (paris(9), paris(13))
    assert not promise.all_day


def test_an_instant_is_told_by_the_clock_at_home() -> None:
    promise = told(
        datetime(2026, 6, 10, 7, tzinfo=UTC), datetime(2026, 6, 10, 11, tzinfo=UTC)
    )
    assert promise.start.isoformat() == "2026-06-10T09:00:00+02:00"
    assert promise.end.isoformat() == "2026-06-10T13:00:00+02:00"


def test_a_window_without_an_end_ends_with_its_first_day() -> None:
    promise = told(datetime(2026, 6, 10, 9))
    assert (promise.start, promise.end) == (paris(9), paris(23, 59, 59))
    # Which day that is depends on where the door is.
    late = datetime(2026, 6, 9, 23, tzinfo=UTC)
    assert told(late).end == paris(23, 59, 59)


def test_a_window_that_ends_before_it_begins_ends_at_once() -> None:
    promise = told(datetime(2026, 6, 10, 9), datetime(2026, 6, 9, 9))
    assert promise.end == promise.start == paris(9)


def test_half_an_hour_in_which_the_clock_goes_back_is_half_an_hour() -> None:
    """From 2:45 to 2:15 in Paris, by the clock on the wall."""
    start = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)
    promise = told(start, start + timedelta(minutes=30))
    assert promise.end.isoformat() == "2026-10-25T02:15:00+01:00"


def test_a_day_and_an_hour_are_no_whole_days() -> None:
    promise = told(DAY, datetime(2026, 6, 10, 18))
    assert (promise.start, promise.end) == (paris(0), paris(18))
    assert not promise.all_day


@pytest.mark.parametrize(
    ("promised", "passed"),
    [
        (DAY, paris(23, 59, 59)),
        (datetime(2026, 6, 10, 18), paris(18)),
        (datetime(2026, 6, 10, 18, tzinfo=UTC), paris(20)),
    ],
)
def test_what_a_person_expects_passes_at_the_persons_door(
    promised: date | datetime, passed: datetime
) -> None:
    assert deadline(promised, PARIS) == passed


def promising(*promises: tuple[str, str, date | None, bool], legs: int = 2) -> Journal:
    """Return a journal of promises: provider, number, day, scanned or not."""
    numbers = (NUMBER, NEXT_NUMBER)[:legs]
    journal = replace(
        new_journal(), legs=tuple(Leg(tracking_number=number) for number in numbers)
    )
    for provider, number, day, scanned in promises:
        scan = event(Stage.IN_TRANSIT, 1, number=number, provider=provider)
        said = answer(
            *([scan] if scanned else []),
            number=number,
            estimate=Estimate(start=day) if day is not None else None,
        )
        journal = merge(journal, provider, said, START)
    return journal


SOON, LATE = DAY, DAY + timedelta(days=9)


@pytest.mark.parametrize(
    ("promises", "day", "provider"),
    [
        # The last leg that was scanned goes first.
        (
            [("cainiao", NUMBER, LATE, True), ("dhl", NEXT_NUMBER, SOON, True)],
            SOON,
            "dhl",
        ),
        (
            [("dhl", NEXT_NUMBER, SOON, True), ("cainiao", NUMBER, LATE, True)],
            SOON,
            "dhl",
        ),
        # A label that nobody scanned yet promises little.
        (
            [("cainiao", NUMBER, LATE, True), ("dhl", NEXT_NUMBER, SOON, False)],
            LATE,
            "cainiao",
        ),
        # Little is more than nothing.
        (
            [("cainiao", NUMBER, None, True), ("dhl", NEXT_NUMBER, SOON, False)],
            SOON,
            "dhl",
        ),
        (
            [("cainiao", NUMBER, LATE, True), ("dhl", NEXT_NUMBER, None, True)],
            LATE,
            "cainiao",
        ),
        # On one leg, the provider nearest to the carrier.
        (
            [("seventeentrack", NUMBER, LATE, True), ("cainiao", NUMBER, SOON, True)],
            SOON,
            "cainiao",
        ),
        (
            [("seventeentrack", NUMBER, LATE, True), ("cainiao", NUMBER, SOON, False)],
            SOON,
            "cainiao",
        ),
    ],
)
def test_whoever_has_the_parcel_knows_best(
    promises: list[tuple[str, str, date | None, bool]], day: date, provider: str
) -> None:
    promise = best_window(promising(*promises), PARIS)
    assert promise is not None
    assert (promise.start.date(), promise.provider) == (day, provider)


def test_nobody_promises_nobody_guesses() -> None:
    assert best_window(new_journal(), PARIS) is None
    assert best_window(promising(("cainiao", NUMBER, None, True)), PARIS) is None


def test_what_was_said_of_another_number_counts_no_more() -> None:
    """The person corrected the number; the old track is still in the journal."""
    journal = promising(("dhl", NEXT_NUMBER, SOON, True))
    assert best_window(replace(journal, legs=journal.legs[:1]), PARIS) is None
