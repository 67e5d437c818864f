"""Providers whose account lists what it follows, and follows more at a cost."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta

import pytest

from homeassistant.core import HomeAssistant

from .conftest import SetUp, Wait
from .provider_examples import AFTERSHIP, EXAMPLES, SHIP24, Example, told_of
from .provider_story import Story, add_account, add_parcel, begin, playing, until
from .simulator import HOUR, Simulator, Stage, numbers

LISTING = [example for example in EXAMPLES if example.lists]
LAMP = SHIP24.journey
HAT = replace(LAMP, number=numbers.usps(2))


@pytest.fixture
async def simulator(
    socket_enabled: None,
    freezer: object,
    monkeypatch: pytest.MonkeyPatch,
    example: Example,
) -> AsyncGenerator[Simulator]:
    """Play two journeys, of which the account follows one."""
    async with playing(monkeypatch, example, HAT) as simulator:
        yield simulator


@pytest.fixture
async def story(
    hass: HomeAssistant,
    set_up: SetUp,
    wait: Wait,
    simulator: Simulator,
    example: Example,
) -> Story:
    """Follow that one."""
    return await begin(hass, wait, simulator, await set_up(), example)


@told_of(*LISTING)
async def test_a_number_is_taken_up_once_where_the_person_chose_so(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    await add_parcel(hass, HAT.number, "Hat", provider=story.provider)
    await until(
        wait,
        lambda: hass.states.get("sensor.hat").state == "in_customs",
        step=timedelta(minutes=2),
    )
    for _ in range(5):
        await wait(HOUR)
    assert story.taken_up() == 1
    state = story.face.state()
    assert sorted([LAMP.number, HAT.number]) in state.values()
    # Parcel keeps no count.
    assert state.get("quota_used", 1) == 1


@told_of(*LISTING)
async def test_no_number_is_taken_up_where_nobody_chose_so(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    await add_parcel(hass, HAT.number, "Hat")
    for _ in range(5):
        await wait(HOUR)
    assert not story.taken_up()
    assert hass.states.get("sensor.hat").state == "pending"


@told_of(SHIP24, AFTERSHIP)
async def test_a_spent_quota_leaves_the_known_parcels_alone(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    story.face.quota_total = 0
    await add_parcel(hass, HAT.number, "Hat", provider=story.provider)
    story.scan(Stage.OUT_FOR_DELIVERY)
    await until(wait, lambda: story.parcel.stage == Stage.OUT_FOR_DELIVERY)
    assert hass.states.get("sensor.hat").state == "pending"
    assert story.blocked_by() is None
    assert story.taken_up() == 1


@told_of(*LISTING)
async def test_what_the_account_follows_comes_and_goes(
    hass: HomeAssistant,
    set_up: SetUp,
    wait: Wait,
    simulator: Simulator,
    example: Example,
) -> None:
    await add_account(hass, await set_up(), example, follow_account=True)
    await hass.async_block_till_done()
    face = simulator.faces[example.provider]

    def stage_of(entity: str) -> str | None:
        state = hass.states.get(entity)
        return state and state.state

    await until(wait, lambda: stage_of("sensor.desk_lamp") == "in_customs")
    face.preregister(HAT.number, "usps", "Sun hat")
    await until(wait, lambda: stage_of("sensor.sun_hat") == "in_customs")
    face.forget(LAMP.number)
    await until(wait, lambda: stage_of("sensor.desk_lamp") is None)
    assert stage_of("sensor.sun_hat") == "in_customs"
    asked = simulator.asked(example.provider)
    assert not any(request.method == "POST" for request in asked)
