"""The words of the library: stages, tracking events, legs, answers.

Everything here is immutable. A datetime named ``time`` is always aware; a
wall-clock time whose zone nobody told is naive and named ``local_time``.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Stage(StrEnum):
    """Where a parcel is in its journey.

    The customs stages mean import customs, the one that a buyer waits for;
    export customs is ``in_transit`` with the event's direction kept.
    """

    PENDING = "pending"
    INFO_RECEIVED = "info_received"
    SHIPPED = "shipped"
    IN_TRANSIT = "in_transit"
    IN_CUSTOMS = "in_customs"
    CUSTOMS_ACTION_REQUIRED = "customs_action_required"
    CUSTOMS_CLEARED = "customs_cleared"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"
    EXCEPTION = "exception"
    EXPIRED = "expired"


FINAL_STAGES = frozenset({Stage.DELIVERED, Stage.RETURNED})
CUSTOMS_STAGES = frozenset(
    {Stage.IN_CUSTOMS, Stage.CUSTOMS_ACTION_REQUIRED, Stage.CUSTOMS_CLEARED}
)


class Direction(StrEnum):
    """Which customs an event speaks of."""

    IMPORT = "import"
    EXPORT = "export"


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackingEvent:
    """One line that a carrier wrote, as one provider tells it.

    ``written_time`` is the time as the provider wrote it, zone label included;
    with the code it makes the event's identity. ``time`` is the instant, where
    the zone is known; ``local_time`` the wall clock at the place. ``words`` are
    the carrier's own, ``description`` is the clearest wording without the
    place. ``stage`` is None for a code that is not mapped. ``first_seen`` is
    set by the journal, as is ``answer``, the SHA-256 (hex) of the raw answer
    that brought the event; it also keeps ``earlier_words`` when a carrier words
    an event anew.
    """

    provider: str
    tracking_number: str = field(repr=False)
    code: str | None = field(repr=False)
    written_time: str
    time: datetime | None = None
    local_time: datetime | None = None
    stage: Stage | None = None
    direction: Direction | None = None
    description: str = field(default="", repr=False)
    words: str = field(default="", repr=False)
    location: str | None = field(default=None, repr=False)
    country: str | None = None
    carrier: str | None = None
    first_seen: datetime | None = None
    earlier_words: tuple[str, ...] = field(default=(), repr=False)
    answer: str | None = None

    @property
    def key(self) -> str:
        """What makes it this event and no other, however it is worded."""
        return "|".join(
            (self.provider, self.tracking_number, self.code or "", self.written_time)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Leg:
    """One tracking number at one carrier; ``carrier`` is None while unknown.

    ``found_by`` is the provider that named it, ``found_on`` the number that it
    was asked about then, and ``since`` when it did; all are None for the number
    that the person gave.
    """

    tracking_number: str = field(repr=False)
    carrier: str | None = None
    found_by: str | None = None
    found_on: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """When a carrier promises to deliver, as it said it.

    A ``date`` means that day; an aware datetime an instant; a naive datetime a
    wall-clock time at the person's door. ``end`` is None for an open window.
    """

    start: datetime | date
    end: datetime | date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RawAnswer:
    """What a provider sent about one leg, without credentials.

    It is what came, to the byte; where an answer told of other parcels too, it is the
    same document without them.

    ``sha256`` (hex) and ``size`` (bytes) are those of the text itself, which is
    kept as ``compressed`` (zlib).
    """

    sha256: str
    size: int
    compressed: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """All that one provider says about one leg, in one answer.

    ``events`` are newest first, in the provider's own order. ``stage`` is what
    the provider says of the parcel as a whole: it counts only while no event
    has a stage, except ``expired``, which always counts. An answer without
    events and stage means "not known yet", which is no error. ``invalid`` says
    that the provider calls the number itself wrong. ``needs`` names what the
    provider must be told first: ``carrier``, ``postal_code``, ``phone_last4``
    or ``details``; or ``quota``, where it may be asked about the number only
    once quota was spent on it and none is left. ``raw`` is the answer as it came.
    """

    tracking_number: str = field(repr=False)
    events: tuple[TrackingEvent, ...] = ()
    stage: Stage | None = None
    invalid: bool = False
    needs: str | None = None
    carrier: str | None = None
    origin_country: str | None = None
    destination_country: str | None = None
    estimate: Estimate | None = None
    next_leg: Leg | None = None
    pickup_point: str | None = field(default=None, repr=False)
    signed_by: str | None = field(default=None, repr=False)
    raw: RawAnswer | None = field(default=None, repr=False, compare=False)

    @property
    def found(self) -> bool:
        """Whether the provider knows the number."""
        return bool(self.events) or self.stage is not None


class MilestoneName(StrEnum):
    """What is worth telling the house once."""

    SHIPPED = "shipped"
    ENTERED_CUSTOMS = "entered_customs"
    CUSTOMS_ACTION_REQUIRED = "customs_action_required"
    CUSTOMS_CLEARED = "customs_cleared"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"
    EXCEPTION = "exception"
    BECAME_LATE = "became_late"
    STALLED = "stalled"
    HANDED_OVER = "handed_over"
    ESTIMATE_CHANGED = "estimate_changed"
    STAGE_CHANGED = "stage_changed"


class Telling(StrEnum):
    """How far the telling of a milestone has come."""

    PENDING = "pending"
    ANNOUNCED = "announced"
    SILENT = "silent"


@dataclass(frozen=True, kw_only=True, slots=True)
class Milestone:
    """A stage or judgement that a parcel reached.

    ``milestone_id`` never changes. ``time`` is when it happened, where that is
    known; ``noted_at`` when Waybill learned of it. ``causes`` are the keys of
    the events behind it, one for each provider that told of the same scan.
    """

    milestone: MilestoneName
    milestone_id: str
    noted_at: datetime
    stage: Stage
    time: datetime | None = None
    telling: Telling = Telling.PENDING
    announced_at: datetime | None = None
    causes: tuple[str, ...] = field(default=(), repr=False)
    description: str = field(default="", repr=False)
    location: str | None = field(default=None, repr=False)
    carrier: str | None = None
    tracking_number: str = field(default="", repr=False)
    inferred: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Promise:
    """What a provider promised about a leg, from when Waybill first saw it."""

    provider: str
    tracking_number: str = field(repr=False)
    estimate: Estimate
    first_seen: datetime


class ProblemKind(StrEnum):
    """What a person can report to be wrong with a parcel."""

    NOT_DELIVERED = "not_delivered"
    DAMAGED = "damaged"
    MISSING_ITEM = "missing_item"
    WRONG_ITEM = "wrong_item"


@dataclass(frozen=True, kw_only=True, slots=True)
class Photo:
    """A photo of a problem: where it lies, and what it was when it was reported.

    ``path`` is absolute, ``size`` in bytes, ``media_type`` a MIME type.
    """

    path: str = field(repr=False)
    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """A problem that a person reported; open until it is ``settled_at``."""

    problem_id: str
    problem: ProblemKind
    reported_at: datetime
    description: str = field(default="", repr=False)
    photos: tuple[Photo, ...] = ()
    settled_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PutOff:
    """An alert that the person does not want before ``until``; None: never again.

    ``kind`` is that of the alert. With ``since``, only the one that began then is
    meant, not another of its kind.
    """

    kind: str
    until: datetime | None = None
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """One entry of the chain that seals a journal; see ``chain``.

    ``digest`` is the SHA-256 (hex) of the record that came in, ``replaces`` that
    of the one whose place it took; one of the two may be empty.
    """

    at: datetime
    kind: str
    ref: str = field(repr=False)
    digest: str
    hash: str
    replaces: str = ""
