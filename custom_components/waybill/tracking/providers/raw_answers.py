"""What is kept of a body for each number that it told of."""

from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Final
import zlib

from ..model import RawAnswer
from .excerpts import excerpts
from .redaction import redactor

LONGEST_TEXT: Final = 256 * 1024
"""Bytes of a text that is kept; of a longer one only its SHA-256 is."""


def raw_answers(
    body: bytes,
    asked: Mapping[str, Collection[str]],
    secrets: Collection[str],
    known: Mapping[str, RawAnswer],
    echoes: Collection[str] = (),
) -> dict[str, RawAnswer]:
    """Return what a body says of each number asked about, without secrets.

    ``asked`` is as ``excerpts`` takes it, ``echoes`` as ``redactor`` does. What is
    ``known`` of a number comes back where the body says the same of it.
    """
    redacted = redactor(secrets, echoes)
    told = {}
    for number, excerpt in excerpts(body, asked).items():
        text = redacted(excerpt)
        digest = sha256(text).hexdigest()
        last = known.get(number)
        if last is None or last.sha256 != digest:
            kept = zlib.compress(text) if len(text) <= LONGEST_TEXT else b""
            last = RawAnswer(sha256=digest, size=len(text), compressed=kept)
        told[number] = last
    return told
