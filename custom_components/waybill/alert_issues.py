"""Repairs that help: what an alert means, whom to write to, and by when."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final
from urllib.parse import quote

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from .const import DOMAIN, GUIDE
from .issues import SUBJECT
from .languages import CommonWords, day_in_words, words_at_home
from .parcel_words import as_markdown, as_plain_text
from .tracking.assessment import Alert, AlertKind
from .tracking.journal import Journal
from .tracking.model import ProblemKind, Stage
from .tracking.parcel import Parcel

ALERT: Final = "alert"
"""What the data of an issue say beside its parcel: which alert it is about."""
RETURNED: Final = "returned"
"""No alert, as the parcel's way is over; but there is a refund to ask for."""

_IN_URLS: Final = "%/:?#[]@!$&'*+,;=~"
_CHAPTERS: Final[Mapping[str, str]] = {
    AlertKind.STALLED: "stuck",
    AlertKind.LATE: "late",
    AlertKind.CUSTOMS_ACTION: "customs",
    AlertKind.PICKUP_WAITING: "pickup",
    AlertKind.PROTECTION_ENDING: "dates",
    AlertKind.RETURNING: "returned",
    RETURNED: "returned",
    AlertKind.EXCEPTION: "write",
    AlertKind.PROBLEM_REPORTED: "write",
}
"""Where the guide tells more."""
_CHAPTERS_OF_PROBLEMS: Final[Mapping[str, str]] = {
    ProblemKind.NOT_DELIVERED: "missing",
    ProblemKind.DAMAGED: "damaged",
    ProblemKind.MISSING_ITEM: "incomplete",
    ProblemKind.WRONG_ITEM: "wrong",
}


@callback
def async_judge_alerts(hass: HomeAssistant, parcel: Parcel, journal: Journal) -> None:
    """Raise a repair for each alert of a parcel, and take back those that are over."""
    alerts = {alert.kind.value: alert for alert in parcel.alerts}
    if parcel.stage is Stage.RETURNED and not _is_settled(journal):
        alerts[RETURNED] = Alert(kind=AlertKind.RETURNING, since=parcel.stage_since)
    for kind in _CHAPTERS.keys() - alerts.keys():
        ir.async_delete_issue(hass, DOMAIN, _issue_id(kind, parcel.parcel_id))
    if not alerts:
        return
    words = words_at_home(hass)
    if not words:
        # Another language was chosen a moment ago; its words are on their way.
        return
    for kind, alert in alerts.items():
        ir.async_create_issue(
            hass,
            DOMAIN,
            _issue_id(kind, parcel.parcel_id),
            data={SUBJECT: parcel.parcel_id, ALERT: kind},
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key=kind,
            translation_placeholders=_placeholders(kind, alert, parcel, words),
        )


@callback
def async_clear_alert_issues(hass: HomeAssistant, parcel_id: str) -> None:
    """Take back what was said about the alerts of a parcel."""
    for kind in _CHAPTERS:
        ir.async_delete_issue(hass, DOMAIN, _issue_id(kind, parcel_id))


def _placeholders(
    kind: str, alert: Alert, parcel: Parcel, words: CommonWords
) -> dict[str, str]:
    return {
        "parcel": as_plain_text(parcel.name),
        "number": parcel.tracking_number,
        "carrier": parcel.carrier_name or words["carrier_unknown"],
        "seller": seller_named(parcel),
        "date": _DATES.get(kind, _since)(alert, parcel, words),
        "detail": _detail(alert, parcel, words),
        "deadline": _deadline(parcel, words),
        "links": " · ".join(_links(kind, parcel, words)),
    }


def _since(alert: Alert, _parcel: Parcel, words: CommonWords) -> str:
    return _local_day(alert.since, words)


def _heard(_alert: Alert, parcel: Parcel, words: CommonWords) -> str:
    return _local_day(parcel.heard_at, words)


def _at_the_pickup_point(_alert: Alert, parcel: Parcel, words: CommonWords) -> str:
    return _local_day(parcel.stage_since, words)


def _protected_until(alert: Alert, parcel: Parcel, words: CommonWords) -> str:
    until = parcel.about.protection_until
    return day_in_words(until, words) if until else _since(alert, parcel, words)


def _reported(alert: Alert, parcel: Parcel, words: CommonWords) -> str:
    problem = parcel.open_problem
    return _local_day(problem.reported_at if problem else alert.since, words)


_DATES: Final[Mapping[str, Callable[[Alert, Parcel, CommonWords], str]]] = {
    AlertKind.STALLED: _heard,
    AlertKind.PICKUP_WAITING: _at_the_pickup_point,
    AlertKind.PROTECTION_ENDING: _protected_until,
    AlertKind.PROBLEM_REPORTED: _reported,
}
"""Which day a text speaks of; as a rule the one on which the alert began."""


def _detail(alert: Alert, parcel: Parcel, words: CommonWords) -> str:
    """Return what the carrier wrote, or what the person reported."""
    problem = parcel.open_problem
    if alert.kind is AlertKind.PROBLEM_REPORTED and problem is not None:
        told = (words[f"problem_{problem.problem}"], as_markdown(problem.description))
        return " ".join(part for part in told if part)
    # A point where it waits need not be known; a carrier's words are asked for.
    nothing = "" if alert.kind is AlertKind.PICKUP_WAITING else words["no_words"]
    return as_markdown(alert.detail) or nothing


def _deadline(parcel: Parcel, words: CommonWords) -> str:
    until = parcel.about.protection_until
    if until is None:
        return words["deadline_unknown"]
    key = "deadline_known" if dt_util.now().date() <= until else "deadline_over"
    return words[key].format(date=day_in_words(until, words))


def _links(kind: str, parcel: Parcel, words: CommonWords) -> Iterator[str]:
    chapter = _CHAPTERS[kind]
    problem = parcel.open_problem
    if kind == AlertKind.PROBLEM_REPORTED and problem is not None:
        chapter = _CHAPTERS_OF_PROBLEMS[problem.problem]
    guide = f"{GUIDE}{words['guide_file']}#{chapter}"
    for key, url in (
        ("link_tracking", parcel.tracking_url),
        ("link_order", parcel.about.order_url),
        ("link_guide", guide),
    ):
        if url and url.startswith(("https://", "http://")):
            # A parenthesis or a space would end the link there.
            yield f"[{words[key]}]({quote(url, safe=_IN_URLS)})"


def seller_named(parcel: Parcel) -> str:
    """Return who the seller is, to be put behind that word; nothing if unknown."""
    seller = as_plain_text(parcel.about.seller)
    return f" ({seller})" if seller else ""


def _is_settled(journal: Journal) -> bool:
    return any(wish.kind == RETURNED for wish in journal.put_off)


def _issue_id(kind: str, parcel_id: str) -> str:
    return f"{kind}_{parcel_id}"


def _local_day(moment: datetime, words: CommonWords) -> str:
    return day_in_words(dt_util.as_local(moment).date(), words)
