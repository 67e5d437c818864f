"""Providers that fail, over real HTTP: nothing known is lost, others go on."""

from collections.abc import AsyncGenerator
from datetime import timedelta
import logging

import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.waybill.tracking.ledger import Refusal
from homeassistant.core import HomeAssistant

from .conftest import SetUp, Wait, account_data, parcel_data
from .simulator import (
    DAY,
    HOUR,
    KEYS,
    Fault,
    FaultKind,
    Journey,
    Kind,
    Simulator,
    Stage,
    Step,
    numbers,
)

MINUTE = timedelta(minutes=1)
STEPS = (
    Step(-6 * DAY, Kind.PICKED_UP, "Shenzhen", "CN"),
    Step(-2 * DAY, Kind.ARRIVED, "Paris", "FR"),
    Step(-DAY, Kind.IMPORT_STARTED, country="FR"),
)
SHOES = Journey(number=numbers.cainiao(42), destination="FR", steps=STEPS)
LAMP = Journey(number="6190045201", carrier="dhl", destination="FR", steps=STEPS)
BEANS = Journey(
    number="9400111206619004520717", carrier="usps", destination="US", steps=STEPS
)
JOURNEYS = {"cainiao": SHOES, "dhl": LAMP, "seventeentrack": BEANS}
ENTITIES = {
    "cainiao": "sensor.shoes",
    "dhl": "sensor.lamp",
    "seventeentrack": "sensor.beans",
}
IDS = {
    "cainiao": "01JPARCEL0000000000000001",
    "dhl": "01JPARCEL0000000000000002",
    "seventeentrack": "01JPARCEL0000000000000003",
}
DHL_ACCOUNT = "01JACCOUNT000000000000001"
TRACK_ACCOUNT = "01JACCOUNT000000000000002"
ACCOUNTS = {"cainiao": "cainiao", "dhl": DHL_ACCOUNT, "seventeentrack": TRACK_ACCOUNT}


@pytest.fixture
async def simulator(
    socket_enabled: None, freezer: object, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Simulator]:
    """Play three journeys, one at each provider."""
    async with Simulator(JOURNEYS.values()) as simulator:
        simulator.seventeentrack.settling = timedelta(0)
        monkeypatch.setenv("WAYBILL_SIMULATOR", simulator.setting)
        yield simulator


@pytest.fixture
async def home(set_up: SetUp, wait: Wait, simulator: Simulator):
    """Follow them, and have had a first answer of each."""
    entry = await set_up(
        account_data("dhl", DHL_ACCOUNT, api_key=KEYS["dhl"]),
        account_data("seventeentrack", TRACK_ACCOUNT, api_key=KEYS["seventeentrack"]),
        parcel_data(SHOES.number, IDS["cainiao"], "Shoes"),
        parcel_data(LAMP.number, IDS["dhl"], "Lamp"),
        parcel_data(
            BEANS.number, IDS["seventeentrack"], "Beans", provider="seventeentrack"
        ),
    )
    await wait(3 * timedelta(seconds=1))
    for _ in range(3):
        await wait(HOUR)
    return entry


UNAVAILABLE = {
    "503": Fault(FaultKind.STATUS, status=503),
    "503 with Retry-After": Fault(FaultKind.STATUS, status=503, retry_after="7200"),
    "500": Fault(FaultKind.STATUS, status=500),
    "HTML with 200": Fault(FaultKind.HTML),
    "truncated JSON": Fault(FaultKind.TRUNCATED),
    "a JSON string": Fault(FaultKind.OTHER_JSON, body="nonsense"),
    "a JSON list": Fault(FaultKind.OTHER_JSON, body=[1, None, {}]),
    "a JSON number": Fault(FaultKind.OTHER_JSON, body=7),
    "a broken connection": Fault(FaultKind.RESET),
}
QUOTA = {
    "429": Fault(FaultKind.STATUS, status=429),
    "429 with Retry-After": Fault(FaultKind.STATUS, status=429, retry_after="43200"),
}


@pytest.mark.parametrize("provider", list(JOURNEYS))
@pytest.mark.parametrize("fault", [*UNAVAILABLE, *QUOTA])
async def test_a_provider_that_fails_takes_nothing_away(
    hass: HomeAssistant,
    home,
    wait: Wait,
    simulator: Simulator,
    provider: str,
    fault: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert {hass.states.get(e).state for e in ENTITIES.values()} == {"in_customs"}
    events = async_capture_events(hass, "waybill_milestone")
    caplog.set_level(logging.DEBUG)
    simulator.fail(provider, (UNAVAILABLE | QUOTA)[fault], times=None)
    others = [name for name in JOURNEYS if name != provider]
    for name in others:
        simulator.journey(JOURNEYS[name].number).scan(Stage.CUSTOMS_CLEARED)
    for _ in range(5):
        await wait(HOUR)
    plan = home.runtime_data.plan
    reason = Refusal.QUOTA if fault in QUOTA else Refusal.BACKOFF
    assert plan.ledger(ACCOUNTS[provider]).blocked_by is reason
    assert hass.states.get(ENTITIES[provider]).state == "in_customs"
    for name in others:
        assert hass.states.get(ENTITIES[name]).state == "customs_cleared"
    lines = [r for r in caplog.records if "gives no answer" in r.message]
    assert len(lines) == 1
    assert all(event.data["name"].lower() != ENTITIES[provider][7:] for event in events)
    ours = [r.getMessage() for r in caplog.records if "waybill" in r.name]
    for secret in (*KEYS.values(), SHOES.number, LAMP.number, BEANS.number):
        assert not [line for line in ours if secret in line]
    # When it is well again, what happened meanwhile is told.
    simulator.heal()
    simulator.journey(JOURNEYS[provider].number).scan(Stage.CUSTOMS_CLEARED)
    for _ in range(30):
        await wait(HOUR)
    assert hass.states.get(ENTITIES[provider]).state == "customs_cleared"


@pytest.mark.parametrize("provider", list(JOURNEYS))
@pytest.mark.parametrize(
    "fault",
    [
        Fault(FaultKind.EMPTY),
        Fault(FaultKind.UNKNOWN),
        Fault(FaultKind.SHORTER, keep=1),
        Fault(FaultKind.OTHER_NUMBER),
        Fault(FaultKind.DOUBLED),
    ],
    ids=lambda fault: fault.kind.value,
)
async def test_a_provider_that_forgets_takes_nothing_away(
    hass: HomeAssistant,
    home,
    wait: Wait,
    simulator: Simulator,
    provider: str,
    fault: Fault,
) -> None:
    parcel = home.runtime_data.data[IDS[provider]]
    assert len(parcel.events) == 3
    events = async_capture_events(hass, "waybill_milestone")
    asked = len(simulator.asked(provider))
    simulator.fail(provider, fault, times=None)
    for _ in range(5):
        await wait(HOUR)
    assert len(simulator.asked(provider)) > asked
    assert home.runtime_data.data[IDS[provider]].events == parcel.events
    assert hass.states.get(ENTITIES[provider]).state == "in_customs"
    assert not events


@pytest.mark.parametrize("provider", ["dhl", "seventeentrack"])
async def test_a_rejected_key_asks_for_another(
    hass: HomeAssistant, home, wait: Wait, simulator: Simulator, provider: str
) -> None:
    simulator.fail(provider, Fault(FaultKind.KEY), times=None)
    for _ in range(8):
        await wait(HOUR)
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"
    plan = home.runtime_data.plan
    assert plan.ledger(ACCOUNTS[provider]).blocked_by is Refusal.CREDENTIALS
    assert hass.states.get(ENTITIES[provider]).state == "in_customs"


async def test_a_spent_quota_is_waited_out(
    hass: HomeAssistant, home, wait: Wait, simulator: Simulator
) -> None:
    simulator.fail("dhl", Fault(FaultKind.QUOTA), times=None)
    for _ in range(3):
        await wait(HOUR)
    plan = home.runtime_data.plan
    assert plan.ledger(DHL_ACCOUNT).blocked_by is Refusal.QUOTA
    assert hass.states.get("sensor.lamp").state == "in_customs"


async def test_a_quota_spent_on_numbers_leaves_the_known_ones_alone(
    hass: HomeAssistant, home, wait: Wait, simulator: Simulator
) -> None:
    simulator.seventeentrack.quota_total = 1
    await hass.services.async_call(
        "waybill",
        "add_parcel",
        {
            "tracking_number": "9400111206619004520724",
            "name": "Tea",
            "provider": "seventeentrack",
            "force": True,
        },
        blocking=True,
    )
    await wait(timedelta(seconds=3))
    simulator.journey(BEANS.number).scan(Stage.CUSTOMS_CLEARED)
    for _ in range(3):
        await wait(HOUR)
    assert hass.states.get("sensor.tea").state == "pending"
    assert hass.states.get("sensor.beans").state == "customs_cleared"


async def test_the_bot_wall_is_left_alone_for_hours(
    hass: HomeAssistant, home, wait: Wait, simulator: Simulator
) -> None:
    simulator.fail("cainiao", Fault(FaultKind.WALL), times=None)
    for _ in range(3):
        await wait(HOUR)
    asked = len(simulator.asked("cainiao"))
    for _ in range(11):
        await wait(10 * MINUTE)
    assert len(simulator.asked("cainiao")) <= asked + 1
    assert hass.states.get("sensor.shoes").state == "in_customs"


async def test_a_number_that_nobody_knows_is_pending(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> None:
    await set_up(parcel_data(numbers.cainiao(7), name="Hat"))
    for _ in range(5):
        await wait(HOUR)
    assert hass.states.get("sensor.hat").state == "pending"
    assert simulator.asked("cainiao")


async def test_the_simulator_is_never_asked_for_more_than_it_allows(
    hass: HomeAssistant, home, wait: Wait, simulator: Simulator
) -> None:
    for _ in range(2 * 24 * 6):
        await wait(10 * MINUTE)
    assert {request.status for request in simulator.requests} == {200}


async def test_a_quota_that_is_not_told_is_not_shown(
    hass: HomeAssistant, home, wait: Wait, simulator: Simulator
) -> None:
    left = home.runtime_data.accounts.requests_left(TRACK_ACCOUNT)
    assert left is not None
    simulator.fail(
        "seventeentrack",
        Fault(FaultKind.STATUS, status=503, path="getquota"),
        times=None,
    )
    simulator.journey(BEANS.number).scan(Stage.CUSTOMS_CLEARED)
    for _ in range(4):
        await wait(HOUR)
    assert hass.states.get("sensor.beans").state == "customs_cleared"
    assert home.runtime_data.accounts.requests_left(TRACK_ACCOUNT) == left
