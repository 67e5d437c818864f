"""The countries of the world by their English names.

Carriers write a country as its ISO 3166 short name, in an older form, in the
everyday one or cut short. The everyday names stand with the countries; here are
the others.
"""

from collections.abc import Mapping
import re
from types import MappingProxyType
from typing import Final
import unicodedata

from ..numbers.countries import COUNTRIES

_LONGEST_NAME: Final = 80
_NOT_A_LETTER: Final = re.compile(r"[^a-z]+")
_SMALL_WORDS: Final = frozenset({"and", "of", "the"})

_OTHER_NAMES: Final = {
    "AE": ("UAE", "Emirates"),
    "AG": ("Antigua",),
    "AU": ("Commonwealth of Australia",),
    "AX": ("Aland Islands",),
    "BA": ("Bosnia", "Bosnia-Hercegovina"),
    "BL": ("St. Barts",),
    "BN": ("Brunei Darussalam",),
    "BO": ("Bolivia, Plurinational State of",),
    "BQ": ("Bonaire", "Bonaire, Sint Eustatius and Saba"),
    "BS": ("Commonwealth of the Bahamas",),
    "BY": ("Byelorussia",),
    "CC": ("Cocos (Keeling) Islands", "Keeling Islands"),
    "CD": ("Congo, Democratic Republic of the", "DRC", "Congo-Kinshasa", "Zaire"),
    "CF": ("Central African Rep.",),
    "CG": ("Congo, Republic of the", "Congo-Brazzaville"),
    "CI": ("Ivory Coast", "Republic of Cote d'Ivoire"),
    "CN": ("Mainland China", "People's Republic of China", "P.R. China", "PRC"),
    "CV": ("Cape Verde",),
    "CZ": ("Czech Republic",),
    "DE": ("Federal Republic of Germany", "Deutschland"),
    "DO": ("Dominican Rep.",),
    "EG": ("Arab Republic of Egypt",),
    "ES": ("Espana", "Kingdom of Spain"),
    "FK": (
        "Falkland Islands (Malvinas)",
        "Falkland Islands (Islas Malvinas)",
        "Malvinas",
    ),
    "FM": ("Micronesia, Federated States of",),
    "FO": ("Faeroe Islands", "Faroes"),
    "FR": ("French Republic", "France Metropolitan"),
    "GB": (
        "United Kingdom of Great Britain and Northern Ireland",
        "Great Britain",
        "Britain",
        "England",
        "Scotland",
        "Wales",
        "Northern Ireland",
        "UK",
    ),
    "GE": ("Republic of Georgia",),
    "GR": ("Hellenic Republic", "Hellas"),
    "GS": ("South Georgia and the South Sandwich Islands",),
    "HK": ("HongKong", "Hong Kong SAR", "China Hong Kong"),
    "HM": ("Heard Island and McDonald Islands",),
    "IE": ("Republic of Ireland", "Eire"),
    "IR": ("Iran, Islamic Republic of",),
    "KG": ("Kyrgyz Republic", "Kirghizia"),
    "KH": ("Kampuchea",),
    "KN": ("St Kitts",),
    "KP": ("Korea, Democratic People's Republic of", "DPRK"),
    "KR": ("Korea", "Korea, Republic of"),
    "LA": ("Lao People's Democratic Republic", "Lao PDR"),
    "LY": ("Libyan Arab Jamahiriya", "State of Libya"),
    "MD": ("Moldova, Republic of",),
    "MF": ("Saint Martin (French part)",),
    "MK": (
        "Macedonia",
        "Republic of North Macedonia",
        "Macedonia, the former Yugoslav Republic of",
        "FYROM",
    ),
    "MM": ("Burma",),
    "MO": ("Macau", "Macau SAR", "Macao SAR", "China Macao"),
    "MP": ("Mariana Islands",),
    "NL": ("Holland", "Kingdom of the Netherlands"),
    "PF": ("Tahiti",),
    "PN": ("Pitcairn Islands",),
    "PS": (
        "Palestine, State of",
        "Palestinian Territories",
        "Palestinian Territory, Occupied",
        "Palestinian Territory",
    ),
    "RE": ("Reunion Island",),
    "RU": ("Russian Federation",),
    "SA": ("Kingdom of Saudi Arabia", "KSA"),
    "SH": ("Saint Helena, Ascension and Tristan da Cunha",),
    "SJ": ("Svalbard",),
    "SK": ("Slovak Republic",),
    "ST": ("Sao Tome",),
    "SX": ("Sint Maarten (Dutch part)", "St. Maarten"),
    "SY": ("Syrian Arab Republic",),
    "SZ": ("Swaziland",),
    "TC": ("Turks and Caicos",),
    "TL": ("East Timor",),
    "TR": ("Turkey", "Republic of Turkiye"),
    "TT": ("Trinidad",),
    "TW": (
        "Taiwan, Province of China",
        "Taiwan, China",
        "Chinese Taipei",
        "Taiwan Region",
    ),
    "TZ": ("Tanzania, United Republic of",),
    "UM": ("United States Minor Outlying Islands",),
    "US": ("United States of America", "USA", "U.S.", "America"),
    "VA": (
        "Holy See",
        "Holy See (Vatican City State)",
        "Vatican City State",
        "Vatican",
    ),
    "VC": ("St. Vincent",),
    "VE": ("Venezuela, Bolivarian Republic of",),
    "VG": ("BVI",),
    "VI": ("United States Virgin Islands",),
    "VN": ("Viet Nam", "Socialist Republic of Vietnam"),
    "WF": ("Wallis and Futuna Islands",),
    "WS": ("Western Samoa",),
    "YE": ("Republic of Yemen",),
    "ZA": ("RSA", "Republic of South Africa"),
}


def country_code(name: str) -> str | None:
    """Return the ISO 3166-1 alpha-2 code of a country by its English name, or None.

    Accents, case, punctuation, the order of "Korea, Republic of" and small words
    do not matter; an alpha-2 code stands for itself. Never raises.
    """
    if name.strip() in COUNTRIES:
        return name.strip()
    return _CODES.get(_plain(name))


def _plain(name: str) -> str:
    """Return the words of a name that tell it from others, in alphabetical order."""
    letters = unicodedata.normalize("NFKD", name[:_LONGEST_NAME])
    letters = "".join(char for char in letters if not unicodedata.combining(char))
    words = _NOT_A_LETTER.split(
        letters.casefold().replace("'", "").replace("’", "").replace(".", "")
    )
    return " ".join(
        sorted(
            "saint" if word == "st" else word
            for word in words
            if word and word not in _SMALL_WORDS
        )
    )


_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        _plain(name): code
        for code, everyday in COUNTRIES.items()
        for name in (everyday, *_OTHER_NAMES.get(code, ()))
    }
)
