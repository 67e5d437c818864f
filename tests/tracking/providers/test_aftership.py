"""Stories of parcels that AfterShip follows."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import aiohttp
from freezegun import freeze_time
import pytest

from custom_components.waybill.tracking.model import Answer, Direction, Leg, Stage
from custom_components.waybill.tracking.numbers import CARRIERS
from custom_components.waybill.tracking.numbers.countries import COUNTRIES
from custom_components.waybill.tracking.providers import PROVIDERS, aftership
from custom_components.waybill.tracking.providers.aftership import (
    AfterShipProvider,
    parse,
    parse_page,
)
from custom_components.waybill.tracking.providers.base import (
    AccountInfo,
    CredentialsRejected,
    Listed,
    ProviderUnavailable,
    Query,
    QuotaExceeded,
)
from custom_components.waybill.tracking.providers.country_alpha3 import ALPHA_2_OF

from .conftest import Server
from .fixtures import answer_of

NUMBER = "LP00730000000028"
HANDED_OVER = "9400111206619004520717"
OTHER = "12345678"
KEY = {"api_key": "a-key-of-aftership"}
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def checkpoint(subtag: Any = "InTransit_001", **more: Any) -> dict[str, Any]:
    """Return one checkpoint."""
    tag = subtag.partition("_")[0] if isinstance(subtag, str) else None
    return {
        "checkpoint_time": "2026-05-01T10:00:00",
        "message": "Update",
        "tag": tag,
        "subtag": subtag,
    } | more


def tracking(*checkpoints: Any, number: Any = NUMBER, **more: Any) -> dict[str, Any]:
    """Return one tracking."""
    return {"tracking_number": number, "checkpoints": list(checkpoints)} | more


def envelope(*trackings: Any, **pagination: Any) -> dict[str, Any]:
    """Return a whole answer."""
    data = {"pagination": pagination, "trackings": list(trackings)}
    return {"meta": {"code": 200}, "data": data}


def failure(code: Any) -> dict[str, Any]:
    """Return an error."""
    return {"meta": {"code": code, "message": "No", "type": "Error"}, "data": {}}


def told_of(*checkpoints: Any, **more: Any) -> Answer:
    """Return what the parser makes of one tracking."""
    (answer,) = parse(envelope(tracking(*checkpoints, **more)), [NUMBER])
    return answer


def stage_of(subtag: Any, text: str = "Update", **more: Any) -> Any:
    """Return the stage of a single checkpoint."""
    (told,) = told_of(checkpoint(subtag, message=text), **more).events
    return told.stage


# The journey


def test_a_parcel_is_followed_through_customs_to_its_last_carrier() -> None:
    (told,) = parse(answer_of("aftership", "handed_over"), [NUMBER])
    assert [(e.stage, e.direction, e.country) for e in told.events] == [
        (Stage.DELIVERED, None, "US"),
        (Stage.CUSTOMS_ACTION_REQUIRED, Direction.IMPORT, "US"),
        (Stage.CUSTOMS_CLEARED, None, "CN"),
        (Stage.SHIPPED, None, "CN"),
    ]
    newest, *_, oldest = told.events
    assert (newest.description, newest.words) == ("Sign by customer", "")
    assert (newest.carrier, oldest.carrier) == ("usps", "cainiao")
    assert oldest.location == "Shenzhen, Guangdong"
    assert told.carrier == "cainiao"
    assert (told.origin_country, told.destination_country) == ("CN", "US")
    assert told.next_leg == Leg(tracking_number=HANDED_OVER, carrier="usps")
    assert told.signed_by == "J. Doe"
    assert told.estimate.start == date(2026, 5, 12)
    assert told.stage is None


# The vocabulary

DOCUMENTED = {
    Stage.INFO_RECEIVED: ["InfoReceived_001"],
    Stage.SHIPPED: ["InTransit_002"],
    Stage.IN_TRANSIT: [
        *(f"InTransit_00{n}" for n in (1, 3, 4, 7, 8, 9)),
        "OutForDelivery_004",
    ],
    Stage.CUSTOMS_CLEARED: ["InTransit_005"],
    Stage.IN_CUSTOMS: ["InTransit_006", "Exception_004"],
    Stage.CUSTOMS_ACTION_REQUIRED: ["Exception_018"],
    Stage.OUT_FOR_DELIVERY: ["OutForDelivery_001", "OutForDelivery_003"],
    Stage.DELIVERY_FAILED: [f"AttemptFail_00{n}" for n in (1, 2, 3)],
    Stage.READY_FOR_PICKUP: ["AvailableForPickup_001"],
    Stage.DELIVERED: [f"Delivered_00{n}" for n in (1, 2, 3, 4, 5)],
    Stage.RETURNING: ["Exception_010"],
    Stage.RETURNED: ["Exception_011"],
    Stage.EXCEPTION: [
        f"Exception_{n:03}"
        for n in (1, 2, 3, 5, 6, 7, 8, 9, 12, 13, 16, 17, 19, 20, 21)
    ],
    None: [f"Pending_00{n}" for n in range(1, 7)],
}


@pytest.mark.parametrize(
    ("subtag", "stage"),
    [(subtag, stage) for stage, subtags in DOCUMENTED.items() for subtag in subtags],
)
def test_sub_statuses_have_their_stages(subtag: str, stage: Stage | None) -> None:
    assert stage_of(subtag) == stage
    tag = subtag.partition("_")[0]
    assert told_of(tag=tag, subtag=subtag).stage == stage


@pytest.mark.parametrize(
    ("tag", "stage"),
    [
        ("InfoReceived", Stage.INFO_RECEIVED),
        ("InTransit", Stage.IN_TRANSIT),
        ("OutForDelivery", Stage.OUT_FOR_DELIVERY),
        ("AttemptFail", Stage.DELIVERY_FAILED),
        ("Delivered", Stage.DELIVERED),
        ("AvailableForPickup", Stage.READY_FOR_PICKUP),
        ("Exception", Stage.EXCEPTION),
        ("Pending", None),
        ("Teleported", None),
        (None, None),
        (["Delivered"], None),
    ],
)
@pytest.mark.parametrize("subtag", [None, "InTransit_099", {}])
def test_a_new_sub_status_means_what_its_status_does(
    tag: Any, stage: Stage | None, subtag: Any
) -> None:
    (told,) = told_of(checkpoint(subtag, tag=tag)).events
    assert told.stage == stage


def test_aftership_giving_up_is_no_scan() -> None:
    told = told_of(
        checkpoint(), checkpoint("Expired_001"), tag="Expired", subtag="Expired_001"
    )
    assert told.stage is Stage.EXPIRED
    assert [event.stage for event in told.events] == [None, Stage.IN_TRANSIT]


@pytest.mark.parametrize(
    ("subtag", "text", "stage"),
    [
        ("InTransit_001", "Arrived at customs", Stage.IN_CUSTOMS),
        ("InTransit_001", "Customs clearance completed", Stage.CUSTOMS_CLEARED),
        ("InTransit_001", "Customs data received", Stage.IN_TRANSIT),
        ("InTransit_001", "Out for delivery", Stage.IN_TRANSIT),
        ("InTransit_003", "Arrived at customs", Stage.IN_TRANSIT),
        ("Exception_004", "Duties must be paid", Stage.CUSTOMS_ACTION_REQUIRED),
        ("Exception_006", "Duties must be paid", Stage.CUSTOMS_ACTION_REQUIRED),
        ("Exception_006", "Awaiting cash", Stage.EXCEPTION),
        ("Exception_001", "Duties must be paid", Stage.EXCEPTION),
        ("InTransit_005", "Export customs cleared", Stage.IN_TRANSIT),
    ],
)
def test_texts_refine_only_what_says_too_little(
    subtag: str, text: str, stage: Stage
) -> None:
    assert stage_of(subtag, text) is stage


@pytest.mark.parametrize(
    ("subtag", "text", "place", "stage"),
    [
        ("Delivered_001", "Delivered to parcel locker", None, Stage.READY_FOR_PICKUP),
        ("Delivered_001", "Delivered", "Locker", Stage.READY_FOR_PICKUP),
        ("Delivered_001", "Delivered", "front_porch", Stage.DELIVERED),
        ("Delivered_002", "Delivered", "locker", Stage.DELIVERED),
        ("Delivered_001", "Delivered, To Original Sender", None, Stage.RETURNED),
        ("InTransit_001", "Update", "locker", Stage.IN_TRANSIT),
    ],
)
def test_not_every_delivery_is_one_to_the_person(
    subtag: str, text: str, place: Any, stage: Stage
) -> None:
    assert stage_of(subtag, text, delivery_location_type=place) is stage


@pytest.mark.parametrize(
    ("slug", "carrier"),
    [
        ("usps", "usps"),
        ("DHL-Germany", "dhl"),
        ("la-poste-colissimo", "la_poste"),
        ("unrecognized", None),
        (None, None),
        (["usps"], None),
    ],
)
def test_the_slug_tells_the_carrier(slug: Any, carrier: str | None) -> None:
    told = told_of(checkpoint(slug=slug), slug=slug)
    assert (told.carrier, told.events[0].carrier) == (carrier, carrier)


def test_every_carrier_named_is_one_of_ours() -> None:
    assert aftership._SLUGS.keys() <= CARRIERS.keys()


# What else is told


def test_every_country_has_three_letters() -> None:
    assert sorted(ALPHA_2_OF.values()) == sorted(COUNTRIES)
    assert all(len(code) == 3 for code in ALPHA_2_OF)


@pytest.mark.parametrize(
    ("told", "country"),
    [
        ("FRA", "FR"),
        ("fra", "FR"),
        ("FR", "FR"),
        ("XXX", None),
        (None, None),
        (7, None),
    ],
)
def test_countries_are_told_in_two_letters(told: Any, country: str | None) -> None:
    answer = told_of(
        checkpoint(country_region=told),
        origin_country_region=told,
        courier_destination_country_region=told,
    )
    assert answer.events[0].country == country
    assert (answer.origin_country, answer.destination_country) == (country, country)


@pytest.mark.parametrize(
    ("written", "instant", "wall"),
    [
        ("2026-05-01T10:00:00", None, datetime(2026, 5, 1, 10)),
        ("2026-05-01T10:00:00Z", datetime(2026, 5, 1, 10, tzinfo=UTC), None),
        (
            "2026-05-01T10:00:00+02:00",
            datetime(2026, 5, 1, 8, tzinfo=UTC),
            datetime(2026, 5, 1, 10),
        ),
        ("May 1st", None, None),
    ],
)
def test_a_time_without_an_offset_is_the_time_at_the_place(
    written: str, instant: datetime | None, wall: datetime | None
) -> None:
    (told,) = told_of(checkpoint(checkpoint_time=written)).events
    assert (told.time, told.local_time) == (instant, wall)
    assert told.written_time == written


@pytest.mark.parametrize(
    ("promise", "start", "end"),
    [
        (None, None, None),
        ({"estimated_delivery_date": "2026-05-12"}, date(2026, 5, 12), None),
        (
            {
                "estimated_delivery_date": "2026-05-12T18:00:00",
                "estimated_delivery_date_min": "2026-05-12T15:00:00",
                "estimated_delivery_date_max": "2026-05-12T18:00:00",
            },
            datetime(2026, 5, 12, 15),
            datetime(2026, 5, 12, 18),
        ),
        ({"estimated_delivery_date": ["soon"]}, None, None),
    ],
)
def test_only_the_carriers_estimate_counts(promise: Any, start: Any, end: Any) -> None:
    guess = {"estimated_delivery_date": "2026-05-20"}
    estimate = told_of(
        checkpoint(),
        courier_estimated_delivery_date=promise,
        aftership_estimated_delivery_date=guess,
    ).estimate
    if start is None:
        assert estimate is None
    else:
        assert (estimate.start, estimate.end) == (start, end)


def test_who_signed_and_where_it_waits_is_told_when_it_is_so() -> None:
    more = {"signed_by": "J. Doe", "pickup_location": "The shop"}
    for subtag, signed, place in (
        ("InTransit_001", None, None),
        ("AvailableForPickup_001", "J. Doe", "The shop"),
        ("Delivered_001", "J. Doe", None),
    ):
        told = told_of(checkpoint(subtag), **more)
        assert (told.signed_by, told.pickup_point) == (signed, place)


@pytest.mark.parametrize(
    ("last_mile", "leg"),
    [
        (None, None),
        ({"tracking_number": NUMBER.lower(), "slug": "usps"}, None),
        ({"tracking_number": "{{ x }}"}, None),
        (
            {"tracking_number": HANDED_OVER, "slug": None},
            Leg(tracking_number=HANDED_OVER, carrier="usps"),
        ),
        (
            {"tracking_number": HANDED_OVER, "slug": "dhl"},
            Leg(tracking_number=HANDED_OVER, carrier="dhl"),
        ),
        ({"tracking_number": "ABC12345X"}, Leg(tracking_number="ABC12345X")),
    ],
)
def test_the_last_carriers_number_is_followed(last_mile: Any, leg: Leg | None) -> None:
    assert told_of(checkpoint(), last_mile=last_mile).next_leg == leg


def test_garbage_among_the_checkpoints_spoils_none_of_them() -> None:
    told = told_of(
        "garbage",
        None,
        {},
        checkpoint(checkpoint_time=None),
        checkpoint(None, message=None),
        checkpoint(location=["here"]),
    )
    assert [e.code for e in told.events] == ["InTransit_001"]


def test_a_list_without_end_keeps_its_newest() -> None:
    told = told_of(*[checkpoint()] * 1000, checkpoint("Delivered_001"))
    assert len(told.events) == 300
    assert told.events[0].stage is Stage.DELIVERED


def test_of_several_trackings_the_one_last_heard_of_counts() -> None:
    old = tracking(checkpoint(checkpoint_time="2024-05-01T10:00:00Z"))
    new = tracking(checkpoint("Delivered_001"))
    for trackings in ((old, new, tracking()), (tracking(), new, old)):
        (told,) = parse(envelope(*trackings), [NUMBER])
        assert told.events[0].stage is Stage.DELIVERED


@pytest.mark.parametrize("other", [tracking(checkpoint(), number=OTHER), {}, "garbage"])
def test_another_tracking_is_no_news_of_this_one(other: Any) -> None:
    assert parse(envelope(other), [NUMBER]) == []


@pytest.mark.parametrize(
    "body", [None, [], "text", {}, {"data": None}, {"data": {"trackings": {}}}]
)
def test_what_is_no_answer_is_no_answer(body: Any) -> None:
    with pytest.raises(ProviderUnavailable):
        parse(body, [NUMBER])
    with pytest.raises(ProviderUnavailable):
        parse_page(body, NOW)


# On the wire


def query(number: str = NUMBER, **more: Any) -> Query:
    """Return a question."""
    return Query(tracking_number=number, **more)


async def test_many_numbers_are_one_question(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(answer_of("aftership", "handed_over"))
    provider = AfterShipProvider(server.url)
    legs = [query(), query(OTHER)]
    first = await provider.fetch(session, KEY, legs)
    assert [answer.tracking_number for answer in first] == [NUMBER]
    assert await provider.fetch(session, KEY, legs) is first
    asked = server.asked[0]
    assert (asked.method, asked.path) == ("GET", "/tracking/2026-07/trackings")
    assert asked.query == {"tracking_numbers": f"{NUMBER},{OTHER}", "limit": "200"}
    assert asked.headers["as-api-key"] == "a-key-of-aftership"


@pytest.mark.parametrize(
    ("more", "body"),
    [
        ({}, {}),
        ({"carrier": "usps"}, {}),
        ({"carrier": "usps", "carrier_pinned": True}, {"slug": "usps"}),
        ({"carrier": "speedee", "carrier_pinned": True}, {}),
        ({"postal_code": "94901"}, {"destination_postal_code": "94901"}),
    ],
)
async def test_a_tracking_is_made_where_that_is_allowed(
    server: Server, session: aiohttp.ClientSession, more: Any, body: Any
) -> None:
    server.reply(envelope())
    server.reply({"meta": {"code": 201}, "data": {}}, status=201)
    legs = [query(may_register=True, **more), query(OTHER)]
    told = await AfterShipProvider(server.url).fetch(session, KEY, legs)
    assert told == [Answer(tracking_number=NUMBER)]
    _, made = server.asked
    assert (made.method, made.path) == ("POST", "/tracking/2026-07/trackings")
    assert made.body == {"tracking_number": NUMBER} | body


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (4003, Answer(tracking_number=NUMBER)),
        (4005, Answer(tracking_number=NUMBER, invalid=True)),
        (4017, Answer(tracking_number=NUMBER, invalid=True)),
        (4010, Answer(tracking_number=NUMBER, needs="carrier")),
        (4012, Answer(tracking_number=NUMBER, needs="carrier")),
        (4011, Answer(tracking_number=NUMBER, needs="details")),
    ],
)
async def test_a_refused_tracking_says_what_is_wrong(
    server: Server, session: aiohttp.ClientSession, code: int, answer: Answer
) -> None:
    server.reply(envelope())
    server.reply(failure(code), status=400)
    leg = query(may_register=True)
    assert await AfterShipProvider(server.url).fetch(session, KEY, [leg]) == [answer]


@pytest.mark.parametrize("code", [4001, [4003], None, "4003"])
async def test_a_tracking_that_cannot_be_made_loses_no_answer(
    server: Server, session: aiohttp.ClientSession, code: Any
) -> None:
    provider = AfterShipProvider(server.url)
    server.reply(envelope(tracking(checkpoint())))
    server.reply(failure(code), status=400)
    told = await provider.fetch(
        session, KEY, [query(), query(OTHER, may_register=True)]
    )
    assert [answer.tracking_number for answer in told] == [NUMBER]
    server.replies.clear()
    server.reply(envelope())
    server.reply(failure(code), status=400)
    with pytest.raises(ProviderUnavailable):
        await provider.fetch(session, KEY, [query(may_register=True)])


async def test_one_that_cannot_be_made_does_not_lose_those_before(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(envelope())
    server.reply({"meta": {"code": 201}, "data": {}}, status=201)
    server.reply({}, status=500)
    legs = [query(f"1234567{n}", may_register=True) for n in range(3)]
    told = await AfterShipProvider(server.url).fetch(session, KEY, legs)
    assert told == [Answer(tracking_number="12345670")]
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("status", "again"),
    [
        (402, "2026-05-02T00:00:00Z"),
        (403, "2026-05-02T00:00:00Z"),
        (429, "2026-05-01T22:35:00Z"),
    ],
)
async def test_a_spent_plan_is_waited_out(
    server: Server, session: aiohttp.ClientSession, status: int, again: str
) -> None:
    provider = AfterShipProvider(server.url)
    legs = [query(f"1234567{n}", may_register=True) for n in range(2)]
    with freeze_time("2026-05-01T22:30:00Z", real_asyncio=True) as clock:
        server.reply(envelope())
        server.reply(failure(status), status=status)
        server.reply(envelope())
        for _ in range(2):
            told = await provider.fetch(session, KEY, legs)
            assert [answer.needs for answer in told] == ["quota", "quota"]
        assert [asked.method for asked in server.asked] == ["GET", "POST", "GET"]
        clock.move_to(again)
        server.reply({"meta": {"code": 201}}, status=201)
        told = await provider.fetch(session, KEY, legs)
    assert [answer.needs for answer in told] == [None, None]


async def test_only_a_few_trackings_are_made_at_once(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(envelope())
    server.reply({"meta": {"code": 201}}, status=201)
    legs = [query(f"1234567{n}", may_register=True) for n in range(8)]
    told = await AfterShipProvider(server.url).fetch(session, KEY, legs)
    assert len(told) == 5
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, CredentialsRejected),
        (403, CredentialsRejected),
        (429, QuotaExceeded),
        (404, ProviderUnavailable),
        (500, ProviderUnavailable),
    ],
)
async def test_errors_are_told_apart(
    server: Server, session: aiohttp.ClientSession, status: int, error: type[Exception]
) -> None:
    server.reply(failure(status), status=status)
    provider = AfterShipProvider(server.url)
    for asked in (
        provider.fetch(session, KEY, [query()]),
        provider.verify(session, KEY),
        provider.listed(session, KEY),
    ):
        with pytest.raises(error):
            await asked


async def test_the_key_is_tried_on_the_list(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(envelope())
    assert await AfterShipProvider(server.url).verify(session, KEY) == AccountInfo()
    assert server.asked[0].query == {"limit": "1"}


# What the account follows


async def test_all_pages_of_the_list_are_read(
    server: Server, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aftership, "_BETWEEN_PAGES", 0)
    server.reply(
        envelope(
            tracking(title="Lamp", slug="cainiao"),
            tracking(number="{{ x }}"),
            has_next_page=True,
            next_cursor="b",
        )
    )
    last = tracking(number=HANDED_OVER, title="9400 1112 0661 9004 5207 17")
    server.reply(envelope(last, has_next_page=False, next_cursor="c"))
    listed = await AfterShipProvider(server.url).listed(session, KEY)
    assert listed == [
        Listed(tracking_number=NUMBER, carrier="cainiao", name="Lamp"),
        Listed(tracking_number=HANDED_OVER),
    ]
    assert [asked.query.get("cursor") for asked in server.asked] == [None, "b"]


async def test_a_list_without_end_is_none(
    server: Server, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aftership, "_BETWEEN_PAGES", 0)
    monkeypatch.setattr(aftership, "_MAX_PAGES", 3)
    server.reply(envelope(tracking(), has_next_page=True, next_cursor="b"))
    with pytest.raises(ProviderUnavailable):
        await AfterShipProvider(server.url).listed(session, KEY)
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    "body", [envelope(tracking(), has_next_page=True), envelope(tracking(), None)]
)
def test_a_list_that_breaks_off_is_none(body: Any) -> None:
    with pytest.raises(ProviderUnavailable):
        parse_page(body, NOW)


@pytest.mark.parametrize(
    ("more", "listed"),
    [
        ({"active": True}, True),
        ({}, True),
        ({"active": False, "updated_at": "2026-05-20T00:00:00+00:00"}, True),
        ({"active": False, "updated_at": "2026-04-20T00:00:00+00:00"}, False),
        ({"active": False, "updated_at": "2026-05-20T00:00:00"}, False),
        ({"active": False}, False),
    ],
)
def test_what_rests_for_long_is_not_listed(more: dict[str, Any], listed: bool) -> None:
    followed, cursor = parse_page(envelope(tracking(**more)), NOW)
    assert (bool(followed), cursor) == (listed, None)


def test_aftership_answers_for_every_carrier_at_a_price() -> None:
    assert PROVIDERS["aftership"] is AfterShipProvider
    assert AfterShipProvider.aggregator
    assert AfterShipProvider.spends_per_number
    assert AfterShipProvider.lists_parcels
    assert AfterShipProvider.paid
    assert AfterShipProvider.limits.batch_size <= 50
    assert AfterShipProvider.limits.spacing >= timedelta(seconds=1)
