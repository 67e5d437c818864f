"""UPS Tracking v1: one number a call, asked with a token."""

from base64 import b64decode
from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, Final, override

from ..journeys import Kind, Zone
from ..playing import Scan, View
from .base import HTML, Call, Face, Look, Reply, Terms
from .tokens import BEARER, Tokens

_TOKEN_LIFE: Final = timedelta(seconds=14_399)
_TOKENS: Final = "/security/v1/oauth/token"
_DETAILS: Final = "/api/track/v1/details/"
_LENGTHS: Final = range(7, 35)

WORDS: Final[Mapping[Kind, tuple[str, str, str, str]]] = {
    Kind.ORDERED: ("M", "MP", "003", "Order Processed: Ready for UPS"),
    Kind.LABEL_MADE: (
        "M",
        "MP",
        "003",
        "Shipper created a label, UPS has not received the package yet. ",
    ),
    Kind.PACKED: ("M", "MP", "003", "Order Processed: Ready for UPS"),
    Kind.PICKED_UP: ("P", "PU", "038", "Pickup Scan"),
    Kind.AT_WAREHOUSE: ("I", "OR", "005", "Origin Scan"),
    Kind.LEFT_WAREHOUSE: ("I", "DP", "005", "Departed from Facility"),
    Kind.AT_SORTING: ("I", "AR", "005", "Arrived at Facility"),
    Kind.LEFT_SORTING: ("I", "DP", "005", "Departed from Facility"),
    Kind.ON_THE_WAY: ("I", "IT", "005", "In Transit"),
    Kind.EXPORT_STARTED: ("I", "EP", "005", "Export Scan"),
    Kind.EXPORT_CLEARED: ("I", "EP", "005", "Export Scan"),
    Kind.WITH_AIRLINE: ("I", "DP", "005", "Departed from Facility"),
    Kind.DEPARTED: ("I", "DP", "005", "Departed from Facility"),
    Kind.ARRIVED: ("I", "AR", "005", "Arrived at Facility"),
    Kind.ANNOUNCED: ("I", "IT", "005", "In Transit"),
    Kind.AT_CUSTOMS: ("I", "IP", "012", "Import Scan"),
    Kind.IMPORT_STARTED: ("I", "IP", "012", "Import Scan"),
    Kind.CUSTOMS_WAIT: ("X", "DJ", "012", "Your package is awaiting clearance."),
    Kind.CUSTOMS_HELD: (
        "X",
        "DJ",
        "058",
        "We need more information to clear your package.",
    ),
    Kind.IMPORT_CLEARED: (
        "X",
        "SR",
        "014",
        "Your package was released by the customs agency.",
    ),
    Kind.LEFT_CUSTOMS: (
        "I",
        "VK",
        "005",
        "Your parcel was released by the customs agency.",
    ),
    Kind.WITH_LOCAL_CARRIER: (
        "I",
        "ZW",
        "025",
        "Package transferred to post office",
    ),
    Kind.AT_HUB: ("I", "AR", "005", "Arrived at Facility"),
    Kind.LEFT_HUB: ("I", "DP", "005", "Departed from Facility"),
    Kind.AT_DEPOT: ("I", "DS", "005", "Processing at UPS Facility"),
    Kind.OUT_FOR_DELIVERY: ("I", "OT", "021", "Out For Delivery Today"),
    Kind.ATTEMPT_FAILED: (
        "X",
        "48",
        "022",
        "The receiver was not available at the time of the first delivery attempt.",
    ),
    Kind.AT_PICKUP_POINT: ("D", "2Q", "040", "Delivered to UPS Access Point™ "),
    Kind.PICKUP_NOTICE: (
        "X",
        "5G",
        "040",
        "The package remains at the UPS Access Point™ location.",
    ),
    Kind.STATION_SIGNED: ("D", "ZP", "040", "UPS Access Point™ possession "),
    Kind.LEFT_IN_LOCKER: ("D", "2Q", "040", "Delivered to UPS Access Point™ "),
    Kind.DELIVERED: ("D", "KB", "011", "DELIVERED "),
    Kind.COLLECTED: ("D", "2W", "011", "DELIVERED "),
    Kind.REFUSED: (
        "X",
        "KR",
        "013",
        "The receiver does not want the product and refused the delivery.",
    ),
    Kind.RETURNING: (
        "X",
        "UF",
        "035",
        "We're in the process of returning this package to the sender.",
    ),
    Kind.RETURNED: ("RS", "RS", "034", "Returned to Sender"),
    Kind.LOST: (
        "X",
        "UP",
        "013",
        "We've begun an investigation to locate the package.",
    ),
    Kind.DAMAGED: ("X", "DM", "013", "The package was damaged."),
}
"""Type, code, number, description."""


class UpsFace(Face):
    """``GET /api/track/v1/details/{number}``."""

    provider: ClassVar[str] = "ups"
    routes: ClassVar[tuple[tuple[str, str], ...]] = (
        ("POST", _TOKENS),
        ("GET", _DETAILS + "{number}"),
    )

    def __init__(self, terms: Terms) -> None:
        """Begin without a token."""
        super().__init__(terms)
        self.tokens = Tokens(terms.now, _TOKEN_LIFE)

    @override
    def numbers(self, call: Call) -> tuple[str, ...]:
        """Return the number asked about."""
        if not call.path.startswith(_DETAILS):
            return ()
        return (call.path.removeprefix(_DETAILS),)

    @override
    def answer(self, call: Call, look: Look) -> Reply:
        """Return a token, or the package."""
        if call.path == _TOKENS:
            return self._token(call)
        if not self.tokens.admits(call.headers):
            return _error(401, "250002", "Invalid Authentication Information.")
        if not (call.headers.get("transId") and call.headers.get("transactionSrc")):
            return _error(400, "TV0009", "Missing transId.")
        (number,) = self.numbers(call)
        if len(number) not in _LENGTHS:
            return _error(400, "TV1002", "Invalid inquiry number")
        view = look(number)
        shipments = [_shipment(number, view)]
        if look.stranger is not None:
            shipments.insert(0, _stranger(look.stranger))
        return Reply({"trackResponse": {"shipment": shipments}})

    @override
    def walled(self) -> Reply:
        """Return what its edge servers tell a robot."""
        page = "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY></BODY></HTML>"
        return Reply(page, 403, HTML)

    @override
    def spent(self, call: Call) -> Reply:
        """Return what a call gets that comes too soon."""
        return Reply({"code": "10429", "message": "Too Many Requests"}, 429)

    @override
    def rejected(self) -> Reply:
        """Return what a wrong key gets."""
        return _error(401, "250003", "Invalid Access License number")

    @override
    def state(self) -> Mapping[str, object]:
        """Return the count of tokens."""
        return {"tokens_given": self.tokens.given}

    def _token(self, call: Call) -> Reply:
        scheme, _, login = call.headers.get("Authorization", "").partition(" ")
        try:
            key = b64decode(login).decode()
        except ValueError:
            key = ""
        granted = call.form.get("grant_type") == "client_credentials"
        if scheme != "Basic" or key not in self.terms.keys or not granted:
            return _error(401, "10401", "ClientId is Invalid")
        return Reply(
            {
                "token_type": BEARER,
                "issued_at": "1762084800000",
                "client_id": key.partition(":")[0],
                "access_token": self.tokens.give(),
                "expires_in": str(round(self.tokens.life.total_seconds())),
                "status": "approved",
            }
        )


def _error(status: int, code: str, message: str) -> Reply:
    error = {"code": code, "message": message}
    return Reply({"response": {"errors": [error]}}, status)


def _shipment(number: str, view: View | None) -> dict[str, object]:
    """Return the shipment that a number belongs to."""
    if view is None or (view.last is None and not view.emptied):
        warning = {"code": "TW0001", "message": "Tracking Information Not Found"}
        return {"inquiryNumber": number, "warnings": [warning]}
    return {"inquiryNumber": view.number, "package": [_package(view)]}


def _package(view: View) -> dict[str, object]:
    """Return a package."""
    journey = view.journey
    scans = [scan for scan in view.scans if scan.kind in WORDS]
    activities = [_activity(scan) for scan in reversed(scans)]
    package: dict[str, object] = {
        "trackingNumber": view.number,
        "activity": activities,
        "deliveryDate": [],
        "packageAddress": [
            {"type": kind, "address": _address(country, town)}
            for kind, country, town in (
                ("ORIGIN", journey.origin, None),
                ("DESTINATION", journey.destination, journey.town),
            )
        ],
        "packageCount": 1,
        "milestones": [],
    }
    if activities:
        package["currentStatus"] = activities[0]["status"]
    if view.estimate is not None:
        starts, ends = view.estimate
        package["deliveryDate"] = [{"type": "SDD", "date": f"{ends:%Y%m%d}"}]
        package["deliveryTime"] = {
            "type": "EDW",
            "startTime": f"{starts:%H%M%S}",
            "endTime": f"{ends:%H%M%S}",
        }
    if scans and scans[-1].kind in {Kind.DELIVERED, Kind.COLLECTED}:
        scan = scans[-1]
        package["deliveryDate"] = [{"type": "DEL", "date": f"{scan.local_time:%Y%m%d}"}]
        package["deliveryTime"] = {
            "type": "DEL",
            "endTime": f"{scan.local_time:%H%M%S}",
        }
        package["deliveryInformation"] = {"receivedBy": journey.signed_by or ""}
    if view.handoff is not None and view.handoff.carrier == "usps":
        package["alternateTrackingNumber"] = [
            {"type": "USPS_PIC", "number": view.handoff.number}
        ]
    return package


def _address(country: str | None, city: str | None) -> dict[str, object]:
    return {"city": city or "", "countryCode": country or "", "country": country or ""}


def _activity(scan: Scan) -> dict[str, object]:
    """Return one activity; the hours of GMT have no zero in front."""
    kind, code, number, description = WORDS[scan.kind]
    activity: dict[str, object] = {
        "date": f"{scan.local_time:%Y%m%d}",
        "time": f"{scan.local_time:%H%M%S}",
        "location": {"address": _address(scan.country, scan.place), "slic": ""},
        "status": {
            "type": kind,
            "code": scan.code or code,
            "statusCode": number,
            "description": scan.words or description,
        },
    }
    if scan.zone is Zone.TOLD:
        hours, minutes = divmod(round(abs(scan.utc_offset) * 60), 60)
        sign = "-" if scan.utc_offset < 0 else "+"
        activity |= {
            "gmtDate": f"{scan.time:%Y%m%d}",
            "gmtTime": f"{scan.time:%H%M%S}".lstrip("0") or "0",
            "gmtOffset": f"{sign}{hours:02d}:{minutes:02d}",
        }
    return activity


def _stranger(number: str) -> dict[str, object]:
    """Return somebody else's delivered shipment."""
    status = {
        "type": "D",
        "code": "KB",
        "statusCode": "011",
        "description": "DELIVERED",
    }
    activity = {"date": "20260206", "time": "152517", "status": status}
    package = {"trackingNumber": number, "activity": [activity]}
    return {"inquiryNumber": number, "package": [package]}
