"""17TRACK's keys of carriers, and which of ours they are.

The keys are those of its public catalogue, apicarrier.all.json. Where a carrier
has several, the first is the one to register with, if any is.
"""

from collections.abc import Mapping
import re
from types import MappingProxyType
from typing import Final

from .. import numbers
from ..numbers.s10 import POST_OF
from .base import Query

_CARRIER_KEYS: Final[Mapping[str, tuple[int, ...]]] = {
    "4px": (190094,),
    "amazon": (100308, 100309),
    "cainiao": (190271,),
    "chronopost": (100273,),
    "colissimo": (6051,),
    "dhl": (100001, 7041),
    "dhl_ecommerce": (7047, 7048),
    "dpd": (100007, 100010, 100072, 100111),
    "fedex": (100003,),
    "gls": (100005,),
    "inpost": (100043,),
    "landmark": (100021,),
    "lasership": (100052,),
    "nova_post": (100035, 100162),
    "ontrac": (100049,),
    "purolator": (100042,),
    "sf_express": (100012,),
    "ups": (100002,),
    "yanwen": (190012,),
    "yodel": (100017,),
    "yunexpress": (190008,),
}
_POST_KEYS: Final[Mapping[str, tuple[int, ...]]] = {
    # By the country of the post.
    "AE": (5031,),
    "AL": (1031,),
    "AM": (1131,),
    "AR": (1121,),
    "AT": (1161,),
    "AU": (1151,),
    "AZ": (1171,),
    "BA": (2121,),
    "BE": (2061, 2063),
    "BG": (2171,),
    "BR": (2151,),
    "BY": (2051,),
    "CA": (3041,),
    "CH": (19251,),
    "CN": (3011, 3013),
    "CR": (3181,),
    "CY": (3211,),
    "CZ": (3221,),
    "DE": (7044,),
    "DK": (4011,),
    "EE": (5041, 5044),
    "EG": (5021,),
    "ES": (19181,),
    "FI": (6041,),
    "FR": (6051,),
    "GB": (11031,),
    "GE": (7031,),
    "GR": (7071,),
    "HK": (8011,),
    "HR": (3191,),
    "HU": (8051,),
    "IE": (9051,),
    "IL": (9061,),
    "IN": (9021,),
    "IS": (9011,),
    "IT": (9071,),
    "JP": (10021,),
    "KR": (11051, 11054),
    "KZ": (11011,),
    "LT": (12081,),
    "LU": (12101,),
    "LV": (12021,),
    "MA": (13211,),
    "MD": (13161,),
    "ME": (13191,),
    "MK": (13021,),
    "MO": (13011,),
    "MT": (13081,),
    "MX": (13141,),
    "NL": (14041, 14044),
    "NO": (14081,),
    "NZ": (14061,),
    "PE": (16061,),
    "PH": (16071,),
    "PK": (16011,),
    "PL": (16081,),
    "PT": (16101,),
    "QA": (17011,),
    "RO": (18021,),
    "RS": (19091,),
    "RU": (18031,),
    "SA": (19071,),
    "SE": (19241,),
    "SG": (19131,),
    "SI": (19151,),
    "SK": (19141,),
    "TH": (20041,),
    "TN": (20101,),
    "TW": (20011,),
    "US": (21051,),
    "UY": (21041,),
    "UZ": (21031,),
    "VN": (22041, 22043),
    "ZA": (19171,),
}

_KEY_IS_A_GUESS: Final = frozenset({"dhl_ecommerce", "dpd"})
"""Carriers with a key for each country, of which the number does not tell."""
_DHL_EXPRESS: Final = re.compile(r"\d{10,11}")


def best_key(leg: Query) -> int | None:
    """Return the key to name a leg's carrier by.

    None where 17TRACK had better find out itself: with a wrong key it finds
    nothing, and the quota is spent.
    """
    keys = keys_of(leg)
    if not keys or leg.carrier in _KEY_IS_A_GUESS:
        return None
    if leg.carrier == "dhl" and not _DHL_EXPRESS.fullmatch(leg.tracking_number):
        return None
    return keys[0]


def keys_of(leg: Query) -> tuple[int, ...]:
    """Return all of 17TRACK's keys of a leg's carrier."""
    country = numbers.issuing_country(leg.tracking_number) or ""
    if leg.carrier is not None and POST_OF.get(country) == leg.carrier:
        # A carrier can be the post of several countries.
        return _POST_KEYS.get(country, ())
    return _KEYS_OF.get(leg.carrier or "", ())


def carrier_of(key: int | None) -> str | None:
    """Return our carrier with a key of 17TRACK's, if we know it."""
    return _CARRIER_OF.get(key or 0)


def _key_tables() -> tuple[Mapping[str, tuple[int, ...]], Mapping[int, str]]:
    keys_of: dict[str, tuple[int, ...]] = {}
    for country, keys in _POST_KEYS.items():
        post = POST_OF[country]
        keys_of[post] = keys_of.get(post, ()) + keys
    keys_of |= _CARRIER_KEYS
    carrier_of: dict[int, str] = {}
    for carrier, keys in keys_of.items():
        for key in keys:
            carrier_of.setdefault(key, carrier)
    return MappingProxyType(keys_of), MappingProxyType(carrier_of)


_KEYS_OF, _CARRIER_OF = _key_tables()
