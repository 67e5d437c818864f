"""Cainiao's public tracking: AliExpress, Temu and Shein, end to end, no account.

The endpoint is the one behind global.cainiao.com. It is not documented; the rules
here come from captured answers and from independent public clients, the further
codes from Alibaba's reference of ``aliexpress.logistics.redefining.
querytrackingresult``. It bans impatient clients, so all numbers go into one
request.

Three things that it does unlike others:

- ``time`` is always ``timeStr`` read as UTC+8, whatever ``timeZone`` says. The
  instant of a scan is ``timeStr`` in the zone of ``timeZone``.
- The newest scan comes first, and labels of zones can be wrong: the order of the
  list counts, not the clock.
- An answer can hold shipments that nobody asked about.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from http import HTTPStatus
from itertools import islice
import re
from typing import Final, NamedTuple, override

import aiohttp

from .. import numbers
from ..model import Answer, Direction, Estimate, Leg, Stage, TrackingEvent
from . import customs, fields
from .base import Credentials, Limits, Provider, ProviderUnavailable, Query
from .country_names import country_code
from .wording import Phrases, Refinement, left_at_pickup_place

_STAGES: Final = {
    # The order.
    "PRE_READY_TO_SHIP": Stage.INFO_RECEIVED,
    "CONSIGN": Stage.INFO_RECEIVED,
    "OM_CONSIGN": Stage.INFO_RECEIVED,
    "GWMS_ACCEPT": Stage.INFO_RECEIVED,
    "GWMS_PICK": Stage.INFO_RECEIVED,
    "GWMS_PACKAGE": Stage.INFO_RECEIVED,
    "GWMS_CANCEL": Stage.EXCEPTION,
    "GTMS_ASN": Stage.INFO_RECEIVED,
    # The carrier has it.
    "PU_PICKUP_SUCCESS": Stage.SHIPPED,
    # Warehouses and sorting centres at the origin.
    "GWMS_OUTBOUND": Stage.IN_TRANSIT,
    "GWMS_HANDOVER": Stage.IN_TRANSIT,
    "CW_INBOUND": Stage.IN_TRANSIT,
    "CW_OUTBOUND": Stage.IN_TRANSIT,
    "CW_COMMON_PROCESSING1": Stage.IN_TRANSIT,
    "SC_INBOUND": Stage.IN_TRANSIT,
    "SC_INBOUND_SUCCESS": Stage.IN_TRANSIT,
    "SC_SORTING": Stage.IN_TRANSIT,
    "SC_OUTBOUND": Stage.IN_TRANSIT,
    "SC_OUTBOUND_SUCCESS": Stage.IN_TRANSIT,
    "SC_OUTBOUND_FAILURE": Stage.IN_TRANSIT,  # a delay
    "SC_HO_OUT_SUCCESS": Stage.IN_TRANSIT,
    # Between the countries. LH_ARRIVE can be a country on the way.
    "LH_HO_IN_SUCCESS": Stage.IN_TRANSIT,
    "LH_HO_AIRLINE": Stage.IN_TRANSIT,
    "LH_DEPART": Stage.IN_TRANSIT,
    "LH_ARRIVE": Stage.IN_TRANSIT,
    "LH_HO_OUT_SUCCESS": Stage.IN_TRANSIT,
    "LH_POST_COLLECTION": Stage.IN_TRANSIT,
    "CC_TRANS_START": Stage.IN_TRANSIT,
    "CC_TRANS_SUCCESS": Stage.IN_TRANSIT,
    "CC_TRANS_FAILURE": Stage.IN_TRANSIT,
    "COMMON_INTRANSIT": Stage.IN_TRANSIT,
    "LAST_MILE_ASN_NOTIFY": Stage.IN_TRANSIT,
    # The last mile. GTMS_OE_DEPART was seen at the origin, too.
    "GTMS_ACCEPT": Stage.IN_TRANSIT,
    "GTMS_SC_ARRIVE": Stage.IN_TRANSIT,
    "GTMS_SC_DEPART": Stage.IN_TRANSIT,
    "GTMS_DO_ARRIVE": Stage.IN_TRANSIT,
    "GTMS_OE_DEPART": Stage.IN_TRANSIT,
    "GTMS_STATION_IN": Stage.IN_TRANSIT,
    "GTMS_STATION_OUT": Stage.IN_TRANSIT,
    "SL_ACCEPT": Stage.IN_TRANSIT,
    "SC_ARRIVE": Stage.IN_TRANSIT,
    "SC_DEPART": Stage.IN_TRANSIT,
    "OE_DEPART": Stage.IN_TRANSIT,
    "GTMS_DO_DEPART": Stage.OUT_FOR_DELIVERY,
    "GTMS_DELIVERING": Stage.OUT_FOR_DELIVERY,
    "GTMS_RE_DELIVERING": Stage.OUT_FOR_DELIVERY,
    "LM_DELIVERY_DEPART": Stage.OUT_FOR_DELIVERY,
    "GSTA_INBOUND": Stage.READY_FOR_PICKUP,
    "GSTA_INFORM_BUYER": Stage.READY_FOR_PICKUP,
    "GTMS_WAIT_SELF_PICK": Stage.READY_FOR_PICKUP,
    "GTMS_STA_SIGNED": Stage.READY_FOR_PICKUP,  # the station signed, not the buyer
    "GTMS_DEL_FAILURE": Stage.DELIVERY_FAILED,
    "GTMS_SIGN_FAILURE": Stage.EXCEPTION,
    "GTMS_STA_SIGN_FAILURE": Stage.EXCEPTION,
    "EXCEPTION": Stage.EXCEPTION,
    "GTMS_SIGNED": Stage.DELIVERED,
    "LM_SIGN_SUCCESS": Stage.DELIVERED,
    "GSTA_SIGN": Stage.DELIVERED,
    "GSTA_BUYER_SIGN": Stage.DELIVERED,
    # Back to the seller.
    "RT_INBOUND": Stage.RETURNING,
    "RT_OUTBOUND": Stage.RETURNING,
    "RT_HO_OUT": Stage.RETURNING,
    "RT_WH_HO_IN": Stage.RETURNING,
    "RT_WH_INBOUND": Stage.RETURNING,
    "RT_WH_OUTBOUND": Stage.RETURNING,
    "RT_WH_HO_OUT": Stage.RETURNING,
    "RT_TMS_ACCEPT": Stage.RETURNING,
    "RETURNED": Stage.RETURNED,
}
_CUSTOMS: Final[Mapping[str, tuple[Stage, Direction | None]]] = {
    # What a code means at import, and the side of the border that it names.
    "CC_EX_START": (Stage.IN_CUSTOMS, Direction.EXPORT),
    "CC_EX_SUCCESS": (Stage.CUSTOMS_CLEARED, Direction.EXPORT),
    "CC_EX_FAILURE": (Stage.CUSTOMS_ACTION_REQUIRED, Direction.EXPORT),
    "CC_HO_IN_SUCCESS": (Stage.IN_CUSTOMS, None),
    "CC_HO_OUT_SUCCESS": (Stage.CUSTOMS_CLEARED, None),
    "CC_IM_START": (Stage.IN_CUSTOMS, Direction.IMPORT),
    "CC_IM_PROCESS": (Stage.IN_CUSTOMS, Direction.IMPORT),
    "CC_IM_SUCCESS": (Stage.CUSTOMS_CLEARED, Direction.IMPORT),
    "CC_IM_FAILURE": (Stage.CUSTOMS_ACTION_REQUIRED, Direction.IMPORT),
    "CC_IM_EXCEPTION": (Stage.CUSTOMS_ACTION_REQUIRED, Direction.IMPORT),
    "CUS_TAX": (Stage.CUSTOMS_ACTION_REQUIRED, Direction.IMPORT),
}
_IN_TRANSIT_FAMILIES: Final = re.compile(
    r"TRANSFER_.*|TD_.*|LH_TRANS_.*|SC_TRANS_.*_SUCCESS"
)
_GROUPS: Final = {
    # For a code that stands in none of the tables.
    "AE_GROUP_CW_PROCESSING": Stage.IN_TRANSIT,
    "AE_GROUP_SC_PROCESSING": Stage.IN_TRANSIT,
    "AE_GROUP_EX_CLEARING_CUSTOMS": Stage.IN_CUSTOMS,
    "AE_GROUP_LH_PROCESSING": Stage.IN_TRANSIT,
    "AE_GROUP_LH_ARRIVE": Stage.IN_TRANSIT,
    "AE_GROUP_IM_CLEARING_CUSTOMS": Stage.IN_CUSTOMS,
    "AE_GROUP_DES_PROCESSING": Stage.IN_TRANSIT,
    "AE_GROUP_DELIVERING": Stage.OUT_FOR_DELIVERY,
    "AE_GROUP_DELIVERED": Stage.DELIVERED,
}
_DIRECTIONS: Final = {
    # The group wins over the code, both ways.
    "AE_GROUP_EX_CLEARING_CUSTOMS": Direction.EXPORT,
    "AE_GROUP_IM_CLEARING_CUSTOMS": Direction.IMPORT,
}
_SAYS_LITTLE: Final = "COMMON_INTRANSIT"
_REFINED: Final = Refinement(*customs.PHRASES, not_now=Phrases(*customs.NOT_NOW))
"""What a text can make of ``COMMON_INTRANSIT``: "wait for customs clearance"."""
_BUYER_SIGNED: Final = frozenset({"GSTA_SIGN", "GSTA_BUYER_SIGN"})

_WHOLE_PARCEL: Final = {
    # ``status`` of the parcel, for want of a code: the order's own tokens
    # (WAIT_SELLER_SEND_GOODS, WAITING_FOR_DELIVERY) say nothing of the parcel,
    # and nobody knows which pick-up "pickup" means.
    "ORDER_PROCESSING": Stage.INFO_RECEIVED,
    "SELLER_SEND_GOODS": Stage.INFO_RECEIVED,
    "WAIT_BUYER_ACCEPT_GOODS": Stage.INFO_RECEIVED,
    "TRANSIT": Stage.IN_TRANSIT,
    "TRANSPORT": Stage.IN_TRANSIT,
    "DELIVERING": Stage.IN_TRANSIT,  # seen while the newest scan was LH_ARRIVE
    "CLEAR_CUSTOMS": Stage.IN_CUSTOMS,
    "FAILED": Stage.EXCEPTION,
    "DELIVERED": Stage.DELIVERED,
    "SIGN": Stage.DELIVERED,
    "RETURNED": Stage.RETURNED,
}

_LAST_MILE: Final = re.compile(
    r"GTMS_.*|GSTA_.*|LM_.*|SL_ACCEPT|SC_ARRIVE|SC_DEPART|OE_DEPART"
)
_BY_ANYBODY: Final = frozenset({"GTMS_OE_DEPART", "OE_DEPART"})
_CARRIER_ALIASES: Final = {
    "colissimo": "la_poste",
    "laposte": "la_poste",
    "uspost": "usps",
    "unitedstatespostalservice": "usps",
    "correosdeespana": "correos",
    "deutschepostdhl": "dhl",
    "dhlparcel": "dhl",
    "dhlpaket": "dhl",
    "geopost": "dpd",
    "brazilpost": "post_br",
    "correiosbrasil": "post_br",
    "polandpost": "post_pl",
    "ukrposhta": "post_ua",
    "israelpost": "post_il",
}
_NOT_PLACES: Final = frozenset({"aliexpress", "alibaba", "temu", "shein", "choice"})

_ENDPOINT: Final = "/global/detail.json"
_WALL_BACKOFF: Final = timedelta(hours=2)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CHINA: Final = timezone(timedelta(hours=8))
_LONGEST_PLACE: Final = 60

_BRACKETED: Final = re.compile(
    r"[\[【](?P<before>[^\[\]【】]+)[\]】](?P<text>.*)"
    r"|(?P<rest>.*?)[\[【](?P<after>[^\[\]【】]+)[\]】]"
)
_PLACE: Final = re.compile(r"[^\W\d_]+(?:[ .,'’()/-]+[^\W\d_]+)*[.)]?")
_HANDED_OVER: Final = re.compile(
    r"(?<![A-Z0-9])(?=[A-Z0-9]*\d)[A-Z0-9]{8,30}(?![A-Z0-9])"
)


class CainiaoProvider(Provider):
    """Cainiao's public tracking, which needs no account."""

    id = "cainiao"
    name = "Cainiao"
    origin = "https://global.cainiao.com"
    carriers = frozenset({"cainiao"})
    limits = Limits(
        batch_size=20,
        spacing=timedelta(minutes=5),
        routine_spacing=timedelta(minutes=30),
        per_day=24,
        per_leg=timedelta(minutes=30),
        per_quiet_leg=timedelta(hours=6),
    )

    @override
    async def fetch(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        legs: Sequence[Query],
    ) -> list[Answer]:
        asked = tuple(leg.tracking_number for leg in legs)
        reply = await self._request(
            session,
            "GET",
            _ENDPOINT,
            params={"mailNos": ",".join(asked), "lang": "en-US", "language": "en-US"},
            rejected=frozenset(),
        )
        if reply.status != HTTPStatus.OK:
            raise ProviderUnavailable(
                f"HTTP {reply.status}",
                retry_at=reply.retry_at,
                first_backoff=_WALL_BACKOFF,
            )
        if reply.body.lstrip().startswith(b"<"):
            raise ProviderUnavailable("bot wall", first_backoff=_WALL_BACKOFF)
        return await self._parse_many(
            credentials, asked, reply.body, lambda: parse(reply.json(), asked)
        )


def parse(body: object, asked: Sequence[str]) -> list[Answer]:
    """Turn an answer's JSON into what it says of the numbers asked about.

    A number that the answer passes over has no answer. Raises
    ProviderUnavailable for a refusal and for what is no such answer.
    """
    if not isinstance(body, dict):
        raise ProviderUnavailable("answer is not an object")
    if body.get("success") is not True:
        raise ProviderUnavailable("refused", first_backoff=_WALL_BACKOFF)
    if not isinstance(body.get("module"), list):
        raise ProviderUnavailable("answer has no list of parcels")
    wanted = {numbers.normalise(number): number for number in asked}
    told: dict[str, Mapping[str, object]] = {}
    for module in fields.mappings(body["module"]):
        number = wanted.get(_number(module.get("mailNo")))
        if number is not None and not fields.sequence(
            told.get(number, {}).get("detailList")
        ):
            told[number] = module
    return [_answer(number, module) for number, module in told.items()]


def _answer(tracking_number: str, module: Mapping[str, object]) -> Answer:
    last_mile = _carrier_named(
        fields.text(fields.mapping(module.get("destCpInfo")).get("cpName"), 80)
    )
    events = tuple(_events(tracking_number, module, last_mile))
    stage = None
    if all(event.stage is None for event in events):
        stage = _WHOLE_PARCEL.get(_token(module.get("status")))
    known_as = "cainiao" if events and not numbers.recognise(tracking_number) else None
    return Answer(
        tracking_number=tracking_number,
        events=events,
        stage=stage,
        carrier=known_as,
        origin_country=_country(module.get("originCountry")),
        destination_country=_country(module.get("destCountry")),
        estimate=_estimate(fields.mapping(module.get("globalEtaInfo"))),
        next_leg=_next_leg(tracking_number, module, last_mile),
    )


def _events(
    tracking_number: str, module: Mapping[str, object], last_mile: str | None
) -> Iterator[TrackingEvent]:
    told = fields.mappings(module.get("detailList"))
    for detail in islice(told, fields.MAX_EVENTS):
        code = _token(detail.get("actionCode")).removeprefix("AE_") or None
        words = fields.text(detail.get("desc"))
        clearest = fields.text(detail.get("standerdDesc"))
        when = _when(detail)
        if not when.written or not (code or words or clearest):
            continue
        group = _token(fields.mapping(detail.get("group")).get("nodeCode"))
        stage, direction = _stage(code or "", group, (words, clearest))
        town, description = _town(clearest)
        other_town, plain_words = _town(words)
        yield TrackingEvent(
            provider=CainiaoProvider.id,
            tracking_number=tracking_number,
            code=code,
            written_time=when.written,
            time=when.instant,
            local_time=when.wall,
            stage=stage,
            direction=direction,
            description=description or plain_words,
            words=words or clearest,
            location=town or other_town,
            carrier=_carrier_of(code or "", last_mile),
        )


class _When(NamedTuple):
    written: str
    wall: datetime | None
    instant: datetime | None


def _when(detail: Mapping[str, object]) -> _When:
    """Read when a scan was, as this module's docstring says.

    Without ``timeZone`` an epoch with milliseconds is a notice that Cainiao's own
    machines wrote, in China; any other is of an unknown zone.
    """
    text, label = fields.text(detail.get("timeStr"), 40), detail.get("timeZone")
    written = f"{text} {fields.text(label, 12)}".strip()
    epoch = fields.epoch_ms(detail.get("time"))
    wall = fields.moment(text)
    if wall is not None and wall.tzinfo is not None:
        return _When(written, wall.replace(tzinfo=None), wall)
    if wall is None and epoch is not None:
        wall = epoch.astimezone(_CHINA).replace(tzinfo=None, microsecond=0)
        written = f"{wall} {fields.text(label, 12)}".strip()
    if wall is None:
        return _When(written, None, None)
    zone = fields.offset(label)
    if zone is None and not fields.text(label) and epoch is not None:
        zone = _CHINA if epoch.microsecond else None
    return _When(written, wall, wall.replace(tzinfo=zone) if zone else None)


def _stage(
    code: str, group: str, texts: tuple[str, str]
) -> tuple[Stage | None, Direction | None]:
    """Return the stage and, for customs, the side of the border if it is told."""
    stage, towards = _CUSTOMS.get(code, (_STAGES.get(code), None))
    if stage is None and _IN_TRANSIT_FAMILIES.fullmatch(code):
        stage = Stage.IN_TRANSIT
    if stage is None:
        stage = _GROUPS.get(group)
    if code == _SAYS_LITTLE:
        stage = _REFINED.stage(texts) or stage
    if stage is None:
        return None, None
    if (
        stage is Stage.DELIVERED
        and code not in _BUYER_SIGNED
        and left_at_pickup_place(texts)
    ):
        stage = Stage.READY_FOR_PICKUP
    return customs.directed(stage, _DIRECTIONS.get(group, towards), texts)


def _carrier_of(code: str, last_mile: str | None) -> str | None:
    """Return who made a scan: Cainiao itself, or the carrier of the last mile."""
    if code in _BY_ANYBODY:
        return None
    return last_mile if _LAST_MILE.fullmatch(code) else CainiaoProvider.id


def _town(text: str) -> tuple[str | None, str]:
    """Split a town in brackets from a text: "[Xiaoshan District] Departed"."""
    match = _BRACKETED.fullmatch(text)
    if match is None:
        return None, text
    town = (match["before"] or match["after"]).strip()
    if not _reads_as_place(town):
        return None, text
    return town, (match["text"] or match["rest"] or "").strip()


def _reads_as_place(text: str) -> bool:
    """Say whether it is the name of a place, not a code and not a carrier."""
    return (
        1 < len(text) <= _LONGEST_PLACE
        and _PLACE.fullmatch(text) is not None
        and not text.isupper()
        and not text[0].islower()
        and _carrier_named(text) is None
        and _letters(text) not in _NOT_PLACES
    )


def _next_leg(
    tracking_number: str, module: Mapping[str, object], last_mile: str | None
) -> Leg | None:
    """Return the number under which another carrier goes on, if one is told.

    It is followed even where its check digit is wrong: Cainiao says that it is
    the number.
    """
    shown = fields.text(module.get("realMailNo")).upper()
    for told in (
        fields.text(module.get("copyRealMailNo"), fields.NUMBER_LIMIT),
        *_HANDED_OVER.findall(shown),
    ):
        number = numbers.normalise(told)
        if not numbers.plausible(number):
            continue
        if number == numbers.normalise(tracking_number):
            continue
        candidates = numbers.recognise(number)
        carrier = candidates[0].carrier if candidates else last_mile
        return Leg(tracking_number=number, carrier=carrier)
    return None


def _estimate(told: Mapping[str, object]) -> Estimate | None:
    start, end = (
        moment if moment is not None and moment > _EPOCH else None
        for moment in (
            fields.epoch_ms(told.get("deliveryMinTime")),
            fields.epoch_ms(told.get("deliveryMaxTime")),
        )
    )
    return fields.window(start, end)


def _country(told: object) -> str | None:
    """Return the country of "Mainland China" or of "France,Town"."""
    name = fields.text(told, fields.PLACE_LIMIT)
    return country_code(name) or country_code(name.partition(",")[0])


def _carrier_named(name: str) -> str | None:
    return _CARRIER_IDS.get(_letters(name))


def _letters(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


_CARRIER_IDS: Final = {
    _letters(carrier.name): carrier_id
    for carrier_id, carrier in numbers.CARRIERS.items()
} | _CARRIER_ALIASES


def _number(told: object) -> str:
    return numbers.normalise(fields.text(told, fields.NUMBER_LIMIT))


def _token(told: object) -> str:
    return "_".join(fields.text(told, fields.CODE_LIMIT).upper().split())
