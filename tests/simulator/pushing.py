"""What providers send of their own accord, and what others forge of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
import json
from typing import Final

import aiohttp

from .faces.base import JSON, Face, Look

PUSH_SECRETS: Final[Mapping[str, str]] = {
    "seventeentrack": "5117AC4E5117AC4E5117AC4E5117AC4E",
    "ship24": "simulated-ship24-webhook-secret",
    "aftership": "simulated-aftership-webhook-secret",
}
"""With what the providers prove themselves; 17TRACK with the key of the account."""
_TOO_LONG: Final = 2 * 1024 * 1024


class Forgery(StrEnum):
    """What is wrong with a push. Where no body is signed, one is as good as another."""

    UNSIGNED = "unsigned"
    WRONG_SECRET = "wrong_secret"  # nosec B105  # the name of a fault
    ANOTHER_BODY = "another_body"
    TRUNCATED = "truncated"
    OVERSIZED = "oversized"
    WRONG_TYPE = "wrong_type"


@dataclass(frozen=True, kw_only=True, slots=True)
class Push:
    """A request that a provider makes; ``headers`` hold its proof."""

    body: bytes
    headers: Mapping[str, str]
    content_type: str = JSON

    async def send(self, address: str) -> tuple[int, bytes, Mapping[str, str]]:
        """Send it; returns the status, the body and the headers of the answer."""
        headers = {**self.headers, "Content-Type": self.content_type}
        async with (
            aiohttp.ClientSession() as session,
            session.post(address, data=self.body, headers=headers) as reply,
        ):
            return reply.status, await reply.read(), reply.headers


def push_of(
    face: Face, number: str, look: Look, secret: str, forgery: Forgery | None = None
) -> Push:
    """Return the push that tells of a number, or what a forger makes of it.

    Raises KeyError or ValueError where the provider has none to send.
    """
    return proven(face, face.message(number, look), secret, forgery)


def proven(
    face: Face, message: object, secret: str, forgery: Forgery | None = None
) -> Push:
    """Return the push of any message, or what a forger makes of it."""
    body = json.dumps(message).encode()
    push = Push(body=body, headers=face.proof(body, secret))
    match forgery:
        case Forgery.UNSIGNED:
            return replace(push, headers={})
        case Forgery.WRONG_SECRET:
            return replace(push, headers=face.proof(body, f"{secret}?"))
        case Forgery.ANOTHER_BODY:
            return replace(push, headers=face.proof(body + b" ", secret))
        case Forgery.TRUNCATED:
            return replace(push, body=body[: len(body) // 2])
        case Forgery.OVERSIZED:
            body = body.ljust(_TOO_LONG)
            return Push(body=body, headers=face.proof(body, secret))
        case Forgery.WRONG_TYPE:
            return replace(push, content_type="text/plain")
    return push
