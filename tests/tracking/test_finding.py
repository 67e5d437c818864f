"""Tracking numbers are found in what people paste, and nothing else is."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from unittest.mock import patch

from hypothesis import example, given, strategies as st
import pytest
import yaml

from custom_components.waybill.tracking.finding import (
    MOST_FOUND,
    Evidence,
    Found,
    find,
    strength,
    surroundings,
)
from custom_components.waybill.tracking.finding.message_text import (
    LONGEST_MESSAGE,
    read_message,
)
from custom_components.waybill.tracking.numbers import normalise, recognise
from custom_components.waybill.tracking.numbers.check_digits import gls
from tests.simulator.numbers import cainiao, s10, usps

from .other_numbers import fill

TEXTS = Path(__file__).parents[1] / "fixtures/texts"
MESSAGES_WITHOUT = 200

UPS = "1Z999AA10123456784"
MISTYPED_UPS = "1Z999AA10123456785"
USPS = usps(20620640626078)
LP = cainiao(123456789012)
RB = s10("RB", 12345678, "GB")
# Fourteen digits could be anything; DPD numbers its parcels so.
DPD = "15501234567890"
OTHER_DPD = "15501234567891"


@dataclass(frozen=True)
class Text:
    """A message of the corpus, and the numbers that a person sees in it."""

    name: str
    numbers: list[str]
    home: str | None
    body: str


def texts() -> Iterator[Text]:
    """Read the corpus of messages with tracking numbers."""
    for path in sorted((TEXTS / "tracking").iterdir()):
        _, head, body = path.read_text("utf-8").split("---\n", 2)
        said = yaml.safe_load(head)
        yield Text(path.name, said["numbers"], said.get("home"), body)


def numbers(text: str, home: str | None = None) -> list[str]:
    """Return the numbers found, in order."""
    return [found.number for found in find(text, home)]


def evidence(text: str) -> Evidence | None:
    """Return why the one number of a text was taken."""
    (found,) = find(text) or [None]
    return found and found.evidence


def test_at_least_95_of_100_numbers_in_messages_are_found() -> None:
    every = list(texts())
    languages = {text.name.split("_")[1] for text in every}
    assert len(every) >= 40
    assert len(languages) >= 6
    wanted = [(text.name, number) for text in every for number in text.numbers]
    found = [(text.name, n) for text in every for n in numbers(text.body, text.home)]
    missed = set(wanted) - set(found)
    assert len(missed) <= 0.05 * len(wanted), missed
    assert len(set(found) - set(wanted)) <= 1, set(found) - set(wanted)


@pytest.mark.parametrize("text", texts(), ids=lambda text: text.name)
def test_a_text_of_the_corpus_holds_numbers_as_carriers_make_them(text: Text) -> None:
    seen = normalise(text.body) and read_message(text.body)
    shown = "".join(c for c in seen.text if c.isalnum()).upper()
    shown += "".join(link.address for link in seen.links).upper()
    for number in text.numbers:
        assert number in shown
        verdicts = [c.valid for c in recognise(number, home=text.home)]
        # No carrier that is known, or none whose check digit is wrong.
        assert not verdicts or verdicts[0] is not False or text.name in UNCHECKED


# Of carriers whose check digits are not published.
UNCHECKED = {
    "29_fr_mondial_relay.txt",
    "46_zh_kuaidi.txt",
    "47_ja_yamato.txt",
    "75_ar_aramex.txt",
    "78_it_brt.txt",
    "80_ja_sagawa.txt",
}


@pytest.mark.parametrize("home", [None, "DE"])
def test_at_most_two_of_200_messages_without_a_parcel_seem_to_hold_one(
    home: str | None,
) -> None:
    templates = sorted((TEXTS / "other").iterdir())
    assert len(templates) >= 40
    wrong = {}
    for index in range(MESSAGES_WITHOUT):
        path = templates[index % len(templates)]
        message = fill(path.read_text("utf-8"), Random(f"{index} {path.name}"))
        if found := numbers(message, home):
            wrong[index, path.name] = found
    assert len(wrong) <= 2, wrong


@pytest.mark.parametrize(
    "text",
    [
        "1Z 999 AA1 01 2345 6784",
        "1z999aa10123456784",
        "Tracking number1Z999AA10123456784Carrier: UPS",
        "1Z999AA1\n0123456784",
        "<b>1Z999AA1</b><wbr>0123456784",
        "<td>1Z999AA10123456784</td><td>302</td>",
        "１Ｚ９９９ＡＡ１０１２３４５６７８４",
        "1Z999AA1\u200b0123\u00ad456784",
        "1Z\u00a0999\u2009AA1\u202f0123456784",
        "1Z999AA10=\n123456784 =E2=80=93 =C3=A9",
        "**Tracking:** `1Z999AA10123456784`.",
        "(1Z999AA10123456784)",
        "&#49;Z999AA10123456784",
    ],
)
def test_a_telling_number_is_found_however_it_was_pasted(text: str) -> None:
    assert numbers(text) == [UPS]


@pytest.mark.parametrize(
    "text",
    [
        "<script>var x='1Z999AA10123456784'</script>",
        "<style>.x{content:'1Z999AA10123456784'}</style><p>Hello</p>",
        "<p>Hello</p><!-- 1Z999AA10123456784 -->",
        "Invoice number: LP00123456789012",
        "Order no. LP00123456789012",
        "https://shop.example/1Z999AA10123456784.html",
        "https://shop.example/?order=1Z999AA10123456784",
        "1Z999AA10123456784@shop.example",
        "x1Z999AA10123456784",
        "1Z999AA10123456785",
        "IBAN DE89 3704 0044 0532 0130 00",
        "DE89370400440532013000",
        "550e8400-e29b-41d4-a716-446655440000",
    ],
)
def test_what_nobody_sees_as_a_tracking_number_is_not_found(text: str) -> None:
    assert numbers(text) == []


@pytest.mark.parametrize(
    "label",
    [
        "Tracking number: ", "Tracking #(s) ", "Your DPD tracking number is ",
        "Numéro de suivi : ", "Nume\u0301ro de suivi : ", "N° de suivi de votre colis : ",
        "Sendungsnummer zu Ihrer Bestellung: ", "SENDUNGS-NR.", "Número de seguimiento: ",
        "Codice di tracciamento\n", "Trackingnummer: ", "Número de rastreio\n\n",
        "Numer przesyłki: ", "Номер отслеживания: ", "运单号：", "快递单号", "追跡番号：",
        "trackingNumber: ", '"tracking_number": "', "<th>Tracking</th>\n<td>",
    ],
)  # fmt: skip
def test_a_label_in_any_language_makes_digits_a_number(label: str) -> None:
    (found,) = find(f"{label}{DPD}")
    assert (found.number, found.evidence) == (DPD, Evidence.LABEL)
    assert found.candidates[0].carrier == "dpd"


@pytest.mark.parametrize(
    "label",
    [
        "", "Order ", "Order number: ", "Tracking number pending. Order ", "Invoice no. ",
        "N° de commande : ", "Facture ", "Bestellnummer: ", "Rechnung Nr. ", "Pedido ",
        "Kundennummer ", "Numer zamówienia ", "Заказ ", "订单编号：", "ご注文番号：", "Tel. ",
        "Reference: ", "Tracking number: 12.10.2026 / ", "Tracking number of order ",
        "Track your order ", "Tracking number $", "EAN ",
    ],
)  # fmt: skip
def test_digits_that_are_said_to_be_something_else_are_not_found(label: str) -> None:
    assert numbers(f"{label}{DPD}") == []


def test_each_number_goes_by_its_own_label() -> None:
    text = f"Order: {OTHER_DPD}, tracking number: {DPD}, invoice {OTHER_DPD}"
    assert numbers(text) == [DPD]


@pytest.mark.parametrize(
    "table",
    [
        "Order\tTracking number\tTotal\n{other}\t{wanted}\t1.00\n",
        "<table><tr><th>Order<th>Tracking number<tr><td>{other}<td>{wanted}</table>",
        "<tr><td><p>Order</p><td><p>Tracking number</p><tr><td>\n{other}<td>{wanted}\n",
        "order_id,tracking_number,carrier\n{other},{wanted},DPD\n",
        "Order;Tracking number\n{other};{wanted}\n",
        "| Order | Tracking number |\n|---|---|\n| {other} | {wanted} |\n",
    ],
)
def test_a_number_in_a_table_goes_by_the_heading_of_its_column(table: str) -> None:
    assert numbers(table.format(other=OTHER_DPD, wanted=DPD)) == [DPD]


def test_a_table_ends_where_its_lines_do() -> None:
    text = f"Order\tTracking number\n1\t{DPD}\nThank you.\n2\t{OTHER_DPD}\n"
    assert numbers(text) == [DPD]


@pytest.mark.parametrize(
    "text",
    [
        f"Tracking numbers: {DPD}, {OTHER_DPD}",
        f"Sendungsnummern:\n- {DPD}\n- {OTHER_DPD}",
        f"DPD {DPD} and {OTHER_DPD}",
        f"{DPD} is your tracking number; {OTHER_DPD}",
    ],
)
def test_a_list_goes_on_as_it_began(text: str) -> None:
    assert numbers(text) == [DPD, OTHER_DPD]


def test_grouped_digits_behind_a_label_are_one_number() -> None:
    assert numbers("Tracking number: 1550 1234 5678 90 (DPD)") == [DPD]
    assert numbers("Tracking number: 1550 1234 5678 90 12 May") == [DPD]
    assert numbers("Order: 1550 1234 5678 90") == []
    assert numbers("1550 1234 5678 90") == []


def test_a_carrier_beside_digits_makes_them_its_number() -> None:
    assert evidence(f"DPD: {DPD}") is Evidence.CARRIER
    assert evidence(f"{DPD} (DPD)") is Evidence.CARRIER
    assert numbers(f"USPS: {DPD}") == []
    assert numbers(f"DPD is best. Since 1987, dear friends of ours: {DPD}") == []


def test_a_number_of_unknown_form_needs_a_label_directly_in_front() -> None:
    assert numbers("Tracking number: ZZ77B0012345678") == ["ZZ77B0012345678"]
    assert numbers("Tracking number: ZZ-77-1234567") == ["ZZ771234567"]
    assert numbers("Tracking: 171-1234567-1234567") == []
    assert numbers("Tracking number will follow: ZZ77B0012345678") == []
    assert numbers("ZZ77B0012345678") == []


def test_digits_with_a_right_check_digit_need_a_label_near_only() -> None:
    text = "Tracking number, valid from Monday on the site of the carrier: {}"
    assert numbers(text.format("120901796538")) == ["120901796538"]
    assert numbers(text.format("120901796539")) == []
    assert numbers("Your parcel 120901796538 is on its way") == ["120901796538"]
    assert numbers("Your parcel 120901796539 is on its way") == []


def test_of_labels_that_overlap_the_one_of_a_parcel_counts() -> None:
    assert numbers(f"Order tracking number {DPD}") == [DPD]
    assert numbers(f"Bon de livraison n° de colis {DPD}") == [DPD]
    assert numbers(f"Sales order tracking number {DPD}") == [DPD]


def test_a_line_separator_ends_a_line() -> None:
    assert numbers(f"DPD\u2028\u2028\u2028{DPD}") == []
    assert numbers(f"DPD\u2028{DPD}") == [DPD]


def test_a_wrong_check_digit_needs_a_label_directly_in_front() -> None:
    assert numbers(f"Tracking number: {MISTYPED_UPS}") == [MISTYPED_UPS]
    assert numbers(f"UPS {MISTYPED_UPS}") == []


def test_what_is_certain_stands_behind_a_mere_word_for_an_order() -> None:
    assert numbers(f"Your order {UPS} is on its way") == [UPS]
    assert numbers(f"Reference: {RB}") == [RB]


@pytest.mark.parametrize(
    "address",
    [
        f"https://www.ups.com/track?loc=en_US&tracknum={UPS}&requester=ST/",
        f"https://t.17track.net/en#nums={UPS}",
        f"https://shop.example/apps/parcels?tracking_number={UPS}",
        f"https://parcelsapp.com/en/tracking/{UPS}",
        "https://click.shop.example/?u=https%3A%2F%2Fwww.ups.com%2Ftrack%3Ftracknum%3D"
        + UPS,
    ],
)
@pytest.mark.parametrize("frame", ["{}", '<a href="{}">Track</a>', "See <{}>."])
def test_a_link_that_follows_a_parcel_names_its_number(
    address: str, frame: str
) -> None:
    (found,) = find(frame.format(address))
    assert (found.number, found.evidence) == (UPS, Evidence.LINK)


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        (f"https://jouw.dpd.nl/track/{DPD}", [DPD]),
        (f"https://www.dpd.co.uk/parcels?parcelNumber={DPD},{OTHER_DPD}", [DPD, OTHER_DPD]),
        ("https://www.ups.com/track?tracknum=ZZ77B0012345678", ["ZZ77B0012345678"]),
        (f"https://news.dpd.com/u/{DPD}", []),
        (f"https://shop.example/track?tracking={DPD}", []),
        (f"https://www.dpd.com/?order={DPD}", []),
        ("https://www.ups.com/track?tracknum=20261012", []),
        ("https://www.ups.com/track?tracknum=today", []),
        ("https://www.dhl.com/track?id=1234567", []),
        ("https://www.dhl.com/track?id=418277340", []),
        (f"https://[ups.com/track?tracknum={DPD}", []),
    ],
)  # fmt: skip
def test_a_plain_number_in_a_link_needs_a_carriers_page(
    address: str, wanted: list[str]
) -> None:
    assert numbers(address) == wanted


@pytest.mark.parametrize(
    "text",
    [
        f"> Tracking number:\n> {DPD}",
        f">> >Tracking number:\n>>> {DPD}",
        f"Carried by DPD\\nTracking number: {DPD}\\nThank you",
        f'{{"text": "Tracking number:\\\\r\\\\n{DPD}\\\\n"}}',
        f"BEGIN:VCALENDAR\nDESCRIPTION:Tracking num\n ber: {DPD[:6]}\n\t{DPD[6:]}\\, DPD",
    ],
)
def test_what_programs_add_to_lines_is_not_in_the_way(text: str) -> None:
    assert numbers(text) == [DPD]


def test_an_ordinary_line_is_not_joined_as_one_of_an_invitation_is() -> None:
    assert DPD not in numbers(f"Tracking number: {DPD[:9]}\n {DPD[9:]}")


def test_a_number_that_goes_on_in_the_next_quoted_line_is_whole() -> None:
    assert numbers(f"> Your parcel is {USPS[:8]}\n> {USPS[8:]}.") == [USPS]


def test_a_carriers_name_before_a_hyphen_is_no_part_of_the_number() -> None:
    assert numbers(f"Tracking: UPS-{UPS}") == [UPS]
    assert numbers(f"Tracking: DPD-{DPD}") == [DPD]


def test_an_order_number_made_of_the_day_is_not_telling() -> None:
    assert numbers("SF202610051234") == []
    assert numbers("LP20261005123456") == []
    assert numbers("Tracking number: SF202610051234") == ["SF202610051234"]


def test_a_parcels_number_of_groups_of_letters_and_digits_is_one() -> None:
    assert numbers("Your parcel C00HHA0412338194 is near") == ["C00HHA0412338194"]
    assert numbers("Order C00HHA0412338194 is near") == []
    assert numbers("Shipped: SKU00418827731") == []


def test_a_carriers_own_beginning_tells_enough_behind_a_word_for_a_parcel() -> None:
    assert numbers("Je pakket 3SABCD1234567 komt morgen") == ["3SABCD1234567"]
    assert numbers("Je bestelling 3SABCD1234567 komt morgen") == []
    assert numbers("Your package SF202610051234 is near") == []


def test_numbers_come_in_their_order_and_once() -> None:
    text = (
        f'{LP} <a href="https://www.ups.com/track?tracknum={UPS}">{LP}</a> {UPS} {RB}'
    )
    assert numbers(text) == [LP, UPS, RB]


def test_a_bar_code_and_the_number_in_it_are_one() -> None:
    assert numbers(f"{USPS} 42090210{USPS}") == [USPS]


def test_what_a_page_says_to_mail_programs_is_read() -> None:
    page = (
        f'<div itemscope><meta itemprop="trackingNumber" content="{DPD}"/>Hello</div>'
    )
    assert numbers(page) == [DPD]


def test_some_numbers_are_told_apart_by_the_home_only() -> None:
    number = f"60912345678{gls('60912345678')}"
    (found,) = find(f"Paketnummer: {number}", "DE")
    assert "gls" in {candidate.carrier for candidate in found.candidates}
    (found,) = find(f"Paketnummer: {number}")
    assert "gls" not in {candidate.carrier for candidate in found.candidates}


def test_no_more_is_found_than_a_message_can_hold() -> None:
    text = "\n".join(cainiao(serial) for serial in range(2 * MOST_FOUND))
    assert numbers(text) == [cainiao(serial) for serial in range(MOST_FOUND)]


def test_what_is_too_long_is_cut() -> None:
    assert numbers(" " * LONGEST_MESSAGE + UPS) == []
    assert numbers(" " * (LONGEST_MESSAGE - len(UPS)) + UPS) == [UPS]


HOSTILE = (
    "1 ", "1Z ", "LP ", "1Z999AA1 ", "tracking number ", "UPS ", "order\t", "\n1", "A1-",
    "<", "<a ", "<!--", "<td>1", "&#", "&a", "=C3", "=\n", "aA", "IBAN DE12 ",
    "http://a?b=http://", "https://ups.com/track/1Z1Z1Z1Z/", "a\u0301", "１",
    "\u0327\u0301", "tracking number 12 34 56 ", ">", "\\", "\\n", "\n ",
    "BEGIN:VCALENDAR\n ", "Paczka 1A1A1 ",
)  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_the_work_is_bounded_whatever_is_pasted(piece: str) -> None:
    with patch.object(strength, "recognise", side_effect=recognise) as asked:
        assert len(find(piece * (LONGEST_MESSAGE // len(piece)))) <= MOST_FOUND
    assert asked.call_count <= 1000


@pytest.mark.parametrize(
    "text",
    [
        "DPD " + "word " * 8000 + " . ".join(str(15501234567890 + n) for n in range(999)),
        " . ".join(str(15501234567890 + n) for n in range(999)) + " word" * 8000 + " DPD",
        " . ".join(str(15501234567890 + n) for n in range(999)) + "." * 9999 + "tracking",
    ],
)  # fmt: skip
def test_what_stands_far_from_a_number_is_not_read_for_it(text: str) -> None:
    with patch.object(
        surroundings, "_connects", side_effect=surroundings._connects
    ) as read:
        assert find(text) == ()
    assert sum(len(call.args[0]) for call in read.call_args_list) <= len(text)


def test_more_different_numbers_than_can_be_recognised_are_let_be() -> None:
    text = " ".join(str(10**15 + serial) for serial in range(12_000))
    with patch.object(strength, "recognise", side_effect=recognise) as asked:
        assert find(text) == ()
    assert asked.call_count == 1000


@given(st.text() | st.text(alphabet="<>/a1Z-= \n\t&#;:'\"htps.?%tracking"))
@example("<![CDATA[")
@example("http://[")
@example("tracking number: ²²²²²²²²")
def test_any_text_is_answered(text: str) -> None:
    found = find(text)
    assert all(isinstance(one, Found) for one in found)
    assert len({one.number for one in found}) == len(found)
    for one in found:
        assert one.number == normalise(one.number)
        assert one.number.isascii() and one.number.isalnum()


LINES = st.lists(st.text(alphabet="abc dä.,:!\n", max_size=60), max_size=8)


@given(
    LINES, LINES, st.integers(0, 99_999_999), st.sampled_from(["\n", "\r\n", "<br>"])
)
def test_a_labelled_number_is_found_among_any_lines(
    before: list[str], behind: list[str], serial: int, end: str
) -> None:
    number = s10("RB", serial, "GB")
    lines = [*before, f"Tracking number: {number}", *behind]
    assert number in numbers(end.join(lines))
