"""Account numbers, whose digits look like anything."""

from typing import Final

from .tokens import Token

# ISO 13616.
_ACCOUNT_LENGTHS: Final = {
    "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
    "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22,
    "IT": 27, "LT": 20, "LU": 20, "LV": 21, "NL": 18, "NO": 15, "PL": 28, "PT": 25,
    "RO": 24, "SE": 24, "SI": 19, "SK": 24, "TR": 26, "UA": 29,
}  # fmt: skip


def account_at(run: list[Token], index: int) -> int | None:
    """Return where an IBAN (ISO 13616) of a run ends."""
    length = _ACCOUNT_LENGTHS.get(run[index].text[:2])
    if length is None:
        return None
    joined, end = "", index
    while end < len(run) and len(joined) < length:
        joined += run[end].text
        end += 1
    if len(joined) != length or not joined[2:4].isdecimal():
        return None
    digits = "".join(str(int(mark, 36)) for mark in joined[4:] + joined[:4])
    return end if int(digits) % 97 == 1 else None
