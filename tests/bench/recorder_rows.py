"""How much of a parcel's life Home Assistant's recorder keeps."""

from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
import sqlite3
from typing import Final

_STATES: Final = (
    "select count(*) from states join states_meta using (metadata_id)"
    " where states_meta.entity_id in ({})"
)
_EVENTS: Final = (
    "select count(*) from events join event_types using (event_type_id)"
    " where event_types.event_type like 'waybill%'"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """Rows of the database: states of a parcel, states of the hub, events."""

    own: int
    hub: int
    events: int


def count_rows(database: Path, own: Collection[str], hub: Collection[str]) -> Rows:
    """Count what is kept of the entities given. Not for the event loop."""
    with closing(sqlite3.connect(database)) as home:

        def count(query: str, ids: Collection[str] = ()) -> int:
            marks = ", ".join("?" * len(ids))
            return int(home.execute(query.format(marks), tuple(ids)).fetchone()[0])

        return Rows(
            own=count(_STATES, own), hub=count(_STATES, hub), events=count(_EVENTS)
        )
