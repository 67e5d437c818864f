"""A parcel as every action answers it."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, tzinfo
from typing import Any

from .assessment import Alert
from .model import Milestone, Telling, TrackingEvent
from .parcel import Parcel
from .transit_times import Typical


def parcel_json(
    parcel: Parcel,
    *,
    now: datetime,
    zone: tzinfo,
    last_checked: datetime | None,
    next_check: datetime | None,
    include_events: bool = True,
    archived: bool = False,
    typical_transit: Typical | None = None,
) -> dict[str, Any]:
    """Return a parcel as JSON types.

    Times are ISO 8601 with offset; a time whose zone nobody told is in
    ``local_time`` alone.
    """
    about, window = parcel.about, parcel.window
    answer: dict[str, Any] = {
        "parcel_id": parcel.parcel_id,
        "name": parcel.name,
        "tracking_number": parcel.tracking_number,
        "carrier": parcel.carrier,
        "carrier_name": parcel.carrier_name,
        "tracking_url": parcel.tracking_url,
        "order_url": about.order_url,
        "seller": about.seller,
        "order_number": about.order_number,
        "notes": about.notes,
        "added_at": _iso(parcel.added_at),
        "stage": parcel.stage.value,
        "stage_since": _iso(parcel.stage_since),
        "alerts": [
            {"kind": a.kind.value, "since": _iso(a.since), "detail": a.detail}
            for a in parcel.alerts
        ],
        "needs_attention": parcel.needs_attention,
        "estimated_delivery": window
        and {
            "from": _iso(window.start),
            "to": _iso(window.end),
            "source": window.provider,
        },
        "expected_by": _iso(_at_the_door(about.expected_by, zone)),
        "protection_until": _iso(about.protection_until),
        "shipped_at": _iso(parcel.shipped_at),
        "delivered_at": _iso(parcel.delivered_at),
        "days_in_transit": parcel.days_in_transit(now, zone),
        "origin_country": parcel.origin_country,
        "destination_country": parcel.destination_country,
        "pickup_point": parcel.pickup_point,
        "signed_by": parcel.signed_by,
        "last_event": parcel.last_event and event_json(parcel.last_event),
        "last_checked": _iso(last_checked),
        "next_check": _iso(next_check),
        "archived": archived,
        "providers": [
            {"provider": provider, "reason": reason.value}
            for provider, reason in dict.fromkeys(
                (choice.provider, choice.reason) for choice in parcel.providers
            )
        ],
        "legs": [
            {"tracking_number": leg.tracking_number, "carrier": leg.carrier}
            for leg in parcel.legs
        ],
        "typical_transit": typical_transit and asdict(typical_transit),
        "milestones": [milestone_json(m) for m in parcel.milestones],
    }
    if include_events:
        answer["events"] = [event_json(event) for event in parcel.events]
    return answer


def event_json(event: TrackingEvent) -> dict[str, Any]:
    """Return a tracking event as JSON types."""
    return {
        "time": _iso(event.time),
        "local_time": _iso(event.local_time),
        "stage": event.stage and event.stage.value,
        "direction": event.direction and event.direction.value,
        "description": event.description,
        "location": event.location,
        "country": event.country,
        "carrier": event.carrier,
        "tracking_number": event.tracking_number,
        "code": event.code,
        "provider": event.provider,
        "first_seen": _iso(event.first_seen),
    }


def milestone_json(milestone: Milestone) -> dict[str, Any]:
    """Return a milestone as JSON types."""
    return {
        "milestone": milestone.milestone.value,
        "milestone_id": milestone.milestone_id,
        "time": _iso(milestone.time or milestone.noted_at),
        "announced": milestone.telling is Telling.ANNOUNCED,
    }


def milestone_event(parcel: Parcel, milestone: Milestone) -> Mapping[str, Any]:
    """Return what event entities and the bus carry of a milestone."""
    return {
        "milestone": milestone.milestone.value,
        "milestone_id": milestone.milestone_id,
        "parcel_id": parcel.parcel_id,
        "name": parcel.name,
        "tracking_number": parcel.tracking_number,
        "carrier": milestone.carrier or parcel.carrier,
        "stage": milestone.stage.value,
        "time": _iso(milestone.time or milestone.noted_at),
        "description": milestone.description,
        "location": milestone.location,
        "inferred": milestone.inferred,
    }


def alert_event(parcel: Parcel, alert: Alert) -> Mapping[str, Any]:
    """Return what the bus carries of an alert that begins."""
    return {
        "kind": alert.kind.value,
        "parcel_id": parcel.parcel_id,
        "name": parcel.name,
        "tracking_number": parcel.tracking_number,
        "since": _iso(alert.since),
        "detail": alert.detail,
    }


def _at_the_door(value: date | datetime | None, zone: tzinfo) -> date | datetime | None:
    """Read a wall-clock time on the clock at home."""
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=zone)
    return value


def _iso(value: date | datetime | None) -> str | None:
    return value.isoformat() if value is not None else None
