"""Raw answers outlive what a carrier tells, and what goes wrong with them."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from unittest.mock import patch
import zlib

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.waybill.answer_storage import AnswerStorage
from custom_components.waybill.disk import Disk
from custom_components.waybill.joined_parcels import async_choose_numbers, async_join
from custom_components.waybill.kept_file import KeptFile
from custom_components.waybill.tracking.journal import Journal
from custom_components.waybill.tracking.kept_answers import KeptAnswer
from custom_components.waybill.tracking.model import Answer, RawAnswer, Stage
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store

from .conftest import (
    NOON,
    NUMBER,
    OTHER_NUMBER,
    OTHER_PARCEL_ID,
    PARCEL_ID,
    Carrier,
    SetUp,
    Wait,
    parcel_data,
)

HOUR = timedelta(hours=1)
LATER = 7 * HOUR
"""When every parcel was asked about once more."""
DAY = timedelta(days=1)
FIRST, SECOND, SHORTER = b"ordered", b"ordered, in transit", b"nothing any more"


def raw(text: bytes) -> RawAnswer:
    """Return what a provider returns of a text."""
    return RawAnswer(
        sha256=sha256(text).hexdigest(), size=len(text), compressed=zlib.compress(text)
    )


def key_of(number: str = NUMBER) -> str:
    """Return the name of the file of a number."""
    return f"waybill.answers.{sha256(number.encode()).hexdigest()[:32]}"


def journal_of(entry: MockConfigEntry, parcel_id: str = PARCEL_ID) -> Journal:
    """Return what is known of a parcel."""
    return entry.runtime_data.journals[parcel_id]


async def texts_of(
    entry: MockConfigEntry, parcel_id: str = PARCEL_ID
) -> list[bytes | None]:
    """Return the texts that prove a parcel's events."""
    answers = entry.runtime_data.storage.answers
    return [kept.body for kept in await answers.async_of(journal_of(entry, parcel_id))]


def scan(
    carrier: Carrier, stage: Stage, text: bytes, number: str = NUMBER, **fields: Any
) -> None:
    """Write another line about a number, and tell it with a text."""
    carrier.scan(stage, number, **fields)
    carrier.answer(tracking_number=number, raw=raw(text))


async def test_the_proof_survives_the_carriers_purge(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    hass_storage: dict[str, Any],
) -> None:
    entry = await set_up()
    await wait(LATER)
    assert key_of() not in hass_storage
    scan(carrier, Stage.INFO_RECEIVED, FIRST)
    await wait(LATER)
    scan(carrier, Stage.IN_TRANSIT, SECOND)
    await wait(LATER)
    carrier.answer(
        Answer(tracking_number=NUMBER, stage=Stage.EXPIRED, raw=raw(SHORTER))
    )
    await wait(DAY)
    await wait(DAY)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    events = journal_of(entry).tracks[0].events
    kept = await entry.runtime_data.storage.answers.async_of(journal_of(entry))
    assert [event.answer for event in reversed(events)] == [a.sha256 for a in kept]
    assert [sha256(answer.body or b"").hexdigest() for answer in kept] == [
        answer.sha256 for answer in kept
    ]
    assert [answer.body for answer in kept] == [FIRST, SECOND]
    assert {answer.provider for answer in kept} == {"cainiao"}
    assert [answer.received_at for answer in kept] == [
        event.first_seen for event in reversed(events)
    ]


async def test_a_file_is_written_only_for_new_events(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    await set_up()
    scan(carrier, Stage.INFO_RECEIVED, FIRST)
    written: list[str] = []
    save = Store.async_save

    async def note(store: Store[Any], data: Any) -> None:
        written.append(store.key.rpartition(".")[0])
        await save(store, data)

    with patch.object(Store, "async_save", note):
        await wait(LATER)
        assert written[:2] == ["waybill.answers", "waybill.journal"]
        written.clear()
        carrier.answer(raw=raw(b"said otherwise"))
        await wait(LATER)
        carrier.answer(raw=raw(b"found"), signed_by="A. Nobody")
        await wait(LATER)
    assert "waybill.journal" in written
    assert "waybill.answers" not in written


async def test_an_answer_is_on_disk_before_the_journal_that_names_it(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    hass_storage: dict[str, Any],
) -> None:
    entry = await set_up()
    scan(carrier, Stage.INFO_RECEIVED, FIRST)
    storage = entry.runtime_data.storage
    save = Store.async_save
    before: list[list[str]] = []

    async def note(store: Store[Any], data: Any) -> None:
        if store.key.startswith("waybill.journal."):
            stored = hass_storage.get(key_of(), {"data": []})["data"]
            before.append([answer["sha256"] for answer in stored])
        await save(store, data)

    with patch.object(Store, "async_save", note):
        await wait(LATER)
    assert before[0] == [raw(FIRST).sha256]
    assert not storage.answers._noted


async def test_a_forgotten_parcel_leaves_no_answers(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    hass_storage: dict[str, Any],
) -> None:
    await set_up()
    scan(carrier, Stage.INFO_RECEIVED, FIRST)
    await wait(LATER)
    assert key_of() in hass_storage
    await hass.services.async_call(
        "waybill",
        "remove_parcel",
        {"parcel_id": PARCEL_ID, "keep_journal": False},
        blocking=True,
    )
    await hass.async_block_till_done()
    assert not [key for key in hass_storage if key.startswith("waybill.answers")]


async def test_a_removed_parcel_keeps_its_answers_with_its_journal(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up()
    scan(carrier, Stage.INFO_RECEIVED, FIRST)
    await wait(LATER)
    for action, fields in (
        ("remove_parcel", {"parcel_id": PARCEL_ID}),
        ("add_parcel", {"tracking_number": NUMBER}),
    ):
        await hass.services.async_call(
            "waybill", action, fields, blocking=True, return_response=False
        )
        await hass.async_block_till_done()
    (parcel_id,) = entry.runtime_data.journals
    assert await texts_of(entry, parcel_id) == [FIRST]


# Two numbers, one parcel


async def two_parcels(carrier: Carrier, set_up: SetUp, wait: Wait) -> MockConfigEntry:
    """Follow two numbers, with an event and its proof each."""
    entry = await set_up(
        parcel_data(), parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Hat")
    )
    scan(carrier, Stage.INFO_RECEIVED, FIRST)
    scan(carrier, Stage.IN_TRANSIT, SECOND, OTHER_NUMBER)
    await wait(LATER)
    return entry


async def test_a_parcel_has_the_proof_of_its_own_events_alone(
    carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await two_parcels(carrier, set_up, wait)
    assert await texts_of(entry) == [FIRST]
    assert await texts_of(entry, OTHER_PARCEL_ID) == [SECOND]


async def test_a_joined_parcel_has_the_proof_of_both_and_so_has_one_that_parts(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await two_parcels(carrier, set_up, wait)
    coordinator = entry.runtime_data
    assert await async_join(coordinator, PARCEL_ID, OTHER_PARCEL_ID)
    await hass.async_block_till_done()
    assert sorted(map(str, await texts_of(entry))) == [str(FIRST), str(SECOND)]
    scan(carrier, Stage.DELIVERED, b"at the door", OTHER_NUMBER)
    await wait(LATER)
    assert b"at the door" in await texts_of(entry)
    await async_choose_numbers(coordinator, PARCEL_ID, [])
    await hass.async_block_till_done()
    assert await texts_of(entry) == [FIRST]
    assert await texts_of(entry, OTHER_PARCEL_ID) == [SECOND, b"at the door"]


# What goes wrong


@pytest.mark.parametrize("broken", ["async_save", "async_load"])
async def test_a_journal_is_not_lost_with_its_answers(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    broken: str,
) -> None:
    entry = await set_up()
    works = getattr(KeptFile, broken)

    async def fail(store: KeptFile[Any], *args: Any) -> Any:
        if store.key.startswith("waybill.answers."):
            raise HomeAssistantError(f"the disk is full of {NUMBER}")
        return await works(store, *args)

    with patch.object(KeptFile, broken, fail):
        scan(carrier, Stage.INFO_RECEIVED, FIRST)
        await wait(LATER)
        scan(carrier, Stage.IN_TRANSIT, SECOND)
        await wait(LATER)
        assert await texts_of(entry) == []
    assert hass.states.get("sensor.running_shoes").state == "in_transit"
    (journal,) = [key for key in hass_storage if key.startswith("waybill.journal")]
    assert raw(SECOND).sha256 in str(hass_storage[journal])
    ours = [r for r in caplog.records if r.name.startswith("custom_components")]
    assert [r.getMessage() for r in ours if r.levelname == "ERROR"] == [
        "Raw answers of a parcel could not be written"
    ]
    assert all(NUMBER not in record.getMessage() for record in ours)
    scan(carrier, Stage.DELIVERED, b"at the door")
    await wait(LATER)
    assert await texts_of(entry) == [b"at the door"]


async def test_journals_of_before_have_no_proof(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait
) -> None:
    entry = await set_up()
    carrier.scan(Stage.INFO_RECEIVED)
    await wait(LATER)
    assert journal_of(entry).tracks[0].events[0].answer is None
    assert await texts_of(entry) == []
    scan(carrier, Stage.IN_TRANSIT, SECOND)
    await wait(LATER)
    assert await texts_of(entry) == [SECOND]


async def test_answers_of_several_numbers_come_in_their_order(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    storage = AnswerStorage(Disk(hass))
    noon = datetime.fromisoformat(NOON)
    answers = [
        KeptAnswer(
            sha256=raw(text).sha256,
            size=len(text),
            provider="dhl",
            tracking_number=NUMBER,
            received_at=noon + hours * HOUR,
            compressed=raw(text).compressed,
        )
        for hours, text in enumerate((FIRST, SECOND, SHORTER))
    ]
    await storage.async_append(OTHER_NUMBER, answers[1:2])
    await storage.async_append(NUMBER, [answers[0], answers[2]])
    with patch.object(Store, "async_save") as save:
        await storage.async_append(NUMBER, answers[:1])
    save.assert_not_called()
    assert await storage.async_load(OTHER_NUMBER, NUMBER, "UNKNOWN1") == answers
    await storage.async_remove(NUMBER)
    assert await storage.async_load(OTHER_NUMBER, NUMBER) == answers[1:2]
    assert key_of() not in hass_storage
