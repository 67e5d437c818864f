"""UPS over HTTP: an account, parcels, and all that can go wrong."""

from collections.abc import AsyncGenerator
import logging
from typing import cast

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
from .simulator import DAY, HOUR, KEYS, Handoff, Journey, Kind, Simulator, Stage, Step
from .simulator.faces.ups import UpsFace

CLIENT_ID, _, CLIENT_SECRET = KEYS["ups"].partition(":")
KEY = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
STEPS = (
    Step(-6 * DAY, Kind.PICKED_UP, "Shenzhen", "CN"),
    Step(-5 * DAY, Kind.EXPORT_CLEARED, "Guangzhou", "CN"),
    Step(-DAY, Kind.IMPORT_STARTED, "Memphis", "US"),
)
LAMP = Journey(number="1Z12345E6605272234", carrier="ups", steps=STEPS)
POSTED = "92419900000033499522966220"
CHAIR = Journey(
    number="MI123456000000001",
    carrier="ups",
    steps=(
        Step(-2 * DAY, Kind.PICKED_UP, "Maspeth", "US"),
        Step(-DAY, Kind.WITH_LOCAL_CARRIER, "Jamaica", "US"),
    ),
    handoff=Handoff(POSTED, "usps", -DAY),
)
NOBODY_HAS = "1Z12345E1505270457"


@pytest.fixture
async def simulator(
    socket_enabled: None, freezer: object, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Simulator]:
    """Play the parcels' journeys."""
    async with Simulator([LAMP, CHAIR]) as simulator:
        monkeypatch.setenv("WAYBILL_SIMULATOR", simulator.setting)
        yield simulator


@pytest.fixture
async def story(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> Story:
    """Follow one with an account."""
    entry = await set_up()
    return await begin(hass, wait, simulator, entry, "ups", LAMP, KEY, carrier="ups")


def face(story: Story) -> UpsFace:
    """Return UPS's face."""
    return cast(UpsFace, story.simulator.faces["ups"])


async def test_a_parcel_is_followed_to_the_door(
    hass: HomeAssistant,
    story: Story,
    wait: Wait,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    assert story.parcel.stage == Stage.IN_CUSTOMS
    for stage in (
        Stage.CUSTOMS_CLEARED,
        Stage.OUT_FOR_DELIVERY,
        Stage.DELIVERY_FAILED,
        Stage.READY_FOR_PICKUP,
        Stage.DELIVERED,
    ):
        story.scan(stage)
        await until(wait, lambda stage=stage: story.parcel.stage == stage)
        assert hass.states.get("sensor.lamp").state == stage
    # One to try the key, one for some hours of questions.
    assert face(story).tokens.given <= 3
    nothing_secret_was_logged(story, caplog)


async def test_what_ups_hands_to_the_post_gets_a_leg_of_its_own(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    added = await hass.services.async_call(
        "waybill",
        "add_parcel",
        {"tracking_number": CHAIR.number, "name": "Chair"},
        blocking=True,
        return_response=True,
    )
    for _ in range(3):
        await wait(HOUR)
    chair = story.entry.runtime_data.data[added["parcel_id"]]
    assert [(leg.tracking_number, leg.carrier) for leg in chair.legs] == [
        (CHAIR.number, "ups"),
        (POSTED, "usps"),
    ]
    assert hass.states.get("sensor.chair").state == "in_transit"


async def test_a_parcel_waits_at_an_access_point(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    story.simulator.journey(LAMP.number).scan(Kind.LEFT_IN_LOCKER)
    await until(wait, lambda: story.parcel.stage == Stage.READY_FOR_PICKUP)
    story.simulator.journey(LAMP.number).scan(Kind.COLLECTED)
    await until(wait, lambda: story.parcel.stage == Stage.DELIVERED)


async def test_an_unknown_number_is_pending(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    await hass.services.async_call(
        "waybill",
        "add_parcel",
        {"tracking_number": NOBODY_HAS, "name": "Hat"},
        blocking=True,
    )
    for _ in range(3):
        await wait(HOUR)
    assert hass.states.get("sensor.hat").state == "pending"
    assert story.blocked_by() is None


async def test_a_token_that_ends_early_is_nobodys_trouble(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    face(story).tokens.expire()
    given = face(story).tokens.given
    story.scan(Stage.OUT_FOR_DELIVERY)
    await until(wait, lambda: story.parcel.stage == Stage.OUT_FOR_DELIVERY)
    assert face(story).tokens.given > given
    assert story.blocked_by() is None


@pytest.mark.parametrize("wrong", [{"client_id": "x"}, {"client_secret": "x"}])
async def test_a_wrong_key_is_not_kept(
    hass: HomeAssistant, set_up: SetUp, simulator: Simulator, wrong: dict[str, str]
) -> None:
    entry = await set_up()
    form = await add_account(hass, entry, "ups", KEY | wrong)
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
    await is_asked_for_another_key(hass, wait, story, "UPS")
