"""A round of requests: all made at once, and what comes back taken up."""

import asyncio
from datetime import datetime
import logging
from typing import TYPE_CHECKING

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from .tracking.journal import merge, unknown_to
from .tracking.kept_answers import to_keep
from .tracking.model import Answer
from .tracking.providers.base import ProviderError
from .tracking.question import Grant

if TYPE_CHECKING:
    from .coordinator import WaybillCoordinator

_LOGGER = logging.getLogger(__name__)


class Rounds:
    """Makes the requests that the plan granted."""

    def __init__(self, coordinator: WaybillCoordinator) -> None:
        """Make no request yet."""
        self._coordinator = coordinator
        self._unmapped: set[tuple[str, str]] = set()

    async def async_make(self, grants: list[Grant], lists: list[str]) -> None:
        """Ask all at once; one that goes wrong leaves the others alone."""
        results = await asyncio.gather(
            *map(self._async_make_request, grants),
            *map(self._async_list, lists),
            return_exceptions=True,
        )
        for result in results:
            if isinstance(result, Exception):
                _LOGGER.error("A request was not brought to its end", exc_info=result)

    async def _async_list(self, account_id: str) -> None:
        await self._coordinator.account_parcels.async_list(account_id)
        self._coordinator.async_account_changed(account_id)

    async def _async_make_request(self, grant: Grant) -> None:
        coordinator = self._coordinator
        account_id = grant.account_id
        provider = coordinator.accounts.provider_id(account_id)
        queries = {
            question.tracking_number: coordinator.questions.query(question)
            for question in grant.questions
            if question in coordinator.questions
        }
        try:
            answers = await coordinator.accounts.async_fetch(
                account_id, [*queries.values()]
            )
        except ProviderError as err:
            coordinator.plan.failed(grant, err, dt_util.utcnow())
            coordinator.accounts.async_failed(account_id, err)
            coordinator.async_account_changed(account_id)
            return
        if coordinator.stopped:
            # Another has taken over, and will ask again.
            return
        now = dt_util.utcnow()
        coordinator.accounts.async_answered(account_id)
        coordinator.plan.answered(grant, now)
        changed = self._async_merge_all(grant, provider, answers, now)
        for parcel_id in {question.parcel_id for question in grant.questions}:
            if parcel_id in coordinator.data:
                self._async_mind_pace(parcel_id)
        coordinator.async_account_changed(account_id)
        await coordinator.announcer.async_tell(changed)

    def _async_merge_all(
        self, grant: Grant, provider: str, answers: list[Answer], now: datetime
    ) -> list[str]:
        """Merge answers; returns the parcels whose journal changed."""
        told = {answer.tracking_number: answer for answer in answers}
        changed = []
        for question in grant.questions:
            answer = told.get(question.tracking_number)
            if (
                answer is None
                or question not in self._coordinator.questions
                or not self._coordinator.questions.is_news(question, answer)
            ):
                continue
            self._log_unmapped(provider, answer)
            try:
                if self._async_merge(question.parcel_id, provider, answer, now):
                    changed.append(question.parcel_id)
            except Exception:
                # A fault of ours in one parcel must not hold up the others.
                _LOGGER.exception("An answer of %s could not be taken up", provider)
                self._coordinator.questions.forget_answer(question)
        return changed

    def _async_merge(
        self, parcel_id: str, provider: str, answer: Answer, now: datetime
    ) -> bool:
        """Merge an answer into a parcel's journal; True if that changed it."""
        coordinator = self._coordinator
        before = coordinator.journals[parcel_id]
        merged = merge(before, provider, answer, now)
        if merged is before:
            return False
        proof = to_keep(before, merged, provider, answer, now)
        if proof is not None:
            coordinator.storage.answers.async_note(merged.tracking_number, proof)
        coordinator.async_take_news(before, merged)
        return True

    @callback
    def _async_mind_pace(self, parcel_id: str) -> None:
        """Ask less about a parcel that fell silent, and others of a number unknown."""
        journal = self._coordinator.journals[parcel_id]
        if any(unknown_to(journal, leg) for leg in journal.legs):
            self._coordinator.async_follow(parcel_id)
        else:
            self._coordinator.questions.set_pace(self._coordinator.data[parcel_id])

    def _log_unmapped(self, provider: str, answer: Answer) -> None:
        for event in answer.events:
            code = (provider, event.code or "")
            if event.stage is None and event.code and code not in self._unmapped:
                self._unmapped.add(code)
                _LOGGER.info("%s has a code that Waybill does not know: %s", *code)
