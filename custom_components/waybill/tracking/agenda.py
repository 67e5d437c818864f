"""What one account is asked next, and when it may be asked."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Final

from .due_questions import DueQuestions
from .ledger import Ledger, Refusal
from .providers.base import ProviderError
from .question import Grant, Question
from .reckoning import Reckoning
from .rhythm import Interest

_DAY: Final = timedelta(days=1)


class Agenda:
    """The questions to one account, those that are urgent, and its ledger."""

    def __init__(self, account_id: str, ledger: Ledger, reckoning: Reckoning) -> None:
        """Begin with nothing to ask an account of which the ledger tells."""
        self.ledger = ledger
        self._account_id = account_id
        self._reckoning = reckoning
        self._questions = DueQuestions(ledger.limits, reckoning)
        self._urgent: dict[Question, None] = {}
        self._fair_wait_then: (
            tuple[tuple[int, int, datetime | None], timedelta] | None
        ) = None

    def follow(
        self,
        question: Question,
        interest: Interest | None,
        asked_at: datetime | None = None,
    ) -> None:
        """Ask a question routinely; None: only when a person wants it.

        ``asked_at`` is when one that is new here was asked before.
        """
        self._questions.follow(question, interest, asked_at)

    def drop(self, question: Question) -> None:
        """Ask a question no more."""
        self._urgent.pop(question, None)
        self._questions.drop(question)

    def ask_now(self, question: Question) -> None:
        """Ask a followed question as soon as the account's spacing allows."""
        self._urgent[question] = None

    def trust_again(self) -> None:
        """Ask an account again whose credentials are new."""
        self.ledger = self.ledger.cleared()

    def reckon_anew(self) -> None:
        """Work all waits out again: the home is elsewhere."""
        self._fair_wait_then = None
        self._questions.reckon_anew()

    def set_back(self, now: datetime) -> None:
        """Wait no longer than usual where the clock was ahead and was set back."""
        self.ledger = self.ledger.set_back(now)
        self._fair_wait_then = None
        self._questions.set_back(now)

    def refusal(self, now: datetime) -> tuple[Refusal, datetime | None] | None:
        """Say why, and until when, even a person may not ask the account.

        Together they may ask what is kept for them, and no more where the rest
        of the day is short.
        """
        ledger, limits = self.ledger, self.ledger.limits
        refusal = ledger.refusal(now)
        if refusal is not None:
            return refusal
        opens = self._opens_urgently(now)
        if opens is None or opens > now:
            return Refusal.QUOTA, opens
        waiting = len(self._urgent) // limits.batch_size
        if limits.per_day is not None and waiting >= ledger.reserve:
            spacing = self._reckoning.tempo.span(limits.spacing)
            return Refusal.SPACING, now + spacing * waiting
        return None

    def asked(self) -> Iterator[tuple[Question, datetime]]:
        """Yield the questions that were answered, and when each was last."""
        return self._questions.asked()

    def last_asked(self, question: Question) -> datetime | None:
        """Return when a question was last answered."""
        return self._questions.last_asked(question)

    def next_check(self, question: Question, now: datetime) -> datetime | None:
        """Return when a question is to be asked next, as things stand."""
        if question in self._urgent:
            return self._opens_urgently(now)
        due = self._questions.due(question)
        if due is None:
            return None
        opens = self._opens_routinely(now)
        return max(due, opens) if opens is not None else None

    def next_wake(self, now: datetime) -> datetime | None:
        """Return the next moment at which ``grant`` will grant something."""
        wakes = []
        if self._urgent:
            wakes.append(self._opens_urgently(now))
        first = self._questions.first_due(now)
        if first is not None:
            opens = self._opens_routinely(now)
            wakes.append(max(first, opens) if opens is not None else None)
        return min((wake for wake in wakes if wake is not None), default=None)

    def grant(self, now: datetime) -> Grant | None:
        """Grant a request, and count it as made."""
        opens = self._opens_routinely(now) if self._urgent else now
        urgent = self._take_urgent(now)
        taken = urgent | self._take_due(now, len(urgent))
        if not taken:
            return None
        could_not_wait = opens is None or opens > now
        self.ledger = self.ledger.asked(now, urgent=could_not_wait)
        return Grant(
            account_id=self._account_id,
            # A stable order lets an unchanged answer be known by its bytes.
            questions=tuple(sorted(taken)),
            urgent=frozenset(urgent),
        )

    def answered(self, grant: Grant, now: datetime) -> None:
        """Take note that a request was answered."""
        self.ledger = self.ledger.cleared()
        self._questions.answered(grant.questions, now)

    def failed(
        self, grant: Grant, error: ProviderError, now: datetime, random: Random
    ) -> None:
        """Back off; what was to be asked stays due, behind what is due already.

        What was urgent is so once more: a question that is never answered must
        not stand before the others for good.
        """
        self.ledger = self.ledger.blocked(error, now, random)
        for question in grant.questions:
            followed = self._questions.put_back(question, now)
            if followed and question in grant.urgent and self.ledger.failures == 1:
                self._urgent[question] = None

    def opens_at(self, now: datetime, *, routine: bool) -> datetime | None:
        """Return from when a request outside of the questions may be made."""
        if routine:
            return self._opens_routinely(now)
        return self.ledger.opens_at(now, routine=False)

    def take(self, now: datetime, *, routine: bool) -> bool:
        """Count a request outside of the questions as made, if it may be made now."""
        opens = self.opens_at(now, routine=routine)
        if opens is None or opens > now:
            return False
        could_wait = self._opens_routinely(now)
        urgent = could_wait is None or could_wait > now
        self.ledger = self.ledger.asked(now, urgent=urgent)
        return True

    def _take_urgent(self, now: datetime) -> set[Question]:
        if not self._urgent:
            return set()
        opens = self._opens_urgently(now)
        if opens is None or opens > now:
            return set()
        taken = list(self._urgent)[: self.ledger.limits.batch_size]
        for question in taken:
            del self._urgent[question]
            self._questions.ask(question, now)
        return set(taken)

    def _take_due(self, now: datetime, count: int) -> set[Question]:
        """Take what is due and fits, beside ``count`` urgent questions."""
        first = self._questions.first_due(now)
        if first is None or first > now:
            return set()
        opens = self._opens_routinely(now)
        if opens is None or opens > now:
            return set()
        room = self.ledger.limits.batch_size - count
        return self._questions.take(now, room, self._urgent)

    def _opens_urgently(self, now: datetime) -> datetime | None:
        """Return from when what cannot wait may be asked.

        Where all that was kept for it is spent, and the rest is too little, it
        goes first when it is the others' turn: many new parcels must not silence
        those that are on their way.
        """
        ledger = self.ledger
        counted = ledger.limits.per_day is not None
        if not counted or ledger.kept_on(now) or not self._fair_wait():
            return ledger.opens_at(now, routine=False)
        return self._opens_routinely(now)

    def _opens_routinely(self, now: datetime) -> datetime | None:
        ledger = self.ledger
        fair = ledger.opens_at(now, routine=True, fair_wait=self._fair_wait())
        if fair is None or not self._fills_batches():
            return fair
        full = self._questions.full_at(now)
        soon = ledger.opens_at(now, routine=True)
        if full is None or soon is None:
            return fair
        return min(fair, max(soon, full))

    def _fair_wait(self) -> timedelta:
        """Return how long the house waits so that the quota lasts for the day.

        Where nothing is counted by the day: until a request is worth it.
        """
        ledger = self.ledger
        if ledger.last_request is None:
            return timedelta()
        allowance: tuple[int | None, timedelta] | None = ledger.left_for_routine
        if allowance is None:
            if not self._fills_batches():
                return timedelta()
            allowance = None, _DAY
        basis = (self._questions.demand.version, ledger.used, ledger.last_request)
        if self._fair_wait_then is None or self._fair_wait_then[0] != basis:
            left, length = allowance
            wait = self._reckoning.fair_wait(
                self._questions.demand, ledger.last_request, length, left
            )
            self._fair_wait_then = basis, wait
        return self._fair_wait_then[1]

    def _fills_batches(self) -> bool:
        """Whether there are more questions than a request holds, but no count of them.

        What is due then waits for others, so that a request is full.
        """
        limits = self.ledger.limits
        return limits.per_day is None and 1 < limits.batch_size < len(self._questions)
