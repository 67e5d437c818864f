"""USPS over HTTP: an account of a shipper, parcels, and all that can go wrong."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
import logging
from typing import cast

import pytest

from custom_components.waybill.tracking.ledger import Refusal
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .conftest import SetUp, Wait
from .flow_texts import every_form_has_its_texts
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
from .simulator import DAY, HOUR, KEYS, Journey, Kind, Simulator, Stage, Step, numbers
from .simulator.faces.usps import UspsFace

CLIENT_ID, _, CLIENT_SECRET = KEYS["usps"].partition(":")
KEY = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
STEPS = (
    Step(-4 * DAY, Kind.LABEL_MADE, "Portland", "US"),
    Step(-3 * DAY, Kind.PICKED_UP, "Portland", "US"),
    Step(-DAY, Kind.LEFT_SORTING, "Queens", "US"),
)
LAMP = Journey(
    number="9400111206206406260787", carrier="usps", origin="US", steps=STEPS
)
OF_SOMEBODY_ELSE = "9400111206619004520724"


@pytest.fixture
async def simulator(
    socket_enabled: None, freezer: object, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Simulator]:
    """Play the parcel's journey."""
    async with Simulator([LAMP]) as simulator:
        monkeypatch.setenv("WAYBILL_SIMULATOR", simulator.setting)
        yield simulator


@pytest.fixture
async def story(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> Story:
    """Follow it with an account."""
    entry = await set_up()
    return await begin(hass, wait, simulator, entry, "usps", LAMP, KEY, carrier="usps")


def face(story: Story) -> UspsFace:
    """Return USPS's face."""
    return cast(UspsFace, story.simulator.faces["usps"])


async def test_a_parcel_is_followed_to_the_door(
    hass: HomeAssistant,
    story: Story,
    wait: Wait,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    assert story.parcel.stage == Stage.IN_TRANSIT
    for stage in (
        Stage.OUT_FOR_DELIVERY,
        Stage.DELIVERY_FAILED,
        Stage.READY_FOR_PICKUP,
        Stage.DELIVERED,
    ):
        story.scan(stage)
        await until(wait, lambda stage=stage: story.parcel.stage == stage)
        assert hass.states.get("sensor.lamp").state == stage
    nothing_secret_was_logged(story, caplog)


async def test_a_parcel_of_somebody_else_is_pending(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    await hass.services.async_call(
        "waybill",
        "add_parcel",
        {"tracking_number": OF_SOMEBODY_ELSE, "name": "Hat"},
        blocking=True,
    )
    for _ in range(3):
        await wait(HOUR)
    assert hass.states.get("sensor.hat").state == "pending"
    assert story.blocked_by() is None


async def test_usps_is_not_asked_more_often_than_it_allows(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    for place in range(8):
        number = numbers.usps(place)
        story.simulator.add(replace(LAMP, number=number))
        await hass.services.async_call(
            "waybill",
            "add_parcel",
            {"tracking_number": number, "name": f"Hat {place}"},
            blocking=True,
        )
    for _ in range(2 * 60):
        await wait(timedelta(minutes=1))
    assert {request.status for request in story.simulator.asked("usps")} == {200}
    assert len(story.simulator.asked("usps")) > 20


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
    form = await add_account(hass, entry, "usps", KEY | wrong)
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
    await is_asked_for_another_key(hass, wait, story, "USPS (shippers only)")


# A key that may not track


async def test_a_key_that_may_not_track_is_explained_and_not_kept(
    hass: HomeAssistant, set_up: SetUp, simulator: Simulator
) -> None:
    cast(UspsFace, simulator.faces["usps"]).scope = "addresses domestic-prices"
    entry = await set_up()
    with every_form_has_its_texts():
        form = await add_account(hass, entry, "usps", KEY)
    assert form["errors"] == {"base": "not_entitled"}
    assert not list(entry.get_subentries_of_type("account"))


def repairs(hass: HomeAssistant, story: Story) -> set[str]:
    """Return what is said about the account."""
    issues = ir.async_get(hass).issues.values()
    return {i.translation_key for i in issues if i.issue_id.endswith(story.account_id)}


async def test_a_key_that_may_track_no_more_has_a_repair_of_its_own(
    hass: HomeAssistant, story: Story, wait: Wait
) -> None:
    face(story).scope = "addresses domestic-prices"
    face(story).tokens.expire()
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
    form = await configure(flow["flow_id"], KEY)
    assert form["errors"] == {"base": "not_entitled"}
    face(story).scope += " tracking"
    story.scan(Stage.OUT_FOR_DELIVERY)
    result = await configure(flow["flow_id"], KEY)
    assert result["reason"] == "reauth_successful"
    await until(wait, lambda: story.parcel.stage == Stage.OUT_FOR_DELIVERY)
    assert repairs(hass, story) == set()
