"""InPost's ShipX: one number a call, no key."""

from collections.abc import Mapping
from datetime import timedelta, timezone
import re
from typing import ClassVar, Final, override

from ..journeys import Kind
from ..meters import Window
from ..playing import Scan, View
from .base import HTML, Call, Face, Look, Reply, Terms

_THROTTLE: Final = timedelta(seconds=1)
_NUMBER: Final = re.compile(r"\d{24}")

_STATUSES: Final[Mapping[Kind, str]] = {
    Kind.ORDERED: "created",
    Kind.LABEL_MADE: "confirmed",
    Kind.PACKED: "offer_selected",
    Kind.PICKED_UP: "dispatched_by_sender",
    Kind.AT_WAREHOUSE: "adopted_at_source_branch",
    Kind.LEFT_WAREHOUSE: "sent_from_source_branch",
    Kind.AT_SORTING: "adopted_at_sorting_center",
    Kind.LEFT_SORTING: "sent_from_sorting_center",
    Kind.ON_THE_WAY: "sent_from_sorting_center",
    Kind.AT_HUB: "adopted_at_sorting_center",
    Kind.LEFT_HUB: "sent_from_sorting_center",
    Kind.AT_DEPOT: "adopted_at_target_branch",
    Kind.OUT_FOR_DELIVERY: "out_for_delivery",
    Kind.ATTEMPT_FAILED: "pickup_reminder_sent_address",
    Kind.AT_PICKUP_POINT: "ready_to_pickup",
    Kind.PICKUP_NOTICE: "pickup_reminder_sent",
    Kind.STATION_SIGNED: "courier_avizo_in_customer_service_point",
    Kind.LEFT_IN_LOCKER: "ready_to_pickup",
    Kind.DELIVERED: "delivered",
    Kind.COLLECTED: "delivered",
    Kind.REFUSED: "rejected_by_receiver",
    Kind.RETURNING: "returned_to_sender",
    Kind.RETURNED: "delivered",
    Kind.LOST: "missing",
    Kind.DAMAGED: "undelivered",
}
"""It knows no customs."""


class InpostFace(Face):
    """``GET /v1/tracking/{number}``."""

    provider: ClassVar[str] = "inpost"
    routes: ClassVar[tuple[tuple[str, str], ...]] = (("GET", "/v1/tracking/{number}"),)
    keyed: ClassVar[bool] = False

    def __init__(self, terms: Terms) -> None:
        """Begin with nobody in haste."""
        super().__init__(terms)
        self._throttle = Window(1, _THROTTLE, pace=terms.pace)

    @override
    def numbers(self, call: Call) -> tuple[str, ...]:
        """Return the number asked about."""
        number = call.path.rpartition("/")[2]
        return (number,) if number else ()

    @override
    def answer(self, call: Call, look: Look) -> Reply:
        """Return the parcel."""
        if self.terms.limits and not self._throttle.admits(self.terms.now()):
            return self.spent(call)
        (number,) = self.numbers(call)
        view = look(number)
        if not _NUMBER.fullmatch(number):
            return _problem(400, "invalid_parameter", "Invalid tracking number.")
        if view is None or (view.last is None and not view.emptied):
            return _problem(404, "resource_not_found", "Resource not found.")
        return Reply(_parcel(view))

    @override
    def walled(self) -> Reply:
        """Return what its edge servers tell a robot."""
        return Reply("<html><title>Attention Required!</title></html>", 403, HTML)

    @override
    def spent(self, call: Call) -> Reply:
        """Return what a call within a second of the last gets."""
        return _problem(429, "too_many_requests", "Too many requests.")


def _problem(status: int, error: str, message: str) -> Reply:
    body = {"status": status, "error": error, "message": message, "details": {}}
    return Reply(body, status)


def _parcel(view: View) -> dict[str, object]:
    scans = [scan for scan in view.scans if scan.kind in _STATUSES]
    details = [_detail(scan) for scan in reversed(scans)]
    service = view.journey.service or "inpost_locker_standard"
    parcel: dict[str, object] = {
        "tracking_number": view.number,
        "service": service,
        "type": service,
        "status": details[0]["status"] if details else "created",
        "custom_attributes": {},
        "tracking_details": details,
        "expected_flow": [],
        "created_at": details[-1]["datetime"] if details else None,
        "updated_at": details[0]["datetime"] if details else None,
    }
    if view.emptied:
        parcel["status"] = None
    if view.journey.pickup_point is not None:
        parcel["custom_attributes"] = {
            "size": "A",
            "target_machine_id": view.journey.pickup_point,
            "target_machine_detail": {
                "name": view.journey.pickup_point,
                "opening_hours": "24/7",
                "location_description": "By the shop",
                "location": {"latitude": 52.2, "longitude": 21.0},
                "address": {"line1": "Prosta 1", "line2": "00-001 Warszawa"},
                "type": ["parcel_locker"],
            },
        }
    return parcel


def _detail(scan: Scan) -> dict[str, object]:
    zone = timezone(timedelta(hours=scan.utc_offset))
    return {
        "status": scan.code or _STATUSES[scan.kind],
        "origin_status": "XYZ",
        "agency": None,
        "location": scan.place,
        "datetime": scan.time.astimezone(zone).isoformat(timespec="milliseconds"),
    }
