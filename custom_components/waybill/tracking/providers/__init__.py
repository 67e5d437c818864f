"""The providers: whom Waybill can ask where a parcel is."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from .aftership import AfterShipProvider
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
from .bring import BringProvider
from .cainiao import CainiaoProvider
from .canada_post import CanadaPostProvider
from .dhl import DhlProvider
from .fedex import FedexProvider
from .inpost import InpostProvider
from .la_poste import LaPosteProvider
from .nova_post import NovaPostProvider
from .parcel_app import ParcelAppProvider
from .postnord import PostNordProvider
from .seventeentrack import SeventeenTrackProvider
from .ship24 import Ship24Provider
from .ups import UpsProvider
from .usps import UspsProvider

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
            UpsProvider,
            LaPosteProvider,
            InpostProvider,
            UspsProvider,
            CanadaPostProvider,
            PostNordProvider,
            NovaPostProvider,
            BringProvider,
            SeventeenTrackProvider,
            Ship24Provider,
            ParcelAppProvider,
            AfterShipProvider,
        )
    }
)
"""Every provider by its id, in the order in which they are preferred."""
