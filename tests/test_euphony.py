"""Words that change with what follows them."""

import pytest

from custom_components.waybill.euphony import at_one, before_last


@pytest.mark.parametrize(
    ("language", "names", "word", "told"),
    [
        ("es", ("Mesa", "Impresora"), "y", "Mesa e Impresora"),
        ("es", ("Mesa", "Hilo"), "y", "Mesa e Hilo"),
        ("es", ("Mesa", "Hierbas"), "y", "Mesa y Hierbas"),
        ("es", ("Mesa", "iPhone"), "y", "Mesa y iPhone"),
        ("es", ("Mesa", "Impresora"), "o", "Mesa o Impresora"),
        ("es", ("Mesa", "Olla"), "o", "Mesa u Olla"),
        ("es", ("Mesa", "8 tazas"), "o", "Mesa u 8 tazas"),
        ("es", ("Mesa", "Olla"), "y", "Mesa y Olla"),
        ("es", ("Uno o Impresora", "Mesa"), "y", "Uno o Impresora y Mesa"),
        ("pt", ("Mesa", "Impressora"), "e", "Mesa e Impressora"),
    ],
)
def test_a_conjunction_fits_the_last_name(
    language: str, names: tuple[str, str], word: str, told: str
) -> None:
    assert before_last(f" {word} ".join(names), names[1], language) == told


def test_a_name_alone_has_no_conjunction() -> None:
    assert before_last("Impresora", "Impresora", "es") == "Impresora"


@pytest.mark.parametrize(
    ("language", "text", "told"),
    [
        ("es", "hoy a las 1:05", "hoy a la 1:05"),
        ("es", "entre las 1:00 y las 11:00", "entre la 1:00 y las 11:00"),
        ("es", "hoy a las 14:05", "hoy a las 14:05"),
        ("pt", "hoje às 01:05", "hoje à 01:05"),
        ("pt", "entre as 01:00 e as 11:00", "entre a 01:00 e as 11:00"),
        ("pt", "hoje às 13:05", "hoje às 13:05"),
        ("en", "today at 1:05 PM", "today at 1:05 PM"),
    ],
)
def test_one_o_clock_has_its_article(language: str, text: str, told: str) -> None:
    assert at_one(text, language) == told
