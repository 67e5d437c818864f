"""The card comes to every browser by itself, and lacks no module and no word."""

from collections.abc import Iterator, Mapping
import json
from pathlib import Path
import re
from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.waybill.served_card import FOLDER, digest_of
from custom_components.waybill.tracking.assessment import AlertKind
from custom_components.waybill.tracking.guide_steps import Step
from custom_components.waybill.tracking.ledger import Refusal
from custom_components.waybill.tracking.model import ProblemKind, Stage
from homeassistant.components.frontend import UrlManager
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from .flow_texts import texts

MONTH: Final = 31 * 86_400
MODULES: Final = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.js")}


async def test_the_frontend_is_told_of_the_entrance_alone(
    hass: HomeAssistant, frontend: UrlManager
) -> None:
    assert await async_setup_component(hass, "waybill", {})
    assert frontend.urls == {f"/waybill_card/{digest_of(FOLDER)}/waybill.js"}


@pytest.mark.parametrize("module", sorted(MODULES))
async def test_a_module_is_served_to_be_kept_for_long(
    hass: HomeAssistant,
    frontend: UrlManager,
    hass_client_no_auth: ClientSessionGenerator,
    module: str,
) -> None:
    assert await async_setup_component(hass, "waybill", {})
    client = await hass_client_no_auth()
    (entrance,) = frontend.urls

    answer = await client.get(entrance.replace("waybill.js", module))

    assert answer.status == 200
    assert answer.content_type == "text/javascript"
    assert answer.headers["Cache-Control"] == f"public, max-age={MONTH}"
    assert await answer.text() == MODULES[module]


async def test_a_home_without_a_frontend_serves_nothing(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator
) -> None:
    assert await async_setup_component(hass, "waybill", {})
    client = await hass_client_no_auth()
    answer = await client.get(f"/waybill_card/{digest_of(FOLDER)}/waybill.js")
    assert answer.status == 404


def test_the_address_changes_with_what_a_module_says_and_how_it_is_called(
    tmp_path: Path,
) -> None:
    module = tmp_path / "card.js"
    module.write_text("1")
    first = digest_of(tmp_path)
    assert digest_of(tmp_path) == first
    module.write_text("2")
    second = digest_of(tmp_path)
    module.rename(tmp_path / "row.js")
    third = digest_of(tmp_path)
    assert len({first, second, third}) == 3
    (tmp_path / "notes.txt").write_text("not served as a module")
    assert digest_of(tmp_path) == third


def imports(module: str) -> list[str]:
    """Return what a module imports, at once or later."""
    return re.findall(r"""(?:from|import)[ (]+["']([^"']+)["']""", MODULES[module])


def test_all_that_is_imported_is_there_and_no_module_is_idle() -> None:
    imported = {(name, what) for name in MODULES for what in imports(name)}
    assert {what for _, what in imported if not what.startswith("./")} == set()
    needed = {what.removeprefix("./") for _, what in imported}
    assert needed == set(MODULES) - {"waybill.js"}


def test_nothing_is_loaded_from_elsewhere_and_nothing_read_as_html() -> None:
    for name, source in MODULES.items():
        for danger in ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval("):
            assert danger not in source, name
        assert re.findall(r"""(?:fetch|import)\(["'`]https?:""", source) == [], name


def block(module: str, begin: str, end: str) -> str:
    """Return what stands between two texts in a module."""
    _, found, rest = MODULES[module].partition(begin)
    assert found, f"{module} lacks {begin}"
    return rest.partition(end)[0]


def listed(module: str, name: str) -> set[str]:
    """Return the words of a constant that is a list of words."""
    return set(re.findall(r'"(\w+)"', block(module, f"const {name} = [", "];")))


def first_words(module: str, name: str) -> set[str]:
    """Return the first words of a constant that is a list of lists."""
    return set(
        re.findall(
            r'^\s+\["(\w+)"', block(module, f"const {name} = [", "];"), re.MULTILINE
        )
    )


def field_names(source: str) -> set[str]:
    """Return the names of a form's fields."""
    return set(re.findall(r'name: "(\w+)"', source))


FIELDS: Final = field_names(block("editor.js", "schema: [", "computeLabel"))
PARTS: Final[Mapping[str, set[str]]] = {
    "step_${step}": set(Step),
    "step_${steps[last]}": set(Step),
    "layout_${option}": listed("editor.js", "LAYOUTS"),
    "delivered_${option}": listed("editor.js", "DELIVERED"),
    "config_${name}": FIELDS,
    "config_${name}_help": FIELDS,
    "fact_${key}": first_words("parcel_facts.js", "facts"),
    "action_${key}": first_words("parcel_dialog.js", "actions"),
    "problem_${name}": field_names(block("parcel_dialog.js", "#askProblem() {", "];")),
    "key": first_words("parcel_facts.js", "links"),
}
"""What the modules put into the keys that they build."""


def arguments(function: str) -> Iterator[str]:
    """Yield the first argument of each call of a function, as it is written."""
    for source in MODULES.values():
        definition = rf"(?:function |^  ){function}\(\w+(?:, \w+)?\) {{"
        source = re.sub(definition, "", source, flags=re.MULTILINE)
        for call in re.finditer(rf"(?<![.\w]){function}\(", source):
            depth, at = 0, call.end()
            while depth or source[at] not in ",)":
                depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(source[at], 0)
                at += 1
            yield source[call.end() : at]


def keys(argument: str) -> set[str]:
    """Return the keys that a call may ask for."""
    if argument in PARTS:
        return PARTS[argument]
    choice = argument.partition(" ? ")[2]
    found: set[str] = set()
    for key, template in re.findall(r'"([^"]*)"|`([^`]*)`', choice or argument):
        parts = PARTS.get(template)
        assert key or parts, f"add {template} to PARTS"
        variable = re.search(r"\$\{.*?\}", template)
        found |= {
            key or template.replace(variable[0] if variable else "", part)
            for part in parts or {""}
        }
    assert found, f"add {argument} to PARTS"
    return found


@pytest.mark.parametrize(
    ("function", "prefix"), [("say", "card_"), ("sayOfDashboard", "dashboard_")]
)
def test_the_modules_ask_for_the_texts_that_there_are(
    function: str, prefix: str
) -> None:
    asked = {key for argument in arguments(function) for key in keys(argument)}
    there = {
        key.removeprefix(prefix)
        for key in texts("en")["common"]
        if key.startswith(prefix)
    }
    assert asked == there


def test_every_part_is_one_that_the_modules_use() -> None:
    used = set(arguments("say"))
    templates = {t for argument in used for t in re.findall(r"`([^`]*)`", argument)}
    assert PARTS.keys() == (templates | used) & PARTS.keys()


def test_the_modules_tell_a_text_all_that_it_wants_to_be_told() -> None:
    calls = re.compile(r'\bsay\("(\w+)"(?:, (\{[^}]*\}))?\)')
    told = {
        (key, frozenset(re.findall(r"(\w+)(?=[:,} ])", values)))
        for source in MODULES.values()
        for key, values in calls.findall(source)
    }
    assert told
    common = texts("en")["common"]
    for key, values in told:
        wanted = set(re.findall(r"{(\w+)}", common[f"card_{key}"]))
        assert wanted <= values, key


def test_what_the_modules_say_with_other_texts_is_there() -> None:
    """As words.js finds them."""
    known: Any = texts("en")
    entity = known["entity"]
    attributes = entity["binary_sensor"]["needs_attention"]["state_attributes"]
    selector = known["selector"]
    assert set(Stage) <= entity["sensor"]["stage"]["state"].keys()
    assert set(AlertKind) <= attributes["alerts"]["state"].keys()
    assert listed("parcel_dialog.js", "PROBLEMS") == set(ProblemKind)
    assert set(ProblemKind) <= selector["problem"]["options"].keys()
    formats = selector["evidence_format"]["options"].keys()
    assert listed("parcel_dialog.js", "FORMATS") == formats
    refusals = {f"refresh_refused_{reason}" for reason in Refusal}
    assert refusals <= known["exceptions"].keys()


def test_every_stage_has_its_look_and_its_rank() -> None:
    looks = re.findall(
        r"^  (\w+): \[", block("looks.js", "const LOOKS = {", "};"), re.MULTILINE
    )
    assert sorted(looks) == sorted(Stage)
    ranks = re.findall(r'"(\w+)"', block("urgency.js", "const RANKS = [", "];"))
    assert sorted(ranks) == sorted(Stage)


def test_the_dashboard_names_entities_of_the_hub() -> None:
    sensors = json.loads((FOLDER.parent / "icons.json").read_text("utf-8"))
    badges = re.findall(
        r"^  (\w+): ", block("strategy.js", "const BADGES = {", "};"), re.MULTILINE
    )
    assert badges
    assert set(badges) <= sensors["entity"]["sensor"].keys()
