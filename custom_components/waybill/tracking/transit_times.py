"""How long parcels took on each route, from the home's own history.

What was is no promise: nothing here is ever told as an estimate.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import median, quantiles
from typing import Any, Final, NamedTuple

from .model import Stage
from .parcel import Parcel

FEWEST: Final = 5
"""Parcels below which nothing is said of a route."""
MOST_OF_A_ROUTE: Final = 100
MOST_ROUTES: Final = 300

_SECONDS_A_DAY: Final = 86_400
_MOST_DAYS: Final = 36_500
_TENTHS: Final = 10


class Route(NamedTuple):
    """Who carries a parcel, and between which countries (ISO 3166 alpha-2).

    A country that nobody told is None, and a route of its own.
    """

    carrier: str
    origin_country: str | None
    destination_country: str | None


class Sample(NamedTuple):
    """How many days a parcel took, and when it was delivered (aware)."""

    days: float
    delivered_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Typical:
    """The median and the 90th percentile, in days, and of how many parcels."""

    median_days: float
    p90_days: float
    parcels: int


def route_of(parcel: Parcel) -> Route | None:
    """Return a parcel's route; None while nobody knows who carries it."""
    if parcel.carrier is None:
        return None
    return Route(parcel.carrier, parcel.origin_country, parcel.destination_country)


def sample_of(parcel: Parcel) -> Sample | None:
    """Return how long a delivered parcel took, by the carriers' own clocks.

    None where the hand-in or the delivery is unknown, or is known only by when
    Waybill first saw it; where both are one scan; and of a parcel that went back.
    """
    start, end = parcel.shipped_at, parcel.delivered_at
    if parcel.stage is not Stage.DELIVERED or start is None or end is None:
        return None
    days = (end - start).total_seconds() / _SECONDS_A_DAY
    return Sample(round(days, 2), end) if days > 0 else None


class TransitHistory:
    """The newest samples of each route; a parcel counts once.

    Neither the order in which samples come nor one that comes twice makes a
    difference. What changes something returns the routes that it changed.
    """

    def __init__(self) -> None:
        """Begin without history."""
        self._samples: dict[Route, dict[str, Sample]] = {}
        self._routes: dict[str, Route] = {}

    @property
    def routes(self) -> Collection[Route]:
        """The routes of which there are samples."""
        return self._samples.keys()

    def typical(self, route: Route) -> Typical | None:
        """Return what is typical of a route; None of fewer than five parcels."""
        days = [sample.days for sample in self._samples.get(route, {}).values()]
        if len(days) < FEWEST:
            return None
        # Inclusive: what is typical lies between the fastest and the slowest.
        p90 = quantiles(days, n=_TENTHS, method="inclusive")[-1]
        return Typical(
            median_days=round(median(days), 1),
            p90_days=round(p90, 1),
            parcels=len(days),
        )

    def add(self, parcel_id: str, route: Route, sample: Sample) -> set[Route]:
        """Take a parcel's sample in.

        A parcel whose route is known better than before leaves the other one.
        """
        if self._samples.get(route, {}).get(parcel_id) == sample:
            return set()
        changed = self.forget(parcel_id)
        of_route = self._samples.setdefault(route, {})
        of_route[parcel_id] = sample
        self._routes[parcel_id] = route
        if len(of_route) > MOST_OF_A_ROUTE:
            oldest = min(of_route, key=lambda one: (of_route[one].delivered_at, one))
            self.forget(oldest)
            if oldest == parcel_id:
                return changed
        if len(self._samples) > MOST_ROUTES:
            for one in list(self._samples[min(self._samples, key=self._newest)]):
                changed |= self.forget(one)
        return changed | {route}

    def forget(self, parcel_id: str) -> set[Route]:
        """Leave a parcel out."""
        route = self._routes.pop(parcel_id, None)
        if route is None:
            return set()
        del self._samples[route][parcel_id]
        if not self._samples[route]:
            del self._samples[route]
        return {route}

    def as_dict(self) -> dict[str, Any]:
        """Return all samples as JSON types."""
        return {
            "routes": [
                {
                    "route": list(route),
                    "samples": {
                        parcel_id: [sample.days, sample.delivered_at.isoformat()]
                        for parcel_id, sample in of_route.items()
                    },
                }
                for route, of_route in self._samples.items()
            ]
        }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take up what ``as_dict`` returned; what is damaged is left out."""
        routes = stored.get("routes")
        for told in routes if isinstance(routes, list) else ():
            try:
                carrier, origin, destination = told["route"]
                route = Route(_text(carrier), _country(origin), _country(destination))
                samples = {_text(key): one for key, one in told["samples"].items()}
            except AttributeError, KeyError, TypeError, ValueError:
                continue
            for parcel_id, one in samples.items():
                sample = _sample(one)
                if sample is not None:
                    self.add(parcel_id, route, sample)

    def _newest(self, route: Route) -> tuple[datetime, str]:
        newest = max(sample.delivered_at for sample in self._samples[route].values())
        return newest, str(route)


def _sample(stored: Any) -> Sample | None:
    try:
        days, delivered_at = stored
        sample = Sample(float(days), datetime.fromisoformat(delivered_at))
    except OverflowError, TypeError, ValueError:
        return None
    known = sample.delivered_at.tzinfo is not None
    return sample if known and 0 < sample.days < _MOST_DAYS else None


def _country(stored: object) -> str | None:
    return _text(stored) if stored is not None else None


def _text(stored: object) -> str:
    """Return a text that can be stored again: not one with half a character."""
    text = str(stored)
    text.encode()
    return text
