"""A shop's whole message in the field of the tracking number."""

from playwright.sync_api import expect
import pytest

from tests.demo.words import ENGLISH, FRENCH

from .conftest import OpenFrontend
from .frontend import NARROW
from .house import House
from .texts import text

pytestmark = pytest.mark.browser

PARCEL = "config_subentries.parcel"
NUMBERS = ("LA619004527FR", "LP00619004520177")
SENT = f"""Bonjour Camille,

Votre commande n° 402-8391120-3341107 a été expédiée en deux colis.

Numéro de suivi : LA 619 004 527 FR
Numéro de suivi : {NUMBERS[1]}

À bientôt,
La boutique
"""
NOT_SENT = """Bonjour Camille,

Merci pour votre commande n° 402-8391120-3341107 du 3 octobre.
Vous recevrez votre numéro de suivi Colissimo dès l’expédition de votre colis.
"""


def test_a_french_message_brings_two_parcels(
    house: House, open_frontend: OpenFrontend
) -> None:
    house.speak(FRENCH)
    try:
        window = open_frontend(house, size=NARROW)
        window.open_waybill()
        add = window.button(text(f"{PARCEL}.initiate_flow.user", "fr"))
        add.click()

        window.field("tracking_number").fill(NOT_SENT)
        window.field("tracking_number").press("Enter")
        window.says(text(f"{PARCEL}.error.no_number_in_text", "fr"))
        window.picture("no_number_in_message")

        window.field("tracking_number").fill(SENT)
        window.field("tracking_number").press("Enter")
        window.says(f"{NUMBERS[0]} (La Poste)")
        window.says(f"{NUMBERS[1]} (Cainiao)")
        window.picture("numbers_of_a_message")
        window.button("Valider").click()
        window.says(", ".join(NUMBERS))
        window.finish("Terminer")
        for number in NUMBERS:
            expect(window.device(number)).to_be_visible()

        add.click()
        window.field("tracking_number").fill(SENT)
        window.field("tracking_number").press("Enter")
        all_followed = f"{PARCEL}.error.all_followed"
        window.says(text(all_followed, "fr", parcels=", ".join(NUMBERS)))
    finally:
        house.speak(ENGLISH)
