"""A person sets Waybill up, and changes what holds for all parcels."""

from collections.abc import Iterator, Mapping
import json
import re
from typing import Any
from unittest.mock import patch

import pytest

from custom_components.waybill.const import DOMAIN
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .conftest import NUMBER, Carrier, SetUp
from .flow_texts import LANGUAGES, every_form_has_its_texts, placeholders, texts

MISTYPED_UPS = "1Z999AA10123456785"


@pytest.fixture(autouse=True)
def _texts() -> Iterator[None]:
    with every_form_has_its_texts():
        yield


async def _begin(hass: HomeAssistant) -> str:
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "user")
    return result["flow_id"]


async def test_waybill_is_set_up_with_a_first_parcel(
    hass: HomeAssistant, carrier: Carrier
) -> None:
    flow_id = await _begin(hass)
    configure = hass.config_entries.flow.async_configure
    form = await configure(flow_id, {"tracking_number": "lp 0012 3456 789 012"})
    assert form["step_id"] == "parcel"
    assert form["description_placeholders"]["carriers"] == "Cainiao"
    result = await configure(
        flow_id, {"name": "Running shoes", "more": {"notes": "For Sunday"}}
    )
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert (result["title"], result["data"]) == ("Waybill", {})
    entry = result["result"]
    (parcel,) = entry.subentries.values()
    assert (parcel.title, parcel.unique_id) == ("Running shoes", NUMBER)
    assert parcel.data["notes"] == "For Sunday"
    assert hass.states.get("sensor.running_shoes").state == "pending"


@pytest.mark.parametrize("typed", [{}, {"tracking_number": "  "}])
async def test_waybill_is_set_up_without_a_parcel(
    hass: HomeAssistant, carrier: Carrier, typed: dict[str, str]
) -> None:
    flow_id = await _begin(hass)
    result = await hass.config_entries.flow.async_configure(flow_id, typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert not result["result"].subentries
    await hass.async_block_till_done()
    assert carrier.asked == []


async def test_a_first_number_that_is_wrong_can_be_corrected_or_kept(
    hass: HomeAssistant, carrier: Carrier
) -> None:
    flow_id = await _begin(hass)
    configure = hass.config_entries.flow.async_configure
    form = await configure(flow_id, {"tracking_number": "my parcel"})
    assert form["errors"] == {"tracking_number": "not_a_number"}
    form = await configure(flow_id, {"tracking_number": MISTYPED_UPS})
    assert form["errors"] == {"tracking_number": "mistyped"}
    form = await configure(
        flow_id, {"tracking_number": MISTYPED_UPS, "keep_anyway": True}
    )
    assert form["step_id"] == "parcel"
    form = await configure(flow_id, {"more": {"phone_last4": "1"}})
    assert form["errors"] == {"base": "invalid_phone_last4"}
    result = await configure(flow_id, {"more": {"phone_last4": "1234"}})
    (parcel,) = result["result"].subentries.values()
    assert parcel.unique_id == MISTYPED_UPS


async def test_a_first_number_of_no_known_form_is_followed(
    hass: HomeAssistant, carrier: Carrier
) -> None:
    flow_id = await _begin(hass)
    configure = hass.config_entries.flow.async_configure
    form = await configure(flow_id, {"tracking_number": "QQ771234"})
    assert form["step_id"] == "unknown_number"
    result = await configure(flow_id, {"more": {}})
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_waybill_is_set_up_once(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    await set_up()
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert result["reason"] == "single_instance_allowed"


async def test_the_options_hold_for_all_parcels_without_a_reload(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up()
    form = await hass.config_entries.options.async_init(entry.entry_id)
    assert form["data_schema"]({}) == {
        "stalled_after_days": 14,
        "archive_after_days": 30,
        "voice_sentences": True,
        "keep_journals": False,
    }
    with patch.object(hass.config_entries, "async_reload") as reload:
        await hass.config_entries.options.async_configure(
            form["flow_id"],
            {
                "stalled_after_days": 7.0,
                "archive_after_days": 0.0,
                "voice_sentences": False,
                "keep_journals": True,
            },
        )
        await hass.async_block_till_done()
    reload.assert_not_called()
    assert entry.options == {
        "stalled_after_days": 7,
        "archive_after_days": 0,
        "voice_sentences": False,
        "keep_journals": True,
    }
    assert all(type(value) is not float for value in entry.options.values())
    form = await hass.config_entries.options.async_init(entry.entry_id)
    shown = {
        str(marker): marker.description["suggested_value"]
        for marker in form["data_schema"].schema
    }
    assert shown == entry.options


OURS = (
    "config",
    "config_subentries",
    "issues",
    "options",
    "system_health",
    "title",
)


def _leaves(tree: Mapping[str, Any] | str, path: str = "") -> dict[str, str]:
    if isinstance(tree, str):
        return {path: tree}
    leaves: dict[str, str] = {}
    for key, branch in tree.items():
        leaves |= _leaves(branch, f"{path}.{key}")
    return leaves


def test_every_text_is_told_in_every_language() -> None:
    told = [
        {path: placeholders(text) for path, text in _leaves(ours).items()}
        for ours in ({k: texts(lang)[k] for k in OURS} for lang in LANGUAGES)
    ]
    assert all(one == told[0] for one in told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_field_has_the_same_words_in_every_form(language: str) -> None:
    all_texts = texts(language)
    forms = {"config": all_texts["config"]} | all_texts["config_subentries"]
    words: dict[tuple[str, ...], set[str]] = {}
    for flow in ("config", "parcel"):
        for path, text in _leaves(forms[flow]).items():
            if match := re.search(r"\.(data|data_description)\.(\w+)$", path):
                if match[2] != "api_key":
                    words.setdefault(match.groups(), set()).add(text)
            elif match := re.search(r"\.error\.(\w+)$", path):
                words.setdefault(match.groups(), set()).add(text)
    assert {key: said for key, said in words.items() if len(said) > 1} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_addresses_stand_in_no_text(language: str) -> None:
    assert "://" not in json.dumps(texts(language))
