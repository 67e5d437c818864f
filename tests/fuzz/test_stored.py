"""Whatever lies on disk or comes from another house: what it is, or no such thing."""

from collections.abc import Callable
from datetime import UTC, timedelta
import json
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill import transfer_format
from custom_components.waybill.tracking import journal_json, kept_answers, listing
from custom_components.waybill.tracking.chain import seal, verify
from custom_components.waybill.tracking.journal import Journal, merge
from custom_components.waybill.tracking.journey import story_of
from custom_components.waybill.tracking.ledger import LONGEST_WAIT
from custom_components.waybill.tracking.milestones import note
from custom_components.waybill.tracking.model import Answer, Estimate
from custom_components.waybill.tracking.parcel import About, snapshot
from custom_components.waybill.tracking.parcel_json import parcel_json
from custom_components.waybill.tracking.polling import Plan
from custom_components.waybill.tracking.providers.base import (
    Limits,
    ProviderUnavailable,
    QuotaExceeded,
)
from custom_components.waybill.tracking.question import Question
from custom_components.waybill.tracking.tempo import Tempo
from custom_components.waybill.tracking.transit_times import (
    Route,
    Sample,
    TransitHistory,
)
from homeassistant.helpers.json import json_bytes
from tests.tracking import cases

from .effort import examples
from .spoiling import put, spoilt_json

NOW = cases.NOW
"""After all that the journals below hold."""
ZONES = (cases.PARIS, UTC)
JOURNAL, KEPT = cases.case()
NOTED = note(cases.case()[0], JOURNAL, now=NOW, zone=UTC)
STORED = json.loads(json_bytes(journal_json.to_json(JOURNAL)))
OF_ANSWERS = json.loads(json_bytes(kept_answers.to_json(KEPT)))
QUESTION = Question("parcel", cases.NUMBER, "account")
LIMITS = Limits(per_day=24, spacing=timedelta(minutes=5))


def is_sound(journal: Journal) -> None:
    """Do with a journal what the house does with it at a start and ever after."""
    assert (
        journal_json.from_json(json.loads(json_bytes(journal_json.to_json(journal))))
        == journal
    )
    story_of(journal)
    verify(journal)
    answer = Answer(
        tracking_number=journal.tracking_number,
        events=tuple(cases.scan(place) for place in (3, 2, 1, 0)),
        estimate=Estimate(start=NOW),
    )
    after = merge(journal, "cainiao", answer, NOW)
    for zone in ZONES:
        for told in (journal, seal(journal, after, NOW)):
            parcel = snapshot(told, About(name="Lamp"), (), zone, "FR", now=NOW)
            json_bytes(
                parcel_json(
                    parcel, now=NOW, zone=zone, last_checked=None, next_check=None
                )
            )
        note(journal, after, now=NOW, zone=zone)


def read(reader: Callable[[Any], Any], content: bytes) -> Any:
    """Read what is JSON; None where it is none, or is not what is looked for."""
    try:
        document = json.loads(content)
    except ValueError, RecursionError:
        return None
    try:
        return reader(document)
    except ValueError:
        return None


def test_what_was_written_is_sound() -> None:
    journal = read(journal_json.from_json, json.dumps(STORED).encode())
    assert journal == JOURNAL
    is_sound(journal)
    assert read(kept_answers.from_json, json.dumps(OF_ANSWERS).encode()) == KEPT


@given(content=spoilt_json(STORED))
@examples(150)
def test_a_journal_that_was_changed_on_disk_is_sound_or_none(content: bytes) -> None:
    journal = read(journal_json.from_json, content)
    if journal is not None:
        is_sound(journal)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("added_at",), None),
        (("parcel_id",), "parcel\ud800"),
        (("tracks", 0, "events", 0, "earlier_words"), ["\ud800"]),
        (("legs", 0, "tracking_number"), None),
        (("legs", 0, "tracking_number"), 17),
        (("tracks", 0, "events", 0, "description"), None),
        (("tracks", 0, "events", 0, "earlier_words"), [None]),
        (("tracks", 0, "events", 0, "time"), "9999-12-31T23:59:59+00:00"),
        (("tracks", 0, "estimate"), ["0001-01-01", None]),
        (("milestones", 0, "stage"), None),
        (("promises", 0, "estimate"), None),
        (("problems", 0, "photos", 0, "size"), float("inf")),
        (("chain", 3, "at"), None),
    ],
)
def test_a_journal_with_nonsense_in_it_is_none(place: Any, value: Any) -> None:
    with pytest.raises(ValueError):
        journal_json.from_json(put(STORED, place, value))


@given(content=spoilt_json(OF_ANSWERS))
@examples(60)
def test_kept_answers_that_were_changed_on_disk_are_sound_or_none(
    content: bytes,
) -> None:
    kept = read(kept_answers.from_json, content)
    if kept is not None:
        assert kept_answers.from_json(kept_answers.to_json(kept)) == kept
        for answer in kept:
            assert answer.body is None or len(answer.body) == answer.size
            assert answer.text is None or answer.text.encode() == answer.body
        kept_answers.all_kept(kept, kept)
        sorted(kept, key=lambda answer: answer.received_at)


def remembered() -> dict[str, Any]:
    """Return what a plan remembers that has asked, failed and been pushed to."""
    plan = Plan(Tempo(), Random(1))
    plan.add_account("account", LIMITS)
    plan.follow(QUESTION, None)
    plan.ask_now(QUESTION)
    for grant in plan.grants(NOW):
        plan.answered(grant, NOW)
    plan.pushed(QUESTION, NOW, NOW)
    plan.ask_now(QUESTION)
    later = NOW + timedelta(hours=1)
    for grant in plan.grants(later):
        plan.failed(grant, QuotaExceeded("spent"), later)
    told: dict[str, Any] = json.loads(json_bytes(plan.as_dict()))
    assert all(told.values())
    return told


@given(content=spoilt_json(remembered()), hour=st.integers(-5, 5000))
@examples(60)
def test_a_plan_goes_on_whatever_it_remembers(content: bytes, hour: int) -> None:
    def restore(document: Any) -> Plan:
        # The file itself holds an object, as the storage sees to.
        plan = Plan(Tempo(), Random(1))
        plan.restore(document if isinstance(document, dict) else {})
        return plan

    if (plan := read(restore, content)) is None:
        return
    plan.add_account("account", LIMITS)
    plan.follow(QUESTION, None)
    now = NOW + timedelta(hours=hour)
    plan.ask_now(QUESTION)
    plan.next_wake(now)
    plan.next_check(QUESTION, now)
    plan.refusal("account", now)
    for grant in plan.grants(now):
        plan.failed(grant, ProviderUnavailable("down"), now)
        plan.answered(grant, now)
    plan.last_asked(QUESTION)
    plan.last_pushed(QUESTION)
    plan.ledger("account").left(now)
    plan.pushed(QUESTION, now, now)
    # No memory, however damaged, silences an account for longer than that.
    blocked = plan.refusal("account", now)
    until = blocked[1] if blocked is not None else None
    assert until is None or until - now <= LONGEST_WAIT
    json_bytes(plan.as_dict())


def _listing() -> dict[str, Any]:
    listed, _ = (
        listing.Listing()
        .knowing(["A1", "B2"])
        .told({"A1"}, NOW - timedelta(minutes=5), Tempo())
    )
    told: dict[str, Any] = json.loads(json_bytes(listed.as_dict()))
    return told


@given(content=spoilt_json(_listing()))
@examples(60)
def test_a_list_goes_on_whatever_is_remembered(content: bytes) -> None:
    if (listed := read(listing.restored, content)) is None:
        return
    listed.due(NOW, Tempo())
    for numbers in (set(), {"A1"}, {"A1", "C3"}):
        told, _ = listed.told(numbers, NOW, Tempo())
        json_bytes(told.as_dict())
        assert listing.restored(json.loads(json_bytes(told.as_dict()))) == told


def _history() -> dict[str, Any]:
    history = TransitHistory()
    for parcel_id, days in (("a", 3.5), ("b", 8.0)):
        history.add(parcel_id, Route("usps", "CN", "US"), Sample(days, NOW))
    told: dict[str, Any] = json.loads(json_bytes(history.as_dict()))
    return told


@given(content=spoilt_json(_history()))
@examples(60)
def test_a_history_goes_on_whatever_is_remembered(content: bytes) -> None:
    def restore(document: Any) -> TransitHistory:
        history = TransitHistory()
        history.restore(document if isinstance(document, dict) else {})
        return history

    if (history := read(restore, content)) is not None:
        history.add("c", Route("usps", "CN", "US"), Sample(5.0, NOW))
        json_bytes(history.as_dict())


def _export(folder: Path) -> Any:
    path = folder / "export.json"
    transfers = [
        transfer_format.Transfer(
            state=transfer_format.State.FOLLOWED,
            journal=JOURNAL,
            title="Lamp",
            data={
                "tracking_number": JOURNAL.tracking_number,
                "added_at": JOURNAL.added_at.isoformat(),
                "expected_by": "2026-06-30",
                "seller": "Shop",
            },
            answers=KEPT,
        ),
    ]
    assert transfer_format.write(path, transfers, NOW) == 1
    return json.loads(path.read_bytes())


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return what a house exports."""
    return _export(tmp_path_factory.mktemp("exports"))


@given(data=st.data())
@examples(100)
def test_an_export_that_was_changed_is_sound_or_says_what_is_wrong(
    export: Any, tmp_path: Path, data: st.DataObject
) -> None:
    path = tmp_path / "changed.json"
    path.write_bytes(data.draw(spoilt_json(export)))
    try:
        transfers = transfer_format.read(path)
    except (
        transfer_format.Damaged,
        transfer_format.NewerVersion,
        transfer_format.NotAnExport,
    ):
        return
    for transfer in transfers:
        is_sound(transfer.journal)
        json_bytes(dict(transfer.data or {}))
        assert transfer_format.write(tmp_path / "again.json", [transfer], NOW) == 1
        assert transfer_format.read(tmp_path / "again.json") == [transfer]
