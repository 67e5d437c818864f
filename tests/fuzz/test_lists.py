"""Whatever a provider says of an account: a list, a quota, or a documented error."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.providers import (
    PROVIDERS,
    aftership,
    seventeentrack,
    ship24,
)
from custom_components.waybill.tracking.providers.base import ProviderError

from .bodies import ANSWERS, NUMBER, Session, credentials
from .effort import examples
from .holding import is_a_line
from .spoiling import spoilt_json
from .values import filled_in, json_values, leaves


def _page(row: Any, more: Any, pagination: Any) -> Any:
    """Return a list of parcels in the envelopes of all who list any."""
    return {
        "success": True,
        "code": 0,
        "meta": {"code": 200},
        "page": {"data_total": 2, "page_total": 1, "page_no": 1, "page_size": 40},
        "deliveries": [row, more],
        "data": {
            "accepted": [row, more],
            "trackers": [row, more],
            "trackings": [row, more],
            "pagination": pagination,
        },
    }


ROW = {
    "number": NUMBER,
    "tracking_number": NUMBER,
    "trackingNumber": NUMBER,
    "carrier": 3011,
    "carrier_code": "usps",
    "courierCode": ["us-post"],
    "slug": "usps",
    "description": "Lamp",
    "title": "Lamp",
    "remark": "Lamp",
    "shipmentReference": "Lamp",
    "track_info": {"latest_status": {"status": "InTransit"}},
}
LISTING = [provider for provider, kind in PROVIDERS.items() if kind.lists_parcels]


@pytest.fixture(scope="module", autouse=True)
def no_pause_between_pages() -> Iterator[None]:
    """Ask for a hundred pages at once, where an answer promises as many."""
    with pytest.MonkeyPatch.context() as patches:
        for module in (aftership, seventeentrack, ship24):
            patches.setattr(module, "_BETWEEN_PAGES", 0)
        yield


def _is_bounded(provider: str, content: bytes, status: int = 200) -> int:
    """Ask for all that is told of an account; returns how many parcels it lists."""
    asked = PROVIDERS[provider]()
    session: Any = Session(content, status)
    listed = []
    with suppress(ProviderError):
        listed = asyncio.run(asked.listed(session, credentials(provider)))
    with suppress(ProviderError):
        account = asyncio.run(asked.verify(session, credentials(provider)))
        assert account.identifier is None or 0 < len(account.identifier) <= 200
        assert account.requests_left is None or abs(account.requests_left) < 2**63
    with suppress(ProviderError):
        left = asyncio.run(asked.requests_left(session, credentials(provider)))
        assert left is None or abs(left) < 2**63
    for each in listed:
        assert 5 <= len(each.tracking_number) <= 64
        assert each.name != ""
        is_a_line(each.tracking_number, 64)
        is_a_line(each.name, 120)
    return len(listed)


@pytest.mark.parametrize("provider", LISTING)
def test_a_real_list_is_one(provider: str) -> None:
    content = json.dumps(_page(ROW, ROW | {"number": "RB000000027CN"}, {})).encode()
    assert _is_bounded(provider, content) > 0


@pytest.mark.parametrize("provider", LISTING)
@given(data=st.data())
@examples(12)
def test_a_list_like_a_real_one_is_a_list_or_a_documented_error(
    provider: str, data: st.DataObject
) -> None:
    more = data.draw(json_values)
    page = _page(ROW | {"number": data.draw(leaves)}, more, data.draw(json_values))
    _is_bounded(provider, data.draw(spoilt_json(page)))


@pytest.mark.parametrize("provider", PROVIDERS)
@given(document=json_values, status=st.sampled_from([200, 401, 403, 404, 429, 500]))
@examples(12)
def test_any_json_says_of_an_account_what_it_says_or_is_a_documented_error(
    provider: str, document: Any, status: int
) -> None:
    _is_bounded(provider, filled_in(json.dumps(document).encode()), status)


@pytest.mark.parametrize(
    "body",
    [body for body in ANSWERS if not body.provider.startswith("canada")],
    ids=[f"{b.provider} {b.name}" for b in ANSWERS if b.provider != "canada_post"],
)
@given(data=st.data())
@examples(3)
def test_an_answer_of_another_kind_is_no_account(
    body: Any, data: st.DataObject
) -> None:
    _is_bounded(body.provider, data.draw(body.spoilt))
