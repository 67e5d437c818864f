"""The providers: whom Waybill can ask where a parcel is."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from .base import (
    AccountInfo,
    Credentials,
    CredentialsRejected,
    Limits,
    Listed,
    NotEntitled,
    Provider,
    ProviderError,
    ProviderUnavailable,
    Query,
    QuotaExceeded,
)
from .cainiao import CainiaoProvider
from .dhl import DhlProvider
from .fedex import FedexProvider
from .inpost import InpostProvider
from .la_poste import LaPosteProvider
from .nova_post import NovaPostProvider
from .seventeentrack import SeventeenTrackProvider

__all__ = [
    "PROVIDERS",
    "AccountInfo",
    "Credentials",
    "CredentialsRejected",
    "Limits",
    "Listed",
    "NotEntitled",
    "Provider",
    "ProviderError",
    "ProviderUnavailable",
    "Query",
    "QuotaExceeded",
]

PROVIDERS: Final[Mapping[str, type[Provider]]] = MappingProxyType(
    {
        provider.id: provider
        for provider in (
            CainiaoProvider,
            DhlProvider,
            FedexProvider,
            LaPosteProvider,
            InpostProvider,
            NovaPostProvider,
            SeventeenTrackProvider,
        )
    }
)
"""Every provider by its id, in the order in which they are preferred."""
