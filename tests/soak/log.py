"""What Home Assistant's log says against Waybill."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

_LEVELS: Final = (" ERROR ", " CRITICAL ")
_CODE: Final = "custom_components/waybill"
_LOGGER: Final = "custom_components.waybill"
_AROUND: Final = 12


def complaints(log: Path) -> list[str]:
    """Return the errors that Waybill logged, and the tracebacks that go through it."""
    lines = log.read_text(errors="replace").splitlines()
    return [*dict.fromkeys(_complaints(lines))]


def _complaints(lines: list[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if any(level in line for level in _LEVELS) and _LOGGER in line:
            yield "\n".join(lines[number : number + _AROUND])
        elif _CODE in line:
            yield "\n".join(lines[max(0, number - _AROUND) : number + _AROUND])
