"""Amazon. It publishes no check digit."""

import re
from typing import Final

from ..format import Format, Shape

FORMATS: Final = (
    Format(
        name="amazon_logistics",
        carrier="amazon",
        pattern=re.compile(r"TB[ACM]\d{12}|TBA[A-Z]{3}\d{9}"),
        shape=Shape.OWN,
    ),
    Format(
        name="amazon_europe",
        carrier="amazon",
        pattern=re.compile(r"(?:AT|BE|DE|ES|FR|IT|NL|PL|QA|QB|SE|UK)\d{10}"),
        shape=Shape.SHARED,
    ),
    Format(
        name="amazon_international",
        carrier="amazon",
        pattern=re.compile(r"[ACF]\d{10}"),
        shape=Shape.PLAIN,
    ),
)
