"""AfterShip's tracking API, version 2026-07: an aggregator for those who pay for it.

Documentation: https://www.aftership.com/docs/tracking/2026-07, its pages on delivery
statuses and sub-statuses, AfterShip's help page on sub-statuses, which names those of
March 2026, and the client that AfterShip publishes.

A tracking is made once for each number, which spends quota that cannot be had back;
asking about trackings is free, many at a time. So every question goes out as a
question first, and only what AfterShip does not follow is made, where that is allowed.

What is built on here, beyond the documentation:

- Checkpoints come oldest first; their countries have three letters.
- Where a time has no offset it is the time at the place.
- An appointment for a delivery is no delivery that is on its way, though it bears
  the tag of one; customs that delay a parcel, and papers or money that are missing for
  them, are customs, though they bear the tag of an exception.
- Of the estimates only the carrier's own counts; the others are guesses.
- A plan that allows no further tracking says so with 402 or 403.

What it sends of its own accord is signed with a secret of its own, and holds a whole
tracking.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from types import MappingProxyType
from typing import Final, override

import aiohttp
from yarl import URL

from .. import numbers
from ..model import Answer, Direction, Leg, Stage, TrackingEvent
from . import customs, fields, signatures
from .base import (
    AccountInfo,
    Credentials,
    Limits,
    Listed,
    ProviderError,
    ProviderUnavailable,
    Query,
    QuotaExceeded,
    Reply,
    api_key,
    whole_list,
)
from .country_alpha3 import ALPHA_2_OF
from .pushing import Pushed, PushingProvider
from .returns import went_back
from .wording import Phrases, Refinement, left_at_pickup_place

_SUBTAGS: Final[Mapping[str, Stage]] = {
    # Of "Pending_…" there is nothing to tell.
    "InfoReceived_001": Stage.INFO_RECEIVED,
    "InTransit_001": Stage.IN_TRANSIT,
    "InTransit_002": Stage.SHIPPED,  # acceptance scan
    "InTransit_003": Stage.IN_TRANSIT,  # arrival scan
    "InTransit_004": Stage.IN_TRANSIT,  # arrived at the destination country
    "InTransit_005": Stage.CUSTOMS_CLEARED,
    "InTransit_006": Stage.IN_CUSTOMS,  # handed over to customs
    "InTransit_007": Stage.IN_TRANSIT,  # departure scan
    "InTransit_008": Stage.IN_TRANSIT,  # problem resolved
    "InTransit_009": Stage.IN_TRANSIT,  # forwarded to another address
    "OutForDelivery_001": Stage.OUT_FOR_DELIVERY,
    "OutForDelivery_003": Stage.OUT_FOR_DELIVERY,  # customer contacted
    "OutForDelivery_004": Stage.IN_TRANSIT,  # appointment scheduled
    "AttemptFail_001": Stage.DELIVERY_FAILED,
    "AttemptFail_002": Stage.DELIVERY_FAILED,  # addressee not available
    "AttemptFail_003": Stage.DELIVERY_FAILED,  # business closed
    "AvailableForPickup_001": Stage.READY_FOR_PICKUP,
    "Delivered_001": Stage.DELIVERED,
    "Delivered_002": Stage.DELIVERED,  # picked up by the customer
    "Delivered_003": Stage.DELIVERED,  # signed by the customer
    "Delivered_004": Stage.DELIVERED,  # and paid
    "Delivered_005": Stage.DELIVERED,  # to a neighbour
    "Exception_001": Stage.EXCEPTION,
    "Exception_002": Stage.EXCEPTION,  # customer moved
    "Exception_003": Stage.EXCEPTION,  # refused
    "Exception_004": Stage.IN_CUSTOMS,  # delayed by customs
    "Exception_005": Stage.EXCEPTION,  # delayed by something else
    "Exception_006": Stage.EXCEPTION,  # held for payment
    "Exception_007": Stage.EXCEPTION,  # incorrect address
    "Exception_008": Stage.EXCEPTION,  # pick-up missed
    "Exception_009": Stage.EXCEPTION,  # rejected by the carrier
    "Exception_010": Stage.RETURNING,
    "Exception_011": Stage.RETURNED,
    "Exception_012": Stage.EXCEPTION,  # damaged
    "Exception_013": Stage.EXCEPTION,  # lost
    "Exception_016": Stage.EXCEPTION,  # delayed by processing
    "Exception_017": Stage.EXCEPTION,  # delayed by weather
    "Exception_018": Stage.CUSTOMS_ACTION_REQUIRED,  # documents for an authority
    "Exception_019": Stage.EXCEPTION,  # delayed by a late flight
    "Exception_020": Stage.EXCEPTION,  # cancelled
    "Exception_021": Stage.EXCEPTION,  # disposed of
    "Expired_001": Stage.EXPIRED,
}
_TAGS: Final[Mapping[str, Stage]] = {
    # For a sub-status that is new.
    "InfoReceived": Stage.INFO_RECEIVED,
    "InTransit": Stage.IN_TRANSIT,
    "OutForDelivery": Stage.OUT_FOR_DELIVERY,
    "AttemptFail": Stage.DELIVERY_FAILED,
    "Delivered": Stage.DELIVERED,
    "AvailableForPickup": Stage.READY_FOR_PICKUP,
    "Exception": Stage.EXCEPTION,
    "Expired": Stage.EXPIRED,
}
_SAYS_LITTLE: Final = frozenset({"InTransit_001", ""})
_ASKS_FOR_SOMETHING: Final = frozenset({"Exception_004", "Exception_006"})
_TAKEN_BY_THE_PERSON: Final = "Delivered_002"
_REFINED: Final = Refinement(*customs.PHRASES, not_now=Phrases(*customs.NOT_NOW))
_ASKED_FOR: Final = Refinement(
    customs.ACTION_REQUIRED, not_now=Phrases(*customs.NOT_NOW)
)
_LOCKER: Final = "locker"
_HANDED_OVER: Final = frozenset(
    {Stage.DELIVERED, Stage.READY_FOR_PICKUP, Stage.RETURNED}
)

# Slugs of AfterShip's list of couriers. Where a carrier has several, the first is the
# one to make a tracking with.
_SLUGS: Final[Mapping[str, tuple[str, ...]]] = {
    "4px": ("4px",),
    "amazon": ("amazon", "amazon-uk-api", "amazon-logistics-uk"),
    "australia_post": ("australia-post",),
    "austrian_post": ("austrian-post", "austrian-post-registered"),
    "bpost": ("bpost", "bpost-international"),
    "cainiao": ("cainiao",),
    "canada_post": ("canada-post",),
    "canpar": ("canpar",),
    "china_post": ("china-post", "china-ems"),
    "chronopost": ("chronopost-france",),
    "colissimo": ("la-poste-colissimo",),
    "correos": ("spain-correos-es",),
    "deutsche_post": ("deutsch-post",),
    "dhl": ("dhl", "dhl-germany", "dhl-nl", "dhl-poland", "dhl-es"),
    "dhl_ecommerce": ("dhl-global-mail", "dhl-global-mail-asia", "dhl-benelux"),
    "dpd": ("dpd", "dpd-de", "dpd-uk", "dpd-fr", "dpd-poland", "dpd-ireland"),
    "fedex": ("fedex", "fedex-fims", "fedex-uk"),
    "gls": ("gls", "gls-italy", "gls-spain", "gls-netherlands"),
    "gofo": ("gofoexpress",),
    "hongkong_post": ("hong-kong-post",),
    "india_post": ("india-post", "india-post-int"),
    "inpost": ("inpost-paczkomaty", "inpost-uk"),
    "japan_post": ("japan-post",),
    "korea_post": ("korea-post", "kpost"),
    "la_poste": ("la-poste-colissimo",),
    "landmark": ("landmark-global",),
    "lasership": ("lasership",),
    "nova_post": ("nova-poshta", "nova-poshtaint"),
    "nz_post": ("new-zealand-post",),
    "ontrac": ("ontrac",),
    "post_br": ("brazil-correos",),
    "post_ie": ("an-post",),
    "post_pl": ("poczta-polska",),
    "post_pt": ("portugal-ctt",),
    "post_ru": ("russian-post",),
    "post_th": ("thailand-post",),
    "post_ua": ("ukrposhta",),
    "poste_italiane": ("poste-italiane", "poste-italiane-paccocelere"),
    "postnl": ("postnl", "postnl-international", "postnl-3s"),
    "postnord": ("postnord", "danmark-post", "sweden-posten"),
    "purolator": ("purolator",),
    "royal_mail": ("royal-mail",),
    "sf_express": ("sf-express", "sfb2c"),
    "singapore_post": ("singapore-post",),
    "swiss_post": ("swiss-post",),
    "ups": ("ups", "ups-mi"),
    "usps": ("usps",),
    "yanwen": ("yanwen",),
    "yodel": ("yodel", "yodel-international"),
    "yunexpress": ("yunexpress",),
}
_CARRIER_OF: Final[Mapping[str, str]] = MappingProxyType(
    {slug: carrier for carrier, slugs in _SLUGS.items() for slug in slugs}
)

_EXISTS: Final = 4003
_INVALID: Final = frozenset({4005, 4017})
_NEEDS: Final[Mapping[int, str]] = {
    4010: "carrier",  # not one of its list
    4011: "details",  # a further field
    4012: "carrier",  # not detected
}
_NO_MORE: Final = frozenset({HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN})

_TRACKINGS: Final = "/tracking/2026-07/trackings"
_QUOTA: Final = "quota"
_MADE_AT_ONCE: Final = 5
_PAUSE: Final = timedelta(minutes=5)
"""For how long no tracking is made after one too many at once."""
_PAGE: Final = 200
_MAX_PAGES: Final = 50
_BETWEEN_PAGES: Final = 0.3
"""Seconds; six requests a second are allowed."""
_LISTED_FOR: Final = timedelta(days=30)
"""For how long a tracking is listed that rests."""


class AfterShipProvider(PushingProvider):
    """AfterShip, with the key of an account."""

    id = "aftership"
    name = "AfterShip"
    origin = "https://api.aftership.com"
    credentials = ("api_key",)
    aggregator = True
    spends_per_number = True
    paid = True
    lists_parcels = True
    echoes = frozenset({"destination_postal_code"})
    push_secret = "webhook_secret"  # nosec B105  # a field's name
    limits = Limits(
        batch_size=40,
        spacing=timedelta(seconds=2),
        per_leg=timedelta(minutes=30),
        lag=timedelta(hours=2),
    )

    def __init__(self, simulator: URL | None = None) -> None:
        """Know of no spent quota."""
        super().__init__(simulator)
        self._making_from: datetime | None = None

    @override
    async def fetch(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        legs: Sequence[Query],
    ) -> list[Answer]:
        asked = tuple(leg.tracking_number for leg in legs)
        reply = await self._read(
            session,
            credentials,
            {"tracking_numbers": ",".join(asked), "limit": str(_PAGE)},
        )
        told = await self._parse_many(
            credentials, asked, reply.body, lambda: parse(reply.json(), asked)
        )
        known = {answer.tracking_number for answer in told}
        wanted = [
            leg for leg in legs if leg.may_register and leg.tracking_number not in known
        ]
        if not wanted:
            return told
        try:
            return told + await self._make(session, credentials, wanted)
        except ProviderError:
            # The next question finds them without a tracking again.
            if not told:
                raise
            return told

    @override
    async def verify(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> AccountInfo:
        """Ask for one tracking, which is free. AfterShip names no account."""
        reply = await self._read(session, credentials, {"limit": "1"})
        _trackings(reply.json())
        return AccountInfo()

    @override
    async def listed(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> list[Listed]:
        """Return the numbers with a tracking, but those that rest for long."""
        listed: dict[str, Listed] = {}
        params = {"limit": str(_PAGE)}
        for _ in range(_MAX_PAGES):
            reply = await self._read(session, credentials, params)
            followed, cursor = parse_page(reply.json(), datetime.now(UTC))
            listed |= {each.tracking_number: each for each in followed}
            if not cursor:
                return list(listed.values())
            params = {"limit": str(_PAGE), "cursor": cursor}
            await asyncio.sleep(_BETWEEN_PAGES)
        raise ProviderUnavailable("list is too long")

    @override
    def _proof(
        self, secret: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[str, str]:
        told = headers.get("aftership-hmac-sha256", "")
        return told, signatures.hmac_base64(body, secret)

    @override
    def _parse_push(self, body: object, asked: Sequence[str]) -> list[Pushed]:
        return parse_push(body, asked)

    async def _make(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        legs: Sequence[Query],
    ) -> list[Answer]:
        """Make trackings, which spends quota, and return what is said of each."""
        answers: list[Answer] = []
        for leg in legs[:_MADE_AT_ONCE]:
            now = datetime.now(UTC)
            if self._making_from is None or now >= self._making_from:
                try:
                    answers.append(await self._make_one(session, credentials, leg))
                    continue
                except QuotaExceeded as err:
                    self._making_from = err.retry_at or now + _PAUSE
                except ProviderError:
                    if not answers:
                        raise
                    break
            answers.append(Answer(tracking_number=leg.tracking_number, needs=_QUOTA))
        return answers

    async def _make_one(
        self, session: aiohttp.ClientSession, credentials: Credentials, leg: Query
    ) -> Answer:
        number = leg.tracking_number
        tracking = {"tracking_number": number}
        slugs = _SLUGS.get(leg.carrier or "")
        if leg.carrier_pinned and slugs:
            tracking["slug"] = slugs[0]
        if leg.postal_code:
            tracking["destination_postal_code"] = leg.postal_code
        reply = await self._request(
            session,
            "POST",
            _TRACKINGS,
            headers=_headers(credentials),
            json_body=tracking,
            rejected=frozenset({HTTPStatus.UNAUTHORIZED}),
        )
        if reply.status in _NO_MORE:
            raise QuotaExceeded(
                f"HTTP {reply.status}", retry_at=fields.next_midnight(datetime.now(UTC))
            )
        meta = fields.mapping(fields.mapping(reply.json()).get("meta"))
        code = meta.get("code")
        if isinstance(code, int) and code in _INVALID:
            return Answer(tracking_number=number, invalid=True)
        if isinstance(code, int) and code in _NEEDS:
            return Answer(tracking_number=number, needs=_NEEDS[code])
        if code != _EXISTS and reply.status not in (HTTPStatus.OK, HTTPStatus.CREATED):
            raise ProviderUnavailable(f"HTTP {reply.status}", retry_at=reply.retry_at)
        return Answer(tracking_number=number)

    async def _read(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        params: Mapping[str, str],
    ) -> Reply:
        reply = await self._request(
            session, "GET", _TRACKINGS, params=params, headers=_headers(credentials)
        )
        if reply.status != HTTPStatus.OK:
            raise ProviderUnavailable(f"HTTP {reply.status}", retry_at=reply.retry_at)
        return reply


def parse(body: object, asked: Sequence[str]) -> list[Answer]:
    """Turn a list of trackings into what it says of the numbers asked about.

    A number without a tracking has no answer; of several trackings, the one last heard
    of counts. Raises ProviderUnavailable for what is no such list.
    """
    wanted = {numbers.normalise(number): number for number in asked}
    found: dict[str, Mapping[str, object]] = {}
    for tracking in _trackings(body):
        number = wanted.get(_number(tracking))
        if number is not None and (
            number not in found
            or _last_heard_of(tracking) > _last_heard_of(found[number])
        ):
            found[number] = tracking
    return [_answer(number, tracking) for number, tracking in found.items()]


def parse_push(body: object, asked: Sequence[str]) -> list[Pushed]:
    """Turn what AfterShip sends of its own accord into what it says of the numbers.

    Every kind of event holds the tracking. Raises ProviderUnavailable for what is no
    such message.
    """
    message = fields.mapping(body)
    tracking = message.get("msg")
    if not isinstance(tracking, dict):
        raise ProviderUnavailable("message has no tracking")
    told_at = fields.epoch(message.get("ts"))
    return [
        Pushed(answer=answer, told_at=told_at)
        for answer in parse({"data": {"trackings": [tracking]}}, asked)
    ]


def parse_page(body: object, now: datetime) -> tuple[list[Listed], str | None]:
    """Turn a page of the list into what is followed at ``now``, and the next page.

    Raises ProviderUnavailable for what is no such page.
    """
    listed = []
    for tracking in whole_list(_data(body).get("trackings"), "trackings"):
        number = _number(tracking)
        if not numbers.plausible(number) or not _is_followed(tracking, now):
            continue
        title = fields.optional_text(tracking.get("title"), fields.PLACE_LIMIT)
        is_name = title is not None and numbers.normalise(title) != number
        listed.append(
            Listed(
                tracking_number=number,
                carrier=_carrier(tracking),
                name=title if is_name else None,
            )
        )
    pagination = fields.mapping(_data(body).get("pagination"))
    if pagination.get("has_next_page") is not True:
        return listed, None
    cursor = fields.text(pagination.get("next_cursor"))
    if not cursor:
        raise ProviderUnavailable("list breaks off")
    return listed, cursor


def _data(body: object) -> Mapping[str, object]:
    return fields.mapping(fields.mapping(body).get("data"))


def _trackings(body: object) -> Iterator[Mapping[str, object]]:
    trackings = _data(body).get("trackings")
    if not isinstance(trackings, list):
        raise ProviderUnavailable("answer has no list of trackings")
    return fields.mappings(trackings)


def _headers(credentials: Credentials) -> Mapping[str, str]:
    key = api_key(credentials)
    return {"as-api-key": key, "Accept": "application/json"}


def _is_followed(tracking: Mapping[str, object], now: datetime) -> bool:
    """Say whether AfterShip follows a number, or did until lately."""
    updated = fields.moment(tracking.get("updated_at"))
    return tracking.get("active") is not False or (
        updated is not None
        and updated.tzinfo is not None
        and now - updated < _LISTED_FOR
    )


def _number(tracking: Mapping[str, object]) -> str:
    return numbers.normalise(
        fields.text(tracking.get("tracking_number"), fields.NUMBER_LIMIT)
    )


def _carrier(told: Mapping[str, object]) -> str | None:
    return _CARRIER_OF.get(fields.text(told.get("slug"), fields.CODE_LIMIT).lower())


def _country(told: object) -> str | None:
    """Return the country of a code of three letters, or of two."""
    code = fields.text(told, 8).upper()
    return ALPHA_2_OF.get(code) or fields.country(code)


def _last_heard_of(tracking: Mapping[str, object]) -> datetime:
    """Return when a shipment was last heard of, roughly: to tell old from new."""
    moments = [
        fields.moment(fields.mapping(checkpoint).get("checkpoint_time"))
        for checkpoint in fields.sequence(tracking.get("checkpoints"))[-1:]
    ]
    return max(
        (
            moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
            for moment in moments
            if moment is not None
        ),
        default=fields.LONG_AGO,
    )


def _answer(tracking_number: str, tracking: Mapping[str, object]) -> Answer:
    events = tuple(_events(tracking_number, tracking))
    whole, _ = _stage(tracking, ())
    told = next((event.stage for event in events if event.stage is not None), None)
    stage = told or whole
    promise = fields.mapping(tracking.get("courier_estimated_delivery_date"))
    return Answer(
        tracking_number=tracking_number,
        events=events,
        stage=whole if told is None or whole is Stage.EXPIRED else None,
        carrier=_carrier(tracking),
        origin_country=_country(tracking.get("origin_country_region")),
        destination_country=_country(tracking.get("destination_country_region"))
        or _country(tracking.get("courier_destination_country_region")),
        estimate=fields.estimate(
            promise.get("estimated_delivery_date_min"),
            promise.get("estimated_delivery_date_max"),
        )
        or fields.estimate(promise.get("estimated_delivery_date"), None),
        next_leg=_next_leg(tracking_number, tracking),
        pickup_point=fields.optional_text(
            tracking.get("pickup_location"), fields.PLACE_LIMIT
        )
        if stage is Stage.READY_FOR_PICKUP
        else None,
        signed_by=fields.optional_text(tracking.get("signed_by"), fields.PLACE_LIMIT)
        if stage in _HANDED_OVER
        else None,
    )


def _events(
    tracking_number: str, tracking: Mapping[str, object]
) -> Iterator[TrackingEvent]:
    """Yield the events, newest first."""
    checkpoints = fields.sequence(tracking.get("checkpoints"))[::-1]
    place = fields.text(tracking.get("delivery_location_type"), fields.PLACE_LIMIT)
    for checkpoint in fields.mappings(checkpoints[: fields.MAX_EVENTS]):
        written = fields.text(checkpoint.get("checkpoint_time"), 40)
        description = fields.text(checkpoint.get("message"))
        subtag = fields.text(checkpoint.get("subtag"), fields.CODE_LIMIT)
        code = subtag or fields.text(checkpoint.get("tag"), fields.CODE_LIMIT)
        if not written or not (code or description):
            continue
        moment = fields.moment(written)
        stage, direction = _stage(checkpoint, (description,), place)
        yield TrackingEvent(
            provider=AfterShipProvider.id,
            tracking_number=tracking_number,
            code=code or None,
            written_time=written,
            time=moment if moment is not None and moment.tzinfo is not None else None,
            local_time=_wall(moment),
            # That AfterShip gave up is no scan.
            stage=None if stage is Stage.EXPIRED else stage,
            direction=direction,
            description=description or fields.text(checkpoint.get("subtag_message")),
            words=description,
            location=_location(checkpoint),
            country=_country(checkpoint.get("country_region")),
            carrier=_carrier(checkpoint),
        )


def _wall(moment: datetime | None) -> datetime | None:
    """Return the clock at the place, which a time in UTC does not tell."""
    if moment is None or moment.tzinfo is UTC:
        return None
    return moment.replace(tzinfo=None)


def _location(checkpoint: Mapping[str, object]) -> str | None:
    parts = [
        fields.text(checkpoint.get(part), fields.PLACE_LIMIT)
        for part in ("city", "state")
    ]
    return fields.optional_text(checkpoint.get("location"), fields.PLACE_LIMIT) or (
        ", ".join(part for part in parts if part) or None
    )


def _stage(
    told: Mapping[str, object], texts: Sequence[str], place: str = ""
) -> tuple[Stage | None, Direction | None]:
    """Return the stage and, for customs, the side of the border if it is told.

    ``place`` is what kind of place a delivery went to.
    """
    subtag = fields.text(told.get("subtag"), fields.CODE_LIMIT)
    tag = fields.text(told.get("tag"), fields.CODE_LIMIT)
    stage = _SUBTAGS.get(subtag) or _TAGS.get(tag)
    if stage is None:
        return None, None
    if subtag in _ASKS_FOR_SOMETHING:
        stage = _ASKED_FOR.stage(texts) or stage
    elif subtag in _SAYS_LITTLE and stage is Stage.IN_TRANSIT:
        stage = _REFINED.stage(texts) or stage
    if stage is Stage.DELIVERED and subtag != _TAKEN_BY_THE_PERSON:
        if went_back(texts):
            stage = Stage.RETURNED
        elif _LOCKER in place.casefold() or left_at_pickup_place(texts):
            stage = Stage.READY_FOR_PICKUP
    return customs.directed(stage, None, texts)


def _next_leg(tracking_number: str, tracking: Mapping[str, object]) -> Leg | None:
    """Return the number of the last mile, if it is another one."""
    last_mile = fields.mapping(tracking.get("last_mile"))
    number = _number(last_mile)
    if not numbers.plausible(number) or number == numbers.normalise(tracking_number):
        return None
    carrier = _carrier(last_mile)
    if carrier is None and (candidates := numbers.recognise(number)):
        carrier = candidates[0].carrier
    return Leg(tracking_number=number, carrier=carrier)
