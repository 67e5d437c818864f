"""Nova Post over HTTP: an account, a parcel, and all that can go wrong."""

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
from .simulator import DAY, HOUR, KEYS, Journey, Kind, Simulator, Stage, Step

KEY = {"api_key": KEYS["nova_post"]}
LAMP = Journey(
    number="20450000000012",
    carrier="nova_post",
    origin="UA",
    destination="UA",
    town="Львів",
    pickup_point="Відділення №5",
    steps=(
        Step(-3 * DAY, Kind.LABEL_MADE),
        Step(-2 * DAY, Kind.PICKED_UP),
        Step(-DAY, Kind.ON_THE_WAY),
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
    """Follow one with an account."""
    entry = await set_up()
    return await begin(
        hass, wait, simulator, entry, "nova_post", LAMP, KEY, carrier="nova_post"
    )


async def test_a_parcel_is_followed_to_the_branch(
    hass: HomeAssistant, story: Story, wait: Wait, caplog: pytest.LogCaptureFixture
) -> None:
    """Each answer tells the status now alone; the journal keeps all of them."""
    caplog.set_level(logging.DEBUG)
    assert story.parcel.stage == Stage.IN_TRANSIT
    for stage in (Stage.OUT_FOR_DELIVERY, Stage.READY_FOR_PICKUP, Stage.DELIVERED):
        story.scan(stage)
        await until(wait, lambda stage=stage: story.parcel.stage == stage)
        assert hass.states.get("sensor.lamp").state == stage
    assert [event.code for event in story.parcel.events] == ["9", "7", "101", "5"]
    assert story.parcel.pickup_point == "Відділення №5"
    assert story.parcel.signed_by is None
    nothing_secret_was_logged(story, caplog)


async def test_a_number_of_the_wrong_form_takes_nobody_with_it(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    await hass.services.async_call(
        "waybill",
        "add_parcel",
        {"tracking_number": "4711X0815Y", "name": "Hat", "carrier": "nova_post"},
        blocking=True,
    )
    await wait(HOUR)
    story.scan(Stage.READY_FOR_PICKUP)
    await until(wait, lambda: story.parcel.stage == Stage.READY_FOR_PICKUP)
    assert hass.states.get("sensor.hat").state == "pending"
    assert story.blocked_by() is None


async def test_a_wrong_key_is_not_kept(
    hass: HomeAssistant, set_up: SetUp, simulator: Simulator
) -> None:
    entry = await set_up()
    form = await add_account(hass, entry, "nova_post", {"api_key": "wrong"})
    assert form["errors"] == {"base": "invalid_auth"}
    assert not list(entry.get_subentries_of_type("account"))


async def test_a_revoked_key_is_asked_for(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    await is_asked_for_another_key(hass, wait, story, "Nova Post")


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
        {"tracking_number": "20450000000034", "name": "Hat", "carrier": "nova_post"},
        blocking=True,
    )
    for _ in range(3):
        await wait(HOUR)
    assert hass.states.get("sensor.hat").state == "pending"
    assert any(
        "20450000000034" in request.numbers for request in story.simulator.requests
    )
