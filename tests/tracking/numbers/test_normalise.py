"""A number is the same however it was typed, pasted or printed."""

from time import perf_counter

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.numbers import (
    normalise,
    plausible,
    recognise,
    tracking_url,
)

HOSTILE = {
    "digits": "1" * 100_000,
    "letters": "A" * 100_000,
    "dashes": "-" * 100_000,
    "hashes": "#" * 100_000,
    "labels": "NO." * 33_333,
    "braces": "{{" * 50_000,
    "combining marks out of order": "a" + "\u0301\u0323" * 50_000,
    "a ligature that NFKC makes eighteen letters of": "\ufdfa" * 100_000,
    "emoji": "📦" * 100_000,
    "a number drowned in spaces": "1Z5R8939" + " " * 100_000 + "0357567127",
    "almost a postal item": "RB12345678" * 10_000,
}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("1z 5r8 939 03 5756 712 7", "1Z5R89390357567127", id="grouped"),
        pytest.param("RB 123-456-785 GB", "RB123456785GB", id="hyphens"),
        pytest.param("RB\u2013123456785\u2014GB", "RB123456785GB", id="dashes"),
        pytest.param("RB\u2212123456785\u2010GB", "RB123456785GB", id="minus sign"),
        pytest.param("RB\u00a0123\u2009456\u202f785GB", "RB123456785GB", id="thin"),
        pytest.param("\u200bRB123\u200d456785GB\ufeff", "RB123456785GB", id="unseen"),
        pytest.param("RB123\ud83d456785GB", "RB123456785GB", id="half a letter"),
        pytest.param("\u200f\u2068RB123456785GB\u2069", "RB123456785GB", id="bidi"),
        pytest.param("RB123456785GB\r\n", "RB123456785GB", id="line end"),
        pytest.param("ＲＢ１２３４５６７８５ＧＢ", "RB123456785GB", id="full width"),
        pytest.param("RB١٢٣٤٥٦٧٨٥GB", "RB123456785GB", id="Arabic digits"),
        pytest.param("21.802 580.906 6", "218025809066", id="dots of an identcode"),
        pytest.param("3/4043/3836", "340433836", id="slashes"),
        pytest.param("RB_123456785_GB", "RB123456785GB", id="underscores"),
        pytest.param(
            "(420) 90245 (92) 61290336128704042634",
            "420902459261290336128704042634",
            id="application identifiers",
        ),
        pytest.param("*RB123456785GB*", "RB123456785GB", id="Code 39"),
        pytest.param("“RB123456785GB”,", "RB123456785GB", id="out of a sentence"),
        pytest.param("#RB123456785GB", "RB123456785GB", id="hash"),
        pytest.param("No. RB123456785GB", "RB123456785GB", id="No."),
        pytest.param("№ RB123456785GB", "RB123456785GB", id="numero sign"),
        pytest.param("N° 6A04296519970", "6A04296519970", id="N with a degree"),
        pytest.param("Nº: 6A04296519970", "6A04296519970", id="N with an ordinal"),
        pytest.param(
            "Tracking number: RB123456785GB", "RB123456785GB", id="tracking number"
        ),
        pytest.param("Tracking RB123456785GB", "RB123456785GB", id="tracking"),
        pytest.param("NO123456785GB", "NO123456785GB", id="no label, its own letters"),
        pytest.param("RB123456785GB é", "RB123456785GBé", id="a letter that stays"),
        pytest.param("{{ number }}", "{{NUMBER}}", id="a template that stays"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_what_is_only_for_the_eye_goes(text: str, number: str) -> None:
    """Separators, wrappings and labels go, and nothing else does."""
    assert normalise(text) == number


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    """What is stored can be normalised again."""
    assert normalise(normalise(text)) == normalise(text)


@given(st.text("No.#°Nº:№ -.1AＡ١\u0301\u200d\u1100\u1161e{", max_size=40))
def test_normalising_twice_changes_nothing_more_of_what_meddles(text: str) -> None:
    """Nor where taking out one character brings two others together."""
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_turned_down_at_once(text: str) -> None:
    """A hundred kilobytes of anything take less than a tenth of a second."""
    start = perf_counter()
    normalise(text)
    assert not plausible(text)
    assert recognise(text) == []
    tracking_url("ups", text)
    assert perf_counter() - start < 0.1


@pytest.mark.parametrize(
    "text",
    [
        "1Z5R89390357567127",
        "RB 123 456 785 GB",
        "12345",
        "A1B2C3D4E5" * 4,
        "a number that no format knows 1"[:12] + "1",
        "ORDER #12345",
    ],
)
def test_a_number_that_no_format_knows_can_still_be_one(text: str) -> None:
    """Only what cannot be a number is turned down."""
    assert plausible(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("   ", id="spaces"),
        pytest.param("1234", id="four characters"),
        pytest.param("1-2-3-4-------", id="four characters and dashes"),
        pytest.param("A1B2C3D4E5" * 4 + "F", id="41 characters"),
        pytest.param("tracking", id="no digit"),
        pytest.param("{{ states('input_text.number') }}", id="template"),
        pytest.param("{% if true %}12345{% endif %}", id="template block"),
        pytest.param("{{12345}}", id="template of a number"),
        pytest.param("RB123456785ГБ", id="Cyrillic letters"),
        pytest.param("包裹123456", id="Chinese letters"),
        pytest.param("RB123456785GBé", id="letter with an accent"),
    ],
)
def test_what_cannot_be_a_number_is_told(text: str) -> None:
    """Templates, fragments and prose are no tracking numbers."""
    assert not plausible(text)


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    """Whatever is typed, nothing breaks."""
    assert isinstance(plausible(text), bool)
    assert isinstance(normalise(text), str)
