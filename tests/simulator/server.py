"""The simulator: one server on the loopback address, with a face per provider."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
import json
from socket import SO_LINGER, SOL_SOCKET
import struct
from types import TracebackType
from typing import Final, Self, cast

from aiohttp import web

from .clock import SimClock, utc_now
from .control import add_controls
from .faces import FACES
from .faces.aftership import AfterShipFace
from .faces.base import HTML, Call, Face, Look, Reply, Terms
from .faces.cainiao import CainiaoFace
from .faces.dhl import DhlFace
from .faces.parcel_app import ParcelAppFace
from .faces.seventeentrack import SeventeenTrackFace
from .faces.ship24 import Ship24Face
from .faults import Fault, FaultKind, FaultQueue
from .journeys import Journey
from .playing import Playing, View, World
from .pushing import PUSH_SECRETS, Forgery, Push, push_of

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HOST: Final = "127.0.0.1"
KEYS: Final[Mapping[str, str]] = {
    "seventeentrack": "5117AC4E5117AC4E5117AC4E5117AC4E",
    "dhl": "simulated-dhl-api-key",
    "fedex": "simulated-fedex-id:simulated-fedex-secret",
    "ups": "simulated-ups-id:simulated-ups-secret",
    "usps": "simulated-usps-id:simulated-usps-secret",
    "nova_post": "51a0f051a0f051a0f051a0f051a0f051",
    "la_poste": "simulated-okapi-key",
    "parcel_app": "simulated-parcel-api-key",
    "canada_post": "simulated-user:simulated-password",
    "bring": "simulated@example.com:simulated-mybring-key",
    "postnord": "5051409d5051409d5051409d5051409d",
    "ship24": "simulated-ship24-api-key",
    "aftership": "simulated-aftership-api-key",
}
"""The keys that the providers accept unless told otherwise."""

_KEPT_REQUESTS: Final = 10_000
_LARGEST_BODY: Final = 1024 * 1024
_PAGE: Final = "<!DOCTYPE html><html><body><h1>We'll be right back</h1></body></html>"


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A request that was answered; ``provider`` is empty for an unknown path.

    ``at`` is the real moment, ``status`` None where the connection was broken.
    """

    provider: str
    method: str
    path: str
    numbers: tuple[str, ...]
    at: datetime
    status: int | None
    fault: FaultKind | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What an answer holds that is about to go out, for whoever watches.

    ``at`` is when it was asked for. ``views`` are what it says of each number that was looked up, None of one
    that is unknown; empty where the request was turned away.
    """

    provider: str
    at: datetime
    numbers: tuple[str, ...]
    views: Mapping[str, View | None]
    fault: FaultKind | None


class Simulator:
    """Plays journeys and answers for the providers, until it is left.

    ``speed`` is how many simulated seconds pass in a real one, ``pace`` how
    many times the providers' own windows are shortened. Only ``keys`` are
    accepted; without ``limits`` nobody is turned away for haste.
    ``held`` lets the clock stand still until the first request.
    """

    def __init__(
        self,
        journeys: Iterable[Journey] = (),
        *,
        speed: float = 1.0,
        pace: float = 1.0,
        keys: Mapping[str, str | Iterable[str]] = KEYS,
        limits: bool = True,
        held: bool = False,
        port: int = 0,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Start the journeys, unless the clock is held."""
        if pace <= 0:
            raise ValueError("pace must be positive")
        self.clock = SimClock(speed=speed, now=now, held=held)
        self.world = World(self.clock, journeys)
        self.pace = pace
        self.requests: list[Request] = []
        self.faults = FaultQueue()
        self.watch: Callable[[Told], None] | None = None
        """Is called with each answer, before it goes out."""
        self.faces: Mapping[str, Face] = {
            provider: face(
                Terms(
                    now=now,
                    keys=_keys(keys.get(provider, ())),
                    pace=pace,
                    limits=limits,
                )
            )
            for provider, face in FACES.items()
        }
        self._port = port
        self._runner: web.AppRunner | None = None
        self._closing = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Open the port."""
        await self.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        await self.close()

    async def start(self) -> None:
        """Open the port; 0 takes any that is free."""
        app = web.Application(client_max_size=_LARGEST_BODY)
        for face in self.faces.values():
            for method, path in face.routes:
                app.router.add_route(method, path, self._handler(face))
        add_controls(app, self)
        app.router.add_route("*", "/{path:.*}", self._nothing_here)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=1
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self._port).start()
        self._port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Close the port and whatever still waits for a late answer."""
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        """Return the address that takes the place of every provider's origin."""
        return f"http://{HOST}:{self._port}"

    @property
    def setting(self) -> str:
        """Return what WAYBILL_SIMULATOR is to be set to: the address and the pace."""
        return self.url if self.pace == 1 else f"{self.url}?pace={self.pace:g}"

    @property
    def cainiao(self) -> CainiaoFace:
        """Return Cainiao's face."""
        return cast("CainiaoFace", self.faces["cainiao"])

    @property
    def seventeentrack(self) -> SeventeenTrackFace:
        """Return 17TRACK's face: its quota, what is registered there."""
        return cast("SeventeenTrackFace", self.faces["seventeentrack"])

    @property
    def dhl(self) -> DhlFace:
        """Return DHL's face."""
        return cast("DhlFace", self.faces["dhl"])

    @property
    def parcel_app(self) -> ParcelAppFace:
        """Return the face: what the account follows there."""
        return cast("ParcelAppFace", self.faces["parcel_app"])

    @property
    def ship24(self) -> Ship24Face:
        """Return the face: what the account follows there."""
        return cast("Ship24Face", self.faces["ship24"])

    @property
    def aftership(self) -> AfterShipFace:
        """Return the face: what the account follows there."""
        return cast("AfterShipFace", self.faces["aftership"])

    def add(self, journey: Journey) -> Playing:
        """Start a journey now."""
        return self.world.add(journey)

    def journey(self, number: str) -> Playing:
        """Return the journey with a number. Raises KeyError."""
        return self.world.playing(number)

    def begin(self) -> None:
        """Let a held clock run."""
        self.clock.begin()

    def advance(self, by: timedelta) -> None:
        """Move simulated time ahead; what it passes is scanned now."""
        self.clock.advance(by)
        for playing in self.world:
            # Read now, so that the scans bear this moment and no later one.
            _ = playing.scans

    def at(self, elapsed: timedelta) -> None:
        """Move simulated time to an offset from the start that lies ahead."""
        self.advance(elapsed - self.clock.elapsed)

    def fail(self, provider: str, fault: Fault, *, times: int | None = 1) -> None:
        """Let the next requests to a provider meet a fault; None: all of them.

        Raises KeyError for an unknown provider, ValueError for a fault that it
        cannot have.
        """
        face = self.faces[provider]
        if fault.kind is FaultKind.KEY and not face.keyed:
            raise ValueError(f"{provider} takes no key")
        self.faults.add(provider, fault, times)

    def heal(self, provider: str | None = None) -> None:
        """Forget the faults of a provider, or of all."""
        self.faults.heal(provider)

    def push(
        self,
        provider: str,
        number: str,
        *,
        secret: str | None = None,
        forgery: Forgery | None = None,
    ) -> Push:
        """Return what a provider sends of its own accord about a number.

        Raises KeyError or ValueError where it sends nothing.
        """
        look = Look(self.world, provider, None)
        secret = PUSH_SECRETS.get(provider, "") if secret is None else secret
        return push_of(self.faces[provider], number, look, secret, forgery)

    def asked(self, provider: str) -> list[Request]:
        """Return the requests that a provider got, oldest first."""
        return [request for request in self.requests if request.provider == provider]

    def _handler(self, face: Face) -> Handler:
        """Return the handler of a face's endpoints."""

        async def handle(request: web.Request) -> web.StreamResponse:
            self.clock.begin()
            call = await _read(request)
            numbers = face.numbers(call)
            fault = self.faults.take(face.provider, call.path, numbers)
            at, status = self.clock.now(), None
            look = Look(self.world, face.provider, fault)
            try:
                reply = await self._reply(face, call, fault, look)
                if self.watch is not None:
                    self.watch(
                        Told(
                            provider=face.provider,
                            at=at,
                            numbers=numbers,
                            views=look.told,
                            fault=None if fault is None else fault.kind,
                        )
                    )
                if reply is None:
                    return _broken(request)
                status = reply.status
                return _response(reply, fault)
            finally:
                # A client that gave up waiting cancels this; it asked all the same.
                self._note(face.provider, call, numbers, at, status, fault)

        return handle

    async def _reply(
        self, face: Face, call: Call, fault: Fault | None, look: Look
    ) -> Reply | None:
        """Return the answer to a call, None for a broken connection."""
        reply: Reply | None = None
        match fault.kind if fault is not None else None:
            case FaultKind.RESET:
                return None
            case FaultKind.STATUS if fault is not None:
                after = fault.retry_after
                headers = {} if after is None else {"Retry-After": after}
                return Reply(_PAGE, fault.status, HTML, headers)
            case FaultKind.HTML:
                return Reply(_PAGE, 200, HTML)
            case FaultKind.OTHER_JSON if fault is not None:
                return Reply(fault.body)
            case FaultKind.WALL:
                return face.walled()
            case FaultKind.KEY:
                return face.rejected()
            case FaultKind.QUOTA:
                reply = face.spent(call)
            case FaultKind.DELAY if fault is not None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), fault.seconds)
        return reply or face.answer(call, look)

    async def _nothing_here(self, request: web.Request) -> web.StreamResponse:
        """Answer for a path that no provider has; a test may look for such."""
        call = Call(method=request.method, path=request.path)
        self._note("", call, (), self.clock.now(), 404, None)
        return web.json_response({"error": "no provider has this path"}, status=404)

    def _note(
        self,
        provider: str,
        call: Call,
        numbers: tuple[str, ...],
        at: datetime,
        status: int | None,
        fault: Fault | None,
    ) -> None:
        """Keep a request, and no more than the newest ones."""
        self.requests.append(
            Request(
                provider=provider,
                method=call.method,
                path=call.path,
                numbers=numbers,
                at=at,
                status=status,
                fault=None if fault is None else fault.kind,
            )
        )
        del self.requests[:-_KEPT_REQUESTS]


async def _read(request: web.Request) -> Call:
    """Read a request to its end."""
    raw = await request.read()
    try:
        body: object = json.loads(raw) if raw else None
    except ValueError:
        body = None
    return Call(
        method=request.method,
        path=request.path,
        query=request.query,
        headers=request.headers,
        body=body,
        text=raw.decode(errors="replace"),
    )


def _response(reply: Reply, fault: Fault | None) -> web.Response:
    """Return a reply as it goes out, in whole or cut off."""
    payload = reply.payload
    if fault is not None and fault.kind is FaultKind.TRUNCATED:
        payload = payload[: len(payload) // 2]
    return web.Response(
        body=payload,
        status=reply.status,
        content_type=reply.content_type,
        charset="utf-8",
        headers=reply.headers,
    )


def _broken(request: web.Request) -> web.Response:
    """Break the connection without a goodbye (RST)."""
    if (transport := request.transport) is not None:
        sock = transport.get_extra_info("socket")
        sock.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()


def _keys(keys: str | Iterable[str]) -> frozenset[str]:
    """Return one key or several as a set."""
    return frozenset({keys} if isinstance(keys, str) else keys)
