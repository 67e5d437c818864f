"""The chain that seals a journal: what is changed in it afterwards shows.

Whenever a record (an event, a leg, a promise, a milestone, a reported problem)
comes into a journal, is worded anew or leaves it, a link is added. A link's
``hash`` is the SHA-256 of its ``text``, which holds the hash of the link before
it and the SHA-256 of the record. Nobody can change a record, or take one out,
without changing all the hashes that follow.

What it cannot show is that the whole chain was made anew: that takes an earlier
copy of a hash, such as a dispute file that was already handed over.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from itertools import chain as in_a_row
import json
from typing import Any, Final

from .journal import Journal
from .journal_json import item_json
from .model import Leg, Link, Milestone, Problem, Promise, TrackingEvent

BEGINNING: Final = "0" * 64
"""Stands for the hash before the first link's."""

EVENT: Final = "event"
LEG: Final = "leg"
LINK: Final = "link"
MILESTONE: Final = "milestone"
PROBLEM: Final = "problem"
PROMISE: Final = "promise"

type Sealed = TrackingEvent | Leg | Milestone | Problem | Promise
"""What the chain seals."""

_NOT_SEALED: Final = {MILESTONE: ("telling", "announced_at", "causes")}
"""What changes in a record though nothing else happened."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Break:
    """A place where a journal is not what was sealed.

    ``kind`` and ``ref`` name the record, or the link (``kind`` is ``LINK``).
    """

    kind: str
    ref: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """A record of a journal as it is sealed; ``text`` is its canonical JSON."""

    kind: str
    ref: str = field(repr=False)
    text: str = field(repr=False)

    @property
    def digest(self) -> str:
        """The SHA-256 (hex) of the text."""
        return _sha256(self.text)


def seal(before: Journal | None, after: Journal, now: datetime) -> Journal:
    """Add to the chain what changed between two states of a journal.

    Only that: what somebody else changed in ``before`` must go on to show.
    ``before`` is None where the journal has no chain yet. ``now`` is aware.
    """
    known = _by_identity(before) if before is not None else {}
    new = _by_identity(after)
    came = [record(kind, item) for key, (kind, item) in new.items() if key not in known]
    left = [record(kind, item) for key, (kind, item) in known.items() if key not in new]
    same = Counter((r.kind, r.digest) for r in came) & Counter(
        (r.kind, r.digest) for r in left
    )
    came, left = _without(came, same), _without(left, same)
    if not came and not left:
        return after
    chain = list(after.chain)
    gone: dict[tuple[str, str], list[Record]] = {}
    for item in left:
        gone.setdefault((item.kind, item.ref), []).append(item)
    for item in came:
        replaced = gone.get((item.kind, item.ref))
        _append(chain, now, item, replaced.pop(0).digest if replaced else "")
    for item in in_a_row.from_iterable(gone.values()):
        _append(chain, now, replace(item, text=""), item.digest)
    return replace(after, chain=tuple(chain))


def verify(journal: Journal) -> tuple[Break, ...]:
    """Return where a journal is not what was sealed; nothing where all holds."""
    broken: list[Break] = []
    before = BEGINNING
    for link in journal.chain:
        if _sha256(link_text(link, before)) != link.hash:
            broken.append(Break(kind=LINK, ref=link.ref))
        before = link.hash
    live = {
        key: [link.digest for link in links]
        for key, links in standing(journal.chain).items()
    }
    for item in records(journal):
        digests = live.get((item.kind, item.ref), [])
        if item.digest in digests:
            digests.remove(item.digest)
        else:
            broken.append(Break(kind=item.kind, ref=item.ref))
    broken += [
        Break(kind=kind, ref=ref)
        for (kind, ref), digests in live.items()
        if digests and Break(kind=kind, ref=ref) not in broken
    ]
    return tuple(dict.fromkeys(broken))


def standing(links: Iterable[Link]) -> dict[tuple[str, str], list[Link]]:
    """Return by kind and ref the links whose records are in the journal now.

    A record that has left it may leave an empty list.
    """
    live: dict[tuple[str, str], list[Link]] = {}
    for link in links:
        there = live.setdefault((link.kind, link.ref), [])
        for other in there:
            if other.digest == link.replaces:
                there.remove(other)
                break
        if link.digest:
            there.append(link)
    return live


def records(journal: Journal) -> Iterator[Record]:
    """Iterate over all that is sealed of a journal."""
    for kind, item in _items(journal):
        yield record(kind, item)


def record(kind: str, item: Sealed) -> Record:
    """Return a part of a journal as it is sealed."""
    stored = item_json(item)
    for name in _NOT_SEALED.get(kind, ()):
        stored.pop(name, None)
    for photo in stored.get("photos", ()):
        # What it shows is sealed, not where it lies: that may tell of the person.
        del photo["path"]
    return Record(kind=kind, ref=_ref(item), text=_canonical(stored))


def link_text(link: Link, before: str) -> str:
    """Return the text whose SHA-256 is a link's hash; ``before`` is the last hash."""
    return _canonical(
        [before, link.at.isoformat(), link.kind, link.ref, link.digest, link.replaces]
    )


def _append(chain: list[Link], now: datetime, item: Record, replaces: str) -> None:
    link = Link(
        at=now,
        kind=item.kind,
        ref=item.ref,
        digest=item.digest if item.text else "",
        hash="",
        replaces=replaces,
    )
    before = chain[-1].hash if chain else BEGINNING
    chain.append(replace(link, hash=_sha256(link_text(link, before))))


def _without(records_: list[Record], same: Counter[tuple[str, str]]) -> list[Record]:
    left = Counter(same)
    kept = []
    for item in records_:
        key = (item.kind, item.digest)
        if left[key]:
            left[key] -= 1
        else:
            kept.append(item)
    return kept


def _by_identity(journal: Journal) -> dict[int, tuple[str, Sealed]]:
    """Return what is sealed by its identity: what did not change is the same object."""
    return {id(item): (kind, item) for kind, item in _items(journal)}


def _items(journal: Journal) -> Iterator[tuple[str, Sealed]]:
    for leg in journal.legs:
        yield LEG, leg
    for track in journal.tracks:
        for event in reversed(track.events):
            yield EVENT, event
    for promise in journal.promises:
        yield PROMISE, promise
    for milestone in journal.milestones:
        yield MILESTONE, milestone
    for problem in journal.problems:
        yield PROBLEM, problem


def _ref(item: Sealed) -> str:
    if isinstance(item, TrackingEvent):
        return item.key
    if isinstance(item, Leg):
        return item.tracking_number
    if isinstance(item, Milestone):
        return item.milestone_id
    if isinstance(item, Problem):
        return item.problem_id
    return f"{item.provider}|{item.tracking_number}|{item.first_seen.isoformat()}"


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _sha256(text: str) -> str:
    # Half a surrogate pair is no text, but carriers can send one.
    return sha256(text.encode(errors="surrogatepass")).hexdigest()
