"""The card touches what changed, and nothing else: it stays calm with many parcels."""

from collections.abc import Iterator

import pytest

from .background import Background
from .calm import Calm, follow_many, name_of, open_card
from .conftest import OpenFrontend
from .house import House, open_house

pytestmark = pytest.mark.browser

COUNT = 28


@pytest.fixture(scope="module")
def full_house(background: Background) -> Iterator[House]:
    """Open a home that follows many parcels."""
    with open_house(background) as house:
        follow_many(house, COUNT)
        yield house
        assert house.home.complaints() == []


@pytest.fixture
def calm(full_house: House, open_frontend: OpenFrontend) -> Calm:
    """Open a window in which all of them are shown."""
    return open_card(full_house, open_frontend(full_house), COUNT)


def test_what_happens_elsewhere_touches_nothing(calm: Calm) -> None:
    with calm.watch() as touched:
        for state in ("1", "2", "3"):
            calm.change_elsewhere(state)
    assert touched == []


@pytest.mark.parametrize(
    ("place", "to"), [(0, "in_customs"), (7, "out_for_delivery"), (14, "delivered")]
)
def test_a_parcel_that_moves_on_touches_its_own_row_alone(
    calm: Calm, place: int, to: str
) -> None:
    name = name_of(place)
    before = list(calm.names())
    with calm.watch() as touched:
        calm.move(name, to)
    assert set(touched) == {name}
    # It went to where it belongs now; the others keep their order.
    after = list(calm.names())
    assert after != before
    assert [n for n in after if n != name] == [n for n in before if n != name]


def test_news_that_move_no_parcel_touch_its_own_row_alone(calm: Calm) -> None:
    name = name_of(21)
    with calm.watch() as touched:
        calm.move(name, "in_transit")
        calm.row(name).get_by_text("Seen by hand").wait_for()
    assert set(touched) == {name}


def test_who_reads_a_row_keeps_it_while_it_moves(calm: Calm) -> None:
    name = name_of(15)
    button = calm.row(name).get_by_role("button")
    button.focus()
    calm.move(name, "out_for_delivery")
    assert button.evaluate("(e) => e.getRootNode().activeElement === e")
