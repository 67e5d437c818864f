"""The simulator speaks as the carriers that give out tokens, FedEx, UPS and USPS."""

from base64 import b64encode
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import aiohttp
import pytest

from .simulator import (
    DAY,
    KEYS,
    Estimate,
    Fault,
    FaultKind,
    Handoff,
    Journey,
    Kind,
    Simulator,
    Step,
    Zone,
)
from .simulator.faces.fedex import WORDS as FEDEX_WORDS, FedexFace
from .simulator.faces.ups import WORDS as UPS_WORDS, UpsFace
from .simulator.faces.usps import WORDS as USPS_WORDS, UspsFace
from .simulator.journeys import STAGES

FEDEX = "794600000010"
UPS = "1Z12345E6605272234"
USPS = "9400111206206406260787"
NUMBERS = {"fedex": FEDEX, "ups": UPS, "usps": USPS}
STEPS = (
    Step(-2 * DAY, Kind.PICKED_UP, "SHENZHEN", "CN"),
    Step(-DAY, Kind.ARRIVED, "MEMPHIS", "US", zone=Zone.UNTOLD),
)
JOURNEYS = [
    Journey(
        number=number,
        carrier=carrier,
        steps=STEPS,
        estimate=Estimate(DAY),
        handoff=Handoff(USPS, "usps", -DAY) if carrier != "usps" else None,
        signed_by="J. DOE",
    )
    for carrier, number in NUMBERS.items()
]


class Teller:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def tick(self, by: timedelta) -> None:
        self.time += by


class Client:
    """Asks a simulator as an integration would."""

    def __init__(self, sim: Simulator, session: aiohttp.ClientSession) -> None:
        self.sim = sim
        self.session = session

    async def send(self, method: str, path: str, **kwargs: Any) -> tuple[int, Any]:
        url = self.sim.url + path
        async with self.session.request(method, url, **kwargs) as response:
            return response.status, await response.json(content_type=None)

    async def token(self, carrier: str, key: str | None = None) -> tuple[int, Any]:
        key = KEYS[carrier] if key is None else key
        client_id, _, secret = key.partition(":")
        asked = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": secret,
        }
        if carrier == "fedex":
            return await self.send("POST", "/oauth/token", data=asked)
        if carrier == "usps":
            return await self.send("POST", "/oauth2/v3/token", json=asked)
        return await self.send(
            "POST",
            "/security/v1/oauth/token",
            data={"grant_type": "client_credentials"},
            headers={"Authorization": f"Basic {b64encode(key.encode()).decode()}"},
        )

    async def ask(
        self, carrier: str, *numbers: str, token: str | None = None
    ) -> tuple[int, Any]:
        if token is None:
            token = (await self.token(carrier))[1]["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        if carrier == "fedex":
            infos = [{"trackingNumberInfo": {"trackingNumber": n}} for n in numbers]
            return await self.send(
                "POST",
                "/track/v1/trackingnumbers",
                json={"includeDetailedScans": True, "trackingInfo": infos},
                headers=headers,
            )
        if carrier == "usps":
            path = f"/tracking/v3/tracking/{numbers[0]}?expand=DETAIL"
            return await self.send("GET", path, headers=headers)
        headers |= {"transId": "1", "transactionSrc": "test"}
        path = f"/api/track/v1/details/{numbers[0]}"
        return await self.send("GET", path, headers=headers)


@pytest.fixture
def teller() -> Teller:
    return Teller()


@pytest.fixture
async def client(socket_enabled: None, teller: Teller) -> AsyncGenerator[Client]:
    """Ask all three, within their limits."""
    async with (
        aiohttp.ClientSession() as session,
        Simulator(JOURNEYS, now=teller) as sim,
    ):
        yield Client(sim, session)


def _fedex(body: Any) -> tuple[str, list[Any]]:
    (told,) = body["output"]["completeTrackResults"]
    (result,) = told["trackResults"]
    return told["trackingNumber"], result.get("scanEvents", [])


def _ups(body: Any) -> tuple[str, list[Any]]:
    (shipment,) = body["trackResponse"]["shipment"]
    (package,) = shipment.get("package", [{}])
    return shipment["inquiryNumber"], package.get("activity", [])


def _usps(body: Any) -> tuple[str, list[Any]]:
    return body["trackingNumber"], body["trackingEvents"]


HISTORY: dict[str, Callable[[Any], tuple[str, list[Any]]]] = {
    "fedex": _fedex,
    "ups": _ups,
    "usps": _usps,
}
each = pytest.mark.parametrize("carrier", NUMBERS)


@each
async def test_a_token_opens_the_door_until_it_ends(
    client: Client, teller: Teller, carrier: str
) -> None:
    status, body = await client.token(carrier)
    assert status == 200
    token, life = body["access_token"], int(body["expires_in"])
    assert (await client.ask(carrier, NUMBERS[carrier], token=token))[0] == 200
    teller.tick(timedelta(seconds=life + 1))
    assert (await client.ask(carrier, NUMBERS[carrier], token=token))[0] == 401


@each
async def test_a_token_can_be_ended_on_demand(client: Client, carrier: str) -> None:
    token = (await client.token(carrier))[1]["access_token"]
    face = cast(FedexFace | UpsFace | UspsFace, client.sim.faces[carrier])
    face.tokens.expire()
    assert (await client.ask(carrier, NUMBERS[carrier], token=token))[0] == 401
    assert face.state() == {"tokens_given": 1}


@each
@pytest.mark.parametrize("key", ["", "wrong:wrong", "simulated"])
async def test_only_whom_they_know_gets_a_token(
    client: Client, carrier: str, key: str
) -> None:
    assert (await client.token(carrier, key))[0] == 401
    assert (await client.ask(carrier, NUMBERS[carrier], token="made-up"))[0] == 401


@each
async def test_a_history_is_told_newest_first(client: Client, carrier: str) -> None:
    status, body = await client.ask(carrier, NUMBERS[carrier])
    number, history = HISTORY[carrier](body)
    assert (status, number) == (200, NUMBERS[carrier])
    assert len(history) == 2
    words = {"fedex": FEDEX_WORDS, "ups": UPS_WORDS, "usps": USPS_WORDS}[carrier]
    assert words[Kind.ARRIVED][-1 if carrier != "fedex" else 1] in str(history[0])


@each
@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        (FaultKind.EMPTY, 0),
        (FaultKind.SHORTER, 1),
        (FaultKind.DOUBLED, 4),
        (FaultKind.OTHER_NUMBER, 2),
    ],
)
async def test_a_history_can_be_wrong(
    client: Client, carrier: str, kind: FaultKind, lines: int
) -> None:
    client.sim.fail(carrier, Fault(kind), times=None)
    status, body = await client.ask(carrier, NUMBERS[carrier])
    number, history = HISTORY[carrier](body)
    assert (status, len(history)) == (200, lines)
    assert (number == NUMBERS[carrier]) is (kind is not FaultKind.OTHER_NUMBER)


@pytest.mark.parametrize("carrier", ["fedex", "ups"])
async def test_an_answer_can_hold_another_shipment_too(
    client: Client, carrier: str
) -> None:
    client.sim.fail(carrier, Fault(FaultKind.BESIDE, number="OTHER"), times=None)
    _, body = await client.ask(carrier, NUMBERS[carrier])
    assert "OTHER" in str(body)
    assert NUMBERS[carrier] in str(body)


async def test_each_says_in_its_own_way_that_it_does_not_know(client: Client) -> None:
    status, body = await client.ask("fedex", "794600000021")
    assert (status, "TRACKING.TRACKINGNUMBER.NOTFOUND" in str(body)) == (200, True)
    status, body = await client.ask("fedex", "nonsense")
    assert (status, "TRACKING.TRACKINGNUMBER.INVALID" in str(body)) == (200, True)
    status, body = await client.ask("ups", "1Z12345E1505270450")
    assert (status, "TW0001" in str(body)) == (200, True)
    status, body = await client.ask("ups", "1Z")
    assert (status, "TV1002" in str(body)) == (400, True)
    assert (await client.ask("usps", "9400111206619004520724"))[0] == 404


@each
async def test_an_account_can_be_spent_rejected_or_walled_off(
    client: Client, carrier: str
) -> None:
    token = (await client.token(carrier))[1]["access_token"]
    for kind, status in ((FaultKind.QUOTA, 429), (FaultKind.KEY, 401)):
        client.sim.fail(carrier, Fault(kind))
        told = await client.ask(carrier, NUMBERS[carrier], token=token)
        assert told[0] == status
    assert client.sim.faces[carrier].walled().status == 403


async def test_fedex_takes_thirty_numbers_a_call(client: Client) -> None:
    assert (await client.ask("fedex", *[FEDEX] * 30))[0] == 200
    assert (await client.ask("fedex", *[FEDEX] * 31))[0] == 400
    assert (await client.ask("fedex"))[0] == 400


async def test_fedex_is_spent_for_ten_seconds(client: Client, teller: Teller) -> None:
    token = (await client.token("fedex"))[1]["access_token"]
    face = cast(FedexFace, client.sim.faces["fedex"])
    while face._window.admits(teller()):
        pass
    assert (await client.ask("fedex", FEDEX, token=token))[0] == 429
    teller.tick(timedelta(seconds=11))
    assert (await client.ask("fedex", FEDEX, token=token))[0] == 200


async def test_usps_answers_sixty_times_an_hour(client: Client, teller: Teller) -> None:
    token = (await client.token("usps"))[1]["access_token"]
    for _ in range(59):
        assert (await client.ask("usps", USPS, token=token))[0] == 200
    assert (await client.ask("usps", USPS, token=token))[0] == 429
    teller.tick(timedelta(hours=1, seconds=1))
    assert (await client.ask("usps", USPS, token=token))[0] == 200


async def test_usps_lets_only_shippers_track(client: Client) -> None:
    cast(UspsFace, client.sim.faces["usps"]).scope = "addresses"
    token = (await client.token("usps"))[1]
    assert token["scope"] == "addresses"
    told = await client.ask("usps", USPS, token=token["access_token"])
    assert (told[0], "scope" in str(told[1])) == (401, True)


async def test_ups_wants_to_know_who_asks(client: Client) -> None:
    token = (await client.token("ups"))[1]["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    path = f"/api/track/v1/details/{UPS}"
    assert (await client.send("GET", path, headers=headers))[0] == 400


async def test_the_partner_who_delivers_has_a_number(client: Client) -> None:
    for carrier in ("fedex", "ups"):
        assert USPS in str(await client.ask(carrier, NUMBERS[carrier]))


async def test_who_signed_is_told(client: Client) -> None:
    for carrier, number in NUMBERS.items():
        client.sim.journey(number).scan(Kind.DELIVERED)
        assert "J. DOE" in str(await client.ask(carrier, number))


def test_they_have_words_for_all_that_they_scan() -> None:
    told = set(STAGES) - {Kind.GIVEN_UP}
    assert set(FEDEX_WORDS) == told
    assert set(UPS_WORDS) == told
    assert set(USPS_WORDS) < told
