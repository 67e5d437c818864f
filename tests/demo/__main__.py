"""Runs the demo: script/demo --help."""

import argparse
import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
import signal
import sys
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Final

from aiohttp import ClientError

from tests.simulator.demo import LISTED

from . import phone
from .check import check
from .client import Client, HomeAssistantError
from .furniture import furnish
from .home import STORY_DAYS, DemoError, Home
from .narrator import Narrator
from .parcels import FOLLOWED
from .words import LANGUAGES

_CHECK_WITHIN: Final = 220
"""Seconds from the beginning after which a check gives up."""


def say(line: str) -> None:
    """Write a line, if there is still somebody to read it."""
    with suppress(OSError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/demo",
        description="Starts a Home Assistant with Waybill, and parcels that travel. "
        "Nothing leaves this machine: the carriers are simulated.",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="no browser: say whether the automations fired, and exit 0 or 1",
    )
    parser.add_argument("--language", choices=sorted(LANGUAGES), default="en")
    parser.add_argument(
        "--day-seconds",
        type=_seconds,
        default=10,
        metavar="N",
        help="how many seconds a day takes (10)",
    )
    parser.add_argument(
        "--port", type=int, default=0, help="Home Assistant's port (any that is free)"
    )
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="DIR",
        help="keep the configuration in this new folder instead of a temporary one",
    )
    return parser.parse_args(argv)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 1 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError("a day takes from 1 to 86400 seconds")
    return seconds


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    """Give a folder for the configuration, and remove it unless it is kept."""
    if kept is None:
        with TemporaryDirectory(prefix="waybill-demo-") as temporary:
            yield Path(temporary)
        return
    folder = kept.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DemoError(f"{folder} is there already. Name a new folder for --keep.")
    folder.mkdir(parents=True, exist_ok=True)
    yield folder


async def _check(home: Home, until: float) -> int:
    narrator = Narrator(say)
    async with Client(home.url) as client:
        await narrator.listen(client, home.words.language)
        await furnish(client, home, narrator.begin)
        async with phone.in_hand(home):
            findings = await check(client, home, narrator, until)
    say("")
    for line in findings.table():
        say(line)
    return 0 if findings.good else 1


async def _show(home: Home) -> None:
    """Let people look around until they have seen enough."""
    narrator = Narrator(say)
    async with Client(home.url) as client:
        await narrator.listen(client, home.words.language)
        await furnish(client, home, narrator.begin)
        _welcome(home)
        asyncio.get_running_loop().call_later(
            STORY_DAYS * home.day_seconds, say, home.words.story_over
        )
        async with phone.in_hand(home):
            await _live(home, narrator)


async def _live(home: Home, narrator: Narrator) -> None:
    """Start Home Assistant again whenever somebody restarts it."""
    await home.wait_for_restart()
    while True:
        say(home.words.restarting)
        await home.start_home_assistant()
        async with Client(home.url) as client:
            await narrator.listen(client, home.words.language)
            await home.wait_for_restart()


def _welcome(home: Home) -> None:
    words = home.words
    say("")
    say(f"  {words.ready.format(url=home.url)}")
    say("")
    for hint in words.look:
        say(f"  - {hint.format(count=len(FOLLOWED) + len(LISTED))}")
    say("")
    say(words.travels.format(seconds=home.day_seconds))
    say("")


async def _run(arguments: argparse.Namespace) -> int:
    words = LANGUAGES[arguments.language]
    until = monotonic() + _CHECK_WITHIN
    with _folder(arguments.keep) as folder:
        say(words.starting)
        home = Home(
            folder, words, port=arguments.port, day_seconds=arguments.day_seconds
        )
        try:
            async with home:
                if not arguments.check:
                    await _show(home)
                async with asyncio.timeout(until + 10 - monotonic()):
                    return await _check(home, until)
        except (HomeAssistantError, ClientError) as err:
            home.raise_if_ended()
            raise DemoError(f"Home Assistant did not play along: {err}") from err
        finally:
            if arguments.keep:
                say(words.kept.format(folder=folder))


async def _main(arguments: argparse.Namespace) -> int:
    """Run until the end, or until a signal says to stop."""
    task = asyncio.create_task(_run(arguments))
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if not stopped.is_set():
            stopped.set()
            say(f"\n{LANGUAGES[arguments.language].stopping}")
            task.cancel()

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(name, stop)
    try:
        return await task
    except asyncio.CancelledError:
        # A check that was broken off has shown nothing.
        return 1 if arguments.check else 0
    except (DemoError, OSError, TimeoutError) as err:
        sys.stderr.write(f"demo: {err or 'it took too long'}\n")
        return 1


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(_arguments(None))))
