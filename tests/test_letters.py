"""The message to the seller reads as a person would write it, and says what is known."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
import re
from typing import Any, Final
import unicodedata

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.letters import OCCASIONS, letter
from custom_components.waybill.tracking.journal import Journal, merge, open_journal
from custom_components.waybill.tracking.model import (
    Answer,
    Estimate,
    Photo,
    Problem,
    ProblemKind,
    Stage,
    TrackingEvent,
)
from custom_components.waybill.tracking.parcel import About, Parcel, snapshot
from custom_components.waybill.tracking.problems import report
from custom_components.waybill.tracking.recording import record_event

from .conftest import NUMBER, PARCEL_ID
from .flow_texts import LANGUAGES, placeholders, texts

LETTERS = Path(__file__).parent / "fixtures/letters"
NOW: Final = datetime(2026, 7, 10, 12, tzinfo=UTC)
TODAY: Final = NOW.date()
ABOUT: Final = About(
    name="Running shoes",
    seller="Shoe shop",
    order_number="8123-55",
    ordered_on=date(2026, 6, 1),
    expected_by=date(2026, 7, 1),
    protection_until=date(2026, 8, 14),
)


def scan(day: int, **fields: Any) -> TrackingEvent:
    """Return a line of the carrier, of a day in June."""
    at = datetime(2026, 6, day, 9, 30, tzinfo=UTC)
    return TrackingEvent(
        provider="cainiao",
        tracking_number=NUMBER,
        code=f"CODE_{day}",
        written_time=at.isoformat(),
        **{"time": at, "stage": Stage.IN_TRANSIT} | fields,
    )


def problem(kind: str, **fields: Any) -> Problem:
    """Return a problem as it was reported."""
    return Problem(
        problem_id=kind, problem=ProblemKind(kind), reported_at=NOW, **fields
    )


def seen(journal: Journal, about: About) -> Parcel:
    """Return the parcel as the house sees it."""
    return snapshot(journal, about, (), UTC, now=NOW)


def told(*events: TrackingEvent, **fields: Any) -> Journal:
    """Return the journal of a parcel of which a carrier tells; the newest first."""
    journal = open_journal(PARCEL_ID, NUMBER, datetime(2026, 6, 2, tzinfo=UTC))
    answer = Answer(tracking_number=NUMBER, events=events, **fields)
    return merge(journal, "cainiao", answer, NOW)


def rich() -> Parcel:
    """Return a parcel of which all is known, and four problems are reported."""
    journal = told(
        scan(20, description="Arrived at sorting centre", location="Roissy"),
        scan(18, description="Left the country of origin", time=None),
        scan(12, description="Departed", local_time=datetime(2026, 6, 13, 1, 0)),
        scan(3, description="Accepted by the carrier", stage=Stage.SHIPPED),
        estimate=Estimate(start=date(2026, 6, 28)),
    )
    photo = Photo(path="/media/box.jpg", sha256="0", size=1, media_type="image/jpeg")
    for kind in ProblemKind:
        reported = problem(kind, description=f"What I saw: {kind}.", photos=(photo,))
        journal = report(journal, reported)
    return seen(journal, ABOUT)


def bare() -> Parcel:
    """Return a parcel of which nothing is known but a number that nobody owns."""
    journal = open_journal(PARCEL_ID, "ABC123456", NOW)
    return seen(journal, About(name="ABC123456"))


def words(language: str) -> dict[str, str]:
    """Return the words of letters."""
    common: dict[str, str] = texts(language)["common"]
    return common


def written(language: str, known: str) -> dict[str, str]:
    """Return the letters as they lie ready to be read, by their occasion."""
    text = (LETTERS / f"{known}.{language}.txt").read_text("utf-8")
    _, *parts = re.split(r"^== (\w+)\n\n", text, flags=re.MULTILINE)
    return {
        occasion: body.rstrip("\n")
        for occasion, body in zip(parts[::2], parts[1::2], strict=True)
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("known", "parcel"), [("rich", rich()), ("bare", bare())])
def test_each_letter_says_what_is_known_and_nothing_else(
    language: str, known: str, parcel: Parcel
) -> None:
    letters = {
        occasion: letter(parcel, occasion, words(language), TODAY)
        for occasion in OCCASIONS
    }
    assert letters == written(language, known)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_protection_that_is_over_is_not_spoken_of(language: str) -> None:
    protected = words(language)["letter_protection"].partition("{")[0]
    parcel = rich()
    last_day = date(2026, 8, 14)
    assert protected in letter(parcel, "late", words(language), last_day)
    after = letter(parcel, "late", words(language), last_day + timedelta(days=1))
    assert protected not in after


def test_photos_are_enclosed_only_where_there_are_some() -> None:
    journal = report(told(), problem("damaged"))
    text = letter(seen(journal, ABOUT), "damaged", words("en"), TODAY)
    assert "I can send you photos" in text
    assert "I enclose" not in text


def test_what_was_reported_last_counts() -> None:
    journal = told()
    for description in ("A scratch.", "The sole is torn."):
        journal = report(journal, problem("damaged", description=description))
    text = letter(seen(journal, ABOUT), "damaged", words("en"), TODAY)
    assert "The sole is torn." in text
    assert "A scratch." not in text


def test_the_carriers_word_for_the_delivery_is_told_to_the_seller() -> None:
    journal = told(scan(22, description="Delivered", stage=Stage.DELIVERED))
    text = letter(seen(journal, ABOUT), "not_delivered", words("en"), TODAY)
    assert "According to the carrier, it was delivered on June 22, 2026." in text
    assert "- June 22, 2026: Delivered" in text


def test_what_holds_no_word_is_left_out() -> None:
    journal = told(
        scan(9, description="\u202e", location="Roissy"),
        scan(8, description="Accepted", location="\u200b"),
    )
    about = replace(ABOUT, order_number="\u200f")
    text = letter(seen(journal, about), "late", words("en"), TODAY)
    assert "I am writing about an order that I placed with you." in text
    lines = [line for line in text.splitlines() if line.startswith("- ")]
    assert lines == ["- June 8, 2026: Accepted"]


def test_nobody_writes_about_nothing() -> None:
    with pytest.raises(ValueError, match="delivered"):
        letter(bare(), "delivered", words("en"), TODAY)


anything = st.text(max_size=300) | st.sampled_from(
    ["\u202eevil", "a\x00b\nc", "<b>{name}</b>", "&#8238;", "[x](javascript:1)", " "]
)


@given(
    description=anything,
    location=st.none() | anything,
    order_number=st.none() | anything,
    report_text=anything,
    occasion=st.sampled_from(OCCASIONS),
    language=st.sampled_from(LANGUAGES),
    known=st.sampled_from([rich(), bare()]),
)
def test_whatever_a_carrier_writes_the_letter_stays_a_letter(
    description: str,
    location: str | None,
    order_number: str | None,
    report_text: str,
    occasion: str,
    language: str,
    known: Parcel,
) -> None:
    parcel = replace(
        known,
        events=(scan(3, description=description, location=location),),
        about=replace(known.about, order_number=order_number),
        problems=(problem("damaged", description=report_text),),
    )
    said = words(language)
    text = letter(parcel, occasion, said, TODAY)
    strange = {unicodedata.category(c) for c in text.replace("\n", "")}
    assert not {category for category in strange if category.startswith("C")}
    assert len(text) < 5000
    # Each line is a sentence of ours, filled in, or what somebody wrote.
    assert text.startswith(f"{said['letter_greeting']}\n\n")
    assert text.endswith(f"\n\n{said['letter_closing']}")
    theirs = "".join((description, location or "", order_number or "", report_text))
    for stranger in ("None", "{", "?("):
        assert stranger not in text or any(c in theirs for c in stranger)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_occasion_has_its_words(language: str) -> None:
    said = words(language)
    for occasion in OCCASIONS:
        for part in ("wrong", "request"):
            assert not placeholders(said[f"letter_{part}_{occasion}"])


def test_what_the_person_wrote_down_is_not_for_the_seller() -> None:
    journal = record_event(
        told(scan(20, description="Arrived at sorting centre")),
        stage=None,
        description="My wife says not to wait any longer",
        time=None,
        now=NOW,
    )
    said = letter(seen(journal, ABOUT), "stalled", words("en"), TODAY)
    assert "Arrived at sorting centre" in said
    assert "My wife" not in said
