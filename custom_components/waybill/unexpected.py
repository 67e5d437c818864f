"""What a log is told of an error that nobody foresaw: where it happened, not its text.

Its text, and those of its causes, can hold whatever was being handled just then: a
tracking number, a key, a carrier's words.
"""

from traceback import StackSummary, walk_tb
from typing import Final

_MOST_CAUSES: Final = 5


def whereabouts(error: BaseException) -> str:
    """Return the types of an error and its causes, each with the lines that led to it.

    The first cause comes first, as in a traceback.
    """
    told: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(told) < _MOST_CAUSES:
        told.append(f"{type(cause).__qualname__}{_lines(cause)}")
        hidden = cause.__suppress_context__
        cause = cause.__cause__ or (None if hidden else cause.__context__)
    return "\nthen ".join(reversed(told))


def _lines(error: BaseException) -> str:
    # The files themselves are not read: this may run in the event loop.
    frames = StackSummary.extract(walk_tb(error.__traceback__), lookup_lines=False)
    return "".join(
        f"\n  {frame.filename}, line {frame.lineno}, in {frame.name}"
        for frame in frames
    )
