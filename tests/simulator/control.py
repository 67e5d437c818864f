"""Endpoints under /_simulator/ for other processes: look, and pull strings.

| endpoint | does |
|---|---|
| ``GET state`` | clock, journeys, faults, the providers' counters |
| ``GET requests[?provider=P]`` | the requests answered so far |
| ``POST begin`` | lets a held clock run |
| ``POST advance`` | ``{"days": 1, "hours": 2 ...}``, as ``timedelta`` takes them |
| ``POST journey`` | ``{"number", "carrier", "steps": [{"at_hours", "what", ...}], ...}`` |
| ``POST scan`` | ``{"number", "what", "place", "country", "words" ...}`` |
| ``POST account`` | ``{"provider", "number", "carrier", "name", "gone"}``: what a person does there |
| ``POST fault`` | ``{"provider", "kind", "times": 1 or null, ...}`` |
| ``POST heal`` | ``{"provider"}``, or ``{}`` for all |
| ``POST push`` | ``{"provider", "number", "address", "secret", "forgery"}``: to a webhook |
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
import json
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

import aiohttp
from aiohttp import web

from .faults import Fault, FaultKind
from .journeys import HOUR, Estimate, Handoff, Journey, Step
from .playing import Playing
from .pushing import Forgery

if TYPE_CHECKING:
    from .server import Request, Simulator

ROOT: Final = "/_simulator/"


@runtime_checkable
class _KeepsParcels(Protocol):
    """A provider at which people add parcels by themselves."""

    def preregister(
        self, number: str, carrier: str = ..., name: str | None = ...
    ) -> object:
        """Add a number."""

    def forget(self, number: str) -> None:
        """Take a number out."""

    def state(self) -> Mapping[str, object]:
        """Return what the account holds."""


def add_controls(app: web.Application, simulator: Simulator) -> None:
    """Add the endpoints to the simulator's application."""

    async def state(request: web.Request) -> object:
        return _state(simulator)

    async def requests(request: web.Request) -> object:
        provider = request.query.get("provider")
        return [
            _request(entry)
            for entry in simulator.requests
            if provider in {None, entry.provider}
        ]

    async def begin(request: web.Request) -> object:
        simulator.begin()
        return _state(simulator)

    async def advance(request: web.Request) -> object:
        simulator.advance(timedelta(**await _data(request)))
        return _state(simulator)

    async def journey(request: web.Request) -> object:
        return _playing(simulator.add(_journey(await _data(request))))

    async def scan(request: web.Request) -> object:
        data = await _data(request)
        playing = simulator.journey(data.pop("number"))
        playing.scan(**data)
        return _playing(playing)

    async def account(request: web.Request) -> object:
        data = await _data(request)
        provider, gone = data.pop("provider"), data.pop("gone", False)
        face = simulator.faces[provider]
        if not isinstance(face, _KeepsParcels):
            raise TypeError(f"nobody adds parcels at {provider}")
        if gone:
            face.forget(**data)
        else:
            face.preregister(**data)
        return face.state()

    async def fault(request: web.Request) -> object:
        data = await _data(request)
        provider, times = data.pop("provider"), data.pop("times", 1)
        kind = FaultKind(data.pop("kind"))
        simulator.fail(provider, Fault(kind, **data), times=times)
        return {"faults": len(simulator.faults)}

    async def heal(request: web.Request) -> object:
        simulator.heal((await _data(request)).get("provider"))
        return {"faults": len(simulator.faults)}

    async def push(request: web.Request) -> object:
        data = await _data(request)
        address, forgery = data.pop("address"), data.pop("forgery", None)
        sent = simulator.push(**data, forgery=forgery and Forgery(forgery))
        try:
            status, _, _ = await sent.send(address)
        except (aiohttp.ClientError, OSError) as err:
            raise ValueError(f"{type(err).__name__} at the address") from err
        return {"status": status}

    for look in (state, requests):
        app.router.add_get(ROOT + look.__name__, _told(look))
    for pull in (begin, advance, journey, scan, account, fault, heal, push):
        app.router.add_post(ROOT + pull.__name__, _told(pull))


def _told(
    handle: Callable[[web.Request], Awaitable[object]],
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Answer in JSON; what was asked wrongly is a 400 that says why."""

    async def respond(request: web.Request) -> web.StreamResponse:
        try:
            return web.json_response(await handle(request))
        except (KeyError, TypeError, ValueError) as err:
            return web.json_response({"error": str(err)}, status=400)

    return respond


async def _data(request: web.Request) -> dict[str, Any]:
    """Return the object that a request holds; nothing counts as an empty one."""
    data = json.loads(await request.read() or b"{}")
    if not isinstance(data, dict):
        raise TypeError("send a JSON object")
    return data


def _journey(data: dict[str, Any]) -> Journey:
    """Return the journey that an object describes; offsets are hours."""
    steps = tuple(
        Step(HOUR * step.pop("at_hours"), **step) for step in data.pop("steps", ())
    )
    handoff = data.pop("handoff", None)
    if handoff is not None:
        handoff = Handoff(at=HOUR * handoff.pop("at_hours"), **handoff)
    estimate = data.pop("estimate", None)
    if estimate is not None:
        starts, ends = estimate["starts_hours"], estimate.get("ends_hours")
        estimate = Estimate(HOUR * starts, None if ends is None else HOUR * ends)
    if (known_to := data.pop("known_to", None)) is not None:
        data["known_to"] = frozenset(known_to)
    return Journey(steps=steps, handoff=handoff, estimate=estimate, **data)


def _state(simulator: Simulator) -> Mapping[str, object]:
    """Return what is going on."""
    clock = simulator.clock
    return {
        "now": clock.now().isoformat(),
        "started": None if clock.held else clock.started.isoformat(),
        "elapsed_hours": clock.elapsed / HOUR,
        "speed": clock.speed,
        "pace": simulator.pace,
        "journeys": [_playing(playing) for playing in simulator.world],
        "faults": len(simulator.faults),
        "requests": len(simulator.requests),
        "providers": {name: face.state() for name, face in simulator.faces.items()},
    }


def _playing(playing: Playing) -> Mapping[str, object]:
    """Return where a journey is."""
    journey, following = playing.journey, playing.next_step
    scans = playing.scans
    return {
        "number": journey.number,
        "carrier": journey.carrier,
        "handoff": journey.handoff and journey.handoff.number,
        "stage": playing.stage,
        "scans": [
            {
                "kind": scan.kind,
                "stage": scan.kind.stage,
                "time": scan.time.isoformat(),
                "place": scan.place,
                "country": scan.country,
            }
            for scan in scans
        ],
        "next": following and {"kind": following.kind, "at_hours": following.at / HOUR},
    }


def _request(request: Request) -> Mapping[str, object]:
    """Return a request."""
    return {
        "provider": request.provider,
        "method": request.method,
        "path": request.path,
        "numbers": request.numbers,
        "at": request.at.isoformat(),
        "status": request.status,
        "fault": request.fault,
    }
