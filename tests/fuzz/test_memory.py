"""However a body grows: what reading it takes grows no faster, and is bounded.

That of a whole body is bounded where it comes in: ``MAX_BODY`` of what a provider
answers, and of what one pushes.
"""

from collections.abc import Callable
from contextlib import suppress
import tracemalloc
from typing import Any, Final

import pytest

from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.base import ProviderError

from .bodies import ANSWERS, PUSHES, Body
from .growing import WAYS, grown
from .test_answers import fetched, pushed

USUAL: Final = 25_000
SIZES: Final = {"no end of levels": 100_000}
"""Bytes. So many levels as Python follows take the same in a small body."""
MOST: Final = 60
"""Bytes of memory for a byte of a body, at the worst: ``[]`` is an object of 56."""
GROWTH: Final = 2.5
"""What twice the body may take, in times; what grows with its square takes four."""
LARGEST: Final = [
    max(
        (body for body in ANSWERS if body.provider == provider),
        key=lambda body: len(body.content),
    )
    for provider in PROVIDERS
]


def taken(read: Callable[..., Any], body: Body, content: bytes) -> int:
    """Return how many bytes of memory the reading of a body takes at its peak."""
    tracemalloc.start()
    try:
        with suppress(ProviderError):
            read(body.provider, body.numbers[:1], content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return peak


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("read", "body"),
    [*((fetched, body) for body in LARGEST), *((pushed, body) for body in PUSHES)],
    ids=[*PROVIDERS, *(f"{body.provider} pushes" for body in PUSHES)],
)
def test_what_a_body_takes_is_bounded_by_its_size(
    read: Callable[..., Any], body: Body, way: str
) -> None:
    # What is made once and for all is made by the first.
    assert read(body.provider, body.numbers[:1], body.content)
    size = SIZES.get(way, USUAL)
    small, large = (grown(body, way, each) for each in (size, 2 * size))
    assert len(large) > 1.6 * len(small) > size
    at_first, at_last = (taken(read, body, content) for content in (small, large))
    assert at_last <= MOST * len(large)
    assert at_last <= GROWTH * at_first
