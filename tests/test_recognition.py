"""What is said of a number that a person typed or pasted."""

import pytest

from custom_components.waybill.recognition import Verdict, recognise_number


@pytest.mark.parametrize(
    ("text", "verdict", "carrier"),
    [
        ("1Z999AA10123456784", Verdict.RECOGNISED, "UPS"),
        ("1Z999AA10123456785", Verdict.MISTYPED, "UPS"),
        ("RB 123 456 785 CN", Verdict.RECOGNISED, "China Post"),
        ("RB123456784CN", Verdict.MISTYPED, "China Post"),
        ("LP00123456789012", Verdict.RECOGNISED, "Cainiao"),
        ("QQ-77-1234", Verdict.UNKNOWN, None),
        ("{{ states('input_text.number') }}", Verdict.NOT_A_NUMBER, None),
        ("Hello there", Verdict.NOT_A_NUMBER, None),
        ("", Verdict.NOT_A_NUMBER, None),
        ("1" * 4000, Verdict.NOT_A_NUMBER, None),
    ],
)
def test_a_number_gets_its_verdict(
    text: str, verdict: Verdict, carrier: str | None
) -> None:
    recognition = recognise_number(text)
    assert recognition.verdict is verdict
    assert recognition.carrier_name == carrier


def test_the_number_is_told_as_it_will_be_stored() -> None:
    assert recognise_number(" rb 123-456-785 cn\n").number == "RB123456785CN"


def test_a_number_that_one_carrier_verifies_is_not_mistyped() -> None:
    recognition = recognise_number("123456789012")
    assert recognition.verdict is Verdict.RECOGNISED
    assert [c.valid for c in recognition.candidates] == [True, False]
