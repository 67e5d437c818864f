"""What Waybill says, from its own translations."""

from functools import cache
import json
from typing import Any

from tests.demo.folder import REPOSITORY


def text(path: str, language: str = "en", **placeholders: str) -> str:
    """Return a text by its path, such as ``entity.sensor.stage.name``."""
    found: Any = _translations(language)
    for key in path.split("."):
        found = found[key]
    return str(found).format(**placeholders)


def stage(name: str, language: str = "en") -> str:
    """Return how a stage is called."""
    return text(f"entity.sensor.stage.state.{name}", language)


def is_number_of(number: str, carriers: str) -> str:
    """Return how a form begins that says whose a number is."""
    step = "config.step.parcel.description"
    paragraph = text(step, number=number, carriers=carriers).split("\n")[0]
    return paragraph.replace("**", "")


@cache
def _translations(language: str) -> dict[str, Any]:
    folder = REPOSITORY / "custom_components" / "waybill" / "translations"
    content = (folder / f"{language}.json").read_text(encoding="utf-8")
    translations: dict[str, Any] = json.loads(content)
    return translations
