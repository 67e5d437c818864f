"""In which languages the voice assistants of a home are spoken to.

The sentences of a language that nobody speaks would only be in the way: Home
Assistant reads all of them anew, in its event loop, whenever a name changes.
"""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .languages import spoken

ASSIST_PIPELINE: Final = "assist_pipeline"


@callback
def async_languages_in_use(hass: HomeAssistant) -> frozenset[str]:
    """Return those of our languages that are nearest to the home's and its assistants'.

    Raises ImportError, AttributeError or KeyError where Home Assistant keeps its
    assistants in another way.
    """
    return frozenset({spoken(hass.config.language), *map(spoken, _of_assistants(hass))})


def _of_assistants(hass: HomeAssistant) -> list[str]:
    if ASSIST_PIPELINE not in hass.config.components:
        return []
    from homeassistant.components.assist_pipeline import async_get_pipelines  # noqa: PLC0415

    return [
        # What understands every language is spoken to in the assistant's.
        pipeline.language
        if pipeline.conversation_language == "*"
        else pipeline.conversation_language
        for pipeline in async_get_pipelines(hass)
    ]


@callback
def async_track_assistants(
    hass: HomeAssistant, changed: Callable[[], None]
) -> CALLBACK_TYPE:
    """Call ``changed`` when an assistant comes, goes or changes; raises as above."""
    from homeassistant.components.assist_pipeline.pipeline import KEY_ASSIST_PIPELINE  # noqa: PLC0415

    async def call(*_: Any) -> None:
        changed()

    store = hass.data[KEY_ASSIST_PIPELINE].pipeline_store
    return store.async_add_change_set_listener(call)
