"""All that makes the home: Waybill, accounts, parcels, automations, a dashboard."""

from collections.abc import Callable

from . import phone
from .automations import add_automations
from .client import Client
from .dashboard import add_dashboard
from .home import Home
from .parcels import add_accounts, add_parcels, set_up_waybill, wait_for_listed_parcels
from .words import Words


async def furnish(
    client: Client, home: Home, before_parcels: Callable[[], None] | None = None
) -> None:
    """Set everything up. The parcels' time begins with the first account."""
    await speak(client, home.words)
    entry_id = await set_up_waybill(client)
    await add_automations(client, entry_id, home.words)
    if before_parcels is not None:
        before_parcels()
    await phone.add_before(home)
    await add_accounts(client, entry_id)
    await add_parcels(client, home)
    await wait_for_listed_parcels(client)
    await add_dashboard(client, home.words)


async def speak(client: Client, words: Words) -> None:
    """Let the frontend speak a language; the browser's would decide otherwise."""
    await client.command(
        "frontend/set_user_data",
        key="language",
        value={"language": words.language, "number_format": "language"},
    )
