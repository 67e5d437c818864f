"""A person gives Waybill a whole text, and the parcels in it are followed."""

from collections.abc import Iterator, Mapping
from typing import Any
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.waybill import text_parcels
from custom_components.waybill.const import DOMAIN
from custom_components.waybill.new_parcel import async_add_parcel
from custom_components.waybill.tracking.model import Stage
from custom_components.waybill.tracking.numbers.check_digits import gls
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError

from .conftest import (
    NUMBER,
    OTHER_NUMBER,
    PARCEL_ID,
    Carrier,
    SetUp,
    account_data,
    parcel_data,
)
from .flow_texts import every_form_has_its_texts

UPS = "1Z999AA10123456784"
MAIL = f"""
Dear customer, your order 3041872265519034 was sent in three parcels.

Tracking number: {NUMBER}
<p>Tracking number: <a href="https://www.ups.com/track?tracknum={UPS}">{UPS}</a></p>
Numéro de suivi : {OTHER_NUMBER}
Questions? Call 1-800-555-0177.
"""
NOTHING_SENT = """
Thank you for your order 3041872265519034 of 2026-10-03.
We will send you a tracking number as soon as it is on its way.
"""

type Result = Mapping[str, Any]


@pytest.fixture(autouse=True)
def _texts() -> Iterator[None]:
    with every_form_has_its_texts():
        yield


async def add(hass: HomeAssistant, text: str, **fields: Any) -> list[dict[str, Any]]:
    """Give a text to the action; return what it found."""
    answer = await hass.services.async_call(
        DOMAIN,
        "add_from_text",
        {"text": text, **fields},
        blocking=True,
        return_response=True,
    )
    return answer["found"]


def followed(entry: MockConfigEntry) -> dict[str, str | None]:
    """Return the numbers that are followed, and their sellers."""
    return {
        parcel.data["tracking_number"]: parcel.data.get("seller")
        for parcel in entry.get_subentries_of_type("parcel")
    }


async def test_every_parcel_of_a_text_is_followed(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up(account_data("dhl"))
    found = await add(hass, MAIL, source=" Lights & Co ")
    assert [one["number"] for one in found] == [NUMBER, UPS, OTHER_NUMBER]
    assert [one["added"] for one in found] == [True, True, True]
    assert {one["reason"] for one in found} == {None}
    assert {one["parcel_id"] for one in found} <= set(entry.subentries)
    assert found[1]["candidates"] == [
        {"carrier": "ups", "carrier_name": "UPS", "number": UPS, "valid": True}
    ]
    seller = "Lights & Co"
    assert followed(entry) == {NUMBER: seller, UPS: seller, OTHER_NUMBER: seller}


async def test_what_is_followed_already_is_named_and_not_added_again(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up(parcel_data(NUMBER))
    found = await add(hass, MAIL)
    assert [one["added"] for one in found] == [False, True, True]
    assert found[0]["parcel_id"] == PARCEL_ID
    assert found[0]["reason"] == "already_followed"
    assert [one["reason"] for one in await add(hass, MAIL)] == ["already_followed"] * 3
    assert followed(entry) == {NUMBER: None, UPS: None, OTHER_NUMBER: None}


async def test_who_only_looks_adds_nothing(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up(parcel_data(NUMBER))
    found = await add(hass, MAIL, dry_run=True)
    assert [(one["parcel_id"], one["reason"]) for one in found] == [
        (PARCEL_ID, "already_followed"),
        (None, "dry_run"),
        (None, "dry_run"),
    ]
    assert not any(one["added"] for one in found)
    assert list(followed(entry)) == [NUMBER]


async def test_what_somebody_else_adds_meanwhile_is_not_added_twice(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up()

    async def slowly(*args: Any, **kwargs: Any) -> Any:
        await async_add_parcel(hass, entry, UPS)
        return await async_add_parcel(*args, **kwargs)

    with patch.object(text_parcels, "async_add_parcel", slowly):
        (found,) = await add(hass, f"Your parcel {UPS}")
    assert (found["added"], found["reason"]) == (False, "already_followed")
    assert entry.subentries[found["parcel_id"]].unique_id == UPS


async def test_a_text_without_a_number_adds_nothing(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up()
    assert await add(hass, NOTHING_SENT) == []
    assert list(followed(entry)) == [NUMBER]


async def test_a_number_is_one_of_a_carrier_of_the_home(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    hass.config.country = "DE"
    await set_up()
    number = f"60912345678{gls('60912345678')}"
    (found,) = await add(hass, f"Paketnummer: {number}", dry_run=True)
    assert "gls" in {candidate["carrier"] for candidate in found["candidates"]}


async def test_waybill_must_be_set_up(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up()
    assert await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(ServiceValidationError) as error:
        await add(hass, MAIL)
    assert error.value.translation_key == "not_set_up"


class Person:
    """Pastes a text where a number is asked for."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        """Sit down before Waybill."""
        self._flows = hass.config_entries.subentries
        self._entry = entry
        self.sees: Result = {}

    async def pastes(self, text: str) -> Result:
        """Press "Add parcel", and paste."""
        self.sees = await self._flows.async_init(
            (self._entry.entry_id, "parcel"), context={"source": SOURCE_USER}
        )
        return await self.enters(tracking_number=text)

    async def enters(self, **typed: Any) -> Result:
        """Fill in the form that is shown."""
        self.sees = await self._flows.async_configure(self.sees["flow_id"], typed)
        await self._flows.hass.async_block_till_done()
        return self.sees


@pytest.fixture
async def entry(carrier: Carrier, set_up: SetUp) -> MockConfigEntry:
    """Follow no parcel."""
    return await set_up(account_data("dhl"))


@pytest.fixture
def person(hass: HomeAssistant, entry: MockConfigEntry) -> Person:
    """Let a person sit down."""
    return Person(hass, entry)


def offered(result: Result) -> dict[str, str]:
    """Return the numbers that a form offers, with what it calls them."""
    options = result["data_schema"].schema["numbers"].config["options"]
    return {option["value"]: option["label"] for option in options}


async def test_the_only_number_of_a_text_is_taken_as_if_it_was_typed(
    entry: MockConfigEntry, person: Person
) -> None:
    form = await person.pastes(f"Your order 3041872265519034: tracking number {UPS}")
    assert form["step_id"] == "parcel"
    assert form["description_placeholders"]["number"] == UPS
    await person.enters(name="Lamp", more={})
    assert [parcel.title for parcel in entry.get_subentries_of_type("parcel")] == [
        "Lamp"
    ]


async def test_a_browser_may_take_the_lines_out_of_a_text(person: Person) -> None:
    form = await person.pastes(f"Your order was sentTracking number{UPS}Carrier: UPS")
    assert form["description_placeholders"]["number"] == UPS


async def test_all_numbers_of_a_text_are_offered_and_ticked(
    entry: MockConfigEntry, person: Person
) -> None:
    form = await person.pastes(MAIL)
    assert form["step_id"] == "choose_numbers"
    assert offered(form) == {
        NUMBER: f"{NUMBER} (Cainiao)",
        UPS: f"{UPS} (UPS)",
        OTHER_NUMBER: f"{OTHER_NUMBER} (Cainiao)",
    }
    assert form["data_schema"]({}) == {"numbers": [NUMBER, UPS, OTHER_NUMBER]}
    result = await person.enters(numbers=[NUMBER, OTHER_NUMBER])
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["description"] == "several"
    parcels = result["description_placeholders"]["parcels"]
    assert parcels == f"{NUMBER}, {OTHER_NUMBER}"
    assert set(followed(entry)) == {NUMBER, OTHER_NUMBER}


async def test_the_one_that_is_chosen_of_several_gets_its_details(
    entry: MockConfigEntry, person: Person
) -> None:
    await person.pastes(MAIL)
    form = await person.enters(numbers=[])
    assert form["errors"] == {"numbers": "none_chosen"}
    form = await person.enters(numbers=[UPS])
    assert form["step_id"] == "parcel"
    await person.enters(seller="Lights & Co", more={})
    assert followed(entry) == {UPS: "Lights & Co"}


async def test_a_number_without_a_known_carrier_is_offered_too(person: Person) -> None:
    form = await person.pastes(f"Tracking number: ZZ77B0012345678\n{UPS}")
    assert offered(form)["ZZ77B0012345678"] == "ZZ77B0012345678"


async def test_what_is_followed_already_is_left_out_and_named(
    hass: HomeAssistant, entry: MockConfigEntry, person: Person
) -> None:
    await async_add_parcel(hass, entry, UPS)
    form = await person.pastes(MAIL)
    assert form["step_id"] == "choose_other_numbers"
    assert form["description_placeholders"]["followed"] == UPS
    assert list(offered(form)) == [NUMBER, OTHER_NUMBER]
    form = await person.enters(numbers=[])
    assert form["step_id"] == "choose_other_numbers"
    await person.enters(numbers=[NUMBER, OTHER_NUMBER])
    assert set(followed(entry)) == {NUMBER, UPS, OTHER_NUMBER}


async def test_a_text_of_which_all_is_followed_names_the_parcels(
    hass: HomeAssistant, entry: MockConfigEntry, person: Person
) -> None:
    for number in (NUMBER, UPS, OTHER_NUMBER):
        await async_add_parcel(hass, entry, number, f"Parcel {number}")
    form = await person.pastes(MAIL)
    assert form["errors"] == {"tracking_number": "all_followed"}
    assert form["description_placeholders"]["parcels"] == ", ".join(
        f"Parcel {number}" for number in (NUMBER, UPS, OTHER_NUMBER)
    )


async def test_what_somebody_else_adds_while_a_person_chooses_stays_one(
    hass: HomeAssistant, entry: MockConfigEntry, person: Person
) -> None:
    await person.pastes(MAIL)
    await async_add_parcel(hass, entry, UPS)
    await person.enters(numbers=[UPS, NUMBER, OTHER_NUMBER])
    assert set(followed(entry)) == {NUMBER, UPS, OTHER_NUMBER}


async def test_several_are_taken_up_again_with_their_histories(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up(parcel_data(NUMBER))
    carrier.scan(Stage.IN_CUSTOMS)
    await entry.runtime_data.async_ask([PARCEL_ID])
    await hass.async_block_till_done()
    hass.config_entries.async_remove_subentry(entry, PARCEL_ID)
    await hass.async_block_till_done()
    person = Person(hass, entry)
    await person.pastes(MAIL)
    await person.enters(numbers=[UPS, NUMBER])
    assert set(followed(entry)) == {NUMBER, UPS}
    assert entry.runtime_data.data[PARCEL_ID].stage is Stage.IN_CUSTOMS


async def test_a_text_without_a_number_says_so_and_can_be_replaced(
    entry: MockConfigEntry, person: Person
) -> None:
    form = await person.pastes(NOTHING_SENT)
    assert form["errors"] == {"tracking_number": "no_number_in_text"}
    form = await person.enters(tracking_number=UPS)
    assert form["step_id"] == "parcel"


async def test_a_mistyped_number_of_a_text_can_be_kept_on_purpose(
    entry: MockConfigEntry, person: Person
) -> None:
    text = f"Dear customer, thank you! Tracking number: {UPS[:-1]}5. See you soon!"
    form = await person.pastes(text)
    assert form["errors"] == {"tracking_number": "mistyped"}
    form = await person.enters(tracking_number=text, keep_anyway=True)
    assert form["step_id"] == "parcel"


async def test_waybill_is_set_up_with_all_parcels_of_a_text(
    hass: HomeAssistant, carrier: Carrier
) -> None:
    configure = hass.config_entries.flow.async_configure
    form = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    form = await configure(form["flow_id"], {"tracking_number": MAIL})
    assert form["step_id"] == "choose_numbers"
    result = await configure(form["flow_id"], {"numbers": [NUMBER, UPS]})
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert set(followed(result["result"])) == {NUMBER, UPS}
