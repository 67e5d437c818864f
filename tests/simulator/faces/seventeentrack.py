"""17TRACK's Tracking API v2.4: numbers are registered first, then read for free."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import sha256
import re
from typing import Any, ClassVar, Final, override

from ..meters import Daily, Window
from ..playing import View
from .base import Call, Face, Look, Reply, Terms
from .seventeentrack_info import KEYS, Registration, listed, stranger, track_info

_BASE: Final = "/track/v2.4/"
_BATCH: Final = 40
_FILTER: Final = 200
_PAGE: Final = 40
_FORMAT: Final = re.compile(r"[A-Za-z0-9-]{5,50}")

_SHAPES: Final = (
    (re.compile(r"LP\d{11,14}(CN)?"), "cainiao"),
    (re.compile(r"9[2-5]\d{18,24}"), "usps"),
    (re.compile(r"1Z[0-9A-Z]{16}"), "ups"),
    (re.compile(r"YT\d{16}"), "yanwen"),
    (re.compile(r"\d{10}"), "dhl"),
    (re.compile(r"\d{12}"), "fedex"),
    (re.compile(r"[A-Z]{2}\d{9}CN"), "china_post"),
    (re.compile(r"[A-Z]{2}\d{9}US"), "usps"),
    (re.compile(r"[A-Z]{2}\d{9}FR"), "la_poste"),
    (re.compile(r"[A-Z]{2}\d{9}GB"), "royal_mail"),
    (re.compile(r"[A-Z]{2}\d{9}BR"), "correios"),
)

_ASKS: Final[Mapping[str, tuple[int, str, frozenset[str]]]] = {
    "country": (
        -18010018,
        "Country and postal code are required.",
        frozenset({"destination_country", "destination_postal_code"}),
    ),
    "postal_code": (
        -18010019,
        "Postal code is required.",
        frozenset({"destination_postal_code"}),
    ),
    "phone_number": (
        -18010020,
        "Phone number is required.",
        frozenset({"phone_number", "phone_number_last_4"}),
    ),
    "details": (
        -18010022,
        "Additional information is required.",
        frozenset({"param", "consignee", "shipper", "ship_date"}),
    ),
}

_EXTRAS: Final = (
    "destination_postal_code",
    "origin_country",
    "destination_country",
    "destination_city",
    "ship_date",
    "shipper",
    "consignee",
    "phone_number_last_4",
    "phone_number",
    "cpf_or_cnpj",
)


class _Rejected(Exception):
    """An item that lands among the rejected ones."""

    def __init__(self, code: int, message: str) -> None:
        """Say why."""
        super().__init__(message)
        self.code = code


class SeventeenTrackFace(Face):
    """``POST /track/v2.4/...``. All keys belong to one account."""

    provider: ClassVar[str] = "seventeentrack"
    routes: ClassVar[tuple[tuple[str, str], ...]] = tuple(
        ("POST", _BASE + endpoint)
        for endpoint in (
            "register",
            "gettrackinfo",
            "gettracklist",
            "stoptrack",
            "retrack",
            "deletetrack",
            "changecarrier",
            "changeinfo",
            "push",
            "getquota",
        )
    )

    def __init__(self, terms: Terms) -> None:
        """Begin with nothing registered.

        ``settling`` is how long 17TRACK says "no tracking info yet" after a
        registration; a pace shortens it. ``quota_total`` is what the account
        may register.
        """
        super().__init__(terms)
        self.registered: dict[str, Registration] = {}
        self.settling = timedelta(minutes=3)
        self.quota_total = 200
        self.quota_used = 0
        self.daily = Daily(100, pace=terms.pace)
        self._rate = Window(3, timedelta(seconds=1), pace=terms.pace)
        self._endpoints: Mapping[str, Callable[[Any, Look], object]] = {
            "register": self._register,
            "gettrackinfo": self._gettrackinfo,
            "stoptrack": self._stoptrack,
            "retrack": self._retrack,
            "deletetrack": self._deletetrack,
            "changecarrier": self._changecarrier,
            "changeinfo": self._changeinfo,
            "push": self._push,
        }

    @override
    def numbers(self, call: Call) -> tuple[str, ...]:
        """Return the numbers asked about."""
        if isinstance(call.body, dict):
            named = call.body.get("number")
            return tuple(named.split(",")) if isinstance(named, str) else ()
        if not isinstance(call.body, list):
            return ()
        items = (item for item in call.body if isinstance(item, dict))
        return tuple(str(item["number"]) for item in items if "number" in item)

    @override
    def answer(self, call: Call, look: Look) -> Reply:
        """Return the answer to a call of any endpoint."""
        if call.headers.get("17token") not in self.terms.keys:
            return self.rejected()
        if self.terms.limits and not self._rate.admits(self.terms.now()):
            return self.walled()
        endpoint = call.path.removeprefix(_BASE)
        if endpoint == "getquota":
            return Reply({"code": 0, "data": self._getquota()})
        if endpoint == "gettracklist":
            return self._gettracklist(call.body, look)
        if not isinstance(call.body, list) or not call.body:
            return _failure(-18010012, "The format of the submitted data is invalid.")
        if len(call.body) > _BATCH:
            return _failure(
                -18010014, f"The number of submitted numbers exceeds {_BATCH}."
            )
        return self._sort(call.body, look, self._endpoints[endpoint])

    def _sort(
        self,
        items: list[Any],
        look: Look,
        handle: Callable[[Any, Look], object],
    ) -> Reply:
        """Handle each item; return the accepted and the rejected ones."""
        accepted: list[object] = []
        rejected: list[object] = []
        for item in items:
            number = item.get("number") if isinstance(item, dict) else None
            try:
                _check_format(number)
                accepted.append(handle(item, look))
            except _Rejected as err:
                carrier = item.get("carrier", 0) if isinstance(item, dict) else 0
                rejected.append(_rejection(number, carrier, err.code, str(err)))
        if look.stranger is not None:
            accepted.insert(0, stranger(look.stranger))
        return Reply({"code": 0, "data": {"accepted": accepted, "rejected": rejected}})

    def preregister(
        self, number: str, carrier: str = "usps", name: str | None = None
    ) -> Registration:
        """Register a number as if it had been done long ago on the web site."""
        known = Registration(
            number=number,
            carrier=carrier,
            registered=self.terms.now() - timedelta(days=1),
            item={} if name is None else {"remark": name},
        )
        self.registered[number] = known
        return known

    def forget(self, number: str) -> None:
        """Delete a number as if it had been done on the web site."""
        self.registered.pop(number, None)

    def _known(self, item: Mapping[str, Any]) -> Registration:
        """Return the registration of an item's number."""
        known = self.registered.get(item["number"])
        if known is None or item.get("carrier") not in {None, 0, known.key}:
            raise _Rejected(
                -18019902,
                f"Tracking number {item['number']} is not registered, "
                "please register it first.",
            )
        return known

    def _register(self, item: Mapping[str, Any], look: Look) -> object:
        number = item["number"]
        if number in self.registered:
            raise _Rejected(
                -18019901, f"Tracking number {number} is already registered."
            )
        view = look(number)
        carrier, origin = self._carrier_of(item, view)
        asked = view.journey.asks_for if view is not None else None
        if asked is not None:
            code, message, answers = _ASKS[asked]
            if not answers & item.keys():
                raise _Rejected(code, message)
        price = 2 if item.get("lang") else 1
        now = self.terms.now()
        if self.quota_used + price > self.quota_total:
            raise _Rejected(-18019908, "The quota is exhausted.")
        if not self.daily.admits(now):
            raise _Rejected(-18019907, "The daily limit is exceeded.")
        self.quota_used += price
        known = Registration(number=number, carrier=carrier, registered=now, item=item)
        self.registered[number] = known
        return {
            "origin": origin,
            "number": number,
            "carrier": known.key,
            "email": None,
            "lang": item.get("lang"),
            "tag": item.get("tag"),
        }

    def _carrier_of(
        self, item: Mapping[str, Any], view: View | None
    ) -> tuple[str, int]:
        """Return the carrier of a new number, and how sure 17TRACK is of it."""
        given = item.get("carrier")
        if given:
            for carrier, (key, *_rest) in KEYS.items():
                if key == given:
                    return carrier, 2
            raise _Rejected(-18019910, f"Carrier {given} is incorrect.")
        if view is not None and view.carrier in KEYS:
            return view.carrier, 1
        for shape, carrier in _SHAPES:
            if shape.fullmatch(item["number"]):
                return carrier, 3
        raise _Rejected(-18019903, "The carrier can not be detected.")

    def _gettrackinfo(self, item: Mapping[str, Any], look: Look) -> object:
        known = self._known(item)
        settled = known.registered + self.settling / self.terms.pace
        if self.terms.now() < settled:
            raise _Rejected(
                -18019909,
                f"No tracking information for {known.number} at this moment.",
            )
        view = look(known.number)
        return {
            "number": known.number if view is None else view.number,
            "carrier": known.key,
            "param": known.item.get("param"),
            "tag": known.item.get("tag"),
            "lang": known.item.get("lang"),
            **{name: known.item.get(name) for name in _EXTRAS},
            "special_tracking_info": None,
            "track_info": track_info(known, view, self.terms.now()),
        }

    def _stoptrack(self, item: Mapping[str, Any], look: Look) -> object:
        known = self._known(item)
        if known.stopped is not None:
            raise _Rejected(-18019906, "Only numbers being tracked can be stopped.")
        known.stopped, known.stop_reason = self.terms.now(), "ByRequest"
        return {"number": known.number, "carrier": known.key}

    def _retrack(self, item: Mapping[str, Any], look: Look) -> object:
        known = self._known(item)
        if known.stopped is None:
            raise _Rejected(-18019904, "Only stopped numbers can be retracked.")
        if known.retracked:
            raise _Rejected(-18019905, "A number can be retracked only once.")
        known.stopped, known.stop_reason, known.retracked = None, None, True
        return {"number": known.number, "carrier": known.key}

    def _deletetrack(self, item: Mapping[str, Any], look: Look) -> object:
        known = self._known(item)
        del self.registered[known.number]
        return {"number": known.number, "carrier": known.key}

    def _changecarrier(self, item: Mapping[str, Any], look: Look) -> object:
        known = self._known({"number": item["number"]})
        if item.get("carrier_old", known.key) != known.key:
            raise _Rejected(-18019805, "The old carrier does not match.")
        if known.carrier_changes == 5:
            raise _Rejected(-18019807, "The carrier can be changed five times at most.")
        carrier, _ = self._carrier_of({"carrier": item.get("carrier_new", -1)}, None)
        if carrier == known.carrier:
            raise _Rejected(-18019803, "The carrier is the same.")
        known.carrier = carrier
        known.carrier_changes += 1
        return {"number": known.number, "carrier_new": known.key}

    def _changeinfo(self, item: Mapping[str, Any], look: Look) -> object:
        known = self._known(item)
        changes = item.get("items")
        if not isinstance(changes, dict):
            raise _Rejected(-18019811, "The submitted data is invalid.")
        known.item = {**known.item, **changes}
        return {"number": known.number, "carrier": known.key}

    def _push(self, item: Mapping[str, Any], look: Look) -> object:
        self._known(item)
        raise _Rejected(-18010204, "The webhook URL is not set.")

    def _getquota(self) -> Mapping[str, object]:
        return {
            "quota_total": self.quota_total,
            "quota_used": self.quota_used,
            "quota_remain": self.quota_total - self.quota_used,
            "today_used": self.daily.count(self.terms.now()),
            "max_track_daily": self.daily.limit,
            "free_email_quota": 0,
            "free_email_quotaused": 0,
        }

    def _gettracklist(self, body: object, look: Look) -> Reply:
        asked = body if isinstance(body, dict) else {}
        wanted = asked.get("number")
        numbers = wanted.split(",") if isinstance(wanted, str) and wanted else None
        if numbers is not None and len(numbers) > _FILTER:
            return _failure(
                -18010014, f"The number of submitted numbers exceeds {_FILTER}."
            )
        found = [
            listed(known, look(known.number))
            for known in self.registered.values()
            if numbers is None or known.number in numbers
        ]
        for name in ("tracking_status", "package_status"):
            if asked.get(name):
                found = [item for item in found if item[name] == asked[name]]
        page = max(int(asked.get("page_no") or 1), 1)
        return Reply(
            {
                "page": {
                    "data_total": len(found),
                    "page_total": -(-len(found) // _PAGE),
                    "page_no": page,
                    "page_size": _PAGE,
                },
                "code": 0,
                "data": {"accepted": found[(page - 1) * _PAGE : page * _PAGE]},
            }
        )

    @override
    def message(self, number: str, look: Look) -> object:
        """Return the push of a number; one that is not registered has none.

        It is sent when a carrier was read just now.
        """
        try:
            told: Any = self._gettrackinfo({"number": number}, look)
        except _Rejected as err:
            raise ValueError(str(err)) from err
        for carrier in told["track_info"]["tracking"]["providers"]:
            carrier["latest_sync_time"] = f"{self.terms.now():%Y-%m-%dT%H:%M:%SZ}"
        return {"event": "TRACKING_UPDATED", "data": told}

    @override
    def proof(self, body: bytes, secret: str) -> Mapping[str, str]:
        """Return the signature, which is made with the key."""
        return {"sign": sha256(body + b"/" + secret.encode()).hexdigest()}

    @override
    def walled(self) -> Reply:
        """Return what one gets for more than three requests a second."""
        return _failure(429, "Too many requests.", status=429)

    @override
    def rejected(self) -> Reply:
        """Return what a wrong key gets."""
        return _failure(-18010002, "Invalid security key.", status=401)

    @override
    def spent(self, call: Call) -> Reply | None:
        """Return what a registration gets when the quota is spent; reading is free."""
        if call.path.endswith("/getquota"):
            gone = {"quota_used": self.quota_total, "quota_remain": 0}
            return Reply({"code": 0, "data": {**self._getquota(), **gone}})
        if not call.path.endswith("/register"):
            return None
        rejected = [
            _rejection(number, 0, -18019908, "The quota is exhausted.")
            for number in self.numbers(call)
        ]
        return Reply({"code": 0, "data": {"accepted": [], "rejected": rejected}})

    @override
    def state(self) -> Mapping[str, object]:
        """Return the quota and what is registered."""
        return {"quota": self._getquota(), "registered": sorted(self.registered)}


def _failure(code: int, message: str, *, status: int = 200) -> Reply:
    """Return an error of the whole call."""
    error = {"code": code, "message": message}
    return Reply({"code": code, "data": {"errors": [error]}}, status)


def _rejection(
    number: object, carrier: object, code: int, message: str
) -> Mapping[str, object]:
    """Return an item that is rejected; a carrier is echoed as it was sent."""
    error = {"code": code, "message": message}
    return {"number": number, "carrier": carrier, "error": error}


def _check_format(number: object) -> None:
    """Reject what cannot be a tracking number."""
    if not isinstance(number, str) or not _FORMAT.fullmatch(number):
        raise _Rejected(-18010012, f"The format of '{number}' is invalid.")
