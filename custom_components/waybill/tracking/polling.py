"""The plan: whom to ask next, and when, within each provider's quota.

Requests go where news is likely. How often a parcel is worth asking about
follows from its stage and its silence (``intervals``); how often an account may
be asked follows from its provider's limits (``ledger``). The plan brings the
two together: one request holds all that is due and fits in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush, nlargest
from random import Random
from typing import Final, NamedTuple

from .intervals import QUIET_INTERVAL
from .ledger import Ledger, Refusal, moment
from .providers.base import Limits, ProviderError
from .tempo import Tempo

_AT_ONCE: Final = datetime(1970, 1, 1, tzinfo=UTC)


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
    """How often a question is worth asking, and when it was."""

    every: timedelta | None
    hot: bool
    asked_at: datetime | None = None
    due: datetime | None = None


@dataclass(kw_only=True, slots=True)
class _Account:
    ledger: Ledger
    subjects: dict[Question, _Subject] = field(default_factory=dict)
    urgent: dict[Question, None] = field(default_factory=dict)
    queue: list[tuple[datetime, Question]] = field(default_factory=list)
    hot: int = 0


class Plan:
    """Grants requests, at most one to each account at a time.

    All moments are aware, by Home Assistant's clock.
    """

    def __init__(self, tempo: Tempo, random: Random | None = None) -> None:
        """Begin with no account and nothing to ask."""
        self._tempo = tempo
        self._random = random or Random()
        self._accounts: dict[str, _Account] = {}
        self._stored: Mapping[str, object] = {}
        self._asked: dict[Question, datetime] = {}
        self._clock = _AT_ONCE

    def add_account(self, account_id: str, limits: Limits) -> None:
        """Allow an account to be asked, with all that is remembered of it."""
        ledger = Ledger(limits=limits, tempo=self._tempo)
        stored = self._stored.get(account_id)
        if isinstance(stored, dict):
            ledger = ledger.restored(stored)
        self._accounts[account_id] = _Account(ledger=ledger)

    def remove_account(self, account_id: str) -> None:
        """Ask an account no more."""
        self._accounts.pop(account_id, None)

    def trust_again(self, account_id: str) -> None:
        """Ask an account again whose credentials are new."""
        account = self._accounts[account_id]
        account.ledger = account.ledger.cleared()

    def ledger(self, account_id: str) -> Ledger:
        """Return what was asked of an account."""
        return self._accounts[account_id].ledger

    def follow(
        self, question: Question, every: timedelta | None, *, hot: bool = False
    ) -> None:
        """Ask a question routinely; ``every`` None: only when a person wants it.

        One that was never asked is due at once.
        """
        account = self._accounts[question.account_id]
        if every is not None:
            every = max(every, account.ledger.limits.per_leg)
        subject = account.subjects.get(question)
        if subject is None:
            asked_at = self._asked.pop(question, None)
            subject = _Subject(every=every, hot=hot, asked_at=asked_at)
            account.subjects[question] = subject
            account.hot += hot
        elif (subject.every, subject.hot) == (every, hot):
            return
        else:
            account.hot += hot - subject.hot
            subject.every, subject.hot = every, hot
        self._enqueue(account, question, subject)

    def drop(self, question: Question) -> None:
        """Ask a question no more."""
        account = self._accounts.get(question.account_id)
        if account is None:
            return
        account.urgent.pop(question, None)
        subject = account.subjects.pop(question, None)
        if subject is not None:
            account.hot -= subject.hot

    def ask_now(self, question: Question) -> None:
        """Ask a followed question as soon as the account's spacing allows."""
        self._accounts[question.account_id].urgent[question] = None

    def refusal(
        self, account_id: str, now: datetime
    ) -> tuple[Refusal, datetime | None] | None:
        """Say why, and until when, even a person may not ask an account."""
        return self._accounts[account_id].ledger.refusal(now)

    def last_asked(self, question: Question) -> datetime | None:
        """Return when a question was last answered."""
        account = self._accounts.get(question.account_id)
        subject = account.subjects.get(question) if account else None
        return subject.asked_at if subject else None

    def next_check(self, question: Question, now: datetime) -> datetime | None:
        """Return when a question is to be asked next, as things stand."""
        account = self._accounts.get(question.account_id)
        if account is None:
            return None
        if question in account.urgent:
            return account.ledger.opens_at(now, routine=False)
        subject = account.subjects.get(question)
        if subject is None or subject.due is None:
            return None
        opens = self._opens_routinely(account, now)
        return max(subject.due, opens) if opens is not None else None

    def next_wake(self, now: datetime) -> datetime | None:
        """Return the next moment at which ``grants`` will grant something."""
        self._mind_clock(now)
        wakes = [self._wake(account, now) for account in self._accounts.values()]
        return min((wake for wake in wakes if wake is not None), default=None)

    def grants(self, now: datetime) -> list[Grant]:
        """Grant requests, and count them as made."""
        self._mind_clock(now)
        granted = []
        for account_id, account in self._accounts.items():
            urgent = self._take_urgent(account, now)
            taken = urgent | self._take_due(account, now, len(urgent))
            if not taken:
                continue
            account.ledger = account.ledger.asked(now)
            granted.append(
                Grant(
                    account_id=account_id,
                    # A stable order lets an unchanged answer be known by its bytes.
                    questions=tuple(sorted(taken)),
                    urgent=frozenset(urgent),
                )
            )
        return granted

    def answered(self, grant: Grant, now: datetime) -> None:
        """Take note that a request was answered."""
        account = self._accounts.get(grant.account_id)
        if account is None:
            return
        account.ledger = account.ledger.cleared()
        for question in grant.questions:
            subject = account.subjects.get(question)
            if subject is not None:
                subject.asked_at = now
                self._enqueue(account, question, subject)

    def failed(self, grant: Grant, error: ProviderError, now: datetime) -> None:
        """Back off; what was to be asked stays due, behind what is due already.

        What was urgent is so once more: a question that is never answered must
        not stand before the others for good.
        """
        account = self._accounts.get(grant.account_id)
        if account is None:
            return
        account.ledger = account.ledger.blocked(error, now, self._random)
        for question in grant.questions:
            subject = account.subjects.get(question)
            if subject is not None:
                self._enqueue(account, question, subject, not_before=now)
                if question in grant.urgent and account.ledger.failures == 1:
                    account.urgent[question] = None

    def as_dict(self) -> dict[str, object]:
        """Return what must survive a restart, as JSON."""
        return {
            "accounts": {k: a.ledger.as_dict() for k, a in self._accounts.items()},
            "asked": [
                [*question, subject.asked_at.isoformat()]
                for account in self._accounts.values()
                for question, subject in account.subjects.items()
                if subject.asked_at is not None
            ],
        }

    def restore(self, data: Mapping[str, object]) -> None:
        """Take up what ``as_dict`` gave, before any account is added.

        What cannot be read is passed over: at worst a question comes early.
        """
        accounts, asked = data.get("accounts"), data.get("asked")
        self._stored = accounts if isinstance(accounts, dict) else {}
        for item in asked if isinstance(asked, list) else []:
            match item:
                case [str() as parcel_id, str() as number, str() as account_id, at]:
                    asked_at = moment(at)
                    if asked_at is not None:
                        question = Question(parcel_id, number, account_id)
                        self._asked[question] = asked_at
                        self._clock = max(self._clock, asked_at)

    def _mind_clock(self, now: datetime) -> None:
        """Wait no longer than usual where the clock was ahead and was set back."""
        if now < self._clock:
            self._asked = {q: min(at, now) for q, at in self._asked.items()}
            for account in self._accounts.values():
                for question, subject in account.subjects.items():
                    if subject.asked_at is not None:
                        subject.asked_at = min(subject.asked_at, now)
                    self._enqueue(account, question, subject)
        self._clock = now

    def _enqueue(
        self,
        account: _Account,
        question: Question,
        subject: _Subject,
        *,
        not_before: datetime = _AT_ONCE,
    ) -> None:
        if subject.every is None:
            subject.due = None
            return
        subject.due = not_before
        if subject.asked_at is not None:
            due = subject.asked_at + self._tempo.span(subject.every)
            subject.due = max(due, not_before)
        heappush(account.queue, (subject.due, question))

    def _first_due(self, account: _Account) -> datetime | None:
        """Return when the next question is due; stale entries fall away."""
        while account.queue:
            due, question = account.queue[0]
            subject = account.subjects.get(question)
            if subject is not None and subject.due == due:
                return due
            heappop(account.queue)
        return None

    def _take_urgent(self, account: _Account, now: datetime) -> set[Question]:
        if not account.urgent:
            return set()
        opens = account.ledger.opens_at(now, routine=False)
        if opens is None or opens > now:
            return set()
        taken = list(account.urgent)[: account.ledger.limits.batch_size]
        for question in taken:
            del account.urgent[question]
            self._ask(account, question, now)
        return set(taken)

    def _take_due(self, account: _Account, now: datetime, count: int) -> set[Question]:
        """Take what is due and fits, beside ``count`` urgent questions.

        What was never asked goes first, then what is late by the most of its
        own intervals: where the quota is short, all wait longer in proportion,
        and what is asked seldom no longer than what is quiet.
        """
        first = self._first_due(account)
        if first is None or first > now:
            return set()
        opens = self._opens_routinely(account, now)
        if opens is None or opens > now:
            return set()

        def lateness(question: Question) -> float:
            subject = account.subjects[question]
            assert subject.due is not None
            assert subject.every is not None
            return (now - subject.due) / min(subject.every, QUIET_INTERVAL)

        due = [
            question
            for question, subject in account.subjects.items()
            if subject.due is not None and subject.due <= now
        ]
        room = account.ledger.limits.batch_size - count
        taken = set(nlargest(room, due, key=lateness))
        for question in taken:
            self._ask(account, question, now)
        return taken

    def _ask(self, account: _Account, question: Question, now: datetime) -> None:
        """Take a question off the queue; it comes again should no answer come."""
        subject = account.subjects.get(question)
        if subject is not None and subject.every is not None:
            again = now + self._tempo.span(subject.every)
            self._enqueue(account, question, subject, not_before=again)

    def _wake(self, account: _Account, now: datetime) -> datetime | None:
        wakes = []
        if account.urgent:
            wakes.append(account.ledger.opens_at(now, routine=False))
        first = self._first_due(account)
        if first is not None:
            opens = self._opens_routinely(account, now)
            wakes.append(max(first, opens) if opens is not None else None)
        return min((wake for wake in wakes if wake is not None), default=None)

    @staticmethod
    def _opens_routinely(account: _Account, now: datetime) -> datetime | None:
        return account.ledger.opens_at(now, routine=True, hot=account.hot > 0)
