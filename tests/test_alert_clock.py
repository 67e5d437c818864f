"""One timer wakes for all alerts, whatever the clock does meanwhile."""

from collections.abc import AsyncGenerator
from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.waybill.alert_clock import AlertClock
from custom_components.waybill.tracking.model import Stage
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .conftest import OTHER_NUMBER, OTHER_PARCEL_ID, Carrier, SetUp, Wait, parcel_data
from .test_alerts_story import alerts

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
OTHER_ATTENTION = "binary_sensor.lamp_needs_attention"


class Judge:
    """Writes down who is judged, and gives each its next moment, as told."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Judge nobody anew of their own accord."""
        self.judged: list[list[str]] = []
        self.again: dict[str, timedelta] = {}
        self.clock = AlertClock(hass, self)

    def __call__(self, parcel_ids: list[str]) -> None:
        """Be called by the clock."""
        self.judged.append(parcel_ids)
        for parcel_id in parcel_ids:
            if (span := self.again.get(parcel_id)) is not None:
                self.set(parcel_id, span)

    def set(self, parcel_id: str, span: timedelta) -> None:
        """Set a parcel's moment, from now."""
        self.clock.async_set(parcel_id, dt_util.utcnow() + span)


@pytest.fixture
async def judge(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> AsyncGenerator[Judge]:
    """Make a clock."""
    judge = Judge(hass)
    yield judge
    judge.clock.async_stop()


async def test_each_is_judged_at_its_moment(judge: Judge, wait: Wait) -> None:
    judge.set("later", 2 * HOUR)
    judge.set("first", HOUR)
    judge.set("as early", HOUR)
    await wait(HOUR - SECOND)
    assert judge.judged == []
    await wait(SECOND)
    assert [sorted(ids) for ids in judge.judged] == [["as early", "first"]]
    await wait(HOUR)
    assert judge.judged[1:] == [["later"]]
    await wait(DAY)
    assert len(judge.judged) == 2


async def test_the_next_moment_of_one_hides_no_earlier_one_of_another(
    judge: Judge, wait: Wait
) -> None:
    judge.again["first"] = 10 * DAY
    judge.set("first", HOUR)
    judge.set("second", DAY)
    await wait(HOUR)
    await wait(DAY - HOUR)
    assert judge.judged == [["first"], ["second"]]
    await wait(10 * DAY)
    assert judge.judged[2:] == [["first"]]


async def test_another_moment_replaces_the_one_before(judge: Judge, wait: Wait) -> None:
    judge.set("postponed", HOUR)
    judge.set("postponed", 3 * HOUR)
    judge.set("brought forward", 5 * HOUR)
    judge.set("brought forward", 2 * HOUR)
    judge.set("over", HOUR)
    judge.clock.async_set("over", None)
    judge.clock.async_set("never there", None)
    await wait(HOUR)
    assert not any(judge.judged)
    await wait(HOUR)
    assert [ids for ids in judge.judged if ids] == [["brought forward"]]
    await wait(HOUR)
    assert [ids for ids in judge.judged if ids] == [["brought forward"], ["postponed"]]


async def test_a_clock_that_was_set_forward_is_caught_up_with_once(
    judge: Judge, freezer: FrozenDateTimeFactory, wait: Wait
) -> None:
    judge.set("due", HOUR)
    judge.set("not yet", DAY)
    judge.clock.async_catch_up()
    assert judge.judged == []
    freezer.tick(2 * HOUR)
    judge.clock.async_catch_up()
    judge.clock.async_catch_up()
    assert judge.judged == [["due"]]
    await wait(DAY)
    assert judge.judged == [["due"], ["not yet"]]


async def test_one_that_stopped_judges_nobody(judge: Judge, wait: Wait) -> None:
    """Not even where a last answer comes after it."""
    judge.set("known", HOUR)
    judge.clock.async_stop()
    judge.set("late", HOUR)
    judge.clock.async_set("known", None)
    await wait(DAY)
    judge.clock.async_catch_up()
    assert judge.judged == []


async def test_at_the_next_poll_a_clock_that_was_set_forward_is_noticed(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
) -> None:
    """Its timers have not been called: they count by a clock that nobody sets."""
    entry = await set_up(parcel_data(stalled_after_days=2))
    await wait(3 * SECOND)
    freezer.tick(3 * DAY)
    assert alerts(hass) == []
    await entry.runtime_data.async_refresh()
    await hass.async_block_till_done()
    assert alerts(hass) == ["stalled"]


async def test_at_midnight_a_clock_that_was_set_forward_is_noticed(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
) -> None:
    """A delivered parcel is asked about by nobody any more."""
    carrier.scan(Stage.DELIVERED)
    entry = await set_up(parcel_data())
    await wait(3 * SECOND)
    await wait(5 * DAY)
    coordinator = entry.runtime_data
    assert coordinator.update_interval is None
    rung: list[list[str]] = []
    coordinator.alert_clock = AlertClock(hass, rung.append)
    coordinator.alert_clock.async_set("due", dt_util.utcnow() + HOUR)
    freezer.tick(2 * HOUR)
    await coordinator.days.async_begin()
    assert rung == [["due"]]
    coordinator.alert_clock.async_stop()


async def test_two_parcels_fall_silent_each_at_its_moment(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    """The first one's next alert is far off; the second one's is not."""
    await set_up(
        parcel_data(stalled_after_days=1, protection_until="2026-08-01"),
        parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Lamp", stalled_after_days=2),
    )
    await wait(3 * SECOND)
    await wait(DAY - 3 * SECOND)
    assert alerts(hass) == ["stalled"]
    lamp = hass.states.get(OTHER_ATTENTION)
    assert lamp is not None
    assert lamp.state == "off"
    await wait(DAY)
    lamp = hass.states.get(OTHER_ATTENTION)
    assert lamp is not None
    assert lamp.state == "on"


async def test_unloading_ends_the_timer(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
) -> None:
    entry = await set_up()
    await wait(3 * SECOND)
    coordinator = entry.runtime_data
    before = coordinator.data
    assert await hass.config_entries.async_unload(entry.entry_id)
    freezer.tick(20 * DAY)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert coordinator.data is before
