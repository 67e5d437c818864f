"""DHL's Shipment Tracking - Unified: Express, Parcel, eCommerce, Deutsche Post.

Documentation: https://developer.dhl.com/api-reference/shipment-tracking. A key is
free; it may ask 250 times a day, about one number each time, and the day ends at
midnight UTC (support-developer.dhl.com).

Two things to mind:

- Without being told the service, DHL can answer with another shipment, or with
  several: only those with the number asked about count, of them the newest.
- A timestamp without an offset is the time at the place of the scan.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import islice
from typing import Final, NamedTuple, override

import aiohttp

from .. import numbers
from ..model import Answer, Direction, Stage, TrackingEvent
from . import customs, fields
from .base import (
    AccountInfo,
    Credentials,
    Limits,
    Provider,
    ProviderUnavailable,
    Query,
    QuotaExceeded,
    Reply,
    api_key,
)
from .wording import Phrases, Refinement, left_at_pickup_place

_STAGES: Final = {
    # ``unknown`` has no stage of its own.
    "pre-transit": Stage.INFO_RECEIVED,
    "transit": Stage.IN_TRANSIT,
    "delivered": Stage.DELIVERED,
    "failure": Stage.EXCEPTION,
}
_SAYS_LITTLE: Final = frozenset({"transit", "unknown"})
_REFINED: Final = Refinement(
    # What the texts can make of a code that says little, in this order.
    (
        Stage.RETURNING,
        Phrases(
            "returned to sender",
            "returned to the sender",
            "returned to shipper",
            "returned to the shipper",
            "return to sender",
            "return to the sender",
            "back to the sender",
        ),
    ),
    customs.ACTION_REQUIRED,
    (
        Stage.READY_FOR_PICKUP,
        Phrases(
            "ready for pick up",
            "ready for collection",
            "ready to be picked up",
            "ready to be collected",
            "available for pick up",
            "available for collection",
            "awaiting collection",
            "awaiting pick up by the recipient",
            "can be picked up",
            "can be collected",
            "delivered for pick up",
            *(
                f"{left} … {place}"
                for left in (
                    "delivered to",
                    "delivered at",
                    "deposited in",
                    "deposited at",
                    "placed in",
                    "stored in",
                    "arrived at",
                    "arrived in",
                )
                for place in (
                    "packstation",
                    "locker",
                    "service point",
                    "parcel shop",
                    "pick up point",
                    "retail outlet",
                )
            ),
        ),
    ),
    (
        Stage.DELIVERY_FAILED,
        Phrases(
            "delivery attempt",
            "delivery attempted",
            "attempted delivery",
            "attempt to deliver",
            "could not be delivered",
            "delivery was not possible",
            "delivery not possible",
            "delivery unsuccessful",
            "delivery was unsuccessful",
            "unsuccessful delivery",
            "recipient not home",
            "recipient was not home",
            "recipient not at home",
            "recipient was not at home",
        ),
    ),
    (
        Stage.OUT_FOR_DELIVERY,
        Phrases(
            "out for delivery",
            "out with courier",
            "with delivery courier",
            "with the delivery courier",
            "loaded onto … delivery vehicle",
            "loaded onto delivery vehicle",
            "loaded into the delivery vehicle",
            "on the delivery vehicle",
        ),
    ),
    *customs.PROGRESS,
    not_now=Phrases(
        "will be delivered",
        "will be brought",
        "will be taken",
        "will be available",
        "will be ready",
        "next delivery attempt",
        "new delivery attempt",
        "another delivery attempt",
        "second delivery attempt will",
        "on its way to",
        "on the way to",
        *customs.NOT_NOW,
    ),
)
_CARRIERS: Final = {
    # By ``service``.
    "express": "dhl",
    "freight": "dhl",
    "dgf": "dhl",
    "parcel-de": "dhl",
    "parcel-nl": "dhl",
    "parcel-pl": "dhl",
    "parcel-uk": "dhl",
    "parcel-benelux": "dhl",
    "ecommerce": "dhl_ecommerce",
    "ecommerce-apac": "dhl_ecommerce",
    "ecommerce-europe": "dhl_ecommerce",
    "ecommerce-ppl": "dhl_ecommerce",
    "ecommerce-iberia": "dhl_ecommerce",
    "post-de": "deutsche_post",
    "post-international": "deutsche_post",
}
_HANDED_OVER: Final = frozenset(
    {Stage.DELIVERED, Stage.READY_FOR_PICKUP, Stage.RETURNED}
)

_ENDPOINT: Final = "/track/shipments"
_NUMBER_OF_THE_DOCUMENTATION: Final = "7777777770"
_NOT_FOUND: Final = frozenset(
    # What a number of the wrong form gets must not count as DHL's failure.
    {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}
)


class DhlProvider(Provider):
    """DHL's tracking, with the key of an account."""

    id = "dhl"
    name = "DHL"
    origin = "https://api-eu.dhl.com"
    credentials = ("api_key",)
    carriers = frozenset({"dhl", "dhl_ecommerce", "deutsche_post"})
    limits = Limits(
        batch_size=1,
        spacing=timedelta(seconds=5),
        per_day=250,
        per_leg=timedelta(minutes=5),
    )

    @override
    async def fetch(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        legs: Sequence[Query],
    ) -> list[Answer]:
        leg = legs[0]
        params = {"trackingNumber": leg.tracking_number, "language": "en"}
        if leg.postal_code:
            params["recipientPostalCode"] = leg.postal_code
        reply = await self._ask(session, credentials, params)
        number = leg.tracking_number
        if reply.status in _NOT_FOUND:
            return self._parse_once(
                credentials,
                [number],
                reply.body,
                lambda: [Answer(tracking_number=number)],
                of="unknown",
            )
        return self._parse_once(
            credentials, [number], reply.body, lambda: [parse(reply.json(), number)]
        )

    @override
    def _spellings(self, tracking_number: str) -> Collection[str]:
        return (tracking_number, tracking_number.lstrip("0"))

    @override
    async def verify(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> AccountInfo:
        """Ask about the number of DHL's documentation, at the cost of one question.

        That DHL does not know it is as good an answer as any. DHL names neither
        the account nor what is left of its quota.
        """
        await self._ask(
            session, credentials, {"trackingNumber": _NUMBER_OF_THE_DOCUMENTATION}
        )
        return AccountInfo()

    async def _ask(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        params: Mapping[str, str],
    ) -> Reply:
        key = api_key(credentials)
        try:
            reply = await self._request(
                session,
                "GET",
                _ENDPOINT,
                params=params,
                headers={"DHL-API-Key": key, "Accept": "application/json"},
            )
        except QuotaExceeded as err:
            retry_at = err.retry_at or fields.next_midnight(datetime.now(UTC))
            raise QuotaExceeded(str(err), retry_at=retry_at) from None
        if reply.status not in _NOT_FOUND and reply.status != HTTPStatus.OK:
            raise ProviderUnavailable(f"HTTP {reply.status}", retry_at=reply.retry_at)
        return reply


def parse(body: object, tracking_number: str) -> Answer:
    """Turn an answer's JSON into what it says of the number asked about.

    Shipments with another number are passed over; without one of this number,
    DHL does not know it yet. Raises ProviderUnavailable for what is no such
    answer.
    """
    if not isinstance(body, dict) or not isinstance(body.get("shipments"), list):
        raise ProviderUnavailable("answer has no list of shipments")
    matching = [
        shipment
        for shipment in islice(fields.mappings(body["shipments"]), fields.MAX_PARCELS)
        if _is_about(shipment, tracking_number)
    ]
    if not matching:
        return Answer(tracking_number=tracking_number)
    return _answer(tracking_number, max(matching, key=_last_heard_of))


def _is_about(shipment: Mapping[str, object], tracking_number: str) -> bool:
    """Say whether a shipment, or one of its pieces, has the number asked about.

    As a JSON number an id has lost the zeros in front.
    """
    asked = numbers.normalise(tracking_number)
    told = shipment.get("id")
    if isinstance(told, int) and fields.number(told) == asked.lstrip("0"):
        return True
    pieces = fields.sequence(fields.mapping(shipment.get("details")).get("pieceIds"))
    return asked in (
        fields.number(each) for each in (told, *pieces[: fields.MAX_EVENTS])
    )


def _last_heard_of(shipment: Mapping[str, object]) -> datetime:
    """Return when a shipment was last heard of, roughly: to tell old from new."""
    told = [shipment.get("status"), *fields.sequence(shipment.get("events"))[:1]]
    moments = [fields.moment(fields.mapping(each).get("timestamp")) for each in told]
    return max(
        (
            moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
            for moment in moments
            if moment is not None
        ),
        default=fields.LONG_AGO,
    )


class _Ends(NamedTuple):
    """The countries that a shipment goes between."""

    origin: str | None
    destination: str | None


def _answer(tracking_number: str, shipment: Mapping[str, object]) -> Answer:
    ends = _Ends(
        _country(shipment.get("origin")), _country(shipment.get("destination"))
    )
    carrier = _CARRIERS.get(fields.text(shipment.get("service"), 40).lower())
    events = tuple(_events(tracking_number, shipment, carrier))
    stage = next((event.stage for event in events if event.stage is not None), None)
    whole = None
    if stage is None:
        stage = whole = _stage_of_the_whole(
            fields.mapping(shipment.get("status")), ends
        )
    frame = fields.mapping(shipment.get("estimatedDeliveryTimeFrame"))
    estimate = fields.estimate(
        frame.get("estimatedFrom"), frame.get("estimatedThrough")
    ) or fields.estimate(shipment.get("estimatedTimeOfDelivery"), None)
    return Answer(
        tracking_number=tracking_number,
        events=events,
        stage=whole,
        carrier=carrier,
        origin_country=ends.origin,
        destination_country=ends.destination,
        estimate=estimate,
        pickup_point=(
            _service_point(shipment) if stage is Stage.READY_FOR_PICKUP else None
        ),
        signed_by=_signed_by(shipment) if stage in _HANDED_OVER else None,
    )


def _events(
    tracking_number: str,
    shipment: Mapping[str, object],
    carrier: str | None,
) -> Iterator[TrackingEvent]:
    for event in islice(fields.mappings(shipment.get("events")), fields.MAX_EVENTS):
        written = fields.text(event.get("timestamp"), 40)
        code = fields.text(event.get("statusCode"), fields.CODE_LIMIT).lower()
        texts = _texts(event)
        if not written or not (code or texts):
            continue
        stage, direction = _stage(event)
        moment = fields.moment(written)
        location = event.get("location")
        yield TrackingEvent(
            provider=DhlProvider.id,
            tracking_number=tracking_number,
            code=code or None,
            written_time=written,
            time=fields.instant(moment),
            local_time=fields.wall(moment),
            stage=stage,
            direction=direction,
            description=fields.text(event.get("description"))
            or fields.text(event.get("status")),
            words=fields.text("; ".join(texts)),
            location=fields.optional_text(
                _address(location).get("addressLocality"), fields.PLACE_LIMIT
            ),
            country=_country(location),
            carrier=carrier,
        )


def _texts(event: Mapping[str, object]) -> list[str]:
    """Return all that an event says, each thing once."""
    told = (fields.text(event.get(key)) for key in ("status", "description", "remark"))
    return list(dict.fromkeys(text for text in told if text))


def _stage_of_the_whole(status: Mapping[str, object], ends: _Ends) -> Stage | None:
    stage, direction = _stage(status)
    country = _country(status.get("location"))
    return customs.settled(stage, direction, country=country, **ends._asdict())[0]


def _stage(event: Mapping[str, object]) -> tuple[Stage | None, Direction | None]:
    """Return the stage and, for customs, the side of the border if it is told."""
    code = fields.text(event.get("statusCode"), fields.CODE_LIMIT).lower()
    stage = _STAGES.get(code)
    texts = _texts(event)
    if code in _SAYS_LITTLE:
        stage = _REFINED.stage(texts) or stage
    if stage is None:
        return None, None
    if stage is Stage.DELIVERED and left_at_pickup_place(texts):
        stage = Stage.READY_FOR_PICKUP
    return customs.directed(stage, None, texts)


def _address(place: object) -> Mapping[str, object]:
    return fields.mapping(fields.mapping(place).get("address"))


def _country(place: object) -> str | None:
    return fields.country(_address(place).get("countryCode"))


def _service_point(shipment: Mapping[str, object]) -> str | None:
    """Return the name of the place where the shipment waits."""
    status = fields.mapping(shipment.get("status"))
    for place in (status.get("location"), shipment.get("destination")):
        point = fields.mapping(fields.mapping(place).get("servicePoint"))
        if label := fields.optional_text(point.get("label"), fields.PLACE_LIMIT):
            return label
    return None


def _signed_by(shipment: Mapping[str, object]) -> str | None:
    proof = fields.mapping(
        fields.mapping(shipment.get("details")).get("proofOfDelivery")
    )
    signed = proof.get("signed")
    person = fields.mapping(signed)
    parts = (
        fields.text(person.get(part), fields.PLACE_LIMIT)
        for part in ("givenName", "familyName")
    )
    return (
        fields.optional_text(signed, fields.PLACE_LIMIT)
        or fields.optional_text(person.get("name"), fields.PLACE_LIMIT)
        or fields.optional_text(" ".join(parts), fields.PLACE_LIMIT)
    )
