"""Stories of parcels that FedEx moves."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import aiohttp
import pytest

from custom_components.waybill.tracking.model import Answer, Direction, Leg, Stage
from custom_components.waybill.tracking.providers import PROVIDERS, fedex
from custom_components.waybill.tracking.providers.base import (
    AccountInfo,
    CredentialsRejected,
    ProviderError,
    ProviderUnavailable,
    Query,
)
from custom_components.waybill.tracking.providers.fedex import FedexProvider, parse

from .conftest import Server
from .fixtures import answer_of

NUMBER = "794600000018"
UNKNOWN = "794600000029"
HELD = "794600000030"
RECYCLED = "794600000041"
USPS = "9400111206206406260787"
KEY = {"client_id": "an-id-of-fedex", "client_secret": "a-secret-of-fedex"}
TOKEN = {"access_token": "a-token", "token_type": "bearer", "expires_in": 3600}


def scan(code: Any = "IT", description: Any = "In transit", **more: Any) -> Any:
    """Return one scan."""
    return {
        "date": "2026-05-01T10:00:00-05:00",
        "eventType": code,
        "eventDescription": description,
    } | more


def result(*scans: Any, **more: Any) -> dict[str, Any]:
    """Return one shipment."""
    return {"trackingNumberInfo": {}, "scanEvents": list(scans)} | more


def body_of(*results: Any, number: Any = NUMBER) -> dict[str, Any]:
    """Return an answer about one number."""
    told = {"trackingNumber": number, "trackResults": list(results)}
    return {"transactionId": "1", "output": {"completeTrackResults": [told]}}


def error(code: str) -> dict[str, Any]:
    """Return the result of a number that was not found."""
    return {"trackingNumberInfo": {}, "error": {"code": code, "message": "No."}}


def told_of(*scans: Any, **more: Any) -> Answer:
    """Return what the parser makes of a shipment."""
    (told,) = parse(body_of(result(*scans, **more)), [NUMBER])
    return told


def stage_of(code: Any, description: Any = "Update", **more: Any) -> Any:
    """Return the stage of a single scan."""
    (event,) = told_of(scan(code, description, **more)).events
    return event.stage


# The journey


def test_a_parcel_is_followed_through_customs_to_the_door() -> None:
    (told,) = parse(answer_of("fedex", "cleared_and_delivered"), [NUMBER])
    assert [(e.stage, e.direction) for e in told.events] == [
        (Stage.DELIVERED, None),
        (Stage.OUT_FOR_DELIVERY, None),
        (Stage.IN_TRANSIT, None),
        (Stage.CUSTOMS_CLEARED, Direction.IMPORT),
        (Stage.IN_CUSTOMS, Direction.IMPORT),
        (Stage.IN_CUSTOMS, None),
        (Stage.IN_TRANSIT, Direction.EXPORT),
        (Stage.IN_TRANSIT, None),
        (Stage.SHIPPED, None),
        (Stage.INFO_RECEIVED, None),
    ]
    assert told.carrier == "fedex"
    assert (told.origin_country, told.destination_country) == ("CN", "FR")
    assert told.signed_by == "M.DURAND"
    assert told.stage is None
    delayed = told.events[4]
    assert delayed.description == "Clearance delay - Import"
    assert delayed.words == "Clearance delay - Import; Awaiting consignee information"
    assert (delayed.location, delayed.country) == (
        "ROISSY CHARLES DE GAULLE CEDEX",
        "FR",
    )
    assert told.events[-1].location is None


def test_each_number_of_a_batch_has_its_own_answer() -> None:
    body = answer_of("fedex", "batch")
    told = parse(body, [NUMBER, UNKNOWN, HELD])
    assert [answer.tracking_number for answer in told] == [NUMBER, UNKNOWN, HELD]
    assert [len(answer.events) for answer in told] == [10, 0, 2]
    assert told[1] == Answer(tracking_number=UNKNOWN)
    assert [e.stage for e in told[2].events] == [
        Stage.READY_FOR_PICKUP,
        Stage.DELIVERY_FAILED,
    ]
    assert told[2].pickup_point == "FedEx OnSite, 12 RUE DE LA GARE, LYON"


@pytest.mark.parametrize("turned", [False, True])
def test_of_a_recycled_number_the_newest_shipment_counts(turned: bool) -> None:
    body = answer_of("fedex", "recycled")
    if turned:
        body["output"]["completeTrackResults"][0]["trackResults"].reverse()
    (told,) = parse(body, [RECYCLED])
    assert [e.stage for e in told.events] == [Stage.SHIPPED]
    assert told.estimate.start == date(2026, 3, 8)


def test_shipments_without_dates_are_told_apart_by_their_serial_number() -> None:
    def dated(serial: str, code: str, moment: Any) -> dict[str, Any]:
        info = {"trackingNumberUniqueId": f"{serial}~{NUMBER}~FX"}
        return result(
            latestStatusDetail={"code": code},
            dateAndTimes=[{"type": "SHIP", "dateTime": moment}],
            trackingNumberInfo=info,
        )

    old, new = dated("2460000000", "DL", None), dated("2461000000", "PU", "soon")
    for results in ((old, new), (new, old)):
        (told,) = parse(body_of(*results), [NUMBER])
        assert told.stage is Stage.SHIPPED
    # A label that was just made can be without any date.
    old = dated("2460000000", "DL", "2024-03-12")
    for results in ((old, new), (new, old)):
        (told,) = parse(body_of(*results), [NUMBER])
        assert told.stage is Stage.SHIPPED
    by_day = dated("x", "OD", "2026-03-01")
    (told,) = parse(body_of(new, by_day), [NUMBER])
    assert told.stage is Stage.OUT_FOR_DELIVERY


def test_serial_numbers_of_two_networks_cannot_be_compared() -> None:
    def of(network: str, serial: str, code: str, day: str) -> dict[str, Any]:
        info = {"trackingNumberUniqueId": f"{serial}~{NUMBER}~{network}"}
        return result(scan(code, date=f"{day}T10:00:00"), trackingNumberInfo=info)

    old = of("FX", "2460000000", "DL", "2024-03-12")
    new = of("FDEG", "12024", "PU", "2026-03-05")
    for results in ((old, new), (new, old)):
        (told,) = parse(body_of(*results), [NUMBER])
        assert [e.stage for e in told.events] == [Stage.SHIPPED]


# Whose answer it is


@pytest.mark.parametrize("number", [NUMBER, int(NUMBER), "7946 0000 0018"])
def test_the_number_asked_about_is_known_in_every_form(number: Any) -> None:
    (told,) = parse(body_of(result(scan()), number=number), [NUMBER])
    assert told.found


@pytest.mark.parametrize("number", ["794600000029", None, [], "", True])
def test_another_number_is_no_news_of_this_one(number: Any) -> None:
    assert parse(body_of(result(scan("DL")), number=number), [NUMBER]) == []


@pytest.mark.parametrize(
    ("code", "invalid"),
    [
        ("TRACKING.TRACKINGNUMBER.NOTFOUND", False),
        ("TRACKING.TRACKINGNUMBER.INVALID", True),
        ("TRACKING.TRACKINGNUMBER.EMPTY", False),
        ("TRACKING.REFERENCENUMBER.NOTFOUND", False),
    ],
)
def test_a_number_without_a_history_has_an_answer(code: str, invalid: bool) -> None:
    (told,) = parse(body_of(error(code)), [NUMBER])
    assert told == Answer(tracking_number=NUMBER, invalid=invalid)


@pytest.mark.parametrize("results", [[], [result()], [{}], ["noise"], [{"error": []}]])
def test_a_number_with_an_empty_history_is_not_known_yet(results: list[Any]) -> None:
    (told,) = parse(body_of(*results), [NUMBER])
    assert told == Answer(tracking_number=NUMBER)


def test_a_number_that_could_not_be_looked_up_has_no_answer() -> None:
    assert parse(body_of(error("SYSTEM.UNEXPECTED.ERROR")), [NUMBER]) == []


def test_a_history_counts_for_more_than_an_error_beside_it() -> None:
    told = told_of(scan("PU"), error={"code": "TRACKING.TRACKINGNUMBER.EMPTY"})
    assert [e.stage for e in told.events] == [Stage.SHIPPED]


# The vocabulary


@pytest.mark.parametrize(
    ("codes", "stage"),
    [
        ("OC IN OX MD DO EP", Stage.INFO_RECEIVED),
        ("PU PX AP OF IP", Stage.SHIPPED),
        (
            "IT IX AR AF DP AA AC AX CH DS EA EO FD LO OW PF PL PM SF TR AO AE US DR AS it",
            Stage.IN_TRANSIT,
        ),
        ("DY Ow", Stage.IN_TRANSIT),
        ("CP CD", Stage.IN_CUSTOMS),
        ("CC", Stage.CUSTOMS_CLEARED),
        ("OD ED AD", Stage.OUT_FOR_DELIVERY),
        ("HL HP", Stage.READY_FOR_PICKUP),
        ("DE", Stage.DELIVERY_FAILED),
        ("DL", Stage.DELIVERED),
        ("SE CA DD PD RD HA", Stage.EXCEPTION),
        ("RS RT", Stage.RETURNING),
        ("RR RM RC RP RG LP SP ZZ", None),
    ],
)
def test_codes_have_their_stages(codes: str, stage: Stage | None) -> None:
    for code in codes.split():
        assert stage_of(code) == stage, code
        whole = told_of(latestStatusDetail={"code": code, "derivedCode": "DL"})
        assert whole.stage == stage, code


@pytest.mark.parametrize("code", [None, ["PU"], {}, True, ""])
def test_what_is_no_code_has_no_stage(code: Any) -> None:
    assert stage_of(code) is None


def test_the_code_counts_before_what_the_page_shows() -> None:
    assert stage_of("PU", derivedStatusCode="HP") is Stage.SHIPPED
    assert stage_of(None, derivedStatusCode="HP") is Stage.READY_FOR_PICKUP
    assert stage_of("ZZ", derivedStatusCode="HP") is None
    status = {"code": "PU", "derivedCode": "HP"}
    assert told_of(latestStatusDetail=status).stage is Stage.SHIPPED
    assert told_of(latestStatusDetail={"derivedCode": "HP"}).stage is (
        Stage.READY_FOR_PICKUP
    )


def test_the_status_speaks_only_where_no_scan_does() -> None:
    status = {"code": "OD"}
    assert told_of(scan("ZZ"), latestStatusDetail=status).stage is (
        Stage.OUT_FOR_DELIVERY
    )
    assert told_of(scan("PU"), latestStatusDetail=status).stage is None


@pytest.mark.parametrize(
    ("text", "stage", "direction"),
    [
        ("International shipment release", Stage.CUSTOMS_CLEARED, None),
        (
            "International shipment release - Import",
            Stage.CUSTOMS_CLEARED,
            Direction.IMPORT,
        ),
        (
            "International shipment release - Export",
            Stage.IN_TRANSIT,
            Direction.EXPORT,
        ),
    ],
)
def test_a_release_is_of_import_or_of_export(
    text: str, stage: Stage, direction: Direction | None
) -> None:
    (event,) = told_of(scan("CC", text)).events
    assert (event.stage, event.direction) == (stage, direction)


@pytest.mark.parametrize(
    ("code", "text", "stage"),
    [
        ("DL", "Delivered to a FedEx locker", Stage.READY_FOR_PICKUP),
        ("DL", "Package returned to shipper", Stage.RETURNED),
        ("DL", "Delivered to the sender", Stage.RETURNED),
        ("DL", "Delivered, left at front door", Stage.DELIVERED),
        ("IT", "Package returned to shipper", Stage.IN_TRANSIT),
        ("SE", "Delivered to a FedEx locker", Stage.EXCEPTION),
    ],
)
def test_where_it_was_delivered_to_is_told_by_the_words(
    code: str, text: str, stage: Stage
) -> None:
    assert stage_of(code, text) is stage
    assert stage_of(code, "Update", exceptionDescription=text) is stage


# The clocks


@pytest.mark.parametrize(
    ("written", "instant", "wall"),
    [
        (
            "2026-05-01T10:00:00-05:00",
            datetime(2026, 5, 1, 15, tzinfo=UTC),
            datetime(2026, 5, 1, 10),
        ),
        ("2026-05-01T10:00:00", None, datetime(2026, 5, 1, 10)),
        ("May 1st", None, None),
    ],
)
def test_a_time_is_told_as_it_was_written(
    written: str, instant: datetime | None, wall: datetime | None
) -> None:
    (told,) = told_of(scan(date=written)).events
    assert (told.time, told.local_time) == (instant, wall)
    assert told.written_time == written


WINDOW = {"window": {"begins": "2026-05-03T08:00:00", "ends": "2026-05-03T12:00:00"}}
ESTIMATED = [
    {"type": "SHIP", "dateTime": "2026-05-01T00:00:00-06:00"},
    {"type": "ESTIMATED_DELIVERY", "dateTime": "2026-05-04T00:00:00-06:00"},
]
STANDARD = {"window": {"ends": "2026-05-05T20:00:00-05:00"}}
BY_EIGHT = datetime(2026, 5, 5, 20, tzinfo=timezone(timedelta(hours=-5)))


@pytest.mark.parametrize(
    ("window", "dates", "standard", "start", "end"),
    [
        (
            WINDOW,
            ESTIMATED,
            STANDARD,
            datetime(2026, 5, 3, 8),
            datetime(2026, 5, 3, 12),
        ),
        ({"window": {}}, ESTIMATED, STANDARD, date(2026, 5, 4), None),
        ({}, ESTIMATED[:1], STANDARD, BY_EIGHT, BY_EIGHT),
        (None, None, None, None, None),
        ("soon", "soon", "soon", None, None),
    ],
)
def test_the_promise_for_this_parcel_counts_first(
    window: Any, dates: Any, standard: Any, start: Any, end: Any
) -> None:
    estimate = told_of(
        scan(),
        estimatedDeliveryTimeWindow=window,
        dateAndTimes=dates,
        standardTransitTimeWindow=standard,
    ).estimate
    if start is None:
        assert estimate is None
    else:
        assert (estimate.start, estimate.end) == (start, end)


# What else is told


@pytest.mark.parametrize(
    ("delivery", "name"),
    [
        ({"receivedByName": "M.DURAND"}, "M.DURAND"),
        ({"signedByName": "A", "receivedByName": "B"}, "A"),
        ({"receivedByName": "Signature not required"}, None),
        ({"receivedByName": "D" * 500}, "D" * 120),
        (None, None),
    ],
)
def test_who_signed_is_told_once_it_is_there(delivery: Any, name: str | None) -> None:
    assert told_of(scan("DL"), deliveryDetails=delivery).signed_by == name
    assert told_of(scan("HL"), deliveryDetails=delivery).signed_by is None


def test_the_place_where_it_waits_is_told_while_it_waits() -> None:
    place = {"address": {"streetLines": "12 MAIN ST", "city": "LYON"}}
    held = {"locationContactAndAddress": place}
    assert told_of(scan("HL"), holdAtLocation=held).pickup_point == "LYON"
    assert told_of(scan("HL")).pickup_point is None
    assert told_of(scan("IT"), holdAtLocation=held).pickup_point is None


@pytest.mark.parametrize(
    ("identifiers", "leg"),
    [
        (
            [{"type": "PARTNER_CARRIER_NUMBER", "values": [USPS]}],
            Leg(tracking_number=USPS),
        ),
        (
            [{"type": "PARTNER_CARRIER_NUMBER", "value": USPS}],
            Leg(tracking_number=USPS),
        ),
        ([{"type": "PARTNER_CARRIER_NUMBER", "value": NUMBER}], None),
        ([{"type": "PARTNER_CARRIER_NUMBER", "values": ["n/a", None]}], None),
        ([{"type": "SHIPPER_REFERENCE", "values": [USPS]}], None),
        ("noise", None),
    ],
)
def test_the_partner_who_delivers_has_a_number_of_its_own(
    identifiers: Any, leg: Leg | None
) -> None:
    info = {"packageIdentifiers": identifiers}
    assert told_of(scan(), additionalTrackingInfo=info).next_leg == leg


def test_the_ends_are_where_it_is_handled_else_who_sends_and_gets_it() -> None:
    def at(country: str) -> dict[str, Any]:
        return {"address": {"countryCode": country}}

    told = told_of(
        scan(),
        originLocation={"locationContactAndAddress": at("HK")},
        shipperInformation=at("CN"),
        recipientInformation=at("fr"),
    )
    assert (told.origin_country, told.destination_country) == ("HK", "FR")


def test_garbage_among_the_scans_spoils_none_of_them() -> None:
    told = told_of(
        "garbage",
        None,
        {},
        scan(date=None),
        scan(None, None),
        scan(scanLocation="here"),
        scan(scanLocation={"city": ["x"]}, eventDescription={"a": 1}),
    )
    assert [e.code for e in told.events] == ["IT", "IT"]


def test_a_list_without_end_is_cut() -> None:
    assert len(told_of(*[scan()] * 1000).events) == 300


@pytest.mark.parametrize(
    "body",
    [None, [], "text", 7, {}, {"output": []}, {"output": {"completeTrackResults": {}}}],
)
def test_what_is_no_answer_is_no_answer(body: Any) -> None:
    with pytest.raises(ProviderUnavailable):
        parse(body, [NUMBER])


def test_an_answer_nested_too_deeply_to_be_compared_is_no_answer() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ProviderUnavailable):
        fedex.comparable({"trackResults": deep})


# On the wire


async def ask(
    server: Server, session: aiohttp.ClientSession, *asked: str
) -> list[Answer]:
    """Ask FedEx about some numbers."""
    legs = [Query(tracking_number=number) for number in asked or (NUMBER,)]
    return await FedexProvider(server.url).fetch(session, KEY, legs)


async def test_all_numbers_are_asked_about_at_once(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(TOKEN)
    server.reply(answer_of("fedex", "batch"))
    told = await ask(server, session, NUMBER, UNKNOWN, HELD)
    assert [len(answer.events) for answer in told] == [10, 0, 2]
    token, asked = server.asked
    assert (token.method, token.path) == ("POST", "/oauth/token")
    assert sorted(token.body.split("&")) == [
        "client_id=an-id-of-fedex",
        "client_secret=a-secret-of-fedex",
        "grant_type=client_credentials",
    ]
    assert (asked.method, asked.path) == ("POST", "/track/v1/trackingnumbers")
    assert asked.headers["Authorization"] == "Bearer a-token"
    assert asked.headers["x-locale"] == "en_US"
    assert asked.body == {
        "includeDetailedScans": True,
        "trackingInfo": [
            {"trackingNumberInfo": {"trackingNumber": number}}
            for number in (NUMBER, UNKNOWN, HELD)
        ],
    }


async def test_what_is_told_again_is_the_very_same_answer(
    server: Server, session: aiohttp.ClientSession
) -> None:
    provider = FedexProvider(server.url)
    legs = [Query(tracking_number=number) for number in (NUMBER, UNKNOWN, HELD)]
    body = answer_of("fedex", "batch")
    server.reply(TOKEN)
    server.reply(body)
    first = await provider.fetch(session, KEY, legs)
    body["transactionId"] = "another"
    changed = body["output"]["completeTrackResults"][2]["trackResults"][0]
    changed["scanEvents"].insert(0, scan("DL", "Delivered"))
    server.replies.clear()
    server.reply(body)
    second = await provider.fetch(session, KEY, legs)
    assert [new is old for new, old in zip(second, first, strict=True)] == [
        True,
        True,
        False,
    ]


async def test_one_number_that_fedex_refuses_silences_no_other(
    server: Server, session: aiohttp.ClientSession
) -> None:
    refused = answer_of("fedex", "refused")
    server.reply(TOKEN)
    server.reply(refused, status=400)
    server.reply(refused, status=400)
    server.reply(b"<html>", status=200)
    server.reply(answer_of("fedex", "batch"))
    told = await ask(server, session, UNKNOWN, NUMBER, HELD)
    assert [(a.tracking_number, a.invalid, a.found) for a in told] == [
        (UNKNOWN, True, False),
        (HELD, False, True),
    ]


async def test_a_number_that_was_refused_is_asked_about_alone_from_then_on(
    server: Server, session: aiohttp.ClientSession
) -> None:
    provider = FedexProvider(server.url)
    legs = [Query(tracking_number=number) for number in (UNKNOWN, NUMBER, HELD)]
    refused, known = answer_of("fedex", "refused"), answer_of("fedex", "batch")
    server.reply(TOKEN)
    server.reply(refused, status=400)
    server.reply(refused, status=400)
    server.reply(known)
    await provider.fetch(session, KEY, legs)
    server.asked.clear()
    server.replies.clear()
    server.reply(known)
    told = await provider.fetch(session, KEY, legs)
    assert [len(asked.body["trackingInfo"]) for asked in server.asked] == [2, 1]
    assert {a.tracking_number for a in told} == {UNKNOWN, NUMBER, HELD}
    server.asked.clear()
    await provider.fetch(session, KEY, legs)
    assert [len(asked.body["trackingInfo"]) for asked in server.asked] == [3]


async def test_a_number_that_fedex_cannot_read_is_no_failure_of_fedex(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(TOKEN)
    server.reply({"errors": [{"code": "INVALID.INPUT.EXCEPTION"}]}, status=400)
    assert await ask(server, session) == [Answer(tracking_number=NUMBER)]


@pytest.mark.parametrize("status", [400, 404])
async def test_a_page_is_no_reason_to_ask_about_each_number(
    server: Server, session: aiohttp.ClientSession, status: int
) -> None:
    server.reply(TOKEN)
    server.reply(b"<html>Not found</html>", status=status)
    with pytest.raises(ProviderUnavailable):
        await ask(server, session, NUMBER, UNKNOWN, HELD)
    assert len(server.asked) == 2


async def test_a_server_that_fell_silent_is_not_asked_about_each_number(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(TOKEN)
    server.reply(answer_of("fedex", "refused"), status=400)
    server.reply({}, status=503)
    with pytest.raises(ProviderUnavailable):
        await ask(server, session, *(f"7946000000{n}" for n in range(10, 40)))
    assert len(server.asked) < 6


async def test_questions_that_are_all_refused_are_a_failure(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(TOKEN)
    server.reply({"errors": [{"code": "BAD.REQUEST.ERROR"}]}, status=400)
    with pytest.raises(ProviderUnavailable):
        await ask(server, session, NUMBER, HELD)


async def test_numbers_that_could_all_not_be_looked_up_are_a_failure(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(TOKEN)
    server.reply(body_of(error("SYSTEM.UNEXPECTED.ERROR")))
    with pytest.raises(ProviderUnavailable):
        await ask(server, session)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, b'{"errors": []}', CredentialsRejected),
        (403, b'{"errors": [{"code": "FORBIDDEN.ERROR"}]}', CredentialsRejected),
        (400, b"<html>", ProviderUnavailable),
        (404, b"{}", ProviderUnavailable),
        (200, b'{"errors": [{"code": "INTERNAL.SERVER.ERROR"}]}', ProviderUnavailable),
    ],
)
async def test_what_goes_wrong_is_told_apart(
    server: Server,
    session: aiohttp.ClientSession,
    status: int,
    body: bytes,
    error: type[ProviderError],
) -> None:
    provider = FedexProvider(server.url)
    server.reply(TOKEN)
    server.reply({"output": {"completeTrackResults": []}})
    legs = [Query(tracking_number=NUMBER)]
    assert await provider.fetch(session, KEY, legs) == []
    server.replies.clear()
    server.reply(body, status=status)
    if error is CredentialsRejected:
        server.reply(TOKEN)
        server.reply(body, status=status)
    with pytest.raises(ProviderError) as raised:
        await provider.fetch(session, KEY, legs)
    assert type(raised.value) is error
    for secret in (NUMBER, "a-token", *KEY.values()):
        assert secret not in str(raised.value)


# Credentials


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"output": {"completeTrackResults": []}}),
        (200, body_of(error("TRACKING.TRACKINGNUMBER.NOTFOUND"))),
        (404, {"errors": [{"code": "NOT.FOUND.ERROR"}]}),
    ],
)
async def test_credentials_are_good_whatever_fedex_says_of_the_example(
    server: Server, session: aiohttp.ClientSession, status: int, body: Any
) -> None:
    server.reply(TOKEN)
    server.reply(body, status=status)
    info = await FedexProvider(server.url).verify(session, KEY)
    assert info == AccountInfo()
    assert len(server.asked) == 2


async def test_credentials_without_the_track_api_are_told(
    server: Server, session: aiohttp.ClientSession
) -> None:
    for reply, status in ((TOKEN, 200), ({}, 403), (TOKEN, 200), ({}, 403)):
        server.reply(reply, status=status)
    with pytest.raises(CredentialsRejected):
        await FedexProvider(server.url).verify(session, KEY)


def test_fedex_is_asked_about_thirty_numbers_at_once() -> None:
    assert PROVIDERS["fedex"] is FedexProvider
    assert FedexProvider.credentials == ("client_id", "client_secret")
    assert FedexProvider.carriers == {"fedex"}
    assert FedexProvider.limits.batch_size == 30
    assert FedexProvider.limits.per_leg == timedelta(minutes=30)
