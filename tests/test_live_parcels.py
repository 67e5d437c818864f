"""What the card is told over the websocket: everything once, then what changed."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from logging import ERROR
from pathlib import Path
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.waybill import live_parcels
from custom_components.waybill.tracking.guide_steps import guide_steps
from custom_components.waybill.tracking.model import Stage
from custom_components.waybill.tracking.parcel import Parcel
from homeassistant.components.frontend.storage import async_user_store
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from .conftest import (
    ENTRY_ID,
    NUMBER,
    OTHER_NUMBER,
    OTHER_PARCEL_ID,
    PARCEL_ID,
    Carrier,
    SetUp,
    Wait,
    parcel_data,
)
from .reports import report
from .test_alerts_story import get_parcel

SOON = timedelta(seconds=3)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TWO = (parcel_data(), parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Desk lamp"))


class Viewer:
    """A card that looks on, over a websocket of its own."""

    def __init__(self, hass: HomeAssistant, client: Any) -> None:
        """Look at nothing yet."""
        self._hass = hass
        self._client = client
        self.subscription = 0

    async def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Send a command and return the answer, whatever was told meanwhile."""
        await self._client.send_json_auto_id({"type": kind, **fields})
        while (answer := await self._client.receive_json())["type"] != "result":
            pass
        return answer

    async def look(self) -> Any:
        """Begin to look, and return what is told first."""
        answer = await self.ask("waybill/parcels")
        assert answer["success"]
        self.subscription = answer["id"]
        (first,) = await self.told()
        return first

    async def told(self) -> list[dict[str, Any]]:
        """Return all that was told up to now."""
        await self._hass.async_block_till_done()
        await self._client.send_json_auto_id({"type": "ping"})
        told = []
        while (message := await self._client.receive_json())["type"] != "pong":
            assert (message["type"], message["id"]) == ("event", self.subscription)
            told.append(message["event"])
        return told

    async def close(self) -> None:
        """Close the window."""
        await self._client.close()


type Visit = Callable[..., Awaitable[Viewer]]


@pytest.fixture
async def visit(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    carrier: Carrier,
    hass_ws_client: WebSocketGenerator,
) -> Visit:
    """Let somebody open a window: an administrator, or whose token is given."""

    async def _visit(*token: str) -> Viewer:
        return Viewer(hass, await hass_ws_client(hass, *token))

    return _visit


def names(message: dict[str, Any], key: str = "parcels") -> list[str]:
    """Return whom a message tells of."""
    return [parcel["name"] for parcel in message[key]]


async def test_everything_is_told_at_first_as_the_actions_tell_it(
    hass: HomeAssistant, visit: Visit, set_up: SetUp, carrier: Carrier, wait: Wait
) -> None:
    carrier.scan(Stage.IN_CUSTOMS)
    await set_up(*TWO)
    await wait(SOON)
    viewer = await visit()

    first = await viewer.look()

    assert first.keys() == {"parcels"}
    assert names(first) == ["Running shoes", "Desk lamp"]
    shoes = first["parcels"][0]
    known = await get_parcel(hass)
    assert known.keys() - shoes.keys() == {"events", "milestones"}
    moving = {"last_checked", "next_check"}
    assert {key: known[key] for key in known.keys() & shoes.keys() - moving} == {
        key: shoes[key] for key in known.keys() & shoes.keys() - moving
    }
    assert shoes["steps"] == [
        "processed",
        "shipped",
        "in_transit",
        "customs",
        "delivered",
    ]
    assert shoes["reached"] == "customs"
    assert first["parcels"][1]["reached"] is None


async def test_then_only_what_changed_is_told(
    visit: Visit, set_up: SetUp, carrier: Carrier, wait: Wait
) -> None:
    await set_up(*TWO)
    await wait(SOON)
    viewer = await visit()
    await viewer.look()

    carrier.scan(Stage.SHIPPED, OTHER_NUMBER)
    await wait(2 * HOUR)

    (news,) = await viewer.told()
    assert names(news, "changed") == ["Desk lamp"]
    assert news["changed"][0]["stage"] == "shipped"
    assert news["removed"] == []


async def test_a_poll_without_news_tells_nothing(
    visit: Visit, set_up: SetUp, carrier: Carrier, wait: Wait
) -> None:
    carrier.scan(Stage.SHIPPED)
    await set_up()
    await wait(SOON)
    viewer = await visit()
    await viewer.look()
    asked = len(carrier.asked)

    await wait(9 * HOUR)

    assert len(carrier.asked) > asked
    assert await viewer.told() == []


async def test_a_rename_is_told(
    hass: HomeAssistant, visit: Visit, set_up: SetUp
) -> None:
    await set_up(*TWO)
    viewer = await visit()
    await viewer.look()

    await hass.services.async_call(
        "waybill",
        "update_parcel",
        {"parcel_id": PARCEL_ID, "name": "Hiking shoes"},
        blocking=True,
        return_response=True,
    )

    (news,) = await viewer.told()
    assert names(news, "changed") == ["Hiking shoes"]


async def test_who_joins_and_who_leaves_is_told(
    hass: HomeAssistant, disk: Path, visit: Visit, set_up: SetUp
) -> None:
    entry = await set_up(*TWO)
    viewer = await visit()
    await viewer.look()

    async def perform(action: str, *, answers: bool = True, **data: Any) -> Any:
        return await hass.services.async_call(
            "waybill", action, data, blocking=True, return_response=answers
        )

    await perform("archive_parcel", parcel_id=PARCEL_ID)
    assert await viewer.told() == [{"changed": [], "removed": [PARCEL_ID]}]

    await perform("restore_parcel", parcel_id=PARCEL_ID)
    (news,) = await viewer.told()
    assert names(news, "changed") == ["Running shoes"]

    await perform("remove_parcel", answers=False, parcel_id=OTHER_PARCEL_ID)
    assert await viewer.told() == [{"changed": [], "removed": [OTHER_PARCEL_ID]}]
    assert list(entry.runtime_data.data) == [PARCEL_ID]


async def test_a_reload_is_told_and_then_everything_again(
    hass: HomeAssistant, visit: Visit, set_up: SetUp, carrier: Carrier, wait: Wait
) -> None:
    await set_up(*TWO)
    await wait(SOON)
    viewer = await visit()
    await viewer.look()

    assert await hass.config_entries.async_reload(ENTRY_ID)

    away, back = await viewer.told()
    assert away == {"parcels": None}
    assert names(back) == ["Running shoes", "Desk lamp"]
    # From now on the new coordinator is listened to, and only that one.
    carrier.scan(Stage.SHIPPED)
    await wait(2 * HOUR)
    (news,) = await viewer.told()
    assert names(news, "changed") == ["Running shoes"]


async def test_who_looks_before_waybill_runs_is_told_when_it_does(
    hass: HomeAssistant, visit: Visit, set_up: SetUp
) -> None:
    assert await async_setup_component(hass, "waybill", {})
    viewer = await visit()

    assert await viewer.look() == {"parcels": None}

    await set_up()
    (everything,) = await viewer.told()
    assert names(everything) == ["Running shoes"]


async def test_who_looks_while_waybill_is_removed_and_added_again_goes_on(
    hass: HomeAssistant, visit: Visit, set_up: SetUp
) -> None:
    await set_up()
    viewer = await visit()
    await viewer.look()

    await hass.config_entries.async_remove(ENTRY_ID)
    assert await viewer.told() == [{"parcels": None}]

    await set_up()
    (everything,) = await viewer.told()
    assert names(everything) == ["Running shoes"]


async def test_another_integrations_changes_are_nobodys_news(
    hass: HomeAssistant, visit: Visit, set_up: SetUp
) -> None:
    await set_up()
    viewer = await visit()
    await viewer.look()
    other = MockConfigEntry(domain="elsewhere")
    other.add_to_hass(hass)

    hass.config_entries.async_update_entry(other, title="Anything")

    assert await viewer.told() == []


@pytest.mark.parametrize("how", ["unsubscribes", "closes the window"])
async def test_who_leaves_is_told_no_more(
    hass: HomeAssistant,
    visit: Visit,
    set_up: SetUp,
    carrier: Carrier,
    wait: Wait,
    how: str,
) -> None:
    entry = await set_up()
    await wait(SOON)
    listeners = len(entry.runtime_data._listeners)
    viewer, other = await visit(), await visit()
    await viewer.look()
    await other.look()
    assert len(entry.runtime_data._listeners) == listeners + 2

    if how == "unsubscribes":
        subscription = viewer.subscription
        answer = await viewer.ask("unsubscribe_events", subscription=subscription)
        assert answer["success"]
    else:
        await viewer.close()
        await hass.async_block_till_done()
    carrier.scan(Stage.SHIPPED)
    await wait(2 * HOUR)

    assert len(await other.told()) == 1
    assert len(entry.runtime_data._listeners) == listeners + 1
    if how == "unsubscribes":
        assert await viewer.told() == []
    # A new start of Waybill does not call them back either.
    await hass.config_entries.async_reload(ENTRY_ID)
    assert len(entry.runtime_data._listeners) == listeners + 1


async def test_what_one_cannot_be_told_the_others_are_and_it_comes_later(
    hass: HomeAssistant,
    visit: Visit,
    set_up: SetUp,
    carrier: Carrier,
    wait: Wait,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await set_up()
    await wait(SOON)
    unlucky, lucky = await visit(), await visit()
    await unlucky.look()
    await lucky.look()
    failures = iter([RuntimeError("no words for it")])

    def sometimes(parcel: Parcel, home: str | None) -> Any:
        for failure in failures:
            raise failure
        return guide_steps(parcel, home)

    with patch.object(live_parcels, "guide_steps", sometimes):
        carrier.scan(Stage.SHIPPED)
        await wait(2 * HOUR)
        assert "no words for it" in caplog.text
        errors = [r.getMessage() for r in caplog.records if r.levelno >= ERROR]
        assert errors
        assert not any(NUMBER in error for error in errors)
        assert hass.states.get("sensor.running_shoes").state == "shipped"
    # Whom it failed is told with the next news, that the milestone was announced.
    for viewer in (unlucky, lucky):
        (news,) = await viewer.told()
        assert names(news, "changed") == ["Running shoes"]


async def test_a_new_day_tells_how_many_days_it_has_been(
    visit: Visit, set_up: SetUp, carrier: Carrier, wait: Wait
) -> None:
    carrier.scan(Stage.SHIPPED)
    await set_up()
    await wait(SOON)
    viewer = await visit()
    first = await viewer.look()
    assert first["parcels"][0]["days_in_transit"] == 0

    await wait(dt_util.start_of_local_day() + DAY - dt_util.now())

    (again,) = await viewer.told()
    assert again["parcels"][0]["days_in_transit"] == 1


async def test_who_moves_house_is_told_by_the_new_border_and_clock(
    hass: HomeAssistant, visit: Visit, set_up: SetUp, carrier: Carrier, wait: Wait
) -> None:
    await hass.config.async_update(country="CN", time_zone="Asia/Shanghai")
    carrier.scan(Stage.SHIPPED)
    carrier.answer(origin_country="CN")
    await set_up(parcel_data(expected_by="2026-07-01T18:00:00"))
    await wait(SOON)
    viewer = await visit()
    (shoes,) = (await viewer.look())["parcels"]
    assert "customs" not in shoes["steps"]
    assert shoes["expected_by"] == "2026-07-01T18:00:00+08:00"

    await hass.config.async_update(country="FR", time_zone="Europe/Paris")

    (shoes,) = (await viewer.told())[-1]["parcels"]
    assert "customs" in shoes["steps"]
    assert shoes["expected_by"] == "2026-07-01T18:00:00+02:00"


async def test_anybody_who_is_signed_in_may_look_and_write(
    hass: HomeAssistant,
    visit: Visit,
    set_up: SetUp,
    hass_read_only_access_token: str,
) -> None:
    await set_up()
    viewer = await visit(hass_read_only_access_token)

    assert names(await viewer.look()) == ["Running shoes"]
    answer = await viewer.ask("waybill/letter", parcel_id=PARCEL_ID)
    assert answer["success"]


@pytest.fixture
async def french(
    hass: HomeAssistant, frontend: object, hass_admin_user: MockUser
) -> None:
    """Let the administrator read French; the home stays English."""
    store = await async_user_store(hass, hass_admin_user.id)
    await store.async_set_item("language", {"language": "fr"})


async def letter(viewer: Viewer) -> str:
    """Let somebody ask for a letter, and return it."""
    answer = await viewer.ask("waybill/letter", parcel_id=PARCEL_ID)
    text: str = answer["result"]["message"]
    return text


async def test_without_trouble_the_letter_asks_how_things_are(
    visit: Visit, set_up: SetUp
) -> None:
    await set_up()
    text = await letter(await visit())
    assert text.startswith("Hello,")
    assert NUMBER in text
    assert "I would like to know how my order is getting on." in text


async def test_an_alert_is_what_the_letter_is_about(
    visit: Visit, set_up: SetUp, carrier: Carrier, wait: Wait
) -> None:
    carrier.scan(Stage.SHIPPED)
    await set_up()
    await wait(SOON)
    viewer = await visit()
    await wait(20 * DAY)
    text = await letter(viewer)
    assert "There has been no news of the parcel since June 10, 2026" in text


async def test_an_open_problem_comes_before_an_alert(
    hass: HomeAssistant, visit: Visit, set_up: SetUp, carrier: Carrier, wait: Wait
) -> None:
    carrier.scan(Stage.SHIPPED)
    await set_up()
    await wait(SOON)
    viewer = await visit()
    await wait(20 * DAY)
    await report(hass, "damaged", description="The sole is torn.")
    text = await letter(viewer)
    assert "The parcel arrived damaged." in text
    assert "The sole is torn." in text


async def test_a_letter_is_in_the_language_of_whoever_asks(
    visit: Visit, set_up: SetUp, french: None
) -> None:
    await set_up()
    text = await letter(await visit())
    assert text.startswith("Bonjour,")


@pytest.mark.parametrize(
    ("state", "key"),
    [
        ("never heard of", "unknown_parcel"),
        ("archived", "parcel_archived"),
        ("not set up", "not_set_up"),
    ],
)
async def test_there_is_no_letter_about_a_parcel_that_is_not_followed(
    hass: HomeAssistant,
    disk: Path,
    visit: Visit,
    set_up: SetUp,
    state: str,
    key: str,
) -> None:
    await set_up()
    parcel_id = PARCEL_ID
    if state == "never heard of":
        parcel_id = OTHER_PARCEL_ID
    elif state == "archived":
        named = {"parcel_id": PARCEL_ID}
        await hass.services.async_call(
            "waybill", "archive_parcel", named, blocking=True, return_response=True
        )
    else:
        await hass.config_entries.async_unload(ENTRY_ID)

    answer = await (await visit()).ask("waybill/letter", parcel_id=parcel_id)

    assert not answer["success"]
    assert answer["error"]["code"] == "not_found"
    assert answer["error"]["translation_key"] == key
    assert answer["error"]["translation_domain"] == "waybill"
    assert answer["error"]["message"].count(" ") > 3
