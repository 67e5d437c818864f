"""What USPS alone does: it wants to be asked seldom, and grants tracking apart."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.waybill.tracking.ledger import Refusal
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .conftest import SetUp, Wait
from .flow_texts import every_form_has_its_texts
from .provider_examples import USPS
from .provider_story import Story, add_account, add_parcel, begin, playing, until
from .simulator import Simulator, Stage, numbers


@pytest.fixture
async def simulator(
    socket_enabled: None, freezer: object, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Simulator]:
    """Play the parcel's journey."""
    async with playing(monkeypatch, USPS) as simulator:
        yield simulator


@pytest.fixture
async def story(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> Story:
    """Follow it with an account."""
    return await begin(hass, wait, simulator, await set_up(), USPS)


async def test_usps_is_not_asked_more_often_than_it_allows(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    for place in range(8):
        number = numbers.usps(place)
        story.simulator.add(replace(USPS.journey, number=number))
        await add_parcel(hass, number, f"Hat {place}")
    for _ in range(2 * 60):
        await wait(timedelta(minutes=1))
    assert {request.status for request in story.asked()} == {200}
    assert len(story.asked()) > 20


async def test_a_key_that_may_not_track_is_explained_and_not_kept(
    hass: HomeAssistant, set_up: SetUp, simulator: Simulator
) -> None:
    simulator.faces["usps"].scope = "addresses domestic-prices"
    entry = await set_up()
    with every_form_has_its_texts():
        form = await add_account(hass, entry, USPS)
    assert form["errors"] == {"base": "not_entitled"}
    assert not list(entry.get_subentries_of_type("account"))


def repairs(hass: HomeAssistant, story: Story) -> set[str]:
    """Return what is said about the account."""
    issues = ir.async_get(hass).issues.values()
    return {i.translation_key for i in issues if i.issue_id.endswith(story.account_id)}


async def test_a_key_that_may_track_no_more_has_a_repair_of_its_own(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    story.face.scope = "addresses domestic-prices"
    story.face.tokens.expire()
    await until(wait, lambda: story.blocked_by() is Refusal.CREDENTIALS)
    assert repairs(hass, story) == {"not_entitled"}
    # It is there after a restart as well.
    assert await hass.config_entries.async_unload(story.entry.entry_id)
    for key in ("not_entitled", "credentials_rejected"):
        ir.async_delete_issue(hass, "waybill", f"{key}_{story.account_id}")
    assert await hass.config_entries.async_setup(story.entry.entry_id)
    await hass.async_block_till_done()
    assert repairs(hass, story) == {"not_entitled"}
    # The very same key is good once USPS has granted it tracking.
    (flow,) = hass.config_entries.flow.async_progress()
    configure = hass.config_entries.flow.async_configure
    form = await configure(flow["flow_id"], USPS.credentials)
    assert form["errors"] == {"base": "not_entitled"}
    story.face.scope += " tracking"
    story.scan(Stage.OUT_FOR_DELIVERY)
    result = await configure(flow["flow_id"], USPS.credentials)
    assert result["reason"] == "reauth_successful"
    await until(wait, lambda: story.parcel.stage == Stage.OUT_FOR_DELIVERY)
    assert repairs(hass, story) == set()
