"""What a person reports to be wrong with a parcel, and what they can do about it."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_now

from .action_errors import unknown_parcel
from .alert_issues import seller_named
from .languages import CommonWords, async_language_of, async_words, day_in_words
from .letters import async_letter
from .photos import async_verify_photos
from .tracking.assessment import PROTECTION_NOTICE
from .tracking.model import Problem, ProblemKind
from .tracking.parcel import Parcel
from .tracking.problems import report

if TYPE_CHECKING:
    from .coordinator import WaybillCoordinator

_FIRST_TO_ASK: Final = {
    ProblemKind.NOT_DELIVERED: "carrier",
    ProblemKind.DAMAGED: "carrier",
    ProblemKind.MISSING_ITEM: "seller",
    ProblemKind.WRONG_ITEM: "seller",
}
_WHEN_TIME_RUNS_OUT: Final = "shop"


async def async_report_problem(
    coordinator: WaybillCoordinator,
    parcel_id: str,
    problem: ProblemKind,
    *,
    description: str,
    photos: Sequence[str],
    user_id: str | None,
) -> dict[str, Any]:
    """Write a problem into a parcel's journal, and answer what to do.

    ``photos`` are paths. Raises ServiceValidationError, and changes nothing, where
    one of them is no photo or the parcel is followed no more.
    """
    hass = coordinator.hass
    verified = await async_verify_photos(hass, photos)
    language = await async_language_of(hass, user_id)
    words = await async_words(hass, language)
    parcel = coordinator.data.get(parcel_id)
    if parcel is None:
        raise unknown_parcel(parcel_id)
    reported = Problem(
        problem_id=ulid_now(),
        problem=problem,
        reported_at=dt_util.utcnow(),
        description=description,
        photos=verified,
    )
    await coordinator.async_change_journal(parcel_id, partial(report, problem=reported))
    # Whoever heard of it may have removed the parcel.
    parcel = coordinator.data.get(parcel_id, parcel)
    deadline, today = parcel.about.protection_until, dt_util.now().date()
    return {
        "problem_id": reported.problem_id,
        "advice": _advice(problem, parcel, today, words),
        "contact": _contact(problem, deadline, today),
        "deadline": deadline.isoformat() if deadline is not None else None,
        "message": await async_letter(hass, parcel, problem.value, language),
    }


def _advice(
    problem: ProblemKind, parcel: Parcel, today: date, words: CommonWords
) -> str:
    steps = words[f"advice_{problem}"].format(seller=seller_named(parcel))
    deadline = parcel.about.protection_until
    if deadline is None:
        last = words["advice_no_deadline"]
    else:
        key = "advice_deadline" if today <= deadline else "advice_deadline_over"
        last = words[key].format(date=day_in_words(deadline, words))
    return f"{steps}\n\n{last}"


def _contact(problem: ProblemKind, deadline: date | None, today: date) -> str:
    """Return who is to be written to first."""
    if deadline is not None and today <= deadline <= today + PROTECTION_NOTICE:
        return _WHEN_TIME_RUNS_OUT
    return _FIRST_TO_ASK[problem]
