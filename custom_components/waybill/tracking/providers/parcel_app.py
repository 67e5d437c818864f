"""Parcel, the app: all that a person follows there, in one feed.

Documentation: https://parcelapp.net/help/api.html, its pages on recent deliveries
and on adding one, and https://api.parcel.app/external/supported_carriers.json. The
API comes with a premium subscription. The feed may be asked for 20 times an hour
and shows what Parcel's servers last read; a delivery may be added 20 times a day,
failed attempts included, so none is tried twice.

What independent public clients add, and what is built on it here:

- A status belongs to a delivery, not to an event: the newest event bears it, and an
  event has no code, for its identity must outlast the next one.
- Events come newest first; a list whose clocks all run the other way is turned.
- Dates are free text, of which only what cannot be mistaken is read.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from itertools import islice, pairwise
import re
from typing import Final, NamedTuple, override

import aiohttp
from yarl import URL

from .. import numbers
from ..model import Answer, Direction, Estimate, Stage, TrackingEvent
from . import customs, fields
from .base import (
    AccountInfo,
    Credentials,
    Limits,
    Listed,
    Provider,
    ProviderError,
    ProviderUnavailable,
    Query,
    QuotaExceeded,
    Reply,
    api_key,
)
from .places import country_of
from .returns import went_back
from .wording import Phrases, Refinement, left_at_pickup_place
from .written_dates import written_moment

_STAGES: Final[Mapping[int, Stage]] = {
    # ``status_code``. 5 is not found, of which there is nothing to tell.
    0: Stage.DELIVERED,
    1: Stage.EXPIRED,
    2: Stage.IN_TRANSIT,
    3: Stage.READY_FOR_PICKUP,
    4: Stage.OUT_FOR_DELIVERY,
    6: Stage.DELIVERY_FAILED,
    7: Stage.EXCEPTION,
    8: Stage.INFO_RECEIVED,
}
_REFINED: Final = Refinement(
    # What the words of an event can make of "in transit", in this order.
    (
        Stage.RETURNING,
        Phrases(
            "returned to sender",
            "returned to the sender",
            "return to sender",
            "returning to sender",
            "back to the sender",
            "returned to shipper",
        ),
    ),
    customs.ACTION_REQUIRED,
    (
        Stage.READY_FOR_PICKUP,
        Phrases(
            "ready for pick up",
            "ready for collection",
            "available for pick up",
            "available for collection",
            "can be picked up",
            "can be collected",
        ),
    ),
    (
        Stage.DELIVERY_FAILED,
        Phrases(
            "delivery attempted",
            "attempted delivery",
            "delivery attempt",
            "could not be delivered",
        ),
    ),
    (
        Stage.OUT_FOR_DELIVERY,
        Phrases("out for delivery", "out with courier", "on the delivery vehicle"),
    ),
    (Stage.CUSTOMS_CLEARED, Phrases("out of customs")),
    (Stage.IN_CUSTOMS, Phrases("into customs")),
    *customs.PROGRESS,
    not_now=Phrases(
        "will be delivered",
        "will be available",
        "will be ready",
        "next delivery attempt",
        "new delivery attempt",
        "another delivery attempt",
        *customs.NOT_NOW,
    ),
)
# Parcel's own codes of carriers. Where one of ours has several, the first is the one
# to add a delivery with; those without a code to add with are read only.
_CARRIER_CODES: Final[Mapping[str, tuple[str, ...]]] = {
    "4px": ("px",),
    "amazon": (),
    "australia_post": ("au",),
    "austrian_post": ("at",),
    "bpost": ("bpost",),
    "cainiao": ("aliex",),
    "canada_post": ("cp",),
    "canpar": ("canpar",),
    "china_post": ("china", "cems"),
    "chronopost": ("chrono",),
    "colissimo": ("lp",),
    "correos": ("cor",),
    "deutsche_post": ("dp", "dpr"),
    "dhl": ("dhl", "dhlnl", "dhlpoland", "dhluk", "dhlserv", "dhlgf"),
    "dhl_ecommerce": ("dhlgm",),
    "dpd": ("dpdgroup", "dpd", "dpdat", "dpdie", "dpdpoland", "dpduk"),
    "fedex": ("fedex", "fedpl"),
    "gls": ("gls", "glsit", "asmred", "dicom", "gso"),
    "gofo": ("gofo",),
    "hongkong_post": ("hk",),
    "india_post": ("in",),
    "inpost": ("inpost", "inpostit", "inpostuk", "inpespcode"),
    "japan_post": ("jp",),
    "korea_post": ("kor",),
    "la_poste": ("lp", "lp2"),
    "landmark": ("landmark",),
    "lasership": ("laser",),
    "nova_post": ("newp",),
    "nz_post": ("nzp", "coup"),
    "ontrac": ("ont",),
    "post_br": ("corbra",),
    "post_cz": ("ceska",),
    "post_ee": ("ee",),
    "post_fi": ("posti",),
    "post_gr": ("elta",),
    "post_hr": ("hr", "hr2"),
    "post_hu": ("hung",),
    "post_ie": ("anpost",),
    "post_il": ("il",),
    "post_kz": ("kz",),
    "post_lt": ("litva", "litva2"),
    "post_lu": ("ptl",),
    "post_lv": ("lv",),
    "post_mt": ("malta",),
    "post_mx": ("corm",),
    "post_my": ("malpos",),
    "post_no": ("nor",),
    "post_ph": ("phlpost",),
    "post_pl": ("poland",),
    "post_pt": ("ctt",),
    "post_ru": ("rp", "ems"),
    "post_sa": ("saudi",),
    "post_si": ("slv",),
    "post_sk": ("slovak",),
    "post_th": ("thai",),
    "post_tr": ("turk",),
    "post_tw": ("tw",),
    "post_ua": ("ukr",),
    "post_za": ("safr",),
    "poste_italiane": ("it",),
    "postnl": ("tntp", "tntpit"),
    "postnord": ("postnord", "dk", "se"),
    "purolator": ("puro", "puropost"),
    "royal_mail": ("rm",),
    "sf_express": ("sf",),
    "singapore_post": ("sing",),
    "swiss_post": ("swiss",),
    "ups": ("ups", "upsmi"),
    "usps": ("usps",),
    "yanwen": ("yanwen",),
    "yodel": ("yodel",),
    "yunexpress": ("yun",),
}
_CARRIER_OF: Final[Mapping[str, str]] = {
    code: carrier for carrier, codes in _CARRIER_CODES.items() for code in codes
}
_AMAZON: Final = re.compile(r"(?:amzl|amship)[a-z]{2}")
"""Amazon has a code for each country."""

_FEED: Final = "/external/deliveries/"
_ADD: Final = "/external/add-delivery/"
_QUOTA: Final = "quota"
_ALREADY_THERE: Final = "already added"
_WIDEST_ZONES: Final = timedelta(hours=26)
"""Between the clocks of two places: across the Pacific one arrives before one left."""
_MAX_DELIVERIES: Final = 5000
_ADDED_AT_ONCE: Final = 5
_MAX_REMEMBERED: Final = 1000


class ParcelAppProvider(Provider):
    """The app Parcel, with the key of a premium account."""

    id = "parcel_app"
    name = "Parcel"
    origin = "https://api.parcel.app"
    credentials = ("api_key",)
    aggregator = True
    spends_per_number = True
    paid = True
    lists_parcels = True
    echoes = frozenset({"extra_information", "postcode"})
    limits = Limits(
        # Any number of parcels is one request.
        batch_size=1000,
        spacing=timedelta(minutes=4),
        routine_spacing=timedelta(minutes=10),
        per_leg=timedelta(minutes=15),
        lag=timedelta(hours=1),
    )

    def __init__(self, simulator: URL | None = None) -> None:
        """Have added nothing yet."""
        super().__init__(simulator)
        self._adding_from: datetime | None = None
        self._tried: dict[tuple[str | None, ...], Answer] = {}
        self._seen: set[str] = set()

    @override
    async def fetch(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        legs: Sequence[Query],
    ) -> list[Answer]:
        asked = tuple(leg.tracking_number for leg in legs)
        reply = await self._ask(session, credentials, _FEED, {"filter_mode": "recent"})
        told = await self._parse_many(
            credentials, asked, reply.body, lambda: parse(reply.json(), asked)
        )
        known = {answer.tracking_number for answer in told}
        self._seen |= known
        strangers = [leg for leg in legs if leg.tracking_number not in known]
        if not strangers:
            return told
        return told + await self._add(session, credentials, strangers)

    @override
    async def verify(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> AccountInfo:
        """Ask for the feed. Parcel names no account."""
        reply = await self._ask(session, credentials, _FEED, {"filter_mode": "active"})
        _deliveries(reply.json())
        return AccountInfo()

    @override
    async def listed(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> list[Listed]:
        reply = await self._ask(session, credentials, _FEED, {"filter_mode": "recent"})
        return parse_list(reply.json())

    async def _add(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        strangers: Sequence[Query],
    ) -> list[Answer]:
        """Add what may be added, and return what is known of each: nothing yet."""
        answers = []
        attempts = 0
        for leg in strangers:
            number = leg.tracking_number
            attempt = (number, leg.carrier, leg.postal_code)
            # What the person took out of the app is not put back.
            if not leg.may_register or number in self._seen:
                answers.append(Answer(tracking_number=number))
            elif attempt in self._tried:
                answers.append(self._tried[attempt])
            elif (code := _code_of(leg.carrier)) is None:
                answers.append(Answer(tracking_number=number, needs="carrier"))
            elif self._is_out_of_quota():
                answers.append(Answer(tracking_number=number, needs=_QUOTA))
            elif attempts < _ADDED_AT_ONCE:
                attempts += 1
                try:
                    answer = await self._add_one(session, credentials, leg, code)
                except ProviderError:
                    # Whether it was added, the next feed tells.
                    attempts = _ADDED_AT_ONCE
                    continue
                answers.append(answer)
                if answer.needs != _QUOTA:
                    self._tried[attempt] = answer
                    while len(self._tried) > _MAX_REMEMBERED:
                        del self._tried[next(iter(self._tried))]
        return answers

    async def _add_one(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        leg: Query,
        code: str,
    ) -> Answer:
        number = leg.tracking_number
        delivery: dict[str, object] = {
            "tracking_number": number,
            "carrier_code": code,
            "description": number,
            "language": "en",
            "send_push_confirmation": False,
        }
        if leg.postal_code:
            delivery["postcode"] = leg.postal_code
        try:
            reply = await self._request(
                session, "POST", _ADD, headers=_headers(credentials), json_body=delivery
            )
        except QuotaExceeded as err:
            now = datetime.now(UTC)
            self._adding_from = err.retry_at or fields.next_midnight(now)
            return Answer(tracking_number=number, needs=_QUOTA)
        told = reply.json()
        if not isinstance(told, dict) or not isinstance(told.get("success"), bool):
            raise ProviderUnavailable(f"HTTP {reply.status}", retry_at=reply.retry_at)
        refusal = fields.text(told.get("error_message")).casefold()
        if told["success"] or _ALREADY_THERE in refusal:
            return Answer(tracking_number=number)
        return Answer(tracking_number=number, needs="details")

    def _is_out_of_quota(self) -> bool:
        return self._adding_from is not None and datetime.now(UTC) < self._adding_from

    async def _ask(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        path: str,
        params: Mapping[str, str],
    ) -> Reply:
        reply = await self._request(
            session, "GET", path, params=params, headers=_headers(credentials)
        )
        if reply.status != HTTPStatus.OK:
            raise ProviderUnavailable(f"HTTP {reply.status}", retry_at=reply.retry_at)
        return reply


def parse(body: object, asked: Sequence[str]) -> list[Answer]:
    """Turn the feed into what it says of the numbers asked about.

    A number that is not in it has no answer. Raises ProviderUnavailable for what is
    no feed.
    """
    wanted = {numbers.normalise(number): number for number in asked}
    found: dict[str, Mapping[str, object]] = {}
    for delivery in _deliveries(body):
        number = wanted.get(_number(delivery))
        # The person may have it twice, as another carrier's.
        if number is not None and not _has_events(found.get(number, {})):
            found[number] = delivery
    return [_answer(number, delivery) for number, delivery in found.items()]


def parse_list(body: object) -> list[Listed]:
    """Turn the feed into the parcels that the person follows. Raises as ``parse``."""
    listed: dict[str, Listed] = {}
    followed = _deliveries(body)
    if len(followed) != len(fields.sequence(fields.mapping(body).get("deliveries"))):
        raise ProviderUnavailable("answer is no whole feed")
    for delivery in followed:
        number = _number(delivery)
        if not numbers.plausible(number) or number in listed:
            continue
        name = fields.optional_text(delivery.get("description"), fields.PLACE_LIMIT)
        listed[number] = Listed(
            tracking_number=number,
            carrier=_carrier(delivery),
            name=name if name is None or numbers.normalise(name) != number else None,
        )
    return list(listed.values())


def _deliveries(body: object) -> list[Mapping[str, object]]:
    feed = fields.mapping(body)
    deliveries = feed.get("deliveries")
    # Who follows nothing may have no list at all.
    if feed.get("success") is not True or not isinstance(deliveries, list | None):
        raise ProviderUnavailable("answer is no feed")
    return list(islice(fields.mappings(deliveries), _MAX_DELIVERIES))


def _headers(credentials: Credentials) -> Mapping[str, str]:
    key = api_key(credentials)
    return {"api-key": key, "Accept": "application/json"}


def _number(delivery: Mapping[str, object]) -> str:
    return numbers.normalise(
        fields.text(delivery.get("tracking_number"), fields.NUMBER_LIMIT)
    )


def _carrier(delivery: Mapping[str, object]) -> str | None:
    code = fields.text(delivery.get("carrier_code"), 40).lower()
    return "amazon" if _AMAZON.fullmatch(code) else _CARRIER_OF.get(code)


def _code_of(carrier: str | None) -> str | None:
    codes = _CARRIER_CODES.get(carrier or "", ())
    return codes[0] if codes else None


def _has_events(delivery: Mapping[str, object]) -> bool:
    return bool(fields.sequence(delivery.get("events")))


def _status(delivery: Mapping[str, object]) -> Stage | None:
    code = fields.text(delivery.get("status_code"), 4)
    return _STAGES.get(int(code)) if code.isascii() and code.isdigit() else None


def _answer(tracking_number: str, delivery: Mapping[str, object]) -> Answer:
    status = _status(delivery)
    events = tuple(_events(tracking_number, delivery, status))
    told = any(event.stage is not None for event in events)
    return Answer(
        tracking_number=tracking_number,
        events=events,
        stage=status if status is Stage.EXPIRED or not told else None,
        carrier=_carrier(delivery),
        estimate=_estimate(delivery),
    )


def _events(
    tracking_number: str, delivery: Mapping[str, object], status: Stage | None
) -> Iterator[TrackingEvent]:
    """Yield the events, newest first; the newest bears the delivery's status."""
    lines = list(_lines(delivery))
    if _is_oldest_first(lines):
        lines.reverse()
    # That Parcel gave up is no scan.
    bears = None if status is Stage.EXPIRED else status
    for line in lines:
        stage, direction = _stage(bears, line.texts)
        bears = None
        yield TrackingEvent(
            provider=ParcelAppProvider.id,
            tracking_number=tracking_number,
            code=None,
            written_time=line.written,
            time=line.when if line.when and line.when.tzinfo else None,
            local_time=line.when.replace(tzinfo=None)
            if line.when and line.when.tzinfo is not UTC
            else None,
            stage=stage,
            direction=direction,
            description=line.texts[0],
            words=fields.text("; ".join(line.texts)),
            location=line.location,
            country=country_of(line.location),
            carrier=_carrier(delivery),
        )


class _Line(NamedTuple):
    texts: list[str]
    written: str
    when: datetime | None
    location: str | None

    @override
    def __repr__(self) -> str:
        """Show when it was written, not what."""
        return f"_Line({self.when})"


def _lines(delivery: Mapping[str, object]) -> Iterator[_Line]:
    for event in islice(fields.mappings(delivery.get("events")), fields.MAX_EVENTS):
        texts = [fields.text(event.get(key)) for key in ("event", "additional")]
        texts = [text for text in dict.fromkeys(texts) if text]
        if not texts:
            continue
        written = fields.text(event.get("date"), 80)
        # Some carriers leave the form of a date without a date.
        written = written if any(char.isalnum() for char in written) else ""
        when = written_moment(written)
        location = fields.optional_text(event.get("location"), fields.PLACE_LIMIT)
        yield _Line(
            texts, written, when if isinstance(when, datetime) else None, location
        )


def _is_oldest_first(lines: Sequence[_Line]) -> bool:
    """Say whether all clocks of a list run forwards, by more than zones can make."""
    clocks = [line.when.replace(tzinfo=None) for line in lines if line.when is not None]
    return (
        len(clocks) == len(lines) > 1
        and clocks[-1] - clocks[0] > _WIDEST_ZONES
        and all(one <= other for one, other in pairwise(clocks))
    )


def _stage(
    status: Stage | None, texts: Sequence[str]
) -> tuple[Stage | None, Direction | None]:
    """Return the stage and, for customs, the side of the border if it is told."""
    stage = status
    if status is None or status is Stage.IN_TRANSIT:
        stage = _REFINED.stage(texts) or status
    if stage is None:
        return None, None
    if stage is Stage.DELIVERED:
        if went_back(texts):
            stage = Stage.RETURNED
        elif left_at_pickup_place(texts):
            stage = Stage.READY_FOR_PICKUP
    return customs.directed(stage, None, texts)


def _estimate(delivery: Mapping[str, object]) -> Estimate | None:
    """Return what is promised: an instant where one is told, else as written."""
    told = [
        (
            written_moment(fields.text(delivery.get(f"date_expected{part}"), 80)),
            _instant(delivery.get(f"timestamp_expected{part}")),
        )
        for part in ("", "_end")
    ]
    written = [each for each, _ in told if each is not None]
    if written and all(_at_midnight(each) for each in written):
        # A day, whose clock somebody had to fill in.
        return fields.estimate(*(each and each.isoformat() for each, _ in told))
    return fields.window(
        *(
            each if isinstance(each, datetime) and each.tzinfo else instant or each
            for each, instant in told
        )
    )


def _at_midnight(written: datetime | date) -> bool:
    return not isinstance(written, datetime) or written.time() == time.min


def _instant(timestamp: object) -> datetime | None:
    """Return the instant of seconds since 1970."""
    if isinstance(timestamp, bool) or not isinstance(timestamp, int):
        return None
    return fields.epoch_ms(timestamp * 1000)
