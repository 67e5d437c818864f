"""Freight that a home may wait for: Old Dominion's PRO numbers."""

import re
from typing import Final

from ..check_digits import luhn
from ..format import Format, Shape

FORMATS: Final = (
    Format(
        name="old_dominion",
        carrier="old_dominion",
        pattern=re.compile(r"(?P<checked>(?:072|77[78]|780)\d{8})"),
        shape=Shape.SHARED,
        rule=luhn,
    ),
    Format(
        name="old_dominion_guaranteed",
        carrier="old_dominion",
        pattern=re.compile(r"(?P<checked>80\d{9})"),
        shape=Shape.SHARED,
        rule=luhn,
    ),
)
