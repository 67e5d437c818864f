"""Stories of parcels that La Poste moves."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
import json
from typing import Any

import aiohttp
from freezegun import freeze_time
import pytest

from custom_components.waybill.tracking.journal import merge, open_journal
from custom_components.waybill.tracking.journey import travel
from custom_components.waybill.tracking.model import Answer, Direction, Leg, Stage
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.base import (
    AccountInfo,
    CredentialsRejected,
    ProviderUnavailable,
    Query,
    QuotaExceeded,
)
from custom_components.waybill.tracking.providers.la_poste import LaPosteProvider, parse
from custom_components.waybill.tracking.timeline import timeline

from .conftest import Server
from .fixtures import answer_of

NUMBER = "CB000000014FR"
EXPRESS = "XN000000016JB"
UNKNOWN = "6A00000000023"
INVALID = "6A0000"
KEY = {"api_key": "an-okapi-key"}
PARIS = timezone(timedelta(hours=1))


def event(code: Any = "ET1", label: Any = "Update", **more: Any) -> Any:
    """Return one event."""
    return {"code": code, "label": label, "date": "2026-05-01T10:00:00+02:00"} | more


def envelope(*events: Any, number: Any = NUMBER, **shipment: Any) -> Any:
    """Return what La Poste says of a number."""
    told = {"idShip": number, "holder": 4, "event": list(events)} | shipment
    return {"returnCode": 200, "shipment": told}


def told_of(*events: Any, **shipment: Any) -> Answer:
    """Return what the parser makes of a shipment."""
    (answer,) = parse(envelope(*events, **shipment), [NUMBER])
    return answer


def stage_of(code: Any, label: Any = "Update") -> Stage | None:
    """Return the stage of a single event."""
    return told_of(event(code, label)).events[0].stage


# The journey


def test_a_parcel_is_followed_through_customs_to_the_pickup_point() -> None:
    (told,) = parse(answer_of("la_poste", "through_customs"), [NUMBER])
    assert [e.stage for e in told.events] == [
        Stage.READY_FOR_PICKUP,
        Stage.OUT_FOR_DELIVERY,
        Stage.CUSTOMS_CLEARED,
        Stage.CUSTOMS_ACTION_REQUIRED,
        Stage.IN_CUSTOMS,
        Stage.IN_TRANSIT,
        Stage.IN_TRANSIT,
        Stage.SHIPPED,
        Stage.INFO_RECEIVED,
    ]
    assert told.carrier == "colissimo"
    assert (told.origin_country, told.destination_country) == ("CN", "FR")
    assert told.pickup_point == "LYON PART-DIEU"
    assert told.estimate.start == date(2026, 3, 12)
    assert "DURAND" not in repr(told)


def test_of_several_numbers_each_gets_its_own_answer() -> None:
    asked = [NUMBER, UNKNOWN, INVALID, EXPRESS]
    answers = parse(answer_of("la_poste", "several"), asked)
    told = {answer.tracking_number: answer for answer in answers}
    assert len(told[NUMBER].events) == 9
    assert told[UNKNOWN] == Answer(tracking_number=UNKNOWN)
    assert told[INVALID] == Answer(tracking_number=INVALID, invalid=True)
    assert len(told[EXPRESS].events) == 7


def test_scans_on_the_way_back_do_not_turn_a_parcel_around() -> None:
    """Chronopost writes ET1 and DI1 after RE1, as on the way out."""
    (told,) = parse(answer_of("la_poste", "back_to_the_sender"), [EXPRESS])
    assert told.carrier == "chronopost"
    now = datetime(2026, 4, 10, tzinfo=UTC)
    journal = merge(open_journal("id", EXPRESS, now), "la_poste", told, now)
    journey = travel(journal, timeline(journal))
    assert [passage.stage for passage in journey.passages][-3:] == [
        Stage.DELIVERY_FAILED,
        Stage.RETURNING,
        Stage.RETURNED,
    ]


# Whose answer it is


@pytest.mark.parametrize(
    ("told", "asked", "known"),
    [
        (NUMBER, NUMBER, True),
        (" cb 000000014 fr", NUMBER, True),
        ("CB000000028FR", NUMBER, False),
        ("XN000000016JBY", EXPRESS, False),
        ("", NUMBER, True),
    ],
)
def test_only_what_is_said_of_the_number_counts(
    told: str, asked: str, known: bool
) -> None:
    answers = parse(envelope(event(), number=told), [asked])
    assert bool(answers) is known


def test_chronopost_adds_a_check_character() -> None:
    body = envelope(event(), number="XN000000016JBY", holder=3)
    assert parse(body, [EXPRESS])
    assert not parse(body, ["XN00000001"])


def test_an_envelope_can_name_the_number_alone() -> None:
    body = envelope(event())
    del body["shipment"]["idShip"]
    body["idShip"] = NUMBER
    assert [a.tracking_number for a in parse([body], [UNKNOWN, NUMBER])] == [NUMBER]
    del body["idShip"]
    assert parse([body], [UNKNOWN, NUMBER]) == []


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_a_number_used_twice_the_newest_parcel_counts(newest_first: bool) -> None:
    old = envelope(event("DI1", date="2025-05-01T10:00:00+02:00"))
    new = envelope(event("PC1"), entryDate="2026-05-01T10:00:00")
    bodies = [new, old] if newest_first else [old, new]
    (told,) = parse(bodies, [NUMBER])
    assert [e.stage for e in told.events] == [Stage.SHIPPED]


# The vocabulary


@pytest.mark.parametrize(
    ("code", "stage"),
    [
        ("DR1", Stage.INFO_RECEIVED),
        ("DR2", Stage.INFO_RECEIVED),
        ("PC1", Stage.SHIPPED),
        ("PC2", Stage.SHIPPED),
        ("ET1", Stage.IN_TRANSIT),
        ("ET2", Stage.IN_TRANSIT),
        ("ET3", Stage.IN_TRANSIT),
        ("ET4", Stage.IN_TRANSIT),
        ("EP1", Stage.IN_TRANSIT),
        ("DO1", Stage.IN_CUSTOMS),
        ("DO2", Stage.CUSTOMS_CLEARED),
        ("DO3", Stage.CUSTOMS_ACTION_REQUIRED),
        ("PB1", Stage.EXCEPTION),
        ("PB2", Stage.IN_TRANSIT),
        ("MD1", Stage.OUT_FOR_DELIVERY),
        ("MD2", Stage.OUT_FOR_DELIVERY),
        ("md2 ", Stage.OUT_FOR_DELIVERY),
        ("ND1", Stage.DELIVERY_FAILED),
        ("AG1", Stage.READY_FOR_PICKUP),
        ("RE1", Stage.RETURNING),
        ("DI0", Stage.DELIVERED),
        ("DI1", Stage.DELIVERED),
        ("DI2", Stage.RETURNED),
        ("DI3", Stage.IN_TRANSIT),
        ("ID0", None),
        ("ZZ9", None),
        (None, None),
        (["ET1"], None),
    ],
)
def test_codes_have_their_stages(code: Any, stage: Stage | None) -> None:
    assert stage_of(code) is stage


def test_no_label_overrides_a_code() -> None:
    label = "Your parcel is in the delivery site that serves your address."
    assert stage_of("MD2", label) is Stage.OUT_FOR_DELIVERY
    assert stage_of("ET1", "Your parcel has been delivered.") is Stage.IN_TRANSIT


def test_a_delivery_to_a_locker_waits_for_the_person() -> None:
    left = "Your parcel has been delivered to the locker."
    assert stage_of("DI1", left) is Stage.READY_FOR_PICKUP
    taken = "Your parcel has been collected from the locker."
    assert stage_of("DI1", taken) is Stage.DELIVERED


def test_the_side_of_the_border_is_told_only_where_la_poste_says_it() -> None:
    told = told_of(event("DO1"), event("DO2", "Left the export customs."))
    assert [(e.stage, e.direction) for e in told.events] == [
        (Stage.IN_CUSTOMS, None),
        (Stage.IN_TRANSIT, Direction.EXPORT),
    ]


@pytest.mark.parametrize(
    ("holder", "carrier"),
    [
        (1, "la_poste"),
        (2, "la_poste"),
        ("3", "chronopost"),
        (4, "colissimo"),
        (9, None),
        (None, None),
    ],
)
def test_the_holder_tells_the_carrier(holder: Any, carrier: str | None) -> None:
    told = told_of(event(), holder=holder)
    assert (told.carrier, told.events[0].carrier) == (carrier, carrier)


# The clocks


@pytest.mark.parametrize(
    ("written", "instant", "wall"),
    [
        (
            "2026-05-01T10:00:00+02:00",
            datetime(2026, 5, 1, 8, tzinfo=UTC),
            datetime(2026, 5, 1, 10),
        ),
        ("2026-05-01T10:00:00Z", datetime(2026, 5, 1, 10, tzinfo=UTC), None),
        ("2026-05-01T10:00:00", None, datetime(2026, 5, 1, 10)),
        ("one day", None, None),
    ],
)
def test_times_are_read_as_they_were_written(
    written: str, instant: datetime | None, wall: datetime | None
) -> None:
    (told,) = told_of(event(date=written)).events
    assert (told.time, told.local_time) == (instant, wall)
    assert told.written_time == written


@pytest.mark.parametrize(
    ("shipment", "start", "end"),
    [
        ({}, None, None),
        ({"estimDate": "2026-03-12T01:00:00+01:00"}, date(2026, 3, 12), None),
        ({"estimDate": "2026-07-12T02:00:00+02:00"}, date(2026, 7, 12), None),
        ({"estimDate": "2026-07-12T00:00:00+02:00"}, date(2026, 7, 12), None),
        ({"estimDate": "2026-07-12"}, date(2026, 7, 12), None),
        ({"estimDate": "2026-07-12T18:00:00"}, datetime(2026, 7, 12, 18), None),
        (
            {"estimDate": "2026-03-12T18:00:00+01:00"},
            datetime(2026, 3, 12, 17, tzinfo=UTC),
            None,
        ),
        (
            {
                "estimDate": "2026-03-12T01:00:00+01:00",
                "estimHourMin": "2026-03-12T09:00:00+01:00",
                "estimHourMax": "2026-03-12T13:00:00+01:00",
            },
            datetime(2026, 3, 12, 9, tzinfo=PARIS),
            datetime(2026, 3, 12, 13, tzinfo=PARIS),
        ),
        (
            # The hours of the request.
            {
                "estimDate": "2026-03-12T01:00:00+01:00",
                "estimHourMin": "2026-03-08T18:00:36+01:00",
                "estimHourMax": "2026-03-08T18:00:36+01:00",
            },
            date(2026, 3, 12),
            None,
        ),
        (
            {"estimDate": "2026-03-12T01:00:00+01:00", "isFinal": True},
            None,
            None,
        ),
        (
            {
                "estimDate": "2026-03-12T10:00:00+01:00",
                "deliveryDate": "2026-03-12T10:00:00+01:00",
            },
            None,
            None,
        ),
        ({"estimDate": ["soon"]}, None, None),
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
    ("partner", "leg"),
    [
        (None, None),
        ({"name": "DPD"}, None),
        ({"reference": NUMBER}, None),
        ({"reference": "no number"}, None),
        (
            {"name": "USPS", "reference": "9400 1112 0620 6406 2607 87"},
            Leg(tracking_number="9400111206206406260787", carrier="usps"),
        ),
        (
            {"name": "Somebody", "network": "DPD", "reference": "A1B2C3D4E5F6"},
            Leg(tracking_number="A1B2C3D4E5F6", carrier="dpd"),
        ),
        (
            {"name": "Somebody", "reference": "A1B2C3D4E5F6"},
            Leg(tracking_number="A1B2C3D4E5F6"),
        ),
    ],
)
def test_a_partner_goes_on_under_its_own_number(partner: Any, leg: Leg | None) -> None:
    assert told_of(event(), contextData={"partner": partner}).next_leg == leg


def test_the_place_where_it_waits_is_told_while_it_waits() -> None:
    context = {"removalPoint": {"name": "LYON PART-DIEU"}}
    assert told_of(event("AG1"), contextData=context).pickup_point == "LYON PART-DIEU"
    assert told_of(event("ET1"), contextData=context).pickup_point is None
    assert told_of(event("AG1")).pickup_point is None


def test_garbage_among_the_events_spoils_none_of_them() -> None:
    told = told_of(
        "garbage", None, {}, event(date=None), event(None, None), event(label={"a": 1})
    )
    assert [e.code for e in told.events] == ["ET1"]


def test_a_list_without_end_is_cut() -> None:
    assert len(told_of(*[event()] * 1000).events) == 300


@pytest.mark.parametrize("body", [None, "text", 7, {}, [], [1], {"code": "X"}])
def test_what_is_no_answer_is_no_answer(body: Any) -> None:
    with pytest.raises(ProviderUnavailable):
        parse(body, [NUMBER])


@pytest.mark.parametrize("code", [101, 104, 105, 109, 404, "x", None])
def test_a_number_without_a_shipment_is_not_known_yet(code: Any) -> None:
    body = {"returnCode": code, "idShip": NUMBER}
    assert parse(body, [NUMBER]) == [Answer(tracking_number=NUMBER)]


def test_a_number_that_cannot_be_told_just_now_is_passed_over() -> None:
    busy = {"returnCode": 504, "idShip": UNKNOWN}
    (told,) = parse([busy, envelope(event())], [NUMBER, UNKNOWN])
    assert told.tracking_number == NUMBER
    with pytest.raises(ProviderUnavailable):
        parse(busy, [UNKNOWN])


# On the wire


async def ask(
    server: Server, session: aiohttp.ClientSession, asked: Sequence[str] = (NUMBER,)
) -> list[Answer]:
    """Ask La Poste about numbers."""
    legs = [Query(tracking_number=number) for number in asked]
    return await LaPosteProvider(server.url).fetch(session, KEY, legs)


async def test_one_number_is_asked_about(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(answer_of("la_poste", "through_customs"))
    (told,) = await ask(server, session)
    assert len(told.events) == 9
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("GET", f"/suivi/v2/idships/{NUMBER}")
    assert asked.query == {"lang": "en_GB"}
    assert asked.headers["X-Okapi-Key"] == "an-okapi-key"
    assert asked.headers["Accept"] == "application/json"


@pytest.mark.parametrize("status", [200, 207])
async def test_several_numbers_are_asked_about_at_once(
    server: Server, session: aiohttp.ClientSession, status: int
) -> None:
    server.reply(answer_of("la_poste", "several"), status=status)
    assert len(await ask(server, session, [NUMBER, UNKNOWN, EXPRESS])) == 3
    (asked,) = server.asked
    assert asked.path == f"/suivi/v2/idships/{NUMBER},{UNKNOWN},{EXPRESS}"


@pytest.mark.parametrize("status", [400, 404])
@pytest.mark.parametrize("body", [b"<html></html>", b"", b'{"returnCode":400}'])
async def test_a_batch_that_is_refused_as_a_whole_loses_nobody(
    server: Server, session: aiohttp.ClientSession, status: int, body: bytes
) -> None:
    server.reply(body, status=status)
    server.reply(answer_of("la_poste", "through_customs"))
    server.reply(answer_of("la_poste", "invalid"), status=400)
    told = await ask(server, session, [NUMBER, INVALID])
    assert [(len(a.events), a.invalid) for a in told] == [(9, False), (0, True)]
    assert [a.path.rpartition("/")[2] for a in server.asked] == [
        f"{NUMBER},{INVALID}",
        NUMBER,
        INVALID,
    ]


async def test_a_number_that_cannot_be_told_of_silences_no_other(
    server: Server, session: aiohttp.ClientSession
) -> None:
    provider = LaPosteProvider(server.url)
    legs = [Query(tracking_number=n) for n in (UNKNOWN, NUMBER)]
    known, unknown = (
        answer_of("la_poste", name) for name in ("through_customs", "unknown")
    )
    server.reply(unknown, status=404)
    server.reply(b"", status=503)
    server.reply(known)
    assert [a.tracking_number for a in await provider.fetch(session, KEY, legs)] == [
        NUMBER
    ]
    for body, status in ((unknown, 404), (unknown, 404), (known, 200)):
        server.reply(body, status=status)
    server.replies.pop(0)
    assert len(await provider.fetch(session, KEY, legs)) == 2
    # What spoilt a batch is asked about alone, and fails alone.
    server.replies.clear()
    server.reply(known)
    server.reply({"returnCode": 504, "idShip": UNKNOWN})
    assert [a.tracking_number for a in await provider.fetch(session, KEY, legs)] == [
        NUMBER
    ]


async def test_a_number_that_spoilt_a_batch_stays_out_of_the_next(
    server: Server, session: aiohttp.ClientSession
) -> None:
    provider = LaPosteProvider(server.url)
    legs = [Query(tracking_number=n) for n in (NUMBER, UNKNOWN, EXPRESS)]
    known, unknown = (
        (answer_of("la_poste", "several"), 207),
        (answer_of("la_poste", "unknown"), 404),
    )
    # Refused together, then one by one; known together, and the other alone, twice.
    for body, status in (unknown, known, unknown, known, known, unknown, known):
        server.reply(body, status=status)
    for _ in range(3):
        told = await provider.fetch(session, KEY, legs)
        assert {a.tracking_number for a in told} == {NUMBER, UNKNOWN, EXPRESS}
    both = f"{NUMBER},{EXPRESS}"
    assert [asked.path.rpartition("/")[2] for asked in server.asked] == [
        f"{NUMBER},{UNKNOWN},{EXPRESS}",
        NUMBER,
        UNKNOWN,
        EXPRESS,
        both,
        UNKNOWN,
        both,
        UNKNOWN,
    ]
    # Once it is known, it is asked about with the others again.
    await provider.fetch(session, KEY, legs)
    assert server.asked[-1].path.count(",") == 2


@pytest.mark.parametrize("status", [400, 404])
@pytest.mark.parametrize(
    "body", [b"<html></html>", b"", b'{"code":"NOT_FOUND"}', b"[]"]
)
async def test_a_number_that_la_poste_does_not_know_is_no_error(
    server: Server, session: aiohttp.ClientSession, status: int, body: bytes
) -> None:
    server.reply(body, status=status)
    assert await ask(server, session) == [Answer(tracking_number=NUMBER)]


async def test_what_is_no_number_is_not_sent(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(answer_of("la_poste", "through_customs"))
    told = await ask(server, session, ["../../other", NUMBER])
    assert [a.invalid for a in told] == [True, False]
    assert [a.path for a in server.asked] == [f"/suivi/v2/idships/{NUMBER}"]
    assert [a.invalid for a in await ask(server, session, ["a/b?c=1"])] == [True]
    assert len(server.asked) == 1


async def test_an_equal_answer_is_the_very_same_answer(
    server: Server, session: aiohttp.ClientSession
) -> None:
    provider = LaPosteProvider(server.url)
    for name, status, asked in (
        ("through_customs", 200, [NUMBER]),
        ("unknown", 404, [UNKNOWN]),
        ("several", 207, [NUMBER, EXPRESS]),
    ):
        server.replies.clear()
        server.reply(answer_of("la_poste", name), status=status)
        legs = [Query(tracking_number=number) for number in asked]
        first = await provider.fetch(session, KEY, legs)
        again = await provider.fetch(session, KEY, legs)
        assert first
        assert all(a is b for a, b in zip(first, again, strict=True))


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, b'{"code":"UNAUTHORIZED"}', CredentialsRejected),
        (403, b'{"code":"FORBIDDEN"}', CredentialsRejected),
        (403, b"<html>Request rejected</html>", ProviderUnavailable),
        (429, b"{}", QuotaExceeded),
        (302, b"", ProviderUnavailable),
        (500, b"", ProviderUnavailable),
        (503, b"<html></html>", ProviderUnavailable),
        (200, b"<html></html>", ProviderUnavailable),
        (200, b"", ProviderUnavailable),
        (200, b'"nonsense"', ProviderUnavailable),
        (200, b"7", ProviderUnavailable),
        (200, json.dumps(envelope()).encode()[:30], ProviderUnavailable),
    ],
)
async def test_failures_are_told_apart(
    server: Server,
    session: aiohttp.ClientSession,
    status: int,
    body: bytes,
    error: type[Exception],
) -> None:
    server.reply(body, status=status)
    with pytest.raises(error) as raised:
        await ask(server, session)
    assert NUMBER not in str(raised.value)
    with pytest.raises(error):
        await LaPosteProvider(server.url).verify(session, KEY)


@freeze_time("2026-05-01T22:30:00Z", real_asyncio=True)
@pytest.mark.parametrize("after", [None, "120"])
async def test_a_spent_minute_comes_back_when_la_poste_says(
    server: Server, session: aiohttp.ClientSession, after: str | None
) -> None:
    headers = {"Retry-After": after} if after else {}
    server.reply({"message": "max quota reached"}, status=429, headers=headers)
    with pytest.raises(QuotaExceeded) as error:
        await ask(server, session)
    at = datetime(2026, 5, 1, 22, 32, tzinfo=UTC) if after else None
    assert error.value.retry_at == at


@pytest.mark.parametrize(
    ("status", "name"), [(200, "unknown"), (404, "unknown"), (400, "invalid")]
)
async def test_a_key_is_good_whatever_la_poste_says_of_the_number(
    server: Server, session: aiohttp.ClientSession, status: int, name: str
) -> None:
    server.reply(answer_of("la_poste", name), status=status)
    info = await LaPosteProvider(server.url).verify(session, KEY)
    assert info == AccountInfo()
    assert server.asked[0].path == "/suivi/v2/idships/1A00000000000"


def test_la_poste_is_asked_within_its_limits() -> None:
    assert PROVIDERS["la_poste"] is LaPosteProvider
    assert LaPosteProvider.credentials == ("api_key",)
    assert LaPosteProvider.carriers == {"la_poste", "colissimo", "chronopost"}
    assert LaPosteProvider.limits.batch_size == 10
    assert LaPosteProvider.limits.spacing >= timedelta(seconds=0.6)
