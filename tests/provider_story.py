"""What the stories of all providers share: one parcel, one account, all faults."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
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
from .provider_examples import Example
from .simulator import HOUR, Fault, FaultKind, Journey, Kind, Request, Simulator, Stage

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

    example: Example
    simulator: Simulator
    entry: MockConfigEntry
    account_id: str
    parcel_id: str

    @property
    def provider(self) -> str:
        """Whom the story is about."""
        return self.example.provider

    @property
    def parcel(self) -> Parcel:
        """What is known of the parcel."""
        return self.entry.runtime_data.data[self.parcel_id]

    @property
    def face(self) -> Any:
        """The provider as the simulator plays it, with what is its own."""
        return self.simulator.faces[self.provider]

    def blocked_by(self) -> Refusal | None:
        """Why the account is not asked."""
        plan = self.entry.runtime_data.plan
        return plan.ledger(self.account_id or self.provider).blocked_by

    def asked(self) -> list[Request]:
        """Return what the provider was asked, oldest first."""
        return self.simulator.asked(self.provider)

    def taken_up(self) -> int:
        """Count how often an account that lists what it follows was to follow more."""
        return sum(
            self.example.lists and request.method == "POST" for request in self.asked()
        )

    def scan(self, what: Stage | Kind) -> None:
        """Write another line about the parcel."""
        self.simulator.journey(self.example.journey.number).scan(what)


@asynccontextmanager
async def playing(
    monkeypatch: pytest.MonkeyPatch, example: Example, /, *others: Journey
) -> AsyncGenerator[Simulator]:
    """Play an example's journey, and others that are told of beside it."""
    async with Simulator([example.journey, *others]) as simulator:
        if example.lists:
            face: Any = simulator.faces[example.provider]
            face.preregister(example.journey.number, "usps", "Desk lamp")
        monkeypatch.setenv("WAYBILL_SIMULATOR", simulator.setting)
        yield simulator


async def add_account(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    example: Example,
    /,
    **changed: Any,
) -> dict[str, Any]:
    """Add an account as a person does; returns how that ends."""
    flows = hass.config_entries.subentries
    menu = await flows.async_init(
        (entry.entry_id, "account"), context={"source": SOURCE_USER}
    )
    form = await flows.async_configure(
        menu["flow_id"], {"next_step_id": example.provider}
    )
    assert form["step_id"] == example.provider
    return await flows.async_configure(
        form["flow_id"], {**example.credentials, **changed}
    )


async def add_parcel(hass: HomeAssistant, number: str, name: str, **fields: Any) -> str:
    """Follow a parcel; returns its id."""
    added = await hass.services.async_call(
        "waybill",
        "add_parcel",
        {"tracking_number": number, "name": name, **fields},
        blocking=True,
        return_response=True,
    )
    return added["parcel_id"]


async def begin(
    hass: HomeAssistant,
    wait: Wait,
    simulator: Simulator,
    entry: MockConfigEntry,
    example: Example,
) -> Story:
    """Add an account, if one is needed, and a parcel, and wait for its first news."""
    account_id = ""
    if example.credentials:
        result = await add_account(hass, entry, example)
        assert result["type"] is FlowResultType.CREATE_ENTRY, result
        (account_id,) = (
            subentry.subentry_id for subentry in entry.get_subentries_of_type("account")
        )
        await hass.async_block_till_done()
    number = example.journey.number
    story = Story(
        example=example,
        simulator=simulator,
        entry=entry,
        account_id=account_id,
        parcel_id=await add_parcel(hass, number, "Lamp", **example.fields),
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
    known, asked = story.parcel, len(story.asked())
    story.simulator.fail(story.provider, fault, times=None)
    await until(wait, lambda: len(story.asked()) >= asked + 2)
    assert story.parcel.events == known.events
    assert story.parcel.stage == known.stage
    assert not events


async def is_asked_for_another_key(
    hass: HomeAssistant, wait: Wait, story: Story
) -> None:
    """Revoke the key: the person is asked for another by the account's name."""
    stage = story.parcel.stage
    story.simulator.fail(story.provider, Fault(FaultKind.KEY), times=None)
    await until(wait, lambda: story.blocked_by() is Refusal.CREDENTIALS)
    assert hass.states.get("sensor.lamp").state == stage
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH
    assert flow["context"]["title_placeholders"] == {"name": story.example.name}
    configure = hass.config_entries.flow.async_configure
    form = await configure(flow["flow_id"], dict(story.example.credentials))
    assert form["errors"] == {"base": "invalid_auth"}
    story.simulator.heal()
    story.scan(Stage.OUT_FOR_DELIVERY)
    result = await configure(flow["flow_id"], dict(story.example.credentials))
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
    for secret in (story.example.journey.number, *story.example.credentials.values()):
        assert not [line for line in said if secret in line]
