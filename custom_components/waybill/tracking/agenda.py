"""What is to be asked of one account: when each question is due, and who goes first."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush, nlargest, nsmallest
from random import Random
from typing import Final, NamedTuple

from .ledger import Ledger, Refusal
from .providers.base import ProviderError
from .reckoning import Reckoning
from .rhythm import Demand, Interest, Rhythm

AT_ONCE: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)
_LONG: Final = timedelta(hours=6)
"""What is asked less often than this is late no more slowly."""


class Question(NamedTuple):
    """One leg of one parcel, to be asked of one account."""

    parcel_id: str
    tracking_number: str
    account_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """A request that the plan allows now; ``urgent`` are those a person asked."""

    account_id: str
    questions: tuple[Question, ...]
    urgent: frozenset[Question] = frozenset()


@dataclass(kw_only=True, slots=True)
class _Subject:
    """What a question is worth, when it was asked, and when it is due.

    ``new_since`` is when the account first answered a question about it;
    ``worth_then`` how much its rhythm had added up to when it was last asked.
    """

    interest: Interest | None
    asked_at: datetime | None = None
    new_since: datetime | None = None
    due: datetime | None = None
    worth_then: float = 0


class Agenda:
    """The questions to one account, each with the moment at which it is due.

    ``ready`` holds what was found to be due, ``queue`` what is not yet.
    """

    def __init__(self, account_id: str, ledger: Ledger, reckoning: Reckoning) -> None:
        """Begin with nothing to ask an account of which the ledger tells."""
        self.ledger = ledger
        self._account_id = account_id
        self._reckoning = reckoning
        self._demand = Demand(ledger.limits.batch_size)
        self._subjects: dict[Question, _Subject] = {}
        self._urgent: dict[Question, None] = {}
        self._ready: dict[Question, None] = {}
        self._queue: list[tuple[datetime, Question]] = []
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
        subject = self._subjects.get(question)
        if subject is None:
            subject = _Subject(interest=interest, asked_at=asked_at)
            self._subjects[question] = subject
        elif subject.interest == interest:
            return
        else:
            if subject.interest is not None:
                self._demand.remove(subject.interest.rhythm)
            subject.interest = interest
        if interest is not None:
            self._demand.add(interest.rhythm)
        self._enqueue(question, subject)

    def drop(self, question: Question) -> None:
        """Ask a question no more."""
        self._urgent.pop(question, None)
        self._ready.pop(question, None)
        subject = self._subjects.pop(question, None)
        if subject is not None and subject.interest is not None:
            self._demand.remove(subject.interest.rhythm)

    def ask_now(self, question: Question) -> None:
        """Ask a followed question as soon as the account's spacing allows."""
        self._urgent[question] = None

    def trust_again(self) -> None:
        """Ask an account again whose credentials are new."""
        self.ledger = self.ledger.cleared()

    def reckon_anew(self) -> None:
        """Work all waits out again: the home is elsewhere."""
        self._fair_wait_then = None
        for question, subject in self._subjects.items():
            self._enqueue(question, subject)

    def set_back(self, now: datetime) -> None:
        """Wait no longer than usual where the clock was ahead and was set back."""
        for question, subject in self._subjects.items():
            if subject.asked_at is not None:
                subject.asked_at = min(subject.asked_at, now)
            self._enqueue(question, subject)

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
        for question, subject in self._subjects.items():
            if subject.asked_at is not None:
                yield question, subject.asked_at

    def last_asked(self, question: Question) -> datetime | None:
        """Return when a question was last answered."""
        subject = self._subjects.get(question)
        return subject.asked_at if subject else None

    def next_check(self, question: Question, now: datetime) -> datetime | None:
        """Return when a question is to be asked next, as things stand."""
        if question in self._urgent:
            return self._opens_urgently(now)
        subject = self._subjects.get(question)
        if subject is None or subject.due is None:
            return None
        opens = self._opens_routinely(now)
        return max(subject.due, opens) if opens is not None else None

    def next_wake(self, now: datetime) -> datetime | None:
        """Return the next moment at which ``grant`` will grant something."""
        wakes = []
        if self._urgent:
            wakes.append(self._opens_urgently(now))
        first = self._first_due(now)
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
        for question in grant.questions:
            subject = self._subjects.get(question)
            if subject is not None:
                if subject.asked_at is None:
                    subject.new_since = now
                subject.asked_at = now
                self._enqueue(question, subject)

    def failed(
        self, grant: Grant, error: ProviderError, now: datetime, random: Random
    ) -> None:
        """Back off; what was to be asked stays due, behind what is due already.

        What was urgent is so once more: a question that is never answered must
        not stand before the others for good.
        """
        self.ledger = self.ledger.blocked(error, now, random)
        for question in grant.questions:
            subject = self._subjects.get(question)
            if subject is not None:
                self._enqueue(question, subject, not_before=now)
                if question in grant.urgent and self.ledger.failures == 1:
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

    def _enqueue(
        self,
        question: Question,
        subject: _Subject,
        *,
        not_before: datetime = AT_ONCE,
    ) -> None:
        self._ready.pop(question, None)
        if subject.interest is None:
            subject.due = None
            return
        subject.due = not_before
        if subject.asked_at is not None:
            wait = self._wait(subject, subject.asked_at)
            subject.due = max(subject.asked_at + wait, not_before)
        ends = subject.interest.ends
        if ends is not None and subject.due > ends:
            subject.due = None
            return
        since = max(subject.asked_at or AT_ONCE, not_before)
        subject.worth_then = self._reckoning.worth(subject.interest.rhythm, since)
        heappush(self._queue, (subject.due, question))

    def _wait(self, subject: _Subject, asked_at: datetime) -> timedelta:
        """Return how long after it was asked a question is due again."""
        interest = subject.interest
        assert interest is not None
        if interest.new_since is not None and subject.new_since is not None:
            # An account that is asked only now knows no more of it than of a new one.
            new_since = max(interest.new_since, subject.new_since)
            interest = replace(interest, new_since=new_since)
        return self._reckoning.wait(interest, asked_at, self._least(interest))

    def _first_due(self, now: datetime) -> datetime | None:
        """Return when the next question is due; stale entries fall away."""
        while self._queue:
            due, question = self._queue[0]
            subject = self._subjects.get(question)
            if subject is not None and subject.due == due:
                if due > now:
                    break
                self._ready[question] = None
            heappop(self._queue)
        if self._ready:
            return now
        return self._queue[0][0] if self._queue else None

    def _take_urgent(self, now: datetime) -> set[Question]:
        if not self._urgent:
            return set()
        opens = self._opens_urgently(now)
        if opens is None or opens > now:
            return set()
        taken = list(self._urgent)[: self.ledger.limits.batch_size]
        for question in taken:
            del self._urgent[question]
            self._ask(question, now)
        return set(taken)

    def _take_due(self, now: datetime, count: int) -> set[Question]:
        """Take what is due and fits, beside ``count`` urgent questions.

        What was never asked goes first, then what its rhythm since makes worth
        the most: where the quota is short, all wait longer in proportion, and
        what is asked seldom no longer than what is quiet.
        """
        first = self._first_due(now)
        if first is None or first > now:
            return set()
        opens = self._opens_routinely(now)
        if opens is None or opens > now:
            return set()

        long = self._reckoning.tempo.span(_LONG)
        worth_now: dict[Rhythm, float] = {}

        def worth(question: Question) -> tuple[bool, float]:
            subject = self._subjects[question]
            assert subject.interest is not None
            assert subject.due is not None
            rhythm = subject.interest.rhythm
            if rhythm not in worth_now:
                worth_now[rhythm] = self._reckoning.worth(rhythm, now)
            added_up = worth_now[rhythm] - subject.worth_then
            late = (now - subject.due) / long
            # What differs by less came of counting: of such the first goes first.
            return not rhythm.idle, round(max(added_up, late), 6)

        room = self.ledger.limits.batch_size - count
        taken = set(nlargest(room, self._ready, key=worth))
        if len(taken) < len(self._ready):
            self._forget_ended(now)
        if len(taken) < room:
            others = self._may_come_along(now)
            taken.update(nlargest(room - len(taken), others, key=worth))
        for question in taken:
            self._ask(question, now)
        return taken

    def _forget_ended(self, now: datetime) -> None:
        """Ask no more what gave way to others until nobody waited for it any more."""
        for question in list(self._ready):
            subject = self._subjects[question]
            assert subject.interest is not None
            if subject.interest.ends is not None and subject.interest.ends <= now:
                del self._ready[question]
                subject.due = None

    def _may_come_along(self, now: datetime) -> list[Question]:
        """Return what is not due but saves a request by coming along with this one."""
        spare = []
        for question, subject in self._subjects.items():
            interest = subject.interest
            if interest is None or subject.due is None or subject.asked_at is None:
                continue
            if question in self._ready or question in self._urgent:
                continue
            waited, left = now - subject.asked_at, subject.due - now
            least = self._reckoning.tempo.span(self._least(interest))
            if waited >= max(least, left * (3 if interest.rhythm.quiet else 1 / 3)):
                spare.append(question)
        return spare

    def _ask(self, question: Question, now: datetime) -> None:
        """Take a question off the queue; it comes again should no answer come."""
        subject = self._subjects.get(question)
        if subject is not None and subject.interest is not None:
            again = now + self._wait(subject, now)
            self._enqueue(question, subject, not_before=again)

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
        full = self._full_at(now)
        soon = ledger.opens_at(now, routine=True)
        if full is None or soon is None:
            return fair
        return min(fair, max(soon, full))

    def _full_at(self, now: datetime) -> datetime | None:
        """Return when as many questions are due as a request holds."""
        self._first_due(now)
        missing = self.ledger.limits.batch_size - len(self._ready)
        if missing <= 0:
            return now
        coming = (
            due
            for due, question in self._queue
            if (subject := self._subjects.get(question)) and subject.due == due
        )
        dues = nsmallest(missing, coming)
        return dues[-1] if len(dues) == missing else None

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
        basis = (self._demand.version, ledger.used, ledger.last_request)
        if self._fair_wait_then is None or self._fair_wait_then[0] != basis:
            left, length = allowance
            wait = self._reckoning.fair_wait(
                self._demand, ledger.last_request, length, left
            )
            self._fair_wait_then = basis, wait
        return self._fair_wait_then[1]

    def _fills_batches(self) -> bool:
        """Whether there are more questions than a request holds, but no count of them.

        What is due then waits for others, so that a request is full.
        """
        limits = self.ledger.limits
        return limits.per_day is None and 1 < limits.batch_size < len(self._subjects)

    def _least(self, interest: Interest) -> timedelta:
        """Return the shortest time between two questions about a leg."""
        limits = self.ledger.limits
        if interest.rhythm.quiet and limits.per_quiet_leg is not None:
            return limits.per_quiet_leg
        return limits.per_leg
