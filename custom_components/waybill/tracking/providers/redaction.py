"""Take out of a text what it must not hold, however that is written in it."""

from base64 import b64encode
from collections.abc import Callable, Collection
import html
from itertools import pairwise
import json
import re
from typing import Final
from urllib.parse import quote, quote_plus

_REDACTED: Final = b"[redacted]"


def redactor(
    secrets: Collection[str], echoes: Collection[str] = ()
) -> Callable[[bytes], bytes]:
    """Return what puts ``[redacted]`` in the place of each secret in a text.

    A secret is found as it is and as JSON, XML or an address has to write it, in
    any mixture, and together with the one after it as HTTP's basic authentication
    writes them. So is whatever stands in the fields of JSON named in ``echoes``: it
    can be a few digits, which mean something else wherever else they stand.
    """
    without_secrets, without_echoes = _without(secrets), _without_fields(echoes)
    return lambda text: without_echoes(without_secrets(text))


def _without(secrets: Collection[str]) -> Callable[[bytes], bytes]:
    known = [secret for secret in secrets if secret]
    known += [
        b64encode(f"{name}:{password}".encode(errors="replace")).decode()
        for name, password in pairwise(known)
    ]
    if not known:
        return lambda text: text
    spelled = re.compile(b"|".join(_longest_first({*map(_anyhow, known)})))
    return lambda text: spelled.sub(_REDACTED, text)


def _without_fields(names: Collection[str]) -> Callable[[bytes], bytes]:
    if not names:
        return lambda text: text
    any_name = "|".join(map(re.escape, names))
    field = re.compile(
        rf'("(?:{any_name})"\s*+:\s*+)(?:"(?:[^"\\]|\\.)++"|-?[0-9.]++)'.encode(),
        re.DOTALL,
    )
    return lambda text: field.sub(rb'\1"' + _REDACTED + b'"', text)


def _anyhow(secret: str) -> bytes:
    return b"".join(map(_any_spelling, secret))


def _any_spelling(character: str) -> bytes:
    """Return a pattern for all ways of writing a character."""
    if character.isascii() and character.isalnum():
        return character.encode()
    escapes = (
        json.dumps(character)[1:-1],
        f"\\u{ord(character):04x}",
        quote(character, safe="", errors="replace"),
    )
    ways = {
        character,
        f"\\{character}",
        html.escape(character),
        f"&#{ord(character)};",
        quote_plus(character, errors="replace"),
        *escapes,
        # Hexadecimal digits are written either way; the mark before them is not.
        *(escape.lower() for escape in escapes),
        *(f"{escape[:2]}{escape[2:].upper()}" for escape in escapes),
    }
    spelled = {re.escape(way.encode(errors="backslashreplace")) for way in ways}
    return b"(?:" + b"|".join(_longest_first(spelled)) + b")"


def _longest_first(patterns: Collection[bytes]) -> list[bytes]:
    """Return patterns so that none is found where a longer one stands."""
    return sorted(patterns, key=lambda pattern: (-len(pattern), pattern))
