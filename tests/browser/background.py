"""An event loop beside the tests, for what has to go on while they look."""

import asyncio
from collections.abc import Coroutine
from threading import Thread
from typing import Any, Self


class Background:
    """Runs coroutines in a thread of their own and waits for them."""

    def __init__(self) -> None:
        """Start nothing before it is entered."""
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        """Start the loop."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run[T](self, coroutine: Coroutine[Any, Any, T], timeout: float = 240) -> T:
        """Run a coroutine to its end and return its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout)
