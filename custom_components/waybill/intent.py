"""What a voice assistant may be asked, whoever recognised the sentence."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, override

import voluptuous as vol

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import intent
from homeassistant.util import dt as dt_util

from .const import CONF_TRACKING_NUMBER, DOMAIN
from .languages import CommonWords, async_error_in_words, async_words, spoken
from .loaded_entry import loaded_entry
from .recognition import recognise_number
from .shortened_numbers import WITHHELD
from .spoken_answers import ANSWERS, PERIODS, Question
from .spoken_numbers import written_number
from .spoken_parcels import Speaker, given_name, number_end, spoken_locale
from .spoken_sentences import sentences_in
from .tracking.numbers import carrier_name
from .tracking.parcel import Parcel

FOLLOW: Final = "WaybillFollow"

_NAME: Final = {vol.Optional("name"): intent.non_empty_string}
_SLOTS: Final[Mapping[str, Mapping[Any, Any]]] = {
    "WaybillWhereIsParcel": _NAME,
    "WaybillClearedCustoms": _NAME,
    "WaybillWhenArrives": _NAME,
    "WaybillArriving": {vol.Optional("period"): vol.In(PERIODS)},
}
_ASKED: Final = ("name", "period")
_NOT_FOLLOWED: Final = ("mistyped", "not_a_number", "already_followed")
"""Why a number is not followed, where a voice has words of its own for it."""


async def async_setup_intents(hass: HomeAssistant) -> None:
    """Offer all that can be asked."""
    for intent_type, answer in ANSWERS.items():
        intent.async_register(hass, AnswerHandler(intent_type, answer))
    intent.async_register(hass, FollowHandler())


class AnswerHandler(intent.IntentHandler):
    """Answers a question about the parcels, and changes nothing."""

    def __init__(self, intent_type: str, answer: Callable[[Question], str]) -> None:
        """Answer one intent."""
        self.intent_type = intent_type
        self._answer = answer

    @property
    @override
    def slot_schema(self) -> dict[Any, Any]:
        return dict(_SLOTS.get(self.intent_type, {}))

    @override
    async def async_handle(self, intent_obj: intent.Intent) -> intent.IntentResponse:
        hass = intent_obj.hass
        slots = self.async_validate_slots(intent_obj.slots)
        asked: dict[str, str] = {
            key: slots[key]["value"] for key in _ASKED if key in slots
        }
        language = spoken(intent_obj.language)
        try:
            parcels = tuple(loaded_entry(hass).runtime_data.data.values())
        except HomeAssistantError as err:
            return _said(intent_obj, await async_error_in_words(hass, err, language))
        words = await async_words(hass, language)
        # Names are compared and Babel reads files: neither is for the event loop.
        answer = await hass.async_add_executor_job(
            partial(
                _answered,
                self._answer,
                parcels,
                words,
                language,
                hass.config.country,
                asked,
            )
        )
        return _said(intent_obj, answer)


class FollowHandler(intent.IntentHandler):
    """Follows a number that was read out, as the action ``add_parcel`` does."""

    intent_type = FOLLOW

    @property
    @override
    def slot_schema(self) -> dict[Any, Any]:
        return {vol.Required("number"): intent.non_empty_string}

    @override
    async def async_handle(self, intent_obj: intent.Intent) -> intent.IntentResponse:
        hass = intent_obj.hass
        slots = self.async_validate_slots(intent_obj.slots)
        language = spoken(intent_obj.language)
        words = await async_words(hass, language)
        number = await hass.async_add_executor_job(
            _number_in, slots["number"]["value"], language
        )
        said = {"end": number_end(number)}
        try:
            added = await hass.services.async_call(
                DOMAIN,
                "add_parcel",
                {CONF_TRACKING_NUMBER: number},
                blocking=True,
                context=intent_obj.context,
                return_response=True,
            )
        except HomeAssistantError as err:
            if err.translation_key not in _NOT_FOLLOWED:
                told = await async_error_in_words(hass, err, language)
                return _said(intent_obj, told)
            key = f"voice_{err.translation_key}"
            title = (err.translation_placeholders or {}).get("parcel", "")
            # A parcel without a name is named by the end of its number.
            unnamed = title.startswith(WITHHELD)
            if not unnamed and (name := given_name(title, number)):
                key, said = f"{key}_as", said | {"name": name}
            return _said(intent_obj, words[key].format(**said))
        carrier = (added or {}).get("carrier")
        if carrier is None:
            told = words["voice_followed"].format(**said)
        else:
            told = words["voice_followed_carrier"].format(
                carrier=carrier_name(str(carrier)), **said
            )
        return _said(intent_obj, told)


def _answered(
    answer: Callable[[Question], str],
    parcels: tuple[Parcel, ...],
    words: CommonWords,
    language: str,
    country: str | None,
    asked: Mapping[str, str],
) -> str:
    return answer(
        Question(
            speaker=Speaker(
                words=words,
                locale=spoken_locale(language, country),
                now=dt_util.utcnow(),
                zone=dt_util.get_default_time_zone(),
            ),
            parcels=parcels,
            names=sentences_in(language).names,
            **asked,
        )
    )


def _number_in(said: str, language: str) -> str:
    """Read a number's letters and digits; as it is where no words are among them."""
    spelled = written_number(said, sentences_in(language).digits)
    return recognise_number(spelled).number


def _said(intent_obj: intent.Intent, told: str) -> intent.IntentResponse:
    response = intent_obj.create_response()
    response.response_type = intent.IntentResponseType.QUERY_ANSWER
    response.async_set_speech(told)
    return response
