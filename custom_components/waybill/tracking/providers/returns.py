"""Deliveries that did not go to the person."""

from collections.abc import Sequence
from typing import Final

from .wording import Phrases, sentences

_BACK_AT_SENDER: Final = Phrases(
    "returned to sender",
    "returned to the sender",
    "returned to shipper",
    "returned to the shipper",
    "delivered to sender",
    "delivered to the sender",
    "delivered to shipper",
    "delivered to the shipper",
    "to original sender",
    "to the original sender",
)


def went_back(texts: Sequence[str]) -> bool:
    """Say whether the words of a delivery tell that the sender got it back."""
    return any(sentence in _BACK_AT_SENDER for sentence in sentences(texts))
