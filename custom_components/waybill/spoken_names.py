"""Which parcel is meant by the words that a person says for it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from itertools import chain
import re
from typing import Final
import unicodedata

LONGEST: Final = 200
"""Characters of what is said, or of a name, that are looked at."""

_WORD: Final = re.compile(r"[^\W_]+")
_AS_WRITTEN: Final = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_NO_ACCENT: Final = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"}
)
_ONE_QUOTE: Final = str.maketrans("’ʼ`´", "''''")
_SHORTEST_STEM: Final = 3
_SHORTEST_TYPO: Final = 4
"""Letters of a word that may be misheard: of a shorter one, too little is left."""
_SHORTEST_PART: Final = 4
"""Letters of a part of a compound: shorter ones are in too many words by chance."""
_SAME_WORD: Final = 0.8
_SAME_ALL: Final = 0.85
"""How alike (0 to 1) two words, or all of them together, are at least."""
_MISHEARD: Final = 0.8
_OF_A_HINT: Final = 0.9
_PART: Final = 0.9
_ENOUGH: Final = 0.6
_ENOUGH_OF_WHOLE: Final = 0.5
_LONGEST_RUN: Final = 4
_MOST_WORDS: Final = 8
_LONGEST_DECLINED: Final = 3
_SHORTEST_SAID: Final = 3
"""Letters of a word that says by itself which parcel is meant."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NameWords:
    """How a language treats names.

    ``little`` are words (folded) that say nothing about which parcel is meant:
    articles, possessives, words for a parcel. ``endings`` are those that a word
    may have or lack, the longest first. ``adjective_endings`` are those that a
    word before another may have instead of its own. With ``compounds``, a word may
    be made of several, of which the last says what it is.
    """

    little: frozenset[str] = frozenset()
    endings: tuple[str, ...] = ()
    adjective_endings: tuple[str, ...] = ()
    compounds: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """What a parcel can be called by: its name, its carrier's and its seller's."""

    key: str
    name: str = field(repr=False)
    hints: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Likeness:
    """How well a parcel fits: how much of what was said, and whether all of it."""

    said: float = 0.0
    whole: bool = False


def fold(text: str) -> str:
    """Return a text without accents, in small letters."""
    # Some letters have a small form, and some quotes are quotes, only once plain.
    letters = unicodedata.normalize("NFKD", text).translate(_ONE_QUOTE).casefold()
    bare = unicodedata.normalize("NFKD", letters)
    plain = "".join(char for char in bare if not unicodedata.combining(char))
    return plain.translate(_NO_ACCENT)


def name_words(
    little: Iterable[str],
    endings: Iterable[str],
    adjective_endings: Iterable[str] = (),
    *,
    compounds: bool = False,
) -> NameWords:
    """Return how a language treats names, from its lists as they are written."""
    return NameWords(
        little=frozenset(map(fold, little)),
        endings=_longest_first(endings),
        adjective_endings=_longest_first(adjective_endings),
        compounds=compounds,
    )


def _longest_first(endings: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(map(fold, endings), key=len, reverse=True))


def meant(said: str, parcels: Sequence[Named], words: NameWords) -> list[str]:
    """Return the keys of the parcels that are meant: one, several alike, or none.

    Accents, case, the order of the words, articles and plurals do not count; a
    part of the name suffices, and a carrier or seller helps. Only where nothing
    fits so, words may be misheard by a letter or two.
    """
    spoken = _telling(said, words)
    if not spoken:
        return []
    # A name that is an ending away from another can still be said.
    if exact := [p.key for p in parcels if _telling(p.name, words) == spoken]:
        return exact
    for misheard in (False, True):
        found = {
            parcel.key: likeness
            for parcel in parcels
            if (likeness := _likeness(spoken, parcel, words, misheard)).said
        }
        if found:
            best = max(round(likeness.said, 2) for likeness in found.values())
            keys = [k for k, v in found.items() if round(v.said, 2) == best]
            return [key for key in keys if found[key].whole] or keys
    return []


def sayings(
    name: str, words: NameWords, taken: Collection[str] = frozenset()
) -> list[str]:
    """Return what a person may say for a name: it, and parts that say enough.

    Only letters, digits and what joins them within a word, so that nothing in
    it means anything to whoever matches sentences. Nothing that is ``taken``
    (folded) by something else than parcels, and no word that says nothing.
    """
    written = _AS_WRITTEN.findall(name[:LONGEST].translate(_ONE_QUOTE))[:_MOST_WORDS]
    said: dict[str, None] = {}
    for run in _runs(written):
        text = " ".join(run)
        # "l'horloge" is also said "une horloge".
        _, elided, rest = text.partition("'")
        forms = (text, rest) if elided else (text,)
        for form in (*forms, *_declined(run, words), *_ends(run, words)):
            # A letter such as "⑴" becomes three, of which two are none.
            folded = " ".join(_AS_WRITTEN.findall(fold(form)))
            if folded not in taken and any(
                len(word) >= _SHORTEST_SAID
                and word not in words.little
                and not word.isdecimal()
                for word in _WORD.findall(folded)
            ):
                said[form.casefold()] = None
                said[folded] = None
    return list(said)


def _runs(written: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield all the words, then those that follow each other, the longest first."""
    yield written
    for length in range(min(_LONGEST_RUN, len(written) - 1), 0, -1):
        for start in range(len(written) - length + 1):
            yield written[start : start + length]


def _declined(run: Sequence[str], words: NameWords) -> Iterator[str]:
    """Yield words with other endings before the last: "rote Schuhe", "roten Schuhe"."""
    if not 1 < len(run) <= _LONGEST_DECLINED:
        return
    *before, last = run
    for ending in words.adjective_endings:
        said = [_with_ending(word, ending, words.adjective_endings) for word in before]
        yield " ".join((*said, last))


def _with_ending(word: str, ending: str, others: Iterable[str]) -> str:
    """Exchange the ending of a word, if it has one."""
    for other in others:
        if word.endswith(other) and len(word) - len(other) >= _SHORTEST_STEM:
            return word.removesuffix(other) + ending
    return word


def _ends(run: Sequence[str], words: NameWords) -> Iterator[str]:
    """Yield what a word may be a kind of: "Schuhe" of "Laufschuhe"."""
    if not words.compounds or len(run) > 1:
        return
    for word in run:
        if "-" in word:
            yield word.replace("-", " ")
        for start in range(_SHORTEST_STEM, len(word) - _SHORTEST_PART + 1):
            if word[start].isalnum():
                yield word[start:]


def _likeness(
    spoken: Sequence[str], parcel: Named, words: NameWords, misheard: bool
) -> _Likeness:
    of_name = _telling(parcel.name, words)
    of_hints = [_telling(hint, words) for hint in parcel.hints]
    all_of_it = _MISHEARD if misheard else 1.0
    if _as_one(spoken, of_name, misheard):
        return _Likeness(said=all_of_it, whole=True)
    if any(_as_one(spoken, hint, misheard) for hint in of_hints):
        return _Likeness(said=_OF_A_HINT * all_of_it)
    of_hint = _SameWord(words.endings, misheard)
    same = replace(of_hint, compounds=words.compounds)
    found: set[str] = set()
    score = 0.0
    for word in spoken:
        if (fit := same.best(word, of_name)) is not None:
            # A part of a word is not the whole of it.
            if fit[0] != _PART:
                found.add(fit[1])
            score += fit[0]
        elif (fit := of_hint.best(word, chain.from_iterable(of_hints))) is not None:
            score += fit[0] * _OF_A_HINT
    score /= len(spoken)
    whole = bool(of_name) and found == set(of_name)
    if score < (_ENOUGH_OF_WHOLE if whole else _ENOUGH):
        return _Likeness()
    return _Likeness(said=score, whole=whole)


@dataclass(frozen=True, slots=True)
class _SameWord:
    """Finds a word among others, with or without its ending."""

    endings: tuple[str, ...]
    misheard: bool
    compounds: bool = False

    def best(self, word: str, others: Iterable[str]) -> tuple[float, str] | None:
        """Return how well the best of the others fits (0 to 1), and which it is."""
        forms = self._forms(word)
        fits = ((self._fit(word, forms, other), other) for other in others)
        fit, other = max(fits, default=(0.0, ""))
        return (fit, other) if fit else None

    def _fit(self, word: str, forms: set[str], other: str) -> float:
        of_other = self._forms(other)
        if not forms.isdisjoint(of_other):
            return 1.0
        if self.compounds and any(
            _is_part(form, whole) or _is_part(whole, form)
            for form in forms
            for whole in of_other
        ):
            return _PART
        return _MISHEARD if self.misheard and _alike(word, other, _SAME_WORD) else 0.0

    def _forms(self, word: str) -> set[str]:
        return {word} | {
            word.removesuffix(ending)
            for ending in self.endings
            if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM
        }


def _is_part(word: str, compound: str) -> bool:
    return len(word) >= _SHORTEST_PART and (
        compound.startswith(word) or compound.endswith(word)
    )


def _as_one(spoken: Sequence[str], others: Sequence[str], misheard: bool) -> bool:
    """Compare without the gaps: "Ali Express" is AliExpress."""
    first, second = "".join(spoken), "".join(others)
    if first == second or sorted(spoken) == sorted(others):
        return bool(first)
    return misheard and _alike(first, second, _SAME_ALL)


def _alike(first: str, second: str, least: float) -> bool:
    """Say whether two words are alike (0 to 1) enough to be misheard."""
    if min(len(first), len(second)) < _SHORTEST_TYPO:
        return False
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    ratios = (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio)
    return all(ratio() >= least for ratio in ratios)


def _telling(text: str, words: NameWords) -> list[str]:
    """Return the words (folded) that count; all, where none does."""
    found = _WORD.findall(fold(text[:LONGEST]))
    return [word for word in found if word not in words.little] or found
