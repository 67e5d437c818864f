"""Whatever goes wrong while a provider is asked, nothing that it knows is let out."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
import logging
from typing import Any, Final
from unittest.mock import AsyncMock, patch

import aiohttp
import pytest
from yarl import URL

from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.base import CredentialsRejected
from homeassistant.config_entries import SOURCE_REAUTH, SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from tests.conftest import SetUp, Wait, parcel_data

from .harvest import Harvest
from .house import Vault, account_id, account_of
from .logs import everything_logged, in_logs
from .parrot import ANSWERS, Parrot
from .planted import Kind, figures, letters, words
from .table import leaks, sightings

PARCEL_ID: Final = "01JPARCEL0000000000000007"
DAY: Final = timedelta(days=1)


@pytest.fixture
def records() -> Iterator[list[logging.LogRecord]]:
    """Keep everything that is logged."""
    with everything_logged() as records:
        yield records


def _raised_by_aiohttp(told: str) -> list[Exception]:
    """Return what a session raises; each text holds all that was asked."""
    address = URL("http://127.0.0.1:9/").with_path(told)
    about: Any = None
    return [
        aiohttp.ClientConnectionError(told),
        aiohttp.ServerDisconnectedError(told),
        aiohttp.ClientPayloadError(told),
        aiohttp.InvalidURL(address, told),
        aiohttp.TooManyRedirects(about, (), message=told),
        aiohttp.ServerTimeoutError(told),
        aiohttp.ClientSSLError(_Key(told), OSError(told)),
        aiohttp.ClientConnectorDNSError(_Key(told), OSError(-2, told)),
        TimeoutError(told),
        OSError(5, told),
        UnicodeError(told),
        # Nobody foresaw these.
        RuntimeError(told),
        KeyError(told),
        ExceptionGroup(told, [ValueError(told)]),
    ]


class _Key:
    """What aiohttp says of whom it asked."""

    def __init__(self, told: str) -> None:
        self.host, self.port, self.ssl, self.is_ssl = told, 443, True, True


@contextmanager
def _raising(error: Exception) -> Iterator[None]:
    """Let a request end like that; its cause says as much."""

    def request(*_: object, **__: object) -> None:
        raise error from LookupError(str(error))

    with patch.object(aiohttp.ClientSession, "_request", request):
        yield


def _defect(provider: str, told: str) -> AbstractContextManager[Any]:
    """Let the provider itself have a defect."""
    fails = AsyncMock(side_effect=KeyError(told))
    return patch.multiple(PROVIDERS[provider], fetch=fails, verify=fails)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("provider", PROVIDERS)
async def test_nothing_gets_out(
    records: list[logging.LogRecord],
    hass: HomeAssistant,
    freezer: object,
    set_up: SetUp,
    wait: Wait,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
    provider: str,
) -> None:
    vault = Vault()
    assert await async_setup_component(hass, "system_health", {})
    # InPost is asked about numbers of its own form alone.
    own_form = figures(provider, 24) if provider == "inpost" else None
    number = own_form or f"QX{figures(provider, 14)}"
    vault.plant(Kind.NUMBER, number, PARCEL_ID)
    token = vault.plant(Kind.TOKEN, letters(f"{provider} token", 40))
    name = vault.plant(Kind.NAME, words("name"), PARCEL_ID)
    fields = {
        "postal_code": vault.plant(Kind.POSTAL_CODE, letters("post", 10), PARCEL_ID),
        "phone_last4": vault.plant(Kind.PHONE, "7391", PARCEL_ID),
    }
    parcel = parcel_data(number, PARCEL_ID, name, provider=provider, **fields)
    asked = PROVIDERS[provider]
    own = [account_of(vault, provider)] if asked.credentials else []
    owner = account_id(provider) if own else provider
    async with Parrot(token=token) as parrot:
        monkeypatch.setenv("WAYBILL_SIMULATOR", parrot.url)
        with patch.object(asked, "answers_for", return_value=True):
            entry = await set_up(parcel, *own)
            harvest = Harvest(hass, entry)
            everything = " ".join(secret.value for secret in vault.secrets)
            troubles: dict[str, AbstractContextManager[Any]] = {
                **{answers: nullcontext() for answers in ANSWERS},
                **{
                    repr(error)[:20] + str(n): _raising(error)
                    for n, error in enumerate(_raised_by_aiohttp(everything))
                },
                "defect": _defect(provider, everything),
            }
            for trouble, lasts in troubles.items():
                entry.runtime_data.async_resume(owner)
                parrot.answers = trouble if trouble in ANSWERS else "JSON"
                parrot.heard = 0
                with lasts:
                    await wait(2 * DAY)
                    await entry.runtime_data.async_ask([PARCEL_ID])
                    await hass.async_block_till_done()
                    if own:
                        await _is_typed(hass, entry.entry_id, provider, own[0]["data"])
                assert (parrot.heard > 0) is (trouble in ANSWERS), trouble
                await harvest.look_around()
            if own:
                await _is_asked_for_again(hass, entry, harvest, owner)
    said = [record.getMessage() for record in records]
    assert any("Unexpected error while asking" in line for line in said)
    assert any("gives no answer" in line for line in said)
    assert leaks(sightings([*harvest.found, *in_logs(records)], vault.secrets)) == set()


async def _is_typed(
    hass: HomeAssistant, entry_id: str, provider: str, data: Any
) -> None:
    """Type the credentials of a new account, which are tried at once."""
    flows = hass.config_entries.subentries
    menu = await flows.async_init(
        (entry_id, "account"), context={"source": SOURCE_USER}
    )
    form = await flows.async_configure(menu["flow_id"], {"next_step_id": provider})
    typed = {name: data[name] for name in PROVIDERS[provider].credentials}
    form = await flows.async_configure(form["flow_id"], typed)
    if form.get("flow_id") in {flow["flow_id"] for flow in flows.async_progress()}:
        flows.async_abort(form["flow_id"])
    await hass.async_block_till_done()


async def _is_asked_for_again(
    hass: HomeAssistant, entry: Any, harvest: Harvest, owner: str
) -> None:
    """See what is said where the credentials are asked for again."""
    coordinator = entry.runtime_data
    coordinator.accounts.async_failed(owner, CredentialsRejected("HTTP 401"))
    await hass.async_block_till_done()
    for flow in hass.config_entries.flow.async_progress():
        if flow["context"]["source"] == SOURCE_REAUTH:
            form = await hass.config_entries.flow.async_configure(flow["flow_id"])
            shown = {key: form.get(key) for key in ("errors", "data_schema")}
            harvest.note("form of a flow", "reauth", repr(shown) + repr(flow))
    await harvest.look_around()
