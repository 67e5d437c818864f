"""La Poste over HTTP: an account, parcels, and all that can go wrong."""

from collections.abc import AsyncGenerator
import logging

import pytest

from custom_components.waybill.tracking.ledger import Refusal
from homeassistant.core import HomeAssistant

from .conftest import SetUp, Wait
from .provider_story import (
    FORGETFUL,
    QUOTA,
    UNAVAILABLE,
    Story,
    add_account,
    begin,
    fails_and_recovers,
    forgets_and_takes_nothing_away,
    is_asked_for_another_key,
    nothing_secret_was_logged,
    until,
)
from .simulator import (
    DAY,
    HOUR,
    KEYS,
    Fault,
    FaultKind,
    Journey,
    Kind,
    Simulator,
    Stage,
    Step,
)

KEY = {"api_key": KEYS["la_poste"]}
LAMP = Journey(
    number="6A04296519970",
    carrier="colissimo",
    destination="FR",
    pickup_point="LYON PART-DIEU",
    steps=(
        Step(-6 * DAY, Kind.PICKED_UP, country="CN"),
        Step(-2 * DAY, Kind.ARRIVED, country="FR"),
        Step(-DAY, Kind.IMPORT_STARTED, country="FR"),
    ),
)
EXPRESS = Journey(
    number="XW827106090JB",
    carrier="chronopost",
    origin="FR",
    destination="FR",
    steps=(Step(-DAY, Kind.PICKED_UP), Step(-HOUR, Kind.ATTEMPT_FAILED)),
)


@pytest.fixture
async def simulator(
    socket_enabled: None, freezer: object, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Simulator]:
    """Play the parcels' journeys."""
    async with Simulator([LAMP, EXPRESS]) as simulator:
        monkeypatch.setenv("WAYBILL_SIMULATOR", simulator.setting)
        yield simulator


@pytest.fixture
async def story(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> Story:
    """Follow one with an account."""
    entry = await set_up()
    return await begin(hass, wait, simulator, entry, "la_poste", LAMP, KEY)


async def test_a_parcel_is_followed_to_the_pickup_point(
    hass: HomeAssistant, story: Story, wait: Wait, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert story.parcel.stage == Stage.IN_CUSTOMS
    assert len(story.parcel.events) == 3
    for stage in (Stage.CUSTOMS_CLEARED, Stage.READY_FOR_PICKUP, Stage.DELIVERED):
        story.scan(stage)
        await until(wait, lambda stage=stage: story.parcel.stage == stage)
        assert hass.states.get("sensor.lamp").state == stage
    assert story.parcel.pickup_point == "LYON PART-DIEU"
    nothing_secret_was_logged(story, caplog)


async def test_legs_of_the_way_back_do_not_turn_a_parcel_around(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    await hass.services.async_call(
        "waybill",
        "add_parcel",
        {"tracking_number": EXPRESS.number, "name": "Book"},
        blocking=True,
    )

    def stage() -> str:
        return hass.states.get("sensor.book").state

    await until(wait, lambda: stage() == "delivery_failed")
    express = story.simulator.journey(EXPRESS.number)
    express.scan(Kind.RETURNING)
    await until(wait, lambda: stage() == "returning")
    express.scan(Kind.AT_HUB)
    asked = len(story.simulator.asked("la_poste"))
    await until(wait, lambda: len(story.simulator.asked("la_poste")) > asked + 2)
    assert stage() == "returning"
    express.scan(Kind.RETURNED)
    await until(wait, lambda: stage() == "returned")


async def test_a_number_that_spoils_a_batch_takes_nobody_with_it(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    for number, name in ((EXPRESS.number, "Book"), ("TOOSHORT1", "Hat")):
        await hass.services.async_call(
            "waybill",
            "add_parcel",
            {"tracking_number": number, "name": name, "carrier": "la_poste"},
            blocking=True,
        )
    spoilt = Fault(FaultKind.STATUS, status=404, only="TOOSHORT1")
    story.simulator.fail("la_poste", spoilt, times=None)
    await until(wait, lambda: hass.states.get("sensor.book").state == "delivery_failed")
    assert hass.states.get("sensor.hat").state == "pending"
    assert story.blocked_by() is None


async def test_a_wrong_key_is_not_kept(
    hass: HomeAssistant, set_up: SetUp, simulator: Simulator
) -> None:
    entry = await set_up()
    form = await add_account(hass, entry, "la_poste", {"api_key": "wrong"})
    assert form["errors"] == {"base": "invalid_auth"}
    assert not list(entry.get_subentries_of_type("account"))


async def test_a_revoked_key_is_asked_for(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    await is_asked_for_another_key(hass, wait, story, "La Poste")


@pytest.mark.parametrize("fault", UNAVAILABLE)
async def test_a_failure_takes_nothing_away(
    hass: HomeAssistant, story: Story, wait: Wait, fault: str
) -> None:
    await fails_and_recovers(hass, wait, story, UNAVAILABLE[fault], Refusal.BACKOFF)


@pytest.mark.parametrize("fault", QUOTA)
async def test_a_spent_quota_takes_nothing_away(
    hass: HomeAssistant, story: Story, wait: Wait, fault: str
) -> None:
    await fails_and_recovers(hass, wait, story, QUOTA[fault], Refusal.QUOTA)


@pytest.mark.parametrize("fault", FORGETFUL)
async def test_what_is_forgotten_there_is_kept_here(
    hass: HomeAssistant, story: Story, wait: Wait, fault: str
) -> None:
    await forgets_and_takes_nothing_away(hass, wait, story, FORGETFUL[fault])


async def test_an_unknown_number_is_pending(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    await hass.services.async_call(
        "waybill",
        "add_parcel",
        {"tracking_number": "6A00000000023", "name": "Hat", "force": True},
        blocking=True,
    )
    for _ in range(3):
        await wait(HOUR)
    assert hass.states.get("sensor.hat").state == "pending"
    assert any(
        "6A00000000023" in request.numbers for request in story.simulator.requests
    )
