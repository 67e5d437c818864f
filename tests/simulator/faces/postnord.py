"""PostNord's Track & Trace v5: one number a call, the key in the address."""

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, Final, override

from ..journeys import Kind, Zone
from ..meters import Window
from ..playing import Scan, View
from .base import HTML, Call, Face, Look, Reply, Terms

_A_SECOND: Final = 5
_SHORTEST: Final = 8

_WORDS: Final[Mapping[Kind, tuple[str, str, str]]] = {
    Kind.ORDERED: (
        "68",
        "INFORMED",
        "We have received a notification from the sender.",
    ),
    Kind.LABEL_MADE: (
        "68",
        "INFORMED",
        "We have received a notification from the sender.",
    ),
    Kind.PACKED: ("67", "CREATED", "The shipment item is being prepared."),
    Kind.PICKED_UP: (
        "4",
        "EN_ROUTE",
        "The shipment item has been handed over to PostNord.",
    ),
    Kind.AT_WAREHOUSE: ("31", "EN_ROUTE", "The shipment item has arrived."),
    Kind.LEFT_WAREHOUSE: ("31", "EN_ROUTE", "The shipment item has left."),
    Kind.AT_SORTING: ("31", "EN_ROUTE", "The shipment item has arrived at a terminal."),
    Kind.LEFT_SORTING: ("31", "EN_ROUTE", "The shipment item is under transportation."),
    Kind.ON_THE_WAY: ("31", "EN_ROUTE", "The shipment item is under transportation."),
    Kind.EXPORT_STARTED: ("33", "EN_ROUTE", "The shipment item is in export customs."),
    Kind.EXPORT_CLEARED: (
        "33",
        "EN_ROUTE",
        "The shipment item has cleared export customs.",
    ),
    Kind.WITH_AIRLINE: ("31", "EN_ROUTE", "The shipment item is with the airline."),
    Kind.DEPARTED: ("31", "EN_ROUTE", "The shipment item has left its country."),
    Kind.ARRIVED: ("31", "EN_ROUTE", "The shipment item has arrived in the country."),
    Kind.ANNOUNCED: ("z01", "OTHER", "The recipient has been informed."),
    Kind.AT_CUSTOMS: ("34", "EN_ROUTE", "The shipment item has arrived at customs."),
    Kind.IMPORT_STARTED: (
        "34",
        "EN_ROUTE",
        "The shipment item is in customs clearance.",
    ),
    Kind.CUSTOMS_WAIT: (
        "34",
        "EN_ROUTE",
        "The shipment item is being processed by customs.",
    ),
    Kind.CUSTOMS_HELD: ("35", "STOPPED", "Import duties must be paid to PostNord."),
    Kind.IMPORT_CLEARED: (
        "36",
        "EN_ROUTE",
        "The shipment item has been released by customs.",
    ),
    Kind.LEFT_CUSTOMS: (
        "36",
        "EN_ROUTE",
        "The shipment item has been cleared by customs.",
    ),
    Kind.WITH_LOCAL_CARRIER: (
        "31",
        "EN_ROUTE",
        "The shipment item is with our partner.",
    ),
    Kind.AT_HUB: ("31", "EN_ROUTE", "The shipment item has arrived at a terminal."),
    Kind.LEFT_HUB: ("31", "EN_ROUTE", "The shipment item is under transportation."),
    Kind.AT_DEPOT: ("31", "EN_ROUTE", "The shipment item has arrived at the terminal."),
    Kind.OUT_FOR_DELIVERY: (
        "113",
        "EN_ROUTE",
        "The delivery of the shipment item is in progress.",
    ),
    Kind.ATTEMPT_FAILED: (
        "22",
        "DELIVERY_IMPOSSIBLE",
        "The shipment item could not be delivered.",
    ),
    Kind.AT_PICKUP_POINT: (
        "1",
        "AVAILABLE_FOR_DELIVERY",
        "The shipment item has been delivered to a service point.",
    ),
    Kind.PICKUP_NOTICE: ("z08", "OTHER", "A notification was sent to the recipient."),
    Kind.STATION_SIGNED: (
        "1",
        "AVAILABLE_FOR_DELIVERY",
        "The shipment item has been delivered to a service point.",
    ),
    Kind.LEFT_IN_LOCKER: (
        "2",
        "AVAILABLE_FOR_DELIVERY_PAR_LOC",
        "The shipment item is in a parcel locker.",
    ),
    Kind.DELIVERED: ("21", "DELIVERED", "The shipment item has been delivered."),
    Kind.COLLECTED: ("21", "DELIVERED", "The shipment item has been delivered."),
    Kind.REFUSED: ("23", "DELIVERY_REFUSED", "The recipient refused the item."),
    Kind.RETURNING: ("24", "RETURNED", "The item is being returned to the sender."),
    Kind.RETURNED: ("25", "RETURNED", "The item has been delivered to the sender."),
    Kind.LOST: ("26", "STOPPED", "The shipment item is stopped."),
    Kind.DAMAGED: ("27", "STOPPED", "The shipment item is damaged."),
}
_COUNTRIES: Final[Mapping[str, tuple[str, str]]] = {
    "CN": ("CHN", "China"),
    "DK": ("DNK", "Denmark"),
    "FI": ("FIN", "Finland"),
    "NO": ("NOR", "Norway"),
    "SE": ("SWE", "Sweden"),
}
_TO_COLLECT: Final = frozenset({Kind.AT_PICKUP_POINT, Kind.STATION_SIGNED})


class PostNordFace(Face):
    """``GET /rest/shipment/v5/trackandtrace/findByIdentifier.json``."""

    provider: ClassVar[str] = "postnord"
    routes: ClassVar[tuple[tuple[str, str], ...]] = (
        ("GET", "/rest/shipment/v5/trackandtrace/findByIdentifier.json"),
    )

    def __init__(self, terms: Terms) -> None:
        """Begin with an unspent second."""
        super().__init__(terms)
        self._throttle = Window(_A_SECOND, timedelta(seconds=1), pace=terms.pace)

    @override
    def numbers(self, call: Call) -> tuple[str, ...]:
        """Return the number asked about."""
        number = call.query.get("id", "").strip()
        return (number,) if number else ()

    @override
    def answer(self, call: Call, look: Look) -> Reply:
        """Return the shipment, which may be beside somebody else's."""
        if call.query.get("apikey") not in self.terms.keys:
            return self.rejected()
        if self.terms.limits and not self._throttle.admits(self.terms.now()):
            return self.spent(call)
        numbers = self.numbers(call)
        if not numbers:
            problem = {"title": "Bad Request", "status": 400}
            return Reply(problem | {"detail": "Parameter 'id' is not present."}, 400)
        number = numbers[0]
        if len(number) < _SHORTEST or not any(map(str.isdigit, number)):
            return _fault(number)
        view = look(number)
        known = view is not None and (view.last is not None or view.emptied)
        shipments = [_shipment(view)] if view is not None and known else []
        if look.stranger is not None:
            shipments.insert(0, _stranger(look.stranger))
        return _told({"shipments": shipments})

    @override
    def walled(self) -> Reply:
        """Return what its edge servers tell a robot."""
        page = "<html><head><title>403 Forbidden</title></head><body></body></html>"
        return Reply(page, 403, HTML)

    @override
    def spent(self, call: Call) -> Reply:
        """Return what a key gets that asks too often."""
        return Reply("Usage limit exceeded", 429, "text/plain")

    @override
    def rejected(self) -> Reply:
        """Return what a wrong key gets."""
        return Reply("Authentication failed", 403, "text/plain")


def _told(told: Mapping[str, object]) -> Reply:
    """Return an answer in PostNord's envelope."""
    return Reply({"TrackingInformationResponse": told})


def _fault(number: str) -> Reply:
    """Return what a number of no possible form gets."""
    fault = {
        "faultCode": "invalidIdentifier",
        "explanationText": "Identifier must be a valid ItemId or ShipmentId",
        "paramValues": [{"param": "identifier", "value": number}],
    }
    return _told({"compositeFault": {"faults": [fault]}, "shipments": []})


def _country(country: str | None) -> dict[str, object]:
    """Return a country, whose code has three letters where PostNord is at home."""
    code, name = _COUNTRIES.get(country or "", (country, None))
    told = {"countryCode": code, "country": name}
    return {key: value for key, value in told.items() if value}


def _shipment(view: View) -> dict[str, object]:
    """Return a shipment of one piece, its oldest event first."""
    journey = view.journey
    scans = [scan for scan in view.scans if scan.kind in _WORDS]
    events = [_event(scan) for scan in scans]
    status = events[-1]["status"] if events else "CREATED"
    item: dict[str, object] = {
        "itemId": view.number,
        "status": status,
        "events": events,
        "references": [],
    }
    if scans and scans[-1].kind in {Kind.DELIVERED, Kind.COLLECTED}:
        item["acceptor"] = {"name": journey.signed_by or ""}
    shipment: dict[str, object] = {
        "shipmentId": view.number,
        "assessedNumberOfItems": 1,
        "service": {"code": "19", "name": "PostNord MyPack Collect"},
        "consignor": {"name": "A shop", "address": _country(journey.origin)},
        "consignee": {"address": _country(journey.destination)},
        "status": status,
        "statusText": {"header": "", "body": ""},
        "items": [item],
    }
    if view.estimate is not None:
        promise = f"{view.estimate[1]:%Y-%m-%dT%H:%M:%SZ}"
        shipment["estimatedTimeOfArrival"] = item["estimatedTimeOfArrival"] = promise
    if journey.pickup_point is not None:
        shipment["deliveryPoint"] = {"name": journey.pickup_point}
    return shipment


def _event(scan: Scan) -> dict[str, object]:
    """Return one event. Only where the zone is told, the time names its own."""
    code, status, words = _WORDS[scan.kind]
    told = (
        f"{scan.time:%Y-%m-%dT%H:%M:%SZ}"
        if scan.zone is Zone.TOLD
        else scan.local_time.isoformat()
    )
    location: dict[str, object] = {"name": scan.place or "PostNord"}
    if scan.country is not None:
        location |= _country(scan.country)
    kind = "SERVICE_POINT" if scan.kind in _TO_COLLECT else "HUB"
    return {
        "eventTime": told,
        "eventCode": scan.code or code,
        "status": status,
        "eventDescription": scan.words or words,
        "location": location | {"locationType": kind},
    }


def _stranger(number: str) -> dict[str, object]:
    """Return somebody else's delivered shipment."""
    event = {
        "eventTime": "2026-02-06T15:25:17",
        "eventCode": "21",
        "status": "DELIVERED",
        "eventDescription": "The shipment item has been delivered.",
        "location": {"name": "PostNord"},
    }
    item = {"itemId": number, "status": "DELIVERED", "events": [event]}
    return {"shipmentId": number, "status": "DELIVERED", "items": [item]}
