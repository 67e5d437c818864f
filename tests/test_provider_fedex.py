"""What FedEx alone does: it is asked about many numbers at once."""

from collections.abc import AsyncGenerator

import pytest

from homeassistant.core import HomeAssistant

from .conftest import SetUp, Wait
from .provider_examples import BY_AIR, FEDEX
from .provider_story import Story, add_parcel, begin, playing
from .simulator import HOUR, Journey

CHAIR = Journey(number="794600000021", carrier="fedex", steps=BY_AIR[:2])


@pytest.fixture
async def story(
    hass: HomeAssistant,
    set_up: SetUp,
    wait: Wait,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Story]:
    """Follow one with an account."""
    async with playing(monkeypatch, FEDEX, CHAIR) as simulator:
        yield await begin(hass, wait, simulator, await set_up(), FEDEX)


async def test_parcels_share_a_question_and_one_that_is_unknown_harms_none(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    for number, name in ((CHAIR.number, "Chair"), (FEDEX.unknown, "Hat")):
        await add_parcel(hass, number, name, carrier="fedex")
    for _ in range(3):
        await wait(HOUR)
    assert hass.states.get("sensor.chair").state == "in_transit"
    assert hass.states.get("sensor.hat").state == "pending"
    asked = [set(request.numbers) for request in story.asked()]
    assert {CHAIR.number, FEDEX.unknown} in asked
