"""Writes down what the automations of a house hear, outside of the house.

An automation reaches it by a request that it answers at once: what is written
down here was heard, whatever becomes of the process that told it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Final, Self

from aiohttp import web

from tests.demo.folder import HOST

SOURCES: Final = ("trigger", "event")
"""What automations listen to: Waybill's own triggers, and the bus."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """One milestone that an automation heard, at a moment of the monotonic clock."""

    at: float
    source: str
    milestone_id: str
    milestone: str
    parcel_id: str
    name: str


class Recorder:
    """Takes what automations send, until it is left."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.heard: list[Heard] = []
        self.watch: Callable[[Heard], None] | None = None
        """Is called with each, when it is written down."""
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        """Open a port."""
        app = web.Application()
        app.router.add_post("/{source}", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, 0).start()
        self.url = f"http://{HOST}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        told = await request.json()
        heard = Heard(at=monotonic(), source=request.match_info["source"], **told)
        self.heard.append(heard)
        if self.watch is not None:
            self.watch(heard)
        return web.Response()
