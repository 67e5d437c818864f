"""What was asked of an account, and when it may be asked again."""

from datetime import UTC, datetime, timedelta
import json
from random import Random

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.ledger import Ledger, Refusal
from custom_components.waybill.tracking.providers import (
    PROVIDERS,
    CredentialsRejected,
    Limits,
    NotEntitled,
    ProviderError,
    ProviderUnavailable,
    QuotaExceeded,
)
from custom_components.waybill.tracking.tempo import Tempo

from .journeys import START

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
CAINIAO = PROVIDERS["cainiao"].limits
DHL = PROVIDERS["dhl"].limits
TRACK17 = PROVIDERS["seventeentrack"].limits
LIMITS = (CAINIAO, DHL, TRACK17)


def new(limits: Limits = CAINIAO, pace: float = 1) -> Ledger:
    """Return the ledger of an account that was never asked."""
    return Ledger(limits=limits, tempo=Tempo(pace))


def routine(
    ledger: Ledger, now: datetime, *, fair_wait: timedelta = timedelta()
) -> datetime:
    """Return when the house may ask of its own accord."""
    opens = ledger.opens_at(now, routine=True, fair_wait=fair_wait)
    assert opens is not None
    return opens


def spend(ledger: Ledger, now: datetime, requests: int) -> Ledger:
    """Make requests at one moment."""
    for _ in range(requests):
        ledger = ledger.asked(now)
    return ledger


def test_the_limits_are_those_of_the_design() -> None:
    assert CAINIAO.batch_size == 20
    assert CAINIAO.spacing == 5 * MINUTE
    assert CAINIAO.routine_spacing == 30 * MINUTE
    assert CAINIAO.per_day == 24
    assert (DHL.batch_size, DHL.spacing, DHL.per_day) == (1, 5 * SECOND, 250)


def test_an_account_that_was_never_asked_may_be_asked() -> None:
    ledger = new()
    assert ledger.refusal(START) is None
    assert routine(ledger, START) <= START
    assert ledger.left(START) == 24


def test_a_person_waits_five_minutes_and_the_house_thirty() -> None:
    ledger = new().asked(START)
    assert ledger.refusal(START + 5 * MINUTE - SECOND) == (
        Refusal.SPACING,
        START + 5 * MINUTE,
    )
    assert ledger.refusal(START + 5 * MINUTE) is None
    assert routine(ledger, START + 5 * MINUTE) >= START + 30 * MINUTE


@pytest.mark.parametrize(("limits", "routinely"), [(CAINIAO, 20), (DHL, 225)])
def test_the_house_leaves_some_requests_of_a_day_to_a_person(
    limits: Limits, routinely: int
) -> None:
    ledger, now, requests = new(limits), START, 0
    while now < START + DAY:
        ledger, requests = ledger.asked(now), requests + 1
        now = routine(ledger, now)
    assert requests == routinely
    assert now == START + DAY
    assert ledger.left_for_routine == (0, START + DAY - (ledger.last_request or START))


def test_what_a_person_asked_is_not_taken_from_the_house() -> None:
    """But for what is more than was kept for persons."""
    ledger = new()
    for n in range(6):
        ledger = ledger.asked(START + n * 5 * MINUTE, urgent=True)
        assert ledger.kept_on(START) == max(0, 3 - n)
        assert ledger.left_for_routine is not None
        assert ledger.left_for_routine[0] == min(20, 23 - n)
    assert ledger.kept_on(START + DAY) == 4
    assert ledger.asked(START + DAY).urgent == 0
    assert new(TRACK17).kept_on(START) == 0
    assert spend(new(TRACK17), START, 3).left_for_routine is None


def test_the_house_waits_for_its_fair_share() -> None:
    ledger = new().asked(START)
    assert routine(ledger, START, fair_wait=2 * HOUR) == START + 2 * HOUR
    assert routine(ledger, START, fair_wait=MINUTE) == START + 30 * MINUTE
    assert ledger.opens_at(START, routine=False) == START + 5 * MINUTE


def test_a_late_riser_does_not_spend_the_night() -> None:
    """Idle all day: then the spacing alone counts."""
    ledger = new().asked(START + 22 * HOUR)
    assert routine(ledger, START + 22 * HOUR) == START + 22 * HOUR + 30 * MINUTE


def test_the_spacing_holds_over_midnight() -> None:
    ledger = spend(new(), START + DAY - MINUTE, 24)
    assert routine(ledger, START + DAY - MINUTE) == START + DAY + 29 * MINUTE


def test_a_spent_quota_is_refused_until_midnight_utc() -> None:
    ledger = spend(new(), START + 20 * HOUR, 23)
    assert ledger.refusal(START + 21 * HOUR) is None
    ledger = ledger.asked(START + 21 * HOUR)
    assert ledger.refusal(START + 22 * HOUR) == (Refusal.QUOTA, START + DAY)
    assert ledger.left(START + 22 * HOUR) == 0
    assert ledger.refusal(START + DAY) is None
    assert ledger.left(START + DAY) == 24


def test_a_quota_that_is_told_as_spent_is_nothing_left() -> None:
    error = QuotaExceeded("spent", retry_at=START + 3 * HOUR)
    ledger = new(DHL).asked(START).blocked(error, START, Random(1))
    assert ledger.left(START + HOUR) == 0
    assert ledger.refusal(START + HOUR) == (Refusal.QUOTA, START + 3 * HOUR)
    assert ledger.left(START + 3 * HOUR) == 249


def test_where_nothing_is_counted_nothing_is_left_to_tell() -> None:
    assert spend(new(TRACK17), START, 5000).left(START) is None
    assert spend(new(TRACK17), START, 5000).refusal(START + SECOND) is None


def test_back_off_doubles_from_five_minutes_to_a_day() -> None:
    """The jitter only ever makes it longer, and no longer than a day."""
    ledger, now, waits = new(DHL), START, []
    for _ in range(12):
        ledger = ledger.asked(now).blocked(ProviderUnavailable("x"), now, Random(7))
        assert ledger.blocked_until is not None
        waits.append(ledger.blocked_until - now)
        assert ledger.refusal(now) == (Refusal.BACKOFF, ledger.blocked_until)
        assert routine(ledger, now) >= ledger.blocked_until
        now = ledger.blocked_until
        assert ledger.refusal(now) is None
    for n, wait in enumerate(waits):
        stated = min(5 * MINUTE * 2**n, DAY)
        assert stated <= wait <= min(stated * 1.1, DAY)
    assert waits[0] != 5 * MINUTE
    assert waits[-1] == DAY


def test_homes_that_failed_together_come_back_apart() -> None:
    backs = {
        new().blocked(ProviderUnavailable("x"), START, Random(n)).blocked_until
        for n in range(20)
    }
    assert len(backs) == 20


def test_a_bot_wall_is_left_alone_for_two_hours_at_least() -> None:
    wall = ProviderUnavailable("bot wall", first_backoff=2 * HOUR)
    for seed in range(20):
        ledger = new().blocked(wall, START, Random(seed))
        assert ledger.blocked_until is not None
        assert START + 2 * HOUR <= ledger.blocked_until <= START + 2.2 * HOUR
        ledger = ledger.blocked(wall, START, Random(seed))
        assert ledger.blocked_until is not None
        assert ledger.blocked_until >= START + 4 * HOUR


def test_a_retry_after_is_obeyed_to_the_second() -> None:
    """Even where it is longer than any back-off of our own."""
    for wait in (6 * MINUTE, 12 * HOUR, 3 * DAY):
        error = ProviderUnavailable("busy", retry_at=START + wait)
        ledger = new().blocked(error, START, Random(1))
        assert ledger.refusal(START + wait - SECOND) == (
            Refusal.BACKOFF,
            START + wait,
        )
        assert ledger.refusal(START + wait) is None


def test_a_retry_after_in_the_past_still_leaves_the_spacing() -> None:
    error = ProviderUnavailable("busy", retry_at=START - HOUR)
    ledger = new().blocked(error, START, Random(1))
    assert ledger.blocked_until == START + 5 * MINUTE


def test_rejected_credentials_are_not_tried_again() -> None:
    ledger = new().blocked(CredentialsRejected("no"), START, Random(1))
    for later in (timedelta(), DAY, 400 * DAY):
        assert ledger.refusal(START + later) == (Refusal.CREDENTIALS, None)
        assert ledger.opens_at(START + later, routine=False) is None
        assert ledger.opens_at(START + later, routine=True) is None
    assert ledger.cleared().refusal(START) is None


def test_good_credentials_that_may_not_track_are_told_from_wrong_ones() -> None:
    ledger = new().blocked(NotEntitled("no scope"), START, Random(1))
    again = new().restored(ledger.as_dict())
    for blocked in (ledger, again):
        assert blocked.refusal(START) == (Refusal.CREDENTIALS, None)
        assert blocked.not_entitled
    assert not again.cleared().not_entitled
    assert not again.blocked(CredentialsRejected("no"), START, Random(1)).not_entitled
    assert not new().restored({"not_entitled": "yes"}).not_entitled


def test_an_answer_ends_the_back_off() -> None:
    ledger = new().blocked(ProviderUnavailable("x"), START, Random(1))
    ledger = ledger.blocked(ProviderUnavailable("x"), START, Random(1)).cleared()
    assert ledger == new()
    again = ledger.blocked(ProviderUnavailable("x"), START, Random(1))
    assert again.blocked_until is not None
    assert again.blocked_until < START + 6 * MINUTE
    assert ledger.cleared() is ledger


def test_of_two_reasons_the_first_is_told_with_the_last_moment() -> None:
    """Back-off ends at eleven, but the quota is spent until midnight."""
    ledger = spend(new(), START + 22 * HOUR, 24)
    error = ProviderUnavailable("busy", retry_at=START + 23 * HOUR)
    ledger = ledger.blocked(error, START + 22 * HOUR, Random(1))
    assert ledger.refusal(START + 22 * HOUR) == (Refusal.BACKOFF, START + DAY)
    late = spend(new(), START + DAY - MINUTE, 24)
    assert late.refusal(START + DAY - MINUTE) == (
        Refusal.QUOTA,
        START + DAY + 4 * MINUTE,
    )


ERRORS = (
    ProviderUnavailable("down"),
    ProviderUnavailable("wall", first_backoff=2 * HOUR),
    QuotaExceeded("spent", retry_at=START + 40 * HOUR),
    CredentialsRejected("no"),
    NotEntitled("no scope"),
)
steps = st.lists(
    st.tuples(
        st.sampled_from((None, None, None, *ERRORS)),
        st.sampled_from((SECOND, 4 * MINUTE, 31 * MINUTE, 3 * HOUR, 20 * HOUR)),
    ),
    max_size=40,
)


def live(limits: Limits, story: list[tuple[ProviderError | None, timedelta]]) -> Ledger:
    """Ask an account again and again; some requests fail."""
    ledger, now = new(limits), START
    for error, pause in story:
        opens = ledger.opens_at(now, routine=False)
        if opens is None:
            break
        now = max(now + pause, opens)
        ledger = ledger.asked(now)
        ledger = ledger.blocked(error, now, Random(1)) if error else ledger.cleared()
    return ledger


@given(st.sampled_from(LIMITS), steps, st.integers(0, 4000))
def test_who_is_refused_may_ask_at_the_moment_told_and_not_before(
    limits: Limits,
    story: list[tuple[ProviderError | None, timedelta]],
    minutes: int,
) -> None:
    ledger = live(limits, story)
    now = START + minutes * MINUTE
    refusal = ledger.refusal(now)
    if refusal is None or refusal[1] is None:
        return
    assert refusal[1] > now
    assert ledger.refusal(refusal[1]) is None
    assert ledger.refusal(refusal[1] - timedelta(microseconds=1)) is not None


@given(
    st.sampled_from(LIMITS),
    steps,
    st.integers(0, 4000),
    st.sampled_from((timedelta(), 2 * HOUR)),
)
def test_the_house_may_ask_at_the_moment_told_and_not_before(
    limits: Limits,
    story: list[tuple[ProviderError | None, timedelta]],
    minutes: int,
    fair_wait: timedelta,
) -> None:
    """However often it is computed on the way there, also over midnight."""
    ledger = live(limits, story)
    now = max(START + minutes * MINUTE, ledger.last_request or START)
    opens = ledger.opens_at(now, routine=True, fair_wait=fair_wait)
    if opens is None:
        assert ledger.blocked_by is Refusal.CREDENTIALS
        return
    person = ledger.opens_at(now, routine=False)
    assert person is not None
    assert opens >= person
    for part in (0.1, 0.5, 0.9, 0.999) if opens > now else ():
        between = now + (opens - now) * part
        assert ledger.opens_at(between, routine=True, fair_wait=fair_wait) == opens
    at = max(opens, now)
    assert routine(ledger, at, fair_wait=fair_wait) <= at


@given(st.sampled_from(LIMITS), steps)
def test_a_ledger_is_read_as_it_was_written(
    limits: Limits, story: list[tuple[ProviderError | None, timedelta]]
) -> None:
    ledger = live(limits, story)
    stored = json.loads(json.dumps(ledger.as_dict()))
    assert new(limits).restored(stored) == ledger


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"unknown": 1},
        {"day": "x", "used": -3, "failures": None, "last_request": 7},
        {"used": [], "blocked_until": "soon", "blocked_by": "nobody"},
        {"last_request": "2026-06-01T00:00:00", "blocked_until": "2026-06-02"},
        {"last_request": "9999-12-31T23:59:59+00:00"},
        {"blocked_by": "backoff"},
        {"blocked_by": {}},
        {"other_days": [7, [1], ["x", -2]], "blocked_at": 7},
        {"other_days": {}},
    ],
)
def test_what_cannot_be_read_stands_in_nobodys_way(stored: dict[str, object]) -> None:
    ledger = new().restored(stored)
    assert ledger.refusal(START) is None
    assert routine(ledger, START) <= START
    assert ledger.asked(START).used == 1


def test_a_back_off_counts_even_if_its_reason_cannot_be_read() -> None:
    stored = {"blocked_until": (START + HOUR).isoformat(), "blocked_by": "nobody"}
    ledger = new().restored(stored)
    assert ledger.refusal(START) == (Refusal.BACKOFF, START + HOUR)
    assert ledger.refusal(START + HOUR) is None


def test_a_clock_that_was_set_back_silences_no_account() -> None:
    future = datetime(2099, 1, 1, tzinfo=UTC)
    ledger = spend(new(), future, 2)
    assert ledger.refusal(START) is None
    assert routine(ledger, START) <= START
    ledger = ledger.blocked(ProviderUnavailable("x"), future, Random(1))
    assert ledger.refusal(START) is None
    assert routine(ledger, START) <= START
    ledger = ledger.asked(START)
    assert ledger.refusal(START) == (Refusal.SPACING, START + 5 * MINUTE)
    assert ledger.left(START) == 21


def test_what_was_asked_by_a_clock_that_was_ahead_was_asked_today() -> None:
    ledger = spend(new(), START, 10)
    ledger = spend(ledger, START + 365 * DAY, 6)
    ledger = spend(ledger, START + 700 * DAY, 5).set_back(START)
    assert ledger.left(START) == 24 - 10 - 6 - 5
    assert ledger.left(START + DAY) == 24
    # The last day that was counted may come after all.
    assert ledger.left(START + 700 * DAY) == 24 - 5


def test_a_back_off_by_a_clock_that_was_ahead_begins_anew() -> None:
    """Nobody knows how much of it is over; it is obeyed, and no longer than told."""
    ahead = START + 20 * DAY
    error = ProviderUnavailable("wait", retry_at=ahead + 12 * HOUR)
    ledger = new().asked(ahead).blocked(error, ahead, Random(1))
    assert ledger.refusal(START) == (Refusal.BACKOFF, ahead + 12 * HOUR)
    ledger = ledger.set_back(START)
    assert ledger.refusal(START) == (Refusal.BACKOFF, START + 12 * HOUR)
    assert ledger.set_back(START - MINUTE).refusal(START) == (
        Refusal.BACKOFF,
        START - MINUTE + 12 * HOUR,
    )
    assert ledger.refusal(START + 12 * HOUR) is None


def test_a_second_by_which_the_clock_is_put_right_at_midnight_costs_no_quota() -> None:
    ledger = spend(spend(new(), START - HOUR, 20), START + HOUR, 5)
    dipped = ledger.set_back(START - SECOND)
    assert dipped.left(START - SECOND) == 0
    assert dipped.left(START) == 19


def test_no_provider_is_obeyed_for_longer_than_a_month() -> None:
    error = ProviderUnavailable("for ever", retry_at=START + 4000 * DAY)
    ledger = new().asked(START).blocked(error, START, Random(1))
    assert ledger.refusal(START) == (Refusal.BACKOFF, START + 31 * DAY)


def test_a_clock_that_was_set_forward_begins_a_new_day() -> None:
    ledger = spend(new(), START, 24)
    assert ledger.refusal(START + 400 * DAY) is None
    assert ledger.left(START + 400 * DAY) == 24


@given(
    st.sampled_from(LIMITS),
    steps,
    st.integers(0, 4000),
    st.booleans(),
    st.sampled_from([10, 60]),
)
def test_a_pace_makes_the_same_ledger_in_less_time(
    limits: Limits,
    story: list[tuple[ProviderError | None, timedelta]],
    minutes: int,
    is_routine: bool,
    pace: int,
) -> None:
    """Measured from the epoch, as the provider's days are."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)

    def scaled(moment: datetime) -> datetime:
        return epoch + (moment - epoch) / pace

    slow, fast, now = new(limits), new(limits, pace), START
    for error, pause in story:
        now += pause
        slow, fast = slow.asked(now), fast.asked(scaled(now))
        if error is None:
            slow, fast = slow.cleared(), fast.cleared()
            continue
        if error.retry_at is not None:
            # The provider tells how long, not when.
            error = QuotaExceeded("spent", retry_at=now + 7 * HOUR)
        slow = slow.blocked(error, now, Random(1))
        if error.retry_at is not None:
            error = QuotaExceeded("spent", retry_at=scaled(now) + 7 * HOUR)
        fast = fast.blocked(error, scaled(now), Random(1))
    now += minutes * MINUTE
    expected = slow.opens_at(now, routine=is_routine)
    actual = fast.opens_at(scaled(now), routine=is_routine)
    assert fast.left(scaled(now)) == slow.left(now)
    if expected is None or actual is None:
        assert expected is actual is None
    else:
        assert abs(actual - scaled(expected)) < timedelta(milliseconds=1)
