"""Triggers fire once for each milestone of the parcels that they are about."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)
import voluptuous as vol

from custom_components.waybill.tracking.model import MilestoneName, Stage
from custom_components.waybill.trigger import TRIGGERS
from homeassistant.components.websocket_api.automation import (
    async_get_triggers_for_target,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    label_registry as lr,
)
from homeassistant.helpers.trigger import (
    TriggerConfig,
    async_get_all_descriptions,
    async_validate_trigger_config,
)
from homeassistant.setup import async_setup_component

from .conftest import (
    NUMBER,
    OTHER_NUMBER,
    OTHER_PARCEL_ID,
    PARCEL_ID,
    Carrier,
    SetUp,
    Wait,
    parcel_data,
)

HOUR = timedelta(hours=1)

BAGS = parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Bags")

type Automate = Callable[..., Awaitable[list[Event]]]


@pytest.fixture
async def automate(hass: HomeAssistant) -> Automate:
    """Let an automation fire an event of its own for each time it runs."""

    async def _automate(trigger: str, **target: Any) -> list[Event]:
        runs = async_capture_events(hass, "it_ran")
        action = {
            "event": "it_ran",
            "event_data_template": {"trigger": "{{ trigger }}"},
        }
        assert await async_setup_component(
            hass,
            "automation",
            {
                "automation": {
                    "alias": "Porch light",
                    "triggers": {"trigger": trigger, "target": target},
                    "actions": [action],
                }
            },
        )
        await hass.async_block_till_done()
        return runs

    return _automate


def device_id(hass: HomeAssistant, entry: MockConfigEntry, of: str) -> str:
    device = dr.async_get(hass).async_get_device_by_identifier(
        ("waybill", of), entry.entry_id
    )
    assert device is not None
    return device.id


def names(runs: list[Event]) -> list[str]:
    return [run.data["trigger"]["name"] for run in runs]


async def clear_customs(carrier: Carrier, wait: Wait, number: str = NUMBER) -> None:
    """Let a parcel enter customs, and be cleared."""
    carrier.scan(Stage.IN_CUSTOMS, number)
    await wait(3 * HOUR)
    carrier.scan(
        Stage.CUSTOMS_CLEARED, number, description="Released", location="Roissy"
    )
    await wait(3 * HOUR)


async def test_the_device_of_a_parcel(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait, automate: Automate
) -> None:
    entry = await set_up(parcel_data(), BAGS)
    device = device_id(hass, entry, PARCEL_ID)
    runs = await automate("waybill.customs_cleared", device_id=device)
    milestones = async_capture_events(hass, "waybill_milestone")
    await wait(3 * HOUR)
    await clear_customs(carrier, wait)
    await clear_customs(carrier, wait, OTHER_NUMBER)

    assert names(runs) == ["Running shoes"]
    told = next(
        event for event in milestones if event.data["milestone"] == "customs_cleared"
    )
    trigger = runs[0].data["trigger"]
    assert told.data == {key: trigger[key] for key in told.data} | {
        "entity_id": "sensor.running_shoes"
    }
    assert trigger["platform"] == "waybill.customs_cleared"
    assert trigger["entity_id"] == "event.running_shoes_milestone"
    assert trigger["description"] == "Released"
    assert runs[0].context.parent_id == told.context.id


@pytest.mark.parametrize(
    "entity_id",
    [
        "event.running_shoes_milestone",
        "sensor.running_shoes",
        "button.running_shoes_refresh",
    ],
)
async def test_any_entity_of_a_parcel(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    automate: Automate,
    entity_id: str,
) -> None:
    await set_up(parcel_data(), BAGS)
    runs = await automate("waybill.customs_cleared", entity_id=entity_id)
    await wait(3 * HOUR)
    await clear_customs(carrier, wait)
    await clear_customs(carrier, wait, OTHER_NUMBER)
    assert names(runs) == ["Running shoes"]


@pytest.mark.parametrize("on", ["device", "entity"])
async def test_a_label_that_is_put_on_later(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    automate: Automate,
    label_registry: lr.LabelRegistry,
    on: str,
) -> None:
    entry = await set_up(parcel_data(), BAGS)
    label = label_registry.async_create("Gift").label_id
    runs = await automate("waybill.customs_cleared", label_id=label)
    await wait(3 * HOUR)
    if on == "device":
        dr.async_get(hass).async_update_device(
            device_id(hass, entry, PARCEL_ID), labels={label}
        )
    else:
        er.async_get(hass).async_update_entity("sensor.running_shoes", labels={label})
    await clear_customs(carrier, wait)
    await clear_customs(carrier, wait, OTHER_NUMBER)
    assert names(runs) == ["Running shoes"]


async def test_an_area(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    automate: Automate,
    area_registry: ar.AreaRegistry,
) -> None:
    entry = await set_up(parcel_data(), BAGS)
    area = area_registry.async_create("Office").id
    dr.async_get(hass).async_update_device(
        device_id(hass, entry, PARCEL_ID), area_id=area
    )
    runs = await automate("waybill.customs_cleared", area_id=area)
    await wait(3 * HOUR)
    await clear_customs(carrier, wait)
    await clear_customs(carrier, wait, OTHER_NUMBER)
    assert names(runs) == ["Running shoes"]


@pytest.mark.parametrize("by", ["device", "entity"])
async def test_the_hub_means_any_parcel_also_one_added_later(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    automate: Automate,
    by: str,
) -> None:
    entry = await set_up()
    target = (
        {"device_id": device_id(hass, entry, entry.entry_id)}
        if by == "device"
        else {"entity_id": "event.waybill_milestone"}
    )
    runs = await automate("waybill.customs_cleared", **target)
    await wait(3 * HOUR)
    hass.config_entries.async_add_subentry(entry, ConfigSubentry(**BAGS))
    await wait(3 * HOUR)
    await clear_customs(carrier, wait)
    await clear_customs(carrier, wait, OTHER_NUMBER)
    assert names(runs) == ["Running shoes", "Bags"]
    assert runs[1].data["trigger"]["entity_id"] == "event.bags_milestone"


async def test_other_entities_of_the_hub_mean_nothing(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait, automate: Automate
) -> None:
    await set_up()
    runs = await automate(
        "waybill.customs_cleared", entity_id="sensor.waybill_in_customs"
    )
    await wait(3 * HOUR)
    await clear_customs(carrier, wait)
    assert names(runs) == []


async def test_the_hub_and_a_parcel_together_fire_once(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait, automate: Automate
) -> None:
    entry = await set_up(parcel_data(), BAGS)
    runs = await automate(
        "waybill.customs_cleared",
        device_id=[
            device_id(hass, entry, entry.entry_id),
            device_id(hass, entry, PARCEL_ID),
        ],
        entity_id=["sensor.running_shoes", "event.waybill_milestone"],
    )
    await wait(3 * HOUR)
    await clear_customs(carrier, wait)
    await clear_customs(carrier, wait, OTHER_NUMBER)
    assert names(runs) == ["Running shoes", "Bags"]
    ids = [run.data["trigger"]["milestone_id"] for run in runs]
    assert len(set(ids)) == 2


async def test_a_parcel_added_after_the_automation(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    automate: Automate,
    area_registry: ar.AreaRegistry,
) -> None:
    entry = await set_up()
    area = area_registry.async_create("Office").id
    runs = await automate("waybill.delivered", area_id=area)
    hass.config_entries.async_add_subentry(entry, ConfigSubentry(**BAGS))
    await wait(3 * HOUR)
    dr.async_get(hass).async_update_device(
        device_id(hass, entry, OTHER_PARCEL_ID), area_id=area
    )
    carrier.scan(Stage.DELIVERED, OTHER_NUMBER)
    await wait(3 * HOUR)
    assert names(runs) == ["Bags"]


async def test_a_trigger_outlives_a_reload(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait, automate: Automate
) -> None:
    entry = await set_up()
    runs = await automate(
        "waybill.customs_cleared", device_id=device_id(hass, entry, PARCEL_ID)
    )
    await wait(3 * HOUR)
    carrier.scan(Stage.IN_CUSTOMS)
    await wait(3 * HOUR)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    carrier.scan(Stage.CUSTOMS_CLEARED)
    await wait(3 * HOUR)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await wait(3 * HOUR)
    assert names(runs) == ["Running shoes"]


async def test_an_automation_that_was_there_before_waybill(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait, automate: Automate
) -> None:
    runs = await automate("waybill.delivered", entity_id="sensor.running_shoes")
    await set_up()
    await wait(3 * HOUR)
    carrier.scan(Stage.DELIVERED)
    await wait(3 * HOUR)
    assert names(runs) == ["Running shoes"]


async def test_a_milestone_without_words_is_described_by_its_name(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait, automate: Automate
) -> None:
    await set_up()
    runs = await automate("waybill.delivered", entity_id="sensor.running_shoes")
    await wait(3 * HOUR)
    carrier.scan(Stage.DELIVERED, description="")
    await wait(3 * HOUR)
    trigger = runs[0].data["trigger"]
    assert trigger["description"] == "Running shoes: delivered"


@pytest.mark.parametrize("milestone", ["shipped", "delivered", "stage_changed"])
async def test_each_trigger_is_about_its_own_milestone(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    automate: Automate,
    milestone: str,
) -> None:
    await set_up()
    runs = await automate(f"waybill.{milestone}", entity_id="sensor.running_shoes")
    await wait(3 * HOUR)
    carrier.scan(Stage.DELIVERED)
    await wait(3 * HOUR)
    assert [run.data["trigger"]["milestone"] for run in runs] == [milestone]


async def test_what_a_target_excludes_the_hub_does_not_bring_back(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    """As Home Assistant hands it over from 2026.11 on."""
    entry = await set_up(parcel_data(), BAGS)
    target = {
        "device_id": [device_id(hass, entry, entry.entry_id)],
        "exclude": {"device_id": [device_id(hass, entry, PARCEL_ID)]},
    }
    trigger = TRIGGERS["customs_cleared"](
        hass, TriggerConfig(key="waybill.customs_cleared", target=target)
    )
    runs: list[str] = []
    detach = await trigger.async_attach_runner(
        lambda payload, *_: runs.append(payload["name"])  # type: ignore[arg-type, return-value]
    )
    await wait(3 * HOUR)
    await clear_customs(carrier, wait)
    await clear_customs(carrier, wait, OTHER_NUMBER)
    assert runs == ["Bags"]
    detach()


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"target": {}},
        {"target": {"device_id": []}},
        {"target": {"entity_id": "sensor.lamp"}, "options": {"for": "00:05"}},
    ],
)
async def test_a_target_is_required_and_nothing_else(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, config: dict[str, Any]
) -> None:
    await set_up()
    with pytest.raises(vol.Invalid):
        await async_validate_trigger_config(
            hass, [{"platform": "waybill.delivered", **config}]
        )


async def test_the_editor_knows_every_trigger(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    assert await async_setup_component(hass, "automation", {})
    await set_up()
    descriptions = await async_get_all_descriptions(hass)
    ours = {
        key.removeprefix("waybill.")
        for key, description in descriptions.items()
        if key.startswith("waybill.") and description is not None
    }
    assert ours == set(MilestoneName)


async def test_the_editor_offers_parcels_and_the_hub_as_targets(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    assert await async_setup_component(hass, "automation", {})
    entry = await set_up()
    for of in (PARCEL_ID, entry.entry_id):
        offered = await async_get_triggers_for_target(
            hass, {"device_id": [device_id(hass, entry, of)]}, True
        )
        assert "waybill.customs_cleared" in offered
    offered = await async_get_triggers_for_target(
        hass, {"entity_id": ["sensor.waybill_in_customs"]}, True
    )
    assert "waybill.customs_cleared" not in offered
