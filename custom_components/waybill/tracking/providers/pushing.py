"""The contract of a provider that sends news of its own accord."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

from ..model import Answer
from . import signatures
from .base import Credentials, Provider, Reply


@dataclass(frozen=True, kw_only=True, slots=True)
class Pushed:
    """An answer that a provider sent of its own accord.

    ``told_at`` (aware) is as of when it is, where the provider says so.
    """

    answer: Answer
    told_at: datetime | None = None


class PushingProvider(Provider):
    """Whom we ask, and who may also tell without being asked.

    It names in ``push_secret`` what its requests are proven by.
    """

    def is_genuine(
        self, credentials: Credentials, headers: Mapping[str, str], body: bytes
    ) -> bool:
        """Whether a request bears the proof that the provider made it.

        ``credentials`` hold the field ``push_secret``. Nothing of the body is read
        for it, and how long it takes depends on its length alone.
        """
        secret = credentials.get(self.push_secret or "", "")
        if not secret:
            return False
        told, expected = self._proof(secret, headers, body)
        return signatures.same(told, expected)

    def read_push(
        self, credentials: Credentials, body: bytes, asked: Sequence[str]
    ) -> list[Pushed]:
        """Return what a genuine request says of the numbers asked about.

        Empty where it is about others, or tells nothing. Raises
        ProviderUnavailable for what is no such request.
        """
        pushed = self._parse_push(Reply(HTTPStatus.OK, {}, body).json(), asked)
        answers = self._with_raw(
            credentials, asked, body, [each.answer for each in pushed], []
        )
        return [
            replace(each, answer=answer)
            for each, answer in zip(pushed, answers, strict=True)
        ]

    @abstractmethod
    def _proof(
        self, secret: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[str, str]:
        """Return what a request says to prove itself, and what it should say."""

    @abstractmethod
    def _parse_push(self, body: object, asked: Sequence[str]) -> list[Pushed]:
        """Do as ``read_push`` does, with the JSON of a body."""
