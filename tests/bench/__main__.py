"""Runs a benchmark: script/bench --help."""

import argparse
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
import sys
from typing import Final

_REPORTS: Final = ("archive", "card", "freshness", "hostile", "scale")
"""Modules of this package; they need environments that know nothing of each other."""


def say(line: str) -> None:
    """Write a line, if there is still somebody to read it."""
    with suppress(OSError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument(
        "what",
        choices=_REPORTS,
        help="archive: what ten thousand archived parcels cost; card: what a card with"
        " two hundred parcels costs a browser; freshness: how late news comes, by the"
        " plan and at fixed intervals; hostile: how long a hostile text holds up what"
        " reads it; scale: what a thousand parcels cost",
    )
    parser.add_argument("--quick", action="store_true", help="a short form")
    parser.add_argument("--save", action="store_true", help="keep the ratios of scale")
    arguments = parser.parse_args(argv)
    report = import_module(f".{arguments.what}", __package__).report
    options = {"save": True} if arguments.save else {}
    return 0 if report(say, quick=arguments.quick, **options) else 1


if __name__ == "__main__":
    sys.exit(main())
