"""Journeys: what happens to a parcel and when, in no carrier's vocabulary.

Offsets count from the moment at which the journey starts; negative ones lie
before it. The faces put each step into the words and codes of their carrier.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


class Stage(StrEnum):
    """Where a parcel is in its journey."""

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


class Kind(StrEnum):
    """What was scanned: finer than a stage, as carriers write several a stage."""

    ORDERED = "ordered"
    LABEL_MADE = "label_made"
    PACKED = "packed"
    PICKED_UP = "picked_up"
    AT_WAREHOUSE = "at_warehouse"
    LEFT_WAREHOUSE = "left_warehouse"
    AT_SORTING = "at_sorting"
    LEFT_SORTING = "left_sorting"
    ON_THE_WAY = "on_the_way"
    EXPORT_STARTED = "export_started"
    EXPORT_CLEARED = "export_cleared"
    WITH_AIRLINE = "with_airline"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    ANNOUNCED = "announced"
    AT_CUSTOMS = "at_customs"
    IMPORT_STARTED = "import_started"
    CUSTOMS_WAIT = "customs_wait"
    CUSTOMS_HELD = "customs_held"
    IMPORT_CLEARED = "import_cleared"
    LEFT_CUSTOMS = "left_customs"
    WITH_LOCAL_CARRIER = "with_local_carrier"
    AT_HUB = "at_hub"
    LEFT_HUB = "left_hub"
    AT_DEPOT = "at_depot"
    OUT_FOR_DELIVERY = "with_courier"
    ATTEMPT_FAILED = "attempt_failed"
    AT_PICKUP_POINT = "at_pickup_point"
    PICKUP_NOTICE = "pickup_notice"
    STATION_SIGNED = "station_signed"
    LEFT_IN_LOCKER = "left_in_locker"
    DELIVERED = "handed_over"
    COLLECTED = "collected"
    REFUSED = "refused"
    RETURNING = "sent_back"
    RETURNED = "back_at_sender"
    LOST = "lost"
    DAMAGED = "damaged"
    GIVEN_UP = "given_up"

    @property
    def stage(self) -> Stage:
        """Return the stage that a parcel is in after such a scan."""
        return STAGES[self]


STAGES: Final[Mapping[Kind, Stage]] = {
    Kind.ORDERED: Stage.INFO_RECEIVED,
    Kind.LABEL_MADE: Stage.INFO_RECEIVED,
    Kind.PACKED: Stage.INFO_RECEIVED,
    Kind.PICKED_UP: Stage.SHIPPED,
    Kind.AT_WAREHOUSE: Stage.IN_TRANSIT,
    Kind.LEFT_WAREHOUSE: Stage.IN_TRANSIT,
    Kind.AT_SORTING: Stage.IN_TRANSIT,
    Kind.LEFT_SORTING: Stage.IN_TRANSIT,
    Kind.ON_THE_WAY: Stage.IN_TRANSIT,
    Kind.EXPORT_STARTED: Stage.IN_TRANSIT,
    Kind.EXPORT_CLEARED: Stage.IN_TRANSIT,
    Kind.WITH_AIRLINE: Stage.IN_TRANSIT,
    Kind.DEPARTED: Stage.IN_TRANSIT,
    Kind.ARRIVED: Stage.IN_TRANSIT,
    Kind.ANNOUNCED: Stage.IN_TRANSIT,
    Kind.AT_CUSTOMS: Stage.IN_CUSTOMS,
    Kind.IMPORT_STARTED: Stage.IN_CUSTOMS,
    Kind.CUSTOMS_WAIT: Stage.IN_CUSTOMS,
    Kind.CUSTOMS_HELD: Stage.CUSTOMS_ACTION_REQUIRED,
    Kind.IMPORT_CLEARED: Stage.CUSTOMS_CLEARED,
    Kind.LEFT_CUSTOMS: Stage.CUSTOMS_CLEARED,
    Kind.WITH_LOCAL_CARRIER: Stage.IN_TRANSIT,
    Kind.AT_HUB: Stage.IN_TRANSIT,
    Kind.LEFT_HUB: Stage.IN_TRANSIT,
    Kind.AT_DEPOT: Stage.IN_TRANSIT,
    Kind.OUT_FOR_DELIVERY: Stage.OUT_FOR_DELIVERY,
    Kind.ATTEMPT_FAILED: Stage.DELIVERY_FAILED,
    Kind.AT_PICKUP_POINT: Stage.READY_FOR_PICKUP,
    Kind.PICKUP_NOTICE: Stage.READY_FOR_PICKUP,
    Kind.STATION_SIGNED: Stage.READY_FOR_PICKUP,
    Kind.LEFT_IN_LOCKER: Stage.READY_FOR_PICKUP,
    Kind.DELIVERED: Stage.DELIVERED,
    Kind.COLLECTED: Stage.DELIVERED,
    Kind.REFUSED: Stage.EXCEPTION,
    Kind.RETURNING: Stage.RETURNING,
    Kind.RETURNED: Stage.RETURNED,
    Kind.LOST: Stage.EXCEPTION,
    Kind.DAMAGED: Stage.EXCEPTION,
    Kind.GIVEN_UP: Stage.EXPIRED,
}

BEFORE_LANDING: Final = frozenset(
    {
        Kind.ORDERED,
        Kind.LABEL_MADE,
        Kind.PACKED,
        Kind.PICKED_UP,
        Kind.AT_WAREHOUSE,
        Kind.LEFT_WAREHOUSE,
        Kind.AT_SORTING,
        Kind.LEFT_SORTING,
        Kind.EXPORT_STARTED,
        Kind.EXPORT_CLEARED,
        Kind.WITH_AIRLINE,
        Kind.DEPARTED,
    }
)
"""Scans that are made in the country of origin unless their step names another."""

USUAL_KIND: Final[Mapping[Stage, Kind]] = {
    Stage.INFO_RECEIVED: Kind.LABEL_MADE,
    Stage.SHIPPED: Kind.PICKED_UP,
    Stage.IN_TRANSIT: Kind.LEFT_SORTING,
    Stage.IN_CUSTOMS: Kind.IMPORT_STARTED,
    Stage.CUSTOMS_ACTION_REQUIRED: Kind.CUSTOMS_HELD,
    Stage.CUSTOMS_CLEARED: Kind.IMPORT_CLEARED,
    Stage.OUT_FOR_DELIVERY: Kind.OUT_FOR_DELIVERY,
    Stage.READY_FOR_PICKUP: Kind.AT_PICKUP_POINT,
    Stage.DELIVERY_FAILED: Kind.ATTEMPT_FAILED,
    Stage.DELIVERED: Kind.DELIVERED,
    Stage.RETURNING: Kind.RETURNING,
    Stage.RETURNED: Kind.RETURNED,
    Stage.EXCEPTION: Kind.LOST,
    Stage.EXPIRED: Kind.GIVEN_UP,
}


def kind_of(what: str) -> Kind:
    """Return the kind that a kind's or a stage's name stands for."""
    if what in STAGES:
        return Kind(what)
    try:
        return USUAL_KIND[Stage(what)]
    except KeyError, ValueError:
        raise ValueError(f"no carrier scans {what!r}") from None


class Direction(StrEnum):
    """Which customs a scan speaks of."""

    IMPORT = "import"
    EXPORT = "export"


DIRECTIONS: Final[Mapping[Kind, Direction]] = {
    Kind.EXPORT_STARTED: Direction.EXPORT,
    Kind.EXPORT_CLEARED: Direction.EXPORT,
    Kind.AT_CUSTOMS: Direction.IMPORT,
    Kind.IMPORT_STARTED: Direction.IMPORT,
    Kind.CUSTOMS_HELD: Direction.IMPORT,
    Kind.IMPORT_CLEARED: Direction.IMPORT,
    Kind.LEFT_CUSTOMS: Direction.IMPORT,
}


class Zone(StrEnum):
    """What a carrier says of the zone of a scan's wall-clock time."""

    TOLD = "told"
    UNTOLD = "untold"
    WRONG = "wrong"
    """Labelled with the sender's zone, though read off a clock at the place."""


UTC_OFFSETS: Final[Mapping[str, float]] = {
    "AU": 10,
    "BE": 1,
    "BR": -3,
    "CA": -5,
    "CN": 8,
    "DE": 1,
    "DK": 1,
    "EE": 2,
    "ES": 1,
    "FR": 1,
    "GB": 0,
    "HK": 8,
    "IN": 5.5,
    "IT": 1,
    "JP": 9,
    "NL": 1,
    "NO": 1,
    "PL": 1,
    "SE": 1,
    "UA": 2,
    "US": -5,
}


@dataclass(frozen=True, slots=True)
class Estimate:
    """When a carrier promises to deliver, counted from the journey's start.

    A promise is made in real days, whatever the speed: three days from the
    start stay three days on the wall calendar. With ``at_speed`` it is due when
    simulated time gets there.
    """

    starts: timedelta
    ends: timedelta | None = None
    at_speed: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One scan of a journey. ``what`` is a kind, or a stage for its usual kind.

    ``utc_offset`` (hours) is the place's; without one, the country's.
    ``words`` and ``code`` replace what the carrier would write, for wordings
    and codes that nobody has seen yet. ``estimate`` is a promise made with it.
    """

    at: timedelta
    what: Kind | Stage | str
    place: str | None = None
    country: str | None = None
    _: KW_ONLY
    words: str | None = None
    code: str | None = None
    direction: Direction | None = None
    utc_offset: float | None = None
    zone: Zone = Zone.TOLD
    estimate: Estimate | None = None

    @property
    def kind(self) -> Kind:
        """Return the kind of the scan."""
        return kind_of(self.what)


@dataclass(frozen=True, slots=True)
class Handoff:
    """The number that a parcel gets from its last carrier, and since when."""

    number: str
    carrier: str
    at: timedelta


DIRECT_FACES: Final[Mapping[str, str]] = {
    "cainiao": "cainiao",
    "dhl": "dhl",
    "deutsche_post": "dhl",
    "fedex": "fedex",
    "ups": "ups",
    "usps": "usps",
    "la_poste": "la_poste",
    "colissimo": "la_poste",
    "chronopost": "la_poste",
    "inpost": "inpost",
    "nova_post": "nova_post",
    "canada_post": "canada_post",
    "postnord": "postnord",
    "bring": "bring",
    "post_no": "bring",
}
"""Which provider answers for a carrier's own numbers."""
AGGREGATORS: Final = frozenset({"seventeentrack", "parcel_app", "ship24", "aftership"})
"""Which providers answer for every carrier's numbers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Journey:
    """The life of one parcel.

    ``carrier`` and the countries are written as anyone would (``usps``, ISO
    3166 alpha-2). ``known_to`` are the providers that know the number: the
    carrier's own and the aggregators where it is left out. ``ordered`` says whether
    Cainiao has the order itself, so that it waits for the seller instead of not
    knowing the number. ``pickup_point`` is the place of scans made there. ``asks_for`` is what 17TRACK wants to be told first:
    ``postal_code``, ``phone_number``, ``country`` or ``details``. Carriers
    forget a scan ``purged_after`` it was made.
    """

    number: str
    carrier: str = "cainiao"
    origin: str | None = "CN"
    destination: str | None = "US"
    town: str | None = None
    steps: tuple[Step, ...] = ()
    handoff: Handoff | None = None
    estimate: Estimate | None = None
    pickup_point: str | None = None
    signed_by: str | None = None
    service: str | None = None
    known_to: frozenset[str] | None = None
    ordered: bool = True
    asks_for: str | None = None
    purged_after: timedelta = 120 * DAY

    def __post_init__(self) -> None:
        """Check that the steps are scans and in the order in which they happen."""
        for step in self.steps:
            kind_of(step.what)
        if any(a.at > b.at for a, b in zip(self.steps, self.steps[1:], strict=False)):
            raise ValueError(f"steps of {self.number} are not in order")

    def knows(self, provider: str) -> bool:
        """Whether a provider knows the journey's own number."""
        if self.known_to is not None:
            return provider in self.known_to
        return provider in {*AGGREGATORS, DIRECT_FACES.get(self.carrier)}
