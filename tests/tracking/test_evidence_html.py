"""The dispute file as HTML harms nobody, whatever a carrier wrote."""

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any, override

import pytest

from custom_components.waybill.tracking.evidence_html import html
from custom_components.waybill.tracking.journal import merge, open_journal
from custom_components.waybill.tracking.model import Answer

from .cases import ABOUT, NUMBER, PHOTO, START, case, dossier_of, page_of, scan

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</td></table><style>*{display:none}</style>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
)


class Reader(HTMLParser):
    """Notes the elements and attributes of a page, and its text."""

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements.append((tag, dict(attrs)))

    @override
    def handle_data(self, data: str) -> None:
        self.text += data


def read(text: str, about: Any = ABOUT) -> Reader:
    """Return the page of a parcel about which a carrier wrote a text."""
    event = scan(0, words=text, description=text, location=text, code=text)
    journal = merge(
        open_journal("parcel", NUMBER, START),
        "cainiao",
        Answer(tracking_number=NUMBER, events=(event,)),
        START,
    )
    return Reader(html(page_of(dossier_of(journal, about=about))))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_carrier_wrote_stays_text(text: str) -> None:
    harmless, page = read("harmless"), read(text)
    tags = [tag for tag, _ in page.elements]
    assert "script" not in tags and "img" not in tags
    assert tags.count("style") == 1
    assert set(tags) <= {tag for tag, _ in harmless.elements}
    assert text in page.text
    assert not any(
        name.startswith("on") for _, attributes in page.elements for name in attributes
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_what_the_person_wrote_stays_text(text: str) -> None:
    about = replace(ABOUT, name=text, seller=text, order_number=text)
    page = read("harmless", about)
    assert page.text.count(text) == 4
    assert "script" not in [tag for tag, _ in page.elements]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//x.example", "ftp://x.example"]
)
def test_only_pages_are_linked(url: str) -> None:
    page = read("harmless", replace(ABOUT, order_url=url))
    links = [at["href"] for tag, at in page.elements if tag == "a"]
    assert len(links) == 1 and str(links[0]).startswith("https://")
    assert url in page.text


def test_nothing_comes_from_elsewhere() -> None:
    journal, answers = case()
    text = html(page_of(dossier_of(journal, answers), pictures={PHOTO.sha256: b"jpeg"}))
    page = Reader(text)
    sources = [at["src"] for _, at in page.elements if "src" in at]
    assert sources == ["data:image/jpeg;base64,anBlZw=="]
    assert not [tag for tag, _ in page.elements if tag in ("link", "iframe", "object")]
    assert "url(" not in text and "@import" not in text
    policy = next(at for _, at in page.elements if "http-equiv" in at)
    assert str(policy["content"]).startswith("default-src 'none'")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_says_in_which_language_it_is(language: str) -> None:
    journal, answers = case()
    page = Reader(html(page_of(dossier_of(journal, answers), language)))
    assert page.elements[0] == ("html", {"lang": language})
    assert {"en": "Dispute file", "fr": "Dossier de litige"}[language] in page.text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_placeholder_is_left_unfilled(language: str) -> None:
    journal, answers = case()
    told = page_of(dossier_of(journal, answers), language)
    assert "{" not in str(told.blocks)


def test_a_change_is_named_on_the_page() -> None:
    journal, answers = case()
    told = dossier_of(journal, answers)
    assert "The record holds" in Reader(html(page_of(told))).text
    track, *others = journal.tracks
    *events, oldest = track.events
    events.append(replace(oldest, words="forged"))
    forged = replace(journal, tracks=(replace(track, events=tuple(events)), *others))
    text = Reader(html(page_of(dossier_of(forged, answers)))).text
    assert "The record holds" not in text
    assert "Changed after it was written down." in text
    assert "2026-06-03 16:00:00 GMT+8 · Line 0" in text


def test_the_last_fingerprint_is_printed() -> None:
    journal, answers = case()
    assert (
        journal.chain[-1].hash
        in Reader(html(page_of(dossier_of(journal, answers)))).text
    )
