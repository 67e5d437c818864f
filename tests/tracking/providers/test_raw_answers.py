"""What is kept of each provider's answers: one parcel's data, and no secret."""

from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
import json
import os
from typing import Any
from urllib.parse import quote
import zlib

import aiohttp
from hypothesis import given, strategies as st
import pytest
from yarl import URL

from custom_components.waybill.tracking.model import Answer, RawAnswer
from custom_components.waybill.tracking.providers import PROVIDERS
from custom_components.waybill.tracking.providers.base import Query
from custom_components.waybill.tracking.providers.raw_answers import (
    LONGEST_TEXT,
    raw_answers,
)
from custom_components.waybill.tracking.providers.redaction import redactor
from tests.provider_examples import BY_AIR, EXAMPLES, Example
from tests.simulator import KEYS, Journey, Simulator, Stage

from .conftest import Server
from .fixtures import answer_of

EVERY_PROVIDER = [
    *EXAMPLES,
    Example(
        provider="cainiao",
        name="Cainiao",
        credentials={},
        journey=Journey(number="LP00730000000011", steps=BY_AIR),
        unknown="LP00730000000028",
    ),
    Example(
        provider="dhl",
        name="DHL",
        credentials={"api_key": KEYS["dhl"]},
        journey=Journey(number="1234567897", carrier="dhl", steps=BY_AIR),
        unknown="1234567901",
    ),
    Example(
        provider="seventeentrack",
        name="17TRACK",
        credentials={"api_key": KEYS["seventeentrack"]},
        journey=Journey(number="RB000000013CN", carrier="china_post", steps=BY_AIR),
        unknown="RB000000027CN",
        lists=True,
    ),
]
each_provider = pytest.mark.parametrize(
    "example", EVERY_PROVIDER, ids=[example.provider for example in EVERY_PROVIDER]
)
DHL_NUMBER = "1234567897"
DHL_KEY = {"api_key": 'a key/of "mine"=='}


def text_of(raw: RawAnswer | None) -> bytes:
    """Return the text of a raw answer, which is what its hash and size say."""
    assert raw is not None
    text = zlib.decompress(raw.compressed)
    assert (sha256(text).hexdigest(), len(text)) == (raw.sha256, raw.size)
    return text


def test_every_provider_has_an_example() -> None:
    assert sorted(e.provider for e in EVERY_PROVIDER) == sorted(PROVIDERS)


@each_provider
async def test_two_parcels_are_told_apart(
    session: aiohttp.ClientSession, example: Example
) -> None:
    mine = example.journey
    theirs = replace(
        mine,
        number=example.unknown,
        steps=[replace(step, place="Atlantis") for step in mine.steps],
    )
    async with Simulator([mine, theirs], limits=False) as simulator:
        if example.lists:
            for journey in (mine, theirs):
                face: Any = simulator.faces[example.provider]
                face.preregister(journey.number, journey.carrier, "Whose?")
        provider = PROVIDERS[example.provider](URL(simulator.url))

        async def ask(*legs: Journey) -> dict[str, Answer]:
            queries = [
                Query(tracking_number=leg.number, carrier=leg.carrier) for leg in legs
            ]
            told = await provider.fetch(session, example.credentials, queries)
            return {answer.tracking_number: answer for answer in told}

        if provider.limits.batch_size == 1:
            batches = [await ask(mine) | await ask(theirs)]
        else:
            batches = [await ask(mine, theirs), await ask(mine) | await ask(theirs)]
        for told in batches:
            for journey, other in ((mine, theirs), (theirs, mine)):
                answer = told[journey.number]
                text = text_of(answer.raw).decode()
                assert answer.events
                assert journey.number in text.replace(" ", "")
                assert other.number not in text
                assert not [key for key in example.credentials.values() if key in text]
                for event in answer.events:
                    assert not event.code or event.code.casefold() in text.casefold()
            assert "Atlantis" not in text_of(told[mine.number].raw).decode()
        # Nothing new: the very same. News of one: the other stays the very same.
        together = [mine, theirs] if provider.limits.batch_size > 1 else [mine]
        before = await ask(*together)
        again = await ask(*together)
        assert all(before[number] is again[number] for number in before)
        simulator.journey(mine.number).scan(Stage.OUT_FOR_DELIVERY)
        news = await ask(*together)
        assert text_of(news[mine.number].raw) != text_of(before[mine.number].raw)
        if theirs in together:
            assert news[theirs.number] is before[theirs.number]


async def ask_dhl(server: Server, session: aiohttp.ClientSession) -> Answer:
    legs = [Query(tracking_number=DHL_NUMBER)]
    (told,) = await PROVIDERS["dhl"](server.url).fetch(session, DHL_KEY, legs)
    return told


async def test_an_answer_is_kept_to_the_byte(
    server: Server, session: aiohttp.ClientSession
) -> None:
    body = json.dumps(answer_of("dhl", "cleared_and_delivered"), indent=7).encode()
    server.reply(body)
    assert text_of((await ask_dhl(server, session)).raw) == body


async def test_a_key_that_is_echoed_is_not_kept(
    server: Server, session: aiohttp.ClientSession
) -> None:
    body = answer_of("dhl", "cleared_and_delivered")
    key = DHL_KEY["api_key"]
    server.reply(body | {"you": {"key": key, "url": f"/?key={quote(key, safe='')}"}})
    text = text_of((await ask_dhl(server, session)).raw)
    assert json.loads(text)["you"] == {"key": "[redacted]", "url": "/?key=[redacted]"}


async def test_a_token_that_is_echoed_is_not_kept(
    server: Server, session: aiohttp.ClientSession
) -> None:
    key = {"client_id": "an-id-of-mine", "client_secret": "a-secret-of-mine"}
    login = b64encode(b"an-id-of-mine:a-secret-of-mine").decode()
    server.reply({"access_token": "a-token", "token_type": "Bearer"})
    server.reply(
        answer_of("ups", "cleared_and_delivered")
        | {"said": {"token": "Bearer a-token", "login": login, **key}}
    )
    legs = [Query(tracking_number="1Z12345E0205271688")]
    (told,) = await PROVIDERS["ups"](server.url).fetch(session, key, legs)
    assert json.loads(text_of(told.raw))["said"] == {
        "token": "Bearer [redacted]",
        "login": "[redacted]",
        "client_id": "[redacted]",
        "client_secret": "[redacted]",
    }


async def test_a_number_without_its_zeros_is_found(
    server: Server, session: aiohttp.ClientSession
) -> None:
    body = answer_of("dhl", "several_shipments")
    for shipment in body["shipments"]:
        shipment["id"] = int(shipment["id"])
    server.reply(body)
    legs = [Query(tracking_number="00340434000000000017")]
    (told,) = await PROVIDERS["dhl"](server.url).fetch(session, DHL_KEY, legs)
    assert told.events
    kept = json.loads(text_of(told.raw))["shipments"]
    assert [shipment["id"] for shipment in kept] == [340434000000000017] * 2


async def test_another_parcels_answer_is_not_kept(
    server: Server, session: aiohttp.ClientSession
) -> None:
    server.reply(answer_of("inpost", "to_the_locker"))
    legs = [Query(tracking_number="620999680605074433453432")]
    (told,) = await PROVIDERS["inpost"](server.url).fetch(session, {}, legs)
    assert not told.events
    assert told.raw is None


async def test_numbers_are_found_as_the_provider_writes_them(
    server: Server, session: aiohttp.ClientSession
) -> None:
    usps = "9400111206206406260787"
    key = {"client_id": "an-id-of-mine", "client_secret": "a-secret-of-mine"}
    server.reply({"access_token": "a-token", "token_type": "Bearer"})
    server.reply(answer_of("usps", "delivered"))
    legs = [Query(tracking_number=f"42090245{usps}")]
    (told,) = await PROVIDERS["usps"](server.url).fetch(session, key, legs)
    assert told.events
    assert usps.encode() in text_of(told.raw)
    server.replies.clear()
    server.reply(answer_of("la_poste", "several"))
    express = [Query(tracking_number=n) for n in ("CB000000014FR", "XN000000016JB")]
    told = await PROVIDERS["la_poste"](server.url).fetch(
        session, {"api_key": "a-key-of-mine"}, express
    )
    mine, theirs = (text_of(answer.raw) for answer in told if answer.events)
    assert b"XN000000016JBY" not in mine
    assert b"XN000000016JBY" in theirs
    assert b"CB000000014FR" not in theirs


def test_of_a_long_answer_only_the_hash_is_kept() -> None:
    body = json.dumps({"number": "A1234", "noise": os.urandom(200_000).hex()}).encode()
    assert len(body) > LONGEST_TEXT
    (raw,) = raw_answers(body, {"A1234": ("A1234",)}, (), {}).values()
    assert (raw.sha256, raw.size) == (sha256(body).hexdigest(), len(body))
    assert raw.compressed == b""


def test_what_is_said_again_is_not_kept_anew() -> None:
    asked = {"A1234": ("A1234",)}
    raw = raw_answers(b'{"n": "A1234"}', asked, (), {})
    assert raw_answers(b'{"n": "A1234"}', asked, (), raw)["A1234"] is raw["A1234"]
    other = raw_answers(b'{"n": "A1234", "x": 1}', asked, (), raw)["A1234"]
    assert other != raw["A1234"]


@given(
    secret=st.text(st.characters(codec="utf-8"), min_size=11, max_size=40),
    before=st.text(max_size=10),
)
def test_no_spelling_of_a_secret_is_left(secret: str, before: str) -> None:
    spelled = (
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret, safe=""),
        secret,
    )
    redacted = redactor([secret])
    for spelling in spelled:
        text = f"{before}{spelling}.".encode(errors="replace")
        assert b"[redacted]" in redacted(text)
        assert redacted(text).endswith(b"[redacted].")


def test_nothing_is_a_secret_where_there_are_none() -> None:
    assert redactor(["", ""])(b"a text") == b"a text"
    assert redactor([])(b"a text") == b"a text"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b'{"zip": "80331", "n": "80331"}', b'{"zip": "[redacted]", "n": "80331"}'),
        (b'{"zip":80331,"n":1}', b'{"zip":"[redacted]","n":1}'),
        (rb'{"zip" : "8\"0\\", "n": ""}', b'{"zip" : "[redacted]", "n": ""}'),
        (
            b'{"a": {"tel.": "7391"}, "telx": 1}',
            b'{"a": {"tel.": "[redacted]"}, "telx": 1}',
        ),
        (b'{"zip": null, "n": {"zip": ""}}', b'{"zip": null, "n": {"zip": ""}}'),
        (b'{"zip": "cut o', b'{"zip": "cut o'),
    ],
)
def test_what_a_provider_was_told_of_a_person_is_taken_out_where_it_says_so(
    sent: bytes, kept: bytes
) -> None:
    assert redactor([], ["zip", "tel."])(sent) == kept
    assert redactor(["n"], ["zip"])(b'{"zip": "n"}') == b'{"zip": "[redacted]"}'


def test_what_is_kept_of_an_answer_repeats_no_postal_code_that_it_was_told() -> None:
    told = b'{"tracking_number": "A1234", "destination_postal_code": "80331"}'
    echoes = PROVIDERS["aftership"].echoes
    (raw,) = raw_answers(told, {"A1234": ("A1234",)}, (), {}, echoes).values()
    text = zlib.decompress(raw.compressed)
    assert text == told.replace(b"80331", b"[redacted]")
    assert raw.sha256 == sha256(text).hexdigest()
