"""Which raw answers a parcel keeps, and for how long."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
import json
import os
from typing import Any
import zlib

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.waybill.tracking.joining import join
from custom_components.waybill.tracking.journal import Journal, merge, open_journal
from custom_components.waybill.tracking.kept_answers import (
    MAX_ANSWERS,
    MAX_BYTES,
    KeptAnswer,
    all_kept,
    from_json,
    named_in,
    to_json,
    to_keep,
)
from custom_components.waybill.tracking.model import Answer, RawAnswer, TrackingEvent
from custom_components.waybill.tracking.providers.raw_answers import LONGEST_TEXT

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
NUMBER = "LP00123456789012"


def raw(text: bytes) -> RawAnswer:
    """Return a raw answer as a provider returns it."""
    return RawAnswer(
        sha256=sha256(text).hexdigest(),
        size=len(text),
        compressed=zlib.compress(text),
    )


def kept(at: int, text: bytes = b"", **changed: Any) -> KeptAnswer:
    """Return an answer that came so many hours after noon."""
    told = raw(text or f"answer {at}".encode())
    fields: dict[str, Any] = {
        "sha256": told.sha256,
        "size": told.size,
        "compressed": told.compressed,
        "provider": "cainiao",
        "tracking_number": NUMBER,
        "received_at": NOW + timedelta(hours=at),
    }
    return KeptAnswer(**(fields | changed))


def answer(text: bytes, *codes: str) -> Answer:
    """Return an answer with an event for each code, newest first."""
    events = tuple(
        TrackingEvent(
            provider="cainiao",
            tracking_number=NUMBER,
            code=code,
            written_time=code,
        )
        for code in codes
    )
    return Answer(tracking_number=NUMBER, events=events, raw=raw(text))


def merged(journal: Journal, told: Answer) -> tuple[Journal, KeptAnswer | None]:
    """Merge an answer; returns what is to be kept of it too."""
    after = merge(journal, "cainiao", told, NOW)
    return after, to_keep(journal, after, "cainiao", told, NOW)


# What is kept


def test_an_answer_is_kept_for_the_events_that_it_brought() -> None:
    journal = open_journal("id", NUMBER, NOW)
    journal, first = merged(journal, answer(b"one", "1"))
    assert first is not None
    assert first.body == b"one"
    assert first.received_at == NOW
    journal, same = merged(journal, answer(b"one, said otherwise", "1"))
    assert same is None
    journal, second = merged(journal, answer(b"two", "2", "1"))
    assert second is not None
    assert named_in(journal) == {first.sha256, second.sha256}
    journal, shorter = merged(journal, answer(b"one", "1"))
    assert shorter is None
    assert named_in(journal) == {first.sha256, second.sha256}


def test_of_an_answer_that_did_not_come_as_text_nothing_is_kept() -> None:
    journal = open_journal("id", NUMBER, NOW)
    journal, proof = merged(journal, replace(answer(b"one", "1"), raw=None))
    assert proof is None
    assert named_in(journal) == frozenset()


def test_of_another_number_nothing_is_kept() -> None:
    other = open_journal("id", "LP00123456789013", NOW)
    assert merged(other, answer(b"one", "1")) == (other, None)


def test_two_parcels_that_are_one_keep_the_proof_of_either() -> None:
    one, _ = merged(
        open_journal("one", NUMBER, NOW), replace(answer(b"old", "1"), raw=None)
    )
    other = open_journal("other", "LP00123456789013", NOW)
    other = replace(other, legs=(*other.legs, *one.legs))
    other, proof = merged(other, answer(b"new", "1"))
    assert proof is not None
    assert named_in(join(one, other, NOW)) == {proof.sha256}
    assert named_in(join(other, one, NOW)) == {proof.sha256}


# Bounds


def test_an_answer_is_kept_once() -> None:
    later = kept(5, b"answer 1")
    assert all_kept([kept(1)], [later, kept(2)]) == (kept(1), kept(2))
    by_another = replace(later, provider="seventeentrack")
    assert all_kept([kept(1)], [by_another]) == (kept(1), by_another)


def test_the_first_one_and_the_newest_stay() -> None:
    told = [kept(at) for at in range(MAX_ANSWERS + 10)]
    assert all_kept([], told) == (told[0], *told[11:])


def test_texts_in_between_make_room() -> None:
    told = [kept(at, os.urandom(100_000)) for at in range(4)]
    one, two, three, four = all_kept(told[:2], told[2:])
    assert (one, four) == (told[0], told[3])
    assert two == replace(told[1], compressed=b"")
    assert three == replace(told[2], compressed=b"")
    assert two.body is None


@given(
    sizes=st.lists(st.integers(0, 150_000), max_size=80),
    at=st.integers(0, 80),
)
@settings(max_examples=60)
def test_no_parcel_keeps_too_much(sizes: list[int], at: int) -> None:
    told = [
        kept(hours, f"{hours}".encode(), compressed=b"x" * size)
        for hours, size in enumerate(sizes)
    ]
    within = all_kept(all_kept([], told[:at]), told[at:])
    assert len(within) <= MAX_ANSWERS
    assert sum(len(each.compressed) for each in within) <= MAX_BYTES
    assert [e.received_at for e in within] == sorted(e.received_at for e in within)
    assert all_kept(within, told[:1]) == within
    if told:
        assert within[0].sha256 == told[0].sha256
        assert within[-1].sha256 == told[-1].sha256


# On disk


def test_what_is_stored_comes_back() -> None:
    told = (kept(1), kept(2, compressed=b""))
    assert from_json(json.loads(json.dumps(to_json(told)))) == told
    assert "body" not in to_json(told)[1]
    assert from_json([]) == ()


@pytest.mark.parametrize(
    "stored",
    [
        17,
        "text",
        [17],
        [{}],
        {"sha256": "a"},
        [to_json([kept(1)])[0] | {"size": "many"}],
        [to_json([kept(1)])[0] | {"size": -1}],
        [to_json([kept(1)])[0] | {"received_at": "0001-01-01T00:00:00+14:00"}],
        [to_json([kept(1)])[0] | {"body": "no base64"}],
        [to_json([kept(1)])[0] | {"body": 17}],
        [to_json([kept(1)])[0] | {"provider": None}],
        [to_json([kept(1)])[0] | {"received_at": "yesterday"}],
        [to_json([kept(1)])[0] | {"received_at": "2026-06-10T12:00:00"}],
    ],
)
def test_nonsense_is_told_as_such(stored: Any) -> None:
    with pytest.raises(ValueError, match="kept answer"):
        from_json(stored)


@pytest.mark.parametrize(
    "compressed", [b"no zlib", zlib.compress(b"a" * 10**6), zlib.compress(b"a")[:-8]]
)
def test_a_text_that_is_not_whole_is_none(compressed: bytes) -> None:
    assert kept(1, size=9, compressed=compressed).body is None


def test_a_text_that_would_fill_all_memory_is_not_unpacked() -> None:
    size = LONGEST_TEXT + 1
    told = {"size": size, "compressed": zlib.compress(b"a" * size)}
    assert kept(1, **told).body is None
    told = {"size": size - 1, "compressed": zlib.compress(b"a" * (size - 1))}
    assert kept(1, **told).body == b"a" * (size - 1)
