"""A person adds parcels at 17TRACK; Waybill follows what that account follows."""

from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime, timedelta
import logging
from types import MappingProxyType
from typing import Any
from unittest.mock import AsyncMock, patch

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.waybill.const import DOMAIN
from custom_components.waybill.diagnostics import async_get_config_entry_diagnostics
from custom_components.waybill.tracking.ledger import Refusal
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.base import (
    CredentialsRejected,
    Listed,
    ProviderUnavailable,
    QuotaExceeded,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant

from .conftest import (
    ENTRY_ID,
    PARCEL_ID,
    Carrier,
    SetUp,
    Wait,
    account_data,
    parcel_data,
)
from .simulator import (
    DAY,
    HOUR,
    KEYS,
    Fault,
    FaultKind,
    Journey,
    Kind,
    Simulator,
    Stage,
    Step,
    numbers,
)

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
ACCOUNT_ID = "01JACCOUNT000000000000001"
OTHER_ACCOUNT_ID = "01JACCOUNT000000000000002"

STEPS = (
    Step(-4 * DAY, Kind.LABEL_MADE, "PORTLAND", "US"),
    Step(-3 * DAY, Kind.PICKED_UP, "PORTLAND", "US"),
    Step(-1 * DAY, Kind.ON_THE_WAY, country="US"),
)
BEANS = Journey(number=numbers.usps(1), carrier="usps", origin="US", steps=STEPS)
LAMP = Journey(number=numbers.usps(2), carrier="usps", origin="US", steps=STEPS)
BOOK = Journey(number=numbers.usps(3), carrier="usps", origin="US", steps=STEPS)


def following(account_id: str = ACCOUNT_ID, **fields: Any) -> Any:
    """Return a 17TRACK account whose parcels are to be followed."""
    fields = {"api_key": KEYS["seventeentrack"], "follow_account": True, **fields}
    return account_data("seventeentrack", account_id, **fields)


@pytest.fixture
async def simulator(
    socket_enabled: None, freezer: object, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Simulator]:
    """Play three journeys, of which 17TRACK is told nothing yet."""
    async with Simulator([BEANS, LAMP, BOOK]) as simulator:
        simulator.seventeentrack.settling = timedelta(0)
        monkeypatch.setenv("WAYBILL_SIMULATOR", simulator.setting)
        yield simulator


def parcels(entry: MockConfigEntry) -> dict[str, ConfigSubentry]:
    """Return what is followed, by number."""
    return {
        subentry.data["tracking_number"]: subentry
        for subentry in entry.get_subentries_of_type("parcel")
    }


def lists(simulator: Simulator) -> int:
    """Return how often 17TRACK was asked for its list."""
    return sum(
        request.path.endswith("/gettracklist")
        for request in simulator.asked("seventeentrack")
    )


async def choose(hass: HomeAssistant, entry: MockConfigEntry, **fields: Any) -> None:
    """Change the account's options, as the form does."""
    account = entry.subentries[ACCOUNT_ID]
    hass.config_entries.async_update_subentry(
        entry, account, data={**account.data, **fields}
    )
    await hass.async_block_till_done()


async def perform(hass: HomeAssistant, action: str, **data: Any) -> Any:
    """Perform an action of Waybill."""
    answers = action != "remove_parcel"
    return await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=answers
    )


async def test_what_the_account_follows_appears_by_itself(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> None:
    simulator.seventeentrack.preregister(BEANS.number, "usps", "Coffee beans")
    simulator.seventeentrack.preregister(LAMP.number)
    told = async_capture_events(hass, "waybill_milestone")
    entry = await set_up(following())
    await wait(3 * SECOND)
    await wait(3 * SECOND)
    assert parcels(entry)[BEANS.number].title == "Coffee beans"
    assert parcels(entry)[BEANS.number].data["carrier"] == "usps"
    assert parcels(entry)[BEANS.number].data["listed_by"] == ACCOUNT_ID
    assert parcels(entry)[LAMP.number].title == LAMP.number
    assert hass.states.get("sensor.coffee_beans").state == "in_transit"
    # The account may register nothing, and has registered nothing.
    assert simulator.seventeentrack.quota_used == 0
    answer = await perform(hass, "get_parcels", tracking_number=BEANS.number)
    assert answer["parcels"][0]["providers"] == [
        {"provider": "seventeentrack", "reason": "listed"}
    ]
    # What lies behind is no news.
    assert not told
    simulator.journey(BEANS.number).scan(Stage.OUT_FOR_DELIVERY)
    for _ in range(4):
        await wait(HOUR)
    assert "out_for_delivery" in {event.data["milestone"] for event in told}


async def test_a_parcel_that_is_added_there_later_comes_within_hours(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> None:
    entry = await set_up(following())
    await wait(3 * SECOND)
    assert not parcels(entry)
    simulator.seventeentrack.preregister(BEANS.number)
    await wait(HOUR)
    assert not parcels(entry)
    await wait(HOUR + MINUTE)
    assert list(parcels(entry)) == [BEANS.number]
    assert lists(simulator) == 2


async def test_it_is_asked_at_once_when_the_option_is_turned_on(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> None:
    simulator.seventeentrack.preregister(BEANS.number)
    entry = await set_up(following(follow_account=False))
    await wait(3 * HOUR)
    assert lists(simulator) == 0
    await choose(hass, entry, follow_account=True)
    await wait(3 * SECOND)
    assert list(parcels(entry)) == [BEANS.number]


async def test_it_is_asked_at_once_when_the_account_is_added(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> None:
    simulator.seventeentrack.preregister(BEANS.number)
    entry = await set_up(parcel_data(LAMP.number))
    account = following()
    hass.config_entries.async_add_subentry(
        entry,
        ConfigSubentry(**{**account, "data": MappingProxyType(account["data"])}),
    )
    await hass.async_block_till_done()
    await wait(3 * SECOND)
    assert list(parcels(entry)) == [LAMP.number, BEANS.number]


async def test_nothing_is_followed_twice_and_what_is_the_persons_stays_so(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> None:
    simulator.seventeentrack.preregister(BEANS.number, name="Their name")
    simulator.seventeentrack.preregister(LAMP.number)
    entry = await set_up(following(), parcel_data(BEANS.number, name="My name"))
    for _ in range(4):
        await wait(HOUR)
    assert sorted(parcels(entry)) == sorted([BEANS.number, LAMP.number])
    beans = parcels(entry)[BEANS.number]
    assert (beans.subentry_id, beans.title) == (PARCEL_ID, "My name")
    assert "listed_by" not in beans.data
    # Nor does it go when it vanishes there.
    simulator.seventeentrack.forget(BEANS.number)
    for _ in range(8):
        await wait(HOUR)
    assert BEANS.number in parcels(entry)


async def test_what_vanishes_there_is_let_go_and_comes_back_as_it_was(
    hass: HomeAssistant,
    set_up: SetUp,
    wait: Wait,
    simulator: Simulator,
    hass_storage: dict[str, Any],
) -> None:
    simulator.seventeentrack.preregister(BEANS.number, name="Beans")
    simulator.seventeentrack.preregister(LAMP.number, name="Lamp")
    entry = await set_up(following())
    await wait(3 * SECOND)
    await wait(3 * SECOND)
    old_id = parcels(entry)[BEANS.number].subentry_id
    journals = {key for key in hass_storage if "journal" in key}
    assert len(journals) == 2
    simulator.seventeentrack.forget(BEANS.number)
    await wait(2 * HOUR + MINUTE)
    # One list may be wrong.
    assert BEANS.number in parcels(entry)
    await wait(2 * HOUR + MINUTE)
    assert list(parcels(entry)) == [LAMP.number]
    assert hass.states.get("sensor.beans") is None
    assert journals <= hass_storage.keys()
    told = async_capture_events(hass, "waybill_milestone")
    simulator.seventeentrack.preregister(BEANS.number, name="Beans")
    await wait(2 * HOUR + MINUTE)
    assert parcels(entry)[BEANS.number].subentry_id == old_id
    await wait(3 * SECOND)
    assert hass.states.get("sensor.beans").state == "in_transit"
    assert not told


@pytest.mark.parametrize(
    "provider", ["seventeentrack", "parcel_app", "ship24", "aftership"]
)
async def test_the_accounts_of_all_who_list_parcels_are_followed(
    hass: HomeAssistant,
    set_up: SetUp,
    wait: Wait,
    simulator: Simulator,
    provider: str,
) -> None:
    there: Any = simulator.faces[provider]
    there.preregister(BEANS.number, name="Beans")
    there.preregister(LAMP.number, name="Lamp")
    account = {"api_key": KEYS[provider], "follow_account": True}
    entry = await set_up(account_data(provider, ACCOUNT_ID, **account))
    for _ in range(4):
        await wait(5 * MINUTE)
    assert sorted(parcels(entry)) == sorted([BEANS.number, LAMP.number])
    old_id = parcels(entry)[BEANS.number].subentry_id
    assert hass.states.get("sensor.beans").state == "in_transit"
    simulator.fail(provider, Fault(FaultKind.STATUS, status=503), times=None)
    for _ in range(30):
        await wait(HOUR)
    assert len(parcels(entry)) == 2
    simulator.heal()
    for _ in range(30):
        await wait(HOUR)
    there.forget(BEANS.number)
    for _ in range(6):
        await wait(HOUR)
    assert list(parcels(entry)) == [LAMP.number]
    there.preregister(BEANS.number, name="Beans")
    for _ in range(3):
        await wait(HOUR)
    assert parcels(entry)[BEANS.number].subentry_id == old_id
    assert 429 not in {request.status for request in simulator.asked(provider)}


async def test_the_feed_of_the_app_parcel_is_its_list(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> None:
    simulator.parcel_app.preregister(BEANS.number, name="Beans")
    account = {"api_key": KEYS["parcel_app"], "follow_account": True}
    await set_up(account_data("parcel_app", ACCOUNT_ID, **account))
    for _ in range(12):
        await wait(HOUR)
    # No number was added there.
    assert {request.method for request in simulator.asked("parcel_app")} == {"GET"}


async def test_what_has_arrived_is_left_to_the_person(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> None:
    simulator.seventeentrack.preregister(BEANS.number)
    simulator.seventeentrack.preregister(LAMP.number)
    simulator.journey(BEANS.number).scan(Stage.DELIVERED)
    entry = await set_up(following())
    await wait(3 * SECOND)
    await wait(3 * SECOND)
    simulator.seventeentrack.forget(BEANS.number)
    for _ in range(8):
        await wait(HOUR)
    assert sorted(parcels(entry)) == sorted([BEANS.number, LAMP.number])


async def test_a_list_that_is_suddenly_empty_is_not_believed_for_a_day(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> None:
    simulator.seventeentrack.preregister(BEANS.number)
    simulator.seventeentrack.preregister(LAMP.number)
    entry = await set_up(following())
    await wait(3 * SECOND)
    simulator.seventeentrack.registered.clear()
    for _ in range(24):
        await wait(HOUR)
    assert len(parcels(entry)) == 2
    for _ in range(6):
        await wait(HOUR)
    assert not parcels(entry)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(FaultKind.STATUS, status=503),
        Fault(FaultKind.STATUS, status=429),
        Fault(FaultKind.HTML),
        Fault(FaultKind.TRUNCATED),
        Fault(FaultKind.OTHER_JSON, body={"code": 0, "data": {}}),
        Fault(FaultKind.OTHER_JSON, body=[1, None]),
        Fault(FaultKind.RESET),
        Fault(FaultKind.KEY),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}",
)
async def test_an_error_takes_nothing_away(
    hass: HomeAssistant,
    set_up: SetUp,
    wait: Wait,
    simulator: Simulator,
    caplog: pytest.LogCaptureFixture,
    fault: Fault,
) -> None:
    simulator.seventeentrack.preregister(BEANS.number, name="Beans")
    simulator.seventeentrack.preregister(LAMP.number, name="Lamp")
    entry = await set_up(following())
    await wait(3 * SECOND)
    await wait(3 * SECOND)
    simulator.fail("seventeentrack", fault, times=None)
    for _ in range(30):
        await wait(HOUR)
    assert len(parcels(entry)) == 2
    assert hass.states.get("sensor.beans").state == "in_transit"
    lines = [r for r in caplog.records if "gives no answer" in r.message]
    assert len(lines) == 1
    ours = [r for r in caplog.records if r.name.startswith("custom_components")]
    assert not any(BEANS.number in record.getMessage() for record in ours)
    assert KEYS["seventeentrack"] not in caplog.text


async def test_a_restart_does_not_ask_again_and_forgets_nothing(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> None:
    simulator.seventeentrack.preregister(BEANS.number)
    simulator.seventeentrack.preregister(LAMP.number)
    entry = await set_up(following())
    await wait(3 * SECOND)
    assert lists(simulator) == 1
    for _ in range(3):
        assert await hass.config_entries.async_reload(entry.entry_id)
        await wait(10 * MINUTE)
    assert lists(simulator) == 1
    # The first list that misses one, a restart, and the second.
    simulator.seventeentrack.forget(BEANS.number)
    await wait(2 * HOUR)
    assert lists(simulator) == 2
    assert await hass.config_entries.async_reload(entry.entry_id)
    await wait(2 * HOUR + MINUTE)
    assert lists(simulator) == 3
    assert list(parcels(entry)) == [LAMP.number]


async def test_a_list_that_is_due_at_start_up_is_asked_for(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> None:
    entry = await set_up(following())
    await wait(3 * SECOND)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await wait(3 * HOUR)
    simulator.seventeentrack.preregister(BEANS.number)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait(3 * SECOND)
    assert list(parcels(entry)) == [BEANS.number]


async def test_a_parcel_that_is_removed_here_does_not_come_back(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> None:
    simulator.seventeentrack.preregister(BEANS.number)
    simulator.seventeentrack.preregister(LAMP.number)
    entry = await set_up(following())
    await wait(3 * SECOND)
    await perform(hass, "remove_parcel", tracking_number=BEANS.number)
    for _ in range(6):
        await wait(HOUR)
    assert await hass.config_entries.async_reload(entry.entry_id)
    for _ in range(6):
        await wait(HOUR)
    assert list(parcels(entry)) == [LAMP.number]
    # Removed there too and added once more, it is wanted again.
    simulator.seventeentrack.forget(BEANS.number)
    for _ in range(6):
        await wait(HOUR)
    simulator.seventeentrack.preregister(BEANS.number)
    for _ in range(3):
        await wait(HOUR)
    assert sorted(parcels(entry)) == sorted([BEANS.number, LAMP.number])


async def test_a_number_that_waybill_registered_does_not_come_back_either(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> None:
    entry = await set_up(following(auto_register=True))
    await wait(3 * SECOND)
    await perform(hass, "add_parcel", tracking_number=BEANS.number)
    await wait(3 * SECOND)
    assert BEANS.number in simulator.seventeentrack.registered
    await perform(hass, "remove_parcel", tracking_number=BEANS.number)
    for _ in range(6):
        await wait(HOUR)
    assert not parcels(entry)


async def test_turned_off_the_parcels_stay_and_are_the_persons(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> None:
    simulator.seventeentrack.preregister(BEANS.number)
    simulator.seventeentrack.preregister(LAMP.number)
    entry = await set_up(following())
    await wait(3 * SECOND)
    await choose(hass, entry, follow_account=False)
    assert not any("listed_by" in each.data for each in parcels(entry).values())
    simulator.seventeentrack.forget(BEANS.number)
    for _ in range(6):
        await wait(HOUR)
    assert lists(simulator) == 1
    await choose(hass, entry, follow_account=True)
    for _ in range(8):
        await wait(HOUR)
    assert lists(simulator) >= 4
    assert sorted(parcels(entry)) == sorted([BEANS.number, LAMP.number])


@pytest.mark.parametrize("while_away", [False, True])
async def test_without_its_account_a_parcel_stays(
    hass: HomeAssistant,
    set_up: SetUp,
    wait: Wait,
    simulator: Simulator,
    while_away: bool,
) -> None:
    simulator.seventeentrack.preregister(BEANS.number)
    entry = await set_up(following())
    await wait(3 * SECOND)
    if while_away:
        assert await hass.config_entries.async_unload(entry.entry_id)
    hass.config_entries.async_remove_subentry(entry, ACCOUNT_ID)
    if while_away:
        assert await hass.config_entries.async_setup(entry.entry_id)
    await wait(6 * HOUR)
    assert "listed_by" not in parcels(entry)[BEANS.number].data
    assert entry.runtime_data.account_parcels.listing(ACCOUNT_ID).known == {}


async def test_a_number_that_the_person_corrects_is_the_persons(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> None:
    simulator.seventeentrack.preregister(BEANS.number)
    entry = await set_up(following())
    await wait(3 * SECOND)
    beans = parcels(entry)[BEANS.number]
    hass.config_entries.async_update_subentry(
        entry,
        beans,
        data={**beans.data, "tracking_number": LAMP.number},
        unique_id=LAMP.number,
    )
    for _ in range(8):
        await wait(HOUR)
    (lamp,) = parcels(entry).values()
    assert lamp.data["tracking_number"] == LAMP.number
    assert "listed_by" not in lamp.data


async def test_diagnostics_count_and_name_nothing(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> None:
    simulator.seventeentrack.preregister(BEANS.number, name="A secret present")
    simulator.seventeentrack.preregister(LAMP.number)
    entry = await set_up(following(), parcel_data(LAMP.number))
    await wait(3 * SECOND)
    simulator.seventeentrack.forget(LAMP.number)
    await wait(2 * HOUR + MINUTE)
    told = await async_get_config_entry_diagnostics(hass, entry)
    account = next(a for a in told["accounts"] if a["account_id"] == ACCOUNT_ID)
    assert account["follow_account"] is True
    assert account["list"] == {
        "listed_at": datetime.now(UTC).isoformat(),
        "listed": 1,
        "empty_since": None,
        "known": 2,
        "missing": 1,
        "brought": 1,
    }
    next_list = datetime.fromisoformat(told["next_list"])
    assert next_list == datetime.now(UTC) + 2 * HOUR
    assert BEANS.number not in str(told)
    assert "secret" not in str(told)


async def test_days_of_seconds_leave_time_to_ask_about_the_parcels(
    hass: HomeAssistant,
    set_up: SetUp,
    wait: Wait,
    simulator: Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WAYBILL_SIMULATOR", f"{simulator.url}?pace=8640")
    simulator.seventeentrack.preregister(BEANS.number, name="Beans")
    await set_up(following())
    for _ in range(20):
        await wait(1.1 * SECOND)
    asked = len(simulator.asked("seventeentrack"))
    assert 3 <= lists(simulator) <= 5
    assert asked - lists(simulator) >= 8
    assert hass.states.get("sensor.beans").state == "in_transit"


class Account:
    """Stands in for an account that lists what a story puts into it.

    While ``error`` is set, its list fails; its parcels answer all the same.
    """

    def __init__(self) -> None:
        self.holds: list[Listed] = []
        self.error: Exception | None = None
        self.lists = 0
        self.asked = 0

    async def listed(self, session: Any, credentials: Any) -> list[Listed]:
        self.lists += 1
        if self.error is not None:
            raise self.error
        return list(self.holds)

    async def fetch(self, session: Any, credentials: Any, legs: Any) -> list[Any]:
        self.asked += 1
        return []


@pytest.fixture
def account(carrier: Carrier) -> Iterator[Account]:
    """Take the place of 17TRACK on the network."""
    account, provider = Account(), PROVIDERS["seventeentrack"]
    with (
        patch.object(provider, "listed", side_effect=account.listed),
        patch.object(provider, "fetch", side_effect=account.fetch),
        patch.object(provider, "requests_left", AsyncMock(return_value=None)),
    ):
        yield account


def listed(*numbers: str) -> list[Listed]:
    """Return numbers as an account lists them."""
    return [Listed(tracking_number=number) for number in numbers]


async def test_what_can_be_no_number_is_passed_over_and_names_are_bounded(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, account: Account
) -> None:
    account.holds = [
        *listed("", "{{ states }}", "hello world", "1", "٣" * 600),
        Listed(tracking_number=" lp 0012-3456 789012 ", name="<b>Shoes</b>\n" * 99),
        Listed(tracking_number="LP00123456789012", name="The same again"),
    ]
    entry = await set_up(following())
    await wait(3 * SECOND)
    ((number, parcel),) = parcels(entry).items()
    assert number == "LP00123456789012"
    assert len(parcel.title) <= 100
    assert "<" not in parcel.title and "\n" not in parcel.title


async def test_an_account_brings_200_parcels_at_most(
    hass: HomeAssistant,
    set_up: SetUp,
    wait: Wait,
    account: Account,
    caplog: pytest.LogCaptureFixture,
) -> None:
    account.holds = listed(*(f"LP00123456{n:06}" for n in range(205)))
    entry = await set_up(following())
    for _ in range(5):
        await wait(HOUR)
    assert list(parcels(entry)) == [f"LP00123456{n:06}" for n in range(200)]
    lines = [r for r in caplog.records if "lists more parcels" in r.message]
    assert len(lines) == 1
    # When one goes, there is room for another.
    account.holds = account.holds[1:]
    for _ in range(6):
        await wait(HOUR)
    assert list(parcels(entry))[-1] == "LP00123456000200"
    assert len(parcels(entry)) == 200


async def test_a_list_that_fails_lets_the_account_answer_about_its_parcels(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, account: Account
) -> None:
    account.error = ProviderUnavailable("HTTP 500")
    await set_up(following(), parcel_data(BEANS.number, provider="seventeentrack"))
    for _ in range(24 * 12):
        await wait(5 * MINUTE)
    # As often as when nothing is wrong.
    assert account.lists == 13
    assert account.asked >= 10


async def test_a_defect_in_a_provider_is_a_list_that_fails(
    hass: HomeAssistant,
    set_up: SetUp,
    wait: Wait,
    account: Account,
    caplog: pytest.LogCaptureFixture,
) -> None:
    account.error = ZeroDivisionError()
    entry = await set_up(following())
    await wait(3 * SECOND)
    assert "Unexpected error while asking 17TRACK" in caplog.text
    account.error, account.holds = None, listed(BEANS.number)
    await wait(HOUR)
    assert list(parcels(entry)) == [BEANS.number]


async def test_rejected_credentials_end_the_asking_until_they_are_renewed(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, account: Account
) -> None:
    account.error = CredentialsRejected("HTTP 401")
    entry = await set_up(following())
    for _ in range(10):
        await wait(HOUR)
    assert account.lists == 1
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"
    account.error, account.holds = None, listed(BEANS.number)
    await choose(hass, entry, api_key="a-new-key")
    await wait(3 * SECOND)
    assert list(parcels(entry)) == [BEANS.number]


async def test_a_spent_quota_is_obeyed(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, account: Account
) -> None:
    account.error = QuotaExceeded("HTTP 429", retry_at=datetime.now(UTC) + 12 * HOUR)
    entry = await set_up(following())
    for _ in range(11):
        await wait(HOUR)
    assert account.lists == 1
    assert entry.runtime_data.accounts.trouble(ACCOUNT_ID) is Refusal.QUOTA
    account.error = None
    await wait(2 * HOUR)
    assert account.lists == 2
    assert entry.runtime_data.accounts.trouble(ACCOUNT_ID) is None


async def test_a_list_is_counted_and_waits_for_the_accounts_limits(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, account: Account
) -> None:
    entry = await set_up(following())
    await wait(3 * SECOND)
    ledger = entry.runtime_data.plan.ledger(ACCOUNT_ID)
    assert ledger.used_on(datetime.now(UTC)) == 1
    # A clock that is ahead of time does not let an account be asked twice at once.
    assert not entry.runtime_data.plan.take(ACCOUNT_ID, ledger.last_request)


async def test_one_parcel_that_cannot_be_added_does_not_hold_up_the_others(
    hass: HomeAssistant,
    set_up: SetUp,
    wait: Wait,
    account: Account,
    caplog: pytest.LogCaptureFixture,
) -> None:
    account.holds = listed(BEANS.number, LAMP.number)
    load = "custom_components.waybill.new_parcel.JournalStorage.async_load"
    with patch(load, side_effect=[OSError, None, None, None]):
        entry = await set_up(following())
        await wait(3 * SECOND)
    assert list(parcels(entry)) == [LAMP.number]
    assert "could not be added" in caplog.text
    await wait(2 * HOUR + MINUTE)
    assert list(parcels(entry)) == [LAMP.number, BEANS.number]


async def test_a_parcel_that_the_person_adds_at_the_same_time_is_the_persons(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, account: Account
) -> None:
    account.holds = listed(BEANS.number)
    entry = await set_up(following(follow_account=False))

    async def meanwhile(*_: Any) -> None:
        if not parcels(entry):
            data = parcel_data(BEANS.number)
            data = {**data, "data": MappingProxyType(data["data"])}
            hass.config_entries.async_add_subentry(entry, ConfigSubentry(**data))

    load = "custom_components.waybill.new_parcel.JournalStorage.async_load"
    with patch(load, side_effect=meanwhile):
        await choose(hass, entry, follow_account=True)
        await wait(3 * SECOND)
    assert [p.subentry_id for p in parcels(entry).values()] == [PARCEL_ID]
    account.holds = []
    for _ in range(8):
        await wait(HOUR)
    assert BEANS.number in parcels(entry)


@pytest.mark.parametrize("ends", ["turned off", "removed", "restarted"])
async def test_an_account_that_goes_while_it_is_asked_brings_nothing_more(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, account: Account, ends: str
) -> None:
    account.holds = listed(BEANS.number, LAMP.number)
    entry = await set_up(following(follow_account=False))

    async def meanwhile(*_: Any) -> list[Listed]:
        account.lists += 1
        if ends == "turned off":
            await choose(hass, entry, follow_account=False)
        elif ends == "removed":
            hass.config_entries.async_remove_subentry(entry, ACCOUNT_ID)
        elif account.lists == 1:
            assert await hass.config_entries.async_unload(ENTRY_ID)
        return list(account.holds)

    with patch.object(PROVIDERS["seventeentrack"], "listed", side_effect=meanwhile):
        await choose(hass, entry, follow_account=True)
        await wait(3 * SECOND)
        assert account.lists == 1
        assert not parcels(entry)
        if ends == "restarted":
            assert await hass.config_entries.async_setup(ENTRY_ID)
            await wait(3 * SECOND)
            assert len(parcels(entry)) == 2


async def test_an_account_that_goes_while_its_parcels_are_added_brings_no_more(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, account: Account
) -> None:
    account.holds = listed(BEANS.number, LAMP.number)
    entry = await set_up(following(follow_account=False))

    async def meanwhile(*_: Any) -> None:
        await choose(hass, entry, follow_account=False)

    load = "custom_components.waybill.new_parcel.JournalStorage.async_load"
    with patch(load, side_effect=meanwhile):
        await choose(hass, entry, follow_account=True)
        await wait(3 * SECOND)
    assert list(parcels(entry)) == [BEANS.number]
    assert "listed_by" not in parcels(entry)[BEANS.number].data


async def test_what_two_accounts_list_stays_while_one_of_them_does(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, carrier: Carrier
) -> None:
    holds = {"one": listed(BEANS.number, LAMP.number), "two": listed(BEANS.number)}

    async def tell(session: Any, credentials: Any) -> list[Listed]:
        return list(holds[credentials["api_key"]])

    provider = PROVIDERS["seventeentrack"]
    with (
        patch.object(provider, "listed", side_effect=tell),
        patch.object(provider, "fetch", AsyncMock(return_value=[])),
        patch.object(provider, "requests_left", AsyncMock(return_value=None)),
    ):
        entry = await set_up(
            following(api_key="one"), following(OTHER_ACCOUNT_ID, api_key="two")
        )
        for _ in range(4):
            await wait(HOUR)
        beans = parcels(entry)[BEANS.number]
        first = beans.data["listed_by"]
        last = {ACCOUNT_ID: OTHER_ACCOUNT_ID, OTHER_ACCOUNT_ID: ACCOUNT_ID}[first]
        for key, account_id in (("one", ACCOUNT_ID), ("two", OTHER_ACCOUNT_ID)):
            if account_id == first:
                holds[key] = listed(LAMP.number)
        for _ in range(6):
            await wait(HOUR)
        assert parcels(entry)[BEANS.number].subentry_id == beans.subentry_id
        assert parcels(entry)[BEANS.number].data["listed_by"] == last
        holds.update(one=listed(LAMP.number), two=listed(LAMP.number))
        for _ in range(6):
            await wait(HOUR)
        assert list(parcels(entry)) == [LAMP.number]


async def test_a_quiet_list_writes_no_state_and_touches_no_parcel(
    hass: HomeAssistant,
    set_up: SetUp,
    wait: Wait,
    account: Account,
    caplog: pytest.LogCaptureFixture,
) -> None:
    account.holds = listed(BEANS.number, LAMP.number)
    entry = await set_up(following())
    for _ in range(2):
        await wait(3 * SECOND)
    before, states = dict(entry.subentries), list(hass.states.async_all())
    caplog.set_level(logging.DEBUG)
    await wait(2 * HOUR + MINUTE)
    assert account.lists == 2
    assert dict(entry.subentries) == before
    assert all(hass.states.get(state.entity_id) is state for state in states)


async def test_what_was_archived_does_not_come_back_from_a_list(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> None:
    simulator.seventeentrack.preregister(BEANS.number, "usps", "Coffee beans")
    entry = await set_up(following())
    await wait(3 * SECOND)
    await wait(3 * SECOND)
    beans = parcels(entry)[BEANS.number].subentry_id
    await perform(hass, "archive_parcel", parcel_id=beans)
    for _ in range(3):
        await wait(2 * HOUR)
    assert parcels(entry) == {}
    # Nor from that of an account that is new, or was forgotten.
    hass.config_entries.async_remove_subentry(entry, ACCOUNT_ID)
    await hass.async_block_till_done()
    fields = following(OTHER_ACCOUNT_ID)
    fields["data"] = MappingProxyType(fields["data"])
    hass.config_entries.async_add_subentry(entry, ConfigSubentry(**fields))
    listed = lists(simulator)
    await wait(3 * SECOND)
    await wait(2 * HOUR)
    assert lists(simulator) > listed
    assert parcels(entry) == {}
    # Brought back, it is the person's own: its account is gone.
    answer = await perform(hass, "add_parcel", tracking_number=BEANS.number)
    await hass.async_block_till_done()
    assert answer["parcel_id"] == beans
    assert parcels(entry)[BEANS.number].title == "Coffee beans"
    assert "listed_by" not in parcels(entry)[BEANS.number].data


async def test_an_archived_one_that_its_account_lists_no_more_stays_in_the_archive(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> None:
    simulator.seventeentrack.preregister(BEANS.number, "usps", "Coffee beans")
    simulator.seventeentrack.preregister(LAMP.number)
    entry = await set_up(following())
    await wait(3 * SECOND)
    await wait(3 * SECOND)
    beans = parcels(entry)[BEANS.number].subentry_id
    await perform(hass, "archive_parcel", parcel_id=beans)
    simulator.seventeentrack.forget(BEANS.number)
    for _ in range(4):
        await wait(2 * HOUR)
    simulator.seventeentrack.preregister(BEANS.number, "usps", "Coffee beans")
    for _ in range(2):
        await wait(2 * HOUR)
    assert list(parcels(entry)) == [LAMP.number]
    answer = await perform(hass, "get_parcels", tracking_number=LAMP.number)
    assert answer["parcels"][0]["archived"] is False
    await perform(hass, "restore_parcel", tracking_number=BEANS.number)
    await hass.async_block_till_done()
    assert parcels(entry)[BEANS.number].data["listed_by"] == ACCOUNT_ID
