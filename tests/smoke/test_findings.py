"""What counts as a warning: lines that Home Assistant writes in such a case."""

import pytest

from .findings import Findings, warnings

TIME = "2026-11-28 12:39:13.534+00:00"
UNTESTED = (
    f"{TIME} WARNING (SyncWorker_1) [homeassistant.loader] We found a custom "
    "integration waybill which has not been tested by Home Assistant. This component "
    "might cause stability problems, be sure to disable it"
)
OTHERS = (
    "/site-packages/backoff/_async.py:11: DeprecationWarning: "
    "'asyncio.iscoroutinefunction' is deprecated"
)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(
            "(MainThread) [homeassistant.helpers.frame] Detected that custom integration "
            "'waybill' calls `async_a` at custom_components/waybill/todo.py, line 3: b. "
            "This will stop working in Home Assistant 2027.6"
        ),
        pytest.param(
            "(MainThread) [homeassistant.const] The deprecated constant A was used from "
            "waybill. It will be removed in HA Core 2027.6"
        ),
        pytest.param(
            "(MainThread) [py.warnings] /config/custom_components/waybill/llm.py:9: "
            "DeprecationWarning: b"
        ),
    ],
)
def test_what_will_break_is_found_once_however_often_it_is_said(said: str) -> None:
    lines = [UNTESTED, OTHERS, f"{TIME} WARNING {said}", f"{TIME[:-1]}1 WARNING {said}"]
    assert warnings(lines) == [said]


def test_what_is_said_of_others_or_of_every_integration_is_none() -> None:
    assert warnings([UNTESTED, OTHERS]) == []


def test_the_page_names_what_breaks_and_what_will() -> None:
    page = Findings(version="2027.1.0b0", warnings=["Detected"]).page(["test_a"])
    assert "Home Assistant 2027.1.0b0" in page
    assert page.index("`test_a`") < page.index("`Detected`")
