"""Canada Post's "Get Tracking Details": one number a call, in the path; XML."""

from base64 import b64decode
import binascii
from collections.abc import Iterable, Mapping
from datetime import timedelta
import re
from typing import ClassVar, Final, override
from xml.sax.saxutils import escape  # nosec B406  # writes XML, reads none

from ..journeys import Kind
from ..meters import Window
from ..playing import Scan, View
from .base import HTML, Call, Face, Look, Reply, Terms

_XML: Final = "application/vnd.cpc.track-v2+xml"
_PATH: Final = re.compile(r"/vis/track/pin/([^/]+)/detail")
_A_MINUTE: Final = 20
_HOME: Final = "CA"

_WORDS: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.ORDERED: ("3000", "Electronic information submitted by shipper"),
    Kind.LABEL_MADE: ("3000", "Electronic information submitted by shipper"),
    Kind.PACKED: ("3000", "Electronic information submitted by shipper"),
    Kind.PICKED_UP: ("2300", "Item picked up by Canada Post"),
    Kind.AT_WAREHOUSE: ("0400", "Item arrived"),
    Kind.LEFT_WAREHOUSE: ("0410", "Item departed"),
    Kind.AT_SORTING: ("0100", "Item processed"),
    Kind.LEFT_SORTING: ("0410", "Item departed"),
    Kind.ON_THE_WAY: ("0175", "Item in transit"),
    Kind.EXPORT_STARTED: ("0815", "International Item being prepared for export"),
    Kind.EXPORT_CLEARED: ("0815", "International Item being prepared for export"),
    Kind.WITH_AIRLINE: ("0175", "Item in transit"),
    Kind.DEPARTED: (
        "8901",
        "International item being forwarded to destination country",
    ),
    Kind.ARRIVED: ("4310", "International shipment has arrived in a foreign country"),
    Kind.AT_CUSTOMS: ("4330", "Item Presented to Import Customs"),
    Kind.IMPORT_STARTED: (
        "4400",
        "Item has been sent to customs in the destination country",
    ),
    Kind.CUSTOMS_WAIT: ("0810", "Item held by Customs"),
    Kind.CUSTOMS_HELD: ("0810", "Item held by Customs"),
    Kind.IMPORT_CLEARED: (
        "4500",
        "International item released from Customs to Foreign Postal Administration",
    ),
    Kind.LEFT_CUSTOMS: ("4450", "Item returned to Post from Customs"),
    Kind.WITH_LOCAL_CARRIER: ("0115", "Item transferred to partner"),
    Kind.AT_HUB: ("0400", "Item arrived"),
    Kind.LEFT_HUB: ("0410", "Item departed"),
    Kind.AT_DEPOT: ("0100", "Item processed"),
    Kind.OUT_FOR_DELIVERY: ("0174", "Item out for delivery"),
    Kind.ATTEMPT_FAILED: (
        "1443",
        "Attempted delivery. Item rescheduled for delivery next business day.",
    ),
    Kind.AT_PICKUP_POINT: ("1701", "Item available for pickup at Post Office"),
    Kind.PICKUP_NOTICE: (
        "0156",
        "Final Notice; Item will be returned to sender if not collected within 10 days",
    ),
    Kind.STATION_SIGNED: ("1407", "Item available for pick-up"),
    Kind.LEFT_IN_LOCKER: ("1405", "Delivered to automated parcel locker"),
    Kind.DELIVERED: ("1496", "Delivered"),
    Kind.COLLECTED: ("1406", "Item picked up from automated parcel locker"),
    Kind.REFUSED: ("0121", "Item on hold. Refused or unclaimed by recipient"),
    Kind.RETURNING: ("1420", "Item being returned to sender"),
    Kind.RETURNED: ("1496", "Item successfully returned to sender"),
    Kind.LOST: ("1483", "Item cannot be delivered; more details to be provided"),
    Kind.DAMAGED: (
        "0710",
        "Item arrived in Canada damaged. Sent for further processing.",
    ),
}
_TO_CANADA: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.PICKED_UP: ("4000", "International item mailed in origin country"),
    Kind.AT_SORTING: ("4100", "International item processed in origin country"),
    Kind.DEPARTED: (
        "4202",
        "International item has left the origin country and is en route to Canada",
    ),
    Kind.ARRIVED: (
        "0701",
        "Item has arrived in Canada and will be presented for review",
    ),
    Kind.AT_CUSTOMS: (
        "0800",
        "Item has been presented to Canada Border Services Agency for customs review.",
    ),
    Kind.IMPORT_STARTED: (
        "0800",
        "Item has been presented to Canada Border Services Agency for customs review.",
    ),
    Kind.IMPORT_CLEARED: (
        "0900",
        "International item released from Customs for processing by Canada Post",
    ),
    Kind.LEFT_CUSTOMS: (
        "0910",
        "Item was released by Customs and is now with Canada Post for processing",
    ),
}
"""What it says instead of a parcel that comes from abroad."""

_ZONES: Final[Mapping[float, str]] = {-8: "PST", -7: "MST", -6: "CST", -5: "EST"}
_COUNTRIES: Final[Mapping[str | None, str]] = {"CN": "China", "US": "United States"}
_WAITS: Final = frozenset({Kind.AT_PICKUP_POINT, Kind.STATION_SIGNED})


class CanadaPostFace(Face):
    """``GET /vis/track/pin/{pin}/detail``."""

    provider: ClassVar[str] = "canada_post"
    routes: ClassVar[tuple[tuple[str, str], ...]] = (
        ("GET", "/vis/track/pin/{pin}/detail"),
    )

    def __init__(self, terms: Terms) -> None:
        """Begin with an unspent minute."""
        super().__init__(terms)
        self._throttle = Window(_A_MINUTE, timedelta(minutes=1), pace=terms.pace)

    @override
    def numbers(self, call: Call) -> tuple[str, ...]:
        """Return the number in the path."""
        found = _PATH.fullmatch(call.path)
        return (found[1],) if found else ()

    @override
    def answer(self, call: Call, look: Look) -> Reply:
        """Return the details of one number."""
        if _key(call) not in self.terms.keys:
            return self.rejected()
        if call.headers.get("Accept") != _XML:
            return _message(406, "406", "Interface version not expected")
        if self.terms.limits and not self._throttle.admits(self.terms.now()):
            return self.spent(call)
        view = look(self.numbers(call)[0])
        if view is None or (view.last is None and not view.emptied):
            return _message(404, "004", "No Pin History")
        return Reply(_details(view), 200, _XML)

    @override
    def walled(self) -> Reply:
        """Return what its edge servers tell a robot."""
        page = "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY></BODY></HTML>"
        return Reply(page, 403, HTML)

    @override
    def spent(self, call: Call) -> Reply:
        """Return what a key gets that asks too often in a minute."""
        return _message(400, "Server", "Rejected by SLM Monitor")

    @override
    def rejected(self) -> Reply:
        """Return what a wrong key gets."""
        return _message(401, "E002", "AAA Authentication Failure")


def _key(call: Call) -> str:
    """Return the user name and the password, a colon between them."""
    kind, _, told = call.headers.get("Authorization", "").partition(" ")
    try:
        return b64decode(told, validate=True).decode() if kind == "Basic" else ""
    except binascii.Error, UnicodeDecodeError:
        return ""


def _message(status: int, code: str, description: str) -> Reply:
    """Return an error in Canada Post's shape."""
    told = _element("code", code) + _element("description", description)
    return Reply(_document("messages", "<message>" + told + "</message>"), status, _XML)


def _document(name: str, inner: str) -> str:
    """Return a whole document."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<{name} xmlns="http://www.canadapost.ca/ws/track">{inner}</{name}>'
    )


def _element(name: str, text: str | None) -> str:
    """Return an element, empty where nothing is told."""
    return f"<{name}>{escape(text)}</{name}>" if text else f"<{name}/>"


def _details(view: View) -> str:
    """Return all that is told of a parcel, newest scan first."""
    scans = [scan for scan in view.scans if scan.kind in _WORDS]
    promise = None if view.estimate is None else f"{view.estimate[1]:%Y-%m-%d}"
    parts = (
        _element("pin", view.number),
        _element("active-exists", "1"),
        _element("changed-expected-date", None),
        _element(
            "destination-postal-id",
            "K1A 0B1" if view.journey.destination == _HOME else None,
        ),
        _element("expected-delivery-date", promise),
        _element("mailed-by-customer-number", "0001234567"),
        _element("service-name", "Expedited Parcels"),
        _element("signature-image-exists", "false"),
        "<significant-events>",
        *(_occurrence(scan, view) for scan in reversed(scans)),
        "</significant-events>",
    )
    return _document("tracking-detail", "".join(parts))


def _occurrence(scan: Scan, view: View) -> str:
    """Return one scan."""
    comes_from_abroad = view.journey.destination == _HOME != view.journey.origin
    code, words = _WORDS[scan.kind]
    if comes_from_abroad:
        code, words = _TO_CANADA.get(scan.kind, (code, words))
    at_home = scan.country == _HOME
    abroad = _COUNTRIES.get(scan.country, scan.country)
    site = scan.place or "OTTAWA"
    signed = scan.kind is Kind.DELIVERED
    fields: Iterable[tuple[str, str | None]] = (
        ("event-identifier", scan.code or code),
        ("event-date", f"{scan.local_time:%Y-%m-%d}"),
        ("event-time", f"{scan.local_time:%H:%M:%S}"),
        (
            "event-time-zone",
            _ZONES.get(scan.utc_offset) if at_home else (abroad or "").upper(),
        ),
        ("event-description", scan.words or words),
        ("signatory-name", view.journey.signed_by if signed else None),
        ("event-site", site.upper() if at_home else f"{site},{abroad or ''}"),
        ("event-province", "ON" if at_home else None),
        ("event-retail-name", scan.place if scan.kind in _WAITS else None),
    )
    told = "".join(_element(name, text) for name, text in fields)
    return f"<occurrence>{told}</occurrence>"
