"""The blueprints about parcels: from a milestone to what the house then does."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
import shutil
from time import sleep
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
    async_mock_service,
)
import yaml

from custom_components.waybill.const import DOMAIN
from custom_components.waybill.tracking.model import Estimate, Stage
from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    label_registry as lr,
)
from homeassistant.setup import async_setup_component

from .conftest import (
    NUMBER,
    OTHER_NUMBER,
    OTHER_PARCEL_ID,
    PARCEL_ID,
    Carrier,
    SetUp,
    Wait,
    parcel_data,
)

BLUEPRINTS = Path(__file__).parents[1] / "blueprints"
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOTIFY = "notify_stages"
ANNOUNCE = "announce_delivery"
LIGHT = "light_while_out_for_delivery"
MORNING = "morning_list"
CUSTOMS = "customs_duty"

ORDERED = {
    "order_number": "8170-4411",
    "order_url": "https://shop.example/order/8170",
    "seller": "Shoe shop",
}
BAGS = parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Bags")

type Automate = Callable[..., Awaitable[MockConfigEntry]]


def device_id(hass: HomeAssistant, entry: MockConfigEntry, of: str) -> str:
    """Return the id of a parcel's device, or of the hub's."""
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, of), entry.entry_id
    )
    assert device is not None
    return device.id


@pytest.fixture
async def automate(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, wait: Wait, tmp_path: Path
) -> AsyncGenerator[Automate]:
    """Follow parcels, and make an automation of a blueprint about any of them."""
    await hass.config.async_set_time_zone("Europe/Paris")
    shutil.copytree(BLUEPRINTS, tmp_path / "blueprints")
    hass.config.config_dir = str(tmp_path)
    assert await async_setup_component(hass, "persistent_notification", {})

    async def _automate(
        blueprint: str,
        *parcels: ConfigSubentryDataWithId,
        about: str | None = None,
        **chosen: Any,
    ) -> MockConfigEntry:
        entry = await set_up(*(parcels or (parcel_data(**ORDERED), BAGS)))
        await wait(HOUR)
        if blueprint != MORNING and "parcels" not in chosen:
            device = device_id(hass, entry, about or entry.entry_id)
            chosen["parcels"] = {"device_id": device}
        use = {"path": f"waybill/{blueprint}.yaml", "input": chosen}
        automation = {"id": "1234567890", "alias": "Parcels", "use_blueprint": use}
        config = yaml.safe_load(yaml.safe_dump({"automation": [automation]}))
        assert await async_setup_component(hass, "automation", config)
        await hass.async_block_till_done()
        assert hass.states.get("automation.parcels").state == "on"
        return entry

    yield _automate

    # Some wait for an hour of the day.
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "automation.parcels"}, blocking=True
    )


class Phone:
    """A phone with Home Assistant's app: what it is told, and what is tapped on it."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Register as the app does."""
        self._hass = hass
        entry = MockConfigEntry(domain="mobile_app")
        entry.add_to_hass(hass)
        device = dr.async_get(hass).async_get_or_create(
            config_entry_id=entry.entry_id,
            identifiers={("mobile_app", "phone")},
            name="Ann's phone",
        )
        dr.async_get(hass).async_update_device(device.id, name_by_user="Old one")
        self.device_id = device.id
        self.told: list[ServiceCall] = async_mock_service(
            hass, "notify", "mobile_app_ann_s_phone"
        )

    @property
    def last(self) -> Mapping[str, Any]:
        """What it was told last."""
        return self.told[-1].data

    @property
    def titles(self) -> list[str]:
        """What all that it was told is about."""
        return [call.data["title"] for call in self.told]

    @property
    def buttons(self) -> dict[str, Mapping[str, Any]]:
        """The buttons of what it was told last, by their titles."""
        return {button["title"]: button for button in self.last["data"]["actions"]}

    async def tap(self, action: str) -> None:
        """Tap a button, as the app tells of it."""
        self._hass.bus.async_fire(
            "mobile_app_notification_action", {"action": action, "device_id": "x"}
        )
        await self._hass.async_block_till_done()


@pytest.fixture
def phone(hass: HomeAssistant) -> Phone:
    """Have a phone."""
    return Phone(hass)


def shown(hass: HomeAssistant) -> dict[str, dict[str, Any]]:
    """Return the notifications that Home Assistant itself shows."""
    told: dict[str, dict[str, Any]] = hass.data.get("persistent_notification", {})
    return told


async def test_the_phone_is_told_of_the_stages_that_were_chosen(
    automate: Automate, carrier: Carrier, wait: Wait, phone: Phone
) -> None:
    await automate(
        NOTIFY, phones=[phone.device_id], milestones=["customs_cleared", "delivered"]
    )
    carrier.scan(Stage.IN_CUSTOMS)
    await wait(3 * HOUR)
    carrier.scan(Stage.CUSTOMS_CLEARED, description="Released", location="Roissy")
    await wait(3 * HOUR)
    carrier.scan(Stage.OUT_FOR_DELIVERY)
    await wait(3 * HOUR)
    assert phone.titles == ["Running shoes: Cleared by customs"]
    assert phone.last["message"] == "Released (Roissy)"
    assert phone.last["data"]["tag"] == f"waybill_{PARCEL_ID}"
    assert set(phone.buttons) == {"Open"}
    assert NUMBER in phone.buttons["Open"]["uri"]
    assert phone.last["data"]["url"] == phone.buttons["Open"]["uri"]
    assert phone.last["data"]["clickAction"] == phone.buttons["Open"]["uri"]


async def test_only_the_parcels_that_were_chosen_are_told(
    hass: HomeAssistant, automate: Automate, carrier: Carrier, wait: Wait, phone: Phone
) -> None:
    await automate(NOTIFY, about=OTHER_PARCEL_ID, phones=[phone.device_id])
    carrier.scan(Stage.DELIVERED)
    carrier.scan(Stage.DELIVERED, OTHER_NUMBER)
    await wait(3 * HOUR)
    assert phone.titles == ["Bags: Delivered"]
    assert shown(hass) == {}


async def test_a_label_chooses_parcels(
    hass: HomeAssistant, automate: Automate, carrier: Carrier, wait: Wait, phone: Phone
) -> None:
    label = lr.async_get(hass).async_create("Gift").label_id
    entry = await automate(
        NOTIFY, phones=[phone.device_id], parcels={"label_id": [label]}
    )
    dr.async_get(hass).async_update_device(
        device_id(hass, entry, PARCEL_ID), labels={label}
    )
    carrier.scan(Stage.DELIVERED)
    carrier.scan(Stage.DELIVERED, OTHER_NUMBER)
    await wait(3 * HOUR)
    assert phone.titles == ["Running shoes: Delivered"]


async def test_a_parcel_that_arrived_is_archived_from_the_phone(
    hass: HomeAssistant, automate: Automate, carrier: Carrier, wait: Wait, phone: Phone
) -> None:
    await automate(NOTIFY, phones=[phone.device_id])
    archived = async_mock_service(hass, DOMAIN, "archive_parcel")
    carrier.scan(Stage.DELIVERED)
    await wait(3 * HOUR)
    assert set(phone.buttons) == {"Open", "Archive"}
    await phone.tap(phone.buttons["Archive"]["action"])
    assert [call.data for call in archived] == [{"parcel_id": PARCEL_ID}]
    assert len(phone.told) == 1
    assert shown(hass) == {}


@pytest.mark.parametrize(
    "action",
    [
        "open_garage",
        "",
        "waybill_archive",
        f"waybill_archive|{PARCEL_ID}|another",
        f"waybill_remove|{PARCEL_ID}|1234567890",
    ],
)
async def test_other_buttons_are_left_to_others(
    hass: HomeAssistant, automate: Automate, phone: Phone, action: str
) -> None:
    await automate(NOTIFY, phones=[phone.device_id])
    archived = async_mock_service(hass, DOMAIN, "archive_parcel")
    await phone.tap(action)
    assert archived == []
    assert phone.told == []
    assert hass.states.get("automation.parcels").attributes["last_triggered"] is None


async def test_a_button_without_an_action_harms_nobody(
    hass: HomeAssistant, automate: Automate, phone: Phone
) -> None:
    await automate(NOTIFY, phones=[phone.device_id])
    hass.bus.async_fire("mobile_app_notification_action", {"action": None})
    await hass.async_block_till_done()
    assert phone.told == []


async def test_of_a_stuck_parcel_the_phone_gives_a_message_to_the_seller(
    hass: HomeAssistant, automate: Automate, carrier: Carrier, wait: Wait, phone: Phone
) -> None:
    also = async_capture_events(hass, "also")
    await automate(
        NOTIFY,
        parcel_data(**ORDERED, expected_by="2026-07-20"),
        phones=[phone.device_id],
        milestones=["stalled"],
        also=[{"event": "also", "event_data": {"title": "{{ title }}"}}],
    )
    carrier.scan(Stage.SHIPPED, description="Handed in `now` <b>")
    await wait(3 * HOUR)
    await wait(15 * DAY)
    assert phone.titles == ["Running shoes: No news for a long time"]
    assert set(phone.buttons) == {"Open", "Message to the seller"}
    await phone.tap(phone.buttons["Message to the seller"]["action"])

    assert phone.last["title"] == "Running shoes: Message to the seller"
    assert phone.last["data"]["tag"] == f"waybill_{PARCEL_ID}_message"
    tracking = phone.last["message"].split("Tracking page: ")[1].split("\n")[0]
    assert phone.last["message"].splitlines() == [
        "Hello,",
        f"my parcel with the tracking number {NUMBER} has not arrived.",
        "Order: 8170-4411",
        "Sent on: 2026-06-10",
        "Promised for: 2026-07-20",
        "Last news, on 2026-06-10: Handed in now b",
        f"Tracking page: {tracking}",
        (
            "Could you please ask the carrier where it is, and tell me what you will do if"
            " it does not turn up?"
        ),
        "Thank you",
    ]
    assert NUMBER in tracking
    assert phone.buttons["Order page"]["uri"] == ORDERED["order_url"]
    copied = shown(hass)[f"waybill_{PARCEL_ID}_message"]["message"]
    assert copied == f"```\n{phone.last['message']}\n```"
    assert [event.data["title"] for event in also] == [
        "Running shoes: No news for a long time"
    ]


async def test_what_nobody_knows_is_left_out_of_the_message(
    automate: Automate, wait: Wait, phone: Phone
) -> None:
    await automate(
        NOTIFY,
        parcel_data(name="Mug"),
        phones=[phone.device_id],
        letter="Hi!\nOrder {order}\nSent {shipped}\n{last_day}: {last_news}\n{number}",
    )
    await wait(15 * DAY)
    await phone.tap(phone.buttons["Message to the seller"]["action"])
    assert phone.last["message"].splitlines() == ["Hi!", NUMBER]
    assert phone.last["data"]["actions"] == []
    assert phone.last["data"]["url"] == "/"


async def test_a_parcel_that_became_late_is_told(
    automate: Automate, wait: Wait, phone: Phone
) -> None:
    await automate(
        NOTIFY,
        parcel_data(expected_by="2026-06-12"),
        phones=[phone.device_id],
        milestones=["became_late"],
    )
    await wait(3 * DAY)
    assert phone.titles == ["Running shoes: Late"]
    assert "Message to the seller" in phone.buttons


async def test_news_are_told_also_where_nothing_more_can_be_looked_up(
    hass: HomeAssistant, automate: Automate, carrier: Carrier, wait: Wait, phone: Phone
) -> None:
    await automate(NOTIFY, phones=[phone.device_id])
    async_mock_service(
        hass,
        DOMAIN,
        "get_parcels",
        raise_exception=HomeAssistantError("gone"),
        supports_response=SupportsResponse.ONLY,
    )
    carrier.scan(Stage.DELIVERED, description="")
    await wait(3 * HOUR)
    assert phone.titles == ["Running shoes: Delivered"]
    assert phone.last["message"] == "Running shoes: delivered"
    assert phone.last["data"]["url"] == "/"


async def test_a_phone_that_is_gone_keeps_the_news_from_no_other(
    automate: Automate, carrier: Carrier, wait: Wait, phone: Phone
) -> None:
    await automate(NOTIFY, phones=["gone", phone.device_id])
    carrier.scan(Stage.DELIVERED)
    await wait(3 * HOUR)
    assert phone.titles == ["Running shoes: Delivered"]


@pytest.mark.parametrize(
    ("opens", "opened"),
    [("device", "/config/devices/device/{device}"), ("dashboard", "/parcels")],
)
async def test_one_chooses_what_a_tap_opens(
    hass: HomeAssistant,
    automate: Automate,
    carrier: Carrier,
    wait: Wait,
    phone: Phone,
    opens: str,
    opened: str,
) -> None:
    entry = await automate(
        NOTIFY, phones=[phone.device_id], opens=opens, dashboard="/parcels", buttons=[]
    )
    carrier.scan(Stage.DELIVERED)
    await wait(3 * HOUR)
    device = device_id(hass, entry, PARCEL_ID)
    assert phone.last["data"]["url"] == opened.format(device=device)
    assert phone.last["data"]["actions"] == []


async def test_the_words_are_ones_own(
    automate: Automate, carrier: Carrier, wait: Wait, phone: Phone
) -> None:
    await automate(
        NOTIFY, phones=[phone.device_id], words={"delivered": "Livré", "open": "Ouvrir"}
    )
    carrier.scan(Stage.OUT_FOR_DELIVERY)
    await wait(3 * HOUR)
    carrier.scan(Stage.DELIVERED)
    await wait(3 * HOUR)
    assert phone.titles == ["Running shoes: out for delivery", "Running shoes: Livré"]
    assert set(phone.buttons) == {"Ouvrir", "archive"}


async def test_without_a_phone_home_assistant_tells_it_as_mere_words(
    hass: HomeAssistant, automate: Automate, carrier: Carrier, wait: Wait
) -> None:
    await automate(NOTIFY)
    carrier.scan(
        Stage.DELIVERED,
        description="Déposé, c'est là ![](http://evil.example/p.png) [x](www.evil.de)",
    )
    await wait(3 * HOUR)
    (told,) = shown(hass).values()
    assert told["title"] == "Running shoes: Delivered"
    assert told["message"].startswith("Déposé, c'est là")
    assert not {"[", "]", "://", "www."} & {
        mark for mark in ("[", "]", "://", "www.") if mark in told["message"]
    }


async def test_a_delivery_is_spoken_on_what_was_chosen(
    hass: HomeAssistant, automate: Automate, carrier: Carrier, wait: Wait
) -> None:
    announced = async_mock_service(hass, "assist_satellite", "announce")
    spoken = async_mock_service(hass, "tts", "speak")
    await automate(
        ANNOUNCE,
        satellites=["assist_satellite.kitchen"],
        loudspeakers=["media_player.hall"],
        voice="tts.voice",
        sentence="{name} is there: {place}.",
    )
    carrier.scan(Stage.DELIVERED, location="Garage")
    await wait(HOUR)
    assert [dict(call.data) for call in announced] == [
        {
            "entity_id": ["assist_satellite.kitchen"],
            "message": "Running shoes is there: Garage.",
        }
    ]
    assert [dict(call.data) for call in spoken] == [
        {
            "entity_id": ["tts.voice"],
            "media_player_entity_id": ["media_player.hall"],
            "message": "Running shoes is there: Garage.",
        }
    ]


async def test_what_was_not_chosen_does_not_speak(
    hass: HomeAssistant, automate: Automate, carrier: Carrier, wait: Wait
) -> None:
    announced = async_mock_service(hass, "assist_satellite", "announce")
    spoken = async_mock_service(hass, "tts", "speak")
    await automate(ANNOUNCE, loudspeakers=["media_player.hall"], voice="tts.voice")
    carrier.scan(Stage.DELIVERED)
    await wait(HOUR)
    assert announced == []
    assert [call.data["message"] for call in spoken] == [
        "Running shoes has been delivered."
    ]


@pytest.mark.parametrize(
    ("quiet_from", "quiet_until", "speaks"),
    [
        ("22:00:00", "07:00:00", True),
        ("22:00:00", "18:00:00", False),
        ("14:00:00", "18:00:00", False),
        ("18:00:00", "14:00:00", True),
        ("12:00:00", "12:00:00", True),
    ],
)
async def test_nothing_is_spoken_in_the_quiet_hours(
    hass: HomeAssistant,
    automate: Automate,
    carrier: Carrier,
    wait: Wait,
    quiet_from: str,
    quiet_until: str,
    speaks: bool,
) -> None:
    announced = async_mock_service(hass, "assist_satellite", "announce")
    await automate(
        ANNOUNCE,
        satellites=["assist_satellite.kitchen"],
        quiet_from=quiet_from,
        quiet_until=quiet_until,
    )
    carrier.scan(Stage.DELIVERED)
    # Four in the afternoon, in Paris.
    await wait(HOUR)
    assert bool(announced) is speaks


class Lamps:
    """Two lamps at the door that do as they are told."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Hang dark, in the night."""
        self._hass = hass
        self.switched: list[str] = []
        for lamp in ("light.door", "light.path"):
            hass.states.async_set(lamp, "off")
        self.night()
        for service, state in (("turn_on", "on"), ("turn_off", "off")):
            hass.services.async_register("light", service, self._switch_to(state))

    def _switch_to(self, state: str) -> Callable[[ServiceCall], Awaitable[None]]:
        async def switch(call: ServiceCall) -> None:
            self.switched.append(state)
            for lamp in call.data["entity_id"]:
                self._hass.states.async_set(lamp, state)

        return switch

    def night(self, below: bool = True) -> None:
        """Let the sun set, or rise."""
        self._hass.states.async_set(
            "sun.sun", "below_horizon" if below else "above_horizon"
        )

    @property
    def lit(self) -> list[str]:
        """Those that are on."""
        return [
            state.entity_id
            for state in self._hass.states.async_all("light")
            if state.state == "on"
        ]


@pytest.fixture
def lamps(hass: HomeAssistant) -> Lamps:
    """Have lamps at the door."""
    return Lamps(hass)


BOTH = ["light.door", "light.path"]
AFTER_SUNSET = 14 * HOUR
"""The test house stands in California, where the sun sets at three o'clock UTC."""


type Until = Callable[..., Awaitable[timedelta]]


@pytest.fixture
def until(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Until:
    """Let time pass, minute by minute, until something is so; says how long it took.

    An automation that waits is never done, so nothing can wait for all to be done.
    """

    async def _until(
        truth: Callable[[], bool], *, after: timedelta = timedelta()
    ) -> timedelta:
        begin = datetime.now(UTC)
        freezer.tick(after)
        for _ in range(300):
            async_fire_time_changed(hass)
            await hass.async_add_executor_job(sleep, 0.01)
            if truth():
                return datetime.now(UTC) - begin
            freezer.tick(MINUTE)
        pytest.fail("it did not come about")

    return _until


async def test_lights_are_on_while_a_parcel_is_out_after_dark(
    automate: Automate, carrier: Carrier, until: Until, lamps: Lamps
) -> None:
    await automate(LIGHT, lights=BOTH)
    carrier.scan(Stage.OUT_FOR_DELIVERY)
    await until(lambda: lamps.lit == BOTH)
    carrier.scan(Stage.DELIVERED)
    await until(lambda: lamps.lit == [])


async def test_a_second_parcel_keeps_the_light_on(
    hass: HomeAssistant,
    automate: Automate,
    carrier: Carrier,
    wait: Wait,
    until: Until,
    lamps: Lamps,
) -> None:
    await automate(LIGHT, lights=BOTH)
    carrier.scan(Stage.OUT_FOR_DELIVERY)
    carrier.scan(Stage.OUT_FOR_DELIVERY, OTHER_NUMBER)
    await until(lambda: lamps.lit == BOTH)
    carrier.scan(Stage.DELIVERED)
    await until(lambda: hass.states.is_state("sensor.running_shoes", "delivered"))
    assert lamps.lit == BOTH
    carrier.scan(Stage.DELIVERED, OTHER_NUMBER)
    await until(lambda: lamps.lit == [])
    assert lamps.switched == ["on", "off"]


async def test_another_parcel_turns_nothing_on(
    hass: HomeAssistant, automate: Automate, carrier: Carrier, wait: Wait, lamps: Lamps
) -> None:
    await automate(LIGHT, lights=BOTH, about=OTHER_PARCEL_ID)
    carrier.scan(Stage.OUT_FOR_DELIVERY)
    await wait(HOUR)
    assert hass.states.is_state("sensor.running_shoes", "out_for_delivery")
    await wait(AFTER_SUNSET)
    assert lamps.switched == []


@pytest.mark.parametrize("by", ["hub", "parcel", "entity", "label", "area"])
async def test_by_day_the_light_waits_for_the_evening(
    hass: HomeAssistant,
    automate: Automate,
    carrier: Carrier,
    wait: Wait,
    until: Until,
    lamps: Lamps,
    by: str,
) -> None:
    lamps.night(False)
    label = lr.async_get(hass).async_create("Gift").label_id
    area = ar.async_get(hass).async_create("Office").id
    chosen = {
        "entity": {"parcels": {"entity_id": "sensor.running_shoes"}},
        "label": {"parcels": {"label_id": [label]}},
        "area": {"parcels": {"area_id": area}},
        "parcel": {"about": PARCEL_ID},
    }
    entry = await automate(LIGHT, lights=BOTH, **chosen.get(by, {}))
    dr.async_get(hass).async_update_device(
        device_id(hass, entry, PARCEL_ID), labels={label}, area_id=area
    )
    carrier.scan(Stage.OUT_FOR_DELIVERY)
    await wait(HOUR)
    assert lamps.switched == []
    lamps.night()
    await until(lambda: lamps.lit == BOTH, after=AFTER_SUNSET)
    carrier.scan(Stage.DELIVERED)
    await until(lambda: lamps.lit == [], after=4 * HOUR)


async def test_the_light_does_not_stay_on_for_ever(
    automate: Automate, carrier: Carrier, until: Until, lamps: Lamps
) -> None:
    await automate(LIGHT, lights=BOTH, longest={"hours": 2})
    carrier.scan(Stage.OUT_FOR_DELIVERY)
    await until(lambda: lamps.lit == BOTH)
    lit_for = await until(lambda: lamps.lit == [])
    assert 2 * HOUR - MINUTE <= lit_for <= 2 * HOUR + 5 * MINUTE


async def test_a_light_that_was_on_already_is_left_alone(
    hass: HomeAssistant,
    automate: Automate,
    carrier: Carrier,
    wait: Wait,
    until: Until,
    lamps: Lamps,
) -> None:
    hass.states.async_set("light.door", "on")
    await automate(LIGHT, lights=BOTH)
    carrier.scan(Stage.OUT_FOR_DELIVERY)
    await until(lambda: lamps.lit == BOTH)
    carrier.scan(Stage.DELIVERED)
    await until(lambda: lamps.lit == ["light.door"])


async def test_lights_that_are_all_on_already_are_left_alone(
    hass: HomeAssistant, automate: Automate, carrier: Carrier, wait: Wait, lamps: Lamps
) -> None:
    hass.states.async_set("light.door", "on")
    await automate(LIGHT, lights=["light.door"])
    carrier.scan(Stage.OUT_FOR_DELIVERY)
    await wait(HOUR)
    carrier.scan(Stage.DELIVERED)
    await wait(HOUR)
    assert lamps.switched == []


async def test_a_light_that_somebody_switched_meanwhile_is_left_alone(
    hass: HomeAssistant,
    automate: Automate,
    carrier: Carrier,
    wait: Wait,
    until: Until,
    lamps: Lamps,
) -> None:
    await automate(LIGHT, lights=BOTH)
    carrier.scan(Stage.OUT_FOR_DELIVERY)
    await until(lambda: lamps.lit == BOTH)
    await until(lambda: True, after=5 * MINUTE)
    hass.states.async_set("light.path", "off")
    hass.states.async_set("light.path", "on")
    carrier.scan(Stage.DELIVERED)
    await until(lambda: lamps.lit == ["light.path"])


async def test_the_morning_list_names_what_matters_today(
    hass: HomeAssistant, automate: Automate, carrier: Carrier, wait: Wait, phone: Phone
) -> None:
    numbers = [f"LP0012345678902{digit}" for digit in range(9)]
    names = [
        "Duty",
        "Locker",
        "Van",
        "Window",
        "Promised",
        "Tomorrow",
        "There",
        "Silent",
        "Hours",
    ]
    parcels = [
        parcel_data(
            number,
            f"01JPARCEL000000000000001{place}",
            name,
            **({"expected_by": "2026-06-11"} if name == "Promised" else {}),
            **({"expected_by": "2026-06-12"} if name == "Tomorrow" else {}),
        )
        for place, (number, name) in enumerate(zip(numbers, names, strict=True))
    ]
    by_name = dict(zip(names, numbers, strict=True))
    said = async_capture_events(hass, "said")
    await automate(
        MORNING,
        *parcels,
        phones=[phone.device_id],
        also=[{"event": "said", "event_data": {"lines": "{{ lines | count }}"}}],
    )
    carrier.scan(Stage.CUSTOMS_ACTION_REQUIRED, by_name["Duty"])
    carrier.scan(Stage.READY_FOR_PICKUP, by_name["Locker"])
    carrier.answer(tracking_number=by_name["Locker"], pickup_point="Locker `12`")
    carrier.scan(Stage.OUT_FOR_DELIVERY, by_name["Van"])
    for name, start, end in (
        ("Window", None, datetime(2026, 6, 11, 21, 59, 59, tzinfo=UTC)),
        ("There", None, datetime(2026, 6, 11, 21, 59, 59, tzinfo=UTC)),
        (
            "Hours",
            datetime(2026, 6, 11, 8, tzinfo=UTC),
            datetime(2026, 6, 11, 10, tzinfo=UTC),
        ),
    ):
        carrier.scan(
            Stage.DELIVERED if name == "There" else Stage.IN_TRANSIT, by_name[name]
        )
        carrier.answer(
            tracking_number=by_name[name],
            estimate=Estimate(start=start or end, end=end),
        )
    await wait(3 * HOUR)
    await _next_morning(wait)
    assert phone.titles == ["Parcels today: 6"]
    assert phone.last["message"].splitlines() == [
        "Duty: customs wait for you",
        "Locker: ready for pickup (Locker 12)",
        "Van: out for delivery",
        "Window: expected today",
        "Promised: expected today",
        "Hours: expected today, 10:00 – 12:00",
    ]
    assert [event.data["lines"] for event in said] == [6]


async def test_on_an_empty_day_nothing_is_said(
    hass: HomeAssistant, automate: Automate, wait: Wait, phone: Phone
) -> None:
    said = async_capture_events(hass, "said")
    await automate(MORNING, phones=[phone.device_id], also=[{"event": "said"}])
    await _next_morning(wait)
    assert phone.told == []
    assert said == []
    assert shown(hass) == {}


async def test_an_empty_day_is_told_to_whoever_wants_to_know(
    hass: HomeAssistant, automate: Automate, wait: Wait
) -> None:
    await automate(MORNING, on_empty_days=True)
    await _next_morning(wait)
    assert shown(hass)["waybill_morning"]["message"] == "No parcels today"


async def test_without_a_phone_the_list_is_shown_in_home_assistant(
    hass: HomeAssistant, automate: Automate, carrier: Carrier, wait: Wait
) -> None:
    await automate(MORNING)
    carrier.scan(Stage.OUT_FOR_DELIVERY)
    carrier.scan(Stage.READY_FOR_PICKUP, OTHER_NUMBER)
    carrier.answer(tracking_number=OTHER_NUMBER, pickup_point="[x](http://evil.de)")
    await wait(3 * HOUR)
    await _next_morning(wait)
    pickup, van = shown(hass)["waybill_morning"]["message"].splitlines()
    assert pickup.startswith("- Bags: ready for pickup")
    assert "[" not in pickup
    assert "://" not in pickup
    assert van == "- Running shoes: out for delivery"


async def _next_morning(wait: Wait) -> None:
    """Sleep until half past seven in Paris, and a little longer."""
    now = datetime.now(UTC)
    morning = (now + DAY).replace(hour=5, minute=30, second=5)
    await wait(morning - now)


async def test_duty_is_told_with_the_tracking_page_and_a_warning(
    automate: Automate, carrier: Carrier, wait: Wait, phone: Phone
) -> None:
    await automate(CUSTOMS, phones=[phone.device_id])
    carrier.scan(Stage.CUSTOMS_ACTION_REQUIRED, description="Duty: 12.40 EUR")
    await wait(3 * HOUR)
    assert phone.titles == ["Running shoes: customs wait for you"]
    said, what_to_do, warning = phone.last["message"].split("\n\n")
    assert said == "Duty: 12.40 EUR"
    assert "tracking page" in what_to_do
    assert "Never pay by a link in a text message" in warning
    assert NUMBER in phone.buttons["Tracking page"]["uri"]


async def test_one_is_reminded_as_long_as_customs_wait(
    automate: Automate, carrier: Carrier, wait: Wait, phone: Phone
) -> None:
    await automate(CUSTOMS, phones=[phone.device_id], every=2)
    carrier.scan(Stage.CUSTOMS_ACTION_REQUIRED)
    await wait(3 * HOUR)
    reminders = []
    for _ in range(6):
        await _nine_in_the_morning(wait)
        reminders.append(len(phone.told) - 1)
    assert reminders == [0, 1, 1, 2, 2, 3]
    carrier.scan(Stage.CUSTOMS_CLEARED)
    await wait(3 * HOUR)
    for _ in range(4):
        await _nine_in_the_morning(wait)
    assert len(phone.told) == 4


async def test_one_is_reminded_of_the_chosen_parcels_only(
    automate: Automate, carrier: Carrier, wait: Wait, phone: Phone
) -> None:
    await automate(CUSTOMS, about=OTHER_PARCEL_ID, phones=[phone.device_id], every=1)
    carrier.scan(Stage.CUSTOMS_ACTION_REQUIRED)
    carrier.scan(Stage.CUSTOMS_ACTION_REQUIRED, OTHER_NUMBER)
    await wait(3 * HOUR)
    await _nine_in_the_morning(wait)
    assert phone.titles == ["Bags: customs wait for you"] * 2


async def test_one_who_wants_no_reminders_gets_none(
    automate: Automate, carrier: Carrier, wait: Wait, phone: Phone
) -> None:
    await automate(CUSTOMS, phones=[phone.device_id], every=0)
    carrier.scan(Stage.CUSTOMS_ACTION_REQUIRED)
    await wait(3 * HOUR)
    for _ in range(3):
        await _nine_in_the_morning(wait)
    assert len(phone.told) == 1


async def test_without_a_phone_home_assistant_shows_it_with_a_link(
    hass: HomeAssistant, automate: Automate, carrier: Carrier, wait: Wait
) -> None:
    await automate(CUSTOMS)
    carrier.scan(
        Stage.CUSTOMS_ACTION_REQUIRED, description="Pay [here](http://evil.example)"
    )
    await wait(3 * HOUR)
    told = shown(hass)[f"waybill_customs_{PARCEL_ID}"]
    assert told["title"] == "Running shoes: customs wait for you"
    assert "http://evil" not in told["message"]
    assert told["message"].count("](") == 1
    assert "[Tracking page](https://" in told["message"]


async def _nine_in_the_morning(wait: Wait) -> None:
    """Sleep until nine o'clock in Paris, and a little longer."""
    now = datetime.now(UTC)
    morning = (now + DAY).replace(hour=7, minute=0, second=5)
    await wait(morning - now)
