"""Whatever a person, a program or a stranger sends: an answer, or an error in words."""

import asyncio
from collections.abc import AsyncIterator
import gzip
import logging
import tracemalloc
from typing import Any
import zlib

import aiohttp
from hypothesis import given, strategies as st
import pytest
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)
import voluptuous as vol

from custom_components.waybill import webhooks
from custom_components.waybill.const import DOMAIN
from custom_components.waybill.tracking.model import Stage
from custom_components.waybill.webhooks import MAX_BODY
from homeassistant.core import HomeAssistant, SupportsResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.json import json_bytes
from tests.conftest import NUMBER, PARCEL_ID, Carrier, SetUp, account_data, parcel_data

from .effort import examples
from .values import DATES, json_values, texts

WEBHOOK_ID = "5e" * 32
SECRET = "a-secret-key"
FIELDS = (
    "carrier",
    "clear",
    "description",
    "dry_run",
    "expected_by",
    "force",
    "include_archived",
    "include_events",
    "keep_journal",
    "name",
    "notes",
    "order_number",
    "order_url",
    "ordered_on",
    "parcel_id",
    "phone_last4",
    "photos",
    "postal_code",
    "problem",
    "protection_until",
    "provider",
    "seller",
    "source",
    "stage",
    "stalled_after_days",
    "text",
    "time",
    "tracking_number",
)
WRITE_FILES = {"export_evidence", "export_journal", "import_journal"}
"""What they read and write is tried elsewhere, without a house."""
NAME_A_PARCEL: dict[str, dict[str, Any]] = {
    "add_parcel": {},
    "archive_parcel": {},
    "get_parcels": {},
    "remove_parcel": {},
    "restore_parcel": {},
    "update_parcel": {"name": "Lamp"},
}
words = (
    texts
    | st.sampled_from(DATES)
    | st.sampled_from(
        [NUMBER, PARCEL_ID, "cainiao", "usps", "delivered", "damaged", "https://a.b/c"]
    )
)
values = words | json_values | st.integers() | st.booleans()


async def test_any_action_with_anything_is_done_or_refused_in_words(
    hass: HomeAssistant,
    set_up: SetUp,
    carrier: Carrier,
    caplog: pytest.LogCaptureFixture,
) -> None:
    carrier.scan(Stage.IN_TRANSIT)
    entry = await set_up(parcel_data())
    actions = sorted(set(hass.services.async_services_for_domain(DOMAIN)) - WRITE_FILES)

    @given(
        action=st.sampled_from(actions),
        likely=st.dictionaries(st.sampled_from(FIELDS), values, max_size=4),
        more=st.dictionaries(texts, values, max_size=1),
        number=words,
    )
    @examples(120)
    def call(
        action: str, likely: dict[str, Any], more: dict[str, Any], number: str
    ) -> None:
        calls.append((action, {"tracking_number": number} | likely | more))

    calls: list[tuple[str, dict[str, Any]]] = []
    refusals: list[ServiceValidationError] = []
    await hass.async_add_executor_job(call)
    for action, data in calls:
        answers = hass.services.supports_response(DOMAIN, action)
        try:
            await hass.services.async_call(
                DOMAIN,
                action,
                data,
                blocking=True,
                return_response=answers is not SupportsResponse.NONE,
            )
        except ServiceValidationError as error:
            refusals.append(error)
        except vol.Invalid:
            continue
        await hass.async_block_till_done()
    assert all(each.translation_domain == DOMAIN for each in refusals)
    assert all(each.translation_key for each in refusals)
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]
    for state in hass.states.async_all():
        assert len(state.state) <= 255
    json_bytes(entry.as_dict())


@pytest.mark.parametrize("action", sorted(NAME_A_PARCEL))
@pytest.mark.parametrize("number", ["W\udefa", "\udc00" * 40])
async def test_half_a_character_is_in_no_number(
    hass: HomeAssistant, set_up: SetUp, carrier: Carrier, action: str, number: str
) -> None:
    await set_up(parcel_data())
    answers = hass.services.supports_response(DOMAIN, action)
    with pytest.raises(ServiceValidationError) as refusal:
        await hass.services.async_call(
            DOMAIN,
            action,
            {"tracking_number": number} | NAME_A_PARCEL[action],
            blocking=True,
            return_response=answers is not SupportsResponse.NONE,
        )
    assert refusal.value.translation_key


async def test_any_message_of_the_card_is_answered_or_refused(
    hass: HomeAssistant,
    set_up: SetUp,
    carrier: Carrier,
    hass_ws_client: WebSocketGenerator,
) -> None:
    await set_up(parcel_data())
    client = await hass_ws_client(hass)
    messages: list[dict[str, Any]] = []

    @given(
        kind=st.sampled_from(["waybill/parcels", "waybill/letter", "waybill/x"]),
        more=st.dictionaries(
            st.sampled_from(["parcel_id", "x"]),
            st.none() | st.booleans() | st.integers(-9, 9) | words | st.lists(words),
            max_size=2,
        ),
    )
    @examples(40)
    def say(kind: str, more: dict[str, Any]) -> None:
        messages.append({"type": kind} | more)

    await hass.async_add_executor_job(say)
    for message in messages:
        await client.send_json_auto_id({k: _sendable(v) for k, v in message.items()})
        while (answer := await client.receive_json())["type"] == "event":
            pass
        if not answer["success"]:
            assert answer["error"]["code"] in (
                "invalid_format",
                "unknown_command",
                "service_validation_error",
                "not_found",
            )


def _sendable(value: Any) -> Any:
    """Return what a client of a web socket can send: UTF-8."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    return [*map(_sendable, value)] if isinstance(value, list) else value


BOMB = b"{" + b" " * (MAX_BODY * 4) + b"}"
BODIES: dict[str, tuple[dict[str, str], bytes]] = {
    "nothing": ({}, b""),
    "no JSON": ({}, b"\xff\xfe\x00"),
    "a JSON object": ({}, b"{}"),
    "what is nested deeply": ({}, b"[" * 200_000),
    "too long": ({}, BOMB),
    "gzip": ({"Content-Encoding": "gzip"}, gzip.compress(b"{}")),
    "a bomb in gzip": ({"Content-Encoding": "gzip"}, gzip.compress(BOMB)),
    "a bomb in deflate": ({"Content-Encoding": "deflate"}, zlib.compress(BOMB)),
    "what only says that it is gzip": ({"Content-Encoding": "gzip"}, b"{}" * 50),
    "an encoding that nobody knows": ({"Content-Encoding": "rot13"}, b"{}"),
    "another type": ({"Content-Type": "text/html"}, b"{}"),
    "a type that is none": ({"Content-Type": "/;;=charset"}, b"{}"),
    "a charset that nobody knows": (
        {"Content-Type": "application/json; charset=klingon"},
        b"{}",
    ),
    "a proof of another form": ({"Authorization": "Bearer \xff" * 100}, b"{}"),
    "many headers": ({f"X-{n}": "x" * 100 for n in range(50)}, b"{}"),
}


@pytest.fixture
async def address(
    hass: HomeAssistant,
    set_up: SetUp,
    carrier: Carrier,
    socket_enabled: None,
    hass_client_no_auth: ClientSessionGenerator,
) -> str:
    """Return where an account's pushes go."""
    await set_up(
        account_data("ship24", webhook_id=WEBHOOK_ID, webhook_secret=SECRET),
        parcel_data(),
    )
    client = await hass_client_no_auth()
    return str(client.make_url(f"/api/webhook/{WEBHOOK_ID}"))


async def test_whatever_strangers_send_they_get_one_answer_and_change_nothing(
    hass: HomeAssistant, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = {state.entity_id: state.state for state in hass.states.async_all()}
    async with aiohttp.ClientSession() as session:

        async def send(
            headers: dict[str, str], body: bytes
        ) -> tuple[int, bytes] | None:
            sent = {"Content-Type": "application/json"} | headers
            try:
                async with session.post(address, data=body, headers=sent) as reply:
                    return reply.status, await reply.read()
            except aiohttp.ClientError, OSError:
                # Home Assistant hangs up on what is no request at all.
                return None

        told = await asyncio.gather(*(send(*each) for each in BODIES.values()))
        for name, answer in zip(BODIES, told, strict=True):
            # What is no HTTP at all is refused before it comes to Waybill.
            assert answer in ((401, b""), None) or answer[0] == 400, name
        at_once = await asyncio.gather(*(send({}, b"{}") for _ in range(50)))
        assert set(at_once) == {(401, b"")}
        for method in ("GET", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS"):
            async with session.request(method, address) as reply:
                assert reply.status in (200, 401, 403, 405), method
    await hass.async_block_till_done()
    now = {state.entity_id: state.state for state in hass.states.async_all()}
    assert now == before
    assert not complaints(caplog, logging.ERROR)


def complaints(caplog: pytest.LogCaptureFixture, level: int) -> list[logging.LogRecord]:
    """Return what was written of pushes into the log that is serious.

    The server itself reports what it could not decode, whoever answered it.
    """
    ours = ("custom_components.waybill", "homeassistant.components.webhook")
    return [
        record
        for record in caplog.records
        if record.name.startswith(ours) and (record.levelno >= level or record.exc_info)
    ]


async def in_pieces(
    piece: bytes, pieces: int, pause: float, sent: list[int]
) -> AsyncIterator[bytes]:
    """Send a body whose length nobody knows before; tells how far it came."""
    sent.append(0)
    for _ in range(pieces):
        yield piece
        sent[-1] += len(piece)
        await asyncio.sleep(pause)


PIECES: dict[str, tuple[dict[str, str], bytes, int, float]] = {
    "one piece": ({}, b"{}", 1, 0),
    "many pieces": ({}, b" ", 500, 0),
    "pieces without end": ({}, b" " * 65536, 64 * MAX_BODY // 65536, 0),
    "a drip without end": ({}, b" ", 400, 0.05),
    "a bomb": ({"Content-Encoding": "gzip"}, gzip.compress(b" " * 64 * MAX_BODY), 1, 0),
    "bomb after bomb": ({"Content-Encoding": "gzip"}, gzip.compress(BOMB), 50, 0),
}


@pytest.mark.parametrize("name", PIECES)
@pytest.mark.parametrize("at_once", [1, 8])
async def test_a_body_of_unknown_length_gets_the_answer_of_all_others(
    hass: HomeAssistant,
    address: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    at_once: int,
) -> None:
    """Whoever sends without end is answered before the end, and takes no more room."""
    monkeypatch.setattr(webhooks, "_READ_WITHIN", 1)
    headers, piece, pieces, pause = PIECES[name]
    before = {state.entity_id: state.state for state in hass.states.async_all()}
    sent: list[int] = []

    async def send(
        session: aiohttp.ClientSession,
    ) -> tuple[int, bytes, frozenset[str]] | None:
        body = in_pieces(piece, pieces, pause, sent)
        told = {"Content-Type": "application/json"} | headers
        try:
            async with session.post(address, data=body, headers=told) as reply:
                return reply.status, await reply.read(), frozenset(reply.headers)
        except aiohttp.ClientError, OSError:
            # Who goes on sending after the answer is hung up on.
            return None

    caplog.clear()
    tracemalloc.start()
    try:
        async with asyncio.timeout(30), aiohttp.ClientSession() as session:
            usual = await send_plain(session, address)
            told = await asyncio.gather(*(send(session) for _ in range(at_once)))
        await hass.async_block_till_done()
        _, taken = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert set(told) <= {usual, None}
    assert usual in told or "end" in name or "bomb" in name
    if "without end" in name:
        assert max(sent) < len(piece) * pieces
    assert taken < 6 * MAX_BODY * (at_once + 1)
    now = {state.entity_id: state.state for state in hass.states.async_all()}
    assert now == before
    assert not complaints(caplog, logging.WARNING)


async def send_plain(
    session: aiohttp.ClientSession, address: str
) -> tuple[int, bytes, frozenset[str]]:
    """Return the answer that a body without a proof gets."""
    told = {"Content-Type": "application/json"}
    async with session.post(address, data=b"{}", headers=told) as reply:
        return reply.status, await reply.read(), frozenset(reply.headers)
