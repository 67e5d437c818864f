"""Canada Post, Purolator and Canpar."""

import re
from typing import Final

from ..check_digits import gs1, luhn
from ..format import Format, Shape

FORMATS: Final = (
    Format(
        name="canada_post_pin",
        carrier="canada_post",
        pattern=re.compile(r"(?P<checked>\d{16})"),
        shape=Shape.PLAIN,
        rule=gs1,
    ),
    Format(
        name="purolator_digits",
        carrier="purolator",
        pattern=re.compile(r"(?P<checked>[0-5]\d{11})"),
        shape=Shape.PLAIN,
        rule=luhn,
    ),
    Format(
        name="purolator_letters",
        carrier="purolator",
        pattern=re.compile(r"[A-Z]{3}\d{9}"),
        shape=Shape.SHARED,
    ),
    Format(
        name="canpar",
        carrier="canpar",
        pattern=re.compile(r"[CDKLSUXZ]\d{21}"),
        shape=Shape.OWN,
    ),
)
