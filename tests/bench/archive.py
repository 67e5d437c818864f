"""What ten thousand archived parcels cost a home: as good as nothing."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
import json
from pathlib import Path
import subprocess
import sys
from tempfile import TemporaryDirectory
from typing import Any, Final

from custom_components.waybill.archive_storage import Archived
from custom_components.waybill.tracking.journal import merge, open_journal
from custom_components.waybill.tracking.journal_json import to_json
from custom_components.waybill.tracking.model import Answer, Stage

from .archive_house import Measured, events, number

FOLLOWED: Final = 50
ARCHIVED: Final = 10_000
_ROUNDS: Final = 20
"""Of so many the quickest counts: whatever else the machine does only adds."""
_FOR: Final = timedelta(days=3 * 365)
"""The time over which they were archived."""
_FIRST: Final = 1_000_000
_TIMEOUT: Final = 110
_KIB: Final = 1024

type Say = Callable[[str], None]

_ROWS: Final[tuple[tuple[str, Callable[[Measured], float], str], ...]] = (
    ("start-up", lambda m: m.start_up * 1000, "{:.0f} ms"),
    ("memory", lambda m: m.memory, "{:.0f} MiB"),
    ("a poll without news", lambda m: m.quiet * 1000, "{:.1f} ms"),
    ("a poll with news of every fifth", lambda m: m.news * 1000, "{:.0f} ms"),
    ("archiving one more", lambda m: m.archiving * 1000, "{:.0f} ms"),
    ("bytes written for that", lambda m: m.written / _KIB, "{:.0f} KiB"),
)


def report(say: Say, *, quick: bool = False) -> bool:
    """Measure a home without an archive and one with, and say it as a table."""
    followed, archived, rounds = (3, 20, 2) if quick else (FOLLOWED, ARCHIVED, _ROUNDS)
    none, many = (house(followed, count, rounds) for count in (0, archived))
    say(f"| {followed} followed, archived: | none | {archived:,} | |")
    say("|---|---|---|---|")
    for name, value, form in _ROWS:
        before, after = value(none), value(many)
        ratio = f"{after / before:.2f}×"
        say(f"| {name} | {form.format(before)} | {form.format(after)} | {ratio} |")
    usual, once = (wait * 1000 for wait in many.waits)
    say("")
    say(
        f"To list all {archived:,} takes {many.listing:.1f} s. Home Assistant waits"
        f" for it {usual:.0f} ms at a time, and {once:.0f} ms once."
    )
    return True


def house(followed: int, archived: int, rounds: int) -> Measured:
    """Measure one house, in a process of its own."""
    with TemporaryDirectory() as folder:
        store = Path(folder) / ".storage"
        store.mkdir()
        for key, data in (*journals(range(followed)), *archive(archived)):
            stored = {"version": 1, "minor_version": 1, "key": key, "data": data}
            (store / key).write_text(json.dumps(stored), "utf-8")
        command = [sys.executable, "-m", "tests.bench.archive_house"]
        done = subprocess.run(
            [*command, folder, str(followed), str(rounds)],
            capture_output=True,
            check=True,
            text=True,
            timeout=_TIMEOUT,
        )
    return Measured(**json.loads(done.stdout))


def journals(
    places: Iterable[int], archived_at: datetime | None = None
) -> Iterable[tuple[str, dict[str, Any]]]:
    """Yield journals by the names of their files."""
    template = open_journal("PARCEL", number(0), datetime(2026, 1, 1, tzinfo=UTC))
    answer = Answer(tracking_number=number(0), events=events(0))
    template = merge(template, "cainiao", answer, datetime(2026, 1, 2, tzinfo=UTC))
    text = json.dumps(to_json(template))
    for place in places:
        digest = sha256(number(place).encode()).hexdigest()[:32]
        journal = json.loads(text.replace(number(0), number(place)))
        journal["parcel_id"] = _parcel_id(place)
        if archived_at is not None:
            journal["archived_at"] = archived_at.isoformat()
        yield f"waybill.journal.{digest}", journal


def archive(count: int) -> Iterable[tuple[str, dict[str, Any]]]:
    """Yield the files of an archive that grew for years, up to now."""
    now = datetime.now(UTC)
    months: dict[str, dict[str, Any]] = {}
    for i in range(count):
        place, at = _FIRST + i, now - _FOR * i / count
        parcel = Archived(
            parcel_id=_parcel_id(place),
            title=f"Parcel {place}",
            data={
                "tracking_number": number(place),
                "added_at": (at - timedelta(days=60)).isoformat(),
                "seller": "Lights & Co",
                "order_url": f"https://shop.example/orders/{place}",
            },
            archived_at=at,
            stage=Stage.DELIVERED,
        )
        months.setdefault(parcel.month, {})[parcel.parcel_id] = parcel.as_dict()
        yield from journals([place], at)
    for month, parcels in months.items():
        yield f"waybill.archive.{month}", parcels


def _parcel_id(place: int) -> str:
    return f"01JFOLLOWED{place:015}"
