"""Find the tracking numbers in a message: an e-mail, an order page, an SMS."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
import re
from string import ascii_uppercase, digits
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from .finding_words import (
    CARRIER_NAMES,
    CONNECTING_WORDS,
    GENERAL_PARAMETERS,
    LABELS,
    TRACKING_HOSTS,
    TRACKING_PARAMETERS,
    Label,
    fold,
)
from .message_text import Link, read_message
from .numbers import Candidate, normalise, recognise
from .numbers.format import Shape
from .numbers.formats import FORMATS

MOST_FOUND: Final = 100
"""No message holds more parcels; what comes behind them is not looked for."""

_MOST_QUESTIONS: Final = 1000
"""How many numbers of one message are recognised at most: each takes its time."""

_SHAPES: Final = {format_.name: format_.shape for format_ in FORMATS}

_FEWEST_DIGITS: Final = 6
_SHORTEST: Final = 8
_LONGEST: Final = 41
_LONGEST_UNKNOWN: Final = 30
_LONGEST_GROUP: Final = 6
_LONGEST_LETTERS: Final = 4
_SHORTEST_WORD: Final = 3
_LONGEST_GLUED: Final = 100
_MOST_GROUPS: Final = 16
"""A number is printed in groups of two characters or more."""

# Of account numbers, ISO 13616.
_ACCOUNT_LENGTHS: Final = {
    "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
    "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22,
    "IT": 27, "LT": 20, "LU": 20, "LV": 21, "NL": 18, "NO": 15, "PL": 28, "PT": 25,
    "RO": 24, "SE": 24, "SI": 19, "SK": 24, "TR": 26, "UA": 29,
}  # fmt: skip

# How far a word may be from the number that it is about.
_NEAR: Final = 120
_DIRECT: Final = 60
_BESIDE: Final = 30

_TOKEN: Final = re.compile(r"[A-Za-z0-9]+")
# Where a browser has taken out the line's end: number1Z999AA10123456784Carrier.
_WORD_BEFORE: Final = re.compile(r"[a-z]{3,}(?=\d)")
_GLUED: Final = re.compile(r"[A-Z0-9]+(?![a-z])|[A-Z]?[a-z]+")
# What could be a number, in groups: all that is looked at more closely.
_REGION: Final = re.compile(r"[A-Za-z0-9]++(?:(?: {1,2}|-| ?\n ?)[A-Za-z0-9]++)*+")
_WORD: Final = re.compile(r"[^\W\d_]+")
# As Evri numbers its parcels.
_OF_A_PARCEL: Final = re.compile(r"[A-Z]{1,2}\d{1,3}[A-Z]{1,4}\d{8,12}")
_DIGIT_RUN: Final = re.compile(r"\d{5}")
_SENTENCE_END: Final = re.compile(r"[.!?。！？]\s|[。！？]")
_ABBREVIATION: Final = re.compile(r"\b[^\W\d_]{1,3}\Z")
_DATE: Final = re.compile(r"(?:19|20)\d{2}[01]\d[0-3]\d(?:\d{4}|\d{6})?")
# Amazon's order numbers stand beside "track" and are none of ours.
_ORDER: Final = re.compile(r"\d{3}-\d{7}-\d{7}")
_LIST_GAP: Final = re.compile(r"[\s,;/&|•*·、，-]*(?:(?:and|und|et|y|e|en|i|og)\s+)?")

# Where a number may begin that its form alone makes telling. Only what fits is
# recognised as a whole, which takes a hundred times as long.
_TELLING: Final = re.compile(
    r"1Z[0-9A-Z]{16}|[A-Z]{2}\d{9}[A-Z]{2}|9[1-5]\d{20}|420\d{5}9[1-5]\d{20}"
    r"|(?:LP|AP)\d{11}|CNG\d{14}|(?:CNFR|DOFR)\d{13}|YT\d{16}|4PX\d{10}|SF\d{12}"
    r"|00340\d{15}|JJ?D\d{16}|JVGL\d{8}|3S[A-Z]{2,6}\d{6}|TB[ACM][A-Z0-9]{3}\d{9}"
    r"|[1-9][A-Z]\d{11}|SP\d{18}|GFUS\d{14}|LTN\d{8}N1|[CDKLSUXZ]\d{14}"
)

# What in front of a number or behind it makes it a part of something else.
_TOUCHING_BEFORE: Final = frozenset("/_%$€£¥~\\+&")
_TOUCHING_BEHIND: Final = frozenset("/_%$€£¥~\\+&=")


# Parts of the addresses of pages that follow parcels, in several languages.
_FOLLOWING: Final = re.compile(
    r"track|trac[ek]|parcel|package|shipment|consignment|item|detail|delivery"
    r"|suivi|suivre|colis|sendung|verfolg|paket|seguimiento|rastre|spedizion|przesyl"
)
_SECOND_LEVEL: Final = frozenset({"co", "com", "gov", "net", "org"})


class Evidence(StrEnum):
    """What makes a number of a message a tracking number."""

    FORM = "form"
    """Its own form: letters or a prefix, as a rule with a check digit."""
    LABEL = "label"
    """A word in front of it, such as "tracking number"."""
    CARRIER = "carrier"
    """The name of a carrier beside it that numbers parcels so."""
    LINK = "link"
    """A link to the page that follows it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A tracking number of a message, normalised, and whose it could be."""

    number: str
    candidates: tuple[Candidate, ...]
    evidence: Evidence


def find(text: str, home: str | None = None) -> tuple[Found, ...]:
    """Return the tracking numbers in ``text``, in order of appearance, each once.

    ``text`` is plain, HTML or the source of a message, in any language; ``home``
    is where parcels go (ISO 3166-1 alpha-2). A number with a form of its own
    counts by itself, one that is only digits where a word, a carrier or a link
    says so, and one whose check digit is wrong only directly behind such a word.
    Nothing counts that is said to be something else: an order, an invoice, a
    telephone. At most 100; takes time in proportion to the text; never raises.
    """
    search = _Search(text, home)
    search.run()
    return tuple(search.found)


class _Strength(IntEnum):
    """How much a number says of itself."""

    WRONG = 0
    """Its check digit is wrong, or no carrier is known to number so."""
    PLAIN = 1
    """It fits a format that has no check digit."""
    CHECKED = 2
    """Its check digit is right, one chance in seven to eleven."""
    TELLING = 3
    """It has a form that nothing else has."""
    CERTAIN = 4
    """It has such a form, and its check digit is right."""


class _Token(NamedTuple):
    text: str
    start: int
    end: int
    touching: bool


class _Mark(NamedTuple):
    """A word that says something of numbers, or names a carrier."""

    start: int
    end: int
    label: Label | None = None
    carriers: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Accepted:
    number: str
    start: int
    end: int
    evidence: Evidence


class _Search:
    """Looks through one message."""

    def __init__(self, text: str, home: str | None) -> None:
        message = read_message(text)
        self.found: list[Found] = []
        self._text = message.text
        self._links = message.links
        self._home = home
        self._questions = 0
        self._known: dict[str, tuple[Candidate, ...]] = {}
        folded = fold(message.text)
        self._labels = _outermost(_marks(message.text, folded, LABELS))
        self._label_ends = [mark.end for mark in self._labels]
        self._carriers = _carrier_marks(message.text, folded)
        self._carrier_ends = [mark.end for mark in self._carriers]
        self._headings = _Headings(message.text, self._labels)

    def run(self) -> None:
        """Find what stands in the text and in the links, in their order."""
        accepted = sorted(
            [*self._in_links(), *self._in_text()], key=lambda one: one.start
        )
        seen: list[Found] = []
        for one in accepted:
            if len(seen) == MOST_FOUND:
                break
            found = Found(
                number=one.number,
                candidates=self._recognise(one.number),
                evidence=one.evidence,
            )
            if not any(_same(found, other) for other in seen):
                seen.append(found)
        self.found = seen

    def _recognise(self, number: str) -> tuple[Candidate, ...]:
        if (known := self._known.get(number)) is not None:
            return known
        self._questions += 1
        if self._questions > _MOST_QUESTIONS:
            return ()
        candidates = tuple(recognise(number, home=self._home))
        self._known[number] = candidates
        return candidates

    # Numbers in the text

    def _in_text(self) -> Iterator[_Accepted]:
        last: _Accepted | None = None
        for region in _REGION.finditer(self._text):
            # Most of a message are words.
            if sum(map(region[0].count, digits)) < _FEWEST_DIGITS:
                continue
            run: list[_Token] = []
            for token in self._tokens(*region.span()):
                if run and not _joins(run[-1], token):
                    for last in self._in_run(run, last):
                        yield last
                    run = []
                run.append(token)
            for last in self._in_run(run, last):
                yield last

    def _tokens(self, first: int, final: int) -> Iterator[_Token]:
        text = self._text
        for match in _TOKEN.finditer(text, first, final):
            start, end = match.span()
            word = match[0]
            before, behind = text[start - 1 : start], text[end : end + 1]
            if "@" in (before, behind):
                continue
            # Most stand between blanks.
            touching = not before == behind == " " and _touches(text, start, end)
            if word.isdecimal() or word.isupper():
                yield _Token(word, start, end, touching)
                continue
            for left, right in _pieces(word):
                yield _Token(
                    word[left:right].upper(), start + left, start + right, touching
                )

    def _in_run(self, run: list[_Token], last: _Accepted | None) -> Iterator[_Accepted]:
        joined = "".join(token.text for token in run)
        index = offset = 0
        while index < len(run):
            if len(run[index].text) == 1:
                # No number is printed with one character in front.
                offset += 1
                index += 1
                continue
            behind = _account_at(run, index) or index + 1
            if behind == index + 1 and self._begins(run, index):
                accepted = self._telling(run, index, joined, offset)
                if accepted is None and (index == 0 or run[index - 1].text.isalpha()):
                    accepted = self._grouped(run, index) or self._hyphened(run, index)
                if accepted is None and len(run[index].text) >= _SHORTEST:
                    accepted = self._alone(run, index, last)
                if accepted is not None:
                    last = accepted
                    yield accepted
                    while behind < len(run) and run[behind].end <= accepted.end:
                        behind += 1
            while index < behind:
                offset += len(run[index].text)
                index += 1

    def _begins(self, run: list[_Token], index: int) -> bool:
        """Say whether a number may begin with a token of a run."""
        if index == 0 or "-" not in self._between(run[index - 1], run[index]):
            return True
        # DHL-00340...; but no part of 171-1234567-1234567.
        return run[index - 1].text.isalpha() and len(run[index - 1].text) > 2

    def _ends(self, run: list[_Token], index: int) -> list[int]:
        """Return behind which tokens a number that begins here may end."""
        ends, length = [], 0
        for end in range(index, min(len(run), index + _MOST_GROUPS)):
            length += len(run[end].text)
            if length > _LONGEST:
                break
            if (
                end + 1 == len(run)
                or self._begins(run, end + 1)
                or run[end + 1].text.isalpha()
            ):
                ends.append(end + 1)
        return ends

    def _between(self, token: _Token, other: _Token) -> str:
        return self._text[token.end : other.start]

    def _alone(
        self, run: list[_Token], index: int, last: _Accepted | None
    ) -> _Accepted | None:
        token = run[index]
        if not _countable(token.text) or index + 1 not in self._ends(run, index):
            return None
        return self._judge(token.text, token, token, last)

    def _telling(
        self, run: list[_Token], index: int, joined: str, offset: int
    ) -> _Accepted | None:
        """Join groups to a number whose form is telling, the longest first."""
        if len(run) == index + 1 or not _TELLING.match(joined, offset):
            return None
        self._questions += 1
        if self._questions > _MOST_QUESTIONS:
            return None
        for end in reversed(self._ends(run, index)):
            first, final = run[index], run[end - 1]
            number = joined[offset : offset + sum(len(t.text) for t in run[index:end])]
            if end == index + 1 or not _countable(number):
                continue
            broken = "\n" in self._text[first.start : final.end]
            least = _Strength.CERTAIN if broken else _Strength.TELLING
            if self._strength(number) < least:
                continue
            if (accepted := self._judge(number, first, final, None)) is not None:
                return accepted
        return None

    def _grouped(self, run: list[_Token], index: int) -> _Accepted | None:
        """Join groups of digits directly behind a label."""
        first = run[index]
        if (
            len(run) == index + 1
            or not first.text.isdecimal()
            or len(first.text) > _LONGEST_GROUP
            or self._said_of(first.start) != (Label.TRACKING, True)
        ):
            return None
        for end in reversed(self._ends(run, index)):
            final = run[end - 1]
            number = "".join(token.text for token in run[index:end])
            if (
                end > index + 1
                # A check character may be a letter.
                and number[:-1].isdecimal()
                and "\n" not in self._text[first.start : final.end]
                and _countable(number)
                and not _DATE.match(number)
                and self._strength(number) >= _Strength.PLAIN
            ):
                return _Accepted(
                    number=number,
                    start=first.start,
                    end=final.end,
                    evidence=Evidence.LABEL,
                )
        return None

    def _hyphened(self, run: list[_Token], index: int) -> _Accepted | None:
        """Join what hyphens join directly behind a label, whoever numbers so."""
        end = index + 1
        if run[index].text.lower() in _NAME_WORDS:
            # UPS-1Z...
            return None
        while end < len(run) and self._between(run[end - 1], run[end]) == "-":
            end += 1
        if end == index + 1:
            return None
        number = "".join(token.text for token in run[index:end])
        if (
            _ORDER.fullmatch(self._text, run[index].start, run[end - 1].end)
            or not _countable(number)
            or not _unknown_but_likely(number)
            or self._said_of(run[index].start) != (Label.TRACKING, True)
        ):
            return None
        return _Accepted(
            number=number,
            start=run[index].start,
            end=run[end - 1].end,
            evidence=Evidence.LABEL,
        )

    def _judge(
        self, number: str, first: _Token, final: _Token, last: _Accepted | None
    ) -> _Accepted | None:
        evidence = self._evidence(number, first, final, last)
        if evidence is None:
            return None
        return _Accepted(
            number=number, start=first.start, end=final.end, evidence=evidence
        )

    def _evidence(
        self, number: str, first: _Token, final: _Token, last: _Accepted | None
    ) -> Evidence | None:
        """Weigh what a number says of itself against what stands around it."""
        strength = self._strength(number)
        label, direct = self._said_of(first.start)
        refused = direct and label in (Label.OTHER_NUMBER, Label.OTHER_THING)
        if strength >= _Strength.TELLING:
            surely = strength is _Strength.CERTAIN and label is Label.OTHER_THING
            return None if refused and not surely else Evidence.FORM
        if label in (Label.OTHER_NUMBER, Label.OTHER_THING):
            return None
        # A comma before digits parts columns where there are any.
        if first.touching and self._headings.of(first.start) is None:
            return None
        if direct and label is Label.TRACKING:
            likely = strength > _Strength.WRONG or _unknown_but_likely(number)
            return Evidence.LABEL if likely else None
        if strength is _Strength.CHECKED and label is Label.TRACKING:
            return Evidence.LABEL
        if direct and label is Label.PARCEL:
            written = self._text[first.start : final.end]
            if strength is _Strength.CHECKED or _OF_A_PARCEL.fullmatch(written):
                return Evidence.LABEL
            # Je pakket 3SABCD1234567, but no SF202610051234.
            if strength is _Strength.PLAIN and self._is_own(number):
                return Evidence.LABEL
        if strength is not _Strength.WRONG:
            if self._carrier_beside(number, first.start, final.end):
                return Evidence.CARRIER
            if self._is_followed_by_label(final.end):
                return Evidence.LABEL
        if last is not None and self._continues(last, number, first.start):
            return last.evidence
        return None

    def _strength(self, number: str) -> _Strength:
        candidates = self._recognise(number)
        if not candidates or candidates[0].valid is False:
            return _Strength.WRONG
        best = candidates[0]
        shape, told = _SHAPES[best.format], number.strip(ascii_uppercase)
        if best.valid:
            if shape is Shape.OWN or best.format == "s10" or len(number) >= 23:
                return _Strength.CERTAIN
            return _Strength.CHECKED
        if shape is Shape.OWN and len(number) >= 12 and not _DATE.fullmatch(told):
            # Shops number their orders by the day: SF202610051234.
            if sum(map(str.isdecimal, number)) >= 9:
                return _Strength.TELLING
        return _Strength.PLAIN

    def _is_own(self, number: str) -> bool:
        """Say whether a number begins as those of one carrier only, with no date."""
        shape = _SHAPES[self._recognise(number)[0].format]
        return shape is Shape.OWN and not _DATE.fullmatch(number.strip(ascii_uppercase))

    # What stands around a number

    def _said_of(self, start: int) -> tuple[Label | None, bool]:
        """Return what a number is said to be, and whether directly in front of it."""
        if (heading := self._headings.of(start)) is not None:
            return heading, True
        if (mark := self._governing(start)) is None:
            return None, False
        return mark.label, self._leads_to(mark.end, start)

    def _governing(self, start: int) -> _Mark | None:
        """Return the nearest label in front of a number, if it is about it."""
        index = bisect_right(self._label_ends, start) - 1
        if index < 0 or start - self._label_ends[index] > _NEAR:
            return None
        mark = self._labels[index]
        gap = self._text[mark.end : start]
        # The point of "Order no." ends no sentence.
        abbreviated = bool(_ABBREVIATION.search(self._text, mark.start, mark.end))
        if _DIGIT_RUN.search(gap) or _SENTENCE_END.search(gap, abbreviated):
            return None
        if mark.label in (Label.OTHER_THING, Label.PARCEL) and index:
            # "Tracking number of your order: ..." speaks of the tracking number.
            before = self._labels[index - 1]
            between = self._text[before.end : mark.start]
            if (
                before.label is Label.TRACKING
                and re.search(r"[:\n]|\b(?:is|est|ist|es|è|lautet)\b", gap)
                and not re.search(r"[\d.:\n\t]", between)
                and len(between) <= _BESIDE
            ):
                return _Mark(start=before.start, end=mark.end, label=before.label)
        return mark

    def _leads_to(self, end: int, start: int) -> bool:
        gap = self._text[end:start]
        if len(gap) > _DIRECT or gap.count("\n") > 3:
            return False
        return not any(map(str.isdecimal, gap)) and _connects(gap)

    def _carrier_beside(self, number: str, start: int, end: int) -> bool:
        """Say whether a carrier that numbers so is named beside the number."""
        if sum(map(str.isdecimal, number)) < 11:
            return False
        carriers = {
            candidate.carrier
            for candidate in self._recognise(number)
            if candidate.valid is not False
        }
        index = bisect_right(self._carrier_ends, start)
        around = self._carriers[max(0, index - 1) : index + 1]
        for mark in around:
            left, right = (mark.end, start) if mark.end <= start else (end, mark.start)
            # The far one may be at the other end of the message.
            if right - left > _BESIDE or not mark.carriers & carriers:
                continue
            gap = self._text[left:right]
            if (
                gap.count("\n") <= 1
                and not any(map(str.isdecimal, gap))
                and _connects(gap)
            ):
                return True
        return False

    def _is_followed_by_label(self, end: int) -> bool:
        """Say whether a number is told to be one: "... is your tracking number"."""
        index = bisect_right(self._label_ends, end)
        if index == len(self._labels):
            return False
        mark = self._labels[index]
        if not 0 <= mark.start - end <= _BESIDE:
            return False
        gap = self._text[end : mark.start]
        return (
            mark.label is Label.TRACKING
            and bool(re.match(r"\s(?:is|est|ist|es|è)\b", gap))
            and _connects(gap)
        )

    def _continues(self, last: _Accepted, number: str, start: int) -> bool:
        """Say whether a number goes on with a list of numbers like it."""
        return (
            last.evidence is not Evidence.LINK
            and _pattern(last.number) == _pattern(number)
            and start - last.end <= _BESIDE
            and bool(_LIST_GAP.fullmatch(self._text, last.end, start))
        )

    # Numbers in links

    def _in_links(self) -> Iterator[_Accepted]:
        for link in self._links:
            for number in self._numbers_of(link):
                yield _Accepted(
                    number=number,
                    start=link.position,
                    end=link.position,
                    evidence=Evidence.LINK,
                )

    def _numbers_of(self, link: Link) -> Iterator[str]:
        addresses = [link.address]
        for address in addresses:
            try:
                parts = urlsplit(address)
                known = _is_tracking_host(parts.hostname or "")
            except ValueError:
                continue
            query = "&".join((parts.query, parts.fragment.partition("?")[2]))
            for name, value in parse_qsl(query.replace(";", "&"))[:50]:
                if "://" in value and len(addresses) < 4:
                    # Newsletters lead to a page through another.
                    addresses.append(value)
                    continue
                yield from self._in_parameter(name, value, known)
            if known:
                path = f"{parts.path}/{parts.fragment.partition('?')[0]}"
                # A newsletter's links hold plain numbers too.
                follows = _FOLLOWING.search(f"{parts.hostname}{path}".lower())
                least = _Strength.PLAIN if follows else _Strength.TELLING
                for piece in re.split(r"[/=:&,]", path)[:50]:
                    yield from self._in_value(piece, least)

    def _in_parameter(self, name: str, value: str, known: bool) -> Iterator[str]:
        name = re.sub(r"[\W_]", "", name).lower()
        if name in TRACKING_PARAMETERS:
            yield from self._in_value(
                value, _Strength.WRONG if known else _Strength.TELLING
            )
        elif known and name in GENERAL_PARAMETERS:
            yield from self._in_value(value, _Strength.PLAIN)

    def _in_value(self, value: str, least: _Strength) -> Iterator[str]:
        for piece in re.split(r"[,;|\n]|%2C", unquote(value))[:20]:
            number = normalise(piece)
            if not re.fullmatch(r"[0-9A-Z]+", number) or not _countable(number):
                continue
            strength = self._strength(number)
            if strength < least:
                continue
            if strength is _Strength.PLAIN and not _is_long(number):
                continue
            if strength is _Strength.WRONG and not _unknown_but_likely(number):
                continue
            yield number


_LONGEST_HEADING: Final = 200


def _separator(line: str) -> str:
    """Return what parts the columns of a table that may begin with a line."""
    if "\t" in line or len(line) > _LONGEST_HEADING:
        return "\t"
    return next((mark for mark in "|;," if mark in line), "\t")


_TELLS: Final = frozenset({Label.TRACKING, Label.OTHER_NUMBER})


class _Headings:
    """What the headings of a table's columns say of the numbers below them."""

    def __init__(self, text: str, labels: list[_Mark]) -> None:
        self._starts: list[int] = []
        self._labels: list[Label | None] = []
        headings: list[Label | None] = []
        separator = "\t"
        start = index = 0
        for line in text.split("\n"):
            said = None
            if not headings or separator not in line:
                if headings and line.strip():
                    headings = []
                separator = _separator(line)
            cells = line.split(separator) if separator in line else [line]
            if len(cells) > 1:
                while index < len(labels) and labels[index].start < start:
                    index += 1
                labelled: list[Label | None] = []
                position = start
                for cell in cells:
                    end = position + len(cell)
                    while index < len(labels) and labels[index].start < position:
                        index += 1
                    inside = index < len(labels) and labels[index].end <= end
                    labelled.append(labels[index].label if inside else None)
                    position = end + 1
                is_heading = sum(map(bool, labelled)) > 1
                if is_heading and not any(map(str.isdecimal, line)):
                    headings = labelled
                elif len(cells) <= len(headings) and not _TELLS.intersection(labelled):
                    said = headings[: len(cells)]
            position = start
            for column, cell in enumerate(cells):
                self._starts.append(position)
                self._labels.append(said[column] if said else None)
                position += len(cell) + 1
            start += len(line) + 1

    def of(self, position: int) -> Label | None:
        """Return what the heading of the column at a position says."""
        return self._labels[bisect_right(self._starts, position) - 1]


def _marks(text: str, folded: str, phrases: Mapping[str, Label]) -> Iterator[_Mark]:
    # Looking for a phrase costs a pass over the text.
    here = set(folded)
    for phrase, label in phrases.items():
        if not here.issuperset(phrase):
            continue
        for start, end in _occurrences(text, folded, phrase):
            yield _Mark(start=start, end=end, label=label)


def _carrier_marks(text: str, folded: str) -> list[_Mark]:
    marks = [
        _Mark(start=start, end=end, carriers=carriers)
        for name, carriers in CARRIER_NAMES.items()
        for start, end in _occurrences(text, folded, name)
    ]
    return _outermost(marks)


def _occurrences(text: str, folded: str, phrase: str) -> Iterator[tuple[int, int]]:
    """Yield where a phrase stands as words of its own."""
    spaced = phrase[0] < "\u0e00"
    start = folded.find(phrase)
    while start >= 0:
        end = start + len(phrase)
        if not spaced:
            yield start, end
        elif _begins_word(text, start):
            longest = end + 4
            while end < longest and end < len(text) and folded[end].isalpha():
                end += 1
            if end < longest or not phrase[-1].isalpha():
                yield start, end
        start = folded.find(phrase, start + len(phrase))


def _begins_word(text: str, start: int) -> bool:
    if start == 0 or not text[start - 1].isalnum():
        return True
    # Where a browser has taken out the line's end.
    return text[start].isupper() and not text[start - 1].isupper()


def _outermost(marks: Iterator[_Mark] | list[_Mark]) -> list[_Mark]:
    """Return the marks in order, of those that overlap the one that says more."""
    kept: list[_Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        if kept and mark.start < kept[-1].end:
            if mark.end > kept[-1].end and mark.label is Label.TRACKING:
                kept[-1] = mark
            continue
        kept.append(mark)
    return kept


def _pieces(word: str) -> list[tuple[int, int]]:
    """Return the parts of a token, where words were glued to a number."""
    if word.isupper() or word.isdecimal() or len(word) > _LONGEST_GLUED:
        return [(0, len(word))]
    if word.islower():
        glued = _WORD_BEFORE.match(word)
        return [glued.span(), (glued.end(), len(word))] if glued else [(0, len(word))]
    pieces = list(_GLUED.finditer(word))
    if any(
        len(piece[0]) < _SHORTEST_WORD
        and not piece[0].isupper()
        and not piece[0].isdecimal()
        for piece in pieces
    ):
        return [(0, len(word))]
    return [piece.span() for piece in pieces]


def _touches(text: str, start: int, end: int) -> bool:
    """Say whether a token is a part of something: an address, a price, a file."""
    before, behind = text[start - 1 : start], text[end : end + 1]
    if before in _TOUCHING_BEFORE or behind in _TOUCHING_BEHIND:
        return bool(before or behind)
    farther = text[end + 1 : end + 2]
    if behind == "." and farther.isalnum():
        return True
    return before in (".", ",", "=") and text[start - 2 : start - 1].isdecimal()


def _joins(token: _Token, other: _Token) -> bool:
    """Say whether two tokens of a region could be parts of one number."""
    if token.touching or other.touching or token.end == other.start:
        return False
    return not (_is_word(token.text) or _is_word(other.text))


def _is_word(text: str) -> bool:
    return len(text) > _LONGEST_LETTERS and text.isalpha()


def _countable(number: str) -> bool:
    """Say whether a tracking number may have so many letters and digits."""
    return (
        _SHORTEST <= len(number) <= _LONGEST
        and sum(map(str.isdecimal, number)) >= _FEWEST_DIGITS
    )


def _unknown_but_likely(number: str) -> bool:
    """Say whether a number of no known format may be a small carrier's."""
    digits = sum(map(str.isdecimal, number))
    return (
        len(number) <= _LONGEST_UNKNOWN
        and 2 * digits >= len(number)
        and not _DATE.fullmatch(number)
    )


def _is_long(number: str) -> bool:
    return sum(map(str.isdecimal, number)) >= 11


def _connects(gap: str) -> bool:
    """Say whether a gap holds nothing that could be about something else."""
    words = [fold(word) for word in _WORD.findall(gap)]
    return all(
        word in CONNECTING_WORDS or word in CARRIER_NAMES or word in _NAME_WORDS
        for word in words
    )


_NAME_WORDS: Final = frozenset(word for name in CARRIER_NAMES for word in name.split())


def _pattern(number: str) -> str:
    return re.sub(r"\d", "0", re.sub(r"[A-Z]", "A", number))


def _same(found: Found, other: Found) -> bool:
    """Say whether two are one number, a bar code and the number in it too."""
    if found.number == other.number:
        return True
    long, short = sorted((found, other), key=lambda one: -len(one.number))
    return (
        len(short.number) >= 12
        and long.number.endswith(short.number)
        and bool(long.candidates and short.candidates)
        and long.candidates[0].carrier == short.candidates[0].carrier
    )


def _account_at(run: list[_Token], index: int) -> int | None:
    """Return where an IBAN (ISO 13616) ends, whose digits look like anything."""
    length = _ACCOUNT_LENGTHS.get(run[index].text[:2], 0)
    joined, end = "", index
    while end < len(run) and len(joined) < length:
        joined += run[end].text
        end += 1
    if not length or len(joined) != length or not joined[2:4].isdecimal():
        return None
    digits = "".join(str(int(mark, 36)) for mark in joined[4:] + joined[:4])
    return end if int(digits) % 97 == 1 else None


def _is_tracking_host(host: str) -> bool:
    """Say whether a host is a carrier's: ups.com, www.dpd.co.uk, bpost.cloud."""
    *names, _ = ["", *host.lower().split(".")]
    if len(names) > 1 and names[-1] in _SECOND_LEVEL:
        names.pop()
    return names[-1] in TRACKING_HOSTS if names else False
