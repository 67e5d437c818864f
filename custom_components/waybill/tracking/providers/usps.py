"""USPS's Tracking v3, for those who send parcels.

Documentation: https://developers.usps.com/trackingv3. Since April 2026 USPS tells of
a parcel only to whom the Mailer ID of its label belongs, and of parcels that one
gets nothing at all. An app is free; USPS must grant it tracking. It may ask 60
times an hour, requests for tokens included, about one number each time.

The codes 01, 03, 07, 10, A1, GX, OF, SF, T1 and TL have been seen in answers; the
others are those of USPS Publication 199 and of clients of its older API. PM (held)
is left out: it is not told where.

Five things to mind:

- A token without the scope ``tracking`` is good for other things.
- By which status USPS refuses another's label is not documented. A 403 to a token
  that was just accepted can mean nothing else: the number is not known.
- ``eventTimestamp`` is the clock at the place, ``GMTTimestamp`` the instant.
- The number that is answered about can be left out.
- Texts hold HTML entities.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import islice
import re
from typing import Final, override
from urllib.parse import quote

import aiohttp

from .. import numbers
from ..model import Answer, Direction, Stage, TrackingEvent
from . import customs, fields
from .base import (
    AccountInfo,
    Credentials,
    CredentialsRejected,
    Limits,
    NotEntitled,
    ProviderUnavailable,
    Query,
    QuotaExceeded,
    Reply,
)
from .country_names import country_code
from .oauth import Token, TokenProvider
from .returns import went_back
from .wording import Phrases, Refinement, left_at_pickup_place

_STAGES: Final = {
    # Manifest, label made.
    "MA": Stage.INFO_RECEIVED,
    "GX": Stage.INFO_RECEIVED,
    # Accepted, by a carrier, at a counter, from a truck.
    "03": Stage.SHIPPED,
    "OA": Stage.SHIPPED,
    "PC": Stage.SHIPPED,
    "TM": Stage.SHIPPED,
    "PA": Stage.SHIPPED,
    "80": Stage.SHIPPED,
    # Processed, arrived, departed; forwarded, missent, put off to the next day.
    "10": Stage.IN_TRANSIT,
    "A1": Stage.IN_TRANSIT,
    "07": Stage.IN_TRANSIT,
    "T1": Stage.IN_TRANSIT,
    "SF": Stage.IN_TRANSIT,
    "EF": Stage.IN_TRANSIT,
    "TL": Stage.IN_TRANSIT,
    "NT": Stage.IN_TRANSIT,
    "DX": Stage.IN_TRANSIT,
    "L1": Stage.IN_TRANSIT,
    "06": Stage.IN_TRANSIT,
    "08": Stage.IN_TRANSIT,
    "15": Stage.IN_TRANSIT,
    "19": Stage.IN_TRANSIT,
    "41": Stage.IN_TRANSIT,
    "42": Stage.IN_TRANSIT,
    "71": Stage.IN_TRANSIT,
    "81": Stage.IN_TRANSIT,
    "82": Stage.IN_TRANSIT,
    "OF": Stage.OUT_FOR_DELIVERY,
    # At a pick-up point, available, with an agent.
    "14": Stage.READY_FOR_PICKUP,
    "16": Stage.READY_FOR_PICKUP,
    "17": Stage.READY_FOR_PICKUP,
    # Notice left, no access, receptacle blocked or full, nobody there.
    "02": Stage.DELIVERY_FAILED,
    "30": Stage.DELIVERY_FAILED,
    "51": Stage.DELIVERY_FAILED,
    "52": Stage.DELIVERY_FAILED,
    "53": Stage.DELIVERY_FAILED,
    "54": Stage.DELIVERY_FAILED,
    "55": Stage.DELIVERY_FAILED,
    "56": Stage.DELIVERY_FAILED,
    "01": Stage.DELIVERED,
    # Refused, undeliverable, dead letter.
    "04": Stage.EXCEPTION,
    "05": Stage.EXCEPTION,
    "11": Stage.EXCEPTION,
    # Sent back; from 21 on with the reason, such as a number that does not exist.
    "09": Stage.RETURNING,
    "21": Stage.RETURNING,
    "22": Stage.RETURNING,
    "23": Stage.RETURNING,
    "24": Stage.RETURNING,
    "25": Stage.RETURNING,
    "26": Stage.RETURNING,
    "27": Stage.RETURNING,
    "28": Stage.RETURNING,
    "29": Stage.RETURNING,
    "31": Stage.RETURNING,
}
_CATEGORIES: Final = {
    # By ``statusCategory``, of the parcel as a whole.
    "pre-shipment": Stage.INFO_RECEIVED,
    "accepted": Stage.SHIPPED,
    "in transit": Stage.IN_TRANSIT,
    "in-transit": Stage.IN_TRANSIT,
    "out for delivery": Stage.OUT_FOR_DELIVERY,
    "available for pickup": Stage.READY_FOR_PICKUP,
    "delivery attempt": Stage.DELIVERY_FAILED,
    "delivered": Stage.DELIVERED,
    "delivered to agent": Stage.READY_FOR_PICKUP,
    "alert": Stage.EXCEPTION,
    "return to sender": Stage.RETURNING,
}
_AT_CUSTOMS: Final = Refinement(
    # What the texts can make of a mere "in transit".
    (Stage.CUSTOMS_CLEARED, Phrases("out of customs")),
    (Stage.IN_CUSTOMS, Phrases("into customs")),
    *customs.PHRASES,
    not_now=Phrases(*customs.NOT_NOW),
)

_TOKENS: Final = "/oauth2/v3/token"
_ENDPOINT: Final = "/tracking/v3/tracking/"
_SCOPE: Final = "tracking"
_NOT_ENTITLED: Final = "scope"
_NOT_TOLD: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
)
_HOUR: Final = timedelta(hours=1)
_ROUTING: Final = re.compile(r"420[0-9]{5}(?:[0-9]{4})?(?=9[0-9]{19,29}\Z)")


class UspsProvider(TokenProvider):
    """USPS's tracking of what one sends, with the key of an app."""

    id = "usps"
    name = "USPS (shippers only)"
    origin = "https://apis.usps.com"
    credentials = ("client_id", "client_secret")
    carriers = frozenset({"usps"})
    own_shipments_only = True
    limits = Limits(
        batch_size=1,
        # 60 an hour with the tokens, and some to spare.
        spacing=timedelta(seconds=65),
        per_leg=timedelta(minutes=30),
    )

    @override
    async def fetch(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        legs: Sequence[Query],
    ) -> list[Answer]:
        number = legs[0].tracking_number
        try:
            reply = await self._ask(session, credentials, number)
        except QuotaExceeded as err:
            raise _until_the_hour_is_over(err) from None
        if reply.status in _NOT_TOLD and not reply.is_page:
            return self._parse_once(
                credentials,
                [number],
                reply.body,
                lambda: [Answer(tracking_number=number)],
                of="unknown",
            )
        if reply.status != HTTPStatus.OK:
            raise ProviderUnavailable(f"HTTP {reply.status}", retry_at=reply.retry_at)
        return self._parse_once(
            credentials, [number], reply.body, lambda: [parse(reply.json(), number)]
        )

    @override
    def _spellings(self, tracking_number: str) -> Collection[str]:
        return (tracking_number, _without_routing(tracking_number))

    @override
    async def verify(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> AccountInfo:
        """Ask for a token, which says what it may be used for.

        That spares one of the 60 questions of an hour. USPS names neither the
        account nor what is left of its quota.
        """
        try:
            await self._token(session, credentials)
        except QuotaExceeded as err:
            raise _until_the_hour_is_over(err) from None
        return AccountInfo()

    @override
    async def _ask_for_token(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> Reply:
        return await self._request(
            session,
            "POST",
            _TOKENS,
            headers={"Accept": "application/json"},
            json_body={
                "client_id": credentials["client_id"],
                "client_secret": credentials["client_secret"],
                "grant_type": "client_credentials",
            },
            rejected=frozenset(),
        )

    @override
    def _accept(self, token: Token) -> None:
        """Raise NotEntitled for a token that lets nobody track."""
        if token.scope is not None and _SCOPE not in token.scope:
            raise NotEntitled("the token has no scope for tracking")

    @override
    def _is_refusal(self, reply: Reply) -> bool:
        if reply.status == HTTPStatus.FORBIDDEN:
            return _lacks_scope(reply)
        return reply.status == HTTPStatus.UNAUTHORIZED

    @override
    def _refusal(self, reply: Reply) -> CredentialsRejected:
        if _lacks_scope(reply):
            return NotEntitled("the scope is insufficient")
        return super()._refusal(reply)

    async def _ask(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        tracking_number: str,
    ) -> Reply:
        return await self._request_with_token(
            session,
            credentials,
            "GET",
            f"{_ENDPOINT}{quote(_without_routing(tracking_number), safe='')}",
            params={"expand": "DETAIL"},
            headers={"Accept": "application/json"},
        )


def parse(body: object, tracking_number: str) -> Answer:
    """Turn an answer's JSON into what it says of the number asked about.

    An answer about another number says nothing of this one. Raises
    ProviderUnavailable for what is no such answer.
    """
    told = fields.mapping(body)
    events = told.get("trackingEvents")
    category = fields.text(told.get("statusCategory"), fields.CODE_LIMIT)
    if not isinstance(events, list) and not category:
        raise ProviderUnavailable("answer has no events and no status")
    echo = fields.number(told.get("trackingNumber"))
    if echo and _without_routing(echo) != _without_routing(tracking_number):
        return Answer(tracking_number=tracking_number)
    return _answer(tracking_number, told, category)


def _without_routing(tracking_number: str) -> str:
    """Return a number without the ZIP code that bar codes have in front."""
    return _ROUTING.sub("", numbers.normalise(tracking_number))


def _until_the_hour_is_over(error: QuotaExceeded) -> QuotaExceeded:
    """Return the error with the time after which USPS counts anew."""
    return QuotaExceeded(str(error), retry_at=error.retry_at, first_backoff=_HOUR)


def _lacks_scope(reply: Reply) -> bool:
    """Say whether a refusal is for what the token may be used for (RFC 6750, 3.1)."""
    try:
        error = fields.mapping(reply.json()).get("error")
    except ProviderUnavailable:
        return False
    said = fields.mapping(error).get("message", error)
    return _NOT_ENTITLED in fields.text(said).casefold()


def _answer(tracking_number: str, told: Mapping[str, object], category: str) -> Answer:
    events = tuple(_events(tracking_number, told))
    stage = next((event.stage for event in events if event.stage is not None), None)
    whole = None
    if stage is None:
        words = _words(told.get("status"))
        stage = whole = _refined(_CATEGORIES.get(category.casefold()), words)[0]
    promised = told.get("expectedDeliveryTimeStamp") or told.get("expectedDeliveryDate")
    return Answer(
        tracking_number=tracking_number,
        events=events,
        stage=whole,
        carrier="usps",
        origin_country=_end(told, "origin"),
        destination_country=_end(told, "destination"),
        estimate=fields.estimate(promised, None),
        signed_by=_signed_by(told) if stage is Stage.DELIVERED else None,
    )


def _words(told: object) -> list[str]:
    return [text] if (text := fields.text(told)) else []


def _events(
    tracking_number: str, told: Mapping[str, object]
) -> Iterator[TrackingEvent]:
    for event in islice(fields.mappings(told.get("trackingEvents")), fields.MAX_EVENTS):
        written = fields.text(event.get("eventTimestamp"), 40) or fields.text(
            event.get("GMTTimestamp"), 40
        )
        code = fields.text(event.get("eventCode"), fields.CODE_LIMIT).upper()
        words = _words(event.get("eventType"))
        if not written or not (code or words):
            continue
        stage, direction = _refined(_STAGES.get(code), words)
        moment, wall = _clock(event)
        description = next(iter(words), "")
        yield TrackingEvent(
            provider=UspsProvider.id,
            tracking_number=tracking_number,
            code=code or None,
            written_time=written,
            time=moment,
            local_time=wall,
            stage=stage,
            direction=direction,
            description=description,
            words=description,
            location=fields.optional_text(event.get("eventCity"), fields.PLACE_LIMIT),
            country=_country(event.get("eventCountry")),
            carrier="usps",
        )


def _clock(event: Mapping[str, object]) -> tuple[datetime | None, datetime | None]:
    """Return the instant of an event, and the clock at its place."""
    local = fields.moment(event.get("eventTimestamp"))
    gmt = fields.moment(event.get("GMTTimestamp"))
    if gmt is not None and gmt.tzinfo is None:
        gmt = gmt.replace(tzinfo=UTC)
    if local is None:
        return gmt, None
    wall = local.replace(tzinfo=None)
    if gmt is None:
        zone = local.tzinfo or fields.offset(event.get("GMTOffset"))
        gmt = wall.replace(tzinfo=zone) if zone is not None else None
    return gmt, wall


def _refined(
    stage: Stage | None, words: Sequence[str]
) -> tuple[Stage | None, Direction | None]:
    """Return what the words make of a stage and, for customs, the side of the border."""
    if stage is Stage.IN_TRANSIT:
        stage = _AT_CUSTOMS.stage(words) or stage
    elif stage is Stage.DELIVERED:
        if went_back(words):
            stage = Stage.RETURNED
        elif left_at_pickup_place(words):
            stage = Stage.READY_FOR_PICKUP
    return (None, None) if stage is None else customs.directed(stage, None, words)


def _country(told: object) -> str | None:
    return fields.country(told) or country_code(fields.text(told, fields.PLACE_LIMIT))


def _end(told: Mapping[str, object], end: str) -> str | None:
    return _country(told.get(f"{end}CountryCode")) or _country(
        told.get(f"{end}Country")
    )


def _signed_by(told: Mapping[str, object]) -> str | None:
    """Return the name that the newest event tells."""
    newest = next(fields.mappings(told.get("trackingEvents")), {})
    return fields.optional_text(newest.get("name"), fields.PLACE_LIMIT)
