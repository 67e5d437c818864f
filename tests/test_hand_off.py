"""One parcel with two carriers: one device, one timeline, each thing told once."""

from collections import Counter
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.waybill.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from .conftest import SetUp, Wait, account_data, parcel_data
from .simulator import (
    DAY,
    HOUR,
    KEYS,
    Estimate,
    Handoff,
    Journey,
    Kind,
    Simulator,
    Step,
    Zone,
    numbers,
)

PARCEL_ID = "01JPARCEL0000000000000001"
LA_POSTE_ACCOUNT = "01JACCOUNT000000000000001"
TRACK_ACCOUNT = "01JACCOUNT000000000000002"
COLISSIMO = numbers.s10("LB", 12345678, "FR")
SHOES = Journey(
    number=numbers.cainiao(42),
    destination="FR",
    town="Lyon",
    steps=(
        Step(-6 * DAY, Kind.PICKED_UP, "Shenzhen", "CN"),
        Step(-5 * DAY, Kind.EXPORT_CLEARED, "Shenzhen", "CN"),
        Step(-2 * DAY, Kind.DEPARTED, "Shenzhen", "CN"),
    ),
    handoff=Handoff(COLISSIMO, "la_poste", DAY),
    signed_by="P. Martin",
)


@pytest.fixture
async def simulator(
    socket_enabled: None, freezer: object, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Simulator]:
    """Play a journey to France that La Poste brings to its end."""
    async with Simulator([SHOES]) as simulator:
        simulator.seventeentrack.settling = timedelta(0)
        monkeypatch.setenv("WAYBILL_SIMULATOR", simulator.setting)
        yield simulator


async def the_parcel(hass: HomeAssistant) -> dict:
    """Return the only parcel, as an action answers it."""
    answer = await hass.services.async_call(
        DOMAIN, "get_parcels", {}, blocking=True, return_response=True
    )
    (parcel,) = answer["parcels"]
    return parcel


@pytest.mark.parametrize("restarts", [False, True], ids=["running", "restarting"])
@pytest.mark.parametrize("zone", [Zone.TOLD, Zone.UNTOLD, Zone.WRONG])
async def test_a_parcel_to_france_that_la_poste_brings_to_the_door(
    hass: HomeAssistant,
    set_up: SetUp,
    wait: Wait,
    simulator: Simulator,
    restarts: bool,
    zone: Zone,
) -> None:
    told = async_capture_events(hass, "waybill_milestone")
    entry = await set_up(
        account_data("la_poste", LA_POSTE_ACCOUNT, api_key=KEYS["la_poste"]),
        parcel_data(SHOES.number, PARCEL_ID, "Shoes"),
    )

    async def hours(count: int) -> None:
        for _ in range(count):
            await wait(HOUR)
            if restarts:
                assert await hass.config_entries.async_reload(entry.entry_id)
                await hass.async_block_till_done()

    await wait(timedelta(seconds=3))
    shoes = simulator.journey(SHOES.number)
    await hours(3)
    shoes.scan(Kind.IMPORT_STARTED, "Roissy", "FR", zone=zone)
    await hours(8)
    assert hass.states.get("sensor.shoes").state == "in_customs"
    assert not simulator.asked("la_poste")
    shoes.scan(Kind.IMPORT_CLEARED, "Roissy", "FR", zone=zone)
    await hours(14)
    shoes.scan(Kind.AT_HUB, "Chilly-Mazarin", "FR", zone=zone)
    await hours(8)
    # Now La Poste knows the number that Cainiao names, and says more.
    assert simulator.asked("la_poste")
    shoes.scan(Kind.LEFT_HUB, "Chilly-Mazarin", "FR", zone=zone)
    await hours(8)
    assert hass.states.get("sensor.shoes").state == "in_transit"
    shoes.scan(Kind.OUT_FOR_DELIVERY, "Lyon", "FR", zone=zone)
    await hours(8)
    assert hass.states.get("sensor.shoes").state == "out_for_delivery"
    shoes.scan(Kind.DELIVERED, "Lyon", "FR", zone=zone)
    await hours(30)
    assert hass.states.get("sensor.shoes").state == "delivered"

    counted = Counter(event.data["milestone"] for event in told)
    del counted["stage_changed"]
    assert counted == {
        "entered_customs": 1,
        "customs_cleared": 1,
        "handed_over": 1,
        "out_for_delivery": 1,
        "delivered": 1,
    }
    parcel = await the_parcel(hass)
    assert [leg["tracking_number"] for leg in parcel["legs"]] == [
        SHOES.number,
        COLISSIMO,
    ]
    assert [leg["carrier"] for leg in parcel["legs"]] == ["cainiao", "la_poste"]
    assert parcel["providers"] == [
        {"provider": "cainiao", "reason": "carrier"},
        {"provider": "la_poste", "reason": "carrier"},
    ]
    stages = [event["stage"] for event in reversed(parcel["events"])]
    assert stages == [
        "shipped",
        "in_transit",
        "in_transit",
        "in_customs",
        "customs_cleared",
        "in_transit",
        "in_transit",
        "out_for_delivery",
        "delivered",
    ]
    by_la_poste = [e for e in parcel["events"] if e["provider"] == "la_poste"]
    assert len(by_la_poste) == 4
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert sum(device.name == "Shoes" for device in devices) == 1


async def test_the_last_miles_promise_counts_once_it_has_scanned(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> None:
    await set_up(
        account_data("la_poste", LA_POSTE_ACCOUNT, api_key=KEYS["la_poste"]),
        parcel_data(SHOES.number, PARCEL_ID, "Shoes"),
    )
    shoes = simulator.journey(SHOES.number)
    shoes.promise(Estimate(10 * DAY, 11 * DAY))
    await wait(timedelta(seconds=3))
    for _ in range(3):
        await wait(HOUR)
    parcel = await the_parcel(hass)
    assert parcel["estimated_delivery"]["source"] == "cainiao"
    simulator.advance(DAY)
    shoes.scan(Kind.AT_HUB, "Chilly-Mazarin", "FR")
    for _ in range(24):
        await wait(HOUR)
    parcel = await the_parcel(hass)
    assert parcel["estimated_delivery"]["source"] == "la_poste"


async def test_a_next_number_that_its_carrier_never_knows_is_asked_elsewhere(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> None:
    """The number looks like La Poste's, but another brings the parcel."""
    hat = Journey(
        number=numbers.cainiao(43),
        destination="FR",
        steps=(Step(-6 * DAY, Kind.PICKED_UP, "Shenzhen", "CN"),),
        handoff=Handoff(numbers.s10("LB", 11223344, "FR"), "gls", HOUR),
    )
    simulator.add(hat)
    entry = await set_up(
        account_data("la_poste", LA_POSTE_ACCOUNT, api_key=KEYS["la_poste"]),
        account_data(
            "seventeentrack",
            TRACK_ACCOUNT,
            api_key=KEYS["seventeentrack"],
            auto_register=True,
        ),
        parcel_data(hat.number, PARCEL_ID, "Hat"),
    )
    for _ in range(14):
        await wait(HOUR)
    assert simulator.asked("la_poste")
    assert not simulator.seventeentrack.registered
    simulator.journey(hat.number).scan(Kind.AT_HUB, "Lyon", "FR")
    for _ in range(30):
        await wait(HOUR)
    assert [*simulator.seventeentrack.registered] == [hat.handoff.number]
    tracks = entry.runtime_data.journals[PARCEL_ID].tracks
    assert any(track.provider == "seventeentrack" and track.events for track in tracks)


async def test_twenty_scans_told_by_two_providers_are_twenty(
    hass: HomeAssistant, set_up: SetUp, wait: Wait, simulator: Simulator
) -> None:
    """La Poste's own words and clock, and 17TRACK's of the same parcel."""
    number = numbers.s10("LB", 87654321, "FR")
    kinds = (
        Kind.LABEL_MADE,
        Kind.PICKED_UP,
        Kind.AT_SORTING,
        Kind.LEFT_SORTING,
        Kind.WITH_AIRLINE,
        Kind.DEPARTED,
        Kind.ARRIVED,
        Kind.AT_CUSTOMS,
        Kind.CUSTOMS_HELD,
        Kind.IMPORT_CLEARED,
        Kind.WITH_LOCAL_CARRIER,
        Kind.AT_HUB,
        Kind.LEFT_HUB,
        Kind.AT_DEPOT,
        Kind.OUT_FOR_DELIVERY,
        Kind.ATTEMPT_FAILED,
        Kind.AT_DEPOT,
        Kind.OUT_FOR_DELIVERY,
        Kind.AT_PICKUP_POINT,
        Kind.DELIVERED,
    )
    zones = (Zone.TOLD, Zone.UNTOLD, Zone.WRONG)
    simulator.add(
        Journey(
            number=number,
            carrier="la_poste",
            destination="FR",
            steps=tuple(
                Step((n - 20) * 7 * HOUR, kind, zone=zones[n % 3])
                for n, kind in enumerate(kinds)
            ),
        )
    )
    entry = await set_up(
        account_data("la_poste", LA_POSTE_ACCOUNT, api_key=KEYS["la_poste"]),
        account_data("seventeentrack", TRACK_ACCOUNT, api_key=KEYS["seventeentrack"]),
        parcel_data(number, PARCEL_ID, "Tea"),
    )
    await wait(timedelta(seconds=3))
    await wait(HOUR)
    assert len((await the_parcel(hass))["events"]) == 20
    # The person asks 17TRACK too.
    subentry = entry.subentries[PARCEL_ID]
    hass.config_entries.async_update_subentry(
        entry, subentry, data={**subentry.data, "provider": "seventeentrack"}
    )
    for _ in range(30):
        await wait(HOUR)
    tracks = entry.runtime_data.journals[PARCEL_ID].tracks
    assert {track.provider: len(track.events) for track in tracks} == {
        "la_poste": 20,
        "seventeentrack": 20,
    }
    parcel = await the_parcel(hass)
    assert len(parcel["events"]) == 20
    assert {event["provider"] for event in parcel["events"]} == {"la_poste"}
    assert parcel["stage"] == "delivered"
