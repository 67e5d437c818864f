"""Where providers are simulated: on this machine only."""

import pytest
from yarl import URL

from custom_components.waybill.simulator import (
    VARIABLE,
    Simulator,
    simulator_from_environment,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", Simulator()),
        ("http://127.0.0.1:8000", Simulator(URL("http://127.0.0.1:8000"))),
        ("http://127.9.8.7:1/?pace=60", Simulator(URL("http://127.9.8.7:1/"), 60)),
        ("http://[::1]:80/?pace=1.5", Simulator(URL("http://[::1]:80/"), 1.5)),
        ("http://localhost:9", Simulator(URL("http://localhost:9"))),
    ],
)
def test_an_address_of_this_machine_is_taken(
    monkeypatch: pytest.MonkeyPatch, value: str, expected: Simulator
) -> None:
    monkeypatch.setenv(VARIABLE, value)
    assert simulator_from_environment() == expected


@pytest.mark.parametrize(
    "value",
    [
        "http://192.168.1.2",
        "http://10.0.0.1:80",
        "https://evil.example",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://user@evil.example/127.0.0.1",
        "ftp://127.0.0.1",
        "127.0.0.1",
        "http://127.0.0.1:nonsense",
        "http://127.0.0.1/?pace=fast",
    ],
)
def test_any_other_is_refused_with_an_error_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, value: str
) -> None:
    monkeypatch.setenv(VARIABLE, value)
    assert simulator_from_environment() == Simulator()
    assert VARIABLE in caplog.text


@pytest.mark.parametrize("pace", ["0", "-5", "0.5", "nan", "inf"])
def test_time_passes_neither_backwards_nor_without_end(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, pace: str
) -> None:
    monkeypatch.setenv(VARIABLE, f"http://127.0.0.1:1/?pace={pace}")
    assert simulator_from_environment().pace == 1
    assert "pace" in caplog.text
