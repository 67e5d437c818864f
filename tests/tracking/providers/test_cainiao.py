"""Stories of parcels that Cainiao moves."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import aiohttp
import pytest

from custom_components.waybill.tracking.model import Direction, Leg, Stage
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.base import ProviderUnavailable, Query
from custom_components.waybill.tracking.providers.cainiao import CainiaoProvider, parse

from .conftest import Server
from .fixtures import answer_of

NUMBER = "LP00730000000011"
EX = "AE_GROUP_EX_CLEARING_CUSTOMS"
IM = "AE_GROUP_IM_CLEARING_CUSTOMS"


def scan(
    code: str | None = "SC_SORTING",
    desc: Any = "Carrier update",
    *,
    group: str | None = None,
    zone: Any = "GMT+8",
    at: Any = "2026-05-01 10:00:00",
    **more: Any,
) -> dict[str, Any]:
    """Return one line of a list, as Cainiao writes it."""
    line = {
        "timeStr": at,
        "timeZone": zone,
        "desc": desc,
        "standerdDesc": desc,
        "actionCode": code,
        "group": {"nodeCode": group} if group else None,
    }
    return {key: value for key, value in (line | more).items() if value is not None}


def answer(*lines: Any, number: str = NUMBER, **module: Any) -> Any:
    """Return what the parser makes of a parcel with these lines."""
    body = {
        "success": True,
        "module": [{"mailNo": number, "detailList": list(lines), **module}],
    }
    (told,) = parse(body, [number])
    return told


def stage_of(code: str | None, desc: str = "Update", group: str | None = None) -> Any:
    """Return stage and direction of a single scan."""
    (event,) = answer(scan(code, desc, group=group)).events
    return event.stage, event.direction


# The journey


def test_a_parcel_is_followed_from_the_order_to_the_door() -> None:
    (told,) = parse(answer_of("cainiao", "delivered_at_the_door"), [NUMBER])
    assert [event.stage for event in told.events] == [
        Stage.DELIVERED,
        Stage.OUT_FOR_DELIVERY,
        Stage.IN_TRANSIT,
        Stage.CUSTOMS_CLEARED,
        Stage.IN_CUSTOMS,
        Stage.IN_TRANSIT,
        Stage.IN_TRANSIT,
        Stage.IN_TRANSIT,
        Stage.IN_TRANSIT,
        Stage.SHIPPED,
        Stage.INFO_RECEIVED,
    ]
    assert [event.direction for event in told.events if event.direction] == [
        Direction.IMPORT,
        Direction.IMPORT,
        Direction.EXPORT,
    ]
    assert told.stage is None
    assert told.found
    assert (told.origin_country, told.destination_country) == ("CN", "FR")
    assert told.estimate.start == datetime(2026, 5, 3, 9, 20, tzinfo=UTC)
    assert told.estimate.end == datetime(2026, 5, 5, 9, 20, tzinfo=UTC)
    assert told.next_leg == Leg(tracking_number="CB000000005FR", carrier="la_poste")


def test_the_last_mile_is_made_by_the_carrier_that_is_named() -> None:
    (told,) = parse(answer_of("cainiao", "delivered_at_the_door"), [NUMBER])
    carriers = [event.carrier for event in told.events]
    assert carriers[:3] == ["la_poste"] * 3
    assert set(carriers[3:]) == {"cainiao"}


def test_leaving_export_customs_is_no_clearance_for_the_buyer() -> None:
    number = "RC000000016EE"
    (told,) = parse(answer_of("cainiao", "leaving_export_customs"), [number])
    newest = told.events[0]
    assert (newest.stage, newest.direction) == (Stage.IN_TRANSIT, Direction.EXPORT)
    assert newest.code == "CC_HO_OUT_SUCCESS"
    assert newest.description == "Departed from customs"
    assert newest.words == "Leaving customs"
    assert told.events[2].location == "Xiaoshan District"
    assert told.events[2].description == "Departed from sorting center"
    assert told.events[2].words == "Outbound in sorting center"


def test_a_hand_off_is_followed_though_its_check_digit_is_wrong() -> None:
    (told,) = parse(answer_of("cainiao", "leaving_export_customs"), ["RC000000016EE"])
    assert told.next_leg == Leg(tracking_number="RC000000020EE", carrier="post_ee")


def test_a_point_is_an_estimate_that_ends_as_it_begins() -> None:
    (told,) = parse(answer_of("cainiao", "leaving_export_customs"), ["RC000000016EE"])
    assert told.estimate.start == datetime(2026, 8, 29, 10, 40, 0, 123000, tzinfo=UTC)
    assert told.estimate.end == told.estimate.start


@pytest.mark.parametrize(
    ("fixture", "number"),
    [
        ("unknown_number", "LP00730000000029"),
        ("waiting_for_the_seller", "LP00730000000037"),
    ],
)
def test_a_number_without_scans_is_not_known_yet(fixture: str, number: str) -> None:
    (told,) = parse(answer_of("cainiao", fixture), [number])
    assert told.events == ()
    assert told.stage is None
    assert not told.found
    assert not told.invalid


# The vocabulary


@pytest.mark.parametrize(
    ("codes", "stage"),
    [
        ("GWMS_ACCEPT GWMS_PACKAGE PRE_READY_TO_SHIP CONSIGN", Stage.INFO_RECEIVED),
        ("PU_PICKUP_SUCCESS", Stage.SHIPPED),
        (
            (
                "GWMS_OUTBOUND CW_INBOUND CW_OUTBOUND CW_COMMON_PROCESSING1 SC_INBOUND"
                " SC_INBOUND_SUCCESS SC_OUTBOUND SC_OUTBOUND_SUCCESS SC_SORTING"
                " SC_OUTBOUND_FAILURE SC_TRANS_HUB_SUCCESS SC_HO_OUT_SUCCESS"
                " TRANSFER_ARRIVE TRANSFER_X LH_HO_IN_SUCCESS LH_HO_AIRLINE LH_DEPART"
                " LH_HO_OUT_SUCCESS LH_POST_COLLECTION LH_TRANS_ARRIVE TD_TRANS_DEPART"
                " COMMON_INTRANSIT LAST_MILE_ASN_NOTIFY LH_ARRIVE"
            ),
            Stage.IN_TRANSIT,
        ),
        (
            (
                "GTMS_ACCEPT GTMS_SC_ARRIVE GTMS_SC_DEPART GTMS_DO_ARRIVE GTMS_OE_DEPART"
                " GTMS_STATION_OUT SL_ACCEPT SC_ARRIVE SC_DEPART OE_DEPART"
            ),
            Stage.IN_TRANSIT,
        ),
        ("GTMS_DO_DEPART GTMS_DELIVERING LM_DELIVERY_DEPART", Stage.OUT_FOR_DELIVERY),
        (
            "GSTA_INBOUND GSTA_INFORM_BUYER GTMS_WAIT_SELF_PICK GTMS_STA_SIGNED",
            Stage.READY_FOR_PICKUP,
        ),
        ("GTMS_DEL_FAILURE", Stage.DELIVERY_FAILED),
        ("GTMS_SIGN_FAILURE GTMS_STA_SIGN_FAILURE EXCEPTION", Stage.EXCEPTION),
        ("GTMS_SIGNED LM_SIGN_SUCCESS GSTA_SIGN", Stage.DELIVERED),
        ("RT_INBOUND", Stage.RETURNING),
    ],
)
def test_codes_have_their_stages(codes: str, stage: Stage) -> None:
    for code in codes.split():
        assert stage_of(code) == (stage, None), code


@pytest.mark.parametrize(
    ("code", "group", "stage", "direction"),
    [
        ("CC_EX_START", None, Stage.IN_TRANSIT, Direction.EXPORT),
        ("CC_EX_SUCCESS", None, Stage.IN_TRANSIT, Direction.EXPORT),
        ("CC_HO_IN_SUCCESS", None, Stage.IN_CUSTOMS, None),
        ("CC_HO_OUT_SUCCESS", None, Stage.CUSTOMS_CLEARED, None),
        ("CC_IM_START", None, Stage.IN_CUSTOMS, Direction.IMPORT),
        ("CC_IM_SUCCESS", None, Stage.CUSTOMS_CLEARED, Direction.IMPORT),
        ("CC_IM_FAILURE", None, Stage.CUSTOMS_ACTION_REQUIRED, Direction.IMPORT),
        ("CC_IM_EXCEPTION", None, Stage.CUSTOMS_ACTION_REQUIRED, Direction.IMPORT),
        ("CC_HO_IN_SUCCESS", EX, Stage.IN_TRANSIT, Direction.EXPORT),
        ("CC_HO_OUT_SUCCESS", EX, Stage.IN_TRANSIT, Direction.EXPORT),
        ("CC_IM_START", EX, Stage.IN_TRANSIT, Direction.EXPORT),
        ("CC_IM_SUCCESS", EX, Stage.IN_TRANSIT, Direction.EXPORT),
        ("CC_IM_FAILURE", EX, Stage.IN_TRANSIT, Direction.EXPORT),
        ("CC_EX_START", IM, Stage.IN_CUSTOMS, Direction.IMPORT),
        ("CC_EX_SUCCESS", IM, Stage.CUSTOMS_CLEARED, Direction.IMPORT),
        ("CC_HO_IN_SUCCESS", IM, Stage.IN_CUSTOMS, Direction.IMPORT),
        ("CC_HO_OUT_SUCCESS", IM, Stage.CUSTOMS_CLEARED, Direction.IMPORT),
        ("GTMS_SIGNED", IM, Stage.DELIVERED, None),
        ("LH_DEPART", EX, Stage.IN_TRANSIT, None),
    ],
)
def test_the_group_says_which_customs_it_is(
    code: str, group: str | None, stage: Stage, direction: Direction | None
) -> None:
    assert stage_of(code, group=group) == (stage, direction)


def test_without_a_group_the_words_can_name_the_side_of_the_border() -> None:
    told = stage_of("CC_HO_OUT_SUCCESS", "Departed from export customs")
    assert told == (Stage.IN_TRANSIT, Direction.EXPORT)


@pytest.mark.parametrize(
    "code", ["gtms_signed", " GTMS_SIGNED ", "GTMS SIGNED", "AE_GTMS_SIGNED"]
)
def test_a_code_is_known_however_it_is_written(code: str) -> None:
    (event,) = answer(scan(code)).events
    assert (event.code, event.stage) == ("GTMS_SIGNED", Stage.DELIVERED)


def test_an_unknown_code_is_kept_and_has_no_stage() -> None:
    (event,) = answer(scan("ZZ_NEW_CODE")).events
    assert (event.code, event.stage, event.direction) == ("ZZ_NEW_CODE", None, None)


@pytest.mark.parametrize(
    ("group", "stage", "direction"),
    [
        ("AE_GROUP_DELIVERED", Stage.DELIVERED, None),
        ("AE_GROUP_DELIVERING", Stage.OUT_FOR_DELIVERY, None),
        (IM, Stage.IN_CUSTOMS, Direction.IMPORT),
        (EX, Stage.IN_TRANSIT, Direction.EXPORT),
        ("AE_GROUP_LH_ARRIVE", Stage.IN_TRANSIT, None),
        ("AE_GROUP_LH_PROCESSING", Stage.IN_TRANSIT, None),
        ("AE_GROUP_SC_PROCESSING", Stage.IN_TRANSIT, None),
        ("AE_GROUP_DES_PROCESSING", Stage.IN_TRANSIT, None),
        ("AE_GROUP_OF_TOMORROW", None, None),
    ],
)
@pytest.mark.parametrize("code", ["ZZ_NEW_CODE", None])
def test_the_group_speaks_for_an_unknown_code(
    code: str | None, group: str, stage: Stage | None, direction: Direction | None
) -> None:
    assert stage_of(code, group=group) == (stage, direction)


@pytest.mark.parametrize(
    ("desc", "group", "stage", "direction"),
    [
        ("wait for customs clearance", None, Stage.IN_CUSTOMS, None),
        ("Custom clearance completed", None, Stage.CUSTOMS_CLEARED, None),
        (
            "Waiting for payment of import duties",
            None,
            Stage.CUSTOMS_ACTION_REQUIRED,
            Direction.IMPORT,
        ),
        ("wait for customs clearance", EX, Stage.IN_TRANSIT, Direction.EXPORT),
        ("Export customs clearance start", None, Stage.IN_TRANSIT, Direction.EXPORT),
        ("Shipment on the way", None, Stage.IN_TRANSIT, None),
        ("Shipment on the way", IM, Stage.IN_TRANSIT, None),
        ("Customs data sent electronically", None, Stage.IN_TRANSIT, None),
    ],
)
def test_a_text_refines_only_the_code_that_says_no_more_than_in_transit(
    desc: str, group: str | None, stage: Stage, direction: Direction | None
) -> None:
    line = scan("COMMON_INTRANSIT", desc, group=group, standerdDesc="On the way")
    (event,) = answer(line).events
    assert (event.stage, event.direction) == (stage, direction)
    (sure,) = answer(scan("LH_DEPART", desc, group=group)).events
    assert (sure.stage, sure.direction) == (Stage.IN_TRANSIT, None)


@pytest.mark.parametrize(
    "desc",
    [
        "Delivered to parcel locker",
        "Delivered, PARCEL LOCKER",
        "Package delivered to the pick-up point near you",
        "Your parcel was placed in a Packstation.",
        "Signed by the pickup station",
        "Delivered at the DHL ServicePoint",
    ],
)
def test_a_delivery_to_a_locker_waits_for_the_person(desc: str) -> None:
    assert stage_of("GTMS_SIGNED", desc) == (Stage.READY_FOR_PICKUP, None)


@pytest.mark.parametrize(
    ("code", "desc"),
    [
        ("GTMS_SIGNED", "Delivered"),
        ("GTMS_SIGNED", "Delivered to the recipient at the pick-up point"),
        ("GTMS_SIGNED", "Collected from the parcel locker"),
        ("GSTA_SIGN", "Delivered at pick-up point"),
    ],
)
def test_what_the_person_has_got_is_delivered(code: str, desc: str) -> None:
    assert stage_of(code, desc) == (Stage.DELIVERED, None)


@pytest.mark.parametrize(
    ("status", "stage"),
    [
        ("DELIVERING", Stage.IN_TRANSIT),
        ("transport", Stage.IN_TRANSIT),
        ("TRANSIT", Stage.IN_TRANSIT),
        ("CLEAR_CUSTOMS", Stage.IN_CUSTOMS),
        ("delivered", Stage.DELIVERED),
        ("SIGN", Stage.DELIVERED),
        ("RETURNED", Stage.RETURNED),
        ("FAILED", Stage.EXCEPTION),
        ("SELLER_SEND_GOODS", Stage.INFO_RECEIVED),
        ("pickup", None),
        ("WAIT_SELLER_SEND_GOODS", None),
        (["DELIVERED"], None),
    ],
)
def test_the_status_of_the_parcel_speaks_where_no_scan_does(
    status: Any, stage: Stage | None
) -> None:
    assert answer(status=status).stage == stage
    assert answer(scan("ZZ_NEW_CODE"), status=status).stage == stage
    assert answer(scan("LH_DEPART"), status=status).stage is None


# The clocks


def test_the_instant_is_the_written_time_in_the_zone_that_is_named() -> None:
    # 06:18:40Z is what the epoch says; 12:18:40Z is when it was.
    line = scan(at="2026-08-23 14:18:40", zone="GMT+2", time=1787465920000)
    (event,) = answer(line).events
    assert event.time == datetime(2026, 8, 23, 12, 18, 40, tzinfo=UTC)
    assert event.local_time == datetime(2026, 8, 23, 14, 18, 40)
    assert event.written_time == "2026-08-23 14:18:40 GMT+2"


@pytest.mark.parametrize(
    ("zone", "hours"),
    [("GMT+8", 8), ("GMT+08:00", 8), ("GMT-3", -3), ("UTC+0530", 5.5)],
)
def test_zones_are_read_however_they_are_written(zone: str, hours: float) -> None:
    (event,) = answer(scan(zone=zone)).events
    wall = datetime(2026, 5, 1, 10, tzinfo=timezone(timedelta(hours=hours)))
    assert event.time == wall


@pytest.mark.parametrize("zone", [None, "", " ", 5.5, [], "Beijing", "GMT+99"])
def test_a_time_without_a_known_zone_stays_without_one(zone: Any) -> None:
    (event,) = answer(scan(zone=zone, time=1777600800000)).events
    assert event.time is None
    assert event.local_time == datetime(2026, 5, 1, 10)


def test_a_notice_of_cainiaos_own_was_written_in_china() -> None:
    (event,) = answer(scan(zone=None, time=1777600800417)).events
    assert event.time == datetime(2026, 5, 1, 2, tzinfo=UTC)
    assert event.written_time == "2026-05-01 10:00:00"


def test_milliseconds_do_not_overrule_a_zone_that_is_named() -> None:
    (event,) = answer(scan(zone="GMT+2", time=1777600800417)).events
    assert event.time == datetime(2026, 5, 1, 8, tzinfo=UTC)
    (other,) = answer(scan(zone="Beijing", time=1777600800417)).events
    assert other.time is None


def test_a_written_time_with_its_own_offset_is_believed() -> None:
    (event,) = answer(scan(at="2026-05-01T10:00:00+02:00", zone="GMT+8")).events
    assert event.time == datetime(2026, 5, 1, 8, tzinfo=UTC)
    assert event.local_time == datetime(2026, 5, 1, 10)


@pytest.mark.parametrize("at", [None, "yesterday", 7])
def test_without_a_written_time_the_epoch_tells_it(at: Any) -> None:
    line = scan(at=at, zone="GMT+2", time=1787465920000)
    (event,) = answer(line).events
    assert event.local_time == datetime(2026, 8, 23, 14, 18, 40)
    assert event.time == datetime(2026, 8, 23, 12, 18, 40, tzinfo=UTC)


def test_a_time_that_nobody_can_read_is_kept_as_written() -> None:
    (event,) = answer(scan(at="yesterday")).events
    assert (event.time, event.local_time) == (None, None)
    assert event.written_time == "yesterday GMT+8"


def test_the_order_is_that_of_the_list_and_not_that_of_the_clocks() -> None:
    told = answer(
        scan("GTMS_DELIVERING", at="2026-05-01 08:00:00", zone="GMT+2"),
        scan("GTMS_ACCEPT", at="2026-05-01 11:00:00", zone="GMT-3"),
    )
    assert [event.code for event in told.events] == ["GTMS_DELIVERING", "GTMS_ACCEPT"]


# Places


@pytest.mark.parametrize(
    ("text", "place", "description"),
    [
        ("[Xiaoshan District] Departed", "Xiaoshan District", "Departed"),
        ("【杭州市】已发出", "杭州市", "已发出"),
        ("Departed from center [Saint-Denis]", "Saint-Denis", "Departed from center"),
        ("[L'Aquila (AQ)] Arrived", "L'Aquila (AQ)", "Arrived"),
        ("[CN-HGH01] Departed", None, "[CN-HGH01] Departed"),
        ("[HANGZHOU] Departed", None, "[HANGZHOU] Departed"),
        ("[PostNL] Departed", None, "[PostNL] Departed"),
        ("[AliExpress] Departed", None, "[AliExpress] Departed"),
        ("[warehouse] Departed", None, "[warehouse] Departed"),
        ("[X] Departed", None, "[X] Departed"),
        ("Left [Yiwu] by road", None, "Left [Yiwu] by road"),
    ],
)
def test_a_town_in_brackets_is_the_place(
    text: str, place: str | None, description: str
) -> None:
    (event,) = answer(scan(desc="Original words", standerdDesc=text)).events
    assert (event.location, event.description) == (place, description)
    assert event.words == "Original words"


def test_the_carriers_words_speak_where_there_is_no_other_wording() -> None:
    (event,) = answer(scan(desc="[Yiwu] Sent", standerdDesc="")).events
    assert (event.location, event.description) == ("Yiwu", "Sent")
    assert event.words == "[Yiwu] Sent"
    (other,) = answer(scan(desc="", standerdDesc="[Yiwu] Sent")).events
    assert (other.description, other.words) == ("Sent", "[Yiwu] Sent")
    (bare,) = answer(scan(desc="Left", standerdDesc="[Yiwu]")).events
    assert (bare.location, bare.description) == ("Yiwu", "Left")


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("Mainland China", "CN"),
        ("France,Rennes", "FR"),
        ("Korea, Republic of", "KR"),
        ("Hong Kong,China", "HK"),
        ("NL", "NL"),
        ("Atlantis", None),
        (17, None),
        (None, None),
    ],
)
def test_countries_are_known_by_name(told: Any, code: str | None) -> None:
    assert answer(destCountry=told).destination_country == code


# The hand-off


@pytest.mark.parametrize(
    ("module", "number", "carrier"),
    [
        (
            {"copyRealMailNo": "3SDFC0123456789", "destCpInfo": {"cpName": "PostNL"}},
            "3SDFC0123456789",
            "postnl",
        ),
        ({"realMailNo": "PostNL 3SDFC0123456789"}, "3SDFC0123456789", None),
        (
            {"copyRealMailNo": " cb 000 000 005 fr ", "realMailNo": "X"},
            "CB000000005FR",
            "la_poste",
        ),
        (
            {"copyRealMailNo": "-", "realMailNo": "Latest:\tCB000000005FR"},
            "CB000000005FR",
            "la_poste",
        ),
    ],
)
def test_the_number_of_the_last_mile_is_found(
    module: dict[str, Any], number: str, carrier: str | None
) -> None:
    leg = answer(**module).next_leg
    assert leg.tracking_number == number
    if carrier is not None:
        assert leg.carrier == carrier


@pytest.mark.parametrize(
    "module",
    [
        {},
        {"copyRealMailNo": NUMBER.lower()},
        {"realMailNo": f"Latest Tracking Number:\t{NUMBER}"},
        {"copyRealMailNo": ""},
        {"realMailNo": "See the carrier"},
        {"copyRealMailNo": {"no": "CB000000005FR"}, "realMailNo": 5},
    ],
)
def test_the_same_number_and_none_at_all_are_no_hand_off(
    module: dict[str, Any],
) -> None:
    assert answer(**module).next_leg is None


def test_a_carrier_that_nobody_knows_is_not_named() -> None:
    lines = [scan("GTMS_ACCEPT"), scan("GTMS_OE_DEPART"), scan("LH_DEPART")]
    told = answer(*lines, destCpInfo={"cpName": "Someone Somewhere"})
    assert [event.carrier for event in told.events] == [None, None, "cainiao"]


def test_a_number_of_no_known_format_is_cainiaos_once_it_has_scans() -> None:
    assert answer(scan(), number="ZZZ777888").carrier == "cainiao"
    assert answer(number="ZZZ777888").carrier is None
    assert answer(scan(), number="RC000000016EE").carrier is None


@pytest.mark.parametrize(
    "eta",
    [
        {},
        {"deliveryMinTime": 0, "deliveryMaxTime": 0},
        {"deliveryMinTime": "soon", "deliveryMaxTime": None},
        {"deliveryMinTime": 10**30, "deliveryMaxTime": True},
        "tomorrow",
    ],
)
def test_no_estimate_is_made_up(eta: Any) -> None:
    assert answer(globalEtaInfo=eta).estimate is None


def test_one_side_of_an_estimate_is_enough() -> None:
    told = answer(globalEtaInfo={"deliveryMaxTime": 1788000000123})
    assert told.estimate.start == datetime(2026, 8, 29, 10, 40, 0, 123000, tzinfo=UTC)


# Whose answer it is


def test_shipments_that_nobody_asked_about_are_passed_over() -> None:
    stranger = answer_of("cainiao", "delivered_at_the_door")["module"][0]
    mine = {"mailNo": "lp 0000 0000 012 345", "detailList": [scan("LH_DEPART")]}
    body = {"success": True, "module": [stranger, "noise", None, mine]}
    (told,) = parse(body, ["LP00000000012345"])
    assert told.tracking_number == "LP00000000012345"
    assert [event.code for event in told.events] == ["LH_DEPART"]
    assert parse(body, ["LP00000000099999"]) == []


def test_an_empty_double_does_not_hide_the_scans() -> None:
    full = {"mailNo": NUMBER, "detailList": [scan("LH_DEPART")]}
    empty = {"mailNo": NUMBER, "detailList": []}
    for module in ([full, empty], [empty, full]):
        (told,) = parse({"success": True, "module": module}, [NUMBER])
        assert len(told.events) == 1


def test_garbage_among_the_scans_spoils_none_of_them() -> None:
    told = answer(
        "garbage",
        {},
        None,
        {"time": [], "timeStr": {}, "actionCode": 5, "desc": [1]},
        {"timeStr": "2026-05-01 10:00:00"},
        scan("GTMS_SIGNED", desc={"text": "x"}, group=None),
        {"group": "text", "actionCode": "LH_DEPART", "timeStr": "2026-05-01 09:00:00"},
    )
    assert [event.code for event in told.events] == ["GTMS_SIGNED", "LH_DEPART"]


def test_a_list_without_end_is_cut() -> None:
    assert len(answer(*[scan()] * 1000).events) == 300


@pytest.mark.parametrize(
    "body", [None, [], "text", 7, {"success": True}, {"success": True, "module": {}}]
)
def test_what_is_no_answer_is_no_answer(body: Any) -> None:
    with pytest.raises(ProviderUnavailable):
        parse(body, [NUMBER])


@pytest.mark.parametrize(
    "body",
    [
        answer_of("cainiao", "refused"),
        {"rgv587_flag": "sm", "url": "https://global.cainiao.com/_____tmd_____/punish"},
        {"success": "true", "module": []},
    ],
)
def test_a_refusal_is_not_asked_again_for_two_hours(body: Any) -> None:
    with pytest.raises(ProviderUnavailable) as error:
        parse(body, [NUMBER])
    assert error.value.first_backoff == timedelta(hours=2)


# On the wire


async def test_all_numbers_go_into_one_request(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(answer_of("cainiao", "delivered_at_the_door"))
    provider = CainiaoProvider(server.url)
    legs = [Query(tracking_number=NUMBER), Query(tracking_number="RC000000016EE")]
    told = await provider.fetch(session, {}, legs)
    assert [answer.tracking_number for answer in told] == [NUMBER]
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("GET", "/global/detail.json")
    assert asked.query == {
        "mailNos": f"{NUMBER},RC000000016EE",
        "lang": "en-US",
        "language": "en-US",
    }


async def test_an_equal_answer_is_the_very_same_answer(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(answer_of("cainiao", "delivered_at_the_door"))
    server.reply(answer_of("cainiao", "delivered_at_the_door"))
    server.reply(answer_of("cainiao", "unknown_number"))
    provider = CainiaoProvider(server.url)
    legs = [Query(tracking_number=NUMBER)]
    first = await provider.fetch(session, {}, legs)
    assert await provider.fetch(session, {}, legs) is first
    assert await provider.fetch(session, {}, legs) == []


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html><div class='punish-component'>_____tmd_____</div></html>"),
        (200, b"\n  <!doctype html>"),
        (200, b'{"rgv587_flag": "sm"}'),
        (302, b""),
        (401, b"{}"),
        (403, b"<html>"),
        (404, b"{}"),
    ],
)
async def test_a_bot_wall_is_left_alone_for_two_hours(
    server: Server, session: aiohttp.ClientSession, status: int, body: bytes
) -> None:
    server.reply(body, status=status)
    with pytest.raises(ProviderUnavailable) as error:
        await CainiaoProvider(server.url).fetch(
            session, {}, [Query(tracking_number=NUMBER)]
        )
    assert error.value.first_backoff == timedelta(hours=2)


def test_cainiao_is_asked_slowly_and_needs_no_account() -> None:
    limits = CainiaoProvider.limits
    assert limits.batch_size == 20
    assert limits.spacing == timedelta(minutes=5)
    assert limits.routine_spacing == timedelta(minutes=30)
    assert limits.per_day == 24
    assert limits.per_leg == timedelta(minutes=30)
    assert CainiaoProvider.credentials == ()
    assert PROVIDERS["cainiao"] is CainiaoProvider
    assert CainiaoProvider().answers_for(NUMBER, "cainiao")
    assert not CainiaoProvider().answers_for(NUMBER, "usps")
