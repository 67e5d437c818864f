"""FedEx Track v1: up to thirty numbers a call, asked with a token."""

from collections.abc import Mapping
from datetime import datetime, timedelta
import re
from typing import ClassVar, Final, override

from ..journeys import Kind, Zone
from ..meters import Window
from ..playing import Scan, View
from .base import HTML, Call, Face, Look, Reply, Terms
from .tokens import BEARER, Tokens

_A_CALL: Final = 30
_RATE: Final = 1_400
_RATE_WINDOW: Final = timedelta(seconds=10)
_TOKEN_LIFE: Final = timedelta(seconds=3600)
_TOKENS: Final = "/oauth/token"
_NUMBER: Final = re.compile(r"[0-9]{10,34}")

WORDS: Final[Mapping[Kind, tuple[str, str, str]]] = {
    Kind.ORDERED: ("OC", "Shipment information sent to FedEx", ""),
    Kind.LABEL_MADE: ("OC", "Shipment information sent to FedEx", ""),
    Kind.PACKED: ("EP", "Enroute to pickup", ""),
    Kind.PICKED_UP: ("PU", "Picked up", ""),
    Kind.AT_WAREHOUSE: ("AR", "Arrived at FedEx location", ""),
    Kind.LEFT_WAREHOUSE: ("DP", "Left FedEx origin facility", ""),
    Kind.AT_SORTING: ("AR", "Arrived at FedEx hub", ""),
    Kind.LEFT_SORTING: ("DP", "Departed FedEx hub", ""),
    Kind.ON_THE_WAY: ("IT", "In transit", ""),
    Kind.EXPORT_STARTED: ("IT", "In transit", "Package available for clearance"),
    Kind.EXPORT_CLEARED: ("CC", "International shipment release - Export", ""),
    Kind.WITH_AIRLINE: ("PF", "Plane in flight", ""),
    Kind.DEPARTED: ("DP", "Departed FedEx location", ""),
    Kind.ARRIVED: ("AR", "At destination sort facility", ""),
    Kind.ANNOUNCED: ("IT", "In transit", ""),
    Kind.AT_CUSTOMS: ("CP", "Clearance in progress", ""),
    Kind.IMPORT_STARTED: ("CP", "Clearance in progress", ""),
    Kind.CUSTOMS_WAIT: ("CD", "Clearance delay - Import", ""),
    Kind.CUSTOMS_HELD: (
        "CD",
        "Clearance delay - Import",
        "Consignee must pay duties and taxes",
    ),
    Kind.IMPORT_CLEARED: ("CC", "International shipment release - Import", ""),
    Kind.LEFT_CUSTOMS: ("CC", "International shipment release - Import", ""),
    Kind.WITH_LOCAL_CARRIER: ("AX", "Tendered to the U.S. Postal Service", ""),
    Kind.AT_HUB: ("AR", "Arrived at FedEx hub", ""),
    Kind.LEFT_HUB: ("DP", "Departed FedEx hub", ""),
    Kind.AT_DEPOT: ("AR", "At local FedEx facility", ""),
    Kind.OUT_FOR_DELIVERY: ("OD", "On FedEx vehicle for delivery", ""),
    Kind.ATTEMPT_FAILED: (
        "DE",
        "Delivery exception",
        "Customer not available or business closed",
    ),
    Kind.AT_PICKUP_POINT: ("HL", "Ready for recipient pickup", ""),
    Kind.PICKUP_NOTICE: ("HP", "Ready for recipient pickup", ""),
    Kind.STATION_SIGNED: ("HL", "Ready for recipient pickup", ""),
    Kind.LEFT_IN_LOCKER: ("DL", "Delivered", "Package delivered to locker"),
    Kind.DELIVERED: ("DL", "Delivered", ""),
    Kind.COLLECTED: ("DL", "Delivered", "Package picked up by recipient"),
    Kind.REFUSED: ("SE", "Shipment exception", "Shipment refused by recipient"),
    Kind.RETURNING: ("RS", "Returning package to shipper", ""),
    Kind.RETURNED: ("DL", "Delivered", "Package returned to shipper"),
    Kind.LOST: ("SE", "Shipment exception", "Unable to locate shipment"),
    Kind.DAMAGED: ("SE", "Shipment exception", "Package was damaged"),
}
"""Code, description, and what was out of the ordinary."""

_DERIVED: Final = {
    # What the page shows for a code, where it is another.
    "OC": "IN",
    "EP": "IN",
    "AR": "IT",
    "DP": "IT",
    "PF": "IT",
    "AX": "IT",
    "CP": "IT",
    "CD": "SE",
    "CC": "IT",
    "HL": "HP",
}


class FedexFace(Face):
    """``POST /track/v1/trackingnumbers``."""

    provider: ClassVar[str] = "fedex"
    routes: ClassVar[tuple[tuple[str, str], ...]] = (
        ("POST", _TOKENS),
        ("POST", "/track/v1/trackingnumbers"),
    )

    def __init__(self, terms: Terms) -> None:
        """Begin without a token."""
        super().__init__(terms)
        self.tokens = Tokens(terms.now, _TOKEN_LIFE)
        self._window = Window(_RATE, _RATE_WINDOW, pace=terms.pace)
        self._transactions = 0

    @override
    def numbers(self, call: Call) -> tuple[str, ...]:
        """Return the numbers asked about."""
        infos = _list(_object(call.body).get("trackingInfo"))
        asked = (_object(_object(info).get("trackingNumberInfo")) for info in infos)
        numbers = (info.get("trackingNumber") for info in asked)
        return tuple(str(number) for number in numbers if number)

    @override
    def answer(self, call: Call, look: Look) -> Reply:
        """Return a token, or what is known of each number."""
        if self.terms.limits and not self._window.admits(self.terms.now()):
            return self.spent(call)
        if call.path == _TOKENS:
            return self._token(call)
        if not self.tokens.admits(call.headers):
            return self.rejected()
        numbers = self.numbers(call)
        if not numbers:
            return self._error(
                400, "TRACKING.TRACKINGNUMBER.EMPTY", "Please provide tracking number."
            )
        if len(numbers) > _A_CALL:
            return self._error(
                400,
                "TRACKING.TRACKINGNUMBERS.MAXLIMIT",
                "Please limit your inquiry to 30 tracking numbers.",
            )
        results = [_complete(number, look(number)) for number in numbers]
        if look.stranger is not None:
            results.insert(0, _stranger(look.stranger))
        return Reply(
            {
                "transactionId": self._transaction(),
                "output": {"completeTrackResults": results},
            }
        )

    @override
    def walled(self) -> Reply:
        """Return what its edge servers tell a robot."""
        page = "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY></BODY></HTML>"
        return Reply(page, 403, HTML)

    @override
    def spent(self, call: Call) -> Reply:
        """Return what a call gets that comes too soon."""
        return self._error(
            429,
            "TOO.MANY.REQUESTS",
            "We have received too many requests in a short duration.",
        )

    @override
    def rejected(self) -> Reply:
        """Return what a wrong key gets, and a token that has ended."""
        return self._error(
            401, "NOT.AUTHORIZED.ERROR", "Access token expired. Please modify."
        )

    @override
    def state(self) -> Mapping[str, object]:
        """Return the count of tokens."""
        return {"tokens_given": self.tokens.given}

    def _token(self, call: Call) -> Reply:
        form = call.form
        key = f"{form.get('client_id')}:{form.get('client_secret')}"
        if key not in self.terms.keys or form.get("grant_type") != "client_credentials":
            return self._error(
                401,
                "NOT.AUTHORIZED.ERROR",
                "The given client credentials were not valid.",
            )
        return Reply(
            {
                "access_token": self.tokens.give(),
                "token_type": BEARER.lower(),
                "expires_in": round(self.tokens.life.total_seconds()),
                "scope": "CXS",
            }
        )

    def _transaction(self) -> str:
        """Return the id of an answer: no two have the same."""
        self._transactions += 1
        return f"00000000-0000-4000-8000-{self._transactions:012d}"

    def _error(self, status: int, code: str, message: str) -> Reply:
        return Reply(
            {
                "transactionId": self._transaction(),
                "errors": [{"code": code, "message": message}],
            },
            status,
        )


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _complete(number: str, view: View | None) -> dict[str, object]:
    """Return what is told of one number."""
    told = number if view is None else view.number
    if not _NUMBER.fullmatch(number):
        result = _failure(number, "INVALID", "Please provide a valid tracking number.")
    elif view is None or (view.last is None and not view.emptied):
        result = _failure(number, "NOTFOUND", "Tracking number cannot be found.")
    else:
        result = _result(view)
    return {"trackingNumber": told, "trackResults": [result]}


def _failure(number: str, kind: str, message: str) -> dict[str, object]:
    return {
        "trackingNumberInfo": {
            "trackingNumber": number,
            "trackingNumberUniqueId": "",
            "carrierCode": "",
        },
        "error": {"code": f"TRACKING.TRACKINGNUMBER.{kind}", "message": message},
    }


def _result(view: View) -> dict[str, object]:
    """Return a shipment."""
    journey = view.journey
    scans = [scan for scan in view.scans if scan.kind in WORDS]
    events = [_event(scan) for scan in reversed(scans)]
    result: dict[str, object] = {
        "trackingNumberInfo": {
            "trackingNumber": view.number,
            "carrierCode": "FDXE",
            "trackingNumberUniqueId": f"2461113000~{view.number}~FX",
        },
        "additionalTrackingInfo": {
            "hasAssociatedShipments": False,
            "packageIdentifiers": [],
        },
        "shipperInformation": {"address": _address(journey.origin, None)},
        "recipientInformation": {"address": _address(journey.destination, None)},
        "originLocation": _location(journey.origin, None),
        "destinationLocation": _location(journey.destination, journey.town),
        "dateAndTimes": [],
        "scanEvents": events,
        "estimatedDeliveryTimeWindow": {"window": {}},
        "standardTransitTimeWindow": {"window": {}},
    }
    if scans:
        newest = events[0]
        result["latestStatusDetail"] = {
            "code": newest["eventType"],
            "derivedCode": newest["derivedStatusCode"],
            "statusByLocale": newest["eventDescription"],
            "description": newest["eventDescription"],
            "scanLocation": newest["scanLocation"],
        }
        if scans[-1].kind in {Kind.AT_PICKUP_POINT, Kind.STATION_SIGNED}:
            held = _location(journey.destination, scans[-1].place)
            result["holdAtLocation"] = held
        if scans[-1].kind in {Kind.DELIVERED, Kind.COLLECTED}:
            signed = journey.signed_by or "Signature not required"
            result["deliveryDetails"] = {"receivedByName": signed}
    if view.estimate is not None:
        begins, ends = (edge.isoformat() for edge in view.estimate)
        window = {"begins": begins, "ends": ends}
        result["estimatedDeliveryTimeWindow"] = {"window": window}
    if view.handoff is not None:
        result["additionalTrackingInfo"] = {
            "hasAssociatedShipments": True,
            "packageIdentifiers": [
                {"type": "PARTNER_CARRIER_NUMBER", "values": [view.handoff.number]}
            ],
        }
    return result


def _address(country: str | None, city: str | None) -> dict[str, object]:
    return {"city": city or "", "countryCode": country or "", "residential": False}


def _location(country: str | None, city: str | None) -> dict[str, object]:
    return {"locationContactAndAddress": {"address": _address(country, city)}}


def _event(scan: Scan) -> dict[str, object]:
    """Return one scan."""
    code, description, exception = WORDS[scan.kind]
    code = scan.code or code
    return {
        "date": _date(scan),
        "eventType": code,
        "eventDescription": scan.words or description,
        "exceptionCode": "",
        "exceptionDescription": exception,
        "scanLocation": _address(scan.country, scan.place),
        "derivedStatusCode": _DERIVED.get(code, code),
    }


def _date(scan: Scan) -> str:
    """Return a time with the offset of the place, unless that is not told."""
    written = scan.local_time.isoformat()
    if scan.zone is not Zone.TOLD:
        return written
    hours, minutes = divmod(round(abs(scan.utc_offset) * 60), 60)
    return f"{written}{'-' if scan.utc_offset < 0 else '+'}{hours:02d}:{minutes:02d}"


def _stranger(number: str) -> dict[str, object]:
    """Return somebody else's delivered shipment."""
    return {
        "trackingNumber": number,
        "trackResults": [
            {
                "trackingNumberInfo": {"trackingNumber": number},
                "scanEvents": [
                    {
                        "date": datetime(2026, 2, 6, 15, 25).isoformat(),
                        "eventType": "DL",
                        "eventDescription": "Delivered",
                    }
                ],
            }
        ],
    }
