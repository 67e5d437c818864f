"""Runs the soak: script/soak --help."""

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from pathlib import Path
from random import Random
import signal
import sys
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Final

from tests.demo.client import HomeAssistantError

from .errands import Gone
from .house import House, HouseError
from .process import Nest, NestError
from .report import complaints, is_good, table
from .story import Form, Found, Story

SHORT: Final = Form(
    kills=12,
    journeys=15,
    at_once=15,
    journey=(20, 35),
    longest=3,
    speed=4000,
    within=90,
    settles_within=60,
)
LONG: Final = Form(
    kills=335,
    journeys=170,
    at_once=14,
    journey=(80, 200),
    longest=5,
    speed=1000,
    within=5400,
    settles_within=300,
)
_HOUSES: Final = 3
"""How many the long form plays at once."""
_TELLS_EVERY: Final = 60
_MARGIN: Final = 600


def say(line: str) -> None:
    """Write a line, if there is still somebody to read it."""
    with suppress(OSError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/soak",
        description="Kills Home Assistant again and again while parcels travel, "
        "and says whether automations heard of all of it, once. "
        "Nothing leaves this machine: the carriers are simulated.",
    )
    parser.add_argument(
        "--long", action="store_true", help="1,000 kills and 500 journeys, in an hour"
    )
    parser.add_argument("--seed", type=int, help="repeats what a run printed")
    parser.add_argument("--houses", type=int, help="how many are played at once")
    parser.add_argument("--kills", type=int, help="how many in each house, at least")
    parser.add_argument("--journeys", type=int, help="how many in each house")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep the houses in this new folder"
    )
    return parser.parse_args(argv)


async def _tell(stories: Sequence[Story], since: float) -> None:
    """Say now and then how far it is."""
    while True:
        await asyncio.sleep(_TELLS_EVERY)
        kills = sum(story.kills for story in stories)
        journeys = sum(story.journeys_over for story in stories)
        minutes = (monotonic() - since) / 60
        say(f"{minutes:5.1f} min  {kills:5} kills  {journeys:4} journeys over")


async def _play(folder: Path, form: Form, houses: int, seed: int) -> list[Found]:
    since = monotonic()
    async with AsyncExitStack() as stack:
        nest = await stack.enter_async_context(Nest(folder / "nest.log"))
        stories = []
        for number in range(houses):
            name = chr(ord("A") + number)
            house = House(folder / name, nest, form.speed)
            await stack.enter_async_context(house)
            stories.append(Story(name, house, f"{seed} {name}", form))
        say(f"set up after {monotonic() - since:.0f} s")
        teller = asyncio.create_task(_tell(stories, since))
        try:
            async with asyncio.timeout(form.within + form.settles_within + _MARGIN):
                return await asyncio.gather(*(story.play() for story in stories))
        finally:
            teller.cancel()


async def _run(arguments: argparse.Namespace) -> int:
    since = monotonic()
    seed = Random().randrange(1_000_000) if arguments.seed is None else arguments.seed
    form = LONG if arguments.long else SHORT
    form = replace(
        form,
        kills=arguments.kills or form.kills,
        journeys=arguments.journeys or form.journeys,
    )
    houses = arguments.houses or (_HOUSES if arguments.long else 1)
    say(f"seed {seed}: repeat it with --seed {seed}")
    with TemporaryDirectory(prefix="waybill-soak-") as temporary:
        folder = Path(temporary)
        if arguments.keep:
            folder = arguments.keep.absolute()
            folder.mkdir(parents=True)
        found = await _play(folder, form, houses, seed)
    say("")
    for line in table(found, seed, monotonic() - since):
        say(line)
    say("")
    for line in complaints(found):
        say(line)
    good = is_good(found)
    say("nothing was lost" if good else "FAILED")
    return 0 if good else 1


async def _main(arguments: argparse.Namespace) -> int:
    """Run until the end, or until a signal says to stop."""
    task = asyncio.create_task(_run(arguments))
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(name, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        # What was broken off has shown nothing.
        return 1
    except (Gone, HomeAssistantError, HouseError, NestError, OSError) as err:
        sys.stderr.write(f"soak: {type(err).__name__} {err}\n")
        return 1


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(_arguments(None))))
