"""What a house owes to its automations, by what the carriers told it.

This is a reading of the design of its own: nothing of Waybill is imported here.

- What lasts (shipped, cleared, delivered ...) is owed once any answer told it
  that a process took up. One that was killed too soon after may not have.
- What passes (out for delivery ...) is owed where it was the newest of such an
  answer. An answer that was out of order cannot be held against anybody.
- What no answer told, as the carrier had forgotten it, is not owed.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from tests.simulator import Journey, Stage

from .lives import Lived, life_at
from .witness import Sight

_LASTING: Final = {
    Stage.CUSTOMS_CLEARED: "customs_cleared",
    Stage.DELIVERED: "delivered",
    Stage.RETURNING: "returning",
    Stage.RETURNED: "returned",
    Stage.EXCEPTION: "exception",
}
_PASSING: Final = {
    Stage.IN_CUSTOMS: "entered_customs",
    Stage.CUSTOMS_ACTION_REQUIRED: "customs_action_required",
    Stage.OUT_FOR_DELIVERY: "out_for_delivery",
    Stage.READY_FOR_PICKUP: "ready_for_pickup",
    Stage.DELIVERY_FAILED: "delivery_failed",
}
_NOT_SHIPPED: Final = frozenset({Stage.PENDING, Stage.INFO_RECEIVED})
_CUSTOMS: Final = frozenset({Stage.IN_CUSTOMS, Stage.CUSTOMS_ACTION_REQUIRED})
_AT_THE_DOOR: Final = frozenset(
    {
        Stage.OUT_FOR_DELIVERY,
        Stage.READY_FOR_PICKUP,
        Stage.DELIVERY_FAILED,
        Stage.DELIVERED,
    }
)
_ALWAYS_POSSIBLE: Final = frozenset({"stage_changed", "stalled"})
"""Those of no scan of its own; days pass within minutes."""
_SURELY_TAKEN_UP: Final = 10
"""Seconds after which a process that lives has taken up an answer."""


def possible(journey: Journey, sights: Iterable[Sight]) -> frozenset[str]:
    """Return the milestones that a journey can have at all.

    ``sights`` are what was told of it.
    """
    stages = {step.kind.stage for step in journey.steps}
    names = {_LASTING.get(stage) or _PASSING.get(stage) for stage in stages}
    names |= {"shipped"} if stages - _NOT_SHIPPED else set()
    names |= {"customs_cleared"} if stages & _CUSTOMS else set()
    if Stage.RETURNED in stages and not all(sight.straight for sight in sights):
        # Carriers call both a delivery: what came before it says to whom.
        names.add("delivered")
    names |= {"handed_over"} if journey.handoff is not None else set()
    return _ALWAYS_POSSIBLE | {name for name in names if name}


def taken_up(sights: Sequence[Sight], lives: Sequence[Lived]) -> list[Sight]:
    """Return the answers about a number that a process surely took up.

    ``sights`` are all that a provider told, in order: it is asked again only
    when its last answer was taken up. ``lives`` are in order.
    """
    sure = []
    for sight, following in pairwise((*sights, None)):
        assert sight is not None
        life = life_at(lives, sight.at)
        if life is not None and (
            life.ends - sight.at >= _SURELY_TAKEN_UP
            or (following is not None and following.at <= life.ends)
        ):
            sure.append(sight)
    return sure


def owed(journey: Journey, sights: Sequence[Sight], lives: Sequence[Lived]) -> set[str]:
    """Return the milestones that automations must have heard.

    ``sights`` are what was told of the journey's numbers, in order.
    """
    providers = {sight.provider for sight in sights}
    sure = [
        sight
        for provider in providers
        for sight in taken_up([s for s in sights if s.provider == provider], lives)
    ]
    names: set[str] = set()
    for sight in sure:
        names |= {
            _LASTING[stage]
            for stage in sight.stages
            if stage in _LASTING and (sight.straight or stage is not Stage.RETURNED)
        }
        if not _NOT_SHIPPED.issuperset(sight.stages):
            names.add("shipped")
        if sight.handed_over:
            names.add("handed_over")
        newest = sight.stages[-1]
        if newest in _PASSING and not _was_out_of_order(newest, sight, sights):
            names.add(_PASSING[newest])
        if newest in _AT_THE_DOOR and sight.straight and _saw_customs(sight, sure):
            names.add("customs_cleared")
    return names


def _was_out_of_order(stage: Stage, sight: Sight, sights: Sequence[Sight]) -> bool:
    """Say whether an answer up to this one told of a stage in a wrong order."""
    return any(
        stage in other.stages and not other.straight
        for other in sights
        if other.at <= sight.at
    )


def _saw_customs(sight: Sight, sure: Sequence[Sight]) -> bool:
    return any(
        not _CUSTOMS.isdisjoint(other.stages) for other in sure if other.at <= sight.at
    )
