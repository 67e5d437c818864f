"""How long to wait, worked out once for all that were asked at one moment."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from .rhythm import Demand, Interest, Rhythm
from .tempo import Tempo

_REMEMBERED: Final = 64


class Reckoning:
    """Reads rhythms by the clock of the home; all accounts share one.

    All questions of a request were asked at one moment, most in one rhythm.
    """

    def __init__(self, tempo: Tempo, eagerness: float) -> None:
        """Begin in no place; ``eagerness`` multiplies how often all is asked."""
        self.tempo = tempo
        self._eagerness = eagerness
        self._zone: tzinfo = UTC
        self._usual_waits: dict[
            tuple[Rhythm, bool, datetime, timedelta], timedelta
        ] = {}
        self._worths: dict[tuple[Rhythm, datetime], float] = {}

    def live_in(self, zone: tzinfo) -> bool:
        """Tell the hours of the day as they are in a zone; True if it is another."""
        if zone == self._zone:
            return False
        self._zone = zone
        self._usual_waits.clear()
        self._worths.clear()
        return True

    def wait(
        self, interest: Interest, asked_at: datetime, least: timedelta
    ) -> timedelta:
        """Return how long after it was asked a question is due again.

        ``least`` is the shortest time that the provider allows.
        """
        wait = self._usual_wait(interest, asked_at, least)
        soon = interest.wait_while_new(
            asked_at, tempo=self.tempo, eagerness=self._eagerness
        )
        return self.tempo.span(wait if soon is None else min(wait, soon))

    def worth(self, rhythm: Rhythm, until: datetime) -> float:
        """Add up how many questions were worth asking, from a fixed moment on."""
        key = rhythm, until
        if key not in self._worths:
            worth = rhythm.until(until, self.tempo, self._zone)
            _remember(self._worths, key, worth)
        return self._worths[key]

    def fair_wait(
        self, demand: Demand, asked_at: datetime, length: timedelta, left: int | None
    ) -> timedelta:
        """Return how long to wait so that ``left`` requests last for ``length``."""
        return demand.fair_wait(
            asked_at,
            length,
            left,
            tempo=self.tempo,
            zone=self._zone,
            eagerness=self._eagerness,
        )

    def _usual_wait(
        self, interest: Interest, asked_at: datetime, least: timedelta
    ) -> timedelta:
        key = interest.rhythm, interest.pushed, asked_at, least
        if interest.promised is None and key in self._usual_waits:
            return self._usual_waits[key]
        wait = interest.usual_wait(
            asked_at,
            tempo=self.tempo,
            zone=self._zone,
            least=least,
            eagerness=self._eagerness,
        )
        if interest.promised is None:
            _remember(self._usual_waits, key, wait)
        return wait


def _remember[Key, Value](memory: dict[Key, Value], key: Key, value: Value) -> None:
    """Keep the newest few."""
    memory[key] = value
    if len(memory) > _REMEMBERED:
        del memory[next(iter(memory))]
