"""Who is asked, when, and what that costs."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import logging
from types import MappingProxyType, ModuleType
from unittest.mock import patch

import pytest

from custom_components.waybill import coordinator, intake
from custom_components.waybill.const import DOMAIN
from custom_components.waybill.tracking.journal import Journal
from custom_components.waybill.tracking.model import (
    Answer,
    Estimate,
    Leg,
    Stage,
    TrackingEvent,
)
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.base import (
    CredentialsRejected,
    ProviderUnavailable,
    QuotaExceeded,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.setup import async_setup_component

from .conftest import (
    ENTRY_ID,
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
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def many(count: int) -> list:
    """Return parcels with numbers of their own."""
    return [
        parcel_data(f"LP00123456789{n:03}", f"01JPARCEL{n:016}", f"Parcel {n}")
        for n in range(count)
    ]


async def add(hass: HomeAssistant, number: str, **fields: object) -> str:
    """Follow a number; return its parcel id."""
    answer = await hass.services.async_call(
        DOMAIN,
        "add_parcel",
        {"tracking_number": number, **fields},
        blocking=True,
        return_response=True,
    )
    return answer["parcel_id"]


async def test_a_new_parcel_is_asked_about_at_once(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up()
    assert carrier.asked == []
    await wait(3 * SECOND)
    assert carrier.asked == [[NUMBER]]


async def test_the_51st_parcel_disturbs_nobody(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up(*many(50))
    for _ in range(12):
        await wait(31 * MINUTE)
    carrier.asked.clear()
    await wait(6 * MINUTE)
    before = entry.runtime_data
    parcels = dict(before.data)
    carrier.asked.clear()
    await add(hass, "LP00999999999999")
    await wait(3 * SECOND)
    assert carrier.asked == [["LP00999999999999"]]
    assert entry.runtime_data is before
    assert all(
        before.data[parcel_id] is parcel for parcel_id, parcel in parcels.items()
    )


async def test_parcels_added_together_share_a_request(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up(account_data("dhl"))
    numbers = [f"LP0099999999990{n}" for n in range(3)]
    for number in numbers:
        await add(hass, number)
    await wait(3 * SECOND)
    (asked,) = carrier.asked
    assert sorted(asked) == numbers


async def test_a_restart_asks_nobody_who_is_not_due(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up()
    await wait(3 * SECOND)
    for _ in range(5):
        assert await hass.config_entries.async_reload(entry.entry_id)
        await wait(MINUTE)
    assert len(carrier.asked) == 1
    ledger = entry.runtime_data.plan.ledger("cainiao")
    assert ledger.used_on(datetime.now(UTC)) == 1


async def test_a_new_parcel_is_asked_about_at_once_after_a_restart_too(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up()
    await wait(3 * SECOND)
    await wait(6 * MINUTE)
    await add(hass, OTHER_NUMBER)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await wait(3 * SECOND)
    assert carrier.asked == [[NUMBER], [OTHER_NUMBER]]


async def test_an_answer_that_is_the_last_one_again_is_not_looked_at(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up()
    carrier.scan(Stage.SHIPPED)
    await wait(3 * SECOND)
    with patch("custom_components.waybill.intake.merge") as merge:
        for _ in range(6):
            await wait(HOUR)
    assert len(carrier.asked) > 1
    merge.assert_not_called()


async def test_an_answer_that_equals_the_last_one_is_not_looked_at_either(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    """Asked together with others, a parcel has an answer that is made anew."""
    await set_up()
    carrier.scan(Stage.SHIPPED)
    await wait(3 * SECOND)
    with patch("custom_components.waybill.intake.merge") as merge:
        for _ in range(6):
            carrier.answer()
            await wait(HOUR)
    assert len(carrier.asked) > 1
    merge.assert_not_called()


async def test_cainiao_is_asked_at_most_24_times_a_day_and_20_at_a_time(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    parcels = many(45)
    for n in range(45):
        carrier.scan(Stage.OUT_FOR_DELIVERY, f"LP00123456789{n:03}")
    await set_up(*parcels)
    moments = []
    for _ in range(3 * 24 * 12):
        before = len(carrier.asked)
        await wait(5 * MINUTE)
        moments += [datetime.now(UTC)] * (len(carrier.asked) - before)
    assert max(map(len, carrier.asked)) == 20
    assert {number for asked in carrier.asked for number in asked} == {
        f"LP00123456789{n:03}" for n in range(45)
    }
    days = [moment.date() for moment in moments]
    assert all(
        10 <= days.count(day) <= 24 for day in set(days[1:]) - {days[0], days[-1]}
    )


async def test_delivered_parcels_are_soon_left_alone(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up()
    carrier.scan(Stage.DELIVERED)
    for _ in range(30):
        await wait(6 * HOUR)
    assert 3 <= len(carrier.asked) <= 4
    carrier.asked.clear()
    for _ in range(30):
        await wait(DAY)
    assert carrier.asked == []


async def test_nothing_due_asks_and_writes_nothing(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    hass_storage: dict[str, dict],
) -> None:
    await set_up()
    carrier.scan(Stage.IN_TRANSIT)
    await wait(3 * SECOND)
    # What was told is marked a moment later.
    await wait(3 * SECOND)
    states = {state.entity_id: state for state in hass.states.async_all()}
    (journal,) = [key for key in hass_storage if "journal" in key]
    written = hass_storage[journal]
    carrier.answer()
    for _ in range(8):
        await wait(HOUR)
    assert len(carrier.asked) > 1
    assert hass_storage[journal] is written
    assert {s.entity_id: s for s in hass.states.async_all()} == states
    assert all(s is states[s.entity_id] for s in hass.states.async_all())


async def test_a_silent_provider_takes_nothing_away_and_is_logged_once(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await set_up()
    carrier.scan(Stage.IN_CUSTOMS)
    await wait(3 * SECOND)
    carrier.error = ProviderUnavailable("no answer in time")
    for _ in range(20):
        await wait(HOUR)
    assert hass.states.get("sensor.running_shoes").state == "in_customs"
    lines = [r for r in caplog.records if "gives no answer" in r.message]
    assert len(lines) == 1
    carrier.error = None
    for _ in range(30):
        await wait(HOUR)
    assert "Cainiao answers again" in caplog.text


async def test_backing_off_doubles_and_a_person_waits_too(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up()
    carrier.error = ProviderUnavailable("HTTP 503")
    await wait(3 * SECOND)
    counts = []
    for _ in range(24):
        before = len(carrier.asked)
        await wait(HOUR)
        counts.append(len(carrier.asked) - before)
    assert sum(counts) <= 9
    answer = await hass.services.async_call(
        DOMAIN, "refresh", {}, blocking=True, return_response=True
    )
    (refused,) = answer["refused"]
    assert refused["reason"] == "backoff"
    assert datetime.fromisoformat(refused["retry_at"]) > datetime.now(UTC)


async def test_retry_after_is_obeyed_across_restarts(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up()
    carrier.error = QuotaExceeded("HTTP 429", retry_at=datetime.now(UTC) + 12 * HOUR)
    await wait(3 * SECOND)
    issues = ir.async_get(hass)
    assert issues.async_get_issue(DOMAIN, "quota_spent_cainiao")
    carrier.error = None
    for _ in range(11):
        await wait(HOUR)
        assert await hass.config_entries.async_reload(entry.entry_id)
    assert len(carrier.asked) == 1
    await wait(2 * HOUR)
    assert len(carrier.asked) == 2
    assert not issues.async_get_issue(DOMAIN, "quota_spent_cainiao")


async def test_a_defect_in_a_provider_silences_nobody(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await set_up()
    carrier.error = ZeroDivisionError()
    await wait(3 * SECOND)
    assert "Unexpected error while asking Cainiao" in caplog.text
    carrier.error = None
    carrier.scan(Stage.SHIPPED)
    await wait(HOUR)
    assert hass.states.get("sensor.running_shoes").state == "shipped"


async def test_rejected_credentials_start_one_flow_that_names_the_account(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    carrier.scan(Stage.IN_TRANSIT, OTHER_NUMBER)
    with patch.object(
        PROVIDERS["dhl"], "fetch", side_effect=CredentialsRejected("HTTP 401")
    ) as dhl:
        await set_up(
            account_data("dhl"),
            parcel_data("00340434161094015902", carrier="dhl"),
            parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Lamp"),
        )
        for _ in range(30):
            await wait(HOUR)
    assert dhl.call_count == 1
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"
    assert flow["context"]["title_placeholders"] == {"name": "DHL"}
    assert hass.states.get("sensor.lamp").state == "in_transit"
    account = "01JACCOUNT000000000000001"
    assert ir.async_get(hass).async_get_issue(DOMAIN, f"credentials_rejected_{account}")


async def test_a_number_that_nobody_can_answer_says_who_would(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up(parcel_data("9400111206451200183149", name="Beans"))
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"no_provider_{PARCEL_ID}")
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert "17TRACK" in issue.translation_placeholders["accounts"]
    await wait(DAY)
    assert carrier.asked == []
    assert hass.states.get("sensor.beans").state == "pending"
    # The parcel goes, and the issue with it.
    await hass.services.async_call(
        DOMAIN, "remove_parcel", {"parcel_id": PARCEL_ID}, blocking=True
    )
    assert not ir.async_get(hass).async_get_issue(DOMAIN, f"no_provider_{PARCEL_ID}")


async def test_an_invalid_number_is_pending_with_a_repair(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    carrier.answer(invalid=True)
    await set_up()
    await wait(3 * SECOND)
    assert hass.states.get("sensor.running_shoes").state == "pending"
    issues = ir.async_get(hass)
    assert issues.async_get_issue(DOMAIN, f"invalid_number_{PARCEL_ID}")
    carrier.answer(invalid=False)
    carrier.scan(Stage.SHIPPED)
    await wait(3 * HOUR)
    assert not issues.async_get_issue(DOMAIN, f"invalid_number_{PARCEL_ID}")


async def test_the_leg_that_a_provider_names_is_not_asked_of_it_again(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up()
    carrier.scan(Stage.SHIPPED)
    carrier.answer(next_leg=Leg(tracking_number="RC000000003EE"))
    for _ in range(6):
        await wait(3 * HOUR)
    assert {tuple(numbers) for numbers in carrier.asked} == {(NUMBER,)}
    parcel = hass.config_entries.async_entries(DOMAIN)[0].runtime_data.data[PARCEL_ID]
    assert [leg.tracking_number for leg in parcel.legs] == [NUMBER, "RC000000003EE"]
    assert parcel.legs[1].carrier == "post_ee"


async def test_a_removed_parcel_is_taken_up_again_with_its_history(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up()
    carrier.scan(Stage.IN_CUSTOMS)
    await wait(3 * SECOND)
    await hass.services.async_call(
        DOMAIN, "remove_parcel", {"tracking_number": NUMBER}, blocking=True
    )
    await hass.async_block_till_done()
    assert hass.states.get("sensor.running_shoes") is None
    assert await add(hass, NUMBER, name="Shoes") == PARCEL_ID
    await hass.async_block_till_done()
    assert hass.states.get("sensor.running_shoes").state == "in_customs"


async def test_a_removed_parcel_without_journal_begins_anew(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    hass_storage: dict[str, dict],
) -> None:
    await set_up()
    await wait(3 * SECOND)
    await hass.services.async_call(
        DOMAIN,
        "remove_parcel",
        {"parcel_id": PARCEL_ID, "keep_journal": False},
        blocking=True,
    )
    await hass.async_block_till_done()
    assert not [key for key in hass_storage if "journal" in key]
    assert await add(hass, NUMBER) != PARCEL_ID


async def test_a_corrected_number_is_followed_under_the_same_parcel(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up()
    await wait(3 * SECOND)
    carrier.scan(Stage.OUT_FOR_DELIVERY, OTHER_NUMBER)
    subentry = entry.subentries[PARCEL_ID]
    hass.config_entries.async_update_subentry(
        entry,
        subentry,
        data={**subentry.data, "tracking_number": OTHER_NUMBER},
        unique_id=OTHER_NUMBER,
    )
    await hass.async_block_till_done()
    await wait(6 * MINUTE)
    assert carrier.asked == [[NUMBER], [OTHER_NUMBER]]
    assert hass.states.get("sensor.running_shoes").state == "out_for_delivery"


async def test_the_devices_own_delete_stops_following(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    hass_ws_client: Callable,
) -> None:
    entry = await set_up()
    assert await async_setup_component(hass, "config", {})
    registry = dr.async_get(hass)
    device = registry.async_get_device_by_identifier((DOMAIN, PARCEL_ID), ENTRY_ID)
    hub = registry.async_get_device_by_identifier((DOMAIN, ENTRY_ID), ENTRY_ID)
    client = await hass_ws_client(hass)
    for target, allowed in ((hub, False), (device, True)):
        await client.send_json_auto_id(
            {
                "type": "config/device_registry/remove_config_entry",
                "config_entry_id": ENTRY_ID,
                "device_id": target.id,
            }
        )
        answer = await client.receive_json()
        assert answer["success"] is allowed
    await hass.async_block_till_done()
    assert PARCEL_ID not in entry.subentries
    assert entry.runtime_data.data == {}


async def test_a_code_that_is_not_mapped_is_logged_once(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    await set_up()
    carrier.scan(Stage.SHIPPED)
    for _ in range(3):
        carrier.scan(None, code="NEW_CODE")
        await wait(4 * HOUR)
    assert caplog.text.count("NEW_CODE") == 1
    assert hass.states.get("sensor.running_shoes").state == "shipped"


async def test_estimates_move_with_the_homes_zone(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    carrier.answer(estimate=Estimate(start=datetime(2030, 5, 1).date()))
    carrier.scan(Stage.IN_TRANSIT)
    await set_up()
    await wait(3 * SECOND)
    await hass.config.async_update(time_zone="Europe/Paris")
    await hass.async_block_till_done()
    state = hass.states.get("sensor.running_shoes_estimated_delivery")
    assert state.attributes["to"] == "2030-05-01T23:59:59+02:00"


@pytest.mark.parametrize("error", [None, ProviderUnavailable("HTTP 503")])
async def test_an_account_that_goes_while_it_is_asked_is_not_missed(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    error: ProviderUnavailable | None,
) -> None:
    account = "01JACCOUNT000000000000001"
    entry = await set_up(
        account_data("dhl"), parcel_data("00340434161094015902", carrier="dhl")
    )

    def leave(*_: object) -> list:
        hass.config_entries.async_remove_subentry(entry, account)
        if error is not None:
            raise error
        return []

    with patch.object(PROVIDERS["dhl"], "fetch", side_effect=leave):
        await wait(3 * SECOND)
    coordinator = entry.runtime_data
    assert account not in entry.subentries
    assert coordinator.accounts.requests_left(account) is None
    assert coordinator.accounts.trouble(account) is None
    assert coordinator.last_update_success
    assert hass.states.get("sensor.running_shoes").state == "pending"


async def test_a_parcel_that_goes_while_it_is_asked_about_is_not_missed(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up()
    carrier.scan(Stage.DELIVERED)

    def leave(*args: object) -> list:
        hass.config_entries.async_remove_subentry(entry, PARCEL_ID)
        return carrier(*args)

    with patch.object(PROVIDERS["cainiao"], "fetch", side_effect=leave):
        await wait(3 * SECOND)
    assert entry.runtime_data.data == {}
    assert entry.runtime_data.last_update_success


async def test_a_parcel_that_goes_while_it_is_taken_up_is_not_missed(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up()
    coordinator = entry.runtime_data
    going_on = asyncio.Event()

    async def slowly(number: str) -> None:
        await going_on.wait()

    with patch.object(coordinator.storage, "async_load", slowly):
        hass.config_entries.async_add_subentry(
            entry,
            ConfigSubentry(
                data=MappingProxyType({"tracking_number": OTHER_NUMBER}),
                subentry_type="parcel",
                title="Lamp",
                unique_id=OTHER_NUMBER,
                subentry_id=OTHER_PARCEL_ID,
            ),
        )
        hass.config_entries.async_remove_subentry(entry, OTHER_PARCEL_ID)
        going_on.set()
        await hass.async_block_till_done()
    assert list(coordinator.data) == [PARCEL_ID]


async def test_an_answer_that_comes_after_the_end_is_asked_for_again(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up()
    old = entry.runtime_data
    carrier.scan(Stage.SHIPPED)

    async def late(*args: object) -> list:
        await hass.config_entries.async_unload(entry.entry_id)
        return carrier(*args)

    with patch.object(PROVIDERS["cainiao"], "fetch", side_effect=late):
        old.questions.ask_now(PARCEL_ID)
        await old.async_refresh()
    assert old.data[PARCEL_ID].stage is Stage.PENDING
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    for _ in range(3):
        await wait(HOUR)
    assert hass.states.get("sensor.running_shoes").state == "shipped"


async def test_a_listener_that_fails_keeps_nobody_from_the_news(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    caplog: pytest.LogCaptureFixture,
) -> None:
    entry = await set_up()

    def fail() -> None:
        raise ZeroDivisionError

    heard: list[str] = []
    entry.runtime_data.async_add_listener(fail, PARCEL_ID)
    entry.runtime_data.async_add_listener(lambda: heard.append("news"), PARCEL_ID)
    carrier.scan(Stage.SHIPPED)
    await wait(3 * SECOND)
    assert heard
    assert "Unexpected error in a listener" in caplog.text


async def test_what_a_power_cut_left_of_a_removed_parcel_is_cleared_away(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    """What the entry holds was written, the registries were not."""
    entry = await set_up(
        parcel_data(), parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Lamp")
    )
    assert await hass.config_entries.async_unload(entry.entry_id)
    with (
        patch.object(dr.DeviceRegistry, "async_clear_config_subentry"),
        patch.object(er.EntityRegistry, "async_clear_config_subentry"),
    ):
        hass.config_entries.async_remove_subentry(entry, OTHER_PARCEL_ID)
    entities = er.async_get(hass)
    assert "sensor.lamp" in entities.entities
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert "sensor.lamp" not in entities.entities
    names = {
        device.name
        for device in dr.async_entries_for_config_entry(
            dr.async_get(hass), entry.entry_id
        )
    }
    assert names == {"Waybill", "Running shoes"}
    assert "sensor.running_shoes" in entities.entities
    assert hass.states.get("sensor.lamp") is None


async def test_a_number_that_cainiao_has_long_not_known_is_asked_elsewhere(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    scan = TrackingEvent(
        provider="seventeentrack",
        tracking_number="RB123456785GB",
        code="InTransit_Other",
        written_time="2026-06-11T08:00:00Z",
        time=datetime(2026, 6, 11, 8, tzinfo=UTC),
        stage=Stage.IN_TRANSIT,
    )
    said = Answer(tracking_number="RB123456785GB", events=(scan,))
    with (
        patch.object(
            PROVIDERS["seventeentrack"], "fetch", return_value=[said]
        ) as other,
        patch.object(PROVIDERS["seventeentrack"], "requests_left", return_value=9),
    ):
        entry = await set_up(
            account_data("seventeentrack", auto_register=True),
            parcel_data("RB123456785GB", name="Tea"),
        )
        for _ in range(22):
            await wait(HOUR)
        assert carrier.asked
        assert not other.called
        for _ in range(10):
            await wait(HOUR)
    assert hass.states.get("sensor.tea").state == "in_transit"
    providers = [
        choice.provider for choice in entry.runtime_data.data[PARCEL_ID].providers
    ]
    assert "seventeentrack" in providers


async def test_who_gives_up_waiting_does_not_end_the_round_for_all(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up()
    carrier.scan(Stage.SHIPPED)
    release = asyncio.Event()

    async def slow(*args: object) -> list[Answer]:
        await release.wait()
        return carrier(*args)

    with patch.object(PROVIDERS["cainiao"], "fetch", side_effect=slow):
        entry.runtime_data.questions.ask_now(PARCEL_ID)
        impatient = asyncio.create_task(entry.runtime_data.async_refresh())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        impatient.cancel()
        with pytest.raises(asyncio.CancelledError):
            await impatient
        release.set()
        await hass.async_block_till_done(wait_background_tasks=True)
    assert hass.states.get("sensor.running_shoes").state == "shipped"


@pytest.mark.parametrize(
    ("module", "place"), [(intake, "merge"), (coordinator, "note")]
)
async def test_a_fault_in_one_parcel_holds_up_no_other(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    caplog: pytest.LogCaptureFixture,
    module: ModuleType,
    place: str,
) -> None:
    await set_up(parcel_data(), parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Lamp"))
    carrier.scan(Stage.SHIPPED)
    carrier.scan(Stage.IN_TRANSIT, OTHER_NUMBER)
    real = getattr(module, place)

    def fail(journal: Journal, *args: object, **kwargs: object) -> Journal:
        if journal.parcel_id == PARCEL_ID:
            raise ZeroDivisionError
        return real(journal, *args, **kwargs)

    with patch.object(module, place, side_effect=fail):
        await wait(3 * SECOND)
    assert hass.states.get("sensor.running_shoes").state == "pending"
    assert hass.states.get("sensor.lamp").state == "in_transit"
    assert "could not be taken up" in caplog.text
    # It is asked on, and heard when the fault is gone, though nothing is new.
    for _ in range(8):
        await wait(HOUR)
    assert hass.states.get("sensor.running_shoes").state == "shipped"


async def test_a_disk_that_takes_nothing_stops_no_round(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    caplog: pytest.LogCaptureFixture,
) -> None:
    entry = await set_up()
    carrier.scan(Stage.SHIPPED)
    with patch.object(
        entry.runtime_data.storage, "async_save", side_effect=OSError("disk full")
    ):
        await wait(3 * SECOND)
    assert "not brought to its end" in caplog.text
    assert hass.states.get("sensor.running_shoes").state == "shipped"
    carrier.scan(Stage.IN_TRANSIT)
    for _ in range(5):
        await wait(HOUR)
    assert hass.states.get("sensor.running_shoes").state == "in_transit"


async def test_a_number_that_nobody_finds_for_days_says_who_else_might(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up(parcel_data("RB123456785GB", name="Tea"))
    issues = ir.async_get(hass)
    for _ in range(2 * 24 + 20):
        await wait(HOUR)
    assert carrier.asked
    assert not issues.async_get_issue(DOMAIN, f"not_found_{PARCEL_ID}")
    for _ in range(12):
        await wait(HOUR)
    issue = issues.async_get_issue(DOMAIN, f"not_found_{PARCEL_ID}")
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["asked"] == "Cainiao"
    assert issue.translation_placeholders["accounts"].startswith("17TRACK")
    carrier.scan(Stage.SHIPPED, "RB123456785GB")
    for _ in range(30):
        await wait(HOUR)
    assert hass.states.get("sensor.tea").state == "shipped"
    assert not issues.async_get_issue(DOMAIN, f"not_found_{PARCEL_ID}")


async def test_a_provider_that_never_answered_has_not_looked_in_vain(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    carrier.error = ProviderUnavailable("HTTP 503")
    await set_up(parcel_data("RB123456785GB", name="Tea"))
    for _ in range(4 * 24):
        await wait(HOUR)
    assert not ir.async_get(hass).async_get_issue(DOMAIN, f"not_found_{PARCEL_ID}")
