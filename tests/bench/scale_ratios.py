"""Ratios of an earlier run, by which one sees what became worse.

Times depend on the machine, and what else it does; how they grow does not, nor how
they compare with a piece of work that is always the same.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
import json
from pathlib import Path
from typing import Final

from homeassistant.const import __version__

_FILE: Final = Path(__file__).with_name("scale_ratios.json")
_TOLERANCE: Final = 1.5
"""Times that a ratio may be the earlier one."""

type Ratios = Mapping[str, Mapping[str, float]]
"""By the key of a row: each ratio by its name."""


def save(ratios: Ratios) -> None:
    """Let a run be the earlier one from now on."""
    kept = {
        "home_assistant": __version__,
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "ratios": {
            key: {name: float(f"{ratio:.3g}") for name, ratio in row.items()}
            for key, row in ratios.items()
        },
    }
    _FILE.write_text(f"{json.dumps(kept, indent=2)}\n", "utf-8")


def compared(ratios: Ratios) -> Iterator[str]:
    """Say which ratios are worse than they were, and since when."""
    if not _FILE.exists():
        yield "There is no earlier run: keep this one with --save."
        return
    kept = json.loads(_FILE.read_text("utf-8"))
    worse = [
        f"- {key}, {name}: {ratio:.2f}, was {before:.2f}"
        for key, row in ratios.items()
        for name, ratio in row.items()
        if (before := kept["ratios"].get(key, {}).get(name)) is not None
        and ratio > before * _TOLERANCE
    ]
    since = f"{kept['date']} (Home Assistant {kept['home_assistant']})"
    yield f"{'Worse' if worse else 'Nothing is worse'} than on {since}."
    yield from worse
