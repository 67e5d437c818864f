"""Regional carriers of the United States: OnTrac, LaserShip, Spee-Dee, GOFO."""

import re
from typing import Final

from ..check_digits import ups
from ..format import Format, Shape

FORMATS: Final = (
    # UPS's rule, in which the letter counts as a digit.
    Format(
        name="ontrac",
        carrier="ontrac",
        pattern=re.compile(r"(?P<checked>[CD]\d{14})"),
        shape=Shape.OWN,
        rule=ups,
    ),
    # One description leaves the letter out where the digit it stands for follows.
    Format(
        name="ontrac_c4",
        carrier="ontrac",
        pattern=re.compile(r"C(?P<checked>4\d{13})"),
        shape=Shape.OWN,
        rule=ups,
        only_verified=True,
    ),
    Format(
        name="ontrac_d5",
        carrier="ontrac",
        pattern=re.compile(r"D(?P<checked>5\d{13})"),
        shape=Shape.OWN,
        rule=ups,
        only_verified=True,
    ),
    Format(
        name="lasership_letters",
        carrier="lasership",
        pattern=re.compile(r"L[AEHINX][1-3]\d{7}"),
        shape=Shape.OWN,
    ),
    Format(
        name="lasership_1ls7",
        carrier="lasership",
        pattern=re.compile(r"1LS7[12](?:\d{10}|\d{2}01[1-4]\d{6}1)"),
        shape=Shape.OWN,
    ),
    Format(
        name="lasership_1lscx",
        carrier="lasership",
        pattern=re.compile(r"1LSCX[0-9A-Z]{10}"),
        shape=Shape.OWN,
    ),
    Format(
        name="speedee",
        carrier="speedee",
        pattern=re.compile(r"SP\d{18}"),
        shape=Shape.OWN,
    ),
    Format(
        name="gofo",
        carrier="gofo",
        pattern=re.compile(r"GFUS\d{14}"),
        shape=Shape.OWN,
    ),
    Format(
        name="landmark",
        carrier="landmark",
        pattern=re.compile(r"LTN\d{8}N1"),
        shape=Shape.OWN,
    ),
)
