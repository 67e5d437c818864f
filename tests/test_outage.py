"""A provider that is away for long: asked seldom, missed by nobody, caught up with."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
import re
import ssl
from unittest.mock import Mock

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorDNSError,
    ClientConnectorError,
    ServerDisconnectedError,
)
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from custom_components.waybill.tracking.model import Stage
from custom_components.waybill.tracking.providers.base import ProviderUnavailable
from homeassistant.core import HomeAssistant

from .conftest import Carrier, SetUp, Wait, account_data, parcel_data

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
STAGE = "sensor.running_shoes"
PROBLEM = "binary_sensor.dhl_problem"
DHL = re.compile(r"https://api-eu\.dhl\.com/.*")
ANSWER = Path(__file__).parent / "fixtures" / "dhl" / "cleared_and_delivered.json"
KEY = Mock(host="api-eu.dhl.com", port=443, ssl=True)
FAILURES = {
    "no such name": {"exc": ClientConnectorDNSError(KEY, OSError("no such name"))},
    "refused": {"exc": ClientConnectorError(KEY, ConnectionRefusedError())},
    "certificate": {
        "exc": ClientConnectorCertificateError(
            KEY, ssl.SSLCertVerificationError("expired")
        )
    },
    "hangs": {"exc": TimeoutError()},
    "hangs up": {"exc": ServerDisconnectedError()},
    "503": {"status": 503},
}


@pytest.mark.parametrize("failure", FAILURES)
async def test_a_provider_that_is_away_for_a_week_is_asked_seldom_and_found_again(
    hass: HomeAssistant,
    aioclient_mock: AiohttpClientMocker,
    set_up: SetUp,
    wait: Wait,
    freezer: object,
    caplog: pytest.LogCaptureFixture,
    failure: str,
) -> None:
    aioclient_mock.get(DHL, **FAILURES[failure])
    await set_up(parcel_data("1234567897", provider="dhl"), account_data("dhl"))
    for _ in range(7 * 4):
        await wait(6 * HOUR)
        assert hass.states.get(STAGE).state == "pending"
        assert hass.states.get(PROBLEM).state == "on"
    # 5, 10 ... 640 and 1280 minutes, then once a day.
    assert 10 <= aioclient_mock.call_count <= 16
    assert caplog.text.count("DHL gives no answer") == 1

    aioclient_mock.clear_requests()
    aioclient_mock.get(DHL, text=ANSWER.read_text(encoding="utf-8"))
    for _ in range(5):
        await wait(6 * HOUR)
    assert hass.states.get(STAGE).state == "delivered"
    assert hass.states.get(PROBLEM).state == "off"
    assert caplog.text.count("DHL answers again") == 1


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_month_without_answers_is_told_in_order_afterwards(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait, restarted: bool
) -> None:
    entry = await set_up()
    carrier.scan(Stage.IN_TRANSIT)
    await wait(3 * HOUR)
    assert hass.states.get(STAGE).state == "in_transit"
    events = async_capture_events(hass, "waybill_milestone")
    asked = len(carrier.asked)

    carrier.error = ProviderUnavailable("HTTP 503")
    for hours in range(0, 30 * 24, 12):
        await wait(12 * HOUR)
        assert hass.states.get(STAGE).state == "in_transit"
        if restarted and hours % 72 == 0:
            # Nobody asks sooner because Home Assistant starts anew.
            assert await hass.config_entries.async_reload(entry.entry_id)
            await hass.async_block_till_done()
    assert 25 <= len(carrier.asked) - asked <= 45

    now = datetime.now(UTC)
    for age, stage in (
        (9 * DAY, Stage.IN_CUSTOMS),
        (6 * DAY, Stage.CUSTOMS_CLEARED),
        (2 * DAY, Stage.OUT_FOR_DELIVERY),
        (2 * DAY - 5 * HOUR, Stage.DELIVERED),
    ):
        carrier.scan(stage, at=now - age)
    carrier.error = None
    for _ in range(8):
        await wait(6 * HOUR)
    told = [event.data["milestone"] for event in events]
    told = [name for name in told if name not in {"stage_changed", "stalled"}]
    assert told == ["customs_cleared", "delivered"]
    assert len({event.data["milestone_id"] for event in events}) == len(events)
    assert hass.states.get(STAGE).state == "delivered"
