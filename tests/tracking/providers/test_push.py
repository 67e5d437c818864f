"""What providers send of their own accord: its proof, and what it tells."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
import hmac
import json
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings, strategies as st
from multidict import CIMultiDict
import pytest

from custom_components.waybill.tracking.model import Stage
from custom_components.waybill.tracking.providers import PROVIDERS, signatures
from custom_components.waybill.tracking.providers.base import ProviderUnavailable
from custom_components.waybill.tracking.providers.pushing import PushingProvider

from .fixtures import answer_of

SECRET = "a-secret that no header knows: ∑"
NUMBER = "LP00730000000028"
REGISTERED = "RB000000013CN"
PUSHING = ("seventeentrack", "ship24", "aftership")


def _seventeentrack(body: bytes, secret: str) -> dict[str, str]:
    return {"sign": sha256(body + b"/" + secret.encode()).hexdigest()}


def _ship24(body: bytes, secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def _aftership(body: bytes, secret: str) -> dict[str, str]:
    signature = hmac.new(secret.encode(), body, "sha256").digest()
    return {"AfterShip-Hmac-Sha256": b64encode(signature).decode()}


SIGN: Mapping[str, Callable[[bytes, str], dict[str, str]]] = {
    "seventeentrack": _seventeentrack,
    "ship24": _ship24,
    "aftership": _aftership,
}


def credentials(provider: str, secret: str = SECRET) -> dict[str, str]:
    """Return an account's credentials, and with what its pushes are proven."""
    return {"api_key": "a-key", PROVIDERS[provider].push_secret or "": secret}


def is_genuine(
    provider: str, headers: Mapping[str, str], body: bytes, secret: str = SECRET
) -> bool:
    """Say whether a push is genuine, headers being told as in a request."""
    return PROVIDERS[provider]().is_genuine(
        credentials(provider, secret), CIMultiDict(headers), body
    )


def message(provider: str) -> tuple[Any, str]:
    """Return a message that a provider sends, and what number it is about."""
    if provider == "seventeentrack":
        (item, *_) = answer_of(provider, "two_carriers")["data"]["accepted"]
        return {"event": "TRACKING_UPDATED", "data": item}, REGISTERED
    (tracking,) = answer_of(provider, "handed_over")["data"]["trackings"]
    if provider == "ship24":
        metadata = {"generatedAt": "2026-05-12T23:12:39.052Z"}
        tracking = {**tracking, "metadata": metadata, "events": tracking["events"][:1]}
        return {"trackings": [tracking]}, NUMBER
    return {"event": "tracking_update", "msg": tracking, "ts": 1778627559}, NUMBER


def read(provider: str, body: bytes, *asked: str) -> list[Any]:
    """Read a push."""
    return PROVIDERS[provider]().read_push(credentials(provider), body, asked)


def test_those_that_push_are_these() -> None:
    able = {p.id for p in PROVIDERS.values() if issubclass(p, PushingProvider)}
    proven = {p.id for p in PROVIDERS.values() if p.push_secret}
    assert able == proven == set(PUSHING)


@pytest.mark.parametrize("provider", PUSHING)
@given(body=st.binary(), secret=st.text(min_size=1))
def test_what_is_signed_is_genuine(provider: str, body: bytes, secret: str) -> None:
    assert is_genuine(provider, SIGN[provider](body, secret), body, secret)


@pytest.mark.parametrize("provider", PUSHING)
@given(body=st.binary(), secret=st.text(min_size=1), other=st.text(min_size=1))
def test_what_another_signed_is_not(
    provider: str, body: bytes, secret: str, other: str
) -> None:
    signed = SIGN[provider](body, other)
    assert is_genuine(provider, signed, body, secret) is (secret == other)


@pytest.mark.parametrize("provider", ["seventeentrack", "aftership"])
@given(body=st.binary(min_size=1), data=st.data())
def test_a_signature_is_good_for_no_other_body(
    provider: str, body: bytes, data: st.DataObject
) -> None:
    changed = bytearray(body)
    changed[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    signed = SIGN[provider](body, SECRET)
    assert not is_genuine(provider, signed, bytes(changed))
    assert not is_genuine(provider, signed, body[:-1])


@pytest.mark.parametrize("provider", PUSHING)
@given(
    body=st.binary(),
    headers=st.dictionaries(
        st.sampled_from(["sign", "Authorization", "aftership-hmac-sha256", "x"]),
        st.text(st.characters(codec=None, categories=None)),
    ),
)
def test_whatever_a_header_holds_proves_nothing(
    provider: str, body: bytes, headers: dict[str, str]
) -> None:
    assert not is_genuine(provider, headers, body)


@pytest.mark.parametrize("provider", PUSHING)
def test_without_a_secret_nothing_is_genuine(provider: str) -> None:
    for secret in ("", " "):
        signed = SIGN[provider](b"{}", secret)
        assert is_genuine(provider, signed, b"{}", secret) is bool(secret)
    assert not PROVIDERS[provider]().is_genuine({}, SIGN[provider](b"", ""), b"")


@pytest.mark.parametrize("provider", PUSHING)
def test_digests_of_one_length_are_compared_and_in_constant_time(provider: str) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(told: bytes, expected: bytes) -> bool:
        compared.append((told, expected))
        return False

    with patch.object(signatures, "compare_digest", compare):
        for told in ("", "a", SECRET * 50):
            for header in ("sign", "Authorization", "aftership-hmac-sha256"):
                is_genuine(provider, {header: told}, b"{}")
    assert len(compared) == 9
    assert {len(each) for pair in compared for each in pair} == {32}


@pytest.mark.parametrize("provider", PUSHING)
def test_a_push_says_what_an_answer_says(provider: str) -> None:
    told, number = message(provider)
    (pushed,) = read(provider, json.dumps(told).encode(), "OTHER1234", number)
    answer = pushed.answer
    assert answer.tracking_number == number
    assert pushed.told_at.date() == datetime(2026, 5, 12, tzinfo=UTC).date() or (
        provider == "seventeentrack"
        and pushed.told_at == datetime(2026, 5, 14, 12, tzinfo=UTC)
    )
    assert answer.events[0].stage is not None
    assert answer.raw is not None
    stages = {event.stage for event in answer.events}
    assert Stage.DELIVERED in stages or provider == "seventeentrack"


@pytest.mark.parametrize("provider", PUSHING)
def test_what_is_kept_of_a_push_holds_no_secret(provider: str) -> None:
    told, number = message(provider)
    told["note"] = SECRET
    with patch(
        "custom_components.waybill.tracking.providers.base.raw_answers",
        return_value={},
    ) as kept:
        read(provider, json.dumps(told).encode(), number)
    assert SECRET in kept.call_args.args[2]


@pytest.mark.parametrize("provider", PUSHING)
def test_a_number_that_nobody_asks_about_is_no_news(provider: str) -> None:
    told, _ = message(provider)
    assert read(provider, json.dumps(told).encode()) == []
    assert read(provider, json.dumps(told).encode(), "LP00730000000031") == []


def test_the_end_of_following_is_no_news_of_the_parcel() -> None:
    stopped = {"event": "TRACKING_STOPPED", "data": {"number": REGISTERED}}
    assert read("seventeentrack", json.dumps(stopped).encode(), REGISTERED) == []


def test_a_message_may_tell_of_one_number_several_times() -> None:
    told, number = message("ship24")
    other = {"tracker": {"trackingNumber": number}, "events": []}
    told["trackings"] += [other, {"tracker": {"trackingNumber": "ELSE1234"}}, None]
    pushed = read("ship24", json.dumps(told).encode(), number)
    assert [len(each.answer.events) for each in pushed] == [1, 0]
    assert pushed[1].told_at is None


@pytest.mark.parametrize("when", [True, "1778627559", 10**30, None, 1.5])
def test_a_moment_that_is_none_is_not_told(when: object) -> None:
    told, number = message("aftership")
    (pushed,) = read("aftership", json.dumps({**told, "ts": when}).encode(), number)
    assert pushed.told_at is None


@pytest.mark.parametrize("provider", PUSHING)
@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b"{}", b'{"event": 1, "data": {}}', b"\xff" * 9]
)
def test_what_is_no_message_is_refused(provider: str, body: bytes) -> None:
    with pytest.raises(ProviderUnavailable):
        read(provider, body, NUMBER)


@pytest.mark.parametrize("provider", PUSHING)
@given(body=st.binary(max_size=300))
def test_any_bytes_are_a_message_or_a_documented_error(
    provider: str, body: bytes
) -> None:
    with pytest.raises(ProviderUnavailable):
        read(provider, body, NUMBER)


@pytest.mark.parametrize("provider", PUSHING)
@given(data=st.data())
@settings(max_examples=50)
def test_a_message_that_breaks_off_is_refused(
    provider: str, data: st.DataObject
) -> None:
    told, number = message(provider)
    body = json.dumps(told).encode()
    with pytest.raises(ProviderUnavailable):
        read(provider, body[: data.draw(st.integers(0, len(body) - 1))], number)


def test_deep_nonsense_is_refused() -> None:
    for provider in PUSHING:
        with pytest.raises(ProviderUnavailable):
            read(provider, b"[" * 200_000, NUMBER)
