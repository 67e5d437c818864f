"""The guide: each language tells the same, and what leads there arrives."""

from pathlib import Path
import re

import pytest

from custom_components.waybill.new_parcel_steps import GUIDE

from .flow_texts import LANGUAGES, texts

ROOT = Path(__file__).parents[1]
GUIDES = {"en": ROOT / "docs/guide.md", "fr": ROOT / "docs/guide.fr.md"}
REPOSITORY = "https://github.com/waybill/waybill/blob/main/"
PICTURES = ("add_parcel", "calendar", "dashboard", "dispute_file", "message", "parcel")
PICTURES += ("stalled_repair", "todo")


def chapters(language: str) -> list[str]:
    """Return what can be linked to in a guide, in its order."""
    return re.findall(r'<a id="([\w-]+)"></a>\n##', GUIDES[language].read_text("utf-8"))


def links(path: Path) -> list[str]:
    """Return where the links and pictures of a page lead."""
    return re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8"))


def test_both_languages_have_the_same_chapters_in_the_same_order() -> None:
    assert chapters("en") == chapters("fr")
    assert len(set(chapters("en"))) == len(chapters("en"))


@pytest.mark.parametrize("language", GUIDES)
def test_every_link_of_the_guide_leads_somewhere(language: str) -> None:
    for link in links(GUIDES[language]):
        file, _, chapter = link.partition("#")
        if file.startswith("images/"):
            continue
        if file:
            assert (ROOT / "docs" / file).exists(), link
        else:
            assert chapter in chapters(language), link


@pytest.mark.parametrize(("language", "ending"), [("en", ""), ("fr", "_fr")])
def test_the_guide_shows_each_picture_in_its_own_language(
    language: str, ending: str
) -> None:
    shown = {link for link in links(GUIDES[language]) if link.startswith("images/")}
    assert shown == {f"images/guide_{topic}{ending}.png" for topic in PICTURES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_adds_a_parcel_is_led_to_the_guide_that_they_read(
    language: str,
) -> None:
    told = texts(language)
    for flow in (told["config"], told["config_subentries"]["parcel"]):
        (link,) = re.findall(r"\]\(([^)\s]+)\)", flow["step"]["user"]["description"])
        page, _, chapter = link.format(guide=GUIDE).partition("#")
        written_in = language if language in GUIDES else "en"
        assert ROOT / page.removeprefix(REPOSITORY) == GUIDES[written_in]
        assert chapter in chapters(written_in)


def test_the_readme_leads_to_both_guides_and_to_every_blueprint() -> None:
    readme = links(ROOT / "README.md")
    for guide in GUIDES.values():
        assert str(guide.relative_to(ROOT)) in readme
    imported = "".join(link for link in readme if "blueprint_import" in link)
    for blueprint in (ROOT / "blueprints").rglob("*.yaml"):
        assert str(blueprint.relative_to(ROOT)) in readme
        assert f"%2F{blueprint.name}" in imported
