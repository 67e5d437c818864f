"""Every text is there in every language, and nothing is there without use."""

import ast
import json
from pathlib import Path
import re
from typing import Any

import pytest
import yaml

import custom_components.waybill
from custom_components.waybill.languages import LANGUAGES
from custom_components.waybill.tracking.assessment import AlertKind
from custom_components.waybill.tracking.providers import PROVIDERS

PACKAGE = Path(custom_components.waybill.__file__).parent
OTHERS = tuple(language for language in LANGUAGES if language != "en")
NAMES = {provider.name for provider in PROVIDERS.values()} | {
    "JSON",
    "PDF",
    "SHA-256",
    "Waybill",
}
"""What is called the same in every language."""
COGNATES: dict[str, list[str]] = json.loads(
    (Path(__file__).parent / "fixtures" / "cognates.json").read_text("utf-8")
)
"""Words that a language has in common with English."""
RIGHT_FOR_ANY_NUMBER = {
    # There are four steps at least.
    "common.card_steps_none",
    "common.card_steps_reached",
    # "And 1 more", "et 3 de plus".
    "common.voice_more",
}


def flat(node: Any, path: str = "") -> dict[str, str]:
    """Return all texts by their path."""
    if isinstance(node, str):
        return {path: node}
    found: dict[str, str] = {}
    for key, child in node.items():
        found |= flat(child, f"{path}.{key}".removeprefix("."))
    return found


def texts(language: str) -> dict[str, str]:
    """Return all texts of a language by their path."""
    path = PACKAGE / "translations" / f"{language}.json"
    return flat(json.loads(path.read_text("utf-8")))


def placeholders(text: str) -> set[str]:
    """Return the names that a text wants to be told."""
    return set(re.findall(r"{(\w+)}", text))


def test_every_language_has_a_file_and_no_other_has() -> None:
    files = {path.stem for path in (PACKAGE / "translations").glob("*.json")}
    assert files == set(LANGUAGES)
    assert {texts(language)["common.language"] for language in files} == files


@pytest.mark.parametrize("language", OTHERS)
def test_no_language_lacks_a_text_that_another_has(language: str) -> None:
    assert texts(language).keys() == texts("en").keys()


@pytest.mark.parametrize("language", OTHERS)
def test_texts_want_to_be_told_the_same_in_every_language(language: str) -> None:
    translated = texts(language)
    for path, text in texts("en").items():
        assert placeholders(text) == placeholders(translated[path]), path


@pytest.mark.parametrize("language", OTHERS)
def test_no_text_was_left_in_english(language: str) -> None:
    translated = texts(language)
    left = {
        text
        for path, text in texts("en").items()
        if translated[path] == text and _has_words(text) and text not in NAMES
    }
    assert left == set(COGNATES[language])


def _has_words(text: str) -> bool:
    """Say whether there is anything in a text beside what is put in."""
    return bool(re.search(r"[^\W\d_]{2}", re.sub(r"{\w+}|\.md", "", text)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_is_right_for_any_number_and_gender(language: str) -> None:
    for path, text in texts(language).items():
        counted = re.search(r"{(count|days|hours|number|total)} [^\W\d_]", text)
        assert path in RIGHT_FOR_ANY_NUMBER or not counted, path
        assert not re.search(r"\w\((e|es|s|n|en|r|a|as|os)\)", text), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_but_names_stands_between_braces(language: str) -> None:
    for path, text in texts(language).items():
        assert not re.search(r"[{}]", re.sub(r"{\w+}", "", text)), path
        # The frontend takes what stands in such quotes for no placeholder.
        assert "'{" not in text, path


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_action_and_field_is_named(language: str) -> None:
    named = texts(language)
    actions = yaml.safe_load((PACKAGE / "services.yaml").read_text("utf-8"))
    wanted = set()
    for action, description in actions.items():
        wanted |= {f"services.{action}.name", f"services.{action}.description"}
        for field, settings in description.get("fields", {}).items():
            if "fields" in settings:
                wanted.add(f"services.{action}.sections.{field}.name")
            for name, setting in settings.get("fields", {field: settings}).items():
                wanted |= {
                    f"services.{action}.fields.{name}.name",
                    f"services.{action}.fields.{name}.description",
                }
                select = setting["selector"].get("select")
                for option in (select or {}).get("options", ()):
                    key = select["translation_key"]
                    wanted.add(f"selector.{key}.options.{option}")
    assert wanted <= named.keys()
    assert {path for path in named if path.startswith("services.")} <= wanted


def test_every_error_that_is_raised_has_words_and_no_words_are_idle() -> None:
    raised: set[str] = set(AlertKind)
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                raised.add(node.value)
    keys = {
        path.split(".")[1] for path in texts("en") if path.startswith("exceptions.")
    }
    fixed = {key for key in keys if not key.startswith("refresh_refused_")}
    assert fixed <= raised
    issues = {path.split(".")[1] for path in texts("en") if path.startswith("issues.")}
    assert issues <= raised


def test_no_french_line_begins_with_a_mark() -> None:
    """In French a blank stands before some marks, at which no line may end."""
    breaking = re.compile(r"« | [»:;?!]")
    assert not [key for key, text in texts("fr").items() if breaking.search(text)]
