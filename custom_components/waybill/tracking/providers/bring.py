"""Posten Bring's Tracking API, version 2: Norway's post, and Bring around it.

Documentation: https://developer.bring.com/api/tracking (statuses), its description of
the API at https://api.bring.com/tracking/api-docs, and the examples of that page's
earlier editions (fields, errors). A key is made in a free account at Mybring; with it
goes the e-mail address of the account. No limit is documented for who has a key, so
the ones below are ours.

The event codes and reasons are those of "Code List IFTSTA BIG07-2"
(https://developer.bring.com/edi/status-messages). That the API tells the same ones, as
``lmEventCode`` and ``lmCauseCode``, no page says: the codes of the examples (3, G, KO,
R, T, W) agree with the list, and so do the reasons that an independent client knows.

Things to mind:

- Errors come as a consignment, in ``consignmentSet``, with HTTP 200 or not; 404 in
  there is a number that nobody knows. Who asks about too many such numbers is shut
  out for a while (503, which can be wrapped in ``shipments`` once more).
- What is asked about may also be a sender's reference, which any sender can use: only
  a package or consignment with the very number counts.
- ``CUSTOMS`` is all of it, on both sides of the border: the event's code tells more,
  and the reason which papers are missing.
- ``DEVIATION`` can be a delay, or that somebody has shown an identity card, says an
  independent client: only its reason tells whether anything is wrong.
- ``TRANSPORT_TO_RECIPIENT`` is also seen on the way to a pick-up point (same client).
  The place where the package is expected says so, unless the person had it
  brought home.
- ``DELIVERED`` is in the person's hands, also "through a parcel locker": while it waits
  there it is ``READY_FOR_PICKUP``.
- ``RETURN`` was "has been returned" and is "is on its way back" now.
- ``DELIVERY_CANCELLED`` is only the home delivery, which the person called off.
- The day of the delivery is written with dots, its hours apart from it, and both are
  those of the clock at the door. Hours can be told without a day, and are nothing then.
- Texts hold links. Answers hold names, addresses, prices and codes to collect a
  package with: of these only who signed for it is read, once it is there.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from http import HTTPStatus
from itertools import islice
import re
from typing import Final, override

import aiohttp

from .. import numbers
from ..model import Answer, Direction, Estimate, Stage, TrackingEvent
from . import customs, fields
from .base import (
    AccountInfo,
    Credentials,
    CredentialsRejected,
    Limits,
    Provider,
    ProviderUnavailable,
    Query,
    Reply,
    api_key,
)
from .country_names import country_code
from .returns import went_back
from .wording import Phrases, Refinement
from .written_dates import written_moment

_STATUSES: Final = {
    "PRE_NOTIFIED": Stage.INFO_RECEIVED,
    "COLLECTED": Stage.SHIPPED,
    "HANDED_IN": Stage.SHIPPED,
    "TERMINAL": Stage.IN_TRANSIT,
    "IN_TRANSIT": Stage.IN_TRANSIT,
    "INTERNATIONAL": Stage.IN_TRANSIT,
    "CUSTOMS": Stage.IN_CUSTOMS,
    "TRANSPORT_TO_RECIPIENT": Stage.OUT_FOR_DELIVERY,
    "READY_FOR_PICKUP": Stage.READY_FOR_PICKUP,
    "ATTEMPTED_DELIVERY": Stage.DELIVERY_FAILED,
    "DELIVERED": Stage.DELIVERED,
    "RETURN": Stage.RETURNING,
    "DELIVERED_SENDER": Stage.RETURNED,
    # They move nothing: NOTIFICATION_SENT, DELIVERY_ORDERED, DELIVERY_CHANGED,
    # DELIVERY_CANCELLED, DEVIATION (unless its reason does), UNKNOWN, and what was
    # told until 2022, ARRIVED_COLLECTION and ARRIVED_DELIVERY.
}
_SAYS_LITTLE: Final = frozenset(
    {"TERMINAL", "IN_TRANSIT", "INTERNATIONAL", "CUSTOMS", "DEVIATION", "UNKNOWN"}
)
_EVENT_CODES: Final[Mapping[str, tuple[Stage, Direction | None]]] = {
    # What they make of a status that says little.
    "B": (Stage.IN_CUSTOMS, Direction.EXPORT),
    "M": (Stage.IN_CUSTOMS, Direction.EXPORT),
    "E": (Stage.IN_CUSTOMS, Direction.IMPORT),
    # In the customs warehouse, with the authorities, not ready for it, its papers
    # there, its duty calculated. The list names no side of the border.
    **dict.fromkeys(
        (
            *("D1", "EA", "EB", "EC", "FG", "QL", "QS"),
            *("SA", "SD", "SF", "SL", "SM", "SV", "T3"),
        ),
        (Stage.IN_CUSTOMS, None),
    ),
    # Cleared, out of customs clearance, sent on from there to the consignee.
    **dict.fromkeys(
        (
            *("F", "FK", "FT", "N", "ST"),
            *("FB", "FC", "FD", "FE", "FH", "FL", "FO", "FS", "FU"),
        ),
        (Stage.CUSTOMS_CLEARED, None),
    ),
    "FM": (Stage.RETURNING, None),
    "5": (Stage.EXCEPTION, None),
}
_REASONS: Final = {
    # A licence, a declaration, an invoice, a certificate, an identity or a VAT number
    # is missing or faulty.
    **dict.fromkeys(
        ("20", "48", "50", "51", "52", "53", "54", "55", "58", "59", "72"),
        Stage.CUSTOMS_ACTION_REQUIRED,
    ),
    "27": Stage.IN_CUSTOMS,
    "70": Stage.CUSTOMS_CLEARED,
    # Refused, damaged, lost.
    **dict.fromkeys(("13", "CE"), Stage.EXCEPTION),
    **dict.fromkeys(("18", "64", "69", "74", "75"), Stage.EXCEPTION),
    "46": Stage.EXCEPTION,
}
_HAVE_REASONS: Final = _SAYS_LITTLE | {"ATTEMPTED_DELIVERY"}
_REFINED: Final = Refinement(
    # What a text can make of ``CUSTOMS`` where no code does.
    *customs.PHRASES,
    not_now=Phrases(*customs.NOT_NOW),
)
_DELIVERED_TO_SENDER: Final = "I2"
_DELIVERED_TO_PICKUP_OFFICE: Final = "YO"
_ORDERED_HOME: Final = "DELIVERY_ORDERED"
_NOT_ORDERED_HOME: Final = "DELIVERY_CANCELLED"
_OVER: Final = frozenset({"DELIVERED", "DELIVERED_SENDER"})
_HANDED_OVER: Final = frozenset({Stage.DELIVERED, Stage.RETURNED})

_ENDPOINT: Final = "/tracking/api/v2/tracking.json"
_CLIENT: Final = "https://github.com/waybill/waybill"
_NUMBER_OF_THE_DOCUMENTATION: Final = "TESTPACKAGEDELIVERED"
_LICENCE_PLATE: Final = re.compile(r"00(\d{18})")
_CLOCK: Final = re.compile(r"\d{2}:\d{2}")
_NOT_FOUND: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND})
_UNKNOWN: Final = "404"
_INVALID: Final = "400"
_SHUT_OUT: Final = "503"
_SHUT_OUT_FOR: Final = timedelta(hours=1)


class BringProvider(Provider):
    """Posten Bring's tracking, with the key of an account at Mybring."""

    id = "bring"
    name = "Posten Bring"
    origin = "https://api.bring.com"
    credentials = ("username", "api_key")
    carriers = frozenset({"bring", "post_no"})
    limits = Limits(
        batch_size=1,
        spacing=timedelta(seconds=2),
        per_leg=timedelta(minutes=15),
    )

    @override
    async def fetch(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        legs: Sequence[Query],
    ) -> list[Answer]:
        number = legs[0].tracking_number
        reply = await self._ask(session, credentials, _plain(number))
        return self._parse_once(
            credentials,
            [number],
            reply.body,
            lambda: [_read(reply, number)],
            of=str(reply.status),
        )

    @override
    def _spellings(self, tracking_number: str) -> Collection[str]:
        return (tracking_number, _plain(tracking_number))

    @override
    async def verify(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> AccountInfo:
        """Ask about the package of Bring's documentation, which does not exist.

        That it is not known is as good an answer as any. Bring names no quota.
        """
        reply = await self._ask(session, credentials, _NUMBER_OF_THE_DOCUMENTATION)
        _read(reply, _NUMBER_OF_THE_DOCUMENTATION)
        return AccountInfo()

    async def _ask(
        self, session: aiohttp.ClientSession, credentials: Credentials, number: str
    ) -> Reply:
        key = api_key(credentials)
        username = credentials.get("username", "")
        if not username:
            raise CredentialsRejected("no user name")
        reply = await self._request(
            session,
            "GET",
            _ENDPOINT,
            params={"q": number, "lang": "en"},
            headers={
                "X-Mybring-API-Uid": username,
                "X-Mybring-API-Key": key,
                "X-Bring-Client-URL": _CLIENT,
                "Accept": "application/json",
            },
        )
        if reply.status not in _NOT_FOUND and reply.status != HTTPStatus.OK:
            raise ProviderUnavailable(f"HTTP {reply.status}", retry_at=reply.retry_at)
        return reply


def _plain(number: str) -> str:
    """Return a number without the mark that its bar code puts in front."""
    marked = _LICENCE_PLATE.fullmatch(number)
    return marked[1] if marked else number


def _read(reply: Reply, tracking_number: str) -> Answer:
    """Read an answer; one with the status of a mistake need not be one."""
    is_envelope = b"consignmentSet" in reply.body
    if reply.status in _NOT_FOUND and not is_envelope and not reply.is_page:
        return Answer(tracking_number=tracking_number)
    return parse(reply.json(), tracking_number)


def parse(body: object, tracking_number: str) -> Answer:
    """Turn an answer's JSON into what it says of the number asked about.

    Packages with another number are passed over; without one of this number, Bring
    does not know it yet. Raises ProviderUnavailable for what is no such answer.
    """
    asked = _plain(numbers.normalise(tracking_number))
    faults = set()
    for consignment in islice(_consignments(body), fields.MAX_PARCELS):
        package = _package(consignment, asked)
        if package is not None:
            return _answer(tracking_number, consignment, package)
        if "error" in consignment:
            error = fields.mapping(consignment["error"])
            faults.add(fields.text(error.get("code"), 8))
    if _SHUT_OUT in faults:
        raise ProviderUnavailable("shut out", first_backoff=_SHUT_OUT_FOR)
    if faults - {_UNKNOWN, _INVALID}:
        raise ProviderUnavailable("answer is an error")
    return Answer(tracking_number=tracking_number, invalid=_INVALID in faults)


def _consignments(body: object) -> list[Mapping[str, object]]:
    told = fields.mapping(body)
    envelopes = [told, *fields.mappings(told.get("shipments"))]
    lists = [each["consignmentSet"] for each in envelopes if "consignmentSet" in each]
    if not lists or not all(isinstance(each, list) for each in lists):
        raise ProviderUnavailable("answer has no list of consignments")
    return [each for consignments in lists for each in fields.mappings(consignments)]


def _package(
    consignment: Mapping[str, object], asked: str
) -> Mapping[str, object] | None:
    """Return the package that was asked about, if it is one of the consignment.

    Of the packages of a consignment that was asked about as a whole, one that is
    still on its way: all are there when the last one is.
    """
    packages = list(
        islice(fields.mappings(consignment.get("packageSet")), fields.MAX_EVENTS)
    )
    for key in ("packageNumber", "previousPackageNumber"):
        for package in packages:
            if fields.number(package.get(key)) == asked:
                return package
    for key in ("consignmentId", "previousConsignmentId"):
        if fields.number(consignment.get(key)) == asked:
            return min(packages, key=_is_over, default={})
    return None


def _is_over(package: Mapping[str, object]) -> bool:
    return any(_status(event) in _OVER for event in _told(package))


def _told(package: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Iterate over the events as they came, newest first."""
    return islice(fields.mappings(package.get("eventSet")), fields.MAX_EVENTS)


def _status(event: Mapping[str, object]) -> str:
    return fields.text(event.get("status"), fields.CODE_LIMIT).upper()


def _answer(
    tracking_number: str,
    consignment: Mapping[str, object],
    package: Mapping[str, object],
) -> Answer:
    point = fields.optional_text(
        package.get("expectedPickupUnitName"), fields.PLACE_LIMIT
    )
    events = tuple(_events(tracking_number, package, point))
    stage = next((event.stage for event in events if event.stage is not None), None)
    parties = (package, consignment)
    return Answer(
        tracking_number=tracking_number,
        events=events,
        carrier=BringProvider.id,
        origin_country=_country_of(parties, "senderAddress", "senderHandlingAddress"),
        destination_country=_country_of(
            parties, "recipientAddress", "recipientHandlingAddress"
        ),
        estimate=None if stage in _HANDED_OVER else _estimate(package),
        pickup_point=point if stage is Stage.READY_FOR_PICKUP else None,
        signed_by=_signed_by(package) if stage in _HANDED_OVER else None,
    )


def _events(
    tracking_number: str, package: Mapping[str, object], point: str | None
) -> Iterator[TrackingEvent]:
    to_pickup_point = point is not None and not _is_brought_home(package)
    for event in _told(package):
        written = fields.text(event.get("dateIso"), 40)
        status = _status(event)
        code = fields.text(event.get("lmEventCode"), fields.CODE_LIMIT).upper()
        words = fields.text(event.get("description"))
        if not written or not (code or status or words):
            continue
        stage, direction = _stage(event, status, code, words)
        if stage is Stage.OUT_FOR_DELIVERY and to_pickup_point:
            stage = Stage.IN_TRANSIT
        moment = fields.moment(written)
        yield TrackingEvent(
            provider=BringProvider.id,
            tracking_number=tracking_number,
            code=code or status or None,
            written_time=written,
            time=fields.instant(moment),
            local_time=fields.wall(moment),
            stage=stage,
            direction=direction,
            description=words,
            words=words,
            location=fields.optional_text(event.get("city"), fields.PLACE_LIMIT),
            country=_country(event),
            carrier=BringProvider.id,
        )


def _is_brought_home(package: Mapping[str, object]) -> bool:
    """Say whether the person has the package brought home from its pick-up point."""
    for event in _told(package):
        status = _status(event)
        if status in (_ORDERED_HOME, _NOT_ORDERED_HOME):
            return status == _ORDERED_HOME
    return False


def _stage(
    event: Mapping[str, object], status: str, code: str, words: str
) -> tuple[Stage | None, Direction | None]:
    """Return the stage and, for customs, the side of the border if it is told."""
    stage = _STATUSES.get(status)
    told = None
    if status in _SAYS_LITTLE:
        if code in _EVENT_CODES:
            stage, told = _EVENT_CODES[code]
        elif status == "CUSTOMS":
            stage = _REFINED.stage([words]) or stage
    if status in _HAVE_REASONS and stage is not Stage.CUSTOMS_CLEARED:
        reason = fields.text(event.get("lmCauseCode"), fields.CODE_LIMIT).upper()
        stage = _REASONS.get(reason, stage)
    if stage is None:
        return None, None
    if stage is Stage.DELIVERED:
        if code == _DELIVERED_TO_SENDER or went_back([words]):
            stage = Stage.RETURNED
        elif code == _DELIVERED_TO_PICKUP_OFFICE:
            stage = Stage.READY_FOR_PICKUP
    return customs.directed(stage, told, [words])


def _country(place: Mapping[str, object]) -> str | None:
    return fields.country(place.get("countryCode")) or country_code(
        fields.text(place.get("country"), fields.PLACE_LIMIT)
    )


def _country_of(parties: Sequence[Mapping[str, object]], *keys: str) -> str | None:
    """Return the country of an address, of which nothing else is read."""
    told = (_country(fields.mapping(each.get(key))) for each in parties for key in keys)
    return next((country for country in told if country), None)


def _estimate(package: Mapping[str, object]) -> Estimate | None:
    """Return the day that is expected, with its hours where both are told."""
    day = written_moment(fields.text(package.get("dateOfEstimatedDelivery"), 40))
    if day is None:
        return None
    if isinstance(day, datetime):
        day = day.date()
    hours = fields.mapping(package.get("estimatedTimeSpanOfDelivery"))
    start, end = (_at(day, hours.get(key)) for key in ("startTime", "endTime"))
    if start is None or end is None or end < start:
        return fields.window(day, None)
    return fields.window(start, end)


def _at(day: date, clock: object) -> datetime | None:
    written = fields.text(clock, 8)
    return fields.moment(f"{day}T{written}") if _CLOCK.fullmatch(written) else None


def _signed_by(package: Mapping[str, object]) -> str | None:
    names = (
        fields.optional_text(
            fields.mapping(event.get("recipientSignature")).get("name"),
            fields.PLACE_LIMIT,
        )
        for event in _told(package)
        if _status(event) in _OVER
    )
    return next((name for name in names if name), None)
