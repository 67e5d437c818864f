"""Paths that a person names: they lead to where Home Assistant may read and write."""

from pathlib import Path

from homeassistant.core import HomeAssistant

from .action_errors import action_error


async def async_resolve(hass: HomeAssistant, text: str, *, must_exist: bool) -> Path:
    """Return the path that a text means.

    Raises ServiceValidationError where Home Assistant may not go there, or where
    nothing is there and something must be.
    """

    def resolve() -> Path:
        path = Path(text)
        if "\0" in text or not path.is_absolute():
            raise action_error("path_not_allowed", path=text)
        path = path.resolve()
        if not hass.config.is_allowed_path(str(path)):
            raise action_error("path_not_allowed", path=text)
        if must_exist and not path.exists():
            raise action_error("path_not_found", path=text)
        return path

    return await hass.async_add_executor_job(resolve)
