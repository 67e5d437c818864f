"""Canada Post's tracking web service, "Get Tracking Details".

Documentation: https://www.canadapost-postescanada.ca/info/mc/business/productsservices/developers/services/tracking/trackingdetails.jsf,
the scan events in its "Messages and Code Tables". Membership of the Developer
Program is free; the two halves of its API key are a user name and a password. An
account may ask 20 times a minute.

Some of the codes below are not in that table but in the answers that independent
clients have seen. Canada Post moves its members to a new portal with OAuth and
JSON; this is the service that speaks XML.

Three things to mind:

- A code is written with or without zeros in front ("0174", "174").
- Times are those of the clock at the place. Beside them stands a label such as
  "EST" or "ISRAEL"; which offset it means is documented nowhere.
- A few codes are used for a parcel that goes back to the sender too; only their
  words tell.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import islice
import re
from typing import Final, override

import aiohttp

from .. import numbers
from ..model import Answer, Direction, Stage, TrackingEvent
from . import customs, fields, safe_xml
from .base import (
    AccountInfo,
    Credentials,
    CredentialsRejected,
    Limits,
    Provider,
    ProviderUnavailable,
    Query,
    QuotaExceeded,
    Reply,
)
from .country_names import country_code
from .wording import Phrases, left_at_pickup_place, sentences

_CODES: Final[Mapping[Stage, tuple[str, ...]]] = {
    Stage.INFO_RECEIVED: ("3000", "3002"),
    # Accepted at a post office, picked up, mailed in the country of origin.
    Stage.SHIPPED: ("1300", "1301", "1302", "1303", "2300", "4000"),
    Stage.IN_TRANSIT: (
        # Processed, arrived, departed.
        *("100", "102", "104", "105", "106", "107", "170", "175"),
        *("1240", "1241", "1244", "2500", "2501", "400", "405", "410"),
        # With a partner.
        *("113", "114", "115", "116"),
        # On hold with a partner: documentation, service area, address.
        *("117", "118", "120"),
        # On hold, at somebody's request or for a reason that is not told.
        *("1410", "2410", "1484", "1494", "4700"),
        # The address is verified or corrected, the item redirected or re-routed.
        *("171", "172", "173", "1245", "1412", "2412", "1480", "1490"),
        # Put off to the next business day, without an attempt.
        *("1414", "2414", "1444"),
        *("621", "622", "623", "624", "625", "626", "627", "628"),
        # On the way to a post office or a locker, or from a locker to a post office.
        *("629", "1703", "1705"),
        # Between countries. 701 is still to be presented to customs.
        *("4100", "4202", "4310", "4311", "4550", "4600", "4900", "4950", "8901"),
        *("700", "701", "804", "815"),
    ),
    # Presented to, sent to or held by customs; back there for an appeal of duties.
    Stage.IN_CUSTOMS: ("127", "800", "810", "4330", "4400", "1487", "1495", "2601"),
    # Released by customs, or returned by it to the post.
    Stage.CUSTOMS_CLEARED: ("130", "900", "910", "5201", "4450", "4500"),
    Stage.OUT_FOR_DELIVERY: ("174", "500"),
    Stage.READY_FOR_PICKUP: (
        *("1407", "2407", "1701"),
        # A notice card says where and when; 156 is the last one.
        *("1435", "1436", "1437", "1438", "1479", "1488", "156"),
        # In a locker that is no one's own.
        "1405",
    ),
    # Nobody there, business closed, no room in the locker.
    Stage.DELIVERY_FAILED: ("1411", "2411", "1443", "630"),
    Stage.DELIVERED: (
        *("1496", "1497", "1498", "1499", "1408", "1409", "1476"),
        # At a door, in a garage, a safe place, a box of the recipient's.
        *("1421", "1422", "1423", "1424", "1426", "1427"),
        *("1428", "1429", "1430", "1431", "1433", "1434"),
        # To a concierge, a mailroom, the recipient's partner.
        *("1425", "1432", "1461", "1462", "1471", "1472"),
        *("1463", "1465", "1466", "1467", "1468", "1469", "1473", "1475"),
        # In the community mailbox, which is where the recipient gets all mail.
        *("1441", "1442"),
        # Taken out of the locker.
        "1406",
    ),
    Stage.RETURNING: (
        *("1415", "1416", "1417", "1418", "1419", "1420"),
        *("1481", "1482", "1491", "1492", "2600", "2802", "3001"),
        # Refused by customs or by Canada Post for what it is or lacks.
        *("1100", "167", "168", "169", "181", "182", "183", "184"),
    ),
    Stage.EXCEPTION: (
        # Cannot be delivered, at a secure facility, disposed of.
        *("179", "1450", "1483", "1493", "4650", "150"),
        # Refused or unclaimed with a partner, arrived damaged, voided.
        *("121", "710", "190"),
    ),
}
_STAGES: Final = {code: stage for stage, codes in _CODES.items() for code in codes}
# The table has more codes, and they move nothing: the signature or photo is there
# (20, 21, 2001), another date is expected (1200, 1203), a delay is possible (159 to
# 163), a preference or a redirection was asked for (1220 to 1234), duties were paid
# or refunded (1210 to 1216), cash (152, 2101), a label corrected (198), the place
# at the address where it lies, whose delivery has a code of its own (610 to 620).

_IMPORT: Final = frozenset(
    # By its own words of the country of destination, or for Canada Post to go on.
    {"4330", "4400", "4450", "4500", "900", "910", "5201", "1487", "1495", "2601"}
)
_DELIVERED_SOMEWHERE: Final = frozenset({"1496", "1497", "1498", "1499", "1476"})
_GOES_EITHER_WAY: Final = {
    # What the code means for a parcel that goes back to the sender.
    **dict.fromkeys(("174", "500"), Stage.RETURNING),
    **dict.fromkeys(("1412", "2412", "1479", "1703"), Stage.RETURNING),
    **dict.fromkeys(_DELIVERED_SOMEWHERE, Stage.RETURNED),
}
_TO_SENDER: Final = Phrases(
    "to sender", "to the sender", "à l expéditeur", "à expéditeur"
)
_REFUSED_BY_CUSTOMS: Final = Phrases("import refused", "refused by customs")
_RETURNED_BY_CUSTOMS: Final = "4450"

_AT_ORIGIN: Final = frozenset({"1300", "1301", "1302", "2300", "4000", "4100"})
_PROVINCES: Final = frozenset(
    {"AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"}
)
_CANADIAN_POSTAL_CODE: Final = re.compile(r"[A-Z]\d[A-Z] ?\d[A-Z]\d")
_HANDED_OVER: Final = frozenset({Stage.DELIVERED, Stage.RETURNED})

_NOBODYS_NUMBER: Final = "0" * 16
_LISTS: Final = frozenset({"message", "occurrence"})
_NO_HISTORY: Final = "004"
_WRONG_KEY: Final = frozenset({"E002", "AA001", "AA002", "AA003", "AA004"})
_THROTTLED: Final = "Server"
_THROTTLED_FOR: Final = timedelta(minutes=1)
_OF_THE_NUMBER: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND})


class CanadaPostProvider(Provider):
    """Canada Post's tracking, with the key of a member of its Developer Program."""

    id = "canada_post"
    name = "Canada Post"
    origin = "https://soa-gw.canadapost.ca"
    credentials = ("username", "password")
    carriers = frozenset({"canada_post"})
    limits = Limits(batch_size=1, spacing=timedelta(seconds=4))

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
        """Ask about a number of the right form that no parcel has.

        That it has no history is as good an answer as any. Canada Post names
        neither the account nor a quota.
        """
        reply = await self._ask(session, credentials, _NOBODYS_NUMBER)
        _read(reply, _NOBODYS_NUMBER)
        return AccountInfo()

    async def _ask(
        self, session: aiohttp.ClientSession, credentials: Credentials, number: str
    ) -> Reply:
        username = credentials.get("username", "")
        password = credentials.get("password", "")
        if not (username and password):
            raise CredentialsRejected("no key")
        key = b64encode(f"{username}:{password}".encode(errors="replace")).decode()
        return await self._request(
            session,
            "GET",
            f"/vis/track/pin/{_plain(number)}/detail",
            headers={
                "Authorization": f"Basic {key}",
                "Accept": "application/vnd.cpc.track-v2+xml",
                "Accept-Language": "en-CA",
            },
            rejected=frozenset({HTTPStatus.UNAUTHORIZED}),
        )


def _plain(number: str) -> str:
    """Return the letters and digits of a number, which cannot change an address."""
    return "".join(char for char in number if char.isascii() and char.isalnum())


def _read(reply: Reply, tracking_number: str) -> Answer:
    """Read an answer's XML. Raises the provider's errors, as its messages say."""
    name, tree = safe_xml.read(reply.body, _LISTS)
    if name == "messages":
        _raise_for(tree, reply)
        return Answer(tracking_number=tracking_number)
    if name != "tracking-detail" or reply.status != HTTPStatus.OK:
        raise ProviderUnavailable(f"HTTP {reply.status}", retry_at=reply.retry_at)
    return parse(tree, tracking_number)


def _raise_for(messages: object, reply: Reply) -> None:
    """Raise what Canada Post's messages mean; nothing for an unknown number."""
    codes = {
        fields.text(message.get("code"), fields.CODE_LIMIT)
        for message in fields.mappings(fields.mapping(messages).get("message"))
    }
    if codes & _WRONG_KEY or reply.status == HTTPStatus.FORBIDDEN:
        raise CredentialsRejected(f"HTTP {reply.status}")
    if _THROTTLED in codes:
        raise QuotaExceeded(
            "too many questions in a minute",
            retry_at=reply.retry_at or datetime.now(UTC) + _THROTTLED_FOR,
        )
    # What a number of the wrong form gets must not count as Canada Post's failure.
    if _NO_HISTORY not in codes and reply.status not in _OF_THE_NUMBER:
        raise ProviderUnavailable("answer is a message of another kind")


def parse(detail: object, tracking_number: str) -> Answer:
    """Turn what is in ``tracking-detail`` into what it says of the number asked about.

    ``detail`` is as ``safe_xml.read`` tells it. What is about another number says
    nothing. Raises ProviderUnavailable for what is no such answer.
    """
    if not isinstance(detail, dict):
        raise ProviderUnavailable("answer has no details")
    pin = fields.number(detail.get("pin"))
    if pin != numbers.normalise(tracking_number):
        return Answer(tracking_number=tracking_number)
    told = fields.mapping(detail.get("significant-events")).get("occurrence")
    occurrences = list(islice(fields.mappings(told), fields.MAX_EVENTS))
    events = tuple(_events(tracking_number, occurrences))
    stage = next((event.stage for event in events if event.stage is not None), None)
    expected = fields.day(detail.get("changed-expected-date")) or fields.day(
        detail.get("expected-delivery-date")
    )
    return Answer(
        tracking_number=tracking_number,
        events=events,
        carrier=CanadaPostProvider.id,
        origin_country=_origin(events),
        destination_country=_destination(detail),
        estimate=fields.window(expected, None),
        pickup_point=(
            _first(occurrences, "event-retail-name")
            if stage is Stage.READY_FOR_PICKUP
            else None
        ),
        signed_by=(
            _first(occurrences, "signatory-name") if stage in _HANDED_OVER else None
        ),
    )


def _events(
    tracking_number: str, occurrences: Sequence[Mapping[str, object]]
) -> Iterator[TrackingEvent]:
    for occurrence in occurrences:
        code = fields.text(occurrence.get("event-identifier"), fields.CODE_LIMIT)
        words = fields.text(occurrence.get("event-description"))
        day, clock, zone = (
            fields.text(occurrence.get(part), 40)
            for part in ("event-date", "event-time", "event-time-zone")
        )
        if not day or not (code or words):
            continue
        stage, direction = _stage(code.lstrip("0"), words)
        moment = fields.moment(f"{day} {clock}") if clock else None
        yield TrackingEvent(
            provider=CanadaPostProvider.id,
            tracking_number=tracking_number,
            code=code or None,
            written_time=" ".join(part for part in (day, clock, zone) if part),
            local_time=moment.replace(tzinfo=None) if moment is not None else None,
            stage=stage,
            direction=direction,
            description=words,
            words=words,
            location=_location(occurrence),
            country=_country(occurrence),
            carrier=CanadaPostProvider.id,
        )


def _stage(code: str, words: str) -> tuple[Stage | None, Direction | None]:
    """Return the stage and, for customs, the side of the border if it is told."""
    stage = _STAGES.get(code)
    if stage is None:
        return None, None
    told = list(sentences([words]))
    if code in _GOES_EITHER_WAY and any(sentence in _TO_SENDER for sentence in told):
        return _GOES_EITHER_WAY[code], None
    if code == _RETURNED_BY_CUSTOMS and any(
        sentence in _REFUSED_BY_CUSTOMS for sentence in told
    ):
        return Stage.EXCEPTION, None
    if code in _DELIVERED_SOMEWHERE and left_at_pickup_place([words]):
        return Stage.READY_FOR_PICKUP, None
    return customs.directed(
        stage, Direction.IMPORT if code in _IMPORT else None, [words]
    )


def _location(occurrence: Mapping[str, object]) -> str | None:
    parts = (occurrence.get("event-site"), occurrence.get("event-province"))
    told = (fields.text(part, fields.PLACE_LIMIT) for part in parts)
    return fields.optional_text(
        ", ".join(part for part in told if part), fields.PLACE_LIMIT
    )


def _country(occurrence: Mapping[str, object]) -> str | None:
    """Return where a scan was made: in a province, or abroad as in "02650,Israel"."""
    if fields.text(occurrence.get("event-province"), 8).upper() in _PROVINCES:
        return "CA"
    _, comma, country = fields.text(
        occurrence.get("event-site"), fields.PLACE_LIMIT
    ).rpartition(",")
    return country_code(country) if comma else None


def _origin(events: Sequence[TrackingEvent]) -> str | None:
    """Return the country of the scan that says that it is that of origin."""
    return next(
        (
            event.country
            for event in events
            if event.country and (event.code or "").lstrip("0") in _AT_ORIGIN
        ),
        None,
    )


def _destination(detail: Mapping[str, object]) -> str | None:
    """Return Canada where the form of the postal code tells it."""
    code = fields.text(detail.get("destination-postal-id"), 12).upper()
    return "CA" if _CANADIAN_POSTAL_CODE.fullmatch(code) else None


def _first(occurrences: Sequence[Mapping[str, object]], key: str) -> str | None:
    """Return what the newest scan that tells it tells."""
    told = (
        fields.optional_text(occurrence.get(key), fields.PLACE_LIMIT)
        for occurrence in occurrences
    )
    return next((text for text in told if text), None)
