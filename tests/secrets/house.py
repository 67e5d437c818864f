"""A house in which everything that a person or a carrier can say is a secret."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from custom_components.waybill.tracking.model import Estimate, Leg, Stage
from custom_components.waybill.tracking.providers import PROVIDERS
from homeassistant.config_entries import ConfigSubentryDataWithId
from tests.conftest import Carrier, parcel_data

from .planted import Kind, Secret, figures, letters, words

FULL: Final = "01JPARCEL0000000000000001"
"""The parcel of which all is known that can be."""
OTHER: Final = "01JPARCEL0000000000000002"
"""One that has nothing to do with it."""
NAMELESS: Final = "01JPARCEL0000000000000003"
"""One that is called by its number, with which the first one goes on."""
NUMBERS: Final = {
    FULL: "LP00739184265073",
    OTHER: "LP00518260937441",
    NAMELESS: "1Z40E9W20385217643",
}
MISTYPED: Final = "1Z62R8T40951736207"
"""A number whose check digit is wrong."""


class Vault:
    """Everything that was planted."""

    def __init__(self) -> None:
        """Plant nothing yet."""
        self.secrets: list[Secret] = []

    def plant(self, kind: Kind, value: str, *owners: str) -> str:
        """Remember a secret; returns it."""
        secret = Secret(kind=kind, value=value, owners=frozenset(owners))
        self.secrets.append(secret)
        return value

    def value(self, kind: Kind, owner: str = FULL) -> str:
        """Return what was planted."""
        (secret,) = (
            s for s in self.secrets if s.kind is kind and owner in (s.owners or {owner})
        )
        return secret.value


def account_id(provider: str) -> str:
    """Return the id of the account with a provider."""
    return f"01JACCOUNT{letters(provider, 16).upper()}"


def account_of(vault: Vault, provider: str, **fields: Any) -> ConfigSubentryDataWithId:
    """Return an account whose every credential is a secret, whatever it has."""
    kind, owner = PROVIDERS[provider], account_id(provider)
    data = {
        name: vault.plant(Kind.CREDENTIAL, _key(f"{provider} {name}"), owner)
        for name in kind.credentials
    }
    if kind.push_secret is not None:
        data["webhook_id"] = vault.plant(
            Kind.WEBHOOK_ID, figures(f"{provider} webhook", 64), owner
        )
        if kind.push_secret not in data:
            secret = vault.plant(Kind.PUSH_SECRET, _key(f"{provider} push"), owner)
            data[kind.push_secret] = secret
    return ConfigSubentryDataWithId(
        data={"provider": provider, **data, **fields},
        subentry_id=owner,
        subentry_type="account",
        title=vault.plant(Kind.ACCOUNT, words(f"{provider} account"), owner),
        unique_id=f"{provider}_{owner}",
    )


def all_accounts(vault: Vault) -> list[ConfigSubentryDataWithId]:
    """Return an account with each provider that wants one."""
    return [
        account_of(vault, provider)
        for provider, kind in PROVIDERS.items()
        if kind.credentials
    ]


def parcels(vault: Vault) -> list[ConfigSubentryDataWithId]:
    """Return parcels of which everything is said that can be."""
    vault.plant(Kind.NUMBER, NUMBERS[NAMELESS], NAMELESS, FULL)
    return [
        _said(vault, FULL),
        _said(vault, OTHER),
        parcel_data(NUMBERS[NAMELESS], NAMELESS, NUMBERS[NAMELESS], provider="cainiao"),
    ]


def _said(vault: Vault, parcel_id: str) -> ConfigSubentryDataWithId:
    def said(kind: Kind) -> str:
        return vault.plant(kind, words(f"{kind} {parcel_id}"), parcel_id)

    vault.plant(Kind.NUMBER, NUMBERS[parcel_id], parcel_id)
    order = vault.plant(Kind.ORDER_URL, letters(f"url {parcel_id}", 20), parcel_id)
    return parcel_data(
        NUMBERS[parcel_id],
        parcel_id,
        said(Kind.NAME),
        carrier="cainiao",
        provider="cainiao",
        seller=said(Kind.SELLER),
        order_url=f"https://shop.example/{order}",
        order_number=said(Kind.ORDER_NUMBER),
        notes=said(Kind.NOTES),
        postal_code=vault.plant(
            Kind.POSTAL_CODE, letters(f"post {parcel_id}", 10).upper(), parcel_id
        ),
        phone_last4=vault.plant(
            Kind.PHONE, figures(f"phone {parcel_id}", 4), parcel_id
        ),
        protection_until="2026-06-15",
    )


def told(vault: Vault, carrier: Carrier, parcel_id: str) -> None:
    """Let the carrier tell all that a carrier can tell of a parcel."""

    def written(kind: Kind) -> str:
        return vault.plant(kind, words(f"{kind} {parcel_id}"), parcel_id)

    number = NUMBERS[parcel_id]
    description, location = written(Kind.DESCRIPTION), written(Kind.LOCATION)
    now = datetime.now(UTC)
    carrier.scan(Stage.SHIPPED, number, at=now - timedelta(days=3))
    carrier.scan(None, number, at=now - timedelta(days=2), code=written(Kind.CODE))
    carrier.scan(
        Stage.CUSTOMS_ACTION_REQUIRED,
        number,
        at=now - timedelta(hours=1),
        description=description,
        location=location,
        words=written(Kind.WORDS),
        country="US",
    )
    carrier.answer(
        tracking_number=number,
        pickup_point=written(Kind.PICKUP_POINT),
        signed_by=written(Kind.SIGNATURE),
        estimate=Estimate(start=now + timedelta(days=2)),
        destination_country="US",
        next_leg=(
            Leg(tracking_number=NUMBERS[NAMELESS], carrier="ups")
            if parcel_id == FULL
            else None
        ),
    )


def _key(seed: str) -> str:
    return f"{letters(seed, 20)}{figures(seed, 12)}"
