"""The numbers in the links of a message."""

from collections.abc import Iterable, Iterator
import re
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from ..numbers import normalise
from .found import Accepted, Evidence
from .message_text import Link
from .strength import Recogniser, Strength, countable, is_long, unknown_but_likely
from .words import GENERAL_PARAMETERS, TRACKING_HOSTS, TRACKING_PARAMETERS

# Parts of the addresses of pages that follow parcels, in several languages.
_FOLLOWING: Final = re.compile(
    r"track|trac[ek]|parcel|package|shipment|consignment|item|detail|delivery"
    r"|suivi|suivre|colis|sendung|verfolg|paket|seguimiento|rastre|spedizion|przesyl"
)
_SECOND_LEVEL: Final = frozenset({"co", "com", "gov", "net", "org"})


def numbers_in(links: Iterable[Link], recogniser: Recogniser) -> Iterator[Accepted]:
    """Yield the numbers that links hold, in their order."""
    for link in links:
        for number in _numbers_of(link, recogniser):
            yield Accepted(
                number=number,
                start=link.position,
                end=link.position,
                evidence=Evidence.LINK,
            )


def _numbers_of(link: Link, recogniser: Recogniser) -> Iterator[str]:
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
            yield from _in_parameter(recogniser, name, value, known)
        if known:
            path = f"{parts.path}/{parts.fragment.partition('?')[0]}"
            # A newsletter's links hold plain numbers too.
            follows = _FOLLOWING.search(f"{parts.hostname}{path}".lower())
            least = Strength.PLAIN if follows else Strength.TELLING
            for piece in re.split(r"[/=:&,]", path)[:50]:
                yield from _in_value(recogniser, piece, least)


def _in_parameter(
    recogniser: Recogniser, name: str, value: str, known: bool
) -> Iterator[str]:
    name = re.sub(r"[\W_]", "", name).lower()
    if name in TRACKING_PARAMETERS:
        yield from _in_value(
            recogniser, value, Strength.WRONG if known else Strength.TELLING
        )
    elif known and name in GENERAL_PARAMETERS:
        yield from _in_value(recogniser, value, Strength.PLAIN)


def _in_value(recogniser: Recogniser, value: str, least: Strength) -> Iterator[str]:
    for piece in re.split(r"[,;|\n]|%2C", unquote(value))[:20]:
        number = normalise(piece)
        if not re.fullmatch(r"[0-9A-Z]+", number) or not countable(number):
            continue
        strength = recogniser.strength(number)
        if strength < least:
            continue
        if strength is Strength.PLAIN and not is_long(number):
            continue
        if strength is Strength.WRONG and not unknown_but_likely(number):
            continue
        yield number


def _is_tracking_host(host: str) -> bool:
    """Say whether a host is a carrier's: ups.com, www.dpd.co.uk, bpost.cloud."""
    *names, _ = ["", *host.lower().split(".")]
    if len(names) > 1 and names[-1] in _SECOND_LEVEL:
        names.pop()
    return names[-1] in TRACKING_HOSTS if names else False
