"""Royal Mail's two-dimensional bar codes, and Yodel. Neither has a check digit."""

import re
from typing import Final

from ..format import Format, Shape

FORMATS: Final = (
    # Hexadecimal; so few letters that it could be another number are too rare.
    Format(
        name="royal_mail_2d",
        carrier="royal_mail",
        pattern=re.compile(r"(?=(?:\d*[A-F]){2})(?:[0-9A-F]{16}|[0-9A-F]{21})"),
        shape=Shape.PLAIN,
    ),
    Format(
        name="yodel",
        carrier="yodel",
        pattern=re.compile(r"JJ?D\d{16}"),
        shape=Shape.OWN,
    ),
)
