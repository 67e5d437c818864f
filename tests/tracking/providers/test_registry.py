"""The registry of the providers."""

from custom_components.waybill.tracking.providers import PROVIDERS


def test_every_provider_is_found_by_its_id() -> None:
    assert all(provider.id == key for key, provider in PROVIDERS.items())


def test_carriers_are_asked_themselves_before_anybody_else() -> None:
    aggregators = [provider.aggregator for provider in PROVIDERS.values()]
    assert aggregators == sorted(aggregators)
    assert next(iter(PROVIDERS)) == "cainiao"
