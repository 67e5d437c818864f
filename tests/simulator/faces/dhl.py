"""DHL Shipment Tracking - Unified: one number a call, one key a person."""

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, Final, override
from zlib import crc32

from ..journeys import Kind, Zone
from ..meters import Daily, Window
from ..playing import Scan, View
from .base import HTML, Call, Face, Look, Reply, Terms

_A_DAY: Final = 250
_THROTTLE: Final = timedelta(seconds=1)

_WORDS: Final[Mapping[Kind, tuple[str, str, str]]] = {
    Kind.ORDERED: (
        "pre-transit",
        "PRE-TRANSIT",
        "The instruction data for this shipment have been provided to DHL",
    ),
    Kind.LABEL_MADE: ("pre-transit", "PRE-TRANSIT", "Shipment information received"),
    Kind.PACKED: ("pre-transit", "PRE-TRANSIT", "Label created, awaiting pickup"),
    Kind.PICKED_UP: ("transit", "SHIPMENT PICKED UP", "Shipment picked up"),
    Kind.AT_WAREHOUSE: ("transit", "IN TRANSIT", "Arrived at DHL Facility"),
    Kind.LEFT_WAREHOUSE: ("transit", "IN TRANSIT", "Departed Facility"),
    Kind.AT_SORTING: ("transit", "IN TRANSIT", "Arrived at DHL Sort Facility"),
    Kind.LEFT_SORTING: (
        "transit",
        "IN TRANSIT",
        "Shipment has departed from a DHL facility",
    ),
    Kind.ON_THE_WAY: ("transit", "IN TRANSIT", "Shipment is in transit to destination"),
    Kind.EXPORT_STARTED: ("transit", "IN TRANSIT", "Export clearance in progress"),
    Kind.EXPORT_CLEARED: ("transit", "IN TRANSIT", "Export clearance completed"),
    Kind.WITH_AIRLINE: ("transit", "IN TRANSIT", "Processed at"),
    Kind.DEPARTED: ("transit", "IN TRANSIT", "Departed Facility in"),
    Kind.ARRIVED: ("transit", "IN TRANSIT", "Arrived at DHL Sort Facility"),
    Kind.ANNOUNCED: ("transit", "IN TRANSIT", "Shipment announced at destination"),
    Kind.AT_CUSTOMS: ("transit", "IN TRANSIT", "Processed for clearance at"),
    Kind.IMPORT_STARTED: ("transit", "IN TRANSIT", "Clearance event"),
    Kind.CUSTOMS_WAIT: ("transit", "IN TRANSIT", "Customs clearance status updated"),
    Kind.CUSTOMS_HELD: (
        "unknown",
        "ON HOLD",
        "Further Clearance Processing is Required",
    ),
    Kind.IMPORT_CLEARED: (
        "transit",
        "IN TRANSIT",
        "Clearance processing complete at",
    ),
    Kind.LEFT_CUSTOMS: ("transit", "IN TRANSIT", "Released by customs"),
    Kind.WITH_LOCAL_CARRIER: (
        "transit",
        "IN TRANSIT",
        "Shipment handed over to local delivery partner",
    ),
    Kind.AT_HUB: ("transit", "IN TRANSIT", "Arrived at DHL Sort Facility"),
    Kind.LEFT_HUB: ("transit", "IN TRANSIT", "Departed Facility in"),
    Kind.AT_DEPOT: ("transit", "IN TRANSIT", "Arrived at DHL Delivery Facility"),
    Kind.OUT_FOR_DELIVERY: (
        "transit",
        "OUT FOR DELIVERY",
        "Shipment is out with courier for delivery",
    ),
    Kind.ATTEMPT_FAILED: (
        "transit",
        "DELIVERY ATTEMPTED",
        "Delivery attempted; recipient not home",
    ),
    Kind.AT_PICKUP_POINT: (
        "transit",
        "READY FOR PICK-UP",
        "The shipment is ready for pick-up at the PACKSTATION",
    ),
    Kind.PICKUP_NOTICE: (
        "transit",
        "READY FOR PICK-UP",
        "The recipient has been informed that the shipment is ready for pick-up",
    ),
    Kind.STATION_SIGNED: (
        "transit",
        "READY FOR PICK-UP",
        "The shipment was delivered to a DHL ServicePoint for pick-up",
    ),
    Kind.LEFT_IN_LOCKER: (
        "delivered",
        "DELIVERED",
        "The shipment has been delivered to the PACKSTATION",
    ),
    Kind.DELIVERED: ("delivered", "DELIVERED", "Delivered"),
    Kind.COLLECTED: (
        "delivered",
        "DELIVERED",
        "The recipient has picked up the shipment from the PACKSTATION",
    ),
    Kind.REFUSED: ("failure", "FAILURE", "Shipment refused by recipient"),
    Kind.RETURNING: (
        "failure",
        "FAILURE",
        "The shipment is being returned to the sender",
    ),
    Kind.RETURNED: ("failure", "FAILURE", "Returned to shipper"),
    Kind.LOST: ("failure", "FAILURE", "Shipment could not be located"),
    Kind.DAMAGED: ("failure", "FAILURE", "Shipment was damaged"),
}
"""Status code, status, description; one that ends in "at" or "in" names the place."""

_REMARKS: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.AT_CUSTOMS: (
        "The shipment is pending completion of customs inspection.",
        "The status will be updated following customs inspection.",
    ),
    Kind.CUSTOMS_HELD: (
        "Duties or documents are required to complete customs clearance.",
        "Please follow the instructions sent by DHL.",
    ),
}


class DhlFace(Face):
    """``GET /track/shipments``."""

    provider: ClassVar[str] = "dhl"
    routes: ClassVar[tuple[tuple[str, str], ...]] = (("GET", "/track/shipments"),)

    def __init__(self, terms: Terms) -> None:
        """Begin with an unspent day."""
        super().__init__(terms)
        self.daily = Daily(_A_DAY, pace=terms.pace)
        self._throttle = Window(1, _THROTTLE, pace=terms.pace)

    @override
    def numbers(self, call: Call) -> tuple[str, ...]:
        """Return the number asked about."""
        number = call.query.get("trackingNumber", "").strip()
        return (number,) if number else ()

    @override
    def answer(self, call: Call, look: Look) -> Reply:
        """Return the shipment, which may be beside somebody else's."""
        if call.headers.get("DHL-API-Key") not in self.terms.keys:
            return self.rejected()
        if self.terms.limits:
            now = self.terms.now()
            if not self._throttle.admits(now) or not self.daily.admits(now):
                return self.spent(call)
        numbers = self.numbers(call)
        if not numbers:
            return _problem(400, "Bad request", "trackingNumber is required.")
        number = numbers[0]
        view = look(number)
        if view is None or (view.last is None and not view.emptied):
            return _problem(
                404,
                "No result found",
                "No shipment with given tracking number found.",
                instance=f"/shipment/{number}",
            )
        shipments = [_shipment(view)]
        if look.stranger is not None:
            shipments.insert(0, _stranger(look.stranger))
        page = f"/shipments?trackingNumber={number}?offset=0&limit=5"
        return Reply(
            {
                "url": page,
                "firstUrl": page,
                "lastUrl": page,
                "shipments": shipments,
                "possibleAdditionalShipmentsUrl": [
                    f"/shipments?trackingNumber={number}&service=parcel-de",
                ],
            }
        )

    @override
    def walled(self) -> Reply:
        """Return what its edge servers tell a robot."""
        page = "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY></BODY></HTML>"
        return Reply(page, 403, HTML)

    @override
    def spent(self, call: Call) -> Reply:
        """Return what a spent day gets, and a call within a second of the last."""
        return _problem(
            429,
            "Too Many Requests",
            "Too many requests within defined time period, please try again later.",
        )

    @override
    def rejected(self) -> Reply:
        """Return what a wrong key gets."""
        return _problem(401, "Unauthorized", "Unauthorized for given resource.")

    @override
    def state(self) -> Mapping[str, object]:
        """Return the count of the day."""
        return {"used_today": self.daily.count(self.terms.now())}


def _problem(
    status: int, title: str, detail: str, *, instance: str | None = None
) -> Reply:
    """Return an error after RFC 7807."""
    problem = {"title": title, "detail": detail, "status": status}
    if instance is not None:
        problem["instance"] = instance
    return Reply(problem, status, "application/problem+json")


def _id(number: str) -> str | int:
    """Return a shipment's id: a number in JSON where it is one."""
    return int(number) if number.isdigit() and number[0] != "0" else number


def _address(country: str | None, locality: str | None) -> Mapping[str, object]:
    """Return an address."""
    address = {"countryCode": country, "addressLocality": locality}
    return {"address": {key: value for key, value in address.items() if value}}


def _shipment(view: View) -> dict[str, object]:
    """Return a shipment."""
    journey = view.journey
    scans = [scan for scan in view.scans if scan.kind in _WORDS]
    service = journey.service or ("express" if view.number.isdigit() else "parcel-de")
    events = [_event(scan, service) for scan in reversed(scans)]
    details: dict[str, object] = {
        "carrier": {"@type": "Organization", "organizationName": service.upper()},
        "product": {"productName": "UNKNOWN - Product unknown"},
        "totalNumberOfPieces": 1,
        "pieceIds": [f"JD0146{int(crc32(view.number.encode())):014d}"],
        "weight": {"value": 1.2, "unitText": "kg"},
        "references": {"number": view.number, "type": "customer-reference"},
    }
    if scans and scans[-1].kind in {Kind.DELIVERED, Kind.COLLECTED}:
        details["proofOfDelivery"] = {
            "timestamp": events[0]["timestamp"],
            "signed": {"@type": "Person", "name": journey.signed_by or ""},
        }
    shipment: dict[str, object] = {
        "id": _id(view.number),
        "service": service,
        "origin": _address(journey.origin, None),
        "destination": _address(journey.destination, journey.town),
        "status": events[0] if events else {},
        "serviceUrl": f"http://www.dhl.com/en/tracking.html?AWB={view.number}",
        "details": details,
        "events": events,
    }
    if view.estimate is not None:
        starts, ends = (f"{edge:%Y-%m-%dT%H:%M:%SZ}" for edge in view.estimate)
        shipment["estimatedTimeOfDelivery"] = ends
        shipment["estimatedDeliveryTimeFrame"] = {
            "estimatedFrom": starts,
            "estimatedThrough": ends,
        }
        shipment["estimatedTimeOfDeliveryRemark"] = "By End of Day"
    return shipment


def _event(scan: Scan, service: str) -> dict[str, object]:
    """Return one event."""
    code, status, description = _WORDS[scan.kind]
    if description.endswith((" at", " in")):
        description = f"{description} {(scan.place or 'FACILITY').upper()}"
    event: dict[str, object] = {
        "timestamp": _timestamp(scan, service),
        "location": _address(scan.country, scan.place),
        "statusCode": scan.code or code,
        "status": status,
        "description": scan.words or description,
    }
    if (said := _REMARKS.get(scan.kind)) is not None:
        event["remark"], event["nextSteps"] = said
    return event


def _timestamp(scan: Scan, service: str) -> str:
    """Return a time: Express never names an offset, the parcel services do."""
    written = scan.local_time.isoformat()
    if service == "express" or scan.zone is not Zone.TOLD:
        return written
    hours, minutes = divmod(round(abs(scan.utc_offset) * 60), 60)
    return f"{written}{'-' if scan.utc_offset < 0 else '+'}{hours:02d}:{minutes:02d}"


def _stranger(number: str) -> dict[str, object]:
    """Return somebody else's delivered shipment."""
    event: dict[str, object] = {
        "timestamp": "2026-02-06T15:25:17",
        "location": _address("BE", "ANTWERP"),
        "statusCode": "delivered",
        "status": "DELIVERED",
        "description": "Delivered",
    }
    return {
        "id": _id(number),
        "service": "parcel-nl",
        "origin": _address("NL", None),
        "destination": _address("BE", None),
        "status": event,
        "details": {},
        "events": [event],
    }
