"""Tokens for an application that speaks for itself (RFC 6749, section 4.4)."""

from abc import abstractmethod
import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from time import monotonic
from typing import Final

import aiohttp
from yarl import URL

from .base import Credentials, CredentialsRejected, Provider, ProviderUnavailable, Reply

_RENEW_BEFORE: Final = 60
"""Seconds before its end at which a token is not used any more."""
_SHORTEST_LIFE: Final = 60
_LONGEST_TOKEN: Final = 16_384

TOKEN_REJECTED: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
)
"""Statuses by which a token endpoint refuses a client (RFC 6749, 5.2)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """An access token, which no text may show; ``expires_in`` is in seconds."""

    value: str = field(repr=False)
    expires_in: float
    scope: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Held:
    token: Token
    credentials: Mapping[str, str] = field(repr=False)
    until: float


class TokenProvider(Provider):
    """A provider that is asked with a token, which it gives for credentials.

    A token is kept until shortly before it ends. One that is refused before
    is renewed once, by whoever comes first.
    """

    def __init__(self, simulator: URL | None = None) -> None:
        """Begin without a token."""
        super().__init__(simulator)
        self._held: _Held | None = None
        self._token_lock = asyncio.Lock()

    @abstractmethod
    async def _ask_for_token(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> Reply:
        """Make the request for a token."""

    def _accept(self, token: Token) -> None:
        """Raise CredentialsRejected for a token that is of no use."""

    async def _request_with_token(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json_body: object = None,
        rejected: frozenset[int] = frozenset(
            {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
        ),
    ) -> Reply:
        """Make one request with a token; a refused token is renewed once.

        Raises as ``_request`` does.
        """

        async def ask(token: Token) -> Reply:
            return await self._request(
                session,
                method,
                path,
                params=params,
                headers={**(headers or {}), "Authorization": f"Bearer {token.value}"},
                json_body=json_body,
                rejected=rejected,
            )

        token = await self._token(session, credentials)
        try:
            return await ask(token)
        except CredentialsRejected:
            return await ask(await self._token(session, credentials, refused=token))

    async def _token(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        *,
        refused: Token | None = None,
    ) -> Token:
        """Return a token that is not the one refused."""
        async with self._token_lock:
            held = self._held
            if (
                held is not None
                and held.credentials == credentials
                and held.token is not refused
                and monotonic() < held.until
            ):
                return held.token
            self._held = None
            reply = await self._ask_for_token(session, credentials)
            if reply.status >= HTTPStatus.BAD_REQUEST:
                raise ProviderUnavailable(f"HTTP {reply.status} for a token")
            token = parse_token(reply.json())
            self._accept(token)
            self._held = _Held(
                token=token,
                credentials=dict(credentials),
                until=monotonic() + token.expires_in - _RENEW_BEFORE,
            )
            return token


def parse_token(body: object) -> Token:
    """Read an access token response (RFC 6749, 5.1).

    Seconds may be written as text. Raises ProviderUnavailable where there is no
    bearer token in it.
    """
    if not isinstance(body, dict):
        raise ProviderUnavailable("token answer is no object")
    value = body.get("access_token")
    if (
        not isinstance(value, str)
        or not 0 < len(value) <= _LONGEST_TOKEN
        or not value.isascii()
        or not value.isprintable()
    ):
        raise ProviderUnavailable("answer holds no token")
    try:
        expires_in = float(str(body.get("expires_in")))
    except ValueError:
        expires_in = 0.0
    if not expires_in >= 0:
        expires_in = 0.0
    scope = body.get("scope")
    return Token(
        value=value,
        expires_in=max(expires_in, _SHORTEST_LIFE),
        scope=frozenset(scope.split()) if isinstance(scope, str) else None,
    )
