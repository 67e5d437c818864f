"""Lets a state of Waybill tell one story, and keeps what it stored.

No test of its own: ``STORED=tests/fixtures/stored/<name> pytest tests/make_stored.py``
keeps the shape of today for the tests of tomorrow. Laid among the tests of an older
state it keeps that state's: it leaves out what that one could not do yet.
"""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
import json
import os
from pathlib import Path
from typing import Any
import zlib

from custom_components.waybill.tracking import model
from homeassistant.core import HomeAssistant

from .conftest import (
    NUMBER,
    OTHER_NUMBER,
    OTHER_PARCEL_ID,
    PARCEL_ID,
    account_data,
    parcel_data,
)

LAMP, LAMP_ID = "LP00123456789014", "01JPARCEL0000000000000003"
TEA, TEA_ID = "LP00123456789015", "01JPARCEL0000000000000004"
HOURS = timedelta(hours=3)


async def test_keep_what_is_stored(
    hass: HomeAssistant,
    carrier: Any,
    set_up: Any,
    wait: Any,
    hass_storage: dict[str, Any],
    tmp_path: Path,
) -> None:
    """Tell the story, and keep what is on disk at its end."""
    hass.config.media_dirs = {"local": str(tmp_path)}
    entry = await set_up(
        parcel_data(seller="Shoe shop", expected_by="2026-06-20"),
        parcel_data(OTHER_NUMBER, OTHER_PARCEL_ID, "Tea pot"),
        parcel_data(LAMP, LAMP_ID, "Lamp"),
        parcel_data(TEA, TEA_ID, "Tea"),
        account_data("dhl"),
    )

    def scan(stage: str, number: str) -> None:
        carrier.scan(model.Stage(stage), number)
        if hasattr(model, "RawAnswer"):
            text = f"{stage} {number}".encode()
            raw = model.RawAnswer(
                sha256=sha256(text).hexdigest(),
                size=len(text),
                compressed=zlib.compress(text),
            )
            carrier.answer(tracking_number=number, raw=raw)

    async def call(action: str, **data: Any) -> None:
        if hass.services.has_service("waybill", action):
            answers = action != "remove_parcel"
            await hass.services.async_call(
                "waybill", action, data, blocking=True, return_response=answers
            )
            await hass.async_block_till_done()

    for number in (NUMBER, OTHER_NUMBER, LAMP, TEA):
        scan("shipped", number)
    for _ in range(3):
        await wait(HOURS)
    scan("in_customs", NUMBER)
    scan("out_for_delivery", OTHER_NUMBER)
    scan("delivered", LAMP)
    for _ in range(4):
        await wait(HOURS)
    await call("record_event", parcel_id=PARCEL_ID, description="Asked at the counter")
    await call(
        "report_problem",
        parcel_id=OTHER_PARCEL_ID,
        problem="damaged",
        description="Torn",
    )
    await call("export_evidence", parcel_id=PARCEL_ID, format="json")
    await call("archive_parcel", parcel_id=LAMP_ID)
    try:
        from custom_components.waybill.joined_parcels import async_join  # noqa: PLC0415
    except ImportError:
        pass
    else:
        await async_join(entry.runtime_data, OTHER_PARCEL_ID, TEA_ID)
        await hass.async_block_till_done()
    await wait(timedelta(minutes=5))
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
    entries = json.dumps(entry.as_dict(), indent=1, default=str)
    keep({k: v for k, v in hass_storage.items() if k.startswith("waybill.")}, entries)


def keep(files: Mapping[str, Any], entry: str) -> None:
    """Write what was stored, one file each, beside the entry."""
    folder = Path(os.environ["STORED"])
    folder.mkdir(parents=True)
    for name, stored in files.items():
        (folder / name).write_text(json.dumps(stored, indent=1) + "\n")
    (folder / "entry.json").write_text(entry + "\n")
