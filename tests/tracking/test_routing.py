"""Whom to ask about a leg: the person's choice, else the nearest that is free."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

import pytest

from custom_components.waybill.tracking import routing
from custom_components.waybill.tracking.numbers import recognise
from custom_components.waybill.tracking.providers import PROVIDERS, Provider
from custom_components.waybill.tracking.routing import (
    Account,
    Choice,
    Reason,
    choose,
    keyless_accounts,
    would_help,
)

CAINIAO_ONLY = "LP00123456789012"
FROM_CHINA = "RB123456785CN"
FROM_BRITAIN = "RB123456785GB"
DHL_NUMBER = "JJD000390007882823480"
UPS_NUMBER = "1Z12345E0205271688"
USPS_NUMBER = "9400111206206406260787"
UNKNOWN = "4711X0815Y"

CAINIAO = Account(account_id="cainiao", provider="cainiao")
INPOST = Account(account_id="inpost", provider="inpost")
DHL = Account(account_id="my-dhl", provider="dhl")
OTHER_DHL = Account(account_id="my-other-dhl", provider="dhl")
TRACK17 = Account(account_id="my-17track", provider="seventeentrack")
SPENDING = Account(
    account_id="my-17track", provider="seventeentrack", auto_register=True
)


def carrier_of(number: str) -> str | None:
    """Return who carries a number, as its format says."""
    candidates = recognise(number)
    return candidates[0].carrier if candidates else None


def asked(
    number: str,
    *accounts: Account,
    carrier: str | None = None,
    pinned: str | None = None,
    found_by: str | None = None,
    at_a_loss: Collection[str] = (),
) -> list[tuple[str, Reason]]:
    """Return which accounts are asked about a number, and why."""
    choices = choose(
        number,
        carrier or carrier_of(number),
        (CAINIAO, *accounts),
        pinned=pinned,
        found_by=found_by,
        at_a_loss=at_a_loss,
    )
    assert all(
        choice.provider
        == next(
            account.provider
            for account in (CAINIAO, *accounts)
            if account.account_id == choice.account_id
        )
        for choice in choices
    )
    return [(choice.account_id, choice.reason) for choice in choices]


def test_keyless_providers_are_everybodys() -> None:
    assert keyless_accounts() == [CAINIAO, INPOST]


def test_the_person_decides() -> None:
    """Even against the number's own carrier, and where it costs."""
    for number in (CAINIAO_ONLY, DHL_NUMBER, UNKNOWN):
        assert asked(number, DHL, TRACK17, pinned="seventeentrack") == [
            ("my-17track", Reason.PINNED)
        ]


def test_a_pinned_provider_without_an_account_leaves_it_to_the_others() -> None:
    assert asked(CAINIAO_ONLY, pinned="dhl") == [("cainiao", Reason.CARRIER)]
    assert asked(DHL_NUMBER, DHL, pinned="ups") == [("my-dhl", Reason.CARRIER)]
    assert asked(UPS_NUMBER, pinned="ups") == []


def test_of_two_accounts_with_the_pinned_provider_the_first_is_asked() -> None:
    assert asked(DHL_NUMBER, DHL, OTHER_DHL, pinned="dhl") == [
        ("my-dhl", Reason.PINNED)
    ]


def test_the_carriers_own_provider_goes_before_all_others() -> None:
    assert asked(DHL_NUMBER, SPENDING, DHL) == [("my-dhl", Reason.CARRIER)]
    assert asked(CAINIAO_ONLY, SPENDING, DHL) == [("cainiao", Reason.CARRIER)]


def test_two_accounts_with_one_provider_are_not_both_asked() -> None:
    assert asked(DHL_NUMBER, DHL, OTHER_DHL) == [("my-dhl", Reason.CARRIER)]


def test_all_direct_providers_of_a_carrier_are_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Second(PROVIDERS["dhl"]):  # type: ignore[misc, name-defined]
        id = "second"

    monkeypatch.setattr(routing, "PROVIDERS", _with(second=Second))
    second = Account(account_id="my-second", provider="second")
    assert asked(DHL_NUMBER, second, DHL) == [
        ("my-dhl", Reason.CARRIER),
        ("my-second", Reason.CARRIER),
    ]


def test_a_carrier_that_the_person_pinned_decides_who_is_near() -> None:
    assert asked(UNKNOWN, DHL, carrier="dhl") == [("my-dhl", Reason.CARRIER)]
    assert asked(UPS_NUMBER, carrier="cainiao") == [("cainiao", Reason.CARRIER)]
    # Nobody asks Cainiao about a carrier that it has nothing to do with.
    assert asked(UNKNOWN, carrier="ups") == []


@pytest.mark.parametrize("number", [FROM_CHINA, FROM_BRITAIN, UNKNOWN])
def test_cainiao_may_know_what_no_direct_provider_does(number: str) -> None:
    """Postal items from anywhere can be its own, and so can unknown formats."""
    assert asked(number, DHL, SPENDING) == [("cainiao", Reason.MAY_KNOW)]


def test_cainiao_is_not_asked_about_another_carriers_number() -> None:
    assert asked(UPS_NUMBER) == []
    assert asked(DHL_NUMBER) == []


@pytest.mark.parametrize("number", [FROM_CHINA, UNKNOWN])
def test_where_cainiao_is_at_a_loss_an_aggregator_is_asked_too(number: str) -> None:
    assert asked(number, SPENDING, at_a_loss={"cainiao"}) == [
        ("cainiao", Reason.MAY_KNOW),
        ("my-17track", Reason.AGGREGATOR),
    ]
    # But only where it may spend quota on the number.
    assert asked(number, TRACK17, at_a_loss={"cainiao"}) == [
        ("cainiao", Reason.MAY_KNOW)
    ]


def test_where_the_carrier_is_at_a_loss_others_may_know() -> None:
    """It is another's number, or a label of a shipper who is not told of it."""
    assert asked(FROM_CHINA, DHL, SPENDING, carrier="dhl", at_a_loss={"dhl"}) == [
        ("my-dhl", Reason.CARRIER),
        ("cainiao", Reason.MAY_KNOW),
    ]
    assert asked(
        FROM_CHINA, DHL, SPENDING, carrier="dhl", at_a_loss={"dhl", "cainiao"}
    ) == [
        ("my-dhl", Reason.CARRIER),
        ("cainiao", Reason.MAY_KNOW),
        ("my-17track", Reason.AGGREGATOR),
    ]
    assert asked(DHL_NUMBER, DHL, SPENDING, at_a_loss={"dhl"}) == [
        ("my-dhl", Reason.CARRIER),
        ("my-17track", Reason.AGGREGATOR),
    ]


def test_nobody_is_asked_twice_about_a_number() -> None:
    assert asked(CAINIAO_ONLY, carrier="cainiao", at_a_loss={"cainiao"}) == [
        ("cainiao", Reason.CARRIER)
    ]
    assert asked(FROM_CHINA, carrier="cainiao", at_a_loss={"cainiao"}) == [
        ("cainiao", Reason.CARRIER)
    ]


def test_what_the_person_pinned_stays_alone() -> None:
    assert asked(UNKNOWN, SPENDING, pinned="cainiao", at_a_loss={"cainiao"}) == [
        ("cainiao", Reason.PINNED)
    ]


def test_an_aggregator_spends_quota_only_where_the_person_allowed_it() -> None:
    assert asked(UPS_NUMBER, TRACK17) == []
    assert asked(UPS_NUMBER, SPENDING) == [("my-17track", Reason.AGGREGATOR)]
    assert asked(UPS_NUMBER, TRACK17, pinned="seventeentrack") == [
        ("my-17track", Reason.PINNED)
    ]


def test_quota_is_spent_on_a_number_only_where_the_person_allowed_it() -> None:
    (pinned,) = choose(UPS_NUMBER, "ups", [TRACK17], pinned="seventeentrack")
    (allowed,) = choose(UPS_NUMBER, "ups", [SPENDING])
    (free,) = choose(DHL_NUMBER, "dhl", [DHL])
    assert pinned.may_register
    assert allowed.may_register
    assert free == Choice(provider="dhl", account_id="my-dhl", reason=Reason.CARRIER)


def test_what_an_account_follows_is_not_registered_anew_when_it_is_taken_out() -> None:
    def may_register(pinned: str | None) -> bool:
        (choice,) = choose(
            UPS_NUMBER, "ups", [SPENDING], pinned=pinned, listed_by="my-17track"
        )
        return choice.may_register

    assert not may_register(None)
    assert may_register("seventeentrack")


def _with(**more: type[Provider]) -> Mapping[str, type[Provider]]:
    return MappingProxyType({**PROVIDERS, **more})


class _FreeAggregator(PROVIDERS["seventeentrack"]):  # type: ignore[misc, name-defined]
    id = "free"
    spends_per_number = False


def test_an_aggregator_that_spends_nothing_needs_no_leave(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(routing, "PROVIDERS", _with(free=_FreeAggregator))
    free = Account(account_id="my-free", provider="free")
    assert asked(UPS_NUMBER, free) == [("my-free", Reason.AGGREGATOR)]
    assert asked(UPS_NUMBER, free, TRACK17) == [("my-free", Reason.AGGREGATOR)]
    # One is enough, the preferred one.
    assert asked(UPS_NUMBER, free, SPENDING) == [("my-17track", Reason.AGGREGATOR)]


def test_who_named_a_leg_tells_its_scans_already() -> None:
    assert asked(FROM_CHINA, found_by="cainiao") == []
    assert asked(FROM_CHINA, SPENDING, found_by="cainiao") == [
        ("my-17track", Reason.AGGREGATOR)
    ]
    assert asked(DHL_NUMBER, DHL, found_by="cainiao") == [("my-dhl", Reason.CARRIER)]
    # Also where it is pinned: it is asked about the first leg.
    assert asked(DHL_NUMBER, DHL, pinned="cainiao", found_by="cainiao") == [
        ("my-dhl", Reason.CARRIER)
    ]


def test_what_would_help_is_the_carriers_own_then_any() -> None:
    anybody = ["seventeentrack", "ship24", "parcel_app", "aftership"]
    assert would_help(DHL_NUMBER, "dhl") == ["dhl", *anybody]
    assert would_help(UPS_NUMBER, "ups") == ["ups", *anybody]
    assert would_help(UNKNOWN, None) == anybody
    # What tells nobody but the sender helps no buyer.
    assert would_help(USPS_NUMBER, "usps") == anybody


def test_what_would_help_for_free_comes_before_what_costs() -> None:
    for number, carrier in ((DHL_NUMBER, "dhl"), (UNKNOWN, None)):
        own = [p for p in would_help(number, carrier) if not PROVIDERS[p].aggregator]
        others = would_help(number, carrier)[len(own) :]
        for helpful in (own, others):
            costs = [PROVIDERS[provider].paid for provider in helpful]
            assert costs == sorted(costs)
    assert {p for p in would_help(UNKNOWN, None) if PROVIDERS[p].paid}


def test_what_spends_nothing_per_number_comes_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(routing, "PROVIDERS", _with(free=_FreeAggregator))
    assert would_help(UPS_NUMBER, "ups")[:3] == ["ups", "free", "seventeentrack"]
