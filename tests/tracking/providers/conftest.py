"""A server on this machine that stands in for a provider."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
import json
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
import pytest
from yarl import URL


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request, as the server got it; ``body`` is text where it is no JSON."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass
class Server:
    """Answers each request with the next reply; the last one stays."""

    url: URL
    replies: list[tuple[int, bytes, dict[str, str], float]] = field(
        default_factory=list
    )
    asked: list[Asked] = field(default_factory=list)

    def reply(
        self,
        body: Any = None,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        after: float = 0,
    ) -> None:
        """Line up a reply; anything but bytes goes out as JSON."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.replies.append((status, raw, headers or {}, after))

    async def handle(self, request: web.Request) -> web.Response:
        """Take a request."""
        raw = await request.read()
        self.asked.append(
            Asked(
                method=request.method,
                path=request.path,
                query=dict(request.query),
                headers=dict(request.headers),
                body=_read(raw),
            )
        )
        status, body, headers, after = (
            self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        )
        await asyncio.sleep(after)
        return web.Response(status=status, body=body, headers=headers)


def _read(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw.decode()


@pytest.fixture
async def server(socket_enabled: None) -> AsyncGenerator[Server]:
    """Serve on a port of this machine."""
    told = Server(URL())
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", told.handle)
    async with TestServer(app) as running:
        told.url = running.make_url("/")
        yield told


@pytest.fixture
async def session(socket_enabled: None) -> AsyncGenerator[aiohttp.ClientSession]:
    """Speak HTTP as Home Assistant's session does."""
    async with aiohttp.ClientSession() as client:
        yield client
