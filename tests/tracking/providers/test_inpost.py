"""Stories of parcels that InPost moves."""

from datetime import UTC, datetime, timedelta
import json
from typing import Any

import aiohttp
from freezegun import freeze_time
import pytest

from custom_components.waybill.tracking.journal import merge, open_journal
from custom_components.waybill.tracking.journey import travel
from custom_components.waybill.tracking.model import Answer, Stage
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.base import (
    AccountInfo,
    ProviderUnavailable,
    Query,
    QuotaExceeded,
)
from custom_components.waybill.tracking.providers.inpost import InpostProvider, parse
from custom_components.waybill.tracking.timeline import timeline

from .conftest import Server
from .fixtures import answer_of

NUMBER = "600000000000000000000017"


def detail(status: Any = "taken_by_courier", **more: Any) -> Any:
    """Return one scan."""
    return {"status": status, "datetime": "2026-05-01T10:00:00.000+02:00"} | more


def told_of(*details: Any, **parcel: Any) -> Answer:
    """Return what the parser makes of a parcel."""
    body = {"tracking_number": NUMBER, "tracking_details": list(details)} | parcel
    return parse(body, NUMBER)


def stage_of(status: Any) -> Stage | None:
    """Return the stage of a single scan."""
    return told_of(detail(status)).events[0].stage


# The journey


def test_a_parcel_is_followed_into_the_locker() -> None:
    told = parse(answer_of("inpost", "to_the_locker"), NUMBER)
    assert [e.stage for e in told.events] == [
        Stage.READY_FOR_PICKUP,
        Stage.OUT_FOR_DELIVERY,
        Stage.IN_TRANSIT,
        Stage.IN_TRANSIT,
        Stage.IN_TRANSIT,
        Stage.IN_TRANSIT,
        Stage.IN_TRANSIT,
        Stage.SHIPPED,
        Stage.SHIPPED,
        Stage.INFO_RECEIVED,
    ]
    assert told.carrier == "inpost"
    assert told.pickup_point == "WAW145M, Prosta 1, 00-001 Warszawa"
    assert told.stage is None
    newest = told.events[0]
    assert (newest.description, newest.words) == ("Ready to pickup", "ready_to_pickup")
    assert newest.time == datetime(2026, 3, 5, 7, 41, 10, tzinfo=UTC)
    assert newest.local_time == datetime(2026, 3, 5, 8, 41, 10)
    assert told.events[6].location == "Poznań"


def test_a_parcel_that_nobody_takes_out_comes_back() -> None:
    """Once it is on its way back, "delivered" is the sender's door."""
    story = ["ready_to_pickup", "pickup_time_expired", "returned_to_sender"]
    story += ["adopted_at_sorting_center", "delivered"]
    told = told_of(
        *(
            detail(status, datetime=f"2026-05-0{day}T10:00:00+02:00")
            for day, status in reversed(list(enumerate(story, 1)))
        )
    )
    now = datetime(2026, 5, 9, tzinfo=UTC)
    journal = merge(open_journal("id", NUMBER, now), "inpost", told, now)
    assert [p.stage for p in travel(journal, timeline(journal)).passages] == [
        Stage.READY_FOR_PICKUP,
        Stage.EXCEPTION,
        Stage.RETURNING,
        Stage.RETURNED,
    ]


@pytest.mark.parametrize("told", ["600000000000000000000028", "", None, ["x"]])
def test_another_parcel_is_no_news_of_this_one(told: Any) -> None:
    answer = told_of(detail("delivered"), tracking_number=told)
    assert answer == Answer(tracking_number=NUMBER)


# The vocabulary

VOCABULARY = {
    Stage.INFO_RECEIVED: "created offers_prepared offer_selected confirmed",
    Stage.SHIPPED: (
        "dispatched_by_sender dispatched_by_sender_to_pok collected_from_sender "
        "taken_by_courier taken_by_courier_from_pok"
    ),
    Stage.IN_TRANSIT: (
        "adopted_at_source_branch sent_from_source_branch adopted_at_sorting_center "
        "sent_from_sorting_center adopted_at_target_branch delay_in_delivery "
        "redirect_to_box canceled_redirect_to_box readdressed "
        "unstack_from_box_machine unstack_from_customer_service_point "
        "adopted_at_destination_branch permanently_redirected_to_box_machine "
        "permanently_redirected_to_customer_service_point"
    ),
    Stage.OUT_FOR_DELIVERY: "out_for_delivery out_for_delivery_to_address",
    Stage.READY_FOR_PICKUP: (
        "ready_to_pickup ready_to_pickup_from_pok ready_to_pickup_from_pok_registered "
        "ready_to_pickup_from_branch pickup_reminder_sent stack_in_box_machine "
        "courier_avizo_in_customer_service_point stack_in_customer_service_point "
        "stack_parcel_in_box_machine_pickup_time_expired "
        "stack_parcel_pickup_time_expired ready_for_collection"
    ),
    Stage.DELIVERY_FAILED: (
        "avizo pickup_reminder_sent_address undelivered_cod_cash_receiver "
        "undelivered_incomplete_address undelivered_lack_of_access_letterbox "
        "undelivered_no_mailbox undelivered_not_live_address "
        "undelivered_unknown_receiver undelivered_wrong_address "
        "delivery_attempt_failed"
    ),
    Stage.DELIVERED: (
        "delivered return_pickup_confirmation_to_sender collected_by_customer"
    ),
    Stage.RETURNING: "returned_to_sender taken_by_courier_from_customer_service_point",
    Stage.EXCEPTION: (
        "canceled claimed missing oversized pickup_time_expired rejected_by_receiver "
        "undelivered not_collected"
    ),
    None: "other teleported",
}


@pytest.mark.parametrize(
    ("status", "stage"),
    [(status, stage) for stage, told in VOCABULARY.items() for status in told.split()],
)
def test_statuses_have_their_stages(status: str, stage: Stage | None) -> None:
    assert stage_of(status) is stage
    assert stage_of(f" {status.upper()} ") is stage


def test_the_status_speaks_where_no_scan_does() -> None:
    assert told_of(status="ready_to_pickup").stage is Stage.READY_FOR_PICKUP
    assert told_of(detail("other"), status="confirmed").stage is Stage.INFO_RECEIVED
    assert told_of(detail("delivered"), status="confirmed").stage is None
    assert told_of(status="other").stage is None


# The clocks


@pytest.mark.parametrize(
    ("written", "instant", "wall"),
    [
        (
            "2026-05-01T10:00:00.000+02:00",
            datetime(2026, 5, 1, 8, tzinfo=UTC),
            datetime(2026, 5, 1, 10),
        ),
        ("2026-05-01T10:00:00Z", datetime(2026, 5, 1, 10, tzinfo=UTC), None),
        ("2026-05-01T10:00:00", None, datetime(2026, 5, 1, 10)),
        ("May 1st", None, None),
    ],
)
def test_times_are_read_as_they_were_written(
    written: str, instant: datetime | None, wall: datetime | None
) -> None:
    (told,) = told_of(detail(datetime=written)).events
    assert (told.time, told.local_time) == (instant, wall)
    assert told.written_time == written


# What else is told


@pytest.mark.parametrize(
    ("attributes", "point"),
    [
        (None, None),
        ({}, None),
        ({"target_machine_id": "WAW1"}, "WAW1"),
        ({"target_machine_detail": {"name": "WAW1"}}, "WAW1"),
        (
            {"target_machine_detail": {"name": "W", "address": {"line1": "Prosta 1"}}},
            "W, Prosta 1",
        ),
        ({"target_machine_detail": ["W"], "open_code": "123456"}, None),
        ({"target_machine_id": "W" * 500}, "W" * 120),
    ],
)
def test_the_locker_is_told_while_the_parcel_waits(
    attributes: Any, point: str | None
) -> None:
    more = {"custom_attributes": attributes}
    assert told_of(detail("ready_to_pickup"), **more).pickup_point == point
    assert told_of(status="ready_to_pickup", **more).pickup_point == point
    assert told_of(detail("out_for_delivery"), **more).pickup_point is None


def test_another_locker_than_the_chosen_one_is_not_told_as_that() -> None:
    more = {"custom_attributes": {"target_machine_id": "WAW1"}}
    assert told_of(detail("stack_in_box_machine"), **more).pickup_point is None


def test_garbage_among_the_scans_spoils_none_of_them() -> None:
    told = told_of("garbage", None, {}, detail(None), detail(datetime=7), detail())
    assert [e.code for e in told.events] == ["taken_by_courier", "taken_by_courier"]


def test_a_list_without_end_is_cut() -> None:
    assert len(told_of(*[detail()] * 1000).events) == 300


@pytest.mark.parametrize("body", [None, [], "text", 7, {}, {"status": "delivered"}])
def test_what_is_no_answer_is_no_answer(body: Any) -> None:
    with pytest.raises(ProviderUnavailable):
        parse(body, NUMBER)


# On the wire


async def ask(
    server: Server, session: aiohttp.ClientSession, number: str = NUMBER
) -> list[Answer]:
    """Ask InPost about one number."""
    provider = InpostProvider(server.url)
    return await provider.fetch(session, {}, [Query(tracking_number=number)])


async def test_one_number_is_asked_about(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(answer_of("inpost", "to_the_locker"))
    (told,) = await ask(server, session)
    assert len(told.events) == 10
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("GET", f"/v1/tracking/{NUMBER}")
    assert "Authorization" not in asked.headers


@pytest.mark.parametrize("number", ["123", NUMBER[1:], "../statuses", "٦" * 24])
async def test_only_numbers_of_inpost_are_sent(
    server: Server, session: aiohttp.ClientSession, number: str
) -> None:
    told = await ask(server, session, number)
    assert told == [Answer(tracking_number=number, invalid=True)]
    assert server.asked == []
    assert not InpostProvider.answers_for(number, "inpost")


def test_only_inposts_own_numbers_are_for_it() -> None:
    assert InpostProvider.answers_for(NUMBER, "inpost")
    assert not InpostProvider.answers_for(NUMBER, "dpd")
    assert not InpostProvider.answers_for(NUMBER, None)


@pytest.mark.parametrize("status", [404, 400])
async def test_a_number_that_inpost_does_not_know_is_no_error(
    server: Server, session: aiohttp.ClientSession, status: int
) -> None:
    server.reply(answer_of("inpost", "not_found"), status=status)
    assert await ask(server, session) == [Answer(tracking_number=NUMBER)]


@pytest.mark.parametrize(
    ("name", "status"), [("to_the_locker", 200), ("not_found", 404)]
)
async def test_an_equal_answer_is_the_very_same_answer(
    server: Server, session: aiohttp.ClientSession, name: str, status: int
) -> None:
    server.reply(answer_of("inpost", name), status=status)
    provider = InpostProvider(server.url)
    leg = Query(tracking_number=NUMBER)
    first = await provider.fetch(session, {}, [leg])
    assert await provider.fetch(session, {}, [leg]) is first


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        # There are no credentials that could be wrong.
        (401, b'{"error":"token_invalid"}', ProviderUnavailable),
        (403, b"<html>Attention Required!</html>", ProviderUnavailable),
        (429, b"{}", QuotaExceeded),
        (302, b"", ProviderUnavailable),
        (500, b"", ProviderUnavailable),
        (503, b"<html></html>", ProviderUnavailable),
        (200, b"<html></html>", ProviderUnavailable),
        (200, b"", ProviderUnavailable),
        (200, b'"nonsense"', ProviderUnavailable),
        (200, b"[1]", ProviderUnavailable),
        (
            200,
            json.dumps({"tracking_number": NUMBER}).encode()[:20],
            ProviderUnavailable,
        ),
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


@freeze_time("2026-05-01T22:30:00Z", real_asyncio=True)
@pytest.mark.parametrize("after", [None, "120"])
async def test_haste_is_paid_for_as_inpost_says(
    server: Server, session: aiohttp.ClientSession, after: str | None
) -> None:
    headers = {"Retry-After": after} if after else {}
    server.reply({}, status=429, headers=headers)
    with pytest.raises(QuotaExceeded) as error:
        await ask(server, session)
    at = datetime(2026, 5, 1, 22, 32, tzinfo=UTC) if after else None
    assert error.value.retry_at == at


async def test_there_is_nothing_to_try(session: aiohttp.ClientSession) -> None:
    assert await InpostProvider().verify(session, {}) == AccountInfo()


def test_inpost_is_asked_politely() -> None:
    assert PROVIDERS["inpost"] is InpostProvider
    assert InpostProvider.credentials == ()
    assert InpostProvider.carriers == {"inpost"}
    assert InpostProvider.limits.spacing == timedelta(seconds=5)
    assert InpostProvider.limits.per_day == 300
    assert InpostProvider.limits.per_leg == timedelta(minutes=15)
