"""Names are understood as people say them, and only those that are meant."""

from hypothesis import example, given, strategies as st
import pytest

from custom_components.waybill.spoken_names import (
    Named,
    NameWords,
    fold,
    meant,
    name_words,
    sayings,
)
from custom_components.waybill.spoken_numbers import written_number
from custom_components.waybill.spoken_sentences import sentences_in

WORDS = name_words(["the", "my", "les", "mes", "parcel"], ["s", "es"])
PARCELS = [
    Named(key="running", name="Running shoes", hints=("Cainiao", "Temu")),
    Named(key="rain", name="Rain shoes", hints=("China Post", "AliExpress")),
    Named(key="lamp", name="Lámpara de mesa"),
    Named(key="phone", name="Phone charger"),
    Named(key="lodz", name="Buty z Łodzi"),
]
letters = st.text(st.characters(categories=["L"]), min_size=3, max_size=9)
names = st.lists(letters, min_size=1, max_size=4).map(" ".join)


@pytest.mark.parametrize(
    ("said", "keys"),
    [
        ("Running shoes", ["running"]),
        ("my running shoes", ["running"]),
        ("shoes running", ["running"]),
        ("running", ["running"]),
        ("running shoe", ["running"]),
        ("runing shoes", ["running"]),
        ("black running shoes", ["running"]),
        ("runningshoes", ["running"]),
        ("the shoes", ["running", "rain"]),
        ("shoe", ["running", "rain"]),
        ("Temu", ["running"]),
        ("the temu shoes", ["running"]),
        ("Ali Express", ["rain"]),
        ("ali expres", ["rain"]),
        ("china post", ["rain"]),
        ("lampara", ["lamp"]),
        ("LÁMPARA", ["lamp"]),
        ("mesa de lampara", ["lamp"]),
        ("lodzi", ["lodz"]),
        ("phone case", []),
        ("toaster", []),
        ("pho", []),
        ("", []),
        ("?!", []),
        ("the", []),
    ],
)
def test_a_name_is_understood(said: str, keys: list[str]) -> None:
    assert meant(said, PARCELS, WORDS) == keys


def test_a_name_that_is_an_ending_away_from_another_can_still_be_said() -> None:
    two = [Named(key="one", name="Boot"), Named(key="pair", name="Boots")]
    assert meant("my boots", two, WORDS) == ["pair"]
    assert meant("boot", two, WORDS) == ["one"]


def test_the_whole_name_goes_before_a_part_of_another() -> None:
    parcels = [Named(key="a", name="Shoes"), Named(key="b", name="Running shoes")]
    assert meant("the shoes", parcels, WORDS) == ["a"]


def test_a_name_of_little_words_only_is_still_a_name() -> None:
    assert meant("my parcel", [Named(key="a", name="My parcel")], WORDS) == ["a"]


@given(names)
def test_a_parcel_is_known_by_its_own_name(name: str) -> None:
    assert meant(name, [Named(key="it", name=name)], NameWords()) == ["it"]


@given(names, st.randoms())
def test_neither_order_nor_case_counts(name: str, random: object) -> None:
    words = name.split()
    random.shuffle(words)  # type: ignore[attr-defined]
    parcels = [Named(key="it", name=name)]
    assert meant(" ".join(words), parcels, WORDS) == ["it"]
    assert meant(fold(name), parcels, WORDS) == ["it"]


@given(st.text(max_size=300), st.lists(st.text(max_size=300), max_size=5))
def test_only_parcels_that_there_are_can_be_meant(said: str, others: list[str]) -> None:
    parcels = [Named(key=str(n), name=name) for n, name in enumerate(others)]
    found = meant(said, parcels, WORDS)
    assert len(found) == len(set(found))
    assert set(found) <= {parcel.key for parcel in parcels}


@given(st.text(max_size=300))
def test_nothing_in_a_name_is_syntax(name: str) -> None:
    said = sayings(name, WORDS)
    assert len(said) <= 4 * 8 * 5
    for saying in said:
        assert not set(saying) & set("{}[]()<>|;:\\.?!")
        assert all(char.isalnum() or char in " '-" for char in saying)


@given(st.text(max_size=40))
@example("AA\N{MATHEMATICAL BOLD ITALIC CAPITAL ALPHA}")
def test_what_is_plain_stays_as_it_is(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(names)
@example("AA\N{MATHEMATICAL BOLD ITALIC CAPITAL ALPHA}")
def test_what_can_be_said_for_a_name_means_it(name: str) -> None:
    parcels = [Named(key="it", name=name)]
    for saying in sayings(name, WORDS):
        assert meant(saying, parcels, WORDS) == ["it"]


def test_not_even_what_a_letter_stands_for_is_syntax() -> None:
    said = sayings("Lamp⑴ case", WORDS)
    assert not set("".join(said)) & set("()")


def test_an_article_within_a_word_may_be_left_out() -> None:
    said = sayings("L’horloge d'Anna", sentences_in("fr").names, {"anna"})
    assert {"l'horloge d'anna", "horloge"} <= set(said)
    assert "anna" not in said


def test_an_adjective_may_be_in_another_case() -> None:
    german = sentences_in("de").names
    said = sayings("Rote Schuhe", german)
    assert {"rote schuhe", "roten schuhe", "roter schuhe"} <= set(said)
    dutch = sentences_in("nl").names
    assert "nieuwe boek" in sayings("Nieuw boek", dutch)
    assert meant("nieuwe boek", [Named(key="it", name="Nieuw boek")], dutch) == ["it"]


@pytest.mark.parametrize(
    ("said", "keys"),
    [
        ("die Schuhe", ["running", "rain"]),
        ("der Schuh", ["running", "rain"]),
        ("mit den roten Schuhen", ["rain"]),
        ("Laufschuhpaket", ["running"]),
        ("die Temu-Schuhe", ["rain"]),
        ("Gitarren", ["strings"]),
        ("Saiten", ["strings"]),
        ("Buch", ["book"]),
        ("Kochbuch", ["cookbook"]),
        ("Postkarte", []),
        ("Toaster", []),
    ],
)
def test_a_part_of_a_compound_is_understood(said: str, keys: list[str]) -> None:
    parcels = [
        Named(key="running", name="Laufschuhe", hints=("Deutsche Post",)),
        Named(key="rain", name="Rote Regenschuhe", hints=("DHL", "Temu")),
        Named(key="strings", name="Gitarrensaiten"),
        Named(key="book", name="Buch"),
        Named(key="cookbook", name="Kochbuch"),
    ]
    assert meant(said, parcels, sentences_in("de").names) == keys


def test_the_end_of_a_compound_may_be_said_for_it() -> None:
    german = sentences_in("de").names
    said = sayings("Laufschuhe USB-Kabel", german, {"aufschuhe"})
    assert {"schuhe", "usb kabel", "kabel"} <= set(said)
    assert not {"aufschuhe", "uhe"} & set(said)
    parcels = [Named(key="it", name="Laufschuhe USB-Kabel")]
    assert all(meant(saying, parcels, german) == ["it"] for saying in said)


@pytest.mark.parametrize(
    ("language", "said", "number"),
    [
        ("en", "L X 1 2 3 four five C N", "LX12345CN"),
        ("en", "one oh three", "103"),
        ("en", "lx-123.456 789", "LX123456789"),
        ("fr", "un deux zéro zero neuf", "12009"),
        ("de", "L X eins zwo fünf null", "LX1250"),
        ("nl", "L X één twee vijf nul", "LX1250"),
        ("en", "hello world", "HELLOWORLD"),
        ("en", "", ""),
    ],
)
def test_a_number_is_written_as_it_is_spelled(
    language: str, said: str, number: str
) -> None:
    assert written_number(said, sentences_in(language).digits) == number
