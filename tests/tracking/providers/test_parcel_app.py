"""Stories of parcels that a person follows in the app Parcel."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import aiohttp
from freezegun import freeze_time
import pytest

from custom_components.waybill.tracking.model import Answer, Direction, Stage
from custom_components.waybill.tracking.numbers import CARRIERS
from custom_components.waybill.tracking.providers import PROVIDERS, parcel_app
from custom_components.waybill.tracking.providers.base import (
    AccountInfo,
    CredentialsRejected,
    Listed,
    ProviderUnavailable,
    Query,
    QuotaExceeded,
)
from custom_components.waybill.tracking.providers.parcel_app import (
    ParcelAppProvider,
    parse,
    parse_list,
)

from .conftest import Server
from .fixtures import answer_of

NUMBER = "9400111206619004520717"
LAMP = "00340434000000000017"
KEY = {"api_key": "a-key-of-parcel"}


def event(text: Any = "Update", date: Any = "2026-05-01 10:00", **more: Any) -> Any:
    """Return one event."""
    return {"event": text, "date": date, "location": None} | more


def feed(*deliveries: Any) -> dict[str, Any]:
    """Return a whole feed."""
    return {"success": True, "deliveries": list(deliveries)}


def delivery(*events: Any, **more: Any) -> dict[str, Any]:
    """Return one delivery."""
    return {
        "carrier_code": "usps",
        "description": "Shoes",
        "status_code": 2,
        "tracking_number": NUMBER,
        "events": list(events),
    } | more


def told_of(*events: Any, **more: Any) -> Answer:
    """Return what the parser makes of a delivery."""
    (answer,) = parse(feed(delivery(*events, **more)), [NUMBER])
    return answer


def stage_of(status: Any, *texts: str) -> Any:
    """Return the stage of the newest event."""
    events = [event(text, f"2026-05-0{9 - i} 10:00") for i, text in enumerate(texts)]
    return told_of(*events, status_code=status).events[0].stage


# The journey


def test_a_feed_tells_of_customs() -> None:
    (told,) = parse(answer_of("parcel_app", "recent"), [NUMBER])
    assert [(e.stage, e.direction) for e in told.events] == [
        (Stage.CUSTOMS_ACTION_REQUIRED, None),
        (Stage.IN_CUSTOMS, Direction.IMPORT),
        (Stage.IN_TRANSIT, Direction.EXPORT),
        (None, None),
    ]
    newest, *_, oldest = told.events
    assert newest.description == "Held in customs"
    assert newest.words == "Held in customs; Duties must be paid by the recipient"
    assert newest.written_time == "May 5, 2026 04:27 PM EST"
    assert (newest.time, newest.local_time) == (None, datetime(2026, 5, 5, 16, 27))
    assert (newest.location, newest.country) == (
        "ISC NEW YORK (USPS), United States",
        "US",
    )
    assert (oldest.written_time, oldest.local_time) == ("", None)
    assert oldest.country == "CN"
    assert told.carrier == "usps"
    assert told.stage is None
    # Eight in the evening at the door, which is midnight elsewhere.
    assert told.estimate.start == datetime(2026, 5, 10, tzinfo=UTC)


def test_a_list_that_runs_forwards_is_turned() -> None:
    (told,) = parse(answer_of("parcel_app", "recent"), [LAMP])
    assert [(e.stage, e.description) for e in told.events] == [
        (Stage.READY_FOR_PICKUP, "Delivered to a Packstation"),
        (None, "Abgeholt"),
    ]
    assert told.carrier == "deutsche_post"


@pytest.mark.parametrize(
    "dates",
    [
        ("2026-05-02 10:00", "2026-05-01 10:00"),
        ("2026-05-01 10:00", "soon"),
        ("2026-05-01 10:00", "2026-05-01 10:00"),
        ("2026-05-01 10:00", "2026-05-03 10:00", "2026-05-02 10:00"),
        # It came to Los Angeles on the morning of the day that it left Shanghai in.
        ("2026-05-01 08:00", "2026-05-01 21:00"),
    ],
)
def test_another_list_keeps_its_order(dates: tuple[str, ...]) -> None:
    told = told_of(*(event(f"Scan {i}", date) for i, date in enumerate(dates)))
    assert [e.written_time for e in told.events] == list(dates)


def test_an_event_stays_the_same_when_another_follows() -> None:
    before = told_of(event("Out for delivery", "2026-05-01 10:00"), status_code=4)
    after = told_of(
        event("Done", "2026-05-01 12:00"),
        event("Out for delivery", "2026-05-01 10:00"),
        status_code=0,
    )
    assert before.events[0].key == after.events[1].key
    assert [e.stage for e in after.events] == [Stage.DELIVERED, Stage.OUT_FOR_DELIVERY]


# The vocabulary


@pytest.mark.parametrize(
    ("code", "stage"),
    [
        (0, Stage.DELIVERED),
        (2, Stage.IN_TRANSIT),
        ("2", Stage.IN_TRANSIT),
        (3, Stage.READY_FOR_PICKUP),
        (4, Stage.OUT_FOR_DELIVERY),
        (5, None),
        (6, Stage.DELIVERY_FAILED),
        (7, Stage.EXCEPTION),
        (8, Stage.INFO_RECEIVED),
        (9, None),
        (None, None),
        (True, None),
        ("soon", None),
        ([2], None),
    ],
)
def test_the_newest_event_bears_the_status(code: Any, stage: Stage | None) -> None:
    assert stage_of(code, "Update", "Before") == stage
    told = told_of(event(), event(date="2026-04-01 10:00"), status_code=code)
    assert told.events[1].stage is None
    assert told_of(status_code=code).stage == stage
    assert told.stage is None


def test_parcel_giving_up_is_no_scan() -> None:
    told = told_of(event(), status_code=1)
    assert told.stage is Stage.EXPIRED
    assert told.events[0].stage is None
    late = told_of(event("Out for delivery"), status_code=1)
    assert late.stage is Stage.EXPIRED
    assert late.events[0].stage is Stage.OUT_FOR_DELIVERY


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("Returned to Sender", Stage.RETURNING),
        ("Inbound Into Customs", Stage.IN_CUSTOMS),
        ("Inbound Out of Customs", Stage.CUSTOMS_CLEARED),
        ("Held in customs. Duties must be paid", Stage.CUSTOMS_ACTION_REQUIRED),
        ("Customs clearance completed", Stage.CUSTOMS_CLEARED),
        ("Ready for pickup", Stage.READY_FOR_PICKUP),
        ("Delivery attempted, nobody home", Stage.DELIVERY_FAILED),
        ("Out for Delivery", Stage.OUT_FOR_DELIVERY),
    ],
)
def test_texts_refine_what_is_in_transit(text: str, stage: Stage) -> None:
    assert stage_of(2, text) == stage
    told = told_of(event(date="2026-05-02 10:00"), event(text))
    assert [e.stage for e in told.events] == [Stage.IN_TRANSIT, stage]


@pytest.mark.parametrize(
    "text", ["Delivered", "It will be delivered tomorrow", "No customs", "Unterwegs"]
)
def test_other_texts_refine_nothing(text: str) -> None:
    assert stage_of(2, text) is Stage.IN_TRANSIT


@pytest.mark.parametrize("code", [3, 4, 6, 7, 8])
def test_no_text_overrides_a_status_that_says_more(code: int) -> None:
    assert stage_of(code, "Customs clearance completed") == stage_of(code, "Update")


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("Delivered to parcel locker", Stage.READY_FOR_PICKUP),
        ("Delivered, To Original Sender", Stage.RETURNED),
        ("Returned to sender", Stage.RETURNED),
        ("Delivered, In/At Mailbox", Stage.DELIVERED),
    ],
)
def test_not_every_delivery_is_one_to_the_person(text: str, stage: Stage) -> None:
    assert stage_of(0, text) is stage


@pytest.mark.parametrize(
    ("code", "carrier"),
    [
        ("usps", "usps"),
        ("AMZLUS", "amazon"),
        ("amshipuk", "amazon"),
        ("lp", "la_poste"),
        ("ems", "post_ru"),
        ("pholder", None),
        (None, None),
        (["usps"], None),
    ],
)
def test_the_code_tells_the_carrier(code: Any, carrier: str | None) -> None:
    told = told_of(event(), carrier_code=code)
    assert (told.carrier, told.events[0].carrier) == (carrier, carrier)


def test_every_carrier_named_is_one_of_ours() -> None:
    assert parcel_app._CARRIER_CODES.keys() <= CARRIERS.keys()


# What else is told


@pytest.mark.parametrize(
    ("written", "instant", "wall"),
    [
        ("2026-05-01 10:00", None, datetime(2026, 5, 1, 10)),
        (
            "2026-05-01T10:00:00+02:00",
            datetime(2026, 5, 1, 8, tzinfo=UTC),
            datetime(2026, 5, 1, 10),
        ),
        ("2026-05-01T10:00:00Z", datetime(2026, 5, 1, 10, tzinfo=UTC), None),
        ("2026-05-01", None, None),
        ("04/05/2026 10:00", None, None),
    ],
)
def test_a_time_is_told_as_far_as_it_is_known(
    written: str, instant: datetime | None, wall: datetime | None
) -> None:
    (told,) = told_of(event(date=written)).events
    assert (told.time, told.local_time) == (instant, wall)
    assert told.written_time == written


@pytest.mark.parametrize(
    ("place", "country"),
    [
        ("Harrisburg, PA, USA", "US"),
        ("Shenzhen, China", "CN"),
        ("Harrisburg, PA", None),
        ("Atlanta, Georgia", None),
        ("China", None),
        (", China", None),
        ("Berlin Hub", None),
        (None, None),
    ],
)
def test_a_place_tells_its_country_where_it_names_one(
    place: str | None, country: str | None
) -> None:
    assert told_of(event(location=place)).events[0].country == country


@pytest.mark.parametrize(
    ("told", "start", "end"),
    [
        ({}, None, None),
        ({"date_expected": "2026-05-09"}, date(2026, 5, 9), None),
        ({"date_expected": "May 9, 2026"}, date(2026, 5, 9), None),
        ({"date_expected": "2026-05-09T00:00:00Z"}, date(2026, 5, 9), None),
        (
            {"date_expected": "2026-05-09 09:00:00"},
            datetime(2026, 5, 9, 9),
            None,
        ),
        (
            {
                "date_expected": "2026-05-09 09:00:00",
                "date_expected_end": "2026-05-09 17:00:00",
                "timestamp_expected": 1778331600,
                "timestamp_expected_end": 1778360400,
            },
            datetime(2026, 5, 9, 13, tzinfo=UTC),
            datetime(2026, 5, 9, 21, tzinfo=UTC),
        ),
        (
            {
                "date_expected": "2026-05-09T09:00:00-05:00",
                "timestamp_expected": 1,
            },
            datetime(2026, 5, 9, 9, tzinfo=timezone(timedelta(hours=-5))),
            None,
        ),
        ({"date_expected": "soon", "timestamp_expected": True}, None, None),
        ({"timestamp_expected": 10**30}, None, None),
    ],
)
def test_estimates_are_told_as_they_were_made(
    told: dict[str, Any], start: Any, end: Any
) -> None:
    estimate = told_of(event(), **told).estimate
    if start is None:
        assert estimate is None
    else:
        assert (estimate.start, estimate.end) == (start, end)


def test_garbage_among_the_events_spoils_none_of_them() -> None:
    told = told_of("garbage", None, {}, event(None), event(["x"]), event(date={}))
    assert [e.description for e in told.events] == ["Update"]


def test_a_list_without_end_is_cut() -> None:
    assert len(told_of(*[event()] * 1000).events) == 300


def test_of_two_deliveries_with_the_number_the_one_with_scans_counts() -> None:
    body = feed(delivery(carrier_code="ups"), delivery(event()), delivery(event("x")))
    (told,) = parse(body, [NUMBER])
    assert (told.carrier, told.events[0].description) == ("usps", "Update")


def test_numbers_are_known_however_they_are_written() -> None:
    (told,) = parse(
        feed(delivery(tracking_number="9400 1112 0661 9004 5207 17")), [NUMBER]
    )
    assert told.tracking_number == NUMBER


def test_a_number_that_is_not_in_the_feed_has_no_answer() -> None:
    assert parse(feed(delivery(event()), "garbage", {}), ["OTHER1"]) == []


@pytest.mark.parametrize("deliveries", [{}, {"deliveries": None}])
def test_who_follows_nothing_has_no_list(deliveries: Any) -> None:
    assert parse({"success": True} | deliveries, [NUMBER]) == []


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        {},
        {"success": False, "error_message": "No"},
        {"success": "true", "deliveries": []},
        {"success": True, "deliveries": {}},
    ],
)
def test_what_is_no_feed_is_none(body: Any) -> None:
    for read in (lambda: parse(body, [NUMBER]), lambda: parse_list(body)):
        with pytest.raises(ProviderUnavailable):
            read()


# On the wire


def query(number: str = NUMBER, **more: Any) -> Query:
    """Return a question."""
    return Query(tracking_number=number, **{"carrier": "usps"} | more)


async def test_one_request_asks_about_all(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(answer_of("parcel_app", "recent"))
    provider = ParcelAppProvider(server.url)
    told = await provider.fetch(session, KEY, [query(), query(LAMP)])
    assert [answer.tracking_number for answer in told] == [NUMBER, LAMP]
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("GET", "/external/deliveries/")
    assert asked.query == {"filter_mode": "recent"}
    assert asked.headers["api-key"] == "a-key-of-parcel"
    again = await provider.fetch(session, KEY, [query(), query(LAMP)])
    assert all(one is other for one, other in zip(told, again, strict=True))


async def test_a_number_that_is_not_there_is_left_alone(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(feed())
    told = await ParcelAppProvider(server.url).fetch(session, KEY, [query()])
    assert told == [Answer(tracking_number=NUMBER)]
    assert len(server.asked) == 1


async def test_a_number_is_added_where_that_is_allowed_and_once(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(feed())
    server.reply({"success": True})
    server.reply(feed())
    provider = ParcelAppProvider(server.url)
    leg = query(may_register=True, postal_code="10001")
    assert await provider.fetch(session, KEY, [leg]) == [Answer(tracking_number=NUMBER)]
    assert await provider.fetch(session, KEY, [leg]) == [Answer(tracking_number=NUMBER)]
    assert [asked.method for asked in server.asked] == ["GET", "POST", "GET"]
    assert server.asked[1].path == "/external/add-delivery/"
    assert server.asked[1].body == {
        "tracking_number": NUMBER,
        "carrier_code": "usps",
        "description": NUMBER,
        "language": "en",
        "send_push_confirmation": False,
        "postcode": "10001",
    }


async def test_what_the_person_took_out_is_not_put_back(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(feed(delivery(event())))
    server.reply(feed())
    provider = ParcelAppProvider(server.url)
    leg = query(may_register=True)
    await provider.fetch(session, KEY, [leg])
    assert await provider.fetch(session, KEY, [leg]) == [Answer(tracking_number=NUMBER)]
    assert len(server.asked) == 2


async def test_a_number_that_was_added_elsewhere_is_no_trouble(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(feed())
    message = "You have already added this delivery to the app"
    server.reply({"success": False, "error_message": message}, status=400)
    leg = query(may_register=True)
    told = await ParcelAppProvider(server.url).fetch(session, KEY, [leg])
    assert told == [Answer(tracking_number=NUMBER)]


async def test_a_refused_number_is_tried_again_once_more_is_known(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(feed())
    server.reply({"success": False, "error_message": "Postcode?"}, status=400)
    server.reply(feed())
    provider = ParcelAppProvider(server.url)
    for _ in range(2):
        told = await provider.fetch(session, KEY, [query(may_register=True)])
        assert told == [Answer(tracking_number=NUMBER, needs="details")]
    assert len(server.asked) == 3
    leg = query(may_register=True, postal_code="10001")
    await provider.fetch(session, KEY, [leg])
    assert [asked.method for asked in server.asked[3:]] == ["GET", "POST"]


@pytest.mark.parametrize("carrier", [None, "amazon", "speedee"])
async def test_a_number_of_a_carrier_without_a_code_asks_for_the_carrier(
    server: Server, session: aiohttp.ClientSession, carrier: str | None
) -> None:
    server.reply(feed())
    leg = query(carrier=carrier, may_register=True)
    told = await ParcelAppProvider(server.url).fetch(session, KEY, [leg])
    assert told == [Answer(tracking_number=NUMBER, needs="carrier")]
    assert len(server.asked) == 1


async def test_a_spent_quota_loses_no_answer_and_is_left_alone_for_the_day(
    server: Server, session: aiohttp.ClientSession
) -> None:
    body = feed(delivery(event()))
    legs = [query(), *(query(f"12345678{i}", may_register=True) for i in range(2))]
    provider = ParcelAppProvider(server.url)
    with freeze_time("2026-05-01T22:30:00Z", real_asyncio=True) as clock:
        server.reply(body)
        server.reply({"success": False}, status=429)
        server.reply(body)
        told = await provider.fetch(session, KEY, legs)
        assert [answer.needs for answer in told] == [None, "quota", "quota"]
        assert told[0].found
        await provider.fetch(session, KEY, legs)
        assert [asked.method for asked in server.asked] == ["GET", "POST", "GET"]
        clock.move_to("2026-05-02T00:00:00Z")
        server.replies.clear()
        server.reply(body)
        server.reply({"success": True})
        told = await provider.fetch(session, KEY, legs)
    assert [answer.needs for answer in told] == [None, None, None]


async def test_only_a_few_numbers_are_added_at_once(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(feed())
    server.reply({"success": True})
    legs = [query(f"12345678{i}", may_register=True) for i in range(8)]
    told = await ParcelAppProvider(server.url).fetch(session, KEY, legs)
    assert len(told) == 5
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    ("body", "status"), [({}, 500), (b"<html>", 200), ([], 200), ({"success": 1}, 200)]
)
async def test_an_addition_that_fails_loses_no_answer(
    server: Server, session: aiohttp.ClientSession, body: Any, status: int
) -> None:
    server.reply(feed(delivery(event())))
    server.reply(body, status=status)
    legs = [
        query("123456781", may_register=True),
        query("123456782", may_register=True),
        query("123456783"),
        query(),
    ]
    told = await ParcelAppProvider(server.url).fetch(session, KEY, legs)
    assert [answer.tracking_number for answer in told] == [NUMBER, "123456783"]
    assert len(server.asked) == 2


async def test_no_more_attempts_are_remembered_than_needed(
    server: Server, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcel_app, "_MAX_REMEMBERED", 1)
    provider = ParcelAppProvider(server.url)
    server.reply(feed())
    server.reply({"success": True})
    legs = [query(f"12345678{i}", may_register=True) for i in range(3)]
    await provider.fetch(session, KEY, legs)
    assert len(provider._tried) == 1


async def test_the_key_is_tried_on_the_feed(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(feed())
    assert await ParcelAppProvider(server.url).verify(session, KEY) == AccountInfo()
    assert server.asked[0].query == {"filter_mode": "active"}


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, CredentialsRejected),
        (403, CredentialsRejected),
        (429, QuotaExceeded),
        (500, ProviderUnavailable),
        (200, ProviderUnavailable),
        (404, ProviderUnavailable),
    ],
)
async def test_a_key_that_cannot_be_used_is_told_apart(
    server: Server, session: aiohttp.ClientSession, status: int, error: type[Exception]
) -> None:
    server.reply({"success": False, "error_message": "No"}, status=status)
    provider = ParcelAppProvider(server.url)
    for ask in (provider.verify(session, KEY), provider.listed(session, KEY)):
        with pytest.raises(error):
            await ask


async def test_what_the_account_follows_is_listed(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(answer_of("parcel_app", "recent"))
    assert await ParcelAppProvider(server.url).listed(session, KEY) == [
        Listed(tracking_number=NUMBER, carrier="usps", name="Running shoes"),
        Listed(tracking_number=LAMP, carrier="deutsche_post", name="Lamp"),
        Listed(tracking_number="DE123456789", carrier="amazon"),
    ]


@pytest.mark.parametrize(
    "deliveries", [[delivery(), None], [delivery()] * 5001], ids=["garbage", "cut"]
)
def test_a_list_that_is_not_whole_is_none(deliveries: Any) -> None:
    body = feed(*deliveries)
    assert parse(body, [NUMBER])
    with pytest.raises(ProviderUnavailable):
        parse_list(body)


def test_a_number_that_is_there_twice_is_listed_once() -> None:
    body = feed(delivery(description=None), delivery(carrier_code="ups"))
    assert parse_list(body) == [Listed(tracking_number=NUMBER, carrier="usps")]


def test_parcel_is_asked_within_its_twenty_an_hour() -> None:
    assert PROVIDERS["parcel_app"] is ParcelAppProvider
    assert ParcelAppProvider.aggregator
    assert ParcelAppProvider.paid
    assert ParcelAppProvider.spends_per_number
    assert ParcelAppProvider.lists_parcels
    assert timedelta(hours=1) / ParcelAppProvider.limits.spacing < 20
