"""Tokens for an application that speaks for itself (RFC 6749, section 4.4)."""

from abc import abstractmethod
import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from time import monotonic
from typing import Final, override

import aiohttp
from yarl import URL

from .base import Credentials, CredentialsRejected, Provider, ProviderUnavailable, Reply

_RENEW_BEFORE: Final = 60
"""Seconds before its end at which a token is not used any more."""
_USUAL_LIFE: Final = 600
"""Seconds for which a token is used whose life nobody told."""
_LONGEST_LIFE: Final = 86_400
_LONGEST_TOKEN: Final = 16_384

_CLIENT_REFUSED: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
)
"""Statuses by which a token endpoint refuses a client (RFC 6749, 5.2)."""
_TOKEN_REFUSED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


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
        """Make the request for a token, with no status ``rejected``."""

    def _accept(self, token: Token) -> None:
        """Raise CredentialsRejected for a token that is of no use."""

    def _is_refusal(self, reply: Reply) -> bool:
        """Say whether a reply refuses the token that it was asked with."""
        return reply.status in _TOKEN_REFUSED and not reply.is_page

    def _refusal(self, reply: Reply) -> CredentialsRejected:
        """Return the error that a fresh token's refusal is."""
        return CredentialsRejected(f"HTTP {reply.status}")

    @override
    def _secrets(self, credentials: Credentials) -> Collection[str]:
        token = [self._held.token.value] if self._held is not None else []
        return (*super()._secrets(credentials), *token)

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
    ) -> Reply:
        """Make one request with a token; a refused token is renewed once.

        Raises as ``_request`` does, and CredentialsRejected where a fresh token
        is refused too.
        """

        async def ask(token: Token) -> Reply:
            return await self._request(
                session,
                method,
                path,
                params=params,
                headers={**(headers or {}), "Authorization": f"Bearer {token.value}"},
                json_body=json_body,
                rejected=frozenset(),
            )

        token = await self._token(session, credentials)
        reply = await ask(token)
        if not self._is_refusal(reply):
            return reply
        reply = await ask(await self._token(session, credentials, refused=token))
        if self._is_refusal(reply):
            raise self._refusal(reply)
        return reply

    async def _token(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        *,
        refused: Token | None = None,
    ) -> Token:
        """Return a token that is not the one refused."""
        if not all(credentials.get(name) for name in self.credentials):
            raise CredentialsRejected("no credentials")
        async with self._token_lock:
            held = self._held
            if (
                held is not None
                and held.credentials == dict(credentials)
                and held.token is not refused
                and monotonic() < held.until
            ):
                return held.token
            self._held = None
            reply = await self._ask_for_token(session, credentials)
            if reply.status in _CLIENT_REFUSED and not reply.is_page:
                raise CredentialsRejected(f"HTTP {reply.status} for a token")
            if reply.status != HTTPStatus.OK:
                raise ProviderUnavailable(
                    f"HTTP {reply.status} for a token", retry_at=reply.retry_at
                )
            token = parse_token(reply.json())
            self._accept(token)
            # A short life is not all spent on being renewed in time.
            used_for = max(token.expires_in - _RENEW_BEFORE, token.expires_in / 2)
            self._held = _Held(
                token=token,
                credentials=dict(credentials),
                until=monotonic() + used_for,
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
    scope = body.get("scope")
    return Token(
        value=value,
        expires_in=_life(body.get("expires_in")),
        scope=frozenset(scope.split()) if isinstance(scope, str) else None,
    )


def _life(told: object) -> float:
    """Return for how many seconds a token is good."""
    try:
        seconds = float(told) if isinstance(told, int | float | str) else 0.0
    except ValueError, OverflowError:
        return _USUAL_LIFE
    return min(seconds, _LONGEST_LIFE) if seconds > 0 else _USUAL_LIFE
