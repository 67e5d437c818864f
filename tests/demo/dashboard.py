"""Waybill's own dashboard, as "New dashboard" makes it, opened first."""

from collections.abc import Mapping
from typing import Any, Final

from .client import Client
from .words import Words

URL_PATH: Final = "waybill-parcels"


async def add_dashboard(client: Client, words: Words) -> None:
    """Add the dashboard, and let it be what the address alone opens."""
    config = {"strategy": {"type": "custom:waybill"}}
    await make_dashboard(client, URL_PATH, words.dashboard, config)
    await client.command(
        "frontend/set_system_data", key="core", value={"default_panel": URL_PATH}
    )


async def make_dashboard(
    client: Client, url_path: str, title: str, config: Mapping[str, Any]
) -> None:
    """Add a dashboard that shows what its configuration says."""
    await client.command(
        "lovelace/dashboards/create",
        url_path=url_path,
        title=title,
        icon="mdi:package-variant",
    )
    await client.command("lovelace/config/save", url_path=url_path, config=config)
