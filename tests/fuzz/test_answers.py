"""Whatever a provider answers: an answer that can be lived with, or an error."""

import asyncio
from collections.abc import Sequence
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.journal import Journal
from custom_components.waybill.tracking.model import Answer
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.base import (
    ProviderError,
    ProviderUnavailable,
    Query,
)
from custom_components.waybill.tracking.providers.fields import MAX_PARCELS

from .bodies import ANSWERS, KEY, PUSHES, PUSHING, Body, Session, credentials
from .effort import examples
from .holding import can_be_lived_with, can_be_printed, is_an_answer
from .spoiling import Path, at, put
from .values import filled_in, json_values

STATUSES = (200, 200, 200, 200, 201, 204, 301, 400, 401, 403, 404, 405, 429, 500, 503)

each_answer = pytest.mark.parametrize(
    "body", ANSWERS, ids=[f"{body.provider} {body.name}" for body in ANSWERS]
)
each_push = pytest.mark.parametrize(
    "body", PUSHES, ids=[body.provider for body in PUSHES]
)


def fetched(
    provider: str, asked: Sequence[str], content: bytes, status: int = 200
) -> list[Answer]:
    """Return what a provider makes of a body. Raises the documented errors alone."""
    legs = [Query(tracking_number=number, may_register=True) for number in asked]
    session: Any = Session(content, status)
    told = PROVIDERS[provider]().fetch(session, credentials(provider), legs)
    try:
        return asyncio.run(told)
    except ProviderError as error:
        _gives_nothing_away(error, asked)
        raise


def pushed(provider: str, asked: Sequence[str], content: bytes) -> list[Answer]:
    """Return what a provider makes of a push. Raises the documented errors alone."""
    reader: Any = PROVIDERS[provider]()
    try:
        told = reader.read_push(credentials(provider), content, asked)
    except ProviderError as error:
        _gives_nothing_away(error, asked)
        raise
    for each in told:
        assert each.told_at is None or each.told_at.tzinfo is not None
    return [each.answer for each in told]


def _gives_nothing_away(error: ProviderError, asked: Sequence[str]) -> None:
    assert KEY not in str(error)
    assert len(str(error)) < 200
    assert not [number for number in asked if number in str(error)]
    assert error.retry_at is None or error.retry_at.tzinfo is not None


def real(body: Body) -> tuple[tuple[str, ...], dict[str, Journal]]:
    """Return the numbers that a body is about, and what the house knows by it."""
    journals = {}
    for number in body.numbers:
        try:
            answers = fetched(body.provider, [number], body.content)
        except ProviderError:
            continue
        for answer in answers:
            journals[number] = can_be_lived_with(body.provider, answer)
    return tuple(journals) or body.numbers, journals


REAL = {id(body): real(body) for body in ANSWERS}


def test_every_provider_has_a_real_answer_and_every_push_a_message() -> None:
    told = {
        body.provider
        for body in ANSWERS
        for journal in REAL[id(body)][1].values()
        if any(track.events for track in journal.tracks)
    }
    assert told == set(PROVIDERS)
    assert {body.provider for body in PUSHES} == PUSHING


def hold(body: Body, asked: Sequence[str], answers: Sequence[Answer]) -> None:
    """Hold answers to all that they must be."""
    _, journals = REAL.get(id(body), ((), {}))
    for answer in answers:
        is_an_answer(answer, asked)
        can_be_lived_with(body.provider, answer)
        if (known := journals.get(answer.tracking_number)) is not None:
            can_be_lived_with(body.provider, answer, known)


@each_answer
@given(data=st.data())
@examples(12)
def test_an_answer_like_a_real_one_is_an_answer_or_a_documented_error(
    body: Body, data: st.DataObject
) -> None:
    content = data.draw(body.spoilt)
    numbers, _ = REAL[id(body)]
    at_once = PROVIDERS[body.provider].limits.batch_size
    asked = numbers if at_once > 1 else [data.draw(st.sampled_from(numbers))]
    try:
        told = fetched(
            body.provider,
            asked[:at_once],
            content,
            data.draw(st.sampled_from(STATUSES)),
        )
    except ProviderError:
        return
    hold(body, asked, told)


@each_answer
@given(data=st.data())
@examples(2)
def test_a_dispute_file_can_be_made_of_it(body: Body, data: st.DataObject) -> None:
    numbers, _ = REAL[id(body)]
    try:
        told = fetched(body.provider, numbers[:1], data.draw(body.spoilt))
    except ProviderError:
        return
    for answer in told:
        can_be_printed(can_be_lived_with(body.provider, answer))


@each_push
@given(data=st.data())
@examples(40)
def test_a_push_like_a_real_one_is_an_answer_or_a_documented_error(
    body: Body, data: st.DataObject
) -> None:
    try:
        told = pushed(body.provider, body.numbers, data.draw(body.spoilt))
    except ProviderUnavailable:
        return
    hold(body, body.numbers, told)


@pytest.mark.parametrize("provider", PROVIDERS)
@given(document=json_values, spare=st.binary(max_size=40))
@examples(12)
def test_any_json_is_an_answer_or_a_documented_error(
    provider: str, document: Any, spare: bytes
) -> None:
    text = filled_in(json.dumps(document).encode())
    for content in (text, spare, b"<a>%s</a>" % spare):
        for read in (fetched, pushed) if provider in PUSHING else (fetched,):
            try:
                told = read(provider, ["RB000000013CN"], content)
            except ProviderError:
                continue
            for answer in told:
                is_an_answer(answer, ["RB000000013CN"])


@pytest.mark.parametrize(
    ("provider", "name", "list_of_parcels"),
    [
        ("bring", "with_the_courier.json", ("consignmentSet",)),
        ("dhl", "cleared_and_delivered.json", ("shipments",)),
        (
            "postnord",
            "with_the_courier.json",
            ("TrackingInformationResponse", "shipments"),
        ),
    ],
)
def test_an_answer_about_one_parcel_is_not_looked_through_without_end(
    provider: str, name: str, list_of_parcels: Path
) -> None:
    """One of 8 MiB has room for millions of others, each to be looked at."""
    (body,) = (b for b in ANSWERS if (b.provider, b.name) == (provider, name))
    parcels = at(body.document, list_of_parcels)
    for others, is_read in ((MAX_PARCELS // 2, True), (MAX_PARCELS, False)):
        among = put(body.document, list_of_parcels, [{}] * others + parcels)
        content = json.dumps(among).encode()
        (answer,) = fetched(provider, body.numbers[:1], content)
        assert bool(answer.events) is is_read


@each_answer
def test_an_answer_that_breaks_off_anywhere_is_one_or_a_documented_error(
    body: Body,
) -> None:
    numbers, _ = REAL[id(body)]
    content = body.content.rstrip()
    for end in range(0, len(content), max(1, len(content) // 100)):
        try:
            told = fetched(body.provider, numbers[:1], content[:end])
        except ProviderError:
            continue
        for answer in told:
            is_an_answer(answer, numbers)
            assert not answer.events
