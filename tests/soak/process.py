"""A Home Assistant as a process that can be killed, and the nest it comes from."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
import json
import os
from pathlib import Path
import signal
import sys
from types import TracebackType
from typing import Final, Self

from tests.demo.folder import REPOSITORY

_STOPS_WITHIN: Final = 60
_IMPORTS_WITHIN: Final = 240


class NestError(Exception):
    """No Home Assistant can be started."""


class Nest:
    """Starts processes; see the module ``nest``."""

    def __init__(self, log: Path) -> None:
        """Start nothing yet; what goes wrong is written into the log."""
        self._log = log
        self._process: Process | None = None
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Open the nest."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.soak.nest",
                stdin=PIPE,
                stdout=PIPE,
                stderr=log,
                cwd=REPOSITORY,
                env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
                # Away from the terminal's Ctrl-C.
                start_new_session=True,
            )
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it; all that still runs is killed."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        process.stdin.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 10)
            return
        process.kill()
        await process.wait()

    async def hatch(
        self, folder: Path, log: Path, env: Mapping[str, str]
    ) -> HomeAssistant:
        """Start a Home Assistant. Raises NestError."""
        pid = await self._order({"folder": str(folder), "log": str(log), "env": env})
        return HomeAssistant(pid)

    async def learn(self, modules: Path) -> None:
        """Import all that a process had imported when it ended by itself."""
        await self._order({"learn": str(modules)})

    async def _order(self, order: Mapping[str, object]) -> int:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        async with self._lock:
            process.stdin.write(json.dumps(order).encode() + b"\n")
            line = await asyncio.wait_for(process.stdout.readline(), _IMPORTS_WITHIN)
        if not line:
            raise NestError(self._log.read_text(errors="replace")[-2000:])
        return int(line)


class HomeAssistant:
    """A process that runs, or did."""

    def __init__(self, pid: int) -> None:
        """Watch a process that was just started."""
        self.pid = pid
        self._ended = asyncio.Event()
        self._watched: int | None = None
        try:
            self._watched = os.pidfd_open(pid)
        except ProcessLookupError:
            self._ended.set()
        else:
            asyncio.get_running_loop().add_reader(self._watched, self._end)

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return not self._ended.is_set()

    async def wait(self) -> None:
        """Wait until it ends."""
        await self._ended.wait()

    async def kill(self) -> None:
        """Kill it, as a power cut does; return when it is gone."""
        self._send(signal.SIGKILL)
        await self._ended.wait()

    async def stop(self) -> None:
        """Let it end by itself, and wait for that."""
        self._send(signal.SIGTERM)
        await asyncio.wait_for(self._ended.wait(), _STOPS_WITHIN)

    def _send(self, what: signal.Signals) -> None:
        if self._watched is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._watched, what)

    def _end(self) -> None:
        if self._watched is not None:
            asyncio.get_running_loop().remove_reader(self._watched)
            os.close(self._watched)
            self._watched = None
        self._ended.set()
