"""Which parcel, and which account, says that it needs a person."""

from datetime import timedelta
from unittest.mock import patch

from custom_components.waybill.tracking.model import Answer, Stage
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.base import (
    CredentialsRejected,
    QuotaExceeded,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .conftest import Carrier, SetUp, Wait, account_data, parcel_data

HOUR = timedelta(hours=1)

DHL_PARCEL = parcel_data("JJD000390007827501200", name="Lamp")


async def test_a_parcel_needs_attention_while_customs_waits(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up()
    attention = hass.states.get("binary_sensor.running_shoes_needs_attention")
    assert attention is not None
    assert attention.state == "off"
    assert attention.attributes["device_class"] == "problem"
    assert attention.attributes["alerts"] == []

    carrier.scan(Stage.CUSTOMS_ACTION_REQUIRED, description="Duty is to be paid")
    await wait(3 * HOUR)
    attention = hass.states.get("binary_sensor.running_shoes_needs_attention")
    assert attention is not None
    assert attention.state == "on"
    assert attention.attributes["alerts"] == ["customs_action"]
    assert attention.attributes["detail"] == "Duty is to be paid"
    assert attention.attributes["since"] is not None

    carrier.scan(Stage.CUSTOMS_CLEARED)
    await wait(3 * HOUR)
    attention = hass.states.get("binary_sensor.running_shoes_needs_attention")
    assert attention is not None
    assert attention.state == "off"
    assert attention.attributes["alerts"] == []


async def test_an_account_has_a_problem_while_its_quota_is_spent(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    entity_registry: er.EntityRegistry,
) -> None:
    with patch.object(
        PROVIDERS["dhl"], "fetch", side_effect=QuotaExceeded("HTTP 429")
    ) as fetch:
        await set_up(DHL_PARCEL, account_data("dhl"))
        problem = hass.states.get("binary_sensor.dhl_problem")
        assert problem is not None
        assert problem.state == "off"
        assert problem.attributes["reason"] is None
        await wait(3 * HOUR)
        problem = hass.states.get("binary_sensor.dhl_problem")
        assert problem is not None
        assert problem.state == "on"
        assert problem.attributes["reason"] == "quota"

        number = DHL_PARCEL["data"]["tracking_number"]
        fetch.side_effect = None
        fetch.return_value = [Answer(tracking_number=number, stage=Stage.SHIPPED)]
        await wait(26 * HOUR)
        problem = hass.states.get("binary_sensor.dhl_problem")
        assert problem is not None
        assert problem.state == "off"
    entry = entity_registry.async_get("binary_sensor.dhl_problem")
    assert entry is not None
    assert entry.entity_category == "diagnostic"


async def test_an_account_added_later_shows_that_its_key_is_refused(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    with patch.object(
        PROVIDERS["dhl"], "fetch", side_effect=CredentialsRejected("HTTP 401")
    ):
        entry = await set_up(DHL_PARCEL)
        hass.config_entries.async_add_subentry(
            entry, ConfigSubentry(**account_data("dhl"))
        )
        await hass.async_block_till_done()
        await wait(3 * HOUR)
    problem = hass.states.get("binary_sensor.dhl_problem")
    assert problem is not None
    assert problem.state == "on"
    assert problem.attributes["reason"] == "credentials_rejected"
    # What is known of the parcel stays.
    stage = hass.states.get("sensor.lamp")
    assert stage is not None
    assert stage.state == "pending"
