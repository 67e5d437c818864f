"""One parcel with two numbers: two journals made one, and one made two again."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from .chain import seal
from .journal import MANUAL, Journal, Track, unite
from .milestones import QUIET_HOURS, is_repeated, note_silently
from .model import Leg, Milestone, MilestoneName, Problem, Promise, Telling


def join(journal: Journal, other: Journal, now: datetime) -> Journal:
    """Return the journal of a parcel with all that another one holds.

    ``now`` is aware. The number of ``journal`` stays the parcel's first; nothing
    is lost, and nothing that only the two together show is to be announced. The
    bound on legs is for what providers name, not for what a person joins.
    """
    legs = _all_legs(journal, other, now)
    numbers = {leg.tracking_number for leg in legs}
    foreign = dict.fromkeys((*journal.foreign, *other.foreign))
    joined = replace(
        journal,
        legs=legs,
        tracks=_all_tracks(journal.tracks, other.tracks),
        milestones=_all_milestones(journal.milestones, other.milestones, now),
        foreign=tuple(number for number in foreign if number not in numbers),
        promises=_all_promises(journal.promises, other.promises),
        problems=_all_problems(journal.problems, other.problems),
    )
    return seal(journal, note_silently(joined, now=now), now)


def separate(
    journal: Journal, number: str, other: Journal, now: datetime
) -> tuple[Journal, Journal]:
    """Take a leg out of a parcel again; returns both parcels' journals.

    ``number`` is any but the parcel's first, ``other`` what the journal of that
    number held before, ``now`` aware. With the leg go those that were named
    where it was asked about, and all that was learned about any of them. Neither
    parcel takes up the other's number again, and what either shows only now is
    not announced. What a person reported of the other parcel goes with it.
    """
    kept, rest = _parted(journal, number, other, now)
    return seal(journal, kept, now), seal(other if other.chain else None, rest, now)


def _parted(
    journal: Journal, number: str, other: Journal, now: datetime
) -> tuple[Journal, Journal]:
    leaving = _brought_by(journal, number)
    kept = replace(
        journal,
        legs=tuple(leg for leg in journal.legs if leg.tracking_number not in leaving),
        tracks=tuple(t for t in journal.tracks if t.tracking_number not in leaving),
        milestones=_left_behind(journal, leaving),
        foreign=_with(journal.foreign, number),
        promises=tuple(p for p in journal.promises if p.tracking_number not in leaving),
        problems=tuple(
            p
            for p in journal.problems
            if p.problem_id not in {known.problem_id for known in other.problems}
        ),
    )
    known = {leg.tracking_number for leg in other.legs}
    rest = replace(
        other,
        legs=(
            *other.legs,
            *(
                leg
                for leg in journal.legs
                if leg.tracking_number in leaving - known - {number}
            ),
        ),
        tracks=_all_tracks(
            other.tracks, (t for t in journal.tracks if t.tracking_number in leaving)
        ),
        milestones=_all_milestones(
            other.milestones,
            (
                m
                for m in journal.milestones
                if m.tracking_number in leaving and not _is_hand_over_to(m, number)
            ),
            now,
        ),
        foreign=_with(other.foreign, journal.tracking_number),
        promises=_all_promises(
            other.promises,
            (p for p in journal.promises if p.tracking_number in leaving),
        ),
    )
    kept, rest = note_silently(kept, now=now), note_silently(rest, now=now)
    if any(leg.tracking_number == journal.tracking_number for leg in rest.legs):
        # Each had the other's number: neither keeps it.
        rest, kept = _parted(rest, journal.tracking_number, kept, now)
    return kept, rest


def _all_legs(journal: Journal, other: Journal, now: datetime) -> tuple[Leg, ...]:
    first, *further = other.legs
    brought = [
        replace(first, found_by=MANUAL, found_on=journal.tracking_number, since=now),
        *(
            replace(leg, found_on=leg.found_on or first.tracking_number)
            for leg in further
        ),
    ]
    legs = {leg.tracking_number: leg for leg in (*brought, *journal.legs)}
    order = dict.fromkeys(leg.tracking_number for leg in (*journal.legs, *brought))
    return tuple(legs[number] for number in order)


def _all_tracks(one: Iterable[Track], other: Iterable[Track]) -> tuple[Track, ...]:
    tracks = {(track.provider, track.tracking_number): track for track in one}
    for track in other:
        key = (track.provider, track.tracking_number)
        known = tracks.get(key)
        tracks[key] = unite(known, track) if known is not None else track
    return tuple(tracks.values())


def _all_promises(
    one: Iterable[Promise], other: Iterable[Promise]
) -> tuple[Promise, ...]:
    """Return what was promised in both journals, each once, oldest first."""
    promises = dict.fromkeys((*one, *other))
    return tuple(sorted(promises, key=lambda promise: promise.first_seen))


def _all_problems(
    one: Iterable[Problem], other: Iterable[Problem]
) -> tuple[Problem, ...]:
    """Return what was reported in both journals, each once, as the one has it."""
    problems = {problem.problem_id: problem for problem in (*other, *one)}
    return tuple(sorted(problems.values(), key=lambda problem: problem.reported_at))


def _all_milestones(
    one: Iterable[Milestone], other: Iterable[Milestone], now: datetime
) -> tuple[Milestone, ...]:
    """Return the milestones of both, each once, in the order of their noting.

    What one is about to announce, or did within the last hours, the other
    does not announce too.
    """
    first = tuple(one)
    noted = {milestone.milestone_id: milestone for milestone in first}
    for milestone in other:
        known = noted.get(milestone.milestone_id)
        if known is not None:
            noted[milestone.milestone_id] = _same_note(known, milestone)
        elif milestone.telling is Telling.PENDING and is_repeated(
            milestone.milestone, first, now, QUIET_HOURS
        ):
            noted[milestone.milestone_id] = replace(milestone, telling=Telling.SILENT)
        else:
            noted[milestone.milestone_id] = milestone
    return tuple(sorted(noted.values(), key=lambda m: m.noted_at))


def _same_note(known: Milestone, other: Milestone) -> Milestone:
    """Return a milestone that both journals have as the one that announced it."""
    told = other if other.telling is Telling.ANNOUNCED else known
    return replace(told, causes=tuple(dict.fromkeys((*known.causes, *other.causes))))


def _brought_by(journal: Journal, number: str) -> frozenset[str]:
    """Return a leg's number with those that were named where it was asked about."""
    brought = {number}
    for _ in journal.legs:
        brought |= {
            leg.tracking_number for leg in journal.legs[1:] if leg.found_on in brought
        }
    return frozenset(brought)


def _left_behind(journal: Journal, leaving: frozenset[str]) -> tuple[Milestone, ...]:
    """Return what stays of the milestones: also what was told in this parcel's name.

    What is yet to be told of a number that leaves, the other parcel tells.
    """
    own = f"{journal.parcel_id}-"
    kept = []
    for milestone in journal.milestones:
        if milestone.tracking_number not in leaving:
            kept.append(milestone)
        elif milestone.milestone_id.startswith(own):
            silent = milestone.telling is Telling.PENDING
            kept.append(
                replace(milestone, telling=Telling.SILENT) if silent else milestone
            )
    return tuple(kept)


def _is_hand_over_to(milestone: Milestone, number: str) -> bool:
    return (
        milestone.milestone is MilestoneName.HANDED_OVER
        and milestone.tracking_number == number
    )


def _with(numbers: tuple[str, ...], number: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*numbers, number)))
