"""What UPS alone does: it hands parcels to the post and to access points."""

from collections.abc import AsyncGenerator

import pytest

from homeassistant.core import HomeAssistant

from .conftest import SetUp, Wait
from .provider_examples import UPS
from .provider_story import Story, add_parcel, begin, playing, until
from .simulator import DAY, HOUR, Handoff, Journey, Kind, Stage, Step

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


@pytest.fixture
async def story(
    hass: HomeAssistant,
    set_up: SetUp,
    wait: Wait,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Story]:
    """Follow one with an account."""
    async with playing(monkeypatch, UPS, CHAIR) as simulator:
        yield await begin(hass, wait, simulator, await set_up(), UPS)


async def test_what_ups_hands_to_the_post_gets_a_leg_of_its_own(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    parcel_id = await add_parcel(hass, CHAIR.number, "Chair")
    for _ in range(3):
        await wait(HOUR)
    chair = story.entry.runtime_data.data[parcel_id]
    assert [(leg.tracking_number, leg.carrier) for leg in chair.legs] == [
        (CHAIR.number, "ups"),
        (POSTED, "usps"),
    ]
    assert hass.states.get("sensor.chair").state == "in_transit"


async def test_a_parcel_waits_at_an_access_point(story: Story, wait: Wait) -> None:
    story.scan(Kind.LEFT_IN_LOCKER)
    await until(wait, lambda: story.parcel.stage == Stage.READY_FOR_PICKUP)
    story.scan(Kind.COLLECTED)
    await until(wait, lambda: story.parcel.stage == Stage.DELIVERED)


async def test_a_token_serves_for_hours_of_questions(story: Story, wait: Wait) -> None:
    asked = len(story.asked())
    for _ in range(6):
        await wait(HOUR)
    assert len(story.asked()) >= asked + 3
    # One to try the key, one for some hours of questions.
    assert story.face.tokens.given <= 3
