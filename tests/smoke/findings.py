"""What Home Assistant's log says of Waybill: what is wrong, and what will be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

_SOON: Final = (
    "deprecat",
    "will stop working",
    "will be removed",
    "detected that custom integration",
    "FutureWarning",
)
_UNTESTED: Final = "which has not been tested by Home Assistant"
"""Said of every custom integration at every start."""


def warnings(lines: Iterable[str]) -> list[str]:
    """Return the lines that say that Waybill uses what will be gone one day.

    Each once, without its time: Home Assistant says some at every start.
    """
    found = {
        line.partition(" WARNING ")[2] or line: None
        for line in lines
        if _UNTESTED not in line
        and "waybill" in line.lower()
        and any(sign.lower() in line.lower() for sign in _SOON)
    }
    return list(found)


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """What was found with one release of Home Assistant."""

    version: str
    warnings: Sequence[str]

    def page(self, failed: Sequence[str]) -> str:
        """Return it in Markdown, with the tests that failed."""
        lists = {
            "What breaks": failed,
            "What Home Assistant says will break": self.warnings,
        }
        lines = [f"## Waybill with Home Assistant {self.version}", ""]
        for title, items in lists.items():
            lines += [f"### {title}", ""]
            lines += [f"- `{item}`" for item in items] or ["Nothing."]
            lines.append("")
        return "\n".join(lines)
