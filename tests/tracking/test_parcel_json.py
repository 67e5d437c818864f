"""A parcel as every action answers it, key by key."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
import json
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
import pytest

from custom_components.waybill.tracking.journal import Journal, merge
from custom_components.waybill.tracking.milestones import announced, note, pending
from custom_components.waybill.tracking.model import (
    Direction,
    Estimate,
    Leg,
    MilestoneName,
    Stage,
)
from custom_components.waybill.tracking.parcel import About, snapshot
from custom_components.waybill.tracking.parcel_json import (
    event_json,
    milestone_event,
    milestone_json,
    parcel_json,
)
from custom_components.waybill.tracking.routing import Choice, Reason
from custom_components.waybill.tracking.transit_times import Typical

from .journeys import (
    NEXT_NUMBER,
    NUMBER,
    START,
    Telling,
    answer,
    event,
    new_journal,
    tellings,
)

PARIS = ZoneInfo("Europe/Paris")
DAY = timedelta(days=1)
NOW = START + 3 * DAY
CHOICE = Choice(provider="cainiao", account_id="cainiao", reason=Reason.CARRIER)

KEYS = [
    "parcel_id",
    "name",
    "tracking_number",
    "carrier",
    "carrier_name",
    "tracking_url",
    "order_url",
    "seller",
    "order_number",
    "notes",
    "added_at",
    "stage",
    "stage_since",
    "alerts",
    "needs_attention",
    "estimated_delivery",
    "expected_by",
    "protection_until",
    "shipped_at",
    "delivered_at",
    "days_in_transit",
    "origin_country",
    "destination_country",
    "pickup_point",
    "signed_by",
    "last_event",
    "last_checked",
    "next_check",
    "archived",
    "providers",
    "legs",
    "typical_transit",
    "milestones",
    "events",
]
EVENT_KEYS = [
    "time",
    "local_time",
    "stage",
    "direction",
    "description",
    "location",
    "country",
    "carrier",
    "tracking_number",
    "code",
    "provider",
    "first_seen",
]
WALL_TIMES = {"local_time"}
DATES = {"protection_until"}


def answered(
    journal: Journal, about: About | None = None, **options: Any
) -> dict[str, Any]:
    """Return what an action answers, as it goes over the wire."""
    parcel = snapshot(journal, about or About(name="Shoes"), (CHOICE,), PARIS, now=NOW)
    options = {"last_checked": NOW, "next_check": NOW + DAY} | options
    told = parcel_json(parcel, now=NOW, zone=PARIS, **options)
    told_again: dict[str, Any] = json.loads(json.dumps(told))
    assert told_again == told
    return told_again


def a_life() -> Journal:
    """Return the journal of a parcel that went through much."""
    scans = [
        event(Stage.SHIPPED, 1, location="Shenzhen", country="CN"),
        event(
            Stage.IN_CUSTOMS,
            20,
            direction=Direction.IMPORT,
            country="FR",
            description="Entered customs",
            carrier="la_poste",
        ),
        event(Stage.CUSTOMS_ACTION_REQUIRED, 30, description="Duty unpaid"),
        event(None, 31, naive=True),
    ]
    said = answer(
        *scans,
        estimate=Estimate(start=date(2026, 6, 10), end=date(2026, 6, 12)),
        origin_country="CN",
        destination_country="FR",
        pickup_point="Shop",
        signed_by="X",
        next_leg=Leg(tracking_number=NEXT_NUMBER),
    )
    before = new_journal()
    return note(before, merge(before, "cainiao", said, NOW), now=NOW, zone=PARIS)


def times(told: Any, path: tuple[str, ...] = ()) -> list[tuple[str, datetime]]:
    """Return all times in an answer, each with its key."""
    if isinstance(told, dict):
        return [t for key, value in told.items() for t in times(value, (*path, key))]
    if isinstance(told, list):
        return [t for value in told for t in times(value, path)]
    if isinstance(told, str) and path[-1] not in ("name", "notes", *DATES):
        try:
            return [(path[-1], datetime.fromisoformat(told))]
        except ValueError:
            pass
    return []


def test_who_is_asked_about_both_numbers_for_one_reason_is_named_once() -> None:
    other = Choice(provider="dhl", account_id="other", reason=Reason.CARRIER)
    again = replace(CHOICE, account_id="another")
    parcel = snapshot(
        a_life(), About(name="Shoes"), (CHOICE, other, again), PARIS, now=NOW
    )
    told = parcel_json(parcel, now=NOW, zone=PARIS, last_checked=None, next_check=None)
    assert told["providers"] == [
        {"provider": "cainiao", "reason": "carrier"},
        {"provider": "dhl", "reason": "carrier"},
    ]


def test_an_answer_has_exactly_these_keys() -> None:
    told = answered(a_life())
    assert list(told) == KEYS
    assert list(told["last_event"]) == EVENT_KEYS
    assert all(list(item) == EVENT_KEYS for item in told["events"])
    assert told["alerts"][0].keys() == {"kind", "since", "detail"}
    assert told["estimated_delivery"].keys() == {"from", "to", "source"}
    assert told["providers"] == [{"provider": "cainiao", "reason": "carrier"}]
    assert told["legs"] == [
        {"tracking_number": NUMBER, "carrier": "cainiao"},
        {"tracking_number": NEXT_NUMBER, "carrier": "royal_mail"},
    ]
    assert all(
        item.keys() == {"milestone", "milestone_id", "time", "announced"}
        for item in told["milestones"]
    )


def test_an_answer_says_what_is_known() -> None:
    about = About(
        name="Shoes",
        seller="A shop",
        order_url="https://example.com/1",
        order_number="42",
        notes="For the birthday",
        protection_until=date(2026, 8, 1),
    )
    told = answered(a_life(), about)
    assert told["stage"] == "customs_action_required"
    assert told["stage_since"] == "2026-06-02T06:00:00+00:00"
    assert told["needs_attention"] is True
    assert told["alerts"][0]["kind"] == "customs_action"
    assert told["alerts"][0]["detail"] == "Duty unpaid"
    assert told["estimated_delivery"] == {
        "from": "2026-06-10T00:00:00+02:00",
        "to": "2026-06-12T23:59:59+02:00",
        "source": "cainiao",
    }
    assert told["shipped_at"] == "2026-06-01T01:00:00+00:00"
    assert told["delivered_at"] is None
    assert told["days_in_transit"] == 3
    assert (told["origin_country"], told["destination_country"]) == ("CN", "FR")
    assert (told["pickup_point"], told["signed_by"]) == ("Shop", "X")
    assert (told["seller"], told["order_number"]) == ("A shop", "42")
    assert told["order_url"] == "https://example.com/1"
    assert told["notes"] == "For the birthday"
    assert told["protection_until"] == "2026-08-01"
    assert told["last_checked"] == "2026-06-04T00:00:00+00:00"
    assert told["next_check"] == "2026-06-05T00:00:00+00:00"
    assert told["archived"] is False
    assert told["typical_transit"] is None


def test_days_are_counted_on_the_calendar_at_home() -> None:
    """It was handed in at half past eleven, by UTC's clock: tomorrow in Paris."""
    journal = merge(new_journal(), "cainiao", answer(event(Stage.SHIPPED, 23.5)), NOW)
    assert answered(journal)["days_in_transit"] == 2


def test_an_event_says_what_the_carrier_said() -> None:
    newest, _, customs, oldest = answered(a_life())["events"]
    assert newest == answered(a_life())["last_event"]
    assert newest["time"] is None
    assert newest["local_time"] == "2026-06-02T07:00:00"
    assert newest["stage"] is None
    assert customs == {
        "time": "2026-06-01T20:00:00+00:00",
        "local_time": "2026-06-01T20:00:00",
        "stage": "in_customs",
        "direction": "import",
        "description": "Entered customs",
        "location": None,
        "country": "FR",
        "carrier": "la_poste",
        "tracking_number": NUMBER,
        "code": "in_customs",
        "provider": "cainiao",
        "first_seen": "2026-06-04T00:00:00+00:00",
    }
    assert oldest["location"] == "Shenzhen"


def test_of_a_new_parcel_little_is_known() -> None:
    told = answered(new_journal(), last_checked=None, next_check=None)
    assert list(told) == KEYS
    known = {key for key, value in told.items() if value not in (None, [], False)}
    assert known == {
        "parcel_id",
        "name",
        "tracking_number",
        "carrier",
        "carrier_name",
        "tracking_url",
        "added_at",
        "stage",
        "stage_since",
        "providers",
        "legs",
    }


def test_events_are_left_out_on_demand() -> None:
    told = answered(a_life(), include_events=False)
    assert list(told) == KEYS[:-1]
    assert told["last_event"] is not None


def test_an_archived_parcel_says_so() -> None:
    assert answered(new_journal(), archived=True)["archived"] is True


@given(tellings())
def test_all_times_have_an_offset_but_the_walls(telling: Telling) -> None:
    journal = new_journal()
    for item in telling.answers:
        before = journal
        journal = merge(before, "cainiao", item, NOW)
        journal = note(before, journal, now=NOW, zone=PARIS)
    for key, moment in times(answered(journal)):
        assert (moment.tzinfo is None) == (key in WALL_TIMES)


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        (None, None),
        (date(2026, 6, 10), "2026-06-10"),
        (datetime(2026, 6, 10, 18), "2026-06-10T18:00:00+02:00"),
        (datetime(2026, 6, 10, 18, tzinfo=UTC), "2026-06-10T18:00:00+00:00"),
    ],
)
def test_what_the_person_expects_is_told_for_the_door(
    expected: date | None, told: str | None
) -> None:
    about = About(name="Shoes", expected_by=expected)
    assert answered(new_journal(), about)["expected_by"] == told


def test_a_milestone_is_told_with_when_it_happened() -> None:
    journal = a_life()
    (_, shipped, *_) = pending(journal)
    assert shipped.milestone is MilestoneName.SHIPPED
    told = {
        "milestone": "shipped",
        "milestone_id": "parcel-8240cd3e-shipped-1",
        "time": "2026-06-01T01:00:00+00:00",
        "announced": False,
    }
    assert milestone_json(shipped) == told
    journal = announced(journal, shipped.milestone_id, NOW)
    assert answered(journal)["milestones"][1] == told | {"announced": True}
    (stage_changed,) = [
        m for m in journal.milestones if m.milestone is MilestoneName.STAGE_CHANGED
    ]
    assert milestone_json(stage_changed)["time"] == "2026-06-02T06:00:00+00:00"


def test_a_milestone_of_unknown_time_is_told_with_when_it_was_learned() -> None:
    before = merge(new_journal(), "cainiao", answer(), START)
    said = answer(event(Stage.SHIPPED, 1, naive=True))
    journal = note(before, merge(before, "cainiao", said, NOW), now=NOW, zone=PARIS)
    assert milestone_json(journal.milestones[0])["time"] == NOW.isoformat()


def test_a_milestone_carries_what_an_automation_needs() -> None:
    journal = a_life()
    parcel = snapshot(journal, About(name="Shoes"), (CHOICE,), PARIS, now=NOW)
    action = next(
        m
        for m in pending(journal)
        if m.milestone is MilestoneName.CUSTOMS_ACTION_REQUIRED
    )
    assert milestone_event(parcel, action) == {
        "milestone": "customs_action_required",
        "milestone_id": "parcel-8240cd3e-customs_action_required-1",
        "parcel_id": "parcel",
        "name": "Shoes",
        "tracking_number": NUMBER,
        "carrier": "cainiao",
        "stage": "customs_action_required",
        "time": "2026-06-02T06:00:00+00:00",
        "description": "Duty unpaid",
        "location": None,
        "inferred": False,
    }


def test_an_event_alone_is_told_the_same_way() -> None:
    parcel = snapshot(a_life(), About(name="Shoes"), (CHOICE,), PARIS, now=NOW)
    assert [event_json(e) for e in parcel.events] == answered(a_life())["events"]


def test_what_is_typical_of_its_route_is_told_where_it_is_known() -> None:
    known = Typical(median_days=10.5, p90_days=20, parcels=7)
    assert answered(new_journal())["typical_transit"] is None
    told = answered(new_journal(), typical_transit=known)["typical_transit"]
    assert told == {"median_days": 10.5, "p90_days": 20, "parcels": 7}
