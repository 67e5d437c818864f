"""All patterns that the package compiles, found by looking through its modules.

A pattern set is a module's: what it holds in its own names, in tables and in objects,
and what its functions write in place.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
import re
from types import ModuleType
from typing import Any, Final

import custom_components.waybill
from custom_components.waybill.tracking.providers.wording import Phrases, Refinement

_DEEPEST: Final = 8
_AT_ONE_PLACE: Final = frozenset({"match", "fullmatch"})
_ROOT: Final = custom_components.waybill


def asked_at_one_place() -> dict[re.Pattern[Any], frozenset[str]]:
    """Return the patterns that no text is searched for, and how they are asked.

    ``match`` or ``fullmatch``: whether a text begins with one, or is one as a whole.
    """
    ways = _ways()
    return {
        value: frozenset(ways[name])
        for found in walk_packages(_ROOT.__path__, f"{_ROOT.__name__}.")
        for name, value in vars(import_module(found.name)).items()
        if isinstance(value, re.Pattern) and ways[name] and ways[name] <= _AT_ONE_PLACE
    }


def pattern_sets() -> dict[str, list[re.Pattern[Any]]]:
    """Return the patterns of each module that has any, by the module's name."""
    sets: dict[str, list[re.Pattern[Any]]] = {}
    for found in walk_packages(_ROOT.__path__, f"{_ROOT.__name__}."):
        module = import_module(found.name)
        tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
        told = [*_held(module, _imported(tree)), *_written_in_place(tree)]
        if patterns := list(dict.fromkeys(told)):
            sets[module.__name__.removeprefix(f"{_ROOT.__name__}.")] = patterns
    return sets


def _imported(tree: ast.Module) -> set[str]:
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


def _held(module: ModuleType, imported: set[str]) -> Iterator[re.Pattern[Any]]:
    for name, value in vars(module).items():
        if name not in imported and not name.startswith("__"):
            yield from _in(value, _DEEPEST)


def _in(value: Any, depth: int) -> Iterator[re.Pattern[Any]]:
    """Iterate over the patterns in a value: a table, an object, one of them."""
    if isinstance(value, re.Pattern):
        yield value
    elif not depth or isinstance(value, str | bytes | type | ModuleType):
        return
    elif isinstance(value, Mapping):
        for inner in (*value.keys(), *value.values()):
            yield from _in(inner, depth - 1)
    elif isinstance(value, tuple | list | set | frozenset):
        for inner in value:
            yield from _in(inner, depth - 1)
    elif isinstance(value, Phrases | Refinement):
        yield from _in(vars(value), depth - 1)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _in(getattr(value, field.name, None), depth - 1)


def _written_in_place(tree: ast.Module) -> Iterator[re.Pattern[Any]]:
    """Iterate over the patterns of calls such as ``re.sub(r"...", ...)``."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="re"), attr=called),
                args=[ast.Constant(value=str() as pattern), *_],
            ) if called not in ("escape", "compile"):
                yield re.compile(pattern)


def _ways() -> dict[str, set[str]]:
    """Return what is called of names throughout the package: ``{"_CODE": {"sub"}}``."""
    used: dict[str, set[str]] = defaultdict(set)
    for file in Path(_ROOT.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Attribute(value=ast.Name(id=name), attr=way):
                    used[name].add(way)
    return used
