"""The check digits: what their publishers give as examples, and what they promise."""

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.numbers import check_digits
from custom_components.waybill.tracking.numbers.check_digits import Rule

DIGITS = "0123456789"
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# Rules that catch every single wrong character, and the payloads they are for.
WATERTIGHT: dict[Rule, st.SearchStrategy[str]] = {
    check_digits.gs1: st.text(DIGITS, min_size=5, max_size=25),
    check_digits.gls: st.text(DIGITS, min_size=11, max_size=11),
    check_digits.luhn: st.text(DIGITS, min_size=5, max_size=15),
    check_digits.mod_37_36: st.text(DIGITS + CAPITALS, min_size=14, max_size=27),
}


@pytest.mark.parametrize(
    ("rule", "payload", "check"),
    [
        pytest.param(check_digits.s10, "47312482", "9", id="s10"),
        pytest.param(check_digits.s10, "12345678", "5", id="s10 as on RB123456785GB"),
        pytest.param(check_digits.s10, "00000001", "4", id="s10 of a small serial"),
        pytest.param(check_digits.s10, "00000000", "5", id="s10: eleven becomes 5"),
        pytest.param(check_digits.s10, "00004000", "0", id="s10: ten becomes 0"),
        pytest.param(check_digits.gs1, "37610425002123456", "9", id="gs1"),
        pytest.param(check_digits.gs1, "0034043383644263659", "7", id="gs1 of DHL"),
        pytest.param(check_digits.gs1, "4139207826", "0", id="gs1 of Colissimo"),
        pytest.param(check_digits.eparcel, "ABC12345678901234567", "5", id="eparcel"),
        pytest.param(check_digits.ups, "5R8939035756712", "7", id="ups"),
        pytest.param(check_digits.ups, "C1103150000187", "9", id="ups of OnTrac"),
        pytest.param(check_digits.fedex, "01234567898", "3", id="fedex"),
        pytest.param(check_digits.fedex, "00000000017", "0", id="fedex: ten is 0"),
        pytest.param(check_digits.modulo_7, "331881002", "5", id="modulo 7"),
        pytest.param(check_digits.luhn, "7992739871", "3", id="luhn"),
        pytest.param(check_digits.identcode, "21802580906", "6", id="identcode"),
        pytest.param(check_digits.gls, "20111234567", "9", id="gls"),
        pytest.param(check_digits.mod_37_36, "09980000020033", "F", id="iso 7064"),
    ],
)
def test_a_published_example_gets_its_check_digit(
    rule: Rule, payload: str, check: str
) -> None:
    """A rule gives the check character that its publisher prints."""
    assert rule(payload) == check


@pytest.mark.parametrize("rule", WATERTIGHT, ids=lambda rule: rule.__name__)
@given(data=st.data())
def test_one_wrong_character_is_always_caught(rule: Rule, data: st.DataObject) -> None:
    """No payload with one other character has the same check character."""
    payload = data.draw(WATERTIGHT[rule])
    place = data.draw(st.integers(0, len(payload) - 1))
    alphabet = DIGITS + CAPITALS if rule is check_digits.mod_37_36 else DIGITS
    other = data.draw(st.sampled_from(sorted(set(alphabet) - {payload[place]})))

    assert rule(payload[:place] + other + payload[place + 1 :]) != rule(payload)


@given(
    serial=st.text(DIGITS, min_size=8, max_size=8),
    place=st.integers(0, 7),
    other=st.sampled_from(DIGITS),
)
def test_s10_misses_a_wrong_digit_only_where_it_folds_eleven_values_into_ten(
    serial: str, place: int, other: str
) -> None:
    """Two remainders share the check digit 5, nothing else is shared."""
    slip = serial[:place] + other + serial[place + 1 :]

    assert (
        slip == serial
        or check_digits.s10(slip) != check_digits.s10(serial)
        or check_digits.s10(serial) == "5"
    )


@given(
    digits=st.text(DIGITS, min_size=11, max_size=11),
    place=st.integers(0, 10),
    other=st.sampled_from(DIGITS),
)
def test_fedex_misses_a_wrong_digit_only_where_it_folds_eleven_values_into_ten(
    digits: str, place: int, other: str
) -> None:
    """Two remainders share the check digit 0, nothing else is shared."""
    slip = digits[:place] + other + digits[place + 1 :]

    assert (
        slip == digits
        or check_digits.fedex(slip) != check_digits.fedex(digits)
        or check_digits.fedex(digits) == "0"
    )


@given(
    characters=st.text(DIGITS + CAPITALS, min_size=15, max_size=15),
    place=st.integers(0, 13),
)
def test_ups_catches_two_neighbours_that_changed_places(
    characters: str, place: int
) -> None:
    """Unless they count the same, as 1 and J do."""
    one, two = characters[place], characters[place + 1]
    swapped = characters[:place] + two + one + characters[place + 2 :]

    missed = check_digits.ups(swapped) == check_digits.ups(characters)
    assert missed is (_ups_value(one) == _ups_value(two))


def _ups_value(character: str) -> int:
    return int(character) if character.isdecimal() else (ord(character) - 3) % 10


@given(digits=st.text(DIGITS, min_size=19, max_size=19))
def test_a_prefix_that_is_not_printed_still_counts(digits: str) -> None:
    """USPS's 20 digits are checked as the 22 they stand for."""
    assert check_digits.following("91", check_digits.gs1)(digits) == (
        check_digits.gs1("91" + digits)
    )
