"""FedEx over HTTP: an account, parcels, and all that can go wrong."""

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
from .simulator import DAY, HOUR, KEYS, Journey, Kind, Simulator, Stage, Step
from .simulator.faces.fedex import FedexFace

CLIENT_ID, _, CLIENT_SECRET = KEYS["fedex"].partition(":")
KEY = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
STEPS = (
    Step(-6 * DAY, Kind.PICKED_UP, "Shenzhen", "CN"),
    Step(-5 * DAY, Kind.EXPORT_CLEARED, "Guangzhou", "CN"),
    Step(-DAY, Kind.IMPORT_STARTED, "Memphis", "US"),
)
LAMP = Journey(number="794600000010", carrier="fedex", steps=STEPS)
CHAIR = Journey(number="794600000021", carrier="fedex", steps=STEPS[:2])
NOBODY_HAS = "794600000032"


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
    return await begin(
        hass, wait, simulator, entry, "fedex", LAMP, KEY, carrier="fedex"
    )


def face(story: Story) -> FedexFace:
    """Return FedEx's face."""
    return cast(FedexFace, story.simulator.faces["fedex"])


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
    nothing_secret_was_logged(story, caplog)


async def test_parcels_share_a_question_and_one_that_is_unknown_harms_none(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    for number, name in ((CHAIR.number, "Chair"), (NOBODY_HAS, "Hat")):
        await hass.services.async_call(
            "waybill",
            "add_parcel",
            {"tracking_number": number, "name": name, "carrier": "fedex"},
            blocking=True,
        )
    for _ in range(3):
        await wait(HOUR)
    assert hass.states.get("sensor.chair").state == "in_transit"
    assert hass.states.get("sensor.hat").state == "pending"
    asked = [set(request.numbers) for request in story.simulator.asked("fedex")]
    assert {CHAIR.number, NOBODY_HAS} in asked


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
    form = await add_account(hass, entry, "fedex", KEY | wrong)
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
    await is_asked_for_another_key(hass, wait, story, "FedEx")
