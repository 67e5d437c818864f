"""UPS's Tracking API v1: UPS, UPS Access Point, Mail Innovations.

Documentation: https://developer.ups.com/tag/Tracking, and the OpenAPI description
of it at https://github.com/UPS-API/api-documentation. An app is free; UPS may want
a UPS account for it. UPS names no limit; one question is about one number of 7 to
34 characters, and what is older than 120 days is forgotten.

The letters of ``type`` are those of UPS's older guides, which the API still uses.
The numbers of ``statusCode`` and the codes of single activities are known from
independent clients alone.

Five things to mind:

- Type X is called an exception, and is also what the release by the customs agency
  has. There the words count, whatever ``statusCode`` says beside it.
- A delivery to an Access Point is of type D as any other.
- ``gmtTime`` can lack the zero in front, or have colons.
- That a number is not known can be told with HTTP 200, as a warning.
- Where the postal service delivers, its number is an alternate one of the parcel.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from itertools import islice
import json
import re
from typing import Final, override
from urllib.parse import quote
from uuid import uuid4

import aiohttp

from .. import numbers
from ..model import Answer, Direction, Estimate, Leg, Stage, TrackingEvent
from . import customs, fields
from .base import (
    AccountInfo,
    Credentials,
    Limits,
    ProviderUnavailable,
    Query,
    QuotaExceeded,
    Reply,
)
from .oauth import TokenProvider
from .returns import went_back
from .wording import Phrases, Refinement, left_at_pickup_place, sentences

_STAGES: Final = {
    # By ``type``; NA has none.
    "M": Stage.INFO_RECEIVED,
    "MV": Stage.EXCEPTION,
    "P": Stage.SHIPPED,
    "I": Stage.IN_TRANSIT,
    "O": Stage.OUT_FOR_DELIVERY,
    "D": Stage.DELIVERED,
    "X": Stage.EXCEPTION,
    "RS": Stage.RETURNED,
    # Of freight: at the origin, at the destination, in a warehouse.
    "DO": Stage.IN_TRANSIT,
    "DD": Stage.IN_TRANSIT,
    "W": Stage.IN_TRANSIT,
}
_STAGES_BY_NUMBER: Final = {
    # By ``statusCode``.
    "003": Stage.INFO_RECEIVED,
    "005": Stage.IN_TRANSIT,
    "006": Stage.OUT_FOR_DELIVERY,
    "007": Stage.EXCEPTION,
    "010": Stage.IN_TRANSIT,
    "011": Stage.DELIVERED,
    "012": Stage.IN_CUSTOMS,
    "013": Stage.EXCEPTION,
    "014": Stage.CUSTOMS_CLEARED,
    "016": Stage.EXCEPTION,
    "017": Stage.READY_FOR_PICKUP,
    # A hold or another day was asked for; the address, the service changed.
    "018": Stage.IN_TRANSIT,
    "019": Stage.IN_TRANSIT,
    "020": Stage.IN_TRANSIT,
    "021": Stage.OUT_FOR_DELIVERY,
    "022": Stage.DELIVERY_FAILED,
    "023": Stage.DELIVERY_FAILED,
    "024": Stage.DELIVERY_FAILED,
    "025": Stage.IN_TRANSIT,
    "026": Stage.DELIVERED,
    "027": Stage.IN_TRANSIT,
    "028": Stage.IN_TRANSIT,
    "029": Stage.EXCEPTION,
    "030": Stage.EXCEPTION,
    "032": Stage.EXCEPTION,
    "033": Stage.RETURNING,
    "034": Stage.RETURNED,
    "035": Stage.RETURNING,
    "036": Stage.RETURNING,
    "037": Stage.RETURNING,
    "038": Stage.SHIPPED,
    "039": Stage.IN_TRANSIT,
    "040": Stage.READY_FOR_PICKUP,
    "041": Stage.IN_TRANSIT,
    "042": Stage.IN_TRANSIT,
    "044": Stage.IN_TRANSIT,
    "045": Stage.IN_TRANSIT,
    "046": Stage.EXCEPTION,
    "047": Stage.EXCEPTION,
    "048": Stage.EXCEPTION,
    "049": Stage.EXCEPTION,
    "050": Stage.EXCEPTION,
    "051": Stage.EXCEPTION,
    "052": Stage.EXCEPTION,
    "053": Stage.EXCEPTION,
    "054": Stage.IN_TRANSIT,
    "055": Stage.IN_TRANSIT,
    "057": Stage.IN_TRANSIT,
    "058": Stage.IN_CUSTOMS,
    "059": Stage.EXCEPTION,
    "060": Stage.DELIVERY_FAILED,
    "061": Stage.DELIVERY_FAILED,
    "062": Stage.DELIVERY_FAILED,
    "064": Stage.EXCEPTION,
    "066": Stage.DELIVERY_FAILED,
    "067": Stage.RETURNED,
    "068": Stage.EXCEPTION,
    "069": Stage.EXCEPTION,
    "070": Stage.IN_TRANSIT,
    "072": Stage.OUT_FOR_DELIVERY,
}
_STAGES_BY_CODE: Final = {
    # By ``code``: what a single activity says more clearly than its type.
    "2Q": Stage.READY_FOR_PICKUP,  # delivered to an Access Point
    "ZP": Stage.READY_FOR_PICKUP,  # the Access Point has it
    "5G": Stage.READY_FOR_PICKUP,  # it will not be held there much longer
    "2W": Stage.DELIVERED,  # taken out of the Access Point
    "48": Stage.DELIVERY_FAILED,  # nobody there, a second attempt follows
    "G3": Stage.DELIVERY_FAILED,  # the business was closed
    "55": Stage.DELIVERY_FAILED,
    "AY": Stage.DELIVERY_FAILED,  # and at the final attempt too
    "5R": Stage.DELIVERY_FAILED,  # nobody there, it goes to an Access Point
    "KR": Stage.EXCEPTION,  # refused
    "UF": Stage.RETURNING,
    "6C": Stage.RETURNING,  # nobody fetched it
    "VP": Stage.EXCEPTION,  # the label was voided
}
_SAYS_MORE: Final[Mapping[str, frozenset[Stage]]] = {
    # What ``statusCode`` may make of a type that already says much.
    "M": frozenset({Stage.EXCEPTION}),
    "MV": frozenset(),
    "RS": frozenset({Stage.RETURNING}),
    "P": frozenset(),
    "D": frozenset({Stage.READY_FOR_PICKUP, Stage.RETURNED}),
    "O": frozenset({Stage.RETURNING}),
    # UPS's own example of a release by customs is of type X and number 003.
    "X": frozenset(Stage) - {Stage.INFO_RECEIVED},
}
_RELEASED: Final = Phrases(
    "released by the customs agency",
    "released by customs",
    "released by the clearing agency",
    "released by the government agency",
    "cleared customs",
    "clearance completed",
)
_AT_CUSTOMS: Final = Refinement(
    # What the texts can make of a mere "in transit".
    *customs.PHRASES,
    not_now=Phrases(*customs.NOT_NOW),
)
_NOBODY: Final = frozenset({"driver release", "shipper release"})

_TOKENS: Final = "/security/v1/oauth/token"
_ENDPOINT: Final = "/api/track/v1/details/"
_NUMBER_OF_THE_DOCUMENTATION: Final = "1Z12345E0205271688"
_CREDENTIALS: Final = frozenset({"250002", "250003"})
_QUOTA: Final = "10429"
_INVALID: Final = frozenset({"TV1002", "151018"})
_NOT_FOUND: Final = frozenset(
    # What a number of the wrong form gets must not count as UPS's failure.
    {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}
)
_RESCHEDULED_FIRST: Final = ("RDD", "SDD")
_WINDOWS: Final = frozenset({"EDW", "CDW", "IDW"})
_HANDED_OVER: Final = "USPS_PIC"
_MAX_PACKAGES: Final = 50
_NUMBER_OF_A_POST: Final = re.compile(r"(?=.{0,39}[0-9])[0-9A-Z]{8,40}")
_NOT_A_DIGIT: Final = re.compile(r"[^0-9]")


class UpsProvider(TokenProvider):
    """UPS's tracking, with the key of an app."""

    id = "ups"
    name = "UPS"
    origin = "https://onlinetools.ups.com"
    credentials = ("client_id", "client_secret")
    carriers = frozenset({"ups"})
    limits = Limits(
        batch_size=1,
        # UPS names no limit; this is for politeness.
        spacing=timedelta(seconds=2),
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
        reply = await self._ask(session, credentials, number)
        invalid = not _INVALID.isdisjoint(_codes(reply))
        if invalid or reply.status in _NOT_FOUND:
            return self._parse_once(
                credentials,
                [number],
                reply.body,
                lambda: [Answer(tracking_number=number, invalid=invalid)],
                of="unknown",
            )
        return self._parse_once(
            credentials, [number], reply.body, lambda: [parse(reply.json(), number)]
        )

    @override
    async def verify(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> AccountInfo:
        """Ask about the number of UPS's documentation.

        A token alone proves little: an app without the product has one too. UPS
        names neither the account nor what is left of its quota.
        """
        await self._ask(session, credentials, _NUMBER_OF_THE_DOCUMENTATION)
        return AccountInfo()

    @override
    async def _ask_for_token(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> Reply:
        login = f"{credentials['client_id']}:{credentials['client_secret']}"
        login = b64encode(login.encode(errors="replace")).decode()
        return await self._request(
            session,
            "POST",
            _TOKENS,
            headers={"Authorization": f"Basic {login}", "Accept": "application/json"},
            form={"grant_type": "client_credentials"},
            rejected=frozenset(),
        )

    @override
    def _is_refusal(self, reply: Reply) -> bool:
        wrong = not _CREDENTIALS.isdisjoint(_codes(reply))
        return wrong or super()._is_refusal(reply)

    async def _ask(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        tracking_number: str,
    ) -> Reply:
        reply = await self._request_with_token(
            session,
            credentials,
            "GET",
            f"{_ENDPOINT}{quote(tracking_number, safe='')}",
            params={
                "locale": "en_US",
                "returnSignature": "false",
                "returnMilestones": "false",
            },
            headers={
                "Accept": "application/json",
                "transId": uuid4().hex,
                "transactionSrc": "waybill",
            },
        )
        if _QUOTA in _codes(reply):
            raise QuotaExceeded(f"code {_QUOTA}", retry_at=reply.retry_at)
        if reply.status != HTTPStatus.OK and reply.status not in _NOT_FOUND:
            raise ProviderUnavailable(f"HTTP {reply.status}", retry_at=reply.retry_at)
        return reply


def parse(body: object, tracking_number: str) -> Answer:
    """Turn an answer's JSON into what it says of the number asked about.

    Packages with another number are passed over; without one of this number, UPS
    does not know it yet. Raises ProviderUnavailable for what is no such answer.
    """
    response = fields.mapping(fields.mapping(body).get("trackResponse"))
    if not isinstance(response.get("shipment"), list):
        raise ProviderUnavailable("answer has no list of shipments")
    asked = numbers.normalise(tracking_number)
    package = next(_packages_of(response, asked), None)
    if package is None:
        return Answer(tracking_number=tracking_number)
    return _answer(tracking_number, package)


def _codes(reply: Reply) -> frozenset[str]:
    """Return the codes of the errors in a reply, none where it is no such reply."""
    if b'"trackResponse"' in reply.body:
        return frozenset()
    try:
        body = fields.mapping(json.loads(reply.body))
    except ValueError, RecursionError:
        return frozenset()
    response = fields.mapping(body.get("response"))
    told = [body, *fields.mappings(response.get("errors"))]
    return frozenset(_code(error.get("code")) for error in told)


def _code(value: object) -> str:
    return fields.text(value, fields.CODE_LIMIT).upper()


def _packages_of(
    response: Mapping[str, object], asked: str
) -> Iterator[Mapping[str, object]]:
    """Iterate over the packages with a number, then those found by it alone.

    A number of Mail Innovations can find a package that has another one.
    """
    found: list[Mapping[str, object]] = []
    for shipment in islice(fields.mappings(response.get("shipment")), _MAX_PACKAGES):
        packages = list(islice(fields.mappings(shipment.get("package")), _MAX_PACKAGES))
        for package in packages:
            if fields.number(package.get("trackingNumber")) == asked:
                yield package
        if fields.number(shipment.get("inquiryNumber")) == asked and len(packages) == 1:
            found += packages
    yield from found


def _answer(tracking_number: str, package: Mapping[str, object]) -> Answer:
    events = tuple(_events(tracking_number, package))
    stage = next((event.stage for event in events if event.stage is not None), None)
    whole = None
    if stage is None:
        stage = whole = _stage(_current_status(package))[0]
    delivery = fields.mapping(package.get("deliveryInformation"))
    return Answer(
        tracking_number=tracking_number,
        events=events,
        stage=whole,
        carrier="ups",
        origin_country=_country_of(package, "ORIGIN"),
        destination_country=_country_of(package, "DESTINATION"),
        estimate=_estimate(package),
        next_leg=_next_leg(package, tracking_number),
        signed_by=_signed_by(delivery) if stage is Stage.DELIVERED else None,
    )


def _current_status(package: Mapping[str, object]) -> Mapping[str, object]:
    """Return the status of the package, its number included."""
    status = fields.mapping(package.get("currentStatus"))
    number = _code(status.get("statusCode")) or _code(package.get("statusCode"))
    return {**status, "statusCode": number}


def _events(
    tracking_number: str, package: Mapping[str, object]
) -> Iterator[TrackingEvent]:
    current = _current_status(package)
    activities = islice(fields.mappings(package.get("activity")), fields.MAX_EVENTS)
    for place, activity in enumerate(activities):
        status = fields.mapping(activity.get("status"))
        description = fields.text(status.get("description"))
        code = _code(status.get("code")) or _code(status.get("type"))
        clock = _Clock(activity)
        if not clock.written or not (code or description):
            continue
        if not place and _is_current(status, current):
            # The status of the package is that of its newest activity.
            status = {**status, "statusCode": current["statusCode"]}
        stage, direction = _stage(status)
        address = _address(activity.get("location"))
        yield TrackingEvent(
            provider=UpsProvider.id,
            tracking_number=tracking_number,
            code=code or None,
            written_time=clock.written,
            time=clock.time,
            local_time=clock.local_time,
            stage=stage,
            direction=direction,
            description=description,
            words=description,
            location=fields.optional_text(address.get("city"), fields.PLACE_LIMIT),
            country=_country(address),
            carrier="ups",
        )


def _is_current(status: Mapping[str, object], current: Mapping[str, object]) -> bool:
    """Say whether the number of the package, which this lacks, is of this."""
    kind = _code(current.get("type"))
    return not _code(status.get("statusCode")) and (
        not kind or kind == _code(status.get("type"))
    )


class _Clock:
    """When an activity was: as written, at the place, as an instant."""

    def __init__(self, activity: Mapping[str, object]) -> None:
        """Read the times of an activity; the instant is what GMT says, if it does."""
        parts = [
            fields.text(activity.get(key), 20) for key in ("date", "time", "gmtOffset")
        ]
        self.written = " ".join(part for part in parts if part and parts[0])
        self.local_time = _wall(activity.get("date"), activity.get("time"))
        zone = fields.offset(activity.get("gmtOffset"))
        self.time = None
        if gmt := _wall(activity.get("gmtDate"), activity.get("gmtTime")):
            self.time = gmt.replace(tzinfo=UTC)
            if not self.written:
                self.written = f"{gmt:%Y%m%d %H%M%S} GMT"
                shift = zone.utcoffset(None) if zone is not None else None
                self.local_time = gmt + shift if shift is not None else None
        elif self.local_time is not None and zone is not None:
            self.time = self.local_time.replace(tzinfo=zone)


def _wall(day: object, clock: object) -> datetime | None:
    """Return what "20210210" and "71356", "071356" or "7:13:56" say, naive."""
    on, at = _day(day), _time(clock)
    return datetime.combine(on, at) if on is not None and at is not None else None


def _day(told: object) -> date | None:
    digits = _NOT_A_DIGIT.sub("", fields.text(told, 20))
    try:
        found = datetime.strptime(digits, "%Y%m%d").date() if len(digits) == 8 else None
    except ValueError:
        return None
    # At the edge of the calendar no zone can change.
    return found if found is not None and 1 < found.year < 9999 else None


def _time(told: object) -> time | None:
    """Return a time of the day; zeros in front and seconds can be missing."""
    written = fields.text(told, 20)
    parts = [_NOT_A_DIGIT.sub("", part) for part in written.split(":")]
    if len(parts) == 1 and parts[0]:
        padded = parts[0].zfill(6)
        parts = [padded[:2], padded[2:4], padded[4:]]
    try:
        hour, minute, second = [*map(int, parts), 0][:3]
        return time(hour, minute, second)
    except ValueError, OverflowError:
        return None


def _stage(status: Mapping[str, object]) -> tuple[Stage | None, Direction | None]:
    """Return the stage and, for customs, the side of the border."""
    words = [text for text in [fields.text(status.get("description"))] if text]
    kind, code = _code(status.get("type")), _code(status.get("code"))
    if not kind and code in _STAGES:
        # Some answers have the type where the code belongs.
        kind = code
    stage = _told_stage(kind, code, _code(status.get("statusCode")), words)
    if stage is None:
        return None, None
    if stage is Stage.DELIVERED:
        if went_back(words):
            stage = Stage.RETURNED
        elif left_at_pickup_place(words):
            stage = Stage.READY_FOR_PICKUP
    return customs.directed(stage, None, words)


def _told_stage(
    kind: str, code: str, number: str, words: Sequence[str]
) -> Stage | None:
    by_code = _STAGES_BY_CODE.get(code)
    if by_code is not None:
        return by_code
    if kind in ("", "I", "X") and _says(words, _RELEASED):
        return Stage.CUSTOMS_CLEARED
    stage, by_number = _STAGES.get(kind), _STAGES_BY_NUMBER.get(number)
    if by_number is not None and by_number in _SAYS_MORE.get(kind, frozenset(Stage)):
        stage = by_number
    if stage is Stage.IN_TRANSIT:
        return _AT_CUSTOMS.stage(words) or stage
    return stage


def _says(words: Sequence[str], phrases: Phrases) -> bool:
    return any(sentence in phrases for sentence in sentences(words))


def _address(place: object) -> Mapping[str, object]:
    return fields.mapping(fields.mapping(place).get("address"))


def _country(address: Mapping[str, object]) -> str | None:
    return fields.country(address.get("countryCode")) or fields.country(
        address.get("country")
    )


def _country_of(package: Mapping[str, object], end: str) -> str | None:
    for place in islice(fields.mappings(package.get("packageAddress")), _MAX_PACKAGES):
        if _code(place.get("type")) == end and (country := _country(_address(place))):
            return country
    return None


def _estimate(package: Mapping[str, object]) -> Estimate | None:
    """Return the promised day, with its hours; when it was delivered is no promise."""
    promised = {
        _code(told.get("type")): day
        for told in islice(fields.mappings(package.get("deliveryDate")), _MAX_PACKAGES)
        if (day := _day(told.get("date"))) is not None
    }
    day = next((promised[k] for k in _RESCHEDULED_FIRST if k in promised), None)
    if day is None or "DEL" in promised:
        return None
    hours = fields.mapping(package.get("deliveryTime"))
    kind = _code(hours.get("type"))
    start = _time(hours.get("startTime")) if kind in _WINDOWS else None
    end = _time(hours.get("endTime")) if kind in {*_WINDOWS, "CMT"} else None
    if end is None:
        return fields.window(day, None)
    return fields.window(
        datetime.combine(day, start) if start is not None else None,
        datetime.combine(day, end),
    )


def _next_leg(package: Mapping[str, object], tracking_number: str) -> Leg | None:
    """Return the number of the postal service that delivers.

    Alternate numbers without a type are UPS's own.
    """
    for told in islice(
        fields.mappings(package.get("alternateTrackingNumber")), _MAX_PACKAGES
    ):
        found = fields.number(told.get("number"))
        if (
            _code(told.get("type")) == _HANDED_OVER
            and _NUMBER_OF_A_POST.fullmatch(found)
            and found != numbers.normalise(tracking_number)
        ):
            return Leg(tracking_number=found, carrier="usps")
    return None


def _signed_by(delivery: Mapping[str, object]) -> str | None:
    name = fields.text(delivery.get("receivedBy"), fields.PLACE_LIMIT)
    return name if name and name.casefold() not in _NOBODY else None
