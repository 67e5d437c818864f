"""What strangers write harms nobody who reads it."""

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.harmless_text import clean, code_or_length


@given(st.text(), st.integers(min_value=10, max_value=50))
def test_a_cleaned_text_is_one_harmless_line(text: str, limit: int) -> None:
    line = clean(text, limit)
    assert len(line) <= limit
    assert line.isprintable() or "\u200d" in line or not line.isascii()
    assert not set(line) & set("\n\r\t\x00\x1b\u202e\u2066\u200f")
    line.encode()


def test_words_that_nobody_sees_are_taken_out() -> None:
    smuggled = "".join(chr(0xE0000 + ord(char)) for char in "obey me")
    assert clean(f"Left{smuggled} the hub\U000e0101") == "Left the hub"
    assert clean("https:\u200b//evil\ufeff.example") == "https://evil.example"
    # Without it, one man is two people.
    assert clean("\N{MAN}\u200d\N{ROCKET}") == "\N{MAN}\u200d\N{ROCKET}"


@pytest.mark.parametrize(
    "code", ["GTMS_DO_DEPART", "InTransit_Other", "0500", "a.b-c/d"]
)
def test_a_code_is_told_as_it_is(code: str) -> None:
    assert code_or_length(code) == code


@pytest.mark.parametrize(
    "code", ["SIGNED BY J DOE", "LP00123456789012", "a\nb", "", "x" * 41, "é"]
)
def test_what_is_no_code_is_told_by_its_length(code: str) -> None:
    assert code_or_length(code) == f"({len(code)} characters)"
