"""What must hold of an answer, and of all that the house makes of it."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
import json
import re
from typing import Any, Final
from zoneinfo import ZoneInfo

from custom_components.waybill.sensor import HUB_SENSORS, PARCEL_SENSORS
from custom_components.waybill.tracking.chain import seal, verify
from custom_components.waybill.tracking.evidence import dossier
from custom_components.waybill.tracking.evidence_html import html
from custom_components.waybill.tracking.guide_steps import guide_steps
from custom_components.waybill.tracking.journal import Journal, merge, open_journal
from custom_components.waybill.tracking.journal_json import from_json, to_json
from custom_components.waybill.tracking.journey import story_of
from custom_components.waybill.tracking.kept_answers import (
    KeptAnswer,
    all_kept,
    from_json as answers_from_json,
    to_json as answers_to_json,
    to_keep,
)
from custom_components.waybill.tracking.milestones import note, note_alerts
from custom_components.waybill.tracking.model import Answer, Stage
from custom_components.waybill.tracking.parcel import About, Parcel, snapshot
from custom_components.waybill.tracking.parcel_json import parcel_json
from custom_components.waybill.tracking.providers.fields import (
    CODE_LIMIT,
    MAX_EVENTS,
    NUMBER_LIMIT,
    PLACE_LIMIT,
    TEXT_LIMIT,
)
from homeassistant.helpers.json import json_bytes
from tests.tracking.cases import page_of

ZONES: Final = (ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Pago_Pago"), UTC)
"""The homes whose clocks are the farthest ahead and behind."""
NOW: Final = datetime(2026, 6, 10, 12, tzinfo=UTC)
ADDED_AT: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
_COUNTRY: Final = re.compile("[A-Z]{2}")
_CONTROL: Final = re.compile(
    "[\\0-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]"
)
_LONGEST_STATE: Final = 255
_NEEDS: Final = {None, "carrier", "postal_code", "phone_last4", "details", "quota"}


def is_an_answer(answer: Answer, asked: Sequence[str]) -> None:
    """Hold an answer to its contract: bounded, and of the types that it names."""
    assert answer.tracking_number in asked
    assert len(answer.events) <= MAX_EVENTS
    assert answer.stage is None or type(answer.stage) is Stage
    assert answer.needs in _NEEDS
    for event in answer.events:
        assert event.tracking_number == answer.tracking_number
        assert event.stage is None or type(event.stage) is Stage
        assert event.time is None or event.time.tzinfo is not None
        assert event.local_time is None or event.local_time.tzinfo is None
        is_a_line(event.description, TEXT_LIMIT)
        is_a_line(event.words, TEXT_LIMIT)
        is_a_line(event.location, PLACE_LIMIT)
        is_a_line(event.code, CODE_LIMIT)
        is_a_line(event.written_time, 100)
        is_a_country(event.country)
        hash(event)
    for country in (answer.origin_country, answer.destination_country):
        is_a_country(country)
    for named in (answer.pickup_point, answer.signed_by):
        assert named != ""
        is_a_line(named, PLACE_LIMIT)
    if answer.estimate is not None:
        start, end = answer.estimate.start, answer.estimate.end
        assert isinstance(start, date) and isinstance(end, date | None)
    if answer.next_leg is not None:
        is_a_line(answer.next_leg.tracking_number, NUMBER_LIMIT)
        assert len(answer.next_leg.tracking_number) >= 5
        assert answer.next_leg.tracking_number != answer.tracking_number


def is_a_line(text: str | None, limit: int) -> None:
    """Hold a carrier's text to one bounded line that anyone can read."""
    if text is not None:
        text.encode()
        assert len(text) <= limit
        assert text == text.strip()
        assert not _CONTROL.search(text)
        assert "\n" not in text


def is_a_country(code: str | None) -> None:
    """Hold a country to two letters."""
    assert code is None or _COUNTRY.fullmatch(code)


def can_be_lived_with(
    provider: str, answer: Answer, before: Journal | None = None
) -> Journal:
    """Take an answer up as the house does, and see through all that comes of it.

    Returns the journal, in which nothing that was in ``before`` is lost.
    """
    before = before or seal(
        None, open_journal("parcel", answer.tracking_number, ADDED_AT), ADDED_AT
    )
    merged = merge(before, provider, answer, NOW)
    # The same again says nothing new.
    assert merge(merged, provider, answer, NOW) == merged
    _nothing_is_lost(before, merged)
    after = seal(before, merged, NOW)
    for zone in ZONES:
        noted = seal(after, note(before, after, now=NOW, zone=zone), NOW)
        parcel = snapshot(noted, About(name="Lamp"), (), zone, "FR", now=NOW)
        told = note_alerts(noted, parcel, now=NOW, story=story_of(noted))
        _can_be_shown(parcel, zone)
    proof = to_keep(before, merged, provider, answer, NOW)
    kept = all_kept((), [proof] if proof is not None else [])
    _can_be_stored(seal(noted, told, NOW), kept)
    _can_be_proven(noted, kept)
    return noted


def can_be_printed(journal: Journal) -> None:
    """Lay out a parcel's dispute file, which takes far longer than all else."""
    page = html(page_of(_can_be_proven(journal, ())))
    assert "<script" not in page
    assert not _CONTROL.search(page)


def _nothing_is_lost(before: Journal, after: Journal) -> None:
    known, now = (
        Counter(event.key for track in journal.tracks for event in track.events)
        for journal in (before, after)
    )
    assert known <= now
    assert set(before.legs) <= set(after.legs)
    assert before.promises == after.promises[: len(before.promises)]


def _can_be_shown(parcel: Parcel, zone: Any) -> None:
    told = parcel_json(parcel, now=NOW, zone=zone, last_checked=None, next_check=None)
    json_bytes(told)
    assert json.loads(json.dumps(told)) == told
    guide_steps(parcel, "FR")
    for sensor in PARCEL_SENSORS:
        is_a_state(sensor.value_fn(parcel))
        json_bytes(sensor.attributes_fn(parcel) if sensor.attributes_fn else None)
    for hub in HUB_SENSORS:
        is_a_state(hub.value_fn([parcel, parcel]))
        json_bytes(hub.attributes_fn([parcel]) if hub.attributes_fn else None)


def is_a_state(value: Any) -> None:
    """Hold a state to what Home Assistant can show."""
    assert value is None or isinstance(value, str | int | float | datetime)
    if isinstance(value, datetime):
        assert value.tzinfo is not None
        value = value.astimezone(UTC).isoformat()
    assert len(str(value)) <= _LONGEST_STATE


def _can_be_stored(journal: Journal, kept: tuple[KeptAnswer, ...]) -> None:
    stored = json_bytes(to_json(journal))
    assert from_json(json.loads(stored)) == journal
    assert verify(journal) == ()
    assert answers_from_json(json.loads(json_bytes(answers_to_json(kept)))) == kept


def _can_be_proven(journal: Journal, kept: tuple[KeptAnswer, ...]) -> dict[str, Any]:
    zone = ZONES[0]
    parcel = snapshot(journal, About(name="Lamp"), (), zone, "FR", now=NOW)
    told = dossier(journal, parcel, kept, NOW, zone, {})
    assert json.loads(json.dumps(told, ensure_ascii=False)) == told
    return told
