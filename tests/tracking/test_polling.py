"""The plan: whom to ask next, and when, within each provider's quota."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
import json
from math import ceil
from random import Random
from unittest.mock import patch
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.waybill.tracking import due_questions
from custom_components.waybill.tracking.ledger import Refusal
from custom_components.waybill.tracking.polling import Plan
from custom_components.waybill.tracking.providers import (
    PROVIDERS,
    CredentialsRejected,
    Limits,
    ProviderError,
    ProviderUnavailable,
    QuotaExceeded,
)
from custom_components.waybill.tracking.question import Grant, Question
from custom_components.waybill.tracking.rhythm import HOURS_OF_WEEK, Interest, Rhythm
from custom_components.waybill.tracking.tempo import Tempo

from .journeys import START

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LIMITS = {account: PROVIDERS[account].limits for account in ("cainiao", "dhl")}
TRAVEL = 2 * SECOND
"""How long an answer takes."""


def question(n: int, account: str = "cainiao") -> Question:
    """Return the question about a parcel."""
    return Question(f"parcel {n:04}", f"LP{n:014}", account)


@cache
def steady(every: timedelta, *, quiet: bool = False, idle: bool = False) -> Interest:
    """Return what is worth asking at one interval, day and night."""
    rate = HOUR / every
    rhythm = Rhythm(
        hourly=(rate,) * HOURS_OF_WEEK,
        even=rate,
        least=every,
        most=every,
        quiet=quiet,
        idle=idle,
    )
    return Interest(rhythm=rhythm)


class Story:
    """A house that asks as its plan says, and what it asked when.

    Each wake-up is checked: it comes when there is something to ask, and not a
    moment too late.
    """

    def __init__(
        self,
        limits: dict[str, Limits] | None = None,
        pace: float = 1,
        answer: Callable[[Grant, datetime], ProviderError | None] | None = None,
    ) -> None:
        self.limits = LIMITS if limits is None else limits
        self.pace = pace
        self.answer = answer or (lambda grant, now: None)
        self.now = self.scaled(START)
        self.asked: list[tuple[datetime, Grant]] = []
        self.followed: dict[Question, Interest | None] = {}
        self.plan = self.new_plan()

    def scaled(self, moment: datetime) -> datetime:
        """Return when a moment comes at this pace."""
        return EPOCH + (moment - EPOCH) / self.pace

    def new_plan(self) -> Plan:
        """Make a plan that has heard of the accounts."""
        plan = Plan(Tempo(self.pace), Random(5))
        for account, limits in self.limits.items():
            plan.add_account(account, limits)
        return plan

    def follow(
        self,
        questions: Iterable[Question],
        every: timedelta | Interest | None = HOUR,
    ) -> None:
        """Follow questions."""
        interest = steady(every) if isinstance(every, timedelta) else every
        for item in questions:
            self.followed[item] = interest
            self.plan.follow(item, interest)

    def run(self, duration: timedelta) -> None:
        """Let time pass."""
        end = self.now + duration / self.pace
        while True:
            wake = self.plan.next_wake(self.now)
            if wake is None or wake > end:
                break
            if wake > self.now:
                assert self.plan.grants(wake - INSTANT) == []
                self.now = wake
            grants = self.plan.grants(self.now)
            assert grants
            self.take(grants)
        self.now = max(self.now, end)

    def take(self, grants: list[Grant]) -> None:
        """Make the requests, and wait for all of their answers."""
        self.asked += [(self.now, grant) for grant in grants]
        made, self.now = self.now, self.now + TRAVEL / self.pace
        for grant in grants:
            error = self.answer(grant, made)
            if error is not None:
                self.plan.failed(grant, error, self.now)
            else:
                self.plan.answered(grant, self.now)

    def restart(self) -> None:
        """Keep only what is on disk."""
        stored = json.loads(json.dumps(self.plan.as_dict()))
        self.plan = Plan(Tempo(self.pace), Random(5))
        self.plan.restore(stored)
        for account, limits in self.limits.items():
            self.plan.add_account(account, limits)
        for item, interest in self.followed.items():
            self.plan.follow(item, interest)

    def times(self, account: str = "cainiao") -> list[datetime]:
        """Return when an account was asked."""
        return [at for at, grant in self.asked if grant.account_id == account]

    def counts(self) -> Counter[Question]:
        """Return how often each question was asked."""
        return Counter(q for _, grant in self.asked for q in grant.questions)

    def check_limits(self) -> None:
        """See that no provider was asked more than it allows."""
        for account, limits in self.limits.items():
            grants = [(at, g) for at, g in self.asked if g.account_id == account]
            days = Counter(at.date() for at, _ in grants)
            assert limits.per_day is None or max(days.values(), default=0) <= (
                limits.per_day
            )
            for (before, _), (at, grant) in pairwise(grants):
                assert at - before >= limits.spacing
                if not grant.urgent >= set(grant.questions):
                    assert at - before >= (limits.routine_spacing or limits.spacing)
            for _, grant in grants:
                assert 1 <= len(grant.questions) <= limits.batch_size
                assert grant.questions == tuple(sorted(set(grant.questions)))
                assert grant.urgent <= set(grant.questions)


@pytest.mark.parametrize("count", [1, 20, 50, 300])
@pytest.mark.parametrize("account", ["cainiao", "dhl"])
def test_in_three_days_all_are_asked_and_no_limit_is_passed(
    account: str, count: int
) -> None:
    story = Story()
    questions = [question(n, account) for n in range(count)]
    story.follow(questions, 30 * MINUTE)
    story.run(3 * DAY - MINUTE)
    story.check_limits()
    counts, requests = story.counts(), len(story.asked)
    assert set(counts) == set(questions)
    # No question is passed over for more than one round of all of them.
    rounds = requests // ceil(count / LIMITS[account].batch_size)
    assert min(counts.values()) >= rounds - 1
    # What the house may spend is spent, where there is so much to ask.
    routinely = 20 if account == "cainiao" else 225
    assert requests == 3 * min(routinely, 48 * count)


@pytest.mark.parametrize("account", ["cainiao", "dhl"])
def test_where_quota_is_short_the_hot_do_not_starve_the_quiet(account: str) -> None:
    story = Story()
    quiet = [question(n, account) for n in range(200)]
    hot = [question(n, account) for n in range(200, 300)]
    story.follow(quiet, 6 * HOUR)
    story.follow(hot, 30 * MINUTE)
    story.run(3 * DAY)
    story.check_limits()
    counts = story.counts()
    assert all(counts[item] for item in (*quiet, *hot))
    assert min(counts[item] for item in hot) >= 2 * max(
        1, min(counts[item] for item in quiet)
    )


def test_where_quota_is_short_what_is_asked_weekly_is_not_forgotten() -> None:
    story = Story()
    story.follow([question(n, "dhl") for n in range(60)], 30 * MINUTE)
    story.follow([question(60, "dhl")], 7 * DAY)
    story.run(12 * DAY)
    story.check_limits()
    assert story.counts()[question(60, "dhl")] == 2


def test_a_parcel_is_asked_about_as_often_as_is_worth_it() -> None:
    story = Story()
    story.follow([question(1)], 6 * HOUR)
    story.run(DAY)
    gaps = {b - a for a, b in pairwise(story.times())}
    assert gaps == {6 * HOUR + TRAVEL}


def test_what_is_due_shares_a_request() -> None:
    story = Story()
    story.follow([question(n) for n in range(20)])
    story.run(SECOND)
    ((_, grant),) = story.asked
    assert len(grant.questions) == 20


def test_what_does_not_fit_waits_for_the_next_request() -> None:
    story = Story()
    story.follow([question(n) for n in range(50)], 6 * HOUR)
    story.run(DAY / 4)
    assert [len(grant.questions) for _, grant in story.asked[:3]] == [20, 20, 10]
    assert set(story.counts().values()) == {1}


def test_a_new_parcel_does_not_pull_the_others_into_its_request() -> None:
    """Others are due, but the house asked only ten minutes ago."""
    story = Story()
    story.follow([question(n) for n in range(30)])
    story.run(10 * MINUTE)
    new = question(99)
    story.follow([new])
    story.plan.ask_now(new)
    soon = story.plan.next_check(new, story.now)
    later = story.plan.next_check(question(29), story.now)
    assert soon is not None
    assert later is not None
    assert soon <= story.now
    assert later >= START + 30 * MINUTE
    story.run(SECOND)
    at, grant = story.asked[-1]
    assert at == START + 10 * MINUTE
    assert grant.questions == (new,)
    assert grant.urgent == {new}
    # The ten that did not fit are still due.
    story.run(2 * HOUR)
    story.check_limits()
    assert set(story.counts()) == {question(n) for n in range(30)} | {new}


def test_what_is_due_comes_along_where_the_house_may_ask_anyway() -> None:
    story = Story()
    story.follow([question(n) for n in range(30)], 3 * HOUR)
    story.run(2 * HOUR)
    before = len(story.asked)
    story.plan.ask_now(question(0))
    story.run(HOUR + TRAVEL)
    at, grant = story.asked[before]
    assert at == START + 2 * HOUR
    assert grant.urgent == {question(0)}
    story.run(HOUR)
    story.plan.ask_now(question(1))
    before = len(story.asked)
    story.run(HOUR)
    story.check_limits()
    assert question(1) in story.asked[before][1].urgent


def test_urgent_and_due_share_a_request_where_both_are_allowed() -> None:
    story = Story()
    story.follow([question(n) for n in range(5)], 6 * HOUR)
    story.plan.ask_now(question(3))
    story.run(SECOND)
    ((_, grant),) = story.asked
    assert len(grant.questions) == 5
    assert grant.urgent == {question(3)}


def test_more_urgent_questions_than_fit_come_in_the_order_they_were_asked() -> None:
    story = Story()
    for n in reversed(range(25)):
        story.follow([question(n)], None)
        story.plan.ask_now(question(n))
    story.run(5 * MINUTE)
    (first, one), (second, other) = story.asked
    assert second - first == 5 * MINUTE
    assert one.urgent == {question(n) for n in range(5, 25)}
    assert other.urgent == {question(n) for n in range(5)}


def test_some_quota_is_kept_for_a_person() -> None:
    story = Story()
    story.follow([question(n) for n in range(100)], 30 * MINUTE)
    story.run(DAY - 10 * MINUTE)
    assert len(story.asked) == 20
    story.plan.ask_now(question(7))
    story.run(SECOND)
    assert story.asked[-1][1].urgent == {question(7)}
    story.check_limits()


def test_a_question_without_an_interval_is_asked_only_when_a_person_wants_it() -> None:
    """A final parcel after its three days."""
    story = Story()
    story.follow([question(1)], None)
    assert story.plan.next_wake(START) is None
    assert story.plan.next_check(question(1), START) is None
    story.run(DAY)
    story.plan.ask_now(question(1))
    story.run(5 * DAY)
    assert story.times() == [START + DAY]


def test_a_parcel_that_becomes_final_is_asked_no_more() -> None:
    story = Story()
    story.follow([question(1), question(2)])
    story.run(2 * HOUR)
    story.follow([question(1)], None)
    before = story.counts()
    story.run(DAY)
    assert story.counts()[question(1)] == before[question(1)]
    assert story.counts()[question(2)] > before[question(2)]


def test_a_parcel_that_goes_out_for_delivery_is_asked_sooner() -> None:
    story = Story()
    story.follow([question(1)], 6 * HOUR)
    story.run(MINUTE)
    slow = story.plan.next_check(question(1), story.now)
    story.follow([question(1)], 30 * MINUTE)
    soon = story.plan.next_check(question(1), story.now)
    assert slow is not None
    assert soon is not None
    assert slow == START + TRAVEL + 6 * HOUR
    # A day of such questions is more than Cainiao allows: it lasts for the day.
    assert soon == START + DAY / 20
    # And later again when it is not.
    story.follow([question(1)], 6 * HOUR)
    assert story.plan.next_check(question(1), story.now) == slow


def test_no_leg_is_asked_more_often_than_the_provider_allows() -> None:
    limits = Limits(per_leg=2 * HOUR)
    story = Story({"dhl": limits})
    story.follow([question(1, "dhl")], MINUTE)
    story.run(DAY)
    assert min(b - a for a, b in pairwise(story.times("dhl"))) >= 2 * HOUR


def test_a_dropped_question_is_asked_no_more() -> None:
    story = Story()
    story.follow([question(1), question(2)])
    story.plan.ask_now(question(1))
    story.plan.drop(question(1))
    story.plan.drop(question(1))
    story.plan.drop(question(1, "nobody"))
    story.run(DAY)
    assert set(story.counts()) == {question(2)}
    story.plan.drop(question(2))
    assert story.plan.next_wake(story.now) is None


def test_one_that_fails_does_not_stop_the_others() -> None:
    story = Story(
        answer=lambda grant, now: (
            ProviderUnavailable("down") if grant.account_id == "cainiao" else None
        )
    )
    story.follow([question(1, "cainiao"), question(1, "dhl")])
    story.run(DAY)
    assert len(story.times("dhl")) >= 23
    assert 8 <= len(story.times("cainiao")) <= 10


def test_nobody_asks_during_a_back_off() -> None:
    wall = ProviderUnavailable("busy", retry_at=START + 12 * HOUR)
    story = Story(answer=lambda grant, now: wall if now == START else None)
    story.follow([question(n) for n in range(5)], 30 * MINUTE)
    story.run(HOUR)
    story.plan.ask_now(question(2))
    assert story.plan.refusal("cainiao", story.now) == (
        Refusal.BACKOFF,
        START + 12 * HOUR,
    )
    assert story.plan.next_check(question(2), story.now) == START + 12 * HOUR
    story.run(13 * HOUR)
    assert story.times()[:2] == [START, START + 12 * HOUR]


def test_a_back_off_is_kept_over_a_restart() -> None:
    wall = QuotaExceeded("spent", retry_at=START + 12 * HOUR)
    story = Story(answer=lambda grant, now: wall if now == START else None)
    story.follow([question(1)], 30 * MINUTE)
    story.run(HOUR)
    story.restart()
    story.plan.ask_now(question(1))
    story.run(13 * HOUR)
    assert story.times()[:2] == [START, START + 12 * HOUR]


def test_rejected_credentials_are_asked_again_when_the_person_changed_them() -> None:
    story = Story(
        answer=lambda grant, now: CredentialsRejected("no") if now == START else None
    )
    story.follow([question(1, "dhl")])
    story.plan.ask_now(question(1, "dhl"))
    story.run(3 * DAY)
    assert story.times("dhl") == [START]
    assert story.plan.next_wake(story.now) is None
    assert story.plan.next_check(question(1, "dhl"), story.now) is None
    assert story.plan.refusal("dhl", story.now) == (Refusal.CREDENTIALS, None)
    story.plan.trust_again("dhl")
    story.run(SECOND)
    assert story.times("dhl") == [START, START + 3 * DAY]


def poisoned(bad: Question) -> Callable[[Grant, datetime], ProviderError | None]:
    """Fail whenever a certain question is asked."""

    def answer(grant: Grant, now: datetime) -> ProviderError | None:
        return ProviderUnavailable("nonsense") if bad in grant.questions else None

    return answer


@pytest.mark.parametrize("urgent", [False, True])
def test_a_number_that_a_provider_chokes_on_does_not_starve_the_others(
    urgent: bool,
) -> None:
    bad = question(0, "dhl")
    story = Story(answer=poisoned(bad))
    story.follow([question(n, "dhl") for n in range(20)], 2 * HOUR)
    if urgent:
        story.plan.ask_now(bad)
    story.run(3 * DAY)
    story.check_limits()
    counts = story.counts()
    assert min(counts[question(n, "dhl")] for n in range(20)) >= 10


def test_a_new_parcel_whose_first_request_fails_is_tried_again_first() -> None:
    story = Story(
        answer=lambda grant, now: (
            ProviderUnavailable("down") if now == START + HOUR else None
        )
    )
    story.follow([question(n) for n in range(60)], 30 * MINUTE)
    story.run(HOUR)
    story.follow([question(99)])
    story.plan.ask_now(question(99))
    story.run(10 * MINUTE)
    story.check_limits()
    first, second = (
        (at, grant.questions)
        for at, grant in story.asked
        if question(99) in grant.questions
    )
    assert first == (START + HOUR, (question(99),))
    assert START + HOUR + 5 * MINUTE <= second[0] <= START + HOUR + 6 * MINUTE
    assert second[1] == (question(99),)


def test_a_request_that_never_came_back_is_made_again() -> None:
    """Whoever waited for it waits no more."""
    story = Story()
    story.follow([question(1)], 2 * HOUR)
    assert story.plan.grants(START)
    assert story.plan.next_wake(START) == START + 2 * HOUR
    assert story.plan.last_asked(question(1)) is None
    story.now = START + 10 * MINUTE
    story.plan.ask_now(question(1))
    assert story.plan.grants(story.now)
    assert story.plan.next_wake(story.now) == story.now + 2 * HOUR
    story.run(3 * HOUR)
    assert story.times() == [START + 10 * MINUTE + 2 * HOUR]


def test_an_answer_about_what_is_gone_changes_nothing() -> None:
    plan = Story().plan
    plan.follow(question(1), steady(HOUR))
    plan.follow(question(1, "dhl"), steady(HOUR))
    for_cainiao, for_dhl = plan.grants(START)
    plan.drop(question(1))
    plan.answered(for_cainiao, START)
    plan.failed(for_cainiao, ProviderUnavailable("down"), START)
    plan.remove_account("dhl")
    plan.answered(for_dhl, START)
    plan.failed(for_dhl, ProviderUnavailable("down"), START)
    assert plan.next_wake(START) is None
    assert plan.last_asked(question(1)) is None
    assert plan.last_asked(question(1, "dhl")) is None
    assert plan.next_check(question(1, "dhl"), START) is None
    assert plan.ledger("cainiao").used_on(START) == 1


def test_when_it_was_asked_is_when_it_was_answered() -> None:
    story = Story()
    story.follow([question(1)])
    story.run(MINUTE)
    assert story.plan.last_asked(question(1)) == START + TRAVEL


errors = st.sampled_from(
    (
        ProviderUnavailable("down"),
        ProviderUnavailable("wall", first_backoff=2 * HOUR),
        QuotaExceeded("spent", first_backoff=HOUR),
        CredentialsRejected("no"),
    )
)
intervals = st.sampled_from((None, 30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, DAY))


@st.composite
def stories(draw: st.DrawFn) -> Callable[[float], Story]:
    """Make up what happens to a house; it can be told at any pace."""
    questions = [question(n) for n in range(draw(st.integers(1, 45)))]
    paces = draw(st.lists(intervals, min_size=len(questions), max_size=len(questions)))
    failing = dict(draw(st.lists(st.tuples(st.integers(0, 30), errors), max_size=4)))
    chapters = draw(
        st.lists(
            st.tuples(
                st.sampled_from((7 * MINUTE, 50 * MINUTE, 5 * HOUR, 30 * HOUR)),
                st.sampled_from(questions),
            ),
            max_size=5,
        )
    )

    def tell(pace: float) -> Story:
        told = Story({"cainiao": LIMITS["cainiao"]}, pace)
        told.answer = lambda grant, now: failing.get(len(told.asked))
        for item, every in zip(questions, paces, strict=True):
            told.follow([item], every)
        for length, wanted in chapters:
            told.run(length)
            told.plan.ask_now(wanted)
        told.run(HOUR)
        return told

    return tell


@settings(max_examples=60)
@given(stories())
def test_whatever_happens_no_limit_is_passed(tell: Callable[[float], Story]) -> None:
    """And each wake-up has something to ask, no sooner and no later: see Story."""
    tell(1).check_limits()


@settings(max_examples=60)
@given(stories(), st.sampled_from((10, 60, 1440)))
def test_a_pace_makes_the_same_plan_in_less_time(
    tell: Callable[[float], Story], pace: int
) -> None:
    slow, fast = tell(1), tell(pace)
    assert len(fast.asked) == len(slow.asked)
    for (at, grant), (fast_at, fast_grant) in zip(slow.asked, fast.asked, strict=True):
        assert fast_grant == grant
        assert abs(fast_at - fast.scaled(at)) < timedelta(milliseconds=1)


@settings(max_examples=60)
@given(stories())
def test_a_restart_makes_no_request_earlier_and_loses_no_used_quota(
    tell: Callable[[float], Story],
) -> None:
    story = tell(1)
    before = story.plan
    story.restart()
    assert story.plan.ledger("cainiao") == before.ledger("cainiao")
    for item in story.followed:
        assert story.plan.last_asked(item) == before.last_asked(item)
    on, off = before.next_wake(story.now), story.plan.next_wake(story.now)
    assert off is None or on is None or max(off, story.now) >= max(on, story.now)
    assert on is not None or off is None
    story.run(2 * DAY)
    story.check_limits()


def test_what_was_asked_just_now_is_not_asked_again_after_a_restart() -> None:
    story = Story()
    story.follow([question(n) for n in range(20)], 6 * HOUR)
    story.run(MINUTE)
    story.restart()
    story.run(5 * HOUR)
    assert len(story.asked) == 1
    story.run(2 * HOUR)
    assert len(story.asked) == 2


def test_an_account_that_is_gone_is_not_kept() -> None:
    story = Story()
    story.follow([question(1), question(1, "dhl")])
    story.run(MINUTE)
    story.plan.remove_account("dhl")
    stored = story.plan.as_dict()
    assert stored["accounts"].keys() == {"cainiao"}  # type: ignore[attr-defined]
    assert len(stored["asked"]) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"accounts": None, "asked": None},
        {"accounts": [], "asked": {}},
        {"accounts": {"cainiao": []}, "asked": [None, 7, "abcd", []]},
        {
            "asked": [
                ["parcel 0001", "LP00000000000001", "cainiao"],
                ["parcel 0001", "LP00000000000001", "cainiao", "yesterday"],
                ["parcel 0001", "LP00000000000001", "cainiao", None],
                ["parcel 0001", "LP00000000000001", "cainiao", "2026-06-01T00:00:00"],
                [
                    "parcel 0001",
                    "LP00000000000001",
                    "cainiao",
                    "9999-12-31T23:59:59+00:00",
                ],
                [[], {}, "cainiao", "2026-06-01T00:00:00+00:00"],
                {"parcel 0001": 1, "b": 2, "c": 3, "d": 4},
            ]
        },
    ],
)
def test_what_cannot_be_read_comes_early_at_worst(stored: dict[str, object]) -> None:
    story = Story()
    story.plan = Plan(Tempo())
    story.plan.restore(stored)
    story.plan.add_account("cainiao", LIMITS["cainiao"])
    story.follow([question(1)])
    story.run(SECOND)
    assert story.times() == [START]


def test_a_clock_that_was_set_forward_makes_no_rush() -> None:
    story = Story()
    story.follow([question(n) for n in range(100)], HOUR)
    story.run(6 * HOUR)
    story.now += 30 * DAY
    before = len(story.asked)
    story.run(6 * HOUR)
    story.check_limits()
    assert len(story.asked) - before <= 8


@pytest.mark.parametrize("restarted", [False, True])
def test_a_clock_that_was_set_back_silences_no_parcel(restarted: bool) -> None:
    story = Story(
        answer=lambda grant, now: (
            ProviderUnavailable("down")
            if question(2) in grant.questions and now.year == 2099
            else None
        )
    )
    story.now = datetime(2099, 1, 1, tzinfo=UTC)
    story.follow([question(1)], 2 * HOUR)
    story.run(MINUTE)
    story.follow([question(2)], 2 * HOUR)
    story.run(3 * HOUR)
    story.now = START
    if restarted:
        story.restart()
    story.run(2 * HOUR + 20 * MINUTE)
    since = [(at, g) for at, g in story.asked if at < START + 300 * DAY]
    assert {q for _, grant in since for q in grant.questions} == {
        question(1),
        question(2),
    }
    assert all(b[0] - a[0] >= 30 * MINUTE for a, b in pairwise(since))


def test_a_clock_that_was_set_back_is_noticed_whoever_comes_first() -> None:
    ahead = Story()
    ahead.now = datetime(2099, 1, 1, tzinfo=UTC)
    ahead.follow([question(1), question(2)], 2 * HOUR)
    ahead.run(MINUTE)
    stored = ahead.plan.as_dict()
    assert ahead.plan.grants(START) == []
    assert ahead.plan.grants(START + 2 * HOUR)
    # Also where a parcel is followed only later, after a restart.
    plan = ahead.new_plan()
    plan.restore(stored)
    assert plan.next_wake(START + DAY) is None
    plan.follow(question(2), steady(2 * HOUR))
    assert plan.next_wake(START + DAY) == START + DAY + 2 * HOUR


class Wobbly(Story):
    """A house whose clock is set now and then, and right again in the end.

    Timers count by a clock that nobody sets; it looks at the other every ten minutes.
    """

    LOOK = 10 * MINUTE

    def __init__(self, wait: timedelta) -> None:
        super().__init__({"cainiao": LIMITS["cainiao"]})
        self.true = START
        self.right = True
        self.failing: set[int] = set()
        self.wait = wait
        self.made: list[datetime | None] = []
        """The true moments of the requests; None: the clock was set forward."""
        self.answered: dict[Question, list[datetime]] = {}

    def set_clock(self, by: timedelta | None) -> None:
        """Set the clock by a duration, or (None) right."""
        now = self.now + by if by is not None else self.true
        if now > self.now:
            self.made.append(None)
        self.now, self.right = now, by is None

    def pass_time(self, duration: timedelta) -> None:
        """Let true time pass."""
        end = self.true + duration
        while self.true < end:
            wake = self.plan.next_wake(self.now)
            sleep = self.LOOK if wake is None else min(wake - self.now, self.LOOK)
            step = min(max(sleep, SECOND), end - self.true)
            self.true, self.now = self.true + step, self.now + step
            for grant in self.plan.grants(self.now):
                self.request(grant)

    def request(self, grant: Grant) -> None:
        """Make a request."""
        self.made.append(self.true)
        self.asked.append((self.now, grant))
        if len(self.asked) in self.failing:
            error = ProviderUnavailable("later", retry_at=self.now + self.wait)
            self.plan.failed(grant, error, self.now)
            return
        self.plan.answered(grant, self.now)
        for item in grant.questions:
            self.answered.setdefault(item, []).append(self.true)


settings_of_clock = st.sampled_from(
    (
        -SECOND,
        SECOND,
        -HOUR,
        HOUR,
        -DAY,
        DAY,
        -30 * DAY,
        365 * DAY,
        -20000 * DAY,
        None,
    )
)


@settings(max_examples=40)
@given(
    every=st.lists(
        st.sampled_from((30 * MINUTE, 2 * HOUR, 6 * HOUR, DAY)), min_size=1, max_size=30
    ),
    chapters=st.lists(
        st.tuples(
            settings_of_clock, st.sampled_from((MINUTE, 40 * MINUTE, 5 * HOUR, DAY))
        ),
        max_size=6,
    ),
    failing=st.sets(st.integers(1, 40), max_size=5),
    wait=st.sampled_from((MINUTE, 12 * HOUR, DAY)),
    wanted=st.booleans(),
    restarted=st.booleans(),
)
def test_whatever_the_clock_did_nothing_waits_long_once_it_is_right(
    every: list[timedelta],
    chapters: list[tuple[timedelta | None, timedelta]],
    failing: set[int],
    wait: timedelta,
    wanted: bool,
    restarted: bool,
) -> None:
    """Nor is any limit passed, as far as the clock lets anybody know."""
    story = Wobbly(wait)
    story.failing = failing
    for n, interval in enumerate(every):
        story.follow([question(n)], interval)
    story.pass_time(HOUR)
    for by, length in chapters:
        story.set_clock(by)
        if wanted:
            story.plan.ask_now(question(0))
        story.pass_time(length)
    if restarted:
        story.restart()
    story.set_clock(None)
    story.failing = set()
    right_since = story.true
    story.pass_time(max(every) + 28 * HOUR)

    for n, interval in enumerate(every):
        # What a provider told, or a spent quota, may hold all up for a day.
        latest = right_since + interval + 26 * HOUR
        answered = story.answered[question(n)]
        assert any(right_since <= at <= latest for at in answered)
    limits = LIMITS["cainiao"]
    days = Counter(at.date() for at, _ in story.asked)
    assert limits.per_day is not None
    assert max(days.values()) <= limits.per_day
    for before, at in pairwise(story.made):
        if before is not None and at is not None:
            assert at - before >= limits.spacing


def test_a_second_by_which_the_clock_is_put_right_changes_little() -> None:
    story = Story()
    story.follow([question(n) for n in range(10)], 2 * HOUR)
    story.run(MINUTE)
    story.now -= 2 * MINUTE
    assert story.plan.next_wake(story.now) == story.now + 2 * HOUR


def test_an_idle_wake_up_costs_the_same_for_any_number_of_parcels() -> None:
    story = Story({"dhl": Limits(batch_size=1000)})
    story.follow([question(n, "dhl") for n in range(1000)], 6 * HOUR)
    story.run(MINUTE)
    assert len(story.asked) == 1
    operations = []

    def counted[**P, R](operate: Callable[P, R]) -> Callable[P, R]:
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            operations.append(operate)
            return operate(*args, **kwargs)

        return call

    with (
        patch.object(due_questions, "insort", counted(due_questions.insort)),
        patch.object(due_questions, "bisect_left", counted(due_questions.bisect_left)),
    ):
        for _ in range(10):
            assert story.plan.next_wake(story.now) == START + TRAVEL + 6 * HOUR
            assert story.plan.grants(story.now) == []
        assert not operations
        # Following on as before costs nothing either.
        for n in range(1000):
            story.plan.follow(question(n, "dhl"), steady(6 * HOUR))
        assert not operations
        # A round costs what its questions cost.
        story.run(6 * HOUR)
    assert len(story.asked) == 2
    assert len(operations) <= 6 * 1000


def by_day(rate: float, home: ZoneInfo) -> Interest:
    """Return what is worth asking from 8 to 20 at home, and hardly in the night."""
    hourly = [rate if 8 <= hour % 24 < 20 else 0.001 for hour in range(HOURS_OF_WEEK)]
    rhythm = Rhythm(hourly=tuple(hourly), even=rate / 2, least=timedelta(), most=DAY)
    return Interest(rhythm=rhythm)


def test_a_short_quota_is_not_kept_for_the_night() -> None:
    """Cainiao's day begins at midnight UTC, which is eight in the morning here."""
    home = ZoneInfo("Asia/Shanghai")
    story = Story()
    story.plan.live_in(home)
    story.follow([question(n) for n in range(60)], by_day(4, home))
    story.run(3 * DAY)
    story.check_limits()
    hours = Counter(at.astimezone(home).hour for at in story.times())
    assert sum(hours[hour] for hour in range(8, 20)) >= 3 * 19
    assert sum(hours[hour] for hour in range(8)) <= 3


def test_the_hours_are_those_of_the_home_also_when_it_moves() -> None:
    home, away = ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York")
    story = Story({"dhl": LIMITS["dhl"]})
    story.plan.live_in(home)
    story.follow([question(1, "dhl")], by_day(1, home))
    story.run(DAY)
    assert all(8 <= at.astimezone(home).hour <= 20 for at in story.times("dhl")[1:])
    before = len(story.asked)
    story.plan.live_in(away)
    story.run(DAY)
    moments = story.times("dhl")[before:]
    assert len(moments) >= 10
    assert all(8 <= at.astimezone(away).hour <= 20 for at in moments)


def test_what_is_nearly_due_comes_along() -> None:
    """One request less, and nobody waits longer."""
    story = Story()
    story.follow([question(1)], 4 * HOUR)
    story.follow([question(2)], 5 * HOUR)
    story.run(4 * HOUR + MINUTE)
    assert [len(grant.questions) for _, grant in story.asked] == [2, 2]


def test_what_was_asked_just_now_does_not_come_along() -> None:
    story = Story()
    story.follow([question(1)], 4 * HOUR)
    story.run(40 * MINUTE)
    story.follow([question(2)], 20 * HOUR)
    story.run(4 * HOUR)
    assert [len(grant.questions) for _, grant in story.asked] == [1, 1, 1]


def test_cainiao_is_asked_about_what_is_quiet_every_six_hours_at_the_most() -> None:
    story = Story()
    busy, silent = question(1), question(2)
    story.follow([busy], HOUR)
    story.follow([silent], steady(HOUR, quiet=True))
    story.run(5 * DAY)
    asked = [at for at, grant in story.asked if silent in grant.questions]
    assert min(b - a for a, b in pairwise(asked)) >= 6 * HOUR
    assert len(asked) >= 16


def test_what_nobody_waits_for_gives_way() -> None:
    story = Story()
    idle = [question(n, "dhl") for n in range(100)]
    story.follow(idle, steady(DAY, idle=True))
    story.follow([question(n, "dhl") for n in range(100, 160)], 30 * MINUTE)
    story.run(5 * DAY)
    story.check_limits()
    counts = story.counts()
    assert max(counts[item] for item in idle) == 0
    assert min(counts[question(n, "dhl")] for n in range(100, 160)) >= 15


def test_what_gave_way_until_it_ended_is_forgotten() -> None:
    story = Story()
    ending = replace(steady(DAY, idle=True), ends=story.now + 3 * DAY)
    idle = [question(n, "dhl") for n in range(100)]
    story.follow(idle, ending)
    busy = [question(n, "dhl") for n in range(100, 160)]
    story.follow(busy, 30 * MINUTE)
    story.run(4 * DAY)
    for item in busy:
        story.plan.drop(item)
    before = len(story.asked)
    story.run(2 * DAY)
    assert len(story.asked) == before


def test_what_ends_is_asked_no_more() -> None:
    story = Story()
    story.follow([question(1)], replace(steady(DAY), ends=story.now + 3 * DAY))
    story.run(10 * DAY)
    assert len(story.asked) == 3
    assert story.plan.next_check(question(1), story.now) is None


def new(since: datetime) -> Interest:
    """Return what a parcel is worth of which nothing was seen yet."""
    return replace(steady(4 * HOUR), new_since=since)


def test_a_new_parcel_is_asked_again_after_twice_as_long_each_time() -> None:
    limits = Limits(per_leg=5 * MINUTE)
    story = Story({"dhl": limits})
    story.follow([question(1, "dhl")], new(story.now))
    story.run(12 * HOUR)
    minutes = [(at - START) / MINUTE for at in story.times("dhl")]
    # An answer takes its time too; at last as often as usual.
    expected = [0, 5, 10, 20, 40, 80, 160, 320, 560]
    assert minutes == pytest.approx(expected, rel=0.02)


def test_so_is_one_that_an_account_knows_only_now() -> None:
    """The parcel was added long ago, the account just now."""
    story = Story({"dhl": Limits()})
    story.follow([question(1, "dhl")], new(story.now - 9 * DAY))
    story.run(30 * MINUTE)
    minutes = [round((at - START) / MINUTE) for at in story.times("dhl")]
    assert minutes == [0, 5, 10, 20]
    # Seen: as often as usual.
    story.follow([question(1, "dhl")], 4 * HOUR)
    story.run(3 * HOUR)
    assert len(story.asked) == 4


def test_many_new_parcels_do_not_silence_the_others() -> None:
    """They are asked about at once as long as some of what is kept is left."""
    story = Story()
    story.follow([question(n) for n in range(60)], 30 * MINUTE)
    story.run(HOUR)
    for n in range(100, 130):
        story.follow([question(n)], 6 * HOUR)
        story.plan.ask_now(question(n))
        refusal = story.plan.refusal("cainiao", story.now)
        story.run(20 * MINUTE)
    assert refusal is not None
    assert refusal[0] is Refusal.QUOTA
    story.run(DAY - 11 * HOUR)
    story.check_limits()
    alone = [g for _, g in story.asked if g.urgent >= set(g.questions)]
    assert len(alone) == 4
    assert all(story.counts()[question(n)] for n in range(100, 130))
    assert min(story.counts()[question(n)] for n in range(60)) >= 4


def test_persons_ask_no_more_at_once_than_is_kept_for_them() -> None:
    story = Story()
    questions = [question(n, "dhl") for n in range(60)]
    story.follow(questions, None)
    asked = 0
    for item in questions:
        refusal = story.plan.refusal("dhl", story.now)
        if refusal is None:
            story.plan.ask_now(item)
            asked += 1
    assert asked == 25
    assert refusal == (Refusal.SPACING, START + 25 * 5 * SECOND)
    story.run(3 * MINUTE)
    assert len(story.asked) == 25
    assert story.plan.refusal("dhl", story.now) is None


def test_a_request_outside_of_the_questions_counts_too() -> None:
    story = Story()
    story.follow([question(n) for n in range(60)], 30 * MINUTE)
    story.run(SECOND)
    assert not story.plan.take("cainiao", story.now)
    assert story.plan.opens_at("cainiao", story.now) == START + DAY / 20
    story.now += 10 * MINUTE
    kept = story.plan.ledger("cainiao").kept_on(story.now)
    assert story.plan.take("cainiao", story.now, routine=False)
    assert story.plan.ledger("cainiao").kept_on(story.now) == kept - 1
    assert story.plan.ledger("cainiao").used_on(story.now) == 2


def test_where_there_are_more_than_fit_a_request_waits_until_it_is_full() -> None:
    limits = Limits(batch_size=10)
    story = Story({"dhl": limits})
    for n in range(40):
        story.follow([question(n, "dhl")], (40 + n) * HOUR / 8)
    story.run(3 * DAY)
    story.check_limits()
    sizes = [len(grant.questions) for _, grant in story.asked]
    assert sizes.count(10) >= 0.9 * len(sizes)
    assert min(story.counts().values()) >= 6


def test_a_full_request_does_not_wait() -> None:
    story = Story({"dhl": Limits(batch_size=10)})
    story.follow([question(n, "dhl") for n in range(95)], 8 * HOUR)
    story.run(MINUTE)
    assert [len(grant.questions) for _, grant in story.asked] == [10] * 9
    story.run(2 * HOUR)
    assert set(story.counts().values()) == {1, 2} or len(story.counts()) == 95
