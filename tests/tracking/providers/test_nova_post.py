"""Stories of parcels that Nova Post moves."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
import json
from typing import Any

import aiohttp
from freezegun import freeze_time
import pytest

from custom_components.waybill.tracking import numbers
from custom_components.waybill.tracking.journal import merge, open_journal
from custom_components.waybill.tracking.journey import travel
from custom_components.waybill.tracking.model import Answer, Leg, Stage
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.base import (
    AccountInfo,
    CredentialsRejected,
    ProviderUnavailable,
    Query,
    QuotaExceeded,
)
from custom_components.waybill.tracking.providers.nova_post import (
    NovaPostProvider,
    parse,
)
from custom_components.waybill.tracking.timeline import timeline

from .conftest import Server
from .fixtures import answer_of

NUMBER = "20450000000012"
RECEIVED = "20450000000023"
UNKNOWN = "20450000000034"
STUB = "59500000000045"
WRONG = "00450000000000"
KEY = {"api_key": "a-key-of-nova-post"}


def document(code: Any = "5", text: Any = "Прямує", **more: Any) -> Any:
    """Return what is told of a number."""
    told = {"Number": NUMBER, "StatusCode": code, "Status": text}
    return told | {"TrackingUpdateDate": "2026-05-01 10:00:00"} | more


def body_of(*documents: Any) -> Any:
    """Return an answer."""
    return {"success": True, "data": list(documents), "errors": []}


def told_of(code: Any = "5", text: Any = "Прямує", **more: Any) -> Answer:
    """Return what the parser makes of a document."""
    (answer,) = parse(body_of(document(code, text, **more)), [NUMBER])
    return answer


# The journey


def test_of_several_numbers_each_gets_its_own_answer() -> None:
    asked = [STUB, UNKNOWN, RECEIVED, NUMBER]
    answers = parse(answer_of("nova_post", "several"), asked)
    told = {answer.tracking_number: answer for answer in answers}
    (waits,) = told[NUMBER].events
    assert (waits.stage, waits.code) == (Stage.READY_FOR_PICKUP, "7")
    assert waits.local_time == datetime(2026, 3, 5, 9, 12)
    assert waits.time is None
    assert waits.location == "Львів"
    assert waits.description == "Прибув у відділення"
    assert told[NUMBER].pickup_point == "Відділення №5: вул. Зелена, 1"
    assert told[NUMBER].carrier == "nova_post"
    (got,) = told[RECEIVED].events
    assert (got.stage, got.written_time) == (Stage.DELIVERED, "06.03.2026 18:30:11")
    assert told[UNKNOWN] == Answer(tracking_number=UNKNOWN)
    assert told[STUB] == Answer(tracking_number=STUB)


def test_nobodys_name_address_or_telephone_is_kept() -> None:
    told = repr(parse(answer_of("nova_post", "several"), [NUMBER, RECEIVED]))
    for secret in ("Шевченко", "Українка", "380000", "м. Львів"):
        assert secret not in told


def test_statuses_that_are_asked_for_one_by_one_make_a_history() -> None:
    statuses = [
        document("1", "Створив", DateCreated="01-05-2026 09:00:00"),
        document("5", TrackingUpdateDate="2026-05-02 10:00:00"),
        document("5", TrackingUpdateDate="2026-05-02 10:00:00"),
        document("101", "На шляху", TrackingUpdateDate="2026-05-03 08:00:00"),
        document("111", "Невдала спроба", DateScan="09:00 03.05.2026"),
        document("9", "Отримано", RecipientDateTime="04.05.2026 12:00:00"),
    ]
    statuses[4].pop("TrackingUpdateDate")
    now = datetime(2026, 5, 1, tzinfo=UTC)
    journal = open_journal("id", NUMBER, now)
    for status in statuses:
        (answer,) = parse(body_of(status), [NUMBER])
        journal = merge(journal, "nova_post", answer, now)
    lines = timeline(journal)
    assert [line.event.code for line in lines] == ["1", "5", "101", "111", "9"]
    assert travel(journal, lines).stage is Stage.DELIVERED


def test_a_refused_parcel_that_arrives_again_has_come_back() -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    journal = open_journal("id", NUMBER, now)
    for day, code in enumerate(("7", "103", "102", "5", "7", "9"), 1):
        when = {"TrackingUpdateDate": f"2026-05-0{day} 10:00:00"}
        (answer,) = parse(body_of(document(code, "Текст", **when)), [NUMBER])
        journal = merge(journal, "nova_post", answer, now)
    assert [p.stage for p in travel(journal, timeline(journal)).passages] == [
        Stage.READY_FOR_PICKUP,
        Stage.EXCEPTION,
        Stage.RETURNING,
        Stage.RETURNED,
    ]


# Whose answer it is


@pytest.mark.parametrize(
    ("told", "known"),
    [
        (NUMBER, True),
        (int(NUMBER), True),
        ("2045 0000 0000 12", True),
        ("20450000000099", False),
        (None, False),
        ([NUMBER], False),
    ],
)
def test_only_what_is_said_of_the_number_counts(told: Any, known: bool) -> None:
    assert bool(parse(body_of(document(Number=told)), [NUMBER])) is known


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_two_documents_the_newest_counts(newest_first: bool) -> None:
    new = document("9", TrackingUpdateDate="2026-05-02 10:00:00")
    documents = [new, document("5")] if newest_first else [document("5"), new]
    (told,) = parse(body_of(*documents), [NUMBER])
    assert told.events[0].code == "9"


def test_a_document_without_a_date_does_not_take_the_place_of_one_with() -> None:
    (told,) = parse(
        body_of(document("9"), document("5", TrackingUpdateDate="")), [NUMBER]
    )
    assert told.events[0].code == "9"
    (told,) = parse(
        body_of(document("5", TrackingUpdateDate=None), document("9")), [NUMBER]
    )
    assert told.events[0].code == "9"


# The vocabulary


@pytest.mark.parametrize(
    ("code", "stage"),
    [
        ("1", Stage.INFO_RECEIVED),
        ("2", Stage.EXCEPTION),
        ("4", Stage.IN_TRANSIT),
        ("5", Stage.IN_TRANSIT),
        ("6", Stage.IN_TRANSIT),
        ("7", Stage.READY_FOR_PICKUP),
        ("8", Stage.READY_FOR_PICKUP),
        ("9", Stage.DELIVERED),
        (9, Stage.DELIVERED),
        ("10", Stage.DELIVERED),
        ("11", Stage.DELIVERED),
        ("12", Stage.INFO_RECEIVED),
        ("14", Stage.READY_FOR_PICKUP),
        ("15", Stage.IN_TRANSIT),
        ("41", Stage.IN_TRANSIT),
        ("101", Stage.OUT_FOR_DELIVERY),
        ("102", Stage.RETURNING),
        ("103", Stage.EXCEPTION),
        ("104", Stage.IN_TRANSIT),
        ("105", Stage.EXCEPTION),
        ("106", Stage.DELIVERED),
        ("107", Stage.READY_FOR_PICKUP),
        ("108", Stage.EXCEPTION),
        ("111", Stage.DELIVERY_FAILED),
        ("112", Stage.IN_TRANSIT),
        ("124", Stage.EXCEPTION),
        ("777", None),
        (None, None),
        (["9"], None),
    ],
)
def test_codes_have_their_stages(code: Any, stage: Stage | None) -> None:
    (event,) = told_of(code).events
    assert event.stage is stage


@pytest.mark.parametrize(("code", "text"), [("3", "Номер не знайдено"), ("80", "")])
def test_what_says_nothing_is_no_scan(code: str, text: str) -> None:
    assert told_of(code, text) == Answer(tracking_number=NUMBER)


# The clocks


@pytest.mark.parametrize(
    ("written", "wall"),
    [
        ("2026-08-05 19:42:05", datetime(2026, 8, 5, 19, 42, 5)),
        ("05-08-2026 19:42:05", datetime(2026, 8, 5, 19, 42, 5)),
        ("05.08.2026 19:42:05", datetime(2026, 8, 5, 19, 42, 5)),
        ("19:42 05.08.2026", datetime(2026, 8, 5, 19, 42)),
    ],
)
def test_all_notations_are_kyivs_clock_without_a_zone(
    written: str, wall: datetime
) -> None:
    (event,) = told_of(TrackingUpdateDate=written).events
    assert (event.written_time, event.local_time) == (written, wall)
    assert event.time is None


@pytest.mark.parametrize(
    "written", ["", "0000-00-00 00:00:00", "0001-01-01 00:00:00", "soon", None, 7]
)
def test_a_date_that_is_none_gives_way_to_the_next(written: Any) -> None:
    (event,) = told_of(TrackingUpdateDate=written, DateScan="15:58 28.10.2026").events
    assert event.local_time == datetime(2026, 10, 28, 15, 58)
    (event,) = told_of(TrackingUpdateDate=written).events
    assert (event.written_time, event.local_time) == ("", None)


@pytest.mark.parametrize(
    ("written", "start"),
    [
        ("03-08-2026 17:00:00", datetime(2026, 8, 3, 17)),
        ("03-08-2026 00:00:00", date(2026, 8, 3)),
        ("03-08-2026", date(2026, 8, 3)),
        ("03.08.2026", date(2026, 8, 3)),
        ("0000-00-00 00:00:00", None),
        ("", None),
        (None, None),
    ],
)
def test_estimates_are_told_as_they_were_made(written: Any, start: Any) -> None:
    estimate = told_of(ScheduledDeliveryDate=written).estimate
    assert (estimate.start if estimate is not None else None) == start
    for code in ("9", "102", "103"):
        assert told_of(code, ScheduledDeliveryDate=written).estimate is None


# What else is told


@pytest.mark.parametrize(
    ("kind", "number", "leg"),
    [
        (
            "Redirecting",
            "20450000000056",
            Leg(tracking_number="20450000000056", carrier="nova_post"),
        ),
        ("Redirecting", NUMBER, None),
        ("Redirecting", "", None),
        # Under the number of a return it would seem delivered.
        ("CargoReturn", "20450000000056", None),
        ("", "20450000000056", None),
        (None, None, None),
    ],
)
def test_a_redirected_parcel_goes_on_under_another_number(
    kind: Any, number: Any, leg: Leg | None
) -> None:
    told = told_of(
        "104",
        LastCreatedOnTheBasisDocumentType=kind,
        LastCreatedOnTheBasisNumber=number,
    )
    assert told.next_leg == leg


@pytest.mark.parametrize(
    ("kind", "ends"),
    [("Export", ("UA", None)), ("Import", (None, "UA")), ("", (None, None))],
)
def test_only_the_border_tells_a_country(kind: str, ends: tuple[Any, Any]) -> None:
    told = told_of(InternationalDeliveryType=kind)
    assert (told.origin_country, told.destination_country) == ends


def test_the_branch_is_told_while_the_parcel_waits() -> None:
    assert told_of("7", WarehouseRecipient="№5").pickup_point == "№5"
    assert told_of("5", WarehouseRecipient="№5").pickup_point is None


def test_the_town_is_where_the_parcel_is() -> None:
    assert told_of("6", CityRecipient="Львів").events[0].location == "Львів"
    assert told_of("5", CityRecipient="Львів").events[0].location is None


# Refusals


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (answer_of("nova_post", "wrong_key"), CredentialsRejected),
        ({"success": False, "errors": ["API key is empty"]}, CredentialsRejected),
        ({"success": False, "errorCodes": [20000200068]}, CredentialsRejected),
        (answer_of("nova_post", "haste"), QuotaExceeded),
        ({"success": False, "errors": ["Something else"]}, ProviderUnavailable),
        ({"success": False, "errors": {"a": 1}}, ProviderUnavailable),
        ({"success": True, "data": None}, ProviderUnavailable),
        ({"data": []}, ProviderUnavailable),
        ({}, ProviderUnavailable),
        (None, ProviderUnavailable),
        ([], ProviderUnavailable),
        ("text", ProviderUnavailable),
        (7, ProviderUnavailable),
    ],
)
def test_refusals_are_told_apart(body: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse(body, [NUMBER])


# On the wire


async def ask(
    server: Server, session: aiohttp.ClientSession, asked: Sequence[str] = (NUMBER,)
) -> list[Answer]:
    """Ask Nova Post about numbers."""
    legs = [Query(tracking_number=number) for number in asked]
    return await NovaPostProvider(server.url).fetch(session, KEY, legs)


def asked_about(server: Server) -> list[list[str]]:
    """Return the numbers of each request."""
    return [
        [each["DocumentNumber"] for each in asked.body["methodProperties"]["Documents"]]
        for asked in server.asked
    ]


async def test_several_numbers_are_asked_about_at_once(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(answer_of("nova_post", "several"))
    assert len(await ask(server, session, [NUMBER, RECEIVED])) == 2
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/v2.0/json/")
    assert asked.body == {
        "apiKey": "a-key-of-nova-post",
        "modelName": "TrackingDocument",
        "calledMethod": "getStatusDocuments",
        "methodProperties": {
            "Documents": [
                {"DocumentNumber": NUMBER, "Phone": ""},
                {"DocumentNumber": RECEIVED, "Phone": ""},
            ]
        },
    }


async def test_a_wrong_number_is_taken_out_of_its_batch(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(answer_of("nova_post", "wrong_number"))
    server.reply(answer_of("nova_post", "several"))
    server.reply(answer_of("nova_post", "wrong_number"))
    told = await ask(server, session, [NUMBER, WRONG, RECEIVED])
    assert [(a.tracking_number, a.invalid, a.found) for a in told] == [
        (NUMBER, False, True),
        (RECEIVED, False, True),
        (WRONG, True, False),
    ]
    assert asked_about(server) == [
        [NUMBER, WRONG, RECEIVED],
        [NUMBER, RECEIVED],
        [WRONG],
    ]


async def test_a_wrong_number_stays_out_of_the_next_batch(
    server: Server, session: aiohttp.ClientSession
) -> None:
    provider = NovaPostProvider(server.url)
    legs = [Query(tracking_number=n) for n in (NUMBER, WRONG, RECEIVED)]
    wrong, right = (answer_of("nova_post", n) for n in ("wrong_number", "several"))
    for body in (wrong, right, wrong, right, wrong, right):
        server.reply(body)
    for _ in range(2):
        told = await provider.fetch(session, KEY, legs)
        assert {a.tracking_number for a in told} == {NUMBER, WRONG, RECEIVED}
    assert asked_about(server)[3:] == [[NUMBER, RECEIVED], [WRONG]]
    # Once it is taken for right, it is asked about with the others again.
    await provider.fetch(session, KEY, legs)
    await provider.fetch(session, KEY, legs)
    assert asked_about(server)[-1] == [NUMBER, WRONG, RECEIVED]


async def test_a_number_that_cannot_be_told_of_silences_no_other(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(answer_of("nova_post", "wrong_number"))
    server.reply(answer_of("nova_post", "several"))
    server.reply(b"<html>")
    told = await ask(server, session, [NUMBER, WRONG, RECEIVED])
    assert [a.tracking_number for a in told] == [NUMBER, RECEIVED]


async def test_a_wrong_number_that_is_not_named_is_searched_for(
    server: Server, session: aiohttp.ClientSession
) -> None:
    refusal = answer_of("nova_post", "wrong_number") | {"warnings": []}
    server.reply(refusal)
    server.reply(answer_of("nova_post", "several"))
    server.reply(refusal)
    server.reply(refusal)
    server.reply(answer_of("nova_post", "several"))
    told = await ask(server, session, [NUMBER, WRONG, RECEIVED])
    assert [(a.tracking_number, a.invalid) for a in told] == [
        (NUMBER, False),
        (WRONG, True),
        (RECEIVED, False),
    ]
    assert asked_about(server) == [
        [NUMBER, WRONG, RECEIVED],
        [NUMBER],
        [WRONG, RECEIVED],
        [WRONG],
        [RECEIVED],
    ]


@pytest.mark.parametrize("name", ["at_the_branch", "wrong_number"])
async def test_an_equal_answer_is_the_very_same_answer(
    server: Server, session: aiohttp.ClientSession, name: str
) -> None:
    server.reply(answer_of("nova_post", name))
    provider = NovaPostProvider(server.url)
    leg = Query(tracking_number=NUMBER)
    first = await provider.fetch(session, KEY, [leg])
    assert await provider.fetch(session, KEY, [leg]) is first


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, b"{}", CredentialsRejected),
        (200, json.dumps(answer_of("nova_post", "wrong_key")), CredentialsRejected),
        (403, b"<html>403 Forbidden</html>", ProviderUnavailable),
        (404, b"{}", ProviderUnavailable),
        (429, b"{}", QuotaExceeded),
        (200, json.dumps(answer_of("nova_post", "haste")), QuotaExceeded),
        (302, b"", ProviderUnavailable),
        (500, b"", ProviderUnavailable),
        (503, b"<html></html>", ProviderUnavailable),
        (200, b"<html></html>", ProviderUnavailable),
        (200, b"", ProviderUnavailable),
        (200, b'"nonsense"', ProviderUnavailable),
        (200, b"[1]", ProviderUnavailable),
        (200, json.dumps(body_of(document()))[:40], ProviderUnavailable),
    ],
)
async def test_failures_are_told_apart(
    server: Server,
    session: aiohttp.ClientSession,
    status: int,
    body: bytes | str,
    error: type[Exception],
) -> None:
    server.reply(body if isinstance(body, bytes) else body.encode(), status=status)
    with pytest.raises(error) as raised:
        await ask(server, session)
    assert NUMBER not in str(raised.value)
    with pytest.raises(error):
        await NovaPostProvider(server.url).verify(session, KEY)


@freeze_time("2026-05-01T22:30:00Z", real_asyncio=True)
@pytest.mark.parametrize("after", [None, "120"])
async def test_haste_is_paid_for_as_nova_post_says(
    server: Server, session: aiohttp.ClientSession, after: str | None
) -> None:
    headers = {"Retry-After": after} if after else {}
    server.reply({}, status=429, headers=headers)
    with pytest.raises(QuotaExceeded) as error:
        await ask(server, session)
    at = datetime(2026, 5, 1, 22, 32, tzinfo=UTC) if after else None
    assert error.value.retry_at == at


@pytest.mark.parametrize(
    "body", [body_of(), body_of(document("3")), answer_of("nova_post", "wrong_number")]
)
async def test_a_key_is_good_whatever_nova_post_says_of_the_number(
    server: Server, session: aiohttp.ClientSession, body: Any
) -> None:
    server.reply(body)
    assert await NovaPostProvider(server.url).verify(session, KEY) == AccountInfo()
    assert asked_about(server) == [["20000000000000"]]


# Its numbers


@pytest.mark.parametrize(
    ("number", "home", "first"),
    [
        (NUMBER, "UA", "nova_post"),
        (RECEIVED, "UA", "nova_post"),
        # Anywhere else fourteen digits are DPD's.
        (NUMBER, "DE", "dpd"),
        (NUMBER, None, "dpd"),
        ("09980000020033", "UA", "dpd"),
        ("SHPL6145344878", None, "nova_post"),
        ("EV00000000000543NPI", None, "nova_post"),
    ],
)
def test_its_numbers_are_known_where_it_delivers(
    number: str, home: str | None, first: str
) -> None:
    assert numbers.recognise(number, home=home)[0].carrier == first
    assert numbers.tracking_url("nova_post", number)


def test_nova_post_is_asked_within_its_limits() -> None:
    assert PROVIDERS["nova_post"] is NovaPostProvider
    assert NovaPostProvider.credentials == ("api_key",)
    assert NovaPostProvider.carriers == {"nova_post"}
    assert NovaPostProvider.limits.batch_size == 100
    assert NovaPostProvider.limits.spacing == timedelta(seconds=5)
