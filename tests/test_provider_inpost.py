"""What InPost alone does: lockers, and no account to ask it with."""

from collections.abc import AsyncGenerator

import pytest

from homeassistant.core import HomeAssistant

from .conftest import SetUp, Wait
from .provider_examples import INPOST
from .provider_story import Story, add_parcel, begin, playing, until
from .simulator import Kind, Stage


@pytest.fixture
async def story(
    hass: HomeAssistant,
    set_up: SetUp,
    wait: Wait,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Story]:
    """Follow one; nobody needs an account for that."""
    async with playing(monkeypatch, INPOST) as simulator:
        yield await begin(hass, wait, simulator, await set_up(), INPOST)


async def test_a_parcel_is_followed_into_the_locker(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    story.scan(Kind.LEFT_IN_LOCKER)
    await until(wait, lambda: story.parcel.stage == Stage.READY_FOR_PICKUP)
    assert story.parcel.pickup_point == "WAW145M, Prosta 1, 00-001 Warszawa"
    story.scan(Kind.COLLECTED)
    await until(wait, lambda: story.parcel.stage == Stage.DELIVERED)
    assert hass.states.get("sensor.lamp").state == "delivered"


async def test_only_numbers_of_inpost_are_sent_to_it(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    asked = len(story.asked())
    await add_parcel(hass, "4711X0815Y", "Hat", provider="inpost")
    await until(wait, lambda: len(story.asked()) > asked)
    assert hass.states.get("sensor.hat").state == "pending"
    asked_about = {number for request in story.asked() for number in request.numbers}
    assert asked_about == {INPOST.journey.number}
