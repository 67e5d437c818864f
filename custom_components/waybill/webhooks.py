"""The addresses to which providers send news of their own accord.

Each account that may push has one. What comes there is read up to a bound, proven
to be the provider's, and only then looked into. Whoever sends anything else gets
one answer whatever was wrong with it, after what depends on nothing but the length
of what was sent. Who sends what is genuine is answered before any number in it is
looked up: neither the answer nor its moment says whether one is followed here.
"""

import asyncio
from collections import Counter
from http import HTTPStatus
import logging
from typing import TYPE_CHECKING, Final

from aiohttp.hdrs import CONTENT_TYPE, METH_GET, METH_HEAD, METH_POST, METH_PUT
from aiohttp.web import Request, Response

from homeassistant.components import webhook
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN, SUBENTRY_ACCOUNT
from .push_address import async_release_address
from .tracking.providers import PROVIDERS
from .tracking.providers.base import ProviderError

if TYPE_CHECKING:
    from .coordinator import WaybillCoordinator

_LOGGER = logging.getLogger(__name__)

MAX_BODY: Final = 1024 * 1024
"""Bytes of a request; no provider tells more of a few parcels."""
_READ_WITHIN: Final = 20
"""Seconds."""
_CHUNK: Final = 65536
_JSON: Final = "application/json"


class _Refused(Exception):
    """Why a request is refused; told to nobody but the log."""


class Webhooks:
    """Registers the addresses, and takes what comes there."""

    def __init__(self, hass: HomeAssistant, coordinator: WaybillCoordinator) -> None:
        """Listen nowhere yet. ``taken`` and ``refused`` count by account."""
        self.taken: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._hass = hass
        self._coordinator = coordinator
        self._known: dict[str, str] = {}
        self._listening: dict[str, str] = {}

    @callback
    def async_follow_accounts(self) -> None:
        """Listen where the accounts have an address and a proof to demand."""
        known, wanted = {}, {}
        entry = self._coordinator.config_entry
        for account in entry.get_subentries_of_type(SUBENTRY_ACCOUNT):
            webhook_id = account.data.get(CONF_WEBHOOK_ID)
            provider = PROVIDERS.get(account.data.get("provider", ""))
            if not webhook_id or provider is None or provider.push_secret is None:
                continue
            known[account.subentry_id] = webhook_id
            if account.data.get(provider.push_secret):
                wanted[account.subentry_id] = webhook_id
        for account_id in [*self._listening]:
            if self._listening[account_id] != wanted.get(account_id):
                webhook.async_unregister(self._hass, self._listening.pop(account_id))
        for account_id in wanted.keys() - self._listening.keys():
            self._listen(account_id, wanted[account_id])
        for account_id in self._known.keys() - known.keys():
            entry.async_create_task(
                self._hass, async_release_address(self._hass, self._known[account_id])
            )
        self._known = known

    @callback
    def async_stop(self) -> None:
        """Listen no more."""
        for webhook_id in self._listening.values():
            webhook.async_unregister(self._hass, webhook_id)
        self._listening.clear()

    def is_listening(self, account_id: str) -> bool:
        """Whether an account's pushes are taken."""
        return account_id in self._listening

    @callback
    def _listen(self, account_id: str, webhook_id: str) -> None:
        provider_id = self._coordinator.accounts.provider_id(account_id)
        name = PROVIDERS[provider_id].name

        async def handle(hass: HomeAssistant, _: str, request: Request) -> Response:
            if request.method != METH_POST:
                return Response(
                    # Providers look with HEAD whether there is an address.
                    status=HTTPStatus.OK
                    if request.method == METH_HEAD
                    else HTTPStatus.METHOD_NOT_ALLOWED
                )
            try:
                await self._async_take(account_id, request)
            except _Refused as refused:
                self.refused[account_id] += 1
                _LOGGER.debug("A push of %s is refused: %s", name, refused)
                return Response(status=HTTPStatus.UNAUTHORIZED)
            self.taken[account_id] += 1
            return Response(status=HTTPStatus.OK)

        webhook.async_register(
            self._hass,
            DOMAIN,
            name,
            webhook_id,
            handle,
            # Of what it does not allow, Home Assistant writes the address into the log.
            allowed_methods=[METH_POST, METH_HEAD, METH_GET, METH_PUT],
        )
        self._listening[account_id] = webhook_id

    async def _async_take(self, account_id: str, request: Request) -> None:
        """Take a request, or refuse it; what it brings is taken up afterwards."""
        body = await _async_read(request)
        coordinator = self._coordinator
        if coordinator.stopped or account_id not in self._listening:
            raise _Refused("nobody listens any more")
        if not coordinator.accounts.is_genuine(account_id, request.headers, body):
            raise _Refused("it bears no proof")
        try:
            # About no number: whether one is followed must not take its time here.
            coordinator.accounts.read_push(account_id, body, ())
        except ProviderError as err:
            raise _Refused(str(err)) from None
        coordinator.config_entry.async_create_task(
            self._hass,
            coordinator.pushed_news.async_take(account_id, body),
            eager_start=False,
        )


async def _async_read(request: Request) -> bytes:
    """Return the body of a request in JSON; no more of it is read than is needed."""
    content_type = request.headers.get(CONTENT_TYPE, "")
    if content_type.partition(";")[0].strip().lower() != _JSON:
        raise _Refused("it is not JSON")
    # One stream for all reads: what stands in for a request makes one for each.
    stream, body = request.content, bytearray()
    try:
        async with asyncio.timeout(_READ_WITHIN):
            while len(body) <= MAX_BODY and (chunk := await stream.read(_CHUNK)):
                body += chunk
    except Exception as err:
        # A request that breaks off does so in many ways, none worth a traceback.
        raise _Refused("it breaks off") from err
    if len(body) > MAX_BODY:
        raise _Refused("it is too long")
    return bytes(body)
