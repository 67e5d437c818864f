"""Stories of parcels that Canada Post moves."""

from base64 import b64decode
from datetime import UTC, date, datetime, timedelta
import logging
import traceback
from typing import Any

import aiohttp
from freezegun import freeze_time
import pytest

from custom_components.waybill.tracking.model import Answer, Direction, Stage
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.base import (
    AccountInfo,
    CredentialsRejected,
    ProviderError,
    ProviderUnavailable,
    Query,
    QuotaExceeded,
)
from custom_components.waybill.tracking.providers.canada_post import (
    CanadaPostProvider,
    parse,
)
from custom_components.waybill.tracking.providers.safe_xml import read

from .conftest import Server
from .fixtures import body_of

NUMBER = "RB000000013CN"
PIN = "2012345678901235"
KEY = {"username": "6e93d53968881714", "password": "0bfa9fcb9853d1f51ee57a"}


def answer_of(name: str, number: str) -> Answer:
    """Return what the parser makes of a whole answer."""
    _, tree = read(body_of("canada_post", f"{name}.xml"), {"occurrence"})
    return parse(tree, number)


def event(code: Any = "0100", words: Any = "Item processed", **more: Any) -> Any:
    """Return one occurrence."""
    return {
        "event-identifier": code,
        "event-date": "2026-05-01",
        "event-time": "10:00:00",
        "event-time-zone": "EDT",
        "event-description": words,
        "event-site": "OTTAWA",
        "event-province": "ON",
    } | more


def told_of(*events: Any, **detail: Any) -> Answer:
    """Return what the parser makes of details."""
    told = {"pin": PIN, "significant-events": {"occurrence": list(events)}}
    return parse(told | detail, PIN)


def stage_of(code: Any, words: Any = "Words") -> Any:
    """Return the stage of a single event."""
    (told,) = told_of(event(code, words)).events
    return told.stage


# The journey


def test_a_parcel_is_followed_through_customs_to_the_door() -> None:
    told = answer_of("cleared_and_delivered", NUMBER)
    assert [(e.code, e.stage, e.direction) for e in told.events] == [
        ("20", None, None),
        ("1496", Stage.DELIVERED, None),
        ("0174", Stage.OUT_FOR_DELIVERY, None),
        ("0173", Stage.IN_TRANSIT, None),
        ("0900", Stage.CUSTOMS_CLEARED, Direction.IMPORT),
        ("0800", Stage.IN_CUSTOMS, None),
        ("4202", Stage.IN_TRANSIT, None),
        ("4000", Stage.SHIPPED, None),
        ("3000", Stage.INFO_RECEIVED, None),
    ]
    assert told.carrier == "canada_post"
    assert {e.carrier for e in told.events} == {"canada_post"}
    assert (told.origin_country, told.destination_country) == ("CN", "CA")
    assert told.signed_by == "M. TREMBLAY"
    assert told.pickup_point is None
    assert told.estimate.start == date(2026, 5, 15)
    assert told.stage is None
    delivered = told.events[1]
    assert (delivered.location, delivered.country) == ("SAINTE-FOY, QC", "CA")
    assert delivered.description == delivered.words == "Delivered"
    assert told.events[-2].country == "CN"


def test_a_parcel_waits_at_the_post_office() -> None:
    told = answer_of("waits_at_the_post_office", PIN)
    assert [e.stage for e in told.events] == [
        Stage.READY_FOR_PICKUP,
        Stage.OUT_FOR_DELIVERY,
        Stage.SHIPPED,
    ]
    assert told.pickup_point == "EGANVILLE PO"
    assert told.signed_by is None
    assert told.estimate.start == date(2026, 5, 20)
    assert (told.origin_country, told.destination_country) == ("CA", "CA")


def test_nothing_that_names_the_sender_or_the_address_is_kept() -> None:
    told = str(answer_of("cleared_and_delivered", NUMBER))
    for personal in ("G1K", "ORDER 4711", "0001234567"):
        assert personal not in told


# Whose answer it is


@pytest.mark.parametrize("pin", [PIN, " 2012 3456 7890 1235 ", int(PIN)])
def test_the_number_asked_about_is_known_in_every_form(pin: Any) -> None:
    assert told_of(event(), pin=pin).found


@pytest.mark.parametrize("pin", ["7012345678901230", "", None, ["x"], {}])
def test_what_is_about_another_number_says_nothing(pin: Any) -> None:
    assert told_of(event("1496"), pin=pin) == Answer(tracking_number=PIN)


# The vocabulary

STAGES = {
    Stage.INFO_RECEIVED: "3000 3002",
    Stage.SHIPPED: "1300 1301 1302 1303 2300 4000",
    Stage.IN_TRANSIT: (
        "100 102 104 105 106 107 113 114 115 116 117 118 120 170 171 172 173 175 "
        "400 405 410 621 622 623 624 625 626 627 628 629 700 701 804 815 "
        "1240 1241 1244 1245 1410 1412 1414 1444 1480 1484 1490 1494 1703 1705 "
        "2410 2412 2414 2500 2501 4100 4202 4310 4311 4550 4600 4700 4900 4950 8901"
    ),
    Stage.IN_CUSTOMS: "127 800 810 1487 1495 2601 4330 4400",
    Stage.CUSTOMS_CLEARED: "130 900 910 4450 4500 5201",
    Stage.OUT_FOR_DELIVERY: "174 500",
    Stage.READY_FOR_PICKUP: "156 1405 1407 1435 1436 1437 1438 1479 1488 1701 2407",
    Stage.DELIVERY_FAILED: "630 1411 1443 2411",
    Stage.DELIVERED: (
        "1406 1408 1409 1421 1422 1423 1424 1425 1426 1427 1428 1429 1430 1431 1432 "
        "1433 1434 1441 1442 1461 1462 1463 1465 1466 1467 1468 1469 1471 1472 1473 "
        "1475 1476 1496 1497 1498 1499"
    ),
    Stage.RETURNING: (
        "167 168 169 181 182 183 184 1100 1415 1416 1417 1418 1419 1420 1481 1482 "
        "1491 1492 2600 2802 3001"
    ),
    Stage.EXCEPTION: "121 150 179 190 710 1450 1483 1493 4650",
    None: (
        "20 21 152 159 160 161 162 163 198 610 611 612 613 614 615 616 617 618 619 "
        "620 1200 1203 1210 1214 1215 1216 1220 1221 1223 1224 1225 1230 1232 1234 "
        "2001 2101 9999 ABC"
    ),
}


@pytest.mark.parametrize(
    ("code", "stage"),
    [(code, stage) for stage, codes in STAGES.items() for code in codes.split()],
)
def test_codes_have_their_stages(code: str, stage: Stage | None) -> None:
    assert stage_of(code) is stage
    assert stage_of(code.zfill(4)) is stage
    if code.isdigit():
        assert stage_of(int(code)) is stage


@pytest.mark.parametrize("code", [None, "", "0", ["1496"], {"a": "1496"}, True])
def test_a_line_without_a_code_has_no_stage(code: Any) -> None:
    assert stage_of(code) is None


@pytest.mark.parametrize(
    ("code", "words", "stage"),
    [
        ("1496", "Item successfully returned to sender", Stage.RETURNED),
        (
            "1498",
            "L'article a été renvoyé avec succès à l'expéditeur.",
            Stage.RETURNED,
        ),
        ("0174", "Item being returned to sender is out for delivery", Stage.RETURNING),
        (
            "0174",
            "L'article renvoyé à l'expéditeur est sorti pour livraison.",
            Stage.RETURNING,
        ),
        (
            "1479",
            "Attempted to return item to the sender. Notice card left",
            Stage.RETURNING,
        ),
        ("1412", "Item returned to sender arrived at postal facility", Stage.RETURNING),
        ("1703", "Attempted to return item to sender", Stage.RETURNING),
        ("1417", "Item refused by recipient. Item being returned to sender.", None),
        ("0100", "Returned to sender", Stage.IN_TRANSIT),
    ],
)
def test_a_delivery_back_to_the_sender_is_none(
    code: str, words: str, stage: Stage | None
) -> None:
    assert stage_of(code, words) is (stage or Stage.RETURNING)


@pytest.mark.parametrize(
    ("code", "words", "stage"),
    [
        ("1496", "Delivered to parcel locker", Stage.READY_FOR_PICKUP),
        ("1496", "Delivered", Stage.DELIVERED),
        ("1405", "Delivered to automated parcel locker", Stage.READY_FOR_PICKUP),
        ("1406", "Item picked up from automated parcel locker", Stage.DELIVERED),
        # Where Canada Post puts all mail of those who have no box at the door.
        ("1441", "Delivered to community mailbox or parcel locker", Stage.DELIVERED),
    ],
)
def test_a_parcel_in_a_locker_waits_for_the_person(
    code: str, words: str, stage: Stage
) -> None:
    assert stage_of(code, words) is stage


@pytest.mark.parametrize(
    ("code", "words", "stage", "direction"),
    [
        ("0800", "Presented for customs review", Stage.IN_CUSTOMS, None),
        ("0130", "Released from Customs", Stage.CUSTOMS_CLEARED, None),
        ("0127", "Item held at export customs", Stage.IN_TRANSIT, Direction.EXPORT),
        (
            "4330",
            "Item Presented to Import Customs",
            Stage.IN_CUSTOMS,
            Direction.IMPORT,
        ),
        ("4400", "Sent to customs", Stage.IN_CUSTOMS, Direction.IMPORT),
        ("4450", "Returned from Customs", Stage.CUSTOMS_CLEARED, Direction.IMPORT),
        ("4450", "Import refused by customs authorities", Stage.EXCEPTION, None),
        ("4500", "Released from Customs", Stage.CUSTOMS_CLEARED, Direction.IMPORT),
        ("5201", "Released from Customs", Stage.CUSTOMS_CLEARED, Direction.IMPORT),
        ("1487", "Returned to Canadian Customs", Stage.IN_CUSTOMS, Direction.IMPORT),
    ],
)
def test_the_side_of_the_border_is_told_where_canada_post_tells_it(
    code: str, words: str, stage: Stage, direction: Direction | None
) -> None:
    (told,) = told_of(event(code, words)).events
    assert (told.stage, told.direction) == (stage, direction)


# The clocks


@pytest.mark.parametrize(
    ("day", "clock", "zone", "wall", "written"),
    [
        (
            "2026-05-01",
            "10:00:00",
            "EST",
            datetime(2026, 5, 1, 10),
            "2026-05-01 10:00:00 EST",
        ),
        (
            "2026-05-01",
            "10:00:00",
            "",
            datetime(2026, 5, 1, 10),
            "2026-05-01 10:00:00",
        ),
        ("2026-05-01", "", "ISRAEL", None, "2026-05-01 ISRAEL"),
        ("May 1st", "noon", "", None, "May 1st noon"),
    ],
)
def test_a_label_that_nobody_explains_is_kept_and_makes_no_zone(
    day: str, clock: str, zone: str, wall: datetime | None, written: str
) -> None:
    told = event(
        **{"event-date": day, "event-time": clock, "event-time-zone": zone},
    )
    (read_,) = told_of(told).events
    assert (read_.time, read_.local_time, read_.written_time) == (None, wall, written)


@pytest.mark.parametrize(
    ("expected", "changed", "day"),
    [
        ("2026-05-01", "", date(2026, 5, 1)),
        ("2026-05-01", "2026-05-03", date(2026, 5, 3)),
        ("2026-05-01", "soon", date(2026, 5, 1)),
        ("", None, None),
        (["soon"], {}, None),
    ],
)
def test_the_last_promise_counts(expected: Any, changed: Any, day: date | None) -> None:
    told = told_of(
        event(),
        **{"expected-delivery-date": expected, "changed-expected-date": changed},
    )
    assert (told.estimate.start if told.estimate else None) == day
    assert told.estimate is None or told.estimate.end is None


# What else is told


@pytest.mark.parametrize(
    ("site", "province", "location", "country"),
    [
        ("OTTAWA", "ON", "OTTAWA, ON", "CA"),
        ("02650,Israel", "", "02650,Israel", "IL"),
        ("ILTLVA", "", "ILTLVA", None),
        ("CHICAGO", "IL", "CHICAGO, IL", None),
        ("", "", None, None),
        (None, ["ON"], None, None),
        ("Nowhere, Atlantis", None, "Nowhere, Atlantis", None),
        ("S" * 500, "ON", "S" * 120, "CA"),
    ],
)
def test_places(
    site: Any, province: Any, location: str | None, country: str | None
) -> None:
    (told,) = told_of(event(**{"event-site": site, "event-province": province})).events
    assert (told.location, told.country) == (location, country)


@pytest.mark.parametrize(
    ("postal_code", "country"),
    [("K0J1T0", "CA"), ("k0j 1t0", "CA"), ("90210", None), ("", None), (None, None)],
)
def test_only_a_canadian_postal_code_names_the_country(
    postal_code: Any, country: str | None
) -> None:
    told = told_of(event(), **{"destination-postal-id": postal_code})
    assert told.destination_country == country


def test_who_signed_is_told_once_it_is_there() -> None:
    signed = event("20", "Signature available", **{"signatory-name": "T" * 500})
    assert told_of(signed, event("1496")).signed_by == "T" * 120
    assert told_of(signed, event("0174")).signed_by is None


def test_garbage_among_the_events_spoils_none_of_them() -> None:
    told = told_of(
        "garbage",
        None,
        {},
        event(**{"event-date": None}),
        event(None, None),
        event("0100", None),
        event(None, "Said without a code"),
    )
    assert [(e.code, e.words) for e in told.events] == [
        ("0100", ""),
        (None, "Said without a code"),
    ]


def test_a_list_without_end_is_cut() -> None:
    assert len(told_of(*[event()] * 1000).events) == 300


@pytest.mark.parametrize("detail", [{}, {"significant-events": ""}])
def test_a_known_number_can_be_without_a_history(detail: Any) -> None:
    assert parse({"pin": PIN} | detail, PIN).events == ()


@pytest.mark.parametrize("body", [None, [], "text", 7])
def test_what_is_no_answer_is_no_answer(body: Any) -> None:
    with pytest.raises(ProviderUnavailable):
        parse(body, PIN)


# On the wire


def message(code: str, words: str = "Words") -> bytes:
    """Return a body that holds one of Canada Post's messages."""
    told = f"<message><code>{code}</code><description>{words}</description></message>"
    return f'<messages xmlns="urn:m">{told}</messages>'.encode()


async def ask(
    server: Server, session: aiohttp.ClientSession, number: str = NUMBER
) -> list[Answer]:
    """Ask Canada Post about one number."""
    leg = Query(tracking_number=number)
    return await CanadaPostProvider(server.url).fetch(session, KEY, [leg])


async def test_one_number_is_asked_about(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(body_of("canada_post", "cleared_and_delivered.xml"))
    (told,) = await ask(server, session)
    assert len(told.events) == 9
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("GET", f"/vis/track/pin/{NUMBER}/detail")
    assert asked.headers["Accept"] == "application/vnd.cpc.track-v2+xml"
    assert asked.headers["Accept-Language"] == "en-CA"
    kind, _, key = asked.headers["Authorization"].partition(" ")
    assert kind == "Basic"
    assert b64decode(key).decode() == "6e93d53968881714:0bfa9fcb9853d1f51ee57a"


async def test_a_number_cannot_change_the_address(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(body_of("canada_post", "no_history.xml"))
    await ask(server, session, "../RB0?x=1#é")
    assert server.asked[0].path == "/vis/track/pin/RB0x1/detail"
    assert server.asked[0].query == {}


@pytest.mark.parametrize("status", [200, 400, 404])
async def test_a_number_without_a_history_is_no_error(
    server: Server, session: aiohttp.ClientSession, status: int
) -> None:
    server.reply(body_of("canada_post", "no_history.xml"), status=status)
    assert await ask(server, session) == [Answer(tracking_number=NUMBER)]


@pytest.mark.parametrize("status", [400, 404])
async def test_a_number_of_the_wrong_form_is_no_failure_of_canada_post(
    server: Server, session: aiohttp.ClientSession, status: int
) -> None:
    server.reply(message("9999"), status=status)
    assert await ask(server, session) == [Answer(tracking_number=NUMBER)]


async def test_an_equal_answer_is_the_very_same_answer(
    server: Server, session: aiohttp.ClientSession
) -> None:
    provider = CanadaPostProvider(server.url)
    leg = Query(tracking_number=NUMBER)
    for name in ("no_history", "cleared_and_delivered"):
        server.replies.clear()
        server.reply(body_of("canada_post", f"{name}.xml"))
        first = await provider.fetch(session, KEY, [leg])
        assert await provider.fetch(session, KEY, [leg]) is first


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (body_of("canada_post", "wrong_key.xml"), 401),
        (body_of("canada_post", "wrong_key.xml"), 200),
        (body_of("canada_post", "wrong_key.xml"), 403),
        (b"<html>", 401),
        (message("AA001"), 400),
        (message("AA002"), 403),
        (message("AA004"), 404),
        (message("9999"), 403),
    ],
)
async def test_a_wrong_key_is_told(
    server: Server, session: aiohttp.ClientSession, body: bytes, status: int
) -> None:
    server.reply(body, status=status)
    with pytest.raises(CredentialsRejected):
        await ask(server, session)
    with pytest.raises(CredentialsRejected):
        await CanadaPostProvider(server.url).verify(session, KEY)


@pytest.mark.parametrize(
    "body",
    ["no_history.xml", "waits_at_the_post_office.xml", "cleared_and_delivered.xml"],
)
async def test_a_key_is_good_whatever_canada_post_says_of_the_number(
    server: Server, session: aiohttp.ClientSession, body: str
) -> None:
    server.reply(body_of("canada_post", body))
    info = await CanadaPostProvider(server.url).verify(session, KEY)
    assert info == AccountInfo()
    assert server.asked[0].path == "/vis/track/pin/0000000000000000/detail"


async def test_a_key_can_be_any_text(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(b"", status=401)
    key = {"username": "\ud800é", "password": "\n\0"}
    with pytest.raises(CredentialsRejected):
        await CanadaPostProvider(server.url).verify(session, key)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html><body>We'll be right back</body></html>"),
        (200, b"<!DOCTYPE html><html></html>"),
        (200, body_of("canada_post", "cleared_and_delivered.xml")[:900]),
        (200, b'{"pin": "RB000000013CN"}'),
        (200, b'"text"'),
        (200, b"<tracking-summary/>"),
        (200, b"<tracking-detail/>"),
        (200, message("9999")),
        (200, b"<messages/>"),
        (404, b"<html></html>"),
        (404, body_of("canada_post", "cleared_and_delivered.xml")),
        (302, b""),
        (500, message("Server", "Rejected by SLM Monitor")),
        (503, b""),
    ],
)
async def test_what_cannot_be_used_is_no_answer(
    server: Server, session: aiohttp.ClientSession, status: int, body: bytes
) -> None:
    server.reply(body, status=status)
    with pytest.raises(ProviderUnavailable) as error:
        await ask(server, session)
    assert NUMBER not in str(error.value)


@freeze_time("2026-05-01T22:30:00Z", real_asyncio=True)
@pytest.mark.parametrize(
    ("status", "body", "headers", "retry_at"),
    [
        (429, b"", {}, None),
        (429, b"", {"Retry-After": "120"}, datetime(2026, 5, 1, 22, 32, tzinfo=UTC)),
        (
            400,
            message("Server", "Rejected by SLM Monitor"),
            {},
            datetime(2026, 5, 1, 22, 31, tzinfo=UTC),
        ),
        (
            200,
            message("Server", "Rejected by SLM Monitor"),
            {"Retry-After": "300"},
            datetime(2026, 5, 1, 22, 35, tzinfo=UTC),
        ),
    ],
)
async def test_too_many_questions_are_told(
    server: Server,
    session: aiohttp.ClientSession,
    status: int,
    body: bytes,
    headers: dict[str, str],
    retry_at: datetime | None,
) -> None:
    server.reply(body, status=status, headers=headers)
    with pytest.raises(QuotaExceeded) as error:
        await ask(server, session)
    assert error.value.retry_at == retry_at


async def test_nothing_secret_is_told_in_an_error_or_a_log(
    server: Server, session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for status, body in (
        (200, f"<a>{NUMBER}".encode()),
        (200, message("9999", f"{NUMBER} {KEY['password']}")),
        (401, b""),
        (429, b""),
        (503, b""),
    ):
        server.replies.clear()
        server.reply(body, status=status)
        with pytest.raises(ProviderError) as error:
            await ask(server, session)
        said = "".join(traceback.format_exception_only(error.value)) + "".join(
            record.getMessage()
            for record in caplog.records
            if record.name != "aiohttp.access"
        )
        for secret in (NUMBER, *KEY.values()):
            assert secret not in said


def test_canada_post_is_asked_within_its_limits() -> None:
    assert PROVIDERS["canada_post"] is CanadaPostProvider
    assert CanadaPostProvider.credentials == ("username", "password")
    assert CanadaPostProvider.carriers == {"canada_post"}
    assert CanadaPostProvider.answers_for(PIN, "canada_post")
    assert not CanadaPostProvider.answers_for(PIN, "usps")
    assert CanadaPostProvider.limits.batch_size == 1
    # Twenty a minute are allowed.
    assert CanadaPostProvider.limits.spacing >= timedelta(seconds=3)
