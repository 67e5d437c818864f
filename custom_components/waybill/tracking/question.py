"""What is asked of an account, and a request that asks it."""

from dataclasses import dataclass
from typing import NamedTuple, override


class Question(NamedTuple):
    """One leg of one parcel, to be asked of one account."""

    parcel_id: str
    tracking_number: str
    account_id: str

    @override
    def __repr__(self) -> str:
        """Show which parcel it is about, not its number."""
        return f"Question({self.parcel_id}, {self.account_id})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """A request that the plan allows now; ``urgent`` are those a person asked."""

    account_id: str
    questions: tuple[Question, ...]
    urgent: frozenset[Question] = frozenset()
