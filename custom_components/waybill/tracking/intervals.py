"""How much a parcel is worth asking about, at each hour: where news is likely.

Each answer costs a request, and what counts is how soon news is known. Where
news comes at a rate that changes with the hour, a fixed number of requests
leaves the shortest delay, each piece of news weighed by its worth, when it is
spent in proportion to

    the square root of (the chance of news in that hour x its worth).

(Ka Cheung Sia, Junghoo Cho, Hyun-Kyu Cho: Efficient Monitoring Algorithm for
Fast News Alerts, IEEE TKDE 2007; the same holds for the nodes of a quantiser,
Panter and Dite 1951.) The square root, because twice the questions halve only
their own wait: each buys less than the one before.

So the tables below say what news a stage may bring: with what chance it comes
within a day, at which hours, and what it is worth to know at once. They are in
round numbers, from how carriers work, not fitted to anything.
"""

from datetime import datetime, time, timedelta
from functools import cache
from itertools import accumulate
from math import sqrt
from typing import Final, NamedTuple

from .model import FINAL_STAGES, MilestoneName, Stage
from .parcel import Parcel
from .rhythm import HOURS_OF_WEEK, Interest, Rhythm
from .tempo import Tempo

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)

EAGERNESS: Final = 6.0
"""Questions an hour where news that is worth 1 is sure to come within the hour."""

QUIET_AFTER: Final = 2 * _DAY
FINAL_FOR: Final = 3 * _DAY
EXPIRED_FOR: Final = 60 * _DAY
LONGEST: Final = _DAY

LIVELY_STAGES: Final = frozenset(
    {
        Stage.IN_CUSTOMS,
        Stage.CUSTOMS_ACTION_REQUIRED,
        Stage.OUT_FOR_DELIVERY,
        Stage.READY_FOR_PICKUP,
        Stage.DELIVERY_FAILED,
    }
)
"""Stages in which no silence makes a parcel quiet."""

type _Shares = dict[int, float]
"""Which share of a day's news comes in an hour."""

_ANY_HOUR: Final[_Shares] = dict.fromkeys(range(24), 1 / 24)
_VANS_LEAVE: Final[_Shares] = {
    5: 0.05,
    6: 0.15,
    7: 0.2,
    8: 0.25,
    9: 0.15,
    10: 0.1,
    11: 0.05,
    12: 0.05,
}
"""Vans are loaded, and scanned, before the round."""
_DOORBELLS: Final[_Shares] = {
    8: 0.05,
    **dict.fromkeys(range(9, 17), 0.1),
    17: 0.05,
    18: 0.05,
    19: 0.03,
    20: 0.02,
}
"""Rounds begin in the morning; the last end at about nine."""

_WORKDAY: Final = (1, 1, 1, 1, 1, 0.5, 0.1)
"""How a day's chance compares with a weekday's, from Monday on."""


class _News(NamedTuple):
    """Something that may come: how likely within a weekday, when, its worth."""

    chance: float
    hours: _Shares
    worth: float


_NEAR: Final = (_News(0.4, _VANS_LEAVE, 1), _News(1, _ANY_HOUR, 0.005))
_ABROAD: Final = (_News(0.2, _ANY_HOUR, 0.05), _News(0.01, _VANS_LEAVE, 1))
_IN_CUSTOMS: Final = (_News(1, _ANY_HOUR, 0.3), _News(0.1, _VANS_LEAVE, 1))

_NEWS: Final = {
    Stage.PENDING: (_News(0.5, _ANY_HOUR, 0.05),),
    Stage.INFO_RECEIVED: (_News(0.5, _ANY_HOUR, 0.05),),
    Stage.SHIPPED: _ABROAD,
    Stage.IN_TRANSIT: _ABROAD,
    Stage.IN_CUSTOMS: _IN_CUSTOMS,
    Stage.CUSTOMS_ACTION_REQUIRED: _IN_CUSTOMS,
    Stage.CUSTOMS_CLEARED: _NEAR,
    Stage.OUT_FOR_DELIVERY: (_News(0.9, _DOORBELLS, 1),),
    Stage.READY_FOR_PICKUP: (_News(0.5, _DOORBELLS, 0.2),),
    Stage.DELIVERY_FAILED: (
        _News(0.7, _VANS_LEAVE, 1),
        _News(0.3, _DOORBELLS, 0.5),
    ),
    Stage.EXCEPTION: (_News(0.3, _ANY_HOUR, 0.2),),
    Stage.RETURNING: (_News(0.2, _ANY_HOUR, 0.1),),
}
_NEAR_STAGES: Final = frozenset({Stage.SHIPPED, Stage.IN_TRANSIT})
"""Stages in which it counts whether the parcel is in its country yet."""

_PATIENCE: Final = {
    Stage.OUT_FOR_DELIVERY: 1,
    Stage.DELIVERY_FAILED: 2,
    Stage.IN_CUSTOMS: 1,
    Stage.CUSTOMS_ACTION_REQUIRED: 2,
    Stage.CUSTOMS_CLEARED: 3,
}
"""The days within which news usually comes; a week elsewhere."""
_LEAST_LIKELY: Final = 8


def interest(
    stage: Stage,
    *,
    since: datetime,
    last_news: datetime,
    now: datetime,
    tempo: Tempo,
    near: bool = True,
    promised: tuple[datetime, datetime] | None = None,
    new_since: datetime | None = None,
    lag: timedelta = timedelta(),
) -> Interest | None:
    """Return how much a question is worth asking; None: ask it no more.

    ``since`` is when the parcel came into its stage, ``last_news`` when its
    newest event happened, or when the parcel was added while there is none;
    ``new_since`` when it was added. ``near`` says that nothing is known to lie
    between it and its delivery, no customs for one; ``promised`` when the
    carrier promises it. All are aware. ``lag`` is how old what the provider
    tells may be.
    """
    if stage in FINAL_STAGES:
        if tempo.elapsed(since, now) >= FINAL_FOR:
            return None
        ends = since + tempo.span(FINAL_FOR)
        return Interest(rhythm=_steady(_DAY, idle=True), ends=ends)
    if stage is Stage.EXPIRED:
        on = tempo.elapsed(since, now) < EXPIRED_FOR
        return Interest(rhythm=_steady(7 * _DAY)) if on else None
    silence = tempo.elapsed(last_news, now)
    patience = _PATIENCE.get(stage, 7) * _DAY
    return Interest(
        rhythm=_rhythm(
            stage,
            near=near and stage in _NEAR_STAGES,
            times_overdue=min(max(silence // patience, 0), _LEAST_LIKELY),
            quiet=stage not in LIVELY_STAGES and silence >= QUIET_AFTER,
            lag=round(lag / _HOUR),
        ),
        promised=promised,
        new_since=new_since if stage is Stage.PENDING else None,
    )


def interest_in(
    parcel: Parcel, *, now: datetime, tempo: Tempo, lag: timedelta = timedelta()
) -> Interest | None:
    """Return how much a parcel is worth asking about; None: ask no more."""
    last = parcel.last_event
    news = (last.time or last.first_seen) if last is not None else None
    return interest(
        parcel.stage,
        since=parcel.stage_since,
        last_news=max(news, parcel.added_at) if news else parcel.added_at,
        now=now,
        tempo=tempo,
        near=_is_near(parcel),
        promised=_promised(parcel),
        new_since=parcel.added_at,
        lag=lag,
    )


def _is_near(parcel: Parcel) -> bool:
    """Whether no customs are known to lie ahead."""
    home, last = parcel.destination_country, parcel.last_event
    return (
        home is None
        or parcel.origin_country in (home, None)
        or (last is not None and last.country == home)
        or any(
            milestone.milestone is MilestoneName.CUSTOMS_CLEARED
            for milestone in parcel.milestones
        )
    )


def _promised(parcel: Parcel) -> tuple[datetime, datetime] | None:
    """Return when news is promised: the hours of a round that has begun, else days."""
    window = parcel.window
    if window is None:
        return None
    if parcel.stage is Stage.OUT_FOR_DELIVERY:
        return None if window.all_day else (window.start, window.end)
    day = datetime.combine(window.start.date(), time.min, window.start.tzinfo)
    return day, window.end


@cache
def _steady(every: timedelta, *, idle: bool = False) -> Rhythm:
    """Return the rhythm of a question that is asked at one interval."""
    rate = _HOUR / every
    return Rhythm(
        hourly=(rate,) * HOURS_OF_WEEK,
        even=rate,
        least=every,
        most=every,
        quiet=True,
        idle=idle,
    )


@cache
def _rhythm(
    stage: Stage, *, near: bool, times_overdue: int, quiet: bool, lag: int
) -> Rhythm:
    """Turn what a stage may bring into questions an hour.

    Waits have long tails: what has taken twice as long as usual is half as
    likely to end today.
    """
    week = [0.0] * HOURS_OF_WEEK
    for news in _NEAR if near else _NEWS[stage]:
        always = news.hours is _ANY_HOUR
        for weekday, workday in enumerate(_WORKDAY):
            chance = news.chance * (1 if always else workday) / (1 + times_overdue)
            shares = [chance * news.hours.get(hour, 0) for hour in range(24)]
            before = [0.0, *accumulate(shares)]
            for hour, share in enumerate(shares):
                # What has not come yet today comes all the more likely now.
                likely = share / (1 - before[hour])
                week[weekday * 24 + hour] += likely * news.worth
    if lag > 1:
        # Another asks the carrier, some hours apart: news comes some hours late.
        week = [
            sum(week[(hour - ago) % HOURS_OF_WEEK] for ago in range(lag)) / lag
            for hour in range(HOURS_OF_WEEK)
        ]
    return Rhythm(
        hourly=tuple(EAGERNESS * sqrt(value) for value in week),
        even=EAGERNESS * sqrt(sum(week) / HOURS_OF_WEEK),
        least=timedelta(),
        most=LONGEST,
        quiet=quiet,
    )
