"""Whom to ask about a leg, and why."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from . import numbers
from .providers import PROVIDERS

CAINIAO: Final = "cainiao"


class Reason(StrEnum):
    """Why a provider is asked."""

    PINNED = "pinned"
    CARRIER = "carrier"
    LISTED = "listed"
    MAY_KNOW = "may_know"
    AGGREGATOR = "aggregator"


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """Access to a provider; a keyless one is its own account.

    ``auto_register`` lets an aggregator spend quota on any number,
    ``follow_account`` says that what the account lists is to be followed.
    """

    account_id: str
    provider: str
    auto_register: bool = False
    follow_account: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """An account to ask, why, and whether it may spend quota on the number."""

    provider: str
    account_id: str
    reason: Reason
    may_register: bool = False


def keyless_accounts() -> list[Account]:
    """Return the accounts that everybody has."""
    return [
        Account(account_id=provider_id, provider=provider_id)
        for provider_id, provider in PROVIDERS.items()
        if not provider.credentials
    ]


def choose(
    tracking_number: str,
    carrier: str | None,
    accounts: Sequence[Account],
    *,
    pinned: str | None = None,
    found_by: str | None = None,
    listed_by: str | None = None,
    at_a_loss: Collection[str] = (),
) -> tuple[Choice, ...]:
    """Choose the accounts to ask about a leg, best first; empty: nobody can.

    A provider that the person pinned; else direct providers of the carrier;
    else Cainiao, for numbers that only it knows, for S10 numbers whose origin
    it may be and for numbers of no known format; else an aggregator, but one
    that spends quota per number only if the person chose it, or if the account
    ``listed_by`` follows the number there. The next in this order are asked
    too where those before are ``at_a_loss``: they have not known the number for
    long. The provider that named the leg (``found_by``) tells its scans already.
    """
    able = [account for account in accounts if account.provider != found_by]
    if pinned is not None:
        chosen = [account for account in able if account.provider == pinned]
        if chosen:
            return _choices(chosen[:1], Reason.PINNED)
    direct = [
        account
        for account in able
        if not PROVIDERS[account.provider].aggregator
        and PROVIDERS[account.provider].answers_for(tracking_number, carrier)
    ]
    guess = []
    if carrier is None or numbers.issuing_country(tracking_number) is not None:
        guess = [account for account in able if account.provider == CAINIAO]
    listing = [account for account in able if account.account_id == listed_by]
    willing = [
        account
        for account in able
        if PROVIDERS[account.provider].aggregator
        and (account.auto_register or not PROVIDERS[account.provider].spends_per_number)
    ]
    choices: list[Choice] = []
    for reason, tier in (
        (Reason.CARRIER, _one_each(direct)),
        (Reason.LISTED, listing),
        (Reason.MAY_KNOW, guess),
        (Reason.AGGREGATOR, _in_preference(willing)[:1]),
    ):
        asked = {choice.provider for choice in choices}
        choices += _choices((a for a in tier if a.provider not in asked), reason)
        if any(choice.provider not in at_a_loss for choice in choices):
            break
    return tuple(choices)


def would_help(tracking_number: str, carrier: str | None) -> list[str]:
    """Return the providers whose account could answer a buyer, best first.

    The carrier's own, then aggregators; of either, what is free first.
    """
    asking = [
        provider_id
        for provider_id, provider in PROVIDERS.items()
        if provider.credentials and not provider.own_shipments_only
    ]
    able = [
        provider_id
        for provider_id in asking
        if PROVIDERS[provider_id].answers_for(tracking_number, carrier)
    ]

    def cost(provider_id: str) -> tuple[bool, bool, bool]:
        provider = PROVIDERS[provider_id]
        return provider.aggregator, provider.paid, provider.spends_per_number

    return sorted(able, key=cost)


def _choices(accounts: Iterable[Account], reason: Reason) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            provider=account.provider,
            account_id=account.account_id,
            reason=reason,
            # What it follows is there; where it is not, the person took it out.
            may_register=reason is Reason.PINNED
            or (account.auto_register and reason is not Reason.LISTED),
        )
        for account in accounts
    )


def _in_preference(accounts: Iterable[Account]) -> list[Account]:
    order = list(PROVIDERS)
    return sorted(accounts, key=lambda account: order.index(account.provider))


def _one_each(accounts: Iterable[Account]) -> list[Account]:
    """Keep the first account of each provider."""
    first: dict[str, Account] = {}
    for account in _in_preference(accounts):
        first.setdefault(account.provider, account)
    return list(first.values())
