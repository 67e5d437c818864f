"""What Nova Post alone does: it tells of now, and takes numbers of one form."""

from collections.abc import AsyncGenerator

import pytest

from homeassistant.core import HomeAssistant

from .conftest import SetUp, Wait
from .provider_examples import NOVA_POST
from .provider_story import Story, add_parcel, begin, playing, until
from .simulator import HOUR, Stage


@pytest.fixture
async def story(
    hass: HomeAssistant,
    set_up: SetUp,
    wait: Wait,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Story]:
    """Follow one with an account."""
    async with playing(monkeypatch, NOVA_POST) as simulator:
        yield await begin(hass, wait, simulator, await set_up(), NOVA_POST)


async def test_the_journal_keeps_what_each_answer_forgets(
    story: Story, wait: Wait
) -> None:
    for stage in (Stage.OUT_FOR_DELIVERY, Stage.READY_FOR_PICKUP, Stage.DELIVERED):
        story.scan(stage)
        await until(wait, lambda stage=stage: story.parcel.stage == stage)
    assert [event.code for event in story.parcel.events] == ["9", "7", "101", "5"]
    assert story.parcel.pickup_point == "Відділення №5"
    assert story.parcel.signed_by is None


async def test_a_number_of_the_wrong_form_takes_nobody_with_it(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    await add_parcel(hass, "4711X0815Y", "Hat", carrier="nova_post")
    await wait(HOUR)
    story.scan(Stage.READY_FOR_PICKUP)
    await until(wait, lambda: story.parcel.stage == Stage.READY_FOR_PICKUP)
    assert hass.states.get("sensor.hat").state == "pending"
    assert story.blocked_by() is None
