"""What every face has in common: a call comes in, a reply goes out."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
import json
from typing import ClassVar, Final
from urllib.parse import parse_qsl

from ..faults import Fault, FaultKind
from ..playing import View, World

HTML: Final = "text/html"
JSON: Final = "application/json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A request, read to its end.

    ``text`` is its body as sent, ``body`` the JSON in it, None where there is none.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    text: str = ""

    @property
    def form(self) -> Mapping[str, str]:
        """Return the body read as a form."""
        return dict(parse_qsl(self.text))


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: a ``str`` goes out as it is, anything else as JSON."""

    body: object
    status: int = 200
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def payload(self) -> bytes:
        """Return the bytes that go out."""
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return text.encode()


class Look:
    """How a face looks numbers up: through the fault that the request met."""

    def __init__(self, world: World, provider: str, fault: Fault | None) -> None:
        """Look through a fault, or plainly."""
        self._world = world
        self._provider = provider
        self._fault = fault
        self.told: dict[str, View | None] = {}
        """What was told of each number that was looked up."""

    def __call__(self, number: str) -> View | None:
        """Return what may be told about a number, None where nothing is known."""
        view = self._world.view(number, self._provider)
        if self._fault is not None:
            view = self._fault.distort(view)
        self.told[number] = view
        return view

    @property
    def stranger(self) -> str | None:
        """Return the number of another's shipment that the answer holds too."""
        if self._fault is not None and self._fault.kind is FaultKind.BESIDE:
            return self._fault.number
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """On which terms a face answers.

    ``now`` is the clock by which it counts requests, ``keys`` those that it
    accepts. Without ``limits`` it never turns anyone away for haste.
    """

    now: Callable[[], datetime]
    keys: frozenset[str] = frozenset()
    pace: float = 1.0
    limits: bool = True


class Face(ABC):
    """One provider's API."""

    provider: ClassVar[str]
    routes: ClassVar[tuple[tuple[str, str], ...]]
    """Method and path of each endpoint."""
    keyed: ClassVar[bool] = True
    """Whether it wants a key."""

    def __init__(self, terms: Terms) -> None:
        """Answer on the terms given."""
        self.terms = terms

    @abstractmethod
    def numbers(self, call: Call) -> tuple[str, ...]:
        """Return the numbers that a call asks about, as asked."""

    @abstractmethod
    def answer(self, call: Call, look: Look) -> Reply:
        """Return the answer to a call."""

    @abstractmethod
    def walled(self) -> Reply:
        """Return what a robot gets."""

    @abstractmethod
    def spent(self, call: Call) -> Reply | None:
        """Return what a call gets when the quota is spent, None if it is free."""

    def rejected(self) -> Reply:
        """Return what a wrong key gets."""
        raise ValueError(f"{self.provider} takes no key")

    def message(self, number: str, look: Look) -> object:
        """Return what it sends of its own accord when there is news of a number."""
        raise ValueError(f"{self.provider} sends nothing of its own accord")

    def proof(self, body: bytes, secret: str) -> Mapping[str, str]:
        """Return the headers that prove that it sent a body."""
        raise ValueError(f"{self.provider} sends nothing of its own accord")

    def state(self) -> Mapping[str, object]:
        """Return the face's counters, for whoever looks from outside."""
        return {}
