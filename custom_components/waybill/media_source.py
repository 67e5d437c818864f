"""Dispute files in the media browser.

Its dialog shows pictures, but neither PDF nor HTML: a PDF is a folder of its
pages, each one a picture.
"""

from typing import Final, override

from homeassistant.components.media_player.const import MediaClass
from homeassistant.components.media_player.errors import BrowseError
from homeassistant.components.media_source import (
    BrowseMediaSource,
    MediaSource,
    MediaSourceItem,
    PlayMedia,
    Unresolvable,
)
from homeassistant.components.websocket_api.connection import current_connection
from homeassistant.core import HomeAssistant

from .const import DOMAIN
from .evidence_files import EvidenceFile, EvidenceFiles
from .evidence_pictures import MAX_PAGES
from .evidence_view import URL, async_evidence_files
from .evidence_words import async_words_for

_PDF: Final = "pdf"
_PNG: Final = "image/png"
_THUMBNAIL_WIDTH: Final = 320
_MAX_SHOWN: Final = 200


async def async_get_media_source(hass: HomeAssistant) -> EvidenceSource:
    """Offer the dispute files."""
    return EvidenceSource(hass)


class EvidenceSource(MediaSource):
    """The dispute files, the newest first."""

    name = "Waybill"

    def __init__(self, hass: HomeAssistant) -> None:
        """Offer what is there when it is asked for."""
        super().__init__(DOMAIN)
        self.hass = hass

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        """Return where a file, or a page of one, is handed out."""
        name, _, page = item.identifier.partition("/")
        file = await self._async_file(name)
        if file is None or (page and not _has_page(file, page)):
            raise Unresolvable(
                translation_domain=DOMAIN, translation_key="evidence_not_found"
            )
        if page:
            return PlayMedia(f"{URL}/{name}/{page}.png", _PNG)
        return PlayMedia(f"{URL}/{name}", file.mime_type)

    @override
    async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
        """Return all files, or the pages of one."""
        connection = current_connection.get()
        user_id = connection.user.id if connection is not None else None
        _, words = await async_words_for(self.hass, user_id)
        if not item.identifier:
            files = self._files
            there = await files.async_list() if files is not None else []
            return BrowseMediaSource(
                domain=DOMAIN,
                identifier=None,
                media_class=MediaClass.APP,
                media_content_type="",
                title=self.name,
                can_play=False,
                can_expand=True,
                children_media_class=MediaClass.DIRECTORY,
                children=[_entry(file, words) for file in there[:_MAX_SHOWN]],
                not_shown=max(0, len(there) - _MAX_SHOWN),
            )
        file = await self._async_file(item.identifier)
        if file is None or file.format != _PDF:
            raise BrowseError(
                translation_domain=DOMAIN, translation_key="evidence_not_found"
            )
        opened = _entry(file, words)
        opened.children_media_class = MediaClass.IMAGE
        opened.children = [
            BrowseMediaSource(
                domain=DOMAIN,
                identifier=f"{file.name}/{page}",
                media_class=MediaClass.IMAGE,
                media_content_type=_PNG,
                title=words["evidence_media_page"].format(page=page),
                thumbnail=_thumbnail(file, page),
                can_play=True,
                can_expand=False,
            )
            for page in range(1, min(file.pages, MAX_PAGES) + 1)
        ]
        return opened

    @property
    def _files(self) -> EvidenceFiles | None:
        return async_evidence_files(self.hass)

    async def _async_file(self, name: str) -> EvidenceFile | None:
        files = self._files
        return await files.async_find(name) if files is not None else None


def _entry(file: EvidenceFile, words: dict[str, str]) -> BrowseMediaSource:
    is_pdf = file.format == _PDF
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=file.name,
        media_class=MediaClass.DIRECTORY if is_pdf else MediaClass.URL,
        media_content_type=file.mime_type,
        title=words["evidence_media_title"].format(
            at=file.made_at.isoformat(" ", "minutes"),
            format=words[f"evidence_format_{file.format}"],
        ),
        thumbnail=_thumbnail(file, 1) if is_pdf else None,
        can_play=not is_pdf,
        can_expand=is_pdf,
    )


def _thumbnail(file: EvidenceFile, page: int) -> str:
    return f"{URL}/{file.name}/{page}.png?width={_THUMBNAIL_WIDTH}"


def _has_page(file: EvidenceFile, page: str) -> bool:
    return page in map(str, range(1, min(file.pages, MAX_PAGES) + 1))
