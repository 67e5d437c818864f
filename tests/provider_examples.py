"""An example of a parcel at each provider, as the stories that all share need it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pytest

from .simulator import DAY, KEYS, Journey, Kind, Stage, Step, numbers

TO_THE_DOOR: Final = (
    Stage.OUT_FOR_DELIVERY,
    Stage.DELIVERY_FAILED,
    Stage.READY_FOR_PICKUP,
    Stage.DELIVERED,
)
FROM_CUSTOMS: Final = (Stage.CUSTOMS_CLEARED, *TO_THE_DOOR)


@dataclass(frozen=True, kw_only=True)
class Example:
    """A parcel that a provider tells of, and the account that it wants.

    ``name`` is what its account is called, ``credentials`` are empty where there
    is none. ``fields`` are what a person says of a parcel beside its number. The
    first answer has ``told`` events and the stage ``first``; then it goes its ``way``.
    ``unknown`` is a number that the provider does not know. With ``tokens`` it is
    asked with a token that ends. A provider that ``lists`` tells what its account
    follows; to have it follow another number costs quota.
    """

    provider: str
    name: str
    credentials: Mapping[str, str]
    journey: Journey
    unknown: str
    fields: Mapping[str, str] = field(default_factory=dict)
    told: int = 3
    first: Stage = Stage.IN_CUSTOMS
    way: tuple[Stage, ...] = FROM_CUSTOMS
    tokens: bool = False
    lists: bool = False


def _key(provider: str, *fields: str) -> dict[str, str]:
    """Return the credentials that the simulator accepts."""
    return dict(zip(fields, KEYS[provider].split(":"), strict=True))


BY_AIR: Final = (
    Step(-6 * DAY, Kind.PICKED_UP, "Shenzhen", "CN"),
    Step(-5 * DAY, Kind.EXPORT_CLEARED, "Guangzhou", "CN"),
    Step(-DAY, Kind.IMPORT_STARTED, "Memphis", "US"),
)


def _by_post(town: str, country: str) -> tuple[Step, ...]:
    """Return the way from China to the customs of a country."""
    return (
        Step(-6 * DAY, Kind.PICKED_UP, "Shenzhen", "CN"),
        Step(-2 * DAY, Kind.ARRIVED, town, country),
        Step(-DAY, Kind.IMPORT_STARTED, town, country),
    )


FEDEX: Final = Example(
    provider="fedex",
    name="FedEx",
    credentials=_key("fedex", "client_id", "client_secret"),
    journey=Journey(number="794600000010", carrier="fedex", steps=BY_AIR),
    unknown="794600000032",
    fields={"carrier": "fedex"},
    tokens=True,
)
UPS: Final = Example(
    provider="ups",
    name="UPS",
    credentials=_key("ups", "client_id", "client_secret"),
    journey=Journey(number="1Z12345E6605272234", carrier="ups", steps=BY_AIR),
    unknown="1Z12345E1505270457",
    fields={"carrier": "ups"},
    tokens=True,
)
# A shipper's account: what is unknown to it is a parcel of somebody else.
USPS: Final = Example(
    provider="usps",
    name="USPS (shippers only)",
    credentials=_key("usps", "client_id", "client_secret"),
    journey=Journey(
        number="9400111206206406260787",
        carrier="usps",
        origin="US",
        steps=(
            Step(-4 * DAY, Kind.LABEL_MADE, "Portland", "US"),
            Step(-3 * DAY, Kind.PICKED_UP, "Portland", "US"),
            Step(-DAY, Kind.LEFT_SORTING, "Queens", "US"),
        ),
    ),
    unknown="9400111206619004520724",
    fields={"carrier": "usps"},
    first=Stage.IN_TRANSIT,
    way=TO_THE_DOOR,
    tokens=True,
)
LA_POSTE: Final = Example(
    provider="la_poste",
    name="La Poste",
    credentials=_key("la_poste", "api_key"),
    journey=Journey(
        number="6A04296519970",
        carrier="colissimo",
        destination="FR",
        pickup_point="LYON PART-DIEU",
        steps=(
            Step(-6 * DAY, Kind.PICKED_UP, country="CN"),
            Step(-2 * DAY, Kind.ARRIVED, country="FR"),
            Step(-DAY, Kind.IMPORT_STARTED, country="FR"),
        ),
    ),
    unknown="6A00000000023",
)
INPOST: Final = Example(
    provider="inpost",
    name="InPost",
    credentials={},
    journey=Journey(
        number="620999680605074433453432",
        carrier="inpost",
        origin="PL",
        destination="PL",
        pickup_point="WAW145M",
        steps=(
            Step(-3 * DAY, Kind.LABEL_MADE),
            Step(-2 * DAY, Kind.PICKED_UP),
            Step(-DAY, Kind.AT_SORTING, "Łódź"),
        ),
    ),
    unknown="620999680605074433453433",
    first=Stage.IN_TRANSIT,
    way=TO_THE_DOOR,
)
# Each answer tells the status of now alone.
NOVA_POST: Final = Example(
    provider="nova_post",
    name="Nova Post",
    credentials=_key("nova_post", "api_key"),
    journey=Journey(
        number="20450000000012",
        carrier="nova_post",
        origin="UA",
        destination="UA",
        town="Львів",
        pickup_point="Відділення №5",
        steps=(
            Step(-3 * DAY, Kind.LABEL_MADE),
            Step(-2 * DAY, Kind.PICKED_UP),
            Step(-DAY, Kind.ON_THE_WAY),
        ),
    ),
    unknown="20450000000034",
    fields={"carrier": "nova_post"},
    told=1,
    first=Stage.IN_TRANSIT,
    way=TO_THE_DOOR,
)
CANADA_POST: Final = Example(
    provider="canada_post",
    name="Canada Post",
    credentials=_key("canada_post", "username", "password"),
    journey=Journey(
        number="2012345678901235",
        carrier="canada_post",
        origin="CN",
        destination="CA",
        steps=_by_post("Montreal", "CA"),
    ),
    unknown="2012345678901242",
    fields={"carrier": "canada_post"},
)
POSTNORD: Final = Example(
    provider="postnord",
    name="PostNord",
    credentials=_key("postnord", "api_key"),
    journey=Journey(
        number=numbers.s10("RR", 1, "SE"),
        carrier="postnord",
        origin="CN",
        destination="SE",
        steps=_by_post("Arlanda", "SE"),
    ),
    unknown=numbers.s10("RR", 2, "SE"),
)
BRING: Final = Example(
    provider="bring",
    name="Posten Bring",
    credentials=_key("bring", "username", "api_key"),
    journey=Journey(
        number="370700000000000014",
        carrier="bring",
        origin="CN",
        destination="NO",
        steps=_by_post("Oslo", "NO"),
    ),
    unknown="370700000000000021",
)


def _aggregator(provider: str, name: str) -> Example:
    """Return a parcel of a carrier that an account with an aggregator follows."""
    return Example(
        provider=provider,
        name=name,
        credentials=_key(provider, "api_key"),
        journey=Journey(
            number=numbers.usps(1), carrier="usps", steps=_by_post("Chicago", "US")
        ),
        unknown=numbers.usps(3),
        fields={"provider": provider},
        way=(Stage.CUSTOMS_ACTION_REQUIRED, *FROM_CUSTOMS),
        lists=True,
    )


PARCEL_APP: Final = _aggregator("parcel_app", "Parcel")
SHIP24: Final = _aggregator("ship24", "Ship24")
AFTERSHIP: Final = _aggregator("aftership", "AfterShip")

EXAMPLES: Final = (
    FEDEX,
    UPS,
    USPS,
    LA_POSTE,
    INPOST,
    NOVA_POST,
    CANADA_POST,
    POSTNORD,
    BRING,
    PARCEL_APP,
    SHIP24,
    AFTERSHIP,
)


def told_of(*examples: Example) -> pytest.MarkDecorator:
    """Tell a story of some examples, each by its provider's name."""
    return pytest.mark.parametrize(
        "example", examples, ids=[example.provider for example in examples]
    )
