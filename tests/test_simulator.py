"""The simulator keeps to the carriers' documentation, and to its own promises."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime, timedelta
import json
import os
from pathlib import Path
import re
import signal
import sys
from typing import Any

import aiohttp
from freezegun.api import FrozenDateTimeFactory
import pytest

from tests.simulator import (
    DAY,
    HOUR,
    KEYS,
    Direction,
    Estimate,
    Fault,
    FaultKind,
    Handoff,
    Journey,
    Kind,
    Simulator,
    Stage,
    Step,
    Told,
    Zone,
    numbers,
)
from tests.simulator.clock import SimClock
from tests.simulator.demo import JOURNEYS, LISTED, PARCELS
from tests.simulator.faces.cainiao_words import WORDS as CAINIAO_WORDS
from tests.simulator.journeys import STAGES, USUAL_KIND

NUMBER = "LP00123456789012"
USPS = "9400111206206406260787"
DHL = "1234567891"

CUSTOMS_STORY = Journey(
    number=NUMBER,
    estimate=Estimate(5 * DAY),
    handoff=Handoff(USPS, "usps", 3 * DAY),
    steps=(
        Step(-6 * DAY, Kind.PICKED_UP, "Shenzhen", "CN"),
        Step(-5 * DAY, Kind.EXPORT_CLEARED),
        Step(-4 * DAY, Kind.LEFT_CUSTOMS, country="HK", direction=Direction.EXPORT),
        Step(-1 * DAY, Kind.ARRIVED, "Jamaica", "US"),
        Step(1 * DAY, Kind.IMPORT_STARTED, zone=Zone.WRONG),
        Step(2 * DAY, Kind.IMPORT_CLEARED, zone=Zone.UNTOLD),
        Step(3 * DAY, Kind.WITH_LOCAL_CARRIER, "Brooklyn", "US"),
        Step(4 * DAY, Kind.DELIVERED, "Brooklyn", "US"),
    ),
)
USPS_STORY = Journey(
    number=USPS,
    carrier="usps",
    origin="US",
    estimate=Estimate(2 * DAY, 3 * DAY),
    steps=(
        Step(-3 * DAY, Kind.LABEL_MADE, "PORTLAND", zone=Zone.UNTOLD),
        Step(-2 * DAY, Kind.PICKED_UP, "PORTLAND", utc_offset=-8),
        Step(2 * DAY, Kind.DELIVERED, "BROOKLYN"),
    ),
)
DHL_STORY = Journey(
    number=DHL,
    carrier="dhl",
    town="BROOKLYN",
    estimate=Estimate(1 * DAY),
    signed_by="J. DOE",
    steps=(
        Step(-2 * DAY, Kind.PICKED_UP, "SHENZHEN - CHINA", "CN"),
        Step(-1 * DAY, Kind.AT_CUSTOMS, "CINCINNATI HUB - USA", "US"),
        Step(1 * DAY, Kind.DELIVERED, "BROOKLYN - USA", "US"),
    ),
)


class Teller:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def tick(self, by: timedelta) -> None:
        self.time += by


class Client:
    """Asks a simulator as an integration would."""

    def __init__(self, sim: Simulator, session: aiohttp.ClientSession) -> None:
        self.sim = sim
        self.session = session

    async def text(
        self, method: str, path: str, **kwargs: Any
    ) -> tuple[int, str, Mapping[str, str]]:
        async with self.session.request(
            method, self.sim.url + path, **kwargs
        ) as response:
            return response.status, await response.text(), response.headers

    async def json(self, method: str, path: str, **kwargs: Any) -> tuple[int, Any]:
        status, text, _ = await self.text(method, path, **kwargs)
        return status, json.loads(text)

    async def cainiao(self, *asked: str) -> list[dict[str, Any]]:
        status, body = await self.json(
            "GET",
            "/global/detail.json",
            params={
                "mailNos": ",".join(asked),
                "lang": "en-US",
                "language": "en-US",
            },
        )
        assert status == 200
        assert body["success"] is True
        return body["module"]  # type: ignore[no-any-return]

    async def cainiao_walls(self, number: str = NUMBER) -> bool:
        status, text, headers = await self.text(
            "GET", "/global/detail.json", params={"mailNos": number}
        )
        assert status == 200
        walled = headers["Content-Type"].startswith("text/html")
        assert walled == ("rgv587_flag" in text)
        return walled

    async def track(
        self, endpoint: str, body: Any, *, key: str | None = KEYS["seventeentrack"]
    ) -> tuple[int, Any]:
        headers = {} if key is None else {"17token": key}
        return await self.json(
            "POST", f"/track/v2.4/{endpoint}", json=body, headers=headers
        )

    async def dhl(
        self, number: str = DHL, *, key: str | None = KEYS["dhl"]
    ) -> tuple[int, Any]:
        return await self.json(
            "GET",
            "/track/shipments",
            params={"trackingNumber": number},
            headers={} if key is None else {"DHL-API-Key": key},
        )


@pytest.fixture
def teller() -> Teller:
    return Teller()


@pytest.fixture
async def session(socket_enabled: None) -> AsyncGenerator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def client(
    session: aiohttp.ClientSession, teller: Teller
) -> AsyncGenerator[Client]:
    """Ask as fast as one likes."""
    stories = (CUSTOMS_STORY, DHL_STORY)
    async with Simulator(stories, limits=False, now=teller) as sim:
        sim.seventeentrack.settling = timedelta(0)
        yield Client(sim, session)


@pytest.fixture
async def strict(
    session: aiohttp.ClientSession, teller: Teller
) -> AsyncGenerator[Client]:
    """Keep the providers' own limits."""
    async with Simulator((CUSTOMS_STORY, DHL_STORY, USPS_STORY), now=teller) as sim:
        yield Client(sim, session)


# The clock.


def test_time_before_the_start_is_told_at_full_scale(teller: Teller) -> None:
    clock = SimClock(speed=10_800, now=teller)
    assert clock.moment(-10 * DAY) == teller() - 10 * DAY


def test_a_later_moment_is_the_real_one_at_which_it_is_reached(teller: Teller) -> None:
    clock = SimClock(speed=10_800, now=teller)
    assert clock.moment(DAY) == teller() + timedelta(seconds=8)
    teller.tick(timedelta(seconds=8))
    assert clock.elapsed == DAY


def test_time_moved_by_hand_is_reached_when_it_was_moved(teller: Teller) -> None:
    start = teller()
    clock = SimClock(speed=2, now=teller)
    teller.tick(HOUR)
    clock.advance(DAY)
    assert clock.moment(HOUR) == start + HOUR / 2
    assert clock.moment(12 * HOUR) == start + HOUR
    assert clock.moment(2 * DAY) == start + HOUR + (DAY - 2 * HOUR) / 2


def test_a_held_clock_stands_still_until_it_begins(teller: Teller) -> None:
    clock = SimClock(now=teller, held=True)
    teller.tick(DAY)
    assert clock.elapsed == timedelta(0)
    clock.begin()
    teller.tick(HOUR)
    assert clock.elapsed == HOUR
    assert clock.started == teller() - HOUR


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        SimClock().advance(-DAY)


# Journeys.


def test_scans_appear_when_their_time_has_come(teller: Teller) -> None:
    sim = Simulator((CUSTOMS_STORY,), speed=10_800, now=teller)
    start = teller()
    parcel = sim.journey(NUMBER)
    assert parcel.stage is Stage.IN_TRANSIT
    teller.tick(timedelta(seconds=7))
    assert parcel.stage is Stage.IN_TRANSIT
    teller.tick(timedelta(seconds=1))
    assert parcel.stage is Stage.IN_CUSTOMS
    assert parcel.scans[0].time == start - 6 * DAY
    assert parcel.scans[-1].time == start + timedelta(seconds=8)


def test_a_written_scan_never_changes(teller: Teller) -> None:
    sim = Simulator((CUSTOMS_STORY,), speed=10_800, now=teller)
    written = sim.journey(NUMBER).scans
    for _ in range(4):
        teller.tick(timedelta(seconds=3))
        sim.advance(16 * HOUR)
        later = sim.journey(NUMBER).scans
        assert later[: len(written)] == written
        written = later
    assert sim.journey(NUMBER).stage is Stage.DELIVERED


def test_steps_jumped_over_end_now_and_keep_apart(teller: Teller) -> None:
    sim = Simulator((CUSTOMS_STORY,), now=teller)
    sim.at(4 * DAY)
    times = [scan.time for scan in sim.journey(NUMBER).scans]
    assert times[-1] == teller()
    assert times == sorted(set(times))


def test_a_scan_made_by_hand_is_made_now(teller: Teller) -> None:
    sim = Simulator((CUSTOMS_STORY,), now=teller)
    teller.tick(HOUR)
    scan = sim.journey(NUMBER).scan(Stage.OUT_FOR_DELIVERY, "Queens")
    assert scan.time == teller()
    assert scan.kind is Kind.OUT_FOR_DELIVERY
    assert scan.country == "US"
    assert sim.journey(NUMBER).stage is Stage.OUT_FOR_DELIVERY


def test_a_journey_added_later_starts_then(teller: Teller) -> None:
    sim = Simulator(speed=10_800, now=teller)
    teller.tick(DAY)
    parcel = sim.add(CUSTOMS_STORY)
    assert parcel.scans[0].time == teller() - 6 * DAY
    assert parcel.stage is Stage.IN_TRANSIT
    teller.tick(timedelta(seconds=8))
    assert parcel.stage is Stage.IN_CUSTOMS


def test_steps_out_of_order_are_refused() -> None:
    steps = (Step(DAY, Kind.DELIVERED), Step(-DAY, Kind.PICKED_UP))
    with pytest.raises(ValueError, match="order"):
        Journey(number=NUMBER, steps=steps)


def test_nobody_scans_a_pending_parcel() -> None:
    with pytest.raises(ValueError, match="pending"):
        Simulator((CUSTOMS_STORY,)).journey(NUMBER).scan(Stage.PENDING)


def test_every_kind_has_a_stage_and_every_stage_its_usual_kind() -> None:
    assert set(STAGES) == set(Kind)
    assert set(USUAL_KIND) == set(Stage) - {Stage.PENDING}
    assert all(kind.stage is stage for stage, kind in USUAL_KIND.items())


# Numbers.


def test_numbers_made_to_order_have_right_check_digits() -> None:
    assert numbers.s10("RB", 12345678, "GB") == "RB123456785GB"
    assert numbers.usps(20620640626078) == USPS
    assert numbers.dhl_express(123456789) == DHL
    assert re.fullmatch(r"LP\d{14}", numbers.cainiao(42))


@pytest.mark.parametrize("parcel", [*PARCELS, *LISTED], ids=lambda parcel: parcel.name)
def test_a_demo_number_is_one_that_a_carrier_could_have_given(parcel: Any) -> None:
    handoff = parcel.journey.handoff
    for number in filter(None, (parcel.number, handoff and handoff.number)):
        if match := re.fullmatch(r"([A-Z]{2})(\d{8})\d([A-Z]{2})", number):
            assert numbers.s10(match[1], int(match[2]), match[3]) == number
        elif match := re.fullmatch(r"9400111(\d{14})\d", number):
            assert numbers.usps(int(match[1])) == number
        elif match := re.fullmatch(r"(\d{9})\d", number):
            assert numbers.dhl_express(int(match[1])) == number
        else:
            assert re.fullmatch(r"LP\d{14}", number)


# Cainiao.


async def test_cainiao_answers_in_the_order_asked(client: Client) -> None:
    modules = await client.cainiao("LP00000000000000", NUMBER)
    assert modules[0] == {
        "mailNo": "LP00000000000000",
        "mailNoSource": "EXTERNAL",
        "detailList": [],
    }
    assert modules[1]["mailNo"] == NUMBER
    assert modules[1]["originCountry"] == "Mainland China"
    assert modules[1]["daysNumber"] == "6\tday(s)"


async def test_cainiao_writes_newest_first_with_its_own_codes(client: Client) -> None:
    (module,) = await client.cainiao(NUMBER)
    codes = [line["actionCode"] for line in module["detailList"]]
    assert codes == [
        "LH_ARRIVE",
        "CC_HO_OUT_SUCCESS",
        "CC_EX_SUCCESS",
        "PU_PICKUP_SUCCESS",
    ]
    assert module["latestTrace"] == module["detailList"][0]
    assert "group" not in module["detailList"][3]


async def test_cainiao_reads_every_wall_clock_as_china_does(client: Client) -> None:
    """The epoch is wrong wherever the place is not in China."""
    client.sim.at(2 * DAY)
    (module,) = await client.cainiao(NUMBER)
    for line in module["detailList"]:
        written = datetime.fromisoformat(line["timeStr"])
        as_in_china = (written - timedelta(hours=8)).replace(tzinfo=UTC)
        assert line["time"] == as_in_china.timestamp() * 1000
    zones = [line.get("timeZone") for line in module["detailList"]]
    assert zones == [None, "GMT+08:00", "GMT-5", "GMT+8", "GMT+8", "GMT+8"]
    landed = module["detailList"][2]
    arrived = client.sim.journey(NUMBER).scans[3].time
    wall_clock = (arrived - 5 * HOUR).replace(tzinfo=None)
    assert datetime.fromisoformat(landed["timeStr"]) == wall_clock


async def test_cainiaos_own_notices_have_milliseconds_and_no_zone(
    client: Client,
) -> None:
    client.sim.journey(NUMBER).scan(Kind.ANNOUNCED)
    (module,) = await client.cainiao(NUMBER)
    notice = module["latestTrace"]
    assert notice["actionCode"] == "LAST_MILE_ASN_NOTIFY"
    assert "timeZone" not in notice
    assert notice["time"] % 1000


async def test_cainiaos_group_tells_the_direction(client: Client) -> None:
    client.sim.at(2 * DAY)
    (module,) = await client.cainiao(NUMBER)
    groups = {
        line["actionCode"]: line["group"]["nodeCode"]
        for line in module["detailList"]
        if line["actionCode"].startswith("CC_")
    }
    assert groups == {
        "CC_IM_SUCCESS": "AE_GROUP_IM_CLEARING_CUSTOMS",
        "CC_IM_START": "AE_GROUP_IM_CLEARING_CUSTOMS",
        "CC_HO_OUT_SUCCESS": "AE_GROUP_EX_CLEARING_CUSTOMS",
        "CC_EX_SUCCESS": "AE_GROUP_EX_CLEARING_CUSTOMS",
    }


async def test_cainiaos_parcel_status_misleads_after_landing(client: Client) -> None:
    (module,) = await client.cainiao(NUMBER)
    assert module["status"] == "DELIVERING"
    assert module["detailList"][0]["actionCode"] == "LH_ARRIVE"


async def test_cainiao_brackets_the_town(client: Client) -> None:
    (module,) = await client.cainiao(NUMBER)
    line = module["latestTrace"]
    assert line["standerdDesc"] == "[Jamaica] Arrived at linehaul office"
    assert line["desc"] == "Arrived at the station"


async def test_cainiao_names_the_last_carriers_number_in_time(client: Client) -> None:
    (module,) = await client.cainiao(NUMBER)
    assert "realMailNo" not in module
    client.sim.at(3 * DAY)
    (module,) = await client.cainiao(NUMBER)
    assert module["realMailNo"] == f"Latest Tracking Number:\t{USPS}"
    assert module["copyRealMailNo"] == USPS
    assert module["destCpInfo"]["cpName"] == "USPS"
    (last_mile,) = await client.cainiao(USPS)
    assert last_mile["detailList"] == []


async def test_cainiao_promises_a_delivery(client: Client, teller: Teller) -> None:
    (module,) = await client.cainiao(NUMBER)
    promised = (teller() + 5 * DAY).timestamp() * 1000
    assert module["globalEtaInfo"]["deliveryMinTime"] == promised
    assert module["globalEtaInfo"]["deliveryMaxTime"] == promised


async def test_cainiao_waits_for_the_seller_of_an_order(client: Client) -> None:
    client.sim.add(Journey(number="LP00123456789999"))
    client.sim.add(Journey(number="LP00123456789998", ordered=False))
    ordered, foreign = await client.cainiao("LP00123456789999", "LP00123456789998")
    assert ordered["mailNoSource"] == "AE"
    assert ordered["detailList"] == []
    assert foreign["mailNoSource"] == "EXTERNAL"


async def test_cainiao_refuses_a_request_without_numbers(client: Client) -> None:
    status, body = await client.json("GET", "/global/detail.json")
    assert (status, body["success"]) == (200, False)
    assert body["errorCode"]


async def test_cainiao_has_words_for_all_that_it_scans() -> None:
    assert set(Kind) - set(CAINIAO_WORDS) == {Kind.GIVEN_UP}


async def test_cainiao_walls_off_the_hasty_for_an_hour(
    strict: Client, teller: Teller
) -> None:
    assert not await strict.cainiao_walls()
    teller.tick(timedelta(minutes=4))
    assert await strict.cainiao_walls()
    teller.tick(timedelta(minutes=30))
    assert await strict.cainiao_walls()
    teller.tick(timedelta(minutes=31))
    assert not await strict.cainiao_walls()


async def test_cainiao_walls_off_the_twenty_fifth_of_a_day(
    strict: Client, teller: Teller
) -> None:
    for _ in range(24):
        assert not await strict.cainiao_walls()
        teller.tick(timedelta(minutes=5))
    assert await strict.cainiao_walls()
    teller.tick(10 * HOUR)
    assert not await strict.cainiao_walls(), "the next day, UTC"


async def test_a_pace_shortens_the_windows(
    session: aiohttp.ClientSession, teller: Teller
) -> None:
    async with Simulator((CUSTOMS_STORY,), pace=300, now=teller) as sim:
        client = Client(sim, session)
        assert not await client.cainiao_walls()
        teller.tick(timedelta(seconds=1))
        assert not await client.cainiao_walls()
        teller.tick(timedelta(seconds=0.5))
        assert await client.cainiao_walls()
        assert sim.setting == f"{sim.url}?pace=300"


# 17TRACK.


async def test_17track_wants_its_key(client: Client) -> None:
    for key in (None, "wrong"):
        status, body = await client.track("getquota", [], key=key)
        assert status == 401
        assert body["code"] == -18010002
        assert body["data"]["errors"][0]["code"] == -18010002


async def test_17track_allows_three_requests_a_second(
    strict: Client, teller: Teller
) -> None:
    statuses = [(await strict.track("getquota", []))[0] for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    teller.tick(timedelta(seconds=1))
    assert (await strict.track("getquota", []))[0] == 200


async def test_17track_registers_and_rejects_each_number_for_itself(
    client: Client,
) -> None:
    items = [
        {"number": USPS, "tag": "order-1"},
        {"number": "1234"},
        {"number": "XQ-9-X"},
    ]
    status, body = await client.track("register", items)
    assert (status, body["code"]) == (200, 0)
    (accepted,) = body["data"]["accepted"]
    assert accepted == {
        "origin": 3,
        "number": USPS,
        "carrier": 21051,
        "email": None,
        "lang": None,
        "tag": "order-1",
    }
    assert [item["error"]["code"] for item in body["data"]["rejected"]] == [
        -18010012,
        -18019903,
    ]
    _, body = await client.track("register", items[:1])
    assert body["data"]["rejected"][0]["error"]["code"] == -18019901


async def test_17track_spends_quota_on_new_numbers_only(client: Client) -> None:
    client.sim.seventeentrack.quota_total = 1
    await client.track("register", [{"number": USPS}])
    await client.track("register", [{"number": USPS}])
    await client.track("gettrackinfo", [{"number": USPS}])
    _, body = await client.track("getquota", [])
    assert body["data"]["quota_used"] == 1
    assert body["data"]["quota_remain"] == 0
    _, body = await client.track("register", [{"number": NUMBER}])
    assert body["data"]["rejected"][0]["error"]["code"] == -18019908


async def test_17track_takes_forty_numbers_a_call(client: Client) -> None:
    many = [{"number": numbers.cainiao(serial)} for serial in range(41)]
    _, body = await client.track("register", many)
    assert body["code"] == -18010014
    _, body = await client.track("register", many[:40])
    assert len(body["data"]["accepted"]) == 40
    _, body = await client.track("gettracklist", {"page_no": 1})
    assert body["page"]["data_total"] == 40


async def test_17track_knows_only_what_is_registered(client: Client) -> None:
    _, body = await client.track("gettrackinfo", [{"number": USPS}])
    assert body["data"]["rejected"][0]["error"]["code"] == -18019902


async def test_17track_needs_minutes_to_read_a_new_number(
    strict: Client, teller: Teller
) -> None:
    await strict.track("register", [{"number": USPS}])
    _, body = await strict.track("gettrackinfo", [{"number": USPS}])
    assert body["data"]["rejected"][0]["error"]["code"] == -18019909
    teller.tick(timedelta(minutes=3))
    _, body = await strict.track("gettrackinfo", [{"number": USPS}])
    (accepted,) = body["data"]["accepted"]
    info = accepted["track_info"]
    assert info["latest_status"]["sub_status"] == "InTransit_PickedUp"
    newest, oldest = info["tracking"]["providers"][0]["events"]
    assert newest["time_iso"] == "2026-10-31T04:00:00-08:00"
    assert newest["time_utc"] == "2026-10-31T12:00:00Z"
    assert newest["description"] == "USPS in possession of item"
    assert oldest["time_iso"] is None
    assert oldest["time_utc"] is None
    assert oldest["time_raw"] == {
        "date": "2026-10-30",
        "time": "07:00:00",
        "timezone": None,
    }
    assert info["time_metrics"]["estimated_delivery_date"] == {
        "source": "Official",
        "from": "2026-11-04T07:00:00-05:00",
        "to": "2026-11-05T07:00:00-05:00",
    }


async def test_17track_says_the_same_while_there_is_no_news(
    strict: Client, teller: Teller
) -> None:
    strict.sim.seventeentrack.preregister(USPS)
    _, before = await strict.track("gettrackinfo", [{"number": USPS}])
    teller.tick(HOUR)
    assert (await strict.track("gettrackinfo", [{"number": USPS}]))[1] == before


async def test_17track_tells_the_last_carriers_events_apart(client: Client) -> None:
    client.sim.at(4 * DAY)
    await client.track("register", [{"number": NUMBER}])
    _, body = await client.track("gettrackinfo", [{"number": NUMBER}])
    info = body["data"]["accepted"][0]["track_info"]
    assert info["misc_info"]["local_number"] == USPS
    assert info["misc_info"]["local_key"] == 21051
    first, last = info["tracking"]["providers"]
    assert first["provider"]["key"] == 190271
    assert [event["sub_status"] for event in last["events"]] == [
        "Delivered_Other",
        "InTransit_Other",
    ]
    await client.track("register", [{"number": USPS}])
    _, body = await client.track("gettrackinfo", [{"number": USPS}])
    (own,) = body["data"]["accepted"][0]["track_info"]["tracking"]["providers"]
    assert [event["stage"] for event in own["events"]] == ["Delivered", None]


@pytest.mark.parametrize(
    ("number", "sub_status"),
    [
        ("RB123456785GB", "NotFound_Other"),
        ("RB123456786GB", "NotFound_InvalidCode"),
    ],
)
async def test_17track_tells_unknown_from_invalid(
    client: Client, number: str, sub_status: str
) -> None:
    await client.track("register", [{"number": number}])
    _, body = await client.track("gettrackinfo", [{"number": number}])
    info = body["data"]["accepted"][0]["track_info"]
    assert info["latest_status"]["sub_status"] == sub_status
    assert info["latest_event"] is None


async def test_17track_gives_up_after_thirty_silent_days(
    client: Client, teller: Teller
) -> None:
    client.sim.add(USPS_STORY).scan(Stage.IN_TRANSIT)
    client.sim.add(Journey(number=NUMBER, steps=(Step(-31 * DAY, Kind.PICKED_UP),)))
    client.sim.seventeentrack.preregister(NUMBER, "cainiao")
    _, body = await client.track("gettracklist", {"number": NUMBER})
    (listed,) = body["data"]["accepted"]
    assert listed["package_status"] == "Expired"
    assert listed["tracking_status"] == "Stopped"


async def test_17track_asks_for_what_a_carrier_wants_to_know(client: Client) -> None:
    number = "YT2616912345678901"
    client.sim.add(Journey(number=number, carrier="yanwen", asks_for="postal_code"))
    _, body = await client.track("register", [{"number": number}])
    assert body["data"]["rejected"][0]["error"]["code"] == -18010019
    told = {"number": number, "destination_postal_code": "11201"}
    _, body = await client.track("register", [told])
    assert body["data"]["accepted"][0]["carrier"] == 190012


async def test_17track_stops_retracks_changes_and_deletes(client: Client) -> None:
    async def code(endpoint: str, **item: Any) -> int:
        _, body = await client.track(endpoint, [{"number": USPS, **item}])
        rejected = body["data"]["rejected"]
        return rejected[0]["error"]["code"] if rejected else 0

    assert await code("register") == 0
    assert await code("retrack") == -18019904
    assert await code("stoptrack") == 0
    assert await code("stoptrack") == -18019906
    assert await code("retrack") == 0
    assert await code("stoptrack") == 0
    assert await code("retrack") == -18019905
    assert await code("changecarrier", carrier_old=21051, carrier_new=3011) == 0
    assert await code("changecarrier", carrier_old=21051, carrier_new=3011) == -18019805
    assert await code("changeinfo", items={"tag": "shoes"}) == 0
    assert client.sim.seventeentrack.registered[USPS].item["tag"] == "shoes"
    assert await code("push") == -18010204
    assert await code("deletetrack") == 0
    assert await code("gettrackinfo") == -18019902


# DHL.


async def test_dhl_wants_its_key(client: Client) -> None:
    for key in (None, "wrong"):
        status, body = await client.dhl(key=key)
        assert status == body["status"] == 401
        assert body["title"] == "Unauthorized"


async def test_dhl_tells_a_shipment(client: Client) -> None:
    status, body = await client.dhl()
    assert status == 200
    (shipment,) = body["shipments"]
    assert shipment["id"] == int(DHL)
    assert shipment["service"] == "express"
    assert shipment["destination"]["address"]["addressLocality"] == "BROOKLYN"
    newest, oldest = shipment["events"]
    assert newest["statusCode"] == "transit"
    assert newest["description"] == "Processed for clearance at CINCINNATI HUB - USA"
    assert "customs" in newest["remark"]
    assert oldest["timestamp"] == "2026-10-31T20:00:00", "local, and no word of a zone"


async def test_dhls_parcel_services_name_the_offset(client: Client) -> None:
    number = "JJD000390007852160001"
    step = Step(-DAY, Kind.LEFT_IN_LOCKER, "Bonn", "DE")
    client.sim.add(
        Journey(number=number, carrier="dhl", destination="DE", steps=(step,))
    )
    _, body = await client.dhl(number)
    (shipment,) = body["shipments"]
    assert shipment["id"] == number
    assert shipment["status"]["timestamp"] == "2026-11-01T13:00:00+01:00"
    assert shipment["status"]["statusCode"] == "delivered"
    assert "PACKSTATION" in shipment["status"]["description"]


async def test_dhl_does_not_know_others_numbers(client: Client) -> None:
    status, body = await client.dhl("8264715546")
    assert status == 404
    assert body == {
        "title": "No result found",
        "detail": "No shipment with given tracking number found.",
        "status": 404,
        "instance": "/shipment/8264715546",
    }


async def test_dhl_allows_one_request_a_second(strict: Client, teller: Teller) -> None:
    assert (await strict.dhl())[0] == 200
    assert (await strict.dhl())[0] == 429
    teller.tick(timedelta(seconds=1))
    assert (await strict.dhl())[0] == 200


async def test_dhl_is_spent_until_midnight(strict: Client, teller: Teller) -> None:
    strict.sim.dhl.daily.limit = 2
    for expected in (200, 200, 429):
        assert (await strict.dhl())[0] == expected
        teller.tick(timedelta(minutes=1))
    teller.tick(12 * HOUR)
    assert (await strict.dhl())[0] == 200


# Faults.


async def test_a_fault_is_met_as_often_as_it_was_queued(client: Client) -> None:
    client.sim.fail("dhl", Fault(FaultKind.STATUS, status=502), times=2)
    client.sim.fail("dhl", Fault(FaultKind.STATUS, status=429, retry_after="43200"))
    statuses = []
    for _ in range(4):
        status, _text, headers = await client.text(
            "GET",
            "/track/shipments",
            params={"trackingNumber": DHL},
            headers={"DHL-API-Key": KEYS["dhl"]},
        )
        statuses.append((status, headers.get("Retry-After")))
    assert statuses == [(502, None), (502, None), (429, "43200"), (200, None)]
    assert (await client.cainiao(NUMBER))[0]["detailList"], "others are well"


async def test_whoever_watches_sees_what_is_told(client: Client) -> None:
    told: list[Told] = []
    client.sim.watch = told.append
    await client.cainiao(NUMBER, "LP00999999999999")
    client.sim.fail("cainiao", Fault(FaultKind.SHORTER, keep=1))
    await client.cainiao(NUMBER)
    client.sim.fail("cainiao", Fault(FaultKind.WALL))
    assert await client.cainiao_walls()
    whole, shorter, walled = told
    view = whole.views[NUMBER]
    assert view is not None
    assert [scan.kind for scan in view.scans][0] is Kind.PICKED_UP
    assert whole.views["LP00999999999999"] is None
    view = shorter.views[NUMBER]
    assert view is not None
    assert len(view.scans) == 1
    assert walled.numbers == (NUMBER,)
    assert (walled.fault, walled.views) == (FaultKind.WALL, {})


async def test_a_standing_fault_lasts_until_it_is_healed(client: Client) -> None:
    client.sim.fail("cainiao", Fault(FaultKind.WALL), times=None)
    assert [await client.cainiao_walls() for _ in range(3)] == [True] * 3
    client.sim.heal("cainiao")
    assert not await client.cainiao_walls()


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(FaultKind.HTML), "<!DOCTYPE html>"),
        (Fault(FaultKind.TRUNCATED), '{"module": ['),
        (Fault(FaultKind.OTHER_JSON, body=["nonsense"]), '["nonsense"]'),
        (Fault(FaultKind.OTHER_JSON, body=None), "null"),
        (Fault(FaultKind.QUOTA), '{"success": false'),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
async def test_a_body_can_be_wrong(client: Client, fault: Fault, expected: str) -> None:
    client.sim.fail("cainiao", fault)
    status, text, _ = await client.text(
        "GET", "/global/detail.json", params={"mailNos": NUMBER}
    )
    assert status == 200
    assert text.startswith(expected)
    if fault.kind is FaultKind.TRUNCATED:
        with pytest.raises(ValueError, match="line 1"):
            json.loads(text)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(FaultKind.EMPTY), []),
        (Fault(FaultKind.UNKNOWN), []),
        (Fault(FaultKind.SHORTER, keep=2), [0, 1]),
        (Fault(FaultKind.DOUBLED), [0, 0, 1, 1, 2, 2, 3, 3]),
        (Fault(FaultKind.REORDERED), [3, 2, 1, 0]),
        (Fault(FaultKind.EMPTY, only="LP00000000000000"), [0, 1, 2, 3]),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
async def test_a_history_can_be_wrong(
    client: Client, fault: Fault, expected: list[int]
) -> None:
    (right,) = await client.cainiao(NUMBER)
    client.sim.fail("cainiao", fault)
    module, _ = await client.cainiao(NUMBER, "LP00000000000000")
    assert module["mailNo"] == NUMBER
    assert module["detailList"] == [right["detailList"][index] for index in expected]


async def test_a_shuffled_history_is_the_same_for_the_same_seed(client: Client) -> None:
    client.sim.fail("cainiao", Fault(FaultKind.REORDERED, seed=3), times=2)
    assert await client.cainiao(NUMBER) == await client.cainiao(NUMBER)


async def test_an_answer_can_be_about_another_number(client: Client) -> None:
    other = Fault(FaultKind.OTHER_NUMBER, number="LP00999999999999")
    beside = Fault(FaultKind.BESIDE, number="9999999993")
    client.sim.fail("cainiao", other)
    (module,) = await client.cainiao(NUMBER)
    assert module["mailNo"] == "LP00999999999999"
    for provider in client.sim.faces:
        client.sim.fail(provider, beside)
    assert [m["mailNo"] for m in await client.cainiao(NUMBER)] == ["9999999993", NUMBER]
    _, body = await client.dhl()
    assert [s["id"] for s in body["shipments"]] == [9999999993, int(DHL)]
    client.sim.seventeentrack.preregister(DHL, "dhl")
    _, body = await client.track("gettrackinfo", [{"number": DHL}])
    assert [i["number"] for i in body["data"]["accepted"]] == ["9999999993", DHL]


async def test_an_account_can_be_spent_or_rejected(client: Client) -> None:
    for provider in ("dhl", "seventeentrack"):
        client.sim.fail(provider, Fault(FaultKind.KEY))
        client.sim.fail(provider, Fault(FaultKind.QUOTA))
    assert [(await client.dhl())[0] for _ in range(2)] == [401, 429]
    assert (await client.track("getquota", []))[0] == 401
    _, body = await client.track("register", [{"number": USPS}])
    assert body["data"]["rejected"][0]["error"]["code"] == -18019908
    with pytest.raises(ValueError, match="no key"):
        client.sim.fail("cainiao", Fault(FaultKind.KEY))


async def test_a_fault_can_be_held_to_an_endpoint(client: Client) -> None:
    client.sim.fail("seventeentrack", Fault(FaultKind.STATUS, path="register"))
    assert (await client.track("getquota", []))[0] == 200
    status, _, _ = await client.text("POST", "/track/v2.4/register", json=[])
    assert status == 503


async def test_a_connection_can_break(client: Client) -> None:
    client.sim.fail("cainiao", Fault(FaultKind.RESET), times=2)
    with pytest.raises(aiohttp.ClientError):
        await client.cainiao(NUMBER)
    assert [request.status for request in client.sim.requests] == [None, None]
    assert client.sim.requests[-1].fault is FaultKind.RESET


async def test_an_answer_can_be_late(client: Client) -> None:
    client.sim.fail("cainiao", Fault(FaultKind.DELAY, seconds=60))
    with pytest.raises(TimeoutError):
        await client.session.get(
            f"{client.sim.url}/global/detail.json",
            timeout=aiohttp.ClientTimeout(total=0.05),
        )
    client.sim.fail("cainiao", Fault(FaultKind.DELAY, seconds=0.01))
    assert await client.cainiao(NUMBER)


async def test_closing_does_not_wait_for_a_late_answer(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator((CUSTOMS_STORY,)) as sim:
        sim.fail("cainiao", Fault(FaultKind.DELAY, seconds=60))
        asking = asyncio.create_task(Client(sim, session).cainiao(NUMBER))
        await asyncio.sleep(0.05)
    (module,) = await asyncio.wait_for(asking, 5)
    assert module["mailNo"] == NUMBER


async def test_carriers_forget(client: Client) -> None:
    client.sim.at(117 * DAY)
    assert await client.cainiao_walls() is False
    (module,) = await client.cainiao(NUMBER)
    oldest = module["detailList"][-1]
    assert oldest["actionCode"] == "LH_ARRIVE"
    client.sim.at(200 * DAY)
    assert (await client.cainiao(NUMBER))[0]["detailList"] == []


# The server.


async def test_requests_are_kept_for_assertions(client: Client, teller: Teller) -> None:
    await client.cainiao(NUMBER, USPS)
    await client.track("register", [{"number": USPS}])
    await client.text("GET", "/track/v1/nothing")
    asked = [(r.provider, r.path, r.numbers, r.status) for r in client.sim.requests]
    assert asked == [
        ("cainiao", "/global/detail.json", (NUMBER, USPS), 200),
        ("seventeentrack", "/track/v2.4/register", (USPS,), 200),
        ("", "/track/v1/nothing", (), 404),
    ]
    assert client.sim.requests[0].at == teller()
    assert client.sim.asked("dhl") == []


async def test_a_held_clock_begins_with_the_first_request(
    session: aiohttp.ClientSession, teller: Teller
) -> None:
    async with Simulator((CUSTOMS_STORY,), held=True, now=teller) as sim:
        assert sim.journey(NUMBER).scans == ()
        teller.tick(5 * DAY)
        await Client(sim, session).cainiao(NUMBER)
        assert sim.journey(NUMBER).stage is Stage.IN_TRANSIT
        assert sim.journey(NUMBER).scans[0].time == teller() - 6 * DAY


async def test_simulators_live_side_by_side(session: aiohttp.ClientSession) -> None:
    async with Simulator((CUSTOMS_STORY,)) as one, Simulator() as other:
        assert one.url != other.url
        assert (await Client(one, session).cainiao(NUMBER))[0]["detailList"]
        assert not (await Client(other, session).cainiao(NUMBER))[0]["detailList"]
        assert other.setting == other.url


async def test_a_closed_simulator_can_not_be_reached(
    session: aiohttp.ClientSession,
) -> None:
    async with Simulator() as sim:
        pass
    with pytest.raises(aiohttp.ClientConnectorError):
        await session.get(sim.url)


async def test_a_frozen_home_assistant_and_the_simulator_agree(
    session: aiohttp.ClientSession, freezer: FrozenDateTimeFactory
) -> None:
    """With the clock frozen, simulated time and limits stand still too."""
    async with Simulator((CUSTOMS_STORY,)) as sim:
        client = Client(sim, session)
        assert not await client.cainiao_walls()
        freezer.tick(DAY)
        (module,) = await client.cainiao(NUMBER)
        assert module["latestTrace"]["actionCode"] == "CC_IM_START"
        assert sim.requests[-1].at == datetime.now(UTC)


# From outside.


async def test_another_process_can_pull_the_strings(client: Client) -> None:
    async def pull(name: str, **data: Any) -> Any:
        status, body = await client.json("POST", f"/_simulator/{name}", json=data)
        assert status == 200, body
        return body

    steps = [{"at_hours": -48, "what": "picked_up", "place": "Yiwu"}]
    handoff = {"number": USPS, "carrier": "usps", "at_hours": 24}
    await pull(
        "journey",
        number="LP00123456780000",
        steps=steps,
        handoff=handoff,
        estimate={"starts_hours": 72},
        known_to=["cainiao"],
    )
    scanned = await pull("scan", number="LP00123456780000", what="in_customs")
    assert [scan["stage"] for scan in scanned["scans"]] == ["shipped", "in_customs"]
    state = await pull("advance", days=1)
    assert state["elapsed_hours"] == 24
    assert (await pull("fault", provider="cainiao", kind="html"))["faults"] == 1
    assert (await pull("heal"))["faults"] == 0
    account = {"provider": "seventeentrack", "number": USPS}
    held = await pull("account", **account, carrier="usps")
    assert held["registered"] == [USPS]
    assert (await pull("account", **account, gone=True))["registered"] == []
    (module,) = await client.cainiao("LP00123456780000")
    assert module["copyRealMailNo"] == USPS
    _, state = await client.json("GET", "/_simulator/state")
    assert {journey["number"] for journey in state["journeys"]} == {
        NUMBER,
        DHL,
        "LP00123456780000",
    }
    _, asked = await client.json("GET", "/_simulator/requests?provider=cainiao")
    assert [request["numbers"] for request in asked] == [["LP00123456780000"]]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("scan", {"number": "nobody", "what": "delivered"}),
        ("scan", {"number": NUMBER, "what": "pending"}),
        ("advance", {"fortnights": 1}),
        ("fault", {"provider": "cainiao", "kind": "rain"}),
        ("fault", {"provider": "nobody", "kind": "html"}),
        ("heal", ["dhl"]),
        ("account", {"provider": "dhl", "number": DHL}),
        ("account", {"provider": "nobody", "number": DHL}),
        ("account", {"provider": "seventeentrack", "numbers": [USPS]}),
    ],
)
async def test_a_string_that_does_not_exist_is_refused(
    client: Client, name: str, data: Any
) -> None:
    status, body = await client.json("POST", f"/_simulator/{name}", json=data)
    assert status == 400
    assert body["error"]


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
async def test_the_program_prints_its_address_and_stops_when_told(
    session: aiohttp.ClientSession, name: signal.Signals
) -> None:
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.simulator", "--speed", "10800", "--pace", "60"),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[1],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    try:
        assert program.stdout is not None
        line = (await program.stdout.readline()).decode().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+\?pace=60", line)
        async with session.get(f"{line.split('?')[0]}/_simulator/state") as response:
            state = await response.json()
        assert len(state["journeys"]) == len(JOURNEYS)
    finally:
        program.send_signal(name)
        left = await asyncio.wait_for(program.wait(), 10)
    assert left == 0


# The demo.


async def test_the_demo_tells_each_of_its_stories(
    session: aiohttp.ClientSession, teller: Teller
) -> None:
    async with Simulator(JOURNEYS, now=teller) as sim:
        at_start = {parcel.name: sim.journey(parcel.number).stage for parcel in PARCELS}
        sim.at(10 * DAY)
        in_the_end = {
            parcel.name: sim.journey(parcel.number).stage for parcel in PARCELS
        }
    assert at_start == {
        "Robot vacuum brushes": Stage.IN_TRANSIT,
        "Gift for Grandma in Lyon": Stage.IN_CUSTOMS,
        "Birthday present for Mia": Stage.OUT_FOR_DELIVERY,
        "Drone propellers": Stage.CUSTOMS_ACTION_REQUIRED,
        "Phone case": Stage.READY_FOR_PICKUP,
        "Camera tripod": Stage.IN_TRANSIT,
        "Board game": Stage.IN_TRANSIT,
        "Desk lamp": Stage.RETURNING,
        "Bike lights": Stage.INFO_RECEIVED,
        "Knitting needles": Stage.PENDING,
        "Laptop battery": Stage.IN_CUSTOMS,
        "Coffee beans": Stage.IN_TRANSIT,
    }
    still = {"Drone propellers", "Camera tripod"}
    assert {name: in_the_end[name] for name in still} == {
        name: at_start[name] for name in still
    }
    assert in_the_end["Desk lamp"] is Stage.RETURNED
    assert sum(stage is Stage.DELIVERED for stage in in_the_end.values()) == 7


async def test_each_demo_parcel_is_known_to_whom_it_needs(
    session: aiohttp.ClientSession, teller: Teller
) -> None:
    async with Simulator(JOURNEYS, now=teller, limits=False) as sim:
        client = Client(sim, session)
        keyless = [parcel.number for parcel in PARCELS if parcel.account is None]
        modules = await client.cainiao(*keyless)
        assert {module["mailNoSource"] for module in modules} == {"AE"}
        accounts = {parcel.account: parcel.number for parcel in PARCELS}
        assert (await client.dhl(accounts["dhl"]))[0] == 200
        _, body = await client.track(
            "register", [{"number": accounts["seventeentrack"]}]
        )
        assert body["data"]["accepted"][0]["carrier"] == 21051
