"""When a parcel comes or came, as a calendar and a list of things to do show it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.deliveries import (
    SHORTEST,
    Delivery,
    arrives_on,
    delivery_of,
    due,
    place_of,
)
from custom_components.waybill.tracking.estimates import window
from custom_components.waybill.tracking.model import Estimate, Stage
from custom_components.waybill.tracking.parcel import About, Parcel, snapshot

from .journeys import START, new_journal

PARIS = ZoneInfo("Europe/Paris")
HAVANA = ZoneInfo("America/Havana")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
NOON = datetime(2026, 6, 10, 12, tzinfo=PARIS)
CHRISTMAS = date(2026, 12, 24)
HOUR = timedelta(hours=1)


def parcel(
    stage: Stage = Stage.IN_TRANSIT,
    *promise: date | datetime,
    zone: ZoneInfo = PARIS,
    expected_by: date | datetime | None = None,
    **fields: Any,
) -> Parcel:
    """Return a parcel with a promise of its carrier, if any is given."""
    about = About(name="Shoes", expected_by=expected_by)
    promised = (
        window(Estimate(start=promise[0], end=promise[-1]), "dhl", zone)
        if promise
        else None
    )
    known = snapshot(new_journal(), about, (), zone, now=START)
    return replace(known, stage=stage, window=promised, **fields)


def test_a_promised_day_ends_as_the_next_begins() -> None:
    one_day = parcel(Stage.IN_TRANSIT, CHRISTMAS)
    assert delivery_of(one_day, PARIS) == Delivery(
        start=CHRISTMAS, end=date(2026, 12, 25), sure=False
    )
    assert due(one_day, PARIS) == CHRISTMAS
    days = parcel(Stage.IN_TRANSIT, CHRISTMAS, date(2026, 12, 27))
    assert delivery_of(days, PARIS) == Delivery(
        start=CHRISTMAS, end=date(2026, 12, 28), sure=False
    )
    assert due(days, PARIS) == date(2026, 12, 27)


def test_promised_hours_are_hours() -> None:
    hours = parcel(Stage.IN_TRANSIT, NOON, NOON + 2 * HOUR)
    assert delivery_of(hours, PARIS) == Delivery(
        start=NOON, end=NOON + 2 * HOUR, sure=False
    )
    assert due(hours, PARIS) == NOON + 2 * HOUR


def test_a_promised_moment_can_be_seen() -> None:
    moment = parcel(Stage.IN_TRANSIT, NOON)
    assert delivery_of(moment, PARIS) == Delivery(
        start=NOON, end=NOON + SHORTEST, sure=False
    )
    assert due(moment, PARIS) == NOON


@pytest.mark.parametrize("stage", list(Stage))
def test_only_what_is_in_the_van_or_was_brought_is_sure(stage: Stage) -> None:
    delivery = delivery_of(parcel(stage, CHRISTMAS), PARIS)
    if stage in (Stage.RETURNING, Stage.RETURNED):
        assert delivery is None
    else:
        assert delivery is not None
        assert delivery.sure is (
            stage in ("out_for_delivery", "ready_for_pickup", "delivered")
        )


def test_a_delivered_parcel_is_shown_when_it_came() -> None:
    came = parcel(Stage.DELIVERED, CHRISTMAS, delivered_at=NOON.astimezone(UTC))
    delivery = delivery_of(came, PARIS)
    assert delivery == Delivery(start=NOON, end=NOON + SHORTEST, sure=True)
    assert delivery.start.tzinfo is PARIS
    assert due(came, PARIS) is None


@pytest.mark.parametrize("known", ["delivered_at", "transit_to", "stage_since"])
def test_the_best_known_moment_of_a_delivery_counts(known: str) -> None:
    moments = dict.fromkeys(["delivered_at", "transit_to", "stage_since"])
    earlier = {"stage_since": NOON - 9 * HOUR, known: NOON}
    delivery = delivery_of(parcel(Stage.DELIVERED, **moments | earlier), PARIS)
    assert delivery is not None
    assert delivery.start == NOON


def test_what_the_person_was_promised_is_shown_where_no_carrier_promises() -> None:
    day = parcel(expected_by=CHRISTMAS)
    assert delivery_of(day, PARIS) == Delivery(
        start=CHRISTMAS, end=date(2026, 12, 25), sure=False
    )
    assert due(day, PARIS) == CHRISTMAS
    # Six o'clock is six o'clock at the door.
    hour = parcel(expected_by=datetime(2026, 12, 24, 18))
    six = datetime(2026, 12, 24, 18, tzinfo=PARIS)
    assert delivery_of(hour, PARIS) == Delivery(
        start=six, end=six + SHORTEST, sure=False
    )
    assert due(hour, PARIS) == six
    both = parcel(Stage.IN_TRANSIT, CHRISTMAS, expected_by=date(2026, 12, 1))
    assert due(both, PARIS) == CHRISTMAS
    assert delivery_of(both, PARIS) == delivery_of(day, PARIS)


def test_what_nobody_promised_is_not_shown() -> None:
    assert delivery_of(parcel(), PARIS) is None
    assert due(parcel(), PARIS) is None


@pytest.mark.parametrize(
    ("start", "end"),
    [
        # Half past two comes twice in the night of 25 October 2026.
        (
            datetime(2026, 10, 25, 2, 50, tzinfo=PARIS),
            datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=PARIS),
        ),
        (
            datetime(2026, 10, 25, 2, 50, tzinfo=PARIS),
            datetime(2026, 10, 25, 2, 50, tzinfo=PARIS),
        ),
        (
            datetime(2026, 10, 25, 2, 50, fold=1, tzinfo=PARIS),
            datetime(2026, 10, 25, 2, 50, fold=1, tzinfo=PARIS),
        ),
    ],
)
def test_a_calendar_can_show_the_hour_that_comes_twice(
    start: datetime, end: datetime
) -> None:
    """It reckons with the clock on the wall, and refuses what ends before it begins."""
    delivery = delivery_of(parcel(Stage.IN_TRANSIT, start, end), PARIS)
    assert delivery is not None
    assert delivery.start == start
    assert wall(delivery.end) - wall(delivery.start) >= SHORTEST
    assert delivery.end.astimezone(UTC) >= end.astimezone(UTC)


def wall(moment: date | datetime) -> datetime:
    """Return what a clock on the wall shows."""
    assert isinstance(moment, datetime)
    return moment.replace(tzinfo=None)


@given(
    zone=st.sampled_from([PARIS, HAVANA, LORD_HOWE]),
    start=st.datetimes(datetime(2026, 3, 1), datetime(2026, 12, 1)),
    length=st.timedeltas(timedelta(), timedelta(hours=3)),
)
def test_every_event_is_seen_and_hides_nothing_of_its_window(
    zone: ZoneInfo, start: datetime, length: timedelta
) -> None:
    begins = start.replace(tzinfo=UTC)
    promised = parcel(Stage.IN_TRANSIT, begins, begins + length, zone=zone)
    delivery = delivery_of(promised, zone)
    assert delivery is not None
    assert isinstance(delivery.start, datetime)
    assert isinstance(delivery.end, datetime)
    assert delivery.start.astimezone(UTC) == begins
    assert delivery.end.astimezone(UTC) >= begins + max(length, SHORTEST)
    assert wall(delivery.end) > wall(delivery.start)
    assert delivery.end.astimezone(UTC) <= begins + length + 2 * HOUR


@pytest.mark.parametrize(
    ("stage", "promise", "day"),
    [
        (Stage.IN_TRANSIT, CHRISTMAS, CHRISTMAS),
        (
            Stage.IN_TRANSIT,
            datetime(2026, 12, 24, 23, 30, tzinfo=UTC),
            date(2026, 12, 25),
        ),
        (Stage.OUT_FOR_DELIVERY, CHRISTMAS, NOON.date()),
        (Stage.READY_FOR_PICKUP, CHRISTMAS, None),
        (Stage.EXPIRED, CHRISTMAS, None),
        (Stage.RETURNING, CHRISTMAS, None),
        (Stage.DELIVERED, CHRISTMAS, None),
    ],
)
def test_somebody_rings_on_the_promised_day_or_today(
    stage: Stage, promise: date, day: date | None
) -> None:
    assert arrives_on(parcel(stage, promise), NOON.date(), PARIS) == day


def test_nobody_rings_where_nothing_was_promised() -> None:
    assert arrives_on(parcel(Stage.IN_TRANSIT), NOON.date(), PARIS) is None
    on_its_way = parcel(Stage.OUT_FOR_DELIVERY)
    assert arrives_on(on_its_way, NOON.date(), PARIS) == NOON.date()


@given(st.dates(), st.dates())
def test_what_is_promised_sooner_comes_first(one: date, other: date) -> None:
    first, second = sorted((one, other))
    assert place_of(parcel(expected_by=first), HAVANA) <= place_of(
        parcel(expected_by=second), HAVANA
    )
    assert place_of(parcel(expected_by=first), HAVANA) < place_of(parcel(), HAVANA)
