"""The simulator as Canada Post, PostNord and Bring: their keys, errors and words."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
import json
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring
import pytest

from custom_components.waybill.tracking.providers import (
    bring,
    canada_post,
    postnord,
    safe_xml,
)

from .simulator import (
    DAY,
    HOUR,
    KEYS,
    Estimate,
    Fault,
    FaultKind,
    Journey,
    Kind,
    Simulator,
    Step,
)
from .simulator.faces.base import Call, Look, Reply
from .simulator.journeys import STAGES, Stage

PIN = "2012345678901235"
ITEM = "RR000000014SE"
PACKAGE = "370700000000000014"
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
BASIC = b64encode(KEYS["canada_post"].encode()).decode()
XML = "application/vnd.cpc.track-v2+xml"


def playing(*steps: Step, origin: str = "CN", limits: bool = False) -> Simulator:
    """Play the same journey at all posts."""
    return Simulator(
        [
            Journey(
                number=number,
                carrier=carrier,
                origin=origin,
                destination=country,
                signed_by="M. TREMBLAY",
                steps=steps,
            )
            for number, carrier, country in (
                (PIN, "canada_post", "CA"),
                (ITEM, "postnord", "SE"),
                (PACKAGE, "bring", "NO"),
            )
        ],
        limits=limits,
        now=lambda: NOW,
    )


def canada_post_says(
    simulator: Simulator,
    number: str = PIN,
    fault: Fault | None = None,
    **headers: str,
) -> Reply:
    """Ask Canada Post about a number."""
    call = Call(
        method="GET",
        path=f"/vis/track/pin/{number}/detail",
        headers={"Authorization": f"Basic {BASIC}", "Accept": XML} | headers,
    )
    look = Look(simulator.world, "canada_post", fault)
    return simulator.faces["canada_post"].answer(call, look)


def postnord_says(
    simulator: Simulator,
    number: str = ITEM,
    fault: Fault | None = None,
    **query: str,
) -> Reply:
    """Ask PostNord about a number."""
    call = Call(
        method="GET",
        path="/rest/shipment/v5/trackandtrace/findByIdentifier.json",
        query={"apikey": KEYS["postnord"], "id": number} | query,
    )
    look = Look(simulator.world, "postnord", fault)
    return simulator.faces["postnord"].answer(call, look)


def bring_says(
    simulator: Simulator,
    number: str = PACKAGE,
    fault: Fault | None = None,
    **headers: str,
) -> Reply:
    """Ask Bring about a number."""
    uid, key = KEYS["bring"].split(":")
    told = {
        "X-Mybring-API-Uid": uid,
        "X-Mybring-API-Key": key,
        "X-Bring-Client-URL": "https://example.com",
    }
    call = Call(
        method="GET",
        path="/tracking/api/v2/tracking.json",
        query={"q": number},
        headers=told | {name.replace("_", "-"): said for name, said in headers.items()},
    )
    look = Look(simulator.world, "bring", fault)
    return simulator.faces["bring"].answer(call, look)


def xml_of(reply: Reply) -> Element:
    """Return the document, its namespace taken out."""
    assert reply.content_type == XML
    return fromstring(
        reply.payload.replace(b' xmlns="http://www.canadapost.ca', b' x="')
    )


def shipments_of(reply: Reply) -> Any:
    """Return the shipments of an answer."""
    assert reply.status == 200
    return json.loads(reply.payload)["TrackingInformationResponse"]["shipments"]


@pytest.mark.parametrize(
    "told",
    [
        "",
        "Basic",
        "Basic !!!",
        "Bearer " + BASIC,
        "Basic " + b64encode(b"simulated-user:wrong").decode(),
        "Basic " + b64encode(b"\xff").decode(),
    ],
)
def test_canada_post_wants_both_halves_of_its_key(told: str) -> None:
    reply = canada_post_says(playing(), Authorization=told)
    assert reply.status == 401
    assert xml_of(reply).findtext("message/code") == "E002"


def test_canada_post_wants_to_be_asked_for_its_own_kind_of_xml() -> None:
    assert canada_post_says(playing(), Accept="*/*").status == 406


def test_canada_post_tells_all_events_newest_first() -> None:
    simulator = playing(
        Step(-3 * DAY, Kind.PICKED_UP, "Shenzhen", "CN"),
        Step(-DAY, Kind.DELIVERED, "Ottawa", "CA"),
    )
    detail = xml_of(canada_post_says(simulator))
    assert detail.findtext("pin") == PIN
    told = detail.findall("significant-events/occurrence")
    assert [each.findtext("event-identifier") for each in told] == ["1496", "4000"]
    assert told[0].findtext("signatory-name") == "M. TREMBLAY"
    assert told[0].findtext("event-time-zone") == "EST"
    assert told[1].findtext("event-site") == "Shenzhen,China"


def test_canada_post_does_not_know_others_numbers() -> None:
    reply = canada_post_says(playing(), "2012345678901242")
    assert xml_of(reply).findtext("message/code") == "004"
    empty = canada_post_says(
        playing(Step(-DAY, Kind.PICKED_UP)), fault=Fault(FaultKind.EMPTY)
    )
    assert not xml_of(empty).findall("significant-events/occurrence")


def test_canada_post_answers_twenty_times_a_minute() -> None:
    simulator = playing(Step(-DAY, Kind.PICKED_UP), limits=True)
    assert [canada_post_says(simulator).status for _ in range(20)] == [200] * 20
    refused = xml_of(canada_post_says(simulator))
    assert refused.findtext("message/description") == "Rejected by SLM Monitor"


def test_postnord_wants_its_key() -> None:
    assert postnord_says(playing(), apikey="wrong").status == 403
    assert postnord_says(playing(), apikey="").status == 403


def test_postnord_tells_all_events_oldest_first() -> None:
    simulator = playing(
        Step(-3 * DAY, Kind.PICKED_UP, "Shenzhen", "CN"),
        Step(-DAY, Kind.DELIVERED, "Stockholm", "SE"),
    )
    (shipment,) = shipments_of(postnord_says(simulator))
    (item,) = shipment["items"]
    assert [event["status"] for event in item["events"]] == ["EN_ROUTE", "DELIVERED"]
    assert item["events"][1]["location"]["countryCode"] == "SWE"
    assert item["acceptor"] == {"name": "M. TREMBLAY"}


def test_postnord_does_not_know_others_numbers() -> None:
    assert shipments_of(postnord_says(playing(), "RR000000028SE")) == []
    invalid = json.loads(postnord_says(playing(), "nonsense").payload)
    (fault,) = invalid["TrackingInformationResponse"]["compositeFault"]["faults"]
    assert fault["faultCode"] == "invalidIdentifier"
    assert postnord_says(playing(), id="").status == 400
    beside = Fault(FaultKind.BESIDE, number="RR000000028SE")
    told = shipments_of(
        postnord_says(playing(Step(-DAY, Kind.PICKED_UP)), fault=beside)
    )
    assert [each["shipmentId"] for each in told] == ["RR000000028SE", ITEM]


def test_postnord_turns_the_hasty_away() -> None:
    simulator = playing(Step(-DAY, Kind.PICKED_UP), limits=True)
    told = [postnord_says(simulator).status for _ in range(6)]
    assert told == [200] * 5 + [429]


def test_bring_wants_its_key_whose_it_is_and_who_asks() -> None:
    assert bring_says(playing(), X_Mybring_API_Key="wrong").status == 401
    assert bring_says(playing(), X_Mybring_API_Uid="wrong").status == 401
    assert bring_says(playing(), X_Bring_Client_URL="").status == 400


def consignments_of(reply: Reply) -> Any:
    """Return what Bring knows of a number."""
    return json.loads(reply.payload)["consignmentSet"]


def test_bring_tells_all_events_newest_first() -> None:
    simulator = playing(
        Step(-3 * DAY, Kind.PICKED_UP, "Shenzhen", "CN"),
        Step(-DAY, Kind.DELIVERED, "Oslo", "NO"),
    )
    (consignment,) = consignments_of(bring_says(simulator))
    (package,) = consignment["packageSet"]
    assert [event["status"] for event in package["eventSet"]] == [
        "DELIVERED",
        "COLLECTED",
    ]
    assert package["eventSet"][0]["dateIso"] == "2026-06-09T13:00:00+01:00"
    assert package["eventSet"][0]["recipientSignature"]["name"] == "M. TREMBLAY"


def test_bring_does_not_know_others_numbers() -> None:
    other = "370700000000000021"
    (unknown,) = consignments_of(bring_says(playing(), other))
    assert unknown["error"]["code"] == 404
    assert bring_says(playing(), "").status == 400
    beside = Fault(FaultKind.BESIDE, number=other)
    told = consignments_of(
        bring_says(playing(Step(-DAY, Kind.PICKED_UP)), fault=beside)
    )
    assert [each["packageSet"][0]["packageNumber"] for each in told] == [other, PACKAGE]
    (test_package,) = consignments_of(bring_says(playing(), "TESTPACKAGEDELIVERED"))
    assert test_package["packageSet"][0]["eventSet"][0]["status"] == "DELIVERED"


def test_bring_turns_the_hasty_away() -> None:
    simulator = playing(Step(-DAY, Kind.PICKED_UP), limits=True)
    told = [bring_says(simulator).status for _ in range(6)]
    assert told == [200] * 5 + [429]


@pytest.mark.parametrize(
    ("ends", "day", "hours"),
    [
        (HOUR, "11.06.2026", {"startTime": "13:00", "endTime": "14:00"}),
        (DAY, "12.06.2026", None),
    ],
)
def test_bring_tells_the_hours_of_one_day(
    ends: timedelta, day: str, hours: dict[str, str] | None
) -> None:
    step = Step(-DAY, Kind.PICKED_UP, estimate=Estimate(DAY, DAY + ends))
    (consignment,) = consignments_of(bring_says(playing(step)))
    (package,) = consignment["packageSet"]
    assert package["dateOfEstimatedDelivery"] == day
    assert package.get("estimatedTimeSpanOfDelivery") == hours


CANADA_POST_READS: dict[Kind, Stage] = {
    # Not told apart by Canada Post: duty that is due, and what comes before customs.
    Kind.CUSTOMS_HELD: Stage.IN_CUSTOMS,
    Kind.GIVEN_UP: Stage.PENDING,
    Kind.ANNOUNCED: Stage.PENDING,
}
POSTNORD_READS: dict[Kind, Stage | None] = {
    # PostNord has no word of its own for the hand-over by the sender.
    Kind.PICKED_UP: Stage.IN_TRANSIT,
    Kind.ANNOUNCED: None,
    Kind.PICKUP_NOTICE: None,
    Kind.GIVEN_UP: Stage.PENDING,
}
BRING_READS: dict[Kind, Stage | None] = {
    Kind.ANNOUNCED: None,
    Kind.PICKUP_NOTICE: None,
    Kind.GIVEN_UP: Stage.PENDING,
}


@pytest.mark.parametrize("kind", Kind)
def test_what_canada_post_says_of_a_scan_is_read_as_what_it_is(kind: Kind) -> None:
    reply = canada_post_says(playing(Step(-DAY, kind)))
    _, tree = safe_xml.read(reply.payload, {"occurrence"})
    told = canada_post.parse(tree, PIN).events
    expected = CANADA_POST_READS.get(kind, STAGES[kind])
    assert (told[0].stage if told else "pending") == expected


@pytest.mark.parametrize("kind", Kind)
def test_what_postnord_says_of_a_scan_is_read_as_what_it_is(kind: Kind) -> None:
    reply = postnord_says(playing(Step(-DAY, kind)))
    told = postnord.parse(json.loads(reply.payload), ITEM).events
    expected = POSTNORD_READS.get(kind, STAGES[kind])
    assert (told[0].stage if told else "pending") == expected


@pytest.mark.parametrize("kind", Kind)
def test_what_bring_says_of_a_scan_is_read_as_what_it_is(kind: Kind) -> None:
    reply = bring_says(playing(Step(-DAY, kind)))
    told = bring.parse(json.loads(reply.payload), PACKAGE).events
    expected = BRING_READS.get(kind, STAGES[kind])
    assert (told[0].stage if told else "pending") == expected


def test_bring_names_the_pick_up_point_to_which_the_van_goes() -> None:
    journey = Journey(
        number=PACKAGE,
        carrier="bring",
        destination="NO",
        pickup_point="SPAR TORSHOV",
        steps=(
            Step(-2 * HOUR, Kind.OUT_FOR_DELIVERY),
            Step(-HOUR, Kind.AT_PICKUP_POINT),
        ),
    )
    simulator = Simulator([journey], limits=False, now=lambda: NOW)
    told = bring.parse(json.loads(bring_says(simulator).payload), PACKAGE)
    assert [event.stage for event in told.events] == [
        Stage.READY_FOR_PICKUP,
        Stage.IN_TRANSIT,
    ]
    assert told.pickup_point == "SPAR TORSHOV"
