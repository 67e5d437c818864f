"""Make something else of a real document: its values, its shape, its bytes."""

from collections.abc import Callable
from copy import deepcopy
import json
import re
from typing import Any, Final

from hypothesis import strategies as st

from .values import DATES, filled_in, json_values, leaves, texts

type Path = tuple[str | int, ...]

_KEY: Final = re.compile(rb'\{\s*("(?:[^"\\]|\\.){1,80}")\s*:')
_ELEMENT: Final = re.compile(rb"<[^<>?!]{1,200}>|[^<>]{1,300}")


def paths(value: Any, path: Path = ()) -> list[Path]:
    """Return where all the values of a JSON document stand."""
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [
        path,
        *(found for key, item in inner for found in paths(item, (*path, key))),
    ]


def at(document: Any, path: Path) -> Any:
    """Return the value at a path, None where there is none any more."""
    for key in path:
        try:
            document = document[key]
        except KeyError, IndexError, TypeError:
            return None
    return document


def put(document: Any, path: Path, value: Any) -> Any:
    """Return a document with another value at a path."""
    if not path:
        return value
    changed = deepcopy(document)
    if _is_place(inner := at(changed, path[:-1]), path[-1]):
        inner[path[-1]] = value
    return changed


def _is_place(value: Any, key: str | int) -> bool:
    """Say whether something can stand there in a value."""
    if isinstance(value, dict):
        return isinstance(key, str)
    return isinstance(value, list) and key in range(len(value))


@st.composite
def spoilt(draw: st.DrawFn, document: Any) -> Any:
    """Change a few things in a JSON document."""
    places = paths(document)
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(places))
        document = put(document, path, draw(_instead_of(document, at(document, path))))
        if path and draw(st.integers(0, 5)) == 0:
            document = _without(document, path)
    return document


def _instead_of(document: Any, value: Any) -> st.SearchStrategy[Any]:
    """Return what can take a value's place."""
    ways: list[st.SearchStrategy[Any]] = [
        json_values,
        st.sampled_from([[value], {"a": value}, str(value)[:100], None, [], {}]),
        # What stands elsewhere is of a shape that somebody reads.
        st.sampled_from(paths(document)).map(lambda path: deepcopy(at(document, path))),
    ]
    if isinstance(value, str):
        ways += [
            st.sampled_from(DATES),
            texts.map(value.__add__),
            st.integers(0, max(len(value), 1)).map(lambda cut: value[:cut]),
        ]
    if isinstance(value, list):
        ways += [
            st.just([*reversed(value)]),
            st.integers(2, 400).map(lambda times: (value * times)[:400]),
            leaves.map(lambda leaf: [leaf, *value]),
        ]
    if isinstance(value, dict) and value:
        ways += [
            st.sampled_from(list(value)).map(lambda key: _less(value, key)),
            st.just(dict(reversed(value.items()))),
        ]
    return st.one_of(ways)


def _less(value: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: inner for name, inner in value.items() if name != key}


def _without(document: Any, path: Path) -> Any:
    changed = deepcopy(document)
    inner = at(changed, path[:-1])
    if _is_place(inner, path[-1]) and at(inner, path[-1:]) is not None:
        del inner[path[-1]]
    return changed


@st.composite
def spoilt_json(draw: st.DrawFn, document: Any) -> bytes:
    """Write a JSON document down with a few things changed in it."""
    changed = draw(spoilt(document)) if draw(st.integers(0, 4)) else document
    text = json.dumps(changed, ensure_ascii=draw(st.booleans()))
    body = filled_in(text.encode(errors="surrogatepass"))
    return draw(_SOME_BYTES)(draw, body) if draw(st.integers(0, 2)) == 0 else body


@st.composite
def spoilt_xml(draw: st.DrawFn, body: bytes) -> bytes:
    """Write an XML document down with a few things changed in it."""
    pieces = _ELEMENT.findall(body)
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(pieces) - 1))
        what = draw(
            st.sampled_from([*_XML, *map(str.encode, DATES), *pieces])
            | texts.map(lambda text: text.encode(errors="surrogatepass"))
        )
        pieces[place : place + draw(st.integers(0, 2))] = [what]
    changed = b"".join(pieces)
    return draw(_SOME_BYTES)(draw, changed) if draw(st.integers(0, 2)) == 0 else changed


_XML: Final = (
    b"<a>" * 3000,
    b"<a>" * 3000 + b"</a>" * 3000,
    b"<a/>" * 30_000,
    b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;">]>',
    b'<!DOCTYPE a SYSTEM "file:///etc/passwd">',
    b"&#55296;",
    b"&#0;",
    b"<![CDATA[<script>]]>",
    b'<?xml version="1.0" encoding="utf-7"?>',
    b"x" * 400_000,
    b"",
)

_BEGINNINGS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"<html>", b")]}',\n")


def _truncated(draw: st.DrawFn, body: bytes) -> bytes:
    return body[: draw(st.integers(0, len(body)))]


def _one_byte(draw: st.DrawFn, body: bytes) -> bytes:
    changed = bytearray(body or b"0")
    changed[draw(st.integers(0, len(changed) - 1))] = draw(st.integers(0, 255))
    return bytes(changed)


def _more_bytes(draw: st.DrawFn, body: bytes) -> bytes:
    place = draw(st.integers(0, len(body)))
    return body[:place] + draw(st.binary(max_size=20)) + body[place:]


def _another_beginning(draw: st.DrawFn, body: bytes) -> bytes:
    return draw(st.sampled_from(_BEGINNINGS)) + body


def _another_encoding(draw: st.DrawFn, body: bytes) -> bytes:
    encoding = draw(st.sampled_from(["utf-16", "utf-16-le", "utf-32", "utf-7"]))
    return body.decode(errors="replace").encode(encoding)


def _a_key_twice(draw: st.DrawFn, body: bytes) -> bytes:
    found = list(_KEY.finditer(body[:100_000]))
    if not found:
        return body
    key = draw(st.sampled_from(found))
    value = json.dumps(draw(leaves)).encode(errors="surrogatepass")
    place = key.start() + 1
    return b"%s%s: %s, %s" % (body[:place], key[1], filled_in(value), body[place:])


_SOME_BYTES: Final[st.SearchStrategy[Callable[[st.DrawFn, bytes], bytes]]] = (
    st.sampled_from(
        [
            _truncated,
            _one_byte,
            _more_bytes,
            _another_beginning,
            _another_encoding,
            _a_key_twice,
        ]
    )
)
