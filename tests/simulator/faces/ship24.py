"""Ship24's API: a tracker is made for each number, then read for free."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, override
from urllib.parse import unquote
from zlib import crc32

from ..journeys import Kind, Stage, Zone
from ..meters import Window
from ..playing import Scan, View
from .base import HTML, Call, Face, Look, Reply, Terms

_TRACKERS: Final = "/public/v1/trackers"
_SEARCH: Final = "/public/v1/trackers/search/"
_RATE: Final = 10
_A_SECOND: Final = timedelta(seconds=1)
_PAGE: Final = 500

COURIERS: Final[Mapping[str, str]] = {
    "cainiao": "cainiao",
    "canada_post": "ca-post",
    "china_post": "cn-post",
    "dhl": "dhl",
    "fedex": "fedex",
    "la_poste": "fr-post",
    "royal_mail": "gb-post",
    "ups": "ups",
    "usps": "us-post",
    "yanwen": "yanwen",
}
"""Ship24's codes of couriers."""

_STATUSES: Final[Mapping[Kind, tuple[str | None, str, str]]] = {
    Kind.ORDERED: ("data_order_created", "info_received", "Order created"),
    Kind.LABEL_MADE: ("data_order_created", "info_received", "Label created"),
    Kind.PACKED: (None, "info_received", "Package prepared by the sender"),
    Kind.PICKED_UP: ("transit_handover", "in_transit", "Picked up by courier"),
    Kind.AT_WAREHOUSE: (None, "in_transit", "Arrived at warehouse"),
    Kind.LEFT_WAREHOUSE: (None, "in_transit", "Departed from warehouse"),
    Kind.AT_SORTING: (None, "in_transit", "Arrived at sorting center"),
    Kind.LEFT_SORTING: (None, "in_transit", "Departed from sorting center"),
    Kind.ON_THE_WAY: (None, "in_transit", "In transit"),
    Kind.EXPORT_STARTED: ("customs_received", "in_transit", "Export customs started"),
    Kind.EXPORT_CLEARED: ("customs_cleared", "in_transit", "Export customs cleared"),
    Kind.WITH_AIRLINE: (None, "in_transit", "Handed over to airline"),
    Kind.DEPARTED: (
        "transit_origin_country_departure",
        "in_transit",
        "Departed from country of origin",
    ),
    Kind.ARRIVED: ("destination_arrival", "in_transit", "Arrived in destination"),
    Kind.ANNOUNCED: (None, "in_transit", "Local courier informed"),
    Kind.AT_CUSTOMS: ("customs_received", "in_transit", "Arrived at customs"),
    Kind.IMPORT_STARTED: ("customs_received", "in_transit", "Presented to customs"),
    Kind.CUSTOMS_WAIT: ("customs_exception", "in_transit", "Clearance delay"),
    Kind.CUSTOMS_HELD: (
        "customs_exception",
        "in_transit",
        "Held by customs. Duties must be paid",
    ),
    Kind.IMPORT_CLEARED: ("customs_cleared", "in_transit", "Released by customs"),
    Kind.LEFT_CUSTOMS: ("customs_cleared", "in_transit", "Departed from customs"),
    Kind.WITH_LOCAL_CARRIER: (None, "in_transit", "Accepted by local courier"),
    Kind.AT_HUB: (None, "in_transit", "Arrived at hub"),
    Kind.LEFT_HUB: (None, "in_transit", "Departed from hub"),
    Kind.AT_DEPOT: (None, "in_transit", "Arrived at delivery office"),
    Kind.OUT_FOR_DELIVERY: (
        "delivery_out_for_delivery",
        "out_for_delivery",
        "Out for delivery",
    ),
    Kind.ATTEMPT_FAILED: ("delivery_attempted", "failed_attempt", "Nobody at home"),
    Kind.AT_PICKUP_POINT: (
        "delivery_available_for_pickup",
        "available_for_pickup",
        "Available for pickup",
    ),
    Kind.PICKUP_NOTICE: (None, "available_for_pickup", "Reminder sent"),
    Kind.STATION_SIGNED: (
        "delivery_available_for_pickup",
        "available_for_pickup",
        "Arrived at pickup point",
    ),
    Kind.LEFT_IN_LOCKER: (
        "delivery_delivered",
        "delivered",
        "Delivered to parcel locker",
    ),
    Kind.DELIVERED: ("delivery_delivered", "delivered", "Delivered"),
    Kind.COLLECTED: ("delivery_delivered", "delivered", "Collected by the recipient"),
    Kind.REFUSED: ("delivery_refused", "exception", "Refused by recipient"),
    Kind.RETURNING: ("exception_return", "exception", "Returning to sender"),
    Kind.RETURNED: ("exception_return", "exception", "Returned to sender"),
    Kind.LOST: ("exception_lost", "exception", "Declared lost"),
    Kind.DAMAGED: (None, "exception", "Damaged"),
}
"""Code, milestone and words. It has no code for a return that has arrived."""


@dataclass(kw_only=True, slots=True)
class Tracker:
    """A tracker of the account."""

    number: str
    courier: str | None
    reference: str | None
    created: datetime

    @property
    def id(self) -> str:
        """Return its id."""
        return f"{crc32(self.number.encode()):08x}-0000-4000-8000-000000000000"


class Ship24Face(Face):
    """``/public/v1/trackers``: made, listed, and searched by number."""

    provider: ClassVar[str] = "ship24"
    routes: ClassVar[tuple[tuple[str, str], ...]] = (
        ("GET", _TRACKERS),
        ("POST", _TRACKERS),
        ("POST", _TRACKERS + "/track"),
        ("GET", _SEARCH + "{number}/results"),
    )

    def __init__(self, terms: Terms) -> None:
        """Begin without a tracker.

        ``quota_total`` is how many may be made, ``settling`` how long a new one has
        no results; a pace shortens it.
        """
        super().__init__(terms)
        self.trackers: dict[str, Tracker] = {}
        self.archived: set[str] = set()
        self.quota_total = 10
        self.quota_used = 0
        self.settling = timedelta(minutes=1)
        self._rate = Window(_RATE, _A_SECOND, pace=terms.pace)

    def preregister(
        self, number: str, carrier: str = "usps", name: str | None = None
    ) -> Tracker:
        """Make a tracker as if it had been done long ago on the web site."""
        known = Tracker(
            number=number,
            courier=COURIERS.get(carrier),
            reference=name,
            created=self.terms.now() - timedelta(days=1),
        )
        self.trackers[number] = known
        self.archived.discard(number)
        return known

    def forget(self, number: str) -> None:
        """Archive a tracker as if it had been done on the web site."""
        self.archived.add(number)

    @override
    def numbers(self, call: Call) -> tuple[str, ...]:
        """Return the number asked about."""
        if call.path.startswith(_SEARCH):
            return (unquote(call.path.removeprefix(_SEARCH).removesuffix("/results")),)
        if isinstance(call.body, dict) and "trackingNumber" in call.body:
            return (str(call.body["trackingNumber"]),)
        return ()

    @override
    def answer(self, call: Call, look: Look) -> Reply:
        """Return the answer to a call of any endpoint."""
        key = call.headers.get("Authorization", "").removeprefix("Bearer ")
        if key not in self.terms.keys:
            return self.rejected()
        if self.terms.limits and not self._rate.admits(self.terms.now()):
            return Reply(
                "Too many requests, please try again later.",
                429,
                HTML,
                {"Retry-After": "1"},
            )
        if call.path.startswith(_SEARCH):
            return self._search(self.numbers(call)[0], look)
        if call.method == "POST":
            return self._create(call, look)
        return self._list(call.query)

    def _search(self, number: str, look: Look) -> Reply:
        known = self.trackers.get(number)
        trackings = [] if known is None else [self._tracking(known, look)]
        if look.stranger is not None:
            trackings.insert(0, _stranger(look.stranger))
        if not trackings:
            return _failure(404, "tracker_not_found", "Tracker not found.")
        return Reply({"data": {"trackings": trackings}})

    def _create(self, call: Call, look: Look) -> Reply:
        body: Mapping[str, Any] = call.body if isinstance(call.body, dict) else {}
        number = str(body.get("trackingNumber", ""))
        if not 5 <= len(number) <= 50 or set(number) <= {"0"}:
            return _failure(
                400, "validation_error", "The trackingNumber provided seems invalid."
            )
        known = self.trackers.get(number)
        if known is None:
            if self.quota_used >= self.quota_total:
                return self._no_quota()
            self.quota_used += 1
            known = Tracker(
                number=number,
                courier=None,
                reference=body.get("shipmentReference"),
                created=self.terms.now(),
            )
            self.trackers[number] = known
        if call.path.endswith("/track"):
            return Reply({"data": {"trackings": [self._tracking(known, look)]}})
        return Reply({"data": {"tracker": self._tracker(known)}}, 201)

    def _list(self, query: Mapping[str, str]) -> Reply:
        try:
            page, limit = int(query["page"]), int(query["limit"])
        except KeyError, ValueError:
            return _failure(400, "validation_error", "page and limit are required.")
        if page < 1 or not 1 <= limit <= _PAGE:
            return _failure(400, "validation_error", "page or limit is out of range.")
        rows = [self._tracker(known) for known in self.trackers.values()]
        return Reply({"data": {"trackers": rows[(page - 1) * limit : page * limit]}})

    def _tracker(self, known: Tracker) -> dict[str, object]:
        return {
            "trackerId": known.id,
            "trackingNumber": known.number,
            "shipmentReference": known.reference,
            "courierCode": [known.courier] if known.courier else [],
            "clientTrackerId": None,
            "isSubscribed": known.number not in self.archived,
            "isTracked": known.number not in self.archived,
            "createdAt": f"{known.created:%Y-%m-%dT%H:%M:%S.000Z}",
        }

    def _tracking(self, known: Tracker, look: Look) -> dict[str, object]:
        """Return the results of a tracker."""
        view = look(known.number)
        if self.terms.now() < known.created + self.settling / self.terms.pace:
            view = None
        tracker = self._tracker(known)
        scans: list[Scan] = []
        if view is not None:
            tracker["trackingNumber"] = view.number
            scans = [scan for scan in view.scans if scan.kind in _STATUSES]
        events = [
            _event(scan, order, view)
            for order, scan in enumerate(scans, 1)
            if view is not None
        ][::-1]
        newest = events[0] if events else {"statusMilestone": "pending"}
        return {
            "tracker": tracker,
            "shipment": _shipment(view, newest),
            "events": events,
            "statistics": {"timestamps": {}},
        }

    @override
    def message(self, number: str, look: Look) -> object:
        """Return the push of a number, which holds the newest event only."""
        tracking: dict[str, Any] = self._tracking(self.trackers[number], look)
        now = f"{self.terms.now():%Y-%m-%dT%H:%M:%S.000Z}"
        metadata = {"generatedAt": now, "messageId": self.trackers[number].id}
        newest = {**tracking, "events": tracking["events"][:1], "metadata": metadata}
        return {"trackings": [newest]}

    @override
    def proof(self, body: bytes, secret: str) -> Mapping[str, str]:
        """Return the secret of the account's webhook."""
        return {"Authorization": f"Bearer {secret}"}

    @override
    def walled(self) -> Reply:
        """Return what the servers in front tell a robot."""
        return Reply("<html><body>Access denied</body></html>", 403, HTML)

    @override
    def spent(self, call: Call) -> Reply | None:
        """Return what a new tracker gets when the quota is spent; reading is free."""
        return self._no_quota() if call.method == "POST" else None

    def _no_quota(self) -> Reply:
        return _failure(
            403, "quota_limit_reached", "No more quota left. Please update your plan."
        )

    @override
    def rejected(self) -> Reply:
        """Return what a wrong key gets."""
        return _failure(401, "auth_invalid_api_key", "The API key is invalid.")

    @override
    def state(self) -> Mapping[str, object]:
        """Return the quota and the trackers."""
        return {"quota_used": self.quota_used, "trackers": sorted(self.trackers)}


def _failure(status: int, code: str, message: str) -> Reply:
    return Reply({"errors": [{"code": code, "message": message}], "data": None}, status)


def _shipment(view: View | None, newest: Mapping[str, object]) -> dict[str, object]:
    """Return what is told of the shipment as a whole."""
    journey = None if view is None else view.journey
    starts = ends = None
    if view is not None and view.estimate is not None:
        starts, ends = (f"{edge:%Y-%m-%dT%H:%M:%SZ}" for edge in view.estimate)
    handoff = None if view is None else view.handoff
    known = [] if view is None else [view.number]
    done = view is not None and view.last and view.last.kind.stage is Stage.DELIVERED
    return {
        "shipmentId": "f4f888d7-d140-423f-9a48-e0689d27e098",
        "statusCode": newest.get("statusCode"),
        "statusCategory": newest.get("statusCategory"),
        "statusMilestone": newest["statusMilestone"],
        "originCountryCode": journey and journey.origin,
        "destinationCountryCode": journey and journey.destination,
        "trackingNumbers": [
            {"tn": number}
            for number in [*known, *([handoff.number] if handoff else [])]
        ],
        "delivery": {
            "estimatedDeliveryDate": ends,
            "courierEstimatedDeliveryDate": {"from": starts, "to": ends},
            "service": journey and journey.service,
            "signedBy": journey.signed_by if journey and done else None,
        },
        "recipient": None,
    }


def _event(scan: Scan, order: int, view: View) -> dict[str, object]:
    """Return one event; its time bears no offset unless the carrier is told to say."""
    code, milestone, words = _STATUSES[scan.kind]
    code = scan.code or code
    handoff = view.handoff
    last_mile = handoff is not None and scan.at >= handoff.at
    carrier = handoff.carrier if handoff is not None and last_mile else view.carrier
    number = handoff.number if handoff is not None and last_mile else view.number
    written = f"{scan.local_time:%Y-%m-%dT%H:%M:%S}"
    if scan.zone is Zone.TOLD and carrier == "dhl":
        hours, minutes = divmod(round(abs(scan.utc_offset) * 60), 60)
        sign = "-" if scan.utc_offset < 0 else "+"
        written += f"{sign}{hours:02d}:{minutes:02d}"
    return {
        "eventId": f"{crc32(f'{view.number}{order}'.encode()):08x}",
        "trackingNumber": view.number,
        "eventTrackingNumber": number,
        "status": scan.words or words,
        "occurrenceDatetime": written,
        "order": order,
        "location": scan.place and f"{scan.place}, {scan.country}",
        "sourceCode": f"{carrier}-tracking",
        "courierCode": COURIERS.get(carrier),
        "statusCode": code,
        "statusCategory": code and code.split("_", 1)[0],
        "statusMilestone": milestone,
    }


def _stranger(number: str) -> dict[str, object]:
    """Return somebody else's delivered shipment."""
    return {
        "tracker": {"trackingNumber": number, "courierCode": ["be-post"]},
        "shipment": {"statusMilestone": "delivered"},
        "events": [
            {
                "eventTrackingNumber": number,
                "status": "Delivered",
                "occurrenceDatetime": "2026-02-06T15:25:17",
                "statusCode": "delivery_delivered",
                "statusMilestone": "delivered",
            }
        ],
    }
