"""Hands the dashboard card to every browser, so that nobody has to add a resource."""

from hashlib import sha256
from pathlib import Path
from typing import Final

from homeassistant.components.http.server import StaticPathConfig
from homeassistant.core import HomeAssistant

from .const import DOMAIN

FOLDER: Final = Path(__file__).parent / "frontend"
_ENTRANCE: Final = "waybill.js"


async def async_serve_card(hass: HomeAssistant) -> None:
    """Serve the card's modules, and have the frontend load them.

    Their address changes whenever one of them does: browsers may keep them for
    long, and still have the new ones right after an update.
    """
    if "frontend" not in hass.config.components:
        return
    from homeassistant.components.frontend import add_extra_js_url  # noqa: PLC0415

    digest = await hass.async_add_executor_job(digest_of, FOLDER)
    path = f"/{DOMAIN}_card/{digest}"
    await hass.http.async_register_static_paths(
        [StaticPathConfig(path, str(FOLDER), cache_headers=True)]
    )
    add_extra_js_url(hass, f"{path}/{_ENTRANCE}")


def digest_of(folder: Path) -> str:
    """Return a short text that changes when a module of the folder does."""
    digest = sha256()
    for module in sorted(folder.glob("*.js")):
        digest.update(module.name.encode())
        digest.update(module.read_bytes())
    return digest.hexdigest()[:16]
