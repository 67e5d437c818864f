"""How long 100 kB of hostile text hold up each pattern, and what reads texts."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from heapq import nlargest
import re
from time import process_time
from typing import Any, Final
import warnings

from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from custom_components.waybill.spoken_names import Named, NameWords, meant, sayings
from custom_components.waybill.tracking.finding import find, name_beside
from custom_components.waybill.tracking.finding.message_text import read_message
from custom_components.waybill.tracking.harmless_text import clean
from custom_components.waybill.tracking.numbers import normalise, plausible, recognise
from custom_components.waybill.tracking.providers import fields
from custom_components.waybill.tracking.providers.country_names import country_code
from custom_components.waybill.tracking.providers.redaction import redactor
from custom_components.waybill.tracking.providers.wording import left_at_pickup_place
from custom_components.waybill.tracking.providers.written_dates import written_moment

from .patterns import asked_at_one_place, pattern_sets

LONGEST_MS: Final = 100
"""What 100 kB may take of the processor, and so of the event loop."""
_IN_A_THREAD: Final = frozenset({"find", "read_message"})
"""What reads whole messages, which does not hold up the event loop."""
_SIZE: Final = 100_000
_EXAMPLES: Final = 3
_REPEATS: Final = 3
_WORST: Final = 10
"""How many of the near misses of one pattern are tried with all of its set."""

_FORMATS: Final = "tracking.numbers.formats"
"""Asked only whether they fit a whole number, of 64 characters at most."""

_WHOLE: Final = frozenset({"fullmatch"})
_CALLS: Final[dict[str, Callable[[re.Pattern[Any], Any], Iterable[object] | None]]] = {
    "fullmatch": lambda pattern, text: pattern.fullmatch(text) and None,
    "match": lambda pattern, text: pattern.match(text) and None,
    "search": lambda pattern, text: pattern.finditer(text),
}
_EVERY_WAY: Final = frozenset(_CALLS)

_RUNS: Final = "aA1 -.<&=/\n_>'\"[(:,%é💥\u0301\u200b"
_ALTERNATIONS: Final = (
    "1 ",
    "1-",
    "1 - ",
    "A1",
    "a ",
    "ab ",
    "a.",
    "a'",
    "=4",
    "> ",
    "\n> ",
    "<a",
    "<a>",
    "<a b='",
    "&#1",
    "&amp",
    "1\n",
    "1234 5678 ",
    "tracking number ",
    "tracking: 12345678 ",
    "delivered to the ",
    "https://",
    "http://a/?b=1&",
    "LP0012345678901 ",
    "1Z999AA1012345678 ",
    "lamp 12 shoes 345 ",
    "\\n",
    "|;,\t",
    "=E2=80",
)
_FROM_AFAR: Final = (
    "٣",
    "٣\u2003",
    "\u2003",
    "１２ ",
    "é\u0301",
    "ﷺ",
    "İ",
    "\u2028",
    "Ⅷ",
)


def report(say: Callable[[str], None], *, quick: bool) -> bool:
    """Measure; returns whether nothing takes too long."""
    sets, ways = pattern_sets(), asked_at_one_place()
    kinds = ("runs", "alternating", "from afar", "near misses")
    say(f"CPU ms for 100 kB, the worst text of each kind; at most {LONGEST_MS}")
    say(f"{'':44}" + "".join(f"{kind:>13}" for kind in kinds) + "   growth, on")
    fits = True
    for name, patterns in sets.items():
        if name.startswith(_FORMATS):
            ways |= dict.fromkeys(patterns, _WHOLE)
        near = _worst_near_misses(patterns[: 6 if quick else None], ways)
        run = _all_of(patterns, ways)
        fits &= _measure(say, f"{name} ({len(patterns)})", run, near)
    say("")
    for name, read in _READERS.items():
        beside = name in _IN_A_THREAD
        called = f"{name}(), in a thread" if beside else f"{name}()"
        fits &= _measure(say, called, read, _SENTENCES) or beside
    return fits


def _measure(
    say: Callable[[str], None],
    name: str,
    run: Callable[[str], object],
    near: list[str],
) -> bool:
    """Measure one thing with all texts; returns whether none takes too long."""
    worst = []
    for pieces in ([*_RUNS], _ALTERNATIONS, _FROM_AFAR, near):
        times = [(_ms(run, _text(piece, _SIZE), once=True), piece) for piece in pieces]
        took, piece = max(times, default=(0.0, ""))
        # Only what was slow once is worth being sure of.
        worst.append((_ms(run, _text(piece, _SIZE)) if piece else took, piece))
    slowest, piece = max(worst)
    growth = slowest / max(_ms(run, _text(piece, _SIZE // 2)), 0.001)
    say(
        f"{name:44}"
        + "".join(f"{took:13.1f}" for took, _ in worst)
        + f"   ×{growth:.1f}, {piece[:24]!r}"
    )
    return slowest <= LONGEST_MS


def _text(piece: str, size: int) -> str:
    """Return a text of so many bytes."""
    text = piece * (size // len(piece.encode(errors="surrogatepass")) + 1)
    return text[: size * len(piece) // len(piece.encode(errors="surrogatepass"))]


def _ms(run: Callable[[str], object], text: str, *, once: bool = False) -> float:
    """Return the CPU time of a call: the least of some, which nothing disturbed."""
    times = []
    for _ in range(1 if once else _REPEATS):
        start = process_time()
        run(text)
        times.append(process_time() - start)
    return min(times) * 1000


def _all_of(
    patterns: list[re.Pattern[Any]], ways: Mapping[re.Pattern[Any], frozenset[str]]
) -> Callable[[str], object]:
    """Return what tries a text with each pattern, in all ways or those of its own."""

    def run(text: str) -> None:
        for pattern in patterns:
            told: Any = text.encode() if isinstance(pattern.pattern, bytes) else text
            own = ways.get(pattern, _EVERY_WAY)
            for way in own:
                for _ in _CALLS[way](pattern, told) or ():
                    pass

    return run


def _worst_near_misses(
    patterns: list[re.Pattern[Any]], ways: Mapping[re.Pattern[Any], frozenset[str]]
) -> list[str]:
    """Return what holds up a pattern longest of what it almost fits, some for all."""
    timed = [
        (_ms(_all_of([pattern], ways), _text(piece, _SIZE), once=True), piece)
        for pattern in patterns
        for piece in dict.fromkeys(_near_misses(pattern))
    ]
    return [*dict.fromkeys(piece for _, piece in nlargest(_WORST, timed))]


def _near_misses(pattern: re.Pattern[Any]) -> Iterator[str]:
    """Iterate over what a pattern almost fits, and fits only at its end."""
    for example in _examples(pattern):
        for piece in (example, example[:-1], f"{example[:-1]}!", example[:1]):
            if piece:
                yield piece


def _examples(pattern: re.Pattern[Any]) -> list[str]:
    found: list[str] = []

    @given(st.from_regex(pattern, fullmatch=True))
    @settings(
        max_examples=_EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def fit(example: str | bytes) -> None:
        found.append(example if isinstance(example, str) else example.decode("latin-1"))

    with warnings.catch_warnings(), suppress(Exception):
        warnings.simplefilter("ignore")
        fit()
    return [example for example in found if example][:_EXAMPLES]


_WORDS: Final = NameWords(little=frozenset({"the"}), endings=("s",), compounds=True)
_NAMED: Final = [Named(key="a", name="running shoes", hints=("AliExpress",))]

_READERS: Final[dict[str, Callable[[str], object]]] = {
    "find": find,
    "read_message": read_message,
    "name_beside": lambda text: name_beside(text, "LP00123456789012"),
    "recognise": recognise,
    "normalise": normalise,
    "plausible": plausible,
    "meant": lambda text: meant(text, _NAMED, _WORDS),
    "meant of such a name": lambda text: meant(
        "shoes", [Named(key="a", name=text, hints=(text,))], _WORDS
    ),
    "sayings": lambda text: sayings(text, _WORDS),
    "clean": clean,
    "fields.text": fields.text,
    "redactor": lambda text: redactor(["a-secret", "an/other"])(text.encode()),
    "left_at_pickup_place": lambda text: left_at_pickup_place([text]),
    "country_code": country_code,
    "written_moment": written_moment,
}
"""What reads texts of strangers, with what bounds them."""

_SENTENCES: Final = [
    "Your parcel LP00123456789012 is on its way to you. ",
    "Tracking number: 1Z 999 AA1 01 2345 6784\n",
    "<tr><td>Tracking</td><td>1Z999AA10123456784</td></tr>",
    "order 123-1234567-1234567 invoice 2026061012 ",
    "x7 q12 ab345 zz6789 lorem 12 ",
    "ab12cd34ef56 gh78ij90kl12 ",
    "00340434000000000017 / 9400111206206406260787; ",
    "a-secre",
    "DE89 3704 0044 0532 0130 00 ",
]
