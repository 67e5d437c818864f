"""Parcels made up for the benchmark, from distributions that are written down here.

They are meant to be like life, and know nothing of the plan that is measured
against them. Where no source is named, the numbers are an assumption.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import exp
from random import Random
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from custom_components.waybill.tracking.model import Stage

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


class Wait(NamedTuple):
    """A log-normal wait: half of them are shorter than ``median`` hours."""

    median: float
    spread: float

    def draw(self, random: Random) -> timedelta:
        """Return one such wait."""
        return self.median * exp(self.spread * random.gauss(0, 1)) * HOUR


@dataclass(frozen=True, kw_only=True)
class Service:
    """How a carrier moves parcels: waits in hours, chances, scans.

    ``customs_told`` is the share of foreign parcels of which it tells the
    customs, ``promised`` the share for which it promises a day.
    """

    foreign: float
    label: Wait
    hand_in: Wait
    hubs: tuple[int, int]
    hub: Wait
    flight: Wait
    customs_told: float
    customs_begin: Wait
    customs: Wait
    last_hubs: tuple[int, int]
    last_hub: Wait
    promised: float
    upload: Wait = Wait(0.2, 0.8)


SERVICES: Final = {
    # Cainiao names 10 to 18 days for Standard, 7 on some routes (its page on
    # cross-border express); the order's page shows the label at once, sellers
    # hand in within days. How long customs take is an assumption: hours to days.
    "cainiao": Service(
        foreign=1,
        label=Wait(6, 1),
        hand_in=Wait(24, 0.7),
        hubs=(2, 4),
        hub=Wait(16, 0.6),
        flight=Wait(80, 0.5),
        customs_told=0.7,
        customs_begin=Wait(10, 0.8),
        customs=Wait(14, 1.2),
        last_hubs=(1, 3),
        last_hub=Wait(18, 0.6),
        promised=0.6,
    ),
    # DHL Paket: most parcels arrive on the next working day or the one after;
    # Express abroad: 1 to 4 working days, customs mostly cleared on the way.
    "dhl": Service(
        foreign=0.35,
        label=Wait(2, 0.8),
        hand_in=Wait(8, 0.5),
        hubs=(1, 2),
        hub=Wait(7, 0.4),
        flight=Wait(20, 0.4),
        customs_told=0.9,
        customs_begin=Wait(3, 0.8),
        customs=Wait(5, 1.2),
        last_hubs=(1, 2),
        last_hub=Wait(7, 0.4),
        promised=0.7,
    ),
    # Colissimo promises two working days in France, five or more from abroad.
    "la_poste": Service(
        foreign=0.25,
        label=Wait(4, 0.8),
        hand_in=Wait(12, 0.6),
        hubs=(1, 2),
        hub=Wait(12, 0.5),
        flight=Wait(40, 0.5),
        customs_told=0.8,
        customs_begin=Wait(6, 0.8),
        customs=Wait(12, 1.2),
        last_hubs=(1, 2),
        last_hub=Wait(10, 0.5),
        promised=0.7,
    ),
}

VAN_LEAVES: Final = (5.5, 8.0, 11.5)
"""Earliest, most frequent and latest hour of the scan "out for delivery": vans
are loaded from before dawn, at UPS drivers begin between 8 and 9."""
DOORBELL: Final = (13.5, 2.7, 8.5, 20.5)
"""Mean hour of a delivery, its deviation, the earliest and the latest: USPS
delivers from 8 to 17, UPS from 9 to 21, most of it from 10 to 20."""
AT_HOME: Final = 0.92
"""Share of the rounds that end with a delivery; half of the others with a note
that the parcel waits at the post office (assumption; national surveys of first
attempts lie between 85 and 95 %)."""
WORKS: Final = (1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.03)
"""Chance that a van goes out on a weekday, Saturday, Sunday: Saturdays are
worked by the posts, Sundays only by some."""
PROMISE_IS_OFF_BY: Final = (-1, 0, 0, 0, 0, 0, 0, 1, 1, 2)
"""Days by which a promised day is too early or too late (assumption: half are
right; carriers publish on-time shares of 80 to 95 % only for express)."""


@dataclass(frozen=True, kw_only=True)
class World:
    """In what the world differs from what the tables above say."""

    later: float = 0
    """Hours by which vans and doorbells are later."""
    slow_customs: float = 1
    weekends: bool = False
    """Whether vans go out on every day alike."""


class Scan(NamedTuple):
    """What a provider shows from a moment on."""

    visible: datetime
    stage: Stage
    near: bool
    promised: tuple[datetime, datetime] | None


@dataclass(kw_only=True)
class Journey:
    """All scans of a parcel, in the order in which they become visible."""

    added_at: datetime
    scans: list[Scan] = field(default_factory=list)

    @property
    def delivered_at(self) -> datetime:
        """When the provider shows that it is there."""
        return self.scans[-1].visible


def journeys(
    service: Service,
    *,
    zone: ZoneInfo,
    start: datetime,
    days: float,
    at_once: float | None = None,
    a_week: float | None = None,
    seed: int,
    world: World | None = None,
) -> list[Journey]:
    """Make up the parcels that a place follows, in the order they are added.

    Either about as many ``at_once``, or so many ``a_week``; they are added at
    any hour from 8 to 23.
    """
    random = Random(seed)
    world = world or World()
    if a_week is None:
        assert at_once is not None
        tries = [_journey(service, start, zone, random, world) for _ in range(300)]
        lives = sum((j.delivered_at - start for j in tries), timedelta()) / 300
        a_week = at_once / (lives / (7 * DAY))
    made = []
    for _ in range(round(a_week * days / 7)):
        day = start.astimezone(zone).date() + timedelta(
            days=random.randrange(int(days))
        )
        added_at = _at(day, random.uniform(8, 23), zone)
        made.append(_journey(service, added_at, zone, random, world))
    return sorted(made, key=lambda journey: journey.added_at)


def _journey(
    service: Service,
    added_at: datetime,
    zone: ZoneInfo,
    random: Random,
    world: World,
) -> Journey:
    foreign = random.random() < service.foreign
    scans: list[tuple[datetime, Stage, bool]] = []

    def then(wait: Wait, stage: Stage, *, near: bool = not foreign) -> datetime:
        now = (scans[-1][0] if scans else added_at) + wait.draw(random)
        scans.append((now, stage, near))
        return now

    then(service.label, Stage.INFO_RECEIVED)
    then(service.hand_in, Stage.SHIPPED)
    for _ in range(random.randint(*service.hubs)):
        then(service.hub, Stage.IN_TRANSIT)
    if foreign:
        then(service.flight, Stage.IN_TRANSIT)
        slow = service.customs._replace(
            median=service.customs.median * world.slow_customs
        )
        if random.random() < service.customs_told:
            then(service.customs_begin, Stage.IN_CUSTOMS)
            then(slow, Stage.CUSTOMS_CLEARED, near=True)
        else:
            then(slow, Stage.IN_TRANSIT, near=True)
    promised_from = len(scans)
    for _ in range(random.randint(*service.last_hubs)):
        then(service.last_hub, Stage.IN_TRANSIT, near=True)
    last_hub = scans[-1][0]
    scans.extend((*scan, True) for scan in _rounds(last_hub, zone, random, world))

    promised = None
    if random.random() < service.promised:
        vans = [at for at, stage, _ in scans if stage is Stage.OUT_FOR_DELIVERY]
        day = vans[0].astimezone(zone).date()
        day += timedelta(days=random.choice(PROMISE_IS_OFF_BY))
        promised = (_at(day, 0, zone), _at(day, 23.99, zone))
    journey = Journey(added_at=added_at)
    visible = added_at
    for n, (at, stage, near) in enumerate(scans):
        visible = max(visible, at + service.upload.draw(random))
        journey.scans.append(
            Scan(visible, stage, near, promised if n >= promised_from else None)
        )
    return journey


def _rounds(
    last_hub: datetime, zone: ZoneInfo, random: Random, world: World
) -> Iterator[tuple[datetime, Stage]]:
    """Go from door to door until somebody opens."""
    day = (last_hub + 3 * HOUR).astimezone(zone).date()
    early, usual, late = VAN_LEAVES
    mean, deviation, first, last = DOORBELL
    while True:
        works = 1 if world.weekends else WORKS[day.weekday()]
        hour = random.triangular(early, late, usual) + world.later
        van = _at(day, hour, zone)
        day += timedelta(days=1)
        if van < last_hub + 3 * HOUR or random.random() >= works:
            continue
        yield van, Stage.OUT_FOR_DELIVERY
        bell = random.gauss(mean, deviation) + world.later
        bell = min(max(bell, first, hour + 0.5), last + world.later)
        at_door = _at(day - timedelta(days=1), bell, zone)
        if random.random() < AT_HOME:
            yield at_door, Stage.DELIVERED
            return
        yield at_door, Stage.DELIVERY_FAILED
        if random.random() < 0.5:
            yield at_door + 3 * HOUR, Stage.READY_FOR_PICKUP
            pick_up = day + timedelta(days=random.randint(0, 3))
            hour = max(random.uniform(9, 19), 9)
            yield _at(pick_up, hour, zone), Stage.DELIVERED
            return


def _at(day: date, hour: float, zone: ZoneInfo) -> datetime:
    """Return an hour of a day at the door."""
    whole = datetime.combine(day, time(), zone) + hour * HOUR
    return whole.astimezone(ZoneInfo("UTC"))
