"""A server that says back all that it is told, in whatever way carriers go wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
import html
import json
from types import TracebackType
from typing import Final, Self

from aiohttp import web

type _Answer = Callable[[str, str], web.Response]
"""What is answered, with what was told and a token."""


def _as_json(told: str, token: str, **more: object) -> str:
    return json.dumps(
        {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": "tracking",
            "error": told,
            "message": told,
            "errors": [{"code": told, "message": told}],
            **more,
        }
    )


def _status(status: int, **headers: str) -> _Answer:
    def answer(told: str, token: str) -> web.Response:
        # A header has no line breaks.
        safe = told.encode("ascii", "replace").decode().replace("\n", " ")[:4000]
        return web.Response(
            status=status,
            text=_as_json(told, token),
            content_type="application/json",
            headers={name: value.format(told=safe) for name, value in headers.items()},
        )

    return answer


def _body(content_type: str, body: Callable[[str, str], str]) -> _Answer:
    return lambda told, token: web.Response(
        text=body(told, token), content_type=content_type
    )


ANSWERS: Final[Mapping[str, _Answer]] = {
    "JSON": _body("application/json", _as_json),
    "JSON of a code": _body(
        "application/json",
        lambda told, token: _as_json(told, token, code=told, data=told),
    ),
    "a list": _body("application/json", lambda told, token: json.dumps([told, token])),
    "HTML": _body("text/html", lambda told, _: f"<html>{html.escape(told)}</html>"),
    "XML": _body("text/xml", lambda told, _: f"<told>{html.escape(told)}</told>"),
    "cut off": _body(
        "application/json", lambda told, token: _as_json(told, token)[:-9]
    ),
    "nonsense": _body("text/plain", lambda told, token: f"{told}{token}"),
    "moved": _status(302, Location="http://127.0.0.1:9/{told}"),
    "bad request": _status(400),
    "key refused": _status(401, **{"WWW-Authenticate": "Bearer {told}"}),
    "forbidden": _status(403),
    "not found": _status(404),
    "too many": _status(429, **{"Retry-After": "{told}"}),
    "broken": _status(500),
    "down": _status(503, **{"Retry-After": "{told}"}),
}


@dataclass(kw_only=True)
class Parrot:
    """Answers each request in the way of ``answers``; counts them."""

    token: str
    answers: str = "JSON"
    heard: int = 0
    url: str = ""
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        """Open a port."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        assert self._runner is not None
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        self.heard += 1
        told = f"{request.raw_path} {dict(request.headers)} {await request.text()}"
        return ANSWERS[self.answers](told, self.token)
