"""Hands out dispute files, and their pages as pictures.

To those who are signed in, and by signed paths, which expire as all of Home
Assistant's do.
"""

import asyncio
from functools import partial
from http import HTTPStatus
from typing import Final

from aiohttp import hdrs, web

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView

from .const import DOMAIN
from .evidence_files import MIME_TYPES, EvidenceFiles
from .evidence_pictures import MAX_WIDTH, picture
from .loaded_entry import loaded_coordinator

URL: Final = f"/api/{DOMAIN}/evidence"

_PNG: Final = "image/png"
_AT_ONCE: Final = 2
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    ),
    "Cache-Control": "private, max-age=300",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@callback
def async_evidence_files(hass: HomeAssistant) -> EvidenceFiles | None:
    """Return the dispute files, while Waybill is set up."""
    coordinator = loaded_coordinator(hass)
    return coordinator.evidence_files if coordinator is not None else None


@callback
def async_register_views(hass: HomeAssistant) -> None:
    """Answer requests for dispute files."""
    hass.http.register_view(EvidenceFileView)
    hass.http.register_view(EvidencePictureView)


class EvidenceFileView(HomeAssistantView):
    """A whole dispute file."""

    url = f"{URL}/{{name}}"
    name = f"api:{DOMAIN}:evidence"

    async def get(self, request: web.Request, name: str) -> web.Response:
        """Hand out a file, to the byte as it was written."""
        files = async_evidence_files(request.app[KEY_HASS])
        content = await files.async_with(name, bytes) if files is not None else None
        if content is None:
            return web.Response(status=HTTPStatus.NOT_FOUND, headers=_HEADERS)
        return _answer(content, MIME_TYPES[name.rpartition(".")[2]], name)


class EvidencePictureView(HomeAssistantView):
    """One page of a dispute file, as a picture."""

    url = f"{URL}/{{name}}/{{page:[0-9]{{1,3}}}}.png"
    name = f"api:{DOMAIN}:evidence:page"

    def __init__(self) -> None:
        """Draw few pages at once: a list of many files asks for many."""
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def get(self, request: web.Request, name: str, page: str) -> web.Response:
        """Hand out a page; ``width`` asks for a smaller picture, in pixels."""
        files = async_evidence_files(request.app[KEY_HASS])
        wanted = request.query.get("width", "")
        width = int(wanted[:5]) if wanted.isdecimal() else MAX_WIDTH
        png = None
        if files is not None and name.endswith(".pdf"):
            async with self._turn:
                png = await files.async_with(
                    name, partial(picture, page=int(page), width=width)
                )
        if png is None:
            return web.Response(status=HTTPStatus.NOT_FOUND, headers=_HEADERS)
        return _answer(png, _PNG, f"{name}-{page}.png")


def _answer(content: bytes, mime_type: str, name: str) -> web.Response:
    return web.Response(
        body=content,
        content_type=mime_type,
        charset="utf-8" if mime_type == MIME_TYPES["html"] else None,
        headers={
            **_HEADERS,
            hdrs.CONTENT_DISPOSITION: f'inline; filename="{name}"',
        },
    )
