"""What a body says of each number that was asked about, and of no other parcel.

A list tells parcels apart where a number that was asked about stands in one of its
elements. Of the outermost of such lists, only the elements about one number remain
in its excerpt, and of all lists beside it: what is about others is left out, also
where nobody asked about them. The rest of the document stays.

Where a list tells a number of its own in every element, as a rule always under the
same key, an element that holds several numbers is about the one under that key: a
parcel names the number under which its next carrier goes on, too.

What cannot be told apart has no excerpt.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
import json
import re
from typing import Final

from . import fields

_MARKUP: Final = re.compile("[&<]")

type _Path = tuple[str, ...] | None
"""The keys that lead to a value; None where a list lies in between."""
type _Shares = dict[str, list[object]]
"""Elements of a list, by the number that they are about; "": about several."""


def excerpts(body: bytes, asked: Mapping[str, Collection[str]]) -> dict[str, bytes]:
    """Return the part of a body that is about each number asked about.

    ``asked`` holds each number with the ways in which the provider may write it.
    A body that says nothing of anybody else is its own excerpt, to the byte; any
    other is written anew, as JSON in UTF-8. A body that is no JSON is about its
    number where only one was asked about. A number of which nothing is said, or
    nothing that can be told from what is said of others, has no excerpt. Never
    raises.
    """
    try:
        document = json.loads(body)
    except ValueError, RecursionError:
        return dict.fromkeys(asked, body) if len(asked) == 1 else {}
    try:
        return _Excerpts(asked).of_each(document, body)
    except RecursionError:
        return {}


class _Excerpts:
    """The excerpts of one document."""

    def __init__(self, asked: Mapping[str, Collection[str]]) -> None:
        self._asked = asked
        self._spelled = {
            spelling: number for number, ways in asked.items() for spelling in ways
        } | {number: number for number in asked}
        # Most texts are no number at all, which is told by their length.
        self._lengths = {_characters(spelling) for spelling in self._spelled}
        self._shortest = min(self._lengths, default=0)

    def of_each(self, document: object, body: bytes) -> dict[str, bytes]:
        """Return the excerpts of a document, whose text is ``body``."""
        shares = self._shares_of_lists(document)
        in_lists = {number for share in shares.values() for number in share}
        beside = {number for number, _ in self._mentions(document, lists=False)}
        told: dict[str, bytes] = {}
        for number in self._asked:
            # What stands beside all lists says whom all of the document is about.
            if beside - {number} or number not in beside | in_lists:
                continue
            only = _only(number, document, shares, also_silent=number in beside)
            told[number] = body if only == document else _dump(only)
        return told

    def _shares_of_lists(self, value: object) -> dict[int, _Shares]:
        """Return who has which elements of the outermost lists, by the list's id."""
        return {id(each): self._shares(each) for each in _outermost_lists(value)}

    def _shares(self, elements: list[object]) -> _Shares:
        """Return which elements of a list are about each number."""
        named = [list(self._mentions(element)) for element in elements]
        own = _own_path(named)
        shares: _Shares = {}
        for element, mentions in zip(elements, named, strict=True):
            of_its_own = {number for number, path in mentions if own and path == own}
            about = of_its_own or {number for number, _ in mentions}
            if len(about) != 1:
                if about:
                    shares.setdefault("", [])
                continue
            (number,) = about
            if all(path is None for told, path in mentions if told == number):
                # It is one of several within: a piece of a shipment.
                within = self._shares_of_lists(element)
                element = _only(number, element, within, also_silent=True)
            shares.setdefault(number, []).append(element)
        return shares

    def _mentions(
        self, value: object, *, lists: bool = True
    ) -> Iterator[tuple[str, _Path]]:
        """Iterate over the numbers asked about that stand in a value, and where.

        Without ``lists`` those within a list are passed over.
        """
        waiting: list[tuple[object, _Path]] = [(value, ())]
        while waiting:
            value, path = waiting.pop()
            if isinstance(value, dict):
                for key, inner in value.items():
                    if isinstance(inner, dict | list):
                        waiting.append((inner, _below(path, key)))
                    elif (number := self._number(inner)) is not None:
                        yield number, _below(path, key)
            elif isinstance(value, list):
                if lists:
                    waiting += [(inner, None) for inner in value]
            elif (number := self._number(value)) is not None:
                yield number, path

    def _number(self, value: object) -> str | None:
        """Return the number asked about that a value is, if it is one."""
        if isinstance(value, str):
            if (number := self._spelled.get(value)) is not None:
                return number
            if not self._shortest <= len(value) <= fields.NUMBER_LIMIT or (
                _characters(value) not in self._lengths and not _MARKUP.search(value)
            ):
                return None
        elif isinstance(value, bool) or not isinstance(value, int):
            return None
        return self._spelled.get(fields.number(value))


def _own_path(named: Sequence[Sequence[tuple[str, _Path]]]) -> _Path:
    """Return under which keys elements have their own number: where most have one."""
    votes = Counter(
        path
        for mentions in named
        for path in dict.fromkeys(path for _, path in mentions)
        if path is not None
    )
    return max(votes, key=lambda path: (votes[path], -len(path)), default=None)


def _outermost_lists(value: object) -> Iterator[list[object]]:
    """Iterate over the lists that lie in no other."""
    if isinstance(value, list):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _outermost_lists(inner)


def _only(
    number: str,
    value: object,
    shares: Mapping[int, _Shares],
    *,
    also_silent: bool,
) -> object:
    """Return a value with what its outermost lists say of one number alone.

    Lists that say nothing of any number stay only where they are ``also_silent``.
    """
    if isinstance(value, list):
        share = shares[id(value)]
        return share.get(number, []) if share or not also_silent else value
    if isinstance(value, dict):
        return {
            key: _only(number, inner, shares, also_silent=also_silent)
            for key, inner in value.items()
        }
    return value


def _below(path: _Path, key: str) -> _Path:
    return None if path is None else (*path, key)


def _characters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _dump(document: object) -> bytes:
    # Half a character is no UTF-8, but can be written as JSON's own escape.
    return json.dumps(document, ensure_ascii=False).encode(errors="backslashreplace")
