"""A round of requests: all made at once, and what comes back taken up."""

import asyncio
from datetime import datetime
import logging
from typing import TYPE_CHECKING

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from .tracking.journal import unknown_to
from .tracking.model import Answer
from .tracking.providers.base import ProviderError
from .tracking.question import Grant
from .unexpected import whereabouts

if TYPE_CHECKING:
    from .coordinator import WaybillCoordinator

_LOGGER = logging.getLogger(__name__)


class Rounds:
    """Makes the requests that the plan granted."""

    def __init__(self, coordinator: WaybillCoordinator) -> None:
        """Make no request yet."""
        self._coordinator = coordinator
        self._taking_in = asyncio.Lock()
        self._stopped = False

    async def async_stop(self) -> None:
        """Finish what is being taken in, and take in no more."""
        self._stopped = True
        async with self._taking_in:
            pass

    async def async_make(self, grants: list[Grant], lists: list[str]) -> None:
        """Ask all at once; one that goes wrong leaves the others alone."""
        results = await asyncio.gather(
            *map(self._async_make_request, grants),
            *map(self._async_list, lists),
            return_exceptions=True,
        )
        for result in results:
            if isinstance(result, Exception):
                _LOGGER.error(
                    "A request was not brought to its end: %s", whereabouts(result)
                )

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
        async with self._taking_in:
            if self._stopped or coordinator.stopped:
                # Another takes over, and will ask again.
                return
            now = dt_util.utcnow()
            coordinator.accounts.async_answered(account_id)
            coordinator.plan.answered(grant, now)
            changed = await self._async_merge_all(grant, provider, answers, now)
            for parcel_id in {question.parcel_id for question in grant.questions}:
                if parcel_id in coordinator.data:
                    self._async_mind_pace(parcel_id)
            coordinator.async_account_changed(account_id)
            await coordinator.announcer.async_tell(changed)

    async def _async_merge_all(
        self, grant: Grant, provider: str, answers: list[Answer], now: datetime
    ) -> list[str]:
        """Merge answers; returns the parcels whose journal changed.

        To take news in takes a while, so each is a turn of its own.
        """
        coordinator = self._coordinator
        told = {answer.tracking_number: answer for answer in answers}
        changed = []
        for question in grant.questions:
            answer = told.get(question.tracking_number)
            if answer is None or question not in coordinator.questions:
                continue
            taken = coordinator.intake.async_take_up(question, provider, answer, now)
            if taken.changed:
                changed.append(question.parcel_id)
                await asyncio.sleep(0)
            if taken.events and coordinator.plan.missed(question):
                coordinator.async_mind_paces(grant.account_id)
        return changed

    @callback
    def _async_mind_pace(self, parcel_id: str) -> None:
        """Ask less about a parcel that fell silent, and others of a number unknown."""
        journal = self._coordinator.journals[parcel_id]
        known = all(track.events for track in journal.tracks)
        if not known and any(unknown_to(journal, leg) for leg in journal.legs):
            self._coordinator.async_follow(parcel_id)
        else:
            self._coordinator.questions.set_pace(self._coordinator.data[parcel_id])
