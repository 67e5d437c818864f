"""The simulator as Canada Post and as PostNord: their keys, errors and words."""

from base64 import b64encode
from datetime import UTC, datetime
import json
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring
import pytest

from custom_components.waybill.tracking.providers import canada_post, postnord, safe_xml

from .simulator import DAY, KEYS, Fault, FaultKind, Journey, Kind, Simulator, Step
from .simulator.faces.base import Call, Look, Reply
from .simulator.journeys import STAGES, Stage

PIN = "2012345678901235"
ITEM = "RR000000014SE"
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
BASIC = b64encode(KEYS["canada_post"].encode()).decode()
XML = "application/vnd.cpc.track-v2+xml"


def playing(*steps: Step, origin: str = "CN", limits: bool = False) -> Simulator:
    """Play the same journey at both posts."""
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
