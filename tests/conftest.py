"""What all stories need: Home Assistant with Waybill, and a carrier to tell them."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from hypothesis import HealthCheck, settings
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.waybill.const import DOMAIN
from custom_components.waybill.tracking.model import Answer, Stage, TrackingEvent
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.base import ProviderError
from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL, UrlManager
from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import STORAGE_DIR, Store
from homeassistant.setup import async_setup_component

# A slow machine breaks no law.
settings.register_profile(
    "waybill",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
# What a night is for, not a check before each change.
settings.register_profile("long", settings.get_profile("waybill"), max_examples=10_000)
settings.load_profile("waybill")

# What every test replaces by a storage in memory.
_ON_DISK = {
    name: getattr(Store, name)
    for name in ("_async_load", "_async_write_data", "async_remove")
}

NOON = "2026-06-10T12:00:00+00:00"
NUMBER = "LP00123456789012"
OTHER_NUMBER = "LP00123456789013"
ENTRY_ID = "01JENTRY0000000000000000001"
PARCEL_ID = "01JPARCEL0000000000000001"
OTHER_PARCEL_ID = "01JPARCEL0000000000000002"


@pytest.fixture(autouse=True)
def _noon(request: pytest.FixtureRequest) -> None:
    """Begin every story whose time is told at noon, in summer, on the same day."""
    if "freezer" in request.fixturenames:
        request.getfixturevalue("freezer").move_to(NOON)


@pytest.fixture(autouse=True)
def _custom_integrations(request: pytest.FixtureRequest, _noon: None) -> None:
    """Let Home Assistant find Waybill, where a test has Home Assistant at all."""
    if "hass" in request.fixturenames:
        if "recorder_mock" in request.fixturenames:
            request.getfixturevalue("recorder_mock")
        request.getfixturevalue("enable_custom_integrations")


def parcel_data(
    number: str = NUMBER,
    parcel_id: str = PARCEL_ID,
    name: str = "Running shoes",
    **fields: Any,
) -> ConfigSubentryDataWithId:
    """Return a parcel's subentry as it is stored."""
    added_at = fields.pop("added_at", NOON)
    return ConfigSubentryDataWithId(
        data={"tracking_number": number, "added_at": added_at, **fields},
        subentry_id=parcel_id,
        subentry_type="parcel",
        title=name,
        unique_id=number,
    )


def account_data(
    provider: str, account_id: str = "01JACCOUNT000000000000001", **fields: Any
) -> ConfigSubentryDataWithId:
    """Return an account's subentry as it is stored."""
    return ConfigSubentryDataWithId(
        data={"provider": provider, "api_key": "a-secret-key", **fields},
        subentry_id=account_id,
        subentry_type="account",
        title=PROVIDERS[provider].name,
        unique_id=f"{provider}_{account_id}",
    )


class Carrier:
    """Stands in for Cainiao: says what a story tells it to.

    ``asked`` holds the numbers of each request, in order. While ``error`` is
    set, there is no answer.
    """

    def __init__(self) -> None:
        """Know no number, ask nothing."""
        self.asked: list[list[str]] = []
        self.error: ProviderError | Exception | None = None
        self._answers: dict[str, Answer] = {}

    def scan(
        self,
        stage: Stage | None,
        number: str = NUMBER,
        *,
        at: datetime | None = None,
        **fields: Any,
    ) -> None:
        """Write another line about a number, as its newest."""
        moment = at or datetime.now(UTC)
        event = TrackingEvent(
            provider="cainiao",
            tracking_number=number,
            code=fields.pop("code", str(stage)),
            written_time=moment.isoformat(),
            time=fields.pop("time", moment),
            stage=stage,
            description=fields.pop("description", f"It is {stage}"),
            words=fields.pop("words", "raw words"),
            carrier="cainiao",
            **fields,
        )
        known = self._answers.get(number, Answer(tracking_number=number))
        self.answer(known, events=(event, *known.events))

    def answer(self, answer: Answer | None = None, **fields: Any) -> None:
        """Answer with anything about a number."""
        if answer is None:
            number = fields.get("tracking_number", NUMBER)
            answer = self._answers.get(number, Answer(tracking_number=number))
        changed = {
            name: getattr(answer, name) for name in Answer.__dataclass_fields__
        } | fields
        self._answers[changed["tracking_number"]] = Answer(**changed)

    def __call__(self, session: Any, credentials: Any, legs: Sequence[Any]) -> Any:
        """Take a request."""
        numbers = [leg.tracking_number for leg in legs]
        self.asked.append(numbers)
        if self.error is not None:
            raise self.error
        return [
            self._answers.get(number, Answer(tracking_number=number))
            for number in numbers
        ]


@pytest.fixture
async def carrier() -> AsyncGenerator[Carrier]:
    """Take the place of Cainiao on the network."""
    carrier = Carrier()
    with patch.object(PROVIDERS["cainiao"], "fetch", side_effect=carrier):
        yield carrier


@pytest.fixture
async def disk(hass: HomeAssistant, tmp_path: Path) -> AsyncGenerator[Path]:
    """Keep what is stored in real files; yields their folder."""
    hass.config.config_dir = str(tmp_path)
    folder = tmp_path / STORAGE_DIR
    folder.mkdir()
    with patch.multiple(Store, **_ON_DISK):
        yield folder


@pytest.fixture
def frontend(hass: HomeAssistant) -> UrlManager:
    """Let Home Assistant have a frontend; returns which modules it is to load."""
    hass.config.components.add("frontend")
    modules = UrlManager(lambda change, url: None, [])
    hass.data[DATA_EXTRA_MODULE_URL] = modules
    return modules


type SetUp = Callable[..., Awaitable[MockConfigEntry]]


@pytest.fixture
async def set_up(hass: HomeAssistant) -> SetUp:
    """Set Waybill up with the subentries given, or one parcel."""

    async def _set_up(*subentries: ConfigSubentryDataWithId) -> MockConfigEntry:
        entry = MockConfigEntry(
            domain=DOMAIN,
            title="Waybill",
            version=1,
            entry_id=ENTRY_ID,
            subentries_data=list(subentries) or [parcel_data()],
        )
        entry.add_to_hass(hass)
        assert await async_setup_component(hass, "homeassistant", {})
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        return entry

    return _set_up


type Wait = Callable[[timedelta], Awaitable[None]]


@pytest.fixture
async def wait(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Wait:
    """Let time pass, and all that it sets going."""

    async def _wait(duration: timedelta) -> None:
        freezer.tick(duration)
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)

    return _wait
