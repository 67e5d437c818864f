"""A house that is asked about its parcels: the same ones in every language."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from custom_components.waybill.tracking.model import Estimate, Stage
from homeassistant.core import Context, HomeAssistant
from homeassistant.setup import async_setup_component

from .conftest import Carrier, SetUp, Wait, parcel_data

WEDNESDAY: Final = datetime(2026, 6, 10, 12, tzinfo=UTC)
"""When it is asked; the house is on UTC."""


def _number(key: str) -> str:
    return f"LP001234567890{list(STAGES).index(key):02}"


def _id(key: str) -> str:
    return f"01JPARCEL00000000000000{list(STAGES).index(key):03}"


STAGES: Final[Mapping[str, tuple[Stage | None, datetime]]] = {
    "running_shoes": (Stage.IN_CUSTOMS, WEDNESDAY - timedelta(days=1, hours=3)),
    "rain_shoes": (Stage.IN_TRANSIT, WEDNESDAY - timedelta(days=2)),
    "lamp": (Stage.OUT_FOR_DELIVERY, WEDNESDAY - timedelta(hours=4)),
    "kettle": (Stage.IN_TRANSIT, WEDNESDAY - timedelta(days=4)),
    "guitar": (Stage.IN_TRANSIT, WEDNESDAY - timedelta(days=20)),
    "book": (Stage.DELIVERED, datetime(2026, 6, 9, 14, 5, tzinfo=UTC)),
    "phone_case": (None, WEDNESDAY),
}
"""Each parcel by the key of its name, with its newest scan."""

ESTIMATES: Final = {
    "lamp": Estimate(
        start=datetime(2026, 6, 10, 14), end=datetime(2026, 6, 10, 18, 30)
    ),
    "rain_shoes": Estimate(start=datetime(2026, 6, 12).date()),
    "running_shoes": Estimate(
        start=datetime(2026, 6, 11, 9), end=datetime(2026, 6, 11, 12)
    ),
    "kettle": Estimate(start=datetime(2026, 6, 7).date()),
}
EARLIER: Final = {"kettle": (Stage.CUSTOMS_CLEARED, WEDNESDAY - timedelta(days=6))}
PLACES: Final = {"rain_shoes": "Frankfurt"}
SELLERS: Final = {"rain_shoes": "Temu", "lamp": "AliExpress"}


async def furnish(
    hass: HomeAssistant,
    carrier: Carrier,
    set_up: SetUp,
    wait: Wait,
    names: Mapping[str, str],
    language: str = "en",
) -> Any:
    """Let the house follow its parcels, with a voice assistant; returns the entry."""
    hass.config.language = language
    await hass.config.async_set_time_zone("UTC")
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "conversation", {})
    parcels = []
    for key, name in names.items():
        stage, at = STAGES[key]
        number = _number(key)
        if key in EARLIER:
            before, then = EARLIER[key]
            carrier.scan(before, number, at=then)
        if stage is not None:
            fields = {"location": PLACES[key]} if key in PLACES else {}
            carrier.scan(stage, number, at=at, **fields)
        if key in ESTIMATES:
            carrier.answer(tracking_number=number, estimate=ESTIMATES[key])
        seller = {"seller": SELLERS[key]} if key in SELLERS else {}
        parcels.append(parcel_data(number, _id(key), name, **seller))
    entry = await set_up(*parcels)
    await wait(timedelta(seconds=3))
    return entry


async def ask(
    hass: HomeAssistant, say: str, language: str = "en", context: Context | None = None
) -> str:
    """Say a sentence to Home Assistant's own assistant; returns its answer."""
    answer = await hass.services.async_call(
        "conversation",
        "process",
        {"text": say, "language": language},
        blocking=True,
        return_response=True,
        context=context,
    )
    await hass.async_block_till_done()
    return answer["response"]["speech"]["plain"]["speech"]
