"""InPost over HTTP: parcels without an account, and all that can go wrong."""

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
    begin,
    fails_and_recovers,
    forgets_and_takes_nothing_away,
    nothing_secret_was_logged,
    until,
)
from .simulator import DAY, HOUR, Journey, Kind, Simulator, Stage, Step

LAMP = Journey(
    number="620999680605074433453432",
    carrier="inpost",
    origin="PL",
    destination="PL",
    pickup_point="WAW145M",
    steps=(
        Step(-3 * DAY, Kind.LABEL_MADE),
        Step(-2 * DAY, Kind.PICKED_UP),
        Step(-DAY, Kind.AT_SORTING, "Łódź"),
    ),
)


@pytest.fixture
async def simulator(
    socket_enabled: None, freezer: object, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Simulator]:
    """Play the parcels' journeys."""
    async with Simulator([LAMP]) as simulator:
        monkeypatch.setenv("WAYBILL_SIMULATOR", simulator.setting)
        yield simulator


@pytest.fixture
async def story(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> Story:
    """Follow one; nobody needs an account for that."""
    entry = await set_up()
    return await begin(hass, wait, simulator, entry, "inpost", LAMP, {})


async def test_a_parcel_is_followed_into_the_locker(
    hass: HomeAssistant, story: Story, wait: Wait, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert story.parcel.stage == Stage.IN_TRANSIT
    assert len(story.parcel.events) == 3
    story.scan(Stage.OUT_FOR_DELIVERY)
    await until(wait, lambda: story.parcel.stage == Stage.OUT_FOR_DELIVERY)
    lamp = story.simulator.journey(LAMP.number)
    lamp.scan(Kind.LEFT_IN_LOCKER)
    await until(wait, lambda: story.parcel.stage == Stage.READY_FOR_PICKUP)
    assert story.parcel.pickup_point == "WAW145M, Prosta 1, 00-001 Warszawa"
    lamp.scan(Kind.COLLECTED)
    await until(wait, lambda: story.parcel.stage == Stage.DELIVERED)
    assert hass.states.get("sensor.lamp").state == "delivered"
    nothing_secret_was_logged(story, caplog)


async def test_only_numbers_of_inpost_are_sent_to_it(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    asked = len(story.simulator.asked("inpost"))
    await hass.services.async_call(
        "waybill",
        "add_parcel",
        {"tracking_number": "4711X0815Y", "name": "Hat", "provider": "inpost"},
        blocking=True,
    )
    await until(wait, lambda: len(story.simulator.asked("inpost")) > asked)
    assert hass.states.get("sensor.hat").state == "pending"
    asked_about = {n for r in story.simulator.asked("inpost") for n in r.numbers}
    assert asked_about == {LAMP.number}


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
        {"tracking_number": "620999680605074433453433", "name": "Hat", "force": True},
        blocking=True,
    )
    for _ in range(3):
        await wait(HOUR)
    assert hass.states.get("sensor.hat").state == "pending"
    assert any(
        "620999680605074433453433" in request.numbers
        for request in story.simulator.requests
    )
