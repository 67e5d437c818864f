"""The simulator as La Poste, InPost and Nova Post: their terms and their words."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.waybill.tracking.model import Answer
from custom_components.waybill.tracking.providers import inpost, la_poste, nova_post

from .simulator import (
    DAY,
    HOUR,
    KEYS,
    Estimate,
    Fault,
    FaultKind,
    Handoff,
    Journey,
    Kind,
    Simulator,
    Step,
)
from .simulator.faces import (
    inpost as inpost_face,
    la_poste as la_poste_face,
    nova_post as nova_post_face,
)
from .simulator.faces.base import Call, Look, Reply
from .simulator.journeys import Stage

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
NUMBERS = {
    "la_poste": "6A04296519970",
    "inpost": "620999680605074433453432",
    "nova_post": "20450000000012",
}
PARSE: Mapping[str, Callable[[Any, str], list[Answer]]] = {
    "la_poste": lambda body, number: la_poste.parse(body, [number]),
    "inpost": lambda body, number: [inpost.parse(body, number)],
    "nova_post": lambda body, number: nova_post.parse(body, [number]),
}
WORDS: Mapping[str, Mapping[Kind, Any]] = {
    "la_poste": la_poste_face._WORDS,
    "inpost": inpost_face._STATUSES,
    "nova_post": nova_post_face._STATUSES,
}
TOLD_OTHERWISE = {
    # What a carrier has no word of its own for.
    ("inpost", Kind.RETURNED): Stage.DELIVERED,
    ("nova_post", Kind.PICKED_UP): Stage.IN_TRANSIT,
    ("nova_post", Kind.RETURNED): Stage.DELIVERED,
}


def playing(*steps: Step, limits: bool = False, **more: Any) -> Simulator:
    """Play the same journey at all three."""
    journeys = [
        Journey(number=number, carrier=carrier, steps=steps, **more)
        for carrier, number in NUMBERS.items()
    ]
    return Simulator(journeys, limits=limits, now=lambda: NOW)


def says(
    simulator: Simulator,
    provider: str,
    *numbers: str,
    key: str | None = None,
    fault: Fault | None = None,
) -> Reply:
    """Ask about numbers, as the carrier's documentation says."""
    key = KEYS.get(provider, "") if key is None else key
    asked = ",".join(numbers)
    call = {
        "la_poste": Call(
            method="GET",
            path=f"/suivi/v2/idships/{asked}",
            query={"lang": "en_GB"},
            headers={"X-Okapi-Key": key},
        ),
        "inpost": Call(method="GET", path=f"/v1/tracking/{asked}"),
        "nova_post": Call(
            method="POST",
            path="/v2.0/json/",
            body={
                "apiKey": key,
                "modelName": "TrackingDocument",
                "calledMethod": "getStatusDocuments",
                "methodProperties": {
                    "Documents": [{"DocumentNumber": number} for number in numbers]
                },
            },
        ),
    }[provider]
    face = simulator.faces[provider]
    assert face.numbers(call) == numbers
    return face.answer(call, Look(simulator.world, provider, fault))


def told(simulator: Simulator, provider: str, fault: Fault | None = None) -> Answer:
    """Return what Waybill makes of the answer about the provider's own number."""
    number = NUMBERS[provider]
    reply = says(simulator, provider, number, fault=fault)
    (answer,) = PARSE[provider](reply.body, number)
    return answer


@pytest.mark.parametrize(
    ("provider", "kind"),
    [(provider, kind) for provider, words in WORDS.items() for kind in words],
)
def test_every_scan_is_told_in_the_carriers_own_code(provider: str, kind: Kind) -> None:
    answer = told(playing(Step(-HOUR, kind)), provider)
    stage = TOLD_OTHERWISE.get((provider, kind), kind.stage)
    assert [event.stage for event in answer.events] == [stage]


@pytest.mark.parametrize("provider", NUMBERS)
def test_a_wait_names_its_place_and_a_promise_its_day(provider: str) -> None:
    simulator = playing(
        Step(-DAY, Kind.PICKED_UP),
        Step(-HOUR, Kind.AT_PICKUP_POINT),
        pickup_point="By the shop",
        estimate=Estimate(2 * DAY),
    )
    answer = told(simulator, provider)
    assert answer.pickup_point is not None
    assert answer.pickup_point.startswith("By the shop")
    assert (answer.estimate is None) is (provider == "inpost")


@pytest.mark.parametrize("provider", ["la_poste", "nova_post"])
def test_a_hand_off_names_its_number(provider: str) -> None:
    handoff = Handoff("59000000000012", "nova_post", -HOUR)
    simulator = playing(Step(-DAY, Kind.PICKED_UP), handoff=handoff)
    leg = told(simulator, provider).next_leg
    assert leg is not None
    assert leg.tracking_number == "59000000000012"


@pytest.mark.parametrize("provider", NUMBERS)
def test_a_history_that_is_missing_is_no_scan(provider: str) -> None:
    simulator = playing(Step(-DAY, Kind.PICKED_UP))
    assert not told(simulator, provider, Fault(FaultKind.EMPTY)).found
    assert told(simulator, provider).found


@pytest.mark.parametrize("provider", ["la_poste", "nova_post"])
def test_a_strangers_shipment_can_stand_beside(provider: str) -> None:
    simulator = playing(Step(-DAY, Kind.PICKED_UP))
    beside = Fault(FaultKind.BESIDE, number="6A00000000023")
    reply = says(simulator, provider, NUMBERS[provider], fault=beside)
    assert "6A00000000023" in str(reply.body)
    assert told(simulator, provider, beside) == told(simulator, provider)


def test_la_poste_answers_number_by_number() -> None:
    simulator = playing(Step(-DAY, Kind.PICKED_UP))
    known, unknown = NUMBERS["la_poste"], "6A00000000023"
    reply = says(simulator, "la_poste", known, unknown, "SHORT")
    assert reply.status == 207
    assert isinstance(reply.body, list)
    assert [each["returnCode"] for each in reply.body] == [200, 104, 400]
    assert says(simulator, "la_poste", known).status == 200
    assert says(simulator, "la_poste", unknown).status == 404
    assert says(simulator, "la_poste", "SHORT").status == 400
    assert says(simulator, "la_poste", *[known] * 11).status == 400
    assert says(simulator, "la_poste", known, key="wrong").status == 401


def test_la_poste_counts_the_calls_of_a_minute() -> None:
    simulator = playing(Step(-DAY, Kind.PICKED_UP), limits=True)
    statuses = [
        says(simulator, "la_poste", NUMBERS["la_poste"]).status for _ in range(101)
    ]
    assert statuses == [200] * 100 + [429]


def test_inpost_knows_only_its_own_form_and_no_haste() -> None:
    simulator = playing(Step(-DAY, Kind.PICKED_UP), limits=True)
    assert says(simulator, "inpost", NUMBERS["inpost"]).status == 200
    assert says(simulator, "inpost", NUMBERS["inpost"]).status == 429
    patient = playing(Step(-DAY, Kind.PICKED_UP))
    assert says(patient, "inpost", "1" * 24).status == 404
    assert says(patient, "inpost", "123").status == 400


def test_nova_post_refuses_with_a_status_of_200() -> None:
    simulator = playing(Step(-DAY, Kind.PICKED_UP))
    known = NUMBERS["nova_post"]

    def errors(*numbers: str, **more: Any) -> Any:
        reply = says(simulator, "nova_post", *numbers, **more)
        assert reply.status == 200
        assert isinstance(reply.body, dict)
        return reply.body["errors"]

    assert errors(known) == []
    assert errors("20450000000099") == []
    assert errors(known, "SHORT") == ["Document number is not correct"]
    assert errors(*[known] * 101) == ["Documents is not correct"]
    assert errors(known, key="wrong") == ["API key expired"]
    face = simulator.faces["nova_post"]
    call = Call(method="POST", path="/", body={"apiKey": KEYS["nova_post"]})
    look = Look(simulator.world, "nova_post", None)
    assert "Model or method" in str(face.answer(call, look).body)


def test_nova_post_has_no_patience_with_haste() -> None:
    simulator = playing(Step(-DAY, Kind.PICKED_UP), limits=True)
    answers = [
        says(simulator, "nova_post", NUMBERS["nova_post"]).body for _ in range(6)
    ]
    assert [answer["success"] for answer in answers] == [True] * 5 + [False]  # type: ignore[index, call-overload]


@pytest.mark.parametrize("provider", NUMBERS)
def test_a_robot_meets_a_page(provider: str) -> None:
    wall = playing().faces[provider].walled()
    assert (wall.status, wall.content_type) == (403, "text/html")
