"""AfterShip over HTTP: an account, a parcel, and all that can go wrong."""

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
from .simulator import DAY, HOUR, KEYS, Journey, Kind, Simulator, Stage, Step, numbers

KEY = {"api_key": KEYS["aftership"]}
STEPS = (
    Step(-6 * DAY, Kind.PICKED_UP, "Shenzhen", "CN"),
    Step(-2 * DAY, Kind.ARRIVED, "Chicago", "US"),
    Step(-DAY, Kind.IMPORT_STARTED, "Chicago", "US"),
)
LAMP = Journey(number=numbers.usps(1), carrier="usps", steps=STEPS)
HAT = Journey(number=numbers.usps(2), carrier="usps", steps=STEPS)


@pytest.fixture
async def simulator(
    socket_enabled: None, freezer: object, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Simulator]:
    """Play two journeys, of which the account follows one."""
    async with Simulator([LAMP, HAT]) as simulator:
        simulator.aftership.preregister(LAMP.number, "usps", "Desk lamp")
        monkeypatch.setenv("WAYBILL_SIMULATOR", simulator.setting)
        yield simulator


@pytest.fixture
async def story(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> Story:
    """Follow it with an account."""
    entry = await set_up()
    return await begin(
        hass, wait, simulator, entry, "aftership", LAMP, KEY, provider="aftership"
    )


def made(simulator: Simulator) -> int:
    """Return how often a tracking was to be made."""
    return sum(request.method == "POST" for request in simulator.asked("aftership"))


async def test_a_parcel_is_followed_to_the_door(
    hass: HomeAssistant, story: Story, wait: Wait, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert story.parcel.stage == Stage.IN_CUSTOMS
    for stage in (
        Stage.CUSTOMS_ACTION_REQUIRED,
        Stage.CUSTOMS_CLEARED,
        Stage.OUT_FOR_DELIVERY,
        Stage.DELIVERED,
    ):
        story.scan(stage)
        await until(wait, lambda stage=stage: story.parcel.stage == stage)
        assert hass.states.get("sensor.lamp").state == stage
    assert not made(story.simulator)
    assert {r.status for r in story.simulator.asked("aftership")} == {200}
    nothing_secret_was_logged(story, caplog)


async def add_hat(hass: HomeAssistant, **fields: str) -> None:
    """Follow a parcel that the account does not know."""
    await hass.services.async_call(
        "waybill",
        "add_parcel",
        {"tracking_number": HAT.number, "name": "Hat", **fields},
        blocking=True,
    )


async def test_quota_is_spent_once_on_whom_the_person_chose_it_for(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    await add_hat(hass, provider="aftership")
    await until(wait, lambda: hass.states.get("sensor.hat").state == "in_customs")
    for _ in range(5):
        await wait(HOUR)
    assert made(story.simulator) == 1
    assert story.simulator.aftership.quota_used == 1


async def test_no_quota_is_spent_on_whom_nobody_chose_it_for(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    await add_hat(hass)
    for _ in range(5):
        await wait(HOUR)
    assert not made(story.simulator)
    assert hass.states.get("sensor.hat").state == "pending"


async def test_a_spent_quota_leaves_the_known_parcels_alone(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    story.simulator.aftership.quota_total = 0
    await add_hat(hass, provider="aftership")
    story.scan(Stage.OUT_FOR_DELIVERY)
    await until(wait, lambda: story.parcel.stage == Stage.OUT_FOR_DELIVERY)
    assert hass.states.get("sensor.hat").state == "pending"
    assert story.blocked_by() is None
    assert made(story.simulator) == 1


async def test_what_the_account_follows_comes_and_goes(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> None:
    entry = await set_up()
    await add_account(hass, entry, "aftership", {**KEY, "follow_account": True})
    await hass.async_block_till_done()

    def stage_of(entity: str) -> str | None:
        state = hass.states.get(entity)
        return state and state.state

    await until(wait, lambda: stage_of("sensor.desk_lamp") == "in_customs")
    simulator.aftership.preregister(HAT.number, "usps", "Sun hat")
    await until(wait, lambda: stage_of("sensor.sun_hat") == "in_customs")
    simulator.aftership.forget(LAMP.number)
    await until(wait, lambda: stage_of("sensor.desk_lamp") is None)
    assert stage_of("sensor.sun_hat") == "in_customs"
    assert not made(simulator)


async def test_a_wrong_key_is_not_kept(
    hass: HomeAssistant, set_up: SetUp, simulator: Simulator
) -> None:
    entry = await set_up()
    form = await add_account(hass, entry, "aftership", {"api_key": "wrong"})
    assert form["errors"] == {"base": "invalid_auth"}
    assert not list(entry.get_subentries_of_type("account"))


@pytest.mark.parametrize("fault", UNAVAILABLE)
async def test_a_failure_takes_nothing_away(
    hass: HomeAssistant, story: Story, wait: Wait, fault: str
) -> None:
    await fails_and_recovers(hass, wait, story, UNAVAILABLE[fault], Refusal.BACKOFF)


@pytest.mark.parametrize("fault", ["429", "429 with Retry-After"])
async def test_a_spent_quota_takes_nothing_away(
    hass: HomeAssistant, story: Story, wait: Wait, fault: str
) -> None:
    await fails_and_recovers(hass, wait, story, QUOTA[fault], Refusal.QUOTA)


@pytest.mark.parametrize("fault", FORGETFUL)
async def test_what_is_forgotten_there_is_kept_here(
    hass: HomeAssistant, story: Story, wait: Wait, fault: str
) -> None:
    await forgets_and_takes_nothing_away(hass, wait, story, FORGETFUL[fault])


async def test_a_revoked_key_is_asked_for(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    await is_asked_for_another_key(hass, wait, story, "AfterShip")
