"""The steps that add a parcel: from what was pasted to what there is to say of it."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import voluptuous as vol

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.data_entry_flow import FlowContext, FlowHandler, FlowResult

from .const import CONF_TRACKING_NUMBER, GUIDE
from .new_parcel import find_parcel
from .parcel_answers import Details, read_details
from .parcel_form import (
    CONF_KEEP_ANYWAY,
    CONF_NUMBERS,
    choice_schema,
    details_schema,
    fitting_carriers,
    number_schema,
    possible_providers,
)
from .recognition import Recognition, Verdict, recognise_number
from .text_parcels import async_find
from .tracking.finding import Found
from .tracking.numbers import carrier_name

_NAMED_CARRIERS = 3
"""How many fitting carriers a form names at most."""

_LONGEST_NUMBER = 64
_MOST_WORDS = 12
"""Beyond these it is a text, however a number is grouped."""


class NewParcelSteps[
    ContextT: FlowContext,
    ResultT: FlowResult[Any, Any],
    HandlerT,
](FlowHandler[ContextT, ResultT, HandlerT]):
    """Asks for a number, says whose it is, and asks what else there is to say."""

    _number_required = True
    _recognition: Recognition
    _doubted: str | None = None
    _found: Sequence[Found] = ()

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ResultT:
        """Ask for the number."""
        errors: dict[str, str] = {}
        if user_input is not None:
            if not _number(user_input).strip():
                skipped = await self._async_skip()
                if skipped is not None:
                    return skipped
            errors = await self._async_read(user_input)
            if len(self._found) > 1 and not errors:
                return await self.async_step_choose_numbers()
            if not errors:
                return await self.async_step_parcel()
        return self.async_show_form(
            step_id="user",
            data_schema=self._filled(
                number_schema(
                    required=self._number_required, offer_to_keep=mistyped(errors)
                ),
                user_input,
            ),
            errors=errors,
            description_placeholders={"guide": GUIDE, **self._about_number()},
            last_step=False,
        )

    async def async_step_choose_numbers(
        self, user_input: dict[str, Any] | None = None
    ) -> ResultT:
        """Ask which of the numbers of a text are to be followed."""
        if any(self._is_followed(found) for found in self._found):
            return await self.async_step_choose_other_numbers(user_input)
        return await self._async_ask_which("choose_numbers", user_input)

    async def async_step_choose_other_numbers(
        self, user_input: dict[str, Any] | None = None
    ) -> ResultT:
        """Ask it of those that are not followed, and name those that are."""
        return await self._async_ask_which("choose_other_numbers", user_input)

    async def async_step_parcel(
        self, user_input: dict[str, Any] | None = None
    ) -> ResultT:
        """Say whose number it is, and ask for the details."""
        if self._recognition.verdict is Verdict.UNKNOWN:
            return await self.async_step_unknown_number()
        return await self._async_ask_details("parcel", user_input)

    async def async_step_unknown_number(
        self, user_input: dict[str, Any] | None = None
    ) -> ResultT:
        """Say what happens to a number of no known form, and ask for the details."""
        return await self._async_ask_details("unknown_number", user_input)

    @property
    @abstractmethod
    def _followed(self) -> ConfigEntry[Any] | None:
        """The entry that follows parcels, if there is one yet."""

    @abstractmethod
    async def _async_finish(self, details: Details) -> ResultT:
        """Follow the parcel."""

    @abstractmethod
    async def _async_finish_all(self, numbers: Sequence[str]) -> ResultT:
        """Follow several parcels, of which nothing more is said."""

    async def _async_skip(self) -> ResultT | None:
        """Go on without a parcel, where that can be."""
        return None

    async def _async_read(self, user_input: Mapping[str, Any]) -> dict[str, str]:
        """Read a number, or a whole text with numbers; returns what is wrong."""
        self._found = ()
        errors = self._judge(user_input)
        if self._recognition.verdict not in (Verdict.NOT_A_NUMBER, Verdict.UNKNOWN):
            return errors
        text = _number(user_input)
        self._found = await async_find(self.hass, text)
        if not self._found:
            return (
                {CONF_TRACKING_NUMBER: "no_number_in_text"}
                if _is_text(text)
                else errors
            )
        if len(self._found) > 1:
            if all(map(self._is_followed, self._found)):
                return {CONF_TRACKING_NUMBER: "all_followed"}
            return {}
        number = self._found[0].number
        return self._judge({**user_input, CONF_TRACKING_NUMBER: number})

    async def _async_ask_which(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ResultT:
        errors: dict[str, str] = {}
        new = [found for found in self._found if not self._is_followed(found)]
        if user_input is not None:
            # One may have been added meanwhile.
            offered = {found.number for found in new}
            numbers = [n for n in user_input[CONF_NUMBERS] if n in offered]
            if len(numbers) == 1:
                self._recognition = recognise_number(
                    numbers[0], self.hass.config.country
                )
                return await self.async_step_parcel()
            if numbers:
                return await self._async_finish_all(numbers)
            errors = {CONF_NUMBERS: "none_chosen"}
        followed = [found.number for found in self._found if found not in new]
        return self.async_show_form(
            step_id=step_id,
            data_schema=choice_schema(new),
            errors=errors,
            description_placeholders={"followed": ", ".join(followed)},
        )

    def _is_followed(self, found: Found) -> bool:
        return self._parcel_of(found.number) is not None

    async def _async_ask_details(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ResultT:
        errors: dict[str, str] = {}
        if user_input is not None:
            details, errors = read_details(user_input)
            if not errors:
                return await self._async_finish(details)
        return self.async_show_form(
            step_id=step_id,
            data_schema=self._filled(
                details_schema(
                    recognition=self._recognition,
                    providers=possible_providers(self._followed),
                    ask_for_carrier=len(fitting_carriers(self._recognition)) != 1,
                    open_section="base" in errors,
                ),
                user_input,
            ),
            errors=errors,
            description_placeholders=self._about_number(),
            last_step=True,
        )

    def _judge(
        self, user_input: Mapping[str, Any], own: ConfigSubentry | None = None
    ) -> dict[str, str]:
        """Recognise the number typed; returns what is wrong with it.

        A mistyped one can be kept on purpose, once its error was shown.
        """
        self._recognition = recognise_number(
            _number(user_input), self.hass.config.country
        )
        number = self._recognition.number
        if own is not None and number == own.unique_id:
            return {}
        if self._recognition.verdict is Verdict.NOT_A_NUMBER:
            return {CONF_TRACKING_NUMBER: "not_a_number"}
        if (other := self._parcel_of(number)) is not None:
            followed = other.unique_id == number
            return {
                CONF_TRACKING_NUMBER: (
                    "already_followed" if followed else "belongs_to_another"
                )
            }
        if self._recognition.verdict is Verdict.MISTYPED and not (
            user_input.get(CONF_KEEP_ANYWAY) and self._doubted == number
        ):
            self._doubted = number
            return {CONF_TRACKING_NUMBER: "mistyped"}
        return {}

    def _parcel_of(self, number: str) -> ConfigSubentry | None:
        if self._followed is None:
            return None
        return find_parcel(self._followed, number)

    def _about_number(self) -> dict[str, str]:
        """Return what the texts of forms and errors say about the number."""
        recognition = getattr(self, "_recognition", None)
        if recognition is None:
            return {}
        carriers = fitting_carriers(recognition)[:_NAMED_CARRIERS]
        other = self._parcel_of(recognition.number)
        parcels = (self._parcel_of(found.number) for found in self._found)
        return {
            "number": recognition.number,
            "carriers": ", ".join(map(carrier_name, carriers)),
            "parcel": other.title if other is not None else "",
            "parcels": ", ".join(
                dict.fromkeys(parcel.title for parcel in parcels if parcel is not None)
            ),
        }

    def _filled(
        self, schema: vol.Schema, values: Mapping[str, Any] | None
    ) -> vol.Schema:
        """Put what was typed into a form; a tick is about one number only."""
        typed = {k: v for k, v in (values or {}).items() if k != CONF_KEEP_ANYWAY}
        return self.add_suggested_values_to_schema(schema, typed)


def mistyped(errors: Mapping[str, str]) -> bool:
    """Say whether a form is to offer to keep a number that looks mistyped."""
    return errors.get(CONF_TRACKING_NUMBER) == "mistyped"


def _number(user_input: Mapping[str, Any]) -> str:
    return str(user_input.get(CONF_TRACKING_NUMBER, ""))


def _is_text(text: str) -> bool:
    """Say whether somebody pasted a text rather than typed a number."""
    return len(text) > _LONGEST_NUMBER or len(text.split()) > _MOST_WORDS
