"""The dossier of a parcel: what a dispute file tells and proves, as JSON types.

Texts are as the carriers wrote them, unbounded and unescaped: whoever shows
them makes them harmless. Times are ISO 8601 with offset; the wall-clock time at
the place of a scan has none. What the person noted for themselves, the postal
code and the telephone number stay out: the file is made to be handed over.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

from .chain import (
    BEGINNING,
    EVENT,
    LINK,
    Break,
    link_text,
    record,
    records,
    standing,
    verify,
)
from .estimates import deadline, window
from .journal import Journal
from .kept_answers import KeptAnswer
from .model import FINAL_STAGES, Problem, Telling, TrackingEvent
from .numbers import carrier_name
from .parcel import Parcel
from .providers import PROVIDERS
from .timeline import timeline

FORMAT: Final = 1
"""Grows when what is here is told in another way."""

JOURNAL: Final = "journal"
"""The kind of a break where the whole journal could not be read."""


class PhotoState(StrEnum):
    """What became of a photo since it was reported."""

    INTACT = "intact"
    CHANGED = "changed"
    MISSING = "missing"


class Change(StrEnum):
    """What was done to a record after it was sealed."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    CHAIN = "chain"
    UNREADABLE = "unreadable"


def dossier(
    journal: Journal,
    parcel: Parcel,
    answers: Iterable[KeptAnswer],
    now: datetime,
    zone: tzinfo,
    photos: Mapping[str, PhotoState],
    *,
    unreadable: bool = False,
) -> dict[str, Any]:
    """Return all that is known and can be proven of a parcel.

    ``parcel`` is the snapshot of ``journal``. ``now`` is aware, ``zone`` is the
    home's. ``photos`` says by SHA-256 what became of the problems' photos.
    ``unreadable`` says that the journal on disk could not be read, and
    ``journal`` is what was still in memory.
    """
    breaks = _breaks(journal, zone, unreadable)
    return {
        "waybill_dispute_file": FORMAT,
        "made_at": _iso(now, zone),
        "time_zone": str(zone),
        "parcel": _parcel(parcel, zone),
        "dates": _dates(journal, parcel, now, zone),
        "counts": _counts(journal, parcel, now, zone),
        "problems": [_problem(problem, photos, zone) for problem in journal.problems],
        "events": [_event(event, scan, zone) for scan, event in _told(journal)],
        "milestones": _milestones(journal, zone),
        "legs": _legs(parcel, zone),
        "answers": [_answer(answer, zone) for answer in answers],
        "chain": _chain(journal, zone),
        "chain_end": journal.chain[-1].hash if journal.chain else BEGINNING,
        "chain_valid": not breaks,
        "breaks": breaks,
    }


def _parcel(parcel: Parcel, zone: tzinfo) -> dict[str, Any]:
    about = parcel.about
    return {
        "name": parcel.name,
        "tracking_number": parcel.tracking_number,
        "carrier": parcel.carrier,
        "carrier_name": parcel.carrier_name,
        "tracking_url": parcel.tracking_url,
        "seller": about.seller,
        "order_number": about.order_number,
        "order_url": about.order_url,
        "ordered_on": _iso(about.ordered_on),
        "added_at": _iso(parcel.added_at, zone),
        "stage": parcel.stage.value,
        "stage_since": _iso(parcel.stage_since, zone),
        "origin_country": parcel.origin_country,
        "destination_country": parcel.destination_country,
        "pickup_point": parcel.pickup_point,
        "signed_by": parcel.signed_by,
    }


def _dates(
    journal: Journal, parcel: Parcel, now: datetime, zone: tzinfo
) -> dict[str, Any]:
    about, end = parcel.about, _end(parcel, now)
    promises = []
    for promise in journal.promises:
        promised = window(promise.estimate, promise.provider, zone)
        promises.append(
            {
                "provider": promise.provider,
                "provider_name": provider_name(promise.provider),
                "tracking_number": promise.tracking_number,
                "from": _iso(promised.start),
                "to": _iso(promised.end),
                "all_day": promised.all_day,
                "first_seen": _iso(promise.first_seen, zone),
                "days_late": _days_after(promised.end, end, zone),
            }
        )
    expected = about.expected_by
    return {
        "shipped_at": _iso(parcel.shipped_at, zone),
        "delivered_at": _iso(parcel.delivered_at, zone),
        "expected_by": _iso(expected),
        "expected_days_late": (
            _days_after(deadline(expected, zone), end, zone) if expected else None
        ),
        "protection_until": _iso(about.protection_until),
        "promises": promises,
    }


def _counts(
    journal: Journal, parcel: Parcel, now: datetime, zone: tzinfo
) -> dict[str, Any]:
    """Return days in transit, without news and late.

    Late is counted from the first date that anybody promised.
    """
    end = _end(parcel, now)
    ended = parcel.stage in FINAL_STAGES
    news = sorted(
        moment
        for event in parcel.events
        if (moment := event.time or event.first_seen) is not None and moment <= end
    )
    first = news[0] if news else min(parcel.added_at, now)
    moments = [first, *news, *([] if ended else [now])]
    silences = [
        (later - earlier, earlier, later) for earlier, later in pairwise(moments)
    ]
    longest = max(silences, default=(timedelta(), first, first))
    deadlines = [
        window(promise.estimate, promise.provider, zone).end
        for promise in journal.promises
    ]
    if parcel.about.expected_by is not None:
        deadlines.append(deadline(parcel.about.expected_by, zone))
    promised = min(deadlines, key=datetime.timestamp, default=None)
    return {
        "days_in_transit": parcel.days_in_transit(now, zone),
        "longest_silence": {
            "days": longest[0].days,
            "from": _iso(longest[1], zone),
            "to": _iso(longest[2], zone),
        },
        "current_silence_days": None if ended else (now - moments[-2]).days,
        "first_promise": _iso(promised),
        "days_late": _days_after(promised, end, zone) if promised is not None else None,
    }


def _problem(
    problem: Problem, photos: Mapping[str, PhotoState], zone: tzinfo
) -> dict[str, Any]:
    return {
        "problem_id": problem.problem_id,
        "problem": problem.problem.value,
        "reported_at": _iso(problem.reported_at, zone),
        "settled_at": _iso(problem.settled_at, zone),
        "description": problem.description,
        "photos": [
            {
                "sha256": photo.sha256,
                "size": photo.size,
                "media_type": photo.media_type,
                "state": photos.get(photo.sha256, PhotoState.MISSING).value,
            }
            for photo in problem.photos
        ],
    }


def _told(journal: Journal) -> list[tuple[int, TrackingEvent]]:
    """Return every event of every provider, oldest first, with its scan's number.

    Events with the same number tell of one scan.
    """
    scans = {
        event: number
        for number, line in enumerate(timeline(journal), 1)
        for event in line.tellings
    }
    told = [
        (scans[event], event)
        for track in journal.tracks
        for event in reversed(track.events)
    ]
    return sorted(told, key=lambda one: one[0])


def _event(event: TrackingEvent, scan: int, zone: tzinfo) -> dict[str, Any]:
    sealed = record(EVENT, event)
    return {
        "scan": scan,
        "ref": sealed.ref,
        "digest": sealed.digest,
        "written_time": event.written_time,
        "time": _iso(event.time, zone),
        "local_time": _iso(event.local_time),
        "stage": event.stage and event.stage.value,
        "direction": event.direction and event.direction.value,
        "code": event.code,
        "words": event.words,
        "earlier_words": list(event.earlier_words),
        "description": event.description,
        "location": event.location,
        "country": event.country,
        "tracking_number": event.tracking_number,
        "carrier": event.carrier,
        "carrier_name": carrier_name(event.carrier) if event.carrier else None,
        "provider": event.provider,
        "provider_name": provider_name(event.provider),
        "first_seen": _iso(event.first_seen, zone),
        "answer": event.answer,
    }


def _milestones(journal: Journal, zone: tzinfo) -> list[dict[str, Any]]:
    return [
        {
            "milestone": milestone.milestone.value,
            "milestone_id": milestone.milestone_id,
            "time": _iso(milestone.time, zone),
            "noted_at": _iso(milestone.noted_at, zone),
            "announced": milestone.telling is Telling.ANNOUNCED,
            "stage": milestone.stage.value,
            "description": milestone.description,
            "location": milestone.location,
            "inferred": milestone.inferred,
        }
        for milestone in journal.milestones
    ]


def _legs(parcel: Parcel, zone: tzinfo) -> list[dict[str, Any]]:
    return [
        {
            "tracking_number": leg.tracking_number,
            "carrier": leg.carrier,
            "carrier_name": carrier_name(leg.carrier) if leg.carrier else None,
            "found_by": leg.found_by,
            "found_by_name": provider_name(leg.found_by) if leg.found_by else None,
            "found_on": leg.found_on,
            "since": _iso(leg.since, zone),
        }
        for leg in parcel.legs
    ]


def _answer(answer: KeptAnswer, zone: tzinfo) -> dict[str, Any]:
    return {
        "sha256": answer.sha256,
        "size": answer.size,
        "provider": answer.provider,
        "provider_name": provider_name(answer.provider),
        "tracking_number": answer.tracking_number,
        "received_at": _iso(answer.received_at, zone),
        "text": answer.text,
    }


def _chain(journal: Journal, zone: tzinfo) -> list[dict[str, Any]]:
    """Return the links, each with its record where that is in the journal now."""
    there: dict[tuple[str, str, str], list[str]] = {}
    for item in records(journal):
        there.setdefault((item.kind, item.ref, item.digest), []).append(item.text)
    current = {id(link) for links in standing(journal.chain).values() for link in links}
    links, before = [], BEGINNING
    for link in journal.chain:
        texts = there.get((link.kind, link.ref, link.digest))
        links.append(
            {
                "text": link_text(link, before),
                "hash": link.hash,
                "at": _iso(link.at, zone),
                "kind": link.kind,
                "ref": link.ref,
                "digest": link.digest,
                "replaces": link.replaces,
                "record": texts.pop() if texts and id(link) in current else None,
            }
        )
        before = link.hash
    return links


def _breaks(journal: Journal, zone: tzinfo, unreadable: bool) -> list[dict[str, Any]]:
    """Return where the journal is not what was sealed, in terms of its events."""
    events = {event.key: event for track in journal.tracks for event in track.events}
    there = {(item.kind, item.ref) for item in records(journal)}
    sealed = {key for key, links in standing(journal.chain).items() if links}
    breaks = [
        _break(found, _change(found, there, sealed), events.get(found.ref), zone)
        for found in verify(journal)
    ]
    if unreadable:
        lost = Break(kind=JOURNAL, ref="")
        breaks.append(_break(lost, Change.UNREADABLE, None, zone))
    return breaks


def _change(
    found: Break, there: set[tuple[str, str]], sealed: set[tuple[str, str]]
) -> Change:
    if found.kind == LINK:
        return Change.CHAIN
    key = (found.kind, found.ref)
    if key not in there:
        return Change.REMOVED
    return Change.CHANGED if key in sealed else Change.ADDED


def _break(
    found: Break, change: Change, event: TrackingEvent | None, zone: tzinfo
) -> dict[str, Any]:
    """Name a break; of an event that is gone, its key still tells the time."""
    written = event.written_time if event is not None else None
    if written is None and found.kind == EVENT:
        written = found.ref.rpartition("|")[2]
    return {
        "kind": found.kind,
        "ref": found.ref,
        "change": change.value,
        "written_time": written,
        "time": _iso(event.time, zone) if event is not None else None,
        "description": (event.description or event.words)
        if event is not None
        else None,
    }


def provider_name(provider: str) -> str | None:
    """Return what a provider is called; None for one without a proper name."""
    known = PROVIDERS.get(provider)
    return known.name if known is not None else None


def _end(parcel: Parcel, now: datetime) -> datetime:
    """Return when the parcel came to its end, or the present moment."""
    if parcel.stage in FINAL_STAGES and parcel.transit_to is not None:
        return parcel.transit_to
    return now


def _days_after(promised: datetime, end: datetime, zone: tzinfo) -> int:
    """Count the calendar days from a promise that was not kept; 0 where it was."""
    if end <= promised:
        return 0
    days = end.astimezone(zone).date() - promised.astimezone(zone).date()
    return max(1, days.days)


def _iso(value: date | datetime | None, zone: tzinfo | None = None) -> str | None:
    """Return a date or time as text; an instant on the clock of ``zone``."""
    if isinstance(value, datetime) and zone is not None:
        value = value.astimezone(zone)
    return value.isoformat() if value is not None else None
