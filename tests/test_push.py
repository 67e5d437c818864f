"""Providers that send news of their own accord, and all who pretend to be one."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
import logging
import socket
from types import ModuleType
from typing import Any
from unittest.mock import AsyncMock, Mock, patch

import aiohttp
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.waybill.tracking.parcel import Parcel
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.webhooks import MAX_BODY
from homeassistant.components import webhook
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util.aiohttp import MockRequest

from .conftest import PARCEL_ID, SetUp, Wait, account_data, parcel_data
from .flow_texts import every_form_has_its_texts
from .simulator import (
    DAY,
    HOUR,
    KEYS,
    PUSH_SECRETS,
    Estimate,
    Forgery,
    Journey,
    Kind,
    Push,
    Simulator,
    Stage,
    Step,
    numbers,
)

PUSHING = ("seventeentrack", "ship24", "aftership")
NUMBER = numbers.usps(1)
UNFOLLOWED = numbers.usps(2)
WEBHOOK_ID = "5e" * 32
OTHER_WEBHOOK_ID = "6f" * 32
ACCOUNT_ID = "01JACCOUNT000000000000001"
OTHER_ACCOUNT_ID = "01JACCOUNT000000000000002"
MINUTE = timedelta(minutes=1)
WAY = (
    Step(-6 * DAY, Kind.PICKED_UP, "Shenzhen", "CN"),
    Step(-5 * DAY, Kind.EXPORT_CLEARED, "Guangzhou", "CN"),
    Step(-HOUR, Kind.IMPORT_STARTED, "Memphis", "US"),
)
OUTSIDE = "https://home.example.org"


@dataclass(frozen=True, kw_only=True)
class World:
    """A parcel that an account follows, and an address for what is pushed."""

    hass: HomeAssistant
    entry: MockConfigEntry
    provider: str
    simulator: Simulator
    client: Any
    milestones: list[Any]
    wait: Wait

    @property
    def parcel(self) -> Parcel:
        """What is known of the parcel."""
        return self.entry.runtime_data.data[PARCEL_ID]

    @property
    def stage(self) -> str:
        """What the house sees."""
        return self.hass.states.get("sensor.lamp").state

    @property
    def told(self) -> list[str]:
        """What the house was told."""
        return [event.data["milestone"] for event in self.milestones]

    @property
    def asked(self) -> int:
        """How often the provider was asked."""
        return len(self.simulator.asked(self.provider))

    def address(self, webhook_id: str = WEBHOOK_ID) -> str:
        """Return where pushes go."""
        return str(self.client.make_url(f"/api/webhook/{webhook_id}"))

    async def scan(self, what: Stage | Kind, number: str = NUMBER) -> None:
        """Let a carrier write another line, some minutes after what was before."""
        await self.wait(timedelta(minutes=3))
        self.simulator.journey(number).scan(what)

    def push(self, number: str = NUMBER, **how: Any) -> Push:
        """Return what the provider sends now."""
        return self.simulator.push(self.provider, number, **how)

    async def send(self, push: Push, webhook_id: str = WEBHOOK_ID) -> tuple[int, bytes]:
        """Send it, and let all come that follows."""
        status, body, _ = await push.send(self.address(webhook_id))
        await self.hass.async_block_till_done()
        return status, body

    async def asked_within(self, duration: timedelta) -> int:
        """Count how often the provider is asked within a time."""
        before = self.asked
        for _ in range(int(duration / (30 * MINUTE))):
            await self.wait(30 * MINUTE)
        return self.asked - before


def account(
    provider: str,
    webhook_id: str | None = WEBHOOK_ID,
    account_id: str = ACCOUNT_ID,
    secret: str | None = None,
    key: str | None = None,
) -> Any:
    """Return an account that has an address."""
    fields = {"api_key": key or KEYS[provider]}
    if webhook_id is not None:
        fields["webhook_id"] = webhook_id
    if PROVIDERS[provider].push_secret == "webhook_secret":
        fields["webhook_secret"] = secret or PUSH_SECRETS[provider]
    return account_data(provider, account_id, **fields)


type Begin = Callable[..., Awaitable[World]]


@pytest.fixture
async def begin(
    hass: HomeAssistant,
    set_up: SetUp,
    wait: Wait,
    socket_enabled: None,
    hass_client_no_auth: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Begin]:
    """Follow a parcel with an account, and perhaps more."""
    journeys = [
        Journey(number=number, carrier="usps", steps=WAY)
        for number in (NUMBER, UNFOLLOWED)
    ]
    async with Simulator(journeys, limits=False) as simulator:
        monkeypatch.setenv("WAYBILL_SIMULATOR", simulator.setting)

        async def _begin(provider: str, *more: Any, own: Any = None) -> World:
            face: Any = simulator.faces[provider]
            for number in (NUMBER, UNFOLLOWED):
                face.preregister(number, "usps", "Lamp")
            entry = await set_up(
                own or account(provider),
                parcel_data(NUMBER, name="Lamp", provider=provider),
                *more,
            )
            milestones = async_capture_events(hass, "waybill_milestone")
            world = World(
                hass=hass,
                entry=entry,
                provider=provider,
                simulator=simulator,
                client=await hass_client_no_auth(),
                milestones=milestones,
                wait=wait,
            )
            await wait(timedelta(seconds=5))
            assert world.stage == "in_customs"
            await wait(MINUTE)
            milestones.clear()
            return world

        yield _begin


@pytest.fixture(params=PUSHING)
async def world(request: pytest.FixtureRequest, begin: Begin) -> World:
    """Follow a parcel with an account of each provider in turn."""
    return await begin(request.param)


async def test_a_push_moves_the_parcel_and_tells_the_house_at_once(
    world: World,
) -> None:
    await world.scan(Stage.OUT_FOR_DELIVERY)
    asked = world.asked
    assert await world.send(world.push()) == (200, b"")
    assert world.stage == "out_for_delivery"
    assert "out_for_delivery" in world.told
    assert world.asked == asked


async def test_a_push_that_comes_again_is_told_once(world: World) -> None:
    await world.scan(Stage.OUT_FOR_DELIVERY)
    push = world.push()
    await world.send(push)
    journal = world.entry.runtime_data.journals[PARCEL_ID]
    told = world.told
    for _ in range(3):
        assert await world.send(push) == (200, b"")
    await world.wait(21 * HOUR)
    assert await world.send(push) == (200, b"")
    assert world.entry.runtime_data.journals[PARCEL_ID] == journal
    assert world.told == told


async def test_a_retry_that_comes_late_takes_nothing_back(world: World) -> None:
    journey = world.simulator.journey(NUMBER)
    journey.promise(Estimate(3 * DAY))
    await world.scan(Kind.IMPORT_CLEARED)
    late = world.push()
    journey.promise(Estimate(5 * DAY))
    await world.scan(Stage.OUT_FOR_DELIVERY)
    await world.send(world.push())
    promised = world.parcel.window
    assert promised is not None
    assert await world.send(late) == (200, b"")
    assert world.parcel.window == promised
    assert world.stage == "out_for_delivery"
    assert "estimate_changed" not in world.told
    assert len(world.parcel.events) == 5


async def test_what_was_asked_since_is_newer_than_a_push(world: World) -> None:
    journey = world.simulator.journey(NUMBER)
    journey.promise(Estimate(3 * DAY))
    await world.scan(Kind.IMPORT_CLEARED)
    late = world.push()
    journey.promise(Estimate(5 * DAY))
    await world.asked_within(DAY)
    promised = world.parcel.window
    await world.send(late)
    assert world.parcel.window == promised


def forgeries(provider: str) -> list[Forgery]:
    """Return what can be forged: Ship24 signs no body."""
    return [f for f in Forgery if provider != "ship24" or f != Forgery.ANOTHER_BODY]


@pytest.mark.parametrize(
    ("provider", "forgery"),
    [(provider, forgery) for provider in PUSHING for forgery in forgeries(provider)],
)
async def test_a_forgery_changes_nothing_and_learns_nothing(
    begin: Begin, caplog: pytest.LogCaptureFixture, provider: str, forgery: Forgery
) -> None:
    world = await begin(provider)
    await world.scan(Stage.DELIVERED)
    journal = world.entry.runtime_data.journals[PARCEL_ID]
    told, asked = world.told, world.asked
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    # What breaks off is only found out there when it is read.
    looked_into = forgery is Forgery.TRUNCATED and world.provider == "ship24"
    with patch.object(
        PROVIDERS[world.provider],
        "read_push",
        autospec=True,
        side_effect=PROVIDERS[world.provider].read_push,
    ) as read:
        forged = world.push(forgery=forgery)
        status, body, headers = await forged.send(world.address())
    await world.hass.async_block_till_done()
    assert read.called is looked_into
    assert (status, body) == (401, b"")
    assert "WWW-Authenticate" not in headers
    assert headers["Content-Length"] == "0"
    assert world.entry.runtime_data.journals[PARCEL_ID] is journal
    assert (world.stage, world.told, world.asked) == ("in_customs", told, asked)
    nothing_secret_is_said(world, caplog)
    # And what is genuine still comes through.
    assert await world.send(world.push()) == (200, b"")
    assert world.stage == "delivered"
    nothing_secret_is_said(world, caplog)


def nothing_secret_is_said(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Hold that Waybill logs no number, no secret and no address."""
    said = [
        record.getMessage() + str(record.exc_text)
        for record in caplog.records
        if "waybill" in record.name
    ]
    secrets = (NUMBER, WEBHOOK_ID, KEYS[world.provider], PUSH_SECRETS[world.provider])
    for secret in secrets:
        assert not [line for line in said if secret in line]


async def test_all_forgeries_get_the_very_same_answer(world: World) -> None:
    answers = []
    for forgery in forgeries(world.provider):
        status, body, headers = await world.push(forgery=forgery).send(world.address())
        shown = {k: v for k, v in headers.items() if k not in ("Date", "Connection")}
        answers.append((status, body, shown))
    assert all(answer == answers[0] for answer in answers)


async def test_what_is_not_followed_gets_the_answer_of_what_is(world: World) -> None:
    await world.scan(Stage.OUT_FOR_DELIVERY, UNFOLLOWED)
    strange = await world.push(UNFOLLOWED).send(world.address())
    known = await world.push().send(world.address())
    await world.hass.async_block_till_done()
    assert strange[:2] == known[:2] == (200, b"")
    assert strange[2].keys() == known[2].keys()
    assert world.stage == "in_customs"
    assert not world.told


async def test_a_push_is_answered_before_it_is_taken_up(world: World) -> None:
    """So the moment of the answer does not tell whether a number is followed."""
    await world.scan(Stage.OUT_FOR_DELIVERY)
    news = world.entry.runtime_data.pushed_news
    go_on = asyncio.Event()

    async def hold(*args: Any) -> None:
        await go_on.wait()

    provider = PROVIDERS[world.provider]
    with (
        patch.object(news, "async_take", side_effect=hold),
        patch.object(
            provider, "read_push", autospec=True, side_effect=provider.read_push
        ) as read,
    ):
        status, _, _ = await world.push().send(world.address())
        assert status == 200
        assert [call.args[3] for call in read.call_args_list] == [()]
        go_on.set()
        await world.hass.async_block_till_done()


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_only_a_post_is_a_push(
    world: World, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    await world.scan(Stage.DELIVERED)
    push = world.push()
    headers = {**push.headers, "Content-Type": push.content_type}
    async with aiohttp.ClientSession() as session:
        reply = await session.request(
            method, world.address(), headers=headers, data=push.body
        )
        # Providers look with HEAD whether there is an address.
        assert reply.status == (200 if method == "HEAD" else 405)
    await world.hass.async_block_till_done()
    assert world.stage == "in_customs"
    # Whoever tries the address in a browser does not put it into the log.
    assert WEBHOOK_ID not in caplog.text


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b"\xff\xfe", b"1" * 6000])
async def test_what_is_signed_but_no_message_is_refused_alike(
    world: World, body: bytes
) -> None:
    face = world.simulator.faces[world.provider]
    headers = face.proof(body, PUSH_SECRETS[world.provider])
    assert await world.send(Push(body=body, headers=headers)) == (401, b"")


async def test_a_defect_of_ours_tells_nothing_to_anybody(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with patch.object(
        PROVIDERS[world.provider], "_parse_push", side_effect=RuntimeError("a defect")
    ):
        assert await world.send(world.push()) == (401, b"")
    assert "RuntimeError" in caplog.text
    assert "a defect" not in caplog.text


async def test_a_defect_that_shows_only_with_a_number_holds_up_nothing(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def read(_: Any, asked: Any) -> Any:
        if asked:
            raise RuntimeError("a defect")
        return []

    await world.scan(Stage.DELIVERED)
    with patch.object(PROVIDERS[world.provider], "_parse_push", side_effect=read):
        assert await world.send(world.push()) == (200, b"")
    assert "RuntimeError" in caplog.text
    assert "a defect" not in caplog.text
    assert world.stage == "in_customs"
    assert await world.send(world.push()) == (200, b"")
    assert world.stage == "delivered"


async def test_a_request_that_breaks_off_is_left(
    begin: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    world = await begin("aftership")
    journal = world.entry.runtime_data.journals[PARCEL_ID]
    caplog.clear()
    url = world.client.make_url(f"/api/webhook/{WEBHOOK_ID}")
    head = (
        f"POST {url.path} HTTP/1.1\r\nHost: home\r\nContent-Type: application/json\r\n"
        "Content-Length: 5000\r\n\r\n{"
    )

    def break_off() -> None:
        with socket.create_connection((url.host, url.port)) as connection:
            connection.sendall(head.encode())

    await world.hass.async_add_executor_job(break_off)
    await world.hass.async_block_till_done()
    assert world.entry.runtime_data.journals[PARCEL_ID] is journal
    assert await world.send(world.push()) == (200, b"")
    said = [r for r in caplog.records if "waybill" in r.name or "webhook" in r.name]
    assert not [r for r in said if r.levelno >= logging.WARNING]


async def test_a_connection_that_is_lost_is_no_error(
    begin: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    world = await begin("aftership")
    caplog.clear()
    request = Mock(
        headers={"Content-Type": "application/json"},
        content=Mock(read=AsyncMock(side_effect=[b"{", ConnectionResetError()])),
        method="POST",
    )
    reply = await webhook.async_handle_webhook(world.hass, WEBHOOK_ID, request)
    assert reply.status == 401
    assert not [r for r in caplog.records if r.levelno >= logging.WARNING]


async def test_who_never_comes_to_an_end_is_left(begin: Begin) -> None:
    world = await begin("aftership")

    async def read(_: int) -> bytes:
        await asyncio.Event().wait()
        return b"never"

    request = Mock(
        headers={"Content-Type": "application/json"},
        content=Mock(read=read),
        method="POST",
    )
    # A time that is over already is over at the first wait.
    with patch("custom_components.waybill.webhooks._READ_WITHIN", -1):
        reply = await webhook.async_handle_webhook(world.hass, WEBHOOK_ID, request)
    assert reply.status == 401


async def test_no_more_is_read_than_a_message_may_have(begin: Begin) -> None:
    world = await begin("aftership")
    read = AsyncMock(return_value=b" " * 65536)
    request = Mock(
        headers={"Content-Type": "application/json"},
        content=Mock(read=read),
        method="POST",
    )
    reply = await webhook.async_handle_webhook(world.hass, WEBHOOK_ID, request)
    assert reply.status == 401
    assert read.await_count == MAX_BODY // 65536 + 1


async def test_what_comes_through_the_cloud_is_read_as_well(world: World) -> None:
    await world.scan(Stage.OUT_FOR_DELIVERY)
    push = world.push()
    request = MockRequest(
        content=push.body,
        mock_source="cloud",
        method="POST",
        headers={**push.headers, "Content-Type": "application/json; charset=utf-8"},
    )
    reply = await webhook.async_handle_webhook(world.hass, WEBHOOK_ID, request)
    assert reply.status == 200
    await world.hass.async_block_till_done()
    assert world.stage == "out_for_delivery"


@pytest.mark.parametrize("provider", PUSHING)
async def test_one_account_does_not_speak_for_another(
    begin: Begin, provider: str
) -> None:
    secret = "of-the-other-account"
    other = account(provider, OTHER_WEBHOOK_ID, OTHER_ACCOUNT_ID, secret, secret)
    world = await begin(provider, other)
    await world.scan(Stage.DELIVERED)
    world.milestones.clear()
    followed_by = world.entry.runtime_data.questions.to_account
    if [*followed_by(OTHER_ACCOUNT_ID)]:
        # Both are asked about the parcel; the other account is to know of none.
        world.hass.config_entries.async_remove_subentry(world.entry, PARCEL_ID)
        await world.hass.async_block_till_done()
    foreign = world.push(secret=secret)
    assert await world.send(foreign) == (401, b"")
    assert await world.send(world.push(), OTHER_WEBHOOK_ID) == (401, b"")
    assert not world.told


async def test_a_parcel_is_moved_only_by_an_account_that_is_asked_about_it(
    begin: Begin,
) -> None:
    world = await begin(
        "aftership", account("ship24", OTHER_WEBHOOK_ID, OTHER_ACCOUNT_ID)
    )
    world.simulator.ship24.preregister(NUMBER, "usps", "Lamp")
    await world.scan(Stage.DELIVERED)
    push = world.simulator.push("ship24", NUMBER)
    assert await world.send(push, OTHER_WEBHOOK_ID) == (200, b"")
    assert world.stage == "in_customs"
    assert await world.send(world.push()) == (200, b"")
    assert world.stage == "delivered"


async def test_an_account_that_goes_takes_its_address_along(world: World) -> None:
    await world.scan(Stage.DELIVERED)
    world.hass.config_entries.async_remove_subentry(world.entry, ACCOUNT_ID)
    await world.hass.async_block_till_done()
    # That is what Home Assistant says of any address that it does not know.
    assert await world.send(world.push()) == (200, b"")
    assert world.parcel.stage == "in_customs"


async def test_an_account_that_goes_while_its_push_is_read(begin: Begin) -> None:
    world = await begin("aftership")
    await world.scan(Stage.DELIVERED)
    push = world.push()
    chunks = iter([push.body, b""])

    async def read(_: int) -> bytes:
        chunk = next(chunks)
        if not chunk:
            world.hass.config_entries.async_remove_subentry(world.entry, ACCOUNT_ID)
        return chunk

    request = Mock(
        headers={**push.headers, "Content-Type": "application/json"},
        content=Mock(read=read),
        method="POST",
    )
    reply = await webhook.async_handle_webhook(world.hass, WEBHOOK_ID, request)
    assert reply.status == 401
    await world.hass.async_block_till_done()
    assert world.parcel.stage == "in_customs"


async def test_an_account_that_goes_before_its_push_is_taken_up(begin: Begin) -> None:
    world = await begin("aftership")
    await world.scan(Stage.DELIVERED)
    push = world.push()
    request = MockRequest(
        content=push.body,
        mock_source="test",
        method="POST",
        headers={**push.headers, "Content-Type": "application/json"},
    )
    reply = await webhook.async_handle_webhook(world.hass, WEBHOOK_ID, request)
    world.hass.config_entries.async_remove_subentry(world.entry, ACCOUNT_ID)
    await world.hass.async_block_till_done()
    assert reply.status == 200
    assert world.parcel.stage == "in_customs"


async def test_without_its_secret_an_account_listens_to_nobody(begin: Begin) -> None:
    own = account_data("ship24", api_key=KEYS["ship24"], webhook_id=WEBHOOK_ID)
    world = await begin("ship24", own=own)
    await world.scan(Stage.DELIVERED)
    for secret in ("", PUSH_SECRETS["ship24"]):
        await world.send(world.push(secret=secret))
    assert world.stage == "in_customs"
    assert not world.entry.runtime_data.webhooks.is_listening(ACCOUNT_ID)


async def test_a_reload_listens_again(world: World) -> None:
    assert await world.hass.config_entries.async_reload(world.entry.entry_id)
    await world.hass.async_block_till_done()
    await world.scan(Stage.OUT_FOR_DELIVERY)
    assert await world.send(world.push()) == (200, b"")
    assert world.stage == "out_for_delivery"
    assert await world.hass.config_entries.async_unload(world.entry.entry_id)
    await world.scan(Stage.DELIVERED)
    assert await world.send(world.push(forgery=Forgery.UNSIGNED)) == (200, b"")


async def test_the_simulator_pushes_for_other_processes_too(world: World) -> None:
    await world.scan(Stage.OUT_FOR_DELIVERY)
    asking = {"provider": world.provider, "number": NUMBER, "address": world.address()}
    async with aiohttp.ClientSession() as session:

        async def pull(**more: str) -> tuple[int, Any]:
            url = f"{world.simulator.url}/_simulator/push"
            async with session.post(url, json={**asking, **more}) as reply:
                return reply.status, await reply.json()

        assert await pull(forgery="unsigned") == (200, {"status": 401})
        assert await pull() == (200, {"status": 200})
        assert (await pull(address="http://127.0.0.1:9"))[0] == 400
        assert (await pull(provider="dhl"))[0] == 400
    await world.hass.async_block_till_done()
    assert world.stage == "out_for_delivery"


async def test_who_is_told_by_itself_asks_less_until_that_fails(begin: Begin) -> None:
    world = await begin("aftership")
    usual = await world.asked_within(DAY)
    assert usual >= 8
    await world.scan(Kind.CUSTOMS_WAIT)
    await world.send(world.push())
    await world.wait(12 * HOUR)
    await world.scan(Kind.CUSTOMS_WAIT)
    await world.send(world.push())
    carried = await world.asked_within(DAY)
    assert 2 <= carried <= usual / 3
    # The provider sends no more; asking finds it out in half a day at most.
    await world.scan(Kind.AT_CUSTOMS)
    await world.asked_within(13 * HOUR)
    assert len(world.parcel.events) == 6
    assert world.entry.runtime_data.plan.doubts_pushes(ACCOUNT_ID)
    assert await world.asked_within(DAY) >= 2 * carried
    # And when it sends again, it is trusted again.
    await world.scan(Kind.CUSTOMS_WAIT)
    await world.send(world.push())
    assert not world.entry.runtime_data.plan.doubts_pushes(ACCOUNT_ID)
    await world.wait(12 * HOUR)
    assert await world.asked_within(DAY) <= usual / 3


async def test_when_a_push_told_is_when_a_parcel_was_last_checked(world: World) -> None:
    await world.scan(Stage.OUT_FOR_DELIVERY)
    checked = world.entry.runtime_data.questions.last_checked(PARCEL_ID)
    await world.send(world.push())
    assert world.entry.runtime_data.questions.last_checked(PARCEL_ID) > checked


async def test_diagnostics_say_how_pushes_fare_and_not_where_they_come(
    world: World,
) -> None:
    from custom_components.waybill.diagnostics import async_get_config_entry_diagnostics  # noqa: PLC0415

    await world.send(world.push())
    await world.send(world.push(forgery=Forgery.UNSIGNED))
    told = await async_get_config_entry_diagnostics(world.hass, world.entry)
    pushes = {each["account_id"]: each["push"] for each in told["accounts"]}
    assert pushes[ACCOUNT_ID] == {
        "listening": True,
        "taken": 1,
        "refused": 1,
        "doubted": False,
    }
    for secret in (WEBHOOK_ID, PUSH_SECRETS[world.provider]):
        assert secret not in str(told)


@pytest.fixture
def verified() -> Any:
    """Let every key be a good one."""
    with every_form_has_its_texts():
        yield


async def add(world: World, provider: str, **typed: Any) -> Any:
    """Add an account, up to the step after its credentials."""
    flows = world.hass.config_entries.subentries
    menu = await flows.async_init(
        (world.entry.entry_id, "account"), context={"source": SOURCE_USER}
    )
    form = await flows.async_configure(menu["flow_id"], {"next_step_id": provider})
    return await flows.async_configure(
        form["flow_id"], {"api_key": KEYS[provider], **typed}
    )


@pytest.mark.parametrize("provider", PUSHING)
async def test_a_person_gets_an_address_and_may_tell_the_secret(
    begin: Begin, verified: None, provider: str
) -> None:
    world = await begin("seventeentrack" if provider != "seventeentrack" else "ship24")
    world.hass.config.external_url = OUTSIDE
    face: Any = world.simulator.faces[provider]
    face.preregister(NUMBER, "usps", "Lamp")
    configure = world.hass.config_entries.subentries.async_configure
    form = await add(world, provider)
    assert form["step_id"] == f"{provider}_push"
    address = form["description_placeholders"]["address"]
    assert address.startswith(f"{OUTSIDE}/api/webhook/")
    asks = [str(field) for field in form["data_schema"].schema]
    secret = dict.fromkeys(asks, f" {PUSH_SECRETS[provider]} ")
    assert asks == ([] if provider == "seventeentrack" else ["webhook_secret"])
    result = await configure(form["flow_id"], secret)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await world.hass.async_block_till_done()
    (added,) = (
        each
        for each in world.entry.get_subentries_of_type("account")
        if each.data["provider"] == provider
    )
    webhook_id = added.data["webhook_id"]
    assert address.endswith(webhook_id)
    assert (
        added.data.get("webhook_secret", PUSH_SECRETS[provider])
        == (PUSH_SECRETS[provider])
    )
    push = world.simulator.push(provider, NUMBER)
    assert await world.send(push, webhook_id) == (200, b"")
    unsigned = world.simulator.push(provider, NUMBER, forgery=Forgery.UNSIGNED)
    assert await world.send(unsigned, webhook_id) == (401, b"")
    # The same address is shown again, and what is not typed stays.
    form = await world.entry.start_subentry_reconfigure_flow(
        world.hass, added.subentry_id
    )
    form = await configure(form["flow_id"], {})
    assert form["step_id"] == f"{provider}_push"
    assert form["description_placeholders"]["address"] == address
    result = await configure(form["flow_id"], {})
    assert result["reason"] == "reconfigure_successful"
    assert world.entry.subentries[added.subentry_id].data == added.data
    await world.hass.async_block_till_done()
    assert await world.send(push, webhook_id) == (200, b"")


async def test_where_no_address_can_be_reached_none_is_shown(
    begin: Begin, verified: None
) -> None:
    world = await begin("ship24")
    result = await add(world, "aftership")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    added = [each.data for each in world.entry.get_subentries_of_type("account")]
    assert "webhook_id" not in added[-1]


async def test_a_new_secret_alone_does_not_try_the_key(
    begin: Begin, verified: None
) -> None:
    world = await begin("aftership")
    world.hass.config.external_url = OUTSIDE
    configure = world.hass.config_entries.subentries.async_configure
    form = await world.entry.start_subentry_reconfigure_flow(world.hass, ACCOUNT_ID)
    with patch.object(PROVIDERS["aftership"], "verify") as verify:
        form = await configure(form["flow_id"], {})
        await configure(form["flow_id"], {"webhook_secret": "another"})
    assert not verify.called
    await world.hass.async_block_till_done()
    assert await world.send(world.push()) == (401, b"")
    assert await world.send(world.push(secret="another")) == (200, b"")


class Cloud(ModuleType):
    """Stands in for Home Assistant Cloud, which keeps addresses for its people."""

    def __init__(self) -> None:
        """Keep none yet."""
        super().__init__("homeassistant.components.cloud")
        self.subscribed = True
        self.connected = True
        self.hooks: set[str] = set()

    def async_active_subscription(self, hass: HomeAssistant) -> bool:
        """Say whether the person pays."""
        return self.subscribed

    async def async_get_or_create_cloudhook(
        self, hass: HomeAssistant, webhook_id: str
    ) -> str:
        """Give an address."""
        if not self.connected:
            raise RuntimeError("not connected")
        self.hooks.add(webhook_id)
        return f"https://hooks.example.com/{webhook_id[:8]}"

    async def async_delete_cloudhook(
        self, hass: HomeAssistant, webhook_id: str
    ) -> None:
        """Take it back."""
        if webhook_id not in self.hooks:
            raise ValueError("there is none")
        self.hooks.remove(webhook_id)


@pytest.fixture
def cloud(hass: HomeAssistant) -> Any:
    """Give the person a subscription."""
    cloud = Cloud()
    hass.config.components.add("cloud")
    with (
        patch.dict("sys.modules", {"homeassistant.components.cloud": cloud}),
        patch("homeassistant.components.cloud", cloud, create=True),
    ):
        yield cloud


async def test_the_cloud_gives_an_address_until_the_account_goes(
    begin: Begin, verified: None, cloud: Cloud
) -> None:
    world = await begin("ship24")
    configure = world.hass.config_entries.subentries.async_configure
    form = await add(world, "aftership")
    address = form["description_placeholders"]["address"]
    assert address.startswith("https://hooks.example.com/")
    await configure(form["flow_id"], {})
    await world.hass.async_block_till_done()
    (webhook_id,) = cloud.hooks
    added = list(world.entry.get_subentries_of_type("account"))[-1]
    assert added.data["webhook_id"] == webhook_id
    world.hass.config_entries.async_remove_subentry(world.entry, added.subentry_id)
    await world.hass.async_block_till_done()
    assert not cloud.hooks


async def test_an_address_that_was_shown_for_nothing_is_given_back(
    begin: Begin, verified: None, cloud: Cloud
) -> None:
    world = await begin("ship24")
    form = await add(world, "aftership")
    assert cloud.hooks
    world.hass.config_entries.subentries.async_abort(form["flow_id"])
    await world.hass.async_block_till_done()
    assert not cloud.hooks


async def test_without_a_connection_ones_own_address_serves(
    begin: Begin, verified: None, cloud: Cloud
) -> None:
    world = await begin("ship24")
    world.hass.config.external_url = OUTSIDE
    for cloud.connected, cloud.subscribed in ((False, True), (True, False)):
        form = await add(world, "aftership")
        assert form["description_placeholders"]["address"].startswith(OUTSIDE)
        world.hass.config_entries.subentries.async_abort(form["flow_id"])
    await world.hass.async_block_till_done()


async def test_whoever_removes_waybill_leaves_no_address_behind(
    begin: Begin, cloud: Cloud
) -> None:
    world = await begin("aftership")
    cloud.hooks.add(WEBHOOK_ID)
    await world.hass.config_entries.async_remove(world.entry.entry_id)
    await world.hass.async_block_till_done()
    assert not cloud.hooks
