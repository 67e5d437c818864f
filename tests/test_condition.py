"""Conditions tell where the targeted parcels are."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.waybill.condition import CONDITIONS
from custom_components.waybill.tracking.model import Stage
from homeassistant.components.websocket_api.automation import (
    async_get_conditions_for_target,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    condition,
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
    label_registry as lr,
)
from homeassistant.setup import async_setup_component

from .conftest import (
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


async def holds(
    hass: HomeAssistant, key: str, target: dict[str, Any], **options: Any
) -> bool | None:
    """Check a condition as an automation would."""
    config = cv.CONDITION_SCHEMA(
        {"condition": f"waybill.{key}", "target": target, "options": options}
    )
    config = await condition.async_validate_condition_config(hass, config)
    checker = await condition.async_from_config(hass, config)
    await checker.async_setup()
    try:
        return checker.async_check()
    finally:
        checker.async_unload()


def device(hass: HomeAssistant, entry: MockConfigEntry, of: str) -> dict[str, Any]:
    """Return a target that is one device."""
    found = dr.async_get(hass).async_get_device_by_identifier(
        ("waybill", of), entry.entry_id
    )
    assert found is not None
    return {"device_id": [found.id]}


@pytest.mark.parametrize(
    ("key", "true_at"),
    [
        ("is_in_customs", {Stage.IN_CUSTOMS, Stage.CUSTOMS_ACTION_REQUIRED}),
        ("is_out_for_delivery", {Stage.OUT_FOR_DELIVERY}),
        ("is_ready_for_pickup", {Stage.READY_FOR_PICKUP}),
        ("is_delivered", {Stage.DELIVERED}),
        ("needs_attention", {Stage.CUSTOMS_ACTION_REQUIRED}),
    ],
)
async def test_a_parcel_is_where_the_condition_says(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    key: str,
    true_at: set[Stage],
) -> None:
    entry = await set_up()
    parcel = device(hass, entry, PARCEL_ID)
    assert await holds(hass, key, parcel) is False
    for stage in (
        Stage.IN_CUSTOMS,
        Stage.CUSTOMS_ACTION_REQUIRED,
        Stage.CUSTOMS_CLEARED,
        Stage.OUT_FOR_DELIVERY,
        Stage.READY_FOR_PICKUP,
        Stage.DELIVERED,
    ):
        carrier.scan(stage)
        # At night nobody asks about vans; the next morning tells.
        for _ in range(24):
            await wait(HOUR)
        assert await holds(hass, key, parcel) is (stage in true_at), stage


async def test_a_parcel_is_at_one_of_the_stages_chosen(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up()
    parcel = device(hass, entry, PARCEL_ID)
    assert await holds(hass, "is_stage", parcel, stage=["pending", "shipped"])
    assert await holds(hass, "is_stage", parcel, stage="pending")
    assert not await holds(hass, "is_stage", parcel, stage=["shipped"])
    assert await holds(
        hass, "is_stage", {"entity_id": "sensor.running_shoes"}, stage="pending"
    )


async def test_any_or_all_parcels_of_a_label(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    label_registry: lr.LabelRegistry,
) -> None:
    entry = await set_up(parcel_data(), BAGS)
    label = label_registry.async_create("Gift").label_id
    registry = dr.async_get(hass)
    for parcel in (PARCEL_ID, OTHER_PARCEL_ID):
        (device_id,) = device(hass, entry, parcel)["device_id"]
        registry.async_update_device(device_id, labels={label})
    target = {"label_id": [label]}
    carrier.scan(Stage.DELIVERED)
    await wait(3 * HOUR)
    assert await holds(hass, "is_delivered", target)
    assert await holds(hass, "is_delivered", target, behavior="any")
    assert not await holds(hass, "is_delivered", target, behavior="all")
    carrier.scan(Stage.DELIVERED, OTHER_NUMBER)
    await wait(3 * HOUR)
    assert await holds(hass, "is_delivered", target, behavior="all")


async def test_a_stage_that_lasts(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    freezer: FrozenDateTimeFactory,
) -> None:
    entry = await set_up()
    parcel = device(hass, entry, PARCEL_ID)
    carrier.scan(Stage.READY_FOR_PICKUP)
    await wait(3 * HOUR)
    lasting = {"for": {"hours": 2}}
    assert not await holds(hass, "is_ready_for_pickup", parcel, **lasting)
    await wait(2 * HOUR)
    assert await holds(hass, "is_ready_for_pickup", parcel, **lasting)


async def test_what_is_no_parcel_is_left_out(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    label_registry: lr.LabelRegistry,
    entity_registry: er.EntityRegistry,
) -> None:
    """Another integration's sensor says "delivered" too, the parcel does not."""
    entry = await set_up()
    label = label_registry.async_create("Door").label_id
    stranger = entity_registry.async_get_or_create("sensor", "other", "1")
    entity_registry.async_update_entity(stranger.entity_id, labels={label})
    hass.states.async_set(stranger.entity_id, "delivered")
    (device_id,) = device(hass, entry, PARCEL_ID)["device_id"]
    dr.async_get(hass).async_update_device(device_id, labels={label})
    assert not await holds(hass, "is_delivered", {"label_id": [label]})
    carrier.scan(Stage.DELIVERED)
    await wait(3 * HOUR)
    hass.states.async_set(stranger.entity_id, "pending")
    assert await holds(hass, "is_delivered", {"label_id": [label]}, behavior="all")


async def test_the_hub_is_no_parcel(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up()
    carrier.scan(Stage.DELIVERED)
    await wait(3 * HOUR)
    hub = device(hass, entry, entry.entry_id)
    assert await holds(hass, "is_delivered", hub) is False
    assert await holds(hass, "needs_attention", hub) is False
    both = {"device_id": hub["device_id"] + device(hass, entry, PARCEL_ID)["device_id"]}
    assert await holds(hass, "is_delivered", both, behavior="all") is True


@pytest.mark.parametrize(
    "options", [{}, {"stage": []}, {"stage": "lost"}, {"stage": ["delivered", "lost"]}]
)
async def test_a_stage_that_does_not_exist_is_refused(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, options: dict[str, Any]
) -> None:
    entry = await set_up()
    with pytest.raises(vol.Invalid):
        await holds(hass, "is_stage", device(hass, entry, PARCEL_ID), **options)


async def test_the_editor_knows_every_condition_and_whom_it_is_about(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    assert await async_setup_component(hass, "automation", {})
    entry = await set_up()
    descriptions = await condition.async_get_all_descriptions(hass)
    ours = {
        key.removeprefix("waybill.")
        for key, description in descriptions.items()
        if key.startswith("waybill.") and description is not None
    }
    assert ours == set(CONDITIONS)
    for of, expected in ((PARCEL_ID, set(CONDITIONS)), (entry.entry_id, set())):
        offered = await async_get_conditions_for_target(
            hass, device(hass, entry, of), True
        )
        assert {
            key.removeprefix("waybill.")
            for key in offered
            if key.startswith("waybill.")
        } == expected
