"""What 17TRACK tells of a registered number, turned into an answer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
import re
from typing import Final, NamedTuple

from .. import numbers
from ..model import Answer, Direction, Leg, Stage, TrackingEvent
from . import customs, fields
from .seventeentrack_carriers import carrier_of
from .seventeentrack_words import INVALID_NUMBER, stage_of
from .wording import left_at_pickup_place

PROVIDER_ID: Final = "seventeentrack"

_WHOLE_NUMBER: Final = re.compile(r"-?\d{1,11}", re.ASCII)


class _Ends(NamedTuple):
    """The countries that a parcel goes between."""

    origin: str | None
    destination: str | None


def read_item(tracking_number: str, item: Mapping[str, object]) -> Answer:
    """Return what an accepted item says of the number asked about."""
    info = fields.mapping(item.get("track_info"))
    ends = _ends(item, info)
    latest = fields.mapping(info.get("latest_event"))
    events = tuple(
        islice(
            _newest_first(
                [list(_events(tracking_number, told)) for told in event_lists(item)]
            ),
            fields.MAX_EVENTS,
        )
    )
    status = fields.mapping(info.get("latest_status"))
    sub_status = fields.text(status.get("sub_status"), fields.CODE_LIMIT)
    main_status = fields.text(status.get("status"), fields.CODE_LIMIT)
    whole, side = _stage(sub_status or main_status, main_status, _texts(latest))
    whole, _ = customs.settled(whole, side, country=_country(latest), **ends._asdict())
    if whole is not Stage.EXPIRED and any(event.stage for event in events):
        whole = None
    promise = fields.mapping(
        fields.mapping(info.get("time_metrics")).get("estimated_delivery_date")
    )
    return Answer(
        tracking_number=tracking_number,
        events=events,
        stage=whole,
        invalid=sub_status == INVALID_NUMBER and not events,
        carrier=carrier_of_item(item),
        origin_country=ends.origin,
        destination_country=ends.destination,
        estimate=fields.estimate(promise.get("from"), promise.get("to")),
        next_leg=_next_leg(tracking_number, fields.mapping(info.get("misc_info"))),
    )


def _ends(item: Mapping[str, object], info: Mapping[str, object]) -> _Ends:
    """Return where the parcel goes: as 17TRACK found, else as it was registered."""
    shipping = fields.mapping(info.get("shipping_info"))
    shipper = fields.mapping(shipping.get("shipper_address"))
    recipient = fields.mapping(shipping.get("recipient_address"))
    return _Ends(
        fields.country(shipper.get("country"))
        or fields.country(item.get("origin_country")),
        fields.country(recipient.get("country"))
        or fields.country(item.get("destination_country")),
    )


def event_lists(item: Mapping[str, object]) -> list[Mapping[str, object]]:
    """Return what each carrier on the way says, where it says anything.

    Without their lists there is at least the latest event.
    """
    info = fields.mapping(item.get("track_info"))
    told = [
        each
        for each in fields.mappings(
            fields.mapping(info.get("tracking")).get("providers")
        )
        if fields.sequence(each.get("events"))
    ]
    latest = info.get("latest_event")
    return told or ([{"events": [latest]}] if isinstance(latest, dict) else [])


def told_at(item: Mapping[str, object]) -> datetime | None:
    """Return when 17TRACK last asked a carrier (aware), where it says so."""
    tracking = fields.mapping(fields.mapping(item.get("track_info")).get("tracking"))
    asked = (
        fields.instant(fields.moment(told.get("latest_sync_time")))
        for told in fields.mappings(tracking.get("providers"))
    )
    return max((at for at in asked if at is not None), default=None)


def _events(
    tracking_number: str, told: Mapping[str, object]
) -> Iterator[TrackingEvent]:
    carrier = carrier_of(whole_number(fields.mapping(told.get("provider")).get("key")))
    for event in islice(fields.mappings(told.get("events")), fields.MAX_EVENTS):
        when = _when(event)
        sub_status = fields.text(event.get("sub_status"), fields.CODE_LIMIT)
        key_stage = fields.text(event.get("stage"), fields.CODE_LIMIT)
        description, words = _texts(event)
        code = sub_status or key_stage or None
        if not when.written or not (code or description):
            continue
        stage, direction = _stage(sub_status, key_stage, (description, words))
        # That 17TRACK gave up is no scan.
        stage = None if stage is Stage.EXPIRED else stage
        yield TrackingEvent(
            provider=PROVIDER_ID,
            tracking_number=tracking_number,
            code=code,
            written_time=when.written,
            time=when.instant,
            local_time=when.wall,
            stage=stage,
            direction=direction,
            description=description,
            words=words or description,
            location=_location(event),
            country=_country(event),
            carrier=carrier,
        )


def _texts(event: Mapping[str, object]) -> tuple[str, str]:
    """Return the clearest wording and the carrier's own words."""
    words = fields.text(event.get("description"))
    translation = fields.mapping(event.get("description_translation"))
    return fields.text(translation.get("description")) or words, words


def _country(event: Mapping[str, object]) -> str | None:
    return fields.country(fields.mapping(event.get("address")).get("country"))


def _location(event: Mapping[str, object]) -> str | None:
    address = fields.mapping(event.get("address"))
    parts = [
        fields.text(address.get(part), fields.PLACE_LIMIT) for part in ("city", "state")
    ]
    return fields.optional_text(event.get("location"), fields.PLACE_LIMIT) or (
        ", ".join(part for part in parts if part) or None
    )


class _When(NamedTuple):
    written: str
    wall: datetime | None
    instant: datetime | None


def _when(event: Mapping[str, object]) -> _When:
    """Read when an event was.

    ``time_raw`` is what the carrier wrote, and all that there is where 17TRACK
    does not know the zone: then the time stays without one.
    """
    raw = fields.mapping(event.get("time_raw"))
    day, clock, zone = (
        fields.text(raw.get(part), 40) for part in ("date", "time", "timezone")
    )
    iso, utc = (
        fields.moment(event.get("time_iso")),
        fields.moment(event.get("time_utc")),
    )
    wall = fields.moment(f"{day} {clock}")
    offset = fields.offset(zone)
    instant = iso if iso is not None and iso.tzinfo is not None else None
    if instant is None and utc is not None:
        instant = utc if utc.tzinfo is not None else utc.replace(tzinfo=UTC)
    if wall is None and iso is not None and iso.tzinfo is not UTC:
        # UTC is not the clock at the place.
        wall = iso
    wall = wall.replace(tzinfo=None) if wall is not None else None
    if instant is None and wall is not None and offset is not None:
        instant = wall.replace(tzinfo=offset)
    written = " ".join(part for part in (day, clock, zone) if part)
    return _When(
        written
        or fields.text(event.get("time_iso"), 40)
        or fields.text(event.get("time_utc"), 40),
        wall,
        instant,
    )


def _stage(
    sub_status: str, key_stage: str, texts: Sequence[str]
) -> tuple[Stage | None, Direction | None]:
    """Return the stage and, for customs, the side of the border if it is told."""
    stage = stage_of(sub_status, key_stage)
    if stage is None:
        return None, None
    if stage is Stage.DELIVERED and left_at_pickup_place(texts):
        stage = Stage.READY_FOR_PICKUP
    return customs.directed(stage, None, texts)


def _newest_first(lists: Iterable[list[TrackingEvent]]) -> Iterator[TrackingEvent]:
    """Merge what several carriers say by the clock; each list keeps its own order."""
    ranked = merge(*(_ranked(events) for events in lists), key=_rank, reverse=True)
    return (event for _, event in ranked)


def _ranked(events: Sequence[TrackingEvent]) -> list[tuple[datetime, TrackingEvent]]:
    """Give each event a moment that is not before that of the next older one.

    For the order only, a time without a zone is read as UTC.
    """
    ranked = []
    moment = fields.LONG_AGO
    for event in reversed(events):
        if event.time is not None:
            moment = max(moment, event.time)
        elif event.local_time is not None:
            moment = max(moment, event.local_time.replace(tzinfo=UTC))
        ranked.append((moment, event))
    return ranked[::-1]


def _rank(ranked: tuple[datetime, TrackingEvent]) -> datetime:
    return ranked[0]


def _next_leg(tracking_number: str, misc: Mapping[str, object]) -> Leg | None:
    """Return the number of the last mile, if it is another one."""
    number = clean_number(misc.get("local_number"))
    if not numbers.plausible(number) or number == numbers.normalise(tracking_number):
        return None
    carrier = carrier_of(whole_number(misc.get("local_key")))
    if carrier is None and (candidates := numbers.recognise(number)):
        carrier = candidates[0].carrier
    return Leg(tracking_number=number, carrier=carrier)


def carrier_of_item(item: Mapping[str, object]) -> str | None:
    """Return our carrier of an item, if we know it."""
    return carrier_of(whole_number(item.get("carrier")))


def clean_number(told: object) -> str:
    """Return a tracking number as we write it."""
    return numbers.normalise(fields.text(told, fields.NUMBER_LIMIT))


def whole_number(told: object) -> int | None:
    """Return a whole number; 17TRACK writes some as text."""
    if isinstance(told, bool):
        return None
    if isinstance(told, int):
        return told
    written = fields.text(told, 12)
    return int(written) if _WHOLE_NUMBER.fullmatch(written) else None
