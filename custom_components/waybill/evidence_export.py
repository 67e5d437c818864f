"""Makes a parcel's dispute file, from the journal as it is on disk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
import json
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.util import dt as dt_util

from .archive_storage import Archived
from .const import CONF_TRACKING_NUMBER, DOMAIN
from .coordinator import WaybillCoordinator
from .evidence_words import async_words_for
from .new_parcel import archived_subentry
from .subentries import about_parcel, added_at
from .tracking.assessment import Rules
from .tracking.evidence import dossier
from .tracking.evidence_html import html
from .tracking.evidence_page import page
from .tracking.evidence_pdf import pdf
from .tracking.evidence_photos import shown
from .tracking.journal import Journal, open_journal
from .tracking.kept_answers import KeptAnswer
from .tracking.parcel import About, snapshot


@dataclass(frozen=True, kw_only=True, slots=True)
class _Case:
    """All that a dispute file is made from."""

    journal: Journal
    about: About
    answers: tuple[KeptAnswer, ...]
    unreadable: bool
    now: datetime
    zone: tzinfo
    home: str | None
    rules: Rules


@dataclass(frozen=True, kw_only=True, slots=True)
class _Made:
    content: bytes = field(repr=False)
    pages: int
    chain_valid: bool


async def async_export_evidence(
    coordinator: WaybillCoordinator,
    parcel: ConfigSubentry | Archived,
    file_format: str,
    user_id: str | None,
) -> dict[str, Any]:
    """Write the dispute file of a parcel that is known, for a person.

    Raises ServiceValidationError where it cannot be saved.
    """
    hass, files = coordinator.hass, coordinator.evidence_files
    files.writable_folder()
    language, words = await async_words_for(hass, user_id)
    case = await _async_case(coordinator, parcel)
    made = await hass.async_add_executor_job(_make, case, file_format, language, words)
    file = await files.async_write(made.content, file_format, made.pages)
    return {
        "path": str(files.writable_folder() / file.name),
        "media_content_id": f"media-source://{DOMAIN}/{file.name}",
        "sha256": file.sha256,
        "chain_valid": made.chain_valid,
    }


async def _async_case(
    coordinator: WaybillCoordinator, parcel: ConfigSubentry | Archived
) -> _Case:
    """Gather what is known of a parcel.

    Its journal is read from disk, so that what was changed there shows. Where
    that cannot be read any more, what is in memory is told, and written anew.
    """
    if isinstance(parcel, Archived):
        parcel = archived_subentry(parcel)
    parcel_id, number = parcel.subentry_id, parcel.data[CONF_TRACKING_NUMBER]
    journal = await coordinator.announcer.async_recall(number)
    unreadable = coordinator.storage.lost_at(number) is not None
    if journal is None or unreadable:
        journal = (
            coordinator.journals.get(parcel_id)
            or journal
            or open_journal(parcel_id, number, added_at(parcel))
        )
    if unreadable:
        # What is still known must not be lost at the next start.
        await coordinator.announcer.async_tell([parcel_id])
    return _Case(
        journal=journal,
        about=about_parcel(parcel),
        answers=tuple(await coordinator.storage.answers.async_of(journal)),
        unreadable=unreadable,
        now=dt_util.utcnow(),
        zone=dt_util.get_default_time_zone(),
        home=coordinator.hass.config.country,
        rules=coordinator.rules,
    )


def _make(
    case: _Case, file_format: str, language: str, words: Mapping[str, str]
) -> _Made:
    """Make the file; takes seconds, for the executor."""
    photos = shown(
        photo for problem in case.journal.problems for photo in problem.photos
    )
    told = dossier(
        case.journal,
        snapshot(
            case.journal,
            case.about,
            (),
            case.zone,
            case.home,
            now=case.now,
            rules=case.rules,
        ),
        case.answers,
        case.now,
        case.zone,
        {sha256: photo.state for sha256, photo in photos.items()},
        unreadable=case.unreadable,
    )
    pages = 0
    if file_format == "json":
        content = _json(told)
    else:
        pictures = {
            sha256: photo.jpeg
            for sha256, photo in photos.items()
            if photo.jpeg is not None
        }
        laid_out = page(told, words, language, pictures)
        if file_format == "html":
            content = html(laid_out).encode()
        else:
            printed = pdf(laid_out)
            content, pages = printed.content, printed.pages
    return _Made(content=content, pages=pages, chain_valid=told["chain_valid"])


def _json(told: Mapping[str, Any]) -> bytes:
    # Half a surrogate pair, which carriers can send, is told by its number.
    return json.dumps(told, ensure_ascii=False, indent=1).encode(
        errors="backslashreplace"
    )
