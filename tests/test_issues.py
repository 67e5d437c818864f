"""Repairs say in plain words what the person can put right."""

from datetime import timedelta
from unittest.mock import patch

import pytest

from custom_components.waybill.const import DOMAIN
from custom_components.waybill.tracking.model import Stage
from custom_components.waybill.tracking.providers import PROVIDERS
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .conftest import PARCEL_ID, Carrier, SetUp, Wait, account_data, parcel_data
from .flow_texts import LANGUAGES, placeholders, texts

HOUR = timedelta(hours=1)
USPS = "9400111206451200183149"
ACCOUNT_ID = "01JACCOUNT000000000000001"


def issue(hass: HomeAssistant, key: str) -> ir.IssueEntry | None:
    """Return a repair about the parcel, once it is sure that it can be read."""
    found = ir.async_get(hass).async_get_issue(DOMAIN, f"{key}_{PARCEL_ID}")
    if found is not None:
        told = set(found.translation_placeholders or {})
        for language in LANGUAGES:
            words = texts(language)["issues"][found.translation_key]
            for text in (words["title"], words["description"]):
                assert placeholders(text) <= told
    return found


@pytest.mark.parametrize(
    ("helpful", "words", "paid"),
    [
        (["ups", "dhl", "seventeentrack", "parcel_app"], "no_provider", ""),
        (["dhl", "seventeentrack", "parcel_app"], "no_provider_some_paid", "Parcel"),
        (["parcel_app"], "no_provider_paid", "Parcel"),
        ([], "no_provider_at_all", ""),
    ],
)
async def test_who_would_help_is_named_best_first_and_what_costs_money(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    helpful: list[str],
    words: str,
    paid: str,
) -> None:
    with patch("custom_components.waybill.issues.would_help", return_value=helpful):
        await set_up(parcel_data(USPS))
    found = issue(hass, "no_provider")
    assert found is not None
    assert found.translation_key == words
    assert found.translation_placeholders is not None
    names = [PROVIDERS[provider].name for provider in helpful[:3]]
    assert found.translation_placeholders["accounts"] == ", ".join(names)
    assert found.translation_placeholders["paid"].startswith(paid)
    assert bool(found.translation_placeholders["paid"]) == bool(paid)


async def test_an_account_that_is_there_only_waits_to_be_allowed(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up(parcel_data(USPS), account_data("seventeentrack"))
    found = issue(hass, "no_provider")
    assert found is not None
    assert found.translation_key == "no_provider_allowed"
    assert found.translation_placeholders is not None
    assert found.translation_placeholders["accounts"] == "17TRACK"
    account = entry.subentries[ACCOUNT_ID]
    hass.config_entries.async_update_subentry(
        entry, account, data={**account.data, "auto_register": True}
    )
    await hass.async_block_till_done()
    assert issue(hass, "no_provider") is None


async def test_beside_an_account_that_waits_the_carriers_own_is_named(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    await set_up(parcel_data("1Z12345E0205271688"), account_data("seventeentrack"))
    found = issue(hass, "no_provider")
    assert found is not None
    assert found.translation_key == "no_provider_allowed_or_own"
    assert found.translation_placeholders is not None
    assert found.translation_placeholders["accounts"] == "17TRACK"
    assert found.translation_placeholders["own"] == "UPS"


async def test_who_was_chosen_and_has_no_account_any_more_is_missed(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    """The parcel has news already, and others are asked instead."""
    entry = await set_up(parcel_data(provider="dhl"), account_data("dhl"))
    assert issue(hass, "pinned_provider_missing") is None
    account = entry.subentries[ACCOUNT_ID]
    hass.config_entries.async_remove_subentry(entry, ACCOUNT_ID)
    carrier.scan(Stage.SHIPPED)
    await wait(3 * HOUR)
    found = issue(hass, "pinned_provider_missing")
    assert found is not None
    assert found.translation_key == "pinned_provider_missing"
    assert found.translation_placeholders is not None
    assert found.translation_placeholders["provider"] == "DHL"
    assert found.translation_placeholders["instead"] == "Cainiao"
    hass.config_entries.async_add_subentry(entry, account)
    await hass.async_block_till_done()
    assert issue(hass, "pinned_provider_missing") is None


async def test_who_was_chosen_is_missed_where_nobody_else_can_be_asked(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up(parcel_data(USPS, provider="a_provider_of_old"))
    found = issue(hass, "pinned_provider_missing")
    assert found is not None
    assert found.translation_key == "pinned_provider_missing_nobody"
    assert found.translation_placeholders is not None
    assert found.translation_placeholders["provider"] == "a_provider_of_old"
    assert issue(hass, "no_provider") is None
    parcel = entry.subentries[PARCEL_ID]
    data = {k: v for k, v in parcel.data.items() if k != "provider"}
    hass.config_entries.async_update_subentry(entry, parcel, data=data)
    await hass.async_block_till_done()
    assert issue(hass, "pinned_provider_missing") is None
    assert issue(hass, "no_provider") is not None


async def test_a_delivered_parcel_misses_nobody(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up(parcel_data(provider="dhl"))
    assert issue(hass, "pinned_provider_missing") is not None
    carrier.scan(Stage.DELIVERED)
    await wait(3 * HOUR)
    assert issue(hass, "pinned_provider_missing") is None


async def test_a_name_that_others_gave_brings_in_no_link_and_no_picture(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    name = "![x](http://evil.example/p.png) [here](http://evil.example) <b>`"
    await set_up(parcel_data(USPS, name=name))
    found = issue(hass, "no_provider")
    assert found is not None and found.translation_placeholders is not None
    assert not set("[]<>`") & set(found.translation_placeholders["parcel"])
