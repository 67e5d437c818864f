"""Homes to look at, and a browser to look with."""

from collections.abc import Callable, Iterator
import os
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
import pytest

from .background import Background
from .frontend import Frontend, launch
from .house import House, open_house

type OpenFrontend = Callable[..., Frontend]


@pytest.fixture(scope="session")
def background() -> Iterator[Background]:
    with Background() as background:
        yield background


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pictures go: the folder named by WAYBILL_PICTURES, if any."""
    if named := os.environ.get("WAYBILL_PICTURES"):
        folder = Path(named)
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright, launch(playwright) as browser:
        yield browser


@pytest.fixture
def new_house(background: Background) -> Iterator[House]:
    """Open a home that knows nothing of Waybill yet."""
    with open_house(background) as house:
        yield house
        assert house.home.complaints() == []


@pytest.fixture(scope="session")
def furnished_house(background: Background) -> Iterator[House]:
    with open_house(background) as house:
        house.furnish()
        yield house


@pytest.fixture
def house(furnished_house: House) -> Iterator[House]:
    """Enter the demo's home, in the middle of its parcels' lives."""
    already = len(furnished_house.home.complaints())
    yield furnished_house
    assert furnished_house.home.complaints()[already:] == []


@pytest.fixture
def open_frontend(chromium: Browser, pictures: Path) -> Iterator[OpenFrontend]:
    """Open windows; in the end none of them may have complained."""
    windows: list[Frontend] = []

    def open_one(house: House, **how: object) -> Frontend:
        window = Frontend(chromium, house.url, pictures, **how)  # type: ignore[arg-type] # passed on
        windows.append(window)
        return window

    yield open_one
    complaints = [line for window in windows for line in window.console.complaints]
    for window in windows:
        window.close()
    assert complaints == []
