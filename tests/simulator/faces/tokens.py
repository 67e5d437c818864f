"""Tokens, as carriers give them to whom they know (RFC 6749, section 4.4)."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

BEARER: Final = "Bearer"
"""How a token is shown: whoever bears it is let in (RFC 6750)."""


class Tokens:
    """Gives tokens out, and knows which of them are good."""

    def __init__(self, now: Callable[[], datetime], life: timedelta) -> None:
        """Begin without a token."""
        self.life = life
        self.given = 0
        self._now = now
        self._good_until: dict[str, datetime] = {}

    def give(self) -> str:
        """Return a new token."""
        self.given += 1
        token = f"simulated-token-{self.given}"
        self._good_until[token] = self._now() + self.life
        return token

    def admits(self, headers: Mapping[str, str]) -> bool:
        """Say whether a request shows a good token."""
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        until = self._good_until.get(token)
        return scheme == BEARER and until is not None and self._now() < until

    def expire(self) -> None:
        """Let all tokens end now."""
        self._good_until.clear()
