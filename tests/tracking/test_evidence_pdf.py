"""The dispute file as PDF shows what carriers write, in their own letters."""

from dataclasses import replace
from io import BytesIO
import logging

from PIL import Image
import pypdfium2
import pytest

from custom_components.waybill.tracking.evidence_pdf import Pdf, pdf
from custom_components.waybill.tracking.journal import Journal, merge
from custom_components.waybill.tracking.model import Answer

from .cases import NUMBER, PHOTO, START, case, dossier_of, page_of, scan


def text_of(made: Pdf) -> str:
    """Return all text of a PDF, without breaks of line."""
    document = pypdfium2.PdfDocument(made.content)
    assert len(document) == made.pages
    pages = [sheet.get_textpage().get_text_range() for sheet in document]
    return "".join("".join(pages).split())


def with_words(*words: str) -> Journal:
    """Return the case, and what the carrier wrote besides."""
    journal, _ = case()
    for number, text in enumerate(words):
        event = scan(3, words=text, written_time=f"later {number}")
        journal = merge(
            journal, "cainiao", Answer(tracking_number=NUMBER, events=(event,)), START
        )
    return journal


def test_accents_cyrillic_and_chinese_are_shown() -> None:
    journal, answers = case()
    text = text_of(pdf(page_of(dossier_of(journal, answers), "fr")))
    for shown in (
        "DOSSIERDELITIGE", "ChaussuresdeZoé", "Colisarrivé", "çàetlà",
        "Zażółćgęśląjaźń", "Посылкапрошлатаможню", "快件已到达深圳分拨中心",
        "盒子破了", "深圳HappyShoes", "Page1sur",
    ):  # fmt: skip
        assert shown in text
    assert journal.chain[-1].hash in text


def test_what_no_font_can_show_fails_nothing_and_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    journal = with_words(
        "한국어 العربية 🎁 secret", "**bold** __x__ {nb} \\", "a" * 5000
    )
    text = text_of(pdf(page_of(dossier_of(journal))))
    assert "□□□" in text
    assert "secret" in text
    assert "**bold**__x__" in text
    assert "secret" not in caplog.text
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


def test_headers_stand_on_every_page_of_a_long_table() -> None:
    journal = with_words(*(f"words {number}" for number in range(60)))
    made = pdf(page_of(dossier_of(journal)))
    document = pypdfium2.PdfDocument(made.content)
    headed = [
        "Where from" in sheet.get_textpage().get_text_range() for sheet in document
    ]
    assert sum(headed) >= 4
    text = text_of(made)
    assert all(f"words{number}" in text for number in range(60))


def test_the_longest_texts_leave_nothing_out_of_the_page() -> None:
    journal = with_words("开" * 3000)
    track, *others = journal.tracks
    newest = replace(
        track.events[0],
        description="关" * 3000,
        earlier_words=tuple(f"{n}" + "长" * 3000 for n in range(8)),
    )
    journal = replace(
        journal, tracks=(replace(track, events=(newest, *track.events[1:])), *others)
    )
    text = text_of(pdf(page_of(dossier_of(journal))))
    assert all(f"{number}长长" in text for number in range(8))


def test_photos_are_shown() -> None:
    written = BytesIO()
    Image.new("RGB", (300, 200), (200, 30, 30)).save(written, "JPEG")
    journal, answers = case()
    told = dossier_of(journal, answers)
    made = pdf(page_of(told, pictures={PHOTO.sha256: written.getvalue()}))
    sheets = list(pypdfium2.PdfDocument(made.content))
    assert [
        found for sheet in sheets for found in sheet.get_objects() if found.type == 3
    ]
    assert PHOTO.sha256 in text_of(made)
