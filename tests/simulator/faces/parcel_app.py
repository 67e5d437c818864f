"""Parcel's API: one feed for the whole account, and deliveries added to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final, override

from ..journeys import Kind, Stage, Zone
from ..meters import Daily, Window
from ..playing import Scan, View
from .base import HTML, Call, Face, Look, Reply, Terms

_FEED: Final = "/external/deliveries/"
_ADD: Final = "/external/add-delivery/"
_READS: Final = 20
_READS_IN: Final = timedelta(hours=1)
_ADDITIONS: Final = 20

CARRIER_CODES: Final[Mapping[str, str]] = {
    "cainiao": "aliex",
    "canada_post": "cp",
    "china_post": "china",
    "deutsche_post": "dp",
    "dhl": "dhl",
    "fedex": "fedex",
    "la_poste": "lp",
    "royal_mail": "rm",
    "ups": "ups",
    "usps": "usps",
    "yanwen": "yanwen",
}
"""Parcel's own codes, as in its list of supported carriers."""
_PLACEHOLDER: Final = "pholder"

_STATUS_CODES: Final[Mapping[Stage, int]] = {
    Stage.DELIVERED: 0,
    Stage.EXPIRED: 1,
    Stage.READY_FOR_PICKUP: 3,
    Stage.OUT_FOR_DELIVERY: 4,
    Stage.DELIVERY_FAILED: 6,
    Stage.EXCEPTION: 7,
    Stage.INFO_RECEIVED: 8,
}
"""Everything else is in transit, a return among it: 2."""
_IN_TRANSIT: Final = 2
_NOT_FOUND: Final = 5

_WORDS: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.ORDERED: ("Order received", ""),
    Kind.LABEL_MADE: ("Shipment information received", ""),
    Kind.PACKED: ("Package ready for shipping", ""),
    Kind.PICKED_UP: ("Package picked up", ""),
    Kind.AT_WAREHOUSE: ("Arrived at warehouse", ""),
    Kind.LEFT_WAREHOUSE: ("Departed from warehouse", ""),
    Kind.AT_SORTING: ("Arrived at Sorting Facility", ""),
    Kind.LEFT_SORTING: ("Departure Scan", ""),
    Kind.ON_THE_WAY: ("In transit", ""),
    Kind.EXPORT_STARTED: ("Export customs clearance started", ""),
    Kind.EXPORT_CLEARED: ("Export customs clearance complete", ""),
    Kind.WITH_AIRLINE: ("Handed over to airline", ""),
    Kind.DEPARTED: ("Departed country of origin", ""),
    Kind.ARRIVED: ("Arrived in destination country", ""),
    Kind.ANNOUNCED: ("Delivery company informed", ""),
    Kind.AT_CUSTOMS: ("Arrived at customs", ""),
    Kind.IMPORT_STARTED: ("Import customs clearance started", ""),
    Kind.CUSTOMS_WAIT: ("Awaiting customs clearance", ""),
    Kind.CUSTOMS_HELD: ("Held by customs", "Duties must be paid by the recipient"),
    Kind.IMPORT_CLEARED: ("Import customs clearance completed", ""),
    Kind.LEFT_CUSTOMS: ("Released by customs", ""),
    Kind.WITH_LOCAL_CARRIER: ("Received by local delivery company", ""),
    Kind.AT_HUB: ("Arrived at Hub", ""),
    Kind.LEFT_HUB: ("Departed from Hub", ""),
    Kind.AT_DEPOT: ("At delivery depot", ""),
    Kind.OUT_FOR_DELIVERY: ("Out for Delivery", ""),
    Kind.ATTEMPT_FAILED: ("Delivery attempted", "Nobody at home"),
    Kind.AT_PICKUP_POINT: ("Ready for pickup", ""),
    Kind.PICKUP_NOTICE: ("Ready for pickup", "Reminder sent"),
    Kind.STATION_SIGNED: ("Arrived at pickup point", ""),
    Kind.LEFT_IN_LOCKER: ("Delivered to parcel locker", ""),
    Kind.DELIVERED: ("Delivered", ""),
    Kind.COLLECTED: ("Picked up by the recipient", ""),
    Kind.REFUSED: ("Refused by recipient", ""),
    Kind.RETURNING: ("Returned to sender", ""),
    Kind.RETURNED: ("Delivered to the sender", ""),
    Kind.LOST: ("Package declared lost", ""),
    Kind.DAMAGED: ("Package damaged", ""),
}
"""What an event says, and what it says in addition."""

_DATES: Final[Mapping[str, str]] = {
    "usps": "%B %d, %Y %I:%M %p",
    "ups": "%A, %B %d, %Y %I:%M %p",
    "deutsche_post": "%d.%m.%Y %H:%M",
}
"""Carriers write dates in many ways; most in the way of ISO 8601."""


@dataclass(kw_only=True, slots=True)
class Delivery:
    """A delivery in the account."""

    number: str
    code: str
    description: str
    readable_from: datetime


class ParcelAppFace(Face):
    """``GET /external/deliveries/`` and ``POST /external/add-delivery/``."""

    provider: ClassVar[str] = "parcel_app"
    routes: ClassVar[tuple[tuple[str, str], ...]] = (("GET", _FEED), ("POST", _ADD))

    def __init__(self, terms: Terms) -> None:
        """Begin with an empty account.

        ``settling`` is how long a new delivery has no data; a pace shortens it.
        """
        super().__init__(terms)
        self.deliveries: dict[str, Delivery] = {}
        self.settling = timedelta(minutes=3)
        self.reads = Window(_READS, _READS_IN, pace=terms.pace)
        self.additions = Daily(_ADDITIONS, pace=terms.pace)

    def preregister(
        self, number: str, carrier: str = "usps", name: str | None = None
    ) -> Delivery:
        """Put a number into the account as if it had been done in the app."""
        known = Delivery(
            number=number,
            code=CARRIER_CODES.get(carrier, carrier),
            description=name or number,
            readable_from=self.terms.now(),
        )
        self.deliveries[number] = known
        return known

    def forget(self, number: str) -> None:
        """Delete a number as if it had been done in the app."""
        self.deliveries.pop(number, None)

    @override
    def numbers(self, call: Call) -> tuple[str, ...]:
        """Return the number added, or all that the feed tells of."""
        if call.path == _ADD:
            body = call.body if isinstance(call.body, dict) else {}
            return (str(body.get("tracking_number", "")),)
        return tuple(self.deliveries)

    @override
    def answer(self, call: Call, look: Look) -> Reply:
        """Return the feed, or what came of an addition."""
        if call.headers.get("api-key") not in self.terms.keys:
            return self.rejected()
        now = self.terms.now()
        meter = self.additions if call.path == _ADD else self.reads
        if self.terms.limits and not meter.admits(now):
            return self.spent(call)
        if call.path == _ADD:
            return self._add(call.body)
        mode = call.query.get("filter_mode", "recent")
        if mode not in {"active", "recent"}:
            return _failure("Unknown filter mode.")
        deliveries = [self._told(known, look) for known in self.deliveries.values()]
        if mode == "active":
            deliveries = [told for told in deliveries if told["status_code"] != 0]
        if look.stranger is not None:
            deliveries.insert(0, _stranger(look.stranger))
        return Reply({"success": True, "deliveries": deliveries})

    def _add(self, body: object) -> Reply:
        asked = body if isinstance(body, dict) else {}
        number, code, description = (
            asked.get(field)
            for field in ("tracking_number", "carrier_code", "description")
        )
        if not (isinstance(number, str) and isinstance(code, str) and description):
            return _failure("Required parameters are missing.")
        if number in self.deliveries:
            return _failure("You have already added this delivery to the app")
        if code not in {*CARRIER_CODES.values(), _PLACEHOLDER}:
            return _failure("Carrier code is invalid.")
        self.deliveries[number] = Delivery(
            number=number,
            code=code,
            description=str(description),
            readable_from=self.terms.now() + self.settling / self.terms.pace,
        )
        return Reply({"success": True})

    def _told(self, known: Delivery, look: Look) -> dict[str, object]:
        """Return a delivery of the feed."""
        view = look(known.number)
        told: dict[str, object] = {
            "carrier_code": known.code,
            "description": known.description,
            "status_code": _NOT_FOUND,
            "tracking_number": known.number if view is None else view.number,
            "events": [],
        }
        if view is None or self.terms.now() < known.readable_from:
            return told
        scans = [scan for scan in view.scans if scan.kind in _WORDS]
        if view.last is not None:
            told["status_code"] = _STATUS_CODES.get(view.last.kind.stage, _IN_TRANSIT)
            if view.last.kind is Kind.RETURNED:
                told["status_code"] = _STATUS_CODES[Stage.DELIVERED]
        told["events"] = [_event(scan, view) for scan in reversed(scans)]
        if view.estimate is not None:
            for part, edge in zip(("", "_end"), view.estimate, strict=True):
                told[f"date_expected{part}"] = f"{edge:%Y-%m-%d %H:%M:%S}"
                told[f"timestamp_expected{part}"] = int(edge.timestamp())
        return told

    @override
    def walled(self) -> Reply:
        """Return what the servers in front tell a robot."""
        return Reply("<html><body>Access denied</body></html>", 403, HTML)

    @override
    def spent(self, call: Call) -> Reply:
        """Return what more than 20 requests get."""
        return _failure("Rate limit exceeded.", 429)

    @override
    def rejected(self) -> Reply:
        """Return what a wrong key gets."""
        return _failure("Invalid API key.", 401)

    @override
    def state(self) -> Mapping[str, object]:
        """Return what is followed."""
        return {"deliveries": sorted(self.deliveries)}


def _failure(message: str, status: int = 400) -> Reply:
    return Reply({"success": False, "error_message": message}, status)


def _event(scan: Scan, view: View) -> dict[str, object]:
    """Return one event; its date bears no zone that says anything."""
    words, additional = _WORDS[scan.kind]
    written = scan.local_time.strftime(_DATES.get(view.carrier, "%Y-%m-%d %H:%M:%S"))
    if scan.zone is Zone.TOLD and view.carrier == "usps":
        written += " EST"
    event: dict[str, object] = {"event": scan.words or words, "date": written}
    if additional and not scan.words:
        event["additional"] = additional
    if scan.place is not None:
        event["location"] = f"{scan.place}, {scan.country}"
    return event


def _stranger(number: str) -> dict[str, object]:
    """Return somebody else's delivered parcel."""
    return {
        "carrier_code": "bpost",
        "description": "Something else",
        "status_code": 0,
        "tracking_number": number,
        "events": [{"event": "Delivered", "date": "2026-02-06 15:25"}],
    }
