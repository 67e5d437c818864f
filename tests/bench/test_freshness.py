"""The plan is three times fresher, at as many requests, and keeps within quota."""

from datetime import timedelta

import pytest

from custom_components.waybill.tracking.model import Stage
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.base import Limits

from . import freshness
from .__main__ import main
from .freshness import HOMES, PROMISED, SHOPS, START, compare, homes, shop
from .journeys import DAY, HOUR, SERVICES, World, journeys
from .places import fixed, fixed_within_quota, in_turn, planned


def test_the_short_form_says_that_all_is_as_promised(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["freshness", "--quick"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert len([line for line in said if "**the plan** |" in line]) == len(SERVICES)


@pytest.mark.parametrize("provider", SERVICES)
def test_news_of_a_home_comes_three_times_sooner(provider: str) -> None:
    """Simulated time: nothing here depends on the machine."""
    limits = PROVIDERS[provider].limits
    compared = compare(homes(provider, 1), limits, HOMES, 3 * HOUR, guess=0.5)
    assert abs(compared.plan.total / compared.fixed.total - 1) <= 0.02
    assert min(compared.ratio(stage) for stage in PROMISED) >= 3
    assert limits.per_day is None or compared.plan.busiest <= limits.per_day


def test_a_shop_is_told_sooner_within_its_quota() -> None:
    limits = PROVIDERS["cainiao"].limits
    compared = compare(shop("cainiao", 300, days=28), limits, SHOPS, 6 * HOUR)
    assert compared.every is None
    assert compared.plan.busiest <= 24
    assert compared.plan.total <= compared.fixed.total
    assert min(compared.ratio(stage) for stage in PROMISED) >= 3


def test_many_new_parcels_do_not_silence_those_on_their_way() -> None:
    """A hundred a day, each of which wants to be asked about at once."""
    limits = PROVIDERS["dhl"].limits
    year = planned(shop("dhl", 75, days=21), limits, SHOPS)
    assert year.busiest <= 250
    assert year.delay(Stage.DELIVERED, 0.5) < 3 * 60


def test_a_plan_that_is_no_fresher_is_not_as_promised() -> None:
    limits = PROVIDERS["dhl"].limits
    compared = compare(homes("dhl", 1, days=56), limits, HOMES, 3 * HOUR, guess=0.5)
    late = freshness.Comparison(
        every=compared.every,
        wanted=compared.wanted,
        eagerness=1,
        fixed=compared.plan,
        plan=compared.fixed,
    )
    assert not late.kept(limits, 3)
    assert not compared.kept(Limits(per_day=1), 3)


def test_fixed_intervals_are_as_late_as_they_must_be() -> None:
    """Half of the interval at the median, nine tenths of it in nine of ten."""
    limits = PROVIDERS["dhl"].limits
    year = fixed(homes("dhl", 4), limits, 4 * HOUR)
    assert 105 <= year.delay(Stage.DELIVERED, 0.5) <= 135
    assert 200 <= year.delay(Stage.DELIVERED, 0.9) <= 230


def test_fixed_intervals_keep_to_the_quota_too() -> None:
    limits = PROVIDERS["cainiao"].limits
    every, year = fixed_within_quota(homes("cainiao", 1, days=56), limits, HOUR / 2)
    assert every == HOUR
    assert year.busiest <= 24
    parcels = shop("cainiao", 300, days=14)
    assert fixed_within_quota(parcels, limits, HOUR)[0] is None
    assert in_turn(parcels, limits).busiest <= 24


def test_journeys_are_what_the_tables_say() -> None:
    made = homes("cainiao", 4)
    lives = sorted(j.delivered_at - j.added_at for place in made for j in place)
    assert 9 * DAY < lives[len(lives) // 2] < 15 * DAY
    for place in made:
        for journey in place:
            visible = [scan.visible for scan in journey.scans]
            assert visible == sorted(visible)
            assert visible[0] > journey.added_at
            assert journey.scans[-1].stage is Stage.DELIVERED
    out = [
        scan.visible.astimezone(HOMES)
        for place in made
        for journey in place
        for scan in journey.scans
        if scan.stage is Stage.OUT_FOR_DELIVERY
    ]
    assert sum(at.weekday() == 6 for at in out) < len(out) / 20
    assert all(5 <= at.hour <= 15 for at in out)


def test_worlds_differ_as_they_say() -> None:
    def bells(world: World) -> list[timedelta]:
        made = journeys(
            SERVICES["dhl"],
            zone=HOMES,
            start=START,
            days=56,
            a_week=20,
            seed=1,
            world=world,
        )
        at = [j.delivered_at.astimezone(HOMES) for j in made]
        return sorted(timedelta(hours=a.hour, minutes=a.minute) for a in at)

    usual, later = bells(World()), bells(World(later=2))
    assert later[len(later) // 2] - usual[len(usual) // 2] >= HOUR
