"""Stories of parcels that PostNord moves."""

from datetime import UTC, date, datetime, timedelta
import logging
import traceback
from typing import Any

import aiohttp
from freezegun import freeze_time
import pytest
from yarl import URL

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
from custom_components.waybill.tracking.providers.postnord import (
    PostNordProvider,
    parse,
)

from .conftest import Server
from .fixtures import answer_of

NUMBER = "RR000000014SE"
WITH_COURIER = "00370700000000000017"
KEY = {"api_key": "0123456789abcdef0123456789abcdef"}


def event(status: Any = "EN_ROUTE", words: Any = "Update", **more: Any) -> Any:
    """Return one event."""
    return {
        "eventTime": "2026-05-01T10:00:00",
        "eventCode": "31",
        "status": status,
        "eventDescription": words,
    } | more


def body_of(item: Any, **shipment: Any) -> Any:
    """Return an answer about one shipment with one piece."""
    told = {"shipmentId": NUMBER, "items": [item]} | shipment
    return {"TrackingInformationResponse": {"shipments": [told]}}


def told_of(*events: Any, shipment: Any = None, **item: Any) -> Answer:
    """Return what the parser makes of a piece."""
    piece = {"itemId": NUMBER, "events": list(events)} | item
    return parse(body_of(piece, **(shipment or {})), NUMBER)


def stage_of(status: Any, words: Any = "Update", **more: Any) -> Any:
    """Return the stage of a single event."""
    (told,) = told_of(event(status, words, **more)).events
    return told.stage


# The journey


def test_a_parcel_is_followed_through_customs_to_the_person() -> None:
    told = parse(answer_of("postnord", "cleared_and_collected"), NUMBER)
    assert [(e.code, e.stage) for e in told.events] == [
        ("21", Stage.DELIVERED),
        ("z08", None),
        ("1", Stage.READY_FOR_PICKUP),
        ("31", Stage.IN_TRANSIT),
        ("32", Stage.CUSTOMS_CLEARED),
        ("31", Stage.IN_CUSTOMS),
        ("68", Stage.INFO_RECEIVED),
    ]
    assert {e.direction for e in told.events} == {None}
    assert told.carrier == "postnord"
    assert {e.carrier for e in told.events} == {"postnord"}
    assert (told.origin_country, told.destination_country) == ("CN", "SE")
    assert told.signed_by == "ANNA SVENSSON"
    assert told.estimate is None
    assert told.stage is None
    assert told.events[0].location == "DIREKTEN HAMMARBY, Stockholm"
    assert told.events[3].location == "SEGELTORP PAKETTERMINAL"
    assert told.events[3].country == "SE"
    assert told.events[3].local_time == datetime(2026, 5, 11, 2, 20)
    assert told.events[3].time is None


def test_a_parcel_is_with_the_courier() -> None:
    told = parse(answer_of("postnord", "with_the_courier"), WITH_COURIER)
    assert [e.stage for e in told.events] == [
        Stage.OUT_FOR_DELIVERY,
        Stage.IN_TRANSIT,
        Stage.IN_TRANSIT,
    ]
    assert told.events[0].time == datetime(2026, 5, 13, 5, 46, tzinfo=UTC)
    assert told.events[0].country == "DK"
    assert told.estimate.start == datetime(2026, 5, 13, 15, tzinfo=UTC)
    assert told.pickup_point is None
    assert told.signed_by is None


def test_a_piece_is_told_apart_from_the_others_of_its_shipment() -> None:
    answer = answer_of("postnord", "several_pieces")
    assert parse(answer, "RR000000028SE").events[0].stage is Stage.DELIVERED
    assert parse(answer, "RR000000031SE").events[0].stage is Stage.IN_TRANSIT
    # A shipment is there when its last piece is.
    assert parse(answer, "12345678901SE").events[0].stage is Stage.IN_TRANSIT


def test_nothing_that_names_the_sender_or_the_address_is_kept() -> None:
    told = str(parse(answer_of("postnord", "cleared_and_collected"), NUMBER))
    for personal in ("A SHOP", "12067", "STOCKHOLM"):
        assert personal not in told


# Whose answer it is


@pytest.mark.parametrize(
    "number", [NUMBER, "rr 000 000 014 se", "RR000000014SE "], ids=repr
)
def test_the_number_asked_about_is_known_in_every_form(number: str) -> None:
    assert parse(body_of({"itemId": NUMBER, "events": [event()]}), number).found
    assert parse(body_of({"itemId": "X", "events": [event()]}), number).found


@pytest.mark.parametrize(
    "shipment",
    [
        {"shipmentId": "RR000000028SE", "items": [{"itemId": "RR000000031SE"}]},
        {"shipmentId": None, "items": None},
        {"items": "noise"},
        "noise",
    ],
)
def test_another_shipment_is_no_news_of_this_one(shipment: Any) -> None:
    body = {"TrackingInformationResponse": {"shipments": [shipment]}}
    assert parse(body, NUMBER) == Answer(tracking_number=NUMBER)


def test_a_shipment_beside_another_is_found() -> None:
    other = {"shipmentId": "RR000000028SE", "items": [{"events": [event("DELIVERED")]}]}
    body = body_of({"itemId": NUMBER, "events": [event()]})
    body["TrackingInformationResponse"]["shipments"].insert(0, other)
    assert [e.stage for e in parse(body, NUMBER).events] == [Stage.IN_TRANSIT]


def test_a_number_of_the_wrong_form_is_called_invalid() -> None:
    told = parse(answer_of("postnord", "invalid"), "NONSENSE1")
    assert told == Answer(tracking_number="NONSENSE1", invalid=True)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        7,
        {},
        {"TrackingInformationResponse": None},
        {"TrackingInformationResponse": {}},
        {"TrackingInformationResponse": {"shipments": {"id": 1}}},
        {
            "TrackingInformationResponse": {
                "compositeFault": {"faults": [{"faultCode": "invalidLocale"}]},
                "shipments": [],
            }
        },
    ],
)
def test_what_is_no_answer_is_no_answer(body: Any) -> None:
    with pytest.raises(ProviderUnavailable):
        parse(body, NUMBER)


# The vocabulary


@pytest.mark.parametrize(
    ("status", "stage"),
    [
        ("CREATED", Stage.INFO_RECEIVED),
        ("INFORMED", Stage.INFO_RECEIVED),
        ("EN_ROUTE", Stage.IN_TRANSIT),
        ("en_route", Stage.IN_TRANSIT),
        ("DELAYED", Stage.IN_TRANSIT),
        ("EXPECTED_DELAY", Stage.IN_TRANSIT),
        ("DELIVERY", Stage.OUT_FOR_DELIVERY),
        ("AVAILABLE_FOR_DELIVERY", Stage.READY_FOR_PICKUP),
        ("AVAILABLE_FOR_DELIVERY_PAR_LOC", Stage.READY_FOR_PICKUP),
        ("DELIVERED", Stage.DELIVERED),
        ("DELIVERY_IMPOSSIBLE", Stage.DELIVERY_FAILED),
        ("DELIVERY_REFUSED", Stage.EXCEPTION),
        ("RETURNED", Stage.RETURNING),
        ("STOPPED", Stage.EXCEPTION),
        ("OTHER", None),
        ("SPLIT", None),
        ("TELEPORTED", None),
        (None, None),
        (["EN_ROUTE"], None),
    ],
)
def test_statuses_have_their_stages(status: Any, stage: Stage | None) -> None:
    assert stage_of(status) is stage
    assert told_of(status=status).stage is stage
    assert told_of(shipment={"status": status}).stage is stage


@pytest.mark.parametrize("code", ["113", 113])
def test_only_the_code_tells_that_the_courier_is_on_the_way(code: Any) -> None:
    assert stage_of("EN_ROUTE", eventCode=code) is Stage.OUT_FOR_DELIVERY
    assert stage_of("DELIVERED", eventCode=code) is Stage.DELIVERED


@pytest.mark.parametrize(
    "status", ["EN_ROUTE", "DELAYED", "EXPECTED_DELAY", "OTHER", "STOPPED"]
)
@pytest.mark.parametrize(
    ("words", "stage"),
    [
        ("The shipment item is held by customs.", Stage.IN_CUSTOMS),
        ("The item has arrived at customs", Stage.IN_CUSTOMS),
        ("Customs duties must be paid", Stage.CUSTOMS_ACTION_REQUIRED),
        ("The shipment item has been released by customs", Stage.CUSTOMS_CLEARED),
        ("Customs clearance is completed", Stage.CUSTOMS_CLEARED),
        (
            "The delivery of the shipment item is in progress.",
            Stage.OUT_FOR_DELIVERY,
        ),
        ("The shipment item is on its way back to the sender", Stage.RETURNING),
    ],
)
def test_texts_refine_the_statuses_that_say_little(
    status: str, words: str, stage: Stage
) -> None:
    assert stage_of(status, words) is stage


@pytest.mark.parametrize(
    "words",
    [
        "The shipment item is under transportation.",
        "The item will be returned to the sender if you do not collect it",
        "Customs data has been received electronically",
        "E-mail notification has been sent to the recipient.",
    ],
)
def test_texts_about_something_else_refine_nothing(words: str) -> None:
    assert stage_of("EN_ROUTE", words) is Stage.IN_TRANSIT
    assert stage_of("OTHER", words) is None


@pytest.mark.parametrize(
    "status", ["INFORMED", "AVAILABLE_FOR_DELIVERY", "DELIVERY_REFUSED", "DELIVERED"]
)
def test_no_text_overrides_a_status_that_says_more(status: str) -> None:
    assert stage_of(status, "Out for delivery. In customs.") == stage_of(status)


@pytest.mark.parametrize(
    ("words", "stage", "direction"),
    [
        ("Export customs clearance", Stage.IN_TRANSIT, Direction.EXPORT),
        ("Import customs clearance", Stage.IN_CUSTOMS, Direction.IMPORT),
        ("Customs clearance", Stage.IN_CUSTOMS, None),
    ],
)
def test_only_words_tell_the_side_of_the_border(
    words: str, stage: Stage, direction: Direction | None
) -> None:
    (told,) = told_of(event("EN_ROUTE", words)).events
    assert (told.stage, told.direction) == (stage, direction)


def test_an_item_that_customs_stopped_is_in_customs_while_it_is() -> None:
    stopped = event("STOPPED", "The shipment item is stopped")
    before = event("STOPPED", "Stopped", eventTime="2026-04-30T10:00:00")
    told = told_of(stopped, before, stoppedInCustoms=True)
    assert [e.stage for e in told.events] == [Stage.IN_CUSTOMS, Stage.EXCEPTION]
    assert told_of(stopped, stoppedInCustoms="yes").events[0].stage is Stage.EXCEPTION
    assert told_of(event(), stoppedInCustoms=True).events[0].stage is Stage.IN_TRANSIT


@pytest.mark.parametrize(
    ("status", "words", "stage"),
    [
        ("DELIVERED", "Delivered to a parcel locker", Stage.READY_FOR_PICKUP),
        ("DELIVERED", "The shipment item has been delivered.", Stage.DELIVERED),
        ("DELIVERED", "The item has been delivered to the sender", Stage.RETURNED),
        ("RETURNED", "The item has been collected by the sender", Stage.RETURNED),
        ("RETURNED", "The item is being returned to the sender", Stage.RETURNING),
    ],
)
def test_a_delivery_to_a_locker_or_to_the_sender_is_none(
    status: str, words: str, stage: Stage
) -> None:
    assert stage_of(status, words) is stage


# The clocks


@pytest.mark.parametrize(
    ("written", "instant", "wall"),
    [
        ("2026-05-01T10:00:00", None, datetime(2026, 5, 1, 10)),
        (
            "2026-05-01T10:00:00+02:00",
            datetime(2026, 5, 1, 8, tzinfo=UTC),
            datetime(2026, 5, 1, 10),
        ),
        ("2026-05-01T10:00:00Z", datetime(2026, 5, 1, 10, tzinfo=UTC), None),
        ("May 1st", None, None),
    ],
)
def test_a_time_without_an_offset_is_the_time_at_the_place(
    written: str, instant: datetime | None, wall: datetime | None
) -> None:
    (told,) = told_of(event(eventTime=written)).events
    assert (told.time, told.local_time, told.written_time) == (instant, wall, written)


@pytest.mark.parametrize("days", [(1, 2, 3), (3, 2, 1), (3, 1, 2), (2, 2, 3)], ids=repr)
def test_the_newest_event_comes_first_whichever_end_is_told_first(
    days: tuple[int, ...],
) -> None:
    told = told_of(
        *(
            event(words=str(n), eventTime=f"2026-05-0{day}T10:00:00")
            for n, day in enumerate(days)
        )
    )
    order = [int(e.words) for e in told.events]
    newest_first = days[0] > days[-1]
    assert order == (list(range(3)) if newest_first else [2, 1, 0])


def test_events_whose_times_cannot_be_read_keep_their_order() -> None:
    told = told_of(event(words="a", eventTime="x"), event(words="b", eventTime="y"))
    assert [e.words for e in told.events] == ["a", "b"]


@pytest.mark.parametrize(
    ("item", "shipment", "start", "end"),
    [
        ({}, {}, None, None),
        (
            {"estimatedTimeOfArrival": "2026-05-03T12:00:00"},
            {"estimatedTimeOfArrival": "2026-05-04T12:00:00"},
            datetime(2026, 5, 3, 12),
            None,
        ),
        (
            {"publicTimeOfArrival": "2026-05-05T12:00:00"},
            {"estimatedTimeOfArrival": "2026-05-04T00:00:00"},
            date(2026, 5, 4),
            None,
        ),
        (
            {"publicTimeOfArrival": "2026-05-05T12:00:00Z"},
            {},
            datetime(2026, 5, 5, 12, tzinfo=UTC),
            None,
        ),
        (
            {
                "bookedDeliveryDateFrom": "2026-05-06T17:00:00",
                "bookedDeliveryDateTo": "2026-05-06T21:00:00",
                "estimatedTimeOfArrival": "2026-05-03T12:00:00",
            },
            {},
            datetime(2026, 5, 6, 17),
            datetime(2026, 5, 6, 21),
        ),
        ({"estimatedTimeOfArrival": ["soon"]}, {}, None, None),
    ],
)
def test_what_the_person_booked_counts_then_what_is_promised(
    item: Any, shipment: Any, start: Any, end: Any
) -> None:
    estimate = told_of(event(), shipment=shipment, **item).estimate
    if start is None:
        assert estimate is None
    else:
        assert (estimate.start, estimate.end) == (start, end)
    # After the delivery the field says when it was.
    assert told_of(event("DELIVERED"), shipment=shipment, **item).estimate is None


# What else is told


@pytest.mark.parametrize(
    ("place", "location", "country"),
    [
        ({"displayName": "A", "name": "B", "city": "C"}, "A, C", None),
        ({"name": "STOCKHOLM ÅRSTA", "city": "Stockholm"}, "STOCKHOLM ÅRSTA", None),
        ({"city": "Oslo", "countryCode": "NO"}, "Oslo", "NO"),
        ({"country": "Finland", "countryCode": "FIN"}, None, "FI"),
        ({"countryCode": "SWE"}, None, None),
        ({"name": "N" * 500}, "N" * 120, None),
        ("here", None, None),
        (None, None, None),
    ],
)
def test_places(place: Any, location: str | None, country: str | None) -> None:
    (told,) = told_of(event(location=place)).events
    assert (told.location, told.country) == (location, country)


def test_the_place_where_it_waits_is_told_while_it_waits() -> None:
    shop = {"displayName": "A SHOP", "locationType": "SERVICE_POINT"}
    point = {"deliveryPoint": {"name": "A POINT"}}
    waiting = event("AVAILABLE_FOR_DELIVERY", location=shop)
    assert told_of(waiting).pickup_point == "A SHOP"
    assert told_of(waiting, shipment=point).pickup_point == "A POINT"
    assert told_of(event(), shipment=point).pickup_point is None
    hub = {"displayName": "A HUB", "locationType": "HUB"}
    elsewhere = event("AVAILABLE_FOR_DELIVERY", location=hub)
    assert told_of(elsewhere).pickup_point is None


@pytest.mark.parametrize(
    ("acceptor", "name"),
    [
        ({"name": "ANNA SVENSSON"}, "ANNA SVENSSON"),
        ({"name": "A" * 500}, "A" * 120),
        ({}, None),
        ("ANNA", None),
    ],
)
def test_who_accepted_it_is_told_once_it_is_there(
    acceptor: Any, name: str | None
) -> None:
    assert told_of(event("DELIVERED"), acceptor=acceptor).signed_by == name
    assert told_of(event("EN_ROUTE"), acceptor=acceptor).signed_by is None


def test_garbage_among_the_events_spoils_none_of_them() -> None:
    told = told_of(
        "garbage",
        None,
        {},
        event(eventTime=None),
        event(None, None, eventCode=None),
        event(location="here", eventCode=None),
        event({"a": 1}, None),
    )
    assert {e.code for e in told.events} == {"EN_ROUTE", "31"}


def test_a_list_without_end_is_cut_at_its_old_end() -> None:
    told = told_of(
        *(event(words=str(n), eventTime="2026-05-01T10:00:00") for n in range(1000))
    )
    assert len(told.events) == 300
    assert told.events[0].words == "999"


# On the wire


async def ask(
    server: Server, session: aiohttp.ClientSession, number: str = NUMBER
) -> list[Answer]:
    """Ask PostNord about one number."""
    leg = Query(tracking_number=number)
    return await PostNordProvider(server.url).fetch(session, KEY, [leg])


async def test_one_number_is_asked_about(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(answer_of("postnord", "cleared_and_collected"))
    (told,) = await ask(server, session)
    assert len(told.events) == 7
    (asked,) = server.asked
    assert asked.method == "GET"
    assert asked.path == "/rest/shipment/v5/trackandtrace/findByIdentifier.json"
    assert asked.query == {"apikey": KEY["api_key"], "id": NUMBER, "locale": "en"}


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (200, answer_of("postnord", "unknown"), Answer(tracking_number=NUMBER)),
        (404, b"", Answer(tracking_number=NUMBER)),
        (404, {"title": "Not Found"}, Answer(tracking_number=NUMBER)),
        (400, {"title": "Bad Request"}, Answer(tracking_number=NUMBER)),
        (
            400,
            answer_of("postnord", "invalid"),
            Answer(tracking_number=NUMBER, invalid=True),
        ),
    ],
)
async def test_a_number_that_postnord_does_not_know_is_no_error(
    server: Server,
    session: aiohttp.ClientSession,
    status: int,
    body: Any,
    answer: Answer,
) -> None:
    server.reply(body, status=status)
    assert await ask(server, session) == [answer]


async def test_an_equal_answer_is_the_very_same_answer(
    server: Server, session: aiohttp.ClientSession
) -> None:
    provider = PostNordProvider(server.url)
    leg = Query(tracking_number=NUMBER)
    for name in ("unknown", "cleared_and_collected"):
        server.replies.clear()
        server.reply(answer_of("postnord", name))
        first = await provider.fetch(session, KEY, [leg])
        assert await provider.fetch(session, KEY, [leg]) is first


@pytest.mark.parametrize(
    ("status", "body"),
    [(401, b""), (401, b"<html>"), (403, b""), (403, b"Authentication failed")],
)
async def test_a_wrong_key_is_told(
    server: Server, session: aiohttp.ClientSession, status: int, body: bytes
) -> None:
    server.reply(body, status=status)
    with pytest.raises(CredentialsRejected):
        await ask(server, session)
    with pytest.raises(CredentialsRejected):
        await PostNordProvider(server.url).verify(session, KEY)


@pytest.mark.parametrize("name", ["unknown", "cleared_and_collected"])
async def test_a_key_is_good_whatever_postnord_says_of_the_number(
    server: Server, session: aiohttp.ClientSession, name: str
) -> None:
    server.reply(answer_of("postnord", name))
    info = await PostNordProvider(server.url).verify(session, KEY)
    assert info == AccountInfo()
    assert server.asked[0].query["id"] == "RR000000005SE"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html><body>We'll be right back</body></html>"),
        (200, b'{"TrackingInformationResponse": {"shipm'),
        (200, b"[]"),
        (200, b'"text"'),
        (200, b""),
        (404, b"<html></html>"),
        (302, b""),
        (500, b"{}"),
        (503, b""),
    ],
)
async def test_what_cannot_be_used_is_no_answer(
    server: Server, session: aiohttp.ClientSession, status: int, body: bytes
) -> None:
    server.reply(body, status=status)
    with pytest.raises(ProviderUnavailable):
        await ask(server, session)


@freeze_time("2026-05-01T22:30:00Z", real_asyncio=True)
@pytest.mark.parametrize(
    ("headers", "retry_at"),
    [
        ({}, None),
        ({"Retry-After": "120"}, datetime(2026, 5, 1, 22, 32, tzinfo=UTC)),
    ],
)
async def test_too_many_questions_are_told(
    server: Server,
    session: aiohttp.ClientSession,
    headers: dict[str, str],
    retry_at: datetime | None,
) -> None:
    server.reply({}, status=429, headers=headers)
    with pytest.raises(QuotaExceeded) as error:
        await ask(server, session)
    assert error.value.retry_at == retry_at


async def test_the_key_in_the_address_is_told_in_no_error_and_no_log(
    server: Server, session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    errors: list[ProviderError] = []
    for status, body in ((200, b"{"), (302, b""), (403, b""), (429, b""), (503, b"")):
        server.replies.clear()
        server.reply(body, status=status)
        with pytest.raises(ProviderError) as error:
            await ask(server, session)
        errors.append(error.value)
    leg = Query(tracking_number=NUMBER)
    for nowhere in ("http://127.0.0.1:1/", "http://nowhere.invalid/"):
        provider = PostNordProvider(URL(nowhere))
        with pytest.raises(ProviderUnavailable) as error:
            await provider.fetch(session, KEY, [leg])
        errors.append(error.value)
    said = "".join(
        "".join(traceback.format_exception(error, limit=0)) for error in errors
    ) + "".join(
        record.getMessage()
        for record in caplog.records
        if record.name != "aiohttp.access"
    )
    for secret in (NUMBER, KEY["api_key"]):
        assert secret not in said


def test_postnord_is_asked_for_its_own_numbers() -> None:
    assert PROVIDERS["postnord"] is PostNordProvider
    assert PostNordProvider.credentials == ("api_key",)
    assert PostNordProvider.answers_for(NUMBER, "postnord")
    assert not PostNordProvider.answers_for("RR000000014FI", "post_fi")
    assert PostNordProvider.limits.batch_size == 1
    assert PostNordProvider.limits.spacing >= timedelta(seconds=1)
