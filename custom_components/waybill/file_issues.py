"""Repairs about files: one that cannot be read, a disk that cannot be written."""

from enum import StrEnum
from typing import Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN, SUBENTRY_PARCEL
from .issues import SUBJECT
from .parcel_words import as_plain_text
from .stored_file import Fault

_DISK_FULL: Final = "disk_full"
_DISK_NOT_WRITABLE: Final = "disk_not_writable"


class Kind(StrEnum):
    """What a file holds."""

    JOURNAL = "journal"
    ANSWERS = "answers"
    ARCHIVE = "archive"
    MEMORY = "memory"


_DAMAGED: Final = {
    Kind.JOURNAL: "journal_damaged",
    Kind.ANSWERS: "answers_damaged",
    Kind.ARCHIVE: "archive_damaged",
    Kind.MEMORY: "memory_damaged",
}
_NEWER: Final = dict.fromkeys(Kind, "file_newer") | {Kind.JOURNAL: "journal_newer"}
_MENDED: Final = _DAMAGED | {Kind.JOURNAL: "journal_mended"}
_OF_PARCEL: Final = (
    "answers_damaged",
    "file_newer",
    *{words[Kind.JOURNAL] for words in (_DAMAGED, _NEWER, _MENDED)},
)


@callback
def async_create_file_issue(
    hass: HomeAssistant,
    kind: Kind,
    fault: Fault,
    *,
    file: str,
    about: str,
    rest_is_kept: bool,
) -> None:
    """Say that a file could not be read, and lies aside as ``file``.

    ``about`` is the number of the parcel that it is about, if it is about one. It is
    said until the person has read it: the file that takes its place is a good one.
    """
    if fault is Fault.NEWER:
        words = _NEWER[kind]
    else:
        words = (_MENDED if rest_is_kept else _DAMAGED)[kind]
    parcel = _followed(hass, about) if about else None
    subject = parcel.subentry_id if parcel is not None else file
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{words}_{subject}",
        data={SUBJECT: subject} if parcel is not None else None,
        # One that is too new is said until it can be read.
        is_fixable=fault is not Fault.NEWER,
        is_persistent=True,
        severity=ir.IssueSeverity.ERROR,
        translation_key=words,
        translation_placeholders={
            "parcel": as_plain_text(parcel.title if parcel is not None else about),
            "file": file,
        },
    )


@callback
def async_clear_file_issues(hass: HomeAssistant, parcel_id: str) -> None:
    """Take back what was said about the files of a parcel."""
    for words in _OF_PARCEL:
        ir.async_delete_issue(hass, DOMAIN, f"{words}_{parcel_id}")


@callback
def newer_journals(hass: HomeAssistant) -> list[tuple[str, str]]:
    """Return the journals that were said to be too new: the issue, and the file."""
    return [
        (issue.issue_id, (issue.translation_placeholders or {})["file"])
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN
        and issue.translation_key == _NEWER[Kind.JOURNAL]
        and issue.translation_placeholders
    ]


@callback
def async_clear_newer_issue(hass: HomeAssistant, issue_id: str) -> None:
    """Take back that a journal is too new."""
    ir.async_delete_issue(hass, DOMAIN, issue_id)


@callback
def async_create_disk_issue(hass: HomeAssistant, *, full: bool) -> None:
    """Say that nothing can be written."""
    words = _DISK_FULL if full else _DISK_NOT_WRITABLE
    other = _DISK_NOT_WRITABLE if full else _DISK_FULL
    ir.async_delete_issue(hass, DOMAIN, other)
    ir.async_create_issue(
        hass,
        DOMAIN,
        words,
        is_fixable=False,
        severity=ir.IssueSeverity.ERROR,
        translation_key=words,
    )


@callback
def async_clear_disk_issues(hass: HomeAssistant) -> None:
    """Take that back."""
    for words in (_DISK_FULL, _DISK_NOT_WRITABLE):
        ir.async_delete_issue(hass, DOMAIN, words)


def _followed(hass: HomeAssistant, number: str) -> ConfigSubentry | None:
    """Return the followed parcel that has a number."""
    for entry in hass.config_entries.async_entries(DOMAIN):
        for parcel in entry.get_subentries_of_type(SUBENTRY_PARCEL):
            if parcel.unique_id == number:
                return parcel
    return None
