"""Clocks that are set, and homes that move: nothing is lost, told wrongly, or silent."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.waybill.tracking.model import Estimate, Stage
from custom_components.waybill.tracking.providers.base import (
    ProviderUnavailable,
    QuotaExceeded,
)
from homeassistant.core import Event, HomeAssistant

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
from .test_alerts_story import alerts, get_parcel
from .test_milestones_story import start, stop

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
YEAR = 365 * DAY
ADDED = datetime(2026, 6, 10, 12, tzinfo=UTC)
STAGE = "sensor.running_shoes"
SOON = 6 * MINUTE
"""By then it is noticed that the clock was set."""

type SetClock = Callable[[timedelta], None]


@pytest.fixture
def set_clock(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> Iterator[SetClock]:
    """Set the clock on the wall; timers count on by one that nobody sets."""
    total, steady = timedelta(), hass.loop.time

    def _set(by: timedelta) -> None:
        nonlocal total
        total += by
        freezer.tick(by)

    with patch.object(hass.loop, "time", lambda: steady() - total.total_seconds()):
        yield _set


def told(events: list[Event], parcel_id: str = PARCEL_ID) -> list[str]:
    """Return the milestones of a parcel that the house was told of, in order."""
    names = [
        event.data["milestone"]
        for event in events
        if event.data["parcel_id"] == parcel_id
    ]
    return [name for name in names if name != "stage_changed"]


@pytest.fixture
def events(hass: HomeAssistant) -> list[Event]:
    """Listen to what the house is told."""
    return async_capture_events(hass, "waybill_milestone")


@pytest.fixture
async def home(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> MockConfigEntry:
    """Follow one parcel that is on its way, and one that was delivered."""
    entry = await set_up(
        parcel_data(), parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Lamp")
    )
    await wait(HOUR)
    carrier.scan(Stage.IN_TRANSIT)
    carrier.scan(Stage.DELIVERED, OTHER_NUMBER)
    await wait(3 * HOUR)
    assert hass.states.get(STAGE).state == "in_transit"
    assert hass.states.get("sensor.lamp").state == "delivered"
    return entry


async def test_an_hour_a_year_ahead_leaves_no_trace(
    hass: HomeAssistant,
    carrier: Carrier,
    home: MockConfigEntry,
    events: list[Event],
    set_clock: SetClock,
    wait: Wait,
) -> None:
    before = await get_parcel(hass)
    set_clock(YEAR)
    for _ in range(9):
        await wait(SOON)
    set_clock(-YEAR)
    await wait(SOON)
    assert told(events) == []
    assert set(home.subentries) == {PARCEL_ID, OTHER_PARCEL_ID}
    assert alerts(hass) == []
    after = await get_parcel(hass)
    assert after["milestones"] == before["milestones"]
    assert after["events"] == before["events"]
    carrier.scan(Stage.IN_CUSTOMS)
    await wait(3 * HOUR)
    assert hass.states.get(STAGE).state == "in_customs"


async def test_a_day_a_year_ahead_is_believed_and_taken_back(
    hass: HomeAssistant,
    carrier: Carrier,
    home: MockConfigEntry,
    events: list[Event],
    set_clock: SetClock,
    wait: Wait,
) -> None:
    set_clock(YEAR)
    for _ in range(12):
        await wait(2 * HOUR)
    assert alerts(hass) == ["stalled"]
    set_clock(-YEAR)
    await wait(SOON)
    assert alerts(hass) == []
    heard = len(events)
    await wait(12 * DAY)
    assert told(events[heard:]) == []
    # The true silence is told, though a false one was.
    await wait(DAY)
    assert alerts(hass) == ["stalled"]
    assert told(events[heard:]) == ["stalled"]
    carrier.scan(Stage.IN_CUSTOMS)
    await wait(DAY)
    assert hass.states.get(STAGE).state == "in_customs"


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_promise_that_lapses_in_truth_is_told_though_it_lapsed_falsely(
    hass: HomeAssistant,
    carrier: Carrier,
    home: MockConfigEntry,
    events: list[Event],
    set_clock: SetClock,
    wait: Wait,
    restarted: bool,
) -> None:
    carrier.answer(estimate=Estimate(start=datetime(2026, 6, 20).date()))
    await wait(12 * HOUR)
    set_clock(YEAR)
    for _ in range(12):
        await wait(2 * HOUR)
    assert told(events).count("became_late") == 1
    set_clock(-YEAR)
    if restarted:
        await stop(hass, home)
        await start(hass, home)
    await wait(SOON)
    assert "late" not in alerts(hass)
    await wait(7 * DAY)
    assert told(events).count("became_late") == 1
    await wait(4 * DAY)
    assert "late" in alerts(hass)
    assert told(events).count("became_late") == 2
    await wait(DAY)
    assert told(events).count("became_late") == 2


@pytest.mark.parametrize("ahead", [20 * DAY, YEAR])
@pytest.mark.parametrize(
    "error",
    [
        ProviderUnavailable("down"),
        QuotaExceeded("spent", first_backoff=12 * HOUR),
    ],
)
async def test_a_back_off_in_a_false_future_silences_nobody_for_long(
    hass: HomeAssistant,
    carrier: Carrier,
    home: MockConfigEntry,
    set_clock: SetClock,
    wait: Wait,
    ahead: timedelta,
    error: ProviderUnavailable | QuotaExceeded,
) -> None:
    set_clock(ahead)
    carrier.error = error
    await wait(SOON)
    await wait(12 * HOUR)
    set_clock(-ahead)
    carrier.error = None
    carrier.scan(Stage.IN_CUSTOMS)
    for _ in range(16):
        await wait(HOUR)
    assert hass.states.get(STAGE).state == "in_customs"


async def test_a_clock_that_is_set_back_a_month_silences_nobody(
    hass: HomeAssistant,
    carrier: Carrier,
    home: MockConfigEntry,
    events: list[Event],
    set_clock: SetClock,
    wait: Wait,
) -> None:
    asked = len(carrier.asked)
    set_clock(-30 * DAY)
    carrier.scan(Stage.IN_CUSTOMS, at=ADDED + 5 * HOUR)
    for _ in range(6):
        await wait(HOUR)
    assert hass.states.get(STAGE).state == "in_customs"
    assert told(events) == ["entered_customs"]
    assert len(carrier.asked) - asked <= 6
    # Midnights come as ever: the days on the way are counted.
    set_clock(30 * DAY)
    before = int(hass.states.get("sensor.running_shoes_days_in_transit").state)
    for _ in range(3):
        await wait(DAY)
    after = int(hass.states.get("sensor.running_shoes_days_in_transit").state)
    assert after == before + 3


async def test_days_go_on_where_the_clock_was_a_month_ahead(
    hass: HomeAssistant,
    carrier: Carrier,
    home: MockConfigEntry,
    set_clock: SetClock,
    wait: Wait,
) -> None:
    set_clock(30 * DAY)
    # A midnight there sets the timer for the next one.
    await wait(DAY)
    set_clock(-30 * DAY)
    await wait(SOON)
    before = int(hass.states.get("sensor.running_shoes_days_in_transit").state)
    for _ in range(4):
        await wait(DAY / 2)
    after = int(hass.states.get("sensor.running_shoes_days_in_transit").state)
    assert after == before + 2


@pytest.mark.parametrize(
    "at", ["1970-01-01T00:05:00+00:00", "2026-06-10T09:00:00+00:00"]
)
async def test_a_machine_without_a_battery_tells_nothing_twice_and_loses_nothing(
    hass: HomeAssistant,
    carrier: Carrier,
    home: MockConfigEntry,
    events: list[Event],
    set_clock: SetClock,
    wait: Wait,
    at: str,
) -> None:
    """It starts with a clock that is behind, until the network has come."""
    carrier.scan(Stage.OUT_FOR_DELIVERY)
    await wait(3 * HOUR)
    assert told(events) == ["out_for_delivery"]
    before = await get_parcel(hass)
    await stop(hass, home)
    behind = datetime.now(UTC) - datetime.fromisoformat(at)
    set_clock(-behind)
    await start(hass, home)
    for _ in range(3):
        await wait(SOON)
    set_clock(behind)
    await wait(SOON)
    after = await get_parcel(hass)
    assert after["milestones"] == before["milestones"]
    assert after["events"] == before["events"]
    assert hass.states.get(STAGE).state == "out_for_delivery"
    assert set(home.subentries) == {PARCEL_ID, OTHER_PARCEL_ID}
    assert told(events) == ["out_for_delivery"]
    carrier.scan(Stage.DELIVERED)
    for _ in range(3):
        await wait(HOUR)
    assert told(events) == ["out_for_delivery", "delivered"]


async def test_a_line_without_a_zone_that_was_read_in_a_false_future_is_dated_again(
    hass: HomeAssistant,
    carrier: Carrier,
    home: MockConfigEntry,
    set_clock: SetClock,
    wait: Wait,
) -> None:
    set_clock(YEAR)
    written = datetime(2026, 6, 11, 9, 0)
    carrier.scan(
        Stage.IN_CUSTOMS, at=written.replace(tzinfo=UTC), local_time=written, time=None
    )
    for _ in range(3):
        await wait(HOUR)
    assert hass.states.get(STAGE).state == "in_customs"
    set_clock(-YEAR)
    await wait(SOON)
    # As written, in the zone of the home (Pacific time).
    parcel = await get_parcel(hass)
    assert parcel["stage_since"] == "2026-06-11T09:00:00-07:00"
    await wait(15 * DAY)
    assert alerts(hass) == ["stalled"]


async def test_a_delivered_parcel_is_not_archived_by_a_clock_that_is_not_believed(
    hass: HomeAssistant,
    carrier: Carrier,
    home: MockConfigEntry,
    set_clock: SetClock,
    wait: Wait,
) -> None:
    """Nor by the removal of another, which sets the timer anew."""
    set_clock(40 * DAY)
    hass.config_entries.async_remove_subentry(home, PARCEL_ID)
    await wait(SOON)
    await wait(30 * MINUTE)
    assert list(home.subentries) == [OTHER_PARCEL_ID]
    # Believed, it goes: a computer may have slept for so long.
    await wait(HOUR)
    await wait(SECOND)
    assert list(home.subentries) == []


@pytest.mark.parametrize(
    ("added", "day", "until"),
    [
        # The clocks of Paris go an hour back, and an hour forward, in that night.
        ("2026-10-20T12:00:00+00:00", "2026-10-25", "2026-10-25T23:59:59+01:00"),
        ("2027-03-20T12:00:00+00:00", "2027-03-28", "2027-03-28T23:59:59+02:00"),
    ],
)
async def test_the_day_on_which_summer_time_changes_ends_at_its_midnight(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    freezer: FrozenDateTimeFactory,
    added: str,
    day: str,
    until: str,
) -> None:
    freezer.move_to(added)
    await hass.config.async_update(time_zone="Europe/Paris")
    await set_up(parcel_data(added_at=added, expected_by=day))
    carrier.answer(estimate=Estimate(start=datetime.fromisoformat(day).date()))
    carrier.scan(Stage.IN_TRANSIT)
    await wait(HOUR)
    state = hass.states.get("sensor.running_shoes_estimated_delivery")
    assert state.attributes["to"] == until
    deliveries = await hass.services.async_call(
        "calendar",
        "get_events",
        {
            "entity_id": "calendar.waybill_deliveries",
            "start_date_time": f"{day} 00:00:00",
            "duration": {"hours": 20},
        },
        blocking=True,
        return_response=True,
    )
    (event,) = deliveries["calendar.waybill_deliveries"]["events"]
    assert event["start"] == day
    end = datetime.fromisoformat(until)
    await wait(end - SECOND - datetime.now(UTC))
    assert alerts(hass) == []
    await wait(SECOND)
    assert alerts(hass) == ["late"]


async def test_who_unloads_while_the_clock_is_doubted_ends_all_that(
    hass: HomeAssistant, home: MockConfigEntry, set_clock: SetClock, wait: Wait
) -> None:
    set_clock(DAY)
    await wait(SOON)
    clock = home.runtime_data.days.clock
    assert clock.is_doubted
    await stop(hass, home)
    assert not clock.is_doubted
    before = hass.states.get(STAGE)
    await wait(2 * HOUR)
    assert hass.states.get(STAGE) is before


async def test_a_home_that_moves_begins_its_days_there_without_a_restart(
    hass: HomeAssistant,
    carrier: Carrier,
    home: MockConfigEntry,
    wait: Wait,
) -> None:
    """It is six o'clock in the morning in Auckland, nine hours after its midnight."""
    entity = "sensor.running_shoes_days_in_transit"
    await hass.services.async_call(
        "waybill",
        "update_parcel",
        {"parcel_id": PARCEL_ID, "expected_by": "2026-06-12"},
        blocking=True,
    )
    await hass.config.async_update(time_zone="Pacific/Auckland")
    await hass.async_block_till_done()
    before = int(hass.states.get(entity).state)
    midnight = datetime(2026, 6, 11, 12, tzinfo=UTC)
    await wait(midnight - SECOND - datetime.now(UTC))
    assert int(hass.states.get(entity).state) == before
    await wait(2 * SECOND)
    assert int(hass.states.get(entity).state) == before + 1
    # What was promised ends with the day there.
    await wait(midnight + DAY - 2 * SECOND - datetime.now(UTC))
    assert alerts(hass) == []
    await wait(2 * SECOND)
    assert alerts(hass) == ["late"]
    assert NUMBER in carrier.asked[-1]


async def test_a_home_that_moves_while_waybill_stops_wakes_it_no_more(
    hass: HomeAssistant, home: MockConfigEntry
) -> None:
    """The words of another language are read meanwhile: no timer is left behind."""
    days = home.runtime_data.days
    await hass.config.async_update(time_zone="Pacific/Auckland", language="nl")
    await stop(hass, home)
    await hass.async_block_till_done()
    assert days._follow_no_more is None
