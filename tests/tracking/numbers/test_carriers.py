"""What a person reads and clicks: names and tracking pages."""

from urllib.parse import urlsplit

from hypothesis import given, strategies as st
import pytest

from custom_components.waybill.tracking.numbers import (
    CARRIERS,
    carrier_name,
    tracking_url,
)


@pytest.mark.parametrize(
    ("carrier", "name"),
    [
        ("usps", "USPS"),
        ("fedex", "FedEx"),
        ("dhl_ecommerce", "DHL eCommerce"),
        ("old_dominion", "Old Dominion"),
        ("4px", "4PX"),
        ("post_ee", "Omniva"),
        ("post_ug", "Post of Uganda"),
        ("blue_dart", "Blue Dart"),
        ("", ""),
    ],
)
def test_a_carrier_has_a_name_that_people_know(carrier: str, name: str) -> None:
    """Known or not, an id becomes readable."""
    assert carrier_name(carrier) == name


@given(st.text())
def test_any_id_has_a_name(carrier: str) -> None:
    """A carrier that a provider made up does not break a thing."""
    assert isinstance(carrier_name(carrier), str)


@pytest.mark.parametrize(
    "carrier", [carrier for carrier, known in CARRIERS.items() if known.page]
)
def test_a_page_is_the_carriers_own_and_encrypted(carrier: str) -> None:
    """Every page holds the number and is reached over HTTPS."""
    url = tracking_url(carrier, "rb 123 456 785 gb")

    assert url is not None
    assert urlsplit(url).scheme == "https"
    assert urlsplit(url).hostname
    assert url.count("RB123456785GB") == 1


@pytest.mark.parametrize(
    ("carrier", "number", "page"),
    [
        pytest.param(
            "fedex",
            "1001921334250001000300779017972697",
            "https://www.fedex.com/fedextrack/?trknbr=779017972697",
            id="FedEx Express, from its bar code",
        ),
        pytest.param(
            "fedex",
            "9622001900000000000000776632517510",
            "https://www.fedex.com/fedextrack/?trknbr=776632517510",
            id="FedEx Ground, from its bar code",
        ),
        pytest.param(
            "fedex",
            "9611020987654312345672",
            "https://www.fedex.com/fedextrack/?trknbr=987654312345672",
            id="FedEx Ground 96",
        ),
        pytest.param(
            "fedex",
            "32971514560102447849175802862014",
            "https://www.fedex.com/fedextrack/?trknbr=784917580286",
            id="FedEx ASTRA",
        ),
        pytest.param(
            "usps",
            "420902459261290336128704042634",
            "https://tools.usps.com/go/TrackConfirmAction?tLabels=9261290336128704042634",
            id="USPS behind its ZIP code",
        ),
        pytest.param(
            "usps",
            "4201028200009261290113185417468510",
            "https://tools.usps.com/go/TrackConfirmAction?tLabels=9261290113185417468510",
            id="USPS behind its ZIP+4",
        ),
        pytest.param(
            "dpd",
            "008182709980000020033350276C",
            "https://www.dpdgroup.com/nl/mydpd/my-parcels/track?lang=en&parcelNumber=09980000020033",
            id="DPD, from its bar code",
        ),
        pytest.param(
            "dpd",
            "09980000020033F",
            "https://www.dpdgroup.com/nl/mydpd/my-parcels/track?lang=en&parcelNumber=09980000020033",
            id="DPD with its check character",
        ),
        pytest.param(
            "ups",
            "1z 5r8 939 03 5756 7127",
            "https://www.ups.com/track?tracknum=1Z5R89390357567127",
            id="UPS as it was typed",
        ),
        pytest.param(
            "ups",
            "A&B=1/é",
            "https://www.ups.com/track?tracknum=A%26B%3D1%C3%A9",
            id="what would break an address",
        ),
    ],
)
def test_a_page_gets_the_number_it_accepts(
    carrier: str, number: str, page: str
) -> None:
    """Routing around the number stays out of the address."""
    assert tracking_url(carrier, number) == page


@pytest.mark.parametrize(
    ("carrier", "number"),
    [
        pytest.param("china_post", "RB123456785CN", id="no page to link to"),
        pytest.param("blue_dart", "12345678", id="unknown carrier"),
        pytest.param("ups", " - ", id="no number"),
    ],
)
def test_no_page_rather_than_a_wrong_one(carrier: str, number: str) -> None:
    """Nothing to link to, no link."""
    assert tracking_url(carrier, number) is None
