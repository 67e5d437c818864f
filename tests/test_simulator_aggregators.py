"""The simulator as Parcel, Ship24 and AfterShip: what their documentation promises."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from .simulator import (
    DAY,
    HOUR,
    KEYS,
    Estimate,
    Fault,
    FaultKind,
    Handoff,
    Journey,
    Kind,
    Simulator,
    Stage,
    Step,
    Zone,
    numbers,
)

NUMBER = numbers.usps(1)
OTHER = numbers.cainiao(2)
LAST_MILE = numbers.usps(3)
JOURNEY = Journey(
    number=NUMBER,
    carrier="usps",
    estimate=Estimate(DAY, DAY + HOUR),
    steps=(
        Step(-3 * DAY, Kind.PICKED_UP, "Shenzhen", "CN"),
        Step(-DAY, Kind.IMPORT_STARTED, "Chicago", "US"),
    ),
)
HANDED_OVER = Journey(
    number=OTHER,
    steps=(
        Step(-3 * DAY, Kind.PICKED_UP, "Shenzhen", "CN"),
        Step(-HOUR, Kind.AT_HUB, "Chicago", "US"),
    ),
    handoff=Handoff(number=LAST_MILE, carrier="usps", at=-2 * HOUR),
)
AGGREGATORS = ("parcel_app", "ship24", "aftership")
TRACKERS = "/public/v1/trackers"
TRACKINGS = "/tracking/2026-07/trackings"
DELIVERIES = "/external/deliveries/"
ADD = "/external/add-delivery/"


@dataclass
class Client:
    """Asks the simulator, as a program of nobody's would."""

    sim: Simulator
    session: aiohttp.ClientSession

    async def ask(
        self, method: str, path: str, *, key: bool = True, **more: Any
    ) -> tuple[int, Any]:
        """Return the status and the JSON of an answer."""
        headers = {
            "api-key": KEYS["parcel_app"],
            "as-api-key": KEYS["aftership"],
            "Authorization": f"Bearer {KEYS['ship24']}",
        }
        async with self.session.request(
            method, self.sim.url + path, headers=headers if key else {}, **more
        ) as reply:
            json = reply.content_type == "application/json"
            return reply.status, await (reply.json() if json else reply.text())

    async def read(self, provider: str, number: str) -> tuple[int, Any]:
        """Ask a provider about a number."""
        if provider == "parcel_app":
            return await self.ask("GET", DELIVERIES, params={"filter_mode": "recent"})
        if provider == "ship24":
            return await self.ask("GET", f"{TRACKERS}/search/{number}/results")
        params = {"tracking_numbers": number, "limit": "200"}
        return await self.ask("GET", TRACKINGS, params=params)

    async def make(
        self, provider: str, number: str, *, key: bool = True, **more: Any
    ) -> tuple[int, Any]:
        """Let a provider follow a number."""
        if provider == "parcel_app":
            body = {"tracking_number": number, "carrier_code": "usps"}
            body |= {"description": "Lamp"}
            return await self.ask("POST", ADD, key=key, json=body | more)
        if provider == "ship24":
            body = {"trackingNumber": number} | more
            return await self.ask("POST", TRACKERS, key=key, json=body)
        body = {"tracking_number": number} | more
        return await self.ask("POST", TRACKINGS, key=key, json=body)

    def face(self, provider: str) -> Any:
        """Return a provider's face."""
        return self.sim.faces[provider]


@pytest.fixture
async def client(socket_enabled: None) -> AsyncGenerator[Client]:
    """Play two journeys, without limits."""
    async with (
        Simulator([JOURNEY, HANDED_OVER], limits=False) as sim,
        aiohttp.ClientSession() as session,
    ):
        for provider in AGGREGATORS:
            sim.faces[provider].settling = timedelta(0)
        yield Client(sim, session)


@pytest.fixture
async def strict(socket_enabled: None) -> AsyncGenerator[Client]:
    """Play two journeys, with the providers' own limits, at one moment."""
    moment = datetime(2026, 6, 10, 12, tzinfo=UTC)
    async with (
        Simulator([JOURNEY, HANDED_OVER], now=lambda: moment) as sim,
        aiohttp.ClientSession() as session,
    ):
        yield Client(sim, session)


def shipments(provider: str, body: Any) -> list[Any]:
    """Return what an answer tells of."""
    if provider == "parcel_app":
        return list(body["deliveries"])
    return list(body["data"]["trackings"])


def number_of(provider: str, shipment: Any) -> str:
    """Return whose news it is."""
    if provider == "ship24":
        return str(shipment["tracker"]["trackingNumber"])
    return str(shipment["tracking_number"])


EVENTS = {"parcel_app": "events", "ship24": "events", "aftership": "checkpoints"}
every = pytest.mark.parametrize("provider", AGGREGATORS)


@every
async def test_every_kind_of_scan_has_words(client: Client, provider: str) -> None:
    client.face(provider).preregister(NUMBER, "usps")
    playing = client.sim.journey(NUMBER)
    for kind in Kind:
        playing.scan(kind)
    _, body = await client.read(provider, NUMBER)
    (shipment,) = shipments(provider, body)
    told = len(shipment[EVENTS[provider]])
    # That somebody gave up is no scan.
    assert told == 2 + len(Kind) - 1


@every
async def test_without_the_key_nothing_is_told(client: Client, provider: str) -> None:
    status, _ = await client.make(provider, NUMBER, key=False)
    assert status == 401
    client.sim.fail(provider, Fault(FaultKind.KEY))
    status, _ = await client.read(provider, NUMBER)
    assert status == 401


@every
async def test_a_number_is_followed_once_it_was_made_known(
    client: Client, provider: str
) -> None:
    status, body = await client.read(provider, NUMBER)
    assert status == 404 or not shipments(provider, body)
    status, _ = await client.make(provider, NUMBER)
    assert status in (200, 201)
    _, body = await client.read(provider, NUMBER)
    (shipment,) = shipments(provider, body)
    assert number_of(provider, shipment) == NUMBER
    assert len(shipment[EVENTS[provider]]) == 2


@every
async def test_a_new_number_has_no_news_for_a_while(
    client: Client, provider: str
) -> None:
    client.face(provider).settling = timedelta(hours=1)
    await client.make(provider, NUMBER)
    _, body = await client.read(provider, NUMBER)
    (shipment,) = shipments(provider, body)
    assert shipment[EVENTS[provider]] == []


@every
async def test_a_person_adds_and_removes_a_number_there(
    client: Client, provider: str
) -> None:
    face = client.face(provider)
    face.preregister(NUMBER, "usps", "Coffee beans")
    face.preregister(OTHER, "cainiao")
    face.forget(NUMBER)
    if provider == "parcel_app":
        _, body = await client.read(provider, "")
        followed = [each["tracking_number"] for each in body["deliveries"]]
    elif provider == "ship24":
        _, body = await client.ask("GET", TRACKERS, params={"page": 1, "limit": 500})
        trackers = body["data"]["trackers"]
        assert trackers[0]["shipmentReference"] == "Coffee beans"
        followed = [t["trackingNumber"] for t in trackers if t["isSubscribed"]]
    else:
        _, body = await client.ask("GET", TRACKINGS, params={"limit": "200"})
        followed = [each["tracking_number"] for each in body["data"]["trackings"]]
    assert followed == [OTHER]


@every
@pytest.mark.parametrize(
    ("fault", "holds"),
    [
        (Fault(FaultKind.EMPTY), lambda told: told == [(NUMBER, 0)]),
        (Fault(FaultKind.UNKNOWN), lambda told: told in ([], [(NUMBER, 0)])),
        (Fault(FaultKind.SHORTER, keep=1), lambda told: told == [(NUMBER, 1)]),
        (Fault(FaultKind.DOUBLED), lambda told: told == [(NUMBER, 4)]),
        (
            Fault(FaultKind.OTHER_NUMBER, number="LP00999999999999"),
            lambda told: told == [("LP00999999999999", 2)],
        ),
        (
            Fault(FaultKind.BESIDE, number="LP00999999999999"),
            lambda told: told == [("LP00999999999999", 1), (NUMBER, 2)],
        ),
    ],
    ids=lambda value: value.kind.value if isinstance(value, Fault) else "",
)
async def test_what_is_told_can_be_wrong(
    client: Client, provider: str, fault: Fault, holds: Callable[[Any], bool]
) -> None:
    client.face(provider).preregister(NUMBER, "usps")
    client.sim.fail(provider, fault)
    _, body = await client.read(provider, NUMBER)
    assert holds(
        [
            (number_of(provider, each), len(each[EVENTS[provider]]))
            for each in shipments(provider, body)
        ]
    )


@pytest.mark.parametrize(("provider", "status"), [("ship24", 403), ("aftership", 402)])
async def test_a_spent_quota_leaves_reading_free(
    client: Client, provider: str, status: int
) -> None:
    client.face(provider).quota_total = 1
    assert (await client.make(provider, NUMBER))[0] == 201
    told, _ = await client.make(provider, OTHER)
    assert told == status
    assert (await client.read(provider, NUMBER))[0] == 200
    client.sim.fail(provider, Fault(FaultKind.QUOTA), times=2)
    assert (await client.make(provider, OTHER))[0] == status
    assert (await client.read(provider, NUMBER))[0] == 200


@pytest.mark.parametrize(
    ("provider", "reads", "status"),
    [("parcel_app", 20, 429), ("ship24", 10, 429), ("aftership", 6, 429)],
)
async def test_haste_is_turned_away(
    strict: Client, provider: str, reads: int, status: int
) -> None:
    for _ in range(reads):
        assert (await strict.read(provider, NUMBER))[0] != status
    assert (await strict.read(provider, NUMBER))[0] == status


async def test_parcel_takes_twenty_additions_a_day_refused_ones_too(
    strict: Client,
) -> None:
    for _ in range(20):
        assert (await strict.make("parcel_app", NUMBER, carrier_code="?"))[0] == 400
    assert (await strict.make("parcel_app", NUMBER))[0] == 429


@pytest.mark.parametrize(
    ("provider", "more", "status", "said"),
    [
        ("parcel_app", {"description": ""}, 400, "missing"),
        ("parcel_app", {"carrier_code": "rocket"}, 400, "invalid"),
        ("parcel_app", {"tracking_number": OTHER}, 400, "already added"),
        ("ship24", {"trackingNumber": "1"}, 400, "validation_error"),
        ("aftership", {"tracking_number": "1"}, 400, "4005"),
        ("aftership", {"tracking_number": OTHER}, 400, "4003"),
        ("aftership", {"tracking_number": "ABC123456"}, 400, "4012"),
        ("aftership", {"slug": "rocket"}, 400, "4010"),
    ],
)
async def test_what_cannot_be_followed_is_refused(
    client: Client, provider: str, more: Any, status: int, said: str
) -> None:
    client.face(provider).preregister(OTHER, "cainiao")
    told, body = await client.make(provider, NUMBER, **more)
    assert told == status
    assert said in str(body)


async def test_parcels_active_feed_leaves_out_what_arrived(client: Client) -> None:
    client.sim.parcel_app.preregister(NUMBER, "usps")
    client.sim.journey(NUMBER).scan(Stage.DELIVERED)
    for mode, status, count in (("active", 200, 0), ("recent", 200, 1), ("?", 400, 0)):
        told, body = await client.ask("GET", DELIVERIES, params={"filter_mode": mode})
        assert told == status
        assert len(body.get("deliveries", [])) == count


async def test_parcels_codes_are_those_of_its_page(client: Client) -> None:
    client.sim.parcel_app.preregister(NUMBER, "usps")
    playing = client.sim.journey(NUMBER)
    for stage, code in (
        (Stage.INFO_RECEIVED, 8),
        (Stage.IN_TRANSIT, 2),
        (Stage.OUT_FOR_DELIVERY, 4),
        (Stage.DELIVERY_FAILED, 6),
        (Stage.READY_FOR_PICKUP, 3),
        (Stage.EXCEPTION, 7),
        (Stage.RETURNING, 2),
        (Stage.RETURNED, 0),
        (Stage.DELIVERED, 0),
        (Stage.EXPIRED, 1),
    ):
        playing.scan(stage)
        _, body = await client.read("parcel_app", NUMBER)
        assert body["deliveries"][0]["status_code"] == code, stage
    assert "timestamp_expected_end" in body["deliveries"][0]


async def test_ship24_answers_at_once_where_it_is_asked_to(client: Client) -> None:
    body = {"trackingNumber": NUMBER}
    for _ in range(2):
        status, told = await client.ask("POST", TRACKERS + "/track", json=body)
        assert status == 200
    assert len(told["data"]["trackings"][0]["events"]) == 2
    assert client.sim.ship24.quota_used == 1
    for params in ({}, {"page": 0, "limit": 1}, {"page": 1, "limit": 501}):
        assert (await client.ask("GET", TRACKERS, params=params))[0] == 400


async def test_the_last_carriers_number_is_told(client: Client) -> None:
    client.sim.ship24.preregister(OTHER, "cainiao")
    client.sim.aftership.preregister(OTHER, "cainiao")
    client.sim.journey(OTHER).scan(Kind.OUT_FOR_DELIVERY, zone=Zone.UNTOLD)
    _, body = await client.read("ship24", OTHER)
    newest, *_, oldest = body["data"]["trackings"][0]["events"]
    assert newest["eventTrackingNumber"] == LAST_MILE
    assert oldest["eventTrackingNumber"] == OTHER
    _, body = await client.read("aftership", OTHER)
    (told,) = body["data"]["trackings"]
    assert told["last_mile"] == {"tracking_number": LAST_MILE, "slug": "usps"}
    assert told["checkpoints"][-1]["slug"] == "usps"


async def test_aftership_lists_page_by_page(client: Client) -> None:
    for serial in range(3):
        client.sim.aftership.preregister(numbers.usps(serial))
    _, body = await client.ask("GET", TRACKINGS, params={"limit": "2"})
    pagination = body["data"]["pagination"]
    assert pagination == {"total": 3, "next_cursor": "2", "has_next_page": True}
    params = {"limit": "2", "cursor": "2"}
    _, body = await client.ask("GET", TRACKINGS, params=params)
    assert not body["data"]["pagination"]["has_next_page"]
    many = ",".join(numbers.usps(serial) for serial in range(51))
    assert (await client.read("aftership", many))[0] == 400


async def test_aftership_gives_up(client: Client) -> None:
    client.sim.aftership.preregister(NUMBER)
    client.sim.journey(NUMBER).scan(Stage.EXPIRED)
    _, body = await client.read("aftership", NUMBER)
    assert body["data"]["trackings"][0]["tag"] == "Expired"


@every
async def test_robots_get_a_page(client: Client, provider: str) -> None:
    client.sim.fail(provider, Fault(FaultKind.WALL))
    status, body = await client.read(provider, NUMBER)
    assert status == 403
    assert body.startswith("<html>")
    assert client.face(provider).state()
