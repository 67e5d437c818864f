"""What is shown of an object, in a traceback or a log, shows nothing that is secret."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
import importlib
import pkgutil
from typing import Any, Final

import pytest

from custom_components import waybill

from .planted import Detector, Kind, Secret, letters

SECRET: Final = frozenset(
    {
        # What identifies a parcel, or a whole address.
        "causes",
        "foreign",
        "known",
        "number",
        "numbers",
        "order_number",
        "order_url",
        "phone_last4",
        "postal_code",
        "ref",
        "rows",
        "tracking_number",
        "tracking_url",
        # What opens an account, or an address of it.
        "address",
        "api_key",
        "credentials",
        "data",
        "identifier",
        "push_secret",
        "secret",
        "token",
        "webhook_id",
        "webhook_secret",
        # What a person said.
        "fields",
        "hints",
        "item",
        "joined",
        "name",
        "names",
        "recognisers",
        "sentences",
        "notes",
        "path",
        "seller",
        "slots",
        "title",
        # What a carrier said.
        "code",
        "description",
        "detail",
        "earlier_words",
        "location",
        "pickup_point",
        "signed_by",
        "words",
        # Texts of either, and files.
        "body",
        "caption",
        "compressed",
        "content",
        "headers",
        "jpeg",
        "link",
        "subtitle",
        "text",
        "texts",
        "value",
    }
)
"""Names of fields that hold what may be in no log."""
HARMLESS: Final = {
    "Carrier.name": "a carrier",
    "EvidenceFile.name": "a file, whose name holds nothing",
    "Format.name": "a form of numbers",
    "Question.names": "words of a language",
    "Sentences.names": "words of a language",
    "Table.headers": "words of a translation",
    "_Hindrance.words": "the key of a translation",
    "_Held.token": "an object that does not show what it holds",
    "_Reached.name": "a milestone",
    "ParcelSensorDescription.name": "an entity",
    "HubSensorDescription.name": "an entity",
}
"""What has such a name, and is something else."""


def _classes() -> Iterator[type[Any]]:
    """Iterate over the classes of the package that show their fields."""
    found = pkgutil.walk_packages(waybill.__path__, f"{waybill.__name__}.")
    for name in sorted(each.name for each in found):
        for each in vars(importlib.import_module(name)).values():
            if isinstance(each, type) and each.__module__ == name:
                if is_dataclass(each) or hasattr(each, "_fields"):
                    yield each


CLASSES: Final = [*_classes()]


def _fields(shown: type[Any]) -> list[str]:
    if is_dataclass(shown):
        return [field.name for field in fields(shown)]
    return [*shown._fields]


def _planted(shown: type[Any], said: dict[str, str]) -> Any:
    """Return an object whose every field holds what was planted, whatever its type."""
    if not is_dataclass(shown):
        return shown(*said.values())
    made = object.__new__(shown)
    for name, value in said.items():
        object.__setattr__(made, name, value)
    return made


@pytest.mark.parametrize("shown", CLASSES, ids=lambda each: each.__qualname__)
def test_an_object_does_not_show_what_is_secret(shown: type[Any]) -> None:
    said = {name: letters(f"{shown} {name}", 16) for name in _fields(shown)}
    made = _planted(shown, said)
    detector = Detector(
        Secret(kind=Kind.NOTES, value=value)
        for name, value in said.items()
        if name in SECRET and f"{shown.__name__}.{name}" not in HARMLESS
    )
    for text in (repr(made), str(made), f"{made}", f"{made!r}", repr([made])):
        assert not detector.secrets_in(text)
        # Yet it says what it is.
        assert shown.__name__ in text


def test_the_classes_are_found_and_the_names_are_those_of_fields() -> None:
    named = {f"{each.__name__}.{name}" for each in CLASSES for name in _fields(each)}
    assert HARMLESS.keys() <= named
    assert len(CLASSES) > 100
    for once in (
        "Query.postal_code",
        "About.phone_last4",
        "Token.value",
        "Leg.carrier",
    ):
        assert once in named


def test_what_is_equal_is_told_apart_by_what_is_not_shown() -> None:
    """What is not shown still counts."""
    for shown in CLASSES:
        if not is_dataclass(shown):
            continue
        for field in fields(shown):
            if field.name in SECRET:
                assert field.compare, f"{shown.__name__}.{field.name}"
