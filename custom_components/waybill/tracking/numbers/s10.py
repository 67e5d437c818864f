"""Numbers of postal items: the Universal Postal Union's standard S10."""

from collections.abc import Mapping
import re
from types import MappingProxyType
from typing import Final

from .check_digits import s10
from .countries import COUNTRIES
from .format import COUNTRY, Format, Shape
from .normalise import normalise

# Posts that serve several countries or are better known by name than by country.
_NAMED_POSTS: Final = {
    "australia_post": ("AU", "CC", "CX"),
    "austrian_post": ("AT",),
    "bpost": ("BE",),
    "canada_post": ("CA",),
    "china_post": ("CN",),
    "correos": ("ES",),
    "deutsche_post": ("DE",),
    "hongkong_post": ("HK",),
    "india_post": ("IN",),
    "japan_post": ("JP",),
    "korea_post": ("KR",),
    "la_poste": ("FR", "BL", "GF", "GP", "MF", "MQ", "PM", "RE", "YT"),
    "nz_post": ("NZ",),
    "poste_italiane": ("IT",),
    "postnl": ("NL",),
    "postnord": ("DK", "SE"),
    "royal_mail": ("GB",),
    "singapore_post": ("SG",),
    "swiss_post": ("CH",),
    "usps": ("US", "AS", "GU", "MP", "PR", "VI"),
}

POST_OF: Final[Mapping[str, str]] = MappingProxyType(
    {country: f"post_{country.lower()}" for country in COUNTRIES}
    | {
        country: post
        for post, countries in _NAMED_POSTS.items()
        for country in countries
    }
)

# Any two letters may lead: the posts use service indicators that the standard
# reserves. The country must exist: that is what tells Yanwen's ...YP from an item.
S10: Final = Format(
    name="s10",
    carrier=None,
    pattern=re.compile(
        rf"[A-Z]{{2}}(?P<checked>\d{{9}})(?P<country>{'|'.join(COUNTRIES)})"
    ),
    shape=Shape.SHARED,
    rule=s10,
)


def issuing_country(number: str) -> str | None:
    """Return the ISO 3166-1 alpha-2 code of the country whose post issued ``number``.

    None for what has not the form of S10, its country included. The check digit is
    not looked at: a mistyped digit does not change the country.
    """
    reading = S10.read(normalise(number))
    return reading.match[COUNTRY] if reading else None
