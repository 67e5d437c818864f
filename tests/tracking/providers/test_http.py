"""What can go wrong on the way to a provider, with each of them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
import gzip
import traceback
import tracemalloc
from typing import Any, NoReturn
from unittest.mock import Mock, patch
import zlib

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from freezegun import freeze_time
import pytest
from yarl import URL

from custom_components.waybill.tracking.providers import PROVIDERS, Query, base
from custom_components.waybill.tracking.providers.base import (
    CredentialsRejected,
    Provider,
    ProviderError,
    ProviderUnavailable,
    QuotaExceeded,
)

from .conftest import Server

NUMBER = "RB000000013CN"
NUMBERS = {"inpost": "600000000000000000000017"}
"""What is asked of those that know one form alone."""
KEY = "a-secret-key"
WITH_KEY = [provider for provider in PROVIDERS.values() if provider.credentials]

NO_WORD_ON_THE_KEY = {("canada_post", 403), ("nova_post", 403)}
"""A bare 403 is a server's before theirs: they say of a wrong key what it is."""

every_provider = pytest.mark.parametrize("provider", PROVIDERS.values())


def number_for(provider: type[Provider]) -> str:
    """Return a number that a provider can be asked about."""
    return NUMBERS.get(provider.id, NUMBER)


async def ask(
    provider: type[Provider], url: URL, session: aiohttp.ClientSession
) -> Any:
    """Ask a provider about one number."""
    credentials = dict.fromkeys(provider.credentials, KEY)
    leg = Query(tracking_number=number_for(provider), may_register=True)
    return await provider(url).fetch(session, credentials, [leg])


async def failure_of(
    provider: type[Provider], url: URL, session: aiohttp.ClientSession
) -> ProviderError:
    """Return the error in which a question ends; it gives nothing away."""
    with pytest.raises(ProviderError) as error:
        await ask(provider, url, session)
    assert number_for(provider) not in str(error.value)
    assert KEY not in str(error.value)
    return error.value


@every_provider
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (502, b"<html>Bad gateway</html>"),
        (200, b"<html>Please log in</html>"),
        (200, b'{"code": 0, "success": true, "data": {"acc'),
        (200, b""),
        (200, b"\xff\xfe\x00"),
        (200, b"[" * 100_000),
        (200, b"9" * 5000),
        (200, b"[]"),
        (200, b'"text"'),
        (200, b"null"),
        (200, b"17"),
        (200, b"NaN"),
        (200, b"{}"),
        (204, b""),
        (418, b"{}"),
    ],
    ids=lambda value: repr(value)[:24],
)
async def test_nonsense_is_no_answer(
    server: Server,
    session: aiohttp.ClientSession,
    provider: type[Provider],
    status: int,
    body: bytes,
) -> None:
    server.reply(body, status=status)
    error = await failure_of(provider, server.url, session)
    assert isinstance(error, ProviderUnavailable)


@every_provider
async def test_a_server_says_when_to_come_back(
    server: Server, session: aiohttp.ClientSession, provider: type[Provider]
) -> None:
    server.reply(b"{}", status=503, headers={"Retry-After": "7200"})
    error = await failure_of(provider, server.url, session)
    wait = error.retry_at - datetime.now(UTC)
    assert timedelta(minutes=119) < wait <= timedelta(minutes=120)


@every_provider
async def test_redirects_are_not_followed(
    server: Server, session: aiohttp.ClientSession, provider: type[Provider]
) -> None:
    server.reply(b"", status=302, headers={"Location": "/elsewhere"})
    error = await failure_of(provider, server.url, session)
    assert isinstance(error, ProviderUnavailable)
    assert len(server.asked) == 1


@every_provider
async def test_too_many_requests_wait_as_long_as_they_are_told_to(
    server: Server, session: aiohttp.ClientSession, provider: type[Provider]
) -> None:
    server.reply(b"{}", status=429, headers={"Retry-After": "600"})
    error = await failure_of(provider, server.url, session)
    assert isinstance(error, QuotaExceeded)
    wait = error.retry_at - datetime.now(UTC)
    assert timedelta(minutes=9) < wait <= timedelta(minutes=10)


@every_provider
async def test_too_many_requests_without_a_word_on_when_to_come_back(
    server: Server, session: aiohttp.ClientSession, provider: type[Provider]
) -> None:
    server.reply(b"{}", status=429)
    error = await failure_of(provider, server.url, session)
    assert isinstance(error, QuotaExceeded)


@pytest.mark.parametrize(
    ("provider", "status"),
    [
        (provider, status)
        for provider in WITH_KEY
        for status in (401, 403)
        if (provider.id, status) not in NO_WORD_ON_THE_KEY
    ],
)
async def test_a_wrong_key_is_told_from_a_failure(
    server: Server,
    session: aiohttp.ClientSession,
    provider: type[Provider],
    status: int,
) -> None:
    server.reply(b"{}", status=status)
    error = await failure_of(provider, server.url, session)
    assert isinstance(error, CredentialsRejected)


@every_provider
async def test_a_page_that_denies_access_says_nothing_of_the_key(
    server: Server, session: aiohttp.ClientSession, provider: type[Provider]
) -> None:
    server.reply(b"\n<HTML>Access Denied</HTML>", status=403)
    error = await failure_of(provider, server.url, session)
    assert isinstance(error, ProviderUnavailable)


@pytest.mark.parametrize(
    ("provider", "missing"),
    [(provider, name) for provider in WITH_KEY for name in provider.credentials],
)
async def test_without_a_key_nobody_is_asked(
    server: Server,
    session: aiohttp.ClientSession,
    provider: type[Provider],
    missing: str,
) -> None:
    others = {name: KEY for name in provider.credentials if name != missing}
    leg = Query(tracking_number=number_for(provider))
    for credentials in (others, others | {missing: ""}):
        with pytest.raises(CredentialsRejected):
            await provider(server.url).fetch(session, credentials, [leg])
        with pytest.raises(CredentialsRejected):
            await provider(server.url).verify(session, credentials)
    assert not server.asked


@pytest.mark.parametrize("provider", WITH_KEY)
async def test_a_key_that_cannot_be_tried_is_not_called_wrong(
    server: Server, session: aiohttp.ClientSession, provider: type[Provider]
) -> None:
    server.reply(b"<html>Sorry</html>", status=503)
    with pytest.raises(ProviderUnavailable):
        await provider(server.url).verify(
            session, dict.fromkeys(provider.credentials, KEY)
        )


@every_provider
async def test_a_silent_server_is_not_waited_for(
    server: Server, session: aiohttp.ClientSession, provider: type[Provider]
) -> None:
    server.reply(b"{}", after=0.5)
    with patch.object(base, "REQUEST_TIMEOUT", 0.05):
        error = await failure_of(provider, server.url, session)
    assert isinstance(error, ProviderUnavailable)


@every_provider
async def test_an_error_holds_on_to_no_address(
    provider: type[Provider],
) -> None:
    """Addresses hold numbers, and some of them keys; aiohttp's errors tell them."""
    api = URL("http://127.0.0.1:9/")

    def refuse(method: str, url: URL, **more: Any) -> NoReturn:
        raise aiohttp.ConnectionTimeoutError(f"Connection timeout to host {url}")

    client = Mock(request=refuse)
    error = await failure_of(provider, api, client)
    assert isinstance(error, ProviderUnavailable)
    assert "127.0.0.1" not in "".join(traceback.format_exception(error))


@every_provider
async def test_nobody_answers(
    session: aiohttp.ClientSession, provider: type[Provider]
) -> None:
    url = URL(f"http://127.0.0.1:{unused_port()}/")
    error = await failure_of(provider, url, session)
    assert isinstance(error, ProviderUnavailable)


@every_provider
async def test_a_body_without_end_is_not_read_to_the_end(
    server: Server, session: aiohttp.ClientSession, provider: type[Provider]
) -> None:
    server.reply(b" " * 5000)
    with patch.object(base, "MAX_BODY", 1000):
        error = await failure_of(provider, server.url, session)
    assert isinstance(error, ProviderUnavailable)


@asynccontextmanager
async def sending(
    chunk: bytes, chunks: int, **headers: str
) -> AsyncGenerator[tuple[URL, list[int]]]:
    """Serve an answer in pieces; yields its address, and how long each got."""
    sent: list[int] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        sent.append(0)
        with suppress(ConnectionError):
            for _ in range(chunks):
                await response.write(chunk)
                sent[-1] += len(chunk)
        return response

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as running:
        yield running.make_url("/"), sent


async def test_an_answer_that_never_ends_is_cut_off(
    session: aiohttp.ClientSession,
) -> None:
    chunk = b" " * 256 * 1024
    async with sending(chunk, chunks=1000) as (url, sent):
        error, taken = await memory_of_failure(url, session)
    assert isinstance(error, ProviderUnavailable)
    assert str(error) == "answer is too long"
    # Some of it is on its way when the line is cut.
    assert base.MAX_BODY < sent[0] < 4 * base.MAX_BODY
    assert taken < 3 * base.MAX_BODY


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_an_answer_that_unpacks_to_more_than_can_be_is_cut_off(
    session: aiohttp.ClientSession, encoding: str
) -> None:
    packed = {"gzip": gzip.compress, "deflate": zlib.compress}[encoding](
        b" " * 16 * base.MAX_BODY
    )
    headers = {"Content-Encoding": encoding}
    async with sending(packed, chunks=1, **headers) as (url, _):
        error, taken = await memory_of_failure(url, session)
    assert str(error) == "answer is too long"
    assert taken < 3 * base.MAX_BODY


async def memory_of_failure(
    url: URL, session: aiohttp.ClientSession
) -> tuple[ProviderError, int]:
    """Return the error in which a question ends, and how much memory it takes."""
    tracemalloc.start()
    try:
        error = await failure_of(PROVIDERS["cainiao"], url, session)
        _, taken = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return error, taken


@pytest.mark.parametrize(
    "provider",
    # The others have a body of their own in their own tests.
    [
        PROVIDERS[provider]
        for provider in (
            "cainiao",
            "dhl",
            "fedex",
            "ups",
            "usps",
            "seventeentrack",
            "ship24",
        )
    ],
)
async def test_an_answer_about_another_number_is_none(
    server: Server, session: aiohttp.ClientSession, provider: type[Provider]
) -> None:
    other = {"number": "OTHER1", "track_info": {}}
    server.reply(
        {
            "success": True,
            "module": [{"mailNo": "OTHER1", "detailList": [{"actionCode": "X"}]}],
            "code": 0,
            "data": {
                "accepted": [other],
                "rejected": [],
                "trackings": [
                    {
                        "tracker": {"trackingNumber": "OTHER1"},
                        "tracking_number": "OTHER1",
                    }
                ],
            },
            "shipments": [{"id": "OTHER1", "events": [{"statusCode": "delivered"}]}],
            "access_token": "a-token",
            "output": {"completeTrackResults": [{"trackingNumber": "OTHER1"}]},
            "trackResponse": {"shipment": [{"inquiryNumber": "OTHER1"}]},
            "trackingNumber": "OTHER1",
            "trackingEvents": [{"eventCode": "01"}],
        }
    )
    told = await ask(provider, server.url, session)
    assert not any(answer.found for answer in told)
    assert {answer.tracking_number for answer in told} <= {NUMBER}


@every_provider
async def test_the_api_itself_is_asked_where_there_is_no_simulator(
    provider: type[Provider],
) -> None:
    asked: list[URL] = []

    class Session:
        def request(self, method: str, url: URL, **more: Any) -> Any:
            asked.append(url)
            raise aiohttp.ClientError(str(url))

    leg = Query(tracking_number=number_for(provider))
    credentials = dict.fromkeys(provider.credentials, KEY)
    session: Any = Session()
    with pytest.raises(ProviderUnavailable, match=r"^ClientError$"):
        await provider().fetch(session, credentials, [leg])
    assert str(asked[0].origin()) == provider.origin
    assert asked[0].scheme == "https"


@pytest.mark.parametrize(
    ("header", "moment"),
    [
        ("Wed, 06 May 2026 10:00:00 GMT", datetime(2026, 5, 6, 10, tzinfo=UTC)),
        ("Wed, 06 May 2026 10:00:00 -0000", datetime(2026, 5, 6, 10, tzinfo=UTC)),
        ("Wed, 06 May 2126 10:00:00 GMT", datetime(2026, 6, 1, tzinfo=UTC)),
        ("9" * 50, datetime(2026, 6, 1, tzinfo=UTC)),
        ("60", datetime(2026, 5, 1, 0, 1, tzinfo=UTC)),
        ("soon", None),
        ("", None),
        ("-5", None),
    ],
)
@freeze_time("2026-05-01")
def test_when_to_come_back_is_read_in_both_forms(
    header: str, moment: datetime | None
) -> None:
    assert base.Reply(503, {"Retry-After": header}, b"").retry_at == moment


async def test_there_is_nothing_to_try_where_there_is_no_account(
    session: aiohttp.ClientSession,
) -> None:
    provider = PROVIDERS["cainiao"]()
    assert await provider.verify(session, {}) == base.AccountInfo()


async def test_only_the_last_answers_are_remembered(
    server: Server, session: aiohttp.ClientSession
) -> None:
    provider = PROVIDERS["cainiao"](server.url)
    server.reply({"success": True, "module": [{"mailNo": NUMBER, "detailList": []}]})
    with patch.object(base, "_KEPT_BODIES", 1):
        first = await provider.fetch(session, {}, [Query(tracking_number=NUMBER)])
        await provider.fetch(session, {}, [Query(tracking_number="OTHER1")])
        again = await provider.fetch(session, {}, [Query(tracking_number=NUMBER)])
    assert again == first
    assert again is not first
