"""The sentences that a voice assistant is asked, as their files say them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
import re
from typing import TYPE_CHECKING, Any, Final, cast

from homeassistant.util.yaml import load_yaml_dict

from .languages import LANGUAGES
from .spoken_names import NameWords, fold, name_words

if TYPE_CHECKING:
    from hassil.intents import Intents

_FOLDER: Final = Path(__file__).parent / "sentences"
_FALLBACK: Final = "en"
FOLLOWED: Final = "followed"
"""The list of the names of the parcels that are followed."""

_RULE: Final = re.compile(r"<(\w+)>")
_LIST: Final = re.compile(r"{(\w+)}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentences:
    """What is said in one language.

    ``templates`` are hassil's, by the intent that they are for; they may hold
    the ``rules`` and ``lists`` of the file. ``digits`` are words (folded) for
    the ten digits.
    """

    language: str
    templates: Mapping[str, Sequence[str]]
    rules: Mapping[str, str]
    lists: Mapping[str, Mapping[str, Any]]
    names: NameWords
    digits: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Understood:
    """The intent of a sentence, its slots, and the language that it is in."""

    language: str
    intent: str
    slots: Mapping[str, str] = field(repr=False)


def spoken_languages() -> list[str]:
    """Return the languages that have sentences."""
    return [name for name in LANGUAGES if (_FOLDER / f"{name}.yaml").is_file()]


@cache
def sentences_in(language: str) -> Sentences:
    """Return the sentences of a language, else those of English; reads a file once."""
    if language not in spoken_languages():
        return sentences_in(_FALLBACK)
    written = load_yaml_dict(str(_FOLDER / f"{language}.yaml"))
    return Sentences(
        language=language,
        templates={
            intent: [
                template
                for block in cast(dict[str, Any], block)["data"]
                for template in block["sentences"]
            ]
            for intent, block in cast(dict[str, Any], written["intents"]).items()
        },
        rules=cast(dict[str, str], written["expansion_rules"]),
        lists=cast(dict[str, dict[str, Any]], written["lists"]),
        names=name_words(
            cast(list[str], written["little_words"]),
            cast(list[str], written["endings"]),
            cast(list[str], written.get("adjective_endings", [])),
            compounds=bool(written.get("compounds", False)),
        ),
        digits={
            fold(word): digit
            for word, digit in cast(dict[str, str], written["digits"]).items()
        },
    )


def patterns(sentences: Sentences, sayings: Sequence[str]) -> list[str]:
    """Return the sentences for who knows neither rules nor lists, but any words.

    A list is said in full, and what takes any words stays. ``sayings`` are what
    the followed parcels are called; without any, sentences that need one are
    left out.
    """
    said = {
        name: "|".join(str(value["in"]) for value in values["values"])
        for name, values in sentences.lists.items()
        if not values.get("wildcard")
    }
    if sayings:
        said[FOLLOWED] = "|".join(sayings)
    wild = {name for name, v in sentences.lists.items() if v.get("wildcard")}
    return [
        _LIST.sub(lambda found: _in_full(found, said), template)
        for template in _without_rules(sentences)
        if {*_LIST.findall(template)} <= wild | said.keys()
    ]


def _without_rules(sentences: Sentences) -> Iterator[str]:
    for templates in sentences.templates.values():
        for template in templates:
            while _RULE.search(template):
                template = _RULE.sub(
                    lambda found: f"({sentences.rules[found[1]]})", template
                )
            yield template


def _in_full(found: re.Match[str], said: Mapping[str, str]) -> str:
    return f"({said[found[1]]})" if found[1] in said else found[0]


def recogniser(sentences: Sentences, sayings: Sequence[str]) -> Intents:
    """Return what recognises a language's sentences; needs hassil."""
    from hassil.intents import Intents, TextSlotList  # noqa: PLC0415

    intents = Intents.from_dict(
        {
            "language": sentences.language,
            "intents": {
                intent: {"data": [{"sentences": [*templates]}]}
                for intent, templates in sentences.templates.items()
            },
            "expansion_rules": dict(sentences.rules),
            "lists": dict(sentences.lists),
        }
    )
    # Names are no templates, whatever is in them.
    intents.slot_lists[FOLLOWED] = TextSlotList.from_strings(
        sayings, allow_template=False, name=FOLLOWED
    )
    return intents


def understand(
    text: str, recognisers: Mapping[str, Intents], preferred: str
) -> Understood | None:
    """Return what a sentence wants; needs hassil.

    In the ``preferred`` language if it is one of its sentences, else in the first
    other that it is one of. Where several of a language fit, the one that takes
    the fewest words for granted.
    """
    from hassil.recognize import recognize_all  # noqa: PLC0415

    languages = sorted(recognisers, key=lambda language: language != preferred)
    for language in languages:
        found = [
            Understood(
                language=language,
                intent=result.intent.name,
                slots={
                    name: str(entity.value).strip()
                    for name, entity in result.entities.items()
                },
            )
            for result in recognize_all(text, recognisers[language])
        ]
        if found:
            return min(found, key=_taken_for_granted)
    return None


def _taken_for_granted(understood: Understood) -> tuple[int, int]:
    """Count the letters that could have been any, and prefer names that are known."""
    slots = understood.slots
    wild = sum(len(slots[name]) for name in ("name", "number") if name in slots)
    return wild, len(slots.get(FOLLOWED, ""))
