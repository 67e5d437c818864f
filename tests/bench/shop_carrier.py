"""17TRACK's server, in the place of the network: it answers at once.

What it says of a number is made ready before it is asked.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
import json
from typing import Any, Final

from custom_components.waybill.tracking.providers.base import Reply

from .event_loop import EventLoop

SCANS: Final = 15
"""How many lines there are of a parcel on its way."""
JOURNEY: Final = (
    "InfoReceived",
    "InTransit_PickedUp",
    "InTransit_Departure",
    "InTransit_Arrival",
    "InTransit_CustomsProcessing",
    "InTransit_CustomsReleased",
    "InTransit_Other",
    "InTransit_Other",
    "OutForDelivery_Other",
    "Delivered_Other",
)
"""A whole life, in 17TRACK's words."""
_EVERY: Final = timedelta(hours=9)
_YANWEN: Final = 190012
_QUOTA: Final = {"quota_total": 100_000, "quota_used": 1, "quota_remain": 99_999}


def number(place: int) -> str:
    """Return the tracking number of a parcel."""
    return f"YT{place:016}"


class ShopCarrier:
    """Answers for all numbers that were scanned.

    ``asked`` holds the numbers of each request.
    """

    def __init__(self, loop: EventLoop) -> None:
        """Know no number."""
        self.asked: list[list[str]] = []
        self._loop = loop
        self._scans: dict[str, list[dict[str, object]]] = {}
        self._items: dict[str, bytes] = {}

    def scan(self, place: int, sub_status: str, at: datetime) -> None:
        """Write another line about a parcel, as its newest."""
        asked, scans = number(place), self._scans.setdefault(number(place), [])
        scans.insert(0, _event(sub_status, at, len(scans)))
        self._items[asked] = json.dumps(_item(asked, scans)).encode()

    def scan_on_its_way(self, place: int, until: datetime) -> None:
        """Write all lines about a parcel that is far from its door."""
        for ago in reversed(range(SCANS)):
            self.scan(place, "InTransit_Other", until - ago * _EVERY)

    async def __call__(
        self, session: Any, method: str, path: str, **request: Any
    ) -> Reply:
        """Answer a request, as ``Provider._request`` does."""
        with self._loop.leaving_out():
            if path.endswith("getquota"):
                return _reply(json.dumps({"code": 0, "data": _QUOTA}).encode())
            numbers = [item["number"] for item in request["json_body"]]
            self.asked.append(numbers)
            accepted = b", ".join(self._items[each] for each in numbers)
            return _reply(
                b'{"code": 0, "data": {"accepted": ['
                + accepted
                + b'], "rejected": []}}'
            )


def _reply(body: bytes) -> Reply:
    return Reply(200, {}, body)


def _item(asked: str, scans: Sequence[dict[str, object]]) -> dict[str, object]:
    return {
        "number": asked,
        "carrier": _YANWEN,
        "param": None,
        "tag": "",
        "track_info": {
            "shipping_info": {
                "shipper_address": {"country": "CN", "city": "Shenzhen"},
                "recipient_address": {"country": "US", "city": "Portland"},
            },
            "latest_status": {
                "status": str(scans[0]["sub_status"]).partition("_")[0],
                "sub_status": scans[0]["sub_status"],
            },
            "latest_event": scans[0],
            "time_metrics": {"estimated_delivery_date": {"from": None, "to": None}},
            "tracking": {
                "providers_hash": 1,
                "providers": [
                    {
                        "provider": {
                            "key": _YANWEN,
                            "name": "Yanwen",
                            "homepage": "https://carrier.example",
                        },
                        "events": list(scans),
                    }
                ],
            },
        },
    }


def _event(sub_status: str, at: datetime, place: int) -> dict[str, object]:
    return {
        "time_iso": at.isoformat(),
        "time_utc": at.isoformat(),
        "time_raw": {
            "date": f"{at:%Y-%m-%d}",
            "time": f"{at:%H:%M:%S}",
            "timezone": "+00:00",
        },
        "description": f"Departed from sorting centre {place}",
        "location": "Shenzhen",
        "stage": None,
        "sub_status": sub_status,
        "address": {"country": "CN", "state": None, "city": "Shenzhen"},
    }
