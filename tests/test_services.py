"""The actions, as automations and people call them."""

from datetime import UTC, date, datetime, timedelta
import json
from typing import Any
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import MockUser
import voluptuous as vol

from custom_components.waybill.const import DOMAIN
from custom_components.waybill.tracking.model import Estimate, Stage
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component

from .conftest import (
    NUMBER,
    OTHER_NUMBER,
    OTHER_PARCEL_ID,
    PARCEL_ID,
    Carrier,
    SetUp,
    Wait,
    account_data,
    parcel_data,
)

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)

PARCEL_KEYS = {
    "parcel_id", "name", "tracking_number", "carrier", "carrier_name",
    "tracking_url", "order_url", "seller", "order_number", "notes", "added_at",
    "stage", "stage_since", "alerts", "needs_attention", "estimated_delivery",
    "expected_by", "protection_until", "shipped_at", "delivered_at",
    "days_in_transit", "origin_country", "destination_country", "pickup_point",
    "signed_by", "last_event", "last_checked", "next_check", "archived",
    "providers", "legs", "typical_transit", "milestones", "events",
}  # fmt: skip
EVENT_KEYS = {
    "time", "local_time", "stage", "direction", "description", "location",
    "country", "carrier", "tracking_number", "code", "provider", "first_seen",
}  # fmt: skip


async def call(hass: HomeAssistant, action: str, **data: Any) -> Any:
    """Call an action and return its answer."""
    return await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True
    )


async def error_of(hass: HomeAssistant, action: str, **data: Any) -> str:
    """Call an action that is refused; return the key of what it says."""
    with pytest.raises(ServiceValidationError) as error:
        await hass.services.async_call(DOMAIN, action, data, blocking=True)
    assert error.value.translation_domain == DOMAIN
    return error.value.translation_key


async def test_a_parcel_is_added_as_it_was_pasted(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    await set_up(account_data("dhl"))
    answer = await call(
        hass,
        "add_parcel",
        tracking_number=" lp 0012-3456 7890 12 ",
        name="Shoes",
        seller="Shoe shop",
        order_url="https://shop.example/1",
        expected_by="2026-12-24",
        protection_until="2027-01-31",
        phone_last4="1234",
        stalled_after_days=20,
    )
    assert answer["tracking_number"] == NUMBER
    assert answer["carrier"] == "cainiao"
    assert answer["candidates"][0] == {
        "carrier": "cainiao",
        "carrier_name": "Cainiao",
        "number": NUMBER,
        "valid": None,
    }
    await hass.async_block_till_done()
    (parcel,) = (await call(hass, "get_parcels"))["parcels"]
    assert parcel["parcel_id"] == answer["parcel_id"]
    assert parcel["seller"] == "Shoe shop"
    assert parcel["expected_by"] == "2026-12-24"
    assert parcel["protection_until"] == "2027-01-31"
    assert parcel["stage"] == "pending"


async def test_a_parcel_without_a_name_is_called_by_its_number(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    await set_up(account_data("dhl"))
    await call(hass, "add_parcel", tracking_number=NUMBER)
    await hass.async_block_till_done()
    (parcel,) = (await call(hass, "get_parcels"))["parcels"]
    assert parcel["name"] == NUMBER


async def test_a_mistyped_number_is_refused_unless_it_is_kept_on_purpose(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    await set_up()
    mistyped = "1Z5R89390357567128"
    assert await error_of(hass, "add_parcel", tracking_number=mistyped) == "mistyped"
    answer = await call(hass, "add_parcel", tracking_number=mistyped, force=True)
    assert answer["carrier"] == "ups"
    assert answer["candidates"][0]["valid"] is False


@pytest.mark.parametrize(
    "text", ["{{ states('x') }}1", "1234", "no digits here", "7" * 41, "", "€€€€€1"]
)
async def test_what_cannot_be_a_number_is_refused(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, text: str
) -> None:
    await set_up()
    assert await error_of(hass, "add_parcel", tracking_number=text) == "not_a_number"


async def test_an_unknown_format_is_accepted(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up(account_data("dhl"))
    answer = await call(hass, "add_parcel", tracking_number="QQ7ZZ7QQ7ZZ7")
    assert answer["candidates"] == []
    assert answer["carrier"] is None
    await wait(3 * SECOND)
    assert carrier.asked == [["QQ7ZZ7QQ7ZZ7"]]


async def test_a_number_that_is_followed_names_its_parcel(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    await set_up()
    with pytest.raises(ServiceValidationError) as error:
        await call(hass, "add_parcel", tracking_number=NUMBER.lower())
    assert error.value.translation_key == "already_followed"
    assert error.value.translation_placeholders == {"parcel": "Running shoes"}


@pytest.mark.parametrize(
    "fields",
    [
        {"carrier": "nobody"},
        {"provider": "nobody"},
        {"order_url": "javascript:alert(1)"},
        {"order_url": "ftp://shop.example"},
        {"phone_last4": "12"},
        {"stalled_after_days": 0},
        {"expected_by": "soon"},
        {"name": "x" * 201},
    ],
)
async def test_fields_that_make_no_sense_are_refused(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, fields: dict[str, Any]
) -> None:
    entry = await set_up()
    with pytest.raises(vol.Invalid):
        await call(hass, "add_parcel", tracking_number=OTHER_NUMBER, **fields)
    assert list(entry.subentries) == [PARCEL_ID]


async def test_a_parcel_answers_with_the_whole_contract(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up()
    carrier.answer(
        origin_country="CN",
        destination_country="FR",
        estimate=Estimate(start=datetime(2030, 5, 1, 9), end=datetime(2030, 5, 1, 12)),
    )
    carrier.scan(Stage.SHIPPED, location="Shenzhen", country="CN")
    carrier.scan(Stage.CUSTOMS_ACTION_REQUIRED, country="FR")
    await wait(3 * SECOND)
    (parcel,) = (await call(hass, "get_parcels", parcel_id=PARCEL_ID))["parcels"]
    json.dumps(parcel)
    assert parcel.keys() == PARCEL_KEYS
    assert all(event.keys() == EVENT_KEYS for event in parcel["events"])
    assert [event["stage"] for event in parcel["events"]] == [
        "customs_action_required",
        "shipped",
    ]
    assert parcel["last_event"] == parcel["events"][0]
    assert parcel["needs_attention"]
    assert parcel["alerts"] == [
        {
            "kind": "customs_action",
            "since": parcel["stage_since"],
            "detail": "It is customs_action_required",
        }
    ]
    assert parcel["estimated_delivery"] == {
        "from": "2030-05-01T09:00:00-07:00",
        "to": "2030-05-01T12:00:00-07:00",
        "source": "cainiao",
    }
    assert parcel["providers"] == [{"provider": "cainiao", "reason": "carrier"}]
    assert parcel["legs"] == [{"tracking_number": NUMBER, "carrier": "cainiao"}]
    assert parcel["origin_country"] == "CN"
    assert parcel["tracking_url"].startswith("https://")
    for moment in ("added_at", "stage_since", "last_checked", "next_check"):
        assert datetime.fromisoformat(parcel[moment]).tzinfo is not None


async def test_parcels_are_found_by_stage_and_number(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up(parcel_data(), parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, name="Lamp"))
    carrier.scan(Stage.IN_CUSTOMS, OTHER_NUMBER)
    await wait(3 * SECOND)

    async def names(**data: Any) -> list[str]:
        answer = await call(hass, "get_parcels", **data)
        return [parcel["name"] for parcel in answer["parcels"]]

    assert sorted(await names()) == ["Lamp", "Running shoes"]
    assert await names(stage=["in_customs", "delivered"]) == ["Lamp"]
    assert await names(stage="pending") == ["Running shoes"]
    assert await names(tracking_number=f" {OTHER_NUMBER.lower()}") == ["Lamp"]
    answer = await call(hass, "get_parcels", include_events=False)
    assert all("events" not in parcel for parcel in answer["parcels"])
    assert await error_of_get(hass, parcel_id="nobody") == "unknown_parcel"


async def error_of_get(hass: HomeAssistant, **data: Any) -> str | None:
    """Ask for parcels in vain; return the key of what is said."""
    with pytest.raises(ServiceValidationError) as error:
        await call(hass, "get_parcels", **data)
    return error.value.translation_key


async def test_a_parcel_is_changed_and_fields_are_emptied(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    await set_up(parcel_data(seller="Shoe shop", notes="red"))
    answer = await call(
        hass,
        "update_parcel",
        tracking_number=NUMBER,
        name="Boots",
        expected_by="2026-12-24 18:00:00",
        clear=["notes"],
    )
    parcel = answer["parcel"]
    assert parcel["name"] == "Boots"
    assert parcel["seller"] == "Shoe shop"
    assert parcel["notes"] is None
    assert parcel["expected_by"] == "2026-12-24T18:00:00-08:00"
    answer = await call(hass, "update_parcel", parcel_id=PARCEL_ID, clear="name")
    assert answer["parcel"]["name"] == NUMBER
    assert await error_of(hass, "update_parcel", name="x") == "no_parcel_named"
    assert await error_of(hass, "update_parcel", parcel_id="x") == "unknown_parcel"


async def test_a_pinned_provider_is_asked_and_no_other(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up(parcel_data("9400111206451200183149"))
    answer = await call(hass, "update_parcel", parcel_id=PARCEL_ID, provider="cainiao")
    assert answer["parcel"]["providers"] == [
        {"provider": "cainiao", "reason": "pinned"}
    ]


async def test_refreshing_asks_now_and_says_who_must_wait(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up(
        parcel_data(),
        parcel_data("9400111206451200183149", OTHER_PARCEL_ID, name="Beans"),
    )
    await wait(3 * SECOND)
    await wait(timedelta(minutes=6))
    answer = await call(hass, "refresh")
    assert answer == {
        "asked": [PARCEL_ID],
        "refused": [
            {"parcel_id": OTHER_PARCEL_ID, "reason": "no_provider", "retry_at": None}
        ],
    }
    assert carrier.asked == [[NUMBER], [NUMBER]]
    await wait(timedelta(minutes=1))
    answer = await call(hass, "refresh", parcel_id=PARCEL_ID)
    assert answer["asked"] == []
    (refused,) = answer["refused"]
    assert refused["reason"] == "spacing"
    wait_for = datetime.fromisoformat(refused["retry_at"]) - datetime.now(UTC)
    assert timedelta(minutes=3) < wait_for <= timedelta(minutes=4)
    assert len(carrier.asked) == 2


async def test_people_who_are_no_administrators_may_use_them(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, hass_read_only_user: MockUser
) -> None:
    await set_up()
    context = Context(user_id=hass_read_only_user.id)
    await hass.services.async_call(
        DOMAIN,
        "add_parcel",
        {"tracking_number": OTHER_NUMBER},
        blocking=True,
        context=context,
    )
    answer = await hass.services.async_call(
        DOMAIN, "get_parcels", {}, blocking=True, return_response=True, context=context
    )
    assert len(answer["parcels"]) == 2


async def test_without_waybill_set_up_they_say_so(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    assert await error_of(hass, "add_parcel", tracking_number=NUMBER) == "not_set_up"
    assert await error_of(hass, "refresh") == "not_set_up"


async def test_a_number_is_read_as_one_of_the_carriers_at_home(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    """These digits are GLS's in Germany, and look like FedEx's elsewhere."""
    await set_up(account_data("dhl"))
    number = "996578788855"
    assert await error_of(hass, "add_parcel", tracking_number=number) == "mistyped"
    hass.config.country = "DE"
    answer = await call(hass, "add_parcel", tracking_number=number)
    assert answer["carrier"] == "gls"
    await hass.async_block_till_done()
    (parcel,) = (await call(hass, "get_parcels"))["parcels"]
    assert parcel["carrier"] == "gls"


async def test_two_who_add_the_same_number_at_once_get_one_parcel(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up()
    with patch("custom_components.waybill.services.find_parcel", return_value=None):
        error = await error_of(hass, "add_parcel", tracking_number=NUMBER)
    assert error == "already_followed"
    assert len(entry.subentries) == 1


async def test_a_post_of_any_country_can_be_the_carrier(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    await set_up()
    answer = await call(
        hass,
        "update_parcel",
        parcel_id=PARCEL_ID,
        carrier="post_ee",
        expected_by=date(2026, 12, 24),
    )
    assert answer["parcel"]["carrier"] == "post_ee"
    assert answer["parcel"]["expected_by"] == "2026-12-24"


async def test_a_parcel_is_there_as_soon_as_it_was_added(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    await set_up()
    added = await call(hass, "add_parcel", tracking_number=OTHER_NUMBER, name="Lamp")
    answer = await call(hass, "get_parcels", parcel_id=added["parcel_id"])
    assert [parcel["name"] for parcel in answer["parcels"]] == ["Lamp"]
    assert carrier.asked == []
