"""The plan: whom to ask next, and when, within each provider's quota.

Requests go where news is likely. How often a parcel is worth asking about, at
which hours, follows from its stage and its silence (``intervals``); how often an
account may be asked follows from its provider's limits (``ledger``). An account's
``agenda`` brings the two together: one request holds all that is due and fits in
it, and a quota that is short is spread over the day as its hours are worth
(``rhythm``). What comes by itself is asked about seldom (``pushes``). The plan holds
the agendas of all accounts.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from random import Random

from .agenda import Agenda
from .due_questions import AT_ONCE
from .ledger import Ledger, Refusal, moment
from .providers.base import Limits, ProviderError
from .pushes import Pushes
from .question import Grant, Question
from .reckoning import Reckoning
from .rhythm import Interest
from .tempo import Tempo


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
        self._random = random or Random()  # nosec B311  # spreads requests
        self._reckoning = Reckoning(tempo, eagerness)
        self._agendas: dict[str, Agenda] = {}
        self._stored: Mapping[str, object] = {}
        self._asked: dict[Question, datetime] = {}
        self._pushes = Pushes()
        self._clock = AT_ONCE

    def add_account(self, account_id: str, limits: Limits) -> None:
        """Allow an account to be asked, with all that is remembered of it."""
        ledger = Ledger(limits=limits, tempo=self._tempo)
        stored = self._stored.get(account_id)
        if isinstance(stored, dict):
            ledger = ledger.restored(stored)
            for known in (ledger.last_request, ledger.blocked_at):
                self._clock = max(self._clock, known or AT_ONCE)
        self._agendas[account_id] = Agenda(account_id, ledger, self._reckoning)

    def remove_account(self, account_id: str) -> None:
        """Ask an account no more."""
        self._agendas.pop(account_id, None)
        self._pushes.remove_account(account_id)

    def trust_again(self, account_id: str) -> None:
        """Ask an account again whose credentials are new."""
        self._agendas[account_id].trust_again()

    def ledger(self, account_id: str) -> Ledger:
        """Return what was asked of an account."""
        return self._agendas[account_id].ledger

    def live_in(self, zone: tzinfo) -> None:
        """Tell the hours of the day as they are in the home's zone."""
        if self._reckoning.live_in(zone):
            for agenda in self._agendas.values():
                agenda.reckon_anew()

    def follow(self, question: Question, interest: Interest | None) -> None:
        """Ask a question routinely; None: only when a person wants it.

        One that was never asked is due at once.
        """
        asked_at = self._asked.pop(question, None)
        if self._pushes.follow(question) and interest is not None:
            interest = replace(interest, pushed=True)
        self._agendas[question.account_id].follow(question, interest, asked_at)

    def drop(self, question: Question) -> None:
        """Ask a question no more."""
        self._pushes.drop(question)
        agenda = self._agendas.get(question.account_id)
        if agenda is not None:
            agenda.drop(question)

    def ask_now(self, question: Question) -> None:
        """Ask a followed question as soon as the account's spacing allows."""
        self._agendas[question.account_id].ask_now(question)

    def refusal(
        self, account_id: str, now: datetime
    ) -> tuple[Refusal, datetime | None] | None:
        """Say why, and until when, even a person may not ask an account."""
        return self._agendas[account_id].refusal(now)

    def last_asked(self, question: Question) -> datetime | None:
        """Return when a question was last answered."""
        agenda = self._agendas.get(question.account_id)
        return agenda.last_asked(question) if agenda is not None else None

    def last_pushed(self, question: Question) -> datetime | None:
        """Return when news of a question last came by itself."""
        return self._pushes.last(question)

    def next_check(self, question: Question, now: datetime) -> datetime | None:
        """Return when a question is to be asked next, as things stand."""
        agenda = self._agendas.get(question.account_id)
        return agenda.next_check(question, now) if agenda is not None else None

    def next_wake(self, now: datetime) -> datetime | None:
        """Return the next moment at which ``grants`` will grant something."""
        self._mind_clock(now)
        wakes = [agenda.next_wake(now) for agenda in self._agendas.values()]
        return min((wake for wake in wakes if wake is not None), default=None)

    def grants(self, now: datetime) -> list[Grant]:
        """Grant requests, and count them as made."""
        self._mind_clock(now)
        grants = [agenda.grant(now) for agenda in self._agendas.values()]
        return [grant for grant in grants if grant is not None]

    def answered(self, grant: Grant, now: datetime) -> None:
        """Take note that a request was answered."""
        agenda = self._agendas.get(grant.account_id)
        if agenda is not None:
            agenda.answered(grant, now)
            self._pushes.asked(grant.questions)

    def pushed(
        self, question: Question, told_at: datetime | None, now: datetime
    ) -> bool:
        """Take note that an account sent news by itself, as of ``told_at`` (aware).

        True where it tells how things stand; else all of it but the events may be
        older than what is known. What that changes is seen by ``follow``.
        """
        return self._pushes.came(question, told_at, self.last_asked(question), now)

    def missed(self, question: Question) -> bool:
        """Take note that an answer held news that no push had brought.

        True where from then on nothing that the account is asked rests on pushes.
        """
        return self._pushes.missed(question)

    def doubts_pushes(self, account_id: str) -> bool:
        """Whether an account's pushes missed news since the last one."""
        return self._pushes.doubted(account_id)

    def failed(self, grant: Grant, error: ProviderError, now: datetime) -> None:
        """Back off; what was to be asked stays due."""
        agenda = self._agendas.get(grant.account_id)
        if agenda is not None:
            agenda.failed(grant, error, now, self._random)

    def as_dict(self) -> dict[str, object]:
        """Return what must survive a restart, as JSON."""
        return {
            "accounts": {k: a.ledger.as_dict() for k, a in self._agendas.items()},
            "asked": [
                [*question, asked_at.isoformat()]
                for agenda in self._agendas.values()
                for question, asked_at in agenda.asked()
            ],
            "pushes": self._pushes.as_dict(),
        }

    def restore(self, data: Mapping[str, object]) -> None:
        """Take up what ``as_dict`` gave, before any account is added.

        What cannot be read is passed over: at worst a question comes early.
        """
        self._pushes.restore(data.get("pushes"))
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
        return self._agendas[account_id].opens_at(now, routine=routine)

    def take(self, account_id: str, now: datetime, *, routine: bool = True) -> bool:
        """Count a request outside of the questions as made, if it may be made now."""
        return self._agendas[account_id].take(now, routine=routine)

    def _mind_clock(self, now: datetime) -> None:
        """Wait no longer than usual where the clock was ahead and was set back."""
        if now < self._clock:
            self._asked = {q: min(at, now) for q, at in self._asked.items()}
            for agenda in self._agendas.values():
                agenda.set_back(now)
        self._clock = now
