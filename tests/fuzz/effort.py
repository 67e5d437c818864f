"""How many examples a law is tried with."""

from hypothesis import HealthCheck, settings

USUAL = 100
"""What a profile's count is measured by."""


def examples(count: int) -> settings:
    """Return settings for a law that the suite tries so many times.

    A profile that tries other laws oftener tries this one oftener in proportion.
    """
    return settings(
        max_examples=max(1, count * settings().max_examples // USUAL),
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.large_base_example,
            # A house is set up once, and has to bear all that comes.
            HealthCheck.function_scoped_fixture,
        ],
    )
