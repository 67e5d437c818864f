"""The accounts that can be asked: their providers, credentials and troubles."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
import logging
from typing import TYPE_CHECKING, Any, Final

from yarl import URL

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util import dt as dt_util

from .const import SUBENTRY_ACCOUNT
from .issues import (
    async_clear_account_issues,
    async_create_credentials_issue,
    async_create_not_entitled_issue,
    async_create_quota_issue,
)
from .subentries import account as account_of
from .tracking.ledger import Refusal
from .tracking.model import Answer
from .tracking.polling import Plan
from .tracking.providers import PROVIDERS
from .tracking.providers.base import (
    CredentialsRejected,
    Listed,
    Provider,
    ProviderError,
    ProviderUnavailable,
    Query,
)
from .tracking.providers.pushing import Pushed, PushingProvider
from .tracking.routing import Account, keyless_accounts
from .unexpected import whereabouts

if TYPE_CHECKING:
    from .coordinator import WaybillConfigEntry

_LOGGER = logging.getLogger(__name__)

_ASK_QUOTA_EVERY: Final = timedelta(hours=1)
_WORTH_AN_ISSUE: Final = timedelta(hours=1)

ACCOUNT_ID: Final = "account_id"


class Asked(StrEnum):
    """What an account is asked: one may fail while the other does not."""

    PARCELS = "parcels"
    LIST = "list"


@dataclass(kw_only=True)
class _Access:
    account: Account
    title: str = field(repr=False)
    provider: Provider
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)
    failing: set[Asked] = field(default_factory=set)
    requests_left: int | None = None
    quota_asked_at: datetime | None = None
    troubled: bool = False


class Accounts:
    """All accounts of the entry, the keyless providers among them."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: WaybillConfigEntry,
        plan: Plan,
        simulator: URL | None,
    ) -> None:
        """Know no account before ``async_load``."""
        self._hass = hass
        self._entry = entry
        self._plan = plan
        self._simulator = simulator
        self._access: dict[str, _Access] = {}

    @callback
    def async_load(self) -> None:
        """Take up the keyless providers and the accounts of the entry."""
        for account in keyless_accounts():
            name = PROVIDERS[account.provider].name
            self._add(account, name, {})
        self.async_reload()

    @callback
    def async_reload(self) -> bool:
        """Follow the entry's account subentries; True if any changed."""
        subentries = {
            subentry.subentry_id: subentry
            for subentry in self._entry.get_subentries_of_type(SUBENTRY_ACCOUNT)
            if subentry.data.get("provider") in PROVIDERS
        }
        changed = False
        for account_id, access in list(self._access.items()):
            if access.data and account_id not in subentries:
                del self._access[account_id]
                self._plan.remove_account(account_id)
                async_clear_account_issues(self._hass, account_id)
                async_end_reauth(self._hass, self._entry)
                changed = True
        for account_id, subentry in subentries.items():
            known = self._access.get(account_id)
            if known is None:
                self._add(account_of(subentry), subentry.title, subentry.data)
            elif known.data != subentry.data or known.title != subentry.title:
                secrets = _secrets(known)
                known.account = account_of(subentry)
                known.title, known.data = subentry.title, subentry.data
                known.failing.clear()
                if _secrets(known) != secrets:
                    self._async_trust_again(known)
            else:
                continue
            changed = True
        if changed:
            self._async_ask_for_credentials()
        return changed

    def usable(self) -> list[Account]:
        """Return all accounts, whatever troubles they have just now."""
        return [access.account for access in self._access.values()]

    def provider_id(self, account_id: str) -> str:
        """Return whose account it is."""
        return self._access[account_id].account.provider

    def requests_left(self, account_id: str) -> int | None:
        """Return what is left of an account's quota, where that is known."""
        access = self._access.get(account_id)
        if access is None:
            return None
        left = self._plan.ledger(account_id).left(dt_util.utcnow())
        return access.requests_left if left is None else left

    def trouble(self, account_id: str) -> Refusal | None:
        """Return why an account gives no answers, if it does not."""
        if account_id not in self._access:
            return None
        refusal = self._plan.refusal(account_id, dt_util.utcnow())
        if refusal is None or refusal[0] is Refusal.SPACING:
            return None
        return refusal[0]

    def next_relief(self) -> datetime | None:
        """Return when an account that cannot be asked now can be asked again."""
        return min((until for _, until in self._troubled()), default=None)

    @callback
    def async_relieve(self, now: datetime, asked: Collection[str]) -> list[str]:
        """Take back what was said of accounts that can be asked again.

        Returns their ids. Those that are ``asked`` now will tell themselves.
        """
        over = [account_id for account_id, until in self._troubled() if until <= now]
        for account_id in over:
            self._access[account_id].troubled = False
        relieved = [account_id for account_id in over if account_id not in asked]
        for account_id in relieved:
            async_clear_account_issues(self._hass, account_id)
        return relieved

    def _troubled(self) -> Iterator[tuple[str, datetime]]:
        for account_id, access in self._access.items():
            until = self._plan.ledger(account_id).blocked_until
            if access.troubled and until is not None:
                yield account_id, until

    async def async_fetch(
        self, account_id: str, queries: Sequence[Query]
    ) -> list[Answer]:
        """Ask an account. Raises ProviderError, whatever happens."""
        access = self._access[account_id]
        session = async_get_clientsession(self._hass)
        with _provider_errors_only(access.provider.name):
            answers = await access.provider.fetch(session, _secrets(access), queries)
        now = dt_util.utcnow()
        if access.quota_asked_at is None or (
            # A clock that was set back must not keep it from being asked.
            abs(now - access.quota_asked_at) >= _ASK_QUOTA_EVERY
        ):
            access.quota_asked_at = now
            try:
                access.requests_left = await access.provider.requests_left(
                    session, _secrets(access)
                )
            except ProviderError as err:
                _LOGGER.debug("%s tells no quota: %s", access.provider.name, err)
        return answers

    async def async_listed(self, account_id: str) -> list[Listed]:
        """Ask an account what it lists. Raises ProviderError, whatever happens."""
        access = self._access[account_id]
        session = async_get_clientsession(self._hass)
        with _provider_errors_only(access.provider.name):
            return await access.provider.listed(session, _secrets(access))

    def is_genuine(
        self, account_id: str, headers: Mapping[str, str], body: bytes
    ) -> bool:
        """Whether a request bears the proof that an account's provider made it."""
        access = self._access.get(account_id)
        if access is None or not isinstance(access.provider, PushingProvider):
            return False
        return access.provider.is_genuine(_all_secrets(access), headers, body)

    def read_push(
        self, account_id: str, body: bytes, asked: Sequence[str]
    ) -> list[Pushed]:
        """Return what a genuine request says. Raises ProviderError, whatever happens."""
        access = self._access[account_id]
        # Only what is genuine is read.
        assert isinstance(access.provider, PushingProvider)
        with _provider_errors_only(access.provider.name):
            return access.provider.read_push(_all_secrets(access), body, asked)

    @callback
    def async_answered(self, account_id: str, asked: Asked = Asked.PARCELS) -> None:
        """Take note that an account answers."""
        access = self._access.get(account_id)
        if access is None:
            return
        # A repair may be older than this start of Home Assistant.
        async_clear_account_issues(self._hass, account_id)
        if access.failing == {asked}:
            _LOGGER.info("%s answers again", access.provider.name)
        access.failing.discard(asked)

    @callback
    def async_failed(
        self, account_id: str, error: ProviderError, asked: Asked = Asked.PARCELS
    ) -> None:
        """Take note of a failure; only the first of a row is logged."""
        access = self._access.get(account_id)
        if access is None:
            return
        if not access.failing:
            _LOGGER.warning(
                "%s gives no answer (%s: %s); what is known of its parcels is kept",
                access.provider.name,
                type(error).__name__,
                error,
            )
        access.failing.add(asked)
        self._async_say_trouble(account_id)
        if isinstance(error, CredentialsRejected):
            self._async_ask_for_credentials()

    @callback
    def async_resume(self, account_id: str) -> None:
        """Trust an account again whose credentials were just proven good."""
        access = self._access.get(account_id)
        if access is not None:
            self._async_trust_again(access)
        self._async_ask_for_credentials()

    @callback
    def _async_trust_again(self, access: _Access) -> None:
        account_id = access.account.account_id
        self._plan.trust_again(account_id)
        async_clear_account_issues(self._hass, account_id)

    @callback
    def _async_say_trouble(self, account_id: str) -> None:
        """Raise a repair for what the person can do something about."""
        self._access[account_id].troubled = True
        title = self._access[account_id].title
        ledger = self._plan.ledger(account_id)
        if ledger.blocked_by is Refusal.CREDENTIALS and ledger.not_entitled:
            async_create_not_entitled_issue(self._hass, account_id, title)
        elif ledger.blocked_by is Refusal.CREDENTIALS:
            async_create_credentials_issue(self._hass, account_id, title)
        elif ledger.blocked_by is Refusal.QUOTA and ledger.blocked_until is not None:
            if ledger.blocked_until - dt_util.utcnow() >= _WORTH_AN_ISSUE:
                async_create_quota_issue(
                    self._hass, account_id, title, ledger.blocked_until
                )

    @callback
    def _async_ask_for_credentials(self) -> None:
        """Start one reauthentication that names the account, if any needs it."""
        for account_id, access in self._access.items():
            if access.data and self.trouble(account_id) is Refusal.CREDENTIALS:
                self._entry.async_start_reauth(
                    self._hass,
                    context={"title_placeholders": {"name": access.title}},
                    data={ACCOUNT_ID: account_id},
                )
                return

    def _add(self, account: Account, title: str, data: Mapping[str, Any]) -> None:
        provider = PROVIDERS[account.provider]
        self._access[account.account_id] = _Access(
            account=account,
            title=title,
            provider=provider(self._simulator),
            data=data,
        )
        self._plan.add_account(account.account_id, provider.limits)
        self._async_say_trouble(account.account_id)


@contextmanager
def _provider_errors_only(name: str) -> Iterator[None]:
    """Let out ProviderError alone: a defect in one must not silence the others."""
    try:
        yield
    except ProviderError:
        raise
    except Exception as err:  # noqa: BLE001
        _LOGGER.error("Unexpected error while asking %s: %s", name, whereabouts(err))
        raise ProviderUnavailable("unexpected error") from None


@callback
def async_end_reauth(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """End the request for credentials that is under way, if one is."""
    for flow in list(entry.async_get_active_flows(hass, {SOURCE_REAUTH})):
        hass.config_entries.flow.async_abort(flow["flow_id"])


def _all_secrets(access: _Access) -> dict[str, str]:
    """Return the credentials, and what proves pushes where the person told it."""
    secret = access.provider.push_secret
    told = str(access.data.get(secret, "")) if secret is not None else ""
    return {**_secrets(access), secret: told} if secret and told else _secrets(access)


def _secrets(access: _Access) -> dict[str, str]:
    return {
        name: str(access.data.get(name, "")) for name in access.provider.credentials
    }
