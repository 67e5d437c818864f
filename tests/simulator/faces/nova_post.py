"""Nova Post's JSON API 2.0: one endpoint, the status now, errors with HTTP 200."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
import re
from typing import ClassVar, Final, override

from ..journeys import Kind
from ..meters import Window
from ..playing import View
from .base import HTML, Call, Face, Look, Reply, Terms

_A_CALL: Final = 100
_A_SECOND: Final = 5
_NUMBER: Final = re.compile(r"\d{14}|[A-Z]{2}\d{14}NP[GI]|SH[A-Z]{2}\d{10}")

_STATUSES: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.ORDERED: ("1", "Відправник самостійно створив цю накладну"),
    Kind.LABEL_MADE: ("1", "Відправник самостійно створив цю накладну"),
    Kind.PACKED: ("12", "Нова пошта комплектує ваше відправлення"),
    Kind.PICKED_UP: ("4", "Відправлення у місті відправника"),
    Kind.AT_WAREHOUSE: ("4", "Відправлення у місті"),
    Kind.LEFT_WAREHOUSE: ("5", "Відправлення прямує до міста"),
    Kind.AT_SORTING: ("4", "Відправлення у місті"),
    Kind.LEFT_SORTING: ("5", "Відправлення прямує до міста"),
    Kind.ON_THE_WAY: ("5", "Відправлення прямує до міста"),
    Kind.DEPARTED: ("15", "Відправлення прямує до України"),
    Kind.ARRIVED: ("5", "Відправлення прямує до міста"),
    Kind.AT_HUB: ("4", "Відправлення у місті"),
    Kind.LEFT_HUB: ("5", "Відправлення прямує до міста"),
    Kind.AT_DEPOT: ("6", "Відправлення у місті отримувача"),
    Kind.OUT_FOR_DELIVERY: ("101", "На шляху до одержувача"),
    Kind.ATTEMPT_FAILED: ("111", "Невдала спроба доставки"),
    Kind.AT_PICKUP_POINT: ("7", "Прибув у відділення"),
    Kind.PICKUP_NOTICE: ("7", "Прибув у відділення"),
    Kind.STATION_SIGNED: ("7", "Прибув у відділення"),
    Kind.LEFT_IN_LOCKER: ("8", "Прибув у відділення (завантажено в Поштомат)"),
    Kind.DELIVERED: ("9", "Відправлення отримано"),
    Kind.COLLECTED: ("9", "Відправлення отримано"),
    Kind.REFUSED: ("103", "Відмова одержувача"),
    Kind.RETURNING: ("102", "Відмова від отримання"),
    Kind.RETURNED: ("9", "Відправлення отримано"),
    Kind.LOST: ("105", "Припинено зберігання"),
    Kind.DAMAGED: ("124", "Відправлення знищено"),
}
"""It knows no customs."""


class NovaPostFace(Face):
    """``POST /v2.0/json/``."""

    provider: ClassVar[str] = "nova_post"
    routes: ClassVar[tuple[tuple[str, str], ...]] = (("POST", "/v2.0/json/"),)

    def __init__(self, terms: Terms) -> None:
        """Begin with nobody in haste."""
        super().__init__(terms)
        self._throttle = Window(_A_SECOND, timedelta(seconds=1), pace=terms.pace)

    @override
    def numbers(self, call: Call) -> tuple[str, ...]:
        """Return the numbers asked about."""
        return tuple(_numbers(call.body))

    @override
    def answer(self, call: Call, look: Look) -> Reply:
        """Return the documents; one number of the wrong form spoils them all."""
        body = call.body if isinstance(call.body, dict) else {}
        if body.get("apiKey") not in self.terms.keys:
            return self.rejected()
        if self.terms.limits and not self._throttle.admits(self.terms.now()):
            return self.spent(call)
        method = (body.get("modelName"), body.get("calledMethod"))
        if method != ("TrackingDocument", "getStatusDocuments"):
            return _refusal("Model or method is not correct")
        numbers = self.numbers(call)
        if not 0 < len(numbers) <= _A_CALL:
            return _refusal("Documents is not correct")
        wrong = [number for number in numbers if not _NUMBER.fullmatch(number)]
        if wrong:
            return _refusal(
                "Document number is not correct",
                warnings=[f"Invalid DocumentNumber: {number}" for number in wrong],
            )
        told = [_document(number, look(number)) for number in numbers]
        if look.stranger is not None:
            told.insert(0, _status(look.stranger, "9", "Відправлення отримано"))
        return Reply(_envelope(data=told))

    @override
    def walled(self) -> Reply:
        """Return what its edge servers tell a robot."""
        return Reply("<html><title>403 Forbidden</title></html>", 403, HTML)

    @override
    def spent(self, call: Call) -> Reply:
        """Return what a call in haste gets."""
        return _refusal("To many requests")

    @override
    def rejected(self) -> Reply:
        """Return what a wrong key gets."""
        return _refusal("API key expired", codes=["20000200068"])


def _numbers(body: object) -> Iterator[str]:
    properties = body.get("methodProperties") if isinstance(body, dict) else None
    documents = properties.get("Documents") if isinstance(properties, dict) else None
    for document in documents if isinstance(documents, list) else ():
        if isinstance(document, dict):
            yield str(document.get("DocumentNumber", ""))


def _envelope(**more: object) -> dict[str, object]:
    return {
        "success": True,
        "data": [],
        "errors": [],
        "warnings": [],
        "info": [],
        "messageCodes": [],
        "errorCodes": [],
        "warningCodes": [],
        "infoCodes": [],
    } | more


def _refusal(
    error: str, *, codes: list[str] | None = None, warnings: list[str] | None = None
) -> Reply:
    body = _envelope(
        success=False, errors=[error], errorCodes=codes or [], warnings=warnings or []
    )
    return Reply(body)


def _status(number: str, code: str, text: str) -> dict[str, object]:
    return {"Number": number, "StatusCode": code, "Status": text}


def _document(number: str, view: View | None) -> dict[str, object]:
    """Return a document with the status now."""
    if view is not None and view.emptied:
        return _status(view.number, "80", "")
    scans = [scan for scan in view.scans if scan.kind in _STATUSES] if view else []
    if view is None or not scans:
        return _status(number, "3", "Номер не знайдено")
    last = scans[-1]
    code, text = _STATUSES[last.kind]
    at = last.local_time
    journey = view.journey
    document = _status(view.number, last.code or code, last.words or text) | {
        "DateCreated": f"{scans[0].local_time:%d-%m-%Y %H:%M:%S}",
        "DateScan": f"{at:%H:%M %d.%m.%Y}",
        "TrackingUpdateDate": f"{at:%Y-%m-%d %H:%M:%S}",
        "ActualDeliveryDate": "",
        "RecipientDateTime": "",
        "ScheduledDeliveryDate": "",
        "CitySender": "Київ",
        "CityRecipient": journey.town or "",
        "WarehouseRecipient": journey.pickup_point or "",
        "RecipientFullNameEW": "Тарас Шевченко",
        "PhoneRecipient": "380000000000",
        "InternationalDeliveryType": "" if journey.origin == "UA" else "Import",
        "LastCreatedOnTheBasisDocumentType": "",
        "LastCreatedOnTheBasisNumber": "",
    }
    if last.kind in {Kind.DELIVERED, Kind.COLLECTED, Kind.RETURNED}:
        document["RecipientDateTime"] = f"{at:%d.%m.%Y %H:%M:%S}"
    if code in {"7", "8"}:
        document["ActualDeliveryDate"] = f"{at:%Y-%m-%d %H:%M:%S}"
    if view.estimate is not None:
        document["ScheduledDeliveryDate"] = f"{view.estimate[1]:%d-%m-%Y %H:%M:%S}"
    if view.handoff is not None:
        document["LastCreatedOnTheBasisDocumentType"] = "Redirecting"
        document["LastCreatedOnTheBasisNumber"] = view.handoff.number
    return document
