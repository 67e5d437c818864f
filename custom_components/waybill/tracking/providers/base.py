"""The contract of a provider, and the one way to speak HTTP.

A provider is asked through ``fetch`` and turns bodies into answers in a pure
``parse``. Only the errors below leave it, whatever it was sent.
"""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from http import HTTPStatus
import json
from typing import ClassVar, Final

import aiohttp
from yarl import URL

from ..model import Answer
from .raw_answers import raw_answers

type Credentials = Mapping[str, str]

REQUEST_TIMEOUT: Final = 30
"""Seconds that one request may take."""
MAX_BODY: Final = 8 * 1024 * 1024
"""Bytes of a body that are read; a longer one is nonsense."""
_KEPT_BODIES: Final = 2_048
"""More than a shop follows: what falls out is parsed anew each time it comes."""
_LONGEST_WAIT: Final = timedelta(days=31)


class ProviderError(Exception):
    """What may leave a provider. Its text holds no number and no credential.

    ``retry_at`` (aware) is when the provider itself said to come back, if it
    did; ``first_backoff`` takes the place of the usual first back-off.
    """

    def __init__(
        self,
        reason: str,
        *,
        retry_at: datetime | None = None,
        first_backoff: timedelta | None = None,
    ) -> None:
        """Say what happened, in words fit for a log."""
        super().__init__(reason)
        self.retry_at = retry_at
        self.first_backoff = first_backoff


class ProviderUnavailable(ProviderError):
    """No usable answer: network, server error, nonsense, bot wall."""


class QuotaExceeded(ProviderError):
    """The quota is spent."""


class CredentialsRejected(ProviderError):
    """The provider does not accept the credentials."""


class NotEntitled(CredentialsRejected):
    """The credentials are good, but the provider lets them track nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How often a provider may be asked.

    ``spacing`` lies between any two requests, ``routine_spacing`` between two
    that no person asked for. ``per_day`` counts requests by the provider's own
    day (UTC). ``per_leg`` is the shortest time between two questions about one
    leg, ``per_quiet_leg`` that about one of which no news is near. ``lag`` is how
    old what it tells may be. ``first_backoff`` doubles with each failure.
    """

    batch_size: int = 1
    spacing: timedelta = timedelta(seconds=1)
    routine_spacing: timedelta | None = None
    per_day: int | None = None
    per_leg: timedelta = timedelta(minutes=5)
    per_quiet_leg: timedelta | None = None
    lag: timedelta = timedelta()
    first_backoff: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """One leg to ask about, with what some carriers want to be told.

    ``carrier_pinned`` is True where the person chose the carrier.
    ``may_register`` allows a provider to spend quota on this number.
    """

    tracking_number: str = field(repr=False)
    carrier: str | None = None
    carrier_pinned: bool = False
    postal_code: str | None = field(default=None, repr=False)
    phone_last4: str | None = field(default=None, repr=False)
    may_register: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountInfo:
    """What a provider says of an account whose credentials it accepts.

    ``identifier`` is stable for the account, or None where the provider names
    none. ``requests_left`` is what remains of its quota, where it tells.
    """

    identifier: str | None = field(default=None, repr=False)
    requests_left: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A parcel that an account follows at its provider.

    ``carrier`` is one of ours, where the provider's can be told; ``name`` what
    the person called it there.
    """

    tracking_number: str = field(repr=False)
    carrier: str | None = None
    name: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP reply: status, headers, and the whole body."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def retry_at(self) -> datetime | None:
        """Return the moment that Retry-After names (RFC 9110, 10.2.3), if any."""
        value = self.headers.get("Retry-After", "").strip()
        now = datetime.now(UTC)
        if value.isascii() and value.isdigit():
            seconds = min(int(value[:12]), int(_LONGEST_WAIT.total_seconds()))
            return now + timedelta(seconds=seconds)
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return min(moment, now + _LONGEST_WAIT)

    @property
    def is_page(self) -> bool:
        """Whether this is a page and no answer in JSON.

        Pages come from the servers in front of an API, which know no credentials.
        """
        return self.body.lstrip().startswith(b"<")

    def json(self) -> object:
        """Return the body as JSON. Raises ProviderUnavailable for anything else."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as err:
            raise ProviderUnavailable("answer is not JSON") from err


class Provider(ABC):
    """Whom we ask. One instance serves one account, or all of a keyless one."""

    id: ClassVar[str]
    name: ClassVar[str]
    origin: ClassVar[str]
    """Scheme and host of the API; a simulator takes its place."""
    credentials: ClassVar[tuple[str, ...]] = ()
    """Names of the fields that an account has; none for a keyless provider."""
    carriers: ClassVar[frozenset[str]] = frozenset()
    """Carriers that it answers for directly; empty for an aggregator."""
    aggregator: ClassVar[bool] = False
    spends_per_number: ClassVar[bool] = False
    """Whether following a number costs quota, once, that cannot be had back."""
    paid: ClassVar[bool] = False
    """Whether an account costs money from the first parcel on."""
    own_shipments_only: ClassVar[bool] = False
    """Whether it answers only those who sent the parcel, so hardly any buyer."""
    lists_parcels: ClassVar[bool] = False
    """Whether an account knows parcels that the person added there."""
    echoes: ClassVar[frozenset[str]] = frozenset()
    """Fields of its JSON that repeat what it was told of who receives a parcel."""
    push_secret: ClassVar[str | None] = None
    """The field of an account that proves what the provider sends of its own accord;
    None where it sends nothing. One that is no credential may be left empty."""
    limits: ClassVar[Limits] = Limits()

    def __init__(self, simulator: URL | None = None) -> None:
        """Speak to the API, or to a simulator of it at the URL given."""
        self._simulator = simulator
        self._parsed: dict[tuple[str, ...], tuple[bytes, list[Answer]]] = {}

    @classmethod
    def answers_for(cls, tracking_number: str, carrier: str | None) -> bool:
        """Whether this provider can answer for a number of that carrier."""
        return cls.aggregator or carrier in cls.carriers

    @abstractmethod
    async def fetch(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        legs: Sequence[Query],
    ) -> list[Answer]:
        """Ask about at most ``limits.batch_size`` legs.

        Returns an answer for each leg that the provider spoke of, in any
        order; a leg that it passed over has none. Where the provider's body
        equals the last one, the very same answers come back. Raises
        ProviderUnavailable, QuotaExceeded or CredentialsRejected.
        """

    async def verify(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> AccountInfo:
        """Try the credentials as cheaply as the provider allows.

        Raises CredentialsRejected where they are wrong, the other errors where
        that cannot be told. Keyless providers have nothing to try.
        """
        return AccountInfo()

    async def requests_left(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> int | None:
        """Return what is left of the quota, where the provider tells it for free."""
        return None

    async def listed(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> list[Listed]:
        """Return all parcels that the account follows, delivered ones of late too.

        Only where ``lists_parcels``; a list that is not whole raises. Raises
        ProviderUnavailable, QuotaExceeded or CredentialsRejected.
        """
        return []

    def _url(self, path: str) -> URL:
        """Return the address of a path, at the API or at its simulator."""
        if self._simulator is None:
            return URL(self.origin).join(URL(path))
        return self._simulator.with_query(None).joinpath(path.lstrip("/"))

    async def _request(
        self,
        session: aiohttp.ClientSession,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json_body: object = None,
        form: Mapping[str, str] | None = None,
        rejected: frozenset[int] = frozenset(
            {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
        ),
    ) -> Reply:
        """Make one request; statuses that mean one of the errors raise it.

        The body is ``json_body`` as JSON, or ``form`` as a form. ``rejected``
        are the statuses that mean wrong credentials, but not where a page denies
        access. Redirects are not followed: no documented API answers with one.
        """
        try:
            async with (
                asyncio.timeout(REQUEST_TIMEOUT),
                session.request(
                    method,
                    self._url(path),
                    params=params,
                    headers=headers,
                    json=json_body,
                    data=form,
                    allow_redirects=False,
                ) as response,
            ):
                body = await _read_bounded(response)
                reply = Reply(response.status, response.headers, body)
        # The error's own text may hold the address, and so a number or a key.
        except TimeoutError:
            raise ProviderUnavailable("no answer in time") from None
        except (aiohttp.ClientError, ValueError, OSError) as err:
            raise ProviderUnavailable(type(err).__name__) from None
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise QuotaExceeded("HTTP 429", retry_at=reply.retry_at)
        denied_by_a_page = reply.status == HTTPStatus.FORBIDDEN and reply.is_page
        if reply.status in rejected and not denied_by_a_page:
            raise CredentialsRejected(f"HTTP {reply.status}")
        if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ProviderUnavailable(f"HTTP {reply.status}", retry_at=reply.retry_at)
        return reply

    async def _parse_many(
        self,
        credentials: Credentials,
        asked: Sequence[str],
        body: bytes,
        parse: Callable[[], list[Answer]],
    ) -> list[Answer]:
        """Parse a body about many numbers once, outside of the event loop.

        One that differs in one number is parsed for all of them.
        """
        key, digest = ("", *asked), sha256(body).digest()
        known, answers = self._parsed.get(key, (b"", []))
        if known != digest:
            answers = await asyncio.to_thread(
                lambda: self._with_raw(credentials, asked, body, parse(), answers)
            )
        return self._remember(key, digest, answers)

    def _parse_once(
        self,
        credentials: Credentials,
        asked: Sequence[str],
        body: bytes,
        parse: Callable[[], list[Answer]],
        *,
        of: str = "",
    ) -> list[Answer]:
        """Parse a body, unless it equals the last one about the numbers asked about.

        What tells of events comes back with its raw answer. Bodies ``of`` another
        kind are compared with one another.
        """
        key, digest = (of, *asked), sha256(body).digest()
        known, answers = self._parsed.get(key, (b"", []))
        if known != digest:
            answers = self._with_raw(credentials, asked, body, parse(), answers)
        return self._remember(key, digest, answers)

    def _remember(
        self, key: tuple[str, ...], digest: bytes, answers: list[Answer]
    ) -> list[Answer]:
        self._parsed.pop(key, None)
        self._parsed[key] = (digest, answers)
        while len(self._parsed) > _KEPT_BODIES:
            del self._parsed[next(iter(self._parsed))]
        return answers

    def _with_raw(
        self,
        credentials: Credentials,
        asked: Sequence[str],
        body: bytes,
        answers: list[Answer],
        last: list[Answer],
    ) -> list[Answer]:
        """Return the answers of a body, those with events with their raw answers.

        An answer that is the same as the last one is the very same.
        """
        if not any(answer.events and answer.raw is None for answer in answers):
            return answers
        before = {answer.tracking_number: answer for answer in last}
        raw = raw_answers(
            body,
            {number: self._spellings(number) for number in asked},
            self._secrets(credentials),
            {number: a.raw for number, a in before.items() if a.raw is not None},
            self.echoes,
        )
        told = []
        for answer in answers:
            known = before.get(answer.tracking_number)
            if answer.events:
                answer = replace(answer, raw=raw.get(answer.tracking_number))
            if known is not None and known == answer and known.raw == answer.raw:
                answer = known
            told.append(answer)
        return told

    def _spellings(self, tracking_number: str) -> Collection[str]:
        """Return all normal forms in which the provider may write a number."""
        return (tracking_number,)

    def _secrets(self, credentials: Credentials) -> Collection[str]:
        """Return what no answer that is kept may hold."""
        return tuple(credentials.values())


def api_key(credentials: Credentials) -> str:
    """Return the key. Raises CredentialsRejected where there is none to ask with."""
    key = credentials.get("api_key", "")
    if not key:
        raise CredentialsRejected("no key")
    return key


def whole_list(rows: object, what: str) -> list[Mapping[str, object]]:
    """Return the rows of a list that misses none.

    Raises ProviderUnavailable where it is no list of objects: what is gone from a
    list is followed no more.
    """
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ProviderUnavailable(f"answer has no list of {what}")
    return rows


async def _read_bounded(response: aiohttp.ClientResponse) -> bytes:
    """Return the whole body. Raises ProviderUnavailable when it is too long."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(65536):
        body += chunk
        if len(body) > MAX_BODY:
            raise ProviderUnavailable("answer is too long")
    return bytes(body)
