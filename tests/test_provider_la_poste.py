"""What La Poste alone does: pick-up points, ways back, batches that one spoils."""

from collections.abc import AsyncGenerator

import pytest

from homeassistant.core import HomeAssistant

from .conftest import SetUp, Wait
from .provider_examples import LA_POSTE
from .provider_story import Story, add_parcel, begin, playing, until
from .simulator import DAY, HOUR, Fault, FaultKind, Journey, Kind, Stage, Step

EXPRESS = Journey(
    number="XW827106090JB",
    carrier="chronopost",
    origin="FR",
    destination="FR",
    steps=(Step(-DAY, Kind.PICKED_UP), Step(-HOUR, Kind.ATTEMPT_FAILED)),
)


@pytest.fixture
async def story(
    hass: HomeAssistant,
    set_up: SetUp,
    wait: Wait,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Story]:
    """Follow one with an account."""
    async with playing(monkeypatch, LA_POSTE, EXPRESS) as simulator:
        yield await begin(hass, wait, simulator, await set_up(), LA_POSTE)


async def test_where_a_parcel_waits_is_told(story: Story, wait: Wait) -> None:
    story.scan(Stage.READY_FOR_PICKUP)
    await until(wait, lambda: story.parcel.stage == Stage.READY_FOR_PICKUP)
    assert story.parcel.pickup_point == "LYON PART-DIEU"
    story.scan(Stage.DELIVERED)
    await until(wait, lambda: story.parcel.stage == Stage.DELIVERED)
    assert story.parcel.pickup_point == "LYON PART-DIEU"


async def test_legs_of_the_way_back_do_not_turn_a_parcel_around(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    await add_parcel(hass, EXPRESS.number, "Book")

    def stage() -> str:
        return hass.states.get("sensor.book").state

    await until(wait, lambda: stage() == "delivery_failed")
    express = story.simulator.journey(EXPRESS.number)
    express.scan(Kind.RETURNING)
    await until(wait, lambda: stage() == "returning")
    express.scan(Kind.AT_HUB)
    asked = len(story.asked())
    await until(wait, lambda: len(story.asked()) > asked + 2)
    assert stage() == "returning"
    express.scan(Kind.RETURNED)
    await until(wait, lambda: stage() == "returned")


async def test_a_number_that_spoils_a_batch_takes_nobody_with_it(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    for number, name in ((EXPRESS.number, "Book"), ("TOOSHORT1", "Hat")):
        await add_parcel(hass, number, name, carrier="la_poste")
    spoilt = Fault(FaultKind.STATUS, status=404, only="TOOSHORT1")
    story.simulator.fail("la_poste", spoilt, times=None)
    await until(wait, lambda: hass.states.get("sensor.book").state == "delivery_failed")
    assert hass.states.get("sensor.hat").state == "pending"
    assert story.blocked_by() is None
