"""The voice assistant is asked about parcels, and answers as a person would."""

from datetime import date, datetime, timedelta
from pathlib import Path
import sys
from typing import Any
from unittest.mock import patch

from hassil.parse_expression import parse_sentence
import pytest
import yaml

from custom_components.waybill.const import DOMAIN
from custom_components.waybill.spoken_answers import ANSWERS
from custom_components.waybill.spoken_names import sayings
from custom_components.waybill.spoken_sentences import (
    patterns,
    sentences_in,
    spoken_languages,
)
from custom_components.waybill.tracking.model import Estimate, Stage, TrackingEvent
from homeassistant.components.assist_pipeline.pipeline import KEY_ASSIST_PIPELINE
from homeassistant.components.conversation.agent_manager import (
    AgentManager,
    get_agent_manager,
)
from homeassistant.components.conversation.models import ConversationInput
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import intent
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from .conftest import (
    NUMBER,
    OTHER_NUMBER,
    OTHER_PARCEL_ID,
    Carrier,
    SetUp,
    Wait,
    parcel_data,
)
from .flow_texts import texts
from .voice_world import ask, furnish

FIXTURES = Path(__file__).parent / "fixtures/voice"
LANGUAGES = sorted(path.stem for path in FIXTURES.glob("*.yaml"))
NO_PARCELS = (
    "No parcel is being followed yet. To begin, say "
    '"follow the number" and then the tracking number.'
)
THE_LAMP = "Desk lamp: not seen by the carrier yet, which is normal in the first days."
LAMP = parcel_data(name="Desk lamp")

pytestmark = pytest.mark.usefixtures("freezer")


def fixture(language: str) -> dict[str, Any]:
    return yaml.safe_load((FIXTURES / f"{language}.yaml").read_text("utf-8"))


def plain(text: str) -> str:
    """Write no-break spaces as spaces."""
    return text.replace("\xa0", " ")


@pytest.fixture
async def assistant(hass: HomeAssistant) -> None:
    """Let the house have a voice assistant."""
    await hass.config.async_set_time_zone("UTC")
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "conversation", {})


async def is_ours(hass: HomeAssistant, say: str) -> bool:
    """Say whether a sentence is taken by one of the triggers."""
    with patch.object(AgentManager, "get_trigger_callback", return_value=None):
        return await ask(hass, say) == "Done"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_each_question_has_its_answer(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait, language: str
) -> None:
    told = fixture(language)
    assert len(told["sentences"]) >= 15
    await furnish(hass, carrier, set_up, wait, told["names"], language)
    answers = [
        {"say": say, "answer": plain(await ask(hass, say, language))}
        for say in (one["say"] for one in told["sentences"])
    ]
    assert answers == told["sentences"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_is_about_something_else_goes_to_home_assistant(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait, language: str
) -> None:
    told = fixture(language)
    await furnish(hass, carrier, set_up, wait, told["names"], language)
    assert await is_ours(hass, told["sentences"][0]["say"])
    taken = [say for say in told["elsewhere"] if await is_ours(hass, say)]
    assert taken == []


@pytest.mark.parametrize("language", spoken_languages())
def test_the_sentences_of_a_language_are_whole(language: str) -> None:
    assert language in LANGUAGES, "The language has no fixture"
    sentences = sentences_in(language)
    assert sentences.templates.keys() == {*ANSWERS, "WaybillFollow"}
    assert sentences.lists.keys() == {"name", "number", "period"}
    periods = {value["out"] for value in sentences.lists["period"]["values"]}
    assert periods == {"today", "tomorrow", "week"}
    assert set(sentences.digits.values()) == set("0123456789")
    for pattern in patterns(sentences, ["shoes"]):
        parse_sentence(pattern)
        assert not set(pattern) & set("?!.,;:"), pattern


async def test_an_unnamed_parcel_is_told_by_the_end_of_its_number(
    hass: HomeAssistant, assistant: None, carrier: Carrier, set_up: SetUp
) -> None:
    await set_up(parcel_data(name=NUMBER))
    answer = await ask(hass, "Where is my parcel?")
    assert answer.startswith("Parcel ending in 9012: not seen")
    assert await ask(hass, f"Follow the number {NUMBER}") == (
        "The number ending in 9012 is already being followed."
    )


async def test_without_parcels_it_says_how_to_begin(
    hass: HomeAssistant,
    assistant: None,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
) -> None:
    entry = await set_up(LAMP)
    hass.config_entries.async_remove_subentry(entry, LAMP["subentry_id"])
    await hass.async_block_till_done()
    for say in (
        "Where are my parcels?",
        "Where is my lamp parcel?",
        "What arrives today?",
        "Are any parcels late?",
        "Has the lamp cleared customs?",
    ):
        assert await ask(hass, say) == NO_PARCELS
    assert not await is_ours(hass, "Where is the lamp?")


async def test_when_nothing_is_wrong_or_under_way_it_says_so(
    hass: HomeAssistant,
    assistant: None,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
) -> None:
    await set_up(LAMP)
    assert await ask(hass, "Is anything late?") == "No, nothing is stuck or late."
    assert await ask(hass, "What arrives today?") == "Nothing is expected today."
    assert await ask(hass, "What arrives tomorrow?") == "Nothing is expected tomorrow."
    assert await ask(hass, "What arrives this week?") == (
        "Nothing is expected in the next seven days."
    )
    carrier.scan(Stage.DELIVERED)
    await wait(timedelta(hours=3))
    told = "Desk lamp: delivered today at 12:00 PM."
    assert await ask(hass, "Where is my parcel?") == told
    assert await ask(hass, "What arrives today?") == told
    await wait(timedelta(days=2))
    assert await ask(hass, "Where is my parcel?") == "No parcel is on its way."
    told = "Desk lamp: delivered on Wednesday at 12:00 PM."
    assert await ask(hass, "Where is the lamp?") == told


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        (Stage.INFO_RECEIVED, "the label is made, but the carrier does not have the"),
        (Stage.SHIPPED, "handed to the carrier today"),
        (Stage.IN_CUSTOMS, "in customs since today"),
        (Stage.CUSTOMS_ACTION_REQUIRED, "held by customs since today, which want a"),
        (Stage.CUSTOMS_CLEARED, "released by customs today"),
        (Stage.READY_FOR_PICKUP, "ready to be picked up since today, pick-up point: "),
        (Stage.DELIVERY_FAILED, "a delivery failed today, and the carrier usually"),
        (Stage.RETURNING, "on the way back to the sender since today"),
        (Stage.RETURNED, "returned to the sender today"),
        (Stage.EXCEPTION, "the carrier has reported a problem since today"),
        (Stage.EXPIRED, "no more news from the carrier"),
    ],
)
async def test_each_stage_is_told(
    hass: HomeAssistant,
    assistant: None,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    stage: Stage,
    told: str,
) -> None:
    carrier.scan(stage)
    carrier.answer(pickup_point="Corner shop, 3 Mill Lane")
    await set_up(LAMP)
    await wait(timedelta(seconds=3))
    answer = await ask(hass, "Where is my lamp parcel?")
    assert answer.startswith(f"Desk lamp: {told}")
    assert stage not in answer or stage in ("expired", "shipped", "returned")


@pytest.mark.parametrize(
    ("estimate", "told"),
    [
        (Estimate(start=date(2026, 6, 10)), "today"),
        (Estimate(start=date(2026, 6, 16)), "on Tuesday"),
        (Estimate(start=date(2026, 6, 20)), "on June 20"),
        (Estimate(start=date(2027, 6, 20)), "on June 20, 2027"),
        (
            Estimate(start=date(2026, 6, 11), end=date(2026, 6, 12)),
            "on Friday at the latest",
        ),
        (Estimate(start=datetime(2026, 6, 11, 9)), "tomorrow from 9:00 AM"),
        (
            Estimate(start=date(2026, 6, 11), end=datetime(2026, 6, 11, 18)),
            "tomorrow by 6:00 PM",
        ),
    ],
)
async def test_each_estimate_is_told(
    hass: HomeAssistant,
    assistant: None,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    estimate: Estimate,
    told: str,
) -> None:
    carrier.scan(Stage.IN_TRANSIT)
    carrier.answer(estimate=estimate)
    await set_up(LAMP)
    await wait(timedelta(seconds=3))
    answer = await ask(hass, "When does the lamp arrive?")
    assert answer == f"Desk lamp: expected {told}."


async def test_what_the_person_was_promised_counts_where_no_carrier_says(
    hass: HomeAssistant,
    assistant: None,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
) -> None:
    await set_up(
        parcel_data(
            name="Desk lamp", expected_by="2026-06-12", protection_until="2026-06-15"
        )
    )
    told = "Desk lamp: expected on Friday at the latest."
    assert await ask(hass, "When does the lamp arrive?") == told
    answer = await ask(hass, "Are any parcels late?")
    assert answer.endswith("buyer protection ends on Monday.")
    await wait(timedelta(days=2, hours=13))
    answer = await ask(hass, "Where is the lamp?")
    assert "1 day late" in answer and "expected" not in answer


async def test_a_promise_that_lapsed_today_is_not_yet_a_day_late(
    hass: HomeAssistant,
    assistant: None,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
) -> None:
    carrier.scan(Stage.OUT_FOR_DELIVERY)
    hours = Estimate(start=datetime(2026, 6, 10, 9), end=datetime(2026, 6, 10, 11))
    carrier.answer(estimate=hours)
    await set_up(LAMP)
    await wait(timedelta(seconds=3))
    told = "Desk lamp: out for delivery, later than promised."
    assert await ask(hass, "Where is the lamp?") == told


async def test_what_else_is_wrong_is_told(
    hass: HomeAssistant,
    assistant: None,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
) -> None:
    await set_up(LAMP)
    await hass.services.async_call(
        DOMAIN,
        "report_problem",
        {"parcel_id": LAMP["subentry_id"], "problem": "not_delivered"},
        blocking=True,
        return_response=True,
    )
    assert await ask(hass, "Is anything wrong with my parcels?") == (
        "Desk lamp: not seen by the carrier yet, which is normal in the first days,"
        " you have reported a problem."
    )
    await wait(timedelta(days=15))
    answer = await ask(hass, "Where is the lamp?")
    assert answer.startswith(
        "Desk lamp: still not seen by the carrier, no news since June 10,"
    )


@pytest.mark.parametrize(
    ("local_time", "told"),
    [(datetime(2026, 6, 9, 14, 5), "yesterday at 2:05 PM"), (None, "today")],
)
async def test_a_delivery_whose_zone_is_unknown_is_told_by_the_clock_at_the_door(
    hass: HomeAssistant,
    assistant: None,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    local_time: datetime | None,
    told: str,
) -> None:
    scan = TrackingEvent(
        provider="cainiao",
        tracking_number=NUMBER,
        code="SIGNED",
        written_time="2026-06-09 14:05",
        local_time=local_time,
        stage=Stage.DELIVERED,
    )
    carrier.answer(events=(scan,))
    await set_up(LAMP)
    await wait(timedelta(seconds=3))
    answer = await ask(hass, "Where is the lamp?")
    assert answer == f"Desk lamp: delivered {told}."


async def test_times_are_told_as_in_the_homes_country(
    hass: HomeAssistant,
    assistant: None,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
) -> None:
    carrier.scan(Stage.DELIVERED)
    await set_up(LAMP)
    await wait(timedelta(seconds=3))
    for country, time in (("US", "12:00 PM"), ("GB", "12:00"), ("CN", "12:00 PM")):
        hass.config.country = country
        told = f"Desk lamp: delivered today at {time}."
        assert await ask(hass, "Where is the lamp?") == told


async def test_words_change_with_what_follows_them(
    hass: HomeAssistant,
    assistant: None,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
) -> None:
    hass.config.language = "es"
    carrier.scan(Stage.DELIVERED, at=dt_util.utcnow().replace(hour=1, minute=5))
    oven = parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Horno")
    await set_up(parcel_data(name="Impresora"), oven)
    await wait(timedelta(seconds=3))
    told = plain(await ask(hass, "¿Dónde está la impresora?", "es"))
    assert told.endswith(" a la 1:05.")
    told = await ask(hass, "¿Dónde está el paquete de la mesa?", "es")
    assert told.endswith(" Horno e Impresora.")


async def test_parcels_of_one_name_are_all_told(
    hass: HomeAssistant, assistant: None, carrier: Carrier, set_up: SetUp
) -> None:
    other = parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Desk lamp")
    await set_up(LAMP, other)
    assert await ask(hass, "Where is the lamp?") == f"{THE_LAMP} {THE_LAMP}"


async def test_each_assistant_of_the_home_is_spoken_to_in_its_language(
    hass: HomeAssistant, assistant: None, carrier: Carrier, set_up: SetUp
) -> None:
    await set_up(LAMP)
    question = "Où est mon colis ?"
    assert not (await ask(hass, question)).startswith("Desk lamp")

    assert await async_setup_component(hass, "assist_pipeline", {})
    await hass.async_block_till_done()
    store = hass.data[KEY_ASSIST_PIPELINE].pipeline_store
    pipeline = await store.async_create_item(
        {
            "name": "Camille",
            "language": "fr",
            "conversation_engine": "conversation.home_assistant",
            "conversation_language": "*",
            "stt_engine": None,
            "stt_language": None,
            "tts_engine": None,
            "tts_language": None,
            "tts_voice": None,
            "wake_word_entity": None,
            "wake_word_id": None,
        }
    )
    await hass.async_block_till_done()
    # It is answered in the language in which it was asked.
    told = await ask(hass, question, "en")
    assert told.startswith("Desk lamp\xa0: encore aucune nouvelle")
    assert await ask(hass, "Where is the lamp?", "fr") == THE_LAMP

    await store.async_delete_item(pipeline.id)
    await hass.async_block_till_done()
    assert not (await ask(hass, question)).startswith("Desk lamp")


async def test_the_language_of_the_home_may_change(
    hass: HomeAssistant, assistant: None, carrier: Carrier, set_up: SetUp
) -> None:
    await set_up(LAMP)
    await hass.config.async_update(language="fr")
    await hass.async_block_till_done()
    told = await ask(hass, "Où est mon colis ?", "fr")
    assert told.startswith("Desk lamp\xa0: encore aucune nouvelle")


async def test_where_assistants_are_kept_in_another_way_the_home_is_understood(
    hass: HomeAssistant,
    assistant: None,
    carrier: Carrier,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await async_setup_component(hass, "assist_pipeline", {})
    monkeypatch.delitem(hass.data, KEY_ASSIST_PIPELINE)
    await set_up(LAMP)
    assert await ask(hass, "Where is the lamp?") == THE_LAMP


async def test_who_may_speak_may_follow(
    hass: HomeAssistant,
    assistant: None,
    carrier: Carrier,
    set_up: SetUp,
    hass_read_only_user: Any,
) -> None:
    entry = await set_up(LAMP)
    speaker = Context(user_id=hass_read_only_user.id)
    told = await ask(hass, "Follow the number RR123456785CN", context=speaker)
    assert told == (
        "I am following the number ending in 85CN now: a parcel of China Post."
    )
    assert "RR123456785CN" in {parcel.unique_id for parcel in entry.subentries.values()}
    told = await ask(hass, "Follow the number A B C D 1 2 3")
    assert told == (
        "I am following the number ending in D123 now. Its carrier is not known yet."
    )


async def test_sentences_come_and_go_with_the_option(
    hass: HomeAssistant, assistant: None, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up(LAMP)
    assert await is_ours(hass, "Where is my parcel?")
    for wanted in (False, True):
        hass.config_entries.async_update_entry(
            entry, options={"voice_sentences": wanted}
        )
        await hass.async_block_till_done()
        assert await is_ours(hass, "Where is my parcel?") is wanted
    hass.config_entries.async_update_entry(entry, options={"voice_sentences": False})
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert get_agent_manager(hass).trigger_sentences == []


async def test_an_option_that_is_turned_at_once_is_followed(
    hass: HomeAssistant, assistant: None, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up(LAMP)
    for wanted in (False, True, False):
        hass.config_entries.async_update_entry(
            entry, options={"voice_sentences": wanted}
        )
    await hass.async_block_till_done()
    assert get_agent_manager(hass).trigger_sentences == []


async def test_nothing_is_left_behind(
    hass: HomeAssistant, assistant: None, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up(LAMP)
    assert get_agent_manager(hass).trigger_sentences
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert get_agent_manager(hass).trigger_sentences == []
    response = await intent.async_handle(hass, "test", "WaybillListParcels")
    assert "Waybill" in response.speech["plain"]["speech"]
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert await ask(hass, "Where is the lamp?") == THE_LAMP


async def test_a_voice_assistant_may_come_later(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp
) -> None:
    await set_up(LAMP)
    assert await async_setup_component(hass, "conversation", {})
    await hass.async_block_till_done()
    assert await ask(hass, "Where is the lamp?") == THE_LAMP


async def test_names_are_known_from_when_they_are_given(
    hass: HomeAssistant,
    assistant: None,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
) -> None:
    entry = await set_up(LAMP)
    before = get_agent_manager(hass).trigger_sentences
    carrier.scan(Stage.IN_TRANSIT)
    await wait(timedelta(hours=3))
    assert get_agent_manager(hass).trigger_sentences == before
    assert not await is_ours(hass, "Where is the kettle?")
    hass.config_entries.async_update_subentry(
        entry, entry.subentries[LAMP["subentry_id"]], title="Kettle"
    )
    await hass.async_block_till_done()
    assert await is_ours(hass, "Where is the kettle?")
    assert not await is_ours(hass, "Where is the lamp?")


async def test_people_are_not_taken_for_parcels(
    hass: HomeAssistant, assistant: None, carrier: Carrier, set_up: SetUp
) -> None:
    hass.states.async_set("person.anna", "home", {"friendly_name": "Anna Smith"})
    await set_up(parcel_data(name="Gift Anna"))
    assert not await is_ours(hass, "Where is Anna?")
    assert await is_ours(hass, "Where is the gift?")
    assert await is_ours(hass, "Where is the gift Anna?")


@pytest.mark.parametrize(
    "name",
    [
        "{[(<|>)]}",
        "{name}",
        "<where>|(a|b) [c] {d}; lamp",
        "lamp " * 40,
        "lamp\u202e\x00\n{",
        "\\",
        "🎁",
        "the",
    ],
)
async def test_a_name_means_nothing_to_the_sentences(
    hass: HomeAssistant, assistant: None, carrier: Carrier, set_up: SetUp, name: str
) -> None:
    await set_up(parcel_data(name=name))
    answer = await ask(hass, "Where is my parcel?")
    assert answer.endswith("which is normal in the first days.")
    assert len(answer) < 200
    assert "\u202e" not in answer and "\x00" not in answer
    assert not await is_ours(hass, "Where is the vacuum cleaner?")


async def test_what_carriers_write_is_not_read_aloud(
    hass: HomeAssistant,
    assistant: None,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
) -> None:
    told = "Desk lamp: on its way."
    for place in ("HUB 7731-XA", "Paris " * 99, "<b>Paris</b>", "http://evil.example"):
        carrier.scan(Stage.IN_TRANSIT, location=place)
        if not hass.config_entries.async_entries(DOMAIN):
            await set_up(LAMP)
        await wait(timedelta(hours=6))
        assert await ask(hass, "Where is the lamp?") == told
    carrier.scan(Stage.IN_TRANSIT, location="LOS ANGELES")
    await wait(timedelta(hours=6))
    told = "Desk lamp: on its way, last seen in Los Angeles."
    assert await ask(hass, "Where is the lamp?") == told


def _needs_more(self: AgentManager, sentences: list[str], *, answer: Any) -> None:
    raise AssertionError("Nobody calls it so")


@pytest.mark.parametrize("changed", ["gone", "renamed", "signature", "answers nothing"])
async def test_where_home_assistant_has_changed_all_else_goes_on(
    hass: HomeAssistant,
    assistant: None,
    carrier: Carrier,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    changed: str,
) -> None:
    if changed == "gone":
        module = "homeassistant.components.conversation.agent_manager"
        monkeypatch.setitem(sys.modules, module, None)
    elif changed == "renamed":
        monkeypatch.delattr(AgentManager, "register_trigger")
    else:
        other = _needs_more if changed == "signature" else lambda *_: None
        monkeypatch.setattr(AgentManager, "register_trigger", other)
    caplog.set_level("INFO")
    entry = await set_up(LAMP)
    hass.config_entries.async_update_subentry(
        entry, entry.subentries[LAMP["subentry_id"]], title="Kettle"
    )
    await hass.async_block_till_done()
    assert hass.states.get("sensor.desk_lamp").state == "pending"
    assert await hass.config_entries.async_unload(entry.entry_id)
    told = [line for line in caplog.messages if "Waybill's sentences cannot" in line]
    assert len(told) == 1
    assert "Traceback" not in caplog.text


async def test_an_input_of_another_shape_is_not_answered(
    hass: HomeAssistant,
    assistant: None,
    carrier: Carrier,
    set_up: SetUp,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await set_up(LAMP)
    manager = get_agent_manager(hass)
    (answer,) = manager._trigger_callbacks.values()
    assert await answer(object(), None) is None
    assert "Waybill's sentences cannot" in caplog.text


async def test_who_asks_while_waybill_stops_is_told_what_to_do(
    hass: HomeAssistant, assistant: None, carrier: Carrier, set_up: SetUp
) -> None:
    entry = await set_up(LAMP)
    (answer,) = get_agent_manager(hass)._trigger_callbacks.values()
    assert await hass.config_entries.async_unload(entry.entry_id)
    not_set_up = texts("en")["exceptions"]["not_set_up"]["message"]
    for question in ("Where is the lamp", "Follow the number RR123456785CN"):
        asked = ConversationInput(
            text=question,
            context=Context(),
            conversation_id=None,
            device_id=None,
            satellite_id=None,
            language="en",
            agent_id="conversation.home_assistant",
        )
        assert await answer(asked, None) == not_set_up
    asked.text = "Something else that nobody registered"
    assert await answer(asked, None) is None


async def test_sentences_that_cannot_be_taken_back_stop_nothing(
    hass: HomeAssistant,
    assistant: None,
    carrier: Carrier,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    entry = await set_up(LAMP)
    manager = get_agent_manager(hass)
    manager._trigger_callbacks.clear()
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert "Waybill's sentences cannot" in caplog.text


def test_a_name_that_says_nothing_is_not_listened_for() -> None:
    names = sentences_in("en").names
    assert sayings("The parcel", names) == []
    assert sayings("12 345", names) == []
    assert sayings("TV", names) == []
