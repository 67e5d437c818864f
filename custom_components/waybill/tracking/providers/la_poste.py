"""La Poste's Suivi v2: letters, Colissimo, Chronopost.

Documentation: https://developer.laposte.fr/catalog-apis/suivi@2. A key is free. It
may ask 100 times a minute and 10 times a second, about up to ten numbers each time.
The codes are those of that page; MD1, DR2, DI0 and DI3 are known from independent
clients alone. ID0, "customs information", says nothing of where the parcel is.

What is told of a parcel is in English: the provider does not know the person's
language.

Four things to mind:

- One number is answered with an object or a list of one, several with a list in
  which each has its own return code; HTTP's status then tells nothing. Where La
  Poste refuses a batch as a whole, each of its numbers is asked about alone, and
  those that it does not know then stay out of the next batch.
- MD2 ("being delivered") can come while its label still speaks of the delivery site;
  the code counts.
- Chronopost writes ET1 on the legs of a return too. RE1 came before, and that is
  what the journey goes by.
- An estimate of a day is written as midnight, as a rule that of UTC, and is
  overwritten by the day of the delivery once that is done. The hours beside it can
  be those of the request.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from functools import partial
from http import HTTPStatus
from itertools import islice
from string import ascii_uppercase, digits
from typing import Final, override

import aiohttp
from yarl import URL

from .. import numbers
from ..model import Answer, Direction, Estimate, Leg, Stage, TrackingEvent
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
from .batches import ask_apart, grouped
from .wording import left_at_pickup_place

_STAGES: Final = {
    "DR1": Stage.INFO_RECEIVED,
    "DR2": Stage.INFO_RECEIVED,
    "PC1": Stage.SHIPPED,
    "PC2": Stage.SHIPPED,
    "ET1": Stage.IN_TRANSIT,
    "ET2": Stage.IN_TRANSIT,
    "ET3": Stage.IN_TRANSIT,
    "ET4": Stage.IN_TRANSIT,
    "EP1": Stage.IN_TRANSIT,
    "DO1": Stage.IN_CUSTOMS,
    "DO2": Stage.CUSTOMS_CLEARED,
    "DO3": Stage.CUSTOMS_ACTION_REQUIRED,
    "PB1": Stage.EXCEPTION,
    "PB2": Stage.IN_TRANSIT,
    "MD1": Stage.OUT_FOR_DELIVERY,
    "MD2": Stage.OUT_FOR_DELIVERY,
    "ND1": Stage.DELIVERY_FAILED,
    "AG1": Stage.READY_FOR_PICKUP,
    "RE1": Stage.RETURNING,
    "DI0": Stage.DELIVERED,
    "DI1": Stage.DELIVERED,
    "DI2": Stage.RETURNED,
    "DI3": Stage.IN_TRANSIT,
}
_HOLDERS: Final = {
    "1": "la_poste",
    "2": "la_poste",
    "3": "chronopost",
    "4": "colissimo",
}
_PARTNERS: Final = {
    # Only whom a number does not tell by its form.
    "chronopost": "chronopost",
    "colissimo": "colissimo",
    "dhl": "dhl",
    "dpd": "dpd",
    "gls": "gls",
    "ups": "ups",
}

_CHECKS: Final = ascii_uppercase + digits

_ENDPOINT: Final = "/suivi/v2/idships/"
_LANGUAGE: Final = "en_GB"
_NUMBER_OF_NOBODY: Final = "1A00000000000"
_REFUSED: Final = frozenset(
    # What a number unknown or of the wrong form gets is not La Poste's failure.
    {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}
)
_ANSWERED: Final = frozenset({HTTPStatus.OK, HTTPStatus.MULTI_STATUS}) | _REFUSED


class LaPosteProvider(Provider):
    """La Poste's tracking, with the key of an account."""

    id = "la_poste"
    name = "La Poste"
    origin = "https://api.laposte.fr"
    credentials = ("api_key",)
    carriers = frozenset({"la_poste", "colissimo", "chronopost"})
    limits = Limits(batch_size=10)

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
        # Anything else is no number of theirs, and would be another address.
        answers = [
            Answer(tracking_number=number, invalid=True)
            for number in asked
            if not _is_askable(number)
        ]
        told = await ask_apart(
            grouped([n for n in asked if _is_askable(n)], self._spoiling),
            partial(self._fetch, session, credentials),
        )
        return [*answers, *told]

    async def _fetch(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        asked: Sequence[str],
    ) -> list[Answer]:
        reply = await self._ask(session, credentials, asked)
        refused = reply.status in _REFUSED
        if len(asked) == 1 and not refused:
            self._spoiling.discard(asked[0])
        if len(asked) > 1 and refused and not _is_list(reply):
            return await self._fetch_each(session, credentials, asked)
        if refused and not _has_return_code(reply):
            return self._parse_once(
                credentials,
                asked,
                reply.body,
                lambda: [Answer(tracking_number=number) for number in asked],
                of="unknown",
            )
        return self._parse_once(
            credentials, asked, reply.body, lambda: parse(reply.json(), asked)
        )

    async def _fetch_each(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        asked: Sequence[str],
    ) -> list[Answer]:
        """Ask about numbers one by one; from now on, about the bad ones alone."""
        parts = ([number] for number in asked)
        told = await ask_apart(parts, partial(self._fetch, session, credentials))
        self._spoiling.update(a.tracking_number for a in told if not a.found)
        return told

    @override
    def _spellings(self, tracking_number: str) -> Collection[str]:
        # Chronopost's own form has a check character behind the number.
        return (tracking_number, *(tracking_number + each for each in _CHECKS))

    @override
    async def verify(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> AccountInfo:
        """Ask about a number that nobody has, at the cost of one question.

        La Poste names neither the account nor what is left of its quota.
        """
        reply = await self._ask(session, credentials, [_NUMBER_OF_NOBODY])
        if reply.status not in _REFUSED:
            parse(reply.json(), [_NUMBER_OF_NOBODY])
        return AccountInfo()

    async def _ask(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        asked: Sequence[str],
    ) -> Reply:
        key = api_key(credentials)
        reply = await self._request(
            session,
            "GET",
            f"{_ENDPOINT}{','.join(asked)}",
            params={"lang": _LANGUAGE},
            headers={"X-Okapi-Key": key, "Accept": "application/json"},
            rejected=frozenset({HTTPStatus.UNAUTHORIZED}),
        )
        # A page comes from the servers in front of the API, which know no keys.
        if reply.status == HTTPStatus.FORBIDDEN and _is_json(reply):
            raise CredentialsRejected(f"HTTP {reply.status}")
        if reply.status not in _ANSWERED:
            raise ProviderUnavailable(f"HTTP {reply.status}", retry_at=reply.retry_at)
        return reply


def parse(body: object, asked: Sequence[str]) -> list[Answer]:
    """Turn an answer's JSON into what it says of the numbers asked about.

    A number that the answer passes over has no answer. Raises
    ProviderUnavailable for what is no such answer.
    """
    if isinstance(body, dict):
        body = [body]
    if not isinstance(body, list):
        raise ProviderUnavailable("answer is neither an object nor a list")
    if not any("returnCode" in told for told in fields.mappings(body)):
        raise ProviderUnavailable("answer has no return code")
    told: dict[str, Mapping[str, object]] = {}
    for envelope in fields.mappings(body):
        number = _about(envelope, asked)
        if number is None:
            continue
        known = told.get(number)
        if known is None or _last_heard_of(envelope) > _last_heard_of(known):
            told[number] = envelope
    answers = [_answer(number, envelope) for number, envelope in told.items()]
    able = [answer for answer in answers if answer is not None]
    if answers and not able:
        raise ProviderUnavailable("no shipment can be told just now")
    return able


def _is_askable(number: str) -> bool:
    return number.isascii() and number.isalnum()


def _is_json(reply: Reply) -> bool:
    return reply.body.lstrip()[:1] in (b"{", b"[")


def _is_list(reply: Reply) -> bool:
    """Say whether a batch was answered number by number, not as a whole."""
    return reply.body.lstrip().startswith(b"[")


def _has_return_code(reply: Reply) -> bool:
    return _is_json(reply) and b'"returnCode"' in reply.body


def _about(envelope: Mapping[str, object], asked: Sequence[str]) -> str | None:
    """Return the number asked about that an envelope speaks of, if any."""
    shipment = fields.mapping(envelope.get("shipment"))
    own = fields.number(shipment.get("idShip"))
    told = own or fields.number(envelope.get("idShip"))
    if not told:
        return asked[0] if len(asked) == 1 else None
    # Chronopost's own form has a check character behind the number.
    stem = own[:-1] if _carrier(shipment) == "chronopost" else told
    for number in asked:
        if numbers.normalise(number) in (told, stem):
            return number
    return None


def _last_heard_of(envelope: Mapping[str, object]) -> datetime:
    """Return when a shipment was last heard of, roughly: to tell old from new."""
    shipment = fields.mapping(envelope.get("shipment"))
    events = list(islice(fields.mappings(shipment.get("event")), 1))
    told = [shipment.get("entryDate"), *(event.get("date") for event in events)]
    moments = [fields.moment(each) for each in told]
    return max(
        (
            moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
            for moment in moments
            if moment is not None
        ),
        default=fields.LONG_AGO,
    )


def _answer(tracking_number: str, envelope: Mapping[str, object]) -> Answer | None:
    """Return what is said of a number; None where La Poste could not say."""
    shipment = envelope.get("shipment")
    if not isinstance(shipment, dict):
        code = fields.text(envelope.get("returnCode"), 8)
        if code.startswith("5") and len(code) == 3:
            return None
        return Answer(
            tracking_number=tracking_number,
            invalid=code == str(HTTPStatus.BAD_REQUEST.value),
        )
    carrier = _carrier(shipment)
    context = fields.mapping(shipment.get("contextData"))
    events = tuple(_events(tracking_number, shipment, carrier))
    stage = next((event.stage for event in events if event.stage is not None), None)
    point = fields.mapping(context.get("removalPoint"))
    return Answer(
        tracking_number=tracking_number,
        events=events,
        carrier=carrier,
        origin_country=fields.country(context.get("originCountry")),
        destination_country=fields.country(context.get("arrivalCountry")),
        estimate=_estimate(shipment),
        next_leg=_next_leg(tracking_number, fields.mapping(context.get("partner"))),
        pickup_point=(
            fields.optional_text(point.get("name"), fields.PLACE_LIMIT)
            if stage is Stage.READY_FOR_PICKUP
            else None
        ),
    )


def _events(
    tracking_number: str, shipment: Mapping[str, object], carrier: str | None
) -> Iterator[TrackingEvent]:
    for event in islice(fields.mappings(shipment.get("event")), fields.MAX_EVENTS):
        written = fields.text(event.get("date"), 40)
        code = fields.text(event.get("code"), fields.CODE_LIMIT).upper()
        label = fields.text(event.get("label"))
        if not written or not (code or label):
            continue
        stage, direction = _stage(code, label)
        moment = fields.moment(written)
        yield TrackingEvent(
            provider=LaPosteProvider.id,
            tracking_number=tracking_number,
            code=code or None,
            written_time=written,
            time=fields.instant(moment),
            local_time=fields.wall(moment),
            stage=stage,
            direction=direction,
            description=label,
            words=label,
            country=fields.country(event.get("country")),
            carrier=carrier,
        )


def _stage(code: str, label: str) -> tuple[Stage | None, Direction | None]:
    """Return the stage and, for customs, the side of the border if it is told."""
    stage = _STAGES.get(code)
    if stage is None:
        return None, None
    if stage is Stage.DELIVERED and left_at_pickup_place([label]):
        stage = Stage.READY_FOR_PICKUP
    return customs.directed(stage, None, [label])


def _carrier(shipment: Mapping[str, object]) -> str | None:
    return _HOLDERS.get(fields.text(shipment.get("holder"), 8))


def _estimate(shipment: Mapping[str, object]) -> Estimate | None:
    """Return what is promised; of a parcel that has arrived, nothing is."""
    promised = shipment.get("estimDate")
    if shipment.get("isFinal") is True or promised == shipment.get("deliveryDate"):
        return None
    moment = fields.moment(promised)
    if moment is None or moment.tzinfo is None:
        return fields.estimate(promised, None)
    if time.min not in (moment.time(), moment.astimezone(UTC).time()):
        return fields.window(moment, None)
    first, last = (
        fields.moment(shipment.get(key)) for key in ("estimHourMin", "estimHourMax")
    )
    if first is None or last is None or first.tzinfo is None or last.tzinfo is None:
        return fields.window(moment.date(), None)
    if first < last and first.date() == last.date() == moment.date():
        return fields.window(first, last)
    return fields.window(moment.date(), None)


def _next_leg(tracking_number: str, partner: Mapping[str, object]) -> Leg | None:
    """Return the number under which a partner goes on, if one is told."""
    number = fields.number(partner.get("reference"))
    if not numbers.plausible(number) or number == numbers.normalise(tracking_number):
        return None
    candidates = numbers.recognise(number)
    if candidates:
        return Leg(tracking_number=number, carrier=candidates[0].carrier)
    names = (
        fields.text(partner.get(key), fields.PLACE_LIMIT).casefold()
        for key in ("name", "network")
    )
    carrier = next((_PARTNERS[name] for name in names if name in _PARTNERS), None)
    return Leg(tracking_number=number, carrier=carrier)
