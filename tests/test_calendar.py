"""The calendar of deliveries, as its card and its actions read it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.waybill.tracking.model import Estimate, Stage
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .conftest import (
    ENTRY_ID,
    NUMBER,
    OTHER_NUMBER,
    OTHER_PARCEL_ID,
    PARCEL_ID,
    Carrier,
    SetUp,
    Wait,
    parcel_data,
)

CALENDAR = "calendar.waybill_deliveries"
CALENDRIER = "calendar.waybill_livraisons"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LAMP = parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Lamp")


@pytest.fixture
async def _in_paris(hass: HomeAssistant) -> None:
    await hass.config.async_set_time_zone("Europe/Paris")


async def news(wait: Wait) -> None:
    """Let so much time pass that every carrier is asked."""
    for _ in range(4):
        await wait(3 * HOUR)


pytestmark = pytest.mark.usefixtures("_in_paris", "freezer")


async def events(
    hass: HomeAssistant,
    start: str = "2026-01-01",
    end: str = "2027-01-01",
    calendar: str = CALENDAR,
) -> list[dict[str, Any]]:
    """Return what the calendar answers for a while."""
    answer = await hass.services.async_call(
        "calendar",
        "get_events",
        {
            "entity_id": calendar,
            "start_date_time": f"{start} 00:00:00" if len(start) == 10 else start,
            "end_date_time": f"{end} 00:00:00" if len(end) == 10 else end,
        },
        blocking=True,
        return_response=True,
    )
    return answer[calendar]["events"]


async def test_a_promised_day_is_a_whole_day_until_the_van_has_it(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up()
    assert await events(hass) == []
    carrier.answer(estimate=Estimate(start=date(2026, 6, 12)))
    carrier.scan(Stage.IN_TRANSIT, description="Left the hub", location="Lyon")
    await news(wait)
    (event,) = await events(hass)
    link = event["description"].splitlines()[1]
    assert link.startswith("https://")
    assert event == {
        "start": "2026-06-12",
        "end": "2026-06-13",
        "summary": "Running shoes",
        "description": f"In transit · Left the hub · Lyon\n{link}",
        "status": "tentative",
    }
    carrier.scan(Stage.OUT_FOR_DELIVERY)
    await news(wait)
    (event,) = await events(hass)
    assert event["status"] == "confirmed"
    assert event["description"].startswith("Out for delivery · ")


async def test_promised_hours_are_on_while_they_last_and_then_the_next_comes(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    freezer: FrozenDateTimeFactory,
) -> None:
    await set_up(parcel_data(), LAMP)
    nine = datetime(2026, 6, 11, 7, tzinfo=UTC)
    carrier.answer(estimate=Estimate(start=nine, end=nine + 2 * HOUR))
    carrier.answer(
        tracking_number=OTHER_NUMBER, estimate=Estimate(start=date(2026, 6, 13))
    )
    for number in (NUMBER, OTHER_NUMBER):
        carrier.scan(Stage.IN_TRANSIT, number)
    await news(wait)
    state = hass.states.get(CALENDAR)
    assert state is not None
    assert (state.state, state.attributes["message"]) == ("off", "Running shoes")
    assert state.attributes["start_time"] == "2026-06-11 09:00:00"
    assert state.attributes["end_time"] == "2026-06-11 11:00:00"

    freezer.move_to(nine)
    await wait(timedelta(seconds=1))
    assert hass.states.get(CALENDAR).state == "on"
    await wait(2 * HOUR)
    state = hass.states.get(CALENDAR)
    assert (state.state, state.attributes["message"]) == ("off", "Lamp")
    assert state.attributes["all_day"] is True
    # A late one stays where it was promised.
    assert [event["summary"] for event in await events(hass)] == [
        "Running shoes",
        "Lamp",
    ]


async def test_a_delivered_parcel_moves_to_when_it_came(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up()
    carrier.answer(estimate=Estimate(start=date(2026, 6, 20)))
    carrier.scan(Stage.SHIPPED)
    await news(wait)
    carrier.scan(Stage.DELIVERED, at=datetime(2026, 6, 10, 16, 5, tzinfo=UTC))
    await news(wait)
    (event,) = await events(hass)
    assert event["start"] == "2026-06-10T18:05:00+02:00"
    assert event["end"] == "2026-06-10T18:20:00+02:00"
    assert event["status"] == "confirmed"
    state = hass.states.get(CALENDAR)
    assert state is not None
    assert state.state == "off"
    assert "message" not in state.attributes


async def test_what_the_shop_promised_is_shown_until_a_carrier_promises(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up(parcel_data(expected_by="2026-06-14T18:00:00"))
    (event,) = await events(hass)
    assert event["start"] == "2026-06-14T18:00:00+02:00"
    assert event["end"] == "2026-06-14T18:15:00+02:00"
    assert event["status"] == "tentative"
    carrier.answer(estimate=Estimate(start=date(2026, 6, 12)))
    carrier.scan(Stage.IN_TRANSIT)
    await news(wait)
    (event,) = await events(hass)
    assert event["start"] == "2026-06-12"


@pytest.mark.parametrize("stage", [Stage.RETURNING, Stage.RETURNED])
async def test_what_goes_back_is_not_expected(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait, stage: Stage
) -> None:
    await set_up()
    carrier.answer(estimate=Estimate(start=date(2026, 6, 12)))
    carrier.scan(Stage.IN_TRANSIT)
    await news(wait)
    assert len(await events(hass)) == 1
    carrier.scan(stage)
    await news(wait)
    assert await events(hass) == []


async def test_where_a_parcel_waits_is_the_place_of_its_event(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up()
    carrier.answer(
        estimate=Estimate(start=date(2026, 6, 12)), pickup_point="Locker 7, Lyon"
    )
    carrier.scan(Stage.IN_TRANSIT)
    await news(wait)
    (event,) = await events(hass)
    assert "location" not in event
    carrier.scan(Stage.READY_FOR_PICKUP)
    await news(wait)
    (event,) = await events(hass)
    assert event["location"] == "Locker 7, Lyon"


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        ("2026-06-11", "2026-06-12", False),
        ("2026-06-11", "2026-06-12 00:00:01", True),
        ("2026-06-12 23:59:59", "2026-06-14", True),
        ("2026-06-13", "2026-06-14", False),
    ],
)
async def test_a_day_is_one_of_the_homes_from_midnight_to_midnight(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    start: str,
    end: str,
    shown: bool,
) -> None:
    await set_up(parcel_data(expected_by="2026-06-12"))
    assert bool(await events(hass, start, end)) is shown


async def test_a_home_that_moves_reads_its_promises_anew(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    await set_up(parcel_data(expected_by="2026-06-12T18:00:00"))
    await hass.config.async_update(time_zone="America/New_York")
    await hass.async_block_till_done()
    (event,) = await events(hass)
    assert event["start"] == "2026-06-12T18:00:00-04:00"


async def test_the_hour_that_comes_twice_hides_no_other_parcel(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    """A calendar refuses an event whose end is earlier on the clock on the wall."""
    await set_up(parcel_data(), LAMP)
    carrier.answer(
        estimate=Estimate(
            start=datetime(2026, 10, 25, 0, 50, tzinfo=UTC),
            end=datetime(2026, 10, 25, 1, 10, tzinfo=UTC),
        )
    )
    carrier.answer(
        tracking_number=OTHER_NUMBER, estimate=Estimate(start=date(2026, 10, 25))
    )
    for number in (NUMBER, OTHER_NUMBER):
        carrier.scan(Stage.IN_TRANSIT, number)
    await news(wait)
    lamp, shoes = await events(hass)
    assert (lamp["start"], lamp["end"]) == ("2026-10-25", "2026-10-26")
    assert shoes["start"] == "2026-10-25T02:50:00+02:00"
    assert shoes["end"] == "2026-10-25T03:05:00+01:00"


async def test_it_speaks_the_homes_language(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    hass.config.language = "fr"
    await set_up(parcel_data(expected_by="2026-06-12"))
    (event,) = await events(hass, calendar=CALENDRIER)
    assert event["description"].startswith("En attente")
    assert hass.states.get(CALENDRIER).name == "Waybill Livraisons"


async def test_a_carriers_words_are_bounded_and_plain(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up(parcel_data(expected_by="2026-06-12"))
    words = f"![x](https://evil.example/pixel.png)\n<img src=x> {'long ' * 500}"
    carrier.scan(Stage.IN_TRANSIT, description=words)
    await news(wait)
    (event,) = await events(hass)
    told, *_ = event["description"].splitlines()
    assert told.startswith("In transit · !(x)(https://evil.example/pixel.png) ‹img")
    assert len(told) < 250
    assert told.endswith("…")


async def test_nothing_is_written_where_nothing_changed(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up(parcel_data(expected_by="2026-06-12"))
    await wait(3 * HOUR)
    entity = hass.data["calendar"].get_entity(CALENDAR)
    with patch.object(entity, "async_write_ha_state") as write:
        await wait(3 * HOUR)
        write.assert_not_called()
        carrier.scan(Stage.IN_TRANSIT)
        await news(wait)
        write.assert_called_once()


async def test_whoever_looks_at_it_sees_what_changes(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
) -> None:
    entry = await set_up(parcel_data(expected_by="2026-06-12"), LAMP)
    client = await hass_ws_client(hass)
    await client.send_json_auto_id(
        {
            "type": "calendar/event/subscribe",
            "entity_id": CALENDAR,
            "start": "2026-06-01T00:00:00+02:00",
            "end": "2026-07-01T00:00:00+02:00",
        }
    )
    assert (await client.receive_json())["success"]
    (event,) = (await client.receive_json())["event"]["events"]
    assert (event["uid"], event["all_day"]) == (PARCEL_ID, True)
    lamp = entry.subentries[OTHER_PARCEL_ID]
    hass.config_entries.async_update_subentry(
        entry, lamp, data={**lamp.data, "expected_by": "2026-06-11"}
    )
    shown = (await client.receive_json())["event"]["events"]
    assert [one["summary"] for one in shown] == ["Lamp", "Running shoes"]
    await wait(2 * HOUR)
    hass.config_entries.async_remove_subentry(entry, PARCEL_ID)
    shown = (await client.receive_json())["event"]["events"]
    assert [one["summary"] for one in shown] == ["Lamp"]


async def test_it_belongs_to_the_hub(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    entity_registry: er.EntityRegistry,
) -> None:
    await set_up()
    calendar = entity_registry.async_get(CALENDAR)
    assert calendar is not None
    assert calendar.unique_id == f"{ENTRY_ID}_deliveries"
