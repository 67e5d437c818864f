"""A person adds a parcel, and changes one, by filling in forms."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.waybill.new_parcel import async_add_parcel
from custom_components.waybill.tracking.model import Stage
from homeassistant.config_entries import SOURCE_USER, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import AbortFlow, FlowResultType, section
from homeassistant.helpers import entity_registry as er

from .conftest import (
    NUMBER,
    OTHER_NUMBER,
    OTHER_PARCEL_ID,
    PARCEL_ID,
    Carrier,
    SetUp,
    account_data,
    parcel_data,
)
from .flow_texts import every_form_has_its_texts

UPS = "1Z999AA10123456784"
MISTYPED_UPS = "1Z999AA10123456785"
OTHER_MISTYPED_UPS = "1Z999AA10123456786"

type Result = Mapping[str, Any]


@pytest.fixture(autouse=True)
def _texts() -> Iterator[None]:
    with every_form_has_its_texts():
        yield


@pytest.fixture
async def entry(carrier: Carrier, set_up: SetUp) -> MockConfigEntry:
    """Follow one parcel: running shoes."""
    return await set_up()


class Person:
    """Fills in the forms of one flow, one after the other."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        """Sit down before Waybill."""
        self._flows = hass.config_entries.subentries
        self._entry = entry
        self.sees: Result = {}

    async def adds(self) -> Result:
        """Press "Add parcel"."""
        self.sees = await self._flows.async_init(
            (self._entry.entry_id, "parcel"), context={"source": SOURCE_USER}
        )
        return self.sees

    async def changes(self, parcel_id: str = PARCEL_ID) -> Result:
        """Press "Change parcel"."""
        self.sees = await self._entry.start_subentry_reconfigure_flow(
            self._flows.hass, parcel_id
        )
        return self.sees

    async def enters(self, **typed: Any) -> Result:
        """Fill in the form that is shown."""
        self.sees = await self._flows.async_configure(self.sees["flow_id"], typed)
        await self._flows.hass.async_block_till_done()
        return self.sees

    @property
    def finds(self) -> dict[str, Any]:
        """What stands in the form already."""
        return suggested(self.sees["data_schema"])


def suggested(schema: Any) -> dict[str, Any]:
    """Return what a form shows before anything is typed."""
    values: dict[str, Any] = {}
    for marker, field in schema.schema.items():
        if isinstance(field, section):
            values[str(marker)] = suggested(field.schema)
        elif marker.description and "suggested_value" in marker.description:
            values[str(marker)] = marker.description["suggested_value"]
    return values


def fields(result: Result) -> list[str]:
    """Return what a form asks for."""
    return [str(marker) for marker in result["data_schema"].schema]


def parcel(entry: MockConfigEntry, number: str) -> ConfigSubentry:
    """Return the parcel of a number."""
    return next(s for s in entry.subentries.values() if s.unique_id == number)


@pytest.fixture
def person(hass: HomeAssistant, entry: MockConfigEntry) -> Person:
    """Let a person sit down."""
    return Person(hass, entry)


async def test_a_number_is_all_that_is_needed(
    hass: HomeAssistant, entry: MockConfigEntry, person: Person, carrier: Carrier
) -> None:
    assert (await person.adds())["step_id"] == "user"
    form = await person.enters(tracking_number=" 1z 999aa-10123456784 ")
    assert form["step_id"] == "parcel"
    assert form["description_placeholders"]["carriers"] == "UPS"
    assert "carrier" not in fields(form)
    result = await person.enters(more={})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    added = parcel(entry, UPS)
    assert added.title == UPS
    assert set(added.data) == {"tracking_number", "added_at"}
    assert entry.runtime_data.data[added.subentry_id].carrier == "ups"


async def test_all_that_can_be_said_of_a_parcel_is_kept(
    entry: MockConfigEntry, person: Person
) -> None:
    await person.adds()
    await person.enters(tracking_number=OTHER_NUMBER)
    await person.enters(
        name=" Lamp ",
        seller="Lights & Co",
        order_url="www.aliexpress.com/order/81",
        more={
            "order_number": "81-22",
            "ordered_on": "2026-10-01",
            "expected_by": "2026-11-20",
            "expected_by_time": "18:00:00",
            "protection_until": "2026-12-15",
            "postal_code": "sw1a  1aa",
            "phone_last4": "+44 20 7946 0123",
            "stalled_after_days": 21.0,
            "provider": "cainiao",
            "notes": "For the hall",
        },
    )
    added = parcel(entry, OTHER_NUMBER)
    assert added.title == "Lamp"
    assert {k: v for k, v in added.data.items() if k != "added_at"} == {
        "tracking_number": OTHER_NUMBER,
        "seller": "Lights & Co",
        "order_url": "https://www.aliexpress.com/order/81",
        "order_number": "81-22",
        "ordered_on": "2026-10-01",
        "expected_by": "2026-11-20T18:00:00",
        "protection_until": "2026-12-15",
        "postal_code": "SW1A 1AA",
        "phone_last4": "0123",
        "stalled_after_days": 21,
        "provider": "cainiao",
        "notes": "For the hall",
    }
    assert type(added.data["stalled_after_days"]) is int


async def test_a_mistyped_number_is_named_and_can_be_corrected(
    entry: MockConfigEntry, person: Person
) -> None:
    await person.adds()
    form = await person.enters(tracking_number=MISTYPED_UPS)
    assert form["errors"] == {"tracking_number": "mistyped"}
    assert form["description_placeholders"]["carriers"] == "UPS"
    assert person.finds == {"tracking_number": MISTYPED_UPS}
    assert "keep_anyway" in fields(form)
    form = await person.enters(tracking_number=UPS)
    assert form["step_id"] == "parcel"
    await person.enters(more={})
    assert parcel(entry, UPS)


async def test_a_mistyped_number_can_be_kept_on_purpose(
    entry: MockConfigEntry, person: Person
) -> None:
    await person.adds()
    await person.enters(tracking_number=MISTYPED_UPS)
    form = await person.enters(tracking_number=MISTYPED_UPS, keep_anyway=True)
    assert form["step_id"] == "parcel"
    await person.enters(more={})
    assert parcel(entry, MISTYPED_UPS)


async def test_a_tick_keeps_only_the_number_that_it_was_about(person: Person) -> None:
    await person.adds()
    await person.enters(tracking_number=MISTYPED_UPS)
    form = await person.enters(tracking_number=OTHER_MISTYPED_UPS, keep_anyway=True)
    assert form["errors"] == {"tracking_number": "mistyped"}
    assert person.finds == {"tracking_number": OTHER_MISTYPED_UPS}


@pytest.mark.parametrize("typed", ["{{ number }}", "soon", "12", "1" * 41, "  "])
async def test_what_is_no_number_is_refused(
    entry: MockConfigEntry, person: Person, typed: str
) -> None:
    await person.adds()
    form = await person.enters(tracking_number=typed)
    assert form["errors"] == {"tracking_number": "not_a_number"}
    assert person.finds == {"tracking_number": typed}
    await person.enters(tracking_number=UPS)
    await person.enters(more={})
    assert parcel(entry, UPS)


async def test_a_number_that_is_followed_already_names_its_parcel(
    entry: MockConfigEntry, person: Person
) -> None:
    await person.adds()
    form = await person.enters(tracking_number=NUMBER.lower())
    assert form["errors"] == {"tracking_number": "already_followed"}
    assert form["description_placeholders"]["parcel"] == "Running shoes"
    await person.enters(tracking_number=OTHER_NUMBER)
    await person.enters(more={})
    assert parcel(entry, OTHER_NUMBER)


async def test_a_number_that_somebody_else_added_meanwhile_is_not_added_twice(
    hass: HomeAssistant, entry: MockConfigEntry, person: Person
) -> None:
    await person.adds()
    await person.enters(tracking_number=OTHER_NUMBER)
    await async_add_parcel(hass, entry, OTHER_NUMBER)
    result = await person.enters(more={})
    assert result["reason"] == "already_configured"
    assert len(entry.subentries) == 2


async def test_a_number_of_no_known_form_is_accepted(
    entry: MockConfigEntry, person: Person
) -> None:
    await person.adds()
    form = await person.enters(tracking_number="QQ-77-1234")
    assert form["step_id"] == "unknown_number"
    assert form["description_placeholders"]["number"] == "QQ771234"
    form = await person.enters(carrier="No such carrier", more={})
    assert form["errors"] == {"carrier": "invalid_carrier"}
    await person.enters(carrier=" china post ", more={})
    assert parcel(entry, "QQ771234").data["carrier"] == "china_post"


async def test_several_fitting_carriers_are_offered_first(person: Person) -> None:
    await person.adds()
    form = await person.enters(tracking_number="120901796538")
    carriers = form["description_placeholders"]["carriers"].split(", ")
    assert len(carriers) > 1
    options = form["data_schema"].schema["carrier"].config["options"]
    assert options[: len(carriers)] == carriers
    assert "Royal Mail" in options


@pytest.mark.parametrize(
    ("typed", "rarer", "errors"),
    [
        ({"order_url": "my order"}, {}, {"order_url": "invalid_order_url"}),
        ({"order_url": "javascript://x"}, {}, {"order_url": "invalid_order_url"}),
        ({}, {"postal_code": "?"}, {"base": "invalid_postal_code"}),
        ({}, {"phone_last4": "12"}, {"base": "invalid_phone_last4"}),
        ({}, {"expected_by_time": "18:00:00"}, {"base": "time_without_day"}),
    ],
)
async def test_an_error_in_the_details_costs_nothing_that_was_typed(
    entry: MockConfigEntry,
    person: Person,
    typed: dict[str, str],
    rarer: dict[str, str],
    errors: dict[str, str],
) -> None:
    await person.adds()
    await person.enters(tracking_number=UPS)
    typed = {"name": "Lamp", **typed}
    rarer = {"notes": "For the hall", **rarer}
    form = await person.enters(**typed, more=rarer)
    assert form["errors"] == errors
    assert person.finds == {**typed, "more": rarer}
    # What has to be corrected can be seen.
    more = form["data_schema"].schema["more"]
    assert more.options["collapsed"] == ("base" not in errors)
    await person.enters(name="Lamp", more={"notes": "For the hall"})
    assert parcel(entry, UPS).data["notes"] == "For the hall"


@pytest.mark.parametrize("blank", ["", "   "])
async def test_blank_fields_are_not_stored(
    entry: MockConfigEntry, person: Person, blank: str
) -> None:
    await person.adds()
    await person.enters(tracking_number="QQ-77-1234")
    await person.enters(
        name=blank,
        carrier=blank,
        seller=blank,
        order_url=blank,
        more={"postal_code": blank, "phone_last4": blank, "notes": blank},
    )
    added = parcel(entry, "QQ771234")
    assert added.title == "QQ771234"
    assert set(added.data) == {"tracking_number", "added_at"}


async def test_a_number_that_was_followed_before_is_taken_up_with_its_history(
    hass: HomeAssistant, entry: MockConfigEntry, person: Person, carrier: Carrier
) -> None:
    carrier.scan(Stage.IN_CUSTOMS)
    await entry.runtime_data.async_ask([PARCEL_ID])
    await hass.async_block_till_done()
    added_at = entry.subentries[PARCEL_ID].data["added_at"]
    hass.config_entries.async_remove_subentry(entry, PARCEL_ID)
    await hass.async_block_till_done()
    await person.adds()
    await person.enters(tracking_number=NUMBER)
    result = await person.enters(name="Shoes", more={})
    assert result["reason"] == "taken_up_again"
    assert result["description_placeholders"] == {"parcel": "Shoes"}
    assert entry.subentries[PARCEL_ID].data["added_at"] == added_at
    assert entry.runtime_data.data[PARCEL_ID].stage is Stage.IN_CUSTOMS


async def test_the_old_id_is_left_to_a_parcel_whose_number_was_corrected(
    hass: HomeAssistant, entry: MockConfigEntry, person: Person, carrier: Carrier
) -> None:
    carrier.scan(Stage.IN_CUSTOMS)
    await entry.runtime_data.async_ask([PARCEL_ID])
    await hass.async_block_till_done()
    await person.changes()
    await person.enters(tracking_number=OTHER_NUMBER, name="Running shoes", more={})
    await person.adds()
    await person.enters(tracking_number=NUMBER)
    await person.enters(more={})
    assert entry.subentries[PARCEL_ID].unique_id == OTHER_NUMBER
    assert parcel(entry, NUMBER).subentry_id != PARCEL_ID


async def test_a_parcel_is_added_once(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    with pytest.raises(AbortFlow):
        await async_add_parcel(hass, entry, NUMBER)


async def test_the_form_of_a_parcel_shows_what_is_known(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up(
        parcel_data(
            carrier="usps",
            expected_by="2026-11-20T18:00:00+00:00",
            stalled_after_days=21,
            seller="Lights & Co",
        )
    )
    await hass.config.async_set_time_zone("Europe/Paris")
    person = Person(hass, entry)
    await person.changes()
    assert person.finds == {
        "tracking_number": NUMBER,
        "name": "Running shoes",
        "carrier": "USPS",
        "seller": "Lights & Co",
        "more": {
            "expected_by": "2026-11-20",
            "expected_by_time": "19:00:00",
            "stalled_after_days": 21,
        },
    }


async def test_what_is_emptied_is_forgotten(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    data = parcel_data(seller="Lights & Co", expected_by="2026-11-20", notes="Hall")
    entry = await set_up(data)
    person = Person(hass, entry)
    await person.changes()
    assert person.finds["more"] == {"expected_by": "2026-11-20", "notes": "Hall"}
    result = await person.enters(
        tracking_number=NUMBER, carrier="USPS", more={"notes": "Kitchen"}
    )
    assert result["reason"] == "reconfigure_successful"
    changed = entry.subentries[PARCEL_ID]
    assert changed.title == NUMBER
    assert changed.data == {
        "tracking_number": NUMBER,
        "added_at": data["data"]["added_at"],
        "carrier": "usps",
        "notes": "Kitchen",
    }
    assert entry.runtime_data.data[PARCEL_ID].carrier == "usps"


async def test_what_is_left_alone_stays_as_it_was_stored(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    stored = {
        "carrier": "post_zz",
        "expected_by": "2026-11-20T18:00:30.5+02:00",
        "postal_code": "12345, entrance 5B",
        "stalled_after_days": 21,
    }
    entry = await set_up(parcel_data(**stored))
    person = Person(hass, entry)

    async def changed(**rarer: Any) -> dict[str, Any]:
        await person.changes()
        shown = person.finds
        await person.enters(**{**shown, "more": {**shown["more"], **rarer}})
        assert person.sees["type"] is FlowResultType.ABORT
        return {
            key: value
            for key, value in entry.subentries[PARCEL_ID].data.items()
            if key not in ("added_at", "tracking_number")
        }

    assert await changed(notes="Hall") == {**stored, "notes": "Hall"}
    later = await changed(expected_by_time="20:00:00")
    assert later["expected_by"] == "2026-11-20T20:00:00"


async def test_a_parcel_without_a_name_is_shown_without_one(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    person = Person(hass, await set_up(parcel_data(name=NUMBER)))
    await person.changes()
    assert "name" not in person.finds


async def test_a_corrected_number_keeps_the_parcel_and_its_entities(
    hass: HomeAssistant, entry: MockConfigEntry, person: Person, carrier: Carrier
) -> None:
    registry = er.async_get(hass)
    before = er.async_entries_for_config_entry(registry, entry.entry_id)
    carrier.scan(Stage.OUT_FOR_DELIVERY, OTHER_NUMBER)
    await person.changes()
    await person.enters(tracking_number=OTHER_NUMBER, name="Running shoes", more={})
    assert entry.subentries[PARCEL_ID].unique_id == OTHER_NUMBER
    await entry.runtime_data.async_ask([PARCEL_ID])
    await hass.async_block_till_done()
    followed = entry.runtime_data.data[PARCEL_ID]
    assert followed.tracking_number == OTHER_NUMBER
    assert followed.stage is Stage.OUT_FOR_DELIVERY
    assert er.async_entries_for_config_entry(registry, entry.entry_id) == before


async def test_a_number_cannot_be_corrected_to_one_that_is_followed(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up(
        parcel_data(), parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Lamp")
    )
    person = Person(hass, entry)
    await person.changes()
    form = await person.enters(
        tracking_number=OTHER_NUMBER, seller="Lights & Co", more={}
    )
    assert form["errors"] == {"tracking_number": "already_followed"}
    assert form["description_placeholders"]["parcel"] == "Lamp"
    assert person.finds["seller"] == "Lights & Co"
    form = await person.enters(tracking_number=MISTYPED_UPS, more={})
    assert form["errors"] == {"tracking_number": "mistyped"}
    await person.enters(tracking_number=MISTYPED_UPS, keep_anyway=True, more={})
    assert entry.subentries[PARCEL_ID].unique_id == MISTYPED_UPS


async def test_a_number_that_was_kept_on_purpose_is_not_questioned_again(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up(parcel_data(MISTYPED_UPS))
    person = Person(hass, entry)
    await person.changes()
    await person.enters(tracking_number=MISTYPED_UPS, name="Lamp", more={})
    assert entry.subentries[PARCEL_ID].title == "Lamp"


async def test_a_wrong_number_and_a_wrong_detail_are_told_together(
    person: Person,
) -> None:
    await person.changes()
    form = await person.enters(
        tracking_number="soon", order_url="my order", more={"postal_code": "?"}
    )
    assert form["errors"] == {
        "tracking_number": "not_a_number",
        "order_url": "invalid_order_url",
        "base": "invalid_postal_code",
    }


async def test_whom_a_person_chooses_is_asked_and_who_carries_it_is_believed(
    hass: HomeAssistant, entry: MockConfigEntry, person: Person
) -> None:
    hass.config_entries.async_add_subentry(entry, ConfigSubentry(**account_data("dhl")))
    await hass.async_block_till_done()
    await person.changes()
    await person.enters(
        tracking_number=NUMBER, carrier="USPS", more={"provider": "dhl"}
    )
    answer = await hass.services.async_call(
        "waybill", "get_parcels", {}, blocking=True, return_response=True
    )
    (shoes,) = answer["parcels"]
    assert shoes["carrier"] == "usps"
    assert shoes["providers"] == [{"provider": "dhl", "reason": "pinned"}]


async def test_only_providers_that_can_be_asked_are_offered(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    def offered(form: Result) -> list[str]:
        choice = form["data_schema"].schema["more"].schema.schema["provider"]
        return [option["value"] for option in choice.config["options"]]

    entry = await set_up(
        parcel_data(),
        parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, provider="dhl"),
        account_data("seventeentrack"),
    )
    person = Person(hass, entry)
    assert offered(await person.changes()) == ["cainiao", "inpost", "seventeentrack"]
    # A choice whose account is gone can be kept.
    assert offered(await person.changes(OTHER_PARCEL_ID)) == [
        "cainiao",
        "dhl",
        "inpost",
        "seventeentrack",
    ]
