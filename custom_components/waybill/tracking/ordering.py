"""Weave two ordered tellings of the same journey into one order."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import timedelta

from .model import CUSTOMS_STAGES, Direction, TrackingEvent

SAME_SCAN_WITHIN = timedelta(minutes=15)


def earlier(one: TrackingEvent, other: TrackingEvent) -> bool | None:
    """Say whether one event is earlier than the other; None: nobody can tell.

    Instants are compared where both are known, else the clocks on the wall.
    """
    if one.time is not None and other.time is not None:
        return one.time < other.time
    if one.local_time is not None and other.local_time is not None:
        return one.local_time < other.local_time
    return None


def same_scan(one: TrackingEvent, other: TrackingEvent) -> bool:
    """Say whether two providers, or two legs, tell of the same scan.

    The same stage, or one without; instants within 15 minutes, or equal wall
    times where a zone is unknown. Some label a wall time with a zone that it is
    not in: equal wall times and one stage are the same scan, whatever the zones.
    Customs without a side of the border can be the export customs that the other
    tells of.
    """
    if (
        one.stage is not None
        and other.stage is not None
        and one.stage != other.stage
        and not _may_be_export(one, other)
        and not _may_be_export(other, one)
    ):
        return False
    same_wall = one.local_time is not None and one.local_time == other.local_time
    if one.time is not None and other.time is not None:
        if abs(one.time - other.time) <= SAME_SCAN_WITHIN:
            return True
        return same_wall and one.stage is not None and one.stage == other.stage
    return same_wall


def _may_be_export(open_: TrackingEvent, export: TrackingEvent) -> bool:
    return (
        open_.stage in CUSTOMS_STAGES
        and open_.direction is None
        and export.direction is Direction.EXPORT
    )


def weave[Token: Hashable](
    leading: Sequence[Token],
    other: Sequence[Token],
    events: Mapping[Token, TrackingEvent],
) -> list[Token]:
    """Order all tokens of two sequences, both oldest first.

    The order of ``leading`` is kept. A token that only ``other`` has comes
    behind its neighbour in ``other``, and behind those of ``leading`` which
    follow there and are earlier by the clock; one without a time is passed on
    the way to those. Lists go before clocks, because clocks lie.
    """
    shared = set(leading).intersection(other)
    woven = list(leading)
    position = 0
    for token in other:
        if token in shared:
            # A list that contradicts the leading one never moves back in it.
            position = max(position, woven.index(token) + 1)
            continue
        for ahead in range(position, len(woven)):
            if woven[ahead] in shared:
                break
            is_earlier = earlier(events[woven[ahead]], events[token])
            if is_earlier:
                position = ahead + 1
            elif is_earlier is False:
                break
        woven.insert(position, token)
        position += 1
    return woven
