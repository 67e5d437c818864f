"""What is planted in every input, and found again however it is written."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
import html
from random import Random
import re
from string import ascii_lowercase, digits
from typing import Final
import unicodedata
from urllib.parse import unquote_plus

_PIECE: Final = 8
"""Letters and digits in a row by which a longer secret is known: a part is a leak."""
_JSON_ESCAPE: Final = re.compile(r"\\u([0-9a-fA-F]{4})")


class Kind(StrEnum):
    """What a secret is."""

    CREDENTIAL = "credential"
    TYPED = "credential that was typed a moment ago"
    TOKEN = "token"
    PUSH_SECRET = "push secret"
    WEBHOOK_ID = "webhook id"
    ACCOUNT = "what a person called an account"
    NUMBER = "tracking number"
    WRONG_NUMBER = "number that was not taken"
    NAME = "name"
    SELLER = "seller"
    ORDER_URL = "address of the order"
    ORDER_NUMBER = "order number"
    NOTES = "notes"
    POSTAL_CODE = "postal code"
    PHONE = "phone digits"
    SIGNATURE = "signature"
    PICKUP_POINT = "pickup point"
    DESCRIPTION = "carrier's clearest wording"
    WORDS = "carrier's own words"
    LOCATION = "place"
    CODE = "carrier's words in the place of a code"
    RECIPIENT = "what a provider knows of the recipient"
    PHOTO_PATH = "folder of a photo"
    PROBLEM = "problem in a person's words"
    SPOKEN = "spoken sentence"
    MAIL = "e-mail"
    PATH = "folder of a file"


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A secret; ``owners`` are the parcels or accounts whose it is."""

    kind: Kind
    value: str
    owners: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Found:
    """A text and where it was found; ``owner`` is the parcel or account it is about."""

    place: str
    where: str
    text: str
    owner: str | None = None


def letters(seed: str, length: int = 12) -> str:
    """Return letters that stand nowhere else, the same ones for the same seed."""
    random = Random(seed)
    return "".join(random.choices(ascii_lowercase, k=length)).capitalize()


def words(seed: str) -> str:
    """Return two words that stand nowhere else."""
    return f"{letters(seed, 9)} {letters(f'{seed} too', 9)}"


def figures(seed: str, length: int) -> str:
    """Return digits that stand nowhere else."""
    return "".join(Random(seed).choices(digits, k=length))


class Detector:
    """Finds secrets in texts, as they are, in part, and encoded."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        """Look for these."""
        self._short: dict[str, Secret] = {}
        self._pieces: dict[str, list[Secret]] = {}
        self._encoded: dict[str, Secret] = {}
        for secret in secrets:
            compact = _compact(secret.value)
            if len(compact) < _PIECE:
                self._short[compact] = secret
                continue
            for start in range(len(compact) - _PIECE + 1):
                piece = compact[start : start + _PIECE]
                self._pieces.setdefault(piece, []).append(secret)
            for encoded in _base64_of(secret.value):
                self._encoded[encoded] = secret

    def secrets_in(self, text: str) -> set[Secret]:
        """Return what is in a text."""
        found = {secret for code, secret in self._encoded.items() if code in text}
        plain = html.unescape(unquote_plus(_JSON_ESCAPE.sub(_unescaped, text)))
        for view in {text, plain}:
            compact = _compact(view)
            for start in range(len(compact) - _PIECE + 1):
                found.update(self._pieces.get(compact[start : start + _PIECE], ()))
            found.update(
                secret
                for value, secret in self._short.items()
                if re.search(rf"(?<![0-9a-z]){value}(?![0-9a-z])", view.casefold())
            )
        return found


def _compact(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", "", folded)


def _base64_of(value: str) -> Iterable[str]:
    """Return what of a value's base64 is the same whatever stands around it."""
    for encode in (b64encode, urlsafe_b64encode):
        for shift in range(3):
            code = encode(b" " * shift + value.encode()).decode().rstrip("=")
            inner = code[4 if shift else 0 : len(code) // 4 * 4 - 4]
            if len(inner) >= _PIECE:
                yield inner


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match.group(1), 16))
