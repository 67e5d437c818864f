"""AfterShip's tracking API 2026-07: a tracking is made for each number."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
import hmac
from typing import Any, ClassVar, Final, override
from zlib import crc32

from ..journeys import Kind, Stage, Zone
from ..meters import Window
from ..playing import Scan, View
from .base import HTML, Call, Face, Look, Reply, Terms

_TRACKINGS: Final = "/tracking/2026-07/trackings"
_A_SECOND: Final = timedelta(seconds=1)
_READS: Final = 6
_CREATIONS: Final = 20
_PAGE: Final = 200
_BATCH: Final = 50

SLUGS: Final[Mapping[str, str]] = {
    "cainiao": "cainiao",
    "canada_post": "canada-post",
    "china_post": "china-post",
    "dhl": "dhl",
    "fedex": "fedex",
    "la_poste": "la-poste-colissimo",
    "royal_mail": "royal-mail",
    "ups": "ups",
    "usps": "usps",
    "yanwen": "yanwen",
}
"""AfterShip's codes of couriers."""
_COUNTRIES: Final[Mapping[str, str]] = {
    "BE": "BEL",
    "CA": "CAN",
    "CN": "CHN",
    "DE": "DEU",
    "FR": "FRA",
    "GB": "GBR",
    "US": "USA",
}

_STATUSES: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.ORDERED: ("InfoReceived_001", "Order information received"),
    Kind.LABEL_MADE: ("InfoReceived_001", "Shipping label created"),
    Kind.PACKED: ("InfoReceived_001", "Package ready for shipping"),
    Kind.PICKED_UP: ("InTransit_002", "Picked up"),
    Kind.AT_WAREHOUSE: ("InTransit_003", "Arrived at warehouse"),
    Kind.LEFT_WAREHOUSE: ("InTransit_007", "Departed from warehouse"),
    Kind.AT_SORTING: ("InTransit_003", "Arrived at sorting center"),
    Kind.LEFT_SORTING: ("InTransit_007", "Departed from sorting center"),
    Kind.ON_THE_WAY: ("InTransit_001", "On its way"),
    Kind.EXPORT_STARTED: ("InTransit_006", "Export customs clearance started"),
    Kind.EXPORT_CLEARED: ("InTransit_005", "Export customs clearance completed"),
    Kind.WITH_AIRLINE: ("InTransit_001", "Handed over to airline"),
    Kind.DEPARTED: ("InTransit_007", "Departed country of origin"),
    Kind.ARRIVED: ("InTransit_004", "Arrived at destination country"),
    Kind.ANNOUNCED: ("InTransit_001", "Delivery company informed"),
    Kind.AT_CUSTOMS: ("InTransit_006", "Arrived at customs"),
    Kind.IMPORT_STARTED: ("InTransit_006", "Customs clearance started"),
    Kind.CUSTOMS_WAIT: ("Exception_004", "Clearance delay"),
    Kind.CUSTOMS_HELD: ("Exception_018", "Held in customs, documents missing"),
    Kind.IMPORT_CLEARED: ("InTransit_005", "Customs clearance completed"),
    Kind.LEFT_CUSTOMS: ("InTransit_005", "Released by customs"),
    Kind.WITH_LOCAL_CARRIER: ("InTransit_001", "Received by delivery company"),
    Kind.AT_HUB: ("InTransit_003", "Arrived at hub"),
    Kind.LEFT_HUB: ("InTransit_007", "Departed from hub"),
    Kind.AT_DEPOT: ("InTransit_003", "Arrived at delivery depot"),
    Kind.OUT_FOR_DELIVERY: ("OutForDelivery_001", "Out for delivery"),
    Kind.ATTEMPT_FAILED: ("AttemptFail_002", "Nobody at home"),
    Kind.AT_PICKUP_POINT: ("AvailableForPickup_001", "Available for pickup"),
    Kind.PICKUP_NOTICE: ("AvailableForPickup_001", "Reminder sent"),
    Kind.STATION_SIGNED: ("AvailableForPickup_001", "Arrived at pickup point"),
    Kind.LEFT_IN_LOCKER: ("Delivered_001", "Delivered to parcel locker"),
    Kind.DELIVERED: ("Delivered_001", "Delivered"),
    Kind.COLLECTED: ("Delivered_002", "Picked up by the customer"),
    Kind.REFUSED: ("Exception_003", "Refused by recipient"),
    Kind.RETURNING: ("Exception_010", "Returning to sender"),
    Kind.RETURNED: ("Exception_011", "Returned to sender"),
    Kind.LOST: ("Exception_013", "Lost"),
    Kind.DAMAGED: ("Exception_012", "Damaged"),
}
"""Subtag, whose beginning is the tag, and words."""


@dataclass(kw_only=True, slots=True)
class Tracking:
    """A tracking of the account."""

    number: str
    slug: str
    title: str
    created: datetime


class AfterShipFace(Face):
    """``/tracking/2026-07/trackings``: made, and listed by number or by page."""

    provider: ClassVar[str] = "aftership"
    routes: ClassVar[tuple[tuple[str, str], ...]] = (
        ("GET", _TRACKINGS),
        ("POST", _TRACKINGS),
    )

    def __init__(self, terms: Terms) -> None:
        """Begin without a tracking.

        ``quota_total`` is how many may be made, ``settling`` how long a new one has
        no checkpoints; a pace shortens it.
        """
        super().__init__(terms)
        self.trackings: dict[str, Tracking] = {}
        self.quota_total = 100
        self.quota_used = 0
        self.settling = timedelta(minutes=1)
        self._reads = Window(_READS, _A_SECOND, pace=terms.pace)
        self._creations = Window(_CREATIONS, _A_SECOND, pace=terms.pace)

    def preregister(
        self, number: str, carrier: str = "usps", name: str | None = None
    ) -> Tracking:
        """Make a tracking as if it had been done long ago on the web site."""
        known = Tracking(
            number=number,
            slug=SLUGS.get(carrier, carrier),
            title=name or number,
            created=self.terms.now() - timedelta(days=1),
        )
        self.trackings[number] = known
        return known

    def forget(self, number: str) -> None:
        """Delete a tracking as if it had been done on the web site."""
        self.trackings.pop(number, None)

    @override
    def numbers(self, call: Call) -> tuple[str, ...]:
        """Return the numbers asked about."""
        if call.method == "POST":
            body = call.body if isinstance(call.body, dict) else {}
            return (str(body.get("tracking_number", "")),)
        asked = call.query.get("tracking_numbers", "")
        return tuple(number for number in asked.split(",") if number)

    @override
    def answer(self, call: Call, look: Look) -> Reply:
        """Return the answer to a call of any endpoint."""
        if call.headers.get("as-api-key") not in self.terms.keys:
            return self.rejected()
        meter = self._creations if call.method == "POST" else self._reads
        if self.terms.limits and not meter.admits(self.terms.now()):
            return _failure(429, 429, "You have exceeded the API call rate limit.")
        if call.method == "POST":
            return self._create(call.body, look)
        return self._list(call, look)

    def _create(self, body: object, look: Look) -> Reply:
        asked: Mapping[str, Any] = body if isinstance(body, dict) else {}
        number = str(asked.get("tracking_number", ""))
        if len(number) < 5:
            return _failure(400, 4005, "The value of tracking_number is invalid.")
        if number in self.trackings:
            return _failure(400, 4003, "Tracking already exists.")
        view = look(number)
        slug = asked.get("slug") or (view and SLUGS.get(view.carrier))
        if slug is None:
            return _failure(400, 4012, "Cannot detect courier.")
        if slug not in SLUGS.values():
            return _failure(400, 4010, "The value of slug is invalid.")
        if self.quota_used >= self.quota_total:
            return _failure(402, 402, "Your plan allows no more trackings.")
        self.quota_used += 1
        self.trackings[number] = Tracking(
            number=number, slug=str(slug), title=number, created=self.terms.now()
        )
        told = self._told(self.trackings[number], look)
        return Reply({"meta": {"code": 201}, "data": told}, 201)

    def _list(self, call: Call, look: Look) -> Reply:
        asked = self.numbers(call)
        if len(asked) > _BATCH:
            return _failure(400, 4008, "Too many tracking_numbers.")
        limit = min(int(call.query.get("limit", "100")), _PAGE)
        first = int(call.query.get("cursor") or 0)
        known = [t for t in self.trackings.values() if not asked or t.number in asked]
        rows = [self._told(each, look) for each in known[first : first + limit]]
        if look.stranger is not None:
            rows.insert(0, _stranger(look.stranger))
        more = first + limit < len(known)
        return Reply(
            {
                "meta": {"code": 200},
                "data": {
                    "pagination": {
                        "total": len(known),
                        "next_cursor": str(first + limit) if more else None,
                        "has_next_page": more,
                    },
                    "trackings": rows,
                },
            }
        )

    def _told(self, known: Tracking, look: Look) -> dict[str, object]:
        """Return a tracking."""
        view = look(known.number)
        if self.terms.now() < known.created + self.settling / self.terms.pace:
            view = None
        checkpoints = (
            []
            if view is None
            else [_checkpoint(s, view) for s in view.scans if s.kind in _STATUSES]
        )
        newest: Mapping[str, object] = (
            checkpoints[-1]
            if checkpoints
            else {"tag": "Pending", "subtag": "Pending_001"}
        )
        if view is not None and view.last and view.last.kind is Kind.GIVEN_UP:
            newest = {"tag": "Expired", "subtag": "Expired_001"}
        journey = None if view is None else view.journey
        done = (
            view is not None and view.last and view.last.kind.stage is Stage.DELIVERED
        )
        estimate: tuple[datetime, datetime] | tuple[None, None] = (None, None)
        if view is not None and view.estimate is not None:
            estimate = view.estimate
        starts, ends = (edge and f"{edge:%Y-%m-%dT%H:%M:%S+00:00}" for edge in estimate)
        handoff = None if view is None else view.handoff
        updated = view.last.time if view is not None and view.last else known.created
        return {
            "id": f"{crc32(known.number.encode()):032x}",
            "created_at": f"{known.created:%Y-%m-%dT%H:%M:%S+00:00}",
            "updated_at": f"{updated:%Y-%m-%dT%H:%M:%S+00:00}",
            "tracking_number": known.number if view is None else view.number,
            "slug": known.slug,
            "active": not done,
            "title": known.title,
            "tag": newest["tag"],
            "subtag": newest["subtag"],
            "subtag_message": newest["tag"],
            "origin_country_region": _country(journey.origin if journey else None),
            "destination_country_region": _country(
                journey.destination if journey else None
            ),
            "courier_estimated_delivery_date": {
                "estimated_delivery_date": starts,
                "estimated_delivery_date_min": starts,
                "estimated_delivery_date_max": ends,
            },
            "signed_by": journey.signed_by if journey and done else None,
            "pickup_location": journey and journey.pickup_point,
            "first_mile": None,
            "last_mile": handoff
            and {"tracking_number": handoff.number, "slug": SLUGS.get(handoff.carrier)},
            "checkpoints": checkpoints,
        }

    @override
    def message(self, number: str, look: Look) -> object:
        """Return the push of a number."""
        return {
            "event": "tracking_update",
            "event_id": "8d0a3d5e-0000-4000-8000-000000000001",
            "is_tracking_first_tag": True,
            "msg": self._told(self.trackings[number], look),
            "ts": int(self.terms.now().timestamp()),
        }

    @override
    def proof(self, body: bytes, secret: str) -> Mapping[str, str]:
        """Return the signature."""
        signature = hmac.new(secret.encode(), body, sha256).digest()
        return {"aftership-hmac-sha256": b64encode(signature).decode()}

    @override
    def walled(self) -> Reply:
        """Return what the servers in front tell a robot."""
        return Reply("<html><body>Access denied</body></html>", 403, HTML)

    @override
    def spent(self, call: Call) -> Reply | None:
        """Return what a new tracking gets when the plan is spent; reading is free."""
        if call.method == "POST":
            return _failure(402, 402, "Your plan allows no more trackings.")
        return None

    @override
    def rejected(self) -> Reply:
        """Return what a wrong key gets."""
        return _failure(401, 401, "The API key is invalid.")

    @override
    def state(self) -> Mapping[str, object]:
        """Return the quota and the trackings."""
        return {"quota_used": self.quota_used, "trackings": sorted(self.trackings)}


def _failure(status: int, code: int, message: str) -> Reply:
    meta = {"code": code, "message": message, "type": "Error"}
    return Reply({"meta": meta, "data": {}}, status)


def _country(code: str | None) -> str | None:
    return _COUNTRIES.get(code or "")


def _checkpoint(scan: Scan, view: View) -> dict[str, object]:
    """Return one checkpoint."""
    subtag, words = _STATUSES[scan.kind]
    subtag = scan.code or subtag
    handoff = view.handoff
    last_mile = handoff is not None and scan.at >= handoff.at
    carrier = handoff.carrier if handoff is not None and last_mile else view.carrier
    written = f"{scan.local_time:%Y-%m-%dT%H:%M:%S}"
    if scan.zone is Zone.TOLD and carrier in {"usps", "dhl"}:
        hours, minutes = divmod(round(abs(scan.utc_offset) * 60), 60)
        sign = "-" if scan.utc_offset < 0 else "+"
        written += f"{sign}{hours:02d}:{minutes:02d}"
    return {
        "slug": SLUGS.get(carrier),
        "checkpoint_time": written,
        "location": scan.place and f"{scan.place}, {scan.country}",
        "city": scan.place,
        "state": None,
        "country_region": _country(scan.country),
        "message": scan.words or words,
        "tag": subtag.partition("_")[0],
        "subtag": subtag,
        "subtag_message": words,
        "raw_tag": None,
        "hash": f"{crc32(f'{view.number}{written}{words}'.encode()):08x}",
    }


def _stranger(number: str) -> dict[str, object]:
    """Return somebody else's delivered parcel."""
    return {
        "tracking_number": number,
        "slug": "bpost",
        "active": False,
        "tag": "Delivered",
        "subtag": "Delivered_001",
        "checkpoints": [
            {
                "checkpoint_time": "2026-02-06T15:25:17",
                "message": "Delivered",
                "tag": "Delivered",
                "subtag": "Delivered_001",
            }
        ],
    }
