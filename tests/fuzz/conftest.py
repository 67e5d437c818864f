"""What holds for every test of this folder: it comes to an end."""

from collections.abc import Iterator
import os
from pathlib import Path

from hypothesis import settings
import pytest

from .effort import USUAL
from .hanging import ended_after

_HERE = Path(__file__).parent
_LASTS_AT_MOST = 120
"""Seconds of a test that tries as much as usual, on a slow machine."""
_LASTS_EVER = 1800
"""Seconds of one that tries for a night."""


def _at_most() -> float:
    tried = settings().max_examples / USUAL
    return min(_LASTS_AT_MOST * max(tried, 1), _LASTS_EVER)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give a test time in proportion to what it tries."""
    for item in items:
        if item.path.parent == _HERE:
            item.add_marker(pytest.mark.timeout(_at_most()))


@pytest.fixture(scope="session")
def terminal(request: pytest.FixtureRequest) -> Iterator[int]:
    """Return where a run is watched, beside all that is captured."""
    capturing = request.config.pluginmanager.getplugin("capturemanager")
    with capturing.global_and_fixture_disabled():
        told_to = os.dup(2)
    yield told_to
    os.close(told_to)


@pytest.fixture(autouse=True)
def ends(terminal: int) -> Iterator[None]:
    """End the run where a test does not end."""
    with ended_after(1.5 * _at_most(), terminal):
        yield
