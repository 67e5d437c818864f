"""No pattern of the package can be made to read a text again and again.

A pattern goes back over a text without end where it can divide the same characters
between two repeats in many ways: a repeat within a repeat that may begin with what
the inner one goes on with, or two repeats in a row of the same characters. Where the
first keeps what it took (possessive), or the text is bounded, it cannot.
"""

from collections.abc import Iterator, Sequence
import re
from re import _constants as codes, _parser  # type: ignore[attr-defined]
from typing import Any, Final

import pytest

from tests.bench.patterns import pattern_sets

SETS: Final = pattern_sets()
_REPEATS: Final = (codes.MAX_REPEAT, codes.MIN_REPEAT)
_MANY: Final = 16
"""Repeats that are bounded below it multiply the work by a number, and no more."""
_SAMPLE: Final = [
    *map(chr, range(256)),
    *"٣ªÉéıſK\u0301\u2003\u200b\u2028。、·•一ﷺ💥",
]
"""Characters that stand for all: those of every class that a pattern here names."""


@pytest.mark.parametrize("module", SETS)
def test_no_pattern_divides_a_text_in_many_ways(module: str) -> None:
    for pattern in SETS[module]:
        tree = _parser.parse(pattern.pattern, pattern.flags)
        assert not list(_ambiguous(tree, pattern.flags)), pattern.pattern


@pytest.mark.parametrize(
    ("pattern", "is_bad"),
    [
        (r"(a+)+b", True),
        (r"(?:a*)*", True),
        (r"(?:a|a+)*b", True),
        (r"(?:a+b?)+c", True),
        (r"\d+\d+x", True),
        (r"\s*\s*x", True),
        (r"\w+[a-z]*x", True),
        (r"\w+-?\w+x", True),
        (r"(.*?)\s*x", True),
        (r"(?:\w+-)*\w+", False),
        (r"(?:a++)+b", False),
        (r"a++a", False),
        (r"\d+[a-z]+\d+", False),
        (r"\d{1,3}\d{4}", False),
        (r"[^\W_]+(?:['-][^\W_]+)*", False),
    ],
)
def test_what_the_law_is_about(pattern: str, is_bad: bool) -> None:
    assert bool(list(_ambiguous(_parser.parse(pattern), 0))) is is_bad


def _ambiguous(tree: Any, flags: int) -> Iterator[str]:
    """Iterate over what in a pattern can be divided in many ways."""
    items = list(tree)
    for place, (code, argument) in enumerate(items):
        if _is_long(code, argument):
            inner = argument[2]
            if _has_a_long_repeat(inner):
                # The next turn of the loop, or what the loop ends with, may take
                # what the inner repeat could take as well.
                if _last(list(inner), flags) & _first(list(inner), flags):
                    yield "a repeat within a repeat"
        if _last(items[place : place + 1], flags) & _next_repeat(
            items[place + 1 :], flags
        ):
            yield "two repeats in a row"
        for inner in _inside(code, argument):
            yield from _ambiguous(inner, flags)


def _is_long(code: Any, argument: Any) -> bool:
    return code in _REPEATS and argument[1] > _MANY


def _inside(code: Any, argument: Any) -> Sequence[Any]:
    """Return the patterns within a part of a pattern."""
    if code in (*_REPEATS, codes.POSSESSIVE_REPEAT):
        return [argument[2]]
    if code is codes.SUBPATTERN:
        return [argument[3]]
    if code is codes.BRANCH:
        return list(argument[1])
    if code is codes.ATOMIC_GROUP:
        return [argument]
    if code in (codes.ASSERT, codes.ASSERT_NOT):
        return [argument[1]]
    return []


def _has_a_long_repeat(tree: Any) -> bool:
    return any(
        _is_long(code, argument)
        or any(map(_has_a_long_repeat, _inside(code, argument)))
        for code, argument in tree
    )


def _first(items: list[Any], flags: int) -> frozenset[str]:
    """Return which characters of the sample a match may begin with."""
    found: frozenset[str] = frozenset()
    for code, argument in items:
        found |= _characters(code, argument, flags)
        if not _may_be_empty(code, argument):
            break
    return found


def _last(items: list[Any], flags: int) -> frozenset[str]:
    """Return which characters may be taken by a long repeat that a match ends with."""
    for code, argument in reversed(items):
        if _is_long(code, argument) and not _inside(*argument[2][-1]):
            only = len(argument[2]) == 1
            return _first(list(argument[2]), flags) if only else frozenset()
        inner = [_last(list(each), flags) for each in _inside(code, argument)]
        if found := frozenset[str]().union(*inner):
            return found
        if not _may_be_empty(code, argument):
            break
    return frozenset()


def _next_repeat(items: list[Any], flags: int) -> frozenset[str]:
    """Return what the next long repeat takes, if what lies between may be empty."""
    for code, argument in items:
        if _is_long(code, argument):
            return _first(list(argument[2]), flags)
        if code is codes.SUBPATTERN and (
            found := _next_repeat(list(argument[3]), flags)
        ):
            return found
        if not _may_be_empty(code, argument):
            break
    return frozenset()


def _may_be_empty(code: Any, argument: Any) -> bool:
    if code in (*_REPEATS, codes.POSSESSIVE_REPEAT):
        return argument[0] == 0 or all(_may_be_empty(*item) for item in argument[2])
    if code is codes.BRANCH:
        return any(all(_may_be_empty(*i) for i in branch) for branch in argument[1])
    if code is codes.SUBPATTERN:
        return all(_may_be_empty(*item) for item in argument[3])
    if code is codes.ATOMIC_GROUP:
        return all(_may_be_empty(*item) for item in argument)
    return code in (codes.AT, codes.ASSERT, codes.ASSERT_NOT, codes.GROUPREF)


def _characters(code: Any, argument: Any, flags: int) -> frozenset[str]:
    """Return which characters of the sample a part of a pattern may begin with."""
    if code in (codes.AT, codes.ASSERT, codes.ASSERT_NOT):
        return frozenset()
    if inside := _inside(code, argument):
        return frozenset[str]().union(*(_first(list(i), flags) for i in inside))
    if code is codes.LITERAL:
        alike = {chr(argument)}
        if flags & re.IGNORECASE:
            alike |= {chr(argument).lower(), chr(argument).upper()}
        return frozenset(alike)
    if code is codes.NOT_LITERAL:
        return frozenset(_SAMPLE) - {chr(argument)}
    if code is codes.IN:
        return _in_class(argument, flags)
    return frozenset(_SAMPLE)


def _in_class(items: list[Any], flags: int) -> frozenset[str]:
    """Return which characters of the sample are of a class."""
    found: set[str] = set()
    negated = False
    for code, argument in items:
        if code is codes.NEGATE:
            negated = True
        elif code is codes.RANGE:
            low, high = argument
            found |= {char for char in _SAMPLE if low <= ord(char) <= high}
        elif code is codes.CATEGORY:
            found |= set(filter(_CATEGORIES[argument], _SAMPLE))
        elif code is codes.LITERAL:
            found.add(chr(argument))
    if flags & re.IGNORECASE:
        found |= {char.lower() for char in found} | {char.upper() for char in found}
    return frozenset(set(_SAMPLE) - found if negated else found)


_CATEGORIES: Final = {
    codes.CATEGORY_DIGIT: str.isdecimal,
    codes.CATEGORY_NOT_DIGIT: lambda char: not char.isdecimal(),
    codes.CATEGORY_SPACE: str.isspace,
    codes.CATEGORY_NOT_SPACE: lambda char: not char.isspace(),
    codes.CATEGORY_WORD: lambda char: char.isalnum() or char == "_",
    codes.CATEGORY_NOT_WORD: lambda char: not (char.isalnum() or char == "_"),
}
