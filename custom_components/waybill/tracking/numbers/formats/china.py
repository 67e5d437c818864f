"""Carriers from China. None of them publishes a check digit."""

import re
from typing import Final

from ..format import Format, Shape

FORMATS: Final = (
    # LP with nine digits and CN is a postal item, with eleven or more Cainiao's.
    Format(
        name="cainiao",
        carrier="cainiao",
        pattern=re.compile(
            r"LP\d{11,14}(?:CN)?|(?:AP|CNG)\d{14}|(?:CNFR|DOFR)\d{13}HD"
            r"|(?:AEFP|CNAE|CNMEX)[0-9A-Z]{8,20}"
        ),
        shape=Shape.OWN,
    ),
    Format(
        name="yunexpress",
        carrier="yunexpress",
        pattern=re.compile(r"YT\d{16}"),
        shape=Shape.OWN,
    ),
    # Made like a postal item, of a country that does not exist.
    Format(
        name="yanwen",
        carrier="yanwen",
        pattern=re.compile(r"[A-Z]{2}\d{9}Y[PW]"),
        shape=Shape.OWN,
    ),
    Format(
        name="4px",
        carrier="4px",
        pattern=re.compile(r"4PX\d{10,14}(?:CN)?"),
        shape=Shape.OWN,
    ),
    Format(
        name="sf_express",
        carrier="sf_express",
        pattern=re.compile(r"SF\d{12,13}"),
        shape=Shape.OWN,
    ),
)
