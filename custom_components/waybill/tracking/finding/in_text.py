"""The numbers in the text of a message."""

from collections.abc import Iterator
import re
from typing import Final

from .found import Accepted, Evidence
from .iban import account_at
from .strength import (
    DATE,
    LONGEST,
    SHORTEST,
    Recogniser,
    Strength,
    countable,
    is_long,
    unknown_but_likely,
)
from .surroundings import BESIDE, Surroundings
from .tokens import Token, runs
from .words import CARRIER_NAME_WORDS, Label

_LONGEST_GROUP: Final = 6
_MOST_GROUPS: Final = 16
"""A number is printed in groups of two characters or more."""

# As Evri numbers its parcels.
_OF_A_PARCEL: Final = re.compile(r"[A-Z]{1,2}\d{1,3}[A-Z]{1,4}\d{8,12}")
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


class TextSearch:
    """Looks for numbers in one text."""

    def __init__(self, text: str, recogniser: Recogniser) -> None:
        """Prepare to look through a text, as `read_message` leaves it."""
        self._text = text
        self._recogniser = recogniser
        self._surroundings = Surroundings(text)

    def numbers(self) -> Iterator[Accepted]:
        """Yield the numbers that count, in their order."""
        last: Accepted | None = None
        for run in runs(self._text):
            for last in self._in_run(run, last):
                yield last

    def _in_run(self, run: list[Token], last: Accepted | None) -> Iterator[Accepted]:
        joined = "".join(token.text for token in run)
        index = offset = 0
        while index < len(run):
            if len(run[index].text) == 1:
                # No number is printed with one character in front.
                offset += 1
                index += 1
                continue
            behind = account_at(run, index) or index + 1
            if behind == index + 1 and self._begins(run, index):
                accepted = self._telling(run, index, joined, offset)
                if accepted is None and (index == 0 or run[index - 1].text.isalpha()):
                    accepted = self._grouped(run, index) or self._hyphened(run, index)
                if accepted is None and len(run[index].text) >= SHORTEST:
                    accepted = self._alone(run, index, last)
                if accepted is not None:
                    last = accepted
                    yield accepted
                    while behind < len(run) and run[behind].end <= accepted.end:
                        behind += 1
            while index < behind:
                offset += len(run[index].text)
                index += 1

    def _begins(self, run: list[Token], index: int) -> bool:
        """Say whether a number may begin with a token of a run."""
        if index == 0 or "-" not in self._between(run[index - 1], run[index]):
            return True
        # DHL-00340...; but no part of 171-1234567-1234567.
        return run[index - 1].text.isalpha() and len(run[index - 1].text) > 2

    def _ends(self, run: list[Token], index: int) -> list[int]:
        """Return behind which tokens a number that begins here may end."""
        ends, length = [], 0
        for end in range(index, min(len(run), index + _MOST_GROUPS)):
            length += len(run[end].text)
            if length > LONGEST:
                break
            if (
                end + 1 == len(run)
                or self._begins(run, end + 1)
                or run[end + 1].text.isalpha()
            ):
                ends.append(end + 1)
        return ends

    def _between(self, token: Token, other: Token) -> str:
        return self._text[token.end : other.start]

    def _alone(
        self, run: list[Token], index: int, last: Accepted | None
    ) -> Accepted | None:
        token = run[index]
        if not countable(token.text) or index + 1 not in self._ends(run, index):
            return None
        return self._judge(token.text, token, token, last)

    def _telling(
        self, run: list[Token], index: int, joined: str, offset: int
    ) -> Accepted | None:
        """Join groups to a number whose form is telling, the longest first."""
        if len(run) == index + 1 or not _TELLING.match(joined, offset):
            return None
        if not self._recogniser.allows():
            return None
        for end in reversed(self._ends(run, index)):
            first, final = run[index], run[end - 1]
            number = joined[offset : offset + sum(len(t.text) for t in run[index:end])]
            if end == index + 1 or not countable(number):
                continue
            broken = "\n" in self._text[first.start : final.end]
            least = Strength.CERTAIN if broken else Strength.TELLING
            if self._recogniser.strength(number) < least:
                continue
            if (accepted := self._judge(number, first, final, None)) is not None:
                return accepted
        return None

    def _grouped(self, run: list[Token], index: int) -> Accepted | None:
        """Join groups of digits directly behind a label."""
        first = run[index]
        if (
            len(run) == index + 1
            or not first.text.isdecimal()
            or len(first.text) > _LONGEST_GROUP
            or self._surroundings.said_of(first.start) != (Label.TRACKING, True)
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
                and countable(number)
                and not DATE.match(number)
                and self._recogniser.strength(number) >= Strength.PLAIN
            ):
                return Accepted(
                    number=number,
                    start=first.start,
                    end=final.end,
                    evidence=Evidence.LABEL,
                )
        return None

    def _hyphened(self, run: list[Token], index: int) -> Accepted | None:
        """Join what hyphens join directly behind a label, whoever numbers so."""
        end = index + 1
        if run[index].text.lower() in CARRIER_NAME_WORDS:
            # UPS-1Z...
            return None
        while end < len(run) and self._between(run[end - 1], run[end]) == "-":
            end += 1
        if end == index + 1:
            return None
        number = "".join(token.text for token in run[index:end])
        if (
            _ORDER.fullmatch(self._text, run[index].start, run[end - 1].end)
            or not countable(number)
            or not unknown_but_likely(number)
            or self._surroundings.said_of(run[index].start) != (Label.TRACKING, True)
        ):
            return None
        return Accepted(
            number=number,
            start=run[index].start,
            end=run[end - 1].end,
            evidence=Evidence.LABEL,
        )

    def _judge(
        self, number: str, first: Token, final: Token, last: Accepted | None
    ) -> Accepted | None:
        evidence = self._evidence(number, first, final, last)
        if evidence is None:
            return None
        return Accepted(
            number=number, start=first.start, end=final.end, evidence=evidence
        )

    def _evidence(
        self, number: str, first: Token, final: Token, last: Accepted | None
    ) -> Evidence | None:
        """Weigh what a number says of itself against what stands around it."""
        strength = self._recogniser.strength(number)
        label, direct = self._surroundings.said_of(first.start)
        refused = direct and label in (Label.OTHER_NUMBER, Label.OTHER_THING)
        if strength >= Strength.TELLING:
            surely = strength is Strength.CERTAIN and label is Label.OTHER_THING
            return None if refused and not surely else Evidence.FORM
        if label in (Label.OTHER_NUMBER, Label.OTHER_THING):
            return None
        # A comma before digits parts columns where there are any.
        if first.touching and not self._surroundings.has_heading(first.start):
            return None
        if direct and label is Label.TRACKING:
            likely = strength > Strength.WRONG or unknown_but_likely(number)
            return Evidence.LABEL if likely else None
        if strength is Strength.CHECKED and label is Label.TRACKING:
            return Evidence.LABEL
        if direct and label is Label.PARCEL:
            written = self._text[first.start : final.end]
            if strength is Strength.CHECKED or _OF_A_PARCEL.fullmatch(written):
                return Evidence.LABEL
            # Je pakket 3SABCD1234567, but no SF202610051234.
            if strength is Strength.PLAIN and self._recogniser.is_own(number):
                return Evidence.LABEL
        if strength is not Strength.WRONG:
            if self._carrier_beside(number, first.start, final.end):
                return Evidence.CARRIER
            if self._surroundings.label_follows(final.end):
                return Evidence.LABEL
        if last is not None and self._continues(last, number, first.start):
            return last.evidence
        return None

    def _carrier_beside(self, number: str, start: int, end: int) -> bool:
        """Say whether a carrier that numbers so is named beside the number."""
        if not is_long(number):
            return False
        carriers = {
            candidate.carrier
            for candidate in self._recogniser.candidates(number)
            if candidate.valid is not False
        }
        return self._surroundings.name_one_of(carriers, start, end)

    def _continues(self, last: Accepted, number: str, start: int) -> bool:
        """Say whether a number goes on with a list of numbers like it."""
        return (
            last.evidence is not Evidence.LINK
            and _pattern(last.number) == _pattern(number)
            and start - last.end <= BESIDE
            and bool(_LIST_GAP.fullmatch(self._text, last.end, start))
        )


def _pattern(number: str) -> str:
    return re.sub(r"\d", "0", re.sub(r"[A-Z]", "A", number))
