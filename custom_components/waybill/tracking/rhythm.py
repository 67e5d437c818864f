"""A question's rhythm: how often it is worth asking, hour by hour of the week."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import accumulate
from typing import Final

from .tempo import Tempo

HOURS_OF_WEEK: Final = 7 * 24

FIRST_AGAIN: Final = timedelta(minutes=5)
"""A number that nobody knows yet is asked again after this, then after twice as long."""

_MONDAY: Final = datetime(1970, 1, 5, tzinfo=UTC)
_HOUR: Final = timedelta(hours=1)
_BEFORE_PROMISE: Final = 0.5
_ON_PROMISE: Final = 2.0
"""A promised day makes news four times as likely, the days before it a quarter."""

_TIMES_SELDOMER: Final = 4
_SAFETY_NET: Final = timedelta(hours=12)
"""Where news comes by itself, asking only finds what was lost on its way."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Rhythm:
    """How many questions an hour are worth asking.

    ``hourly`` holds one number for each hour of the week at the person's door,
    from Monday's midnight; ``even`` stands for all of them where days are
    shortened. No two questions lie nearer than ``least`` or farther than
    ``most``. ``quiet`` says that news is far, ``idle`` that none is waited for:
    such a question gives way to all others. There are few of them, each is made
    once, and none is another's equal. ``sums`` adds up the hours of the week.
    """

    hourly: tuple[float, ...]
    even: float
    least: timedelta
    most: timedelta
    quiet: bool = False
    idle: bool = False
    sums: tuple[float, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Add up the hours."""
        sums = tuple(accumulate(self.hourly, initial=0.0))
        object.__setattr__(self, "sums", sums)

    def until(self, now: datetime, tempo: Tempo, zone: tzinfo) -> float:
        """Add up how many questions were worth asking, from a fixed moment to now.

        The difference between two moments is what came together between them.
        """
        if tempo.pace != 1:
            return self.even * (tempo.elapsed(_MONDAY, now) / _HOUR)
        local = now.astimezone(zone)
        weeks, weekday = divmod(local.toordinal() - 1, 7)
        hour = weekday * 24 + local.hour
        begun = local.replace(minute=0, second=0, microsecond=0)
        part = (local - begun) / _HOUR
        return weeks * self.sums[-1] + self.sums[hour] + part * self.hourly[hour]

    def rate(self, hour: int | None) -> float:
        """Return how many questions are worth it in an hour; None: in any."""
        rate = self.even if hour is None else self.hourly[hour]
        return max(rate, _HOUR / self.most)


@dataclass(frozen=True, kw_only=True, slots=True)
class Interest:
    """What makes a question worth asking: its rhythm, and what is known besides.

    ``promised`` is the time (aware) for which the carrier promises news;
    ``new_since`` when (aware) a parcel was added of which nothing was seen yet;
    ``ends`` from when on (aware) nobody asks any more. ``pushed`` says that news
    comes without being asked for.
    """

    rhythm: Rhythm
    promised: tuple[datetime, datetime] | None = None
    new_since: datetime | None = None
    ends: datetime | None = None
    pushed: bool = False

    def usual_wait(
        self,
        asked_at: datetime,
        *,
        tempo: Tempo,
        zone: tzinfo,
        least: timedelta = timedelta(),
        eagerness: float = 1,
    ) -> timedelta:
        """Return how long after it was asked a question is worth asking again.

        That is when the rhythm, added up over the hours since, comes to one
        question. ``least`` is what the provider asks for; ``zone`` the home's.
        Where news is ``pushed`` it is four times that, or twelve hours if that is
        less, but never sooner than without.
        The duration is that at full scale, as ``Tempo.span`` takes it.
        """
        least = max(least, self.rhythm.least)
        wait = max(least, self._until_one(asked_at, tempo, zone, least, eagerness))
        if self.pushed:
            wait = max(wait, min(wait * _TIMES_SELDOMER, _SAFETY_NET))
        return wait

    def wait_while_new(
        self, asked_at: datetime, *, tempo: Tempo, eagerness: float = 1
    ) -> timedelta | None:
        """Return how long to wait while nothing was seen of a parcel that is new.

        Each time as long as it is known already; None where it is not new.
        """
        if self.new_since is None:
            return None
        known_for = tempo.elapsed(self.new_since, asked_at)
        less = min(eagerness, 1)
        return max(FIRST_AGAIN / less**2, known_for * (2 ** (1 / less) - 1))

    def _until_one(
        self,
        asked_at: datetime,
        tempo: Tempo,
        zone: tzinfo,
        least: timedelta,
        eagerness: float,
    ) -> timedelta:
        most = self.rhythm.most / _HOUR
        if least / _HOUR >= most:
            return least
        begins, ends = self._promised(asked_at, tempo)
        passed = worth = 0.0
        for hour, length in hours(asked_at, tempo, zone):
            rate = eagerness * (
                self.rhythm.even if hour is None else self.rhythm.hourly[hour]
            )
            if passed < begins:
                rate *= _BEFORE_PROMISE
            elif passed < ends:
                rate *= _ON_PROMISE
            if worth + rate * length >= 1:
                passed += (1 - worth) / rate
                break
            worth += rate * length
            passed += length
            if passed >= most:
                break
        return min(passed, most) * _HOUR

    def _promised(self, asked_at: datetime, tempo: Tempo) -> tuple[float, float]:
        """Return in how many hours the promised time begins and ends."""
        if self.promised is None:
            return 0, 0
        begins, ends = (tempo.elapsed(asked_at, at) / _HOUR for at in self.promised)
        return begins, ends


def hours(
    start: datetime, tempo: Tempo, zone: tzinfo
) -> Iterator[tuple[int | None, float]]:
    """Iterate over the hours of the week from a moment on, and what is left of each.

    Where days are shortened no hour is like one at a door: the hour is None.
    """
    if tempo.pace != 1:
        while True:
            yield None, 1.0
    local = start.astimezone(zone)
    hour = local.weekday() * 24 + local.hour
    begun = local.replace(minute=0, second=0, microsecond=0)
    yield hour, 1 - (local - begun) / _HOUR
    while True:
        hour = (hour + 1) % HOURS_OF_WEEK
        yield hour, 1.0


class Demand:
    """How many requests to an account its questions are worth, hour by hour."""

    def __init__(self, batch_size: int) -> None:
        """Begin with no question; a request holds ``batch_size`` of them."""
        self._batch_size = batch_size
        self._rhythms: Counter[Rhythm] = Counter()
        self.version = 0
        """Changes whenever the demand does."""

    def add(self, rhythm: Rhythm) -> None:
        """Count a question."""
        self._rhythms[rhythm] += 1
        self.version += 1

    def remove(self, rhythm: Rhythm) -> None:
        """Count a question no more."""
        self._rhythms[rhythm] -= 1
        if not self._rhythms[rhythm]:
            del self._rhythms[rhythm]
        self.version += 1

    def fair_wait(
        self,
        asked_at: datetime,
        length: timedelta,
        left: int | None,
        *,
        tempo: Tempo,
        zone: tzinfo,
        eagerness: float = 1,
    ) -> timedelta:
        """Return how long to wait so that ``left`` requests last for ``length``.

        Each is given its share of what all the hours are worth: many at hours
        when news is likely, few in the night, and no wait at all where there
        are enough. ``left`` None: until the hours are worth one request.
        ``length`` and the answer are durations at full scale.
        """
        end = length / _HOUR
        stretches: list[tuple[float, float]] = []
        passed = 0.0
        rates: dict[int | None, float] = {}
        for hour, rest in hours(asked_at, tempo, zone):
            if hour not in rates:
                rates[hour] = self._rate(hour, eagerness)
            stretches.append((rates[hour], min(rest, end - passed)))
            passed += rest
            if passed >= end:
                break
        total = sum(rate * rest for rate, rest in stretches)
        if left is not None and total <= left:
            return timedelta()
        share = 1.0 if left is None else total / (left + 1)
        passed = 0.0
        for rate, rest in stretches:
            if rate * rest >= share:
                return (passed + share / rate) * _HOUR
            share -= rate * rest
            passed += rest
        return length

    def _rate(self, hour: int | None, eagerness: float) -> float:
        """Return how many requests an hour is worth.

        One request answers for a whole batch: it takes as many as the most
        eager question wants, or as it takes for all of them to have their turn.
        """
        rates = [
            (eagerness * rhythm.rate(hour), count)
            for rhythm, count in self._rhythms.items()
            if not rhythm.idle
        ]
        most = max((rate for rate, _ in rates), default=0)
        return max(most, sum(rate * count for rate, count in rates) / self._batch_size)
