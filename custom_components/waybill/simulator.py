"""Where the providers are simulated, for the demo and the tests."""

from dataclasses import dataclass
from ipaddress import ip_address
import logging
import os
from typing import Final

from yarl import URL

_LOGGER = logging.getLogger(__name__)

VARIABLE: Final = "WAYBILL_SIMULATOR"


@dataclass(frozen=True, slots=True)
class Simulator:
    """The base address of a simulator, and how much faster its time passes."""

    url: URL | None = None
    pace: float = 1


def simulator_from_environment() -> Simulator:
    """Read the simulator's address; only one on this very machine is taken.

    Anything else could lead credentials astray. The real providers are asked
    where there is none, or where it is refused.
    """
    value = os.environ.get(VARIABLE)
    if not value:
        return Simulator()
    try:
        url = URL(value)
        pace = float(url.query.get("pace", "1"))
    except ValueError:
        _LOGGER.error("%s is no address; the real providers are asked", VARIABLE)
        return Simulator()
    if not _is_loopback(url.host) or url.scheme not in ("http", "https"):
        _LOGGER.error(
            "%s is not an address of this machine; the real providers are asked",
            VARIABLE,
        )
        return Simulator()
    if not 1 <= pace <= _MAX_PACE:
        _LOGGER.error("The pace in %s must lie from 1 to %s", VARIABLE, _MAX_PACE)
        pace = 1
    return Simulator(url.with_query(None), pace)


_MAX_PACE: Final = 1_000_000


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False
