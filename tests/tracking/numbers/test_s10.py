"""Postal items belong to the post of the country that issued them."""

from itertools import product
from string import ascii_uppercase

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.numbers import (
    CARRIERS,
    issuing_country,
    recognise,
)
from custom_components.waybill.tracking.numbers.check_digits import s10
from custom_components.waybill.tracking.numbers.countries import COUNTRIES
from custom_components.waybill.tracking.numbers.s10 import POST_OF

LETTERS = st.text(ascii_uppercase, min_size=2, max_size=2)
SERIALS = st.text("0123456789", min_size=8, max_size=8)


@pytest.mark.parametrize(
    ("country", "post"),
    [
        ("US", "usps"),
        ("GB", "royal_mail"),
        ("FR", "la_poste"),
        ("CA", "canada_post"),
        ("AU", "australia_post"),
        ("DE", "deutsche_post"),
        ("CN", "china_post"),
        ("NL", "postnl"),
        ("SE", "postnord"),
        ("DK", "postnord"),
        ("RE", "la_poste"),
        ("PR", "usps"),
        ("EE", "post_ee"),
        ("UG", "post_ug"),
        ("MV", "post_mv"),
    ],
)
def test_the_issuing_post_carries_it(country: str, post: str) -> None:
    """The last two letters name the post."""
    (first, *_) = recognise(f"RB123456785{country}")

    assert (first.carrier, first.valid, first.format) == (post, True, "s10")


@given(letters=LETTERS, serial=SERIALS, country=st.sampled_from(sorted(COUNTRIES)))
def test_every_item_with_its_check_digit_verifies(
    letters: str, serial: str, country: str
) -> None:
    """Whatever its service and its country."""
    number = f"{letters}{serial}{s10(serial)}{country}"
    verified = {found.carrier for found in recognise(number) if found.valid}

    assert POST_OF[country] in verified
    assert issuing_country(number) == country


@given(
    letters=LETTERS,
    serial=SERIALS,
    country=st.sampled_from(sorted(COUNTRIES)),
    check=st.sampled_from("0123456789"),
)
def test_a_wrong_check_digit_is_wrong_for_everyone(
    letters: str, serial: str, country: str, check: str
) -> None:
    """No other format rescues a mistyped postal item."""
    found = recognise(f"{letters}{serial}{check}{country}")

    assert found
    assert all(each.valid is (check == s10(serial)) for each in found)


@pytest.mark.parametrize("country", ["GB", "FR", "US"])
def test_no_service_lets_another_carrier_rescue_a_slip(country: str) -> None:
    """All services of a country, one by one."""
    for letters in product(ascii_uppercase, repeat=2):
        found = recognise(f"{''.join(letters)}123456786{country}")

        assert found
        assert all(each.valid is False for each in found), found


@given(letters=LETTERS, suffix=LETTERS)
def test_a_country_that_does_not_exist_issues_nothing(
    letters: str, suffix: str
) -> None:
    """Such a number is not a postal item, though carriers may use its form."""
    number = f"{letters}123456785{suffix}"

    assert (issuing_country(number) is not None) is (suffix in COUNTRIES)
    assert ("s10" in {found.format for found in recognise(number)}) is (
        suffix in COUNTRIES
    )


def test_nobody_issued_an_item_of_country_xx() -> None:
    """The check digit is right and still it is nothing."""
    assert recognise("RB123456785XX") == []


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("rb 123 456 785 gb", "GB"),
        ("RB123456786GB", "GB"),
        ("RB12345678GB", None),
        ("1Z5R89390357567127", None),
        ("", None),
    ],
)
def test_the_country_of_an_item(number: str, country: str | None) -> None:
    """It is known also from a number with a slip, and from no other format."""
    assert issuing_country(number) == country


def test_every_post_has_a_name() -> None:
    """A person never reads an id."""
    assert all(post in CARRIERS for post in POST_OF.values())
