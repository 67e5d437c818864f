"""The raw answers that are kept of a parcel: those that brought its events.

They are the proof of what a carrier said, also when it says it no more. A parcel
keeps the first one and the newest; of those in between it keeps, when there are too
many, no text or nothing at all.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
import zlib

from .calendar_edge import inside
from .journal import Journal, Track
from .model import Answer
from .providers.raw_answers import LONGEST_TEXT

MAX_ANSWERS: Final = 60
MAX_BYTES: Final = 256 * 1024
"""Bytes of compressed texts that a parcel keeps."""
_NONSENSE: Final = (KeyError, OverflowError, TypeError, ValueError)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptAnswer:
    """What a provider said about a leg when it told of events that were new.

    ``sha256`` (hex) and ``size`` (bytes) are those of the text, which is kept as
    ``compressed`` (zlib); that is empty where the text was too long or had to make
    room. ``received_at`` is aware.
    """

    sha256: str
    size: int
    provider: str
    tracking_number: str = field(repr=False)
    received_at: datetime
    compressed: bytes = field(default=b"", repr=False)

    @property
    def text(self) -> str | None:
        """The text itself, None where it is not kept, no longer whole, or no text."""
        try:
            return self.body.decode() if self.body is not None else None
        except UnicodeDecodeError:
            return None

    @property
    def body(self) -> bytes | None:
        """The text to the byte, None where it is not kept or no longer whole."""
        # What somebody else made of a file can be small, and fill all memory.
        if not self.compressed or self.size > LONGEST_TEXT:
            return None
        unpacker = zlib.decompressobj()
        try:
            text = unpacker.decompress(self.compressed, self.size + 1)
        except zlib.error:
            return None
        return text if len(text) == self.size else None


def to_keep(
    before: Journal, after: Journal, provider: str, answer: Answer, now: datetime
) -> KeptAnswer | None:
    """Return the raw answer that brought events into a journal; None: it brought none.

    ``after`` is ``before`` with the answer merged, ``now`` (aware) when it came.
    """
    raw, number = answer.raw, answer.tracking_number
    if (
        raw is None
        or not _names(after.track(provider, number), raw.sha256)
        or _names(before.track(provider, number), raw.sha256)
    ):
        return None
    return KeptAnswer(
        sha256=raw.sha256,
        size=raw.size,
        provider=provider,
        tracking_number=number,
        received_at=now,
        compressed=raw.compressed,
    )


def all_kept(
    kept: Iterable[KeptAnswer], more: Iterable[KeptAnswer]
) -> tuple[KeptAnswer, ...]:
    """Return what a parcel keeps with more, oldest first, within the bounds."""
    told: dict[tuple[str, str, str], KeptAnswer] = {}
    for answer in (*kept, *more):
        identity = answer.sha256, answer.provider, answer.tracking_number
        told.setdefault(identity, answer)
    if not told:
        return ()
    first, *others = told.values()
    newest = others[-(MAX_ANSWERS - 1) :]
    left = MAX_BYTES
    within = []
    for answer in (first, *reversed(newest)):
        size = len(answer.compressed)
        within.append(answer if size <= left else replace(answer, compressed=b""))
        left -= size if size <= left else 0
    return within[0], *reversed(within[1:])


def named_in(journal: Journal) -> frozenset[str]:
    """Return the SHA-256 of the raw answers that a journal's events name."""
    return frozenset(
        event.answer
        for track in journal.tracks
        for event in track.events
        if event.answer is not None
    )


def to_json(kept: Iterable[KeptAnswer]) -> list[dict[str, Any]]:
    """Return kept answers as JSON types."""
    return [
        {
            "sha256": answer.sha256,
            "size": answer.size,
            "provider": answer.provider,
            "tracking_number": answer.tracking_number,
            "received_at": answer.received_at.isoformat(),
        }
        | ({"body": b64encode(answer.compressed).decode()} if answer.compressed else {})
        for answer in kept
    ]


def from_json(stored: Any) -> tuple[KeptAnswer, ...]:
    """Read kept answers. Raises ValueError where they are none."""
    try:
        return tuple(map(_read, stored))
    except _NONSENSE as err:
        raise ValueError("not a list of kept answers") from err


def salvaged(stored: Iterable[Any]) -> tuple[KeptAnswer, ...]:
    """Read those of the kept answers that make sense."""
    answers = []
    for item in stored:
        with suppress(*_NONSENSE):
            answers.append(_read(item))
    return tuple(answers)


def _read(stored: Mapping[str, Any]) -> KeptAnswer:
    texts = [stored[key] for key in ("sha256", "provider", "tracking_number")]
    received_at = inside(datetime.fromisoformat(stored["received_at"]))
    size = stored["size"]
    if (
        not all(isinstance(text, str) for text in texts)
        or received_at.tzinfo is None
        or type(size) is not int
        or size < 0
    ):
        raise ValueError("not a kept answer")
    digest, provider, number = texts
    return KeptAnswer(
        sha256=digest,
        size=size,
        provider=provider,
        tracking_number=number,
        received_at=received_at,
        compressed=b64decode(stored.get("body", ""), validate=True),
    )


def _names(track: Track | None, digest: str) -> bool:
    return track is not None and any(event.answer == digest for event in track.events)
