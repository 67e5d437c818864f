"""Takes up what providers tell into the journals, asked or not."""

from datetime import datetime
import logging
from typing import TYPE_CHECKING, NamedTuple

from .tracking.harmless_text import code_or_length
from .tracking.journal import Journal, merge
from .tracking.kept_answers import to_keep
from .tracking.model import Answer
from .tracking.question import Question
from .unexpected import whereabouts

if TYPE_CHECKING:
    from .coordinator import WaybillCoordinator

_LOGGER = logging.getLogger(__name__)


class Taken(NamedTuple):
    """What an answer brought: whether it changed the journal, and by events."""

    changed: bool = False
    events: bool = False


class Intake:
    """Merges answers, and says what that brought."""

    def __init__(self, coordinator: WaybillCoordinator) -> None:
        """Know of no code yet that is new."""
        self._coordinator = coordinator
        self._unmapped: set[tuple[str, str]] = set()

    def async_take_up(
        self, question: Question, provider: str, answer: Answer, now: datetime
    ) -> Taken:
        """Take up an answer to a question."""
        questions = self._coordinator.questions
        if not questions.is_news(question, answer):
            return Taken()
        self._log_unmapped(provider, answer)
        try:
            return self._merge(question.parcel_id, provider, answer, now)
        except Exception as err:  # noqa: BLE001
            # A fault of ours in one parcel must not hold up the others.
            _LOGGER.error(
                "An answer of %s could not be taken up: %s", provider, whereabouts(err)
            )
            questions.forget_answer(question)
            return Taken()

    def _merge(
        self, parcel_id: str, provider: str, answer: Answer, now: datetime
    ) -> Taken:
        coordinator = self._coordinator
        before = coordinator.journals[parcel_id]
        merged = merge(before, provider, answer, now)
        if merged is before:
            return Taken()
        proof = to_keep(before, merged, provider, answer, now)
        if proof is not None:
            coordinator.storage.answers.async_note(merged.tracking_number, proof)
        coordinator.async_take_news(before, merged)
        number = answer.tracking_number
        told = [_events(journal, provider, number) for journal in (before, merged)]
        return Taken(changed=True, events=told[0] < told[1])

    def _log_unmapped(self, provider: str, answer: Answer) -> None:
        for event in answer.events:
            code = (provider, event.code or "")
            if event.stage is None and event.code and code not in self._unmapped:
                self._unmapped.add(code)
                _LOGGER.info(
                    "%s has a code that Waybill does not know: %s",
                    provider,
                    code_or_length(event.code),
                )


def _events(journal: Journal, provider: str, tracking_number: str) -> int:
    track = journal.track(provider, tracking_number)
    return len(track.events) if track is not None else 0
