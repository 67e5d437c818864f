"""La Poste's Suivi v2: up to ten numbers a call, in the path, under one key."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import ClassVar, Final, override

from ..journeys import Kind
from ..meters import Window
from ..playing import Scan, View
from .base import HTML, Call, Face, Look, Reply, Terms

_A_CALL: Final = 10
_A_MINUTE: Final = 100
_SHORTEST: Final = 11
_LONGEST: Final = 15

_WORDS: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.ORDERED: ("DR1", "Your parcel is being prepared by its sender."),
    Kind.LABEL_MADE: ("DR1", "Your parcel will soon be handed over to us."),
    Kind.PACKED: ("DR1", "Your parcel is ready at its sender's."),
    Kind.PICKED_UP: ("PC1", "We have your parcel."),
    Kind.AT_WAREHOUSE: ("ET1", "Your parcel is at our site."),
    Kind.LEFT_WAREHOUSE: ("ET1", "Your parcel has left our site."),
    Kind.AT_SORTING: ("ET1", "Your parcel is at our sorting site."),
    Kind.LEFT_SORTING: ("ET1", "Your parcel has left our sorting site."),
    Kind.ON_THE_WAY: ("ET1", "Your parcel is on its way."),
    Kind.EXPORT_STARTED: ("ET2", "Your parcel is being processed where it left."),
    Kind.EXPORT_CLEARED: ("ET2", "Your parcel may leave its country."),
    Kind.WITH_AIRLINE: ("ET2", "Your parcel is with the airline."),
    Kind.DEPARTED: ("ET2", "Your parcel has left its country."),
    Kind.ARRIVED: ("ET3", "Your parcel is in the country of destination."),
    Kind.AT_CUSTOMS: ("DO1", "Your parcel is with the customs."),
    Kind.IMPORT_STARTED: ("DO1", "Your parcel has entered the customs."),
    Kind.CUSTOMS_WAIT: ("DO1", "Your parcel is still with the customs."),
    Kind.CUSTOMS_HELD: ("DO3", "Your parcel is held by the customs."),
    Kind.IMPORT_CLEARED: ("DO2", "Your parcel has left the customs."),
    Kind.LEFT_CUSTOMS: ("DO2", "Your parcel has left the customs' site."),
    Kind.WITH_LOCAL_CARRIER: ("ET3", "Your parcel is with our partner."),
    Kind.AT_HUB: ("ET1", "Your parcel is at our regional site."),
    Kind.LEFT_HUB: ("ET1", "Your parcel has left our regional site."),
    Kind.AT_DEPOT: ("EP1", "Your parcel is about to be delivered."),
    Kind.OUT_FOR_DELIVERY: (
        "MD2",
        "Your parcel is in the delivery site of your address. We prepare it.",
    ),
    Kind.ATTEMPT_FAILED: ("ND1", "Your parcel could not be delivered."),
    Kind.AT_PICKUP_POINT: ("AG1", "Your parcel awaits you at your pick-up point."),
    Kind.PICKUP_NOTICE: ("AG1", "Your parcel still awaits you."),
    Kind.STATION_SIGNED: ("AG1", "Your pick-up point has taken your parcel."),
    Kind.LEFT_IN_LOCKER: ("DI1", "Your parcel was delivered to a locker."),
    Kind.DELIVERED: ("DI1", "Your parcel has been delivered."),
    Kind.COLLECTED: ("DI1", "Your parcel has been collected."),
    Kind.REFUSED: ("PB1", "Your parcel was refused."),
    Kind.RETURNING: ("RE1", "Your parcel goes back to its sender."),
    Kind.RETURNED: ("DI2", "Your parcel is back at its sender's."),
    Kind.LOST: ("PB1", "Your parcel cannot be found."),
    Kind.DAMAGED: ("PB1", "Your parcel was damaged."),
}
_HOLDERS: Final = {"chronopost": 3, "colissimo": 4}


class LaPosteFace(Face):
    """``GET /suivi/v2/idships/{numbers}``."""

    provider: ClassVar[str] = "la_poste"
    routes: ClassVar[tuple[tuple[str, str], ...]] = (
        ("GET", "/suivi/v2/idships/{numbers}"),
    )

    def __init__(self, terms: Terms) -> None:
        """Begin with an unspent minute."""
        super().__init__(terms)
        self._minute = Window(_A_MINUTE, timedelta(minutes=1), pace=terms.pace)

    @override
    def numbers(self, call: Call) -> tuple[str, ...]:
        """Return the numbers asked about."""
        return tuple(filter(None, call.path.rpartition("/")[2].split(",")))

    @override
    def answer(self, call: Call, look: Look) -> Reply:
        """Return one envelope, or a list of them for several numbers."""
        if call.headers.get("X-Okapi-Key") not in self.terms.keys:
            return self.rejected()
        if self.terms.limits and not self._minute.admits(self.terms.now()):
            return self.spent(call)
        numbers = self.numbers(call)
        lang = call.query.get("lang", "fr_FR")
        if not 0 < len(numbers) <= _A_CALL:
            return Reply(_refusal(400, "One to ten numbers.", lang), 400)
        told = [_envelope(number, look(number), lang) for number in numbers]
        if look.stranger is not None:
            told.insert(0, _stranger(look.stranger, lang))
        if len(told) > 1:
            return Reply(told, 207)
        return Reply(told[0], _status(told[0]))

    @override
    def walled(self) -> Reply:
        """Return what its edge servers tell a robot."""
        return Reply("<html><body>Request rejected</body></html>", 403, HTML)

    @override
    def spent(self, call: Call) -> Reply:
        """Return what a call beyond those of a minute gets."""
        message = "max quota reached 100 calls per minute"
        return Reply({"code": "TOO_MANY_REQUESTS", "message": message}, 429)

    @override
    def rejected(self) -> Reply:
        """Return what a wrong key gets."""
        message = "This action requires an authorization"
        return Reply({"code": "UNAUTHORIZED", "message": message}, 401)


def _status(envelope: Mapping[str, object]) -> int:
    code = envelope["returnCode"]
    return 404 if code == 104 else 400 if code == 400 else 200


def _refusal(
    code: int, message: str, lang: str, number: str | None = None
) -> dict[str, object]:
    refusal: dict[str, object] = {
        "returnCode": code,
        "returnMessage": message,
        "lang": lang,
        "scope": "open",
    }
    return refusal | ({} if number is None else {"idShip": number})


def _envelope(number: str, view: View | None, lang: str) -> dict[str, object]:
    """Return what is told of a number, with its own return code."""
    if not _SHORTEST <= len(number) <= _LONGEST:
        return _refusal(400, "Le numéro saisi n’est pas valide.", lang, number)
    if view is None or (view.last is None and not view.emptied):
        return _refusal(104, "L’envoi est inconnu ou pas encore connu.", lang, number)
    return {
        "lang": lang,
        "scope": "open",
        "returnCode": 200,
        "shipment": _shipment(view),
    }


def _shipment(view: View) -> dict[str, object]:
    journey = view.journey
    scans = [scan for scan in view.scans if scan.kind in _WORDS]
    events = [_event(scan) for scan in reversed(scans)]
    ended = bool(scans) and scans[-1].kind in {
        Kind.DELIVERED,
        Kind.COLLECTED,
        Kind.RETURNED,
    }
    context: dict[str, object] = {
        "deliveryChoice": {"deliveryChoice": 0},
        "originCountry": journey.origin,
        "arrivalCountry": journey.destination,
    }
    if journey.pickup_point is not None:
        context["removalPoint"] = {
            "idPoint": "319220",
            "type": "A2P",
            "name": journey.pickup_point,
        }
    if view.handoff is not None:
        context["partner"] = {
            "name": view.handoff.carrier,
            "network": "partner",
            "reference": view.handoff.number,
        }
    shipment: dict[str, object] = {
        "idShip": view.number,
        "holder": _HOLDERS.get(view.carrier, 1),
        "product": view.carrier,
        "isFinal": ended,
        "timeline": [
            {"id": step, "status": step <= 1 + 4 * ended, "type": 1, "country": ""}
            for step in range(1, 6)
        ],
        "event": events,
        "contextData": context,
        "url": f"https://www.laposte.fr/outils/suivre-vos-envois?code={view.number}",
    }
    if events:
        shipment["entryDate"] = events[-1]["date"]
    if ended:
        shipment["deliveryDate"] = shipment["estimDate"] = events[0]["date"]
    elif view.estimate is not None:
        # The day alone: midnight UTC, on the clock of Paris.
        day = view.estimate[1].date()
        shipment["estimDate"] = f"{day}T02:00:00+02:00"
    return shipment


def _event(scan: Scan) -> dict[str, object]:
    code, label = _WORDS[scan.kind]
    return {
        "code": scan.code or code,
        "label": scan.words or label,
        "date": _written(scan.time, scan.utc_offset),
    }


def _written(moment: datetime, utc_offset: float) -> str:
    return moment.astimezone(timezone(timedelta(hours=utc_offset))).isoformat()


def _stranger(number: str, lang: str) -> dict[str, object]:
    """Return somebody else's shipment, delivered."""
    event = {"code": "DI1", "label": "Delivered.", "date": "2026-01-05T10:00:00+01:00"}
    shipment = {"idShip": number, "holder": 4, "isFinal": True, "event": [event]}
    return {"lang": lang, "scope": "open", "returnCode": 200, "shipment": shipment}
