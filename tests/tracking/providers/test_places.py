"""Places as carriers write them for people."""

import pytest

from custom_components.waybill.tracking.providers.places import country_of


@pytest.mark.parametrize(
    ("place", "country"),
    [
        ("Harrisburg, PA, USA", "US"),
        ("Shenzhen, China", "CN"),
        ("ISC NEW YORK (USPS), United States", "US"),
        ("Harrisburg, PA", None),
        ("Atlanta, Georgia", None),
        ("SAN RAFAEL, CA 94901", None),
        ("China", None),
        (", China", None),
        ("Berlin Hub", None),
        ("", None),
        (None, None),
    ],
)
def test_a_place_tells_its_country_where_it_ends_with_one(
    place: str | None, country: str | None
) -> None:
    assert country_of(place) == country
