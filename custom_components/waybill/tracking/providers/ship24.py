"""Ship24's tracking API: an aggregator of some 1,500 carriers.

Documentation: https://docs.ship24.com and the OpenAPI file that Ship24 publishes with
its own client; the codes are those of its page on statuses (docs.ship24.com/status).

A number is followed by a tracker, which spends quota that cannot be had back (a free
plan has ten a month); asking about one that is there is free. So every question goes
out as a search for a tracker first, and one is only made where that is allowed. To
make one again with other particulars would spend again. The first answer of a new
tracker can take a minute, so it is not waited for.

What is built on here, beyond the documentation:

- ``statusMilestone`` stands at every event, ``statusCode`` only where Ship24 made
  out more; where it did not, the words may tell of customs.
- ``customs_exception`` is a delay as often as a request: the words tell which.
- Times have no offset as a rule, and are then those at the place.
- ``eventTrackingNumber`` is the number that an event was found with: where the newest
  was found with another one, that is the number of the last carrier.

What it sends of its own accord bears a secret of its own as a bearer token, and holds
the new events only: one, or several.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import islice
import re
from typing import Final, override
from urllib.parse import quote

import aiohttp
from yarl import URL

from .. import numbers
from ..model import Answer, Direction, Leg, Stage, TrackingEvent
from ..numbers.carriers import CARRIERS
from ..numbers.s10 import POST_OF
from . import customs, fields
from .base import (
    AccountInfo,
    Credentials,
    CredentialsRejected,
    Limits,
    Listed,
    NotEntitled,
    ProviderUnavailable,
    Query,
    QuotaExceeded,
    Reply,
    api_key,
    whole_list,
)
from .places import country_of
from .pushing import Pushed, PushingProvider
from .returns import went_back
from .wording import Phrases, Refinement, left_at_pickup_place

_CODES: Final[Mapping[str, Stage]] = {
    # ``statusCode``; of the proposed and decided ways of delivery
    # (``data_delivery_…``) and of ``delivery_exception`` the milestone says more.
    "data_order_created": Stage.INFO_RECEIVED,
    "data_order_cancelled": Stage.EXCEPTION,
    "transit_handover": Stage.SHIPPED,
    "transit_origin_country_departure": Stage.IN_TRANSIT,
    "destination_arrival": Stage.IN_TRANSIT,
    "customs_received": Stage.IN_CUSTOMS,
    "customs_exception": Stage.IN_CUSTOMS,
    "customs_rejected": Stage.EXCEPTION,
    "customs_cleared": Stage.CUSTOMS_CLEARED,
    "delivery_available_for_pickup": Stage.READY_FOR_PICKUP,
    "delivery_out_for_delivery": Stage.OUT_FOR_DELIVERY,
    "delivery_attempted": Stage.DELIVERY_FAILED,
    "delivery_refused": Stage.EXCEPTION,
    "delivery_delivered": Stage.DELIVERED,
    "exception_return": Stage.RETURNING,
    "exception_lost": Stage.EXCEPTION,
    "exception_discarded": Stage.EXCEPTION,
}
_MILESTONES: Final[Mapping[str, Stage]] = {
    # ``statusMilestone``. Of "pending" there is nothing to tell.
    "info_received": Stage.INFO_RECEIVED,
    "in_transit": Stage.IN_TRANSIT,
    "out_for_delivery": Stage.OUT_FOR_DELIVERY,
    "failed_attempt": Stage.DELIVERY_FAILED,
    "available_for_pickup": Stage.READY_FOR_PICKUP,
    "delivered": Stage.DELIVERED,
    "exception": Stage.EXCEPTION,
}
_CUSTOMS_DELAY: Final = "customs_exception"
_REFINED: Final = Refinement(*customs.PHRASES, not_now=Phrases(*customs.NOT_NOW))
_ASKED_FOR: Final = Refinement(
    customs.ACTION_REQUIRED, not_now=Phrases(*customs.NOT_NOW)
)
_HANDED_OVER: Final = frozenset(
    {Stage.DELIVERED, Stage.READY_FOR_PICKUP, Stage.RETURNED}
)

_POST: Final = re.compile(r"([a-z]{2})-post")
"""Ship24's code of a country's post; other carriers bear their names."""
_COURIERS: Final[Mapping[str, str]] = {
    # Where the name is not ours.
    "dhlecommerce": "dhl_ecommerce",
    "dhlexpress": "dhl",
    "dhlparcel": "dhl",
    "fedexexpress": "fedex",
    "novaposhta": "nova_post",
    "usps": "usps",
    "yun": "yunexpress",
} | {
    carrier.replace("_", ""): carrier
    for carrier in CARRIERS
    if not carrier.startswith("post_")
}

_REJECTED_KEY: Final = frozenset(
    {"auth_missing_header", "auth_invalid_header", "auth_invalid_api_key"}
)
_NO_PLAN: Final = "no_active_subscription"
_QUOTA_SPENT: Final = "quota_limit_reached"
_INVALID: Final = "validation_error"

_TRACKERS: Final = "/public/v1/trackers"
_QUOTA: Final = "quota"
_PAGE: Final = 500
_MAX_PAGES: Final = 20
_BETWEEN_PAGES: Final = 0.2
"""Seconds; ten requests a second are allowed."""
_LISTED_FOR: Final = timedelta(days=60)
"""For how long after its making a tracker is listed that rests."""


class Ship24Provider(PushingProvider):
    """Ship24, with the key of an account."""

    id = "ship24"
    name = "Ship24"
    origin = "https://api.ship24.com"
    credentials = ("api_key",)
    aggregator = True
    spends_per_number = True
    lists_parcels = True
    echoes = frozenset({"destinationPostCode"})
    push_secret = "webhook_secret"  # nosec B105  # a field's name
    limits = Limits(
        batch_size=1,
        spacing=timedelta(seconds=2),
        per_leg=timedelta(minutes=30),
        lag=timedelta(hours=2),
    )

    def __init__(self, simulator: URL | None = None) -> None:
        """Know of no spent quota, and of no tracker."""
        super().__init__(simulator)
        self._creating_from: datetime | None = None
        self._followed: set[str] = set()

    @override
    async def fetch(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        legs: Sequence[Query],
    ) -> list[Answer]:
        leg = legs[0]
        number = leg.tracking_number
        reply = await self._call(
            session,
            credentials,
            "GET",
            f"{_TRACKERS}/search/{quote(number, safe='')}/results",
        )
        if reply.status == HTTPStatus.BAD_REQUEST:
            return [Answer(tracking_number=number, invalid=True)]
        if reply.status != HTTPStatus.NOT_FOUND:
            told = self._parse_once(
                credentials, [number], reply.body, lambda: parse(reply.json(), number)
            )
            if told:
                self._followed.add(number)
                return told
        if not leg.may_register:
            return []
        if number in self._followed:
            # It shows no results yet, or the person took it out.
            return [Answer(tracking_number=number)]
        return [await self._create(session, credentials, leg)]

    @override
    async def verify(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> AccountInfo:
        """Ask for one tracker, which is free. Ship24 names no account."""
        parse_page(
            (await self._page(session, credentials, 1, 1)).json(), fields.LONG_AGO
        )
        return AccountInfo()

    @override
    async def listed(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> list[Listed]:
        """Return the numbers with a tracker, but those that rest for long."""
        listed: dict[str, Listed] = {}
        for page in range(1, _MAX_PAGES + 1):
            reply = await self._page(session, credentials, page, _PAGE)
            followed, rows = parse_page(reply.json(), datetime.now(UTC))
            listed |= {each.tracking_number: each for each in followed}
            if rows < _PAGE:
                return list(listed.values())
            await asyncio.sleep(_BETWEEN_PAGES)
        raise ProviderUnavailable("list is too long")

    @override
    def _proof(
        self, secret: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[str, str]:
        return headers.get("Authorization", ""), f"Bearer {secret}"

    @override
    def _parse_push(self, body: object, asked: Sequence[str]) -> list[Pushed]:
        return parse_push(body, asked)

    async def _page(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        page: int,
        rows: int,
    ) -> Reply:
        params = {"page": str(page), "limit": str(rows), "sort": "1"}
        reply = await self._call(session, credentials, "GET", _TRACKERS, params=params)
        if reply.status != HTTPStatus.OK:
            raise ProviderUnavailable(f"HTTP {reply.status}", retry_at=reply.retry_at)
        return reply

    async def _create(
        self, session: aiohttp.ClientSession, credentials: Credentials, leg: Query
    ) -> Answer:
        """Make a tracker, which spends quota, and return what is known: nothing yet."""
        number, now = leg.tracking_number, datetime.now(UTC)
        if self._creating_from is not None and now < self._creating_from:
            return Answer(tracking_number=number, needs=_QUOTA)
        tracker = {"trackingNumber": number}
        if leg.postal_code:
            tracker["destinationPostCode"] = leg.postal_code
        try:
            reply = await self._call(
                session, credentials, "POST", _TRACKERS, json_body=tracker
            )
        except QuotaExceeded as err:
            self._creating_from = err.retry_at or fields.next_midnight(now)
            return Answer(tracking_number=number, needs=_QUOTA)
        if reply.status == HTTPStatus.BAD_REQUEST:
            return Answer(tracking_number=number, invalid=True)
        if reply.status not in (HTTPStatus.OK, HTTPStatus.CREATED):
            raise ProviderUnavailable(f"HTTP {reply.status}", retry_at=reply.retry_at)
        self._followed.add(number)
        return Answer(tracking_number=number)

    async def _call(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json_body: object = None,
    ) -> Reply:
        """Make one request; errors are told by their code.

        What comes back is what was asked for, or says that it is not there or that
        the number has no form that Ship24 knows.
        """
        key = api_key(credentials)
        reply = await self._request(
            session,
            method,
            path,
            params=params,
            headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
            json_body=json_body,
            rejected=frozenset({HTTPStatus.UNAUTHORIZED}),
        )
        if reply.status < HTTPStatus.MULTIPLE_CHOICES:
            return reply
        codes = _errors(reply)
        if codes & _REJECTED_KEY:
            raise CredentialsRejected(f"HTTP {reply.status}")
        if _NO_PLAN in codes:
            raise NotEntitled(_NO_PLAN)
        if _QUOTA_SPENT in codes:
            raise QuotaExceeded(
                _QUOTA_SPENT, retry_at=fields.next_midnight(datetime.now(UTC))
            )
        # A page comes from the servers in front of the API, which know no keys.
        if reply.status == HTTPStatus.FORBIDDEN and not reply.is_page:
            raise CredentialsRejected(f"HTTP {reply.status}")
        if reply.status != HTTPStatus.NOT_FOUND and _INVALID not in codes:
            raise ProviderUnavailable(f"HTTP {reply.status}", retry_at=reply.retry_at)
        return reply


def parse(body: object, tracking_number: str) -> list[Answer]:
    """Turn the results of a search into what they say of the number asked about.

    Empty without a tracker of it; of several, the one last heard of counts. Raises
    ProviderUnavailable for what are no such results.
    """
    trackings = fields.mapping(fields.mapping(body).get("data")).get("trackings")
    if not isinstance(trackings, list):
        raise ProviderUnavailable("answer has no list of trackings")
    asked = numbers.normalise(tracking_number)
    matching = [
        tracking
        for tracking in fields.mappings(trackings)
        if _number(fields.mapping(tracking.get("tracker")).get("trackingNumber"))
        == asked
    ]
    if not matching:
        return []
    return [_answer(tracking_number, max(matching, key=_last_heard_of))]


def parse_push(body: object, asked: Sequence[str]) -> list[Pushed]:
    """Turn what Ship24 sends of its own accord into what it says of the numbers.

    A number may come several times. Raises ProviderUnavailable for what is no such
    message.
    """
    trackings = fields.mapping(body).get("trackings")
    if not isinstance(trackings, list):
        raise ProviderUnavailable("message has no list of trackings")
    wanted = {numbers.normalise(number): number for number in asked}
    pushed = []
    for tracking in fields.mappings(trackings):
        tracker = fields.mapping(tracking.get("tracker"))
        number = wanted.get(_number(tracker.get("trackingNumber")))
        if number is not None:
            made = fields.mapping(tracking.get("metadata")).get("generatedAt")
            pushed.append(
                Pushed(
                    answer=_answer(number, tracking),
                    told_at=fields.instant(fields.moment(made)),
                )
            )
    return pushed


def parse_page(body: object, now: datetime) -> tuple[list[Listed], int]:
    """Turn a page of trackers into what is followed at ``now``, and its rows.

    Raises ProviderUnavailable for what is no such page.
    """
    rows = whole_list(
        fields.mapping(fields.mapping(body).get("data")).get("trackers"), "trackers"
    )
    listed = [
        Listed(
            tracking_number=number,
            carrier=_carrier(tracker.get("courierCode")),
            name=fields.optional_text(
                tracker.get("shipmentReference"), fields.PLACE_LIMIT
            ),
        )
        for tracker in rows
        if numbers.plausible(number := _number(tracker.get("trackingNumber")))
        and _is_followed(tracker, now)
    ]
    return listed, len(rows)


def _is_followed(tracker: Mapping[str, object], now: datetime) -> bool:
    """Say whether a tracker is not archived, and does not rest for long."""
    if tracker.get("isSubscribed") is False:
        return False
    made = fields.moment(tracker.get("createdAt"))
    return tracker.get("isTracked") is not False or (
        made is not None and made.tzinfo is not None and now - made < _LISTED_FOR
    )


def _errors(reply: Reply) -> frozenset[str]:
    """Return the codes of the errors in a reply."""
    try:
        body = reply.json()
    except ProviderUnavailable:
        return frozenset()
    told = fields.mappings(fields.mapping(body).get("errors"))
    return frozenset(
        fields.text(error.get("code"), fields.CODE_LIMIT) for error in islice(told, 20)
    )


def _number(told: object) -> str:
    return numbers.normalise(fields.text(told, fields.NUMBER_LIMIT))


def _carrier(told: object) -> str | None:
    """Return our carrier of a code, or of the first one of a list."""
    first = told[0] if isinstance(told, list) and told else told
    code = fields.text(first, fields.CODE_LIMIT).lower()
    if post := _POST.fullmatch(code):
        return POST_OF.get(post[1].upper())
    return _COURIERS.get(re.sub(r"[^a-z0-9]", "", code))


def _last_heard_of(tracking: Mapping[str, object]) -> datetime:
    """Return when a shipment was last heard of, roughly: to tell old from new."""
    moments = [
        fields.moment(event.get("occurrenceDatetime"))
        for event in islice(fields.mappings(tracking.get("events")), 1)
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
    shipment = fields.mapping(tracking.get("shipment"))
    delivery = fields.mapping(shipment.get("delivery"))
    events = tuple(_events(tracking_number, tracking))
    stage = next((event.stage for event in events if event.stage is not None), None)
    whole = _stage(shipment, ())[0] if stage is None else None
    promise = fields.mapping(delivery.get("courierEstimatedDeliveryDate"))
    carrier = _carrier(fields.mapping(tracking.get("tracker")).get("courierCode"))
    return Answer(
        tracking_number=tracking_number,
        events=events,
        stage=whole,
        carrier=carrier
        or next((e.carrier for e in reversed(events) if e.carrier), None),
        origin_country=fields.country(shipment.get("originCountryCode")),
        destination_country=fields.country(shipment.get("destinationCountryCode")),
        estimate=fields.estimate(promise.get("from"), promise.get("to"))
        or fields.estimate(delivery.get("estimatedDeliveryDate"), None),
        next_leg=_next_leg(tracking_number, tracking),
        signed_by=fields.optional_text(delivery.get("signedBy"), fields.PLACE_LIMIT)
        if stage in _HANDED_OVER
        else None,
    )


def _events(
    tracking_number: str, tracking: Mapping[str, object]
) -> Iterator[TrackingEvent]:
    for event in islice(fields.mappings(tracking.get("events")), fields.MAX_EVENTS):
        written = fields.text(event.get("occurrenceDatetime"), 40)
        description = fields.text(event.get("status"))
        code = _code(event)
        if not written or not (code or description):
            continue
        moment = fields.moment(written)
        stage, direction = _stage(event, (description,))
        location = fields.optional_text(event.get("location"), fields.PLACE_LIMIT)
        yield TrackingEvent(
            provider=Ship24Provider.id,
            tracking_number=tracking_number,
            code=code or None,
            written_time=written,
            time=moment if moment is not None and moment.tzinfo is not None else None,
            local_time=_wall(moment),
            stage=stage,
            direction=direction,
            description=description,
            words=description,
            location=location,
            country=country_of(location),
            carrier=_carrier(event.get("courierCode")),
        )


def _wall(moment: datetime | None) -> datetime | None:
    """Return the clock at the place, which a time in UTC does not tell."""
    if moment is None or moment.tzinfo is UTC:
        return None
    return moment.replace(tzinfo=None)


def _code(told: Mapping[str, object]) -> str:
    return fields.text(told.get("statusCode"), fields.CODE_LIMIT) or fields.text(
        told.get("statusMilestone"), fields.CODE_LIMIT
    )


def _stage(
    told: Mapping[str, object], texts: Sequence[str]
) -> tuple[Stage | None, Direction | None]:
    """Return the stage and, for customs, the side of the border if it is told."""
    code = fields.text(told.get("statusCode"), fields.CODE_LIMIT)
    milestone = fields.text(told.get("statusMilestone"), fields.CODE_LIMIT)
    stage = _CODES.get(code) or _MILESTONES.get(milestone)
    if stage is None:
        return None, None
    if code == _CUSTOMS_DELAY:
        stage = _ASKED_FOR.stage(texts) or stage
    elif not code and stage is Stage.IN_TRANSIT:
        stage = _REFINED.stage(texts) or stage
    if stage is Stage.DELIVERED:
        if went_back(texts):
            stage = Stage.RETURNED
        elif left_at_pickup_place(texts):
            stage = Stage.READY_FOR_PICKUP
    return customs.directed(stage, None, texts)


def _next_leg(tracking_number: str, tracking: Mapping[str, object]) -> Leg | None:
    """Return the number that the newest event was found with, if it is another one."""
    newest = next(fields.mappings(tracking.get("events")), {})
    number = _number(newest.get("eventTrackingNumber"))
    if not numbers.plausible(number) or number == numbers.normalise(tracking_number):
        return None
    carrier = _carrier(newest.get("courierCode"))
    if carrier is None and (candidates := numbers.recognise(number)):
        carrier = candidates[0].carrier
    return Leg(tracking_number=number, carrier=carrier)
