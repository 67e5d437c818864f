"""A short line names the parcel whose number stands in it."""

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.finding import name_beside
from custom_components.waybill.tracking.finding.naming import LONGEST_NAME


@pytest.mark.parametrize(
    ("line", "number", "name"),
    [
        ("Shoes LP00123456789012", "LP00123456789012", "Shoes"),
        ("Shoes: lp 0012 3456 7890 12", "LP00123456789012", "Shoes"),
        ("LP00123456789012 – Gift for Grandma", "LP00123456789012", "Gift for Grandma"),
        ("Blue shoes (LP00123456789012)", "LP00123456789012", "Blue shoes"),
        ("Lamp [LP00123456789012] desk", "LP00123456789012", "Lamp desk"),
        ("Shoes, tracking number: LP00123456789012", "LP00123456789012", "Shoes"),
        ("Numéro de suivi : LP00123456789012", "LP00123456789012", None),
        (
            "Chaussures, numéro de suivi LP00123456789012",
            "LP00123456789012",
            "Chaussures",
        ),
        ("LP00123456789012", "LP00123456789012", None),
        ("Shoes LP001234567890123", "LP00123456789012", None),
        ("Shoes", "LP00123456789012", None),
        ("Shoes\nLP00123456789012", "LP00123456789012", None),
        ("Shoes https://shop.example/LP00123456789012", "LP00123456789012", None),
        (f"{'word ' * 30}LP00123456789012", "LP00123456789012", None),
    ],
)
def test_a_short_line_names_the_parcel_whose_number_it_holds(
    line: str, number: str, name: str | None
) -> None:
    assert name_beside(line, number) == name


@given(st.text(max_size=80), st.from_regex(r"[A-Z0-9]{5,40}", fullmatch=True))
def test_a_name_is_one_short_line(text: str, number: str) -> None:
    name = name_beside(text, number)
    beside = name_beside(f"Shoes {number} {text}", number)
    for one in (name, beside):
        if one is not None:
            assert 0 < len(one) <= LONGEST_NAME
            assert one.splitlines() == [one]
            assert one == one.strip()
