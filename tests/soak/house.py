"""One house: its folder, its carriers, and the process that lives in it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Final, Self

import aiohttp

from tests.demo.client import Client, HomeAssistantError
from tests.demo.folder import HOST, free_port
from tests.simulator import Simulator

from .furnishing import furnish, set_up
from .nest import MODULES
from .process import HomeAssistant, Nest
from .recorder import Recorder

_UP_WITHIN: Final = 240
_LOOK_EVERY: Final = 0.05


class HouseError(Exception):
    """A house cannot be lived in; the message says why."""


class House:
    """Starts Home Assistant in a folder, over and over."""

    def __init__(self, folder: Path, nest: Nest, speed: float) -> None:
        """Build it; time runs ``speed`` times faster for parcels and carriers."""
        self.folder = folder
        self.log = folder / "hass.log"
        self.simulator = Simulator(speed=speed, pace=speed)
        self.recorder = Recorder()
        self.process: HomeAssistant | None = None
        self._nest = nest
        self._port = free_port()
        self._client: Client | None = None

    async def __aenter__(self) -> Self:
        """Open what is outside of the process, and set the house up."""
        await self.simulator.start()
        await self.recorder.__aenter__()
        self.folder.mkdir()
        await asyncio.to_thread(furnish, self.folder, self._port, self.recorder.url)
        await self._set_up()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave it, whatever still runs."""
        if self.process is not None:
            await self.process.kill()
        if self._client is not None:
            await self._client.close()
        await self.recorder.__aexit__(exc_type, exc, traceback)
        await self.simulator.close()

    @property
    def client(self) -> Client:
        """Return who speaks to Home Assistant, whichever process it is."""
        assert self._client is not None
        return self._client

    @property
    def url(self) -> str:
        """Return Home Assistant's address."""
        return f"http://{HOST}:{self._port}"

    async def start(self) -> HomeAssistant:
        """Start a process."""
        self.process = await self._nest.hatch(
            self.folder, self.log, {"WAYBILL_SIMULATOR": self.simulator.setting}
        )
        return self.process

    async def wait_until_up(self) -> None:
        """Wait until Home Assistant has started. Raises HouseError."""
        until = monotonic() + _UP_WITHIN
        while monotonic() < until:
            if self.process is None or not self.process.runs:
                raise HouseError(self._with_log("Home Assistant ended by itself."))
            with suppress(aiohttp.ClientError, HomeAssistantError, TimeoutError):
                if await self._is_running():
                    return
            await asyncio.sleep(_LOOK_EVERY)
        raise HouseError(self._with_log("Home Assistant did not start."))

    async def stop(self) -> None:
        """Let the process end by itself."""
        if self.process is not None:
            await self.process.stop()

    async def _is_running(self) -> bool:
        if self._client is None:
            async with Client(self.url) as client:
                config: Mapping[str, Any] = await client.command("get_config")
        else:
            config = await self._client.rest("GET", "api/config")
        running: bool = config["state"] == "RUNNING"
        return running

    async def _set_up(self) -> None:
        """Set up what a person sets up once, and teach the nest what it takes."""
        await self.start()
        await self.wait_until_up()
        async with Client(self.url) as client:
            token = await set_up(client)
        # What is written a little later is written at the latest now.
        await self.stop()
        await self._nest.learn(self.folder / MODULES)
        self._client = Client(self.url, token)

    def _with_log(self, what: str) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-25:]
        return "\n".join((what, *lines))
