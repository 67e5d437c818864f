"""Australia Post, "Parcel Post and Express Post - Label & Barcode Specification".

An article is the merchant's location (three or five characters), its consignment
(seven digits), article, product and service, a 0 and a check digit. The bar code
puts Australia Post's GTIN in front.
"""

import re
from typing import Final

from ..check_digits import eparcel
from ..format import Format, Shape

_ARTICLE: Final = (
    r"(?P<page>(?P<checked>(?=\d*[A-Z])[0-9A-Z]{3}(?:[0-9A-Z]{2})?\d{16}0\d))"
)

FORMATS: Final = (
    Format(
        name="australia_post_article",
        carrier="australia_post",
        pattern=re.compile(_ARTICLE),
        shape=Shape.SHARED,
        rule=eparcel,
    ),
    Format(
        name="australia_post_barcode",
        carrier="australia_post",
        pattern=re.compile("019931265099999891" + _ARTICLE),
        shape=Shape.OWN,
        rule=eparcel,
    ),
    Format(
        name="australia_post_consignment",
        carrier="australia_post",
        pattern=re.compile(r"\d{2}[A-Z][0-9A-Z]{2}\d{7}"),
        shape=Shape.SHARED,
    ),
)
