"""What ten, a hundred and a thousand parcels cost, and an archive of ten thousand."""

from collections.abc import Callable, Iterator, Sequence
import json
from pathlib import Path
import subprocess
import sys
from tempfile import TemporaryDirectory
from typing import Final

from .archive import archive
from .recorder_rows import Rows
from .scale_ratios import Ratios, compared, save as save_ratios
from .scale_rows import ROWS, Row
from .shop import Cost
from .shop_costs import Measured

_SHOPS: Final = ((10, 0), (100, 0), (1_000, 0), (1_000, 10_000))
"""How many are followed, and how many archived."""
_QUICK: Final = ((2, 0), (4, 0), (8, 0), (8, 20))
_TIMEOUT: Final = 1_800
_ROUNDS: Final = 5

type Say = Callable[[str], None]


def report(say: Say, *, quick: bool = False, save: bool = False) -> bool:
    """Measure, say it as a table, and return whether all that is sure is kept."""
    shops, rounds = (_QUICK, 1) if quick else (_SHOPS, _ROUNDS)
    measured = [shop(*size, rounds) for size in shops]
    for line in _table(shops, measured):
        say(line)
    if not quick:
        say("")
        ratios = _all_ratios(measured)
        for line in compared(ratios):
            say(line)
        if save:
            save_ratios(ratios)
    return all(
        row.limit.holds(row.value(each))
        for row in ROWS
        if row.limit is not None
        for each in measured
    )


def shop(followed: int, archived: int, rounds: int) -> Measured:
    """Measure one shop, in a process of its own."""
    with TemporaryDirectory() as folder:
        store = Path(folder) / ".storage"
        store.mkdir()
        for key, data in archive(archived):
            stored = {"version": 1, "minor_version": 1, "key": key, "data": data}
            (store / key).write_text(json.dumps(stored), "utf-8")
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.bench.shop_costs",
                folder,
                str(followed),
                str(rounds),
            ],
            capture_output=True,
            check=True,
            text=True,
            timeout=_TIMEOUT,
        )
    told = json.loads(done.stdout)
    return Measured(
        acts={name: Cost(**cost) for name, cost in told["acts"].items()},
        memory=told["memory"],
        rows=Rows(**told["rows"]),
        unit=told["unit"],
    )


def _table(
    shops: Sequence[tuple[int, int]], measured: Sequence[Measured]
) -> Iterator[str]:
    few, some, many, _ = (f"{followed:,}" for followed, _ in shops)
    archived = f"{many}, {shops[-1][1]:,} archived"
    growth = f"{few} → {some} | {some} → {many} | with the archive"
    yield f"| followed: | {few} | {some} | {many} | {archived} | {growth} | promised |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in ROWS:
        told = (row.form.format(row.value(each)) for each in measured)
        ratios = (f"{ratio:.1f}×" for ratio in _ratios(row, measured).values())
        promise = (
            row.limit.told(row.form, map(row.value, measured[2:]))
            if row.limit is not None
            else ""
        )
        yield f"| {' | '.join((row.name, *told, *ratios, promise))} |"
    per_parcel = (measured[2].memory - measured[1].memory) / (shops[2][0] - shops[1][0])
    yield ""
    yield (
        f"Memory of one parcel more, with all that Home Assistant keeps of it:"
        f" {per_parcel * 1024:.0f} KiB."
    )


def _ratios(row: Row, measured: Sequence[Measured]) -> dict[str, float]:
    few, some, many, archived = (row.value(each) for each in measured)
    return {
        "few to some": _ratio(some, few),
        "some to many": _ratio(many, some),
        "archive": _ratio(archived, many),
    }


def _all_ratios(measured: Sequence[Measured]) -> Ratios:
    """Return how all grows, and what times are of a work that is always the same."""
    many = measured[2]
    return {
        row.key: _ratios(row, measured)
        | ({"unit": row.value(many) / many.unit} if row.timed else {})
        for row in ROWS
    }


def _ratio(after: float, before: float) -> float:
    return after / before if before > 0 else 1.0
