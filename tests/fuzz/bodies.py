"""Every real shape that a provider answers in, and how to give it to the provider."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
import json
from pathlib import Path
import re
from typing import Any, Final, Self

from hypothesis import strategies as st

from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.pushing import PushingProvider

from .spoiling import spoilt_json, spoilt_xml

_FIXTURES: Final = Path(__file__).parents[1] / "fixtures"
_TOKEN: Final = {"access_token": "a-token", "token_type": "Bearer", "expires_in": 3600}
KEY: Final = "a-secret-key"
NUMBER: Final = "RB000000013CN"
_PIECE: Final = re.compile(r"[^<>\"]+")
_MAYBE_A_NUMBER: Final = re.compile(r"(?=(?:[A-Z]*[0-9]){6})[0-9A-Z]{10,40}")
_ITS_FORM_ALONE: Final = {"inpost": "600000000000000000000017"}
"""What is asked of those that know one form alone, where a body names no number."""


@dataclass(frozen=True, kw_only=True)
class Body:
    """A body that a provider sent, and the numbers it was asked about."""

    provider: str
    name: str
    content: bytes
    numbers: tuple[str, ...]

    @property
    def is_json(self) -> bool:
        """Whether it is JSON; else it is XML."""
        return not self.content.startswith(b"<")

    @property
    def document(self) -> Any:
        """What the JSON says."""
        return json.loads(self.content)

    @property
    def spoilt(self) -> st.SearchStrategy[bytes]:
        """What else could come in its place."""
        if self.is_json:
            return spoilt_json(self.document)
        return spoilt_xml(self.content)


def _numbers_in(content: bytes, provider: str) -> tuple[str, ...]:
    """Return what a body may be about: all of it that could be a tracking number."""
    pieces = (
        piece.strip().replace(" ", "") for piece in _PIECE.findall(content.decode())
    )
    found = dict.fromkeys(filter(_MAYBE_A_NUMBER.fullmatch, pieces))
    return tuple(found) or (_ITS_FORM_ALONE.get(provider, NUMBER),)


def _answers() -> list[Body]:
    return [
        Body(
            provider=provider,
            name=path.name,
            content=(content := path.read_bytes()),
            numbers=_numbers_in(content, provider),
        )
        for provider in PROVIDERS
        for path in sorted((_FIXTURES / provider).glob("*.[jx]*"))
    ]


def _pushes() -> list[Body]:
    """Return what is pushed: what an answer says, in the envelope of a message."""
    told = {body.provider: body for body in ANSWERS if body.name in _PUSHED}
    (tracked, *_) = told["seventeentrack"].document["data"]["accepted"]
    (listed,) = told["aftership"].document["data"]["trackings"]
    messages = {
        "seventeentrack": {"event": "TRACKING_UPDATED", "data": tracked},
        "ship24": told["ship24"].document["data"],
        "aftership": {"event": "tracking_update", "msg": listed, "ts": 1778627559},
    }
    return [
        Body(
            provider=provider,
            name="push",
            content=json.dumps(message).encode(),
            numbers=told[provider].numbers,
        )
        for provider, message in messages.items()
    ]


_PUSHED: Final = ("two_carriers.json", "handed_over.json")
ANSWERS: Final = tuple(_answers())
PUSHES: Final = tuple(_pushes())
PUSHING: Final = {
    provider
    for provider, kind in PROVIDERS.items()
    if issubclass(kind, PushingProvider)
}


@dataclass
class _Reply:
    """An HTTP response, as far as providers read one."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> Self:
        return self

    async def iter_chunked(self, size: int) -> AsyncIterator[bytes]:
        for start in range(0, len(self.body), size):
            yield self.body[start : start + size]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is open."""


@dataclass
class Session:
    """Answers every request with one body, and one for a token with a token."""

    body: bytes
    status: int = 200

    def request(self, method: str, url: Any, **_: Any) -> _Reply:
        """Take a request."""
        if "oauth" in str(url).lower():
            return _Reply(200, json.dumps(_TOKEN).encode())
        return _Reply(self.status, self.body)


def credentials(provider: str) -> dict[str, str]:
    """Return what an account holds."""
    kind = PROVIDERS[provider]
    return dict.fromkeys((*kind.credentials, kind.push_secret or "api_key"), KEY)
