"""Read a carrier's own words, by closed lists of phrases and nothing else.

A phrase is plain lower-case text; ``…`` in it stands for up to five words, and
what ``|`` parts are words of which any may stand there. It is looked for sentence
by sentence, without regard to case and punctuation, so that "Pick-up" and "pickup"
are one word. Who uses a list says so at the top of the provider's own file.
"""

from collections.abc import Iterable, Iterator
import re
from typing import Final

from ..model import Stage

_GAP: Final = r"(?: \w+){0,5} "
_SENTENCE_END: Final = re.compile(r"[.;:!?|。]+")
_SEPARATOR: Final = re.compile(r"[\W_]+")

# One spelling for what carriers write in several ways.
_SPELLINGS: Final = (
    (re.compile(r"\bpickup\b"), "pick up"),
    (re.compile(r"\bservicepoint\b"), "service point"),
    (re.compile(r"\bparcelshop\b"), "parcel shop"),
    (re.compile(r"\bpack station\b"), "packstation"),
    (re.compile(r"\bcustom\b"), "customs"),
    (re.compile(r"\bonto (?:a|the|our)\b"), "onto"),
)


class Phrases:
    """A closed list of phrases that all mean the same."""

    def __init__(self, *phrases: str) -> None:
        """Compile the phrases."""
        self._pattern = re.compile(
            "|".join(
                rf"\b{_GAP.join(map(_any_of, phrase.split(' … ')))}\b"
                for phrase in phrases
            )
        )

    def __contains__(self, sentence: str) -> bool:
        """Say whether a sentence, as ``sentences`` tells it, has one of them."""
        return self._pattern.search(sentence) is not None


class Refinement:
    """What texts can add to a code that says too little.

    Sentences that hold a phrase of ``not_now`` are passed over: they speak of
    what is to come or was. Of the rest the first row with a phrase decides.
    """

    def __init__(
        self, *rows: tuple[Stage, Phrases], not_now: Phrases | None = None
    ) -> None:
        """Take rows in the order in which they decide."""
        self._rows = rows
        self._not_now = not_now

    def stage(self, texts: Iterable[str]) -> Stage | None:
        """Return the stage that the texts tell, or None where they tell none."""
        told = [
            sentence
            for sentence in sentences(texts)
            if self._not_now is None or sentence not in self._not_now
        ]
        for stage, phrases in self._rows:
            if any(sentence in phrases for sentence in told):
                return stage
        return None


def _any_of(words: str) -> str:
    choices = "|".join(map(re.escape, words.split("|")))
    return f"(?:{choices})" if "|" in words else choices


def sentences(texts: Iterable[str]) -> Iterator[str]:
    """Split texts into sentences of lower-case words with single spaces."""
    for text in texts:
        for part in _SENTENCE_END.split(text):
            sentence = _SEPARATOR.sub(" ", part.casefold()).strip()
            for pattern, spelling in _SPELLINGS:
                sentence = pattern.sub(spelling, sentence)
            if sentence:
                yield sentence


_LEFT: Final = (
    "delivered",
    "deposited",
    "placed in",
    "placed at",
    "dropped off at",
    "left at",
    "left in",
    "stored in",
    "stored at",
    "handed over to",
    "signed by",
    "signed for by",
)
_PICKUP_PLACES: Final = (
    "locker",
    "packstation",
    "parcel machine",
    "parcel terminal",
    "pick up point",
    "pick up location",
    "pick up station",
    "pick up store",
    "collection point",
    "service point",
    "parcel shop",
    "access point",
    "relay point",
    "retail outlet",
)
_LEFT_AT_PICKUP_PLACE: Final = Phrases(
    f"{'|'.join(_LEFT)} … {'|'.join(_PICKUP_PLACES)}",
    "delivered for pick up",
    "delivered for collection",
)
_COLLECTED: Final = Phrases(
    "picked up by",
    "picked up from",
    "picked up at",
    "picked up the",
    "been picked up",
    "collected by",
    "collected from",
    "collected at",
    "collected the",
    "been collected",
    "to addressee",
    "to the addressee",
    "to recipient",
    "to the recipient",
    "to the customer",
    "by recipient",
    "by the recipient",
    "by customer",
    "by the customer",
    "by buyer",
    "by the buyer",
)


def left_at_pickup_place(texts: Iterable[str]) -> bool:
    """Say whether a delivery went to a locker, a station or a pick-up point.

    There it waits for the person, who has not got it yet. False where the person
    took it out of one.
    """
    told = list(sentences(texts))
    return any(sentence in _LEFT_AT_PICKUP_PLACE for sentence in told) and not any(
        sentence in _COLLECTED for sentence in told
    )
