"""Posten Bring's Tracking API v2: one number a call, a key and whose it is in headers."""

from collections.abc import Mapping
from datetime import timedelta, timezone
from typing import ClassVar, Final, NamedTuple, override

from ..journeys import Kind, Zone
from ..meters import Window
from ..playing import Scan, View
from .base import HTML, Call, Face, Look, Reply, Terms

_A_SECOND: Final = 5
_TEST_PACKAGE: Final = "TESTPACKAGEDELIVERED"
_HOME: Final = timezone(timedelta(hours=1))


class _Words(NamedTuple):
    """What is written of a scan: event code, status, text, and reason if any."""

    code: str
    status: str
    text: str
    reason: str = ""


_WORDS: Final[Mapping[Kind, _Words]] = {
    Kind.ORDERED: _Words("T", "PRE_NOTIFIED", "Only a notice has come so far."),
    Kind.LABEL_MADE: _Words("T", "PRE_NOTIFIED", "Only a notice has come so far."),
    Kind.PACKED: _Words("T", "PRE_NOTIFIED", "Only a notice has come so far."),
    Kind.PICKED_UP: _Words("A", "COLLECTED", "The shipment has been collected."),
    Kind.AT_WAREHOUSE: _Words("1", "TERMINAL", "The shipment is at a terminal."),
    Kind.LEFT_WAREHOUSE: _Words("WO", "IN_TRANSIT", "Loaded for transport."),
    Kind.AT_SORTING: _Words("W", "IN_TRANSIT", "The shipment has been sorted."),
    Kind.LEFT_SORTING: _Words("KO", "IN_TRANSIT", "The shipment is in transit."),
    Kind.ON_THE_WAY: _Words("KO", "IN_TRANSIT", "The shipment is in transit."),
    Kind.EXPORT_STARTED: _Words("M", "CUSTOMS", "Held for export customs clearance."),
    Kind.EXPORT_CLEARED: _Words("N", "CUSTOMS", "Cleared by export customs."),
    Kind.WITH_AIRLINE: _Words("KO", "INTERNATIONAL", "The shipment is in transit."),
    Kind.DEPARTED: _Words("C", "INTERNATIONAL", "Sent from the country of origin."),
    Kind.ARRIVED: _Words("D", "INTERNATIONAL", "Arrived in the country."),
    Kind.ANNOUNCED: _Words("X", "NOTIFICATION_SENT", "A notice has been sent."),
    Kind.AT_CUSTOMS: _Words("QL", "CUSTOMS", "Arrived at the customs warehouse."),
    Kind.IMPORT_STARTED: _Words("E", "CUSTOMS", "Held for import customs clearance."),
    Kind.CUSTOMS_WAIT: _Words("SF", "CUSTOMS", "Papers are with the authorities."),
    Kind.CUSTOMS_HELD: _Words("E", "CUSTOMS", "The invoice is missing.", "50"),
    Kind.IMPORT_CLEARED: _Words("F", "CUSTOMS", "The shipment is cleared."),
    Kind.LEFT_CUSTOMS: _Words("ST", "CUSTOMS", "From customs clearance."),
    Kind.WITH_LOCAL_CARRIER: _Words("2", "IN_TRANSIT", "Handed to another unit."),
    Kind.AT_HUB: _Words("W", "IN_TRANSIT", "The shipment has been sorted."),
    Kind.LEFT_HUB: _Words("KO", "IN_TRANSIT", "The shipment is in transit."),
    Kind.AT_DEPOT: _Words("G", "TERMINAL", "At the terminal of its destination."),
    Kind.OUT_FOR_DELIVERY: _Words("3", "TRANSPORT_TO_RECIPIENT", "Loaded on a van."),
    Kind.ATTEMPT_FAILED: _Words("H", "ATTEMPTED_DELIVERY", "Nobody answered.", "12"),
    Kind.AT_PICKUP_POINT: _Words("Q", "READY_FOR_PICKUP", "Has arrived at {place}."),
    Kind.PICKUP_NOTICE: _Words("X11", "NOTIFICATION_SENT", "A notice has been sent."),
    Kind.STATION_SIGNED: _Words("Q", "READY_FOR_PICKUP", "Has arrived at {place}."),
    Kind.LEFT_IN_LOCKER: _Words("Q", "READY_FOR_PICKUP", "Has arrived at {place}."),
    Kind.DELIVERED: _Words("I", "DELIVERED", "The shipment has been delivered."),
    Kind.COLLECTED: _Words("I", "DELIVERED", "The shipment has been delivered."),
    Kind.REFUSED: _Words("V", "DEVIATION", "Refused by the addressee.", "13"),
    Kind.RETURNING: _Words("O", "RETURN", "The shipment goes back to its sender."),
    Kind.RETURNED: _Words("I2", "DELIVERED_SENDER", "Delivered to the sender."),
    Kind.LOST: _Words("V", "DEVIATION", "The shipment cannot be found.", "46"),
    Kind.DAMAGED: _Words("5", "DEVIATION", "The shipment is damaged.", "18"),
}


class BringFace(Face):
    """``GET /tracking/api/v2/tracking.json``."""

    provider: ClassVar[str] = "bring"
    routes: ClassVar[tuple[tuple[str, str], ...]] = (
        ("GET", "/tracking/api/v2/tracking.json"),
    )

    def __init__(self, terms: Terms) -> None:
        """Begin with an unspent second."""
        super().__init__(terms)
        self._throttle = Window(_A_SECOND, timedelta(seconds=1), pace=terms.pace)

    @override
    def numbers(self, call: Call) -> tuple[str, ...]:
        """Return the number asked about."""
        number = call.query.get("q", "").strip()
        return (number,) if number else ()

    @override
    def answer(self, call: Call, look: Look) -> Reply:
        """Return the consignment, which may be beside somebody else's."""
        uid = call.headers.get("X-Mybring-API-Uid", "")
        key = call.headers.get("X-Mybring-API-Key", "")
        if f"{uid}:{key}" not in self.terms.keys:
            return self.rejected()
        if not call.headers.get("X-Bring-Client-URL"):
            return _told(_error(400, "Missing X-Bring-Client-URL"), status=400)
        if self.terms.limits and not self._throttle.admits(self.terms.now()):
            return self.spent(call)
        numbers = self.numbers(call)
        if not numbers:
            return _told(_error(400, "Invalid query"), status=400)
        number = numbers[0]
        if number == _TEST_PACKAGE:
            return _told(_delivered(number))
        view = look(number)
        known = view is not None and (view.last is not None or view.emptied)
        consignments = [_consignment(view)] if view is not None and known else []
        if look.stranger is not None:
            consignments.insert(0, _delivered(look.stranger))
        return _told(*(consignments or [_error(404, "No shipments found")]))

    @override
    def walled(self) -> Reply:
        """Return what its edge servers tell a robot."""
        page = "<html><head><title>403 Forbidden</title></head><body></body></html>"
        return Reply(page, 403, HTML)

    @override
    def spent(self, call: Call) -> Reply:
        """Return what is told to those who ask too often."""
        return Reply("429 - Too many requests.", 429, "text/plain")

    @override
    def rejected(self) -> Reply:
        """Return what is told without a key, or with a wrong one."""
        return Reply("401 - Unauthorized.", 401, "text/plain")


def _told(*consignments: Mapping[str, object], status: int = 200) -> Reply:
    """Return an answer in Bring's envelope."""
    return Reply({"apiVersion": "2", "consignmentSet": list(consignments)}, status)


def _error(code: int, message: str) -> dict[str, object]:
    """Return an error, which stands where a consignment would."""
    return {"error": {"code": code, "message": message}}


def _address(country: str | None) -> dict[str, object]:
    """Return an address, of which others may know no more than the country."""
    return {"postalCode": "", "city": "", "countryCode": country or ""}


def _consignment(view: View) -> dict[str, object]:
    """Return a consignment of one package, its newest event first."""
    journey = view.journey
    scans = [scan for scan in view.scans if scan.kind in _WORDS]
    package: dict[str, object] = {
        "statusDescription": "",
        "packageNumber": view.number,
        "previousPackageNumber": "",
        "productName": "Parcel",
        "brand": "POSTEN",
        "dateOfEstimatedDelivery": None,
        "senderName": "A shop",
        "senderAddress": _address(journey.origin),
        "recipientAddress": _address(journey.destination),
        "eventSet": [_event(scan, view) for scan in reversed(scans)],
    }
    if view.estimate is not None:
        start, end = (moment.astimezone(_HOME) for moment in view.estimate)
        package["dateOfEstimatedDelivery"] = f"{end:%d.%m.%Y}"
        if start.date() == end.date():
            package["estimatedTimeSpanOfDelivery"] = {
                "startTime": f"{start:%H:%M}",
                "endTime": f"{end:%H:%M}",
            }
    if journey.pickup_point is not None:
        package["expectedPickupUnitId"] = "000001"
        package["expectedPickupUnitName"] = journey.pickup_point
    return {
        "consignmentId": "SHIPMENTNUMBER",
        "previousConsignmentId": "",
        "packageSet": [package],
        "isPickupNoticeAvailable": False,
    }


def _event(scan: Scan, view: View) -> dict[str, object]:
    """Return one event; a pick-up point stands in its text as a link."""
    words = _WORDS[scan.kind]
    zone = timezone(timedelta(hours=scan.utc_offset))
    told = scan.time.astimezone(zone)
    if scan.zone is not Zone.TOLD:
        told = told.replace(tzinfo=None if scan.zone is Zone.UNTOLD else _HOME)
    point = view.journey.pickup_point
    place = f'<a href="https://example.com/1">{point}</a>' if point else "a shop"
    delivered = scan.kind in {Kind.DELIVERED, Kind.COLLECTED}
    return {
        "description": scan.words or words.text.format(place=place),
        "status": words.status,
        "lmEventCode": scan.code or words.code,
        "lmCauseCode": words.reason,
        "lmMeasureCode": "",
        "recipientSignature": {
            "name": (view.journey.signed_by or "") if delivered else "",
            "linkToImage": None,
        },
        "unitId": "000002",
        "unitType": "BRING",
        "city": (scan.place or "").upper(),
        "countryCode": scan.country or "",
        "dateIso": told.isoformat(timespec="seconds"),
        "displayDate": f"{scan.local_time:%d.%m.%Y}",
        "displayTime": f"{scan.local_time:%H:%M}",
        "consignmentEvent": False,
        "insignificant": False,
    }


def _delivered(number: str) -> dict[str, object]:
    """Return a package that was delivered long ago."""
    event = {
        "description": "The shipment has been delivered.",
        "status": "DELIVERED",
        "lmEventCode": "I",
        "recipientSignature": {"name": "O Nordmann"},
        "dateIso": "2026-02-06T15:25:17+01:00",
    }
    package = {"packageNumber": number, "eventSet": [event]}
    return {"consignmentId": "SHIPMENTNUMBER", "packageSet": [package]}
