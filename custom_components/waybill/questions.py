"""What is asked about each parcel: of whom, with which details, how often."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .accounts import Accounts
from .tracking.intervals import interest_in
from .tracking.journal import Journal, leg_carrier, unknown_to
from .tracking.ledger import Refusal
from .tracking.model import Answer, Leg
from .tracking.parcel import About, Parcel
from .tracking.polling import Plan
from .tracking.providers import PROVIDERS
from .tracking.providers.base import Query
from .tracking.question import Question
from .tracking.routing import Choice, choose
from .tracking.tempo import Tempo

_PATIENCE: Final = timedelta(days=1)
"""For so long a provider may not know a number before others are asked too."""
_LONG_UNKNOWN: Final = timedelta(days=3)
"""After so long the person is told that nobody has found a parcel."""

type Refused = tuple[Refusal | None, datetime | None]
"""Why, and until when, nobody can be asked; None: nobody answers for it at all."""


class Questions:
    """The questions of all parcels, kept in step with the plan."""

    def __init__(
        self, hass: HomeAssistant, plan: Plan, accounts: Accounts, tempo: Tempo
    ) -> None:
        """Begin with no parcel."""
        self._hass = hass
        self._plan = plan
        self._accounts = accounts
        self._tempo = tempo
        self._choices: dict[str, dict[Question, Choice]] = {}
        self._queries: dict[Question, Query] = {}
        self._answers: dict[Question, Answer] = {}

    def __contains__(self, question: Question) -> bool:
        """Say whether a question is still asked."""
        return question in self._queries

    def __len__(self) -> int:
        """Return how many questions there are."""
        return len(self._queries)

    def choices(self, parcel_id: str) -> tuple[Choice, ...]:
        """Return who is asked about a parcel, and why."""
        return tuple(self._choices.get(parcel_id, {}).values())

    def query(self, question: Question) -> Query:
        """Return what a provider is told with a question."""
        return self._queries[question]

    def never_asked(self) -> Iterator[str]:
        """Iterate over the parcels that no provider has answered about yet."""
        for parcel_id, questions in self._choices.items():
            if questions and not any(map(self._plan.last_asked, questions)):
                yield parcel_id

    def follow(self, journal: Journal, about: About) -> bool:
        """Choose whom to ask about each leg; True if that is new."""
        parcel_id = journal.parcel_id
        accounts = self._accounts.usable()
        before = self._choices.get(parcel_id, {})
        chosen: dict[Question, Choice] = {}
        for leg in journal.legs:
            pins = about.pins(leg)
            carrier = leg_carrier(journal, leg, pins.carrier, self._hass.config.country)
            for choice in choose(
                leg.tracking_number,
                carrier,
                accounts,
                pinned=pins.provider,
                found_by=leg.found_by,
                listed_by=pins.listed_by,
                at_a_loss=self._at_a_loss(journal, leg),
            ):
                question = Question(parcel_id, leg.tracking_number, choice.account_id)
                chosen[question] = choice
                self._queries[question] = Query(
                    tracking_number=leg.tracking_number,
                    carrier=carrier,
                    carrier_pinned=pins.carrier is not None,
                    postal_code=about.postal_code,
                    phone_last4=about.phone_last4,
                    may_register=choice.may_register,
                )
        self._choices[parcel_id] = chosen
        self._forget(question for question in before if question not in chosen)
        return chosen != before

    def is_long_unknown(self, journal: Journal) -> bool:
        """Say whether nobody who is asked has found a parcel for days."""
        leg, now = journal.legs[0], dt_util.utcnow()
        if self._tempo.elapsed(journal.added_at, now) < _LONG_UNKNOWN:
            return False
        asked = {choice.provider for choice in self.choices(journal.parcel_id)}
        return bool(asked) and asked <= unknown_to(journal, leg)

    def set_pace(self, parcel: Parcel) -> None:
        """Ask about a parcel as often as its stage and its silence are worth.

        A parcel that falls silent is asked about less, without any news.
        """
        self._plan.live_in(dt_util.get_default_time_zone())
        now = dt_util.utcnow()
        for question in self._of(parcel.parcel_id):
            limits = self._plan.ledger(question.account_id).limits
            interest = interest_in(parcel, now=now, tempo=self._tempo, lag=limits.lag)
            self._plan.follow(question, interest)

    def drop(self, parcel_id: str) -> None:
        """Ask about a parcel no more."""
        self._forget(self._choices.pop(parcel_id, {}))

    def ask_now(self, parcel_id: str) -> None:
        """Ask about a parcel as soon as that is allowed."""
        for question in self._of(parcel_id):
            self._plan.ask_now(question)

    def ask_if_allowed(self, parcel_id: str) -> Refused | None:
        """Ask about a parcel because a person wants to know; says who refuses."""
        now = dt_util.utcnow()
        allowed, refusals = [], []
        for question in self._of(parcel_id):
            refusal = self._plan.refusal(question.account_id, now)
            if refusal is None:
                allowed.append(question)
            else:
                refusals.append(refusal)
        for question in allowed:
            self._plan.ask_now(question)
        if allowed:
            return None
        return min(
            refusals,
            key=lambda refusal: (refusal[1] is None, refusal[1] or now),
            default=(None, None),
        )

    def is_news(self, question: Question, answer: Answer) -> bool:
        """Say whether an answer is another than the last; remembers it.

        A provider returns the very same answer where its body did not change, and
        an equal one where it was asked together with others than before.
        """
        known = self._answers.get(question)
        self._answers[question] = answer
        if known is answer:
            return False
        return known != answer or known.raw != answer.raw

    def forget_answer(self, question: Question) -> None:
        """Take the next answer for news, even if it is the very same."""
        self._answers.pop(question, None)

    def to_account(self, account_id: str) -> Iterator[Question]:
        """Iterate over what an account is asked."""
        for questions in self._choices.values():
            for question in questions:
                if question.account_id == account_id:
                    yield question

    def last_checked(self, parcel_id: str) -> datetime | None:
        """Return when a provider last told of a parcel, asked or not."""
        told = (
            at
            for question in self._of(parcel_id)
            for at in (
                self._plan.last_asked(question),
                self._plan.last_pushed(question),
            )
        )
        return max((at for at in told if at is not None), default=None)

    def next_check(self, parcel_id: str) -> datetime | None:
        """Return when a provider is to be asked about a parcel next."""
        now = dt_util.utcnow()
        checks = (
            self._plan.next_check(question, now) for question in self._of(parcel_id)
        )
        return min((at for at in checks if at is not None), default=None)

    def _at_a_loss(self, journal: Journal, leg: Leg) -> frozenset[str]:
        """Return the providers of which others may know better.

        Many a number is made days before its parcel is seen: only after a while
        does it tell that a provider does not know it, but for those which tell
        nobody but the sender.
        """
        unknown = unknown_to(journal, leg)
        since = leg.since or journal.added_at
        if self._tempo.elapsed(since, dt_util.utcnow()) >= _PATIENCE:
            return unknown
        return frozenset(
            provider
            for provider in unknown
            if provider in PROVIDERS and PROVIDERS[provider].own_shipments_only
        )

    def _of(self, parcel_id: str) -> Collection[Question]:
        return self._choices.get(parcel_id, {}).keys()

    def _forget(self, questions: Collection[Question] | Iterator[Question]) -> None:
        for question in questions:
            self._plan.drop(question)
            self._answers.pop(question, None)
            self._queries.pop(question, None)
