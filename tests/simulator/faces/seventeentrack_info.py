"""What 17TRACK tells of a registered number, field for field as documented."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
import json
import re
from typing import Any, Final
from zlib import crc32

from ..journeys import UTC_OFFSETS, Kind, Stage, Zone
from ..playing import Scan, View

_GIVES_UP: Final = timedelta(days=30)
_STOPS: Final = timedelta(days=15)
_S10: Final = re.compile(r"[A-Z]{2}(\d{8})(\d)[A-Z]{2}")

KEYS: Final[Mapping[str, tuple[int, str, str, str]]] = {
    "cainiao": (190271, "Cainiao", "https://global.cainiao.com/", "CN"),
    "usps": (21051, "USPS", "https://www.usps.com/", "US"),
    "china_post": (3011, "China Post", "http://www.chinapost.com.cn/", "CN"),
    "dhl": (100001, "DHL Express", "https://www.dhl.com/", "DE"),
    "ups": (100002, "UPS", "https://www.ups.com/", "US"),
    "fedex": (100003, "FedEx", "https://www.fedex.com/", "US"),
    "yanwen": (190012, "Yanwen", "http://www.yw56.com.cn/", "CN"),
    "la_poste": (6051, "La Poste (Colissimo)", "https://www.laposte.fr/", "FR"),
    "royal_mail": (11031, "Royal Mail", "https://www.royalmail.com/", "GB"),
    "canada_post": (3041, "Canada Post", "https://www.canadapost.ca/", "CA"),
    "correios": (2151, "Correios", "https://www.correios.com.br/", "BR"),
}
"""Key, name, home page and country of the carriers, as in its catalogue."""

_STATUSES: Final[Mapping[Kind, tuple[str, str | None]]] = {
    Kind.ORDERED: ("InfoReceived", "InfoReceived"),
    Kind.LABEL_MADE: ("InfoReceived", "InfoReceived"),
    Kind.PACKED: ("InfoReceived", "InfoReceived"),
    Kind.PICKED_UP: ("InTransit_PickedUp", "PickedUp"),
    Kind.AT_WAREHOUSE: ("InTransit_Other", None),
    Kind.LEFT_WAREHOUSE: ("InTransit_Other", None),
    Kind.AT_SORTING: ("InTransit_Other", None),
    Kind.LEFT_SORTING: ("InTransit_Other", None),
    Kind.ON_THE_WAY: ("InTransit_Other", None),
    Kind.EXPORT_STARTED: ("InTransit_CustomsProcessing", None),
    Kind.EXPORT_CLEARED: ("InTransit_CustomsReleased", None),
    Kind.WITH_AIRLINE: ("InTransit_TransportArrived", None),
    Kind.DEPARTED: ("InTransit_Departure", "Departure"),
    Kind.ARRIVED: ("InTransit_Arrival", "Arrival"),
    Kind.ANNOUNCED: ("InTransit_Other", None),
    Kind.AT_CUSTOMS: ("InTransit_CustomsProcessing", None),
    Kind.IMPORT_STARTED: ("InTransit_CustomsProcessing", None),
    Kind.CUSTOMS_WAIT: ("InTransit_CustomsProcessing", None),
    Kind.CUSTOMS_HELD: ("InTransit_CustomsRequiringInformation", None),
    Kind.IMPORT_CLEARED: ("InTransit_CustomsReleased", None),
    Kind.LEFT_CUSTOMS: ("InTransit_CustomsReleased", None),
    Kind.WITH_LOCAL_CARRIER: ("InTransit_Other", None),
    Kind.AT_HUB: ("InTransit_TransportArrived", None),
    Kind.LEFT_HUB: ("InTransit_TransportDeparted", None),
    Kind.AT_DEPOT: ("InTransit_Other", None),
    Kind.OUT_FOR_DELIVERY: ("OutForDelivery_Other", "OutForDelivery"),
    Kind.ATTEMPT_FAILED: ("DeliveryFailure_NoBody", None),
    Kind.AT_PICKUP_POINT: ("AvailableForPickup_Other", "AvailableForPickup"),
    Kind.PICKUP_NOTICE: ("AvailableForPickup_Other", "AvailableForPickup"),
    Kind.STATION_SIGNED: ("AvailableForPickup_Other", "AvailableForPickup"),
    Kind.LEFT_IN_LOCKER: ("Delivered_Other", "Delivered"),
    Kind.DELIVERED: ("Delivered_Other", "Delivered"),
    Kind.COLLECTED: ("Delivered_Other", "Delivered"),
    Kind.REFUSED: ("Exception_Rejected", None),
    Kind.RETURNING: ("Exception_Returning", "Returning"),
    Kind.RETURNED: ("Exception_Returned", "Returned"),
    Kind.LOST: ("Exception_Lost", None),
    Kind.DAMAGED: ("Exception_Damage", None),
}
"""Sub-status and stage."""

_WORDS: Final[Mapping[Kind, str]] = {
    Kind.ORDERED: "Order received",
    Kind.LABEL_MADE: "Shipment information received",
    Kind.PACKED: "Package ready for shipping",
    Kind.PICKED_UP: "Accepted by carrier",
    Kind.AT_WAREHOUSE: "Arrived at warehouse",
    Kind.LEFT_WAREHOUSE: "Departed from warehouse",
    Kind.AT_SORTING: "Arrived at sorting center",
    Kind.LEFT_SORTING: "Departed from sorting center",
    Kind.ON_THE_WAY: "In transit",
    Kind.EXPORT_STARTED: "Export customs clearance started",
    Kind.EXPORT_CLEARED: "Export customs clearance complete",
    Kind.WITH_AIRLINE: "Handed over to airline",
    Kind.DEPARTED: "Departed from country of origin",
    Kind.ARRIVED: "Arrived at destination country port",
    Kind.ANNOUNCED: "Shipment information sent to local carrier",
    Kind.AT_CUSTOMS: "Arrived at customs",
    Kind.IMPORT_STARTED: "Customs clearance processing",
    Kind.CUSTOMS_WAIT: "Awaiting customs clearance",
    Kind.CUSTOMS_HELD: "Held in customs, additional information required",
    Kind.IMPORT_CLEARED: "Customs clearance complete",
    Kind.LEFT_CUSTOMS: "Departed from customs",
    Kind.WITH_LOCAL_CARRIER: "Received by local delivery company",
    Kind.AT_HUB: "Arrived at local sorting center",
    Kind.LEFT_HUB: "Departed from local sorting center",
    Kind.AT_DEPOT: "Arrived at delivery station",
    Kind.OUT_FOR_DELIVERY: "Out for delivery",
    Kind.ATTEMPT_FAILED: "Delivery attempt unsuccessful, nobody at home",
    Kind.AT_PICKUP_POINT: "Available for pickup",
    Kind.PICKUP_NOTICE: "Reminder: available for pickup",
    Kind.STATION_SIGNED: "Arrived at pickup point",
    Kind.LEFT_IN_LOCKER: "Delivered to parcel locker",
    Kind.DELIVERED: "Delivered",
    Kind.COLLECTED: "Collected from pickup point",
    Kind.REFUSED: "Refused by recipient",
    Kind.RETURNING: "Returning to sender",
    Kind.RETURNED: "Returned to sender",
    Kind.LOST: "Item declared lost",
    Kind.DAMAGED: "Package found damaged",
}

_USPS_WORDS: Final[Mapping[Kind, str]] = {
    Kind.LABEL_MADE: "Shipping Label Created, USPS Awaiting Item",
    Kind.PACKED: "Pre-Shipment Info Sent to USPS, USPS Awaiting Item",
    Kind.PICKED_UP: "USPS in possession of item",
    Kind.AT_SORTING: "Arrived at USPS Regional Origin Facility",
    Kind.LEFT_SORTING: "Departed USPS Regional Facility",
    Kind.ON_THE_WAY: "In Transit to Next Facility",
    Kind.AT_CUSTOMS: "Inbound Into Customs",
    Kind.IMPORT_CLEARED: "Customs Clearance Processing Complete",
    Kind.LEFT_CUSTOMS: "Inbound Out of Customs",
    Kind.WITH_LOCAL_CARRIER: "Accepted at USPS Destination Facility",
    Kind.AT_HUB: "Arrived at USPS Regional Destination Facility",
    Kind.LEFT_HUB: "Departed USPS Regional Destination Facility",
    Kind.AT_DEPOT: "Arrived at Post Office",
    Kind.OUT_FOR_DELIVERY: "Out for Delivery",
    Kind.ATTEMPT_FAILED: "Notice Left (No Authorized Recipient Available)",
    Kind.AT_PICKUP_POINT: "Available for Pickup",
    Kind.PICKUP_NOTICE: "Reminder to Schedule Redelivery of your item",
    Kind.LEFT_IN_LOCKER: "Delivered, Parcel Locker",
    Kind.DELIVERED: "Delivered, In/At Mailbox",
    Kind.COLLECTED: "Delivered, Individual Picked Up at Post Office",
    Kind.RETURNING: "Return to Sender Processed",
    Kind.RETURNED: "Delivered, To Original Sender",
}


@dataclass(kw_only=True, slots=True)
class Registration:
    """A number that an account has registered."""

    number: str
    carrier: str
    registered: datetime
    item: Mapping[str, Any] = field(default_factory=dict)
    stopped: datetime | None = None
    stop_reason: str | None = None
    retracked: bool = False
    carrier_changes: int = 0

    @property
    def key(self) -> int:
        """Return the carrier's key."""
        return KEYS[self.carrier][0]


def _is_misread(number: str) -> bool:
    """Whether a postal number's check digit is wrong."""
    if (match := _S10.fullmatch(number)) is None:
        return False
    weights = (8, 6, 4, 2, 3, 5, 9, 7)
    digits = map(int, match[1])
    rest = sum(w * d for w, d in zip(weights, digits, strict=True)) % 11
    return int(match[2]) != {0: 5, 1: 0}.get(rest, 11 - rest)


def _latest_status(number: str, view: View | None) -> str:
    """Return the sub-status of the parcel as a whole."""
    if view is None or view.last is None:
        wrong = view is None and _is_misread(number)
        return "NotFound_InvalidCode" if wrong else "NotFound_Other"
    kind = view.last.kind
    done = kind.stage in {Stage.DELIVERED, Stage.RETURNED}
    if kind is Kind.GIVEN_UP or (view.idle > _GIVES_UP and not done):
        return "Expired_Other"
    return view.last.code or _STATUSES[kind][0]


def track_info(
    known: Registration, view: View | None, now: datetime
) -> Mapping[str, object]:
    """Return all that 17TRACK knows of a number."""
    sub_status = _latest_status(known.number, view)
    scans = () if view is None else _told(view)
    journey = None if view is None else view.journey
    providers = _providers(known, view, scans, now)
    events = [event for p in providers for event in p["events"]]
    latest = _event(scans[-1], known.carrier) if scans else None
    transit = (now - scans[0].time).days if scans else 0
    done = bool(scans) and scans[-1].kind.stage in {Stage.DELIVERED, Stage.RETURNED}
    handoff = view.handoff if view is not None else None
    last_carrier = handoff.carrier if handoff is not None else known.carrier
    last_key, last_name = KEYS.get(last_carrier, (0, last_carrier))[:2]
    return {
        "shipping_info": {
            "shipper_address": _address(journey.origin if journey else None, None),
            "recipient_address": _address(
                journey.destination if journey else None,
                journey.town if journey else None,
            ),
        },
        "latest_status": {
            "status": sub_status.split("_", 1)[0],
            "sub_status": sub_status,
            "sub_status_descr": None,
        },
        "latest_event": latest,
        "time_metrics": {
            "days_after_order": transit,
            "days_of_transit": transit,
            "days_of_transit_done": transit if done else 0,
            "days_after_last_update": (now - scans[-1].time).days if scans else 0,
            "estimated_delivery_date": _estimate(view),
        },
        "milestone": _milestones(scans),
        "misc_info": {
            "risk_factor": 0,
            "service_type": journey and journey.service,
            "weight_raw": None,
            "weight_kg": None,
            "pieces": None,
            "dimensions": None,
            "customer_number": None,
            "reference_number": None,
            "local_number": known.number if handoff is None else handoff.number,
            "local_provider": last_name,
            "local_key": last_key,
        },
        "tracking": {"providers_hash": _hash(events), "providers": providers},
    }


def _told(view: View) -> tuple[Scan, ...]:
    """Return the scans that are events; giving up is none."""
    return tuple(scan for scan in view.scans if scan.kind in _STATUSES)


def _providers(
    known: Registration, view: View | None, scans: tuple[Scan, ...], now: datetime
) -> list[dict[str, Any]]:
    """Return the events carrier by carrier: the last one's own stand apart."""
    handoff = view.handoff if view is not None else None
    if handoff is None:
        return [_provider(known.carrier, scans, now)]
    first = tuple(scan for scan in scans if scan.at < handoff.at)
    last = tuple(scan for scan in scans if scan.at >= handoff.at)
    return [
        _provider(known.carrier, first, now),
        _provider(handoff.carrier, last, now),
    ]


def _provider(carrier: str, scans: tuple[Scan, ...], now: datetime) -> dict[str, Any]:
    """Return one carrier's events, newest first."""
    key, name, homepage, country = KEYS.get(carrier, (0, carrier, None, None))
    events = [_event(scan, carrier) for scan in reversed(scans)]
    return {
        "provider": {
            "key": key,
            "name": name,
            "alias": name,
            "tel": None,
            "homepage": homepage,
            "country": country,
        },
        "service_type": None,
        "latest_sync_status": "Success" if events else "Failure",
        "latest_sync_time": _synced(now),
        "provider_lang": None,
        "provider_tips": None,
        "events_hash": _hash(events),
        "events": events,
    }


def _synced(now: datetime) -> str:
    """Return when the carrier was last read: it is, every six hours."""
    return f"{now.replace(hour=now.hour // 6 * 6):%Y-%m-%dT%H:00:00Z}"


def _event(scan: Scan, carrier: str) -> dict[str, object]:
    """Return one event."""
    sub_status, stage = _STATUSES[scan.kind]
    generic = _WORDS[scan.kind]
    words = _USPS_WORDS.get(scan.kind, generic) if carrier == "usps" else generic
    words = scan.words or words
    return {
        **_times(scan),
        "description": words,
        "description_translation": {"lang": "en", "description": words},
        "location": scan.place and f"{scan.place}, {scan.country}",
        "stage": stage,
        "sub_status": scan.code or sub_status,
        "address": _address(scan.country, scan.place),
    }


def _times(scan: Scan) -> dict[str, object]:
    """Return the three forms of a time; without a zone only the raw one."""
    local = scan.local_time
    raw: dict[str, object] = {
        "date": f"{local:%Y-%m-%d}",
        "time": f"{local:%H:%M:%S}",
        "timezone": None,
    }
    if scan.zone is Zone.UNTOLD:
        return {"time_iso": None, "time_utc": None, "time_raw": raw}
    hours, minutes = divmod(round(abs(scan.utc_offset) * 60), 60)
    zone = f"{'-' if scan.utc_offset < 0 else '+'}{hours:02d}:{minutes:02d}"
    return {
        "time_iso": f"{local:%Y-%m-%dT%H:%M:%S}{zone}",
        "time_utc": f"{scan.time:%Y-%m-%dT%H:%M:%SZ}",
        "time_raw": {**raw, "timezone": zone},
    }


def _milestones(scans: tuple[Scan, ...]) -> list[dict[str, object]]:
    """Return when each stage was first reached."""
    reached: dict[str, dict[str, object]] = {}
    for scan in scans:
        stage = _STATUSES[scan.kind][1]
        if stage is not None:
            reached.setdefault(stage, {"key_stage": stage, **_times(scan)})
    return list(reached.values())


def _estimate(view: View | None) -> Mapping[str, object]:
    """Return the promised delivery, in the recipient's zone."""
    if view is None or view.estimate is None:
        return {"source": None, "from": None, "to": None}
    hours = UTC_OFFSETS.get(view.journey.destination or "", 0)
    zone = timezone(timedelta(hours=hours))
    starts, ends = (
        edge.astimezone(zone).isoformat(timespec="seconds") for edge in view.estimate
    )
    return {"source": "Official", "from": starts, "to": ends}


def _address(country: str | None, city: str | None) -> Mapping[str, object]:
    """Return an address."""
    return {
        "country": country,
        "state": None,
        "city": city,
        "street": None,
        "postal_code": None,
        "coordinates": {"longitude": None, "latitude": None},
    }


def listed(known: Registration, view: View | None) -> dict[str, Any]:
    """Return one line of the account's list."""
    sub_status = _latest_status(known.number, view)
    journey = None if view is None else view.journey
    last = _told(view)[-1:] if view is not None else ()
    done = bool(last) and last[0].kind.stage in {Stage.DELIVERED, Stage.RETURNED}
    reason = known.stop_reason
    if reason is None and sub_status == "Expired_Other":
        reason = "Expired"
    if reason is None and done and view is not None and view.idle > _STOPS:
        reason = "Expired"
    return {
        "number": known.number,
        "param": known.item.get("param"),
        "param_type": "None",
        "data_origin": "Api",
        "carrier": known.key,
        "shipping_country": journey and journey.origin,
        "final_carrier": 0,
        "recipient_country": journey and journey.destination,
        "register_time": f"{known.registered:%Y-%m-%dT%H:%M:%SZ}",
        "tracking_status": "Tracking" if reason is None else "Stopped",
        "package_status": sub_status.split("_", 1)[0],
        "track_time": None if view is None else _synced(view.now),
        "sync_status": bool(last),
        "push_time": None,
        "push_status": "NotPushed",
        "push_status_code": None,
        "stop_track_time": known.stopped and f"{known.stopped:%Y-%m-%dT%H:%M:%SZ}",
        "stop_track_reason": reason,
        "is_retracked": known.retracked,
        "carrier_change_count": known.carrier_changes,
        "tag": known.item.get("tag"),
        "email": "",
        "order_no": known.item.get("order_no"),
        "order_time": known.item.get("order_time"),
        "lang": "",
        "remark": known.item.get("remark"),
        "latest_event_time": _times(last[0])["time_iso"] if last else None,
        "latest_event_info": _event(last[0], known.carrier)["description"]
        if last
        else None,
        "delievery_time": f"{last[0].time:%Y-%m-%dT%H:%M:%SZ}" if done else None,
        "pickup_time": "",
    }


def stranger(number: str) -> Mapping[str, object]:
    """Return somebody else's delivered parcel."""
    address = _address("BE", None)
    time: Mapping[str, object] = {
        "time_iso": "2026-02-06T15:25:17+01:00",
        "time_utc": "2026-02-06T14:25:17Z",
        "time_raw": {"date": "2026-02-06", "time": "15:25:17", "timezone": "+01:00"},
    }
    event = {
        **time,
        "description": "Delivered",
        "description_translation": None,
        "location": None,
        "stage": "Delivered",
        "sub_status": "Delivered_Other",
        "address": address,
    }
    status = {
        "status": "Delivered",
        "sub_status": "Delivered_Other",
        "sub_status_descr": None,
    }
    provider = {"provider": {"key": 190271, "name": "Cainiao"}, "events": [event]}
    return {
        "number": number,
        "carrier": 190271,
        "track_info": {
            "latest_status": status,
            "latest_event": event,
            "tracking": {"providers": [provider]},
        },
    }


def _hash(events: object) -> int:
    """Return a signed number that changes with the events only."""
    return crc32(json.dumps(events).encode()) - 2**31
