"""Whatever entities, triggers and conditions show has words in every language."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
import json
from pathlib import Path
from typing import Any

import pytest

import custom_components.waybill
from custom_components.waybill.binary_sensor import ATTR_ALERTS
from custom_components.waybill.condition import CONDITIONS
from custom_components.waybill.tracking.assessment import AlertKind
from custom_components.waybill.tracking.ledger import Refusal
from custom_components.waybill.tracking.model import (
    Estimate,
    MilestoneName,
    ProblemKind,
    Stage,
)
from custom_components.waybill.trigger import TRIGGERS
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .conftest import Carrier, SetUp, Wait, account_data, parcel_data
from .flow_texts import LANGUAGES

PACKAGE = Path(custom_components.waybill.__file__).parent
OURS = ("conditions", "entity", "triggers")

OF_HOME_ASSISTANT = {
    "device_class",
    "event_types",
    "friendly_name",
    "options",
    "state_class",
    "supported_features",
    "unit_of_measurement",
}

OF_A_CALENDAR = {
    "all_day",
    "description",
    "end_time",
    "location",
    "message",
    "start_time",
}


def flat(node: Any, path: str = "") -> dict[str, str]:
    if isinstance(node, str):
        return {path: node}
    found: dict[str, str] = {}
    for key, child in node.items():
        found |= flat(child, f"{path}.{key}" if path else key)
    return found


@cache
def words(language: str) -> dict[str, str]:
    path = PACKAGE / "translations" / f"{language}.json"
    return flat(json.loads(path.read_text(encoding="utf-8")))


async def test_all_that_an_entity_shows_is_named(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    entity_registry: er.EntityRegistry,
) -> None:
    await set_up(parcel_data(), account_data("dhl"))
    await wait(timedelta(hours=3))
    carrier.answer(estimate=Estimate(start=date(2099, 1, 1)))
    carrier.scan(
        Stage.CUSTOMS_ACTION_REQUIRED,
        local_time=datetime.now(UTC).replace(tzinfo=None),
        location="Roissy",
    )
    await wait(timedelta(hours=3))
    shown = set()
    entries = [e for e in entity_registry.entities.values() if e.platform == "waybill"]
    assert len(entries) > 10
    for entry in entries:
        key = f"entity.{entry.domain}.{entry.translation_key}"
        state = hass.states.get(entry.entity_id)
        assert state is not None
        if entry.original_name is not None:
            shown.add(f"{key}.name")
        shown |= {
            f"{key}.state_attributes.{name}.name"
            for name in state.attributes.keys() - OF_HOME_ASSISTANT
            if entry.domain != "calendar" or name not in OF_A_CALENDAR
        }
    for language in LANGUAGES:
        assert not shown - words(language).keys(), language


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_an_entity_says_is_worded(language: str) -> None:
    attributes = "state_attributes"
    expected = (
        {f"entity.sensor.stage.state.{stage}" for stage in Stage}
        | {f"entity.sensor.last_event.{attributes}.stage.state.{s}" for s in Stage}
        | {f"selector.stage.options.{stage}" for stage in Stage}
        | {
            f"entity.event.milestone.{attributes}.{name}.state.{milestone}"
            for name in ("event_type", "milestone")
            for milestone in MilestoneName
        }
        | {f"entity.event.milestone.{attributes}.stage.state.{s}" for s in Stage}
        | {
            f"entity.binary_sensor.needs_attention.{attributes}.{ATTR_ALERTS}"
            f".state.{kind}"
            for kind in AlertKind
        }
        | {
            f"{thing}.{problem}"
            for thing in (
                f"entity.binary_sensor.needs_attention.{attributes}.problem.state",
                "selector.problem.options",
            )
            for problem in ProblemKind
        }
        | {
            f"entity.binary_sensor.account_problem.{attributes}.reason.state.{reason}"
            for reason in Refusal
            if reason is not Refusal.SPACING
        }
        | {
            f"exceptions.refresh_refused_{reason}.message"
            for reason in (*Refusal, "no_provider")
        }
        | {
            f"triggers.{key}.{part}"
            for key in TRIGGERS
            for part in ("name", "description")
        }
        | {
            f"conditions.{key}.{part}"
            for key in CONDITIONS
            for part in (
                "name",
                "description",
                "fields.behavior.name",
                "fields.for.name",
            )
        }
        | {"conditions.is_stage.fields.stage.name"}
    )
    assert not expected - words(language).keys()


def test_no_language_lacks_what_another_has() -> None:
    english, *others = (
        {key for key in words(language) if key.startswith(OURS)}
        for language in LANGUAGES
    )
    for other in others:
        assert other == english


def test_all_that_has_words_has_an_icon() -> None:
    icons = json.loads((PACKAGE / "icons.json").read_text(encoding="utf-8"))
    assert set(icons["triggers"]) == set(TRIGGERS)
    assert set(icons["conditions"]) == set(CONDITIONS)
    assert set(icons["entity"]["sensor"]["stage"]["state"]) == set(Stage)
    named = {tuple(key.split(".")[1:3]) for key in words("en") if key[:6] == "entity"}
    assert named == {
        (domain, key) for domain in icons["entity"] for key in icons["entity"][domain]
    }
