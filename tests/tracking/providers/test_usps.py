"""Stories of parcels that a person sends with USPS."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from custom_components.waybill.tracking.model import Answer, Direction, Stage
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.base import (
    AccountInfo,
    CredentialsRejected,
    NotEntitled,
    ProviderError,
    ProviderUnavailable,
    Query,
    QuotaExceeded,
)
from custom_components.waybill.tracking.providers.usps import UspsProvider, parse

from .conftest import Server
from .fixtures import answer_of

NUMBER = "9400111206206406260787"
KEY = {"client_id": "an-id-of-usps", "client_secret": "a-secret-of-usps"}
TOKEN = {
    "access_token": "a-token",
    "token_type": "Bearer",
    "expires_in": 28799,
    "scope": "addresses tracking labels",
}


def event(code: Any = "10", text: Any = "Update", **more: Any) -> Any:
    """Return one event."""
    return {
        "eventTimestamp": "2026-05-01T10:00:00",
        "eventCode": code,
        "eventType": text,
    } | more


def told_of(*events: Any, **more: Any) -> Answer:
    """Return what the parser makes of an answer."""
    return parse({"trackingEvents": list(events)} | more, NUMBER)


def stage_of(code: Any, text: Any = "Update", **more: Any) -> Any:
    """Return the stage of a single event."""
    (told,) = told_of(event(code, text, **more)).events
    return told.stage


# The journey


def test_a_parcel_is_followed_to_the_mailbox() -> None:
    told = parse(answer_of("usps", "delivered"), NUMBER)
    assert [e.stage for e in told.events] == [
        Stage.DELIVERED,
        Stage.OUT_FOR_DELIVERY,
        Stage.IN_TRANSIT,
        Stage.IN_TRANSIT,
        Stage.IN_TRANSIT,
        Stage.IN_TRANSIT,
        Stage.SHIPPED,
        Stage.INFO_RECEIVED,
    ]
    assert told.carrier == "usps"
    assert told.signed_by == "R DOE"
    assert told.stage is None
    assert told.events[0].location == "BROOKLYN"
    assert told.events[3].location is None
    assert told.events[0].time == datetime(2026, 3, 12, 17, 5, 21, tzinfo=UTC)
    assert told.events[0].local_time == datetime(2026, 3, 12, 13, 5)


def test_an_answer_can_leave_the_number_out() -> None:
    told = parse(answer_of("usps", "on_its_way"), NUMBER)
    assert [e.stage for e in told.events] == [Stage.IN_TRANSIT]
    assert told.estimate.start == datetime(2026, 3, 12, 21)
    assert told.signed_by is None


# Whose answer it is


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        (NUMBER, NUMBER),
        (f"42011201{NUMBER}", NUMBER),
        (NUMBER, f"420112011234{NUMBER}"),
        ("9400 1112 0620 6406 2607 87", NUMBER),
        (int(NUMBER), NUMBER),
        ("", NUMBER),
        (None, NUMBER),
        ("RB123456785US", "RB 123 456 785 US"),
    ],
)
def test_the_number_asked_about_is_known_in_every_form(told: Any, asked: str) -> None:
    body = {"trackingNumber": told, "trackingEvents": [event()]}
    assert parse(body, asked).found


def test_another_number_is_no_news_of_this_one() -> None:
    body = answer_of("usps", "delivered") | {"trackingNumber": "9400111206206406260794"}
    assert parse(body, NUMBER) == Answer(tracking_number=NUMBER)


# The vocabulary


@pytest.mark.parametrize(
    ("codes", "stage"),
    [
        ("MA GX", Stage.INFO_RECEIVED),
        ("03 OA PC TM PA 80", Stage.SHIPPED),
        ("10 A1 07 T1 SF TL NT DX L1 EF a1", Stage.IN_TRANSIT),
        ("06 08 15 19 41 42 71 81 82", Stage.IN_TRANSIT),
        ("OF", Stage.OUT_FOR_DELIVERY),
        ("14 16 17", Stage.READY_FOR_PICKUP),
        ("02 30 51 52 53 54 55 56", Stage.DELIVERY_FAILED),
        ("01", Stage.DELIVERED),
        ("04 05 11", Stage.EXCEPTION),
        ("09 21 22 23 24 25 26 27 28 29 31", Stage.RETURNING),
        ("PM ZZ 99", None),
    ],
)
def test_codes_have_their_stages(codes: str, stage: Stage | None) -> None:
    for code in codes.split():
        assert stage_of(code) == stage, code


@pytest.mark.parametrize("code", [None, ["01"], {}, True, ""])
def test_what_is_no_code_has_no_stage(code: Any) -> None:
    assert stage_of(code) is None


@pytest.mark.parametrize(
    ("category", "stage"),
    [
        ("Pre-Shipment", Stage.INFO_RECEIVED),
        ("Accepted", Stage.SHIPPED),
        ("In Transit", Stage.IN_TRANSIT),
        ("In-Transit", Stage.IN_TRANSIT),
        ("Out for Delivery", Stage.OUT_FOR_DELIVERY),
        ("Available for Pickup", Stage.READY_FOR_PICKUP),
        ("Delivery Attempt", Stage.DELIVERY_FAILED),
        ("Delivered", Stage.DELIVERED),
        ("Delivered to Agent", Stage.READY_FOR_PICKUP),
        ("Alert", Stage.EXCEPTION),
        ("Return to Sender", Stage.RETURNING),
        ("Something new", None),
    ],
)
def test_the_category_speaks_only_where_no_event_does(
    category: str, stage: Stage | None
) -> None:
    assert told_of(statusCategory=category).stage == stage
    assert told_of(event("ZZ"), statusCategory=category).stage == stage
    assert told_of(event("10"), statusCategory=category).stage is None
    assert parse({"statusCategory": category}, NUMBER).stage == stage


@pytest.mark.parametrize(
    ("code", "text", "stage"),
    [
        ("01", "Delivered, Front Door/Porch", Stage.DELIVERED),
        ("01", "Delivered, PO Box", Stage.DELIVERED),
        ("01", "Delivered, Individual Picked Up at Post Office", Stage.DELIVERED),
        ("01", "Delivered, Parcel Locker", Stage.READY_FOR_PICKUP),
        ("01", "Delivered, To Original Sender", Stage.RETURNED),
        ("10", "Delivered, Parcel Locker", Stage.IN_TRANSIT),
        ("10", "Inbound Into Customs", Stage.IN_CUSTOMS),
        ("10", "Inbound Out of Customs", Stage.CUSTOMS_CLEARED),
        ("10", "Customs clearance processing complete", Stage.CUSTOMS_CLEARED),
        ("10", "Held in Customs", Stage.IN_CUSTOMS),
        ("02", "Held in Customs", Stage.DELIVERY_FAILED),
        ("ZZ", "Held in Customs", None),
    ],
)
def test_words_tell_what_the_code_does_not(
    code: str, text: str, stage: Stage | None
) -> None:
    assert stage_of(code, text) is stage


def test_the_status_can_be_of_a_locker_too() -> None:
    told = told_of(statusCategory="Delivered", status="Delivered, Parcel Locker")
    assert told.stage is Stage.READY_FOR_PICKUP


def test_customs_of_export_is_on_its_way() -> None:
    (told,) = told_of(event("10", "Export customs clearance completed")).events
    assert (told.stage, told.direction) == (Stage.IN_TRANSIT, Direction.EXPORT)


@pytest.mark.parametrize(
    ("text", "stage", "direction"),
    [
        ("Outbound Into Customs", Stage.IN_TRANSIT, Direction.EXPORT),
        ("Outbound Out of Customs", Stage.IN_TRANSIT, Direction.EXPORT),
        ("Inbound Into Customs", Stage.IN_CUSTOMS, Direction.IMPORT),
        ("Inbound Out of Customs", Stage.CUSTOMS_CLEARED, Direction.IMPORT),
    ],
)
def test_the_side_of_the_border_is_told_by_the_way_of_the_parcel(
    text: str, stage: Stage, direction: Direction
) -> None:
    (told,) = told_of(event("10", text)).events
    assert (told.stage, told.direction) == (stage, direction)


def test_texts_are_read_without_their_markup() -> None:
    (told,) = told_of(event(text="USPS Tracking<SUP>&#174;</SUP> &amp; more")).events
    assert told.description == told.words == "USPS Tracking ® & more"


# The clocks


@pytest.mark.parametrize(
    ("times", "written", "instant", "wall"),
    [
        (
            {"GMTTimestamp": "2026-05-01T14:00:41Z", "GMTOffset": "-04:00"},
            "2026-05-01T10:00:00",
            datetime(2026, 5, 1, 14, 0, 41, tzinfo=UTC),
            datetime(2026, 5, 1, 10),
        ),
        (
            {"GMTTimestamp": "2026-05-01T14:00:41"},
            "2026-05-01T10:00:00",
            datetime(2026, 5, 1, 14, 0, 41, tzinfo=UTC),
            datetime(2026, 5, 1, 10),
        ),
        (
            {"GMTOffset": "-04:00"},
            "2026-05-01T10:00:00",
            datetime(2026, 5, 1, 14, tzinfo=UTC),
            datetime(2026, 5, 1, 10),
        ),
        ({}, "2026-05-01T10:00:00", None, datetime(2026, 5, 1, 10)),
        (
            {"eventTimestamp": None, "GMTTimestamp": "2026-05-01T14:00:00Z"},
            "2026-05-01T14:00:00Z",
            datetime(2026, 5, 1, 14, tzinfo=UTC),
            None,
        ),
        (
            {"eventTimestamp": "2026-05-01T10:00:00-04:00"},
            "2026-05-01T10:00:00-04:00",
            datetime(2026, 5, 1, 14, tzinfo=UTC),
            datetime(2026, 5, 1, 10),
        ),
        ({"eventTimestamp": "May 1st"}, "May 1st", None, None),
    ],
)
def test_gmt_tells_the_instant_and_the_clock_at_the_place_stays(
    times: Any, written: str, instant: datetime | None, wall: datetime | None
) -> None:
    (told,) = told_of(event(**times)).events
    assert (told.time, told.local_time) == (instant, wall)
    assert told.written_time == written


@pytest.mark.parametrize(
    ("promise", "start"),
    [
        (
            {"expectedDeliveryTimeStamp": "2026-05-03T21:00:00"},
            datetime(2026, 5, 3, 21),
        ),
        ({"expectedDeliveryTimeStamp": "2026-05-03T00:00:00"}, date(2026, 5, 3)),
        ({"expectedDeliveryDate": "2026-05-03"}, date(2026, 5, 3)),
        ({"expectedDeliveryTimeStamp": "soon"}, None),
        ({}, None),
    ],
)
def test_estimates_are_told_as_they_were_made(promise: Any, start: Any) -> None:
    estimate = told_of(event(), **promise).estimate
    assert (estimate.start if estimate else None) == start


# What else is told


def test_the_ends_are_told_by_code_or_by_name() -> None:
    told = told_of(
        event(eventCountry="CANADA"),
        originCountryCode="US",
        destinationCountry="Canada",
    )
    assert (told.origin_country, told.destination_country) == ("US", "CA")
    assert told.events[0].country == "CA"


def test_who_signed_is_told_once_it_is_there() -> None:
    assert told_of(event("01", name="R DOE")).signed_by == "R DOE"
    assert told_of(event("16", name="R DOE")).signed_by is None
    assert told_of(statusCategory="Delivered").signed_by is None


def test_garbage_among_the_events_spoils_none_of_them() -> None:
    told = told_of(
        "garbage",
        None,
        {},
        event(eventTimestamp=None),
        event(None, None),
        event(eventCity=["x"], text={"a": 1}),
    )
    assert [e.code for e in told.events] == ["10"]


def test_a_list_without_end_is_cut() -> None:
    assert len(told_of(*[event()] * 1000).events) == 300


@pytest.mark.parametrize(
    "body", [None, [], "text", 7, {}, {"trackingEvents": {}}, {"error": {"code": "1"}}]
)
def test_what_is_no_answer_is_no_answer(body: Any) -> None:
    with pytest.raises(ProviderUnavailable):
        parse(body, NUMBER)


# On the wire


async def ask(
    server: Server, session: aiohttp.ClientSession, number: str = NUMBER
) -> list[Answer]:
    """Ask USPS about one number."""
    legs = [Query(tracking_number=number)]
    return await UspsProvider(server.url).fetch(session, KEY, legs)


async def test_one_number_is_asked_about(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(TOKEN)
    server.reply(answer_of("usps", "delivered"))
    (told,) = await ask(server, session, f"42011201{NUMBER}")
    assert len(told.events) == 8
    assert told.tracking_number == f"42011201{NUMBER}"
    token, asked = server.asked
    assert (token.method, token.path) == ("POST", "/oauth2/v3/token")
    assert token.body == KEY | {"grant_type": "client_credentials"}
    assert (asked.method, asked.path) == ("GET", f"/tracking/v3/tracking/{NUMBER}")
    assert asked.query == {"expand": "DETAIL"}
    assert asked.headers["Authorization"] == "Bearer a-token"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, answer_of("usps", "not_found")),
        (400, {"error": {"code": "150002"}}),
        (403, {"error": {"message": "This label belongs to somebody else."}}),
    ],
)
async def test_a_number_that_usps_does_not_tell_of_is_no_error(
    server: Server, session: aiohttp.ClientSession, status: int, body: Any
) -> None:
    server.reply(TOKEN)
    server.reply(body, status=status)
    assert await ask(server, session) == [Answer(tracking_number=NUMBER)]
    assert len(server.asked) == 2


async def test_an_equal_answer_is_the_very_same_answer(
    server: Server, session: aiohttp.ClientSession
) -> None:
    provider = UspsProvider(server.url)
    leg = Query(tracking_number=NUMBER)
    server.reply(TOKEN)
    for body, status in (
        (answer_of("usps", "not_found"), 404),
        (answer_of("usps", "delivered"), 200),
    ):
        server.replies[1:] = []
        server.reply(body, status=status)
        first = await provider.fetch(session, KEY, [leg])
        assert await provider.fetch(session, KEY, [leg]) is first
        server.replies.clear()


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, {"error": {"message": "Invalid token"}}, CredentialsRejected),
        (401, b"<html>", CredentialsRejected),
        (401, answer_of("usps", "no_scope"), NotEntitled),
        (403, answer_of("usps", "no_scope"), NotEntitled),
        (403, {"error": "insufficient_scope"}, NotEntitled),
        (400, b"<html>", ProviderUnavailable),
    ],
)
async def test_what_goes_wrong_is_told_apart(
    server: Server,
    session: aiohttp.ClientSession,
    status: int,
    body: Any,
    error: type[ProviderError],
) -> None:
    server.reply(TOKEN)
    server.reply(body, status=status)
    if issubclass(error, CredentialsRejected):
        server.reply(TOKEN)
        server.reply(body, status=status)
    with pytest.raises(ProviderError) as raised:
        await ask(server, session)
    assert type(raised.value) is error
    for secret in (NUMBER, "a-token", *KEY.values()):
        assert secret not in str(raised.value)


async def test_a_spent_hour_is_waited_out(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply({}, status=429)
    with pytest.raises(QuotaExceeded) as asked:
        await ask(server, session)
    with pytest.raises(QuotaExceeded) as tried:
        await UspsProvider(server.url).verify(session, KEY)
    for raised in (asked, tried):
        assert raised.value.first_backoff == timedelta(hours=1)
        assert raised.value.retry_at is None


# Credentials


async def test_a_token_that_may_track_proves_the_credentials(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(TOKEN)
    assert await UspsProvider(server.url).verify(session, KEY) == AccountInfo()
    assert len(server.asked) == 1


@pytest.mark.parametrize("scope", ["", "addresses prices", "subscriptions-tracking"])
async def test_a_token_that_may_not_track_is_of_no_use(
    server: Server, session: aiohttp.ClientSession, scope: str
) -> None:
    server.reply(TOKEN | {"scope": scope})
    with pytest.raises(NotEntitled):
        await UspsProvider(server.url).verify(session, KEY)
    with pytest.raises(NotEntitled):
        await ask(server, session)


async def test_a_token_without_a_scope_is_tried(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply({"access_token": "a-token"})
    server.reply(answer_of("usps", "delivered"))
    (told,) = await ask(server, session)
    assert told.found


def test_usps_is_asked_less_than_sixty_times_an_hour() -> None:
    assert PROVIDERS["usps"] is UspsProvider
    assert "shippers only" in UspsProvider.name
    assert UspsProvider.credentials == ("client_id", "client_secret")
    assert UspsProvider.carriers == {"usps"}
    assert UspsProvider.limits.batch_size == 1
    assert timedelta(hours=1) / UspsProvider.limits.spacing < 56
