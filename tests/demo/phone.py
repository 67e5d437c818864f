"""What the person does meanwhile on the phone, in the app of another tracker."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from tests.simulator import DAY, HOUR
from tests.simulator.demo import LISTED, LISTING, ListedParcel

from .home import Home
from .words import Words

_NOTHING: Final = timedelta()


def listed_name(parcel: ListedParcel, words: Words) -> str:
    """Return what the person calls a parcel there."""
    return words.parcels.get(parcel.number, parcel.name)


async def add_before(home: Home) -> None:
    """Add what is there before Waybill is told of the account."""
    for parcel in LISTED:
        if parcel.added <= _NOTHING:
            await _add(home, parcel)


@asynccontextmanager
async def in_hand(home: Home) -> AsyncGenerator[None]:
    """Add and remove the others meanwhile, each in its time."""
    use = asyncio.create_task(_use(home))
    try:
        yield
    finally:
        use.cancel()
        await asyncio.gather(use, return_exceptions=True)


async def _use(home: Home) -> None:
    for at, parcel in sorted(_strokes(), key=lambda stroke: stroke[0]):
        state = await home.simulator_state()
        ahead = at - state["elapsed_hours"] * HOUR
        await asyncio.sleep(max(ahead, _NOTHING) / DAY * home.day_seconds)
        if at == parcel.removed:
            await _remove(home, parcel)
        else:
            await _add(home, parcel)


def _strokes() -> Iterable[tuple[timedelta, ListedParcel]]:
    for parcel in LISTED:
        if parcel.added > _NOTHING:
            yield parcel.added, parcel
        if parcel.removed is not None:
            yield parcel.removed, parcel


async def _add(home: Home, parcel: ListedParcel) -> None:
    await home.control(
        "account",
        {
            "provider": LISTING,
            "number": parcel.number,
            "carrier": parcel.journey.carrier,
            "name": listed_name(parcel, home.words),
        },
    )


async def _remove(home: Home, parcel: ListedParcel) -> None:
    stroke = {"provider": LISTING, "number": parcel.number, "gone": True}
    await home.control("account", stroke)
