"""The blueprints, as people import them and as their automations run."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
import shutil
from typing import Any

import pytest
import yaml

from custom_components.waybill.const import DOMAIN
from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.core import (
    Event,
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict

from .conftest import NUMBER, OTHER_NUMBER, Carrier, SetUp, account_data

BLUEPRINTS = Path(__file__).parents[1] / "blueprints"
FROM_EMAIL = "waybill/follow_from_email.yaml"


def blueprints() -> Iterator[Path]:
    """Return every blueprint."""
    return BLUEPRINTS.rglob("*.yaml")


@pytest.mark.parametrize("path", blueprints(), ids=lambda path: path.name)
async def test_a_blueprint_can_be_imported(hass: HomeAssistant, path: Path) -> None:
    assert path.parts[-3:-1] == ("automation", DOMAIN)
    data = await hass.async_add_executor_job(load_yaml_dict, str(path))
    blueprint = Blueprint(
        data, expected_domain="automation", schema=AUTOMATION_BLUEPRINT_SCHEMA
    )
    assert blueprint.validate() is None
    assert blueprint.metadata["source_url"].endswith(str(path.relative_to(BLUEPRINTS)))
    for asked in blueprint.inputs.values():
        assert asked["name"]
        assert asked["description"]
        assert asked["selector"]


class Mailbox:
    """Stands in for the IMAP integration: tells of messages, and fetches them."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Hold no message."""
        self._hass = hass
        self._messages: list[str] = []
        self.reachable = True
        hass.services.async_register(
            "imap", "fetch", self._fetch, supports_response=SupportsResponse.ONLY
        )

    async def _fetch(self, call: ServiceCall) -> ServiceResponse:
        if not self.reachable:
            raise HomeAssistantError("no connection")
        return {"text": self._messages[int(call.data["uid"])]}

    async def receives(
        self,
        text: str,
        /,
        sender: str = "Orders@Mail.Shop.example",
        subject: str = "Your order 4711",
        **said: Any,
    ) -> None:
        """Receive a message, as IMAP tells of it with its text cut."""
        self._messages.append(text)
        self._hass.bus.async_fire(
            "imap_content",
            {
                "entry_id": "01JIMAP",
                "uid": str(len(self._messages) - 1),
                "initial": True,
                "sender": sender,
                "subject": subject,
                "text": text[:60],
                **said,
            },
        )
        await self._hass.async_block_till_done()


@pytest.fixture
def mailbox(hass: HomeAssistant) -> Mailbox:
    """Let messages come in."""
    return Mailbox(hass)


type Automate = Callable[..., Awaitable[None]]


@pytest.fixture
async def automate(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, tmp_path: Path
) -> Automate:
    """Make an automation of a blueprint, in a house that follows no parcel."""
    await set_up(account_data("dhl"))
    shutil.copytree(BLUEPRINTS, tmp_path / "blueprints")
    hass.config.config_dir = str(tmp_path)
    assert await async_setup_component(hass, "persistent_notification", {})

    async def _automate(**chosen: Any) -> None:
        blueprint = {"path": FROM_EMAIL, "input": chosen}
        automation = {"id": "mail", "alias": "Mail", "use_blueprint": blueprint}
        config = yaml.safe_load(yaml.safe_dump({"automation": [automation]}))
        assert await async_setup_component(hass, "automation", config)
        await hass.async_block_till_done()
        assert hass.states.get("automation.mail").state == "on"

    return _automate


async def followed(hass: HomeAssistant) -> dict[str, str | None]:
    """Return the numbers that are followed, and their sellers."""
    answer = await hass.services.async_call(
        DOMAIN, "get_parcels", {}, blocking=True, return_response=True
    )
    parcels: list[dict[str, Any]] = answer["parcels"]
    return {parcel["tracking_number"]: parcel["seller"] for parcel in parcels}


def notifications(hass: HomeAssistant) -> list[str]:
    """Return what Home Assistant has told the person."""
    shown = hass.data.get("persistent_notification", {})
    return [notification["message"] for notification in shown.values()]


TEXT = f"Dear customer,\n{'it is on its way. ' * 10}\nTracking number: {NUMBER}\n"


async def test_a_message_adds_the_parcel_that_it_speaks_of(
    hass: HomeAssistant, automate: Automate, mailbox: Mailbox
) -> None:
    await automate()
    await mailbox.receives(TEXT)
    assert await followed(hass) == {NUMBER: "orders@mail.shop.example"}
    (told,) = notifications(hass)
    assert told == f"Your order 4711 (orders@mail.shop.example): {NUMBER}"


async def test_a_subject_shows_no_pictures_and_leads_nowhere(
    hass: HomeAssistant, automate: Automate, mailbox: Mailbox
) -> None:
    await automate()
    subject = "Pay [here](https://evil.example) ![](http://evil.example/p.png) <b>now"
    await mailbox.receives(TEXT, subject=f"{subject} www.evil.example {'x' * 500}")
    (told,) = notifications(hass)
    assert told.startswith("Pay")
    assert told.endswith(f"(orders@mail.shop.example): {NUMBER}")
    assert not {"[", "]", "<", "!["} & set(told.split("(")[0])
    assert "://" not in told
    assert "www." not in told
    assert len(told) < 200


async def test_a_sender_shows_no_pictures_and_leads_nowhere(
    hass: HomeAssistant, automate: Automate, mailbox: Mailbox
) -> None:
    await automate(senders=["shop.example"])
    # What stands in quotes before the @ can be anything.
    picture = '"![](http://evil.example/p.png)[x](//evil.example)<b>"@shop.example'
    await mailbox.receives(TEXT, sender=picture)
    (told,) = notifications(hass)
    assert told.endswith(f"@shop.example): {NUMBER}")
    assert not {"[", "]", "<", "/"} & set(told)


async def test_a_message_that_is_told_again_adds_nothing_and_says_nothing(
    hass: HomeAssistant, automate: Automate, mailbox: Mailbox
) -> None:
    await automate()
    await mailbox.receives(TEXT)
    await mailbox.receives(TEXT)
    await mailbox.receives(f"Tracking number: {OTHER_NUMBER}", initial=False)
    assert list(await followed(hass)) == [NUMBER]
    assert len(notifications(hass)) == 1


@pytest.mark.parametrize(
    ("senders", "sender", "welcome"),
    [
        ([], "anybody@somewhere.example", True),
        (["shop.example"], "orders@shop.example", True),
        ([" @Shop.Example "], "ORDERS@MAIL.SHOP.EXAMPLE", True),
        (["x.example", "orders@shop.example"], "Orders@shop.example", True),
        (["orders@shop.example"], "news@shop.example", False),
        (["orders@shop.example"], "other-orders@shop.example", False),
        (["shop.example"], "orders@bigshop.example", False),
        (["shop.example"], "orders@shop.example.evil.example", False),
        (["", "shop.example"], "anybody@somewhere.example", False),
        (["shop.example"], "", False),
    ],
)
async def test_only_the_senders_chosen_add_parcels(
    hass: HomeAssistant,
    automate: Automate,
    mailbox: Mailbox,
    senders: list[str],
    sender: str,
    welcome: bool,
) -> None:
    await automate(senders=senders)
    await mailbox.receives(TEXT, sender=sender)
    assert (NUMBER in await followed(hass)) is welcome


async def test_what_the_event_tells_does_where_the_message_cannot_be_fetched(
    hass: HomeAssistant, automate: Automate, mailbox: Mailbox
) -> None:
    await automate()
    mailbox.reachable = False
    await mailbox.receives(f"Tracking number: {NUMBER}")
    await mailbox.receives(f"{OTHER_NUMBER} follows", text=None)
    assert list(await followed(hass)) == [NUMBER]


async def test_nobody_is_told_who_did_not_want_it(
    hass: HomeAssistant, automate: Automate, mailbox: Mailbox
) -> None:
    await automate(notify=False)
    await mailbox.receives(TEXT)
    assert list(await followed(hass)) == [NUMBER]
    assert notifications(hass) == []


async def test_actions_of_ones_own_know_what_was_added(
    hass: HomeAssistant, automate: Automate, mailbox: Mailbox
) -> None:
    told: list[dict[str, Any]] = []

    @callback
    def hear(event: Event) -> None:
        told.append(dict(event.data))

    hass.bus.async_listen("told", hear)
    await automate(
        then=[{"event": "told", "event_data": {"added": "{{ added | join(',') }}"}}]
    )
    await mailbox.receives("Nothing was sent yet. Order number: 3041872265519034")
    await mailbox.receives(f"{TEXT}\n{OTHER_NUMBER}")
    assert told == [{"added": f"{NUMBER},{OTHER_NUMBER}"}]
