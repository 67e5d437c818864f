"""17TRACK's tracking API, version 2.4: an aggregator of some 3,000 carriers.

Documentation: https://asset.17track.net/api/document/v2.4_en/index.html and, for
the statuses and the errors, help.17track.net (articles 37471096573337 and
37570440168473).

A number is registered once, which spends quota that cannot be had back; asking
about a registered number is free. So every question goes out as a question
first, and only what 17TRACK says it does not know is registered, where that is
allowed. Scans come minutes to hours after the registration.

When the quota does not suffice to register a number, nothing else is lost: the
numbers that are registered keep their answers, and the one that could not be has
an answer that ``needs`` "quota". Until the next midnight UTC no further
registration is tried, unless ``requests_left`` finds quota before.

Its pushes (article 37573146087321) are signed with the key of the account; they hold
one number as ``gettrackinfo`` tells it.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final, NamedTuple, override

import aiohttp
from yarl import URL

from .. import numbers
from ..model import Answer
from . import fields, signatures
from .base import (
    AccountInfo,
    Credentials,
    CredentialsRejected,
    Limits,
    Listed,
    ProviderError,
    ProviderUnavailable,
    Query,
    QuotaExceeded,
    Reply,
    api_key,
    whole_list,
)
from .pushing import Pushed, PushingProvider
from .seventeentrack_carriers import best_key, keys_of
from .seventeentrack_track import (
    PROVIDER_ID,
    carrier_of_item,
    clean_number,
    event_lists,
    read_item,
    told_at,
    whole_number,
)

_UNREGISTERED: Final = -18019902
_NO_INFO_YET: Final = -18019909
_BAD_FORMAT: Final = -18010012
_ALREADY_REGISTERED: Final = -18019901
_NEEDS: Final[Mapping[int, str]] = {
    -18019903: "carrier",  # not detected
    -18019910: "carrier",  # incorrect
    -18019911: "carrier",  # cannot be registered
    -18010018: "postal_code",  # and the country
    -18010019: "postal_code",
    -18010020: "phone_last4",
    -18010022: "details",
}
_QUOTA_SPENT: Final = frozenset({-18019907, -18019908})  # of the day, of the account
_REJECTED_KEY: Final = frozenset(
    {
        -18010001,  # address not on the list of allowed ones
        -18010002,  # wrong key
        -18010004,  # account disabled
        -18010005,  # no right to do this
    }
)
_ERRORS: Final = range(-99_999_999, 1000)
"""What can be an error's code, and no tracking number in its place."""
_GUESSED: Final = 3
"""``origin`` of a carrier of which 17TRACK is not sure."""


_PATH: Final = "/track/v2.4/"
_UPDATED: Final = "TRACKING_UPDATED"
_QUOTA: Final = "quota"
_REGISTRATION: Final = "registration"
_STOPPED: Final = "Stopped"
_STOPPED_BY_ITSELF: Final = "Expired"
_KEPT_AFTER_THE_END: Final = timedelta(days=30)
"""For how long a number is listed that 17TRACK follows no more."""
_BETWEEN_PAGES: Final = 0.4
"""Seconds; three requests a second are allowed."""
_MAX_PAGES: Final = 100


class SeventeenTrackProvider(PushingProvider):
    """17TRACK, with the key of an account."""

    id = PROVIDER_ID
    name = "17TRACK"
    origin = "https://api.17track.net"
    credentials = ("api_key",)
    aggregator = True
    spends_per_number = True
    lists_parcels = True
    echoes = frozenset(
        {"destination_postal_code", "phone_number", "phone_number_last_4"}
    )
    push_secret = "api_key"  # nosec B105  # a field's name
    limits = Limits(
        batch_size=40,
        spacing=timedelta(seconds=1),
        per_leg=timedelta(hours=1),
        lag=timedelta(hours=9),
    )

    def __init__(self, simulator: URL | None = None) -> None:
        """Know of no spent quota, and of no carrier that a person corrected."""
        super().__init__(simulator)
        self._registering_from: datetime | None = None
        self._settled: set[tuple[str, str]] = set()

    @override
    async def fetch(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        legs: Sequence[Query],
    ) -> list[Answer]:
        asked = tuple(leg.tracking_number for leg in legs)
        reply = await self._call(
            session,
            credentials,
            "gettrackinfo",
            [{"number": number} for number in asked],
        )
        told = await self._parse_many(
            credentials, asked, reply.body, lambda: parse(reply.json(), asked)
        )
        await self._correct_carriers(session, credentials, legs, reply)
        strangers = {
            answer.tracking_number for answer in told if answer.needs == _REGISTRATION
        }
        if not strangers:
            return told
        known = self._parse_once(
            credentials,
            asked,
            reply.body,
            lambda: [a for a in told if a.tracking_number not in strangers],
            of="registered",
        )
        wanted = [
            leg for leg in legs if leg.may_register and leg.tracking_number in strangers
        ]
        if not wanted:
            return known
        try:
            return known + await self._register(session, credentials, wanted)
        except ProviderError:
            # The next question finds them unregistered again.
            if not known:
                raise
            return known

    @override
    async def verify(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> AccountInfo:
        """Ask for the quota, which is free. 17TRACK names no account."""
        return AccountInfo(requests_left=await self.requests_left(session, credentials))

    @override
    async def requests_left(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> int | None:
        """Return how many numbers can still be registered, today."""
        reply = await self._call(session, credentials, "getquota", [])
        quota = _data(reply.json())
        left, per_day, used = (
            whole_number(quota.get(key))
            for key in ("quota_remain", "max_track_daily", "today_used")
        )
        if left is not None and per_day is not None and used is not None:
            left = max(0, min(left, per_day - used))
        if left:
            self._registering_from = None
        return left

    @override
    async def listed(
        self, session: aiohttp.ClientSession, credentials: Credentials
    ) -> list[Listed]:
        """Return the numbers that are registered, which is free to ask.

        Those that 17TRACK follows no more are left out where the person stopped
        them or the end is long ago.
        """
        listed: dict[str, Listed] = {}
        rows: set[Row] = set()
        page_no, pages = 0, 1
        while page_no < pages:
            if page_no:
                await asyncio.sleep(_BETWEEN_PAGES)
            page_no += 1
            reply = await self._call(
                session, credentials, "gettracklist", {"page_no": page_no}
            )
            page = parse_page(reply.json(), datetime.now(UTC))
            listed |= {each.tracking_number: each for each in page.listed}
            rows |= page.rows
            pages = page.pages
            if pages > _MAX_PAGES:
                raise ProviderUnavailable("list is too long")
        # A page that comes twice takes the place of another.
        if len(rows) < page.total:
            raise ProviderUnavailable("list changed while it was read")
        return list(listed.values())

    @override
    def _proof(
        self, secret: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[str, str]:
        return headers.get("sign", "").lower(), signatures.hash_with_key(body, secret)

    @override
    def _parse_push(self, body: object, asked: Sequence[str]) -> list[Pushed]:
        return parse_push(body, asked)

    async def _register(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        legs: Sequence[Query],
    ) -> list[Answer]:
        """Register numbers, which spends quota, and return what is said of each."""
        asked = tuple(leg.tracking_number for leg in legs)
        now = datetime.now(UTC)
        if self._registering_from is not None and now < self._registering_from:
            return _without_quota(asked)
        reply = await self._call(
            session, credentials, "register", [_registration(leg) for leg in legs]
        )
        told = fields.mapping(reply.json())
        if whole_number(told.get("code")) in _QUOTA_SPENT:
            answers = _without_quota(asked)
        else:
            answers = parse_registration(told, asked)
        if any(answer.needs == _QUOTA for answer in answers):
            self._registering_from = fields.next_midnight(now)
        return answers

    async def _correct_carriers(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        legs: Sequence[Query],
        reply: Reply,
    ) -> None:
        """Tell 17TRACK the carrier that a person chose, where it uses another.

        That is free but can be done five times only, so it is tried once for
        each choice, and never for a carrier that was only recognised.
        """
        chosen = [
            leg
            for leg in legs
            if leg.carrier_pinned
            and best_key(leg)
            and (leg.tracking_number, leg.carrier) not in self._settled
        ]
        if not chosen:
            return
        items = _accepted(_data(reply.json()), [leg.tracking_number for leg in chosen])
        changes = []
        for leg in chosen:
            used = whole_number(items.get(leg.tracking_number, {}).get("carrier"))
            if not used:
                continue
            self._settled.add((leg.tracking_number, leg.carrier or ""))
            if used not in keys_of(leg):
                changes.append(
                    {
                        "number": leg.tracking_number,
                        "carrier_old": used,
                        "carrier_new": best_key(leg),
                    }
                )
        if changes:
            try:
                await self._call(session, credentials, "changecarrier", changes)
            except ProviderError:
                # 17TRACK goes on with its own carrier, whose scans are here.
                return

    async def _call(
        self,
        session: aiohttp.ClientSession,
        credentials: Credentials,
        endpoint: str,
        items: Sequence[Mapping[str, object]] | Mapping[str, object],
    ) -> Reply:
        """Call one endpoint; every one is a POST of JSON with the key in a header."""
        key = api_key(credentials)
        reply = await self._request(
            session,
            "POST",
            f"{_PATH}{endpoint}",
            headers={"17token": key},
            json_body=items,
        )
        if reply.status != HTTPStatus.OK:
            raise ProviderUnavailable(f"HTTP {reply.status}", retry_at=reply.retry_at)
        return reply


def parse(body: object, asked: Sequence[str]) -> list[Answer]:
    """Turn an answer of ``gettrackinfo`` into what it says of the numbers asked about.

    A number that is not registered has an answer that ``needs`` "registration",
    which never leaves the provider. Raises what the envelope of the answer means,
    and ProviderUnavailable for what is no such answer.
    """
    data = _data(body)
    told = {
        number: read_item(number, item)
        for number, item in _accepted(data, asked).items()
    }
    for number, code in _rejected(data, asked):
        if number not in told and (answer := _refusal(number, code)) is not None:
            told[number] = answer
    return list(told.values())


def parse_push(body: object, asked: Sequence[str]) -> list[Pushed]:
    """Turn what 17TRACK sends of its own accord into what it says of the numbers.

    That it follows a number no more is no news of the parcel. Raises
    ProviderUnavailable for what is no such message.
    """
    message = fields.mapping(body)
    item = message.get("data")
    if not isinstance(item, dict) or not isinstance(message.get("event"), str):
        raise ProviderUnavailable("message has no event")
    if message["event"] != _UPDATED:
        return []
    return [
        Pushed(answer=read_item(number, told), told_at=told_at(told))
        for number, told in _accepted({"accepted": [item]}, asked).items()
    ]


def parse_registration(body: object, asked: Sequence[str]) -> list[Answer]:
    """Turn an answer of ``register`` into what it says of the numbers.

    Nothing is known of them yet. Raises as ``parse`` does.
    """
    data = _data(body)
    told = {
        number: Answer(
            tracking_number=number,
            carrier=None if item.get("origin") == _GUESSED else carrier_of_item(item),
        )
        for number, item in _accepted(data, asked).items()
    }
    for number, code in _rejected(data, asked):
        if number in told:
            continue
        if code in _QUOTA_SPENT:
            told[number] = Answer(tracking_number=number, needs=_QUOTA)
        elif code == _ALREADY_REGISTERED:
            told[number] = Answer(tracking_number=number)
        elif code == _UNREGISTERED:
            # That is why it was to be registered, and nothing to ask a person for.
            continue
        elif (answer := _refusal(number, code)) is not None:
            told[number] = answer
    return list(told.values())


type Row = tuple[str, int | None]
"""A number may be registered once with each carrier."""


class Page(NamedTuple):
    """A page of the account's list: what it lists, of how many rows on how many pages."""

    listed: list[Listed]
    rows: frozenset[Row]
    total: int
    pages: int

    @override
    def __repr__(self) -> str:
        """Show how much it lists, not which numbers."""
        return f"Page({len(self.listed)} of {self.total})"


def parse_page(body: object, now: datetime) -> Page:
    """Turn an answer of ``gettracklist`` into what the account follows at ``now``.

    Raises as ``parse`` does, also where the page does not say how many there are.
    """
    rows = whole_list(_data(body).get("accepted"), "numbers")
    page = fields.mapping(fields.mapping(body).get("page"))
    total, pages = (
        whole_number(page.get("data_total")),
        whole_number(page.get("page_total")),
    )
    if total is None or pages is None:
        raise ProviderUnavailable("answer has no page of a list")
    listed = [
        Listed(
            tracking_number=number,
            carrier=carrier_of_item(item),
            name=fields.optional_text(item.get("remark"), fields.PLACE_LIMIT)
            or fields.optional_text(item.get("tag"), fields.PLACE_LIMIT),
        )
        for item in rows
        if numbers.plausible(number := clean_number(item.get("number")))
        and _is_followed(item, now)
    ]
    distinct = frozenset(
        (clean_number(item.get("number")), whole_number(item.get("carrier")))
        for item in rows
    )
    return Page(listed, distinct, total, pages)


def _is_followed(item: Mapping[str, object], now: datetime) -> bool:
    """Say whether 17TRACK follows a number, or did until lately."""
    if item.get("tracking_status") != _STOPPED:
        return True
    if item.get("stop_track_reason") != _STOPPED_BY_ITSELF:
        return False
    stopped = fields.moment(item.get("stop_track_time")) or fields.moment(
        item.get("track_time")
    )
    return (
        stopped is not None
        and stopped.tzinfo is not None
        and now - stopped < _KEPT_AFTER_THE_END
    )


def _data(body: object) -> Mapping[str, object]:
    """Return what the envelope holds, or raise what it says."""
    envelope = fields.mapping(body)
    code = whole_number(envelope.get("code"))
    if code in _REJECTED_KEY:
        raise CredentialsRejected(f"error {code}")
    if code in _QUOTA_SPENT:
        raise QuotaExceeded(
            f"error {code}", retry_at=fields.next_midnight(datetime.now(UTC))
        )
    if code == HTTPStatus.TOO_MANY_REQUESTS:
        raise QuotaExceeded(f"error {code}")
    if code != 0:
        # Whether a range holds what is no number is found out one by one.
        if code is None or code not in _ERRORS:
            raise ProviderUnavailable("an error of no known kind")
        raise ProviderUnavailable(f"error {code}")
    data = envelope.get("data")
    if not isinstance(data, dict):
        raise ProviderUnavailable("answer has no data")
    return data


def _accepted(
    data: Mapping[str, object], asked: Sequence[str]
) -> dict[str, Mapping[str, object]]:
    """Return what was accepted of the numbers asked about.

    A number that is registered for several carriers comes several times: the
    first one with scans counts.
    """
    wanted = {numbers.normalise(number): number for number in asked}
    accepted: dict[str, Mapping[str, object]] = {}
    for item in fields.mappings(data.get("accepted")):
        number = wanted.get(clean_number(item.get("number")))
        if number is not None and not event_lists(accepted.get(number, {})):
            accepted[number] = item
    return accepted


def _rejected(
    data: Mapping[str, object], asked: Sequence[str]
) -> Iterator[tuple[str, int | None]]:
    wanted = {numbers.normalise(number): number for number in asked}
    for item in fields.mappings(data.get("rejected")):
        number = wanted.get(clean_number(item.get("number")))
        if number is not None:
            yield number, whole_number(fields.mapping(item.get("error")).get("code"))


def _refusal(tracking_number: str, code: int | None) -> Answer | None:
    """Return what a rejection says of a number; None: nothing of the number."""
    if code == _UNREGISTERED:
        return Answer(tracking_number=tracking_number, needs=_REGISTRATION)
    if code == _NO_INFO_YET:
        return Answer(tracking_number=tracking_number)
    if code == _BAD_FORMAT:
        return Answer(tracking_number=tracking_number, invalid=True)
    if code is not None and code in _NEEDS:
        return Answer(tracking_number=tracking_number, needs=_NEEDS[code])
    return None


def _without_quota(asked: Iterable[str]) -> list[Answer]:
    return [Answer(tracking_number=number, needs=_QUOTA) for number in asked]


def _registration(leg: Query) -> dict[str, object]:
    """Return what to register a number with.

    No ``lang``: a translation costs further quota.
    """
    item: dict[str, object] = {"number": leg.tracking_number}
    if key := best_key(leg):
        item["carrier"] = key
    if leg.postal_code:
        item["destination_postal_code"] = leg.postal_code
    if leg.phone_last4:
        item["phone_number_last_4"] = leg.phone_last4
    return item
