"""Holds every flow to its texts, in every language."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
import json
from pathlib import Path
import re
from typing import Any
from unittest.mock import patch

import voluptuous as vol

from custom_components.waybill.languages import LANGUAGES
from homeassistant.data_entry_flow import FlowManager, FlowResultType, section

TRANSLATIONS = Path(__file__).parents[1] / "custom_components/waybill/translations"

type Texts = Mapping[str, Any]


def texts(language: str) -> Texts:
    """Return all texts of a language."""
    return json.loads((TRANSLATIONS / f"{language}.json").read_text("utf-8"))


def placeholders(text: str) -> set[str]:
    """Return the names that a text wants to be told."""
    return set(re.findall(r"{(\w+)}", text))


def assert_told(handler: Any, result: Mapping[str, Any]) -> None:
    """Assert that a person can read what a flow shows, in every language."""
    told = set(result.get("description_placeholders") or {})
    for language in LANGUAGES:
        for path, text in _texts_of(_flow(texts(language), handler), result):
            assert isinstance(text, str) and text, f"{language} lacks {path}"
            assert placeholders(text) <= told, f"{language} {path} lacks a placeholder"


def _flow(all_texts: Texts, handler: Any) -> Texts:
    if isinstance(handler, tuple):
        return all_texts["config_subentries"][handler[1]]
    return all_texts["config" if handler == "waybill" else "options"]


def _texts_of(flow: Texts, result: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    kind = result["type"]
    if kind is FlowResultType.ABORT:
        if "translation_domain" not in result:
            yield f"abort.{result['reason']}", flow["abort"].get(result["reason"])
        return
    if kind is FlowResultType.CREATE_ENTRY and result.get("description"):
        told = result["description"]
        yield f"create_entry.{told}", flow.get("create_entry", {}).get(told)
    if kind not in (FlowResultType.FORM, FlowResultType.MENU):
        return
    step_id = result["step_id"]
    step = flow["step"].get(step_id, {})
    for key in ("title", "description"):
        yield f"{step_id}.{key}", step.get(key)
    if kind is FlowResultType.MENU:
        for option in result["menu_options"]:
            for key in ("menu_options", "menu_option_descriptions"):
                yield f"{step_id}.{key}.{option}", step.get(key, {}).get(option)
        return
    yield from _fields(step_id, step, result["data_schema"])
    for error in (result["errors"] or {}).values():
        yield f"error.{error}", flow["error"].get(error)


def _fields(
    where: str, step: Texts, schema: vol.Schema
) -> Iterator[tuple[str, str | None]]:
    for marker, field in schema.schema.items():
        if isinstance(field, section):
            inner = step.get("sections", {}).get(str(marker), {})
            for key in ("name", "description"):
                yield f"{where}.{marker}.{key}", inner.get(key)
            yield from _fields(f"{where}.{marker}", inner, field.schema)
        else:
            for key in ("data", "data_description"):
                yield f"{where}.{key}.{marker}", step.get(key, {}).get(str(marker))


@contextmanager
def every_form_has_its_texts() -> Iterator[None]:
    """Hold all flows to their texts, whatever a test is about."""
    handle_step = FlowManager._async_handle_step

    async def handle(manager: Any, flow: Any, *args: Any) -> Any:
        result = await handle_step(manager, flow, *args)
        assert_told(flow.handler, result)
        return result

    with patch.object(FlowManager, "_async_handle_step", handle):
        yield
