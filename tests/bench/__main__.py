"""Runs a benchmark: script/bench --help."""

import argparse
from collections.abc import Sequence
from contextlib import suppress
import sys

from .freshness import report


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
        choices=["freshness"],
        help="freshness: how late news comes, by the plan and at fixed intervals",
    )
    parser.add_argument("--quick", action="store_true", help="a short form")
    arguments = parser.parse_args(argv)
    return 0 if report(say, quick=arguments.quick) else 1


if __name__ == "__main__":
    sys.exit(main())
