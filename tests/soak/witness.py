"""What the carriers told a house, and when."""

from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Final

from tests.simulator import FaultKind, Journey, Stage, Step, Told

_UNREADABLE: Final = frozenset({FaultKind.TRUNCATED, FaultKind.RESET})


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """What one answer told of one number, at a moment of the monotonic clock.

    ``stages`` are those of its scans, oldest first; they are in the order in
    which they happened where it is ``straight``. ``handed_over`` says that it
    named the next carrier's number.
    """

    at: float
    provider: str
    number: str
    stages: tuple[Stage, ...]
    straight: bool = True
    handed_over: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A request that was answered, well or badly.

    It came ``at`` a moment of the monotonic clock, ``when`` by the calendar.
    """

    at: float
    when: datetime
    provider: str
    fault: FaultKind | None
    turned_away: bool


class Witness:
    """Remembers all that was told."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.sights: list[Sight] = []
        self.asked: list[Asked] = []

    def of(self, journey: Journey) -> list[Sight]:
        """Return what was told of a journey's numbers, in order."""
        handoff = journey.handoff
        numbers = {journey.number, handoff.number if handoff else None}
        return [sight for sight in self.sights if sight.number in numbers]

    def was_told(self, journey: Journey, step: Step) -> bool:
        """Say whether an answer in order told of the stage that a step leads to."""
        return any(
            sight.straight and step.kind.stage in sight.stages
            for sight in self.of(journey)
        )

    def take(self, told: Told) -> None:
        """Remember an answer."""
        now = monotonic()
        turned_away = told.fault is None and bool(told.numbers) and not told.views
        waited = (datetime.now(UTC) - told.at).total_seconds()
        self.asked.append(
            Asked(
                at=now - waited,
                when=told.at,
                provider=told.provider,
                fault=told.fault,
                turned_away=turned_away,
            )
        )
        if told.fault in _UNREADABLE:
            return
        for number, view in told.views.items():
            if view is None or view.number != number or not view.scans:
                continue
            self.sights.append(
                Sight(
                    at=now,
                    provider=told.provider,
                    number=number,
                    stages=tuple(scan.kind.stage for scan in view.scans),
                    straight=told.fault is not FaultKind.REORDERED,
                    handed_over=view.handoff is not None,
                )
            )
