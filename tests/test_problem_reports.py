"""Something is wrong with the parcel: it is written down, and what to do is said."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockUser, async_capture_events
import voluptuous as vol

from custom_components.waybill import problem_reports
from custom_components.waybill.tracking.chain import verify
from custom_components.waybill.tracking.model import ProblemKind, Stage
from custom_components.waybill.tracking.problems import settle
from homeassistant.components.frontend.storage import async_user_store
from homeassistant.core import Context, Event, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

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
from .reports import picture, report
from .test_alerts_story import alerts, get_parcel
from .test_milestones_story import start, stop

ATTENTION = "binary_sensor.running_shoes_needs_attention"
TODAY = date(2026, 6, 10)
DAY = timedelta(days=1)


@pytest.fixture(name="media")
def _media(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Give the house a media folder with a photo."""
    (tmp_path / "box.jpg").write_bytes(picture())
    hass.config.media_dirs = {"local": str(tmp_path)}
    return tmp_path


@pytest.fixture(name="french")
async def _french(
    hass: HomeAssistant, frontend: object, hass_read_only_user: MockUser
) -> Context:
    """Return who calls: no administrator, and at home in French."""
    store = await async_user_store(hass, hass_read_only_user.id)
    await store.async_set_item("language", {"language": "fr"})
    return Context(user_id=hass_read_only_user.id)


def attributes(hass: HomeAssistant) -> dict[str, Any]:
    """Return what the device shows of what needs attention."""
    state = hass.states.get(ATTENTION)
    assert state is not None
    return dict(state.attributes)


@pytest.mark.parametrize(
    ("problem", "contact", "english", "french_words"),
    [
        ("not_delivered", "carrier", "proof of delivery", "preuve de livraison"),
        ("damaged", "carrier", "in writing within a few days", "par écrit"),
        ("missing_item", "seller", "several parcels", "plusieurs colis"),
        ("wrong_item", "seller", "Do not use it", "Ne l’utilisez pas"),
    ],
)
async def test_each_problem_has_its_advice_in_the_language_of_whoever_asks(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    carrier: Carrier,
    set_up: SetUp,
    french: Context,
    problem: str,
    contact: str,
    english: str,
    french_words: str,
) -> None:
    """Short steps, the shop last; the message holds what the person wrote."""
    await set_up()
    told = await report(hass, problem, description="One shoe is blue")
    told_in_french = await report(hass, problem, context=french)
    for answer, words, shop in (
        (told, english, "dispute with the shop"),
        (told_in_french, french_words, "litige auprès de la boutique"),
    ):
        steps, deadline = answer["advice"].split("\n\n")
        lines = steps.splitlines()
        assert [line[:3] for line in lines] == ["1. ", "2. ", "3. ", "4. ", "5. "]
        assert words in steps
        assert shop in lines[-1]
        assert deadline
        assert (answer["contact"], answer["deadline"]) == (contact, None)
        assert NUMBER in answer["message"]
    assert told["message"].startswith("Hello")
    assert "One shoe is blue" in told["message"]
    assert told_in_french["message"].startswith("Bonjour")
    assert told["problem_id"] != told_in_french["problem_id"]
    assert "Modifier le colis" in told_in_french["advice"]
    assert "Change parcel" in told["advice"]


@pytest.mark.parametrize("problem", list(ProblemKind))
async def test_the_advice_names_the_seller_where_there_is_a_name(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    french: Context,
    problem: str,
) -> None:
    await set_up(
        parcel_data(seller="Shoe shop"),
        parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Lamp"),
    )
    told = await report(hass, problem)
    assert "rite to the seller (Shoe shop)" in told["advice"]
    told = await report(hass, problem, context=french)
    assert "crivez au vendeur (Shoe shop)" in told["advice"]
    told = await report(hass, problem, parcel_id=OTHER_PARCEL_ID)
    assert "rite to the seller" in told["advice"]
    assert "(" not in told["advice"]


@pytest.mark.parametrize(
    ("until", "contact", "english"),
    [
        (TODAY + 60 * DAY, "carrier", "ends on August 9, 2026: open the dispute"),
        (TODAY + 8 * DAY, "carrier", "ends on June 18, 2026: open the dispute"),
        (TODAY + 7 * DAY, "shop", "ends on June 17, 2026: open the dispute"),
        (TODAY, "shop", "ends on June 10, 2026: open the dispute"),
        (TODAY - DAY, "carrier", "ended on June 9, 2026"),
    ],
)
async def test_when_time_runs_out_the_shop_comes_first(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    carrier: Carrier,
    set_up: SetUp,
    until: date,
    contact: str,
    english: str,
) -> None:
    await set_up(parcel_data(protection_until=until.isoformat()))
    answer = await report(hass, "not_delivered")
    assert answer["contact"] == contact
    assert answer["deadline"] == until.isoformat()
    assert english in answer["advice"]


async def test_the_days_left_are_counted_on_the_clock_at_home(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    carrier: Carrier,
    set_up: SetUp,
) -> None:
    """Where it is the 11th already, the protection until the 10th is over."""
    await hass.config.async_set_time_zone("Pacific/Kiritimati")
    await set_up(parcel_data(protection_until=TODAY.isoformat()))
    answer = await report(hass, "missing_item")
    assert answer["contact"] == "seller"
    assert "ended on" in answer["advice"]


async def test_a_report_shows_on_the_device_until_it_is_settled(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    carrier: Carrier,
    set_up: SetUp,
    media: Path,
    wait: Wait,
) -> None:
    """It is told once, though another follows and Home Assistant starts anew."""
    told = async_capture_events(hass, "waybill_alert")
    carrier.scan(Stage.DELIVERED)
    entry = await set_up()
    await wait(timedelta(seconds=3))
    assert attributes(hass)["problem"] is None
    reported_at = dt_util.utcnow()
    await report(hass, "damaged", description="A corner is torn", photos="box.jpg")
    assert alerts(hass) == ["problem_reported"]
    assert hass.states.get("sensor.running_shoes").state == "delivered"
    await wait(timedelta(hours=1))
    await report(hass, "wrong_item", description="And it is a hat")

    async def holds() -> None:
        shown = attributes(hass)
        assert alerts(hass) == ["problem_reported"]
        assert shown["problem"] == "wrong_item"
        assert shown["detail"] == "And it is a hat"
        assert shown["since"] == reported_at.isoformat()
        (alert,) = (await get_parcel(hass))["alerts"]
        assert alert["kind"] == "problem_reported"
        (event,) = told
        assert event.data["parcel_id"] == PARCEL_ID
        assert event.data["kind"] == "problem_reported"

    await holds()
    await stop(hass, entry)
    await start(hass, entry, wait)
    await holds()
    journal = entry.runtime_data.journals[PARCEL_ID]
    assert [(p.problem, len(p.photos)) for p in journal.problems] == [
        (ProblemKind.DAMAGED, 1),
        (ProblemKind.WRONG_ITEM, 0),
    ]
    assert verify(journal) == ()

    await entry.runtime_data.async_change_journal(
        PARCEL_ID, lambda journal: settle(journal, dt_util.utcnow())
    )
    assert alerts(hass) == []
    assert attributes(hass)["problem"] is None
    await report(hass, "damaged")
    assert alerts(hass) == ["problem_reported"]
    assert attributes(hass)["problem"] == "damaged"
    assert len(told) == 2


async def test_a_parcel_is_named_by_its_number_too(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    carrier: Carrier,
    set_up: SetUp,
) -> None:
    await set_up()
    await hass.services.async_call(
        "waybill",
        "report_problem",
        {"tracking_number": NUMBER, "problem": "damaged"},
        blocking=True,
    )
    assert alerts(hass) == ["problem_reported"]


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"parcel_id": "another"}, "unknown_parcel"),
        ({"tracking_number": "LP00999999999999"}, "unknown_parcel"),
        ({}, "no_parcel_named"),
    ],
)
async def test_a_parcel_that_is_not_followed_is_named(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    carrier: Carrier,
    set_up: SetUp,
    data: dict[str, str],
    key: str,
) -> None:
    await set_up()
    with pytest.raises(ServiceValidationError) as error:
        await hass.services.async_call(
            "waybill", "report_problem", {"problem": "damaged", **data}, blocking=True
        )
    assert error.value.translation_key == key


@pytest.mark.parametrize(
    "data",
    [
        {"problem": "late"},
        {"problem": "damaged", "description": "x" * 2001},
        {"problem": "damaged", "photos": [7.5, {}]},
        {"problem": "damaged", "photos": {"media_content_type": "image/jpeg"}},
        {"problem": "damaged", "photos": [["box.jpg"]]},
    ],
)
async def test_what_makes_no_sense_is_refused(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    carrier: Carrier,
    set_up: SetUp,
    data: dict[str, Any],
) -> None:
    await set_up()
    with pytest.raises(vol.Invalid):
        await hass.services.async_call(
            "waybill",
            "report_problem",
            {"parcel_id": PARCEL_ID, **data},
            blocking=True,
        )
    assert alerts(hass) == []


async def test_a_parcel_that_is_removed_while_photos_are_looked_at_is_named(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    carrier: Carrier,
    set_up: SetUp,
    media: Path,
) -> None:
    entry = await set_up()
    real = problem_reports.async_verify_photos

    async def slow(*args: Any) -> Any:
        hass.config_entries.async_remove_subentry(entry, PARCEL_ID)
        await hass.async_block_till_done()
        return await real(*args)

    with (
        patch.object(problem_reports, "async_verify_photos", slow),
        pytest.raises(ServiceValidationError) as error,
    ):
        await report(hass, photos="box.jpg")
    assert error.value.translation_key == "unknown_parcel"


async def test_a_report_in_the_middle_of_a_reload_is_refused_not_lost(
    hass: HomeAssistant, carrier: Carrier, set_up: SetUp, media: Path
) -> None:
    entry = await set_up()
    real = problem_reports.async_verify_photos

    async def slow(*args: Any) -> Any:
        await hass.config_entries.async_reload(entry.entry_id)
        return await real(*args)

    photo = str(media / "box.jpg")
    with (
        patch.object(problem_reports, "async_verify_photos", slow),
        pytest.raises(ServiceValidationError) as error,
    ):
        await report(hass, photos=photo)
    assert error.value.translation_key == "restarting"
    assert not entry.runtime_data.journals[PARCEL_ID].problems
    await report(hass, photos=photo)
    assert len(entry.runtime_data.journals[PARCEL_ID].problems) == 1


async def test_who_removes_a_parcel_at_the_report_leaves_its_reporter_the_advice(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
) -> None:
    """An automation may do so the very moment that it hears of it."""
    entry = await set_up()
    await wait(timedelta(seconds=3))

    @callback
    def tidy_up(_event: Event) -> None:
        hass.config_entries.async_remove_subentry(entry, PARCEL_ID)

    hass.bus.async_listen("waybill_alert", tidy_up)
    answer = await report(hass)
    assert NUMBER in answer["message"]
    await hass.async_block_till_done()
    assert PARCEL_ID not in entry.runtime_data.data
