"""Waybill's own dashboard, as "New dashboard" makes it, opened first."""

from typing import Final

from .client import Client
from .words import Words

URL_PATH: Final = "waybill-parcels"


async def add_dashboard(client: Client, words: Words) -> None:
    """Add the dashboard, and let it be what the address alone opens."""
    await client.command(
        "lovelace/dashboards/create",
        url_path=URL_PATH,
        title=words.dashboard,
        icon="mdi:package-variant",
    )
    await client.command(
        "lovelace/config/save",
        url_path=URL_PATH,
        config={"strategy": {"type": "custom:waybill"}},
    )
    await client.command(
        "frontend/set_system_data", key="core", value={"default_panel": URL_PATH}
    )
