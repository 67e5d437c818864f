"""Long work in many turns, between which everything else has its own."""

import asyncio
from collections.abc import AsyncIterator, Iterable


async def in_turns[Item](items: Iterable[Item]) -> AsyncIterator[Item]:
    """Iterate over items as they are now, each in a turn of the event loop."""
    for item in list(items):
        yield item
        await asyncio.sleep(0)
