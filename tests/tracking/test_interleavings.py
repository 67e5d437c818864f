"""Whatever comes in whatever order, the house is told each thing once."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from custom_components.waybill.tracking.joining import join, separate
from custom_components.waybill.tracking.journal import Journal, merge, open_journal
from custom_components.waybill.tracking.journal_json import from_json, to_json
from custom_components.waybill.tracking.journey import story_of
from custom_components.waybill.tracking.milestones import announced, note, pending
from custom_components.waybill.tracking.model import (
    Answer,
    Leg,
    MilestoneName,
    Stage,
    TrackingEvent,
)

from .journeys import NEXT_NUMBER, NUMBER, START, answer, event

JOURNEY = (
    Stage.INFO_RECEIVED,
    Stage.SHIPPED,
    Stage.IN_TRANSIT,
    Stage.IN_CUSTOMS,
    Stage.CUSTOMS_CLEARED,
    Stage.IN_TRANSIT,
    Stage.OUT_FOR_DELIVERY,
    Stage.DELIVERED,
)
EVERY = 5
"""Hours between two scans, and at most between two things that happen."""
LASTING = {
    MilestoneName.SHIPPED,
    MilestoneName.CUSTOMS_CLEARED,
    MilestoneName.DELIVERED,
}
ASKED = (
    ("cainiao", NUMBER),
    ("seventeentrack", NUMBER),
    ("royal_mail", NEXT_NUMBER),
    ("dhl", NEXT_NUMBER),
)
type Source = tuple[str, str]


class House:
    """A home that follows a box, as the coordinator and the announcer do."""

    def __init__(self, box: Box) -> None:
        """Follow the first number."""
        self.box = box
        self.hour = 0.0
        self.journal = open_journal("parcel", NUMBER, START)
        self.apart: Journal | None = None
        self.disk = to_json(self.journal)
        self.told: Counter[MilestoneName] = Counter()

    @property
    def now(self) -> datetime:
        """The moment, by the clock of the house."""
        return START + timedelta(hours=self.hour)

    def ask(self, source: Source, *, then: str) -> None:
        """Take up an answer; the power may fail before it is saved, or told."""
        provider, _ = source
        item = self.box.says(source, self.hour)
        merged = merge(self.journal, provider, item, self.now)
        stories = (story_of(self.journal), story_of(merged))
        self.journal = note(
            self.journal, merged, now=self.now, zone=UTC, stories=stories
        )
        if then == "lost":
            self.restart()
        elif then == "saved":
            self.save()
            self.restart()
        else:
            self.tell()

    def save(self) -> None:
        """Write the journal."""
        self.disk = to_json(self.journal)

    def restart(self) -> None:
        """Begin anew with what was written."""
        self.journal = from_json(self.disk)

    def tell(self) -> None:
        """Announce what waits."""
        self.save()
        for milestone in pending(self.journal):
            self.told[milestone.milestone] += 1
            self.journal = announced(self.journal, milestone.milestone_id, self.now)
        self.save()

    def part(self) -> None:
        """Take the next number out."""
        numbers = [leg.tracking_number for leg in self.journal.legs]
        if NEXT_NUMBER in numbers:
            other = self.apart or open_journal("other", NEXT_NUMBER, self.now)
            self.journal, self.apart = separate(
                self.journal, NEXT_NUMBER, other, self.now
            )
            self.tell()

    def take_in(self) -> None:
        """Let the next number belong to the parcel after all."""
        numbers = [leg.tracking_number for leg in self.journal.legs]
        if NEXT_NUMBER not in numbers and self.apart is not None:
            self.journal = join(self.journal, self.apart, self.now)
            self.tell()


@dataclass(frozen=True)
class Box:
    """One box on its way, of which each source sees a part, and some see it late.

    ``seen`` holds which scans, how many hours late, and minutes off the clock;
    ``handed_over`` the hour at which the next number is known.
    """

    seen: dict[Source, tuple[set[int], int, int]]
    handed_over: int

    def says(self, source: Source, hour: float) -> Answer:
        """Return what a source tells at an hour."""
        provider, number = source
        scans, late, off = self.seen[source]
        told: list[TrackingEvent] = [
            event(
                stage, (place + 1) * EVERY + off / 60, number=number, provider=provider
            )
            for place, stage in enumerate(JOURNEY)
            if place in scans and (place + 1) * EVERY + late <= hour
        ]
        item = answer(*told, number=number)
        if source == ASKED[0] and hour >= self.handed_over:
            item = replace(item, next_leg=Leg(tracking_number=NEXT_NUMBER))
        return item

    def delivered(self, source: Source) -> bool:
        """Say whether a source sees the delivery."""
        return len(JOURNEY) - 1 in self.seen[source][0]


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """Make up who sees what."""
    seen = {
        source: (
            draw(st.sets(st.integers(0, len(JOURNEY) - 1))),
            draw(st.sampled_from((0, 0, 3, 9))),
            draw(st.integers(0, 7)),
        )
        for source in ASKED
    }
    return Box(seen, draw(st.integers(0, 40)))


steps = st.lists(
    st.tuples(
        st.floats(0.5, EVERY),
        st.sampled_from(ASKED),
        st.sampled_from(("told", "told", "told", "saved", "lost", "part", "take_in")),
    ),
    max_size=30,
)


@given(boxes(), steps)
def test_each_thing_is_told_once_whatever_the_order(
    box: Box, happens: list[tuple[float, Source, str]]
) -> None:
    house = House(box)
    parted = 0
    for hours, source, then in happens:
        house.hour += hours
        if then == "part":
            house.part()
            parted += 1
        elif then == "take_in":
            house.take_in()
        else:
            house.ask(source, then=then)
    house.hour = 200
    house.take_in()
    house.tell()
    for source in ASKED:
        house.ask(source, then="told")
    for name in MilestoneName:
        if name is not MilestoneName.STAGE_CHANGED:
            assert house.told[name] <= 1 + parted, name
    numbers = {leg.tracking_number for leg in house.journal.legs}
    if any(box.delivered(source) for source in ASKED if source[1] in numbers):
        assert story_of(house.journal).journey.stage is Stage.DELIVERED
    if not parted:
        # What lasts is never passed over, either.
        for milestone in house.journal.milestones:
            if milestone.milestone in LASTING:
                assert house.told[milestone.milestone] == 1, milestone
