"""Set Waybill up, its options, and new credentials for an account of it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, override

import voluptuous as vol

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowContext,
    ConfigFlowResult,
    ConfigSubentry,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)

from .account_flow import (
    AccountFlow,
    about_account,
    account_unique_id,
    async_resume,
    async_test_credentials,
    credentials_schema,
    other_account,
    stripped,
)
from .accounts import ACCOUNT_ID
from .const import (
    CONF_ARCHIVE_AFTER_DAYS,
    CONF_KEEP_JOURNALS,
    CONF_PROVIDER,
    CONF_STALLED_AFTER_DAYS,
    CONF_VOICE_SENTENCES,
    DEFAULT_ARCHIVE_AFTER_DAYS,
    DEFAULT_STALLED_AFTER_DAYS,
    DOMAIN,
    SUBENTRY_ACCOUNT,
    SUBENTRY_PARCEL,
)
from .new_parcel import parcel_subentry
from .new_parcel_steps import NewParcelSteps
from .parcel_answers import Details
from .parcel_flow import ParcelFlow
from .parcel_form import MAX_STALLED_AFTER_DAYS

_TITLE: Final = "Waybill"
_MAX_ARCHIVE_AFTER_DAYS: Final = 365


def _days(least: int, most: int) -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(
            min=least,
            max=most,
            step=1,
            mode=NumberSelectorMode.BOX,
            unit_of_measurement="d",
        )
    )


_OPTIONS: Final = vol.Schema(
    {
        vol.Required(CONF_STALLED_AFTER_DAYS, default=DEFAULT_STALLED_AFTER_DAYS): (
            _days(1, MAX_STALLED_AFTER_DAYS)
        ),
        vol.Required(CONF_ARCHIVE_AFTER_DAYS, default=DEFAULT_ARCHIVE_AFTER_DAYS): (
            _days(0, _MAX_ARCHIVE_AFTER_DAYS)
        ),
        vol.Required(CONF_VOICE_SENTENCES, default=True): BooleanSelector(),
        vol.Required(CONF_KEEP_JOURNALS, default=False): BooleanSelector(),
    }
)


class WaybillConfigFlow(
    NewParcelSteps[ConfigFlowContext, ConfigFlowResult, str], ConfigFlow, domain=DOMAIN
):
    """Sets Waybill up, with a first parcel or without."""

    VERSION = 1

    _number_required = False
    _account_id = ""
    _renewed = False

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Parcels and accounts are added one by one."""
        return {SUBENTRY_PARCEL: ParcelFlow, SUBENTRY_ACCOUNT: AccountFlow}

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the flow that changes the options."""
        return WaybillOptionsFlow()

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Begin for the account that was rejected."""
        self._account_id = entry_data[ACCOUNT_ID]
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for new credentials of the account, and try them."""
        entry = self._get_reauth_entry()
        account = entry.subentries.get(self._account_id)
        if account is None:
            return self.async_abort(reason="account_removed")
        provider_id = account.data[CONF_PROVIDER]
        about = about_account(provider_id, account.title)
        errors: dict[str, str] = {}
        if user_input is not None:
            credentials = stripped(provider_id, user_input)
            info, errors = await async_test_credentials(
                self.hass, provider_id, credentials
            )
            unique_id = account_unique_id(provider_id, info, credentials)
            if not errors and (other := other_account(entry, unique_id, account)):
                about["account"] = other.title
                errors = {"base": "already_added"}
            if not errors:
                return self._renew(entry, account, unique_id, credentials)
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=self.add_suggested_values_to_schema(
                credentials_schema(provider_id), user_input
            ),
            errors=errors,
            description_placeholders=about,
        )

    @callback
    @override
    def async_remove(self) -> None:
        """Go on with the account, and with the next that needs credentials.

        Only when this flow is gone can another begin.
        """
        if self._renewed:
            async_resume(self._get_reauth_entry(), self._account_id)

    def _renew(
        self,
        entry: ConfigEntry,
        account: ConfigSubentry,
        unique_id: str,
        credentials: Mapping[str, str],
    ) -> ConfigFlowResult:
        self.hass.config_entries.async_update_subentry(
            entry, account, data={**account.data, **credentials}, unique_id=unique_id
        )
        self._renewed = True
        return self.async_abort(
            reason="reauth_successful",
            description_placeholders={"account": account.title},
        )

    @property
    @override
    def _followed(self) -> None:
        return None

    @override
    async def _async_skip(self) -> ConfigFlowResult:
        return self.async_create_entry(title=_TITLE, data={})

    @override
    async def _async_finish(self, details: Details) -> ConfigFlowResult:
        parcel = parcel_subentry(self._recognition.number, details.name, details.fields)
        return self.async_create_entry(
            title=_TITLE, data={}, subentries=[parcel.as_dict()]
        )

    @override
    async def _async_finish_all(self, numbers: Sequence[str]) -> ConfigFlowResult:
        parcels = [parcel_subentry(number).as_dict() for number in numbers]
        return self.async_create_entry(title=_TITLE, data={}, subentries=parcels)


class WaybillOptionsFlow(OptionsFlow):
    """Changes what holds for all parcels."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the options."""
        if user_input is not None:
            return self.async_create_entry(
                data={
                    key: value if isinstance(value, bool) else int(value)
                    for key, value in user_input.items()
                }
            )
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                _OPTIONS, self.config_entry.options
            ),
        )
