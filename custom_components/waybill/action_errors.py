"""What an action says that cannot do what was asked.

Home Assistant writes it into its log: no number and no path is in it.
"""

from typing import Final

from homeassistant.exceptions import ServiceValidationError

from .const import DOMAIN
from .shortened_numbers import end_of, without_numbers

_LONGEST: Final = 40
"""Characters that are told again of what a person named."""


def action_error(key: str, **placeholders: str) -> ServiceValidationError:
    """Return an error in words of the person's language, under ``exceptions``."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders or None,
    )


def parcel_error(
    key: str, title: str, number: str, **more: str
) -> ServiceValidationError:
    """Return an error that names a parcel, whose title may hold its number."""
    return action_error(key, parcel=without_numbers(title, [number]), **more)


def unknown_parcel(text: str) -> ServiceValidationError:
    """Return the error that nothing is known of what a person named.

    Whatever holds a digit may be a tracking number, also where an id was asked for.
    """
    shown = end_of(text) if any(map(str.isdigit, text)) else text[:_LONGEST]
    return action_error("unknown_parcel", parcel=shown)
