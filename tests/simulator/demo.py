"""Parcels in different lives, for the demo and for whoever wants to look.

Twelve are followed by the person, three by the person's 17TRACK account.

A day of theirs takes 86,400 seconds divided by the simulator's speed: eight
seconds at 10,800, one minute at 1,440.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from zlib import crc32

from .journeys import DAY, HOUR, Estimate, Handoff, Journey, Kind, Step, Zone
from .server import KEYS

ACCOUNTS: Final[Mapping[str, str]] = {
    provider: KEYS[provider] for provider in ("dhl", "la_poste", "seventeentrack")
}
"""Provider id and the key that the simulator accepts for it."""
LISTING: Final = "seventeentrack"
"""The provider at which the person adds parcels, too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoParcel:
    """A journey and what a person would write down when adding it.

    ``ordered`` and ``protected`` count from the start. ``account`` is the
    provider whose account it needs, None where Cainiao suffices; ``pinned``
    says that the person has to choose that provider for this parcel.
    """

    name: str
    journey: Journey
    story: str
    seller: str
    order_number: str
    orders: str = "https://www.aliexpress.com/p/order/detail.html?orderId={}"
    ordered: timedelta = -12 * DAY
    protected: timedelta | None = None
    account: str | None = None
    pinned: bool = False

    @property
    def number(self) -> str:
        """Return the number that the person types."""
        return self.journey.number

    @property
    def order_url(self) -> str:
        """Return where the shop shows the order."""
        return self.orders.format(self.order_number)


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedParcel:
    """A parcel that the person adds at a provider, not in Waybill.

    ``added`` and ``removed`` are when that is done there, counted from the
    start; ``removed`` is None for one that stays.
    """

    name: str
    journey: Journey
    story: str
    added: timedelta = -1 * DAY
    removed: timedelta | None = None

    @property
    def number(self) -> str:
        """Return the number that the person typed there."""
        return self.journey.number


_ACROSS_THE_SEA: Final = (
    Step(-9 * DAY, Kind.ORDERED),
    Step(-8 * DAY - 12 * HOUR, Kind.PACKED, "Shenzhen", "CN"),
    Step(-8 * DAY, Kind.PICKED_UP, "Shenzhen", "CN"),
    Step(-7 * DAY - 18 * HOUR, Kind.AT_WAREHOUSE, "Dongguan", "CN"),
    Step(-7 * DAY - 5 * HOUR, Kind.LEFT_WAREHOUSE, "Dongguan", "CN"),
    Step(-7 * DAY, Kind.AT_SORTING, "Baoan District", "CN"),
    Step(-6 * DAY - 14 * HOUR, Kind.LEFT_SORTING, "Baoan District", "CN"),
    Step(-6 * DAY, Kind.EXPORT_STARTED, country="CN"),
    Step(-5 * DAY - 12 * HOUR, Kind.EXPORT_CLEARED, country="CN"),
    Step(-5 * DAY, Kind.WITH_AIRLINE, "Hong Kong", "HK"),
    Step(-4 * DAY - 14 * HOUR, Kind.DEPARTED, "Hong Kong", "HK"),
)

_WHOLE_LIFE: Final = DemoParcel(
    name="Robot vacuum brushes",
    seller="Cleaning Parts Store",
    order_number="8199046250012001",
    protected=45 * DAY,
    story="Has left export customs; import customs, hand-off to USPS, to the door",
    journey=Journey(
        number="LP00619004520011",
        town="Brooklyn",
        estimate=Estimate(6 * DAY, 8 * DAY),
        handoff=Handoff("9400111206451200183149", "usps", 3 * DAY),
        steps=(
            *_ACROSS_THE_SEA,
            Step(-1 * DAY, Kind.ARRIVED, "Jamaica", "US"),
            Step(12 * HOUR, Kind.AT_CUSTOMS, country="US", zone=Zone.WRONG),
            Step(1 * DAY, Kind.IMPORT_STARTED, country="US", zone=Zone.WRONG),
            Step(2 * DAY + 12 * HOUR, Kind.IMPORT_CLEARED, country="US"),
            Step(2 * DAY + 16 * HOUR, Kind.LEFT_CUSTOMS, country="US"),
            Step(2 * DAY + 20 * HOUR, Kind.ANNOUNCED),
            Step(3 * DAY, Kind.WITH_LOCAL_CARRIER, "Jamaica", "US"),
            Step(4 * DAY, Kind.AT_HUB, "Brooklyn", "US"),
            Step(4 * DAY + HOUR / 15, Kind.AT_HUB, "Brooklyn", "US"),
            Step(5 * DAY, Kind.AT_DEPOT, "Brooklyn", "US", zone=Zone.UNTOLD),
            Step(6 * DAY + 2 * HOUR, Kind.OUT_FOR_DELIVERY, "Brooklyn", "US"),
            Step(6 * DAY + 8 * HOUR, Kind.DELIVERED, "Brooklyn", "US"),
        ),
    ),
)

_CLEARS_SOON: Final = DemoParcel(
    name="Gift for Grandma in Lyon",
    seller="Warm Socks Official Store",
    order_number="8199046250023002",
    story="In import customs; cleared soon, then La Poste brings it",
    journey=Journey(
        number="LP00619004520022",
        destination="FR",
        town="Lyon",
        estimate=Estimate(4 * DAY, 5 * DAY),
        handoff=Handoff("CB405123679FR", "la_poste", 1 * DAY),
        steps=(
            *_ACROSS_THE_SEA,
            Step(-2 * DAY, Kind.ARRIVED, "Roissy-en-France", "FR"),
            Step(-1 * DAY - 4 * HOUR, Kind.CUSTOMS_WAIT, country="FR"),
            Step(-1 * DAY, Kind.IMPORT_STARTED, country="FR"),
            Step(12 * HOUR, Kind.IMPORT_CLEARED, country="FR"),
            Step(18 * HOUR, Kind.LEFT_CUSTOMS, country="FR"),
            Step(1 * DAY, Kind.WITH_LOCAL_CARRIER, "Roissy-en-France", "FR"),
            Step(2 * DAY, Kind.AT_HUB, "Lyon", "FR"),
            Step(3 * DAY + 20 * HOUR, Kind.OUT_FOR_DELIVERY, "Lyon", "FR"),
            Step(4 * DAY + 4 * HOUR, Kind.DELIVERED, "Lyon", "FR"),
        ),
    ),
)

_STUCK: Final = DemoParcel(
    name="Camera tripod",
    seller="PhotoGear Store",
    order_number="8199046250034003",
    ordered=-31 * DAY,
    protected=5 * DAY,
    story="No news for twenty days, and the buyer protection ends in five",
    journey=Journey(
        number="LP00619004520033",
        steps=(
            Step(-30 * DAY, Kind.ORDERED),
            Step(-28 * DAY, Kind.PICKED_UP, "Yiwu", "CN"),
            Step(-27 * DAY, Kind.AT_SORTING, "Xiaoshan District", "CN"),
            Step(-26 * DAY, Kind.LEFT_SORTING, "Xiaoshan District", "CN"),
            Step(-24 * DAY, Kind.EXPORT_CLEARED, country="CN"),
            Step(-20 * DAY, Kind.DEPARTED, "Hangzhou", "CN"),
        ),
    ),
)

_HELD: Final = DemoParcel(
    name="Drone propellers",
    seller="FlyHigh Store",
    order_number="8199046250045004",
    story="Customs wants duty paid; nothing moves until somebody acts",
    journey=Journey(
        number="LP00619004520044",
        town="Brooklyn",
        estimate=Estimate(3 * DAY),
        steps=(
            *_ACROSS_THE_SEA,
            Step(-3 * DAY, Kind.ARRIVED, "Jamaica", "US"),
            Step(-2 * DAY - 12 * HOUR, Kind.IMPORT_STARTED, country="US"),
            Step(-2 * DAY, Kind.CUSTOMS_HELD, country="US"),
        ),
    ),
)

_AT_LOCKER: Final = DemoParcel(
    name="Phone case",
    seller="CaseWorld Store",
    order_number="8199046250056005",
    ordered=-20 * DAY,
    story="Waits at a parcel locker for four days; collected in the end",
    journey=Journey(
        number="LP00619004520055",
        town="Brooklyn",
        pickup_point="Parcel locker, 120 Court Street",
        steps=(
            Step(-18 * DAY, Kind.PICKED_UP, "Shenzhen", "CN"),
            Step(-16 * DAY, Kind.EXPORT_CLEARED, country="CN"),
            Step(-10 * DAY, Kind.ARRIVED, "Jamaica", "US"),
            Step(-9 * DAY, Kind.IMPORT_CLEARED, country="US"),
            Step(-6 * DAY, Kind.AT_DEPOT, "Brooklyn", "US"),
            Step(-4 * DAY - 5 * HOUR, Kind.OUT_FOR_DELIVERY, "Brooklyn", "US"),
            Step(-4 * DAY, Kind.STATION_SIGNED),
            Step(-4 * DAY + HOUR, Kind.PICKUP_NOTICE),
            Step(9 * DAY, Kind.COLLECTED, "Brooklyn", "US"),
        ),
    ),
)

_RETURNED: Final = DemoParcel(
    name="Desk lamp",
    seller="BrightHome Store",
    order_number="8199046250067006",
    ordered=-26 * DAY,
    story="Nobody was at home; it is going back, and soon is back",
    journey=Journey(
        number="LP00619004520066",
        town="Brooklyn",
        steps=(
            Step(-24 * DAY, Kind.PICKED_UP, "Ningbo", "CN"),
            Step(-22 * DAY, Kind.EXPORT_CLEARED, country="CN"),
            Step(-12 * DAY, Kind.ARRIVED, "Los Angeles", "US"),
            Step(-11 * DAY, Kind.IMPORT_CLEARED, country="US"),
            Step(-7 * DAY, Kind.OUT_FOR_DELIVERY, "Brooklyn", "US"),
            Step(-7 * DAY + 6 * HOUR, Kind.ATTEMPT_FAILED, "Brooklyn", "US"),
            Step(-3 * DAY, Kind.RETURNING, "Brooklyn", "US"),
            Step(1 * DAY + 12 * HOUR, Kind.RETURNED, "Los Angeles", "US"),
        ),
    ),
)

_AT_THE_DOOR: Final = DemoParcel(
    name="Birthday present for Mia",
    seller="ToyTown Store",
    order_number="8199046250078007",
    ordered=-18 * DAY,
    story="Out for delivery; at the door nine hours after the start",
    journey=Journey(
        number="LZ619004527CN",
        carrier="china_post",
        town="Brooklyn",
        known_to=frozenset({"cainiao", "seventeentrack"}),
        estimate=Estimate(9 * HOUR),
        steps=(
            Step(-16 * DAY, Kind.PICKED_UP, "Guangzhou", "CN"),
            Step(-14 * DAY, Kind.EXPORT_CLEARED, country="CN"),
            Step(-7 * DAY, Kind.ARRIVED, "Jamaica", "US"),
            Step(-6 * DAY, Kind.IMPORT_STARTED, country="US"),
            Step(-5 * DAY, Kind.IMPORT_CLEARED, country="US"),
            Step(-1 * DAY, Kind.AT_DEPOT, "Brooklyn", "US"),
            Step(-2 * HOUR, Kind.OUT_FOR_DELIVERY, "Brooklyn", "US"),
            Step(9 * HOUR, Kind.DELIVERED, "Brooklyn", "US"),
        ),
    ),
)

_LABEL_ONLY: Final = DemoParcel(
    name="Bike lights",
    seller="RideSafe Store",
    order_number="8199046250089008",
    ordered=-2 * DAY,
    story="Only a label so far; picked up after six days",
    journey=Journey(
        number="LP00619004520088",
        steps=(
            Step(-1 * DAY, Kind.LABEL_MADE),
            Step(6 * DAY, Kind.PICKED_UP, "Shenzhen", "CN"),
            Step(7 * DAY, Kind.LEFT_SORTING, "Shenzhen", "CN"),
        ),
    ),
)

_NOT_SENT: Final = DemoParcel(
    name="Knitting needles",
    seller="Craft Corner Store",
    order_number="8199046250090009",
    ordered=-1 * DAY,
    story="The seller has not sent it yet; a label after five days",
    journey=Journey(number="LP00619004520099", steps=(Step(5 * DAY, Kind.LABEL_MADE),)),
)

_LATE: Final = DemoParcel(
    name="Board game",
    seller="GameNight Store",
    order_number="8199046250101010",
    ordered=-25 * DAY,
    story="Two days late; delivered a week after the start",
    journey=Journey(
        number="LP00619004520100",
        town="Brooklyn",
        estimate=Estimate(-4 * DAY, -2 * DAY),
        steps=(
            Step(-23 * DAY, Kind.PICKED_UP, "Shanghai", "CN"),
            Step(-21 * DAY, Kind.EXPORT_CLEARED, country="CN"),
            Step(-12 * DAY, Kind.ARRIVED, "Jamaica", "US"),
            Step(-11 * DAY, Kind.IMPORT_CLEARED, country="US"),
            Step(-6 * DAY, Kind.ON_THE_WAY, country="US"),
            Step(5 * DAY, Kind.AT_DEPOT, "Brooklyn", "US"),
            Step(7 * DAY, Kind.OUT_FOR_DELIVERY, "Brooklyn", "US"),
            Step(7 * DAY + 6 * HOUR, Kind.DELIVERED, "Brooklyn", "US"),
        ),
    ),
)

_EXPRESS: Final = DemoParcel(
    name="Laptop battery",
    seller="Battery Depot",
    order_number="77120",
    orders="https://shop.example/orders/{}",
    ordered=-5 * DAY,
    account="dhl",
    story="In import customs; cleared after a day, signed for on the third",
    journey=Journey(
        number="6190045201",
        carrier="dhl",
        town="BROOKLYN - NEW YORK - USA",
        service="express",
        estimate=Estimate(2 * DAY, 2 * DAY + 12 * HOUR),
        signed_by="J. DOE",
        steps=(
            Step(-3 * DAY, Kind.LABEL_MADE, country="CN"),
            Step(-2 * DAY - 12 * HOUR, Kind.PICKED_UP, "SHENZHEN - CHINA", "CN"),
            Step(-2 * DAY - 4 * HOUR, Kind.EXPORT_CLEARED, "SHENZHEN - CHINA", "CN"),
            Step(-2 * DAY, Kind.AT_HUB, "HONG KONG - HONG KONG SAR, CHINA", "HK"),
            Step(
                -1 * DAY - 20 * HOUR,
                Kind.LEFT_HUB,
                "HONG KONG - HONG KONG SAR, CHINA",
                "HK",
            ),
            Step(-1 * DAY, Kind.ARRIVED, "CINCINNATI HUB - USA", "US"),
            Step(-20 * HOUR, Kind.AT_CUSTOMS, "CINCINNATI HUB - USA", "US"),
            Step(1 * DAY, Kind.IMPORT_CLEARED, "CINCINNATI HUB - USA", "US"),
            Step(1 * DAY + 5 * HOUR, Kind.LEFT_HUB, "CINCINNATI HUB - USA", "US"),
            Step(1 * DAY + 16 * HOUR, Kind.AT_DEPOT, "QUEENS - USA", "US"),
            Step(2 * DAY, Kind.OUT_FOR_DELIVERY, "QUEENS - USA", "US"),
            Step(2 * DAY + 7 * HOUR, Kind.DELIVERED, "BROOKLYN - USA", "US"),
        ),
    ),
)

_DOMESTIC: Final = DemoParcel(
    name="Coffee beans",
    seller="Harbor Coffee Roasters",
    order_number="1042",
    orders="https://coffee.example/account/orders/{}",
    ordered=-5 * DAY,
    account="seventeentrack",
    pinned=True,
    story="USPS, asked through 17TRACK; nobody at home, delivered a day later",
    journey=Journey(
        number="9400111206619004520717",
        carrier="usps",
        origin="US",
        town="Brooklyn",
        estimate=Estimate(1 * DAY, 2 * DAY + 12 * HOUR),
        steps=(
            Step(-4 * DAY, Kind.LABEL_MADE, "PORTLAND", "US", zone=Zone.UNTOLD),
            Step(-3 * DAY, Kind.PICKED_UP, "PORTLAND", "US", utc_offset=-8),
            Step(
                -2 * DAY - 18 * HOUR, Kind.AT_SORTING, "PORTLAND", "US", utc_offset=-8
            ),
            Step(-2 * DAY, Kind.LEFT_SORTING, "PORTLAND", "US", utc_offset=-8),
            Step(-1 * DAY, Kind.ON_THE_WAY, country="US", zone=Zone.UNTOLD),
            Step(-8 * HOUR, Kind.AT_HUB, "BROOKLYN", "US"),
            Step(1 * DAY, Kind.AT_DEPOT, "BROOKLYN", "US"),
            Step(1 * DAY + 3 * HOUR, Kind.OUT_FOR_DELIVERY, "BROOKLYN", "US"),
            Step(1 * DAY + 9 * HOUR, Kind.ATTEMPT_FAILED, "BROOKLYN", "US"),
            Step(2 * DAY + 3 * HOUR, Kind.OUT_FOR_DELIVERY, "BROOKLYN", "US"),
            Step(2 * DAY + 8 * HOUR, Kind.DELIVERED, "BROOKLYN", "US"),
        ),
    ),
)


def _lived(parcel: DemoParcel) -> DemoParcel:
    """Let the past look lived in: no scan on the hour, the same at every run."""
    journey = parcel.journey
    steps = (
        replace(
            step,
            at=step.at
            + timedelta(seconds=crc32(f"{parcel.number}{at}".encode()) % 2400),
        )
        if step.at <= -2 * HOUR
        else step
        for at, step in enumerate(journey.steps)
    )
    return replace(parcel, journey=replace(journey, steps=tuple(steps)))


PARCELS: Final = tuple(
    _lived(parcel)
    for parcel in (
        _WHOLE_LIFE,
        _CLEARS_SOON,
        _AT_THE_DOOR,
        _HELD,
        _AT_LOCKER,
        _STUCK,
        _LATE,
        _RETURNED,
        _LABEL_ONLY,
        _NOT_SENT,
        _EXPRESS,
        _DOMESTIC,
    )
)

LISTED: Final = (
    ListedParcel(
        name="Garden gloves",
        story="In the 17TRACK account from the beginning; delivered on the fourth day",
        journey=Journey(
            number="9400111000619004500717",
            carrier="usps",
            origin="US",
            town="Brooklyn",
            steps=(
                Step(-3 * DAY, Kind.LABEL_MADE, "AUSTIN", "US"),
                Step(-2 * DAY, Kind.PICKED_UP, "AUSTIN", "US", utc_offset=-6),
                Step(-1 * DAY, Kind.ON_THE_WAY, country="US", zone=Zone.UNTOLD),
                Step(2 * DAY, Kind.AT_HUB, "BROOKLYN", "US"),
                Step(3 * DAY + 3 * HOUR, Kind.OUT_FOR_DELIVERY, "BROOKLYN", "US"),
                Step(3 * DAY + 9 * HOUR, Kind.DELIVERED, "BROOKLYN", "US"),
            ),
        ),
    ),
    ListedParcel(
        name="Paint samples",
        story="The order was cancelled: the person removes it at 17TRACK",
        removed=2 * DAY + 12 * HOUR,
        journey=Journey(
            number="9400111000619004500724",
            carrier="usps",
            origin="US",
            town="Brooklyn",
            steps=(Step(-1 * DAY, Kind.LABEL_MADE, "DENVER", "US"),),
        ),
    ),
    ListedParcel(
        name="Headphones",
        story="The person adds it at 17TRACK, under way",
        added=1 * DAY + 12 * HOUR,
        journey=Journey(
            number="9400111000619004500731",
            carrier="usps",
            origin="US",
            town="Brooklyn",
            steps=(
                Step(-1 * DAY, Kind.PICKED_UP, "SEATTLE", "US", utc_offset=-8),
                Step(1 * DAY, Kind.ON_THE_WAY, country="US"),
                Step(6 * DAY, Kind.OUT_FOR_DELIVERY, "BROOKLYN", "US"),
                Step(6 * DAY + 5 * HOUR, Kind.DELIVERED, "BROOKLYN", "US"),
            ),
        ),
    ),
)
"""What the person adds at 17TRACK."""

JOURNEYS: Final = (
    *(parcel.journey for parcel in PARCELS),
    *(listed.journey for listed in LISTED),
)
