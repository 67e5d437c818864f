"""News that providers send of their own accord, taken up like any answer."""

from collections.abc import Sequence
import logging
from typing import TYPE_CHECKING

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from .tracking.model import Answer
from .tracking.providers.base import ProviderError
from .tracking.providers.pushing import Pushed
from .tracking.question import Question

if TYPE_CHECKING:
    from .coordinator import WaybillCoordinator

_LOGGER = logging.getLogger(__name__)


class PushedNews:
    """Brings what was pushed to an account to the parcels that it is asked about."""

    def __init__(self, coordinator: WaybillCoordinator) -> None:
        """Take up nothing yet."""
        self._coordinator = coordinator

    async def async_take(self, account_id: str, body: bytes) -> None:
        """Take up a message that is genuine, save it, and tell the house of it."""
        coordinator = self._coordinator
        if account_id not in coordinator.account_ids():
            # It was removed in the meantime.
            return
        questions = list(coordinator.questions.to_account(account_id))
        # What nobody asks about is no news.
        numbers = list(dict.fromkeys(asked.tracking_number for asked in questions))
        try:
            pushed = coordinator.accounts.read_push(account_id, body, numbers)
        except ProviderError as err:
            _LOGGER.debug("A push could not be read: %s", err)
            return
        changed = self._take_up(account_id, pushed)
        if pushed:
            coordinator.async_remember_plan()
            coordinator.async_update_listeners()
            coordinator.async_wake_when_due()
        await coordinator.announcer.async_tell(changed)

    @callback
    def _take_up(self, account_id: str, pushed: Sequence[Pushed]) -> list[str]:
        """Take up answers; returns the parcels whose journal changed."""
        coordinator = self._coordinator
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
