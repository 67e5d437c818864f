"""Flows and repairs that are gone through, wrongly and rightly, let nothing out."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
import logging
from pathlib import Path
from typing import Any, Final
from unittest.mock import AsyncMock

import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.waybill import alert_repair
from custom_components.waybill.account_flow import WITH_CREDENTIALS
from custom_components.waybill.action_errors import action_error
from custom_components.waybill.tracking.model import Leg, Stage
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.base import (
    AccountInfo,
    CredentialsRejected,
    NotEntitled,
    ProviderUnavailable,
    QuotaExceeded,
)
from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from tests.conftest import Carrier, SetUp, Wait
from tests.test_alert_repairs import FIELDS, PATIENCE, STAGES, STEPS

from .harvest import Harvest
from .house import (
    FULL,
    MISTYPED,
    NAMELESS,
    NUMBERS,
    OTHER,
    Vault,
    account_id,
    account_of,
    parcels,
)
from .logs import everything_logged, in_logs
from .planted import Detector, Kind, figures, letters, words
from .table import Place, leaks, sightings
from .visitor import Visitor

HOUR: Final = timedelta(hours=1)
TROUBLES: Final = {
    "invalid_auth": CredentialsRejected("HTTP 401"),
    "not_entitled": NotEntitled("HTTP 403"),
    "cannot_connect": ProviderUnavailable("HTTP 500"),
    "quota_exceeded": QuotaExceeded("HTTP 429"),
}
"""What a form says, and what a provider said."""

type Visit = Callable[..., Awaitable[Visitor]]


@pytest.fixture
def records() -> Iterator[list[logging.LogRecord]]:
    """Keep everything that is logged."""
    with everything_logged() as records:
        yield records


@pytest.fixture
def vault() -> Vault:
    """Plant nothing yet."""
    return Vault()


@pytest.fixture
async def visit(
    records: list[logging.LogRecord],
    hass: HomeAssistant,
    tmp_path: Path,
    freezer: object,
    carrier: Carrier,
    set_up: SetUp,
    hass_admin_user: MockUser,
    hass_client: ClientSessionGenerator,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Visit:
    """Let a person come before a house; nobody listens where providers are."""
    monkeypatch.setenv("WAYBILL_SIMULATOR", "http://127.0.0.1:9")

    async def begin(*subentries: Any) -> Visitor:
        hass.config.media_dirs = {"local": str(tmp_path)}
        await hass.config.async_update(external_url="https://home.example")
        for component in ("config", "repairs", "media_source", "system_health"):
            assert await async_setup_component(hass, component, {})
        entry = await set_up(*subentries)
        return Visitor(
            hass=hass,
            person=hass_admin_user,
            browser=await hass_client(),
            harvest=Harvest(hass, entry),
        )

    return begin


async def nothing_leaked(
    visitor: Visitor, vault: Vault, records: list[logging.LogRecord]
) -> None:
    """Look around once more, and search all that was found."""
    await visitor.harvest.look_around()
    found = [*visitor.harvest.found, *in_logs(records)]
    assert leaks(sightings(found, vault.secrets)) == set()


def typed(vault: Vault, provider: str, owner: str, what: str) -> dict[str, str]:
    """Return credentials that somebody types, each of them a secret."""
    return {
        name: vault.plant(
            Kind.TYPED, f"{letters(f'{what} {name}', 20)}{figures(what, 12)}", owner
        )
        for name in PROVIDERS[provider].credentials
    }


@pytest.mark.parametrize("provider", WITH_CREDENTIALS)
async def test_credentials_are_told_to_nobody_but_their_provider(
    visit: Visit,
    vault: Vault,
    records: list[logging.LogRecord],
    monkeypatch: pytest.MonkeyPatch,
    provider: str,
) -> None:
    owner = account_id(provider)
    visitor = await visit(*parcels(vault), account_of(vault, provider))
    entry = visitor.harvest.entry
    verify = AsyncMock()
    monkeypatch.setattr(PROVIDERS[provider], "verify", verify)
    wrong = typed(vault, provider, owner, "wrong")

    async def is_filled_in(fill: Any, form: Any, right: dict[str, str]) -> Any:
        everything = " ".join(secret.value for secret in vault.secrets)
        troubles = {**TROUBLES, "unknown": RuntimeError(everything)}
        for error, verify.side_effect in troubles.items():
            form = await fill(form, wrong, owner)
            assert form["errors"] == {"base": error}
        verify.side_effect, verify.return_value = None, AccountInfo()
        done = await fill(form, right, owner)
        if done["type"] == "form":
            secret = vault.plant(Kind.PUSH_SECRET, letters("typed push", 24), owner)
            asks = [field["name"] for field in done["data_schema"]]
            done = await fill(done, dict.fromkeys(asks, secret), owner)
        return done

    # Its provider rejects an account.
    entry.runtime_data.accounts.async_failed(owner, CredentialsRejected("HTTP 401"))
    entry.async_start_reauth(visitor.hass, data={"account_id": owner})
    await visitor.hass.async_block_till_done()
    (flow,) = entry.async_get_active_flows(visitor.hass, {SOURCE_REAUTH})
    form = await visitor.look(flow["flow_id"], owner)
    renewed = typed(vault, provider, owner, "renewed")
    done = await is_filled_in(visitor.answer, form, renewed)
    assert done["reason"] == "reauth_successful"
    assert renewed.items() <= entry.subentries[owner].data.items()
    # The person changes it.
    changed = typed(vault, provider, owner, "changed")
    form = await visitor.change("account", owner)
    done = await is_filled_in(visitor.fill, form, changed)
    assert done["reason"] == "reconfigure_successful"
    assert changed.items() <= entry.subentries[owner].data.items()
    # They add another, and take the one for the other.
    other = typed(vault, provider, owner, "other")
    menu = await visitor.add("account")
    form = await visitor.fill(menu, {"next_step_id": provider})
    done = await is_filled_in(visitor.fill, form, other)
    assert done["type"] == "create_entry"
    form = await visitor.change("account", owner)
    form = await visitor.fill(form, other, owner)
    assert form["errors"] == {"base": "already_added"}
    # What they typed before is not shown again.
    form = await visitor.change("account", owner)
    kinds = {secret.kind for secret in Detector(vault.secrets).secrets_in(str(form))}
    assert kinds <= {Kind.ACCOUNT}
    await nothing_leaked(visitor, vault, records)


async def test_numbers_are_told_to_nobody_but_whoever_types_them(
    visit: Visit, vault: Vault, records: list[logging.LogRecord]
) -> None:
    visitor = await visit(*parcels(vault))
    entry = visitor.harvest.entry
    wrong = vault.plant(Kind.WRONG_NUMBER, MISTYPED)
    told = words("what nobody can read")
    vault.plant(Kind.WRONG_NUMBER, told)
    form = await visitor.add("parcel")
    for number, error in (
        (told, "not_a_number"),
        (wrong, "mistyped"),
        (NUMBERS[OTHER], "already_followed"),
    ):
        form = await visitor.fill(form, {"tracking_number": number})
        assert form["errors"] == {"tracking_number": error}
    owner = "new"
    number = vault.plant(Kind.NUMBER, "LP00604918273355", owner)
    form = await visitor.fill(form, {"tracking_number": number}, owner)
    assert form["step_id"] == "parcel"
    name = vault.plant(Kind.NAME, words("new name"), owner)
    phone = vault.plant(Kind.PHONE, "7391", owner)
    answers = {"name": name, "more": {"phone_last4": phone[:3]}}
    form = await visitor.fill(form, answers, owner)
    assert form["errors"]
    done = await visitor.fill(
        form, {"name": name, "more": {"phone_last4": phone}}, owner
    )
    assert done["type"] == "create_entry"
    (new,) = (each for each in entry.subentries.values() if each.title == name)
    # One that is changed: to the number of another, to one that is wrong, to another.
    form = await visitor.change("parcel", new.subentry_id)
    for number, error in (
        (NUMBERS[OTHER], "already_followed"),
        (wrong, "mistyped"),
        (told, "not_a_number"),
    ):
        answers = {"name": name, "tracking_number": number, "more": {}}
        form = await visitor.fill(form, answers)
        assert form["errors"]["tracking_number"] == error
    corrected = vault.plant(Kind.NUMBER, "LP00604918273388")
    answers = {"name": name, "tracking_number": corrected, "more": {}}
    done = await visitor.fill(form, answers)
    assert done["reason"] == "reconfigure_successful"
    vault.secrets[:] = [each for each in vault.secrets if each.owners != {owner}]
    await nothing_leaked(visitor, vault, records)


@pytest.mark.parametrize("kind", STEPS)
async def test_a_repair_tells_of_its_own_parcel_alone(
    visit: Visit,
    vault: Vault,
    records: list[logging.LogRecord],
    carrier: Carrier,
    wait: Wait,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    full, *others = parcels(vault)
    full = {**full, "data": {**full["data"], **FIELDS.get(kind, {})}}
    visitor = await visit(full, *others)
    for owner in (FULL, OTHER):
        fields = {
            field: vault.plant(planted, words(f"{kind} {planted} {owner}"), owner)
            for field, planted in (
                ("description", Kind.DESCRIPTION),
                ("location", Kind.LOCATION),
                ("words", Kind.WORDS),
            )
        }
        stage = STAGES.get(kind, Stage.IN_TRANSIT) if owner == FULL else Stage.SHIPPED
        carrier.scan(stage, NUMBERS[owner], **fields)
    await wait(7 * HOUR)
    await wait(PATIENCE.get(kind, HOUR))
    if kind == "problem_reported":
        problem = vault.plant(Kind.PROBLEM, words("problem"), FULL)
        data = {"parcel_id": FULL, "problem": "damaged", "description": problem}
        await visitor.harvest.act("report_problem", data, owner=FULL)
    issue_id = f"{kind}_{FULL}"
    issues = ir.async_get(visitor.hass)
    vault.plant(Kind.SPOKEN, told := words("what makes no sense"))

    async def opens() -> Any:
        menu = await visitor.repair(issue_id, Place.REPAIR, FULL)
        assert menu["menu_options"] == STEPS[kind]
        return menu

    async def chooses(shown: Any, place: Place = Place.REPAIR, **typed: Any) -> Any:
        return await visitor.choose(shown, place, FULL, **typed)

    # What is not offered.
    assert "errors" in await chooses(await opens(), next_step_id=told)
    if "message" in STEPS[kind]:
        form = await chooses(await opens(), Place.LETTER, next_step_id="message")
        assert NUMBERS[FULL] in str(form)
        menu = await chooses(form, message=told)
        assert menu["type"] == "menu"
    form = await chooses(await opens(), next_step_id="export")
    assert "errors" in await chooses(form, format=told)
    for file_format in ("json", "html"):
        done = await chooses(form, format=file_format)
        assert done["step_id"] == "exported"
        form = await chooses(await opens(), next_step_id="export")
    # What cannot be done, and then can.
    step = STEPS[kind][-2]
    everything = " ".join(secret.value for secret in vault.secrets)

    async def fails(*_: object, **__: object) -> None:
        raise action_error("not_set_up") from OSError(everything)

    with monkeypatch.context() as broken:
        broken.setattr(alert_repair, "async_archive_parcel", fails)
        broken.setattr(alert_repair, "async_export_evidence", fails)
        for name in ("archive", "export"):
            shown = await chooses(await opens(), next_step_id=name)
            if name == "export":
                shown = await chooses(shown, Place.ERROR, format="json")
            assert shown["type"] == "abort"
    assert issues.async_get_issue("waybill", issue_id) is not None
    if step != "export":
        done = await chooses(await opens(), next_step_id=step)
        assert done["type"] == "create_entry"
    await wait(HOUR)
    await nothing_leaked(visitor, vault, records)


@pytest.mark.parametrize("choice", ["join", "two_parcels"])
async def test_the_offer_to_join_two_tells_of_these_two_alone(
    visit: Visit,
    vault: Vault,
    records: list[logging.LogRecord],
    carrier: Carrier,
    wait: Wait,
    choice: str,
) -> None:
    visitor = await visit(*parcels(vault))
    carrier.scan(Stage.SHIPPED, NUMBERS[FULL])
    leg = Leg(tracking_number=NUMBERS[NAMELESS], carrier="ups")
    carrier.answer(tracking_number=NUMBERS[FULL], next_leg=leg)
    await wait(7 * HOUR)
    issue_id = f"join_parcels_{FULL}_{NAMELESS}"
    place, wrong = Place.REPAIR, vault.plant(Kind.SPOKEN, words("no choice"))
    await visitor.harvest.look_around()
    menu = await visitor.repair(issue_id, place, FULL)
    assert "errors" in await visitor.choose(menu, place, FULL, next_step_id=wrong)
    done = await visitor.choose(menu, place, FULL, next_step_id=choice)
    assert done["type"] == "create_entry"
    followed = choice == "two_parcels"
    assert (NAMELESS in visitor.harvest.entry.subentries) is followed
    # Whoever opens it once more finds nothing there.
    assert "flow_id" not in await visitor.repair(issue_id, place, FULL)
    await nothing_leaked(visitor, vault, records)
