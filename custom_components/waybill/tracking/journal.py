"""The journal of a parcel: all that was ever learned about it.

It only grows. An answer that is shorter than the last one, empty, or about
another number removes nothing and moves nothing back.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from . import numbers
from .model import (
    Answer,
    Estimate,
    Leg,
    Link,
    Milestone,
    Problem,
    Promise,
    PutOff,
    Stage,
    TrackingEvent,
)
from .ordering import weave

MANUAL: Final = "manual"
"""Provider of the lines that a person wrote."""

_MAX_EVENTS: Final = 1000
_MAX_LEGS: Final = 5
_MAX_EARLIER_WORDS: Final = 8
_MAX_PROMISES: Final = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Track:
    """What one provider ever said about one leg; ``events`` newest first.

    ``stage`` is what it says of the parcel as a whole, since ``stage_since``.
    """

    provider: str
    tracking_number: str = field(repr=False)
    events: tuple[TrackingEvent, ...] = ()
    stage: Stage | None = None
    stage_since: datetime | None = None
    invalid: bool = False
    needs: str | None = None
    carrier: str | None = None
    origin_country: str | None = None
    destination_country: str | None = None
    estimate: Estimate | None = None
    pickup_point: str | None = field(default=None, repr=False)
    signed_by: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True, weakref_slot=True)
class Journal:
    """All that is known of one parcel; the first leg is the person's number.

    ``foreign`` are the numbers that the person said are not this parcel's.
    ``promises`` are what carriers promised, oldest first. ``alerted`` are the
    alerts (their kinds) that the house was told of and that still hold. An
    archived parcel has ``archived_at``; ``restored_at`` is when it last came back
    from the archive. What happened before ``silent_until`` is no news: the journal
    of then, or a part of it, was lost, and it may have been announced.
    """

    parcel_id: str
    added_at: datetime
    legs: tuple[Leg, ...]
    tracks: tuple[Track, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    foreign: tuple[str, ...] = field(default=(), repr=False)
    promises: tuple[Promise, ...] = ()
    problems: tuple[Problem, ...] = ()
    put_off: tuple[PutOff, ...] = ()
    alerted: tuple[str, ...] = ()
    archived_at: datetime | None = None
    restored_at: datetime | None = None
    silent_until: datetime | None = None
    chain: tuple[Link, ...] = ()

    @property
    def tracking_number(self) -> str:
        """The number that the person gave."""
        return self.legs[0].tracking_number

    def track(self, provider: str, tracking_number: str) -> Track | None:
        """Return what a provider said about a leg, if it ever did."""
        for track in self.tracks:
            if (track.provider, track.tracking_number) == (provider, tracking_number):
                return track
        return None


def open_journal(
    parcel_id: str, tracking_number: str, added_at: datetime, carrier: str | None = None
) -> Journal:
    """Begin the journal of a parcel; ``added_at`` is aware."""
    leg = Leg(tracking_number=tracking_number, carrier=carrier)
    return Journal(parcel_id=parcel_id, added_at=added_at, legs=(leg,))


def leg_carrier(
    journal: Journal, leg: Leg, pinned: str | None = None, home: str | None = None
) -> str | None:
    """Return who carries a leg: as the person, a provider, or the number says.

    ``home`` is the country of the house, ISO 3166 alpha-2, where it is known.
    """
    if pinned or leg.carrier:
        return pinned or leg.carrier
    for track in journal.tracks:
        if track.tracking_number == leg.tracking_number and track.carrier:
            return track.carrier
    candidates = numbers.recognise(leg.tracking_number, home=home)
    return candidates[0].carrier if candidates else None


def unknown_to(journal: Journal, leg: Leg) -> frozenset[str]:
    """Return the providers that answered, and have never known a leg."""
    return frozenset(
        track.provider
        for track in journal.tracks
        if track.tracking_number == leg.tracking_number
        and not track.events
        and track.stage in (None, Stage.PENDING)
    )


def merge(journal: Journal, provider: str, answer: Answer, now: datetime) -> Journal:
    """Take up an answer; the same journal comes back where it says nothing new.

    ``now`` (aware) is when the answer came. An answer about a number that is
    no leg of the parcel is passed over.
    """
    number = answer.tracking_number
    if all(leg.tracking_number != number for leg in journal.legs):
        return journal
    known = journal.track(provider, number)
    before = known or Track(provider=provider, tracking_number=number)
    after = _merge_track(before, answer, now)
    legs = _merge_legs(journal, provider, answer, now)
    if after == before and known is not None and legs == journal.legs:
        return journal
    promises = journal.promises
    if after.estimate is not None and after.estimate != before.estimate:
        promise = Promise(
            provider=provider,
            tracking_number=number,
            estimate=after.estimate,
            first_seen=now,
        )
        promises = (*promises, promise)[-_MAX_PROMISES:]
    if known is None:
        tracks = (*journal.tracks, after)
    else:
        tracks = tuple(after if track is known else track for track in journal.tracks)
    return replace(journal, tracks=tracks, legs=legs, promises=promises)


def _merge_track(track: Track, answer: Answer, now: datetime) -> Track:
    proof = answer.raw.sha256 if answer.raw is not None else None
    events = _merge_events(track.events, answer.events, now, proof=proof)
    news = len(events) > len(track.events)
    # Only a word on the whole parcel, or news after one, can change it.
    stage = answer.stage or (None if news else track.stage)
    return replace(
        track,
        events=events,
        stage=stage,
        stage_since=track.stage_since if stage == track.stage else now,
        invalid=answer.invalid and not events,
        needs=answer.needs,
        carrier=answer.carrier or track.carrier,
        origin_country=answer.origin_country or track.origin_country,
        destination_country=answer.destination_country or track.destination_country,
        estimate=answer.estimate or track.estimate,
        pickup_point=answer.pickup_point or track.pickup_point,
        signed_by=answer.signed_by or track.signed_by,
    )


def unite(track: Track, other: Track) -> Track:
    """Put together what two journals hold of the same provider and number.

    Whatever changes in the course of time is as the one says that heard last.
    """
    older, newer = other, track
    if _last_heard(other) > _last_heard(track):
        older, newer = track, other
    events = _merge_events(older.events, newer.events, None, _unite_event)
    return replace(
        newer,
        events=events,
        invalid=newer.invalid and not events,
        carrier=newer.carrier or older.carrier,
        origin_country=newer.origin_country or older.origin_country,
        destination_country=newer.destination_country or older.destination_country,
        estimate=newer.estimate or older.estimate,
        pickup_point=newer.pickup_point or older.pickup_point,
        signed_by=newer.signed_by or older.signed_by,
    )


def _last_heard(track: Track) -> float:
    heard = [event.first_seen for event in track.events] + [track.stage_since]
    return max((at.timestamp() for at in heard if at is not None), default=0.0)


def _merge_legs(
    journal: Journal, provider: str, answer: Answer, now: datetime
) -> tuple[Leg, ...]:
    legs, found = journal.legs, answer.next_leg
    if found is None or len(legs) >= _MAX_LEGS:
        return legs
    number = found.tracking_number
    if number in journal.foreign or any(leg.tracking_number == number for leg in legs):
        return legs
    leg = replace(found, found_by=provider, found_on=answer.tracking_number, since=now)
    return (*legs, leg)


def _merge_events(
    known: tuple[TrackingEvent, ...],
    told: tuple[TrackingEvent, ...],
    now: datetime | None,
    revise: Callable[[TrackingEvent, TrackingEvent], TrackingEvent] | None = None,
    proof: str | None = None,
) -> tuple[TrackingEvent, ...]:
    """Merge two lists, newest first; every known event stays."""
    revise = revise or _revise
    events = dict(enumerate(reversed(known)))
    told_order: list[int] = []
    unmatched: dict[str, list[int]] = {}
    for token, event in events.items():
        unmatched.setdefault(event.key, []).append(token)
    seen: set[tuple[str, str]] = set()
    for event in reversed(told):
        if (event.key, event.words) in seen:
            continue
        seen.add((event.key, event.words))
        known_as = _match(event, unmatched.get(event.key, []), events, told)
        if known_as is not None:
            unmatched[event.key].remove(known_as)
            events[known_as] = revise(events[known_as], event)
            told_order.append(known_as)
        elif len(events) < _MAX_EVENTS or (
            # What moves the parcel is heard, however much nonsense came before.
            event is told[0] and len(events) < 2 * _MAX_EVENTS
        ):
            told_order.append(len(events))
            events[len(events)] = replace(
                event,
                first_seen=now or event.first_seen,
                answer=proof or event.answer,
            )
    known_order = list(range(len(known)))
    order = weave(_steady(told_order, len(known), events), known_order, events)
    merged = tuple(events[token] for token in reversed(order))
    return known if merged == known else merged


def _match(
    event: TrackingEvent,
    candidates: list[int],
    events: dict[int, TrackingEvent],
    told: tuple[TrackingEvent, ...],
) -> int | None:
    """Find the known event that this one is, worded anew or not.

    One answer can hold two lines with the same code and minute; each known one
    is kept for the line that has its very words.
    """
    for token in candidates:
        if events[token].words == event.words:
            return token
    taken = {other.words for other in told if other.key == event.key}
    for token in candidates:
        if events[token].words not in taken:
            return token
    return None


def _revise(known: TrackingEvent, told: TrackingEvent) -> TrackingEvent:
    """Update an event's wording; nothing that was known becomes unknown."""
    if told.words in known.earlier_words:
        # Two servers that word it differently in turn are no news.
        return known
    words, earlier_words = known.words, known.earlier_words
    if told.words and told.words != words:
        earlier_words = (*earlier_words, words)[-_MAX_EARLIER_WORDS:]
        words = told.words
    return replace(
        known,
        words=words,
        earlier_words=earlier_words,
        description=told.description or known.description,
        stage=told.stage or known.stage,
        direction=told.direction or known.direction,
        time=told.time or known.time,
        local_time=told.local_time or known.local_time,
        location=told.location or known.location,
        country=told.country or known.country,
        carrier=told.carrier or known.carrier,
    )


def _unite_event(known: TrackingEvent, told: TrackingEvent) -> TrackingEvent:
    """Put together two accounts of an event that were both seen before."""
    words = told.words or known.words
    worded = (*known.earlier_words, known.words, *told.earlier_words)
    return replace(
        _revise(replace(known, earlier_words=()), told),
        words=words,
        earlier_words=tuple(dict.fromkeys(w for w in worded if w and w != words)),
        answer=known.answer or told.answer,
        first_seen=min(
            (at for at in (known.first_seen, told.first_seen) if at is not None),
            default=None,
        ),
    )


def _steady(
    order: list[int], known: int, events: dict[int, TrackingEvent]
) -> list[int]:
    """Keep known events of the very same time in the order they had.

    Some servers list ties in another order each time.
    """
    steady = list(order)
    start = 0
    for end in range(1, len(steady) + 1):
        if end < len(steady) and (
            events[steady[end]].written_time == events[steady[start]].written_time
        ):
            continue
        run = steady[start:end]
        if len(run) > 1 and all(token < known for token in run):
            steady[start:end] = sorted(run)
        start = end
    return steady
