"""What the server puts in words is in the language of whoever reads."""

from datetime import date, timedelta
from typing import Any

import pytest

from custom_components.waybill.languages import (
    async_error_in_words,
    async_language_of,
    async_words,
    day_in_words,
    spoken,
    words_at_home,
)
from homeassistant.components.frontend.storage import async_user_store
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .flow_texts import LANGUAGES, texts

SOMEBODY = "01JUSER0000000000000000001"


async def choose(hass: HomeAssistant, setting: Any) -> None:
    """Let a person choose their language, as the frontend keeps it."""
    hass.config.components.add("frontend")
    store = await async_user_store(hass, SOMEBODY)
    await store.async_set_item("language", setting)


@pytest.mark.parametrize(
    ("at_home", "chosen", "language"),
    [
        ("en", {"language": "fr", "number_format": "language"}, "fr"),
        ("fr", {"language": "en"}, "en"),
        ("en", {"language": "fr-CA"}, "fr"),
        ("fr", {"language": "pt-BR"}, "pt"),
        ("fr", {"language": "da"}, "en"),
        ("fr", None, "fr"),
        ("fr", {"language": None}, "fr"),
        ("fr", "en", "fr"),
        ("en-GB", None, "en"),
        ("da", None, "en"),
    ],
)
async def test_a_person_reads_what_they_chose_else_what_the_house_speaks(
    hass: HomeAssistant, at_home: str, chosen: Any, language: str
) -> None:
    hass.config.language = at_home
    await choose(hass, chosen)
    assert await async_language_of(hass, SOMEBODY) == language


async def test_nobody_in_particular_reads_what_the_house_speaks(
    hass: HomeAssistant,
) -> None:
    hass.config.language = "fr"
    await choose(hass, {"language": "en"})
    assert await async_language_of(hass, None) == "fr"


async def test_a_house_without_a_frontend_knows_no_choice(hass: HomeAssistant) -> None:
    hass.config.language = "fr"
    await choose(hass, {"language": "en"})
    hass.config.components.remove("frontend")
    assert await async_language_of(hass, SOMEBODY) == "fr"


def test_a_language_that_is_none_is_english() -> None:
    assert spoken("") == "en"
    assert spoken("no language at all") == "en"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_words_are_those_of_the_translations(
    hass: HomeAssistant, language: str
) -> None:
    assert await async_words(hass, language) == texts(language)["common"]


@pytest.mark.parametrize(
    ("day", "english", "french"),
    [
        (date(2026, 11, 28), "November 28, 2026", "28 novembre 2026"),
        (date(2026, 5, 1), "May 1, 2026", "1er mai 2026"),
        (date(2026, 8, 11), "August 11, 2026", "11 août 2026"),
    ],
)
def test_a_day_is_said_as_people_say_it(day: date, english: str, french: str) -> None:
    assert day_in_words(day, texts("en")["common"]) == english
    assert day_in_words(day, texts("fr")["common"]) == french


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_days_of_a_year_sound_the_same(language: str) -> None:
    words = texts(language)["common"]
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(366)]
    assert len({day_in_words(day, words) for day in days}) == 366


async def test_an_error_is_said_in_the_persons_language(hass: HomeAssistant) -> None:
    error = HomeAssistantError(
        translation_domain="waybill",
        translation_key="unknown_parcel",
        translation_placeholders={"parcel": "01ABC"},
    )
    expected = texts("fr")["exceptions"]["unknown_parcel"]["message"]
    told = await async_error_in_words(hass, error, "fr")
    assert told == expected.format(parcel="01ABC")


async def test_an_error_without_words_of_ours_is_said_as_it_is(
    hass: HomeAssistant,
) -> None:
    plain = HomeAssistantError("Media folder is asleep")
    assert await async_error_in_words(hass, plain, "fr") == "Media folder is asleep"
    foreign = HomeAssistantError(
        translation_domain="waybill", translation_key="no_such_key"
    )
    assert await async_error_in_words(hass, foreign, "fr") == str(foreign)


async def test_a_house_in_a_region_reads_the_words_of_its_language(
    hass: HomeAssistant,
) -> None:
    hass.config.language = "fr-CA"
    words = await async_words(hass, hass.config.language)
    assert words["letter_greeting"] == "Bonjour,"
    assert words_at_home(hass) == words
