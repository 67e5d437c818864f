"""The demo itself, as it is started from a terminal."""

from collections.abc import Iterator
import os
from pathlib import Path
import re
import signal
import socket
from subprocess import PIPE, Popen
import sys
from urllib.request import urlopen

import pytest

from tests.demo.folder import REPOSITORY
from tests.demo.words import ENGLISH

pytestmark = pytest.mark.browser


class Demo:
    """One run of it, whose temporary files are ours to look at."""

    def __init__(self, temporary: Path, *arguments: str) -> None:
        self.temporary = temporary
        self.process = Popen(
            [sys.executable, "-m", "tests.demo", *arguments],
            cwd=REPOSITORY,
            env={**os.environ, "TMPDIR": str(temporary)},
            stdout=PIPE,
            stderr=PIPE,
            text=True,
        )

    def address(self) -> str:
        """Wait for the address that it prints."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if found := re.search(r"http://\S+", line):
                return found[0]
        pytest.fail("it ended without an address")

    def end(self) -> tuple[int, str, str]:
        """Wait for its end; returns the exit code and what it still wrote."""
        output, errors = self.process.communicate(timeout=240)
        return self.process.returncode, output, errors


@pytest.fixture
def demo(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Demo]:
    demo = Demo(tmp_path, *request.param)
    yield demo
    if demo.process.poll() is None:
        demo.process.terminate()
        demo.process.wait(30)


@pytest.mark.parametrize("demo", [("--check",)], indirect=True)
def test_a_check_sees_both_automations_fire(demo: Demo) -> None:
    code, output, errors = demo.end()

    assert (code, errors) == (0, "")
    assert "both automations fired" in output
    assert "ok      one parcel, two numbers: Gift for Grandma in Lyon" in output
    assert "ok      17TRACK's account brought Garden gloves" in output
    assert "ok      removed there, and let go here: Paint samples" in output
    assert "FAILED" not in output
    assert list(demo.temporary.iterdir()) == []


@pytest.mark.parametrize("demo", [("--day-seconds", "600")], indirect=True)
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_it_leaves_nothing_behind_when_it_is_stopped(
    demo: Demo, by: signal.Signals
) -> None:
    address = demo.address()
    with urlopen(address) as page:
        assert page.status == 200

    demo.process.send_signal(by)

    code, output, errors = demo.end()
    assert (code, errors) == (0, "")
    assert ENGLISH.stopping in output
    assert list(demo.temporary.iterdir()) == []
    with pytest.raises(OSError, match="refused"):
        urlopen(address)


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, _, errors = Demo(tmp_path, "--port", port).end()

    assert code == 1
    assert f"Port {port} is taken" in errors
