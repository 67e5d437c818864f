"""Places as carriers write them for people."""

from typing import Final

from .country_names import country_code

_SHORTEST_NAME: Final = 3
_ALSO_A_STATE: Final = frozenset({"Georgia"})


def country_of(place: str | None) -> str | None:
    """Return the country (ISO 3166-1 alpha-2) that a place ends with, behind a comma.

    Two letters may be a state as well, and say nothing.
    """
    town, _, last = (place or "").rpartition(",")
    name = last.strip()
    if not town.strip() or len(name) < _SHORTEST_NAME or name in _ALSO_A_STATE:
        return None
    return country_code(name)
