"""The cost of an archive can be measured; what it is depends on the machine."""

import pytest

from .__main__ import main


# It starts two homes in processes of their own.
@pytest.mark.timeout(300)
def test_the_short_form_says_what_an_archive_costs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["archive", "--quick"]) == 0
    said = capsys.readouterr().out.splitlines()
    rows = [line.split(" | ") for line in said if line.startswith("| ")]
    assert rows[0] == ["| 3 followed, archived:", "none", "20", "|"]
    assert len(rows) == 7
    assert all(row[3].removesuffix(" |").endswith("×") for row in rows[1:])
    # Bytes do not depend on it: a month's file, and the parcel's journal twice.
    assert 1 < int(rows[6][1].removesuffix(" KiB")) < 60
    assert said[-1].startswith("To list all 20 takes")
