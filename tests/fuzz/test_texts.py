"""Whatever is written: a number, a message, a name, a carrier's words."""

from hypothesis import given, strategies as st

from custom_components.waybill.tracking.providers import customs, wording
from custom_components.waybill.tracking.providers.country_names import country_code
from custom_components.waybill.tracking.providers.written_dates import written_moment

from .effort import examples
from .values import DATES, texts

anything = texts | st.text() | st.sampled_from(DATES)


@given(said=anything)
@examples(200)
def test_any_words_of_a_carrier_can_be_read(said: str) -> None:
    wording.left_at_pickup_place([said])
    wording.Refinement(*customs.PHRASES).stage([said])
    code = country_code(said)
    assert code is None or len(code) == 2
    written_moment(said)
