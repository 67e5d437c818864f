"""What can go wrong with each provider that is asked with a token, once it has one."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import aiohttp
import pytest

from custom_components.waybill.tracking.model import Answer
from custom_components.waybill.tracking.providers import PROVIDERS, base
from custom_components.waybill.tracking.providers.base import (
    CredentialsRejected,
    ProviderError,
    ProviderUnavailable,
    Query,
    QuotaExceeded,
)

from .conftest import Server
from .fixtures import answer_of

KEY = {"client_id": "an-id-of-mine", "client_secret": "a-secret-of-mine"}
TOKEN = {"access_token": "a-token", "token_type": "Bearer", "expires_in": 3600}
NUMBERS = {
    "fedex": "794600000018",
    "ups": "1Z12345E0205271688",
    "usps": "9400111206206406260787",
}
DELIVERED = {
    "fedex": "cleared_and_delivered",
    "ups": "cleared_and_delivered",
    "usps": "delivered",
}
each_provider = pytest.mark.parametrize("provider", NUMBERS)


async def ask(
    server: Server, session: aiohttp.ClientSession, provider: str
) -> list[Answer]:
    """Ask about one number."""
    legs = [Query(tracking_number=NUMBERS[provider])]
    return await PROVIDERS[provider](server.url).fetch(session, KEY, legs)


@each_provider
@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (302, b"", ProviderUnavailable),
        (403, b"<HTML>Access Denied</HTML>", ProviderUnavailable),
        (429, b"{}", QuotaExceeded),
        (500, b"{}", ProviderUnavailable),
        (503, b"{}", ProviderUnavailable),
        (200, b"<html>Be right back</html>", ProviderUnavailable),
        (200, b'{"output": {"completeTrackRes', ProviderUnavailable),
        (200, b'"text"', ProviderUnavailable),
        (200, b"[]", ProviderUnavailable),
        (200, b"17", ProviderUnavailable),
        (200, b"[" * 100_000, ProviderUnavailable),
    ],
    ids=lambda value: repr(value)[:24],
)
async def test_what_goes_wrong_is_told_apart_and_tells_no_secret(
    server: Server,
    session: aiohttp.ClientSession,
    provider: str,
    status: int,
    body: bytes,
    error: type[ProviderError],
) -> None:
    server.reply(TOKEN)
    server.reply(body, status=status)
    with pytest.raises(ProviderError) as raised:
        await ask(server, session, provider)
    assert type(raised.value) is error
    for secret in (NUMBERS[provider], "a-token", *KEY.values()):
        assert secret not in str(raised.value)


@each_provider
@pytest.mark.parametrize("status", [429, 503, 418])
async def test_it_is_heard_when_to_come_back(
    server: Server, session: aiohttp.ClientSession, provider: str, status: int
) -> None:
    server.reply(TOKEN)
    server.reply({}, status=status, headers={"Retry-After": "600"})
    with pytest.raises(ProviderError) as raised:
        await ask(server, session, provider)
    wait = raised.value.retry_at - datetime.now(UTC)
    assert timedelta(minutes=9) < wait <= timedelta(minutes=10)


@each_provider
async def test_who_is_silent_is_not_waited_for(
    server: Server, session: aiohttp.ClientSession, provider: str
) -> None:
    server.reply(TOKEN)
    server.reply({}, after=0.5)
    with (
        patch.object(base, "REQUEST_TIMEOUT", 0.1),
        pytest.raises(ProviderUnavailable),
    ):
        await ask(server, session, provider)


@each_provider
async def test_a_token_that_ended_early_is_renewed(
    server: Server, session: aiohttp.ClientSession, provider: str
) -> None:
    server.reply(TOKEN)
    server.reply({"error": "expired"}, status=401)
    server.reply(TOKEN | {"access_token": "another-token"})
    server.reply(answer_of(provider, DELIVERED[provider]))
    (told,) = await ask(server, session, provider)
    assert told.found
    assert server.asked[-1].headers["Authorization"] == "Bearer another-token"


@each_provider
async def test_wrong_credentials_are_told(
    server: Server, session: aiohttp.ClientSession, provider: str
) -> None:
    server.reply({"error": "invalid_client"}, status=401)
    with pytest.raises(CredentialsRejected) as raised:
        await PROVIDERS[provider](server.url).verify(session, KEY)
    assert type(raised.value) is CredentialsRejected


# The token of USPS says alone what it is good for.
@pytest.mark.parametrize("provider", ["fedex", "ups"])
async def test_credentials_that_cannot_be_tried_are_not_called_wrong(
    server: Server, session: aiohttp.ClientSession, provider: str
) -> None:
    server.reply(TOKEN)
    server.reply(b"<html>Sorry</html>", status=503)
    with pytest.raises(ProviderUnavailable):
        await PROVIDERS[provider](server.url).verify(session, KEY)
