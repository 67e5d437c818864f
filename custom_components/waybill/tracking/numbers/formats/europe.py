"""Carriers of the European continent: Bring, DPD, GLS, InPost, Nova Post, PostNL.

DPD, "Parcel label specification" 2.4; GLS, "Uni-Box technical documentation". Bring's
are GS1 keys that begin with Norway's 70 ("Label specification Posten Bring" 6.1, GS1
General Specifications): 18 digits of a package, which a bar code writes behind 00, and
17 of a shipment. Whoever sends from Norway can number parcels like that. The
numbers of InPost, Nova Post and PostNL and GLS's track ids have no published check
digit; Nova Post's are those of its API's documentation.
"""

import re
from typing import Final

from ..check_digits import gls, gs1, mod_37_36
from ..format import Format, Shape

# Where GLS delivers under its own name and with these numbers.
_GLS_HOMES: Final = frozenset(
    {"AT", "BE", "CZ", "DE", "DK", "ES", "FI", "FR", "HR", "HU"}
    | {"IE", "IT", "LU", "NL", "PL", "PT", "RO", "SI", "SK"}
)

FORMATS: Final = (
    Format(
        name="bring_package",
        carrier="bring",
        pattern=re.compile(r"(?:00)?(?P<page>(?P<checked>370\d{15}))"),
        shape=Shape.SHARED,
        rule=gs1,
    ),
    Format(
        name="bring_shipment",
        carrier="bring",
        pattern=re.compile(r"(?P<checked>70\d{15})"),
        shape=Shape.SHARED,
        rule=gs1,
        only_verified=True,
    ),
    Format(
        name="dpd_barcode",
        carrier="dpd",
        pattern=re.compile(r"(?P<checked>\d{7}(?P<page>\d{14})\d{6}[0-9A-Z])"),
        shape=Shape.SHARED,
        rule=mod_37_36,
    ),
    Format(
        name="dpd_checked",
        carrier="dpd",
        pattern=re.compile(r"(?P<checked>(?P<page>\d{14})[A-Z])"),
        shape=Shape.SHARED,
        rule=mod_37_36,
    ),
    Format(
        name="dpd_checked_digits",
        carrier="dpd",
        pattern=re.compile(r"(?P<checked>(?P<page>\d{14})\d)"),
        shape=Shape.PLAIN,
        rule=mod_37_36,
        only_verified=True,
    ),
    Format(
        name="dpd",
        carrier="dpd",
        pattern=re.compile(r"\d{14}"),
        shape=Shape.PLAIN,
    ),
    # Chronopost is DPD in France, and takes its numbers.
    Format(
        name="chronopost_dpd",
        carrier="chronopost",
        pattern=re.compile(r"(?P<checked>13\d{12}[A-Z])"),
        shape=Shape.SHARED,
        rule=mod_37_36,
        only_verified=True,
    ),
    Format(
        name="gls_checked",
        carrier="gls",
        pattern=re.compile(r"(?P<checked>\d{12})"),
        shape=Shape.PLAIN,
        rule=gls,
        only_verified=True,
        homes=_GLS_HOMES,
    ),
    # Without its check digit; the third and fourth digits name GLS's product.
    Format(
        name="gls",
        carrier="gls",
        pattern=re.compile(r"\d{2}(?:[1-6]\d|7[124]|85)\d{7}"),
        shape=Shape.PLAIN,
        homes=_GLS_HOMES,
    ),
    Format(
        name="gls_track_id",
        carrier="gls",
        pattern=re.compile(r"(?=[A-Z]+\d)(?=(?:\d*[A-Z]){3})[0-9A-Z]{8}"),
        shape=Shape.PLAIN,
    ),
    Format(
        name="inpost",
        carrier="inpost",
        pattern=re.compile(r"\d{24}"),
        shape=Shape.PLAIN,
    ),
    Format(
        name="nova_post",
        carrier="nova_post",
        pattern=re.compile(r"(?:10|20|5[19])\d{12}"),
        shape=Shape.PLAIN,
        homes=frozenset({"UA"}),
    ),
    Format(
        name="nova_post_international",
        carrier="nova_post",
        pattern=re.compile(r"SH[A-Z]{2}\d{10}|[A-Z]{2}\d{14}NP[GI]"),
        shape=Shape.SHARED,
    ),
    Format(
        name="postnl",
        carrier="postnl",
        pattern=re.compile(r"3S[A-Z]{2,6}\d{6,12}"),
        shape=Shape.OWN,
    ),
    Format(
        name="dhl_parcel_benelux",
        carrier="dhl",
        pattern=re.compile(r"3S[A-Z]{2,6}\d{6,12}"),
        shape=Shape.SHARED,
    ),
)
