"""One timeline of all that the providers told about all legs of a parcel."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from .journal import MANUAL, Journal, Track, leg_carrier
from .model import TrackingEvent
from .ordering import same_scan, weave
from .providers import PROVIDERS
from .providers.customs import settled


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One scan: the event in the clearest words, and who else told of it.

    ``event`` has the stage and direction that count. ``tellings`` are the
    events as told, the nearest provider's first.
    """

    event: TrackingEvent
    tellings: tuple[TrackingEvent, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The identity of the scan with each provider that told of it."""
        return tuple(event.key for event in self.tellings)


class _Ends(NamedTuple):
    """The countries that a parcel goes between."""

    origin: str | None
    destination: str | None


def timeline(journal: Journal) -> tuple[Line, ...]:
    """Return the scans of a parcel, oldest first, each one once."""
    order: list[TrackingEvent] = []
    tellings: dict[TrackingEvent, list[TrackingEvent]] = {}
    ends = _Ends(origin_country(journal), destination_country(journal))
    for track in by_nearness(journal):
        stands_for = _same_scans(track, order)
        told: list[TrackingEvent] = []
        for event in reversed(track.events):
            line = stands_for.get(event)
            if line is None:
                line = event
                tellings[line] = [event]
            else:
                tellings[line].append(event)
            told.append(line)
        order = weave(order, told, {event: event for event in tellings})
    return tuple(_line(tuple(tellings[event]), ends) for event in order)


def by_nearness(journal: Journal) -> list[Track]:
    """Return the tracks, the provider nearest to the carrier first.

    What the person wrote, then the carrier's own provider, that of the last mile
    before those of the legs that led to it, then another that is asked directly,
    then aggregators.
    """
    if len(journal.tracks) < 2:
        return list(journal.tracks)
    carriers = {leg.tracking_number: leg_carrier(journal, leg) for leg in journal.legs}

    order = list(carriers)

    def distance(track: Track) -> tuple[int, int]:
        number = track.tracking_number
        if track.provider == MANUAL:
            return 0, 0
        provider = PROVIDERS.get(track.provider)
        if provider is None or provider.aggregator:
            return 3, 0
        if carriers.get(number) in provider.carriers:
            return 1, -order.index(number)
        return 2, 0

    return sorted(journal.tracks, key=distance)


def origin_country(journal: Journal) -> str | None:
    """Return where the parcel comes from, in the nearest provider's words."""
    first = journal.tracking_number
    tracks = by_nearness(journal)
    # The last mile's carrier often calls the border the origin.
    tracks.sort(key=lambda track: track.tracking_number != first)
    return next((t.origin_country for t in tracks if t.origin_country), None)


def destination_country(journal: Journal) -> str | None:
    """Return where the parcel goes to, in the nearest provider's words."""
    tracks = by_nearness(journal)
    return next((t.destination_country for t in tracks if t.destination_country), None)


def _same_scans(
    track: Track, order: list[TrackingEvent]
) -> dict[TrackingEvent, TrackingEvent]:
    """Find for the events of a track the lines that tell of the same scan.

    The closest ones find each other first: scans can follow within minutes.
    """
    pairs = [
        (line, event)
        for event in reversed(track.events)
        for line in order
        if same_scan(line, event)
    ]
    pairs.sort(key=lambda pair: _apart(*pair))
    found: dict[TrackingEvent, TrackingEvent] = {}
    taken: set[TrackingEvent] = set()
    for line, event in pairs:
        if event not in found and line not in taken:
            found[event] = line
            taken.add(line)
    return found


def _apart(one: TrackingEvent, other: TrackingEvent) -> tuple[float, bool]:
    same_wall = one.local_time is not None and one.local_time == other.local_time
    if one.time is None or other.time is None or same_wall:
        return (0.0, one.stage != other.stage)
    return (abs((one.time - other.time).total_seconds()), one.stage != other.stage)


def _line(tellings: tuple[TrackingEvent, ...], ends: _Ends) -> Line:
    """Join the tellings of one scan: the nearest's words, all that is known."""
    nearest = tellings[0]
    event = nearest
    for other in tellings[1:]:
        event = replace(
            event,
            stage=event.stage or other.stage,
            direction=event.direction or other.direction,
            time=event.time or other.time,
            local_time=event.local_time or other.local_time,
            description=event.description or other.description,
            location=event.location or other.location,
            country=event.country or other.country,
            carrier=event.carrier or other.carrier,
        )
    stage, direction = settled(
        event.stage,
        event.direction,
        country=event.country,
        origin=ends.origin,
        destination=ends.destination,
    )
    if (stage, direction) != (event.stage, event.direction):
        event = replace(event, stage=stage, direction=direction)
    return Line(event=event, tellings=tellings)
