"""Tracking numbers with right check digits, made to order for journeys."""

from typing import Final

_S10_WEIGHTS: Final = (8, 6, 4, 2, 3, 5, 9, 7)


def cainiao(serial: int) -> str:
    """Return a Cainiao number: LP and fourteen digits; it has no check digit."""
    return f"LP{serial:014d}"


def s10(service: str, serial: int, country: str) -> str:
    """Return a postal number as of the UPU's standard S10."""
    digits = f"{serial:08d}"
    weighed = zip(digits, _S10_WEIGHTS, strict=True)
    check = 11 - sum(int(digit) * weight for digit, weight in weighed) % 11
    return f"{service}{digits}{ {10: 0, 11: 5}.get(check, check) }{country}"


def usps(serial: int) -> str:
    """Return a USPS number of 22 digits (IMpb, Publication 199)."""
    digits = f"9400111{serial:014d}"
    odd, even = digits[-1::-2], digits[-2::-2]
    total = 3 * sum(map(int, odd)) + sum(map(int, even))
    return f"{digits}{-total % 10}"


def dhl_express(serial: int) -> str:
    """Return a DHL Express number: nine digits and their remainder by seven."""
    return f"{serial:09d}{serial % 7}"
