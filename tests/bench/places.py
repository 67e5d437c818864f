"""A place that follows parcels for a year: by the plan, or at fixed intervals."""

from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from math import exp, log
from random import Random
from typing import Final

from custom_components.waybill.tracking.intervals import interest
from custom_components.waybill.tracking.model import FINAL_STAGES, Stage
from custom_components.waybill.tracking.polling import Plan
from custom_components.waybill.tracking.providers.base import Limits
from custom_components.waybill.tracking.question import Question
from custom_components.waybill.tracking.tempo import Tempo

from .journeys import DAY, HOUR, Journey

LONGEST: Final = 6 * HOUR
TOLD: Final = (Stage.CUSTOMS_CLEARED, Stage.OUT_FOR_DELIVERY, Stage.DELIVERED)
_MINUTE: Final = timedelta(minutes=1)
_MOMENT: Final = timedelta(seconds=1)
_ROUND_TAKES: Final = timedelta(seconds=20)
"""Those who poll at fixed intervals begin to wait when the answer has come."""
_TEMPO: Final = Tempo()


type Place = Sequence[Journey]
"""The parcels that one home or shop follows."""


@dataclass(kw_only=True)
class Year:
    """What it cost to follow all parcels, and how late news came: minutes, by stage.

    ``busiest`` is how many requests the busiest day (UTC) of any place had.
    """

    total: int = 0
    busiest: int = 0
    days: int = 0
    delays: dict[Stage, list[float]] = field(
        default_factory=lambda: {stage: [] for stage in TOLD}
    )

    def count(self, days: Counter[date]) -> None:
        """Add the requests of a place."""
        self.total += days.total()
        self.busiest = max(self.busiest, *days.values())
        self.days += (max(days) - min(days)).days + 1

    def delay(self, stage: Stage, share: float) -> float:
        """Return the delay (minutes) that a share of the news does not exceed."""
        ordered = sorted(self.delays[stage])
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def fixed(places: Sequence[Place], limits: Limits, every: timedelta) -> Year:
    """Ask about every parcel that has not arrived, day and night, in full batches."""
    year = Year()
    for place in places:
        _fixed(place, limits, every, year)
    return year


def _fixed(journeys: Place, limits: Limits, every: timedelta, year: Year) -> None:
    requests: Counter[date] = Counter()
    cursor = _Cursors(journeys)
    coming = 0
    now = journeys[0].added_at
    following: list[int] = []
    while coming < len(journeys) or following:
        while coming < len(journeys) and journeys[coming].added_at <= now:
            following.append(coming)
            coming += 1
        asked = now
        for n in range(0, len(following), limits.batch_size):
            requests[asked.date()] += 1
            for index in following[n : n + limits.batch_size]:
                cursor.look(index, asked, year)
            asked += limits.spacing
        following = [index for index in following if not cursor.is_final(index)]
        now += every + _ROUND_TAKES
        if not following and coming < len(journeys):
            missed = (journeys[coming].added_at - now) // (every + _ROUND_TAKES)
            now += max(missed, 0) * (every + _ROUND_TAKES)
    year.count(requests)


def planned(
    places: Sequence[Place], limits: Limits, zone: tzinfo, eagerness: float = 1
) -> Year:
    """Ask as the plan says."""
    year = Year()
    for place in places:
        _planned(place, limits, zone, eagerness, year)
    return year


def _planned(
    journeys: Place, limits: Limits, zone: tzinfo, eagerness: float, year: Year
) -> None:
    requests: Counter[date] = Counter()
    cursor = _Cursors(journeys)
    plan = Plan(_TEMPO, Random(1), eagerness=eagerness)
    plan.live_in(zone)
    plan.add_account("account", limits)
    coming = 0

    def pace(index: int, now: datetime) -> None:
        """Tell the plan what the journal would."""
        journey, seen = journeys[index], cursor.seen(index)
        scans = journey.scans[:seen] if seen < 3 else journey.scans[seen - 3 : seen]
        scan = scans[-1] if scans else None
        stage = scan.stage if scan else Stage.PENDING
        since = cursor.since(index)
        plan.follow(
            questions[index],
            interest(
                stage,
                since=since,
                last_news=scan.visible if scan else journey.added_at,
                now=now,
                tempo=_TEMPO,
                near=scan.near if scan else True,
                promised=(
                    scan.promised
                    if scan and stage is not Stage.OUT_FOR_DELIVERY
                    else None
                ),
                new_since=journey.added_at,
                lag=limits.lag,
            ),
        )

    questions = [Question(str(n), str(n), "account") for n in range(len(journeys))]
    now = journeys[0].added_at
    while True:
        wake = plan.next_wake(now)
        if coming < len(journeys) and (
            wake is None or journeys[coming].added_at <= wake
        ):
            now = max(now, journeys[coming].added_at)
            pace(coming, now)
            plan.ask_now(questions[coming])
            coming += 1
            continue
        if wake is None:
            break
        now = max(now, wake)
        for grant in plan.grants(now):
            requests[now.date()] += 1
            for question in grant.questions:
                index = int(question.parcel_id)
                cursor.look(index, now, year)
                pace(index, now)
            plan.answered(grant, now)
            for question in grant.questions:
                if plan.next_check(question, now) is None:
                    plan.drop(question)
    year.count(requests)


class _Cursors:
    """What was seen of each journey."""

    def __init__(self, journeys: Sequence[Journey]) -> None:
        self._journeys = journeys
        self._visible = [[s.visible for s in j.scans] for j in journeys]
        self._seen = [0] * len(journeys)

    def look(self, index: int, now: datetime, year: Year) -> None:
        """See what is visible by now; what is new in it comes late by so much."""
        seen, visible = self._seen[index], self._visible[index]
        if seen == len(visible) or visible[seen] > now:
            return
        scans = self._journeys[index].scans
        until = bisect_right(visible, now, seen)
        for scan in scans[seen:until]:
            if scan.stage in year.delays:
                year.delays[scan.stage].append((now - scan.visible) / _MINUTE)
        self._seen[index] = until

    def seen(self, index: int) -> int:
        """Return how many scans were seen."""
        return self._seen[index]

    def since(self, index: int) -> datetime:
        """Return since when the parcel is in its stage, as far as was seen."""
        journey, n = self._journeys[index], self._seen[index] - 1
        if n < 0:
            return journey.added_at
        while n and journey.scans[n - 1].stage is journey.scans[n].stage:
            n -= 1
        return journey.scans[n].visible

    def is_final(self, index: int) -> bool:
        """Whether the parcel was seen to have arrived."""
        seen = self._seen[index]
        return bool(seen) and self._journeys[index].scans[seen - 1].stage in (
            FINAL_STAGES
        )


def in_turn(places: Sequence[Place], limits: Limits) -> Year:
    """Ask about one batch after the other, evenly, as often as the quota allows."""
    assert limits.per_day is not None
    year = Year()
    for journeys in places:
        requests: Counter[date] = Counter()
        cursor = _Cursors(journeys)
        coming, now = 0, journeys[0].added_at
        queue: deque[int] = deque()
        while coming < len(journeys) or queue:
            while coming < len(journeys) and journeys[coming].added_at <= now:
                queue.append(coming)
                coming += 1
            requests[now.date()] += bool(queue)
            for _ in range(min(limits.batch_size, len(queue))):
                index = queue.popleft()
                cursor.look(index, now, year)
                if not cursor.is_final(index):
                    queue.append(index)
            now += DAY / limits.per_day + _MOMENT
        year.count(requests)
    return year


def fixed_within_quota(
    places: Sequence[Place], limits: Limits, every: timedelta
) -> tuple[timedelta | None, Year]:
    """Poll at the interval, else at the next half hour that keeps within the quota.

    Where that is far away: in turn, and no interval.
    """
    while every <= LONGEST:
        year = fixed(places, limits, every)
        if limits.per_day is None or year.busiest <= limits.per_day:
            return every, year
        over = year.busiest / limits.per_day - 1
        every += max(1, int(every * over / HOUR)) * HOUR / 2
    return None, in_turn(places, limits)


def planned_at(
    places: Sequence[Place],
    limits: Limits,
    zone: tzinfo,
    requests: int,
    *,
    within: float = 0.02,
    guess: float = 1,
) -> tuple[float, Year]:
    """Find the eagerness at which the plan makes so many requests.

    Fewer, where the spacing and the reserve that it keeps allow no more.
    """
    tried: list[tuple[float, float]] = []
    eagerness = guess
    while True:
        year = planned(places, limits, zone, eagerness)
        off = log(year.total / requests)
        if abs(off) <= within or len(tried) > 12:
            return eagerness, year
        if tried and eagerness > 1.5 * exp(tried[-1][0]) and off - tried[-1][1] < 0.01:
            return eagerness, year
        tried.append((log(eagerness), off))
        below = max((t for t in tried if t[1] < 0), default=None)
        above = min((t for t in tried if t[1] > 0), default=None)
        if below and above:
            part = below[1] / (below[1] - above[1])
            part = min(max(part, 0.1), 0.9)
            step = below[0] + (above[0] - below[0]) * part
        else:
            step = tried[-1][0] - min(max(1.2 * off, -1.5), 1.5)
        eagerness = exp(step)
