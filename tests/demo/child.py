"""Programs that run beside this one, and end when they are told to."""

import asyncio
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
import os
from pathlib import Path
import signal

_PATIENCE = 20
"""Seconds that a program has to stop before it is killed."""


class Child:
    """One program. All that it writes goes to a log file."""

    def __init__(
        self, name: str, process: Process, log: Path, first_line: str = ""
    ) -> None:
        """Take over a program that was started."""
        self.name = name
        self.first_line = first_line
        self._process = process
        self._log = log

    @classmethod
    async def start(
        cls,
        name: str,
        command: Sequence[str | Path],
        log: Path,
        env: Mapping[str, str] | None = None,
        *,
        wait_for_line: bool = False,
    ) -> Child:
        """Start a program, away from the terminal's Ctrl-C.

        With ``wait_for_line`` its standard output is ours: the first line is
        returned as ``first_line``, which is empty if the program ends instead.
        """
        with log.open("ab") as sink:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=PIPE if wait_for_line else sink,
                stderr=sink if wait_for_line else STDOUT,
                env={**os.environ, **(env or {})},
                start_new_session=True,
            )
        child = cls(name, process, log)
        if process.stdout is not None:
            try:
                line = await asyncio.wait_for(process.stdout.readline(), 30)
            except BaseException:
                await child.stop()
                raise
            child.first_line = line.decode().strip()
        return child

    @property
    def exit_code(self) -> int | None:
        """Return how the program ended, None while it runs."""
        return self._process.returncode

    def log(self) -> list[str]:
        """Return the lines that the program wrote."""
        return self._log.read_text(errors="replace").splitlines()

    async def wait(self) -> int:
        """Wait until the program ends by itself."""
        return await self._process.wait()

    async def stop(self) -> None:
        """Tell the program to stop; kill it, and what it started, if it does not."""
        if self.exit_code is None:
            self._process.send_signal(signal.SIGTERM)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), _PATIENCE)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
