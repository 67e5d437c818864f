"""What the sensors of a parcel, of the hub and of an account show."""

from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.waybill.tracking.model import Estimate, Leg, Stage, TrackingEvent
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.routing import Reason
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

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
from .flow_texts import LANGUAGES, texts

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

BAGS = parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Bags")


def state(hass: HomeAssistant, entity_id: str) -> str:
    found = hass.states.get(entity_id)
    assert found is not None, entity_id
    return found.state


@pytest.fixture
async def in_paris(hass: HomeAssistant) -> None:
    await hass.config.async_set_time_zone("Europe/Paris")


async def test_a_new_parcel_waits_for_news(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    await set_up()
    stage = hass.states.get("sensor.running_shoes")
    assert stage is not None
    assert stage.state == "pending"
    assert stage.name == "Running shoes"
    assert stage.attributes["parcel_id"] == PARCEL_ID
    assert stage.attributes["tracking_number"] == NUMBER
    assert stage.attributes["carrier"] == "cainiao"
    assert stage.attributes["carrier_name"] == "Cainiao"
    for key in ("estimated_delivery", "last_event", "location", "days_in_transit"):
        assert state(hass, f"sensor.running_shoes_{key}") == STATE_UNKNOWN


@pytest.mark.usefixtures("in_paris")
async def test_a_parcel_on_its_way_shows_where_it_is(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    freezer: FrozenDateTimeFactory,
) -> None:
    freezer.move_to("2026-03-02T08:00:00+00:00")
    await set_up()
    carrier.scan(Stage.SHIPPED, location="Shenzhen", country="CN")
    await wait(3 * HOUR)
    carrier.answer(estimate=Estimate(start=date(2026, 3, 10), end=date(2026, 3, 12)))
    carrier.scan(
        Stage.IN_CUSTOMS,
        location="Roissy",
        country="FR",
        description="Held by customs",
    )
    await wait(DAY)

    assert state(hass, "sensor.running_shoes") == "in_customs"
    assert state(hass, "sensor.running_shoes_location") == "Roissy"
    assert state(hass, "sensor.running_shoes_days_in_transit") == "1"

    estimate = hass.states.get("sensor.running_shoes_estimated_delivery")
    assert estimate is not None
    assert estimate.state == "2026-03-12T22:59:59+00:00"
    assert estimate.attributes["from"] == "2026-03-10T00:00:00+01:00"
    assert estimate.attributes["to"] == "2026-03-12T23:59:59+01:00"
    assert estimate.attributes["source"] == "cainiao"

    last = hass.states.get("sensor.running_shoes_last_event")
    assert last is not None
    assert last.state == "2026-03-02T11:00:00+00:00"
    assert last.attributes["description"] == "Held by customs"
    assert last.attributes["location"] == "Roissy"
    assert last.attributes["country"] == "FR"
    assert last.attributes["stage"] == "in_customs"
    assert last.attributes["source"] == "cainiao"


async def test_a_time_of_no_known_zone_is_shown_as_written(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up()
    event = TrackingEvent(
        provider="cainiao",
        tracking_number=NUMBER,
        code="IT",
        written_time="2026-03-02 14:30",
        local_time=datetime(2026, 3, 2, 14, 30),
        stage=Stage.IN_TRANSIT,
    )
    carrier.answer(events=(event,))
    await wait(3 * HOUR)
    last = hass.states.get("sensor.running_shoes_last_event")
    assert last is not None
    assert last.state == STATE_UNKNOWN
    assert last.attributes["local_time"] == "2026-03-02T14:30:00"


@pytest.mark.usefixtures("in_paris")
async def test_days_in_transit_grow_at_midnight_and_end_at_the_door(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    freezer: FrozenDateTimeFactory,
) -> None:
    freezer.move_to("2026-03-02T08:00:00+00:00")
    await set_up()
    carrier.scan(Stage.SHIPPED)
    await wait(3 * HOUR)
    assert state(hass, "sensor.running_shoes_days_in_transit") == "0"
    await wait(timedelta(hours=12, seconds=1))
    assert state(hass, "sensor.running_shoes_days_in_transit") == "1"
    carrier.scan(Stage.DELIVERED)
    await wait(12 * HOUR)
    await wait(3 * DAY)
    assert state(hass, "sensor.running_shoes_days_in_transit") == "1"


async def test_a_parcel_says_whom_waybill_asks_and_why(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up(parcel_data(), account_data("dhl"))
    asked = hass.states.get("sensor.running_shoes_asked")
    assert asked is not None
    assert (asked.state, asked.attributes["reason"]) == ("Cainiao", "carrier")
    carrier.answer(next_leg=Leg(tracking_number="00340434161094015902", carrier="dhl"))
    with patch.object(PROVIDERS["dhl"], "fetch", return_value=[]):
        await wait(3 * HOUR)
    assert state(hass, "sensor.running_shoes_asked") == "Cainiao, DHL"
    parcel = entry.subentries[PARCEL_ID]
    hass.config_entries.async_update_subentry(
        entry, parcel, data={**parcel.data, "provider": "dhl"}
    )
    await hass.async_block_till_done()
    asked = hass.states.get("sensor.running_shoes_asked")
    assert asked is not None
    assert (asked.state, asked.attributes["reason"]) == ("DHL", "pinned")


async def test_of_nobody_who_is_asked_nothing_is_said(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    await set_up(parcel_data("9400111206451200183149"))
    asked = hass.states.get("sensor.running_shoes_asked")
    assert asked is not None
    assert (asked.state, asked.attributes["reason"]) == (STATE_UNKNOWN, None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_words(language: str) -> None:
    words = texts(language)["entity"]["sensor"]["provider"]["state_attributes"]
    assert set(words["reason"]["state"]) == {reason.value for reason in Reason}


async def test_a_long_place_is_cut_to_what_a_state_can_hold(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up()
    carrier.scan(Stage.IN_TRANSIT, location="Llanfair" * 50)
    await wait(3 * HOUR)
    assert state(hass, "sensor.running_shoes_location") == ("Llanfair" * 50)[:255]


async def test_every_stage_is_an_option_of_the_sensor(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    await set_up()
    stage = hass.states.get("sensor.running_shoes")
    assert stage is not None
    assert stage.attributes["options"] == [stage.value for stage in Stage]


async def test_nothing_recorded_is_a_list(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up(parcel_data(), account_data("dhl"))
    carrier.scan(Stage.CUSTOMS_ACTION_REQUIRED)
    await wait(3 * HOUR)
    for entity in hass.states.async_all():
        unrecorded = (entity.state_info or {}).get("unrecorded_attributes", frozenset())
        lists = {
            name
            for name, value in entity.attributes.items()
            if isinstance(value, list | tuple | set | dict)
        }
        assert lists <= set(unrecorded), entity.entity_id


async def test_the_hub_counts_all_parcels(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up(parcel_data(), BAGS)
    active = hass.states.get("sensor.waybill_active_parcels")
    assert active is not None
    assert active.state == "2"
    carrier.scan(Stage.CUSTOMS_ACTION_REQUIRED)
    carrier.scan(Stage.IN_CUSTOMS, OTHER_NUMBER)
    await wait(3 * HOUR)
    assert state(hass, "sensor.waybill_in_customs") == "2"
    assert state(hass, "sensor.waybill_need_attention") == "1"
    carrier.scan(Stage.READY_FOR_PICKUP)
    carrier.scan(Stage.OUT_FOR_DELIVERY, OTHER_NUMBER)
    await wait(3 * HOUR)
    assert state(hass, "sensor.waybill_in_customs") == "0"
    assert state(hass, "sensor.waybill_out_for_delivery") == "1"
    assert state(hass, "sensor.waybill_ready_for_pickup") == "1"
    assert state(hass, "sensor.waybill_need_attention") == "0"
    carrier.scan(Stage.DELIVERED, OTHER_NUMBER)
    await wait(3 * HOUR)
    assert state(hass, "sensor.waybill_active_parcels") == "1"
    assert state(hass, "sensor.waybill_out_for_delivery") == "0"


async def test_a_count_that_stays_the_same_is_not_written_again(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up(parcel_data(), BAGS)
    carrier.scan(Stage.SHIPPED)
    await wait(3 * HOUR)
    changes = async_capture_events(hass, "state_changed")
    carrier.scan(Stage.IN_TRANSIT)
    await wait(3 * HOUR)
    changed = {change.data["entity_id"] for change in changes}
    assert "sensor.running_shoes" in changed
    assert "sensor.waybill_active_parcels" not in changed
    assert not any("bags" in entity_id for entity_id in changed)


@pytest.mark.usefixtures("in_paris")
async def test_the_next_delivery_is_the_earliest_that_is_still_to_come(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    freezer: FrozenDateTimeFactory,
) -> None:
    freezer.move_to("2026-03-02T06:00:00+00:00")
    await set_up(parcel_data(), BAGS)
    assert state(hass, "sensor.waybill_next_delivery") == STATE_UNKNOWN
    carrier.answer(
        tracking_number=NUMBER,
        estimate=Estimate(
            start=datetime(2026, 3, 2, 9, tzinfo=UTC),
            end=datetime(2026, 3, 2, 11, tzinfo=UTC),
        ),
    )
    carrier.answer(
        tracking_number=OTHER_NUMBER, estimate=Estimate(start=date(2026, 3, 5))
    )
    carrier.scan(Stage.OUT_FOR_DELIVERY)
    carrier.scan(Stage.IN_TRANSIT, OTHER_NUMBER)
    await wait(3 * HOUR)
    delivery = hass.states.get("sensor.waybill_next_delivery")
    assert delivery is not None
    assert delivery.state == "2026-03-02T11:00:00+00:00"
    assert delivery.attributes["parcel_id"] == PARCEL_ID
    assert delivery.attributes["parcel_name"] == "Running shoes"

    # The hours have passed, the day has not.
    await wait(8 * HOUR)
    assert state(hass, "sensor.waybill_next_delivery") == "2026-03-02T11:00:00+00:00"

    await wait(DAY)
    delivery = hass.states.get("sensor.waybill_next_delivery")
    assert delivery is not None
    assert delivery.state == "2026-03-05T22:59:59+00:00"
    assert delivery.attributes["parcel_id"] == OTHER_PARCEL_ID

    carrier.scan(Stage.DELIVERED, OTHER_NUMBER)
    await wait(12 * HOUR)
    assert state(hass, "sensor.waybill_next_delivery") == STATE_UNKNOWN


@pytest.mark.parametrize("stage", [Stage.READY_FOR_PICKUP, Stage.RETURNING])
async def test_nobody_rings_for_a_parcel_at_the_shop_or_on_its_way_back(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait, stage: Stage
) -> None:
    await set_up()
    carrier.answer(estimate=Estimate(start=date(2099, 1, 1)))
    carrier.scan(stage)
    await wait(3 * HOUR)
    assert state(hass, "sensor.waybill_next_delivery") == STATE_UNKNOWN


@pytest.mark.parametrize(("parcels", "all_shown"), [(100, True), (101, False)])
async def test_a_shop_has_room_for_a_thousand_parcels(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, parcels: int, all_shown: bool
) -> None:
    """Home Assistant adds no more than 10,000 entities: what is seldom looked at waits."""
    entry = await set_up(
        *(
            parcel_data(f"LP{n:014}", f"01JPARCEL{n:017}", f"Parcel {n}")
            for n in range(parcels)
        )
    )
    registry = er.async_get(hass)
    registered = er.async_entries_for_config_entry(registry, entry.entry_id)
    of_a_parcel = [e for e in registered if e.config_subentry_id == f"01JPARCEL{7:017}"]
    shown = {e.entity_id for e in of_a_parcel if e.disabled_by is None}
    hidden = {"sensor.parcel_7_asked", "sensor.parcel_7_typical_transit_time"}
    assert len(of_a_parcel) == 11
    assert hidden.isdisjoint(shown) != all_shown
    assert len(shown) == (11 if all_shown else 9)


async def test_entities_come_and_go_with_their_parcel(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    caplog: pytest.LogCaptureFixture,
) -> None:
    entry = await set_up()
    before = set(hass.states.async_entity_ids())
    hass.config_entries.async_add_subentry(entry, ConfigSubentry(**BAGS))
    await wait(3 * HOUR)
    assert state(hass, "sensor.bags") == "pending"
    added = set(hass.states.async_entity_ids()) - before
    assert added == {
        "binary_sensor.bags_needs_attention",
        "button.bags_archive",
        "button.bags_refresh",
        "event.bags_milestone",
        "sensor.bags",
        "sensor.bags_asked",
        "sensor.bags_days_in_transit",
        "sensor.bags_estimated_delivery",
        "sensor.bags_last_event",
        "sensor.bags_location",
        "sensor.bags_typical_transit_time",
    }
    assert state(hass, "sensor.waybill_active_parcels") == "2"

    hass.config_entries.async_remove_subentry(entry, OTHER_PARCEL_ID)
    await hass.async_block_till_done()
    assert set(hass.states.async_entity_ids()) == before
    assert state(hass, "sensor.waybill_active_parcels") == "1"
    assert "Error" not in caplog.text
    assert "Traceback" not in caplog.text


async def test_the_device_follows_the_parcels_name_and_carrier(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    device_registry: dr.DeviceRegistry,
) -> None:
    entry = await set_up()
    subentry = entry.subentries[PARCEL_ID]
    hass.config_entries.async_update_subentry(
        entry,
        subentry,
        title="Trail shoes",
        data={**subentry.data, "carrier": "usps"},
    )
    await hass.async_block_till_done()
    device = device_registry.async_get_device_by_identifier(
        ("waybill", PARCEL_ID), entry.entry_id
    )
    assert device is not None
    assert device.name == "Trail shoes"
    assert device.manufacturer == "USPS"
    assert device.serial_number == NUMBER
    stage = hass.states.get("sensor.running_shoes")
    assert stage is not None
    assert stage.name == "Trail shoes"
    assert stage.attributes["carrier"] == "usps"


async def test_an_account_shows_what_is_left_of_its_quota(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    entity_registry: er.EntityRegistry,
    device_registry: dr.DeviceRegistry,
) -> None:
    entry = await set_up()
    account = account_data("dhl")
    hass.config_entries.async_add_subentry(entry, ConfigSubentry(**account))
    await hass.async_block_till_done()
    left = entity_registry.async_get("sensor.dhl_requests_left")
    assert left is not None
    assert left.unique_id == f"{account['subentry_id']}_requests_left"
    assert left.entity_category == "diagnostic"
    assert left.config_subentry_id == account["subentry_id"]
    assert int(state(hass, "sensor.dhl_requests_left")) > 0
    device = device_registry.async_get(left.device_id or "")
    assert device is not None
    assert device.name == "DHL"

    subentry = entry.subentries[account["subentry_id"]]
    hass.config_entries.async_update_subentry(entry, subentry, title="My DHL key")
    await hass.async_block_till_done()
    renamed = hass.states.get("sensor.dhl_requests_left")
    assert renamed is not None
    assert renamed.name == "My DHL key Requests left"

    hass.config_entries.async_remove_subentry(entry, account["subentry_id"])
    await hass.async_block_till_done()
    assert hass.states.get("sensor.dhl_requests_left") is None
