"""The soak's judge finds what is lost, doubled or made up, and forgives a kill."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from random import Random

import pytest

from custom_components.waybill.tracking.chain import seal
from custom_components.waybill.tracking.journal import merge, open_journal
from custom_components.waybill.tracking.journal_json import to_json
from custom_components.waybill.tracking.model import Answer, TrackingEvent

from .simulator import FaultKind, Handoff, Journey, Kind, Stage, Step
from .soak.chaos import Moment
from .soak.journeys import random_journey
from .soak.lives import Lived
from .soak.log import complaints
from .soak.quotas import exceeded
from .soak.recorder import SOURCES, Heard
from .soak.shelf import Shelf
from .soak.truth import owed, possible
from .soak.verdict import Parcel, Verdict, judge
from .soak.witness import Asked, Sight

DELIVERED = "parcel-delivered-1"
SHOES = Parcel(
    name="shoes",
    owed=frozenset({"delivered"}),
    possible=frozenset({"delivered", "stage_changed"}),
    announced={DELIVERED: "delivered"},
)
TO_THE_END = Lived(begins=0, ends=100, up=1)
KILLED = (
    Lived(begins=0, ends=11, up=1, moment=Moment.AFTER_NEWS),
    Lived(begins=12, ends=100, up=13),
)


def heard(
    at: float = 10, milestone_id: str = DELIVERED, milestone: str = "delivered"
) -> list[Heard]:
    """Return what every automation heard at a moment."""
    return [
        Heard(
            at=at,
            source=source,
            milestone_id=milestone_id,
            milestone=milestone,
            parcel_id="parcel",
            name="shoes",
        )
        for source in SOURCES
    ]


def judged(
    *told: list[Heard],
    lives: tuple[Lived, ...] = (TO_THE_END,),
    marked: Mapping[str, float] | None = None,
    parcel: Parcel = SHOES,
) -> Verdict:
    """Judge one parcel."""
    heard = [each for batch in told for each in batch]
    return judge([parcel], heard, lives, marked or {})


def test_what_is_heard_once_is_good() -> None:
    verdict = judged(heard())
    assert verdict.good
    assert (verdict.owed, verdict.once, verdict.twice) == (1, 1, 0)


def test_what_nobody_heard_is_lost() -> None:
    verdict = judged()
    assert not verdict.good
    assert len(verdict.lost) == len(SOURCES)
    assert verdict.owed == 1


def test_what_one_automation_did_not_hear_is_lost() -> None:
    verdict = judged(heard()[:1])
    assert len(verdict.lost) == 1


def test_what_the_journal_says_was_told_must_have_been_heard() -> None:
    parcel = replace(SHOES, owed=frozenset())
    verdict = judged(parcel=parcel)
    assert len(verdict.lost) == len(SOURCES)


def test_what_is_heard_again_around_a_kill_is_forgiven() -> None:
    verdict = judged(heard(10), heard(14), lives=KILLED)
    assert verdict.good
    assert (verdict.once, verdict.twice) == (0, 1)


def test_what_is_heard_again_without_a_kill_is_doubled() -> None:
    verdict = judged(heard(10), heard(14))
    assert not verdict.good
    assert len(verdict.doubled) == len(SOURCES)


def test_a_kill_is_no_excuse_once_the_disk_says_that_it_was_told() -> None:
    told = heard(10), heard(14)
    assert not judged(*told, lives=KILLED, marked={DELIVERED: 11.5}).good
    assert judged(*told, lives=KILLED, marked={DELIVERED: 15}).good


def test_a_kill_long_after_it_was_heard_is_no_excuse() -> None:
    later = (replace(KILLED[0], ends=80), replace(KILLED[1], begins=81))
    assert not judged(heard(10), heard(84), lives=later).good


def test_each_repetition_needs_a_kill_of_its_own() -> None:
    verdict = judged(heard(10), heard(14), heard(16), lives=KILLED)
    assert len(verdict.doubled) == len(SOURCES)


def test_an_orderly_stop_is_no_excuse() -> None:
    stopped = (replace(KILLED[0], moment=None), KILLED[1])
    assert not judged(heard(10), heard(14), lives=stopped).good


def test_another_id_for_the_same_is_doubled_even_around_a_kill() -> None:
    other = "parcel-delivered-2"
    parcel = replace(SHOES, announced={DELIVERED: "delivered", other: "delivered"})
    verdict = judged(heard(10), heard(14, other), lives=KILLED, parcel=parcel)
    assert len(verdict.doubled) == 1
    assert other in verdict.doubled[0]


def test_each_change_of_stage_has_an_id_of_its_own() -> None:
    ids = {f"parcel-stage_changed-{n}": "stage_changed" for n in (1, 2)}
    parcel = replace(SHOES, owed=frozenset(), announced=ids)
    told = [heard(at, id_, name) for at, (id_, name) in enumerate(ids.items(), 10)]
    assert judged(*told, parcel=parcel).good


def test_what_cannot_be_is_unexpected() -> None:
    lost = {"parcel-exception-1": "exception"}
    parcel = replace(SHOES, announced={**SHOES.announced, **lost})
    verdict = judged(
        heard(), heard(11, "parcel-exception-1", "exception"), parcel=parcel
    )
    assert verdict.unexpected == ("shoes: exception cannot be",)


def test_what_the_journal_does_not_know_is_unexpected() -> None:
    verdict = judged(heard(), parcel=replace(SHOES, announced={}))
    assert len(verdict.unexpected) == 1


def test_what_is_heard_of_nobodys_parcel_is_unexpected() -> None:
    assert not judge([], heard(), [TO_THE_END], {}).good


STEPS = (
    Step(timedelta(), Kind.PICKED_UP),
    Step(timedelta(days=1), Kind.IMPORT_STARTED),
    Step(timedelta(days=2), Kind.OUT_FOR_DELIVERY),
    Step(timedelta(days=3), Kind.DELIVERED),
)
JOURNEY = Journey(number="LP00000000000001", steps=STEPS)
STAGES = tuple(step.kind.stage for step in STEPS)


def sight(at: float, scans: int, *, straight: bool = True, first: int = 0) -> Sight:
    """Return an answer that told of the first scans, or of those from one on."""
    return Sight(
        at=at,
        provider="cainiao",
        number=JOURNEY.number,
        stages=STAGES[first:scans],
        straight=straight,
    )


def test_what_was_told_is_owed() -> None:
    sights = [sight(10, 1), sight(20, 2), sight(30, 3), sight(40, 4)]
    assert owed(JOURNEY, sights, [TO_THE_END]) == {
        "shipped",
        "entered_customs",
        "customs_cleared",
        "out_for_delivery",
        "delivered",
    }


def test_what_passed_unseen_is_not_owed() -> None:
    assert owed(JOURNEY, [sight(40, 4)], [TO_THE_END]) == {
        "shipped",
        "customs_cleared",
        "delivered",
    }


def test_what_was_forgotten_before_it_was_told_is_not_owed() -> None:
    purged = [sight(40, 4, first=3)]
    assert owed(JOURNEY, purged, [TO_THE_END]) == {"shipped", "delivered"}


def test_what_only_a_killed_process_was_told_is_not_owed() -> None:
    assert owed(JOURNEY, [sight(10.9, 2)], KILLED) == set()


@pytest.mark.parametrize(
    ("asked_again", "names"),
    [(10.5, {"shipped"}), (14, set())],
    ids=["by the same process", "by the next one"],
)
def test_an_answer_is_taken_up_once_its_process_asks_again(
    asked_again: float, names: set[str]
) -> None:
    shorter = replace(sight(asked_again, 1), stages=(Stage.INFO_RECEIVED,))
    assert owed(JOURNEY, [sight(9, 1), shorter], KILLED) == names


def test_an_answer_out_of_order_is_held_against_nobody() -> None:
    sights = [sight(10, 3, straight=False), sight(20, 3)]
    assert "out_for_delivery" not in owed(JOURNEY, sights, [TO_THE_END])


def test_a_hand_over_is_owed_once_its_number_was_told() -> None:
    told = replace(sight(10, 1), handed_over=True)
    assert "handed_over" in owed(JOURNEY, [told], [TO_THE_END])


def test_a_journey_can_have_its_own_milestones_only() -> None:
    assert possible(JOURNEY, []) == {
        "stage_changed",
        "stalled",
        "shipped",
        "entered_customs",
        "customs_cleared",
        "out_for_delivery",
        "delivered",
    }
    handoff = Handoff("CB000000116FR", "colissimo", timedelta(days=1))
    assert "handed_over" in possible(replace(JOURNEY, handoff=handoff), [])


def test_a_parcel_sent_back_may_seem_delivered_where_the_order_was_wrong() -> None:
    steps = (*STEPS[:2], Step(timedelta(days=3), Kind.RETURNED))
    journey = replace(JOURNEY, steps=steps)
    crooked = replace(sight(10, 2, straight=False), stages=(Stage.RETURNED,))
    assert "delivered" not in possible(journey, [sight(9, 1)])
    assert "delivered" in possible(journey, [sight(9, 1), crooked])


def test_a_seed_repeats_its_journeys() -> None:
    def journeys(seed: int) -> list[Journey]:
        random = Random(seed)
        return [random_journey(random, n, (20, 40), 1000) for n in range(1, 30)]

    assert journeys(7) == journeys(7) != journeys(8)
    assert len({journey.number for journey in journeys(7)}) == 29


NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)


def asked(*seconds: float, provider: str = "cainiao") -> list[Asked]:
    """Return requests at so many seconds from the beginning."""
    return [
        Asked(
            at=at,
            when=NOON + timedelta(seconds=at),
            provider=provider,
            fault=None,
            turned_away=False,
        )
        for at in seconds
    ]


def test_who_asks_too_soon_exceeds_a_quota() -> None:
    assert exceeded(asked(10, 40), [TO_THE_END], pace=10) == ()
    assert len(exceeded(asked(10, 30), [TO_THE_END], pace=10)) == 1


def test_who_asks_too_often_exceeds_a_quota() -> None:
    day = [*range(1, 98, 4)]
    assert exceeded(asked(*day), [TO_THE_END], pace=100) == ()
    assert exceeded(asked(*day, 99, 100), [TO_THE_END], pace=100)


def test_nobody_knows_of_a_request_just_before_a_kill() -> None:
    assert exceeded(asked(9, 13), KILLED, pace=10) == ()
    assert exceeded(asked(7, 13), KILLED, pace=10)


def test_a_broken_connection_is_tried_again_by_itself() -> None:
    first, second = asked(10, 10.1)
    broken = replace(first, fault=FaultKind.RESET)
    assert exceeded([broken, second], [TO_THE_END], pace=10) == ()


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Look into a folder with one journal that holds an event."""
    (tmp_path / ".storage").mkdir()
    event = TrackingEvent(
        provider="cainiao",
        tracking_number=JOURNEY.number,
        code="DEPART",
        written_time="2026-06-10 12:00:00",
        time=NOON,
        stage=None,
        description="Departed",
        words="Departed",
    )
    before = open_journal("parcel", JOURNEY.number, NOON)
    answer = Answer(tracking_number=JOURNEY.number, events=(event,))
    journal = merge(before, "cainiao", answer, NOON)
    write(tmp_path, to_json(seal(None, journal, NOON)))
    shelf = Shelf(tmp_path)
    shelf.look()
    assert (shelf.problems, shelf.marked) == ([], {})
    return shelf


def journal_file(folder: Path) -> Path:
    """Return where the journal is."""
    return folder / ".storage" / "waybill.journal.0123"


def write(folder: Path, data: Mapping[str, object]) -> None:
    """Write the journal as Home Assistant does: a new file."""
    path = journal_file(folder)
    path.unlink(missing_ok=True)
    path.write_text(json.dumps({"data": data}))


def test_a_journal_that_lost_an_event_is_found(shelf: Shelf, tmp_path: Path) -> None:
    journal = open_journal("parcel", JOURNEY.number, NOON)
    write(tmp_path, to_json(seal(None, journal, NOON)))
    shelf.look()
    assert shelf.problems == ["waybill.journal.0123 lost 1 events"]


def test_a_journal_that_was_changed_is_found(shelf: Shelf, tmp_path: Path) -> None:
    stored = json.loads(journal_file(tmp_path).read_text())["data"]
    stored["tracks"][0]["events"][0]["description"] = "Never departed"
    write(tmp_path, stored)
    shelf.look()
    assert shelf.problems == ["waybill.journal.0123 is not what was sealed"]


def test_a_journal_that_cannot_be_read_is_found(shelf: Shelf, tmp_path: Path) -> None:
    write(tmp_path, {"legs": "nonsense"})
    shelf.look()
    assert len(shelf.problems) == 1
    assert "cannot be read" in shelf.problems[0]


def test_a_journal_that_is_gone_is_found(shelf: Shelf, tmp_path: Path) -> None:
    journal_file(tmp_path).rename(tmp_path / ".storage/waybill.journal.0123.unreadable")
    shelf.look()
    assert sorted(shelf.problems) == [
        "waybill.journal.0123 is gone",
        "waybill.journal.0123.unreadable was set aside",
    ]


def test_what_the_log_says_against_waybill_is_found(tmp_path: Path) -> None:
    log = tmp_path / "hass.log"
    log.write_text(
        "12:00 WARNING (MainThread) [custom_components.waybill.accounts] no answer\n"
        "12:00 ERROR (MainThread) [homeassistant.components.other] something else\n"
    )
    assert complaints(log) == []
    with log.open("a") as more:
        more.write("12:01 ERROR (MainThread) [custom_components.waybill.x] broken\n")
    assert len(complaints(log)) == 1
    with log.open("a") as more:
        more.write("\n" * 30 + 'File "/x/custom_components/waybill/x.py", line 1\n')
    assert len(complaints(log)) == 2
