"""What is new in an account's list, and what is gone from it for good."""

from datetime import UTC, datetime, timedelta
import json

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.listing import (
    EMPTY_FOR,
    GONE_AFTER,
    LIST_EVERY,
    Listing,
    restored,
)
from custom_components.waybill.tracking.tempo import Tempo

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
TEMPO = Tempo()
NUMBERS = st.sets(st.sampled_from("ABCDEF"))
LISTS = st.lists(st.tuples(st.integers(0, 40), NUMBERS), max_size=12)


def played(lists: list[tuple[int, set[str]]], listing: Listing) -> list[frozenset[str]]:
    """Tell lists, each some half hours after the last; return what was gone."""
    now, told = NOON, []
    for half_hours, numbers in lists:
        now += half_hours * 30 * MINUTE
        listing, gone = listing.told(numbers, now, TEMPO)
        told.append(gone)
        listing = restored(json.loads(json.dumps(listing.as_dict())))
    return told


@given(known=NUMBERS, lists=LISTS)
def test_only_what_two_lists_miss_an_hour_apart_is_gone(
    known: set[str], lists: list[tuple[int, set[str]]]
) -> None:
    now, missing_since = NOON, dict.fromkeys(known, None)
    told = played(lists, Listing().knowing(known))
    for (half_hours, numbers), gone in zip(lists, told, strict=True):
        now += half_hours * 30 * MINUTE
        for number in known:
            if number in numbers:
                missing_since[number] = None
            elif number in gone:
                since = missing_since[number]
                assert since is not None
                assert now - since >= GONE_AFTER
                del missing_since[number]
            else:
                missing_since[number] = missing_since[number] or now
        known = set(missing_since)


@given(known=NUMBERS, lists=LISTS)
def test_nothing_is_gone_twice_or_was_never_known(
    known: set[str], lists: list[tuple[int, set[str]]]
) -> None:
    told = played(lists, Listing().knowing(known))
    assert sum(len(gone) for gone in told) == len(frozenset().union(*told))
    assert frozenset().union(*told) <= known


@given(known=st.sets(st.sampled_from("ABCDEF"), min_size=2), hours=st.integers(1, 23))
def test_a_list_that_is_suddenly_empty_takes_nothing_away_within_a_day(
    known: set[str], hours: int
) -> None:
    empty = [(2, set())] * hours
    assert not any(played([(0, known), *empty], Listing().knowing(known)))


def test_a_list_that_stays_empty_for_a_day_is_believed() -> None:
    listing, _ = Listing().knowing("AB").told("AB", NOON, TEMPO)
    listing, gone = listing.told((), NOON + HOUR, TEMPO)
    assert not gone
    listing, gone = listing.told((), NOON + HOUR + EMPTY_FOR, TEMPO)
    assert gone == {"A", "B"}
    assert not listing.known


def test_emptiness_counts_from_its_last_beginning() -> None:
    listing, _ = Listing().knowing("AB").told("AB", NOON, TEMPO)
    listing, _ = listing.told((), NOON + HOUR, TEMPO)
    listing, _ = listing.told("AB", NOON + 3 * HOUR, TEMPO)
    _, gone = listing.told((), NOON + HOUR + EMPTY_FOR, TEMPO)
    assert not gone


def test_the_first_that_misses_a_number_after_an_empty_one_begins_to_count() -> None:
    listing, _ = Listing().knowing("AB").told("AB", NOON, TEMPO)
    listing, _ = listing.told((), NOON + HOUR, TEMPO)
    listing, gone = listing.told("A", NOON + 3 * HOUR, TEMPO)
    assert not gone
    _, gone = listing.told("A", NOON + 5 * HOUR, TEMPO)
    assert gone == {"B"}


def test_the_only_number_is_gone_when_two_lists_miss_it() -> None:
    listing, _ = Listing().knowing("A").told("A", NOON, TEMPO)
    listing, gone = listing.told((), NOON + HOUR, TEMPO)
    assert not gone
    _, gone = listing.told((), NOON + 2 * HOUR, TEMPO)
    assert gone == {"A"}


def test_what_was_already_missing_stays_missing_when_it_is_told_of_again() -> None:
    listing, _ = Listing().knowing("AB").told("A", NOON, TEMPO)
    _, gone = listing.knowing("B").told("A", NOON + HOUR, TEMPO)
    assert gone == {"B"}


def test_days_that_are_shortened_shorten_the_wait() -> None:
    tempo = Tempo(3600)
    listing, _ = Listing().knowing("AB").told("A", NOON, tempo)
    _, gone = listing.told("A", NOON + timedelta(seconds=1), tempo)
    assert gone == {"B"}
    assert listing.due(NOON, tempo) == NOON + timedelta(seconds=2)


def test_a_list_is_due_at_once_then_at_intervals() -> None:
    assert Listing().due(NOON, TEMPO) == NOON
    listing, _ = Listing().told("A", NOON, TEMPO)
    assert listing.due(NOON, TEMPO) == NOON + LIST_EVERY


def test_a_clock_that_was_set_back_silences_nothing_and_hurries_nothing() -> None:
    listing, _ = Listing().knowing("AB").told("A", NOON, TEMPO)
    past = NOON - timedelta(days=400)
    assert listing.due(past, TEMPO) == past + LIST_EVERY
    listing, gone = listing.told("A", past, TEMPO)
    assert not gone
    listing, _ = listing.told("AB", past, TEMPO)
    listing, _ = listing.told((), NOON, TEMPO)
    listing, gone = listing.told((), past, TEMPO)
    assert not gone
    _, gone = listing.told((), past + EMPTY_FOR, TEMPO)
    assert gone == {"A", "B"}


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        "nonsense",
        {"known": ["A"], "length": "many", "listed_at": 7, "empty_since": {}},
        {"known": None},
    ],
)
def test_what_cannot_be_read_is_passed_over(stored: object) -> None:
    assert restored(stored) == Listing()


def test_a_moment_that_cannot_be_read_does_not_lose_the_number() -> None:
    listing = restored({"known": {"A": "yesterday", "B": None}})
    assert listing.known == {"A": None, "B": None}
