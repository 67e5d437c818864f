"""The refresh button asks now, or says why it cannot and until when."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.waybill.tracking.model import Stage
from custom_components.waybill.tracking.providers.base import (
    ProviderUnavailable,
    QuotaExceeded,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.translation import async_get_exception_message

from .conftest import NUMBER, Carrier, SetUp, Wait, parcel_data

HOUR = timedelta(hours=1)

BUTTON = "button.running_shoes_refresh"


async def press(hass: HomeAssistant, button: str = BUTTON) -> None:
    await hass.services.async_call(
        "button", "press", {"entity_id": button}, blocking=True
    )
    await hass.async_block_till_done()


async def refusal(hass: HomeAssistant, button: str = BUTTON) -> str:
    """Press a button that refuses; return what the person reads."""
    with pytest.raises(ServiceValidationError) as refused:
        await press(hass, button)
    err: Any = refused.value
    assert err.translation_domain == "waybill"
    message = async_get_exception_message(
        err.translation_domain, err.translation_key, err.translation_placeholders
    )
    assert "{" not in message
    assert message != err.translation_key
    return message


async def test_the_button_asks_at_once(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up()
    await wait(3 * HOUR)
    await wait(timedelta(minutes=10))
    asked = len(carrier.asked)
    carrier.scan(Stage.OUT_FOR_DELIVERY)
    await press(hass)
    assert carrier.asked[asked:] == [[NUMBER]]
    stage = hass.states.get("sensor.running_shoes")
    assert stage is not None
    assert stage.state == "out_for_delivery"


async def test_the_button_does_not_ask_twice_in_a_row(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    freezer: FrozenDateTimeFactory,
) -> None:
    await hass.config.async_set_time_zone("Europe/Paris")
    freezer.move_to("2026-03-02T08:00:30+00:00")
    await set_up()
    await wait(timedelta(seconds=3))
    asked = len(carrier.asked)
    assert asked
    message = await refusal(hass)
    assert "Running shoes" in message
    # Five minutes after 09:00:33 in Paris, to the minute that has surely passed.
    assert "2026-03-02 09:06" in message
    assert len(carrier.asked) == asked


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ProviderUnavailable("HTTP 503"), "gives no answer"),
        (QuotaExceeded("HTTP 429"), "used up"),
    ],
)
async def test_the_button_respects_a_back_off(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    error: Exception,
    words: str,
) -> None:
    carrier.error = error
    await set_up()
    await wait(3 * HOUR)
    asked = len(carrier.asked)
    assert words in await refusal(hass)
    assert len(carrier.asked) == asked


async def test_the_button_says_when_nobody_can_be_asked(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up(parcel_data("1Z999AA10123456784", name="Lamp"))
    await wait(3 * HOUR)
    assert "Lamp" in await refusal(hass, "button.lamp_refresh")
    assert not carrier.asked
