"""The page of the system's health tells at a glance how Waybill is doing."""

from typing import Any

import aiohttp
import pytest
from pytest_homeassistant_custom_component.common import get_system_health_info
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from custom_components.waybill.tracking.providers.base import ProviderUnavailable
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from .conftest import PARCEL_ID, Carrier, SetUp, account_data, parcel_data
from .flow_texts import LANGUAGES, texts


async def _health(hass: HomeAssistant) -> dict[str, Any]:
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    info = await get_system_health_info(hass, "waybill")
    info["can_reach_cainiao"] = await info["can_reach_cainiao"]
    for language in LANGUAGES:
        assert info.keys() <= texts(language)["system_health"]["info"].keys()
    return info


async def test_all_is_well(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    aioclient_mock: AiohttpClientMocker,
) -> None:
    aioclient_mock.get("https://global.cainiao.com")
    await set_up(parcel_data(), account_data("dhl"))
    assert aioclient_mock.call_count == 0
    assert await _health(hass) == {
        "parcels": 1,
        "accounts": 1,
        "providers_in_trouble": "",
        "can_reach_cainiao": "ok",
        "simulator": False,
    }


async def test_a_provider_is_in_trouble(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    aioclient_mock: AiohttpClientMocker,
) -> None:
    aioclient_mock.get("https://global.cainiao.com", exc=aiohttp.ClientError)
    carrier.error = ProviderUnavailable("HTTP 503")
    entry = await set_up()
    await entry.runtime_data.async_ask([PARCEL_ID])
    health = await _health(hass)
    assert health["providers_in_trouble"] == "Cainiao"
    assert health["can_reach_cainiao"] == {"type": "failed", "error": "unreachable"}


async def test_simulated_carriers_are_told_from_real_ones(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    aioclient_mock: AiohttpClientMocker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WAYBILL_SIMULATOR", "http://127.0.0.1:8765/")
    aioclient_mock.get("http://127.0.0.1:8765/")
    entry = await set_up()
    assert (await _health(hass))["simulator"] is True
    await hass.config_entries.async_unload(entry.entry_id)
    assert "parcels" not in await _health(hass)
