"""Parcels are archived by themselves, some time after their end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.waybill.const import EVENT_MILESTONE
from custom_components.waybill.tracking.model import Problem, ProblemKind, Stage
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import HomeAssistantError

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

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


async def wait_until(wait: Wait, moment: datetime) -> None:
    """Let time pass until then."""
    await wait(moment - datetime.now(UTC))


async def test_a_delivered_parcel_goes_thirty_days_later_to_the_second(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up()
    carrier.scan(Stage.DELIVERED)
    await wait(3 * HOUR)
    end = entry.runtime_data.data[PARCEL_ID].stage_since
    told = async_capture_events(hass, EVENT_MILESTONE)
    await wait_until(wait, end + 30 * DAY - SECOND)
    assert list(entry.subentries) == [PARCEL_ID]
    await wait(SECOND)
    assert entry.subentries == {}
    assert hass.states.get("sensor.running_shoes") is None
    assert told == []


async def test_one_after_the_other_at_its_time(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up(
        parcel_data(), parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, name="Lamp")
    )
    carrier.scan(Stage.DELIVERED)
    await wait(3 * HOUR)
    await wait(10 * DAY)
    carrier.scan(Stage.RETURNED, OTHER_NUMBER)
    await wait(DAY)
    await wait(20 * DAY)
    assert list(entry.subentries) == [OTHER_PARCEL_ID]
    await wait(11 * DAY)
    assert entry.subentries == {}


async def test_a_restart_does_not_put_it_off(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up()
    carrier.scan(Stage.DELIVERED)
    await wait(3 * HOUR)
    await wait(20 * DAY)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await wait(20 * DAY)
    assert list(entry.subentries) == [PARCEL_ID]
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await wait(HOUR - SECOND)
    # A clock that is ahead after a start is put right soon.
    assert list(entry.subentries) == [PARCEL_ID]
    await wait(SECOND)
    await wait(SECOND)
    assert entry.subentries == {}


async def test_it_waits_until_home_assistant_has_started(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up()
    carrier.scan(Stage.DELIVERED)
    await wait(3 * HOUR)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await wait(40 * DAY)
    hass.set_state(CoreState.starting)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await wait(HOUR)
    assert list(entry.subentries) == [PARCEL_ID]
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done()
    await wait(HOUR)
    await wait(SECOND)
    assert entry.subentries == {}


async def test_zero_keeps_all_and_options_hold_at_once(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up()
    carrier.scan(Stage.DELIVERED)
    await wait(3 * HOUR)

    async def set_days(days: int) -> None:
        options = {"archive_after_days": days}
        hass.config_entries.async_update_entry(entry, options=options)
        await hass.async_block_till_done()
        await wait(SECOND)

    await set_days(0)
    await wait(400 * DAY)
    assert list(entry.subentries) == [PARCEL_ID]
    await set_days(402)
    assert list(entry.subentries) == [PARCEL_ID]
    await set_days(7)
    assert entry.subentries == {}


async def test_news_of_a_return_keeps_it(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up()
    carrier.scan(Stage.DELIVERED)
    await wait(3 * HOUR)
    carrier.scan(Stage.RETURNING)
    await wait(DAY)
    await wait(3 * HOUR)
    assert hass.states.get("sensor.running_shoes").state == "returning"
    await wait(60 * DAY)
    assert list(entry.subentries) == [PARCEL_ID]


async def test_a_problem_keeps_it_until_it_is_settled(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up()
    carrier.scan(Stage.DELIVERED)
    await wait(3 * HOUR)
    coordinator, now = entry.runtime_data, datetime.now(UTC)
    problem = Problem(problem_id="1", problem=ProblemKind.DAMAGED, reported_at=now)
    journal = coordinator.journals[PARCEL_ID]
    coordinator.async_update_journal(replace(journal, problems=(problem,)))
    await wait(60 * DAY)
    assert list(entry.subentries) == [PARCEL_ID]
    settled = replace(problem, settled_at=datetime.now(UTC))
    coordinator.async_update_journal(replace(journal, problems=(settled,)))
    await wait(SECOND)
    assert entry.subentries == {}


async def test_one_that_was_brought_back_stays_for_as_long_again(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up()
    carrier.scan(Stage.DELIVERED)
    await wait(3 * HOUR)
    await wait(31 * DAY)
    assert entry.subentries == {}
    await hass.services.async_call(
        "waybill", "restore_parcel", {"tracking_number": NUMBER}, blocking=True
    )
    await wait(29 * DAY)
    assert list(entry.subentries) == [PARCEL_ID]
    await wait(DAY)
    assert entry.subentries == {}


async def test_what_is_to_be_told_is_told_before_it_goes(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    """Its carrier says that it was delivered long ago."""
    entry = await set_up(parcel_data(added_at="2026-03-01T12:00:00+00:00"))
    told = async_capture_events(hass, EVENT_MILESTONE)
    carrier.scan(Stage.SHIPPED, at=datetime(2026, 3, 2, tzinfo=UTC))
    carrier.scan(Stage.DELIVERED, at=datetime(2026, 3, 12, tzinfo=UTC))
    announcer = entry.runtime_data.announcer
    with patch.object(announcer, "_ready", False):
        await wait(3 * SECOND)
        await wait(HOUR)
        await wait(10 * SECOND)
        assert list(entry.subentries) == [PARCEL_ID]
        assert told == []
    await announcer.async_tell([PARCEL_ID])
    assert "delivered" in [event.data["milestone"] for event in told]
    await wait(2 * 60 * SECOND)
    assert entry.subentries == {}


async def test_a_disk_that_fails_is_tried_again_and_holds_up_no_other(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    caplog: pytest.LogCaptureFixture,
) -> None:
    entry = await set_up(
        parcel_data(), parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, name="Lamp")
    )
    carrier.scan(Stage.DELIVERED)
    carrier.scan(Stage.DELIVERED, OTHER_NUMBER)
    await wait(3 * HOUR)
    archive = entry.runtime_data.archive
    put = archive.async_put

    async def fail(parcels: Any) -> None:
        parcels = list(parcels)
        if parcels[0].parcel_id == PARCEL_ID:
            raise HomeAssistantError("no space")
        await put(parcels)

    with patch.object(archive, "async_put", fail):
        await wait(30 * DAY)
        assert list(entry.subentries) == [PARCEL_ID]
    assert "could not be archived" in caplog.text
    await wait(HOUR)
    assert entry.subentries == {}
