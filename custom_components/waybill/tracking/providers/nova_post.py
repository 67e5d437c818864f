"""Nova Post (Nova Poshta), Ukraine.

Documentation: https://developers.novaposhta.ua, "TrackingDocument" and its list of
status codes. A key is made in the settings of one's account there. One question may
be about 100 numbers; more limits are not documented, so the others below are ours.

Things to mind:

- There is no history, only the status now: each new status is one more scan. Its
  text is in Ukrainian.
- Errors come with HTTP 200, in ``errors`` and ``errorCodes``; one number of the wrong
  form can spoil a batch: it is searched for, and stays out of the next one.
- Four notations of time, all of the clock in Kyiv and none with a zone: they stay
  naive.
- Answers hold names, addresses and telephone numbers; none is read. The recipient's
  telephone number, with which more would be told, is not asked for.
- 107 was "storage is charged" and is "moved to the main branch": either way it waits.
  102 is a refusal for which the sender has ordered the way back; 103 and 108 are
  refusals before that. 15, 107 and 124 are known from independent clients.
- What nobody knows has code 3, or a code that is not documented (80), without a text
  and without dates.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Final, override

import aiohttp
from yarl import URL

from .. import numbers
from ..model import Answer, Estimate, Leg, Stage, TrackingEvent
from . import fields
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
    api_key,
)
from .batches import ask_apart, grouped

_STAGES: Final = {
    "1": Stage.INFO_RECEIVED,
    "2": Stage.EXCEPTION,
    "4": Stage.IN_TRANSIT,
    "5": Stage.IN_TRANSIT,
    "6": Stage.IN_TRANSIT,
    "7": Stage.READY_FOR_PICKUP,
    "8": Stage.READY_FOR_PICKUP,
    "9": Stage.DELIVERED,
    "10": Stage.DELIVERED,
    "11": Stage.DELIVERED,
    "12": Stage.INFO_RECEIVED,
    "14": Stage.READY_FOR_PICKUP,
    "15": Stage.IN_TRANSIT,
    "41": Stage.IN_TRANSIT,
    "101": Stage.OUT_FOR_DELIVERY,
    "102": Stage.RETURNING,
    "103": Stage.EXCEPTION,
    "104": Stage.IN_TRANSIT,
    "105": Stage.EXCEPTION,
    "106": Stage.DELIVERED,
    "107": Stage.READY_FOR_PICKUP,
    "108": Stage.EXCEPTION,
    "111": Stage.DELIVERY_FAILED,
    "112": Stage.IN_TRANSIT,
    "124": Stage.EXCEPTION,
}
_NOT_FOUND: Final = "3"
_WHEN: Final = {
    # What tells when a status began; the date of the last change can be later.
    Stage.INFO_RECEIVED: ("DateCreated",),
    Stage.READY_FOR_PICKUP: ("ActualDeliveryDate",),
    Stage.DELIVERED: ("RecipientDateTime",),
}
_LAST_CHANGE: Final = ("TrackingUpdateDate", "DateScan")
_AT_THE_RECIPIENT: Final = frozenset(
    {"6", "7", "8", "9", "10", "11", "14", "101", "106", "107", "111"}
)
_NOTHING_MORE_TO_COME: Final = frozenset(
    {Stage.DELIVERED, Stage.RETURNING, Stage.EXCEPTION}
)
_GOES_ON_AS: Final = "redirecting"

_KEY_ERRORS: Final = frozenset({"20000200068", "20000200069"})
_KEY_WORDS: Final = ("api key", "apikey", "api auth")
_HASTE_WORDS: Final = ("to many requests", "too many requests")
_NUMBER_WORDS: Final = ("document number", "documentnumber")

_NOTATIONS: Final = (
    "%Y-%m-%d %H:%M:%S",
    "%d-%m-%Y %H:%M:%S",
    "%d.%m.%Y %H:%M:%S",
    "%H:%M %d.%m.%Y",
    "%d-%m-%Y",
    "%d.%m.%Y",
)

_ENDPOINT: Final = "/v2.0/json/"
_NUMBER_OF_NOBODY: Final = "20000000000000"


class NovaPostProvider(Provider):
    """Nova Post's tracking, with the key of an account."""

    id = "nova_post"
    name = "Nova Post"
    origin = "https://api.novaposhta.ua"
    credentials = ("api_key",)
    carriers = frozenset({"nova_post"})
    limits = Limits(
        batch_size=100,
        spacing=timedelta(seconds=5),
        per_leg=timedelta(minutes=15),
    )

    def __init__(self, simulator: URL | None = None) -> None:
        """Know of no number that spoils a batch."""
        super().__init__(simulator)
        self._spoiling: set[str] = set()

    @override
    async def fetch(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        legs: Sequence[Query],
    ) -> list[Answer]:
        asked = [leg.tracking_number for leg in legs]
        return await ask_apart(
            grouped(asked, self._spoiling), partial(self._fetch, session, credentials)
        )

    async def _fetch(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        asked: Sequence[str],
    ) -> list[Answer]:
        """Ask about numbers; those that spoil a batch are asked about alone."""
        reply = await self._ask(session, credentials, asked)
        spoilt = _spoilt_by(reply, asked)
        if spoilt is None:
            self._spoiling.difference_update(asked)
            return self._parse_once(
                credentials, asked, reply.body, lambda: parse(reply.json(), asked)
            )
        if len(asked) == 1:
            self._spoiling.update(asked)
            return self._parse_once(
                credentials,
                asked,
                reply.body,
                lambda: [Answer(tracking_number=asked[0], invalid=True)],
                of="invalid",
            )
        half = len(asked) // 2
        parts: list[Sequence[str]] = [asked[:half], asked[half:]]
        if spoilt:
            self._spoiling.update(spoilt)
            parts = [*grouped(asked, spoilt)]
        return await ask_apart(parts, partial(self._fetch, session, credentials))

    @override
    async def verify(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> AccountInfo:
        """Ask about a number that nobody has, at the cost of one question.

        Nova Post names neither the account nor a quota.
        """
        reply = await self._ask(session, credentials, [_NUMBER_OF_NOBODY])
        if _spoilt_by(reply, [_NUMBER_OF_NOBODY]) is None:
            parse(reply.json(), [_NUMBER_OF_NOBODY])
        return AccountInfo()

    async def _ask(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        asked: Sequence[str],
    ) -> Reply:
        key = api_key(credentials)
        documents = [{"DocumentNumber": number, "Phone": ""} for number in asked]
        reply = await self._request(
            session,
            "POST",
            _ENDPOINT,
            json_body={
                "apiKey": key,
                "modelName": "TrackingDocument",
                "calledMethod": "getStatusDocuments",
                "methodProperties": {"Documents": documents},
            },
            rejected=frozenset({HTTPStatus.UNAUTHORIZED}),
        )
        if reply.status != HTTPStatus.OK:
            raise ProviderUnavailable(f"HTTP {reply.status}", retry_at=reply.retry_at)
        return reply


def parse(body: object, asked: Sequence[str]) -> list[Answer]:
    """Turn an answer's JSON into what it says of the numbers asked about.

    A number that the answer passes over has no answer. Raises
    CredentialsRejected or QuotaExceeded where the answer says so, and
    ProviderUnavailable for any other refusal and for what is no such answer.
    """
    if not isinstance(body, dict):
        raise ProviderUnavailable("answer is not an object")
    if body.get("success") is not True:
        codes = {
            fields.text(code, 16) for code in fields.sequence(body.get("errorCodes"))
        }
        said = _said(body, "errors")
        if codes & _KEY_ERRORS or _speaks_of(said, _KEY_WORDS):
            raise CredentialsRejected("key refused")
        if _speaks_of(said, _HASTE_WORDS):
            raise QuotaExceeded("too many requests")
        raise ProviderUnavailable("refused")
    if not isinstance(body.get("data"), list):
        raise ProviderUnavailable("answer has no list of documents")
    wanted = {numbers.normalise(number): number for number in asked}
    told: dict[str, Mapping[str, object]] = {}
    for document in fields.mappings(body["data"]):
        number = wanted.get(fields.number(document.get("Number")))
        if number is None:
            continue
        known = told.get(number)
        if known is None or _later(document, known):
            told[number] = document
    return [_answer(number, document) for number, document in told.items()]


def _spoilt_by(reply: Reply, asked: Sequence[str]) -> list[str] | None:
    """Return the numbers for whose form a question was refused; None: it was not.

    An empty list says that one of them is wrong, but not which.
    """
    body = reply.json()
    if not isinstance(body, dict) or body.get("success") is True:
        return None
    if not _speaks_of(_said(body, "errors"), _NUMBER_WORDS):
        return None
    warnings = " ".join(_said(body, "warnings")).upper()
    return [number for number in asked if numbers.normalise(number) in warnings]


def _said(body: Mapping[str, object], key: str) -> list[str]:
    return [fields.text(each).casefold() for each in fields.sequence(body.get(key))]


def _speaks_of(said: Iterable[str], words: Sequence[str]) -> bool:
    return any(word in text for text in said for word in words)


def _later(document: Mapping[str, object], known: Mapping[str, object]) -> bool:
    one, other = (_first_moment(each, _LAST_CHANGE)[1] for each in (document, known))
    return one is not None and (other is None or one > other)


def _answer(tracking_number: str, document: Mapping[str, object]) -> Answer:
    code = fields.text(document.get("StatusCode"), fields.CODE_LIMIT)
    text = fields.text(document.get("Status"))
    stage = _STAGES.get(code)
    if code == _NOT_FOUND or not (text or stage):
        return Answer(tracking_number=tracking_number)
    abroad = fields.text(document.get("InternationalDeliveryType"), 20).casefold()
    city = document.get("CityRecipient") if code in _AT_THE_RECIPIENT else None
    written, moment = _first_moment(
        document, (*_WHEN.get(stage, ()), *_LAST_CHANGE) if stage else _LAST_CHANGE
    )
    event = TrackingEvent(
        provider=NovaPostProvider.id,
        tracking_number=tracking_number,
        code=code or None,
        written_time=written,
        local_time=moment,
        stage=stage,
        description=text,
        words=text,
        location=fields.optional_text(city, fields.PLACE_LIMIT),
        carrier=NovaPostProvider.id,
    )
    waits = stage is Stage.READY_FOR_PICKUP
    return Answer(
        tracking_number=tracking_number,
        events=(event,),
        carrier=NovaPostProvider.id,
        origin_country="UA" if abroad == "export" else None,
        destination_country="UA" if abroad == "import" else None,
        estimate=None if stage in _NOTHING_MORE_TO_COME else _estimate(document),
        next_leg=_next_leg(tracking_number, document),
        pickup_point=(
            fields.optional_text(document.get("WarehouseRecipient"), fields.PLACE_LIMIT)
            if waits
            else None
        ),
    )


def _first_moment(
    document: Mapping[str, object], keys: Sequence[str]
) -> tuple[str, datetime | None]:
    """Return the first of several times that is told: as written, and read."""
    for key in keys:
        written = fields.text(document.get(key), 40)
        if (moment := _moment(written)) is not None:
            return written, moment
    return "", None


def _moment(written: str) -> datetime | None:
    """Read a time of the clock in Kyiv; 0000-00-00 and its like are none."""
    for notation in _NOTATIONS:
        try:
            read = datetime.strptime(written, notation)
        except ValueError:
            continue
        return fields.moment(read.isoformat())
    return None


def _estimate(document: Mapping[str, object]) -> Estimate | None:
    moment = _moment(fields.text(document.get("ScheduledDeliveryDate"), 40))
    return fields.estimate(moment.isoformat(), None) if moment is not None else None


def _next_leg(tracking_number: str, document: Mapping[str, object]) -> Leg | None:
    """Return the number under which a redirected parcel goes on, if one is told.

    A return has a number of its own too, under which it would seem delivered.
    """
    kind = fields.text(document.get("LastCreatedOnTheBasisDocumentType"), 40)
    number = fields.number(document.get("LastCreatedOnTheBasisNumber"))
    if kind.casefold() != _GOES_ON_AS or not numbers.plausible(number):
        return None
    if number == numbers.normalise(tracking_number):
        return None
    return Leg(tracking_number=number, carrier=NovaPostProvider.id)
