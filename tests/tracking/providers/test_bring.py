"""Stories of parcels that Posten and Bring move."""

from datetime import UTC, date, datetime, timedelta, timezone
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
from custom_components.waybill.tracking.providers.bring import BringProvider, parse

from .conftest import Server
from .fixtures import answer_of

NUMBER = "370700000000000014"
SHIPMENT = "70700000000000013"
WITH_COURIER = "370700000000000021"
KEY = {"username": "kari@example.com", "api_key": "1234abc-abcd-1234-5678-abcd1234abcd"}


def event(status: Any = "IN_TRANSIT", words: Any = "Update", **more: Any) -> Any:
    """Return one event."""
    return {
        "dateIso": "2026-05-01T10:00:00+02:00",
        "status": status,
        "description": words,
    } | more


def body_of(package: Any, **consignment: Any) -> Any:
    """Return an answer about one consignment of one package."""
    told = {"consignmentId": SHIPMENT, "packageSet": [package]} | consignment
    return {"apiVersion": "2", "consignmentSet": [told]}


def told_of(*events: Any, consignment: Any = None, **package: Any) -> Answer:
    """Return what the parser makes of a package."""
    told = {"packageNumber": NUMBER, "eventSet": list(events)} | package
    return parse(body_of(told, **(consignment or {})), NUMBER)


def stage_of(status: Any, words: Any = "Update", **more: Any) -> Any:
    """Return the stage of a single event."""
    (told,) = told_of(event(status, words, **more)).events
    return told.stage


def side_of(status: Any, words: Any = "Update", **more: Any) -> Any:
    """Return the stage of a single event and its side of the border."""
    (told,) = told_of(event(status, words, **more)).events
    return told.stage, told.direction


# The journey


def test_a_parcel_is_followed_through_customs_to_the_person() -> None:
    told = parse(answer_of("bring", "cleared_and_collected"), NUMBER)
    assert [(e.code, e.stage, e.direction) for e in told.events] == [
        ("I", Stage.DELIVERED, None),
        ("V", None, None),
        ("X11", None, None),
        ("Q", Stage.READY_FOR_PICKUP, None),
        ("3", Stage.IN_TRANSIT, None),
        ("F", Stage.CUSTOMS_CLEARED, None),
        ("E", Stage.CUSTOMS_ACTION_REQUIRED, Direction.IMPORT),
        ("E", Stage.IN_CUSTOMS, Direction.IMPORT),
        ("D", Stage.IN_TRANSIT, None),
        ("M", Stage.IN_TRANSIT, Direction.EXPORT),
        ("P", Stage.SHIPPED, None),
        ("T", Stage.INFO_RECEIVED, None),
    ]
    assert told.carrier == "bring"
    assert {e.carrier for e in told.events} == {"bring"}
    assert (told.origin_country, told.destination_country) == ("CN", "NO")
    assert told.signed_by == "KARI NORDMANN"
    assert told.estimate is None
    assert told.pickup_point is None
    assert told.events[3].description == "The shipment has arrived at SPAR TORSHOV ."
    assert (told.events[3].location, told.events[3].country) == ("OSLO", "NO")
    assert told.events[9].time == datetime(2026, 5, 2, 23, tzinfo=UTC)
    assert told.events[9].local_time == datetime(2026, 5, 3, 7)


def test_a_parcel_is_with_the_courier() -> None:
    told = parse(answer_of("bring", "with_the_courier"), WITH_COURIER)
    assert [e.stage for e in told.events] == [Stage.OUT_FOR_DELIVERY, Stage.IN_TRANSIT]
    assert told.estimate.start == datetime(2026, 5, 13, 17)
    assert told.estimate.end == datetime(2026, 5, 13, 21)
    assert told.origin_country == "NO"
    assert told.signed_by is None


def test_a_package_is_told_apart_from_the_others_of_its_shipment() -> None:
    answer = answer_of("bring", "several_packages")
    assert parse(answer, "370700000000000038").events[0].stage is Stage.DELIVERED
    assert parse(answer, "370700000000000045").events[0].stage is Stage.IN_TRANSIT
    # A shipment is there when its last package is.
    assert parse(answer, "70700000000000037").events[0].stage is Stage.IN_TRANSIT


def test_nothing_personal_is_kept_but_who_signed() -> None:
    told = str(parse(answer_of("bring", "cleared_and_collected"), NUMBER))
    for personal in ("A SHOP", "STORGATA", "0155", "+4700000000", "AA11", "http"):
        assert personal not in told
    waiting = answer_of("bring", "cleared_and_collected")
    del waiting["consignmentSet"][0]["packageSet"][0]["eventSet"][0]
    assert "NORDMANN" not in str(parse(waiting, NUMBER))


# Whose answer it is


@pytest.mark.parametrize(
    "number", [NUMBER, f"00{NUMBER}", "3707 0000 0000 0000 14", SHIPMENT], ids=repr
)
def test_the_number_asked_about_is_known_in_every_form(number: str) -> None:
    told = parse(answer_of("bring", "cleared_and_collected"), number)
    assert told.found
    assert told.tracking_number == number


def test_a_package_with_a_new_label_is_known_by_its_old_one() -> None:
    told = parse(answer_of("bring", "several_packages"), "370700000000000052")
    assert told.events[0].stage is Stage.IN_TRANSIT
    body = body_of({"eventSet": [event()]}, previousConsignmentId="70700000000000020")
    assert parse(body, "70700000000000020").found


@pytest.mark.parametrize(
    "consignment",
    [
        {"packageSet": [{"packageNumber": WITH_COURIER, "eventSet": [event()]}]},
        # What was asked about is the reference that some sender gave it.
        {"senderReference": NUMBER, "packageSet": [{"eventSet": [event()]}]},
        {"consignmentId": None, "packageSet": None},
        {"packageSet": "noise"},
        "noise",
    ],
)
def test_another_shipment_is_no_news_of_this_one(consignment: Any) -> None:
    body = {"consignmentSet": [consignment]}
    assert parse(body, NUMBER) == Answer(tracking_number=NUMBER)


def test_a_shipment_beside_another_is_found() -> None:
    body = answer_of("bring", "with_the_courier")
    body["consignmentSet"] += answer_of("bring", "cleared_and_collected")[
        "consignmentSet"
    ]
    assert parse(body, NUMBER).events[0].stage is Stage.DELIVERED


def test_a_number_that_nobody_knows_is_unknown_and_no_number_is_invalid() -> None:
    unknown = parse(answer_of("bring", "unknown"), NUMBER)
    assert unknown == Answer(tracking_number=NUMBER)
    invalid = parse(answer_of("bring", "invalid"), "NONSENSE1")
    assert invalid == Answer(tracking_number="NONSENSE1", invalid=True)


def error(code: Any) -> Any:
    """Return an error in the place of a consignment."""
    return {"consignmentSet": [{"error": {"code": code, "message": "Oh"}}]}


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        7,
        {},
        {"consignmentSet": None},
        {"consignmentSet": {"packageSet": []}},
        {"shipments": [{"consignmentSet": 1}]},
        {"shipments": []},
        error(500),
        error("500"),
        error(None),
        {"consignmentSet": [{"error": "text"}]},
    ],
)
def test_what_is_no_answer_is_no_answer(body: Any) -> None:
    with pytest.raises(ProviderUnavailable) as failed:
        parse(body, NUMBER)
    assert failed.value.first_backoff is None


def test_who_asks_about_too_many_unknown_numbers_waits_for_an_hour() -> None:
    for body in (answer_of("bring", "shut_out"), error(503)):
        with pytest.raises(ProviderUnavailable) as failed:
            parse(body, NUMBER)
        assert failed.value.first_backoff == timedelta(hours=1)


# The vocabulary


@pytest.mark.parametrize(
    ("status", "stage"),
    [
        ("ATTEMPTED_DELIVERY", Stage.DELIVERY_FAILED),
        ("CUSTOMS", Stage.IN_CUSTOMS),
        ("COLLECTED", Stage.SHIPPED),
        ("DELIVERED", Stage.DELIVERED),
        ("DELIVERED_SENDER", Stage.RETURNED),
        ("DELIVERY_CANCELLED", None),
        ("DELIVERY_CHANGED", None),
        ("DELIVERY_ORDERED", None),
        ("DEVIATION", None),
        ("HANDED_IN", Stage.SHIPPED),
        ("INTERNATIONAL", Stage.IN_TRANSIT),
        ("IN_TRANSIT", Stage.IN_TRANSIT),
        ("in_transit", Stage.IN_TRANSIT),
        ("NOTIFICATION_SENT", None),
        ("PRE_NOTIFIED", Stage.INFO_RECEIVED),
        ("READY_FOR_PICKUP", Stage.READY_FOR_PICKUP),
        ("RETURN", Stage.RETURNING),
        ("TRANSPORT_TO_RECIPIENT", Stage.OUT_FOR_DELIVERY),
        ("TERMINAL", Stage.IN_TRANSIT),
        ("UNKNOWN", None),
        # Told until 2022.
        ("ARRIVED_COLLECTION", None),
        ("ARRIVED_DELIVERY", None),
        ("TELEPORTED", None),
        (None, None),
        (["IN_TRANSIT"], None),
    ],
)
def test_statuses_have_their_stages(status: Any, stage: Stage | None) -> None:
    assert stage_of(status) is stage


SAYS_LITTLE = pytest.mark.parametrize(
    "status",
    ["TERMINAL", "IN_TRANSIT", "INTERNATIONAL", "CUSTOMS", "DEVIATION", "UNKNOWN"],
)


@SAYS_LITTLE
@pytest.mark.parametrize(
    ("code", "stage", "direction"),
    [
        # Arrived for export clearance; retained for it.
        ("B", Stage.IN_TRANSIT, Direction.EXPORT),
        ("M", Stage.IN_TRANSIT, Direction.EXPORT),
        # Retained for import clearance.
        ("E", Stage.IN_CUSTOMS, Direction.IMPORT),
        # Customs clearance; to and at the customs warehouse, to the authorities.
        *((c, Stage.IN_CUSTOMS, None) for c in ("D1", "EA", "EB", "EC", "QL", "QS")),
        # Not ready, in part, papers with the authorities, transferred, papers there.
        *((c, Stage.IN_CUSTOMS, None) for c in ("SA", "SM", "SD", "SF", "SL", "SV")),
        # Duty calculated, invoice sent; held for customs.
        *((c, Stage.IN_CUSTOMS, None) for c in ("FG", "T3")),
        # Customs cleared, by the consignee too; out of customs clearance.
        *((c, Stage.CUSTOMS_CLEARED, None) for c in ("F", "FT", "N", "FK", "ST")),
        # Sent to the consignee.
        *((c, Stage.CUSTOMS_CLEARED, None) for c in ("FB", "FC", "FD", "FE", "FH")),
        *((c, Stage.CUSTOMS_CLEARED, None) for c in ("FL", "FO", "FS", "FU", "fu")),
        # Sent in return; damaged.
        ("FM", Stage.RETURNING, None),
        ("5", Stage.EXCEPTION, None),
        (5, Stage.EXCEPTION, None),
    ],
)
def test_event_codes_refine_the_statuses_that_say_little(
    status: str, code: Any, stage: Stage, direction: Direction | None
) -> None:
    assert side_of(status, lmEventCode=code) == (stage, direction)


@pytest.mark.parametrize("code", ["N1", "KO", "W", "R", "V", "X", "", None, ["F"]])
def test_other_event_codes_leave_the_status_as_it_is(code: Any) -> None:
    assert stage_of("IN_TRANSIT", lmEventCode=code) is Stage.IN_TRANSIT
    assert stage_of("CUSTOMS", lmEventCode=code) is Stage.IN_CUSTOMS


@pytest.mark.parametrize(
    "status", ["PRE_NOTIFIED", "READY_FOR_PICKUP", "DELIVERED", "RETURN", "HANDED_IN"]
)
def test_no_code_overrides_a_status_that_says_more(status: str) -> None:
    told = stage_of(status, "In customs.", lmEventCode="E", lmCauseCode="50")
    assert told is stage_of(status)


@SAYS_LITTLE
@pytest.mark.parametrize(
    ("reason", "stage"),
    [
        # A licence, a declaration, an invoice, a certificate, what customs must know,
        # who the consignee is, a VAT number: missing or faulty.
        *((r, Stage.CUSTOMS_ACTION_REQUIRED) for r in ("20", "72", "48", "50", "51")),
        *((r, Stage.CUSTOMS_ACTION_REQUIRED) for r in ("52", "53", "54", "55")),
        *((r, Stage.CUSTOMS_ACTION_REQUIRED) for r in ("58", "59")),
        ("27", Stage.IN_CUSTOMS),
        ("70", Stage.CUSTOMS_CLEARED),
        # Refused; damaged; lost.
        *((r, Stage.EXCEPTION) for r in ("13", "CE", "ce")),
        *((r, Stage.EXCEPTION) for r in ("18", "64", "69", "74", "75")),
        ("46", Stage.EXCEPTION),
    ],
)
def test_reasons_say_what_is_wrong(status: str, reason: str, stage: Stage) -> None:
    assert stage_of(status, lmCauseCode=reason) is stage


def test_what_is_cleared_lacks_nothing_any_more() -> None:
    told = stage_of("CUSTOMS", lmEventCode="F", lmCauseCode="50")
    assert told is Stage.CUSTOMS_CLEARED


def test_papers_that_are_missing_for_the_export_are_the_senders_trouble() -> None:
    told = side_of("CUSTOMS", lmEventCode="M", lmCauseCode="50")
    assert told == (Stage.IN_TRANSIT, Direction.EXPORT)


@pytest.mark.parametrize(
    ("reason", "stage"),
    [
        ("12", Stage.DELIVERY_FAILED),
        ("13", Stage.EXCEPTION),
        ("", Stage.DELIVERY_FAILED),
    ],
)
def test_a_refusal_is_no_attempt_that_will_be_made_again(
    reason: str, stage: Stage
) -> None:
    assert stage_of("ATTEMPTED_DELIVERY", lmCauseCode=reason) is stage


@pytest.mark.parametrize("reason", ["40", "47", "28", "BW", "99", "F01", None, ["13"]])
def test_a_deviation_without_a_bad_reason_moves_nothing(reason: Any) -> None:
    assert stage_of("DEVIATION", lmCauseCode=reason) is None


@pytest.mark.parametrize(
    ("words", "stage", "direction"),
    [
        ("Export customs clearance", Stage.IN_TRANSIT, Direction.EXPORT),
        ("Import customs clearance", Stage.IN_CUSTOMS, Direction.IMPORT),
        ("Released by customs", Stage.CUSTOMS_CLEARED, None),
        ("Customs duties must be paid", Stage.CUSTOMS_ACTION_REQUIRED, None),
        ("Customs data has been received electronically", Stage.IN_CUSTOMS, None),
        ("Update", Stage.IN_CUSTOMS, None),
    ],
)
def test_without_a_code_the_words_tell_of_customs(
    words: str, stage: Stage, direction: Direction | None
) -> None:
    assert side_of("CUSTOMS", words) == (stage, direction)
    assert stage_of("IN_TRANSIT", words) is Stage.IN_TRANSIT


@pytest.mark.parametrize(
    ("code", "words", "stage"),
    [
        ("I", "The shipment has been delivered.", Stage.DELIVERED),
        ("I5", "Delivered through a parcel locker", Stage.DELIVERED),
        ("I2", "The shipment has been delivered.", Stage.RETURNED),
        ("I", "The shipment has been delivered to the sender.", Stage.RETURNED),
        ("YO", "The shipment has been delivered.", Stage.READY_FOR_PICKUP),
    ],
)
def test_a_delivery_to_an_office_or_to_the_sender_is_none(
    code: str, words: str, stage: Stage
) -> None:
    assert stage_of("DELIVERED", words, lmEventCode=code) is stage


# To the door or to a pick-up point

LOADED = event("TRANSPORT_TO_RECIPIENT")
POINT = {"expectedPickupUnitName": "SPAR TORSHOV"}


def test_a_van_that_goes_to_a_pickup_point_does_not_come_to_the_door() -> None:
    assert told_of(LOADED).events[0].stage is Stage.OUT_FOR_DELIVERY
    assert told_of(LOADED, **POINT).events[0].stage is Stage.IN_TRANSIT
    for nowhere in ("", None, ["SPAR"]):
        told = told_of(LOADED, expectedPickupUnitName=nowhere)
        assert told.events[0].stage is Stage.OUT_FOR_DELIVERY


def test_a_person_can_have_it_brought_home_and_call_that_off_again() -> None:
    ordered, cancelled = event("DELIVERY_ORDERED"), event("DELIVERY_CANCELLED")
    told = told_of(LOADED, ordered, **POINT)
    assert told.events[0].stage is Stage.OUT_FOR_DELIVERY
    told = told_of(LOADED, cancelled, ordered, **POINT)
    assert told.events[0].stage is Stage.IN_TRANSIT
    told = told_of(LOADED, ordered, cancelled, **POINT)
    assert told.events[0].stage is Stage.OUT_FOR_DELIVERY


def test_the_place_where_it_waits_is_told_while_it_waits() -> None:
    assert told_of(event("READY_FOR_PICKUP"), **POINT).pickup_point == "SPAR TORSHOV"
    assert told_of(event("READY_FOR_PICKUP")).pickup_point is None
    assert told_of(event(), **POINT).pickup_point is None
    long = told_of(event("READY_FOR_PICKUP"), expectedPickupUnitName="N" * 500)
    assert long.pickup_point == "N" * 120


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
def test_a_time_is_told_with_its_offset(
    written: str, instant: datetime | None, wall: datetime | None
) -> None:
    (told,) = told_of(event(dateIso=written)).events
    assert (told.time, told.local_time, told.written_time) == (instant, wall, written)


def test_an_instant_keeps_the_zone_that_was_told() -> None:
    (told,) = told_of(event()).events
    assert told.time.utcoffset() == timezone(timedelta(hours=2)).utcoffset(None)


HOURS = {"startTime": "17:00", "endTime": "21:00"}


@pytest.mark.parametrize(
    ("day", "hours", "start", "end"),
    [
        ("20.04.2026", None, date(2026, 4, 20), None),
        (
            "20.04.2026",
            HOURS,
            datetime(2026, 4, 20, 17),
            datetime(2026, 4, 20, 21),
        ),
        ("2026-04-20", HOURS, datetime(2026, 4, 20, 17), datetime(2026, 4, 20, 21)),
        ("2026-04-20T12:00:00", None, date(2026, 4, 20), None),
        ("20.04.2026", {"startTime": "17:00"}, date(2026, 4, 20), None),
        ("20.04.2026", {"endTime": "21:00"}, date(2026, 4, 20), None),
        (
            "20.04.2026",
            {"startTime": "21:00", "endTime": "17:00"},
            date(2026, 4, 20),
            None,
        ),
        (
            "20.04.2026",
            {"startTime": "25:00", "endTime": "99:99"},
            date(2026, 4, 20),
            None,
        ),
        ("20.04.2026", "noise", date(2026, 4, 20), None),
        # Hours of no day.
        (None, HOURS, None, None),
        ("", HOURS, None, None),
        ("31.04.2026", None, None, None),
        (["20.04.2026"], None, None, None),
    ],
)
def test_a_day_is_expected_with_its_hours(
    day: Any, hours: Any, start: Any, end: Any
) -> None:
    told: Any = {"dateOfEstimatedDelivery": day, "estimatedTimeSpanOfDelivery": hours}
    estimate = told_of(event(), **told).estimate
    if start is None:
        assert estimate is None
    else:
        assert (estimate.start, estimate.end) == (start, end)
    assert told_of(event("DELIVERED"), **told).estimate is None


# What else is told


@pytest.mark.parametrize(
    ("place", "location", "country"),
    [
        ({"city": "OSLO", "countryCode": "NO", "country": "Norway"}, "OSLO", "NO"),
        ({"city": "", "countryCode": "", "country": ""}, None, None),
        ({"country": "Sweden"}, None, "SE"),
        ({"city": "N" * 500}, "N" * 120, None),
        ({"city": ["OSLO"], "countryCode": 47}, None, None),
    ],
)
def test_places(place: Any, location: str | None, country: str | None) -> None:
    (told,) = told_of(event(**place)).events
    assert (told.location, told.country) == (location, country)


def test_of_an_address_only_the_country_is_read() -> None:
    norway = {"countryCode": "NO", "city": "OSLO"}
    told = told_of(event(), recipientHandlingAddress=norway)
    assert (told.origin_country, told.destination_country) == (None, "NO")
    told = told_of(event(), consignment={"senderAddress": {"country": "China"}})
    assert told.origin_country == "CN"


@pytest.mark.parametrize(
    ("signature", "name"),
    [
        ({"name": "O Nordmann"}, "O Nordmann"),
        ({"name": "O" * 500}, "O" * 120),
        ({"name": ""}, None),
        ({}, None),
        ("O Nordmann", None),
    ],
)
def test_who_signed_is_told_once_it_is_there(signature: Any, name: str | None) -> None:
    signed = {"recipientSignature": signature}
    assert told_of(event("DELIVERED", **signed)).signed_by == name
    assert told_of(
        event("NOTIFICATION_SENT"), event("DELIVERED", **signed)
    ).signed_by == (name)
    assert told_of(event("READY_FOR_PICKUP", **signed)).signed_by is None


def test_garbage_among_the_events_spoils_none_of_them() -> None:
    told = told_of(
        "garbage",
        None,
        {},
        event(dateIso=None),
        event(None, None),
        event(city={"a": 1}, lmEventCode="W"),
        event({"a": 1}, "Words"),
    )
    assert [e.code for e in told.events] == ["W", None]


def test_a_list_without_end_is_cut_at_its_old_end() -> None:
    told = told_of(*(event(words=str(n)) for n in range(1000)))
    assert len(told.events) == 300
    assert told.events[0].words == "0"


# On the wire


async def ask(
    server: Server, session: aiohttp.ClientSession, number: str = NUMBER
) -> list[Answer]:
    """Ask Bring about one number."""
    leg = Query(tracking_number=number)
    return await BringProvider(server.url).fetch(session, KEY, [leg])


@pytest.mark.parametrize("number", [NUMBER, f"00{NUMBER}"])
async def test_one_number_is_asked_about(
    server: Server, session: aiohttp.ClientSession, number: str
) -> None:
    server.reply(answer_of("bring", "cleared_and_collected"))
    (told,) = await ask(server, session, number)
    assert len(told.events) == 12
    assert told.raw is not None
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("GET", "/tracking/api/v2/tracking.json")
    assert asked.query == {"q": NUMBER, "lang": "en"}
    assert asked.headers["X-Mybring-API-Uid"] == KEY["username"]
    assert asked.headers["X-Mybring-API-Key"] == KEY["api_key"]
    # Who asks is the project, not the home.
    assert asked.headers["X-Bring-Client-URL"] == "https://github.com/waybill/waybill"


@pytest.mark.parametrize("status", [200, 404])
async def test_a_number_that_bring_does_not_know_is_no_error(
    server: Server, session: aiohttp.ClientSession, status: int
) -> None:
    server.reply(answer_of("bring", "unknown"), status=status)
    assert await ask(server, session) == [Answer(tracking_number=NUMBER)]


@pytest.mark.parametrize(
    ("status", "body", "invalid"),
    [
        (404, b"", False),
        (404, b'{"title": "Not Found"}', False),
        (400, b"Bad Request", False),
        (400, answer_of("bring", "invalid"), True),
        (200, answer_of("bring", "invalid"), True),
    ],
)
async def test_a_mistake_in_the_number_is_no_failure_of_bring(
    server: Server,
    session: aiohttp.ClientSession,
    status: int,
    body: Any,
    invalid: bool,
) -> None:
    server.reply(body, status=status)
    assert await ask(server, session) == [
        Answer(tracking_number=NUMBER, invalid=invalid)
    ]


async def test_an_equal_answer_is_the_very_same_answer(
    server: Server, session: aiohttp.ClientSession
) -> None:
    provider = BringProvider(server.url)
    leg = Query(tracking_number=NUMBER)
    for name in ("unknown", "cleared_and_collected"):
        server.replies.clear()
        server.reply(answer_of("bring", name))
        first = await provider.fetch(session, KEY, [leg])
        assert await provider.fetch(session, KEY, [leg]) is first


@pytest.mark.parametrize(
    ("status", "body"), [(401, b"401 - Unathorized."), (401, b"<html>"), (403, b"")]
)
async def test_a_wrong_key_is_told(
    server: Server, session: aiohttp.ClientSession, status: int, body: bytes
) -> None:
    server.reply(body, status=status)
    with pytest.raises(CredentialsRejected):
        await ask(server, session)
    with pytest.raises(CredentialsRejected):
        await BringProvider(server.url).verify(session, KEY)


@pytest.mark.parametrize("missing", ["username", "api_key"])
async def test_half_a_key_is_none(
    server: Server, session: aiohttp.ClientSession, missing: str
) -> None:
    leg = Query(tracking_number=NUMBER)
    with pytest.raises(CredentialsRejected):
        await BringProvider(server.url).fetch(session, {**KEY, missing: ""}, [leg])
    assert not server.asked


@pytest.mark.parametrize("name", ["unknown", "cleared_and_collected"])
async def test_a_key_is_good_whatever_bring_says_of_its_own_package(
    server: Server, session: aiohttp.ClientSession, name: str
) -> None:
    server.reply(answer_of("bring", name))
    info = await BringProvider(server.url).verify(session, KEY)
    assert info == AccountInfo()
    assert server.asked[0].query["q"] == "TESTPACKAGEDELIVERED"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html><body>We'll be right back</body></html>"),
        (200, b'{"consignmentSet": [{"packa'),
        (200, b"[]"),
        (200, b'"text"'),
        (200, b""),
        (403, b"<html></html>"),
        (404, b"<html></html>"),
        (404, b'{"shipments": [{"consignmentSet": [{"error": {"code": 503}}]}]}'),
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
    server.reply(b"429 - Too many requests.", status=429, headers=headers)
    with pytest.raises(QuotaExceeded) as failed:
        await ask(server, session)
    assert failed.value.retry_at == retry_at


def test_bring_is_asked_for_its_own_numbers_and_postens() -> None:
    assert PROVIDERS["bring"] is BringProvider
    assert BringProvider.credentials == ("username", "api_key")
    assert BringProvider.answers_for(NUMBER, "bring")
    assert BringProvider.answers_for("RR000000014NO", "post_no")
    assert not BringProvider.answers_for("RR000000014SE", "postnord")
    assert BringProvider.limits.batch_size == 1
    assert BringProvider.limits.spacing >= timedelta(seconds=1)
