"""What providers send of their own accord, and whether asking can rest on it.

A question is carried by pushes once one came about it, until asking brings news
that no push had brought: then neither that question rests on them any more, nor any
other to the same account. The next push to the account restores the account's
credit, one about the question that of the question. So pushes that fail are found
out at the first news that they miss, and it takes no clock to do so.

Nor does a question rest on pushes before it was asked once since the start: what
was sent while nobody listened may never be sent again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from .ledger import moment
from .question import Question

_CLOCKS_DIFFER: Final = timedelta(hours=1)
"""What is told as of later than this from now is dated by a clock that is wrong."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Push:
    """The last push about a question: when it came, and as of when it told.

    Both are aware. ``missed`` says that asking brought news since.
    """

    came_at: datetime
    told_at: datetime
    missed: bool = False


class Pushes:
    """The pushes to all accounts; they survive a restart."""

    def __init__(self) -> None:
        """Begin without any."""
        self._last: dict[Question, _Push] = {}
        self._stored: dict[Question, _Push] = {}
        self._doubted: set[str] = set()
        self._asked: set[Question] = set()

    def follow(self, question: Question) -> bool:
        """Remember a question; True where its news comes by itself, it seems."""
        if question in self._stored:
            self._last[question] = self._stored.pop(question)
        push = self._last.get(question)
        return (
            push is not None
            and not push.missed
            and question.account_id not in self._doubted
            and question in self._asked
        )

    def last(self, question: Question) -> datetime | None:
        """Return when the last push about a question came (aware)."""
        push = self._last.get(question)
        return push.came_at if push is not None else None

    def came(
        self,
        question: Question,
        told_at: datetime | None,
        asked_at: datetime | None,
        now: datetime,
    ) -> bool:
        """Take note of a push; True where it tells how things stand.

        One that does not say as of when it is (``told_at``), or says no later than
        the last one, may be a retry or a replay: it proves nothing, and all of it may
        be older than what is known. So may one from before the last answer
        (``asked_at``).
        """
        known = self._last.get(question)
        if told_at is None or told_at > now + _CLOCKS_DIFFER:
            return False
        if known is not None and told_at <= known.told_at:
            return False
        self._last[question] = _Push(came_at=now, told_at=told_at)
        self._doubted.discard(question.account_id)
        return asked_at is None or told_at > asked_at

    def missed(self, question: Question) -> bool:
        """Take note that asking brought news that no push had brought.

        True where that is the first to shake the account's credit.
        """
        push = self._last.get(question)
        if push is None:
            return False
        self._last[question] = replace(push, missed=True)
        first = question.account_id not in self._doubted
        self._doubted.add(question.account_id)
        return first

    def doubted(self, account_id: str) -> bool:
        """Whether an account's pushes missed news since the last one."""
        return account_id in self._doubted

    def asked(self, questions: Iterable[Question]) -> None:
        """Take note that questions were answered."""
        self._asked.update(questions)

    def drop(self, question: Question) -> None:
        """Forget a question that is asked no more."""
        self._last.pop(question, None)
        self._asked.discard(question)

    def remove_account(self, account_id: str) -> None:
        """Forget an account."""
        self._doubted.discard(account_id)

    def as_dict(self) -> dict[str, object]:
        """Return what must survive a restart, as JSON."""
        return {
            "last": [
                [
                    *question,
                    push.came_at.isoformat(),
                    push.told_at.isoformat(),
                    push.missed,
                ]
                for question, push in self._last.items()
            ],
            "doubted": sorted(self._doubted),
        }

    def restore(self, stored: object) -> None:
        """Take up what ``as_dict`` gave; what cannot be read is passed over.

        At worst a question is asked oftener than it need be.
        """
        if not isinstance(stored, Mapping):
            return
        last, doubted = stored.get("last"), stored.get("doubted")
        self._doubted = set(map(str, doubted)) if isinstance(doubted, list) else set()
        for item in last if isinstance(last, list) else []:
            match item:
                case [str() as parcel_id, str() as number, str() as account_id, *rest]:
                    question = Question(parcel_id, number, account_id)
                    if (push := _push(rest)) is not None:
                        self._stored[question] = push


def _push(stored: list[object]) -> _Push | None:
    """Return a push as it was stored, if it can be one."""
    match stored:
        case [at, of, bool() as missed]:
            came_at, told_at = moment(at), moment(of)
            if came_at is not None and told_at is not None:
                return _Push(came_at=came_at, told_at=told_at, missed=missed)
    return None
