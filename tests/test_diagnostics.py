"""Diagnostics tell how Waybill is doing, and nothing about what a person bought."""

from datetime import UTC, datetime
from http import HTTPStatus
import json
from typing import Any
from unittest.mock import AsyncMock, patch

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.waybill.tracking.model import Estimate, Leg, Stage
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.base import CredentialsRejected
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.setup import async_setup_component

from .conftest import (
    NUMBER,
    OTHER_PARCEL_ID,
    PARCEL_ID,
    Carrier,
    SetUp,
    account_data,
    parcel_data,
)

UPS = "1Z999AA10123456784"
LAST_MILE = "9400111206206406260787"
ACCOUNT_ID = "01JACCOUNT000000000000001"

SECRETS = (
    NUMBER,
    NUMBER[2:],
    UPS,
    UPS[2:],
    LAST_MILE,
    "Running shoes",
    "Birthday surprise",
    "Lights & Co",
    "aliexpress",
    "81-22-order",
    "SW1A 9ZZ",
    '"0987"',
    "For the hall",
    "Left with Mrs. Neighbour",
    "raw words",
    "Springfield",
    "Locker 12 at the station",
    "J. DOE",
    "a-secret-key",
    "account of Jane",
)


@pytest.fixture
async def entry(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> MockConfigEntry:
    """Follow a parcel with all that can be known of one, and one that nobody knows."""
    account = account_data("dhl")
    account["title"] = "account of Jane"
    entry = await set_up(
        parcel_data(
            carrier="cainiao",
            seller="Lights & Co",
            order_url="https://www.aliexpress.com/order",
            order_number="81-22-order",
            postal_code="SW1A 9ZZ",
            phone_last4="0987",
            notes="For the hall",
            stalled_after_days=21,
        ),
        parcel_data(UPS, OTHER_PARCEL_ID, "Birthday surprise"),
        account,
    )
    carrier.scan(
        Stage.OUT_FOR_DELIVERY,
        code="GTMS_DO_DEPART",
        description="Left with Mrs. Neighbour",
        location="Springfield",
        country="US",
    )
    carrier.answer(
        pickup_point="Locker 12 at the station",
        signed_by="J. DOE",
        estimate=Estimate(start=datetime(2026, 11, 20, tzinfo=UTC)),
        next_leg=Leg(tracking_number=LAST_MILE, carrier="usps"),
        destination_country="US",
    )
    await entry.runtime_data.async_ask([PARCEL_ID])
    await hass.async_block_till_done()
    return entry


type Download = Any


@pytest.fixture
async def download(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, entry: MockConfigEntry
) -> Download:
    """Download the diagnostics of the entry, or of a device, as a person does."""
    assert await async_setup_component(hass, "diagnostics", {})
    client = await hass_client()

    async def _download(owner: str | None = None) -> dict[str, Any]:
        address = f"/api/diagnostics/config_entry/{entry.entry_id}"
        if owner is not None:
            device = dr.async_get(hass).async_get_device_by_identifier(
                ("waybill", owner), entry.entry_id
            )
            assert device is not None
            address += f"/device/{device.id}"
        response = await client.get(address)
        assert response.status == HTTPStatus.OK
        payload = await response.json()
        text = json.dumps(payload, ensure_ascii=False)
        assert [secret for secret in SECRETS if secret in text] == []
        return payload["data"]

    return _download


async def test_diagnostics_tell_how_all_is_doing(
    hass: HomeAssistant, download: Download
) -> None:
    # The repairs name the parcel that nobody can be asked about.
    assert any(
        "Birthday surprise" in issue.translation_placeholders.values()
        for issue in ir.async_get(hass).issues.values()
        if issue.translation_placeholders
    )
    told = await download()
    assert told["stages"] == {"out_for_delivery": 1, "pending": 1}
    assert told["simulated"] is False
    assert [account["provider"] for account in told["accounts"]] == [
        "cainiao",
        "inpost",
        "dhl",
    ]
    assert told["accounts"][0]["ledger"]["used"] == 1
    assert told["next_wake"] is not None
    known, unknown = told["parcels"]
    assert known["tracking_number"] == "LP**************"
    assert known["last_checked"] < known["next_check"]
    assert known["settings"]["stalled_after_days"] == 21
    assert known["settings"]["notes"] == "(12 characters)"
    assert known["asks"][0]["reason"] == "carrier"
    assert known["legs"][1] == {
        "tracking_number": "94********************",
        "carrier": "usps",
        "found_by": "cainiao",
        "since": known["legs"][1]["since"],
    }
    assert known["tracks"][0]["events"] == 1
    assert known["estimate"]["provider"] == "cainiao"
    assert known["signed_by"] == "(6 characters)"
    (event,) = known["events"]
    assert event["code"] == "GTMS_DO_DEPART"
    assert event["stage"] == "out_for_delivery"
    # What is secret is told by its length, so that an empty or a cut one shows.
    for shown, secret in (
        (known["settings"]["seller"], "Lights & Co"),
        (known["settings"]["order_url"], "https://www.aliexpress.com/order"),
        (known["settings"]["order_number"], "81-22-order"),
        (known["settings"]["postal_code"], "SW1A 9ZZ"),
        (known["settings"]["phone_last4"], "0987"),
        (known["pickup_point"], "Locker 12 at the station"),
        (event["location"], "Springfield"),
        (event["description"], "Left with Mrs. Neighbour"),
        (event["words"], "raw words"),
    ):
        assert shown == f"({len(secret)} characters)"
    assert "out_for_delivery" in [m["milestone"] for m in known["milestones"]]
    assert unknown["asks"] == []
    assert unknown["estimate"] is None


async def test_the_diagnostics_of_a_parcel_tell_whom_it_asks(
    download: Download,
) -> None:
    told = await download(PARCEL_ID)
    assert told["parcel"]["parcel_id"] == PARCEL_ID
    assert [account["provider"] for account in told["accounts"]] == ["cainiao"]


async def test_the_diagnostics_of_an_account_tell_its_troubles(
    hass: HomeAssistant, entry: MockConfigEntry, download: Download
) -> None:
    told = await download(ACCOUNT_ID)
    assert told["account"]["refuses"] is None
    rejected = AsyncMock(side_effect=CredentialsRejected("HTTP 401"))
    with patch.object(PROVIDERS["dhl"], "fetch", rejected):
        hass.config_entries.async_update_subentry(
            entry,
            entry.subentries[OTHER_PARCEL_ID],
            data={**entry.subentries[OTHER_PARCEL_ID].data, "provider": "dhl"},
        )
        await entry.runtime_data.async_ask([OTHER_PARCEL_ID])
        await hass.async_block_till_done()
    told = await download(ACCOUNT_ID)
    assert told["account"]["refuses"] == "credentials_rejected"
    assert told["account"]["ledger"]["failures"] == 1


async def test_the_diagnostics_of_the_hub_are_those_of_all(
    entry: MockConfigEntry, download: Download
) -> None:
    assert len((await download(entry.entry_id))["parcels"]) == 2


async def test_diagnostics_can_be_had_while_waybill_is_not_running(
    hass: HomeAssistant, entry: MockConfigEntry, download: Download
) -> None:
    await hass.config_entries.async_unload(entry.entry_id)
    told = await download()
    assert told["state"] == "not_loaded"
    assert "parcels" not in told
    assert (await download(PARCEL_ID))["state"] == "not_loaded"
