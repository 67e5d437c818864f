"""Every format, the more common carrier of a shape before the rarer one."""

from typing import Final

from ..format import Format
from ..s10 import S10
from . import (
    amazon,
    australia,
    britain,
    canada,
    china,
    dhl,
    europe,
    fedex,
    france,
    freight,
    ups,
    us_regional,
    usps,
)

FORMATS: Final[tuple[Format, ...]] = (
    S10,
    *usps.FORMATS,
    *ups.FORMATS,
    *fedex.FORMATS,
    *amazon.FORMATS,
    *us_regional.FORMATS,
    *freight.FORMATS,
    *britain.FORMATS,
    *france.FORMATS,
    *canada.FORMATS,
    *europe.FORMATS,
    *dhl.FORMATS,
    *australia.FORMATS,
    *china.FORMATS,
)
