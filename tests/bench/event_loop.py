"""What the event loop is busy with: how long in all, and how long at a stretch."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import gc
from time import thread_time
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant


@dataclass(frozen=True, kw_only=True, slots=True)
class Busy:
    """Seconds of the processor's time, of the event loop's thread alone.

    ``longest`` is the longest stretch in which nothing else had its turn.
    """

    total: float
    longest: float


class EventLoop:
    """Measures acts by the processor's time, whatever else the machine does."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Measure nothing yet."""
        self._hass = hass
        self._longest = 0.0
        self._left_out = 0.0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Note the length of every turn that anything has in the loop.

        Python's search for garbage is left out, as it may fall to anybody's turn.
        """
        run = asyncio.Handle._run

        def timed(handle: asyncio.Handle) -> None:
            left_out, begun = self._left_out, thread_time()
            run(handle)
            took = thread_time() - begun - (self._left_out - left_out)
            self._longest = max(self._longest, took)

        gc.disable()
        try:
            with patch.object(asyncio.Handle, "_run", timed):
                yield
        finally:
            gc.enable()

    @contextmanager
    def leaving_out(self) -> Iterator[None]:
        """Leave out what stands in for something that is not measured."""
        begun = thread_time()
        yield
        self._left_out += thread_time() - begun

    async def busy_with(self, act: Callable[[], Awaitable[Any]]) -> Busy:
        """Return what an act costs, with all that it sets going."""
        await self._hass.async_block_till_done()
        self._longest = 0.0
        left_out, begun = self._left_out, thread_time()
        # A task of its own: what calls this is in the middle of a turn.
        await asyncio.create_task(self._whole(act))
        total = thread_time() - begun - (self._left_out - left_out)
        return Busy(total=total, longest=self._longest)

    async def _whole(self, act: Callable[[], Awaitable[Any]]) -> None:
        await act()
        await self._hass.async_block_till_done()
