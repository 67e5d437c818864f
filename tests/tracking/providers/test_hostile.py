"""Whatever a provider sends, nothing but the documented errors leaves a parser."""

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
import re
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.waybill.tracking.model import Answer
from custom_components.waybill.tracking.providers import (
    aftership,
    bring,
    cainiao,
    canada_post,
    customs,
    dhl,
    fedex,
    inpost,
    la_poste,
    nova_post,
    parcel_app,
    postnord,
    safe_xml,
    seventeentrack,
    ship24,
    ups,
    usps,
    wording,
)
from custom_components.waybill.tracking.providers.base import (
    CredentialsRejected,
    ProviderUnavailable,
    QuotaExceeded,
)
from custom_components.waybill.tracking.providers.country_names import country_code

from .fixtures import answer_of, body_of

type Parse = Callable[[Any, str], list[Answer]]

PARSERS: dict[str, Parse] = {
    "cainiao": lambda body, number: cainiao.parse(body, [number]),
    "seventeentrack": lambda body, number: seventeentrack.parse(body, [number]),
    "registration": lambda body, number: seventeentrack.parse_registration(
        body, [number]
    ),
    "dhl": lambda body, number: [dhl.parse(body, number)],
    "fedex": lambda body, number: fedex.parse(body, [number]),
    "ups": lambda body, number: [ups.parse(body, number)],
    "usps": lambda body, number: [usps.parse(body, number)],
    "parcel_app": lambda body, number: parcel_app.parse(body, [number]),
    "la_poste": lambda body, number: la_poste.parse(body, [number]),
    "inpost": lambda body, number: [inpost.parse(body, number)],
    "nova_post": lambda body, number: nova_post.parse(body, [number]),
    "canada_post": lambda body, number: [canada_post.parse(body, number)],
    "postnord": lambda body, number: [postnord.parse(body, number)],
    "bring": lambda body, number: [bring.parse(body, number)],
    "ship24": ship24.parse,
    "aftership": lambda body, number: aftership.parse(body, [number]),
    "seventeentrack push": lambda body, number: [
        pushed.answer for pushed in seventeentrack.parse_push(body, [number])
    ],
    "ship24 push": lambda body, number: [
        pushed.answer for pushed in ship24.parse_push(body, [number])
    ],
    "aftership push": lambda body, number: [
        pushed.answer for pushed in aftership.parse_push(body, [number])
    ],
}
REAL = [
    ("cainiao", answer_of("cainiao", "delivered_at_the_door"), "LP00730000000011"),
    ("cainiao", answer_of("cainiao", "leaving_export_customs"), "RC000000016EE"),
    ("seventeentrack", answer_of("seventeentrack", "two_carriers"), "RB000000013CN"),
    ("seventeentrack", answer_of("seventeentrack", "rejected"), "RB000000027CN"),
    ("registration", answer_of("seventeentrack", "registered"), "RB000000027CN"),
    ("dhl", answer_of("dhl", "cleared_and_delivered"), "1234567897"),
    ("dhl", answer_of("dhl", "several_shipments"), "00340434000000000017"),
    ("fedex", answer_of("fedex", "batch"), "794600000030"),
    ("fedex", answer_of("fedex", "recycled"), "794600000041"),
    ("ups", answer_of("ups", "cleared_and_delivered"), "1Z12345E0205271688"),
    ("ups", answer_of("ups", "handed_to_usps"), "MI123456000000001"),
    ("usps", answer_of("usps", "delivered"), "9400111206206406260787"),
    ("parcel_app", answer_of("parcel_app", "recent"), "9400111206619004520717"),
    ("parcel_app", answer_of("parcel_app", "recent"), "00340434000000000017"),
    ("la_poste", answer_of("la_poste", "through_customs"), "CB000000014FR"),
    ("la_poste", answer_of("la_poste", "several"), "XN000000016JB"),
    ("inpost", answer_of("inpost", "to_the_locker"), "600000000000000000000017"),
    ("nova_post", answer_of("nova_post", "several"), "20450000000023"),
    (
        "canada_post",
        safe_xml.read(
            body_of("canada_post", "cleared_and_delivered.xml"), {"occurrence"}
        )[1],
        "RB000000013CN",
    ),
    ("postnord", answer_of("postnord", "cleared_and_collected"), "RR000000014SE"),
    ("postnord", answer_of("postnord", "several_pieces"), "12345678901SE"),
    ("bring", answer_of("bring", "cleared_and_collected"), "370700000000000014"),
    ("bring", answer_of("bring", "several_packages"), "70700000000000037"),
    (
        "bring",
        {"shipments": [answer_of("bring", "with_the_courier")]},
        "370700000000000021",
    ),
    ("ship24", answer_of("ship24", "handed_over"), "LP00730000000028"),
    ("aftership", answer_of("aftership", "handed_over"), "LP00730000000028"),
    (
        "seventeentrack push",
        {
            "event": "TRACKING_UPDATED",
            "data": answer_of("seventeentrack", "two_carriers")["data"]["accepted"][0],
        },
        "RB000000013CN",
    ),
    (
        "ship24 push",
        answer_of("ship24", "handed_over")["data"],
        "LP00730000000028",
    ),
    (
        "aftership push",
        {"msg": answer_of("aftership", "handed_over")["data"]["trackings"][0]},
        "LP00730000000028",
    ),
]

text = st.text(
    st.characters(codec=None, categories=None) | st.sampled_from("\ud800\u202e\0[]【"),
    max_size=60,
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([-(10**30), 253402300799999, 2**63])
    # More digits than Python prints, so not to be shown in a strategy either.
    | st.just(5000).map(lambda digits: 10**digits)
    | st.floats()
    | text
    | st.sampled_from(
        [
            "9999-12-31 23:59:59",
            "0001-01-01T00:00:00+14:00",
            "GMT+14",
            "2026-02-30 00:00:00",
            "T00:00",
            "-18019902",
            "x" * 5000,
            "<" * 3000,
            "&#x110000;" * 50,
            "[" * 600,
            "delivered " * 60,
        ]
    )
)
json_values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4)
    ),
    max_leaves=20,
)


def read(parser: str, body: Any, number: str) -> None:
    """Parse, and hold the parser to its contract."""
    try:
        told = PARSERS[parser](body, number)
    except ProviderUnavailable, QuotaExceeded, CredentialsRejected:
        return
    for answer in told:
        assert answer.tracking_number == number
        assert len(answer.events) <= 300
        for event in answer.events:
            assert event.time is None or event.time.tzinfo is not None
            assert event.local_time is None or event.local_time.tzinfo is None
            for said in (event.description, event.words, event.location or ""):
                said.encode()
                assert len(said) <= 500
            assert len(event.code or "") <= 80
            assert len(event.written_time) <= 100
            assert re.fullmatch("[A-Z]{2}", event.country or "XX")
            hash(event)
        for named in (answer.pickup_point, answer.signed_by):
            assert named is None or 0 < len(named) <= 120
        if answer.next_leg is not None:
            assert 5 <= len(answer.next_leg.tracking_number) <= 64
            assert answer.next_leg.tracking_number != number


@pytest.mark.parametrize("parser", PARSERS)
@given(body=json_values)
@settings(max_examples=100, deadline=None)
def test_any_json_is_an_answer_or_a_documented_error(parser: str, body: Any) -> None:
    read(parser, body, "RB000000013CN")


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [
        path,
        *(found for key, item in inner for found in _paths(item, (*path, key))),
    ]


def _put(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = deepcopy(body)
    inner = changed
    for key in path[:-1]:
        if not isinstance(inner, dict | list):
            return changed
        try:
            inner = inner[key]
        except KeyError, IndexError, TypeError:
            return changed
    if isinstance(inner, dict) or (
        isinstance(inner, list) and path[-1] in range(len(inner))
    ):
        inner[path[-1]] = value
    return changed


@pytest.mark.parametrize(("parser", "body", "number"), REAL)
@given(data=st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_real_answer_with_anything_in_it_is_an_answer_or_a_documented_error(
    parser: str, body: Any, number: str, data: st.DataObject
) -> None:
    changed = body
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(_paths(body)))
        changed = _put(changed, path, data.draw(json_values))
    read(parser, changed, number)


@pytest.mark.parametrize(("parser", "body", "number"), REAL)
def test_deep_answers_are_read_without_falling(
    parser: str, body: Any, number: str
) -> None:
    deep: Any = []
    for _ in range(50_000):
        deep = [deep]
    for path in _paths(body):
        read(parser, _put(body, path, deep) if path else deep, number)


LISTS: dict[str, Callable[[Any, datetime], Any]] = {
    "seventeentrack": lambda body, now: seventeentrack.parse_page(body, now).listed,
    "parcel_app": lambda body, now: parcel_app.parse_list(body),
    "ship24": lambda body, now: ship24.parse_page(body, now)[0],
    "aftership": lambda body, now: aftership.parse_page(body, now)[0],
}


@pytest.mark.parametrize("provider", LISTS)
@given(
    row=json_values,
    number=leaves | st.just("RB000000013CN"),
    page=json_values,
    more=json_values,
)
@settings(max_examples=100, deadline=None)
def test_any_json_is_a_list_or_a_documented_error(
    provider: str, row: Any, number: Any, page: Any, more: Any
) -> None:
    row = {"number": number, "tracking_number": number, "trackingNumber": number} | (
        row if isinstance(row, dict) else {"name": row}
    )
    body = {
        "success": True,
        "code": 0,
        "page": {"data_total": 2, "page_total": 1},
        "deliveries": [row, more],
        "data": {
            "accepted": [row, more],
            "trackers": [row, more],
            "trackings": [row, more],
            "pagination": page,
        },
    }
    for told in (body, more):
        try:
            listed = LISTS[provider](told, datetime(2026, 6, 1, tzinfo=UTC))
        except ProviderUnavailable, QuotaExceeded, CredentialsRejected:
            continue
        for each in listed:
            assert 5 <= len(each.tracking_number) <= 64
            assert each.name is None or 0 < len(each.name) <= 120


@given(said=st.text())
@settings(max_examples=200, deadline=None)
def test_any_text_can_be_read(said: str) -> None:
    wording.left_at_pickup_place([said])
    wording.Refinement(*customs.PHRASES).stage([said])
    code = country_code(said)
    assert code is None or len(code) == 2
