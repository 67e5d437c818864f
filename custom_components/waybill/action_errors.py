"""What an action says that cannot do what was asked."""

from homeassistant.exceptions import ServiceValidationError

from .const import DOMAIN


def action_error(key: str, **placeholders: str) -> ServiceValidationError:
    """Return an error in words of the person's language, under ``exceptions``."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders or None,
    )
