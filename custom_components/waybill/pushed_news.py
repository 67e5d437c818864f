"""News that providers send of their own accord, taken up like any answer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from .tracking.model import Answer
from .tracking.providers.base import Pushed
from .tracking.question import Question

if TYPE_CHECKING:
    from .coordinator import WaybillCoordinator


class PushedNews:
    """Brings what was pushed to an account to the parcels that it is asked about."""

    def __init__(self, coordinator: WaybillCoordinator) -> None:
        """Take up nothing yet."""
        self._coordinator = coordinator

    def numbers(self, account_id: str) -> list[str]:
        """Return the numbers that an account is asked about; others are no news."""
        questions = self._coordinator.questions.to_account(account_id)
        return list({question.tracking_number: None for question in questions})

    async def async_take(self, account_id: str, pushed: Sequence[Pushed]) -> None:
        """Take up what was pushed, save it, and tell the house of it."""
        changed = self._take_up(account_id, pushed)
        if pushed:
            coordinator = self._coordinator
            coordinator.async_remember_plan()
            coordinator.async_update_listeners()
            coordinator.async_wake_when_due()
        await self._coordinator.announcer.async_tell(changed)

    @callback
    def _take_up(self, account_id: str, pushed: Sequence[Pushed]) -> list[str]:
        """Take up answers; returns the parcels whose journal changed."""
        coordinator = self._coordinator
        if account_id not in coordinator.account_ids():
            # It was removed in the meantime.
            return []
        doubted = coordinator.plan.doubts_pushes(account_id)
        changed = []
        for each in pushed:
            for question in list(coordinator.questions.to_account(account_id)):
                if question.tracking_number != each.answer.tracking_number:
                    continue
                if self._take_up_one(question, each):
                    changed.append(question.parcel_id)
        if coordinator.plan.doubts_pushes(account_id) != doubted:
            coordinator.async_mind_paces(account_id)
        return changed

    def _take_up_one(self, question: Question, pushed: Pushed) -> bool:
        coordinator, now = self._coordinator, dt_util.utcnow()
        provider = coordinator.accounts.provider_id(question.account_id)
        answer = pushed.answer
        if not coordinator.plan.pushed(question, pushed.told_at, now):
            answer = _events_only(answer)
        taken = coordinator.intake.async_take_up(question, provider, answer, now)
        coordinator.questions.set_pace(coordinator.data[question.parcel_id])
        return taken.changed


def _events_only(answer: Answer) -> Answer:
    """Return what cannot be outdated in an answer: what happened."""
    return Answer(
        tracking_number=answer.tracking_number, events=answer.events, raw=answer.raw
    )
