"""What is read out of a carrier's words, and what is not."""

import pytest

from custom_components.waybill.tracking.model import Direction, Stage
from custom_components.waybill.tracking.providers import customs
from custom_components.waybill.tracking.providers.wording import (
    Phrases,
    Refinement,
    left_at_pickup_place,
    sentences,
)


def test_sentences_are_told_apart_and_spelled_alike() -> None:
    told = list(sentences(["Pick-up: PARCELSHOP.  Out-for-delivery!", "", "…"]))
    assert told == ["pick up", "parcel shop", "out for delivery"]
    assert list(sentences(["Custom clearance"])) == ["customs clearance"]


def test_a_gap_holds_up_to_five_words() -> None:
    phrases = Phrases("held … documents")
    assert "held documents" in phrases
    assert "held for want of the documents" in phrases
    assert "held for a b c d e documents" not in phrases
    assert "withheld documents" not in phrases


def test_the_first_row_decides_and_sentences_about_the_future_do_not() -> None:
    refinement = Refinement(
        (Stage.READY_FOR_PICKUP, Phrases("ready")),
        (Stage.IN_TRANSIT, Phrases("moving")),
        not_now=Phrases("will be"),
    )
    assert refinement.stage(["Moving. Ready."]) is Stage.READY_FOR_PICKUP
    assert refinement.stage(["Moving. Will be ready."]) is Stage.IN_TRANSIT
    assert refinement.stage(["Nothing"]) is None
    assert Refinement().stage(["Nothing"]) is None


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Delivered to Packstation 145", True),
        ("Delivered, Parcel Locker", True),
        ("Handed over to the pickup point", True),
        ("Delivered for pick-up at the postal retail outlet", True),
        ("Delivered", False),
        ("Delivered to your mailbox", False),
        ("Picked up from the locker by the customer", False),
        ("Placed in locker. The parcel has been collected.", False),
    ],
)
def test_a_parcel_in_a_locker_is_not_yet_with_the_person(text: str, left: bool) -> None:
    assert left_at_pickup_place([text]) is left


@pytest.mark.parametrize(
    ("texts", "direction"),
    [
        (["Export clearance"], Direction.EXPORT),
        (["Import clearance"], Direction.IMPORT),
        (["Export and import clearance"], None),
        (["Exporter unknown"], None),
        ([], None),
    ],
)
def test_the_side_of_the_border_is_what_the_words_say(
    texts: list[str], direction: Direction | None
) -> None:
    stage, told = customs.directed(Stage.IN_CUSTOMS, None, texts)
    assert told is direction
    expected = Stage.IN_TRANSIT if direction is Direction.EXPORT else Stage.IN_CUSTOMS
    assert stage is expected


@pytest.mark.parametrize(
    ("told", "country", "origin", "destination", "direction"),
    [
        (Direction.EXPORT, "US", "CN", "US", Direction.EXPORT),
        (Direction.IMPORT, "CN", "CN", "US", Direction.IMPORT),
        (None, "CN", "CN", "US", Direction.EXPORT),
        (None, "CN", "CN", None, Direction.EXPORT),
        (None, "US", "CN", "US", Direction.IMPORT),
        (None, "CN", "CN", "CN", Direction.IMPORT),
        (None, None, "CN", "US", Direction.IMPORT),
        (None, "CN", None, "US", Direction.IMPORT),
        (None, None, None, None, Direction.IMPORT),
    ],
)
def test_the_side_of_the_border_is_settled_by_the_place_where_nobody_says_it(
    told: Direction | None,
    country: str | None,
    origin: str | None,
    destination: str | None,
    direction: Direction,
) -> None:
    stage, side = customs.settled(
        Stage.IN_CUSTOMS,
        told,
        country=country,
        origin=origin,
        destination=destination,
    )
    assert side is direction
    expected = Stage.IN_TRANSIT if direction is Direction.EXPORT else Stage.IN_CUSTOMS
    assert stage is expected


def test_what_a_code_says_of_the_border_counts_more_than_words() -> None:
    told = customs.directed(Stage.IN_CUSTOMS, Direction.IMPORT, ["Export"])
    assert told == (Stage.IN_CUSTOMS, Direction.IMPORT)


def test_only_customs_has_a_side() -> None:
    told = customs.directed(Stage.DELIVERED, Direction.EXPORT, ["Export"])
    assert told == (Stage.DELIVERED, None)
