"""A parcel as the house sees it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.assessment import AlertKind
from custom_components.waybill.tracking.journal import Journal, merge, open_journal
from custom_components.waybill.tracking.journal_json import from_json, to_json
from custom_components.waybill.tracking.model import Answer, Estimate, Leg, Stage
from custom_components.waybill.tracking.parcel import About, Parcel, snapshot
from custom_components.waybill.tracking.routing import Choice, Reason

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
AUCKLAND = ZoneInfo("Pacific/Auckland")
HONOLULU = ZoneInfo("Pacific/Honolulu")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LATER = START + 30 * DAY
ABOUT = About(name="Running shoes")
CHOICE = Choice(provider="cainiao", account_id="cainiao", reason=Reason.CARRIER)


def told(*answers: Answer, provider: str = "cainiao") -> Journal:
    """Return a journal after answers of one provider."""
    journal = new_journal()
    for item in answers:
        journal = merge(journal, provider, item, LATER)
    return journal


def seen(
    journal: Journal,
    about: About = ABOUT,
    home: str | None = None,
    now: datetime = START + 6 * DAY,
) -> Parcel:
    """Return the parcel as a house in Paris sees it."""
    return snapshot(journal, about, (CHOICE,), PARIS, home, now=now)


def test_a_parcel_of_which_nothing_is_known_is_pending() -> None:
    parcel = seen(new_journal())
    assert parcel.stage is Stage.PENDING
    assert parcel.stage_since == parcel.added_at == START
    assert parcel.name == "Running shoes"
    assert (parcel.carrier, parcel.carrier_name) == ("cainiao", "Cainiao")
    assert parcel.tracking_url is not None
    assert NUMBER in parcel.tracking_url
    assert parcel.last_event is None
    assert parcel.location is None
    assert parcel.window is None
    assert not parcel.needs_attention
    assert parcel.days_in_transit(LATER, PARIS) is None
    assert parcel.providers == (CHOICE,)


def test_a_number_of_no_known_format_has_no_carrier() -> None:
    parcel = seen(open_journal("parcel", "4711X0815Y", START))
    assert parcel.carrier is None
    assert parcel.carrier_name is None
    assert parcel.tracking_url is None


@given(tellings(), st.sampled_from([PARIS, AUCKLAND, UTC]))
def test_an_unchanged_journal_makes_an_equal_parcel(
    telling: Telling, zone: tzinfo
) -> None:
    """Also after the same answer once more, and after a restart."""
    journal = told(*telling.answers)
    parcel = snapshot(journal, ABOUT, (CHOICE,), zone, now=LATER)
    again = merge(journal, "cainiao", telling.answers[-1], LATER + DAY)
    restarted = from_json(to_json(journal))
    for other in (journal, again, restarted):
        assert snapshot(other, ABOUT, (CHOICE,), zone, now=LATER) == parcel


@given(tellings())
def test_all_moments_but_walls_are_aware(telling: Telling) -> None:
    parcel = seen(told(*telling.answers))
    moments = [parcel.added_at, parcel.stage_since]
    moments += [
        moment
        for moment in (
            parcel.shipped_at,
            parcel.delivered_at,
            parcel.transit_from,
            parcel.transit_to,
        )
        if moment is not None
    ]
    assert all(moment.tzinfo is not None for moment in moments)


def test_events_come_newest_first() -> None:
    scans = [
        event(Stage.SHIPPED, 1, location="Shenzhen"),
        event(Stage.IN_TRANSIT, 2, location="Liège"),
        event(None, 3),
    ]
    parcel = seen(told(answer(*scans)))
    assert [e.time for e in parcel.events] == [s.time for s in reversed(scans)]
    assert parcel.last_event == parcel.events[0]
    # The last place that is known.
    assert parcel.location == "Liège"


def test_it_is_where_it_is_since_the_scan_that_moved_it() -> None:
    scans = [event(Stage.IN_CUSTOMS, 5), event(Stage.IN_CUSTOMS, 50)]
    assert seen(told(answer(*scans))).stage_since == scans[0].time
    # A wall clock somewhere is no moment: then since it was seen.
    naive = event(Stage.IN_CUSTOMS, 5, naive=True)
    assert seen(told(answer(naive)), now=LATER).stage_since == LATER
    # What a clock saw that was far ahead happened when it is written, at home.
    ahead = seen(told(answer(naive)), now=LATER - 2 * DAY)
    assert ahead.stage_since == naive.local_time.replace(tzinfo=PARIS)
    assert ahead.heard_at == ahead.stage_since
    # Said of the whole parcel: since it was said.
    assert seen(told(answer(stage=Stage.IN_TRANSIT))).stage_since == LATER


def test_when_it_was_shipped_and_delivered_is_told_where_the_zone_is_known() -> None:
    scans = [
        event(Stage.INFO_RECEIVED, 1),
        event(Stage.SHIPPED, 2),
        event(Stage.IN_TRANSIT, 3),
        event(Stage.DELIVERED, 100),
        event(Stage.DELIVERED, 101),
    ]
    parcel = seen(told(answer(*scans)))
    assert parcel.shipped_at == parcel.transit_from == scans[1].time
    assert parcel.delivered_at == parcel.transit_to == scans[3].time
    walls = [
        event(Stage.SHIPPED, 2, naive=True),
        event(Stage.DELIVERED, 100, naive=True),
    ]
    parcel = seen(told(answer(*walls)), now=LATER)
    assert parcel.shipped_at is None
    assert parcel.delivered_at is None
    assert parcel.transit_from == parcel.transit_to == LATER


def test_what_came_back_is_on_the_way_no_more() -> None:
    back = [event(Stage.SHIPPED, 2), event(Stage.RETURNING, 9), event(None, 10)]
    parcel = seen(told(answer(*back)))
    assert parcel.days_in_transit(START + 5 * DAY, UTC) == 5
    parcel = seen(told(answer(*back, event(Stage.DELIVERED, 60))))
    assert parcel.stage is Stage.RETURNED
    assert parcel.delivered_at is None
    assert parcel.days_in_transit(START + 90 * DAY, UTC) == 2


def test_a_delivery_said_of_the_whole_parcel_has_no_moment_of_its_own() -> None:
    parcel = seen(told(answer(stage=Stage.DELIVERED)))
    assert parcel.stage is Stage.DELIVERED
    assert parcel.delivered_at is None
    assert parcel.transit_to is None


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        (UTC, 1),
        (timezone(timedelta(hours=-1)), 1),
        (timezone(timedelta(hours=-2)), 0),
        (timezone(timedelta(hours=1)), 0),
        (AUCKLAND, 0),
    ],
)
def test_days_are_counted_by_the_calendar_at_home(zone: tzinfo, days: int) -> None:
    """From eleven in the evening to one in the morning, by UTC's clock."""
    parcel = seen(told(answer(event(Stage.SHIPPED, 23))))
    assert parcel.days_in_transit(START + 25 * HOUR, zone) == days


def test_another_day_begins_at_midnight_without_any_news() -> None:
    parcel = seen(told(answer(event(Stage.SHIPPED, 1))))
    midnight = datetime(2026, 6, 3, tzinfo=PARIS)
    second = timedelta(seconds=1)
    assert parcel.days_in_transit(midnight - second, PARIS) == 1
    assert parcel.days_in_transit(midnight, PARIS) == 2


@given(
    st.floats(0, 400),
    st.floats(0, 400),
    st.sampled_from([PARIS, AUCKLAND, HONOLULU, UTC]),
)
def test_days_in_transit_never_run_backwards(
    shipped: float, later: float, zone: tzinfo
) -> None:
    parcel = seen(told(answer(event(Stage.SHIPPED, shipped))))
    now = START + shipped * HOUR
    first = parcel.days_in_transit(now, zone)
    second = parcel.days_in_transit(now + later * HOUR, zone)
    assert first == 0
    assert second is not None
    assert later // 24 <= second <= later // 24 + 1


def test_a_scan_of_tomorrow_makes_no_days() -> None:
    parcel = seen(told(answer(event(Stage.SHIPPED, 200))))
    assert parcel.days_in_transit(START, PARIS) == 0


@pytest.mark.parametrize(
    ("stage", "kind"),
    [
        (Stage.CUSTOMS_ACTION_REQUIRED, AlertKind.CUSTOMS_ACTION),
        (Stage.RETURNING, AlertKind.RETURNING),
        (Stage.EXCEPTION, AlertKind.EXCEPTION),
    ],
)
def test_a_stage_that_needs_the_person_says_why(stage: Stage, kind: AlertKind) -> None:
    scan = event(stage, 5, description="Duty unpaid")
    parcel = seen(told(answer(scan)))
    (alert,) = parcel.alerts
    assert (alert.kind, alert.since, alert.detail) == (kind, scan.time, "Duty unpaid")
    assert parcel.needs_attention


def test_an_estimate_is_told_for_the_door() -> None:
    estimate = Estimate(start=date(2026, 6, 10))
    parcel = seen(told(answer(event(Stage.SHIPPED, 1), estimate=estimate)))
    assert parcel.window is not None
    assert parcel.window.end.isoformat() == "2026-06-10T23:59:59+02:00"


def test_who_has_it_ready_and_who_signed_is_the_nearest_word() -> None:
    journal = told(
        answer(event(Stage.DELIVERED, 1), pickup_point="Shop", signed_by="X"),
        provider="seventeentrack",
    )
    nearer = answer(event(Stage.DELIVERED, 1), signed_by="NEIGHBOUR")
    parcel = seen(merge(journal, "cainiao", nearer, LATER))
    assert parcel.pickup_point == "Shop"
    assert parcel.signed_by == "NEIGHBOUR"


def test_a_number_is_invalid_only_while_nobody_knows_it() -> None:
    parcel = seen(told(answer(invalid=True)))
    assert parcel.invalid
    assert parcel.stage is Stage.PENDING
    known = merge(
        told(answer(invalid=True)),
        "seventeentrack",
        answer(event(Stage.SHIPPED, 1)),
        LATER,
    )
    assert not seen(known).invalid
    assert not seen(new_journal()).invalid


def test_what_a_provider_must_be_told_is_asked_only_while_nobody_knows_it() -> None:
    journal = told(answer(needs="postal_code"))
    assert seen(journal).needs == "postal_code"
    known = merge(journal, "seventeentrack", answer(event(None, 1)), LATER)
    assert seen(known).needs is None


def test_the_person_knows_who_carries_it() -> None:
    about = replace(ABOUT, carrier="la_poste")
    journal = told(answer(event(Stage.SHIPPED, 1), carrier="cainiao"))
    assert seen(journal, about).carrier == "la_poste"
    assert seen(journal, about).legs[0].carrier == "la_poste"
    assert seen(journal).carrier == "cainiao"


def test_some_numbers_say_who_carries_them_only_at_home() -> None:
    journal = open_journal("parcel", "12345678901", START)
    assert seen(journal, home="DE").carrier == "gls"
    assert seen(journal, home="DE").legs[0].carrier == "gls"
    assert seen(journal).carrier == "dhl"


def test_each_leg_has_its_carrier() -> None:
    """The one that the person pinned carries the number that the person gave."""
    journal = told(
        answer(event(Stage.SHIPPED, 1), next_leg=Leg(tracking_number=NEXT_NUMBER))
    )
    parcel = seen(journal, replace(ABOUT, carrier="yunexpress"))
    assert [(leg.tracking_number, leg.carrier) for leg in parcel.legs] == [
        (NUMBER, "yunexpress"),
        (NEXT_NUMBER, "royal_mail"),
    ]
    assert parcel.legs[1].found_by == "cainiao"
    assert parcel.legs[1].since == LATER


def test_where_it_comes_from_and_goes_to_is_told() -> None:
    said = answer(
        event(Stage.SHIPPED, 1), origin_country="CN", destination_country="FR"
    )
    parcel = seen(told(said))
    assert (parcel.origin_country, parcel.destination_country) == ("CN", "FR")
