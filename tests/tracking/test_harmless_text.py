"""What strangers write harms nobody who reads it."""

from hypothesis import given, strategies as st

from custom_components.waybill.tracking.harmless_text import clean


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
