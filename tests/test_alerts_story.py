"""Late, stuck, sent back: each alert at its exact moment, each told once."""

from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)

from custom_components.waybill.tracking.model import Estimate, Stage
from homeassistant.core import HomeAssistant

from .conftest import NUMBER, PARCEL_ID, Carrier, SetUp, Wait, parcel_data
from .test_milestones_story import start, stop

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ADDED = datetime(2026, 6, 10, 12, tzinfo=UTC)
ATTENTION = "binary_sensor.running_shoes_needs_attention"


def alerts(hass: HomeAssistant) -> list[str]:
    """Return the alerts that the parcel's device shows."""
    state = hass.states.get(ATTENTION)
    assert state is not None
    shown: list[str] = state.attributes["alerts"]
    assert (state.state == "on") is bool(shown)
    return shown


async def get_parcel(hass: HomeAssistant) -> dict[str, Any]:
    """Return the parcel as the action answers it."""
    answer = await hass.services.async_call(
        "waybill",
        "get_parcels",
        {"parcel_id": PARCEL_ID},
        blocking=True,
        return_response=True,
    )
    (parcel,) = answer["parcels"]
    return parcel


@pytest.mark.parametrize("life", ["running", "restarted at each step", "asleep"])
async def test_sixty_days_with_three_silences_a_late_promise_and_a_return(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    freezer: FrozenDateTimeFactory,
    life: str,
) -> None:
    """Also where Home Assistant sleeps through the very moments at which they flip."""
    events = async_capture_events(hass, "waybill_milestone")
    entry = await set_up()

    async def restart() -> None:
        if life != "running":
            await stop(hass, entry)
            await start(hass, entry)

    async def until(moment: datetime) -> None:
        freezer.move_to(moment)
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)

    async def flips(moment: datetime, before: list[str], after: list[str]) -> None:
        await until(moment - SECOND)
        assert alerts(hass) == before
        await restart()
        assert alerts(hass) == before
        if life == "asleep":
            await stop(hass, entry)
            freezer.move_to(moment)
            await start(hass, entry)
        else:
            await until(moment)
        assert alerts(hass) == after
        await restart()
        assert alerts(hass) == after

    async def scan(stage: Stage, moment: datetime, after: list[str]) -> None:
        await until(moment)
        carrier.scan(stage, at=moment)
        for _ in range(13):
            await wait(HOUR)
        assert hass.states.get("sensor.running_shoes").state == stage
        assert alerts(hass) == after
        await restart()
        assert hass.states.get("sensor.running_shoes").state == stage
        assert alerts(hass) == after

    # A promise that ends with a day ends on the clock at home (Pacific time).
    await hass.services.async_call(
        "waybill",
        "update_parcel",
        {"parcel_id": PARCEL_ID, "expected_by": "2026-07-01"},
        blocking=True,
    )
    await flips(ADDED + 14 * DAY, [], ["stalled"])
    await scan(Stage.SHIPPED, ADDED + 15 * DAY, [])
    late = datetime(2026, 7, 2, 6, 59, 59, tzinfo=UTC)
    await flips(late, [], ["late"])
    await flips(ADDED + 29 * DAY, ["late"], ["late", "stalled"])
    assert hass.states.get("sensor.running_shoes").state == "shipped"
    await scan(Stage.IN_CUSTOMS, ADDED + 31 * DAY, ["late"])
    await flips(ADDED + 45 * DAY, ["late"], ["late", "stalled"])
    assert hass.states.get("sensor.running_shoes").state == "in_customs"
    parcel = await get_parcel(hass)
    assert [(a["kind"], a["since"]) for a in parcel["alerts"]] == [
        ("late", "2026-07-01T23:59:59-07:00"),
        ("stalled", (ADDED + 45 * DAY).isoformat()),
    ]
    await scan(Stage.RETURNING, ADDED + 47 * DAY, ["returning"])
    await scan(Stage.RETURNED, ADDED + 58 * DAY, [])
    await until(ADDED + 60 * DAY)
    assert alerts(hass) == []

    told = [e.data["milestone"] for e in events]
    assert [name for name in told if name != "stage_changed"] == [
        "stalled",
        "shipped",
        "became_late",
        "stalled",
        "entered_customs",
        "stalled",
        "returning",
        "returned",
    ]
    assert len({e.data["milestone_id"] for e in events}) == len(events)
    times = {e.data["milestone"]: e.data["time"] for e in events}
    assert times["became_late"] == "2026-07-01T23:59:59-07:00"
    assert times["stalled"] == (ADDED + 45 * DAY).isoformat()


async def test_late_is_told_again_only_when_a_later_promise_lapses_too(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    freezer: FrozenDateTimeFactory,
) -> None:
    events = async_capture_events(hass, "waybill_milestone")
    await set_up()
    await wait(3 * SECOND)
    carrier.scan(Stage.IN_TRANSIT)
    carrier.answer(estimate=Estimate(start=ADDED + 2 * DAY, end=ADDED + 2 * DAY))
    await wait(6 * HOUR)

    def late() -> int:
        return [e.data["milestone"] for e in events].count("became_late")

    async def days(count: int) -> None:
        for _ in range(4 * count):
            await wait(6 * HOUR)

    await days(3)
    assert alerts(hass) == ["late"]
    assert late() == 1
    # The carrier takes its promise back to an earlier day, then to a later one.
    carrier.answer(estimate=Estimate(start=ADDED + 1 * DAY, end=ADDED + 1 * DAY))
    carrier.scan(Stage.IN_TRANSIT, code="again")
    await days(1)
    assert late() == 1
    carrier.answer(estimate=Estimate(start=ADDED + 7 * DAY, end=ADDED + 7 * DAY))
    carrier.scan(Stage.IN_TRANSIT, code="and again")
    await days(1)
    assert alerts(hass) == []
    await days(4)
    assert alerts(hass) == ["late"]
    assert late() == 2


async def test_what_was_late_and_silent_before_it_was_followed_is_no_news(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    """The alerts hold; but nobody is told of what had long been so."""
    events = async_capture_events(hass, "waybill_milestone")
    carrier.scan(Stage.IN_TRANSIT, at=ADDED - 30 * DAY)
    await set_up(parcel_data(expected_by="2026-06-01"))
    await wait(3 * SECOND)
    assert alerts(hass) == ["late", "stalled"]
    assert not events
    parcel = await get_parcel(hass)
    noted = {m["milestone"]: m["announced"] for m in parcel["milestones"]}
    assert noted["became_late"] is False
    assert noted["stalled"] is False


async def test_a_home_that_is_less_patient_hears_of_a_silence_at_once(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    """The option holds without a reload, and a parcel's own days go before it."""
    events = async_capture_events(hass, "waybill_milestone")
    entry = await set_up()
    await wait(5 * DAY)
    assert alerts(hass) == []
    hass.config_entries.async_update_entry(entry, options={"stalled_after_days": 4})
    await hass.async_block_till_done()
    assert alerts(hass) == ["stalled"]
    assert [e.data["milestone"] for e in events] == ["stalled"]
    await hass.services.async_call(
        "waybill",
        "update_parcel",
        {"parcel_id": PARCEL_ID, "stalled_after_days": 20},
        blocking=True,
    )
    await hass.async_block_till_done()
    assert alerts(hass) == []
    await wait(15 * DAY)
    assert alerts(hass) == ["stalled"]
    # It is the same silence.
    assert [e.data["milestone"] for e in events] == ["stalled"]


async def test_alerts_that_are_no_milestone_are_told_once_too(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    freezer: FrozenDateTimeFactory,
) -> None:
    told = async_capture_events(hass, "waybill_alert")
    entry = await set_up(parcel_data(protection_until="2026-06-20"))
    await wait(3 * SECOND)
    carrier.scan(Stage.READY_FOR_PICKUP)
    carrier.answer(pickup_point="Locker 7")
    for _ in range(3 * 24):
        await wait(HOUR)
    await stop(hass, entry)
    freezer.tick(6 * HOUR)
    await start(hass, entry)
    assert alerts(hass) == ["pickup_waiting", "protection_ending"]
    for _ in range(2):
        await stop(hass, entry)
        await start(hass, entry)
    assert sorted(e.data["kind"] for e in told) == [
        "pickup_waiting",
        "protection_ending",
    ]
    (waiting,) = [e.data for e in told if e.data["kind"] == "pickup_waiting"]
    assert waiting["name"] == "Running shoes"
    assert waiting["parcel_id"] == PARCEL_ID
    assert waiting["tracking_number"] == NUMBER
    assert waiting["detail"] == "Locker 7"

    carrier.scan(Stage.DELIVERED)
    for _ in range(8):
        await wait(HOUR)
    assert alerts(hass) == []
    assert len(told) == 2


async def test_a_person_writes_down_what_no_carrier_does(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    events = async_capture_events(hass, "waybill_milestone")
    await set_up()
    await wait(15 * DAY)
    assert alerts(hass) == ["stalled"]
    answer = await hass.services.async_call(
        "waybill",
        "record_event",
        {
            "parcel_id": PARCEL_ID,
            "stage": "delivered",
            "description": "I have it in my hands",
        },
        blocking=True,
        return_response=True,
    )
    parcel = answer["parcel"]
    assert parcel["stage"] == "delivered"
    assert parcel["last_event"]["provider"] == "manual"
    assert parcel["last_event"]["description"] == "I have it in my hands"
    assert parcel["delivered_at"] is not None
    assert hass.states.get("sensor.running_shoes").state == "delivered"
    assert alerts(hass) == []
    await hass.async_block_till_done()
    assert "delivered" in [e.data["milestone"] for e in events]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({}, "nothing to write down"),
        ({"stage": "shipped", "time": "2026-06-11T12:00:00+00:00"}, "still to come"),
    ],
)
async def test_what_cannot_be_written_down_changes_nothing(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    freezer: FrozenDateTimeFactory,
    data: dict[str, Any],
    error: str,
) -> None:
    entry: MockConfigEntry = await set_up()
    before = entry.runtime_data.journals[PARCEL_ID]
    with pytest.raises(Exception, match=error):
        await hass.services.async_call(
            "waybill", "record_event", {"parcel_id": PARCEL_ID, **data}, blocking=True
        )
    assert entry.runtime_data.journals[PARCEL_ID] is before


async def test_a_line_without_a_stage_is_a_note_and_moves_nothing(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up()
    await wait(3 * SECOND)
    carrier.scan(Stage.IN_TRANSIT)
    await wait(6 * HOUR)
    answer = await hass.services.async_call(
        "waybill",
        "record_event",
        {
            "tracking_number": NUMBER,
            "description": "Wrote to the seller",
            "time": "2026-06-10 08:00:00",
        },
        blocking=True,
        return_response=True,
    )
    assert answer["parcel"]["stage"] == "in_transit"
    notes = [e for e in answer["parcel"]["events"] if e["provider"] == "manual"]
    # What has no offset is on the clock at home.
    assert [(n["description"], n["time"]) for n in notes] == [
        ("Wrote to the seller", "2026-06-10T15:00:00+00:00")
    ]


async def test_what_is_written_down_now_comes_last_also_where_a_clock_runs_ahead(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up()
    await wait(3 * SECOND)
    carrier.scan(Stage.IN_TRANSIT, at=ADDED + 2 * DAY)
    await wait(6 * HOUR)
    answer = await hass.services.async_call(
        "waybill",
        "record_event",
        {"parcel_id": PARCEL_ID, "stage": "delivered"},
        blocking=True,
        return_response=True,
    )
    assert answer["parcel"]["stage"] == "delivered"
    assert answer["parcel"]["last_event"]["provider"] == "manual"
