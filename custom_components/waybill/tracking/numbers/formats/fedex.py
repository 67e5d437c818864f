"""FedEx.

Express numbers have twelve digits, Ground numbers fifteen; the bar codes hold them
among routing digits. FedEx, "Ground label layout specification"; the layout of the
older ASTRA bar code is known from labels only.
"""

import re
from typing import Final

from ..check_digits import fedex, gs1
from ..format import Format, Shape

# The last 14 digits, of which the first two stay 00 until twelve no longer do.
_EXPRESS_14: Final = r"(?P<checked>(?:00)?(?P<page>\d{12}|\d{14}))"

FORMATS: Final = (
    Format(
        name="fedex_express",
        carrier="fedex",
        pattern=re.compile(r"(?P<checked>\d{12})"),
        shape=Shape.PLAIN,
        rule=fedex,
    ),
    Format(
        name="fedex_express_barcode",
        carrier="fedex",
        pattern=re.compile(rf"(?!420)(?=\d{{34}}\Z)[0-8]\d{{19}}{_EXPRESS_14}"),
        shape=Shape.SHARED,
        rule=fedex,
    ),
    Format(
        name="fedex_astra",
        carrier="fedex",
        pattern=re.compile(r"3\d{15}(?P<page>(?P<checked>\d{12}))\d{4}"),
        shape=Shape.SHARED,
        rule=fedex,
    ),
    Format(
        name="fedex_ground",
        carrier="fedex",
        pattern=re.compile(r"(?P<checked>\d{15})"),
        shape=Shape.PLAIN,
        rule=gs1,
    ),
    Format(
        name="fedex_ground_96",
        carrier="fedex",
        pattern=re.compile(r"96\d{5}(?P<page>(?P<checked>\d{15}))"),
        shape=Shape.OWN,
        rule=gs1,
    ),
    Format(
        name="fedex_ground_gsn",
        carrier="fedex",
        pattern=re.compile(rf"(?=\d{{34}}\Z)96\d{{18}}{_EXPRESS_14}"),
        shape=Shape.OWN,
        rule=fedex,
    ),
    Format(
        name="fedex_ground_sscc",
        carrier="fedex",
        pattern=re.compile(r"(?P<checked>\d{18})"),
        shape=Shape.PLAIN,
        rule=gs1,
    ),
    # Descriptions of the SSCC-18 differ on whether its first two digits, the
    # container type, are checked; they are 00 as a rule, which settles it.
    Format(
        name="fedex_ground_sscc_without_type",
        carrier="fedex",
        pattern=re.compile(r"\d{2}(?P<checked>\d{16})"),
        shape=Shape.PLAIN,
        rule=gs1,
        only_verified=True,
    ),
)
