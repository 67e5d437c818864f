"""A house lives through all that it can, and every secret stays where it belongs."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
import json
import logging
from pathlib import Path
import socket
from types import MappingProxyType
from typing import Any, Final
from unittest.mock import AsyncMock

import pypdfium2
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.waybill.account_flow import stripped
from custom_components.waybill.const import DOMAIN
from custom_components.waybill.llm import AddParcel, GetParcels
from custom_components.waybill.tracking.model import Stage
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.base import CredentialsRejected
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigSubentry
from homeassistant.const import EVENT_LOGGING_CHANGED
from homeassistant.core import Context, HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.llm import LLMContext, ToolInput
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from tests.conftest import Carrier, SetUp, Wait
from tests.reports import picture
from tests.voice_world import ask

from .harvest import Harvest
from .house import (
    FULL,
    MISTYPED,
    NAMELESS,
    NUMBERS,
    OTHER,
    Vault,
    account_id,
    all_accounts,
    parcels,
    told,
)
from .logs import OUT_OF_OUR_HANDS, everything_logged, excused, in_logs
from .planted import Kind, letters, words
from .pushes import PUSHING, plant_news, pushed_id, pushed_parcel, pushes
from .table import MAY_BE_IN, Place, leaks, sightings

SOON: Final = timedelta(seconds=5)
HOUR: Final = timedelta(hours=1)
ELSEWHERE: Final = {Kind.TOKEN, Kind.TYPED, Kind.PUSH_SECRET}
"""What has a story of its own."""


@dataclass(kw_only=True)
class Life:
    """A house, what is planted in it, and what is found of that."""

    hass: HomeAssistant
    entry: MockConfigEntry
    vault: Vault
    carrier: Carrier
    harvest: Harvest
    wait: Wait
    media: Path
    connect: Callable[[], Awaitable[Any]]
    client: Callable[[], Awaitable[Any]]
    websocket: Any = None

    def said(self, kind: Kind, owner: str = FULL) -> str:
        """Return what was planted."""
        return self.vault.value(kind, owner)

    async def command(self, kind: str, **data: Any) -> dict[str, Any]:
        """Send a command over the websocket; returns what it answers first."""
        await self.websocket.send_json_auto_id({"type": f"{DOMAIN}/{kind}", **data})
        answer: dict[str, Any] = await self.websocket.receive_json()
        return answer


@pytest.fixture
def records() -> Iterator[list[logging.LogRecord]]:
    """Keep everything that is logged."""
    with everything_logged() as records:
        yield records


@pytest.fixture
async def life(
    records: list[logging.LogRecord],
    hass: HomeAssistant,
    disk: Path,
    tmp_path: Path,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    socket_enabled: None,
    hass_access_token: str,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Life]:
    """Follow parcels with everything that can be said, and accounts of every kind."""
    # The bus looks at its logger's level when it begins, and when it is told to.
    hass.bus.async_fire(EVENT_LOGGING_CHANGED)
    # Nobody listens there: whoever else is asked cannot be reached.
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        monkeypatch.setenv("WAYBILL_SIMULATOR", f"http://127.0.0.1:{port}")
        media = tmp_path / "media"
        media.mkdir()
        hass.config.media_dirs = {"local": str(media)}
        hass.config.country = "US"
        await hass.config.async_update(external_url="https://home.example")
        for component in ("homeassistant", "conversation", "system_health"):
            assert await async_setup_component(hass, component, {})
        vault = Vault()
        for parcel_id in (FULL, OTHER):
            told(vault, carrier, parcel_id)
        # One is reached, and wants other credentials.
        rejected = AsyncMock(side_effect=CredentialsRejected("HTTP 401"))
        monkeypatch.setattr(PROVIDERS["ups"], "fetch", rejected)
        session = hass.auth.async_validate_access_token(hass_access_token)

        async def connect() -> Any:
            # The time that passes ends a sign-in of before.
            return await hass_ws_client(
                hass, hass.auth.async_create_access_token(session)
            )

        entry = await set_up(*parcels(vault), *all_accounts(vault))
        yield Life(
            hass=hass,
            entry=entry,
            vault=vault,
            carrier=carrier,
            harvest=Harvest(hass, entry),
            wait=wait,
            media=media,
            connect=connect,
            client=hass_client_no_auth,
        )


@pytest.mark.timeout(300)
async def test_nothing_is_where_it_does_not_belong(
    life: Life, disk: Path, records: list[logging.LogRecord]
) -> None:
    await _is_followed(life)
    await _is_acted_upon(life)
    await _is_proven(life)
    await _is_asked_in_vain(life)
    await _is_looked_at(life)
    await _is_spoken_of(life)
    await _is_filled_in(life)
    await _is_pushed_to(life)
    life.harvest.look_at_files(disk)
    await _moves_house(life, disk)
    seen = sightings([*life.harvest.found, *in_logs(records)], life.vault.secrets)
    assert leaks(seen) == set()
    # What is allowed is also true, or the table would say too much.
    allowed = {
        (kind, place)
        for kind, places in MAY_BE_IN.items()
        for place in places
        if kind not in ELSEWHERE
    }
    assert allowed - {(secret.kind, one.place) for secret, one in seen} == set()
    assert excused(records, life.vault.secrets) == {*OUT_OF_OUR_HANDS}


async def _is_followed(life: Life) -> None:
    """Let the carrier tell all that it knows."""
    for _ in range(3):
        await life.wait(SOON)
    await life.wait(7 * HOUR)
    assert life.entry.runtime_data.data[FULL].signed_by == life.said(Kind.SIGNATURE)
    assert life.entry.runtime_data.data[OTHER].signed_by
    await life.harvest.look_around()


async def _is_acted_upon(life: Life) -> None:
    """Use all actions rightly."""
    act, harvest = life.harvest.act, life.harvest
    for owner in (FULL, OTHER, NAMELESS):
        answer = await act("get_parcels", {"parcel_id": owner}, owner=owner)
        assert len(answer["parcels"]) == 1
        await act("update_parcel", {"parcel_id": owner}, owner=owner)
    await act("refresh", {})
    mail = life.vault.plant(Kind.MAIL, words("mail"))
    text = f"Dear {mail}, your parcel LP00604918273355 is on its way."
    await act("add_from_text", {"text": text, "source": "a shop"})
    await act(
        "record_event",
        {"parcel_id": OTHER, "description": life.said(Kind.DESCRIPTION, OTHER)},
        owner=OTHER,
    )
    folder = life.media / life.vault.plant(Kind.PHOTO_PATH, letters("photos", 16))
    folder.mkdir()
    (folder / "box.jpg").write_bytes(picture())
    problem = life.vault.plant(Kind.PROBLEM, words("problem"), FULL)
    await act(
        "report_problem",
        {
            "parcel_id": FULL,
            "problem": "damaged",
            "description": problem,
            "photos": [f"{folder}/box.jpg"],
        },
        owner=FULL,
    )
    await act("archive_parcel", {"parcel_id": NAMELESS}, owner=NAMELESS)
    await harvest.is_refused("refresh", {"parcel_id": NAMELESS}, owner=NAMELESS)
    await act("get_parcels", {"include_archived": True})
    await act("restore_parcel", {"parcel_id": NAMELESS}, owner=NAMELESS)
    await life.wait(SOON)
    await harvest.look_around()


async def _is_proven(life: Life) -> None:
    """Make a dispute file, in each form."""
    for form in ("json", "html", "pdf"):
        answer = await life.harvest.act(
            "export_evidence", {"parcel_id": FULL, "format": form}, owner=FULL
        )
        path = Path(answer["path"])
        text = _printed(path) if form == "pdf" else _read(path)
        life.harvest.note(Place.FILE_NAME, "dispute file", path.name)
        life.harvest.note(Place.DISPUTE_FILE, form, text, FULL)


async def _is_asked_in_vain(life: Life) -> None:
    """Get everything wrong that can be."""
    refused = life.harvest.is_refused
    wrong = life.vault.plant(Kind.WRONG_NUMBER, MISTYPED)
    await refused("add_parcel", {"tracking_number": wrong})
    await refused("add_parcel", {"tracking_number": "{{ nothing }}"})
    for owner in (FULL, NAMELESS):
        number = {"tracking_number": NUMBERS[owner]}
        await refused("add_parcel", number, owner=owner)
    for key in ("tracking_number", "parcel_id"):
        for action in ("update_parcel", "archive_parcel", "remove_parcel"):
            await refused(action, {key: wrong})
    for key in ("carrier", "provider", "ordered_on", "expected_by", "order_url"):
        await refused("update_parcel", {"parcel_id": OTHER, key: wrong})
    # What does not fit is a secret too.
    await refused(
        "update_parcel",
        {
            "parcel_id": OTHER,
            "postal_code": f"{life.said(Kind.POSTAL_CODE)} {'x' * 20}",
        },
    )
    await refused(
        "update_parcel",
        {"parcel_id": OTHER, "phone_last4": f"0{life.said(Kind.PHONE)}"},
    )
    await refused("record_event", {"parcel_id": OTHER})
    await refused("record_event", {"parcel_id": OTHER, "time": wrong})
    folder = life.said(Kind.PHOTO_PATH)
    for path in (f"{life.media}/{folder}/none.jpg", f"/{folder}/none.jpg"):
        data = {"parcel_id": OTHER, "problem": "damaged", "photos": [path]}
        await refused("report_problem", data, owner=OTHER)
    for owner in (FULL, NAMELESS):
        button = {"entity_id": _refresh_button(life, owner)}
        await refused("press", button, domain="button", owner=owner)
    # A to-do list says of several numbers which parcels have them.
    item = {"entity_id": "todo.waybill_parcels", "item": NUMBERS[NAMELESS]}
    await refused("add_item", item, domain="todo", owner=NAMELESS)
    path = life.vault.plant(Kind.PATH, letters("folder", 16))
    (life.media / path / "inner").mkdir(parents=True)
    (life.media / path / "wrong.json").write_text('{"format": "another"}')
    (life.media / path / "broken.json").symlink_to(life.media / path / "none.json")
    for name in (
        f"{path}/none.json",
        f"{path}/wrong.json",
        f"{path}/broken.json",
        f"{path}/inner",
    ):
        await refused("import_journal", {"path": name})
    await refused("export_journal", {"path": f"{path}/no folder/journals.json"})
    await refused("export_journal", {"path": f"/{path}/journals.json"})


async def _is_looked_at(life: Life) -> None:
    """Show parcels on a card, in a calendar and in a list, and write letters."""
    life.carrier.scan(
        Stage.READY_FOR_PICKUP,
        NUMBERS[FULL],
        description=life.said(Kind.DESCRIPTION),
        location=life.said(Kind.LOCATION),
    )
    # Of what is on its way, a voice says where it was seen.
    life.carrier.scan(
        Stage.IN_TRANSIT, NUMBERS[OTHER], location=life.said(Kind.LOCATION, OTHER)
    )
    # One without a name is called by its number wherever there is news of it.
    life.carrier.scan(Stage.OUT_FOR_DELIVERY, NUMBERS[NAMELESS])
    await life.wait(7 * HOUR)
    await life.harvest.look_around()
    life.websocket = await life.connect()
    life.harvest.note(Place.LIVE, "subscribed", await life.command("parcels"))
    shown = (await life.websocket.receive_json())["event"]["parcels"]
    assert len(shown) == 4
    for parcel in shown:
        life.harvest.note(Place.LIVE, "parcels", parcel, parcel["parcel_id"])
    for owner in (FULL, OTHER):
        answer = await life.command("letter", parcel_id=owner)
        life.harvest.note(Place.LETTER, "letter", answer["result"], owner)
    answer = await life.command("letter", parcel_id=life.said(Kind.WRONG_NUMBER))
    assert not answer["success"]
    life.harvest.note(Place.ERROR, "letter", answer)
    for domain, action, entity, data in (
        ("todo", "get_items", "todo.waybill_parcels", {}),
        (
            "calendar",
            "get_events",
            "calendar.waybill_deliveries",
            {
                "start_date_time": "2026-06-01 00:00:00",
                "end_date_time": "2026-07-01 00:00:00",
            },
        ),
    ):
        data = {"entity_id": entity, **data}
        await life.harvest.act(action, data, domain=domain, place=Place.LIST)


async def _is_spoken_of(life: Life) -> None:
    """Ask a voice and a language model about parcels."""
    name = life.said(Kind.NAME)
    spoken = life.vault.plant(Kind.SPOKEN, words("spoken"))
    for sentence in (
        f"Where is my parcel {name}",
        f"Where is my parcel {life.said(Kind.NAME, OTHER)}",
        f"Where is my parcel {spoken}",
        f"Follow the number {life.said(Kind.WRONG_NUMBER)}",
        f"Follow the number {NUMBERS[FULL]}",
        f"Follow the number {NUMBERS[NAMELESS]}",
        spoken,
    ):
        answer = await ask(life.hass, sentence)
        life.harvest.note(Place.VOICE, sentence[:12], answer)
    for state in life.hass.states.async_all():
        async_expose_entity(life.hass, "conversation", state.entity_id, True)
    context = LLMContext(
        platform="test",
        context=Context(),
        language="en",
        assistant="conversation",
        device_id=None,
    )
    for tool, arguments in (
        (GetParcels(), {}),
        (GetParcels(), {"name": name}),
        (GetParcels(), {"stages": [spoken]}),
        (AddParcel(), {"tracking_number": NUMBERS[NAMELESS]}),
        (AddParcel(), {"tracking_number": NUMBERS[FULL]}),
        (AddParcel(), {"tracking_number": life.said(Kind.WRONG_NUMBER)}),
    ):
        call = ToolInput(tool_name=tool.name, tool_args=arguments)
        result = await tool.async_call(life.hass, call, context)
        life.harvest.note(Place.MODEL, tool.name, result.data)
    await life.harvest.look_around()


async def _is_filled_in(life: Life) -> None:
    """Fill in forms, rightly and wrongly."""
    flows, entry_id = life.hass.config_entries.subentries, life.entry.entry_id

    async def begins(kind: str, subentry_id: str | None = None) -> Any:
        source = SOURCE_USER if subentry_id is None else SOURCE_RECONFIGURE
        context = {"source": source}
        if subentry_id is not None:
            context["subentry_id"] = subentry_id
        form = await flows.async_init((entry_id, kind), context=context)
        life.harvest.note(Place.FORM, kind, _shown(form), subentry_id)
        return form

    async def goes_on(form: Any, answers: dict[str, Any]) -> Any:
        form = await flows.async_configure(form["flow_id"], answers)
        await life.hass.async_block_till_done()
        return form

    for owner in (FULL, OTHER, NAMELESS):
        await begins("parcel", owner)
    form = await begins("parcel")
    for number in (life.said(Kind.WRONG_NUMBER), NUMBERS[FULL], NUMBERS[NAMELESS]):
        form = await goes_on(form, {"tracking_number": number})
        assert form["errors"]
        life.harvest.note(Place.FORM, "parcel", _shown(form))
    for account in life.entry.get_subentries_of_type("account"):
        # Nobody can be reached: all that is typed is asked for again.
        form = await begins("account", account.subentry_id)
        form = await goes_on(form, _credentials(account.data))
        assert form["errors"] == {"base": "cannot_connect"}
        menu = await begins("account")
        form = await goes_on(menu, {"next_step_id": account.data["provider"]})
        form = await goes_on(form, _credentials(account.data))
        assert form["errors"] == {"base": "cannot_connect"}
    pushing = account_id("ship24")
    form = await goes_on(await begins("account", pushing), {"auto_register": False})
    assert form["step_id"] == "ship24_push"
    life.harvest.note(Place.FORM, "push", _shown(form), pushing)
    options = await life.hass.config_entries.options.async_init(entry_id)
    life.harvest.note(Place.FORM, "entry", _shown(options))


async def _is_pushed_to(life: Life) -> None:
    """Send news to each account that takes any, genuine and forged."""
    hass, entry, vault = life.hass, life.entry, life.vault
    for provider in PUSHING:
        parcel = pushed_parcel(vault, provider)
        plant_news(vault, provider)
        hass.config_entries.async_add_subentry(
            entry,
            ConfigSubentry(**{**parcel, "data": MappingProxyType(parcel["data"])}),
        )
    await life.wait(SOON)
    await life.harvest.look_around()
    client = await life.client()
    moment = f"{dt_util.utcnow() - HOUR:%Y-%m-%dT%H:%M:%SZ}"
    for provider in PUSHING:
        owner, account = pushed_id(provider), account_id(provider)
        data = entry.subentries[account].data
        url = client.make_url(f"/api/webhook/{data['webhook_id']}")
        secret = data[PROVIDERS[provider].push_secret]
        for what, expected, push in pushes(vault, provider, secret, moment):
            status, body, headers = await push.send(str(url))
            await hass.async_block_till_done()
            assert status == expected, (provider, what)
            answer = f"{body!r} {dict(headers)}"
            # Whoever sent it may be anybody.
            life.harvest.note(Place.WEBHOOK, f"{provider}, {what}", answer, "nobody")
            await life.harvest.look_around()
        assert entry.runtime_data.data[owner].events
        answer = await life.harvest.act(
            "export_evidence", {"parcel_id": owner, "format": "json"}, owner=owner
        )
        text = _read(Path(answer["path"]))
        life.harvest.note(Place.DISPUTE_FILE, f"{provider} pushed", text, owner)


async def _moves_house(life: Life, disk: Path) -> None:
    """Export all, remove it, and take it up again."""
    hass, harvest = life.hass, life.harvest
    path = f"{life.said(Kind.PATH)}/journals.json"
    exported = await harvest.act("export_journal", {"path": path})
    text = _read(Path(exported["path"]))
    harvest.note(Place.EXPORT, "all", text)
    assert await hass.config_entries.async_reload(life.entry.entry_id)
    await hass.async_block_till_done()
    await harvest.look_around()
    await harvest.act("archive_parcel", {"parcel_id": FULL}, owner=FULL)
    await harvest.is_refused("refresh", {"parcel_id": FULL}, owner=FULL)
    harvest.look_at_files(disk)
    remove = {"parcel_id": FULL, "keep_journal": False}
    await harvest.act("remove_parcel", remove, owner=FULL)
    damaged = json.loads(text)
    damaged["parcels"][0]["journal"] = NUMBERS[FULL]
    (life.media / "damaged.json").write_text(json.dumps(damaged))
    await harvest.is_refused("import_journal", {"path": "damaged.json"})
    taken = await harvest.act("import_journal", {"path": path, "overwrite": True})
    assert FULL in taken["imported"]
    await life.wait(SOON)
    await harvest.look_around()
    assert await hass.config_entries.async_unload(life.entry.entry_id)
    await harvest.is_refused("get_parcels", {"tracking_number": NUMBERS[FULL]})
    await harvest._note_diagnostics()
    await hass.config_entries.async_remove(life.entry.entry_id)
    await hass.async_block_till_done()


def _refresh_button(life: Life, owner: str) -> str:
    registry = er.async_get(life.hass)
    found = registry.async_get_entity_id("button", DOMAIN, f"{owner}_refresh")
    assert found is not None
    return found


def _credentials(data: Any) -> dict[str, str]:
    return stripped(data["provider"], data)


def _shown(form: Any) -> dict[str, Any]:
    """Return what a form shows: its words, and what stands in its fields."""
    return {
        "placeholders": form.get("description_placeholders"),
        "errors": form.get("errors"),
        "fields": _fields(form.get("data_schema")),
    }


def _fields(schema: Any) -> list[Any]:
    """Return what stands in fields, also in those of a section."""
    shown: list[Any] = []
    for key, field in (schema.schema if schema is not None else {}).items():
        default = getattr(key, "default", None)
        shown += [
            str(key),
            getattr(key, "description", None),
            default() if callable(default) else repr(default),
            _fields(field.schema)
            if isinstance(field, section)
            else repr(getattr(field, "config", field)),
        ]
    return shown


def _printed(path: Path) -> str:
    with pypdfium2.PdfDocument(path) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def _read(path: Path) -> str:
    return path.read_text("utf-8")
