"""Read the answers that the stories are told from."""

from copy import deepcopy
from functools import cache
import json
from pathlib import Path
from typing import Any

_FIXTURES = Path(__file__).parents[2] / "fixtures"


@cache
def _read(provider: str, name: str) -> Any:
    return json.loads((_FIXTURES / provider / f"{name}.json").read_text("utf-8"))


def answer_of(provider: str, name: str) -> Any:
    """Return an answer, to change at will."""
    return deepcopy(_read(provider, name))


def body_of(provider: str, name: str) -> bytes:
    """Return the body of an answer that is no JSON; ``name`` has its ending."""
    return (_FIXTURES / provider / name).read_bytes()
