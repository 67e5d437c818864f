"""The to-do list of parcels, as its card and its actions use it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.waybill import todo
from custom_components.waybill.const import DOMAIN
from custom_components.waybill.tracking.model import Estimate, Stage
from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.components.todo.entity import TodoItem
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
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
    account_data,
    parcel_data,
)

LIST = "todo.waybill_parcels"
UPS = "1Z999AA10123456784"
MISTYPED = "1Z999AA10123456785"
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
LAMP = parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Lamp")


@pytest.fixture
async def _in_paris(hass: HomeAssistant) -> None:
    await hass.config.async_set_time_zone("Europe/Paris")


async def news(wait: Wait) -> None:
    """Let so much time pass that every carrier is asked."""
    for _ in range(4):
        await wait(3 * HOUR)


pytestmark = pytest.mark.usefixtures("_in_paris", "freezer")


async def items(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Return what is on the list."""
    answer = await hass.services.async_call(
        "todo", "get_items", {"entity_id": LIST}, blocking=True, return_response=True
    )
    return answer[LIST]["items"]


async def do(hass: HomeAssistant, action: str, **data: Any) -> None:
    """Use an action of to-do lists."""
    context = data.pop("context", None)
    await hass.services.async_call(
        "todo", action, {"entity_id": LIST, **data}, blocking=True, context=context
    )


async def parcels(hass: HomeAssistant) -> list[dict[str, Any]]:
    """List the parcels, the latest first."""
    answer = await hass.services.async_call(
        DOMAIN, "get_parcels", {}, blocking=True, return_response=True
    )
    return answer["parcels"]


async def refusal(hass: HomeAssistant, text: str) -> ServiceValidationError:
    """Write something on the list that is refused; nothing is followed."""
    before = await parcels(hass)
    with pytest.raises(ServiceValidationError) as error:
        await do(hass, "add_item", item=text)
    assert error.value.translation_domain == DOMAIN
    assert await parcels(hass) == before
    return error.value


async def test_each_followed_parcel_is_on_the_list(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up()
    assert await items(hass) == [
        {
            "summary": "Running shoes",
            "uid": PARCEL_ID,
            "status": "needs_action",
            "description": "Pending",
        }
    ]
    carrier.answer(estimate=Estimate(start=date(2026, 6, 12)))
    carrier.scan(Stage.IN_TRANSIT, description="Left the hub", location="Lyon")
    await news(wait)
    (item,) = await items(hass)
    assert item["due"] == "2026-06-12"
    assert item["description"] == "In transit · Left the hub · Lyon"
    nine = datetime(2026, 6, 12, 7, tzinfo=UTC)
    carrier.answer(estimate=Estimate(start=nine, end=nine + 2 * HOUR))
    await news(wait)
    (item,) = await items(hass)
    assert item["due"] == "2026-06-12T11:00:00+02:00"


async def test_a_delivered_parcel_stays_until_it_is_ticked_off(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    """It is due no more, and no list shows it in red."""
    await set_up(parcel_data(expected_by="2026-06-12"))
    carrier.scan(Stage.SHIPPED)
    await news(wait)
    carrier.scan(Stage.DELIVERED)
    await news(wait)
    (item,) = await items(hass)
    assert item["status"] == "needs_action"
    assert item["description"].startswith("Delivered · ")
    assert "due" not in item
    assert hass.states.get(LIST).state == "1"


async def test_those_that_need_you_come_first_and_then_by_date(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    numbers = [f"LP0012345678{n:04}" for n in range(6)]
    days = ["2026-06-12", None, "2026-06-11", "2026-06-11T08:00:00", None, "2026-06-09"]
    await set_up(
        *(
            parcel_data(
                number,
                f"01JPARCEL000000000000010{n}",
                f"Parcel {n}",
                **({"expected_by": day} if day else {}),
            )
            for n, (number, day) in enumerate(zip(numbers, days, strict=True))
        )
    )
    carrier.scan(Stage.CUSTOMS_ACTION_REQUIRED, numbers[4])
    carrier.scan(Stage.DELIVERED, numbers[5])
    await news(wait)
    shown = [item["summary"] for item in await items(hass)]
    assert shown == [f"Parcel {n}" for n in (4, 3, 2, 0, 1, 5)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (OTHER_NUMBER, OTHER_NUMBER),
        (" lp 0012-3456 7890 13 ", OTHER_NUMBER),
        (f"Tracking number: {OTHER_NUMBER}", OTHER_NUMBER),
        (f"Garden lamp {OTHER_NUMBER}", "Garden lamp"),
        (f"Garden lamp: {OTHER_NUMBER.lower()}", "Garden lamp"),
        (
            f"Dear customer, we handed your parcel {OTHER_NUMBER} to the post today.",
            OTHER_NUMBER,
        ),
    ],
)
async def test_to_write_down_a_number_is_to_follow_it(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, text: str, name: str
) -> None:
    await set_up()
    await do(hass, "add_item", item=text)
    added = next(p for p in await parcels(hass) if p["parcel_id"] != PARCEL_ID)
    assert (added["tracking_number"], added["name"]) == (OTHER_NUMBER, name)
    assert name in {item["summary"] for item in await items(hass)}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("QQ7ZZ7QQ7ZZ7", "QQ7ZZ7QQ7ZZ7"),
        ("QQ7Z Z7QQ 7ZZ7", "QQ7ZZ7QQ7ZZ7"),
        ("Beans 9400111206451200183149", "9400111206451200183149"),
    ],
)
async def test_a_number_without_a_form_of_its_own_is_one_here(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, text: str, number: str
) -> None:
    await set_up(account_data("dhl"))
    await do(hass, "add_item", item=text)
    assert [p["tracking_number"] for p in await parcels(hass)] == [number]


async def test_a_pasted_text_brings_all_its_parcels(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    await set_up()
    text = f"Tracking numbers: {NUMBER}, {OTHER_NUMBER} and {UPS}"
    await do(hass, "add_item", item=text)
    assert {p["tracking_number"]: p["name"] for p in await parcels(hass)} == {
        NUMBER: "Running shoes",
        OTHER_NUMBER: OTHER_NUMBER,
        UPS: UPS,
    }
    error = await refusal(hass, text)
    assert error.translation_key == "already_followed"
    assert error.translation_placeholders == {
        # It is written into the log, where no number is.
        "parcel": f"Running shoes, …{OTHER_NUMBER[-4:]}, …{UPS[-4:]}"
    }


async def test_what_else_is_said_is_kept_with_the_parcel(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    await set_up(account_data("dhl"))
    await do(
        hass,
        "add_item",
        item=f"Lamp {OTHER_NUMBER}",
        description=" for the garden ",
        due_date="2026-06-20",
    )
    (parcel,) = await parcels(hass)
    assert parcel["notes"] == "for the garden"
    assert parcel["expected_by"] == "2026-06-20"
    await do(hass, "add_item", item=UPS, due_datetime="2026-06-20T16:00:00+00:00")
    parcel = next(p for p in await parcels(hass) if p["tracking_number"] == UPS)
    assert parcel["expected_by"] == "2026-06-20T18:00:00+02:00"
    assert parcel["notes"] is None
    assert [item["due"] for item in await items(hass)] == [
        "2026-06-20T18:00:00+02:00",
        "2026-06-20",
    ]


@pytest.mark.parametrize("text", [MISTYPED, f"Shoes {MISTYPED}"])
async def test_a_mistyped_number_is_refused(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, text: str
) -> None:
    await set_up()
    error = await refusal(hass, text)
    assert error.translation_key == "listed_mistyped"
    assert error.translation_placeholders == {"carrier": "UPS"}


@pytest.mark.parametrize(
    "text", ["Buy milk", "Buy 2 litres of milk", "Call 555 0177 at 8", "1234", "€€€1"]
)
async def test_what_is_no_parcel_is_refused(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, text: str
) -> None:
    await set_up()
    assert (await refusal(hass, text)).translation_key == "listed_no_number"


async def test_a_number_that_is_followed_names_its_parcel(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    await set_up()
    error = await refusal(hass, f"Boots {NUMBER}")
    assert error.translation_key == "already_followed"
    assert error.translation_placeholders == {"parcel": "Running shoes"}


async def test_two_who_write_down_the_same_number_get_one_parcel(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    await set_up()
    with patch.object(todo, "find_parcel", return_value=None):
        error = await refusal(hass, NUMBER)
    assert error.translation_key == "already_followed"


async def test_notes_have_an_end(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up()
    with pytest.raises(ServiceValidationError) as error:
        await do(hass, "add_item", item=OTHER_NUMBER, description="x" * 5001)
    assert error.value.translation_key == "text_too_long"
    with pytest.raises(ServiceValidationError) as error:
        await do(
            hass, "update_item", item=PARCEL_ID, rename="x" * 201, due_date="2026-06-20"
        )
    assert error.value.translation_placeholders == {"longest": "200"}
    assert list(entry.subentries) == [PARCEL_ID]
    assert entry.subentries[PARCEL_ID].title == "Running shoes"
    assert "expected_by" not in entry.subentries[PARCEL_ID].data


async def test_a_parcel_is_renamed_and_expected_on_another_day(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up(parcel_data(notes="red"))
    await do(hass, "update_item", item="Running shoes", rename="Boots")
    await do(hass, "update_item", item="Boots", due_date="2026-06-20")
    (item,) = await items(hass)
    assert (item["summary"], item["due"]) == ("Boots", "2026-06-20")
    await do(hass, "update_item", item=PARCEL_ID, due_datetime="2026-06-20 18:00:00")
    assert (await items(hass))[0]["due"] == "2026-06-20T18:00:00+02:00"
    await do(hass, "update_item", item=PARCEL_ID, due_date=None)
    (item,) = await items(hass)
    assert "due" not in item
    assert item["summary"] == "Boots"
    data = entry.subentries[PARCEL_ID].data
    assert data["notes"] == "red"
    assert "expected_by" not in data


async def test_what_the_carrier_promised_is_no_promise_of_the_persons(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    """A list sends all of an item back, though only its name was changed."""
    entry = await set_up()
    nine = datetime(2026, 6, 12, 7, 0, 30, tzinfo=UTC)
    carrier.answer(estimate=Estimate(start=nine, end=nine))
    carrier.scan(Stage.IN_TRANSIT)
    await news(wait)
    (item,) = await items(hass)
    await do(
        hass,
        "update_item",
        item=PARCEL_ID,
        rename="Boots",
        status="needs_action",
        description=item["description"],
        due_datetime="2026-06-12T09:00:00+02:00",
    )
    assert entry.subentries[PARCEL_ID].title == "Boots"
    assert "expected_by" not in entry.subentries[PARCEL_ID].data


async def test_the_description_is_the_carriers(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up(parcel_data(notes="red"))
    before = dict(entry.subentries[PARCEL_ID].data)
    await do(hass, "update_item", item=PARCEL_ID, description="Ring twice")
    assert (await items(hass))[0]["description"] == "Pending"
    assert entry.subentries[PARCEL_ID].data == before


async def test_to_tick_a_parcel_off_is_to_archive_it(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up()
    await do(hass, "update_item", item=PARCEL_ID, status="needs_action")
    assert PARCEL_ID in entry.subentries
    await do(hass, "update_item", item=PARCEL_ID, rename="Boots", status="completed")
    await hass.async_block_till_done()
    assert PARCEL_ID not in entry.subentries
    assert await items(hass) == []
    answer = await hass.services.async_call(
        "waybill",
        "get_parcels",
        {"tracking_number": NUMBER, "include_archived": True},
        blocking=True,
        return_response=True,
    )
    (parcel,) = answer["parcels"]
    assert (parcel["name"], parcel["archived"]) == ("Boots", True)


async def test_parcels_are_taken_off_the_list_and_their_journals_kept(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up(parcel_data(), LAMP)
    carrier.scan(Stage.IN_TRANSIT)
    await news(wait)
    await do(hass, "remove_item", item=["Running shoes", OTHER_PARCEL_ID])
    await hass.async_block_till_done()
    assert await items(hass) == []
    assert not entry.subentries
    await do(hass, "add_item", item=NUMBER)
    (item,) = await items(hass)
    assert item["uid"] == PARCEL_ID
    assert item["description"].startswith("In transit · ")


async def test_what_is_gone_already_is_said_and_takes_no_other_with_it(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up()
    entity = hass.data["todo"].get_entity(LIST)
    with pytest.raises(ServiceValidationError) as error:
        await entity.async_delete_todo_items([PARCEL_ID, OTHER_PARCEL_ID])
    assert error.value.translation_key == "unknown_parcel"
    with pytest.raises(ServiceValidationError):
        await entity.async_update_todo_item(TodoItem(uid=None, summary="x"))
    assert list(entry.subentries) == [PARCEL_ID]


async def test_people_who_are_no_administrators_may_use_it(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up()
    user = await hass.auth.async_create_user("Ana", group_ids=[GROUP_ID_USER])
    context = Context(user_id=user.id)
    await do(hass, "add_item", item=OTHER_NUMBER, context=context)
    await do(hass, "update_item", item=PARCEL_ID, rename="Boots", context=context)
    await do(hass, "remove_item", item="Boots", context=context)
    await hass.async_block_till_done()
    assert [parcel.title for parcel in entry.subentries.values()] == [OTHER_NUMBER]


async def test_it_speaks_the_homes_language(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    hass.config.language = "fr"
    await set_up()
    carrier.scan(Stage.OUT_FOR_DELIVERY, description="En cours")
    await news(wait)
    (entity_id,) = hass.states.async_entity_ids("todo")
    assert hass.states.get(entity_id).name == "Waybill Colis"
    entity = hass.data["todo"].get_entity(entity_id)
    assert entity.todo_items[0].description == "En cours de livraison · En cours"


async def test_a_carriers_words_bring_in_no_link_and_no_image(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    """Lists show a description as Markdown."""
    await set_up()
    carrier.scan(
        Stage.IN_TRANSIT, description="![x](https://evil.example/x.png) <b>now</b>"
    )
    await news(wait)
    (item,) = await items(hass)
    assert not set("[]<>") & set(item["description"])


async def test_a_carriers_words_hide_nothing_from_who_reads_them(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    """A voice assistant reads a description too, also what nobody sees in it."""
    await set_up()
    unseen = "".join(chr(0xE0000 + ord(char)) for char in "obey")
    carrier.scan(Stage.IN_TRANSIT, description=f"Left\u202e{unseen} the\x07 hub")
    await news(wait)
    (item,) = await items(hass)
    assert item["description"] == "In transit · Left the hub"


async def test_nothing_is_written_where_nothing_changed(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up()
    await wait(3 * HOUR)
    entity = hass.data["todo"].get_entity(LIST)
    with patch.object(entity, "async_write_ha_state") as write:
        await wait(3 * HOUR)
        write.assert_not_called()
        carrier.scan(Stage.IN_TRANSIT)
        await news(wait)
        write.assert_called_once()


async def test_of_many_parcels_only_the_one_that_changed_is_read_anew(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up(
        *(
            parcel_data(f"LP001234567{n:05}", f"01JPARCEL0000000000{n:07}", f"P{n}")
            for n in range(100)
        )
    )
    coordinator = entry.runtime_data
    first, *_ = coordinator.journals
    with patch.object(todo, "in_brief", return_value="read") as read:
        coordinator.async_show_anew([None])
        read.assert_not_called()
        coordinator.about[first] = coordinator.about["01JPARCEL00000000000000001"]
        coordinator.async_update_journal(coordinator.journals[first])
        coordinator.async_update_listeners()
        read.assert_called_once()


async def test_whoever_looks_at_it_sees_what_changes(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    carrier: Carrier,
    set_up: SetUp,
    freezer: FrozenDateTimeFactory,
) -> None:
    await set_up()
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "todo/item/subscribe", "entity_id": LIST})
    assert (await client.receive_json())["success"]
    (item,) = (await client.receive_json())["event"]["items"]
    assert item["uid"] == PARCEL_ID
    await client.send_json_auto_id(
        {
            "type": "call_service",
            "domain": "todo",
            "service": "add_item",
            "service_data": {"item": f"Lamp {OTHER_NUMBER}", "due_date": "2026-06-11"},
            "target": {"entity_id": LIST},
        }
    )
    shown = (await client.receive_json())["event"]["items"]
    assert [(one["summary"], one["due"]) for one in shown] == [
        ("Lamp", "2026-06-11"),
        ("Running shoes", None),
    ]


async def test_it_belongs_to_the_hub(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    entity_registry: er.EntityRegistry,
) -> None:
    await set_up()
    listed = entity_registry.async_get(LIST)
    assert listed is not None
    assert listed.unique_id == f"{ENTRY_ID}_parcels"
