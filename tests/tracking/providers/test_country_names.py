"""Countries by the names that carriers give them."""

import pytest

from custom_components.waybill.tracking.numbers.countries import COUNTRIES
from custom_components.waybill.tracking.providers.country_names import country_code


@pytest.mark.parametrize(("code", "name"), COUNTRIES.items())
def test_every_country_has_its_everyday_name(code: str, name: str) -> None:
    assert country_code(name) == code
    assert country_code(name.upper()) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Mainland China", "CN"),
        ("United States of America", "US"),
        ("USA", "US"),
        ("UK", "GB"),
        ("Great Britain", "GB"),
        ("Russian Federation", "RU"),
        ("Korea, Republic of", "KR"),
        ("Korea (Republic of)", "KR"),
        ("South Korea", "KR"),
        ("Korea, Democratic People's Republic of", "KP"),
        ("Viet Nam", "VN"),
        ("Czech Republic", "CZ"),
        ("Netherlands (the)", "NL"),
        ("The Netherlands", "NL"),
        ("Cote d'Ivoire", "CI"),
        ("CÔTE D'IVOIRE", "CI"),
        ("Ivory Coast", "CI"),
        ("Turkey", "TR"),
        ("Macau", "MO"),
        ("Taiwan, China", "TW"),
        ("Hong Kong SAR", "HK"),
        ("HongKong", "HK"),
        ("Iran, Islamic Republic of", "IR"),
        ("Congo, The Democratic Republic of the", "CD"),
        ("Republic of the Congo", "CG"),
        ("Bolivia (Plurinational State of)", "BO"),
        ("Tanzania, United Republic of", "TZ"),
        ("Moldova, Republic of", "MD"),
        ("Lao People's Democratic Republic", "LA"),
        ("Syrian Arab Republic", "SY"),
        ("Brunei Darussalam", "BN"),
        ("Cape Verde", "CV"),
        ("Swaziland", "SZ"),
        ("East Timor", "TL"),
        ("Macedonia", "MK"),
        ("Saint Kitts and Nevis", "KN"),
        ("St. Vincent & the Grenadines", "VC"),
        ("Virgin Islands (British)", "VG"),
        ("Virgin Islands, U.S.", "VI"),
        ("Dominica", "DM"),
        ("Dominican Republic", "DO"),
        ("Niger", "NE"),
        ("Nigeria", "NG"),
        ("Guinea", "GN"),
        ("Equatorial Guinea", "GQ"),
        ("Papua New Guinea", "PG"),
        ("Samoa", "WS"),
        ("American Samoa", "AS"),
        (" FR ", "FR"),
    ],
)
def test_countries_have_other_names(name: str, code: str) -> None:
    assert country_code(name) == code


@pytest.mark.parametrize("name", ["", " ", "Atlantis", "XX", "fr", "no", "123", "the"])
def test_what_is_no_country_has_no_code(name: str) -> None:
    assert country_code(name) is None
