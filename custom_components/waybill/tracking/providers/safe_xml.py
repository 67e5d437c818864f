"""Read untrusted XML as plain values: text, and mappings of a name to what is in it.

What makes XML dangerous is refused whole: document types, entities and anything
that would be fetched from elsewhere. No carrier's answer needs them.
"""

from collections.abc import Collection
from typing import Final
from xml.etree.ElementTree import Element, ParseError  # nosec B405  # types; defusedxml reads

from defusedxml.ElementTree import fromstring

from .base import ProviderUnavailable

type Tree = str | dict[str, Tree | list[Tree]]
"""What an element holds: its text, or its children by their names."""

LONGEST: Final = 512 * 1024
"""Bytes of a body that are read; a history of 300 scans has less than half of that."""
_DEEPEST: Final = 8


def read(body: bytes, lists: Collection[str]) -> tuple[str, Tree]:
    """Return the name of the outermost element and what is in it.

    Namespaces are left out of the names. Elements whose name is one of ``lists``
    stand in a list, however many there are; of others with one name the first
    counts. Attributes, and what lies too deep, are passed over. Raises
    ProviderUnavailable for what is no XML, or is dangerous.
    """
    if len(body) > LONGEST:
        raise ProviderUnavailable("answer is too long")
    try:
        root: Element = fromstring(
            body, forbid_dtd=True, forbid_entities=True, forbid_external=True
        )
    # An encoding that nobody knows is a LookupError, the dangers are ValueErrors.
    except (ParseError, ValueError, LookupError) as err:
        raise ProviderUnavailable(f"answer is not XML ({type(err).__name__})") from None
    return _name(root), _tree(root, lists, _DEEPEST)


def _tree(element: Element, lists: Collection[str], depth: int) -> Tree:
    if not len(element) or not depth:
        return element.text or ""
    one: dict[str, Tree] = {}
    several: dict[str, list[Tree]] = {}
    for child in element:
        name = _name(child)
        if name in lists:
            several.setdefault(name, []).append(_tree(child, lists, depth - 1))
        elif name not in one:
            one[name] = _tree(child, lists, depth - 1)
    return {**one, **several}


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]
