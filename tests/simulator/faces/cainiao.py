"""Cainiao global: the keyless endpoint of its own tracking page.

Every time trap is here on purpose: ``time`` is ``timeStr`` read as UTC+8,
whatever ``timeZone`` says.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final, override
from zlib import crc32

from ..journeys import Journey, Kind, Stage, Zone
from ..meters import Daily
from ..playing import Scan, View
from .base import HTML, Call, Face, Look, Reply, Terms
from .cainiao_words import (
    COUNTRIES,
    CUSTOMS_GROUPS,
    GROUPS,
    LAST_CARRIERS,
    MISLEADING,
    OWN_NOTICES,
    STATUSES,
    WORDS,
)

_SPACING: Final = timedelta(minutes=4, seconds=30)
_SOFT_BAN: Final = timedelta(hours=1)
_A_DAY: Final = 24
_CHINA: Final = timedelta(hours=8)

_WALL: Final = """\
<!DOCTYPE html><html><head><meta charset="utf-8"><title></title>
<!--rgv587_flag:sm--><script>
sessionStorage.x5referer = window.location.href;
window.location.replace("https://global.cainiao.com/global/detail.json/\
_____tmd_____/punish?x5secdata=5e0c8e1365474455070961b803bd560607&x5step=1");
</script></head><body><div id="punish-component"></div></body></html>
"""


class CainiaoFace(Face):
    """``GET /global/detail.json``."""

    provider: ClassVar[str] = "cainiao"
    routes: ClassVar[tuple[tuple[str, str], ...]] = (("GET", "/global/detail.json"),)
    keyed: ClassVar[bool] = False

    def __init__(self, terms: Terms) -> None:
        """Begin with nobody banned."""
        super().__init__(terms)
        self._day = Daily(_A_DAY, pace=terms.pace)
        self._last: datetime | None = None
        self._banned_until: datetime | None = None

    @override
    def numbers(self, call: Call) -> tuple[str, ...]:
        """Return the numbers asked about."""
        asked = call.query.get("mailNos", "").split(",")
        return tuple(number for number in map(str.strip, asked) if number)

    @override
    def answer(self, call: Call, look: Look) -> Reply:
        """Return a module for each number, in the order asked."""
        if self.terms.limits and self._is_hasty():
            return self.walled()
        numbers = self.numbers(call)
        if not numbers:
            return _refusal("PARAM_ERROR", "mailNos can not be empty")
        modules = [_module(number, look(number)) for number in numbers]
        if look.stranger is not None:
            modules.insert(0, _stranger(look.stranger))
        return Reply({"module": modules, "success": True})

    def _is_hasty(self) -> bool:
        """Count a request; one too early earns a soft ban of an hour."""
        now = self.terms.now()
        last, self._last = self._last, now
        if self._banned_until is not None and now < self._banned_until:
            return True
        early = last is not None and now - last < _SPACING / self.terms.pace
        if early or not self._day.admits(now):
            self._banned_until = now + _SOFT_BAN / self.terms.pace
            return True
        return False

    @override
    def walled(self) -> Reply:
        """Return the page with the slider."""
        return Reply(_WALL, content_type=HTML, headers={"bxpunish": "1"})

    @override
    def spent(self, call: Call) -> Reply:
        """Return the other way in which it turns clients away."""
        return _refusal("FAIL_SYS_TRAFFIC_LIMIT", "Traffic limit, try again later")

    @override
    def state(self) -> Mapping[str, object]:
        """Return the count of the day."""
        return {"used_today": self._day.count(self.terms.now())}


def _refusal(code: str, message: str) -> Reply:
    """Return a refusal in JSON."""
    return Reply(
        {"success": False, "module": [], "errorCode": code, "errorMsg": message}
    )


def _unknown(number: str) -> dict[str, object]:
    """Return what is said of a number that nobody knows."""
    return {"mailNo": number, "mailNoSource": "EXTERNAL", "detailList": []}


def _stranger(number: str) -> dict[str, object]:
    """Return somebody else's delivered parcel."""
    trace = {
        "time": 1770362717000,
        "timeStr": "2026-02-06 15:25:17",
        "desc": "Parcel delivered",
        "standerdDesc": "Package delivered",
        "descTitle": "Carrier note:",
        "timeZone": "GMT+1",
        "actionCode": "GTMS_SIGNED",
        "group": {"nodeCode": "AE_GROUP_DELIVERED", "nodeDesc": "Delivered"},
    }
    return {
        "mailNo": number,
        "originCountry": "Mainland China",
        "destCountry": "Belgium",
        "status": "DELIVERED",
        "statusDesc": "Delivered",
        "mailNoSource": "AE",
        "latestTrace": trace,
        "detailList": [trace],
        "daysNumber": "17\tday(s)",
    }


def _module(number: str, view: View | None) -> dict[str, object]:
    """Return what is said of one number."""
    if view is None:
        return _unknown(number)
    journey = view.journey
    if view.last is None and not journey.ordered:
        return _unknown(view.number)
    status, described = _status(view)
    module: dict[str, object] = {
        "mailNo": view.number,
        "originCountry": COUNTRIES.get(journey.origin or "", journey.origin),
        "destCountry": _destination(journey),
        "mailType": journey.service or "STANDARD",
        "mailTypeDesc": journey.service or "Standard",
        "status": status,
        "statusDesc": described,
        "mailNoSource": "AE" if journey.ordered else "EXTERNAL",
        "processInfo": _process(view),
    }
    if view.handoff is not None:
        name, phone, url = LAST_CARRIERS.get(
            view.handoff.carrier, (view.handoff.carrier, "", "")
        )
        module["realMailNo"] = f"Latest Tracking Number:\t{view.handoff.number}"
        module["copyRealMailNo"] = view.handoff.number
        module["destCpInfo"] = {"cpName": name, "phone": phone, "url": url}
    if view.estimate is not None:
        starts, ends = view.estimate
        module["globalEtaInfo"] = {
            "etaDesc": "Estimated delivery by",
            "deliveryMinTime": _epoch(starts),
            "deliveryMaxTime": _epoch(ends),
        }
    traces = [_trace(scan) for scan in reversed(view.scans) if scan.kind in WORDS]
    if traces:
        module["latestTrace"] = traces[0]
        module["globalCombinedLogisticsTraceDTO"] = traces[0]
        days = (view.now - view.scans[0].time).days
        module["daysNumber"] = f"{max(days, 0)}\tday(s)"
    module["detailList"] = traces
    return module


def _destination(journey: Journey) -> str | None:
    """Return the country's name, with the town where it is known."""
    if journey.destination is None:
        return None
    name = COUNTRIES.get(journey.destination, journey.destination)
    return f"{name},{journey.town}" if journey.town else name


def _status(view: View) -> tuple[str, str]:
    """Return the status of the parcel as a whole, which misleads after landing."""
    if view.last is None:
        return "WAIT_SELLER_SEND_GOODS", "Waiting for seller to ship"
    landed = any(scan.kind is Kind.ARRIVED for scan in view.scans)
    stage = view.last.kind.stage
    if landed and stage is Stage.IN_TRANSIT:
        return MISLEADING
    return STATUSES.get(stage, MISLEADING)


def _process(view: View) -> dict[str, object]:
    """Return the points of the progress bar."""
    journey = view.journey
    kinds = {scan.kind for scan in view.scans}
    points = (
        (COUNTRIES.get(journey.origin or "", journey.origin), bool(kinds)),
        (COUNTRIES.get(journey.destination or "", ""), Kind.ARRIVED in kinds),
        ("Destination city", bool(kinds & {Kind.AT_DEPOT, Kind.OUT_FOR_DELIVERY})),
        ("Delivered", bool(kinds & {Kind.DELIVERED, Kind.COLLECTED})),
    )
    lit = sum(light for _, light in points)
    return {
        "progressStatus": "NORMAL",
        "progressRate": lit / len(points),
        "type": "CROSS",
        "progressPointList": [
            {"pointName": name, "light": True} if light else {"pointName": name}
            for name, light in points
        ],
    }


def _trace(scan: Scan) -> dict[str, object]:
    """Return one line of the history."""
    code, words, clearer = WORDS[scan.kind]
    code = scan.code or code
    if scan.words is not None:
        words = clearer = scan.words
    elif scan.place is not None:
        clearer = f"[{scan.place}] {clearer}"
    own = scan.kind in OWN_NOTICES
    local = (scan.time + _CHINA).replace(tzinfo=None) if own else scan.local_time
    written = local.strftime("%Y-%m-%d %H:%M:%S")
    trace: dict[str, object] = {
        "time": _epoch((local - _CHINA).replace(tzinfo=UTC)),
        "timeStr": written,
        "desc": words,
        "standerdDesc": clearer,
        "descTitle": "Carrier note:",
        "actionCode": code,
    }
    if own:
        trace["time"] = _epoch((local - _CHINA).replace(tzinfo=UTC)) + _odd(written)
    elif scan.zone is Zone.TOLD:
        trace["timeZone"] = _label(scan.utc_offset)
    elif scan.zone is Zone.WRONG:
        trace["timeZone"] = "GMT+08:00"
    if (group := _group(scan, code)) is not None:
        trace["group"] = {"nodeCode": group[0], "nodeDesc": group[1]}
    return trace


def _group(scan: Scan, code: str) -> tuple[str, str] | None:
    """Return the group of a line; a pick-up and a line in passing have none."""
    if code.startswith("CC_") and scan.direction is not None:
        return CUSTOMS_GROUPS[scan.direction], "At customs"
    return GROUPS.get(code) or GROUPS.get(code.split("_", 1)[0])


def _label(utc_offset: float) -> str:
    """Return a zone as it is labelled: GMT+8, GMT-3, GMT+5:30."""
    hours, minutes = divmod(round(abs(utc_offset) * 60), 60)
    sign = "-" if utc_offset < 0 else "+"
    return f"GMT{sign}{hours}" + (f":{minutes:02d}" if minutes else "")


def _epoch(moment: datetime) -> int:
    """Return a moment in milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def _odd(written: str) -> int:
    """Return milliseconds between 1 and 999, the same for the same time."""
    return crc32(written.encode()) % 999 + 1
