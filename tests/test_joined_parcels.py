"""Two numbers of one parcel: offered to be joined, joined, and parted again."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.waybill.const import DOMAIN
from custom_components.waybill.joined_parcels import (
    async_bring_back,
    async_choose_numbers,
    async_join,
)
from custom_components.waybill.new_parcel import async_add_parcel, find_parcel
from custom_components.waybill.repairs import async_create_fix_flow
from custom_components.waybill.tracking.model import Answer, Leg, Stage, TrackingEvent
from custom_components.waybill.tracking.providers import PROVIDERS, Listed
from homeassistant.components.repairs import ConfirmRepairFlow, repairs_flow_manager
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, issue_registry as ir
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
from .flow_texts import LANGUAGES, every_form_has_its_texts, placeholders, texts

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LAST_MILE = "00340434161094015902"
OFFER = f"join_parcels_{PARCEL_ID}_{OTHER_PARCEL_ID}"

SHOES = parcel_data()
AT_DHL = parcel_data(
    LAST_MILE,
    OTHER_PARCEL_ID,
    "From China",
    seller="Lights & Co",
    expected_by="2026-07-01",
    added_at="2026-06-09T08:00:00+00:00",
)

type Result = Mapping[str, Any]


class Dhl:
    """Stands in for DHL: tells of the last mile what a story tells it to."""

    def __init__(self) -> None:
        """Know no number, ask nothing."""
        self.asked: list[list[str]] = []
        self._events: tuple[TrackingEvent, ...] = ()

    def scan(self, stage: Stage, **fields: Any) -> None:
        """Write another line about the number of the last mile."""
        moment = datetime.now(UTC)
        event = TrackingEvent(
            provider="dhl",
            tracking_number=LAST_MILE,
            code=stage.value,
            written_time=moment.isoformat(),
            time=moment,
            stage=stage,
            description=f"DHL says {stage}",
            **fields,
        )
        self._events = (event, *self._events)

    def __call__(self, session: Any, credentials: Any, legs: Sequence[Any]) -> Any:
        """Take a request."""
        numbers = [leg.tracking_number for leg in legs]
        self.asked.append(numbers)
        return [
            Answer(
                tracking_number=number,
                events=self._events if number == LAST_MILE else (),
            )
            for number in numbers
        ]


@pytest.fixture
async def dhl() -> AsyncGenerator[Dhl]:
    """Take the place of DHL on the network."""
    dhl = Dhl()
    with patch.object(PROVIDERS["dhl"], "fetch", side_effect=dhl):
        yield dhl


@pytest.fixture
async def entry(
    hass: HomeAssistant, carrier: Carrier, dhl: Dhl, set_up: SetUp, wait: Wait
) -> MockConfigEntry:
    """Follow both numbers of one box, each by itself; Cainiao tells of both."""
    assert await async_setup_component(hass, "repairs", {})
    entry = await set_up(SHOES, AT_DHL, account_data("dhl"))
    carrier.scan(Stage.SHIPPED)
    dhl.scan(Stage.INFO_RECEIVED)
    await wait(3 * HOUR)
    carrier.answer(next_leg=Leg(tracking_number=LAST_MILE, carrier="dhl"))
    await wait(7 * HOUR)
    return entry


def offer(hass: HomeAssistant) -> ir.IssueEntry | None:
    """Return the offer to join the two."""
    return ir.async_get(hass).async_get_issue(DOMAIN, OFFER)


async def repair(hass: HomeAssistant, option: str, issue_id: str = OFFER) -> Result:
    """Open the repair, and choose."""
    flows = repairs_flow_manager(hass)
    assert flows is not None
    menu = await flows.async_init(DOMAIN, context={"issue_id": issue_id})
    assert menu["type"] is FlowResultType.MENU
    assert menu["menu_options"] == ["join", "two_parcels"]
    result = await flows.async_configure(menu["flow_id"], {"next_step_id": option})
    await hass.async_block_till_done()
    return result


async def parcels(hass: HomeAssistant, **query: Any) -> list[dict[str, Any]]:
    """List the parcels, as an action answers them."""
    answer = await hass.services.async_call(
        DOMAIN, "get_parcels", query, blocking=True, return_response=True
    )
    return answer["parcels"]


async def change(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    parcel_id: str = PARCEL_ID,
    **typed: Any,
) -> Result:
    """Change a parcel in its form; what is not typed stays as it is shown."""
    with every_form_has_its_texts():
        form = await entry.start_subentry_reconfigure_flow(hass, parcel_id)
        shown = suggested(form["data_schema"])
        result = await hass.config_entries.subentries.async_configure(
            form["flow_id"], shown | typed
        )
    await hass.async_block_till_done()
    return result


def suggested(schema: Any) -> dict[str, Any]:
    """Return what a form shows before anything is typed."""
    shown: dict[str, Any] = {}
    for marker, field in schema.schema.items():
        if str(marker) == "more":
            shown["more"] = suggested(field.schema)
        elif marker.description and "suggested_value" in marker.description:
            shown[str(marker)] = marker.description["suggested_value"]
        elif str(marker) == "belonging":
            shown["belonging"] = marker.default()
    return shown


def devices(hass: HomeAssistant) -> set[str]:
    """Return the names of the parcels' devices."""
    found = dr.async_entries_for_config_entry(dr.async_get(hass), ENTRY_ID)
    return {d.name or "" for d in found} - {"Waybill", "DHL"}


def told(events: Sequence[Any]) -> list[tuple[str, str]]:
    """Return what the house was told, the change of stage aside."""
    return [
        (event.data["name"], event.data["milestone"])
        for event in events
        if event.data["milestone"] != "stage_changed"
    ]


async def test_two_parcels_that_are_one_become_one(
    hass: HomeAssistant,
    carrier: Carrier,
    dhl: Dhl,
    entry: MockConfigEntry,
    wait: Wait,
) -> None:
    events = async_capture_events(hass, "waybill_milestone")
    issue = offer(hass)
    assert issue is not None and issue.is_fixable
    assert issue.translation_placeholders == {
        "parcel": "Running shoes",
        "number": NUMBER,
        "other": "From China",
        "other_number": LAST_MILE,
    }
    assert devices(hass) == {"Running shoes", "From China"}

    result = await repair(hass, "join")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert offer(hass) is None
    assert devices(hass) == {"Running shoes"}
    (parcel,) = await parcels(hass)
    assert parcel["parcel_id"] == PARCEL_ID
    assert parcel["legs"] == [
        {"tracking_number": NUMBER, "carrier": "cainiao"},
        {"tracking_number": LAST_MILE, "carrier": "dhl"},
    ]
    assert parcel["providers"] == [
        {"provider": "cainiao", "reason": "carrier"},
        {"provider": "dhl", "reason": "carrier"},
    ]
    assert {e["provider"] for e in parcel["events"]} == {"cainiao", "dhl"}
    assert not told(events)

    carrier.asked.clear()
    dhl.asked.clear()
    carrier.scan(Stage.OUT_FOR_DELIVERY)
    dhl.scan(Stage.OUT_FOR_DELIVERY)
    for _ in range(12):
        await wait(HOUR)
    dhl.scan(Stage.DELIVERED)
    carrier.scan(Stage.DELIVERED)
    for _ in range(12):
        await wait(HOUR)
    assert [NUMBER] in carrier.asked
    assert [LAST_MILE] in dhl.asked
    assert told(events) == [
        ("Running shoes", "out_for_delivery"),
        ("Running shoes", "delivered"),
    ]
    (parcel,) = await parcels(hass)
    assert parcel["stage"] == "delivered"
    assert [m["milestone"] for m in parcel["milestones"]].count("delivered") == 1


async def test_what_one_lacks_it_takes_from_the_other(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await repair(hass, "join")
    (parcel,) = await parcels(hass)
    assert parcel["name"] == "Running shoes"
    assert parcel["seller"] == "Lights & Co"
    assert parcel["expected_by"] == "2026-07-01"


async def test_what_one_lacks_it_takes_from_the_other_in_its_form_too(
    hass: HomeAssistant, carrier: Carrier, dhl: Dhl, set_up: SetUp, wait: Wait
) -> None:
    """What was said of the other is not lost because the form does not show it."""
    assert await async_setup_component(hass, "repairs", {})
    entry = await set_up(parcel_data(name=NUMBER), AT_DHL, account_data("dhl"))
    carrier.answer(next_leg=Leg(tracking_number=LAST_MILE, carrier="dhl"))
    await wait(7 * HOUR)
    await repair(hass, "two_parcels")
    await change(hass, entry, belonging=[LAST_MILE], more={"notes": "For the run"})
    shoes = entry.subentries[PARCEL_ID]
    assert shoes.title == "From China"
    assert shoes.data["seller"] == "Lights & Co"
    assert shoes.data["notes"] == "For the run"
    await change(hass, entry, belonging=[])
    assert (shoes.title, shoes.data.get("seller")) == (NUMBER, None)
    assert entry.subentries[OTHER_PARCEL_ID].data == AT_DHL["data"]


async def test_a_restart_changes_nothing(
    hass: HomeAssistant,
    carrier: Carrier,
    dhl: Dhl,
    entry: MockConfigEntry,
    wait: Wait,
) -> None:
    """Home Assistant is started anew before, and after."""
    events = async_capture_events(hass, "waybill_milestone")
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert offer(hass) is not None
    await repair(hass, "join")
    (before,) = await parcels(hass)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert offer(hass) is None
    (after,) = await parcels(hass)
    assert after == before
    dhl.scan(Stage.DELIVERED)
    await wait(7 * HOUR)
    assert told(events) == [("Running shoes", "delivered")]


async def test_a_wrong_join_can_be_undone(
    hass: HomeAssistant,
    carrier: Carrier,
    dhl: Dhl,
    entry: MockConfigEntry,
    wait: Wait,
) -> None:
    events = async_capture_events(hass, "waybill_milestone")
    as_they_were = {p["parcel_id"]: p for p in await parcels(hass)}
    await repair(hass, "join")
    dhl.scan(Stage.OUT_FOR_DELIVERY)
    await wait(7 * HOUR)
    assert told(events) == [("Running shoes", "out_for_delivery")]

    assert (await change(hass, entry, belonging=[]))["reason"] == (
        "reconfigure_successful"
    )
    assert devices(hass) == {"Running shoes", "From China"}
    shoes, bag = sorted(await parcels(hass), key=lambda p: p["parcel_id"])
    assert (shoes["parcel_id"], bag["parcel_id"]) == (PARCEL_ID, OTHER_PARCEL_ID)
    for parcel in (shoes, bag):
        before = as_they_were[parcel["parcel_id"]]
        for key in ("name", "added_at", "seller", "expected_by", "tracking_number"):
            assert parcel[key] == before[key], key
    assert entry.subentries[PARCEL_ID].data == SHOES["data"]
    assert entry.subentries[OTHER_PARCEL_ID].data == AT_DHL["data"]
    assert shoes["events"] == as_they_were[PARCEL_ID]["events"]
    assert shoes["stage"] == "shipped"
    # What was learned in the meantime went with the number, and is told once.
    assert bag["stage"] == "out_for_delivery"
    assert bag["events"][1:] == as_they_were[OTHER_PARCEL_ID]["events"]
    assert offer(hass) is None

    dhl.scan(Stage.DELIVERED)
    await wait(7 * HOUR)
    carrier.scan(Stage.OUT_FOR_DELIVERY)
    await wait(7 * HOUR)
    assert told(events)[1:] == [
        ("From China", "delivered"),
        ("Running shoes", "out_for_delivery"),
    ]
    ids = [event.data["milestone_id"] for event in events]
    assert len(ids) == len(set(ids))
    # Cainiao names the number still; the person has decided.
    carrier.answer(signed_by="R. Doe")
    await wait(7 * HOUR)
    assert offer(hass) is None
    assert len((await parcels(hass, parcel_id=PARCEL_ID))[0]["legs"]) == 1


async def test_two_parcels_stay_two_and_the_question_is_not_asked_again(
    hass: HomeAssistant, carrier: Carrier, entry: MockConfigEntry, wait: Wait
) -> None:
    events = async_capture_events(hass, "waybill_milestone")
    result = await repair(hass, "two_parcels")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert devices(hass) == {"Running shoes", "From China"}
    carrier.answer(signed_by="R. Doe")
    await wait(7 * HOUR)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await wait(7 * HOUR)
    assert offer(hass) is None
    for parcel in await parcels(hass):
        assert len(parcel["legs"]) == 1
    assert not told(events)


async def test_the_offer_goes_with_either_parcel(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    for parcel_id, data in ((OTHER_PARCEL_ID, AT_DHL), (PARCEL_ID, SHOES)):
        parcel = entry.subentries[parcel_id]
        assert offer(hass) is not None
        hass.config_entries.async_remove_subentry(entry, parcel_id)
        await hass.async_block_till_done()
        assert offer(hass) is None
        hass.config_entries.async_add_subentry(entry, parcel)
        await hass.async_block_till_done()
        assert entry.subentries[parcel_id].title == data["title"]


async def test_the_offer_goes_when_the_number_was_corrected(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await change(hass, entry, OTHER_PARCEL_ID, tracking_number=OTHER_NUMBER)
    assert offer(hass) is None


async def test_the_offer_names_the_parcels_as_they_are_called_now(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await change(hass, entry, OTHER_PARCEL_ID, name="Lamp")
    issue = offer(hass)
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["other"] == "Lamp"


async def test_who_decides_too_late_is_told_so(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    flows = repairs_flow_manager(hass)
    assert flows is not None
    for option in ("join", "two_parcels"):
        menu = await flows.async_init(DOMAIN, context={"issue_id": OFFER})
        parcel = entry.subentries[OTHER_PARCEL_ID]
        hass.config_entries.async_remove_subentry(entry, OTHER_PARCEL_ID)
        await hass.async_block_till_done()
        result = await flows.async_configure(menu["flow_id"], {"next_step_id": option})
        assert result["type"] is FlowResultType.ABORT
        assert result["reason"] == "not_followed"
        hass.config_entries.async_add_subentry(entry, parcel)
        await hass.async_block_till_done()


async def test_the_form_says_how_to_take_out_a_number_that_belongs_to_a_parcel(
    hass: HomeAssistant, carrier: Carrier, dhl: Dhl, entry: MockConfigEntry
) -> None:
    await repair(hass, "join")
    flows = hass.config_entries.subentries
    form = await flows.async_init((ENTRY_ID, "parcel"), context={"source": SOURCE_USER})
    for number, error in (
        (LAST_MILE, "belongs_to_another"),
        (NUMBER, "already_followed"),
    ):
        form = await flows.async_configure(form["flow_id"], {"tracking_number": number})
        assert form["errors"] == {"tracking_number": error}
        assert form["description_placeholders"]["parcel"] == "Running shoes"


async def test_a_number_that_belongs_to_a_parcel_is_followed_already(
    hass: HomeAssistant, carrier: Carrier, dhl: Dhl, entry: MockConfigEntry
) -> None:
    await repair(hass, "join")
    with pytest.raises(ServiceValidationError) as refusal:
        await hass.services.async_call(
            DOMAIN,
            "add_parcel",
            {"tracking_number": LAST_MILE},
            blocking=True,
            return_response=True,
        )
    assert refusal.value.translation_key == "already_followed"
    assert refusal.value.translation_placeholders == {"parcel": "Running shoes"}
    for loaded in (True, False):
        found = find_parcel(entry, LAST_MILE)
        assert found is not None and found.subentry_id == PARCEL_ID
        assert find_parcel(entry, OTHER_NUMBER) is None
        if loaded:
            await hass.config_entries.async_unload(entry.entry_id)


async def test_a_parcel_is_found_by_any_of_its_numbers(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await repair(hass, "join")
    (parcel,) = await parcels(hass, tracking_number=LAST_MILE)
    assert parcel["parcel_id"] == PARCEL_ID


async def test_a_number_that_a_provider_found_can_be_taken_out_and_in_again(
    hass: HomeAssistant,
    carrier: Carrier,
    dhl: Dhl,
    set_up: SetUp,
    wait: Wait,
) -> None:
    events = async_capture_events(hass, "waybill_milestone")
    entry = await set_up(SHOES, account_data("dhl"))
    form = await entry.start_subentry_reconfigure_flow(hass, PARCEL_ID)
    assert "belonging" not in suggested(form["data_schema"])
    carrier.scan(Stage.SHIPPED)
    dhl.scan(Stage.IN_TRANSIT)
    carrier.answer(next_leg=Leg(tracking_number=LAST_MILE, carrier="dhl"))
    await wait(7 * HOUR)
    await wait(7 * HOUR)
    (parcel,) = await parcels(hass)
    assert {e["provider"] for e in parcel["events"]} == {"cainiao", "dhl"}
    seen = len(events)

    await change(hass, entry, belonging=[])
    (parcel,) = await parcels(hass)
    assert {e["provider"] for e in parcel["events"]} == {"cainiao"}
    assert devices(hass) == {"Running shoes"}
    dhl.asked.clear()
    carrier.answer(signed_by="R. Doe")
    await wait(DAY)
    assert not dhl.asked
    assert len((await parcels(hass))[0]["legs"]) == 1

    # It was this parcel's after all.
    await change(hass, entry, belonging=[LAST_MILE])
    await wait(7 * HOUR)
    (parcel,) = await parcels(hass)
    assert [leg["tracking_number"] for leg in parcel["legs"]] == [NUMBER, LAST_MILE]
    assert {e["provider"] for e in parcel["events"]} == {"cainiao", "dhl"}
    assert dhl.asked
    assert len(events) == seen


async def test_a_number_that_was_taken_out_can_be_followed_by_itself(
    hass: HomeAssistant, carrier: Carrier, dhl: Dhl, set_up: SetUp, wait: Wait
) -> None:
    """It brings with it what was learned while it was thought to belong."""
    entry = await set_up(SHOES, account_data("dhl"))
    dhl.scan(Stage.IN_TRANSIT)
    carrier.answer(next_leg=Leg(tracking_number=LAST_MILE, carrier="dhl"))
    await wait(7 * HOUR)
    await change(hass, entry, belonging=[])
    await hass.services.async_call(
        DOMAIN,
        "add_parcel",
        {"tracking_number": LAST_MILE, "name": "Bag"},
        blocking=True,
        return_response=True,
    )
    (bag,) = await parcels(hass, tracking_number=LAST_MILE)
    assert (bag["name"], bag["stage"]) == ("Bag", "in_transit")
    # Ticked again in the shoes' form, the two are joined.
    await change(hass, entry, belonging=[LAST_MILE])
    (parcel,) = await parcels(hass)
    assert (parcel["name"], len(parcel["legs"])) == ("Running shoes", 2)


async def test_a_number_of_two_parcels_is_taken_out_of_the_one(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """The person answers the offer in the parcel's form instead."""
    await change(hass, entry, belonging=[])
    assert offer(hass) is None
    assert devices(hass) == {"Running shoes", "From China"}


async def test_what_was_typed_beside_is_kept_when_a_join_is_undone(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await repair(hass, "join")
    await change(
        hass, entry, belonging=[], seller="Shoes & Co", more={"notes": "For the run"}
    )
    data = entry.subentries[PARCEL_ID].data
    assert (data["seller"], data["notes"]) == ("Shoes & Co", "For the run")
    assert "expected_by" not in data


async def test_a_name_that_was_given_goes_back_with_its_parcel(
    hass: HomeAssistant, carrier: Carrier, dhl: Dhl, set_up: SetUp, wait: Wait
) -> None:
    assert await async_setup_component(hass, "repairs", {})
    nameless = parcel_data(name=NUMBER)
    entry = await set_up(nameless, AT_DHL, account_data("dhl"))
    carrier.answer(next_leg=Leg(tracking_number=LAST_MILE, carrier="dhl"))
    await wait(7 * HOUR)
    await repair(hass, "join")
    assert entry.subentries[PARCEL_ID].title == "From China"
    await change(hass, entry, belonging=[])
    assert entry.subentries[PARCEL_ID].title == NUMBER
    assert entry.subentries[OTHER_PARCEL_ID].title == "From China"


async def test_what_the_person_changed_since_stays_when_a_join_is_undone(
    hass: HomeAssistant, carrier: Carrier, dhl: Dhl, set_up: SetUp, wait: Wait
) -> None:
    """What the other had given was given another value, or a name."""
    assert await async_setup_component(hass, "repairs", {})
    entry = await set_up(parcel_data(name=NUMBER), AT_DHL, account_data("dhl"))
    carrier.answer(next_leg=Leg(tracking_number=LAST_MILE, carrier="dhl"))
    await wait(7 * HOUR)
    await repair(hass, "join")
    await change(hass, entry, name="Running shoes", seller="Shoes & Co")
    await change(hass, entry, belonging=[])
    shoes = entry.subentries[PARCEL_ID]
    assert (shoes.title, shoes.data["seller"]) == ("Running shoes", "Shoes & Co")
    assert "expected_by" not in shoes.data


async def test_a_joined_number_that_somebody_follows_anew_is_followed_once(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await repair(hass, "join")
    coordinator = entry.runtime_data
    with patch("custom_components.waybill.joined_parcels.async_bring_back"):
        await async_choose_numbers(coordinator, PARCEL_ID, [])
    await async_add_parcel(hass, entry, LAST_MILE, "Anew")
    await async_bring_back(coordinator, PARCEL_ID)
    await hass.async_block_till_done()
    assert devices(hass) == {"Running shoes", "Anew"}


async def test_a_corrected_number_lets_go_what_was_joined_to_the_wrong_one(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await repair(hass, "join")
    await change(hass, entry, tracking_number=OTHER_NUMBER)
    assert devices(hass) == {"Running shoes", "From China"}
    found = {p["parcel_id"]: p["tracking_number"] for p in await parcels(hass)}
    assert found == {PARCEL_ID: OTHER_NUMBER, OTHER_PARCEL_ID: LAST_MILE}


async def test_what_was_pinned_for_a_number_holds_for_it_when_it_is_joined(
    hass: HomeAssistant, carrier: Carrier, dhl: Dhl, set_up: SetUp, wait: Wait
) -> None:
    """Only because the person chose 17TRACK may it spend quota on the number."""
    assert await async_setup_component(hass, "repairs", {})
    pinned = parcel_data(LAST_MILE, OTHER_PARCEL_ID, "Bag", provider="seventeentrack")
    with (
        patch.object(PROVIDERS["seventeentrack"], "fetch", return_value=[]) as asked,
        patch.object(PROVIDERS["seventeentrack"], "requests_left", return_value=None),
    ):
        await set_up(SHOES, pinned, account_data("seventeentrack"))
        carrier.answer(next_leg=Leg(tracking_number=LAST_MILE, carrier="dhl"))
        await wait(7 * HOUR)
        await repair(hass, "join")
        asked.reset_mock()
        await wait(DAY)
    (parcel,) = await parcels(hass)
    assert parcel["providers"] == [
        {"provider": "cainiao", "reason": "carrier"},
        {"provider": "seventeentrack", "reason": "pinned"},
    ]
    (query,) = asked.call_args.args[-1]
    assert (query.tracking_number, query.may_register) == (LAST_MILE, True)


async def test_an_end_in_the_middle_of_a_parting_is_made_good(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_storage: dict[str, dict],
) -> None:
    """The journals were parted on disk, the parcels not yet."""
    await repair(hass, "join")
    with patch(
        "custom_components.waybill.joined_parcels.async_bring_back"
    ) as not_reached:
        await change(hass, entry, belonging=[])
    not_reached.assert_called_once()
    assert devices(hass) == {"Running shoes"}
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert devices(hass) == {"Running shoes", "From China"}
    assert {p["parcel_id"] for p in await parcels(hass)} == {PARCEL_ID, OTHER_PARCEL_ID}


async def test_an_end_in_the_middle_of_a_join_is_made_good(
    hass: HomeAssistant,
    dhl: Dhl,
    entry: MockConfigEntry,
    wait: Wait,
) -> None:
    """The joined journal was written; the parcels are two still."""
    events = async_capture_events(hass, "waybill_milestone")
    coordinator = entry.runtime_data

    class PowerFails(Exception):
        """Nothing goes on after this."""

    with (
        patch.object(coordinator, "async_take_over", side_effect=PowerFails),
        pytest.raises(PowerFails),
    ):
        await async_join(coordinator, PARCEL_ID, OTHER_PARCEL_ID)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert offer(hass) is not None
    assert len(await parcels(hass)) == 2
    await repair(hass, "join")
    (parcel,) = await parcels(hass)
    assert len(parcel["legs"]) == 2
    ids = [m["milestone_id"] for m in parcel["milestones"]]
    assert len(ids) == len(set(ids))
    assert not told(events)


async def test_an_answer_in_the_middle_of_a_parting_is_not_lost(
    hass: HomeAssistant,
    carrier: Carrier,
    dhl: Dhl,
    entry: MockConfigEntry,
    wait: Wait,
) -> None:
    """DHL speaks while the parted journal is being written."""
    await repair(hass, "join")
    coordinator = entry.runtime_data
    save, spoken = coordinator.storage.async_save, []

    async def and_dhl_speaks(journal: Any) -> None:
        await save(journal)
        if not spoken and journal.tracking_number == LAST_MILE:
            spoken.append(True)
            dhl.scan(Stage.IN_TRANSIT)
            for _ in range(12):
                await wait(HOUR)

    with patch.object(coordinator.storage, "async_save", and_dhl_speaks):
        await change(hass, entry, belonging=[])
    assert spoken
    (bag,) = await parcels(hass, parcel_id=OTHER_PARCEL_ID)
    assert "DHL says in_transit" in [e["description"] for e in bag["events"]]


@pytest.mark.parametrize("chosen", [[], [LAST_MILE]])
async def test_a_parcel_that_is_removed_while_its_form_is_sent_stays_removed(
    hass: HomeAssistant,
    carrier: Carrier,
    dhl: Dhl,
    set_up: SetUp,
    wait: Wait,
    chosen: list[str],
) -> None:
    entry = await set_up(SHOES, account_data("dhl"))
    carrier.answer(next_leg=Leg(tracking_number=LAST_MILE, carrier="dhl"))
    await wait(7 * HOUR)
    coordinator = entry.runtime_data
    if chosen:
        await async_choose_numbers(coordinator, PARCEL_ID, [])
    load = coordinator.storage.async_load

    async def and_the_parcel_goes(number: str) -> Any:
        if PARCEL_ID in entry.subentries:
            hass.config_entries.async_remove_subentry(entry, PARCEL_ID)
        return await load(number)

    with patch.object(coordinator.storage, "async_load", and_the_parcel_goes):
        await async_choose_numbers(coordinator, PARCEL_ID, chosen)
    assert not coordinator.journals
    assert not devices(hass)


async def test_a_joined_parcel_is_not_brought_back_twice(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Two who part them at once get one parcel, not two."""
    await repair(hass, "join")
    coordinator = entry.runtime_data
    with patch("custom_components.waybill.joined_parcels.async_bring_back"):
        await async_choose_numbers(coordinator, PARCEL_ID, [])
    load = coordinator.storage.async_load

    async def slowly(number: str) -> Any:
        await asyncio.sleep(0)
        return await load(number)

    with patch.object(coordinator.storage, "async_load", slowly):
        await asyncio.gather(
            *(async_bring_back(coordinator, PARCEL_ID) for _ in range(2))
        )
    await hass.async_block_till_done()
    assert devices(hass) == {"Running shoes", "From China"}
    assert entry.subentries[PARCEL_ID].data == SHOES["data"]


async def test_an_answer_in_the_middle_of_a_join_is_not_lost(
    hass: HomeAssistant,
    carrier: Carrier,
    dhl: Dhl,
    entry: MockConfigEntry,
    wait: Wait,
) -> None:
    """DHL speaks while the joined journal is being written."""
    coordinator = entry.runtime_data
    save, spoken = coordinator.storage.async_save, []

    async def and_dhl_speaks(journal: Any) -> None:
        await save(journal)
        if not spoken and len(journal.legs) > 1 and len(journal.tracks) > 1:
            spoken.append(True)
            dhl.scan(Stage.IN_TRANSIT)
            await wait(7 * HOUR)

    with patch.object(coordinator.storage, "async_save", and_dhl_speaks):
        await repair(hass, "join")
    assert spoken
    (parcel,) = await parcels(hass)
    assert "DHL says in_transit" in [e["description"] for e in parcel["events"]]


async def test_three_numbers_are_joined_and_come_apart_as_they_were(
    hass: HomeAssistant,
    carrier: Carrier,
    dhl: Dhl,
    set_up: SetUp,
    wait: Wait,
) -> None:
    assert await async_setup_component(hass, "repairs", {})
    lamp = parcel_data(OTHER_NUMBER, "01JPARCEL0000000000000003", "Lamp")
    entry = await set_up(SHOES, AT_DHL, lamp, account_data("dhl"))
    carrier.answer(
        Answer(
            tracking_number=OTHER_NUMBER,
            next_leg=Leg(tracking_number=LAST_MILE, carrier="dhl"),
        )
    )
    await wait(7 * HOUR)
    await repair(hass, "join", f"join_parcels_{lamp['subentry_id']}_{OTHER_PARCEL_ID}")
    assert devices(hass) == {"Running shoes", "Lamp"}
    carrier.answer(next_leg=Leg(tracking_number=OTHER_NUMBER))
    await wait(DAY)
    await repair(hass, "join", f"join_parcels_{PARCEL_ID}_{lamp['subentry_id']}")
    (parcel,) = await parcels(hass)
    assert len(parcel["legs"]) == 3
    # The lamp leaves, and what was joined to it goes with it.
    await change(hass, entry, belonging=[LAST_MILE])
    assert devices(hass) == {"Running shoes", "Lamp"}
    (parcel,) = await parcels(hass, parcel_id=lamp["subentry_id"])
    assert [leg["tracking_number"] for leg in parcel["legs"]] == [
        OTHER_NUMBER,
        LAST_MILE,
    ]
    await change(hass, entry, lamp["subentry_id"], belonging=[])
    assert devices(hass) == {"Running shoes", "Lamp", "From China"}
    assert entry.subentries[OTHER_PARCEL_ID].data == AT_DHL["data"]


async def test_a_parcel_that_is_forgotten_leaves_no_journal_of_its_numbers(
    hass: HomeAssistant, entry: MockConfigEntry, hass_storage: dict[str, dict]
) -> None:
    await repair(hass, "join")
    await hass.services.async_call(
        DOMAIN,
        "remove_parcel",
        {"parcel_id": PARCEL_ID, "keep_journal": False},
        blocking=True,
    )
    assert not [key for key in hass_storage if "journal" in key]


async def test_a_joined_parcel_that_an_account_lists_no_more_stays(
    hass: HomeAssistant, carrier: Carrier, dhl: Dhl, set_up: SetUp, wait: Wait
) -> None:
    """The account brought the one number, the person the other."""
    assert await async_setup_component(hass, "repairs", {})
    provider = PROVIDERS["seventeentrack"]
    listed = [Listed(tracking_number=NUMBER), Listed(tracking_number=OTHER_NUMBER)]
    account = account_data("seventeentrack", follow_account=True)
    with (
        patch.object(provider, "listed", side_effect=lambda *_: list(listed)),
        patch.object(provider, "fetch", return_value=[]),
        patch.object(provider, "requests_left", return_value=None),
    ):
        entry = await set_up(AT_DHL, account)
        await wait(3 * HOUR)
        carrier.answer(next_leg=Leg(tracking_number=LAST_MILE, carrier="dhl"))
        await wait(7 * HOUR)
        (found,) = await parcels(hass, tracking_number=NUMBER)
        shoes = found["parcel_id"]
        assert entry.subentries[shoes].data["listed_by"] == account["subentry_id"]
        await repair(hass, "join", f"join_parcels_{shoes}_{OTHER_PARCEL_ID}")
        del listed[0]
        for _ in range(24):
            await wait(HOUR)
    assert shoes in entry.subentries
    assert "listed_by" not in entry.subentries[shoes].data


async def test_what_was_told_while_joined_is_not_told_again_without_the_parcel(
    hass: HomeAssistant, dhl: Dhl, entry: MockConfigEntry, wait: Wait
) -> None:
    """The parcel is removed, and its second number added by itself."""
    await repair(hass, "join")
    events = async_capture_events(hass, "waybill_milestone")
    dhl.scan(Stage.DELIVERED)
    for _ in range(12):
        await wait(HOUR)
    assert told(events) == [("Running shoes", "delivered")]
    hass.config_entries.async_remove_subentry(entry, PARCEL_ID)
    await hass.async_block_till_done()
    await async_add_parcel(hass, entry, LAST_MILE)
    await wait(DAY)
    (parcel,) = await parcels(hass)
    assert (parcel["parcel_id"], parcel["stage"]) == (OTHER_PARCEL_ID, "delivered")
    assert len(told(events)) == 1


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_offer_is_put_in_words(
    hass: HomeAssistant, entry: MockConfigEntry, language: str
) -> None:
    issue = offer(hass)
    assert issue is not None
    words = texts(language)["issues"]["join_parcels"]
    step = words["fix_flow"]["step"]["init"]
    assert set(step["menu_options"]) == {"join", "two_parcels"}
    assert words["fix_flow"]["abort"]["not_followed"]
    for text in (words["title"], step["title"], step["description"]):
        assert placeholders(text) <= set(issue.translation_placeholders or {})


async def test_another_repair_has_nothing_to_ask(hass: HomeAssistant) -> None:
    flow = await async_create_fix_flow(hass, "quota_spent_x", None)
    assert isinstance(flow, ConfirmRepairFlow)
