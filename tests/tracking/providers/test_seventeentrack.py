"""Stories of parcels that 17TRACK follows."""

from datetime import UTC, date, datetime, timedelta
from time import process_time
from typing import Any

import aiohttp
from freezegun import freeze_time
import pytest

from custom_components.waybill.tracking import numbers
from custom_components.waybill.tracking.model import Answer, Direction, Leg, Stage
from custom_components.waybill.tracking.providers import PROVIDERS, seventeentrack
from custom_components.waybill.tracking.providers.base import (
    CredentialsRejected,
    Listed,
    ProviderUnavailable,
    Query,
    QuotaExceeded,
)
from custom_components.waybill.tracking.providers.seventeentrack import (
    SeventeenTrackProvider,
    parse,
    parse_registration,
)

from .conftest import Server
from .fixtures import answer_of

NUMBER = "RB000000013CN"
STRANGER = "RB000000027CN"
OTHER_STRANGER = "00000000000024"
KEY = {"api_key": "a-key-of-17track"}


def accepted(*events: Any, number: str = NUMBER, **item: Any) -> dict[str, Any]:
    """Return what 17TRACK says of a number that is registered."""
    info = item.pop("track_info", {})
    told = {"tracking": {"providers": [{"provider": {}, "events": list(events)}]}}
    return {"number": number, "carrier": 3011, "track_info": told | info} | item


def rejected(number: str, code: Any) -> dict[str, Any]:
    """Return what 17TRACK says of a number that it has no answer for."""
    return {"number": number, "carrier": "0", "error": {"code": code, "message": "no"}}


def envelope(*items: Any, refused: Any = ()) -> dict[str, Any]:
    """Return a whole answer."""
    return {"code": 0, "data": {"accepted": list(items), "rejected": list(refused)}}


def told_of(item: dict[str, Any]) -> Answer:
    """Return what the parser makes of one number."""
    (answer,) = parse(envelope(item), [item["number"]])
    return answer


def event(sub_status: Any = None, stage: Any = None, **more: Any) -> dict[str, Any]:
    """Return one event."""
    return {
        "time_iso": None,
        "time_utc": None,
        "time_raw": {"date": "2026-05-01", "time": "10:00:00", "timezone": None},
        "description": "Something happened",
        "description_translation": None,
        "location": None,
        "stage": stage,
        "sub_status": sub_status,
        "address": None,
    } | more


def stage_of(item: dict[str, Any], **info: Any) -> Any:
    """Return stage and direction of a single event."""
    (told,) = told_of(accepted(item, track_info=info)).events
    return told.stage, told.direction


# The journey


def test_two_carriers_tell_one_journey() -> None:
    (told,) = parse(answer_of("seventeentrack", "two_carriers"), [NUMBER])
    assert [(e.stage, e.carrier) for e in told.events] == [
        (Stage.DELIVERED, "post_pl"),
        (Stage.OUT_FOR_DELIVERY, "post_pl"),
        (Stage.CUSTOMS_CLEARED, "post_pl"),
        (Stage.IN_CUSTOMS, "post_pl"),
        (Stage.IN_TRANSIT, "china_post"),
        (Stage.CUSTOMS_CLEARED, "china_post"),
        (Stage.SHIPPED, "china_post"),
    ]
    assert told.carrier == "china_post"
    assert (told.origin_country, told.destination_country) == ("CN", "PL")
    assert told.next_leg == Leg(tracking_number="PX0000000017", carrier="post_pl")
    assert told.estimate.start.isoformat() == "2026-05-13T08:00:00+02:00"
    assert told.estimate.end.isoformat() == "2026-05-15T18:00:00+02:00"
    assert told.stage is None


def test_clearance_without_a_word_on_the_side_of_the_border_leaves_it_open() -> None:
    (told,) = parse(answer_of("seventeentrack", "two_carriers"), [NUMBER])
    cleared = [e for e in told.events if e.code == "InTransit_CustomsReleased"]
    assert [(e.stage, e.direction) for e in cleared] == [
        (Stage.CUSTOMS_CLEARED, None),
        (Stage.CUSTOMS_CLEARED, None),
    ]
    assert [e.country for e in cleared] == ["PL", "CN"]


def test_a_translation_is_read_and_the_carriers_words_are_kept() -> None:
    (told,) = parse(answer_of("seventeentrack", "two_carriers"), [NUMBER])
    newest, oldest = told.events[0], told.events[-1]
    assert newest.description == "Handed over to the addressee"
    assert newest.words == "Wręczono adresatowi"
    assert newest.location == "KRAKÓW"
    assert newest.country == "PL"
    assert (oldest.description, oldest.words) == ("Posting", "Posting")


# The clocks


def test_a_time_without_a_zone_stays_without_one() -> None:
    (told,) = parse(answer_of("seventeentrack", "two_carriers"), [NUMBER])
    newest, next_newest = told.events[:2]
    assert newest.time is None
    assert newest.local_time == datetime(2026, 5, 14, 12, 31)
    assert newest.written_time == "2026-05-14 12:31:00"
    assert next_newest.time == datetime(2026, 5, 14, 5, 2, tzinfo=UTC)
    assert next_newest.local_time == datetime(2026, 5, 14, 7, 2)
    assert next_newest.written_time == "2026-05-14 07:02:00 +02:00"


@pytest.mark.parametrize(
    ("times", "instant", "wall"),
    [
        (
            {"time_iso": "2026-05-01T10:00:00+02:00", "time_raw": None},
            datetime(2026, 5, 1, 8, tzinfo=UTC),
            datetime(2026, 5, 1, 10),
        ),
        (
            {"time_iso": "2026-05-01T08:00:00Z", "time_raw": None},
            datetime(2026, 5, 1, 8, tzinfo=UTC),
            None,
        ),
        (
            {"time_iso": "2026-05-01T10:00:00", "time_raw": None},
            None,
            datetime(2026, 5, 1, 10),
        ),
        (
            {"time_utc": "2026-05-01T08:00:00Z"},
            datetime(2026, 5, 1, 8, tzinfo=UTC),
            datetime(2026, 5, 1, 10),
        ),
        (
            {"time_utc": "2026-05-01T08:00:00", "time_raw": None},
            datetime(2026, 5, 1, 8, tzinfo=UTC),
            None,
        ),
        (
            {
                "time_raw": {
                    "date": "2026-05-01",
                    "time": "10:00:00",
                    "timezone": "+02:00",
                }
            },
            datetime(2026, 5, 1, 8, tzinfo=UTC),
            datetime(2026, 5, 1, 10),
        ),
        (
            {"time_raw": {"date": "2026-05-01", "time": None, "timezone": None}},
            None,
            None,
        ),
    ],
)
def test_the_clocks_are_read_from_whatever_is_there(
    times: dict[str, Any], instant: datetime | None, wall: datetime | None
) -> None:
    (told,) = told_of(accepted(event("InTransit_Other", **times))).events
    assert (told.time, told.local_time) == (instant, wall)
    assert told.written_time


def test_each_list_keeps_its_order_where_the_clocks_say_nothing() -> None:
    def at(utc: str | None, code: str) -> dict[str, Any]:
        return event(code, time_utc=utc, time_raw={"date": code})

    lists = [
        [
            at(None, "A"),
            at("2026-05-03T00:00:00Z", "B"),
            at("2026-05-09T00:00:00Z", "C"),
        ],
        [
            at("2026-05-05T00:00:00Z", "D"),
            at(None, "E"),
            at("2026-05-01T00:00:00Z", "F"),
        ],
        [at(None, "G")],
    ]
    providers = [{"provider": {}, "events": events} for events in lists]
    item = accepted(track_info={"tracking": {"providers": providers}})
    codes = [e.code for e in told_of(item).events]
    assert codes == ["A", "B", "C", "D", "E", "F", "G"]


# The vocabulary


@pytest.mark.parametrize(
    ("sub_statuses", "stage"),
    [
        ("InfoReceived", Stage.INFO_RECEIVED),
        ("InTransit_PickedUp", Stage.SHIPPED),
        (
            (
                "InTransit_Other InTransit_Departure InTransit_Arrival"
                " InTransit_TransportArrived InTransit_TransportDeparted"
            ),
            Stage.IN_TRANSIT,
        ),
        ("AvailableForPickup_Other", Stage.READY_FOR_PICKUP),
        ("OutForDelivery_Other", Stage.OUT_FOR_DELIVERY),
        ("Delivered_Other", Stage.DELIVERED),
        (
            (
                "DeliveryFailure_Other DeliveryFailure_NoBody DeliveryFailure_Security"
                " DeliveryFailure_Rejected DeliveryFailure_InvalidAddress"
            ),
            Stage.DELIVERY_FAILED,
        ),
        ("Exception_Returning", Stage.RETURNING),
        ("Exception_Returned", Stage.RETURNED),
        (
            (
                "Exception_Other Exception_NoBody Exception_Security Exception_Damage"
                " Exception_Rejected Exception_Delayed Exception_Lost Exception_Destroyed"
                " Exception_Cancel"
            ),
            Stage.EXCEPTION,
        ),
        ("NotFound_Other NotFound_InvalidCode Expired_Other", None),
        # New ones mean what their main status means.
        ("InTransit_QuantumTunnelling", Stage.IN_TRANSIT),
        ("Exception_Held", Stage.EXCEPTION),
        ("Teleported_Other", None),
    ],
)
def test_sub_statuses_have_their_stages(sub_statuses: str, stage: Stage | None) -> None:
    for sub_status in sub_statuses.split():
        assert stage_of(event(sub_status)) == (stage, None), sub_status


@pytest.mark.parametrize(
    ("sub_status", "stage"),
    [
        ("InTransit_CustomsProcessing", Stage.IN_CUSTOMS),
        ("InTransit_CustomsRequiringInformation", Stage.CUSTOMS_ACTION_REQUIRED),
        ("InTransit_CustomsReleased", Stage.CUSTOMS_CLEARED),
    ],
)
@pytest.mark.parametrize(
    ("description", "country", "side"),
    [
        ("Customs", None, None),
        ("Customs", "US", None),
        ("Customs", "CN", None),
        ("Export customs clearance", None, Direction.EXPORT),
        ("Import customs clearance", "CN", Direction.IMPORT),
    ],
)
def test_customs_scans_have_a_side_of_the_border(
    sub_status: str,
    stage: Stage,
    description: str,
    country: str | None,
    side: Direction | None,
) -> None:
    told = stage_of(
        event(sub_status, description=description, address={"country": country}),
        shipping_info={
            "shipper_address": {"country": "CN"},
            "recipient_address": {"country": "US"},
        },
    )
    assert told == (Stage.IN_TRANSIT if side is Direction.EXPORT else stage, side)


@pytest.mark.parametrize(
    ("key_stage", "stage"),
    [
        ("InfoReceived", Stage.INFO_RECEIVED),
        ("PickedUp", Stage.SHIPPED),
        ("Departure", Stage.IN_TRANSIT),
        ("Arrival", Stage.IN_TRANSIT),
        ("AvailableForPickup", Stage.READY_FOR_PICKUP),
        ("OutForDelivery", Stage.OUT_FOR_DELIVERY),
        ("Delivered", Stage.DELIVERED),
        ("Returning", Stage.RETURNING),
        ("Returned", Stage.RETURNED),
        ("Orbit", None),
        (None, None),
    ],
)
def test_without_a_sub_status_the_stage_speaks(
    key_stage: str | None, stage: Stage | None
) -> None:
    (told,) = told_of(accepted(event(None, key_stage))).events
    assert (told.stage, told.code) == (stage, key_stage)


def test_a_delivery_to_a_locker_waits_for_the_person() -> None:
    told = stage_of(event("Delivered_Other", description="Delivered to parcel locker"))
    assert told == (Stage.READY_FOR_PICKUP, None)


@pytest.mark.parametrize(
    ("status", "stage"),
    [
        ({"status": "InTransit", "sub_status": "InTransit_PickedUp"}, Stage.SHIPPED),
        ({"status": "InTransit", "sub_status": None}, Stage.IN_TRANSIT),
        ({"status": "Delivered", "sub_status": "Beamed"}, Stage.DELIVERED),
        ({"status": "Expired", "sub_status": "Expired_Other"}, Stage.EXPIRED),
        ({"status": "NotFound", "sub_status": "NotFound_Other"}, None),
        (None, None),
    ],
)
def test_the_latest_status_speaks_where_no_event_does(
    status: Any, stage: Stage | None
) -> None:
    told = told_of(accepted(track_info={"latest_status": status}))
    assert (told.stage, told.invalid) == (stage, False)


def test_only_that_17track_gave_up_speaks_beside_the_events() -> None:
    for status, stage in (("Expired", Stage.EXPIRED), ("Delivered", None)):
        item = accepted(
            event("InTransit_Other"), track_info={"latest_status": {"status": status}}
        )
        assert told_of(item).stage == stage


def test_a_number_can_be_invalid() -> None:
    status = {"status": "NotFound", "sub_status": "NotFound_InvalidCode"}
    told = told_of(accepted(track_info={"latest_status": status}))
    assert told.invalid
    assert told.stage is None
    assert not told_of(
        accepted(event("InTransit_Other"), track_info={"latest_status": status})
    ).invalid


@pytest.mark.parametrize(
    ("promise", "start", "end"),
    [
        ({"from": None, "to": None}, None, None),
        (
            {"from": "2026-05-13T08:00:00", "to": None},
            datetime(2026, 5, 13, 8),
            None,
        ),
        (
            {"from": None, "to": "2026-05-13T18:00:00Z"},
            datetime(2026, 5, 13, 18, tzinfo=UTC),
            datetime(2026, 5, 13, 18, tzinfo=UTC),
        ),
        (
            {"from": "2026-05-13T00:00:00-07:00", "to": "2026-05-15T00:00:00-07:00"},
            date(2026, 5, 13),
            date(2026, 5, 15),
        ),
        (
            {"from": "2026-05-13", "to": "2026-05-13"},
            date(2026, 5, 13),
            date(2026, 5, 13),
        ),
    ],
)
def test_estimates_are_told_as_they_were_made(
    promise: Any, start: Any, end: Any
) -> None:
    metrics = {"time_metrics": {"estimated_delivery_date": promise}}
    estimate = told_of(accepted(track_info=metrics)).estimate
    if start is None:
        assert estimate is None
    else:
        assert (estimate.start, estimate.end) == (start, end)


@pytest.mark.parametrize(
    ("misc", "leg"),
    [
        ({"local_number": NUMBER, "local_key": 3011}, None),
        ({"local_number": NUMBER.lower(), "local_key": 3011}, None),
        ({"local_number": None, "local_key": None}, None),
        ({"local_number": "none yet"}, None),
        (
            {"local_number": "CB000000005FR", "local_key": 0},
            Leg(tracking_number="CB000000005FR", carrier="la_poste"),
        ),
        (
            {"local_number": "QQQ00000X", "local_key": "987654"},
            Leg(tracking_number="QQQ00000X", carrier=None),
        ),
        (
            {"local_number": "QQQ00000X", "local_key": "21051"},
            Leg(tracking_number="QQQ00000X", carrier="usps"),
        ),
    ],
)
def test_the_number_of_the_last_mile_is_found(misc: Any, leg: Leg | None) -> None:
    assert told_of(accepted(track_info={"misc_info": misc})).next_leg == leg


def test_where_no_carrier_lists_events_the_latest_one_is_there() -> None:
    latest = event("InTransit_Other", address={"city": "Lyon", "state": "ARA"})
    info = {"latest_event": latest, "tracking": {"providers": [{"events": []}]}}
    (told,) = told_of(accepted(track_info=info)).events
    assert told.location == "Lyon, ARA"


def test_a_number_registered_twice_is_told_where_there_are_scans() -> None:
    full = accepted(event("InTransit_Other"))
    empty = accepted(carrier=21051)
    for items in ([full, empty], [empty, full]):
        (told,) = parse(envelope(*items), [NUMBER])
        assert (len(told.events), told.carrier) == (1, "china_post")


def test_a_carrier_that_nobody_knows_is_not_named() -> None:
    assert told_of(accepted(carrier=999999)).carrier is None
    assert told_of(accepted(carrier=0)).carrier is None


def test_what_was_said_at_the_registration_fills_the_gaps() -> None:
    told = told_of(accepted(origin_country="CN", destination_country="FR"))
    assert (told.origin_country, told.destination_country) == ("CN", "FR")


# What has no answer


def test_rejections_say_what_is_missing() -> None:
    asked = [item["number"] for item in _rejections()]
    told = {
        answer.tracking_number: answer
        for answer in parse(answer_of("seventeentrack", "rejected"), asked)
    }
    assert told.pop(STRANGER).needs == "registration"
    assert told.pop("RB000000035CN") == Answer(tracking_number="RB000000035CN")
    assert told.pop("1234") == Answer(tracking_number="1234", invalid=True)
    assert {answer.needs for answer in told.values()} == {
        "carrier",
        "postal_code",
        "phone_last4",
        "details",
    }
    assert "00000000000055" not in told


def _rejections() -> list[dict[str, Any]]:
    return answer_of("seventeentrack", "rejected")["data"]["rejected"]


def test_an_answer_counts_more_than_a_rejection() -> None:
    body = envelope(
        accepted(event("InTransit_Other")), refused=[rejected(NUMBER, -18019902)]
    )
    (told,) = parse(body, [NUMBER])
    assert told.found


def test_numbers_that_nobody_asked_about_are_passed_over() -> None:
    body = envelope(
        "noise",
        accepted(number="RB000000099CN"),
        accepted(number=NUMBER.lower()),
        refused=[None, rejected("RB000000088CN", -18019902)],
    )
    (told,) = parse(body, [NUMBER])
    assert told.tracking_number == NUMBER


def test_a_registration_is_no_news_of_the_parcel() -> None:
    asked = [STRANGER, "00000000000017", "RB000000035CN", "00000000000024", "1234"]
    told = parse_registration(answer_of("seventeentrack", "registered"), asked)
    assert told == [
        Answer(tracking_number=STRANGER, carrier="china_post"),
        # A carrier that 17TRACK only guessed.
        Answer(tracking_number="00000000000017"),
        Answer(tracking_number="RB000000035CN"),
        Answer(tracking_number="00000000000024", needs="quota"),
        Answer(tracking_number="1234", invalid=True),
    ]
    twice = envelope({"number": "1234"}, refused=[rejected("1234", -18010012)])
    assert parse_registration(twice, ["1234"]) == [Answer(tracking_number="1234")]
    unforeseen = envelope(refused=[rejected("1234", -1)])
    assert parse_registration(unforeseen, ["1234"]) == []
    # That it is not registered is why it was to be, and nothing that a person can give.
    contradicted = envelope(refused=[rejected("1234", -18019902)])
    assert parse_registration(contradicted, ["1234"]) == []


@pytest.mark.parametrize("code", [-18010001, -18010002, -18010004, -18010005])
def test_a_key_can_be_rejected(code: int) -> None:
    with pytest.raises(CredentialsRejected):
        parse({"code": code, "data": {"errors": [{"code": code}]}}, [NUMBER])


@freeze_time("2026-05-01T22:30:00Z")
@pytest.mark.parametrize("code", [-18019907, -18019908, "-18019908"])
def test_a_spent_quota_comes_back_at_midnight(code: Any) -> None:
    with pytest.raises(QuotaExceeded) as error:
        parse({"code": code, "data": {}}, [NUMBER])
    assert error.value.retry_at == datetime(2026, 5, 2, tzinfo=UTC)


def test_too_many_requests_are_told_in_the_body_too() -> None:
    with pytest.raises(QuotaExceeded) as error:
        parse({"code": 429, "data": {"errors": [{"code": 429}]}}, [NUMBER])
    assert error.value.retry_at is None


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        {},
        {"code": False, "data": {}},
        {"code": 0},
        {"code": 0, "data": []},
        {"code": -18010003, "data": {}},
        {"code": 10**5000, "data": {}},
        {"code": "zero", "data": {}},
        {"code": None, "data": {}},
    ],
)
def test_what_is_no_answer_is_no_answer(body: Any) -> None:
    with pytest.raises(ProviderUnavailable):
        parse(body, [NUMBER])


def test_what_has_no_code_is_refused_as_fast_as_what_has_one() -> None:
    start = process_time()
    for _ in range(20):
        with pytest.raises(ProviderUnavailable, match="of no known kind"):
            parse({"data": {}}, [NUMBER])
    # To look for it among a hundred million codes would take most of a minute.
    assert process_time() - start < 10


def test_garbage_among_the_events_spoils_none_of_them() -> None:
    item = accepted(
        "garbage",
        None,
        {},
        event("InTransit_Other", description=["x"], location=7, address="here"),
        event(None, None, description=None),
        {"sub_status": "InTransit_Other"},
        event({"a": 1}, ["b"], description="Only words"),
    )
    assert [e.code for e in told_of(item).events] == ["InTransit_Other", None]


def test_a_list_without_end_is_cut() -> None:
    item = accepted(*[event("InTransit_Other")] * 1000)
    assert len(told_of(item).events) == 300


# The catalogue


def test_carriers_and_keys_find_each_other() -> None:
    pairs = {
        "china_post": 3011,
        "usps": 21051,
        "dhl": 100001,
        "ups": 100002,
        "fedex": 100003,
        "post_br": 2151,
        "yanwen": 190012,
        "cainiao": 190271,
        "royal_mail": 11031,
        "la_poste": 6051,
        "canada_post": 3041,
        "australia_post": 1151,
        "deutsche_post": 7044,
    }
    for carrier, key in pairs.items():
        assert told_of(accepted(carrier=key)).carrier == carrier


def test_every_carrier_of_the_catalogue_has_a_name() -> None:
    provider_ids = {"nova_post"}
    keys = [3011, 190094, 100308, 100273, 7041, 7047, 100007, 100005, 100043, 100162]
    carriers = {told_of(accepted(carrier=key)).carrier for key in keys}
    assert carriers - provider_ids <= numbers.CARRIERS.keys()


# On the wire


def query(number: str = NUMBER, **more: Any) -> Query:
    """Return a question about one number."""
    return Query(tracking_number=number, **more)


async def test_asking_about_registered_numbers_costs_nothing(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(answer_of("seventeentrack", "two_carriers"))
    provider = SeventeenTrackProvider(server.url)
    told = await provider.fetch(session, KEY, [query(may_register=True)])
    assert len(told[0].events) == 7
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/track/v2.4/gettrackinfo")
    assert asked.headers["17token"] == "a-key-of-17track"
    assert asked.body == [{"number": NUMBER}]
    assert await provider.fetch(session, KEY, [query(may_register=True)]) is told


async def test_a_number_is_registered_only_where_that_is_allowed(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(
        envelope(
            accepted(event("InTransit_Other")),
            refused=[rejected(STRANGER, -18019902)],
        )
    )
    provider = SeventeenTrackProvider(server.url)
    legs = [query(), query(STRANGER)]
    told = await provider.fetch(session, KEY, legs)
    assert [answer.tracking_number for answer in told] == [NUMBER]
    assert len(server.asked) == 1
    assert await provider.fetch(session, KEY, legs) is told


async def test_strangers_are_registered_in_one_call(
    server: Server, session: aiohttp.ClientSession
) -> None:
    unknown = [STRANGER, "00000000000024", "00000000000031"]
    server.reply(
        envelope(
            accepted(event("InTransit_Other")),
            refused=[rejected(number, -18019902) for number in unknown],
        )
    )
    server.reply(
        envelope(
            {"origin": 2, "number": STRANGER, "carrier": 3011},
            {"origin": 1, "number": "00000000000024", "carrier": 100003},
        )
    )
    legs = [
        query(),
        query(STRANGER, carrier="china_post", may_register=True),
        query(
            "00000000000024",
            carrier="a_carrier_of_tomorrow",
            postal_code="35000",
            phone_last4="1234",
            may_register=True,
        ),
        query("00000000000031"),
    ]
    told = await SeventeenTrackProvider(server.url).fetch(session, KEY, legs)
    assert [(a.tracking_number, a.found, a.carrier) for a in told] == [
        (NUMBER, True, "china_post"),
        (STRANGER, False, "china_post"),
        ("00000000000024", False, "fedex"),
    ]
    register = server.asked[1]
    assert register.path == "/track/v2.4/register"
    assert register.body == [
        {"number": STRANGER, "carrier": 3011},
        {
            "number": "00000000000024",
            "destination_postal_code": "35000",
            "phone_number_last_4": "1234",
        },
    ]


async def test_a_post_of_two_countries_is_registered_as_that_of_the_number(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(envelope(refused=[rejected("RB000000013SE", -18019902)]))
    server.reply(envelope())
    leg = query("RB000000013SE", carrier="postnord", may_register=True)
    await SeventeenTrackProvider(server.url).fetch(session, KEY, [leg])
    assert server.asked[1].body[0]["carrier"] == 19241


@pytest.mark.parametrize(
    ("number", "carrier", "key"),
    [
        ("1234567897", "dhl", 100001),
        ("JJD000000000000000017", "dhl", None),
        ("00000000000024", "dpd", None),
        ("GM0000000000017", "dhl_ecommerce", None),
        ("00000000000024", "ups", 100002),
        ("00000000000024", None, None),
    ],
)
async def test_a_carrier_is_named_only_where_its_key_is_certain(
    server: Server,
    session: aiohttp.ClientSession,
    number: str,
    carrier: str | None,
    key: int | None,
) -> None:
    server.reply(envelope(refused=[rejected(number, -18019902)]))
    server.reply(envelope())
    leg = query(number, carrier=carrier, may_register=True)
    await SeventeenTrackProvider(server.url).fetch(session, KEY, [leg])
    assert server.asked[1].body[0].get("carrier") == key


@pytest.mark.parametrize(
    "refusal",
    [
        {"code": -18019908, "data": {"errors": [{"code": -18019908}]}},
        {"code": -18019907, "data": {"errors": []}},
        envelope(refused=[rejected(STRANGER, -18019908)]),
    ],
)
async def test_a_spent_quota_loses_no_answer(
    server: Server, session: aiohttp.ClientSession, refusal: Any
) -> None:
    known = envelope(
        accepted(event("InTransit_Other")), refused=[rejected(STRANGER, -18019902)]
    )
    server.reply(known)
    server.reply(refusal)
    server.reply(known)
    provider = SeventeenTrackProvider(server.url)
    legs = [query(), query(STRANGER, may_register=True)]
    told = await provider.fetch(session, KEY, legs)
    assert told[0].found
    assert told[1] == Answer(tracking_number=STRANGER, needs="quota")
    # Until midnight nobody tries again.
    assert await provider.fetch(session, KEY, legs) == told
    assert [asked.path[12:] for asked in server.asked] == [
        "gettrackinfo",
        "register",
        "gettrackinfo",
    ]


async def test_registering_goes_on_when_there_is_quota_again(
    server: Server, session: aiohttp.ClientSession
) -> None:
    unknown = envelope(refused=[rejected(STRANGER, -18019902)])
    spent = {"code": -18019907, "data": {}}
    registered = envelope({"origin": 2, "number": STRANGER, "carrier": 3011})
    provider = SeventeenTrackProvider(server.url)
    legs = [query(STRANGER, may_register=True)]
    for reply in (unknown, spent, answer_of("seventeentrack", "quota"), unknown):
        server.reply(reply)
    server.reply(registered)
    assert (await provider.fetch(session, KEY, legs))[0].needs == "quota"
    assert await provider.requests_left(session, KEY) == 63
    (told,) = await provider.fetch(session, KEY, legs)
    assert told.carrier == "china_post"


async def test_registering_goes_on_the_next_day(
    server: Server, session: aiohttp.ClientSession
) -> None:
    unknown = envelope(refused=[rejected(STRANGER, -18019902)])
    provider = SeventeenTrackProvider(server.url)
    legs = [query(STRANGER, may_register=True)]
    for reply in (unknown, {"code": -18019907, "data": {}}, unknown):
        server.reply(reply)
    server.reply(envelope({"origin": 2, "number": STRANGER, "carrier": 3011}))
    await provider.fetch(session, KEY, legs)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    with freeze_time(tomorrow, real_asyncio=True):
        (told,) = await provider.fetch(session, KEY, legs)
    assert told.needs is None


@pytest.mark.parametrize(("status", "code"), [(500, 0), (429, 0), (200, -18010003)])
async def test_a_failed_registration_loses_no_answer(
    server: Server, session: aiohttp.ClientSession, status: int, code: int
) -> None:
    known = envelope(
        accepted(event("InTransit_Other")), refused=[rejected(STRANGER, -18019902)]
    )
    server.reply(known)
    server.reply({"code": code, "data": {}}, status=status)
    legs = [query(), query(STRANGER, may_register=True)]
    told = await SeventeenTrackProvider(server.url).fetch(session, KEY, legs)
    assert [answer.tracking_number for answer in told] == [NUMBER]


async def test_a_failed_registration_is_told_where_there_is_nothing_else_to_tell(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(envelope(refused=[rejected(STRANGER, -18019902)]))
    server.reply({}, status=503)
    with pytest.raises(ProviderUnavailable):
        await SeventeenTrackProvider(server.url).fetch(
            session, KEY, [query(STRANGER, may_register=True)]
        )


async def test_a_carrier_that_a_person_chose_is_told_once(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(envelope(accepted(carrier=3011)))
    provider = SeventeenTrackProvider(server.url)
    leg = query(carrier="usps", carrier_pinned=True)
    first = await provider.fetch(session, KEY, [leg])
    assert await provider.fetch(session, KEY, [leg]) is first
    assert [asked.path[12:] for asked in server.asked] == [
        "gettrackinfo",
        "changecarrier",
        "gettrackinfo",
    ]
    assert server.asked[1].body == [
        {"number": NUMBER, "carrier_old": 3011, "carrier_new": 21051}
    ]


@pytest.mark.parametrize(
    "leg",
    [
        query(carrier="usps"),
        query(carrier="china_post", carrier_pinned=True),
        query(carrier="a_carrier_of_tomorrow", carrier_pinned=True),
        query(carrier=None, carrier_pinned=True),
    ],
)
async def test_a_carrier_is_left_alone_where_nobody_chose_another(
    server: Server, session: aiohttp.ClientSession, leg: Query
) -> None:
    server.reply(envelope(accepted(carrier=3011)))
    await SeventeenTrackProvider(server.url).fetch(session, KEY, [leg])
    assert len(server.asked) == 1


async def test_the_choice_waits_until_17track_has_a_carrier(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(envelope(accepted(carrier=0)))
    server.reply(envelope(accepted(carrier=3011)))
    provider = SeventeenTrackProvider(server.url)
    leg = query(carrier="usps", carrier_pinned=True)
    await provider.fetch(session, KEY, [leg])
    assert len(server.asked) == 1
    await provider.fetch(session, KEY, [leg])
    assert server.asked[2].path.endswith("/changecarrier")


async def test_a_refused_change_of_carrier_loses_no_answer(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(envelope(accepted(event("InTransit_Other"))))
    server.reply({}, status=500)
    leg = query(carrier="usps", carrier_pinned=True)
    (told,) = await SeventeenTrackProvider(server.url).fetch(session, KEY, [leg])
    assert told.found


async def test_the_key_is_tried_for_free(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(answer_of("seventeentrack", "quota"))
    info = await SeventeenTrackProvider(server.url).verify(session, KEY)
    assert (info.identifier, info.requests_left) == (None, 63)
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/track/v2.4/getquota")
    assert asked.headers["17token"] == "a-key-of-17track"


@pytest.mark.parametrize(
    ("quota", "left"),
    [
        ({"quota_remain": 63}, 63),
        ({"quota_remain": 63, "max_track_daily": 10, "today_used": 8}, 2),
        ({"quota_remain": 63, "max_track_daily": 10, "today_used": 11}, 0),
        ({"quota_remain": 0, "max_track_daily": 10, "today_used": 0}, 0),
        ({"quota_remain": "63"}, 63),
        ({"quota_remain": True}, None),
        ({}, None),
    ],
)
async def test_what_is_left_of_the_quota_is_told(
    server: Server, session: aiohttp.ClientSession, quota: Any, left: int | None
) -> None:
    server.reply({"code": 0, "data": quota})
    provider = SeventeenTrackProvider(server.url)
    assert await provider.requests_left(session, KEY) == left


async def test_an_answer_that_is_no_answer_is_a_failure(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(page_of(), status=404)
    with pytest.raises(ProviderUnavailable):
        await SeventeenTrackProvider(server.url).listed(session, KEY)


# What the account follows


def page_of(*rows: Any, total: Any = None, pages: Any = 1) -> dict[str, Any]:
    """Return a page of the account's list."""
    count = len(rows) if total is None else total
    return {
        "code": 0,
        "page": {"data_total": count, "page_total": pages, "page_no": 1},
        "data": {"accepted": list(rows)},
    }


def row(number: Any = NUMBER, **more: Any) -> dict[str, Any]:
    """Return a row of the account's list."""
    return {
        "number": number,
        "carrier": 3011,
        "tracking_status": "Tracking",
        "stop_track_time": None,
        "stop_track_reason": None,
        "tag": None,
        "remark": None,
    } | more


async def test_all_pages_of_the_list_are_read(
    server: Server, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seventeentrack, "_BETWEEN_PAGES", 0)
    server.reply(page_of(row(remark="Tea", tag="order-1"), total=3, pages=2))
    server.reply(
        page_of(row(STRANGER, tag="order-2"), row("{{ x }}"), total=3, pages=2)
    )
    listed = await SeventeenTrackProvider(server.url).listed(session, KEY)
    assert listed == [
        Listed(tracking_number=NUMBER, carrier="china_post", name="Tea"),
        Listed(tracking_number=STRANGER, carrier="china_post", name="order-2"),
    ]
    assert [asked.path for asked in server.asked] == ["/track/v2.4/gettracklist"] * 2
    assert [asked.body["page_no"] for asked in server.asked] == [1, 2]


async def test_an_account_without_parcels_lists_none(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(page_of(pages=0))
    assert await SeventeenTrackProvider(server.url).listed(session, KEY) == []


@pytest.mark.parametrize(
    ("stopped", "reason", "listed"),
    [
        ("2026-05-20T00:00:00Z", "Expired", True),
        ("2026-04-20T00:00:00Z", "Expired", False),
        ("2026-05-20T00:00:00Z", "ByRequest", False),
        ("2026-05-20T00:00:00Z", "InvalidCarrier", False),
        ("long ago", "Expired", False),
        ("2026-05-20T00:00:00", "Expired", False),
        (None, "Expired", False),
    ],
)
@freeze_time("2026-06-01T00:00:00Z", real_asyncio=True)
async def test_a_number_is_listed_for_a_while_after_its_end(
    server: Server,
    session: aiohttp.ClientSession,
    stopped: Any,
    reason: str,
    listed: bool,
) -> None:
    ended = row(
        tracking_status="Stopped", stop_track_time=stopped, stop_track_reason=reason
    )
    server.reply(page_of(ended))
    told = await SeventeenTrackProvider(server.url).listed(session, KEY)
    assert bool(told) is listed


@pytest.mark.parametrize(
    "page",
    [
        page_of(row(), total=2),
        page_of(row(), pages=101),
        page_of(row(), total="many"),
        page_of(row(), "RB123456785CN"),
        # The same page comes twice.
        page_of(row(), total=2, pages=2),
        page_of(row(), pages=None),
        {"code": 0, "data": {"accepted": []}},
        {"code": 0, "page": {"data_total": 0, "page_total": 0}, "data": {}},
        {"code": -18010013, "data": {}},
    ],
)
async def test_a_list_that_is_not_whole_is_none(
    server: Server, session: aiohttp.ClientSession, page: Any
) -> None:
    server.reply(page)
    with pytest.raises(ProviderUnavailable):
        await SeventeenTrackProvider(server.url).listed(session, KEY)


def test_17track_answers_for_every_carrier_at_a_price() -> None:
    assert PROVIDERS["seventeentrack"] is SeventeenTrackProvider
    assert SeventeenTrackProvider.aggregator
    assert SeventeenTrackProvider.spends_per_number
    assert SeventeenTrackProvider.lists_parcels
    assert not SeventeenTrackProvider.paid
    assert SeventeenTrackProvider.credentials == ("api_key",)
    assert SeventeenTrackProvider.limits.batch_size == 40
    assert SeventeenTrackProvider.limits.per_day is None
    assert SeventeenTrackProvider().answers_for("anything", None)
