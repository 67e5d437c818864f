"""A dashboard of Home Assistant's own cards, for parcels that come and go.

Every parcel has a tile under every heading and shows up under the one that it
belongs to at the moment: it moves by itself as its stage changes.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.util import slugify

from .client import Client
from .home import STORY_DAYS, Home
from .words import Words

URL_PATH: Final = "waybill-parcels"

type Card = dict[str, Any]
type Condition = dict[str, Any]

_CUSTOMS: Final = ("in_customs", "customs_action_required", "customs_cleared")
_ARRIVED: Final = ("delivered", "returned")
_COLUMNS: Final = 12
"""A section's width: a wide section has two tiles beside each other."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A parcel and the entities that show it."""

    name: str
    stage: str
    needs_attention: str
    estimated_delivery: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Section:
    title: str
    icon: str
    color: str
    holds: Callable[[Shown], Condition]
    shows: Callable[[Shown], str]
    content: tuple[str, ...]


async def add_dashboard(
    client: Client,
    entry_id: str,
    parcels: Mapping[str, str],
    home: Home,
    later: Iterable[str] = (),
) -> None:
    """Show parcels (id and name) on a dashboard that opens first.

    ``later`` are the names of those that are still to come.
    """
    words = home.words
    entities = {
        entity["unique_id"]: entity["entity_id"]
        for entity in await client.command("config/entity_registry/list")
        if entity["platform"] == "waybill"
    }
    shown = [
        Shown(
            name=name,
            stage=entities[f"{parcel_id}_stage"],
            needs_attention=entities[f"{parcel_id}_needs_attention"],
            estimated_delivery=entities[f"{parcel_id}_estimated_delivery"],
        )
        for parcel_id, name in parcels.items()
    ]
    shown += [_like(shown[-1], name) for name in later]
    hub = {
        key.removeprefix(f"{entry_id}_"): entity_id
        for key, entity_id in entities.items()
        if key.startswith(f"{entry_id}_")
    }
    await client.command(
        "lovelace/dashboards/create",
        url_path=URL_PATH,
        title=words.dashboard,
        icon="mdi:package-variant",
    )
    await client.command(
        "lovelace/config/save",
        url_path=URL_PATH,
        config=_config(shown, hub, STORY_DAYS * home.day_seconds / 3600, words),
    )
    await client.command(
        "frontend/set_system_data", key="core", value={"default_panel": URL_PATH}
    )


def _like(parcel: Shown, name: str) -> Shown:
    """Return the entities that a parcel will have, by those of another."""
    known, wanted = slugify(parcel.name), slugify(name)
    return Shown(
        name=name,
        stage=parcel.stage.replace(known, wanted),
        needs_attention=parcel.needs_attention.replace(known, wanted),
        estimated_delivery=parcel.estimated_delivery.replace(known, wanted),
    )


def _config(
    shown: list[Shown], hub: Mapping[str, str], graph_hours: float, words: Words
) -> Card:
    sections = (
        _Section(
            title=words.attention,
            icon="mdi:alert-circle-outline",
            color="orange",
            holds=_needs_attention,
            shows=lambda parcel: parcel.needs_attention,
            content=("alerts",),
        ),
        _Section(
            title=words.customs,
            icon="mdi:shield-search",
            color="purple",
            holds=lambda parcel: _calm(parcel, _in(parcel, *_CUSTOMS)),
            shows=lambda parcel: parcel.stage,
            content=("state", "carrier_name"),
        ),
        _Section(
            title=words.under_way,
            icon="mdi:truck-fast-outline",
            color="blue",
            holds=lambda parcel: _calm(parcel, _not(_in(parcel, *_CUSTOMS, *_ARRIVED))),
            shows=lambda parcel: parcel.stage,
            content=("state", "carrier_name"),
        ),
        _Section(
            title=words.arrived,
            icon="mdi:package-variant-closed-check",
            color="green",
            holds=lambda parcel: _calm(parcel, _in(parcel, *_ARRIVED)),
            shows=lambda parcel: parcel.stage,
            content=("state", "last_changed"),
        ),
    )
    attention, customs, under_way, arrived = (
        _tiles(section, shown) for section in sections
    )
    return {
        "title": words.dashboard,
        "views": [
            {
                "title": words.dashboard,
                "path": "parcels",
                "type": "sections",
                "max_columns": 4,
                "dense_section_placement": True,
                "badges": _badges(hub),
                "sections": [
                    _grid(*attention, *customs, *_expected(shown, hub, words)),
                    _grid(*_happened(shown, words)),
                    _grid(*under_way, width=2),
                    _grid(*arrived, width=2),
                    _grid(*_stages(shown, graph_hours, words), width=2),
                ],
            }
        ],
    }


def _badges(hub: Mapping[str, str]) -> list[Card]:
    colors = {
        "active": "blue",
        "in_customs": "purple",
        "out_for_delivery": "light-green",
        "ready_for_pickup": "teal",
        "attention": "orange",
        "next_delivery": "blue-grey",
    }
    return [
        {
            "type": "entity",
            "entity": hub[key],
            "color": color,
            # The entity's own name, without the device's before it.
            "name": {"type": "entity"},
            "show_name": True,
            "show_state": True,
        }
        for key, color in colors.items()
    ]


def _tiles(section: _Section, shown: Iterable[Shown]) -> list[Card]:
    """Return a heading and tiles that are there while some parcel is in them."""
    heading = _heading(section.title, section.icon)
    heading["visibility"] = [_any(section.holds(parcel) for parcel in shown)]
    return [
        heading,
        *(
            {
                "type": "tile",
                "entity": section.shows(parcel),
                "name": parcel.name,
                "color": section.color,
                "state_content": list(section.content),
                "grid_options": {"columns": _COLUMNS},
                "visibility": [section.holds(parcel)],
            }
            for parcel in shown
        ),
    ]


def _expected(
    shown: Iterable[Shown], hub: Mapping[str, str], words: Words
) -> list[Card]:
    rows = [
        {
            "type": "conditional",
            "conditions": [
                _not(_in(parcel, *_ARRIVED)),
                {
                    "condition": "state",
                    "entity": parcel.estimated_delivery,
                    # One that is not followed has no such entity.
                    "state_not": ["unknown", "unavailable"],
                },
            ],
            "row": {
                "entity": parcel.estimated_delivery,
                "name": parcel.name,
                "format": "relative",
            },
        }
        for parcel in shown
    ]
    return [
        _heading(words.expected, "mdi:calendar-clock", hub["next_delivery"]),
        {"type": "entities", "entities": rows, "grid_options": {"columns": "full"}},
    ]


def _happened(shown: Iterable[Shown], words: Words) -> list[Card]:
    return [
        _heading(words.happened, "mdi:timeline-text-outline"),
        {
            "type": "logbook",
            "target": {"entity_id": [parcel.stage for parcel in shown]},
            "hours_to_show": 24,
            "grid_options": {"columns": "full", "rows": 8},
        },
    ]


def _stages(shown: Iterable[Shown], hours: float, words: Words) -> list[Card]:
    return [
        _heading(words.stages, "mdi:chart-timeline"),
        {
            "type": "history-graph",
            "hours_to_show": hours,
            "entities": [
                {"entity": parcel.stage, "name": parcel.name} for parcel in shown
            ],
            "grid_options": {"columns": "full"},
        },
    ]


def _grid(*cards: Card, width: int = 1) -> Card:
    return {"type": "grid", "cards": list(cards), "column_span": width}


def _heading(title: str, icon: str, badge: str | None = None) -> Card:
    heading: Card = {
        "type": "heading",
        "heading": title,
        "heading_style": "title",
        "icon": icon,
    }
    if badge is not None:
        heading["badges"] = [{"type": "entity", "entity": badge}]
    return heading


def _needs_attention(parcel: Shown) -> Condition:
    return {"condition": "state", "entity": parcel.needs_attention, "state": "on"}


def _in(parcel: Shown, *stages: str) -> Condition:
    return {"condition": "state", "entity": parcel.stage, "state": list(stages)}


def _calm(parcel: Shown, condition: Condition) -> Condition:
    # Of a parcel that is not followed, nothing is there to be asked.
    conditions = [_not(_in(parcel, "unavailable")), _not(_needs_attention(parcel))]
    conditions.append(condition)
    return {"condition": "and", "conditions": conditions}


def _any(conditions: Iterable[Condition]) -> Condition:
    return {"condition": "or", "conditions": list(conditions)}


def _not(condition: Condition) -> Condition:
    return {"condition": "not", "conditions": [condition]}
