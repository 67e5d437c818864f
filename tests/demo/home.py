"""The simulated carriers and the Home Assistant that asks them."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
import sys
from time import monotonic
from types import TracebackType
from typing import Any, Final, Self

import aiohttp

from .child import Child
from .client import Client, HomeAssistantError, SignInError
from .folder import HOST, REPOSITORY, free_port, furnish_folder, is_free
from .words import Words

STORY_DAYS: Final = 10
"""Simulated days after which nothing more happens to the parcels."""
START_WITHIN: Final = 180
"""Seconds that Home Assistant has to start on a slow machine."""
_RESTART: Final = 100
"""Home Assistant's exit code when it wants to be started again."""
_SECONDS_A_DAY: Final = 86_400
_REFUSALS: Final = 3
_SHOWN_LINES: Final = 25
_SIMULATOR: Final = "the simulator"
_HOME_ASSISTANT: Final = "Home Assistant"


class DemoError(Exception):
    """The demo cannot go on; the message says why."""


class Home:
    """Starts both programs in a folder of their own, and stops them."""

    def __init__(
        self,
        folder: Path,
        words: Words,
        *,
        port: int = 0,
        day_seconds: float = 10,
        carriers_day_seconds: float | None = None,
    ) -> None:
        """Start nothing before ``start``.

        The carriers' days, and so their limits, are as short as the parcels'
        unless another length is given.
        """
        self.words = words
        self.folder = folder
        self.port = port
        self.day_seconds = day_seconds
        self._carriers_day_seconds = carriers_day_seconds or day_seconds
        self.simulator_url = ""
        self._setting = ""
        self._simulator: Child | None = None
        self._home_assistant: Child | None = None

    @property
    def url(self) -> str:
        """Return Home Assistant's address."""
        return f"http://{HOST}:{self.port}"

    @property
    def _children(self) -> list[Child]:
        both = (self._home_assistant, self._simulator)
        return [child for child in both if child is not None]

    async def __aenter__(self) -> Self:
        """Start both. Raises DemoError."""
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop both."""
        await self.stop()

    async def start(self) -> None:
        """Start both, and wait until Home Assistant is up."""
        if self.port and not is_free(self.port):
            raise DemoError(
                f"Port {self.port} is taken. Choose another with --port, "
                "or leave it out: any free one is taken then."
            )
        self.port = self.port or free_port()
        furnish_folder(self.folder, self.port, self.words)
        await self._start_simulator()
        await self.start_home_assistant()

    async def start_home_assistant(self) -> None:
        """Start Home Assistant, and wait until it is up."""
        hass = Path(sys.executable).with_name("hass")
        self._home_assistant = await Child.start(
            _HOME_ASSISTANT,
            [hass, "--config", self.folder, "--skip-pip", "--log-no-color"],
            self.folder / "hass.log",
            {"WAYBILL_SIMULATOR": self._setting, "PYTHONUNBUFFERED": "1"},
        )
        await self._wait_until_up(self._home_assistant)

    async def stop(self) -> None:
        """Stop both."""
        await asyncio.gather(*(child.stop() for child in self._children))

    async def wait_for_restart(self) -> None:
        """Wait until Home Assistant ends because it wants to be started again.

        Raises DemoError when it ends for another reason, or the simulator does.
        """
        waits = [asyncio.create_task(child.wait()) for child in self._children]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        self.raise_if_ended()

    def raise_if_ended(self) -> None:
        """Raise DemoError if a program ended that should run."""
        for child in self._children:
            if child.exit_code not in (None, _RESTART):
                raise _ended(child)

    async def stop_home_assistant(self) -> None:
        """Stop Home Assistant alone."""
        if self._home_assistant is not None:
            await self._home_assistant.stop()

    async def control(self, what: str, body: object) -> Any:
        """Pull one of the simulator's strings."""
        return await self._ask_simulator("POST", what, body)

    async def simulator_state(self) -> Mapping[str, Any]:
        """Return how far the simulator's journeys are."""
        state: Mapping[str, Any] = await self._ask_simulator("GET", "state")
        return state

    async def _ask_simulator(self, method: str, what: str, body: object = None) -> Any:
        url = f"{self.simulator_url}/_simulator/{what}"
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, url, json=body) as response,
        ):
            answer = await response.json()
            if not response.ok:
                raise DemoError(f"The simulator refused {what}: {answer}")
            return answer

    def log(self) -> list[str]:
        """Return the lines that Home Assistant logged, restarts included."""
        return self._home_assistant.log() if self._home_assistant is not None else []

    def complaints(self) -> list[str]:
        """Return the lines of the log in which something is wrong with Waybill.

        Its own warnings and errors, others' errors that name it, and tracebacks
        that go through it.
        """
        return [line for line in self.log() if _is_complaint(line)]

    async def _start_simulator(self) -> None:
        self._simulator = await Child.start(
            _SIMULATOR,
            [
                sys.executable,
                "-m",
                "tests.simulator",
                "--hold",
                f"--speed={_SECONDS_A_DAY / self.day_seconds}",
                f"--pace={_SECONDS_A_DAY / self._carriers_day_seconds}",
            ],
            self.folder / "simulator.log",
            {"PYTHONPATH": str(REPOSITORY)},
            wait_for_line=True,
        )
        self._setting = self._simulator.first_line
        if not self._setting:
            await self._simulator.wait()
            raise _ended(self._simulator)
        self.simulator_url = self._setting.partition("?")[0]

    async def _wait_until_up(self, home_assistant: Child) -> None:
        until = monotonic() + START_WITHIN
        refusals = 0
        while monotonic() < until:
            if home_assistant.exit_code is not None:
                raise _ended(home_assistant)
            with suppress(aiohttp.ClientError, HomeAssistantError, TimeoutError):
                try:
                    if await self._is_running():
                        return
                except SignInError:
                    # In recovery mode it does not know our way to sign in.
                    refusals += 1
                    if refusals == _REFUSALS:
                        what = "Home Assistant started, but lets nobody in."
                        raise DemoError(_with_log(what, home_assistant)) from None
            await asyncio.sleep(0.25)
        raise DemoError(
            _with_log(
                f"Home Assistant did not start within {START_WITHIN} seconds.",
                home_assistant,
            )
        )

    async def _is_running(self) -> bool:
        async with Client(self.url) as client:
            config: Mapping[str, Any] = await client.command("get_config")
            running: bool = config["state"] == "RUNNING"
            return running


def _ended(child: Child) -> DemoError:
    return DemoError(
        _with_log(f"{child.name} ended with code {child.exit_code}.", child)
    )


def _with_log(what: str, child: Child) -> str:
    lines = child.log()[-_SHOWN_LINES:]
    told = "\n".join(f"  {line}" for line in lines)
    what = what[:1].upper() + what[1:]
    return f"{what} The last lines of its log:\n{told}" if told else what


def _is_complaint(line: str) -> bool:
    if "custom_components/waybill" in line:
        return True
    is_error = " ERROR " in line or " CRITICAL " in line
    return (is_error and "waybill" in line.lower()) or (
        " WARNING " in line and "[custom_components.waybill" in line
    )
