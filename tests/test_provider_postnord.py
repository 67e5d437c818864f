"""PostNord over HTTP: an account, a parcel, and all that can go wrong."""

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

KEY = {"api_key": KEYS["postnord"]}
LAMP = Journey(
    number=numbers.s10("RR", 1, "SE"),
    carrier="postnord",
    origin="CN",
    destination="SE",
    steps=(
        Step(-6 * DAY, Kind.PICKED_UP, "Shenzhen", "CN"),
        Step(-2 * DAY, Kind.ARRIVED, "Arlanda", "SE"),
        Step(-DAY, Kind.IMPORT_STARTED, "Arlanda", "SE"),
    ),
)


@pytest.fixture
async def simulator(
    socket_enabled: None, freezer: object, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Simulator]:
    """Play the parcel's journey."""
    async with Simulator([LAMP]) as simulator:
        monkeypatch.setenv("WAYBILL_SIMULATOR", simulator.setting)
        yield simulator


@pytest.fixture
async def story(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> Story:
    """Follow it with an account."""
    entry = await set_up()
    return await begin(hass, wait, simulator, entry, "postnord", LAMP, KEY)


async def test_a_parcel_is_followed_to_the_door(
    hass: HomeAssistant,
    story: Story,
    wait: Wait,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    assert story.parcel.stage == Stage.IN_CUSTOMS
    for stage in (Stage.CUSTOMS_CLEARED, Stage.READY_FOR_PICKUP, Stage.DELIVERED):
        story.scan(stage)
        await until(wait, lambda stage=stage: story.parcel.stage == stage)
        assert hass.states.get("sensor.lamp").state == stage
    nothing_secret_was_logged(story, caplog)


async def test_a_wrong_key_is_not_kept(
    hass: HomeAssistant, set_up: SetUp, simulator: Simulator
) -> None:
    entry = await set_up()
    form = await add_account(hass, entry, "postnord", {"api_key": "wrong"})
    assert form["errors"] == {"base": "invalid_auth"}
    assert not list(entry.get_subentries_of_type("account"))


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


async def test_a_revoked_key_is_asked_for(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    await is_asked_for_another_key(hass, wait, story, "PostNord")


async def test_an_unknown_number_is_pending(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    await hass.services.async_call(
        "waybill",
        "add_parcel",
        {"tracking_number": numbers.s10("RR", 2, "SE"), "name": "Hat"},
        blocking=True,
    )
    for _ in range(3):
        await wait(HOUR)
    assert hass.states.get("sensor.hat").state == "pending"
