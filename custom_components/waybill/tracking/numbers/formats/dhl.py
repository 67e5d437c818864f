"""DHL: Express, Parcel, Paket (Germany) and eCommerce.

dhl.com, "Tracking identifiers"; paketda.de, "Prüfziffern-Berechnung".
"""

import re
from typing import Final

from ..check_digits import gs1, identcode, modulo_7
from ..format import Format, Shape

# Most of the prefixes are also service indicators of posts, whose items (nine digits
# and the country) these must not take for their own.
_ECOMMERCE: Final = (
    r"(?:CN|GM|HK|IN|LX|MY|RX|SG|TH|UV)(?!\d{9}[A-Z]{2}\Z)\d[0-9A-Z]{9,38}"
)

FORMATS: Final = (
    Format(
        name="dhl_paket",
        carrier="dhl",
        pattern=re.compile(r"(?P<checked>00340\d{15})"),
        shape=Shape.OWN,
        rule=gs1,
    ),
    Format(
        name="dhl_piece",
        carrier="dhl",
        pattern=re.compile(r"(?:JJD|JVGL)\d{8,21}|JD\d{18}"),
        shape=Shape.OWN,
    ),
    Format(
        name="dhl_piece_other",
        carrier="dhl",
        pattern=re.compile(r"J[A-Z]{2,3}\d{9,10}|JJ?D\d{16}"),
        shape=Shape.SHARED,
    ),
    Format(
        name="dhl_ecommerce",
        carrier="dhl_ecommerce",
        pattern=re.compile(_ECOMMERCE),
        shape=Shape.SHARED,
    ),
    # People look for both on the same page of DHL and call both DHL.
    Format(
        name="dhl_ecommerce",
        carrier="dhl",
        pattern=re.compile(_ECOMMERCE),
        shape=Shape.SHARED,
    ),
    Format(
        name="dhl_express",
        carrier="dhl",
        pattern=re.compile(r"(?P<checked>\d{10,11})"),
        shape=Shape.PLAIN,
        rule=modulo_7,
    ),
    Format(
        name="dhl_identcode",
        carrier="dhl",
        pattern=re.compile(r"(?P<checked>\d{12})"),
        shape=Shape.PLAIN,
        rule=identcode,
        only_verified=True,
        homes=frozenset({"DE"}),
    ),
    Format(
        name="dhl_ecommerce_digits",
        carrier="dhl_ecommerce",
        pattern=re.compile(r"[56]\d{13}"),
        shape=Shape.SHARED,
    ),
    Format(
        name="dhl_ecommerce_14_digits",
        carrier="dhl_ecommerce",
        pattern=re.compile(r"\d{14}"),
        shape=Shape.PLAIN,
    ),
)
