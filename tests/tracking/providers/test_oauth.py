"""Tokens: made once, kept while they are good, renewed once, told to nobody."""

import asyncio
from datetime import timedelta
import logging
from typing import Any, override

import aiohttp
from freezegun import freeze_time
import pytest

from custom_components.waybill.tracking.model import Answer
from custom_components.waybill.tracking.providers.base import (
    Credentials,
    CredentialsRejected,
    NotEntitled,
    ProviderError,
    ProviderUnavailable,
    QuotaExceeded,
    Reply,
)
from custom_components.waybill.tracking.providers.oauth import (
    Token,
    TokenProvider,
    parse_token,
)

from .conftest import Server

SECRETS = {"client_id": "an-id", "client_secret": "a-secret"}
NEW_SECRETS = SECRETS | {"client_secret": "a-new-secret"}
TOKENS = "/token"


class Carrier(TokenProvider):
    """A carrier that is asked with a token."""

    id = "carrier"
    name = "Carrier"
    origin = "https://carrier.test"
    credentials = ("client_id", "client_secret")

    @override
    async def fetch(self, session: Any, credentials: Any, legs: Any) -> list[Answer]:
        await self.ask(session, credentials)
        return []

    async def ask(
        self, session: aiohttp.ClientSession, credentials: Credentials = SECRETS
    ) -> Reply:
        """Ask for anything."""
        return await self._request_with_token(session, credentials, "GET", "/parcels")

    @override
    async def _ask_for_token(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> Reply:
        return await self._request(
            session, "POST", TOKENS, form=credentials, rejected=frozenset()
        )

    @override
    def _accept(self, token: Token) -> None:
        if token.scope == frozenset({"prices"}):
            raise NotEntitled("no scope")


def token(value: str = "first", **more: Any) -> dict[str, Any]:
    """Return what a token endpoint answers."""
    return {"access_token": value, "token_type": "Bearer", "expires_in": 3600} | more


def asked_for_tokens(server: Server) -> int:
    """Return how many tokens were asked for."""
    return sum(asked.path == TOKENS for asked in server.asked)


def tokens_shown(server: Server) -> list[str]:
    """Return the tokens with which parcels were asked about."""
    return [
        asked.headers["Authorization"].removeprefix("Bearer ")
        for asked in server.asked
        if asked.path != TOKENS
    ]


# A token is kept


async def test_a_token_is_made_once(
    server: Server, session: aiohttp.ClientSession
) -> None:
    carrier = Carrier(server.url)
    server.reply(token())
    server.reply({})
    for _ in range(3):
        await carrier.ask(session)
    assert asked_for_tokens(server) == 1
    assert tokens_shown(server) == ["first", "first", "first"]


@pytest.mark.parametrize(
    ("told", "good_for"),
    [
        (3600, 3540),
        ("3600", 3540),
        (100, 50),
        (None, 540),
        (0, 540),
        (-5, 540),
        ("soon", 540),
        ([[]], 540),
        (10**400, 540),
        (10**9, 86_340),
    ],
)
async def test_a_token_is_renewed_shortly_before_it_ends(
    server: Server, session: aiohttp.ClientSession, told: Any, good_for: int
) -> None:
    carrier = Carrier(server.url)
    with freeze_time("2026-05-01", real_asyncio=True) as clock:
        server.reply(token(expires_in=told))
        server.reply({})
        await carrier.ask(session)
        clock.tick(timedelta(seconds=good_for - 1))
        await carrier.ask(session)
        assert asked_for_tokens(server) == 1
        clock.tick(timedelta(seconds=2))
        server.replies.clear()
        server.reply(token("second"))
        server.reply({})
        await carrier.ask(session)
    assert tokens_shown(server) == ["first", "first", "second"]


async def test_new_credentials_never_use_the_old_token(
    server: Server, session: aiohttp.ClientSession
) -> None:
    carrier = Carrier(server.url)
    for reply in (token(), {}, token("second"), {}):
        server.reply(reply)
    await carrier.ask(session)
    await carrier.ask(session, NEW_SECRETS)
    assert tokens_shown(server) == ["first", "second"]
    assert "a-new-secret" in server.asked[2].body


# A token is refused


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_token_is_renewed_once(
    server: Server, session: aiohttp.ClientSession, status: int
) -> None:
    carrier = Carrier(server.url)
    server.reply(token())
    server.reply({"error": "expired"}, status=status)
    server.reply(token("second"))
    server.reply({"parcels": []})
    assert (await carrier.ask(session)).json() == {"parcels": []}
    assert tokens_shown(server) == ["first", "second"]


@pytest.mark.parametrize("status", [401, 403])
async def test_a_fresh_token_that_is_refused_too_means_wrong_credentials(
    server: Server, session: aiohttp.ClientSession, status: int
) -> None:
    carrier = Carrier(server.url)
    for reply in (token(), None, token("second"), None):
        server.reply(reply or {}, status=200 if reply else status)
    with pytest.raises(CredentialsRejected):
        await carrier.ask(session)
    assert len(server.asked) == 4


async def test_those_who_ask_at_once_renew_the_token_once(
    server: Server, session: aiohttp.ClientSession
) -> None:
    carrier = Carrier(server.url)
    server.reply(token(), after=0.05)
    server.reply({})
    await asyncio.gather(*(carrier.ask(session) for _ in range(5)))
    assert asked_for_tokens(server) == 1
    server.asked.clear()
    server.replies.clear()
    for _ in range(5):
        server.reply({}, status=401, after=0.05)
    server.reply(token("second"), after=0.05)
    server.reply({})
    await asyncio.gather(*(carrier.ask(session) for _ in range(5)))
    assert asked_for_tokens(server) == 1
    assert sorted(tokens_shown(server)) == ["first"] * 5 + ["second"] * 5


async def test_a_page_that_denies_access_says_nothing_of_the_token(
    server: Server, session: aiohttp.ClientSession
) -> None:
    carrier = Carrier(server.url)
    server.reply(token())
    server.reply(b"\n<HTML>Access Denied</HTML>", status=403)
    assert (await carrier.ask(session)).status == 403
    assert asked_for_tokens(server) == 1


# No token is given


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, b'{"error": "invalid_client"}', CredentialsRejected),
        (401, b'{"error": "invalid_client"}', CredentialsRejected),
        (403, b"{}", CredentialsRejected),
        (403, b"<html>Access Denied</html>", ProviderUnavailable),
        (404, b"{}", ProviderUnavailable),
        (302, b"", ProviderUnavailable),
        (204, b"", ProviderUnavailable),
        (429, b"{}", QuotaExceeded),
        (500, b"{}", ProviderUnavailable),
        (200, b"<html>Log in</html>", ProviderUnavailable),
        (200, b'{"access_token": "fir', ProviderUnavailable),
        (200, b"[]", ProviderUnavailable),
        (200, b"null", ProviderUnavailable),
        (200, b"{}", ProviderUnavailable),
        (200, b'{"access_token": 7}', ProviderUnavailable),
        (200, b'{"access_token": ""}', ProviderUnavailable),
        (200, b'{"access_token": "a\\nb"}', ProviderUnavailable),
        (200, b'{"access_token": "\\u00e9"}', ProviderUnavailable),
        (200, b'{"access_token": "t", "scope": "prices"}', NotEntitled),
    ],
)
async def test_no_parcel_is_asked_about_without_a_token(
    server: Server,
    session: aiohttp.ClientSession,
    status: int,
    body: bytes,
    error: type[ProviderError],
) -> None:
    server.reply(body, status=status)
    with pytest.raises(ProviderError) as raised:
        await Carrier(server.url).ask(session)
    assert type(raised.value) is error
    assert [asked.path for asked in server.asked] == [TOKENS]


async def test_a_token_endpoint_says_when_to_come_back(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply({}, status=404, headers={"Retry-After": "60"})
    with pytest.raises(ProviderUnavailable) as error:
        await Carrier(server.url).ask(session)
    assert error.value.retry_at is not None


@pytest.mark.parametrize("missing", ["client_id", "client_secret"])
async def test_without_credentials_nobody_is_asked(
    session: aiohttp.ClientSession, missing: str
) -> None:
    with pytest.raises(CredentialsRejected):
        await Carrier().ask(session, SECRETS | {missing: ""})


async def test_a_token_endpoint_that_failed_is_asked_again(
    server: Server, session: aiohttp.ClientSession
) -> None:
    carrier = Carrier(server.url)
    server.reply({}, status=503)
    server.reply(token())
    server.reply({})
    with pytest.raises(ProviderUnavailable):
        await carrier.ask(session)
    assert (await carrier.ask(session)).status == 200


# Nobody is told


async def test_a_token_is_told_to_nobody(
    server: Server, session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    carrier = Carrier(server.url)
    told = token("a-token-to-keep")
    for reply, status in ((told, 200), ({}, 401), (told, 200), ({}, 401)):
        server.reply(reply, status=status)
    with pytest.raises(CredentialsRejected) as error:
        await carrier.ask(session)
    shown = [repr(carrier), str(error.value), repr(error.value), caplog.text]
    shown += [repr(parse_token(told)), repr(carrier._held)]
    for secret in ("a-token-to-keep", *SECRETS.values()):
        assert not [text for text in shown if secret in text]


@pytest.mark.parametrize(
    ("scope", "read"),
    [
        ("tracking labels", {"tracking", "labels"}),
        ("", set()),
        (None, None),
        (["tracking"], None),
    ],
)
def test_a_scope_is_read_where_it_is_told(scope: Any, read: set[str] | None) -> None:
    assert parse_token(token(scope=scope)).scope == read
