"""One running home for all, with Waybill as a person sets it up."""

from collections.abc import Iterator
import os
from pathlib import Path
from typing import Final

import pytest

from tests.browser.background import Background
from tests.browser.house import House, open_house

from .findings import Findings, warnings
from .visitor import Visitor

_CARRIERS_DAY_SECONDS: Final = 10
"""So short that no carrier's limit is in the way for long."""
_PYTHON_WARNINGS: Final = "default::DeprecationWarning,default::FutureWarning"
_FINDINGS: Final = pytest.StashKey[Findings]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what ends the home after what needs it."""
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


@pytest.fixture(scope="session")
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    """Open a home that knows nothing of Waybill yet."""
    with pytest.MonkeyPatch.context() as patch, Background() as background:
        patch.setenv("PYTHONWARNINGS", _PYTHON_WARNINGS)
        with open_house(
            background, carriers_day_seconds=_CARRIERS_DAY_SECONDS
        ) as house:
            config = house.do(house.client.command("get_config"))
            yield house
            request.config.stash[_FINDINGS] = Findings(
                version=config["version"], warnings=warnings(house.home.log())
            )


@pytest.fixture(autouse=True)
def _no_complaint(house: House) -> Iterator[None]:
    """Hold every test to leaving no word against Waybill in the log."""
    already = len(house.home.complaints())
    yield
    assert house.home.complaints()[already:] == []


@pytest.fixture(scope="session")
def waybill(house: House) -> Visitor:
    """Set Waybill up, as a person does who has no number at hand."""
    visitor = Visitor(house)
    visitor.set_up()
    return visitor


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what breaks, and what will; on the page of a CI's run as well."""
    if (findings := config.stash.get(_FINDINGS, None)) is None:
        return
    terminalreporter.section(f"With Home Assistant {findings.version}")
    for line in findings.warnings:
        terminalreporter.line(line)
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        failed = [report.nodeid for report in terminalreporter.getreports("failed")]
        with Path(summary).open("a", encoding="utf-8") as page:
            page.write(findings.page(failed))
