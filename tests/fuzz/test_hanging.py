"""What hangs fails the run instead of holding it up."""

from pathlib import Path
import subprocess
import sys

import pytest

from .hanging import ended_after

_HANGS = """
import re
from hypothesis import given, strategies as st
from tests.fuzz.hanging import ended_after

@given(text=st.text())
def law(text):
    re.fullmatch(r"(a+)+b", "a" * 200)

with ended_after(0.5, 2):
    law()
"""


def test_a_pattern_that_reads_a_text_again_and_again_ends_the_run() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _HANGS],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("Timeout")
    assert "in law" in ended.stderr


def test_what_ends_in_time_goes_on(capfd: pytest.CaptureFixture[str]) -> None:
    with ended_after(60, 2):
        pass
    assert capfd.readouterr() == ("", "")
