"""What happens at the same moment, or is cut off in the middle, harms no parcel."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.waybill.const import DOMAIN
from custom_components.waybill.joined_parcels import async_join, async_keep_apart
from custom_components.waybill.tracking.model import Answer, Leg, Stage, TrackingEvent
from custom_components.waybill.tracking.providers.base import QuotaExceeded
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import CoreState, Event, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

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
LAST_MILE = "00340434161094015902"
SHOES = parcel_data()
LAMP = parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Lamp")


@pytest.fixture
async def both(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> MockConfigEntry:
    """Follow the shoes and the lamp, both on their way."""
    assert await async_setup_component(hass, "repairs", {})
    entry = await set_up(SHOES, LAMP)
    for number in (NUMBER, OTHER_NUMBER):
        carrier.scan(Stage.SHIPPED, number)
    await wait(3 * HOUR)
    return entry


def told(events: list[Event], milestone: str) -> list[str]:
    """Return the parcels of which the house was told this milestone."""
    return [e.data["name"] for e in events if e.data["milestone"] == milestone]


def issues(hass: HomeAssistant) -> set[str]:
    """Return the repairs that wait for the person."""
    return {
        issue.issue_id
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN
    }


async def parcels(hass: HomeAssistant, **query: Any) -> list[dict[str, Any]]:
    """List the parcels, as an action answers them."""
    answer = await hass.services.async_call(
        DOMAIN, "get_parcels", query, blocking=True, return_response=True
    )
    return answer["parcels"]


async def test_who_removes_a_parcel_as_it_is_delivered_hears_of_the_others(
    hass: HomeAssistant, carrier: Carrier, both: MockConfigEntry, wait: Wait
) -> None:
    """Many an automation removes a parcel at the very word that it has arrived."""
    events = async_capture_events(hass, "waybill_milestone")

    @callback
    def remove(event: Event) -> None:
        if event.data["milestone"] == "delivered":
            parcel_id = event.data["parcel_id"]
            hass.config_entries.async_remove_subentry(both, parcel_id)

    hass.bus.async_listen("waybill_milestone", remove)
    for number in (NUMBER, OTHER_NUMBER):
        carrier.scan(Stage.DELIVERED, number)
    for _ in range(8):
        await wait(HOUR)
    assert sorted(told(events, "delivered")) == ["Lamp", "Running shoes"]
    # Added again, it is told no second time.
    hass.config_entries.async_add_subentry(both, _subentry(SHOES))
    await wait(HOUR)
    await wait(DAY)
    assert len(told(events, "delivered")) == 2


async def test_who_fails_as_a_milestone_is_told_keeps_nobody_from_the_news(
    hass: HomeAssistant,
    carrier: Carrier,
    both: MockConfigEntry,
    wait: Wait,
    caplog: pytest.LogCaptureFixture,
) -> None:
    events = async_capture_events(hass, "waybill_milestone")
    with patch(
        "custom_components.waybill.event.ParcelMilestone._trigger_event",
        side_effect=ValueError,
    ):
        for number in (NUMBER, OTHER_NUMBER):
            carrier.scan(Stage.DELIVERED, number)
        for _ in range(8):
            await wait(HOUR)
    assert sorted(told(events, "delivered")) == ["Lamp", "Running shoes"]
    assert "Unexpected error in a listener" in caplog.text


async def test_the_form_of_a_parcel_that_was_added_this_moment_opens(
    hass: HomeAssistant, both: MockConfigEntry
) -> None:
    beans = parcel_data("9400111206451200183149", "01JPARCEL0000000000000003", "Beans")
    hass.config_entries.async_add_subentry(both, _subentry(beans))
    form = await both.start_subentry_reconfigure_flow(hass, beans["subentry_id"])
    assert form["step_id"] == "reconfigure"
    assert "belonging" not in map(str, form["data_schema"].schema)


async def test_what_was_answered_just_before_a_parcel_goes_is_kept(
    hass: HomeAssistant, carrier: Carrier, both: MockConfigEntry, wait: Wait
) -> None:
    """The journal of another parcel is being written as it is removed."""
    coordinator = both.runtime_data
    # What was told of both is marked.
    await wait(timedelta(seconds=3))
    save, carried_on = coordinator.storage.async_save, []

    async def slowly(journal: Any) -> None:
        if not carried_on:
            carried_on.append(journal.parcel_id)
            gone = {PARCEL_ID, OTHER_PARCEL_ID} - {journal.parcel_id}
            hass.config_entries.async_remove_subentry(both, gone.pop())
        await save(journal)

    for number in (NUMBER, OTHER_NUMBER):
        carrier.scan(Stage.OUT_FOR_DELIVERY, number)
    with patch.object(coordinator.storage, "async_save", slowly):
        for _ in range(8):
            await wait(HOUR)
    (kept,) = carried_on
    number = OTHER_NUMBER if kept == PARCEL_ID else NUMBER
    journal = await coordinator.storage.async_load(number)
    assert journal is not None
    stages = [event.stage for track in journal.tracks for event in track.events]
    assert Stage.OUT_FOR_DELIVERY in stages


async def test_a_parcel_removed_with_its_journal_leaves_none(
    hass: HomeAssistant,
    carrier: Carrier,
    both: MockConfigEntry,
    wait: Wait,
    hass_storage: dict[str, Any],
) -> None:
    """Even while its last answer is being written."""
    coordinator = both.runtime_data
    save, removed = coordinator.storage.async_save, []

    async def slowly(journal: Any) -> None:
        if not removed:
            removed.append(journal.tracking_number)
            hass.async_create_task(
                hass.services.async_call(
                    DOMAIN,
                    "remove_parcel",
                    {"parcel_id": journal.parcel_id, "keep_journal": False},
                    blocking=True,
                )
            )
            await asyncio.sleep(0)
        await save(journal)

    carrier.scan(Stage.OUT_FOR_DELIVERY)
    with patch.object(coordinator.storage, "async_save", slowly):
        for _ in range(8):
            await wait(HOUR)
    assert removed
    assert await coordinator.storage.async_load(removed[0]) is None


async def test_a_reload_amid_the_news_waits_until_all_is_taken_in(
    hass: HomeAssistant, carrier: Carrier, both: MockConfigEntry, wait: Wait
) -> None:
    """Between two parcels of one answer others have their turn."""
    events = async_capture_events(hass, "waybill_milestone")
    intake, reloading = both.runtime_data.intake, []
    take_up = intake.async_take_up

    def take_up_and_reload(*args: Any) -> Any:
        if not reloading:
            reload = hass.config_entries.async_reload(both.entry_id)
            reloading.append(hass.async_create_task(reload))
        return take_up(*args)

    for number in (NUMBER, OTHER_NUMBER):
        carrier.scan(Stage.OUT_FOR_DELIVERY, number)
    with patch.object(intake, "async_take_up", take_up_and_reload):
        while not reloading:
            await wait(HOUR)
    asked = len(carrier.asked)
    assert {parcel["stage"] for parcel in await parcels(hass)} == {"out_for_delivery"}
    assert sorted(told(events, "out_for_delivery")) == ["Lamp", "Running shoes"]
    assert len(carrier.asked) == asked


async def test_what_comes_and_goes_while_waybill_starts_is_followed_or_not(
    hass: HomeAssistant, carrier: Carrier, both: MockConfigEntry
) -> None:
    """A start has many turns, in which a person can do anything."""
    assert await hass.config_entries.async_unload(both.entry_id)
    cup = parcel_data("LP00123456789099", "01JPARCEL0000000000000009", "Cup")

    @callback
    def act(event: Event) -> None:
        stop()
        hass.config_entries.async_remove_subentry(both, OTHER_PARCEL_ID)
        hass.config_entries.async_add_subentry(both, _subentry(cup))

    stop = hass.bus.async_listen("state_changed", act)
    assert await hass.config_entries.async_setup(both.entry_id)
    await hass.async_block_till_done()
    assert {parcel["name"] for parcel in await parcels(hass)} == {
        "Cup",
        "Running shoes",
    }
    assert hass.states.get("sensor.cup") is not None
    assert hass.states.get("sensor.lamp") is None


async def test_a_reload_while_the_house_still_starts_tells_nothing_twice(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    """The first to wait for the start must not speak after the second."""
    entry = await set_up()
    carrier.scan(Stage.SHIPPED)
    await wait(3 * HOUR)
    assert await hass.config_entries.async_unload(entry.entry_id)
    hass.set_state(CoreState.starting)
    carrier.scan(Stage.DELIVERED)
    await wait(DAY)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait(timedelta(seconds=3))
    await wait(timedelta(seconds=3))
    events = async_capture_events(hass, "waybill_milestone")
    started = asyncio.Event()
    done = hass.async_block_till_done
    with patch.object(hass, "async_block_till_done", started.wait):
        hass.set_state(CoreState.running)
        hass.bus.async_fire("homeassistant_started")
        await asyncio.sleep(0)
        assert await hass.config_entries.async_reload(entry.entry_id)
        assert not told(events, "delivered")
        started.set()
        await asyncio.sleep(0)
    await done(wait_background_tasks=True)
    await wait(HOUR)
    assert told(events, "delivered") == ["Running shoes"]


async def test_an_end_while_two_are_kept_apart_tells_nothing_twice(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    """A milestone waits in the one; the power fails as the other has told it."""
    assert await async_setup_component(hass, "repairs", {})
    entry = await set_up(SHOES, LAMP)
    carrier.scan(Stage.SHIPPED)
    carrier.answer(next_leg=Leg(tracking_number=OTHER_NUMBER, carrier="cainiao"))
    await wait(3 * HOUR)
    coordinator = entry.runtime_data
    announcer = coordinator.announcer
    announcer._ready = False
    journal = coordinator.journals[PARCEL_ID]
    assert [leg.tracking_number for leg in journal.legs] == [NUMBER, OTHER_NUMBER]
    # 17TRACK tells of the lamp under the shoes' name, before anything can be told.
    answer = _answer_of("seventeentrack", OTHER_NUMBER, Stage.IN_TRANSIT)
    coordinator.intake._merge(PARCEL_ID, "seventeentrack", answer, _now())
    answer = _answer_of(
        "seventeentrack", OTHER_NUMBER, Stage.IN_TRANSIT, Stage.DELIVERED
    )
    coordinator.intake._merge(PARCEL_ID, "seventeentrack", answer, _now())
    await announcer.async_tell([PARCEL_ID])
    announcer._ready = True
    events = async_capture_events(hass, "waybill_milestone")
    save = coordinator.storage.async_save

    class PowerFails(Exception):
        """Nothing goes on after this."""

    async def until_the_power_fails(journal: Any) -> None:
        if told(events, "delivered"):
            raise PowerFails
        await save(journal)

    with (
        patch.object(coordinator.storage, "async_save", until_the_power_fails),
        pytest.raises(PowerFails),
    ):
        await async_keep_apart(coordinator, PARCEL_ID, OTHER_PARCEL_ID)
    # What was told and not marked is told again by its own parcel alone.
    assert len(told(events, "delivered")) == 1
    stored = await coordinator.storage.async_load(NUMBER)
    assert all(m.telling != "pending" for m in stored.milestones)


async def test_two_that_name_each_other_are_parted_by_one_word(
    hass: HomeAssistant, carrier: Carrier, both: MockConfigEntry, wait: Wait
) -> None:
    carrier.answer(next_leg=Leg(tracking_number=OTHER_NUMBER))
    carrier.answer(tracking_number=OTHER_NUMBER, next_leg=Leg(tracking_number=NUMBER))
    await wait(7 * HOUR)
    assert len(issues(hass)) == 2
    assert await async_keep_apart(both.runtime_data, PARCEL_ID, OTHER_PARCEL_ID)
    await wait(7 * HOUR)
    assert not issues(hass)
    for parcel in await parcels(hass):
        assert len(parcel["legs"]) == 1


@pytest.mark.parametrize("part", [False, True])
async def test_two_that_are_joined_both_ways_at_once_are_one_parcel(
    hass: HomeAssistant,
    carrier: Carrier,
    both: MockConfigEntry,
    wait: Wait,
    part: bool,
) -> None:
    """Two people answer the two offers, each in the other's direction."""
    carrier.answer(next_leg=Leg(tracking_number=OTHER_NUMBER))
    carrier.answer(tracking_number=OTHER_NUMBER, next_leg=Leg(tracking_number=NUMBER))
    await wait(7 * HOUR)
    coordinator = both.runtime_data
    done = await asyncio.gather(
        async_join(coordinator, PARCEL_ID, OTHER_PARCEL_ID),
        async_join(coordinator, OTHER_PARCEL_ID, PARCEL_ID),
    )
    await wait(HOUR)
    assert sorted(done) == [False, True]
    (parcel,) = await parcels(hass)
    assert len(parcel["legs"]) == 2
    assert not issues(hass)
    if part:
        form = await both.start_subentry_reconfigure_flow(hass, parcel["parcel_id"])
        await hass.config_entries.subentries.async_configure(
            form["flow_id"],
            {"tracking_number": parcel["tracking_number"], "belonging": [], "more": {}},
        )
        await wait(7 * HOUR)
        assert [len(p["legs"]) for p in await parcels(hass)] == [1, 1]
        assert not issues(hass)


async def test_a_number_that_is_found_while_the_form_is_open_stays(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    """The person was asked about one number, not about the one that came since."""
    entry = await set_up()
    carrier.scan(Stage.SHIPPED)
    carrier.answer(next_leg=Leg(tracking_number=LAST_MILE, carrier="dhl"))
    await wait(3 * HOUR)
    form = await entry.start_subentry_reconfigure_flow(hass, PARCEL_ID)
    carrier.answer(next_leg=Leg(tracking_number=OTHER_NUMBER))
    await wait(7 * HOUR)
    await hass.config_entries.subentries.async_configure(
        form["flow_id"],
        {"tracking_number": NUMBER, "belonging": [LAST_MILE], "more": {}},
    )
    await hass.async_block_till_done()
    (parcel,) = await parcels(hass)
    assert [leg["tracking_number"] for leg in parcel["legs"]] == [
        NUMBER,
        LAST_MILE,
        OTHER_NUMBER,
    ]


async def test_no_repair_outlives_what_it_is_about(
    hass: HomeAssistant, carrier: Carrier, both: MockConfigEntry, wait: Wait
) -> None:
    """Parcels can be removed while Waybill is disabled."""
    carrier.answer(next_leg=Leg(tracking_number=OTHER_NUMBER))
    carrier.answer(tracking_number=OTHER_NUMBER, events=(), invalid=True)
    usps = parcel_data("9400111206451200183149", "01JPARCEL0000000000000003", "Beans")
    hass.config_entries.async_add_subentry(both, _subentry(usps))
    await wait(7 * HOUR)
    assert issues(hass) == {
        f"join_parcels_{PARCEL_ID}_{OTHER_PARCEL_ID}",
        f"no_provider_{usps['subentry_id']}",
    }
    assert await hass.config_entries.async_unload(both.entry_id)
    for parcel_id in (OTHER_PARCEL_ID, usps["subentry_id"]):
        hass.config_entries.async_remove_subentry(both, parcel_id)
    assert await hass.config_entries.async_setup(both.entry_id)
    await hass.async_block_till_done()
    assert not issues(hass)


async def test_a_repair_that_the_person_ignores_stays_ignored(
    hass: HomeAssistant, carrier: Carrier, both: MockConfigEntry, wait: Wait
) -> None:
    carrier.answer(next_leg=Leg(tracking_number=OTHER_NUMBER))
    await wait(7 * HOUR)
    (issue_id,) = issues(hass)
    ir.async_ignore_issue(hass, DOMAIN, issue_id, True)
    assert await hass.config_entries.async_reload(both.entry_id)
    await hass.async_block_till_done()
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    assert issue is not None and issue.dismissed_version is not None


async def test_a_quota_is_called_spent_no_longer_than_it_is(
    hass: HomeAssistant, carrier: Carrier, both: MockConfigEntry, wait: Wait
) -> None:
    """Even if there is nothing left to ask when it may be asked again."""
    retry_at = dt_util.utcnow() + DAY
    carrier.error = QuotaExceeded("spent", retry_at=retry_at)
    for _ in range(8):
        await wait(HOUR)
    assert issues(hass) == {"quota_spent_cainiao"}
    for parcel_id in (PARCEL_ID, OTHER_PARCEL_ID):
        hass.config_entries.async_remove_subentry(both, parcel_id)
    for _ in range(15):
        await wait(HOUR)
    assert issues(hass) == {"quota_spent_cainiao"}
    await wait(2 * HOUR)
    assert not issues(hass)


async def test_waybill_takes_its_repairs_with_it(
    hass: HomeAssistant, carrier: Carrier, both: MockConfigEntry, wait: Wait
) -> None:
    carrier.answer(next_leg=Leg(tracking_number=OTHER_NUMBER))
    await wait(7 * HOUR)
    assert issues(hass)
    await hass.config_entries.async_remove(both.entry_id)
    await hass.async_block_till_done()
    assert not issues(hass)


async def test_a_corrected_number_uses_no_milestones_id_again(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    events = async_capture_events(hass, "waybill_milestone")
    entry = await set_up()
    await wait(HOUR)
    carrier.scan(Stage.SHIPPED)
    await wait(7 * HOUR)
    form = await entry.start_subentry_reconfigure_flow(hass, PARCEL_ID)
    await hass.config_entries.subentries.async_configure(
        form["flow_id"], {"tracking_number": OTHER_NUMBER, "more": {}}
    )
    await wait(HOUR)
    carrier.scan(Stage.SHIPPED, OTHER_NUMBER)
    await wait(7 * HOUR)
    assert len(told(events, "shipped")) == 2
    ids = [event.data["milestone_id"] for event in events]
    assert len(ids) == len(set(ids))


def _subentry(data: Any) -> ConfigSubentry:
    """Return a parcel to be added by hand."""
    return ConfigSubentry(**{**data, "data": MappingProxyType(dict(data["data"]))})


def _now() -> datetime:
    return dt_util.utcnow()


def _answer_of(provider: str, number: str, *stages: Stage) -> Answer:
    """Return what a provider says that has seen these, a minute apart."""
    events = [
        TrackingEvent(
            provider=provider,
            tracking_number=number,
            code=stage.value,
            written_time=f"2026-06-10T12:0{minute}:00Z",
            time=datetime(2026, 6, 10, 12, minute, tzinfo=UTC),
            stage=stage,
        )
        for minute, stage in enumerate(stages, 1)
    ]
    return Answer(tracking_number=number, events=tuple(reversed(events)))
