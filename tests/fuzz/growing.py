"""Make a real body larger and larger, in each way that could cost more than its size."""

from collections.abc import Callable, Mapping
import json
import re
from typing import Any, Final

from .bodies import Body
from .spoiling import Path, at, paths, put

_HERE: Final = "@here@"
_LEVELS: Final = 30
"""So many are no nonsense yet: every reader follows them."""
_LONGEST_LIST: Final = re.compile(rb"(?s)(<occurrence>.*</occurrence>)")


def grown(body: Body, way: str, size: int) -> bytes:
    """Return a body of about ``size`` bytes, grown in one of ``WAYS``."""
    if not body.is_json:
        return _LONGEST_LIST.sub(lambda found: _XML[way](found[1], size), body.content)
    kind, grow = _JSON[way]
    place = _longest(body.document, kind)
    inside = _written(at(body.document, place))[1:-1]
    text = _written(put(body.document, place, _HERE))
    return text.replace(b'"%s"' % _HERE.encode(), grow(inside, size))


def _longest(document: Any, kind: type) -> Path:
    """Return where the largest list, object or text below the top stands."""
    places = [
        place for place in paths(document) if isinstance(at(document, place), kind)
    ]
    return max(
        [place for place in places if place] or places,
        key=lambda place: len(_written(at(document, place))),
    )


def _written(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _deep(inside: bytes, size: int) -> bytes:
    levels = size // 2
    return b"[" * levels + b"]" * levels


def _repeated(one: bytes, size: int, between: bytes = b",") -> bytes:
    return between.join([one] * (size // (len(one) + len(between))))


def _objects_in_objects() -> bytes:
    return b'{"":' * _LEVELS + b"[]" + b"}" * _LEVELS


def _keys(form: bytes, size: int) -> bytes:
    return b"".join(form % n for n in range(size // len(form % 9999)))


_JSON: Final[Mapping[str, tuple[type, Callable[[bytes, int], bytes]]]] = {
    "many events": (list, lambda inside, size: b"[%s]" % _repeated(inside, size)),
    "many empty events": (list, lambda _, size: b"[%s]" % _repeated(b"{}", size)),
    "many deep events": (
        list,
        lambda _, size: b"[%s]" % _repeated(_objects_in_objects(), size),
    ),
    "many keys": (
        dict,
        lambda inside, size: b"{%s%s}" % (_keys(b'"k%d":[],', size), inside),
    ),
    "a long text": (str, lambda _, size: b'"%s"' % (b"x <" * (size // 3))),
    "a long text of wide letters": (
        str,
        lambda _, size: b'"%s"' % ("💥é".encode() * (size // 6)),
    ),
    "no end of levels": (list, _deep),
}
_XML: Final[Mapping[str, Callable[[bytes, int], bytes]]] = {
    "many events": lambda inside, size: _repeated(inside, size, b"\n"),
    "many empty events": lambda _, size: b"<occurrence/>" * (size // 13),
    "many deep events": lambda _, size: _repeated(
        b"<a>" * _LEVELS + b"</a>" * _LEVELS, size, b"\n"
    ),
    "many keys": lambda inside, size: _keys(b"<k%d/>", size) + inside,
    "a long text": lambda inside, size: inside.replace(
        b"</", b" &lt;" * (size // 5) + b"</", 1
    ),
    "a long text of wide letters": lambda inside, size: inside.replace(
        b"</", "💥é".encode() * (size // 6) + b"</", 1
    ),
    "no end of levels": lambda _, size: b"<a>" * (size // 7) + b"</a>" * (size // 7),
}
WAYS: Final = tuple(_JSON)
