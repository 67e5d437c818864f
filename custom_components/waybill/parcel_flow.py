"""The subentry flow that adds parcels and changes them."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any, override

import voluptuous as vol

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryState,
    ConfigSubentry,
    ConfigSubentryFlow,
    SubentryFlowContext,
    SubentryFlowResult,
)
from homeassistant.data_entry_flow import AbortFlow

from .const import CONF_PROVIDER, CONF_TRACKING_NUMBER
from .joined_parcels import async_choose_numbers, further_numbers, joined_numbers
from .new_parcel import async_add_parcel, async_prepare_parcel
from .new_parcel_steps import NewParcelSteps, mistyped
from .parcel_answers import FIELDS, Details, form_values, read_details
from .parcel_form import (
    CONF_BELONGING,
    belonging_schema,
    details_schema,
    number_schema,
    possible_providers,
)
from .recognition import recognise_number


class ParcelFlow(
    NewParcelSteps[SubentryFlowContext, SubentryFlowResult, tuple[str, str]],
    ConfigSubentryFlow,
):
    """Adds a parcel, or changes one."""

    _asked_about: Collection[str] = ()

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask anew for all that a person can say of a parcel."""
        parcel = self._get_reconfigure_subentry()
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = self._judge(user_input, own=parcel)
            details, wrong = read_details(user_input, parcel)
            errors |= wrong
            if not errors:
                belonging = user_input.get(CONF_BELONGING)
                return await self._async_change(parcel, details, belonging)
        else:
            self._recognition = recognise_number(
                parcel.data[CONF_TRACKING_NUMBER], self.hass.config.country
            )
        number = number_schema(required=True, offer_to_keep=mistyped(errors))
        belonging_ = self._belonging(parcel.subentry_id)
        details_ = details_schema(
            recognition=self._recognition,
            providers=possible_providers(
                self._followed, pinned=parcel.data.get(CONF_PROVIDER)
            ),
            ask_for_carrier=True,
            open_section="base" in errors,
        )
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self._filled(
                vol.Schema({**number.schema, **belonging_.schema, **details_.schema}),
                form_values(parcel) if user_input is None else user_input,
            ),
            errors=errors,
            description_placeholders=self._about_number(),
        )

    @property
    @override
    def _followed(self) -> ConfigEntry[Any]:
        return self._get_entry()

    @override
    async def _async_finish(self, details: Details) -> SubentryFlowResult:
        return await self._async_follow(details)

    async def _async_follow(
        self, details: Details, *, chosen: Sequence[str] = ()
    ) -> SubentryFlowResult:
        """Follow the parcel; ``chosen`` are the numbers where it is one of several."""
        number = self._recognition.number
        parcel, known = await async_prepare_parcel(
            self.hass, self._followed, number, details.name, details.fields
        )
        if not known:
            return self.async_create_entry(
                title=parcel.title,
                data=parcel.data,
                unique_id=parcel.unique_id,
                description="several" if chosen else None,
                description_placeholders={"parcels": ", ".join(chosen)},
            )
        # The result of a flow cannot bring back the id that the journal has.
        self.hass.config_entries.async_add_subentry(self._followed, parcel)
        return self.async_abort(
            reason="taken_up_again",
            description_placeholders={"parcel": parcel.title},
        )

    @override
    async def _async_finish_all(self, numbers: Sequence[str]) -> SubentryFlowResult:
        entry, (first, *others) = self._followed, numbers
        for number in others:
            # What somebody else added in the meantime is followed all the same.
            with suppress(AbortFlow):
                await async_add_parcel(self.hass, entry, number)
        self._recognition = recognise_number(first, self.hass.config.country)
        return await self._async_follow(Details(name="", fields={}), chosen=numbers)

    def _belonging(self, parcel_id: str) -> vol.Schema:
        """Ask about the numbers that belong to a parcel, and those that do not."""
        if self._followed.state is not ConfigEntryState.LOADED:
            return belonging_schema({}, ())
        coordinator = self._followed.runtime_data
        journal = coordinator.journals.get(parcel_id)
        if journal is None:
            # It was added a moment ago.
            return belonging_schema({}, ())
        parcel = coordinator.data[parcel_id]
        carriers = {leg.tracking_number: leg.carrier for leg in parcel.legs[1:]}
        asked_about = dict.fromkeys(journal.foreign) | carriers
        self._asked_about = tuple(asked_about)
        return belonging_schema(asked_about, further_numbers(journal))

    async def _async_change(
        self,
        parcel: ConfigSubentry,
        details: Details,
        belonging: Collection[str] | None,
    ) -> SubentryFlowResult:
        """Change a parcel; ``belonging`` is None where no number was asked about."""
        number = self._recognition.number
        shown, name = dict(parcel.data), parcel.title
        if belonging is not None:
            coordinator = self._followed.runtime_data
            here = further_numbers(coordinator.journals[parcel.subentry_id])
            # What was found while the form was open, nobody was asked about.
            chosen = {*belonging, *(n for n in here if n not in self._asked_about)}
            if number != parcel.unique_id:
                # A parcel was joined to the number that was wrong.
                chosen -= set(joined_numbers(parcel))
            await async_choose_numbers(coordinator, parcel.subentry_id, chosen)
        asked = {CONF_TRACKING_NUMBER, *FIELDS}
        unasked = {k: v for k, v in parcel.data.items() if k not in asked}
        # What went with another parcel is not put back because the form had it,
        # nor is what came with one lost because the form had it not.
        given_back = {k: v for k, v in shown.items() if k not in parcel.data}
        given = {k: v for k, v in parcel.data.items() if k in FIELDS and k not in shown}
        fields = {k: v for k, v in details.fields.items() if given_back.get(k) != v}
        title = details.name
        if parcel.title != name and title in (name, ""):
            title = parcel.title if parcel.title != parcel.unique_id else ""
        return self.async_update_and_abort(
            self._followed,
            parcel,
            title=title or number,
            unique_id=number,
            data={CONF_TRACKING_NUMBER: number, **unasked, **given, **fields},
        )
