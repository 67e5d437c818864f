"""Speaks to a Home Assistant as its frontend does: REST and the websocket."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
import itertools
from math import inf
from time import monotonic
from typing import Any, Self

import aiohttp
from yarl import URL

type EventListener = Callable[[Mapping[str, Any]], None]

_ANSWER_WITHIN = 60
_MARGIN = 60
"""Seconds before its end at which a token is renewed."""


class HomeAssistantError(Exception):
    """Home Assistant refused something, or is gone."""


class SignInError(HomeAssistantError):
    """Home Assistant lets nobody in."""


class Client:
    """A person who is signed in, by the network that they come from."""

    def __init__(self, url: str, token: str | None = None) -> None:
        """Sign nobody in before ``open``.

        With a long-lived token the REST API can be asked at once.
        """
        self.url = URL(url)
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=_ANSWER_WITHIN)
        )
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._listeners: dict[int, EventListener] = {}
        self._token = token or ""
        self._refresh_token = ""  # nosec B105  # none yet
        self._token_ends = inf if token else 0.0

    async def __aenter__(self) -> Self:
        """Sign in."""
        try:
            await self.open()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Leave."""
        await self.close()

    async def open(self) -> None:
        """Sign in, as somebody who comes from a trusted network."""
        await self._sign_in()
        self._socket = await self._session.ws_connect(
            self.url / "api/websocket", max_msg_size=0, heartbeat=30
        )
        await self._socket.receive_json()
        await self._socket.send_json({"type": "auth", "access_token": self._token})
        if (await self._socket.receive_json())["type"] != "auth_ok":
            raise HomeAssistantError("the websocket did not accept the token")
        self._reader = asyncio.create_task(self._read(self._socket))

    async def close(self) -> None:
        """Leave."""
        if self._reader is not None:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader
        await self._session.close()

    async def rest(
        self, method: str, path: str, body: object = None, query: str = ""
    ) -> Any:
        """Ask the REST API. Raises HomeAssistantError for any refusal."""
        await self._renew()
        async with self._session.request(
            method,
            (self.url / path).with_query(query),
            json=body,
            headers={"Authorization": f"Bearer {self._token}"},
        ) as response:
            if response.status >= HTTPStatus.BAD_REQUEST:
                text = await response.text()
                raise HomeAssistantError(f"{path}: {response.status} {text}")
            return await response.json()

    async def fetch(self, path: str) -> tuple[str, bytes]:
        """Fetch a file as a browser does; returns its type and what is in it."""
        async with self._session.get(self.url.join(URL(path))) as response:
            body = await response.read()
            if not response.ok:
                raise HomeAssistantError(f"{path}: {response.status}")
            return response.content_type, body

    async def command(self, kind: str, **fields: object) -> Any:
        """Send a websocket command and return its result."""
        _, result = await self._send(kind, fields)
        return result

    async def subscribe(self, event_type: str, listener: EventListener) -> None:
        """Call a listener with each event of a type."""
        await self.follow("subscribe_events", listener, event_type=event_type)

    async def follow(self, kind: str, listener: EventListener, **fields: object) -> int:
        """Send a command that goes on telling; returns the subscription."""
        number, _ = await self._send(kind, fields, listener)
        return number

    async def perform(self, action: str, **data: object) -> Any:
        """Perform an action of Waybill and return its answer."""
        path = f"api/services/waybill/{action}"
        answer = await self.rest("POST", path, data, query="return_response")
        return answer["service_response"]

    async def _send(
        self,
        kind: str,
        fields: Mapping[str, object],
        listener: EventListener | None = None,
    ) -> tuple[int, Any]:
        if self._socket is None or self._reader is None or self._reader.done():
            raise HomeAssistantError("Home Assistant is gone")
        number = next(self._ids)
        if listener is not None:
            self._listeners[number] = listener
        answer = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        await self._socket.send_json({"id": number, "type": kind, **fields})
        async with asyncio.timeout(_ANSWER_WITHIN):
            return number, await answer

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        try:
            async for message in socket:
                self._take(message.json())
        finally:
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(HomeAssistantError("Home Assistant is gone"))
                    # Not everybody waits any more.
                    answer.exception()

    def _take(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "event":
            listener = self._listeners.get(message["id"])
            if listener is not None:
                listener(message["event"])
            return
        answer = self._answers.pop(message["id"], None)
        if answer is None or answer.done():
            return
        if message.get("success", True):
            answer.set_result(message.get("result"))
        else:
            error = message["error"]
            answer.set_exception(
                HomeAssistantError(f"{error['code']}: {error['message']}")
            )

    async def _sign_in(self) -> None:
        client_id = f"{self.url}/"
        flow = await self._login(
            "auth/login_flow",
            json={
                "client_id": client_id,
                "handler": ["trusted_networks", None],
                "redirect_uri": client_id,
            },
        )
        if flow["type"] != "create_entry":
            raise SignInError(f"nobody could be signed in: {flow}")
        self._take_token(
            await self._login(
                "auth/token",
                data={
                    "grant_type": "authorization_code",
                    "code": flow["result"],
                    "client_id": client_id,
                },
            )
        )

    async def _renew(self) -> None:
        if monotonic() >= self._token_ends:
            self._take_token(
                await self._login(
                    "auth/token",
                    data={
                        "grant_type": "refresh_token",
                        "refresh_token": self._refresh_token,
                        "client_id": f"{self.url}/",
                    },
                )
            )

    def _take_token(self, answer: Mapping[str, Any]) -> None:
        self._token = answer["access_token"]
        self._refresh_token = answer.get("refresh_token", self._refresh_token)
        self._token_ends = monotonic() + answer["expires_in"] - _MARGIN

    async def _login(self, path: str, **what: Any) -> Any:
        async with self._session.post(self.url / path, **what) as response:
            if response.status != HTTPStatus.OK:
                text = await response.text()
                raise SignInError(f"{path}: {response.status} {text}")
            return await response.json()
