"""FedEx's Track API v1: Express, Ground, Ground Economy.

Documentation: https://developer.fedex.com/api/en-us/catalog/track.html. Anybody can
have a key for free. It may ask 1,400 times in ten seconds and 100,000 times a day;
one question is about up to thirty numbers. The codes are those of the API's own
list and of its guide of 2020, which reuse some of them; AS, DO, HA, HP and IP are
known from independent clients alone.

Five things to mind:

- FedEx gives its numbers out again after a while: of several shipments with one
  number the newest counts.
- That a number is not known is told with HTTP 200, for each number by itself.
- ``derivedCode`` is what FedEx's page shows; it can be ahead of ``code``.
- "International shipment release" is told of export and of import alike.
- Each answer has an id of its own: what equals the last one is told number by
  number.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from http import HTTPStatus
from itertools import islice
import json
from typing import Final, override

import aiohttp
from yarl import URL

from .. import numbers
from ..model import Answer, Direction, Estimate, Leg, Stage, TrackingEvent
from . import customs, fields
from .base import AccountInfo, Credentials, Limits, ProviderUnavailable, Query, Reply
from .batches import ask_apart, grouped
from .oauth import TokenProvider
from .returns import went_back
from .wording import left_at_pickup_place

_STAGES: Final = {
    # Order created, information sent to FedEx or USPS, on the way to the pick-up.
    "OC": Stage.INFO_RECEIVED,
    "IN": Stage.INFO_RECEIVED,
    "OX": Stage.INFO_RECEIVED,
    "MD": Stage.INFO_RECEIVED,
    "DO": Stage.INFO_RECEIVED,
    "EP": Stage.INFO_RECEIVED,
    # Picked up, at the facility of origin.
    "PU": Stage.SHIPPED,
    "PX": Stage.SHIPPED,
    "AP": Stage.SHIPPED,
    "OF": Stage.SHIPPED,
    "IP": Stage.SHIPPED,
    # Between facilities, in the air, with a partner; a mere delay or correction.
    "IT": Stage.IN_TRANSIT,
    "IX": Stage.IN_TRANSIT,
    "AR": Stage.IN_TRANSIT,
    "AF": Stage.IN_TRANSIT,
    "DP": Stage.IN_TRANSIT,
    "AA": Stage.IN_TRANSIT,
    "AC": Stage.IN_TRANSIT,
    "AX": Stage.IN_TRANSIT,
    "CH": Stage.IN_TRANSIT,
    "DS": Stage.IN_TRANSIT,
    "EA": Stage.IN_TRANSIT,
    "EO": Stage.IN_TRANSIT,
    "FD": Stage.IN_TRANSIT,
    "LO": Stage.IN_TRANSIT,
    "OW": Stage.IN_TRANSIT,
    "PF": Stage.IN_TRANSIT,
    "PL": Stage.IN_TRANSIT,
    "PM": Stage.IN_TRANSIT,
    "SF": Stage.IN_TRANSIT,
    "TR": Stage.IN_TRANSIT,
    "AO": Stage.IN_TRANSIT,
    "AE": Stage.IN_TRANSIT,
    "AS": Stage.IN_TRANSIT,
    "US": Stage.IN_TRANSIT,
    "DR": Stage.IN_TRANSIT,
    "DY": Stage.IN_TRANSIT,
    # Clearance in progress, clearance delay, cleared.
    "CP": Stage.IN_CUSTOMS,
    "CD": Stage.IN_CUSTOMS,
    "CC": Stage.CUSTOMS_CLEARED,
    # Out for delivery, on the way to it, at the door.
    "OD": Stage.OUT_FOR_DELIVERY,
    "ED": Stage.OUT_FOR_DELIVERY,
    "AD": Stage.OUT_FOR_DELIVERY,
    # Held at a location, ready for the recipient.
    "HL": Stage.READY_FOR_PICKUP,
    "HP": Stage.READY_FOR_PICKUP,
    "DE": Stage.DELIVERY_FAILED,
    "DL": Stage.DELIVERED,
    # Shipment exception, cancelled, delivery or pick-up delayed, return label
    # expired, a hold asked for.
    "SE": Stage.EXCEPTION,
    "CA": Stage.EXCEPTION,
    "DD": Stage.EXCEPTION,
    "PD": Stage.EXCEPTION,
    "RD": Stage.EXCEPTION,
    "HA": Stage.EXCEPTION,
    "RS": Stage.RETURNING,
    "RT": Stage.RETURNING,
    # RR, RM and RC (a wish for the delivery), RP, RG and LP (labels of returns) and
    # SP (pieces apart) say nothing of where the parcel is.
}
_NOBODY: Final = frozenset(
    # What FedEx writes where nobody signed.
    {
        "signature not required",
        "no signature required",
        "signature release on file",
        "signature on file",
    }
)

_TOKENS: Final = "/oauth/token"
_ENDPOINT: Final = "/track/v1/trackingnumbers"
_NUMBER_OF_THE_DOCUMENTATION: Final = "123456789012"
_OF_A_NUMBER: Final = "TRACKING."
_UNKNOWN: Final = "NOTFOUND"
_INVALID: Final = "TRACKINGNUMBER.INVALID"
_UNREADABLE: Final = "INVALID.INPUT.EXCEPTION"
_BAD_REQUEST: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)
_MAX_RESULTS: Final = 50


class FedexProvider(TokenProvider):
    """FedEx's tracking, with the key of a project."""

    id = "fedex"
    name = "FedEx"
    origin = "https://apis.fedex.com"
    credentials = ("client_id", "client_secret")
    carriers = frozenset({"fedex"})
    limits = Limits(
        batch_size=30,
        # FedEx allows far more; this is for politeness.
        spacing=timedelta(seconds=10),
        per_leg=timedelta(minutes=30),
    )

    def __init__(self, simulator: URL | None = None) -> None:
        """Begin without a number that FedEx refused."""
        super().__init__(simulator)
        self._refused: set[str] = set()

    @override
    async def fetch(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        legs: Sequence[Query],
    ) -> list[Answer]:
        asked = [leg.tracking_number for leg in legs]
        return await ask_apart(
            grouped(asked, self._refused), partial(self._group, session, credentials)
        )

    async def _group(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        asked: Sequence[str],
    ) -> list[Answer]:
        """Ask about numbers at once; one by one where FedEx cannot read one."""
        reply = await self._ask(session, credentials, asked)
        if reply.status not in _BAD_REQUEST:
            self._refused.difference_update(asked)
            return self._answers(credentials, reply, asked)
        if reply.is_page:
            raise ProviderUnavailable(f"HTTP {reply.status}", retry_at=reply.retry_at)
        if len(asked) > 1:
            return await ask_apart(
                [[each] for each in asked], partial(self._group, session, credentials)
            )
        answer = _refused(reply, asked[0])
        self._refused.add(asked[0])
        return [answer]

    @override
    async def verify(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> AccountInfo:
        """Ask about the number of FedEx's documentation.

        A token alone proves little: a project without the Track API has one too.
        FedEx names neither the project nor what is left of its quota.
        """
        await self._ask(session, credentials, [_NUMBER_OF_THE_DOCUMENTATION])
        return AccountInfo()

    @override
    async def _ask_for_token(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> Reply:
        return await self._request(
            session,
            "POST",
            _TOKENS,
            form={
                "grant_type": "client_credentials",
                "client_id": credentials["client_id"],
                "client_secret": credentials["client_secret"],
            },
            rejected=frozenset(),
        )

    async def _ask(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        tracking_numbers: Sequence[str],
    ) -> Reply:
        reply = await self._request_with_token(
            session,
            credentials,
            "POST",
            _ENDPOINT,
            headers={"Accept": "application/json", "x-locale": "en_US"},
            json_body={
                "includeDetailedScans": True,
                "trackingInfo": [
                    {"trackingNumberInfo": {"trackingNumber": number}}
                    for number in tracking_numbers
                ],
            },
        )
        if reply.status != HTTPStatus.OK and reply.status not in _BAD_REQUEST:
            raise ProviderUnavailable(f"HTTP {reply.status}", retry_at=reply.retry_at)
        return reply

    def _answers(
        self, credentials: Credentials, reply: Reply, asked: Sequence[str]
    ) -> list[Answer]:
        """Parse what is told of each number, unless it is what was told last."""
        told = _told(reply.json())
        answers: list[Answer] = []
        failed = False
        for number in asked:
            result = told.get(numbers.normalise(number))
            if result is None:
                continue
            parsed = self._parse_once(
                credentials,
                [number],
                comparable(result),
                partial(_parse_one, result, number),
            )
            failed = failed or not parsed
            answers += parsed
        if failed and not answers:
            raise ProviderUnavailable("no number was looked up")
        return answers


def parse(body: object, tracking_numbers: Sequence[str]) -> list[Answer]:
    """Turn an answer's JSON into what it says of the numbers asked about.

    A number that FedEx failed to look up has no answer. Raises
    ProviderUnavailable for what is no such answer.
    """
    told = _told(body)
    return [
        answer
        for number in tracking_numbers
        if (result := told.get(numbers.normalise(number))) is not None
        for answer in _parse_one(result, number)
    ]


def _told(body: object) -> dict[str, Mapping[str, object]]:
    """Return what is told of each number. Raises ProviderUnavailable."""
    output = fields.mapping(fields.mapping(body).get("output"))
    results = output.get("completeTrackResults")
    if not isinstance(results, list):
        raise ProviderUnavailable("answer has no list of results")
    return {
        fields.number(result.get("trackingNumber")): result
        for result in fields.mappings(results)
    }


def comparable(result: Mapping[str, object]) -> bytes:
    """Return a result as it is compared with the last. Raises ProviderUnavailable."""
    try:
        return json.dumps(result).encode()
    except (ValueError, RecursionError) as err:
        raise ProviderUnavailable("answer is nested too deeply") from err


def _refused(reply: Reply, number: str) -> Answer:
    """Return what a refused question says of its only number.

    Raises ProviderUnavailable where it was not refused for the number.
    """
    codes = [
        fields.text(error.get("code"), fields.CODE_LIMIT).upper()
        for error in fields.mappings(fields.mapping(reply.json()).get("errors"))
    ]
    # Of what a question holds, only the number can be wrong.
    of_number = [
        code for code in codes if code.startswith(_OF_A_NUMBER) or code == _UNREADABLE
    ]
    if not of_number:
        raise ProviderUnavailable(f"HTTP {reply.status}")
    return _without_history(of_number[0], number)


def _without_history(code: str, number: str) -> Answer:
    return Answer(tracking_number=number, invalid=code.endswith(_INVALID))


def _parse_one(told: Mapping[str, object], number: str) -> list[Answer]:
    """Return what is told of a number, empty where it could not be looked up."""
    results = list(islice(fields.mappings(told.get("trackResults")), _MAX_RESULTS))
    known = [result for result in results if _has_history(result)]
    if known:
        return [_answer(number, _newest(known))]
    codes = [
        fields.text(
            fields.mapping(result.get("error")).get("code"), fields.CODE_LIMIT
        ).upper()
        for result in results
    ]
    # Whatever else went wrong is not about the number.
    of_number = [
        code
        for code in codes
        if not code or code.endswith(_UNKNOWN) or code.startswith(_OF_A_NUMBER)
    ]
    if codes and not of_number:
        return []
    return [_without_history(next(iter(of_number), ""), number)]


def _has_history(result: Mapping[str, object]) -> bool:
    return bool(
        fields.sequence(result.get("scanEvents"))
        or _status_code(fields.mapping(result.get("latestStatusDetail")))
    )


def _newest(results: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
    """Tell the newest shipment of a number from older ones.

    The serial numbers tell where they are of one network, even of a label that has
    no date yet; else any date that is told of a shipment will do.
    """
    networks = {_serial(result)[0] for result in results}
    if len(networks) == 1 and None not in networks:
        return max(results, key=lambda each: (_serial(each)[1], _last_heard_of(each)))
    return max(results, key=lambda each: (_last_heard_of(each), _serial(each)[1]))


def _serial(result: Mapping[str, object]) -> tuple[str | None, int]:
    """Return the network of FedEx's own id, if it has both, and its serial number."""
    info = fields.mapping(result.get("trackingNumberInfo"))
    told = fields.text(info.get("trackingNumberUniqueId"), 80)
    serial, _, rest = told.partition("~")
    if not (serial.isascii() and serial.isdigit()):
        return None, 0
    return rest.rpartition("~")[2], int(serial)


def _last_heard_of(result: Mapping[str, object]) -> datetime:
    dates = [
        *(scan.get("date") for scan in fields.mappings(result.get("scanEvents"))),
        *(each.get("dateTime") for each in fields.mappings(result.get("dateAndTimes"))),
    ]
    moments = [_as_moment(value) for value in dates[: fields.MAX_EVENTS]]
    return max(
        (moment for moment in moments if moment is not None), default=fields.LONG_AGO
    )


def _as_moment(value: object) -> datetime | None:
    told: datetime | date | None = fields.moment(value) or fields.day(value)
    if told is None:
        return None
    if not isinstance(told, datetime):
        told = datetime.combine(told, time.min)
    return told if told.tzinfo is not None else told.replace(tzinfo=UTC)


def _answer(number: str, result: Mapping[str, object]) -> Answer:
    events = tuple(_events(number, result))
    stage = next((event.stage for event in events if event.stage is not None), None)
    whole = None
    if stage is None:
        status = fields.mapping(result.get("latestStatusDetail"))
        stage = whole = _stage(_status_code(status), _words_of_status(status))[0]
    delivery = fields.mapping(result.get("deliveryDetails"))
    return Answer(
        tracking_number=number,
        events=events,
        stage=whole,
        carrier="fedex",
        origin_country=_country_of(result, "originLocation", "shipperInformation"),
        destination_country=_country_of(
            result, "destinationLocation", "recipientInformation"
        ),
        estimate=_estimate(result),
        next_leg=_next_leg(result, number),
        pickup_point=_held_at(result) if stage is Stage.READY_FOR_PICKUP else None,
        signed_by=_signed_by(delivery) if stage is Stage.DELIVERED else None,
    )


def _status_code(status: Mapping[str, object]) -> str:
    """Return the code of the parcel as a whole; the page's own comes second."""
    return _code(status.get("code")) or _code(status.get("derivedCode"))


def _words_of_status(status: Mapping[str, object]) -> list[str]:
    return _once(status.get("statusByLocale"), status.get("description"))


def _events(number: str, result: Mapping[str, object]) -> Iterator[TrackingEvent]:
    for scan in islice(fields.mappings(result.get("scanEvents")), fields.MAX_EVENTS):
        written = fields.text(scan.get("date"), 40)
        code = _code(scan.get("eventType")) or _code(scan.get("derivedStatusCode"))
        words = _once(scan.get("eventDescription"), scan.get("exceptionDescription"))
        if not written or not (code or words):
            continue
        stage, direction = _stage(code, words)
        moment = fields.moment(written)
        place = fields.mapping(scan.get("scanLocation"))
        yield TrackingEvent(
            provider=FedexProvider.id,
            tracking_number=number,
            code=code or None,
            written_time=written,
            time=fields.instant(moment),
            local_time=moment.replace(tzinfo=None) if moment is not None else None,
            stage=stage,
            direction=direction,
            description=next(iter(words), ""),
            words=fields.text("; ".join(words)),
            location=fields.optional_text(place.get("city"), fields.PLACE_LIMIT),
            country=fields.country(place.get("countryCode")),
            carrier="fedex",
        )


def _code(value: object) -> str:
    return fields.text(value, fields.CODE_LIMIT).upper()


def _once(*values: object) -> list[str]:
    """Return what is said, each thing once."""
    return list(dict.fromkeys(text for value in values if (text := fields.text(value))))


def _stage(code: str, words: Sequence[str]) -> tuple[Stage | None, Direction | None]:
    """Return the stage and, for customs, the side of the border."""
    stage = _STAGES.get(code)
    if stage is None:
        return None, None
    if stage is Stage.DELIVERED:
        if went_back(words):
            stage = Stage.RETURNED
        elif left_at_pickup_place(words):
            stage = Stage.READY_FOR_PICKUP
    return customs.directed(stage, None, words)


def _country_of(result: Mapping[str, object], location: str, party: str) -> str | None:
    """Return the country of one end: where the parcel is handled, else who it is."""
    contact = fields.mapping(result.get(location)).get("locationContactAndAddress")
    for place in (contact, result.get(party)):
        address = fields.mapping(fields.mapping(place).get("address"))
        if country := fields.country(address.get("countryCode")):
            return country
    return None


def _estimate(result: Mapping[str, object]) -> Estimate | None:
    """Return the promise made for this parcel, else that for its service."""
    return (
        _window(result.get("estimatedDeliveryTimeWindow"))
        or _estimated_delivery(result)
        or _window(result.get("standardTransitTimeWindow"))
    )


def _window(told: object) -> Estimate | None:
    window = fields.mapping(fields.mapping(told).get("window"))
    return fields.estimate(window.get("begins"), window.get("ends"))


def _estimated_delivery(result: Mapping[str, object]) -> Estimate | None:
    for told in fields.mappings(result.get("dateAndTimes")):
        if _code(told.get("type")) == "ESTIMATED_DELIVERY":
            return fields.estimate(told.get("dateTime"), None)
    return None


def _next_leg(result: Mapping[str, object], number: str) -> Leg | None:
    """Return the number of the partner that delivers, such as USPS."""
    info = fields.mapping(result.get("additionalTrackingInfo"))
    for identifier in islice(
        fields.mappings(info.get("packageIdentifiers")), _MAX_RESULTS
    ):
        if _code(identifier.get("type")) != "PARTNER_CARRIER_NUMBER":
            continue
        told = (identifier.get("value"), *fields.sequence(identifier.get("values"))[:5])
        for value in told:
            found = fields.number(value)
            if found != numbers.normalise(number) and numbers.recognise(found):
                return Leg(tracking_number=found)
    return None


def _held_at(result: Mapping[str, object]) -> str | None:
    """Return the place where the parcel waits: its name, street and town."""
    location = fields.mapping(result.get("holdAtLocation"))
    held = fields.mapping(location.get("locationContactAndAddress"))
    address = fields.mapping(held.get("address"))
    parts = (
        fields.mapping(held.get("contact")).get("companyName"),
        next(iter(fields.sequence(address.get("streetLines"))), None),
        address.get("city"),
    )
    named = ", ".join(text for part in parts if (text := fields.text(part, 60)))
    return fields.optional_text(named, fields.PLACE_LIMIT)


def _signed_by(delivery: Mapping[str, object]) -> str | None:
    for key in ("signedByName", "receivedByName"):
        name = fields.text(delivery.get(key), fields.PLACE_LIMIT)
        if name and name.casefold() not in _NOBODY:
            return name
    return None
