"""Whether asking can rest on what comes by itself."""

from datetime import UTC, datetime, timedelta
import json

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.polling import Plan
from custom_components.waybill.tracking.providers.base import Limits
from custom_components.waybill.tracking.pushes import Pushes
from custom_components.waybill.tracking.question import Question
from custom_components.waybill.tracking.rhythm import HOURS_OF_WEEK, Interest, Rhythm
from custom_components.waybill.tracking.tempo import Tempo

from .journeys import START

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LAMP = Question("lamp", "LP00730000000028", "account")
HAT = Question("hat", "LP00730000000031", "account")
SHOES = Question("shoes", "LP00730000000028", "other")
ALL = (LAMP, HAT, SHOES)


def pushed(pushes: Pushes, question: Question, at: datetime = START) -> bool:
    """Let a push come the moment that it tells of."""
    return pushes.came(question, at, None, at)


def trusted() -> Pushes:
    """Return pushes that have come about all questions, which were asked too."""
    pushes = Pushes()
    pushes.asked(ALL)
    for question in ALL:
        assert not pushes.follow(question)
        assert pushed(pushes, question)
        assert pushes.follow(question)
    return pushes


def test_pushes_that_miss_news_carry_nothing_of_the_account() -> None:
    pushes = trusted()
    assert pushes.missed(LAMP)
    assert not pushes.missed(HAT)
    assert [pushes.follow(question) for question in ALL] == [False, False, True]


def test_the_next_push_restores_the_account_but_not_what_was_missed() -> None:
    pushes = trusted()
    pushes.missed(LAMP)
    pushed(pushes, HAT, START + HOUR)
    assert [pushes.follow(question) for question in ALL] == [False, True, True]
    pushed(pushes, LAMP, START + HOUR)
    assert pushes.follow(LAMP)


def test_news_of_what_was_never_pushed_casts_no_doubt() -> None:
    pushes = Pushes()
    pushes.asked(ALL)
    pushed(pushes, LAMP)
    assert not pushes.missed(HAT)
    assert pushes.follow(LAMP)
    assert not pushes.doubted("account")


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("push"), st.sampled_from(ALL)),
            st.tuples(st.just("miss"), st.sampled_from(ALL)),
        ),
        max_size=30,
    )
)
def test_nothing_is_carried_that_was_missed_since_its_last_push(
    told: list[tuple[str, Question]],
) -> None:
    pushes = Pushes()
    pushes.asked(ALL)
    for minute, (what, question) in enumerate(told):
        if what == "push":
            pushed(pushes, question, START + timedelta(minutes=minute))
        else:
            pushes.missed(question)
    for question in ALL:
        own = [what for what, about in told if about == question]
        if pushes.follow(question):
            assert own[-1] == "push"
        else:
            assert "push" not in own or own[-1] == "miss" or pushes.doubted("account")


@pytest.mark.parametrize(
    "told_at",
    [None, START, START - HOUR, START + 2 * DAY],
    ids=["undated", "the same", "older", "of the future"],
)
def test_a_retry_and_a_replay_prove_nothing(told_at: datetime | None) -> None:
    pushes = trusted()
    pushes.missed(LAMP)
    before = pushes.as_dict()
    assert not pushes.came(LAMP, told_at, None, START + DAY)
    assert pushes.as_dict() == before
    assert not pushes.follow(LAMP)


def test_a_push_from_before_the_last_answer_tells_no_more_how_things_stand() -> None:
    pushes = Pushes()
    assert not pushes.came(LAMP, START, START + HOUR, START + HOUR)
    assert pushes.came(LAMP, START + 2 * HOUR, START + HOUR, START + 2 * HOUR)


def test_they_survive_a_restart_but_the_first_question_comes_as_usual() -> None:
    before = trusted()
    before.missed(SHOES)
    after = Pushes()
    after.restore(json.loads(json.dumps(before.as_dict())))
    assert after.doubted("other")
    assert [after.follow(question) for question in ALL] == [False, False, False]
    assert after.as_dict() == before.as_dict()
    after.asked(ALL)
    assert [after.follow(question) for question in ALL] == [True, True, False]
    assert not pushed(after, LAMP)


def test_what_is_followed_no_more_is_forgotten() -> None:
    pushes = trusted()
    pushes.missed(LAMP)
    stored = pushes.as_dict()
    for question in ALL:
        pushes.drop(question)
    pushes.remove_account("account")
    assert pushes.as_dict() == Pushes().as_dict()
    after = Pushes()
    after.restore(stored)
    assert after.as_dict()["last"] == []


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
)
def test_whatever_is_stored_can_be_taken_up(stored: object) -> None:
    for told in (stored, {"last": stored, "doubted": stored}, {"last": [stored]}):
        pushes = Pushes()
        pushes.restore(told)
        assert not pushes.follow(LAMP)


@pytest.mark.parametrize(
    "rest",
    [["yesterday", "today", False], [START.isoformat(), None, False], [1, 2], []],
)
def test_a_push_that_cannot_be_read_is_passed_over(rest: list[object]) -> None:
    pushes = Pushes()
    pushes.restore({"last": [[*LAMP, *rest]], "doubted": None})
    pushes.asked([LAMP])
    assert not pushes.follow(LAMP)
    assert pushes.last(LAMP) is None


rhythms = st.floats(0.001, 12).map(
    lambda rate: Rhythm(
        hourly=(rate,) * HOURS_OF_WEEK, even=rate, least=timedelta(), most=7 * DAY
    )
)


@given(
    rhythms,
    st.integers(0, 30).map(lambda hours: hours * HOUR),
    st.none() | st.tuples(st.integers(-50, 50), st.integers(1, 50)),
)
def test_what_comes_by_itself_is_asked_about_four_times_seldomer_but_twice_a_day(
    rhythm: Rhythm, least: timedelta, promised: tuple[int, int] | None
) -> None:
    window = promised and (
        START + promised[0] * HOUR,
        START + (promised[0] + promised[1]) * HOUR,
    )

    def wait(*, pushed: bool) -> timedelta:
        return Interest(rhythm=rhythm, promised=window, pushed=pushed).usual_wait(
            START, tempo=Tempo(), zone=UTC, least=least
        )

    usual = wait(pushed=False)
    assert wait(pushed=True) == max(usual, min(4 * usual, 12 * HOUR))


def test_the_plan_asks_less_while_pushes_come_and_as_usual_when_they_fail() -> None:
    plan = Plan(Tempo())
    hourly = Rhythm(hourly=(1,) * HOURS_OF_WEEK, even=1, least=timedelta(), most=DAY)
    plan.add_account("account", Limits())

    def ask(at: datetime) -> timedelta:
        (grant,) = plan.grants(at)
        plan.answered(grant, at)
        return next_check(at)

    def next_check(at: datetime) -> timedelta:
        plan.follow(LAMP, Interest(rhythm=hourly))
        due = plan.next_check(LAMP, at)
        assert due is not None
        return due - at

    plan.follow(LAMP, Interest(rhythm=hourly))
    assert ask(START) == HOUR
    assert plan.pushed(LAMP, START + HOUR / 2, START + HOUR / 2)
    assert next_check(START) == 4 * HOUR
    assert plan.last_pushed(LAMP) == START + HOUR / 2
    assert ask(START + 4 * HOUR) == 4 * HOUR
    assert plan.missed(LAMP)
    assert plan.doubts_pushes("account")
    assert next_check(START + 4 * HOUR) == HOUR
    plan.pushed(LAMP, START + 5 * HOUR, START + 5 * HOUR)
    assert not plan.doubts_pushes("account")
    assert next_check(START + 4 * HOUR) == 4 * HOUR
    again = Plan(Tempo())
    again.restore(json.loads(json.dumps(plan.as_dict())))
    again.add_account("account", Limits())
    plan = again
    assert next_check(START + 4 * HOUR) == HOUR
    assert ask(START + 5 * HOUR) == 4 * HOUR
    plan.remove_account("account")
    plan.drop(LAMP)
    assert plan.as_dict()["pushes"] == {"last": [], "doubted": []}
