"""The library stands by itself."""

import ast
from pathlib import Path

import pytest

from custom_components.waybill import tracking

_LIBRARY = Path(tracking.__file__).parent


def _imported(path: Path) -> set[str]:
    """Return the modules that a file imports, the relative ones from the library."""
    depth = len(path.relative_to(_LIBRARY).parts)
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Import():
                found |= {name.name for name in node.names}
            case ast.ImportFrom(level=0):
                found.add(node.module or "")
            case ast.ImportFrom() if node.level > depth:
                found.add("custom_components.waybill")
    return found


@pytest.mark.parametrize(
    "path", sorted(_LIBRARY.rglob("*.py")), ids=lambda path: path.stem
)
def test_nothing_in_the_library_knows_of_home_assistant(path: Path) -> None:
    around = {"homeassistant", "custom_components"}
    assert around.isdisjoint(name.partition(".")[0] for name in _imported(path))
