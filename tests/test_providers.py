"""Every provider over HTTP: an account, a parcel, and all that can go wrong."""

from collections.abc import AsyncGenerator
import logging

import pytest

from custom_components.waybill.tracking.ledger import Refusal
from homeassistant.core import HomeAssistant

from .conftest import SetUp, Wait
from .provider_examples import AFTERSHIP, EXAMPLES, SHIP24, Example, told_of
from .provider_story import (
    FORGETFUL,
    QUOTA,
    UNAVAILABLE,
    Story,
    add_account,
    add_parcel,
    begin,
    fails_and_recovers,
    forgets_and_takes_nothing_away,
    is_asked_for_another_key,
    nothing_secret_was_logged,
    playing,
    until,
)
from .simulator import HOUR, Simulator, Stage

# They refuse only to take up numbers, which has a story of its own.
NO_QUOTA_BUT_OF_HTTP = (SHIP24, AFTERSHIP)


@pytest.fixture
async def simulator(
    socket_enabled: None,
    freezer: object,
    monkeypatch: pytest.MonkeyPatch,
    example: Example,
) -> AsyncGenerator[Simulator]:
    """Play the parcel's journey."""
    async with playing(monkeypatch, example) as simulator:
        yield simulator


@pytest.fixture
async def story(
    hass: HomeAssistant,
    set_up: SetUp,
    wait: Wait,
    simulator: Simulator,
    example: Example,
) -> Story:
    """Follow it, with an account where it takes one."""
    return await begin(hass, wait, simulator, await set_up(), example)


@told_of(*EXAMPLES)
async def test_a_parcel_is_followed_to_the_door(
    hass: HomeAssistant, story: Story, wait: Wait, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert story.parcel.stage == story.example.first
    before = len(story.asked())
    assert len(story.parcel.events) == story.example.told
    for stage in story.example.way:
        story.scan(stage)
        await until(wait, lambda stage=stage: story.parcel.stage == stage)
        assert hass.states.get("sensor.lamp").state == stage
    assert {request.status for request in story.asked()[before:]} == {200}
    assert not story.taken_up()
    nothing_secret_was_logged(story, caplog)


@told_of(*EXAMPLES)
async def test_an_unknown_number_is_pending(
    hass: HomeAssistant, story: Story, wait: Wait, example: Example
) -> None:
    await add_parcel(hass, example.unknown, "Hat", force=True, **example.fields)
    for _ in range(3):
        await wait(HOUR)
    assert hass.states.get("sensor.hat").state == "pending"
    assert any(example.unknown in request.numbers for request in story.asked())
    assert story.blocked_by() is None


@told_of(*(example for example in EXAMPLES if example.tokens))
async def test_a_token_that_ends_early_is_nobodys_trouble(
    story: Story, wait: Wait
) -> None:
    story.face.tokens.expire()
    given = story.face.tokens.given
    story.scan(Stage.OUT_FOR_DELIVERY)
    await until(wait, lambda: story.parcel.stage == Stage.OUT_FOR_DELIVERY)
    assert story.face.tokens.given > given
    assert story.blocked_by() is None


@pytest.mark.parametrize(
    ("example", "field"),
    [
        pytest.param(example, field, id=f"{example.provider}-{field}")
        for example in EXAMPLES
        for field in example.credentials
    ],
)
async def test_a_wrong_key_is_not_kept(
    hass: HomeAssistant,
    set_up: SetUp,
    simulator: Simulator,
    example: Example,
    field: str,
) -> None:
    entry = await set_up()
    form = await add_account(hass, entry, example, **{field: "wrong"})
    assert form["errors"] == {"base": "invalid_auth"}
    assert not list(entry.get_subentries_of_type("account"))


@told_of(*(example for example in EXAMPLES if example.credentials))
async def test_a_revoked_key_is_asked_for(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    await is_asked_for_another_key(hass, wait, story)


@told_of(*EXAMPLES)
@pytest.mark.parametrize("fault", UNAVAILABLE)
async def test_a_failure_takes_nothing_away(
    hass: HomeAssistant, story: Story, wait: Wait, fault: str
) -> None:
    await fails_and_recovers(hass, wait, story, UNAVAILABLE[fault], Refusal.BACKOFF)


@pytest.mark.parametrize(
    ("example", "fault"),
    [
        pytest.param(example, fault, id=f"{example.provider}-{fault}")
        for example in EXAMPLES
        for fault in QUOTA
        if fault.startswith("429") or example not in NO_QUOTA_BUT_OF_HTTP
    ],
)
async def test_a_spent_quota_takes_nothing_away(
    hass: HomeAssistant, story: Story, wait: Wait, fault: str
) -> None:
    await fails_and_recovers(hass, wait, story, QUOTA[fault], Refusal.QUOTA)


@told_of(*EXAMPLES)
@pytest.mark.parametrize("fault", FORGETFUL)
async def test_what_is_forgotten_there_is_kept_here(
    hass: HomeAssistant, story: Story, wait: Wait, fault: str
) -> None:
    await forgets_and_takes_nothing_away(hass, wait, story, FORGETFUL[fault])
    # AfterShip says that it has the number already, which costs nothing.
    assert not story.taken_up() or story.example == AFTERSHIP
    assert not story.face.state().get("quota_used")
