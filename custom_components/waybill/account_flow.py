"""The subentry flow that adds an account with a provider, and changes one."""

from collections.abc import Callable, Container, Mapping
from functools import partialmethod
from hashlib import sha256
from itertools import count
import logging
from typing import Any, Final, override

import voluptuous as vol

from homeassistant.components import webhook
from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryState,
    ConfigSubentry,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from .accounts import async_end_reauth
from .const import (
    CONF_AUTO_REGISTER,
    CONF_FOLLOW_ACCOUNT,
    CONF_PROVIDER,
    SUBENTRY_ACCOUNT,
)
from .coordinator import WaybillConfigEntry
from .push_address import async_push_address, async_release_address
from .simulator import simulator_from_environment
from .tracking.providers import PROVIDERS
from .tracking.providers.base import (
    AccountInfo,
    CredentialsRejected,
    NotEntitled,
    ProviderError,
    ProviderUnavailable,
    QuotaExceeded,
)
from .unexpected import whereabouts

_LOGGER = logging.getLogger(__name__)

CREDENTIAL_PAGES: Final = {
    "aftership": "https://admin.aftership.com/settings/api-keys",
    "bring": "https://www.mybring.com/useradmin/account/settings/api",
    "canada_post": "https://www.canadapost-postescanada.ca/info/mc/business/productsservices/developers/services/gettingstarted.jsf",
    "dhl": "https://developer.dhl.com/api-reference/shipment-tracking",
    "fedex": "https://developer.fedex.com/api/en-us/catalog/track.html",
    "la_poste": "https://developer.laposte.fr/catalog-apis/suivi@2",
    "nova_post": "https://new.novaposhta.ua/dashboard/settings/developers",
    "parcel_app": "https://web.parcelapp.net/",
    "postnord": "https://developer.postnord.com/",
    "seventeentrack": "https://api.17track.net/en/admin/settings",
    "ship24": "https://dashboard.ship24.com/integrations/api-keys",
    "ups": "https://developer.ups.com/get-started",
    "usps": "https://developers.usps.com/apis",
}
"""Where a provider shows the credentials of an account."""

PUSH_PAGES: Final = {
    "aftership": "https://admin.aftership.com/settings/webhooks",
    "seventeentrack": "https://api.17track.net/en/admin/settings",
    "ship24": "https://dashboard.ship24.com/integrations/webhook",
}
"""Where a person tells a provider to what address it shall send news."""

_ERRORS: Final[Mapping[type[ProviderError], str]] = {
    CredentialsRejected: "invalid_auth",
    NotEntitled: "not_entitled",
    ProviderUnavailable: "cannot_connect",
    QuotaExceeded: "quota_exceeded",
}
_SECRET: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))

WITH_CREDENTIALS: Final = [
    provider_id for provider_id, provider in PROVIDERS.items() if provider.credentials
]
WITH_PUSH: Final = [
    provider_id for provider_id, provider in PROVIDERS.items() if provider.push_secret
]

type _Finish = Callable[[dict[str, Any]], SubentryFlowResult]
"""Ends a flow, with what an account's data shall hold beside all else."""


def credentials_schema(provider_id: str, *, required: bool = True) -> vol.Schema:
    """Ask for what a provider knows an account by."""
    marker = vol.Required if required else vol.Optional
    return vol.Schema(
        {marker(name): _SECRET for name in PROVIDERS[provider_id].credentials}
    )


def about_account(provider_id: str, title: str | None = None) -> dict[str, str]:
    """Return what the texts of a form say about an account."""
    name = PROVIDERS[provider_id].name
    return {
        "account": title or name,
        "name": title or name,
        "provider": name,
        "url": CREDENTIAL_PAGES.get(provider_id, ""),
    }


def stripped(provider_id: str, values: Mapping[str, Any]) -> dict[str, str]:
    """Return the credentials among what was typed, pasted spaces taken off."""
    return {
        name: str(values.get(name, "")).strip()
        for name in PROVIDERS[provider_id].credentials
    }


async def async_test_credentials(
    hass: HomeAssistant, provider_id: str, credentials: Mapping[str, str]
) -> tuple[AccountInfo, dict[str, str]]:
    """Try credentials; returns what is wrong with them, if anything is."""
    provider = PROVIDERS[provider_id](simulator_from_environment().url)
    try:
        info = await provider.verify(async_get_clientsession(hass), credentials)
    except ProviderError as err:
        _LOGGER.debug("%s: %s", provider.name, err)
        return AccountInfo(), {"base": _ERRORS[type(err)]}
    except Exception as err:  # noqa: BLE001
        _LOGGER.error(
            "Unexpected error while asking %s: %s", provider.name, whereabouts(err)
        )
        return AccountInfo(), {"base": "unknown"}
    return info, {}


def account_unique_id(
    provider_id: str, info: AccountInfo, credentials: Mapping[str, str]
) -> str:
    """Return what tells an account from others of the same provider."""
    secrets = "\n".join(
        credentials[name] for name in PROVIDERS[provider_id].credentials
    )
    identifier = info.identifier or sha256(secrets.encode()).hexdigest()
    return f"{provider_id}_{identifier}"


def other_account(
    entry: ConfigEntry[Any], unique_id: str, own: ConfigSubentry | None = None
) -> ConfigSubentry | None:
    """Return another account that is the very same one."""
    for subentry in entry.get_subentries_of_type(SUBENTRY_ACCOUNT):
        if subentry.unique_id == unique_id and subentry is not own:
            return subentry
    return None


@callback
def async_resume(entry: WaybillConfigEntry, account_id: str) -> None:
    """Ask an account again whose credentials were just proven good."""
    if entry.state is ConfigEntryState.LOADED:
        entry.runtime_data.async_resume(account_id)


class AccountFlow(ConfigSubentryFlow):
    """Adds an account, or changes one."""

    _finish: _Finish
    _webhook_id = ""
    _address: str | None = None
    _new_address = False

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the provider; its step has its id."""
        return self.async_show_menu(step_id="user", menu_options=WITH_CREDENTIALS)

    async def _async_step_provider(
        self, provider_id: str, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the credentials of a new account, and try them."""
        entry = self._get_entry()
        about = about_account(provider_id)
        errors: dict[str, str] = {}
        if user_input is not None:
            credentials = stripped(provider_id, user_input)
            info, errors = await async_test_credentials(
                self.hass, provider_id, credentials
            )
            unique_id = account_unique_id(provider_id, info, credentials)
            if not errors and (other := other_account(entry, unique_id)):
                about["account"] = other.title
                errors = {"base": "already_added"}
            if not errors:
                data = {
                    CONF_PROVIDER: provider_id,
                    **credentials,
                    **_choices(user_input),
                }
                self._finish = lambda push: self.async_create_entry(
                    title=_free_title(entry, provider_id),
                    data={**data, **push},
                    unique_id=unique_id,
                )
                return await self._async_offer_push(provider_id, data)
        return self.async_show_form(
            step_id=provider_id,
            data_schema=self.add_suggested_values_to_schema(
                _with_choices(provider_id, credentials_schema(provider_id)), user_input
            ),
            errors=errors,
            description_placeholders=about,
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for new credentials, and for what else can be chosen.

        The credentials are not shown again; where none are typed, the present
        ones stay and are not tried.
        """
        entry, account = self._get_entry(), self._get_reconfigure_subentry()
        provider_id = account.data[CONF_PROVIDER]
        about = about_account(provider_id, account.title)
        errors: dict[str, str] = {}
        if user_input is not None:
            typed = {k: v for k, v in stripped(provider_id, user_input).items() if v}
            data = {**account.data, **typed, **_choices(user_input)}
            unique_id = account.unique_id
            if typed:
                credentials = stripped(provider_id, data)
                info, errors = await async_test_credentials(
                    self.hass, provider_id, credentials
                )
                unique_id = account_unique_id(provider_id, info, credentials)
                if not errors and (other := other_account(entry, unique_id, account)):
                    about["account"] = other.title
                    errors = {"base": "already_added"}
            if not errors:

                def finish(push: dict[str, Any]) -> SubentryFlowResult:
                    if typed:
                        async_end_reauth(self.hass, entry)
                    result = self.async_update_and_abort(
                        entry, account, data={**data, **push}, unique_id=unique_id
                    )
                    if typed:
                        async_resume(entry, account.subentry_id)
                    return result

                self._finish = finish
                return await self._async_offer_push(provider_id, data)
        schema = credentials_schema(provider_id, required=False)
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(
                _with_choices(provider_id, schema),
                user_input or _choices(account.data),
            ),
            errors=errors,
            description_placeholders=about,
        )

    async def _async_offer_push(
        self, provider_id: str, data: Mapping[str, Any]
    ) -> SubentryFlowResult:
        """Show the address for news, where the provider sends any and can reach it."""
        if provider_id not in WITH_PUSH:
            return self._finish({})
        self._webhook_id = data.get(CONF_WEBHOOK_ID, "")
        self._new_address = not self._webhook_id
        if self._new_address:
            self._webhook_id = webhook.async_generate_id()
        self._address = await async_push_address(self.hass, self._webhook_id)
        if self._address is None:
            self._new_address = False
            return self._finish({})
        return await self._async_step_push(provider_id)

    async def _async_step_push(
        self, provider_id: str, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say what to do with the address, and ask for what proves the news.

        A secret is not shown again; where none is typed, the present one stays.
        """
        secret = PROVIDERS[provider_id].push_secret or ""
        if user_input is not None:
            self._new_address = False
            typed = str(user_input.get(secret, "")).strip()
            return self._finish(
                {CONF_WEBHOOK_ID: self._webhook_id} | ({secret: typed} if typed else {})
            )
        optional = secret not in PROVIDERS[provider_id].credentials
        return self.async_show_form(
            step_id=f"{provider_id}_push",
            data_schema=vol.Schema({vol.Optional(secret): _SECRET} if optional else {}),
            description_placeholders={
                "address": self._address or "",
                "url": PUSH_PAGES[provider_id],
            },
        )

    @callback
    @override
    def async_remove(self) -> None:
        """Give back an address that was shown for nothing."""
        if self._new_address:
            self.hass.async_create_task(
                async_release_address(self.hass, self._webhook_id)
            )


# One step for each provider, whose texts say where its credentials are found.
for _provider_id in WITH_CREDENTIALS:
    setattr(
        AccountFlow,
        f"async_step_{_provider_id}",
        partialmethod(AccountFlow._async_step_provider, _provider_id),  # noqa: SLF001
    )
for _provider_id in WITH_PUSH:
    setattr(
        AccountFlow,
        f"async_step_{_provider_id}_push",
        partialmethod(AccountFlow._async_step_push, _provider_id),  # noqa: SLF001
    )


def _with_choices(provider_id: str, schema: vol.Schema) -> vol.Schema:
    """Let a person choose what an account may spend, and whether it is followed."""
    provider = PROVIDERS[provider_id]
    offered = {
        CONF_FOLLOW_ACCOUNT: provider.lists_parcels,
        CONF_AUTO_REGISTER: provider.spends_per_number,
    }
    choices = {
        vol.Required(choice, default=False): BooleanSelector()
        for choice, is_offered in offered.items()
        if is_offered
    }
    return vol.Schema({**schema.schema, **choices})


def _choices(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        k: v
        for k, v in values.items()
        if k in (CONF_AUTO_REGISTER, CONF_FOLLOW_ACCOUNT)
    }


def _free_title(entry: ConfigEntry[Any], provider_id: str) -> str:
    name = PROVIDERS[provider_id].name
    taken: Container[str] = {
        subentry.title for subentry in entry.get_subentries_of_type(SUBENTRY_ACCOUNT)
    }
    if name not in taken:
        return name
    return next(title for n in count(2) if (title := f"{name} {n}") not in taken)
