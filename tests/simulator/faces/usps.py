"""USPS Tracking v3: one number a call, sixty calls an hour, for shippers only."""

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, Final, override

from ..journeys import Kind, Stage, Zone
from ..meters import Window
from ..playing import Scan, View
from .base import HTML, Call, Face, Look, Reply, Terms
from .tokens import BEARER, Tokens

_AN_HOUR: Final = 60
_TOKEN_LIFE: Final = timedelta(seconds=28_799)
_TOKENS: Final = "/oauth2/v3/token"
_DETAILS: Final = "/tracking/v3/tracking/"

WORDS: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.ORDERED: ("MA", "Pre-Shipment Info Sent to USPS, USPS Awaiting Item"),
    Kind.LABEL_MADE: ("GX", "Shipping Label Created, USPS Awaiting Item"),
    Kind.PACKED: ("GX", "Shipping Label Created, USPS Awaiting Item"),
    Kind.PICKED_UP: ("03", "USPS in possession of item"),
    Kind.AT_WAREHOUSE: ("A1", "Arrived at USPS Facility"),
    Kind.LEFT_WAREHOUSE: ("SF", "Departed Post Office"),
    Kind.AT_SORTING: ("10", "Arrived at USPS Regional Origin Facility"),
    Kind.LEFT_SORTING: ("T1", "Departed USPS Regional Facility"),
    Kind.ON_THE_WAY: ("TL", "In Transit to Next Facility"),
    Kind.DEPARTED: ("T1", "Departed USPS Regional Facility"),
    Kind.ARRIVED: ("A1", "Arrived at USPS Regional Facility"),
    Kind.IMPORT_STARTED: ("10", "Inbound Into Customs"),
    Kind.IMPORT_CLEARED: ("10", "Inbound Out of Customs"),
    Kind.AT_HUB: ("A1", "Arrived at USPS Regional Facility"),
    Kind.LEFT_HUB: ("T1", "Departed USPS Regional Facility"),
    Kind.AT_DEPOT: ("07", "Arrived at Post Office"),
    Kind.OUT_FOR_DELIVERY: ("OF", "Out for Delivery"),
    Kind.ATTEMPT_FAILED: ("55", "Notice Left (No Secure Location Available)"),
    Kind.AT_PICKUP_POINT: ("14", "Arrival at Pick-Up-Point"),
    Kind.PICKUP_NOTICE: ("16", "Available for Pickup"),
    Kind.STATION_SIGNED: ("17", "Delivered to Agent for Final Delivery"),
    Kind.LEFT_IN_LOCKER: ("01", "Delivered, Parcel Locker"),
    Kind.DELIVERED: ("01", "Delivered, In/At Mailbox"),
    Kind.COLLECTED: ("01", "Delivered, Individual Picked Up at Post Office"),
    Kind.REFUSED: ("04", "Refused"),
    Kind.RETURNING: ("09", "Return to Sender"),
    Kind.RETURNED: ("01", "Delivered, To Original Sender"),
    Kind.LOST: ("11", "Dead Letter"),
    Kind.DAMAGED: ("05", "Undeliverable as Addressed"),
}
"""Code and what it is called."""

_CATEGORIES: Final[Mapping[Stage, str]] = {
    Stage.INFO_RECEIVED: "Pre-Shipment",
    Stage.SHIPPED: "Accepted",
    Stage.OUT_FOR_DELIVERY: "Out for Delivery",
    Stage.READY_FOR_PICKUP: "Available for Pickup",
    Stage.DELIVERY_FAILED: "Delivery Attempt",
    Stage.DELIVERED: "Delivered",
    Stage.RETURNING: "Return to Sender",
    Stage.EXCEPTION: "Alert",
}


class UspsFace(Face):
    """``GET /tracking/v3/tracking/{number}``."""

    provider: ClassVar[str] = "usps"
    routes: ClassVar[tuple[tuple[str, str], ...]] = (
        ("POST", _TOKENS),
        ("GET", _DETAILS + "{number}"),
    )

    def __init__(self, terms: Terms) -> None:
        """Begin without a token, and with an unspent hour."""
        super().__init__(terms)
        self.tokens = Tokens(terms.now, _TOKEN_LIFE)
        self.scope = "addresses domestic-prices locations tracking"
        """What tokens may be used for; without tracking, nobody is told anything."""
        self._window = Window(_AN_HOUR, timedelta(hours=1), pace=terms.pace)

    @override
    def numbers(self, call: Call) -> tuple[str, ...]:
        """Return the number asked about."""
        if not call.path.startswith(_DETAILS):
            return ()
        return (call.path.removeprefix(_DETAILS),)

    @override
    def answer(self, call: Call, look: Look) -> Reply:
        """Return a token, or what happened to the parcel."""
        if self.terms.limits and not self._window.admits(self.terms.now()):
            return self.spent(call)
        if call.path == _TOKENS:
            return self._token(call)
        if not self.tokens.admits(call.headers):
            return _error(401, "The access token is invalid or has expired.")
        if "tracking" not in self.scope.split():
            return _error(401, "Insufficient OAuth scope.")
        (number,) = self.numbers(call)
        view = look(number)
        if view is None or (view.last is None and not view.emptied):
            return _error(404, "Tracking is not available for this item.")
        return Reply(_tracking(view))

    @override
    def walled(self) -> Reply:
        """Return what its edge servers tell a robot."""
        page = "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY></BODY></HTML>"
        return Reply(page, 403, HTML)

    @override
    def spent(self, call: Call) -> Reply:
        """Return what a spent hour gets."""
        return _error(429, "Too many requests.", {"Retry-After": "3600"})

    @override
    def rejected(self) -> Reply:
        """Return what a wrong key gets."""
        return Reply(
            {
                "error": "invalid_client",
                "error_description": "Client authentication failed.",
            },
            401,
        )

    @override
    def state(self) -> Mapping[str, object]:
        """Return the count of tokens."""
        return {"tokens_given": self.tokens.given}

    def _token(self, call: Call) -> Reply:
        asked = call.body if isinstance(call.body, dict) else {}
        key = f"{asked.get('client_id')}:{asked.get('client_secret')}"
        if (
            key not in self.terms.keys
            or asked.get("grant_type") != "client_credentials"
        ):
            return self.rejected()
        return Reply(
            {
                "access_token": self.tokens.give(),
                "token_type": BEARER,
                "issued_at": 1762084800000,
                "expires_in": round(self.tokens.life.total_seconds()),
                "status": "approved",
                "scope": self.scope,
                "issuer": "https://keyc.usps.com/realms/USPS",
                "api_products": "[Public Access I]",
            }
        )


def _error(
    status: int, message: str, headers: Mapping[str, str] | None = None
) -> Reply:
    return Reply(
        {
            "apiVersion": "/tracking/v3",
            "error": {"code": str(status), "message": message, "errors": []},
        },
        status,
        headers=headers or {},
    )


def _tracking(view: View) -> dict[str, object]:
    """Return what happened to a parcel."""
    journey = view.journey
    scans = [scan for scan in view.scans if scan.kind in WORDS]
    told: dict[str, object] = {
        "trackingNumber": view.number,
        "destinationCity": journey.town,
        "destinationCountryCode": journey.destination,
        "originCountryCode": journey.origin,
        "mailClass": "USPS Ground Advantage<SUP>&#153;</SUP>",
        "statusCategory": "Pre-Shipment" if not scans else "In Transit",
        "trackingEvents": [_event(scan, view) for scan in reversed(scans)],
    }
    if scans:
        newest = scans[-1]
        told["status"] = newest.words or WORDS[newest.kind][1]
        told["statusCategory"] = _CATEGORIES.get(newest.kind.stage, "In Transit")
    if view.estimate is not None:
        told["expectedDeliveryTimeStamp"] = f"{view.estimate[1]:%Y-%m-%dT%H:%M:%S}"
    if view.emptied:
        del told["statusCategory"]
    return told


def _event(scan: Scan, view: View) -> dict[str, object]:
    """Return one event."""
    code, words = WORDS[scan.kind]
    signed = scan.kind in {Kind.DELIVERED, Kind.COLLECTED}
    event: dict[str, object] = {
        "eventType": scan.words or words,
        "eventTimestamp": scan.local_time.isoformat(),
        "eventCountry": None if scan.country == "US" else scan.country,
        "eventCity": scan.place,
        "eventState": None,
        "eventZIP": None,
        "name": view.journey.signed_by if signed else None,
        "eventCode": scan.code or code,
    }
    if scan.zone is Zone.TOLD:
        hours, minutes = divmod(round(abs(scan.utc_offset) * 60), 60)
        sign = "-" if scan.utc_offset < 0 else "+"
        event["GMTTimestamp"] = f"{scan.time:%Y-%m-%dT%H:%M:%S}Z"
        event["GMTOffset"] = f"{sign}{hours:02d}:{minutes:02d}"
    return event
