"""What the forms ask about a parcel."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import voluptuous as vol

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    DateSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
    TimeSelector,
)

from .const import (
    CONF_CARRIER,
    CONF_EXPECTED_BY,
    CONF_NOTES,
    CONF_ORDER_NUMBER,
    CONF_ORDER_URL,
    CONF_ORDERED_ON,
    CONF_PHONE_LAST4,
    CONF_POSTAL_CODE,
    CONF_PROTECTION_UNTIL,
    CONF_PROVIDER,
    CONF_SELLER,
    CONF_STALLED_AFTER_DAYS,
    CONF_TRACKING_NUMBER,
    SUBENTRY_ACCOUNT,
)
from .recognition import Recognition
from .tracking.finding import Found
from .tracking.numbers import CARRIERS, carrier_name
from .tracking.providers import PROVIDERS
from .tracking.routing import keyless_accounts

CONF_BELONGING: Final = "belonging"
CONF_EXPECTED_BY_TIME: Final = "expected_by_time"
CONF_KEEP_ANYWAY: Final = "keep_anyway"
CONF_NUMBERS: Final = "numbers"
SECTION_MORE: Final = "more"

MAX_STALLED_AFTER_DAYS: Final = 90

_TEXT: Final = TextSelector()
_DAYS: Final = NumberSelector(
    NumberSelectorConfig(
        min=1, max=MAX_STALLED_AFTER_DAYS, step=1, mode=NumberSelectorMode.BOX
    )
)


def number_schema(*, required: bool, offer_to_keep: bool) -> vol.Schema:
    """Ask for a tracking number, and whether to keep one that looks mistyped."""
    marker = vol.Required if required else vol.Optional
    fields: dict[vol.Marker, Any] = {marker(CONF_TRACKING_NUMBER): _TEXT}
    if offer_to_keep:
        fields[vol.Required(CONF_KEEP_ANYWAY, default=False)] = BooleanSelector()
    return vol.Schema(fields)


def choice_schema(found: Iterable[Found]) -> vol.Schema:
    """Ask which of several numbers are to be followed; as a rule, all are."""
    numbers = {one.number: _numbered(one) for one in found}
    return vol.Schema(
        {vol.Required(CONF_NUMBERS, default=list(numbers)): _numbers(numbers)}
    )


def belonging_schema(
    carriers: Mapping[str, str | None], belonging: Iterable[str]
) -> vol.Schema:
    """Ask which numbers belong to a parcel beside its first, if there are any.

    ``carriers`` holds who carries each of the numbers that come into question.
    """
    if not carriers:
        return vol.Schema({})
    labels = {
        number: f"{number} ({carrier_name(carrier)})" if carrier else number
        for number, carrier in carriers.items()
    }
    asked = vol.Required(CONF_BELONGING, default=list(belonging))
    return vol.Schema({asked: _numbers(labels)})


def details_schema(
    *,
    recognition: Recognition,
    providers: Iterable[str],
    ask_for_carrier: bool,
    open_section: bool = False,
) -> vol.Schema:
    """Ask for all that a person may want to say of a parcel; nothing is required."""
    fields: dict[vol.Marker, Any] = {vol.Optional(CONF_NAME): _TEXT}
    if ask_for_carrier:
        fields[vol.Optional(CONF_CARRIER)] = _carriers(recognition)
    fields |= {
        vol.Optional(CONF_SELLER): _TEXT,
        vol.Optional(CONF_ORDER_URL): TextSelector(
            TextSelectorConfig(type=TextSelectorType.URL)
        ),
        vol.Required(SECTION_MORE): section(
            vol.Schema(
                {
                    vol.Optional(CONF_ORDER_NUMBER): _TEXT,
                    vol.Optional(CONF_ORDERED_ON): DateSelector(),
                    vol.Optional(CONF_EXPECTED_BY): DateSelector(),
                    vol.Optional(CONF_EXPECTED_BY_TIME): TimeSelector(),
                    vol.Optional(CONF_PROTECTION_UNTIL): DateSelector(),
                    vol.Optional(CONF_POSTAL_CODE): _TEXT,
                    vol.Optional(CONF_PHONE_LAST4): _TEXT,
                    vol.Optional(CONF_STALLED_AFTER_DAYS): _DAYS,
                    vol.Optional(CONF_PROVIDER): _providers(providers),
                    vol.Optional(CONF_NOTES): TextSelector(
                        TextSelectorConfig(multiline=True)
                    ),
                }
            ),
            {"collapsed": not open_section},
        ),
    }
    return vol.Schema(fields)


def fitting_carriers(recognition: Recognition) -> list[str]:
    """Return the carriers whose numbers look like this one, best first."""
    fitting = [c for c in recognition.candidates if c.valid is not False]
    return [candidate.carrier for candidate in fitting or recognition.candidates]


def possible_providers(
    entry: ConfigEntry[Any] | None, pinned: str | None = None
) -> list[str]:
    """Return who can be asked: the keyless, those with an account, the pinned one."""
    able = {account.provider for account in keyless_accounts()} | {pinned}
    if entry is not None:
        able |= {
            subentry.data[CONF_PROVIDER]
            for subentry in entry.get_subentries_of_type(SUBENTRY_ACCOUNT)
        }
    return [provider for provider in PROVIDERS if provider in able]


def _numbered(found: Found) -> str:
    """Return a number with the likeliest carrier's name."""
    if not found.candidates:
        return found.number
    return f"{found.number} ({carrier_name(found.candidates[0].carrier)})"


def _carriers(recognition: Recognition) -> SelectSelector:
    """Offer the names of the fitting carriers first, then of all others."""
    fitting = fitting_carriers(recognition)
    others = sorted(set(CARRIERS) - set(fitting), key=_sort_key)
    return SelectSelector(
        SelectSelectorConfig(
            # Such a list shows the value that was chosen, not its label.
            options=[carrier_name(carrier) for carrier in (*fitting, *others)],
            mode=SelectSelectorMode.DROPDOWN,
            # It is long: only a list that takes other values can be searched.
            custom_value=True,
        )
    )


def _numbers(labels: Mapping[str, str]) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(
            options=[
                SelectOptionDict(value=number, label=label)
                for number, label in labels.items()
            ],
            multiple=True,
            mode=SelectSelectorMode.LIST,
        )
    )


def _providers(providers: Iterable[str]) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(
            options=[
                SelectOptionDict(value=provider, label=PROVIDERS[provider].name)
                for provider in providers
            ],
            mode=SelectSelectorMode.DROPDOWN,
        )
    )


def _sort_key(carrier: str) -> str:
    return carrier_name(carrier).casefold()
