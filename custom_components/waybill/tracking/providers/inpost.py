"""InPost's ShipX, Poland: parcel lockers and couriers. Nobody needs an account.

Documentation: https://dokumentacja-inpost.atlassian.net/wiki/spaces/PL/ (pages
Tracking and Statuses). It names no limit for who asks without a key, so the ones
below are ours, to be polite.

The stages go by what InPost's own list of statuses says of each, where names mislead:

- ``avizo`` and ``undelivered_lack_of_access_letterbox`` say in their texts that the
  parcel goes back, but are seen before another attempt too: they are failed
  attempts, until ``returned_to_sender`` says more. That one is written when the
  parcel sets off, not when it is back.
- ``stack_*`` is another locker or point than the person chose; the parcel can be
  taken out there too. InPost does not tell which it is.
- After ``pickup_time_expired`` the parcel can still be taken out, until the courier
  comes.
- ``undelivered`` is the warehouse of undeliverable parcels.
- ``other`` is what InPost itself does not recognise, and has no stage.

The last rows are of InPost's app and of its other countries. A scan has a code and no
words, so the code made readable is its description.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from itertools import islice
import re
from typing import Final, override

import aiohttp

from .. import numbers
from ..model import Answer, Stage, TrackingEvent
from . import fields
from .base import Credentials, Limits, Provider, ProviderUnavailable, Query

_STAGES: Final = {
    "created": Stage.INFO_RECEIVED,
    "offers_prepared": Stage.INFO_RECEIVED,
    "offer_selected": Stage.INFO_RECEIVED,
    "confirmed": Stage.INFO_RECEIVED,
    "dispatched_by_sender": Stage.SHIPPED,
    "dispatched_by_sender_to_pok": Stage.SHIPPED,
    "collected_from_sender": Stage.SHIPPED,
    "taken_by_courier": Stage.SHIPPED,
    "taken_by_courier_from_pok": Stage.SHIPPED,
    "adopted_at_source_branch": Stage.IN_TRANSIT,
    "sent_from_source_branch": Stage.IN_TRANSIT,
    "adopted_at_sorting_center": Stage.IN_TRANSIT,
    "sent_from_sorting_center": Stage.IN_TRANSIT,
    "adopted_at_target_branch": Stage.IN_TRANSIT,
    "delay_in_delivery": Stage.IN_TRANSIT,
    "redirect_to_box": Stage.IN_TRANSIT,
    "canceled_redirect_to_box": Stage.IN_TRANSIT,
    "readdressed": Stage.IN_TRANSIT,
    "unstack_from_box_machine": Stage.IN_TRANSIT,
    "unstack_from_customer_service_point": Stage.IN_TRANSIT,
    "out_for_delivery": Stage.OUT_FOR_DELIVERY,
    "out_for_delivery_to_address": Stage.OUT_FOR_DELIVERY,
    "ready_to_pickup": Stage.READY_FOR_PICKUP,
    "ready_to_pickup_from_pok": Stage.READY_FOR_PICKUP,
    "ready_to_pickup_from_pok_registered": Stage.READY_FOR_PICKUP,
    "ready_to_pickup_from_branch": Stage.READY_FOR_PICKUP,
    "pickup_reminder_sent": Stage.READY_FOR_PICKUP,
    "courier_avizo_in_customer_service_point": Stage.READY_FOR_PICKUP,
    "stack_in_box_machine": Stage.READY_FOR_PICKUP,
    "stack_in_customer_service_point": Stage.READY_FOR_PICKUP,
    "stack_parcel_in_box_machine_pickup_time_expired": Stage.READY_FOR_PICKUP,
    "stack_parcel_pickup_time_expired": Stage.READY_FOR_PICKUP,
    "avizo": Stage.DELIVERY_FAILED,
    "pickup_reminder_sent_address": Stage.DELIVERY_FAILED,
    "undelivered_cod_cash_receiver": Stage.DELIVERY_FAILED,
    "undelivered_incomplete_address": Stage.DELIVERY_FAILED,
    "undelivered_lack_of_access_letterbox": Stage.DELIVERY_FAILED,
    "undelivered_no_mailbox": Stage.DELIVERY_FAILED,
    "undelivered_not_live_address": Stage.DELIVERY_FAILED,
    "undelivered_unknown_receiver": Stage.DELIVERY_FAILED,
    "undelivered_wrong_address": Stage.DELIVERY_FAILED,
    "delivered": Stage.DELIVERED,
    "return_pickup_confirmation_to_sender": Stage.DELIVERED,
    "returned_to_sender": Stage.RETURNING,
    "taken_by_courier_from_customer_service_point": Stage.RETURNING,
    "canceled": Stage.EXCEPTION,
    "claimed": Stage.EXCEPTION,
    "missing": Stage.EXCEPTION,
    "oversized": Stage.EXCEPTION,
    "pickup_time_expired": Stage.EXCEPTION,
    "rejected_by_receiver": Stage.EXCEPTION,
    "undelivered": Stage.EXCEPTION,
    # Not in the documentation's list.
    "adopted_at_destination_branch": Stage.IN_TRANSIT,
    "permanently_redirected_to_box_machine": Stage.IN_TRANSIT,
    "permanently_redirected_to_customer_service_point": Stage.IN_TRANSIT,
    "ready_for_collection": Stage.READY_FOR_PICKUP,
    "delivery_attempt_failed": Stage.DELIVERY_FAILED,
    "collected_by_customer": Stage.DELIVERED,
    "not_collected": Stage.EXCEPTION,
}
_AT_ITS_TARGET: Final = frozenset(
    # Where a parcel waits at the place that its answer names.
    {
        "ready_to_pickup",
        "ready_to_pickup_from_pok",
        "ready_to_pickup_from_pok_registered",
        "ready_for_collection",
        "pickup_reminder_sent",
    }
)

_ENDPOINT: Final = "/v1/tracking/"
_NUMBER: Final = re.compile(r"[0-9]{24}")
_NOT_FOUND: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND})


class InpostProvider(Provider):
    """InPost in Poland; it has no accounts."""

    id = "inpost"
    name = "InPost"
    origin = "https://api-shipx-pl.easypack24.net"
    carriers = frozenset({"inpost"})
    limits = Limits(
        batch_size=1,
        spacing=timedelta(seconds=5),
        per_day=300,
        per_leg=timedelta(minutes=15),
        first_backoff=timedelta(minutes=15),
    )

    @override
    @classmethod
    def answers_for(cls, tracking_number: str, carrier: str | None) -> bool:
        return carrier in cls.carriers and _is_number(tracking_number)

    @override
    async def fetch(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        legs: Sequence[Query],
    ) -> list[Answer]:
        number = legs[0].tracking_number
        if not _is_number(number):
            # A person can want InPost to be asked about anything.
            return [Answer(tracking_number=number, invalid=True)]
        reply = await self._request(
            session,
            "GET",
            f"{_ENDPOINT}{number}",
            headers={"Accept": "application/json"},
            rejected=frozenset(),
        )
        if reply.status in _NOT_FOUND:
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


def parse(body: object, tracking_number: str) -> Answer:
    """Turn an answer's JSON into what it says of the number asked about.

    Of another number it says nothing. Raises ProviderUnavailable for what is no
    such answer.
    """
    if not isinstance(body, dict) or "tracking_number" not in body:
        raise ProviderUnavailable("answer is no parcel")
    told = fields.number(body["tracking_number"])
    if told != numbers.normalise(tracking_number):
        return Answer(tracking_number=tracking_number)
    events = tuple(_events(tracking_number, body))
    status = _code(body.get("status"))
    newest = next((event for event in events if event.stage is not None), None)
    return Answer(
        tracking_number=tracking_number,
        events=events,
        stage=_STAGES.get(status) if newest is None else None,
        carrier=InpostProvider.id,
        pickup_point=(
            _target(body)
            if (status if newest is None else newest.code) in _AT_ITS_TARGET
            else None
        ),
    )


def _is_number(number: str) -> bool:
    return _NUMBER.fullmatch(number) is not None


def _events(
    tracking_number: str, body: Mapping[str, object]
) -> Iterator[TrackingEvent]:
    for detail in islice(
        fields.mappings(body.get("tracking_details")), fields.MAX_EVENTS
    ):
        written = fields.text(detail.get("datetime"), 40)
        code = _code(detail.get("status"))
        if not written or not code:
            continue
        moment = fields.moment(written)
        yield TrackingEvent(
            provider=InpostProvider.id,
            tracking_number=tracking_number,
            code=code,
            written_time=written,
            time=fields.instant(moment),
            local_time=fields.wall(moment),
            stage=_STAGES.get(code),
            description=code.replace("_", " ").capitalize(),
            words=code,
            location=fields.optional_text(detail.get("location"), fields.PLACE_LIMIT),
            carrier=InpostProvider.id,
        )


def _code(told: object) -> str:
    return fields.text(told, fields.CODE_LIMIT).lower()


def _target(body: Mapping[str, object]) -> str | None:
    """Return the name and the address of the locker or point that was chosen."""
    attributes = fields.mapping(body.get("custom_attributes"))
    place = fields.mapping(attributes.get("target_machine_detail"))
    address = fields.mapping(place.get("address"))
    parts = (
        fields.text(place.get("name"), fields.PLACE_LIMIT)
        or fields.text(attributes.get("target_machine_id"), fields.PLACE_LIMIT),
        fields.text(address.get("line1"), fields.PLACE_LIMIT),
        fields.text(address.get("line2"), fields.PLACE_LIMIT),
    )
    return fields.optional_text(
        ", ".join(part for part in parts if part), fields.PLACE_LIMIT
    )
