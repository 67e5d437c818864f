"""Brings Waybill's sentences to Home Assistant's voice assistant.

Home Assistant has no lasting way to ship sentences: this uses the one that its
own sentence triggers use. It is no promise, so all that depends on it is here, and
where it has changed, a line in the log says so and everything else goes on.

What it takes goes to no one else. Sentences that take any words as a name
therefore hold a word for a parcel, or speak of customs or of a number: "where is
the vacuum cleaner" is still Home Assistant's. The others hold the names of the
parcels that are followed, without those of people: "where are my running shoes".
They are registered anew when a name or a language of the home's assistants comes
or goes, not when a parcel moves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
import logging
from typing import TYPE_CHECKING, Any, Final, cast

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
)
from homeassistant.const import (
    CONF_NAME,
    EVENT_COMPONENT_LOADED,
    EVENT_CORE_CONFIG_UPDATE,
)
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import intent
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.setup import ATTR_COMPONENT

from .const import CONF_TRACKING_NUMBER, CONF_VOICE_SENTENCES, DOMAIN, SUBENTRY_PARCEL
from .languages import async_error_in_words, spoken
from .spoken_names import fold, sayings
from .spoken_sentences import (
    FOLLOWED,
    Understood,
    patterns,
    recogniser,
    sentences_in,
    spoken_languages,
    understand,
)
from .unexpected import whereabouts
from .voice_languages import (
    ASSIST_PIPELINE,
    async_languages_in_use,
    async_track_assistants,
)

if TYPE_CHECKING:
    from hassil.intents import Intents

_LOGGER = logging.getLogger(__name__)

_CONVERSATION: Final = "conversation"
_PERSON: Final = "person"
_CHANGED_API: Final = (ImportError, AttributeError, TypeError, ValueError, KeyError)
"""What is raised where Home Assistant, or what it matches with, is another one."""
_MOST_NAMES: Final = 50
"""Parcels that are asked for by their bare name: of more, the newest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wanted:
    """The names of the parcels, and the languages in which they are asked for."""

    names: tuple[str, ...] = field(repr=False)
    languages: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Prepared:
    """What is registered, and what recognises it, by language."""

    sentences: list[str] = field(repr=False)
    recognisers: Mapping[str, Intents] = field(repr=False)


class VoiceSentences:
    """Keeps the sentences registered that fit the option and the parcels."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Register nothing before ``async_start``."""
        self._hass = hass
        self._entry = entry
        self._wanted: _Wanted | None = None
        self._assistants: CALLBACK_TYPE | None = None
        self._registered: CALLBACK_TYPE | None = None
        self._recognisers: Mapping[str, Intents] = {}
        self._stopped = False
        self._complained = False

    @callback
    def async_start(self) -> None:
        """Register the sentences now, or once there is a voice assistant."""
        entry, hass = self._entry, self._hass
        entry.async_on_unload(self._async_stop)
        entry.async_on_unload(
            async_dispatcher_connect(
                hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._async_entry_changed
            )
        )
        entry.async_on_unload(
            hass.bus.async_listen(
                EVENT_COMPONENT_LOADED, self._async_changed, _is_about_voice
            )
        )
        entry.async_on_unload(
            hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._async_changed)
        )
        self._async_follow()

    @callback
    def _async_changed(self, _event: Event) -> None:
        self._async_follow()

    @callback
    def _async_entry_changed(
        self, change: ConfigEntryChange, entry: ConfigEntry[Any]
    ) -> None:
        if entry is self._entry and change is ConfigEntryChange.UPDATED:
            self._async_follow()

    @callback
    def _async_follow(self) -> None:
        """Register the sentences anew, if other ones are wanted than there are."""
        if _CONVERSATION not in self._hass.config.components:
            return
        wanted = self._async_wanted()
        if wanted == self._wanted:
            return
        self._wanted = wanted
        if wanted is None:
            self._async_unregister()
        else:
            self._entry.async_create_task(
                self._hass, self._async_register(wanted), f"{DOMAIN} voice sentences"
            )

    @callback
    def _async_wanted(self) -> _Wanted | None:
        """Return what there is to be understood; None where nothing is wanted."""
        if not self._entry.options.get(CONF_VOICE_SENTENCES, True):
            return None
        parcels = self._entry.get_subentries_of_type(SUBENTRY_PARCEL)
        return _Wanted(
            names=tuple(
                parcel.title
                for parcel in parcels
                if parcel.title != parcel.data[CONF_TRACKING_NUMBER]
            ),
            languages=self._async_languages(),
        )

    @callback
    def _async_languages(self) -> frozenset[str]:
        try:
            if (
                self._assistants is None
                and ASSIST_PIPELINE in self._hass.config.components
            ):
                self._assistants = async_track_assistants(
                    self._hass, self._async_follow
                )
            return async_languages_in_use(self._hass)
        except _CHANGED_API as err:
            self._async_complain(err)
            return frozenset({spoken(self._hass.config.language)})

    async def _async_register(self, wanted: _Wanted) -> None:
        people = {
            fold(part)
            for person in self._hass.states.async_all(_PERSON)
            for part in (person.name, *person.name.split())
        }
        try:
            prepared = await self._hass.async_add_executor_job(
                partial(_prepare, wanted.names, people, wanted.languages)
            )
            if self._stopped or wanted != self._wanted:
                return
            unregister = self._async_hand_over(prepared.sentences)
        except _CHANGED_API as err:
            self._async_complain(err)
            return
        self._async_unregister()
        self._recognisers = prepared.recognisers
        self._registered = unregister

    @callback
    def _async_hand_over(self, sentences: list[str]) -> CALLBACK_TYPE:
        """Register sentences; raises one of ``_CHANGED_API`` where it has changed."""
        from homeassistant.components.conversation.agent_manager import (  # noqa: PLC0415
            get_agent_manager,
        )

        unregister: Any = get_agent_manager(self._hass).register_trigger(
            sentences, self._async_answer
        )
        if not callable(unregister):
            raise TypeError("No way to take the sentences back")
        return cast(CALLBACK_TYPE, unregister)

    async def _async_answer(self, asked: Any, *_: Any) -> str | None:
        """Answer a sentence that was recognised as one of ours."""
        try:
            text, language, context = asked.text, asked.language, asked.context
            device_id, satellite_id = asked.device_id, asked.satellite_id
            agent_id = asked.agent_id
        except AttributeError as err:
            self._async_complain(err)
            return None
        preferred = spoken(language or self._hass.config.language)
        wanted = await self._hass.async_add_executor_job(
            understand, text, self._recognisers, preferred
        )
        if wanted is None:
            return None
        try:
            response = await intent.async_handle(
                self._hass,
                DOMAIN,
                wanted.intent,
                _slots(wanted),
                text,
                context,
                wanted.language,
                _CONVERSATION,
                device_id,
                satellite_id,
                agent_id,
            )
        except HomeAssistantError as err:
            return await async_error_in_words(self._hass, err, wanted.language)
        return str(response.speech["plain"]["speech"])

    @callback
    def _async_complain(self, err: Exception) -> None:
        """Say once, and briefly, that it cannot be done."""
        if not self._complained:
            self._complained = True
            _LOGGER.warning(
                "Waybill's sentences cannot be brought to this Home Assistant's voice"
                " assistant (%s); all else works",
                type(err).__name__,
            )
            _LOGGER.debug("What has changed: %s", whereabouts(err))

    @callback
    def _async_unregister(self) -> None:
        registered, self._registered = self._registered, None
        if registered is None:
            return
        try:
            registered()
        except _CHANGED_API as err:
            self._async_complain(err)

    @callback
    def _async_stop(self) -> None:
        self._stopped = True
        if self._assistants is not None:
            self._assistants()
        self._async_unregister()


def _prepare(
    names: Iterable[str], people: set[str], languages: frozenset[str]
) -> _Prepared:
    """Read the sentences of languages, with the names in them."""
    sentences: dict[str, None] = {}
    recognisers = {}
    newest = dict.fromkeys(reversed(tuple(names)))
    for language in sorted(languages.intersection(spoken_languages())):
        of_language = sentences_in(language)
        said = dict.fromkeys(
            saying
            for name in list(newest)[:_MOST_NAMES]
            for saying in sayings(name, of_language.names, people)
        )
        sentences |= dict.fromkeys(patterns(of_language, list(said)))
        recognisers[language] = recogniser(of_language, list(said))
    return _Prepared(sentences=list(sentences), recognisers=recognisers)


def _slots(wanted: Understood) -> dict[str, dict[str, str]]:
    return {
        CONF_NAME if name == FOLLOWED else name: {"value": value, "text": value}
        for name, value in wanted.slots.items()
    }


@callback
def _is_about_voice(data: Mapping[str, Any]) -> bool:
    return data[ATTR_COMPONENT] in (_CONVERSATION, ASSIST_PIPELINE)
