"""Stories of parcels that DHL moves."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import aiohttp
from freezegun import freeze_time
import pytest

from custom_components.waybill.tracking.model import Answer, Direction, Stage
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.base import (
    AccountInfo,
    CredentialsRejected,
    ProviderUnavailable,
    Query,
    QuotaExceeded,
)
from custom_components.waybill.tracking.providers.dhl import DhlProvider, parse

from .conftest import Server
from .fixtures import answer_of

NUMBER = "1234567897"
KEY = {"api_key": "a-key-of-dhl"}


def event(code: Any = "transit", description: Any = "Update", **more: Any) -> Any:
    """Return one event."""
    return {
        "timestamp": "2026-05-01T10:00:00",
        "statusCode": code,
        "description": description,
    } | more


def told_of(*events: Any, **shipment: Any) -> Answer:
    """Return what the parser makes of a shipment."""
    body = {"shipments": [{"id": NUMBER, "events": list(events), **shipment}]}
    return parse(body, NUMBER)


def stage_of(code: Any, description: Any = "Update", **more: Any) -> Any:
    """Return the stage of a single event."""
    (told,) = told_of(event(code, description, **more)).events
    return told.stage


# The journey


def test_a_parcel_is_followed_through_customs_to_the_door() -> None:
    told = parse(answer_of("dhl", "cleared_and_delivered"), NUMBER)
    assert [(e.stage, e.direction) for e in told.events] == [
        (Stage.DELIVERED, None),
        (Stage.OUT_FOR_DELIVERY, None),
        (Stage.CUSTOMS_CLEARED, None),
        (Stage.CUSTOMS_ACTION_REQUIRED, None),
        (Stage.IN_CUSTOMS, None),
        (Stage.CUSTOMS_CLEARED, None),
        (Stage.IN_TRANSIT, None),
        (Stage.INFO_RECEIVED, None),
    ]
    assert [e.country for e in told.events[2:6]] == ["FR", "FR", "FR", "HK"]
    assert told.carrier == "dhl"
    assert (told.origin_country, told.destination_country) == ("HK", "FR")
    assert told.signed_by == "M. DURAND"
    assert told.estimate.start == date(2026, 3, 12)
    assert told.events[0].location == "LYON"
    assert told.events[0].country == "FR"
    assert told.events[0].words == "delivered; Delivered"
    assert told.stage is None


def test_the_example_that_contradicts_itself_is_not_delivered() -> None:
    told = parse(answer_of("dhl", "contradicts_itself"), "1111111110")
    assert [e.stage for e in told.events] == [Stage.INFO_RECEIVED]
    assert told.signed_by is None
    assert told.estimate.start == datetime(2026, 2, 8, tzinfo=UTC)
    assert told.estimate.end == datetime(2026, 2, 8, 22, tzinfo=UTC)


def test_of_several_shipments_the_newest_with_the_number_counts() -> None:
    told = parse(answer_of("dhl", "several_shipments"), "0034 0434 0000 0000 0017")
    assert [e.stage for e in told.events] == [Stage.READY_FOR_PICKUP]
    assert told.pickup_point == "Packstation 145"


# Whose answer it is


@pytest.mark.parametrize(
    ("shipment", "number"),
    [
        ({"id": 1234567897}, NUMBER),
        ({"id": "1234567897"}, NUMBER),
        ({"id": " 1234 567897"}, NUMBER),
        ({"id": "gm 1234567897"}, "GM1234567897"),
        ({"id": 340434000000000017}, "00340434000000000017"),
        ({"id": 5, "details": {"pieceIds": [None, "JD01"]}}, "JD01"),
    ],
)
def test_the_number_asked_about_is_known_in_every_form(
    shipment: dict[str, Any], number: str
) -> None:
    assert parse({"shipments": [shipment | {"events": [event()]}]}, number).found


@pytest.mark.parametrize(
    "shipment",
    [
        {"id": "9999999999"},
        {"id": 123456789},
        {"id": None},
        {"id": True},
        {},
        {"id": "x", "details": {"pieceIds": "JD01"}},
        "noise",
    ],
)
def test_another_shipment_is_no_news_of_this_one(shipment: Any) -> None:
    if isinstance(shipment, dict):
        shipment["events"] = [event("delivered")]
    told = parse({"shipments": [shipment]}, NUMBER)
    assert told == Answer(tracking_number=NUMBER)


def test_shipments_without_dates_are_told_apart_by_their_order() -> None:
    first = {"id": NUMBER, "events": [event("delivered", timestamp="soon")]}
    second = {"id": NUMBER, "status": "none", "events": []}
    told = parse({"shipments": [first, second]}, NUMBER)
    assert [e.stage for e in told.events] == [Stage.DELIVERED]


# The vocabulary


@pytest.mark.parametrize(
    ("code", "stage"),
    [
        ("pre-transit", Stage.INFO_RECEIVED),
        ("transit", Stage.IN_TRANSIT),
        ("TRANSIT", Stage.IN_TRANSIT),
        ("delivered", Stage.DELIVERED),
        ("failure", Stage.EXCEPTION),
        ("unknown", None),
        ("teleported", None),
        (None, None),
        (["transit"], None),
    ],
)
def test_codes_have_their_stages(code: Any, stage: Stage | None) -> None:
    assert stage_of(code) == stage


@pytest.mark.parametrize("code", ["transit", "unknown"])
@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("Clearance Event", Stage.IN_CUSTOMS),
        ("Customs clearance status updated", Stage.IN_CUSTOMS),
        ("The shipment is pending completion of customs inspection.", Stage.IN_CUSTOMS),
        ("The shipment has arrived at customs", Stage.IN_CUSTOMS),
        ("Your shipment goes on once customs clearance is completed", Stage.IN_CUSTOMS),
        ("Not yet cleared by customs", Stage.IN_CUSTOMS),
        (
            "Duties or documents are required to complete customs clearance.",
            Stage.CUSTOMS_ACTION_REQUIRED,
        ),
        ("Held for payment of duties", Stage.CUSTOMS_ACTION_REQUIRED),
        ("Held in customs, duties have to be paid", Stage.CUSTOMS_ACTION_REQUIRED),
        ("Import duty payment required", Stage.CUSTOMS_ACTION_REQUIRED),
        ("Shipment held for missing documents", Stage.CUSTOMS_ACTION_REQUIRED),
        ("Further Clearance Processing is Required", Stage.CUSTOMS_ACTION_REQUIRED),
        ("Import Customs Cleared", Stage.CUSTOMS_CLEARED),
        ("Customs clearance has been completed", Stage.CUSTOMS_CLEARED),
        ("Released by customs", Stage.CUSTOMS_CLEARED),
        ("Shipment is out with courier for delivery", Stage.OUT_FOR_DELIVERY),
        ("Out for Delivery", Stage.OUT_FOR_DELIVERY),
        (
            "The shipment has been loaded onto the delivery vehicle",
            Stage.OUT_FOR_DELIVERY,
        ),
        (
            "The shipment is ready for pick-up at the PACKSTATION",
            Stage.READY_FOR_PICKUP,
        ),
        ("Deposited in the DHL Locker", Stage.READY_FOR_PICKUP),
        ("Shipment has arrived at a DHL ServicePoint", Stage.READY_FOR_PICKUP),
        ("Available for collection", Stage.READY_FOR_PICKUP),
        ("Delivery attempted; recipient not home", Stage.DELIVERY_FAILED),
        ("Unfortunately the shipment could not be delivered", Stage.DELIVERY_FAILED),
        (
            "Delivery attempt unsuccessful. Available for pickup at a ServicePoint",
            Stage.READY_FOR_PICKUP,
        ),
        ("The shipment is being returned to the sender", Stage.RETURNING),
    ],
)
def test_texts_refine_the_codes_that_say_little(
    code: str, text: str, stage: Stage
) -> None:
    for key in ("status", "description", "remark"):
        told = event(code, None) | {key: text}
        (read,) = told_of(told).events
        assert read.stage == stage, key


@pytest.mark.parametrize(
    "text",
    [
        "Processed at LEIPZIG - GERMANY",
        "The shipment will be delivered to a Packstation",
        "The shipment is on its way to the retail outlet",
        "A new delivery attempt is planned",
        "Customs data received",
        "No duties have to be paid",
        "DELIVERED",
    ],
)
def test_texts_about_something_else_refine_nothing(text: str) -> None:
    assert stage_of("transit", text) is Stage.IN_TRANSIT
    assert stage_of("unknown", text) is None


@pytest.mark.parametrize("code", ["pre-transit", "failure", "delivered"])
def test_no_text_overrides_a_code_that_says_more(code: str) -> None:
    assert stage_of(code, "Out for delivery. In customs.") == stage_of(code)


def test_a_delivery_to_a_locker_waits_for_the_person() -> None:
    assert stage_of("delivered", "Delivered to a Packstation") is Stage.READY_FOR_PICKUP
    collected = "The recipient has picked up the shipment from the PACKSTATION"
    assert stage_of("delivered", collected) is Stage.DELIVERED


@pytest.mark.parametrize(
    ("text", "stage", "direction"),
    [
        ("Customs cleared", Stage.CUSTOMS_CLEARED, None),
        ("Import customs cleared", Stage.CUSTOMS_CLEARED, Direction.IMPORT),
        ("Export customs cleared", Stage.IN_TRANSIT, Direction.EXPORT),
    ],
)
def test_only_words_tell_the_side_of_the_border(
    text: str, stage: Stage, direction: Direction | None
) -> None:
    told = told_of(
        event("transit", text, location={"address": {"countryCode": "CN"}}),
        origin={"address": {"countryCode": "CN"}},
        destination={"address": {"countryCode": "FR"}},
    )
    assert (told.events[0].stage, told.events[0].direction) == (stage, direction)


@pytest.mark.parametrize(
    ("place", "stage"),
    [("CN", Stage.IN_TRANSIT), ("FR", Stage.IN_CUSTOMS), (None, Stage.IN_CUSTOMS)],
)
def test_a_status_in_the_country_of_origin_is_of_export_customs(
    place: str | None, stage: Stage
) -> None:
    told = told_of(
        status={
            "statusCode": "transit",
            "description": "Clearance event",
            "location": {"address": {"countryCode": place}},
        },
        origin={"address": {"countryCode": "CN"}},
        destination={"address": {"countryCode": "FR"}},
    )
    assert told.stage is stage


@pytest.mark.parametrize(
    ("service", "carrier"),
    [
        ("express", "dhl"),
        ("parcel-de", "dhl"),
        ("ecommerce", "dhl_ecommerce"),
        ("post-de", "deutsche_post"),
        ("rocket", None),
        (None, None),
    ],
)
def test_the_service_tells_the_carrier(service: Any, carrier: str | None) -> None:
    told = told_of(event(), service=service)
    assert (told.carrier, told.events[0].carrier) == (carrier, carrier)


def test_the_status_speaks_where_no_event_does() -> None:
    status = {"statusCode": "transit", "description": "Clearance event"}
    assert told_of(status=status).stage is Stage.IN_CUSTOMS
    assert told_of(event("unknown"), status=status).stage is Stage.IN_CUSTOMS
    assert told_of(event("delivered"), status=status).stage is None


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
    (told,) = told_of(event(timestamp=written)).events
    assert (told.time, told.local_time) == (instant, wall)
    assert told.written_time == written


@pytest.mark.parametrize(
    ("shipment", "start", "end"),
    [
        ({}, None, None),
        ({"estimatedTimeOfDelivery": "2026-05-03T00:00:00Z"}, date(2026, 5, 3), None),
        (
            {"estimatedTimeOfDelivery": "2026-05-03T18:00:00"},
            datetime(2026, 5, 3, 18),
            None,
        ),
        (
            {
                "estimatedTimeOfDelivery": "2026-05-03T00:00:00Z",
                "estimatedDeliveryTimeFrame": {
                    "estimatedFrom": "2026-05-03T13:20:00",
                    "estimatedThrough": "2026-05-03T16:20:00",
                },
            },
            datetime(2026, 5, 3, 13, 20),
            datetime(2026, 5, 3, 16, 20),
        ),
        ({"estimatedTimeOfDelivery": ["soon"]}, None, None),
    ],
)
def test_estimates_are_told_as_they_were_made(
    shipment: Any, start: Any, end: Any
) -> None:
    estimate = told_of(event(), **shipment).estimate
    if start is None:
        assert estimate is None
    else:
        assert (estimate.start, estimate.end) == (start, end)


# What else is told


@pytest.mark.parametrize(
    ("signed", "name"),
    [
        ({"name": "M. DURAND", "familyName": "Durand"}, "M. DURAND"),
        ({"givenName": "Marie", "familyName": "Durand"}, "Marie Durand"),
        ("M. DURAND", "M. DURAND"),
        ({"name": "D" * 500}, "D" * 120),
        ({}, None),
        (None, None),
    ],
)
def test_who_signed_is_told_once_it_is_there(signed: Any, name: str | None) -> None:
    details = {"proofOfDelivery": {"signed": signed}}
    assert told_of(event("delivered"), details=details).signed_by == name
    assert told_of(event("transit"), details=details).signed_by is None


def test_the_place_where_it_waits_is_told_while_it_waits() -> None:
    status = {
        "statusCode": "transit",
        "location": {"servicePoint": {"label": "Packstation 145"}},
    }
    waiting = event("transit", "Ready for collection")
    assert told_of(waiting, status=status).pickup_point == "Packstation 145"
    assert told_of(waiting).pickup_point is None
    assert told_of(event(), status=status).pickup_point is None


def test_the_description_is_the_clearest_wording() -> None:
    (told,) = told_of(event(status="In transit", remark="Soon")).events
    assert told.description == "Update"
    assert told.words == "In transit; Update; Soon"
    (other,) = told_of(event(description=None, status="In transit")).events
    assert other.description == "In transit"


def test_garbage_among_the_events_spoils_none_of_them() -> None:
    told = told_of(
        "garbage",
        None,
        {},
        event(timestamp=None),
        event(None, None),
        event(location="here"),
        event(location={"address": ["x"]}, description={"a": 1}),
    )
    assert [e.code for e in told.events] == ["transit", "transit"]


def test_a_list_without_end_is_cut() -> None:
    assert len(told_of(*[event()] * 1000).events) == 300


@pytest.mark.parametrize(
    "body", [None, [], "text", 7, {}, {"shipments": None}, {"shipments": {"id": 1}}]
)
def test_what_is_no_answer_is_no_answer(body: Any) -> None:
    with pytest.raises(ProviderUnavailable):
        parse(body, NUMBER)


# On the wire


async def ask(
    server: Server, session: aiohttp.ClientSession, **more: Any
) -> list[Answer]:
    """Ask DHL about one number."""
    leg = Query(tracking_number=NUMBER, **more)
    return await DhlProvider(server.url).fetch(session, KEY, [leg])


async def test_one_number_is_asked_about(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(answer_of("dhl", "cleared_and_delivered"))
    (told,) = await ask(server, session)
    assert len(told.events) == 8
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("GET", "/track/shipments")
    assert asked.query == {"trackingNumber": NUMBER, "language": "en"}
    assert asked.headers["DHL-API-Key"] == "a-key-of-dhl"


async def test_the_postal_code_is_told_where_it_is_known(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply({"shipments": []})
    await ask(server, session, postal_code="53113")
    assert server.asked[0].query["recipientPostalCode"] == "53113"


@pytest.mark.parametrize("status", [404, 400])
async def test_a_number_that_dhl_does_not_know_is_no_error(
    server: Server, session: aiohttp.ClientSession, status: int
) -> None:
    server.reply(answer_of("dhl", "not_found"), status=status)
    assert await ask(server, session) == [Answer(tracking_number=NUMBER)]


async def test_an_equal_answer_is_the_very_same_answer(
    server: Server, session: aiohttp.ClientSession
) -> None:
    provider = DhlProvider(server.url)
    leg = Query(tracking_number=NUMBER)
    for body, status in (
        (answer_of("dhl", "not_found"), 404),
        (answer_of("dhl", "cleared_and_delivered"), 200),
    ):
        server.replies.clear()
        server.reply(body, status=status)
        first = await provider.fetch(session, KEY, [leg])
        assert await provider.fetch(session, KEY, [leg]) is first


@freeze_time("2026-05-01T22:30:00Z", real_asyncio=True)
async def test_a_spent_quota_comes_back_at_midnight(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply({"title": "Too many requests"}, status=429)
    with pytest.raises(QuotaExceeded) as error:
        await ask(server, session)
    assert error.value.retry_at == datetime(2026, 5, 2, tzinfo=UTC)


@freeze_time("2026-05-01T22:30:00Z", real_asyncio=True)
async def test_a_spent_quota_comes_back_when_dhl_says(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply({}, status=429, headers={"Retry-After": "120"})
    with pytest.raises(QuotaExceeded) as error:
        await ask(server, session)
    assert error.value.retry_at == datetime(2026, 5, 1, 22, 32, tzinfo=UTC)


@pytest.mark.parametrize("status", [200, 404])
async def test_a_key_is_good_whatever_dhl_says_of_the_example(
    server: Server, session: aiohttp.ClientSession, status: int
) -> None:
    server.reply({}, status=status)
    info = await DhlProvider(server.url).verify(session, KEY)
    assert info == AccountInfo()
    assert server.asked[0].query["trackingNumber"] == "7777777770"


async def test_a_wrong_key_is_told(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply({"title": "Unauthorized"}, status=401)
    with pytest.raises(CredentialsRejected):
        await DhlProvider(server.url).verify(session, KEY)


async def test_dhl_does_not_tell_what_is_left(session: aiohttp.ClientSession) -> None:
    assert await DhlProvider().requests_left(session, KEY) is None


def test_dhl_is_asked_within_its_quota() -> None:
    assert PROVIDERS["dhl"] is DhlProvider
    assert DhlProvider.credentials == ("api_key",)
    assert DhlProvider.carriers == {"dhl", "dhl_ecommerce", "deutsche_post"}
    assert DhlProvider.limits.spacing == timedelta(seconds=5)
    assert DhlProvider.limits.per_day == 250
    assert DhlProvider.limits.per_leg == timedelta(minutes=5)
