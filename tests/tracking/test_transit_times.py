"""How long parcels took on a route: laws of what is kept, and of what is typical."""

from datetime import UTC, datetime, timedelta
import json
from random import Random
from statistics import median
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.model import Stage
from custom_components.waybill.tracking.parcel import About, Parcel, snapshot
from custom_components.waybill.tracking.transit_times import (
    FEWEST,
    MOST_OF_A_ROUTE,
    MOST_ROUTES,
    Route,
    Sample,
    TransitHistory,
    Typical,
    route_of,
    sample_of,
)
from homeassistant.helpers.json import json_bytes

from .journeys import START, new_journal

DAY = timedelta(days=1)
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
ROUTE = Route("cainiao", "CN", "FR")
OTHER_ROUTE = Route("usps", None, "US")

parcel_ids = st.integers(0, 30).map(str)
samples = st.builds(
    Sample,
    st.floats(0.01, 400).map(lambda days: round(days, 2)),
    st.integers(0, 500).map(lambda hours: NOON + timedelta(hours=hours)),
)
histories = st.dictionaries(
    parcel_ids, st.tuples(st.sampled_from([ROUTE, OTHER_ROUTE]), samples)
)


def learned(history: dict[str, tuple[Route, Sample]]) -> TransitHistory:
    """Return a history that learned of each parcel."""
    known = TransitHistory()
    for parcel_id, (route, sample) in history.items():
        known.add(parcel_id, route, sample)
    return known


def told(history: TransitHistory) -> dict[Route, dict[str, list[Any]]]:
    """Return all samples of a history, whatever their order."""
    return {Route(*r["route"]): r["samples"] for r in history.as_dict()["routes"]}


def of_days(*days: float) -> Typical | None:
    """Return what is typical where parcels took so many days."""
    history = TransitHistory()
    for count, one in enumerate(days):
        history.add(str(count), ROUTE, Sample(one, NOON))
    return history.typical(ROUTE)


@given(histories, st.randoms(use_true_random=False))
def test_the_order_of_samples_makes_no_difference(
    history: dict[str, tuple[Route, Sample]], random: Random
) -> None:
    shuffled = list(history.items())
    random.shuffle(shuffled)
    assert told(learned(dict(shuffled))) == told(learned(history))


@given(st.lists(st.tuples(parcel_ids, samples)), st.randoms(use_true_random=False))
def test_what_is_told_again_makes_no_difference(
    tellings: list[tuple[str, Sample]], random: Random
) -> None:
    latest = {parcel_id: (ROUTE, sample) for parcel_id, sample in tellings}
    history = TransitHistory()
    for parcel_id, sample in tellings:
        history.add(parcel_id, ROUTE, sample)
    for parcel_id, (route, sample) in latest.items():
        assert history.add(parcel_id, route, sample) == set()
    assert told(history) == told(learned(latest))


@given(st.lists(samples, min_size=FEWEST, max_size=MOST_OF_A_ROUTE))
def test_what_is_typical_lies_between_the_fastest_and_the_slowest(
    all_samples: list[Sample],
) -> None:
    days = [sample.days for sample in all_samples]
    typical = of_days(*days)
    assert typical is not None
    assert typical.parcels == len(days)
    fastest, slowest = round(min(days), 1), round(max(days), 1)
    assert fastest <= typical.median_days <= typical.p90_days <= slowest
    assert typical.median_days == round(median(days), 1)


@pytest.mark.parametrize("count", range(FEWEST))
def test_of_fewer_than_five_nothing_is_said(count: int) -> None:
    assert of_days(*[10] * count) is None
    assert of_days(*[10] * FEWEST) == Typical(
        median_days=10, p90_days=10, parcels=FEWEST
    )


def test_days_have_one_decimal() -> None:
    assert of_days(10.21, 11.07, 12.26, 13.33, 20.99, 31.5) == Typical(
        median_days=12.8, p90_days=26.2, parcels=6
    )


def test_only_the_newest_of_a_route_count() -> None:
    """Also where an old one is read again after a restart."""
    history = TransitHistory()
    count = MOST_OF_A_ROUTE + 20
    for n in reversed(range(count)):
        history.add(str(n), ROUTE, Sample(n + 1, NOON + n * DAY))
    kept = {str(n) for n in range(20, count)}
    assert told(history)[ROUTE].keys() == kept
    assert history.add("0", ROUTE, Sample(1, NOON)) == set()
    assert told(history)[ROUTE].keys() == kept
    typical = history.typical(ROUTE)
    assert typical is not None
    assert typical.parcels == MOST_OF_A_ROUTE


def test_the_route_that_was_quiet_for_longest_makes_room() -> None:
    history = TransitHistory()
    for n in range(MOST_ROUTES + 1):
        route = Route(f"carrier_{n}", None, None)
        changed = history.add(f"{n}", route, Sample(5, NOON + n * DAY))
    assert len(history.routes) == MOST_ROUTES
    assert changed == {Route("carrier_0", None, None), route}
    assert Route("carrier_0", None, None) not in history.routes


def test_a_parcel_counts_on_one_route_only() -> None:
    history = TransitHistory()
    assert history.add("1", OTHER_ROUTE, Sample(5, NOON)) == {OTHER_ROUTE}
    assert history.add("1", ROUTE, Sample(5, NOON)) == {OTHER_ROUTE, ROUTE}
    assert set(history.routes) == {ROUTE}


@given(histories)
def test_what_is_forgotten_leaves_no_trace(
    history: dict[str, tuple[Route, Sample]],
) -> None:
    known = learned(history)
    for parcel_id, (route, _) in history.items():
        assert known.forget(parcel_id) == {route}
        assert known.forget(parcel_id) == set()
    assert told(known) == {}
    assert not known.routes


@given(histories)
def test_all_is_there_again_after_a_restart(
    history: dict[str, tuple[Route, Sample]],
) -> None:
    known, again = learned(history), TransitHistory()
    again.restore(json.loads(json.dumps(known.as_dict())))
    assert told(again) == told(known)


@pytest.mark.parametrize(
    "damaged",
    [
        {},
        {"routes": None},
        {"routes": "nonsense"},
        {"routes": [None, 7, {}, {"route": ["x"]}, {"route": ["a", "b", "c"]}]},
        {"routes": [{"route": ["a", "b", "c"], "samples": 7}]},
        {"routes": [{"route": ["a", "b", "c"], "samples": {"1": None, "2": [3]}}]},
        {
            "routes": [
                {
                    "route": ["a", "b", "c"],
                    "samples": {
                        "1": ["many", NOON.isoformat()],
                        "2": [3, "yesterday"],
                        "3": [3, "2026-06-10T12:00:00"],
                        "4": [-3, NOON.isoformat()],
                        "5": ["nan", NOON.isoformat()],
                        "much": [10**400, NOON.isoformat()],
                        "endless": [1e300, NOON.isoformat()],
                        "6": [3, 7],
                    },
                }
            ]
        },
    ],
)
def test_what_is_damaged_is_left_out(damaged: dict[str, Any]) -> None:
    history = TransitHistory()
    history.restore(damaged)
    assert not history.routes


def test_what_lies_beside_something_damaged_is_kept() -> None:
    history = TransitHistory()
    good = {"route": list(ROUTE), "samples": {"1": [3, NOON.isoformat()], "2": None}}
    half = good | {"samples": {"\ud800": [3.0, NOON.isoformat()]}}
    history.restore({"routes": [None, good | {"route": ["\ud800", "CN", "US"]}, half]})
    json_bytes(history.as_dict())
    history.restore({"routes": [None, good | {"samples": None}, good]})
    assert told(history) == {ROUTE: {"1": [3, NOON.isoformat()]}}


def parcel(stage: Stage = Stage.DELIVERED, **fields: Any) -> Parcel:
    """Return a parcel that took ten days and a half, unless it is said otherwise."""
    known = snapshot(new_journal(), About(name="Shoes"), (), UTC, now=START)
    times = {"shipped_at": START, "delivered_at": START + 10.5 * DAY}
    changed = {"stage": stage, "carrier": "cainiao", **times, **fields}
    return Parcel(
        **{name: getattr(known, name) for name in Parcel.__dataclass_fields__} | changed
    )


def test_a_delivered_parcel_is_a_sample() -> None:
    assert sample_of(parcel()) == Sample(10.5, START + 10.5 * DAY)


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage != "delivered"])
def test_a_parcel_that_is_not_at_the_door_is_none(stage: Stage) -> None:
    assert sample_of(parcel(stage)) is None


@pytest.mark.parametrize(
    "unknown",
    [
        {"shipped_at": None},
        {"delivered_at": None},
        {"shipped_at": START + 10.5 * DAY},
        {"shipped_at": START + 11 * DAY},
    ],
)
def test_no_clock_is_trusted_that_tells_of_no_journey(unknown: dict[str, Any]) -> None:
    assert sample_of(parcel(**unknown)) is None


def test_a_route_is_a_carrier_and_two_countries() -> None:
    there = parcel(origin_country="CN", destination_country="FR")
    assert route_of(there) == ROUTE
    assert route_of(parcel()) == Route("cainiao", None, None)
    assert route_of(parcel(carrier=None)) is None
