"""The plan: whom to ask next, and when, within each provider's quota.

Requests go where news is likely. How often a parcel is worth asking about, at
which hours, follows from its stage and its silence (``intervals``); how often an
account may be asked follows from its provider's limits (``ledger``). The plan
brings the two together: one request holds all that is due and fits in it, and a
quota that is short is spread over the day as its hours are worth (``rhythm``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from heapq import heappop, heappush, nlargest, nsmallest
from random import Random
from typing import Final, NamedTuple

from .ledger import Ledger, Refusal, moment
from .providers.base import Limits, ProviderError
from .rhythm import Demand, Interest, Rhythm
from .tempo import Tempo

_REMEMBERED: Final = 64
_AT_ONCE: Final = datetime(1970, 1, 1, tzinfo=UTC)
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


@dataclass(kw_only=True, slots=True)
class _Account:
    """``ready`` holds what was found to be due, ``queue`` what is not yet."""

    ledger: Ledger
    demand: Demand
    subjects: dict[Question, _Subject] = field(default_factory=dict)
    urgent: dict[Question, None] = field(default_factory=dict)
    ready: dict[Question, None] = field(default_factory=dict)
    queue: list[tuple[datetime, Question]] = field(default_factory=list)
    fair_wait: tuple[tuple[int, int, datetime | None], timedelta] | None = None


class Plan:
    """Grants requests, at most one to each account at a time.

    All moments are aware, by Home Assistant's clock.
    """

    def __init__(
        self, tempo: Tempo, random: Random | None = None, *, eagerness: float = 1
    ) -> None:
        """Begin with no account and nothing to ask.

        ``eagerness`` multiplies how often everything is asked.
        """
        self._tempo = tempo
        self._eagerness = eagerness
        self._zone: tzinfo = UTC
        self._random = random or Random()
        self._accounts: dict[str, _Account] = {}
        self._stored: Mapping[str, object] = {}
        self._asked: dict[Question, datetime] = {}
        self._clock = _AT_ONCE
        # All questions of a request were asked at one moment, most in one rhythm.
        self._usual_waits: dict[tuple[Rhythm, datetime, timedelta], timedelta] = {}
        self._worths: dict[tuple[Rhythm, datetime], float] = {}

    def add_account(self, account_id: str, limits: Limits) -> None:
        """Allow an account to be asked, with all that is remembered of it."""
        ledger = Ledger(limits=limits, tempo=self._tempo)
        stored = self._stored.get(account_id)
        if isinstance(stored, dict):
            ledger = ledger.restored(stored)
        self._accounts[account_id] = _Account(
            ledger=ledger, demand=Demand(limits.batch_size)
        )

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

    def live_in(self, zone: tzinfo) -> None:
        """Tell the hours of the day as they are in the home's zone."""
        if zone != self._zone:
            self._zone = zone
            self._usual_waits.clear()
            self._worths.clear()
            for account in self._accounts.values():
                account.fair_wait = None
                for question, subject in account.subjects.items():
                    self._enqueue(account, question, subject)

    def follow(self, question: Question, interest: Interest | None) -> None:
        """Ask a question routinely; None: only when a person wants it.

        One that was never asked is due at once.
        """
        account = self._accounts[question.account_id]
        subject = account.subjects.get(question)
        if subject is None:
            asked_at = self._asked.pop(question, None)
            subject = _Subject(interest=interest, asked_at=asked_at)
            account.subjects[question] = subject
        elif subject.interest == interest:
            return
        else:
            if subject.interest is not None:
                account.demand.remove(subject.interest.rhythm)
            subject.interest = interest
        if interest is not None:
            account.demand.add(interest.rhythm)
        self._enqueue(account, question, subject)

    def drop(self, question: Question) -> None:
        """Ask a question no more."""
        account = self._accounts.get(question.account_id)
        if account is None:
            return
        account.urgent.pop(question, None)
        account.ready.pop(question, None)
        subject = account.subjects.pop(question, None)
        if subject is not None and subject.interest is not None:
            account.demand.remove(subject.interest.rhythm)

    def ask_now(self, question: Question) -> None:
        """Ask a followed question as soon as the account's spacing allows."""
        self._accounts[question.account_id].urgent[question] = None

    def refusal(
        self, account_id: str, now: datetime
    ) -> tuple[Refusal, datetime | None] | None:
        """Say why, and until when, even a person may not ask an account.

        Together they may ask what is kept for them, and no more where the rest
        of the day is short.
        """
        account = self._accounts[account_id]
        ledger, limits = account.ledger, account.ledger.limits
        refusal = ledger.refusal(now)
        if refusal is not None:
            return refusal
        opens = self._opens_urgently(account, now)
        if opens is None or opens > now:
            return Refusal.QUOTA, opens
        waiting = len(account.urgent) // limits.batch_size
        if limits.per_day is not None and waiting >= ledger.reserve:
            return Refusal.SPACING, now + self._tempo.span(limits.spacing) * waiting
        return None

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
            return self._opens_urgently(account, now)
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
            opens = self._opens_routinely(account, now) if account.urgent else now
            urgent = self._take_urgent(account, now)
            taken = urgent | self._take_due(account, now, len(urgent))
            if not taken:
                continue
            could_not_wait = opens is None or opens > now
            account.ledger = account.ledger.asked(now, urgent=could_not_wait)
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
                if subject.asked_at is None:
                    subject.new_since = now
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

    def opens_at(
        self, account_id: str, now: datetime, *, routine: bool = True
    ) -> datetime | None:
        """Return from when a request outside of the questions may be made.

        ``routine`` is one for which no person waits. None: not by waiting.
        """
        account = self._accounts[account_id]
        if routine:
            return self._opens_routinely(account, now)
        return account.ledger.opens_at(now, routine=False)

    def take(self, account_id: str, now: datetime, *, routine: bool = True) -> bool:
        """Count a request outside of the questions as made, if it may be made now."""
        opens = self.opens_at(account_id, now, routine=routine)
        if opens is None or opens > now:
            return False
        account = self._accounts[account_id]
        could_wait = self._opens_routinely(account, now)
        urgent = could_wait is None or could_wait > now
        account.ledger = account.ledger.asked(now, urgent=urgent)
        return True

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
        account.ready.pop(question, None)
        if subject.interest is None:
            subject.due = None
            return
        subject.due = not_before
        if subject.asked_at is not None:
            wait = self._wait(account, subject, subject.asked_at)
            subject.due = max(subject.asked_at + wait, not_before)
        ends = subject.interest.ends
        if ends is not None and subject.due > ends:
            subject.due = None
            return
        since = max(subject.asked_at or _AT_ONCE, not_before)
        subject.worth_then = self._worth(subject.interest.rhythm, since)
        heappush(account.queue, (subject.due, question))

    def _wait(
        self, account: _Account, subject: _Subject, asked_at: datetime
    ) -> timedelta:
        """Return how long after it was asked a question is due again."""
        interest = subject.interest
        assert interest is not None
        wait = self._usual_wait(interest, asked_at, _least(account, interest))
        if interest.new_since is not None and subject.new_since is not None:
            # An account that is asked only now knows no more of it than of a new one.
            new_since = max(interest.new_since, subject.new_since)
            interest = replace(interest, new_since=new_since)
        soon = interest.wait_while_new(
            asked_at, tempo=self._tempo, eagerness=self._eagerness
        )
        return self._tempo.span(wait if soon is None else min(wait, soon))

    def _usual_wait(
        self, interest: Interest, asked_at: datetime, least: timedelta
    ) -> timedelta:
        key = interest.rhythm, asked_at, least
        if interest.promised is None and key in self._usual_waits:
            return self._usual_waits[key]
        wait = interest.usual_wait(
            asked_at,
            tempo=self._tempo,
            zone=self._zone,
            least=least,
            eagerness=self._eagerness,
        )
        if interest.promised is None:
            _remember(self._usual_waits, key, wait)
        return wait

    def _worth(self, rhythm: Rhythm, until: datetime) -> float:
        key = rhythm, until
        if key not in self._worths:
            worth = rhythm.until(until, self._tempo, self._zone)
            _remember(self._worths, key, worth)
        return self._worths[key]

    def _first_due(self, account: _Account, now: datetime) -> datetime | None:
        """Return when the next question is due; stale entries fall away."""
        while account.queue:
            due, question = account.queue[0]
            subject = account.subjects.get(question)
            if subject is not None and subject.due == due:
                if due > now:
                    break
                account.ready[question] = None
            heappop(account.queue)
        if account.ready:
            return now
        return account.queue[0][0] if account.queue else None

    def _take_urgent(self, account: _Account, now: datetime) -> set[Question]:
        if not account.urgent:
            return set()
        opens = self._opens_urgently(account, now)
        if opens is None or opens > now:
            return set()
        taken = list(account.urgent)[: account.ledger.limits.batch_size]
        for question in taken:
            del account.urgent[question]
            self._ask(account, question, now)
        return set(taken)

    def _take_due(self, account: _Account, now: datetime, count: int) -> set[Question]:
        """Take what is due and fits, beside ``count`` urgent questions.

        What was never asked goes first, then what its rhythm since makes worth
        the most: where the quota is short, all wait longer in proportion, and
        what is asked seldom no longer than what is quiet.
        """
        first = self._first_due(account, now)
        if first is None or first > now:
            return set()
        opens = self._opens_routinely(account, now)
        if opens is None or opens > now:
            return set()

        long = self._tempo.span(_LONG)
        worth_now: dict[Rhythm, float] = {}

        def worth(question: Question) -> tuple[bool, float]:
            subject = account.subjects[question]
            assert subject.interest is not None
            assert subject.due is not None
            rhythm = subject.interest.rhythm
            if rhythm not in worth_now:
                worth_now[rhythm] = rhythm.until(now, self._tempo, self._zone)
            added_up = worth_now[rhythm] - subject.worth_then
            late = (now - subject.due) / long
            # What differs by less came of counting: of such the first goes first.
            return not rhythm.idle, round(max(added_up, late), 6)

        room = account.ledger.limits.batch_size - count
        taken = set(nlargest(room, account.ready, key=worth))
        if len(taken) < len(account.ready):
            self._forget_ended(account, now)
        if len(taken) < room:
            others = self._may_come_along(account, now)
            taken.update(nlargest(room - len(taken), others, key=worth))
        for question in taken:
            self._ask(account, question, now)
        return taken

    def _forget_ended(self, account: _Account, now: datetime) -> None:
        """Ask no more what gave way to others until nobody waited for it any more."""
        for question in list(account.ready):
            subject = account.subjects[question]
            assert subject.interest is not None
            if subject.interest.ends is not None and subject.interest.ends <= now:
                del account.ready[question]
                subject.due = None

    def _may_come_along(self, account: _Account, now: datetime) -> list[Question]:
        """Return what is not due but saves a request by coming along with this one."""
        spare = []
        for question, subject in account.subjects.items():
            interest = subject.interest
            if interest is None or subject.due is None or subject.asked_at is None:
                continue
            if question in account.ready or question in account.urgent:
                continue
            waited, left = now - subject.asked_at, subject.due - now
            least = self._tempo.span(_least(account, interest))
            if waited >= max(least, left * (3 if interest.rhythm.quiet else 1 / 3)):
                spare.append(question)
        return spare

    def _ask(self, account: _Account, question: Question, now: datetime) -> None:
        """Take a question off the queue; it comes again should no answer come."""
        subject = account.subjects.get(question)
        if subject is not None and subject.interest is not None:
            again = now + self._wait(account, subject, now)
            self._enqueue(account, question, subject, not_before=again)

    def _wake(self, account: _Account, now: datetime) -> datetime | None:
        wakes = []
        if account.urgent:
            wakes.append(self._opens_urgently(account, now))
        first = self._first_due(account, now)
        if first is not None:
            opens = self._opens_routinely(account, now)
            wakes.append(max(first, opens) if opens is not None else None)
        return min((wake for wake in wakes if wake is not None), default=None)

    def _opens_urgently(self, account: _Account, now: datetime) -> datetime | None:
        """Return from when what cannot wait may be asked.

        Where all that was kept for it is spent, and the rest is too little, it
        goes first when it is the others' turn: many new parcels must not silence
        those that are on their way.
        """
        ledger = account.ledger
        counted = ledger.limits.per_day is not None
        if not counted or ledger.kept_on(now) or not self._fair_wait(account):
            return account.ledger.opens_at(now, routine=False)
        return self._opens_routinely(account, now)

    def _opens_routinely(self, account: _Account, now: datetime) -> datetime | None:
        ledger = account.ledger
        fair = ledger.opens_at(now, routine=True, fair_wait=self._fair_wait(account))
        if fair is None or not _fills_batches(account):
            return fair
        full = self._full_at(account, now)
        soon = ledger.opens_at(now, routine=True)
        if full is None or soon is None:
            return fair
        return min(fair, max(soon, full))

    def _full_at(self, account: _Account, now: datetime) -> datetime | None:
        """Return when as many questions are due as a request holds."""
        self._first_due(account, now)
        missing = account.ledger.limits.batch_size - len(account.ready)
        if missing <= 0:
            return now
        coming = (
            due
            for due, question in account.queue
            if (subject := account.subjects.get(question)) and subject.due == due
        )
        dues = nsmallest(missing, coming)
        return dues[-1] if len(dues) == missing else None

    def _fair_wait(self, account: _Account) -> timedelta:
        """Return how long the house waits so that the quota lasts for the day.

        Where nothing is counted by the day: until a request is worth it.
        """
        ledger = account.ledger
        if ledger.last_request is None:
            return timedelta()
        allowance: tuple[int | None, timedelta] | None = ledger.left_for_routine
        if allowance is None:
            if not _fills_batches(account):
                return timedelta()
            allowance = None, _DAY
        basis = (account.demand.version, ledger.used, ledger.last_request)
        if account.fair_wait is None or account.fair_wait[0] != basis:
            left, length = allowance
            wait = account.demand.fair_wait(
                ledger.last_request,
                length,
                left,
                tempo=self._tempo,
                zone=self._zone,
                eagerness=self._eagerness,
            )
            account.fair_wait = basis, wait
        return account.fair_wait[1]


def _remember[Key, Value](memory: dict[Key, Value], key: Key, value: Value) -> None:
    """Keep the newest few."""
    memory[key] = value
    if len(memory) > _REMEMBERED:
        del memory[next(iter(memory))]


def _fills_batches(account: _Account) -> bool:
    """Whether there are more questions than a request holds, but no count of them.

    What is due then waits for others, so that a request is full.
    """
    limits = account.ledger.limits
    return limits.per_day is None and 1 < limits.batch_size < len(account.subjects)


def _least(account: _Account, interest: Interest) -> timedelta:
    """Return the shortest time between two questions about a leg."""
    limits = account.ledger.limits
    if interest.rhythm.quiet and limits.per_quiet_leg is not None:
        return limits.per_quiet_leg
    return limits.per_leg
