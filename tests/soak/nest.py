"""Starts Home Assistant in a fraction of a second: it has imported all before.

A program of its own. It imports Home Assistant once and forks for each start:
what runs then is Home Assistant's own ``main``, in a process of its own. Orders
come as lines of JSON on standard input, and each is answered by a line:

- ``{"folder", "log", "env"}`` starts one; the answer is its process id;
- ``{"learn"}`` imports all modules that one which ended by itself had imported,
  and that it wrote into this file.

When the orders end, all that was started is killed.
"""

from collections import deque
from collections.abc import Mapping
from contextlib import suppress
import gc
import importlib
import json
import os
from pathlib import Path
import signal
import sys
from typing import Any, Final

from homeassistant.__main__ import main as home_assistant

MODULES: Final = "modules.txt"
"""In the configuration folder: what the process had imported when it ended."""
_WATCHED: Final = 8
"""Far more than run at a time."""


def serve() -> None:
    """Follow orders until they end."""
    # Whoever ends is gone at once, without anybody asking.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # A process that ended leaves its number to others, but not its descriptor.
    started: deque[int] = deque()
    try:
        for line in sys.stdin:
            order = json.loads(line)
            if "learn" in order:
                _learn(Path(order["learn"]))
                _answer(0)
                continue
            pid = _start(order)
            with suppress(ProcessLookupError):
                started.append(os.pidfd_open(pid))
            _answer(pid)
            if len(started) > _WATCHED:
                os.close(started.popleft())
    finally:
        for descriptor in started:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)


def _answer(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _learn(modules: Path) -> None:
    """Import what another process had imported; what cannot be is left to it."""
    for name in modules.read_text(encoding="utf-8").split():
        if name not in sys.modules:
            with suppress(Exception):
                importlib.import_module(name)
    gc.collect()
    # Nothing of it is ever touched again: the copies share its memory.
    gc.freeze()


def _start(order: Mapping[str, Any]) -> int:
    pid = os.fork()
    if not pid:
        try:
            _become(order)
        finally:
            os._exit(1)
    return pid


def _become(order: Mapping[str, Any]) -> None:
    """Be a Home Assistant, in a forked process."""
    # A session of its own also has a share of its own of a busy machine.
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.update(order["env"])
    sys.argv = ["hass", "--config", order["folder"], "--skip-pip", "--log-no-color"]
    code = home_assistant()
    # Home Assistant watches over pathlib's own ways to write.
    modules = os.open(Path(order["folder"], MODULES), os.O_WRONLY | os.O_CREAT)
    os.write(modules, "\n".join(sys.modules).encode())
    os._exit(code)


if __name__ == "__main__":
    serve()
