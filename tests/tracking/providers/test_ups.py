"""Stories of parcels that UPS moves."""

from base64 import b64encode
from datetime import UTC, date, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from custom_components.waybill.tracking.model import Answer, Direction, Leg, Stage
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.base import (
    AccountInfo,
    CredentialsRejected,
    ProviderError,
    ProviderUnavailable,
    Query,
    QuotaExceeded,
)
from custom_components.waybill.tracking.providers.ups import UpsProvider, parse

from .conftest import Server
from .fixtures import answer_of

NUMBER = "1Z12345E0205271688"
AT_ACCESS_POINT = "1Z12345E6605272234"
MAIL_INNOVATIONS = "MI123456000000001"
USPS = "92419900000033499522966220"
KEY = {"client_id": "an-id-of-ups", "client_secret": "a-secret-of-ups"}
TOKEN = {"access_token": "a-token", "token_type": "Bearer", "expires_in": "14399"}


def activity(
    kind: Any = "I", number: Any = None, text: Any = "Update", **more: Any
) -> Any:
    """Return one activity."""
    status = {"type": kind, "statusCode": number, "description": text}
    return {
        "date": "20260501",
        "time": "100000",
        "status": status | {"code": more.pop("code", "XX")},
    } | more


def package(*activities: Any, **more: Any) -> dict[str, Any]:
    """Return one package."""
    return {"trackingNumber": NUMBER, "activity": list(activities)} | more


def body_of(*packages: Any, **more: Any) -> dict[str, Any]:
    """Return an answer about one number."""
    shipment = {"inquiryNumber": NUMBER, "package": list(packages)} | more
    return {"trackResponse": {"shipment": [shipment]}}


def told_of(*activities: Any, **more: Any) -> Answer:
    """Return what the parser makes of a package."""
    return parse(body_of(package(*activities, **more)), NUMBER)


def stage_of(kind: Any, number: Any = None, text: Any = "Update", **more: Any) -> Any:
    """Return the stage of a single activity."""
    (event,) = told_of(activity(kind, number, text, **more)).events
    return event.stage


# The journey


def test_a_parcel_is_followed_through_customs_to_the_door() -> None:
    told = parse(answer_of("ups", "cleared_and_delivered"), NUMBER)
    assert [(e.stage, e.direction) for e in told.events] == [
        (Stage.DELIVERED, None),
        (Stage.OUT_FOR_DELIVERY, None),
        (Stage.CUSTOMS_CLEARED, None),
        (Stage.IN_CUSTOMS, None),
        (Stage.IN_CUSTOMS, Direction.IMPORT),
        (Stage.IN_TRANSIT, None),
        (Stage.SHIPPED, None),
        (Stage.INFO_RECEIVED, None),
    ]
    assert told.carrier == "ups"
    assert (told.origin_country, told.destination_country) == ("CN", "FR")
    assert told.signed_by == "DURAND"
    assert told.stage is None
    assert told.estimate is None
    assert told.events[0].description == told.events[0].words == "DELIVERED"
    assert (told.events[0].location, told.events[0].country) == ("Lyon", "FR")
    assert told.events[-1].location is None


def test_a_release_by_customs_is_no_exception_and_no_label() -> None:
    told = parse(answer_of("ups", "released_by_customs"), NUMBER)
    assert [e.stage for e in told.events] == [Stage.CUSTOMS_CLEARED]


def test_a_parcel_that_the_post_delivers_has_its_number_too() -> None:
    told = parse(answer_of("ups", "handed_to_usps"), MAIL_INNOVATIONS)
    assert told.next_leg == Leg(tracking_number=USPS, carrier="usps")
    assert told.estimate.start == datetime(2026, 3, 11, 11, 15)
    assert told.estimate.end == datetime(2026, 3, 11, 15, 15)


def test_a_delivery_to_an_access_point_waits_for_the_person() -> None:
    told = parse(answer_of("ups", "at_an_access_point"), AT_ACCESS_POINT)
    assert [e.stage for e in told.events] == [
        Stage.READY_FOR_PICKUP,
        Stage.READY_FOR_PICKUP,
        Stage.DELIVERY_FAILED,
    ]
    assert told.signed_by is None


# Whose answer it is


def test_a_number_that_ups_does_not_know_is_told_as_a_warning() -> None:
    told = parse(answer_of("ups", "not_found"), NUMBER)
    assert told == Answer(tracking_number=NUMBER)


@pytest.mark.parametrize(
    "told",
    [
        body_of(package(activity("D"), trackingNumber="1Z OTHER"), inquiryNumber="x"),
        body_of(
            package(activity("D"), trackingNumber="A"),
            package(activity("D"), trackingNumber="B"),
        ),
        body_of(),
        body_of("noise", inquiryNumber=None),
        {"trackResponse": {"shipment": []}},
        {"trackResponse": {"shipment": ["noise", {"package": "noise"}]}},
    ],
)
def test_another_package_is_no_news_of_this_one(told: Any) -> None:
    assert parse(told, NUMBER) == Answer(tracking_number=NUMBER)


def test_of_several_packages_the_one_asked_about_counts() -> None:
    other = package(activity("D"), trackingNumber="1Z12345E0000000001")
    own = package(activity("P"), trackingNumber=" 1z12345e0205271688")
    told = parse(body_of(other, own), NUMBER)
    assert [e.stage for e in told.events] == [Stage.SHIPPED]
    alone = package(activity("I"), trackingNumber="1Z12345E0000000001")
    assert parse(body_of(alone), NUMBER).found


# The vocabulary


@pytest.mark.parametrize(
    ("kind", "stage"),
    [
        ("M", Stage.INFO_RECEIVED),
        ("MV", Stage.EXCEPTION),
        ("P", Stage.SHIPPED),
        ("I", Stage.IN_TRANSIT),
        ("i", Stage.IN_TRANSIT),
        ("O", Stage.OUT_FOR_DELIVERY),
        ("D", Stage.DELIVERED),
        ("X", Stage.EXCEPTION),
        ("RS", Stage.RETURNED),
        ("DO", Stage.IN_TRANSIT),
        ("DD", Stage.IN_TRANSIT),
        ("W", Stage.IN_TRANSIT),
        ("NA", None),
        ("Q", None),
        (None, None),
        (["D"], None),
    ],
)
def test_types_have_their_stages(kind: Any, stage: Stage | None) -> None:
    assert stage_of(kind) == stage
    if kind != "i":
        assert stage_of(None, code=kind) == stage


@pytest.mark.parametrize(
    ("codes", "stage"),
    [
        ("003", Stage.INFO_RECEIVED),
        ("005 010 018 019 020 025 027 028 039 041 042 044 045", Stage.IN_TRANSIT),
        ("054 055 057 070", Stage.IN_TRANSIT),
        ("038", Stage.SHIPPED),
        ("006 021 072", Stage.OUT_FOR_DELIVERY),
        ("011 026", Stage.DELIVERED),
        ("012 058", Stage.IN_CUSTOMS),
        ("014", Stage.CUSTOMS_CLEARED),
        ("017 040", Stage.READY_FOR_PICKUP),
        ("022 023 024 060 061 062 066", Stage.DELIVERY_FAILED),
        ("033 035 036 037", Stage.RETURNING),
        ("034 067", Stage.RETURNED),
        ("007 013 016 029 030 032 046 047 048 049", Stage.EXCEPTION),
        ("050 051 052 053 059 064 068 069", Stage.EXCEPTION),
        ("000 999", None),
    ],
)
def test_numbers_refine_the_types_that_say_little(
    codes: str, stage: Stage | None
) -> None:
    for code in codes.split():
        assert stage_of("I", code) == (stage or Stage.IN_TRANSIT), code
        assert stage_of(None, code) == stage, code
        if code != "003":
            assert stage_of("X", code) == (stage or Stage.EXCEPTION), code
        whole = told_of(currentStatus={"statusCode": code})
        assert whole.stage == stage, code


@pytest.mark.parametrize(
    ("kind", "number", "stage"),
    [
        ("D", "005", Stage.DELIVERED),
        ("D", "040", Stage.READY_FOR_PICKUP),
        ("D", "034", Stage.RETURNED),
        ("M", "005", Stage.INFO_RECEIVED),
        ("M", "007", Stage.EXCEPTION),
        ("P", "012", Stage.SHIPPED),
        ("O", "037", Stage.RETURNING),
        ("O", "005", Stage.OUT_FOR_DELIVERY),
        ("X", "003", Stage.EXCEPTION),
        ("RS", "003", Stage.RETURNED),
        ("RS", "011", Stage.RETURNED),
        ("RS", "035", Stage.RETURNING),
    ],
)
def test_a_type_that_says_much_is_refined_with_care(
    kind: str, number: str, stage: Stage
) -> None:
    assert stage_of(kind, number) is stage


@pytest.mark.parametrize(
    ("codes", "kind", "stage"),
    [
        ("2Q ZP 5G", "D", Stage.READY_FOR_PICKUP),
        ("2Q ZP 5G", "X", Stage.READY_FOR_PICKUP),
        ("2W", "D", Stage.DELIVERED),
        ("48 G3 55 AY 5R", "X", Stage.DELIVERY_FAILED),
        ("KR", "X", Stage.EXCEPTION),
        ("UF 6C", "X", Stage.RETURNING),
        ("VP", "MV", Stage.EXCEPTION),
    ],
)
def test_some_activities_say_more_than_their_type(
    codes: str, kind: str, stage: Stage
) -> None:
    for code in codes.split():
        assert stage_of(kind, code=code) is stage, code


@pytest.mark.parametrize(
    ("kind", "text", "stage"),
    [
        (
            "X",
            "Your package was released by the customs agency.",
            Stage.CUSTOMS_CLEARED,
        ),
        (
            "I",
            "Your parcel was released by the customs agency.",
            Stage.CUSTOMS_CLEARED,
        ),
        (None, "Released by the clearing agency", Stage.CUSTOMS_CLEARED),
        ("X", "Your package is held by customs", Stage.EXCEPTION),
        ("I", "Customs clearance in progress", Stage.IN_CUSTOMS),
        ("I", "Import duties must be paid", Stage.CUSTOMS_ACTION_REQUIRED),
        ("I", "Customs data received electronically", Stage.IN_TRANSIT),
        ("P", "Released by the customs agency", Stage.SHIPPED),
        ("D", "Delivered to UPS Access Point™", Stage.READY_FOR_PICKUP),
        ("D", "Delivered to a locker", Stage.READY_FOR_PICKUP),
        ("D", "Returned to the sender", Stage.RETURNED),
        ("D", "DELIVERED", Stage.DELIVERED),
        (
            "I",
            "The package will be delivered to the UPS Access Point™ location",
            Stage.IN_TRANSIT,
        ),
    ],
)
def test_words_tell_what_the_type_does_not(
    kind: str | None, text: str, stage: Stage
) -> None:
    assert stage_of(kind, None, text) is stage


@pytest.mark.parametrize("number", [None, "005", "057"])
def test_words_tell_what_a_number_of_the_transit_does_not(number: str | None) -> None:
    text = "Customs clearance in progress"
    assert stage_of("I", number, text) is Stage.IN_CUSTOMS
    assert stage_of("O", number, text) is Stage.OUT_FOR_DELIVERY


def test_customs_of_export_is_on_its_way() -> None:
    (told,) = told_of(activity("I", "014", "Export clearance completed")).events
    assert (told.stage, told.direction) == (Stage.IN_TRANSIT, Direction.EXPORT)


def test_the_status_of_the_package_is_that_of_its_newest_activity() -> None:
    told = told_of(
        activity("I"), activity("I"), currentStatus={"statusCode": "012", "code": "XX"}
    )
    assert [e.stage for e in told.events] == [Stage.IN_CUSTOMS, Stage.IN_TRANSIT]
    own = told_of(activity("I", "005"), currentStatus={"statusCode": "012"})
    assert [e.stage for e in own.events] == [Stage.IN_TRANSIT]
    ahead = told_of(activity("I"), currentStatus={"type": "D", "statusCode": "011"})
    assert [e.stage for e in ahead.events] == [Stage.IN_TRANSIT]
    flat = told_of(activity("I"), statusCode="012")
    assert [e.stage for e in flat.events] == [Stage.IN_CUSTOMS]


def test_the_status_speaks_only_where_no_activity_does() -> None:
    assert told_of(activity("NA"), currentStatus={"type": "O"}).stage is (
        Stage.OUT_FOR_DELIVERY
    )
    assert told_of(activity("P"), currentStatus={"type": "O"}).stage is None


# The clocks


@pytest.mark.parametrize(
    ("times", "written", "instant", "wall"),
    [
        (
            {"gmtDate": "20260501", "gmtTime": "74700", "gmtOffset": "-05:00"},
            "20260501 100000 -05:00",
            datetime(2026, 5, 1, 7, 47, tzinfo=UTC),
            datetime(2026, 5, 1, 10),
        ),
        (
            {"time": "71356", "gmtDate": "20260501", "gmtTime": "12:13:56"},
            "20260501 71356",
            datetime(2026, 5, 1, 12, 13, 56, tzinfo=UTC),
            datetime(2026, 5, 1, 7, 13, 56),
        ),
        (
            {"gmtOffset": "-05:00"},
            "20260501 100000 -05:00",
            datetime(2026, 5, 1, 15, tzinfo=UTC),
            datetime(2026, 5, 1, 10),
        ),
        ({}, "20260501 100000", None, datetime(2026, 5, 1, 10)),
        ({"time": "10:05"}, "20260501 10:05", None, datetime(2026, 5, 1, 10, 5)),
        ({"time": None}, "20260501", None, None),
        ({"time": "250000"}, "20260501 250000", None, None),
        ({"time": "noon"}, "20260501 noon", None, None),
        ({"date": "20260231"}, "20260231 100000", None, None),
        ({"date": "99991231"}, "99991231 100000", None, None),
        ({"date": "soon"}, "soon 100000", None, None),
        (
            {"date": None, "gmtDate": "20260501", "gmtTime": "150000"},
            "20260501 150000 GMT",
            datetime(2026, 5, 1, 15, tzinfo=UTC),
            None,
        ),
        (
            {
                "date": None,
                "gmtDate": "20260501",
                "gmtTime": "150000",
                "gmtOffset": "+02:00",
            },
            "20260501 150000 GMT",
            datetime(2026, 5, 1, 15, tzinfo=UTC),
            datetime(2026, 5, 1, 17),
        ),
    ],
)
def test_gmt_tells_the_instant_and_the_clock_at_the_place_stays(
    times: Any, written: str, instant: datetime | None, wall: datetime | None
) -> None:
    (told,) = told_of(activity(**times)).events
    assert (told.time, told.local_time) == (instant, wall)
    assert told.written_time == written


DAY = date(2026, 5, 4)
SCHEDULED = {"type": "SDD", "date": "20260503"}
RESCHEDULED = {"type": "RDD", "date": "20260504"}
DELIVERED = {"type": "DEL", "date": "20260504"}


@pytest.mark.parametrize(
    ("days", "hours", "start", "end"),
    [
        ([SCHEDULED], None, date(2026, 5, 3), None),
        ([SCHEDULED, RESCHEDULED], {"type": "EOD"}, DAY, None),
        (
            [RESCHEDULED],
            {"type": "EDW", "startTime": "91500", "endTime": "131500"},
            datetime(2026, 5, 4, 9, 15),
            datetime(2026, 5, 4, 13, 15),
        ),
        (
            [RESCHEDULED],
            {"type": "CDW", "endTime": "131500"},
            datetime(2026, 5, 4, 13, 15),
            datetime(2026, 5, 4, 13, 15),
        ),
        (
            [RESCHEDULED],
            {"type": "CMT", "startTime": "000000", "endTime": "120000"},
            datetime(2026, 5, 4, 12),
            datetime(2026, 5, 4, 12),
        ),
        ([RESCHEDULED], {"type": "IDW", "startTime": "090000"}, DAY, None),
        ([RESCHEDULED], {"type": "EDW", "endTime": "late"}, DAY, None),
        ([RESCHEDULED, DELIVERED], {"type": "DEL", "endTime": "104100"}, None, None),
        ([{"type": "SDD", "date": "soon"}], None, None, None),
        (None, None, None, None),
    ],
)
def test_estimates_are_told_as_they_were_made(
    days: Any, hours: Any, start: Any, end: Any
) -> None:
    estimate = told_of(activity(), deliveryDate=days, deliveryTime=hours).estimate
    if start is None:
        assert estimate is None
    else:
        assert (estimate.start, estimate.end) == (start, end)


# What else is told


@pytest.mark.parametrize(
    ("received", "name"),
    [
        ("DURAND", "DURAND"),
        ("DRIVER RELEASE", None),
        ("D" * 500, "D" * 120),
        ("", None),
        (None, None),
    ],
)
def test_who_signed_is_told_once_it_is_there(received: Any, name: str | None) -> None:
    told = {"receivedBy": received}
    assert told_of(activity("D"), deliveryInformation=told).signed_by == name
    assert told_of(activity("I"), deliveryInformation=told).signed_by is None


@pytest.mark.parametrize(
    ("alternates", "leg"),
    [
        (
            [{"number": USPS, "type": "USPS_PIC"}],
            Leg(tracking_number=USPS, carrier="usps"),
        ),
        ([{"number": USPS, "type": None}, {"number": USPS}], None),
        ([{"number": NUMBER, "type": "USPS_PIC"}], None),
        ([{"number": "n/a", "type": "USPS_PIC"}], None),
        ([{"number": "NOTANUMBER", "type": "USPS_PIC"}], None),
        ([{"type": "USPS_PIC"}, "noise"], None),
        ({"number": USPS, "type": "USPS_PIC"}, None),
    ],
)
def test_only_the_number_of_the_post_is_another_leg(
    alternates: Any, leg: Leg | None
) -> None:
    assert told_of(activity(), alternateTrackingNumber=alternates).next_leg == leg


def test_garbage_among_the_activities_spoils_none_of_them() -> None:
    told = told_of(
        "garbage",
        None,
        {},
        activity(date=None),
        activity(None, None, None, code=None),
        activity(location="here"),
        activity(location={"address": {"city": ["x"]}}, text={"a": 1}),
    )
    assert [e.code for e in told.events] == ["XX", "XX"]


def test_a_list_without_end_is_cut() -> None:
    assert len(told_of(*[activity()] * 1000).events) == 300


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        7,
        {},
        {"trackResponse": []},
        {"trackResponse": {"shipment": {}}},
        {"response": {"errors": []}},
    ],
)
def test_what_is_no_answer_is_no_answer(body: Any) -> None:
    with pytest.raises(ProviderUnavailable):
        parse(body, NUMBER)


# On the wire


async def ask(
    server: Server, session: aiohttp.ClientSession, number: str = NUMBER
) -> list[Answer]:
    """Ask UPS about one number."""
    legs = [Query(tracking_number=number)]
    return await UpsProvider(server.url).fetch(session, KEY, legs)


async def test_one_number_is_asked_about(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(TOKEN)
    server.reply(answer_of("ups", "cleared_and_delivered"))
    provider = UpsProvider(server.url)
    legs = [Query(tracking_number=NUMBER)]
    (told,) = await provider.fetch(session, KEY, legs)
    assert len(told.events) == 8
    await provider.fetch(session, KEY, legs)
    token, asked, again = server.asked
    assert (token.method, token.path) == ("POST", "/security/v1/oauth/token")
    login = b64encode(b"an-id-of-ups:a-secret-of-ups").decode()
    assert token.headers["Authorization"] == f"Basic {login}"
    assert token.body == "grant_type=client_credentials"
    assert (asked.method, asked.path) == ("GET", f"/api/track/v1/details/{NUMBER}")
    assert asked.query["locale"] == "en_US"
    assert asked.headers["Authorization"] == "Bearer a-token"
    assert asked.headers["transactionSrc"] == "waybill"
    assert asked.headers["transId"] != again.headers["transId"]


async def test_a_number_cannot_lead_elsewhere(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(TOKEN)
    server.reply(answer_of("ups", "not_found"))
    await ask(server, session, "../../token?x=1")
    assert server.asked[1].path.startswith("/api/track/v1/details/")
    assert "x" not in server.asked[1].query


@pytest.mark.parametrize(
    ("status", "body", "invalid"),
    [
        (404, {"response": {"errors": [{"code": "TW0001"}]}}, False),
        (404, b"<html>", False),
        (400, {"response": {"errors": [{"code": "TV0009"}]}}, False),
        (400, answer_of("ups", "invalid"), True),
        (404, answer_of("ups", "invalid"), True),
        (200, answer_of("ups", "invalid"), True),
        (200, answer_of("ups", "not_found"), False),
    ],
)
async def test_a_number_that_ups_does_not_know_is_no_error(
    server: Server,
    session: aiohttp.ClientSession,
    status: int,
    body: Any,
    invalid: bool,
) -> None:
    server.reply(TOKEN)
    server.reply(body, status=status)
    assert await ask(server, session) == [
        Answer(tracking_number=NUMBER, invalid=invalid)
    ]


async def test_an_equal_answer_is_the_very_same_answer(
    server: Server, session: aiohttp.ClientSession
) -> None:
    provider = UpsProvider(server.url)
    leg = Query(tracking_number=NUMBER)
    server.reply(TOKEN)
    for body, status in (
        (answer_of("ups", "invalid"), 404),
        (answer_of("ups", "cleared_and_delivered"), 200),
    ):
        server.replies[1:] = []
        server.reply(body, status=status)
        first = await provider.fetch(session, KEY, [leg])
        assert await provider.fetch(session, KEY, [leg]) is first
        server.replies.clear()


def errors(*codes: str) -> dict[str, Any]:
    """Return UPS's way to say that something is wrong."""
    return {"response": {"errors": [{"code": code, "message": ""} for code in codes]}}


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, errors("250002"), CredentialsRejected),
        (401, errors("250003"), CredentialsRejected),
        (400, errors("250003"), CredentialsRejected),
        (403, errors("Blocked"), CredentialsRejected),
        (429, errors("10429"), QuotaExceeded),
        (400, {"code": "10429", "message": "Too Many Requests"}, QuotaExceeded),
        (200, errors("10429"), QuotaExceeded),
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
    if error is CredentialsRejected:
        server.reply(TOKEN)
        server.reply(body, status=status)
    with pytest.raises(ProviderError) as raised:
        await ask(server, session)
    assert type(raised.value) is error
    for secret in (NUMBER, "a-token", *KEY.values()):
        assert secret not in str(raised.value)


# Credentials


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, answer_of("ups", "not_found")), (404, errors("TW0001"))],
)
async def test_credentials_are_good_whatever_ups_says_of_the_example(
    server: Server, session: aiohttp.ClientSession, status: int, body: Any
) -> None:
    server.reply(TOKEN)
    server.reply(body, status=status)
    assert await UpsProvider(server.url).verify(session, KEY) == AccountInfo()


async def test_credentials_can_be_any_text(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply({}, status=401)
    odd = {"client_id": "clé\n", "client_secret": "\ud800🗝"}
    with pytest.raises(CredentialsRejected):
        await UpsProvider(server.url).verify(session, odd)


def test_ups_is_asked_about_one_number_at_a_time() -> None:
    assert PROVIDERS["ups"] is UpsProvider
    assert UpsProvider.credentials == ("client_id", "client_secret")
    assert UpsProvider.carriers == {"ups"}
    assert UpsProvider.limits.batch_size == 1
    assert UpsProvider.limits.per_leg == timedelta(minutes=30)
