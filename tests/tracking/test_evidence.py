"""What a dispute file tells, and that anyone can check it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
import json
from pathlib import Path
import re
import shutil
import subprocess
import sys
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.chain import EVENT, record, seal
from custom_components.waybill.tracking.journal import Journal, merge, open_journal
from custom_components.waybill.tracking.journal_json import from_json, to_json
from custom_components.waybill.tracking.model import Stage, TrackingEvent

from . import cases
from .cases import ABOUT, NOW, NUMBER, START, case, dossier_of
from .journeys import Telling, answer, event, new_journal, tellings

DOCS = Path(__file__).parents[2] / "docs"
LATER = START + timedelta(days=60)


def changed(journal: Journal, **fields: Any) -> Journal:
    """Change the oldest event of a journal, as somebody with a text editor does."""
    track, *others = journal.tracks
    *events, oldest = track.events
    forged = replace(track, events=(*events, replace(oldest, **fields)))
    return replace(journal, tracks=(forged, *others))


def sealed(telling: Telling) -> Journal:
    """Take up answers one after the other, each one sealed."""
    journal = seal(None, new_journal(), START)
    for hour, told in enumerate(telling.answers):
        at = LATER + timedelta(hours=hour)
        journal = seal(journal, merge(journal, "cainiao", told, at), at)
    return journal


def recipe(language: str, suffix: str = "") -> str:
    """Return a program that the documentation gives to its reader."""
    text = (DOCS / f"evidence{suffix}.md").read_text("utf-8")
    found = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1]


type Check = Callable[[dict[str, Any]], subprocess.CompletedProcess[str]]


@pytest.fixture(
    params=[
        ("bash", ""),
        ("bash", ".fr"),
        ("python", ""),
        ("python", ".fr"),
    ],
    ids="".join,
)
def check(request: pytest.FixtureRequest, tmp_path: Path) -> Check:
    """Check a dossier as the documentation tells to."""
    language, suffix = request.param
    if language == "bash" and not shutil.which("jq"):
        pytest.skip("jq is not installed")
    program = tmp_path / "check"
    program.write_text(recipe(language, suffix), "utf-8")
    shell = {"bash": "bash", "python": sys.executable}[language]

    def _check(told: dict[str, Any]) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "dispute.json"
        file.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
        return subprocess.run(
            [shell, str(program), str(file)],
            capture_output=True,
            text=True,
            check=False,
        )

    return _check


@given(tellings())
def test_every_event_is_in_the_dossier_as_it_was_told(telling: Telling) -> None:
    journal = sealed(telling)
    told = dossier_of(journal, now=LATER + timedelta(days=9))
    assert Counter(one["digest"] for one in told["events"]) == Counter(
        record(EVENT, kept).digest for track in journal.tracks for kept in track.events
    )
    assert told["chain_valid"]
    assert told["breaks"] == []
    json.dumps(told)


@given(tellings(), st.data())
def test_whatever_event_is_changed_is_named(
    telling: Telling, data: st.DataObject
) -> None:
    journal = sealed(telling)
    stored = to_json(journal)
    events = [one for track in stored.get("tracks", ()) for one in track["events"]]
    if not events:
        return
    victim = data.draw(st.sampled_from(events))
    victim["words"] = victim.get("words", "") + "x"
    forged = from_json(stored)
    told = dossier_of(forged, now=LATER + timedelta(days=9))
    assert not told["chain_valid"]
    (found,) = told["breaks"]
    assert found["change"] == "changed"
    assert found["written_time"] == victim["written_time"]


def test_the_record_of_a_current_link_is_what_was_sealed_and_of_others_none() -> None:
    journal, _ = case()
    told = dossier_of(journal)
    current = [link for link in told["chain"] if link["record"] is not None]
    replaced = [link for link in told["chain"] if link["record"] is None]
    # The line that was worded anew.
    assert [link["kind"] for link in replaced] == ["event"]
    assert len(current) == len(told["chain"]) - 1
    assert told["chain_end"] == told["chain"][-1]["hash"]


def test_what_was_ordered_promised_and_kept_is_told() -> None:
    journal, answers = case()
    told = dossier_of(journal, answers)
    assert told["parcel"]["order_number"] == ABOUT.order_number
    assert told["parcel"]["seller"] == "深圳 Happy Shoes"
    assert [one["to"][:10] for one in told["dates"]["promises"]] == [
        "2026-06-20", "2026-06-21", "2026-06-22", "2026-06-23",
    ]  # fmt: skip
    assert [one["days_late"] for one in told["dates"]["promises"]] == [21, 20, 19, 18]
    assert told["dates"]["expected_days_late"] == 11
    assert told["dates"]["protection_until"] == "2026-07-20"
    assert told["counts"]["days_late"] == 21
    assert told["counts"]["days_in_transit"] == 38
    # From the last line, on 9 June, to now.
    assert told["counts"]["longest_silence"]["days"] == 32
    assert told["counts"]["current_silence_days"] == 32


def test_what_the_person_keeps_for_themselves_is_not_in_it() -> None:
    journal, answers = case()
    text = json.dumps(dossier_of(journal, answers), ensure_ascii=False)
    for private in (ABOUT.notes, ABOUT.postal_code, ABOUT.phone_last4, "/media/"):
        assert str(private) not in text


def test_a_delivery_ends_the_counting() -> None:
    journal, _ = case()
    delivered = cases.scan(3, stage=Stage.DELIVERED, code="SIGNED")
    delivered = replace(
        delivered, time=START + timedelta(days=20), written_time="later"
    )
    before = journal
    journal = merge(
        journal, "cainiao", answer(delivered, number=NUMBER), START + timedelta(days=21)
    )
    told = dossier_of(seal(before, journal, START + timedelta(days=21)))
    assert told["dates"]["delivered_at"] == "2026-06-21T10:00:00+02:00"
    assert told["counts"]["days_in_transit"] == 18
    assert told["counts"]["days_late"] == 1
    assert told["counts"]["longest_silence"]["days"] == 12
    assert told["counts"]["current_silence_days"] is None


def test_a_parcel_of_which_nothing_is_known_has_a_dossier_too() -> None:
    journal = seal(None, open_journal("parcel", NUMBER, START), START)
    told = dossier_of(journal)
    assert told["events"] == []
    assert told["counts"]["days_in_transit"] is None
    assert told["counts"]["longest_silence"]["days"] == 40
    assert told["counts"]["days_late"] == 11


def test_times_are_as_written_as_instants_and_at_the_place() -> None:
    journal, _ = case()
    first = dossier_of(journal)["events"][0]
    assert first["written_time"] == "2026-06-03 16:00:00 GMT+8"
    assert first["time"] == "2026-06-03T10:00:00+02:00"
    assert first["local_time"] == "2026-06-03T16:00:00"
    assert first["first_seen"] == "2026-06-03T11:00:00+02:00"
    assert first["answer"]


def test_a_time_without_a_zone_stays_without_one() -> None:
    journal = merge(
        new_journal(), "cainiao", answer(event(Stage.SHIPPED, 5, naive=True)), LATER
    )
    (line,) = dossier_of(journal)["events"]
    assert line["time"] is None
    assert line["local_time"] == "2026-06-01T05:00:00"


def test_two_tellings_of_one_scan_share_its_number() -> None:
    journal, _ = case()
    events = dossier_of(journal)["events"]
    last = [one for one in events if one["scan"] == events[-1]["scan"]]
    assert {one["provider"] for one in last} == {"cainiao", "seventeentrack"}
    reworded = next(one for one in last if one["provider"] == "cainiao")
    assert reworded["words"] == "Colis arrivé"
    assert reworded["earlier_words"] == ["Colis arrivé à Orléans, çà et là"]


@pytest.mark.parametrize(
    ("forge", "change"),
    [
        (lambda journal: changed(journal, words="forged"), "changed"),
        (lambda journal: changed(journal, first_seen=START.astimezone(UTC)), "changed"),
        (
            lambda journal: replace(
                journal,
                tracks=(
                    replace(journal.tracks[0], events=journal.tracks[0].events[:-1]),
                    *journal.tracks[1:],
                ),
            ),
            "removed",
        ),
    ],
    ids=["worded anew", "seen earlier", "taken out"],
)
def test_what_was_changed_is_named_by_its_time(
    forge: Callable[[Journal], Journal], change: str
) -> None:
    journal, _ = case()
    told = dossier_of(forge(journal))
    assert not told["chain_valid"]
    (found,) = told["breaks"]
    assert found["change"] == change
    assert found["written_time"] == "2026-06-03 16:00:00 GMT+8"


def test_a_line_that_was_slipped_in_is_named() -> None:
    journal, _ = case()
    slipped = cases.scan(2, written_time="slipped in", words="never told")
    track, *others = journal.tracks
    forged = replace(
        journal, tracks=(replace(track, events=(slipped, *track.events)), *others)
    )
    (found,) = dossier_of(forged)["breaks"]
    assert (found["change"], found["written_time"]) == ("added", "slipped in")


def test_a_link_that_was_changed_is_named_by_its_event() -> None:
    journal, _ = case()
    number, link = next(
        (n, link) for n, link in enumerate(journal.chain) if link.kind == EVENT
    )
    forged = replace(link, at=link.at - timedelta(days=1))
    chain = (*journal.chain[:number], forged, *journal.chain[number + 1 :])
    (found,) = dossier_of(replace(journal, chain=chain))["breaks"]
    assert found["change"] == "chain"
    assert found["description"] == "Line 0"


def test_a_journal_that_could_not_be_read_is_told() -> None:
    journal, _ = case()
    told = dossier_of(journal, unreadable=True)
    assert not told["chain_valid"]
    assert [found["change"] for found in told["breaks"]] == ["unreadable"]


def test_the_recipe_finds_a_whole_file_good(check: Check) -> None:
    journal, answers = case()
    done = check(dossier_of(journal, answers))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""


def test_the_recipe_finds_an_untold_parcel_good(check: Check) -> None:
    done = check(dossier_of(seal(None, open_journal("p", NUMBER, START), START)))
    assert done.returncode == 0, done.stdout + done.stderr


def _line(told: dict[str, Any]) -> None:
    told["events"][0]["words"] += "."


def _record(told: dict[str, Any]) -> None:
    link = next(link for link in told["chain"] if link["kind"] == "event")
    link["record"] = link["record"].replace("Line 0", "Line 9")


def _record_with_digest(told: dict[str, Any]) -> None:
    _record(told)
    link = next(link for link in told["chain"] if link["kind"] == "event")
    forged: TrackingEvent = cases.scan(0, description="Line 9")
    link["digest"] = record(EVENT, forged).digest


def _link(told: dict[str, Any]) -> None:
    told["chain"][2]["text"] = told["chain"][2]["text"].replace("2026", "2025")


def _without_a_link(told: dict[str, Any]) -> None:
    del told["chain"][2]


def _without_a_record(told: dict[str, Any]) -> None:
    told["chain"][2]["record"] = None


def _answer(told: dict[str, Any]) -> None:
    told["answers"][1]["text"] += "."


def _end(told: dict[str, Any]) -> None:
    told["chain_end"] = "0" * 64


@pytest.mark.parametrize(
    "forge",
    [
        _line,
        _record,
        _record_with_digest,
        _link,
        _without_a_link,
        _without_a_record,
        _answer,
        _end,
    ],
)
def test_the_recipe_finds_what_was_changed_in_the_file(
    check: Check, forge: Callable[[dict[str, Any]], None]
) -> None:
    journal, answers = case()
    told = dossier_of(journal, answers)
    forge(told)
    assert check(told).returncode == 1


def test_the_recipe_finds_what_was_changed_in_the_journal(check: Check) -> None:
    journal, answers = case()
    done = check(dossier_of(changed(journal, words="forged"), answers, now=NOW))
    assert done.returncode == 1
