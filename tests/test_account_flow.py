"""A person lends Waybill an account, and renews what no longer works."""

from collections.abc import Iterator
from datetime import timedelta
import logging
from typing import Any
from unittest.mock import AsyncMock, patch

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.waybill.account_flow import CREDENTIAL_PAGES, WITH_CREDENTIALS
from custom_components.waybill.tracking.ledger import Refusal
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.base import (
    AccountInfo,
    CredentialsRejected,
    NotEntitled,
    ProviderUnavailable,
    QuotaExceeded,
)
from homeassistant.config_entries import SOURCE_REAUTH, SOURCE_USER, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir

from .conftest import NUMBER, PARCEL_ID, Carrier, SetUp, Wait, account_data, parcel_data
from .flow_texts import LANGUAGES, every_form_has_its_texts, texts

SECRET = "a-secret-key"
NEW_SECRET = "a-new-secret-key"
ACCOUNT_ID = "01JACCOUNT000000000000001"
OTHER_ACCOUNT_ID = "01JACCOUNT000000000000002"
DHL_NUMBER = "1234567891"

REFUSALS = [
    (CredentialsRejected("HTTP 401"), "invalid_auth"),
    (NotEntitled("no scope"), "not_entitled"),
    (ProviderUnavailable("HTTP 503"), "cannot_connect"),
    (QuotaExceeded("HTTP 429"), "quota_exceeded"),
    (RuntimeError("a defect"), "unknown"),
]


@pytest.fixture(autouse=True)
def _texts() -> Iterator[None]:
    with every_form_has_its_texts():
        yield


@pytest.fixture
def verify(carrier: Carrier) -> Iterator[AsyncMock]:
    """Stand in for DHL and 17TRACK when credentials are tried."""
    verify = AsyncMock(return_value=AccountInfo())
    with (
        patch.object(PROVIDERS["dhl"], "verify", verify),
        patch.object(PROVIDERS["seventeentrack"], "verify", verify),
    ):
        yield verify


@pytest.fixture
def asked(verify: AsyncMock) -> Iterator[AsyncMock]:
    """Stand in for DHL and 17TRACK when they are asked about parcels."""
    asked = AsyncMock(return_value=[])
    with (
        patch.object(PROVIDERS["dhl"], "fetch", asked),
        patch.object(PROVIDERS["seventeentrack"], "fetch", asked),
        patch.object(PROVIDERS["seventeentrack"], "requests_left", AsyncMock()),
    ):
        yield asked


async def _add(
    hass: HomeAssistant, entry: MockConfigEntry, provider: str
) -> dict[str, Any]:
    """Press "Add account", and choose a provider."""
    flows = hass.config_entries.subentries
    menu = await flows.async_init(
        (entry.entry_id, "account"), context={"source": SOURCE_USER}
    )
    assert menu["type"] is FlowResultType.MENU
    assert list(menu["menu_options"]) == WITH_CREDENTIALS
    return await flows.async_configure(menu["flow_id"], {"next_step_id": provider})


def _accounts(entry: MockConfigEntry) -> list[ConfigSubentry]:
    return list(entry.get_subentries_of_type("account"))


def test_every_provider_with_credentials_has_its_form() -> None:
    assert sorted(CREDENTIAL_PAGES) == sorted(WITH_CREDENTIALS)
    for language in LANGUAGES:
        subentries = texts(language)["config_subentries"]
        renewed = texts(language)["config"]["step"]["reauth_confirm"]
        steps = subentries["account"]["step"]
        for provider in WITH_CREDENTIALS:
            fields = set(PROVIDERS[provider].credentials)
            assert provider in steps["user"]["menu_options"]
            assert fields <= steps[provider]["data"].keys()
            assert fields <= steps["reconfigure"]["data"].keys()
            assert fields <= renewed["data"].keys()


async def test_an_account_is_tried_and_then_used(
    hass: HomeAssistant, set_up: SetUp, verify: AsyncMock
) -> None:
    entry = await set_up()
    form = await _add(hass, entry, "dhl")
    assert [str(field) for field in form["data_schema"].schema] == ["api_key"]
    assert "developer.dhl.com" in form["description_placeholders"]["url"]
    result = await hass.config_entries.subentries.async_configure(
        form["flow_id"], {"api_key": f" {SECRET}\n"}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (account,) = _accounts(entry)
    assert account.title == "DHL"
    assert account.data == {"provider": "dhl", "api_key": SECRET}
    assert SECRET not in str(account.unique_id)
    assert verify.await_args.args[1] == {"api_key": SECRET}
    await hass.async_block_till_done()
    usable = [a.account_id for a in entry.runtime_data.accounts.usable()]
    assert account.subentry_id in usable


@pytest.mark.parametrize(("refusal", "error"), REFUSALS)
async def test_an_account_that_cannot_be_tried_is_not_stored_until_it_can(
    hass: HomeAssistant,
    set_up: SetUp,
    verify: AsyncMock,
    caplog: pytest.LogCaptureFixture,
    refusal: Exception,
    error: str,
) -> None:
    entry = await set_up()
    form = await _add(hass, entry, "seventeentrack")
    configure = hass.config_entries.subentries.async_configure
    verify.side_effect = refusal
    typed = {"api_key": SECRET, "auto_register": True, "follow_account": False}
    form = await configure(form["flow_id"], typed)
    assert form["errors"] == {"base": error}
    assert not _accounts(entry)
    shown = {
        str(marker): marker.description["suggested_value"]
        for marker in form["data_schema"].schema
    }
    assert shown == typed
    verify.side_effect = None
    await configure(form["flow_id"], typed)
    assert _accounts(entry)[0].data == {"provider": "seventeentrack", **typed}
    assert SECRET not in caplog.text


async def test_the_same_account_is_not_added_twice(
    hass: HomeAssistant, set_up: SetUp, verify: AsyncMock
) -> None:
    entry = await set_up()
    configure = hass.config_entries.subentries.async_configure
    form = await _add(hass, entry, "dhl")
    await configure(form["flow_id"], {"api_key": SECRET})
    form = await _add(hass, entry, "dhl")
    form = await configure(form["flow_id"], {"api_key": SECRET})
    assert form["errors"] == {"base": "already_added"}
    assert form["description_placeholders"]["account"] == "DHL"
    await configure(form["flow_id"], {"api_key": NEW_SECRET})
    assert [account.title for account in _accounts(entry)] == ["DHL", "DHL 2"]


async def test_an_account_is_known_by_its_name_where_it_has_one(
    hass: HomeAssistant, set_up: SetUp, verify: AsyncMock
) -> None:
    entry = await set_up()
    verify.return_value = AccountInfo(identifier="4711")
    configure = hass.config_entries.subentries.async_configure
    form = await _add(hass, entry, "seventeentrack")
    await configure(form["flow_id"], {"api_key": SECRET, "auto_register": False})
    assert _accounts(entry)[0].unique_id == "seventeentrack_4711"
    form = await _add(hass, entry, "seventeentrack")
    form = await configure(
        form["flow_id"], {"api_key": NEW_SECRET, "auto_register": False}
    )
    assert form["errors"] == {"base": "already_added"}


async def test_the_simulator_is_asked_where_there_is_one(
    hass: HomeAssistant,
    set_up: SetUp,
    carrier: Carrier,
    monkeypatch: pytest.MonkeyPatch,
    aioclient_mock: Any,
) -> None:
    monkeypatch.setenv("WAYBILL_SIMULATOR", "http://127.0.0.1:8765/?pace=60")
    aioclient_mock.get("http://127.0.0.1:8765/track/shipments", status=404, json={})
    entry = await set_up()
    form = await _add(hass, entry, "dhl")
    result = await hass.config_entries.subentries.async_configure(
        form["flow_id"], {"api_key": SECRET}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert {call[1].host for call in aioclient_mock.mock_calls} == {"127.0.0.1"}


async def _change(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    return await entry.start_subentry_reconfigure_flow(hass, ACCOUNT_ID)


@pytest.mark.parametrize("chosen", ["auto_register", "follow_account"])
async def test_a_choice_is_changed_without_trying_the_key_again(
    hass: HomeAssistant, set_up: SetUp, verify: AsyncMock, chosen: str
) -> None:
    entry = await set_up(account_data("seventeentrack"))
    form = await _change(hass, entry)
    # The key is not sent to the browser.
    assert SECRET not in str(form)
    result = await hass.config_entries.subentries.async_configure(
        form["flow_id"], {chosen: True}
    )
    assert result["reason"] == "reconfigure_successful"
    assert entry.subentries[ACCOUNT_ID].data == {
        "provider": "seventeentrack",
        "api_key": SECRET,
        "auto_register": False,
        "follow_account": False,
        chosen: True,
    }
    verify.assert_not_awaited()
    form = await _change(hass, entry)
    (choice,) = (m for m in form["data_schema"].schema if m == chosen)
    assert choice.description == {"suggested_value": True}


@pytest.mark.parametrize(("refusal", "error"), REFUSALS)
async def test_a_new_key_is_tried_before_it_is_stored(
    hass: HomeAssistant,
    set_up: SetUp,
    verify: AsyncMock,
    refusal: Exception,
    error: str,
) -> None:
    entry = await set_up(account_data("dhl"))
    form = await _change(hass, entry)
    configure = hass.config_entries.subentries.async_configure
    verify.side_effect = refusal
    form = await configure(form["flow_id"], {"api_key": NEW_SECRET})
    assert form["errors"] == {"base": error}
    assert entry.subentries[ACCOUNT_ID].data["api_key"] == SECRET
    verify.side_effect = None
    await configure(form["flow_id"], {"api_key": NEW_SECRET})
    assert entry.subentries[ACCOUNT_ID].data["api_key"] == NEW_SECRET


async def test_a_key_cannot_become_that_of_another_account(
    hass: HomeAssistant, set_up: SetUp, verify: AsyncMock
) -> None:
    entry = await set_up(account_data("dhl"))
    configure = hass.config_entries.subentries.async_configure
    form = await _add(hass, entry, "dhl")
    await configure(form["flow_id"], {"api_key": NEW_SECRET})
    form = await _change(hass, entry)
    form = await configure(form["flow_id"], {"api_key": NEW_SECRET})
    assert form["errors"] == {"base": "already_added"}
    assert form["description_placeholders"]["account"] == "DHL 2"
    result = await configure(form["flow_id"], {"api_key": "a third one"})
    assert result["reason"] == "reconfigure_successful"


async def test_an_account_can_be_changed_while_waybill_is_not_running(
    hass: HomeAssistant, set_up: SetUp, verify: AsyncMock
) -> None:
    entry = await set_up(account_data("dhl"))
    await hass.config_entries.async_unload(entry.entry_id)
    form = await _change(hass, entry)
    result = await hass.config_entries.subentries.async_configure(
        form["flow_id"], {"api_key": NEW_SECRET}
    )
    assert result["reason"] == "reconfigure_successful"


def _requests_for_credentials(hass: HomeAssistant) -> list[dict[str, Any]]:
    return [
        flow
        for flow in hass.config_entries.flow.async_progress()
        if flow["context"]["source"] == SOURCE_REAUTH
    ]


@pytest.fixture
async def rejected(
    hass: HomeAssistant, set_up: SetUp, asked: AsyncMock
) -> MockConfigEntry:
    """Follow a parcel with a DHL account whose key is rejected."""
    asked.side_effect = CredentialsRejected("HTTP 401")
    entry = await set_up(parcel_data(DHL_NUMBER, carrier="dhl"), account_data("dhl"))
    await entry.runtime_data.async_ask([PARCEL_ID])
    await hass.async_block_till_done()
    return entry


async def test_a_rejected_key_is_asked_for_by_the_accounts_name(
    hass: HomeAssistant, rejected: MockConfigEntry, asked: AsyncMock, wait: Wait
) -> None:
    (flow,) = _requests_for_credentials(hass)
    assert flow["context"]["title_placeholders"] == {"name": "DHL"}
    form = await hass.config_entries.flow.async_configure(flow["flow_id"])
    assert form["step_id"] == "reauth_confirm"
    assert form["description_placeholders"]["account"] == "DHL"
    # Nothing is asked with a key that was rejected.
    asked.reset_mock()
    await wait(timedelta(days=1))
    asked.assert_not_awaited()


@pytest.mark.parametrize(("refusal", "error"), REFUSALS)
async def test_a_renewed_key_is_tried_and_polling_goes_on(
    hass: HomeAssistant,
    rejected: MockConfigEntry,
    asked: AsyncMock,
    verify: AsyncMock,
    wait: Wait,
    refusal: Exception,
    error: str,
) -> None:
    (flow,) = _requests_for_credentials(hass)
    configure = hass.config_entries.flow.async_configure
    verify.side_effect = refusal
    form = await configure(flow["flow_id"], {"api_key": NEW_SECRET})
    assert form["errors"] == {"base": error}
    verify.side_effect = asked.side_effect = None
    asked.reset_mock()
    result = await configure(flow["flow_id"], {"api_key": NEW_SECRET})
    assert result["reason"] == "reauth_successful"
    assert result["description_placeholders"] == {"account": "DHL"}
    assert rejected.subentries[ACCOUNT_ID].data["api_key"] == NEW_SECRET
    await wait(timedelta(hours=1))
    assert asked.await_args.args[1] == {"api_key": NEW_SECRET}
    assert rejected.runtime_data.accounts.trouble(ACCOUNT_ID) is None
    assert not _requests_for_credentials(hass)
    assert not ir.async_get(hass).issues


async def test_the_same_key_that_works_again_is_used_again(
    hass: HomeAssistant, rejected: MockConfigEntry, asked: AsyncMock, wait: Wait
) -> None:
    (flow,) = _requests_for_credentials(hass)
    asked.side_effect = None
    asked.reset_mock()
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"api_key": SECRET}
    )
    assert result["reason"] == "reauth_successful"
    await wait(timedelta(hours=1))
    asked.assert_awaited()


async def test_a_key_that_another_account_has_is_no_new_key(
    hass: HomeAssistant, rejected: MockConfigEntry, asked: AsyncMock
) -> None:
    form = await _add(hass, rejected, "dhl")
    configure_account = hass.config_entries.subentries.async_configure
    await configure_account(form["flow_id"], {"api_key": NEW_SECRET})
    (flow,) = _requests_for_credentials(hass)
    configure = hass.config_entries.flow.async_configure
    form = await configure(flow["flow_id"], {"api_key": NEW_SECRET})
    assert form["errors"] == {"base": "already_added"}
    assert form["description_placeholders"]["account"] == "DHL 2"
    result = await configure(flow["flow_id"], {"api_key": "a third one"})
    assert result["reason"] == "reauth_successful"


async def test_accounts_are_asked_for_one_after_the_other(
    hass: HomeAssistant, set_up: SetUp, asked: AsyncMock
) -> None:
    asked.side_effect = CredentialsRejected("HTTP 401")
    entry = await set_up(
        parcel_data(DHL_NUMBER, carrier="dhl"),
        parcel_data(NUMBER, "01JPARCEL0000000000000003", provider="seventeentrack"),
        account_data("dhl"),
        account_data("seventeentrack", OTHER_ACCOUNT_ID),
    )
    await entry.runtime_data.async_ask(list(entry.runtime_data.data))
    await hass.async_block_till_done()
    (first,) = _requests_for_credentials(hass)
    await hass.config_entries.flow.async_configure(
        first["flow_id"], {"api_key": NEW_SECRET}
    )
    (second,) = _requests_for_credentials(hass)
    names = {flow["context"]["title_placeholders"]["name"] for flow in (first, second)}
    assert names == {"DHL", "17TRACK"}


async def test_a_key_that_was_changed_by_hand_is_asked_for_no_more(
    hass: HomeAssistant, rejected: MockConfigEntry, asked: AsyncMock, wait: Wait
) -> None:
    asked.side_effect = None
    form = await _change(hass, rejected)
    await hass.config_entries.subentries.async_configure(
        form["flow_id"], {"api_key": NEW_SECRET}
    )
    assert not _requests_for_credentials(hass)
    asked.reset_mock()
    await wait(timedelta(hours=1))
    asked.assert_awaited()


async def test_a_change_without_a_key_asks_for_the_key_still(
    hass: HomeAssistant, rejected: MockConfigEntry
) -> None:
    form = await _change(hass, rejected)
    await hass.config_entries.subentries.async_configure(form["flow_id"], {})
    assert len(_requests_for_credentials(hass)) == 1
    trouble = rejected.runtime_data.accounts.trouble(ACCOUNT_ID)
    assert trouble is Refusal.CREDENTIALS


async def test_an_account_that_was_removed_is_asked_for_no_more(
    hass: HomeAssistant, rejected: MockConfigEntry
) -> None:
    hass.config_entries.async_remove_subentry(rejected, ACCOUNT_ID)
    await hass.async_block_till_done()
    assert not _requests_for_credentials(hass)


async def test_a_request_for_credentials_outlives_its_account_by_nothing(
    hass: HomeAssistant, rejected: MockConfigEntry
) -> None:
    (flow,) = _requests_for_credentials(hass)
    await hass.config_entries.async_unload(rejected.entry_id)
    hass.config_entries.async_remove_subentry(rejected, ACCOUNT_ID)
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"api_key": NEW_SECRET}
    )
    assert result["reason"] == "account_removed"


async def test_a_key_is_in_no_log(
    hass: HomeAssistant,
    rejected: MockConfigEntry,
    verify: AsyncMock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    (flow,) = _requests_for_credentials(hass)
    verify.side_effect = RuntimeError("a defect")
    await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"api_key": NEW_SECRET}
    )
    assert NEW_SECRET not in caplog.text
    assert SECRET not in caplog.text
