"""End a run that does not get on: nothing else ends what hangs within Hypothesis.

It takes the failure of a test that lasts too long for an example like any other, and
tries that one again and again, each time without end.
"""

from collections.abc import Iterator
from contextlib import contextmanager
import faulthandler


@contextmanager
def ended_after(seconds: float, told_to: int) -> Iterator[None]:
    """End the whole process where a block takes longer, and tell a file where it hung."""
    faulthandler.dump_traceback_later(seconds, exit=True, file=told_to)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
