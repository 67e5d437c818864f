"""The chain that seals a journal: whatever is changed afterwards shows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.chain import (
    BEGINNING,
    Break,
    link_text,
    records,
    seal,
    verify,
)
from custom_components.waybill.tracking.joining import join, separate
from custom_components.waybill.tracking.journal import Journal, merge, open_journal
from custom_components.waybill.tracking.journal_json import from_json, to_json
from custom_components.waybill.tracking.milestones import announced, note, pending
from custom_components.waybill.tracking.model import (
    Answer,
    Estimate,
    Leg,
    Problem,
    ProblemKind,
    Stage,
)

from .journeys import (
    NEXT_NUMBER,
    START,
    Telling,
    answer,
    event,
    new_journal,
    polls,
    tellings,
)

HOUR = timedelta(hours=1)


def opened(journal: Journal | None = None) -> Journal:
    """Return a journal that was just begun, and sealed."""
    return seal(None, journal or new_journal(), START)


def take(journal: Journal, item: Answer, at: datetime) -> Journal:
    """Take an answer as the coordinator does."""
    merged = merge(journal, "cainiao", item, at)
    return seal(journal, note(journal, merged, now=at, zone=UTC), at)


def a_life() -> Journal:
    """Return a journal that holds something of everything."""
    journal = opened()
    shipped, customs = event(Stage.SHIPPED, 5), event(Stage.IN_CUSTOMS, 9)
    estimate = Estimate(start=START + 90 * HOUR)
    leg = Leg(tracking_number=NEXT_NUMBER, carrier="royal_mail")
    for hours, item in (
        (6, answer(shipped, estimate=estimate)),
        (10, answer(shipped, replace(customs, description="Held"), next_leg=leg)),
        (12, answer(shipped, replace(customs, words="Held by customs"))),
    ):
        journal = take(journal, item, START + hours * HOUR)
    problem = Problem(
        problem_id="1", problem=ProblemKind.DAMAGED, reported_at=START + 20 * HOUR
    )
    reported = replace(journal, problems=(problem,))
    return seal(journal, reported, START + 20 * HOUR)


@given(tellings())
def test_a_journal_that_nobody_touched_holds(telling: Telling) -> None:
    """Through answers, repetitions, announcements and restarts."""
    journal = opened()
    for at, item in polls(telling.answers, HOUR):
        journal = from_json(to_json(take(journal, item, at)))
        for milestone in pending(journal):
            told = announced(journal, milestone.milestone_id, at)
            journal = seal(journal, told, at)
        assert verify(journal) == ()


@given(tellings())
def test_what_brings_nothing_adds_no_link(telling: Telling) -> None:
    journal = opened()
    for at, item in polls(telling.answers, HOUR):
        journal = take(journal, item, at)
    assert seal(journal, journal, START) is journal
    again = merge(journal, "cainiao", telling.answers[-1], START)
    assert seal(journal, again, START).chain == journal.chain


def test_everything_that_counts_as_proof_is_sealed() -> None:
    journal = a_life()
    kinds = {link.kind for link in journal.chain}
    assert kinds == {"leg", "event", "promise", "milestone", "problem"}
    revised = [link for link in journal.chain if link.kind == "event" and link.replaces]
    assert len(revised) == 1


def test_each_link_is_the_digest_of_its_text_and_holds_the_one_before() -> None:
    """As anybody can compute it."""
    before = BEGINNING
    for link in a_life().chain:
        text = link_text(link, before)
        assert json.loads(text)[0] == before
        assert sha256(text.encode()).hexdigest() == link.hash
        before = link.hash


def leaves(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths to all that is written in a journal's JSON."""
    if isinstance(node, dict):
        return [p for k, v in node.items() for p in leaves(v, (*path, k))]
    if isinstance(node, list):
        return [p for n, v in enumerate(node) for p in leaves(v, (*path, n))]
    return [path]


NOT_PROOF = {
    # The parcel's own id, and how far the telling of a milestone has come.
    "parcel_id",
    "added_at",
    "telling",
    "announced_at",
    "causes",
    "stage_since",
}


@given(st.data())
def test_one_character_that_is_changed_shows(data: st.DataObject) -> None:
    """Wherever it stands in what is sealed, or in the seal."""
    stored = json.loads(json.dumps(to_json(a_life())))
    sealed = [
        path
        for path in leaves(stored)
        if (
            NOT_PROOF.isdisjoint(path)
            and (path[0] in ("chain", "legs", "milestones", "problems", "promises"))
        )
        or "events" in path
    ]
    path = data.draw(st.sampled_from(sealed))
    node = stored
    for key in path[:-1]:
        node = node[key]
    text = str(node[path[-1]])
    place = data.draw(st.integers(0, max(0, len(text) - 1)))
    other = data.draw(
        st.sampled_from("0123456789abcdefXYZ").filter(
            lambda c: c != text[place : place + 1]
        )
    )
    node[path[-1]] = text[:place] + other + text[place + 1 :]
    try:
        journal = from_json(stored)
    except ValueError:
        return
    if journal == from_json(json.loads(json.dumps(to_json(a_life())))):
        # The same moment, written another way.
        return
    assert verify(journal) != ()


def test_the_event_that_was_changed_is_named() -> None:
    journal = a_life()
    (track,) = journal.tracks
    newest, *others = track.events
    touched = replace(newest, description="Delivered to the neighbour")
    forged = replace(journal, tracks=(replace(track, events=(touched, *others)),))
    assert verify(forged) == (Break(kind="event", ref=newest.key),)


def test_an_event_that_was_taken_out_is_named() -> None:
    journal = a_life()
    (track,) = journal.tracks
    newest, *others = track.events
    forged = replace(journal, tracks=(replace(track, events=tuple(others)),))
    assert verify(forged) == (Break(kind="event", ref=newest.key),)


def test_an_event_that_was_slipped_in_is_named() -> None:
    journal = a_life()
    (track,) = journal.tracks
    more = event(Stage.DELIVERED, 30)
    forged = replace(journal, tracks=(replace(track, events=(more, *track.events)),))
    assert verify(forged) == (Break(kind="event", ref=more.key),)


def test_what_was_forged_before_shows_after_more_news_too() -> None:
    """New links are of what came, not of what somebody changed in between."""
    journal = a_life()
    (track,) = journal.tracks
    newest, *others = track.events
    touched = replace(newest, country="XX")
    forged = replace(journal, tracks=(replace(track, events=(touched, *others)),))
    forged = from_json(to_json(forged))
    later = take(forged, answer(event(Stage.DELIVERED, 40)), START + 41 * HOUR)
    assert Break(kind="event", ref=newest.key) in verify(later)


@pytest.mark.parametrize("taken", [0, 1, -1])
def test_a_link_that_was_taken_out_shows(taken: int) -> None:
    journal = a_life()
    chain = list(journal.chain)
    del chain[taken]
    assert verify(replace(journal, chain=tuple(chain))) != ()


def test_the_same_two_lines_of_one_minute_are_both_sealed() -> None:
    twins = (
        event(Stage.IN_TRANSIT, 5),
        replace(event(Stage.IN_TRANSIT, 5), words="the other one"),
    )
    journal = take(opened(), answer(*twins), START + 6 * HOUR)
    assert verify(journal) == ()
    (track,) = journal.tracks
    assert len(track.events) == 2
    without = replace(journal, tracks=(replace(track, events=track.events[:1]),))
    assert verify(seal(journal, without, START)) == ()
    assert verify(seal(journal, replace(journal, tracks=()), START)) == ()


@given(tellings())
def test_two_parcels_that_are_joined_and_parted_hold(telling: Telling) -> None:
    one = opened()
    for at, item in polls(telling.answers, HOUR):
        one = take(one, item, at)
    other = opened(open_journal("other", NEXT_NUMBER, START))
    scan = event(Stage.DELIVERED, 20, number=NEXT_NUMBER)
    other = take(other, answer(scan, number=NEXT_NUMBER), START + 21 * HOUR)
    later = START + 60 * HOUR
    joined = join(one, other, later)
    assert verify(joined) == ()
    kept, rest = separate(joined, NEXT_NUMBER, other, later)
    assert verify(kept) == ()
    assert verify(rest) == ()


def test_a_journal_from_before_the_chain_is_sealed_as_it_is() -> None:
    unsealed = merge(
        new_journal(), "cainiao", answer(event(Stage.SHIPPED, 5)), START + 6 * HOUR
    )
    assert verify(unsealed) != ()
    sealed = seal(None, unsealed, START + 7 * HOUR)
    assert verify(sealed) == ()
    assert len(sealed.chain) == len(list(records(sealed)))


def test_half_a_character_is_sealed_like_any_other() -> None:
    scan = replace(event(Stage.SHIPPED, 5), words="\ud800")
    journal = take(opened(), answer(scan), START + 6 * HOUR)
    assert verify(journal) == ()
