"""Take secrets out of a text, however they are written in it."""

from base64 import b64encode
from collections.abc import Collection
import html
from itertools import pairwise
import json
import re
from typing import Final
from urllib.parse import quote, quote_plus

_REDACTED: Final = b"[redacted]"


def redacted(text: bytes, secrets: Collection[str]) -> bytes:
    """Return a text with ``[redacted]`` in the place of each secret.

    A secret is found as it is and as JSON, XML or an address has to write it, in
    any mixture, and together with the one after it as HTTP's basic authentication
    writes them.
    """
    known = [secret for secret in secrets if secret]
    known += [
        b64encode(f"{name}:{password}".encode(errors="replace")).decode()
        for name, password in pairwise(known)
    ]
    if not known:
        return text
    spelled = _longest_first({_anyhow(secret) for secret in known})
    return re.sub(b"|".join(spelled), _REDACTED, text, flags=re.IGNORECASE)


def _anyhow(secret: str) -> bytes:
    return b"".join(map(_any_spelling, secret))


def _any_spelling(character: str) -> bytes:
    """Return a pattern for all ways of writing a character."""
    if character.isascii() and character.isalnum():
        return character.encode()
    ways = {
        character,
        f"\\{character}",
        json.dumps(character)[1:-1],
        f"\\u{ord(character):04x}",
        html.escape(character),
        f"&#{ord(character)};",
        quote(character, safe="", errors="replace"),
        quote_plus(character, errors="replace"),
    }
    spelled = {re.escape(way.encode(errors="backslashreplace")) for way in ways}
    return b"(?:" + b"|".join(_longest_first(spelled)) + b")"


def _longest_first(patterns: Collection[bytes]) -> list[bytes]:
    """Return patterns so that none is found where a longer one stands."""
    return sorted(patterns, key=lambda pattern: (-len(pattern), pattern))
