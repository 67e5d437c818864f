"""How long parcels usually take, from what this home's own parcels took."""

from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.waybill.const import DOMAIN
from custom_components.waybill.joined_parcels import async_join
from custom_components.waybill.tracking.model import Stage
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .conftest import PARCEL_ID, Carrier, SetUp, Wait, parcel_data

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
KEY = "waybill.transit_times"
SENSOR = "sensor.running_shoes_typical_transit_time"
LATEST = datetime(2026, 6, 10, 8, tzinfo=UTC)
TOOK = (8, 9, 10, 12, 20)
NUMBERS = [f"LP0098765432{n:04}" for n in range(len(TOOK))]
IDS = [f"01JPARCEL00000000000001{n:02}" for n in range(len(TOOK))]

pytestmark = pytest.mark.usefixtures("freezer")


def others(count: int = len(TOOK)) -> list[Any]:
    """Return parcels that went before."""
    return [
        parcel_data(number, parcel_id, f"Parcel {n}")
        for n, (number, parcel_id) in enumerate(zip(NUMBERS, IDS, strict=True))
    ][:count]


def deliver(carrier: Carrier, number: str, days: float, origin: str = "CN") -> None:
    """Tell that a parcel was delivered this morning, after so many days."""
    carrier.answer(
        tracking_number=number, origin_country=origin, destination_country="FR"
    )
    carrier.scan(Stage.SHIPPED, number, at=LATEST - days * DAY)
    carrier.scan(Stage.DELIVERED, number, at=LATEST)


@pytest.fixture
async def history(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> MockConfigEntry:
    """Follow the shoes, which are under way, after five that have arrived."""
    carrier.answer(origin_country="CN", destination_country="FR")
    carrier.scan(Stage.SHIPPED)
    for number, days in zip(NUMBERS, TOOK, strict=True):
        deliver(carrier, number, days)
    entry = await set_up(parcel_data(), *others())
    await wait(HOUR)
    return entry


async def typical(hass: HomeAssistant, parcel_id: str = PARCEL_ID) -> Any:
    """Return what the action answers of a parcel."""
    answer = await hass.services.async_call(
        DOMAIN,
        "get_parcels",
        {"parcel_id": parcel_id},
        blocking=True,
        return_response=True,
    )
    return answer["parcels"][0]["typical_transit"]


def shown(hass: HomeAssistant, entity_id: str = SENSOR) -> tuple[Any, ...]:
    """Return what the device shows."""
    state = hass.states.get(entity_id)
    assert state is not None
    return state.state, state.attributes["p90_days"], state.attributes["parcels"]


async def test_five_that_arrived_tell_what_is_usual(
    hass: HomeAssistant, history: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    assert await typical(hass) == {"median_days": 10, "p90_days": 16.8, "parcels": 5}
    assert shown(hass) == ("10.0", 16.8, 5)
    sensor = entity_registry.async_get(SENSOR)
    assert sensor is not None
    assert sensor.entity_category == "diagnostic"
    assert sensor.unique_id == f"{PARCEL_ID}_typical_transit"
    # It is no promise.
    assert hass.states.get("sensor.running_shoes_estimated_delivery").state == (
        STATE_UNKNOWN
    )


async def test_four_tell_nothing(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    for number, days in zip(NUMBERS, TOOK[:4], strict=False):
        deliver(carrier, number, days)
    await set_up(*others(4))
    await wait(HOUR)
    assert await typical(hass, IDS[0]) is None
    assert shown(hass, "sensor.parcel_0_typical_transit_time") == (
        STATE_UNKNOWN,
        None,
        None,
    )


async def test_a_parcel_that_arrives_changes_only_what_its_route_shows(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    freezer: FrozenDateTimeFactory,
) -> None:
    carrier.answer(origin_country="US", destination_country="FR")
    carrier.scan(Stage.SHIPPED)
    for number, days in zip(NUMBERS[:4], TOOK, strict=False):
        deliver(carrier, number, days)
    carrier.answer(
        tracking_number=NUMBERS[4], origin_country="CN", destination_country="FR"
    )
    carrier.scan(Stage.SHIPPED, NUMBERS[4], at=LATEST - 20 * DAY)
    await set_up(parcel_data(), *others())
    await wait(HOUR)
    changes = async_capture_events(hass, "state_changed")
    carrier.scan(Stage.DELIVERED, NUMBERS[4], at=LATEST)
    for _ in range(4):
        await wait(3 * HOUR)
    changed = {e.data["entity_id"] for e in changes}
    assert {e for e in changed if e.endswith("typical_transit_time")} == {
        f"sensor.parcel_{n}_typical_transit_time" for n in range(5)
    }
    assert shown(hass, "sensor.parcel_0_typical_transit_time") == ("10.0", 16.8, 5)
    assert shown(hass) == (STATE_UNKNOWN, None, None)


async def test_it_is_remembered_and_nothing_counts_twice(
    hass: HomeAssistant,
    history: MockConfigEntry,
    hass_storage: dict[str, Any],
    wait: Wait,
) -> None:
    """Neither a restart, nor a removed parcel that is followed again."""
    await wait(HOUR)
    assert len(hass_storage[KEY]["data"]["routes"][0]["samples"]) == 5
    assert NUMBERS[0] not in str(hass_storage[KEY])
    for parcel_id in IDS:
        hass.config_entries.async_remove_subentry(history, parcel_id)
    await hass.async_block_till_done()
    assert (await typical(hass))["parcels"] == 5
    assert await hass.config_entries.async_reload(history.entry_id)
    await hass.async_block_till_done()
    assert shown(hass) == ("10.0", 16.8, 5)
    await hass.services.async_call(
        DOMAIN, "add_parcel", {"tracking_number": NUMBERS[0]}, blocking=True
    )
    assert (await typical(hass))["parcels"] == 5
    assert IDS[0] in history.subentries


async def test_it_is_written_when_something_was_learned_and_only_then(
    hass: HomeAssistant,
    history: MockConfigEntry,
    hass_storage: dict[str, Any],
    wait: Wait,
) -> None:
    await wait(HOUR)
    written = hass_storage[KEY]
    for _ in range(4):
        await wait(3 * HOUR)
    assert await hass.config_entries.async_reload(history.entry_id)
    await wait(HOUR)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    assert hass_storage[KEY] is written


async def test_what_was_learned_just_before_the_end_is_written(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    hass_storage: dict[str, Any],
) -> None:
    deliver(carrier, NUMBERS[0], 8)
    entry = await set_up(*others(1))
    await wait(timedelta(seconds=3))
    assert KEY not in hass_storage
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert len(hass_storage[KEY]["data"]["routes"]) == 1


async def test_parcels_that_arrived_before_waybill_learned_are_learned_from(
    hass: HomeAssistant,
    history: MockConfigEntry,
    hass_storage: dict[str, Any],
    wait: Wait,
) -> None:
    await wait(HOUR)
    assert await hass.config_entries.async_unload(history.entry_id)
    hass_storage[KEY]["data"] = {"routes": "nonsense"}
    assert await hass.config_entries.async_setup(history.entry_id)
    await hass.async_block_till_done()
    assert shown(hass) == ("10.0", 16.8, 5)


@pytest.mark.parametrize(("keep", "left"), [(True, 5), (False, None)])
async def test_a_parcel_that_is_to_be_forgotten_counts_no_more(
    hass: HomeAssistant, history: MockConfigEntry, keep: bool, left: int | None
) -> None:
    await hass.services.async_call(
        DOMAIN,
        "remove_parcel",
        {"parcel_id": IDS[4], "keep_journal": keep},
        blocking=True,
    )
    await hass.async_block_till_done()
    assert shown(hass)[2] == left


async def test_a_parcel_that_goes_back_after_all_counts_no_more(
    hass: HomeAssistant, carrier: Carrier, history: MockConfigEntry, wait: Wait
) -> None:
    carrier.scan(Stage.RETURNING, NUMBERS[0], at=LATEST + HOUR)
    for _ in range(9):
        await wait(3 * HOUR)
    assert hass.states.get("sensor.parcel_0").state == "returning"
    assert await typical(hass) is None
    assert shown(hass) == (STATE_UNKNOWN, None, None)


async def test_a_box_that_was_joined_counts_once(
    hass: HomeAssistant, history: MockConfigEntry, wait: Wait
) -> None:
    assert await async_join(history.runtime_data, IDS[0], IDS[1])
    await hass.async_block_till_done()
    assert await typical(hass) is None


async def test_a_carrier_that_the_person_corrects_is_another_route(
    hass: HomeAssistant, history: MockConfigEntry
) -> None:
    shoes = history.subentries[PARCEL_ID]
    hass.config_entries.async_update_subentry(
        history, shoes, data={**shoes.data, "carrier": "usps"}
    )
    await hass.async_block_till_done()
    assert shown(hass) == (STATE_UNKNOWN, None, None)
