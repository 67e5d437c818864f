"""What a voice answers to each question about the parcels."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from .spoken_names import Named, NameWords, meant
from .spoken_parcels import Speaker, bounded, days_of, without_unseen
from .tracking.deliveries import delivery_of
from .tracking.model import CUSTOMS_STAGES, FINAL_STAGES, MilestoneName, Stage
from .tracking.parcel import Parcel

_MOST: Final = 5
"""Parcels that a person listens to at a time."""
_EXAMPLES: Final = 3
_LONGEST_HEARD: Final = 40
"""Characters that are said back of what was heard."""
_URGENCY: Final[Mapping[Stage, int]] = {
    Stage.OUT_FOR_DELIVERY: 1,
    Stage.DELIVERY_FAILED: 1,
    Stage.READY_FOR_PICKUP: 2,
    Stage.CUSTOMS_ACTION_REQUIRED: 3,
    Stage.IN_CUSTOMS: 3,
    Stage.CUSTOMS_CLEARED: 3,
    Stage.IN_TRANSIT: 4,
    Stage.SHIPPED: 4,
    Stage.DELIVERED: 6,
    Stage.RETURNED: 6,
}
_LEAST_URGENT: Final = 5
_NOT_BROUGHT: Final = frozenset({Stage.READY_FOR_PICKUP, Stage.EXCEPTION})
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_DAYS: Final[Mapping[str, tuple[int, int]]] = {
    "today": (0, 0),
    "tomorrow": (1, 1),
    "week": (0, 6),
}
"""The first and the last day of a period, from today."""
PERIODS: Final = tuple(_DAYS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """Who answers, of which parcels, and what was asked.

    ``name`` is what was said of a parcel, ``period`` one of ``PERIODS``.
    """

    speaker: Speaker
    parcels: Sequence[Parcel]
    names: NameWords
    name: str | None = field(default=None, repr=False)
    period: str = "today"


def where_is(question: Question) -> str:
    """Say where a parcel is."""
    return _of_one(question, question.speaker.parcel, list_parcels)


def when_arrives(question: Question) -> str:
    """Say when a parcel is expected."""
    return _of_one(question, question.speaker.arrival_or_none, _arrivals)


def cleared_customs(question: Question) -> str:
    """Say whether a parcel has left customs."""
    return _of_one(question, lambda one: _customs(question, one), list_parcels)


def list_parcels(question: Question) -> str:
    """Say where the parcels are that are not there yet, and those that came today."""
    return _told(question, question.speaker.parcel)


def arriving(question: Question) -> str:
    """Say what is expected in a period, and what came today."""
    speaker = question.speaker
    if not question.parcels:
        return speaker.say("no_parcels")
    first, last = (
        speaker.today() + timedelta(days=days) for days in _DAYS[question.period]
    )
    expected = []
    for parcel in question.parcels:
        if parcel.stage is Stage.OUT_FOR_DELIVERY and first == speaker.today():
            expected.append(parcel)
        elif (
            parcel.stage not in _NOT_BROUGHT
            and (delivery := delivery_of(parcel, speaker.zone)) is not None
        ):
            start, end = days_of(delivery)
            if start <= last and end >= first:
                expected.append(parcel)
    if not expected:
        return speaker.say(f"nothing_{question.period}")
    return _list(question, expected, speaker.arrival)


def trouble(question: Question) -> str:
    """Say which parcels are late, stuck or need a person otherwise."""
    speaker = question.speaker
    if not question.parcels:
        return speaker.say("no_parcels")
    troubled = [parcel for parcel in question.parcels if parcel.needs_attention]
    if not troubled:
        return speaker.say("no_trouble")
    return _list(question, troubled, speaker.parcel)


ANSWERS: Final[Mapping[str, Callable[[Question], str]]] = {
    "WaybillWhereIsParcel": where_is,
    "WaybillListParcels": list_parcels,
    "WaybillArriving": arriving,
    "WaybillClearedCustoms": cleared_customs,
    "WaybillTrouble": trouble,
    "WaybillWhenArrives": when_arrives,
}
"""How each intent is answered."""


def _of_one(
    question: Question,
    say: Callable[[Parcel], str],
    say_all: Callable[[Question], str],
) -> str:
    """Answer for the parcel that is meant; ask which, or say that there is none."""
    speaker, parcels = question.speaker, question.parcels
    if question.name is None or not parcels:
        return say_all(question)
    keys = meant(question.name, [_named(parcel) for parcel in parcels], question.names)
    found = _by_urgency(parcel for parcel in parcels if parcel.parcel_id in keys)
    if not found:
        heard = bounded(without_unseen(question.name), _LONGEST_HEARD)
        known = [speaker.name(parcel) for parcel in _by_urgency(parcels)[:_EXAMPLES]]
        return " ".join(
            (
                speaker.say("unknown", name=heard),
                speaker.say("for_example", parcels=speaker.several(known)),
            )
        )
    names = list(dict.fromkeys(speaker.name(parcel) for parcel in found))
    if len(names) > 1:
        return speaker.say("which", parcels=speaker.either(names[:_MOST]))
    # Parcels of one name cannot be told apart by asking.
    return _list(question, found, say)


def _named(parcel: Parcel) -> Named:
    hints = (parcel.carrier_name, parcel.about.seller)
    return Named(
        key=parcel.parcel_id,
        name=parcel.name,
        hints=tuple(hint for hint in hints if hint),
    )


def _arrivals(question: Question) -> str:
    return _told(question, question.speaker.arrival)


def _told(question: Question, say: Callable[[Parcel], str]) -> str:
    """Tell of the parcels that a person who names none asks about."""
    if not question.parcels:
        return question.speaker.say("no_parcels")
    told = [parcel for parcel in question.parcels if _is_of_now(question, parcel)]
    if not told:
        return question.speaker.say("none_under_way")
    return _list(question, told, say)


def _is_of_now(question: Question, parcel: Parcel) -> bool:
    if parcel.stage not in FINAL_STAGES or parcel.needs_attention:
        return True
    ended = parcel.stage_since.astimezone(question.speaker.zone)
    return ended.date() == question.speaker.today()


def _list(
    question: Question, parcels: Iterable[Parcel], say: Callable[[Parcel], str]
) -> str:
    """Tell of the most urgent, and how many more there are."""
    ordered = _by_urgency(parcels)
    told = [say(parcel) for parcel in ordered[:_MOST]]
    if len(ordered) > _MOST:
        told.append(question.speaker.say("more", count=str(len(ordered) - _MOST)))
    return " ".join(told)


def _by_urgency(parcels: Iterable[Parcel]) -> list[Parcel]:
    return sorted(parcels, key=_urgency)


def _urgency(parcel: Parcel) -> tuple[int, datetime, str, str]:
    rank = 0 if parcel.needs_attention else _URGENCY.get(parcel.stage, _LEAST_URGENT)
    due = min(parcel.promises, default=_NEVER, key=datetime.timestamp)
    return rank, due, parcel.name, parcel.parcel_id


def _customs(question: Question, parcel: Parcel) -> str:
    speaker = question.speaker
    cleared_at = next(
        (
            milestone.time or milestone.noted_at
            for milestone in reversed(parcel.milestones)
            if milestone.milestone is MilestoneName.CUSTOMS_CLEARED
        ),
        parcel.stage_since if parcel.stage is Stage.CUSTOMS_CLEARED else None,
    )
    held = parcel.stage in CUSTOMS_STAGES and parcel.stage is not Stage.CUSTOMS_CLEARED
    if held:
        return speaker.say("customs_not_yet", parcel=speaker.parcel(parcel))
    if cleared_at is not None:
        cleared = speaker.customs(parcel, cleared_at)
        return speaker.say("customs_yes", parcel=cleared)
    return speaker.say("customs_unmentioned", parcel=speaker.parcel(parcel))
