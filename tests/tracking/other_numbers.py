"""Invents the numbers of messages that speak of no parcel, as realistic as any."""

from collections.abc import Callable
from random import Random
import re
import string
from typing import Final
import uuid

from custom_components.waybill.tracking.numbers.check_digits import gs1, luhn

_PLACE: Final = re.compile(r"\[\[([a-z]+?)(\d*)(?:_([a-z]+))?\]\]")
# Length of an account number behind the country and its check digits, ISO 13616.
_ACCOUNT_LENGTHS: Final = {
    "de": 18, "es": 20, "fr": 23, "gb": 18, "it": 23, "nl": 14, "pl": 24,
}  # fmt: skip
_PHONES: Final = {
    "us": "1-8##-###-####", "uk": "+44 20 #### ####", "intl": "+41 ## ### ## ##",
    "de": "0#### ######", "fr": "0# ## ## ## ##", "es": "9## ### ###",
    "it": "0## #######", "nl": "0##-#######", "pt": "21# ### ###",
    "pl": "22 ### ## ##",
}  # fmt: skip


def fill(template: str, random: Random) -> str:
    """Return a template with every place taken by an invented number."""
    return _PLACE.sub(lambda place: _invent(random, *place.groups()), template)


def _invent(random: Random, kind: str, size: str, country: str | None) -> str:
    if kind == "iban":
        return _account(random, country or "de")
    if kind == "phone":
        return _figures(random, _PHONES[country or "us"])
    if kind == "date" and country == "de":
        return f"{random.randint(1, 28):02d}.{random.randint(1, 12):02d}.2026"
    return _KINDS[kind](random, int(size or 0))


def _figures(random: Random, pattern: str) -> str:
    return re.sub("#", lambda _: random.choice(string.digits), pattern)


def _digits(random: Random, size: int) -> str:
    return random.choice("123456789") + _figures(random, "#" * (size - 1))


def _hex(random: Random, size: int) -> str:
    return "".join(random.choices("0123456789abcdef", k=size))


def _capitals(random: Random, size: int) -> str:
    return "".join(random.choices(string.ascii_uppercase + string.digits, k=size))


def _account(random: Random, country: str) -> str:
    bank = "ABNA" if country in ("gb", "nl") else ""
    if country == "it":
        bank = "X"
    length = _ACCOUNT_LENGTHS[country]
    account = bank + _figures(random, "#" * (length - len(bank)))
    digits = "".join(str(int(c, 36)) for c in f"{account}{country.upper()}00")
    whole = f"{country.upper()}{98 - int(digits) % 97:02d}{account}"
    if random.random() < 0.3:
        return whole
    return " ".join(whole[start : start + 4] for start in range(0, len(whole), 4))


def _card(random: Random) -> str:
    digits = "4" + _figures(random, "#" * 14)
    digits += luhn(digits)
    return " ".join(digits[start : start + 4] for start in range(0, 16, 4))


def _with_check(random: Random, start: str, size: int) -> str:
    digits = start + _figures(random, "#" * (size - 1 - len(start)))
    return digits + gs1(digits)


_KINDS: Final[dict[str, Callable[[Random, int], str]]] = {
    "d": _digits,
    "hex": _hex,
    "alnum": _capitals,
    "ali": lambda random, _: _figures(random, "30" + "#" * 14),
    "amazon": lambda random, _: _figures(random, "11#-#######-#######"),
    "b": lambda random, _: "".join(
        random.choices(string.ascii_letters + string.digits + "-_", k=22)
    ),
    "card": lambda random, _: _card(random),
    "date": lambda random, _: (
        f"2026-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}"
    ),
    "ean": lambda random, _: _with_check(random, "40", 13),
    "flight": lambda random, _: _figures(random, "LH ####"),
    "imei": lambda random, _: (
        (digits := _figures(random, "35" + "#" * 12)) + luhn(digits)
    ),
    "isbn": lambda random, _: _with_check(random, "978", 13),
    "mac": lambda random, _: ":".join(_hex(random, 2) for _ in range(6)),
    "masked": lambda random, _: _figures(random, "**** **** **** ####"),
    "money": lambda random, _: f"{random.randint(100, 99999) / 100:.2f}",
    "pnr": lambda random, _: "".join(random.choices(string.ascii_uppercase, k=6)),
    "seat": lambda random, _: f"{random.randint(1, 40)}{random.choice('ABCDEF')}",
    "sku": lambda random, _: (
        f"{random.choice(('AB', 'KX', 'LTR'))}{_digits(random, 8)}"
    ),
    "time": lambda random, _: (
        f"{random.randint(0, 23):02d}:{random.randint(0, 59):02d}"
    ),
    "upc": lambda random, _: _with_check(random, "0", 12),
    "uuid": lambda random, _: str(uuid.UUID(int=random.getrandbits(128), version=4)),
}
