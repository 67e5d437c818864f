"""Recognising: which carriers a number could belong to, and in which order."""

import re

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.waybill.tracking.numbers import CARRIERS, recognise
from custom_components.waybill.tracking.numbers.format import CHECKED, COUNTRY, Format
from custom_components.waybill.tracking.numbers.formats import FORMATS
from custom_components.waybill.tracking.numbers.s10 import POST_OF

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SEPARATORS = " -\u00a0\u2009\u200b\u2013\u00ad\t"

PARCEL_CARRIERS = [
    "ups",
    "fedex",
    "usps",
    "dhl",
    "dhl_ecommerce",
    "amazon",
    "ontrac",
    "lasership",
    "canada_post",
    "purolator",
    "canpar",
    "australia_post",
    "royal_mail",
    "yodel",
    "la_poste",
    "colissimo",
    "chronopost",
    "inpost",
    "bring",
    "dpd",
    "gls",
    "postnl",
    "landmark",
    "speedee",
    "old_dominion",
    "gofo",
    "cainiao",
    "yunexpress",
    "yanwen",
    "4px",
    "sf_express",
]


LOOKAHEAD = re.compile(r"\(\?[=!](?:[^()]|\([^()]*\))*\)")


def numbers_of(format_: Format) -> st.SearchStrategy[str]:
    """Return numbers of the shape of ``format_``, right ones and wrong ones."""
    # Hypothesis cannot look ahead.
    shape = re.compile(LOOKAHEAD.sub("", format_.pattern.pattern))
    return st.from_regex(shape, fullmatch=True, alphabet=ALPHABET).filter(
        format_.pattern.fullmatch
    )


def corrected(format_: Format, number: str) -> str:
    """Return ``number`` with the check character that ``format_`` asks for."""
    match = format_.pattern.fullmatch(number)
    assert match
    if not format_.rule:
        return number
    at = match.end(CHECKED) - 1
    return number[:at] + format_.rule(match[CHECKED][:-1]) + number[at + 1 :]


any_format = st.sampled_from(FORMATS)
any_number = any_format.flatmap(numbers_of)


@pytest.mark.parametrize("format_", FORMATS, ids=lambda format_: format_.name)
@settings(max_examples=30, suppress_health_check=[HealthCheck.filter_too_much])
@given(data=st.data())
def test_every_number_of_a_format_finds_its_carrier(
    format_: Format, data: st.DataObject
) -> None:
    """With the right check digit it verifies; without one there is no verdict."""
    number = corrected(format_, data.draw(numbers_of(format_)))
    match = format_.pattern.fullmatch(number)
    if match is None:
        # The right check character is one that the shape does not allow.
        assert format_.rule
        return
    carrier = format_.carrier or POST_OF[match[COUNTRY]]
    home = next(iter(format_.homes), None)
    (mine,) = [each for each in recognise(number, home=home) if each.carrier == carrier]

    assert mine.number == number
    assert mine.valid or format_.rule is None


@pytest.mark.parametrize(
    "format_",
    [each for each in FORMATS if each.rule],
    ids=lambda format_: format_.name,
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.filter_too_much])
@given(data=st.data())
def test_a_wrong_check_digit_is_never_that_formats(
    format_: Format, data: st.DataObject
) -> None:
    """Another format may claim the number, this one does not."""
    drawn = data.draw(numbers_of(format_))
    home = next(iter(format_.homes), None)
    claimed = {
        each.format for each in recognise(drawn, home=home) if each.valid is not False
    }

    assert drawn == corrected(format_, drawn) or format_.name not in claimed


@given(number=any_number, home=st.sampled_from([None, "DE", "US"]))
def test_what_verifies_comes_first_and_what_fails_last(
    number: str, home: str | None
) -> None:
    """And each carrier is named once."""
    found = recognise(number, home=home)
    verdicts = [(True, None, False).index(each.valid) for each in found]

    assert verdicts == sorted(verdicts)
    assert len({each.carrier for each in found}) == len(found)
    assert all(each.carrier in CARRIERS for each in found)


@given(number=any_number, data=st.data())
def test_how_it_was_typed_does_not_matter(number: str, data: st.DataObject) -> None:
    """Groups, small letters and full width read the same."""
    gaps = data.draw(
        st.lists(
            st.text(SEPARATORS, max_size=2),
            min_size=len(number),
            max_size=len(number),
        )
    )
    typed = "".join(
        gap + character for gap, character in zip(gaps, number, strict=True)
    )
    wide = "".join(chr(ord(character) + 0xFEE0) for character in number)

    assert recognise(typed) == recognise(number)
    assert recognise(number.lower()) == recognise(number)
    assert recognise(wide) == recognise(number)


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    """Whatever is pasted, nothing breaks."""
    assert isinstance(recognise(text), list)


@given(st.from_regex(r"[0-9]{5,40}", fullmatch=True))
def test_plain_digits_do_not_yield_a_dozen_carriers(digits: str) -> None:
    """A person has to choose among them."""
    assert len(recognise(digits)) <= 4


def test_every_carrier_can_be_found() -> None:
    """Each has a format of its own or a post's."""
    reachable = {each.carrier for each in FORMATS} | set(POST_OF.values())

    assert reachable.issuperset(PARCEL_CARRIERS)
    assert set(CARRIERS) == reachable - {None}


@pytest.mark.parametrize("format_", FORMATS, ids=lambda format_: format_.name)
def test_a_format_says_where_its_check_digit_is(format_: Format) -> None:
    """A rule has its part of the number, and only a rule has one."""
    assert (CHECKED in format_.pattern.groupindex) is (format_.rule is not None)
    assert (COUNTRY in format_.pattern.groupindex) is (format_.carrier is None)


@pytest.mark.parametrize(
    ("text", "carrier", "valid"),
    [
        # Published or real; the others were made from the definitions.
        ("1Z5R89390357567127", "ups", True),
        ("1ZXX3150YW44070023", "ups", True),
        ("1Z5R89390357567128", "ups", False),
        ("1Z5R8939035756712O", "ups", False),
        ("K1506235620", "ups", True),
        ("K1506235622", "ups", False),
        ("MI012352ZS16187761", "ups", None),
        ("802468401126800458", "ups", None),
        ("999999999", "ups", None),
        ("986578788855", "fedex", True),
        ("996578788855", "fedex", False),
        ("1001921334250001000300779017972697", "fedex", True),
        ("1001921334250001000300779017972698", "fedex", False),
        ("9622001900000000000000776632517510", "fedex", True),
        ("32971514560102447849175802862014", "fedex", True),
        ("041441760228964", "fedex", True),
        ("041441760228965", "fedex", False),
        ("9611020987654312345672", "fedex", True),
        ("00 0123 4500 0000 0027", "fedex", True),
        ("376104250021234569", "fedex", True),
        ("9400111206206406260787", "usps", True),
        ("9400111206206406260788", "usps", False),
        ("9505 5110 6960 5048 6006 24", "usps", True),
        ("9361 2898 7870 0317 6337 95", "usps", True),
        ("92748931507708513018050063", "usps", True),
        ("420787459400111206206406260787", "usps", True),
        ("4201002334249200190132607600833457", "usps", True),
        ("4201028200009261290113185417468510", "usps", True),
        ("4201028200009261290113185417468511", "usps", False),
        ("420 22153 9101026837331000039521", "usps", True),
        ("9101 1234 5678 9000 0000 13", "usps", True),
        ("7196 9010 7560 0307 7385", "usps", True),
        ("0307 1790 0005 2348 3741", "usps", True),
        ("0307 1790 0005 2348 3742", "usps", False),
        ("RB123456785US", "usps", True),
        ("3318810025", "dhl", True),
        ("3318810026", "dhl", False),
        ("73891051146", "dhl", True),
        ("00340433836442636597", "dhl", True),
        ("00340433836442636598", "dhl", False),
        ("JVGL0999999990", "dhl", None),
        ("JD014600003826009580", "dhl", None),
        ("GM2951173225174494", "dhl_ecommerce", None),
        ("GM9E44608A27984866BA2D", "dhl_ecommerce", None),
        ("60120172242323", "dhl_ecommerce", None),
        ("TBA010000000000", "amazon", None),
        ("TBC038034537009", "amazon", None),
        ("TBAONT500361196", "amazon", None),
        ("QA0012345678", "amazon", None),
        ("F1004444443", "amazon", None),
        ("C11031500001879", "ontrac", True),
        ("D10011354453707", "ontrac", True),
        ("C11031500001889", "ontrac", False),
        ("LX17635036", "lasership", None),
        ("1LS717793482164", "lasership", None),
        ("1LS7119013618127-1", "lasership", None),
        ("1LSCXVE005BUEFX", "lasership", None),
        ("0073938000549297", "canada_post", True),
        ("0073938000549292", "canada_post", False),
        ("331426749957", "purolator", True),
        ("KYV009956937", "purolator", None),
        ("D576002440000001718010", "canpar", None),
        ("JJD0002257639032011", "yodel", None),
        ("JD0002242617644732", "yodel", None),
        ("320019254000221BB4EFC", "royal_mail", None),
        ("021115C902CF0C99", "royal_mail", None),
        ("6A04296519970", "colissimo", True),
        ("8L20524752032", "colissimo", True),
        ("6A04296519971", "colissimo", False),
        ("1A00915820380", "la_poste", True),
        ("4P36275770836", "la_poste", True),
        ("87000720168020K", "la_poste", True),
        ("861011301731382", "la_poste", True),
        ("XU152297803JF", "chronopost", True),
        ("XW827106090JB", "chronopost", True),
        ("XN081879383FR", "chronopost", True),
        ("XN081879384FR", "chronopost", False),
        ("620999680605074433453432", "inpost", None),
        ("370700000000000014", "bring", True),
        ("370700000000000015", "bring", False),
        ("00 370700000000000014", "bring", True),
        ("70700000000000013", "bring", True),
        ("008182709980000020033350276C", "dpd", True),
        ("008182709980000020033350276A", "dpd", False),
        ("09980000020033F", "dpd", True),
        ("09980000020033D", "dpd", False),
        ("01015026003653", "dpd", None),
        ("XHAX4HDA", "gls", None),
        ("3SABCD0123456789", "postnl", None),
        ("01 99312650999998 91 2JD1234567010009303 0 2", "australia_post", True),
        ("36LB45032230", "australia_post", None),
        ("LTN74207623N1", "landmark", None),
        ("SP029692510000920746", "speedee", None),
        ("GFUS01011884214464", "gofo", None),
        ("07209562763", "old_dominion", True),
        ("80003280379", "old_dominion", True),
        ("80003280389", "old_dominion", False),
        ("LP00123456789CN", "cainiao", None),
        ("AP00755876218511", "cainiao", None),
        ("CNG00755876218511", "cainiao", None),
        ("CNFR9010123456789HD", "cainiao", None),
        ("YT2229521272164446", "yunexpress", None),
        ("UA123456789YP", "yanwen", None),
        ("4PX3000123456789CN", "4px", None),
        ("SF1234567890123", "sf_express", None),
    ],
)
def test_a_number_is_first_of_all_its_carriers(
    text: str, carrier: str, valid: bool | None
) -> None:
    """The best candidate is the one that a person expects."""
    (first, *_) = recognise(text)

    assert (first.carrier, first.valid) == (carrier, valid)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("TBB000000000000", id="no country of Amazon's"),
        pytest.param("2Z5R89390357567127", id="2Z"),
        pytest.param("XJD0099999998", id="a letter too many"),
        pytest.param("AAAAAAAAAAAAAAAAAA", id="letters"),
        pytest.param("70700000000000014", id="no shipment of Bring's"),
        pytest.param("GFUS0101188421446", id="a digit too few"),
        pytest.param("LSN74209518N1", id="not LTN"),
        pytest.param("9200000000000000000000", id="92 without a long mailer id"),
        pytest.param("{{ states('sensor.number') }}", id="template"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_number_of_no_known_format_has_no_candidate(text: str) -> None:
    """Better none than a guess."""
    assert recognise(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "1Z5R89390357567128",
        "RB123456786US",
        "9400111206206406260788",
        "4201028200009261290113185417468511",
        "0307 1790 0005 2348 3742",
        "996578788855",
        "041441760228965",
        "3318810026",
        "C11031500001889",
        "0073938000549292",
        "6A04296519971",
        "09980000020033D",
        "370700000000000015",
    ],
)
def test_a_mistyped_number_is_wrong_for_everyone(text: str) -> None:
    """No looser format makes a slip look right."""
    found = recognise(text)

    assert found
    assert all(each.valid is False for each in found)


def test_twelve_digits_that_verify_are_fedex_first() -> None:
    """Others that share the shape come after, with their own verdict."""
    assert [(each.carrier, each.valid) for each in recognise("287809468872")] == [
        ("fedex", True),
        ("purolator", True),
    ]
    assert [(each.carrier, each.valid) for each in recognise("331426749957")] == [
        ("purolator", True),
        ("fedex", False),
    ]


def test_a_number_common_at_home_only_counts_at_home() -> None:
    """GLS's and Deutsche Post's twelve digits are a slip of FedEx's elsewhere."""
    gls, identcode = "201112345679", "428001369716"

    assert "gls" not in {each.carrier for each in recognise(gls)}
    assert "gls" not in {each.carrier for each in recognise(gls, home="US")}
    (first, *_) = recognise(gls, home="DE")
    assert (first.carrier, first.valid) == ("gls", True)

    assert all(each.valid is False for each in recognise(identcode))
    assert any(
        each.carrier == "dhl" and each.valid for each in recognise(identcode, home="DE")
    )
    assert ("gls", None) in {
        (each.carrier, each.valid) for each in recognise("20111234567", home="AT")
    }


def test_a_french_item_is_the_posts_and_its_express_is_chronoposts() -> None:
    """The reserved service letter X is Chronopost's; the others are La Poste's."""

    def carriers(text: str) -> list[str]:
        return [each.carrier for each in recognise(text)]

    assert carriers("RA123456785FR") == ["la_poste"]
    assert carriers("CA688211167FR") == ["la_poste", "colissimo"]
    assert carriers("EW112720413FR") == ["la_poste", "colissimo"]
    assert carriers("EE123456785FR") == ["la_poste", "chronopost"]
    assert carriers("XN081879383FR") == ["chronopost", "la_poste"]


def test_dhls_family_is_named_both_ways() -> None:
    """People say DHL to DHL eCommerce too."""
    assert [each.carrier for each in recognise("GM2951173225174494")] == [
        "dhl_ecommerce",
        "dhl",
    ]


def test_cainiaos_number_is_not_a_postal_item() -> None:
    """Eleven digits where the post has nine."""
    assert [each.carrier for each in recognise("LP00123456789CN")] == ["cainiao"]
    assert [each.carrier for each in recognise("LP123456785CN")] == ["china_post"]


def test_a_container_of_europe_is_not_the_uspss() -> None:
    """Twenty digits after 00 are a GS1 container, whose check digit is the same."""
    assert recognise("00559007730000000018") == []
