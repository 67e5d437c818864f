"""Alerts that a person does not want to hear of for a while, or ever again."""

from dataclasses import replace
from datetime import datetime

from .journal import Journal
from .model import PutOff


def put_off(
    journal: Journal,
    kind: str,
    until: datetime | None,
    since: datetime | None = None,
) -> Journal:
    """Return a journal whose alert of a kind is put off.

    It is not to begin before ``until`` (aware); None means never again. With
    ``since`` (aware), only the one that began then is meant. An earlier wish about
    that kind is void; the very same one again gives the same journal back.
    """
    wish = PutOff(kind=kind, until=until, since=since)
    if wish in journal.put_off:
        return journal
    others = (other for other in journal.put_off if other.kind != kind)
    return replace(journal, put_off=(*others, wish))
