"""An error that nobody foresaw is told by where it happened, and not by its text."""

import asyncio

import pytest

from custom_components.waybill.unexpected import whereabouts

SECRET = "LP00123456789012"


def _fails() -> None:
    raise KeyError(SECRET)


def _fails_in_turn() -> None:
    try:
        _fails()
    except KeyError as err:
        raise ValueError(SECRET) from err


def _told(fails: object) -> str:
    assert callable(fails)
    with pytest.raises(Exception) as caught:  # whatever it is
        fails()
    return whereabouts(caught.value)


def test_an_error_is_found_again_by_its_lines() -> None:
    told = _told(_fails)
    assert told.startswith("KeyError\n")
    assert f"{__file__}, line " in told
    assert told.endswith("in _fails")
    assert SECRET not in told


def test_its_causes_are_told_before_it() -> None:
    told = _told(_fails_in_turn)
    first, then = told.split("\nthen ")
    assert first.startswith("KeyError\n")
    assert then.startswith("ValueError\n")
    assert SECRET not in told


def test_what_was_handled_meanwhile_is_told_unless_it_was_hidden() -> None:
    hidden, shown = ValueError(SECRET), ValueError(SECRET)
    hidden.__context__ = shown.__context__ = asyncio.InvalidStateError(SECRET)
    hidden.__suppress_context__ = True
    assert whereabouts(shown) == "InvalidStateError\nthen ValueError"
    assert whereabouts(hidden) == "ValueError"


def test_a_ring_of_causes_comes_to_an_end() -> None:
    one, other = ValueError(SECRET), KeyError(SECRET)
    one.__cause__, other.__cause__ = other, one
    assert whereabouts(one).count("ValueError") < 10
