"""17TRACK's tracking API, version 2.4: an aggregator of some 3,000 carriers.

Documentation: https://asset.17track.net/api/document/v2.4_en/index.html and, for
the statuses and the errors, help.17track.net (articles 37471096573337 and
37570440168473).

A number is registered once, which spends quota that cannot be had back; asking
about a registered number is free. So every question goes out as a question
first, and only what 17TRACK says it does not know is registered, where that is
allowed. Scans come minutes to hours after the registration.

When the quota does not suffice to register a number, nothing else is lost: the
numbers that are registered keep their answers, and the one that could not be has
an answer that ``needs`` "quota". Until the next midnight UTC no further
registration is tried, unless ``requests_left`` finds quota before.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from heapq import merge
from http import HTTPStatus
from itertools import islice
import re
from types import MappingProxyType
from typing import Final, NamedTuple, override

import aiohttp
from yarl import URL

from .. import numbers
from ..model import Answer, Direction, Leg, Stage, TrackingEvent
from ..numbers.s10 import POST_OF
from . import customs, fields
from .base import (
    AccountInfo,
    Credentials,
    CredentialsRejected,
    Limits,
    Provider,
    ProviderError,
    ProviderUnavailable,
    Query,
    QuotaExceeded,
    Reply,
)
from .wording import left_at_pickup_place

_SUB_STATUSES: Final[Mapping[str, Stage]] = {
    "InfoReceived": Stage.INFO_RECEIVED,
    "InTransit_PickedUp": Stage.SHIPPED,
    "InTransit_Other": Stage.IN_TRANSIT,
    "InTransit_Departure": Stage.IN_TRANSIT,
    "InTransit_Arrival": Stage.IN_TRANSIT,
    "InTransit_TransportArrived": Stage.IN_TRANSIT,
    "InTransit_TransportDeparted": Stage.IN_TRANSIT,
    "InTransit_CustomsProcessing": Stage.IN_CUSTOMS,
    "InTransit_CustomsRequiringInformation": Stage.CUSTOMS_ACTION_REQUIRED,
    "InTransit_CustomsReleased": Stage.CUSTOMS_CLEARED,
    "AvailableForPickup_Other": Stage.READY_FOR_PICKUP,
    "OutForDelivery_Other": Stage.OUT_FOR_DELIVERY,
    "Delivered_Other": Stage.DELIVERED,
    "DeliveryFailure_Other": Stage.DELIVERY_FAILED,
    "DeliveryFailure_NoBody": Stage.DELIVERY_FAILED,
    "DeliveryFailure_Security": Stage.DELIVERY_FAILED,
    "DeliveryFailure_Rejected": Stage.DELIVERY_FAILED,
    "DeliveryFailure_InvalidAddress": Stage.DELIVERY_FAILED,
    "Exception_Returning": Stage.RETURNING,
    "Exception_Returned": Stage.RETURNED,
    "Exception_Other": Stage.EXCEPTION,
    "Exception_NoBody": Stage.EXCEPTION,
    "Exception_Security": Stage.EXCEPTION,
    "Exception_Damage": Stage.EXCEPTION,
    "Exception_Rejected": Stage.EXCEPTION,
    "Exception_Delayed": Stage.EXCEPTION,
    "Exception_Lost": Stage.EXCEPTION,
    "Exception_Destroyed": Stage.EXCEPTION,
    "Exception_Cancel": Stage.EXCEPTION,
    "Expired_Other": Stage.EXPIRED,
}
_MAIN_STATUSES: Final[Mapping[str, Stage]] = {
    # For a sub-status that is new; what stands before its underscore. Of
    # "NotFound" there is nothing to tell.
    "InfoReceived": Stage.INFO_RECEIVED,
    "InTransit": Stage.IN_TRANSIT,
    "AvailableForPickup": Stage.READY_FOR_PICKUP,
    "OutForDelivery": Stage.OUT_FOR_DELIVERY,
    "Delivered": Stage.DELIVERED,
    "DeliveryFailure": Stage.DELIVERY_FAILED,
    "Exception": Stage.EXCEPTION,
    "Expired": Stage.EXPIRED,
}
_KEY_STAGES: Final[Mapping[str, Stage]] = {
    # ``stage`` of an event whose sub-status says nothing.
    "InfoReceived": Stage.INFO_RECEIVED,
    "PickedUp": Stage.SHIPPED,
    "Departure": Stage.IN_TRANSIT,
    "Arrival": Stage.IN_TRANSIT,
    "AvailableForPickup": Stage.READY_FOR_PICKUP,
    "OutForDelivery": Stage.OUT_FOR_DELIVERY,
    "Delivered": Stage.DELIVERED,
    "Returning": Stage.RETURNING,
    "Returned": Stage.RETURNED,
}
_INVALID_NUMBER: Final = "NotFound_InvalidCode"

_UNREGISTERED: Final = -18019902
_NO_INFO_YET: Final = -18019909
_BAD_FORMAT: Final = -18010012
_ALREADY_REGISTERED: Final = -18019901
_NEEDS: Final[Mapping[int, str]] = {
    -18019903: "carrier",  # not detected
    -18019910: "carrier",  # incorrect
    -18019911: "carrier",  # cannot be registered
    -18010018: "postal_code",  # and the country
    -18010019: "postal_code",
    -18010020: "phone_last4",
    -18010022: "details",
}
_QUOTA_SPENT: Final = frozenset({-18019907, -18019908})  # of the day, of the account
_REJECTED_KEY: Final = frozenset(
    {
        -18010001,  # address not on the list of allowed ones
        -18010002,  # wrong key
        -18010004,  # account disabled
        -18010005,  # no right to do this
    }
)
_GUESSED: Final = 3
"""``origin`` of a carrier of which 17TRACK is not sure."""

# Keys of 17TRACK's public catalogue, apicarrier.all.json. Where a carrier has
# several, the first is the one to register with, if any is.
_CARRIER_KEYS: Final[Mapping[str, tuple[int, ...]]] = {
    "4px": (190094,),
    "amazon": (100308, 100309),
    "cainiao": (190271,),
    "chronopost": (100273,),
    "colissimo": (6051,),
    "dhl": (100001, 7041),
    "dhl_ecommerce": (7047, 7048),
    "dpd": (100007, 100010, 100072, 100111),
    "fedex": (100003,),
    "gls": (100005,),
    "inpost": (100043,),
    "landmark": (100021,),
    "lasership": (100052,),
    "nova_post": (100035, 100162),
    "ontrac": (100049,),
    "purolator": (100042,),
    "sf_express": (100012,),
    "ups": (100002,),
    "yanwen": (190012,),
    "yodel": (100017,),
    "yunexpress": (190008,),
}
_POST_KEYS: Final[Mapping[str, tuple[int, ...]]] = {
    # By the country of the post.
    "AE": (5031,),
    "AL": (1031,),
    "AM": (1131,),
    "AR": (1121,),
    "AT": (1161,),
    "AU": (1151,),
    "AZ": (1171,),
    "BA": (2121,),
    "BE": (2061, 2063),
    "BG": (2171,),
    "BR": (2151,),
    "BY": (2051,),
    "CA": (3041,),
    "CH": (19251,),
    "CN": (3011, 3013),
    "CR": (3181,),
    "CY": (3211,),
    "CZ": (3221,),
    "DE": (7044,),
    "DK": (4011,),
    "EE": (5041, 5044),
    "EG": (5021,),
    "ES": (19181,),
    "FI": (6041,),
    "FR": (6051,),
    "GB": (11031,),
    "GE": (7031,),
    "GR": (7071,),
    "HK": (8011,),
    "HR": (3191,),
    "HU": (8051,),
    "IE": (9051,),
    "IL": (9061,),
    "IN": (9021,),
    "IS": (9011,),
    "IT": (9071,),
    "JP": (10021,),
    "KR": (11051, 11054),
    "KZ": (11011,),
    "LT": (12081,),
    "LU": (12101,),
    "LV": (12021,),
    "MA": (13211,),
    "MD": (13161,),
    "ME": (13191,),
    "MK": (13021,),
    "MO": (13011,),
    "MT": (13081,),
    "MX": (13141,),
    "NL": (14041, 14044),
    "NO": (14081,),
    "NZ": (14061,),
    "PE": (16061,),
    "PH": (16071,),
    "PK": (16011,),
    "PL": (16081,),
    "PT": (16101,),
    "QA": (17011,),
    "RO": (18021,),
    "RS": (19091,),
    "RU": (18031,),
    "SA": (19071,),
    "SE": (19241,),
    "SG": (19131,),
    "SI": (19151,),
    "SK": (19141,),
    "TH": (20041,),
    "TN": (20101,),
    "TW": (20011,),
    "US": (21051,),
    "UY": (21041,),
    "UZ": (21031,),
    "VN": (22041, 22043),
    "ZA": (19171,),
}

_KEY_IS_A_GUESS: Final = frozenset({"dhl_ecommerce", "dpd"})
"""Carriers with a key for each country, of which the number does not tell."""
_DHL_EXPRESS: Final = re.compile(r"\d{10,11}")

_PATH: Final = "/track/v2.4/"
_QUOTA: Final = "quota"
_REGISTRATION: Final = "registration"
_MAX_EVENTS: Final = 300
_NUMBER_LIMIT: Final = 64
_WHOLE_NUMBER: Final = re.compile(r"-?\d{1,11}", re.ASCII)
_LONG_AGO: Final = datetime(1, 1, 3, tzinfo=UTC)


class SeventeenTrackProvider(Provider):
    """17TRACK, with the key of an account."""

    id = "seventeentrack"
    name = "17TRACK"
    origin = "https://api.17track.net"
    credentials = ("api_key",)
    aggregator = True
    spends_per_number = True
    limits = Limits(
        batch_size=40,
        spacing=timedelta(seconds=1),
        per_leg=timedelta(hours=1),
        lag=timedelta(hours=9),
    )

    def __init__(self, simulator: URL | None = None) -> None:
        """Know of no spent quota, and of no carrier that a person corrected."""
        super().__init__(simulator)
        self._registering_from: datetime | None = None
        self._settled: set[tuple[str, str]] = set()

    @override
    async def fetch(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        legs: Sequence[Query],
    ) -> list[Answer]:
        asked = tuple(leg.tracking_number for leg in legs)
        reply = await self._call(
            session,
            credentials,
            "gettrackinfo",
            [{"number": number} for number in asked],
        )
        told = self._parse_once(asked, reply.body, lambda: parse(reply.json(), asked))
        await self._correct_carriers(session, credentials, legs, reply)
        strangers = {
            answer.tracking_number for answer in told if answer.needs == _REGISTRATION
        }
        if not strangers:
            return told
        known = self._parse_once(
            ("registered", *asked),
            reply.body,
            lambda: [a for a in told if a.tracking_number not in strangers],
        )
        wanted = [
            leg for leg in legs if leg.may_register and leg.tracking_number in strangers
        ]
        if not wanted:
            return known
        try:
            return known + await self._register(session, credentials, wanted)
        except ProviderError:
            # The next question finds them unregistered again.
            if not known:
                raise
            return known

    @override
    async def verify(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> AccountInfo:
        """Ask for the quota, which is free. 17TRACK names no account."""
        return AccountInfo(requests_left=await self.requests_left(session, credentials))

    @override
    async def requests_left(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> int | None:
        """Return how many numbers can still be registered, today."""
        reply = await self._call(session, credentials, "getquota", [])
        quota = _data(reply.json())
        left, per_day, used = (
            _integer(quota.get(key))
            for key in ("quota_remain", "max_track_daily", "today_used")
        )
        if left is not None and per_day is not None and used is not None:
            left = max(0, min(left, per_day - used))
        if left:
            self._registering_from = None
        return left

    async def _register(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        legs: Sequence[Query],
    ) -> list[Answer]:
        """Register numbers, which spends quota, and return what is said of each."""
        asked = tuple(leg.tracking_number for leg in legs)
        now = datetime.now(UTC)
        if self._registering_from is not None and now < self._registering_from:
            return _without_quota(asked)
        reply = await self._call(
            session, credentials, "register", [_registration(leg) for leg in legs]
        )
        told = fields.mapping(reply.json())
        if _integer(told.get("code")) in _QUOTA_SPENT:
            answers = _without_quota(asked)
        else:
            answers = parse_registration(told, asked)
        if any(answer.needs == _QUOTA for answer in answers):
            self._registering_from = fields.next_midnight(now)
        return answers

    async def _correct_carriers(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        legs: Sequence[Query],
        reply: Reply,
    ) -> None:
        """Tell 17TRACK the carrier that a person chose, where it uses another.

        That is free but can be done five times only, so it is tried once for
        each choice, and never for a carrier that was only recognised.
        """
        chosen = [
            leg
            for leg in legs
            if leg.carrier_pinned
            and _best_key(leg)
            and (leg.tracking_number, leg.carrier) not in self._settled
        ]
        if not chosen:
            return
        items = _accepted(_data(reply.json()), [leg.tracking_number for leg in chosen])
        changes = []
        for leg in chosen:
            used = _integer(items.get(leg.tracking_number, {}).get("carrier"))
            if not used:
                continue
            self._settled.add((leg.tracking_number, leg.carrier or ""))
            if used not in _keys_of(leg):
                changes.append(
                    {
                        "number": leg.tracking_number,
                        "carrier_old": used,
                        "carrier_new": _best_key(leg),
                    }
                )
        if changes:
            try:
                await self._call(session, credentials, "changecarrier", changes)
            except ProviderError:
                # 17TRACK goes on with its own carrier, whose scans are here.
                return

    async def _call(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        endpoint: str,
        items: Sequence[Mapping[str, object]],
    ) -> Reply:
        """Call one endpoint; every one is a POST of JSON with the key in a header."""
        key = credentials.get("api_key", "")
        if not key:
            raise CredentialsRejected("no key")
        reply = await self._request(
            session,
            "POST",
            f"{_PATH}{endpoint}",
            headers={"17token": key},
            json_body=items,
        )
        if reply.status != HTTPStatus.OK:
            raise ProviderUnavailable(f"HTTP {reply.status}", retry_at=reply.retry_at)
        return reply


def parse(body: object, asked: Sequence[str]) -> list[Answer]:
    """Turn an answer of ``gettrackinfo`` into what it says of the numbers asked about.

    A number that is not registered has an answer that ``needs`` "registration",
    which never leaves the provider. Raises what the envelope of the answer means,
    and ProviderUnavailable for what is no such answer.
    """
    data = _data(body)
    told = {
        number: _answer(number, item) for number, item in _accepted(data, asked).items()
    }
    for number, code in _rejected(data, asked):
        if number not in told and (answer := _refusal(number, code)) is not None:
            told[number] = answer
    return list(told.values())


def parse_registration(body: object, asked: Sequence[str]) -> list[Answer]:
    """Turn an answer of ``register`` into what it says of the numbers.

    Nothing is known of them yet. Raises as ``parse`` does.
    """
    data = _data(body)
    told = {
        number: Answer(
            tracking_number=number,
            carrier=None if item.get("origin") == _GUESSED else _carrier(item),
        )
        for number, item in _accepted(data, asked).items()
    }
    for number, code in _rejected(data, asked):
        if number in told:
            continue
        if code in _QUOTA_SPENT:
            told[number] = Answer(tracking_number=number, needs=_QUOTA)
        elif code == _ALREADY_REGISTERED:
            told[number] = Answer(tracking_number=number)
        elif (answer := _refusal(number, code)) is not None:
            told[number] = answer
    return list(told.values())


def _data(body: object) -> Mapping[str, object]:
    """Return what the envelope holds, or raise what it says."""
    envelope = fields.mapping(body)
    code = _integer(envelope.get("code"))
    if code in _REJECTED_KEY:
        raise CredentialsRejected(f"error {code}")
    if code in _QUOTA_SPENT:
        raise QuotaExceeded(
            f"error {code}", retry_at=fields.next_midnight(datetime.now(UTC))
        )
    if code == HTTPStatus.TOO_MANY_REQUESTS:
        raise QuotaExceeded(f"error {code}")
    if code != 0:
        raise ProviderUnavailable(f"error {fields.text(code, 12)}".strip())
    data = envelope.get("data")
    if not isinstance(data, dict):
        raise ProviderUnavailable("answer has no data")
    return data


def _accepted(
    data: Mapping[str, object], asked: Sequence[str]
) -> dict[str, Mapping[str, object]]:
    """Return what was accepted of the numbers asked about.

    A number that is registered for several carriers comes several times: the
    first one with scans counts.
    """
    wanted = {numbers.normalise(number): number for number in asked}
    accepted: dict[str, Mapping[str, object]] = {}
    for item in fields.mappings(data.get("accepted")):
        number = wanted.get(_number(item.get("number")))
        if number is not None and not _lists(accepted.get(number, {})):
            accepted[number] = item
    return accepted


def _rejected(
    data: Mapping[str, object], asked: Sequence[str]
) -> Iterator[tuple[str, int | None]]:
    wanted = {numbers.normalise(number): number for number in asked}
    for item in fields.mappings(data.get("rejected")):
        number = wanted.get(_number(item.get("number")))
        if number is not None:
            yield number, _integer(fields.mapping(item.get("error")).get("code"))


def _refusal(tracking_number: str, code: int | None) -> Answer | None:
    """Return what a rejection says of a number; None: nothing of the number."""
    if code == _UNREGISTERED:
        return Answer(tracking_number=tracking_number, needs=_REGISTRATION)
    if code == _NO_INFO_YET:
        return Answer(tracking_number=tracking_number)
    if code == _BAD_FORMAT:
        return Answer(tracking_number=tracking_number, invalid=True)
    if code is not None and code in _NEEDS:
        return Answer(tracking_number=tracking_number, needs=_NEEDS[code])
    return None


def _without_quota(asked: Iterable[str]) -> list[Answer]:
    return [Answer(tracking_number=number, needs=_QUOTA) for number in asked]


class _Ends(NamedTuple):
    """The countries that a parcel goes between."""

    origin: str | None
    destination: str | None


def _answer(tracking_number: str, item: Mapping[str, object]) -> Answer:
    info = fields.mapping(item.get("track_info"))
    ends = _ends(item, info)
    latest = fields.mapping(info.get("latest_event"))
    events = tuple(
        islice(
            _newest_first(
                [list(_events(tracking_number, told, ends)) for told in _lists(item)]
            ),
            _MAX_EVENTS,
        )
    )
    status = fields.mapping(info.get("latest_status"))
    sub_status = fields.text(status.get("sub_status"), fields.CODE_LIMIT)
    main_status = fields.text(status.get("status"), fields.CODE_LIMIT)
    whole, _ = _stage(
        sub_status or main_status,
        main_status,
        _texts(latest),
        _country(latest),
        ends,
    )
    if whole is not Stage.EXPIRED and any(event.stage for event in events):
        whole = None
    promise = fields.mapping(
        fields.mapping(info.get("time_metrics")).get("estimated_delivery_date")
    )
    return Answer(
        tracking_number=tracking_number,
        events=events,
        stage=whole,
        invalid=sub_status == _INVALID_NUMBER and not events,
        carrier=_carrier(item),
        origin_country=ends.origin,
        destination_country=ends.destination,
        estimate=fields.estimate(promise.get("from"), promise.get("to")),
        next_leg=_next_leg(tracking_number, fields.mapping(info.get("misc_info"))),
    )


def _ends(item: Mapping[str, object], info: Mapping[str, object]) -> _Ends:
    """Return where the parcel goes: as 17TRACK found, else as it was registered."""
    shipping = fields.mapping(info.get("shipping_info"))
    shipper = fields.mapping(shipping.get("shipper_address"))
    recipient = fields.mapping(shipping.get("recipient_address"))
    return _Ends(
        fields.country(shipper.get("country"))
        or fields.country(item.get("origin_country")),
        fields.country(recipient.get("country"))
        or fields.country(item.get("destination_country")),
    )


def _lists(item: Mapping[str, object]) -> list[Mapping[str, object]]:
    """Return what each carrier on the way says, where it says anything.

    Without their lists there is at least the latest event.
    """
    info = fields.mapping(item.get("track_info"))
    told = [
        each
        for each in fields.mappings(
            fields.mapping(info.get("tracking")).get("providers")
        )
        if fields.sequence(each.get("events"))
    ]
    latest = info.get("latest_event")
    return told or ([{"events": [latest]}] if isinstance(latest, dict) else [])


def _events(
    tracking_number: str, told: Mapping[str, object], ends: _Ends
) -> Iterator[TrackingEvent]:
    carrier = _CARRIER_OF.get(
        _integer(fields.mapping(told.get("provider")).get("key")) or 0
    )
    for event in islice(fields.mappings(told.get("events")), _MAX_EVENTS):
        when = _when(event)
        sub_status = fields.text(event.get("sub_status"), fields.CODE_LIMIT)
        key_stage = fields.text(event.get("stage"), fields.CODE_LIMIT)
        description, words = _texts(event)
        code = sub_status or key_stage or None
        if not when.written or not (code or description):
            continue
        country = _country(event)
        stage, direction = _stage(
            sub_status, key_stage, (description, words), country, ends
        )
        # That 17TRACK gave up is no scan.
        stage = None if stage is Stage.EXPIRED else stage
        yield TrackingEvent(
            provider=SeventeenTrackProvider.id,
            tracking_number=tracking_number,
            code=code,
            written_time=when.written,
            time=when.instant,
            local_time=when.wall,
            stage=stage,
            direction=direction,
            description=description,
            words=words or description,
            location=_location(event),
            country=country,
            carrier=carrier,
        )


def _texts(event: Mapping[str, object]) -> tuple[str, str]:
    """Return the clearest wording and the carrier's own words."""
    words = fields.text(event.get("description"))
    translation = fields.mapping(event.get("description_translation"))
    return fields.text(translation.get("description")) or words, words


def _country(event: Mapping[str, object]) -> str | None:
    return fields.country(fields.mapping(event.get("address")).get("country"))


def _location(event: Mapping[str, object]) -> str | None:
    address = fields.mapping(event.get("address"))
    parts = [
        fields.text(address.get(part), fields.PLACE_LIMIT) for part in ("city", "state")
    ]
    return fields.optional_text(event.get("location"), fields.PLACE_LIMIT) or (
        ", ".join(part for part in parts if part) or None
    )


class _When(NamedTuple):
    written: str
    wall: datetime | None
    instant: datetime | None


def _when(event: Mapping[str, object]) -> _When:
    """Read when an event was.

    ``time_raw`` is what the carrier wrote, and all that there is where 17TRACK
    does not know the zone: then the time stays without one.
    """
    raw = fields.mapping(event.get("time_raw"))
    day, clock, zone = (
        fields.text(raw.get(part), 40) for part in ("date", "time", "timezone")
    )
    iso, utc = (
        fields.moment(event.get("time_iso")),
        fields.moment(event.get("time_utc")),
    )
    wall = fields.moment(f"{day} {clock}")
    offset = fields.offset(zone)
    instant = iso if iso is not None and iso.tzinfo is not None else None
    if instant is None and utc is not None:
        instant = utc if utc.tzinfo is not None else utc.replace(tzinfo=UTC)
    if wall is None and iso is not None:
        wall = iso
    wall = wall.replace(tzinfo=None) if wall is not None else None
    if instant is None and wall is not None and offset is not None:
        instant = wall.replace(tzinfo=offset)
    written = " ".join(part for part in (day, clock, zone) if part)
    return _When(
        written
        or fields.text(event.get("time_iso"), 40)
        or fields.text(event.get("time_utc"), 40),
        wall,
        instant,
    )


def _stage(
    sub_status: str,
    key_stage: str,
    texts: Sequence[str],
    country: str | None,
    ends: _Ends,
) -> tuple[Stage | None, Direction | None]:
    """Return the stage and, for customs, the side of the border."""
    stage = (
        _SUB_STATUSES.get(sub_status)
        or _MAIN_STATUSES.get(sub_status.partition("_")[0])
        or _KEY_STAGES.get(key_stage)
    )
    if stage is None:
        return None, None
    if stage is Stage.DELIVERED and left_at_pickup_place(texts):
        stage = Stage.READY_FOR_PICKUP
    return customs.directed(
        stage,
        None,
        texts,
        country=country,
        origin=ends.origin,
        destination=ends.destination,
    )


def _newest_first(lists: Iterable[list[TrackingEvent]]) -> Iterator[TrackingEvent]:
    """Merge what several carriers say by the clock; each list keeps its own order."""
    ranked = merge(*(_ranked(events) for events in lists), key=_rank, reverse=True)
    return (event for _, event in ranked)


def _ranked(events: Sequence[TrackingEvent]) -> list[tuple[datetime, TrackingEvent]]:
    """Give each event a moment that is not before that of the next older one.

    For the order only, a time without a zone is read as UTC.
    """
    ranked = []
    moment = _LONG_AGO
    for event in reversed(events):
        if event.time is not None:
            moment = max(moment, event.time)
        elif event.local_time is not None:
            moment = max(moment, event.local_time.replace(tzinfo=UTC))
        ranked.append((moment, event))
    return ranked[::-1]


def _rank(ranked: tuple[datetime, TrackingEvent]) -> datetime:
    return ranked[0]


def _next_leg(tracking_number: str, misc: Mapping[str, object]) -> Leg | None:
    """Return the number of the last mile, if it is another one."""
    number = _number(misc.get("local_number"))
    if not numbers.plausible(number) or number == numbers.normalise(tracking_number):
        return None
    carrier = _CARRIER_OF.get(_integer(misc.get("local_key")) or 0)
    if carrier is None and (candidates := numbers.recognise(number)):
        carrier = candidates[0].carrier
    return Leg(tracking_number=number, carrier=carrier)


def _registration(leg: Query) -> dict[str, object]:
    """Return what to register a number with.

    No ``lang``: a translation costs further quota.
    """
    item: dict[str, object] = {"number": leg.tracking_number}
    if key := _best_key(leg):
        item["carrier"] = key
    if leg.postal_code:
        item["destination_postal_code"] = leg.postal_code
    if leg.phone_last4:
        item["phone_number_last_4"] = leg.phone_last4
    return item


def _best_key(leg: Query) -> int | None:
    """Return the key to name a leg's carrier by.

    None where 17TRACK had better find out itself: with a wrong key it finds
    nothing, and the quota is spent.
    """
    keys = _keys_of(leg)
    if not keys or leg.carrier in _KEY_IS_A_GUESS:
        return None
    if leg.carrier == "dhl" and not _DHL_EXPRESS.fullmatch(leg.tracking_number):
        return None
    return keys[0]


def _keys_of(leg: Query) -> tuple[int, ...]:
    """Return all of 17TRACK's keys of a leg's carrier."""
    country = numbers.issuing_country(leg.tracking_number) or ""
    if leg.carrier is not None and POST_OF.get(country) == leg.carrier:
        # A carrier can be the post of several countries.
        return _POST_KEYS.get(country, ())
    return _KEYS_OF.get(leg.carrier or "", ())


def _carrier(item: Mapping[str, object]) -> str | None:
    return _CARRIER_OF.get(_integer(item.get("carrier")) or 0)


def _number(told: object) -> str:
    return numbers.normalise(fields.text(told, _NUMBER_LIMIT))


def _integer(told: object) -> int | None:
    """Return a whole number; 17TRACK writes some as text."""
    if isinstance(told, bool):
        return None
    if isinstance(told, int):
        return told
    written = fields.text(told, 12)
    return int(written) if _WHOLE_NUMBER.fullmatch(written) else None


def _key_tables() -> tuple[Mapping[str, tuple[int, ...]], Mapping[int, str]]:
    keys_of: dict[str, tuple[int, ...]] = {}
    for country, keys in _POST_KEYS.items():
        post = POST_OF[country]
        keys_of[post] = keys_of.get(post, ()) + keys
    keys_of |= _CARRIER_KEYS
    carrier_of: dict[int, str] = {}
    for carrier, keys in keys_of.items():
        for key in keys:
            carrier_of.setdefault(key, carrier)
    return MappingProxyType(keys_of), MappingProxyType(carrier_of)


_KEYS_OF, _CARRIER_OF = _key_tables()
