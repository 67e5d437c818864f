"""PostNord's Track & Trace, version 5, ``findByIdentifier``.

Documentation: https://developer.postnord.com (API "Track & Trace"). A key is free;
no limit is documented. The statuses are those of its OpenAPI description, and
``DELIVERY``, which PostNord's own app knows; what they mean rests on that
description and on what independent clients have seen.

Four things to mind:

- The key travels in the address, which must therefore be told nowhere.
- Times are as a rule those of the clock at the place, without a zone. The events
  are told oldest first by some servers and newest first by others.
- A courier who is on the way is ``EN_ROUTE`` like everything else: only the event's
  code 113 tells.
- Customs has no status of its own: only texts tell of it, and a field where the
  item is stopped.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, timedelta
from http import HTTPStatus
from itertools import islice
from typing import Final, override

import aiohttp

from .. import numbers
from ..model import Answer, Direction, Estimate, Stage, TrackingEvent
from . import customs, fields
from .base import (
    AccountInfo,
    Credentials,
    Limits,
    Provider,
    ProviderUnavailable,
    Query,
    Reply,
    api_key,
)
from .country_names import country_code
from .wording import Phrases, Refinement, left_at_pickup_place, sentences

_STATUSES: Final = {
    # ``OTHER`` (a notification, say) and ``SPLIT`` (pieces apart) have no stage.
    "CREATED": Stage.INFO_RECEIVED,
    "INFORMED": Stage.INFO_RECEIVED,
    "EN_ROUTE": Stage.IN_TRANSIT,
    "DELAYED": Stage.IN_TRANSIT,
    "EXPECTED_DELAY": Stage.IN_TRANSIT,
    "DELIVERY": Stage.OUT_FOR_DELIVERY,
    # At a service point or in a parcel locker, for the person to collect.
    "AVAILABLE_FOR_DELIVERY": Stage.READY_FOR_PICKUP,
    "AVAILABLE_FOR_DELIVERY_PAR_LOC": Stage.READY_FOR_PICKUP,
    "DELIVERED": Stage.DELIVERED,
    "DELIVERY_IMPOSSIBLE": Stage.DELIVERY_FAILED,
    "DELIVERY_REFUSED": Stage.EXCEPTION,
    "RETURNED": Stage.RETURNING,
    "STOPPED": Stage.EXCEPTION,
}
_WITH_COURIER: Final = "113"
_SAYS_LITTLE: Final = frozenset(
    {"EN_ROUTE", "DELAYED", "EXPECTED_DELAY", "OTHER", "STOPPED"}
)
_REFINED: Final = Refinement(
    # What the texts can make of a status that says little, in this order.
    (
        Stage.RETURNING,
        Phrases(
            "returned to sender",
            "returned to the sender",
            "return to the sender",
            "back to the sender",
        ),
    ),
    customs.ACTION_REQUIRED,
    (
        Stage.OUT_FOR_DELIVERY,
        Phrases(
            "delivery of the shipment item is in progress",
            "out for delivery",
            "loaded for delivery",
        ),
    ),
    *customs.PROGRESS,
    not_now=Phrases("will be", *customs.NOT_NOW),
)
_BACK_AT_SENDER: Final = Phrases(
    "delivered to the sender",
    "delivered to sender",
    "delivered back to the sender",
    "collected by the sender",
)
_STOPPED: Final = "STOPPED"
_OVER: Final = frozenset({"DELIVERED", "RETURNED"})
_HANDED_OVER: Final = frozenset({Stage.DELIVERED, Stage.RETURNED})
_PLACES_TO_COLLECT: Final = frozenset({"SERVICE_POINT", "DELIVERY_POINT"})

_ENDPOINT: Final = "/rest/shipment/v5/trackandtrace/findByIdentifier.json"
_NOBODYS_NUMBER: Final = "RR000000005SE"
_INVALID: Final = "invalidIdentifier"
_NOT_FOUND: Final = frozenset(
    # What a number of the wrong form gets must not count as PostNord's failure.
    {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}
)


class PostNordProvider(Provider):
    """PostNord's tracking, with the key of an account."""

    id = "postnord"
    name = "PostNord"
    origin = "https://api2.postnord.com"
    credentials = ("api_key",)
    carriers = frozenset({"postnord"})
    limits = Limits(batch_size=1, spacing=timedelta(seconds=2))

    @override
    async def fetch(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        legs: Sequence[Query],
    ) -> list[Answer]:
        number = legs[0].tracking_number
        reply = await self._ask(session, credentials, number)
        return self._parse_once(
            credentials,
            [number],
            reply.body,
            lambda: [_read(reply, number)],
            of=str(reply.status),
        )

    @override
    async def verify(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> AccountInfo:
        """Ask about a number of the right form that no item has.

        That PostNord does not know it is as good an answer as any. It names
        neither the account nor a quota.
        """
        reply = await self._ask(session, credentials, _NOBODYS_NUMBER)
        _read(reply, _NOBODYS_NUMBER)
        return AccountInfo()

    async def _ask(
        self, session: aiohttp.ClientSession, credentials: Credentials, number: str
    ) -> Reply:
        key = api_key(credentials)
        reply = await self._request(
            session,
            "GET",
            _ENDPOINT,
            params={"apikey": key, "id": number, "locale": "en"},
            headers={"Accept": "application/json"},
        )
        if reply.status not in _NOT_FOUND and reply.status != HTTPStatus.OK:
            raise ProviderUnavailable(f"HTTP {reply.status}", retry_at=reply.retry_at)
        return reply


def _read(reply: Reply, tracking_number: str) -> Answer:
    """Read an answer; one with the status of a mistake can say that it is none."""
    try:
        return parse(reply.json(), tracking_number)
    except ProviderUnavailable:
        if reply.status in _NOT_FOUND and not reply.is_page:
            return Answer(tracking_number=tracking_number)
        raise


def parse(body: object, tracking_number: str) -> Answer:
    """Turn an answer's JSON into what it says of the number asked about.

    Shipments with another number are passed over; without one of this number,
    PostNord does not know it yet. Raises ProviderUnavailable for what is no such
    answer.
    """
    told = fields.mapping(body).get("TrackingInformationResponse")
    if not isinstance(told, dict):
        raise ProviderUnavailable("answer has no tracking information")
    faults = [
        fields.text(fault.get("faultCode"), fields.CODE_LIMIT)
        for fault in fields.mappings(
            fields.mapping(told.get("compositeFault")).get("faults")
        )
    ]
    if _INVALID in faults:
        return Answer(tracking_number=tracking_number, invalid=True)
    if faults or not isinstance(told.get("shipments"), list):
        raise ProviderUnavailable("answer is a fault or has no list of shipments")
    asked = numbers.normalise(tracking_number)
    for shipment in islice(fields.mappings(told["shipments"]), fields.MAX_PARCELS):
        item = _item(shipment, asked)
        if item is not None:
            return _answer(tracking_number, shipment, item)
    return Answer(tracking_number=tracking_number)


def _item(shipment: Mapping[str, object], asked: str) -> Mapping[str, object] | None:
    """Return the piece that was asked about, if it is one of the shipment.

    Of the pieces of a shipment that was asked about as a whole, one that is still
    on its way: all are there when the last one is.
    """
    items = list(islice(fields.mappings(shipment.get("items")), fields.MAX_EVENTS))
    for item in items:
        if fields.number(item.get("itemId")) == asked:
            return item
    if fields.number(shipment.get("shipmentId")) != asked:
        return None
    return min(items, key=lambda item: _status(item) in _OVER, default={})


def _status(told: Mapping[str, object]) -> str:
    return fields.text(told.get("status"), fields.CODE_LIMIT).upper()


def _answer(
    tracking_number: str, shipment: Mapping[str, object], item: Mapping[str, object]
) -> Answer:
    told = _newest_first(list(fields.mappings(item.get("events"))))
    events = tuple(_events(tracking_number, item, told))
    stage = next((event.stage for event in events if event.stage is not None), None)
    whole = None
    if stage is None:
        stage = whole = _STATUSES.get(_status(item) or _status(shipment))
    return Answer(
        tracking_number=tracking_number,
        events=events,
        stage=whole,
        carrier=PostNordProvider.id,
        origin_country=_country(_address(shipment.get("consignor"))),
        destination_country=_country(_address(shipment.get("consignee"))),
        estimate=None if stage in _HANDED_OVER else _estimate(item, shipment),
        pickup_point=(
            _pickup_point(shipment, told) if stage is Stage.READY_FOR_PICKUP else None
        ),
        signed_by=(
            fields.optional_text(
                fields.mapping(item.get("acceptor")).get("name"), fields.PLACE_LIMIT
            )
            if stage in _HANDED_OVER
            else None
        ),
    )


def _newest_first(events: list[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """Return the events newest first, in PostNord's order or in its reverse."""
    moments = [
        moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        for event in events
        if (moment := fields.moment(event.get("eventTime"))) is not None
    ]
    # To tell the ends of the list apart, a time without a zone is read as UTC.
    if moments and moments[0] <= moments[-1]:
        events.reverse()
    return events[: fields.MAX_EVENTS]


def _events(
    tracking_number: str,
    item: Mapping[str, object],
    told: Sequence[Mapping[str, object]],
) -> Iterator[TrackingEvent]:
    newest = True
    for event in told:
        written = fields.text(event.get("eventTime"), 40)
        number = fields.text(event.get("eventCode"), fields.CODE_LIMIT)
        status = _status(event)
        words = fields.text(event.get("eventDescription"))
        if not written or not (number or status or words):
            continue
        stage, direction = _stage(status, number, words)
        if newest and status == _STOPPED and item.get("stoppedInCustoms") is True:
            stage, direction = customs.directed(Stage.IN_CUSTOMS, None, [words])
        newest = False
        moment = fields.moment(written)
        location = fields.mapping(event.get("location"))
        yield TrackingEvent(
            provider=PostNordProvider.id,
            tracking_number=tracking_number,
            code=number or status or None,
            written_time=written,
            time=fields.instant(moment),
            local_time=fields.wall(moment),
            stage=stage,
            direction=direction,
            description=words,
            words=words,
            location=_location(location),
            country=_country(location),
            carrier=PostNordProvider.id,
        )


def _stage(
    status: str, number: str, words: str
) -> tuple[Stage | None, Direction | None]:
    """Return the stage and, for customs, the side of the border if it is told."""
    stage = _STATUSES.get(status)
    if status in _SAYS_LITTLE:
        if number == _WITH_COURIER:
            return Stage.OUT_FOR_DELIVERY, None
        stage = _REFINED.stage([words]) or stage
    if stage is None:
        return None, None
    if stage is Stage.DELIVERED and left_at_pickup_place([words]):
        stage = Stage.READY_FOR_PICKUP
    if stage in (Stage.DELIVERED, Stage.RETURNING) and any(
        sentence in _BACK_AT_SENDER for sentence in sentences([words])
    ):
        stage = Stage.RETURNED
    return customs.directed(stage, None, [words])


def _location(place: Mapping[str, object]) -> str | None:
    """Return the name of a place, and the town where the name does not say it."""
    name = fields.text(place.get("displayName"), fields.PLACE_LIMIT) or fields.text(
        place.get("name"), fields.PLACE_LIMIT
    )
    town = fields.text(place.get("city"), fields.PLACE_LIMIT)
    if town.casefold() in name.casefold():
        town = ""
    return fields.optional_text(
        ", ".join(part for part in (name, town) if part), fields.PLACE_LIMIT
    )


def _address(party: object) -> Mapping[str, object]:
    return fields.mapping(fields.mapping(party).get("address"))


def _country(place: Mapping[str, object]) -> str | None:
    """Return a country by its code, which can have three letters, or by its name."""
    return fields.country(place.get("countryCode")) or country_code(
        fields.text(place.get("country"), fields.PLACE_LIMIT)
    )


def _estimate(
    item: Mapping[str, object], shipment: Mapping[str, object]
) -> Estimate | None:
    """Return what the person booked, else the promise, else PostNord's statistics."""
    booked = fields.estimate(
        item.get("bookedDeliveryDateFrom"), item.get("bookedDeliveryDateTo")
    )
    told = (
        fields.estimate(each.get(key), None)
        for key in ("estimatedTimeOfArrival", "publicTimeOfArrival")
        for each in (item, shipment)
    )
    return booked or next((promise for promise in told if promise is not None), None)


def _pickup_point(
    shipment: Mapping[str, object], told: Sequence[Mapping[str, object]]
) -> str | None:
    """Return the name of the place where the item waits."""
    places = [fields.mapping(shipment.get("deliveryPoint"))]
    for event in told:
        place = fields.mapping(event.get("location"))
        if fields.text(place.get("locationType"), 40) in _PLACES_TO_COLLECT:
            places.append(place)
    names = (
        fields.optional_text(place.get(key), fields.PLACE_LIMIT)
        for place in places
        for key in ("displayName", "name")
    )
    return next((name for name in names if name), None)
