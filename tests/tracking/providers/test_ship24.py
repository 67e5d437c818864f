"""Stories of parcels that Ship24 follows."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import aiohttp
from freezegun import freeze_time
import pytest

from custom_components.waybill.tracking.model import Answer, Direction, Leg, Stage
from custom_components.waybill.tracking.providers import PROVIDERS, ship24
from custom_components.waybill.tracking.providers.base import (
    AccountInfo,
    CredentialsRejected,
    Listed,
    NotEntitled,
    ProviderUnavailable,
    Query,
    QuotaExceeded,
)
from custom_components.waybill.tracking.providers.ship24 import (
    Ship24Provider,
    parse,
    parse_page,
)

from .conftest import Server
from .fixtures import answer_of

NUMBER = "LP00730000000028"
HANDED_OVER = "9400111206619004520717"
KEY = {"api_key": "a-key-of-ship24"}
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def event(code: Any = None, milestone: Any = "in_transit", **more: Any) -> Any:
    """Return one event."""
    return {
        "status": "Update",
        "occurrenceDatetime": "2026-05-01T10:00:00",
        "eventTrackingNumber": NUMBER,
        "statusCode": code,
        "statusMilestone": milestone,
    } | more


def tracking(*events: Any, number: Any = NUMBER, **more: Any) -> dict[str, Any]:
    """Return the results of a tracker."""
    return {
        "tracker": {"trackingNumber": number},
        "shipment": {},
        "events": list(events),
    } | more


def results(*trackings: Any) -> dict[str, Any]:
    """Return the results of a search."""
    return {"data": {"trackings": list(trackings)}}


def told_of(*events: Any, **more: Any) -> Answer:
    """Return what the parser makes of one tracker."""
    (answer,) = parse(results(tracking(*events, **more)), NUMBER)
    return answer


def stage_of(code: Any, milestone: Any = "in_transit", text: str = "Update") -> Any:
    """Return stage and direction of a single event."""
    (told,) = told_of(event(code, milestone, status=text)).events
    return told.stage, told.direction


def failure(*codes: str) -> dict[str, Any]:
    """Return an error."""
    return {"errors": [{"code": code, "message": "No"} for code in codes], "data": None}


# The journey


def test_a_parcel_is_followed_through_both_customs_to_its_last_carrier() -> None:
    (told,) = parse(answer_of("ship24", "handed_over"), NUMBER)
    assert [(e.stage, e.direction) for e in told.events] == [
        (Stage.DELIVERED, None),
        (Stage.OUT_FOR_DELIVERY, None),
        (Stage.CUSTOMS_CLEARED, Direction.IMPORT),
        (Stage.CUSTOMS_ACTION_REQUIRED, Direction.IMPORT),
        (Stage.CUSTOMS_CLEARED, None),
        (Stage.IN_TRANSIT, None),
        (Stage.SHIPPED, None),
    ]
    assert [e.country for e in told.events[2:5]] == ["US", "US", "CN"]
    assert told.events[0].carrier == "usps"
    assert told.events[0].location == "SAN RAFAEL, CA 94901"
    assert told.carrier == "cainiao"
    assert (told.origin_country, told.destination_country) == ("CN", "US")
    assert told.next_leg == Leg(tracking_number=HANDED_OVER, carrier="usps")
    assert told.signed_by == "J. Doe"
    assert told.estimate.start == datetime(2026, 5, 12, 17)
    assert told.estimate.end == datetime(2026, 5, 12, 18)
    assert told.stage is None


# The vocabulary


@pytest.mark.parametrize(
    ("code", "milestone", "stage"),
    [
        ("data_order_created", "info_received", Stage.INFO_RECEIVED),
        ("data_order_cancelled", "exception", Stage.EXCEPTION),
        ("data_delivery_proposed", "in_transit", Stage.IN_TRANSIT),
        ("data_delivery_decided", "out_for_delivery", Stage.OUT_FOR_DELIVERY),
        ("transit_handover", "in_transit", Stage.SHIPPED),
        ("transit_origin_country_departure", "in_transit", Stage.IN_TRANSIT),
        ("destination_arrival", "in_transit", Stage.IN_TRANSIT),
        ("customs_received", "in_transit", Stage.IN_CUSTOMS),
        ("customs_exception", "in_transit", Stage.IN_CUSTOMS),
        ("customs_rejected", "exception", Stage.EXCEPTION),
        ("customs_cleared", "in_transit", Stage.CUSTOMS_CLEARED),
        (
            "delivery_available_for_pickup",
            "available_for_pickup",
            Stage.READY_FOR_PICKUP,
        ),
        ("delivery_out_for_delivery", "out_for_delivery", Stage.OUT_FOR_DELIVERY),
        ("delivery_attempted", "failed_attempt", Stage.DELIVERY_FAILED),
        ("delivery_exception", "exception", Stage.EXCEPTION),
        ("delivery_exception", "failed_attempt", Stage.DELIVERY_FAILED),
        ("delivery_refused", "exception", Stage.EXCEPTION),
        ("delivery_delivered", "delivered", Stage.DELIVERED),
        ("exception_return", "exception", Stage.RETURNING),
        ("exception_lost", "exception", Stage.EXCEPTION),
        ("exception_discarded", "exception", Stage.EXCEPTION),
        (None, "info_received", Stage.INFO_RECEIVED),
        (None, "in_transit", Stage.IN_TRANSIT),
        (None, "out_for_delivery", Stage.OUT_FOR_DELIVERY),
        (None, "failed_attempt", Stage.DELIVERY_FAILED),
        (None, "available_for_pickup", Stage.READY_FOR_PICKUP),
        (None, "delivered", Stage.DELIVERED),
        (None, "exception", Stage.EXCEPTION),
        (None, "pending", None),
        ("teleported", "in_transit", Stage.IN_TRANSIT),
        ("teleported", "teleported", None),
        (None, None, None),
        (["customs_cleared"], {}, None),
    ],
)
def test_codes_have_their_stages(code: Any, milestone: Any, stage: Any) -> None:
    assert stage_of(code, milestone)[0] == stage
    shipment = {"statusCode": code, "statusMilestone": milestone}
    assert told_of(shipment=shipment).stage == stage


@pytest.mark.parametrize(
    ("code", "text", "stage"),
    [
        (None, "Arrived at customs", Stage.IN_CUSTOMS),
        (None, "Customs clearance completed", Stage.CUSTOMS_CLEARED),
        (None, "Customs data received", Stage.IN_TRANSIT),
        (None, "Out for delivery", Stage.IN_TRANSIT),
        ("customs_exception", "Duties must be paid", Stage.CUSTOMS_ACTION_REQUIRED),
        ("customs_exception", "Customs clearance completed", Stage.IN_CUSTOMS),
        ("customs_received", "Duties must be paid", Stage.IN_CUSTOMS),
        ("destination_arrival", "Arrived at customs", Stage.IN_TRANSIT),
    ],
)
def test_texts_refine_only_what_says_too_little(
    code: Any, text: str, stage: Stage
) -> None:
    assert stage_of(code, text=text)[0] is stage


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Customs cleared", (Stage.CUSTOMS_CLEARED, None)),
        ("Export customs cleared", (Stage.IN_TRANSIT, Direction.EXPORT)),
        ("Import customs cleared", (Stage.CUSTOMS_CLEARED, Direction.IMPORT)),
    ],
)
def test_the_words_tell_the_side_of_the_border(text: str, told: Any) -> None:
    assert stage_of("customs_cleared", text=text) == told


def test_a_delivery_back_to_the_sender_is_a_return() -> None:
    code = "delivery_delivered"
    assert stage_of(code, text="Delivered, To Original Sender")[0] is Stage.RETURNED


def test_a_delivery_to_a_locker_waits_for_the_person() -> None:
    code = "delivery_delivered"
    assert (
        stage_of(code, text="Delivered to parcel locker")[0] is Stage.READY_FOR_PICKUP
    )


@pytest.mark.parametrize(
    ("code", "carrier"),
    [
        ("us-post", "usps"),
        ("gb-post", "royal_mail"),
        ("ee-post", "post_ee"),
        ("zz-post", None),
        ("dhl", "dhl"),
        ("DHL-Express", "dhl"),
        ("yun-express", "yunexpress"),
        ("4px", "4px"),
        (["cainiao", "us-post"], "cainiao"),
        ([], None),
        ("rocket", None),
        (None, None),
        ({}, None),
    ],
)
def test_the_courier_is_one_of_ours_where_we_know_it(code: Any, carrier: Any) -> None:
    told = told_of(event(courierCode=code))
    assert (told.carrier, told.events[0].carrier) == (carrier, carrier)


# What else is told


@pytest.mark.parametrize(
    ("written", "instant", "wall"),
    [
        ("2026-05-01T10:00:00", None, datetime(2026, 5, 1, 10)),
        ("2026-05-01T10:00:00.000Z", datetime(2026, 5, 1, 10, tzinfo=UTC), None),
        (
            "2026-05-01T10:00:00+02:00",
            datetime(2026, 5, 1, 8, tzinfo=UTC),
            datetime(2026, 5, 1, 10),
        ),
        ("2026-05-01", None, None),
    ],
)
def test_a_time_without_an_offset_is_the_time_at_the_place(
    written: str, instant: datetime | None, wall: datetime | None
) -> None:
    (told,) = told_of(event(occurrenceDatetime=written)).events
    assert (told.time, told.local_time) == (instant, wall)
    assert told.written_time == written


@pytest.mark.parametrize(
    ("delivery", "start", "end"),
    [
        (None, None, None),
        ({"estimatedDeliveryDate": "2026-05-12"}, date(2026, 5, 12), None),
        (
            {"estimatedDeliveryDate": "2026-05-12T18:00:00"},
            datetime(2026, 5, 12, 18),
            None,
        ),
        (
            {
                "courierEstimatedDeliveryDate": {
                    "from": None,
                    "to": "2026-05-12T18:00:00+02:00",
                }
            },
            datetime(2026, 5, 12, 18, tzinfo=timezone(timedelta(hours=2))),
            datetime(2026, 5, 12, 18, tzinfo=timezone(timedelta(hours=2))),
        ),
        ({"courierEstimatedDeliveryDate": None}, None, None),
        ({"estimatedDeliveryDate": ["soon"]}, None, None),
    ],
)
def test_estimates_are_told_as_they_were_made(
    delivery: Any, start: Any, end: Any
) -> None:
    estimate = told_of(event(), shipment={"delivery": delivery}).estimate
    if start is None:
        assert estimate is None
    else:
        assert (estimate.start, estimate.end) == (start, end)


def test_who_signed_is_told_once_it_is_there() -> None:
    shipment = {"delivery": {"signedBy": "J. Doe"}}
    assert told_of(event(), shipment=shipment).signed_by is None
    there = event("delivery_delivered", "delivered")
    assert told_of(there, shipment=shipment).signed_by == "J. Doe"


@pytest.mark.parametrize(
    ("number", "courier", "leg"),
    [
        (NUMBER, "us-post", None),
        ("lp 00730000000028", "us-post", None),
        (None, "us-post", None),
        ("{{ x }}", "us-post", None),
        (HANDED_OVER, None, Leg(tracking_number=HANDED_OVER, carrier="usps")),
        (HANDED_OVER, "dhl", Leg(tracking_number=HANDED_OVER, carrier="dhl")),
        ("ABC-12345-X", None, Leg(tracking_number="ABC12345X")),
    ],
)
def test_the_last_carriers_number_is_that_of_the_newest_event(
    number: Any, courier: Any, leg: Leg | None
) -> None:
    newest = event(eventTrackingNumber=number, courierCode=courier)
    assert told_of(newest, event()).next_leg == leg
    assert told_of(event(), newest).next_leg is None


def test_garbage_among_the_events_spoils_none_of_them() -> None:
    told = told_of(
        "garbage",
        None,
        {},
        event(occurrenceDatetime=None),
        event(None, None, status=None),
        event(location=["here"]),
    )
    assert [e.location for e in told.events] == [None]


def test_a_list_without_end_is_cut() -> None:
    assert len(told_of(*[event()] * 1000).events) == 300


def test_of_several_trackers_the_one_last_heard_of_counts() -> None:
    old = tracking(event(occurrenceDatetime="2024-05-01T10:00:00Z"))
    new = tracking(event("delivery_delivered", "delivered"))
    for trackings in ((old, new, tracking()), (tracking(), new, old)):
        (told,) = parse(results(*trackings), NUMBER)
        assert told.events[0].stage is Stage.DELIVERED


@pytest.mark.parametrize(
    "other", [tracking(event(), number="OTHER1"), {}, "garbage", {"tracker": []}]
)
def test_another_tracker_is_no_news_of_this_one(other: Any) -> None:
    assert parse(results(other), NUMBER) == []


def test_a_tracker_without_results_knows_nothing_yet() -> None:
    told = told_of(shipment={"statusMilestone": "pending"})
    assert not told.found


@pytest.mark.parametrize(
    "body", [None, [], "text", {}, {"data": None}, {"data": {"trackings": {}}}]
)
def test_what_is_no_answer_is_no_answer(body: Any) -> None:
    with pytest.raises(ProviderUnavailable):
        parse(body, NUMBER)


# On the wire


def query(**more: Any) -> Query:
    """Return a question."""
    return Query(tracking_number=NUMBER, **more)


async def ask(
    server: Server, session: aiohttp.ClientSession, **more: Any
) -> list[Answer]:
    """Ask Ship24 about one number."""
    return await Ship24Provider(server.url).fetch(session, KEY, [query(**more)])


async def test_a_tracker_that_is_there_is_read_for_free(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(answer_of("ship24", "handed_over"))
    provider = Ship24Provider(server.url)
    first = await provider.fetch(session, KEY, [query(may_register=True)])
    assert await provider.fetch(session, KEY, [query()]) is first
    asked = server.asked[0]
    assert (asked.method, asked.path) == (
        "GET",
        f"/public/v1/trackers/search/{NUMBER}/results",
    )
    assert asked.headers["Authorization"] == "Bearer a-key-of-ship24"
    assert [each.method for each in server.asked] == ["GET", "GET"]


@pytest.mark.parametrize(
    ("body", "status"), [(failure("tracker_not_found"), 404), (results(), 200)]
)
async def test_a_tracker_is_made_only_where_that_is_allowed(
    server: Server, session: aiohttp.ClientSession, body: Any, status: int
) -> None:
    server.reply(body, status=status)
    assert await ask(server, session) == []
    assert len(server.asked) == 1
    server.replies.clear()
    server.reply(body, status=status)
    server.reply({"data": {"tracker": {}}}, status=201)
    told = await ask(server, session, may_register=True, postal_code="94901")
    assert told == [Answer(tracking_number=NUMBER)]
    made = server.asked[2]
    assert (made.method, made.path) == ("POST", "/public/v1/trackers")
    assert made.body == {"trackingNumber": NUMBER, "destinationPostCode": "94901"}


@pytest.mark.parametrize(
    ("body", "status"), [(failure("tracker_not_found"), 404), (results(), 200)]
)
@pytest.mark.parametrize("made", [True, False])
async def test_no_tracker_is_made_twice(
    server: Server, session: aiohttp.ClientSession, body: Any, status: int, made: bool
) -> None:
    provider = Ship24Provider(server.url)
    if made:
        server.reply(body, status=status)
        server.reply({"data": {"tracker": {}}}, status=201)
    else:
        server.reply(answer_of("ship24", "handed_over"))
    server.reply(body, status=status)
    await provider.fetch(session, KEY, [query(may_register=True)])
    # The person may know more by now, which would be another tracker.
    leg = query(may_register=True, postal_code="94901")
    assert await provider.fetch(session, KEY, [leg]) == [Answer(tracking_number=NUMBER)]
    assert [asked.method for asked in server.asked].count("POST") == made


@pytest.mark.parametrize("status", [403, 405])
async def test_a_spent_quota_is_waited_out(
    server: Server, session: aiohttp.ClientSession, status: int
) -> None:
    unknown = failure("tracker_not_found")
    provider = Ship24Provider(server.url)
    leg = query(may_register=True)
    spent = [Answer(tracking_number=NUMBER, needs="quota")]
    with freeze_time("2026-05-01T22:30:00Z", real_asyncio=True) as clock:
        server.reply(unknown, status=404)
        server.reply(failure("quota_limit_reached"), status=status)
        server.reply(unknown, status=404)
        assert await provider.fetch(session, KEY, [leg]) == spent
        assert await provider.fetch(session, KEY, [leg]) == spent
        assert [asked.method for asked in server.asked] == ["GET", "POST", "GET"]
        clock.move_to("2026-05-02T00:00:00Z")
        server.reply({"data": {}}, status=201)
        told = await provider.fetch(session, KEY, [leg])
    assert told == [Answer(tracking_number=NUMBER)]


async def test_a_number_of_no_form_is_invalid(
    server: Server, session: aiohttp.ClientSession
) -> None:
    invalid = [Answer(tracking_number=NUMBER, invalid=True)]
    server.reply(failure("validation_error"), status=400)
    assert await ask(server, session) == invalid
    server.replies.clear()
    server.reply(failure("tracker_not_found"), status=404)
    server.reply(failure("validation_error"), status=400)
    assert await ask(server, session, may_register=True) == invalid


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, failure("auth_invalid_api_key"), CredentialsRejected),
        (400, failure("auth_missing_header"), CredentialsRejected),
        (403, failure("forbidden"), CredentialsRejected),
        (403, b"<html>Access denied</html>", ProviderUnavailable),
        (422, failure("no_active_subscription"), NotEntitled),
        (403, failure("quota_limit_reached"), QuotaExceeded),
        (429, b"Too many requests", QuotaExceeded),
        (409, failure("request_conflict"), ProviderUnavailable),
        (500, {}, ProviderUnavailable),
    ],
)
async def test_errors_are_told_apart(
    server: Server,
    session: aiohttp.ClientSession,
    status: int,
    body: Any,
    error: type[Exception],
) -> None:
    server.reply(body, status=status)
    provider = Ship24Provider(server.url)
    for asked in (
        provider.fetch(session, KEY, [query()]),
        provider.verify(session, KEY),
        provider.listed(session, KEY),
    ):
        with pytest.raises(error) as told:
            await asked
        assert type(told.value) is error


@freeze_time("2026-05-01T22:30:00Z", real_asyncio=True)
async def test_a_spent_quota_comes_back_at_midnight(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(failure("quota_limit_reached"), status=403)
    with pytest.raises(QuotaExceeded) as error:
        await ask(server, session)
    assert error.value.retry_at == datetime(2026, 5, 2, tzinfo=UTC)


async def test_a_tracker_that_cannot_be_made_is_a_failure(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(failure("tracker_not_found"), status=404)
    with pytest.raises(ProviderUnavailable):
        await ask(server, session, may_register=True)


async def test_a_list_that_is_not_there_is_a_failure(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(failure("not_found"), status=404)
    with pytest.raises(ProviderUnavailable):
        await Ship24Provider(server.url).listed(session, KEY)


async def test_the_key_is_tried_on_the_list(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply({"data": {"trackers": []}})
    assert await Ship24Provider(server.url).verify(session, KEY) == AccountInfo()
    assert server.asked[0].path == "/public/v1/trackers"
    assert server.asked[0].query == {"page": "1", "limit": "1", "sort": "1"}


# What the account follows


def tracker(number: Any = NUMBER, **more: Any) -> dict[str, Any]:
    """Return a row of the account's list."""
    return {
        "trackingNumber": number,
        "shipmentReference": None,
        "courierCode": ["cainiao"],
        "isSubscribed": True,
        "isTracked": True,
        "createdAt": "2026-05-20T00:00:00.000Z",
    } | more


def page(*rows: Any) -> dict[str, Any]:
    """Return a page of the account's list."""
    return {"data": {"trackers": list(rows)}}


async def test_all_pages_of_the_list_are_read(
    server: Server, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ship24, "_BETWEEN_PAGES", 0)
    monkeypatch.setattr(ship24, "_PAGE", 2)
    server.reply(page(tracker(shipmentReference="Lamp"), tracker("{{ x }}")))
    server.reply(page(tracker(HANDED_OVER, courierCode="us-post")))
    listed = await Ship24Provider(server.url).listed(session, KEY)
    assert listed == [
        Listed(tracking_number=NUMBER, carrier="cainiao", name="Lamp"),
        Listed(tracking_number=HANDED_OVER, carrier="usps"),
    ]
    assert [asked.query["page"] for asked in server.asked] == ["1", "2"]


async def test_a_list_without_end_is_none(
    server: Server, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ship24, "_BETWEEN_PAGES", 0)
    monkeypatch.setattr(ship24, "_PAGE", 1)
    server.reply(page(tracker()))
    with pytest.raises(ProviderUnavailable):
        await Ship24Provider(server.url).listed(session, KEY)
    assert len(server.asked) == 20


@pytest.mark.parametrize(
    ("more", "listed"),
    [
        ({}, True),
        ({"isSubscribed": False}, False),
        ({"isTracked": False}, True),
        ({"isTracked": False, "createdAt": "2026-01-01T00:00:00.000Z"}, False),
        ({"isTracked": False, "createdAt": "2026-05-20T00:00:00"}, False),
        ({"isTracked": False, "createdAt": None}, False),
        ({"createdAt": "2026-01-01T00:00:00.000Z"}, True),
    ],
)
def test_what_rests_for_long_is_not_listed(more: dict[str, Any], listed: bool) -> None:
    followed, rows = parse_page(page(tracker(**more)), NOW)
    assert (bool(followed), rows) == (listed, 1)


@pytest.mark.parametrize(
    "body",
    [None, {}, {"data": []}, {"data": {"trackers": {}}}, page(tracker(), "LP1")],
)
def test_what_is_no_list_is_none(body: Any) -> None:
    with pytest.raises(ProviderUnavailable):
        parse_page(body, NOW)


def test_ship24_answers_for_every_carrier_at_a_price() -> None:
    assert PROVIDERS["ship24"] is Ship24Provider
    assert Ship24Provider.aggregator
    assert Ship24Provider.spends_per_number
    assert Ship24Provider.lists_parcels
    assert not Ship24Provider.paid
    assert Ship24Provider.limits.batch_size == 1
