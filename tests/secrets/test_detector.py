"""Whatever leaks is found: in part, in other letters, and encoded."""

from base64 import b64encode, urlsafe_b64encode
from dataclasses import replace
import html
from itertools import product
import json
from urllib.parse import quote

import pytest

from .planted import Detector, Found, Kind, Secret, figures, letters, words
from .table import MAY_BE_IN, Place, leaks, sightings

KEY = Secret(kind=Kind.CREDENTIAL, value='kEy/"Zoë"&<4071592836>')
PHONE = Secret(kind=Kind.PHONE, value="7391")


@pytest.mark.parametrize(
    "text",
    [
        KEY.value,
        f"GET /{quote(KEY.value, safe='')}?x",
        json.dumps({"key": KEY.value}),
        repr(KEY.value),
        html.escape(KEY.value),
        KEY.value.upper(),
        " - ".join(KEY.value),
        "ends in 71592836",
        b64encode(f"user:{KEY.value}".encode()).decode(),
        b64encode(f"a user:{KEY.value}".encode()).decode(),
        b64encode(f"the user:{KEY.value}".encode()).decode(),
        urlsafe_b64encode(f"user:{KEY.value}".encode()).decode(),
    ],
)
def test_a_secret_is_found_however_it_is_written(text: str) -> None:
    text = f"line 12: {text} and on"
    assert Detector([KEY, PHONE]).secrets_in(text) == {KEY}


def test_a_few_digits_are_found_by_themselves_alone() -> None:
    detector = Detector([PHONE])
    assert detector.secrets_in("the phone ends in 7391.") == {PHONE}
    assert detector.secrets_in('{"phone_last4": "7391"}') == {PHONE}
    assert not detector.secrets_in("2026-06-10T12:00:00.173912")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kEy",
        "a key of 10 digits",
        "71592",
        "line 7390",
        b64encode(b"user:").decode(),
    ],
)
def test_nothing_is_found_where_nothing_is(text: str) -> None:
    assert not Detector([KEY, PHONE]).secrets_in(text)


def test_what_is_planted_is_told_apart() -> None:
    planted = [
        *(Secret(kind=Kind.NAME, value=words(f"name {n}")) for n in range(200)),
        *(Secret(kind=Kind.NUMBER, value=figures(f"{n}", 14)) for n in range(200)),
        *(Secret(kind=Kind.TOKEN, value=letters(f"token {n}")) for n in range(200)),
    ]
    detector = Detector(planted)
    assert all(detector.secrets_in(each.value) == {each} for each in planted)


def test_each_leak_is_told_in_each_place() -> None:
    for kind, place in product(Kind, Place):
        secret = Secret(kind=kind, value=letters(kind), owners=frozenset({"own"}))
        own = Found(place=place, where="here", text=f"<{secret.value}>", owner="own")
        others = replace(own, owner="another")
        told = {f"{kind} in the {place}: here"}
        allowed = place in MAY_BE_IN[kind]
        assert leaks(sightings([own], [secret])) == (set() if allowed else told)
        assert leaks(sightings([others], [secret])) == told
        assert secret.value not in str(told)
