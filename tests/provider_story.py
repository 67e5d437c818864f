"""What the stories of all providers share: one parcel, one account, all faults."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
import logging
from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.waybill.tracking.ledger import Refusal
from custom_components.waybill.tracking.parcel import Parcel
from homeassistant.config_entries import SOURCE_REAUTH, SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .conftest import Wait
from .simulator import HOUR, Fault, FaultKind, Journey, Simulator, Stage

UNAVAILABLE: Final = {
    "500": Fault(FaultKind.STATUS, status=500),
    "503": Fault(FaultKind.STATUS, status=503),
    "503 with Retry-After": Fault(FaultKind.STATUS, status=503, retry_after="7200"),
    "HTML with 200": Fault(FaultKind.HTML),
    "a truncated answer": Fault(FaultKind.TRUNCATED),
    "JSON of another type": Fault(FaultKind.OTHER_JSON, body=[1, None, {}]),
    "a broken connection": Fault(FaultKind.RESET),
}
QUOTA: Final = {
    "429": Fault(FaultKind.STATUS, status=429),
    "429 with Retry-After": Fault(FaultKind.STATUS, status=429, retry_after="43200"),
    "the provider's own way": Fault(FaultKind.QUOTA),
}
FORGETFUL: Final = {
    "unknown": Fault(FaultKind.UNKNOWN),
    "empty": Fault(FaultKind.EMPTY),
    "shorter": Fault(FaultKind.SHORTER, keep=1),
    "another number": Fault(FaultKind.OTHER_NUMBER),
    "doubled": Fault(FaultKind.DOUBLED),
}


@dataclass(frozen=True, kw_only=True)
class Story:
    """A parcel at one provider. ``account_id`` is empty where it needs none."""

    provider: str
    simulator: Simulator
    entry: MockConfigEntry
    journey: Journey
    credentials: Mapping[str, str]
    account_id: str
    parcel_id: str

    @property
    def parcel(self) -> Parcel:
        """What is known of the parcel."""
        return self.entry.runtime_data.data[self.parcel_id]

    def blocked_by(self) -> Refusal | None:
        """Why the account is not asked."""
        plan = self.entry.runtime_data.plan
        return plan.ledger(self.account_id or self.provider).blocked_by

    def scan(self, stage: Stage) -> None:
        """Write another line about the parcel."""
        self.simulator.journey(self.journey.number).scan(stage)


async def add_account(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    provider: str,
    credentials: Mapping[str, Any],
) -> dict[str, Any]:
    """Add an account as a person does; returns how that ends."""
    flows = hass.config_entries.subentries
    menu = await flows.async_init(
        (entry.entry_id, "account"), context={"source": SOURCE_USER}
    )
    form = await flows.async_configure(menu["flow_id"], {"next_step_id": provider})
    assert form["step_id"] == provider
    return await flows.async_configure(form["flow_id"], dict(credentials))


async def begin(
    hass: HomeAssistant,
    wait: Wait,
    simulator: Simulator,
    entry: MockConfigEntry,
    provider: str,
    journey: Journey,
    credentials: Mapping[str, Any],
    /,
    **fields: Any,
) -> Story:
    """Add an account, if one is needed, and a parcel, and wait for its first news."""
    account_id = ""
    if credentials:
        result = await add_account(hass, entry, provider, credentials)
        assert result["type"] is FlowResultType.CREATE_ENTRY, result
        (account_id,) = (
            subentry.subentry_id for subentry in entry.get_subentries_of_type("account")
        )
        await hass.async_block_till_done()
    added = await hass.services.async_call(
        "waybill",
        "add_parcel",
        {"tracking_number": journey.number, "name": "Lamp", **fields},
        blocking=True,
        return_response=True,
    )
    story = Story(
        provider=provider,
        simulator=simulator,
        entry=entry,
        journey=journey,
        credentials=credentials,
        account_id=account_id,
        parcel_id=added["parcel_id"],
    )
    await until(wait, lambda: bool(story.parcel.events), step=timedelta(seconds=3))
    return story


async def until(
    wait: Wait, true: Callable[[], bool], *, step: timedelta = HOUR, steps: int = 72
) -> None:
    """Let time pass until something is true, which it must be in the end."""
    for _ in range(steps):
        if true():
            return
        await wait(step)
    assert true()


async def fails_and_recovers(
    hass: HomeAssistant, wait: Wait, story: Story, fault: Fault, reason: Refusal
) -> None:
    """Let a provider fail for hours: nothing is lost, and later all is told."""
    stage = story.parcel.stage
    known = story.parcel.events
    events = async_capture_events(hass, "waybill_milestone")
    story.simulator.fail(story.provider, fault, times=None)
    story.scan(Stage.OUT_FOR_DELIVERY)
    await until(wait, lambda: story.blocked_by() is reason)
    assert hass.states.get("sensor.lamp").state == stage
    assert story.parcel.events == known
    assert not events
    story.simulator.heal()
    await until(wait, lambda: story.parcel.stage == Stage.OUT_FOR_DELIVERY)
    assert hass.states.get("sensor.lamp").state == "out_for_delivery"
    assert "out_for_delivery" in [event.data["milestone"] for event in events]


async def forgets_and_takes_nothing_away(
    hass: HomeAssistant, wait: Wait, story: Story, fault: Fault
) -> None:
    """Let a provider tell less than before, or of another: all that is known stays."""
    events = async_capture_events(hass, "waybill_milestone")
    known, asked = story.parcel, len(story.simulator.asked(story.provider))
    story.simulator.fail(story.provider, fault, times=None)
    await until(wait, lambda: len(story.simulator.asked(story.provider)) >= asked + 2)
    assert story.parcel.events == known.events
    assert story.parcel.stage == known.stage
    assert not events


async def is_asked_for_another_key(
    hass: HomeAssistant, wait: Wait, story: Story, name: str
) -> None:
    """Revoke the key: the person is asked for another by the account's name."""
    stage = story.parcel.stage
    story.simulator.fail(story.provider, Fault(FaultKind.KEY), times=None)
    await until(wait, lambda: story.blocked_by() is Refusal.CREDENTIALS)
    assert hass.states.get("sensor.lamp").state == stage
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH
    assert flow["context"]["title_placeholders"] == {"name": name}
    configure = hass.config_entries.flow.async_configure
    form = await configure(flow["flow_id"], dict(story.credentials))
    assert form["errors"] == {"base": "invalid_auth"}
    story.simulator.heal()
    story.scan(Stage.OUT_FOR_DELIVERY)
    result = await configure(flow["flow_id"], dict(story.credentials))
    assert result["reason"] == "reauth_successful"
    await until(wait, lambda: story.parcel.stage == Stage.OUT_FOR_DELIVERY)
    assert story.blocked_by() is None


def nothing_secret_was_logged(story: Story, caplog: pytest.LogCaptureFixture) -> None:
    """Hold that neither the number nor a credential is in Waybill's log."""
    said = [
        record.getMessage()
        for record in caplog.get_records("call")
        if record.levelno >= logging.DEBUG and record.name.endswith("waybill")
    ]
    for secret in (story.journey.number, *story.credentials.values()):
        assert not [line for line in said if secret in line]
