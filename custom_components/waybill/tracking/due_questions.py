"""The questions to one account, and when each is due."""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import itemgetter
from typing import Final

from .providers.base import Limits
from .question import Question
from .reckoning import Reckoning
from .rhythm import Demand, Interest, Rhythm

AT_ONCE: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LONG: Final = timedelta(hours=6)
"""What is asked less often than this is late no more slowly."""


type _Basis = tuple[Rhythm, float, datetime]
"""What a question's rank rests on: its rhythm, ``worth_then`` and ``due``."""


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


class DueQuestions:
    """Says what is due first, and what goes first of what is due.

    ``ready`` holds what was found to be due, ``queue`` what is not yet, the first
    that will be first.
    """

    def __init__(self, limits: Limits, reckoning: Reckoning) -> None:
        """Begin with nothing to ask."""
        self.demand = Demand(limits.batch_size)
        self._limits = limits
        self._reckoning = reckoning
        self._subjects: dict[Question, _Subject] = {}
        self._ready: dict[Question, _Subject] = {}
        self._queue: list[tuple[datetime, Question]] = []

    def __len__(self) -> int:
        """Return how many questions there are."""
        return len(self._subjects)

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
                self.demand.remove(subject.interest.rhythm)
            subject.interest = interest
        if interest is not None:
            self.demand.add(interest.rhythm)
        self._enqueue(question, subject)

    def drop(self, question: Question) -> None:
        """Ask a question no more."""
        subject = self._subjects.pop(question, None)
        if subject is None:
            return
        self._take_off(question, subject)
        if subject.interest is not None:
            self.demand.remove(subject.interest.rhythm)

    def reckon_anew(self) -> None:
        """Work all waits out again: the home is elsewhere."""
        for question, subject in self._subjects.items():
            self._enqueue(question, subject)

    def set_back(self, now: datetime) -> None:
        """Wait no longer than usual where the clock was ahead and was set back."""
        for question, subject in self._subjects.items():
            if subject.asked_at is not None:
                subject.asked_at = min(subject.asked_at, now)
            self._enqueue(question, subject)

    def asked(self) -> Iterator[tuple[Question, datetime]]:
        """Yield the questions that were answered, and when each was last."""
        for question, subject in self._subjects.items():
            if subject.asked_at is not None:
                yield question, subject.asked_at

    def last_asked(self, question: Question) -> datetime | None:
        """Return when a question was last answered."""
        subject = self._subjects.get(question)
        return subject.asked_at if subject else None

    def due(self, question: Question) -> datetime | None:
        """Return when a question is due; None: not as things stand."""
        subject = self._subjects.get(question)
        return subject.due if subject else None

    def first_due(self, now: datetime) -> datetime | None:
        """Return when the next question is due."""
        due = bisect_right(self._queue, now, key=itemgetter(0))
        if due:
            self._ready.update(
                (question, self._subjects[question])
                for _, question in self._queue[:due]
            )
            del self._queue[:due]
        if self._ready:
            return now
        return self._queue[0][0] if self._queue else None

    def full_at(self, now: datetime) -> datetime | None:
        """Return when as many questions are due as a request holds."""
        self.first_due(now)
        missing = self._limits.batch_size - len(self._ready)
        if missing <= 0:
            return now
        return self._queue[missing - 1][0] if missing <= len(self._queue) else None

    def take(
        self, now: datetime, room: int, urgent: Collection[Question]
    ) -> set[Question]:
        """Take what is due and fits in ``room``, beside what is ``urgent``.

        What was never asked goes first, then what its rhythm since makes worth
        the most: where the quota is short, all wait longer in proportion, and
        what is asked seldom no longer than what is quiet.
        """
        if len(self._ready) <= room:
            taken = set(self._ready)
        else:
            taken = self._worth_most(self._ready, room, now)
            self._forget_ended(now)
        if len(taken) < room:
            others = self._may_come_along(now, urgent)
            taken |= self._worth_most(others, room - len(taken), now)
        for question in taken:
            self.ask(question, now)
        return taken

    def ask(self, question: Question, now: datetime) -> None:
        """Take a question off the queue; it comes again should no answer come."""
        subject = self._subjects.get(question)
        if subject is not None and subject.interest is not None:
            again = now + self._wait(subject, now)
            self._enqueue(question, subject, not_before=again)

    def answered(self, questions: Iterable[Question], now: datetime) -> None:
        """Take note that questions were answered."""
        for question in questions:
            subject = self._subjects.get(question)
            if subject is not None:
                if subject.asked_at is None:
                    subject.new_since = now
                subject.asked_at = now
                self._enqueue(question, subject)

    def put_back(self, question: Question, now: datetime) -> bool:
        """Let a question be due, behind what is due already; False: it is gone."""
        subject = self._subjects.get(question)
        if subject is None:
            return False
        self._enqueue(question, subject, not_before=now)
        return True

    def _enqueue(
        self,
        question: Question,
        subject: _Subject,
        *,
        not_before: datetime = AT_ONCE,
    ) -> None:
        self._take_off(question, subject)
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
        insort(self._queue, (subject.due, question))

    def _take_off(self, question: Question, subject: _Subject) -> None:
        """Let a question neither be ready nor wait."""
        self._ready.pop(question, None)
        if subject.due is None:
            return
        place = bisect_left(self._queue, (subject.due, question))
        if self._queue[place : place + 1] == [(subject.due, question)]:
            del self._queue[place]

    def _wait(self, subject: _Subject, asked_at: datetime) -> timedelta:
        """Return how long after it was asked a question is due again."""
        interest = subject.interest
        assert interest is not None
        if interest.new_since is not None and subject.new_since is not None:
            # An account that is asked only now knows no more of it than of a new one.
            new_since = max(interest.new_since, subject.new_since)
            interest = replace(interest, new_since=new_since)
        return self._reckoning.wait(interest, asked_at, self._least(interest))

    def _worth_most(
        self, subjects: Mapping[Question, _Subject], room: int, now: datetime
    ) -> set[Question]:
        """Return so many questions that are worth the most; of equal ones the first.

        What was asked in one request is worth the same: there are few to compare.
        """
        alike: dict[_Basis, list[Question]] = defaultdict(list)
        for question, subject in subjects.items():
            assert subject.interest is not None
            assert subject.due is not None
            key = subject.interest.rhythm, subject.worth_then, subject.due
            alike[key].append(question)
        most: list[Question] = []
        for each in sorted(alike, key=partial(self._rank, now), reverse=True):
            most += alike[each][: room - len(most)]
        return set(most)

    def _rank(self, now: datetime, basis: _Basis) -> tuple[bool, float]:
        rhythm, worth_then, due = basis
        added_up = self._reckoning.worth(rhythm, now) - worth_then
        late = (now - due) / self._reckoning.tempo.span(_LONG)
        # What differs by less came of counting: of such the first goes first.
        return not rhythm.idle, round(max(added_up, late), 6)

    def _forget_ended(self, now: datetime) -> None:
        """Ask no more what gave way to others until nobody waited for it any more."""
        ended = [
            question
            for question, subject in self._ready.items()
            if subject.interest is not None
            and subject.interest.ends is not None
            and subject.interest.ends <= now
        ]
        for question in ended:
            self._ready.pop(question).due = None

    def _may_come_along(
        self, now: datetime, urgent: Collection[Question]
    ) -> dict[Question, _Subject]:
        """Return what is not due but saves a request by coming along with this one."""
        spare = {}
        for question, subject in self._subjects.items():
            interest = subject.interest
            if interest is None or subject.due is None or subject.asked_at is None:
                continue
            if question in self._ready or question in urgent:
                continue
            waited, left = now - subject.asked_at, subject.due - now
            least = self._reckoning.tempo.span(self._least(interest))
            if waited >= max(least, left * (3 if interest.rhythm.quiet else 1 / 3)):
                spare[question] = subject
        return spare

    def _least(self, interest: Interest) -> timedelta:
        """Return the shortest time between two questions about a leg."""
        limits = self._limits
        if interest.rhythm.quiet and limits.per_quiet_leg is not None:
            return limits.per_quiet_leg
        return limits.per_leg
