"""United States Postal Service.

USPS Publication 199, "Intelligent Mail Package Barcode Implementation Guide": an
application identifier (92 to 95), a service type, a mailer id of nine digits that
begins with 9 or of six that does not, a serial number and a check digit, with the
destination's ZIP code after 420 in front. Before it: confirmation numbers of 20
digits, with the application identifier 91 printed or not.
"""

import re
from typing import Final

from ..check_digits import following, gs1
from ..format import Format, Shape

# With 92 goes a mailer id that begins with 9, with 93 one that does not.
_22_DIGITS: Final = r"(?:9[245]\d{3}9|9[345]\d{3}[0-8])\d{16}"
_26_DIGITS: Final = r"(?:9[245]\d{3}9|9[345]\d{3}[0-8])\d{20}"
# Only issued online (94) is there a serial number so long.
_30_DIGITS: Final = r"94\d{3}9\d{24}"
_ZIP: Final = r"420\d{5}"


def _behind(routing: str, digits: str) -> re.Pattern[str]:
    return re.compile(f"(?:{routing})(?P<page>(?P<checked>{digits}))")


FORMATS: Final = (
    Format(
        name="usps_package",
        carrier="usps",
        pattern=_behind("", f"{_22_DIGITS}|{_26_DIGITS}|{_30_DIGITS}"),
        shape=Shape.OWN,
        rule=gs1,
    ),
    Format(
        name="usps_package_zip",
        carrier="usps",
        pattern=_behind(_ZIP, f"{_22_DIGITS}|{_26_DIGITS}"),
        shape=Shape.OWN,
        rule=gs1,
    ),
    Format(
        name="usps_package_zip_plus_4",
        carrier="usps",
        pattern=_behind(rf"{_ZIP}\d{{4}}", _22_DIGITS),
        shape=Shape.OWN,
        rule=gs1,
    ),
    Format(
        name="usps_confirmation_91",
        carrier="usps",
        pattern=_behind(rf"|{_ZIP}|{_ZIP}\d{{4}}", r"91\d{20}"),
        shape=Shape.OWN,
        rule=gs1,
    ),
    # Not 00: that is a GS1 container, which many posts of Europe use.
    Format(
        name="usps_confirmation",
        carrier="usps",
        pattern=_behind("", r"(?!00)\d{20}"),
        shape=Shape.PLAIN,
        rule=gs1,
    ),
    Format(
        name="usps_confirmation_without_91",
        carrier="usps",
        pattern=_behind("", r"(?!00)\d{20}"),
        shape=Shape.PLAIN,
        rule=following("91", gs1),
    ),
    Format(
        name="usps_confirmation_zip",
        carrier="usps",
        pattern=_behind(rf"{_ZIP}|{_ZIP}\d{{4}}", r"\d{20}"),
        shape=Shape.SHARED,
        rule=gs1,
    ),
    Format(
        name="usps_confirmation_zip_without_91",
        carrier="usps",
        pattern=_behind(rf"{_ZIP}|{_ZIP}\d{{4}}", r"\d{20}"),
        shape=Shape.SHARED,
        rule=following("91", gs1),
    ),
)
