"""Bring a tracking number, however it was typed or pasted, into one form."""

import re
from typing import Final
import unicodedata

# No label is longer; what is pasted beyond it is a letter, not a number. The cut
# comes first because Unicode normalisation is slow on hostile text.
LONGEST_TEXT: Final = 512

_FEWEST_CHARACTERS: Final = 5
_MOST_CHARACTERS: Final = 40

# Dashes and spaces separate by their nature. The others are printed as separators
# on labels: DHL's identcode 21.802 580.906 6, GS1's (420) 90245. Half a surrogate
# pair is nothing at all, and cannot be stored.
_SEPARATOR_CATEGORIES: Final = {"Cc", "Cf", "Cs", "Pd", "Zl", "Zp", "Zs"}
_SEPARATORS: Final = set("./\\_()·•‧∙\N{MINUS SIGN}")
# What is left around a number that was copied out of a sentence or a bar code.
# Braces and the percent sign stay: they tell a template.
_WRAPPING: Final = "#*,;:!?|<>[]\"'`´‘’“”„«»°"
_LABEL: Final = re.compile(
    r"""\s* (?: TRACKING (?:\s+ (?: NUMBER | NUM | NO | NR | ID | CODE ))? [\s.:#]+
    | (?: NUMBER | NUM | NO | NR ) \s* [.:#]+
    | N° [\s.:#]* )""",
    re.VERBOSE,
)
_TEMPLATE_MARKS: Final = ("{{", "}}", "{%", "%}", "{#", "#}")


def normalise(text: str) -> str:
    """Return the number in ``text`` without all that is only for the eye.

    Compatibility forms (full width, superscript) and the digits of other scripts
    become ASCII; ASCII letters become capitals; spaces, dashes, invisible and
    bidirectional characters, dots, slashes, underscores and parentheses go, and so
    do quotes around it and a leading "#", "No." or "Tracking number:". Anything
    else stays, letters outside ASCII included. Text beyond 512 characters is cut.

    Normalising twice changes nothing more. Never raises.
    """
    previous = None
    # Taking a character out can bring two others together that compose.
    while text != previous:
        previous = text
        text = _once(text)
    return text


def _once(text: str) -> str:
    # NFKC would make two letters of the numero sign.
    text = text[:LONGEST_TEXT].replace("\N{NUMERO SIGN}", "#")
    text = unicodedata.normalize("NFKC", text)[:LONGEST_TEXT]
    text = "".join(_plain(character) for character in text)
    text = text.removeprefix(label[0] if (label := _LABEL.match(text)) else "")
    text = "".join(character for character in text if not _separates(character))
    return text.strip(_WRAPPING)


def _plain(character: str) -> str:
    if character.isascii():
        return character.upper()
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return character


def _separates(character: str) -> bool:
    return (
        character in _SEPARATORS
        or unicodedata.category(character) in _SEPARATOR_CATEGORIES
    )


def plausible(text: str) -> bool:
    """Tell whether ``text`` could be a tracking number of any carrier at all.

    False for a template (``{{ }}``, ``{% %}``), for fewer than 5 or more than 40
    letters and digits, for no digit among them and for letters outside ASCII; True
    says nothing about a known format.
    """
    if len(text) > LONGEST_TEXT or any(mark in text for mark in _TEMPLATE_MARKS):
        return False
    characters = [character for character in normalise(text) if character.isalnum()]
    return (
        _FEWEST_CHARACTERS <= len(characters) <= _MOST_CHARACTERS
        and all(character.isascii() for character in characters)
        and any(character.isdecimal() for character in characters)
    )
