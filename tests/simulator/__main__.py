"""Run the simulator until SIGINT or SIGTERM: python -m tests.simulator --help."""

import argparse
import asyncio
from collections.abc import Sequence
import signal
import sys

from .demo import JOURNEYS
from .server import Simulator

_JOURNEYS = {"demo": JOURNEYS, "none": ()}


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulator",
        description="Speaks the carriers' APIs on 127.0.0.1 and plays journeys. "
        "Prints what WAYBILL_SIMULATOR is to be set to, on one line.",
    )
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    parser.add_argument("--journeys", choices=sorted(_JOURNEYS), default="demo")
    parser.add_argument(
        "--speed", type=float, default=1, help="simulated seconds in a real one"
    )
    parser.add_argument(
        "--pace",
        type=float,
        default=1,
        help="how many times the providers' own windows are shortened",
    )
    parser.add_argument(
        "--hold",
        action="store_true",
        help="let the clock stand still until the first request",
    )
    parser.add_argument(
        "--no-limits", action="store_true", help="turn nobody away for haste"
    )
    return parser.parse_args(argv)


async def _run(arguments: argparse.Namespace) -> None:
    """Run until a signal says to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    async with Simulator(
        _JOURNEYS[arguments.journeys],
        port=arguments.port,
        speed=arguments.speed,
        pace=arguments.pace,
        held=arguments.hold,
        limits=not arguments.no_limits,
    ) as simulator:
        sys.stdout.write(f"{simulator.setting}\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(_run(_arguments(None)))
