"""How fresh the news is: the plan against fixed intervals, at equal requests."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from custom_components.waybill.tracking.model import Stage
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.base import Limits

from .journeys import HOUR, SERVICES, World, journeys
from .places import TOLD, Place, Year, fixed_within_quota, planned, planned_at

START: Final = datetime(2026, 1, 5, tzinfo=UTC)
YEAR: Final = 364
INTERVALS: Final = (HOUR / 2, 3 * HOUR, 6 * HOUR)
QUICK: Final = (3 * HOUR,)
HOMES: Final = ZoneInfo("America/New_York")
SHOPS: Final = ZoneInfo("Europe/Paris")
NEVER_BELOW: Final = 3.0
"""How many times fresher the plan is to be in a home, at the median."""
HOLDS: Final = 2.0
"""And in a shop, and where the world is another than the rule believes."""
PROMISED: Final = (Stage.OUT_FOR_DELIVERY, Stage.DELIVERED)

WORLDS: Final = {
    "as written down": World(),
    "vans and doorbells two hours later": World(later=2),
    "customs half as fast": World(slow_customs=2),
    "vans on every day of the week": World(weekends=True),
}


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Fixed intervals and the plan at as many requests; ``every`` None: in turn."""

    every: timedelta | None
    wanted: timedelta
    eagerness: float
    fixed: Year
    plan: Year

    def ratio(self, stage: Stage) -> float:
        """Return how many times fresher the plan is at the median."""
        return self.fixed.delay(stage, 0.5) / self.plan.delay(stage, 0.5)

    def kept(self, limits: Limits, at_least: float) -> bool:
        """Whether no quota was passed, and the news as fresh as it is to be.

        At as many requests: a plan that keeps a spacing of its own makes fewer.
        """
        if limits.per_day is not None and self.plan.busiest > limits.per_day:
            return False
        if self.every is None or self.plan.total < 0.97 * self.fixed.total:
            return True
        return min(self.ratio(stage) for stage in PROMISED) >= at_least


def homes(
    provider: str,
    count: int,
    *,
    days: int = YEAR,
    seed: int = 0,
    world: World | None = None,
) -> list[Place]:
    """Return homes that order twice a week, each with parcels of its own."""
    return [
        journeys(
            SERVICES[provider],
            zone=HOMES,
            start=START,
            days=days,
            a_week=2,
            seed=1000 * seed + n,
            world=world,
        )
        for n in range(count)
    ]


def shop(provider: str, parcels: int, *, days: int = YEAR) -> list[Place]:
    """Return one shop with so many parcels on their way at a time."""
    service = SERVICES[provider]
    return [
        journeys(service, zone=SHOPS, start=START, days=days, at_once=parcels, seed=1)
    ]


def compare(
    places: Sequence[Place],
    limits: Limits,
    zone: ZoneInfo,
    every: timedelta,
    *,
    guess: float = 1,
) -> Comparison:
    """Poll at an interval, then let the plan make as many requests.

    Where the quota allows no interval, the plan is taken as it comes.
    """
    possible, year = fixed_within_quota(places, limits, every)
    if possible is None:
        eagerness, plan = 1.0, planned(places, limits, zone)
    else:
        eagerness, plan = planned_at(places, limits, zone, year.total, guess=guess)
    return Comparison(
        every=possible, wanted=every, eagerness=eagerness, fixed=year, plan=plan
    )


def all_intervals(
    places: Sequence[Place], limits: Limits, intervals: Sequence[timedelta]
) -> Iterator[Comparison]:
    """Compare at every interval that the quota allows, each once."""
    seen = set()
    for every in intervals:
        guess = 1.5 * HOUR / every
        compared = compare(places, limits, HOMES, every, guess=guess)
        if compared.every not in seen:
            seen.add(compared.every)
            yield compared


def report(say: Callable[[str], None], *, quick: bool) -> bool:
    """Measure, and say it; returns whether all came out as promised."""
    kept = True
    say("Median delay from the scan's becoming visible to the milestone, and in")
    say(
        "brackets the 90th percentile. A plan's row is at the requests of the row above."
    )
    say("")
    say(f"| followed | asked | requests a day | busiest day | {_heads()}")
    say("|---|---|---|---|---|---|---|")
    for provider in SERVICES:
        limits, name = PROVIDERS[provider].limits, f"home, {PROVIDERS[provider].name}"
        places = homes(provider, 1 if quick else 4)
        for compared in all_intervals(places, limits, QUICK if quick else INTERVALS):
            kept &= _say(say, name, compared, limits, NEVER_BELOW)
        _row(say, name, "**the plan as it comes**", planned(places, limits, HOMES))
    if not quick:
        for provider, parcels, every, days in _SHOPS:
            limits = PROVIDERS[provider].limits
            places = shop(provider, parcels, days=days)
            compared = compare(places, limits, SHOPS, every, guess=0.45)
            name = f"shop, {PROVIDERS[provider].name}, {parcels} parcels"
            kept &= _say(say, name, compared, limits, HOLDS)
        say("")
        kept &= _robust(say)
    return kept


_SHOPS: Final = (
    ("cainiao", 300, 6 * HOUR, YEAR),
    ("la_poste", 300, 3 * HOUR, YEAR // 4),
    ("dhl", 50, 6 * HOUR, YEAR // 4),
)
"""Parcels at a time, the interval, and days. A quarter where a year is as many parcels as take
long to simulate; DHL's 250 questions a day follow no shop with 300 parcels."""


def _robust(say: Callable[[str], None]) -> bool:
    """Say whether the ratio holds where the world is not as it was written down."""
    say("How many times fresher at the median, out for delivery / delivered,")
    say("at as many requests as every 3 hours, other parcels and other worlds:")
    say("")
    kept = True
    for n, (name, world) in enumerate(WORLDS.items(), 1):
        ratios = []
        for provider in SERVICES:
            places = homes(provider, 4, seed=n, world=world)
            limits = PROVIDERS[provider].limits
            compared = compare(places, limits, HOMES, 3 * HOUR, guess=0.5)
            both = [compared.ratio(stage) for stage in PROMISED]
            kept &= min(both) >= HOLDS
            ratios.append(
                f"{PROVIDERS[provider].name} " + " / ".join(f"{r:.1f}" for r in both)
            )
        say(f"- {name}: " + ", ".join(ratios))
    return kept


def _say(
    say: Callable[[str], None],
    name: str,
    compared: Comparison,
    limits: Limits,
    at_least: float,
) -> bool:
    """Say both rows of a comparison; returns whether the plan did as promised."""
    asked = "in turn, all day"
    if compared.every is not None:
        asked = f"every {_hours(compared.every)}"
    if compared.every != compared.wanted:
        asked += f" (every {_hours(compared.wanted)} is over quota)"
    _row(say, name, asked, compared.fixed)
    _row(say, "", "**the plan**", compared.plan, compared)
    return compared.kept(limits, at_least)


def _row(
    say: Callable[[str], None],
    name: str,
    asked: str,
    year: Year,
    compared: Comparison | None = None,
) -> None:
    cells = [name, asked, f"{year.total / year.days:.1f}", str(year.busiest)]
    for stage in TOLD:
        cell = (
            f"{_rounded(year.delay(stage, 0.5))} ({_rounded(year.delay(stage, 0.9))})"
        )
        if compared is not None:
            cell += f" **{compared.ratio(stage):.1f}×**"
        cells.append(cell)
    say("| " + " | ".join(cells) + " |")


def _heads() -> str:
    return " | ".join(stage.replace("_", " ") for stage in TOLD) + " |"


def _hours(every: timedelta) -> str:
    minutes = every // timedelta(minutes=1)
    return f"{minutes} min" if minutes < 60 else f"{minutes / 60:g} h"


def _rounded(minutes: float) -> str:
    if minutes < 90:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.1f} h"
