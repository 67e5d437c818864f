"""Whom the demo follows, and how Home Assistant comes to follow them."""

import asyncio
from collections.abc import Mapping
from datetime import date, timedelta
from time import monotonic
from typing import Any, Final

from tests.simulator import DAY, HOUR, Journey, Kind, Step
from tests.simulator.demo import ACCOUNTS, LISTED, LISTING, PARCELS, DemoParcel

from .client import Client, HomeAssistantError
from .home import Home
from .words import Words

EXPORT_ONLY: Final = DemoParcel(
    name="Tea set",
    seller="Jade Kitchen Store",
    order_number="8199046250111011",
    ordered=-3 * DAY,
    story="Export customs lets it go: no news for whoever waits for import customs",
    journey=Journey(
        number="LP00619004520111",
        steps=(
            Step(-1 * DAY, Kind.PICKED_UP, "Jingdezhen", "CN"),
            Step(8 * HOUR, Kind.AT_SORTING, "Shanghai", "CN"),
            Step(16 * HOUR, Kind.EXPORT_STARTED, country="CN"),
            Step(1 * DAY + 4 * HOUR, Kind.EXPORT_CLEARED, country="CN"),
            Step(2 * DAY, Kind.DEPARTED, "Shanghai", "CN"),
        ),
    ),
)

FOLLOWED: Final = (*PARCELS, EXPORT_ONLY)
_LISTED_WITHIN: Final = 60


async def set_up_waybill(client: Client) -> str:
    """Set Waybill up as a person does; returns the entry's id."""
    path = "api/config/config_entries/flow"
    flow = await client.rest("POST", path, {"handler": "waybill"})
    result = await client.rest("POST", f"{path}/{flow['flow_id']}", {})
    entry_id: str = _created(result)["entry_id"]
    return entry_id


async def add_accounts(
    client: Client, entry_id: str, accounts: Mapping[str, str] = ACCOUNTS
) -> None:
    """Add the accounts that some of the parcels need: provider and key."""
    path = "api/config/config_entries/subentries/flow"
    for provider, key in accounts.items():
        menu = await client.rest("POST", path, {"handler": [entry_id, "account"]})
        step = f"{path}/{menu['flow_id']}"
        form = await client.rest("POST", step, {"next_step_id": provider})
        answers = {
            field["name"]: field.get("default", key) for field in form["data_schema"]
        }
        if provider == LISTING:
            answers["follow_account"] = True
        _created(await client.rest("POST", step, answers))


async def wait_for_listed_parcels(client: Client) -> None:
    """Wait for the parcels that an account brings."""
    until = monotonic() + _LISTED_WITHIN
    wanted = {each.number for each in LISTED if each.added <= timedelta()}
    while True:
        answer = await client.perform("get_parcels", include_events=False)
        if wanted <= {parcel["tracking_number"] for parcel in answer["parcels"]}:
            return
        if monotonic() >= until:
            raise HomeAssistantError("the account brought no parcels")
        await asyncio.sleep(0.5)


async def add_parcels(client: Client, home: Home) -> None:
    """Follow all parcels."""
    await home.control("journey", _as_control(EXPORT_ONLY.journey))
    for parcel in FOLLOWED:
        typed = _as_typed(parcel, name_of(parcel, home.words))
        await client.perform("add_parcel", **typed)


def name_of(parcel: DemoParcel, words: Words) -> str:
    """Return what a person calls the parcel in their language."""
    return words.parcels.get(parcel.number, parcel.name)


def _as_typed(parcel: DemoParcel, name: str) -> Mapping[str, object]:
    """Return what a person writes down of a parcel."""
    today = date.today()
    typed: dict[str, object] = {
        "tracking_number": parcel.number,
        "name": name,
        "seller": parcel.seller,
        "order_number": parcel.order_number,
        "order_url": parcel.order_url,
        "ordered_on": _on(today, parcel.ordered),
    }
    if parcel.protected is not None:
        typed["protection_until"] = _on(today, parcel.protected)
    if parcel.pinned and parcel.account is not None:
        typed["provider"] = parcel.account
    return typed


def _on(today: date, offset: timedelta) -> str:
    return (today + offset).isoformat()


def _as_control(journey: Journey) -> Mapping[str, object]:
    """Return a journey as the simulator's control takes it."""
    return {
        "number": journey.number,
        "carrier": journey.carrier,
        "steps": [
            {
                "at_hours": step.at / HOUR,
                "what": step.what,
                "place": step.place,
                "country": step.country,
            }
            for step in journey.steps
        ],
    }


def _created(result: Mapping[str, Any]) -> Mapping[str, Any]:
    if result.get("type") != "create_entry":
        raise HomeAssistantError(f"the flow ended in {result}")
    created: Mapping[str, Any] = result.get("result", {})
    return created
