"""What the forms ask about a parcel, and how the answers are read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
import re
from typing import Any, Final

import voluptuous as vol
from yarl import URL

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import section
from homeassistant.helpers import config_validation as cv
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
from homeassistant.util import dt as dt_util

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
from .new_parcel import optional_fields
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

FIELDS: Final = (
    CONF_CARRIER,
    CONF_SELLER,
    CONF_ORDER_URL,
    CONF_ORDER_NUMBER,
    CONF_ORDERED_ON,
    CONF_EXPECTED_BY,
    CONF_PROTECTION_UNTIL,
    CONF_POSTAL_CODE,
    CONF_PHONE_LAST4,
    CONF_STALLED_AFTER_DAYS,
    CONF_PROVIDER,
    CONF_NOTES,
)
"""What a parcel stores of these forms, beside its number and its name."""

_TEXT: Final = TextSelector()
_DAYS: Final = NumberSelector(
    NumberSelectorConfig(
        min=1, max=MAX_STALLED_AFTER_DAYS, step=1, mode=NumberSelectorMode.BOX
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Details:
    """What a form says of a parcel, ready to be stored."""

    name: str
    fields: Mapping[str, Any]


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


def read_details(
    user_input: Mapping[str, Any], parcel: ConfigSubentry | None = None
) -> tuple[Details, dict[str, str]]:
    """Read the answers, and return what is wrong with them by field.

    What was left as it was shown of a ``parcel`` stays as it is stored, also
    where an action stored what no form would take. A form shows no error within
    a section: those are about the whole form.
    """
    rarer = user_input[SECTION_MORE]
    answers = {**user_input, **rarer}
    shown = form_values(parcel) if parcel is not None else {}
    errors: dict[str, str] = {}
    fields: dict[str, Any] = {}
    untouched = set()
    for key in FIELDS:
        if key not in answers:
            continue
        if parcel is not None and key in parcel.data and _same(key, answers, shown):
            fields[key] = parcel.data[key]
            untouched.add(key)
            continue
        try:
            fields[key] = _READERS.get(key, str)(answers[key])
        except ValueError:
            errors["base" if key in rarer else key] = f"invalid_{key}"
    time = answers.get(CONF_EXPECTED_BY_TIME)
    if time and CONF_EXPECTED_BY not in fields:
        errors["base"] = "time_without_day"
    elif time and CONF_EXPECTED_BY not in untouched:
        fields[CONF_EXPECTED_BY] += f"T{time}"
    name = answers.get(CONF_NAME, "").strip()
    return Details(name=name, fields=optional_fields(fields)), errors


def form_values(subentry: ConfigSubentry) -> dict[str, Any]:
    """Return what a form shows of a parcel that is followed."""
    data = dict(subentry.data)
    promise = data.get(CONF_EXPECTED_BY, "")
    moment = dt_util.parse_datetime(promise)
    if moment is not None and dt_util.parse_date(promise) is None:
        local = dt_util.as_local(moment)
        data[CONF_EXPECTED_BY] = local.date().isoformat()
        data[CONF_EXPECTED_BY_TIME] = local.time().isoformat("seconds")
    if CONF_CARRIER in data:
        data[CONF_CARRIER] = carrier_name(data[CONF_CARRIER])
    if subentry.title != data[CONF_TRACKING_NUMBER]:
        data[CONF_NAME] = subentry.title
    return data | {SECTION_MORE: data}


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


def _same(key: str, answers: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    """Say whether what a form showed of a field came back."""
    parts = (key, CONF_EXPECTED_BY_TIME) if key == CONF_EXPECTED_BY else (key,)
    return all(answers.get(part) == shown.get(part) for part in parts)


def _sort_key(carrier: str) -> str:
    return carrier_name(carrier).casefold()


def _read_carrier(text: str) -> str:
    """Return the id of a carrier that was chosen, or typed, by its name."""
    name = text.strip().casefold()
    if not name:
        return name
    for carrier in CARRIERS:
        if name in (carrier, _sort_key(carrier)):
            return carrier
    raise ValueError(text)


def _read_address(text: str) -> str:
    """Take an address as people write it, also without its scheme."""
    text = text.strip()
    if not text:
        return text
    try:
        address = cv.url(text if "://" in text else f"https://{text}")
    except vol.Invalid as err:
        raise ValueError(text) from err
    if "." not in (URL(address).host or "") or any(map(str.isspace, text)):
        raise ValueError(text)
    return address


def _read_postal_code(text: str) -> str:
    code = " ".join(text.upper().split())
    if code and not re.fullmatch(r"[A-Z0-9][A-Z0-9 -]{1,11}", code):
        raise ValueError(text)
    return code


def _read_phone(text: str) -> str:
    """Keep the last four digits, of a whole number too."""
    digits = re.sub(r"\D", "", text, flags=re.ASCII)
    if text.strip() and len(digits) < 4:
        raise ValueError(text)
    return digits[-4:]


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    CONF_CARRIER: _read_carrier,
    CONF_ORDER_URL: _read_address,
    CONF_POSTAL_CODE: _read_postal_code,
    CONF_PHONE_LAST4: _read_phone,
    CONF_STALLED_AFTER_DAYS: int,
}
